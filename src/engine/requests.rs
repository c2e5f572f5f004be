//! Requests that wait for my decision on topics I own, pushed and fetched ones merged (XEP-0060 §8.6, §8.7), with what the
//! requesters wrote beside them.
//!
//! Pure. May use `model`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::owned::{Pending, Said};
use crate::model::{BareJid, TopicId};

pub type Key = (TopicId, BareJid);

#[derive(Debug)]
struct Seen {
    first: DateTime<Utc>,
    /// The newest poll that had begun when the broker last named it.
    poll: u64,
}

/// What is to be kept of requests, since when they wait, and of which nothing is to be kept any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ages {
    pub put: Vec<(Key, DateTime<Utc>)>,
    pub gone: Vec<Key>,
}

/// The inbox: one entry a topic and subscriber, however often the broker repeats it.
#[derive(Debug, Default)]
pub struct Requests {
    seen: BTreeMap<Key, Seen>,
    /// Since when requests wait, those too that an earlier session saw and that no broker has named yet in this one.
    since: BTreeMap<Key, DateTime<Utc>>,
    /// What of that has changed since it was kept.
    changed: BTreeSet<Key>,
    /// May come before the request, and without one.
    said: BTreeMap<Key, Said>,
    /// Words that came before their request, if there is one, oldest first.
    early: VecDeque<Key>,
    polls: u64,
    polled: Option<DateTime<Utc>>,
}

impl Requests {
    /// Longest inbox. A flood of requests beyond it is refused here and found again by the next poll.
    pub const MAX: usize = 10_000;
    /// Words kept without a request: anybody can send some.
    pub const EARLY: usize = 500;

    /// With what was kept of an earlier session's.
    #[must_use]
    pub fn restored(since: BTreeMap<Key, DateTime<Utc>>) -> Self {
        Self { since, ..Self::default() }
    }

    /// What is to be kept, as far as it has changed since this was asked last.
    pub fn ages(&mut self) -> Ages {
        let mut ages = Ages::default();
        for key in std::mem::take(&mut self.changed) {
            match self.since.get(&key) {
                Some(at) => ages.put.push((key, *at)),
                None => ages.gone.push(key),
            }
        }
        ages
    }

    /// Nobody waits there any more.
    fn forget(&mut self, key: Key) {
        if self.since.remove(&key).is_some() {
            let _ = self.changed.insert(key);
        }
    }

    /// A request was pushed or fetched. True when it is new.
    pub fn saw(&mut self, topic: TopicId, subscriber: BareJid, at: DateTime<Utc>) -> bool {
        let poll = self.polls;
        let key = (topic, subscriber);
        if let Some(known) = self.seen.get_mut(&key) {
            known.poll = poll;
            return false;
        }
        if self.seen.len() >= Self::MAX {
            return false;
        }
        // Whoever asked before this program was started has waited since then.
        let first = self.since.get(&key).map_or(at, |since| at.min(*since));
        if self.since.len() < Self::MAX * 2 && self.since.insert(key.clone(), first) != Some(first) {
            let _ = self.changed.insert(key.clone());
        }
        self.seen.insert(key, Seen { first, poll }).is_none()
    }

    #[must_use]
    pub fn waits(&self, topic: &TopicId, subscriber: &BareJid) -> bool {
        self.seen.contains_key(&(topic.clone(), subscriber.clone()))
    }

    /// Somebody wrote about a request, made already or not. True when it is not known yet. Of words without a request the
    /// oldest go, whoever sends how many.
    pub fn said(&mut self, said: Said) -> bool {
        let key = (said.topic.clone(), said.from.clone());
        if self.said.get(&key).is_some_and(|known| known.note == said.note) {
            return false;
        }
        if !self.seen.contains_key(&key) && !self.said.contains_key(&key) {
            self.early.push_back(key.clone());
        }
        let _ = self.said.insert(key, said);
        while self.early.len() > Self::EARLY {
            let Some(oldest) = self.early.pop_front() else { break };
            if !self.seen.contains_key(&oldest) {
                let _ = self.said.remove(&oldest);
            }
        }
        true
    }

    /// A decision was taken, here or by another owner.
    pub fn settle(&mut self, topic: &TopicId, subscriber: &BareJid) -> bool {
        let key = (topic.clone(), subscriber.clone());
        let _ = self.said.remove(&key);
        let waited = self.seen.remove(&key).is_some();
        self.forget(key);
        waited
    }

    /// A broker is about to be asked; gives the number of this poll.
    pub fn polling(&mut self) -> u64 {
        self.polls += 1;
        self.polls
    }

    /// A broker named all that waits. What it did not name is withdrawn, or was decided by another owner: those.
    pub fn polled_all(&mut self, broker: &BareJid, poll: u64) -> Vec<Key> {
        let unnamed = |(key, seen): &(&Key, &Seen)| key.0.broker == *broker && seen.poll < poll;
        let gone: Vec<Key> = self.seen.iter().filter(unnamed).map(|(key, _)| key.clone()).collect();
        for (topic, subscriber) in &gone {
            let _ = self.settle(topic, subscriber);
        }
        // What went while nobody looked.
        let left = |key: &&Key| key.0.broker == *broker && !self.seen.contains_key(*key);
        let left: Vec<Key> = self.since.keys().filter(left).cloned().collect();
        left.into_iter().for_each(|key| self.forget(key));
        gone
    }

    /// The topic is gone, and with it who asked for it.
    pub fn drop_topic(&mut self, topic: &TopicId) -> Vec<Key> {
        let gone: Vec<Key> = self.seen.keys().filter(|key| key.0 == *topic).cloned().collect();
        let left: Vec<Key> = self.since.keys().filter(|key| key.0 == *topic).cloned().collect();
        left.into_iter().for_each(|key| self.forget(key));
        self.said.retain(|key, _| key.0 != *topic);
        self.seen.retain(|key, _| key.0 != *topic);
        gone
    }

    /// The broker was asked.
    pub fn polled(&mut self, at: DateTime<Utc>) {
        self.polled = Some(at);
    }

    #[must_use]
    pub fn last_poll(&self) -> Option<DateTime<Utc>> {
        self.polled
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Oldest first: who has waited longest is decided first.
    #[must_use]
    pub fn list(&self) -> Arc<[Pending]> {
        let pending = |(key, seen): (&Key, &Seen)| Pending {
            topic: key.0.clone(),
            subscriber: key.1.clone(),
            seen: seen.first,
            said: self.said.get(key).cloned(),
        };
        let mut list: Vec<Pending> = self.seen.iter().map(pending).collect();
        list.sort_by_key(|pending| pending.seen);
        list.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::owned::Act;

    fn topic() -> TopicId {
        TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".into() }
    }

    #[test]
    fn pushed_and_fetched_are_one_and_keep_their_first_time() {
        let soc: BareJid = "soc@csirt-b.example".parse().unwrap();
        let first = DateTime::UNIX_EPOCH;
        let mut requests = Requests::default();
        assert!(requests.saw(topic(), soc.clone(), first));
        assert!(!requests.saw(topic(), soc.clone(), first + chrono::TimeDelta::hours(1)));
        assert_eq!(requests.list().first().unwrap().seen, first);
        assert!(requests.settle(&topic(), &soc));
        assert!(!requests.settle(&topic(), &soc), "a second answer settles nothing");
        assert!(requests.list().is_empty());
    }

    #[test]
    fn what_a_poll_does_not_name_is_gone_and_what_comes_meanwhile_is_not() {
        let [soc, feed, late]: [BareJid; 3] =
            ["soc@b.example", "feed@c.example", "late@d.example"].map(|j| j.parse().unwrap());
        let mut requests = Requests::default();
        for who in [&soc, &feed] {
            let _ = requests.saw(topic(), who.clone(), DateTime::UNIX_EPOCH);
        }
        let poll = requests.polling();
        let _ = requests.saw(topic(), feed.clone(), DateTime::UNIX_EPOCH);
        let _ = requests.saw(topic(), late.clone(), DateTime::UNIX_EPOCH);
        let other: BareJid = "other.example".parse().unwrap();
        assert!(requests.polled_all(&other, poll).is_empty(), "another broker knows nothing of them");
        assert_eq!(requests.polled_all(&topic().broker, poll), [(topic(), soc)]);
        assert!(requests.waits(&topic(), &feed) && requests.waits(&topic(), &late));
    }

    #[test]
    fn who_asked_before_this_session_has_waited_since_then() {
        let [soc, feed, gone]: [BareJid; 3] =
            ["soc@b.example", "feed@c.example", "gone@d.example"].map(|j| j.parse().unwrap());
        let at = |hours| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hours);
        let mut before = Requests::default();
        for who in [&soc, &gone] {
            let _ = before.saw(topic(), who.clone(), at(1));
        }
        let ages = before.ages();
        assert_eq!((ages.put.len(), ages.gone.len()), (2, 0));
        assert_eq!(before.ages(), Ages::default(), "each once");
        let mut now = Requests::restored(ages.put.into_iter().collect());
        assert!(now.is_empty(), "nobody waits until the broker says so");
        let poll = now.polling();
        let _ = (now.saw(topic(), soc.clone(), at(80)), now.saw(topic(), feed.clone(), at(80)));
        let list: Vec<_> = now.list().iter().map(|one| (one.subscriber.clone(), one.seen)).collect();
        assert_eq!(list, [(soc.clone(), at(1)), (feed.clone(), at(80))], "who has waited longest is first");
        assert!(now.polled_all(&topic().broker, poll).is_empty());
        let key = |who: &BareJid| (topic(), who.clone());
        let ages = now.ages();
        assert_eq!((ages.put, ages.gone), (vec![(key(&feed), at(80))], vec![key(&gone)]), "withdrawn meanwhile");
        // Decided, and asked for again: it waits since then.
        let _ = (now.settle(&topic(), &soc), now.saw(topic(), soc.clone(), at(90)));
        assert_eq!(now.ages().put, [(key(&soc), at(90))]);
        let _ = now.drop_topic(&topic());
        assert_eq!(now.ages().gone.len(), 2);
    }

    #[test]
    fn what_is_said_before_the_request_is_beside_it() {
        let soc: BareJid = "soc@csirt-b.example".parse().unwrap();
        let from = soc.clone();
        let said = |note: &str| Said {
            topic: topic(),
            from: from.clone(),
            act: Act::Asks,
            note: note.to_owned(),
            until: None,
            at: DateTime::UNIX_EPOCH,
            owner: false,
        };
        let mut requests = Requests::default();
        assert!(requests.said(said("SOC of Blue")) && !requests.said(said("SOC of Blue")));
        assert!(requests.list().is_empty(), "words alone are no request");
        let _ = requests.saw(topic(), soc.clone(), DateTime::UNIX_EPOCH);
        assert_eq!(requests.list()[0].said, Some(said("SOC of Blue")));
        let _ = requests.settle(&topic(), &soc);
        let _ = requests.saw(topic(), soc, DateTime::UNIX_EPOCH);
        assert_eq!(requests.list()[0].said, None, "an old word is not for a new request");
        // However many strangers write, who asks is heard, and they fill no memory.
        let _ = requests.said(said("SOC of Blue, again"));
        for number in 0..Requests::EARLY * 3 {
            let from = format!("x{number}@throw-away.example").parse().unwrap();
            let _ = requests.said(Said { from, ..said("noise") });
        }
        assert_eq!(requests.list()[0].said, Some(said("SOC of Blue, again")));
        assert_eq!(requests.said.len(), Requests::EARLY + 1);
    }
}
