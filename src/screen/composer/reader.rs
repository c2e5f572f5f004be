//! The draft as those who get it see it: what travels, laid out as a console shows what it receives (`product.md` C3).

use std::sync::Arc;

use iced::Task;
use iced::widget::{column, container};

use super::desk::{Desk, Side};
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::iodef::{Document, summarise};
use crate::model::Say;
use crate::model::Summary;
use crate::screen::document::{self, Lead, Pane, Source, plain};
use crate::screen::{Action, Toast, Tone};
use crate::theme::space;
use crate::widget::{Element, caption};

/// What travels of a draft, and what a console sees of it at once.
#[derive(Clone, Debug)]
pub struct Laid {
    bytes: Arc<[u8]>,
    summary: Arc<Summary>,
}

impl Laid {
    fn of(document: &Document) -> Self {
        let bytes: Arc<[u8]> = document.travelling().text.into_bytes().into();
        Self { summary: Arc::new(summarise(&bytes, &[])), bytes }
    }
}

/// What was laid out.
pub struct Reader {
    /// The state of the draft it was made of.
    of: Option<u64>,
    /// The one that is being laid out.
    asked: Option<u64>,
    summary: Arc<Summary>,
    pane: Pane,
}

impl Reader {
    /// Its draft is set aside: what is being read of it comes to nobody, so it is laid out anew when it is taken up.
    pub fn leave(&mut self) {
        (self.of, self.asked) = (None, None);
        self.pane.clear();
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self { of: None, asked: None, summary: Arc::new(summarise(&[], &[])), pane: Pane::default() }
    }
}

impl Screen {
    /// Lays the draft out anew where that side shows and the draft has changed, away from the window's thread.
    pub(super) fn read(&mut self) -> Action<Message> {
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.side == Side::Reader) else { return Action::None };
        let revision = Some(desk.revision());
        if desk.reader.of == revision || desk.reader.asked == revision {
            return Action::None;
        }
        desk.reader.asked = revision;
        let (id, of, document) = (desk.id.clone(), desk.revision(), desk.document().clone());
        let laid = async move { tokio::task::spawn_blocking(move || Laid::of(&document)).await.ok() };
        Action::Run(Task::perform(laid, move |laid| Message::Laid(id.clone(), of, laid)))
    }

    /// Shows it, unless a newer state is being laid out.
    pub(super) fn laid(&mut self, id: &str, of: u64, laid: Option<Laid>, cx: &Cx<'_>) -> Action<Message> {
        let awaited = |desk: &&mut Desk| desk.id == id && desk.reader.asked == Some(of);
        let Some(desk) = self.desk.as_mut().filter(awaited) else { return Action::None };
        desk.reader.asked = None;
        let Some(Laid { bytes, summary }) = laid else {
            return Action::Notify(Toast { tone: Tone::Bad, say: Say::new("compose-look-broken") });
        };
        (desk.reader.of, desk.reader.summary) = (Some(of), summary);
        desk.reader.pane.show(Source { bytes, scope: Arc::new([]) }, cx).map(Message::Reader)
    }

    pub(super) fn of_reader(&mut self, message: document::Message, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        if matches!(message, document::Message::CopySummary) {
            return Action::Copy(plain(&desk.reader.summary, None, cx));
        }
        // There is no revision to compare with, and a filter is the feed's.
        if matches!(message, document::Message::Other | document::Message::Narrow(_)) {
            return Action::Notify(Toast { tone: Tone::Plain, say: Say::new("compose-reader-only") });
        }
        let summary = Arc::clone(&desk.reader.summary);
        desk.reader.pane.update(message, Some(&summary), cx).map(Message::Reader)
    }
}

pub fn side<'a>(desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
    let reader = &desk.reader;
    let stale = if reader.of == Some(desk.revision()) { "compose-reader-why" } else { "compose-rechecking" };
    let head = container(caption(cx.text(stale))).padding([space::XS, space::MD]);
    let page = reader.pane.view(&reader.summary, Lead::default(), cx).map(Message::Reader);
    column![head, page].into()
}
