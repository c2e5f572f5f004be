//! The store in memory: what fits. What every store must do is in `tests/suite/store.rs`.

use super::*;
use crate::model::{Kind, Summary};

fn key(topic: &str, item: &str) -> ItemKey {
    let broker = "broker.practice.invalid".parse().unwrap();
    ItemKey { topic: TopicId { broker, node: topic.to_owned() }, item: ItemId(item.to_owned()) }
}

fn incoming(key: ItemKey, payload: Option<&str>) -> Incoming {
    let payload = payload.map(|text| Payload { bytes: text.as_bytes().into(), scope: Arc::new([]) });
    let summary = Summary::of_kind(Kind::Empty);
    Incoming {
        key,
        payload,
        summary,
        observables: Vec::new(),
        route: super::super::Route::Live,
        publisher: None,
        received: DateTime::UNIX_EPOCH,
        delayed: None,
        history: false,
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
    assert_eq!((store.len(), store.find(&two.key).unwrap()), (1, None));
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
        let late = Incoming { route: super::super::Route::Delayed, ..incoming(key("t", item), Some(payload)) };
        shelves.add(7, late, &mut done);
    }
    assert_eq!((done.added, done.duplicates), (vec![0, 1, 2], 3));
}
