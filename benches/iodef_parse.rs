//! How fast documents are read, beside quick-xml's bare namespace and attribute pass over the same bytes in the same run.
//!
//! `cargo bench --no-default-features --bench iodef_parse` prints a line per subject (MB/s, microseconds a document, ratio to
//! the anchor) for a 0.8 MB document, a mix of 3 kB ones and a 5 MB one with 10,000 observables, and writes
//! `target/bench/iodef_parse.json`. The 0.8 MB one is `../shared/iodef/examples/v2/milewg-converter-long-800k.xml`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and may stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use gridwatch::iodef::{Document, index, observables, summarise};
use quick_xml::events::Event;
use quick_xml::reader::NsReader;

/// Each subject is measured in so many slices of at least this long; the best counts, as others use the machine too.
const SLICE: Duration = Duration::from_millis(80);
const SLICES: usize = 15;

/// An ordinary report of about 3 kB with eight systems.
fn report(n: usize, systems: usize) -> String {
    let mut flows = String::new();
    for i in 0..systems {
        write!(
            flows,
            "<Flow><System category=\"source\" spoofed=\"no\"><Node><Address category=\"ipv4-addr\">10.{}.{}.{}</Address>\
             <Location>Rack {i} &amp; row {n}</Location></Node><Service ip-protocol=\"6\"><Port>{}</Port></Service>\
             </System></Flow>\n      ",
            i / 65536,
            (i / 256) % 256,
            i % 256,
            1024 + (n * 7 + i) % 40_000
        )
        .unwrap();
    }
    format!(
        "<IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <Incident purpose=\"reporting\" restriction=\"green\">\n    \
         <IncidentID name=\"csirt.example\">{n}</IncidentID>\n    <GenerationTime>2026-11-21T12:00:00Z</GenerationTime>\n    \
         <Description xml:lang=\"en\">Hosts of the campus network were seen to look for open proxies in several runs, each \
         about an hour long; the owner has been told and one host was taken off the net.</Description>\n    \
         <Assessment occurrence=\"actual\"><SystemImpact severity=\"medium\" completion=\"failed\" type=\"takeover-system\"/>\
         </Assessment>\n    <Contact type=\"organization\" role=\"creator\"><ContactName>CSIRT of the example</ContactName>\
         <Email><EmailTo>csirt@example.org</EmailTo></Email></Contact>\n    <EventData>\n      {flows}</EventData>\n  \
         </Incident>\n</IODEF-Document>"
    )
}

/// quick-xml as it comes: resolved element namespaces, all attributes visited, nothing else checked.
fn anchor(bytes: &[u8]) -> usize {
    let mut reader = NsReader::from_reader(bytes);
    let mut seen = 0;
    loop {
        match reader.read_resolved_event().unwrap() {
            (_, Event::Eof) => return seen,
            (ns, Event::Start(tag) | Event::Empty(tag)) => {
                let _ = black_box(ns);
                seen += tag.attributes().map(|attribute| attribute.unwrap().value.len()).sum::<usize>();
            }
            (ns, event) => {
                let _ = black_box((ns, event));
                seen += 1;
            }
        }
    }
}

type Subject = (&'static str, fn(&[u8]) -> usize);

const SUBJECTS: [Subject; 7] = [
    ("quick-xml, names and attributes (anchor)", anchor),
    ("summary", |bytes| summarise(bytes, &[]).observables.len()),
    ("summary and index of observables", |bytes| index(bytes, &[], "en").1.len()),
    ("whole tree", |bytes| Document::read(bytes, &[]).unwrap().root().descendants().count()),
    ("whole tree and observables", |bytes| observables::all(&Document::read(bytes, &[]).unwrap()).len()),
    ("whole tree, written", |bytes| Document::read(bytes, &[]).unwrap().write().len()),
    ("whole tree, canonical", |bytes| Document::read(bytes, &[]).unwrap().canonical().len()),
];

/// Seconds for one round over `documents`, the best of all slices.
fn best(documents: &[Vec<u8>], subject: fn(&[u8]) -> usize) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..SLICES {
        let start = Instant::now();
        let mut rounds = 0u32;
        while start.elapsed() < SLICE {
            for bytes in documents {
                let _ = black_box(subject(bytes));
            }
            rounds += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(rounds));
    }
    best
}

fn main() {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/iodef/examples/v2/milewg-converter-long-800k.xml");
    let long = std::fs::read(shared)
        .or_else(|_| std::fs::read("/work/shared/iodef/examples/v2/milewg-converter-long-800k.xml"));
    let mut mixes: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("3 kB", (0..200).map(|n| report(n, 8).into_bytes()).collect()),
        ("big, 20,000 observables", vec![report(1, 10_000).into_bytes()]),
    ];
    match long {
        Ok(long) => mixes.push(("0.8 MB sample", vec![long])),
        Err(error) => println!("without the 0.8 MB sample: {error}"),
    }
    let mut rows = Vec::new();
    for (mix, documents) in &mixes {
        let bytes: usize = documents.iter().map(Vec::len).sum();
        println!("{mix}: {} documents, {bytes} bytes", documents.len());
        let mut limit = 0.0;
        for (name, subject) in SUBJECTS {
            let seconds = best(documents, subject);
            let speed = bytes as f64 / seconds / 1e6;
            if limit == 0.0 {
                limit = speed;
            }
            let each = seconds * 1e6 / documents.len() as f64;
            println!("  {name:42} {speed:8.1} MB/s {each:10.1} us/document {:6.2} x", speed / limit);
            rows.push(serde_json::json!({ "mix": mix, "subject": name, "mb_per_s": speed, "us": each, "ratio": speed / limit }));
        }
    }
    let out = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("iodef_parse.json"), serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
}
