//! From stanzas to stored rows, on a thread of its own: payload bytes taken out, summarised, committed many at a time,
//! in the order the broker sent them. The actor stays free for pings and commands meanwhile.
//!
//! May use `xmpp`, `iodef`, `store`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::iodef;
use crate::model::{ItemId, Kind, Summary, TopicId};
use crate::store::{self, Committed, Incoming, ItemKey, Payload, Route, Store};
use crate::xmpp::pubsub::Item;
use crate::xmpp::xml::Stanza;

/// Pieces of work that may wait.
const QUEUE: usize = 8;
/// Items in one commit.
const COMMIT: usize = 512;

/// Something to do to the store.
#[derive(Debug)]
pub(super) enum Work {
    /// Items in a stanza, pushed or fetched.
    Items { topic: Arc<TopicId>, stanza: Stanza, route: Route, received: DateTime<Utc>, delayed: Option<DateTime<Utc>> },
    /// The broker says that items are gone. They are marked, never removed.
    Retract { topic: Arc<TopicId>, items: Vec<ItemId>, at: DateTime<Utc> },
    /// The broker says that all of a topic is gone.
    RetractAll { topic: Arc<TopicId>, at: DateTime<Utc> },
}

/// What came of some work.
#[derive(Debug)]
pub(super) struct Outcome {
    pub result: Result<Committed, store::Error>,
    /// Items that were refused because their id is longer than an id may be.
    pub refused: u32,
}

/// The thread's two ends.
#[derive(Debug)]
pub(super) struct Ingest {
    pub work: mpsc::Sender<Vec<Work>>,
    pub outcomes: mpsc::Receiver<Outcome>,
}

impl Ingest {
    /// Starts it on a blocking thread; it ends when the work's sender is dropped.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let (work, queue) = mpsc::channel(QUEUE);
        let (tell, outcomes) = mpsc::channel(QUEUE);
        let _detached = tokio::task::spawn_blocking(move || run(store.as_ref(), queue, &tell));
        Self { work, outcomes }
    }
}

fn run(store: &dyn Store, mut queue: mpsc::Receiver<Vec<Work>>, tell: &mpsc::Sender<Outcome>) {
    let mut state = State::default();
    while let Some(works) = queue.blocking_recv() {
        let mut works = works;
        loop {
            for work in works {
                if let Some(outcome) = state.take(store, work)
                    && tell.blocking_send(outcome).is_err()
                {
                    return;
                }
            }
            // More that waits goes into the same commit.
            match queue.try_recv() {
                Ok(more) => works = more,
                Err(_) => break,
            }
        }
        if let Some(outcome) = state.commit(store)
            && tell.blocking_send(outcome).is_err()
        {
            return;
        }
    }
}

/// The commit being gathered.
#[derive(Default)]
struct State {
    batch: Vec<Incoming>,
    refused: u32,
    /// Scopes repeat from item to item; one copy serves them all.
    scope: Option<Arc<[(String, String)]>>,
}

impl State {
    fn take(&mut self, store: &dyn Store, work: Work) -> Option<Outcome> {
        match work {
            Work::Items { topic, stanza, route, received, delayed } => {
                let Some(items) = crate::xmpp::pubsub::items(stanza.root()) else { return None };
                for item in items {
                    self.item(&topic, &item, route, received, delayed);
                }
                if self.batch.len() >= COMMIT { self.commit(store) } else { None }
            }
            Work::Retract { topic, items, at } => {
                let keys: Vec<ItemKey> =
                    items.into_iter().map(|item| ItemKey { topic: TopicId::clone(&topic), item }).collect();
                self.mark(store, |store| store.retract(&keys, at))
            }
            Work::RetractAll { topic, at } => self.mark(store, |store| store.retract_topic(&topic, at)),
        }
    }

    /// Marks after what came before it is stored.
    fn mark(
        &mut self,
        store: &dyn Store,
        mark: impl FnOnce(&dyn Store) -> Result<Vec<store::Seq>, store::Error>,
    ) -> Option<Outcome> {
        let before = self.commit(store);
        let result = mark(store).map(|changed| Committed { changed, ..Committed::default() });
        Some(match before {
            None => Outcome { result, refused: 0 },
            Some(before) => Outcome { result: before.result.and_then(|first| joined(first, result)), ..before },
        })
    }

    fn commit(&mut self, store: &dyn Store) -> Option<Outcome> {
        let refused = std::mem::take(&mut self.refused);
        if self.batch.is_empty() && refused == 0 {
            return None;
        }
        Some(Outcome { result: store.commit(std::mem::take(&mut self.batch)), refused })
    }
}
