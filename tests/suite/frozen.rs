//! Archives that earlier versions of the program made (`tests/fixtures/archive`): each is opened by this one and then holds,
//! answers and takes in what the same acts leave in a store in memory, before its rows are read again and afterwards.

#[path = "../fixtures/archive/freeze.rs"]
mod freeze;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridwatch::iodef::indexed;
use gridwatch::model::Kind;
use gridwatch::store::acts::{Mark, Slot};
use gridwatch::store::archive::Key;
use gridwatch::store::finder::Finder;
use gridwatch::store::index::{Bitmap, Stop};
use gridwatch::store::lens::{Entry, Lens};
use gridwatch::store::local::{Local, constituency, mutes, views};
use gridwatch::store::{Archive, Incoming, Memory, Progress, Route, Row, Seq, Standing, Store};

use crate::asked;
use crate::support::sealed::{self, PAGE};
use freeze::{KEY, PURGED, ROWS, account, items, newer, now, revision};

/// Versions of the tables of which an archive is frozen: every one before the present.
const VERSIONS: [u32; 7] = [1, 2, 3, 4, 5, 6, 7];

fn frozen(version: u32, folder: &Path) -> PathBuf {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/archive/v{version}.db"));
    let path = folder.join(format!("v{version}.db"));
    let _ = fs::copy(made, &path).unwrap();
    path
}

fn open(path: &Path) -> Arc<Archive> {
    Arc::new(Archive::open(path, &Key::new(KEY), Some(indexed)).unwrap())
}

/// What the same acts leave in memory today. The first version had no retention.
fn memory(version: u32) -> Arc<Memory> {
    let memory = Memory::default();
    freeze::fill(&memory, |memory, rows, at| {
        if version > 1 {
            assert_eq!(memory.purge(rows, at).unwrap(), rows);
        }
    });
    Arc::new(memory)
}

fn finder(store: Arc<dyn Store>) -> Finder {
    let finder = Finder::new(Some(account()), store.len()).asking(Arc::clone(&store));
    finder.load().unwrap();
    let stop = Stop::default();
    let _ = finder.take(store.as_ref(), &[], now(), &stop).unwrap();
    finder.settle(now(), &stop).unwrap();
    let (lines, faults) = Entry::read_all(freeze::CONSTITUENCY);
    assert!(faults.is_empty());
    let _ = finder.look_back(Lens::new(lines.into_iter().map(|line| line.entry)), &stop, &mut |_, _| ()).unwrap();
    finder
}

/// Rows, payloads, what finds them, the ledger.
fn same_rows(old: &Archive, new: &Memory) {
    assert_eq!(old.len(), new.len());
    let all: Vec<Seq> = (0..new.len()).collect();
    for (own, expected) in old.look(&all).unwrap().iter().zip(new.look(&all).unwrap()) {
        let mut expected = Row::clone(&expected);
        if own.seq < old.stale() && own.summary.facets.is_none() {
            // Earlier versions did not keep these; filters read them in the document.
            Arc::make_mut(&mut expected.summary).facets = None;
        }
        assert_eq!(format!("{own:?}"), format!("{expected:?}"));
        assert_eq!(old.payload(own.seq).unwrap(), new.payload(own.seq).unwrap(), "row {}", own.seq);
        assert_eq!(old.observables(own.seq).unwrap(), new.observables(own.seq).unwrap(), "row {}", own.seq);
        assert_eq!(old.find(&own.key).unwrap(), new.find(&own.key).unwrap(), "row {}", own.seq);
        let (csirt, id) = (&own.summary.csirt, &own.summary.id);
        if !id.is_empty() {
            assert_eq!(old.revisions(csirt, id).unwrap(), new.revisions(csirt, id).unwrap(), "row {}", own.seq);
        }
        let held = |mut held: Vec<gridwatch::store::Held>| {
            held.sort_by_key(|held| held.seq);
            held
        };
        assert_eq!(held(old.held(&own.key.topic).unwrap()), held(new.held(&own.key.topic).unwrap()));
    }
    assert_eq!(old.coverage(&account()).unwrap(), [freeze::record()]);
}

/// What its person made of them, by the words of [`freeze`] and not only by another store's.
fn same_work(of: &dyn Local) {
    let (all, rows) = (Bitmap::all(ROWS), |rows: Bitmap| rows.iter().collect::<Vec<Seq>>());
    // And what was fetched as history.
    assert_eq!(rows(of.marked(&all, &Mark::Read).unwrap()), [0, 1, 6, 8, 12]);
    assert_eq!(rows(of.marked(&all, &Mark::Starred).unwrap()), [0, 14]);
    let tags: Vec<_> = of.tags().unwrap().into_iter().map(|(tag, own)| (tag, rows(own))).collect();
    assert_eq!(tags, [("Watchlist".to_owned(), vec![2, 3]), ("x".to_owned(), vec![3])]);
    let slots = |kind: &Slot| -> Vec<_> {
        let slots = of.slots(&all, kind).unwrap();
        slots.into_iter().filter(|(slot, _)| slot != kind).map(|(slot, own)| (slot, rows(own))).collect()
    };
    let judged = Slot::Disposition(Some("False alarm".to_owned()));
    assert_eq!(slots(&Slot::Disposition(None)), [(judged, vec![7])]);
    assert_eq!(slots(&Slot::Snoozed(None)), [(Slot::Snoozed(Some(freeze::snoozed())), vec![8, 9])]);
    assert_eq!(of.notes(&all).unwrap(), freeze::notes());
    assert_eq!(of.free_note().unwrap(), 4);
    let (kept, faults) = views(of).unwrap();
    assert_eq!((kept.all(), faults.len()), (freeze::views().all(), 0));
    assert_eq!(mutes(of).unwrap(), [freeze::mute()]);
    assert_eq!(constituency(of).unwrap(), freeze::CONSTITUENCY);
}

/// Every field with every sign, and words.
fn same_answers(what: &str, old: &Finder, new: &Finder) {
    let mut hits = 0;
    for text in asked::texts() {
        let (own, expected) = (asked::found(old, &text), asked::found(new, &text));
        hits += own.len();
        assert_eq!(own, expected, "{what}: {text}");
    }
    assert!(hits > 1_000, "{hits}");
}

/// The columns of both, row by row.
fn same_columns(what: &str, old: &Finder, new: &Finder) {
    let (old, new) = (old.snapshot(), new.snapshot());
    assert_eq!(old.len(), new.len());
    for row in 0..new.len() {
        assert_eq!(format!("{:?}", old.line(row)), format!("{:?}", new.line(row)), "{what}: row {row}");
    }
}

/// An item that says nothing.
fn filler(number: usize) -> Incoming {
    let mut item = items().remove(5);
    item.key.item.0 = format!("filler-{number}");
    item
}

/// As its broker tells of it again after a session that broke.
fn late(item: Incoming) -> Incoming {
    Incoming { route: Route::Delayed, delayed: Some(item.received), ..item }
}

#[test]
fn the_archive_of_every_earlier_version_holds_and_answers_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        let path = frozen(version, folder.path());
        let (old, new) = (open(&path), memory(version));
        old.verify().unwrap();
        assert_eq!(old.stale(), if version < 6 { ROWS } else { 0 }, "version {version}");
        same_rows(&old, &new);
        same_work(old.local().unwrap());
        let (asking, naive) = (finder(old.clone()), finder(new.clone()));
        same_columns(&format!("version {version}"), &asking, &naive);
        same_answers(&format!("version {version}"), &asking, &naive);
        // Read again, all of it is the same, and stays so.
        let again = old.renew().unwrap();
        assert_eq!(again.is_empty(), version >= 6);
        assert!(old.renew().unwrap().is_empty() && old.stale() == 0);
        let _ = asking.take(old.as_ref(), &again, now(), &Stop::default()).unwrap();
        same_rows(&old, &new);
        same_columns("read again", &asking, &naive);
        same_answers("read again", &asking, &naive);
        // Names of actors and campaigns are words.
        for (words, rows) in [("lonely", 3), ("leaves", 1)] {
            assert_eq!(asked::found(&asking, words).len(), rows, "version {version}: {words}");
        }
        drop((asking, old));
        let old = open(&path);
        assert_eq!(old.stale(), 0);
        // So many more that the columns of the frozen rows are kept.
        let more: Vec<Incoming> = (0..1_024).map(filler).collect();
        assert_eq!(old.commit(more.clone()).unwrap(), new.commit(more).unwrap());
        let naive = finder(new.clone());
        let mut from = Some(0);
        while let Some(at) = from {
            from = old.pack(at).unwrap();
        }
        assert!(old.packed(0).unwrap().is_some());
        let asking = finder(old.clone());
        same_rows(&old, &new);
        same_work(old.local().unwrap());
        same_columns("of the columns that are kept", &asking, &naive);
        same_answers("of the columns that are kept", &asking, &naive);
        old.verify().unwrap();
    }
}

#[test]
fn what_comes_again_is_known_in_the_archive_of_every_earlier_version_and_what_is_new_is_a_revision() {
    let folder = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        let (old, new) = (open(&frozen(version, folder.path())), memory(version));
        let again: Vec<Incoming> = items().into_iter().chain([revision()]).map(late).collect();
        let done = old.commit(again.clone()).unwrap();
        assert_eq!((done.added.len(), done.duplicates), (0, ROWS), "version {version}");
        assert_eq!(done, new.commit(again).unwrap());
        let done = old.commit(vec![newer()]).unwrap();
        assert_eq!((&done.added[..], &done.changed[..], done.duplicates), (&[ROWS][..], &[0][..], 0));
        assert_eq!(done, new.commit(vec![newer()]).unwrap());
        let row = old.row(ROWS).unwrap();
        assert_eq!((row.version, row.standing), (2, Standing::Current));
        assert_eq!(old.row(0).unwrap().standing, Standing::Overwritten);
        same_rows(&old, &new);
        for row in PURGED {
            assert_eq!(old.row(row).unwrap().summary.kind == Kind::Gone, version > 1);
        }
        // And its work goes on: what was fetched, retracted and looked for afterwards.
        let gone = [items().remove(0).key];
        assert_eq!(old.retract(&gone, now()).unwrap(), new.retract(&gone, now()).unwrap());
        let (asking, naive) = (finder(old.clone()), finder(new.clone()));
        same_columns("with what came", &asking, &naive);
        same_answers("with what came", &asking, &naive);
        old.verify().unwrap();
    }
}

/// Rows of a file, read by this key with pages of this size.
fn counted(path: &Path, key: u8, page: usize) -> Option<u32> {
    sealed::with(path, [key; 32], page).query_row("SELECT count(*) FROM items", [], |row| row.get(0)).ok()
}

#[test]
fn a_file_with_smaller_pages_is_copied_with_them_and_recovered_without() {
    const SMALLER: usize = 4_096;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (key, new) = (Key::new(KEY), Key::new([8; 32]));
    let path = frozen(7, folder.path());
    let old = open(&path);
    old.copy(&at("copy.db"), &key, &new, &Progress::default()).unwrap();
    Arc::into_inner(old).unwrap().close().unwrap();
    let all = counted(&at("copy.db"), 8, SMALLER);
    assert!(all.is_some_and(|rows| rows > 0) && counted(&path, 7, SMALLER) == all);
    let saved = Archive::make(&at("saved.db"), &key).unwrap();
    let kept = saved.salvage(&path, &key, now(), Some(indexed), &Progress::default()).unwrap();
    assert_eq!((Some(saved.len()), kept.lost), (all, 0));
    saved.verify().unwrap();
    saved.close().unwrap();
    assert_eq!((counted(&at("saved.db"), 7, PAGE), counted(&at("saved.db"), 7, SMALLER)), (all, None));
    // A page that is not what was written: what the others hold, which of so few is nothing where a table begins.
    let good = fs::read(&path).unwrap();
    let (mut short, mut whole) = (0, 0);
    for page in (8..good.len() / SMALLER).step_by(3) {
        let mut bytes = good.clone();
        bytes[page * SMALLER + 100] ^= 1;
        fs::write(&path, bytes).unwrap();
        let saved = Archive::make(&at(&format!("{page}.db")), &key).unwrap();
        let Ok(kept) = saved.salvage(&path, &key, now(), Some(indexed), &Progress::default()) else { continue };
        assert!(Some(saved.len()) <= all, "page {page}: {kept:?}");
        let missed = kept.partial + kept.lost > 0;
        short += u32::from(missed);
        whole += u32::from(!missed);
    }
    assert!(short > 0 && whole > 0, "{short} {whole}");
}
