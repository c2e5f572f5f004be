//! The store in memory: what is a duplicate, what stands, and what fits.

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
            assert_eq!(say("1"), Committed { changed: vec![2], duplicates: 1, ..Committed::default() }, "still stored");
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
    let held = || {
        let mut held = store.held(&a.topic).unwrap();
        held.sort_by_key(|held| held.seq);
        held.into_iter().map(|held| (held.item, held.seq, held.absent)).collect::<Vec<_>>()
    };
    assert_eq!(held(), [(a.item.clone(), 0, false), (b.item.clone(), 1, false)]);
    let _ = store.commit(vec![incoming(b.clone(), Some("2"))]).unwrap();
    let marked = store.absent(&[(a.clone(), 0), (b.clone(), 1), (c, 2)], time(6)).unwrap();
    assert_eq!(marked, [0], "the others changed meanwhile");
    assert_eq!(store.row(0).unwrap().standing, Standing::Absent(time(6)));
    assert_eq!(held(), [(a.item.clone(), 0, true), (b.item.clone(), 3, false)]);
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
fn an_older_version_that_comes_late_does_not_take_the_place_of_the_newest() {
    let store = Memory::default();
    let a = key("t", "a");
    let fetched = Incoming { route: Route::Fetched, received: time(60), ..incoming(a.clone(), Some("2")) };
    let _ = store.commit(vec![fetched]).unwrap();
    let delayed = |second, text| Incoming {
        route: Route::Delayed,
        received: time(90),
        delayed: Some(time(second)),
        ..incoming(a.clone(), Some(text))
    };
    let late = store.commit(vec![delayed(30, "1")]).unwrap();
    assert_eq!((late.added, late.changed, store.find(&a)), (vec![1], vec![], Some(0)));
    assert_eq!(store.row(0).unwrap().standing, Standing::Current);
    assert_eq!(store.row(1).unwrap().standing, Standing::Overwritten);
    assert_eq!(store.commit(vec![delayed(30, "1")]).unwrap().duplicates, 1);
    assert_eq!(store.commit(vec![delayed(70, "3")]).unwrap().changed, [0], "a newer one does");
    assert_eq!(store.find(&a), Some(2));
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
