//! Inks of text.

use iced::Theme;
use iced::widget::text::Style;

use crate::model::{Severity, Tlp};
use crate::theme::{of, palette};

fn ink(color: iced::Color) -> Style {
    Style { color: Some(color) }
}

/// Second-rank text: labels, times, hints.
#[must_use]
pub fn soft(theme: &Theme) -> Style {
    ink(of(theme).soft)
}

#[must_use]
pub fn normal(theme: &Theme) -> Style {
    ink(of(theme).text)
}

/// Links, unread marks, the key of a key hint.
#[must_use]
pub fn accent(theme: &Theme) -> Style {
    ink(of(theme).accent)
}

#[must_use]
pub fn good(theme: &Theme) -> Style {
    ink(of(theme).good)
}

/// Something to know before going on.
#[must_use]
pub fn warn(theme: &Theme) -> Style {
    ink(of(theme).warn)
}

/// Something failed or is invalid.
#[must_use]
pub fn danger(theme: &Theme) -> Style {
    ink(of(theme).danger)
}

#[must_use]
pub fn practice(theme: &Theme) -> Style {
    ink(of(theme).practice)
}

/// The hue of a severity; always beside its glyph and letter.
pub fn severity(severity: Severity) -> impl Fn(&Theme) -> Style {
    move |theme| ink(of(theme).severity(severity))
}

/// What stands on a filled high-severity badge.
#[must_use]
pub fn on_high(theme: &Theme) -> Style {
    ink(of(theme).on_high)
}

/// A TLP label's hue; only on [`super::surface::tlp`].
pub fn tlp(label: Tlp) -> impl Fn(&Theme) -> Style {
    move |_| ink(palette::tlp(label))
}
