//! Settings on their way to the disk: one writer at a time, so that the newest choice is the one that stays.

use iced::Task;

use super::{App, Message};
use crate::settings::{Error, File, Settings};

/// How far the settings are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saver {
    #[default]
    Idle,
    Writing,
    /// They changed again while being written.
    Stale,
}

impl Saver {
    pub fn is_busy(self) -> bool {
        self != Self::Idle
    }
}

impl App {
    /// Writes the settings as they are now, after the write that may be under way.
    pub(super) fn save(&mut self) -> Task<Message> {
        let Some(file) = self.env.settings.clone() else { return Task::none() };
        if self.saver.is_busy() {
            self.saver = Saver::Stale;
            return Task::none();
        }
        self.saver = Saver::Writing;
        Task::perform(write(file, self.shared.settings.clone()), Message::SettingsSaved)
    }

    /// A write ended; what changed meanwhile goes next.
    pub(super) fn saved(&mut self, result: Result<(), Error>) -> Task<Message> {
        let stale = std::mem::take(&mut self.saver) == Saver::Stale;
        let next = if stale { self.save() } else { self.part() };
        let told = result.map_or_else(|error| self.bad(error.say()), |()| Task::none());
        Task::batch([next, told])
    }
}

async fn write(file: File, settings: Settings) -> Result<(), Error> {
    let path = file.path().to_path_buf();
    let written = tokio::task::spawn_blocking(move || file.save(&settings)).await;
    written.unwrap_or_else(|broken| Err(Error::Write { path, cause: broken.to_string() }))
}
