//! What reports begin with: the organisation, its numbers, contact cards, templates of one's own. And what is done to every
//! element, by keys and by mouse.

use std::collections::BTreeSet;

use gridwatch::app::Message;
use gridwatch::compose::cards::Field;
use gridwatch::compose::draft::{Act as Does, Spot};
use gridwatch::compose::form::{self, Go};
use gridwatch::compose::preflight::Weight;
use gridwatch::compose::short::Slot;
use gridwatch::compose::stock::Stock;
use gridwatch::engine::{Command, Error, Event, Receipt};
use gridwatch::iodef::check::check;
use gridwatch::iodef::schema::Profile;
use gridwatch::model::{Restriction, Say, Severity, Tlp};
use gridwatch::screen::Tab;
use gridwatch::screen::composer::stock::{Act, Stay};
use gridwatch::screen::composer::{self, For, Side};
use iced_test::core::keyboard::key::Named;
use iced_test::core::keyboard::{Key, Modifiers};

use super::composer::{compose, element, essentials, fill, give_reasons, screen, set, write};
use crate::stage::{Stage, click, key, key_with, letter};
use crate::support::window::{Window, deliver, id, report};

fn stock(window: &mut Window, act: Act) {
    compose(window, composer::Message::Stock(act));
}

fn organise(window: &mut Window) {
    stock(window, Act::Open);
    for (field, words) in [
        (Field::Csirt, "csirt.example"),
        (Field::Numbers, "{year}-{number:4}"),
        (Field::Lang, "de"),
        (Field::Restriction, "amber"),
    ] {
        stock(window, Act::Say(field, words.to_owned()));
    }
}

/// A card, made on the page that is open.
fn card(window: &mut Window, label: &str, email: &str) {
    stock(window, Act::NewCard);
    stock(window, Act::Write(Field::Label, label.to_owned()));
    stock(window, Act::Write(Field::Name, format!("Team {label}")));
    stock(window, Act::Write(Field::Email, email.to_owned()));
    stock(window, Act::KeepCard);
}

fn text(window: &Window) -> String {
    window.app.desk().unwrap().document().text().to_owned()
}

fn number(window: &Window) -> String {
    Slot::Number.value(window.app.desk().unwrap().document())
}

/// Presses the control of this name with the mouse, and lets what comes of it be done.
pub fn press(window: &mut Window, name: &str) {
    let bounds = window.stage.place(window.app.view(), name).unwrap_or_else(|| panic!("no {name} in sight"));
    let moved = window.stage.point(bounds.center_x(), bounds.center_y());
    let [down, up] = click();
    for message in window.stage.act(window.app.view(), &[moved, down, up]) {
        window.run(message);
    }
}

#[test]
fn what_the_organisation_writes_is_in_every_report_and_no_number_is_given_twice() {
    let mut window = screen(false);
    organise(&mut window);
    stock(&mut window, Act::Say(Field::Numbers, "{number}{year}".to_owned()));
    stock(&mut window, Act::KeepOrganisation);
    assert!(!window.shows("Every report you begin now"), "what no scheme is is not kept");
    stock(&mut window, Act::Say(Field::Numbers, "{year}-{number:4}".to_owned()));
    // Escape leaves the card, and then the page; what was not kept is not there.
    stock(&mut window, Act::NewCard);
    window.events(&[key(Named::Escape)]);
    assert!(!window.shows("What you call it") && window.shows("Your organisation"), "{:?}", window.texts());
    card(&mut window, "duty", "duty@csirt.example");
    press(&mut window, "compose.yours.contact.1");
    stock(&mut window, Act::KeepOrganisation);
    press(&mut window, "compose.yours.done");
    let mut numbers = BTreeSet::new();
    for place in 0..9 {
        compose(&mut window, composer::Message::Begin(place));
        let text = text(&window);
        for part in ["name=\"csirt.example\"", "xml:lang=\"de\"", "restriction=\"amber\"", "duty@csirt.example"] {
            assert!(text.contains(part), "{place} {part}: {text}");
        }
        assert!(!window.app.desk().unwrap().draft().can_undo());
        assert!(numbers.insert(number(&window)), "{numbers:?}");
    }
    assert!(numbers.contains("2026-0001") && numbers.contains("2026-0009"), "{numbers:?}");
    // A copy is another report.
    compose(&mut window, composer::Message::DoubleDraft);
    assert!(numbers.insert(number(&window)));
    // What was discarded comes back under its number.
    let discarded = number(&window);
    compose(&mut window, composer::Message::Discard);
    compose(&mut window, composer::Message::Begin(0));
    assert!(numbers.insert(number(&window)), "{discarded}");
    // A colleague's report came in.
    let theirs = report("2026-0815", "Ours", Restriction::Green, Severity::Low, "192.0.2.1");
    let theirs = theirs.replace("cert-north.example", "CSIRT.example");
    deliver(&mut window, &[("MILEHost", &theirs, 1)]);
    // It is asked which numbers came in before one is given for good, and nothing of that is a step of the person's.
    compose(&mut window, composer::Message::Begin(0));
    assert_eq!(number(&window), "2026-0816");
    assert!(!window.app.desk().unwrap().draft().can_undo());
    // A number somebody types that another incident has is told of, and the remedy is a free one.
    write(&mut window, &["Incident", "IncidentID"], "2026-0815");
    compose(&mut window, composer::Message::Check);
    let list = &window.app.desk().unwrap().findings.list;
    let at = list.iter().position(|finding| finding.id == "number.taken").expect("it is told");
    compose(&mut window, composer::Message::Fix(at, 0));
    assert_eq!(number(&window), "2026-0816");
    compose(&mut window, composer::Message::Check);
    assert!(window.app.desk().unwrap().findings.list.iter().all(|finding| finding.id != "number.taken"));
}

/// A report that was begun under the first number of the organisation's scheme.
fn numbered() -> Window {
    let mut window = screen(false);
    organise(&mut window);
    stock(&mut window, Act::KeepOrganisation);
    stock(&mut window, Act::Close);
    fill(&mut window);
    assert_eq!(number(&window), "2026-0001");
    window
}

fn taken(window: &Window) -> Option<(Weight, &'static str)> {
    let list = &window.app.desk().unwrap().findings.list;
    list.iter().find(|finding| finding.id == "number.taken").map(|finding| (finding.weight, finding.say.key))
}

/// A number that another incident has does not leave: whether it came in since, left before, or stands in another draft.
#[test]
fn a_report_does_not_leave_under_the_number_of_another() {
    let mut window = numbered();
    // A colleague's report comes in under that number while it is written: it is seen as it is to go, not before.
    let theirs = report("2026-0001", "Ours", Restriction::Green, Severity::Low, "192.0.2.1");
    let theirs = theirs.replace("cert-north.example", "CSIRT.example");
    deliver(&mut window, &[("MILEHost", &theirs, 1)]);
    compose(&mut window, composer::Message::Publish);
    assert_eq!(taken(&window), Some((Weight::Blocks, "compose-number-taken")));
    window.let_pass(60);
    assert!(window.sent().is_empty());
    let at = window.app.desk().unwrap().findings.list.iter().position(|finding| finding.id == "number.taken").unwrap();
    compose(&mut window, composer::Message::Fix(at, 0));
    assert_eq!(number(&window), "2026-0002");
    // Refused by the broker it keeps its number, and is asked nothing for it.
    let send = |window: &mut Window| {
        compose(window, composer::Message::Publish);
        window.let_pass(10);
        let sent = window.commands().into_iter().find_map(|command| match command {
            Command::Publish { request, item, .. } => Some((request, item)),
            _ => None,
        });
        sent.unwrap_or_else(|| panic!("{:?}", window.app.desk().unwrap().findings.list))
    };
    let (request, _) = send(&mut window);
    let refused = Error::Refused { say: Say::new("error-unknown-topic"), condition: "item-not-found".to_owned() };
    window.tell(vec![Event::Done { request, result: Err(refused) }]);
    let (request, item) = send(&mut window);
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Published(item)) }]);
    // It comes back to me, and is told anew as what it is.
    let own = report("2026-0002", "Ours", Restriction::Amber, Severity::Low, "192.0.2.7");
    deliver(&mut window, &[("my-desk", &own.replace("cert-north.example", "csirt.example"), 1)]);
    set(&mut window, &["Incident"], "purpose", "watch");
    let (request, item) = send(&mut window);
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Published(item)) }]);
    compose(&mut window, composer::Message::Close);
    // Another report under that number: what left, what came in, and what stands in another draft.
    compose(&mut window, composer::Message::Begin(0));
    assert_eq!(number(&window), "2026-0003");
    compose(&mut window, composer::Message::Begin(0));
    for (typed, found) in [
        ("2026-0003", Some((Weight::Warns, "compose-number-drafted"))),
        ("2026-0002", Some((Weight::Blocks, "compose-number-taken"))),
        ("2026-0042", None),
    ] {
        write(&mut window, &["Incident", "IncidentID"], typed);
        compose(&mut window, composer::Message::Check);
        assert_eq!(taken(&window), found, "{typed}");
    }
    // What left for a topic that tells nothing back is known by the ledger alone.
    deliver(&mut window, &[("my-desk", &own, 1)]);
    compose(&mut window, composer::Message::Begin(0));
    write(&mut window, &["Incident", "IncidentID"], "2026-0002");
    compose(&mut window, composer::Message::Check);
    assert!(matches!(taken(&window), Some((Weight::Blocks, _))));
    // Two incidents of one report.
    let root = window.app.desk().unwrap().document().root().id();
    let again = "<Incident purpose=\"watch\" restriction=\"green\"><IncidentID name=\"CSIRT.example\">2026-0002</IncidentID>\
                 <GenerationTime>2026-11-21T16:00:00Z</GenerationTime></Incident>";
    compose(&mut window, composer::Message::Act(Does::Xml { parent: root, text: again.to_owned() }));
    compose(&mut window, composer::Message::Check);
    let list = &window.app.desk().unwrap().findings.list;
    assert!(list.iter().any(|finding| finding.say.key == "compose-number-twice"), "{list:?}");
}

/// What is on its way goes first, and nothing else under its number.
#[test]
fn a_report_on_its_way_keeps_its_number() {
    let mut window = numbered();
    compose(&mut window, composer::Message::Publish);
    assert!(window.shows("in 10 s."), "{:?}", window.app.desk().unwrap().findings.list);
    compose(&mut window, composer::Message::Close);
    fill(&mut window);
    assert_eq!(number(&window), "2026-0002");
    write(&mut window, &["Incident", "IncidentID"], "2026-0001");
    compose(&mut window, composer::Message::Check);
    assert_eq!(taken(&window), Some((Weight::Blocks, "compose-number-waiting")));
    compose(&mut window, composer::Message::Publish);
    window.let_pass(10);
    let sent = window.sent();
    assert!(matches!(sent.as_slice(), [Command::Publish { .. }]), "{sent:?}");
}

#[test]
fn a_number_that_left_this_computer_is_never_given_again() {
    let mut window = numbered();
    compose(&mut window, composer::Message::Publish);
    window.let_pass(10);
    let sent = window.commands().into_iter().find_map(|command| match command {
        Command::Publish { request, item, .. } => Some((request, item)),
        _ => None,
    });
    let (request, item) = sent.expect("it goes");
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Published(item)) }]);
    // The draft is done with, and there is none that bears the number.
    compose(&mut window, composer::Message::Close);
    assert!(!window.shows("Drafts"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Begin(0));
    assert_eq!(number(&window), "2026-0002");
    // One that was discarded gives its number up only when nobody can bring it back.
    compose(&mut window, composer::Message::Discard);
    compose(&mut window, composer::Message::Begin(0));
    assert_eq!(number(&window), "2026-0003");
}

/// A window over an archive, tall enough for all of a page.
fn kept(folder: &std::path::Path, keychain: &std::sync::Arc<gridwatch::secrets::Memory>) -> Window {
    let mut window = super::archive::begin(folder, keychain);
    window.stage = Stage::new(1280.0, 1600.0);
    window.go(Tab::Compose);
    window
}

#[test]
fn a_card_is_made_picked_changed_and_removed_and_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = std::sync::Arc::new(gridwatch::secrets::Memory::default());
    let _ = super::archive::first(folder.path(), &keychain);
    let mut window = kept(folder.path(), &keychain);
    stock(&mut window, Act::Open);
    stock(&mut window, Act::NewCard);
    stock(&mut window, Act::Write(Field::Email, "nobody".to_owned()));
    stock(&mut window, Act::KeepCard);
    assert!(
        window.shows("This is no e-mail address.") && window.shows("The card has no name."),
        "{:?}",
        window.texts()
    );
    card(&mut window, "duty", "duty@csirt.example");
    card(&mut window, "press", "press@csirt.example");
    // Taken away and brought back, by a press each.
    let cards = Stock::read(window.app.store().local().unwrap()).unwrap().0.cards;
    let names: Vec<String> = cards.into_iter().map(|(name, _)| name).collect();
    stock(&mut window, Act::RemoveCard(names[1].clone()));
    assert!(window.shows("Removed: press") && !window.shows("press@csirt.example"), "{:?}", window.texts());
    press(&mut window, "compose.yours.undo");
    stock(&mut window, Act::Edit(names[0].clone()));
    stock(&mut window, Act::Write(Field::Telephone, "+49 30 1234567".to_owned()));
    stock(&mut window, Act::KeepCard);
    drop(window);
    let mut window = kept(folder.path(), &keychain);
    essentials(&mut window);
    press(&mut window, "compose.card");
    assert!(window.shows("duty@csirt.example") && window.shows("press"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Query("pre".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("press@csirt.example") && text(&window).matches("<Contact ").count() == 1);
    let contact = element(&window, &["Incident", "Contact"]);
    compose(&mut window, composer::Message::Reveal(contact));
    stock(&mut window, Act::Choose(Some(contact)));
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("+49 30 1234567") && !text(&window).contains("press@csirt.example"));
    compose(&mut window, composer::Message::Undo);
    assert!(text(&window).contains("press@csirt.example"), "each is one step");
    // What a document says becomes a card.
    set(&mut window, &["Incident", "Contact"], "role", "abuse");
    write(&mut window, &["Incident", "Contact", "ContactName"], "Abuse desk");
    let contact = element(&window, &["Incident", "Contact"]);
    stock(&mut window, Act::Save(contact));
    stock(&mut window, Act::Choose(None));
    assert!(window.shows("Abuse desk"), "{:?}", window.texts());
    // A role of one's own would stand in reports without its word: no card is made of it.
    compose(&mut window, composer::Message::Pick(None));
    set(&mut window, &["Incident", "Contact"], "role", "ext-value");
    write(&mut window, &["Incident", "Contact", "ContactName"], "Odd desk");
    let contact = element(&window, &["Incident", "Contact"]);
    window.say(Message::Compose(composer::Message::Stock(Act::Save(contact))));
    let cards = Stock::read(window.app.store().local().unwrap()).unwrap().0.cards;
    assert!(cards.iter().all(|(_, card)| card.name != "Odd desk") && cards.len() > 2, "{cards:?}");
    // What is half typed, and what was removed, is there when the page is open again.
    compose(&mut window, composer::Message::Close);
    stock(&mut window, Act::Open);
    stock(&mut window, Act::RemoveCard(names[1].clone()));
    stock(&mut window, Act::NewCard);
    stock(&mut window, Act::Write(Field::Name, "Half typed".to_owned()));
    stock(&mut window, Act::Close);
    stock(&mut window, Act::Open);
    assert!(window.shows("What you call it") && window.shows("Removed: press"), "{:?}", window.texts());
}

#[test]
fn a_template_of_ones_own_stands_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = std::sync::Arc::new(gridwatch::secrets::Memory::default());
    let _ = super::archive::first(folder.path(), &keychain);
    let mut window = kept(folder.path(), &keychain);
    compose(&mut window, composer::Message::Begin(1));
    set(&mut window, &["Incident"], "restriction", "green");
    write(&mut window, &["Incident", "Description"], "What Bob clicked");
    let page = ["Incident", "EventData", "Flow", "System", "Node", "Address"];
    write(&mut window, &page, "https://kit.example/owa");
    press(&mut window, "compose.template");
    stock(&mut window, Act::Title("Phish of staff".to_owned()));
    press(&mut window, "compose.template.keep");
    press(&mut window, "compose.template");
    stock(&mut window, Act::Title("With the page".to_owned()));
    stock(&mut window, Act::Stay(Stay::Seen, true));
    stock(&mut window, Act::KeepTemplate);
    let old = number(&window);
    drop(window);
    let mut window = kept(folder.path(), &keychain);
    assert!(window.shows("Phish of staff") && window.shows("With the page"), "{:?}", window.texts());
    window.click("Phish of staff");
    let bare = text(&window);
    assert!(!bare.contains("Bob") && !bare.contains("kit.example") && !bare.contains(&old), "{bare}");
    assert!(bare.contains("restriction=\"green\"") && bare.contains("phishing") && bare.contains("2026-11-21T16:"));
    assert_eq!(window.app.desk().unwrap().essentials().len(), 6, "it asks what its kind asks");
    compose(&mut window, composer::Message::Close);
    window.click("With the page");
    assert!(text(&window).contains("kit.example") && !text(&window).contains(&old), "{}", text(&window));
    compose(&mut window, composer::Message::Close);
    let named = |window: &mut Window, title: &str| {
        let all = Stock::read(window.app.store().local().unwrap()).unwrap().0.templates;
        all.into_iter().find(|(_, own)| own.title == title).map(|(name, _)| name)
    };
    let name = named(&mut window, "With the page").unwrap();
    stock(&mut window, Act::Rename(name.clone()));
    stock(&mut window, Act::Title("Kit \u{202e}seen".to_owned()));
    stock(&mut window, Act::Renamed);
    assert!(!window.shows("With the page") && window.shows("Kit"), "{:?}", window.texts());
    stock(&mut window, Act::RemoveTemplate(name.clone()));
    assert!(window.shows("Removed: Kit"), "{:?}", window.texts());
    press(&mut window, "compose.yours.undo");
    assert!(named(&mut window, "Phish of staff").is_some());
    stock(&mut window, Act::RemoveTemplate(name));
    drop(window);
    let mut window = kept(folder.path(), &keychain);
    assert!(window.shows("Phish of staff") && !window.shows("Kit"), "{:?}", window.texts());
}

#[test]
fn every_element_is_moved_copied_and_removed_by_keys_and_by_mouse() {
    let mut window = screen(false);
    fill(&mut window);
    let incident = element(&window, &["Incident"]);
    let more = "<Description>Second</Description><Contact role=\"cc\" type=\"person\"><ContactName>B</ContactName></Contact>\
        <EventData><Expectation action=\"nothing\"/><Expectation action=\"block-host\"/></EventData>";
    let act = gridwatch::compose::draft::Act::Xml { parent: incident, text: more.to_owned() };
    compose(&mut window, composer::Message::Act(act));
    let alt = |key: Named| key_with(Key::Named(key), Modifiers::ALT);
    let valid = |window: &Window| check(window.app.desk().unwrap().document(), Profile::Published).is_valid();
    assert!(valid(&window));
    let before = text(&window);
    let (mut moved, mut removed, mut copied) = (0, 0, 0);
    let all: Vec<_> = window.app.desk().unwrap().rows().iter().map(|row| row.node).collect();
    let many = all.len();
    for node in all {
        compose(&mut window, composer::Message::Reveal(node));
        let Some(sheet) = window.app.desk().unwrap().sheet().cloned() else { panic!("{node:?}") };
        let step = |window: &mut Window, keys: &[iced_test::core::Event], name: &str, changes: bool| {
            // By keys and by mouse it comes to the same, and each is one step.
            window.events(keys);
            let by_keys = text(window);
            assert_eq!(by_keys != before, changes, "{name} {}", sheet.name);
            if changes {
                compose(window, composer::Message::Undo);
                assert_eq!(text(window), before, "{name} {}", sheet.name);
                compose(window, composer::Message::Reveal(node));
                press(window, name);
                assert_eq!(text(window), by_keys, "{name} {}", sheet.name);
                assert!(valid(window) || name == "compose.double", "{name} {}", text(window));
                compose(window, composer::Message::Undo);
                compose(window, composer::Message::Redo);
                assert_eq!(text(window), by_keys);
                compose(window, composer::Message::Undo);
                compose(window, composer::Message::Reveal(node));
            }
            usize::from(changes)
        };
        moved += step(&mut window, &[alt(Named::ArrowUp)], "compose.rise", sheet.can_rise);
        moved += step(&mut window, &[alt(Named::ArrowDown)], "compose.sink", sheet.can_sink);
        copied += step(&mut window, &[letter("d")], "compose.double", true);
        removed += step(&mut window, &[letter("x")], "compose.remove", sheet.can_go == Go::Freely);
    }
    assert!(moved >= 6 && removed > 6 && copied == many, "{moved} {removed} {copied} {many}");
}

#[test]
fn a_time_is_typed_as_people_do_and_written_as_a_document_does() {
    let mut window = screen(false);
    essentials(&mut window);
    let incident = element(&window, &["Incident"]);
    let time = "<DetectTime>2026-11-21T10:00:00Z</DetectTime>";
    let act = gridwatch::compose::draft::Act::Xml { parent: incident, text: time.to_owned() };
    compose(&mut window, composer::Message::Act(act));
    let spot = Spot::text(element(&window, &["Incident", "DetectTime"]));
    compose(&mut window, composer::Message::Reveal(spot.node));
    let typed = "21.11.2026 16:05 +0530";
    for end in 0..=typed.len() {
        compose(&mut window, composer::Message::When(spot.clone(), typed[..end].to_owned()));
        let desk = window.app.desk().unwrap();
        let field = desk.fields().into_iter().find(|field| field.spot == spot).unwrap();
        assert_eq!(desk.typing(field), Some(&typed[..end]), "what is typed stays as it is typed");
    }
    assert!(text(&window).contains("<DetectTime>2026-11-21T16:05:00+05:30</DetectTime>"), "{}", text(&window));
    assert!(
        window.shows("written 2026-11-21T16:05:00+05:30") && window.shows("2026-11-21 10:35Z"),
        "{:?}",
        window.texts()
    );
    compose(&mut window, composer::Message::When(spot.clone(), "-2h".to_owned()));
    assert!(text(&window).contains("<DetectTime>2026-11-21T14:00:00Z</DetectTime>"));
    compose(&mut window, composer::Message::Undo);
    assert!(text(&window).contains("<DetectTime>2026-11-21T10:00:00Z</DetectTime>"), "one step: {}", text(&window));
    assert!(!window.shows("written"), "and the field says what the document says");
    compose(&mut window, composer::Message::When(spot, "soon".to_owned()));
    assert!(window.shows("“soon” is not a date and time."), "{:?}", window.texts());
}

#[test]
fn a_reference_a_language_and_the_other_of_a_choice_are_picked() {
    let mut window = screen(false);
    fill(&mut window);
    let address = element(&window, &["Incident", "EventData", "Flow", "System", "Node", "Address"]);
    compose(&mut window, composer::Message::Reveal(address));
    set(&mut window, &["Incident", "EventData", "Flow", "System", "Node", "Address"], "observable-id", "seen-1");
    let incident = element(&window, &["Incident"]);
    let more = "<Method><Description>How</Description></Method><IndicatorData><Indicator><IndicatorID name=\"csirt.example\" \
        version=\"1\">i-1</IndicatorID><ObservableReference uid-ref=\"x\"/></Indicator></IndicatorData>";
    let act = gridwatch::compose::draft::Act::Xml { parent: incident, text: more.to_owned() };
    compose(&mut window, composer::Message::Act(act));
    let way = ["Incident", "IndicatorData", "Indicator", "ObservableReference"];
    let reference = element(&window, &way);
    compose(&mut window, composer::Message::Reveal(reference));
    compose(&mut window, composer::Message::Pick(Some(For::Value(Spot::attribute(reference, "uid-ref")))));
    assert!(window.shows("seen-1") && window.shows("192.0.2.7"), "what each names is beside it: {:?}", window.texts());
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("uid-ref=\"seen-1\""));
    // Another of the choice stands in its place.
    let reference = element(&window, &way);
    compose(&mut window, composer::Message::Reveal(reference));
    window.click("Something else instead…");
    compose(&mut window, composer::Message::Query("IndicatorExpr".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("<IndicatorExpression") && !text(&window).contains("ObservableReference"));
    // The document itself has a language, and room for another incident.
    compose(&mut window, composer::Message::Look(0));
    compose(&mut window, composer::Message::Whole);
    let root = window.app.desk().unwrap().document().root().id();
    compose(&mut window, composer::Message::Pick(Some(For::Value(Spot::attribute(root, "xml:lang")))));
    compose(&mut window, composer::Message::Query("fran".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    compose(&mut window, composer::Message::Whole);
    compose(&mut window, composer::Message::AddHere);
    compose(&mut window, composer::Message::Query("Incident".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("xml:lang=\"fr\"") && text(&window).matches("<Incident ").count() == 2);
    compose(&mut window, composer::Message::Undo);
    // The number of a catalogue is a reference to its entry.
    let method = element(&window, &["Incident", "Method"]);
    compose(&mut window, composer::Message::Reveal(method));
    compose(&mut window, composer::Message::Pick(Some(For::Add(method))));
    compose(&mut window, composer::Message::Query("CVE-2026-1234".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("CVE-2026-1234"), "{}", text(&window));
    // A language is found by its own name.
    let description = element(&window, &["Incident", "Description"]);
    compose(&mut window, composer::Message::Reveal(description));
    compose(&mut window, composer::Message::Pick(Some(For::Value(Spot::attribute(description, "xml:lang")))));
    compose(&mut window, composer::Message::Query("deut".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(text(&window).contains("<Description xml:lang=\"de\">"), "{}", text(&window));
    // Two texts that say the same are told so by a name they share.
    compose(&mut window, composer::Message::Pick(Some(For::Value(Spot::attribute(description, form::TRANSLATES)))));
    assert!(window.shows("a new one, to be said of its translations too"), "{:?}", window.texts());
    compose(&mut window, composer::Message::TakeHere);
    compose(&mut window, composer::Message::Double);
    let document = window.app.desk().unwrap().document();
    let second = document.root().descendants().filter(|element| element.is("Description")).nth(1).unwrap().id();
    set(&mut window, &["Incident", "Description"], form::TRANSLATES, "");
    compose(&mut window, composer::Message::Reveal(description));
    compose(&mut window, composer::Message::Pick(Some(For::Value(Spot::attribute(description, form::TRANSLATES)))));
    compose(&mut window, composer::Message::TakeHere);
    let document = window.app.desk().unwrap().document();
    let said = |node| document.element(node).unwrap().attr(form::TRANSLATES).map(std::borrow::Cow::into_owned);
    assert_eq!((said(description), said(second)), (Some("t-1".to_owned()), Some("t-1".to_owned())));
}

#[test]
fn a_document_that_is_pasted_is_opened_whole() {
    use iced_test::core::text::editor::{Action, Edit};
    let mut window = screen(false);
    window.stage = Stage::new(1280.0, 1600.0);
    compose(&mut window, composer::Message::Paste(composer::Paste::Open));
    let theirs = report("7", "Theirs", Restriction::Red, Severity::Low, "192.0.2.1")
        .replace("<Contact", "<x:y xmlns:x=\"urn:x\"/><Contact");
    let paste = Action::Edit(Edit::Paste(std::sync::Arc::new(theirs.clone())));
    compose(&mut window, composer::Message::Paste(composer::Paste::Write(paste)));
    assert!(window.shows("192.0.2.1") && window.shows("This is a whole report."), "{:?}", window.texts());
    press_and_run(&mut window, composer::Message::Paste(composer::Paste::Whole));
    assert_eq!(text(&window), theirs);
}

fn press_and_run(window: &mut Window, message: composer::Message) {
    assert!(window.stage.place(window.app.view(), "compose.paste.whole").is_some());
    compose(window, message);
}

#[test]
fn drafts_are_many_and_what_was_discarded_comes_back_for_a_week() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = std::sync::Arc::new(gridwatch::secrets::Memory::default());
    let _ = super::archive::first(folder.path(), &keychain);
    let mut window = kept(folder.path(), &keychain);
    for words in ["First of three", "Second of three", "Third of three"] {
        compose(&mut window, composer::Message::Begin(0));
        write(&mut window, &["Incident", "Description"], words);
    }
    compose(&mut window, composer::Message::Discard);
    assert!(window.shows("Discarded: Third of three") && window.shows("First of three"));
    window.click("First of three");
    compose(&mut window, composer::Message::Discard);
    drop(window);
    let mut window = kept(folder.path(), &keychain);
    let shown = window.texts();
    let at =
        |words: &str| shown.iter().position(|text| text.contains(words)).unwrap_or_else(|| panic!("{words} {shown:?}"));
    assert!(
        at("Second of three") < at("Discarded in the last week")
            && at("Discarded in the last week") < at("First of three")
    );
    window.click("Bring back");
    let back = text(&window);
    assert!(back.contains("First of three") || back.contains("Third of three"), "{back}");
}

#[test]
fn a_version_stands_beside_the_whole_and_the_draft_is_read_as_others_see_it() {
    let mut window = screen(false);
    fill(&mut window);
    set(&mut window, &["Incident"], "restriction", "green");
    set(&mut window, &["Incident", "EventData"], "restriction", "red");
    compose(&mut window, composer::Message::Side(Side::Version));
    compose(&mut window, composer::Message::Version(Tlp::Green));
    assert!(window.shows("One element is taken out") && window.shows("Removed: it is red."), "{:?}", window.texts());
    assert!(window.shows("Nothing stricter survives in it"), "the proof in words: {:?}", window.texts());
    // What stays stands twice, what goes once.
    let count = |window: &mut Window, part: &str| window.texts().iter().filter(|text| text.contains(part)).count();
    assert_eq!(count(&mut window, "<Description>Credential phishing"), 2);
    assert_eq!(count(&mut window, "192.0.2.7</Address>"), 1);
    compose(&mut window, composer::Message::Removed(1));
    assert_eq!(window.app.desk().unwrap().selected().map(gridwatch::iodef::Element::local), Some("EventData"));
    compose(&mut window, composer::Message::Side(Side::Reader));
    assert!(window.shows("192[.]0[.]2[.]7") || window.shows("192.0.2.7"), "{:?}", window.texts());
    assert!(window.shows("What those who get it in Host incidents"), "{:?}", window.texts());
    give_reasons(&mut window);
    let _ = id("MILEHost");
}
