//! Topics: what is said of each, the act that fits, and what came of it.

use gridwatch::app::Message;
use gridwatch::engine::{Command, Error, Event, Receipt, RequestId};
use gridwatch::model::Say;
use gridwatch::screen::{Tab, topics};

use iced_test::core::keyboard::key::Named;

use crate::stage::{key, letter};
use crate::support::window::{Window, id, topics as grid};

fn screen() -> Window {
    let mut window = Window::connected(false);
    window.go(Tab::Topics);
    window
}

fn asked(window: &mut Window) -> Option<(RequestId, bool)> {
    match window.commands().as_slice() {
        [Command::Subscribe { request, .. }] => Some((*request, true)),
        [Command::Unsubscribe { request, .. }] => Some((*request, false)),
        [] => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_row_says_what_it_is() {
    let mut window = screen();
    for words in [
        "Host incidents of the MILE community",
        "IODEF 2",
        "other",
        "not stated",
        "Members only",
        "Owner approves",
        "Subscribed",
        "Asked, waiting",
        "Refused",
        "phishing-watch · owner@csirt.example",
    ] {
        assert!(window.shows(words), "{words}");
    }
    assert!(!window.shows("\u{202e}"), "a title turns the text around");
    assert!(window.commands().is_empty(), "a look at the topics asks nobody for anything");
}

#[test]
fn the_act_follows_from_state_and_access() {
    for (title, act, subscribes) in [
        ("Host incidents of the MILE community", "Unsubscribe", false),
        ("Phishing against universities", "Request access", true),
        ("Early signs of denial of service", "Withdraw request", false),
        ("Banks and payment services", "Request access", true),
        ("Industrial control systems", "Subscribe", true),
    ] {
        let mut window = screen();
        window.click(title);
        window.click(act);
        let (_, subscribed) = asked(&mut window).expect(title);
        assert_eq!(subscribed, subscribes, "{title}");
    }
}

#[test]
fn a_second_press_does_not_ask_twice_and_the_outcome_stays_in_sight() {
    let mut window = screen();
    window.click("Phishing against universities");
    window.click("Request access");
    let (request, _) = asked(&mut window).unwrap();
    assert!(window.shows("Asking the broker"));
    window.click("Request access");
    assert_eq!(asked(&mut window), None);
    let say = Say::new("error-timeout").with("what", "subscribing");
    let error = Error::Refused { say, condition: "x".to_owned() };
    window.tell(vec![Event::Done { request: RequestId(request.0 + 7), result: Ok(Receipt::Subscribed) }]);
    assert!(window.shows("Asking the broker"), "another command's answer is not this one's");
    window.tell(vec![Event::Done { request, result: Err(error) }]);
    assert!(window.shows("No answer in time while subscribing"));
    window.click("Request access");
    let (request, _) = asked(&mut window).unwrap();
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Asked) }]);
    assert!(window.shows("The owner has been asked."));
}

#[test]
fn the_search_finds_by_any_word_and_says_what_it_hides() {
    let mut window = screen();
    let search = |window: &mut Window, words: &str| {
        window.say(Message::Topics(topics::Message::Query(words.to_owned())));
    };
    search(&mut window, "PHISH univ");
    assert!(window.shows("Phishing against universities") && !window.shows("Banks and payment services"));
    assert!(window.shows("1 of 8"));
    search(&mut window, "owner@csirt");
    assert!(window.shows("Banks and payment services"), "owners are searched too");
    search(&mut window, "no such thing");
    assert!(window.shows("No topic matches") && window.shows("The search hides 8 topics."));
    window.click("Clear the search");
    assert!(window.shows("Banks and payment services"));
}

#[test]
fn the_chosen_topic_is_the_same_after_the_list_changed() {
    let mut window = screen();
    window.click("Phishing against universities");
    let mut fewer = grid();
    fewer.retain(|topic| topic.id != id("my-desk"));
    window.tell(vec![Event::Topics {
        topics: fewer.clone().into(),
        walked: 2,
        total: 7,
        whole: false,
        complete: false,
    }]);
    assert!(window.shows("Request access"));
    assert!(window.shows("Reading topics: 2 of 7"));
    fewer.retain(|topic| topic.id != id("phishing-watch"));
    window.tell(vec![Event::Topics { topics: fewer.into(), walked: 6, total: 6, whole: true, complete: true }]);
    assert!(window.shows("No topic selected"));
}

#[test]
fn an_empty_broker_is_not_a_failure_and_offline_is_not_empty() {
    let mut window = screen();
    window.tell(vec![Event::Topics { topics: [].into(), walked: 0, total: 0, whole: true, complete: true }]);
    assert!(window.shows("The broker lists no topics to you"));
    window.tell(vec![Event::Connection(gridwatch::engine::Connection::Offline)]);
    assert!(window.shows("Topics are shown as soon as there is a connection."));
}

#[test]
fn the_list_goes_by_keys() {
    let mut window = screen();
    window.events(&[key(Named::ArrowDown), letter("j"), key(Named::ArrowUp), key(Named::ArrowUp)]);
    assert!(window.shows("Refused") && window.shows("The owner sees your address"), "the first row, Banks, is chosen");
    window.events(&[letter("j")]);
    assert!(window.shows("Withdraw request"));
    for _ in 0..20 {
        window.events(&[key(Named::ArrowDown)]);
    }
    assert!(window.shows("Vulnerability definitions") && window.shows("Subscribe"), "it stops at the last row");
}

fn says(node: &str, act: gridwatch::model::owned::Act, note: &str, days: Option<i64>) -> Window {
    let now = crate::support::window::now();
    let mut window = screen();
    let mut all = grid();
    let topic = all.iter_mut().find(|topic| topic.id == id(node)).unwrap();
    topic.said = Some(gridwatch::model::owned::Said {
        topic: id(node),
        from: "owner@csirt.example".parse().unwrap(),
        act,
        note: note.to_owned(),
        until: days.map(|days| now + chrono::TimeDelta::days(days)),
        at: now,
        owner: true,
    });
    window.tell(vec![Event::Topics { topics: all.into(), walked: 8, total: 8, whole: true, complete: true }]);
    window
}

#[test]
fn a_question_of_the_owner_is_answered_at_the_topic() {
    use gridwatch::model::owned::Act;
    let mut window = says("ddos-early", Act::Question, "Who vouches for you?", None);
    window.click("Early signs of denial of service");
    assert!(window.shows("owner@csirt.example asked you something") && window.shows("Who vouches for you?"));
    window.click("Answer");
    assert!(window.commands().is_empty(), "nothing is typed");
    window.say(Message::Topics(topics::Message::Words("CERT North does".to_owned())));
    window.click("Answer");
    let sent = window.commands();
    let [Command::Tell { request, to, act: Act::Asks, words, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((to.to_string().as_str(), words.note.as_str()), ("owner@csirt.example", "CERT North does"));
    window.tell(vec![Event::Done { request: *request, result: Ok(gridwatch::engine::Receipt::Told) }]);
    assert!(window.shows("Sent. Your request still waits.") && window.shows("Withdraw request"));
}

#[test]
fn who_has_access_is_told_when_it_ends() {
    use gridwatch::model::owned::Act;
    let mut window = says("MILEHost", Act::Approved, "Welcome", Some(20));
    window.click("Host incidents of the MILE community");
    assert!(window.shows("It lasts until 2026-12-11"));
    window.pass(10 * 24 * 3600);
    assert!(window.shows("your access ends on 2026-12-11") && !window.shows("It lasts until"), "{:?}", window.texts());
    window.pass(10 * 24 * 3600);
    assert!(window.shows("Your access ended on 2026-12-11") && !window.shows("It lasts until"));
}

#[test]
fn why_a_request_was_denied_stands_with_the_topic_and_words_go_with_a_new_one() {
    use gridwatch::model::owned::{Act, Said};
    let mut window = screen();
    let mut all = grid();
    let denied = all.iter_mut().find(|topic| topic.id == id("finance-only")).unwrap();
    denied.said = Some(Said {
        topic: id("finance-only"),
        from: "owner@csirt.example".parse().unwrap(),
        act: Act::Denied,
        note: "Banks only, \u{202e}ask FS-ISAC".to_owned(),
        until: None,
        at: crate::support::window::now(),
        owner: true,
    });
    window.tell(vec![Event::Topics { topics: all.into(), walked: 8, total: 8, whole: true, complete: true }]);
    window.click("Banks and payment services");
    assert!(window.shows("owner@csirt.example denied your request on 2026-11-21 16:00Z."));
    assert!(window.shows("Banks only, ⟨U+202E⟩ask FS-ISAC") && !window.shows("take these words with care"));
    window.say(Message::Topics(topics::Message::Words("We are the bank's new CSIRT".to_owned())));
    window.click("Request access");
    let sent = window.commands();
    let [Command::Subscribe { words: Some(words), .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(words.note, "We are the bank's new CSIRT");
}
