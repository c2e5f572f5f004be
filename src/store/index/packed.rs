//! Columns as a store keeps them: those of a stretch of rows with the sources they name, so that a session's index begins
//! with reading bytes and not with reading every summary.
//!
//! Pure; may use `model` and the columns.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::columns::{Entry, second};
use super::incident::Told;
use super::marks::Flags;
use super::triples::Triple;
use crate::model::TopicId;
use crate::store::{Row, Seq};

/// Rows of a stretch. The first one's number is a multiple of it.
pub const STRETCH: Seq = 1_024;
/// What the bits of [`Packed::marks`] mean, and what rows are read for: raised with either, so that what was kept before is
/// made again.
pub const LAYOUT: u8 = 3;

/// A row's columns, without what only this console knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Its place among the stretch's sources.
    pub source: u32,
    pub at: u32,
    pub detected: u32,
    pub started: u32,
    pub size: u32,
    pub marks: u64,
}

impl Packed {
    /// Whether its marks hold these flags.
    #[must_use]
    pub fn has(&self, flags: Flags) -> bool {
        self.marks & flags.bits() == flags.bits()
    }
}

/// The columns of [`STRETCH`] rows that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    pub topics: Vec<TopicId>,
    /// Of publishers and CSIRTs, each once.
    pub names: Vec<String>,
    /// Where rows come from: the place of a topic, of a publisher's name from 1 on or 0 for none, and of a CSIRT's name.
    pub sources: Vec<Triple>,
    pub rows: Vec<Packed>,
    /// Of each row, where it names its incident.
    pub told: Vec<Option<Told>>,
}

impl Stretch {
    /// Of these rows.
    #[must_use]
    pub fn of(rows: &[Arc<Row>]) -> Self {
        let (mut topics, mut names, mut sources) = (Places::default(), Places::default(), Places::default());
        let packed = rows.iter().map(|row| {
            let entry = Entry::of(row, Flags::NONE);
            let publisher = entry.publisher.map_or(0, |publisher| names.place(publisher) + 1);
            let source = (topics.place(entry.topic), publisher, names.place(entry.csirt));
            entry.packed(sources.place(source))
        });
        let packed = packed.collect();
        Self {
            topics: topics.all.into_iter().cloned().collect(),
            names: names.all.into_iter().map(str::to_owned).collect(),
            sources: sources.all,
            rows: packed,
            told: rows.iter().map(|row| Told::of(row)).collect(),
        }
    }
}

/// Each of something once, in order of first sight.
struct Places<T> {
    all: Vec<T>,
    known: HashMap<T, u32>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self { all: Vec::new(), known: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> Places<T> {
    fn place(&mut self, one: T) -> u32 {
        *self.known.entry(one).or_insert_with(|| {
            self.all.push(one);
            // A stretch has no more of anything than rows, twice.
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

impl Entry<'_> {
    /// As it stands in the columns.
    pub(super) fn packed(&self, source: u32) -> Packed {
        Packed {
            source,
            at: second(self.at),
            detected: self.detected.map_or(0, second),
            started: self.started.map_or(0, second),
            size: u32::try_from(self.size).unwrap_or(u32::MAX),
            marks: self.facts.pack(),
        }
    }
}
