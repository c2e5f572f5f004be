//! The true window on the true engine meets a controller: first unknown, then known, then with another key. The controller is
//! the practice grid on a loopback port, which is a server like any other to it.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::app::bridge::{self, Update};
use gridwatch::app::{App, Env, Message};
use gridwatch::engine::{Connection, Event};
use gridwatch::model::session::Refused;
use gridwatch::practice::{Grid, Options};
use gridwatch::screen::{Place, Tab, certificate, connect};
use gridwatch::secrets::Secret;
use gridwatch::settings::known::Ledger;
use gridwatch::settings::{Paths, Settings};
use iced_test::futures::futures::{Stream, StreamExt};
use iced_test::runtime::{Action, task};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::support::window::{Window, env};

const JID: &str = "analyst@practice.invalid";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is not there by then waits for a clock.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A controller of its own key.
fn controller(folder: &Path) -> Grid {
    let grid = Grid::start(Options { port: Some(0), ..Options::default() }).unwrap();
    std::fs::write(folder.join("ca.pem"), grid.ca_pem()).unwrap();
    grid
}

/// What the engine tells.
type Told = Pin<Box<dyn Stream<Item = (u64, Update)>>>;

struct Meeting {
    window: Window,
    runtime: Runtime,
    told: Option<Told>,
    refused: Option<Arc<Refused>>,
}

impl Meeting {
    /// Fills the form and connects.
    fn begin(home: &Path, grid: &Grid) -> Self {
        let (world, _) = env();
        let ledger = Ledger::new(&Paths::below(home));
        let world = Env { known: Some(ledger), settings: None, clock: Arc::new(chrono::Utc::now), ..world };
        let mut window = Window::fresh(Settings::default());
        window.app = App::new(world, Settings::default());
        let mut meeting = Self { window, runtime: Runtime::new().unwrap(), told: None, refused: None };
        meeting.window.say(Message::Go(Place::Connect));
        for (field, text) in [
            (connect::Field::Jid, JID.to_owned()),
            (connect::Field::Host, "127.0.0.1".to_owned()),
            (connect::Field::Port, grid.port().unwrap().to_string()),
            (connect::Field::CaFile, home.join("ca.pem").display().to_string()),
        ] {
            meeting.window.say(Message::Connect(connect::Message::Edit(field, text)));
        }
        let password = Secret::new("practice-analyst".to_owned());
        meeting.window.say(Message::Connect(connect::Message::Secret(connect::Field::Password, password)));
        meeting.take(Message::Connect(connect::Message::Connect));
        meeting.told = Some(Box::pin(bridge::stream(meeting.window.app.engine_key().unwrap())));
        meeting
    }

    /// Does what comes of a message, but for what waits for a clock.
    fn take(&mut self, message: Message) {
        let mut tasks = vec![self.window.app.update(message)];
        while let Some(task) = tasks.pop() {
            let Some(mut stream) = task::into_stream(task) else { continue };
            while let Ok(Some(action)) = self.runtime.block_on(async { timeout(AT_ONCE, stream.next()).await }) {
                if let Action::Output(message) = action {
                    tasks.push(self.window.app.update(message));
                }
            }
        }
    }

    /// Takes in what the engine tells until this holds.
    fn until(&mut self, what: &str, holds: impl Fn(&mut Window) -> bool) {
        let begun = Instant::now();
        while !holds(&mut self.window) {
            assert!(begun.elapsed() < PATIENCE, "{what}: still not; {:?}", self.window.texts());
            let told = self.told.as_mut().unwrap();
            let told = self.runtime.block_on(async { timeout(PATIENCE, told.next()).await });
            let (session, update) = told.expect(what).expect("the engine ended");
            if let Update::Events(events) = &update {
                let stopped = events.iter().find_map(|event| match event {
                    Event::Connection(Connection::Stopped { cause }) => cause.refused().cloned(),
                    _ => None,
                });
                self.refused = stopped.or(self.refused.take());
            }
            self.take(Message::Engine(session, update));
        }
    }

    fn until_connected(&mut self) {
        self.until("connected", |window| window.app.place() == Place::Tab(Tab::Feed) && window.shows("Connected"));
    }

    fn answer(&mut self, message: certificate::Message) {
        self.take(Message::Certificate(message));
    }
}

#[test]
fn first_unknown_then_known_then_with_another_key() {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::new(&Paths::below(home.path()));
    let known = || ledger.get(&JID.parse().unwrap()).unwrap();

    let grid = controller(home.path());
    let mut first = Meeting::begin(home.path(), &grid);
    first.until("asked", |window| window.shows("First time you meet practice.invalid"));
    assert_eq!(known().seen, None);
    let met = first.refused.clone().unwrap().certificate.clone().unwrap();
    first.answer(certificate::Message::Compared(true));
    first.answer(certificate::Message::Accept { pin: true });
    first.until_connected();
    let seen = known().seen.unwrap();
    assert_eq!((seen.certificate, seen.key), (met.fingerprint, met.key));
    assert_eq!(known().pins.iter().map(|pin| pin.key).collect::<Vec<_>>(), [met.key]);
    let floor = known().floor.expect("the login taught what it can do");
    assert!(floor.mechanism.starts_with("SCRAM-SHA-"), "{floor:?}");
    first.window.say(Message::Go(Place::Connection));
    for words in ["A pin is set, and the controller showed that key", "127.0.0.1", &floor.mechanism, "TLS 1.3"] {
        assert!(first.window.shows(words) || tall(&mut first.window, words), "{words}: {:?}", first.window.texts());
    }
    drop(first);

    let mut again = Meeting::begin(home.path(), &grid);
    again.until_connected();
    assert!(again.refused.is_none(), "it is known by now");
    drop((again, grid));

    let other = controller(home.path());
    let mut changed = Meeting::begin(home.path(), &other);
    changed.until("asked", |window| window.shows("shows a key that is not pinned"));
    assert_eq!(known().seen.map(|seen| seen.key), Some(met.key));
    let paths = [gridwatch::settings::known::Decision::Unpin(met.key)];
    let _ = ledger.decide(&JID.parse().unwrap(), &paths, chrono::Utc::now()).unwrap();
    drop(changed);

    let mut changed = Meeting::begin(home.path(), &other);
    changed.until("asked", |window| window.shows("The key of practice.invalid has changed"));
    let shown = changed.refused.clone().unwrap().certificate.clone().unwrap();
    changed.answer(certificate::Message::Typed(met.fingerprint.token()));
    changed.answer(certificate::Message::Accept { pin: false });
    assert_eq!(known().seen.map(|seen| seen.key), Some(met.key), "the old one's digits accept nothing");
    changed.answer(certificate::Message::Typed(shown.fingerprint.token()[..16].to_owned()));
    changed.answer(certificate::Message::Accept { pin: false });
    changed.until_connected();
    assert_eq!(known().seen.map(|seen| seen.key), Some(shown.key));
}

/// Whether it stands further down the page.
fn tall(window: &mut Window, words: &str) -> bool {
    window.stage.size.height = 4000.0;
    window.shows(words)
}
