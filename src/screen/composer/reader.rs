//! The draft as those who get it see it: what travels to their topic, the whole or the version for them, laid out as a console
//! shows what it receives (`product.md` C3).

use std::sync::Arc;

use iced::widget::{column, container, row, text};
use iced::{Center, Task};

use super::desk::{Desk, Side};
use super::foot::named;
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::compose::redact::Redaction;
use crate::iodef::{Document, summarise};
use crate::model::{Say, Summary, Tlp, TopicId};
use crate::screen::document::{self, Lead, Pane, Source, plain};
use crate::screen::{Action, Toast, Tone};
use crate::theme::{self, space};
use crate::widget::{Element, caption, press};

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

/// A state of a draft, and for whom of those who may see less; nobody where it is the whole.
pub type State = (u64, Option<Tlp>);

/// What was laid out.
pub struct Reader {
    /// What it was made of.
    of: Option<State>,
    /// What is being laid out.
    asked: Option<State>,
    /// Whose readers it is laid out for; the first topic's where none was chosen.
    topic: Option<TopicId>,
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
        let summary = Arc::new(summarise(&[], &[]));
        Self { of: None, asked: None, topic: None, summary, pane: Pane::default() }
    }
}

impl Desk {
    /// The topic whose readers' page shows.
    fn read_in(&self) -> Option<&TopicId> {
        let chosen = self.reader.topic.as_ref().filter(|topic| self.topics().contains(topic));
        chosen.or_else(|| self.topics().first())
    }

    /// The version that goes there, by the last look.
    fn version_in(&self, topic: &TopicId) -> Option<&Arc<Redaction>> {
        self.goes.versions.iter().find(|(of, _)| of == topic).map(|(_, made)| made)
    }

    fn version_read(&self) -> Option<&Arc<Redaction>> {
        self.read_in().and_then(|topic| self.version_in(topic))
    }

    /// What is to be laid out; nothing while it is not known what of this state goes where.
    fn to_read(&self) -> Option<State> {
        let revision = self.revision();
        let is_known = self.topics().is_empty() || self.findings.of == Some(revision);
        is_known.then(|| (revision, self.version_read().map(|made| made.target)))
    }
}

impl Screen {
    /// Lays out what goes to the topic that is looked at, where that side shows and something changed, away from the window's
    /// thread.
    pub(super) fn read(&mut self) -> Action<Message> {
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.side == Side::Reader) else { return Action::None };
        let Some(of) = desk.to_read().filter(|of| desk.reader.of != Some(*of) && desk.reader.asked != Some(*of)) else {
            return Action::None;
        };
        desk.reader.asked = Some(of);
        let (id, whole, version) = (desk.id.clone(), desk.document().clone(), desk.version_read().cloned());
        let lay = move || Laid::of(version.as_ref().map_or(&whole, |made| &made.document));
        let laid = async move { tokio::task::spawn_blocking(lay).await.ok() };
        Action::Run(Task::perform(laid, move |laid| Message::Laid(id.clone(), of, laid)))
    }

    /// Shows what those read who get it in this topic.
    pub(super) fn read_as(&mut self, topic: TopicId) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        desk.reader.topic = Some(topic);
        self.read()
    }

    /// Shows it, unless something else is being laid out.
    pub(super) fn laid(&mut self, id: &str, of: State, laid: Option<Laid>, cx: &Cx<'_>) -> Action<Message> {
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
    let is_fresh = reader.of.is_some() && reader.of == desk.to_read();
    let words = match (desk.read_in(), desk.version_read()) {
        _ if !is_fresh => cx.text("compose-rechecking"),
        (None, _) => cx.text("compose-reader-why"),
        (Some(topic), None) => cx.format("compose-reader-whole", &[("topic", &named(topic, cx))]),
        (Some(topic), Some(made)) => {
            let args = [("topic", named(topic, cx)), ("tlp", cx.catalog.tlp(made.target))];
            cx.format("compose-reader-version", &args.each_ref().map(|(name, value)| (*name, value.as_str())))
        }
    };
    let head = column![topics(desk, cx), caption(words)].spacing(space::XS);
    let page = reader.pane.view(&reader.summary, Lead::default(), cx).map(Message::Reader);
    column![container(head).padding([space::XS, space::MD]), page].into()
}

/// Whose readers' page shows, where not all get the same.
fn topics<'a>(desk: &'a Desk, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    if desk.topics().len() < 2 || desk.goes.versions.is_empty() {
        return None;
    }
    let topics = desk.topics().iter().map(|topic| {
        let here = desk.read_in() == Some(topic);
        let label =
            desk.version_in(topic).map(|made| crate::widget::tlp(made.target, cx.catalog.tlp_short(made.target)));
        let inside = row![text(named(topic, cx)), label].spacing(space::XS).align_y(Center);
        let tab = press(inside).style(theme::button::tab(here)).padding([2.0, space::SM]);
        Element::from(tab.on_press(Message::ReadAs(topic.clone())))
    });
    Some(row(topics).spacing(space::XS).wrap().into())
}
