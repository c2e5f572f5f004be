//! The archive: how many incidents of 3 kB a second become durable and searchable, how long it takes to open, to read rows
//! that nobody looked at lately, to find words and observables. Beside it, in the same run, what SQLite itself does with the
//! same tables, rows and commits without encryption.
//!
//! `cargo bench --no-default-features --bench archive`; `-- --scale 1000000` after it, or `ROWS=1000000`
//! before it, for as many; with `--keep` the file stays under `target/bench`. The documents are made up
//! beforehand, with their summaries: reading XML is `iodef_parse`'s figure. Figures go to `target/bench/archive.json`.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::iodef::summarise;
use gridwatch::model::{ItemId, Summary, TopicId};
use gridwatch::store::archive::{Key, Word};
use gridwatch::store::finder::Wanted;
use gridwatch::store::hunt;
use gridwatch::store::index::{Stop, key};
use gridwatch::store::query::Query;
use gridwatch::store::{Archive, Finder, Incoming, ItemKey, Payload, Route, Seq, Store};
use rusqlite::{Connection, params};

/// Incidents of one commit: `engine::ingest`'s.
const COMMIT: usize = 2_048;
/// Payload of each, in bytes.
const SIZE: usize = 3_000;
/// Different documents; the rows take turns.
const DOCUMENTS: usize = 8_192;
const SAMPLES: usize = 2_000;

fn main() {
    let rows = asked();
    let scale = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| ".".into(), std::path::PathBuf::from);
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(scale.join("target")).unwrap();
    let documents = documents();
    println!("{rows} incidents of {SIZE} bytes, {COMMIT} in a commit");

    let plain = plain(&folder.path().join("plain.db"), &documents, rows);
    println!("SQLite alone, same tables, no encryption: {plain}");

    let (path, key) = (folder.path().join("archive.db"), Key::new([7; 32]));
    let archive = Archive::make(&path, &key).unwrap();
    let ingest = ingest(&archive, &documents, rows);
    println!("archive:                                  {ingest} ({:.2} of SQLite)", ingest.cpu / plain.cpu);
    let single = single(&archive, &documents, rows);
    println!("one incident a commit:                    {single}");
    drop(archive);
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!("file: {:.0} bytes a row", bytes as f64 / rows as f64);

    let begun = Instant::now();
    let archive = Archive::open(&path, &key, None).unwrap();
    let opened = begun.elapsed();
    let newest: Vec<Seq> = (archive.len() - 100..archive.len()).rev().collect();
    assert_eq!(archive.rows(&newest).len(), 100);
    let page = begun.elapsed();
    println!("open: {opened:.1?}; with the newest 100 rows: {page:.1?}");

    let mut random = Random(1);
    let reads = sample(|| archive.row(random.below(archive.len() as usize) as Seq).unwrap());
    println!("a row that nobody looked at lately: {}", said(&reads));
    let words = sample(|| {
        let word = Word { text: WORDS[random.below(WORDS.len())].to_owned(), begins: false };
        let rare = Word { text: format!("case{}", random.below(DOCUMENTS)), begins: false };
        let both = if random.below(2) == 0 { vec![word] } else { vec![word, rare] };
        archive.words(&both, None, 100).unwrap()
    });
    println!("first hundred by a word or two: {}", said(&words));
    let begins = sample(|| {
        let word = WORDS[random.below(WORDS.len())];
        archive.words(&[Word { text: word[..3].to_owned(), begins: true }], None, 100).unwrap()
    });
    println!("first hundred by the beginning of a word: {}", said(&begins));
    let observed = sample(|| {
        let host = format!("host{}.example.net", random.below(DOCUMENTS));
        archive.observed(&key::domains(&host, key::Reach::Both), &|| false).unwrap()
    });
    println!("all rows that name a domain: {}", said(&observed));
    let analyst = analyst(Arc::new(archive), rows);
    let mut json = serde_json::json!({
        "rows": rows,
        "ingest_per_second": ingest.wall,
        "ingest_per_cpu_second": ingest.cpu,
        "sqlite_plain_per_second": plain.wall,
        "sqlite_plain_per_cpu_second": plain.cpu,
        "single_commits_per_second": single.wall,
        "bytes_per_row": bytes as f64 / rows as f64,
        "open_ms": millis(opened),
        "open_and_newest_page_ms": millis(page),
        "cold_row_p99_ms": millis(reads[SAMPLES * 99 / 100]),
        "words_p99_ms": millis(words[SAMPLES * 99 / 100]),
        "prefix_p99_ms": millis(begins[SAMPLES * 99 / 100]),
        "observable_p99_ms": millis(observed[SAMPLES * 99 / 100]),
    });
    json.as_object_mut().unwrap().extend(analyst);
    let out = scale.join("target/bench");
    std::fs::create_dir_all(&out).unwrap();
    if std::env::args().any(|arg| arg == "--keep") {
        let kept = out.join(format!("archive-{rows}.db"));
        std::fs::rename(&path, &kept).unwrap();
        println!("kept: {}, its key 32 times 07", kept.display());
    }
    std::fs::write(out.join("archive.json"), serde_json::to_vec_pretty(&json).unwrap()).unwrap();
}

/// What the window does with it: the index from a cold start, filters to their rows, a hunt of 100,000 lines.
fn analyst(archive: Arc<Archive>, rows: usize) -> serde_json::Map<String, serde_json::Value> {
    const RUNS: usize = 100;
    let (now, stop) = (time(rows), Stop::default());
    let mut figures = serde_json::Map::new();
    let mut figure = |name: String, value: f64| drop(figures.insert(name, value.into()));
    let before = resident();
    let finder = Finder::new(None, archive.len()).asking(archive.clone());
    let begun = Instant::now();
    let _ = finder.take(archive.as_ref(), &[], now, &stop).unwrap();
    let indexed = begun.elapsed();
    println!("complete index: {indexed:.1?}; resident {before} MB before, {} MB with it", resident());
    figure("index_ms".to_owned(), millis(indexed));
    figure("resident_mb".to_owned(), resident() as f64);
    for (kind, text) in [
        ("columns", "severity>=medium topic:topic-3 tlp:green"),
        ("columns", "is:unread"),
        ("words", "ransom hospitals"),
        ("words", "case77"),
        ("observable", "domain:host77.example.net"),
        ("observable", "cidr:198.18.7.0/24"),
    ] {
        let query = text.parse::<Query>().unwrap();
        let wanted = Wanted { query, ..Wanted::default() };
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let begun = Instant::now();
                drop(std::hint::black_box(finder.find(&wanted, now, &stop).unwrap()));
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("filter by {kind}, {text:?}: {}", said(&times));
        figure(format!("filter_p99_ms: {text}"), millis(times[RUNS * 99 / 100]));
    }
    let mut random = Random(11);
    let line = |random: &mut Random| format!("host{}.example[.]net", random.below(10 * DOCUMENTS));
    let lines: Vec<String> = (0..100_000).map(|_| line(&mut random)).collect();
    let begun = Instant::now();
    let list = hunt::List::read(&lines.join("\n"));
    let table = hunt::run(&list, &finder.snapshot(), archive.lookup().unwrap(), &stop, &mut |_, _| ()).unwrap();
    let hunted = begun.elapsed();
    println!("hunt of 100,000 lines: {hunted:.1?}, {} hits", table.hits.len());
    figure("hunt_ms".to_owned(), millis(hunted));
    figures
}

/// Megabytes of memory that are this process's now.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default() >> 10
}

/// Time, and the processor's share of it: neighbours on the machine stretch the first.
#[derive(Clone, Copy, Default)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

impl Took {
    fn of<T>(work: impl FnOnce() -> T) -> (T, Self) {
        let (begun, before) = (Instant::now(), cpu());
        let done = work();
        (done, Self { wall: begun.elapsed(), cpu: cpu().saturating_sub(before) })
    }

    fn add(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }

    fn rate(self, rows: usize) -> Rate {
        Rate { wall: rows as f64 / self.wall.as_secs_f64(), cpu: rows as f64 / self.cpu.as_secs_f64() }
    }
}

struct Rate {
    wall: f64,
    cpu: f64,
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>8.0} a second, {:>8.0} a second of this thread's processor", self.wall, self.cpu)
    }
}

/// What this thread has had of a processor.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn sample<T>(mut look: impl FnMut() -> T) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..SAMPLES)
        .map(|_| {
            let begun = Instant::now();
            drop(std::hint::black_box(look()));
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

fn said(times: &[Duration]) -> String {
    format!("median {:.3?}, p99 {:.3?}", times[times.len() / 2], times[times.len() * 99 / 100])
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }
}

const WORDS: [&str; 48] = [
    "beacon",
    "command",
    "control",
    "server",
    "phishing",
    "credential",
    "campaign",
    "malware",
    "loader",
    "botnet",
    "scanning",
    "exploit",
    "vulnerable",
    "gateway",
    "mailbox",
    "spoofed",
    "ransom",
    "lateral",
    "movement",
    "exfiltration",
    "observed",
    "against",
    "several",
    "hospitals",
    "universities",
    "operators",
    "energy",
    "transport",
    "sector",
    "since",
    "monday",
    "traffic",
    "towards",
    "suspicious",
    "domain",
    "registered",
    "recently",
    "certificate",
    "issued",
    "please",
    "block",
    "report",
    "sightings",
    "contact",
    "constituency",
    "update",
    "analysis",
    "attached",
];

/// Documents of 3 kB: a description of some forty words, a contact, eight observables.
fn documents() -> Vec<(Payload, Summary)> {
    let mut random = Random(42);
    let scope: Arc<[(String, String)]> = Arc::new([]);
    let document = |number: usize| {
        let text: Vec<&str> = (0..40).map(|_| WORDS[random.below(WORDS.len())]).collect();
        let systems: String = (0..4)
            .map(|place| {
                format!(
                    "<Flow><System category='source'><Node><Address category='ipv4-addr'>198.{}.{}.{}</Address><DomainData \
                     system-status='spoofed' domain-status='fraudulent'><Name>host{}.example.net</Name></DomainData></Node>\
                     </System></Flow>",
                    18 + random.below(2),
                    random.below(256),
                    random.below(256),
                    if place == 0 { number } else { random.below(DOCUMENTS) },
                )
            })
            .collect();
        let head = format!(
            "<IODEF-Document version='2.00' xml:lang='en' xmlns='urn:ietf:params:xml:ns:iodef-2.0'>\
             <Incident purpose='reporting' restriction='green'><IncidentID name='csirt.example.com'>case{number}</IncidentID>\
             <GenerationTime>2026-11-21T10:00:00Z</GenerationTime><Description>{}</Description>\
             <Assessment><SystemImpact severity='high' type='takeover-system'/></Assessment>\
             <Contact type='organization' role='creator'><ContactName>CSIRT for example.com</ContactName>\
             <Email><EmailTo>contact@csirt.example.com</EmailTo></Email></Contact>\
             <EventData>{systems}</EventData>",
            text.join(" ")
        );
        let tail = "</Incident></IODEF-Document>";
        let fill = SIZE.saturating_sub(head.len() + tail.len() + 46);
        let filler = "0123456789abcdef".repeat(fill / 16 + 1);
        let bytes = format!("{head}<AdditionalData dtype='string'>{}</AdditionalData>{tail}", &filler[..fill]);
        let summary = summarise(bytes.as_bytes(), &[]);
        assert!(summary.observables.len() > 4, "{summary:?}");
        (Payload { bytes: bytes.into_bytes().into(), scope: Arc::clone(&scope) }, summary)
    };
    (0..DOCUMENTS).map(document).collect()
}

/// How many incidents.
fn asked() -> usize {
    let mut args = std::env::args().skip_while(|arg| arg != "--scale").skip(1);
    let said = args.next().or_else(|| std::env::var("ROWS").ok());
    said.map_or(100_000, |rows| rows.parse().expect("--scale takes a number of incidents"))
}

fn time(row: usize) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::milliseconds(row as i64)
}

fn incoming(documents: &[(Payload, Summary)], row: usize) -> Incoming {
    let (payload, summary) = documents[row % DOCUMENTS].clone();
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: format!("topic-{}", row % 12) };
    let mut random = Random(row as u64);
    let item = ItemId(format!("{:016x}{:016x}", random.next(), random.next()));
    let publisher = Some("publisher@grid.example".to_owned());
    let received = time(row);
    Incoming {
        key: ItemKey { topic, item },
        payload: Some(payload),
        summary,
        observables: Vec::new(),
        route: Route::Live,
        publisher,
        received,
        delayed: None,
    }
}

fn ingest(archive: &Archive, documents: &[(Payload, Summary)], rows: usize) -> Rate {
    let mut took = Took::default();
    for first in (0..rows).step_by(COMMIT) {
        let batch: Vec<Incoming> = (first..rows.min(first + COMMIT)).map(|row| incoming(documents, row)).collect();
        took.add(Took::of(|| archive.commit(batch).unwrap()).1);
    }
    assert_eq!(archive.len() as usize, rows);
    took.rate(rows)
}

fn single(archive: &Archive, documents: &[(Payload, Summary)], rows: usize) -> Rate {
    const MANY: usize = 500;
    let batches: Vec<_> = (rows..rows + MANY).map(|row| vec![incoming(documents, row)]).collect();
    let ((), took) = Took::of(|| batches.into_iter().for_each(|batch| drop(archive.commit(batch).unwrap())));
    took.rate(MANY)
}

/// The limit: the archive's own tables, taken from one, and the same values, put in by SQLite alone.
fn plain(path: &Path, documents: &[(Payload, Summary)], rows: usize) -> Rate {
    let mut connection = Connection::open(path).unwrap();
    let tables = tables(path);
    let set = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000; \
               PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;";
    connection.execute_batch(set).unwrap();
    connection.execute_batch(&tables).unwrap();
    let _ = connection.execute("INSERT INTO topics (broker, node) VALUES ('b', 'n')", []).unwrap();
    let _ = connection.execute("INSERT INTO scopes (declarations) VALUES (x'00')", []).unwrap();
    let mut random = Random(9);
    let mut took = Took::default();
    for first in (0..rows).step_by(COMMIT) {
        let batch: Vec<_> = (first..rows.min(first + COMMIT))
            .map(|row| {
                let incoming = incoming(documents, row);
                let Summary { id, csirt, descriptions, observables, .. } = &incoming.summary;
                let words =
                    format!("{id} {csirt} {} CSIRT for example.com contact@csirt.example.com", descriptions[0].1);
                let hex = |key: Vec<u8>| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let marks: Vec<String> =
                    observables.iter().flat_map(key::keys).map(|key| format!("k{}", hex(key))).collect();
                // As long as the archive's own encoding of it.
                let summary = vec![7_u8; 900];
                (row as i64, incoming, words, marks.join(" "), summary, random.next() as i64, random.next() as i64)
            })
            .collect();
        let ((), spent) = Took::of(|| {
            let transaction = connection.transaction().unwrap();
            {
                let mut find = transaction.prepare("SELECT seq FROM items WHERE key = ? AND newest = 1").unwrap();
                let mut items = transaction
                .prepare(
                    "INSERT INTO items (seq, topic, item, version, key, newest, digest, route, publisher, received, at, \
                     standing, severity, tlp, strictest) VALUES (?, 1, ?, 1, ?, 1, ?, 0, ?, ?, ?, 0, 3, 1, 1)",
                )
                .unwrap();
                let mut summaries = transaction.prepare("INSERT INTO summaries (seq, bytes) VALUES (?, ?)").unwrap();
                let mut payloads =
                    transaction.prepare("INSERT INTO payloads (seq, scope, bytes) VALUES (?, 1, ?)").unwrap();
                let mut texts = transaction.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").unwrap();
                let mut marked = transaction.prepare("INSERT INTO marks (rowid, mark) VALUES (?, ?)").unwrap();
                for (seq, incoming, words, marks, summary, key, digest) in &batch {
                    assert!(!find.exists([key]).unwrap());
                    let at = incoming.received.timestamp_nanos_opt();
                    let values = params![seq, incoming.key.item.0, key, digest, incoming.publisher, at, at];
                    let _ = items.execute(values).unwrap();
                    let _ = summaries.execute(params![seq, summary]).unwrap();
                    let _ = payloads.execute(params![seq, &*incoming.payload.as_ref().unwrap().bytes]).unwrap();
                    let _ = texts.execute(params![seq, words]).unwrap();
                    let _ = marked.execute(params![seq, marks]).unwrap();
                }
            }
            transaction.commit().unwrap();
        });
        took.add(spent);
    }
    took.rate(rows)
}

/// What makes the archive's tables, as the archive itself tells.
fn tables(beside: &Path) -> String {
    let path = beside.with_extension("tables");
    drop(Archive::make(&path, &Key::new([7; 32])).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(&format!("PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;", "07".repeat(32)))
        .unwrap();
    let own = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'words_*' AND name NOT GLOB 'marks_*' \
               AND name NOT GLOB 'sqlite_*'";
    let mut own = connection.prepare(own).unwrap();
    let own: Vec<String> = own.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let merged = ["words", "marks"].map(|table| {
        format!(
            "INSERT INTO {table} ({table}, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('hashsize', 16777216);"
        )
    });
    own.join(";\n") + ";" + &merged.concat()
}
