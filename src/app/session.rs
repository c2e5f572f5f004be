//! Sessions of the window: starting one (a profile's or the practice grid's), and taking in what its engine says.

use std::sync::Arc;

use iced::Task;

use super::bridge::{Key, Outlet, Update};
use super::compose::Then;
use super::cx;
use super::timing::Stage;
use super::{App, Env, Message, Sheet};
use crate::engine::{Command, Connection, Error, Event, Keys, Login, Policy, Receipt, RequestId, Trust};
use crate::model::Say;
use crate::practice::{Grid, Role};
use crate::screen::{Place, Tab, Toast, Tone, activity, composer, owner, topics};
use crate::settings::{Profile, Settings};
use crate::store::{Memory, Store};

/// My resource on the practice grid, where nobody else is me.
const RESOURCE: &str = "gridwatch";

/// Which screen asked, so that the answer goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    None,
    Topics,
    Compose,
    Owner,
    Activity,
}

/// A running practice grid; it ends when the last of these is dropped.
#[derive(Clone)]
pub struct Practice(pub Arc<Grid>);

impl std::fmt::Debug for Practice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Practice")
    }
}

/// The session there is: an engine over a store, and what is needed until it can be talked to.
pub struct Running {
    key: Key,
    outlet: Option<Outlet>,
    /// Made, and waiting for the engine to be ready; the secrets go with it.
    login: Option<Box<Login>>,
    practice: Option<Practice>,
    /// To be kept under the profile's name once it has proved right: a mistyped one must not replace a good one.
    unproved: Option<(String, Keys)>,
}

impl Running {
    #[must_use]
    pub fn key(&self) -> Key {
        self.key.clone()
    }

    /// Hands a command to the engine.
    ///
    /// # Errors
    /// When it cannot be told anything.
    pub fn send(&self, command: Command) -> Result<(), Error> {
        self.outlet.as_ref().map_or(Err(Error::Offline), |outlet| outlet.send(command))
    }

    pub(super) fn is(&self, session: u64) -> bool {
        self.key.session == session
    }

    /// The login is made; the engine is told as soon as it is ready.
    pub(super) fn made(&mut self, login: Box<Login>) -> Result<(), Error> {
        self.login = Some(login);
        self.tell()
    }

    fn ready(&mut self, outlet: Outlet) -> Result<(), Error> {
        self.outlet = Some(outlet);
        self.tell()
    }

    fn tell(&mut self) -> Result<(), Error> {
        let Some(outlet) = &self.outlet else { return Ok(()) };
        self.login.take().map_or(Ok(()), |login| outlet.send(Command::Connect(login)))
    }
}

impl App {
    /// Starts the practice grid, or goes back to it.
    pub(super) fn practice(&mut self) -> Task<Message> {
        if self.running.as_ref().is_some_and(|running| running.practice.is_some()) {
            let stopped = matches!(self.shared.live.connection, Connection::Stopped { .. });
            let again = if stopped { self.send(Asker::None, Command::RetryNow) } else { Task::none() };
            return Task::batch([again, self.go(Place::Tab(Tab::Feed))]);
        }
        if self.opening {
            return Task::none();
        }
        if self.holding() {
            return self.held_first();
        }
        self.opening = true;
        let options = self.env.practice;
        let starting = async move {
            let started = tokio::task::spawn_blocking(move || Grid::start(options)).await;
            match started {
                Ok(Ok(grid)) => Ok(Practice(Arc::new(grid))),
                Ok(Err(error)) => Err(error.say()),
                Err(_) => Err(Say::new("app-practice-broken")),
            }
        };
        Task::perform(starting, Message::PracticeStarted)
    }

    pub(super) fn practice_started(&mut self, result: Result<Practice, Say>) -> Task<Message> {
        self.opening = false;
        match result {
            // Begun while the grid was starting.
            Ok(_) if self.holding() => self.held_first(),
            Ok(practice) => self.once_kept(Then::Practice(practice)),
            Err(say) => self.bad(say),
        }
    }

    /// All of the session before is on its shelves.
    pub(super) fn practice_now(&mut self, practice: Practice) -> Task<Message> {
        let grid = &practice.0;
        let account = grid.account(Role::Analyst);
        let name = self.shared.catalog.text("app-practice-profile");
        let profile = cx::Profile { name, jid: account.jid.clone() };
        let login = Login {
            jid: account.jid,
            resource: RESOURCE.to_owned(),
            credentials: account.password.into(),
            dial: grid.dial(),
            tls: crate::model::Tls::StartTls,
            trust: Trust::Ca(grid.ca()),
            policy: Policy::default(),
            broker: None,
        };
        let begun = self.start(profile, Arc::new(Memory::default()), Some(Box::new(login)), Some(practice));
        Task::batch([begun, self.go(Place::Tab(Tab::Feed))])
    }

    /// Saves the profile and starts its session. The form stays in sight until the session stands.
    pub(super) fn connect(
        &mut self,
        profile: Profile,
        keys: Keys,
        remember: bool,
        store: Arc<dyn Store>,
    ) -> Task<Message> {
        let mut settings = self.shared.settings.clone();
        let known = settings.put(profile.clone()) && settings != self.shared.settings;
        let saved = if known { self.change(settings) } else { Task::none() };
        let unproved = remember.then(|| (profile.name.clone(), keys.clone()));
        let who = cx::Profile { name: profile.name.clone(), jid: profile.jid.clone() };
        let begun = self.start(who, store, None, None);
        if let Some(running) = &mut self.running {
            running.unproved = unproved;
        }
        Task::batch([saved, begun, self.make(profile, keys)])
    }

    /// An app whose session talks to `outlet` instead of an engine of its own; whoever holds the other end sends
    /// [`Message::Engine`] under the number 1. For tests, presets and pictures.
    #[must_use]
    pub fn attached(env: Env, settings: Settings, profile: cx::Profile, outlet: Outlet, practice: bool) -> Self {
        Self::attached_over(Arc::new(Memory::default()), env, settings, profile, outlet, practice)
    }

    /// [`App::attached`], over this store.
    #[must_use]
    pub fn attached_over(
        store: Arc<dyn Store>,
        env: Env,
        settings: Settings,
        profile: cx::Profile,
        outlet: Outlet,
        practice: bool,
    ) -> Self {
        let mut app = Self::new(env, settings);
        app.sessions = 1;
        app.shared.begin(profile, store.clone(), practice);
        let key = Key { session: 1, store, trace: app.shared.trace.clone() };
        let outlet = Some(outlet);
        app.running = Some(Running { key, outlet, login: None, practice: None, unproved: None });
        app.place = Place::Tab(Tab::Feed);
        app
    }

    /// What runs the engine of the session there is.
    #[must_use]
    pub fn engine_key(&self) -> Option<Key> {
        self.running.as_ref().map(Running::key)
    }

    /// Whose session it is, once one was begun.
    #[must_use]
    pub fn profile(&self) -> Option<&cx::Profile> {
        self.shared.profile.as_ref()
    }

    #[must_use]
    pub fn topics(&self) -> &[crate::model::Topic] {
        &self.shared.live.topics
    }

    /// The draft that is open in the composer.
    #[must_use]
    pub fn desk(&self) -> Option<&composer::Desk> {
        self.screens.composer.desk()
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The store of the session there is.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.shared.store)
    }

    /// Ends the session there is and starts this one. Nothing of one grid is seen on another: only the same account on its
    /// own grid goes on with what it had, the draft included.
    pub(super) fn start(
        &mut self,
        profile: cx::Profile,
        store: Arc<dyn Store>,
        login: Option<Box<Login>>,
        practice: Option<Practice>,
    ) -> Task<Message> {
        self.sessions += 1;
        let same = self.shared.profile.as_ref().is_some_and(|before| before.jid == profile.jid);
        let unsettled = if same && practice.is_none() && !self.shared.practice {
            self.shared.resume(profile);
            // What the engine before did not tell any more.
            let taking = self.take(&[]);
            Task::batch([self.unsettled(), taking])
        } else {
            self.untake();
            self.shared.finder.leave();
            self.older.retain(|finder| finder.is_unwritten());
            if self.shared.finder.is_unwritten() {
                self.older.push(Arc::clone(&self.shared.finder));
            }
            self.shared.begin(profile, store, practice.is_some());
            self.kept = None;
            self.screens.reset(self.shared.store.as_ref());
            self.selected = None;
            self.asked.clear();
            let loading = self.load();
            let taking = if self.shared.store.is_empty() { Task::none() } else { self.take(&[]) };
            Task::batch([loading, taking, self.watch()])
        };
        let (store, trace) = (Arc::clone(&self.shared.store), self.shared.trace.clone());
        let key = Key { session: self.sessions, store, trace };
        let running = Running { key, outlet: None, login, practice, unproved: None };
        let before = self.running.replace(running);
        // A practice grid waits for its sessions' goodbyes when it goes: not on the window's thread.
        drop(std::thread::spawn(move || drop(before)));
        unsettled
    }

    /// Ends the session there is, so that nothing holds its store any more.
    pub(super) fn part_with_archive(&mut self) -> Task<Message> {
        self.sessions += 1;
        let before = self.running.take();
        drop(std::thread::spawn(move || drop(before)));
        self.untake();
        self.unwatch();
        self.kept = None;
        self.shared.finder.leave();
        self.shared.leave();
        self.screens.reset(self.shared.store.as_ref());
        self.selected = None;
        self.unsettled()
    }

    /// No answer comes any more to what was asked of an engine that is gone.
    fn unsettled(&mut self) -> Task<Message> {
        let asked = std::mem::take(&mut self.asked);
        let settled = asked.into_iter().map(|(request, asker)| self.settled(asker, request, Err(Error::Offline)));
        Task::batch(settled.collect::<Vec<_>>())
    }

    /// Hands a screen's command to the engine. Where that cannot be, the answer is there at once.
    pub(super) fn send(&mut self, asker: Asker, command: Command) -> Task<Message> {
        let request = command.request();
        let sent = self.running.as_ref().map_or(Err(Error::Offline), |running| running.send(command));
        match (request, sent) {
            (Some(request), Ok(())) => {
                let _ = self.asked.insert(request, asker);
                Task::none()
            }
            (Some(request), Err(error)) => self.settled(asker, request, Err(error)),
            (None, Ok(())) => Task::none(),
            (None, Err(error)) => self.bad(error.say()),
        }
    }

    /// Has the engine go; whether it was told. What is held is not done any more: the log of acts says so before.
    pub(super) fn say_goodbye(&mut self) -> bool {
        let last = self.screens.owner.lapse().into_iter().chain([Command::Quit]);
        let Some(running) = &self.running else { return false };
        // Where one finds no room, the goodbye is still said.
        last.fold(false, |_, command| running.send(command).is_ok())
    }

    fn settled(&mut self, asker: Asker, request: RequestId, result: Result<Receipt, Error>) -> Task<Message> {
        match asker {
            Asker::None => Task::none(),
            Asker::Topics => self.screen(Message::Topics(topics::Message::Settled(request, result))),
            Asker::Compose => self.screen(Message::Compose(composer::Message::Settled(request, result))),
            Asker::Owner => self.screen(Message::Owner(owner::Message::Settled(request, result))),
            Asker::Activity => self.screen(Message::Activity(activity::Message::Settled(request, result))),
        }
    }

    pub(super) fn engine(&mut self, session: u64, update: Update) -> Task<Message> {
        let Some(running) = self.running.as_mut().filter(|running| running.key.session == session) else {
            // What an engine already ended still had to say.
            return Task::none();
        };
        match update {
            Update::Ready(outlet) => {
                let told = running.ready(outlet);
                told.map_or_else(|error| self.bad(error.say()), |()| Task::none())
            }
            Update::Events(events) => {
                Task::batch(events.into_iter().map(|event| self.event(event)).collect::<Vec<_>>())
            }
            Update::Ended if self.leaving => {
                self.goodbye = false;
                self.part()
            }
            Update::Ended => {
                self.running = None;
                self.shared.live.end(self.shared.now);
                self.unsettled()
            }
        }
    }

    pub(super) fn event(&mut self, event: Event) -> Task<Message> {
        self.shared.live.apply(&event, self.shared.now);
        match event {
            Event::Connection(connection) => self.connection(&connection),
            Event::Topics { topics, .. } => {
                self.shared.finder.know(topics.iter().map(|topic| &topic.id));
                let listed = self.screen(Message::Topics(topics::Message::Updated));
                let drafted = self.screen(Message::Compose(composer::Message::TopicsUpdated));
                Task::batch([listed, drafted, self.screen(Message::Owner(owner::Message::TopicsUpdated))])
            }
            Event::Stored(done) => {
                if !done.added.is_empty() {
                    self.timing.reached(Stage::FirstIncident);
                }
                self.shared.live.arrived(done.live, self.shared.now);
                // No row is read here: the list gets its places from the index (law 11).
                self.take(&done.changed)
            }
            Event::Learned { account, learned } => self.learned(&account, learned),
            Event::Coverage(_) => self.screen(Message::Feed(crate::screen::feed::Message::Covered)),
            Event::Requests { .. } => self.screen(Message::Owner(owner::Message::Updated)),
            Event::Done { request, result } => match self.asked.remove(&request) {
                Some(asker) => self.settled(asker, request, result),
                None => Task::none(),
            },
            Event::Notice { say, .. } => self.toast(Toast { tone: Tone::Plain, say }),
            // The topic shows it, and a notice told it.
            Event::Said(_) | Event::Dropped(_) => Task::none(),
            Event::Logged(count) => self.logged(count),
        }
    }

    fn connection(&mut self, connection: &Connection) -> Task<Message> {
        let trying = self.screens.connect.trying();
        let tried = self.screens.connect.connected(connection);
        let Connection::Online(_) = connection else {
            // Asked at once only of who is waiting for it; elsewhere the person is doing something else (law 1).
            if matches!(connection, Connection::Stopped { .. }) && trying && self.place == Place::Connect {
                self.question();
            }
            return Task::none();
        };
        // What it asked has been answered otherwise.
        self.sheet = self.sheet.filter(|sheet| *sheet != Sheet::Certificate);
        let unproved = self.running.as_mut().and_then(|running| running.unproved.take());
        let kept = unproved.map_or_else(Task::none, |(name, keys)| self.keep(&name, keys));
        // The form has done its work. Elsewhere, and over a form for another grid, the person stays where they are.
        let gone = if tried && self.place == Place::Connect { self.go(Place::Tab(Tab::Feed)) } else { Task::none() };
        Task::batch([kept, gone])
    }
}
