//! The log of acts for its screen: read, held against itself and written to a file, away from the window's thread.

use std::sync::Arc;

use iced::Task;

use super::{App, Message};
use crate::model::Say;
use crate::port::activity::{Format, write};
use crate::screen::activity::{Act, Message as Of};
use crate::screen::{Place, Tab};
use crate::store::activity::{Filter, Number, back, since, witnesses};
use crate::store::{Activity, Progress};

impl App {
    /// The log grew. Only who looks at it reads it.
    pub(super) fn logged(&mut self, count: Number) -> Task<Message> {
        if self.place != Place::Tab(Tab::Activity) {
            return Task::none();
        }
        self.screen(Message::Activity(Of::Grown(count)))
    }

    pub(super) fn log_act(&mut self, act: Act) -> Task<Message> {
        let session = self.sessions;
        match act {
            Act::Read(walk) => {
                let asked = walk.clone();
                let read = move |log: &dyn Activity| {
                    let found = back(log, walk.below, walk.until, &walk.filter, walk.most, &walk.stop);
                    Of::Read(walk, found.map(Arc::new).map_err(|error| error.say()))
                };
                self.of_log(session, read, move || Of::Read(asked, Err(none())))
            }
            Act::Audit(proven, noted) => {
                let logs = self.env.logs.clone();
                let audit = move |log: &dyn Activity| {
                    // What was told since is of this program.
                    let told = logs.filter(|_| proven.head.count == 0).map(|logs| crate::log::read(&logs));
                    let mut heads = told.map(|lines| witnesses(&log.name(), &lines)).unwrap_or_default();
                    heads.extend(noted);
                    let seen = since(log, &proven, &heads, &Progress::default());
                    Of::Audited(seen.map(Arc::new).map_err(|error| error.say()))
                };
                self.of_log(session, audit, || Of::Audited(Err(none())))
            }
            Act::Save(filter, format) => self.save_log(filter, format),
        }
    }

    /// Does something with the log. What another session's had to say is not heard.
    fn of_log(
        &self,
        session: u64,
        work: impl FnOnce(&dyn Activity) -> Of + Send + 'static,
        without: impl FnOnce() -> Of + Send + 'static,
    ) -> Task<Message> {
        let store = Arc::clone(&self.shared.store);
        let done = async move {
            let done = tokio::task::spawn_blocking(move || store.activity().map(work)).await;
            done.ok().flatten().unwrap_or_else(without)
        };
        Task::perform(done, move |message| Message::Logged(session, message))
    }

    /// What was read belongs to the session it was asked in.
    pub(super) fn log_told(&mut self, session: u64, message: Of) -> Task<Message> {
        if session == self.sessions { self.screen(Message::Activity(message)) } else { Task::none() }
    }

    fn save_log(&self, filter: Filter, format: Format) -> Task<Message> {
        let store = Arc::clone(&self.shared.store);
        let writing = async move {
            let written = tokio::task::spawn_blocking(move || {
                let log = store.activity().ok_or_else(none)?;
                let written = write(log, &filter, format, &Progress::default());
                written.map(|(text, _)| text).map_err(|trouble| trouble.say())
            });
            written.await.unwrap_or_else(|_| Err(none()))
        };
        let name = format!("activity-{}.{}", self.shared.now.format("%Y-%m-%d"), format.ending());
        self.save_made(name, writing)
    }
}

fn none() -> Say {
    Say::new("activity-none-kept")
}
