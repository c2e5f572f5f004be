//! The leak guard against what people do with values they received: pasted, typed anew, defanged and refanged, in other case,
//! in the middle of a text, as a network around an address. None passes unseen; and what was not received strictly raises no
//! alarm, but for a counted few.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::compose::Draft;
use gridwatch::compose::draft::Beside;
use gridwatch::compose::guard::{self, Audience, Finding, Guard, Remedy, Sources, Us, Way};
use gridwatch::compose::paste::{Manner, Paste};
use gridwatch::compose::preflight::blocks;
use gridwatch::i18n::Catalog;
use gridwatch::iodef::{Document, indexed};
use gridwatch::model::{BareJid, ItemId, Tlp, TopicId};
use gridwatch::store::archive::Key;
use gridwatch::store::finder::Finder;
use gridwatch::store::index::{Failure, Stop};
use gridwatch::store::query::Amber;
use gridwatch::store::{Archive, Incoming, ItemKey, Memory, Payload, Route, Store};
use gridwatch::text;

/// A document with these pieces in its incident.
fn document(restriction: &str, id: &str, description: &str, inside: &str) -> String {
    format!(
        "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" xml:lang=\"en\"><Incident purpose=\"reporting\" \
         restriction=\"{restriction}\"><IncidentID name=\"cert.example\">{id}</IncidentID><GenerationTime>2026-11-22T09:00:00Z</GenerationTime>\
         <Description>{description}</Description><Contact role=\"creator\" type=\"organization\"><ContactName>them</ContactName></Contact>\
         {inside}</Incident></IODEF-Document>"
    )
}

fn flow(node: &str) -> String {
    format!("<EventData><Flow><System category=\"source\"><Node>{node}</Node></System></Flow></EventData>")
}

fn record(data: &str) -> String {
    format!("<EventData><Record><RecordData>{data}</RecordData></Record></EventData>")
}

struct World {
    store: Arc<dyn Store>,
    finder: Finder,
    _folder: tempfile::TempDir,
    us: Us,
}

impl World {
    /// With these documents received, by whom they say.
    fn of(documents: &[(String, Option<&str>)], archived: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = if archived {
            Arc::new(Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap())
        } else {
            Arc::new(Memory::default())
        };
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let began = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        let incoming = documents.iter().enumerate().map(|(at, (text, publisher))| {
            let (summary, observables) = indexed(text.as_bytes(), &[]);
            Incoming {
                key: ItemKey { topic: topic.clone(), item: ItemId(at.to_string()) },
                payload: Some(Payload { bytes: Arc::from(text.clone().into_bytes()), scope: Arc::from([]) }),
                summary,
                observables,
                route: Route::Live,
                publisher: publisher.map(str::to_owned),
                received: began + TimeDelta::minutes(i64::try_from(at).unwrap()),
                delayed: None,
                history: false,
            }
        });
        let _ = store.commit(incoming.collect()).unwrap();
        let me: BareJid = "me@ours.example".parse().unwrap();
        let finder = Finder::new(Some(me.clone()), 0).asking(Arc::clone(&store));
        let _ = finder.take(&*store, &[], Utc::now(), &Stop::default()).unwrap();
        let us = Us { jid: me, csirt: "CERT.example ".to_owned() };
        Self { store, finder, _folder: folder, us }
    }

    fn ask(&self, draft: &Document, topic: Option<Tlp>) -> Vec<Finding> {
        self.ask_as(draft, topic, &[])
    }

    fn ask_as(&self, draft: &Document, topic: Option<Tlp>, incidents: &[(&str, &str)]) -> Vec<Finding> {
        let mut guard = Guard::default();
        let said = guard::said(draft);
        let asks = guard.unknown(&said);
        let (on, stop) = (self.finder.snapshot(), Stop::default());
        let incidents: Vec<_> = incidents.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect();
        let (lookup, us) = (&self.finder, Some(&self.us));
        let sources = Sources { on: &on, lookup, store: &*self.store, us, incidents: &incidents, stop: &stop };
        guard.learn(guard::look(&asks, &sources).unwrap());
        assert!(guard.knows(&said) && guard.unknown(&said).is_empty() && guard.stale(&said, on.len()).is_empty());
        guard.findings(&said, Audience { topic, amber: Amber::Strict })
    }
}

fn read(text: &str) -> Document {
    Document::read(text, &[]).unwrap()
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most as u64).unwrap()
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.roll(16)])).collect()
    }

    fn word(&mut self) -> String {
        let length = 4 + self.roll(8);
        (0..length).map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz"[self.roll(26)])).collect()
    }

    /// A public address of no range that means nothing.
    fn address(&mut self) -> String {
        format!("{}.{}.{}.{}", 11 + self.roll(80), self.roll(256), self.roll(256), 1 + self.roll(254))
    }
}

const KINDS: [&str; 11] = ["ipv4", "ipv6", "network", "domain", "url", "email", "md5", "sha256", "mac", "file", "asn"];
const TLDS: [&str; 6] = ["com", "net", "org", "de", "info", "ru"];

/// A value of a kind, as it is published.
fn value(kind: &str, dice: &mut Dice) -> String {
    let tld = TLDS[dice.roll(TLDS.len())];
    match kind {
        "ipv4" => dice.address(),
        "ipv6" => format!("2a0{}:{}:{}::{}", dice.roll(10), dice.hex(4), dice.hex(4), 1 + dice.roll(9_000)),
        "network" => {
            let address = dice.address();
            let (start, _) = address.rsplit_once('.').unwrap();
            format!("{start}.0/24")
        }
        "domain" => format!("{}-{}.{tld}", dice.word(), dice.word()),
        "url" => format!(
            "http://{}{}.{tld}/{}/{}.php?id={}",
            dice.word(),
            dice.word(),
            dice.word(),
            dice.word(),
            dice.hex(6)
        ),
        "email" => format!("{}@{}{}.{tld}", dice.word(), dice.word(), dice.word()),
        "md5" => format!("a{}", dice.hex(31)),
        "sha256" => format!("a{}", dice.hex(63)),
        "asn" => format!("AS{}", 100_000 + dice.roll(4_000_000)),
        "mac" => (0..6).map(|_| dice.hex(2)).collect::<Vec<_>>().join(":"),
        _ => format!("{}_{}.exe", dice.word(), dice.hex(4)),
    }
}

/// The element that holds it.
fn element(kind: &str, value: &str, attributes: &str) -> String {
    let value = value.replace('&', "&amp;");
    let address = |category: &str| {
        flow(&format!("<Address category=\"{category}\">{value}</Address>"))
            .replace("<System ", &format!("<System {attributes} "))
    };
    match kind {
        "ipv4" => address("ipv4-addr"),
        "ipv6" => address("ipv6-addr"),
        "network" => address("ipv4-net"),
        "email" => address("e-mail"),
        "mac" => address("mac"),
        "asn" => address("asn").replace(&format!(">{value}<"), &format!(">{}<", value.get(2..).unwrap_or_default())),
        "domain" => flow(&format!("<DomainData><Name>{value}</Name></DomainData>"))
            .replace("<System ", &format!("<System {attributes} ")),
        "url" => record(&format!("<URL>{value}</URL>")).replace("<RecordData>", &format!("<RecordData {attributes}>")),
        "file" => record(&format!("<FileData {attributes}><File><FileName>{value}</FileName></File></FileData>")),
        _ => record(&format!(
            "<FileData {attributes}><File><HashData scope=\"file-contents\"><Hash><ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
             Algorithm=\"x\"/><ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{value}</ds:DigestValue></Hash></HashData></File></FileData>"
        )),
    }
}

/// Letters now great, now small.
fn mixed(text: &str) -> String {
    text.chars()
        .enumerate()
        .map(|(at, c)| if at % 2 == 0 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}

fn hard_defanged(value: &str) -> String {
    value.replace("http://", "hxxp[:]//").replace('.', "(dot)").replace('@', " [at] ")
}

/// How it is brought into a draft: the words of the case, and the draft.
fn leaks(kind: &str, value: &str) -> Vec<(&'static str, String)> {
    let said = |text: &str| document("green", "mine", &text.replace('&', "&amp;"), "");
    let held = |text: &str| document("green", "mine", "x", &element(kind, text, ""));
    let pasted = |text: &str| {
        let mut draft = Draft::new(read(&document("green", "mine", "x", "")), Beside::default());
        let mut paste = Paste::read(text);
        paste.choose_all(true, |_| true);
        let acts = paste.acts(draft.document().root().child("Incident").unwrap(), Manner::Event("source"));
        let _ = draft.act_all(&acts, Instant::now()).unwrap();
        draft.document().text().to_owned()
    };
    let mut cases = vec![
        ("retyped", held(value)),
        ("pasted", pasted(&format!("seen: {value}, twice\n"))),
        ("pasted defanged", pasted(&text::defang(value))),
        ("inside a text", said(&format!("We saw (\u{201c}{value}\u{201d}) on two hosts; block it."))),
        ("defanged in a text", said(&format!("We saw {} there.", text::defang(value)))),
        ("defanged in brackets and words", said(&format!("We saw {} there.", hard_defanged(value)))),
        (
            "in a record",
            document(
                "green",
                "mine",
                "x",
                &record(&format!(
                    "<RecordItem dtype=\"string\">Nov 22 09:00:01 gw: src={} act=drop</RecordItem>",
                    value.replace('&', "&amp;")
                )),
            ),
        ),
        (
            "in an attribute",
            document(
                "green",
                "mine",
                "x",
                &format!(
                    "<AdditionalData dtype=\"string\" meaning=\"{}\">x</AdditionalData>",
                    hard_defanged(value).replace('&', "&amp;")
                ),
            ),
        ),
        ("with a blank nobody sees", said(&format!("We saw {}\u{200b}{} there.", &value[..3], &value[3..]))),
    ];
    // The path of a link is what its server makes of it.
    if !matches!(kind, "url") {
        cases.push(("in other case", held(&mixed(value))));
        cases.push(("in other case in a text", said(&format!("We saw {} there.", mixed(value)))));
    }
    match kind {
        "ipv4" => {
            let (start, _) = value.rsplit_once('.').unwrap();
            cases.push((
                "a network around it",
                document("green", "mine", "x", &element("network", &format!("{start}.0/24"), "")),
            ));
            cases.push(("a network around it in a text", said(&format!("Block {start}.0/24."))));
            cases.push(("a link to it", said(&format!("Get http://{value}:8080/x"))));
            cases.push(("with its port", said(&format!("Beacons to {value}:443"))));
        }
        "ipv6" => cases.push(("a link to it", said(&format!("Get http://[{value}]/x")))),
        "network" => {
            let (start, _) = value.rsplit_once('.').unwrap();
            cases.push((
                "an address in it",
                document("green", "mine", "x", &element("ipv4", &format!("{start}.77"), "")),
            ));
            cases.push((
                "a wider one",
                said(&format!("Block {}/16", start.rsplit_once('.').map(|(a, _)| format!("{a}.0.0")).unwrap())),
            ));
        }
        "domain" => {
            cases.push((
                "a name below it",
                document("green", "mine", "x", &element("domain", &format!("www.{value}"), "")),
            ));
            cases.push(("a link to it", said(&format!("Get https://{value}/login"))));
            cases.push(("a mailbox of it", said(&format!("From drop@{value}"))));
        }
        "url" => {
            let host = value.strip_prefix("http://").unwrap().split('/').next().unwrap();
            cases.push(("its host", document("green", "mine", "x", &element("domain", host, ""))));
            cases.push(("its host in a text", said(&format!("It phones {}", text::defang(host)))));
        }
        _ => {}
    }
    cases
}

/// How a value was received: what it stands in, and how strictly.
fn received(way: usize, kind: &str, value: &str, id: &str) -> (String, Tlp) {
    let plain = value.replace('&', "&amp;");
    match way {
        0 => (document("red", id, "x", &element(kind, value, "")), Tlp::Red),
        1 => (document("amber", id, "x", &element(kind, value, "")), Tlp::Amber),
        // Only this part of a lax document is strict.
        2 => (document("green", id, "x", &element(kind, value, "restriction=\"red\"")), Tlp::Red),
        3 => (document("private", id, &format!("It beacons to {plain} again."), ""), Tlp::Red),
        4 => {
            let line = format!("<RecordItem dtype=\"string\">Nov 22 09:00:01 gw: src={plain} act=drop</RecordItem>");
            (document("red", id, "x", &record(&line)), Tlp::Red)
        }
        5 => {
            let said =
                format!("<EventData restriction=\"amber\"><Description>To {plain} it went.</Description></EventData>");
            (document("green", id, "x", &said), Tlp::Amber)
        }
        6 => {
            let body = format!("Dear all,\nopen {plain} now.\n");
            let mail = format!("<EmailData><EmailSubject>x</EmailSubject><EmailBody>{body}</EmailBody></EmailData>");
            let seen = format!(
                "<Indicator><IndicatorID name=\"x\" version=\"1\">1</IndicatorID><Observable>{mail}</Observable></Indicator>"
            );
            (document("red", id, "x", &format!("<IndicatorData>{seen}</IndicatorData>")), Tlp::Red)
        }
        7 => {
            let foreign = format!("<x xmlns=\"urn:x\"><src>{plain}</src></x>");
            (document("red", id, "x", &format!("<AdditionalData dtype=\"xml\">{foreign}</AdditionalData>")), Tlp::Red)
        }
        8 => {
            let meaning = format!("<AdditionalData dtype=\"string\" meaning=\"what {plain} sent\">x</AdditionalData>");
            (document("amber", id, "x", &meaning), Tlp::Amber)
        }
        9 => {
            let told = format!(
                "<HistoryItem action=\"other\"><DateTime>2026-11-22T09:00:00Z</DateTime><Description>Blocked {plain}</Description></HistoryItem>"
            );
            (document("red", id, "x", &format!("<History>{told}</History>")), Tlp::Red)
        }
        _ => (document("need-to-know", id, "x", &element(kind, &text::defang(value), "")), Tlp::AmberStrict),
    }
}

#[test]
fn five_hundred_leaks_and_none_unseen() {
    // By what the store heard in them and, where it did not listen yet, by reading them.
    for (archived, listened) in [(true, true), (true, false), (false, true)] {
        let mut dice = Dice(7);
        let mut values = Vec::new();
        while values.len() < 11 * KINDS.len() {
            let kind = KINDS[values.len() % KINDS.len()];
            let value = value(kind, &mut dice);
            let way = values.len() / KINDS.len();
            values.push((kind, value, way));
        }
        let mut documents: Vec<(String, Option<&str>)> = values
            .iter()
            .enumerate()
            .map(|(at, (kind, value, way))| {
                (received(*way, kind, value, &format!("r{at}")).0, Some("them@other.example"))
            })
            .collect();
        // Others received it laxly.
        documents.extend(values.iter().enumerate().map(|(at, (kind, value, _))| {
            (document("public", &format!("l{at}"), "x", &element(kind, value, "")), None)
        }));
        let world = World::of(&documents, archived);
        while listened && world.store.listen(guard::heard).unwrap() {}
        assert_eq!(world.store.listened().unwrap(), if listened { world.store.len() } else { 0 });
        let (mut cases, mut unseen) = (0, Vec::new());
        for (at, (kind, value, way)) in values.iter().enumerate() {
            let (_, strict) = received(*way, kind, value, "");
            for (how, draft) in leaks(kind, value) {
                let document = read(&draft);
                let found = world.ask(&document, None);
                // Which is stricter among equals is a matter of order; the row is what counts.
                let hit = found.iter().find(|finding| finding.origins.iter().any(|origin| origin.row as usize == at));
                cases += 1;
                match hit {
                    Some(finding) if finding.received == strict && finding.here == Tlp::Green => {
                        let element = document.element(finding.said.node).unwrap();
                        let text = match &finding.said.attribute {
                            Some(name) => element.attr(name).unwrap(),
                            None => element.text(),
                        };
                        assert_eq!(text.get(finding.said.span.clone()), Some(finding.said.written.as_str()));
                        assert!(
                            finding
                                .remedies(Audience { topic: None, amber: Amber::Strict })
                                .contains(&Remedy::Raise(strict))
                        );
                    }
                    _ => unseen.push(format!("{kind} {value} received {way}, {how}: {found:#?}")),
                }
            }
        }
        println!("leak guard: {cases} cases, {} unseen (archived: {archived}, listened: {listened})", unseen.len());
        assert!(unseen.is_empty(), "{} of {cases}: {}", unseen.len(), unseen.join("\n"));
        assert!(cases >= 500, "{cases}");
    }
}

/// A document that names what a value is part of, or what is part of it, under a laxer word: the value's own word binds.
#[test]
fn a_value_is_bound_by_its_own_word_beside_what_is_laxer_in_the_same_document() {
    let pairs = [
        ("url", "http://www.evil-kin.com/login", "domain", "evil-kin.com"),
        ("email", "drop@blue-kin.com", "domain", "blue-kin.com"),
        ("domain", "www.red-kin.com", "domain", "red-kin.com"),
        ("network", "23.4.5.0/24", "ipv4", "23.4.5.7"),
        ("ipv4", "23.4.6.7", "network", "23.4.6.0/24"),
        ("domain", "far-kin.com", "url", "http://far-kin.com/a"),
    ];
    let received: Vec<(String, Option<&str>)> = pairs
        .iter()
        .enumerate()
        .map(|(at, (kind, value, other, lax))| {
            let inside = element(other, lax, "") + &element(kind, value, "restriction=\"red\"");
            (document("green", &format!("k{at}"), "x", &inside), None)
        })
        .collect();
    let world = World::of(&received, true);
    for (kind, value, other, lax) in pairs {
        let found = world.ask(&read(&document("green", "mine", "x", &element(kind, value, ""))), None);
        let [leak] = found.as_slice() else { panic!("{kind} {value}: {found:#?}") };
        assert_eq!((leak.received, leak.said.value.as_str()), (Tlp::Red, value), "{leak:#?}");
        // What writes from a domain is told of that domain too, whatever else is said of it.
        let found = world.ask(&read(&document("green", "mine", "x", &element(other, lax, ""))), None);
        assert!(kind == "email" || found.is_empty(), "{other} {lax} was received green itself: {found:#?}");
    }
}

/// A subject, a mailer, a request is a value, and its words name others.
#[test]
fn what_a_subject_names_is_sought_and_heard() {
    let mail = |subject: &str| {
        format!(
            "<IndicatorData><Indicator><IndicatorID name=\"x\" version=\"1\">1</IndicatorID><Observable><EmailData>\
             <EmailSubject>{subject}</EmailSubject></EmailData></Observable></Indicator></IndicatorData>"
        )
    };
    let received = [
        (document("red", "f", "x", &element("file", "invoice_9a31.exe", "")), None),
        (document("red", "s", "x", &mail("Fwd: payment_77c1.exe")), None),
        (document("red", "w", "x", &mail("Your parcel 4711 waits")), None),
    ];
    let world = World::of(&received, true);
    while world.store.listen(guard::heard).unwrap() {}
    for (draft, from) in [
        (mail("Fwd: invoice_9a31.exe"), 0),
        (mail("invoice_9a31.exe"), 0),
        (element("file", "payment_77c1.exe", ""), 1),
        (mail("Your parcel 4711 waits"), 2),
    ] {
        let found = world.ask(&read(&document("green", "mine", "x", &draft)), None);
        let is_told = found.iter().any(|leak| leak.received == Tlp::Red && leak.origins.iter().any(|o| o.row == from));
        assert!(is_told, "{draft}: {found:#?}");
    }
    assert!(world.ask(&read(&document("green", "mine", "x", &mail("Your parcel"))), None).is_empty());
}

/// What is no leak: other values, laxer sources, strict drafts, hosts of everybody, the strict part of a document that is
/// about something else, one's own.
#[test]
fn false_alarms_are_few_and_counted() {
    let mut dice = Dice(11);
    let mut documents: Vec<(String, Option<&str>)> = Vec::new();
    let mut benign: Vec<(&str, String)> = Vec::new();
    let mut draft_green = Vec::new();
    for at in 0..400 {
        let kind = KINDS[at % KINDS.len()];
        let secret = value(kind, &mut dice);
        documents.push((
            document(["red", "amber", "private"][at % 3], &format!("s{at}"), "x", &element(kind, &secret, "")),
            Some("them@other.example"),
        ));
        // Another value of the same kind, of which nothing strict is known.
        let other = value(kind, &mut dice);
        documents.push((document("green", &format!("g{at}"), "x", &element(kind, &other, "")), None));
        benign.push(("another value", document("green", "mine", "x", &element(kind, &other, ""))));
        let fresh = value(kind, &mut dice);
        benign.push((
            "a value nobody sent",
            document("public", "mine", &format!("We saw {} there", fresh.replace('&', "&amp;")), ""),
        ));
        benign.push(("a strict draft", document("red", "mine", "x", &element(kind, &secret, ""))));
        // Received green, in a document with a red part about something else.
        let beside = value(kind, &mut dice);
        let inside = format!(
            "{}{}",
            element(kind, &beside, "restriction=\"green\""),
            element("ipv4", &dice.address(), "restriction=\"red\"")
        );
        documents.push((document("green", &format!("m{at}"), "x", &inside), None));
        benign.push(("a lax part of a mixed document", document("green", "mine", "x", &element(kind, &beside, ""))));
        // A red document that frees one part of itself.
        let freed = value(kind, &mut dice);
        documents
            .push((document("red", &format!("f{at}"), "x", &element(kind, &freed, "restriction=\"green\"")), None));
        benign.push(("a freed part of a strict document", document("green", "mine", "x", &element(kind, &freed, ""))));
        // In its log lines others are named.
        let logged = value(kind, &mut dice);
        let line = format!("<RecordItem dtype=\"string\">src={} act=drop</RecordItem>", logged.replace('&', "&amp;"));
        documents.push((document("red", &format!("w{at}"), "x", &record(&line)), None));
        let unlogged = value(kind, &mut dice);
        benign.push(("not what was logged", document("green", "mine", "x", &element(kind, &unlogged, ""))));
        // Mine.
        let own = value(kind, &mut dice);
        documents
            .push((document("red", &format!("o{at}"), "x", &element(kind, &own, "")), Some("me@ours.example/desk")));
        benign.push(("my own", document("green", "mine", "x", &element(kind, &own, ""))));
        draft_green.push(fresh);
    }
    for (secret, shown) in [
        ("http://drive.google.com/abc", "See https://drive.google.com/xyz"),
        ("http://raw.githubusercontent.com/a/b", "From https://github.com/c/d"),
        ("http://docs.microsoft.com/x", "Read https://learn.microsoft.com/en-us/windows"),
        ("http://t.me/evil", "Our channel is t.me/us"),
    ] {
        documents.push((document("red", "x", "x", &element("url", secret, "")), None));
        benign.push(("a host of everybody", document("green", "mine", shown, "")));
    }
    documents.push((document("red", "x", "x", &element("email", "evil@gmail.com", "")), None));
    benign.push(("a mailer of everybody", document("green", "mine", "They write from good@gmail.com", "")));
    documents.push((
        document("red", "x", "CVE-2021-44228 was used, cmd.exe ran", &element("network", "0.0.0.0/0", "")),
        None,
    ));
    benign.push((
        "names of everybody",
        document("green", "mine", "CVE-2021-44228 was used; cmd.exe ran on 23.4.5.6", ""),
    ));
    for words in [
        "At 09:10:11 on 2026-11-22 version 4.1.2.3 of OpenSSL failed, see section 3.2.1.4 and std::string::npos.",
        "Please reply within 24 h; e.g. by mail, i.e. not by phone. Done.It began at 10.30 h.",
        "Microsoft.NET and Node.js and ASP.NET hosts, 1,000.50 EUR, UTC+01:00, ISO/IEC 27001:2022.",
    ] {
        benign.push(("words", document("public", "mine", words, "")));
    }
    let world = World::of(&documents, true);
    while world.store.listen(guard::heard).unwrap() {}
    let mut alarms: Vec<String> = Vec::new();
    for (why, draft) in &benign {
        let found = world.ask(&read(draft), None);
        alarms.extend(found.iter().map(|finding| format!("{why}: {finding:?}")));
    }
    println!(
        "leak guard: {} false alarms in {} benign drafts against {} documents",
        alarms.len(),
        benign.len(),
        documents.len()
    );
    assert!(alarms.len() * 200 <= benign.len(), "{} of {}: {}", alarms.len(), benign.len(), alarms.join("\n"));
}

#[test]
fn whom_it_goes_to_and_whence_it_came_is_told() {
    let text = document("amber", "1", "x", &element("ipv4", "23.4.5.6", ""));
    let mine = document("red", "7", "x", &element("ipv4", "23.4.5.7", ""));
    let theirs = document("red", "8", "x", &element("ipv4", "23.4.5.8", ""));
    let foreign = document("red", "9", "x", &element("ipv4", "23.4.5.9", "")).replace("cert.example", "other.example");
    let sent = document("red", "10", "x", &element("ipv4", "23.4.5.10", "")).replace("cert.example", "other.example");
    let them = Some("them@other.example");
    let world = World::of(
        &[(text, them), (mine, None), (theirs, them), (foreign, None), (sent, Some("me@ours.example/x"))],
        true,
    );
    let draft = read(&document("amber", "mine", "x", &element("ipv4", "23.4.5.6", "")));
    assert_eq!(world.ask(&draft, None), []);
    assert_eq!(world.ask(&draft, Some(Tlp::Red)), []);
    // The same document on a topic of a wider circle.
    let audience = Audience { topic: Some(Tlp::Green), amber: Amber::Strict };
    let found = world.ask(&draft, audience.topic);
    let finding = &found[0];
    assert_eq!((finding.here, finding.received, finding.way, finding.exact), (Tlp::Green, Tlp::Amber, Way::Same, true));
    assert_eq!(finding.origins[0].csirt.as_ref(), "cert.example");
    assert_eq!(finding.origins[0].topic.node, "MILEHost");
    assert_eq!(
        finding.remedies(audience),
        [Remedy::Remove, Remedy::Reason],
        "raising does not make the topic stricter"
    );
    assert_eq!(finding.about(), "ipv4 23.4.5.6 amber green");
    let say = finding.say();
    let told = Catalog::default().say(&say);
    assert!(told.contains(" in 1 from cert.example on MILEHost (2024-10-04 00:00Z)"), "{told}");
    assert_eq!(finding.shown(), "23[.]4[.]5[.]6");
    // It blocks until somebody says why; a reason for a laxer word is none.
    let blocks = |about: &str| blocks(&guard::told(found.clone(), &|of, own| of == guard::REASON && own == about));
    assert!(blocks("") && blocks("ipv4 23.4.5.6 green green") && blocks("ipv4 23.4.5.6 amber clear"));
    assert!(!blocks("ipv4 23.4.5.6 amber green"));
    // An update of an incident that nobody else published is no leak of itself; another's is.
    let update = read(&document("green", "7", "x", &element("ipv4", "23.4.5.7", "")));
    assert_eq!(world.ask_as(&update, None, &[("cert.example", "7")]), []);
    assert_eq!(world.ask(&update, None).len(), 1);
    // Of a document of two it is that of the second as well.
    let second = document("green", "7", "x", &element("ipv4", "23.4.5.7", ""));
    let (_, second) = second.split_once("<Incident ").unwrap();
    let two = document("green", "70", "x", "").replace("</IODEF-Document>", &format!("<Incident {second}"));
    let two = read(&two);
    let incidents = guard::incidents(&two);
    let both: Vec<(&str, &str)> = incidents.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect();
    assert_eq!(both, [("cert.example", "70"), ("cert.example", "7")]);
    assert_eq!(world.ask_as(&two, None, &both), []);
    assert_eq!(world.ask_as(&two, None, &both[..1]).len(), 1);
    let taken = read(&document("green", "8", "x", &element("ipv4", "23.4.5.8", "")));
    assert_eq!(world.ask_as(&taken, None, &[("cert.example", "8")]).len(), 1);
    // Of whom nobody knows who published it, it is theirs whose name it bears; what I published is mine by any name.
    for (id, value, leaks) in [("9", "23.4.5.9", 1), ("10", "23.4.5.10", 0)] {
        let opened = read(&document("green", id, "x", &element("ipv4", value, "")).replace("cert.", "other."));
        assert_eq!(world.ask_as(&opened, None, &[("other.example", id)]).len(), leaks, "{id}");
    }
}

/// So much came that reading it at once would take too long: then nobody says that nothing was found, and later it is.
#[test]
fn what_nobody_listened_to_yet_is_not_taken_for_unsaid() {
    let line =
        |at: usize| record(&format!("<RecordItem dtype=\"string\">src=23.4.{}.{}</RecordItem>", at / 256, at % 256));
    let documents: Vec<(String, Option<&str>)> =
        (0..300).map(|at| (document("red", &at.to_string(), "x", &line(at)), None)).collect();
    for archived in [true, false] {
        let world = World::of(&documents, archived);
        let draft = read(&document("green", "mine", "23.4.0.7 and 23.4.1.43", ""));
        let examine = || {
            let (on, stop) = (world.finder.snapshot(), Stop::default());
            let (lookup, store) = (&world.finder, &*world.store);
            guard::examine(&draft, Sources { on: &on, lookup, store, us: None, incidents: &[], stop: &stop })
        };
        assert!(matches!(examine(), Err(Failure::Unheard { rows: 300 })), "{:?}", examine());
        // A piece of it leaves few enough to be read.
        assert!(world.store.listen(guard::heard).unwrap());
        let (reached, found) = (world.store.listened().unwrap(), examine().unwrap());
        assert!((1..300).contains(&reached), "{reached}");
        assert_eq!(found.iter().map(|found| found.origins[0].row).collect::<Vec<_>>(), [7, 299]);
        while world.store.listen(guard::heard).unwrap() {}
        assert_eq!(examine().unwrap(), found);
        assert_eq!(found[0].way, Way::Text);
        // What retention took away is known no more.
        assert_eq!(world.store.purge(&[299], Utc::now()).unwrap(), [299]);
        let _ = world.finder.take(&*world.store, &[299], Utc::now(), &Stop::default()).unwrap();
        assert_eq!(examine().unwrap().len(), 1);
        let spans = [gridwatch::store::index::key::Span::beginning(vec![1, 23, 4])];
        assert_eq!(world.store.heard(&[&spans], &Stop::default()).unwrap()[0].len(), 299);
    }
}
