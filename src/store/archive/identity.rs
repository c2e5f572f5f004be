//! Which items are here: the keyed hash of each ([`super::key::Digests::key`]) as a word of an index of its own. A table of
//! them in order would touch a random page for each new item, which was a third of the time of a commit among a million; this
//! index appends and merges. A writer to whom many come has the hashes of all items in memory, so that nothing is looked up of
//! an item that was never here.
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

/// The hashes of all items, as far as they tell that an item is not here.
#[derive(Debug)]
pub enum Known {
    /// Until then each item is asked for in the index, as so many were.
    Unread {
        asked: usize,
    },
    /// They could not be read: each item is asked for in the index.
    Unreadable,
    Read(Hashes),
}

impl Default for Known {
    fn default() -> Self {
        Self::Unread { asked: 0 }
    }
}

/// Items that are asked for in the index before the hashes of all are read: what a session begins with comes while its window
/// loads all else, and is seldom more.
pub const FEW: usize = 256;

impl Known {
    /// Reads them by `look` when `more` items are too many to be asked for: through a reader's connection, as one that meets a
    /// damaged page writes no more.
    pub fn read(&mut self, more: usize, look: impl FnOnce() -> Result<Hashes, Fault>) {
        if let Self::Unread { asked } = self {
            *asked = asked.saturating_add(more);
            if *asked > FEW {
                *self = look().map_or(Self::Unreadable, Self::Read);
            }
        }
    }

    /// Whether an item of this hash may be here; `false` is certain. One that a transaction took back may stay known.
    pub fn may_have(&self, key: i64) -> bool {
        !matches!(self, Self::Read(known) if !known.has(key))
    }

    pub fn add(&mut self, key: i64) {
        if let Self::Read(known) = self {
            known.add(key);
        }
    }
}

/// The first half of each hash: 4 MB of 1,000,000 items. Of new items one in four thousand is then asked for in the index.
#[derive(Debug, Default)]
pub struct Hashes {
    sorted: Vec<u32>,
    /// Those that came since.
    late: HashSet<u32>,
}

/// Hashes that came before they are sorted among the others, which takes some milliseconds.
const LATE: usize = 1 << 15;

impl Hashes {
    fn of(key: i64) -> u32 {
        u32::try_from(key.cast_unsigned() >> u32::BITS).unwrap_or_default()
    }

    fn has(&self, key: i64) -> bool {
        let own = Self::of(key);
        self.late.contains(&own) || self.sorted.binary_search(&own).is_ok()
    }

    fn add(&mut self, key: i64) {
        let _ = self.late.insert(Self::of(key));
        if self.late.len() >= LATE {
            let mut late: Vec<u32> = self.late.drain().collect();
            late.sort_unstable();
            self.sorted.reserve_exact(late.len());
            self.sorted.extend(late);
            // Two sorted runs: the standard sort merges them in one pass.
            self.sorted.sort();
        }
    }

    /// Bytes on the heap, as nearly as one can count.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.sorted.capacity() * size_of::<u32>() + self.late.capacity() * (size_of::<u32>() + 1) * 8 / 7
    }
}

/// The hashes of all items.
pub fn all(connection: &Connection) -> Result<Hashes, Fault> {
    let mut read = connection.prepare("SELECT key FROM items")?;
    let keys = read.query_map([], |row| Ok(Hashes::of(row.get(0)?)))?;
    let mut sorted = keys.collect::<Result<Vec<u32>, _>>()?;
    sorted.sort_unstable();
    sorted.dedup();
    sorted.shrink_to_fit();
    Ok(Hashes { sorted, late: HashSet::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_asked_for_in_the_index_and_many_read_once() {
        let mut known = Known::default();
        let mut looks = 0;
        let mut read = |known: &mut Known, more: usize| {
            known.read(more, || {
                looks += 1;
                Ok(Hashes::default())
            });
            looks
        };
        assert_eq!((read(&mut known, FEW - 1), read(&mut known, 1)), (0, 0));
        assert!(known.may_have(7), "nobody knows yet");
        assert_eq!((read(&mut known, 1), read(&mut known, FEW + 1)), (1, 1));
        assert!(!known.may_have(7));
        let mut unreadable = Known::default();
        unreadable.read(FEW + 1, || Err(Fault::Busy));
        assert!(unreadable.may_have(7));
    }

    #[test]
    fn what_was_never_here_is_known_and_a_hash_takes_no_more_than_8_bytes() {
        // Of keys that differ in their first halves and of some that do not.
        let key = |number: u64| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (number % 3)).cast_signed();
        let rows = 81_920;
        let mut known = Known::Read(Hashes::default());
        for number in 0..rows {
            assert!(!known.may_have(key(number)), "{number}");
            known.add(key(number));
            assert!(known.may_have(key(number)) && known.may_have(key(number / 2)));
        }
        let Known::Read(hashes) = &known else { panic!() };
        assert!(hashes.bytes() as f64 / rows as f64 <= 8.0, "{} bytes of {rows}", hashes.bytes());
        assert_eq!(hashes.sorted.len(), 2 * LATE);
        assert!(known.may_have(key(7) ^ 1), "as if it were another's");
        assert!(Known::Unreadable.may_have(key(rows)));
    }
}
