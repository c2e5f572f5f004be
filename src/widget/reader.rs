//! A text one reads, selects in and copies from, and cannot change: XML, stanzas, what will be published.

use iced::advanced::text::highlighter::PlainText;
use iced::widget::text_editor::{Action, Content};
use iced::widget::{TextEditor, text, text_editor};
use iced::{Fill, Renderer, Theme};

use crate::theme::{self, size, space};

/// `content` in the font of digits and markup, wrapped where it must be. `on_action` should ignore edits.
pub fn reader<'a, M: Clone>(
    content: &'a Content,
    on_action: impl Fn(Action) -> M + 'a,
) -> TextEditor<'a, PlainText, M, Theme, Renderer> {
    text_editor(content)
        .on_action(on_action)
        .font(theme::MONO)
        .size(size::BODY - 1.0)
        .padding(space::MD)
        .height(Fill)
        .wrapping(text::Wrapping::WordOrGlyph)
        .style(theme::input::reader)
}
