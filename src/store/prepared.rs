//! What waits for a commit: an item as it came, or what its store made of it.
//!
//! May use the contract in `store`.

use chrono::{DateTime, Utc};

use super::{Incoming, Route, archive};

/// How an item came, and when.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub route: Route,
    pub received: DateTime<Utc>,
    pub delayed: Option<DateTime<Utc>>,
}

impl Incoming {
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        Arrival { route: self.route, received: self.received, delayed: self.delayed }
    }
}

/// What a store made of an item for its commit ([`Store::prepare`]).
#[derive(Debug)]
pub enum Prepared {
    /// Nothing.
    Item(Box<Incoming>),
    /// What the archive writes, and no more.
    Made(Box<archive::Made>),
}

impl Prepared {
    /// The length of its payload as it came, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Item(incoming) => incoming.payload.as_ref().map_or(0, |payload| payload.bytes.len()),
            Self::Made(made) => made.size(),
        }
    }

    pub(super) fn as_item(&self) -> Option<&Incoming> {
        match self {
            Self::Item(incoming) => Some(incoming),
            Self::Made(_) => None,
        }
    }

    pub(super) fn item(self) -> Option<Incoming> {
        match self {
            Self::Item(incoming) => Some(*incoming),
            Self::Made(_) => None,
        }
    }
}
