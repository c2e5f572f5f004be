//! Damage that shows only after the archive was opened: whoever meets it is told, nothing is acknowledged that is not stored,
//! the next look offers recovery, and after it nothing that was acknowledged is missing without a word.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gridwatch::iodef::indexed;
use gridwatch::model::{BareJid, Coverage, coverage::Cause, coverage::Standing as Told};
use gridwatch::store::acts::{Change, Mark, Note};
use gridwatch::store::archive::{Key, Word};
use gridwatch::store::index::{Bitmap, key};
use gridwatch::store::local::{self, Shelf};
use gridwatch::store::vault::{By, Cost, Found, Kept, Locked, Trouble, Vault};
use gridwatch::store::views::{View, Views};
use gridwatch::store::{Archive, Error, Incoming, Payload, Progress, Record, Route, Store};

use crate::archive::incoming;
use crate::support::sealed::PAGE;

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "correct horse battery staple";
const ROWS: u32 = 600;
const MORE: u32 = 40;
/// As many rows `tail` told of.
const TOLD: u32 = 300;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_276_800, 0).unwrap()
}

fn account() -> BareJid {
    "a@grid.example".parse().unwrap()
}

/// Some are so long that they stand in pages of their own.
fn item(number: u32) -> Incoming {
    let mut item = incoming(number);
    if number.is_multiple_of(7) {
        let Some(payload) = &mut item.payload else { return item };
        let mut bytes = payload.bytes.to_vec();
        let tail = b"</IODEF-Document>".len();
        let filler = format!("<!--{}-->", "long ".repeat(3_000));
        let _ = bytes.splice(bytes.len() - tail..bytes.len() - tail, filler.bytes());
        *payload = Payload { bytes: bytes.into(), scope: payload.scope.clone() };
    }
    item
}

fn look(folder: &Path) -> Locked {
    match Vault::new(folder.to_path_buf()).look() {
        Ok(Found::Locked(locked)) => locked,
        other => panic!("{other:?}"),
    }
}

fn open(folder: &Path) -> Result<Archive, Trouble> {
    look(folder).open(By::Passphrase(PASSPHRASE), Some(indexed)).map_err(|(_, trouble)| trouble)
}

fn file(folder: &Path) -> PathBuf {
    folder.join("archive-1.db")
}

fn doubt(folder: &Path) -> PathBuf {
    folder.join("archive-1.db-doubt")
}

fn made(folder: &Path) {
    let Ok(Found::Nothing(mut draft)) = Vault::new(folder.to_path_buf()).look() else { panic!() };
    draft.passphrase(PASSPHRASE, CHEAP).unwrap();
    let archive = draft.make().unwrap();
    for first in (0..ROWS).step_by(50) {
        let _ = archive.commit((first..first + 50).map(item).collect()).unwrap();
    }
    let coverage = Coverage {
        topic: incoming(0).key.topic,
        standing: Told::Away { since: now() },
        stretches: Vec::new().into(),
        gaps: Vec::new().into(),
    };
    let record = Record { coverage, anchor: ROWS, level: true, most_seen: 9, confirmed: (now(), ROWS), before: None };
    archive.keep_coverage(&account(), vec![record]).unwrap();
    make(archive.local().unwrap());
    local::keep_told(&archive, TOLD).unwrap();
    archive.close().unwrap();
}

/// Much of everything that a person makes, so that each kind has pages of its own, and some texts more than one.
fn make(on: &dyn gridwatch::store::Local) {
    let mut changes = vec![Change::Mark { rows: (0..ROWS).step_by(2).collect(), mark: Mark::Starred, on: true }];
    for row in 0..ROWS {
        let tag = Mark::Tag(format!("case {row} {}", "of many ".repeat(6)));
        changes.push(Change::Mark { rows: std::iter::once(row).collect(), mark: tag, on: true });
        let long = if row % 97 == 5 { 2_000 } else { 160 };
        let text = format!("{row}: {}", "asked ".repeat(long));
        changes.push(Change::Note { note: Note { id: u64::from(row) + 1, row, written: now(), text }, on: true });
    }
    on.change(&changes).unwrap();
    let mut views = Views::default();
    for number in 0..20 {
        let filter = format!("id:{number}{}", " severity:high".repeat(20));
        views.add(View::new(&format!("View {number}"), filter.parse().unwrap()).unwrap()).unwrap();
    }
    local::keep_views(on, &views).unwrap();
    local::keep_constituency(
        on,
        &(0..1_500).map(|line| format!("10.{}.{}.0/24\n", line / 250, line % 250)).collect::<String>(),
    )
    .unwrap();
}

/// What a person made, by items and not by rows.
#[derive(PartialEq)]
struct Work {
    starred: BTreeSet<String>,
    tags: BTreeSet<(String, String)>,
    notes: BTreeSet<(String, String)>,
    views: Vec<String>,
    ours: String,
}

fn work(archive: &Archive) -> Work {
    let (on, all) = (archive.local().unwrap(), Bitmap::all(archive.len()));
    let item = |row| archive.row(row).unwrap().key.item.0.clone();
    let starred = on.marked(&all, &Mark::Starred).unwrap();
    let tags = on.tags().unwrap();
    let tags = tags.iter().flat_map(|(tag, rows)| rows.iter().map(|row| (item(row), tag.clone())).collect::<Vec<_>>());
    Work {
        starred: starred.iter().map(item).collect(),
        tags: tags.collect(),
        notes: on.notes(&all).unwrap().into_iter().map(|note| (item(note.row), note.text)).collect(),
        views: on.kept(Shelf::Views).unwrap().into_iter().map(|(_, text)| text).collect(),
        ours: local::constituency(on).unwrap(),
    }
}

/// Nothing that was made is gone without a word, nothing is there that nobody made; gives how many kinds lost some and kept
/// most.
fn held(before: &Work, after: &Work, kept: &Kept) -> usize {
    let whole = [
        (before.starred == after.starred, kept.marks.lost, after.starred.len(), before.starred.len()),
        (before.tags == after.tags, kept.tags.lost, after.tags.len(), before.tags.len()),
        (before.notes == after.notes, kept.notes.lost, after.notes.len(), before.notes.len()),
        (
            before.views == after.views && before.ours == after.ours,
            kept.named.lost,
            after.views.len(),
            before.views.len(),
        ),
    ];
    assert!(whole.iter().all(|(same, told, ..)| *same || *told), "{kept:?}");
    assert_eq!(kept.lost_work(), whole.iter().any(|(_, told, ..)| *told));
    assert!(after.starred.is_subset(&before.starred) && after.tags.is_subset(&before.tags));
    // Of a long text its beginning may be left.
    let known = |(item, text): &(String, String)| {
        before.notes.iter().any(|(own, whole)| own == item && whole.starts_with(text.as_str()))
    };
    assert!(after.notes.iter().all(known));
    assert!(after.views.iter().all(|view| before.views.contains(view)) && before.ours.starts_with(&after.ours));
    whole.iter().filter(|(same, _, after, before)| !same && after * 10 > before * 8).count()
}

/// A session over the archive: reads everything, stores more. Gives what was acknowledged.
fn session(archive: &Archive) -> HashSet<u32> {
    let mut acknowledged: HashSet<u32> = (0..ROWS).collect();
    for number in 0..ROWS {
        let Ok(Some(seq)) = archive.find(&incoming(number).key) else { continue };
        match archive.payload(seq) {
            Ok(payload) => {
                let short = payload.as_ref().map(|payload| payload.bytes.len());
                assert!(payload == item(number).payload, "item {number} in row {seq} is read as {short:?} bytes");
            }
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "{error}"),
        }
        let _ = archive.row(seq);
    }
    for text in ["word1", "word590", "Überfall"] {
        let _ = archive.words(&[Word { text: text.to_owned(), begins: false }], None, 1_000);
    }
    let _ = archive.observed(&key::domains("example.net", key::Reach::Both), &|| false);
    let (on, all) = (archive.local().unwrap(), Bitmap::all(archive.len()));
    let _ =
        (on.marked(&all, &Mark::Starred), on.tags(), on.notes(&all), on.kept(Shelf::Views), local::constituency(on));
    for first in (ROWS..ROWS + MORE).step_by(10) {
        match archive.commit((first..first + 10).map(item).collect()) {
            Ok(_) => acknowledged.extend(first..first + 10),
            Err(Error::Damaged { .. }) => assert!(archive.is_damaged(), "told while it happens"),
            Err(other) => panic!("{other}, damaged before: {}", archive.is_damaged()),
        }
    }
    acknowledged
}

/// What many recoveries came to.
#[derive(Debug, Default)]
struct Sum {
    lost: u64,
    /// Kinds of a person's work that lost some and kept most.
    partly: usize,
    unproved: u64,
}

/// Recovers, and holds what is there against what was acknowledged and made.
fn recovered(folder: &Path, acknowledged: &HashSet<u32>, made: &Work, sum: &mut Sum) {
    let recovered = look(folder).recover(By::Passphrase(PASSPHRASE), now(), Some(indexed)).unwrap();
    let (archive, kept) = (recovered.archive, recovered.kept);
    assert!(!doubt(folder).exists() && !folder.join("archive-2.db-doubt").exists());
    archive.verify().unwrap();
    sum.partly += held(made, &work(&archive), &kept);
    sum.unproved += kept.unproved;
    let whole = |number: &&u32| {
        let found = archive.find(&incoming(**number).key).unwrap();
        found.is_some_and(|seq| archive.payload(seq).unwrap() == item(**number).payload)
    };
    let missing = acknowledged.len() - acknowledged.iter().filter(whole).count();
    assert!(missing as u64 <= kept.lost + kept.partial, "{missing} are missing: {kept:?}");
    for told in archive.coverage(&account()).unwrap() {
        let gaps = told.coverage.gaps.iter().filter(|gap| gap.cause == Cause::Damaged).count();
        assert!(missing == 0 || gaps > 0 && !told.level, "{missing} are missing, and it is not told: {kept:?}");
    }
    // What was told keeps its place among the rows, which are numbered anew.
    if let Some(next) = local::told(&archive).unwrap() {
        for number in 0..ROWS {
            let found = archive.find(&incoming(number).key).unwrap();
            assert!(found.is_none_or(|seq| (seq < next) == (number < TOLD)), "{number}: {found:?} {next}");
        }
    }
    // The topics are read again: everything is there, once.
    let _ = archive.commit((0..ROWS + MORE).map(item).collect()).unwrap();
    assert_eq!(archive.len(), ROWS + MORE);
    assert!((0..ROWS + MORE).all(|number| whole(&&number)));
    archive.close().unwrap();
    sum.lost += missing as u64;
}

#[test]
fn damage_met_in_a_session_is_told_and_offered_for_recovery_at_the_next() {
    let home = tempfile::tempdir().unwrap();
    let good = home.path().join("good");
    made(&good);
    let bytes = fs::read(file(&good)).unwrap();
    let pages = bytes.len() / PAGE;
    // The first, the last, and those between, so that tables, indexes, words, long payloads, marks and notes are all among
    // them.
    let chosen: BTreeSet<usize> =
        (0..12).chain((12..pages).step_by((pages / 36).max(1))).chain(pages - 3..pages).collect();
    let all = work(&open(&good).unwrap());
    assert_eq!((all.starred.len(), all.tags.len(), all.notes.len(), all.views.len()), (300, 600, 600, 20));
    let (mut early, mut late, mut unseen, mut sum) = (0, 0, 0, Sum::default());
    for page in chosen {
        let folder = home.path().join(format!("page-{page}"));
        fs::create_dir(&folder).unwrap();
        let mut flipped = bytes.clone();
        flipped[page * PAGE + 40 + page % 7_900] ^= 0x20;
        fs::write(file(&folder), &flipped).unwrap();
        let _ = fs::copy(good.join("keys.json"), folder.join("keys.json")).unwrap();
        let (acknowledged, damaged) = match open(&folder) {
            Ok(archive) => {
                let acknowledged = session(&archive);
                let damaged = archive.is_damaged();
                drop(archive);
                (acknowledged, damaged)
            }
            Err(Trouble::Damaged { .. }) => {
                early += 1;
                ((0..ROWS).collect(), true)
            }
            Err(other) => panic!("page {page}: {other}"),
        };
        if !damaged {
            unseen += 1;
            assert!(!doubt(&folder).exists());
            continue;
        }
        late += u32::from(doubt(&folder).exists());
        let before = fs::read(file(&folder)).unwrap();
        // Told again at each look until it is recovered; and looking changes nothing.
        for _ in 0..2 {
            match open(&folder) {
                Err(Trouble::Damaged { .. }) => {}
                other => panic!("page {page}: {other:?}"),
            }
        }
        assert!(fs::read(file(&folder)).unwrap() == before);
        recovered(&folder, &acknowledged, &all, &mut sum);
    }
    let told = format!("early {early}, late {late}, unseen {unseen}, {sum:?}");
    println!("{told}");
    assert!(early > 0 && late > 20 && sum.lost > 0 && sum.partly > 3 && sum.unproved > 0, "{told}");
}

/// A payload over many pages, one of which is not what was written.
fn torn(folder: &Path) -> Incoming {
    made(folder);
    let mut long = incoming(5_000);
    // Nothing repeats in it, so that it is as long on the disk.
    let mut state = 88_172_645_463_325_252_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    let bytes: Vec<u8> = (0..300_000).map(next).collect();
    long.payload = Some(Payload { bytes: bytes.into(), scope: std::sync::Arc::new([]) });
    let archive = open(folder).unwrap();
    let _ = archive.commit(vec![long.clone()]).unwrap();
    archive.close().unwrap();
    let mut bytes = fs::read(file(folder)).unwrap();
    // They stand together, and nothing was written after them but a few pages of the indexes.
    let page = bytes.len() / PAGE - 30;
    bytes[page * PAGE + 700] ^= 1;
    fs::write(file(folder), bytes).unwrap();
    long
}

#[test]
fn a_damaged_row_that_comes_again_keeps_no_other_from_being_stored() {
    let home = tempfile::tempdir().unwrap();
    let long = torn(home.path());
    let archive = open(home.path()).unwrap();
    let seq = archive.find(&long.key).unwrap().unwrap();
    // Live, and as one that waited for us; with others before it and after it.
    for (nth, route) in [Route::Live, Route::Fetched, Route::Delayed].into_iter().enumerate() {
        let delayed = (route == Route::Delayed).then_some(now());
        let again = Incoming { route, delayed, ..long.clone() };
        let number = 6_000 + 2 * u32::try_from(nth).unwrap();
        let done = archive.commit(vec![incoming(number), again, incoming(number + 1)]).unwrap();
        assert_eq!((done.duplicates, done.added.len()), (1, 2), "{route:?}");
        assert!(archive.is_damaged(), "it was met, and that is told");
    }
    assert!(matches!(archive.payload(seq), Err(Error::Damaged { .. })));
    assert_eq!(archive.find(&long.key).unwrap(), Some(seq));
    // Another document under its name is another version.
    let other = Incoming { payload: incoming(7_000).payload, ..long.clone() };
    assert_eq!(archive.commit(vec![other]).unwrap().added.len(), 1);
}

#[test]
fn a_doubt_that_was_a_slip_is_gone_after_all_was_read_and_reading_it_can_be_stopped() {
    let home = tempfile::tempdir().unwrap();
    made(home.path());
    fs::write(doubt(home.path()), "").unwrap();
    assert!(look(home.path()).is_doubted());
    let progress = Progress::default();
    progress.stop();
    let stopped = look(home.path()).watched(progress).open(By::Passphrase(PASSPHRASE), None);
    assert_eq!(stopped.map(drop).map_err(|(_, trouble)| trouble), Err(Trouble::Stopped));
    assert!(look(home.path()).is_doubted());
    let progress = Progress::default();
    let archive = look(home.path()).watched(progress.clone()).open(By::Passphrase(PASSPHRASE), None).unwrap();
    assert_eq!((progress.part(), archive.len()), (Some(1.0), ROWS));
    assert!(!doubt(home.path()).exists() && !archive.is_damaged());
}

#[test]
fn a_damaged_archive_is_found_by_asking_while_it_is_open() {
    let home = tempfile::tempdir().unwrap();
    made(home.path());
    let archive = open(home.path()).unwrap();
    archive.verify_all(&Progress::default()).unwrap();
    let mut bytes = fs::read(file(home.path())).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file(home.path()), bytes).unwrap();
    assert!(archive.verify_all(&Progress::default()).is_err());
    assert!(archive.is_damaged() && doubt(home.path()).exists());
}

#[test]
fn a_backup_that_is_stopped_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    made(home.path());
    let archive = open(home.path()).unwrap();
    let progress = Progress::default();
    progress.stop();
    let out = tempfile::tempdir().unwrap();
    let stopped = archive.back_up(&out.path().join("all.backup"), "travels", CHEAP, &progress);
    assert_eq!(stopped, Err(Trouble::Stopped));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_closed_while_its_log_is_carried_is_whole_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4_u32 {
        let path = folder.path().join(format!("{round}.db"));
        let archive = Archive::make(&path, &Key::new([7; 32])).unwrap();
        let bare = fs::metadata(&path).unwrap().len();
        let mut from = 0;
        let mut store = |many: u32| {
            let _ = archive.commit((from..from + many).map(incoming).collect()).unwrap();
            from += many;
            assert!(from < 200_000, "nobody carries the log");
        };
        // Some hundred pages each, until it is being carried, and some behind that.
        while fs::metadata(&path).unwrap().len() == bare {
            store(1_000);
        }
        (0..round).for_each(|_| store(700));
        let rows = archive.len();
        archive.close().unwrap();
        // Nothing but the file goes elsewhere.
        let alone = folder.path().join(format!("alone-{round}.db"));
        let _ = fs::copy(&path, &alone).unwrap();
        let left = fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
        assert_eq!(left, 0, "round {round}");
        let alone = Archive::open(&alone, &Key::new([7; 32]), Some(indexed)).unwrap();
        alone.verify().unwrap();
        assert_eq!(alone.len(), rows, "round {round}");
    }
}
