//! The window: composes the screens, owns what they share, and talks to the engine.
//!
//! Messages come in, [`App::update`] hands them to a screen with a [`cx::Cx`] and does what its [`Action`] asks. Only here are
//! engine, store and other screens touched (`house.md` §0.3).

mod activity;
mod archive;
pub mod boot;
pub mod bridge;
mod care;
pub mod command;
mod compose;
pub mod cx;
pub mod env;
pub mod file;
mod frame;
mod index;
mod keychain;
pub mod keymap;
mod known;
pub mod live;
pub mod notify;
mod owning;
mod places;
mod port;
mod queue;
mod rail;
mod saver;
mod session;
pub mod shared;
mod sheet;
mod shortcut;
pub mod start;
mod timing;
mod toast;
mod wake;
pub mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use iced::theme::Mode;
use iced::{Task, Theme};

use crate::engine::{Error, Keys, Login, RequestId};
use crate::model::{Known, Say};
use crate::screen::{
    self, Action, Place, Screens, Tab, Toast, Tone, certificate, composer, connect, connection, feed, hunt, incident,
    owner, port as files, rules, stream, topics, viewer, welcome,
};
use crate::secrets;
use crate::settings::{self, Settings};
use crate::store::{Archive, Seq};
use crate::theme;
use timing::Stage;

pub use env::Env;
pub use session::{Asker, Practice, Running};
pub use shared::Shared;
pub use wake::Pulse;

/// How long the engine has for its goodbye, and the settings for their way to the disk.
const GOODBYE: Duration = Duration::from_secs(1);
/// How often that long a person's own acts have for theirs.
const WRITING: u8 = 15;

/// A message.
#[derive(Clone, Debug)]
pub enum Message {
    Engine(u64, bridge::Update),
    Command(command::Id),
    Pulse,
    Mode(Mode),
    Go(Place),
    Open(Sheet),
    CloseSheet,
    ToastOver(u64),
    /// A frame that was waited for is on the screen.
    Drawn,
    PracticeStarted(Result<Practice, Say>),
    /// A session's login is made, or cannot be.
    Made(u64, Result<Box<Login>, Error>),
    /// What came of opening or making the archive.
    Archive(archive::Outcome),
    /// What a connection taught was written.
    Remembered(Result<(), settings::Error>),
    /// What a person decided was written; it holds from now on.
    Decided {
        session: u64,
        known: Result<Box<Known>, settings::Error>,
        again: bool,
    },
    /// A text was saved as this file; `None` where the person let it be.
    Saved(Result<Option<String>, Say>),
    SettingsSaved(Result<(), settings::Error>),
    Probed(Result<secrets::State, secrets::Error>),
    Recalled(String, Result<Keys, secrets::Error>),
    Kept(secrets::Kept),
    Forgotten(Result<(), secrets::Error>),
    CloseRequested,
    /// Leave although something is held; it is not sent.
    LeaveAnyway,
    Left,

    Door(screen::archive::Message),
    Care(screen::care::Message),
    Welcome(welcome::Message),
    Connect(connect::Message),
    Connection(connection::Message),
    Stream(stream::Message),
    Certificate(certificate::Message),
    /// This index took rows in, or could not, or was stopped.
    Taken(usize, index::Took),
    Retake(usize),
    /// History was looked through for what is ours, or could not be.
    LookedOn(usize, bool),
    /// These rows, which an earlier version had read, were read again.
    Renewed(usize, Vec<Seq>),
    /// The columns of this index are kept up to a row.
    Packed(usize, Seq),
    Listened(usize, Seq),
    Watch(watch::Watched),
    /// What came of the composer's work, each over the store of this index.
    Composed(Vec<(usize, composer::Worked)>),
    /// What is kept for the owner desk was read, or changed: in this session, so much of it.
    Owned(u64, usize, Result<Box<cx::Owning>, Say>),
    Rules(rules::Message),
    Feed(feed::Message),
    Incident(incident::Message),
    Topics(topics::Message),
    Compose(composer::Message),
    Owner(owner::Message),
    Activity(screen::activity::Message),
    /// What was read of the log of acts, for the session it was asked in.
    Logged(u64, screen::activity::Message),
    Settings(screen::settings::Message),
    Viewer(viewer::Message),
    Hunt(hunt::Message),
    Port(files::Message),
    /// A file or a folder was dropped on the window.
    Dropped(std::path::PathBuf),
}

/// Something that covers the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// The keys.
    Help,
    /// How filters are written.
    Filters,
    /// What the engine had to say.
    Notices,
    /// A certificate was refused.
    Certificate,
    /// What the feed shows goes into files.
    Export,
    /// Files come into the archive.
    Import,
    /// Closing while something is held.
    Leave,
}

/// The application.
pub struct App {
    env: Env,
    shared: Shared,
    screens: Screens,
    place: Place,
    running: Option<Running>,
    /// A session that waits for its archive.
    wanted: Option<archive::Wanted>,
    /// The archive of the session there is, where it has one.
    kept: Option<Arc<Archive>>,
    /// The row the detail pane shows.
    selected: Option<Seq>,
    /// The pane of the feed that was turned to last.
    pane: frame::Pane,
    sessions: u64,
    asked: HashMap<RequestId, Asker>,
    toasts: toast::Toasts,
    sheet: Option<Sheet>,
    mode: Mode,
    /// The command line's choice: holds for this run, or until another is made.
    theme: Option<settings::Theme>,
    /// A practice grid is starting.
    opening: bool,
    scale: f32,
    /// The keychain's answer that is waited for; dropped, the wait ends.
    recalling: Option<iced::task::Handle>,
    leaving: bool,
    /// How often acts that are not written were waited for.
    waited: u8,
    /// Indexes of sessions before, that had something to write.
    older: Vec<std::sync::Arc<crate::store::Finder>>,
    /// The engine's goodbye is waited for.
    goodbye: bool,
    saver: saver::Saver,
    timing: timing::Timing,
    taking: index::Taking,
    composing: compose::Composing,
    watch: watch::Watch,
    owning: owning::Line,
}

impl App {
    /// The window's state at its welcome page.
    #[must_use]
    pub fn new(env: Env, settings: Settings) -> Self {
        let (now, timing) = ((env.clock)(), timing::Timing::new(env.timings));
        Self {
            shared: Shared::new(settings, env.files(), now),
            env,
            screens: Screens::default(),
            place: Place::Welcome,
            running: None,
            wanted: None,
            kept: None,
            selected: None,
            pane: frame::Pane::default(),
            sessions: 0,
            asked: HashMap::new(),
            toasts: toast::Toasts::default(),
            sheet: None,
            mode: Mode::None,
            theme: None,
            opening: false,
            scale: 1.0,
            recalling: None,
            leaving: false,
            waited: 0,
            older: Vec::new(),
            goodbye: false,
            saver: saver::Saver::default(),
            timing,
            taking: index::Taking::default(),
            composing: compose::Composing::default(),
            watch: watch::Watch::default(),
            owning: owning::Line::default(),
        }
    }

    pub fn update(&mut self, message: Message) -> Task<Message> {
        self.shared.strike((self.env.clock)(), (self.env.steady)());
        match message {
            Message::Engine(session, update) => self.engine(session, update),
            Message::Command(id) => self.command(id),
            Message::Pulse => self.pulsed(),
            Message::Mode(mode) => {
                self.mode = mode;
                Task::none()
            }
            Message::Go(place) => self.go(place),
            Message::Open(sheet) => {
                self.sheet = Some(sheet);
                Task::none()
            }
            Message::CloseSheet => {
                self.sheet = None;
                Task::none()
            }
            Message::ToastOver(id) => {
                self.toasts.drop(id);
                Task::none()
            }
            Message::Drawn => {
                self.timing.reached(Stage::FirstFrame);
                if self.shows_page() {
                    self.timing.reached(Stage::NewestPage);
                }
                Task::none()
            }
            Message::PracticeStarted(result) => self.practice_started(result),
            Message::Made(session, made) => self.made(session, made),
            Message::Archive(outcome) => self.archive(outcome),
            // Nobody stands at the door any more.
            Message::Door(screen::archive::Message::Tick) if self.wanted.is_none() => Task::none(),
            Message::Remembered(result) => self.remembered(result),
            Message::Decided { session, known, again } => self.decided(session, known, again),
            Message::Saved(result) => self.file_saved(result),
            Message::SettingsSaved(result) => self.saved(result),
            Message::Recalled(name, result) => self.recalled(name, result),
            Message::Probed(state) => {
                self.shared.keychain = Some(state.unwrap_or(secrets::State::Frozen));
                Task::none()
            }
            Message::Kept(kept) => self.kept(&kept),
            Message::Forgotten(Ok(())) => Task::none(),
            Message::Forgotten(Err(error)) => self.bad(error.say()),
            Message::CloseRequested => self.close(),
            Message::LeaveAnyway => self.leave(),
            Message::Left => self.wait_on(),
            Message::Taken(index, took) => self.taken(index, took),
            Message::Retake(index) => self.retake(index),
            Message::LookedOn(index, looked) => self.looked_on(index, looked),
            Message::Renewed(index, rows) => self.renewed(index, &rows),
            Message::Listened(index, rows) => self.listened(index, rows),
            Message::Packed(index, reached) => {
                self.packed(index, reached);
                Task::none()
            }
            Message::Dropped(path) => self.dropped(path),
            Message::Watch(watched) => self.watched(watched),
            Message::Logged(session, message) => self.log_told(session, message),
            Message::Composed(done) => self.composed(done),
            Message::Owned(session, count, owning) => self.owned(session, count, owning),
            message => self.screen(message),
        }
    }

    /// Hands a screen its message and does what it asks.
    fn screen(&mut self, message: Message) -> Task<Message> {
        let cx = self.shared.cx();
        match message {
            Message::Door(message) => {
                let action = self.screens.archive.update(message, &cx);
                self.perform(Asker::None, action, Message::Door)
            }
            Message::Care(message) => {
                let action = self.screens.care.update(message, &cx);
                self.perform(Asker::None, action, Message::Care)
            }
            Message::Welcome(message) => {
                let action = self.screens.welcome.update(message, &cx);
                self.perform(Asker::None, action, Message::Welcome)
            }
            Message::Connect(message) => {
                let action = self.screens.connect.update(message, &cx);
                self.perform(Asker::None, action, Message::Connect)
            }
            Message::Connection(message) => {
                let action = self.screens.connection.update(message, &cx);
                self.perform(Asker::None, action, Message::Connection)
            }
            Message::Stream(message) => {
                let action = self.screens.stream.update(message, &cx);
                self.perform(Asker::None, action, Message::Stream)
            }
            Message::Certificate(message) => {
                let action = self.screens.certificate.update(message, &cx);
                self.perform(Asker::None, action, Message::Certificate)
            }
            Message::Feed(message) => {
                if message.is_by_hand() {
                    self.pane = frame::Pane::List;
                    self.screens.feed.set_away(false);
                }
                self.of_feed(message)
            }
            Message::Hunt(message) => {
                let looked = matches!(message, hunt::Message::Looked(..));
                let action = self.screens.hunt.update(message, &cx);
                let done = self.perform(Asker::None, action, Message::Hunt);
                // What is ours is counted and filtered by.
                if looked { Task::batch([done, self.screen(Message::Feed(feed::Message::Taken))]) } else { done }
            }
            Message::Port(message) => {
                let action = self.screens.port.update(message, &cx);
                self.perform(Asker::None, action, Message::Port)
            }
            Message::Rules(message) => {
                let action = self.screens.rules.update(message, &cx);
                self.perform(Asker::None, action, Message::Rules)
            }
            Message::Incident(message) => {
                if message.is_by_hand() {
                    self.pane = frame::Pane::Detail;
                    self.screens.feed.set_away(true);
                }
                let action = self.screens.incident.update(message, &cx);
                self.perform(Asker::None, action, Message::Incident)
            }
            Message::Topics(message) => {
                let action = self.screens.topics.update(message, &cx);
                self.perform(Asker::Topics, action, Message::Topics)
            }
            Message::Compose(message) => {
                let action = self.screens.composer.update(message, &cx);
                self.perform(Asker::Compose, action, Message::Compose)
            }
            Message::Owner(message) => {
                let action = self.screens.owner.update(message, &cx);
                self.perform(Asker::Owner, action, Message::Owner)
            }
            Message::Activity(message) => {
                let action = self.screens.activity.update(message, &cx);
                self.perform(Asker::Activity, action, Message::Activity)
            }
            Message::Settings(message) => {
                let action = self.screens.settings.update(message, &cx);
                self.perform(Asker::None, action, Message::Settings)
            }
            Message::Viewer(message) => {
                let action = self.screens.viewer.update(message, &cx);
                self.perform(Asker::None, action, Message::Viewer)
            }
            _ => Task::none(),
        }
    }

    /// Does what a screen asked.
    fn perform<M>(&mut self, asker: Asker, action: Action<M>, wrap: fn(M) -> Message) -> Task<Message>
    where
        M: Send + 'static,
    {
        match action {
            Action::None => Task::none(),
            Action::Run(task) => task.map(wrap),
            Action::Engine(command) => self.send(asker, command),
            Action::Connect { profile, keys, remember } => self.enter(*profile, keys, remember),
            Action::Archive(act) => self.archive_act(act),
            Action::Log(act) => self.log_act(act),
            Action::Compose(work) => self.compose(work),
            Action::Own(work) => self.own(work),
            Action::Port(act) => self.port_act(act),
            Action::Watch(act) => self.watch_act(act),
            Action::Care(act, progress) => self.care_act(act, progress),
            Action::Decide { decisions, again } => self.decide(decisions, again),
            Action::Save { name, text } => self.save_text(name, text),
            Action::Close => {
                self.sheet = None;
                Task::none()
            }
            Action::Recall(name) => self.recall(name),
            Action::StopRecall => {
                self.recalling = None;
                Task::none()
            }
            Action::Forget(name) => self.forget(&name),
            Action::Notify(toast) => self.toast(toast),
            Action::Alert { title, lines } => self.alert(title, lines),
            Action::Open(target) => self.open(target),
            Action::Copy(text) => {
                let told = self.toast(Toast { tone: Tone::Plain, say: Say::new("app-copied") });
                Task::batch([iced::clipboard::write(text), told])
            }
            Action::Settings(settings) => self.change(*settings),
            Action::Many(actions) => {
                Task::batch(actions.into_iter().map(|action| self.perform(asker, action, wrap)).collect::<Vec<_>>())
            }
        }
    }

    fn command(&mut self, id: command::Id) -> Task<Message> {
        use command::Id;
        match id {
            Id::Go(tab) if self.running.is_some() || tab == Tab::Settings => self.go(Place::Tab(tab)),
            Id::Connection if self.running.is_some() => self.go(Place::Connection),
            Id::Hunt if self.running.is_some() => self.go(Place::Hunt),
            Id::Export => self.export(),
            Id::Import => self.import(),
            Id::Rules if self.running.is_some() => self.go(Place::Rules),
            // There is no session to be about.
            Id::Go(_) | Id::Connection | Id::Hunt | Id::Rules => Task::none(),
            Id::Back => self.back(),
            Id::Help => {
                let shows = matches!(self.sheet, Some(Sheet::Help | Sheet::Filters));
                self.sheet = (!shows).then_some(Sheet::Help);
                Task::none()
            }
            Id::FocusNext => iced::widget::operation::focus_next(),
            Id::FocusPrevious => iced::widget::operation::focus_previous(),
            Id::NextPane => self.turn(true),
            Id::PreviousPane => self.turn(false),
            // Its engine is gone: there is nobody to tell.
            Id::Retry if self.shared.practice && self.running.is_none() => self.practice(),
            Id::Retry => self.send(Asker::None, crate::engine::Command::RetryNow),
            Id::Larger => self.zoom(self.scale + 0.1),
            Id::Smaller => self.zoom(self.scale - 0.1),
            Id::NormalSize => self.zoom(1.0),
            Id::Quit => self.close(),
        }
    }

    fn zoom(&mut self, scale: f32) -> Task<Message> {
        self.scale = scale.clamp(0.75, 3.0);
        Task::none()
    }

    fn toast(&mut self, toast: Toast) -> Task<Message> {
        self.toasts.show(toast).map(Message::ToastOver)
    }

    fn bad(&mut self, say: Say) -> Task<Message> {
        self.toast(Toast { tone: Tone::Bad, say })
    }

    /// Applies changed settings at once and writes them away from the window's thread.
    fn change(&mut self, settings: Settings) -> Task<Message> {
        if settings.ui.theme != self.shared.settings.ui.theme {
            self.theme = None;
        }
        self.shared.settings = settings;
        self.save()
    }

    fn holding(&self) -> bool {
        self.acts() || self.screens.care.holding() || self.screens.archive.holding()
    }

    /// A report or a decision waits for its time.
    fn acts(&self) -> bool {
        self.screens.composer.holding() || self.screens.owner.holding()
    }

    /// Says what is held, and shows a code that is not on paper.
    fn held_first(&mut self) -> Task<Message> {
        if self.acts() {
            return self.bad(Say::new("app-held-first"));
        }
        let shown = self.go(self.code());
        Task::batch([shown, self.bad(Say::new("app-held-code"))])
    }

    /// Where a code is shown that is not on paper.
    fn code(&self) -> Place {
        if self.screens.archive.holding() { Place::Archive } else { Place::Care }
    }

    fn close(&mut self) -> Task<Message> {
        if self.holding() && !self.leaving {
            // What is asked about is behind the question.
            let shown = if self.acts() { Task::none() } else { self.go(self.code()) };
            self.sheet = Some(Sheet::Leave);
            return shown;
        }
        self.leave()
    }

    /// Says goodbye and goes, at the latest after [`GOODBYE`]. A second wish to close does not wait.
    fn leave(&mut self) -> Task<Message> {
        let told = self.say_goodbye();
        if self.leaving {
            return iced::exit();
        }
        self.leaving = true;
        self.goodbye = told;
        self.sheet = None;
        self.stay_here();
        let kept = self.screen(Message::Compose(composer::Message::Flush));
        if !self.lingers() {
            return iced::exit();
        }
        let left = Task::perform(async { tokio::time::sleep(GOODBYE).await }, |()| Message::Left);
        Task::batch([kept, left])
    }

    /// Whether something is left to do before the window may go.
    fn lingers(&self) -> bool {
        self.goodbye || self.saver.is_busy() || self.writes()
    }

    /// Whether something a person did is not on the disk yet.
    fn writes(&self) -> bool {
        self.is_keeping() || self.shared.finder.is_unwritten() || self.older.iter().any(|finder| finder.is_unwritten())
    }

    /// The goodbye had its time. What a person did has longer, and that is said.
    fn wait_on(&mut self) -> Task<Message> {
        if !self.writes() || self.waited >= WRITING {
            if self.writes() {
                tracing::warn!("the window goes although something done was not written");
            }
            return iced::exit();
        }
        self.waited += 1;
        let told = if self.waited == 1 {
            self.toast(Toast { tone: Tone::Plain, say: Say::new("app-writing") })
        } else {
            Task::none()
        };
        let next = Task::perform(async { tokio::time::sleep(GOODBYE).await }, |()| Message::Left);
        Task::batch([told, next])
    }

    /// Goes, once everything that was waited for is done.
    fn part(&self) -> Task<Message> {
        if self.leaving && !self.lingers() { iced::exit() } else { Task::none() }
    }

    #[must_use]
    pub fn title(&self) -> String {
        let cx = self.shared.cx();
        match (&self.shared.profile, self.shared.practice) {
            (_, true) => cx.text("app-title-practice"),
            (Some(profile), false) => cx.format("app-title-profile", &[("profile", &crate::text::line(&profile.name))]),
            (None, false) => cx.text("app-title"),
        }
    }

    #[must_use]
    pub fn theme(&self) -> Theme {
        theme::theme(self.theme.unwrap_or(self.shared.settings.ui.theme), self.mode)
    }

    #[must_use]
    pub fn scale_factor(&self) -> f32 {
        self.scale
    }
}
