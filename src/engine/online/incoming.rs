//! What the stream brings: who sent it decides whether it counts (`engine.md` §6 rows 1-7, 24). Servers relay forged
//! events and answers from anybody to anybody; `from` is the only truth. Whatever is dropped is counted and said.

use std::sync::Arc;

use chrono::Utc;
use tokio::sync::oneshot;

use super::events::Told;
use super::{Desk, Online};
use crate::engine::Error;
use crate::engine::ask::{Got, Waiter, Wanted};
use crate::engine::ingest::Work;
use crate::engine::rounds::Round;
use crate::model::{BareJid, Jid, Say, TopicId};
use crate::store::activity::{Kind, Token};
use crate::text;
use crate::xmpp::pubsub::access::Spoken;
use crate::xmpp::pubsub::authorize::Asked;
use crate::xmpp::pubsub::event;
use crate::xmpp::pubsub::headers::Headers;
use crate::xmpp::pubsub::{EVENT_NS, Item, answer};
use crate::xmpp::stanza::{self, Iq, Message, MessageKind, Sorted};
use crate::xmpp::xml::Stanza;
use crate::xmpp::{delay, form, mam, sm};

/// The roster's namespace (RFC 6121 §2).
const ROSTER_NS: &str = "jabber:iq:roster";

impl Online {
    /// Takes what the stream brought, as far as the peer keeps the rules of stream management.
    pub(super) fn incoming(&mut self, stanzas: Vec<Stanza>, desk: &mut Desk) -> Result<(), sm::Error> {
        let mut works = Vec::new();
        let mut kept = Ok(());
        for stanza in stanzas {
            if stanza.root().ns() == sm::NS {
                kept = self.told(stanza.root());
                if kept.is_err() {
                    break;
                }
                continue;
            }
            self.managed.saw(stanza.root());
            self.stanza(stanza, desk, &mut works);
        }
        self.hand_over(works, desk);
        self.judge(desk);
        kept
    }

    /// Takes stanzas that stream management does not count.
    pub(super) fn take_in(&mut self, stanzas: Vec<Stanza>, desk: &mut Desk) {
        let mut works = Vec::new();
        stanzas.into_iter().for_each(|stanza| self.stanza(stanza, desk, &mut works));
        desk.work(works);
    }

    fn stanza(&mut self, stanza: Stanza, desk: &mut Desk, works: &mut Vec<Work>) {
        let waiter = match stanza::sort_known(stanza.root(), &mut self.addresses) {
            Err(_) => {
                desk.seldom(Say::new("notice-bad-address"));
                None
            }
            Ok(Sorted::Iq(iq)) => self.iq(&iq, desk, works),
            Ok(Sorted::Message(message)) if message.kind == MessageKind::Error => self.bounced(&message, desk),
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

    /// An error: a complaint about what we said, or nothing to us, whatever it echoes (row 7).
    fn bounced(&self, message: &Message<'_>, desk: &mut Desk) -> Option<oneshot::Sender<Stanza>> {
        let waiter = self.asker.complained(message);
        if waiter.is_none() && !self.managed.is_repeated() {
            desk.seldom(Say::new("notice-stray-answer").with("from", sender(message.route.from.as_ref())));
        }
        waiter
    }

    fn iq(&mut self, iq: &Iq<'_>, desk: &mut Desk, works: &mut Vec<Work>) -> Option<oneshot::Sender<Stanza>> {
        if iq.kind.asks() {
            if self.is_for_us(&iq.route) {
                self.asked(iq, desk);
            } else {
                misdirected(&iq.route, desk);
            }
            return None;
        }
        match self.asker.answered(iq) {
            Some(Waiter::Whole(waiter)) => Some(waiter),
            Some(Waiter::Items(wanted, waiter)) => {
                // Stored all the same when who asked has stopped waiting.
                let _ = waiter.send(stored(iq, wanted, desk, works));
                None
            }
            // Answered before the link broke, and sent again.
            None if self.managed.is_repeated() => None,
            None => {
                desk.seldom(Say::new("notice-stray-answer").with("from", sender(iq.route.from.as_ref())));
                None
            }
        }
    }

    /// A request. The roster is nothing to a console, but whoever else pushes one pretends to be my server: that is not
    /// answered (RFC 6121 §2.1.6, row 5).
    fn asked(&mut self, iq: &Iq<'_>, desk: &mut Desk) {
        let pushes = iq.kind == stanza::IqKind::Set && iq.payload().is_some_and(|payload| payload.ns() == ROSTER_NS);
        let own = |from: &Jid| from.resource().is_none() && from.bare() == self.own.bare();
        if pushes && !iq.route.from.as_ref().is_none_or(own) {
            forged(&iq.route, Token::Roster, String::new(), desk);
            return;
        }
        self.answer(iq, pushes);
    }

    fn message(&mut self, message: &Message<'_>, desk: &mut Desk, works: &mut Vec<Work>) {
        let is_event = message.child(EVENT_NS, "event").is_some();
        if !is_event && message.child(form::NS, "x").is_none() {
            if let Some(spoken) = Spoken::read(message) {
                if self.is_for_us(&message.route) {
                    self.spoken(spoken, message, desk);
                } else {
                    misdirected(&message.route, desk);
                }
                return;
            }
            if !self.archived(message, desk, works) {
                self.wrapped(message, desk);
            }
            return;
        }
        if !self.is_for_us(&message.route) {
            misdirected(&message.route, desk);
            return;
        }
        let Some(broker) = self.trusted(message).cloned() else {
            let what = if is_event { Token::Event } else { Token::Form };
            let about = Asked::read(message).map(|asked| format!("{}: {}", asked.node, asked.subscriber));
            forged(&message.route, what, about.unwrap_or_default(), desk);
            return;
        };
        if !is_event {
            self.authorization(message, &broker, desk);
            return;
        }
        let received = Utc::now();
        let delayed = delay::stamp(message.el, &broker, &self.server, received).map(|stamp| stamp.at);
        let collections = Headers::read(message).collections;
        for event in event::read(message) {
            let Some(node) = event.node() else { continue };
            let topic = self.topic(&broker, node);
            let (collections, repeated) = (collections.clone(), self.managed.is_repeated());
            self.event(event, Told { topic, collections, received, delayed, repeated }, desk, works);
        }
    }

    /// Something within which another stanza may travel: copies (XEP-0280), an archive's (XEP-0313), forwarded ones
    /// (XEP-0297). None of it was asked for, so none is ever unwrapped (row 6); who else but my own account sends such
    /// a thing pretends to be it.
    fn wrapped(&self, message: &Message<'_>, desk: &mut Desk) {
        const WRAPPERS: [&str; 3] = ["urn:xmpp:carbons:2", mam::NS, "urn:xmpp:forward:0"];
        let own = message.route.from.as_ref().is_none_or(|from| from.bare() == self.own.bare());
        if !own && message.el.children().any(|child| WRAPPERS.contains(&child.ns())) {
            forged(&message.route, Token::Wrapped, String::new(), desk);
        }
    }

    /// RFC 6121 §8.5: a server delivers only what is for us; another resource's stanza is a mistake or worse.
    pub(super) fn is_for_us(&self, route: &stanza::Route) -> bool {
        let us = |to: &Jid| *to == self.own || (to.resource().is_none() && to.bare() == self.own.bare());
        route.to.as_ref().is_none_or(us)
    }

    /// The broker that sent a message; `None` when it was somebody else, or something at the broker's address.
    pub(super) fn trusted<'a>(&self, message: &'a Message<'_>) -> Option<&'a BareJid> {
        let from = message.route.from.as_ref().filter(|from| from.resource().is_none())?;
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

    /// Somebody asks to read a topic of mine (XEP-0060 §8.6).
    fn authorization(&mut self, message: &Message<'_>, broker: &BareJid, desk: &mut Desk) {
        let Some(asked) = Asked::read(message) else { return };
        let topic = TopicId { broker: broker.clone(), node: asked.node.clone() };
        if !desk.directory.owns(&topic) {
            desk.seldom(Say::new("notice-not-owned").with("topic", name(&topic)));
            desk.unsound(Kind::Foreign, Some(&topic), &asked.subscriber.to_string(), Token::Form, String::new());
            // I may have become its owner: then asking makes the broker send the request again.
            self.doubt(Round::Poll(broker.clone()), desk);
            return;
        }
        self.asked_for(&topic, asked, desk);
    }
}

/// Stored items that were asked for.
fn stored(iq: &Iq<'_>, wanted: Wanted, desk: &mut Desk, works: &mut Vec<Work>) -> Result<Got, Error> {
    if let Some(error) = iq.error() {
        return Err(Error::from(error));
    }
    let (list, page) = answer::items(iq.payload()).ok_or_else(Error::unreadable_answer)?;
    let items = list.entries;
    let bytes = items.iter().filter_map(|item| item.payload.as_ref()).map(|payload| payload.bytes.len()).sum();
    let (tell, found) = oneshot::channel();
    let got = Got { items: items.len(), bytes, page, unreadable: list.unreadable, found };
    items.iter().for_each(|item| crowded(item, &wanted.topic, desk));
    let (topic, history, received) = (Arc::new(wanted.topic), wanted.history.of(got.page.is_some()), Utc::now());
    works.push(Work::Stored { topic, items, received, history, tell });
    Ok(got)
}

/// XEP-0060 §7.1 allows one payload; of more only the first is kept, and that is said.
pub(super) fn crowded(item: &Item, topic: &TopicId, desk: &mut Desk) {
    if item.crowded {
        desk.seldom(Say::new("notice-item-crowded").with("topic", name(topic)));
    }
}

/// Somebody pretends to be another.
fn forged(route: &stanza::Route, what: Token, about: String, desk: &mut Desk) {
    desk.seldom(Say::new("notice-forged").with("from", sender(route.from.as_ref())));
    let from = route.from.as_ref().map(ToString::to_string).unwrap_or_default();
    desk.unsound(Kind::Forged, None, &from, what, about);
}

/// What is for another is dropped (row 24).
fn misdirected(route: &stanza::Route, desk: &mut Desk) {
    desk.seldom(Say::new("notice-misdirected").with("from", sender(route.from.as_ref())));
}

/// A sender for a person.
fn sender(from: Option<&Jid>) -> String {
    from.map_or_else(|| "?".to_owned(), |from| text::line_within(&from.to_string(), 120))
}

/// A topic's name for a person.
pub(super) fn name(topic: &TopicId) -> String {
    text::line_within(&topic.node, 120)
}
