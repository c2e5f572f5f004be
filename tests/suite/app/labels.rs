//! For whom a topic is: what is stricter does not go there without a word, whatever way it came to be so; and what the person
//! said once, or did before, is asked no second time.

use std::sync::Arc;

use gridwatch::app::{Env, Message};
use gridwatch::compose::draft::Act;
use gridwatch::compose::preflight::{Finding, Weight};
use gridwatch::engine::{Command, Event, Receipt};
use gridwatch::iodef::Element;
use gridwatch::model::{Restriction, Severity, Tlp};
use gridwatch::screen::composer::stock::Act as Stock;
use gridwatch::screen::composer::{self, After, Side};
use gridwatch::screen::{Place, Tab, connect};
use gridwatch::secrets::{Keeper, Memory, Secret, SecretStore};
use gridwatch::settings::Settings;

use super::composer::{OBSERVED, compose, element, essentials, fill, give_reasons, publish, screen, set};
use crate::stage::Stage;
use crate::support::window::{ME, Window, connected, deliver, id, report, topics};

fn found<'w>(window: &'w Window, of: &str) -> Option<&'w Finding> {
    window.app.desk().unwrap().findings.list.iter().find(|finding| finding.id == of)
}

fn weight(window: &mut Window, of: &str) -> Option<Weight> {
    compose(window, composer::Message::Check);
    found(window, of).map(|finding| finding.weight)
}

/// Types a reason for the finding of this name.
fn reason(window: &mut Window, of: &str) {
    let at = window.app.desk().unwrap().findings.list.iter().position(|finding| finding.id == of).unwrap();
    compose(window, composer::Message::Reason(at));
    compose(window, composer::Message::ReasonWords("agreed with the owner".to_owned()));
    compose(window, composer::Message::ReasonGiven);
}

fn meant(window: &mut Window, label: Option<Tlp>) {
    compose(window, composer::Message::Stock(Stock::Meant(id("MILEHost"), label)));
}

/// A window over an archive, in a session.
fn kept(folder: &std::path::Path, keychain: &Arc<Memory>) -> Window {
    let secrets = Keeper::new(Arc::clone(keychain) as Arc<dyn SecretStore>);
    let world = |env| Env { archives: Some(folder.to_owned()), settings: None, secrets, ..env };
    let mut window = Window::fresh_in(Settings::default(), world);
    window.say(Message::Go(Place::Connect));
    window.say(Message::Connect(connect::Message::Edit(connect::Field::Jid, ME.to_owned())));
    let password = Secret::new("practice".to_owned());
    window.say(Message::Connect(connect::Message::Secret(connect::Field::Password, password)));
    window.run(Message::Connect(connect::Message::Connect));
    window.stage = Stage::new(1280.0, 1600.0);
    window.go(Tab::Compose);
    let topics = Event::Topics { topics: topics().into(), walked: 8, total: 8, whole: true, complete: true };
    window.let_hear(vec![Event::Connection(connected()), topics]);
    window
}

/// Has it published and received.
fn go(window: &mut Window) -> String {
    publish(window);
    assert!(window.shows("in 10 s."), "{:?}", window.app.desk().unwrap().findings.list);
    window.let_pass(10);
    let sent = window.commands().into_iter().find_map(|command| match command {
        Command::Publish { request, item, .. } => Some((request, item)),
        _ => None,
    });
    let (request, item) = sent.expect("it goes");
    window.let_hear(vec![Event::Done { request, result: Ok(Receipt::Published(item.clone())) }]);
    item.0
}

/// A value that came under red, in a green draft: to call it red brings it to nobody for whom it was not.
#[test]
fn to_raise_a_value_does_not_bring_it_to_the_same_readers() {
    let mut window = screen(false);
    let strict = report("2026-7", "Old", Restriction::Red, Severity::High, "192.0.2.7");
    deliver(&mut window, &[("MILEHost", &strict, 3)]);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    set(&mut window, &["Incident"], "restriction", "green");
    let incident = element(&window, &["Incident"]);
    compose(&mut window, composer::Message::Act(Act::Xml { parent: incident, text: OBSERVED.to_owned() }));
    assert_eq!(weight(&mut window, "leak"), Some(Weight::Blocks));
    assert_eq!(found(&window, "leak").unwrap().fixes.len(), 1, "only to take it out");
    assert_eq!(weight(&mut window, "topic.stricter"), None, "green is what a closed topic is for");
    // By hand it is raised all the same.
    set(&mut window, &["Incident", "EventData"], "restriction", "red");
    assert_eq!(weight(&mut window, "leak"), None);
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks));
    assert!(window.shows("The report holds what is TLP:RED"), "{:?}", window.texts());
    give_reasons(&mut window);
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Warns));
    publish(&mut window);
    assert!(window.shows("in 10 s."));
    window.click("Undo");
    // The reason was for that value: one more asks anew.
    let event = element(&window, &["Incident", "EventData"]);
    let more = "<Description>It spoke to 203.0.113.9 too</Description>".to_owned();
    compose(&mut window, composer::Message::Act(Act::Xml { parent: event, text: more }));
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks));
    publish(&mut window);
    window.let_pass(60);
    assert!(window.sent().is_empty());
    // Where the topic is for red, to raise a value is a remedy.
    meant(&mut window, Some(Tlp::Red));
    assert_eq!(weight(&mut window, "topic.stricter"), None);
    set(&mut window, &["Incident", "EventData"], "restriction", "green");
    assert_eq!(weight(&mut window, "leak"), Some(Weight::Blocks));
    assert_eq!(found(&window, "leak").unwrap().fixes.len(), 2);
    compose(&mut window, composer::Message::Jump(0));
    let at = window.app.desk().unwrap().findings.list.iter().position(|finding| finding.id == "leak").unwrap();
    compose(&mut window, composer::Message::Fix(at, 0));
    assert_eq!((weight(&mut window, "leak"), weight(&mut window, "topic.stricter")), (None, None));
}

/// The common way: what the person said once is asked no second time, nor what went there by that; what went by a reason
/// typed for it went so once.
#[test]
fn what_was_said_once_or_went_there_by_that_passes_without_a_question() {
    let mut window = screen(false);
    fill(&mut window);
    let _ = go(&mut window);
    compose(&mut window, composer::Message::Close);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks), "an exception is no habit");
    meant(&mut window, Some(Tlp::Amber));
    assert_eq!(weight(&mut window, "topic.stricter"), None);
    let _ = go(&mut window);
    compose(&mut window, composer::Message::Close);
    meant(&mut window, None);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    assert_eq!(
        (weight(&mut window, "topic.stricter"), weight(&mut window, "topic.habit")),
        (None, Some(Weight::Warns))
    );
    assert_eq!(window.app.desk().unwrap().findings.blocks(), 0, "{:?}", window.app.desk().unwrap().findings.list);
    assert!(window.app.desk().unwrap().beside().reasons.is_empty());
    compose(&mut window, composer::Message::Side(Side::Audience));
    assert!(window.shows("TLP:AMBER went there from here before"), "{:?}", window.texts());
    // What is stricter than that is another matter.
    set(&mut window, &["Incident"], "restriction", "red");
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks));
    set(&mut window, &["Incident"], "restriction", "amber");
    meant(&mut window, Some(Tlp::Green));
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks), "the person's word comes first");
    assert!(window.shows("You said that"), "{:?}", window.texts());
    meant(&mut window, Some(Tlp::Amber));
    assert_eq!((weight(&mut window, "topic.stricter"), weight(&mut window, "topic.habit")), (None, None));
}

#[test]
fn what_was_said_of_a_topic_outlives_the_program_and_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = super::archive::first(folder.path(), &keychain);
    let mut window = kept(folder.path(), &keychain);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks));
    meant(&mut window, Some(Tlp::Amber));
    drop(window);
    let mut window = kept(folder.path(), &keychain);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    assert_eq!(weight(&mut window, "topic.stricter"), None);
    compose(&mut window, composer::Message::Side(Side::Audience));
    assert!(window.shows("You said so."), "{:?}", window.texts());
    super::stock::press(&mut window, "compose.meant.MILEHost.amber");
    assert_eq!(weight(&mut window, "topic.stricter"), Some(Weight::Blocks));
}

/// What a draft was made of binds it: as a whole, and in its parts.
#[test]
fn a_draft_is_no_looser_than_what_it_was_made_of() {
    let mut window = screen(false);
    let theirs = report("2026-7", "Scan", Restriction::Amber, Severity::High, "192.0.2.7");
    deliver(&mut window, &[("MILEHost", &theirs, 3)]);
    window.run(Message::Compose(composer::Message::After(After::Row(0))));
    compose(&mut window, composer::Message::After(After::Words("Blocked at our edge".to_owned())));
    compose(&mut window, composer::Message::After(After::Go));
    assert_eq!(weight(&mut window, "source.looser"), None, "it begins as strict");
    set(&mut window, &["Incident"], "restriction", "green");
    assert_eq!(weight(&mut window, "source.looser"), Some(Weight::Blocks));
    let at = window.app.desk().unwrap().findings.list.iter().position(|finding| finding.id == "source.looser").unwrap();
    compose(&mut window, composer::Message::Side(Side::Findings));
    assert!(window.shows("Raise Incident to TLP:AMBER"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Fix(at, 0));
    assert_eq!(weight(&mut window, "source.looser"), None);
    // One part of it that says less.
    set(&mut window, &["Incident", "Contact"], "restriction", "white");
    assert_eq!(weight(&mut window, "source.looser"), Some(Weight::Blocks));
    let at = window.app.desk().unwrap().findings.list.iter().position(|finding| finding.id == "source.looser").unwrap();
    compose(&mut window, composer::Message::Jump(at));
    assert_eq!(window.app.desk().unwrap().selected().map(Element::local), Some("Contact"));
    reason(&mut window, "source.looser");
    assert_eq!(weight(&mut window, "source.looser"), Some(Weight::Warns));
    // A copy of it is made of the same.
    compose(&mut window, composer::Message::DoubleDraft);
    assert_eq!(weight(&mut window, "source.looser"), Some(Weight::Blocks), "and has no reason of its own");
}

/// A reason that was given for a value is given for what is told anew of it.
#[test]
fn an_update_asks_no_second_time_for_a_value() {
    let mut window = screen(false);
    let strict = report("2026-7", "Old", Restriction::Red, Severity::High, "192.0.2.7");
    deliver(&mut window, &[("my-desk", &strict, 3)]);
    fill(&mut window);
    assert_eq!(weight(&mut window, "leak"), Some(Weight::Warns));
    let receipt = go(&mut window);
    compose(&mut window, composer::Message::Close);
    compose(&mut window, composer::Message::After(After::Receipt(receipt)));
    compose(&mut window, composer::Message::After(After::Go));
    assert_eq!(weight(&mut window, "leak"), Some(Weight::Warns));
    assert!(window.app.desk().unwrap().beside().reasons.iter().all(|reason| reason.of == "leak"));
}
