//! Documents of version 1, read as version 2: valid by the reading profile, nothing lost, every decision told.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use gridwatch::iodef::doc::Version;
use gridwatch::iodef::edit::Fragment;
use gridwatch::iodef::v1::{Note, What, upgrade};
use gridwatch::iodef::{Document, index, summarise};
use proptest::prelude::*;

use super::iodef_tree::examples;
use super::support::shared::shared;

const V1: &str = "urn:ietf:params:xml:ns:iodef-1.0";

fn olds() -> &'static [(String, Document)] {
    static OLDS: LazyLock<Vec<(String, Document)>> = LazyLock::new(find);
    &OLDS
}

fn find() -> Vec<(String, Document)> {
    let read = examples()
        .iter()
        .filter_map(|(path, bytes)| Some((path.display().to_string(), Document::read(bytes.as_slice(), &[]).ok()?)));
    let mut found: Vec<_> = read.collect();
    // One that came inside an Atom entry.
    let embedded = found.iter().find_map(|(name, whole)| {
        let inner = whole.root().descendants().find(|one| one.ns() == V1 && one.local() == "IODEF-Document")?;
        Some((format!("{name}, taken out"), Fragment::copy(inner, None).document().unwrap()))
    });
    found.extend(embedded);
    found.retain(|(_, document)| document.version() == Ok(Version::V1));
    found
}

fn schema(name: &str) -> Option<PathBuf> {
    shared(&format!("iodef/xsd/{name}"))
}

/// What xmllint says against a schema; empty when it is content.
fn complaints(document: &Document, against: &str) -> String {
    let Some(schema) = schema(against) else { return String::new() };
    let mut child = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xmllint (libxml2-utils)");
    child.stdin.take().unwrap().write_all(&document.write()).unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() { String::new() } else { String::from_utf8_lossy(&output.stderr).into_owned() }
}

#[test]
fn valid_old_documents_are_valid_new_ones() {
    let mut valid = 0;
    for (name, old) in olds() {
        let new = upgrade(old).unwrap();
        assert_eq!(new.document.version(), Ok(Version::V2), "{name}");
        if complaints(old, "iodef-1.0.xsd").is_empty() {
            let words = complaints(&new.document, "iodef-2.0-accept.xsd");
            assert_eq!(words, "", "{name}\n{}", new.document.text());
            valid += 1;
        }
        // Never back: what is new is no old document.
        assert!(upgrade(&new.document).is_err(), "{name}");
    }
    // The four valid examples beside the checkout (`shared/iodef/README.md`), one of them inside an Atom entry.
    let least = if schema("iodef-1.0.xsd").is_some() { 4 } else { 1 };
    assert!(valid >= least, "{valid}");
}

#[test]
fn nothing_is_lost_on_the_way() {
    for (name, old) in olds() {
        let new = upgrade(old).unwrap();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut kept: BTreeSet<String> = BTreeSet::new();
        for element in new.document.root().descendants() {
            kept.extend(words(&element.text()));
            kept.extend(element.attrs().flat_map(|attr| words(&attr.value())));
        }
        for element in old.root().descendants() {
            for word in words(&element.text()) {
                let is_kept =
                    kept.contains(&word) || kept.contains(&format!("({word}")) || kept.contains(&format!("{word})"));
                assert!(is_kept, "{name}: {word:?} of {}", element.path());
            }
            // The words of lists may have others; what the sender wrote himself has not.
            for attr in element.attrs().filter(|attr| !matches!(attr.local(), "type" | "schemaLocation")) {
                let value = attr.value();
                let is_default = attr.local().ends_with("id") && value == "0";
                assert!(
                    is_default || words(&value).iter().all(|word| kept.iter().any(|own| own.contains(word))),
                    "{name}: {value:?}"
                );
            }
        }
        // What one searches by is the same, and what is in the summary.
        let (before, found_before) = index(&old.write(), &[], "en");
        let (after, found_after) = index(&new.document.write(), &[], "en");
        let set =
            |found: Vec<gridwatch::model::Observable>| found.into_iter().collect::<std::collections::HashSet<_>>();
        assert_eq!(set(found_before), set(found_after), "{name}");
        assert_eq!((&before.csirt, &before.id), (&after.csirt, &after.id), "{name}");
        assert_eq!(before.descriptions, after.descriptions, "{name}");
        assert_eq!(
            (before.severity, before.incidents, before.asks),
            (after.severity, after.incidents, after.asks),
            "{name}"
        );
        // A body of v2 under v1's name is kept, not read.
        if name.contains("v1-namespace-v2-body") {
            continue;
        }
        assert_eq!((before.contacts, before.restriction), (after.contacts, after.restriction), "{name}");
    }
}

/// What is told apart by where it stands: whose address, which event's description.
const PLACES: [&str; 8] =
    ["Incident", "EventData", "Contact", "Method", "Assessment", "System", "HistoryItem", "RecordData"];

/// The words of each place, without those of the places inside, in the order of the document.
fn words_by_place(document: &Document, ns: &str) -> Vec<(String, BTreeSet<String>)> {
    let is_place = |one: gridwatch::iodef::Element<'_>| one.ns() == ns && PLACES.contains(&one.local());
    let words =
        |text: &str| text.split(|c: char| c.is_whitespace() || "()".contains(c)).map(str::to_owned).collect::<Vec<_>>();
    let mut places: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut numbers = std::collections::HashMap::new();
    for element in document.root().descendants() {
        if is_place(element) {
            let _ = numbers.insert(element.id(), places.len());
            places.push((element.local().to_owned(), BTreeSet::new()));
        }
        let Some(place) = element.ancestors().find(|one| is_place(*one)) else { continue };
        let said = &mut places[numbers[&place.id()]].1;
        said.extend(words(&element.text()));
        let own = |attr: &gridwatch::iodef::doc::Attr<'_>| !matches!(attr.local(), "type" | "schemaLocation");
        said.extend(element.attrs().filter(own).flat_map(|attr| words(&attr.value())));
    }
    places
}

#[test]
fn what_is_said_of_one_thing_stays_with_it() {
    let mut compared = 0;
    for (name, old) in olds() {
        // A body of v2 under v1's name is kept whole, not read.
        if name.contains("v1-namespace-v2-body") {
            continue;
        }
        let new = upgrade(old).unwrap();
        let before = words_by_place(old, V1);
        let after = words_by_place(&new.document, "urn:ietf:params:xml:ns:iodef-2.0");
        // Two of the same kind never change places, whatever comes between them.
        for kind in PLACES {
            let of = |all: &[(String, BTreeSet<String>)]| {
                all.iter().filter(|(own, _)| own == kind).map(|(_, words)| words.clone()).collect::<Vec<_>>()
            };
            let (before, after) = (of(&before), of(&after));
            assert_eq!(before.len(), after.len(), "{name}: {kind}");
            for (number, (old, new)) in before.iter().zip(&after).enumerate() {
                // An identifier that says it is none.
                let lost: Vec<_> = old.iter().filter(|word| !new.contains(*word) && *word != "0").collect();
                assert!(lost.is_empty(), "{name}: {kind} {number}: {lost:?} of {new:?}");
                compared += old.len();
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn every_class_and_every_decision() {
    let text = format!(
        "<IODEF-Document xmlns='{V1}' version='1.00' lang='de' formatid='f'><Incident purpose='other' lang='fr'><IncidentID name='a'>1</IncidentID>\
         <ReportTime>2026-01-01T00:00:00Z</ReportTime><Assessment><Impact type='recon' severity='low' lang='it'>scan</Impact>\
         <Confidence rating='numeric'>50</Confidence></Assessment><Method><Reference><ReferenceName>CVE-2026-0001</ReferenceName>\
         <URL>http://a.example/</URL></Reference><Reference><ReferenceName lang='en'>CA-2</ReferenceName></Reference></Method>\
         <Contact role='irt' type='person'><ContactName>N</ContactName><PostalAddress meaning='office'>S</PostalAddress><Email meaning='duty'>\
         a@b.example</Email><Telephone>+1</Telephone><Fax>+2</Fax></Contact><EventData><Flow><System category='source'><Node><NodeName>h.example\
         </NodeName><Address>192.0.2.1</Address><DateTime>2026-01-02T00:00:00Z</DateTime><NodeRole category='www'>shop</NodeRole>\
         <Counter type='host'>3</Counter></Node><Service ip_protocol='6'><Port>80</Port><Application vendor='V' name='N' swid='7'><URL>http://v.example/\
         </URL></Application></Service><Counter type='byte' duration='second'>9</Counter></System></Flow><Record><RecordData><RecordItem \
         dtype='xml'><x:y xmlns:x='urn:x'> 1</x:y><!-- w --></RecordItem></RecordData></Record><q:far xmlns:q='urn:q'>f</q:far></EventData>\
         <AdditionalData dtype='string' meaning='m'>d</AdditionalData></Incident></IODEF-Document>"
    );
    let old = Document::read(text.into_bytes(), &[]).unwrap();
    let new = upgrade(&old).unwrap();
    assert_eq!(complaints(&new.document, "iodef-2.0-accept.xsd"), "", "{}", new.document.text());
    let plain: String = new.document.text().lines().map(str::trim).collect();
    for part in [
        "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" xml:lang=\"de\" format-id=\"f\">",
        "<Incident purpose=\"other\" xml:lang=\"fr\">",
        "<GenerationTime>2026-01-01T00:00:00Z</GenerationTime>",
        "<IncidentCategory>recon</IncidentCategory><SystemImpact severity=\"low\" type=\"ext-value\" ext-type=\"recon\"><Description xml:lang=\"it\">scan</Description></SystemImpact>",
        "<Confidence rating=\"numeric\">50</Confidence>",
        "specIndex=\"1\"><enum:ID>CVE-2026-0001</enum:ID></enum:ReferenceName><URL>http://a.example/</URL></Reference>",
        "<Reference><Description xml:lang=\"en\">CA-2</Description></Reference>",
        "<PostalAddress><PAddress>S</PAddress><Description>office</Description></PostalAddress>",
        "<Email><EmailTo>a@b.example</EmailTo><Description>duty</Description></Email>",
        "<Telephone><TelephoneNumber>+1</TelephoneNumber></Telephone><Telephone type=\"fax\"><TelephoneNumber>+2</TelephoneNumber></Telephone>",
        "<Name>h.example</Name><DateDomainWasChecked>2026-01-02T00:00:00Z</DateDomainWasChecked></DomainData><Address category=\"ipv4-addr\">192.0.2.1</Address>",
        "<Counter type=\"counter\" unit=\"host\">3</Counter></Node><NodeRole category=\"www\"><Description>shop</Description></NodeRole><Service ip-protocol=\"6\">",
        "<Application><URL>http://v.example/</URL><Description>V N (swid 7)</Description></Application>",
        "<Counter type=\"rate\" unit=\"byte\" duration=\"second\">9</Counter></System>",
        "<RecordItem dtype=\"xml\"><x:y xmlns:x='urn:x' xmlns=\"urn:ietf:params:xml:ns:iodef-1.0\"> 1</x:y><!-- w --></RecordItem>",
        "<AdditionalData dtype=\"string\" meaning=\"m\">d</AdditionalData>",
    ] {
        let part = part.replace(
            "<x:y xmlns:x='urn:x' xmlns=\"urn:ietf:params:xml:ns:iodef-1.0\">",
            "<x:y xmlns=\"urn:ietf:params:xml:ns:iodef-1.0\" xmlns:x='urn:x'>",
        );
        assert!(plain.contains(&part), "{part}\nis not in\n{}", new.document.text());
    }
    assert!(plain.contains("meaning=\"IODEF v1 far\"><q:far"), "{plain}");
    let told: Vec<_> = new.notes.iter().map(|note| note.what).collect();
    use What::{Counter, DomainStatus, GenerationTime, Impact, Kept, ReferenceName, Software};
    assert_eq!(told, [GenerationTime, Impact, ReferenceName, DomainStatus, Counter, Software, Counter, Kept]);
    assert!(new.notes.iter().map(Note::say).all(|say| say.key.starts_with("error-iodef-v1-")));
    assert_eq!(old.element(new.notes[7].node).unwrap().path(), "Incident[1]/EventData[1]/q:far[1]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Old documents bent at random: a new one, or a reason.
    #[test]
    fn bent_old_documents_become_something(
        which in any::<prop::sample::Index>(),
        moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..5),
    ) {
        let mut old = which.get(olds()).1.clone();
        for (from, to) in moves {
            let ids: Vec<_> = old.root().descendants().map(gridwatch::iodef::Element::id).collect();
            let _ = old.move_to(*from.get(&ids), *to.get(&ids), gridwatch::iodef::edit::Place::Last);
        }
        let new = upgrade(&old).unwrap();
        super::iodef_tree::check(&new.document, &new.document.write());
        let _ = summarise(&new.document.write(), &[]);
        let words = |document: &Document| {
            let mut words: Vec<String> = document.root().descendants().flat_map(|one| {
                one.text().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            }).collect();
            words.sort();
            words.dedup();
            words
        };
        let kept = words(&new.document);
        for word in words(&old) {
            prop_assert!(kept.contains(&word) || kept.iter().any(|own| own.contains(&word)), "{word} is lost");
        }
    }
}
