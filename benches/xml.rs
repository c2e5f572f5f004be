//! How fast the strict XML gate is, beside quick-xml's bare reader over the same bytes in the same run.
//!
//! `cargo bench --no-default-features --bench xml` prints a line per subject (figure, unit, ratio to the anchor) and
//! writes `target/bench/xml.json`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a benchmark talks and may stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use gridwatch::xmpp::xml::{Frame, Gate, Limits, Rules, check, document};
use quick_xml::events::Event;
use quick_xml::reader::NsReader;

const HEADER: &str =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
/// Stanzas in one round.
const STANZAS: usize = 1000;
/// What a TLS record holds.
const PIECE: usize = 16 * 1024;
/// Each subject is measured in so many slices of at least this long.
const SLICE: Duration = Duration::from_millis(60);
const SLICES: usize = 41;

/// A pubsub event with an ordinary IODEF report of about 3 kB.
fn stanza(n: usize) -> String {
    let mut flows = String::new();
    for i in 0..8 {
        write!(
            flows,
            "<Flow><System category=\"source\" spoofed=\"no\"><Node><Address category=\"ipv4-addr\">192.0.2.{}</Address>\
             <Location>Rack {i} &amp; row {n}</Location></Node><Service ip-protocol=\"6\"><Port>{}</Port></Service>\
             </System></Flow>\n      ",
            (n + i) % 250,
            1024 + (n * 7 + i) % 40_000
        )
        .unwrap();
    }
    format!(
        "<message from='broker.grid.example' to='analyst@grid.example' type='normal' id='{n:08x}'>\
         <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='MILEHost'><item id='{n:032x}' \
         publisher='csirt@grid.example/feed'><IODEF-Document version=\"2.00\" xml:lang=\"en\" \
         xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  \
         <Incident purpose=\"reporting\" restriction=\"green\">\n    <IncidentID name=\"csirt.example\">{n}</IncidentID>\n    \
         <GenerationTime>2026-11-21T12:00:00Z</GenerationTime>\n    <Description xml:lang=\"en\">Hosts of the campus \
         network were seen to look for open proxies in several runs, each about an hour long; the owner has been \
         told and one host was taken off the net.</Description>\n    <Assessment occurrence=\"actual\">\
         <SystemImpact severity=\"medium\" completion=\"failed\" type=\"takeover-system\"/></Assessment>\n    \
         <Contact type=\"organization\" role=\"creator\"><ContactName>CSIRT of the example</ContactName><Email>\
         <EmailTo>csirt@example.org</EmailTo></Email></Contact>\n    <EventData>\n      {flows}</EventData>\n  \
         </Incident>\n</IODEF-Document></item></items></event></message>"
    )
}

/// quick-xml as it comes: events with resolved element namespaces, nothing else checked.
fn anchor(stream: &[u8]) -> usize {
    let mut reader = NsReader::from_reader(stream);
    let mut events = 0;
    loop {
        match reader.read_resolved_event().unwrap() {
            (_, Event::Eof) => return events,
            (ns, event) => {
                let _ = black_box((ns, event));
                events += 1;
            }
        }
    }
}

fn rxml_reader(stream: &[u8]) -> usize {
    use rxml::Parse as _;
    let mut parser = rxml::Parser::new();
    let mut rest = stream;
    let mut events = 0;
    while let Some(event) = parser.parse(&mut rest, true).unwrap() {
        let _ = black_box(event);
        events += 1;
    }
    events
}

/// Bytes as they come from TLS, to owned stanzas with opaque payloads.
fn gate(stream: &[u8]) -> usize {
    let mut gate = Gate::new(Limits::PEER);
    let mut stanzas = 0;
    for piece in stream.chunks(PIECE) {
        gate.push(piece);
        while let Some(frame) = gate.next().unwrap() {
            stanzas += usize::from(matches!(black_box(frame), Frame::Stanza(_)));
        }
    }
    stanzas
}

type Round<'a> = Box<dyn FnMut() -> usize + 'a>;

/// Bytes per second of one slice.
fn slice(bytes: usize, round: &mut Round<'_>) -> f64 {
    let start = Instant::now();
    let mut rounds = 0u32;
    while start.elapsed() < SLICE {
        let _ = black_box(round());
        rounds += 1;
    }
    f64::from(rounds) * bytes as f64 / start.elapsed().as_secs_f64()
}

fn main() {
    let stanzas: Vec<String> = (0..STANZAS).map(stanza).collect();
    let stream = format!("{HEADER}{}</stream:stream>", stanzas.concat());
    let bytes = stream.len();
    assert_eq!(gate(stream.as_bytes()), STANZAS);

    let whole = Rules { opaque: false, ..Rules::STREAM };
    let count = |pass: &dyn Fn(&[u8]) -> bool| stanzas.iter().filter(|stanza| pass(stanza.as_bytes())).count();
    let mut subjects: [(&str, &str, Round<'_>); 5] = [
        ("quick-xml", "NsReader, unchecked (anchor)", Box::new(|| anchor(stream.as_bytes()))),
        ("rxml", "Parser, strict", Box::new(|| rxml_reader(stream.as_bytes()))),
        ("check", "strict check, nothing built", Box::new(|| count(&|one| check(one, &whole).is_ok()))),
        ("gate", "16 KiB pieces to owned stanzas, opaque payloads", Box::new(|| gate(stream.as_bytes()))),
        ("tree", "strict check and every node built", Box::new(|| count(&|one| document(one, &whole).is_ok()))),
    ];
    // In turns, so that what else the machine does meets all alike; the best slice is the least disturbed.
    let mut best = [0.0_f64; 5];
    for _ in 0..SLICES {
        for ((_, _, round), best) in subjects.iter_mut().zip(&mut best) {
            *best = best.max(slice(bytes, round));
        }
    }
    let base = best[0];
    println!("{STANZAS} stanzas of {} bytes", bytes / STANZAS);
    let mut rows = Vec::new();
    for ((name, what, _), rate) in subjects.iter().zip(best) {
        println!("{name:<10} {:>7.0} MB/s {:>6.2} x quick-xml   {what}", rate / 1e6, rate / base);
        rows.push(serde_json::json!({
            "name": name, "what": what, "value": (rate / 1e6 * 10.0).round() / 10.0, "unit": "MB/s",
            "ratio": (rate / base * 100.0).round() / 100.0,
        }));
    }
    let report =
        serde_json::json!({ "bench": "xml", "anchor": "quick-xml", "stanza_bytes": bytes / STANZAS, "rows": rows });
    std::fs::create_dir_all("target/bench").unwrap();
    std::fs::write("target/bench/xml.json", format!("{report:#}\n")).unwrap();
}
