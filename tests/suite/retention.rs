//! What retention takes away, of each kind of store: what goes and what stays, that it is not found nor taken in again, and
//! that a death in the middle leaves nothing half-done.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::model::{ItemId, Kind, Observable, ObservableKind, Restriction, Severity, Summary, Tlp, TopicId};
use gridwatch::store::acts::{Change, Mark, Note, Slot};
use gridwatch::store::archive::Key;
use gridwatch::store::finder::Wanted;
use gridwatch::store::hunt::{self, List};
use gridwatch::store::index::{Bitmap, Stop};
use gridwatch::store::retention::{self, Retention, Rules, plan, run};
use gridwatch::store::{Archive, Finder, Incoming, ItemKey, Memory, Payload, Progress, Route, Seq, Store};

use crate::support::child;

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn topic(node: &str) -> TopicId {
    TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() }
}

fn incoming(number: u32, node: &str, restriction: Restriction, days: i64) -> Incoming {
    let mut summary = Summary::of_kind(Kind::Iodef2);
    summary.title = format!("xylophonic{number} in the hall");
    (summary.csirt, summary.id, summary.severity) = ("csirt.example".to_owned(), number.to_string(), Severity::High);
    (summary.restriction, summary.strictest) = (restriction.clone(), restriction);
    summary.observables = vec![Observable { kind: ObservableKind::Ipv4, value: format!("192.0.2.{}", number % 250) }];
    summary.observables_total = 1;
    Incoming {
        key: ItemKey { topic: topic(node), item: ItemId(format!("item-{number}")) },
        payload: Some(Payload { bytes: Arc::from(format!("<x>{number}</x>").into_bytes()), scope: Arc::from([]) }),
        summary,
        observables: Vec::new(),
        route: Route::Live,
        publisher: Some("them@grid.example/x".to_owned()),
        received: now() - TimeDelta::days(days),
        delayed: None,
        history: false,
    }
}

fn key() -> Key {
    Key::new([7; 32])
}

/// Of both kinds of store.
fn each(test: impl Fn(Arc<dyn Store>)) {
    test(Arc::new(Memory::default()));
    let folder = tempfile::tempdir().unwrap();
    test(Arc::new(Archive::make(&folder.path().join("archive.db"), &key()).unwrap()));
}

fn index(store: &Arc<dyn Store>) -> Finder {
    let finder = Finder::new(None, 0).asking(Arc::clone(store));
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    finder
}

fn found(finder: &Finder, filter: &str) -> Vec<Seq> {
    let wanted = Wanted { query: filter.parse().unwrap(), hidden: true, ..Wanted::default() };
    finder.find(&wanted, now(), &Stop::default()).unwrap().rows.to_vec()
}

fn by_label() -> Rules {
    let labels = [(Tlp::Red, 30), (Tlp::Green, 365)].into_iter().collect();
    Rules { all: None, labels, topics: [(topic("lab"), 7)].into_iter().collect() }
}

fn plan_of(rules: &Rules, store: &dyn Store) -> retention::Plan {
    plan(rules, store, &Bitmap::default(), now(), &Stop::default()).unwrap()
}

fn run_of(plan: &retention::Plan, store: &dyn Store) -> Vec<Seq> {
    let mut gone = Vec::new();
    let count = run(plan, store, now(), &Stop::default(), &mut |rows| gone.extend_from_slice(rows)).unwrap();
    assert_eq!(count as usize, gone.len());
    retention::tidy(store, &Stop::default()).unwrap();
    gone
}

/// Rows 0 to 6.
fn fill(store: &dyn Store) {
    let batch = vec![
        incoming(0, "MILEHost", Restriction::Red, 40),
        incoming(1, "MILEHost", Restriction::Red, 20),
        incoming(2, "MILEHost", Restriction::Green, 400),
        incoming(3, "MILEHost", Restriction::Green, 40),
        incoming(4, "lab", Restriction::Green, 8),
        incoming(5, "lab", Restriction::Red, 3),
        // Nothing speaks of amber in this topic.
        incoming(6, "MILEHost", Restriction::Amber, 4_000),
    ];
    let _ = store.commit(batch).unwrap();
}

#[test]
fn the_shortest_rule_holds_and_what_a_person_touched_stays() {
    each(|store| {
        fill(store.as_ref());
        let plan = plan_of(&by_label(), store.as_ref());
        assert_eq!(plan.rows, [0, 2, 4]);
        let lines: Vec<_> = plan.lines.iter().map(|line| (line.topic.node.as_str(), line.days, line.going)).collect();
        assert_eq!(lines, [("MILEHost", 365, 1), ("MILEHost", 30, 1), ("lab", 7, 1)]);
        assert_eq!(plan.lines[1].oldest, now() - TimeDelta::days(40));
        assert_eq!(plan_of(&Rules::default(), store.as_ref()), retention::Plan::default());
        // Each mark of a person's own keeps a row; that it was read does not.
        let one = |row: Seq| std::iter::once(row).collect::<Bitmap>();
        let note = |row| Note { id: 9, row, written: now(), text: "n".to_owned() };
        let marks = [
            Change::Mark { rows: one(0), mark: Mark::Starred, on: true },
            Change::Mark { rows: one(0), mark: Mark::Tag("t".to_owned()), on: true },
            Change::Slot { rows: one(0), to: Slot::Disposition(Some("x".to_owned())) },
            Change::Slot { rows: one(0), to: Slot::Snoozed(Some(now())) },
            Change::Note { note: note(0), on: true },
        ];
        let local = store.local().unwrap();
        local.change(&[Change::Mark { rows: one(0), mark: Mark::Read, on: true }]).unwrap();
        assert_eq!(plan_of(&by_label(), store.as_ref()).rows, [0, 2, 4]);
        for mark in marks {
            local.change(std::slice::from_ref(&mark)).unwrap();
            let plan = plan_of(&by_label(), store.as_ref());
            assert_eq!((plan.rows.as_slice(), plan.staying()), ([2, 4].as_slice(), 1), "{mark:?}");
            // A mark that was set after the plan was made holds as well.
            assert!(store.purge(&[0], now()).unwrap().is_empty(), "{mark:?}");
            let off = match mark {
                Change::Mark { rows, mark, .. } => Change::Mark { rows, mark, on: false },
                Change::Slot { rows, to } => Change::Slot { rows, to: to.empty() },
                Change::Note { note, .. } => Change::Note { note, on: false },
                other => other,
            };
            local.change(&[off]).unwrap();
        }
        assert_eq!(
            retention::plan(&by_label(), store.as_ref(), &one(2), now(), &Stop::default()).unwrap().rows,
            [0, 4]
        );
        assert_eq!(run_of(&plan_of(&by_label(), store.as_ref()), store.as_ref()), [0, 2, 4]);
        assert!(plan_of(&by_label(), store.as_ref()).rows.is_empty(), "once");
    });
}

#[test]
fn what_is_gone_is_not_found_and_not_counted() {
    each(|store| {
        fill(store.as_ref());
        let finder = index(&store);
        assert_eq!(found(&finder, "xylophonic0"), [0]);
        let gone = run_of(&plan_of(&by_label(), store.as_ref()), store.as_ref());
        let _ = finder.take(store.as_ref(), &gone, now(), &Stop::default()).unwrap();
        // After a restart as now.
        for finder in [finder, index(&store)] {
            assert!(found(&finder, "xylophonic0").is_empty());
            assert!(found(&finder, "ip:192.0.2.0").is_empty() && found(&finder, "cidr:192.0.2.4/32").is_empty());
            assert_eq!(found(&finder, "xylophonic1"), [1]);
            assert_eq!(found(&finder, "").len(), 4, "nor by its columns");
            let list = List::read("192.0.2.0\n192.0.2.1\n192.0.2.2");
            let table = hunt::run(&list, &finder.snapshot(), &finder, &Stop::default(), &mut |_, _| ()).unwrap();
            assert_eq!(table.hits.iter().map(|hit| hit.newest).collect::<Vec<_>>(), [1]);
            let tally = finder.tally(&["".parse().unwrap()], &[topic("MILEHost")], now(), &Stop::default()).unwrap();
            assert_eq!((tally.views, tally.topics), (vec![4], vec![(topic("MILEHost"), 3)]));
        }
        let row = store.row(0).unwrap();
        assert_eq!(
            (row.summary.kind.clone(), row.summary.title.as_str(), row.publisher.clone()),
            (Kind::Gone, "", None)
        );
        assert!(store.payload(0).unwrap().is_none() && store.observables(0).unwrap().is_empty());
        // Its place is kept: the broker may still have it.
        assert_eq!(store.held(&topic("MILEHost")).unwrap().len(), 5);
        assert_eq!(store.find(&row.key).unwrap(), Some(0));
    });
}

#[test]
fn what_is_gone_is_not_taken_in_again() {
    each(|store| {
        fill(store.as_ref());
        let _ = run_of(&plan_of(&by_label(), store.as_ref()), store.as_ref());
        for route in [Route::Fetched, Route::Live, Route::Delayed] {
            let again = Incoming { route, ..incoming(0, "MILEHost", Restriction::Red, 0) };
            let again = Incoming { delayed: (route == Route::Delayed).then(now), ..again };
            let done = store.commit(vec![again]).unwrap();
            assert_eq!((done.added.len(), done.duplicates), (0, 1), "{route:?}");
        }
        assert_eq!(store.row(0).unwrap().summary.kind, Kind::Gone, "nor given back");
        // Another document under its id is news.
        let mut other = incoming(0, "MILEHost", Restriction::Red, 0);
        other.payload = Some(Payload { bytes: Arc::from(*b"<other/>"), scope: Arc::from([]) });
        let done = store.commit(vec![other]).unwrap();
        assert_eq!((done.added.as_slice(), done.changed.as_slice()), ([7].as_slice(), [0].as_slice()));
        assert_eq!(store.row(7).unwrap().version, 2);
    });
}

#[test]
fn rules_are_kept_and_have_to_be_seen_again_when_they_change() {
    each(|store| {
        let local = store.local().unwrap();
        assert_eq!(retention::kept(local).unwrap(), (Retention::default(), None));
        let mut own = Retention { rules: by_label(), accepted: None, ran: None };
        assert!(!own.is_due(now()), "nobody saw it");
        own.accepted = Some(now());
        assert!(own.is_due(now()));
        own.ran = Some(now());
        assert!(!own.is_due(now() + TimeDelta::hours(23)) && own.is_due(now() + TimeDelta::hours(24)));
        assert!(own.is_due(now() - TimeDelta::hours(1)), "a clock that was set back");
        retention::keep(local, &own).unwrap();
        assert_eq!(retention::kept(local).unwrap(), (own.clone(), None));
        own.change(by_label());
        assert!(own.accepted.is_some());
        own.change(Rules { all: Some(10), ..by_label() });
        assert!(own.accepted.is_none() && !own.is_due(now() + TimeDelta::days(9)));
        local.keep(gridwatch::store::local::Shelf::Retention, &[], &[(String::new(), "all = -1".to_owned())]).unwrap();
        let (read, problem) = retention::kept(local).unwrap();
        assert!(read.rules.is_empty() && problem.is_some(), "what cannot be read takes nothing away");
    });
    for (typed, days) in
        [("", Ok(None)), (" 30 ", Ok(Some(30))), ("0", Err(())), ("-1", Err(())), ("x", Err(())), ("99999", Err(()))]
    {
        assert_eq!(retention::days(typed).map_err(|_| ()), days, "{typed}");
    }
}

#[test]
fn a_backup_and_a_recovery_know_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let archive = Archive::make(&path, &key()).unwrap();
    fill(&archive);
    let _ = run_of(&plan_of(&by_label(), &archive), &archive);
    let mut records = Vec::new();
    let _ = archive
        .dump(&Progress::default(), &mut |record| {
            records.push(record.to_vec());
            Ok(())
        })
        .unwrap();
    let whole = records.concat();
    assert!(!whole.windows(11).any(|bytes| bytes == b"xylophonic0"), "a backup has nothing of it");
    let restored = Archive::make(&folder.path().join("restored.db"), &Key::new([8; 32])).unwrap();
    let mut next = records.into_iter();
    let _ = restored.load(&mut || Ok(next.next()), None).unwrap();
    archive.close().unwrap();
    let salvaged = Archive::make(&folder.path().join("salvaged.db"), &Key::new([9; 32])).unwrap();
    let _ = salvaged.salvage(&path, &key(), now(), None, &Progress::default()).unwrap();
    for store in [restored, salvaged] {
        assert_eq!(store.row(0).unwrap().summary.kind, Kind::Gone);
        for route in [Route::Fetched, Route::Live, Route::Delayed] {
            let again = Incoming { route, ..incoming(0, "MILEHost", Restriction::Red, 0) };
            let again = Incoming { delayed: (route == Route::Delayed).then(now), ..again };
            let done = store.commit(vec![again]).unwrap();
            assert_eq!((done.added.len(), done.duplicates), (0, 1), "{route:?}");
        }
        assert_eq!(store.row(1).unwrap().summary.title, "xylophonic1 in the hall");
    }
}

const CHILD: &str = "retention::child_that_is_killed";
const ROWS: u32 = 3_000;

#[test]
fn child_that_is_killed() {
    let Some(folder) = child::argument() else { return };
    let archive = Archive::open(&Path::new(&folder).join("archive.db"), &key(), None).unwrap();
    let rules = Rules { all: Some(30), ..Rules::default() };
    loop {
        let plan = plan_of(&rules, &archive);
        let _ = run(&plan, &archive, now(), &Stop::default(), &mut |_| ()).unwrap();
        retention::tidy(&archive, &Stop::default()).unwrap();
        if plan.rows.is_empty() {
            return;
        }
    }
}

#[test]
fn a_death_in_the_middle_leaves_each_row_whole_or_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let archive = Archive::make(&path, &key()).unwrap();
    for first in (0..ROWS).step_by(500) {
        let _ = archive
            .commit((first..first + 500).map(|n| incoming(n, "MILEHost", Restriction::Red, 40)).collect())
            .unwrap();
    }
    archive.close().unwrap();
    let (mut random, mut before, mut between) = (0x9e37_79b9_7f4a_7c15_u64, 0, 0);
    for _ in 0..60 {
        let mut command = child::command(CHILD, folder.path().to_str().unwrap());
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((random >> 33) % 80_000));
        let _ = guard.child.kill();
        let _ = guard.child.wait();
        let archive = Archive::open(&path, &key(), None).unwrap();
        archive.verify().unwrap();
        let gone: Vec<bool> = (0..ROWS).map(|seq| archive.row(seq).unwrap().summary.kind == Kind::Gone).collect();
        for (seq, gone) in (0..ROWS).zip(&gone) {
            assert_eq!(archive.payload(seq).unwrap().is_none(), *gone, "row {seq}");
        }
        let count = gone.iter().filter(|gone| **gone).count();
        assert!(count >= before, "what went does not come back");
        between += usize::from(count > before && count < ROWS as usize);
        before = count;
        let done = archive.commit(vec![incoming(0, "MILEHost", Restriction::Red, 0)]).unwrap();
        assert_eq!(done.duplicates, 1);
        archive.close().unwrap();
    }
    println!("{before} of {ROWS} gone, died {between} times in between");
    // The last run goes to the end, of the index too.
    let archive = Archive::open(&path, &key(), None).unwrap();
    let _ = run_of(&plan_of(&Rules { all: Some(30), ..Rules::default() }, &archive), &archive);
    assert!(archive.tidy().unwrap());
    archive.verify().unwrap();
    assert!((0..ROWS).all(|seq| archive.row(seq).unwrap().summary.kind == Kind::Gone));
}
