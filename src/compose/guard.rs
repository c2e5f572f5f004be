//! The leak guard: a value that was received under a stricter word than it is about to be said under lights up.
//!
//! May use `iodef`, which finds the values of a document, `text`, which finds them in its words, and `store`, which knows the
//! rows that have them. Three steps: what a draft says ([`said`], pure and quick), what is known of it ([`look`], blocks: off
//! the window's thread, and only for what is new), what follows ([`Guard::findings`], pure and quick).
//!
//! A value is known again however it is written: refanged, in any case, in the middle of a text, as an address of a network,
//! as a network around an address, as the host of a link or a name below a domain.

mod ask;
mod heard;
mod look;
mod said;
mod told;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::short;
use crate::iodef::{Document, Element, NodeId};
use crate::model::{Observable, ObservableKind, Say, Tlp, TopicId};
use crate::store::Seq;
use crate::store::index::{Failure, key};
use crate::store::query::{Amber, strictness};
use crate::text;

pub use ask::Way;
pub use heard::heard;
pub use look::{Answers, Sources, Us, look};
pub use said::{said, unread};
pub use told::{hinted, internal, told, unlooked};

/// What reasons for findings of the guard are kept under with a draft.
pub const REASON: &str = "leak";

/// Letters of an incident's number that are shown.
const NUMBER: usize = 80;

/// A value of a draft, and where it says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub kind: ObservableKind,
    /// In its canonical form.
    pub value: String,
    /// How the archive keys it.
    pub(super) key: Vec<u8>,
    pub node: NodeId,
    /// The attribute it stands in, by its name as written; else it is in the element's text.
    pub attribute: Option<String>,
    /// In bytes of that text; of a value that foreign marks cut, of all text in the element.
    pub span: Range<usize>,
    /// As it is written there.
    pub written: String,
    /// The label in force there.
    pub here: Tlp,
}

impl Said {
    /// Its key, and those of the hosts it names.
    fn keys(&self) -> Vec<Vec<u8>> {
        key::keys(&Observable { kind: self.kind, value: self.value.clone() })
    }
}

/// A row that has a value, or something that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub row: Seq,
    pub topic: Arc<TopicId>,
    /// Its incident's number; empty where it has none.
    pub id: Arc<str>,
    /// Who reported it, by the document's word.
    pub csirt: Arc<str>,
    pub at: DateTime<Utc>,
    /// The label it was received under.
    pub label: Tlp,
    pub way: Way,
    /// `label` is that of the value itself; else of the strictest part of the document, which may be another.
    pub exact: bool,
}

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The strictest first, then the newest; the first few.
    pub origins: Vec<Origin>,
    /// How many rows have it, by strictness.
    pub rows: [u32; 5],
    /// The least strict label of a row that has the value itself.
    pub loosest: Option<Tlp>,
    /// Rows there were when it was looked up.
    pub at: Seq,
}

/// For whom a draft is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The strictest label the topic is meant for, where that is known: what is said there is said to all of it.
    pub topic: Option<Tlp>,
    pub amber: Amber,
}

/// A value that was received under a stricter label than it is said under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub said: Said,
    /// The label it would be published under: the laxer of the draft's own there and the topic's.
    pub here: Tlp,
    /// The strictest it was received under.
    pub received: Tlp,
    /// `received` is that of the value itself and not only of the document it came in.
    pub exact: bool,
    pub way: Way,
    /// Whence: the strictest first, then the newest; only those stricter than `here`.
    pub origins: Vec<Origin>,
    /// Rows under labels stricter than `here`, also those not listed.
    pub rows: u32,
    /// It was received under this laxer label too, which may be the reason it can be said.
    pub also: Option<Tlp>,
}

/// What resolves a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Give the value, or the draft, this label.
    Raise(Tlp),
    Remove,
    /// A reason that the person types; it is kept with the draft.
    Reason,
}

impl Finding {
    /// What a reason would be for: the value, how strictly it was received and how it goes out. A stricter word there asks
    /// anew, and a laxer one here.
    #[must_use]
    pub fn about(&self) -> String {
        let Self { said, received, here, .. } = self;
        format!("{} {} {} {}", said.kind.token(), said.value, received.token(), here.token())
    }

    /// What can be done: raising does not help where the topic is what is too wide.
    #[must_use]
    pub fn remedies(&self, audience: Audience) -> Vec<Remedy> {
        let rank = |label| strictness(label, audience.amber);
        let raising = audience.topic.is_none_or(|topic| rank(topic) >= rank(self.received));
        let raise = raising.then_some(Remedy::Raise(self.received));
        raise.into_iter().chain([Remedy::Remove, Remedy::Reason]).collect()
    }

    /// The value as it may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        text::observable(&Observable { kind: self.said.kind, value: self.said.value.clone() })
    }

    #[must_use]
    pub fn say(&self) -> Say {
        let first = self.origins.first();
        let say = Say::new(if self.exact { "guard-leak" } else { "guard-leak-perhaps" })
            .with("value", self.shown())
            .with("received", self.received.label())
            .with("here", self.here.label())
            .with("way", self.way.token());
        let of = |value: fn(&Origin) -> String| first.map(value).unwrap_or_default();
        let say = say.with("id", of(|origin| number(&origin.id)));
        let say = say.with("at", of(|origin| origin.at.format("%Y-%m-%d %H:%MZ").to_string()));
        say.with("topic", first.map(|origin| text::line(&origin.topic.node)).unwrap_or_default())
            .with("csirt", first.map(|origin| text::line(&origin.csirt)).unwrap_or_default())
            .with("rows", self.rows.to_string())
    }
}

/// What was looked up, kept for as long as a draft is open.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    known: HashMap<Vec<u8>, Known>,
}

/// A value to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub(super) kind: ObservableKind,
    pub(super) value: String,
    pub(super) key: Vec<u8>,
}

impl Guard {
    /// Values of a draft that were never looked up, each once.
    #[must_use]
    pub fn unknown(&self, said: &[Said]) -> Vec<Ask> {
        asks(said, |key| !self.known.contains_key(key))
    }

    /// Values that were looked up when there were fewer rows than now, or never: before something is published.
    #[must_use]
    pub fn stale(&self, said: &[Said], rows: Seq) -> Vec<Ask> {
        asks(said, |key| self.known.get(key).is_none_or(|known| known.at < rows))
    }

    /// Takes what was looked up.
    pub fn learn(&mut self, answers: Answers) {
        for (key, known) in answers.known {
            match self.known.get(&key) {
                // An older look-up came late: it knew of fewer rows.
                Some(own) if own.at > known.at => {}
                _ => drop(self.known.insert(key, known)),
            }
        }
    }

    /// Whether all of these were looked up: until then what is not found may be there.
    #[must_use]
    pub fn knows(&self, said: &[Said]) -> bool {
        said.iter().all(|one| self.known.contains_key(&one.key))
    }

    /// What a draft says more widely than it was received, in its order.
    #[must_use]
    pub fn findings(&self, said: &[Said], audience: Audience) -> Vec<Finding> {
        said.iter().filter_map(|one| self.finding(one, audience)).collect()
    }

    fn finding(&self, said: &Said, audience: Audience) -> Option<Finding> {
        let rank = |label| strictness(label, audience.amber);
        let here = match audience.topic {
            Some(topic) if rank(topic) < rank(said.here) => topic,
            _ => said.here,
        };
        let known = self.known.get(&said.key)?;
        let origins: Vec<Origin> =
            known.origins.iter().filter(|origin| rank(origin.label) > rank(here)).cloned().collect();
        let first = origins.first()?;
        let rows = (0_u8..).zip(known.rows).filter(|(strict, _)| *strict > rank(here)).map(|(_, rows)| rows).sum();
        Some(Finding {
            said: said.clone(),
            here,
            received: first.label,
            exact: first.exact,
            way: first.way,
            rows: u32::max(rows, u32::try_from(origins.len()).unwrap_or(u32::MAX)),
            also: known.loosest.filter(|label| rank(*label) <= rank(here)),
            origins,
        })
    }
}

/// The incidents of a document as it names them, for [`Sources`].
#[must_use]
pub fn incidents(document: &Document) -> Vec<(String, String)> {
    let of = |id: Element<'_>| (id.attr("name").unwrap_or_default().into_owned(), id.trimmed().into_owned());
    short::named(document).map(of).collect()
}

/// What a document says more widely than it was received, all of it looked up at once: for one that nobody changes any more.
/// Its own incidents, and what a topic is meant for, are as the document says: each value is held to its own label. Blocks.
///
/// # Errors
/// As [`look`].
pub fn examine(document: &Document, sources: Sources<'_>) -> Result<Vec<Finding>, Failure> {
    let incidents = incidents(document);
    let sources = Sources { incidents: &incidents, ..sources };
    let (mut known, said) = (Guard::default(), said(document));
    let asks = known.unknown(&said);
    known.learn(look(&asks, &sources)?);
    Ok(known.findings(&said, Audience { topic: None, amber: Amber::default() }))
}

/// As it is shown.
fn number(id: &str) -> String {
    if id.is_empty() { "none".to_owned() } else { text::line_within(id, NUMBER) }
}

fn asks(said: &[Said], wanted: impl Fn(&[u8]) -> bool) -> Vec<Ask> {
    let mut asks: Vec<Ask> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for one in said {
        if wanted(&one.key) && seen.insert(&one.key) {
            asks.push(Ask { kind: one.kind, value: one.value.clone(), key: one.key.clone() });
        }
    }
    asks
}

impl Known {
    fn sort(&mut self) {
        let rank = |origin: &Origin| (strictness(origin.label, Amber::Strict), origin.label, origin.at, origin.row);
        self.origins.sort_by_key(|origin| std::cmp::Reverse(rank(origin)));
    }
}
