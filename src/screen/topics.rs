//! The topics of the grid (RFC 8600 §5): what there is, who may read it, what I am there, and the four acts that change
//! that. Never subscribes by itself.

mod complete;
mod view;

use std::collections::HashMap;

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Receipt, RequestId};
use crate::model::owned;
use crate::model::{Access, Affiliation, Membership, Topic, TopicId};
use crate::owner;
use crate::screen::{Action, Target};

/// The search field's name.
const SEARCH: &str = "topics.search";

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// The search text changed.
    Query(String),
    ClearQuery,
    /// A row of the list shown.
    Pick(usize),
    /// So many rows down, or up, from the chosen one.
    Step(isize),
    /// Puts the caret into the search field.
    Search,
    Act(Act, TopicId),
    /// What is told the owner with a request, or in answer to a question.
    Words(String),
    /// Answers the owner, who asked something before deciding.
    Answer(TopicId),
    /// The owner desk, at this topic of mine.
    Run(TopicId),
    New,
    Refresh,
    CopyAddress(TopicId),
    /// The engine told of topics: the list is sifted again.
    Updated,
    Settled(RequestId, Result<Receipt, Error>),
}

/// What one may do about a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    Subscribe,
    /// Asks the owner.
    Request,
    Withdraw,
    Unsubscribe,
}

impl Act {
    /// The act that makes sense, given what I am there and how the topic lets people in. `None` where none can help.
    #[must_use]
    pub fn of(topic: &Topic) -> Option<Self> {
        match topic.membership {
            Membership::Subscribed => Some(Self::Unsubscribe),
            Membership::Pending => Some(Self::Withdraw),
            Membership::None | Membership::Denied => match topic.access {
                _ if topic.affiliation == Affiliation::Outcast => None,
                // Members of an authorize topic are let in without asking (XEP-0060 §4.5).
                Access::Authorize if matches!(topic.affiliation, Affiliation::None | Affiliation::Other(_)) => {
                    Some(Self::Request)
                }
                _ => Some(Self::Subscribe),
            },
        }
    }
}

/// What came of the last act on a topic; kept beside the topic, a toast alone would be gone.
#[derive(Clone, Debug)]
enum Outcome {
    Waiting,
    Done(Receipt),
    Failed(Error),
}

/// A row shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    number: u32,
    /// Its place in `cx.topics`.
    place: usize,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    query: String,
    /// A number for every topic ever listed, by which the list knows a row again.
    numbers: HashMap<TopicId, u32>,
    /// The rows shown, sorted by title.
    shown: Vec<Shown>,
    selected: Option<TopicId>,
    /// What is typed for the owner of the selected topic.
    words: String,
    asked: HashMap<RequestId, TopicId>,
    outcomes: HashMap<TopicId, Outcome>,
}

impl Screen {
    /// Takes the topics in afresh; called by the app when they changed.
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Query(query) => {
                self.query = query;
                self.sift(cx);
            }
            Message::ClearQuery => {
                self.query.clear();
                self.sift(cx);
            }
            Message::Updated => self.sift(cx),
            Message::Pick(row) => self.select(row, cx),
            Message::Step(by) => {
                let Some(last) = self.shown.len().checked_sub(1) else { return Action::None };
                let row = self.row(cx).map_or(0, |row| row.saturating_add_signed(by).min(last));
                self.select(row, cx);
            }
            Message::Words(words) => self.words = words,
            Message::Answer(id) => return self.answer(id, cx),
            Message::Run(id) => return Action::Open(Target::Desk(id)),
            Message::New => return Action::Open(Target::NewTopic),
            Message::Search => return Action::Run(iced::widget::operation::focus(SEARCH)),
            Message::Act(act, id) => return self.act(act, id, cx),
            Message::Refresh => return Action::Engine(Command::RefreshTopics),
            Message::CopyAddress(id) => return Action::Copy(id.to_string()),
            Message::Settled(request, result) => self.settle(request, result),
        }
        Action::None
    }

    /// Shows this topic, whatever the search hid.
    pub fn reveal(&mut self, id: TopicId, cx: &Cx<'_>) {
        self.query.clear();
        self.sift(cx);
        self.selected = Some(id);
    }

    fn select(&mut self, row: usize, cx: &Cx<'_>) {
        let id = self.topic(row, cx).map(|topic| topic.id.clone());
        // Words for one owner are not for another.
        if id != self.selected {
            self.words.clear();
        }
        self.selected = id;
    }

    fn sift(&mut self, cx: &Cx<'_>) {
        let words: Vec<String> = self.query.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<(String, Shown)> = Vec::new();
        for (place, topic) in cx.topics.iter().enumerate() {
            if words.iter().all(|word| mentions(topic, word)) {
                let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
                let number = *self.numbers.entry(topic.id.clone()).or_insert(next);
                found.push((title(topic).to_lowercase(), Shown { number, place }));
            }
        }
        found.sort_by(|(a, one), (b, other)| a.cmp(b).then(one.number.cmp(&other.number)));
        self.shown = found.into_iter().map(|(_, shown)| shown).collect();
        if self.selected.as_ref().is_some_and(|id| !cx.topics.iter().any(|topic| topic.id == *id)) {
            self.selected = None;
        }
    }

    /// The topic in this row.
    fn topic<'a>(&self, row: usize, cx: &Cx<'a>) -> Option<&'a Topic> {
        self.shown.get(row).and_then(|shown| cx.topics.get(shown.place))
    }

    /// The selected topic.
    fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<&'a Topic> {
        let id = self.selected.as_ref()?;
        cx.topics.iter().find(|topic| topic.id == *id)
    }

    /// The selected topic's row in the list shown.
    fn row(&self, cx: &Cx<'_>) -> Option<usize> {
        let id = self.selected.as_ref()?;
        self.shown.iter().position(|shown| cx.topics.get(shown.place).is_some_and(|topic| topic.id == *id))
    }

    fn act(&mut self, act: Act, topic: TopicId, cx: &Cx<'_>) -> Action<Message> {
        // A second press while the first is on its way would ask twice.
        if matches!(self.outcomes.get(&topic), Some(Outcome::Waiting)) {
            return Action::None;
        }
        let request = cx.request();
        let _ = self.asked.insert(request, topic.clone());
        let _ = self.outcomes.insert(topic.clone(), Outcome::Waiting);
        Action::Engine(match act {
            Act::Subscribe => Command::Subscribe { request, topic, words: None },
            Act::Request => {
                let note = std::mem::take(&mut self.words);
                let say = |say: &crate::model::Say| cx.catalog.say(say);
                let words = (!note.trim().is_empty()).then(|| owner::words(owned::Act::Asks, &topic, &note, None, say));
                Command::Subscribe { request, topic, words }
            }
            Act::Withdraw | Act::Unsubscribe => Command::Unsubscribe { request, topic },
        })
    }

    /// What is typed goes to who asked; the request waits on.
    fn answer(&mut self, topic: TopicId, cx: &Cx<'_>) -> Action<Message> {
        let asked = cx.topics.iter().find(|one| one.id == topic).and_then(question);
        let Some(asked) = asked.filter(|_| !self.words.trim().is_empty()) else { return Action::None };
        if matches!(self.outcomes.get(&topic), Some(Outcome::Waiting)) {
            return Action::None;
        }
        let request = cx.request();
        let _ = self.asked.insert(request, topic.clone());
        let _ = self.outcomes.insert(topic.clone(), Outcome::Waiting);
        let note = std::mem::take(&mut self.words);
        let words = owner::words(owned::Act::Asks, &topic, &note, None, |say| cx.catalog.say(say));
        Action::Engine(Command::Tell { request, topic, to: asked.from.clone(), act: owned::Act::Asks, words })
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>) {
        let Some(topic) = self.asked.remove(&request) else { return };
        let outcome = match result {
            Ok(receipt) => Outcome::Done(receipt),
            Err(error) => Outcome::Failed(error),
        };
        let _ = self.outcomes.insert(topic, outcome);
    }

    /// Forgets what belonged to another session.
    pub fn reset(&mut self) {
        *self = Self { query: std::mem::take(&mut self.query), ..Self::default() };
    }
}

/// What an owner wants to know before my request is decided.
fn question(topic: &Topic) -> Option<&owned::Said> {
    let waits = topic.membership == Membership::Pending;
    topic.said.as_ref().filter(|said| waits && said.act == owned::Act::Question)
}

/// What the list calls a topic. Remote text.
fn title(topic: &Topic) -> &str {
    topic.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(&topic.id.node)
}

/// Whether a topic's words contain this one (lower case).
fn mentions(topic: &Topic, word: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(word);
    has(&topic.id.node)
        || topic.title.as_deref().is_some_and(has)
        || topic.description.as_deref().is_some_and(has)
        || topic.owners.iter().any(|owner| has(&owner.to_string()))
        || has(&topic.id.broker.to_string())
}
