//! The composer: from a blank form to a valid report at the right audience. The document is edited as a form, its XML beside
//! it; what stands in the way is said before the first byte leaves. Publishing is held and can be undone; the broker's item
//! id is the receipt, and a refusal stays beside the draft, which is kept. What is on its way is in the outbox.

mod acts;
mod after;
mod audience;
mod begin;
mod compare;
mod control;
pub mod desk;
mod drafts;
mod entry;
mod essentials;
mod findings;
mod foot;
mod form;
mod keep;
mod leaks;
mod noted;
mod numbers;
mod outbox;
mod outline;
mod paste;
mod picker;
mod post;
mod publish;
mod reader;
mod readers;
mod reason;
mod source;
pub mod stock;
mod stock_view;
mod version;
mod view;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::compose::audience::Audience;
use crate::compose::draft::{Act, Opened, Spot};
use crate::compose::form::Fill;
use crate::compose::outbox::Outbox;
use crate::compose::shelf::Saver;
use crate::compose::short::Slot;
use crate::compose::stock::Stock;
use crate::engine::{Error, Receipt, RequestId};
use crate::iodef::NodeId;
use crate::model::{BareJid, ItemId, PayloadType, Say, Tlp, Topic, TopicId};
use crate::screen::{Action, Tab, Target, document};
use crate::store::Seq;

pub use crate::compose::look::{Found, Goes};
pub use after::{Act as After, Choice as Course};
pub use desk::{Desk, Side};
pub use keep::{Work, Worked};
pub use paste::Act as Paste;
pub use picker::For;
pub use reader::Laid;
pub use version::Made;

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// A report begun from this template.
    Begin(usize),
    /// With cards, the organisation and templates of one's own.
    Stock(stock::Act),
    Path(String),
    OpenPath,
    /// A dialog for the file; and what came of it.
    Choose,
    Chosen(Option<PathBuf>),
    Read(Result<Arc<Opened>, Say>),
    /// A draft that was set aside is open again.
    Resume(String),
    DiscardAside(String),
    /// A discarded draft is open again.
    Undiscard(String),
    ShowTopics,
    DoubleDraft,
    Discard,
    /// The draft is set aside.
    Close,

    /// A row of the outline; the first one is the essentials.
    Look(usize),
    /// The document itself is selected, around all of its incidents.
    Whole,
    /// Rows up or down.
    Walk(isize),
    /// To the fields of what is selected.
    Into,
    Fold(NodeId),
    /// Opens or shuts what is selected.
    Open(bool),
    Act(Act),
    /// The same, chosen from a list, which closes.
    Take(Act),
    /// What a template asks for, typed.
    Slot(Slot, String),
    Write(Spot, text_editor::Action),
    /// A time, as people type it.
    When(Spot, String),
    Paste(Paste),
    Pick(Option<For>),
    AddHere,
    Query(String),
    Step(isize),
    TakeHere,
    Rise,
    Sink,
    Double,
    Remove,
    Undo,
    Redo,

    Side(Side),
    /// The version for those who may see this much.
    Version(Tlp),
    Versioned(String, u64, Result<Box<Made>, Say>),
    /// To what was taken out next, or before.
    Removed(isize),
    VersionDraft,
    /// The document as its readers see it; and laid out for it, of this state of this draft.
    Reader(document::Message),
    Laid(String, reader::State, Option<Laid>),
    /// As it is read in this topic.
    ReadAs(TopicId),
    /// An element is selected.
    Reveal(NodeId),
    /// A line of the XML: its element is selected.
    Line(usize),
    CopySource,
    Finding(usize),
    Jump(usize),
    Fix(usize, usize),
    /// To the incident in this row.
    Source(Seq),
    Pane(bool),

    Topic(TopicId),
    Untopic(TopicId),
    /// In this topic it is for those who may see this much, or all of it.
    VersionFor(TopicId, Option<Tlp>),
    /// What was found of this state of this draft.
    Looked(String, u64, Found),
    /// Looks now.
    Check,
    Publish,
    /// Takes back all that is held of the draft.
    Unhold,
    /// A parcel of the outbox: taken back, held again, its receipt forgotten.
    TakeBack(String),
    Again(String),
    Forget(String),
    ShowOutbox,
    /// About a report that is published.
    After(After),
    Reason(usize),
    ReasonWords(String),
    ReasonClose,
    ReasonGiven,
    Tick,
    /// The archive is open.
    Load,
    /// It is time to write what was typed; or all of it, at the end.
    Keep,
    Flush,
    Worked(Box<Worked>),
    CopyReceipt(ItemId),
    TopicsUpdated,
    /// All that was received is listened to.
    Listened,
    Settled(RequestId, Result<Receipt, Error>),
}

/// What the parts of the page read beside the draft.
struct Way<'a> {
    editing: bool,
    /// Topics I may publish to, with their names.
    topics: &'a [(TopicId, String)],
    audiences: &'a [(TopicId, Audience)],
    /// There are contact cards.
    cards: bool,
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    desk: Option<Desk>,
    /// Drafts that are not open, with their history.
    aside: Vec<Desk>,
    /// Those that were discarded, the last one first.
    gone: Vec<Desk>,
    /// The first of them was discarded just now.
    discarded: bool,
    stock: Stock,
    /// Which incidents the parcels tell of.
    sent: HashMap<ItemId, Vec<(String, String)>>,
    /// What was begun last, until it is known which numbers came in.
    given: Option<numbers::Given>,
    /// How often that was asked; and the last answer is waited for.
    counts: u64,
    counting: bool,
    yours: stock::Yours,
    /// What is held, under way or came to an end.
    outbox: Outbox,
    noted: noted::Noted,
    /// The parcels whose answer is waited for.
    under_way: HashMap<RequestId, String>,
    topics: Vec<(TopicId, String)>,
    audiences: Vec<(TopicId, Audience)>,
    readers: readers::Readers,
    /// Rows there were at the start, until the index has them.
    basis: Option<Seq>,
    /// Who read a topic when I last published there.
    last: HashMap<TopicId, BTreeSet<BareJid>>,
    looking: Option<iced::task::Handle>,
    /// The state of the draft that is to be published once it was looked at.
    wanted: Option<u64>,
    reason: Option<reason::Asked>,
    after: Option<after::After>,
    path: String,
    trouble: Option<Say>,
    made: u64,
    saver: Saver<String>,
    /// When the next writing is waited for.
    armed: Option<Instant>,
    /// What was kept and cannot be read.
    damaged: Vec<Say>,
    pane: usize,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let action = self.act(message, cx);
        let action = self.note_sent(action, cx);
        let action = self.note_held(action, cx);
        let posted = self.post(cx);
        let action = if matches!(posted, Action::None) { action } else { Action::Many(vec![action, posted]) };
        self.keep(action, cx)
    }

    fn act(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Begin(_)
            | Message::Path(_)
            | Message::OpenPath
            | Message::Choose
            | Message::Chosen(_)
            | Message::Read(_)
            | Message::Resume(_)
            | Message::DiscardAside(_)
            | Message::Undiscard(_)
            | Message::ShowTopics
            | Message::DoubleDraft
            | Message::Discard
            | Message::Close => self.of_drafts(message, cx),
            Message::Topic(topic) => self.send_to(&topic, true, cx),
            Message::Untopic(topic) => self.send_to(&topic, false, cx),
            Message::VersionFor(topic, target) => self.version_for(topic, target, cx),
            Message::Paste(act) => self.of_paste(act, cx),
            Message::Stock(act) => self.of_stock(act, cx),
            Message::Reader(message) => self.of_reader(message, cx),
            Message::Laid(id, of, laid) => self.laid(&id, of, laid, cx),
            Message::ReadAs(topic) => self.read_as(topic),
            Message::Versioned(id, revision, made) => self.versioned(&id, revision, made),
            Message::VersionDraft => self.draft_of_version(cx),
            Message::Load => {
                Action::Many(vec![Action::Compose(Work::Read), Action::Compose(Work::Stock(stock::Ask::Read))])
            }
            Message::Keep => self.write(false),
            Message::Flush => self.write(true),
            Message::Worked(worked) => self.worked(*worked, cx),
            Message::Looked(id, revision, found) => self.take_found(&id, revision, found, cx),
            Message::Check => {
                let asked = self.ask_members(cx);
                Action::Many(vec![asked, self.look(true, cx)])
            }
            Message::Publish => self.publish(cx),
            Message::Source(row) => {
                Action::Many(vec![Action::Open(Target::Tab(Tab::Feed)), Action::Open(Target::Incident(row))])
            }
            Message::Unhold => self.unhold(cx),
            Message::TakeBack(key) => {
                self.outbox.take_back(&key, cx.now);
                Action::None
            }
            Message::Again(key) => self.again(&key, cx),
            Message::Forget(key) => {
                self.outbox.forget(&key);
                Action::None
            }
            Message::After(act) => self.of_after(act, cx),
            Message::ShowOutbox => self.show_outbox(cx),
            Message::Reason(index) => self.ask_reason(index),
            Message::ReasonWords(words) => {
                if let Some(reason) = &mut self.reason {
                    reason.words = words;
                }
                Action::None
            }
            Message::ReasonClose => {
                self.reason = None;
                Action::None
            }
            Message::ReasonGiven => self.reason_given(cx),
            Message::Tick => self.release(cx),
            Message::CopyReceipt(item) => Action::Copy(item.0),
            Message::TopicsUpdated => {
                self.topics = names(cx);
                self.only_topic(cx);
                let asked = self.ask_members(cx);
                let looked = self.look(false, cx);
                Action::Many(vec![asked, looked, self.release(cx)])
            }
            Message::Listened if self.desk.as_ref().is_some_and(|desk| desk.leaks.is_unlooked()) => self.look(true, cx),
            Message::Listened => Action::None,
            Message::Settled(request, result) => self.settle(request, result, cx),
            message => self.of_desk(message, cx),
        }
    }

    /// Whether a countdown runs.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.outbox.is_holding()
    }

    /// Forgets what belonged to another session: a draft never crosses from one grid to another by itself.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The draft that is open.
    #[must_use]
    pub fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }
}

/// What new elements of a draft are filled with: names are of the team whose number it has.
fn fill(desk: &Desk, cx: &Cx<'_>) -> Fill {
    let own = crate::compose::short::Slot::Csirt.value(desk.document());
    Fill { now: cx.now, csirt: if own.trim().is_empty() { begin::account(cx) } else { own } }
}

/// From when on something is held, and for how long.
fn hold(cx: &Cx<'_>) -> (DateTime<Utc>, TimeDelta) {
    (cx.now, TimeDelta::seconds(i64::from(cx.settings.hold())))
}

/// Topics a report can go to: those I may publish to, as far as known, and that carry reports.
fn publishable<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'a Topic> + use<'a> {
    cx.topics.iter().filter(|topic| topic.may_publish() && !matches!(topic.payload, PayloadType::Other(_)))
}

/// Those topics by their names, in the order of these.
fn names(cx: &Cx<'_>) -> Vec<(TopicId, String)> {
    let mut names: Vec<(TopicId, String)> =
        publishable(cx).map(|topic| (topic.id.clone(), foot::named(&topic.id, cx))).collect();
    names.sort_by_key(|(_, name)| name.to_lowercase());
    names
}
