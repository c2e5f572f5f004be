//! What a damaged file still gives, row by row; and a whole file moved to another key.

mod others;

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::Value;
use zeroize::Zeroizing;

use super::activity::{self, Saved};
use super::fault::Fault;
use super::key::{Digests, Key};
use super::log::{self, Log};
use super::read::Summarise;
use super::schema::{self, Use};
use super::whole::{self, Items, OTHERS, Other, Whole};
use super::{Archive, coverage, moment, pages, read, step, summary};
use crate::model::coverage::Span;
use crate::store::acts::Change;
use crate::store::index::Bitmap;
use crate::store::{Local, Progress, Seq};

/// Rows in one transaction of a recovery.
const STEP: usize = 2_048;
/// Times of losses that are told apart; beyond them it is one from the first to the last.
const LOSSES: usize = 64;
/// The longest leap over what cannot be read, in rows.
const LEAP: i64 = 4_096;

/// Steps of SQLite's between two questions whether to stop.
const STEPS: i32 = 100_000;

/// Pages that are copied at once.
const PAGES: i32 = 4_096;

/// What a recovery kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub rows: u64,
    /// Rows of which the incident itself or its summary could not be read.
    pub partial: u64,
    /// As many rows, about, are gone.
    pub lost: u64,
    /// Payloads that could not be held against their digests, since the key of those is gone: the end of a long one may be
    /// what was not written.
    pub unproved: u64,
    /// The end of the log was not what was written: what was stored last may be gone, and nobody knows how much.
    pub cut: bool,
    /// Read, starred, snoozed, what came of it.
    pub marks: Part,
    pub tags: Part,
    pub notes: Part,
    /// Views, rules, the constituency.
    pub named: Part,
    /// The log of acts.
    pub log: Saved,
}

impl Kept {
    /// The part that a table is told in; how complete the topics are tells of itself, and what retention took is no work.
    fn part(&mut self, table: usize) -> Option<&mut Part> {
        match OTHERS.get(table)?.0 {
            "triage" => Some(&mut self.marks),
            "tags" => Some(&mut self.tags),
            "notes" => Some(&mut self.notes),
            "kept" => Some(&mut self.named),
            _ => None,
        }
    }

    fn parts(&self) -> [Part; 4] {
        [self.marks, self.tags, self.notes, self.named]
    }

    /// Whether some of its person's own work could not be read.
    #[must_use]
    pub fn lost_work(&self) -> bool {
        self.parts().iter().any(|part| part.lost)
    }

    /// Whether there was some, and all of it is here.
    #[must_use]
    pub fn has_all_work(&self) -> bool {
        !self.lost_work() && self.parts().iter().any(|part| part.kept > 0)
    }
}

/// What a recovery kept of one kind of what its person made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub kept: u64,
    /// Some could not be read, or was about incidents that are gone.
    pub lost: bool,
}

/// When what is lost was received, as far as its neighbours tell.
#[derive(Debug, Default)]
struct Losses {
    spans: Vec<Span>,
    /// When the row before was received.
    before: Option<DateTime<Utc>>,
    /// Something is lost since then, and nothing was read after it.
    open: bool,
}

impl Losses {
    /// A row was read: whether with its payload.
    fn read(&mut self, whole: &Whole, torn: bool) {
        let at = moment::read(whole.received);
        if std::mem::take(&mut self.open) || torn {
            self.lost(at, if torn { Some(at) } else { None });
        }
        self.before = Some(at);
    }

    fn lost(&mut self, until: DateTime<Utc>, from: Option<DateTime<Utc>>) {
        // Before the first row that is left, it may be of any time.
        let from = from.or(self.before).unwrap_or(DateTime::UNIX_EPOCH).min(until);
        self.spans.push(Span::new(from, until));
        if self.spans.len() > LOSSES {
            let from = self.spans.iter().map(|span| span.from).min().unwrap_or(from);
            let until = self.spans.iter().map(|span| span.until).max().unwrap_or(until);
            self.spans = vec![Span::new(from, until)];
        }
    }

    fn end(mut self, now: DateTime<Utc>) -> Vec<Span> {
        if self.open {
            self.lost(now, None);
        }
        self.spans
    }
}

/// A damaged file. SQLCipher gives noughts for the first page that is not what was written and for every page read after it
/// by the same connection, so each such page costs a connection.
struct Wreck<'a> {
    path: &'a Path,
    key: &'a Key,
    connection: Option<Connection>,
    /// Nothing where their key cannot be read.
    digests: Option<Digests>,
    /// Items of which not all could be read.
    partial: u64,
    losses: Losses,
}

impl Wreck<'_> {
    /// One look; the connection of one that failed, or met what is not what was written, is not used again.
    fn look<T>(&mut self, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => schema::connect(self.path, self.key, Use::Read)?,
        };
        let seen = look(&connection)?;
        self.connection = schema::unharmed(&connection, ()).is_ok().then_some(connection);
        Ok(seen)
    }

    /// Items from this number on, as many as can be read in a row; each gets back what of it could not. Gives the number
    /// after the last, and whether that was the end.
    fn items(&mut self, from: i64, most: usize, take: &mut Vec<Whole>) -> (i64, bool) {
        let (mut next, mut torn, mut end) = (from, None, false);
        let mut losses = std::mem::take(&mut self.losses);
        let digests = self.digests.clone();
        // How it ended is in what was taken.
        let _ = self.look(|connection| {
            let mut items = Items::new(connection, digests.as_ref())?;
            while take.len() < most {
                let Some((whole, all)) = items.next(next)? else {
                    end = true;
                    break;
                };
                next = i64::from(whole.seq) + 1;
                if !all || schema::unharmed(connection, ()).is_err() {
                    torn = Some(whole);
                    return Err(Fault::Damaged(String::new()));
                }
                losses.read(&whole, false);
                take.push(whole);
            }
            Ok(())
        });
        if let Some(mut whole) = torn {
            losses.read(&whole, true);
            self.partial += 1;
            let summary = |own: &Connection| schema::unharmed(own, whole::summary(own, whole.seq)?);
            whole.summary = self.look(summary).unwrap_or_default();
            whole.payload =
                self.look(|connection| read::payload_of(connection, digests.as_ref(), whole.seq)).unwrap_or_default();
            take.push(whole);
        }
        self.losses = losses;
        (next, end)
    }

    fn reads(&mut self, from: i64) -> bool {
        let digests = self.digests.clone();
        let next = |connection: &Connection| Ok(Items::new(connection, digests.as_ref())?.next(from)?.is_some());
        self.look(next).is_ok_and(|reads| reads)
    }

    /// The first number after `bad` from which on something can be read, as `reads` tells.
    fn beyond(&mut self, bad: i64, last: i64, reads: &mut dyn FnMut(&mut Self, i64) -> bool) -> Option<i64> {
        let (mut low, mut leap) = (bad, 1);
        let mut high = loop {
            let probe = low.saturating_add(leap);
            if probe > last {
                return None;
            }
            if reads(self, probe) {
                break probe;
            }
            (low, leap) = (probe, (leap * 2).min(LEAP));
        };
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if reads(self, middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}

impl Archive {
    /// Takes in what a damaged file gives; it is only read. Rows are numbered anew.
    ///
    /// # Errors
    /// When this archive could not be written. What cannot be read of the other is counted, not an error.
    pub fn salvage(
        &self,
        path: &Path,
        key: &Key,
        now: DateTime<Utc>,
        summarise: Option<Summarise>,
        progress: &Progress,
    ) -> Result<Kept, Fault> {
        let mut wreck = Wreck { path, key, connection: None, digests: None, partial: 0, losses: Losses::default() };
        wreck.digests = wreck.look(Digests::kept).ok().flatten();
        let (mut kept, mut numbers, mut next) = (Kept::default(), HashMap::new(), 0_i64);
        // An end that a crash cut off is no loss; in doubt it is said.
        kept.cut = match log::read(path) {
            Ok(Log::Whole) => false,
            Ok(Log::Torn) => super::doubt(path).exists(),
            Ok(Log::Broken) | Err(_) => true,
        };
        let last = last(&mut wreck);
        loop {
            let mut gathered = Vec::with_capacity(STEP);
            let (reached, end) = wreck.items(next, STEP, &mut gathered);
            let stuck = gathered.is_empty();
            if wreck.digests.is_none() {
                kept.unproved += gathered.iter().filter(|whole| whole.payload.is_some()).count() as u64;
            }
            self.take_in(gathered, &mut numbers, summarise)?;
            next = reached;
            if !progress.at(next.unsigned_abs(), last.unsigned_abs() + 1) {
                return Err(Fault::Stopped);
            }
            if end || next > last {
                break;
            }
            if stuck {
                let beyond = wreck.beyond(next, last, &mut |wreck, from| wreck.reads(from));
                wreck.losses.open = true;
                kept.lost += (beyond.unwrap_or(last + 1) - next).unsigned_abs();
                let Some(beyond) = beyond else { break };
                next = beyond;
            }
        }
        (kept.rows, kept.partial) = (numbers.len() as u64, wreck.partial);
        wreck.losses.open |= kept.cut;
        let lost = std::mem::take(&mut wreck.losses).end(now);
        let unread = self.others(&mut wreck, &numbers, &lost, last, &mut kept)?;
        let mut writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        kept.log = activity::mend(&writer.connection, unread, now)?;
        writer.promote(now)?;
        Ok(kept)
    }

    /// The rows that are read so far, by their numbers there and here.
    fn take_in(
        &self,
        batch: Vec<Whole>,
        numbers: &mut HashMap<Seq, Seq>,
        summarise: Option<Summarise>,
    ) -> Result<(), Fault> {
        let olds: Vec<Seq> = batch.iter().map(|whole| whole.seq).collect();
        let news = self.put(batch, summarise)?;
        numbers.extend(olds.into_iter().zip(news));
        Ok(())
    }

    /// Puts items in, one after the other, as they are.
    pub(super) fn put(&self, batch: Vec<Whole>, summarise: Option<Summarise>) -> Result<Vec<Seq>, Fault> {
        let mut writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        let put = writer.put(&batch, |whole| {
            let kept = whole.summary.as_deref().and_then(summary::read);
            let again = summarise.zip(whole.payload.as_ref());
            let again = again.map(|(summarise, payload)| summarise(&payload.bytes, &payload.scope));
            match (kept, again) {
                // One that an earlier version made says less than the document does.
                (Some(kept), Some((_, all))) if kept.facets.is_some() => Some((kept, all)),
                (Some(kept), None) => Some((kept, Vec::new())),
                (_, again) => again,
            }
        })?;
        self.stale.store(super::renew::left(&writer.connection)?, std::sync::atomic::Ordering::Release);
        self.changed(&writer, &[]);
        Ok(put)
    }

    pub(super) fn put_others(&self, others: &[Other]) -> Result<(), Fault> {
        let mut writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        let transaction = writer.connection.transaction()?;
        for of_one in others.chunk_by(|one, other| one.table == other.table) {
            let Some(first) = of_one.first() else { continue };
            let mut insert = whole::insert(&transaction, first.table)?;
            of_one.iter().try_for_each(|other| other.put(&mut insert))?;
        }
        Ok(transaction.commit()?)
    }

    /// Gives whether entries of the log of acts could not be read.
    fn others(
        &self,
        wreck: &mut Wreck<'_>,
        numbers: &HashMap<Seq, Seq>,
        lost: &[Span],
        last: i64,
        kept: &mut Kept,
    ) -> Result<bool, Fault> {
        let mut unread = false;
        let mut olds: Vec<Seq> = numbers.keys().copied().collect();
        olds.sort_unstable();
        // They are numbered anew in their order: as many come before.
        let anew = |old: Seq| Seq::try_from(olds.partition_point(|kept| *kept < old)).unwrap_or(Seq::MAX);
        for table in 0..OTHERS.len() {
            let (mut put, mut homeless, mut steps) = (0, false, Vec::new());
            let mut part = others::read(wreck, table, last, &mut |read| {
                let mut found = Vec::with_capacity(read.len());
                for mut other in read {
                    let is_work = other.is_work();
                    if let Some(step) = other.step() {
                        // It speaks of rows as they were numbered.
                        steps.extend(step::read(step));
                        continue;
                    }
                    if let Some(seq) = other.seq() {
                        let new = Seq::try_from(*seq).ok().and_then(|old| numbers.get(&old));
                        let Some(new) = new else {
                            homeless |= is_work;
                            continue;
                        };
                        *seq = i64::from(*new);
                    }
                    if let Some(Value::Blob(record)) = other.record() {
                        // One that cannot be read claims nothing: the topic is read as a new one.
                        let Some(kept) = coverage::read(record) else { continue };
                        *record = coverage::write(&coverage::after_loss(kept, lost, &anew));
                    }
                    if let Some(place) = other.place() {
                        let old = std::str::from_utf8(place).ok().and_then(|place| place.parse().ok());
                        let Some(old) = old else { continue };
                        *place = anew(old).to_string().into_bytes();
                    }
                    found.push(other);
                }
                put += found.len() as u64;
                self.put_others(&found)
            })?;
            for change in steps.iter().flatten() {
                let rows = |rows: &Bitmap| rows.iter().filter_map(|old| numbers.get(&old).copied()).collect();
                let change = match change {
                    Change::Mark { rows: of, mark, on } => Change::Mark { rows: rows(of), mark: mark.clone(), on: *on },
                    Change::Slot { rows: of, to } => Change::Slot { rows: rows(of), to: to.clone() },
                    Change::Note { .. } | Change::Mute { .. } => continue,
                };
                Local::change(self, &[change]).map_err(|error| Fault::Disk(error.to_string()))?;
            }
            (part.kept, part.lost) = (put, part.lost || homeless);
            unread |= part.lost && OTHERS.get(table).is_some_and(|(name, _)| *name == "activity");
            kept.part(table).map(|told| *told = part).unwrap_or_default();
        }
        Ok(unread)
    }

    /// Copies the whole file to `to`, which must not be there, under another key, and proves that it opens.
    ///
    /// # Errors
    /// When there is no good copy afterwards.
    pub fn copy(&self, to: &Path, key: &Key, new: &Key, progress: &Progress) -> Result<(), Fault> {
        drop(super::private(to)?);
        let writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        {
            let mut copy = Connection::open(to)?;
            schema::unlock(&copy, key, schema::page(&writer.connection)?)?;
            let copying = Backup::new(&writer.connection, &mut copy)?;
            while copying.step(PAGES)? == StepResult::More {
                let [left, all] = [copying.progress().remaining, copying.progress().pagecount].map(i32::unsigned_abs);
                // Afterwards all of it is written anew.
                if !progress.at(u64::from(all - left), 3 * u64::from(all)) {
                    return Err(Fault::Stopped);
                }
            }
            drop(copying);
            copy.execute_batch("PRAGMA journal_mode = DELETE;")?;
            let mut statement = Zeroizing::new(String::with_capacity(96));
            statement.push_str("PRAGMA rekey = \"x'");
            new.hex(&mut statement);
            statement.push_str("'\";");
            copy.execute_batch(&statement).map_err(|_| Fault::Disk("the key was not changed".to_owned()))?;
        }
        let copied = Archive::open(to, new, None)?;
        copied.verify_all(progress)?;
        if copied.rows.load(std::sync::atomic::Ordering::Acquire)
            != self.rows.load(std::sync::atomic::Ordering::Acquire)
        {
            return Err(Fault::Damaged("the copy is short".to_owned()));
        }
        copied.close()
    }

    /// Checks every page: that it is what was written, and that they make the tables they should.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with the first that is wrong.
    pub fn verify(&self) -> Result<(), Fault> {
        self.verify_all(&Progress::default())
    }

    /// As [`Archive::verify`], told to who waits.
    ///
    /// # Errors
    /// As there; [`Fault::Stopped`] when they say so.
    pub fn verify_all(&self, progress: &Progress) -> Result<(), Fault> {
        {
            // Nobody writes to the log meanwhile.
            let _writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
            self.doubt.hear(log::sound(&self.path))?;
        }
        self.doubt.hear(verify(&self.path, self.readers.key(), progress))
    }
}

/// Reads all pages of a file, then the tables that they make; it is not written to. Of the second nobody knows how long it
/// takes.
pub fn verify(path: &Path, key: &Key, progress: &Progress) -> Result<(), Fault> {
    let _ = pages::check(path, key, progress)?;
    let mut connection = schema::connect(path, key, Use::Read)?;
    let asked = progress.clone();
    connection.progress_handler(STEPS, Some(move || asked.stopped()))?;
    sound(&connection)
}

fn sound(connection: &Connection) -> Result<(), Fault> {
    let mut check = connection.prepare("PRAGMA quick_check")?;
    let mut found = check.query([])?;
    while let Some(row) = found.next()? {
        let words: String = row.get(0)?;
        if words != "ok" {
            return Err(Fault::Damaged(words));
        }
    }
    Ok(())
}

/// The last number there may be: where the tables' ends cannot be read, what fits into the file.
fn last(wreck: &mut Wreck<'_>) -> i64 {
    let mut read = |table: &str| {
        let look = |connection: &Connection| {
            Ok(connection
                .query_row(&format!("SELECT max(seq) FROM {table}"), [], |row| row.get::<_, Option<i64>>(0))?)
        };
        wreck.look(look).ok().flatten()
    };
    let known = ["items", "summaries", "payloads"].into_iter().find_map(&mut read);
    known.unwrap_or_else(|| fits(wreck)).min(i64::from(Seq::MAX))
}

/// As many rows as fit into the file, at most.
fn fits(wreck: &Wreck<'_>) -> i64 {
    std::fs::metadata(wreck.path).map_or(0, |file| i64::try_from(file.len() / 64).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{ItemId, Kind, Observable, ObservableKind, Summary, TopicId};
    use crate::store::archive::Word;
    use crate::store::index::key;
    use crate::store::{Incoming, ItemKey, Payload, Route, Standing, Store};

    fn archive() -> (tempfile::TempDir, Archive) {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
        (folder, archive)
    }

    fn incoming(text: &str) -> Incoming {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.title = text.to_owned();
        summary.observables = vec![Observable { kind: ObservableKind::Domain, value: format!("{text}.example") }];
        Incoming {
            key: ItemKey { topic, item: ItemId("one".to_owned()) },
            payload: Some(Payload { bytes: Arc::from(text.as_bytes()), scope: Arc::from([]) }),
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received: DateTime::UNIX_EPOCH,
            delayed: None,
            history: false,
        }
    }

    fn run(archive: &Archive, statement: &str) {
        archive.writer().unwrap().connection.execute_batch(statement).unwrap();
    }

    #[test]
    fn an_item_whose_newest_version_was_lost_has_one_again() {
        let (_folder, archive) = archive();
        let _ = archive.commit(vec![incoming("zeroth"), incoming("first"), incoming("second")]).unwrap();
        run(
            &archive,
            "PRAGMA foreign_keys = OFF; DELETE FROM items WHERE seq = 2; DELETE FROM payloads WHERE seq = 2;",
        );
        assert_eq!(archive.find(&incoming("first").key).unwrap(), None);
        archive.writer().unwrap().promote(DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(archive.find(&incoming("first").key).unwrap(), Some(1));
        assert!(matches!(archive.row(1).unwrap().standing, Standing::Absent(_)));
        assert_eq!(archive.held(&incoming("first").key.topic).unwrap().len(), 1);
        // The broker still has the first: it is that, and not another.
        let again = archive.commit(vec![Incoming { route: Route::Fetched, ..incoming("first") }]).unwrap();
        assert_eq!((again.duplicates, again.added.len(), again.changed), (1, 0, vec![1]));
        let added = archive.commit(vec![incoming("third")]).unwrap().added;
        assert_eq!(archive.row(added[0]).unwrap().version, 3);
    }

    #[test]
    fn a_row_whose_payload_was_lost_has_it_again_when_it_comes_again() {
        for with_summary in [true, false] {
            let (_folder, archive) = archive();
            let one = incoming("first");
            let whole = Whole {
                seq: 0,
                key: one.key.clone(),
                version: 1,
                newest: true,
                route: 0,
                publisher: None,
                received: 0,
                at: 0,
                delayed: None,
                standing: 0,
                since: None,
                summary: with_summary.then(|| summary::write(&one.summary)),
                payload: None,
            };
            assert_eq!(archive.put(vec![whole], None).unwrap(), [0]);
            // Another payload is another version, where it can be told.
            if with_summary {
                assert_eq!(archive.commit(vec![incoming("second")]).unwrap().added, [1]);
                let late = Some(DateTime::UNIX_EPOCH - chrono::TimeDelta::hours(1));
                let late = Incoming { delayed: late, route: Route::Delayed, ..one.clone() };
                assert_eq!(archive.commit(vec![late]).unwrap().duplicates, 1);
            } else {
                assert_eq!(archive.commit(vec![one.clone()]).unwrap().duplicates, 1);
            }
            assert_eq!(archive.payload(0).unwrap(), one.payload);
            assert_eq!(archive.row(0).unwrap().summary.title, "first");
            let word = Word { text: "first".to_owned(), begins: false };
            assert_eq!(archive.words(&[word], None, 9).unwrap(), [0]);
            let spans = key::domains("first.example", key::Reach::Itself);
            assert_eq!(archive.observed(&spans, &|| false).unwrap(), [0]);
            let again = archive.commit(vec![one]).unwrap();
            assert_eq!(again.duplicates, u32::from(!with_summary));
        }
    }
}
