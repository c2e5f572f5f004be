//! From items to stored rows, on a thread of its own: summarised, committed many at a time, in the order the broker sent
//! them. The actor stays free for pings and commands meanwhile.
//!
//! May use `xmpp`, `iodef`, `store`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::iodef;
use crate::model::{ItemId, Kind, Summary, TopicId};
use crate::store::{self, Committed, Incoming, ItemKey, Payload, Route, Store};
use crate::xmpp::pubsub::Item;

/// Pieces of work that may wait.
const QUEUE: usize = 8;
/// Items in one commit.
const COMMIT: usize = 512;

/// Something to do to the store.
#[derive(Debug)]
pub(super) enum Work {
    /// Items of a topic, pushed or fetched.
    Items {
        topic: Arc<TopicId>,
        items: Vec<Item>,
        route: Route,
        received: DateTime<Utc>,
        delayed: Option<DateTime<Utc>>,
    },
    /// The broker says that items are gone. They are marked, never removed (`engine.md` §6 row 26).
    Retract { topic: Arc<TopicId>, items: Vec<ItemId>, at: DateTime<Utc> },
    /// The broker says that all of a topic is gone.
    RetractAll { topic: Arc<TopicId>, at: DateTime<Utc> },
}

/// What came of some work.
pub(super) type Outcome = Result<Committed, store::Error>;

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
        let _detached = tokio::task::spawn_blocking(move || {
            Thread { store: store.as_ref(), tell, batch: Vec::new(), scope: None }.run(queue);
        });
        Self { work, outcomes }
    }
}

/// The thread, with the commit being gathered.
struct Thread<'a> {
    store: &'a dyn Store,
    tell: mpsc::Sender<Outcome>,
    batch: Vec<Incoming>,
    /// Scopes repeat from item to item; one copy serves them all.
    scope: Option<Arc<[(String, String)]>>,
}

impl Thread<'_> {
    fn run(mut self, mut queue: mpsc::Receiver<Vec<Work>>) {
        while let Some(works) = queue.blocking_recv() {
            works.into_iter().for_each(|work| self.take(work));
            // More that waits goes into the same commit.
            while let Ok(works) = queue.try_recv() {
                works.into_iter().for_each(|work| self.take(work));
            }
            self.commit();
            if self.tell.is_closed() {
                return;
            }
        }
    }

    fn take(&mut self, work: Work) {
        match work {
            Work::Items { topic, items, route, received, delayed } => {
                for item in items {
                    let incoming = self.incoming(&topic, item);
                    self.batch.push(Incoming { route, received, delayed, ..incoming });
                }
                if self.batch.len() >= COMMIT {
                    self.commit();
                }
            }
            // Marks come after what was stored before them.
            Work::Retract { topic, items, at } => {
                self.commit();
                let keys: Vec<ItemKey> =
                    items.into_iter().map(|item| ItemKey { topic: TopicId::clone(&topic), item }).collect();
                let result = self.store.retract(&keys, at);
                self.tell(result.map(marked));
            }
            Work::RetractAll { topic, at } => {
                self.commit();
                let result = self.store.retract_topic(&topic, at);
                self.tell(result.map(marked));
            }
        }
    }

    fn incoming(&mut self, topic: &Arc<TopicId>, item: Item) -> Incoming {
        let summary = match &item.payload {
            Some(payload) => iodef::summarise(&payload.bytes, &payload.scope),
            None => Summary::of_kind(Kind::Empty),
        };
        let payload = item.payload.map(|payload| Payload { bytes: payload.bytes, scope: self.shared(payload.scope) });
        Incoming {
            key: ItemKey { topic: TopicId::clone(topic), item: item.id },
            payload,
            summary,
            route: Route::Live,
            publisher: item.publisher,
            received: DateTime::UNIX_EPOCH,
            delayed: None,
        }
    }

    fn shared(&mut self, scope: Arc<[(String, String)]>) -> Arc<[(String, String)]> {
        match &self.scope {
            Some(known) if **known == *scope => Arc::clone(known),
            _ => {
                self.scope = Some(Arc::clone(&scope));
                scope
            }
        }
    }

    fn commit(&mut self) {
        if !self.batch.is_empty() {
            let result = self.store.commit(std::mem::take(&mut self.batch));
            self.tell(result);
        }
    }

    fn tell(&self, outcome: Outcome) {
        // Nobody hears it when the actor has gone; the rows stand all the same.
        let _ = self.tell.blocking_send(outcome);
    }
}

fn marked(changed: Vec<store::Seq>) -> Committed {
    Committed { changed, ..Committed::default() }
}
