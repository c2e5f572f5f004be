//! What of a row needs no look at the file: made before its turn, beside the commit of those before it, so that a commit does
//! little more than write. What is not written is let go at once: in a flood the documents and summaries of a commit are more
//! than a processor's cache holds, and who commits would only come to free them.
//!
//! May use `model`, the store's rules and the archive's own pieces.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::key::Digests;
use super::pressed::Pressed;
use super::{facets, marks, summary};
use crate::model::{Observable, Summary};
use crate::store::index::said;
use crate::store::rules::sort_time;
use crate::store::{Arrival, Incoming, ItemKey, Payload};

/// An item's row, as far as the item tells it.
#[derive(Debug)]
pub struct Made {
    pub(super) key: ItemKey,
    pub(super) publisher: Option<String>,
    pub(super) arrival: Arrival,
    pub(super) history: bool,
    /// What the row is sorted by.
    pub(super) at: DateTime<Utc>,
    pub(super) columns: Columns,
    pub(super) digest: i64,
    pub(super) payload: Option<Carried>,
    pub(super) read: Read,
}

/// What a row says of its summary in columns of its own.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    pub severity: u8,
    pub tlp: u8,
    pub strictest: u8,
}

/// A payload as it is kept.
#[derive(Debug)]
pub struct Carried {
    pub scope: Arc<[(String, String)]>,
    /// Bytes of it as it came.
    pub size: usize,
    pub pressed: Pressed,
}

/// What is made of a summary, and of all that its document names.
#[derive(Debug)]
pub struct Read {
    /// As it is kept.
    pub summary: Vec<u8>,
    pub found: Found,
    /// Values that get a number.
    pub facets: BTreeSet<facets::Value>,
    /// An earlier version of this program read the document, and looked for less.
    pub is_bare: bool,
}

/// What finds a row.
#[derive(Clone, Debug)]
pub struct Found {
    pub words: String,
    /// Without the values that have numbers.
    pub marks: String,
}

impl Made {
    pub fn of(incoming: Incoming, digests: &Digests) -> Self {
        let (arrival, at) = (incoming.arrival(), sort_time(&incoming));
        let Incoming { key, payload, summary, observables, publisher, history, .. } = incoming;
        Self {
            key,
            publisher,
            arrival,
            history,
            at,
            columns: Columns::of(&summary),
            digest: digests.payload(payload.as_ref()),
            payload: payload.as_ref().map(Carried::of),
            read: Read::of(&summary, &observables),
        }
    }

    /// Of its payload, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.payload.as_ref().map_or(0, |payload| payload.size)
    }
}

impl Columns {
    pub fn of(summary: &Summary) -> Self {
        Self {
            severity: summary::severity(summary.severity),
            tlp: summary.restriction.tlp().code(),
            strictest: summary.strictest.tlp().code(),
        }
    }
}

impl Carried {
    pub fn of(payload: &Payload) -> Self {
        let Payload { bytes, scope } = payload;
        Self { scope: Arc::clone(scope), size: bytes.len(), pressed: Pressed::of(bytes) }
    }
}

impl Read {
    /// `more` is what the document names beside its summary.
    pub fn of(summary: &Summary, more: &[Observable]) -> Self {
        let found = Found { words: said::words(summary), marks: marks::of(summary, more) };
        let (facets, is_bare) = (facets::of(summary), summary.facets.is_none());
        Self { summary: summary::write(summary), found, facets, is_bare }
    }
}
