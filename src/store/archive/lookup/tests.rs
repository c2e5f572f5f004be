//! The archive answers as memory does, of all rows and of some, alone and many at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::*;
use crate::model::{Facets, ItemId, Kind, Observable, ObservableKind, TopicId};
use crate::store::archive::Key;
use crate::store::index::{Entry, Flags, Index, Postings, evaluate};
use crate::store::query::{Context, Query};
use crate::store::{Incoming, ItemKey, Payload, Route};

fn incoming(number: usize, summary: Summary) -> Incoming {
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
    Incoming {
        key: ItemKey { topic, item: ItemId(number.to_string()) },
        payload: Some(Payload { bytes: Arc::from(number.to_string().into_bytes()), scope: Arc::from([]) }),
        summary,
        observables: Vec::new(),
        route: Route::Live,
        publisher: None,
        received: DateTime::<Utc>::UNIX_EPOCH,
        delayed: None,
        history: false,
    }
}

fn summaries() -> Vec<Summary> {
    use ObservableKind::{Domain, Email, File, Hash, Ipv4, Network, Url};
    type Titled<'a> = (&'a str, &'a [(ObservableKind, &'a str)]);
    let values: [Titled<'_>; 7] = [
        ("Open proxy on a campus", &[(Ipv4, "192.0.2.7"), (Domain, "www.bad.example")]),
        ("Malware, sent by mail", &[(Email, "drop@bad.example"), (File, "C:\\Invoice.exe")]),
        ("Proxy closed", &[(Network, "192.0.0.0/16")]),
        ("phishing", &[(Url, "http://bad.example/Login"), (Ipv4, "192.0.2.7")]),
        ("malicious", &[(Hash, "d41d8cd98f00b204e9800998ecf8427e")]),
        ("Nothing of it", &[]),
        ("Mail from elsewhere", &[(Url, "http://bad.example/other")]),
    ];
    let summary = |(at, (title, observables)): (usize, Titled<'_>)| {
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.title = title.to_owned();
        summary.id = format!("id-{at}");
        summary.status = (at % 2 == 0).then(|| "x-waiting".to_owned());
        let storm = || Facets { campaigns: vec!["Autumn storm".to_owned()], ..Facets::default() };
        summary.facets = (at == 4).then(storm);
        summary.asks = (at % 3 == 0).then(|| "block-host".to_owned()).into_iter().collect();
        summary.observables =
            observables.iter().map(|(kind, value)| Observable { kind: *kind, value: (*value).to_owned() }).collect();
        summary
    };
    values.into_iter().enumerate().map(summary).collect()
}

#[test]
fn the_archive_answers_as_memory_does() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
    let (postings, mut index) = (Postings::default(), Index::new());
    // Each two hundred rows after the one before, so that rows are asked about far from each other too.
    let padding = || summaries().remove(5);
    let all = summaries().into_iter().flat_map(|summary| std::iter::repeat_with(padding).take(199).chain([summary]));
    let all = all.enumerate().map(|(number, summary)| incoming(number, summary));
    let rows = archive.commit(all.collect()).unwrap().added;
    let len = u32::try_from(rows.len()).unwrap();
    for seq in rows {
        let row = archive.row(seq).unwrap();
        postings.add(seq, &row.summary).unwrap();
        assert_eq!(index.push(&Entry::of(&row, Flags::UNREAD)), Some(seq));
    }
    let mut found = 0;
    for text in [
        "proxy",
        "prox*",
        "proxy closed",
        "open proxy -closed",
        "proxy (campus OR closed)",
        "mail -malware -proxy",
        "\"open proxy\"",
        "mal*",
        "192.0.2.7",
        "ip:192.0.2.7",
        "cidr:192.0.2.0/24",
        "domain:bad.example",
        "domain=bad.example",
        "domain:*.bad.example",
        "domain:w*d.example",
        "url:bad.example",
        "url:http://bad*/login",
        "email:@bad.example",
        "file:inv*",
        "hash:d41d*",
        "id:ID-3",
        "status:x-*",
        "-status:x-waiting",
        "action:block-host",
        "like:199",
        "like:1199",
        "/mail(ed)?/i",
        "proxy -192.0.2.7",
        "proxy -phishing",
        "proxy -proxy",
        "\"open proxy\" -\"proxy open\" -phish*",
        "-proxy phishing -campus",
        "(proxy OR phishing) status:x-waiting",
        "\"autumn storm\"",
        "malicious storm -phishing",
        "/storm/",
        "tag:none",
        "cve:CVE-2024-*",
    ] {
        let plan = text.parse::<Query>().unwrap().plan(&Context::at(DateTime::UNIX_EPOCH)).unwrap();
        let ask = |lookup: &dyn Lookup| evaluate(&plan, &index.snapshot(), lookup, None, &Stop::default()).unwrap();
        let (own, memory) = (ask(&archive), ask(&postings));
        assert_eq!(own.iter().collect::<Vec<_>>(), memory.iter().collect::<Vec<_>>(), "{text}");
        found += own.count();
        // Of some rows: those in a row, of which an index is asked, and few far from each other, which are read.
        let middle: Bitmap = (len / 3..len).collect();
        for among in [
            middle,
            (len / 2..len / 2 + 210).collect(),
            [199, len - 1].into_iter().collect(),
            [len - 1].into_iter().collect(),
        ] {
            let ask = |lookup: &dyn Lookup| {
                let found = evaluate(&plan, &index.snapshot(), lookup, Some(&among), &Stop::default());
                found.unwrap().iter().collect::<Vec<_>>()
            };
            let mut own = own.clone();
            own.meet(&among);
            assert_eq!((ask(&archive), ask(&postings)), (own.iter().collect(), own.iter().collect()), "{text}");
        }
    }
    assert!(found > 40, "{found} answers");
    // Many at once, by a pass over all keys or one look each, as one by one.
    let asked = ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/8", "bad.example", "none.example", "http://bad.example/Login"];
    let asked: Vec<Vec<Span>> = asked.into_iter().map(crate::store::query::observable).collect();
    for asked in [asked.as_slice(), asked.get(3..4).unwrap_or_default()] {
        let spans: Vec<&[Span]> = asked.iter().map(Vec::as_slice).collect();
        let each = archive.each(&spans, &Stop::default(), &mut |_| ()).unwrap();
        let alone = |spans: &&[Span]| Lookup::rows(&archive, spans, &Stop::default()).unwrap();
        assert_eq!(each, spans.iter().map(alone).collect::<Vec<_>>());
        assert_eq!(each, postings.each(&spans, &Stop::default(), &mut |_| ()).unwrap());
    }
    let stop = Stop::default();
    stop.stop();
    assert!(matches!(Lookup::rows(&archive, &key::asns(0, u32::MAX), &stop), Err(Failure::Stopped)));
}

/// Keys near each other and far apart, in spans that hold many, one or none, and lie in each other.
#[test]
fn many_are_looked_up_in_any_number_of_parts_as_each_alone() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
    let address = |n: u32| format!("10.{}.{}.{}", n % 3, n % 7 * 36, n * n % 256);
    let named = |n: u32| {
        let one = |kind, value: String| Observable { kind, value };
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.observables = vec![
            one(ObservableKind::Ipv4, address(n)),
            match n % 4 {
                0 => one(ObservableKind::Network, format!("10.{}.0.0/{}", n % 3, 9 + n % 12)),
                1 => one(ObservableKind::Url, format!("http://{}/x", address(n + 1))),
                2 => one(ObservableKind::Domain, format!("w{}.bad{}.example", n % 5, n % 11)),
                _ => one(ObservableKind::Hash, format!("{:032x}", u128::from(n % 9) << 100)),
            },
        ];
        incoming(n as usize, summary)
    };
    let _ = archive.commit((0..300).map(named).collect()).unwrap();
    let values = (0..120_u32).map(|n| match n % 4 {
        0 => address(n * 3 + 1),
        1 => format!("10.{}.0.0/{}", n % 4, 8 + n % 9),
        2 => format!("bad{}.example", n % 13),
        _ => format!("{:032x}", u128::from(n % 12) << 100),
    });
    let asked: Vec<Vec<Span>> = values.map(|value| crate::store::query::observable(&value)).collect();
    let asked: Vec<&[Span]> = asked.iter().map(Vec::as_slice).collect();
    let alone = |spans: &&[Span]| Lookup::rows(&archive, spans, &Stop::default()).unwrap();
    let alone: Vec<Vec<Seq>> = asked.iter().map(alone).collect();
    let found: usize = alone.iter().map(Vec::len).sum();
    assert!(found > 500 && alone.iter().any(Vec::is_empty), "{found}");
    let stopped = Stop::default();
    stopped.stop();
    for parts in [1, 2, 3, 7, 60, 500] {
        let mut most = 0;
        let each =
            archive.each_in(("marked", parts), &asked, &Stop::default(), &mut |done| most = done.max(most)).unwrap();
        assert_eq!(each, alone, "{parts}");
        assert!(parts > asked.len() || most <= asked.len() + parts, "{parts} {most}");
        let told = archive.each_in(("marked", parts), &asked, &stopped, &mut |_| ());
        assert!(matches!(told, Err(Failure::Stopped)), "{parts}");
    }
    // Nobody looks further when it is stopped under way.
    let late = Stop::default();
    let told = archive.each_in(("marked", 1), &asked, &late, &mut |_| late.stop());
    assert!(matches!(told, Err(Failure::Stopped)));
}

/// Words are divided, folded and stripped in memory as the index does it, but for letters that no report has.
#[test]
fn the_words_of_memory_are_those_of_the_index() {
    let connection = Connection::open_in_memory().unwrap();
    let words = "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = \"unicode61 remove_diacritics 2\"); \
                 CREATE VIRTUAL TABLE found USING fts5vocab (words, instance);";
    connection.execute_batch(words).unwrap();
    let chars: Vec<char> = (1..0x3_0000_u32).filter_map(char::from_u32).collect();
    let mut insert = connection.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").unwrap();
    connection.execute_batch("BEGIN").unwrap();
    for char in &chars {
        let _ = insert.execute(rusqlite::params![u32::from(*char), format!("x{char}y {char}")]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    let mut own: std::collections::HashMap<u32, Vec<(i64, String)>> = std::collections::HashMap::new();
    let mut found = connection.prepare("SELECT doc, offset, term FROM found").unwrap();
    let mut found = found.query([]).unwrap();
    while let Some(row) = found.next().unwrap() {
        own.entry(row.get(0).unwrap()).or_default().push((row.get(1).unwrap(), row.get(2).unwrap()));
    }
    let mut other = Vec::new();
    for char in chars {
        let mut index = own.remove(&u32::from(char)).unwrap_or_default();
        index.sort();
        let index: Vec<String> = index.into_iter().map(|(_, term)| term).collect();
        if index != crate::text::words(&format!("x{char}y {char}")) {
            other.push(char);
        }
    }
    let blocks: BTreeSet<u32> = other.iter().map(|char| u32::from(*char) >> 8).collect();
    println!(
        "{} letters differ, of blocks {blocks:x?}: {:?}",
        other.len(),
        other.iter().filter(|c| u32::from(**c) < 0x1_0000).take(400).collect::<String>()
    );
    let common = [
        '\u{0}'..='\u{24f}',
        '\u{300}'..='\u{331}',
        '\u{386}'..='\u{3ce}',
        '\u{400}'..='\u{481}',
        '\u{48a}'..='\u{527}',
        '\u{5d0}'..='\u{5ea}',
        '\u{1e00}'..='\u{1e99}',
        '\u{1ea0}'..='\u{1ef9}',
        '\u{3041}'..='\u{3096}',
        '\u{30a1}'..='\u{30fa}',
        '\u{4e00}'..='\u{9fa5}',
        '\u{ac00}'..='\u{d7a3}',
    ];
    let is_assigned =
        |char: &&char| char.is_alphanumeric() || char.is_ascii() || ('\u{300}'..='\u{331}').contains(*char);
    let wrong: Vec<&char> =
        other.iter().filter(is_assigned).filter(|char| common.iter().any(|range| range.contains(*char))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
