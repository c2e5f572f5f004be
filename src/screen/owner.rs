//! The owner desk, over the topics I own: who asks to read them, who is on them, how they are set up, whose access ends, and
//! what cannot be taken back (`product.md` B1).

mod config;
mod create;
mod danger;
mod ends;
mod expiring;
mod members;
mod requests;
mod rules;
mod view;

use chrono::{DateTime, TimeDelta, Utc};
use iced::widget::{container, mouse_area, opaque};
use iced::{Fill, Length};

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Receipt, RequestId};
use crate::model::{Affiliation, BareJid, Topic, TopicId};
use crate::owner::grant::Grant;
use crate::owner::past::Past;
use crate::owner::rules::Rule;
use crate::screen::Action;
use crate::theme::{self, space};
use crate::widget::{Element, layer};

use config::Config;
use create::Create;
use danger::Danger;
use ends::Sweep;
use expiring::Expiring;
use members::Members;
use requests::Requests;
use rules::Editor;

pub use config::Message as Settings;
pub use create::Message as New;
pub use danger::{Act as Grave, Message as Loss};
pub use expiring::Message as Ends;
pub use members::{Message as People, SheetMessage as Person};
pub use requests::{Lasts, Message as Asking, SheetMessage as Answering};
pub use rules::Message as Ruling;

/// Whether something was kept.
pub type Kept = Result<(), crate::store::Error>;

/// Whose access it is, and where.
pub type Whose = (TopicId, BareJid);

/// What of it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Requests,
    Members,
    Config,
    Expiring,
    Danger,
}

/// What the app is to keep for the desk. What it asks for is read again after each.
#[derive(Clone, Debug)]
pub enum Work {
    /// Reads all that is kept, and looks through what is stored of these topics.
    Load(Vec<TopicId>),
    /// Decisions were made.
    Decided(Vec<(BareJid, Past)>),
    /// Access was taken away.
    Ended {
        topic: TopicId,
        accounts: Vec<BareJid>,
        past: Vec<(BareJid, Past)>,
    },
    Grants(Vec<Grant>),
    /// Access that is about to be given: what each request belongs to is not sent before it is kept ([`Message::Promised`]).
    Promise(Vec<(RequestId, Vec<Grant>)>),
    /// A person was told of these then; nothing else of them changes.
    Told(Vec<Whose>, DateTime<Utc>),
    /// Puts a request off.
    Hold(TopicId, BareJid, DateTime<Utc>),
    /// Takes it up again.
    Release(TopicId, BareJid),
    /// The clock is believed, as it is then.
    Believe(DateTime<Utc>),
    /// A person took these back from a rule, and decides them.
    Spare(Vec<Whose>),
    /// These domains were met.
    Meet(Vec<String>),
    /// Keeps a rule under its name.
    Rule(String, Box<Rule>),
    Unrule(String),
}

impl Work {
    /// What waits for it, and is answered.
    pub fn promises(&self) -> impl Iterator<Item = RequestId> {
        let promises = if let Self::Promise(promises) = self { promises.as_slice() } else { &[] };
        promises.iter().map(|(request, _)| *request)
    }
}

impl Side {
    pub const ALL: [Self; 5] = [Self::Requests, Self::Members, Self::Config, Self::Expiring, Self::Danger];

    fn key(self) -> &'static str {
        match self {
            Self::Requests => "owner-side-requests",
            Self::Members => "owner-side-members",
            Self::Config => "owner-side-config",
            Self::Expiring => "owner-side-expiring",
            Self::Danger => "owner-side-danger",
        }
    }

    /// Whether it is about one topic at a time.
    fn of_one(self) -> bool {
        !matches!(self, Self::Requests | Self::Expiring)
    }
}

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Side(Side),
    /// The topic it is about; all of mine where there is none.
    Topic(Option<TopicId>),
    /// The next of my topics, or the one before.
    Turn(bool),
    /// The desk shows.
    Opened,
    /// This topic's members show.
    Reveal(TopicId),
    Poll,
    Tick,
    /// The requests changed.
    Updated,
    /// The topics changed.
    TopicsUpdated,
    Settled(RequestId, Result<Receipt, Error>),
    Requests(requests::Message),
    Members(members::Message),
    Config(config::Message),
    Danger(danger::Message),
    Expiring(expiring::Message),
    Rules(rules::Message),
    /// What is kept for the desk was read.
    Learned,
    /// Access that is about to be given is written down, or cannot be.
    Promised(Vec<(RequestId, Kept)>),
    Create(create::Message),
}

/// What is stored is looked through anew after so long, where there is more of it.
const FRESH: TimeDelta = TimeDelta::minutes(2);

/// What is kept was asked for, for these topics of mine, when so much was stored.
#[derive(Debug)]
struct Loaded {
    topics: Vec<TopicId>,
    rows: u32,
    at: DateTime<Utc>,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    side: Side,
    topic: Option<TopicId>,
    /// Somebody was here in this session.
    opened: bool,
    requests: Requests,
    members: Members,
    config: Config,
    danger: Danger,
    expiring: Expiring,
    ends: Sweep,
    rules: Editor,
    loaded: Option<Loaded>,
    create: Create,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let done = self.act(message, cx);
        // What is held is told to the log before it leaves: by that it is known whose it is, and why.
        let notes: Vec<Action<Message>> = self.noted().map(Action::Engine).collect();
        if notes.is_empty() { done } else { Action::Many(notes.into_iter().chain([done]).collect()) }
    }

    /// What the log of acts is to be told.
    fn noted(&mut self) -> impl Iterator<Item = Command> {
        let all = [&mut self.requests.notes, &mut self.members.notes, &mut self.config.notes];
        all.into_iter().flat_map(std::mem::take)
    }

    /// The window goes: nothing that is held is done any more. What the log of acts is told of it.
    pub fn lapse(&mut self) -> Vec<Command> {
        self.requests.lapse();
        self.members.lapse();
        self.config.lapse();
        self.noted().collect()
    }

    fn act(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Side(side) => {
                self.side = side;
                self.turned(cx)
            }
            Message::Topic(topic) => {
                self.topic = topic;
                self.turned(cx)
            }
            Message::Turn(on) => {
                self.turn(on, cx);
                self.turned(cx)
            }
            Message::Opened => {
                self.opened = true;
                self.members.survey(cx).map(Message::Members)
            }
            Message::Reveal(topic) => self.reveal(topic, Side::Members, cx),
            Message::Poll => Action::Engine(Command::FetchPending),
            Message::Tick => {
                let requests = self.requests.update(requests::Message::Tick, cx).map(Message::Requests);
                let members = self.members.update(members::Message::Tick, cx).map(Message::Members);
                let config = self.config.update(config::Message::Tick, cx).map(Message::Config);
                let is_old = self.side == Side::Expiring && self.expiring.is_old(cx);
                let seats = if is_old { self.seat(cx) } else { Action::None };
                let load = if self.loaded.is_some() { self.load(cx) } else { Action::None };
                Action::Many(vec![requests, members, config, seats, load, self.ends.strike(&mut self.members, cx)])
            }
            Message::Updated => self.requests.update(requests::Message::Updated, cx).map(Message::Requests),
            Message::Learned => {
                let tables = self.members.learned(cx).map(Message::Members);
                let known = self.requests.learn(&self.members.lists(), cx).map(Message::Requests);
                let ruled = self.requests.update(requests::Message::Ruled, cx).map(Message::Requests);
                let seats = self.seat(cx);
                Action::Many(vec![tables, known, ruled, seats, self.ends.strike(&mut self.members, cx)])
            }
            Message::TopicsUpdated => {
                self.topic = self.topic.take().filter(|id| mine(cx).any(|topic| topic.id == *id));
                // Nobody is asked for anything who did not come here.
                let survey = if self.opened { self.members.survey(cx) } else { Action::None };
                Action::Many(vec![self.turned(cx), survey.map(Message::Members), self.load(cx)])
            }
            Message::Settled(request, result) => self.settled(request, &result, cx),
            Message::Requests(message) => self.requests.update(message, cx).map(Message::Requests),
            Message::Members(message) => self.members.update(message, cx).map(Message::Members),
            Message::Config(message) => self.config.update(message, cx).map(Message::Config),
            Message::Expiring(expiring::Message::Revoke(topic, account, words)) => {
                if self.members.call_off(&topic, &account) {
                    self.members.revoke(topic, vec![account], words, cx);
                }
                self.expiring.update(expiring::Message::Close, cx).map(Message::Expiring)
            }
            Message::Expiring(expiring::Message::AskAll) => {
                self.expiring.ask_all(&self.members, cx).map(Message::Expiring)
            }
            Message::Expiring(expiring::Message::RevokeAll(words)) => {
                for (topic, mut accounts) in self.expiring.take_all() {
                    accounts.retain(|account| self.members.call_off(&topic, account));
                    if !accounts.is_empty() {
                        self.members.revoke(topic, accounts, words.clone(), cx);
                    }
                }
                self.expiring.update(expiring::Message::Close, cx).map(Message::Expiring)
            }
            Message::Expiring(expiring::Message::Undo) => {
                self.members.update(members::Message::UndoLast, cx).map(Message::Members)
            }
            // Keys come here whatever a button shows: what is under way is not begun twice, and what goes out is not kept.
            Message::Expiring(expiring::Message::Ask) if self.is_ending() => Action::None,
            Message::Expiring(expiring::Message::Ask) if self.is_more() => {
                let Some(seat) = self.expiring.chosen() else { return Action::None };
                let (topic, account) = (seat.topic.clone(), seat.account.clone());
                let shown = self.reveal(topic, Side::Members, cx);
                self.members.ask_about(account, cx);
                shown
            }
            Message::Expiring(expiring::Message::Keep) if !self.call_off() => Action::None,
            Message::Expiring(expiring::Message::Seated(number, seats)) => {
                if self.expiring.seated(number, seats, cx) {
                    self.seat(cx)
                } else {
                    Action::None
                }
            }
            Message::Expiring(message) => self.expiring.update(message, cx).map(Message::Expiring),
            Message::Rules(rules::Message::Open) => {
                self.rules.open(self.topic.clone());
                Action::None
            }
            Message::Rules(message) => {
                // Not a moment longer than it takes to say so, however long the shelf takes.
                if let rules::Message::Switch(name) | rules::Message::Remove(name) = &message {
                    self.requests.lift(name);
                }
                self.rules.update(message, cx).map(Message::Rules)
            }
            Message::Danger(message) => self.danger.update(message, cx).map(Message::Danger),
            Message::Promised(kept) => {
                let requests = self.requests.promised(&kept, cx).map(Message::Requests);
                Action::Many(vec![requests, self.members.promised(&kept, cx).map(Message::Members)])
            }
            Message::Create(message) => {
                let made = self.create.made().filter(|_| matches!(message, create::Message::Close));
                let closed = self.create.update(message, cx).map(Message::Create);
                match made {
                    Some(topic) => Action::Many(vec![closed, self.reveal(topic, Side::Config, cx)]),
                    None => closed,
                }
            }
        }
    }

    /// Whether something is under way about the access that is selected among those that end.
    fn is_ending(&self) -> bool {
        self.expiring.chosen().is_some_and(|seat| self.members.is_busy(&seat.topic, &seat.account))
    }

    /// Whether the account that is selected is more than a reader: what that means is asked where members are changed.
    fn is_more(&self) -> bool {
        let more =
            |is: Affiliation| matches!(is, Affiliation::Owner | Affiliation::Publisher | Affiliation::PublishOnly);
        self.expiring.chosen().is_some_and(|seat| {
            let listed = self.members.listed(&seat.topic, DateTime::<Utc>::MIN_UTC);
            listed.is_some_and(|listed| more(listed.affiliation(&seat.account).clone()))
        })
    }

    /// Somebody keeps what is selected: the clock leaves it. Whether nothing is under way about it then.
    fn call_off(&mut self) -> bool {
        self.expiring.chosen().is_none_or(|seat| self.members.call_off(&seat.topic, &seat.account))
    }

    /// Puts together who may read my topics.
    fn seat(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.expiring.seat(&self.members.lists(), cx).map(Message::Expiring)
    }

    /// Each side knows what it asked.
    fn settled(&mut self, request: RequestId, result: &Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        let of = || result.clone();
        let requests = self.requests.update(requests::Message::Settled(request, of()), cx).map(Message::Requests);
        let members = self.members.update(members::Message::Settled(request, of()), cx).map(Message::Members);
        // Who is on a topic of mine is known on the others.
        let listed = matches!(result, Ok(Receipt::Members(_) | Receipt::Changed { .. } | Receipt::Revoked(_)));
        let known = if listed { self.requests.learn(&self.members.lists(), cx) } else { Action::None };
        let known = known.map(Message::Requests);
        let seats = if listed { self.seat(cx) } else { Action::None };
        let failed = !self.members.failed.is_empty();
        let ends = if listed || failed { self.ends.strike(&mut self.members, cx) } else { Action::None };
        let config = self.config.update(config::Message::Settled(request, of()), cx).map(Message::Config);
        let danger = self.danger.update(danger::Message::Settled(request, of()), cx).map(Message::Danger);
        let create = self.create.update(create::Message::Settled(request, of()), cx).map(Message::Create);
        Action::Many(vec![requests, known, members, seats, ends, config, danger, create])
    }

    /// Shows this topic's side.
    fn reveal(&mut self, topic: TopicId, side: Side, cx: &Cx<'_>) -> Action<Message> {
        (self.topic, self.side) = (Some(topic), side);
        self.turned(cx)
    }

    /// Whether a countdown runs, so that the window needs a clock.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.requests.holding() || self.members.holding() || self.config.holding()
    }

    /// How many requests wait for a decision not yet made, for the rail's badge.
    #[must_use]
    pub fn waiting(&self, cx: &Cx<'_>) -> usize {
        self.requests.waiting(cx)
    }

    /// Forgets what belonged to another session.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The topic a side is about that is about one.
    fn one<'a>(&self, cx: &Cx<'a>) -> Option<&'a Topic> {
        match &self.topic {
            Some(id) => mine(cx).find(|topic| topic.id == *id),
            None => {
                let mut all = mine(cx);
                all.next().filter(|_| all.next().is_none())
            }
        }
    }

    /// Reads what is kept, once the topics of mine are known, and again when there are others or more is stored of them.
    fn load(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let topics: Vec<TopicId> = mine(cx).map(|topic| topic.id.clone()).collect();
        let rows = cx.store.len();
        let lately = |at: DateTime<Utc>| at <= cx.now && cx.now - at < FRESH;
        let same = |loaded: &Loaded| topics.is_empty() || loaded.rows == rows || lately(loaded.at);
        let fresh = |loaded: &Loaded| loaded.topics == topics && same(loaded);
        if !cx.complete || self.loaded.as_ref().is_some_and(fresh) {
            return Action::None;
        }
        self.loaded = Some(Loaded { topics: topics.clone(), rows, at: cx.now });
        Action::Own(Work::Load(topics))
    }

    fn turn(&mut self, on: bool, cx: &Cx<'_>) {
        let all: Vec<&TopicId> = mine(cx).map(|topic| &topic.id).collect();
        let here = self.topic.as_ref().and_then(|id| all.iter().position(|one| *one == id));
        let next = match (here, on) {
            (None, true) => Some(0),
            (None, false) => all.len().checked_sub(1),
            (Some(here), true) => Some(here + 1),
            (Some(here), false) => here.checked_sub(1),
        };
        self.topic = next.and_then(|next| all.get(next)).map(|id| (*id).clone());
    }

    /// Another side or another topic shows: reads what that needs.
    fn turned(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.requests.narrow(self.topic.clone());
        let topic = self.one(cx).map(|topic| topic.id.clone());
        match self.side {
            Side::Requests => Action::None,
            Side::Members => self.members.show(topic, cx).map(Message::Members),
            Side::Config => self.config.show(topic, cx).map(Message::Config),
            Side::Danger => self.danger.show(topic, cx).map(Message::Danger),
            Side::Expiring => {
                self.expiring.narrow(self.topic.clone(), cx);
                let survey = self.members.survey(cx).map(Message::Members);
                Action::Many(vec![survey, self.seat(cx)])
            }
        }
    }
}

/// The topics I own.
fn mine<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'a Topic> {
    cx.topics.iter().filter(|topic| topic.affiliation == Affiliation::Owner)
}

/// A sheet above the desk, with the keyboard on its control `first`; a press beside it says `away`.
fn modal<'a, M: Clone + 'a>(inside: Element<'a, M>, first: &'static str, away: M) -> Element<'a, M> {
    let sheet = container(inside).width(Length::Fixed(560.0)).padding(space::XL).style(theme::surface::floating);
    let centred = container(opaque(sheet)).center(Fill).padding(space::XL).style(theme::surface::veil);
    layer::above(opaque(mouse_area(centred).on_press(away)), first).into()
}
