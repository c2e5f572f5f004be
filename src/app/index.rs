//! Keeps the session's index up with its store, one task at a time, never on the window's thread.

use std::sync::Arc;

use iced::Task;

use super::{App, Message};
use crate::screen::feed;
use crate::store::Seq;
use crate::store::index::Stop;

/// What the index has still to look at.
#[derive(Debug, Default)]
pub(super) struct Taking {
    /// The index that takes rows in, by its address.
    running: Option<(usize, Stop)>,
    changed: Vec<Seq>,
    again: bool,
}

impl App {
    /// Rows were stored or changed, or a store is there that the index knows nothing of.
    pub(super) fn take(&mut self, changed: &[Seq]) -> Task<Message> {
        self.taking.changed.extend_from_slice(changed);
        match &self.taking.running {
            Some((index, _)) if *index == self.index_id() => {
                self.taking.again = true;
                return Task::none();
            }
            Some((_, stop)) => stop.stop(),
            None => {}
        }
        let stop = Stop::default();
        self.taking.running = Some((self.index_id(), stop.clone()));
        self.taking.again = false;
        let changed = std::mem::take(&mut self.taking.changed);
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, index) = (self.shared.now, self.index_id());
        let taking = async move {
            let took = tokio::task::spawn_blocking(move || finder.take(store.as_ref(), &changed, now, &stop)).await;
            drop(took);
        };
        Task::perform(taking, move |()| Message::Taken(index))
    }

    /// Loads what the session's store kept beside its rows.
    pub(super) fn load(&mut self) -> Task<Message> {
        let action = self.screens.feed.load(&self.shared.cx());
        self.perform(super::Asker::None, action, Message::Feed)
    }

    pub(super) fn of_feed(&mut self, message: feed::Message) -> Task<Message> {
        let worked = match &message {
            feed::Message::Worked(report) => Some(report.loaded),
            _ => None,
        };
        let action = self.screens.feed.update(message, &self.shared.cx());
        if worked == Some(true) {
            self.screens.hunt.kept(&self.shared.finder);
        }
        let done = self.perform(super::Asker::None, action, Message::Feed);
        // What the window waited for before it goes may be written.
        if worked.is_some() { Task::batch([done, self.part()]) } else { done }
    }

    /// No rows are taken in any more: whoever does it lets go of the store.
    pub(super) fn untake(&mut self) {
        if let Some((_, stop)) = std::mem::take(&mut self.taking).running {
            stop.stop();
        }
    }

    pub(super) fn index_id(&self) -> usize {
        Arc::as_ptr(&self.shared.finder).addr()
    }

    pub(super) fn taken(&mut self, index: usize) -> Task<Message> {
        if self.taking.running.as_ref().is_none_or(|(own, _)| *own != index) {
            return Task::none();
        }
        self.taking.running = None;
        let again = if self.taking.again { self.take(&[]) } else { Task::none() };
        Task::batch([again, self.look(), self.screen(Message::Feed(feed::Message::Taken))])
    }
}
