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

/// The hashes of all items, read when the first is asked for: 8 MB of 1,000,000, in some 20 MB.
#[derive(Debug, Default)]
pub struct Known(Option<HashSet<i64>>);

impl Known {
    /// Whether an item of this hash may be here; `false` is certain. One that a transaction took back may stay known.
    pub fn may_have(&mut self, connection: &Connection, key: i64) -> Result<bool, Fault> {
        Ok(self.all(connection)?.contains(&key))
    }

    pub fn add(&mut self, connection: &Connection, key: i64) -> Result<(), Fault> {
        let _ = self.all(connection)?.insert(key);
        Ok(())
    }

    fn all(&mut self, connection: &Connection) -> Result<&mut HashSet<i64>, Fault> {
        let known = match self.0.take() {
            Some(known) => known,
            None => {
                let mut read = connection.prepare("SELECT key FROM items")?;
                let known = read.query_map([], |row| row.get(0))?;
                known.collect::<Result<_, _>>()?
            }
        };
        Ok(self.0.insert(known))
    }
}
