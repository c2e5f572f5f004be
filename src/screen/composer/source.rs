//! The document as it is written, line by line: only the lines one sees are built, and those of the element that is looked
//! at are marked. A document that was written on one line is shown on many.

use iced::widget::{column, container, row, space as gap};
use iced::{Center, Fill};

use super::Message;
use super::desk::Desk;
use crate::app::cx::Cx;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Press, caption, line, virtual_list};

pub const LIST: &str = "compose.source";
/// Most bytes on one line of the pane.
const WIDE: usize = 160;
/// Height of a line.
const ROW: f32 = 19.0;
/// Room for the number of a line.
const NUMBER: f32 = 52.0;

/// Where the lines of a text begin.
#[derive(Default)]
pub struct Lines {
    /// Where each begins in the text, and its number; 0 where a line goes on.
    starts: Vec<(u32, u32)>,
    end: u32,
}

impl Lines {
    pub fn of(text: &str) -> Self {
        let mut lines = Self { starts: Vec::with_capacity(text.len() / 48), end: fits(text.len()) };
        let (mut from, mut number) = (0, 1);
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len())) {
            lines.push(text, from, end, number);
            (from, number) = (end + 1, number + 1);
        }
        lines
    }

    fn push(&mut self, text: &str, from: usize, end: usize, number: u32) {
        self.starts.push((fits(from), number));
        let mut at = from;
        while end.saturating_sub(at) > WIDE {
            at = (at + 1..=at + WIDE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(end);
            self.starts.push((fits(at), 0));
        }
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// The line this byte stands on.
    pub fn at(&self, byte: usize) -> usize {
        self.starts.partition_point(|(start, _)| *start as usize <= byte).saturating_sub(1)
    }

    /// Where a line begins and ends.
    pub fn span(&self, index: usize) -> Option<(usize, usize)> {
        self.line(index).map(|(from, to, _)| (from, to))
    }

    /// Where a line begins and ends, and its number.
    fn line(&self, index: usize) -> Option<(usize, usize, u32)> {
        let (start, number) = self.starts.get(index).copied()?;
        let end = self.starts.get(index + 1).map_or(self.end, |(next, _)| *next);
        Some((start as usize, end as usize, number))
    }
}

/// No document is longer than that (`iodef.md` §4).
fn fits(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The pane.
pub fn side<'a>(desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
    let lines = desk.lines();
    let span = desk.selected().map(|element| element.span());
    let first = span.map(|(from, _)| lines.at(from));
    let text = desk.document().text();
    let list = virtual_list(
        lines.len(),
        ROW,
        move |index| written(lines, text, index, span),
        |index| index,
        |index| Some(*index),
    )
    .id(LIST)
    .selected(first)
    .on_select(Message::Line);
    let copy = Press::word(cx.text("compose-copy")).style(theme::button::quiet).id("compose.copy");
    let many = caption(cx.catalog.count("compose-source-lines", lines.len() as u64, &[]));
    let head = row![many.width(Fill), Element::from(copy.on_press(Message::CopySource))].align_y(Center);
    column![container(head).padding([space::XS, space::MD]), container(list).style(theme::surface::sunken).height(Fill)]
        .into()
}

fn written<'a>(lines: &Lines, text: &'a str, index: usize, span: Option<(usize, usize)>) -> Element<'a, Message> {
    let Some((from, to, number)) = lines.line(index) else { return gap::horizontal().into() };
    let inside = span.is_none_or(|(first, last)| from < last && to > first);
    let raw = text.get(from..to).unwrap_or_default().trim_end_matches(['\n', '\r']);
    let blank = raw.len() - raw.trim_start_matches([' ', '\t']).len();
    let ink = if inside { theme::text::normal } else { theme::text::soft };
    let number =
        (number > 0).then(|| line(number.to_string()).font(theme::MONO).size(size::CAPTION).style(theme::text::soft));
    let number = container(number).width(NUMBER).align_right(NUMBER);
    let indent = (blank.min(40) as f32) * 7.0;
    let words = line(safe::line_within(raw, WIDE)).font(theme::MONO).size(size::CAPTION + 0.5).style(ink);
    row![number, gap::horizontal().width(space::SM + indent), words].align_y(Center).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_its_byte_and_a_long_one_goes_on() {
        let long = "ü".repeat(WIDE);
        let text = format!("<a>\n  {long}\n</a>");
        let lines = Lines::of(&text);
        let shown: Vec<&str> =
            (0..lines.len()).filter_map(|index| text.get(lines.line(index)?.0..lines.line(index)?.1)).collect();
        assert_eq!(shown.concat(), text);
        assert_eq!(shown.len(), 5);
        assert!(shown.iter().all(|line| line.len() <= WIDE + 1));
        assert_eq!((lines.at(0), lines.at(4), lines.at(text.len() - 1)), (0, 1, 4));
        assert_eq!(lines.line(2).map(|(.., number)| number), Some(0));
        assert_eq!(lines.line(4).map(|(.., number)| number), Some(3));
        assert_eq!(Lines::of("").len(), 1);
    }
}
