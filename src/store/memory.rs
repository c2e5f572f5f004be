//! The store in memory: append-only, no item lost or doubled, bounded.
//!
//! May use `model` and the contract in `store`. One lock: writers hold it for a batch, readers for a look.

use std::borrow::Borrow;
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

use super::{Committed, Error, Incoming, ItemKey, Payload, Record, Route, Row, Seq, Standing, Store};
use crate::model::{BareJid, ItemId, TopicId};

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

/// A store in memory.
///
/// Beyond the contract: an item that the broker kept for us (a delayed one) is a duplicate if *any* version under its key
/// has the same payload bytes, since what waited is repeated late and in any order; every other one tells what is so now
/// and is a duplicate only of a newest version that still stands. One fetched from what the broker stores repeats a newest
/// version that was retracted too, which then stands again: the answer may be older than the retraction, and a broker that
/// was killed comes back as it was before it. An item without payload under a known key says nothing new, and a retracted
/// row stays retracted when its id is used again by another payload, or live.
#[derive(Debug, Default)]
pub struct Memory {
    shelves: RwLock<Shelves>,
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
    same_digest: Option<Seq>,
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
        if is_of_now(incoming) {
            let newest = newest.and_then(|seq| self.row(seq).zip(self.slots.get(seq as usize)));
            return newest.is_some_and(|(row, slot)| {
                (stands(row) || is_stored(row, incoming))
                    && slot.payload.as_ref().is_some_and(|own| own.bytes == payload.bytes)
            });
        }
        let mut next = self.digests.get(&digest).copied();
        while let Some(seq) = next {
            let Some((row, slot)) = self.row(seq).zip(self.slots.get(seq as usize)) else { return false };
            if row.key == incoming.key && slot.payload.as_ref().is_some_and(|old| old.bytes == payload.bytes) {
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
                Some(last) if is_of_now(incoming) => *last == payload,
                Some(_) => new.contains(&(key, payload)) || self.is_known(*digest, incoming),
            };
            if !repeats {
                let _ = (new.insert((key, payload)), newest.insert(key, payload));
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
            if is_of_now(&incoming) {
                done.changed.extend(self.revive(&incoming));
            }
            return;
        }
        // The budget keeps the count within `u32`.
        let Ok(seq) = Seq::try_from(self.rows.len()) else { return };
        let at = sort_time(&incoming);
        let Incoming { key, payload, summary, route, publisher, received, .. } = incoming;
        let before = match self.newest.get_mut(&key.topic) {
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
            if stands(row) {
                Arc::make_mut(row).standing = Standing::Overwritten;
                done.changed.push(before);
            }
        }
        self.bytes += payload.as_ref().map_or(0, |payload| payload.bytes.len() as u64);
        let same_digest = match self.digests.entry(digest) {
            Entry::Occupied(mut held) => Some(held.insert(seq)),
            Entry::Vacant(free) => {
                let _ = free.insert(seq);
                None
            }
        };
        self.slots.push(Slot { payload, same_digest });
        let summary = Arc::new(summary);
        let standing = Standing::Current;
        self.rows.push(Arc::new(Row { seq, key, summary, route, publisher, received, at, standing, version }));
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
        self.mark(seq, stands, Standing::Retracted(at))
    }

    /// The item is on its broker after all.
    fn revive(&mut self, incoming: &Incoming) -> Option<Seq> {
        let seq = self.find(&incoming.key)?;
        let gone = |row: &Row| matches!(row.standing, Standing::Absent(_)) || is_stored(row, incoming);
        self.mark(seq, gone, Standing::Current).then_some(seq)
    }
}

/// Whether the broker stores what it retracted.
fn is_stored(row: &Row, incoming: &Incoming) -> bool {
    incoming.route == Route::Fetched && matches!(row.standing, Standing::Retracted(_))
}

/// Whether nobody said that the item is gone: not seen on the broker is less than that.
fn stands(row: &Row) -> bool {
    matches!(row.standing, Standing::Current | Standing::Absent(_))
}

fn size(incoming: &Incoming) -> u64 {
    incoming.payload.as_ref().map_or(0, |payload| payload.bytes.len() as u64)
}

/// Whether it tells how the item is as we hear of it: pushed as it happened, or read from the topic.
fn is_of_now(incoming: &Incoming) -> bool {
    incoming.route != Route::Delayed && incoming.delayed.is_none()
}

/// The rule of [`Row::at`].
fn sort_time(incoming: &Incoming) -> DateTime<Utc> {
    let said = match incoming.route {
        _ if incoming.delayed.is_some() => incoming.delayed,
        Route::Fetched => incoming.summary.generated.as_ref().map(|stamp| stamp.at),
        Route::Live | Route::Delayed => None,
    };
    said.map_or(incoming.received, |at| at.min(incoming.received))
}

impl Store for Memory {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        let batch: Vec<_> = batch.into_iter().map(|incoming| (self.digest(&incoming), incoming)).collect();
        let mut shelves = self.write()?;
        let all = || batch.iter().map(|(_, incoming)| incoming);
        if !shelves.fits(all(), self.budget) && shelves.fitting(&batch, self.budget) < batch.len() {
            return Err(Error::Full { rows: u32::try_from(shelves.rows.len()).unwrap_or(u32::MAX) });
        }
        let mut done = Committed { added: Vec::with_capacity(batch.len()), ..Committed::default() };
        for (digest, incoming) in batch {
            shelves.add(digest, incoming, &mut done);
        }
        // A row both added and overwritten in this batch is new to the caller, not changed.
        if let Some(first) = done.added.first().copied() {
            done.changed.retain(|seq| *seq < first);
        }
        Ok(done)
    }

    fn room(&self, batch: &[Incoming]) -> usize {
        let shelves = self.read();
        if shelves.fits(batch.iter(), self.budget) {
            return batch.len();
        }
        let batch: Vec<_> = batch.iter().map(|incoming| (self.digest(incoming), incoming)).collect();
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

    fn held(&self, topic: &TopicId) -> Result<Vec<(ItemId, Seq)>, Error> {
        let shelves = self.read();
        let current = |seq: Seq| shelves.row(seq).is_some_and(|row| row.standing == Standing::Current);
        let items = shelves.newest.get(topic).into_iter().flatten();
        Ok(items.filter(|(_, seq)| current(**seq)).map(|(item, seq)| (item.clone(), *seq)).collect())
    }

    fn absent(&self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        let mut shelves = self.write()?;
        let newest = items.iter().filter(|(key, seq)| shelves.find(key) == Some(*seq)).map(|(_, seq)| *seq);
        let newest: Vec<Seq> = newest.collect();
        let is_current = |row: &Row| row.standing == Standing::Current;
        Ok(newest.into_iter().filter(|seq| shelves.mark(*seq, is_current, Standing::Absent(at))).collect())
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

    fn find(&self, key: &ItemKey) -> Option<Seq> {
        self.read().find(key)
    }

    fn len(&self) -> u32 {
        u32::try_from(self.read().rows.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Kind, Stamp, Summary};

    fn key(topic: &str, item: &str) -> ItemKey {
        let broker = "broker.practice.invalid".parse().unwrap();
        ItemKey { topic: TopicId { broker, node: topic.to_owned() }, item: ItemId(item.to_owned()) }
    }

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn incoming(key: ItemKey, payload: Option<&str>) -> Incoming {
        let payload = payload.map(|text| Payload { bytes: text.as_bytes().into(), scope: Arc::new([]) });
        let summary = Summary::of_kind(Kind::Empty);
        Incoming { key, payload, summary, route: Route::Live, publisher: None, received: time(0), delayed: None }
    }

    fn text(store: &Memory, seq: Seq) -> Option<String> {
        store.payload(seq).unwrap().map(|payload| String::from_utf8(payload.bytes.to_vec()).unwrap())
    }

    #[test]
    fn versions_duplicates_and_standing() {
        let store = Memory::default();
        assert!(store.is_empty());
        let a = key("t", "a");
        let done = store.commit(vec![incoming(a.clone(), Some("1")), incoming(key("u", "a"), Some("1"))]).unwrap();
        assert_eq!(done, Committed { added: vec![0, 1], ..Committed::default() }, "two topics, one item id: two items");
        let done = store.commit(vec![incoming(a.clone(), Some("1")), incoming(a.clone(), None)]).unwrap();
        assert_eq!(done, Committed { duplicates: 2, ..Committed::default() });
        let held = store.row(0).unwrap();
        let done = store.commit(vec![incoming(a.clone(), Some("2")), incoming(a.clone(), Some("3"))]).unwrap();
        assert_eq!(done, Committed { added: vec![2, 3], changed: vec![0], duplicates: 0 });
        assert_eq!(held.standing, Standing::Current, "a row that was handed out does not change under its reader");
        let standings: Vec<_> = (0..4).map(|seq| store.row(seq).unwrap()).map(|r| (r.version, r.standing)).collect();
        assert_eq!(
            standings,
            [(1, Standing::Overwritten), (1, Standing::Current), (2, Standing::Overwritten), (3, Standing::Current)]
        );
        assert_eq!(store.find(&a), Some(3));
        let replayed = Incoming { route: Route::Delayed, ..incoming(a.clone(), Some("1")) };
        let stamped = Incoming { delayed: Some(time(-5)), ..incoming(a.clone(), Some("2")) };
        assert_eq!(store.commit(vec![replayed, stamped]).unwrap().duplicates, 2, "old versions that had waited");
        assert_eq!((text(&store, 0).as_deref(), text(&store, 3).as_deref()), (Some("1"), Some("3")));
        assert_eq!((store.len(), store.row(4).is_none(), text(&store, 4)), (4, true, None));
    }

    #[test]
    fn retraction_keeps_the_evidence() {
        let store = Memory::default();
        let (a, b) = (key("t", "a"), key("t", "b"));
        let _ = store.commit(vec![incoming(a.clone(), Some("1")), incoming(b.clone(), Some("1"))]).unwrap();
        assert_eq!(store.retract(&[a.clone(), a.clone(), key("t", "none")], time(5)).unwrap(), [0]);
        assert_eq!(store.retract_topic(&a.topic, time(9)).unwrap(), [1]);
        assert!(store.retract_topic(&key("other", "").topic, time(9)).unwrap().is_empty());
        assert_eq!(store.row(0).unwrap().standing, Standing::Retracted(time(5)));
        assert_eq!(text(&store, 0).as_deref(), Some("1"));
        let done = store.commit(vec![incoming(a.clone(), Some("2"))]).unwrap();
        assert_eq!(done, Committed { added: vec![2], ..Committed::default() });
        assert_eq!(store.row(0).unwrap().standing, Standing::Retracted(time(5)));
        assert_eq!(store.row(2).unwrap().standing, Standing::Current);
    }

    #[test]
    fn what_is_so_again_stands_again() {
        for route in [Route::Live, Route::Fetched] {
            let store = Memory::default();
            let a = key("t", "a");
            let say = |text| store.commit(vec![Incoming { route, ..incoming(a.clone(), Some(text)) }]).unwrap();
            let _ = (say("1"), say("2"));
            assert_eq!(say("1"), Committed { added: vec![2], changed: vec![1], duplicates: 0 }, "taken back");
            assert_eq!(store.row(2).unwrap().version, 3);
            assert_eq!(say("1").duplicates, 1);
            assert_eq!(store.retract(std::slice::from_ref(&a), time(5)).unwrap(), [2]);
            if route == Route::Fetched {
                assert_eq!(
                    say("1"),
                    Committed { changed: vec![2], duplicates: 1, ..Committed::default() },
                    "still stored"
                );
                assert_eq!(store.row(2).unwrap().standing, Standing::Current);
                continue;
            }
            assert_eq!(say("1").added, [3], "published again after it was retracted");
            assert_eq!(store.row(2).unwrap().standing, Standing::Retracted(time(5)));
            assert_eq!((store.row(3).unwrap().standing, store.find(&a)), (Standing::Current, Some(3)));
        }
    }

    #[test]
    fn what_the_broker_does_not_store_any_more_is_kept_and_may_come_back() {
        let store = Memory::default();
        let (a, b, c) = (key("t", "a"), key("t", "b"), key("t", "c"));
        let all = [&a, &b, &c].map(|key| incoming(key.clone(), Some("1")));
        let _ = store.commit(all.to_vec()).unwrap();
        let _ = store.retract(std::slice::from_ref(&c), time(5)).unwrap();
        let mut held = store.held(&a.topic).unwrap();
        held.sort();
        assert_eq!(held, [(a.item.clone(), 0), (b.item.clone(), 1)]);
        let _ = store.commit(vec![incoming(b.clone(), Some("2"))]).unwrap();
        let marked = store.absent(&[(a.clone(), 0), (b.clone(), 1), (c, 2)], time(6)).unwrap();
        assert_eq!(marked, [0], "the others changed meanwhile");
        assert_eq!(store.row(0).unwrap().standing, Standing::Absent(time(6)));
        assert_eq!(text(&store, 0).as_deref(), Some("1"));
        let late = Incoming { route: Route::Delayed, ..incoming(a.clone(), Some("1")) };
        assert_eq!(store.commit(vec![late]).unwrap(), Committed { duplicates: 1, ..Committed::default() });
        let again = store.commit(vec![Incoming { route: Route::Fetched, ..incoming(a.clone(), Some("1")) }]).unwrap();
        assert_eq!(again, Committed { changed: vec![0], duplicates: 1, ..Committed::default() });
        assert_eq!(store.row(0).unwrap().standing, Standing::Current);
        let _ = store.absent(&[(a.clone(), 0)], time(7)).unwrap();
        assert_eq!(store.commit(vec![incoming(a, Some("3"))]).unwrap().changed, [0]);
        assert_eq!(store.row(0).unwrap().standing, Standing::Overwritten);
    }

    #[test]
    fn time_to_sort_by() {
        let generated = |at: &str| Stamp::parse(at);
        let early = "2020-01-01T00:00:00Z";
        for (route, delayed, said, expected) in [
            (Route::Live, None, generated(early), time(0)),
            (Route::Delayed, Some(time(-60)), generated(early), time(-60)),
            (Route::Delayed, Some(time(60)), None, time(0)),
            (Route::Fetched, None, generated(early), generated(early).unwrap().at),
            (Route::Fetched, Some(time(-60)), generated(early), time(-60)),
            (Route::Fetched, None, generated("2999-01-01T00:00:00Z"), time(0)),
            (Route::Fetched, None, None, time(0)),
        ] {
            let mut incoming = incoming(key("t", "a"), Some("1"));
            (incoming.route, incoming.delayed, incoming.summary.generated) = (route, delayed, said);
            let store = Memory::default();
            let _ = store.commit(vec![incoming]).unwrap();
            assert_eq!(store.row(0).unwrap().at, expected, "{route:?} {delayed:?}");
        }
    }

    #[test]
    fn full_refuses_the_whole_batch_but_knows_repeats() {
        let store = Memory::new(Budget { rows: 2, bytes: 100 });
        let one = incoming(key("t", "a"), Some("1"));
        let two = incoming(key("t", "b"), Some("1"));
        let three = incoming(key("t", "c"), Some("1"));
        let _ = store.commit(vec![one.clone()]).unwrap();
        let refused = store.commit(vec![two.clone(), three]);
        assert!(matches!(refused, Err(Error::Full { rows: 1 })), "{refused:?}");
        assert_eq!((store.len(), store.find(&two.key)), (1, None));
        let other = incoming(two.key.clone(), Some("2"));
        let back_and_forth = vec![two.clone(), other, two.clone()];
        assert!(store.commit(back_and_forth).is_err(), "three versions");
        assert_eq!(store.commit(vec![one, two.clone(), two]).unwrap().duplicates, 2);
        let store = Memory::new(Budget { rows: 9, bytes: 3 });
        assert!(store.commit(vec![incoming(key("t", "a"), Some("1234"))]).is_err());
        assert_eq!(store.commit(vec![incoming(key("t", "a"), Some("123"))]).unwrap().added, [0]);
        assert!(store.commit(vec![incoming(key("t", "b"), Some("1"))]).is_err());
    }

    #[test]
    fn equal_digests_are_told_apart_by_their_bytes() {
        let mut shelves = Shelves::default();
        let mut done = Committed::default();
        for (item, payload) in [("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"), ("b", "1"), ("a", "2")] {
            let late = Incoming { route: Route::Delayed, ..incoming(key("t", item), Some(payload)) };
            shelves.add(7, late, &mut done);
        }
        assert_eq!((done.added, done.duplicates), (vec![0, 1, 2], 3));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Commit(Vec<(u8, u8, Option<u8>)>, bool),
        Retract(Vec<(u8, u8)>),
        RetractTopic(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        let payload = prop_oneof![1 => Just(None), 5 => (0u8..4).prop_map(Some)];
        prop_oneof![
            4 => (prop::collection::vec((0u8..3, 0u8..4, payload), 0..8), any::<bool>())
                .prop_map(|(batch, late)| Step::Commit(batch, late)),
            1 => prop::collection::vec((0u8..3, 0u8..4), 0..4).prop_map(Step::Retract),
            1 => (0u8..3).prop_map(Step::RetractTopic),
        ]
    }

    /// A store that is nothing but a list, searched from end to end.
    #[derive(Default)]
    struct Naive(Vec<(u8, u8, Option<u8>, Standing)>);

    impl Naive {
        fn newest(&self, topic: u8, item: u8) -> Option<usize> {
            self.0.iter().rposition(|row| (row.0, row.1) == (topic, item))
        }

        fn commit(&mut self, batch: &[(u8, u8, Option<u8>)], late: bool) -> u32 {
            let mut duplicates = 0;
            for &(topic, item, payload) in batch {
                let newest = self.newest(topic, item);
                let old = self.0.iter().any(|row| (row.0, row.1, row.2) == (topic, item, payload));
                let stands = newest.is_some_and(|at| (self.0[at].2, self.0[at].3) == (payload, Standing::Current));
                let seen = if late { old } else { stands };
                if seen || (payload.is_none() && newest.is_some()) {
                    duplicates += 1;
                    continue;
                }
                if let Some(old) = newest.filter(|old| self.0[*old].3 == Standing::Current) {
                    self.0[old].3 = Standing::Overwritten;
                }
                self.0.push((topic, item, payload, Standing::Current));
            }
            duplicates
        }

        fn retract(&mut self, at: DateTime<Utc>, hit: impl Fn(u8, u8) -> bool) {
            for row in self.0.iter_mut().filter(|row| row.3 == Standing::Current && hit(row.0, row.1)) {
                row.3 = Standing::Retracted(at);
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_model(steps in prop::collection::vec(step(), 0..24)) {
            let store = Memory::default();
            let mut naive = Naive::default();
            let name = |n: u8| n.to_string();
            for (index, step) in steps.iter().enumerate() {
                let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(index as i64);
                let before: Vec<_> = naive.0.iter().map(|row| row.3).collect();
                let (added, mut changed) = match step {
                    Step::Commit(batch, late) => {
                        let duplicates = naive.commit(batch, *late);
                        let route = if *late { Route::Delayed } else { Route::Live };
                        let batch = batch.iter().map(|(topic, item, payload)| {
                            let key = key(&name(*topic), &name(*item));
                            Incoming { route, ..incoming(key, payload.map(name).as_deref()) }
                        });
                        let done = store.commit(batch.collect()).unwrap();
                        prop_assert_eq!(done.duplicates, duplicates);
                        (done.added, done.changed)
                    }
                    Step::Retract(keys) => {
                        naive.retract(at, |topic, item| keys.contains(&(topic, item)));
                        let keys: Vec<_> = keys.iter().map(|(topic, item)| key(&name(*topic), &name(*item))).collect();
                        (Vec::new(), store.retract(&keys, at).unwrap())
                    }
                    Step::RetractTopic(topic) => {
                        naive.retract(at, |of, _| of == *topic);
                        (Vec::new(), store.retract_topic(&key(&name(*topic), "").topic, at).unwrap())
                    }
                };
                changed.sort_unstable();
                let expected: Vec<Seq> = (0..before.len()).filter(|i| naive.0[*i].3 != before[*i]).map(|i| i as Seq).collect();
                prop_assert_eq!(changed, expected);
                prop_assert_eq!(added, (before.len() as Seq..naive.0.len() as Seq).collect::<Vec<_>>());
            }
            prop_assert_eq!(store.len() as usize, naive.0.len());
            for (seq, (topic, item, payload, standing)) in naive.0.iter().enumerate() {
                let row = store.row(seq as Seq).unwrap();
                let of = key(&name(*topic), &name(*item));
                prop_assert_eq!((row.seq as usize, &row.key, row.standing), (seq, &of, *standing));
                prop_assert_eq!(text(&store, seq as Seq), payload.map(name));
                prop_assert_eq!(store.find(&of), naive.newest(*topic, *item).map(|seq| seq as Seq));
            }
        }
    }
}
