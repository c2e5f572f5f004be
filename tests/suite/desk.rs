//! What a person makes of the rows, in memory and in the archive: the same acts leave the same, undone they leave nothing, and
//! what the archive keeps is there after a restart, in a backup and after a recovery.

use std::path::Path;

use chrono::TimeDelta;
use gridwatch::store::acts::{Change, Log, Mark, Note, Slot};
use gridwatch::store::archive::Key;
use gridwatch::store::index::Bitmap;
use gridwatch::store::local::{self, Shelf};
use gridwatch::store::vault::{By, Cost, Found, Vault};
use gridwatch::store::views::{Mute, View, Views};
use gridwatch::store::{Archive, Local, Memory, Progress, Seq, Store};
use proptest::prelude::*;

use crate::acts::{any_change, now};
use crate::archive::incoming;

const ROWS: u32 = 12;
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

fn filled<S: Store>(store: S) -> S {
    let _ = store.commit((0..ROWS).map(incoming).collect()).unwrap();
    store
}

fn made(folder: &Path) -> Archive {
    filled(Archive::make(&folder.join("archive.db"), &Key::new([7; 32])).unwrap())
}

fn rows(rows: impl IntoIterator<Item = Seq>) -> Bitmap {
    rows.into_iter().collect()
}

/// All that is kept.
fn seen(desk: &dyn Local) -> String {
    let all = Bitmap::all(ROWS + 3);
    let list = |rows: &Bitmap| rows.iter().collect::<Vec<_>>();
    let marks = [Mark::Read, Mark::Starred, Mark::Tag("a".to_owned())].map(|mark| desk.marked(&all, &mark).unwrap());
    let slots = [Slot::Disposition(None), Slot::Snoozed(None)].map(|kind| {
        let slots = desk.slots(&all, &kind).unwrap();
        slots.into_iter().map(|(slot, rows)| (slot, list(&rows))).collect::<Vec<_>>()
    });
    let tags: Vec<_> = desk.tags().unwrap().into_iter().map(|(tag, rows)| (tag, list(&rows))).collect();
    let notes: Vec<_> = desk.notes(&all).unwrap().into_iter().map(|note| (note.row, note.written, note.text)).collect();
    let kept = [Shelf::Views, Shelf::Mutes, Shelf::Constituency].map(|shelf| desk.kept(shelf).unwrap());
    format!("{:?} {slots:?} {tags:?} {notes:?} {kept:?}", marks.each_ref().map(list))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_archive_keeps_what_memory_keeps(acts in proptest::collection::vec(
        (proptest::collection::vec(any_change(ROWS), 1..3), any::<bool>()), 1..12))
    {
        let folder = tempfile::tempdir().unwrap();
        let (memory, archive) = (filled(Memory::default()), made(folder.path()));
        let (mut one, mut other) = (Log::default(), Log::default());
        let nothing = seen(&archive);
        for (changes, undoes) in acts {
            let touched = one.act(&mut &memory, changes.clone()).unwrap();
            let also = other.act(&mut &archive, changes).unwrap();
            prop_assert!(touched.iter().eq(also.iter()));
            prop_assert_eq!(seen(&memory), seen(&archive));
            if undoes {
                prop_assert_eq!(one.undo(&mut &memory).unwrap().is_some(), other.undo(&mut &archive).unwrap().is_some());
                prop_assert_eq!(seen(&memory), seen(&archive));
            }
        }
        let kept = seen(&archive);
        archive.close().unwrap();
        let archive = Archive::open(&folder.path().join("archive.db"), &Key::new([7; 32]), None).unwrap();
        prop_assert_eq!(seen(&archive), kept);
        while other.undo(&mut &archive).unwrap().is_some() {}
        prop_assert_eq!(seen(&archive), nothing);
    }
}

/// One of everything.
fn work(desk: &dyn Local) {
    let mut at = desk;
    let note = Note { id: desk.free_note().unwrap(), row: 3, written: now(), text: "asked the owner, ü".to_owned() };
    let rule = Mute::new("topic:lab*".parse().unwrap(), now() + TimeDelta::days(7), now()).unwrap();
    let acts = vec![
        Change::Mark { rows: rows(0..9), mark: Mark::Read, on: true },
        Change::Mark { rows: rows([1, 4]), mark: Mark::Starred, on: true },
        Change::Mark { rows: rows([1, 9]), mark: Mark::Tag("case 7".to_owned()), on: true },
        Change::Slot { rows: rows([2, 3]), to: Slot::Disposition(Some("closed".to_owned())) },
        Change::Slot { rows: rows([5]), to: Slot::Snoozed(Some(now() + TimeDelta::nanoseconds(5))) },
        Change::Note { note, on: true },
        Change::Mute { rule, on: true },
    ];
    assert_eq!(Log::default().act(&mut at, acts).unwrap().count(), 10);
    let mut views = Views::default();
    for (name, filter) in [("z first", "is:unread"), ("a second", "severity:high topic:x")] {
        views.add(View::new(name, filter.parse().unwrap()).unwrap()).unwrap();
    }
    local::keep_views(desk, &views).unwrap();
    local::keep_constituency(desk, "# ours\n192.0.2.0/24\n").unwrap();
    assert_eq!(local::views(desk).unwrap(), (views, Vec::new()));
    assert_eq!(local::constituency(desk).unwrap(), "# ours\n192.0.2.0/24\n");
    assert_eq!(local::mutes(desk).unwrap().len(), 1);
}

#[test]
fn what_was_made_of_rows_is_in_a_backup_and_after_a_recovery() {
    let memory = filled(Memory::default());
    work(memory.local().unwrap());
    let wanted = seen(&memory);
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::new(folder.path().join("archive"));
    let Ok(Found::Nothing(mut draft)) = vault.look() else { panic!("no draft") };
    draft.passphrase("p", CHEAP).unwrap();
    let archive = filled(draft.make().unwrap());
    work(archive.local().unwrap());
    assert_eq!(seen(&archive), wanted);
    let backup = folder.path().join("all.backup");
    let _ = archive.back_up(&backup, "q", CHEAP, &Progress::default()).unwrap();
    archive.close().unwrap();

    let Ok(Found::Nothing(mut draft)) = Vault::new(folder.path().join("other")).look() else { panic!("no draft") };
    draft.passphrase("p", CHEAP).unwrap();
    assert_eq!(seen(&draft.restore(&backup, "q", None).unwrap()), wanted);

    let Ok(Found::Locked(locked)) = vault.look() else { panic!("no archive") };
    let recovered = locked.recover(By::Passphrase("p"), now(), None).unwrap();
    assert_eq!(seen(&recovered.archive), wanted);
    recovered.archive.close().unwrap();

    let Ok(Found::Locked(locked)) = vault.look() else { panic!("no archive") };
    let rotated = locked.rotate(By::Passphrase("p"), |draft| draft.passphrase("new", CHEAP)).unwrap();
    assert_eq!(seen(&rotated), wanted);
}

#[test]
fn an_act_is_done_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (memory, archive) = (filled(Memory::default()), made(folder.path()));
    let desks: [&dyn Local; 2] = [&memory, &archive];
    for desk in desks {
        let note = |id| Change::Note { note: Note { id, row: 1, written: now(), text: "x".to_owned() }, on: true };
        desk.change(&[note(1)]).unwrap();
        let before = seen(desk);
        let star = Change::Mark { rows: rows([1, 2]), mark: Mark::Starred, on: true };
        assert!(desk.change(&[star.clone(), note(1)]).is_err(), "a note of that number is there");
        assert_eq!(seen(desk), before);
        assert_eq!(desk.free_note().unwrap(), 2);
        desk.change(&[star, note(2)]).unwrap();
        assert_ne!(seen(desk), before);
    }
    assert_eq!(seen(&memory), seen(&archive));
}

/// Every shelf keeps texts by their names, apart from every other, and after a restart.
#[test]
fn every_shelf_keeps_what_is_put_there() {
    let folder = tempfile::tempdir().unwrap();
    let (memory, archive) = (Memory::default(), made(folder.path()));
    let own = |shelf: Shelf, name: &str| (name.to_owned(), format!("{shelf:?} {name} \u{fc}\n{}", "x".repeat(70_000)));
    for desk in [&memory as &dyn Local, &archive] {
        for shelf in Shelf::ALL {
            let all: Vec<_> = ["b", "", "a", "!c"].map(|name| own(shelf, name)).into();
            desk.keep(shelf, &[], &all).unwrap();
            desk.keep(shelf, &["b".to_owned(), "none".to_owned()], &[("a".to_owned(), "new".to_owned())]).unwrap();
        }
    }
    let kept = |desk: &dyn Local| Shelf::ALL.map(|shelf| desk.kept(shelf).unwrap());
    for (shelf, kept) in Shelf::ALL.into_iter().zip(kept(&memory)) {
        let wanted = [own(shelf, ""), own(shelf, "!c"), ("a".to_owned(), "new".to_owned())];
        assert_eq!(kept, wanted, "{shelf:?}");
    }
    assert_eq!(kept(&memory), kept(&archive));
    archive.close().unwrap();
    let archive = Archive::open(&folder.path().join("archive.db"), &Key::new([7; 32]), None).unwrap();
    assert_eq!(kept(&memory), kept(&archive));
}

#[test]
fn a_view_of_a_later_program_stays_where_it_is() {
    let desk = Memory::default();
    let later = "name = \"later\"\nfilter = \"gridwatch-filter/9 x\"\n".to_owned();
    desk.keep(Shelf::Views, &[], &[("000001".to_owned(), later.clone())]).unwrap();
    let mut views = Views::default();
    for name in ["a", "b", "c"] {
        views.add(View::new(name, "is:unread".parse().unwrap()).unwrap()).unwrap();
        local::keep_views(&desk, &views).unwrap();
    }
    let (read, faults) = local::views(&desk).unwrap();
    assert_eq!((read, faults.len()), (views, 1));
    assert!(desk.kept(Shelf::Views).unwrap().contains(&("000001".to_owned(), later)));
    local::keep_views(&desk, &Views::default()).unwrap();
    assert_eq!(desk.kept(Shelf::Views).unwrap().len(), 1);
}

#[test]
fn many_rows_are_marked_and_found_as_few_are() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
    let _ = archive.commit((0..3_000).map(incoming).collect()).unwrap();
    // More runs than are asked about one by one.
    let every_other = rows((0..3_000).step_by(2));
    let mark = |rows: &Bitmap, on| Change::Mark { rows: rows.clone(), mark: Mark::Read, on };
    archive.change(&[mark(&Bitmap::all(3_000), true), mark(&rows(0..2), false)]).unwrap();
    assert!(archive.marked(&every_other, &Mark::Read).unwrap().iter().eq((2..3_000).step_by(2)));
    archive.change(&[Change::Slot { rows: every_other.clone(), to: Slot::Disposition(Some("x".to_owned())) }]).unwrap();
    let slots = archive.slots(&Bitmap::all(3_000), &Slot::Disposition(None)).unwrap();
    assert_eq!(slots.iter().map(|(_, rows)| rows.count()).collect::<Vec<_>>(), [1_500, 1_500]);
    assert!(slots.iter().any(|(slot, rows)| *slot == Slot::Disposition(None) && rows.contains(1)));
}
