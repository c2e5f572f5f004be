//! The composer's reading: ten thousand pasted lines, the preflight of a draft of a thousand observables as the window makes it
//! (budget 100 ms, issue 6), and the leak guard over such a draft against an archive.
//!
//! `cargo bench --no-default-features --bench compose`; after `--`: `--rows=N`. The anchor of the paste is one pass of a regular
//! expression over the same text; that of the preflight its budget; that of the guard one look at each value by itself. Written to `target/bench/compose.json`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark talks and may stop"
)]

#[path = "shared/random.rs"]
#[allow(dead_code)] // Others use the rest.
mod random;
#[path = "shared/report.rs"]
mod report;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::compose::audience::{self, Around, Known};
use gridwatch::compose::guard::{self, Audience, Guard, Sources};
use gridwatch::compose::look::Asked;
use gridwatch::compose::paste::Paste;
use gridwatch::compose::versions::To;
use gridwatch::iodef::{Document, indexed};
use gridwatch::model::{Access, Affiliation, ItemId, PayloadType, Tlp, Topic, TopicId};
use gridwatch::store::archive::Key;
use gridwatch::store::finder::Finder;
use gridwatch::store::index::{Lookup, Stop};
use gridwatch::store::query::{Amber, observable};
use gridwatch::store::{Archive, Incoming, ItemKey, Payload, Route, Store};

use random::Random;
use report::Report;

const LINES: usize = 10_000;
const OBSERVABLES: usize = 1_000;
const ROWS: usize = 100_000;
const RUNS: usize = 20;
const BUDGET: f64 = 100.0;

/// The shortest of some runs, in milliseconds.
fn best(mut run: impl FnMut()) -> f64 {
    let once = |_| {
        let began = Instant::now();
        run();
        began.elapsed().as_secs_f64() * 1e3
    };
    (0..RUNS).map(once).fold(f64::MAX, f64::min)
}

fn pasted(random: &mut Random) -> String {
    let mut text = String::new();
    for at in 0..LINES {
        let n = |random: &mut Random| random.below(254) + 1;
        let (a, b, c) = (n(random), n(random), n(random));
        text.push_str(&match at % 8 {
            0 => format!("23.{a}.{b}.{c}\n"),
            1 => format!("hxxps[:]//bad{a}x{b}[.]com/gate{c}.php?id={at}\n"),
            2 => format!("Nov 22 09:{:02}:11 gw kernel: DROP IN=eth0 SRC=31.{a}.{b}.{c} DST=192.0.2.7 LEN=60 PROTO=TCP DPT=445\n", at % 60),
            3 => format!("2026-11-22T09:00:00Z,45.{a}.{b}.{c},\"evil{at}.net\",high,seen by sensor\n"),
            4 => format!("{:032x} invoice{at}.exe\n", u128::from(random.next()) << 60 | 0xa),
            5 => format!("Received: from mx{a}.mail{b}.org ([198.{b}.{a}.{c}]) by mail.ours.org with ESMTPS id 4F2C{at}\n"),
            6 => "And so the attackers went on, as far as anybody can tell, for another week or two.\n".to_owned(),
            _ => format!("contact drop{at}@evil{b}.info or see CVE-2024-{:04} for more\n", 1000 + at % 9000),
        });
    }
    text
}

fn address(number: usize) -> String {
    format!("{}.{}.{}.{}", 11 + number / 16_777_216 % 80, number / 65_536 % 256, number / 256 % 256, number % 256)
}

fn document(restriction: &str, addresses: impl Iterator<Item = usize>) -> String {
    let systems: String = addresses
        .map(|number| {
            format!(
                "<System category=\"source\"><Node><Address category=\"ipv4-addr\">{}</Address></Node></System>",
                address(number)
            )
        })
        .collect();
    format!(
        "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\"><Incident purpose=\"reporting\" restriction=\"{restriction}\">\
         <IncidentID name=\"cert.example\">1</IncidentID><GenerationTime>2026-11-22T09:00:00Z</GenerationTime><Contact role=\"creator\" \
         type=\"organization\"><ContactName>them</ContactName></Contact><EventData><Flow>{systems}</Flow></EventData></Incident></IODEF-Document>"
    )
}

fn archive(folder: &std::path::Path, rows: usize) -> Archive {
    let archive = Archive::make(&folder.join("archive.db"), &Key::new([7; 32])).unwrap();
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
    for first in (0..rows).step_by(2_000) {
        let batch = (first..rows.min(first + 2_000)).map(|at| {
            let label = ["public", "green", "amber", "red"][at % 4];
            let bytes = document(label, (0..10).map(|more| at * 7 + more * 131_071)).into_bytes();
            let (summary, observables) = indexed(&bytes, &[]);
            let payload = Some(Payload { bytes: Arc::from(bytes), scope: Arc::from([]) });
            let received = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(at).unwrap());
            let key = ItemKey { topic: topic.clone(), item: ItemId(at.to_string()) };
            Incoming {
                key,
                payload,
                summary,
                observables,
                route: Route::Live,
                publisher: None,
                received,
                delayed: None,
                history: false,
            }
        });
        let _ = archive.commit(batch.collect()).unwrap();
    }
    archive
}

/// A topic that the draft goes to: whole, or as the version for these.
fn to(node: &str, wanted: Option<Tlp>) -> To {
    let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() };
    let (access, payload, affiliation) = (Access::Whitelist, PayloadType::Iodef2, Affiliation::Publisher);
    let topic = Topic { access, payload, affiliation, ..Topic::bare(id.clone()) };
    let me = "me@csirt.example".parse().unwrap();
    let around = Around { me: &me, last: None, publishers: &[], kept: None };
    let audience = audience::Audience::of(&topic, None, around);
    assert!(matches!(audience.known, Known::Estimated { .. }));
    To { id, topic: Some(topic), audience, wanted: Some(wanted) }
}

/// The whole of what is looked at after a pause of the keys: two topics, of which one gets a version.
fn preflight(report: &mut Report) {
    let text = document("green", (0..OBSERVABLES).map(|at| at * 3));
    let private = "<EventData restriction=\"red\"><Description>Seen by Nora Lind at the desk</Description></EventData>";
    let text = text.replace("</Incident>", &format!("{private}</Incident>"));
    let document = Document::read(text, &[]).unwrap();
    let topics = vec![to("whole", None), to("version", Some(Tlp::Green))];
    let (sources, reasons, wholes) = (Vec::new(), Vec::new(), Vec::new());
    let asked = Asked { document, practice: false, topics, sources, reasons, wholes };
    let found = asked.look();
    assert_eq!((found.goes.versions.len(), found.said.len() >= OBSERVABLES), (1, true));
    let own = best(|| drop(black_box(asked.look())));
    report.line(
        &format!("preflight of {OBSERVABLES} observables, two topics, one version"),
        own,
        "ms",
        BUDGET,
        "budget, ms",
    );
}

fn main() {
    let rows = std::env::args().find_map(|argument| argument.strip_prefix("--rows=")?.parse().ok()).unwrap_or(ROWS);
    let mut report = Report::new("compose");
    let text = pasted(&mut Random(7));
    let plain = regex::Regex::new(
        r"(?i)\b(?:\d{1,3}(?:\.\d{1,3}){3}|[a-f0-9]{32,64}|cve-\d{4}-\d+|https?://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w-]+(?:\.[\w-]+)+)",
    )
    .unwrap();
    let anchor = best(|| {
        let _ = black_box(plain.find_iter(&text).count());
    });
    let own = best(|| drop(black_box(Paste::read(&text))));
    let found = Paste::read(&text).entries.len();
    report.line(&format!("{LINES} lines pasted, {found} values"), own, "ms", anchor, "one regular expression, ms");

    preflight(&mut report);

    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(archive(folder.path(), rows));
    let listening = Instant::now();
    while store.listen(guard::heard).unwrap() {}
    let listening = listening.elapsed().as_secs_f64() * 1e6 / rows as f64;
    println!("{listening:.0} us for each row that is listened to");
    let finder = Finder::new(None, store.len()).asking(Arc::clone(&store));
    let _ = finder.take(&*store, &[], Utc::now(), &Stop::default()).unwrap();
    let draft = Document::read(document("green", (0..OBSERVABLES).map(|at| at * 3)), &[]).unwrap();
    let (on, stop) = (finder.snapshot(), Stop::default());
    let sources = Sources { on: &on, lookup: &finder, store: &*store, us: None, incidents: &[], stop: &stop };
    let said = guard::said(&draft);
    let asks = Guard::default().unknown(&said);
    let one_by_one = best(|| {
        for one in &said {
            let _ = black_box(finder.rows(&observable(&one.value), &stop).unwrap());
        }
    });
    let look = best(|| drop(black_box(guard::look(&asks, &sources).unwrap())));
    report.line(&format!("{OBSERVABLES} values looked up in {rows} rows"), look, "ms", one_by_one, "one by one, ms");
    let mut known = Guard::default();
    let answers = guard::look(&asks, &sources).unwrap();
    println!("{} documents read", answers.read);
    known.learn(answers);
    let audience = Audience { topic: Some(Tlp::Green), amber: Amber::Strict };
    let check = best(|| drop(black_box(known.findings(&guard::said(&draft), audience))));
    report.line(&format!("{OBSERVABLES} values checked that were looked up"), check, "ms", look, "looked up, ms");
    println!("{} findings", known.findings(&said, audience).len());
    report.write(rows);
}
