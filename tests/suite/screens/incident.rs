//! The detail pane: label first, what it says of broken and foreign documents, the document as published.

use iced_test::core::keyboard::key::Named;
use iced_test::futures::futures::StreamExt;

use gridwatch::model::Kind;
use gridwatch::screen::document::{self, Format, Side};
use gridwatch::screen::incident::{Incident, Message};
use gridwatch::screen::{Action, Target};
use gridwatch::store::{Seq, Store};

use super::{Desk, picture, themes};
use crate::stage::{Stage, click, key, letter};

struct Reader {
    desk: Desk,
    pane: Incident,
    stage: Stage,
}

impl Reader {
    fn new() -> Self {
        Self { desk: Desk::busy(), pane: Incident::default(), stage: Stage::new(620.0, 1400.0) }
    }

    /// Shows a row and reads it to its end.
    fn show(&mut self, seq: Seq) {
        let action = self.pane.show(seq, &self.desk.cx());
        let _ = self.settle(vec![action]);
    }

    /// Runs what was set going; gives what was asked of the app.
    fn settle(&mut self, mut actions: Vec<Action<Message>>) -> Vec<Action<Message>> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut asked = Vec::new();
        while let Some(action) = actions.pop() {
            let Action::Run(task) = action else {
                asked.push(action);
                continue;
            };
            let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { continue };
            while let Some(action) = runtime.block_on(stream.next()) {
                if let iced_test::runtime::Action::Output(message) = action {
                    actions.push(self.pane.update(message, &self.desk.cx()));
                }
            }
        }
        asked
    }

    fn say(&mut self, message: document::Message) -> Vec<Action<Message>> {
        let action = self.pane.update(Message::Document(message), &self.desk.cx());
        self.settle(vec![action])
    }

    fn receive(&mut self, payload: &str) -> Seq {
        let seq = self.desk.receive("MILEHost", "mine", payload.as_bytes(), self.desk.now);
        self.show(seq);
        seq
    }

    fn texts(&mut self) -> Vec<(String, iced_test::core::Rectangle)> {
        self.stage.texts(self.pane.view(&self.desk.cx()))
    }

    fn shows(&mut self, words: &str) -> bool {
        self.texts().iter().any(|(text, _)| text.contains(words))
    }

    fn act(&mut self, events: &[iced_test::core::Event]) -> Vec<Action<Message>> {
        let messages = self.stage.act(self.pane.view(&self.desk.cx()), events);
        let actions = messages.into_iter().map(|message| self.pane.update(message, &self.desk.cx())).collect();
        self.settle(actions)
    }

    fn press(&mut self, words: &str) -> Vec<Action<Message>> {
        let texts = self.texts();
        let (_, bounds) = texts.iter().find(|(text, _)| text == words).unwrap_or_else(|| panic!("no {words}"));
        let moved = self.stage.point(bounds.center_x(), bounds.center_y());
        let [down, up] = click();
        self.act(&[moved, down, up])
    }
}

fn document(incident: &str, inside: &str) -> String {
    format!(
        "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\"><Incident purpose=\"reporting\"{incident}>\
         <IncidentID name=\"csirt-a.example\">7</IncidentID><GenerationTime>2026-11-21T03:00:00</GenerationTime>{inside}\
         </Incident></IODEF-Document>"
    )
}

/// What was copied, whatever was said beside it.
fn text_of(actions: &[Action<gridwatch::screen::incident::Message>]) -> String {
    let text = |action: &Action<gridwatch::screen::incident::Message>| match action {
        Action::Copy(text) => Some(text.clone()),
        Action::Many(all) => all.iter().find_map(|action| match action {
            Action::Copy(text) => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    actions.iter().find_map(text).unwrap_or_else(|| panic!("{actions:?}"))
}

#[test]
fn the_label_stands_first_and_a_missing_one_is_the_strictest() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document(" restriction=\"green\"", ""));
    assert_eq!(reader.texts()[0].0, "TLP:GREEN");
    let _ = reader.receive(&document("", ""));
    assert_eq!(reader.texts()[0].0, "TLP:RED");
    assert!(reader.shows("private by default"));
    let _ = reader.receive(&document(" restriction=\"ext-value\" ext-restriction=\"shared\u{202E}\"", ""));
    assert_eq!(reader.texts()[0].0, "BY AGREEMENT");
    assert!(!reader.shows("\u{202E}"));
}

#[test]
fn what_is_stricter_inside_is_said_in_the_banner() {
    let mut reader = Reader::new();
    let contact =
        "<Contact restriction=\"red\" role=\"creator\" type=\"person\"><ContactName>N</ContactName></Contact>";
    let _ = reader.receive(&document(" restriction=\"green\"", contact));
    let texts = reader.texts();
    let (_, banner) = texts.iter().find(|(text, _)| text == "TLP:GREEN").unwrap();
    let (_, note) = texts.iter().find(|(text, _)| text.contains("TLP:RED")).unwrap();
    assert!((banner.center_y() - note.center_y()).abs() < 4.0);
    let copied = reader.press("Copy summary");
    let copied = &text_of(&copied);
    assert!(copied.starts_with("TLP:RED\nTLP:GREEN – one element inside is TLP:RED\n"), "{copied}");
}

#[test]
fn the_banner_says_what_is_looser_inside_and_how_a_label_is_read() {
    let mut reader = Reader::new();
    let contact = |label: &str| format!("<Contact restriction=\"{label}\" role=\"creator\" type=\"person\"/>");
    let _ = reader.receive(&document(" restriction=\"amber\"", &(contact("green") + &contact("red"))));
    assert!(reader.shows("restriction “amber”: for the recipient's own organisation only"), "{:?}", reader.texts());
    assert!(reader.shows("one element inside is TLP:RED · one element inside is looser"), "{:?}", reader.texts());
    let _ = reader.receive(&document(" restriction=\"default\"", ""));
    assert!(reader.shows("restriction “default”: as agreed beforehand, treated as strictly as red"));
    assert!(!reader.shows("looser"));
    // By agreement is as strict as none.
    let _ = reader.receive(&document("", &contact("default")));
    assert!(!reader.shows("looser"), "{:?}", reader.texts());
}

#[test]
fn the_summary_answers_should_i_care() {
    let mut reader = Reader::new();
    let seq = reader.desk.find("HTTPS beacon");
    reader.show(seq);
    let shown = [
        "HTTPS beacon with rare user agent to 192.0.2.146",
        "practice.invalid / PX-2026-00297",
        "Medium severity",
        "investigate",
        "Timeline",
        "Contacts",
        "2026-11-21 02:34Z  37m ago",
        "MILEHost",
        "publisher@practice.invalid",
        "update[.]tin-whistle[.]example",
        "192[.]0[.]2[.]146",
    ];
    for words in shown {
        assert!(reader.shows(words), "no {words} in {:?}", reader.texts());
    }
}

#[test]
fn a_time_without_a_zone_says_so() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document("", ""));
    assert!(reader.shows("2026-11-21 03:00Z  12m ago") && reader.shows("(no zone given, read as UTC)"));
}

#[test]
fn broken_and_foreign_documents_are_shown_for_what_they_are() {
    let mut reader = Reader::new();
    let broken = (0..reader.desk.store.len())
        .find(|seq| matches!(reader.desk.store.row(*seq).unwrap().summary.kind, Kind::Invalid(_)))
        .unwrap();
    reader.show(broken);
    assert!(reader.shows("Not readable as IODEF") && reader.shows("no restriction could be read"));
    assert!(reader.texts().iter().any(|(text, _)| text.contains("<Incident/>")), "the line where reading stopped");
    let _ = reader.press("Show XML");
    assert!(reader.shows("Copy XML"));
    let _ = reader.receive(r#"<posture xmlns="urn:example:p"/>"#);
    let _ = reader.say(document::Message::Side(Side::Summary));
    assert!(reader.shows("posture: not an IODEF document") && reader.shows("urn:example:p"));
}

#[test]
fn copies_are_the_published_bytes_and_defanged_values() {
    let mut reader = Reader::new();
    let xml = document(" restriction=\"amber\"", "<Description>a\u{202E}b</Description>");
    let _ = reader.receive(&xml);
    let _ = reader.act(&[letter("5")]);
    let copied = reader.press("Copy XML");
    let copied = &text_of(&copied);
    assert_eq!(copied, &xml);
    let seq = reader.desk.find("HTTPS beacon");
    let _ = reader.act(&[letter("2")]);
    reader.show(seq);
    let copied = reader.press("Copy all, defanged");
    let copied = &text_of(&copied);
    assert!(copied.contains("update[.]tin-whistle[.]example\n") && !copied.contains("tin-whistle.example"));
    let _ = reader.act(&[letter("1")]);
    let copied = reader.press("Copy summary");
    let copied = &text_of(&copied);
    assert!(copied.starts_with("TLP:AMBER+STRICT\nHTTPS beacon"));
}

#[test]
fn the_document_can_be_selected_in_and_not_changed() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document("", ""));
    let _ = reader.act(&[letter("5")]);
    let before = reader.pane.document().unwrap();
    let edit = iced::widget::text_editor::Edit::Insert('!');
    let _ = reader.say(document::Message::Xml(iced::widget::text_editor::Action::Edit(edit)));
    assert_eq!(reader.pane.document().unwrap(), before);
    let _ = reader.say(document::Message::Indent(true));
    let indented = reader.pane.document().unwrap();
    assert!(
        indented.lines().count() > 3 && indented.contains("\n    <IncidentID name=\"csirt-a.example\">7</IncidentID>")
    );
}

#[test]
fn escape_lets_go() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document("", ""));
    let said = reader.act(&[key(Named::Escape)]);
    assert!(matches!(said[..], [Action::Open(Target::NoIncident)]));
    reader.pane.clear();
    assert!(reader.shows("Choose an incident"));
}

/// Everything a person may want of a document, in one.
fn full() -> String {
    let inside = "<Description>Phishing wave</Description>\
        <Description xml:lang=\"de\" translation-id=\"t\">Wer klickt, verliert</Description>\
        <Description xml:lang=\"en\" translation-id=\"t\">Who clicks loses</Description>\
        <Assessment><SystemImpact severity=\"high\" completion=\"succeeded\" type=\"breach-credential\"/>\
        <MonetaryImpact currency=\"EUR\">12000</MonetaryImpact><Confidence rating=\"high\"/></Assessment>\
        <Contact role=\"creator\" type=\"organization\"><ContactName>CSIRT A</ContactName>\
        <Contact role=\"tech\" type=\"person\" restriction=\"red\"><ContactName>Nora Lind</ContactName></Contact></Contact>\
        <EventData><StartTime>2026-11-21T01:00:00+02:00</StartTime>\
        <Expectation action=\"block-host\"><EndTime>2026-11-21T14:00:00Z</EndTime></Expectation>\
        <Flow><System category=\"source\"><Node><Address category=\"ipv4-addr\">192.0.2.7</Address></Node></System>\
        <System category=\"target\"><Node><DomainData system-status=\"unknown\" domain-status=\"unknown\">\
        <Name>shop.example</Name></DomainData></Node></System></Flow></EventData>\
        <AdditionalData dtype=\"xml\" name=\"x\"><y:note xmlns:y=\"urn:example:y\">kept</y:note></AdditionalData>";
    document(" restriction=\"green\"", inside)
}

#[test]
fn the_whole_document_is_told_in_the_readers_language_and_zone() {
    let mut reader = Reader::new();
    reader.stage = Stage::new(620.0, 2400.0);
    let _ = reader.receive(&full());
    for words in [
        "block-host",
        "2026-11-21 14:00Z  in 10h",
        "breach-credential",
        "succeeded",
        "12000 EUR",
        "confidence high",
        "192[.]0[.]2[.]7",
        "shop[.]example",
        "CSIRT A › Nora Lind",
        "Who clicks loses",
        "sent +02:00",
    ] {
        assert!(reader.shows(words), "no {words} in {:?}", reader.texts());
    }
    assert!(!reader.shows("Wer klickt"));
    let _ = reader.press("Other languages");
    assert!(reader.shows("Wer klickt, verliert"));
    let _ = reader.say(document::Message::Zone);
    let _ = reader.say(document::Message::Zone);
    assert!(reader.shows("2026-11-21T01:00:00+02:00"), "as the sender wrote it");
}

#[test]
fn every_element_is_in_the_tree_with_its_words() {
    let mut reader = Reader::new();
    let _ = reader.receive(&full());
    let _ = reader.act(&[letter("3")]);
    let shown = ["IODEF-Document", "y:note", "extension", "kept", "category=source", "RED"];
    for words in shown {
        assert!(reader.shows(words), "no {words} in {:?}", reader.texts());
    }
    let _ = reader.press("Expectation");
    assert!(reader.shows("Incident[1]/EventData[1]/Expectation[1]"));
    assert!(reader.shows("What the sender asks the receiver to do, and by when."), "{:?}", reader.texts());
    let _ = reader.press("Shut all");
    assert!(!reader.shows("y:note") && reader.shows("Incident"));
    let _ = reader.press("Open all");
    assert!(reader.shows("y:note"));
}

#[test]
fn findings_lead_to_their_row() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document(" restriction=\"green\"", "<Contakt/>"));
    let _ = reader.act(&[letter("4")]);
    assert!(reader.shows("Not valid IODEF"));
    let texts = reader.texts();
    let (words, _) =
        texts.iter().find(|(text, _)| text.contains("Contakt")).unwrap_or_else(|| panic!("{texts:?}")).clone();
    let _ = reader.press(&words);
    assert!(reader.shows("Incident[1]/Contakt[1]") && reader.shows("not in IODEF"), "{:?}", reader.texts());
}

#[test]
fn observables_are_copied_defanged_or_raw_and_lead_to_their_row() {
    let mut reader = Reader::new();
    let _ = reader.receive(&full());
    let _ = reader.act(&[letter("2")]);
    assert!(reader.shows("2 values") && reader.shows("source"));
    let _ = reader.press("shop[.]example");
    let copied = reader.act(&[letter("y")]);
    assert_eq!(text_of(&copied), "shop[.]example");
    let copied = reader.press("Copy raw");
    assert_eq!(text_of(&copied), "shop.example");
    let _ = reader.press("Show in the tree");
    assert!(reader.shows("Incident[1]/EventData[1]/Flow[1]/System[2]/Node[1]/DomainData[1]/Name[1]"));
}

/// Senders fold long values; a list of them has one a line, and each with the name of its kind.
#[test]
fn what_is_folded_is_copied_as_one_line() {
    let mut reader = Reader::new();
    let record = "<EventData><Record><RecordData><URL>https://kit.example/a/\n     b.php</URL><WindowsRegistryKeysModified><Key>\
                  <KeyName>HKLM\\Software\\\n      Run\\kit</KeyName></Key></WindowsRegistryKeysModified></RecordData>\
                  </Record></EventData>";
    let _ = reader.receive(&document(" restriction=\"green\"", record));
    let _ = reader.say(document::Message::Side(Side::Observables));
    let copied = text_of(&reader.say(document::Message::CopyAll(true)));
    assert_eq!(copied, "https://kit.example/a/b.php\nHKEY_LOCAL_MACHINE\\Software\\Run\\kit");
    assert!(reader.shows("Registry") && reader.shows("hxxps://kit[.]example/a/b.php"), "{:?}", reader.texts());
}

#[test]
fn an_export_is_saved_and_tells_what_had_no_home() {
    let mut reader = Reader::new();
    let _ = reader.receive(&full());
    let _ = reader.act(&[letter("6")]);
    assert!(reader.shows("Handle the file as TLP:RED"), "the strictest inside");
    let asked = reader.say(document::Message::Export(Format::Csv));
    let [Action::Save { name, text }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(name, "7.csv");
    assert!(text.contains("192.0.2.7") && text.contains("RED"), "{text}");
    assert!(reader.shows("What is in the CSV file") && reader.shows("Without a home"), "{:?}", reader.texts());
}

#[test]
fn version_1_is_shown_in_the_words_of_2_with_what_was_decided() {
    let mut reader = Reader::new();
    let old = "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-1.0\" version=\"1.00\"><Incident purpose=\"reporting\">\
        <IncidentID name=\"csirt-a.example\">9</IncidentID><ReportTime>2026-11-21T03:00:00Z</ReportTime>\
        <Assessment><Impact severity=\"high\" type=\"admin\"/></Assessment></Incident></IODEF-Document>";
    let _ = reader.receive(old);
    assert!(reader.shows("IODEF 1") && reader.shows("Impact"));
    let _ = reader.act(&[letter("4")]);
    assert!(reader.shows("What had to be decided") && reader.shows("so it is not judged"));
    let _ = reader.act(&[letter("3")]);
    assert!(reader.shows("SystemImpact") && reader.shows("GenerationTime"));
}

#[test]
fn what_was_read_for_another_row_is_dropped() {
    let mut reader = Reader::new();
    let one = reader.desk.receive("MILEHost", "one", full().as_bytes(), reader.desk.now);
    let Action::Run(task) = reader.pane.show(one, &reader.desk.cx()) else { panic!("nothing to read") };
    let _ = reader.receive(&document(" restriction=\"green\"", "<Description>Another</Description>"));
    let _ = reader.settle(vec![Action::Run(task)]);
    assert!(reader.shows("Another") && !reader.shows("breach-credential"));
}

/// Another account's store has rows of the same numbers.
#[test]
fn what_was_read_out_of_another_store_is_dropped() {
    let long = document("", &format!("<Description>Theirs{}</Description>", " and more".repeat(20_000)));
    let mut desk = Desk::empty();
    let seq = desk.receive("MILEHost", "large", long.as_bytes(), desk.now);
    let shelf = std::sync::Arc::new(gridwatch::store::Memory::default());
    let theirs = super::incoming("MILEHost", "large", long.as_bytes(), "feed@csirt-b.example".into(), desk.now);
    let _ = shelf.commit(vec![theirs]).unwrap();
    desk.finder = std::sync::Arc::new(gridwatch::store::Finder::default().asking(shelf));
    let mut reader = Reader { desk, pane: Incident::default(), stage: Stage::new(620.0, 1400.0) };
    let reading = reader.pane.show(seq, &reader.desk.cx());
    reader.pane.clear();
    reader.desk = Desk::empty();
    assert_eq!(reader.receive(&document("", "<Description>Mine</Description>")), seq);
    let _ = reader.settle(vec![reading]);
    assert!(reader.shows("Mine") && !reader.shows("Theirs"));
}

#[test]
fn a_large_document_is_read_apart() {
    // The window's thread has another text before it than who reads apart.
    let text = |word: &str| document("", &format!("<Description>{word}{}</Description>", " and more".repeat(20_000)));
    let mut desk = Desk::empty();
    let shelf = std::sync::Arc::new(gridwatch::store::Memory::default());
    let at = desk.now;
    let seq = desk.receive("MILEHost", "large", text("Here").as_bytes(), at);
    let apart = super::incoming("MILEHost", "large", text("Apart").as_bytes(), "feed@csirt-b.example".into(), at);
    let _ = shelf.commit(vec![apart]).unwrap();
    desk.finder = std::sync::Arc::new(gridwatch::store::Finder::default().asking(shelf));
    let mut reader = Reader { desk, pane: Incident::default(), stage: Stage::new(620.0, 1400.0) };
    let reading = reader.pane.show(seq, &reader.desk.cx());
    let _ = reader.pane.update(Message::Document(document::Message::Side(Side::Xml)), &reader.desk.cx());
    assert_eq!(reader.pane.document(), None, "it is on its way");
    let _ = reader.settle(vec![reading]);
    let shown = reader.pane.document().unwrap();
    assert!(shown.contains("Apart and more") && !shown.contains("Here"));
}

/// Three revisions of one incident, the second of which a person read, and one of another; the last of the three shows.
fn revised(size: (f32, f32)) -> Reader {
    let first = std::fs::read_to_string("tests/fixtures/iodef/phishing.xml").unwrap();
    let second = first.replace("07:05:00", "08:05:00").replace("R. Ostrow", "Rita Ostrow");
    let system = "<i:System category=\"target\"><i:Node><i:Address category=\"ipv4-addr\">198.51.100.23</i:Address>\
                  </i:Node><i:Service ip-protocol=\"6\"><i:Port>443</i:Port></i:Service></i:System>";
    let third = second
        .replace("08:05:00", "11:20:00")
        .replace("restriction=\"amber\"", "restriction=\"green\"")
        .replace("severity=\"medium\"", "severity=\"high\"")
        .replace("action=\"contact-sender\"", "action=\"rate-limit-host\"")
        .replace("against port authorities", "against port authorities and their carriers; two have paid")
        .replace("<i:Name>payroll-quay.example", "<i:Name>payroll-pier.example")
        .replace("type=\"hotline\"", "type=\"direct\"")
        .replace("</i:Flow>", &format!("{system}</i:Flow>"));
    let other = first.replace("H-77", "H-78");
    let mut desk = Desk::empty();
    let shelf = std::sync::Arc::new(gridwatch::store::Memory::default());
    for (minutes, text) in [(90, first), (60, second), (10, other), (5, third)] {
        let at = desk.now - chrono::TimeDelta::minutes(minutes);
        let _ = desk.receive("MILEHost", &format!("h77-{minutes}"), text.as_bytes(), at);
        let item =
            super::incoming("MILEHost", &format!("h77-{minutes}"), text.as_bytes(), "feed@csirt-b.example".into(), at);
        let _ = shelf.commit(vec![item]).unwrap();
    }
    desk.finder = std::sync::Arc::new(gridwatch::store::Finder::default().asking(shelf));
    let mut reader = Reader { desk, pane: Incident::default(), stage: Stage::new(size.0, size.1) };
    reader.show(3);
    reader
}

#[test]
fn what_changed_since_another_revision_is_told_with_what_matters_first() {
    let mut reader = revised((620.0, 1700.0));
    assert!(reader.shows("Changes"));
    let _ = reader.say(document::Message::Side(Side::Changes));
    for words in [
        "What this one says otherwise than the earlier one",
        "What matters",
        "TLP:AMBER",
        "loosened: more people may see it",
        "asked of you",
        "payroll-pier[.]example",
        "payroll-quay[.]example",
        "198[.]51[.]100[.]23",
        "Incident H-77, Contact 1, Email",
        "Of little weight",
    ] {
        assert!(reader.shows(words), "no {words} in {:?}", reader.texts());
    }
    assert!(!reader.shows("payroll-quay.example") && !reader.shows("Rita"));
    let place =
        |reader: &mut Reader, words: &str| reader.texts().iter().find(|(text, _)| text.contains(words)).unwrap().1.y;
    assert!(place(&mut reader, "loosened") < place(&mut reader, "Severity"));
    assert!(place(&mut reader, "What matters") < place(&mut reader, "Added"));
    // Another revision, of the list.
    let _ = reader.say(document::Message::Against(1));
    assert!(reader.shows("Rita Ostrow"), "{:?}", reader.texts());
    // A change leads to its place in the tree.
    let _ = reader.press("Incident H-77, Contact 1, Email");
    assert!(!reader.shows("What matters") && reader.shows("EmailTo"), "{:?}", reader.texts());
    // The first is the earlier one of those after it.
    reader.show(0);
    let _ = reader.say(document::Message::Side(Side::Changes));
    assert!(reader.shows("What the later one says otherwise than this one"), "{:?}", reader.texts());
    // One without others says so.
    reader.show(2);
    assert!(reader.shows("No other revision"), "{:?}", reader.texts());
}

#[test]
fn names_of_catalogues_are_told_with_their_kind() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document(
        "",
        "<Description>Spear phishing (T1566.001), then CVE-2099-1234</Description><Assessment><SystemImpact/></Assessment>\
         <Method><Reference><URL>https://cwe.example/CWE-79</URL></Reference><Description>CAPEC-66, TA0001</Description>\
         </Method>",
    ));
    for words in ["ATT&CK technique", "T1566.001", "CVE-2099-1234", "CWE-79", "CAPEC-66", "ATT&CK tactic", "TA0001"] {
        assert!(reader.texts().iter().any(|(text, _)| text == words), "no {words} in {:?}", reader.texts());
    }
}

#[test]
fn pictures_of_changes() {
    for (name, theme) in themes() {
        for (size, shot) in [((560.0, 800.0), "changes"), ((1180.0, 1010.0), "changes-wide")] {
            let mut reader = revised(size);
            let _ = reader.say(document::Message::Side(Side::Changes));
            reader.stage.picture(
                reader.pane.view(&reader.desk.cx()),
                &theme,
                &picture(&format!("incident-{shot}"), name),
            );
        }
    }
}

#[test]
fn pictures() {
    for (name, theme) in themes() {
        let mut reader = Reader::new();
        reader.stage = Stage::new(560.0, 800.0);
        let newest = reader.desk.store.len();
        let contact = "<Description>Wire fraud in preparation</Description>\
             <Contact restriction=\"red\" role=\"creator\" type=\"person\"><ContactName>Nora Lind</ContactName>\
             <Email><EmailTo>nora@csirt-a.example</EmailTo></Email></Contact>";
        let mine = reader.receive(&document(" restriction=\"green\"", contact));
        let shots = [("stricter", mine), ("foreign", newest - 1), ("broken", newest - 2), ("plain", newest - 5)];
        for (shot, seq) in shots {
            reader.show(seq);
            reader.stage.picture(
                reader.pane.view(&reader.desk.cx()),
                &theme,
                &picture(&format!("incident-{shot}"), name),
            );
        }
        let _ = reader.say(document::Message::Side(Side::Xml));
        let _ = reader.say(document::Message::Indent(true));
        reader.stage.picture(reader.pane.view(&reader.desk.cx()), &theme, &picture("incident-xml", name));
        reader.pane.clear();
        reader.stage.picture(reader.pane.view(&reader.desk.cx()), &theme, &picture("incident-none", name));
    }
}
