//! What every store must do, of each: what is a duplicate, what stands, what is kept.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::model::coverage::{Cause, Gap, Span, Standing as Told};
use gridwatch::model::{BareJid, Coverage, ItemId, Kind, Observable, Stamp, Summary, TopicId};
use gridwatch::store::archive::Key;
use gridwatch::store::{
    Archive, Committed, Error, Held, Incoming, ItemKey, Memory, Payload, Record, Route, Row, Seq, Standing, Store,
};
use proptest::prelude::*;

/// A store, and the folder it is in.
struct Made {
    store: Box<dyn Store>,
    _folder: Option<tempfile::TempDir>,
}

impl std::ops::Deref for Made {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

fn in_folder<S: Store>(make: impl FnOnce(PathBuf) -> S) -> Made {
    let folder = tempfile::tempdir().unwrap();
    Made { store: Box::new(make(folder.path().join("archive.db"))), _folder: Some(folder) }
}

fn key_of_file() -> Key {
    Key::new([7; 32])
}

/// An archive that is closed after each call: what it knows is what it wrote.
struct Forgetful(PathBuf);

impl Forgetful {
    fn open(&self) -> Archive {
        Archive::open(&self.0, &key_of_file(), None).unwrap()
    }
}

impl Store for Forgetful {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        self.open().commit(batch)
    }

    fn retract(&self, keys: &[ItemKey], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.open().retract(keys, at)
    }

    fn retract_topic(&self, topic: &TopicId, at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.open().retract_topic(topic, at)
    }

    fn held(&self, topic: &TopicId) -> Result<Vec<Held>, Error> {
        self.open().held(topic)
    }

    fn absent(&self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.open().absent(items, at)
    }

    fn purge(&self, rows: &[Seq], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        self.open().purge(rows, at)
    }

    fn tidy(&self) -> Result<bool, Error> {
        self.open().tidy()
    }

    fn keep_coverage(&self, account: &BareJid, records: Vec<Record>) -> Result<(), Error> {
        self.open().keep_coverage(account, records)
    }

    fn coverage(&self, account: &BareJid) -> Result<Vec<Record>, Error> {
        self.open().coverage(account)
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        self.open().row(seq)
    }

    fn payload(&self, seq: Seq) -> Result<Option<Payload>, Error> {
        self.open().payload(seq)
    }

    fn observables(&self, seq: Seq) -> Result<Vec<Observable>, Error> {
        self.open().observables(seq)
    }

    fn find(&self, key: &ItemKey) -> Result<Option<Seq>, Error> {
        self.open().find(key)
    }

    fn len(&self) -> u32 {
        self.open().len()
    }
}

type Make<'a> = &'a dyn Fn() -> Made;

const MAKERS: [fn() -> Made; 3] = [
    || Made { store: Box::new(Memory::default()), _folder: None },
    || in_folder(|path| Archive::make(&path, &key_of_file()).unwrap()),
    || {
        in_folder(|path| {
            drop(Archive::make(&path, &key_of_file()).unwrap());
            Forgetful(path)
        })
    },
];

/// Of each kind of store.
fn each(test: impl Fn(Make<'_>)) {
    MAKERS.iter().for_each(|make| test(make));
}

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
    Incoming {
        key,
        payload,
        summary,
        observables: Vec::new(),
        route: Route::Live,
        publisher: None,
        received: time(0),
        delayed: None,
        history: false,
    }
}

fn text(store: &dyn Store, seq: Seq) -> Option<String> {
    store.payload(seq).unwrap().map(|payload| String::from_utf8(payload.bytes.to_vec()).unwrap())
}

#[test]
fn versions_duplicates_and_standing() {
    each(|make| {
        let store = make();
        assert!(store.is_empty());
        let a = key("t", "a");
        let done = store.commit(vec![incoming(a.clone(), Some("1")), incoming(key("u", "a"), Some("1"))]).unwrap();
        let both = Committed { added: vec![0, 1], live: 2, ..Committed::default() };
        assert_eq!(done, both, "two topics, one item id: two items");
        let done = store.commit(vec![incoming(a.clone(), Some("1")), incoming(a.clone(), None)]).unwrap();
        assert_eq!(done, Committed { duplicates: 2, ..Committed::default() });
        let held = store.row(0).unwrap();
        let done = store.commit(vec![incoming(a.clone(), Some("2")), incoming(a.clone(), Some("3"))]).unwrap();
        assert_eq!(done, Committed { added: vec![2, 3], changed: vec![0], duplicates: 0, live: 2 });
        assert_eq!(held.standing, Standing::Current, "a row that was handed out does not change under its reader");
        let standings: Vec<_> = (0..4).map(|seq| store.row(seq).unwrap()).map(|r| (r.version, r.standing)).collect();
        assert_eq!(
            standings,
            [(1, Standing::Overwritten), (1, Standing::Current), (2, Standing::Overwritten), (3, Standing::Current)]
        );
        assert_eq!(store.find(&a).unwrap(), Some(3));
        let replayed = Incoming { route: Route::Delayed, ..incoming(a.clone(), Some("1")) };
        let stamped = Incoming { delayed: Some(time(-5)), ..incoming(a.clone(), Some("2")) };
        assert_eq!(store.commit(vec![replayed, stamped]).unwrap().duplicates, 2, "old versions that had waited");
        assert_eq!((text(&*store, 0).as_deref(), text(&*store, 3).as_deref()), (Some("1"), Some("3")));
        assert_eq!((store.len(), store.row(4).is_none(), text(&*store, 4)), (4, true, None));
    });
}

#[test]
fn retraction_keeps_the_evidence() {
    each(|make| {
        let store = make();
        let (a, b) = (key("t", "a"), key("t", "b"));
        let _ = store.commit(vec![incoming(a.clone(), Some("1")), incoming(b.clone(), Some("1"))]).unwrap();
        assert_eq!(store.retract(&[a.clone(), a.clone(), key("t", "none")], time(5)).unwrap(), [0]);
        assert_eq!(store.retract_topic(&a.topic, time(9)).unwrap(), [1]);
        assert!(store.retract_topic(&key("other", "").topic, time(9)).unwrap().is_empty());
        assert_eq!(store.row(0).unwrap().standing, Standing::Retracted(time(5)));
        assert_eq!(text(&*store, 0).as_deref(), Some("1"));
        let done = store.commit(vec![incoming(a.clone(), Some("2"))]).unwrap();
        assert_eq!(done, Committed { added: vec![2], live: 1, ..Committed::default() });
        assert_eq!(store.row(0).unwrap().standing, Standing::Retracted(time(5)));
        assert_eq!(store.row(2).unwrap().standing, Standing::Current);
    });
}

#[test]
fn what_is_so_again_stands_again() {
    each(|make| {
        for route in [Route::Live, Route::Fetched] {
            let store = make();
            let a = key("t", "a");
            let say = |text| store.commit(vec![Incoming { route, ..incoming(a.clone(), Some(text)) }]).unwrap();
            let _ = (say("1"), say("2"));
            let live = u32::from(route == Route::Live);
            assert_eq!(say("1"), Committed { added: vec![2], changed: vec![1], duplicates: 0, live }, "taken back");
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
            assert_eq!((store.row(3).unwrap().standing, store.find(&a).unwrap()), (Standing::Current, Some(3)));
        }
    });
}

#[test]
fn what_the_broker_does_not_store_any_more_is_kept_and_may_come_back() {
    each(|make| {
        let store = make();
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
        assert_eq!(text(&*store, 0).as_deref(), Some("1"));
        let late = Incoming { route: Route::Delayed, ..incoming(a.clone(), Some("1")) };
        assert_eq!(store.commit(vec![late]).unwrap(), Committed { duplicates: 1, ..Committed::default() });
        let again = store.commit(vec![Incoming { route: Route::Fetched, ..incoming(a.clone(), Some("1")) }]).unwrap();
        assert_eq!(again, Committed { changed: vec![0], duplicates: 1, ..Committed::default() });
        assert_eq!(store.row(0).unwrap().standing, Standing::Current);
        let _ = store.absent(&[(a.clone(), 0)], time(7)).unwrap();
        assert_eq!(store.commit(vec![incoming(a, Some("3"))]).unwrap().changed, [0]);
        assert_eq!(store.row(0).unwrap().standing, Standing::Overwritten);
    });
}

#[test]
fn an_older_version_that_comes_late_does_not_take_the_place_of_the_newest() {
    each(|make| {
        let store = make();
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
        assert_eq!((late.added, late.changed, store.find(&a).unwrap()), (vec![1], vec![], Some(0)));
        assert_eq!(store.row(0).unwrap().standing, Standing::Current);
        assert_eq!(store.row(1).unwrap().standing, Standing::Overwritten);
        assert_eq!(store.commit(vec![delayed(30, "1")]).unwrap().duplicates, 1);
        assert_eq!(store.commit(vec![delayed(70, "3")]).unwrap().changed, [0], "a newer one does");
        assert_eq!(store.find(&a).unwrap(), Some(2));
    });
}

#[test]
fn time_to_sort_by() {
    each(|make| {
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
            let store = make();
            let _ = store.commit(vec![incoming]).unwrap();
            assert_eq!(store.row(0).unwrap().at, expected, "{route:?} {delayed:?}");
        }
    });
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

/// As the naive list does it.
fn agrees(make: Make<'_>, steps: &[Step]) -> Result<(), TestCaseError> {
    let store = make();
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
        prop_assert_eq!(text(&*store, seq as Seq), payload.map(name));
        prop_assert_eq!(store.find(&of).unwrap(), naive.newest(*topic, *item).map(|seq| seq as Seq));
    }
    Ok(())
}

proptest! {
    #[test]
    fn memory_agrees_with_a_naive_model(steps in prop::collection::vec(step(), 0..24)) {
        agrees(&MAKERS[0], &steps)?;
    }
}

proptest! {
    // Each makes a file, the last opens it for every call.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_archive_agrees_with_a_naive_model(steps in prop::collection::vec(step(), 0..24)) {
        agrees(&MAKERS[1], &steps)?;
    }

    #[test]
    fn what_the_archive_wrote_agrees_with_a_naive_model(steps in prop::collection::vec(step(), 0..6)) {
        agrees(&MAKERS[2], &steps)?;
    }
}

#[test]
fn what_is_known_of_completeness_is_kept_for_each_account() {
    each(|make| {
        let store = make();
        let (me, other): (BareJid, BareJid) = ("a@b.example".parse().unwrap(), "c@b.example".parse().unwrap());
        let record = |node: &str, anchor| Record {
            coverage: Coverage {
                topic: key(node, "").topic,
                standing: Told::Away { since: time(3) },
                stretches: Arc::new([]),
                gaps: Arc::new([Gap { span: Span::new(time(1), time(2)), cause: Cause::Dropped }]),
            },
            anchor,
            level: true,
            most_seen: 7,
            confirmed: (time(1), 2),
            before: Some(anchor + 1),
        };
        assert_eq!(store.coverage(&me).unwrap(), []);
        store.keep_coverage(&me, vec![record("t", 1), record("u", 2)]).unwrap();
        store.keep_coverage(&other, vec![record("t", 3)]).unwrap();
        store.keep_coverage(&me, vec![record("u", 5), record("t", 4)]).unwrap();
        assert_eq!(store.coverage(&me).unwrap(), [record("u", 5), record("t", 4)]);
        assert_eq!(store.coverage(&other).unwrap(), [record("t", 3)]);
    });
}

#[test]
fn all_of_a_row_and_its_payload_comes_back() {
    each(|make| {
        let store = make();
        let scope = vec![(String::new(), "urn:x".to_owned()), ("p".to_owned(), "urn:y".to_owned())];
        let payload = Payload { bytes: b"<a/>".as_slice().into(), scope: scope.into() };
        let summary = Summary { id: "1".to_owned(), csirt: "c".to_owned(), ..Summary::of_kind(Kind::Iodef2) };
        let full = Incoming {
            payload: Some(payload.clone()),
            summary: summary.clone(),
            publisher: Some("p@b.example".to_owned()),
            delayed: Some(time(-9)),
            route: Route::Delayed,
            ..incoming(key("t", "a"), None)
        };
        let _ = store.commit(vec![full, incoming(key("t", "b"), None)]).unwrap();
        assert_eq!(store.payload(0).unwrap().as_ref(), Some(&payload));
        assert_eq!(store.payload(1).unwrap(), None);
        let row = store.row(0).unwrap();
        assert_eq!((&*row.summary, row.publisher.as_deref()), (&summary, Some("p@b.example")));
        assert_eq!((row.route, row.received, row.at), (Route::Delayed, time(0), time(-9)));
        let seqs: Vec<Seq> = store.rows(&[1, 9, 0]).iter().map(|row| row.seq).collect();
        assert_eq!(seqs, [1, 0]);
        let _ = store.row(1);
        assert_eq!(store.rows(&[0, 1, 0]).len(), 3);
    });
}
