//! Columns as a store keeps them: those of a stretch of rows with the sources they name, so that a session's index begins
//! with reading bytes and not with reading every summary.
//!
//! Pure; may use `model` and the columns.

use std::collections::HashMap;
use std::sync::Arc;

use super::columns::{Entry, second};
use super::incident::Told;
use super::marks::Flags;
use crate::model::TopicId;
use crate::store::{Row, Seq};

/// Rows of a stretch. The first one's number is a multiple of it.
pub const STRETCH: Seq = 1_024;
/// What the bits of [`Packed::marks`] mean, and what rows are read for: raised with either, so that what was kept before is
/// made again.
pub const LAYOUT: u8 = 2;

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub topic: TopicId,
    pub publisher: Option<String>,
    pub csirt: String,
}

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
    pub sources: Vec<Named>,
    pub rows: Vec<Packed>,
    /// Of each row, where it names its incident.
    pub told: Vec<Option<Told>>,
}

impl Stretch {
    /// Of these rows.
    #[must_use]
    pub fn of(rows: &[Arc<Row>]) -> Self {
        let mut known: HashMap<(&TopicId, Option<&str>, &str), u32> = HashMap::new();
        let told = rows.iter().map(|row| Told::of(row)).collect();
        let mut stretch = Self { sources: Vec::new(), rows: Vec::with_capacity(rows.len()), told };
        for row in rows {
            let entry = Entry::of(row, Flags::NONE);
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let source = *known.entry((entry.topic, entry.publisher, entry.csirt)).or_insert_with(|| {
                let (topic, publisher) = (entry.topic.clone(), entry.publisher.map(str::to_owned));
                stretch.sources.push(Named { topic, publisher, csirt: entry.csirt.to_owned() });
                next
            });
            stretch.rows.push(entry.packed(source));
        }
        stretch
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
