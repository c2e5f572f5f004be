//! The connection panel: each line with a word for how good it is, also without a session, and a report that tells
//! nobody's secrets.

use std::sync::{Arc, Mutex};

use gridwatch::app::{App, Env, Message};
use gridwatch::engine::{Connection, Error, Event};
use gridwatch::model::session::{Authentication, Channel, Roots, Vouched};
use gridwatch::model::{Exception, Known, Say};
use gridwatch::screen::{Place, connection};
use gridwatch::settings::Settings;

use crate::support::trust::{self, days, facts, known, leaf, online, print, weak};
use crate::support::window::{Window, env, now};

fn panel(known: Known, facts: gridwatch::engine::SessionFacts) -> Window {
    let mut window = Window::connected(false);
    window.tell(vec![Event::Connection(online(facts))]);
    window.know(known);
    window.say(Message::Go(Place::Connection));
    window.stage.size.height = 4000.0;
    window
}

#[test]
fn a_strong_session_is_called_so_and_a_weak_one_says_where() {
    let mut window = panel(known(), facts());
    assert!(window.shows("Connected and well protected"));
    for words in [
        "TLS 1.3",
        "xmpp2.csirt.example:5223",
        "[2001:db8:7::42]:5223",
        "_xmpps-client._tcp.csirt.example",
        "A pin is set, and the controller showed that key",
        "Not revoked, by lists at most 9h old",
        "83 days left",
        "CN=Grid Root CA",
        "tls-exporter",
        "SASL2 (XEP-0388)",
        "within 600 seconds",
        "Nothing weaker than SCRAM-SHA-256-PLUS",
    ] {
        assert!(window.shows(words), "{words}");
    }
    assert!(!window.texts().iter().any(|text| text == "weaker" || text == "bad"));
    let mut window = panel(Known::default(), weak());
    assert!(window.shows("6 points could be stronger"));
    assert_eq!(window.texts().iter().filter(|text| *text == "weaker").count(), 6);
}

#[test]
fn an_exception_is_bad_and_says_how_long_it_lasts() {
    let exception = Exception {
        key: leaf().key,
        faults: vec!["wrong-host".to_owned()],
        made: now(),
        until: days(5),
        why: "until the renewal".to_owned(),
    };
    let channel = Channel { vouched: Vouched::Exception(exception.clone()), ..facts().channel };
    let session = gridwatch::engine::SessionFacts { channel, ..facts() };
    let mut window = panel(Known { exceptions: vec![exception], ..known() }, session);
    assert!(window.shows("Connected, but one point is bad") && window.shows("5 days left, until 2026-11-26"));
    assert!(window.shows("until the renewal"));
}

#[test]
fn without_a_session_the_last_one_and_what_failed_are_told() {
    let mut window = panel(known(), facts());
    window.tell(vec![trust::stopped(trust::faulty())]);
    assert!(window.shows("Not connected: this needs you") && window.shows("of the last session that stood"));
    for words in ["has 3 faults", "expired on 2026-11-18", "not for csirt.example", "is self-signed"] {
        assert!(window.shows(words), "{words}");
    }
    assert!(window.shows("TLS 1.3"));
    window.tell(vec![Event::Connection(online(facts()))]);
    assert!(!window.shows("has 3 faults"), "what was mended is not blamed any more");
}

/// Everything in it that is nobody else's business, each with a mark of its own.
fn marked() -> (Window, Vec<String>) {
    let canaries = ["canary-user", "canary-home", "canary-desk", "canary-reason", "canary-resource"];
    let session = gridwatch::engine::SessionFacts {
        jid: "canary-user@csirt.example/canary-resource".parse().unwrap(),
        channel: Channel {
            vouched: Vouched::Chain { roots: Roots::File("/home/canary-home/ca.pem".to_owned()) },
            identity: Some("CN=canary-desk, O=CSIRT".to_owned()),
            ..facts().channel
        },
        ..facts()
    };
    let exception = Exception {
        key: print(4),
        faults: vec!["expired".to_owned()],
        made: now(),
        until: days(3),
        why: "canary-reason".to_owned(),
    };
    let window = panel(Known { exceptions: vec![exception], ..known() }, session);
    (window, canaries.map(str::to_owned).to_vec())
}

/// What was put on the clipboard.
fn copied(window: &mut Window) -> String {
    let task = window.app.update(Message::Connection(connection::Message::Copy));
    let mut stream = iced_test::runtime::task::into_stream(task).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    loop {
        use iced_test::futures::futures::StreamExt as _;
        let action = runtime.block_on(stream.next()).expect("something is copied");
        if let iced_test::runtime::Action::Clipboard(iced_test::runtime::clipboard::Action::Write {
            contents, ..
        }) = action
        {
            return contents;
        }
    }
}

#[test]
fn the_report_has_everything_but_what_is_nobody_s_business() {
    let (mut window, canaries) = marked();
    for canary in ["canary-user", "canary-home", "canary-desk", "canary-reason"] {
        assert!(window.shows(canary), "{canary} is the person's own to see");
    }
    let report = copied(&mut window);
    for canary in canaries {
        assert!(!report.contains(&canary), "{canary}: {report}");
    }
    for words in [
        "# Gridwatch connection report",
        "an account of csirt.example",
        "the file ca.pem",
        "TLS 1.3 [good]",
        &leaf().fingerprint.to_string(),
        &print(77).to_string(),
        &print(4).to_string(),
        "For expired, until 2026-11-24.",
        "Never PLAIN",
        "(withheld)",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
}

#[test]
fn a_certificate_s_names_make_no_markdown_of_their_own() {
    let mut bad = leaf();
    bad.subject = "CN=[click](https://evil.example) <b>*x*".to_owned();
    let channel = Channel { chain: vec![bad], ..facts().channel };
    let authentication = Authentication { mechanism: "SCRAM-SHA-256".to_owned(), ..Authentication::default() };
    let session = gridwatch::engine::SessionFacts { channel, authentication, ..facts() };
    let report = copied(&mut panel(known(), session));
    assert!(report.contains(r"CN=\[click\](https://evil.example) \<b\>\*x\*"), "{report}");
}

#[test]
fn the_report_is_saved_where_the_person_says() {
    let folder = tempfile::tempdir().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (world, _) = env();
    let (told, place) = (Arc::clone(&asked), folder.path().to_path_buf());
    let save_as = move |title: String, name: String| {
        told.lock().unwrap().push((title, name.clone()));
        let path = Some(place.join(name));
        Box::pin(async move { path }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    };
    let mut window = Window::fresh(Settings::default());
    window.app = App::new(Env { save_as: Arc::new(save_as), ..world }, Settings::default());
    let cause = Error::Session { say: Say::new("error-offline"), cause: "x".to_owned(), retry: false };
    window.tell(vec![Event::Connection(Connection::Stopped { cause })]);
    let task = window.app.update(Message::Connection(connection::Message::Save));
    // The toast that tells of it waits for a clock; the rest is over before.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut stream = iced_test::runtime::task::into_stream(task).unwrap();
    let action = runtime.block_on(iced_test::futures::futures::StreamExt::next(&mut stream));
    let Some(iced_test::runtime::Action::Output(saved)) = action else { panic!("nothing came of it") };
    window.say(saved);
    let name = "gridwatch-connection-20261121-1600.md";
    assert_eq!(*asked.lock().unwrap(), [("Save as".to_owned(), name.to_owned())]);
    assert!(window.shows("Saved as ") && window.shows(name));
    let report = std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(report.starts_with("# Gridwatch connection report\n") && report.contains("Not connected"), "{report}");
}
