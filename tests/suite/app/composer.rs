//! The composer: what is needed is named, a report is held before it leaves, and what came of it stays in sight.

use std::sync::Arc;

use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::engine::{Command, Error, Event, Receipt, RequestId};
use gridwatch::iodef::summarise;
use gridwatch::model::{Affiliation, ItemId, Kind, Restriction, Say, Severity, Topic};
use gridwatch::screen::Tab;
use gridwatch::screen::composer::{self, Line};
use iced_test::core::text::editor::{Action, Edit};

use crate::support::window::{Window, id, topics};

fn screen(practice: bool) -> Window {
    let mut window = Window::connected(practice);
    window.go(Tab::Compose);
    window
}

fn compose(window: &mut Window, message: composer::Message) {
    window.say(Message::Compose(message));
}

fn paste(text: &str) -> Action {
    Action::Edit(Edit::Paste(Arc::new(text.to_owned())))
}

/// All a report needs.
pub fn fill(window: &mut Window) {
    use composer::Message as M;
    for message in [
        M::Topic(id("MILEHost")),
        M::Edit(Line::ContactName, "CSIRT duty desk".to_owned()),
        M::Edit(Line::ContactEmail, "duty@csirt.example".to_owned()),
        M::Severity(Severity::High),
        M::Restriction(Restriction::Amber),
        M::Description(paste("Credential phishing against staff\nThe kit posts to the hosts below.")),
        M::Addresses(paste("192[.]0[.]2[.]7\n198.51.100.0/24\nhxxps://login.example/owa\nkit.example\nAS64500")),
    ] {
        compose(window, message);
    }
}

#[test]
fn what_is_missing_is_named_and_nothing_is_sent() {
    let mut window = screen(false);
    assert!(window.shows("Still needed: Topic, Restriction, Contact, What happened"));
    window.click("Publish");
    assert!(window.shows("Choose where it is published."));
    window.pass(60);
    assert!(window.commands().is_empty());
    fill(&mut window);
    assert!(window.shows("Ready to publish to Host incidents of the MILE community."));
    compose(&mut window, composer::Message::Addresses(paste("\nnot an address")));
    assert!(!window.shows("Ready to publish"));
    assert!(window.shows("not an address"));
}

#[test]
fn only_topics_i_may_publish_to_that_carry_reports_are_offered() {
    let mut window = screen(false);
    let mut none = topics();
    none.iter_mut().for_each(|topic| topic.affiliation = Affiliation::None);
    // An OVAL topic I own is no place for a report.
    none[6].affiliation = Affiliation::Owner;
    window.tell(vec![Event::Topics { topics: none.clone().into(), walked: 8, total: 8, whole: true, complete: true }]);
    assert!(window.shows("Nowhere to publish to"));
    none[0].affiliation = Affiliation::Publisher;
    window.tell(vec![Event::Topics { topics: none.into(), walked: 8, total: 8, whole: true, complete: true }]);
    assert!(window.shows("Still needed: Restriction, Contact, What happened"), "the only one is chosen");
}

#[test]
fn a_report_is_held_then_published_as_previewed_and_the_receipt_is_the_broker_s_id() {
    let mut window = screen(false);
    fill(&mut window);
    assert!(window.shows("TLP:AMBER"));
    window.click("Publish");
    assert!(window.shows("Published to Host incidents of the MILE community in 10 s."));
    // The document is fixed: what is typed now is not in it.
    compose(&mut window, composer::Message::Edit(Line::Id, "changed".to_owned()));
    window.pass(9);
    assert!(window.commands().is_empty());
    window.pass(1);
    let commands = window.commands();
    let [Command::Publish { request, topic, item, payload, .. }] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(*topic, id("MILEHost"));
    assert_eq!(item.0.len(), 32);
    let summary = summarise(payload, &[]);
    assert_eq!(summary.kind, Kind::Iodef2);
    assert_eq!((summary.id.get(..16), summary.csirt.as_str()), (Some("20261121-160000-"), "csirt.example"));
    assert_eq!(summary.restriction, Restriction::Amber);
    assert_eq!(summary.severity, Severity::High);
    assert_eq!(summary.observables_total, 5);
    window.tell(vec![Event::Done { request: *request, result: Ok(Receipt::Published(item.clone())) }]);
    assert!(window.shows(&format!("Receipt: item {}", item.0)));
    window.click("New report");
    assert!(window.shows("Still needed: Restriction, What happened"), "the sender is kept, the words are not");
}

fn list(window: &mut Window, topics: Vec<Topic>, complete: bool) {
    let walked = u32::try_from(topics.len()).unwrap();
    window.tell(vec![Event::Topics { topics: topics.into(), walked, total: walked, whole: true, complete }]);
}

#[test]
fn a_chosen_topic_is_never_exchanged_for_the_only_one_left() {
    let mut window = screen(false);
    fill(&mut window);
    compose(&mut window, composer::Message::Topic(id("my-desk")));
    assert!(window.shows("Ready to publish to Findings of our own team."));
    let mut rest = topics();
    rest.retain(|topic| topic.id != id("my-desk"));
    list(&mut window, rest.clone(), false);
    assert!(window.shows("Ready to publish to my-desk."), "half a list says nothing of the other half");
    for _ in 0..2 {
        list(&mut window, rest.clone(), true);
        assert!(window.shows("my-desk takes no reports from you any more."));
    }
    window.click("Publish");
    window.pass(60);
    assert!(window.commands().is_empty());
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    assert!(window.shows("Ready to publish to Host incidents of the MILE community."));
}

#[test]
fn the_first_topic_of_half_a_list_is_not_the_only_one() {
    let mut window = screen(false);
    let mut some = topics();
    some.truncate(1);
    list(&mut window, some.clone(), false);
    assert!(window.shows("Still needed: Topic, "));
    list(&mut window, some, true);
    assert!(window.shows("Still needed: Restriction, "));
}

/// Publishes what is there and says what left.
fn publish(window: &mut Window) -> (RequestId, ItemId, String) {
    window.click("Publish");
    window.pass(10);
    match window.commands().remove(0) {
        Command::Publish { request, item, payload, .. } => (request, item, summarise(&payload, &[]).id.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_that_may_have_arrived_stays_one_item_through_undo_and_edits() {
    let mut window = screen(false);
    fill(&mut window);
    let (request, first, _) = publish(&mut window);
    window.tell(vec![Event::Done { request, result: Err(Error::Timeout { what: "publishing" }) }]);
    window.click("Publish");
    window.click("Undo");
    compose(&mut window, composer::Message::Severity(Severity::Low));
    let (request, second, _) = publish(&mut window);
    assert_eq!(first, second, "the broker replaces what it may have");
    let refused = Error::Refused { say: Say::new("error-offline"), condition: "x".to_owned() };
    window.tell(vec![Event::Done { request, result: Err(refused) }]);
    compose(&mut window, composer::Message::Severity(Severity::High));
    assert_eq!(publish(&mut window).1, first, "a refusal of the second says nothing of the first");
}

#[test]
fn two_reports_of_one_second_have_two_numbers() {
    let mut window = screen(false);
    fill(&mut window);
    let (request, item, first) = publish(&mut window);
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Published(item)) }]);
    compose(&mut window, composer::Message::Fresh);
    fill(&mut window);
    let (_, _, second) = publish(&mut window);
    assert_ne!(first, second);
    let mut colleague = screen(false);
    fill(&mut colleague);
    assert_ne!(publish(&mut colleague).2, first, "begun in the same second elsewhere");
}

#[test]
fn what_was_sent_when_the_engine_ends_comes_back_as_a_draft() {
    let mut window = screen(false);
    fill(&mut window);
    let _ = publish(&mut window);
    assert!(window.shows("Publishing to"));
    window.say(Message::Engine(1, Update::Ended));
    assert!(window.shows("Not published: ") && !window.shows("Publishing to"));
    assert!(window.shows("it can be published when the connection is back"), "the form is open again");
}

#[test]
fn undo_brings_the_draft_back() {
    let mut window = screen(false);
    fill(&mut window);
    window.click("Publish");
    window.click("Undo");
    window.pass(60);
    assert!(window.commands().is_empty());
    assert!(window.shows("Ready to publish"));
}

#[test]
fn a_refused_report_is_kept_with_its_reason_and_stays_the_same_item() {
    let mut window = screen(false);
    fill(&mut window);
    let publish = |window: &mut Window| {
        window.click("Publish");
        window.pass(10);
        match window.commands().remove(0) {
            Command::Publish { request, item, .. } => (request, item),
            other => panic!("{other:?}"),
        }
    };
    let (request, first) = publish(&mut window);
    let say = Say::new("error-timeout").with("what", "publishing");
    window.tell(vec![Event::Done { request, result: Err(Error::Refused { say, condition: "x".to_owned() }) }]);
    assert!(window.shows("Not published: No answer in time while publishing"));
    assert!(window.shows("Ready to publish"), "the draft is there");
    let (request, second) = publish(&mut window);
    assert_eq!(first, second, "a repeat is the same item");
    let refused = Error::Refused { say: Say::new("error-offline"), condition: "x".to_owned() };
    window.tell(vec![Event::Done { request, result: Err(refused) }]);
    compose(&mut window, composer::Message::Severity(Severity::Low));
    let (_, third) = publish(&mut window);
    assert_ne!(second, third, "another document is another item");
}

#[test]
fn a_practice_document_does_not_leave_for_a_real_grid() {
    let mut window = screen(false);
    fill(&mut window);
    compose(&mut window, composer::Message::Edit(Line::Csirt, "Practice.Invalid.".to_owned()));
    assert!(window.shows("it must not leave for a real one"));
    window.click("Publish");
    window.pass(60);
    assert!(window.commands().is_empty());
    let mut window = screen(true);
    fill(&mut window);
    window.click("Publish");
    window.pass(10);
    let commands = window.commands();
    let [Command::Publish { payload, .. }] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(summarise(payload, &[]).csirt, "practice.invalid");
}

#[test]
fn a_log_pasted_by_mistake_is_refused_whole() {
    let mut window = screen(false);
    fill(&mut window);
    for message in [composer::Message::Addresses, composer::Message::Description] {
        compose(&mut window, message(paste(&"Nov 21 16:00:00 mail sshd[7]: refused\n".repeat(10_000))));
        assert!(window.shows("too long for a report"));
        assert!(window.shows("Ready to publish"), "the draft is as it was");
    }
}
