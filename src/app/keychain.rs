//! Passwords of profiles: looked up, kept, forgotten. All of it happens away from the window, which shows what it waits for.

use iced::Task;

use super::{App, Message};
use crate::model::Say;
use crate::screen::{Toast, Tone, connect};
use crate::secrets::{self, Kept, Secret, State};

impl App {
    /// Learns how the keychain stands, without disturbing anyone.
    pub(super) fn probe(&self) -> Task<Message> {
        Task::perform(self.env.secrets.keychain().probe(), Message::Probed)
    }

    pub(super) fn recall(&mut self, name: String) -> Task<Message> {
        let secrets = self.env.secrets.clone();
        let looking = async move {
            let found = secrets.find(&name).await;
            (name, found)
        };
        let (task, handle) = Task::perform(looking, |(name, found)| Message::Recalled(name, found)).abortable();
        self.recalling = Some(handle.abort_on_drop());
        task
    }

    pub(super) fn recalled(&mut self, name: String, found: Result<Option<Secret>, secrets::Error>) -> Task<Message> {
        let (password, trouble) = match found {
            Ok(password) => {
                self.shared.keychain = Some(State::Ready);
                (password, None)
            }
            Err(error) => {
                self.note(&error);
                (None, Some(error.say()))
            }
        };
        let told = trouble.map_or_else(Task::none, |say| self.bad(say));
        let filled = self.screen(Message::Connect(connect::Message::Recalled(name, password)));
        Task::batch([told, filled])
    }

    pub(super) fn keep(&self, name: &str, password: Secret) -> Task<Message> {
        let (secrets, name) = (self.env.secrets.clone(), name.to_owned());
        Task::perform(async move { secrets.keep(&name, password).await }, Message::Kept)
    }

    /// Says it where the password lasts for this run only; the form and the settings keep saying so.
    pub(super) fn kept(&mut self, kept: &Kept) -> Task<Message> {
        match kept {
            Kept::Keychain => {
                self.shared.keychain = Some(State::Ready);
                Task::none()
            }
            Kept::Session(error) => {
                self.note(error);
                self.toast(Toast { tone: Tone::Plain, say: Say::new("app-kept-for-this-run") })
            }
        }
    }

    pub(super) fn forget(&self, name: &str) -> Task<Message> {
        let (secrets, name) = (self.env.secrets.clone(), name.to_owned());
        Task::perform(async move { secrets.forget(&name).await }, Message::Forgotten)
    }

    fn note(&mut self, error: &secrets::Error) {
        if let secrets::Error::Unavailable(state) = error {
            self.shared.keychain = Some(*state);
        }
    }
}
