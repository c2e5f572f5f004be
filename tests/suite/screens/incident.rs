//! The detail pane: label first, what it says of broken and foreign documents, the document as published.

use iced_test::core::keyboard::key::Named;

use gridwatch::model::Kind;
use gridwatch::screen::incident::{Incident, Message, Side};
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

    fn show(&mut self, seq: Seq) {
        self.pane.show(seq, &self.desk.cx());
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
        messages.into_iter().map(|message| self.pane.update(message, &self.desk.cx())).collect()
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
    let [Action::Copy(copied)] = &copied[..] else { panic!("{copied:?}") };
    assert!(copied.starts_with("TLP:RED\nTLP:GREEN – one element inside is TLP:RED\n"), "{copied}");
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
    assert!(reader.shows("2026-11-21 03:00Z  12m ago  (no zone given, read as UTC)"));
}

#[test]
fn broken_and_foreign_documents_are_shown_for_what_they_are() {
    let mut reader = Reader::new();
    let broken = (0..reader.desk.store.len())
        .find(|seq| matches!(reader.desk.store.row(*seq).unwrap().summary.kind, Kind::Invalid(_)))
        .unwrap();
    reader.show(broken);
    assert!(reader.shows("Not readable as IODEF") && reader.shows("no restriction could be read"));
    let _ = reader.press("Show XML");
    assert!(reader.shows("Copy XML"));
    let _ = reader.receive(r#"<posture xmlns="urn:example:p"/>"#);
    let _ = reader.pane.update(Message::Side(Side::Summary), &reader.desk.cx());
    assert!(reader.shows("posture: not an IODEF document") && reader.shows("urn:example:p"));
}

#[test]
fn copies_are_the_published_bytes_and_defanged_values() {
    let mut reader = Reader::new();
    let xml = document(" restriction=\"amber\"", "<Description>a\u{202E}b</Description>");
    let _ = reader.receive(&xml);
    let _ = reader.act(&[letter("x")]);
    let copied = reader.press("Copy XML");
    let [Action::Copy(copied)] = &copied[..] else { panic!("{copied:?}") };
    assert_eq!(copied, &xml);
    let seq = reader.desk.find("HTTPS beacon");
    let _ = reader.act(&[letter("s")]);
    reader.show(seq);
    let copied = reader.press("Copy all, defanged");
    let [Action::Copy(copied)] = &copied[..] else { panic!("{copied:?}") };
    assert!(copied.contains("update[.]tin-whistle[.]example\n") && !copied.contains("tin-whistle.example"));
    let copied = reader.press("Copy summary");
    let [Action::Copy(copied)] = &copied[..] else { panic!("{copied:?}") };
    assert!(copied.starts_with("TLP:AMBER+STRICT\nHTTPS beacon"));
}

#[test]
fn the_document_can_be_selected_in_and_not_changed() {
    let mut reader = Reader::new();
    let _ = reader.receive(&document("", ""));
    let _ = reader.act(&[letter("x")]);
    let before = reader.pane.document().unwrap();
    let edit = iced::widget::text_editor::Edit::Insert('!');
    let _ = reader.pane.update(Message::Xml(iced::widget::text_editor::Action::Edit(edit)), &reader.desk.cx());
    assert_eq!(reader.pane.document().unwrap(), before);
    let _ = reader.pane.update(Message::Indent(true), &reader.desk.cx());
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
        let _ = reader.pane.update(Message::Side(Side::Xml), &reader.desk.cx());
        let _ = reader.pane.update(Message::Indent(true), &reader.desk.cx());
        reader.stage.picture(reader.pane.view(&reader.desk.cx()), &theme, &picture("incident-xml", name));
        reader.pane.clear();
        reader.stage.picture(reader.pane.view(&reader.desk.cx()), &theme, &picture("incident-none", name));
    }
}
