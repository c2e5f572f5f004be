//! The owner desk: decisions are held, can be undone, name their target, and never happen by a slip of the keyboard.

pub mod ends;
mod flood;
pub mod people;
pub mod rules;
pub mod topics;

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::app::cx::Owning;
use gridwatch::engine::{Command, Connection, Error, Event, Pending, Receipt, RequestId};
use gridwatch::model::owned::{Act, Said};
use gridwatch::model::{BareJid, Restriction, Say, Severity, Tlp};
use gridwatch::owner::grant::Grant;
use gridwatch::owner::past::{By, Past};
use gridwatch::owner::rules::{Rule, Rules, Who};
use gridwatch::owner::would::Would;
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, Asking};
use iced_test::core::keyboard::key::Named;

use crate::stage::{key, letter, typed};
use crate::support::window::{Window, deliver, id, now, report, request};

const BLUE: &str = "soc@blue.example";
/// Of my own domain, so known.
const COLLEAGUE: &str = "night@csirt.example";

fn desk() -> Window {
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    window
}

/// A desk at which these ask, the first for longest.
fn asked_by(names: &[&str]) -> Window {
    let mut window = desk();
    window.tell(vec![asking(names)]);
    window.pass(2);
    window
}

fn asking(names: &[&str]) -> Event {
    let pending: Vec<_> = names.iter().zip(1..).map(|(name, age)| request(name, 90 - age)).collect();
    Event::Requests { pending: pending.into(), polled: Some(now()), trouble: None }
}

/// A rule that refuses a domain, off as a new one is.
pub fn free_mail() -> Rule {
    Rule {
        who: Who::Domain("freehost.example".to_owned()),
        topic: None,
        allow: false,
        on: false,
        days: None,
        note: "Free mail hosts do not get incidents".to_owned(),
        made: now(),
    }
}

/// A desk on which there is something of everything: acquaintances, strangers, a look-alike, decisions before, rules, grants.
pub fn filled() -> Window {
    let mut window = desk();
    let (day, me) = (TimeDelta::days(1), |who: &str| who.parse::<BareJid>().unwrap());
    let topic = id("my-desk");
    let past = |act, note: &str, days: i32| Past {
        topic: topic.clone(),
        act,
        note: note.to_owned(),
        at: now() - day * days,
        by: By::Me,
    };
    let grant = |who: &str, left: i32, looked: i32| Grant {
        reviewed: now() - day * looked,
        ..Grant::new(topic.clone(), me(who), Some(now() + day * left), "MoU 14", now() - day * 300)
    };
    let would = Would {
        stored: 214,
        lately: 2_880,
        strictest: Some(Tlp::Amber),
        first: Some(now() - day * 90),
        last: Some(now()),
        publishers: [(me("feed@cert-north.example"), now())].into(),
    };
    let rule = free_mail();
    let owning = Owning {
        rules: Rules { all: vec![("00000001".to_owned(), rule)], aside: Vec::new() },
        grants: vec![
            grant("old@green.example", -3, 40),
            grant("soc@cert-north.example", 9, 30),
            grant("duty@csirt-c.example", 200, 120),
            Grant { until: None, ..grant("deputy@csirt.example", 1, 20) },
        ],
        past: [(me(BLUE), vec![past(Act::Denied, "wrong constituency", 240)])].into(),
        met: [("blue.example".to_owned(), now() - day * 240)].into(),
        cards: [("csirt-b.example".to_owned(), "CSIRT-B".to_owned())].into(),
        would: [(topic.clone(), would)].into(),
        seen: Some(now()),
        ..Owning::default()
    };
    let note = |who: &str, note: &str| {
        let said = Said {
            topic: id("my-desk"),
            from: who.parse().unwrap(),
            act: Act::Asks,
            note: note.to_owned(),
            until: None,
            at: now(),
            owner: false,
        };
        Some(said)
    };
    let pending = vec![
        Pending { said: note(BLUE, "We run incident response for the universities of Blue."), ..request(BLUE, 184) },
        request("feed@p\u{430}ypal.example", 95),
        request("soc@csirt-b.example", 41),
        request("night@csirt.example", 12),
        request("x92k@freehost.example", 9),
        request("intel@cert-north.example", 2),
    ];
    window.tell(vec![Event::Requests {
        pending: pending.into(),
        polled: Some(now() - TimeDelta::seconds(12)),
        trouble: None,
    }]);
    // Nothing of it is on a shelf: what would be written is not.
    window.say(Message::Owned(1, 0, Ok(Box::new(owning))));
    window
}

fn say(window: &mut Window, message: Asking) {
    window.say(Message::Owner(owner::Message::Requests(message)));
}

/// The decisions that were sent.
fn all_decided(window: &mut Window) -> Vec<(RequestId, String, bool, String)> {
    let decided = |command: Command| match command {
        Command::Decide { request, subscriber, allow, topic, words } => {
            assert_eq!(topic.node, "my-desk");
            Some((request, subscriber.to_string(), allow, words.map(|words| words.note).unwrap_or_default()))
        }
        _ => None,
    };
    window.commands().into_iter().filter_map(decided).collect()
}

/// What the engine was told, but for what the desk reads by itself.
pub fn told(window: &mut Window) -> Vec<Command> {
    let own = |command: &Command| !matches!(command, Command::Members { .. } | Command::Held { .. });
    window.commands().into_iter().filter(own).collect()
}

fn decided(window: &mut Window) -> Option<(RequestId, String, bool, String)> {
    let mut all = all_decided(window);
    assert!(all.len() < 2, "{all:?}");
    all.pop()
}

/// By keys alone, as an owner at night would.
fn deny(window: &mut Window, reason: &str) {
    window.events(&[letter("n")]);
    window.events(&typed(reason));
    window.events(&[key(Named::Enter)]);
}

#[test]
fn a_decision_is_sent_after_ten_seconds_for_exactly_this_request() {
    let mut window = asked_by(&["feed@other.example", COLLEAGUE]);
    assert!(window.shows("Last checked"));
    window.events(&[key(Named::ArrowDown), letter("j"), letter("y")]);
    assert!(window.shows("night@csirt.example will be let into Findings of our own team in 10 s."));
    window.pass(9);
    assert!(window.shows("in 1 s."));
    assert_eq!(decided(&mut window), None);
    window.let_pass(1);
    let (request, who, allow, note) = decided(&mut window).unwrap();
    assert_eq!((who.as_str(), allow, note.as_str()), (COLLEAGUE, true, ""));
    window.pass(60);
    assert_eq!(decided(&mut window), None, "sent once");
    let rest = vec![self::request("feed@other.example", 5)];
    window.tell(vec![
        Event::Requests { pending: rest.into(), polled: Some(now()), trouble: None },
        Event::Done { request, result: Ok(Receipt::Approved) },
    ]);
    assert!(window.shows("night@csirt.example may now read"));
    window.pass(2);
    assert!(window.shows("Decided in this session"));
}

#[test]
fn a_denial_says_why_and_the_requester_is_told() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown), letter("n")]);
    assert!(window.shows("Deny this request") && window.shows("The requester is told this with the decision."));
    window.events(&[key(Named::Enter)]);
    assert!(window.shows("Deny this request"), "without a reason nothing goes on");
    window.events(&typed("Not your constituency"));
    window.events(&[key(Named::Enter)]);
    assert!(window.shows("soc@blue.example will be refused"));
    assert!(window.shows("Nothing has been sent yet. Reason: Not your constituency"));
    window.pass(10);
    let sent = told(&mut window);
    let [Command::Decide { allow: false, words: Some(words), .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(words.note, "Not your constituency");
    assert!(words.body.contains("was denied") && words.body.ends_with("Not your constituency"), "for any client");
    // The same reason is offered the next time.
    window.events(&[letter("j"), letter("n")]);
    assert!(window.shows("Not your constituency"));
}

#[test]
fn somebody_unknown_needs_their_domain_typed_anew_and_a_reason() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown), letter("y")]);
    assert!(window.shows("Approve somebody new?") && window.shows("would read Findings of our own team"));
    window.events(&typed("b1ue.example"));
    assert!(window.shows("Not the same: this request comes from blue.example."));
    say(&mut window, Asking::Sheet(owner::Answering::Words("MoU 14, called back".to_owned())));
    say(&mut window, Asking::Sheet(owner::Answering::Go));
    assert!(!window.shows("will be let into"), "another domain was typed");
    say(&mut window, Asking::Sheet(owner::Answering::Domain("Blue.example.".to_owned())));
    assert!(window.shows("The same as the one that asks."));
    say(&mut window, Asking::Sheet(owner::Answering::Words(" ?! ".to_owned())));
    say(&mut window, Asking::Sheet(owner::Answering::Go));
    assert!(!window.shows("will be let into"), "that is no reason");
    say(&mut window, Asking::Sheet(owner::Answering::Words("MoU 14, called back".to_owned())));
    say(&mut window, Asking::Sheet(owner::Answering::Note("Welcome to the desk".to_owned())));
    // Enter, struck once too often, approves nobody.
    window.events(&[key(Named::Enter), key(Named::Enter)]);
    assert!(!window.shows("will be let into"));
    window.click("Approve");
    assert!(window.shows("soc@blue.example will be let into"));
    window.let_pass(10);
    let (_, who, allow, note) = decided(&mut window).unwrap();
    let told = "Welcome to the desk";
    assert_eq!((who.as_str(), allow, note.as_str()), (BLUE, true, told), "why I let them in is mine");
}

#[test]
fn a_lookalike_is_caught_by_who_types_the_domain_they_believe_in() {
    let mut window = desk();
    assert!(window.shows("look-alike"), "in the list at once");
    window.events(&[key(Named::ArrowDown), letter("j"), letter("y")]);
    assert!(window.shows("This address can be mistaken for feed@paypal.example."));
    assert!(window.shows("feed@xn--"));
    window.events(&typed("paypal.example"));
    assert!(window.shows("Not the same: this request comes from xn--"));
}

#[test]
fn a_domain_that_looks_like_one_of_ours_is_named_though_every_letter_is_latin() {
    let mut window = desk();
    let owning = Owning { cards: [("milehost.example".to_owned(), "MILE".to_owned())].into(), ..Owning::default() };
    window.say(Message::Owned(1, 0, Ok(Box::new(owning))));
    window.tell(vec![asking(&["soc@rnilehost.example"])]);
    window.pass(2);
    assert!(window.shows("look-alike"), "{:?}", window.texts());
    say(&mut window, Asking::Pick(0));
    assert!(window.shows("Its domain looks like milehost.example, with which you have to do."));
    window.events(&[letter("y")]);
    assert!(window.shows("Approve somebody new?") && window.shows("Its domain looks like milehost.example"));
}

#[test]
fn undo_takes_it_back_before_anything_is_sent() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    assert!(window.shows("soc@blue.example will be refused"));
    window.click("Undo");
    window.pass(30);
    assert_eq!(decided(&mut window), None);
    deny(&mut window, "unknown to us");
    window.events(&[letter("u")]);
    window.pass(30);
    assert_eq!(decided(&mut window), None);
}

#[test]
fn enter_decides_nothing_space_on_the_focused_button_does() {
    let mut window = asked_by(&[COLLEAGUE]);
    window.events(&[key(Named::ArrowDown)]);
    window.click("Approve");
    say(&mut window, Asking::UndoLast);
    // The button pressed last has the keyboard.
    window.events(&[key(Named::Enter)]);
    assert!(!window.shows("will be let into"));
    window.events(&[key(Named::Enter), key(Named::Space)]);
    assert!(window.shows("will be let into"));
}

#[test]
fn all_known_ones_at_once_and_nobody_else() {
    let mut window = asked_by(&[COLLEAGUE, BLUE, "day@csirt.example", "feed@p\u{430}ypal.example"]);
    window.events(&[letter("Y")]);
    window.let_pass(10);
    let who: Vec<String> = all_decided(&mut window).into_iter().map(|(_, who, ..)| who).collect();
    assert_eq!(who, ["day@csirt.example", COLLEAGUE]);
    let many: Vec<String> = (0..11).map(|n| format!("n{n}@csirt.example")).collect();
    let mut window = asked_by(&many.iter().map(String::as_str).collect::<Vec<_>>());
    window.events(&[letter("Y")]);
    assert!(window.shows("Approve 11 at once?"), "more than ten ask for a reason");
    say(&mut window, Asking::Sheet(owner::Answering::Go));
    window.let_pass(10);
    assert_eq!(all_decided(&mut window).len(), 0);
    say(&mut window, Asking::Sheet(owner::Answering::Words("exercise of the whole team".to_owned())));
    say(&mut window, Asking::Sheet(owner::Answering::Go));
    window.let_pass(10);
    assert_eq!(all_decided(&mut window).len(), 11);
}

#[test]
fn what_a_person_put_off_is_decided_by_no_key_for_many() {
    let mut window = asked_by(&[COLLEAGUE, "day@csirt.example"]);
    window.events(&[key(Named::ArrowDown)]);
    window.events(&[letter("h")]);
    assert!(window.shows("Put off until"));
    window.events(&[letter("*")]);
    window.events(&[letter("Y")]);
    window.let_pass(10);
    assert_eq!(all_decided(&mut window).len(), 1, "only the one that was not put off");
}

#[test]
fn marked_ones_of_unknown_domains_need_each_domain_typed_and_a_reason() {
    let fake = "feed@p\u{430}ypal.example";
    let mut window = asked_by(&[COLLEAGUE, BLUE, "ir@green.example", fake]);
    window.events(&[letter("*"), letter("Y")]);
    assert!(window.shows("Approve 4 at once?") && window.shows("The 3 unknown domains, as you know them"));
    let sheet = |window: &mut Window, message| say(window, Asking::Sheet(message));
    let tries = |window: &mut Window, domains: &str, told: &str| {
        sheet(window, owner::Answering::Domain(domains.to_owned()));
        assert!(window.shows(told), "{domains}: {:?}", window.texts());
        sheet(window, owner::Answering::Go);
        assert!(window.shows("Approve 4 at once?"), "{domains} is not enough");
    };
    sheet(&mut window, owner::Answering::Words("exercise of the whole sector".to_owned()));
    tries(&mut window, "", "They are compared letter by letter.");
    tries(&mut window, "blue.example green.example", "2 of 3 are the same.");
    tries(&mut window, "blue.example green.example paypal.example", "One of these is not the domain of anybody above.");
    let ascii = fake.parse::<BareJid>().unwrap().domain_ascii();
    sheet(&mut window, owner::Answering::Words("ok".to_owned()));
    tries(&mut window, &format!("Green.example., {ascii} blue.example"), "All the same as those that ask.");
    sheet(&mut window, owner::Answering::Words("exercise of the whole sector".to_owned()));
    sheet(&mut window, owner::Answering::Go);
    window.let_pass(10);
    assert_eq!(all_decided(&mut window).len(), 4);
    // Nobody looks at seven domains at once: they are left out, and that is said.
    let names: Vec<String> = (0..7).map(|n| format!("x@d{n}.example")).chain([COLLEAGUE.to_owned()]).collect();
    let mut window = asked_by(&names.iter().map(String::as_str).collect::<Vec<_>>());
    window.events(&[letter("*"), letter("Y")]);
    assert!(window.shows("Approve 1 at once?") && window.shows("7 of unknown domains are left out."));
}

/// The first look of an account's first session is before anything of it is there.
#[test]
fn what_they_would_get_is_looked_at_again_when_more_is_stored() {
    let mut window = desk();
    for message in [owner::Ruling::Open, owner::Ruling::Remove("none".to_owned()), owner::Ruling::Close] {
        window.run(Message::Owner(owner::Message::Rules(message)));
    }
    window.events(&[key(Named::ArrowDown)]);
    assert!(window.shows("nothing stored"), "{:?}", window.texts());
    let text = report("2026-1", "Scan for open resolvers", Restriction::Green, Severity::Low, "198.51.100.4");
    deliver(&mut window, &[("my-desk", &text, 3)]);
    window.let_pass(60);
    assert!(window.shows("nothing stored"), "not with every report");
    window.let_pass(60);
    assert!(window.shows("one stored"), "{:?}", window.texts());
}

#[test]
fn what_was_put_off_stays_so_whatever_is_told_first() {
    let mut window = desk();
    let until = now() + TimeDelta::hours(1);
    let owning = Owning { holds: [((id("my-desk"), BLUE.parse().unwrap()), until)].into(), ..Owning::default() };
    window.run(Message::Owned(1, 0, Ok(Box::new(owning))));
    let told = |pending: Vec<Pending>| Event::Requests { pending: pending.into(), polled: None, trouble: None };
    window.tell(vec![told(Vec::new())]);
    window.tell(vec![told(vec![request_of(BLUE), request(COLLEAGUE, 3)])]);
    assert!(window.texts().iter().any(|text| text == "Requests  1"), "{:?}", window.texts());
}

#[test]
fn marked_ones_are_denied_together_with_one_reason() {
    let mut window = asked_by(&["a@x.example", "b@x.example", "c@x.example"]);
    window.events(&[letter("N")]);
    assert!(!window.shows("The requester is told"), "none is marked");
    window.events(&[key(Named::ArrowDown), letter("x"), letter("j"), letter("j"), letter("x"), letter("N")]);
    assert!(window.shows("Deny 2 requests"));
    window.events(&typed("a flood"));
    window.events(&[key(Named::Enter)]);
    window.pass(10);
    let all = all_decided(&mut window);
    let all: Vec<_> = all.iter().map(|(_, who, allow, note)| (who.as_str(), *allow, note.as_str())).collect();
    assert_eq!(all, [("a@x.example", false, "a flood"), ("c@x.example", false, "a flood")]);
}

#[test]
fn what_is_put_off_is_not_counted_and_what_is_asked_is_told() {
    let mut window = desk();
    let tab = |window: &mut Window, words: &str| window.texts().iter().any(|text| text == words);
    assert!(tab(&mut window, "Requests  2"));
    window.events(&[key(Named::ArrowDown), letter("h")]);
    assert!(tab(&mut window, "Requests  1") && window.shows("Put off until 2026-11-22 16:00Z."));
    window.pass(24 * 3600 + 1);
    assert!(tab(&mut window, "Requests  2"), "a day later it counts again");
    window.events(&[letter("o")]);
    window.events(&typed("Who vouches for you?"));
    window.events(&[key(Named::Enter)]);
    let sent = told(&mut window);
    let [Command::Tell { request, to, act: Act::Question, words, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((to.to_string().as_str(), words.note.as_str()), (BLUE, "Who vouches for you?"));
    window.tell(vec![Event::Done { request: *request, result: Ok(Receipt::Told) }]);
    assert!(window.shows("You asked 0 s ago: Who vouches for you?"));
    // What they say then stands at their request.
    let said = Said {
        topic: id("my-desk"),
        from: BLUE.parse().unwrap(),
        act: Act::Asks,
        note: "We run IR for \u{202e}x".to_owned(),
        until: None,
        at: now(),
        owner: false,
    };
    let pending = vec![Pending { said: Some(said), ..request_of(BLUE) }];
    window.tell(vec![Event::Requests { pending: pending.into(), polled: Some(now()), trouble: None }]);
    assert!(window.shows("We run IR for ⟨U+202E⟩x"));
}

fn request_of(who: &str) -> Pending {
    request(who, 184)
}

#[test]
fn a_refusal_stays_at_its_request_and_can_be_tried_again() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    window.pass(10);
    let (request, ..) = decided(&mut window).unwrap();
    let say = Say::new("error-timeout").with("what", "denying");
    let error = Error::Refused { say, condition: "x".to_owned() };
    window.tell(vec![Event::Done { request, result: Err(error) }]);
    assert!(window.shows("Not done: No answer in time while denying"));
    deny(&mut window, "unknown to us");
    window.pass(10);
    assert!(decided(&mut window).is_some());
}

#[test]
fn offline_nothing_is_queued_in_silence() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    window.tell(vec![Event::Connection(Connection::Offline)]);
    window.pass(10);
    assert_eq!(decided(&mut window), None);
    assert!(window.shows("Not done: Not connected to a grid."));
}

#[test]
fn a_request_that_vanished_takes_its_held_decision_with_it() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    window.tell(vec![Event::Requests { pending: [].into(), polled: Some(now()), trouble: None }]);
    assert!(window.shows("is gone: withdrawn, or decided by another owner. Nothing was sent."), "a toast");
    window.pass(10);
    assert_eq!(decided(&mut window), None);
    assert!(window.shows("Nobody waits for your decision."));
    let left = "soc@blue.example on Findings of our own team: the request was gone before your answer was sent";
    assert!(window.shows(left), "and it stays among what was decided");
}

#[test]
fn the_rail_counts_what_waits_for_a_decision() {
    let mut window = desk();
    window.go(Tab::Feed);
    let badge = |window: &mut Window| window.texts().iter().any(|text| text == "2");
    assert!(badge(&mut window));
    window.go(Tab::Owner);
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    window.go(Tab::Feed);
    assert!(!badge(&mut window));
}

/// Where this text shows.
fn place(window: &mut Window, text: &str) -> iced_test::core::Rectangle {
    let found = window.stage.texts(window.app.view()).into_iter().find(|(shown, _)| shown == text);
    found.map(|(_, bounds)| bounds).unwrap_or_else(|| panic!("no {text:?}"))
}

#[test]
fn neither_focus_nor_pointer_slides_to_another_request() {
    let names = ["a@csirt.example", "b@csirt.example", "c@csirt.example", "d@csirt.example"];
    let mut window = asked_by(&names);
    window.events(&[key(Named::ArrowDown), letter("j"), letter("j")]);
    // The third request's button has the keyboard, though nobody pressed it yet.
    let approve = place(&mut window, "Approve");
    let moved = window.stage.point(approve.center_x(), approve.center_y());
    let [press, _] = crate::stage::click();
    window.events(&[moved, press]);
    let before = place(&mut window, "d@csirt.example");
    window.tell(vec![asking(&names[1..])]);
    assert_eq!(place(&mut window, "d@csirt.example"), before, "nothing moves in the moment a request goes");
    assert!(window.shows("gone"));
    window.pass(1);
    assert!(place(&mut window, "d@csirt.example").y < before.y, "then it goes");
    window.events(&[key(Named::Space)]);
    assert!(window.shows("c@csirt.example will be let into") && !window.shows("d@csirt.example will"));
    say(&mut window, Asking::UndoLast);
    // The one whose button had the keyboard goes: the next one's has it not.
    window.tell(vec![asking(&["b@csirt.example", "d@csirt.example"])]);
    window.pass(2);
    window.events(&[key(Named::Space)]);
    assert!(!window.shows("will be let into"));
    window.events(&[letter("j")]);
    window.events(&[key(Named::Space)]);
    assert!(!window.shows("will be let into"));
}

#[test]
fn ten_thousand_who_ask_are_one_list() {
    let mut window = desk();
    let pending: Vec<_> = (0..10_000).map(|n| request(&format!("n{n}@blue.example"), 5)).collect();
    window.tell(vec![Event::Requests { pending: pending.into(), polled: Some(now()), trouble: None }]);
    window.pass(2);
    let rows = |window: &mut Window| window.texts().iter().filter(|text| text.ends_with("@blue.example")).count();
    let shown = rows(&mut window);
    assert!((5..40).contains(&shown), "{shown} rows are built");
    assert!(window.shows("10,000 wait for your decision"));
    window.events(&[letter("*")]);
    assert!(window.shows("10,000 marked"));
    window.events(&[letter("N")]);
    window.events(&typed("a flood"));
    window.events(&[key(Named::Enter)]);
    window.pass(10);
    // Not all at once: each answer lets the next go.
    let sent = all_decided(&mut window);
    assert_eq!(sent.len(), 32);
    let done = |(request, ..): (RequestId, String, bool, String)| Event::Done { request, result: Ok(Receipt::Denied) };
    window.tell(sent.into_iter().take(5).map(done).collect());
    assert_eq!(all_decided(&mut window).len(), 5);
}

#[test]
fn what_is_known_of_a_thousand_who_ask_is_put_together_elsewhere() {
    let mut window = desk();
    let named = Owning { cards: [("milehost.example".to_owned(), "MILE".to_owned())].into(), ..Owning::default() };
    window.run(Message::Owned(1, 0, Ok(Box::new(named))));
    let asks = |count| {
        let fake = request("soc@rnilehost.example", 95);
        let known = request("desk@milehost.example", 94);
        let others = (0..count).map(|n| request(&format!("n{n}@blue{n}.example"), 5));
        let pending: Vec<_> = [fake, known].into_iter().chain(others).collect();
        let told = Event::Requests { pending: pending.into(), polled: Some(now()), trouble: None };
        Message::Engine(1, gridwatch::app::bridge::Update::Events(vec![told]))
    };
    let knowing = window.app.update(asks(1_000));
    window.pass(2);
    assert!(window.shows("1,002 wait for your decision") && window.shows("soc@rnilehost.example"));
    say(&mut window, Asking::Pick(1));
    for chip in ["look-alike", "known domain", "new domain", "unknown domain"] {
        assert!(!window.shows(chip), "{chip}: the window's thread has no part in it");
    }
    // Until it is known, nobody is let in by one key.
    window.events(&[letter("Y"), letter("y")]);
    assert!(window.shows("Approve somebody new?") && !window.shows("will be let into"));
    say(&mut window, Asking::Sheet(owner::Answering::Close));
    // Who comes meanwhile is next.
    window.say(asks(1_001));
    let mut tasks = vec![knowing];
    while let Some(task) = tasks.pop() {
        let known = |message: &Message| matches!(message, Message::Owner(owner::Message::Requests(Asking::Known(..))));
        let known: Vec<_> = window.messages(task).into_iter().filter(known).collect();
        tasks.extend(known.into_iter().map(|message| window.app.update(message)));
    }
    assert!(window.shows("look-alike") && window.shows("known domain"), "{:?}", window.texts());
    say(&mut window, Asking::Pick(1_002));
    assert!(window.shows("n1000@blue1000.example"));
    assert!(window.shows("Nobody of it is on your topics, and no contact card names it."), "{:?}", window.texts());
}

#[test]
fn what_is_held_and_what_is_taken_back_is_told_to_the_log() {
    let mut window = desk();
    let _ = window.commands();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    window.events(&[letter("u")]);
    let noted = window.commands();
    let [Command::Held { reason, undone: false, .. }, Command::Held { subject, undone: true, .. }] = noted.as_slice()
    else {
        panic!("{noted:?}")
    };
    assert_eq!((reason.as_str(), subject.as_str()), ("unknown to us", BLUE));
}

#[test]
fn the_card_says_who_asks_what_they_would_get_and_what_was_decided_before() {
    let mut window = filled();
    say(&mut window, Asking::Pick(0));
    for words in [
        "Its domain was first met here",
        "Nobody of it is on your topics, and no contact card names it.",
        "about 96 a day · up to TLP:AMBER · 214 stored",
        "Denied 2026-03-26 on Findings of our own team (wrong constituency)",
        "We run incident response for the universities of Blue.",
        "denied before",
    ] {
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
    say(&mut window, Asking::Pick(2));
    assert!(window.shows("Your contact card of CSIRT-B names its domain.") && window.shows("known domain"));
    say(&mut window, Asking::Pick(5));
    assert!(window.shows("Others of its domain are on one topic of yours."), "it publishes there");
    window.events(&[letter("Y")]);
    window.let_pass(10);
    let who: Vec<String> = all_decided(&mut window).into_iter().map(|(_, who, ..)| who).collect();
    assert_eq!(who, ["intel@cert-north.example", "night@csirt.example", "soc@csirt-b.example"], "the known ones");
}

#[test]
fn a_decision_is_written_down_and_known_the_next_time() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "wrong constituency");
    window.pass(10);
    let (request, ..) = decided(&mut window).unwrap();
    let done = Event::Done { request, result: Ok(Receipt::Denied) };
    window.run(Message::Engine(1, gridwatch::app::bridge::Update::Events(vec![done])));
    window.tell(vec![Event::Requests { pending: [].into(), polled: Some(now()), trouble: None }]);
    window.pass(3);
    // They ask again.
    window.tell(vec![Event::Requests { pending: [request_of(BLUE)].into(), polled: Some(now()), trouble: None }]);
    say(&mut window, Asking::Pick(0));
    assert!(window.shows("Denied 2026-11-21 on Findings of our own team (wrong constituency)"));
}

/// Whoever leaves all the same has it closed in the log, before the goodbye.
#[test]
fn what_is_held_when_the_window_goes_is_closed_in_the_log() {
    let mut window = desk();
    let _ = window.commands();
    window.events(&[key(Named::ArrowDown)]);
    deny(&mut window, "unknown to us");
    window.say(Message::CloseRequested);
    assert!(!window.commands().iter().any(|command| matches!(command, Command::Quit)), "it is asked first");
    window.say(Message::LeaveAnyway);
    let told = window.commands();
    let [Command::Held { subject, undone: true, .. }, Command::Quit] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(subject, BLUE);
}

#[test]
fn many_that_were_decided_at_once_are_taken_back_at_once() {
    let names: Vec<String> = (0..8).map(|number| format!("n{number}@csirt.example")).collect();
    let mut window = asked_by(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // One by hand before, which is an act of its own.
    window.events(&[key(Named::ArrowDown), letter("y")]);
    window.pass(2);
    window.events(&[letter("Y")]);
    assert!(window.shows("Undo all 7"), "{:?}", window.texts());
    window.events(&[letter("u")]);
    assert!(!window.shows("Undo all"));
    window.let_pass(8);
    let all = all_decided(&mut window);
    assert_eq!(all.iter().map(|(_, who, ..)| who.as_str()).collect::<Vec<_>>(), ["n0@csirt.example"]);
    window.pass(30);
    assert_eq!(all_decided(&mut window).len(), 0);
    window.events(&[letter("Y")]);
    window.click("Undo all 7");
    window.pass(30);
    assert_eq!(all_decided(&mut window).len(), 0);
}

#[test]
fn what_ends_is_kept_or_revoked_in_one_sweep() {
    let mut window = filled();
    window.events(&[letter("4")]);
    assert!(window.shows("Expiring  3") && window.shows("Ended 3 days ago") && window.shows("Ends in 9 days"));
    window.events(&[letter("w")]);
    assert!(window.shows("3 accounts") && !window.shows("deputy@csirt.example"));
    window.events(&[key(Named::ArrowDown), letter("e")]);
    // On to the next that is due, without a step.
    window.events(&[letter("r")]);
    assert!(window.shows("soc@cert-north.example loses its subscription first"));
    window.click("Revoke");
    assert!(window.shows("soc@cert-north.example loses its access in 10 s."));
    window.pass(10);
    let sent = told(&mut window);
    let [Command::Revoke { accounts, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(accounts[0].to_string(), "soc@cert-north.example");
}
