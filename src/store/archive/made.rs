//! What of a row needs no look at the file: made before its turn, beside the commit of those before it, so that a commit does
//! little more than write.
//!
//! May use `model` and the archive's own pieces.

use std::collections::BTreeSet;

use super::key::Digests;
use super::pressed::Pressed;
use super::{facets, marks, summary};
use crate::model::{Observable, Summary};
use crate::store::index::said;
use crate::store::{Incoming, Payload};

/// What an item's row is written from, beside the item.
#[derive(Debug)]
pub struct Made {
    pub digest: i64,
    pub payload: Option<Pressed>,
    pub read: Read,
}

/// What is made of a summary, and of all that its document names.
#[derive(Debug)]
pub struct Read {
    /// As it is kept.
    pub summary: Vec<u8>,
    pub found: Found,
    /// Values that get a number.
    pub facets: BTreeSet<facets::Value>,
}

/// What finds a row.
#[derive(Clone, Debug)]
pub struct Found {
    pub words: String,
    /// Without the values that have numbers.
    pub marks: String,
}

impl Made {
    pub fn of(incoming: &Incoming, digests: &Digests) -> Self {
        let Incoming { payload, summary, observables, .. } = incoming;
        let digest = digests.payload(payload.as_ref());
        Self { digest, payload: payload.as_ref().map(press), read: Read::of(summary, observables) }
    }
}

/// A payload as it is kept.
pub fn press(payload: &Payload) -> Pressed {
    Pressed::of(&payload.bytes)
}

impl Read {
    /// `more` is what the document names beside its summary.
    pub fn of(summary: &Summary, more: &[Observable]) -> Self {
        let found = Found { words: said::words(summary), marks: marks::of(summary, more) };
        Self { summary: summary::write(summary), found, facets: facets::of(summary) }
    }
}
