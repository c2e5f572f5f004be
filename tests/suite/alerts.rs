//! Alerts on their way to the screen: over a real D-Bus, to a service that writes down all it was told while `dbus-monitor`
//! writes down all that crossed the bus; that nothing above TLP:GREEN is in it; what happens without such a service.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use gridwatch::app::bridge::Update;
use gridwatch::app::notify::{Note, Notifier, Trouble, desktop};
use gridwatch::app::{Env, Message};
use gridwatch::engine::Event;
use gridwatch::model::{ItemId, Kind, Restriction, Severity};
use gridwatch::screen::{Place, rules};
use gridwatch::settings::Settings;
use gridwatch::store::archive::Key;
use gridwatch::store::{Archive, Incoming, ItemKey, Payload, Route, Store};

use crate::support::window::{Window, id, now, report};
use crate::support::{child, tools, wait};

const SECRET: &str = "Krypteia breach at the ministry";
const MILD: &str = "Amphora scan of resolvers";

/// What a window hands to the desktop, and what the desktop answers.
type Told = Arc<Mutex<Vec<Note>>>;

fn recorder(answer: Result<u32, Trouble>) -> (Notifier, Told) {
    let told = Told::default();
    let own = Arc::clone(&told);
    let notify: Notifier = Arc::new(move |note| {
        own.lock().unwrap().push(note);
        let answer = answer.clone();
        Box::pin(async move { answer })
    });
    (notify, told)
}

/// A window with a rule over what is severe.
fn watching(practice: bool, notify: Notifier) -> Window {
    let mut window = Window::connected_in(practice, |env| Env { notify, ..env });
    window.run(Message::Go(Place::Rules));
    window.run(Message::Rules(rules::Message::Add("Urgent".to_owned(), "severity:high".to_owned())));
    window
}

fn arrive(window: &mut Window, node: &str, number: u32, title: &str, restriction: Restriction) {
    let document = report(&format!("2026-{number}"), title, restriction, Severity::High, "192.0.2.7");
    let (summary, observables) = gridwatch::iodef::indexed(document.as_bytes(), &[]);
    let incoming = Incoming {
        key: ItemKey { topic: id(node), item: ItemId(format!("item-{number}")) },
        payload: Some(Payload { bytes: document.as_bytes().into(), scope: Arc::from([]) }),
        summary,
        observables,
        route: Route::Live,
        publisher: None,
        received: now() + TimeDelta::seconds(i64::from(number)),
        delayed: None,
        history: false,
    };
    let committed = window.app.store().commit(vec![incoming]).unwrap();
    let stored = Event::Stored(committed);
    window.run(Message::Engine(1, Update::Events(vec![stored])));
}

#[test]
fn a_window_says_as_much_as_the_label_lets() {
    let (notify, told) = recorder(Ok(9));
    let mut window = watching(false, notify);
    arrive(&mut window, "MILEHost", 1, SECRET, Restriction::Amber);
    window.pass(400);
    arrive(&mut window, "MILEHost", 2, MILD, Restriction::Green);
    let told = told.lock().unwrap().clone();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        (told[0].title.as_str(), told[0].lines.as_slice()),
        ("1 new · Urgent", ["MILEHost 1".to_owned()].as_slice())
    );
    assert_eq!(told[1].lines, ["MILEHost 1", "High · cert-north.example / 2026-2"]);
    assert!(told.iter().all(|note| note.replaces.is_none() && !note.sound));
}

#[test]
fn what_grows_takes_its_own_place() {
    let (notify, told) = recorder(Ok(9));
    let mut window = watching(false, notify);
    for number in 1..4 {
        window.pass(20);
        arrive(&mut window, "MILEHost", number, SECRET, Restriction::Amber);
    }
    let told: Vec<_> = told.lock().unwrap().iter().map(|note| (note.title.clone(), note.replaces)).collect();
    let said = |n, replaces| (format!("{n} new · Urgent"), replaces);
    assert_eq!(told, [said(1, None), said(2, Some(9)), said(3, Some(9))]);
}

#[test]
fn practice_stays_in_the_window() {
    let (notify, told) = recorder(Ok(9));
    let mut window = watching(true, notify);
    arrive(&mut window, "MILEHost", 1, SECRET, Restriction::Amber);
    assert!(told.lock().unwrap().is_empty(), "it left the window");
}

#[test]
fn a_desktop_without_notifications_is_said_with_what_to_do() {
    let (notify, told) = recorder(Err(Trouble::Silent));
    let mut window = watching(false, notify);
    arrive(&mut window, "MILEHost", 1, SECRET, Restriction::Amber);
    assert_eq!(told.lock().unwrap().len(), 1);
    window.run(Message::Go(Place::Rules));
    assert!(window.shows("does not answer"), "the trouble stands on the screen");
}

/// The three sides of the screen with something on them, to be looked at; and what retention asks before it begins.
#[test]
fn pictures_of_the_screen() {
    let (notify, _) = recorder(Ok(9));
    let mut window = watching(false, notify);
    let labels = [Restriction::Green, Restriction::Amber, Restriction::Red, Restriction::Public];
    for (number, label) in (1..13).zip(labels.iter().cycle()) {
        let node = if number % 3 == 0 { "my-desk" } else { "MILEHost" };
        arrive(&mut window, node, number, &format!("Credential phishing against staff, wave {number}"), label.clone());
    }
    window.pass(60);
    let rule = |message: rules::Message| Message::Rules(message);
    window.run(rule(rules::Message::Add("Affects us".to_owned(), "is:ours".to_owned())));
    window.run(rule(rules::Message::Quiet("Urgent".to_owned(), "22:00-07:00".to_owned())));
    window.run(rule(rules::Message::Quiet("Affects us".to_owned(), "22-7".to_owned())));
    assert!(window.shows("times last week") || window.shows("once last week"), "{:?}", window.texts());
    assert!(window.shows("No stretch of hours"));
    window.pictures("alerts");
    window.run(rule(rules::Message::Side(rules::Side::Retention)));
    window.pass(40 * 86_400);
    window.run(rule(rules::Message::Label(gridwatch::model::Tlp::Red, "30".to_owned())));
    window.run(rule(rules::Message::Plan));
    assert!(window.shows("3 incidents would go now"), "{:?}", window.texts());
    window.run(rule(rules::Message::Typed("4".to_owned())));
    window.run(rule(rules::Message::Accept));
    assert_eq!(window.app.store().row(2).unwrap().summary.id, "2026-3", "the wrong number lets nothing go");
    window.run(rule(rules::Message::Typed("3".to_owned())));
    window.pictures("retention");
    window.run(rule(rules::Message::Side(rules::Side::Handover)));
    window.run(rule(rules::Message::Hours(24 * 60)));
    window.pictures("handover");
    window.run(rule(rules::Message::Accept));
    assert!((0..12).all(|row| (window.app.store().row(row).unwrap().summary.kind == Kind::Gone) == (row % 4 == 2)));
    window.run(rule(rules::Message::Side(rules::Side::Retention)));
    assert!(window.shows("In force since"), "{:?}", window.texts());
}

/// Days for everything are accepted, and the run that takes away begins; gives what is still to be done for it.
fn accepted(window: &mut Window, days: &str, going: &str) -> iced_test::runtime::Task<Message> {
    let rule = |message: rules::Message| Message::Rules(message);
    window.run(rule(rules::Message::Side(rules::Side::Retention)));
    window.run(rule(rules::Message::All(days.to_owned())));
    window.run(rule(rules::Message::Plan));
    window.run(rule(rules::Message::Typed(going.to_owned())));
    window.app.update(rule(rules::Message::Accept))
}

#[test]
fn to_keep_everything_ends_a_run_and_no_run_puts_its_own_rules_back() {
    let (notify, _) = recorder(Ok(9));
    let mut window = watching(false, notify);
    (1..5).for_each(|number| arrive(&mut window, "MILEHost", number, MILD, Restriction::Green));
    window.pass(40 * 86_400);
    let store = window.app.store();
    let is_whole = || (0..4).all(|row| store.row(row).unwrap().summary.kind != Kind::Gone);
    let kept = || gridwatch::store::retention::kept(store.local().unwrap()).unwrap().0;
    let running = accepted(&mut window, "30", "4");
    // Whichever of the two is written first.
    let forever = window.app.update(Message::Rules(rules::Message::Forever));
    let _ = window.finish(forever);
    let _ = window.finish(running);
    assert!(is_whole() && kept() == Default::default(), "{:?}", kept());
    window.run(Message::Rules(rules::Message::Side(rules::Side::Retention)));
    assert!(!window.shows("In force since") && window.shows("See what would go"), "{:?}", window.texts());
    // Other rules that are accepted meanwhile run when the first is over.
    let running = accepted(&mut window, "30", "4");
    let other = accepted(&mut window, "20", "4");
    let _ = window.finish(other);
    assert!(is_whole());
    let _ = window.finish(running);
    assert_eq!((is_whole(), kept().rules.all, kept().ran.is_some()), (false, Some(20), true));
}

/// A run that was stopped, or whose session died, took rows away and left their words in the indexes: they go under whatever
/// rules the next session has.
#[test]
fn what_went_leaves_the_indexes_under_any_rules() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
    let store: Arc<dyn Store> = Arc::new(archive);
    let mut window = Window::over(Arc::clone(&store), Settings::default(), false, |env| env);
    (1..5).for_each(|number| arrive(&mut window, "MILEHost", number, MILD, Restriction::Green));
    assert_eq!(store.purge(&[0, 1], now()).unwrap().len(), 2);
    window.run(Message::Go(Place::Rules));
    assert!(store.tidy().unwrap(), "nothing was left to do");
}

/// Plays a scene on a session bus of its own; gives all that crossed the bus.
fn play(scene: &str) -> String {
    let session = tools::need("dbus-run-session", "dbus-daemon");
    let _ = tools::need("dbus-monitor", "dbus");
    let folder = tempfile::tempdir().unwrap();
    let crossed = folder.path().join("crossed");
    let script = "dbus-monitor --session > \"$0\" & monitor=$!; \
                  until [ -s \"$0\" ]; do sleep 0.05; done; \"$@\"; code=$?; kill $monitor; exit $code";
    let mut command = Command::new(session);
    let _ = command
        .env(child::ARGUMENT, scene)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("XDG_RUNTIME_DIR", folder.path())
        .args(["--", "bash", "-c", script])
        .arg(&crossed)
        .args(child::line(CHILD))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut guard = child::Guard::group(&mut command);
    let mut out = guard.child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = out.read_to_string(&mut text);
        text
    });
    let status = guard.exit(4 * wait::PATIENCE);
    drop(guard);
    let text = reader.join().unwrap();
    assert!(status.success() && text.contains("1 passed"), "{status}\n{text}");
    read(&crossed)
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

#[test]
fn nothing_above_green_crosses_the_bus() {
    let crossed = play("served");
    // What should cross did, so the monitor saw it.
    assert!(crossed.contains("member=Notify") && crossed.contains("2026-2"), "{crossed}");
    for secret in [SECRET, "Krypteia", "2026-1", MILD, "Amphora", "192.0.2.7", "duty@cert-north.example"] {
        assert!(!crossed.contains(secret), "{secret} crossed:\n{crossed}");
    }
}

#[test]
fn a_bus_without_a_service_refuses_at_once() {
    let crossed = play("alone");
    assert!(!crossed.contains("Krypteia"), "{crossed}");
}

#[test]
fn a_service_that_hangs_is_not_waited_for() {
    let _ = play("hanging");
}

const CHILD: &str = "alerts::child_on_a_bus";

/// One call of `Notify`.
#[derive(Clone, Debug)]
struct Call {
    replaces: u32,
    summary: String,
    body: String,
    hints: Vec<String>,
}

/// A notification service of a desktop, as the specification has it.
struct Service {
    calls: Arc<Mutex<Vec<Call>>>,
    hangs: bool,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments)] // the specification's
    async fn notify(
        &self,
        _app_name: String,
        replaces: u32,
        _app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        hints: HashMap<String, zbus::zvariant::OwnedValue>,
        _expire: i32,
    ) -> u32 {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        let mut hints: Vec<String> = hints.into_keys().collect();
        hints.sort();
        let mut calls = self.calls.lock().unwrap();
        calls.push(Call { replaces, summary, body, hints });
        if replaces == 0 { 40 + u32::try_from(calls.len()).unwrap() } else { replaces }
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "body-markup".to_owned()]
    }
}

async fn serve(hangs: bool) -> (zbus::Connection, Arc<Mutex<Vec<Call>>>) {
    let calls = Arc::default();
    let service = Service { calls: Arc::clone(&calls), hangs };
    let builder = zbus::connection::Builder::session().unwrap();
    let builder = builder.serve_at("/org/freedesktop/Notifications", service).unwrap();
    let serving = builder.name("org.freedesktop.Notifications").unwrap().build().await.unwrap();
    (serving, calls)
}

#[test]
fn child_on_a_bus() {
    let Some(scene) = child::argument() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    match scene.as_str() {
        "served" => {
            let (serving, calls) = runtime.block_on(serve(false));
            let mut window = watching(false, desktop());
            arrive(&mut window, "MILEHost", 1, SECRET, Restriction::Amber);
            window.pass(20);
            arrive(&mut window, "<b>MILE</b>", 3, SECRET, Restriction::Red);
            window.pass(400);
            arrive(&mut window, "MILEHost", 2, MILD, Restriction::Green);
            let calls = calls.lock().unwrap().clone();
            assert_eq!(calls.len(), 3, "{calls:?}");
            assert_eq!((calls[0].summary.as_str(), calls[0].body.as_str()), ("1 new · Urgent", "MILEHost 1"));
            assert_eq!((calls[0].replaces, calls[1].replaces, calls[2].replaces), (0, 41, 0), "{calls:?}");
            assert_eq!(calls[1].summary, "2 new · Urgent");
            assert!(calls[1].body.contains("\u{2039}b\u{203a}MILE") && !calls[1].body.contains('<'), "{calls:?}");
            assert!(calls[2].body.contains("High · cert-north.example / 2026-2"), "{calls:?}");
            assert!(calls[0].hints.contains(&"suppress-sound".to_owned()), "{calls:?}");
            drop(serving);
        }
        "alone" => {
            let begun = Instant::now();
            let shown = runtime.block_on(desktop()(note()));
            assert!(matches!(shown, Err(Trouble::Refused { .. })), "{shown:?}");
            assert!(begun.elapsed() < Duration::from_secs(3));
        }
        "hanging" => {
            let (_serving, _) = runtime.block_on(serve(true));
            assert_eq!(runtime.block_on(desktop()(note())), Err(Trouble::Silent));
        }
        other => panic!("no scene {other}"),
    }
}

fn note() -> Note {
    Note { title: "1 new · Urgent".to_owned(), lines: Vec::new(), replaces: None, sound: true }
}
