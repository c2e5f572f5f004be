//! The page one shift hands to the next: what stands on it, under which label, and that remote text stays text.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::i18n::Catalog;
use gridwatch::iodef;
use gridwatch::model::coverage::{Cause, Gap, Span, Standing};
use gridwatch::model::{Coverage, ItemId, TopicId};
use gridwatch::store::acts::{Change, Mark, Note, Slot};
use gridwatch::store::finder::Job;
use gridwatch::store::handover::{Facts, brief};
use gridwatch::store::index::Stop;
use gridwatch::store::{Finder, Incoming, ItemKey, Memory, Payload, Route, Store};

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn document(id: &str, restriction: &str, severity: &str, title: &str, ask: &str) -> String {
    format!(
        "<IODEF-Document version='2.00' xml:lang='en' xmlns='urn:ietf:params:xml:ns:iodef-2.0'>\
         <Incident purpose='mitigation' restriction='{restriction}'><IncidentID name='csirt.example'>{id}</IncidentID>\
         <GenerationTime>2026-11-21T08:00:00Z</GenerationTime><Description>{title}</Description>\
         <Assessment><SystemImpact severity='{severity}' type='unknown'/></Assessment>\
         <Contact role='creator' type='organization'><ContactName>x</ContactName></Contact>\
         <EventData>{ask}</EventData></Incident></IODEF-Document>"
    )
}

fn incoming(id: &str, xml: &str, received: DateTime<Utc>) -> Incoming {
    let (summary, observables) = iodef::indexed(xml.as_bytes(), &[]);
    Incoming {
        key: ItemKey {
            topic: TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILE|Host".to_owned() },
            item: ItemId(id.to_owned()),
        },
        payload: Some(Payload { bytes: Arc::from(xml.as_bytes()), scope: Arc::from([]) }),
        summary,
        observables,
        route: Route::Live,
        publisher: None,
        received,
        delayed: None,
        history: false,
    }
}

#[test]
fn a_shift_is_handed_over() {
    let (store, finder) = (Memory::default(), Finder::default());
    let ask = "<Expectation action='block-host'><EndTime>2026-11-21T16:00:00Z</EndTime></Expectation>\
               <Expectation action='nothing'/>";
    let over = "<Expectation action='investigate'><EndTime>2026-11-21T10:00:00Z</EndTime></Expectation>";
    let hour = |n: i64| now() - TimeDelta::hours(n);
    let batch = vec![
        incoming("long-ago", &document("long-ago", "red", "high", "From the week before", ""), hour(100)),
        incoming("before", &document("before", "red", "low", "Kept an eye on", ""), hour(30)),
        incoming("a", &document("a", "green", "high", "[x](javascript:y) | &lt;b>", ask), hour(5)),
        incoming("b", &document("b", "amber", "medium", "Second", over), hour(4)),
        incoming("c", &document("c", "white", "low", "Third", ask), hour(3)),
    ];
    let _ = store.commit(batch).unwrap();
    let _ = finder.take(&store, &[], now(), &Stop::default()).unwrap();
    let row = |seq: u32| std::iter::once(seq).collect();
    let note = Note { id: 1, row: 1, written: hour(2), text: "called | them".to_owned() };
    let done = Slot::Disposition(Some("false positive".to_owned()));
    let changes = vec![
        Change::Mark { rows: row(0), mark: Mark::Read, on: true },
        Change::Mark { rows: row(1), mark: Mark::Starred, on: true },
        Change::Note { note, on: true },
        Change::Slot { rows: row(4), to: done },
    ];
    let _ = finder.ask(Job::Act(changes, "done"));
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILE|Host".to_owned() };
    let gap = |from, until| Gap { span: Span::new(from, until), cause: Cause::Dropped };
    let coverage = [Coverage {
        topic,
        standing: Standing::Away { since: hour(1) },
        stretches: Arc::new([]),
        gaps: Arc::new([gap(hour(90), hour(80)), gap(hour(7), hour(6))]),
    }];
    let of = Facts {
        since: hour(8),
        now: now(),
        practice: true,
        store: &store,
        finder: &finder,
        coverage: &coverage,
        asks: iodef::asks,
        only: None,
    };
    let catalog = Catalog::default();
    let page = brief(&of, &|say| catalog.say(say), &Stop::default()).unwrap();
    if let Ok(path) = std::env::var("GRIDWATCH_HANDOVER") {
        std::fs::write(path, &page).unwrap();
    }
    // The starred one is red, so all of it is.
    assert!(page.starts_with("# Shift handover\n\n**TLP:RED**\n\n**PRACTICE"), "{page}");
    let sections: Vec<&str> = page.split("\n## ").collect();
    let section = |name: &str| *sections.iter().find(|section| section.starts_with(name)).unwrap();
    assert!(section("What came").contains("3 incidents, 3 of them not read yet"), "{page}");
    assert!(section("What came").contains("| MILE\\|Host | 1 | 1 | 1 | 0 | TLP:AMBER |"), "{page}");
    assert!(section("The most severe").contains("\\[x\\]\\(javascript\\:y\\) \\| &lt;b&gt;"), "{page}");
    assert!(section("Done").contains("false positive") && section("Done").contains("called \\| them"));
    assert!(section("Open").contains("starred") && section("Open").contains("Kept an eye on"));
    assert!(!section("Open").contains("From the week before"), "{page}");
    let gaps = section("What may be missing");
    assert!(gaps.contains("05:00Z") && gaps.contains("still open"), "{gaps}");
    assert!(!gaps.contains("2026-11-18"), "older than the shift: {gaps}");
    let asked: Vec<&str> = section("Asked of us").lines().filter(|line| line.contains("csirt")).collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].contains("16:00Z | block-host") && asked[1].contains("10:00Z, over | investigate"), "{asked:?}");
    assert!(page.lines().filter(|line| line.starts_with('|')).all(|line| line.ends_with('|')), "{page}");
}

#[test]
fn a_quiet_shift_says_so() {
    let (store, finder) = (Memory::default(), Finder::default());
    let of = Facts {
        since: now() - TimeDelta::hours(8),
        now: now(),
        practice: false,
        store: &store,
        finder: &finder,
        coverage: &[],
        asks: iodef::asks,
        only: None,
    };
    let catalog = Catalog::default();
    let page = brief(&of, &|say| catalog.say(say), &Stop::default()).unwrap();
    assert!(page.contains("**TLP:CLEAR**") && !page.contains("PRACTICE"));
    assert!(page.contains("0 incidents") && page.contains("Everything that was published"), "{page}");
}
