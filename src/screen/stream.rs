//! The stream as it is spoken: the last stanzas in both directions, secrets masked, for who looks into a fault. Recording is
//! off until a person switches it on, and what was recorded is forgotten when it is switched off.

mod view;

use std::sync::Arc;

use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::engine::trace::Line;
use crate::screen::{Action, Target};
use crate::widget::xml::Raw;

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Record(bool),
    /// Shows what came since; by itself the list stands still while one reads.
    Hold(bool),
    /// A second has gone by.
    Tick,
    Pick(usize),
    Copy,
    Read(text_editor::Action),
    Back,
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    /// Newest first.
    lines: Vec<Arc<Line>>,
    /// How many were recorded in all when these were taken.
    count: u64,
    /// The list stands still.
    held: bool,
    /// The number of the chosen one, counted from the first ever recorded.
    chosen: Option<u64>,
    shown: Option<Raw>,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Record(on) => {
                cx.trace.switch(on);
                *self = Self::default();
            }
            Message::Hold(held) => {
                self.held = held;
                self.take(cx);
            }
            Message::Tick => self.take(cx),
            Message::Pick(index) => {
                self.chosen = Some(self.number(index));
                self.shown = self.lines.get(index).map(|line| Raw::new(line.xml.as_bytes(), true));
            }
            Message::Copy => {
                let text = self.shown.as_ref().map(|shown| shown.content.text());
                return text.map_or(Action::None, Action::Copy);
            }
            // It is for reading and selecting.
            Message::Read(action) if !action.is_edit() => {
                if let Some(shown) = &mut self.shown {
                    shown.content.perform(action);
                }
            }
            Message::Read(_) => {}
            Message::Back => return Action::Open(Target::Connection),
        }
        Action::None
    }

    /// Takes what was recorded, unless one reads.
    fn take(&mut self, cx: &Cx<'_>) {
        if self.held || cx.trace.count() == self.count {
            return;
        }
        let (count, mut lines) = cx.trace.lines();
        lines.reverse();
        (self.count, self.lines) = (count, lines);
    }

    /// The number of a row: a stanza keeps its own while newer ones push it down.
    fn number(&self, index: usize) -> u64 {
        self.count.saturating_sub(index as u64)
    }

    fn index(&self, number: u64) -> Option<usize> {
        let index = usize::try_from(self.count.checked_sub(number)?).ok()?;
        (index < self.lines.len()).then_some(index)
    }
}
