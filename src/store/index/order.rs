//! Sorting: the rows of an answer by a column, newest or greatest first or last.
//!
//! What stands in no column (a title, a publisher's number, tags) is ordered by [`Words`] that somebody else read. Rows with the
//! same words stand by their time, newest first, where no other order is chosen for them.

use std::collections::HashMap;
use std::sync::Arc;

use super::Bitmap;
use super::columns::{CHUNK, Chunk, Snapshot, Time};
use super::marks::Code;
use super::ranks::Ranks;
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
    places: Places,
}

#[derive(Clone, Debug)]
enum Places {
    /// Of the rows of one answer.
    Few(HashMap<Seq, u32>),
    /// Of all rows.
    All(Arc<Ranks>),
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
        Self { by, places: Places::Few(places) }
    }

    /// Where all rows stand.
    #[must_use]
    pub fn all(by: By, ranks: Arc<Ranks>) -> Self {
        Self { by, places: Places::All(ranks) }
    }

    /// They are of all rows.
    #[must_use]
    pub fn is_all(&self) -> bool {
        matches!(self.places, Places::All(_))
    }

    fn place(&self, row: Seq) -> u32 {
        match &self.places {
            Places::Few(places) => places.get(&row).copied().unwrap_or_default(),
            Places::All(ranks) => ranks.of(row),
        }
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

/// An order by columns, as a key of each row: of two rows the lesser comes first.
#[derive(Debug)]
pub struct Order<'a> {
    on: &'a Snapshot,
    first: Side<'a>,
    then: Option<Side<'a>>,
    /// Of what is equal in both, what came last stands first.
    newest: bool,
}

/// The value of a first column, of a second one, and the row.
pub type Key = (u32, u32, u32);

/// One column of an order.
#[derive(Debug)]
struct Side<'a> {
    sort: Sort,
    ranks: Vec<u32>,
    /// Where rows stand in an order by words.
    words: Option<&'a Words>,
}

impl<'a> Order<'a> {
    /// `None` for an order by words that are not among these.
    #[must_use]
    pub fn new(on: &'a Snapshot, sort: Sort, then: Option<Sort>, words: &'a [Words]) -> Option<Self> {
        let lacks = |sort: Sort| sort.by.is_words() && of(words, sort.by).is_none();
        (!std::iter::once(sort).chain(then).any(lacks)).then(|| Self::worded(on, sort, then, words))
    }

    fn worded(on: &'a Snapshot, sort: Sort, then: Option<Sort>, words: &'a [Words]) -> Self {
        let then = then.filter(|then| then.by != sort.by && sort.by != By::Received);
        let then = then.or_else(|| sort.by.is_words().then(Sort::default));
        let side = |sort: Sort| Side { sort, ranks: ranks(on, sort.by), words: of(words, sort.by) };
        let newest = sort.descending || sort.by.is_words();
        Self { on, first: side(sort), then: then.map(side), newest }
    }

    #[must_use]
    pub fn key(&self, row: Seq) -> Key {
        let then = self.then.as_ref().map_or(0, |then| then.value(self.on, row));
        (self.first.value(self.on, row), then, self.way(row))
    }

    /// The row of a key.
    #[must_use]
    pub fn row(&self, (_, _, row): Key) -> Seq {
        self.way(row)
    }

    fn way(&self, row: Seq) -> Seq {
        if self.newest { !row } else { row }
    }

    /// No row of this chunk has a lesser key.
    pub(super) fn least(&self, chunk: usize) -> Key {
        let Some(own) = self.on.chunks.get(chunk) else { return Key::default() };
        let first = chunk * CHUNK;
        let last = first + own.len().saturating_sub(1);
        let row = if self.newest { last } else { first };
        let then = self.then.as_ref().map_or(0, |then| then.least(own, first, last));
        (self.first.least(own, first, last), then, self.way(Seq::try_from(row).unwrap_or(Seq::MAX)))
    }
}

impl Side<'_> {
    fn way(&self, value: u32) -> u32 {
        if self.sort.descending { !value } else { value }
    }

    fn value(&self, on: &Snapshot, row: Seq) -> u32 {
        let value = match (self.sort.by, self.words) {
            (By::Received, _) => row,
            (_, Some(words)) => words.place(row),
            (by, None) => {
                let chunk = on.chunks.get(row as usize / CHUNK);
                chunk.map_or(0, |chunk| key(chunk, row as usize % CHUNK, by, &self.ranks))
            }
        };
        self.way(value)
    }

    fn least(&self, chunk: &Chunk, first: usize, last: usize) -> u32 {
        let row = |row: usize| u32::try_from(row).unwrap_or(Seq::MAX);
        let (low, high) = match (self.sort.by, self.words) {
            (By::Received, _) => (row(first), row(last)),
            (By::At, _) => ends(chunk.at.iter().copied()),
            (By::Size, _) => ends(chunk.size.iter().copied()),
            (_, Some(words)) => ends((row(first)..=row(last)).map(|row| words.place(row))),
            (by, None) => ends((0..chunk.len()).map(|at| key(chunk, at, by, &self.ranks))),
        };
        self.way(if self.sort.descending { high } else { low })
    }
}

/// The least and the greatest.
fn ends(values: impl Iterator<Item = u32>) -> (u32, u32) {
    values.fold((u32::MAX, 0), |(low, high), value| (low.min(value), high.max(value)))
}

/// The rows in order.
#[must_use]
pub fn sorted(rows: &Bitmap, on: &Snapshot, sort: Sort) -> Arc<[Seq]> {
    if sort.by == By::Received {
        return if sort.descending { rows.iter().rev().collect() } else { rows.iter().collect() };
    }
    // The key above, the row below: one word to compare, and a tie is decided by the row.
    let mut keyed = keyed(rows, on, sort.by);
    // Rows come nearly in the order of most columns of time, which this sort makes use of.
    keyed.sort();
    let row = |word: &u64| (word & u64::from(u32::MAX)) as Seq;
    if sort.descending { keyed.iter().rev().map(row).collect() } else { keyed.iter().map(row).collect() }
}

/// The rows in one order and, where they are equal in it, in another. Rows equal in both keep the order of receiving; those
/// with the same words, newest first.
/// `words` for what of the two stands in no column; where they lack, rows are alike.
#[must_use]
pub fn sorted_then(rows: &Bitmap, on: &Snapshot, sort: Sort, then: Option<Sort>, words: &[Words]) -> Arc<[Seq]> {
    let order = Order::worded(on, sort, then, words);
    if order.then.is_none() {
        return sorted(rows, on, sort);
    }
    let mut keyed: Vec<Key> = rows.iter().map(|row| order.key(row)).collect();
    keyed.sort();
    keyed.into_iter().map(|key| order.row(key)).collect()
}

/// Where a row that arrived or changed belongs in an order that stands.
#[must_use]
pub fn place(order: &[Seq], row: Seq, on: &Snapshot, sort: Sort) -> usize {
    let ranks = ranks(on, sort.by);
    let key = |row: Seq| {
        let chunk = on.chunks.get(row as usize / CHUNK);
        let key = chunk.map_or(0, |chunk| key(chunk, row as usize % CHUNK, sort.by, &ranks));
        u64::from(key) << 32 | u64::from(row)
    };
    let own = key(row);
    order.partition_point(|other| if sort.descending { key(*other) > own } else { key(*other) < own })
}

fn of(words: &[Words], by: By) -> Option<&Words> {
    words.iter().find(|words| words.by == by)
}

fn keyed(rows: &Bitmap, on: &Snapshot, by: By) -> Vec<u64> {
    let ranks = ranks(on, by);
    let mut keyed = Vec::with_capacity(rows.count() as usize);
    for (index, chunk) in on.chunks.iter().enumerate() {
        let first = index * CHUNK;
        let words = rows.words(first / 64, (first + CHUNK) / 64);
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
