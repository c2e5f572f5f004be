//! Where incidents stand: the interface the archive will fill, and a store in memory until then.
//!
//! May use `model`. An item counts as received when [`Store::commit`] returned; the engine acknowledges nothing before.

pub mod activity;
pub mod acts;
pub mod alert;
pub mod archive;
pub mod finder;
pub mod handover;
pub mod hunt;
pub mod index;
pub mod lens;
pub mod local;
pub mod memory;
mod prepared;
pub mod progress;
pub mod query;
pub mod retention;
mod rules;
pub mod shelf;
pub mod vault;
pub mod views;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{BareJid, Coverage, ItemId, Kind, Observable, Say, Summary, Tlp, TopicId};

use index::heard::Listens;
use index::key::Span;
use index::{Failure, Stop};

pub use activity::Activity;
pub use archive::Archive;
pub use finder::Finder;
pub use local::Local;
pub use memory::Memory;
pub use prepared::{Arrival, Prepared};
pub use progress::Progress;

/// An item's identity: the broker's address is part of the topic's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItemKey {
    pub topic: TopicId,
    pub item: ItemId,
}

/// How an item first reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Pushed while we were connected.
    Live,
    /// Pushed with a delay stamp: offline delivery, or the last item on subscribe.
    Delayed,
    /// Fetched from the topic's stored items.
    Fetched,
}

/// The payload exactly as it came: the element's own bytes and the namespace declarations that were in scope around
/// it, which its prefixes may need (`engine.md` §3).
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// The bytes of the payload element, from `<` to `>`, as received.
    pub bytes: Arc<[u8]>,
    /// `(prefix, namespace)` in scope outside the payload; the empty prefix is the default namespace.
    pub scope: Arc<[(String, String)]>,
}

impl fmt::Debug for Payload {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.bytes.len())
    }
}

/// An item ready to be stored.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub key: ItemKey,
    /// `None` for an item without payload.
    pub payload: Option<Payload>,
    pub summary: Summary,
    /// Everything that can be looked up of it (`iodef::index`), where that is more than the summary keeps.
    pub observables: Vec<Observable>,
    pub route: Route,
    /// The broker's word for who published it; "unknown publisher" where absent, never derived from the payload.
    pub publisher: Option<String>,
    /// When this console received it.
    pub received: DateTime<Utc>,
    /// The delay stamp (XEP-0203), clamped to `received`.
    pub delayed: Option<DateTime<Utc>>,
    /// It was there before anybody here read the topic, or is a file of one's own: a new row of it is no news and counts as
    /// read. What was missed and is fetched afterwards is news.
    pub history: bool,
}

#[cfg(test)]
impl Incoming {
    /// One that was pushed and brought no payload.
    pub fn bare(key: ItemKey, summary: Summary, received: DateTime<Utc>) -> Self {
        Self {
            key,
            payload: None,
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received,
            delayed: None,
            history: false,
        }
    }
}

/// What a stored row's broker has said since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// Replaced on the broker by another payload under the same item id; both are kept.
    Overwritten,
    /// Retracted or purged by the broker at this time. Kept: a remote act never deletes local evidence.
    Retracted(DateTime<Utc>),
    /// Not on the broker any more when what it stores was read at this time: dropped for newer ones, or taken away while
    /// nobody looked. Kept all the same.
    Absent(DateTime<Utc>),
}

/// A row's number: dense, from 0, in order of storing; never reused.
pub type Seq = u32;

/// A stored item as the feed shows it; the payload is fetched apart.
#[derive(Clone, Debug)]
pub struct Row {
    pub seq: Seq,
    pub key: ItemKey,
    pub summary: Arc<Summary>,
    pub route: Route,
    pub publisher: Option<String>,
    pub received: DateTime<Utc>,
    /// The time the feed sorts and ages by: the delay stamp if there is one, for fetched items the document's own
    /// GenerationTime (never in the future), else `received`.
    pub at: DateTime<Utc>,
    pub standing: Standing,
    /// 1 for the first payload under this item id, 2 for the next…
    pub version: u32,
    /// Of the payload, in bytes.
    pub size: u64,
}

/// What a row is called, in its publisher's words.
#[derive(Clone, Copy, Default)]
pub struct Name<'a> {
    pub csirt: &'a str,
    /// The number under it.
    pub id: &'a str,
    pub title: &'a str,
}

impl<'a> Name<'a> {
    #[must_use]
    pub fn of(summary: &'a Summary) -> Self {
        Self { csirt: &summary.csirt, id: &summary.id, title: &summary.title }
    }
}

impl fmt::Debug for Name<'_> {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name")
    }
}

/// What retention looks at of a row.
#[derive(Clone, Copy, Debug)]
pub struct Age<'a> {
    pub seq: Seq,
    pub topic: &'a TopicId,
    /// The strictest label inside.
    pub strictest: Tlp,
    pub received: DateTime<Utc>,
}

/// What [`Store::commit`] did with each batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// New rows, in the order given.
    pub added: Vec<Seq>,
    /// Older rows whose standing changed.
    pub changed: Vec<Seq>,
    /// Items that were already there with the same payload.
    pub duplicates: u32,
    /// Of the new rows, those that were pushed while we were connected.
    pub live: u32,
}

impl Committed {
    /// Both, one after the other.
    pub fn join(&mut self, later: Self) {
        self.added.extend(later.added);
        self.changed.extend(later.changed);
        self.duplicates = self.duplicates.saturating_add(later.duplicates);
        self.live = self.live.saturating_add(later.live);
    }

    /// Takes the first of it: as many rows together, and with them all that is only counted.
    #[must_use]
    pub fn part(&mut self, rows: usize) -> Self {
        let first = |from: &mut Vec<Seq>, many: usize| {
            let rest = from.split_off(many.min(from.len()));
            std::mem::replace(from, rest)
        };
        let added = first(&mut self.added, rows);
        let changed = first(&mut self.changed, rows - added.len());
        Self { added, changed, duplicates: std::mem::take(&mut self.duplicates), live: std::mem::take(&mut self.live) }
    }

    /// Nothing came, and nothing became of what was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty()
    }
}

/// What is known of a topic's completeness, as the next run of the program needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub coverage: Coverage,
    /// Rows before this one are from a time that is complete.
    pub anchor: Seq,
    /// Everything the broker stores was read once.
    pub level: bool,
    /// As many items were seen stored at once.
    pub most_seen: usize,
    /// When the broker last said that I am subscribed, and the row to be stored next then.
    pub confirmed: (DateTime<Utc>, Seq),
    /// Rows before this one had come before the first session that began since the time that is in doubt.
    pub before: Option<Seq>,
}

/// An item that its broker stored when last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub item: ItemId,
    /// Its newest row.
    pub seq: Seq,
    /// It was not on the broker any more ([`Standing::Absent`]).
    pub absent: bool,
}

/// Why the store could not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The store holds as many rows as it can number or as its memory budget allows.
    #[error("the store is full ({rows} rows)")]
    Full { rows: u32 },
    /// The archive's disk is full.
    #[error("no room on the disk")]
    NoRoom,
    /// The archive's file or disk may not be written.
    #[error("the archive is read-only")]
    ReadOnly,
    /// Another program holds the archive's file: after a while it may be free.
    #[error("another program uses the archive's file")]
    Busy,
    /// The archive's file is not what was written.
    #[error("the archive is damaged: {cause}")]
    Damaged { cause: String },
    /// The archive's file could not be read or written.
    #[error("the archive: {cause}")]
    Disk { cause: String },
    /// A thread died while writing; what it held may be half-done.
    #[error("the store was left in an unknown state")]
    Poisoned,
    /// What is kept under this name is of a later program.
    #[error("a later program wrote what is there")]
    Newer,
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Full { rows } => Say::new("error-store-full").with("rows", rows.to_string()),
            Self::NoRoom => Say::new("error-store-no-room"),
            Self::ReadOnly => Say::new("error-store-read-only"),
            Self::Busy => Say::new("error-store-busy"),
            Self::Damaged { cause } => Say::new("error-store-damaged").with("cause", cause),
            Self::Disk { cause } => Say::new("error-store-disk").with("cause", cause),
            Self::Poisoned => Say::new("error-store-poisoned"),
            Self::Newer => Say::new("error-store-newer"),
        }
    }
}

/// The store. Calls may block on disk, so the engine and the window call it off their own loops where it matters;
/// [`Store::row`] and [`Store::len`] must be quick enough for a frame.
pub trait Store: Send + Sync + 'static {
    /// Stores a batch as one transaction. The same key with the same payload is a duplicate and changes nothing; with
    /// another payload it is a new version, and the older row becomes [`Standing::Overwritten`]. An [`Standing::Absent`] row
    /// whose item turns out to be stored by the broker stands again.
    ///
    /// An item that the broker kept for us (a delayed one) is a duplicate if *any* version under its key has the same
    /// payload bytes, since what waited is repeated late and in any order; every other one tells what is so now and is a
    /// duplicate only of a newest version that still stands. A delayed one stamped before the newest version was told is an
    /// older version, overwritten already. One fetched from what the broker stores repeats a newest version that was
    /// retracted too, which then stands again: the answer may be older than the retraction, and a broker that was killed
    /// comes back as it was before it. An item without payload under a known key says nothing new, and a retracted row stays
    /// retracted when its id is used again by another payload, or live.
    ///
    /// # Errors
    /// When nothing of the batch was stored.
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error>;

    /// Makes of an item what [`Store::commit`] would make of it before it writes. It waits for no commit: another thread does
    /// it meanwhile. A store that writes nothing makes nothing.
    fn prepare(&self, incoming: Incoming) -> Prepared {
        Prepared::Item(Box::new(incoming))
    }

    /// [`Store::commit`] of what this store made of items, in their order.
    ///
    /// # Errors
    /// As there; and for what another store made.
    fn commit_prepared(&self, batch: Vec<Prepared>) -> Result<Committed, Error> {
        self.commit(batch.into_iter().map(Prepared::item).collect::<Option<_>>().ok_or(Error::Poisoned)?)
    }

    /// How many of a batch, from its first on, there is room for. A store that cannot tell says all, and may still fail.
    fn room(&self, batch: &[Prepared]) -> usize {
        batch.len()
    }

    /// Marks items as retracted by the broker and keeps them; returns the rows that changed.
    ///
    /// # Errors
    /// When nothing was marked.
    fn retract(&self, keys: &[ItemKey], at: DateTime<Utc>) -> Result<Vec<Seq>, Error>;

    /// Marks all items of a topic as retracted (purge, delete).
    ///
    /// # Errors
    /// When nothing was marked.
    fn retract_topic(&self, topic: &TopicId, at: DateTime<Utc>) -> Result<Vec<Seq>, Error>;

    /// The items of a topic that nobody said are gone or something else: what, as far as is known, its broker still stores,
    /// and what was not there any more when it was looked at.
    ///
    /// # Errors
    /// When the store could not be read.
    fn held(&self, topic: &TopicId) -> Result<Vec<Held>, Error>;

    /// Marks items that their broker does not store any more, where that row is still the newest and stands; returns the
    /// rows that changed. One that is stored by the broker after all stands again when it is committed.
    ///
    /// # Errors
    /// When nothing was marked.
    fn absent(&self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Error>;

    /// Keeps what is known of the completeness of this account's topics, instead of what was kept before.
    ///
    /// # Errors
    /// When it was not kept.
    fn keep_coverage(&self, account: &BareJid, records: Vec<Record>) -> Result<(), Error>;

    /// What was kept.
    ///
    /// # Errors
    /// When the store could not be read.
    fn coverage(&self, account: &BareJid) -> Result<Vec<Record>, Error>;

    /// Tells of each row that still has its content and was received before then, in order of storing, what retention
    /// looks at of it.
    ///
    /// # Errors
    /// When the store could not be read.
    fn ages(&self, before: DateTime<Utc>, take: &mut dyn FnMut(Age<'_>)) -> Result<(), Error> {
        for row in (0..self.len()).filter_map(|seq| self.row(seq)) {
            if row.received < before && row.summary.kind != Kind::Gone {
                let strictest = row.summary.strictest.tlp();
                take(Age { seq: row.seq, topic: &row.key.topic, strictest, received: row.received });
            }
        }
        Ok(())
    }

    /// Takes the content of these rows away, as one transaction, and gives those of which it did: their payload, what was
    /// read of it and what finds it. What is left is that they were: topic, item, times, standing, and a digest by which the
    /// broker's copy is known, so that it is not taken in again. A row of which a person made something ([`local::by_hand`])
    /// is passed over. A store that is only a part of a test keeps everything.
    ///
    /// # Errors
    /// When nothing was taken away.
    fn purge(&self, rows: &[Seq], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        let _ = (rows, at);
        Ok(Vec::new())
    }

    /// Does a bounded piece of the work that [`Store::purge`] leaves behind; true when none is left.
    ///
    /// # Errors
    /// When it could not be done now; nothing of what is stored suffers.
    fn tidy(&self) -> Result<bool, Error> {
        Ok(true)
    }

    /// Reads a bounded number of documents again that an earlier version of this program read, and gives their rows; none
    /// when none is left. Filters are answered rightly all the while, some of them slowly.
    ///
    /// # Errors
    /// When it could not be done now; nothing of what is stored suffers.
    fn renew(&self) -> Result<Vec<Seq>, Error> {
        Ok(Vec::new())
    }

    /// Tells what each of these rows is called, in any order; nothing of one that is not there or whose content was taken
    /// away. What is told last of a row holds: in a damaged archive some are read again. What others look at stays as near as
    /// it was.
    ///
    /// # Errors
    /// When the store could not be read.
    fn names(&self, rows: &[Seq], take: &mut dyn FnMut(Seq, Name<'_>)) -> Result<(), Error> {
        for row in self.look(rows)? {
            take(row.seq, Name::of(&row.summary));
        }
        Ok(())
    }

    /// How many rows of these topics came late between two moments, fetched or kept for us, by this console's own clock; and how
    /// many of them were kept for us. What others look at stays as near as it was.
    ///
    /// # Errors
    /// When the store could not be read.
    fn late(&self, topics: &[TopicId], (from, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<(u32, u32), Error> {
        const PAGE: Seq = 1_024;
        // Rows are numbered as they are received.
        let (mut first, mut end) = (0, self.len());
        while first < end {
            let middle = first + (end - first) / 2;
            let is_before = self.look(&[middle])?.first().is_some_and(|row| row.received < from);
            if is_before { first = middle + 1 } else { end = middle }
        }
        let (mut came, mut kept) = (0, 0);
        for page in (first..self.len()).step_by(PAGE as usize) {
            let rows: Vec<Seq> = (page..self.len().min(page.saturating_add(PAGE))).collect();
            for row in self.look(&rows)? {
                if row.received > until {
                    return Ok((came, kept));
                }
                if row.route != Route::Live && topics.contains(&row.key.topic) {
                    came += 1;
                    kept += u32::from(row.route == Route::Delayed);
                }
            }
        }
        Ok((came, kept))
    }

    /// The columns of the rows that begin with this one, as [`Store::pack`] kept them; nothing where none are kept.
    ///
    /// # Errors
    /// When the store could not be read.
    fn packed(&self, _first: Seq) -> Result<Option<index::packed::Stretch>, Error> {
        Ok(None)
    }

    /// Keeps the columns of one more stretch of rows, from this row on, for the next session; gives where to go on, and
    /// nothing when all are kept.
    ///
    /// # Errors
    /// When it could not be done now; nothing of what is stored suffers.
    fn pack(&self, _from: Seq) -> Result<Option<Seq>, Error> {
        Ok(None)
    }

    /// Listens to a bounded number of rows more, in their order: what `listens` finds in those that are stricter than
    /// [`Tlp::Clear`] inside is found by [`Store::heard`] from then on. False when all were listened to.
    ///
    /// # Errors
    /// When it could not be done now; nothing of what is stored suffers.
    fn listen(&self, _listens: Listens) -> Result<bool, Error> {
        Ok(false)
    }

    /// Rows before this one were listened to.
    ///
    /// # Errors
    /// When the store could not be read.
    fn listened(&self) -> Result<Seq, Error> {
        Ok(0)
    }

    /// Of each of many questions the rows in whose words something within the spans was heard: ascending, each once. What is
    /// found by their observables need not be among it.
    ///
    /// # Errors
    /// When it was stopped or the store could not be read.
    fn heard(&self, asked: &[&[Span]], _stop: &Stop) -> Result<Vec<Vec<Seq>>, Failure> {
        Ok(vec![Vec::new(); asked.len()])
    }

    /// Rows from the first on of which some were read by an earlier version of this program.
    fn stale(&self) -> Seq {
        0
    }

    /// The row, for a frame; nothing where it is not there or could not be read just now ([`Store::look`] tells which).
    fn row(&self, seq: Seq) -> Option<Arc<Row>>;

    /// Those of these rows that are there, in the order asked. One that is there and damaged is there as a row that says so.
    ///
    /// # Errors
    /// When the store could not be read.
    fn look(&self, seqs: &[Seq]) -> Result<Vec<Arc<Row>>, Error> {
        Ok(self.rows(seqs))
    }

    /// As [`Store::look`], for a frame: what could not be read just now is left out.
    fn rows(&self, seqs: &[Seq]) -> Vec<Arc<Row>> {
        seqs.iter().filter_map(|seq| self.row(*seq)).collect()
    }

    /// The payload of a row.
    ///
    /// # Errors
    /// When the store could not be read; `Ok(None)` when the row has none.
    fn payload(&self, seq: Seq) -> Result<Option<Payload>, Error>;

    /// Everything a row names that can be looked up, beyond the first few of its summary; a store that keeps no more
    /// says those.
    ///
    /// # Errors
    /// When the store could not be read.
    fn observables(&self, seq: Seq) -> Result<Vec<Observable>, Error> {
        Ok(self.row(seq).map(|row| row.summary.observables.clone()).unwrap_or_default())
    }

    /// Rows of all revisions of an incident, oldest first: who reported it and its `IncidentID` name it, on any topic of any
    /// broker.
    ///
    /// # Errors
    /// When the store could not be read.
    fn revisions(&self, csirt: &str, id: &str) -> Result<Vec<Seq>, Error> {
        let is_one = |row: &Arc<Row>| row.summary.csirt == csirt && row.summary.id == id;
        Ok((0..self.len()).filter_map(|seq| self.row(seq)).filter(is_one).map(|row| row.seq).collect())
    }

    /// The newest row under this key; `Ok(None)` where there is none.
    ///
    /// # Errors
    /// When the store could not be read: nobody knows then whether there is one.
    fn find(&self, key: &ItemKey) -> Result<Option<Seq>, Error>;

    /// Who answers what columns cannot, where the store keeps words and observables itself.
    fn lookup(&self) -> Option<&dyn index::Lookup> {
        None
    }

    /// How many rows there are; rows are numbered `0..len`.
    fn len(&self) -> u32;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether something of it proved not to be what was written, since it was opened. What is stored from then on is
    /// stored; what can still be read is to be taken out of it soon.
    fn is_damaged(&self) -> bool {
        false
    }

    /// Where it keeps what its person made of the rows; `None` for a store that keeps only rows.
    fn local(&self) -> Option<&dyn Local> {
        None
    }

    /// Where it logs what this console did; `None` for a store that keeps only rows.
    fn activity(&self) -> Option<&dyn Activity> {
        None
    }
}
