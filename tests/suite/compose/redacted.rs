//! Versions for audiences: nothing stricter than an audience may see is in its version, and the check finds what is.

use std::collections::{BTreeMap, BTreeSet};

use gridwatch::compose::Draft;
use gridwatch::compose::draft::Beside;
use gridwatch::compose::redact::{How, Need, Why, beside, prove, redact};
use gridwatch::iodef::check::check;
use gridwatch::iodef::schema::{self, Content, Profile, Type};
use gridwatch::iodef::{Document, Element, NodeId};
use gridwatch::model::{Restriction, Tlp};

use super::super::check::generate::{Chance, Maker, Style, every_class};
use super::{NS, judged};

const WORDS: [&str; 9] = ["public", "white", "partner", "green", "amber", "need-to-know", "private", "red", "default"];
const TARGETS: [Tlp; 4] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict];

/// What is in force on an element, found anew.
fn in_force(element: Element<'_>) -> Tlp {
    for one in element.ancestors() {
        if let Some(word) = one.attr("restriction").filter(|_| one.ns() == NS) {
            return match (word.trim(), one.attr("ext-restriction")) {
                ("ext-value", Some(private)) => Restriction::Other(private.into_owned()).tlp(),
                (word, _) => Restriction::from_token(word).tlp(),
            };
        }
        if one.is("Incident") {
            break;
        }
    }
    Tlp::Red
}

/// A document of random classes with random restrictions, and a mark of its own in every free text.
fn random(seed: u64) -> Option<(Document, BTreeMap<String, NodeId>)> {
    let mut chance = Chance::new(seed);
    let classes: Vec<_> =
        every_class(Profile::Published).into_iter().filter(|class| class.space == schema::Space::Iodef).collect();
    let class = classes[chance.below(classes.len())];
    let made = Maker::new(Profile::Published, seed).document(class, 60, None)?;
    let mut document = Document::read(made.write(Style::Plain).into_bytes(), &[]).unwrap();
    let all: Vec<NodeId> = document.root().descendants().map(Element::id).collect();
    for node in all.into_iter().rev() {
        let element = document.element(node).unwrap();
        let known =
            Some(element).filter(|element| element.is_iodef()).and_then(|element| schema::class(element.local()));
        let Some(class) = known else { continue };
        let is_text = matches!(class.content(Profile::Published), Content::Text(Type::String));
        if class.bears_restriction() && chance.below(3) == 0 {
            let _ = document.set_attr(node, "restriction", WORDS[chance.below(WORDS.len())]).unwrap();
        }
        if is_text {
            let _ = document.set_text(node, &format!("told as mark{:06}x", node_number(node))).unwrap();
        }
    }
    // Most incidents are not wholly withheld.
    if chance.below(4) > 0 {
        let incident = document.root().child("Incident").unwrap().id();
        let _ = document.set_attr(incident, "restriction", ["green", "public", "amber"][chance.below(3)]).unwrap();
    }
    let mut marks = BTreeMap::new();
    let all: Vec<NodeId> = document.root().descendants().map(Element::id).collect();
    for node in all {
        let text = document.element(node).unwrap().text().into_owned();
        if let Some((_, mark)) = text.split_once("told as mark") {
            let _ = marks.insert(format!("mark{mark}"), node);
        }
    }
    Some((document, marks))
}

/// A number nothing else has.
fn node_number(node: NodeId) -> usize {
    format!("{node:?}").chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[test]
fn nothing_stricter_survives() {
    let (mut documents, mut withheld, mut sound) = (Vec::new(), 0, 0);
    for seed in 0..400 {
        let Some((full, marks)) = random(seed) else { continue };
        let target = TARGETS[seed as usize % TARGETS.len()];
        let version = redact(&full, target).unwrap();
        let told = || format!("{seed} {target:?}\n{}\n---\n{}", full.text(), version.document.text());
        // By element, and by text.
        for element in version.document.root().descendants() {
            assert!(in_force(element) <= target, "{element:?} {}", told());
        }
        let removed: BTreeSet<NodeId> = version.removed.iter().map(|removed| removed.node).collect();
        let is_removed = |element: Element<'_>| element.ancestors().any(|outer| removed.contains(&outer.id()));
        for (mark, node) in &marks {
            let element = full.element(*node).unwrap();
            let strict = element.ancestors().any(|one| one.parent().is_some() && in_force(one) > target);
            assert!(!strict || !version.document.text().contains(mark.as_str()), "{mark} {}", told());
            // What is not told to be removed is there.
            assert_eq!(version.document.text().contains(mark.as_str()), !is_removed(element), "{mark} {}", told());
        }
        for removed in &version.removed {
            let element = full.element(removed.node).unwrap();
            assert_eq!(matches!(removed.why, Why::Stricter(_)), in_force(element) > target, "{removed:?} {}", told());
        }
        // Side by side each piece of both documents stands in its column, in its order, and alone where it was removed.
        let rows = version.beside(&full);
        let left: Vec<_> = rows.iter().filter_map(|row| row.full).collect();
        let right: Vec<_> = rows.iter().filter_map(|row| row.version).collect();
        assert_eq!((left, right), (beside::pieces(&full), beside::pieces(&version.document)), "{}", told());
        for row in &rows {
            let gone = row.full.is_some_and(|piece| is_removed(full.element(piece.node).unwrap()));
            assert!(!gone || row.version.is_none(), "{row:?} {}", told());
            if let (Some(one), Some(other)) = (row.full, row.version) {
                assert_eq!(full.text().get(one.from..one.to), version.document.text().get(other.from..other.to));
            }
        }
        withheld += removed.len();
        assert!(version.proof.is_of(&version.document) && version.proof.target() == target);
        assert!(version.removed.is_empty() || !version.proof.is_of(&full));
        // What was valid stays valid, or it is said what must be decided.
        let valid = |document: &Document| check(document, Profile::Published).is_valid();
        if version.needs.is_empty() && valid(&full) {
            assert!(valid(&version.document), "{:?} {}", check(&version.document, Profile::Published).findings, told());
            sound += 1;
        } else if valid(&full) {
            assert!(!valid(&version.document), "{:?} {}", version.needs, told());
        }
        documents.push((format!("version {seed}"), Draft::new(version.document, Beside::default())));
    }
    assert!(withheld > 200 && sound > 60, "{withheld} {sound}");
    judged(&documents);
}

/// A report with one strict system, and `said` in a text everybody may read.
fn report(strict: &str, said: &str) -> Document {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IODEF-Document xmlns=\"{NS}\" version=\"2.00\" xml:lang=\"en\"><Incident \
         purpose=\"reporting\" restriction=\"green\"><IncidentID name=\"csirt.example.com\">2026-1</IncidentID><GenerationTime>\
         2026-11-21T16:05:00Z</GenerationTime><Description>{said}</Description><Contact role=\"irt\" type=\"organization\">\
         <ContactName>The team</ContactName></Contact><EventData><Flow><System restriction=\"red\">{strict}</System><System>\
         <Node><Address category=\"ipv4-addr\">203.0.113.99</Address></Node></System></Flow></EventData></Incident></IODEF-Document>"
    );
    Document::read(text, &[]).unwrap()
}

fn address(category: &str, value: &str) -> String {
    format!("<Node><Address category=\"{category}\">{value}</Address></Node>")
}

#[test]
fn what_survives_in_disguise_is_found() {
    let v4 = address("ipv4-addr", "198.51.100.23");
    let v6 = address("ipv6-addr", "2001:db8:a:b::7");
    let url = address("site-uri", "https://login.evil.example/a/b?c=d");
    let mail = address("e-mail", "mallory@evil.example");
    let net = address("ipv4-net", "198.51.100.0/24");
    let domain = "<Node><DomainData><Name>www.evil.example</Name></DomainData></Node>".to_owned();
    let words = "<Node/><Description>The payroll server of the northern branch was read out</Description>".to_owned();
    let short = "<Node/><Description>Operation Nightfall</Description>".to_owned();
    for (strict, said, how) in [
        (&v4, "198.51.100.23", How::Text),
        (&v4, "It came from 198[.]51[.]100[.]23, they say.", How::Text),
        (&v4, "(198.51.100[.]23)", How::Text),
        (&v4, "198 dot 51 dot 100 dot 23", How::Text),
        (&v4, "１９８．５１．１００．２３", How::Text),
        (&v4, "198.51.\u{200b}100.23", How::Text),
        (&v4, "see http://198.51.100.23:8080/x", How::Text),
        (&v4, "all of 198.51.100.0/24", How::Network),
        (&net, "mostly 198.51.100.77", How::Network),
        (&v6, "2001:0DB8:000a:000B:0:0:0:7", How::Value),
        (&v6, "2001[:]db8[:]a[:]b[:][:]7", How::Text),
        (&url, "hxxps://LOGIN[.]evil[.]example/a/b?c=d", How::Text),
        (&url, "hxxps://login.evil%2Eexample/a/b?c=d", How::Text),
        (&url, "the host login[.]evil[.]example", How::Value),
        (&mail, "write to MALLORY[at]EVIL[dot]EXAMPLE now", How::Text),
        (&domain, "WWW.Evil.Example", How::Text),
        (&domain, "xn--www-evil and wWw(dot)evil(dot)example", How::Text),
        (&words, "We hear that the Payroll Server of the NORTHERN branch had trouble", How::Text),
        (&short, "part of operation-nightfall", How::Text),
    ] {
        let full = report(strict, said);
        let version = redact(&full, Tlp::Green).unwrap();
        assert!(version.needs.is_empty() && version.removed.len() == 1, "{said}");
        let found: Vec<_> =
            version.proof.survivors().iter().map(|survivor| (survivor.how, survivor.place.clone())).collect();
        let place = found.iter().find(|(found, _)| *found == how).map(|(_, place)| place.as_str());
        assert_eq!(place, Some("Incident 2026-1, Description"), "{said}: {found:?}");
        assert!(!version.is_sound());
        let from = version.proof.survivors()[0].from.unwrap();
        assert!(
            full.element(from).unwrap().ancestors().any(|outer| outer.attr("restriction").as_deref() == Some("red"))
        );
        // To those who may see all there is nothing to find.
        assert!(redact(&full, Tlp::Red).unwrap().is_sound());
    }
    for (strict, said) in [
        (&v4, "198.51.100.2 and 198.51.100.231 and 1198.51.100.23"),
        (&v4, "Nothing is said of it; all of 0.0.0.0/0"),
        (&domain, "www.example and evil.example.org"),
        (&words, "The branch has a server"),
        (&short, "Nightfall"),
        (&mail, "somebody@example.net"),
    ] {
        let version = redact(&report(strict, said), Tlp::Green).unwrap();
        assert!(version.is_sound(), "{said}: {:?}", version.proof.survivors());
    }
}

#[test]
fn it_is_found_wherever_it_hides() {
    let full = report(&address("ipv4-addr", "198.51.100.23"), "calm");
    for (old, new) in [
        ("<Incident ", "<!-- 198.51.100[.]23 --><Incident "),
        ("</IODEF-Document>", "</IODEF-Document><!-- 198.51.100.23 -->"),
        ("version=\"2.00\"", "format-id=\"198.51.100.23\" version=\"2.00\""),
        ("<IODEF-Document ", "<IODEF-Document xmlns:x=\"urn:198.51.100.23\" "),
        (
            "</Incident>",
            "<AdditionalData dtype=\"xml\" restriction=\"green\"><b xmlns=\"urn:b\"><i>198.51</i>.100.23</b></AdditionalData></Incident>",
        ),
        ("calm", "<![CDATA[198.51.100.23]]>"),
        ("calm", "198&#46;51&#x2e;100.23"),
        ("203.0.113.99", "198.51.100.23"),
    ] {
        let text = full.text().replacen(old, new, 1);
        assert_ne!(text, full.text());
        let version = redact(&Document::read(text, &[]).unwrap(), Tlp::Green).unwrap();
        assert!(!version.proof.holds(), "{new}");
    }
    assert!(redact(&full, Tlp::Green).unwrap().is_sound());
    // The check trusts nobody: a version that was not made by removal has no proof either.
    assert_eq!(prove(&full, &full, Tlp::Green).survivors()[0].how, How::Element);
    let diff = redact(&full, Tlp::Green).unwrap().diff(&full);
    assert_eq!((diff.counts.removed, diff.counts.added), (1, 0));
}

#[test]
fn what_must_be_there_is_never_dropped_in_silence() {
    let base = report(&address("ipv4-addr", "198.51.100.23"), "calm");
    let with = |old: &str, new: &str| Document::read(base.text().replacen(old, new, 1), &[]).unwrap();
    let needs = |document: &Document| redact(document, Tlp::Green).unwrap().needs;
    assert!(needs(&base).is_empty());
    let contact = needs(&with("type=\"organization\"", "type=\"organization\" restriction=\"amber\""));
    assert!(matches!(contact.as_slice(), [Need::Missing { class, .. }] if class.name == "Contact"), "{contact:?}");
    let id = needs(&with("name=\"csirt.example.com\"", "name=\"csirt.example.com\" restriction=\"red\""));
    assert!(matches!(id.as_slice(), [Need::Missing { class, .. }] if class.name == "IncidentID"), "{id:?}");
    for word in [" restriction=\"amber\"", ""] {
        let whole = redact(&with(" restriction=\"green\"", word), Tlp::Green).unwrap();
        assert!(matches!(whole.needs.as_slice(), [Need::Whole { .. }]) && !whole.is_sound());
    }
    // What held nothing else goes with it, and so does what referred to it.
    let both = with("<System><Node>", "<System restriction=\"red\"><Node>");
    let version = redact(&both, Tlp::Green).unwrap();
    assert!(version.is_sound() && !version.document.text().contains("EventData"), "{}", version.document.text());
    assert!(version.removed.iter().any(|removed| removed.class == "EventData" && removed.why == Why::Hollow));
    let referred = with(
        "</EventData>",
        "</EventData><IndicatorData><Indicator><IndicatorID name=\"c\" version=\"1\">ind-1</IndicatorID><ObservableReference \
         uid-ref=\"seen-1\"/></Indicator></IndicatorData>",
    );
    let referred = Document::read(
        referred.text().replace("<System restriction", "<System observable-id=\"seen-1\" restriction"),
        &[],
    )
    .unwrap();
    let version = redact(&referred, Tlp::Green).unwrap();
    assert!(
        check(&version.document, Profile::Published).is_valid() && !version.document.text().contains("IndicatorData")
    );
    assert!(version.is_sound(), "{:?}", version.proof.survivors());
}
