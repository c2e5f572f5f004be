//! Secrets of profiles: looked up, kept, forgotten. All of it happens away from the window, which shows what it waits for.

use iced::Task;

use super::{App, Message};
use crate::engine::Keys;
use crate::model::Say;
use crate::screen::{Toast, Tone, connect};
use crate::secrets::{self, Keeper, Kept, Kind, State};

impl App {
    /// Learns how the keychain stands, without disturbing anyone.
    pub(super) fn probe(&self) -> Task<Message> {
        Task::perform(self.env.secrets.keychain().probe(), Message::Probed)
    }

    pub(super) fn recall(&mut self, name: String) -> Task<Message> {
        let secrets = self.env.secrets.clone();
        let looking = async move {
            let found = find(&secrets, &name).await;
            (name, found)
        };
        let (task, handle) = Task::perform(looking, |(name, found)| Message::Recalled(name, found)).abortable();
        self.recalling = Some(handle.abort_on_drop());
        task
    }

    pub(super) fn recalled(&mut self, name: String, found: Result<Keys, secrets::Error>) -> Task<Message> {
        let (keys, trouble) = match found {
            Ok(keys) => {
                self.shared.keychain = Some(State::Ready);
                (keys, None)
            }
            Err(error) => {
                self.note(&error);
                (Keys::default(), Some(error.say()))
            }
        };
        let told = trouble.map_or_else(Task::none, |say| self.bad(say));
        let filled = self.screen(Message::Connect(connect::Message::Recalled(name, keys)));
        Task::batch([told, filled])
    }

    pub(super) fn keep(&self, name: &str, keys: Keys) -> Task<Message> {
        let (secrets, name) = (self.env.secrets.clone(), name.to_owned());
        let keeping = async move {
            let mut all = Kept::Keychain;
            let each =
                [(Kind::Password, keys.password), (Kind::Certificate, keys.passphrase), (Kind::Proxy, keys.proxy)];
            for (kind, secret) in each {
                let Some(secret) = secret else { continue };
                if let short @ Kept::Session(_) = secrets.keep(&kind.entry(&name), secret).await {
                    all = short;
                }
            }
            all
        };
        Task::perform(keeping, Message::Kept)
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
        let forgetting = async move {
            let mut all = Ok(());
            for kind in Kind::ALL {
                all = all.and(secrets.forget(&kind.entry(&name)).await);
            }
            all
        };
        Task::perform(forgetting, Message::Forgotten)
    }

    fn note(&mut self, error: &secrets::Error) {
        if let secrets::Error::Unavailable(state) = error {
            self.shared.keychain = Some(*state);
        }
    }
}

/// Every secret of a profile.
async fn find(secrets: &Keeper, name: &str) -> Result<Keys, secrets::Error> {
    // One after the other: a person is asked to unlock it for the first that asks it, and once.
    Ok(Keys {
        password: secrets.find(&Kind::Password.entry(name)).await?,
        passphrase: secrets.find(&Kind::Certificate.entry(name)).await?,
        proxy: secrets.find(&Kind::Proxy.entry(name)).await?,
    })
}
