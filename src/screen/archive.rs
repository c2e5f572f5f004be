//! The door of a profile's archive: the first choice of how it is locked, the key it waits for, and why it does not open
//! with the way on. The session begins behind it.

mod view;

use std::path::PathBuf;
use std::time::Duration;

use iced::Task;

use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Target};
use crate::secrets::{Secret, State as Keychain};
use crate::store::Progress;
use crate::store::vault::{Kept, Trouble, Way};

/// The field a passphrase or a code is typed into, and the one where a new passphrase is repeated.
pub const SECRET: &str = "archive.secret";
pub const AGAIN: &str = "archive.again";
/// The field of the word that confirms.
pub const CONFIRM: &str = "archive.confirm";
/// The fields of a backup.
pub const FROM: &str = "archive.from";
pub const FROM_SECRET: &str = "archive.from.secret";
/// How often it is looked how far an attempt is.
const GLANCE: Duration = Duration::from_millis(200);
/// Fewest characters of a passphrase.
const SHORTEST: usize = 12;

/// How the archive stands.
#[derive(Clone, Debug)]
pub enum State {
    /// It is looked for, opened, made or recovered, and so far.
    Opening(Progress),
    /// There is none: how is it to be locked?
    Fresh {
        keychain: Keychain,
        /// Where the one that nobody opens was put.
        aside: Option<String>,
    },
    /// It waits for one of these; and why the keychain did not open it.
    Locked { ways: Vec<Way>, why: Option<Say> },
    /// The key was right and the file is damaged.
    Broken { trouble: Trouble },
    /// Nothing can be done with it now.
    Stuck { trouble: Trouble },
    /// It stands, `anew` with other keys; the code is shown this once.
    Made { code: Secret, anew: bool },
    /// What could be read is in a new one.
    Recovered { kept: Kept, aside: String },
}

/// What a screen asks of the app.
#[derive(Clone, Debug)]
pub enum Act {
    /// Makes an archive that the keychain opens, and a printed code; empty, or of a backup.
    ByKeychain(Option<Backup>),
    /// Makes one that this passphrase opens, and a printed code.
    ByPassphrase(Secret, Option<Backup>),
    /// Nothing is kept on the disk, in this run.
    InMemory,
    Open(Way, Secret),
    /// Sets the damaged file aside and takes out of it what can be read.
    Recover,
    /// Puts the archive by, locked as it is, for a new one.
    SetAside,
    /// Looks again.
    Retry,
    /// The session begins.
    Go,
    /// Not now.
    Back,
}

/// A file that a new archive is filled from, and what opens it.
#[derive(Clone, Debug)]
pub struct Backup {
    pub path: PathBuf,
    pub passphrase: Secret,
}

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Typed(Secret),
    Again(Secret),
    Way(Way),
    /// A passphrase of one's own instead of the keychain.
    Own(bool),
    Submit,
    Written(bool),
    /// Nothing opens it any more: what then?
    Helpless(bool),
    /// The word that confirms it.
    Confirm(String),
    /// The new archive is to hold what a backup does.
    Restore(bool),
    From(String),
    FromSecret(Secret),
    /// The attempt is to stop.
    Stop,
    Tick,
    Do(Act),
}

/// The screen.
#[derive(Debug)]
pub struct Screen {
    state: State,
    /// Of which profile.
    profile: String,
    way: Way,
    /// A passphrase is chosen for a new archive.
    own: bool,
    typed: Secret,
    again: Secret,
    problem: Option<Say>,
    /// What is attempted makes a code: it is waited for, so that it is shown.
    making: bool,
    /// The code was written down.
    written: bool,
    /// A new archive is thought of, and as much of the word that confirms it was typed.
    helpless: bool,
    confirm: String,
    /// Of a backup: where it is, and its passphrase.
    restore: bool,
    from: String,
    from_secret: Secret,
}

impl Default for Screen {
    fn default() -> Self {
        Self::of(String::new())
    }
}

impl Screen {
    /// Looks for the archive of this profile.
    #[must_use]
    pub fn of(profile: String) -> Self {
        let empty = || Secret::new(String::new());
        let (typed, again) = (empty(), empty());
        Self {
            state: State::Opening(Progress::default()),
            profile,
            way: Way::Passphrase,
            own: false,
            typed,
            again,
            problem: None,
            making: false,
            written: false,
            helpless: false,
            confirm: String::new(),
            restore: false,
            from: String::new(),
            from_secret: empty(),
        }
    }

    /// It stands so now, and this was wrong with what was tried.
    pub fn stands(&mut self, state: State, problem: Option<Say>) {
        match &state {
            State::Locked { ways, .. } if !ways.contains(&self.way) || self.way == Way::Keychain => {
                self.way = ways.iter().copied().find(|way| *way != Way::Keychain).unwrap_or(Way::Recovery);
            }
            State::Fresh { keychain, .. } => self.own |= *keychain != Keychain::Ready,
            _ => {}
        }
        if problem.is_none() {
            (self.typed, self.again) = (Secret::new(String::new()), Secret::new(String::new()));
        }
        (self.helpless, self.confirm) = (false, String::new());
        (self.state, self.problem, self.making) = (state, problem, false);
    }

    /// The attempt that began makes a code.
    pub fn makes(&mut self) {
        self.making = true;
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether a code is being made, or is still to be written down.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.making || (matches!(self.state, State::Made { .. }) && !self.written)
    }

    /// Whether the word was typed without which no archive is put by.
    fn confirms(&self, cx: &Cx<'_>) -> bool {
        self.confirm.trim().to_lowercase() == cx.text("archive-aside-word").to_lowercase()
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Typed(secret) => (self.typed, self.problem) = (secret, None),
            Message::Again(secret) => (self.again, self.problem) = (secret, None),
            Message::Way(way) => {
                (self.way, self.typed, self.problem) = (way, Secret::new(String::new()), None);
            }
            Message::Own(own) => (self.own, self.problem) = (own, None),
            Message::Written(written) => self.written = written,
            Message::Helpless(helpless) => (self.helpless, self.confirm) = (helpless, String::new()),
            Message::Confirm(text) => self.confirm = text,
            Message::Restore(restore) => (self.restore, self.problem) = (restore, None),
            Message::From(path) => (self.from, self.problem) = (path, None),
            Message::FromSecret(secret) => (self.from_secret, self.problem) = (secret, None),
            Message::Stop => {
                if let State::Opening(progress) = &self.state {
                    progress.stop();
                }
            }
            Message::Tick if matches!(self.state, State::Opening(_)) => {
                return Action::Run(Task::perform(async { tokio::time::sleep(GLANCE).await }, |()| Message::Tick));
            }
            Message::Tick => {}
            Message::Submit => return self.submit(),
            Message::Do(Act::Go) if matches!(self.state, State::Made { .. }) && !self.written => {}
            Message::Do(Act::SetAside) if !self.confirms(cx) => {}
            Message::Do(Act::Back) if self.making => {}
            Message::Do(Act::Back) => {
                return Action::Many(vec![Action::Archive(Act::Back), Action::Open(Target::Connect)]);
            }
            Message::Do(act) => return Action::Archive(act),
        }
        Action::None
    }

    fn backup(&self) -> Option<Backup> {
        let path = PathBuf::from(self.from.trim());
        self.restore.then(|| Backup { path, passphrase: self.from_secret.clone() })
    }

    /// Enter in a field.
    fn submit(&mut self) -> Action<Message> {
        let act = match &self.state {
            State::Fresh { .. } if !self.own => Act::ByKeychain(self.backup()),
            State::Fresh { .. } if self.typed.expose().chars().count() < SHORTEST => {
                self.problem = Some(Say::new("archive-short").with("least", SHORTEST.to_string()));
                return Action::None;
            }
            State::Fresh { .. } if self.typed.expose() != self.again.expose() => {
                self.problem = Some(Say::new("archive-differs"));
                return Action::None;
            }
            State::Fresh { .. } => Act::ByPassphrase(self.typed.clone(), self.backup()),
            State::Locked { .. } if self.typed.is_empty() => return Action::None,
            State::Locked { .. } => Act::Open(self.way, self.typed.clone()),
            _ => return Action::None,
        };
        Action::Archive(act)
    }
}
