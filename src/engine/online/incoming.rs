//! What the stream brings: who sent it decides whether it counts (`engine.md` §6 rows 1-4, 7, 24). Servers relay forged
//! events and answers from anybody to anybody; `from` is the only truth.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::{Desk, Online};
use crate::engine::Error;
use crate::engine::ask::{Got, Waiter, Wanted};
use crate::engine::ingest::Work;
use crate::engine::rounds::Round;
use crate::model::{BareJid, Jid, Say, TopicId};
use crate::store::Route as StoreRoute;
use crate::text;
use crate::xmpp::pubsub::authorize::Asked;
use crate::xmpp::pubsub::event::{self, Entry, Event};
use crate::xmpp::pubsub::{EVENT_NS, Item, answer};
use crate::xmpp::stanza::{self, Iq, Message, MessageKind, Sorted};
use crate::xmpp::xml::Stanza;
use crate::xmpp::{delay, form};

/// Announced changes of subscriptions remembered.
const HINTS: usize = 1_000;

impl Online {
    pub(super) fn incoming(&mut self, stanzas: Vec<Stanza>, desk: &mut Desk) {
        let mut works = Vec::new();
        for stanza in stanzas {
            self.stanza(stanza, desk, &mut works);
        }
        desk.work(works);
    }

    fn stanza(&mut self, stanza: Stanza, desk: &mut Desk, works: &mut Vec<Work>) {
        let waiter = match stanza::sort_known(stanza.root(), &mut self.addresses) {
            Err(_) => {
                desk.seldom(Say::new("notice-bad-address"));
                None
            }
            Ok(Sorted::Iq(iq)) => self.iq(&iq, desk, works),
            Ok(Sorted::Message(message)) if message.kind == MessageKind::Error => self.asker.complained(&message),
            Ok(Sorted::Message(message)) => {
                self.message(&message, desk, works);
                None
            }
            // Nobody's presence matters to a console; features and the like have no place here.
            Ok(Sorted::Presence(_) | Sorted::Other(_)) => None,
        };
        if let Some(waiter) = waiter {
            // Who asked may have stopped waiting at this very moment.
            let _ = waiter.send(stanza);
        }
    }

    fn iq(&mut self, iq: &Iq<'_>, desk: &mut Desk, works: &mut Vec<Work>) -> Option<oneshot::Sender<Stanza>> {
        if iq.kind.asks() {
            self.answer(iq);
            return None;
        }
        match self.asker.answered(iq) {
            Some(Waiter::Whole(waiter)) => Some(waiter),
            Some(Waiter::Items(wanted, waiter)) => {
                // Stored all the same when who asked has stopped waiting.
                let _ = waiter.send(stored(iq, wanted, desk, works));
                None
            }
            None => {
                desk.seldom(Say::new("notice-stray-answer").with("from", sender(iq.route.from.as_ref())));
                None
            }
        }
    }

    fn message(&mut self, message: &Message<'_>, desk: &mut Desk, works: &mut Vec<Work>) {
        let is_event = message.child(EVENT_NS, "event").is_some();
        if !is_event && message.child(form::NS, "x").is_none() {
            return;
        }
        let Some(broker) = self.trusted(message).cloned() else {
            desk.seldom(Say::new("notice-forged").with("from", sender(message.route.from.as_ref())));
            return;
        };
        if !is_event {
            self.authorization(message, &broker, desk);
            return;
        }
        let received = Utc::now();
        let delayed = delay::stamp(message.el, &broker, &self.server, received).map(|stamp| stamp.at);
        for event in event::read(message) {
            let Some(node) = event.node() else { continue };
            let topic = self.topic(&broker, node);
            self.event(event, Told { topic, received, delayed }, desk, works);
        }
    }

    /// The broker that sent a message to us; `None` when it was another, or for another.
    fn trusted<'a>(&self, message: &'a Message<'_>) -> Option<&'a BareJid> {
        // RFC 6121 §8.5: a server delivers only what is for us; another resource's stanza is a mistake or worse.
        let to_us = message
            .route
            .to
            .as_ref()
            .is_none_or(|to| *to == self.own || (to.resource().is_none() && to.bare() == self.own.bare()));
        let from = message.route.from.as_ref().filter(|from| to_us && from.resource().is_none())?;
        self.brokers.contains(from.bare()).then(|| from.bare())
    }

    /// The shared address of a topic: a flood costs no allocation for it.
    fn topic(&mut self, broker: &BareJid, node: &str) -> Arc<TopicId> {
        match self.topics.get(node) {
            Some(known) if known.broker == *broker => Arc::clone(known),
            _ => {
                let topic = Arc::new(TopicId { broker: broker.clone(), node: node.to_owned() });
                if self.topics.len() >= super::NAMES {
                    self.topics.clear();
                }
                let _ = self.topics.insert(node.to_owned(), Arc::clone(&topic));
                topic
            }
        }
    }

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
            event if !desk.directory.subscribed(topic) => self.unknown(event, told, desk),
            Event::Items { entries, .. } => items(entries, &told, desk, works),
            Event::Purge { .. } => works.push(Work::RetractAll { topic: Arc::clone(topic), at }),
            Event::Delete { .. } => {
                works.push(Work::RetractAll { topic: Arc::clone(topic), at });
                desk.directory.release(topic, false);
                // Made anew under its name it has other items.
                let _ = self.fetched.remove(&**topic);
                desk.topics_changed();
                desk.notice(Say::new("notice-topic-deleted").with("topic", name(topic)));
                self.round(Round::Rights(topic.broker.clone()), desk);
            }
            Event::Configuration { .. } => self.round(Round::Describe(TopicId::clone(topic)), desk),
            Event::Create { .. } | Event::Collection { .. } | Event::Other { .. } => {}
        }
    }

    /// Somebody asks to read a topic of mine (XEP-0060 §8.6).
    fn authorization(&mut self, message: &Message<'_>, broker: &BareJid, desk: &mut Desk) {
        let Some(asked) = Asked::read(message) else { return };
        let topic = TopicId { broker: broker.clone(), node: asked.node.clone() };
        if !desk.directory.owns(&topic) {
            desk.seldom(Say::new("notice-not-owned").with("topic", name(&topic)));
            // I may have become its owner: then asking makes the broker send the request again.
            let _ = self.doubt(Round::Poll(broker.clone()), desk);
            return;
        }
        let subscriber = asked.subscriber.bare().clone();
        if desk.requests.saw(topic.clone(), subscriber.clone(), Utc::now()) {
            desk.requests_changed();
        } else if !desk.requests.waits(&topic, &subscriber) {
            // The inbox is full; the next poll finds it again.
            return;
        }
        let known = desk.asked.entry((topic, subscriber)).or_default();
        if !known.contains(&asked) && known.len() < super::SAME {
            known.push(asked);
        }
    }
}

/// Where and when an event was told.
pub(super) struct Told {
    pub topic: Arc<TopicId>,
    pub received: DateTime<Utc>,
    pub delayed: Option<DateTime<Utc>>,
}

/// Stored items that were asked for.
fn stored(iq: &Iq<'_>, wanted: Wanted, desk: &mut Desk, works: &mut Vec<Work>) -> Result<Got, Error> {
    if let Some(error) = iq.error() {
        return Err(Error::from(error));
    }
    let (list, page) = answer::items(iq.payload()).ok_or_else(Error::unreadable_answer)?;
    let items = list.entries;
    let bytes = items.iter().filter_map(|item| item.payload.as_ref()).map(|payload| payload.bytes.len()).sum();
    let got = Got { items: items.len(), bytes, page };
    items.iter().for_each(|item| crowded(item, &wanted.topic, desk));
    let (topic, received) = (Arc::new(wanted.topic), Utc::now());
    works.push(Work::Items { topic, items, route: StoreRoute::Fetched, received, delayed: None });
    Ok(got)
}

/// Items and retractions keep their order.
fn items(entries: Vec<Entry>, told: &Told, desk: &mut Desk, works: &mut Vec<Work>) {
    let &Told { ref topic, received, delayed } = told;
    let route = if delayed.is_some() { StoreRoute::Delayed } else { StoreRoute::Live };
    for entry in entries {
        match entry {
            Entry::Item(item) => {
                crowded(&item, topic, desk);
                match works.last_mut() {
                    Some(Work::Items { topic: same, items, route: StoreRoute::Live, .. })
                        if delayed.is_none() && Arc::ptr_eq(same, topic) =>
                    {
                        items.push(item);
                    }
                    _ => {
                        let topic = Arc::clone(topic);
                        works.push(Work::Items { topic, items: vec![item], route, received, delayed });
                    }
                }
            }
            Entry::Retract(id) => works.push(Work::Retract { topic: Arc::clone(topic), items: vec![id], at: received }),
            Entry::Unreadable => desk.seldom(Say::new("notice-item-unreadable").with("topic", name(topic))),
        }
    }
}

/// XEP-0060 §7.1 allows one payload; of more only the first is kept, and that is said.
fn crowded(item: &Item, topic: &TopicId, desk: &mut Desk) {
    if item.crowded {
        desk.seldom(Say::new("notice-item-crowded").with("topic", name(topic)));
    }
}

/// A sender for a person.
fn sender(from: Option<&Jid>) -> String {
    from.map_or_else(|| "?".to_owned(), |from| text::line_within(&from.to_string(), 120))
}

/// A topic's name for a person.
pub(super) fn name(topic: &TopicId) -> String {
    text::line_within(&topic.node, 120)
}
