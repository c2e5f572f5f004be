//! The detail pane: one incident of the store, its summary first, then the whole document ([`document`](super::document)).
//!
//! Owns which row it shows and what the broker has said of it since. The full-width TLP banner stands above everything
//! (`product.md` B4).

mod revisions;
mod view;

use std::sync::Arc;

use iced::Task;

use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::document::{self, Pane, Source, plain};
use crate::screen::{Action, Target, restricted};
use crate::store::{Payload, Row, Seq};

/// A document of this many bytes is read out of the store, decrypted and proved within a frame; a larger one apart.
const AT_ONCE: u64 = 128 << 10;

/// The pane's state.
#[derive(Debug, Default)]
pub struct Incident {
    seq: Option<Seq>,
    /// As it was when it was chosen: a view borrows its summary, which does not change.
    row: Option<Arc<Row>>,
    document: Pane,
    /// The pane has the whole window's width.
    wide: bool,
    /// How often it came to show something else.
    turns: u64,
    /// How often it came to show a row: another store has rows of the same numbers.
    shown: u64,
}

#[derive(Clone, Debug)]
pub enum Message {
    Document(document::Message),
    /// A large document, out of the store, for the row that was shown as this one.
    Payload(u64, Result<Option<Payload>, Say>),
    /// Other revisions of the incident in that row.
    Revisions(u64, Result<Vec<revisions::Revision>, Say>),
    Wide,
    /// To what comes after it.
    Report,
    Close,
}

impl Message {
    /// Whether the person said it; the rest comes by itself.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        use document::Message::{Compared, Exported, Read};
        !matches!(
            self,
            Self::Payload(..) | Self::Revisions(..) | Self::Document(Read(..) | Exported(..) | Compared(..))
        )
    }
}

impl Incident {
    /// Shows a row, on the side that showed last.
    pub fn show(&mut self, seq: Seq, cx: &Cx<'_>) -> Action<Message> {
        if self.seq == Some(seq) {
            return Action::None;
        }
        self.turns += 1;
        self.shown += 1;
        self.document.clear();
        self.seq = Some(seq);
        self.row = cx.store.row(seq);
        match cx.finder.store().filter(|_| self.row.as_ref().is_some_and(|row| row.size > AT_ONCE)) {
            Some(store) => {
                self.document.wait();
                let shown = self.shown;
                let reading = async move {
                    let read =
                        tokio::task::spawn_blocking(move || store.payload(seq).map_err(|error| error.say())).await;
                    read.unwrap_or_else(|_| Err(Say::new("app-work-broken")))
                };
                Action::Run(Task::perform(reading, move |read| Message::Payload(shown, read)))
            }
            None => self.read(cx.store.payload(seq).map_err(|error| error.say()), cx),
        }
    }

    /// What the store holds of the row that shows.
    fn read(&mut self, read: Result<Option<Payload>, Say>, cx: &Cx<'_>) -> Action<Message> {
        match read {
            Ok(Some(payload)) => {
                let source = Source { bytes: payload.bytes, scope: payload.scope };
                let shown = self.document.show(source, cx).map(Message::Document);
                let looking = self.row.as_ref().and_then(|row| revisions::look(row, self.shown, cx));
                match (shown, looking) {
                    (Action::Run(reading), Some(looking)) => Action::Run(Task::batch([reading, looking])),
                    (shown, _) => shown,
                }
            }
            Ok(None) => {
                self.document.clear();
                Action::None
            }
            Err(say) => {
                self.document.fail(say.into(), None);
                Action::None
            }
        }
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        self.document.clear();
        (self.seq, self.row, self.wide) = (None, None, false);
    }

    #[must_use]
    pub fn seq(&self) -> Option<Seq> {
        self.seq
    }

    /// Whether the pane stands alone, without the feed beside it.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        self.wide && self.seq.is_some()
    }

    /// The raw document as it is shown, where that side is.
    #[must_use]
    pub fn document(&self) -> Option<String> {
        self.document.raw()
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        self.turns += 1;
        match message {
            Message::Document(document::Message::CopySummary) => self.row(cx).map_or(Action::None, |row| {
                let topic = format!("{}: {}", cx.text("incident-topic"), cx.topic(&row.key.topic));
                Action::Copy(plain(&row.summary, Some(topic), cx))
            }),
            Message::Document(message) => {
                let row = self.row(cx);
                let done = self.document.update(message, row.as_deref().map(|row| &*row.summary), cx);
                let copied = matches!(done, Action::Copy(_));
                let label = row.filter(|_| copied).map(|row| row.summary.strictest.tlp());
                let done = done.map(Message::Document);
                match label.and_then(restricted) {
                    Some(toast) => Action::Many(vec![done, Action::Notify(toast)]),
                    None => done,
                }
            }
            Message::Payload(shown, read) if self.awaits(shown) => self.read(read, cx),
            Message::Revisions(shown, Ok(found)) if self.awaits(shown) => self.offer(found, cx),
            Message::Revisions(shown, Err(say)) if self.awaits(shown) => {
                self.document.offer_failed(say);
                Action::None
            }
            Message::Revisions(..) | Message::Payload(..) => Action::None,
            Message::Wide => {
                self.wide = !self.wide;
                Action::None
            }
            Message::Report => self.seq.map_or(Action::None, |seq| Action::Open(Target::Report(seq))),
            Message::Close => Action::Open(Target::NoIncident),
        }
    }

    /// Whether what was looked for is of the row that shows.
    fn awaits(&self, shown: u64) -> bool {
        self.seq.is_some() && self.shown == shown
    }

    /// The row as it stands now.
    fn row(&self, cx: &Cx<'_>) -> Option<Arc<Row>> {
        cx.store.row(self.seq?)
    }
}
