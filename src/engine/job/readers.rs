//! Who reads a topic, for all who decide about it at one time: a list that was asked for after a decision was sent shows what came
//! of it, whoever asked for it. A thousand decisions are then some lists, not a thousand.
//!
//! May use `xmpp`, what jobs work with.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::{Desk, payload};
use crate::engine::Error;
use crate::model::{Jid, TopicId};
use crate::xmpp::pubsub::State;
use crate::xmpp::pubsub::owner::{self, Request};

type Who = Result<Arc<HashSet<Jid>>, Error>;

/// Those that are subscribed, or why they are not known, and when they were asked for.
#[derive(Clone, Debug)]
struct List {
    asked: Instant,
    who: Who,
}

/// A topic's last list; who holds the lock asks for the next.
type Slot = Arc<tokio::sync::Mutex<Option<List>>>;

/// The lists of one session. Clones share them.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Readers(Arc<Mutex<HashMap<TopicId, Slot>>>);

impl Readers {
    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<TopicId, Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who was subscribed at some time after `since`.
    ///
    /// # Errors
    /// When the broker does not tell.
    pub(super) async fn after(&self, since: Instant, desk: &Desk, topic: &TopicId) -> Who {
        self.shared(since, topic, subscribed(desk, topic)).await
    }

    /// The same, read so where nobody else does. That it could not be read is for all who waited for it, too.
    async fn shared(
        &self,
        since: Instant,
        topic: &TopicId,
        reading: impl Future<Output = Result<HashSet<Jid>, Error>>,
    ) -> Who {
        let slot = Arc::clone(self.slots().entry(topic.clone()).or_default());
        let result = {
            let mut last = slot.lock().await;
            match &*last {
                Some(list) if list.asked >= since => list.who.clone(),
                _ => {
                    let asked = Instant::now();
                    let who = reading.await.map(Arc::new);
                    *last = Some(List { asked, who: who.clone() });
                    who
                }
            }
        };
        // Nobody else waits: ten thousand addresses are not kept for the next decision, which asks anew.
        let mut slots = self.slots();
        if Arc::strong_count(&slot) <= 2 {
            let _ = slots.remove(topic);
        }
        result
    }
}

async fn subscribed(desk: &Desk, topic: &TopicId) -> Result<HashSet<Jid>, Error> {
    let request = Request::Subscriptions { node: &topic.node };
    let answer = desk.asker.get(&topic.broker, |w| request.write(w)).await?;
    let list = owner::subscriptions(payload(answer.root())).ok_or_else(Error::unreadable_answer)?;
    let reads = list.entries.into_iter().filter(|entry| entry.state == State::Subscribed);
    Ok(reads.map(|entry| entry.jid).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_broker_that_does_not_answer_is_waited_for_once() {
        let (readers, asked) = (Readers::default(), AtomicU32::new(0));
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".to_owned() };
        let reading = || async {
            let _ = asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Err(Error::Timeout { what: "waiting" })
        };
        let since = Instant::now();
        let (one, other, third) = tokio::join!(
            readers.shared(since, &topic, reading()),
            readers.shared(since, &topic, reading()),
            readers.shared(since, &topic, reading()),
        );
        assert!(one.is_err() && other.is_err() && third.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        // Who comes later asks anew.
        assert!(readers.shared(Instant::now(), &topic, reading()).await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
