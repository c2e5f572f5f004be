//! Hunts: what a pasted list is read as, and that what is found is what a search of each row would find.

use proptest::prelude::*;

use super::*;
use crate::model::{Kind, Observable, Severity, Summary};
use crate::store::index::{Entry, Facts, Index, Postings};

/// Topic, hours since 1970, strictest label, observables.
type Stored<'a> = (&'a str, i64, Tlp, &'a [(ObservableKind, &'a str)]);

fn stored(rows: &[Stored<'_>]) -> (Snapshot, Postings) {
    let (mut index, postings) = (Index::new(), Postings::default());
    for (node, hours, strictest, observables) in rows {
        let topic = TopicId { broker: "b.grid.example".parse().unwrap(), node: (*node).to_owned() };
        let flags = Flags::GONE.when(*node == "gone");
        let facts = Facts {
            severity: Severity::Low,
            label: Tlp::Clear,
            strictest: *strictest,
            kind: &Kind::Iodef2,
            purpose: None,
            status: None,
            flags,
            observables: 1,
            revision: 1,
        };
        let at = DateTime::from_timestamp(hours * 3600, 0).unwrap();
        let seq = index
            .push(&Entry {
                topic: &topic,
                publisher: None,
                csirt: "c",
                at,
                detected: None,
                started: None,
                size: 1,
                facts,
            })
            .unwrap();
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.observables =
            observables.iter().map(|(kind, value)| Observable { kind: *kind, value: (*value).to_owned() }).collect();
        postings.add(seq, &summary).unwrap();
    }
    (index.snapshot(), postings)
}

fn go(text: &str, on: &Snapshot, lookup: &Postings) -> (List, Table) {
    let list = List::read(text);
    let table = run(&list, on, lookup, &Stop::default(), &mut |_, _| ()).unwrap();
    (list, table)
}

#[test]
fn any_mix_is_read() {
    let text = "\u{feff}# from a mail\n192[.]0[.]2[.]1\n  \n192.0.2.1\n192.0.2.0/24\n2001:db8::1\nAS64500\nhxxps://bad[.]example/a\nbad(dot)example.\ndrop[@]bad[.]example\n\
        D41D8CD98F00B204E9800998ECF8427E\ncve-2024-1234\n198.51.100.7:8443\nnot an indicator\n2026-11-20,203.0.113.9,\"evil.example\",high\n<other.example>\n\u{0}\n";
    let list = List::read(text);
    let read: Vec<_> = list.wanted.iter().map(|wanted| (wanted.line, wanted.value.as_str())).collect();
    assert_eq!(
        read,
        [
            (2, "192.0.2.1"),
            (5, "192.0.2.0/24"),
            (6, "2001:db8::1"),
            (7, "AS64500"),
            (8, "https://bad.example/a"),
            (9, "bad.example"),
            (10, "drop@bad.example"),
            (11, "d41d8cd98f00b204e9800998ecf8427e"),
            (12, "CVE-2024-1234"),
            (13, "198.51.100.7"),
            (15, "203.0.113.9"),
            (15, "evil.example"),
            (16, "other.example"),
        ]
    );
    assert_eq!(list.unread, [(14, "not an indicator".to_owned()), (17, "\u{0}".to_owned())]);
    assert_eq!((list.repeated, list.beyond), (1, 0));
    let long = List::read(&"x\n".repeat(LINES + 3));
    assert_eq!((long.unread.len(), long.beyond), (LINES, 3));
    assert_eq!(List::read(&"a.".repeat(5_000)).unread.len(), 1);
}

#[test]
fn hits_tell_where_when_and_how_strictly() {
    use ObservableKind::{Domain, Ipv4, Network, Url};
    let (on, lookup) = stored(&[
        ("one", 10, Tlp::Green, &[(Ipv4, "192.0.2.1"), (Domain, "www.bad.example")]),
        ("two", 5, Tlp::Amber, &[(Ipv4, "192.0.2.1")]),
        ("one", 20, Tlp::Clear, &[(Url, "http://bad.example/x"), (Ipv4, "192.0.2.1")]),
        ("three", 1, Tlp::Red, &[(Network, "192.0.0.0/16")]),
        ("gone", 1, Tlp::Red, &[(Ipv4, "192.0.2.1")]),
    ]);
    let (list, table) = go("203.0.113.1\nbad.example\n192.0.2.1\n192.0.2.0/24\n", &on, &lookup);
    assert_eq!((table.asked, table.hits.len()), (4, 3));
    let records: Vec<String> =
        table.records(&list, |topic| on.topic_name(topic)).map(|record| record.join("|")).collect();
    assert_eq!(
        records,
        [
            "bad.example|domain|2|2|one|1970-01-01T10:00:00Z|1970-01-01T20:00:00Z|TLP:GREEN",
            "192.0.2.1|ipv4|3|3|one; two|1970-01-01T05:00:00Z|1970-01-01T20:00:00Z|TLP:AMBER",
            "192.0.2.0/24|network|4|4|one; three; two|1970-01-01T01:00:00Z|1970-01-01T20:00:00Z|TLP:RED",
        ]
    );
    assert_eq!(table.hits[0].newest, 2);
}

#[test]
fn it_tells_how_far_it_is_and_stops() {
    let (on, lookup) = stored(&[]);
    let text: String = (0..1_000_u32).map(|n| format!("192.0.{}.{}\n", n / 250, n % 250)).collect();
    let list = List::read(&text);
    let mut told = Vec::new();
    let table = run(&list, &on, &lookup, &Stop::default(), &mut |done, all| told.push((done, all))).unwrap();
    assert_eq!((told.first(), told.last(), table.hits.len()), (Some(&(0, 1_000)), Some(&(1_000, 1_000)), 0));
    let stop = Stop::default();
    let mut steps = 0;
    let end = run(&list, &on, &lookup, &stop.clone(), &mut |_, _| {
        steps += 1;
        stop.stop();
    });
    assert!(matches!(end, Err(Failure::Stopped)));
    assert_eq!(steps, 1);
}

proptest! {
    #[test]
    fn what_is_found_is_what_is_there(rows in proptest::collection::vec(proptest::collection::vec(0..40_u8, 0..5), 0..20), asked in proptest::collection::btree_set(0..40_u8, 0..20)) {
        let address = |n: u8| format!("192.0.2.{n}");
        let texts: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|n| address(*n)).collect()).collect();
        let observed: Vec<Vec<(ObservableKind, &str)>> = texts.iter().map(|row| row.iter().map(|text| (ObservableKind::Ipv4, text.as_str())).collect()).collect();
        let stored_rows: Vec<_> = observed.iter().map(|row| ("one", 1, Tlp::Green, row.as_slice())).collect();
        let (on, lookup) = stored(&stored_rows);
        let text: String = asked.iter().map(|n| address(*n) + "\n").collect();
        let (list, table) = go(&text, &on, &lookup);
        let own: Vec<_> = table.hits.iter().map(|hit| (list.wanted[hit.wanted].value.clone(), hit.count as usize)).collect();
        let naive: Vec<_> = asked.iter().map(|n| (address(*n), rows.iter().filter(|row| row.contains(n)).count())).filter(|(_, count)| *count > 0).collect();
        prop_assert_eq!(own, naive);
    }
}
