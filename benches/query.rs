//! The filter's index at a million rows: filtering, first page, sorting, appending, memory, the lens, and a hunt of 100,000
//! lines.
//!
//! `cargo bench --no-default-features --bench query`; after `--`: `--rows=N`. Every figure has an anchor of the same run: the
//! plain way, a `Vec` of row structs that is scanned, a `HashMap` of texts. The rows are seeded and mixed as a year of topics
//! is. Written to `target/bench/query.json`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark talks and may stop"
)]

#[path = "shared/random.rs"]
#[allow(dead_code)] // The archive's bench uses the rest.
mod random;
#[path = "shared/report.rs"]
mod report;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::model::{Kind, Observable, ObservableKind, Severity, Summary, Tlp, TopicId};
use gridwatch::store::hunt;
use gridwatch::store::index::{
    Bitmap, Entry, Facts, Flags, Index, Order, Postings, Sort, Stop, evaluate, head, sorted,
};
use gridwatch::store::lens::{self, Lens};
use gridwatch::store::query::{Context, Query};

use random::Random;
use report::Report;

const ROWS: u32 = 1_000_000;
/// Rows with observables in memory, for the hunt; the archive keeps them on disk.
const OBSERVED: u32 = 200_000;
const LINES: u32 = 100_000;
const RUNS: usize = 200;

/// The plain way: a struct a row.
struct Plain {
    topic: String,
    publisher: String,
    csirt: String,
    at: DateTime<Utc>,
    severity: Severity,
    label: Tlp,
    unread: bool,
    ask: bool,
    size: u64,
    observables: u32,
}

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A year: forty topics of very different busyness, two hundred CSIRTs, a tenth of the rows late.
fn rows(count: u32) -> Vec<Plain> {
    let mut random = Random(1);
    let start = now() - TimeDelta::days(365);
    let step = 365.0 * 86_400.0 / f64::from(count);
    let mut row = |seq: u32| {
        let csirt = random.below(200);
        let late = if random.below(10) == 0 { random.below(86_400) as i64 } else { 0 };
        let topic = random.below(40).min(random.below(40));
        Plain {
            topic: format!("topic-{topic}"),
            publisher: format!("csirt{csirt}@grid.example/feed"),
            csirt: format!("csirt{csirt}.example"),
            at: start + TimeDelta::seconds((f64::from(seq) * step) as i64 - late),
            severity: [Severity::Unknown, Severity::Low, Severity::Low, Severity::Medium, Severity::High]
                [random.below(5)],
            label: [Tlp::Clear, Tlp::Green, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red][random.below(6)],
            unread: random.below(5) == 0,
            ask: random.below(8) == 0,
            size: 1_000 + random.below(6_000) as u64,
            observables: random.below(20) as u32,
        }
    };
    (0..count).map(&mut row).collect()
}

fn fill(rows: &[Plain]) -> Index {
    let broker: gridwatch::model::BareJid = "broker.grid.example".parse().unwrap();
    let topics: HashMap<&str, TopicId> = rows
        .iter()
        .map(|row| (row.topic.as_str(), TopicId { broker: broker.clone(), node: row.topic.clone() }))
        .collect();
    let mut index = Index::new();
    for row in rows {
        let facts = Facts {
            severity: row.severity,
            label: row.label,
            strictest: row.label,
            kind: &Kind::Iodef2,
            purpose: Some("reporting"),
            status: None,
            flags: Flags::UNREAD.when(row.unread).with(Flags::ASK.when(row.ask)),
            observables: row.observables,
            revision: 1,
        };
        let entry = Entry {
            topic: &topics[row.topic.as_str()],
            publisher: Some(&row.publisher),
            csirt: &row.csirt,
            at: row.at,
            detected: None,
            started: None,
            size: row.size,
            facts,
        };
        let _ = index.push(&entry).unwrap();
    }
    index
}

type Reading = fn(&Plain, DateTime<Utc>) -> bool;

const FILTERS: [(&str, Reading); 7] = [
    ("is:unread", |row, _| row.unread),
    ("severity:high", |row, _| row.severity == Severity::High),
    ("severity>=medium topic:topic-3 tlp:amber since:7d", |row, now| {
        row.severity >= Severity::Medium
            && row.topic == "topic-3"
            && row.label == Tlp::Amber
            && row.at >= now - TimeDelta::days(7)
    }),
    ("has:ask -tlp>=amber obs>10", |row, _| row.ask && row.label < Tlp::Amber && row.observables > 10),
    ("csirt:csirt1*.example size>5k", |row, _| row.csirt.starts_with("csirt1") && row.size > 5_000),
    ("(topic:topic-1,topic-2 OR from:csirt7@grid.example) is:unread", |row, _| {
        (row.topic == "topic-1" || row.topic == "topic-2" || row.publisher == "csirt7@grid.example/feed") && row.unread
    }),
    ("on:2026-03-01..2026-04-30 severity:high,medium", |row, _| {
        let day = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        row.severity >= Severity::Medium
            && row.at >= day("2026-03-01T00:00:00Z")
            && row.at < day("2026-05-01T00:00:00Z")
    }),
];

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// The middle and the 99th of a hundred.
fn quantiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
    (at(0.5), at(0.99))
}

fn main() {
    let count =
        std::env::args().find_map(|arg| arg.strip_prefix("--rows=").map(|n| n.parse().unwrap())).unwrap_or(ROWS);
    let plain = rows(count);
    let mut report = Report::new("query");
    let index = append(&plain, &mut report);
    filters(&plain, &index, &mut report);
    drop(index);
    drop(plain);
    constituency(&mut report);
    hunting(&mut report);
    report.write(count as usize);
}

fn append(plain: &[Plain], report: &mut Report) -> Index {
    let count = plain.len() as f64;
    let mut index = Index::new();
    let took = timed(|| index = fill(plain));
    let copied = timed(|| {
        let copy: Vec<Plain> = plain
            .iter()
            .map(|row| Plain {
                topic: row.topic.clone(),
                publisher: row.publisher.clone(),
                csirt: row.csirt.clone(),
                ..*row
            })
            .collect();
        let _ = black_box(copy.len());
    });
    report.line(
        "append",
        count / took.as_secs_f64(),
        "rows/s",
        count / copied.as_secs_f64(),
        "push onto a Vec of structs",
    );
    let heap: usize =
        plain.iter().map(|row| row.topic.capacity() + row.publisher.capacity() + row.csirt.capacity()).sum();
    let each = size_of::<Plain>() as f64 + heap as f64 / count;
    report.line("memory", index.bytes() as f64 / count, "bytes/row", each, "the structs with their texts");
    index
}

fn filters(plain: &[Plain], index: &Index, report: &mut Report) {
    let (snapshot, lookup, stop) = (index.snapshot(), Postings::default(), Stop::default());
    let (mut times, mut scans, mut first, mut sorts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (text, reading) in FILTERS {
        let query: Query = text.parse().unwrap();
        let naive = |row: &Plain| reading(row, now());
        let mut expected = Vec::new();
        scans.push(timed(|| {
            expected = (0_u32..).zip(plain).filter(|(_, row)| naive(row)).map(|(seq, _)| seq).collect();
        }));
        let mut found = Bitmap::default();
        let mut own = Vec::new();
        for _ in 0..RUNS {
            let took = timed(|| {
                let plan = query.plan(&Context::at(now())).unwrap();
                found = evaluate(&plan, &snapshot, &lookup, None, &stop).unwrap();
            });
            own.push(took);
        }
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{text}");
        let plan = query.plan(&Context::at(now())).unwrap();
        for _ in 0..RUNS / 4 {
            first.push(timed(|| {
                let order = Order::new(&snapshot, Sort::default(), None, &[]).unwrap();
                drop(black_box(head(&plan, &order, (&snapshot, None), &lookup, 100, &stop).unwrap()));
            }));
            sorts.push(timed(|| drop(black_box(sorted(&found, &snapshot, Sort::default())))));
        }
        let (p50, _) = quantiles(own.clone());
        println!("  {:>8} of {} rows {p50:>7.2} ms  {text}", found.count(), plain.len());
        times.extend(own);
    }
    let (scan, slowest) = quantiles(scans);
    let (p50, p99) = quantiles(times);
    report.line("filter by columns, p50", p50, "ms", scan, "scan of the structs, p50");
    report.line("filter by columns, p99", p99, "ms", slowest, "scan of the structs, p99");
    let (_, p99) = quantiles(first);
    report.line("first page of a filter, p99", p99, "ms", slowest, "scan of the structs, p99");
    let (p50, p99) = quantiles(sorts);
    println!("  answer sorted by time: p50 {p50:.2} ms, p99 {p99:.2} ms");
    let all = Bitmap::all(snapshot.len());
    let mut plain_order: Vec<u32> = (0..snapshot.len()).collect();
    let anchor = timed(|| plain_order.sort_by_key(|row| std::cmp::Reverse((plain[*row as usize].at, *row))));
    let took = (0..5).map(|_| timed(|| drop(black_box(sorted(&all, &snapshot, Sort::default()))))).min().unwrap();
    report.line(
        "sort all by time",
        took.as_secs_f64() * 1e3,
        "ms",
        anchor.as_secs_f64() * 1e3,
        "sort of the structs' numbers",
    );
}

fn value(random: &mut Random) -> Observable {
    let (a, b) = (random.below(200_000), random.below(250));
    let (kind, value) = match random.below(5) {
        0 | 1 => (ObservableKind::Ipv4, format!("10.{}.{}.{b}", a % 200, a / 200 % 250)),
        2 => (ObservableKind::Domain, format!("host{b}.bad{a}.example")),
        3 => (ObservableKind::Url, format!("http://host{b}.bad{a}.example/login")),
        _ => (
            ObservableKind::Hash,
            format!("{:032x}", (a as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_9e37_79b9_7f4a_7c15)),
        ),
    };
    Observable { kind, value }
}

fn constituency(report: &mut Report) {
    let mut random = Random(2);
    let networks = (0..1_000).map(|n| format!("10.{}.{}.0/{}\n", n % 200, n / 4, 20 + n % 9)).collect::<String>();
    let domains = (0..1_000).map(|n| format!("bad{n}.example\n")).collect::<String>();
    let (lines, faults) = lens::Entry::read_all(&format!("{networks}{domains}AS64500\nExample Bank\n"));
    assert!(faults.is_empty());
    let lens = Lens::new(lines.into_iter().map(|line| line.entry));
    let observables: Vec<Observable> = (0..500_000).map(|_| value(&mut random)).collect();
    let mut ours = 0;
    let took = timed(|| ours = observables.iter().filter(|one| lens.observable(one).is_some()).count());
    let nets: Vec<ipnet::IpNet> = lens
        .entries()
        .iter()
        .filter_map(|entry| if let lens::Entry::Network(net) = entry { Some(*net) } else { None })
        .collect();
    let few = &observables[..20_000];
    let scan = timed(|| {
        let holds = |one: &&Observable| {
            one.value.parse().map_or_else(
                |_| {
                    lens.entries()
                        .iter()
                        .any(|entry| matches!(entry, lens::Entry::Domain(name) if one.value.contains(name.as_str())))
                },
                |ip: std::net::IpAddr| nets.iter().any(|net| net.contains(&ip)),
            )
        };
        let _ = black_box(few.iter().filter(holds).count());
    });
    println!("  {ours} of {} observables are ours", observables.len());
    let rate = observables.len() as f64 / took.as_secs_f64();
    report.line("lens", rate, "observables/s", few.len() as f64 / scan.as_secs_f64(), "every entry tried in turn");
}

fn hunting(report: &mut Report) {
    let mut random = Random(3);
    let (postings, mut index) = (Postings::default(), Index::new());
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
    let mut texts: HashMap<String, Vec<u32>> = HashMap::new();
    for seq in 0..OBSERVED {
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.observables = (0..3).map(|_| value(&mut random)).collect();
        postings.add(seq, &summary).unwrap();
        for one in &summary.observables {
            texts.entry(one.value.clone()).or_default().push(seq);
        }
        let facts = Facts {
            severity: Severity::Low,
            label: Tlp::Green,
            strictest: Tlp::Green,
            kind: &Kind::Iodef2,
            purpose: None,
            status: None,
            flags: Flags::NONE,
            observables: 3,
            revision: 1,
        };
        let _ = index.push(&Entry {
            topic: &topic,
            publisher: None,
            csirt: "c",
            at: now(),
            detected: None,
            started: None,
            size: 1,
            facts,
        });
    }
    let lines: Vec<String> = (0..LINES).map(|_| value(&mut random).value).collect();
    let text = lines.join("\n");
    let (snapshot, stop) = (index.snapshot(), Stop::default());
    let mut list = hunt::List::default();
    let reading = timed(|| list = hunt::List::read(&text));
    let mut table = hunt::Table::default();
    let asking = timed(|| table = hunt::run(&list, &snapshot, &postings, &stop, &mut |_, _| ()).unwrap());
    let mut exact = 0;
    let anchor = timed(|| exact = lines.iter().filter(|line| texts.contains_key(line.as_str())).count());
    println!(
        "  {} hits of {} indicators ({} repeated); equal texts {exact}; read in {:.0} ms",
        table.hits.len(),
        list.wanted.len(),
        list.repeated,
        reading.as_secs_f64() * 1e3
    );
    let whole = (reading + asking).as_secs_f64() * 1e3;
    report.line(
        "hunt of 100,000 lines",
        whole,
        "ms",
        anchor.as_secs_f64() * 1e3,
        "equal texts in a HashMap: no suffix, no network",
    );
}
