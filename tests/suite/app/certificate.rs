//! A certificate that stops a connection: asked about before anything is believed, never by a single press, written down
//! before it holds, and tried again with it.

use std::sync::Arc;

use gridwatch::app::bridge::{Outlet, Update};
use gridwatch::app::{App, Env, Message};
use gridwatch::engine::{Command, Event};
use gridwatch::model::session::{Refused, Why};
use gridwatch::model::{Fingerprint, Known, Learned, Pin};
use gridwatch::screen::{Place, certificate, connect, connection};
use gridwatch::secrets::Secret;
use gridwatch::settings::known::Ledger;
use gridwatch::settings::{Paths, Settings};

use crate::support::trust::{self, changed, days, faulty, leaf, online, print, refused, stopped};
use crate::support::window::{Window, env, now};

const JID: &str = "desk@csirt.example";

/// A console with a home of its own that has tried to connect for the first time; the commands its engine gets come out.
struct Console {
    window: Window,
    ledger: Ledger,
    told: std::sync::mpsc::Receiver<Command>,
    _home: tempfile::TempDir,
}

impl Console {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::below(home.path());
        let ledger = Ledger::new(&paths);
        let (world, _) = env();
        let world = Env { known: Some(ledger.clone()), settings: None, ..world };
        let mut window = Window::fresh(Settings::default());
        window.app = App::new(world, Settings::default());
        window.say(Message::Go(Place::Connect));
        for message in [
            connect::Message::Edit(connect::Field::Jid, JID.to_owned()),
            connect::Message::Secret(connect::Field::Password, Secret::new("correct horse".to_owned())),
        ] {
            window.say(Message::Connect(message));
        }
        window.run(Message::Connect(connect::Message::Connect));
        let (sender, told) = std::sync::mpsc::channel();
        let outlet = Outlet::new(move |command| sender.send(command).map_err(|_| gridwatch::engine::Error::Offline));
        window.say(Message::Engine(1, Update::Ready(outlet)));
        Self { window, ledger, told, _home: home }
    }

    /// The controller shows this.
    fn meets(&mut self, refused: Arc<Refused>) {
        self.window.tell(vec![stopped(refused)]);
    }

    fn answer(&mut self, message: certificate::Message) {
        self.window.run(Message::Certificate(message));
    }

    fn known(&self) -> Known {
        self.ledger.get(&JID.parse().unwrap()).unwrap()
    }

    /// The attempts the engine was asked for since the last look, each with what it was told to know.
    fn attempts(&self) -> Vec<Known> {
        let mut known = None;
        let mut attempts = Vec::new();
        for command in self.told.try_iter() {
            match command {
                Command::Connect(login) => attempts.push(Known::clone(&login.policy.known)),
                Command::Know(told) => known = Some(Known::clone(&told)),
                Command::RetryNow => attempts.push(known.take().unwrap_or_default()),
                _ => {}
            }
        }
        attempts
    }
}

fn row(of: Fingerprint) -> String {
    of.token()[..16].to_owned()
}

#[test]
fn a_first_meeting_is_asked_about_and_remembered_on_the_disk() {
    let mut console = Console::new();
    assert_eq!(console.attempts().len(), 1);
    console.meets(refused(Why::Unseen));
    assert!(console.window.shows("First time you meet csirt.example"));
    assert!(console.window.shows("CN=Grid Issuing CA 3"));
    console.answer(certificate::Message::Accept { pin: false });
    assert_eq!(console.known().seen, None, "not before it was compared");
    assert!(console.attempts().is_empty());
    console.answer(certificate::Message::Compared(true));
    console.answer(certificate::Message::Accept { pin: false });
    let seen = console.known().seen.unwrap();
    assert_eq!((seen.certificate, seen.key, seen.first), (leaf().fingerprint, leaf().key, now()));
    assert!(console.known().pins.is_empty());
    let attempts = console.attempts();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].seen.as_ref().map(|seen| seen.key), Some(leaf().key));
    assert!(!console.window.shows("First time you meet"), "the question is closed");
    // And the next start knows it.
    console.window.tell(vec![Event::Connection(online(trust::facts()))]);
    assert_eq!(console.window.app.place(), Place::Tab(gridwatch::screen::Tab::Feed));
}

#[test]
fn a_key_can_be_pinned_at_the_first_meeting() {
    let mut console = Console::new();
    console.meets(refused(Why::Unseen));
    console.answer(certificate::Message::Compared(true));
    console.answer(certificate::Message::Accept { pin: true });
    assert_eq!(console.known().pins, [Pin { key: leaf().key, alone: false }], "beside the authority's word");
    let log = std::fs::read_to_string(console.ledger.log()).unwrap();
    assert!(log.contains(&format!("{JID} pin key {}", leaf().key)), "{log}");
}

#[test]
fn a_changed_key_is_refused_until_its_digits_are_typed() {
    let mut console = Console::new();
    let _ = console.attempts();
    console.meets(changed());
    assert!(console.window.shows("The key of csirt.example has changed"));
    assert!(console.window.shows("first met on 2025-10-17 and last on 2026-11-20"));
    for typed in ["", &row(leaf().fingerprint)[..15], &row(print(9)), "yes"] {
        console.answer(certificate::Message::Typed(typed.to_owned()));
        console.answer(certificate::Message::Accept { pin: false });
        console.answer(certificate::Message::Except);
        assert_eq!((console.known().seen, console.attempts().len()), (None, 0), "{typed:?}");
    }
    assert!(console.window.shows("That is not the certificate shown. Do not connect."));
    console.answer(certificate::Message::Typed(row(leaf().fingerprint).to_lowercase()));
    assert!(console.window.shows("That is the certificate shown."));
    console.answer(certificate::Message::Accept { pin: false });
    assert_eq!(console.known().seen.map(|seen| seen.key), Some(leaf().key));
    assert_eq!(console.attempts().len(), 1);
}

#[test]
fn an_exception_needs_digits_a_reason_and_an_end() {
    let mut console = Console::new();
    let _ = console.attempts();
    console.meets(faulty());
    for words in ["expired on", "not for csirt.example", "self-signed"] {
        assert!(console.window.shows(words), "{words}");
    }
    assert!(console.window.shows("The exception ends 2026-11-28 16:00Z"));
    let bad = faulty().certificate.clone().unwrap();
    console.answer(certificate::Message::Typed(row(bad.fingerprint)));
    console.answer(certificate::Message::Except);
    assert!(console.known().exceptions.is_empty(), "a reason is missing");
    console.answer(certificate::Message::Reason("Renewal is booked for Monday".to_owned()));
    console.answer(certificate::Message::Days(90));
    console.answer(certificate::Message::Except);
    assert!(console.known().exceptions.is_empty(), "longer than it may last");
    console.answer(certificate::Message::Days(7));
    console.answer(certificate::Message::Except);
    let exceptions = console.known().exceptions;
    assert_eq!((exceptions.len(), exceptions[0].key, exceptions[0].until), (1, bad.key, days(7)));
    assert_eq!(exceptions[0].faults, ["expired", "self-signed", "wrong-host"]);
    assert_eq!(console.attempts().len(), 1);
}

#[test]
fn one_s_own_server_is_pinned_instead_of_an_authority_knowingly() {
    let mut console = Console::new();
    console.meets(trust::unvouched());
    console.answer(certificate::Message::ByPin(true));
    console.answer(certificate::Message::Except);
    assert!(console.known().pins.is_empty(), "the digits are missing");
    console.answer(certificate::Message::Typed(row(leaf().key)));
    console.answer(certificate::Message::Except);
    assert_eq!(console.known().pins, [Pin { key: leaf().key, alone: true }]);
}

#[test]
fn what_is_never_excused_has_no_button() {
    let mut console = Console::new();
    let _ = console.attempts();
    console.meets(trust::revoked());
    assert!(console.window.shows("No exception can be made for this"));
    assert!(!console.window.shows("Connect in spite of it"));
    console.answer(certificate::Message::Typed(row(leaf().fingerprint)));
    console.answer(certificate::Message::Reason("x".to_owned()));
    console.answer(certificate::Message::Except);
    console.answer(certificate::Message::Accept { pin: false });
    console.meets(refused(Why::NotPinned(vec![print(5)])));
    console.answer(certificate::Message::Compared(true));
    console.answer(certificate::Message::Accept { pin: true });
    console.answer(certificate::Message::Except);
    assert_eq!((console.known(), console.attempts().len()), (Known::default(), 0));
    console.answer(certificate::Message::Manage);
    assert_eq!(console.window.app.place(), Place::Connection);
}

#[test]
fn pins_are_added_and_removed_only_by_their_digits_and_logged() {
    let mut console = Console::new();
    console.window.tell(vec![Event::Connection(online(trust::facts()))]);
    console.window.say(Message::Go(Place::Connection));
    console.window.stage.size.height = 4000.0;
    let panel = |console: &mut Console, message| console.window.run(Message::Connection(message));
    panel(&mut console, connection::Message::PinPresent);
    panel(&mut console, connection::Message::Backup("no fingerprint".to_owned()));
    panel(&mut console, connection::Message::AddBackup);
    assert!(console.window.shows("This is no SHA-256 fingerprint."));
    panel(&mut console, connection::Message::Backup(format!("sha256:{}", print(7).token())));
    panel(&mut console, connection::Message::AddBackup);
    assert_eq!(console.known().pins, [leaf().key, print(7)].map(|key| Pin { key, alone: false }));
    panel(&mut console, connection::Message::Ask(connection::Asking::Unpin(print(7))));
    panel(&mut console, connection::Message::Typed(row(leaf().key)));
    panel(&mut console, connection::Message::Confirm);
    assert_eq!(console.known().pins.len(), 2, "the digits of another");
    panel(&mut console, connection::Message::Typed(row(print(7))));
    panel(&mut console, connection::Message::Confirm);
    assert_eq!(console.known().pins, [Pin { key: leaf().key, alone: false }]);
    assert_eq!(std::fs::read_to_string(console.ledger.log()).unwrap().lines().count(), 3);
    let told = console.told.try_iter().filter_map(|command| match command {
        Command::Know(known) => Some(known.pins.len()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [1, 2, 1], "the session there is goes by them at its next attempt");
}

#[test]
fn what_a_connection_teaches_is_written_and_its_floor_forgotten_on_request() {
    let mut console = Console::new();
    let learned = Learned::Floor {
        mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
        binding: Some("tls-exporter".to_owned()),
        offer_proved: true,
    };
    let told = Event::Learned { account: JID.parse().unwrap(), learned };
    console.window.run(Message::Engine(1, Update::Events(vec![told])));
    assert_eq!(console.known().floor.map(|floor| floor.mechanism).as_deref(), Some("SCRAM-SHA-256-PLUS"));
    console.window.run(Message::Connection(connection::Message::Ask(connection::Asking::Floor)));
    console.window.run(Message::Connection(connection::Message::Confirm));
    assert_eq!(console.known().floor, None);
}

#[test]
fn a_certificate_refused_while_one_works_does_not_leap_into_view() {
    let mut window = Window::connected(false);
    window.tell(vec![stopped(changed())]);
    assert!(!window.shows("has changed."), "no sheet over what one reads");
    assert!(window.shows("Not connected: needs you"));
    window.click("Not connected: needs you");
    window.click("Look at the certificate…");
    assert!(window.shows("The key of csirt.example has changed"));
}

#[test]
fn what_is_remembered_and_cannot_be_read_stops_the_connection() {
    let mut console = Console::new();
    let _ = console.attempts();
    std::fs::create_dir_all(console.ledger.path().parent().unwrap()).unwrap();
    std::fs::write(console.ledger.path(), "pins = [").unwrap();
    console.window.run(Message::Connect(connect::Message::Connect));
    assert!(console.window.shows("What is remembered of controllers is not readable"));
    assert!(console.attempts().is_empty(), "nothing was tried without the pins");
}
