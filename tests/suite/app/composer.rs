//! The composer: from a blank form to a valid report, what is found and where it leads, a report held before it leaves, and
//! what came of it, which stays in sight with the draft.

use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::compose::draft::{self, Act, Spot};
use gridwatch::compose::preflight::Weight;
use gridwatch::engine::{Command, Connection, Error, Event, Members, Receipt, RequestId, Subscriber, Terms};
use gridwatch::iodef::{Element, NodeId, summarise};
use gridwatch::model::{Access, Affiliation, ItemId, Kind, Restriction, Say, Severity, Topic, TopicId};
use gridwatch::screen::composer::{self, After, Course, For, Side};
use gridwatch::screen::{Place, Tab};
use gridwatch::store::activity::Kind as What;
use gridwatch::store::{Incoming, ItemKey, Route};
use gridwatch::xmpp::pubsub::Reason;
use gridwatch::xmpp::stanza::{self, Condition, ErrorKind, Special};
use iced_test::core::keyboard::Modifiers;
use iced_test::core::keyboard::key::Named;
use iced_test::core::text::editor::{Action, Edit};

use crate::stage::{key, key_with, letter};
use crate::support::window::{Window, connected, deliver, id, report, topics};

pub fn screen(practice: bool) -> Window {
    let mut window = Window::connected(practice);
    window.go(Tab::Compose);
    window
}

/// Says it and lets what comes of it be done.
pub fn compose(window: &mut Window, message: composer::Message) {
    window.run(Message::Compose(message));
}

pub fn element(window: &Window, way: &[&str]) -> NodeId {
    let desk = window.app.desk().expect("a draft is open");
    let mut at = desk.document().root();
    for step in way {
        at = at.child(step).unwrap_or_else(|| panic!("no {step} in {}", desk.document().text()));
    }
    at.id()
}

/// Types into the text of an element.
pub fn write(window: &mut Window, way: &[&str], value: &str) {
    let spot = Spot::text(element(window, way));
    compose(window, composer::Message::Act(Act::Set { spot, value: value.to_owned() }));
}

pub fn set(window: &mut Window, way: &[&str], name: &str, value: &str) {
    let spot = Spot::attribute(element(window, way), name);
    compose(window, composer::Message::Act(Act::Set { spot, value: value.to_owned() }));
}

/// Gives a reason for all that asks for one.
pub fn give_reasons(window: &mut Window) {
    compose(window, composer::Message::Check);
    loop {
        let findings = &window.app.desk().unwrap().findings.list;
        let given = |at: &usize| {
            let act = findings[*at].act.as_ref();
            act.is_some_and(|act| window.app.desk().unwrap().beside().reason(act.of, &act.about).is_none())
        };
        let Some(at) = (0..findings.len()).find(given) else { return };
        compose(window, composer::Message::Reason(at));
        compose(window, composer::Message::ReasonWords("agreed with the owner".to_owned()));
        compose(window, composer::Message::ReasonGiven);
    }
}

pub const OBSERVED: &str = "<EventData><Flow><System category=\"source\"><Node>\
    <Address category=\"ipv4-addr\">192.0.2.7</Address></Node></System></Flow></EventData>";

/// All a report needs: six fields.
pub fn essentials(window: &mut Window) {
    compose(window, composer::Message::Begin(0));
    set(window, &["Incident"], "restriction", "amber");
    write(window, &["Incident", "Description"], "Credential phishing against staff\nThe kit posts to the hosts below.");
    write(window, &["Incident", "Contact", "Email", "EmailTo"], "duty@csirt.example");
}

/// A report with an address, ready to go to the MILE community.
pub fn fill(window: &mut Window) {
    essentials(window);
    let incident = element(window, &["Incident"]);
    compose(window, composer::Message::Act(Act::Xml { parent: incident, text: OBSERVED.to_owned() }));
    compose(window, composer::Message::Topic(id("MILEHost")));
    give_reasons(window);
}

/// Wants it published, and lets it be looked at.
pub fn publish(window: &mut Window) {
    compose(window, composer::Message::Publish);
}

fn sent(window: &mut Window) -> (RequestId, TopicId, ItemId, Vec<u8>, Terms) {
    match window.sent().remove(0) {
        Command::Publish { request, topic, item, payload, terms } => (request, topic, item, payload.to_vec(), terms),
        other => panic!("{other:?}"),
    }
}

fn answer(window: &mut Window, request: RequestId, result: Result<Receipt, Error>) {
    window.tell(vec![Event::Done { request, result }]);
}

/// What the broker says of who reads one of my topics.
fn readers(jids: &[&str]) -> Result<Receipt, Error> {
    let one = |jid: &&str| Subscriber { jid: jid.parse().unwrap(), subid: None, pending: false };
    Ok(Receipt::Members(Members { subscribers: jids.iter().map(one).collect(), ..Members::default() }.into()))
}

/// That is asked, and nothing else is.
fn asked_readers(window: &mut Window) -> RequestId {
    match window.sent().as_slice() {
        [Command::Members { request, .. }] => *request,
        other => panic!("{other:?}"),
    }
}

/// What is sent, when it is said that nobody else reads my topics as often as it is asked.
fn sent_to_nobody_else(window: &mut Window) -> Vec<Command> {
    let mut sent = Vec::new();
    loop {
        let (asked, others): (Vec<_>, Vec<_>) =
            window.sent().into_iter().partition(|command| matches!(command, Command::Members { .. }));
        sent.extend(others);
        if asked.is_empty() {
            return sent;
        }
        for command in asked {
            let Command::Members { request, .. } = command else { continue };
            window.let_hear(vec![Event::Done { request, result: readers(&[]) }]);
        }
    }
}

/// A look that found nothing, nor any value.
fn nothing() -> composer::Found {
    composer::Found { list: Vec::new(), said: Vec::new(), goes: composer::Goes::default() }
}

fn refused() -> Error {
    Error::Refused { say: Say::new("error-timeout").with("what", "publishing"), condition: "forbidden".to_owned() }
}

fn list(window: &mut Window, topics: Vec<Topic>, complete: bool) {
    let walked = u32::try_from(topics.len()).unwrap();
    window.let_hear(vec![Event::Topics { topics: topics.into(), walked, total: walked, whole: true, complete }]);
}

#[test]
fn a_valid_report_takes_six_fields_and_is_published_as_it_is_shown() {
    let mut window = screen(false);
    essentials(&mut window);
    assert!(window.app.desk().unwrap().essentials().len() <= 6);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    give_reasons(&mut window);
    assert!(window.shows("Ready to publish to Host incidents of the MILE community."), "{:?}", window.texts());
    assert!(window.shows("TLP:AMBER"));
    publish(&mut window);
    assert!(window.shows("Published to Host incidents of the MILE community in 10 s."));
    // The document is fixed: what is typed now is not in it.
    write(&mut window, &["Incident", "IncidentID"], "changed");
    window.let_pass(9);
    assert!(window.sent().is_empty());
    window.let_pass(1);
    let (request, topic, item, payload, terms) = sent(&mut window);
    // Why it was let pass goes with it, for the log of acts: nobody said yet what the closed topic is for.
    let reason = "topic.stricter: agreed with the owner; audience.first: agreed with the owner".to_owned();
    assert_eq!((topic, terms), (id("MILEHost"), Terms { access: Some(Access::Whitelist), sent: false, reason }));
    assert_eq!(item.0.len(), 32);
    let summary = summarise(&payload, &[]);
    assert_eq!(summary.kind, Kind::Iodef2);
    assert_eq!((summary.id.get(..16), summary.csirt.as_str()), (Some("20261121-160000-"), "csirt.example"));
    assert_eq!(summary.restriction, Restriction::Amber);
    assert!(summary.title.starts_with("Credential phishing against staff"));
    answer(&mut window, request, Ok(Receipt::Published(item.clone())));
    assert!(window.shows(&format!("Receipt: item {}", item.0)));
    window.click("New report");
    assert!(window.app.desk().is_none() && window.shows("Begin a report"));
}

#[test]
fn what_is_missing_is_named_at_its_field_and_nothing_is_sent() {
    let mut window = screen(false);
    compose(&mut window, composer::Message::Begin(0));
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    publish(&mut window);
    let desk = window.app.desk().unwrap();
    assert!(desk.findings.blocks() > 0 && desk.side == Side::Findings);
    assert!(window.shows("Needed."), "{:?}", window.texts());
    window.let_pass(60);
    assert!(window.sent().is_empty());
}

#[test]
fn only_topics_i_may_publish_to_that_carry_reports_are_offered() {
    let mut window = screen(false);
    let mut none = topics();
    none.iter_mut().for_each(|topic| topic.affiliation = Affiliation::None);
    // An OVAL topic I own is no place for a report.
    none[6].affiliation = Affiliation::Owner;
    list(&mut window, none.clone(), true);
    assert!(window.shows("Nowhere to publish to"));
    none[0].affiliation = Affiliation::Publisher;
    list(&mut window, none, true);
    compose(&mut window, composer::Message::Begin(0));
    assert_eq!(window.app.desk().unwrap().topics(), [id("MILEHost")], "the only one is chosen");
}

#[test]
fn the_first_topic_of_half_a_list_is_not_the_only_one() {
    let mut window = screen(false);
    let mut some = topics();
    some.truncate(1);
    list(&mut window, some.clone(), false);
    compose(&mut window, composer::Message::Begin(0));
    assert!(window.app.desk().unwrap().topics().is_empty());
    list(&mut window, some, true);
    assert_eq!(window.app.desk().unwrap().topics(), [id("MILEHost")]);
}

#[test]
fn a_chosen_topic_is_never_exchanged_for_the_only_one_left() {
    let mut window = screen(false);
    fill(&mut window);
    compose(&mut window, composer::Message::Untopic(id("MILEHost")));
    compose(&mut window, composer::Message::Topic(id("my-desk")));
    give_reasons(&mut window);
    assert!(window.shows("Ready to publish to Findings of our own team."));
    let mut rest = topics();
    rest.retain(|topic| topic.id != id("my-desk"));
    list(&mut window, rest.clone(), false);
    assert!(!window.shows("takes no reports from you any more"), "half a list says nothing of the other half");
    list(&mut window, rest, true);
    assert!(window.shows("my-desk takes no reports from you any more."));
    publish(&mut window);
    window.let_pass(60);
    assert!(!window.sent().iter().any(|command| matches!(command, Command::Publish { .. })));
}

#[test]
fn every_step_goes_back_and_forth_by_keys() {
    let mut window = screen(false);
    essentials(&mut window);
    let text = |window: &Window| window.app.desk().unwrap().document().text().to_owned();
    let full = text(&window);
    let ctrl = |window: &mut Window, letter: &str| {
        let press = key_with(iced_test::core::keyboard::Key::Character(letter.into()), Modifiers::CTRL);
        window.events(&[press]);
    };
    for _ in 0..3 {
        ctrl(&mut window, "z");
    }
    assert!(!text(&window).contains("amber") && !text(&window).contains("duty"));
    for _ in 0..3 {
        ctrl(&mut window, "y");
    }
    assert_eq!(text(&window), full);
    ctrl(&mut window, "n");
    assert!(window.app.desk().is_none(), "set aside");
    window.click("Credential phishing against staff");
    assert_eq!(text(&window), full);
    ctrl(&mut window, "z");
    assert_ne!(text(&window), full, "its history came with it");
}

#[test]
fn a_class_is_found_by_typing_added_and_removed_by_keys() {
    let mut window = screen(false);
    essentials(&mut window);
    window.run(Message::Compose(composer::Message::Look(0)));
    window.events(&[letter("a")]);
    window.run(Message::Compose(composer::Message::Query("eventd".to_owned())));
    assert!(window.shows("EventData"), "{:?}", window.texts());
    compose(&mut window, composer::Message::TakeHere);
    let desk = window.app.desk().unwrap();
    assert_eq!(desk.selected().map(Element::local), Some("EventData"));
    assert!(window.shows("EventData") && window.shows("Description"));
    window.events(&[key(Named::Delete)]);
    assert!(!window.app.desk().unwrap().document().text().contains("EventData"));
    assert!(window.app.desk().unwrap().selected().is_some(), "the eye stays nearby");
}

#[test]
fn each_kind_of_control_shows_and_sets_its_value() {
    let mut window = screen(false);
    essentials(&mut window);
    let incident = element(&window, &["Incident"]);
    let text = "<DetectTime>yesterday</DetectTime><Assessment><SystemImpact type=\"unknown\"/>\
        <Confidence rating=\"low\"/></Assessment>";
    compose(&mut window, composer::Message::Act(Act::Xml { parent: incident, text: text.to_owned() }));
    let assessment = element(&window, &["Incident", "Assessment"]);
    compose(&mut window, composer::Message::Fold(assessment));
    let look = |window: &mut Window, way: &[&str]| {
        let node = element(window, way);
        let at = window.app.desk().unwrap().rows().iter().position(|row| row.node == node).unwrap();
        compose(window, composer::Message::Look(at + 1));
    };
    look(&mut window, &["Incident", "DetectTime"]);
    assert!(window.shows("“yesterday” is not a date and time."), "{:?}", window.texts());
    window.click("Now");
    assert!(window.app.desk().unwrap().document().text().contains("<DetectTime>2026-11-21T16:00:00Z</DetectTime>"));
    look(&mut window, &["Incident", "Assessment", "SystemImpact"]);
    // A few values stand side by side, many open a list that is found in by typing.
    window.click("high");
    let impact = element(&window, &["Incident", "Assessment", "SystemImpact"]);
    let kind = Spot::attribute(impact, "type");
    compose(&mut window, composer::Message::Pick(Some(For::Value(kind))));
    compose(&mut window, composer::Message::Query("takeover-acc".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    let text = window.app.desk().unwrap().document().text().to_owned();
    assert!(text.contains("severity=\"high\"") && text.contains("type=\"takeover-account\""), "{text}");
    compose(&mut window, composer::Message::Pick(Some(For::Value(Spot::attribute(impact, "type")))));
    compose(&mut window, composer::Message::Query("ext-v".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(window.shows("ext-type (required)"), "{:?}", window.texts());
    // Text of several lines.
    compose(&mut window, composer::Message::Look(0));
    let words = Spot::text(element(&window, &["Incident", "Description"]));
    let paste = Action::Edit(Edit::Paste(std::sync::Arc::new("Also: ".to_owned())));
    compose(&mut window, composer::Message::Write(words, paste));
    assert!(window.app.desk().unwrap().title().starts_with("Also: Credential"));
}

#[test]
fn a_finding_leads_to_its_field_and_its_remedy_is_one_step() {
    let mut window = screen(false);
    essentials(&mut window);
    let incident = element(&window, &["Incident"]);
    let text = "<DetectTime>yesterday</DetectTime>";
    compose(&mut window, composer::Message::Act(Act::Xml { parent: incident, text: text.to_owned() }));
    compose(&mut window, composer::Message::Check);
    compose(&mut window, composer::Message::Side(Side::Findings));
    assert!(window.shows("One blocks"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Look(0));
    compose(&mut window, composer::Message::Jump(0));
    assert_eq!(window.app.desk().unwrap().selected().map(Element::local), Some("DetectTime"));
    // The one that is looked at stands below with all its words.
    let next = "Write it as 2026-11-21T16:05:00Z.";
    let told = |window: &mut Window| window.texts().iter().filter(|text| *text == next).count();
    compose(&mut window, composer::Message::Finding(7));
    assert_eq!(told(&mut window), 1, "{:?}", window.texts());
    compose(&mut window, composer::Message::Finding(0));
    assert_eq!(told(&mut window), 2, "{:?}", window.texts());
    write(&mut window, &["Incident", "DetectTime"], "2026-11-21T15:00:00Z");
    compose(&mut window, composer::Message::Check);
    assert_eq!(window.app.desk().unwrap().findings.blocks(), 0);
}

#[test]
fn what_an_older_look_found_is_not_taken_for_the_newest() {
    let mut window = screen(false);
    essentials(&mut window);
    compose(&mut window, composer::Message::Check);
    let (name, revision) = (window.app.desk().unwrap().id.clone(), window.app.desk().unwrap().revision());
    window.say(Message::Compose(composer::Message::Act(Act::Set {
        spot: Spot::attribute(element(&window, &["Incident"]), "purpose"),
        value: "watch".to_owned(),
    })));
    window.say(Message::Compose(composer::Message::Looked(name, revision, nothing())));
    assert!(window.app.desk().unwrap().findings.of != Some(window.app.desk().unwrap().revision()));
    assert!(window.shows("Looking at it again…"));
}

/// A look that dies lets nothing go: what was not looked at is not sound.
#[test]
fn a_look_that_dies_stands_in_the_way() {
    let mut window = screen(false);
    fill(&mut window);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let found = runtime.block_on(composer::Found::made(|| panic!("as a look would")));
    window.say(Message::Compose(composer::Message::Publish));
    let desk = window.app.desk().unwrap();
    let (name, revision) = (desk.id.clone(), desk.revision());
    compose(&mut window, composer::Message::Looked(name, revision, found));
    assert!(window.shows("could not be looked at"), "{:?}", window.texts());
    window.let_pass(60);
    assert!(window.sent().is_empty());
    // The next look is one again.
    publish(&mut window);
    assert!(window.shows("in 10 s."));
}

/// The archive's answer to what was asked before says nothing of what was typed since: only the newest one lets it go.
#[test]
fn an_older_answer_of_the_archive_lets_nothing_go() {
    let mut window = screen(false);
    let strict = report("2026-7", "Old", Restriction::Red, Severity::High, "192.0.2.7");
    deliver(&mut window, &[("MILEHost", &strict, 3)]);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    set(&mut window, &["Incident"], "restriction", "green");
    give_reasons(&mut window);
    let incident = element(&window, &["Incident"]);
    let act = Act::Xml { parent: incident, text: OBSERVED.to_owned() };
    window.say(Message::Compose(composer::Message::Act(act)));
    // Published at once: the archive is asked, and has not answered.
    window.say(Message::Compose(composer::Message::Publish));
    let desk = window.app.desk().unwrap();
    let (name, revision) = (desk.id.clone(), desk.revision());
    let said = gridwatch::compose::guard::said(desk.document());
    assert!(said.iter().any(|said| said.value == "192.0.2.7"));
    let looked = composer::Message::Looked(name.clone(), revision, composer::Found { said, ..nothing() });
    window.say(Message::Compose(looked.clone()));
    for asked in 0..3 {
        let late = composer::Worked::Learned(name.clone(), asked, Ok(std::sync::Arc::default()));
        window.say(Message::Compose(composer::Message::Worked(Box::new(late))));
        assert!(!window.shows("in 10 s."), "{asked}");
    }
    // The same, answered: what was received more strictly stands in the way.
    compose(&mut window, looked);
    assert!(window.app.desk().unwrap().findings.list.iter().any(|finding| finding.id == "leak"));
    assert!(!window.shows("in 10 s."));
    window.let_pass(60);
    assert!(window.sent().is_empty());
    give_reasons(&mut window);
    publish(&mut window);
    assert!(window.shows("in 10 s."), "{:?}", window.texts());
}

/// What is typed after a report was published is not thrown away with the draft, and goes as another item of the incident.
#[test]
fn what_is_changed_after_publishing_is_kept_and_told_anew() {
    let mut window = screen(false);
    fill(&mut window);
    let publish_it = |window: &mut Window| {
        publish(window);
        window.let_pass(10);
        let (request, _, item, payload, _) = sent(window);
        answer(window, request, Ok(Receipt::Published(item.clone())));
        (item, String::from_utf8(payload).unwrap())
    };
    let (first, _) = publish_it(&mut window);
    assert!(!window.shows("Ready to publish"));
    set(&mut window, &["Incident"], "purpose", "watch");
    assert!(window.shows("Ready to publish"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Close);
    assert!(window.shows("Drafts") && window.shows("changed since it was published"), "{:?}", window.texts());
    window.click("Credential phishing against staff");
    assert!(window.app.desk().unwrap().document().text().contains("watch"));
    let (second, payload) = publish_it(&mut window);
    assert!(first != second && payload.contains("watch"));
    assert!(!window.shows("Ready to publish"));
    // As it is, it is everywhere it was to go.
    publish(&mut window);
    window.let_pass(60);
    assert!(window.sent().is_empty());
    compose(&mut window, composer::Message::Close);
    assert!(!window.shows("Drafts"), "{:?}", window.texts());
}

#[test]
fn a_first_publication_asks_for_a_reason_and_cancel_is_the_default() {
    let mut window = screen(false);
    essentials(&mut window);
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    publish(&mut window);
    assert!(window.shows("Are you sure?"), "{:?}", window.texts());
    window.events(&[key(Named::Enter)]);
    assert!(!window.shows("Are you sure?"), "Enter is the way back");
    window.let_pass(60);
    assert!(window.sent().is_empty());
    give_reasons(&mut window);
    publish(&mut window);
    assert!(window.shows("in 10 s."));
}

#[test]
fn one_report_goes_to_several_topics_and_each_has_its_receipt() {
    let mut window = screen(false);
    fill(&mut window);
    compose(&mut window, composer::Message::Topic(id("my-desk")));
    let asked = window.sent();
    let [Command::Members { request, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    let all = readers(&["soc@csirt.example", "night@csirt.example", "lone@elsewhere.example"]);
    answer(&mut window, *request, all);
    compose(&mut window, composer::Message::Side(Side::Audience));
    assert!(window.shows("3 accounts read it, by the broker's own list."), "{:?}", window.texts());
    assert!(window.shows("14 subscribers by the broker's word"), "{:?}", window.texts());
    assert!(window.shows("Nobody else is of its domain"));
    give_reasons(&mut window);
    publish(&mut window);
    window.let_pass(10);
    let mut sent = sent_to_nobody_else(&mut window);
    // They are looked at beside each other, and leave as they come.
    sent.sort_by_key(|command| matches!(command, Command::Publish { topic, .. } if *topic != id("MILEHost")));
    let [Command::Publish { request: first, item: a, .. }, Command::Publish { request: second, item: b, .. }] =
        sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    assert_ne!(a, b);
    answer(&mut window, *first, Ok(Receipt::Published(a.clone())));
    answer(&mut window, *second, Err(refused()));
    assert!(window.shows(&format!("Receipt: item {}", a.0)));
    assert!(window.shows("Not published to Findings of our own team: No answer in time while publishing"));
    // The one that has it is left alone, the other is tried again as the same item.
    publish(&mut window);
    window.let_pass(10);
    let again = sent_to_nobody_else(&mut window);
    let [Command::Publish { topic, item, .. }] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!((topic, item), (&id("my-desk"), b));
}

#[test]
fn what_is_held_taken_back_and_sent_is_told_to_the_log_by_its_item() {
    let mut window = screen(false);
    fill(&mut window);
    let noted = |window: &mut Window| {
        let held = |command| match command {
            Command::Held { kind: What::Publish, topic, subject, undone, .. } => Some((topic.node, subject, undone)),
            _ => None,
        };
        window.commands().into_iter().filter_map(held).collect::<Vec<_>>()
    };
    publish(&mut window);
    let first = noted(&mut window);
    let [(node, item, false)] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(node, "MILEHost");
    window.let_pass(5);
    assert!(noted(&mut window).is_empty(), "once");
    window.click("Undo");
    assert_eq!(noted(&mut window), [(node.clone(), item.clone(), true)]);
    publish(&mut window);
    let second = noted(&mut window);
    let [(_, again, false)] = second.as_slice() else { panic!("{second:?}") };
    assert_ne!(again, item, "another act");
    window.let_pass(10);
    let (request, _, sent, ..) = sent(&mut window);
    assert_eq!(sent.0, *again, "it leaves as what was held");
    answer(&mut window, request, Ok(Receipt::Published(sent)));
    assert!(noted(&mut window).is_empty(), "nothing of it is taken back");
    // Withdrawing it is an act of its own.
    window.run(Message::Compose(composer::Message::After(After::Receipt(again.clone()))));
    compose(&mut window, composer::Message::After(After::Choose(Course::Retract)));
    compose(&mut window, composer::Message::After(After::Go));
    let held = window.commands();
    assert!(
        matches!(held.as_slice(), [Command::Held { kind: What::Retract, subject, undone: false, .. }] if subject == again),
        "{held:?}"
    );
}

#[test]
fn undo_brings_the_draft_back() {
    let mut window = screen(false);
    fill(&mut window);
    publish(&mut window);
    window.click("Undo");
    window.let_pass(60);
    assert!(window.sent().is_empty());
    assert!(window.shows("Ready to publish"));
}

#[test]
fn a_refused_report_is_kept_with_its_reason_and_stays_the_same_item_until_it_changes() {
    let mut window = screen(false);
    fill(&mut window);
    publish(&mut window);
    window.let_pass(10);
    let (request, _, first, ..) = sent(&mut window);
    answer(&mut window, request, Err(refused()));
    assert!(window.shows("Not published to Host incidents of the MILE community: No answer in time while publishing"));
    assert!(window.shows("Ready to publish"), "the draft is there");
    publish(&mut window);
    window.let_pass(10);
    let (request, _, second, ..) = sent(&mut window);
    assert_eq!(first, second, "a repeat is the same item");
    answer(&mut window, request, Err(refused()));
    set(&mut window, &["Incident"], "purpose", "watch");
    publish(&mut window);
    window.let_pass(10);
    assert_ne!(sent(&mut window).2, first, "another document is another item");
}

/// Each refusal of XEP-0060 §7.1.3 and of this console in words of its own, the draft as it was, and another try the same item.
#[test]
fn each_refusal_has_its_words_and_the_draft_is_kept() {
    let of = |condition, special: &[Reason]| {
        let ns = "http://jabber.org/protocol/pubsub#errors".to_owned();
        let special =
            special.iter().map(|reason| Special { ns: ns.clone(), name: reason.token().to_owned(), feature: None });
        let special = special.collect();
        Error::from(stanza::Error { kind: ErrorKind::Cancel, condition, special, text: None })
    };
    let own = |key| Error::Refused { say: Say::new(key), condition: key.to_owned() };
    let refusals = [
        (of(Condition::Forbidden, &[]), "does not let this account do that"),
        (of(Condition::NotAcceptable, &[]), "The broker does not take this."),
        (of(Condition::NotAcceptable, &[Reason::PayloadTooBig]), "larger than the broker takes"),
        (of(Condition::BadRequest, &[Reason::ItemRequired]), "wants one item where there was none"),
        (of(Condition::BadRequest, &[Reason::PayloadRequired]), "takes no item without a document"),
        (of(Condition::BadRequest, &[Reason::InvalidPayload]), "does not take this document"),
        (of(Condition::Conflict, &[]), "conflicts with what is there already"),
        (of(Condition::Conflict, &[Reason::PreconditionNotMet]), "not set up as you expected"),
        (of(Condition::ItemNotFound, &[]), "does not have what you asked for"),
        (own("error-unknown-topic"), ""),
        (own("error-access-changed"), ""),
    ];
    let mut window = screen(false);
    fill(&mut window);
    let text = |window: &Window| window.app.desk().unwrap().document().text().to_owned();
    let (mut before, mut seen) = (None, std::collections::BTreeSet::new());
    for (refusal, words) in refusals {
        publish(&mut window);
        window.let_pass(10);
        let (request, _, item, ..) = sent(&mut window);
        let document = text(&window);
        answer(&mut window, request, Err(refusal.clone()));
        let told = window.texts().into_iter().find(|text| text.starts_with("Not published to Host incidents"));
        let told = told.unwrap_or_else(|| panic!("{refusal:?}: {:?}", window.texts()));
        assert!(told.contains(words) && !told.contains("error-") && seen.insert(told.clone()), "{refusal:?}: {told}");
        assert_eq!((text(&window), before.get_or_insert(item.clone())), (document, &mut item.clone()), "{refusal:?}");
        assert!(window.shows("Ready to publish"));
    }
}

#[test]
fn what_may_have_arrived_is_asked_for_and_cannot_be_changed_meanwhile() {
    let mut window = screen(false);
    fill(&mut window);
    publish(&mut window);
    window.let_pass(10);
    let (request, _, first, payload, _) = sent(&mut window);
    answer(&mut window, request, Err(Error::Timeout { what: "publishing" }));
    assert!(window.shows("It may have arrived"), "{:?}", window.texts());
    set(&mut window, &["Incident"], "purpose", "watch");
    window.let_pass(31);
    let (_, _, second, again, terms) = sent(&mut window);
    assert_eq!((first, payload, terms.sent), (second, again, true));
}

#[test]
fn offline_it_waits_and_goes_once_after_another_look() {
    let mut window = screen(false);
    fill(&mut window);
    let cause = Error::Offline;
    window.tell(vec![Event::Connection(Connection::Stopped { cause })]);
    publish(&mut window);
    window.let_pass(11);
    assert!(window.sent().is_empty());
    assert!(window.shows("Waits to be published to Host incidents of the MILE community."), "{:?}", window.texts());
    window.tell(vec![Event::Connection(connected())]);
    list(&mut window, topics(), true);
    let (request, _, item, ..) = sent(&mut window);
    window.let_pass(31);
    assert!(window.sent().is_empty(), "once");
    answer(&mut window, request, Ok(Receipt::Published(item)));
    assert!(window.shows("Receipt: item"));
    // What it waited for changed meanwhile: it does not go.
    let mut window = screen(false);
    fill(&mut window);
    window.tell(vec![Event::Connection(Connection::Stopped { cause: Error::Offline })]);
    publish(&mut window);
    window.let_pass(11);
    let mut closed = topics();
    closed[0].affiliation = Affiliation::None;
    window.tell(vec![Event::Connection(connected())]);
    list(&mut window, closed, true);
    assert!(window.sent().is_empty());
    assert!(window.shows("Not published to Host incidents of the MILE community"), "{:?}", window.texts());
}

/// What the outbox shows and what can be done there, without its draft being open.
#[test]
fn the_outbox_tells_what_is_on_its_way_and_leads_on() {
    let mut window = screen(false);
    assert!(window.shows("outbox 0"));
    fill(&mut window);
    publish(&mut window);
    assert!(window.shows("outbox 1"));
    window.click("outbox 1");
    assert!(window.app.desk().is_none() && window.shows("one is on its way"), "{:?}", window.texts());
    window.let_pass(10);
    let (request, _, item, ..) = sent(&mut window);
    answer(&mut window, request, Err(refused()));
    assert!(window.shows("outbox 0") && window.shows("nothing is on its way"));
    window.click("Again");
    assert!(window.shows("in 10 s."), "held once more");
    window.let_pass(10);
    let (request, _, again, ..) = sent(&mut window);
    assert_eq!(item, again);
    answer(&mut window, request, Ok(Receipt::Published(item.clone())));
    assert!(window.shows(&format!("Receipt: item {}", item.0)));
    // Taken back from its receipt.
    window.run(Message::Compose(composer::Message::After(After::Receipt(item.0.clone()))));
    assert!(window.shows("told anew") && window.shows("Update") && window.shows("Take back"), "{:?}", window.texts());
    compose(&mut window, composer::Message::After(After::Choose(Course::Retract)));
    assert!(window.shows("subscribers may keep copies") && window.shows("The broker counts 14 subscribers."));
    window.events(&[key(Named::Escape)]);
    assert!(!window.shows("subscribers may keep copies"));
    window.run(Message::Compose(composer::Message::After(After::Receipt(item.0.clone()))));
    compose(&mut window, composer::Message::After(After::Choose(Course::Retract)));
    compose(&mut window, composer::Message::After(After::Go));
    assert!(window.shows("Taken back from Host incidents of the MILE community in 10 s."), "{:?}", window.texts());
    window.let_pass(10);
    let commands = window.sent();
    let [Command::Retract { request, topic, item: back }] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!((topic, back), (&id("MILEHost"), &item));
    answer(&mut window, *request, Ok(Receipt::Retracted(item.clone())));
    assert!(window.shows("Subscribers may keep copies.") && !window.shows("Published to"), "{:?}", window.texts());
    window.click("Forget");
    assert!(!window.shows("Taken back from"));
}

/// What comes after an incident in the feed: somebody else's is answered, under no looser word; my own is told anew.
#[test]
fn a_report_in_the_feed_is_answered_or_told_anew() {
    let mut window = screen(false);
    let theirs = report("2026-7", "Scan", Restriction::Amber, Severity::High, "192.0.2.7");
    let ours = report("2026-8", "Ours", Restriction::Green, Severity::High, "192.0.2.8");
    let ours = ours.replace("name=\"cert-north.example\"", "name=\"csirt.example\"");
    deliver(&mut window, &[("MILEHost", &theirs, 3), ("MILEHost", &ours, 4)]);
    window.go(Tab::Feed);
    window.events(&[key(Named::ArrowDown)]);
    let seq = |window: &Window, id: &str| {
        let store = window.app.store();
        (0..store.len()).find(|seq| store.row(*seq).unwrap().summary.id == id).unwrap()
    };
    let about = |window: &mut Window, id: &str| {
        let row = After::Row(seq(window, id));
        window.go(Tab::Compose);
        window.run(Message::Compose(composer::Message::After(row)));
    };
    let messages = window.stage.act(window.app.view(), &[letter("r")]);
    assert!(messages.iter().any(|message| format!("{message:?}").contains("Report")), "{messages:?}");
    about(&mut window, "2026-7");
    assert!(window.shows("Report on it") && !window.shows("Supersede"), "{:?}", window.texts());
    compose(&mut window, composer::Message::After(After::Words("Blocked at our edge".to_owned())));
    compose(&mut window, composer::Message::After(After::Go));
    let desk = window.app.desk().unwrap();
    let text = desk.document().text();
    assert!(
        text.contains("AlternativeID") && text.contains("2026-7") && text.contains("restriction=\"amber\""),
        "{text}"
    );
    assert!(matches!(desk.beside().course, draft::Course::Answer(ref of) if of.id == "2026-7"));
    assert_eq!(desk.topics(), [id("MILEHost")]);
    about(&mut window, "2026-8");
    assert!(window.shows("Supersede") && window.shows("Take back"), "{:?}", window.texts());
    compose(&mut window, composer::Message::After(After::Go));
    let text = window.app.desk().unwrap().document().text().to_owned();
    assert!(
        text.contains(">2026-8</") && text.contains("2026-11-21T16:00:00Z") && text.contains("status-new-info"),
        "{text}"
    );
    about(&mut window, "2026-8");
    compose(&mut window, composer::Message::After(After::Choose(Course::Supersede)));
    compose(&mut window, composer::Message::After(After::Go));
    let text = window.app.desk().unwrap().document().text().to_owned();
    assert!(text.contains("RelatedActivity") && text.contains("20261121-"), "{text}");
    // Where I may not publish nothing of it is offered but a report of my own.
    let mut none = topics();
    none.iter_mut().for_each(|topic| topic.affiliation = Affiliation::None);
    list(&mut window, none, true);
    about(&mut window, "2026-8");
    assert!(!window.shows("Supersede") && !window.shows("Take back"), "{:?}", window.texts());
}

/// One draft, a strict topic and a looser one: each gets what it may, and what is taken out is shown before.
#[test]
fn each_topic_gets_the_version_that_is_for_it() {
    let mut window = screen(false);
    fill(&mut window);
    set(&mut window, &["Incident"], "restriction", "green");
    set(&mut window, &["Incident", "EventData"], "restriction", "red");
    compose(&mut window, composer::Message::Topic(id("my-desk")));
    let [Command::Members { request, .. }] = window.sent()[..] else { panic!("who reads my own topic is asked") };
    answer(&mut window, request, Ok(Receipt::Members(Members::default().into())));
    compose(&mut window, composer::Message::Check);
    compose(&mut window, composer::Message::Pick(Some(For::Version(id("MILEHost")))));
    assert!(window.shows("The whole report") && window.shows("Without what is stricter"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Query("green".to_owned()));
    compose(&mut window, composer::Message::TakeHere);
    assert!(window.shows("One element is taken out") && window.shows("one element out"), "{:?}", window.texts());
    give_reasons(&mut window);
    what_each_topic_is_shown(&mut window);
    publish(&mut window);
    window.let_pass(10);
    let commands = sent_to_nobody_else(&mut window);
    let sent: Vec<(String, String)> = commands
        .iter()
        .filter_map(|command| match command {
            Command::Publish { topic, payload, .. } => {
                Some((topic.node.clone(), String::from_utf8(payload.to_vec()).unwrap()))
            }
            _ => None,
        })
        .collect();
    let of = |node: &str| &sent.iter().find(|(to, _)| to == node).unwrap_or_else(|| panic!("{commands:?}")).1;
    assert!(of("my-desk").contains("192.0.2.7") && !of("MILEHost").contains("192.0.2.7"));
    assert!(of("MILEHost").contains("Credential phishing"));
    let mut receipts = Vec::new();
    for command in commands {
        if let Command::Publish { request, topic, item, .. } = command {
            receipts.push((topic.node, item.0.clone()));
            answer(&mut window, request, Ok(Receipt::Published(item)));
        }
    }
    what_tells_a_version_anew_is_bound_by_its_whole(&mut window, &receipts);
}

/// The page of those who get it in a topic is of what goes there.
fn what_each_topic_is_shown(window: &mut Window) {
    let page = |window: &mut Window, node: &str| {
        compose(window, composer::Message::Side(Side::Reader));
        compose(window, composer::Message::ReadAs(id(node)));
        let all = window.texts();
        compose(window, composer::Message::Side(Side::Source));
        let count = |texts: &[String]| texts.iter().filter(|text| text.contains("192[.]0[.]2[.]7")).count();
        (count(&all), all)
    };
    let (redacted, texts) = page(window, "MILEHost");
    let told = |texts: &[String], part: &str| texts.iter().any(|text| text.contains(part));
    let host = "What those who get it in Host incidents of the MILE community are shown: the version for TLP:GREEN";
    assert!(told(&texts, host), "{texts:?}");
    let (whole, texts) = page(window, "my-desk");
    let desk = "What those who get it in Findings of our own team are shown: everything that travels";
    assert!(told(&texts, desk), "{texts:?}");
    assert!(redacted < whole, "{redacted} {whole} {texts:?}");
    compose(window, composer::Message::Side(Side::Reader));
    compose(window, composer::Message::ReadAs(id("MILEHost")));
    window.pictures("compose-reader-version");
    compose(window, composer::Message::Side(Side::Source));
}

/// Nobody sent what was left out of it: only the whole report knows how strict that is.
fn what_tells_a_version_anew_is_bound_by_its_whole(window: &mut Window, receipts: &[(String, String)]) {
    for course in [Course::Update, Course::Supersede] {
        for (node, receipt) in receipts {
            window.run(Message::Compose(composer::Message::After(After::Receipt(receipt.clone()))));
            compose(window, composer::Message::After(After::Choose(course)));
            compose(window, composer::Message::After(After::Go));
            let is_version = node == "MILEHost";
            let told = "is a version for TLP:GREEN of a report that says more";
            assert_eq!(window.shows(told), is_version, "{node} {course:?} {:?}", window.texts());
            if is_version && course == Course::Update {
                window.pictures("compose-after-version");
            }
            for (words, survives) in [("Block 192.0.2[.]7 at once", is_version), ("Block it at once", false)] {
                write(window, &["Incident", "Description"], words);
                compose(window, composer::Message::Check);
                let findings = &window.app.desk().unwrap().findings.list;
                let found = findings.iter().any(|one| one.id == "version.survivor" && one.weight == Weight::Blocks);
                assert_eq!(found, survives, "{node} {course:?} {words}: {findings:?}");
            }
        }
    }
}

/// Who was let in since the last answer is not on it, so nothing is held or leaves by an older one.
#[test]
fn who_reads_my_topic_is_asked_anew_before_anything_leaves() {
    let (known, joined) = (
        ["a@milehost.example", "b@milehost.example"],
        ["a@milehost.example", "b@milehost.example", "x@rnilehost.example"],
    );
    let mut window = screen(false);
    fill(&mut window);
    compose(&mut window, composer::Message::Untopic(id("MILEHost")));
    compose(&mut window, composer::Message::Topic(id("my-desk")));
    let hear = |window: &mut Window, result| {
        let request = asked_readers(window);
        window.let_hear(vec![Event::Done { request, result }]);
    };
    hear(&mut window, readers(&known));
    give_reasons(&mut window);
    let alike = |window: &Window| {
        let list = &window.app.desk().unwrap().findings.list;
        list.iter().any(|finding| finding.id == "audience.lookalike" && finding.weight == Weight::Blocks)
    };
    // An hour later somebody whose address looks like another's was let in.
    window.let_pass(3_600);
    assert!(window.sent().is_empty(), "nothing is to go");
    publish(&mut window);
    assert!(!window.shows("in 10 s."), "not by what was so an hour ago");
    hear(&mut window, readers(&joined));
    assert!(alike(&window) && !window.shows("in 10 s."), "{:?}", window.app.desk().unwrap().findings.list);
    compose(&mut window, composer::Message::ReasonClose);
    // They were put out again.
    window.later(60);
    publish(&mut window);
    hear(&mut window, readers(&known));
    assert!(!alike(&window) && window.shows("in 10 s."), "{:?}", window.app.desk().unwrap().findings.list);
    // Its hold is over: no answer is no leave, and is asked for again.
    window.let_pass(10);
    hear(&mut window, Err(Error::Timeout { what: "asking" }));
    assert!(window.sent().is_empty());
    assert!(window.shows("Who reads it now could not be asked"), "{:?}", window.texts());
    window.let_pass(15);
    assert!(window.sent().is_empty(), "not at once");
    window.let_pass(16);
    hear(&mut window, readers(&joined));
    assert!(window.sent().is_empty());
    assert!(window.shows("Not published to Findings of our own team"), "{:?}", window.texts());
    window.later(60);
    publish(&mut window);
    hear(&mut window, readers(&known));
    window.let_pass(10);
    hear(&mut window, readers(&known));
    assert!(matches!(window.sent().as_slice(), [Command::Publish { .. }]));
}

/// Who published there may read there, also where the broker names nobody who does.
#[test]
fn who_published_on_a_topic_is_among_those_who_get_it() {
    let mut window = screen(false);
    let text = report("2026-7", "Old", Restriction::Green, Severity::High, "203.0.113.7");
    let incoming = Incoming {
        key: ItemKey { topic: id("MILEHost"), item: ItemId("theirs".to_owned()) },
        payload: None,
        summary: summarise(text.as_bytes(), &[]),
        observables: Vec::new(),
        route: Route::Live,
        publisher: Some("desk@cert-south.example/7".to_owned()),
        received: crate::support::window::now(),
        delayed: None,
        history: false,
    };
    let stored = window.app.store().commit(vec![incoming]).unwrap();
    window.run(Message::Engine(1, Update::Events(vec![Event::Stored(stored)])));
    fill(&mut window);
    compose(&mut window, composer::Message::Side(Side::Audience));
    assert!(window.shows("desk@cert-south.example"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Untopic(id("MILEHost")));
    compose(&mut window, composer::Message::Topic(id("my-desk")));
    assert!(!window.shows("desk@cert-south.example"), "on that topic, and no other");
}

/// A topic that is chosen by itself is a change like any other: no state of a draft is taken for another one.
#[test]
fn a_topic_that_is_chosen_later_begins_no_state_anew() {
    let mut window = screen(false);
    let mut none = topics();
    none.iter_mut().for_each(|topic| topic.affiliation = Affiliation::None);
    list(&mut window, none.clone(), true);
    essentials(&mut window);
    for _ in 0..3 {
        compose(&mut window, composer::Message::Undo);
    }
    let before = window.app.desk().unwrap().revision();
    none[0].affiliation = Affiliation::Publisher;
    list(&mut window, none, true);
    let desk = window.app.desk().unwrap();
    assert_eq!(desk.topics(), [id("MILEHost")]);
    assert!(desk.revision() > before && !desk.draft().can_undo(), "{before} {}", desk.revision());
}

#[test]
fn what_was_sent_when_the_engine_ends_is_asked_for_later() {
    let mut window = screen(false);
    fill(&mut window);
    publish(&mut window);
    window.let_pass(10);
    let _ = sent(&mut window);
    assert!(window.shows("Publishing to"));
    window.say(Message::Engine(1, Update::Ended));
    assert!(window.shows("It may have arrived") && !window.shows("Publishing to"));
}

#[test]
fn two_reports_of_one_second_have_two_numbers() {
    let mut window = screen(false);
    let number = |window: &mut Window| {
        compose(window, composer::Message::Begin(0));
        let desk = window.app.desk().unwrap();
        desk.document().element(element(window, &["Incident", "IncidentID"])).unwrap().text().into_owned()
    };
    assert_ne!(number(&mut window), number(&mut window));
    assert_ne!(number(&mut window), number(&mut screen(false)), "begun in the same second elsewhere");
}

#[test]
fn a_practice_document_does_not_leave_for_a_real_grid() {
    let mut window = screen(false);
    fill(&mut window);
    set(&mut window, &["Incident", "IncidentID"], "name", "Practice.Invalid.");
    publish(&mut window);
    window.let_pass(60);
    assert!(window.sent().is_empty());
    let mut window = screen(true);
    fill(&mut window);
    publish(&mut window);
    window.let_pass(10);
    assert_eq!(summarise(&sent(&mut window).3, &[]).csirt, "practice.invalid");
}

#[test]
fn a_log_pasted_by_mistake_is_refused_whole() {
    let mut window = screen(false);
    essentials(&mut window);
    let before = window.app.desk().unwrap().revision();
    let log = "Nov 21 16:00:00 mail sshd[7]: refused\n".repeat(10_000);
    let spot = Spot::text(element(&window, &["Incident", "Description"]));
    let paste = Action::Edit(Edit::Paste(std::sync::Arc::new(log)));
    window.say(Message::Compose(composer::Message::Write(spot, paste)));
    assert!(window.shows("too long for a field"));
    assert_eq!(window.app.desk().unwrap().revision(), before, "the draft is as it was");
}

#[test]
fn a_discarded_draft_is_brought_back_and_a_copy_is_its_own() {
    let mut window = screen(false);
    essentials(&mut window);
    compose(&mut window, composer::Message::DoubleDraft);
    set(&mut window, &["Incident"], "purpose", "watch");
    compose(&mut window, composer::Message::Discard);
    assert!(window.app.desk().is_none() && window.shows("Discarded: Credential phishing against staff"));
    window.click("Undo");
    assert!(window.app.desk().unwrap().document().text().contains("watch"));
    compose(&mut window, composer::Message::Close);
    let shown = window.texts();
    assert_eq!(shown.iter().filter(|text| *text == "Credential phishing against staff").count(), 2, "{shown:?}");
    window.say(Message::Go(Place::Tab(Tab::Feed)));
    window.go(Tab::Compose);
    assert!(window.shows("Drafts"), "it stays there");
}

#[test]
fn a_document_from_elsewhere_is_opened_whole() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = crate::support::window::report("1", "Old", Restriction::Red, Severity::Low, "192.0.2.1")
        .replace("<Contact", "<x:y xmlns:x=\"urn:x\"/><Contact");
    std::fs::write(file.path(), &text).unwrap();
    let mut window = screen(false);
    compose(&mut window, composer::Message::Path(file.path().display().to_string()));
    compose(&mut window, composer::Message::OpenPath);
    assert_eq!(window.app.desk().unwrap().document().text(), text);
    compose(&mut window, composer::Message::Close);
    compose(&mut window, composer::Message::Path("/nowhere".to_owned()));
    compose(&mut window, composer::Message::OpenPath);
    assert!(window.shows("That file cannot be read."));
    #[cfg(unix)]
    {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Opening it would wait for a writer for ever, and a device has no end.
        for path in [pipe.as_path(), std::path::Path::new("/dev/zero")] {
            compose(&mut window, composer::Message::Path(path.display().to_string()));
            compose(&mut window, composer::Message::OpenPath);
            assert!(window.app.desk().is_none() && window.shows("That file cannot be read."));
        }
    }
}
