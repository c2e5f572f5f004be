//! The log of acts in the archive: whoever changes, cuts, swaps or adds a byte or an entry behind the program's back is
//! found, and the first entry that is not what was written is named; a program that is killed leaves whole entries only.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::iodef::indexed;
use gridwatch::model::TopicId;
use gridwatch::port::activity::{Format, each, write};
use gridwatch::store::activity::{Act, Broken, By, Filter, Head, How, Kind, Why};
use gridwatch::store::archive::{Key, Saved};
use gridwatch::store::{Activity, Archive, Memory, Progress};
use proptest::prelude::*;
use rusqlite::{Connection, params};

use crate::support::sealed::{self, KEY, PAGE};
use crate::support::{child, judges};

const CHILD: &str = "activity::child_that_logs";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn act(number: usize) -> Act {
    let kind = Kind::ALL[number % Kind::ALL.len()];
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".to_owned() };
    Act {
        topic: (!number.is_multiple_of(3)).then_some(topic),
        subject: format!("soc-{number}@blue.example"),
        before: "pending".to_owned(),
        after: "subscribed".to_owned(),
        reason: format!("MoU {number}, \u{202e}äöü"),
        stanzas: vec![format!("a{number}")],
        ..Act::new(at(number as i64), "me@grid.example", By::Person, kind, How::Done)
    }
}

fn acts(count: usize) -> Vec<Act> {
    (0..count).map(act).collect()
}

fn open(path: &Path) -> Archive {
    Archive::open(path, &Key::new(KEY), Some(indexed)).unwrap()
}

/// An archive with a log, closed; its head.
fn made(folder: &Path, count: usize) -> (PathBuf, Head) {
    let path = folder.join("a.db");
    let archive = Archive::make(&path, &Key::new(KEY)).unwrap();
    let head = archive.append(&acts(count)).unwrap();
    archive.close().unwrap();
    (path, head)
}

/// The file as somebody has it who holds the key, with what keeps the program itself from changing entries out of the way.
fn raw(path: &Path) -> Connection {
    let connection = sealed::open(path);
    for trigger in ["stays", "grows", "once", "head_once", "head_grows", "head_stays"] {
        connection.execute_batch(&format!("DROP TRIGGER activity_{trigger}")).unwrap();
    }
    connection
}

fn verify(path: &Path) -> Result<Head, Broken> {
    open(path).audit(&[], &Progress::default()).unwrap()
}

#[test]
fn what_was_logged_is_read_as_it_was_and_holds() {
    let folder = tempfile::tempdir().unwrap();
    let (path, head) = made(folder.path(), 40);
    let archive = open(&path);
    assert_eq!(head.count, 40);
    assert_eq!(archive.head().unwrap(), head);
    assert_eq!(archive.audit(&[], &Progress::default()).unwrap(), Ok(head));
    let read = archive.entries(31, 5).unwrap();
    assert_eq!(read.iter().map(|entry| entry.number).collect::<Vec<_>>(), [31, 32, 33, 34, 35]);
    assert_eq!(read[0].act, Some(act(30)));
    // It is the same chain in memory.
    let memory = Memory::default();
    assert_eq!(memory.append(&acts(40)).unwrap(), head);
    assert_eq!(memory.entries(31, 5).unwrap(), read);
    assert_eq!(memory.audit(&[head], &Progress::default()).unwrap(), Ok(head));
    // And goes on.
    let more = archive.append(&[act(40)]).unwrap();
    assert_eq!(more.count, 41);
    assert_eq!(archive.audit(&[head], &Progress::default()).unwrap(), Ok(more));
    // Who does not want it any more is heard.
    let progress = Progress::default();
    progress.stop();
    let many = Archive::make(&folder.path().join("b.db"), &Key::new(KEY)).unwrap();
    let _ = many.append(&acts(3_000)).unwrap();
    assert!(many.audit(&[], &progress).is_err());
}

#[test]
fn the_program_itself_cannot_change_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = made(folder.path(), 3);
    let connection = sealed::open(&path);
    for text in [
        "UPDATE activity SET bytes = x'00' WHERE number = 2",
        "DELETE FROM activity WHERE number = 2",
        "INSERT OR REPLACE INTO activity VALUES (2, x'00', x'00')",
        "REPLACE INTO activity SELECT 2, bytes, hash FROM activity WHERE number = 3",
        "DELETE FROM activity_head",
        "UPDATE activity_head SET count = 2",
        "INSERT OR REPLACE INTO activity_head VALUES (0, 2, x'00')",
    ] {
        let refused = connection.execute_batch(text).unwrap_err().to_string();
        assert!(refused.contains("the log only grows"), "{refused}");
    }
}

/// What somebody does to a log behind the program's back.
#[derive(Clone, Debug)]
enum Tampering {
    /// A byte of an entry, or of its hash, becomes another.
    Flip { row: usize, hash: bool, place: usize, by: u8 },
    /// An entry goes; those behind it keep their numbers, or close up.
    Drop { row: usize, close: bool },
    /// Two entries change places.
    Swap { one: usize, other: usize },
    /// An entry is put in, and those behind it move on.
    Insert { row: usize },
    /// The end is cut off.
    Cut { left: usize },
    /// One more is put at the end, rightly chained.
    Add,
    /// The head becomes another.
    Head { hash: bool },
    /// The head goes.
    Headless,
}

const ROWS: usize = 12;

fn tampering() -> impl Strategy<Value = Tampering> {
    let row = 0..ROWS;
    prop_oneof![
        (row.clone(), any::<bool>(), any::<usize>(), 1_u8..).prop_map(|(row, hash, place, by)| Tampering::Flip {
            row,
            hash,
            place,
            by
        }),
        (row.clone(), any::<bool>()).prop_map(|(row, close)| Tampering::Drop { row, close }),
        (row.clone(), 1..ROWS).prop_map(|(one, by)| Tampering::Swap { one, other: (one + by) % ROWS }),
        row.clone().prop_map(|row| Tampering::Insert { row }),
        row.prop_map(|left| Tampering::Cut { left }),
        Just(Tampering::Add),
        any::<bool>().prop_map(|hash| Tampering::Head { hash }),
        Just(Tampering::Headless),
    ]
}

/// The rows of the table, read raw.
fn rows(on: &Connection) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut find = on.prepare("SELECT bytes, hash FROM activity ORDER BY number").unwrap();
    let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Writes the rows anew, numbered from 1.
fn put(on: &Connection, rows: &[(Vec<u8>, Vec<u8>)]) {
    let _ = on.execute("DELETE FROM activity", []).unwrap();
    for (place, (bytes, hash)) in rows.iter().enumerate() {
        let number = i64::try_from(place + 1).unwrap();
        let _ = on.execute("INSERT INTO activity VALUES (?, ?, ?)", params![number, bytes, hash]).unwrap();
    }
}

/// Does it, and gives the first entry that must be named, and why.
fn tamper(on: &Connection, tampering: &Tampering) -> (u64, Option<Why>) {
    let mut all = rows(on);
    let number = |row: usize| row as u64 + 1;
    match tampering {
        Tampering::Flip { row, hash, place, by } => {
            let part = if *hash { &mut all[*row].1 } else { &mut all[*row].0 };
            let place = place % part.len();
            part[place] ^= by;
            put(on, &all);
            (number(*row), Some(Why::Changed))
        }
        Tampering::Drop { row, close } => {
            let _ = on.execute("DELETE FROM activity WHERE number = ?", [number(*row) as i64]).unwrap();
            if *row == ROWS - 1 {
                return (number(*row), Some(Why::Cut { said: ROWS as u64 }));
            }
            if *close {
                let _ = all.remove(*row);
                put(on, &all);
            }
            (number(*row), Some(if *close { Why::Changed } else { Why::Missing }))
        }
        Tampering::Swap { one, other } => {
            all.swap(*one, *other);
            put(on, &all);
            (number(*one.min(other)), Some(Why::Changed))
        }
        Tampering::Insert { row } => {
            let copy = all[(row + 1) % ROWS].clone();
            all.insert(*row, copy);
            put(on, &all);
            (number(*row), Some(Why::Changed))
        }
        Tampering::Cut { left } => {
            let _ = on.execute("DELETE FROM activity WHERE number > ?", [*left as i64]).unwrap();
            (number(*left), Some(Why::Cut { said: ROWS as u64 }))
        }
        Tampering::Add => {
            let folder = tempfile::tempdir().unwrap();
            let (path, _) = made(folder.path(), ROWS + 1);
            let longer = rows(&raw(&path));
            put(on, &longer);
            (number(ROWS), Some(Why::Added))
        }
        Tampering::Head { hash: true } => {
            let _ = on.execute("UPDATE activity_head SET hash = zeroblob(32)", []).unwrap();
            (ROWS as u64, Some(Why::Rewritten))
        }
        Tampering::Head { hash: false } => {
            let _ = on.execute("UPDATE activity_head SET count = count - 1", []).unwrap();
            (ROWS as u64, Some(Why::Added))
        }
        Tampering::Headless => {
            let _ = on.execute("DELETE FROM activity_head", []).unwrap();
            (ROWS as u64, Some(Why::Headless))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_the_log_is_found_and_the_first_bad_entry_named(tampering in tampering()) {
        let folder = tempfile::tempdir().unwrap();
        let (path, head) = made(folder.path(), ROWS);
        prop_assert_eq!(verify(&path), Ok(head));
        let connection = raw(&path);
        let (number, why) = tamper(&connection, &tampering);
        drop(connection);
        let broken = verify(&path).unwrap_err();
        prop_assert_eq!(broken.number, number, "{:?}", broken);
        prop_assert!(why.is_none_or(|why| why == broken.why), "{:?}", broken);
        // What is left can still be read, and nothing is hidden by going on.
        let archive = open(&path);
        let _ = archive.entries(1, 100).unwrap();
        match archive.append(&[act(99)]) {
            Err(_) => {
                let refuses = matches!(tampering, Tampering::Headless | Tampering::Add | Tampering::Head { hash: false });
                prop_assert!(refuses || matches!(tampering, Tampering::Insert { .. }), "{:?}", tampering);
            }
            Ok(_) => prop_assert!(archive.audit(&[], &Progress::default()).unwrap().is_err()),
        }
    }
}

#[test]
fn a_log_written_anew_with_its_head_is_found_by_a_head_noted_down_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (path, head) = made(folder.path(), ROWS);
    let other = tempfile::tempdir().unwrap();
    let (forged, _) = {
        let path = other.path().join("a.db");
        let archive = Archive::make(&path, &Key::new(KEY)).unwrap();
        let mut acts = acts(ROWS);
        acts[4].reason = "another".to_owned();
        let head = archive.append(&acts).unwrap();
        archive.close().unwrap();
        (path, head)
    };
    let (from, to) = (raw(&forged), raw(&path));
    put(&to, &rows(&from));
    let hash: Vec<u8> = from.query_row("SELECT hash FROM activity_head", [], |row| row.get(0)).unwrap();
    let _ = to.execute("UPDATE activity_head SET hash = ?", [hash]).unwrap();
    drop((from, to));
    let archive = open(&path);
    assert!(archive.audit(&[], &Progress::default()).unwrap().is_ok(), "the archive alone cannot tell");
    let noted = archive.audit(&[head], &Progress::default()).unwrap();
    assert_eq!(noted, Err(Broken { number: ROWS as u64, why: Why::Noted }));
}

#[test]
fn a_backup_and_a_recovery_bring_the_log_and_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let (path, head) = made(folder.path(), 50);
    let archive = open(&path);
    let mut records = Vec::new();
    let _ = archive
        .dump(&Progress::default(), &mut |record| {
            records.push(record.to_vec());
            Ok(())
        })
        .unwrap();
    let restored = Archive::make(&folder.path().join("restored.db"), &Key::new([8; 32])).unwrap();
    let mut left = records.into_iter();
    let _ = restored.load(&mut || Ok(left.next()), Some(indexed)).unwrap();
    assert_eq!(restored.audit(&[head], &Progress::default()).unwrap(), Ok(head));
    assert_eq!(restored.append(&[act(50)]).unwrap(), archive.append(&[act(50)]).unwrap());
    archive.close().unwrap();
    let saved = Archive::make(&folder.path().join("saved.db"), &Key::new([9; 32])).unwrap();
    let _ = saved.salvage(&path, &Key::new(KEY), Utc::now(), Some(indexed), &Progress::default()).unwrap();
    assert_eq!(saved.audit(&[head], &Progress::default()).unwrap().map(|head| head.count), Ok(51));
}

#[test]
fn a_byte_of_the_file_that_is_another_names_the_first_entry_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, head) = made(folder.path(), 1_200);
    let good = fs::read(&path).unwrap();
    let (mut named, mut heads) = (BTreeSet::new(), 0);
    for page in 0..good.len() / PAGE {
        let mut bytes = good.clone();
        bytes[page * PAGE + 2_000] ^= 0x04;
        let other = folder.path().join(format!("{page}.db"));
        fs::write(&other, bytes).unwrap();
        // The description of the tables: the archive does not open.
        let Ok(archive) = Archive::open(&other, &Key::new(KEY), Some(indexed)) else { continue };
        match archive.audit(&[], &Progress::default()).unwrap() {
            // It was not of the log.
            Ok(whole) => assert_eq!(whole, head, "page {page}"),
            Err(Broken { number, why: Why::Unreadable }) => {
                let before = usize::try_from(number).unwrap() - 1;
                assert_eq!(archive.entries(1, before).unwrap().len(), before, "page {page}");
                assert!(archive.entries(number, 1).is_err(), "page {page}");
                let _ = named.insert(number);
            }
            Err(Broken { number: 1_200, why: Why::Headless }) => {
                heads += 1;
                // And recovered, it says so.
                drop(archive);
                let saved = Archive::make(&folder.path().join("saved.db"), &Key::new(KEY)).unwrap();
                let kept = saved.salvage(&other, &Key::new(KEY), at(9), Some(indexed), &Progress::default()).unwrap();
                assert_eq!((kept.log, saved.head().unwrap().count), (Saved::Headless, 1_201));
            }
            Err(other) => panic!("page {page}: {other:?}"),
        }
    }
    assert!(named.len() > 20 && named.contains(&1), "{named:?}");
    assert_eq!(heads, 1);
}

/// What a recovery gives of a log to whose file this was done.
fn recovered(done: impl FnOnce(&Connection)) -> (tempfile::TempDir, Archive, Saved, Head) {
    let folder = tempfile::tempdir().unwrap();
    let (path, head) = made(folder.path(), 50);
    done(&raw(&path));
    let saved = Archive::make(&folder.path().join("saved.db"), &Key::new([9; 32])).unwrap();
    let kept = saved.salvage(&path, &Key::new(KEY), at(77), Some(indexed), &Progress::default()).unwrap();
    (folder, saved, kept.log, head)
}

#[test]
fn a_recovery_says_what_it_lost_of_the_log_and_blesses_nothing() {
    let none = Progress::default();
    let cut = "DELETE FROM activity WHERE number > 40;";
    let last = |archive: &Archive| {
        let head = archive.head().unwrap();
        (head, archive.entries(head.count, 1).unwrap().remove(0).act.unwrap())
    };
    let (_folder, archive, saved, noted) =
        recovered(|on| on.execute_batch(&format!("{cut} DELETE FROM activity_head;")).unwrap());
    let (head, told) = last(&archive);
    assert_eq!((saved, head.count, told.kind, told.at), (Saved::Headless, 41, Kind::Recovered, at(77)));
    assert!(told.before.is_empty() && told.after.starts_with("40:") && told.words == "head lost", "{told:?}");
    assert_eq!(archive.audit(&[], &none).unwrap(), Ok(head), "what is left holds");
    let cut_off = Broken { number: 42, why: Why::Cut { said: 50 } };
    assert_eq!(archive.audit(&[noted], &none).unwrap(), Err(cut_off), "what was noted shows what is gone");

    let (_folder, archive, saved, noted) = recovered(|on| on.execute_batch(cut).unwrap());
    let (head, told) = last(&archive);
    assert_eq!((saved, head.count, told.kind), (Saved::Short, 51, Kind::Recovered));
    assert_eq!((told.before, told.words.as_str()), (noted.to_string(), "entries lost"));
    let missing = Broken { number: 41, why: Why::Missing };
    assert_eq!(archive.audit(&[], &none).unwrap(), Err(missing), "they stay told as missing");

    let other = tempfile::tempdir().unwrap();
    let longer = rows(&raw(&made(other.path(), 51).0));
    let (_folder, archive, saved, noted) = recovered(|on| put(on, &longer));
    assert_eq!((saved, archive.head().unwrap()), (Saved::Disputed, noted));
    let added = Broken { number: 51, why: Why::Added };
    assert_eq!(archive.audit(&[], &none).unwrap(), Err(added), "they stay told as added");
    assert!(archive.append(&[act(99)]).is_err());

    let (_folder, archive, saved, noted) = recovered(|_| ());
    assert_eq!((saved, archive.head().unwrap()), (Saved::Whole, noted));
}

/// Written in both forms: what another program says of each.
fn judged(archive: &Archive, filter: &str) -> Option<[String; 2]> {
    let python = judges::python()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/activity/verify.py");
    let folder = tempfile::tempdir().unwrap();
    Some([Format::JsonLines, Format::Csv].map(|format| {
        let (text, _) = write(archive, &Filter::read(filter).unwrap(), format, &Progress::default()).unwrap();
        let path = folder.path().join(format!("log.{}", format.ending()));
        fs::write(&path, text).unwrap();
        let output = std::process::Command::new(&python).arg(script).arg(&path).output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned()
    }))
}

#[test]
fn an_export_says_what_was_verified_and_every_hash_can_be_computed_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let archive = Archive::make(&path, &Key::new(KEY)).unwrap();
    let mut odd = acts(ROWS);
    // What a spreadsheet would run, what a cell cannot tell apart, what lines are made of.
    odd[2].reason = "=1+1".to_owned();
    odd[3].subject = "'a, \"b\"\r\nc".to_owned();
    odd[5].stanzas = vec!["a b".to_owned(), "c".to_owned()];
    let head = archive.append(&odd).unwrap();
    let Some(whole) = judged(&archive, "") else { return };
    assert_eq!(whole, [head.to_string(), head.to_string()]);
    assert_eq!(judged(&archive, "what:publish").unwrap(), whole, "each of those chosen holds by itself");
    archive.close().unwrap();
    let good = fs::read(&path).unwrap();
    for (done, says) in [
        ("UPDATE activity SET bytes = CAST(replace(bytes, 'MoU 6', 'MoU 9') AS BLOB) WHERE number = 7", "broken: 7"),
        ("UPDATE activity SET bytes = x'00ff' WHERE number = 4", "broken: 4"),
        ("DELETE FROM activity WHERE number = 5", "broken: 5"),
        ("DELETE FROM activity WHERE number > 9", "broken: 10 (cut)"),
        ("UPDATE activity_head SET count = 8", "broken: 9 (added)"),
        ("DELETE FROM activity_head", "broken: 12 (headless)"),
    ] {
        fs::write(&path, &good).unwrap();
        raw(&path).execute_batch(done).unwrap();
        let archive = open(&path);
        let said = judged(&archive, "").unwrap();
        assert!(said.iter().all(|said| said == says), "{done}: {said:?}");
        let chosen = judged(&archive, "what:deny").unwrap();
        assert!(chosen.iter().all(|said| said.starts_with("broken: ")), "{done}: {chosen:?}");
    }
}

#[test]
fn an_export_of_a_log_that_grows_ends_with_the_head_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = made(folder.path(), 1_500);
    let archive = open(&path);
    let (mut last, mut grown) = (0, false);
    let ended = each(&archive, &Filter::default(), &Progress::default(), &mut |entry, _, _| {
        if !std::mem::replace(&mut grown, true) {
            let _ = archive.append(&[act(1_500), act(1_501)]).unwrap();
        }
        last = entry.number;
    })
    .unwrap();
    assert_eq!((ended.head.count, ended.verdict), (last, Ok(ended.head)));
    // What somebody put behind the head is no part of it.
    archive.close().unwrap();
    raw(&path)
        .execute_batch("UPDATE activity_head SET count = 1000, hash = (SELECT hash FROM activity WHERE number = 1000)")
        .unwrap();
    let archive = open(&path);
    let ended =
        each(&archive, &Filter::default(), &Progress::default(), &mut |entry, _, _| last = entry.number).unwrap();
    assert_eq!((last, ended.head.count), (1_000, 1_000));
    assert_eq!(ended.verdict, Err(Broken { number: 1_001, why: Why::Added }));
}

#[test]
fn child_that_logs() {
    let Some(folder) = child::argument() else { return };
    let path = Path::new(&folder).join("a.db");
    let archive = if path.exists() { open(&path) } else { Archive::make(&path, &Key::new(KEY)).unwrap() };
    let mut out = std::io::stdout();
    writeln!(out).unwrap();
    let mut count = archive.head().unwrap().count as usize;
    loop {
        let more: Vec<Act> = (count..count + 1 + count % 5).map(act).collect();
        count += more.len();
        assert_eq!(archive.append(&more).unwrap().count, count as u64);
        writeln!(out, "logged {count}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_program_that_is_killed_leaves_a_whole_log_with_all_that_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = 0;
    for round in 0..30_u64 {
        let mut command = child::command(CHILD, folder.path().to_str().unwrap());
        let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        let mut lines = BufReader::new(guard.child.stdout.take().unwrap()).lines();
        let until =
            lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("logged ")?.parse::<u64>().ok());
        told = until.unwrap_or(told).max(told);
        std::thread::sleep(Duration::from_micros(700 * (round % 17)));
        guard.child.kill().unwrap();
        let _ = guard.child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            told = line.strip_prefix("logged ").and_then(|count| count.parse().ok()).unwrap_or(told);
        }
        let archive = open(&folder.path().join("a.db"));
        let head = archive.audit(&[], &Progress::default()).unwrap().unwrap();
        assert!(head.count >= told, "{} of {told}", head.count);
        let last = archive.entries(head.count, 1).unwrap().remove(0);
        assert_eq!(last.act, Some(act(head.count as usize - 1)), "each entry is its own act");
    }
    assert!(told > 60, "{told}");
}

#[test]
fn the_log_begins_or_goes_on_in_archives_of_every_earlier_version() {
    let folder = tempfile::tempdir().unwrap();
    for version in 1..=6 {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/archive/v{version}.db"));
        let path = folder.path().join(format!("{version}.db"));
        let _ = fs::copy(from, &path).unwrap();
        let archive = open(&path);
        let before = archive.audit(&[], &Progress::default()).unwrap().unwrap();
        // The sixth has one, which goes on as it was.
        assert_eq!(before.count, if version < 6 { 0 } else { 2 });
        let head = archive.append(&acts(3)).unwrap();
        assert_eq!(archive.audit(&[before], &Progress::default()).unwrap(), Ok(head));
        drop(archive);
        assert_eq!(verify(&path), Ok(head));
    }
}
