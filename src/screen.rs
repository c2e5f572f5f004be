//! The screens, all alive at once so that drafts and places survive a change of tab, and what they may ask for.
//!
//! A screen is a struct with `Message`, `update(&mut self, Message, &Cx) -> Action<Message>` and `view(&self, &Cx)`. It reads
//! through [`Cx`](crate::app::cx::Cx) and asks through [`Action`]; it names no other screen and no engine handle. The app
//! composes: on the feed's tab it draws the feed and beside it the incident that [`Target::Incident`] chose.

use std::path::PathBuf;

use iced::Task;

pub mod activity;
pub mod archive;
pub mod care;
pub mod certificate;
pub mod composer;
pub mod connect;
pub mod connection;
pub mod document;
pub mod feed;
pub mod hunt;
pub mod incident;
pub mod owner;
pub mod port;
pub mod rules;
pub mod settings;
pub mod stream;
pub mod topics;
pub mod viewer;
pub mod welcome;

use crate::engine::{Command, Keys};
use crate::model::{Say, Tlp, TopicId};
use crate::settings::{Profile, Settings};
use crate::store::query::Field;
use crate::store::{Progress, Seq, Store};

pub use crate::settings::known::Decision;

/// The places of the left rail, in its order (`product.md` B1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Feed,
    Topics,
    Compose,
    Owner,
    Activity,
    Settings,
}

impl Tab {
    pub const ALL: [Self; 6] = [Self::Feed, Self::Topics, Self::Compose, Self::Owner, Self::Activity, Self::Settings];

    /// The catalog key of its name.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Feed => "app-tab-feed",
            Self::Topics => "app-tab-topics",
            Self::Compose => "app-tab-compose",
            Self::Owner => "app-tab-owner",
            Self::Activity => "activity-title",
            Self::Settings => "app-tab-settings",
        }
    }
}

/// What fills the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    #[default]
    Welcome,
    Connect,
    /// The door of a profile's archive.
    Archive,
    /// The care of the archive in use.
    Care,
    Viewer,
    /// The panel of what is known of the connection.
    Connection,
    /// The stanzas of the stream.
    Stream,
    /// Indicators looked for in everything stored, and the constituency.
    Hunt,
    /// Alerts, retention, the page for the next shift.
    Rules,
    Tab(Tab),
}

/// Every screen.
#[derive(Default)]
pub struct Screens {
    pub welcome: welcome::Welcome,
    pub connect: connect::Screen,
    pub archive: archive::Screen,
    pub care: care::Screen,
    pub connection: connection::Screen,
    pub certificate: certificate::Screen,
    pub feed: feed::Feed,
    pub hunt: hunt::Screen,
    pub port: port::Screen,
    pub incident: incident::Incident,
    pub rules: rules::Screen,
    pub topics: topics::Screen,
    pub composer: composer::Screen,
    pub owner: owner::Screen,
    pub activity: activity::Screen,
    pub settings: settings::Screen,
    pub stream: stream::Screen,
    pub viewer: viewer::Screen,
}

impl Screens {
    /// Another session begins over this store: what belonged to the one before is forgotten.
    pub fn reset(&mut self, store: &dyn Store) {
        self.connection = connection::Screen::default();
        self.care = care::Screen::default();
        self.stream = stream::Screen::default();
        self.feed.reset(store);
        self.hunt.reset();
        self.port.reset();
        self.rules = rules::Screen::default();
        self.incident.clear();
        self.topics.reset();
        self.composer.reset();
        self.owner.reset();
        self.activity.reset();
    }
}

/// Somewhere a screen asks to be taken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Welcome,
    /// Starts the practice grid in this window.
    Practice,
    /// The form for a profile.
    Connect,
    /// The panel of what is known of the connection.
    Connection,
    /// The stanzas of the stream.
    Stream,
    /// The care of the archive in use.
    Care,
    /// The question about a refused certificate.
    Certificate,
    /// The hunt, at the constituency.
    Ours,
    /// The sheet for an export of what the feed shows.
    Export,
    /// How filters are written.
    Filters,
    /// Alerts, retention, the page for the next shift.
    Rules,
    /// The feed under this filter.
    Filter(String),
    /// The feed, with this value in its filter or out of it.
    Narrow(Field, String, How),
    /// The file viewer, with a file or with its empty page.
    File(Option<PathBuf>),
    Tab(Tab),
    /// The row is selected: the detail pane shows it.
    Incident(Seq),
    /// No row is selected.
    NoIncident,
    /// The composer, at what comes after the report in this row.
    Report(Seq),
    /// The topics screen, at this topic.
    Topic(TopicId),
    /// The owner desk, at this topic of mine.
    Desk(TopicId),
    /// The sheet for a new topic.
    NewTopic,
}

/// How a value joins the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Plus,
    Minus,
    Only,
}

/// How a toast is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Bad,
}

/// A short word in the corner; never the only place where an error stands (`product.md` B5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub tone: Tone,
    pub say: Say,
}

/// What is said beside a copy of words under a restriction: now every program can read them (`product.md` B4).
#[must_use]
pub fn restricted(label: Tlp) -> Option<Toast> {
    let say = || Say::new("app-copied-restricted").with("label", label.token().to_ascii_uppercase());
    (label >= Tlp::Amber).then(|| Toast { tone: Tone::Plain, say: say() })
}

/// What a screen asks of the app.
#[derive(Debug)]
pub enum Action<M> {
    None,
    Run(Task<M>),
    Engine(Command),
    /// Saves this profile and starts its session, over a store of its own.
    Connect {
        profile: Box<Profile>,
        keys: Keys,
        /// Keep its secrets in the keychain.
        remember: bool,
    },
    /// What the person chose at the archive's door.
    Archive(archive::Act),
    /// Something about the log of acts.
    Log(activity::Act),
    /// What the composer needs of the archive.
    Compose(composer::Work),
    /// What the owner desk needs kept.
    Own(owner::Work),
    /// An export or an import.
    Port(port::Act),
    /// What the person wants of alerts, retention and the shift's page.
    Watch(rules::Act),
    /// What the person does with the archive in use; the work tells how far it is.
    Care(care::Act, Progress),
    /// Asks the keychain for the secrets of this profile.
    Recall(String),
    /// Gives up waiting for that answer.
    StopRecall,
    /// Takes the secrets of this profile out of the keychain.
    Forget(String),
    Notify(Toast),
    /// Tells something as alerts are told: by the desktop, or in this window where that cannot be.
    Alert {
        title: String,
        lines: Vec<String>,
    },
    Open(Target),
    /// Writes this down for the account in use; then a fresh attempt to connect, where `again`.
    Decide {
        decisions: Vec<Decision>,
        again: bool,
    },
    /// Saves a text under a name the person chooses; `name` is proposed.
    Save {
        name: String,
        text: String,
    },
    /// Closes what covers the screens.
    Close,
    /// Puts text on the clipboard and says so.
    Copy(String),
    /// A changed setting: applied at once and saved.
    Settings(Box<Settings>),
    Many(Vec<Action<M>>),
}

impl<M: Send + 'static> Action<M> {
    /// The same wish of whoever holds the one that has it.
    pub fn map<N: Send + 'static>(self, wrap: fn(M) -> N) -> Action<N> {
        match self {
            Self::None => Action::None,
            Self::Run(task) => Action::Run(task.map(wrap)),
            Self::Engine(command) => Action::Engine(command),
            Self::Connect { profile, keys, remember } => Action::Connect { profile, keys, remember },
            Self::Archive(act) => Action::Archive(act),
            Self::Log(act) => Action::Log(act),
            Self::Compose(work) => Action::Compose(work),
            Self::Own(work) => Action::Own(work),
            Self::Port(act) => Action::Port(act),
            Self::Watch(act) => Action::Watch(act),
            Self::Care(act, progress) => Action::Care(act, progress),
            Self::Recall(profile) => Action::Recall(profile),
            Self::StopRecall => Action::StopRecall,
            Self::Forget(profile) => Action::Forget(profile),
            Self::Notify(toast) => Action::Notify(toast),
            Self::Alert { title, lines } => Action::Alert { title, lines },
            Self::Open(target) => Action::Open(target),
            Self::Decide { decisions, again } => Action::Decide { decisions, again },
            Self::Save { name, text } => Action::Save { name, text },
            Self::Close => Action::Close,
            Self::Copy(text) => Action::Copy(text),
            Self::Settings(settings) => Action::Settings(settings),
            Self::Many(actions) => Action::Many(actions.into_iter().map(|action| action.map(wrap)).collect()),
        }
    }
}
