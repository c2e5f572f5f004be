//! What the window asks of it: the newest page from a cold start, the index, filters to their first page, marks, a hunt.

use std::sync::Arc;
use std::time::Instant;

use gridwatch::store::acts::{Change, Mark};
use gridwatch::store::archive::{Key, Word};
use gridwatch::store::finder::{Job, Wanted};
use gridwatch::store::hunt;
use gridwatch::store::index::{Bitmap, Stop};
use gridwatch::store::query::Query;
use gridwatch::store::{Archive, Finder, Seq, Store};

use super::mix::{self, Mix};
use super::random::Random;
use super::rate::{millis, p99, resident, sample};
use super::report::Report;

const RUNS: usize = 400;
/// Rows of the list's first page on a large window.
const PAGE: usize = 60;
const LINES: usize = 100_000;

/// Aims of issue 5, in milliseconds.
const FIRST: f64 = 500.0;
const WHOLE: f64 = 3_000.0;
const COLUMNS: f64 = 30.0;
const LOOKED_UP: f64 = 50.0;
const AIM: &str = "aim";

pub fn all(path: &std::path::Path, key: &Key, mix: &Mix, report: &mut Report) -> Arc<Archive> {
    let begun = Instant::now();
    let archive = Arc::new(Archive::open(path, key, None).unwrap());
    let len = archive.len();
    let newest: Vec<Seq> = (len.saturating_sub(PAGE as Seq)..len).rev().collect();
    assert_eq!(archive.rows(&newest).len(), newest.len());
    report.line("open, with the newest page", millis(begun.elapsed()), "ms", FIRST, AIM);
    let before = resident();
    let finder = Arc::new(Finder::new(None, len).asking(archive.clone()));
    let (now, stop) = (mix.now(), Stop::default());
    let begun = Instant::now();
    let _ = finder.take(archive.as_ref(), &[], now, &stop).unwrap();
    report.line("complete index, of rows none was made of before", millis(begun.elapsed()), "ms", WHOLE, AIM);
    let finder = again(&archive, finder, mix, report);
    report.line("resident with the index", resident(), "MB", 250.0, AIM);
    println!("{:<58} {before:>12.2} MB", "of which before it");
    let mut random = Random(1);
    let reads = sample(RUNS, || archive.row(random.below(len as usize) as Seq).unwrap());
    report.line("a row that nobody looked at lately, p99", millis(p99(&reads)), "ms", 16.0, "a frame");
    filters(&finder, archive.as_ref(), mix, report);
    beginnings(&archive, report);
    tags(&finder, report);
    hunting(&finder, &archive, report);
    archive
}

/// The next session's index: of the columns that the one before kept.
fn again(archive: &Arc<Archive>, before: Arc<Finder>, mix: &Mix, report: &mut Report) -> Arc<Finder> {
    drop(before);
    let begun = Instant::now();
    let mut from = archive.pack(0).unwrap();
    while let Some(next) = from {
        from = archive.pack(next).unwrap();
    }
    println!("{:<58} {:>12.2} ms, beside other work", "columns kept for it", millis(begun.elapsed()));
    let finder = Arc::new(Finder::new(None, archive.len()).asking(archive.clone()));
    let begun = Instant::now();
    let _ = finder.take(archive.as_ref(), &[], mix.now(), &Stop::default()).unwrap();
    report.line("complete index", millis(begun.elapsed()), "ms", WHOLE, AIM);
    finder
}

/// A filter and its first page, asked as people ask: each time for something else.
fn filters(finder: &Finder, archive: &Archive, mix: &Mix, report: &mut Report) {
    type Ask = fn(&mut Random) -> String;
    let asked: [(&str, f64, Ask); 9] = [
        ("columns: severity, topic, label", COLUMNS, |random| {
            format!("severity>=medium topic:topic-{} tlp:green", random.below(mix::TOPICS))
        }),
        ("columns: unread", COLUMNS, |_| "is:unread".to_owned()),
        ("columns: csirt by pattern, a month", COLUMNS, |random| {
            format!("csirt:csirt{}* since:{}d", random.below(20), 1 + random.below(60))
        }),
        ("words: one", LOOKED_UP, mix::word_by_chance),
        ("words: two", LOOKED_UP, |random| format!("{} {}", mix::word_by_chance(random), mix::word_by_chance(random))),
        ("words: two of the most frequent", LOOKED_UP, |random| {
            format!("{} {}", mix::word(random.below(8)), mix::word(random.below(8)))
        }),
        ("observable: a domain", LOOKED_UP, |random| format!("domain:{}", mix::host(random))),
        ("observable: an address", LOOKED_UP, |random| format!("ip:{}", mix::address(random))),
        ("observable: a network of 256", LOOKED_UP, |random| {
            let address = mix::address(random);
            format!("cidr:{}.0/24", address.rsplit_once('.').unwrap().0)
        }),
    ];
    let (now, stop) = (mix.now(), Stop::default());
    for (name, aim, ask) in asked {
        let mut random = Random(7);
        let mut rows = 0;
        let times = sample(RUNS, || {
            let query = ask(&mut random).parse::<Query>().unwrap();
            let wanted = Wanted { query, ..Wanted::default() };
            let found = finder.find(&wanted, now, &stop).unwrap();
            rows += found.rows.len();
            let page: Vec<Seq> = found.rows.iter().copied().take(PAGE).collect();
            assert_eq!(archive.rows(&page).len(), page.len());
        });
        assert!(rows > 0, "{name} finds nothing");
        report.line(&format!("filter by {name}, p99"), millis(p99(&times)), "ms", aim, AIM);
    }
}

fn beginnings(archive: &Archive, report: &mut Report) {
    let mut random = Random(5);
    let times = sample(RUNS, || {
        let mut text = mix::word_by_chance(&mut random);
        text.truncate(3);
        archive.words(&[Word { text, begins: true }], None, PAGE).unwrap()
    });
    report.line("first page by three letters of a word, p99", millis(p99(&times)), "ms", LOOKED_UP, AIM);
}

/// A thousand rows tagged, in one act, until they stand on the disk.
fn tags(finder: &Finder, report: &mut Report) {
    let len = finder.len();
    let rows: Bitmap = (0..1_000).map(|row| row * (len / 1_000).max(1)).filter(|row| *row < len).collect();
    let begun = Instant::now();
    let act = Change::Mark { rows, mark: Mark::Tag("bench".to_owned()), on: true };
    let _ = finder.ask(Job::Act(vec![act], "tagged"));
    let told = finder.work();
    let took = begun.elapsed();
    assert!(!finder.is_unwritten(), "{told:?}");
    report.line("1,000 rows tagged and on the disk", millis(took), "ms", 50.0, AIM);
}

fn hunting(finder: &Finder, archive: &Archive, report: &mut Report) {
    let mut random = Random(11);
    let lines: Vec<String> =
        (0..LINES).map(|_| format!("host{}.example[.]net", random.below(10 * mix::HOSTS))).collect();
    let begun = Instant::now();
    let list = hunt::List::read(&lines.join("\n"));
    let stop = Stop::default();
    let table = hunt::run(&list, &finder.snapshot(), archive.lookup().unwrap(), &stop, &mut |_, _| ()).unwrap();
    let took = begun.elapsed();
    println!("{:<58} {:>12} hits", "hunt", table.hits.len());
    report.line("hunt of 100,000 lines", took.as_secs_f64(), "s", 10.0, "a coffee's patience");
}
