//! Rules at the owner's desk: what they would do, what they decide, and what a person takes back from them.

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::app::cx::Owning;
use gridwatch::engine::{Command, Event, Receipt};
use gridwatch::model::owned::Act;
use gridwatch::model::{Affiliation, Topic};
use gridwatch::owner::past::{self, By, Past};
use gridwatch::owner::rules::{Rule, Rules, Who};
use gridwatch::owner::spared;
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, Asking};
use gridwatch::store::activity::By as Hand;
use gridwatch::store::shelf;
use iced_test::core::keyboard::Modifiers;
use iced_test::core::keyboard::key::Named;

use super::{BLUE, all_decided, asked_by, asking, decided, deny, desk, filled, free_mail, place, say};
use crate::stage::{key, wheel};
use crate::support::window::{Window, connected, id, now};

#[test]
fn a_rule_says_first_what_it_would_do_and_then_decides_with_a_hold() {
    let mut window = filled();
    let rule = |window: &mut Window, message| window.run(Message::Owner(owner::Message::Rules(message)));
    rule(&mut window, owner::Ruling::Open);
    assert!(window.shows("It would deny this one now: x92k@freehost.example."));
    rule(&mut window, owner::Ruling::Who("blue.example".to_owned()));
    assert!(
        window.shows("It leaves one to you: you turned that account away.")
            && window.shows("You decided once against it.")
    );
    window.pass(60);
    assert_eq!(all_decided(&mut window).len(), 0, "nothing is switched on");
    rule(&mut window, owner::Ruling::Add);
    let on = Rule { on: true, ..free_mail() };
    let owning =
        Owning { rules: Rules { all: vec![("00000001".to_owned(), on)], aside: Vec::new() }, ..Owning::default() };
    rule(&mut window, owner::Ruling::Close);
    window.run(Message::Owned(1, 0, Ok(Box::new(owning.clone()))));
    say(&mut window, Asking::Pick(4));
    assert!(window.shows("x92k@freehost.example will be refused") && window.shows("By a rule."));
    window.click("Undo");
    window.run(Message::Owned(1, 0, Ok(Box::new(owning))));
    assert!(!window.shows("will be refused"), "what was taken back is mine to decide");
}

/// However many topics one owns; the one the desk is about is meant where nothing else is said.
#[test]
fn a_rule_can_be_about_any_topic_of_mine() {
    let mut window = Window::connected(false);
    let nodes: Vec<String> = (1..=12).map(|number| format!("desk-{number:02}")).collect();
    let own = |node: &String| Topic { affiliation: Affiliation::Owner, ..Topic::bare(id(node)) };
    let topics: Vec<Topic> = nodes.iter().map(own).collect();
    window.tell(vec![Event::Topics { topics: topics.into(), walked: 12, total: 12, whole: true, complete: true }]);
    window.go(Tab::Owner);
    let _ = window.commands();
    window.say(Message::Owner(owner::Message::Topic(Some(id("desk-11")))));
    window.click("Rules…");
    let rule = |window: &mut Window, message| window.run(Message::Owner(owner::Message::Rules(message)));
    let about = |window: &mut Window| {
        rule(window, owner::Ruling::Who("blue.example".to_owned()));
        rule(window, owner::Ruling::Add);
        let kept = Rules::load(window.app.store().local().unwrap()).unwrap().all;
        kept.last().and_then(|(_, rule)| rule.topic.clone())
    };
    assert_eq!(about(&mut window), Some(id("desk-11")));
    // The list beside it has them all, and every topic.
    for (notches, wanted) in [(1.0, Some(id("desk-12"))), (-11.0, Some(id("desk-01"))), (-1.0, None)] {
        let list = place(&mut window, "Topic");
        let over = window.stage.point(list.x + list.width + 60.0, list.center_y());
        let held = iced_test::core::keyboard::Event::ModifiersChanged(Modifiers::COMMAND);
        for _ in 0..f32::abs(notches) as usize {
            let held = iced_test::core::Event::Keyboard(held.clone());
            window.events(&[over.clone(), held, wheel(f32::signum(notches))]);
        }
        assert_eq!(about(&mut window), wanted);
    }
}

/// A rule that is on.
fn on(who: &str, allow: bool) -> Rule {
    let who = Who::read(who).unwrap();
    Rule { who, topic: None, allow, on: true, days: None, note: "MoU 14".to_owned(), made: now() }
}

/// The log entries of what is held and of what is not any more: whether it was lifted, by whose hand, and about whom.
fn noted(window: &mut Window) -> Vec<(bool, Hand, String)> {
    let note = |command: Command| match command {
        Command::Held { undone, by, subject, .. } => Some((undone, by, subject)),
        _ => None,
    };
    window.commands().into_iter().filter_map(note).collect()
}

#[test]
fn a_rule_that_is_switched_off_or_overruled_within_the_hold_decides_nothing() {
    let with = |window: &mut Window, rules: &[(&str, Rule)]| {
        let all = rules.iter().map(|(name, rule)| ((*name).to_owned(), rule.clone())).collect();
        let owning = Owning { rules: Rules { all, aside: Vec::new() }, ..Owning::default() };
        window.run(Message::Owned(1, 0, Ok(Box::new(owning))));
    };
    let allow = ("00000001", on("blue.example", true));
    let names = ["a@blue.example", "b@blue.example"];
    let held = |window: &mut Window| window.texts().iter().filter(|text| text.contains("ed in ")).count();
    let mut window = asked_by(&names);
    let _ = window.commands();
    with(&mut window, std::slice::from_ref(&allow));
    assert_eq!(held(&mut window), 2, "{:?}", window.texts());
    window.pass(3);
    // At once, before the shelf has it.
    window.say(Message::Owner(owner::Message::Rules(owner::Ruling::Open)));
    window.say(Message::Owner(owner::Message::Rules(owner::Ruling::Switch("00000001".to_owned()))));
    window.say(Message::Owner(owner::Message::Rules(owner::Ruling::Close)));
    assert_eq!(held(&mut window), 0);
    let told = noted(&mut window);
    let lifted = names.map(|who| (true, Hand::Person, who.to_owned()));
    assert_eq!(told.iter().skip(2).cloned().collect::<Vec<_>>(), lifted, "{told:?}");
    with(&mut window, &[("00000001", Rule { on: false, ..allow.1.clone() })]);
    window.pass(30);
    assert_eq!(all_decided(&mut window).len(), 0, "the rule is off");
    // Switched on again it decides again; what a person had not taken back is not spared.
    with(&mut window, std::slice::from_ref(&allow));
    assert_eq!(held(&mut window), 2);
    // Another console's change of the shelf, or a narrower one that refuses.
    with(&mut window, &[allow.clone(), ("00000002", on("b@blue.example", false))]);
    window.let_pass(10);
    let all = all_decided(&mut window);
    let mut all: Vec<_> = all.iter().map(|(_, who, allow, _)| (who.as_str(), *allow)).collect();
    all.sort_unstable();
    assert_eq!(all, [("a@blue.example", true), ("b@blue.example", false)]);
}

#[test]
fn what_is_taken_back_from_a_rule_stays_mine_to_decide_also_after_a_restart() {
    let rule = on("blue.example", true);
    // The next start of the same console: what is on its shelves is all that it knows.
    let starts = |before: Option<&Window>| {
        let mut window = desk();
        let on = window.app.store();
        let on = on.local().unwrap();
        shelf::put(on, "00000001", &rule).unwrap();
        let spared = before.map(|before| spared::all(before.app.store().local().unwrap()).unwrap());
        spared::spare(on, &spared.unwrap_or_default().into_iter().collect::<Vec<_>>(), now()).unwrap();
        window.run(Message::Owner(owner::Message::Rules(owner::Ruling::Open)));
        window.run(Message::Owner(owner::Message::Rules(owner::Ruling::Remove("none".to_owned()))));
        window.run(Message::Owner(owner::Message::Rules(owner::Ruling::Close)));
        window
    };
    let mut window = starts(None);
    assert!(window.shows("Approved in 10 s"), "{:?}", window.texts());
    window.run(Message::Owner(owner::Message::Requests(Asking::UndoLast)));
    // The inbox is empty for a moment, as with a new session.
    window.let_hear(vec![asking(&[])]);
    window.let_hear(vec![asking(&[BLUE])]);
    window.let_pass(60);
    assert_eq!(all_decided(&mut window).len(), 0);
    let mut window = starts(Some(&window));
    window.let_pass(60);
    assert_eq!(all_decided(&mut window).len(), 0, "nobody was there to decide");
    assert!(!window.shows("Approved in"));
    // A person turns them away: whom it let in the next time they ask would be let in against that.
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "not after all");
    window.pass(10);
    let (request, ..) = decided(&mut window).unwrap();
    window.tell(vec![asking(&[])]);
    window.run(Message::Engine(1, Update::Events(vec![Event::Done { request, result: Ok(Receipt::Denied) }])));
    assert!(spared::all(window.app.store().local().unwrap()).unwrap().is_empty());
    window.pass(10);
    window.let_hear(vec![asking(&[BLUE])]);
    assert!(window.shows(BLUE) && !window.shows("Approved in"), "{:?}", window.texts());
    window.run(Message::Owner(owner::Message::Rules(owner::Ruling::Open)));
    assert!(window.shows("It leaves one to you: you turned that account away."), "{:?}", window.texts());
}

/// The editor, with a rule that leaves one to a person.
pub fn left() -> Window {
    let mut window = asked_by(&[BLUE, "feed@blue.example"]);
    let local = window.app.store();
    let local = local.local().unwrap();
    shelf::put(local, "00000001", &Rule { on: false, ..on("blue.example", true) }).unwrap();
    let (topic, note) = (id("my-desk"), "wrong constituency".to_owned());
    let past = Past { topic, act: Act::Denied, note, at: now() - TimeDelta::days(3), by: By::Me };
    past::remember(local, vec![(BLUE.parse().unwrap(), past)]).unwrap();
    for message in [owner::Ruling::Open, owner::Ruling::Remove("none".to_owned())] {
        window.run(Message::Owner(owner::Message::Rules(message)));
    }
    window
}

/// Nobody is there to do by hand what a rule could not.
#[test]
fn what_a_rule_could_not_send_it_decides_again_when_there_is_a_connection() {
    let mut window = asked_by(&[BLUE]);
    let rule = on("blue.example", true);
    shelf::put(window.app.store().local().unwrap(), "00000001", &rule).unwrap();
    for message in [owner::Ruling::Open, owner::Ruling::Remove("none".to_owned()), owner::Ruling::Close] {
        window.run(Message::Owner(owner::Message::Rules(message)));
    }
    assert!(window.shows("Approved in 10 s"), "{:?}", window.texts());
    window.let_hear(vec![Event::Connection(gridwatch::engine::Connection::Offline)]);
    window.let_pass(10);
    assert!(!window.shows("Approved in"));
    window.let_hear(vec![asking(&[BLUE])]);
    assert!(!window.shows("Approved in"), "it is offline still");
    window.let_hear(vec![Event::Connection(connected()), asking(&[BLUE])]);
    assert!(window.shows("Approved in 10 s"), "{:?}", window.texts());
    window.let_pass(10);
    assert_eq!(all_decided(&mut window).len(), 1);
}
