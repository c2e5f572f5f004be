//! What a broker tells of its topics by itself (XEP-0060 §7, §8): of those that are mine it is stored, of the others not.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::incoming::{crowded, name};
use super::{Desk, Online};
use crate::engine::ingest::Work;
use crate::engine::rounds::Round;
use crate::model::coverage::Cause;
use crate::model::{Access, ItemId, Say, TopicId};
use crate::store::Route as StoreRoute;
use crate::store::activity::Kind;
use crate::xmpp::pubsub::Item;
use crate::xmpp::pubsub::event::{Entry, Event};

/// Announced changes of subscriptions remembered.
const HINTS: usize = 1_000;

/// Where and when an event was told.
pub(super) struct Told {
    pub topic: Arc<TopicId>,
    /// The collections through which it came, where the topic itself is not mine (XEP-0248 §3.2).
    pub collections: Vec<String>,
    pub received: DateTime<Utc>,
    pub delayed: Option<DateTime<Utc>>,
    /// Sent again after the link broke: it may tell what is no longer so.
    pub repeated: bool,
}

impl Told {
    fn route(&self) -> StoreRoute {
        if self.delayed.is_some() || self.repeated { StoreRoute::Delayed } else { StoreRoute::Live }
    }
}

/// Whether events of a topic are mine to show: I am subscribed to it, or to a collection it came through; or it is one
/// whose readers are whoever its owner shares presence with (XEP-0060 §9.1), who have no subscription to be asked for.
/// In each case the broker is one I trust.
pub(super) fn is_mine(told: &Told, desk: &Desk) -> bool {
    let topic = &*told.topic;
    let through =
        |node: &String| desk.directory.subscribed(&TopicId { broker: topic.broker.clone(), node: node.clone() });
    desk.directory.subscribed(topic)
        || desk.directory.get(topic).is_some_and(|topic| matches!(topic.access, Access::Presence | Access::Roster))
        || told.collections.iter().any(through)
}

impl Online {
    pub(super) fn event(&mut self, event: Event, told: Told, desk: &mut Desk, works: &mut Vec<Work>) {
        let (topic, at) = (&told.topic, told.received);
        match event {
            // Believed when the broker's own list of my subscriptions says so too.
            Event::Subscription { .. } => {
                if self.hints.len() < HINTS {
                    let _ = self.hints.insert(TopicId::clone(topic));
                }
                self.round(Round::Rights(topic.broker.clone()), desk);
            }
            event if !is_mine(&told, desk) => self.unknown(event, told, desk),
            Event::Items { entries, left_out, .. } => self.items(entries, left_out, &told, desk, works),
            Event::Purge { .. } => {
                works.push(Work::RetractAll { topic: Arc::clone(topic), at });
                desk.ledger().stale(topic);
                self.changed(topic, desk);
            }
            Event::Delete { redirect, .. } => {
                works.push(Work::RetractAll { topic: Arc::clone(topic), at });
                self.deleted(topic, redirect.as_deref(), desk);
            }
            Event::Configuration { .. } => {
                // A broker that flips it as fast as it is asked has it asked no faster.
                self.doubt(Round::Describe(TopicId::clone(topic)), desk);
                self.changed(topic, desk);
            }
            // What a collection holds shows in its own list.
            Event::Create { .. } | Event::Collection { .. } => {
                self.doubt(Round::Walk(topic.broker.clone()), desk);
            }
            Event::Other { .. } => {}
        }
    }

    fn deleted(&mut self, topic: &Arc<TopicId>, redirect: Option<&str>, desk: &mut Desk) {
        desk.directory.release(topic, false);
        desk.ledger().lost(topic, Cause::Remade);
        // Made anew under its name it has other items.
        let _ = self.fetched.remove(&**topic);
        desk.topics_changed();
        let say = match redirect {
            // The broker's word for where it went is told, never followed.
            Some(uri) => Say::new("notice-topic-moved").with("to", crate::text::line_within(uri, 200)),
            None => Say::new("notice-topic-deleted"),
        };
        desk.notice(say.with("topic", name(topic)));
        let kind = if redirect.is_some() { Kind::Moved } else { Kind::Vanished };
        desk.gone(kind, topic, redirect.unwrap_or_default());
        self.round(Round::Rights(topic.broker.clone()), desk);
    }

    /// Items and retractions keep their order. Those of a topic that floods are left on the broker ([`super::aside`]).
    fn items(&mut self, entries: Vec<Entry>, left_out: usize, told: &Told, desk: &mut Desk, works: &mut Vec<Work>) {
        let topic = &told.topic;
        if told.delayed.is_none() && !told.repeated {
            desk.traffic(topic, entries.len());
        }
        // A notification of nothing in particular (§4.3), or of more than is read: what there is, the topic tells.
        if entries.is_empty() || left_out > 0 {
            self.missed(topic, if left_out > 0 { Cause::Cut } else { Cause::Dropped }, desk);
        }
        // What was kept for us comes to an end by itself, and the topic may have it no longer. What came through a
        // collection or by presence alone is never asked for: it is here or nowhere.
        let fetched = told.delayed.is_none() && !told.repeated && desk.directory.subscribed(topic);
        if fetched && !self.fair.may_take(topic, entries.len(), super::aside::spare(desk)) {
            // They are left on the broker; what it keeps of them will show.
            let next = desk.next_row();
            desk.ledger().doubted(topic, told.received, next, Cause::Dropped);
            return;
        }
        for entry in entries {
            match entry {
                Entry::Item(item) if item.payload.is_none() => self.announced(topic, item.id, desk),
                Entry::Item(item) => push(item, told, desk, works),
                Entry::Retract(id) => {
                    retract(id, told, works);
                    self.changed(topic, desk);
                }
                Entry::Unreadable => {
                    desk.seldom(Say::new("notice-item-unreadable").with("topic", name(topic)));
                    self.missed(topic, Cause::Unreadable, desk);
                }
            }
        }
    }
}

/// Items of one topic that follow each other are one piece of work.
fn push(item: Item, told: &Told, desk: &mut Desk, works: &mut Vec<Work>) {
    let &Told { ref topic, received, delayed, .. } = told;
    let route = told.route();
    crowded(&item, topic, desk);
    match works.last_mut() {
        Some(Work::Items { topic: same, items, route: StoreRoute::Live, .. })
            if route == StoreRoute::Live && Arc::ptr_eq(same, topic) =>
        {
            items.push(item);
        }
        _ => {
            let topic = Arc::clone(topic);
            works.push(Work::Items { topic, items: vec![item], route, received, delayed });
        }
    }
}

/// So are retractions: a flood of them is a few looks into the store.
fn retract(id: ItemId, told: &Told, works: &mut Vec<Work>) {
    match works.last_mut() {
        Some(Work::Retract { topic: same, items, .. }) if Arc::ptr_eq(same, &told.topic) => items.push(id),
        _ => works.push(Work::Retract { topic: Arc::clone(&told.topic), items: vec![id], at: told.received }),
    }
}
