//! What is stored, found, marked, hidden and counted, by filter.

mod order;
mod revised;

use super::*;
use crate::model::{ItemId, Kind, Severity, Summary, TopicId};
use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::archive::Key;
use crate::store::index::Sort;
use crate::store::index::order::By;
use crate::store::local::Shelf;
use crate::store::views::Mute;
use crate::store::{Archive, Error, Incoming, ItemKey, Memory, Payload, Route};

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
        history: route == Route::Fetched,
    }
}

fn found(finder: &Finder, filter: &str) -> Vec<Seq> {
    let wanted = Wanted { query: filter.parse().unwrap(), ..Wanted::default() };
    finder.find(&wanted, now(), &Stop::default()).unwrap().rows.to_vec()
}

fn did(finder: &Finder, change: Change) -> u32 {
    match finder.ask(Job::Act(vec![change], "did")) {
        Some(Outcome::Done { word: "did", rows }) => rows,
        other => panic!("{other:?}"),
    }
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
    let _ = did(&finder, read(&[0]));
    let done = store.commit(vec![incoming("a", "alpha2", Severity::Low, Route::Live)]).unwrap();
    let _ = finder.take(&store, &done.changed, now(), &Stop::default()).unwrap();
    assert_eq!(found(&finder, "is:updated"), [3]);
    assert!(finder.local(3).updated && !finder.local(0).updated);
    assert_eq!(found(&finder, "is:dup"), [0]);
    let _ = did(&finder, read(&[3]));
    assert!(found(&finder, "is:updated").is_empty());
}

/// What came by being fetched is news where something was missed, and none where nobody had read the topic before: as the
/// store keeps it, whichever it is.
#[test]
fn what_filled_a_gap_is_news_and_a_topics_first_history_is_none() {
    let (_folder, stores) = both();
    for store in stores {
        let live = store.commit(vec![incoming("a", "alpha", Severity::High, Route::Live)]).unwrap();
        let finder = Finder::new(None, 1).asking(Arc::clone(&store));
        let _ = finder.take(store.as_ref(), &live.changed, now(), &Stop::default()).unwrap();
        let _ = did(&finder, read(&[0]));
        let missed = |node, item| Incoming { history: false, ..incoming(node, item, Severity::High, Route::Fetched) };
        let batch = vec![
            missed("a", "alpha2"),
            missed("b", "beta"),
            incoming("c", "gamma", Severity::High, Route::Fetched),
            incoming("d", "delta", Severity::High, Route::Live),
        ];
        let done = store.commit(batch).unwrap();
        let _ = finder.take(store.as_ref(), &done.changed, now(), &Stop::default()).unwrap();
        assert_eq!(found(&finder, "is:unread"), [4, 2, 1]);
        assert_eq!(found(&finder, "is:updated"), [1], "it took the place of what was read");
        // A later session sees the same.
        let _ = finder.work();
        let next = Finder::new(None, store.len()).asking(Arc::clone(&store));
        let _ = next.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
        assert_eq!(found(&next, "is:unread"), [4, 2, 1]);
    }
}

#[test]
fn what_its_broker_has_no_more_is_asked_for_by_a_word() {
    let (store, finder) = three();
    let row = store.row(1).unwrap();
    let changed = store.absent(&[(row.key.clone(), 1)], now()).unwrap();
    let _ = finder.take(&store, &changed, now(), &Stop::default()).unwrap();
    assert_eq!((found(&finder, "is:absent"), found(&finder, "-is:absent")), (vec![1], vec![2, 0]));
}

fn both() -> (tempfile::TempDir, [Arc<dyn Store>; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
    (folder, [Arc::new(Memory::default()), Arc::new(archive)])
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
        assert_eq!(did(&finder, change), rows.count());
        assert_eq!(found(&finder, filter), [1, 0], "{filter}");
        assert!(matches!(finder.ask(Job::Undo), Some(Outcome::Undone)));
        assert!(found(&finder, filter).is_empty(), "{filter}");
        assert!(matches!(finder.ask(Job::Redo), Some(Outcome::Redone)));
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
    let _ = did(&finder, Change::Mute { rule, on: true });
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

fn act(finder: &Finder, change: Change) -> Option<Outcome> {
    finder.ask(Job::Act(vec![change], "did"))
}

fn star(rows: &[Seq]) -> Change {
    Change::Mark { rows: rows.iter().copied().collect(), mark: Mark::Starred, on: true }
}

fn note(row: Seq) -> Change {
    Change::Note { note: Note { id: 0, row, written: now(), text: "seen".to_owned() }, on: true }
}

fn over(store: &Arc<Memory>) -> Finder {
    let finder = Finder::new(None, store.len()).asking(store.clone());
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    finder.look_on(&Stop::default()).unwrap();
    finder
}

#[test]
fn what_cannot_be_written_is_taken_back_with_all_that_came_after() {
    let store = Arc::new(three().0);
    let finder = over(&store);
    assert!(matches!(act(&finder, star(&[0])), Some(Outcome::Done { rows: 1, .. })));
    assert!(finder.is_unwritten() && finder.calls() && !finder.calls());
    assert!(finder.work().lost.is_none() && !finder.is_unwritten());
    // Somebody else took the number that the next note gets: the store refuses it.
    let taken = Note { id: 1, row: 2, written: now(), text: "other".to_owned() };
    store.local().unwrap().change(&[Change::Note { note: taken, on: true }]).unwrap();
    assert!(matches!(act(&finder, star(&[1])), Some(Outcome::Done { .. })));
    assert!(matches!(finder.ask(Job::Undo), Some(Outcome::Undone)));
    assert!(matches!(act(&finder, note(0)), Some(Outcome::Done { .. })));
    assert!(finder.ask(Job::See(0)).is_some());
    assert_eq!(found(&finder, "has:note").len() + found(&finder, "is:starred").len(), 2);
    let report = finder.work();
    assert!(matches!(report.lost, Some((Error::Disk { .. }, 3))), "{report:?}");
    assert!(found(&finder, "has:note").is_empty() && !finder.is_unread(0) && finder.is_unwritten());
    // The log is as it was: what is undone now is the act that lasted.
    assert!(matches!(finder.ask(Job::Redo), Some(Outcome::Nothing { .. })));
    assert!(matches!(finder.ask(Job::Undo), Some(Outcome::Undone)));
    assert!(found(&finder, "is:starred").is_empty() && finder.work().lost.is_none());
    assert!(found(&over(&store), "is:starred").is_empty() && found(&over(&store), "has:note") == [2]);
}

#[test]
fn what_is_large_waits_for_the_task_and_what_comes_after_waits_behind_it() {
    let store = Arc::new(Memory::default());
    let many = 20_000;
    let batch = (0..many).map(|number| incoming(&format!("t{number}"), "x", Severity::Low, Route::Live)).collect();
    let _ = store.commit(batch).unwrap();
    let finder = over(&store);
    let all = Bitmap::all(many);
    let until = Slot::Snoozed(Some(now() + chrono::TimeDelta::hours(1)));
    assert!(act(&finder, Change::Slot { rows: all.clone(), to: until }).is_none());
    assert!(act(&finder, star(&[7])).is_none() && finder.ask(Job::Undo).is_none());
    assert!(found(&finder, "is:snoozed").is_empty());
    let report = finder.work();
    assert!(matches!(report.outcomes[..], [Outcome::Done { rows: 20_000, .. }, Outcome::Done { .. }, Outcome::Undone]));
    assert_eq!((found(&finder, "is:snoozed").len(), found(&over(&store), "is:snoozed").len()), (20_000, 20_000));
    assert!(found(&finder, "is:starred").is_empty());
    // Taken back, in its turn too.
    assert!(finder.ask(Job::Undo).is_none());
    let _ = finder.work();
    assert!(found(&finder, "is:snoozed").is_empty() && found(&over(&store), "is:snoozed").is_empty());
}

#[test]
fn another_session_finds_what_is_kept_and_what_is_over_is_over() {
    let store = Arc::new(three().0);
    let finder = over(&store);
    let later = now() + chrono::TimeDelta::days(2);
    let rule = Mute::new("severity:high".parse().unwrap(), now() + chrono::TimeDelta::days(1), now()).unwrap();
    for change in [
        Change::Slot { rows: [1].into_iter().collect(), to: Slot::Snoozed(Some(now() + chrono::TimeDelta::hours(1))) },
        Change::Slot { rows: [2].into_iter().collect(), to: Slot::Disposition(Some("false alarm".to_owned())) },
        Change::Mute { rule, on: true },
        note(2),
        note(2),
    ] {
        assert!(matches!(act(&finder, change), Some(Outcome::Done { .. })));
    }
    finder.keep_constituency("brand: gamma\n").unwrap();
    let _ = finder.work();
    let again = over(&store);
    assert_eq!((again.local(2).notes.len(), again.mutes().len(), again.unread()), (2, 1, 2));
    assert_eq!(again.local(2).disposition.as_deref(), Some("false alarm"));
    assert_eq!(
        (found(&again, ""), found(&again, "is:muted"), found(&again, "is:ours is:muted")),
        (vec![], vec![2, 0], vec![2])
    );
    again.settle(later, &Stop::default()).unwrap();
    assert_eq!(found(&again, ""), [2, 1, 0]);
    let _ = again.work();
    let third = over(&store);
    assert!(third.mutes().is_empty() && !third.is_due(later) && found(&third, "") == [2, 1, 0]);
}

fn item(number: u32) -> &'static str {
    if number == 7 { "delta" } else { "gamma" }
}

fn archive() -> (tempfile::TempDir, Arc<crate::store::Archive>) {
    let folder = tempfile::tempdir().unwrap();
    let key = crate::store::archive::Key::new([7; 32]);
    let archive = crate::store::Archive::make(&folder.path().join("a.db"), &key).unwrap();
    let _ = archive
        .commit((0..3000).map(|n| incoming(&format!("t{n}"), item(n), Severity::High, Route::Live)).collect())
        .unwrap();
    let mut views = crate::store::views::Views::default();
    for name in ["One", "Two"] {
        views.add(crate::store::views::View::new(name, "is:unread".parse().unwrap()).unwrap()).unwrap();
    }
    crate::store::local::keep_views(archive.local().unwrap(), &views).unwrap();
    crate::store::local::keep_constituency(archive.local().unwrap(), "brand: gamma\n").unwrap();
    (folder, Arc::new(archive))
}

fn views(names: &[&str]) -> crate::store::views::Views {
    let mut views = crate::store::views::Views::default();
    for name in names {
        views.add(crate::store::views::View::new(name, "is:unread".parse().unwrap()).unwrap()).unwrap();
    }
    views
}

#[test]
fn the_load_is_told_whoever_loads_first() {
    let (_folder, store) = archive();
    let finder = Finder::new(None, store.len()).asking(store.clone());
    assert!(finder.calls());
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    assert!(finder.work().loaded && finder.views().all().len() == 2);
    assert!(!finder.work().loaded && !finder.calls());
    let other = Finder::new(None, store.len()).asking(store.clone());
    assert!(other.work().loaded);
    let _ = other.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    assert!(!other.work().loaded && !other.calls());
}

#[test]
fn what_is_kept_before_the_load_joins_what_was_kept() {
    let (_folder, store) = archive();
    let kept = |store: &crate::store::Archive| {
        let views = crate::store::local::views(store.local().unwrap()).unwrap().0;
        views.all().iter().map(|view| view.name().to_owned()).collect::<Vec<_>>()
    };
    let finder = Finder::new(None, store.len()).asking(store.clone());
    finder.keep_views(Shown::All(views(&["Mine", "two"])));
    assert!(finder.is_unwritten());
    let report = finder.work();
    assert!(report.views && report.lost.is_none() && !finder.is_unwritten());
    assert_eq!(kept(&store), ["One", "Two", "Mine", "2 two"]);
    // Said again by who heard nothing yet, it is there; said by who did, it is all.
    finder.keep_views(Shown::More(views(&["Mine"])));
    let _ = finder.work();
    assert_eq!(kept(&store).len(), 4);
    finder.keep_views(Shown::All(views(&["Two", "Mine"])));
    let _ = finder.work();
    assert_eq!(kept(&store), ["Two", "Mine"]);
}

#[test]
fn a_hunt_before_all_is_taken_in_says_how_much_it_looked_at() {
    let (_folder, store) = archive();
    let finder = Finder::new(None, store.len()).asking(store.clone());
    assert_eq!(finder.short(), Some((0, 3000)));
    let list = crate::store::hunt::List::read("192.0.2.1");
    let hunt = || {
        let on = finder.snapshot();
        let mut table = crate::store::hunt::run(&list, &on, &finder, &Stop::default(), &mut |_, _| {}).unwrap();
        table.stored = store.len();
        table.missing()
    };
    assert_eq!(hunt(), Some((0, 3000)));
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    assert_eq!((finder.short(), hunt()), (None, None));
}

#[test]
fn history_is_looked_through_for_ours_as_far_as_it_is_taken_in() {
    let (_folder, store) = archive();
    let finder = Finder::new(None, store.len()).asking(store.clone());
    use crate::store::lens::Entry;
    let lens = |text| Lens::new(Entry::read_all(text).0.into_iter().map(|line| line.entry));
    // Before the load: what is kept does not come over it.
    let _ = finder.look_back(lens("brand: delta"), &Stop::default(), &mut |_, _| {}).unwrap();
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    assert!(finder.is_behind() && found(&finder, "is:ours").is_empty());
    let halted = Stop::default();
    halted.stop();
    assert!(finder.look_on(&halted).is_err() && finder.is_behind());
    finder.look_on(&Stop::default()).unwrap();
    assert!(!finder.is_behind() && found(&finder, "is:ours") == [7]);
    // A look that was stopped leaves nothing said as looked through.
    assert!(finder.look_back(lens("brand: gamma"), &halted, &mut |_, _| {}).is_err() && finder.is_behind());
    finder.look_on(&Stop::default()).unwrap();
    assert_eq!(found(&finder, "is:ours").len(), 2999);
}

#[test]
fn an_unread_revision_of_what_was_read_is_an_update_after_a_restart_too() {
    let (store, finder) = three();
    let store = Arc::new(store);
    drop(finder);
    let finder = over(&store);
    assert!(act(&finder, read(&[0])).is_some());
    let _ = finder.work();
    let _ = store.commit(vec![incoming("a", "alpha2", Severity::Low, Route::Live)]).unwrap();
    assert_eq!(found(&over(&store), "is:updated"), [3]);
}

#[test]
fn what_is_nobodys_act_stays_where_it_cannot_be_written_and_rests() {
    let store = Arc::new(three().0);
    let finder = over(&store);
    let taken = Note { id: 1, row: 2, written: now(), text: "other".to_owned() };
    store.local().unwrap().change(&[Change::Note { note: taken, on: true }]).unwrap();
    assert!(act(&finder, note(0)).is_some() && finder.ask(Job::See(0)).is_some());
    let report = finder.work();
    assert!(matches!(report.lost, Some((_, 1))), "{report:?}");
    assert!(!finder.is_unread(0) && finder.is_unwritten() && !finder.calls());
    // Another act does not wait for the rest to end, and takes it along.
    assert!(act(&finder, star(&[1])).is_some() && finder.calls());
    assert!(finder.work().lost.is_none() && !finder.is_unwritten());
}

/// The archive as a program leaves it that is killed now.
fn killed(folder: &std::path::Path) -> (tempfile::TempDir, Arc<crate::store::Archive>) {
    let image = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let _ = std::fs::copy(&path, image.path().join(path.file_name().unwrap())).unwrap();
    }
    let key = crate::store::archive::Key::new([7; 32]);
    let archive = crate::store::Archive::open(&image.path().join("a.db"), &key, None).unwrap();
    (image, Arc::new(archive))
}

#[test]
fn an_act_is_absent_or_whole_wherever_the_program_is_killed() {
    let (folder, store) = archive();
    let finder = Finder::new(None, store.len()).asking(store.clone());
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    let _ = finder.work();
    let some: Vec<Seq> = (0..3000).step_by(3).collect();
    let acts = || vec![star(&some), note(8), Change::Slot { rows: [4].into_iter().collect(), to: handled() }];
    let seen = |of: &Arc<crate::store::Archive>| {
        let finder = Finder::new(None, of.len()).asking(of.clone());
        let _ = finder.take(of.as_ref(), &[], now(), &Stop::default()).unwrap();
        let _ = finder.work();
        let local = finder.local(4);
        (found(&finder, "is:starred").len(), found(&finder, "has:note"), local.disposition)
    };
    // Between the asking and the writing.
    assert!(matches!(finder.ask(Job::Act(acts(), "did")), Some(Outcome::Done { .. })));
    let (_image, before) = killed(folder.path());
    assert_eq!(seen(&before), (0, vec![], None));
    // Between the writing and the telling.
    let report = finder.work();
    let (_image, after) = killed(folder.path());
    assert_eq!(seen(&after), (1000, vec![8], Some("handled".to_owned())));
    assert!(report.lost.is_none());
    // Undone and killed before that was written: whole still.
    assert!(matches!(finder.ask(Job::Undo), Some(Outcome::Undone)));
    let (_image, undone) = killed(folder.path());
    assert_eq!(seen(&undone).0, 1000);
    let _ = finder.work();
    let (_image, undone) = killed(folder.path());
    assert_eq!(seen(&undone), (0, vec![], None));
}

fn handled() -> Slot {
    Slot::Disposition(Some("handled".to_owned()))
}

#[test]
fn views_keep_their_places_beside_those_of_a_later_program() {
    let (_folder, store) = archive();
    let local = store.local().unwrap();
    // One that this program cannot read, between the two.
    local.keep(Shelf::Views, &[], &[("0000005".to_owned(), "{later}".to_owned())]).unwrap();
    let places = || local.kept(Shelf::Views).unwrap().into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    let before = places();
    assert_eq!(before, ["000000", "0000005", "000001"]);
    let finder = Finder::new(None, store.len()).asking(store.clone());
    let _ = finder.work();
    for names in [&["One", "Two"][..], &["Two", "One"], &["Two", "One", "Three"]] {
        finder.keep_views(Shown::All(views(names)));
        let _ = finder.work();
        assert!(places().starts_with(&before), "{:?}", places());
        let own: Vec<String> = finder.views().all().iter().map(|view| view.name().to_owned()).collect();
        assert_eq!(own, names);
    }
}

#[test]
fn who_dies_at_work_leaves_it_to_the_next() {
    let store = Arc::new(three().0);
    let finder = over(&store);
    assert!(act(&finder, star(&[0])).is_some() && finder.calls() && !finder.calls());
    // The task died, or was never begun: that is told, and another is called.
    let report = finder.broken();
    assert!(report.broken && finder.is_unwritten() && finder.calls());
    assert!(finder.work().lost.is_none() && !finder.is_unwritten());
}

#[test]
fn looks_for_a_session_end_with_it_and_what_was_done_is_written_all_the_same() {
    let (_folder, store) = archive();
    let finder = Finder::new(None, store.len()).asking(store.clone());
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    let stop = finder.until_left();
    assert!(finder.tally(&["is:unread".parse().unwrap()], &[], now(), &stop).is_ok());
    let _ = finder.work();
    assert!(act(&finder, star(&[1])).is_some());
    finder.leave();
    assert!(finder.is_behind() && matches!(finder.look_on(&finder.until_left()), Err(Failure::Stopped)));
    assert!(matches!(finder.tally(&["is:unread".parse().unwrap()], &[], now(), &stop), Err(Failure::Stopped)));
    assert!(finder.work().lost.is_none() && !finder.is_unwritten());
}

#[test]
fn acts_while_rows_are_taken_in_are_in_the_columns() {
    let (_folder, store) = archive();
    let finder = Arc::new(Finder::new(None, store.len()).asking(store.clone()));
    finder.load().unwrap();
    std::thread::scope(|scope| {
        let taking = scope.spawn(|| finder.take(store.as_ref(), &[], now(), &Stop::default()).map(drop));
        for first in 0..4_u32 {
            let finder = &finder;
            let _ = scope.spawn(move || {
                for row in (first..3000).step_by(12) {
                    let _ = finder.ask(Job::Act(vec![star(&[row])], "did"));
                }
            });
        }
        taking.join().unwrap().unwrap();
    });
    let _ = finder.work();
    let starred = found(&finder, "is:starred");
    let naive: Vec<Seq> = (0..3000).rev().filter(|row| finder.local(*row).starred).collect();
    assert_eq!((starred.len(), starred), (1000, naive));
}

#[test]
fn the_first_page_is_the_head_of_the_list_whatever_is_hidden_retracted_or_late() {
    let store = Arc::new(Memory::default());
    let many = 17_000_u32;
    let item = |number: u32| {
        let severity = if number.is_multiple_of(3) { Severity::High } else { Severity::Low };
        let word = if number.is_multiple_of(5) { "phishing" } else { "malware" };
        let mut item = incoming(&format!("t{number}"), word, severity, Route::Live);
        let late = if number.is_multiple_of(13) { 9_000 } else { 0 };
        item.received = now() + chrono::TimeDelta::seconds(i64::from(number));
        item.delayed = Some(item.received - chrono::TimeDelta::seconds(late));
        item
    };
    let _ = store.commit((0..many).map(item).collect()).unwrap();
    let newest = store.row(many - 5).unwrap();
    let gone = store.retract(std::slice::from_ref(&newest.key), now()).unwrap();
    let finder = over(&store);
    let _ = finder.take(store.as_ref(), &gone, now(), &Stop::default()).unwrap();
    let until = Slot::Snoozed(Some(now() + chrono::TimeDelta::hours(1)));
    let rows: Bitmap = (0..many).filter(|row| row.is_multiple_of(7)).collect();
    assert!(finder.ask(Job::Act(vec![Change::Slot { rows, to: until }], "did")).is_some());
    let rule = Mute::new("topic:t*1".parse().unwrap(), now() + chrono::TimeDelta::days(1), now()).unwrap();
    let _ = finder.ask(Job::Act(vec![Change::Mute { rule, on: true }], "did"));
    finder.settle(now(), &Stop::default()).unwrap();
    let sorts = [By::At, By::Severity].map(|by| [true, false].map(|descending| Sort { by, descending }));
    let mut parts = 0;
    for text in ["", "mal*", "severity:high phishing", "-is:muted is:retracted"] {
        for sort in sorts.iter().flatten() {
            for hidden in [false, true] {
                let query = text.parse().unwrap();
                let then = Some(Sort { by: By::At, descending: true });
                let wanted = Wanted { query, sort: *sort, then, hidden, keep: None };
                let look = finder.look(wanted, now()).unwrap();
                let whole = finder.whole(&look, &Stop::default()).unwrap();
                let page = |watched: &Watched| finder.page(&look, None, watched, &Stop::default()).unwrap();
                let Some(first) = page(&Watched::default()) else { continue };
                assert_eq!(first.rows[..], whole.rows[..whole.rows.len().min(FIRST)], "{text} {sort:?}");
                assert!(first.rows.iter().zip(0..).all(|(row, place)| first.place(*row) == Some(place)));
                if !first.is_part {
                    assert_eq!(first.rows, whole.rows);
                    continue;
                }
                parts += 1;
                // What one looks at and comes later would move: then there is no page. What comes not at all does not.
                let watch = |row: Seq| Watched { rows: [row].into_iter().collect(), end: 0 };
                assert!(
                    page(&watch(whole.rows[whole.rows.len() - 1])).is_none() && page(&watch(whole.rows[3])).is_some()
                );
                let other = (0..many).find(|row| whole.place(*row).is_none());
                assert!(other.is_none_or(|row| page(&watch(row)).is_some()), "{text}");
                assert!(page(&Watched { end: FIRST + 1, ..Watched::default() }).is_none());
            }
        }
    }
    assert!(parts > 15, "{parts}");
}
