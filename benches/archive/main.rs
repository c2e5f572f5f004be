//! The archive: how many incidents of 3 kB a second become durable and searchable, how soon it is on screen, how quickly
//! filters, words, observables and a hunt answer. Beside it, in the same run, what SQLite alone does with the same tables,
//! rows and commits without encryption (the limit), and `notmuch` with the same texts as mails.
//!
//! What the engine has another thread do meanwhile (`Store::prepare`) is measured apart from the commits.
//!
//! `cargo bench --no-default-features --bench archive`: 100,000 incidents; after `--`: `--scale 1000000` for as many,
//! `--keep` to leave the archive under `target/bench` (its key is 32 times 07), `--kept` to ask the one that was left,
//! `--alone` without notmuch, `--all` to give notmuch as many as the archive has (hours, and memory for them). Figures go to `target/bench/archive.json`. The documents and their summaries are made before the
//! clock starts: reading XML is `iodef_parse`'s figure, the way from the wire `engine`'s.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

mod ask;
mod mix;
mod notmuch;
mod plain;
#[path = "../shared/random.rs"]
mod random;
mod rate;
#[path = "../shared/report.rs"]
mod report;
#[path = "../../tests/suite/support/sealed.rs"]
mod sealed;

use std::path::{Path, PathBuf};

use gridwatch::store::archive::Key;
use gridwatch::store::{Archive, Incoming, Store};

use mix::Mix;
use notmuch::Mails;
use plain::{Payloads, Plain};
use rate::{Took, millis};
use report::Report;

/// Incidents of one commit: `engine::ingest`'s.
const COMMIT: usize = 8_192;
/// Commits of one incident.
const SINGLE: usize = 500;
/// Incidents a second that issue 5 asks for.
const AIM: f64 = 15_000.0;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let rows = args.iter().skip_while(|arg| *arg != "--scale").nth(1);
    let rows = rows.map_or(100_000, |rows| rows.parse().expect("--scale takes a number of incidents"));
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::create_dir_all(target.join("bench")).unwrap();
    let kept = target.join("bench").join(format!("archive-{rows}.db"));
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(&target).unwrap();
    let mix = Mix::new(rows);
    let mut report = Report::new("archive");
    let mut rival = None;
    let path = if has("--kept") { kept.clone() } else { folder.path().join("archive.db") };
    if !has("--kept") {
        let mails = if has("--alone") { None } else { Mails::make(folder.path(), has("--all")) };
        rival = fill(&path, &mix, rows, mails, &mut report);
    }
    let key = Key::new([7; 32]);
    drop(ask::all(&path, &key, &mix, &mut report));
    if let Some(mails) = rival {
        let theirs = mails.measure();
        let line = |what: &str| format!("notmuch, {} mails of {rows}: {what}", theirs.mails);
        report.line(&line("indexed"), theirs.a_second, "a second", AIM, "the aim for ours");
        let (search, tag, start) = (millis(theirs.search), millis(theirs.tag), millis(theirs.start));
        report.line(&line("search for a word, p99"), search, "ms", start, "its start alone");
        report.line(&line("1,000 tagged"), tag, "ms", start, "its start alone");
    }
    if has("--keep") {
        keep(&path, &kept);
    }
    report.write(rows);
}

/// Takes all in, twice beside each other: each commit by SQLite alone and by the archive.
fn fill(path: &Path, mix: &Mix, rows: usize, mut mails: Option<Mails>, report: &mut Report) -> Option<Mails> {
    let mut raw = Plain::make(&path.with_file_name("raw.db"), Payloads::AsTheyCame);
    let mut limit = Plain::make(&path.with_file_name("plain.db"), Payloads::Pressed);
    let archive = Archive::make(path, &Key::new([7; 32])).unwrap();
    let [mut raws, mut plain, mut before, mut ours] = [Took::default(); 4];
    let mut bytes = 0;
    for first in (0..rows).step_by(COMMIT) {
        let batch: Vec<Incoming> = (first..rows.min(first + COMMIT)).map(|row| mix.incoming(row)).collect();
        bytes += batch.iter().map(|one| one.payload.as_ref().unwrap().bytes.len()).sum::<usize>();
        if let Some(mails) = &mut mails {
            mails.add(&batch);
        }
        raws.add(raw.commit(&batch));
        plain.add(limit.commit(&batch));
        let (prepared, took) = Took::of(|| batch.into_iter().map(|one| archive.prepare(one)).collect());
        before.add(took);
        ours.add(Took::of(|| archive.commit_prepared(prepared).unwrap()).1);
    }
    drop((raw, limit));
    for name in
        ["raw.db", "plain.db"].into_iter().flat_map(|name| ["", "-wal", "-shm"].map(|end| format!("{name}{end}")))
    {
        let _ = std::fs::remove_file(path.with_file_name(name));
    }
    assert_eq!(archive.len() as usize, rows);
    println!("{rows} incidents of {} bytes in the mean, {COMMIT} in a commit", bytes / rows);
    let limit = "SQLite alone, not encrypted, payloads pressed";
    println!("{:<58} {:>12.2} a second", "SQLite alone, not encrypted, payloads as they came", raws.a_second(rows));
    report.line("ingest: prepared, on another thread", before.a_second(rows), "a second", AIM, "aim");
    report.line("ingest: durable and searchable", ours.a_second(rows), "a second", plain.a_second(rows), limit);
    report.line("ingest, beside the aim", ours.a_second(rows), "a second", AIM, "aim");
    let (own, theirs) = (ours.a_cpu_second(rows), plain.a_cpu_second(rows));
    report.line("ingest by processor time of the writer", own, "a second", theirs, limit);
    let singles: Vec<Incoming> = (rows..rows + SINGLE).map(|row| mix.incoming(row)).collect();
    let ((), single) = Took::of(|| singles.into_iter().for_each(|one| drop(archive.commit(vec![one]).unwrap())));
    report.line(
        "ingest, one incident a commit",
        single.a_second(SINGLE),
        "a second",
        ours.a_second(rows),
        "in commits",
    );
    drop(archive);
    let size = std::fs::metadata(path).unwrap().len() as f64;
    report.line("on the disk", size / rows as f64, "bytes a row", bytes as f64 / rows as f64, "of the payload");
    mails
}

fn keep(path: &Path, kept: &PathBuf) {
    for end in ["", "-wal", "-shm"] {
        let with = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        if with(path).exists() && path != kept {
            std::fs::rename(with(path), with(kept)).unwrap();
        }
    }
    println!("kept: {}", kept.display());
}
