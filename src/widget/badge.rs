//! Severity, TLP and other small marks: glyph, word and hue together, never hue alone.

use iced::widget::text::{IntoFragment, Wrapping};
use iced::widget::{container, row, text};
use iced::{Center, Fill};

use super::{Element, Icon};
use crate::model::{Severity, Summary, Tlp};
use crate::theme::{self, size, space};

/// A severity in a list: its glyph and a letter. High is filled, so that it is seen first.
pub fn severity<'a, M: 'a>(severity: Severity, letter: impl IntoFragment<'a>) -> Element<'a, M> {
    marked(severity, letter).style(theme::surface::severity(severity)).into()
}

/// A severity among chips: its glyph and the whole word.
pub fn severity_chip<'a, M: 'a>(severity: Severity, word: impl IntoFragment<'a>) -> Element<'a, M> {
    let ground = move |theme: &iced::Theme| match severity {
        Severity::High => theme::surface::severity(severity)(theme),
        _ => theme::surface::chip(theme),
    };
    marked(severity, word).style(ground).into()
}

fn marked<'a, M: 'a>(severity: Severity, word: impl IntoFragment<'a>) -> container::Container<'a, M> {
    let ink = move |theme: &iced::Theme| match severity {
        Severity::High => theme::text::on_high(theme),
        other => theme::text::severity(other)(theme),
    };
    let glyph = Icon::from(severity).view().size(size::CAPTION).style(ink);
    let word = text(word).size(size::CAPTION).font(theme::BOLD).wrapping(Wrapping::None).style(ink);
    container(row![glyph, word].spacing(space::XS).align_y(Center)).padding([1.0, 6.0])
}

/// A TLP label as a chip, black in every theme.
pub fn tlp<'a, M: 'a>(label: Tlp, word: impl IntoFragment<'a>) -> Element<'a, M> {
    let word = text(word).size(size::CAPTION - 1.0).font(theme::BOLD).wrapping(Wrapping::None);
    container(word.style(theme::text::tlp(label))).padding([1.0, 6.0]).style(theme::surface::tlp).into()
}

/// The label of a whole document where there is room for one: the strictest inside, marked where the document's own is not
/// so strict.
pub fn handling<'a, M: 'a>(summary: &Summary, word: impl Fn(Tlp) -> String) -> Element<'a, M> {
    let label = summary.strictest.tlp();
    let mark = (summary.stricter_inside > 0).then(|| Icon::Warning.view().size(size::CAPTION).style(theme::text::warn));
    row![mark, tlp(label, word(label))].spacing(space::XS).align_y(Center).into()
}

/// The full-width banner at the head of a document: the label, then what must be known about it.
pub fn tlp_banner<'a, M: 'a>(
    label: Tlp,
    word: impl IntoFragment<'a>,
    note: Option<String>,
    warning: Option<String>,
) -> Element<'a, M> {
    let word = text(word).size(size::TITLE).font(theme::BOLD).wrapping(Wrapping::None);
    let note = note.map(|note| text(note).size(size::CAPTION).style(theme::text::tlp(label)));
    let warning = warning.map(|words| {
        let ink = theme::text::tlp(Tlp::Red);
        row![Icon::Warning.view().style(ink), text(words).size(size::CAPTION).style(theme::text::tlp(Tlp::Clear))]
            .spacing(space::XS)
            .align_y(Center)
    });
    let inside = row![word.style(theme::text::tlp(label)), note, iced::widget::space::horizontal(), warning]
        .spacing(space::MD)
        .align_y(Center);
    container(inside).padding([space::SM, space::LG]).width(Fill).style(theme::surface::tlp_banner).into()
}

/// A small word of warning.
pub fn warning_chip<'a, M: 'a>(word: impl IntoFragment<'a>) -> Element<'a, M> {
    let mark = Icon::Warning.view().size(size::CAPTION).style(theme::text::warn);
    let word = text(word).size(size::CAPTION).wrapping(Wrapping::None).style(theme::text::warn);
    container(row![mark, word].spacing(space::XS).align_y(Center))
        .padding([1.0, 6.0])
        .style(theme::surface::caution)
        .into()
}

/// A small word on a raised ground.
pub fn chip<'a, M: 'a>(word: impl IntoFragment<'a>) -> Element<'a, M> {
    container(text(word).size(size::CAPTION).wrapping(Wrapping::None))
        .padding([1.0, 6.0])
        .style(theme::surface::chip)
        .into()
}
