//! Sorting: the rows of an answer by a column, newest or greatest first or last.
//!
//! What stands in no column (a title, a publisher's number, tags) is ordered by [`Words`] that somebody else read.

use std::collections::HashMap;
use std::sync::Arc;

use super::Bitmap;
use super::columns::{Chunk, Snapshot, Time};
use super::marks::Code;
use super::source::Part;
use crate::store::Seq;

/// What rows are sorted by. Equal rows keep the order of receiving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum By {
    /// The time the feed ages by.
    #[default]
    At,
    Received,
    Severity,
    Label,
    Topic,
    From,
    Csirt,
    Status,
    Detected,
    Started,
    Size,
    Observables,
    Unread,
    Title,
    Id,
    Tags,
}

impl By {
    /// Ordered by words of the rows themselves, which no column holds.
    #[must_use]
    pub fn is_words(self) -> bool {
        matches!(self, Self::Title | Self::Id | Self::Tags)
    }

    /// A name or a text: read from A to Z, where the rest shows what is most at the top.
    #[must_use]
    pub fn is_named(self) -> bool {
        self.is_words() || matches!(self, Self::Topic | Self::From | Self::Csirt)
    }
}

/// What rows are called, for an order by what no column holds: each row's place among the others.
#[derive(Clone, Debug)]
pub struct Words {
    by: By,
    places: HashMap<Seq, u32>,
}

impl Words {
    /// Rows with the same words have the same place.
    #[must_use]
    pub fn new(by: By, mut named: Vec<(String, Seq)>) -> Self {
        named.sort_unstable();
        let mut places = HashMap::with_capacity(named.len());
        let (mut place, mut last) = (0_u32, None);
        for (words, row) in named {
            if last.as_ref().is_some_and(|last| *last != words) {
                place += 1;
            }
            let _ = places.insert(row, place);
            last = Some(words);
        }
        Self { by, places }
    }
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    pub by: By,
    pub descending: bool,
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Self { by: By::At, descending: true }
    }
}

/// The rows in order.
#[must_use]
pub fn sorted(rows: &Bitmap, on: &Snapshot, sort: Sort) -> Arc<[Seq]> {
    sorted_by(rows, on, sort, &[])
}

fn sorted_by(rows: &Bitmap, on: &Snapshot, sort: Sort, words: &[Words]) -> Arc<[Seq]> {
    if sort.by == By::Received {
        return if sort.descending { rows.iter().rev().collect() } else { rows.iter().collect() };
    }
    // The key above, the row below: one word to compare, and a tie is decided by the row.
    let mut keyed = keyed(rows, on, sort.by, words);
    // Rows come nearly in the order of most columns of time, which this sort makes use of.
    keyed.sort();
    let row = |word: &u64| (word & u64::from(u32::MAX)) as Seq;
    if sort.descending { keyed.iter().rev().map(row).collect() } else { keyed.iter().map(row).collect() }
}

/// The rows in one order and, where they are equal in it, in another. Rows equal in both keep the order of receiving.
/// `words` for what of the two stands in no column; where they lack, rows are alike.
#[must_use]
pub fn sorted_then(rows: &Bitmap, on: &Snapshot, sort: Sort, then: Option<Sort>, words: &[Words]) -> Arc<[Seq]> {
    let Some(then) = then.filter(|then| then.by != sort.by && sort.by != By::Received) else {
        return sorted_by(rows, on, sort, words);
    };
    let places = of(words, then.by);
    let second = ranks(on, then.by);
    let keys = |word: u64| {
        let (first, row) = ((word >> 32) as u32, (word & u64::from(u32::MAX)) as Seq);
        let own = if then.by == By::Received {
            row
        } else if let Some(places) = places {
            places.get(&row).copied().unwrap_or_default()
        } else {
            let chunk = on.chunks.get(row as usize / super::columns::CHUNK);
            chunk.map_or(0, |chunk| key(chunk, row as usize % super::columns::CHUNK, then.by, &second))
        };
        let way = |key: u32, descending| if descending { !key } else { key };
        (way(first, sort.descending), way(own, then.descending), way(row, sort.descending))
    };
    let mut keyed: Vec<_> = keyed(rows, on, sort.by, words).into_iter().map(keys).collect();
    keyed.sort();
    keyed.into_iter().map(|(_, _, row)| if sort.descending { !row } else { row }).collect()
}

/// Where a row that arrived or changed belongs in an order that stands.
#[must_use]
pub fn place(order: &[Seq], row: Seq, on: &Snapshot, sort: Sort) -> usize {
    let ranks = ranks(on, sort.by);
    let key = |row: Seq| {
        let chunk = on.chunks.get(row as usize / super::columns::CHUNK);
        let key = chunk.map_or(0, |chunk| key(chunk, row as usize % super::columns::CHUNK, sort.by, &ranks));
        u64::from(key) << 32 | u64::from(row)
    };
    let own = key(row);
    order.partition_point(|other| if sort.descending { key(*other) > own } else { key(*other) < own })
}

/// Where rows stand in an order by words.
fn of(words: &[Words], by: By) -> Option<&HashMap<Seq, u32>> {
    words.iter().find(|words| words.by == by).map(|words| &words.places)
}

fn keyed(rows: &Bitmap, on: &Snapshot, by: By, words: &[Words]) -> Vec<u64> {
    if let Some(places) = of(words, by) {
        let key = |row: Seq| u64::from(places.get(&row).copied().unwrap_or_default()) << 32 | u64::from(row);
        return rows.iter().map(key).collect();
    }
    let ranks = ranks(on, by);
    let mut keyed = Vec::with_capacity(rows.count() as usize);
    for (index, chunk) in on.chunks.iter().enumerate() {
        let first = index * super::columns::CHUNK;
        let words = rows.words(first / 64, (first + super::columns::CHUNK) / 64);
        for (at, word) in words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let inside = at * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                keyed.push(u64::from(key(chunk, inside, by, &ranks)) << 32 | (first + inside) as u64);
            }
        }
    }
    keyed
}

/// The places of sources for what is sorted by name.
fn ranks(on: &Snapshot, by: By) -> Vec<u32> {
    match by {
        By::Topic => on.sources().ranks(Part::Topic),
        By::From => on.sources().ranks(Part::From),
        By::Csirt => on.sources().ranks(Part::Csirt),
        _ => Vec::new(),
    }
}

fn key(chunk: &Chunk, at: usize, by: By, ranks: &[u32]) -> u32 {
    let get = |column: &[u32]| column.get(at).copied().unwrap_or_default();
    let code = |code: Code| {
        let marks = chunk.marks.get(at).copied().unwrap_or_default();
        u32::try_from(code.of(marks)).unwrap_or_default()
    };
    match by {
        By::At => get(chunk.time(Time::At)),
        By::Received | By::Title | By::Id | By::Tags => 0,
        By::Detected => get(chunk.time(Time::Detected)),
        By::Started => get(chunk.time(Time::Started)),
        By::Size => get(&chunk.size),
        By::Topic | By::From | By::Csirt => ranks.get(get(&chunk.source) as usize).copied().unwrap_or_default(),
        By::Severity => code(Code::SEVERITY),
        By::Label => code(Code::LABEL),
        By::Status => code(Code::STATUS),
        By::Observables => code(Code::OBSERVABLES),
        By::Unread => {
            let marks = chunk.marks.get(at).copied().unwrap_or_default();
            u32::from(marks & super::marks::Flags::UNREAD.bits() != 0)
        }
    }
}
