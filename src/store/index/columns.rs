//! The columns: what filters and sorting need of a row, 28 bytes of it, in chunks that snapshots share.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};

use super::Bitmap;
use super::marks::{self, Code, Facts, Flags};
use super::packed::{Packed, Stretch};
use super::source::{Source, SourceId, Sources};
use crate::model::{BareJid, Jid, Kind, Severity, Summary, Tlp, TopicId};
use crate::store::{Row, Seq, Standing};

/// Rows of a chunk: 448 kB, so that a flag set while a snapshot is out copies that much and not all.
pub const CHUNK: usize = 16_384;

/// A column of instants, in seconds; 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Time {
    /// What the feed sorts and ages by ([`Row::at`]).
    At,
    Detected,
    Started,
}

/// What the index takes of a row.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub topic: &'a TopicId,
    pub publisher: Option<&'a str>,
    pub csirt: &'a str,
    pub at: DateTime<Utc>,
    pub detected: Option<DateTime<Utc>>,
    pub started: Option<DateTime<Utc>>,
    /// Of the payload, in bytes.
    pub size: u64,
    pub facts: Facts<'a>,
}

impl<'a> Entry<'a> {
    /// Of a stored row. `local` is what only this console knows (read, starred, tagged…) and what the summary does not say;
    /// the rest is read from the row.
    #[must_use]
    pub fn of(row: &'a Row, local: Flags) -> Self {
        let summary: &Summary = &row.summary;
        let standing = match row.standing {
            Standing::Current => Flags::NONE,
            Standing::Overwritten => Flags::DUP,
            Standing::Retracted(_) => Flags::RETRACTED,
            Standing::Absent(_) => Flags::ABSENT,
        };
        let gone = Flags::GONE.when(summary.kind == Kind::Gone);
        let said =
            Flags::ASK.when(summary.wanted().next().is_some()).with(Flags::CONTACT.when(!summary.contacts.is_empty()));
        let facets = summary.facets.as_ref();
        let held = Flags::HISTORY
            .when(facets.is_some_and(|facets| facets.history))
            .with(Flags::EXT.when(facets.is_some_and(|facets| facets.extended)))
            .with(Flags::STALE.when(facets.is_none()));
        Self {
            topic: &row.key.topic,
            publisher: row.publisher.as_deref(),
            csirt: &summary.csirt,
            at: row.at,
            detected: summary.detected.as_ref().map(|stamp| stamp.at),
            started: summary.started.as_ref().map(|stamp| stamp.at),
            size: row.size,
            facts: Facts {
                severity: summary.severity,
                label: summary.restriction.tlp(),
                strictest: summary.strictest.tlp(),
                kind: &summary.kind,
                purpose: summary.purpose.as_deref(),
                status: summary.status.as_deref(),
                flags: local.with(standing).with(said).with(held).with(gone),
                observables: summary.observables_total,
                revision: row.version,
            },
        }
    }
}

/// Seconds since 1970 as a column holds them: the years 1970 to 2106, what is beyond at the ends.
pub fn second(at: DateTime<Utc>) -> u32 {
    clamp(at.timestamp())
}

/// A moment as the columns have it, to the second: what is ordered by that is ordered alike everywhere.
#[must_use]
pub fn whole(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(i64::from(second(at)), 0).unwrap_or(at)
}

pub fn clamp(second: i64) -> u32 {
    u32::try_from(second.clamp(1, i64::from(u32::MAX))).unwrap_or(u32::MAX)
}

/// A stretch of rows, column by column.
#[derive(Clone, Debug)]
pub struct Chunk {
    pub(super) source: Vec<SourceId>,
    pub(super) at: Vec<u32>,
    pub(super) detected: Vec<u32>,
    pub(super) started: Vec<u32>,
    pub(super) size: Vec<u32>,
    pub(super) marks: Vec<u64>,
}

impl Chunk {
    /// What a row takes, all columns together.
    pub const ROW: usize = 5 * size_of::<u32>() + size_of::<u64>();

    fn new() -> Self {
        let column = || Vec::with_capacity(CHUNK);
        Self {
            source: column(),
            at: column(),
            detected: column(),
            started: column(),
            size: column(),
            marks: Vec::with_capacity(CHUNK),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    pub(super) fn time(&self, time: Time) -> &[u32] {
        match time {
            Time::At => &self.at,
            Time::Detected => &self.detected,
            Time::Started => &self.started,
        }
    }

    fn bytes(&self) -> usize {
        let words = [&self.source, &self.at, &self.detected, &self.started, &self.size];
        words.iter().map(|column| column.capacity() * size_of::<u32>()).sum::<usize>()
            + self.marks.capacity() * size_of::<u64>()
            + size_of::<Self>()
    }
}

/// What the columns say of one row in passing.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Glance {
    pub source: SourceId,
    pub at: DateTime<Utc>,
    pub strictest: Tlp,
}

/// What the columns say of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub source: Source,
    pub at: DateTime<Utc>,
    pub severity: Severity,
    pub label: Tlp,
    pub strictest: Tlp,
    pub unread: bool,
}

/// The columns of all rows, in order of storing: as rows are numbered as they are received, that order is the order of
/// receiving, and needs no column of its own. One writer; readers take a [`Snapshot`].
#[derive(Debug, Default)]
pub struct Index {
    chunks: Vec<Arc<Chunk>>,
    sources: Arc<RwLock<Sources>>,
    len: u32,
}

/// The columns as they were at one moment. Cheap to take and to keep for the time of an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(super) chunks: Arc<[Arc<Chunk>]>,
    sources: Arc<RwLock<Sources>>,
    len: u32,
}

impl Index {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next row and gives its number; `None` when there are as many as can be numbered.
    pub fn push(&mut self, entry: &Entry<'_>) -> Option<Seq> {
        let seq = self.len;
        let next = seq.checked_add(1)?;
        let source = self.sources.write().unwrap_or_else(PoisonError::into_inner).intern(
            entry.topic,
            entry.publisher,
            entry.csirt,
        );
        self.put(&entry.packed(source))?;
        self.len = next;
        Some(seq)
    }

    /// A topic that there is, stored rows or none.
    pub fn know(&self, topic: &TopicId) {
        self.sources.write().unwrap_or_else(PoisonError::into_inner).know(topic);
    }

    /// By which name a topic is meant and no other.
    #[must_use]
    pub fn topic_name(&self, topic: &TopicId) -> String {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).name_of(topic)
    }

    /// Adds the rows of a stretch, each with flags of its own beside those that are kept; `None` when there are more than can
    /// be numbered, and some are added then.
    pub fn extend(&mut self, stretch: &Stretch, mut flags: impl FnMut(Seq, &Packed) -> Flags) -> Option<()> {
        let sources = self.sources.write().unwrap_or_else(PoisonError::into_inner).place(stretch)?;
        for row in &stretch.rows {
            let (seq, source) = (self.len, *sources.get(row.source as usize)?);
            let next = seq.checked_add(1)?;
            self.put(&Packed { source, marks: row.marks | flags(seq, row).bits(), ..*row })?;
            self.len = next;
        }
        Some(())
    }

    fn put(&mut self, row: &Packed) -> Option<()> {
        if self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK) {
            self.chunks.push(Arc::new(Chunk::new()));
        }
        let chunk = own(self.chunks.last_mut()?);
        chunk.source.push(row.source);
        chunk.at.push(row.at);
        chunk.detected.push(row.detected);
        chunk.started.push(row.started);
        chunk.size.push(row.size);
        chunk.marks.push(row.marks);
        Some(())
    }

    /// Sets or clears flags of rows, in place.
    pub fn set(&mut self, rows: impl IntoIterator<Item = Seq>, flags: Flags, on: bool) {
        for row in rows {
            let wanted = if on { flags.bits() } else { 0 };
            // What is so already is not written: a snapshot that shares the chunk goes on sharing it.
            if self.marks(row).is_none_or(|marks| marks & flags.bits() == wanted) {
                continue;
            }
            let Some(marks) = self.marks_mut(row) else { continue };
            *marks = *marks & !flags.bits() | wanted;
        }
    }

    /// What was read at first again, when a row changed: its standing, its title's language…
    pub fn replace(&mut self, seq: Seq, entry: &Entry<'_>) {
        if let Some(marks) = self.marks_mut(seq) {
            *marks = entry.facts.pack();
        }
    }

    /// How grave a row is.
    #[must_use]
    pub fn severity(&self, row: Seq) -> Option<Severity> {
        Some(marks::read_severity(Code::SEVERITY.of(self.marks(row)?)))
    }

    fn marks(&self, row: Seq) -> Option<u64> {
        let (chunk, at) = place(row);
        self.chunks.get(chunk)?.marks.get(at).copied()
    }

    fn marks_mut(&mut self, row: Seq) -> Option<&mut u64> {
        let (chunk, at) = place(row);
        own(self.chunks.get_mut(chunk)?).marks.get_mut(at)
    }

    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { chunks: self.chunks.as_slice().into(), sources: self.sources.clone(), len: self.len }
    }

    /// All bytes it holds on the heap: columns with what is reserved, sources, the list of chunks.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner).bytes();
        chunks + sources + self.chunks.capacity() * size_of::<Arc<Chunk>>()
    }
}

/// The chunk to write to: a copy of it with room for a whole chunk, if a snapshot has it too.
fn own(chunk: &mut Arc<Chunk>) -> &mut Chunk {
    if Arc::get_mut(chunk).is_none() {
        let mut copy = Chunk::new();
        copy.source.extend_from_slice(&chunk.source);
        copy.at.extend_from_slice(&chunk.at);
        copy.detected.extend_from_slice(&chunk.detected);
        copy.started.extend_from_slice(&chunk.started);
        copy.size.extend_from_slice(&chunk.size);
        copy.marks.extend_from_slice(&chunk.marks);
        *chunk = Arc::new(copy);
    }
    Arc::make_mut(chunk)
}

fn place(row: Seq) -> (usize, usize) {
    (row as usize / CHUNK, row as usize % CHUNK)
}

impl Snapshot {
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn sources(&self) -> RwLockReadGuard<'_, Sources> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// By which name a topic is meant and no other.
    #[must_use]
    pub fn topic_name(&self, topic: &TopicId) -> String {
        self.sources().name_of(topic)
    }

    /// Who published on a topic, by its broker's word, as far as rows of it are here.
    #[must_use]
    pub fn publishers(&self, topic: &TopicId) -> Vec<BareJid> {
        let publishers = self.sources().publishers(topic);
        let bare = |jid: &Arc<str>| Some(jid.parse::<Jid>().ok()?.bare().clone());
        publishers.iter().filter_map(bare).collect()
    }

    pub(super) fn marks(&self, row: Seq) -> Option<u64> {
        let (chunk, at) = place(row);
        self.chunks.get(chunk)?.marks.get(at).copied()
    }

    #[must_use]
    pub fn has(&self, row: Seq, flags: Flags) -> bool {
        self.marks(row).is_some_and(|marks| marks & flags.bits() == flags.bits())
    }

    #[must_use]
    pub fn at(&self, row: Seq) -> Option<DateTime<Utc>> {
        let (chunk, at) = place(row);
        self.chunks.get(chunk)?.at.get(at).and_then(|second| DateTime::from_timestamp(i64::from(*second), 0))
    }

    /// The strictest label anywhere in the row's document.
    #[must_use]
    pub fn strictest(&self, row: Seq) -> Option<Tlp> {
        self.marks(row).map(|marks| marks::read_label(Code::STRICTEST.of(marks)))
    }

    /// What a hunt needs of a row, without a name.
    pub(in crate::store) fn glance(&self, row: Seq) -> Option<Glance> {
        let (chunk, at) = place(row);
        let chunk = self.chunks.get(chunk)?;
        Some(Glance {
            source: *chunk.source.get(at)?,
            at: DateTime::from_timestamp(i64::from(*chunk.at.get(at)?), 0)?,
            strictest: marks::read_label(Code::STRICTEST.of(*chunk.marks.get(at)?)),
        })
    }

    /// How many of the rows came on each of the topics.
    #[must_use]
    pub fn count(&self, rows: &Bitmap, topics: &[TopicId]) -> Vec<u32> {
        let source = |row: Seq| {
            let (chunk, at) = place(row);
            self.chunks.get(chunk)?.source.get(at).copied()
        };
        self.sources().count(rows.iter().filter_map(source), topics)
    }

    /// The topics of sources, each once, in the order of their names.
    pub(in crate::store) fn topics(&self, sources: &BTreeSet<SourceId>) -> Vec<Arc<TopicId>> {
        let known = self.sources();
        let topics: BTreeSet<Arc<TopicId>> =
            sources.iter().filter_map(|id| known.get(*id)).map(|source| source.topic).collect();
        topics.into_iter().collect()
    }

    #[must_use]
    pub fn line(&self, row: Seq) -> Option<Line> {
        let (chunk, at) = place(row);
        let chunk = self.chunks.get(chunk)?;
        let marks = *chunk.marks.get(at)?;
        Some(Line {
            source: self.sources().get(*chunk.source.get(at)?)?,
            at: DateTime::from_timestamp(i64::from(*chunk.at.get(at)?), 0)?,
            severity: marks::read_severity(Code::SEVERITY.of(marks)),
            label: marks::read_label(Code::LABEL.of(marks)),
            strictest: marks::read_label(Code::STRICTEST.of(marks)),
            unread: marks & Flags::UNREAD.bits() != 0,
        })
    }
}
