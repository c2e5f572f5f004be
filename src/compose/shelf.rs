//! What the composer keeps: drafts, cards, templates and more, as texts on the shelves of a store ([`crate::store::shelf`]).
//!
//! May use `store`'s shelves.

mod desk;
mod reached;
mod save;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::store::local::Shelf;

pub use crate::store::shelf::{
    Aside, Kept, Read, Unread, all, body, free, from_toml, keep, keep_only, marked, only, put, remove, toml,
};
pub use desk::{DISCARDED, Drafts, Sheet};
pub use reached::Reached;
pub use save::{MOST, PAUSE, Saver, Standing};

/// A reason that was typed for a value, kept beyond its draft: an update asks no second time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Excuse {
    /// `IncidentID@name` and its text.
    pub csirt: String,
    pub id: String,
    /// What it is for ([`super::guard::Finding::about`]).
    pub about: String,
    pub words: String,
}

impl Kept for Excuse {
    const SHELF: Shelf = Shelf::Reasons;

    fn text(&self) -> String {
        toml(self)
    }

    fn read(text: &str) -> Result<Self, Unread> {
        from_toml(text)
    }
}

/// What is counted for incident numbers, as who counts writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter(pub String);

impl Kept for Counter {
    const SHELF: Shelf = Shelf::Numbers;

    fn text(&self) -> String {
        marked(&self.0)
    }

    fn read(text: &str) -> Result<Self, Unread> {
        body(text).map(|body| Self(body.to_owned()))
    }
}
