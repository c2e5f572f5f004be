//! The log of acts at a million entries: what a keystroke in its screen reads and how long that takes, what is rare, verifying
//! all of it, and going on from what was proven. Anchor of the same run: reading all entries and nothing else.
//!
//! `cargo bench --no-default-features --bench activity`; after `--`: `--scale 0.1` for fewer. Written to
//! `target/bench/activity.json`.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "shared/report.rs"]
mod report;

use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use gridwatch::model::TopicId;
use gridwatch::store::activity::{Act, By, Filter, How, Kind, Proven, back, since};
use gridwatch::store::archive::Key;
use gridwatch::store::{Activity, Archive, Progress};

const ENTRIES: usize = 1_000_000;
/// Rows that a screen asks for first.
const ROWS: usize = 300;
const ROUNDS: usize = 21;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let scale = args.iter().position(|arg| arg == "--scale").and_then(|at| args.get(at + 1));
    let scale: f64 = scale.map_or(1.0, |text| text.parse().unwrap());
    let count = (ENTRIES as f64 * scale) as usize;
    let folder = tempfile::tempdir().unwrap();
    let log = Archive::make(&folder.path().join("a.db"), &Key::new([7; 32])).unwrap();
    for from in (0..count).step_by(10_000) {
        let _ = log.append(&(from..count.min(from + 10_000)).map(act).collect::<Vec<_>>()).unwrap();
    }
    let mut report = report::Report::new("activity");
    let bare = timed(|| {
        let mut next = 1;
        while let Some(last) = log.entries(next, 4_096).unwrap().last() {
            next = last.number + 1;
        }
    });
    let mut tell = |name: &str, milliseconds: f64| report.line(name, milliseconds, "ms", bare, "all entries read, ms");
    for typed in ["", "s", "soc-1", "what:approve", "what:approve result:done"] {
        let filter = Filter::read(typed).unwrap();
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| timed(|| drop(back(&log, None, 1, &filter, ROWS, &Progress::default()).unwrap())))
            .collect();
        rounds.sort_by(f64::total_cmp);
        tell(&format!("a screenful of {typed:?}, the slowest of {ROUNDS}"), rounds[ROUNDS - 1]);
    }
    let rare = Filter::read("what:trust").unwrap();
    let all = timed(|| {
        let mut below = None;
        while below != Some(1) {
            below = Some(back(&log, below, 1, &rare, ROWS, &Progress::default()).unwrap().reached);
        }
    });
    tell("looked for to the first entry, off the window's thread", all);
    let mut proven = Proven::default();
    let whole = timed(|| {
        let seen = since(&log, &proven, &[], &Progress::default()).unwrap();
        assert!(seen.verdict.is_ok());
        proven = seen.proven;
    });
    tell("verified from the first entry", whole);
    let _ = log.append(&[act(count)]).unwrap();
    let on = timed(|| assert!(since(&log, &proven, &[], &Progress::default()).unwrap().verdict.is_ok()));
    tell("one more, verified on from there", on);
    report.write(count);
}

fn act(number: usize) -> Act {
    let kind = if number == 0 { Kind::Trust } else { [Kind::Approve, Kind::Publish, Kind::Revoke][number / 2 % 3] };
    let how = if number.is_multiple_of(2) { How::Begun } else { How::Done };
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".to_owned() };
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(number as i64);
    Act {
        id: format!("{:032x}", number / 2),
        topic: Some(topic),
        subject: format!("soc-{}@blue.example", number % 977),
        before: "pending".to_owned(),
        after: "subscribed".to_owned(),
        reason: "MoU 14 with Blue".to_owned(),
        stanzas: vec![format!("{number:032x}")],
        ..Act::new(at, "me@grid.example", By::Person, kind, how)
    }
}

/// Milliseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1e3
}
