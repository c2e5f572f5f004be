//! What stands around the screens: practice mark, connection, keys, rest when nothing happens, and leaving.

use std::sync::Arc;
use std::time::Duration;

use gridwatch::app::{App, Message, Practice, Pulse, bridge::Update, command};
use gridwatch::engine::{Command, Connection, Error, Event, Step};
use gridwatch::model::{Restriction, Severity};
use gridwatch::practice::{Grid, Options};
use gridwatch::screen::{Place, Tab, composer, connect};
use gridwatch::secrets::Secret;
use gridwatch::settings::Settings;
use gridwatch::store::Standing;

use iced_test::core::keyboard::key::Named;
use iced_test::core::widget::operation::focusable;

use super::composer::{fill, publish};
use crate::stage::{key, letter};
use crate::support::window::{Window, connected, deliver, env, report};

#[test]
fn practice_is_marked_in_title_and_bar_and_a_real_grid_is_not() {
    let mut practice = Window::connected(true);
    assert!(practice.app.title().contains("PRACTICE"));
    assert!(practice.shows("PRACTICE") && practice.shows("Everything here is invented"));
    let mut real = Window::connected(false);
    assert!(!real.app.title().contains("PRACTICE") && real.app.title().contains("CSIRT"));
    assert!(!real.shows("PRACTICE"));
}

#[test]
fn the_connection_is_always_said_in_words() {
    let mut window = Window::connected(false);
    assert!(window.shows("Connected"));
    window.tell(vec![Event::Connection(Connection::Connecting { step: Step::Securing, attempt: 1 })]);
    assert!(window.shows("Connecting: securing"));
    let cause = crate::support::unreachable("csirt.example:5222");
    window.tell(vec![Event::Connection(Connection::Waiting { retry_in: Duration::from_secs(12), cause })]);
    assert!(window.shows("Not connected, next try in 12 s"));
    window.pass(5);
    assert!(window.shows("Not connected, next try in 7 s"));
    window.click("Try now");
    assert!(matches!(window.sent().as_slice(), [Command::RetryNow]));
    window.tell(vec![Event::Connection(Connection::Offline)]);
    assert!(window.shows("Not connected"));
}

#[test]
fn a_window_at_rest_is_not_woken() {
    let (env, _) = env();
    let welcome = App::new(env, Settings::default());
    assert_eq!(welcome.pulse(), Pulse::Still);
    let mut window = Window::connected(false);
    window.say(Message::Drawn);
    assert_eq!(window.app.pulse(), Pulse::Slow, "ages and clock, every half minute");
    let resting = window.app.subscription().units();
    // Keys, close requests, dropped files, theme changes, the engine, the slow clock.
    assert_eq!(resting, 6);
    fill(&mut window);
    publish(&mut window);
    assert_eq!(window.app.pulse(), Pulse::Quick, "a countdown runs");
    window.say(Message::Compose(composer::Message::Unhold));
    assert_eq!(window.app.pulse(), Pulse::Slow);
    let cause = Error::Offline;
    window.tell(vec![Event::Connection(Connection::Waiting { retry_in: Duration::from_secs(60), cause })]);
    assert_eq!(window.app.pulse(), Pulse::Quick);
    window.tell(vec![Event::Connection(connected())]);
    assert_eq!(window.app.pulse(), Pulse::Slow);
    assert_eq!(window.app.subscription().units(), resting);
}

#[test]
fn an_engine_already_replaced_is_not_listened_to() {
    let mut window = Window::connected(false);
    let cause = Error::Offline;
    window.say(Message::Engine(7, Update::Events(vec![Event::Connection(Connection::Stopped { cause })])));
    window.say(Message::Engine(0, Update::Ended));
    assert!(window.shows("Connected"));
}

#[test]
fn keys_lead_to_the_tabs_and_escape_leads_back() {
    let mut window = Window::connected(false);
    for (tab, sign) in [(Tab::Topics, "Topics"), (Tab::Owner, "Topics I own:"), (Tab::Settings, "Appearance")] {
        window.say(Message::Command(command::Id::Go(tab)));
        assert!(window.shows(sign), "{sign}");
    }
    window.say(Message::Command(command::Id::Help));
    assert!(window.shows("Ctrl+4"));
    window.say(Message::Command(command::Id::Back));
    assert!(!window.shows("Ctrl+4"), "the sheet closes first");
    assert_eq!(window.app.place(), Place::Tab(Tab::Settings));
    window.say(Message::Command(command::Id::Back));
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
}

#[test]
fn without_a_session_the_tabs_of_a_session_stay_closed() {
    let mut window = Window::fresh(Settings::default());
    window.say(Message::Command(command::Id::Go(Tab::Compose)));
    assert_eq!(window.app.place(), Place::Welcome);
}

#[test]
fn incidents_reach_the_feed_and_the_selection_s_label_the_status_bar() {
    let mut window = Window::connected(false);
    let text = report("2026-1", "Scan for open resolvers", Restriction::Amber, Severity::Low, "192.0.2.1");
    deliver(&mut window, &[("MILEHost", &text, 3)]);
    assert!(window.shows("Scan for open resolvers") && window.shows("1 in the last minute"));
    assert!(!window.shows("Selected"));
    window.click("Scan for open resolvers");
    assert!(window.shows("Selected") && window.shows("TLP:AMBER"));
    assert!(matches!(window.app.store().row(0).unwrap().standing, Standing::Current));
    window.tell(vec![Event::Dropped(3)]);
    assert!(window.shows("3 events not shown"));
}

#[test]
fn what_is_stricter_inside_marks_the_row_and_the_status_bar() {
    let mut window = Window::connected(false);
    let text = report("2026-1", "Scan for open resolvers", Restriction::Green, Severity::Low, "192.0.2.1");
    let guarded = text.replacen("<Contact ", "<Contact restriction=\"red\" ", 1);
    assert_ne!(text, guarded);
    deliver(&mut window, &[("MILEHost", &guarded, 3)]);
    let label = |window: &mut Window, label: &str| window.texts().iter().any(|text| text == label);
    assert!(label(&mut window, "RED") && !label(&mut window, "GREEN"), "the row");
    window.click("Scan for open resolvers");
    // Nothing but the banner of the pane says what the document calls itself.
    assert!(label(&mut window, "TLP:RED"), "the status bar");
    assert!(label(&mut window, "TLP:GREEN") && window.shows("one element inside is TLP:RED"), "the banner");
    window.pictures("stricter");
}

#[test]
fn closing_says_goodbye_and_a_second_wish_does_not_wait() {
    let mut window = Window::connected(false);
    window.say(Message::CloseRequested);
    assert!(matches!(window.sent().as_slice(), [Command::Quit]));
    window.say(Message::CloseRequested);
    assert!(matches!(window.sent().as_slice(), [] | [Command::Quit]));
}

#[test]
fn closing_while_a_report_is_held_asks_first() {
    let mut window = Window::connected(false);
    fill(&mut window);
    publish(&mut window);
    window.say(Message::CloseRequested);
    assert!(window.shows("Something is still held"));
    assert!(window.sent().is_empty());
    window.click("Stay");
    window.let_pass(10);
    assert!(matches!(window.sent().as_slice(), [Command::Publish { .. }]));
    window.say(Message::CloseRequested);
    assert!(matches!(window.sent().as_slice(), [Command::Quit]));
}

#[test]
fn a_toast_goes_and_is_not_the_only_word_of_an_error() {
    let mut window = Window::connected(false);
    window.say(Message::Settings(gridwatch::screen::settings::Message::CopyFiles));
    assert!(window.shows("Copied."));
    window.say(Message::ToastOver(0));
    assert!(!window.shows("Copied."));
}

#[test]
fn a_practice_grid_that_is_slow_to_start_does_not_drop_a_report_held_meanwhile() {
    let mut window = Window::connected(false);
    fill(&mut window);
    publish(&mut window);
    let grid = Grid::start(Options::default()).unwrap();
    window.say(Message::PracticeStarted(Ok(Practice(Arc::new(grid)))));
    assert!(window.shows("is still held; wait for its ten seconds"));
    window.let_pass(10);
    assert!(matches!(window.sent().as_slice(), [Command::Publish { .. }]));
}

#[test]
fn another_grid_is_not_opened_over_a_held_report() {
    let mut window = Window::connected(false);
    fill(&mut window);
    publish(&mut window);
    window.say(Message::Go(Place::Connect));
    let form = [
        connect::Message::Edit(connect::Field::Jid, "desk@grid.example".to_owned()),
        connect::Message::Secret(connect::Field::Password, Secret::new("x".to_owned())),
        connect::Message::Connect,
    ];
    form.into_iter().for_each(|message| window.say(Message::Connect(message)));
    assert!(window.shows("is still held; wait for its ten seconds"));
    window.let_pass(10);
    assert!(matches!(window.sent().as_slice(), [Command::Publish { .. }]), "it went to the grid it was written for");
}

#[test]
fn under_a_sheet_no_key_is_heard_and_the_sheet_has_the_keyboard() {
    let mut window = Window::connected(false);
    // A colleague, whom one key approves.
    let pending = vec![crate::support::window::request("night@csirt.example", 5)];
    window.tell(vec![Event::Requests { pending: pending.into(), polled: None, trouble: None }]);
    window.go(Tab::Owner);
    window.pass(2);
    window.events(&[key(Named::ArrowDown)]);
    window.say(Message::Command(command::Id::Help));
    window.events(&[letter("y")]);
    // Enter presses what has the focus: the sheet's own button.
    window.events(&[key(Named::Enter)]);
    assert!(!window.shows("Ctrl+4"), "closed");
    assert!(!window.shows("will be let into"), "nothing was decided behind the veil");
    window.events(&[letter("y")]);
    assert!(window.shows("will be let into"), "it was selected all the while");
    window.say(Message::CloseRequested);
    window.events(&[letter("u"), key(Named::Space)]);
    assert!(!window.shows("Something is still held"), "Stay had the keyboard");
    assert!(window.shows("will be let into"), "and nothing was undone unseen");
}

#[test]
fn under_a_sheet_no_button_is_pressed_reached_or_closed() {
    let mut window = Window::connected(false);
    let text = report("2026-1", "Scan for open resolvers", Restriction::Amber, Severity::Low, "192.0.2.1");
    deliver(&mut window, &[("MILEHost", &text, 3)]);
    window.click("Scan for open resolvers");
    window.say(Message::Command(command::Id::Help));
    // The sheet's only control: round and round it goes.
    window.stage.operate(window.app.view(), &mut focusable::focus_next::<()>());
    window.events(&[key(Named::Escape), letter("x")]);
    window.say(Message::Command(command::Id::Back));
    assert!(!window.shows("Ctrl+4"), "Escape closed the sheet");
    assert!(window.shows("192[.]0[.]2[.]1"), "and neither closed the incident nor turned it over");
}
