//! What is remembered and decided of the account's controller: read before the first byte is sent, written away from the
//! window's thread, and only what is on the disk counts as decided.

use std::sync::Arc;

use iced::Task;

use super::session::Asker;
use super::{App, Message, Sheet};
use crate::engine::{Command, Connection, Error, Event, Keys, Login, Remembered, Unseen};
use crate::model::{BareJid, Known, Learned, Say};
use crate::screen::{Decision, Place};
use crate::settings::{self, Profile};

impl App {
    /// Reads what is remembered, makes the login of it, and hands both over as [`Message::Made`].
    pub(super) fn make(&self, profile: Profile, keys: Keys) -> Task<Message> {
        let (session, env) = (self.sessions, self.env.clone());
        let making = async move {
            let made = tokio::task::spawn_blocking(move || {
                let known = env.known.as_ref().map_or_else(|| Ok(Known::default()), |ledger| ledger.get(&profile.jid));
                let known = Arc::new(known.map_err(unreadable)?);
                let remembered = Remembered { known, unseen: Unseen::Ask, cache: env.cache.clone() };
                (env.login)(&profile, keys, remembered).map(Box::new)
            });
            made.await.unwrap_or_else(|broken| Err(failed(broken.to_string())))
        };
        Task::perform(making, move |made| Message::Made(session, made))
    }

    /// The login stands, or cannot be had: then that is why there is no connection.
    pub(super) fn made(&mut self, session: u64, made: Result<Box<Login>, Error>) -> Task<Message> {
        let Some(running) = self.running.as_mut().filter(|running| running.is(session)) else { return Task::none() };
        match made {
            Ok(login) => {
                self.shared.known = Some(Arc::clone(&login.policy.known));
                let told = running.made(login);
                told.map_or_else(|error| self.bad(error.say()), |()| Task::none())
            }
            Err(cause) => self.event(Event::Connection(Connection::Stopped { cause })),
        }
    }

    /// A connection taught something: it holds at once, and for the next day once it is written.
    pub(super) fn learned(&mut self, account: &BareJid, learned: Learned) -> Task<Message> {
        let mine = self.shared.profile.as_ref().is_some_and(|profile| profile.jid == *account);
        if self.shared.practice || !mine {
            return Task::none();
        }
        let now = self.shared.now;
        let mut known = self.shared.known.as_deref().cloned().unwrap_or_default();
        known.learn(&learned, now);
        // The engine knows it: it told.
        self.shared.known = Some(Arc::new(known));
        let Some(ledger) = self.env.known.clone() else { return Task::none() };
        let account = account.clone();
        write(move || ledger.learn(&account, &learned, now).map(drop), Message::Remembered)
    }

    /// Writes decisions down, in their order; only then do they hold.
    pub(super) fn decide(&mut self, decisions: Vec<Decision>, again: bool) -> Task<Message> {
        let Some(account) = self.shared.profile.as_ref().map(|profile| profile.jid.clone()) else {
            return Task::none();
        };
        if self.shared.practice {
            return self.bad(Say::new("trust-practice"));
        }
        let (ledger, now) = (self.env.known.clone(), self.shared.now);
        let before = self.shared.known.as_deref().cloned().unwrap_or_default();
        let session = self.sessions;
        write(
            move || {
                if let Some(ledger) = ledger {
                    return ledger.decide(&account, &decisions, now);
                }
                let mut known = before;
                decisions.iter().for_each(|decision| decision.apply(&mut known, now));
                Ok(known)
            },
            move |known| Message::Decided { session, known: known.map(Box::new), again },
        )
    }

    pub(super) fn decided(
        &mut self,
        session: u64,
        known: Result<Box<Known>, settings::Error>,
        again: bool,
    ) -> Task<Message> {
        // Another account is in use by now: what was decided of this one is on the disk.
        if self.sessions != session {
            return Task::none();
        }
        let known = match known {
            Ok(known) => *known,
            Err(error) => return self.bad(error.say()),
        };
        let known = Arc::new(known);
        self.shared.known = Some(Arc::clone(&known));
        // For the session there is it is one more thing to know at its next attempt.
        let told = self.send(Asker::None, Command::Know(known));
        if !again {
            return told;
        }
        self.sheet = None;
        if self.place == Place::Connect {
            self.screens.connect.again();
        }
        self.send(Asker::None, Command::RetryNow)
    }

    /// Puts the question about the certificate that stopped the last attempt, if one did.
    pub(super) fn question(&mut self) {
        let refused = self.shared.live.failed.as_ref().and_then(|(_, error)| error.refused());
        if let Some(refused) = refused.map(Arc::clone) {
            self.screens.certificate.ask(refused);
            self.sheet = Some(Sheet::Certificate);
        }
    }

    /// What was learned could not be written: the next start meets the controller anew.
    pub(super) fn remembered(&mut self, result: Result<(), settings::Error>) -> Task<Message> {
        result.map_or_else(|error| self.bad(error.say()), |()| Task::none())
    }
}

fn write<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, settings::Error> + Send + 'static,
    wrap: impl Fn(Result<T, settings::Error>) -> Message + Send + 'static,
) -> Task<Message> {
    let written = async move {
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|broken| Err(settings::Error::Write { path: "known".into(), cause: broken.to_string() }))
    };
    Task::perform(written, wrap)
}

fn unreadable(error: settings::Error) -> Error {
    Error::Session { say: error.say(), cause: error.to_string(), retry: false }
}

fn failed(cause: String) -> Error {
    Error::Session { say: Say::new("error-job-died"), cause, retry: false }
}
