//! Every field of the filter language, with every sign it takes, asked of a store in memory, of an archive, and of an archive
//! whose rows an earlier version read; and of a naive reading of the generated reports. All give the same rows. A field of the
//! table without a question here fails.

#[path = "asked/case.rs"]
mod case;
#[path = "asked/naive.rs"]
mod naive;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::iodef::indexed;
use gridwatch::model::{ItemId, Kind, TopicId};
use gridwatch::store::acts::{Change, Mark, Note, Slot};
use gridwatch::store::archive::Key;
use gridwatch::store::finder::{Finder, Job, Wanted};
use gridwatch::store::index::Stop;
use gridwatch::store::lens::{Entry, Lens};
use gridwatch::store::query::field::{FIELDS, HAS, IS};
use gridwatch::store::query::{Cmp, Node, Query, Term};
use gridwatch::store::views::Mute;
use gridwatch::store::{Archive, Incoming, ItemKey, Memory, Payload, Route, Seq, Store};

use case::{Case, Dice, IMPORTED};
use naive::{Kept, NOW, holds};

const CASES: usize = 90;
/// Items of which a second version comes.
const REVISED: usize = 9;
/// Incidents of which a newer document comes, as an item of its own.
const REISSUED: usize = 10;
const OURS: &str = "192.0.2.0/28\nExample Bank\nbrand: open proxy\n";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn reports() -> Vec<Kept> {
    let mut dice = Dice::new(20_261_121);
    let mut all: Vec<Kept> = Vec::new();
    for number in 0..CASES + REVISED + REISSUED {
        let mut case = Case::roll(number, &mut dice);
        let is_own = number >= CASES + REVISED;
        let before = number.checked_sub(CASES).map(|at| if is_own { reissued(at - REVISED) } else { at * 8 });
        if let Some(before) = before {
            (case.topic, case.fetched, case.hours) = (all[before].case.topic, false, 0);
            all[before].overwritten = !is_own;
        }
        // Of two that can be read; one of them on another topic.
        let older = before.filter(|before| is_own && !case.broken && !all[*before].case.broken);
        if let Some(older) = older {
            let of = all[older].case.clone();
            (case.csirt, case.id) = (of.csirt, of.id);
            if number.is_multiple_of(4) {
                case.topic = case::TOPICS[usize::from(of.topic == case::TOPICS[0])];
            }
            all[older].superseded = case.topic == of.topic;
        }
        let mut kept =
            Kept { size: case.document().len() as u64, version: 1, unread: !case.fetched, ..Kept::default() };
        if let Some(before) = before {
            kept.version = if is_own { 1 } else { 2 };
            let follows = !is_own || all[before].superseded;
            kept.updated = follows && (is_read(before) || all[before].case.fetched);
        }
        if before.is_none() && is_read(number) {
            kept.unread = false;
        }
        kept.starred = number % 6 == 1;
        kept.snoozed = number % 10 == 2;
        kept.noted = number % 11 == 4;
        kept.tags = if number % 9 == 5 { vec!["Watchlist", "x"] } else { Vec::new() };
        kept.case = case;
        kept.muted = naive::severity(&kept.case) == 1;
        all.push(kept);
    }
    // A broker takes back what it has: not what came before it.
    for (number, kept) in all.iter_mut().enumerate().take(CASES) {
        kept.retracted = number % 13 == 12 && !kept.overwritten;
    }
    all
}

/// Of which a newer document comes; every other one was read.
fn reissued(number: usize) -> usize {
    number * 8 + 4 - number % 2
}

/// Marked as read before its second version comes.
fn is_read(number: usize) -> bool {
    number.is_multiple_of(4)
}

fn incoming(kept: &Kept, old: bool) -> Incoming {
    let case = &kept.case;
    let is_version = (CASES..CASES + REVISED).contains(&case.number);
    let item = if is_version { (case.number - CASES) * 8 } else { case.number };
    let payload = Payload { bytes: case.document().into_bytes().into(), scope: Arc::new([]) };
    let (mut summary, observables) = indexed(&payload.bytes, &payload.scope);
    assert_eq!(matches!(summary.kind, Kind::Invalid(_)), case.broken, "{:?}", summary.kind);
    if old {
        summary.facets = None;
    }
    let topic = match case.topic {
        IMPORTED => TopicId::imported(),
        node => TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() },
    };
    Incoming {
        key: ItemKey { topic, item: ItemId(format!("item-{item}")) },
        payload: Some(payload),
        summary,
        observables,
        route: if case.fetched { Route::Fetched } else { Route::Live },
        publisher: case.from.map(str::to_owned),
        received: now() - TimeDelta::hours(case.hours),
        delayed: None,
        history: case.fetched,
    }
}

fn rows(all: &[Kept], of: impl Fn(&Kept) -> bool) -> gridwatch::store::index::Bitmap {
    all.iter().enumerate().filter(|(_, kept)| of(kept)).map(|(row, _)| row as Seq).collect()
}

fn did(finder: &Finder, change: Change) {
    let _ = finder.ask(Job::Act(vec![change], "did"));
    let _ = finder.work();
}

/// A store with all of it, and its finder, with everything done that a person and a broker do.
fn told(store: Arc<dyn Store>, all: &[Kept], old: bool, lens_first: bool) -> Finder {
    let finder = Finder::new(Some("me@grid.example".parse().unwrap()), 0).asking(Arc::clone(&store));
    finder.load().unwrap();
    let (lines, faults) = Entry::read_all(OURS);
    assert!(faults.is_empty());
    let lens = Lens::new(lines.into_iter().map(|line| line.entry));
    let stop = Stop::default();
    if lens_first {
        let _ = finder.look_back(lens.clone(), &stop, &mut |_, _| ()).unwrap();
    }
    let (first, second) = all.split_at(CASES);
    let _ = store.commit(first.iter().map(|kept| incoming(kept, old)).collect()).unwrap();
    let _ = finder.take(store.as_ref(), &[], now(), &stop).unwrap();
    let mark = |of: fn(&Kept) -> bool, mark: Mark| Change::Mark { rows: rows(all, of), mark, on: true };
    let read = rows(first, |kept| is_read(kept.case.number));
    did(&finder, Change::Mark { rows: read, mark: Mark::Read, on: true });
    let done = store.commit(second.iter().map(|kept| incoming(kept, old)).collect()).unwrap();
    let gone: Vec<ItemKey> = all.iter().filter(|kept| kept.retracted).map(|kept| incoming(kept, old).key).collect();
    let changed: Vec<Seq> = done.changed.into_iter().chain(store.retract(&gone, now()).unwrap()).collect();
    let _ = finder.take(store.as_ref(), &changed, now(), &stop).unwrap();
    did(&finder, mark(|kept| kept.starred, Mark::Starred));
    did(&finder, mark(|kept| !kept.tags.is_empty(), Mark::Tag("Watchlist".to_owned())));
    did(&finder, mark(|kept| !kept.tags.is_empty(), Mark::Tag("x".to_owned())));
    let until = Slot::Snoozed(Some(now() + TimeDelta::hours(4)));
    did(&finder, Change::Slot { rows: rows(all, |kept| kept.snoozed), to: until });
    for (id, row) in rows(all, |kept| kept.noted).iter().enumerate() {
        let note = Note { id: id as u64 + 1, row, written: now(), text: "seen".to_owned() };
        did(&finder, Change::Note { note, on: true });
    }
    let rule = Mute::new("severity:low".parse().unwrap(), now() + TimeDelta::days(1), now()).unwrap();
    did(&finder, Change::Mute { rule, on: true });
    finder.settle(now(), &stop).unwrap();
    if !lens_first {
        let _ = finder.look_back(lens, &stop, &mut |_, _| ()).unwrap();
    }
    finder
}

fn open(path: &Path) -> Arc<Archive> {
    Arc::new(Archive::open(path, &Key::new([7; 32]), Some(indexed)).unwrap())
}

fn make(path: &Path) -> Arc<Archive> {
    Archive::make(path, &Key::new([7; 32])).unwrap().close().unwrap();
    open(path)
}

/// An archive of this program's, whose rows an earlier version read.
fn made_before(path: &Path, all: &[Kept]) -> (Arc<Archive>, Finder) {
    drop(told(make(path), all, true, false));
    let archive = open(path);
    assert_eq!(archive.stale() as usize, all.len());
    let finder = Finder::new(Some("me@grid.example".parse().unwrap()), archive.len()).asking(archive.clone());
    finder.load().unwrap();
    let stop = Stop::default();
    let _ = finder.take(archive.as_ref(), &[], now(), &stop).unwrap();
    finder.settle(now(), &stop).unwrap();
    let (lines, _) = Entry::read_all(OURS);
    let _ = finder.look_back(Lens::new(lines.into_iter().map(|line| line.entry)), &stop, &mut |_, _| ()).unwrap();
    (archive, finder)
}

pub fn found(finder: &Finder, text: &str) -> Vec<Seq> {
    let query = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let wanted = Wanted { query, hidden: true, ..Wanted::default() };
    let found = finder.find(&wanted, now(), &Stop::default()).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut rows = found.rows.to_vec();
    rows.sort_unstable();
    rows
}

/// The values that are asked for of a field.
fn values(field: &str) -> Vec<&'static str> {
    match field {
        "topic" => vec!["MILEHost", "milehost", "*-*", "lab-1"],
        "from" => vec!["csirt@grid.example", "SOC@other.example*", "me@grid.example/desk"],
        "csirt" => vec!["csirt.example", "*.example", "cert.EXAMPLE"],
        "id" => vec!["2026-7", "2026-1*", "ID x/10", "id*", "*-33", "*"],
        "rev" => vec!["1", "2"],
        "purpose" => vec!["reporting", "MITIGATION", "x-*", "x-drill", "*r*"],
        "status" => vec!["new", "x-waiting", "X-Waiting", "*e*"],
        "severity" => vec!["unknown", "low", "medium", "high"],
        "impact" => vec!["takeover-account", "takeover*", "takeover-system", "x-rumour", "*o*"],
        "conf" => vec!["low", "medium", "high", "70", "100", "16..84"],
        "tlp" => vec!["clear", "green", "amber", "red", "agreed"],
        "action" => vec!["block-host", "x-pray", "x-Pray", "*block*", "nothing"],
        "ip" => vec!["192.0.2.7", "2001:db8::1", "192.0.2.1..192.0.2.50", "203.0.113.79"],
        "cidr" => vec!["192.0.2.0/24", "192.0.2.0/28", "192.0.128.0/24"],
        "asn" => vec!["64496", "64500..64600"],
        "port" => vec!["22", "1500", "1..1023"],
        "domain" => vec!["bad.example", "www.bad.example", "*.bad.example", "w*d.example"],
        "url" => vec!["http://bad.example/Login?a=1", "login", "https://other.invalid/x", "http://bad*"],
        "email" => vec!["drop@bad.example", "box@OTHER.invalid", "@bad.example"],
        "hash" => vec!["d41d8cd98f00b204e9800998ecf8427e", "d41d*"],
        "cve" => vec!["CVE-2024-12345", "CVE-2024-*", "CVE-2023-12345"],
        "file" => vec!["invoice.exe", "inv*", "*.EXE", "other"],
        "mac" => vec!["02:00:5e:10:00:01"],
        "actor" => vec!["example bear", "Example Bear", "example*", "*bel", "lonely \u{fc}bel"],
        "campaign" => vec!["autumn leaves", "autumn*", "autumn-2"],
        "method" => vec!["*phishing*", "phishing", "Phishing", "sql*"],
        "since" | "until" => vec!["24h", "2026-11-20"],
        "on" => vec!["2026-11-20", "2026-11-21"],
        "detected" | "started" => vec!["2026-11-20", "2026-11-01", "48h"],
        "lang" => vec!["de", "DE-ch", "de*", "en"],
        "size" => vec!["1k", "700", "500..1500"],
        "obs" => vec!["0", "5", "80..200"],
        "is" => IS.iter().map(|(_, word, _)| *word).collect(),
        "has" => HAS.iter().map(|(_, word, _)| *word).collect(),
        "tag" => vec!["watchlist", "Watchlist", "w*", "none"],
        "like" => vec!["1", "17", "30"],
        "xpath" => vec![
            "//iodef:ThreatActorID",
            "//Confidence[@rating='numeric'] >= 90",
            "count(//Address) > 2",
            "//ds:DigestValue",
        ],
        other => panic!("no value is asked for of the field “{other}”"),
    }
}

const SIGNS: [(&str, Cmp); 7] = [
    (":", Cmp::Has),
    ("=", Cmp::Eq),
    ("!=", Cmp::Ne),
    ("<", Cmp::Lt),
    ("<=", Cmp::Le),
    (">", Cmp::Gt),
    (">=", Cmp::Ge),
];

/// Every question: its text, and the field, sign and value it is made of.
fn questions() -> Vec<(String, &'static str, &'static str, &'static str)> {
    let mut all = Vec::new();
    for about in FIELDS {
        let mut signs = BTreeSet::new();
        for value in values(about.name) {
            for (sign, cmp) in SIGNS {
                // A pattern and a range are such only where that is usual.
                if sign != ":" && (value.contains('*') || value.contains("..") || value.starts_with('@')) {
                    continue;
                }
                let plain = !value.contains([' ', '"', '\'', '(']);
                let text = if plain {
                    format!("{}{sign}{value}", about.name)
                } else {
                    format!("{}{sign}\"{value}\"", about.name)
                };
                let Ok(query) = text.parse::<Query>() else { continue };
                let Node::Term(Term::Field { field, cmp: own, .. }) = query.root() else { panic!("{text}") };
                assert_eq!((*field, *own), (about.field, cmp), "{text}");
                let _ = signs.insert(sign);
                all.push((text, about.name, sign, value));
            }
        }
        let wanted = if about.field.is_ordered() { 7 } else { 3 };
        assert!(signs.len() >= wanted || ["since", "until", "on"].contains(&about.name), "{}: {signs:?}", about.name);
    }
    all
}

/// The texts of all questions, for whoever compares two answers.
pub fn texts() -> Vec<String> {
    let words = words().into_iter().map(|(text, _)| text.to_owned());
    questions().into_iter().map(|(text, ..)| text).chain(words).collect()
}

fn ask_all(name: &str, finder: &Finder, all: &[Kept]) -> usize {
    let mut hits = 0;
    let mut wrong = Vec::new();
    for (text, field, sign, value) in questions() {
        let expected: Vec<Seq> =
            (0..all.len()).filter(|row| holds(&all[*row], all, field, sign, value)).map(|row| row as Seq).collect();
        let own = found(finder, &text);
        hits += own.len();
        if own != expected {
            wrong.push(format!("{name}: {text}\n  found    {own:?}\n  expected {expected:?}"));
        }
    }
    for (text, fits) in words() {
        let expected: Vec<Seq> = (0..all.len()).filter(|row| fits(&all[*row])).map(|row| row as Seq).collect();
        let own = found(finder, text);
        hits += own.len();
        if own != expected {
            wrong.push(format!("{name}: {text}\n  found    {own:?}\n  expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of them\n{}", wrong.len(), wrong.join("\n"));
    hits
}

type Fits = fn(&Kept) -> bool;

fn says(kept: &Kept, text: usize) -> bool {
    kept.case.texts.contains(&case::TEXTS[text])
}

fn seen(kept: &Kept, value: &str) -> bool {
    kept.case.seen.iter().any(|(_, own)| own == value)
}

/// Words, phrases and regular expressions with their meaning.
fn words() -> Vec<(&'static str, Fits)> {
    vec![
        ("open", |kept| says(kept, 0) || says(kept, 3)),
        ("OPEN", |kept| says(kept, 0) || says(kept, 3)),
        ("\"open proxy\"", |kept| says(kept, 0)),
        ("cafe", |kept| says(kept, 1) || says(kept, 3)),
        ("Caf\u{e9}", |kept| says(kept, 1) || says(kept, 3)),
        ("malu*", |kept| says(kept, 1)),
        ("mullerstra\u{df}e", |kept| says(kept, 1)),
        ("zoe", |kept| kept.case.contact),
        ("ZO\u{cb}", |kept| kept.case.contact),
        ("\u{3bf}\u{3b4}\u{3bf}\u{3c3}", |kept| says(kept, 4)),
        ("\u{3bf}\u{3b4}\u{3bf}\u{3c2}", |kept| says(kept, 4)),
        ("ПРОВЕРКА", |kept| says(kept, 4)),
        ("2026", |kept| says(kept, 4) || kept.case.id.starts_with("2026")),
        ("csirt.example", |kept| kept.case.csirt == "csirt.example"),
        ("e-mail", |kept| says(kept, 2)),
        ("invoice.exe", |kept| says(kept, 5) || seen(kept, "C:\\Temp\\Invoice.exe")),
        ("inv*", |kept| says(kept, 5) || seen(kept, "C:\\Temp\\Invoice.exe")),
        ("192.0.2.7", |kept| seen(kept, "192.0.2.7")),
        ("bad.example", |kept| {
            ["bad.example", "www.bad.example", "http://bad.example/Login?a=1", "drop@bad.example"]
                .iter()
                .any(|value| seen(kept, value))
        }),
        ("d41d8cd98f00b204e9800998ecf8427e", |kept| seen(kept, "d41d8cd98f00b204e9800998ecf8427e")),
        ("login", |_| false),
        ("-open", |kept| !says(kept, 0) && !says(kept, 3)),
        ("/^Open/", |kept| says(kept, 0)),
        ("/mail$/", |kept| says(kept, 2)),
        ("/cmd(32|64)\\.EXE/i", |kept| says(kept, 5)),
        ("/203\\.0\\.113\\.79/", |kept| seen(kept, "203.0.113.79")),
        ("/Temp\\\\Inv/", |kept| seen(kept, "C:\\Temp\\Invoice.exe")),
        ("m*ware", |kept| says(kept, 2)),
    ]
}

#[test]
fn every_field_is_answered_alike_by_all_and_rightly() {
    let all = reports();
    let folder = tempfile::tempdir().unwrap();
    let memory = told(Arc::new(Memory::default()), &all, false, true);
    let hits = ask_all("memory", &memory, &all);
    assert!(hits > 5_000, "{hits}");
    let archive = told(make(&folder.path().join("archive.db")), &all, false, false);
    assert_eq!(ask_all("archive", &archive, &all), hits);
}

#[test]
fn rows_that_an_earlier_version_read_are_found_rightly_before_while_and_after_they_are_read_again() {
    let all = reports();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let (archive, finder) = made_before(&path, &all);
    let hits = ask_all("before", &finder, &all);
    // A piece is more than there is: the rows are read again at once, whatever is in the list by then.
    let changed = archive.renew().unwrap();
    assert_eq!(changed.len(), all.len());
    assert_eq!(archive.stale(), 0);
    assert_eq!(ask_all("the list lags", &finder, &all), hits);
    let _ = finder.take(archive.as_ref(), &changed, now(), &Stop::default()).unwrap();
    assert_eq!(ask_all("after", &finder, &all), hits);
    assert!(archive.renew().unwrap().is_empty());
    drop((finder, archive));
    assert_eq!(open(&path).stale(), 0, "it is written down that it is done");
}
