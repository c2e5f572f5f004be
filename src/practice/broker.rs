//! The practice broker: publish-subscribe (XEP-0060) as RFC 8600 uses it, as a pure state machine: a stanza in, stanzas
//! out. It knows no sockets and no clock.
//!
//! Where real servers fall short it does what the specifications say: RSM (XEP-0059) on all lists, the publisher named
//! on every item, a revoked reader receives nothing more, publishing to a topic that does not exist is refused.

mod disco;
pub mod node;
mod options;
mod owner;
pub(super) mod payload;
mod requests;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::answer::{self, Outgoing, Refusal, Reply};
use super::random::Random;
use crate::model::{Affiliation, BareJid, Jid};
use crate::xmpp::xml::{El, Writer};
use crate::xmpp::{command, disco as discovery, ping, pubsub};
use node::{Config, Item, Node, State, Subscription};

/// A subscription that waits for an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub node: String,
    pub subscriber: Jid,
    pub since: DateTime<Utc>,
}

/// The broker's state.
#[derive(Debug)]
pub struct Broker {
    jid: BareJid,
    /// In the order disco lists them.
    nodes: Vec<Node>,
    /// Where each stands there, by name.
    places: HashMap<String, usize>,
    random: Random,
}

/// One request being worked on: who asks, when, and what others are to be told of it.
struct Turn<'a> {
    from: &'a Jid,
    now: DateTime<Utc>,
    told: Vec<Outgoing>,
}

impl Broker {
    #[must_use]
    pub fn new(jid: BareJid, random: Random) -> Self {
        Self { jid, nodes: Vec::new(), places: HashMap::new(), random }
    }

    #[must_use]
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Takes a stanza that `from` sent. The answer comes first, then what others are told.
    pub fn handle(&mut self, from: &Jid, stanza: El<'_>, now: DateTime<Utc>) -> Vec<Outgoing> {
        let mut turn = Turn { from, now, told: Vec::new() };
        match stanza.name() {
            "iq" => {
                let answer = self.iq(&mut turn, stanza);
                answer.into_iter().chain(turn.told).collect()
            }
            "message" => {
                self.message(&mut turn, stanza);
                turn.told
            }
            _ => Vec::new(),
        }
    }

    fn iq(&mut self, turn: &mut Turn<'_>, iq: El<'_>) -> Option<Outgoing> {
        let kind = iq.attr("type")?;
        let (id, set) = (iq.attr("id")?, kind == "set");
        if !set && kind != "get" {
            return None;
        }
        let reply = match iq.children().next() {
            Some(child) => self.request(turn, child, set),
            None => Err(Refusal::BAD_REQUEST),
        };
        answer::iq(Some(&self.jid), turn.from, &id, &reply)
    }

    fn request(&mut self, turn: &mut Turn<'_>, child: El<'_>, set: bool) -> Reply {
        match (child.ns(), child.name(), set) {
            (discovery::INFO_NS, "query", false) => self.info(child),
            (discovery::ITEMS_NS, "query", false) => self.list(turn, child),
            (pubsub::NS, "pubsub", _) => self.pubsub(turn, child, set),
            (pubsub::OWNER_NS, "pubsub", _) => self.owner(turn, child, set),
            (command::NS, "command", true) => self.command(turn, child),
            (ping::NS, "ping", false) => Ok(Vec::new()),
            _ => Err(Refusal::UNKNOWN),
        }
    }

    fn find(&self, name: &str) -> Result<&Node, Refusal> {
        self.places.get(name).and_then(|place| self.nodes.get(*place)).ok_or(Refusal::NOT_FOUND)
    }

    fn find_mut(&mut self, name: &str) -> Result<&mut Node, Refusal> {
        self.places.get(name).and_then(|place| self.nodes.get_mut(*place)).ok_or(Refusal::NOT_FOUND)
    }

    fn add(&mut self, node: Node) {
        let _ = self.places.insert(node.name.clone(), self.nodes.len());
        self.nodes.push(node);
    }

    fn remove(&mut self, name: &str) {
        self.nodes.retain(|node| node.name != name);
        self.places = self.nodes.iter().enumerate().map(|(place, node)| (node.name.clone(), place)).collect();
    }

    /// Tells every subscriber of a node of an event.
    fn tell(&self, turn: &mut Turn<'_>, name: &str, inside: impl Fn(&mut Writer)) {
        let Ok(node) = self.find(name) else { return };
        for jid in node.audience() {
            turn.told.extend(answer::message(&self.jid, jid, node.config.lasting(), |w| {
                let _ = w.open_ns("event", pubsub::EVENT_NS);
                inside(w);
                let _ = w.close();
            }));
        }
    }

    /// Stores an item and tells the subscribers, with exactly the payload's bytes.
    fn store(&mut self, turn: &mut Turn<'_>, name: &str, item: Item) -> Result<(), Refusal> {
        let node = self.find_mut(name)?;
        let most = node.config.max_items;
        node.items.put(item.clone(), most);
        self.tell(turn, name, |w| {
            let _ = w.open("items").attr("node", name);
            write_item(w, &item);
            let _ = w.close();
        });
        Ok(())
    }

    /// Tells one subscriber of a change of its subscription (XEP-0060 §8.6, §8.8.4).
    fn tell_subscriber(&self, turn: &mut Turn<'_>, node: &str, jid: &Jid, state: &str) {
        turn.told.extend(answer::message(&self.jid, jid, true, |w| {
            let _ = w.open_ns("event", pubsub::EVENT_NS).open("subscription").attr("node", node);
            let _ = w.attr("jid", &jid.to_string()).attr("subscription", state).close().close();
        }));
    }

    /// Adds a subscription, or finds the one there is.
    fn enter(&mut self, turn: &mut Turn<'_>, name: &str, jid: &Jid, state: State) -> Result<Subscription, Refusal> {
        let subid = self.random.uuid();
        let node = self.find_mut(name)?;
        if let Some(own) = node.subscriptions.iter_mut().find(|own| own.jid == *jid) {
            if own.state == State::Pending && state == State::Pending {
                return Err(Refusal::NOT_AUTHORIZED.special("pending-subscription"));
            }
            own.state = state;
            return Ok(own.clone());
        }
        let own = Subscription { jid: jid.clone(), subid, state, since: turn.now, deliver: true };
        node.subscriptions.push(own.clone());
        if state == State::Pending {
            let owners: Vec<Jid> = node.with(&Affiliation::Owner).cloned().map(Jid::from).collect();
            for owner in owners {
                turn.told.extend(self.authorization(&owner, name, &own));
            }
        }
        Ok(own)
    }

    /// Decides about a waiting subscription. `None` when nothing waits.
    fn settle(&mut self, turn: &mut Turn<'_>, name: &str, jid: &Jid, allow: bool) -> Option<()> {
        let node = self.find_mut(name).ok()?;
        let at = node.subscriptions.iter().position(|own| own.jid == *jid && own.state == State::Pending)?;
        if allow {
            node.subscriptions.get_mut(at)?.state = State::Subscribed;
        } else {
            let _ = node.subscriptions.remove(at);
        }
        self.tell_subscriber(turn, name, jid, if allow { "subscribed" } else { "none" });
        Some(())
    }
}

/// What the grid does by itself: the world's history, its bots, the people who are not there.
impl Broker {
    /// Makes a topic, unless there is one of that name.
    pub fn create(&mut self, name: &str, config: Config, owner: BareJid) {
        if self.find(name).is_err() {
            self.add(Node::new(name, config, owner));
        }
    }

    pub fn affiliate(&mut self, name: &str, who: BareJid, affiliation: Affiliation) {
        if let Ok(node) = self.find_mut(name) {
            let _ = node.affiliations.entry(who).or_insert(affiliation);
        }
    }

    /// Subscribes `who`, or asks the owners where the topic wants that.
    pub fn ask(&mut self, name: &str, who: &BareJid, now: DateTime<Utc>) -> Vec<Outgoing> {
        let jid = Jid::from(who.clone());
        let mut turn = Turn { from: &jid, now, told: Vec::new() };
        if let Ok(state) = self.find(name).and_then(|node| node.subscribing(who)) {
            let _ = self.enter(&mut turn, name, &jid, state);
        }
        turn.told
    }

    /// Publishes as `publisher`, who need not be connected.
    pub fn publish(
        &mut self,
        name: &str,
        id: &str,
        publisher: &BareJid,
        payload: Arc<[u8]>,
        now: DateTime<Utc>,
    ) -> Vec<Outgoing> {
        let jid = Jid::from(publisher.clone());
        let mut turn = Turn { from: &jid, now, told: Vec::new() };
        let item = Item { id: id.to_owned(), publisher: publisher.clone(), payload };
        let _ = self.store(&mut turn, name, item);
        turn.told
    }

    /// Retracts an item in the name of its publisher.
    pub fn retract(&mut self, name: &str, id: &str, now: DateTime<Utc>) -> Vec<Outgoing> {
        let jid = Jid::from(self.jid.clone());
        let mut turn = Turn { from: &jid, now, told: Vec::new() };
        if self.find_mut(name).is_ok_and(|node| node.items.remove(id).is_some()) {
            self.tell_retracted(&mut turn, name, id);
        }
        turn.told
    }

    /// All requests that wait for `owner`.
    pub fn waiting(&self, owner: &BareJid) -> Vec<Waiting> {
        let owned = self.nodes.iter().filter(|node| node.is_owner(owner));
        let waits = |node: &Node| {
            let pending = node.subscriptions.iter().filter(|own| own.state == State::Pending);
            let waiting =
                |own: &Subscription| Waiting { node: node.name.clone(), subscriber: own.jid.clone(), since: own.since };
            pending.map(waiting).collect::<Vec<_>>()
        };
        owned.flat_map(waits).collect()
    }

    /// Decides about a request, as its owner would.
    pub fn decide(&mut self, name: &str, subscriber: &Jid, allow: bool, now: DateTime<Utc>) -> Vec<Outgoing> {
        let mut turn = Turn { from: subscriber, now, told: Vec::new() };
        let _ = self.settle(&mut turn, name, subscriber, allow);
        turn.told
    }

    /// A topic with all that is set of it.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.find(name).ok()
    }

    /// How many may read a topic's events right now.
    #[must_use]
    pub fn subscribers(&self, name: &str) -> Vec<Jid> {
        self.find(name).map(|node| node.audience().cloned().collect()).unwrap_or_default()
    }

    /// The stored items' ids and payloads, oldest first.
    #[must_use]
    pub fn stored(&self, name: &str) -> Vec<(String, Arc<[u8]>)> {
        let items = |node: &Node| node.items.iter().map(|item| (item.id.clone(), item.payload.clone())).collect();
        self.find(name).map(items).unwrap_or_default()
    }
}

fn write_item(w: &mut Writer, item: &Item) {
    let _ = w.open("item").attr("id", &item.id).attr("publisher", &item.publisher.to_string());
    let _ = w.raw(&item.payload).close();
}
