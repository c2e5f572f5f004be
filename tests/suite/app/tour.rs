//! From the welcome page's default door through the whole job: the true window on the true engine against the practice grid,
//! over TLS and SCRAM, with nothing between but a drawn frame.

use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use gridwatch::app::bridge::{self, Outlet, Update};
use gridwatch::app::{Env, Message, Pulse, command};
use gridwatch::engine::{Command, Connection, Error, Event, Login};
use gridwatch::model::Membership;
use gridwatch::practice::{Grid, Options, Pace};
use gridwatch::screen::{Place, Tab, composer, feed, stream, topics, welcome};
use gridwatch::settings::Settings;
use iced_test::core::keyboard::key::Named;
use iced_test::futures::futures::{Stream, StreamExt};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::composer::{compose, fill, give_reasons, publish};
use crate::stage::{key, letter, typed};
use crate::support::window::{Window, id};

/// Longest wait for anything; the practice owner alone takes twenty seconds to decide.
const PATIENCE: Duration = Duration::from_secs(90);

/// A true window on a true engine, on the practice grid or at a real server.
pub struct Tour<G = Arc<Grid>> {
    pub window: Window,
    /// The other side, to be looked at from outside.
    pub grid: G,
    runtime: Runtime,
    told: Pin<Box<dyn Stream<Item = (u64, Update)>>>,
    /// What was done beside comes here.
    done: UnboundedReceiver<Message>,
}

impl Tour {
    fn begin() -> Self {
        Self::at(Pace::default())
    }

    /// On a practice grid of this pace.
    pub fn at(pace: Pace) -> Self {
        let world = |env: Env| Env { practice: Options { pace, ..env.practice }, ..env };
        let mut window = Window::fresh_in(Settings::default(), world);
        assert!(window.shows("Try the practice grid"));
        let came = window.outcome(Message::Welcome(welcome::Message::Go));
        let grid = came.into_iter().find_map(|message| match message {
            Message::PracticeStarted(Ok(practice)) => Some(practice.0),
            _ => None,
        });
        let key = window.app.engine_key().expect("the default door starts a session");
        let told = Box::pin(bridge::stream(key));
        let runtime = Runtime::new().unwrap();
        let done = window.beside(&runtime);
        Self { window, grid: grid.expect("a practice grid"), runtime, told, done }
    }
}

impl<G> Tour<G> {
    /// In a window of that account, which the engine is told to log in.
    pub fn log_in(mut window: Window, grid: G, login: Login) -> Self {
        let runtime = Runtime::new().unwrap();
        let done = window.beside(&runtime);
        let mut told: Pin<Box<dyn Stream<Item = (u64, Update)>>> =
            Box::pin(bridge::stream(window.app.engine_key().unwrap()));
        let Some((session, Update::Ready(outlet))) = runtime.block_on(told.next()) else { panic!("no engine") };
        window.say(Message::Engine(session, Update::Ready(outlet.clone())));
        outlet.send(Command::Connect(Box::new(login))).unwrap();
        Self { window, grid, runtime, told, done }
    }

    /// Takes in what the engine tells, and lets be done what comes of it, until this holds.
    pub fn until(&mut self, what: &str, holds: impl Fn(&mut Window) -> bool) {
        let begun = Instant::now();
        while !holds(&mut self.window) {
            assert!(begun.elapsed() < PATIENCE, "{what}: still not; {:?}", self.window.texts());
            let Self { told, done, .. } = self;
            let next = async {
                tokio::select! {
                    told = told.next() => told.map(|(session, update)| Message::Engine(session, update)),
                    done = done.recv() => done,
                }
            };
            let next = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, next).await });
            self.window.say(next.expect(what).expect("the engine ended"));
        }
    }
}

#[test]
fn the_practice_door_leads_through_the_whole_job() {
    let mut tour = Tour::begin();
    assert_eq!(tour.window.app.place(), Place::Tab(Tab::Feed));
    assert!(tour.window.app.title().contains("PRACTICE"));

    tour.until("connected", |window| window.shows("Connected"));
    tour.until("incidents", |window| window.app.store().len() > 20 && window.shows("MILEHost"));
    // The list has them a moment after the store.
    tour.until("the first incident is chosen by a key", |window| {
        window.events(&[key(Named::ArrowDown)]);
        window.shows("Selected")
    });

    // Ask for a topic that must be asked for; its owner answers by himself.
    tour.window.go(Tab::Topics);
    tour.until("topics", |window| window.shows("phishing-watch"));
    tour.window.say(Message::Topics(topics::Message::Query("phishing-watch".to_owned())));
    tour.window.say(Message::Topics(topics::Message::Pick(0)));
    tour.window.click("Request access");
    tour.until("asked", |window| window.shows("Asked, waiting"));
    tour.until("approved", |window| {
        let of = |topic: &gridwatch::model::Topic| topic.id.node == "phishing-watch";
        window.app.topics().iter().find(|topic| of(topic)).is_some_and(|t| t.membership == Membership::Subscribed)
    });

    // Let somebody into my own topic.
    tour.window.go(Tab::Owner);
    tour.until("requests", |window| window.shows("wait for your decision"));
    tour.window.events(&[key(Named::ArrowDown), letter("n")]);
    tour.window.events(&typed("Wrong constituency"));
    tour.window.events(&[key(Named::Enter)]);
    assert!(tour.window.shows("will be refused"));
    tour.window.pass(10);
    tour.until("decided", |window| window.shows("Decided in this session"));

    // Publish to it, and meet the report in the feed.
    tour.window.go(Tab::Compose);
    let desk = tour.window.app.topics().iter().find(|topic| topic.id.node == "my-desk").unwrap().id.clone();
    fill(&mut tour.window);
    compose(&mut tour.window, composer::Message::Untopic(id("MILEHost")));
    compose(&mut tour.window, composer::Message::Topic(desk));
    give_reasons(&mut tour.window);
    publish(&mut tour.window);
    // Who reads my own topic is asked before it is held, and before it leaves.
    tour.until("held", |window| window.shows("in 10 s."));
    tour.window.let_pass(10);
    tour.until("published", |window| window.shows("Receipt: item "));
    tour.window.go(Tab::Feed);
    // An incident is open, so that the list rests where it was: the topic's own rows.
    tour.window.say(Message::Feed(feed::Message::Goto("topic:my-desk".to_owned())));
    tour.until("met again", |window| window.shows("Credential phishing against staff"));
    assert_eq!(tour.window.app.pulse(), Pulse::Slow, "nothing counts down any more");
}

#[test]
fn the_stream_is_seen_with_its_secrets_masked() {
    let mut tour = Tour::begin();
    tour.window.say(Message::Go(Place::Stream));
    assert!(tour.window.shows("Nothing is recorded"));
    tour.window.click("Start recording");
    assert_eq!(tour.window.app.pulse(), Pulse::Quick, "what comes is shown soon");
    tour.until("connected", |window| window.shows("Connected"));
    tour.window.say(Message::Pulse);
    assert!(tour.window.shows("received") && tour.window.shows("Recording."));
    let (_, lines) = tour.window.app.engine_key().unwrap().trace.lines();
    let said: Vec<&str> = lines.iter().map(|line| line.xml.as_str()).collect();
    let begins: Vec<&&str> = said.iter().filter(|xml| xml.starts_with("<auth")).collect();
    assert!(!begins.is_empty() && begins.iter().all(|xml| xml.contains("***")), "{said:?}");
    assert!(said.iter().any(|xml| xml.contains("http://jabber.org/protocol/disco#items")), "{said:?}");
    tour.window.say(Message::Stream(stream::Message::Pick(0)));
    tour.window.pictures("stream");
    tour.window.click("Stop and forget");
    assert!(tour.window.shows("Nothing is recorded"));
    assert_eq!(tour.window.app.engine_key().unwrap().trace.lines().1.len(), 0);
}

#[test]
fn a_practice_grid_that_stopped_or_ended_is_had_again() {
    let mut window = Tour::begin().window;
    let session = window.app.engine_key().unwrap().session;
    let (sender, commands) = mpsc::channel();
    let outlet = Outlet::new(move |command| sender.send(command).map_err(|_| Error::Offline));
    window.say(Message::Engine(session, Update::Ready(outlet)));
    assert!(matches!(commands.try_recv(), Ok(Command::Connect(_))));
    window.run(Message::Welcome(welcome::Message::Go));
    assert!(commands.try_recv().is_err(), "it runs");
    let stopped = Event::Connection(Connection::Stopped { cause: Error::Offline });
    window.say(Message::Engine(session, Update::Events(vec![stopped])));
    window.run(Message::Welcome(welcome::Message::Go));
    assert!(matches!(commands.try_recv(), Ok(Command::RetryNow)));
    window.say(Message::Engine(session, Update::Ended));
    assert!(window.app.engine_key().is_none());
    window.run(Message::Command(command::Id::Retry));
    assert!(window.app.engine_key().is_some_and(|key| key.session > session), "another one was started");
}
