//! Which items are here: the keyed hash of each ([`super::key::Digests::key`]) as a word of an index of its own. A table of
//! them in order would touch a random page for each new item, which was a third of the time of a commit among a million; this
//! index appends and merges. A writer has the hashes of all items in memory, so that nothing is looked up of an item that was
//! never here.
//!
//! May use rusqlite.

use std::collections::HashSet;

use rusqlite::Connection;

use super::fault::Fault;

/// Of `items`: those that bear this hash, or by the chance of one in 2^64 seem to. Takes [`word`].
pub const BEARS: &str = "seq IN (SELECT rowid FROM identities WHERE identities MATCH ?)";

/// The hash as the index has it.
pub fn word(key: i64) -> String {
    format!("{:016x}", key.cast_unsigned())
}

/// The hashes of all items: 8 MB of 1,000,000, in some 20 MB.
#[derive(Debug, Default)]
pub enum Known {
    #[default]
    Unread,
    /// They could not be read: each item is asked for in the index.
    Unreadable,
    Read(HashSet<i64>),
}

impl Known {
    /// Reads them by `look` when the first commit comes: through a reader's connection, as one that meets a damaged page writes
    /// no more.
    pub fn read(&mut self, look: impl FnOnce() -> Result<HashSet<i64>, Fault>) {
        if matches!(self, Self::Unread) {
            *self = look().map_or(Self::Unreadable, Self::Read);
        }
    }

    /// Whether an item of this hash may be here; `false` is certain. One that a transaction took back may stay known.
    pub fn may_have(&self, key: i64) -> bool {
        !matches!(self, Self::Read(known) if !known.contains(&key))
    }

    pub fn add(&mut self, key: i64) {
        if let Self::Read(known) = self {
            let _ = known.insert(key);
        }
    }
}

/// The hashes of all items.
pub fn all(connection: &Connection) -> Result<HashSet<i64>, Fault> {
    let mut read = connection.prepare("SELECT key FROM items")?;
    Ok(read.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}
