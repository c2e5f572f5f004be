//! What the engine knows of a broker's topics and of this account on them (RFC 8600 §5).
//!
//! Pure: answers go in, the list for the window comes out. May use `model`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::owned::Said;
use crate::model::{Affiliation, BareJid, Jid, Keeping, Membership, Topic, TopicId};

/// A subscription as the broker lists it. A topic can have several of one account: bare and full JID are separate
/// (`engine.md` §4), and each must be ended by its exact JID and subid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub jid: Jid,
    pub subid: Option<String>,
    pub pending: bool,
}

#[derive(Debug)]
struct Entry {
    topic: Topic,
    held: Vec<Held>,
    /// Seen in the walk that is going on.
    walked: bool,
}

/// Topics of one broker, whatever it names one after the other; more than a walk meets.
const MOST: usize = 250_000;

/// The directory. Topics leave it only when a finished walk did not meet them and this account holds nothing there.
#[derive(Debug, Default)]
pub struct Directory {
    topics: BTreeMap<TopicId, Entry>,
    /// How many of each broker.
    counts: HashMap<BareJid, usize>,
}

impl Directory {
    /// The topic, known from now on; `None` when its broker has named too many.
    fn entry(&mut self, id: &TopicId) -> Option<&mut Entry> {
        if !self.topics.contains_key(id) {
            let count = self.counts.entry(id.broker.clone()).or_default();
            if *count >= MOST {
                return None;
            }
            *count += 1;
        }
        Some(self.topics.entry(id.clone()).or_insert_with(|| Entry {
            topic: Topic::bare(id.clone()),
            held: Vec::new(),
            walked: false,
        }))
    }

    /// A walk over this broker's topics begins: none has been met yet.
    pub fn walk(&mut self, broker: &BareJid) {
        for entry in self.topics.values_mut().filter(|entry| &entry.topic.id.broker == broker) {
            entry.walked = false;
        }
    }

    /// disco#items named a topic.
    pub fn met(&mut self, id: &TopicId, name: Option<String>) {
        let Some(entry) = self.entry(id) else { return };
        entry.walked = true;
        if entry.topic.title.is_none() {
            entry.topic.title = name;
        }
    }

    /// disco#info described a topic; what this account is on it stays as known.
    pub fn described(&mut self, described: Topic) {
        let Some(entry) = self.entry(&described.id) else { return };
        let known = std::mem::replace(&mut entry.topic, described);
        entry.topic.title = entry.topic.title.take().or(known.title);
        entry.topic.keeping = known.keeping.told(&entry.topic.keeping);
        entry.topic.max_payload = entry.topic.max_payload.or(known.max_payload);
        entry.topic.affiliation = known.affiliation;
        entry.topic.membership = known.membership;
        entry.topic.said = known.said;
        entry.walked = true;
    }

    /// How a topic is set up became known.
    pub fn configured(&mut self, id: &TopicId, change: impl FnOnce(&mut Topic)) {
        if let Some(entry) = self.entry(id) {
            change(&mut entry.topic);
        }
    }

    /// What its stored items showed of how they are kept. Whether that is new.
    pub fn kept(&mut self, id: &TopicId, seen: Keeping) -> bool {
        let Some(entry) = self.entry(id) else { return false };
        let keeping = &mut entry.topic.keeping;
        let Keeping { stores, most, pages, bare, named } = keeping.clone();
        let now = Keeping {
            stores: seen.stores.or(stores),
            most,
            pages: seen.pages.or(pages),
            bare,
            named: seen.named.or(named),
        };
        std::mem::replace(keeping, now) != *keeping
    }

    /// A topic could not be described; it is listed with the reason.
    pub fn troubled(&mut self, id: &TopicId, trouble: crate::model::Say) {
        if let Some(entry) = self.entry(id) {
            entry.topic.trouble = Some(trouble);
        }
    }

    /// The walk over this broker's topics ended; if it was `complete`, topics that it did not meet are dropped. Returns
    /// those it did not meet though this account is something there, which are kept: lists are cut short (`engine.md`
    /// §4) and hide topics, so that is yet to be asked.
    pub fn walked(&mut self, broker: &BareJid, complete: bool) -> Vec<TopicId> {
        let mine = |entry: &Entry| !entry.held.is_empty() || entry.topic.affiliation != Affiliation::None;
        let unmet = |entry: &Entry| !entry.walked && &entry.topic.id.broker == broker;
        if complete {
            self.topics.retain(|_, entry| !unmet(entry) || mine(entry));
            let left = self.topics.keys().filter(|id| &id.broker == broker).count();
            let _ = self.counts.insert(broker.clone(), left);
        }
        self.topics.iter().filter(|(_, entry)| unmet(entry) && mine(entry)).map(|(id, _)| id.clone()).collect()
    }

    /// The broker's whole list of this account's subscriptions. It is the truth: what it does not name is not held;
    /// a refusal once seen stays seen until there is something newer.
    pub fn subscriptions(&mut self, broker: &BareJid, list: Vec<(TopicId, Held)>) {
        for entry in self.topics.values_mut().filter(|entry| &entry.topic.id.broker == broker) {
            entry.held.clear();
        }
        for (id, held) in list {
            if let Some(entry) = self.entry(&id) {
                entry.held.push(held);
            }
        }
        for entry in self.topics.values_mut().filter(|entry| &entry.topic.id.broker == broker) {
            entry.topic.membership = membership(&entry.held, entry.topic.membership);
            entry.topic.keeping.bare = bare(&entry.held);
        }
    }

    /// One subscription changed (answer to a request, or an event confirmed by the broker).
    pub fn hold(&mut self, id: &TopicId, held: Held) {
        let Some(entry) = self.entry(id) else { return };
        if held.pending {
            // What was said was about an earlier request.
            entry.topic.said = None;
        }
        entry.held.retain(|other| other.jid != held.jid || other.subid != held.subid);
        entry.held.push(held);
        entry.topic.membership = membership(&entry.held, entry.topic.membership);
        entry.topic.keeping.bare = bare(&entry.held);
    }

    /// Nothing is held any more; `denied` when the owner or the broker said no.
    pub fn release(&mut self, id: &TopicId, denied: bool) {
        let Some(entry) = self.entry(id) else { return };
        entry.held.clear();
        entry.topic.membership = if denied { Membership::Denied } else { Membership::None };
    }

    /// Somebody said something about my access to a topic. True when it is new.
    pub fn said(&mut self, said: Said) -> bool {
        let Some(entry) = self.topics.get_mut(&said.topic) else { return false };
        let known = entry.topic.said.as_ref();
        // Whoever may be no owner takes no other's words away.
        if known.is_some() && !said.owner {
            return false;
        }
        if known.is_some_and(|known| (known.act, &known.from, &known.note) == (said.act, &said.from, &said.note)) {
            return false;
        }
        entry.topic.said = Some(said);
        true
    }

    /// The topic is gone.
    pub fn forget(&mut self, id: &TopicId) {
        if self.topics.remove(id).is_some()
            && let Some(count) = self.counts.get_mut(&id.broker)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// The broker's whole list of this account's affiliations.
    pub fn affiliations(&mut self, broker: &BareJid, list: Vec<(TopicId, Affiliation)>) {
        for entry in self.topics.values_mut().filter(|entry| &entry.topic.id.broker == broker) {
            entry.topic.affiliation = Affiliation::None;
        }
        for (id, affiliation) in list {
            if let Some(entry) = self.entry(&id) {
                entry.topic.affiliation = affiliation;
            }
        }
    }

    #[must_use]
    pub fn get(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.get(id).map(|entry| &entry.topic)
    }

    /// Whether any topic of this broker is known.
    #[must_use]
    pub fn lists(&self, broker: &BareJid) -> bool {
        self.counts.get(broker).is_some_and(|count| *count > 0)
    }

    /// The exact subscriptions to end when leaving a topic.
    #[must_use]
    pub fn held(&self, id: &TopicId) -> &[Held] {
        self.topics.get(id).map_or(&[], |entry| &entry.held)
    }

    /// Whether events of this topic are ours to show: only while subscribed.
    #[must_use]
    pub fn subscribed(&self, id: &TopicId) -> bool {
        self.get(id).is_some_and(|topic| topic.membership == Membership::Subscribed)
    }

    #[must_use]
    pub fn owns(&self, id: &TopicId) -> bool {
        self.get(id).is_some_and(|topic| topic.affiliation == Affiliation::Owner)
    }

    /// Topics I am subscribed to.
    pub fn mine(&self) -> impl Iterator<Item = &TopicId> {
        self.topics.iter().filter(|(_, e)| e.topic.membership == Membership::Subscribed).map(|(id, _)| id)
    }

    /// Topics of this broker where my request waits for the owner.
    #[must_use]
    pub fn waiting(&self, broker: &BareJid) -> Vec<TopicId> {
        let waits = |topic: &&Topic| topic.membership == Membership::Pending && topic.id.broker == *broker;
        self.topics.values().map(|entry| &entry.topic).filter(waits).map(|topic| topic.id.clone()).collect()
    }

    /// Topics I own.
    pub fn owned(&self) -> impl Iterator<Item = &TopicId> {
        self.topics.iter().filter(|(_, e)| e.topic.affiliation == Affiliation::Owner).map(|(id, _)| id)
    }

    /// The list for the window, by broker and node.
    #[must_use]
    pub fn list(&self) -> Arc<[Topic]> {
        self.topics.values().map(|entry| entry.topic.clone()).collect()
    }
}

/// Whether the account itself is subscribed, where anything is.
fn bare(held: &[Held]) -> Option<bool> {
    (!held.is_empty()).then(|| held.iter().any(|held| held.jid.resource().is_none()))
}

fn membership(held: &[Held], before: Membership) -> Membership {
    if held.iter().any(|held| !held.pending) {
        Membership::Subscribed
    } else if !held.is_empty() {
        Membership::Pending
    } else if before == Membership::Denied {
        Membership::Denied
    } else {
        Membership::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(node: &str) -> TopicId {
        TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.into() }
    }

    fn held(jid: &str, subid: &str, pending: bool) -> Held {
        Held { jid: jid.parse().unwrap(), subid: Some(subid.into()), pending }
    }

    fn state(directory: &Directory, node: &str) -> Membership {
        directory.get(&id(node)).map_or(Membership::None, |topic| topic.membership)
    }

    #[test]
    fn asking_waiting_and_the_two_answers() {
        let mut directory = Directory::default();
        directory.met(&id("MILEHost"), Some("MILE Host Data".into()));
        directory.hold(&id("MILEHost"), held("a@b.example", "1", true));
        assert_eq!(state(&directory, "MILEHost"), Membership::Pending);
        assert!(!directory.subscribed(&id("MILEHost")));
        directory.hold(&id("MILEHost"), held("a@b.example", "1", false));
        assert!(directory.subscribed(&id("MILEHost")));
        assert_eq!(directory.held(&id("MILEHost")).len(), 1, "the answer replaced the request");
        directory.release(&id("MILEHost"), true);
        assert_eq!(state(&directory, "MILEHost"), Membership::Denied);
        // The broker's list does not name refusals; ours is not forgotten by reading it.
        directory.subscriptions(&"broker.grid.example".parse().unwrap(), vec![]);
        assert_eq!(state(&directory, "MILEHost"), Membership::Denied);
    }

    #[test]
    fn the_brokers_list_is_the_truth() {
        let broker = "broker.grid.example".parse().unwrap();
        let mut directory = Directory::default();
        directory.hold(&id("gone"), held("a@b.example", "1", false));
        directory.subscriptions(
            &broker,
            vec![(id("two"), held("a@b.example", "2", true)), (id("two"), held("a@b.example/desk", "3", false))],
        );
        assert_eq!(state(&directory, "gone"), Membership::None);
        assert_eq!(state(&directory, "two"), Membership::Subscribed, "one of two subscriptions stands");
        assert_eq!(directory.held(&id("two")).len(), 2);
    }

    #[test]
    fn a_walk_drops_what_vanished_but_not_what_is_mine() {
        let mut directory = Directory::default();
        for node in ["stays", "vanishes", "mine"] {
            directory.met(&id(node), None);
        }
        directory.hold(&id("mine"), held("a@b.example", "1", false));
        let broker: BareJid = "broker.grid.example".parse().unwrap();
        let elsewhere = TopicId { broker: "other.grid.example".parse().unwrap(), node: "elsewhere".into() };
        directory.met(&elsewhere, None);
        directory.walk(&broker);
        directory.met(&id("stays"), None);
        assert_eq!(directory.walked(&broker, false), vec![id("mine")]);
        assert!(directory.get(&id("vanishes")).is_some(), "the list was not read to its end");
        assert_eq!(directory.walked(&broker, true), vec![id("mine")]);
        assert!(directory.get(&id("vanishes")).is_none());
        assert!(directory.get(&id("stays")).is_some());
        assert!(directory.get(&elsewhere).is_some(), "another broker's");
    }

    #[test]
    fn a_broker_that_names_ever_new_topics_is_not_believed_for_ever() {
        let mut directory = Directory::default();
        for number in 0..MOST + 10 {
            directory.met(&id(&number.to_string()), None);
        }
        directory.affiliations(&id("x").broker, vec![(id("x"), Affiliation::Owner)]);
        assert_eq!(directory.list().len(), MOST);
        let elsewhere = TopicId { broker: "other.grid.example".parse().unwrap(), node: "feed".into() };
        directory.hold(&elsewhere, held("a@b.example", "1", false));
        assert!(directory.subscribed(&elsewhere) && directory.get(&id("0")).is_some());
        // What is gone makes room.
        directory.walk(&id("x").broker);
        let _ = directory.walked(&id("x").broker, true);
        directory.met(&id("x"), None);
        assert!(directory.get(&id("x")).is_some());
    }

    #[test]
    fn a_description_keeps_what_i_am() {
        let mut directory = Directory::default();
        directory.affiliations(&"broker.grid.example".parse().unwrap(), vec![(id("x"), Affiliation::Owner)]);
        directory.met(&id("x"), Some("Name of the item".into()));
        directory.described(Topic::bare(id("x")));
        assert!(directory.owns(&id("x")));
        assert_eq!(directory.get(&id("x")).unwrap().title.as_deref(), Some("Name of the item"));
    }
}
