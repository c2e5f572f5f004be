//! A filter as the index understands it: tests of columns, questions for a [`super::Lookup`], and how they are joined.

use super::columns::Time;
use super::lookup::Question;
use super::marks::{Code, Flags};
use super::pattern::Pattern;
use super::source::Part;

/// A test that columns decide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    Source {
        part: Part,
        patterns: Vec<Pattern>,
    },
    /// It stands where documents from files do, whatever a broker calls its topics ([`crate::model::TopicId::is_imported`]).
    Imported,
    /// One of these values; the mask has a bit for each.
    Code {
        code: Code,
        values: u16,
    },
    /// All of these flags.
    Flags(Flags),
    /// A second in one of the spans, the end outside. Rows without the time are in none.
    Time {
        time: Time,
        spans: Vec<(i64, i64)>,
    },
    /// A count in one of the spans, both ends inside.
    Count {
        code: Code,
        spans: Vec<(u64, u64)>,
    },
    /// Bytes in one of the spans, both ends inside.
    Size(Vec<(u64, u64)>),
}

/// A filter, compiled for one moment (its times are instants).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Plan {
    /// All of them; everything if there are none.
    All(Vec<Plan>),
    /// One of them; nothing if there are none.
    Any(Vec<Plan>),
    Not(Box<Plan>),
    Test(Test),
    Ask(Question),
}

impl Plan {
    pub const EVERYTHING: Self = Self::All(Vec::new());
    pub const NOTHING: Self = Self::Any(Vec::new());

    /// Whether columns alone decide.
    #[must_use]
    pub fn is_columns(&self) -> bool {
        self.cost().is_none()
    }

    /// Whether every question in it narrows ([`Question::narrows`]).
    #[must_use]
    pub fn narrows(&self) -> bool {
        match self {
            Self::All(plans) | Self::Any(plans) => plans.iter().all(Self::narrows),
            Self::Not(plan) => plan.narrows(),
            Self::Test(_) => true,
            Self::Ask(question) => question.narrows(),
        }
    }

    /// What of it columns decide: a row that this does not hold for is not in the answer.
    #[must_use]
    pub fn columns(&self) -> Self {
        match self {
            plan if plan.is_columns() => plan.clone(),
            Self::All(plans) => Self::All(plans.iter().map(Self::columns).collect()),
            _ => Self::EVERYTHING,
        }
    }

    /// The cost of the dearest question in it.
    pub(super) fn cost(&self) -> Option<u8> {
        match self {
            Self::All(plans) | Self::Any(plans) => plans.iter().filter_map(Self::cost).max(),
            Self::Not(plan) => plan.cost(),
            Self::Test(_) => None,
            Self::Ask(question) => Some(question.cost()),
        }
    }
}
