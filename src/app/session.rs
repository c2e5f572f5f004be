//! Sessions of the window: starting one (a profile's or the practice grid's), and taking in what its engine says.

use std::sync::Arc;

use iced::Task;

use super::bridge::{Key, Outlet, Update};
use super::cx;
use super::{App, Message};
use crate::engine::{Command, Connection, Error, Event, Login, Receipt, RequestId, Trust};
use crate::model::Say;
use crate::practice::{Grid, Role};
use crate::screen::{Place, Tab, approvals, composer, feed, topics};
use crate::secrets::Secret;
use crate::settings::Profile;
use crate::store::Memory;

/// Which screen asked, so that the answer goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    None,
    Topics,
    Compose,
    Owner,
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
    /// Waits for the engine to be ready; the password goes with it.
    login: Option<Box<Login>>,
    practice: Option<Practice>,
}

impl Running {
    #[must_use]
    pub fn key(&self) -> Key {
        self.key.clone()
    }

    /// Hands a command to the engine; `false` when it cannot be told anything.
    #[must_use]
    pub fn send(&self, command: Command) -> bool {
        self.outlet.as_ref().is_some_and(|outlet| outlet.send(command))
    }
}

impl App {
    /// Starts the practice grid, or goes back to it.
    pub(super) fn practice(&mut self) -> Task<Message> {
        if self.running.as_ref().is_some_and(|running| running.practice.is_some()) {
            return self.go(Place::Tab(Tab::Feed));
        }
        let options = self.env.practice.clone();
        Task::perform(
            async move { Grid::start(options).await.map(|grid| Practice(Arc::new(grid))).map_err(|error| error.say()) },
            Message::PracticeStarted,
        )
    }

    pub(super) fn practice_started(&mut self, result: Result<Practice, Say>) -> Task<Message> {
        match result {
            Ok(practice) => {
                let grid = &practice.0;
                let account = grid.account(Role::Analyst);
                let name = self.shared.catalog.text("app-practice-profile");
                let profile = cx::Profile { name, jid: account.jid.clone() };
                let login = Login {
                    jid: account.jid,
                    resource: super::env::RESOURCE.to_owned(),
                    password: account.password,
                    dial: grid.dial(),
                    tls: crate::model::Tls::StartTls,
                    trust: Trust::Ca(grid.ca()),
                    broker: None,
                };
                self.start(profile, login, Some(practice));
                self.go(Place::Tab(Tab::Feed))
            }
            Err(say) => self.bad(say),
        }
    }

    /// Saves the profile and starts its session. The form stays in sight until the session stands.
    pub(super) fn connect(&mut self, profile: Profile, password: Secret, remember: bool) -> Task<Message> {
        let mut settings = self.shared.settings.clone();
        let known = settings.put(profile.clone()) && settings != self.shared.settings;
        let saved = if known { self.settings(settings) } else { Task::none() };
        let kept = if remember { self.keep(&profile.name, password.clone()) } else { Task::none() };
        let login = self.env.login(&profile, password);
        self.start(cx::Profile { name: profile.name, jid: profile.jid }, login, None);
        Task::batch([saved, kept])
    }

    /// Ends the session there is and starts this one, over a store of its own: nothing of one grid is seen on another.
    pub(super) fn start(&mut self, profile: cx::Profile, login: Login, practice: Option<Practice>) {
        self.sessions += 1;
        let store = Arc::new(Memory::default());
        self.shared.begin(profile, store.clone(), practice.is_some());
        self.screens.reset();
        self.asked.clear();
        let key = Key { session: self.sessions, store };
        self.running = Some(Running { key, outlet: None, login: Some(Box::new(login)), practice });
    }

    /// Hands a screen's command to the engine. Where that cannot be, the answer is there at once.
    pub(super) fn send(&mut self, asker: Asker, command: Command) -> Task<Message> {
        let request = command.request();
        let sent = self.running.as_ref().is_some_and(|running| running.send(command));
        match request {
            Some(request) if sent => {
                let _ = self.asked.insert(request, asker);
                Task::none()
            }
            Some(request) => self.settled(asker, request, Err(Error::Offline)),
            None => Task::none(),
        }
    }

    fn settled(&mut self, asker: Asker, request: RequestId, result: Result<Receipt, Error>) -> Task<Message> {
        match asker {
            Asker::None => Task::none(),
            Asker::Topics => self.screen(Message::Topics(topics::Message::Settled(request, result))),
            Asker::Compose => self.screen(Message::Compose(composer::Message::Settled(request, result))),
            Asker::Owner => self.screen(Message::Owner(approvals::Message::Settled(request, result))),
        }
    }

    pub(super) fn engine(&mut self, session: u64, update: Update) -> Task<Message> {
        let Some(running) = self.running.as_mut().filter(|running| running.key.session == session) else {
            // What an engine already ended still had to say.
            return Task::none();
        };
        match update {
            Update::Ready(outlet) => {
                let login = running.login.take();
                let told = login.is_none_or(|login| outlet.send(Command::Connect(login)));
                running.outlet = Some(outlet);
                if told { Task::none() } else { self.bad(Error::Offline.say()) }
            }
            Update::Events(events) => {
                Task::batch(events.into_iter().map(|event| self.event(event)).collect::<Vec<_>>())
            }
            Update::Ended if self.leaving => iced::exit(),
            Update::Ended => {
                self.running = None;
                self.shared.live.end(self.shared.now);
                Task::none()
            }
        }
    }

    fn event(&mut self, event: Event) -> Task<Message> {
        self.shared.live.apply(&event, self.shared.now);
        match event {
            Event::Connection(connection) => self.connection(&connection),
            Event::Topics { .. } => {
                let listed = self.screen(Message::Topics(topics::Message::Updated));
                Task::batch([listed, self.screen(Message::Compose(composer::Message::TopicsUpdated))])
            }
            Event::Stored { added, changed } => {
                if !self.counted && !added.is_empty() {
                    self.counted = true;
                    self.time("first-incident");
                }
                self.screen(Message::Feed(feed::Message::Stored { added, changed }))
            }
            Event::Requests { .. } => self.screen(Message::Owner(approvals::Message::Updated)),
            Event::Done { request, result } => match self.asked.remove(&request) {
                Some(asker) => self.settled(asker, request, result),
                None => Task::none(),
            },
            Event::Notice { say, .. } => {
                self.toast(crate::screen::Toast { tone: crate::screen::Tone::Plain, say })
            }
            Event::Dropped(_) => Task::none(),
        }
    }

    fn connection(&mut self, connection: &Connection) -> Task<Message> {
        self.screens.connect.connected(connection);
        match connection {
            // The form has done its work; elsewhere the person stays where they are.
            Connection::Online(_) if self.place == Place::Connect => self.go(Place::Tab(Tab::Feed)),
            Connection::Stopped { .. } if !self.shared.practice => self.go(Place::Connect),
            _ => Task::none(),
        }
    }
}
