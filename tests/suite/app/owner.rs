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
        [Command::Decide { request, subscriber, allow, topic }] => {
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
    window.pass(10);
    assert_eq!(decided(&mut window), None);
    assert!(window.shows("No requests") && window.shows("Last checked 10 s ago"));
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
