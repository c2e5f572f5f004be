//! Requests that wait for my decision on topics I own, pushed and fetched ones merged (XEP-0060 §8.6, §8.7).
//!
//! Pure. May use `model`, `engine::event`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Pending;
use crate::model::{BareJid, TopicId};

/// The inbox: one entry a topic and subscriber, however often the broker repeats it.
#[derive(Debug, Default)]
pub struct Requests {
    seen: BTreeMap<(TopicId, BareJid), DateTime<Utc>>,
    polled: Option<DateTime<Utc>>,
}

impl Requests {
    /// Longest inbox. A flood of requests beyond it is refused here and found again by the next poll.
    pub const MAX: usize = 10_000;

    /// A request was pushed or fetched. True when it is new.
    pub fn saw(&mut self, topic: TopicId, subscriber: BareJid, at: DateTime<Utc>) -> bool {
        let key = (topic, subscriber);
        if self.seen.contains_key(&key) || self.seen.len() >= Self::MAX {
            return false;
        }
        self.seen.insert(key, at).is_none()
    }

    #[must_use]
    pub fn waits(&self, topic: &TopicId, subscriber: &BareJid) -> bool {
        self.seen.contains_key(&(topic.clone(), subscriber.clone()))
    }

    /// A decision was taken, here or by another owner.
    pub fn settle(&mut self, topic: &TopicId, subscriber: &BareJid) -> bool {
        self.seen.remove(&(topic.clone(), subscriber.clone())).is_some()
    }

    /// The broker was asked.
    pub fn polled(&mut self, at: DateTime<Utc>) {
        self.polled = Some(at);
    }

    #[must_use]
    pub fn last_poll(&self) -> Option<DateTime<Utc>> {
        self.polled
    }

    /// Oldest first: who has waited longest is decided first.
    #[must_use]
    pub fn list(&self) -> Arc<[Pending]> {
        let mut list: Vec<Pending> = self
            .seen
            .iter()
            .map(|((topic, subscriber), seen)| Pending {
                topic: topic.clone(),
                subscriber: subscriber.clone(),
                seen: *seen,
            })
            .collect();
        list.sort_by_key(|pending| pending.seen);
        list.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushed_and_fetched_are_one_and_keep_their_first_time() {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".into() };
        let soc: BareJid = "soc@csirt-b.example".parse().unwrap();
        let first = DateTime::UNIX_EPOCH;
        let mut requests = Requests::default();
        assert!(requests.saw(topic.clone(), soc.clone(), first));
        assert!(!requests.saw(topic.clone(), soc.clone(), first + chrono::TimeDelta::hours(1)));
        assert_eq!(requests.list().first().unwrap().seen, first);
        assert!(requests.settle(&topic, &soc));
        assert!(!requests.settle(&topic, &soc), "a second answer settles nothing");
        assert!(requests.list().is_empty());
    }
}
