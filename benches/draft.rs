//! How long a key takes in a draft of 1,000 observables, without drawing: the edit, the rows in view, the sheets of forty of
//! them, and the check of the whole. And what is done now and then: adding, undoing, keeping, a version with its proof.
//!
//! `cargo bench --no-default-features --bench draft` prints median and 99th percentile of each.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and may stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use gridwatch::compose::Draft;
use gridwatch::compose::draft::{Act, Beside, Spot};
use gridwatch::compose::form::{self, Fill};
use gridwatch::compose::redact::redact;
use gridwatch::iodef::check::check;
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, Element, NodeId};
use gridwatch::model::Tlp;

const OBSERVABLES: usize = 1_000;
/// Rows on a large screen.
const IN_VIEW: usize = 40;
const KEYS: usize = 1_000;

/// A report of so many systems, each `every`-th of which only some may see.
fn report(every: usize) -> Document {
    let mut systems = String::new();
    for n in 0..OBSERVABLES {
        let mark = if n % every == every - 1 { " restriction=\"red\"" } else { "" };
        write!(
            systems,
            "        <System category=\"source\"{mark}>\n          <Node>\n            <Address category=\"ipv4-addr\" \
             observable-id=\"seen-{n}\">198.{}.{}.{}</Address>\n          </Node>\n          <Description>Host {n} was seen \
             to look for open proxies</Description>\n        </System>\n",
            18 + n % 2,
            n / 250,
            n % 250
        )
        .unwrap();
    }
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" \
         xml:lang=\"en\">\n  <Incident purpose=\"reporting\" restriction=\"green\">\n    <IncidentID name=\"csirt.example.com\">\
         2026-1</IncidentID>\n    <GenerationTime>2026-11-21T16:05:00Z</GenerationTime>\n    <Description>What happened</Description>\n    \
         <Contact role=\"irt\" type=\"organization\">\n      <ContactName>A team</ContactName>\n    </Contact>\n    <EventData>\n      \
         <Flow>\n{systems}      </Flow>\n    </EventData>\n  </Incident>\n</IODEF-Document>\n"
    );
    Document::read(text, &[]).unwrap()
}

/// Median and 99th percentile of `times` runs.
fn measure(name: &str, times: usize, mut run: impl FnMut(usize)) {
    let mut taken: Vec<Duration> = Vec::with_capacity(times);
    for n in 0..times {
        let start = Instant::now();
        run(n);
        taken.push(start.elapsed());
    }
    taken.sort_unstable();
    let at =
        |part: usize| taken.get(times * part / 100).or(taken.last()).map_or(0.0, |taken| taken.as_secs_f64() * 1e3);
    println!("{name:<52} median {:>8.3} ms   p99 {:>8.3} ms", at(50), at(99));
}

fn nth(document: &Document, local: &str, n: usize) -> NodeId {
    document.root().descendants().filter(|element| element.local() == local).nth(n).map(Element::id).unwrap()
}

/// What the form shows after a key.
fn show(draft: &Draft) {
    let rows = form::outline(draft.document(), |_| true);
    for row in rows.iter().skip(rows.len() / 2).take(IN_VIEW) {
        let element = draft.document().element(row.node).unwrap();
        let _ = black_box((form::gist(element), form::sheet(element)));
    }
}

fn main() {
    let mut draft = Draft::new(report(usize::MAX), Beside::default());
    println!("{OBSERVABLES} observables, {} bytes", draft.document().text().len());
    let (words, address, flow) = {
        let document = draft.document();
        (nth(document, "Description", 0), nth(document, "Address", OBSERVABLES / 2), nth(document, "Flow", 0))
    };
    let now = Instant::now();
    let set = |spot: Spot, value: String| Act::Set { spot, value };
    for (name, spot) in [
        ("in the description", Spot::text(words)),
        ("in an address", Spot::text(address)),
        ("in a name others may refer to", Spot::attribute(address, "observable-id")),
    ] {
        measure(&format!("a key {name}: edit"), KEYS, |n| {
            let _ = draft.act(&set(spot.clone(), format!("a{n}")), now).unwrap();
        });
        measure(&format!("a key {name}: edit, form, check"), KEYS, |n| {
            let _ = draft.act(&set(spot.clone(), format!("b{n}")), now).unwrap();
            show(&draft);
            let _ = black_box(check(draft.document(), Profile::Published));
        });
    }
    let system = form::offers(
        draft.document().element(flow).unwrap(),
        form::class_of(draft.document().element(flow).unwrap()).unwrap(),
    );
    let system = system.first().unwrap().class;
    let fill = Fill { now: chrono::Utc::now(), csirt: "csirt.example.com".to_owned() };
    measure("an element added", 100, |_| {
        let _ = draft.act(&Act::Add { parent: flow, class: system, fill: fill.clone() }, now).unwrap();
    });
    measure("a step back", 100, |_| {
        let _ = draft.undo().unwrap();
    });
    measure("kept as text", 100, |_| {
        let _ = black_box(draft.to_text());
    });
    for every in [OBSERVABLES, 10] {
        let full = report(every);
        measure(&format!("a version without every {every}th, with its proof"), 30, |_| {
            let version = redact(&full, Tlp::Green).unwrap();
            assert_eq!(version.removed.len(), OBSERVABLES / every);
            let _ = black_box(version);
        });
    }
}
