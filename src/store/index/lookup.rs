//! What the columns cannot answer: words, observables, texts of a document, expressions. The archive answers from its tables,
//! the practice grid and tests from memory ([`super::Postings`]).
//!
//! May use `model` and the filter language's own regular expressions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Bitmap;
use super::key::Span;
use super::pattern::Pattern;
use crate::model::Say;
use crate::store::query::{Has, Regex};
use crate::store::{self, Seq};

/// A text of a document that has no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    Id,
    Purpose,
    Status,
    Impact,
    Action,
    Actor,
    Campaign,
    Method,
    Lang,
    /// How sure an assessment is, as a number of 0 to 100.
    Confidence,
    /// A tag of the person's own.
    Tag,
}

impl Facet {
    /// Those with few values among many rows.
    pub const FEW: [Self; 9] = [
        Self::Purpose,
        Self::Status,
        Self::Impact,
        Self::Action,
        Self::Actor,
        Self::Campaign,
        Self::Method,
        Self::Lang,
        Self::Confidence,
    ];
}

/// A word or a phrase to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    pub text: String,
    /// Whether words that begin like the last one are found too.
    pub begins: bool,
}

/// A question about rows that the columns cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// An observable with a key in one of the spans; with `keep`, only keys whose text ([`super::key::read_text`]) fits.
    Keys {
        spans: Vec<Span>,
        keep: Option<Pattern>,
    },
    /// A text of this facet that fits one of the patterns.
    Text {
        facet: Facet,
        patterns: Vec<Pattern>,
    },
    /// A confidence of 0 to 100 in one of the spans, both ends inside.
    Confidence(Vec<(u64, u64)>),
    /// All of these in the texts of the incident, and none of those.
    Words {
        all: Vec<Word>,
        none: Vec<Word>,
    },
    /// A name, a link or a mailbox that was observed, in whose words one of these phrases stands ([`super::names`]).
    Names(Vec<Vec<String>>),
    /// An observable that the row with this number has too ([`super::key::Tag::DERIVED`] ones aside).
    Like(Seq),
    /// What the columns say of rows whose document was read by this version of the program, asked of others
    /// ([`super::Flags::STALE`]).
    Holds(Has),
    Regex(Regex),
    Xpath(String),
}

impl Question {
    /// All of these in the texts of the incident.
    #[must_use]
    pub fn words(all: Vec<Word>) -> Self {
        Self::Words { all, none: Vec::new() }
    }

    /// Dear questions are put last, about the rows that are left.
    #[must_use]
    pub fn cost(&self) -> u8 {
        match self {
            Self::Like(_) | Self::Keys { keep: None, .. } => 0,
            Self::Text { .. } | Self::Confidence(_) | Self::Words { .. } => 1,
            Self::Keys { keep: Some(_), .. } | Self::Names(_) => 2,
            Self::Holds(_) | Self::Regex(_) => 3,
            Self::Xpath(_) => 4,
        }
    }

    /// Whether it is answered sooner of rows that stand near each other than of all: where many keys or words fit, an index
    /// passes over the rows of each of them first.
    #[must_use]
    pub fn narrows(&self) -> bool {
        match self {
            Self::Keys { spans, keep } => keep.is_none() && spans.iter().all(Span::is_one),
            Self::Words { all, none } => all.iter().chain(none).all(|word| !word.begins),
            Self::Names(_) => false,
            Self::Text { .. }
            | Self::Confidence(_)
            | Self::Like(_)
            | Self::Holds(_)
            | Self::Regex(_)
            | Self::Xpath(_) => true,
        }
    }
}

/// Of a question that does not narrow, so many rows are asked about one by one by who can read them.
pub const FEW: u32 = 1_024;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody waits for it any more.
    #[error("stopped")]
    Stopped,
    /// This store cannot answer questions of the kind.
    #[error("this store cannot answer that")]
    Unanswerable,
    /// Of one row it takes longer than a row is given.
    #[error("row {row} takes too long")]
    TooLong { row: Seq },
    /// So much came that it is not known yet what all of it says.
    #[error("{rows} rows are not listened to yet")]
    Unheard { rows: u32 },
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Failure {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Stopped => Say::new("query-stopped"),
            Self::Unanswerable => Say::new("query-unanswerable"),
            Self::TooLong { row } => Say::new("query-too-long").with("row", row.to_string()),
            Self::Unheard { rows } => Say::new("guard-unheard").with("rows", rows.to_string()),
            Self::Store(error) => error.say(),
        }
    }
}

/// Tells an evaluation that its answer is not wanted any more. Dropping it does not.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// When it was told to stop.
    pub fn check(&self) -> Result<(), Failure> {
        if self.0.load(Ordering::Relaxed) { Err(Failure::Stopped) } else { Ok(()) }
    }
}

/// Questions between two words on how far it is.
const STEP: usize = 256;

/// Answers questions. Called off the window's thread; looks at `stop` every few thousand rows.
pub trait Lookup: Send + Sync {
    /// The rows the question holds for. Where `among` is given, only those of it need be looked at, and others may be left
    /// out or not.
    ///
    /// # Errors
    /// When it was stopped, cannot be answered here, or the store could not be read.
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure>;

    /// The rows with an observable in one of the spans: ascending, each once.
    ///
    /// # Errors
    /// As [`Lookup::answer`].
    fn rows(&self, spans: &[Span], stop: &Stop) -> Result<Vec<Seq>, Failure>;

    /// [`Lookup::rows`] of each of many; neighbours in the order of keys best beside each other. `told` hears how many were
    /// looked for.
    ///
    /// # Errors
    /// As [`Lookup::answer`].
    fn each(&self, asked: &[&[Span]], stop: &Stop, told: &mut dyn FnMut(usize)) -> Result<Vec<Vec<Seq>>, Failure> {
        let mut all = Vec::with_capacity(asked.len());
        for (done, spans) in asked.iter().enumerate() {
            if done.is_multiple_of(STEP) {
                stop.check()?;
                told(done);
            }
            all.push(self.rows(spans, stop)?);
        }
        Ok(all)
    }
}
