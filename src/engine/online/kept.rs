//! Events of a trusted broker for a topic of which it is not known yet whether it is mine: kept until that is known, for
//! a topic without a store would have lost them for good. Until then they are not acknowledged, nor is what came after
//! them, so that the controller keeps them too.

use std::collections::HashMap;

use tokio::time::{Duration, Instant, sleep};

use super::events::{Told, is_mine};
use super::incoming::name;
use super::{Desk, Note, Online, Open, Owner};
use crate::engine::rounds::Round;
use crate::model::coverage::Cause;
use crate::model::{BareJid, Say, TopicId};
use crate::xmpp::pubsub::event::{Entry, Event};

/// Events and bytes kept; what comes beyond is dropped, and that is said.
const EVENTS: usize = 1_000;
const BYTES: usize = 4 * 1024 * 1024;
/// How long: a broker that does not say what I am there must not keep what the others sent unacknowledged.
const LONGEST: Duration = Duration::from_secs(60);

/// What is kept, in order; and what it is judged by.
#[derive(Default)]
pub(super) struct Kept {
    events: Vec<One>,
    bytes: usize,
    /// The oldest will be looked at when its time is over.
    watched: bool,
    /// When the list of my subscriptions that is known was asked for, by broker.
    asked: HashMap<BareJid, Instant>,
}

struct One {
    event: Event,
    told: Told,
    /// Of its stanza.
    number: u64,
    since: Instant,
}

impl Kept {
    /// Gives the event back when there is no room.
    fn add(&mut self, one: One) -> Result<(), Told> {
        let bytes = self.bytes.saturating_add(size(&one.event));
        if self.events.len() >= EVENTS || bytes > BYTES {
            return Err(one.told);
        }
        self.bytes = bytes;
        self.events.push(one);
        Ok(())
    }

    /// A broker's list of my subscriptions came, which was asked for then.
    pub(super) fn listed(&mut self, broker: &BareJid, asked: Instant) {
        let _ = self.asked.insert(broker.clone(), asked);
    }

    /// Whether it came after what is known of my subscriptions was asked for: then that says nothing about it.
    fn is_newer(&self, one: &One) -> bool {
        self.asked.get(&one.told.topic.broker).is_none_or(|asked| *asked <= one.since)
    }

    /// The number of the first stanza kept.
    pub(super) fn first(&self) -> Option<u64> {
        self.events.iter().map(|one| one.number).min()
    }

    pub(super) fn clear(&mut self) {
        drop(self.take());
    }

    fn take(&mut self) -> Vec<One> {
        self.bytes = 0;
        std::mem::take(&mut self.events)
    }

    /// How long the oldest may still wait; `None` without any, or when somebody waits for that already.
    fn watch(&mut self, now: Instant) -> Option<Duration> {
        let oldest = self.events.iter().map(|one| one.since).min().filter(|_| !self.watched)?;
        self.watched = true;
        Some((oldest + LONGEST).saturating_duration_since(now))
    }
}

fn size(event: &Event) -> usize {
    let Event::Items { entries, .. } = event else { return 0 };
    let payload = |entry: &Entry| match entry {
        Entry::Item(item) => item.payload.as_ref().map_or(0, |payload| payload.bytes.len()),
        Entry::Retract(_) | Entry::Unreadable => 0,
    };
    entries.iter().map(|entry| payload(entry).saturating_add(size_of::<Entry>())).fold(0, usize::saturating_add)
}

impl Online {
    /// An event of a topic that is not known to be mine: kept while that may still turn out, else dropped.
    pub(super) fn unknown(&mut self, event: Event, told: Told, desk: &mut Desk) {
        // Before it is asked: what is asked for it is newer than it.
        let since = Instant::now();
        let rights = Round::Rights(told.topic.broker.clone());
        // Asked also while something else may say more of it: that may take long, or never end.
        let told = if self.ask_now(rights, desk) || self.may_turn_out(&told.topic) {
            let one = One { event, told, number: self.managed.number(), since };
            match self.kept.add(one) {
                Ok(()) => return self.watch_kept(),
                Err(told) => told,
            }
        } else {
            told
        };
        dropped(&told, desk);
    }

    /// Whether it may still turn out to be mine: I am about to subscribe, or what I am at the broker, or what its topics
    /// are, is being asked.
    fn may_turn_out(&self, topic: &TopicId) -> bool {
        self.open.values().any(|open| matches!(open, Open::Joins(joined) if joined == topic))
            || [Round::Rights(topic.broker.clone()), Round::Walk(topic.broker.clone())]
                .iter()
                .any(|round| self.rounds.is_open(round))
    }

    /// Something is known better now: takes the kept events of topics that are mine, drops those that are not.
    pub(super) fn release(&mut self, desk: &mut Desk) {
        let held = self.kept.first();
        let mut works = Vec::new();
        let now = Instant::now();
        for one in self.kept.take() {
            if is_mine(&one.told, desk) {
                self.event(one.event, one.told, desk, &mut works);
            } else if !self.asks_after(&one, desk) && !self.may_turn_out(&one.told.topic) {
                dropped(&one.told, desk);
            } else if now.saturating_duration_since(one.since) < LONGEST {
                // There was room for it before.
                let _ = self.kept.add(one);
            } else {
                // Should the topic turn out to be mine, this is to be looked for.
                let next = desk.next_row();
                desk.ledger().doubted(&one.told.topic, one.told.received, next, Cause::Dropped);
                dropped(&one.told, desk);
            }
        }
        if let Some(held) = held {
            self.managed.free(held);
            self.hand_over(works, desk);
        }
    }

    /// Whether it is asked once more for what nobody asked since it came. Not without end: an event that comes while that is
    /// already being asked for another's sake is judged by what it brings.
    fn asks_after(&mut self, one: &One, desk: &mut Desk) -> bool {
        self.kept.is_newer(one) && self.ask_now(Round::Rights(one.told.topic.broker.clone()), desk)
    }

    fn watch_kept(&mut self) {
        if let Some(wait) = self.kept.watch(Instant::now()) {
            let jobs = self.job_desk();
            self.jobs.start(Owner::Nobody, async move {
                sleep(wait).await;
                jobs.note(Note::KeptLong).await;
            });
        }
    }

    /// The time of what was the oldest is over.
    pub(super) fn kept_long(&mut self, desk: &mut Desk) {
        self.kept.watched = false;
        self.release(desk);
        self.watch_kept();
    }

    /// The session is over: what was kept is not known to be mine.
    pub(super) fn drop_kept(&mut self, desk: &mut Desk) {
        for one in self.kept.take() {
            dropped(&one.told, desk);
        }
    }
}

fn dropped(told: &Told, desk: &mut Desk) {
    desk.seldom(Say::new("notice-not-subscribed").with("topic", name(&told.topic)));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::Utc;

    use super::*;

    #[test]
    fn the_oldest_is_looked_at_when_its_time_is_over() {
        let topic = Arc::new(TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() });
        let start = Instant::now();
        let one = |number: u64| One {
            event: Event::Purge { node: "feed".to_owned() },
            told: Told {
                topic: Arc::clone(&topic),
                collections: Vec::new(),
                received: Utc::now(),
                delayed: None,
                repeated: false,
            },
            number,
            since: start + Duration::from_secs(number),
        };
        let mut kept = Kept::default();
        assert_eq!(kept.watch(start), None);
        assert!(kept.add(one(5)).is_ok() && kept.add(one(7)).is_ok());
        assert_eq!(kept.watch(start + Duration::from_secs(10)), Some(LONGEST - Duration::from_secs(5)));
        assert_eq!(kept.watch(start), None, "one waits for all of them");
        kept.watched = false;
        assert_eq!(kept.watch(start + 2 * LONGEST), Some(Duration::ZERO));
        assert_eq!(kept.first(), Some(5));
    }
}
