//! What the composer keeps: drafts, cards, templates and more, as texts on the shelves of a store ([`crate::store::shelf`]).
//!
//! May use `store`'s shelves.

mod desk;
mod reached;
mod save;
#[cfg(test)]
mod tests;

use crate::store::local::Shelf;

pub use crate::store::shelf::{
    Aside, Kept, Read, Unread, all, body, free, from_toml, keep, keep_only, marked, only, put, remove, toml,
};
pub use desk::{DISCARDED, Drafts, Sheet};
pub use reached::Reached;
pub use save::{MOST, PAUSE, Saver, Standing};

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
