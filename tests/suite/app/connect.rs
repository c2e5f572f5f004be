//! The form for a grid: wrong fields are named at once, steps and failures have words, and the keychain's states are said.

use std::time::Duration;

use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::app::cx::Profile as Who;
use gridwatch::engine::{Connection, Error, Event, Keys, Step};
use gridwatch::model::{Restriction, Say, Severity};
use gridwatch::screen::connect::{self, Field};
use gridwatch::screen::{Place, Tab};
use gridwatch::secrets::{Secret, State};
use gridwatch::settings::{Profile, Settings};

use crate::support::window::{Window, connected, deliver, report, topics};

fn form() -> Window {
    let mut settings = Settings::default();
    assert!(settings.put(Profile::new("CSIRT", "analyst@csirt.example".parse().unwrap())));
    let mut window = Window::fresh(settings);
    window.say(Message::Go(Place::Connect));
    window
}

fn tell(window: &mut Window, message: connect::Message) {
    window.say(Message::Connect(message));
}

fn fill(window: &mut Window) {
    tell(window, connect::Message::Edit(Field::Jid, "desk@grid.example".to_owned()));
    tell(window, connect::Message::Secret(Field::Password, Secret::new("correct horse".to_owned())));
}

#[test]
fn wrong_fields_are_named_and_nothing_is_tried() {
    let mut window = form();
    window.click("Connect");
    assert!(window.shows("The password is missing."));
    assert!(window.shows("An address looks like name@grid.example"));
    tell(&mut window, connect::Message::Edit(Field::Jid, "desk@grid.example".to_owned()));
    assert!(!window.shows("An address looks like"), "what is mended is not blamed any more");
    tell(&mut window, connect::Message::Secret(Field::Password, Secret::new("x".to_owned())));
    tell(&mut window, connect::Message::Edit(Field::Port, "70000".to_owned()));
    window.click("Connect");
    assert!(window.shows("A port is a number from 1 to 65535."), "the seldom fields open when one of them is wrong");
    assert!(window.app.profile().is_none());
}

#[test]
fn a_password_is_neither_shown_nor_printed() {
    let mut window = form();
    fill(&mut window);
    assert!(!window.shows("correct horse"));
    let message = Message::Connect(connect::Message::Secret(Field::Password, Secret::new("correct horse".to_owned())));
    assert!(!format!("{message:?}").contains("correct"));
}

#[test]
fn connecting_shows_its_steps_saves_the_profile_and_ends_at_the_feed() {
    let mut window = form();
    fill(&mut window);
    window.click("Connect");
    assert_eq!(window.app.profile().map(|who| who.jid.to_string()).as_deref(), Some("desk@grid.example"));
    assert!(window.app.settings().profile("desk@grid.example").is_some());
    for (step, words) in [
        (Step::Dialing, "Finding the controller"),
        (Step::Securing, "Securing the connection and checking its certificate"),
    ] {
        window.tell(vec![Event::Connection(Connection::Connecting { step, attempt: 2 })]);
        assert!(window.shows(words) && window.shows("Attempt 2"));
    }
    window.tell(vec![Event::Connection(connected())]);
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
}

#[test]
fn a_refused_certificate_is_explained_and_gives_the_form_back() {
    let mut window = form();
    fill(&mut window);
    window.click("Connect");
    let say = Say::new("error-cert-wrong-host").with("presented", "mail.example").with("wanted", "grid.example");
    let cause = Error::Session { say, cause: "not valid for name".to_owned(), retry: false };
    window.tell(vec![Event::Connection(Connection::Stopped { cause })]);
    assert_eq!(window.app.place(), Place::Connect);
    assert!(window.shows("The certificate is for mail.example, not for grid.example."));
    assert!(window.shows("Nothing was sent."));
    assert!(window.shows("Copy details"));
    assert!(window.shows("Password"), "the form is back");
    let who: &Who = window.app.profile().unwrap();
    assert_eq!(who.jid.to_string(), "desk@grid.example");
}

#[test]
fn what_the_keychain_can_do_is_said_before_a_password_is_typed() {
    for (state, words) in [
        (State::Absent, "This computer has no keychain"),
        (State::NotSetUp, "keychain is not set up"),
        (State::Frozen, "The keychain did not answer in time."),
        (State::Locked, "you will be asked to unlock it"),
        (State::Ready, "The system keychain keeps it."),
    ] {
        let mut window = form();
        window.say(Message::Probed(Ok(state)));
        assert!(window.shows(words), "{state:?}");
        let only = window.shows("for this run only");
        assert_eq!(only, state != State::Ready, "{state:?}");
    }
}

#[test]
fn a_saved_profile_waits_for_its_keyring_visibly_and_can_stop() {
    let mut window = form();
    window.click("CSIRT");
    assert!(window.shows("Waiting for your keyring…"));
    window.click("Do not wait");
    assert!(!window.shows("Waiting for your keyring…"));
    // The answer for a profile left meanwhile fills in nothing.
    tell(&mut window, connect::Message::Fresh);
    let late = Message::Recalled("CSIRT".to_owned(), Ok(Keys::from(Secret::new("late".to_owned()))));
    window.say(late);
    window.click("Connect");
    assert!(window.shows("The password is missing."));
}

#[test]
fn a_password_is_kept_and_found_again() {
    let mut window = form();
    window.run(Message::Connect(connect::Message::Edit(Field::Jid, "a@b.example".to_owned())));
    tell(&mut window, connect::Message::Edit(Field::Name, "CSIRT".to_owned()));
    tell(&mut window, connect::Message::Secret(Field::Password, Secret::new("kept".to_owned())));
    window.run(Message::Connect(connect::Message::Connect));
    window.run(online(1));
    window.say(Message::Go(Place::Connect));
    tell(&mut window, connect::Message::Fresh);
    window.run(Message::Connect(connect::Message::Choose("CSIRT".to_owned())));
    window.click("Connect");
    assert!(!window.shows("The password is missing."));
}

/// A session of this number stands.
fn online(session: u64) -> Message {
    Message::Engine(session, Update::Events(vec![Event::Connection(connected())]))
}

fn wrong_password() -> Event {
    let cause = Error::Session { say: Say::new("error-offline"), cause: "not-authorized".to_owned(), retry: false };
    Event::Connection(Connection::Stopped { cause })
}

#[test]
fn a_profile_named_at_the_start_is_entered_when_its_keyring_has_answered_and_nobody_touched_the_form() {
    let answer = || Message::Recalled("CSIRT".to_owned(), Ok(Keys::from(Secret::new("kept".to_owned()))));
    let mut window = form();
    tell(&mut window, connect::Message::Enter("CSIRT".to_owned()));
    assert!(window.shows("Waiting for your keyring…"));
    window.say(answer());
    assert!(window.shows("Connecting"));
    let mut touched = form();
    tell(&mut touched, connect::Message::Enter("CSIRT".to_owned()));
    tell(&mut touched, connect::Message::Edit(Field::Host, "127.0.0.1".to_owned()));
    touched.say(answer());
    assert!(!touched.shows("Connecting"));
    let mut empty = form();
    tell(&mut empty, connect::Message::Enter("CSIRT".to_owned()));
    empty.say(Message::Recalled("CSIRT".to_owned(), Ok(Keys::default())));
    assert!(empty.shows("The password is missing."));
}

/// What the keychain holds for a profile, as a form filled from it learns.
fn kept(window: &mut Window, name: &str) -> Option<Secret> {
    let mut found = None;
    for message in window.outcome(Message::Connect(connect::Message::Choose(name.to_owned()))) {
        if let Message::Recalled(_, Ok(keys)) = message {
            found = keys.password;
        }
    }
    found
}

#[test]
fn a_password_is_kept_only_once_it_has_proved_right() {
    let mut window = form();
    for (session, password) in [(1, "good"), (2, "typo")] {
        tell(&mut window, connect::Message::Fresh);
        tell(&mut window, connect::Message::Edit(Field::Jid, "a@b.example".to_owned()));
        tell(&mut window, connect::Message::Secret(Field::Password, Secret::new(password.to_owned())));
        window.run(Message::Connect(connect::Message::Connect));
        if session == 1 {
            assert!(kept(&mut window, "a@b.example").is_none(), "nothing has been proved yet");
            window.run(online(session));
        } else {
            window.run(Message::Engine(session, Update::Events(vec![wrong_password()])));
        }
        assert_eq!(kept(&mut window, "a@b.example").unwrap().expose(), "good");
    }
}

#[test]
fn a_form_being_filled_is_not_left_when_another_session_comes_back() {
    let mut window = Window::connected(false);
    window.say(Message::Go(Place::Connect));
    fill(&mut window);
    window
        .tell(vec![Event::Connection(Connection::Waiting { retry_in: Duration::from_secs(1), cause: Error::Offline })]);
    window.tell(vec![Event::Connection(connected())]);
    assert_eq!(window.app.place(), Place::Connect, "the rest of the password would be typed into the feed");
    window.click("Connect");
    window.say(online(2));
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
    window.say(Message::Go(Place::Connect));
    window.click("Connect");
    assert!(window.shows("The password is missing."), "it is not kept in the form");
}

#[test]
fn another_address_in_a_saved_profile_s_form_is_another_profile() {
    let mut window = form();
    tell(&mut window, connect::Message::Choose("CSIRT".to_owned()));
    window.say(Message::Recalled("CSIRT".to_owned(), Ok(Keys::from(Secret::new("of the analyst".to_owned())))));
    tell(&mut window, connect::Message::Edit(Field::Jid, "desk@grid.example".to_owned()));
    window.click("Connect");
    assert!(window.shows("The password is missing."), "one account's password is not offered as another's");
    tell(&mut window, connect::Message::Secret(Field::Password, Secret::new("of the desk".to_owned())));
    window.click("Connect");
    let jid = |name: &str| window.app.settings().profile(name).map(|profile| profile.jid.to_string());
    assert_eq!(jid("CSIRT").as_deref(), Some("analyst@csirt.example"));
    assert_eq!(jid("desk@grid.example").as_deref(), Some("desk@grid.example"));
}

#[test]
fn a_late_keyring_does_not_write_over_what_was_typed() {
    let mut window = form();
    tell(&mut window, connect::Message::Choose("CSIRT".to_owned()));
    tell(&mut window, connect::Message::Secret(Field::Password, Secret::new("typed".to_owned())));
    tell(&mut window, connect::Message::Remember(false));
    window.say(Message::Recalled("CSIRT".to_owned(), Ok(Keys::from(Secret::new("old".to_owned())))));
    window.run(Message::Connect(connect::Message::Connect));
    window.run(online(1));
    assert!(kept(&mut window, "CSIRT").is_none(), "it was not to be kept");
}

#[test]
fn the_same_account_again_goes_on_with_feed_and_draft() {
    let again = |jid: &str| {
        let mut window = Window::connected(false);
        let text = report("2026-1", "Scan for open resolvers", Restriction::Amber, Severity::Low, "192.0.2.1");
        deliver(&mut window, &[("MILEHost", &text, 3)]);
        super::composer::fill(&mut window);
        window.tell(vec![wrong_password()]);
        window.say(Message::Go(Place::Connect));
        tell(&mut window, connect::Message::Edit(Field::Jid, jid.to_owned()));
        tell(&mut window, connect::Message::Secret(Field::Password, Secret::new("the new one".to_owned())));
        tell(&mut window, connect::Message::Connect);
        window.say(online(2));
        let topics = Event::Topics { topics: topics().into(), walked: 8, total: 8, whole: true, complete: true };
        window.say(Message::Engine(2, Update::Events(vec![topics])));
        let feed = window.shows("Scan for open resolvers");
        window.go(Tab::Compose);
        (feed, window.shows("Ready to publish to Host incidents of the MILE community."))
    };
    assert_eq!(again("analyst@csirt.example"), (true, true));
    assert_eq!(again("desk@grid.example"), (false, false), "nothing of one account is seen by another");
}
