//! The list of keys: read from the tables that make them work.

use iced::Fill;
use iced::widget::{Column, column, container, row, scrollable};

use super::Message;
use super::command;
use super::cx::Cx;
use crate::theme::{self, space};
use crate::widget::{Element, Press, heading, key};

/// The sheet.
pub fn sheet<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let lines = command::ALL.iter().map(|entry| {
        let keys = entry.chords.iter().map(|chord| key(chord.label()));
        row![iced::widget::text(cx.text(entry.label)).width(Fill), row(keys).spacing(space::XS)].into()
    });
    let close = Press::word(cx.text("app-help-close")).id("help.close").on_press(Message::Help(false));
    let lines = scrollable(Column::with_children(lines).spacing(space::SM)).style(theme::surface::scroll);
    let inside = column![heading(cx.text("app-help")), lines, Element::from(close)].spacing(space::LG);
    container(inside).max_width(520).padding(space::XL).style(theme::surface::floating).into()
}
