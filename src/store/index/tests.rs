//! Filters against a reading of them, row by row, that knows no columns, bitmaps or keys.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::columns::{CHUNK, Chunk};
use super::order::{By, place};
use super::*;
use crate::model::{Kind, Observable, ObservableKind, Say, Severity, Tlp, TopicId};
use crate::store::Seq;
use crate::store::query::{Amber, Context, Lists, Query};

/// An incident as the naive reading knows it.
#[derive(Clone, Debug)]
struct Case {
    topic: u8,
    publisher: Option<u8>,
    severity: Severity,
    label: Tlp,
    unread: bool,
    ask: bool,
    gone: bool,
    invalid: bool,
    age: i64,
    detected: Option<i64>,
    size: u64,
    revision: u32,
    observables: Vec<(ObservableKind, &'static str)>,
    word: &'static str,
    status: Option<&'static str>,
}

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

const VALUES: [(ObservableKind, &str); 7] = [
    (ObservableKind::Ipv4, "192.0.2.7"),
    (ObservableKind::Ipv4, "198.51.100.9"),
    (ObservableKind::Network, "192.0.0.0/16"),
    (ObservableKind::Domain, "www.bad.example"),
    (ObservableKind::Url, "http://bad.example/x"),
    (ObservableKind::Hash, "d41d8cd98f00b204e9800998ecf8427e"),
    (ObservableKind::Port, "22"),
];
const WORDS: [&str; 3] = ["malware on hosts", "phishing", "Mal ware"];
const STATUSES: [Option<&str>; 4] = [None, Some("new"), Some("resolved"), Some("x-waiting")];

fn any_case() -> impl Strategy<Value = Case> {
    let severity = proptest::sample::select(vec![Severity::Unknown, Severity::Low, Severity::Medium, Severity::High]);
    let label = proptest::sample::select(vec![
        Tlp::Clear,
        Tlp::Green,
        Tlp::Amber,
        Tlp::AmberStrict,
        Tlp::Red,
        Tlp::ByAgreement,
    ]);
    let observables = proptest::sample::subsequence(VALUES.to_vec(), 0..4);
    (
        (0..3_u8, proptest::option::of(0..2_u8), severity, label, any::<[bool; 3]>()),
        (0..200_i64, proptest::option::of(0..200_i64), 0..30_000_u64, 1..300_u32, any::<bool>()),
        (observables, proptest::sample::select(WORDS.to_vec()), proptest::sample::select(STATUSES.to_vec())),
    )
        .prop_map(
            |(
                (topic, publisher, severity, label, [unread, ask, gone]),
                (age, detected, size, revision, invalid),
                (observables, word, status),
            )| Case {
                topic,
                publisher,
                severity,
                label,
                unread,
                ask,
                gone: gone && unread,
                invalid,
                age,
                detected,
                size,
                revision,
                observables,
                word,
                status,
            },
        )
}

fn topic(number: u8) -> TopicId {
    TopicId { broker: "broker.grid.example".parse().unwrap(), node: format!("topic-{number}") }
}

fn at(hours: i64) -> DateTime<Utc> {
    now() - TimeDelta::hours(hours)
}

fn index_of(cases: &[Case]) -> (Index, Postings) {
    let (mut index, postings) = (Index::new(), Postings::default());
    for case in cases {
        let _ = add(&mut index, &postings, case);
    }
    (index, postings)
}

fn add(index: &mut Index, postings: &Postings, case: &Case) -> Seq {
    let kind = if case.invalid { Kind::Invalid(Say::new("x")) } else { Kind::Iodef2 };
    let publisher = case.publisher.map(|number| format!("p{number}@grid.example/feed"));
    let flags = Flags::UNREAD.when(case.unread).with(Flags::ASK.when(case.ask)).with(Flags::GONE.when(case.gone));
    let entry = Entry {
        topic: &topic(case.topic),
        publisher: publisher.as_deref(),
        csirt: "csirt.example",
        at: at(case.age),
        detected: case.detected.map(at),
        started: None,
        size: case.size,
        facts: Facts {
            severity: case.severity,
            label: case.label,
            strictest: Tlp::Red,
            kind: &kind,
            purpose: Some("reporting"),
            status: case.status,
            flags,
            observables: case.observables.len() as u32,
            revision: case.revision,
        },
    };
    let seq = index.push(&entry).unwrap();
    let mut summary = crate::model::Summary::of_kind(kind.clone());
    summary.title = case.word.to_owned();
    summary.status = case.status.map(str::to_owned);
    summary.observables =
        case.observables.iter().map(|(kind, value)| Observable { kind: *kind, value: (*value).to_owned() }).collect();
    postings.add(seq, &summary).unwrap();
    seq
}

type Reading = fn(&Case) -> bool;

fn sees(case: &Case, value: &str) -> bool {
    case.observables.iter().any(|(_, own)| *own == value)
}

/// Conditions with their meaning in plain words.
const READINGS: &[(&str, Reading)] = &[
    ("severity:high", |case| case.severity == Severity::High),
    ("severity>=medium", |case| case.severity >= Severity::Medium),
    ("severity!=low", |case| case.severity != Severity::Low),
    ("severity<medium", |case| matches!(case.severity, Severity::Unknown | Severity::Low)),
    ("tlp:amber", |case| case.label == Tlp::Amber),
    ("tlp>=amber", |case| !matches!(case.label, Tlp::Clear | Tlp::Green)),
    ("tlp>=red", |case| matches!(case.label, Tlp::Red | Tlp::ByAgreement)),
    ("tlp<amber", |case| matches!(case.label, Tlp::Clear | Tlp::Green)),
    ("topic:topic-1", |case| case.topic == 1),
    ("topic:TOPIC-1,topic-2", |case| case.topic > 0),
    ("topic=TOPIC-1", |_| false),
    ("topic:*1*broker*", |case| case.topic == 1),
    ("from:p1@grid.example", |case| case.publisher == Some(1)),
    ("from:*", |case| case.publisher.is_some()),
    ("csirt:csirt.example", |_| true),
    ("is:unread", |case| case.unread),
    ("is:invalid", |case| case.invalid),
    ("is:starred", |_| false),
    ("is:imported", |_| false),
    ("has:ask", |case| case.ask),
    ("since:24h", |case| case.age <= 24),
    ("until:now-48h", |case| case.age >= 48),
    ("on:2026-11-20", |case| (13..=36).contains(&case.age)),
    ("detected:48h", |case| case.detected.is_some_and(|age| age <= 48)),
    ("detected<now-48h", |case| case.detected.is_some_and(|age| age > 48)),
    ("detected:..now", |case| case.detected.is_some()),
    ("started>1970-01-02", |_| false),
    ("size>10k", |case| case.size > 10_000),
    ("size:..10k", |case| case.size <= 10_000),
    ("rev:1,5..20", |case| case.revision == 1 || (5..=20).contains(&case.revision)),
    // The column ends at 127, which stands for all beyond.
    ("rev>=127", |case| case.revision >= 127),
    ("obs:0", |case| case.observables.is_empty()),
    ("status:new", |case| case.status == Some("new")),
    ("status:new,x-*", |case| matches!(case.status, Some("new" | "x-waiting"))),
    ("status:x-other", |_| false),
    ("status:*", |case| case.status.is_some()),
    ("purpose:REPORTING", |_| true),
    ("malware", |case| case.word == "malware on hosts"),
    ("mal*", |case| case.word != "phishing"),
    ("\"on hosts\"", |case| case.word == "malware on hosts"),
    ("/ph.sh/", |case| case.word == "phishing"),
    ("m*re", |case| case.word == "malware on hosts"),
    ("ip:192.0.2.7", |case| sees(case, "192.0.2.7")),
    ("192.0.2.7", |case| sees(case, "192.0.2.7")),
    ("cidr:192.0.2.0/24", |case| sees(case, "192.0.2.7") || sees(case, "192.0.0.0/16")),
    ("cidr=192.0.0.0/16", |case| sees(case, "192.0.0.0/16")),
    ("ip:192.0.2.0/24", |case| sees(case, "192.0.2.7") || sees(case, "192.0.0.0/16")),
    ("ip:192.0.0.0..198.255.255.255", |case| sees(case, "192.0.2.7") || sees(case, "198.51.100.9")),
    ("domain:bad.example", |case| sees(case, "www.bad.example") || sees(case, "http://bad.example/x")),
    ("domain=bad.example", |case| sees(case, "http://bad.example/x")),
    ("domain:*.bad.example", |case| sees(case, "www.bad.example")),
    ("domain:*w.b*", |case| sees(case, "www.bad.example")),
    ("url:http://BAD.example/x", |case| sees(case, "http://bad.example/x")),
    ("url:bad.example", |case| sees(case, "http://bad.example/x")),
    ("url:http://b*/X", |case| sees(case, "http://bad.example/x")),
    ("hash:d41d*", |case| sees(case, "d41d8cd98f00b204e9800998ecf8427e")),
    ("hash:@known", |case| sees(case, "d41d8cd98f00b204e9800998ecf8427e")),
    ("port:1..1023", |case| sees(case, "22")),
    ("-port:22", |case| !sees(case, "22")),
];

struct Known;

impl Lists for Known {
    fn list(&self, _: crate::store::query::Field, name: &str) -> Option<Vec<String>> {
        (name == "known").then(|| vec!["D41D8CD98F00B204E9800998ECF8427E".to_owned()])
    }
}

fn context() -> Context<'static> {
    Context { now: now(), amber: Amber::Strict, lists: &Known }
}

fn found(text: &str, on: &Snapshot, lookup: &Postings) -> Vec<Seq> {
    let query: Query = text.parse().unwrap();
    let plan = query.plan(&context()).unwrap();
    evaluate(&plan, on, lookup, None, &Stop::default()).unwrap().iter().collect()
}

fn expected(cases: &[Case], holds: impl Fn(&Case) -> bool) -> Vec<Seq> {
    (0..).zip(cases).filter(|(_, case)| !case.gone && holds(case)).map(|(seq, _)| seq).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_condition_is_what_it_says(cases in proptest::collection::vec(any_case(), 0..120)) {
        let (index, postings) = index_of(&cases);
        let snapshot = index.snapshot();
        for (text, reading) in READINGS {
            prop_assert_eq!(found(text, &snapshot, &postings), expected(&cases, reading), "{}", text);
        }
    }

    #[test]
    fn joined_conditions(cases in proptest::collection::vec(any_case(), 1..120), a in 0..READINGS.len(), b in 0..READINGS.len(), c in 0..READINGS.len()) {
        let (index, postings) = index_of(&cases);
        let snapshot = index.snapshot();
        let ((a, x), (b, y), (c, z)) = (READINGS[a], READINGS[b], READINGS[c]);
        let check = |text: String, holds: &dyn Fn(&Case) -> bool| {
            assert_eq!(found(&text, &snapshot, &postings), expected(&cases, holds), "{text}");
            let plan = text.parse::<Query>().unwrap().plan(&context()).unwrap();
            let order = Order::new(&snapshot, Sort { by: By::Received, descending: true }, None, &[]).unwrap();
            let first = head(&plan, &order, (&snapshot, None), &postings, 5, &Stop::default()).unwrap();
            let all = expected(&cases, holds);
            assert_eq!(first.rows, all.iter().rev().take(5).copied().collect::<Vec<_>>(), "{text}");
            // That it is all need not be known of what just fits.
            assert!(if first.whole { all.len() <= 5 } else { all.len() >= 5 }, "{text}");
        };
        check(format!("{a} {b} {c}"), &|case| x(case) && y(case) && z(case));
        check(format!("{a} OR {b} {c}"), &|case| x(case) || y(case) && z(case));
        check(format!("({a} OR {b}) -({c})"), &|case| (x(case) || y(case)) && !z(case));
        check(format!("-({a} {b}) {c}"), &|case| !(x(case) && y(case)) && z(case));
        check(format!("-({a} OR {b})"), &|case| !(x(case) || y(case)));
    }

    /// Plain letters are held against words as they stand; others are divided first. Both are the same of the same text.
    #[test]
    fn words_stand_in_a_text_as_they_are_divided(text in "[abAB1 \\-_]{0,14}", other in "[abA1 -]{0,5}", begins: bool) {
        // What stands in it from anywhere to anywhere, with another case, and what stands there by chance.
        let parts = (0..text.len()).flat_map(|from| (from + 1..=text.len()).map(move |to| (from, to)));
        let parts = parts.map(|(from, to)| text[from..to].to_ascii_uppercase()).chain([other]);
        for wanted in parts {
            let word = Word { text: wanted, begins };
            let wanted = Wanted::of(std::slice::from_ref(&word), &[]);
            prop_assert_eq!(wanted.stand_in(&text), wanted.stand_in(&format!("{text} \u{e9}")), "{:?} {}", word, text);
        }
    }

    #[test]
    fn sorting(cases in proptest::collection::vec(any_case(), 1..80), descending: bool) {
        let (index, _) = index_of(&cases);
        let snapshot = index.snapshot();
        let rows = Bitmap::all(index.len());
        let by_key = |key: fn(&Case) -> i64| {
            let mut rows: Vec<Seq> = (0..index.len()).collect();
            rows.sort_by_key(|row| (key(&cases[*row as usize]), *row));
            if descending { rows.reverse(); }
            rows
        };
        let rank = |case: &Case| case.severity as i64;
        for (by, key) in [(By::At, (|case: &Case| -case.age) as fn(&Case) -> i64), (By::Severity, rank), (By::Size, |case| case.size as i64), (By::Topic, |case| i64::from(case.topic)), (By::From, |case| case.publisher.map_or(-1, i64::from)), (By::Received, |_| 0)] {
            let sort = Sort { by, descending };
            let order = sorted(&rows, &snapshot, sort);
            prop_assert_eq!(&order[..], by_key(key), "{:?}", by);
            if by != By::Received {
                let without: Vec<Seq> = order.iter().copied().filter(|row| *row != 0).collect();
                let there = order.iter().position(|row| *row == 0).unwrap();
                prop_assert_eq!(place(&without, 0, &snapshot, sort), there);
            }
        }
    }
}

/// Rows of some chunks whose times are out of the order in which they came.
fn out_of_order(kind: u32) -> (Index, Postings) {
    let (mut index, postings) = (Index::new(), Postings::default());
    let len = 3 * CHUNK as u32 + 700;
    for seq in 0..len {
        let chance = seq.wrapping_mul(2_654_435_761).rotate_left(13) ^ kind;
        // As it came, with some late and some ahead; the other way round; in no order at all.
        let age = match kind {
            0 if chance.is_multiple_of(17) => (len - seq) + chance % 30_000,
            0 if chance.is_multiple_of(1_013) => 1,
            0 => len - seq,
            1 => seq,
            // Late ones alone.
            3 if chance.is_multiple_of(17) => (len - seq) + chance % 30_000,
            3 => len - seq,
            _ => chance % 5_000,
        };
        let case = Case {
            topic: (chance % 3) as u8,
            publisher: (chance.is_multiple_of(5)).then_some(0),
            severity: [Severity::Unknown, Severity::Low, Severity::Medium, Severity::High][chance as usize / 7 % 4],
            label: Tlp::Green,
            unread: chance.is_multiple_of(3),
            ask: chance.is_multiple_of(2_003),
            gone: chance.is_multiple_of(11),
            invalid: false,
            age: i64::from(age),
            detected: chance.is_multiple_of(2).then_some(i64::from(chance % 900)),
            size: u64::from(chance % 50),
            revision: 1,
            observables: if chance.is_multiple_of(400) { vec![VALUES[chance as usize % 7]] } else { Vec::new() },
            word: WORDS[chance as usize % 3],
            status: STATUSES[chance as usize % 4],
        };
        let _ = add(&mut index, &postings, &case);
    }
    (index, postings)
}

#[test]
fn the_head_of_an_answer_is_the_head_of_the_whole() {
    let at = |by, descending| Sort { by, descending };
    let orders = [
        (at(By::At, true), None),
        (at(By::Severity, true), None),
        (at(By::Severity, false), Some(at(By::At, true))),
        (at(By::Size, false), Some(at(By::Received, true))),
    ];
    let filters = [
        "",
        "is:unread severity:high",
        "phishing malware",
        "malware -phishing",
        "malware -hosts",
        "mal* -malware severity:high",
        "-malware",
        "mal*",
        "ip:192.0.2.7",
        "domain:bad.example -phishing",
        "ip:192.0.0.0/8 OR status:x-waiting",
        "nothing*",
    ];
    let (mut parts, mut wholes) = (0, 0);
    for (index, postings) in (0..3).map(out_of_order) {
        let (snapshot, stop) = (index.snapshot(), Stop::default());
        for text in filters {
            let plan = text.parse::<Query>().unwrap().plan(&context()).unwrap();
            let found = evaluate(&plan, &snapshot, &postings, None, &stop).unwrap();
            for (sort, then) in orders {
                let order = Order::new(&snapshot, sort, then, &[]).unwrap();
                for before in [None, Some(20_000)] {
                    let mut found = found.clone();
                    before.into_iter().for_each(|before| found.meet(&Bitmap::all(before)));
                    let whole = sorted_then(&found, &snapshot, sort, then, &[]);
                    let first = head(&plan, &order, (&snapshot, before), &postings, 120, &stop).unwrap();
                    assert_eq!(first.rows, whole[..whole.len().min(120)], "{text} {sort:?} {then:?} {before:?}");
                    assert!(if first.whole { whole.len() <= 120 } else { whole.len() >= 120 }, "{text}");
                    if first.whole { wholes += 1 } else { parts += 1 }
                }
            }
        }
    }
    assert!(parts > 50 && wholes > 20, "{parts} {wholes}");
}

/// Counts of how many rows it was asked.
struct Asked<'a>(&'a Postings, std::sync::atomic::AtomicU32);

impl Lookup for Asked<'_> {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        let rows = among.map_or(u32::MAX, Bitmap::count);
        let _ = self.1.fetch_max(rows, std::sync::atomic::Ordering::Relaxed);
        self.0.answer(question, among, stop)
    }

    fn rows(&self, spans: &[key::Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        self.0.rows(spans, stop)
    }
}

#[test]
fn a_page_that_is_full_asks_about_no_more_rows() {
    let (index, postings) = out_of_order(3);
    let (snapshot, stop) = (index.snapshot(), Stop::default());
    let order = Order::new(&snapshot, Sort::default(), None, &[]).unwrap();
    for (text, most) in [("phishing", CHUNK as u32), ("phish*", lookup::FEW), ("severity:high mal*", lookup::FEW)] {
        let plan = text.parse::<Query>().unwrap().plan(&context()).unwrap();
        let asked = Asked(&postings, std::sync::atomic::AtomicU32::new(0));
        let _ = head(&plan, &order, (&snapshot, None), &asked, 20, &stop).unwrap();
        let asked = asked.1.load(std::sync::atomic::Ordering::Relaxed);
        assert!((1..=most).contains(&asked), "{text}: {asked}");
    }
}

/// Keeps what it was asked.
struct Told<'a>(&'a Postings, std::sync::Mutex<Vec<Question>>);

impl Lookup for Told<'_> {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        self.1.lock().unwrap().push(question.clone());
        self.0.answer(question, among, stop)
    }

    fn rows(&self, spans: &[key::Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        self.0.rows(spans, stop)
    }
}

/// Rows that hold a word and not another are passed over where they are looked up: neither word's rows are all given.
#[test]
fn words_that_are_left_out_are_asked_about_together_with_the_others() {
    let (index, postings) = out_of_order(0);
    let (snapshot, stop) = (index.snapshot(), Stop::default());
    for (text, all, none) in [
        ("malware -phishing", ["malware"].as_slice(), ["phishing"].as_slice()),
        ("-phishing malware hosts -ware", &["malware", "hosts"], &["phishing", "ware"]),
        ("malware -malware", &["malware"], &["malware"]),
    ] {
        let plan = text.parse::<Query>().unwrap().plan(&context()).unwrap();
        let told = Told(&postings, std::sync::Mutex::default());
        let found = evaluate(&plan, &snapshot, &told, None, &stop).unwrap();
        let told = told.1.into_inner().unwrap();
        let asked: Vec<_> = told.iter().filter(|asked| matches!(asked, Question::Words { .. })).collect();
        let words = |of: &[&str]| of.iter().map(|text| Word { text: (*text).to_owned(), begins: false }).collect();
        assert_eq!(asked, [&Question::Words { all: words(all), none: words(none) }], "{text}");
        let mut each = Bitmap::all(index.len());
        for (words, keep) in [(all, true), (none, false)] {
            for word in words {
                let own: Bitmap = self::found(word, &snapshot, &postings).into_iter().collect();
                if keep { each.meet(&own) } else { each.subtract(&own) }
            }
        }
        assert_eq!(found, each, "{text}");
    }
}

fn plain(index: &mut Index, seq: u32) {
    let topics = ["MILEHost", "phishing-watch", "my-desk"]
        .map(|node| TopicId { broker: "b.grid.example".parse().unwrap(), node: node.to_owned() });
    push(index, &topics[seq as usize % 3], seq);
}

fn push(index: &mut Index, topic: &TopicId, seq: u32) {
    assert_eq!(index.push(&entry(topic, seq)), Some(seq));
}

fn entry(topic: &TopicId, seq: u32) -> Entry<'_> {
    Entry {
        topic,
        publisher: Some("csirt@grid.example"),
        csirt: "csirt.example",
        at: DateTime::from_timestamp(1_700_000_000 + i64::from(seq), 0).unwrap(),
        detected: None,
        started: None,
        size: 3_000,
        facts: Facts {
            severity: Severity::Low,
            label: Tlp::Green,
            strictest: Tlp::Green,
            kind: &Kind::Iodef2,
            purpose: None,
            status: None,
            flags: Flags::UNREAD,
            observables: 3,
            revision: 1,
        },
    }
}

#[test]
fn a_row_whose_source_is_its_own_takes_no_more_than_56_bytes() {
    let broker: crate::model::BareJid = "b.grid.example".parse().unwrap();
    let topics: Vec<TopicId> =
        (0..30).map(|number| TopicId { broker: broker.clone(), node: format!("topic-{number}") }).collect();
    let names: Vec<String> = (0..100).map(|number| format!("csirt{number}@grid.example")).collect();
    let (mut index, rows) = (Index::new(), 150_000);
    for seq in 0..rows {
        let at = seq as usize;
        let (publisher, csirt) = (Some(names[at / 30 % 100].as_str()), names[at / 3_000].as_str());
        assert_eq!(index.push(&Entry { publisher, csirt, ..entry(&topics[at % 30], seq) }), Some(seq));
    }
    let each = index.bytes() as f64 / f64::from(rows);
    assert!(each <= 56.0, "{each:.2} bytes a row, all counted");
    // They are told apart all the same.
    let count = index.snapshot().count(&Bitmap::all(rows), &topics);
    assert_eq!(count, vec![rows / 30; 30]);
    assert_eq!(index.snapshot().publishers(&topics[7]).len(), 100);
}

#[test]
fn a_row_takes_no_more_than_32_bytes() {
    assert_eq!(Chunk::ROW, 28);
    let rows = 300_000;
    let mut index = Index::new();
    (0..rows).for_each(|seq| plain(&mut index, seq));
    let each = index.bytes() as f64 / f64::from(rows);
    assert!(each <= 32.0, "{each:.2} bytes a row, all counted");
    // A copy made for a snapshot has the same room and no more.
    let held = index.snapshot();
    index.set([0, 299_999], Flags::STARRED, true);
    assert!(!held.has(0, Flags::STARRED) && index.snapshot().has(299_999, Flags::STARRED));
    assert!(index.bytes() as f64 / f64::from(rows) <= 32.0);
}

#[test]
fn what_came_from_a_file_is_told_from_a_topic_of_that_name() {
    let mut index = Index::new();
    let named = |broker: &str, node: &str| TopicId { broker: broker.parse().unwrap(), node: node.to_owned() };
    let topics = [
        named("b.grid.example", "imported"),
        TopicId::imported(),
        named("b.grid.example", &TopicId::imported().to_string()),
    ];
    (0..).zip(&topics).for_each(|(seq, topic)| push(&mut index, topic, seq));
    let query = |text: &str| found(text, &index.snapshot(), &Postings::default());
    assert_eq!(query("is:imported"), [1]);
    assert_eq!(query("-is:imported"), [0, 2]);
    assert_eq!(query("topic:imported"), [0, 1]);
}

#[test]
fn chunks_meet_without_a_seam() {
    let mut index = Index::new();
    let rows = CHUNK as u32 + 70;
    (0..rows).for_each(|seq| plain(&mut index, seq));
    let before = index.snapshot();
    index.set([CHUNK as u32 - 1, CHUNK as u32, rows + 5], Flags::UNREAD, false);
    let lookup = Postings::default();
    let query = |text: &str, on: &Snapshot| found(text, on, &lookup);
    assert_eq!(query("is:unread", &before).len(), rows as usize);
    assert_eq!(query("-is:unread", &index.snapshot()), [CHUNK as u32 - 1, CHUNK as u32]);
    assert_eq!(query("", &index.snapshot()).len(), rows as usize);
    assert_eq!(query("topic:my-desk", &index.snapshot()).len(), rows as usize / 3);
}

#[test]
fn nobody_waits_for_what_was_stopped() {
    let mut index = Index::new();
    (0..10).for_each(|seq| plain(&mut index, seq));
    let stop = Stop::default();
    stop.clone().stop();
    let plan = "is:unread".parse::<Query>().unwrap().plan(&context()).unwrap();
    let lookup = Postings::default();
    assert!(matches!(evaluate(&plan, &index.snapshot(), &lookup, None, &stop), Err(Failure::Stopped)));
}

#[test]
fn what_a_store_cannot_answer_is_said_and_lists_must_be_there() {
    let (index, postings) = index_of(&[]);
    let plan = "xpath:\"//x\"".parse::<Query>().unwrap().plan(&context()).unwrap();
    let answer = evaluate(&plan, &index.snapshot(), &postings, None, &Stop::default());
    let Err(failure) = answer else { panic!("answered") };
    assert_eq!(failure.say().key, "query-unanswerable");
    let unknown = "hash:@other".parse::<Query>().unwrap().plan(&context()).unwrap_err();
    assert_eq!(unknown.say().key, "query-error-list");
    let wrong = "ip:@known".parse::<Query>().unwrap().plan(&context()).unwrap_err();
    assert_eq!(wrong.say().key, "query-error-value-address");
}

#[test]
fn likeness_is_of_what_was_observed_itself() {
    let url =
        |path: &str| vec![Observable { kind: ObservableKind::Url, value: format!("http://shared.example/{path}") }];
    let postings = Postings::default();
    for (seq, observables) in [(0, url("a")), (1, url("b")), (2, url("a"))] {
        let mut summary = crate::model::Summary::of_kind(Kind::Iodef2);
        summary.observables = observables;
        postings.add(seq, &summary).unwrap();
    }
    let like = postings.answer(&Question::Like(0), None, &Stop::default()).unwrap();
    assert_eq!(like.iter().collect::<Vec<_>>(), [0, 2]);
}
