//! What is stored, found, marked, hidden and counted, by filter.

use super::*;
use crate::model::{ItemId, Kind, Severity, Summary, TopicId};
use crate::store::acts::{Change, Mark, Slot};
use crate::store::{Incoming, ItemKey, Memory, Payload, Route};

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn incoming(node: &str, item: &str, severity: Severity, route: Route) -> Incoming {
    let broker = "broker.example".parse().unwrap();
    let mut summary = Summary::of_kind(Kind::Iodef2);
    summary.title = format!("{item} on {node}");
    summary.severity = severity;
    let bytes = format!("<{item}/>");
    Incoming {
        key: ItemKey { topic: TopicId { broker, node: node.to_owned() }, item: ItemId("one".to_owned() + node) },
        payload: Some(Payload { bytes: bytes.as_bytes().into(), scope: Arc::new([]) }),
        summary,
        observables: Vec::new(),
        route,
        publisher: Some("me@grid.example/feed".to_owned()),
        received: now(),
        delayed: None,
    }
}

fn found(finder: &Finder, filter: &str) -> Vec<Seq> {
    let wanted = Wanted { query: filter.parse().unwrap(), ..Wanted::default() };
    finder.find(&wanted, now(), &Stop::default()).unwrap().rows.to_vec()
}

fn three() -> (Memory, Finder) {
    let (store, finder) = (Memory::default(), Finder::new(Some("me@grid.example".parse().unwrap()), 0));
    let batch = vec![
        incoming("a", "alpha", Severity::High, Route::Live),
        incoming("b", "beta", Severity::Low, Route::Fetched),
        incoming("c", "gamma", Severity::High, Route::Live),
    ];
    let _ = store.commit(batch).unwrap();
    let taken = finder.take(&store, &[], now(), &Stop::default()).unwrap();
    assert_eq!((taken.count(), finder.len(), finder.unread()), (3, 3, 2));
    (store, finder)
}

#[test]
fn what_is_stored_is_found_and_history_is_no_news() {
    let (store, finder) = three();
    assert_eq!(found(&finder, "severity:high"), [2, 0]);
    assert_eq!(found(&finder, "gamma"), [2]);
    assert_eq!(found(&finder, "is:unread is:mine"), [2, 0]);
    let wanted = Wanted { query: "topic:c".parse().unwrap(), ..Wanted::default() };
    let only = finder.find(&wanted, now(), &Stop::default()).unwrap();
    assert_eq!((only.place(2), only.place(0), only.place(99)), (Some(0), None, None));
    // A newer document in the place of one that was read is an update until it is read too.
    let _ = finder.act(vec![read(&[0])]).unwrap();
    let done = store.commit(vec![incoming("a", "alpha2", Severity::Low, Route::Live)]).unwrap();
    let _ = finder.take(&store, &done.changed, now(), &Stop::default()).unwrap();
    assert_eq!(found(&finder, "is:updated"), [3]);
    assert!(finder.local(3).updated && !finder.local(0).updated);
    assert_eq!(found(&finder, "is:dup"), [0]);
    let _ = finder.act(vec![read(&[3])]).unwrap();
    assert!(found(&finder, "is:updated").is_empty());
}

fn read(rows: &[Seq]) -> Change {
    Change::Mark { rows: rows.iter().copied().collect(), mark: Mark::Read, on: true }
}

#[test]
fn every_act_is_found_by_its_mark_and_undone() {
    let (_, finder) = three();
    let rows: Bitmap = [0, 1].into_iter().collect();
    for (change, filter) in [
        (Change::Mark { rows: rows.clone(), mark: Mark::Starred, on: true }, "is:starred"),
        (Change::Mark { rows: rows.clone(), mark: Mark::Tag("urgent".to_owned()), on: true }, "tag:urgent"),
        (
            Change::Slot { rows: rows.clone(), to: Slot::Snoozed(Some(now() + chrono::TimeDelta::hours(4))) },
            "is:snoozed",
        ),
    ] {
        assert_eq!(finder.act(vec![change]).unwrap(), rows);
        assert_eq!(found(&finder, filter), [1, 0], "{filter}");
        let _ = finder.undo().unwrap().unwrap();
        assert!(found(&finder, filter).is_empty(), "{filter}");
        let _ = finder.redo().unwrap().unwrap();
        assert_eq!(found(&finder, filter), [1, 0], "{filter}");
    }
    // What is snoozed is out of sight, counted, and comes back by itself.
    assert_eq!(found(&finder, ""), [2]);
    let later = now() + chrono::TimeDelta::hours(5);
    assert!(!finder.is_due(now()) && finder.is_due(later) && finder.hides());
    finder.settle(later, &Stop::default()).unwrap();
    assert_eq!(found(&finder, ""), [2, 1, 0]);
}

#[test]
fn a_rule_mutes_what_is_here_and_what_comes_until_it_ends() {
    let (store, finder) = three();
    let rule = Mute::new("severity:high".parse().unwrap(), now() + chrono::TimeDelta::days(1), now()).unwrap();
    let _ = finder.act(vec![Change::Mute { rule, on: true }]).unwrap();
    finder.settle(now(), &Stop::default()).unwrap();
    assert_eq!(found(&finder, ""), [1]);
    let _ = store.commit(vec![incoming("d", "delta", Severity::High, Route::Live)]).unwrap();
    let _ = finder.take(&store, &[], now(), &Stop::default()).unwrap();
    let found_now = finder.find(&Wanted::default(), now(), &Stop::default()).unwrap();
    assert_eq!((found_now.rows.to_vec(), found_now.hidden), (vec![1], Hidden { muted: 3, snoozed: 0 }));
    assert_eq!(found(&finder, "is:muted").len(), 3);
    finder.settle(now() + chrono::TimeDelta::days(2), &Stop::default()).unwrap();
    assert_eq!(found(&finder, "").len(), 4);
}

#[test]
fn unread_rows_are_counted_by_view_and_topic() {
    let (store, finder) = three();
    let topics: Vec<TopicId> = (0..3).map(|seq| store.row(seq).unwrap().key.topic.clone()).collect();
    let views = ["".parse().unwrap(), "severity:high topic:a".parse().unwrap(), "is:starred".parse().unwrap()];
    let tally = finder.tally(&views, &topics, now(), &Stop::default()).unwrap();
    assert_eq!(tally.views, [2, 1, 0]);
    assert_eq!(tally.topics.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 0, 1]);
}

#[test]
fn a_constituency_looks_back_and_meets_what_comes() {
    use crate::store::lens::Entry;
    let (store, finder) = three();
    let entries = |text| Entry::read_all(text).0.into_iter().map(|line| line.entry);
    assert_eq!(finder.look_back(Lens::new(entries("brand: gamma")), &Stop::default(), &mut |_, _| {}).unwrap(), 1);
    assert_eq!(found(&finder, "is:ours"), [2]);
    let _ = store.commit(vec![incoming("e", "gamma", Severity::Low, Route::Live)]).unwrap();
    let _ = finder.take(&store, &[], now(), &Stop::default()).unwrap();
    assert_eq!(found(&finder, "is:ours"), [3, 2]);
    assert!(finder.local(3).ours);
    let _ = finder.look_back(Lens::default(), &Stop::default(), &mut |_, _| {}).unwrap();
    assert!(found(&finder, "is:ours").is_empty());
}
