//! What a screen needs around it: a console with topics, a session and requests, and pictures of what it draws.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use gridwatch::app::bridge::{Outlet, Update};
use gridwatch::app::cx::Profile;
use gridwatch::app::notify::Notifier;
use gridwatch::app::{App, Env, Message};
use gridwatch::engine::{Command, Connection, Error, Event, Login, Pending, Remembered, SessionFacts};
use gridwatch::model::session::{self, Authentication, Channel, Management};
use gridwatch::model::{
    Access, Affiliation, ItemId, Known, Membership, PayloadType, Restriction, Severity, Topic, TopicId,
};
use gridwatch::screen::{Place, Tab};
use gridwatch::secrets::{self, Keeper, Secret};
use gridwatch::settings::{Paths, Settings, Theme};
use gridwatch::store::{Incoming, ItemKey, Memory, Payload, Route, Store};
use gridwatch::theme;

use iced_test::core::theme::Mode;
use iced_test::futures::futures::StreamExt;
use iced_test::runtime::Task;

use super::report::Report;
use crate::stage::{self, Stage};

pub const ME: &str = "analyst@csirt.example";
pub const BROKER: &str = "broker.csirt.example";

/// 2026-11-21 16:00:00Z.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_276_800, 0).unwrap()
}

pub fn connected() -> Connection {
    Connection::Online(Arc::new(SessionFacts {
        jid: format!("{ME}/gridwatch").parse().unwrap(),
        route: session::Route { host: "grid.example".to_owned(), port: 5222, ..session::Route::default() },
        channel: Channel {
            version: "TLS 1.3".to_owned(),
            cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
            ..Channel::default()
        },
        authentication: Authentication {
            mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
            binding: Some("tls-exporter".to_owned()),
            ..Authentication::default()
        },
        management: Management::None,
        broker: Some(BROKER.parse().unwrap()),
    }))
}

pub fn id(node: &str) -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() }
}

pub fn topic(node: &str, title: &str, access: Access, membership: Membership) -> Topic {
    Topic {
        title: Some(title.to_owned()),
        payload: PayloadType::Iodef2,
        access,
        membership,
        owners: vec!["owner@csirt.example".parse().unwrap()],
        subscribers: Some(14),
        publish_model: Some("publishers".to_owned()),
        ..Topic::bare(id(node))
    }
}

/// A small grid: every membership, every access model, a foreign payload, a title that wants to deceive.
pub fn topics() -> Vec<Topic> {
    let mut mile = topic("MILEHost", "Host incidents of the MILE community", Access::Whitelist, Membership::Subscribed);
    mile.affiliation = Affiliation::Publisher;
    mile.description = Some(
        "Compromised and attacking hosts, as reported by the CSIRTs of the community. Report within a day; addresses only \
         with the time they were seen."
            .to_owned(),
    );
    mile.publishers = vec!["feed@cert-north.example".parse().unwrap(), ME.parse().unwrap()];
    let mut desk = topic("my-desk", "Findings of our own team", Access::Authorize, Membership::Subscribed);
    desk.affiliation = Affiliation::Owner;
    desk.owners = vec![ME.parse().unwrap()];
    desk.subscribers = Some(3);
    let phishing = topic("phishing-watch", "Phishing against universities", Access::Authorize, Membership::None);
    let pending = topic("ddos-early", "Early signs of denial of service", Access::Authorize, Membership::Pending);
    let denied = topic("finance-only", "Banks and payment services", Access::Authorize, Membership::Denied);
    let mut quiet = topic("quiet-ot", "Industrial control systems", Access::Open, Membership::None);
    quiet.subscribers = None;
    let mut vuln = topic("vuln-oval", "Vulnerability definitions", Access::Open, Membership::None);
    vuln.payload = PayloadType::Other("http://oval.mitre.org/XMLSchema/oval-definitions-5".to_owned());
    let mut bent = topic("t-9", "Partner \u{202e}elpmaxe.knab\u{202c} list", Access::Presence, Membership::None);
    bent.payload = PayloadType::Unsaid;
    bent.owners.clear();
    vec![mile, desk, phishing, pending, denied, quiet, vuln, bent]
}

pub fn request(who: &str, minutes: i64) -> Pending {
    Pending {
        topic: id("my-desk"),
        subscriber: who.parse().unwrap(),
        seen: now() - TimeDelta::minutes(minutes),
        said: None,
    }
}

/// The true window but for the engine: commands it sends come out of the receiver, and time passes when told to.
pub struct Window {
    pub app: App,
    commands: mpsc::Receiver<Command>,
    passed: Passed,
    pub stage: Stage,
    /// What messages set going, done beside; without it a test says itself what is done.
    beside: Option<Beside>,
}

/// Does what messages set going, as the window's own runtime does.
struct Beside {
    runtime: tokio::runtime::Handle,
    said: tokio::sync::mpsc::UnboundedSender<Message>,
}

impl Window {
    pub fn new(settings: Settings, practice: bool) -> Self {
        Self::in_world(settings, practice, |env| env)
    }

    pub fn in_world(settings: Settings, practice: bool, world: impl FnOnce(Env) -> Env) -> Self {
        Self::over(Arc::new(Memory::default()), settings, practice, world)
    }

    /// The same, over this store.
    pub fn over(store: Arc<dyn Store>, settings: Settings, practice: bool, world: impl FnOnce(Env) -> Env) -> Self {
        let name = if practice { "Practice grid" } else { "CSIRT" };
        let profile = Profile { name: name.to_owned(), jid: ME.parse().unwrap() };
        Self::of(profile, store, settings, practice, world)
    }

    /// The same, of another account.
    pub fn of(
        profile: Profile,
        store: Arc<dyn Store>,
        settings: Settings,
        practice: bool,
        world: impl FnOnce(Env) -> Env,
    ) -> Self {
        let (sender, commands) = mpsc::channel();
        let outlet = Outlet::new(move |command| sender.send(command).map_err(|_| Error::Offline));
        let (env, passed) = env();
        let app = App::attached_over(store, world(env), settings, profile, outlet, practice);
        Self { app, commands, passed, stage: Stage::new(1280.0, 800.0), beside: None }
    }

    /// Online on the small grid, with a known and a deceptive request.
    pub fn connected(practice: bool) -> Self {
        Self::connected_in(practice, |env| env)
    }

    /// The same in another world.
    pub fn connected_in(practice: bool, world: impl FnOnce(Env) -> Env) -> Self {
        let mut window = Self::in_world(Settings::default(), practice, world);
        window.tell(vec![
            Event::Connection(connected()),
            Event::Topics { topics: topics().into(), walked: 8, total: 8, whole: true, complete: true },
            Event::Requests {
                pending: vec![request("soc@blue.example", 184), request("feed@p\u{430}ypal.example", 5)].into(),
                polled: Some(now() - TimeDelta::seconds(12)),
                trouble: None,
            },
        ]);
        window
    }

    /// A window without a session.
    pub fn fresh(settings: Settings) -> Self {
        Self::fresh_in(settings, |env| env)
    }

    /// The same in another world, whose clock is this one's.
    pub fn fresh_in(settings: Settings, world: impl FnOnce(Env) -> Env) -> Self {
        let mut window = Self::new(Settings::default(), false);
        let (env, passed) = env();
        window.app = App::new(world(env), settings);
        window.passed = passed;
        window
    }

    /// From now on what messages set going is done beside; what comes of it is to be said to this window.
    pub fn beside(&mut self, runtime: &tokio::runtime::Runtime) -> tokio::sync::mpsc::UnboundedReceiver<Message> {
        let (said, hears) = tokio::sync::mpsc::unbounded_channel();
        self.beside = Some(Beside { runtime: runtime.handle().clone(), said });
        hears
    }

    pub fn say(&mut self, message: Message) {
        let task = self.app.update(message);
        let Some(beside) = &self.beside else { return };
        let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { return };
        let said = beside.said.clone();
        drop(beside.runtime.spawn(async move {
            while let Some(action) = stream.next().await {
                if let iced_test::runtime::Action::Output(message) = action {
                    let _ = said.send(message);
                }
            }
        }));
    }

    pub fn go(&mut self, tab: Tab) {
        self.say(Message::Go(Place::Tab(tab)));
    }

    /// Feeds engine events.
    pub fn tell(&mut self, events: Vec<Event>) {
        self.say(Message::Engine(1, Update::Events(events)));
    }

    /// As read from the disk: the account's login is made.
    pub fn know(&mut self, known: Known) {
        let profile = gridwatch::settings::Profile::new("CSIRT", ME.parse().unwrap());
        let remembered = Remembered { known: Arc::new(known), ..Remembered::default() };
        let login = Login::ready(&profile, Secret::new("x".to_owned()).into(), remembered).unwrap();
        self.say(Message::Made(1, Ok(Box::new(login))));
    }

    /// Lets time pass, and the window's clock strike.
    pub fn pass(&mut self, seconds: i64) {
        self.later(seconds);
        self.say(Message::Pulse);
    }

    /// Lets time pass, and nobody is told.
    pub fn later(&mut self, seconds: i64) {
        let _ = self.passed.0.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Sets the clock by so much: no time passes.
    pub fn set_clock(&mut self, seconds: i64) {
        let _ = self.passed.0.1.fetch_add(seconds, Ordering::SeqCst);
        self.later(seconds);
    }

    /// The same, and lets be done what then is due.
    pub fn let_pass(&mut self, seconds: i64) {
        self.later(seconds);
        self.run(Message::Pulse);
    }

    /// Feeds engine events and lets be done what comes of them. Not for what ends in a toast, which waits for a clock.
    pub fn let_hear(&mut self, events: Vec<Event>) {
        self.run(Message::Engine(1, Update::Events(events)));
    }

    /// What the engine was told since the last look.
    pub fn commands(&mut self) -> Vec<Command> {
        self.commands.try_iter().collect()
    }

    /// The same, but for what the log is told of what is held.
    pub fn sent(&mut self) -> Vec<Command> {
        self.commands().into_iter().filter(|command| !matches!(command, Command::Held { .. })).collect()
    }

    /// All texts that show.
    pub fn texts(&mut self) -> Vec<String> {
        self.stage.texts(self.app.view()).into_iter().map(|(text, _)| text).collect()
    }

    /// Whether this stands somewhere.
    pub fn shows(&mut self, part: &str) -> bool {
        self.texts().iter().any(|text| text.contains(part))
    }

    /// Clicks on this very text, the last of its kind, and does what comes of it.
    pub fn click(&mut self, text: &str) {
        let found = self.stage.texts(self.app.view());
        let (_, bounds) = found.iter().rev().find(|(shown, _)| shown == text).unwrap_or_else(|| panic!("no {text:?}"));
        let moved = self.stage.point(bounds.center_x(), bounds.center_y());
        let [press, release] = stage::click();
        self.events(&[moved, press, release]);
    }

    pub fn events(&mut self, events: &[iced_test::core::Event]) {
        for message in self.stage.act(self.app.view(), events) {
            self.say(message);
        }
    }

    /// Runs what a message sets going, until nothing is left of it. Not for what waits for a clock.
    pub fn run(&mut self, message: Message) {
        let _ = self.outcome(message);
    }

    /// As [`Window::run`], and gives the messages that came of it.
    pub fn outcome(&mut self, message: Message) -> Vec<Message> {
        let task = self.app.update(message);
        self.finish(task)
    }

    /// Lets be done what a message set going before.
    pub fn finish(&mut self, task: Task<Message>) -> Vec<Message> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut said = Vec::new();
        let mut tasks = vec![task];
        while let Some(task) = tasks.pop() {
            let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { continue };
            while let Some(action) = runtime.block_on(stream.next()) {
                if let iced_test::runtime::Action::Output(message) = action {
                    said.push(message.clone());
                    tasks.push(self.app.update(message));
                }
            }
        }
        said
    }

    /// The messages of a task, which nobody has heard yet.
    pub fn messages(&self, task: Task<Message>) -> Vec<Message> {
        let Some(stream) = iced_test::runtime::task::into_stream(task) else { return Vec::new() };
        let heard = stream.filter_map(|action| async move {
            if let iced_test::runtime::Action::Output(message) = action { Some(message) } else { None }
        });
        tokio::runtime::Runtime::new().unwrap().block_on(heard.collect())
    }

    /// One picture, as tall as the page is.
    pub fn picture(&self, name: &str, width: f32, height: f32) {
        let path = folder().join(format!("{name}.png"));
        Stage::new(width, height).picture(self.app.view(), &theme::theme(Theme::Dark, Mode::None), &path);
    }

    pub fn pictures(&self, name: &str) {
        for (look, word) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            for (width, height) in [(1280.0, 800.0), (1920.0, 1080.0)] {
                let theme = theme::theme(look, Mode::None);
                let path = folder().join(format!("{name}-{word}-{width}.png"));
                Stage::new(width, height).picture(self.app.view(), &theme, &path);
            }
        }
    }
}

/// Seconds after [`now`], and by how many of them the clock was only set.
#[derive(Clone, Default)]
pub struct Passed(Arc<(AtomicI64, AtomicI64)>);

impl Passed {
    fn seconds(&self) -> i64 {
        self.0.0.load(Ordering::SeqCst)
    }

    fn set(&self) -> i64 {
        self.0.1.load(Ordering::SeqCst)
    }
}

/// A world without network, files or keychain, and its clock.
pub fn env() -> (Env, Passed) {
    let passed = Passed::default();
    let clocked = passed.clone();
    let paths = Paths::below(Path::new("/home/analyst/gridwatch"));
    let of = Env::real(Keeper::new(Arc::new(secrets::Memory::default())), Some(&paths));
    let clock = move || now() + TimeDelta::seconds(clocked.seconds());
    let real = passed.clone();
    let steady = move || Duration::from_secs((real.seconds() - real.set()).max(0).unsigned_abs());
    let notify: Notifier = Arc::new(|_| Box::pin(async { Ok(1) }));
    let world = Env { clock: Arc::new(clock), steady: Arc::new(steady), known: None, archives: None, notify, ..of };
    (world, passed)
}

/// Puts documents into the session's store and tells of them.
pub fn deliver(window: &mut Window, documents: &[(&str, &str, i64)]) {
    deliver_as(window, "item", documents);
}

/// The same, as items that begin with this name.
pub fn deliver_as(window: &mut Window, name: &str, documents: &[(&str, &str, i64)]) {
    let batch = documents.iter().enumerate().map(|(number, (node, document, minutes))| {
        let received = now() - TimeDelta::minutes(*minutes);
        Incoming {
            key: ItemKey { topic: id(node), item: ItemId(format!("{name}-{number}")) },
            payload: Some(Payload { bytes: document.as_bytes().into(), scope: Arc::from([]) }),
            summary: gridwatch::iodef::summarise(document.as_bytes(), &[]),
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received,
            delayed: None,
            history: false,
        }
    });
    let committed = window.app.store().commit(batch.collect()).unwrap();
    let stored = Event::Stored(committed);
    window.run(Message::Engine(1, Update::Events(vec![stored])));
}

/// A report as a partner would write it.
pub fn report(id: &str, description: &str, restriction: Restriction, severity: Severity, addresses: &str) -> String {
    let mut report = Report::new(now() - TimeDelta::minutes(7));
    report.csirt = "cert-north.example".to_owned();
    report.id = id.to_owned();
    report.name = "CERT North duty desk".to_owned();
    report.email = "duty@cert-north.example".to_owned();
    report.description = description.to_owned();
    report.restriction = restriction;
    report.severity = severity;
    report.addresses = addresses.to_owned();
    report.text()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens")
}
