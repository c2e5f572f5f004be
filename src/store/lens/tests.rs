//! The lens against a slow reading of the same list, and both ways of looking against each other.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::i18n::Catalog;
use crate::model::{Kind, Summary};
use crate::store::index::{Postings, Snapshot};

fn read(text: &str) -> Lens {
    let (lines, faults) = Entry::read_all(text);
    assert_eq!(faults, []);
    Lens::new(lines.into_iter().map(|line| line.entry))
}

fn observable(kind: ObservableKind, value: &str) -> Observable {
    Observable { kind, value: value.to_owned() }
}

const LIST: &str = "\u{feff}# Ours\n192.0.2.0/24  # campus\n192.0.2.128/25\n198.51.100.7\n2001:db8::/32\nAS64500\nour[.]example\n*.lab.our.example\n\nExample Bank\nbrand: Gr\u{fc}n\nb\u{fc}cher.example\n";

#[test]
fn what_is_ours_and_why() {
    use ObservableKind::{Asn, Domain, Email, Hash, Ipv4, Ipv6, Network, Url};
    let lens = read(LIST);
    for (kind, value, found) in [
        (Ipv4, "192.0.2.1", Some(("192.0.2.0/24", Why::Inside))),
        (Ipv4, "192.0.2.200", Some(("192.0.2.128/25", Why::Inside))),
        (Ipv4, "192[.]0[.]2[.]1", Some(("192.0.2.0/24", Why::Inside))),
        (Ipv4, "198.51.100.7", Some(("198.51.100.7/32", Why::Inside))),
        (Ipv4, "198.51.100.8", None),
        (Ipv6, "::ffff:192.0.2.1", Some(("192.0.2.0/24", Why::Inside))),
        (Ipv6, "2001:db8:1::1", Some(("2001:db8::/32", Why::Inside))),
        (Network, "192.0.2.64/26", Some(("192.0.2.0/24", Why::Inside))),
        (Network, "192.0.0.0/16", Some(("192.0.2.0/24", Why::Around))),
        (Network, "203.0.113.0/24", None),
        (Asn, "AS64500", Some(("AS64500", Why::Asn))),
        (Asn, "64501", None),
        (Domain, "our.example", Some(("our.example", Why::Name))),
        (Domain, "WWW.Our.Example.", Some(("our.example", Why::Name))),
        (Domain, "x.lab.our.example", Some(("lab.our.example", Why::Name))),
        (Domain, "notour.example", None),
        (Domain, "our.example.org", None),
        (Domain, "xn--bcher-kva.example", Some(("xn--bcher-kva.example", Why::Name))),
        (Url, "https://www.our.example:8443/login?x=1", Some(("our.example", Why::Link))),
        (Url, "http://192.0.2.9/", Some(("192.0.2.0/24", Why::Link))),
        (Url, "http://evil.example/our.example", None),
        (Url, "http://evil.example/example-bank/login", Some(("brand: example bank", Why::Brand))),
        (Domain, "example-bank-login.invalid", Some(("brand: example bank", Why::Brand))),
        (Domain, "examplebank.invalid", None),
        (Domain, "xn--grn-ioa.invalid", Some(("brand: gr\u{fc}n", Why::Brand))),
        (Email, "staff@our.example", Some(("our.example", Why::Mailbox))),
        (Hash, "d41d8cd98f00b204e9800998ecf8427e", None),
        (Ipv4, "nonsense", None),
    ] {
        let own = lens.observable(&observable(kind, value));
        let own = own.map(|one| (lens.entries()[one.entry as usize].to_string(), one.why));
        assert_eq!(own, found.map(|(entry, why)| (entry.to_owned(), why)), "{value}");
    }
    let both = lens.incident(
        "Phishing in the name of EXAMPLE BANK",
        &[observable(Ipv4, "192.0.2.1"), observable(Ipv4, "192.0.2.2")],
    );
    assert_eq!(both.iter().map(|one| one.why).collect::<Vec<_>>(), [Why::Inside, Why::Brand]);
    assert!(Lens::default().is_empty() && Lens::default().incident("x", &[observable(Ipv4, "192.0.2.1")]).is_empty());
}

#[test]
fn lines_that_mean_nothing_are_told_by_number() {
    let (lines, faults) = Entry::read_all(
        "192.0.2.0/24\n192.0.2.300\n# x\n0.0.0.0/0\nab\nhttp://our.example/\nAS12x\na@our.example\n::/0\nok.example # c\n192.0.2.0/33\n",
    );
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 7, 10], "AS12x is a word like any other");
    let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.say().key)).collect();
    assert_eq!(
        told,
        [
            (2, "query-lens-unknown"),
            (4, "query-lens-everything"),
            (5, "query-lens-brand"),
            (6, "query-lens-unknown"),
            (8, "query-lens-unknown"),
            (9, "query-lens-everything"),
            (11, "query-lens-unknown"),
        ]
    );
    assert!(faults.iter().all(|fault| Catalog::default().has(fault.say().key)));
}

#[test]
fn a_list_is_written_as_it_is_read() {
    let lens = read(LIST);
    let text: String = lens.entries().iter().map(|entry| format!("{entry}\n")).collect();
    assert_eq!(read(&text).entries(), lens.entries());
}

#[test]
fn history_is_what_arrival_would_have_said() {
    use ObservableKind::{Asn, Domain, Email, Ipv4, Network, Url};
    let lens = read(LIST);
    let postings = Postings::default();
    let values = [
        (Ipv4, "192.0.2.1"),
        (Ipv4, "203.0.113.1"),
        (Network, "192.0.0.0/16"),
        (Network, "203.0.113.0/24"),
        (Asn, "64500"),
        (Domain, "www.our.example"),
        (Domain, "other.example"),
        (Url, "http://www.our.example/x"),
        (Email, "a@our.example"),
        (Domain, "example-bank.invalid"),
        (Url, "http://other.invalid/Example/Bank?x"),
        (Email, "example.bank@other.invalid"),
        (Domain, "bank-example.invalid"),
    ];
    let mut index = crate::store::index::Index::new();
    for (seq, (kind, value)) in (0_u32..).zip(values) {
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.observables = vec![observable(kind, value)];
        postings.add(seq, &summary).unwrap();
        push(&mut index);
    }
    let mut told = Vec::new();
    let found =
        lens.history(&index.snapshot(), &postings, &Stop::default(), &mut |done, all| told.push((done, all))).unwrap();
    let arrived: Vec<u32> = (0_u32..)
        .zip(values)
        .filter(|(_, (kind, value))| lens.observable(&observable(*kind, value)).is_some())
        .map(|(seq, _)| seq)
        .collect();
    assert_eq!(found.iter().collect::<Vec<_>>(), arrived);
    assert!(
        arrived.contains(&9) && arrived.contains(&10) && arrived.contains(&11) && !arrived.contains(&12),
        "{arrived:?}"
    );
    assert_eq!(told.last(), Some(&(lens.entries().len(), lens.entries().len())));
    let stop = Stop::default();
    stop.stop();
    assert!(matches!(lens.history(&Snapshot::default(), &postings, &stop, &mut |_, _| ()), Err(Failure::Stopped)));
}

fn push(index: &mut crate::store::index::Index) {
    use crate::model::{Severity, Tlp, TopicId};
    use crate::store::index::{Facts, Flags};
    let topic = TopicId { broker: "b.grid.example".parse().unwrap(), node: "n".to_owned() };
    let facts = Facts {
        severity: Severity::Low,
        label: Tlp::Red,
        strictest: Tlp::Red,
        kind: &Kind::Iodef2,
        purpose: None,
        status: None,
        flags: Flags::NONE,
        observables: 1,
        revision: 1,
    };
    let at = chrono::DateTime::UNIX_EPOCH;
    let entry = crate::store::index::Entry {
        topic: &topic,
        publisher: None,
        csirt: "",
        at,
        detected: None,
        started: None,
        size: 1,
        facts,
    };
    let _ = index.push(&entry);
}

proptest! {
    #[test]
    fn networks_agree_with_arithmetic(ours in proptest::collection::vec((any::<u32>(), 1..=32_u8), 1..20), bits: u32, length in 0..=32_u8, near in proptest::option::of(0..20_usize)) {
        let ours: Vec<IpNet> = ours.into_iter().map(|(bits, length)| IpNet::new(Ipv4Addr::from(bits).into(), length).unwrap().trunc()).collect();
        let bits = match near.and_then(|at| ours.get(at)) {
            Some(IpNet::V4(net)) => u32::from(net.network()) ^ (bits >> 22),
            _ => bits,
        };
        let asked = IpNet::new(Ipv4Addr::from(bits).into(), length).unwrap().trunc();
        let lens = Lens::new(ours.iter().copied().map(Entry::Network));
        let own = lens.observable(&observable(ObservableKind::Network, &asked.to_string()));
        let narrowest = ours.iter().filter(|net| net.contains(&asked)).map(|net| net.prefix_len()).max();
        match own {
            Some(Match { entry, why: Why::Inside }) => {
                let Entry::Network(net) = &lens.entries()[entry as usize] else { panic!() };
                prop_assert!(net.contains(&asked) && Some(net.prefix_len()) == narrowest);
            }
            Some(Match { entry, why }) => {
                let Entry::Network(net) = &lens.entries()[entry as usize] else { panic!() };
                prop_assert!(why == Why::Around && narrowest.is_none() && asked.contains(net));
            }
            None => prop_assert!(!ours.iter().any(|net| net.contains(&asked) || asked.contains(net))),
        }
    }
}

#[test]
fn a_line_that_takes_in_what_is_everybodys_is_told() {
    for line in [
        "::ffff:0.0.0.0/96",
        "0.0.0.0/0",
        "0.0.0.0/1",
        "::ffff:0.0.0.0/97",
        "16.0.0.0/7",
        "2001::/18",
        "co.uk",
        "*.co.uk",
        "com.au",
        "github.io",
        "com",
        "brand: com",
        "Org",
    ] {
        let (entries, faults) = Entry::read_all(line);
        assert_eq!((entries.len(), faults.len()), (0, 1), "{line}");
    }
    for line in
        ["10.0.0.0/8", "::ffff:192.0.2.0/120", "2001:db8::/32", "example.co.uk", "our.github.io", "brand: go.com"]
    {
        let (entries, faults) = Entry::read_all(line);
        assert_eq!((entries.len(), faults.len()), (1, 0), "{line}");
    }
}
