//! Where all rows stand in an order by words of theirs: each row is read once, and few texts are in memory at a time. Some
//! rows' words divide all others into sections; within one, the first letters behind what all of it has in common tell most
//! rows apart, and those that they do not are read again. What stays is four bytes a row and the dividing words, by which a row
//! that comes later finds its place with few looks.
//!
//! May use the sets of rows.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;

use super::{Bitmap, Failure, Stop};
use crate::store::Seq;

/// Rows whose words divide the others. Which they are is left to chance: whoever writes titles cannot aim at it.
const MARKS: u32 = 8_192;
/// Rows read under one look at whether somebody still waits.
const PART: usize = 1_024;
/// Rows that are read again at once, and texts that are kept of looks for places.
const AGAIN: usize = 8_192;
/// Letters of a text beside its section, in bytes: what a key has room for.
const LETTERS: usize = 14;
/// The first letters of a text, in bytes.
const FIRST: usize = 16;
/// A row that comes later takes as many looks as so many rows read in their order.
const DEAR: u32 = 32;

/// Tells the words of rows, as they are ordered by. Rows of which nothing is told have none.
pub type Read<'a> = dyn Fn(&[Seq], &mut dyn FnMut(Seq, String)) -> Result<(), Failure> + 'a;

/// See the module. Rows with the same words have the same rank.
#[derive(Default)]
pub struct Ranks {
    ranks: Vec<u32>,
    marks: Vec<(Box<str>, u32)>,
    /// So many rows were divided by them.
    divided: u32,
}

impl fmt::Debug for Ranks {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ranks({} rows)", self.ranks.len())
    }
}

impl Ranks {
    /// Of as many rows.
    ///
    /// # Errors
    /// When it was stopped or rows could not be read.
    pub fn read(len: u32, read: &Read<'_>, stop: &Stop) -> Result<Self, Failure> {
        let sections = Sections::choose(len, read, stop)?;
        let mut keys = vec![sections.key(""); len as usize];
        let mut rows: Vec<Seq> = (0..len).collect();
        each(&rows, read, stop, &mut |row, words| {
            if let Some(key) = keys.get_mut(row as usize) {
                *key = sections.key(&words);
            }
        })?;
        let key = |row: Seq| keys.get(row as usize).copied().unwrap_or_default();
        rows.sort_unstable_by_key(|row| key(*row));
        let same = settle(&mut rows, &key, read, stop)?;
        let (mut ranks, mut marks) = (vec![0; keys.len()], Vec::with_capacity(sections.marks.len()));
        let mut rank = 0;
        for (place, row) in (0..).zip(&rows) {
            rank += u32::from(place > 0 && !same.contains(place));
            ranks.get_mut(*row as usize).into_iter().for_each(|own| *own = rank);
            let mark = sections.is(key(*row)).filter(|_| !same.contains(place));
            marks.extend(mark.map(|mark| (Box::from(mark), rank)));
        }
        Ok(Self { ranks, marks, divided: len })
    }

    /// Known from elsewhere.
    #[must_use]
    pub fn known(ranks: Vec<u32>) -> Self {
        Self { ranks, ..Self::default() }
    }

    /// Where a row stands.
    #[must_use]
    pub fn of(&self, row: Seq) -> u32 {
        self.ranks.get(row as usize).copied().unwrap_or_default()
    }

    /// Rows from here on came later.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.ranks.len()).unwrap_or(u32::MAX)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    /// With the rows that came since, and those that changed. Where a row of which nothing was told is called something else
    /// meanwhile, nothing can be placed by it, and all are read.
    ///
    /// # Errors
    /// As [`Ranks::read`].
    pub fn again(&self, len: u32, changed: &Bitmap, read: &Read<'_>, stop: &Stop) -> Result<Self, Failure> {
        let mut later: Vec<Seq> = changed.iter().filter(|row| *row < self.len()).collect();
        later.extend(self.len()..len);
        let many = u32::try_from(later.len()).unwrap_or(u32::MAX);
        if many.saturating_mul(DEAR) > len || len / 2 > self.divided {
            return Self::read(len, read, stop);
        }
        let words = called(&later, read, stop)?;
        let mut later: Vec<(&str, Seq)> =
            later.iter().map(|row| (words.get(row).map_or("", String::as_str), *row)).collect();
        later.sort_unstable();
        let mut looks = Looks::new(self, changed, read, stop);
        // Ranks before which new ones come, in their order.
        let (mut before, mut placed) = (Vec::new(), Vec::with_capacity(later.len()));
        let (mut last, mut bare): (Option<(&str, u32)>, Option<u32>) = (None, None);
        for (words, row) in later {
            let rank = match last.filter(|(same, _)| *same == words) {
                Some((_, rank)) => rank,
                None => {
                    let Some(place) = looks.place(words)? else { return Self::read(len, read, stop) };
                    let rank = place.unwrap_or_else(|place| place) + u32::try_from(before.len()).unwrap_or(u32::MAX);
                    before.extend(place.err());
                    rank
                }
            };
            last = Some((words, rank));
            bare = bare.or(words.is_empty().then_some(rank));
            placed.push((row, rank));
        }
        let moved = |rank: u32| rank + u32::try_from(before.partition_point(|at| *at <= rank)).unwrap_or(u32::MAX);
        let mut ranks: Vec<u32> = self.ranks.iter().map(|rank| moved(*rank)).collect();
        ranks.resize(ranks.len().max(len as usize), 0);
        for (row, rank) in placed {
            ranks.get_mut(row as usize).into_iter().for_each(|own| *own = rank);
        }
        let mut marks: Vec<_> = self.marks.iter().map(|(words, rank)| (words.clone(), moved(*rank))).collect();
        // The first that has no words: whoever else has none and is not of its rank had some.
        let bare = bare.filter(|_| marks.first().is_none_or(|(words, _)| !words.is_empty()));
        if let Some(rank) = bare {
            marks.insert(0, (Box::from(""), rank));
        }
        Ok(Self { ranks, marks, divided: self.divided })
    }
}

fn each(rows: &[Seq], read: &Read<'_>, stop: &Stop, take: &mut dyn FnMut(Seq, String)) -> Result<(), Failure> {
    for part in rows.chunks(PART) {
        stop.check()?;
        read(part, take)?;
    }
    Ok(())
}

/// What these rows are called.
fn called(rows: &[Seq], read: &Read<'_>, stop: &Stop) -> Result<HashMap<Seq, String>, Failure> {
    let mut words = HashMap::with_capacity(rows.len());
    each(rows, read, stop, &mut |row, own| drop(words.insert(row, own)))?;
    Ok(words)
}

/// The sections that words divide a text's place into: what is before the first of them, what is that one, what is between
/// it and the second…
struct Sections {
    marks: Vec<Box<str>>,
    /// The first letters of each, to look through without going to the texts.
    heads: Vec<u128>,
    /// So many bytes all texts of a section between two of them have in common.
    common: Vec<usize>,
}

impl Sections {
    fn choose(len: u32, read: &Read<'_>, stop: &Stop) -> Result<Self, Failure> {
        let chance = RandomState::new();
        let step = len.div_ceil(MARKS).max(1);
        let within = |first: u32| first + u32::try_from(chance.hash_one(first) % u64::from(step)).unwrap_or_default();
        let rows: Vec<Seq> =
            (0..len).step_by(step as usize).map(|first| within(first).min(len.saturating_sub(1))).collect();
        // Those that have no words are many, or none.
        let mut marks = vec![Box::from("")];
        each(&rows, read, stop, &mut |_, words| marks.push(words.into_boxed_str()))?;
        marks.sort_unstable();
        marks.dedup();
        let common = marks.windows(2).map(|two| match two {
            [one, other] => one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count(),
            _ => 0,
        });
        let common = std::iter::once(0).chain(common).chain(std::iter::once(0)).collect();
        let heads = marks.iter().map(|mark| head(mark.as_bytes(), FIRST)).collect();
        Ok(Self { marks, heads, common })
    }

    /// Of two texts the greater has no lesser key. Those with the same key are the same where the key is a mark's.
    fn key(&self, words: &str) -> u128 {
        let own = head(words.as_bytes(), FIRST);
        let (from, until) =
            (self.heads.partition_point(|head| *head < own), self.heads.partition_point(|head| *head <= own));
        let alike = self.marks.get(from..until).unwrap_or_default();
        let before = from + alike.partition_point(|mark| **mark < *words);
        let is_mark = self.marks.get(before).is_some_and(|mark| **mark == *words);
        let section = 2 * before as u128 + u128::from(is_mark);
        let common = self.common.get(before).copied().unwrap_or_default();
        let letters = if is_mark { 0 } else { head(words.as_bytes().get(common..).unwrap_or_default(), LETTERS) };
        section << (8 * LETTERS) | letters
    }

    /// The mark that has this key.
    fn is(&self, key: u128) -> Option<&str> {
        is_marks(key).then(|| self.marks.get((key >> (8 * LETTERS)) as usize / 2)).flatten().map(|mark| &**mark)
    }
}

fn is_marks(key: u128) -> bool {
    key >> (8 * LETTERS) & 1 == 1
}

/// The first bytes as a number that is ordered as they are.
fn head(bytes: &[u8], most: usize) -> u128 {
    let mut number = 0;
    for place in 0..most {
        number = number << 8 | u128::from(bytes.get(place).copied().unwrap_or_default());
    }
    number
}

/// Puts rows that have the same key in order by reading them again, and tells at which places a row is called as the one
/// before it.
fn settle(rows: &mut [Seq], key: &dyn Fn(Seq) -> u128, read: &Read<'_>, stop: &Stop) -> Result<Bitmap, Failure> {
    let (mut same, mut alike, mut many) = (Bitmap::default(), Vec::new(), 0);
    let mut first = 0;
    while let Some(own) = rows.get(first).map(|row| key(*row)) {
        let length = rows.get(first..).unwrap_or_default().iter().take_while(|row| key(**row) == own).count();
        let end = first + length;
        if is_marks(own) {
            (first + 1..end).for_each(|place| same.insert(number(place)));
        } else if length > 1 {
            alike.push(first..end);
            many += length;
        }
        first = end;
        if many >= AGAIN {
            resolve(rows, &std::mem::take(&mut alike), &mut same, read, stop)?;
            many = 0;
        }
    }
    resolve(rows, &alike, &mut same, read, stop)?;
    Ok(same)
}

fn resolve(
    rows: &mut [Seq],
    alike: &[std::ops::Range<usize>],
    same: &mut Bitmap,
    read: &Read<'_>,
    stop: &Stop,
) -> Result<(), Failure> {
    let mut all: Vec<Seq> = alike.iter().filter_map(|group| rows.get(group.clone())).flatten().copied().collect();
    // In the order in which they stand in the store.
    all.sort_unstable();
    let words = called(&all, read, stop)?;
    let words = |row: &Seq| words.get(row).map_or("", String::as_str);
    for group in alike {
        let Some(own) = rows.get_mut(group.clone()) else { continue };
        own.sort_unstable_by(|one, other| words(one).cmp(words(other)));
        for (place, two) in (group.start + 1..).zip(own.windows(2)) {
            if matches!(two, [one, other] if words(one) == words(other)) {
                same.insert(number(place));
            }
        }
    }
    Ok(())
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Looks for the places of other words among rows that stand in their order.
struct Looks<'a> {
    on: &'a Ranks,
    /// A row of each rank that has one, in the order of ranks.
    rows: Vec<Seq>,
    seen: HashMap<Seq, String>,
    read: &'a Read<'a>,
    stop: &'a Stop,
}

impl<'a> Looks<'a> {
    fn new(on: &'a Ranks, changed: &Bitmap, read: &'a Read<'a>, stop: &'a Stop) -> Self {
        let ranks = on.ranks.iter().max().map_or(0, |last| *last as usize + 1);
        let mut rows = vec![Seq::MAX; ranks];
        for (row, rank) in (0..).zip(&on.ranks) {
            if !changed.contains(row) {
                rows.get_mut(*rank as usize).into_iter().for_each(|own| *own = row);
            }
        }
        rows.retain(|row| *row != Seq::MAX);
        Self { on, rows, seen: HashMap::new(), read, stop }
    }

    /// The rank that has these words, or the one before which they come; nothing where a row is not called what it was.
    fn place(&mut self, words: &str) -> Result<Option<Result<u32, u32>>, Failure> {
        let marks = &self.on.marks;
        let next = marks.partition_point(|(mark, _)| **mark < *words);
        let bound = marks.get(next);
        if let Some((_, rank)) = bound.filter(|(mark, _)| **mark == *words) {
            return Ok(Some(Ok(*rank)));
        }
        let before = next.checked_sub(1).and_then(|before| marks.get(before));
        // No words are a mark where any row has none.
        let least = before.map_or("", |(mark, _)| mark);
        let is_here = |own: &str| own > least && bound.is_none_or(|(mark, _)| own < &**mark);
        let mut place = before.map_or(0, |(_, rank)| rank + 1);
        let end = bound.map_or(u32::MAX, |(_, rank)| *rank);
        let (mut from, mut until) = {
            let at = |rank: u32| self.rows.partition_point(|row| self.on.of(*row) < rank);
            (at(place), at(end))
        };
        while from < until {
            let middle = usize::midpoint(from, until);
            let Some(row) = self.rows.get(middle).copied() else { break };
            let rank = self.on.of(row);
            let own = self.words(row)?;
            if !is_here(own) {
                return Ok(None);
            }
            match own.cmp(words) {
                Ordering::Equal => return Ok(Some(Ok(rank))),
                Ordering::Less => (from, place) = (middle + 1, rank + 1),
                Ordering::Greater => until = middle,
            }
        }
        Ok(Some(Err(place)))
    }

    fn words(&mut self, row: Seq) -> Result<&str, Failure> {
        if self.seen.len() >= AGAIN {
            self.seen.clear();
        }
        if !self.seen.contains_key(&row) {
            let own = called(&[row], self.read, self.stop)?;
            let _ = self.seen.insert(row, own.into_values().next().unwrap_or_default());
        }
        Ok(self.seen.get(&row).map_or("", String::as_str))
    }
}

#[cfg(test)]
mod tests;
