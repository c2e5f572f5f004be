//! Damage that shows only after the archive was opened: whoever meets it is told, nothing is acknowledged that is not stored,
//! the next look offers recovery, and after it nothing that was acknowledged is missing without a word.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gridwatch::iodef::indexed;
use gridwatch::model::{BareJid, Coverage, coverage::Cause, coverage::Standing as Told};
use gridwatch::store::archive::Word;
use gridwatch::store::index::key;
use gridwatch::store::vault::{By, Cost, Found, Locked, Trouble, Vault};
use gridwatch::store::{Archive, Error, Incoming, Payload, Progress, Record, Store};

use crate::archive::incoming;

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "correct horse battery staple";
const PAGE: usize = 4_096;
const ROWS: u32 = 600;
const MORE: u32 = 40;

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
    let record = Record { coverage, anchor: ROWS, level: true, most_seen: 9, confirmed: (now(), ROWS) };
    archive.keep_coverage(&account(), vec![record]).unwrap();
    archive.close().unwrap();
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
    for first in (ROWS..ROWS + MORE).step_by(10) {
        match archive.commit((first..first + 10).map(item).collect()) {
            Ok(_) => acknowledged.extend(first..first + 10),
            Err(Error::Damaged { .. }) => assert!(archive.is_damaged(), "told while it happens"),
            Err(other) => panic!("{other}, damaged before: {}", archive.is_damaged()),
        }
    }
    acknowledged
}

/// Recovers, and holds what is there against what was acknowledged; gives how many were lost.
fn recovered(folder: &Path, acknowledged: &HashSet<u32>) -> u64 {
    let recovered = look(folder).recover(By::Passphrase(PASSPHRASE), now(), Some(indexed)).unwrap();
    let (archive, kept) = (recovered.archive, recovered.kept);
    assert!(!doubt(folder).exists() && !folder.join("archive-2.db-doubt").exists());
    archive.verify().unwrap();
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
    // The topics are read again: everything is there, once.
    let _ = archive.commit((0..ROWS + MORE).map(item).collect()).unwrap();
    assert_eq!(archive.len(), ROWS + MORE);
    assert!((0..ROWS + MORE).all(|number| whole(&&number)));
    archive.close().unwrap();
    missing as u64
}

#[test]
fn damage_met_in_a_session_is_told_and_offered_for_recovery_at_the_next() {
    let home = tempfile::tempdir().unwrap();
    let good = home.path().join("good");
    made(&good);
    let bytes = fs::read(file(&good)).unwrap();
    let pages = bytes.len() / PAGE;
    // The first, the last, and those between, so that tables, indexes, words and long payloads are all among them.
    let chosen: Vec<usize> = (0..12).chain((12..pages).step_by((pages / 36).max(1))).chain(pages - 3..pages).collect();
    let (mut early, mut late, mut unseen, mut lost) = (0, 0, 0, 0);
    for page in chosen {
        let folder = home.path().join(format!("page-{page}"));
        fs::create_dir(&folder).unwrap();
        let mut flipped = bytes.clone();
        flipped[page * PAGE + 40 + page % 3_900] ^= 0x20;
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
        lost += recovered(&folder, &acknowledged);
    }
    assert!(early > 0 && late > 20 && lost > 0, "early {early}, late {late}, unseen {unseen}, lost {lost}");
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
