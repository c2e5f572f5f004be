//! The viewer: a file is read once, within limits, and shown for what it is.

use std::path::Path;

use gridwatch::app::Message;

use gridwatch::model::{Restriction, Severity};
use gridwatch::port::strict;
use gridwatch::screen::document::{self, Side};
use gridwatch::screen::{Place, feed, incident, viewer};
use gridwatch::settings::Settings;

use crate::support::shared::shared;
use crate::support::window::{Window, deliver, report};

fn open(path: &Path) -> Window {
    let mut window = Window::fresh(Settings::default());
    window.say(Message::Go(Place::Viewer));
    window.run(Message::Viewer(viewer::Message::Open(path.to_path_buf())));
    window
}

#[test]
fn a_report_is_summarised_beside_its_own_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let text = report("2026-9", "Botnet controller moved", Restriction::Red, Severity::High, "kit.example\n192.0.2.9");
    std::fs::write(&path, text).unwrap();
    let mut window = open(&path);
    for words in ["TLP:RED", "Botnet controller moved", "Observables", "192[.]0[.]2[.]9", "CERT North duty desk"] {
        assert!(window.shows(words), "{words}");
    }
    window.pictures("viewer");
}

/// The examples of `../shared`, when they are there, on their most telling sides; to be looked at.
#[test]
fn examples_are_shown_whole() {
    let Some(examples) = shared("iodef/examples") else { return };
    let say = |message| Message::Viewer(viewer::Message::Document(message));
    for (file, words, sides) in [
        ("v2/guidance-malware-c2.xml", "Timeline", &[Side::Summary, Side::Observables, Side::Tree][..]),
        ("v2/guidance-spear-phishing.xml", "Impact", &[Side::Summary]),
        ("v2/milewg-converter-long-800k.xml", "Impact", &[Side::Summary, Side::Observables, Side::Tree]),
        ("v1/rfc5070-7.2-reconnaissance.xml", "RFC 5070", &[Side::Summary, Side::Checks]),
        ("json/milewg-recursive.json", "Related", &[Side::Summary]),
        ("own/indicator-expression.xml", "Indicators", &[Side::Summary]),
        ("own/multilingual.xml", "Other languages", &[Side::Summary]),
        ("own/extension-foreign-xml.xml", "reporting", &[Side::Tree]),
        ("invalid/port-without-protocol.xml", "Severity", &[Side::Checks]),
        ("invalid/not-well-formed.xml", "TLP:RED", &[Side::Summary, Side::Xml]),
    ] {
        let mut window = open(&examples.join(file));
        assert!(window.shows(words) || file.starts_with("invalid"), "{file}: {:?}", window.texts());
        for side in sides {
            window.say(say(document::Message::Side(*side)));
            if *side == Side::Tree {
                window.say(say(document::Message::TreePick(4)));
            }
            let name = file.split(['/', '.']).nth(1).unwrap();
            window.pictures(&format!("viewer-{name}-{side:?}").to_lowercase());
        }
    }
}

/// A later revision of a file beside the earlier one: what matters of what changed, in the file viewer; and beside the feed,
/// where the revision came over the grid.
#[test]
fn two_revisions_are_compared_with_what_matters_first() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("rev-2.xml"), folder.path().join("rev-3.xml"));
    let earlier = revised("2026-11-21T13:53:00Z", "green", "medium", "new", "198.51.100.77", "");
    let later = revised(
        "2026-11-21T15:53:00Z",
        "amber",
        "high",
        "in-progress",
        "198.51.100.78",
        "<System category='source'><Node><DomainData system-status='fraudulent' domain-status='unknown'>\
         <Name>portal.energy-login.example</Name></DomainData></Node></System>",
    );
    std::fs::write(&one, &earlier).unwrap();
    std::fs::write(&two, &later).unwrap();
    let mut window = open(&two);
    window.say(Message::Viewer(viewer::Message::Document(document::Message::Side(Side::Changes))));
    window.pictures("viewer-compare-none");
    window.run(Message::Viewer(viewer::Message::Other(Some(one))));
    assert!(window.shows("198[.]51[.]100[.]77") && window.shows("198[.]51[.]100[.]78"), "{:?}", window.texts());
    window.pictures("viewer-compare");
    // With a file that is none, and with itself.
    let broken = folder.path().join("broken.xml");
    std::fs::write(&broken, "<IODEF-Document").unwrap();
    window.run(Message::Viewer(viewer::Message::Other(Some(broken))));
    window.pictures("viewer-compare-failed");
    window.run(Message::Viewer(viewer::Message::Other(Some(two))));
    window.pictures("viewer-compare-same");
    let mut window = Window::connected(false);
    deliver(&mut window, &[("MILEHost", &earlier, 130), ("MILEHost", &later, 7)]);
    window.run(Message::Feed(feed::Message::Step(1)));
    window.run(Message::Incident(incident::Message::Document(document::Message::Side(Side::Changes))));
    assert!(window.shows("198[.]51[.]100[.]77"), "{:?}", window.texts());
    window.pictures("document-changes");
}

fn revised(made: &str, label: &str, severity: &str, status: &str, address: &str, more: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00' \
         xml:lang='en'>\n<Incident purpose='reporting' restriction='{label}' status='{status}'>\n\
         <IncidentID name='cert-north.example'>2026-0412</IncidentID>\n<GenerationTime>{made}</GenerationTime>\n\
         <Description>Credential phishing against staff of the energy sector</Description>\n\
         <Assessment><SystemImpact severity='{severity}' completion='succeeded' type='takeover-account'/></Assessment>\n\
         <Contact role='creator' type='organization'><ContactName>CERT North</ContactName>\
         <Email><EmailTo>duty@cert-north.example</EmailTo></Email></Contact>\n\
         <EventData><Flow><System category='source'><Node><Address category='ipv4-addr'>{address}</Address></Node></System>\
         {more}<System category='target'><Node><Address category='ipv4-net'>192.0.2.0/24</Address></Node></System></Flow>\
         <Expectation action='block-host'><EndTime>2026-11-21T18:00:00Z</EndTime></Expectation></EventData>\n\
         </Incident>\n</IODEF-Document>\n"
    )
}

#[test]
fn what_is_no_incident_is_said_to_be_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    std::fs::write(&path, "<oval xmlns='urn:example:oval'/>").unwrap();
    assert!(open(&path).shows("This is no incident document but <oval> of urn:example:oval."));
    std::fs::write(&path, "<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>").unwrap();
    assert!(open(&path).shows("DOCTYPE"));
    std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    assert!(!open(&path).shows("was not opened"), "bytes that are no text are still shown");
}

#[test]
fn a_report_that_cannot_be_read_to_its_end_is_handled_as_the_strictest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let inside = "<Incident xmlns='urn:ietf:params:xml:ns:iodef-2.0' restriction='white'><Description>t</Description></Incident>";
    std::fs::write(&path, inside).unwrap();
    let mut window = open(&path);
    assert!(window.shows("TLP:RED"));
    assert!(!window.shows("TLP:CLEAR"));
}

#[test]
fn observables_are_defanged_by_their_kind_and_nothing_is_no_ask() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let text = "<IODEF-Document version='2.00' xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident restriction='green'>\
                <EventData><Expectation action='nothing'/><Record><RecordData><FileData><File><FileName>invoice.exe</FileName>\
                </File></FileData></RecordData></Record></EventData></Incident></IODEF-Document>";
    std::fs::write(&path, text).unwrap();
    let mut window = open(&path);
    let texts = window.texts();
    assert!(texts.iter().any(|text| text == "invoice.exe"), "{texts:?}");
    assert!(!texts.iter().any(|text| text == "nothing"), "{texts:?}");
}

#[test]
fn what_the_wire_would_refuse_is_not_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let whole = report("2026-9", "Botnet controller moved", Restriction::Red, Severity::High, "");
    std::fs::write(&path, &whole).unwrap();
    assert!(open(&path).shows("Botnet controller moved"));
    // An undeclared prefix: a lenient reader sees a report, another none.
    let bent = whole.replacen("</Incident>", "<x:y/></Incident>", 1);
    assert_ne!(bent, whole);
    std::fs::write(&path, bent).unwrap();
    let mut window = open(&path);
    assert!(window.shows("namespace prefix undeclared") && !window.shows("Botnet controller moved"));
}

#[test]
fn only_plain_files_of_a_sane_size_are_read() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(folder.path()).shows("it is not a plain file"));
    assert!(open(&folder.path().join("none.xml")).shows("was not opened"));
    let large = folder.path().join("large.xml");
    std::fs::File::create(&large).unwrap().set_len(viewer::LARGEST + 1).unwrap();
    assert!(open(&large).shows("it is larger than 32 MiB"));
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Opening it would wait for a writer for ever.
        assert!(open(&pipe).shows("it is not a plain file"));
    }
}

#[test]
fn a_late_answer_does_not_replace_the_file_asked_for_since() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("1.xml"), folder.path().join("2.xml"));
    std::fs::write(&one, report("1", "First", Restriction::Green, Severity::Low, "")).unwrap();
    std::fs::write(&two, report("2", "Second", Restriction::Green, Severity::Low, "")).unwrap();
    let mut window = Window::fresh(Settings::default());
    window.say(Message::Go(Place::Viewer));
    window.say(Message::Viewer(viewer::Message::Open(one.clone())));
    window.run(Message::Viewer(viewer::Message::Open(two)));
    window.say(Message::Viewer(viewer::Message::Read(one.clone(), viewer::read(&one, strict))));
    assert!(window.shows("Second") && !window.shows("First"));
}
