//! The archive: incidents, their words and observables, the ledger and the person's own work in one SQLite file under
//! SQLCipher (`security.md` §5). What [`Store::commit`] returned is on the disk.
//!
//! May use `model` and the contract in `store`. One writer behind a lock; readers beside it, from a small pool. Who makes and
//! opens the file, and by which key, is [`crate::store::vault`]'s.

mod activity;
mod cache;
mod carry;
mod code;
mod coverage;
mod desk;
mod doubt;
mod dump;
mod facets;
mod fault;
mod heard;
mod identity;
mod key;
mod log;
mod lookup;
mod made;
mod marks;
mod moment;
mod names;
mod packed;
mod pages;
mod pool;
mod pressed;
mod purge;
mod read;
mod renew;
mod route;
mod salvage;
mod schema;
mod standing;
mod step;
mod summary;
mod whole;
mod write;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use super::activity::Activity;
use super::index::heard::Listens;
use super::index::key::Span;
use super::index::packed::{STRETCH, Stretch};
use super::index::{Failure, Stop};
use super::local::Local;
use super::{Age, Committed, Error, Held, Incoming, ItemKey, Name, Payload, Prepared, Record, Row, Seq, Store};
use crate::model::{BareJid, Observable, TopicId};
use cache::Cache;
use carry::Carrier;
use doubt::Doubt;
use heard::Listener;
use pool::{Pool, Seen};
use write::Writer;

pub use super::index::Word;
pub use activity::Saved;
pub use doubt::mark as doubt;
pub use dump::check;
pub use fault::Fault;
pub use key::Key;
pub(super) use log::{BROKEN, Log, read as log};
pub use made::Made;
pub use read::Summarise;
pub use salvage::{Kept, Part, verify};

/// The archive. See [`Store`].
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    // Readers, who carries the log and who listens close before the writer, which as the last one puts the log into the file.
    readers: Pool,
    carrier: Carrier,
    listener: Listener,
    writer: Mutex<Writer>,
    digests: key::Digests,
    cache: Cache,
    rows: AtomicU32,
    /// Rows from the first on of which some were read by an earlier version of this program.
    stale: AtomicU32,
    doubt: Doubt,
    summarise: Option<Summarise>,
    /// Something of a change of many rows may be left to do.
    pending: Mutex<bool>,
    /// Held while its keys are changed.
    keys: Mutex<()>,
    /// Held while the archive is open, and let go after everything else.
    guard: Option<fs::File>,
}

impl Archive {
    /// Makes the file, which must not be there, and opens it.
    ///
    /// # Errors
    /// When there is none afterwards that could be used.
    pub fn make(path: &Path, key: &Key) -> Result<Self, Fault> {
        drop(private(path)?);
        Self::connect(path, key, None, schema::Use::Make)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// See [`Fault`]. A key that is not its own is [`Fault::Damaged`] too: who has the key knows whether it is.
    pub fn open(path: &Path, key: &Key, summarise: Option<Summarise>) -> Result<Self, Fault> {
        Self::connect(path, key, summarise, schema::Use::Write)
    }

    fn connect(path: &Path, key: &Key, summarise: Option<Summarise>, purpose: schema::Use) -> Result<Self, Fault> {
        let connection = schema::connect(path, key, purpose)?;
        let digests = digests(&connection, purpose)?;
        let writer = Writer::new(connection, digests.clone())?;
        schema::sound(&writer.connection)?;
        let rows = AtomicU32::new(u32::try_from(writer.next).unwrap_or(u32::MAX));
        let stale = AtomicU32::new(renew::left(&writer.connection)?);
        let doubt = Doubt::of(path);
        let readers = Pool::new(path.to_path_buf(), key.clone(), doubt.clone());
        let carrier = Carrier::new(path.to_path_buf(), key.clone());
        let listener = Listener::new(path.to_path_buf(), key.clone());
        let (path, writer, cache) = (path.to_path_buf(), Mutex::new(writer), Cache::default());
        let (keys, pending, guard) = (Mutex::default(), Mutex::new(purpose == schema::Use::Write), None);
        Ok(Self {
            path,
            writer,
            readers,
            carrier,
            listener,
            digests,
            cache,
            rows,
            stale,
            doubt,
            summarise,
            pending,
            keys,
            guard,
        })
    }

    /// With a lock that it holds as long as it is open.
    #[must_use]
    pub(super) fn guarded(mut self, guard: fs::File) -> Self {
        self.guard = Some(guard);
        self
    }

    /// The lock that it holds, once more.
    pub(super) fn guard(&self) -> Option<std::io::Result<fs::File>> {
        self.guard.as_ref().map(fs::File::try_clone)
    }

    /// One change of its keys at a time.
    pub(super) fn keys(&self) -> MutexGuard<'_, ()> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes it so that all of it is in the one file.
    ///
    /// # Errors
    /// When something is left in the log beside it; nothing is lost.
    pub fn close(self) -> Result<(), Fault> {
        let Self { writer, readers, carrier, listener, guard, .. } = self;
        drop((readers, carrier, listener));
        let writer = writer.into_inner().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        let (busy, _, _): (i64, i64, i64) =
            writer
                .connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        writer.connection.close().map_err(|(_, error)| Fault::from(error))?;
        drop(guard);
        if busy == 0 { Ok(()) } else { Err(Fault::Busy) }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows that hold all of these words, newest first: those before `before`, at most as many.
    ///
    /// # Errors
    /// When the archive could not be read.
    pub fn words(&self, all: &[Word], before: Option<Seq>, most: usize) -> Result<Vec<Seq>, Error> {
        Ok(self.readers.with(|connection| read::words(connection, all, before, most))?)
    }

    /// Rows that name something within these spans of keys, oldest first, each once.
    ///
    /// # Errors
    /// When the archive could not be read, or `stop` said so.
    pub fn observed(&self, spans: &[Span], stop: &dyn Fn() -> bool) -> Result<Vec<Seq>, Error> {
        let all = self.readers.with(|connection| marks::within(connection, spans, marks::ALL, usize::MAX, stop))?;
        Ok(all.unwrap_or_default())
    }

    /// What reading takes besides a connection.
    fn with(&self) -> read::With<'_> {
        read::With { digests: &self.digests, summarise: self.summarise }
    }

    /// A row's payload, as a reader has it.
    fn stored(&self, seq: Seq) -> Result<Option<Payload>, Fault> {
        self.readers.with(|connection| read::payload_of(connection, Some(&self.digests), seq))
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        self.writer.lock().map_err(|_| Error::Poisoned)
    }

    /// The rows changed; the cache hears of it while no other change can come between.
    fn changed(&self, writer: &Writer, changed: &[Seq]) {
        if !changed.is_empty() {
            self.cache.forget(changed);
        }
        self.rows.store(u32::try_from(writer.next).unwrap_or(u32::MAX), Ordering::Release);
    }

    fn mark(&self, change: impl FnOnce(&mut Writer) -> Result<Vec<Seq>, Fault>) -> Result<Vec<Seq>, Error> {
        let mut writer = self.writer()?;
        let changed = self.doubt.hear(change(&mut writer))?;
        self.changed(&writer, &changed);
        Ok(changed)
    }
}

/// A new file of its owner's alone. SQLite gives the files beside it the same rights.
fn private(path: &Path) -> Result<fs::File, Fault> {
    let mut options = fs::OpenOptions::new();
    let _ = options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let _ = options.mode(0o600);
    }
    Ok(options.open(path)?)
}

/// The key of the hashes inside, made with the archive.
fn digests(connection: &Connection, purpose: schema::Use) -> Result<key::Digests, Fault> {
    let none = || Fault::Damaged("no key of the hashes".to_owned());
    match key::Digests::kept(connection)? {
        Some(digests) => Ok(digests),
        None if purpose == schema::Use::Make => {
            let mut key = Zeroizing::new([0_u8; 32]);
            getrandom::fill(&mut *key).map_err(|error| Fault::Disk(error.to_string()))?;
            let _ = connection.execute("INSERT INTO meta (name, value) VALUES ('digests', ?)", params![&key[..]])?;
            key::Digests::new(&*key).ok_or_else(none)
        }
        None => Err(none()),
    }
}

/// A name in a folder, new or gone, must survive a power cut. Windows has no such call and needs none.
pub fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A count as SQLite holds it.
fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Store for Archive {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        self.commit_prepared(batch.into_iter().map(|incoming| self.prepare(incoming)).collect())
    }

    fn prepare(&self, incoming: Incoming) -> Prepared {
        Prepared::Made(Box::new(Made::of(incoming, &self.digests)))
    }

    fn commit_prepared(&self, batch: Vec<Prepared>) -> Result<Committed, Error> {
        let made = |prepared| match prepared {
            Prepared::Made(made) => *made,
            Prepared::Item(incoming) => Made::of(*incoming, &self.digests),
        };
        let mut writer = self.writer()?;
        writer.holds(batch.len())?;
        writer.known.read(batch.len(), || self.readers.through(identity::all));
        let done = self.doubt.hear(writer.commit(batch.into_iter().map(made), &|seq| self.stored(seq)))?;
        self.changed(&writer, &done.changed);
        self.carrier.committed();
        Ok(done)
    }

    fn retract(&self, keys: &[ItemKey], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.mark(|writer| writer.retract(keys, at))
    }

    fn retract_topic(&self, topic: &TopicId, at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.mark(|writer| writer.retract_topic(topic, at))
    }

    fn held(&self, topic: &TopicId) -> Result<Vec<Held>, Error> {
        Ok(self.readers.through(|connection| read::held(connection, topic))?)
    }

    fn absent(&self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.mark(|writer| writer.absent(items, at))
    }

    fn ages(&self, before: DateTime<Utc>, take: &mut dyn FnMut(Age<'_>)) -> Result<(), Error> {
        Ok(self.readers.through(|connection| purge::ages(connection, before, take))?)
    }

    fn purge(&self, rows: &[Seq], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        // A row that was starred a moment ago is starred.
        let _settled = self.settled()?;
        self.mark(|writer| {
            let gone = purge::purge(&mut writer.connection, &self.digests, rows, at);
            writer.names.forget();
            gone
        })
    }

    fn names(&self, rows: &[Seq], take: &mut dyn FnMut(Seq, Name<'_>)) -> Result<(), Error> {
        // Many are read past the cache; one that is looked at leads to the next.
        let purpose = if rows.len() > 1 { schema::Use::Through } else { schema::Use::Read };
        let look = |connection: &Connection, rows: &[Seq]| names::names(connection, self.with(), rows, take);
        let Seen { harmed, .. } = self.readers.each(purpose, rows, look)?;
        harmed.iter().for_each(|(row, _)| take(*row, Name::default()));
        Ok(())
    }

    fn late(&self, topics: &[TopicId], times: (DateTime<Utc>, DateTime<Utc>)) -> Result<(u32, u32), Error> {
        Ok(self.readers.with(|connection| read::late(connection, topics, times))?)
    }

    fn packed(&self, first: Seq) -> Result<Option<Stretch>, Error> {
        // What is to be read again is not what was kept of it.
        if first < self.stale() {
            return Ok(None);
        }
        match self.readers.through(|connection| packed::at(connection, first)) {
            // It is made of rows that can be read all the same; that the file is in doubt is marked.
            Err(Fault::Damaged(_)) => Ok(None),
            kept => Ok(kept?),
        }
    }

    fn pack(&self, from: Seq) -> Result<Option<Seq>, Error> {
        // Nothing changes while the writer is held; a reader reads, as a connection that meets a damaged page writes no more.
        let mut writer = self.writer()?;
        let from = from.max(self.stale());
        let Some(first) = self.readers.through(|connection| packed::next(connection, from))? else { return Ok(None) };
        let columns = match self.readers.through(|connection| packed::of(connection, self.with(), first)) {
            // One of rows that cannot be read is passed over.
            Err(Fault::Damaged(_)) => None,
            columns => columns?,
        };
        if let Some(bytes) = columns {
            self.doubt.hear(packed::keep(&mut writer.connection, first, &bytes))?;
        }
        Ok(Some(first.saturating_add(STRETCH)))
    }

    fn renew(&self) -> Result<Vec<Seq>, Error> {
        self.read_again()
    }

    fn stale(&self) -> Seq {
        self.stale.load(Ordering::Acquire)
    }

    fn listen(&self, listens: Listens) -> Result<bool, Error> {
        self.listen_on(listens)
    }

    fn listened(&self) -> Result<Seq, Error> {
        Ok(self.readers.with(heard::listened)?)
    }

    fn heard(&self, asked: &[&[Span]], stop: &Stop) -> Result<Vec<Vec<Seq>>, Failure> {
        self.each_in(("heards", 1), asked, stop, &mut |_| {})
    }

    fn tidy(&self) -> Result<bool, Error> {
        Ok(self.doubt.hear(purge::tidy(&mut self.writer()?.connection))?)
    }

    fn keep_coverage(&self, account: &BareJid, records: Vec<Record>) -> Result<(), Error> {
        Ok(self.doubt.hear(self.writer()?.keep_coverage(account, &records))?)
    }

    fn coverage(&self, account: &BareJid) -> Result<Vec<Record>, Error> {
        Ok(self.readers.with(|connection| read::coverage(connection, account))?)
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        self.cache.get(seq).ok().or_else(|| self.rows(&[seq]).pop())
    }

    fn rows(&self, seqs: &[Seq]) -> Vec<Arc<Row>> {
        self.look(seqs).inspect_err(|error| tracing::warn!(%error)).unwrap_or_default()
    }

    fn look(&self, seqs: &[Seq]) -> Result<Vec<Arc<Row>>, Error> {
        let (mut rows, mut missing, mut age) = (Vec::with_capacity(seqs.len()), Vec::new(), None);
        for seq in seqs {
            match self.cache.get(*seq) {
                Ok(row) => rows.push(row),
                Err(now) => {
                    age = age.or(Some(now));
                    missing.push(*seq);
                }
            }
        }
        let Some(age) = age else { return Ok(rows) };
        let look = |connection: &Connection, seqs: &[Seq]| read::rows(connection, self.with(), seqs);
        let Seen { found, harmed } = self.readers.each(schema::Use::Read, &missing[..], look)?;
        let read: Vec<Arc<Row>> = found.into_iter().map(Arc::new).collect();
        read.iter().for_each(|row| self.cache.put(age, row));
        if missing.len() == seqs.len() && harmed.is_empty() {
            return Ok(read);
        }
        // What is damaged says so.
        let damaged = |(seq, cause): &(Seq, String)| read::damaged(&self.readers, *seq, cause).map(Arc::new);
        rows.extend(harmed.iter().filter_map(damaged).inspect(|row| self.cache.put(age, row)));
        let place: HashMap<Seq, usize> = seqs.iter().enumerate().map(|(place, seq)| (*seq, place)).collect();
        rows.extend(read);
        rows.sort_by_key(|row| place.get(&row.seq).copied());
        Ok(rows)
    }

    fn payload(&self, seq: Seq) -> Result<Option<Payload>, Error> {
        Ok(self.stored(seq)?)
    }

    fn observables(&self, seq: Seq) -> Result<Vec<Observable>, Error> {
        Ok(self.readers.with(|connection| read::observables(connection, self.with(), seq))?)
    }

    fn revisions(&self, csirt: &str, id: &str) -> Result<Vec<Seq>, Error> {
        Ok(self.readers.with(|connection| marks::revisions(connection, csirt, id))?)
    }

    fn find(&self, key: &ItemKey) -> Result<Option<Seq>, Error> {
        Ok(self.readers.with(|connection| read::find(connection, &self.digests, key))?)
    }

    fn lookup(&self) -> Option<&dyn super::index::Lookup> {
        Some(self)
    }

    fn len(&self) -> u32 {
        self.rows.load(Ordering::Acquire)
    }

    fn is_damaged(&self) -> bool {
        self.doubt.is_raised()
    }

    fn local(&self) -> Option<&dyn Local> {
        Some(self)
    }

    fn activity(&self) -> Option<&dyn Activity> {
        Some(self)
    }
}
