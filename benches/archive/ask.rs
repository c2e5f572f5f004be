//! What the window asks of it: the newest page from a cold start, the index, filters to their first page, marks, a hunt.

use std::sync::Arc;
use std::time::Instant;

use gridwatch::store::acts::{Change, Mark};
use gridwatch::store::archive::Key;
use gridwatch::store::finder::{Job, Wanted, Watched};
use gridwatch::store::hunt;
use gridwatch::store::index::order::By;
use gridwatch::store::index::{Bitmap, Sort, Stop};
use gridwatch::store::query::Query;
use gridwatch::store::{Archive, Finder, Seq, Store};

use super::mix::{self, Mix};
use super::random::Random;
use super::rate::{millis, p99, resident, sample};
use super::report::Report;

const RUNS: usize = 400;
/// Whole answers are asked for fewer times: they may take their time.
const WHOLES: usize = 60;
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
    ordered(&finder, mix, report);
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

/// What is asked for, by chance: a filter each time.
type Ask = fn(&mut Random) -> String;

/// Filters as people write them, each time for something else: frequent and rare, alone and together, found and not.
const ASKED: [(&str, f64, Ask); 22] = [
    ("severity, topic, label", COLUMNS, |random| {
        format!("severity>=medium topic:topic-{} tlp:green", random.below(mix::TOPICS))
    }),
    ("unread", COLUMNS, |_| "is:unread".to_owned()),
    ("csirt by pattern, a month", COLUMNS, |random| {
        format!("csirt:csirt{}* since:{}d", random.below(20), 1 + random.below(60))
    }),
    ("starred, none is", COLUMNS, |_| "is:starred".to_owned()),
    ("a word", LOOKED_UP, mix::word_by_chance),
    ("two words", LOOKED_UP, |random| two(random, mix::word_by_chance, mix::word_by_chance)),
    ("two of the most frequent words", LOOKED_UP, |random| two(random, frequent, frequent)),
    ("a frequent word and a rare one", LOOKED_UP, |random| two(random, frequent, rare)),
    ("two rare words", LOOKED_UP, |random| two(random, rare, rare)),
    ("a word that nobody wrote", LOOKED_UP, |random| format!("xyz{}", random.below(1_000))),
    ("three letters of a word", LOOKED_UP, |random| mix::word_by_chance(random).chars().take(3).chain(['*']).collect()),
    ("a word without another", LOOKED_UP, |random| format!("{} -{}", mix::word_by_chance(random), frequent(random))),
    ("a word, severity, topic", LOOKED_UP, |random| {
        format!("{} severity:high topic:topic-{}", mix::word_by_chance(random), random.below(mix::TOPICS))
    }),
    ("a domain", LOOKED_UP, |random| format!("domain:{}", mix::host(random))),
    ("all domains below one", LOOKED_UP, |_| "domain:*.example.net".to_owned()),
    ("an address", LOOKED_UP, |random| format!("ip:{}", mix::address(random))),
    ("an address, pasted", LOOKED_UP, |random| mix::address(random).replace('.', "[.]")),
    ("a network of 256", LOOKED_UP, |random| network(random, 24)),
    ("a network of 65,536", LOOKED_UP, |random| network(random, 16)),
    ("an address and a word", LOOKED_UP, |random| {
        format!("ip:{} {}", mix::address(random), mix::word_by_chance(random))
    }),
    ("a digest that nobody named", LOOKED_UP, |random| format!("hash:{:016x}{:016x}", random.next(), random.next())),
    ("a beginning of a digest", LOOKED_UP, |random| format!("hash:{:04x}*", random.below(65_536))),
];

fn two(random: &mut Random, one: Ask, other: Ask) -> String {
    format!("{} {}", one(random), other(random))
}

fn frequent(random: &mut Random) -> String {
    mix::word(random.below(8))
}

fn rare(random: &mut Random) -> String {
    mix::word(2_000 + random.below(18_000))
}

fn network(random: &mut Random, length: usize) -> String {
    let address = mix::address(random);
    let octets: Vec<&str> = address.split('.').take(length / 8).collect();
    format!("cidr:{}{}/{length}", octets.join("."), ".0".repeat(4 - octets.len()))
}

/// From a filter to its first page on the screen, and to its whole answer.
fn filters(finder: &Finder, archive: &Archive, mix: &Mix, report: &mut Report) {
    let severest = Sort { by: By::Severity, descending: true };
    for (name, aim, ask) in ASKED {
        measure(&format!("filter by {name}"), aim, Sort::default(), ask, (finder, archive, mix), report);
    }
    measure(
        "filter by a word, severest first",
        LOOKED_UP,
        severest,
        mix::word_by_chance,
        (finder, archive, mix),
        report,
    );
}

/// In the order of their titles, which no column holds: all rows are read once, and then it stands, under other filters too.
fn ordered(finder: &Finder, mix: &Mix, report: &mut Report) {
    let (now, stop) = (mix.now(), Stop::default());
    let sort = Sort { by: By::Title, descending: false };
    let look =
        |filter: &str| finder.look(Wanted { query: filter.parse().unwrap(), sort, ..Wanted::default() }, now).unwrap();
    let before = resident();
    let begun = Instant::now();
    let all = finder.whole(&look(""), &stop).unwrap();
    let took = millis(begun.elapsed());
    println!("{:<58} {took:>12.2} ms, each title read", "all by title");
    println!("{:<58} {:>12.2} MB", "more resident while that stands", resident() - before);
    let again = sample(WHOLES, || finder.whole(&look(""), &stop).unwrap().rows.len());
    println!("{:<58} {:>12.2} ms in the middle", "all by title, once more", millis(again[WHOLES / 2]));
    let pages =
        sample(RUNS, || finder.page(&look("severity:high"), None, &Watched::default(), &stop).unwrap().is_some());
    report.line("another filter by title, first page, p99", millis(p99(&pages)), "ms", LOOKED_UP, AIM);
    drop(all);
}

fn measure(
    name: &str,
    aim: f64,
    sort: Sort,
    ask: Ask,
    (finder, archive, mix): (&Finder, &Archive, &Mix),
    report: &mut Report,
) {
    let (now, stop) = (mix.now(), Stop::default());
    let look = |random: &mut Random| {
        let query = ask(random).parse::<Query>().unwrap();
        finder.look(Wanted { query, sort, ..Wanted::default() }, now).unwrap()
    };
    let mut random = Random(7);
    let mut parts = 0;
    let pages = sample(RUNS, || {
        let look = look(&mut random);
        let page = finder.page(&look, None, &Watched::default(), &stop).unwrap();
        parts += usize::from(page.as_ref().is_some_and(|page| page.is_part));
        let page = page.unwrap_or_else(|| finder.whole(&look, &stop).unwrap());
        let shown: Vec<Seq> = page.rows.iter().copied().take(PAGE).collect();
        assert_eq!(archive.rows(&shown).len(), shown.len());
    });
    let mut random = Random(7);
    let mut rows = 0;
    let wholes = sample(WHOLES, || rows += finder.whole(&look(&mut random), &stop).unwrap().rows.len());
    println!(
        "{name}: {} rows in the mean; first page {:.2} ms in the middle ({parts} of {RUNS} before the whole), whole {:.2} ms",
        rows / WHOLES,
        millis(pages[RUNS / 2]),
        millis(wholes[WHOLES / 2]),
    );
    report.line(&format!("{name}: first page, p99"), millis(p99(&pages)), "ms", aim, AIM);
    report.line(&format!("{name}: whole, p99"), millis(p99(&wholes)), "ms", aim, "aim for a page");
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
