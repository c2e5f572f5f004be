//! The store in memory: append-only, no item lost or doubled, bounded.
//!
//! May use `model` and the contract in `store`. One lock: writers hold it for a batch, readers for a look.

mod activity;
mod desk;

use std::borrow::Borrow;
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

use super::activity::Activity;
use super::index::heard::{Heard, Listens, kept};
use super::index::key::Span;
use super::index::{Failure, Stop};
use super::local::{self, Local, Plain};
use super::retention::Trace;
use super::rules::{self, is_late, is_of_now, sort_time, stands};
use super::{Committed, Error, Held, Incoming, ItemKey, Payload, Prepared, Record, Route, Row, Seq, Standing, Store};
use crate::model::{BareJid, ItemId, Kind, Observable, Summary, Tlp, TopicId};

/// What the store may hold. A batch that would go beyond either is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub rows: u32,
    /// Bytes of payloads; summaries and row headers come on top (some 500 bytes a row).
    pub bytes: u64,
}

impl Default for Budget {
    /// A million rows, a gibibyte of payloads.
    fn default() -> Self {
        Self { rows: 1_000_000, bytes: 1 << 30 }
    }
}

/// Rows listened to at once.
const PIECE: Seq = 128;

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory {
    shelves: RwLock<Shelves>,
    desk: Mutex<Plain>,
    activity: Mutex<activity::Chain>,
    /// What was heard, in the rows before this one. Locked before the shelves.
    heard: Mutex<(Heard, Seq)>,
    hasher: RandomState,
    budget: Budget,
}

#[derive(Debug, Default)]
struct Shelves {
    rows: Vec<Arc<Row>>,
    slots: Vec<Slot>,
    /// Newest row of each item, by topic.
    newest: HashMap<TopicId, HashMap<ItemId, Seq>>,
    /// Newest row of each digest; older ones of the same digest follow through [`Slot::same_digest`].
    digests: HashMap<u64, Seq>,
    bytes: u64,
    coverage: HashMap<BareJid, Vec<Record>>,
}

#[derive(Debug)]
struct Slot {
    payload: Option<Payload>,
    /// More than the summary keeps; most often none.
    observables: Box<[Observable]>,
    /// Of a payload that retention took away.
    gone: Option<Trace>,
    same_digest: Option<Seq>,
}

impl Slot {
    fn is(&self, payload: &Payload) -> bool {
        self.payload.as_ref().is_some_and(|own| own.bytes == payload.bytes)
            || self.gone.as_ref().is_some_and(|gone| gone.is(payload))
    }
}

impl Memory {
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self { budget, ..Self::default() }
    }

    /// Keyed at random, so nobody outside can aim for a collision; equality is decided on the bytes.
    fn digest(&self, incoming: &Incoming) -> u64 {
        self.hasher.hash_one((&incoming.key, incoming.payload.as_ref().map(|payload| &*payload.bytes)))
    }

    fn read(&self) -> RwLockReadGuard<'_, Shelves> {
        // Rows are appended whole, so what a dead writer left can still be read.
        self.shelves.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> Result<MutexGuard<'_, Plain>, Error> {
        self.desk.lock().map_err(|_| Error::Poisoned)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, Shelves>, Error> {
        self.shelves.write().map_err(|_| Error::Poisoned)
    }
}

impl Shelves {
    fn row(&self, seq: Seq) -> Option<&Arc<Row>> {
        self.rows.get(usize::try_from(seq).ok()?)
    }

    fn find(&self, key: &ItemKey) -> Option<Seq> {
        self.newest.get(&key.topic)?.get(&key.item).copied()
    }

    fn is_known(&self, digest: u64, incoming: &Incoming) -> bool {
        let newest = self.find(&incoming.key);
        let Some(payload) = &incoming.payload else { return newest.is_some() };
        if is_of_now(incoming.arrival()) {
            let newest = newest.and_then(|seq| self.row(seq).zip(self.slots.get(seq as usize)));
            return newest.is_some_and(|(row, slot)| held(row).may_repeat(incoming.arrival()) && slot.is(payload));
        }
        let mut next = self.digests.get(&digest).copied();
        while let Some(seq) = next {
            let Some((row, slot)) = self.row(seq).zip(self.slots.get(seq as usize)) else { return false };
            if row.key == incoming.key && slot.is(payload) {
                return true;
            }
            next = slot.same_digest;
        }
        false
    }

    /// Whether all of a batch fits even if all of it is new.
    fn fits<'a>(&self, batch: impl Iterator<Item = &'a Incoming>, budget: Budget) -> bool {
        let (count, bytes) = batch.fold((0_u64, 0_u64), |(count, bytes), incoming| (count + 1, bytes + size(incoming)));
        self.rows.len() as u64 + count <= u64::from(budget.rows) && self.bytes.saturating_add(bytes) <= budget.bytes
    }

    /// How many of a batch fit, counted exactly: what repeats what is here needs no room.
    fn fitting(&self, batch: &[(u64, impl Borrow<Incoming>)], budget: Budget) -> usize {
        let (mut new, mut newest) = (HashSet::new(), HashMap::new());
        let (mut rows, mut bytes) = (self.rows.len() as u64, self.bytes);
        for (place, (digest, incoming)) in batch.iter().enumerate() {
            let incoming = incoming.borrow();
            let (key, payload) = (&incoming.key, incoming.payload.as_ref().map(|payload| &*payload.bytes));
            let repeats = match newest.get(key) {
                None => self.is_known(*digest, incoming),
                Some(_) if payload.is_none() => true,
                Some((last, _)) if is_of_now(incoming.arrival()) => *last == payload,
                Some(_) => new.contains(&(key, payload)) || self.is_known(*digest, incoming),
            };
            if !repeats {
                let before = newest.get(key).map(|(_, told)| *told);
                let before =
                    before.or_else(|| self.find(key).and_then(|seq| self.row(seq)).map(|row| held(row).told()));
                let _ = new.insert((key, payload));
                if !before.is_some_and(|before| is_late(incoming.arrival(), before)) {
                    let told = incoming.delayed.map_or(incoming.received, |at| at.min(incoming.received));
                    let _ = newest.insert(key, (payload, told));
                }
                rows += 1;
                bytes = bytes.saturating_add(size(incoming));
                if rows > u64::from(budget.rows) || bytes > budget.bytes {
                    return place;
                }
            }
        }
        batch.len()
    }

    fn add(&mut self, digest: u64, incoming: Incoming, done: &mut Committed) {
        if self.is_known(digest, &incoming) {
            done.duplicates += 1;
            done.changed.extend(self.revive(&incoming));
            return;
        }
        // The budget keeps the count within `u32`.
        let Ok(seq) = Seq::try_from(self.rows.len()) else { return };
        let at = sort_time(&incoming);
        let late = self
            .find(&incoming.key)
            .and_then(|seq| self.row(seq))
            .is_some_and(|row| is_late(incoming.arrival(), held(row).told()));
        let Incoming { key, payload, summary, observables, route, publisher, received, .. } = incoming;
        let before = match self.newest.get_mut(&key.topic) {
            Some(items) if late => items.get(&key.item).copied(),
            Some(items) => items.insert(key.item.clone(), seq),
            None => {
                let items = HashMap::from([(key.item.clone(), seq)]);
                let _ = self.newest.insert(key.topic.clone(), items);
                None
            }
        };
        let mut version = 1;
        if let Some((before, row)) = before.and_then(|seq| Some((seq, self.rows.get_mut(seq as usize)?))) {
            version = row.version.saturating_add(1);
            if stands(row.standing) && !late {
                Arc::make_mut(row).standing = Standing::Overwritten;
                done.changed.push(before);
            }
        }
        let size = payload.as_ref().map_or(0, |payload| payload.bytes.len() as u64);
        self.bytes += size;
        let same_digest = match self.digests.entry(digest) {
            Entry::Occupied(mut held) => Some(held.insert(seq)),
            Entry::Vacant(free) => {
                let _ = free.insert(seq);
                None
            }
        };
        self.slots.push(Slot { payload, observables: observables.into_boxed_slice(), gone: None, same_digest });
        let summary = Arc::new(summary);
        let standing = if late { Standing::Overwritten } else { Standing::Current };
        self.rows.push(Arc::new(Row { seq, key, summary, route, publisher, received, at, standing, version, size }));
        done.added.push(seq);
    }

    fn mark(&mut self, seq: Seq, from: impl FnOnce(&Row) -> bool, to: Standing) -> bool {
        match self.rows.get_mut(seq as usize) {
            Some(row) if from(row) => {
                Arc::make_mut(row).standing = to;
                true
            }
            _ => false,
        }
    }

    fn retract(&mut self, seq: Seq, at: DateTime<Utc>) -> bool {
        self.mark(seq, |row| stands(row.standing), Standing::Retracted(at))
    }

    fn purge(&mut self, seq: Seq) -> bool {
        let Some((row, slot)) = self.rows.get_mut(seq as usize).zip(self.slots.get_mut(seq as usize)) else {
            return false;
        };
        if row.summary.kind == Kind::Gone {
            return false;
        }
        let row = Arc::make_mut(row);
        (row.summary, row.publisher, row.size) = (Arc::new(Summary::of_kind(Kind::Gone)), None, 0);
        let payload = slot.payload.take();
        self.bytes -= payload.as_ref().map_or(0, |payload| payload.bytes.len() as u64);
        slot.gone = payload.as_ref().map(|payload| Trace::of(&payload.bytes));
        slot.observables = Box::default();
        true
    }

    /// The item is on its broker after all.
    fn revive(&mut self, incoming: &Incoming) -> Option<Seq> {
        let seq = self.find(&incoming.key)?;
        self.mark(seq, |row| held(row).revives(incoming.arrival()), Standing::Current).then_some(seq)
    }
}

fn size(incoming: &Incoming) -> u64 {
    incoming.payload.as_ref().map_or(0, |payload| payload.bytes.len() as u64)
}

fn held(row: &Row) -> rules::Held {
    rules::Held { standing: row.standing, route: row.route, received: row.received, at: row.at }
}

impl Store for Memory {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        let batch: Vec<_> = batch.into_iter().map(|incoming| (self.digest(&incoming), incoming)).collect();
        let (mut shelves, mut desk) = (self.write()?, self.desk()?);
        let all = || batch.iter().map(|(_, incoming)| incoming);
        if !shelves.fits(all(), self.budget) && shelves.fitting(&batch, self.budget) < batch.len() {
            return Err(Error::Full { rows: u32::try_from(shelves.rows.len()).unwrap_or(u32::MAX) });
        }
        let mut done = Committed { added: Vec::with_capacity(batch.len()), ..Committed::default() };
        for (digest, incoming) in batch {
            let (before, route, history) = (done.added.len(), incoming.route, incoming.history);
            shelves.add(digest, incoming, &mut done);
            let Some(row) = done.added.get(before).copied() else { continue };
            done.live += u32::from(route == Route::Live);
            if history {
                desk.is_history(row);
            }
        }
        // A row both added and overwritten in this batch is new to the caller, not changed.
        if let Some(first) = done.added.first().copied() {
            done.changed.retain(|seq| *seq < first);
        }
        Ok(done)
    }

    fn room(&self, batch: &[Prepared]) -> usize {
        let shelves = self.read();
        let items = batch.iter().map_while(Prepared::as_item);
        if shelves.fits(items.clone(), self.budget) {
            return batch.len();
        }
        let batch: Vec<_> = items.map(|incoming| (self.digest(incoming), incoming)).collect();
        shelves.fitting(&batch, self.budget)
    }

    fn retract(&self, keys: &[ItemKey], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        let mut shelves = self.write()?;
        let found: Vec<Seq> = keys.iter().filter_map(|key| shelves.find(key)).collect();
        Ok(found.into_iter().filter(|seq| shelves.retract(*seq, at)).collect())
    }

    fn retract_topic(&self, topic: &TopicId, at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        let mut shelves = self.write()?;
        let mut found: Vec<Seq> =
            shelves.newest.get(topic).map(|items| items.values().copied().collect()).unwrap_or_default();
        found.sort_unstable();
        Ok(found.into_iter().filter(|seq| shelves.retract(*seq, at)).collect())
    }

    fn held(&self, topic: &TopicId) -> Result<Vec<Held>, Error> {
        let shelves = self.read();
        let held = |(item, seq): (&ItemId, &Seq)| {
            let row = shelves.row(*seq).filter(|row| stands(row.standing))?;
            Some(Held { item: item.clone(), seq: *seq, absent: row.standing != Standing::Current })
        };
        Ok(shelves.newest.get(topic).into_iter().flatten().filter_map(held).collect())
    }

    fn absent(&self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        let mut shelves = self.write()?;
        let newest = items.iter().filter(|(key, seq)| shelves.find(key) == Some(*seq)).map(|(_, seq)| *seq);
        let newest: Vec<Seq> = newest.collect();
        let is_current = |row: &Row| row.standing == Standing::Current;
        Ok(newest.into_iter().filter(|seq| shelves.mark(*seq, is_current, Standing::Absent(at))).collect())
    }

    fn purge(&self, rows: &[Seq], _at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        let by_hand = local::by_hand(self, &rows.iter().copied().collect())?;
        let mut heard = self.heard.lock().map_err(|_| Error::Poisoned)?;
        let mut shelves = self.write()?;
        let gone: Vec<Seq> =
            rows.iter().copied().filter(|seq| !by_hand.contains(*seq) && shelves.purge(*seq)).collect();
        heard.0.remove(&gone);
        Ok(gone)
    }

    fn listen(&self, listens: Listens) -> Result<bool, Error> {
        let mut heard = self.heard.lock().map_err(|_| Error::Poisoned)?;
        let (heard, reached) = &mut *heard;
        let end = self.len().min(reached.saturating_add(PIECE));
        for seq in *reached..end {
            let Some(row) = self.row(seq).filter(|row| row.summary.strictest.tlp() != Tlp::Clear) else { continue };
            if let Some(payload) = self.payload(row.seq)? {
                heard.add(seq, kept(listens(&payload), &self.observables(seq)?));
            }
        }
        Ok(std::mem::replace(reached, end) < end)
    }

    fn listened(&self) -> Result<Seq, Error> {
        Ok(self.heard.lock().map_err(|_| Error::Poisoned)?.1)
    }

    fn heard(&self, asked: &[&[Span]], _stop: &Stop) -> Result<Vec<Vec<Seq>>, Failure> {
        Ok(self.heard.lock().map_err(|_| Error::Poisoned)?.0.each(asked))
    }

    fn keep_coverage(&self, account: &BareJid, records: Vec<Record>) -> Result<(), Error> {
        drop(self.write()?.coverage.insert(account.clone(), records));
        Ok(())
    }

    fn coverage(&self, account: &BareJid) -> Result<Vec<Record>, Error> {
        Ok(self.read().coverage.get(account).cloned().unwrap_or_default())
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        self.read().row(seq).cloned()
    }

    fn payload(&self, seq: Seq) -> Result<Option<Payload>, Error> {
        Ok(self.read().slots.get(seq as usize).and_then(|slot| slot.payload.clone()))
    }

    fn observables(&self, seq: Seq) -> Result<Vec<Observable>, Error> {
        let shelves = self.read();
        let Some((row, slot)) = shelves.row(seq).zip(shelves.slots.get(seq as usize)) else { return Ok(Vec::new()) };
        Ok(if slot.observables.is_empty() { row.summary.observables.clone() } else { slot.observables.to_vec() })
    }

    fn find(&self, key: &ItemKey) -> Result<Option<Seq>, Error> {
        Ok(self.read().find(key))
    }

    fn len(&self) -> u32 {
        u32::try_from(self.read().rows.len()).unwrap_or(u32::MAX)
    }

    fn local(&self) -> Option<&dyn Local> {
        Some(self)
    }

    fn activity(&self) -> Option<&dyn Activity> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
