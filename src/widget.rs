//! Building blocks of the screens: they know looks and behaviour, no application types.
//!
//! May use `theme` and `model`; everything is generic over its message. What a person reads comes in as text.

pub mod badge;
mod content;
pub mod edges;
pub mod empty;
pub mod field;
pub mod fingerprint;
pub mod focusable;
pub mod ground;
pub mod hatch;
pub mod icon;
pub mod keys;
pub mod layer;
pub mod leaf;
pub mod line;
pub mod press;
pub mod reader;
mod repaint;
pub mod sides;
pub mod strip;
pub mod toast;
pub mod virtual_list;
pub mod work;
pub mod xml;

use iced::widget::text::IntoFragment;
use iced::widget::{Text, container, row, text};
use iced::{Center, Length};

use crate::theme::{self, radius, size, space};

pub use badge::{chip, handling, severity, tlp, warning_chip};
pub use edges::edges;
pub use empty::empty;
pub use field::field;
pub use fingerprint::fingerprint;
pub use focusable::focusable;
pub use ground::ground;
pub use hatch::hatch;
pub use icon::Icon;
pub use keys::keys;
pub use leaf::leaf;
pub use line::line;
pub use press::{Press, press};
pub use reader::reader;
pub use sides::sides;
pub use strip::{Tone, strip};
pub use toast::toast;
pub use virtual_list::{Visible, virtual_list};
pub use work::work;

/// An element of this console's theme and renderer.
pub type Element<'a, M> = iced::Element<'a, M>;

/// A pane's heading.
pub fn heading<'a>(words: impl IntoFragment<'a>) -> Text<'a> {
    text(words).font(theme::BOLD).size(size::HEAD)
}

/// A section's heading.
pub fn title<'a>(words: impl IntoFragment<'a>) -> Text<'a> {
    text(words).font(theme::BOLD).size(size::TITLE)
}

/// A small second-rank line: labels above values, hints.
pub fn caption<'a>(words: impl IntoFragment<'a>) -> Text<'a> {
    text(words).size(size::CAPTION).style(theme::text::soft)
}

/// Words that stand out in a line.
pub fn strong<'a>(words: impl IntoFragment<'a>) -> Text<'a> {
    text(words).font(theme::BOLD)
}

/// Addresses, hashes, XML.
pub fn mono<'a>(words: impl IntoFragment<'a>) -> Text<'a> {
    text(words).font(theme::MONO).size(size::BODY - 1.0)
}

/// A cell of a row or of its header, `width` wide, cut at its edge.
pub fn cell<'a, M: 'a>(content: impl Into<Element<'a, M>>, width: impl Into<Length>) -> Element<'a, M> {
    container(content).width(width).clip(true).into()
}

/// A key as it stands on a keyboard.
pub fn key<'a, M: 'a>(name: impl IntoFragment<'a>) -> Element<'a, M> {
    container(text(name).size(size::CAPTION)).padding([1.0, 6.0]).style(theme::surface::chip).into()
}

/// A key and what it does, for the foot of a screen.
pub fn key_hint<'a, M: 'a>(name: impl IntoFragment<'a>, does: impl IntoFragment<'a>) -> Element<'a, M> {
    row![key(name), caption(does)].spacing(space::XS).align_y(Center).into()
}

/// Things of one group on a page.
pub fn card<'a, M: 'a>(content: impl Into<Element<'a, M>>) -> container::Container<'a, M> {
    container(content).padding(space::LG).width(Length::Fill).style(theme::surface::card)
}

/// A label on a rounded ground; the inside of a [`Press`] that acts.
pub(crate) const BUTTON_PADDING: [f32; 2] = [5.0, space::MD];
/// How far the focus ring stands off what it rings.
pub(crate) const RING_GAP: f32 = 1.0;
/// The ring's corners.
pub(crate) const RING_RADIUS: f32 = radius::CONTROL + 2.0;
