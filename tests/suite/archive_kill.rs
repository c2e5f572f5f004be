//! The archive when its program is killed: a child stores a flood, tells by a pipe what was committed, and is killed with
//! `SIGKILL` at a random moment, again and again on the same archive. Whatever was told is there once, and the ledger is
//! never behind it.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::iodef::indexed;
use gridwatch::leave;
use gridwatch::model::{BareJid, Coverage, coverage::Standing as Told};
use gridwatch::store::archive::{Key, Word};
use gridwatch::store::finder::Finder;
use gridwatch::store::index::Stop;
use gridwatch::store::vault::{By, Cost, Found, Vault};
use gridwatch::store::{Archive, Incoming, Record, Route, Standing, Store};

use crate::archive::incoming;
use crate::asked;
use crate::support::child;

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "survives";
/// And as many more of a whole console (`engine::killed`) that two hundred are reached.
const KILLS: u32 = 160;
const LEAVES: u32 = 100;
const LEFT: i32 = 77;
/// What a child stores at once; it goes back and forth between a few and many.
const BATCHES: [u32; 4] = [1, 7, 64, 512];
const CHILD: &str = "archive_kill::child_that_is_killed";

fn account() -> BareJid {
    "a@b.example".parse().unwrap()
}

pub fn open(folder: &Path) -> Archive {
    match Vault::new(folder.to_path_buf()).look().unwrap() {
        Found::Locked(locked) => locked.open(By::Passphrase(PASSPHRASE), None).unwrap(),
        Found::Nothing(mut draft) => {
            draft.passphrase(PASSPHRASE, CHEAP).unwrap();
            draft.make().unwrap()
        }
    }
}

/// The ledger says up to where everything is here: after each batch, as the engine keeps it.
fn record(next: u32) -> Record {
    let coverage = Coverage {
        topic: incoming(0).key.topic,
        standing: Told::Live { since: incoming(0).received },
        stretches: Arc::new([]),
        gaps: Arc::new([]),
    };
    Record { coverage, anchor: next, level: true, most_seen: 0, confirmed: (incoming(0).received, next), before: None }
}

/// Ends beside a thread that stores and closes, as a text verb may.
#[test]
fn child_that_leaves() {
    let Some(argument) = child::argument() else { return };
    let (round, folder) = argument.split_once(' ').unwrap();
    let archive = open(Path::new(folder));
    let (tell, closes) = std::sync::mpsc::channel();
    let _detached = std::thread::spawn(move || {
        let next = archive.len();
        let _ = archive.commit((next..next + 64).map(incoming).collect()).unwrap();
        tell.send(()).unwrap();
        drop(archive);
    });
    closes.recv().unwrap();
    // Each child at another moment of the closing.
    std::thread::sleep(Duration::from_micros(20 * round.parse::<u64>().unwrap()));
    leave::now(LEFT);
}

#[test]
fn who_leaves_while_it_closes_leaves_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    for round in 0..LEAVES {
        let mut command = child::command("archive_kill::child_that_leaves", &format!("{round} {}", path.display()));
        let mut child = child::Guard::new(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        assert_eq!(child.exit(Duration::from_secs(60)).code(), Some(LEFT));
    }
    assert_eq!(open(&path).len(), 64 * LEAVES);
}

#[test]
fn child_that_is_killed() {
    let Some(folder) = child::argument() else { return };
    let archive = open(Path::new(&folder));
    let mut out = std::io::stdout();
    let mut told = |line: String| {
        writeln!(out, "{line}").unwrap();
        out.flush().unwrap();
    };
    let mut next = archive.len();
    // The harness has begun a line of its own.
    told(String::new());
    told(format!("open {next}"));
    for round in 0.. {
        let many = BATCHES[round % BATCHES.len()];
        // Some of what was stored before comes again, as it does after a session that broke.
        let again = next.saturating_sub(many / 2);
        let late = |number| {
            let incoming = incoming(number);
            Incoming { route: Route::Delayed, delayed: Some(incoming.received), ..incoming }
        };
        let batch: Vec<_> = (again..next).map(late).chain((next..next + many).map(incoming)).collect();
        let done = archive.commit(batch).unwrap();
        assert_eq!((done.added.len() as u32, done.duplicates), (many, next - again));
        next += many;
        told(format!("stored {next}"));
        archive.keep_coverage(&account(), vec![record(next)]).unwrap();
        told(format!("ledger {next}"));
        if round % 5 == 4 {
            let gone = incoming(next - 1).key;
            let _ = archive.retract(std::slice::from_ref(&gone), incoming(0).received).unwrap();
            told(format!("retracted {}", next - 1));
        }
    }
}

#[test]
fn nothing_that_was_committed_is_lost_or_doubled_by_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let (mut stored, mut ledger, mut retracted) = (0_u32, 0_u32, HashSet::new());
    let mut random = 0x1234_5678_9abc_def0_u64;
    for kill in 0..KILLS {
        let mut command = child::command(CHILD, path.to_str().unwrap());
        let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        let lines = BufReader::new(guard.child.stdout.take().unwrap());
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From the opening on, so that a slow start does not spare it; now and then during it.
        let after = Duration::from_micros((random >> 33) % 60_000);
        let (sender, receiver) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut told = Vec::new();
        if kill % 10 != 9 {
            while let Ok(line) = receiver.recv() {
                let opened = line.starts_with("open ");
                told.push(line);
                if opened {
                    break;
                }
            }
        }
        let until = Instant::now() + after;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match receiver.recv_timeout(left) {
                Ok(line) => told.push(line),
                Err(_) => break,
            }
        }
        guard.child.kill().unwrap();
        let _ = guard.child.wait().unwrap();
        told.extend(receiver.iter());
        reader.join().unwrap();
        for line in &told {
            match line.split_once(' ').map(|(what, number)| (what, number.parse::<u32>())) {
                Some(("stored", Ok(number))) => stored = number,
                Some(("ledger", Ok(number))) => ledger = number,
                Some(("retracted", Ok(number))) => drop(retracted.insert(number)),
                // The test's own lines.
                _ => {}
            }
        }
        let archive = open(&path);
        assert!(archive.len() >= stored, "kill {kill}: {stored} were told, {} are there", archive.len());
        let kept = archive.coverage(&account()).unwrap().first().map_or(0, |record| record.anchor);
        assert!((ledger..=archive.len()).contains(&kept), "kill {kill}: the ledger says {kept} of {}", archive.len());
        // The last ones, which the kill may have touched; all of them at the end.
        check(&archive, archive.len().saturating_sub(600), &retracted);
        archive.close().unwrap();
    }
    let archive = open(&path);
    assert!(stored > KILLS, "too few were stored: {stored}");
    archive.verify().unwrap();
    check(&archive, 0, &retracted);
    archive.close().unwrap();
    for entry in fs::read_dir(&path).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(23).any(|window| window == b"plainly-readable-canary"));
    }
}

/// Row by row: each item once, under its own number, whole and findable.
fn check(archive: &Archive, from: u32, retracted: &HashSet<u32>) {
    for number in from..archive.len() {
        let expected = incoming(number);
        let row = archive.row(number).unwrap();
        assert_eq!((&row.key, &*row.summary, row.version), (&expected.key, &expected.summary, 1), "row {number}");
        assert_eq!(archive.payload(number).unwrap(), expected.payload, "row {number}");
        assert_eq!(archive.find(&expected.key).unwrap(), Some(number));
        if retracted.contains(&number) {
            assert!(matches!(row.standing, Standing::Retracted(_)), "row {number}");
        }
        let word = Word { text: format!("word{number}"), begins: false };
        assert_eq!(archive.words(&[word], None, 9).unwrap(), [number], "row {number}");
    }
}

#[test]
fn a_log_that_a_kill_left_behind_holds_nothing_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let mut command = child::command(CHILD, path.to_str().unwrap());
    let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut guard = child::Guard::new(command.spawn().unwrap());
    let mut lines = BufReader::new(guard.child.stdout.take().unwrap()).lines();
    let enough = lines.by_ref().map_while(Result::ok).find(|line| {
        line.strip_prefix("stored ").and_then(|number| number.parse().ok()).is_some_and(|number: u32| number > 500)
    });
    assert!(enough.is_some());
    guard.child.kill().unwrap();
    let _ = guard.child.wait().unwrap();
    let log = fs::read(path.join("archive-1.db-wal")).unwrap();
    assert!(log.len() > 100_000, "{} bytes", log.len());
    for entry in fs::read_dir(&path).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for wanted in ["plainly-readable", "csirt.example", "broker.grid", "IODEF", PASSPHRASE, "CREATE TABLE"] {
            assert!(!bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes()), "{wanted}");
        }
    }
}

const RENEWED: u32 = 8_000;
const RENEWALS: u32 = 20;
const RENEWING: &str = "archive_kill::child_that_is_killed_while_it_reads_again";

/// A report that names an actor, which earlier versions did not keep.
pub fn unread(number: u32) -> Incoming {
    let mut item = incoming(number);
    let payload = item.payload.as_mut().unwrap();
    let text = String::from_utf8(payload.bytes.to_vec()).unwrap();
    let actor = format!("<ThreatActor><ThreatActorID>Bear {}</ThreatActorID></ThreatActor>", number % 7);
    let text = text.replace("<Contact ", &format!("<RelatedActivity>{actor}</RelatedActivity><Contact "));
    payload.bytes = text.into_bytes().into();
    (item.summary, item.observables) = indexed(&payload.bytes, &payload.scope);
    assert_eq!(item.summary.facets.as_ref().unwrap().actors.len(), 1);
    item.summary.facets = None;
    item
}

fn stale(path: &Path) -> Arc<Archive> {
    Arc::new(Archive::open(path, &Key::new([7; 32]), Some(indexed)).unwrap())
}

#[test]
fn child_that_is_killed_while_it_reads_again() {
    let Some(path) = child::argument() else { return };
    let archive = stale(Path::new(&path));
    let mut out = std::io::stdout();
    writeln!(out).unwrap();
    loop {
        let rows = archive.renew().unwrap();
        if rows.is_empty() {
            return;
        }
        writeln!(out, "renewed {}", rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).unwrap();
        out.flush().unwrap();
    }
}

/// Whoever asks is answered rightly, whatever was read again by then.
fn answers(archive: &Arc<Archive>) {
    let finder = Finder::new(None, archive.len()).asking(archive.clone());
    let now = incoming(0).received;
    let _ = finder.take(archive.as_ref(), &[], now, &Stop::default()).unwrap();
    let is = |text: &str, holds: &dyn Fn(u32) -> bool| {
        let expected: Vec<u32> = (0..RENEWED).filter(|number| holds(*number)).collect();
        assert!(asked::found(&finder, text) == expected, "{text}");
    };
    is("actor:\"bear 3\"", &|number| number % 7 == 3);
    is("ip:192.0.2.77", &|number| number % 256 == 77);
    is("word4711", &|number| number == 4_711);
    is("actor:*6 topic:topic-1", &|number| number % 7 == 6 && number % 3 == 1);
}

#[test]
fn every_row_is_read_again_once_by_programs_that_are_killed_at_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let archive = Archive::make(&path, &Key::new([7; 32])).unwrap();
    let _ = archive.commit((0..RENEWED).map(unread).collect()).unwrap();
    archive.close().unwrap();
    assert_eq!(stale(&path).stale(), RENEWED);
    let mut told = HashSet::new();
    for kill in 0..RENEWALS {
        let mut command = child::command(RENEWING, path.to_str().unwrap());
        let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        let mut lines = BufReader::new(guard.child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut heard: Vec<String> = lines.by_ref().filter(|line| line.starts_with("renewed")).take(1).collect();
        // Somewhere in the next piece.
        std::thread::sleep(Duration::from_micros(u64::from(kill * 7_919 % 12_000)));
        guard.child.kill().unwrap();
        assert!(!guard.child.wait().unwrap().success(), "kill {kill} came too late");
        heard.extend(lines);
        for row in heard.iter().filter_map(|line| line.strip_prefix("renewed ")).flat_map(str::split_whitespace) {
            // A line that the kill cut off is of rows that are written all the same.
            assert!(told.insert(row.parse::<u32>().unwrap()), "kill {kill}: row {row} twice");
        }
        if kill % 7 == 6 {
            answers(&stale(&path));
        }
    }
    let archive = stale(&path);
    assert!(archive.stale() > 0, "nothing is left to the last one");
    assert!(told.iter().all(|row| *row >= archive.stale()), "what was told is read again");
    loop {
        let rows = archive.renew().unwrap();
        if rows.is_empty() {
            break;
        }
        assert!(rows.into_iter().all(|row| told.insert(row)), "a row twice");
    }
    assert_eq!(archive.stale(), 0);
    // Those of a piece that was written and not told are all that is missing.
    assert!(told.len() as u32 + RENEWALS * 128 >= RENEWED && told.len() as u32 > RENEWED / 2, "{}", told.len());
    for number in 0..RENEWED {
        let payload = archive.payload(number).unwrap().unwrap();
        assert_eq!(*archive.row(number).unwrap().summary, indexed(&payload.bytes, &payload.scope).0, "row {number}");
    }
    answers(&archive);
    archive.verify().unwrap();
}
