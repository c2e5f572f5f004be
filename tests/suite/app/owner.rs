//! The owner desk: decisions are held, can be undone, name their target, and never happen by a slip of the keyboard.

use gridwatch::app::Message;
use gridwatch::engine::{Command, Connection, Error, Event, Receipt, RequestId};
use gridwatch::model::Say;
use gridwatch::screen::{Tab, approvals};
use iced_test::core::keyboard::key::Named;

use crate::stage::{key, letter};
use crate::support::window::{Window, now, request};

const BLUE: &str = "soc@blue.example";

fn desk() -> Window {
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    window
}

/// The decision that was sent: request, subscriber, verdict.
fn decided(window: &mut Window) -> Option<(RequestId, String, bool)> {
    match window.commands().as_slice() {
        [Command::Decide { request, subscriber, allow, topic, .. }] => {
            assert_eq!(topic.node, "my-desk");
            Some((*request, subscriber.to_string(), *allow))
        }
        [] => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_decision_is_sent_after_ten_seconds_for_exactly_this_request() {
    let mut window = desk();
    assert!(window.shows("Last checked 12 s ago"));
    window.events(&[key(Named::ArrowDown), letter("y")]);
    assert!(window.shows("soc@blue.example will be let into Findings of our own team in 10 s."));
    window.pass(9);
    assert!(window.shows("in 1 s."));
    assert_eq!(decided(&mut window), None);
    window.pass(1);
    let (request, who, allow) = decided(&mut window).unwrap();
    assert_eq!((who.as_str(), allow), (BLUE, true));
    window.pass(60);
    assert_eq!(decided(&mut window), None, "sent once");
    let rest = vec![self::request("feed@p\u{430}ypal.example", 5)];
    window.tell(vec![
        Event::Requests { pending: rest.into(), polled: Some(now()), trouble: None },
        Event::Done { request, result: Ok(Receipt::Approved) },
    ]);
    assert!(window.shows("soc@blue.example may now read Findings of our own team"));
}

#[test]
fn undo_takes_it_back_before_anything_is_sent() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown), letter("n")]);
    assert!(window.shows("soc@blue.example will be refused"));
    window.click("Undo");
    window.pass(30);
    assert_eq!(decided(&mut window), None);
    window.events(&[letter("n"), letter("u")]);
    window.pass(30);
    assert_eq!(decided(&mut window), None);
}

#[test]
fn enter_decides_nothing_space_on_the_focused_button_does() {
    let mut window = desk();
    window.click("Approve");
    window.say(Message::Owner(approvals::Message::UndoLast));
    // The button pressed last has the keyboard.
    window.events(&[key(Named::Enter)]);
    assert!(!window.shows("will be let into"));
    window.events(&[key(Named::Enter), key(Named::Space)]);
    assert!(window.shows("will be let into"));
}

#[test]
fn a_deceptive_address_is_shown_for_what_it_is() {
    let mut window = desk();
    assert!(window.shows("This address can be mistaken for feed@paypal.example."));
    assert!(window.shows("feed@xn--"));
}

#[test]
fn a_refusal_stays_at_its_request_and_can_be_tried_again() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown), letter("y")]);
    window.pass(10);
    let (request, ..) = decided(&mut window).unwrap();
    let say = Say::new("error-timeout").with("what", "approving");
    let error = Error::Refused { say, condition: "x".to_owned() };
    window.tell(vec![Event::Done { request, result: Err(error) }]);
    assert!(window.shows("Not done: No answer in time while approving"));
    window.events(&[letter("y")]);
    window.pass(10);
    assert!(decided(&mut window).is_some());
}

#[test]
fn offline_nothing_is_queued_in_silence() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown), letter("y")]);
    window.tell(vec![Event::Connection(Connection::Offline)]);
    window.pass(10);
    assert_eq!(decided(&mut window), None);
    assert!(window.shows("Not done: Not connected to a grid."));
}

#[test]
fn a_request_that_vanished_takes_its_held_decision_with_it() {
    let mut window = desk();
    window.events(&[key(Named::ArrowDown), letter("y")]);
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
    window.events(&[key(Named::ArrowDown), letter("n")]);
    window.go(Tab::Feed);
    assert!(!badge(&mut window));
}

/// Where this text's `nth` showing is.
fn place(window: &mut Window, text: &str, nth: usize) -> iced_test::core::Rectangle {
    let found = window.stage.texts(window.app.view()).into_iter().filter(|(shown, _)| shown == text);
    found.map(|(_, bounds)| bounds).nth(nth).unwrap_or_else(|| panic!("no {text:?}"))
}

fn asking(names: &[&str]) -> Event {
    let pending: Vec<_> =
        names.iter().zip(1..).map(|(name, age)| request(&format!("{name}@blue.example"), 90 - age)).collect();
    Event::Requests { pending: pending.into(), polled: Some(now()), trouble: None }
}

#[test]
fn neither_focus_nor_pointer_slides_to_the_next_request_s_approve() {
    let mut window = desk();
    window.tell(vec![asking(&["a", "b", "c", "d"])]);
    window.pass(2);
    // The third request's button has the keyboard, though nobody pressed it yet.
    let third = place(&mut window, "Approve", 2);
    let moved = window.stage.point(third.center_x(), third.center_y());
    let [press, _] = crate::stage::click();
    window.events(&[moved, press]);
    window.tell(vec![asking(&["b", "c", "d"])]);
    window.pictures("owner-gone");
    assert_eq!(place(&mut window, "Approve", 1), third, "nothing moves in the moment a request goes");
    assert!(window.shows("Gone: withdrawn, or decided by another owner."));
    window.pass(1);
    assert!(place(&mut window, "Approve", 1).y < third.y, "then it goes");
    let fourth = place(&mut window, "Approve", 2);
    window.events(&[key(Named::Space)]);
    assert!(window.shows("c@blue.example will be let into") && !window.shows("d@blue.example will"));
    assert_eq!(place(&mut window, "Approve", 1), fourth, "a decision moves nothing below");
    // One goes and another comes: not even then.
    window.say(Message::Owner(approvals::Message::UndoLast));
    window.events(&[]);
    window.tell(vec![asking(&["b", "d", "e"])]);
    window.pass(2);
    window.events(&[key(Named::Space)]);
    assert!(!window.shows("will be let into"));
}

#[test]
fn ten_thousand_who_ask_are_shown_by_fifty_and_counted() {
    let mut window = desk();
    let names: Vec<String> = (0..10_000).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let pending: Vec<_> = names.iter().map(|name| request(&format!("{name}@blue.example"), 5)).collect();
    window.tell(vec![Event::Requests { pending: pending.into(), polled: Some(now()), trouble: None }]);
    window.pass(2);
    window.stage.size.height = 40_000.0;
    let cards = |window: &mut Window| window.texts().iter().filter(|text| *text == "Approve").count();
    assert_eq!(cards(&mut window), 50);
    assert!(window.texts().iter().any(|text| text == "10,000" || text == "10000"), "the rail counts all");
    let more = window.texts().into_iter().find(|text| text.starts_with("Show the other")).unwrap();
    assert!(more.contains("9,950") || more.contains("9950"), "{more}");
    window.click(&more);
    assert_eq!(cards(&mut window), 100);
}
