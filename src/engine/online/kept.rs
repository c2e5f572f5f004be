//! Events of a trusted broker for a topic of which it is not known yet whether it is mine: kept until that is known, for
//! a topic without a store would have lost them for good. Until then they are not acknowledged, nor is what came after
//! them, so that the controller keeps them too.

use super::events::{Told, is_mine};
use super::incoming::name;
use super::{Desk, Online, Open};
use crate::engine::rounds::Round;
use crate::model::{Say, TopicId};
use crate::xmpp::pubsub::event::{Entry, Event};

/// Events and bytes kept; what comes beyond is dropped, and that is said.
const EVENTS: usize = 1_000;
const BYTES: usize = 4 * 1024 * 1024;

/// What is kept, in order.
#[derive(Default)]
pub(super) struct Kept {
    /// Each with the number of its stanza.
    events: Vec<(Event, Told, u64)>,
    bytes: usize,
}

impl Kept {
    /// Gives the event back when there is no room.
    fn add(&mut self, event: Event, told: Told, number: u64) -> Result<(), Told> {
        let bytes = self.bytes.saturating_add(size(&event));
        if self.events.len() >= EVENTS || bytes > BYTES {
            return Err(told);
        }
        self.bytes = bytes;
        self.events.push((event, told, number));
        Ok(())
    }

    /// The number of the first stanza kept.
    pub(super) fn first(&self) -> Option<u64> {
        self.events.iter().map(|(_, _, number)| *number).min()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
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
        let rights = Round::Rights(told.topic.broker.clone());
        let told = if self.may_turn_out(&told.topic) || self.doubt(rights, desk) {
            match self.kept.add(event, told, self.managed.number()) {
                Ok(()) => return,
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
        let kept = std::mem::take(&mut self.kept);
        let held = kept.first();
        let mut works = Vec::new();
        for (event, told, number) in kept.events {
            if is_mine(&told, desk) {
                self.event(event, told, desk, &mut works);
            } else if self.may_turn_out(&told.topic) {
                // There was room for it before.
                let _ = self.kept.add(event, told, number);
            } else {
                dropped(&told, desk);
            }
        }
        if let Some(held) = held {
            self.managed.free(held);
            self.hand_over(works, desk);
        }
    }

    /// The session is over: what was kept is not known to be mine.
    pub(super) fn drop_kept(&mut self, desk: &mut Desk) {
        for (_, told, _) in std::mem::take(&mut self.kept).events {
            dropped(&told, desk);
        }
    }
}

fn dropped(told: &Told, desk: &mut Desk) {
    desk.seldom(Say::new("notice-not-subscribed").with("topic", name(&told.topic)));
}
