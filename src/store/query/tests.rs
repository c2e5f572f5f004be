//! The language held to its word: what is read, what is refused and where, and that text and tree are one.

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::error::Problem;
use super::field::{FIELDS, HAS, IS, Type, nearest};
use super::when::{Stretch, Unit};
use super::*;
use crate::i18n::Catalog;
use crate::model::{Severity, Tlp};
use crate::store::index::plan::Plan;

fn read(text: &str) -> Query {
    text.parse().unwrap_or_else(|error: Error| panic!("{text:?}: {error}"))
}

fn error(text: &str) -> Error {
    match text.parse::<Query>() {
        Ok(query) => panic!("{text:?} was read as {query}"),
        Err(error) => error,
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

#[test]
fn canonical_texts() {
    for (typed, canonical) in [
        ("", ""),
        ("   ", ""),
        ("malware", "malware"),
        ("  a   b ", "a b"),
        ("a AND b", "a b"),
        ("a OR b c", "a OR b c"),
        ("(a OR b) c", "(a OR b) c"),
        ("((a)) (b c)", "a b c"),
        ("-(-a)", "a"),
        ("-(a b)", "-(a b)"),
        ("-(a OR b) -c", "-(a OR b) -c"),
        ("a OR (b OR c)", "a OR b OR c"),
        ("\"one word\"", "\"one word\""),
        ("\"word\"", "word"),
        ("\"OR\" \"AND\" \"-x\" \"/x/\" \"a:b\"", "\"OR\" \"AND\" \"-x\" \"/x/\" \"a:b\""),
        ("\"say \\\"hi\\\" \\\\ \\n\"", "\"say \\\"hi\\\" \\\\ \\\\n\""),
        ("malw*", "malw*"),
        ("\"malw*\"", "\"malw*\""),
        ("/a\\/b(c|d)/i", "/a\\/b(c|d)/i"),
        ("severity:HIGH", "severity:high"),
        ("sev:high,medium", "severity:high,medium"),
        ("severity>=Medium", "severity>=medium"),
        ("publisher:csirt@grid.example", "from:csirt@grid.example"),
        ("topic:\"two words\",lab*", "topic:\"two words\",lab*"),
        ("topic:\"lab*\"", "topic:\"lab*\""),
        ("topic=lab*", "topic=\"lab*\""),
        ("tlp:white,TLP:AMBER+STRICT", "tlp:clear,amber+strict"),
        ("cidr:192.0.2.77/24", "cidr:192.0.2.0/24"),
        ("cidr:192.0.2.7", "cidr:192.0.2.7/32"),
        ("ip:192[.]0[.]2[.]7", "ip:192.0.2.7"),
        ("ip:192.0.2.1..192.0.2.9", "ip:192.0.2.1..192.0.2.9"),
        ("ip:2001:DB8::1,192.0.2.0/24", "ip:2001:db8::1,192.0.2.0/24"),
        ("asn:AS64500,64496..64511", "asn:64500,64496..64511"),
        ("port:22,1..1023", "port:22,1..1023"),
        ("domain:*.example OR hash:@known", "domain:*.example OR hash:@known"),
        ("domain:.Bad.example", "domain:*.bad.example"),
        ("domain:b\u{fc}cher.example", "domain:xn--bcher-kva.example"),
        ("domain:login*.example", "domain:login*.example"),
        ("url:hxxp://bad.example/a?b=c", "url:hxxp://bad.example/a?b=c"),
        ("email:@bad.example", "email:*@bad.example"),
        ("hash:D41D8CD9*", "hash:d41d8cd9*"),
        ("cve:cve-2024-1234,CVE-2023*", "cve:CVE-2024-1234,CVE-2023-*"),
        ("since:24h", "since:24h"),
        ("since:2026-11-20 until:NOW-2h", "since:2026-11-20 until:now-2h"),
        ("detected:2026-11-20T12:00+02:00", "detected:2026-11-20T10:00:00Z"),
        ("started:2026-11-01..", "started:2026-11-01.."),
        ("size>10kB obs:5..10 rev>1", "size>10k obs:5..10 rev>1"),
        ("conf>=high conf:30..60", "conf>=85 conf:30..60"),
        ("is:unread -is:snoozed has:ask,note", "is:unread -is:snoozed has:ask,note"),
        ("xpath:\"//iodef:Node[@a='b']\"", "xpath:\"//iodef:Node[@a='b']\""),
        ("like:4711 tag:watch", "like:4711 tag:watch"),
        ("topic://x", "topic://x"),
        ("http://bad.example/x 2001:db8::1 02:00:5e:10:00:01", "http://bad.example/x 2001:db8::1 02:00:5e:10:00:01"),
        (
            "has:ask action:block-host until:now+4h (domain:*.example OR hash:@known) -topic:lab*",
            "has:ask action:block-host until:now+4h (domain:*.example OR hash:@known) -topic:lab*",
        ),
    ] {
        let query = read(typed);
        assert_eq!(query.to_string(), canonical, "{typed:?}");
        assert_eq!(read(canonical), query, "{typed:?}");
        assert_eq!(Query::from_stored(&query.stored()), Ok(query), "{typed:?}");
    }
}

#[test]
fn every_refusal_names_its_column() {
    let catalog = Catalog::default();
    for (text, column, words) in [
        ("serverity:high", 1, "severity"),
        ("topic:x  sevrity:high", 10, "severity"),
        ("ümläut ünd serverity:high", 12, "severity"),
        ("publsher:x", 1, "from"),
        ("camp:x", 1, "campaign"),
        ("zebra:x", 1, "zebra"),
        ("severity:", 10, "no value"),
        ("severity: high", 10, "no value"),
        ("severity:high,", 15, "no value"),
        ("severity:hgih", 10, "high"),
        ("severity:critical", 10, "does not know"),
        ("is:unraed", 4, "unread"),
        ("tlp:amber,blue", 11, "does not know"),
        ("topic>x", 1, "greater"),
        ("since>24h", 1, "greater"),
        ("since:yesterday", 7, "24h"),
        ("since:2026-13-01", 7, "24h"),
        ("cidr:192.0.2.0/33", 6, "network"),
        ("ip:192.0.2.9..192.0.2.1", 4, "address"),
        ("ip:192.0.2.9..2001:db8::1", 4, "address"),
        ("asn:x", 5, "AS"),
        ("port:65536", 6, "65535"),
        ("domain:a..b", 8, "domain"),
        ("hash:abc", 6, "hexadecimal"),
        ("hash:abc*", 6, "hexadecimal"),
        ("cve:2024-1", 5, "CVE"),
        ("size>many", 6, "thousands"),
        ("obs:10..5", 5, "whole number"),
        ("rev>=", 6, "no value"),
        ("conf:101", 6, "0 to 100"),
        ("mac:02:00", 5, "MAC"),
        ("\"open", 1, "not closed"),
        ("a topic:\"open", 9, "not closed"),
        ("/open", 1, "does not end"),
        ("/(/", 1, "regular expression"),
        ("/a/x", 1, "regular expression"),
        ("/(a{1000}){1000}/", 1, "regular expression"),
        ("(a", 1, "not closed"),
        ("a (b (c)", 3, "not closed"),
        ("a)", 2, "closes nothing"),
        ("()", 1, "empty"),
        ("a OR", 3, "both sides"),
        ("OR a", 1, "both sides"),
        ("a OR OR b", 6, "both sides"),
        ("(a OR )", 4, "both sides"),
        ("-", 1, "nothing follows"),
        ("a - b", 3, "nothing follows"),
        ("--a", 1, "nothing follows"),
        ("from:@known,@", 13, "looked for"),
        ("xpath:@known", 7, "XPath"),
        ("xpath:\"//a[\"", 7, "XPath"),
    ] {
        let error = error(text);
        assert_eq!(error.column, column, "{text:?}: {error}");
        let said = format!("{} {}", catalog.say(&error.say()), catalog.next(&error.say()).unwrap_or_default());
        assert!(said.contains(words), "{text:?}: {said}");
        assert!(!said.contains(['⟨', '{']), "{text:?}: {said}");
    }
}

#[test]
fn no_text_exhausts_anything() {
    assert_eq!(error(&"(".repeat(10_000)).problem, Problem::TooDeep);
    assert_eq!(error(&"x".repeat(20_001)).problem, Problem::TooLong);
    assert_eq!(error(&format!("port:{}1", "1,".repeat(2_000))).problem, Problem::TooManyValues);
    assert_eq!(error(&"-(".repeat(40)).problem, Problem::TooDeep);
    let deep = format!("{}b{}", "-(a ".repeat(32), ")".repeat(32));
    assert_eq!(read(&deep).to_string(), deep);
    let wide = vec!["a OR b"; 2_000].join(" ");
    assert_eq!(read(&wide).terms().count(), 4_000);
}

#[test]
fn stored_texts_of_a_newer_program_are_refused() {
    for text in ["", "severity:high", "gridwatch-filter/2 severity:high"] {
        assert_eq!(Query::from_stored(text).unwrap_err().problem, Problem::Version);
    }
    assert_eq!(Query::from_stored("gridwatch-filter/1 severity:high\r\n"), Ok(read("severity:high")));
}

#[test]
fn the_table_is_whole() {
    let catalog = Catalog::default();
    let mut names = std::collections::BTreeSet::new();
    for about in FIELDS {
        assert!(catalog.has(about.help), "{}", about.help);
        assert_eq!(about.field.name(), about.name);
        for name in [about.name].iter().chain(about.aliases) {
            assert!(names.insert(*name), "{name} stands twice");
            assert_eq!(Field::named(&name.to_uppercase()), Some(about.field));
        }
        let example = read(about.example);
        assert!(example.terms().any(|term| matches!(term, Term::Field { field, .. } if *field == about.field)));
        assert_eq!(example.to_string(), about.example, "examples are written as we write");
    }
    for (_, word, help) in IS {
        assert!(catalog.has(help) && read(&format!("is:{word}")).to_string().ends_with(word));
    }
    for (_, word, help) in HAS {
        assert!(catalog.has(help) && read(&format!("has:{word}")).to_string().ends_with(word));
    }
    assert_eq!(nearest("severity"), Some("severity"));
    assert_eq!(nearest("q"), None);
}

#[test]
fn hints_tell_what_cannot_match() {
    for (text, count) in [
        ("tlp:red tlp:green", 1),
        ("tlp:red,green tlp:green", 0),
        ("tlp:red OR tlp:green", 0),
        ("(tlp:red tlp:green) OR a", 1),
        ("severity>=medium severity<medium", 1),
        ("severity>=medium severity<=medium", 0),
        ("severity:high -severity:high", 1),
        ("severity>=medium -severity:medium,high", 1),
        ("severity:high severity!=high", 1),
        ("tlp>=amber tlp:clear", 1),
        ("tlp>=red tlp:agreed", 0),
        ("topic:a topic:b", 1),
        ("topic:a topic:A", 0),
        ("topic:a topic:*", 0),
        ("domain:a.example domain:b.example", 0),
        ("is:unread -is:unread", 1),
        ("a -a", 1),
        ("since:1h until:2026-01-01", 1),
        ("since:24h until:now-2h", 0),
        ("on:2026-11-01 since:24h", 1),
        ("detected:2026-11-01 started:2026-11-02", 0),
        ("obs>10 obs<5", 1),
        ("obs>10 obs:5..11", 0),
        ("status:@open status:new", 0),
    ] {
        assert_eq!(hints(&read(text), now()).len(), count, "{text}");
    }
    let say = hints(&read("tlp:red tlp:green"), now())[0].say();
    assert!(Catalog::default().say(&say).contains("tlp:green"));
}

#[test]
fn chips_are_the_text_in_pieces() {
    let query = read("severity:high -topic:lab* (a OR b) malware");
    let chips = query.chips();
    let shown: Vec<_> = chips.iter().map(|chip| (chip.text.as_str(), chip.negated, chip.field)).collect();
    assert_eq!(
        shown,
        [
            ("severity:high", false, Some(Field::Severity)),
            ("topic:lab*", true, Some(Field::Topic)),
            ("a OR b", false, None),
            ("malware", false, None),
        ]
    );
    assert_eq!(query.without(1).to_string(), "severity:high (a OR b) malware");
    assert_eq!(query.without(9), query);
    assert_eq!(query.turned(1).to_string(), "severity:high topic:lab* (a OR b) malware");
    assert_eq!(query.turned(2).to_string(), "severity:high -topic:lab* -(a OR b) malware");
    assert_eq!(query.replaced(3, "x OR y").unwrap().to_string(), "severity:high -topic:lab* (a OR b) (x OR y)");
    assert_eq!(query.replaced(3, "x y").unwrap().chips().len(), 5);
    assert_eq!(query.replaced(0, "").unwrap(), query.without(0));
    assert_eq!(query.replaced(0, "sev:").unwrap_err().column, 5);
    assert_eq!(read("a OR b").chips().len(), 1);
    assert_eq!(read("").chips(), []);
    assert_eq!(read("a OR b").and(&read("c")).to_string(), "(a OR b) c");
}

#[test]
fn plus_minus_and_only_this() {
    for (before, sign, field, value, after) in [
        ("", '+', Field::Severity, "high", "severity:high"),
        ("severity:high", '+', Field::Severity, "low", "severity:high,low"),
        ("severity:high", '+', Field::Severity, "high", "severity:high"),
        ("-severity:high a", '+', Field::Severity, "high", "a"),
        ("-severity:high,low", '+', Field::Severity, "high", "-severity:low"),
        ("severity:high,low a", '-', Field::Severity, "high", "severity:low a"),
        ("severity:high", '-', Field::Severity, "high", "-severity:high"),
        ("a", '-', Field::Topic, "lab", "a -topic:lab"),
        ("-topic:lab", '-', Field::Topic, "old", "-topic:lab,old"),
        ("-topic:lab", '-', Field::Topic, "lab", "-topic:lab"),
        ("domain:a.example", '+', Field::Domain, "b.example", "domain:a.example domain:b.example"),
        ("", '+', Field::Topic, "a*b", "topic:\"a*b\""),
        ("", '+', Field::Topic, "@odd", "topic:\"@odd\""),
        ("", '+', Field::Url, "http://bad.example/a,b", "url:\"http://bad.example/a,b\""),
        ("a OR b", '+', Field::Tlp, "red", "(a OR b) tlp:red"),
        ("a", '=', Field::On, "2026-11-20", "on:2026-11-20"),
        ("a", '=', Field::Csirt, "csirt.example", "csirt:csirt.example"),
    ] {
        let query = read(before);
        let done = match sign {
            '+' => query.plus(field, value),
            '-' => query.minus(field, value),
            _ => Query::only(field, value),
        };
        assert_eq!(done.unwrap().to_string(), after, "{before} {sign} {value}");
    }
    assert!(read("").plus(Field::Severity, "critical").is_err());
}

#[test]
fn completion() {
    let texts = |text: &str| -> Vec<String> {
        complete(text, text.chars().count()).into_iter().map(|completion| completion.text).collect()
    };
    assert_eq!(texts("sev"), ["severity:"]);
    assert_eq!(texts("a -se"), ["severity:"]);
    assert_eq!(texts("(publ"), ["from:"]);
    assert_eq!(texts("severity:h"), ["high"]);
    assert_eq!(texts("severity>="), ["unknown", "low", "medium", "high"]);
    assert_eq!(texts("tlp:red,am"), ["amber", "amber+strict"]);
    assert_eq!(texts("is:un"), ["unread"]);
    assert_eq!(texts("is:im"), ["imported"]);
    assert_eq!(texts("has!=a"), ["ask"]);
    assert!(texts("topic:\"sev").is_empty() && texts("").is_empty() && texts("zebra:x").is_empty());
    let one = complete("ä sev malware", 5).remove(0);
    assert_eq!((one.from, one.to), (2, 5));
    let catalog = Catalog::default();
    assert!(complete("s", 1).iter().chain(&complete("is:", 3)).all(|completion| catalog.has(completion.help)));
}

#[test]
fn strictness_follows_the_reading_of_amber() {
    let order = |amber| {
        [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red, Tlp::ByAgreement]
            .map(|label| strictness(label, amber))
    };
    assert_eq!(order(Amber::Strict), [0, 1, 3, 3, 4, 4]);
    assert_eq!(order(Amber::Clients), [0, 1, 2, 3, 4, 4]);
}

#[test]
fn times_stand_for_what_they_say() {
    let second = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp();
    for (text, from, to) in [
        ("24h", "2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z"),
        ("now+90m", "2026-11-21T13:30:00Z", "2026-11-21T13:30:01Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
        ("2026-11-20T12:00", "2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z"),
        ("2026-11-20t12:00:05.9z", "2026-11-20T12:00:05Z", "2026-11-20T12:00:06Z"),
    ] {
        assert_eq!(When::read(text).unwrap().seconds(now()), (second(from), second(to)), "{text}");
    }
    for text in ["", "now+", "now*2h", "-24h", "h", "24", "24y", "9999999999h", "12026-01-01", "1969-12-31"] {
        assert_eq!(When::read(text), None, "{text}");
    }
    assert!(read("a OR -detected:now-2h..now").moves() && !read("since:2026-11-20").moves());
    let far = When::Ago(Stretch { count: 999_999_999, unit: Unit::Weeks });
    assert!(far.seconds(now()).0 < now().timestamp());
}

/// Texts with everything in them that the language gives a meaning.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}", "[ -~]{1,12}", "\\PC{1,8}", Just("OR".to_owned()), Just("AND".to_owned())]
}

fn any_time() -> impl Strategy<Value = When> {
    let unit =
        prop_oneof![Just(Unit::Seconds), Just(Unit::Minutes), Just(Unit::Hours), Just(Unit::Days), Just(Unit::Weeks)];
    let stretch = (0..999_999_999_u32, unit).prop_map(|(count, unit)| Stretch { count, unit });
    let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    prop_oneof![
        stretch.clone().prop_map(When::Ago),
        proptest::option::of((any::<bool>(), stretch)).prop_map(When::Now),
        (0..2_000_000_u64).prop_map(move |days| When::Day(day + chrono::Days::new(days))),
        (0..200_000_000_000_i64).prop_map(|seconds| When::At(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds))),
    ]
}

fn pair<T: Ord>(a: T, b: T) -> (T, T) {
    if a <= b { (a, b) } else { (b, a) }
}

fn any_value(field: Field, cmp: Cmp) -> BoxedStrategy<Value> {
    let ranged = cmp == Cmp::Has;
    let exact = cmp == Cmp::Eq;
    let text = move || {
        any_text().prop_map(move |text| {
            Value::Text(Text {
                glob: text.contains('*')
                    && !exact
                    && !text.starts_with('@')
                    && text.chars().all(|c| !c.is_whitespace() && !",()\"".contains(c)),
                text,
            })
        })
    };
    let numbers = |most: u64| {
        (0..=most, 0..=most, 0..4_u8).prop_map(move |(a, b, shape)| {
            let (a, b) = pair(a, b);
            match shape {
                1 if ranged => Value::Numbers(Some(a), Some(b)),
                2 if ranged => Value::Numbers(Some(a), None),
                3 if ranged => Value::Numbers(None, Some(b)),
                _ => Value::Numbers(Some(a), Some(a)),
            }
        })
    };
    let ip = || {
        prop_oneof![
            any::<u32>().prop_map(|bits| IpAddr::from(Ipv4Addr::from(bits))),
            any::<u128>().prop_map(|bits| IpAddr::from(bits.to_be_bytes()).to_canonical())
        ]
    };
    let net = (ip(), 0..=32_u8).prop_map(|(ip, length)| Value::Network(ipnet::IpNet::new(ip, length).unwrap().trunc()));
    match field.about().kind {
        Type::Text | Type::Choice(_) | Type::Url => text().boxed(),
        Type::Email => "[a-z]{1,5}@[a-z]{1,5}\\.example".prop_map(|text| Value::Text(Text::plain(text))).boxed(),
        Type::Expression => proptest::sample::select(vec!["//a", "//a[@b='c']", "count(//x) > 2"])
            .prop_map(|text| Value::Text(Text::plain(text)))
            .boxed(),
        Type::Mac => Just(Value::Text(Text::plain("02:00:5e:10:00:01"))).boxed(),
        Type::Severity => {
            prop_oneof![Just(Severity::Unknown), Just(Severity::Low), Just(Severity::Medium), Just(Severity::High)]
                .prop_map(Value::Severity)
                .boxed()
        }
        Type::Tlp => prop_oneof![
            Just(Tlp::Clear),
            Just(Tlp::Green),
            Just(Tlp::Amber),
            Just(Tlp::AmberStrict),
            Just(Tlp::Red),
            Just(Tlp::ByAgreement)
        ]
        .prop_map(Value::Tlp)
        .boxed(),
        Type::Number | Type::Size => numbers(u64::MAX).boxed(),
        Type::Confidence => numbers(100).boxed(),
        Type::Time => (any_time(), proptest::option::of(any_time()), any::<bool>())
            .prop_map(move |(a, b, range)| if range && ranged { Value::Times(Some(a), b) } else { Value::When(a) })
            .boxed(),
        Type::Address => prop_oneof![ip().prop_map(Value::Address), net].boxed(),
        Type::Network => net.boxed(),
        Type::Asn => (any::<u32>(), any::<u32>())
            .prop_map(move |(a, b)| {
                let (a, b) = pair(a, b);
                Value::Asns(a, if ranged { b } else { a })
            })
            .boxed(),
        Type::Port => (any::<u16>(), any::<u16>())
            .prop_map(move |(a, b)| {
                let (a, b) = pair(a, b);
                Value::Ports(a, if ranged { b } else { a })
            })
            .boxed(),
        Type::Domain => ("([a-z]{2,5}\\.){0,2}[a-z]{2,5}", any::<bool>())
            .prop_map(move |(name, below)| Value::Domain(Name { name, below: below && !exact }))
            .boxed(),
        Type::Hash => prop_oneof![
            "[0-9a-f]{40}".prop_map(|digits| Value::Hash(digits, true)),
            "[0-9a-f]{4,40}".prop_map(move |digits| if exact {
                Value::Hash("0".repeat(32), true)
            } else {
                Value::Hash(digits, false)
            })
        ]
        .boxed(),
        Type::Cve => (1999..2100_u16, proptest::option::of(0..1_000_000_u32))
            .prop_map(|(year, number)| Value::Cve(year, number))
            .boxed(),
        Type::Is => {
            proptest::sample::select(IS.iter().map(|(is, ..)| *is).collect::<Vec<_>>()).prop_map(Value::Is).boxed()
        }
        Type::Has => {
            proptest::sample::select(HAS.iter().map(|(has, ..)| *has).collect::<Vec<_>>()).prop_map(Value::Has).boxed()
        }
        Type::Row => any::<u32>().prop_map(Value::Row).boxed(),
    }
}

fn any_term() -> impl Strategy<Value = Term> {
    let field = proptest::sample::select(FIELDS.iter().map(|about| about.field).collect::<Vec<_>>());
    let cmp = proptest::sample::select(vec![Cmp::Has, Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge]);
    let fielded = (field, cmp).prop_flat_map(|(field, cmp)| {
        let cmp = if field.is_ordered() || cmp.is_equality() { cmp } else { Cmp::Has };
        proptest::collection::vec(any_value(field, cmp), 1..4).prop_map(move |values| Term::Field {
            field,
            cmp,
            values,
        })
    });
    let listed = "[a-z]{1,8}".prop_map(|name| Term::Field {
        field: Field::Hash,
        cmp: Cmp::Has,
        values: vec![Value::Macro(name)],
    });
    let words = any_text().prop_map(|text| {
        let glob = text.contains('*') && super::lex::is_word(&text, true);
        // A word that nothing can be found by is refused.
        let text = if text.chars().any(char::is_alphanumeric) { text } else { format!("a{text}") };
        Term::Words(Text { text, glob })
    });
    let regex =
        ("[a-z/]{1,8}", any::<bool>()).prop_map(|(pattern, insensitive)| Term::Regex(Regex { pattern, insensitive }));
    prop_oneof![6 => fielded, 2 => words, 1 => regex, 1 => listed]
}

fn any_query() -> impl Strategy<Value = Query> {
    let leaf = any_term().prop_map(Node::Term);
    let node = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::all),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::any),
            inner.prop_map(Node::negated),
        ]
    });
    node.prop_map(Query::from)
}

#[test]
fn a_star_is_everything_and_a_word_without_letters_is_told() {
    let plan = |text: &str| read(text).plan(&Context::at(DateTime::UNIX_EPOCH)).unwrap();
    assert_eq!((plan("*"), plan("**")), (plan(""), plan("")));
    assert_eq!(plan("-*"), Plan::Not(Box::new(plan(""))));
    for (text, column) in [("\"*\"", 1), ("malware \"!!!\"", 9), ("?!", 1), ("a -\"--\"", 4), ("!*", 1)] {
        let error = text.parse::<Query>().unwrap_err();
        assert_eq!((error.column, matches!(error.problem, Problem::Wordless { .. })), (column, true), "{text}");
    }
    assert!("::".parse::<Query>().is_ok(), "an address");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn trees_survive_their_text(query in any_query()) {
        let text = query.to_string();
        prop_assert_eq!(text.parse::<Query>().map_err(|error| format!("{text}: {error}")), Ok(query));
    }

    #[test]
    fn any_text_is_read_or_refused_within_itself(text in prop_oneof!["[-()\"/:=<>!,.*@ a-zOR0-9\\\\]{0,40}", "\\PC{0,40}"]) {
        match text.parse::<Query>() {
            Ok(query) => prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{}", error),
        }
    }

    #[test]
    fn chips_make_the_query_again(query in any_query()) {
        let again = query.chips().into_iter().map(|chip| if chip.negated { format!("-({})", chip.text) } else { format!("({})", chip.text) });
        let text = again.collect::<Vec<_>>().join(" ");
        prop_assert_eq!(text.parse::<Query>(), Ok(query));
    }

    #[test]
    fn a_hint_is_never_given_to_what_a_row_could_match(severity in 0..4_usize, cmp in 0..6_usize, other in 0..4_usize, second in 0..6_usize) {
        let all = ["unknown", "low", "medium", "high"];
        let signs = [":", "!=", "<", "<=", ">", ">="];
        let fits = |own: usize, cmp: usize, than: usize| [own == than, own != than, own < than, own <= than, own > than, own >= than][cmp];
        let text = format!("severity{}{} severity{}{}", signs[cmp], all[severity], signs[second], all[other]);
        let possible = (0..4).any(|own| fits(own, cmp, severity) && fits(own, second, other));
        prop_assert_eq!(hints(&read(&text), now()).is_empty(), possible, "{}", text);
    }
}
