//! The provider of the fault test: publishes straight to the broker, knows what the broker confirmed, and after the
//! server's end publishes again what did not survive it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use gridwatch::model::coverage::Span;
use gridwatch::practice::random::Random;
use serde_json::json;

use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::server::{Account, Port};

/// A topic that is stored for who is away, and one whose events are headlines: both are kept by the broker.
pub const KEPT: [&str; 2] = ["alerts", "advisories"];
/// A topic of headlines that keeps only a few: what is missed there is truly lost.
pub const RING: &str = "ring";
/// How many.
pub const HOLDS: usize = 4;

/// An item that the broker confirmed.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Shortly before it was published, and when it was confirmed.
    pub span: Span,
    /// The server's store that had it is gone, and nobody could have fetched it before.
    pub lost: bool,
}

/// What the broker confirmed, by topic and id.
pub type Published = Arc<Mutex<BTreeMap<&'static str, BTreeMap<String, Item>>>>;

pub struct Provider {
    peer: Peer,
    account: Account,
    published: Published,
    next: u32,
    /// Items of the server's present store.
    stored: BTreeMap<&'static str, BTreeSet<String>>,
    /// Not confirmed: to be published again under the same id.
    doubt: Option<(&'static str, String, DateTime<Utc>)>,
}

impl Provider {
    pub fn new(server: &Ejabberd) -> Self {
        let account = Ejabberd::account("provider");
        let peer = Peer::login(server, &account, Port::StartTls);
        let mut provider =
            Self { peer, account, published: Arc::default(), next: 0, stored: BTreeMap::new(), doubt: None };
        provider.make();
        provider
    }

    pub fn published(&self) -> Published {
        Arc::clone(&self.published)
    }

    pub fn count(&self) -> usize {
        self.published.lock().unwrap().values().map(BTreeMap::len).sum()
    }

    /// Makes an account of the server.
    pub fn register(&mut self, server: &Ejabberd, account: &Account) {
        drop(Peer::login(server, account, Port::StartTls));
    }

    /// Makes the topics that are not there.
    fn make(&mut self) {
        for (node, notification, most) in
            [(KEPT[0], "normal", 20_000), (KEPT[1], "headline", 20_000), (RING, "headline", 4)]
        {
            let settings = json!({"access": "open", "notification": notification, "most": most});
            match self.peer.try_create(node, settings) {
                Ok(()) => {}
                Err(error) => assert_eq!(error, "conflict", "making {node}"),
            }
            // Something from before: in a topic that was empty, nothing can be known of what came and went.
            if self.stored.get(node).is_none_or(BTreeSet::is_empty) {
                self.publish_to(node).unwrap();
            }
        }
    }

    /// Publishes one report.
    pub fn publish(&mut self, random: &mut Random) {
        self.try_publish(random).unwrap();
    }

    /// Publishes until the server is gone.
    pub fn publish_until_gone(&mut self, random: &mut Random) {
        while self.try_publish(random).is_ok() {}
    }

    fn try_publish(&mut self, random: &mut Random) -> Result<(), String> {
        match self.doubt.take() {
            Some((node, id, from)) => self.send(node, id, from),
            None => self.publish_to(random.weighted(&[(KEPT[0], 6), (KEPT[1], 3), (RING, 1)])),
        }
    }

    fn publish_to(&mut self, node: &'static str) -> Result<(), String> {
        self.next += 1;
        self.send(node, format!("n{:05}", self.next), Utc::now())
    }

    fn send(&mut self, node: &'static str, id: String, from: DateTime<Utc>) -> Result<(), String> {
        let result = self.peer.try_publish(node, &id, "Of the fault test");
        if result.is_ok() {
            let item = Item { span: Span::new(from, Utc::now()), lost: false };
            let _ = self.stored.entry(node).or_default().insert(id.clone());
            let _ = self.published.lock().unwrap().entry(node).or_default().insert(id, item);
        } else {
            self.doubt = Some((node, id, from));
        }
        result
    }

    /// Publishes what nobody will ever get: all consoles are away, and the server is about to lose its store.
    pub fn publish_in_vain(&mut self, random: &mut Random, count: usize) {
        let before = self.published.lock().unwrap().clone();
        for _ in 0..count {
            self.publish(random);
        }
        for (node, items) in self.published.lock().unwrap().iter_mut() {
            let known = before.get(node);
            for (id, item) in items {
                item.lost |= known.is_none_or(|known| !known.contains_key(id));
            }
        }
        self.stored.clear();
    }

    /// The server is back: what it lost of what it should have is published again.
    pub fn back(&mut self, server: &Ejabberd) {
        self.peer = Peer::login(server, &self.account, Port::StartTls);
        self.witness();
        self.make();
        let _ = self.settle();
    }

    /// The full topic holds the newest that the broker confirmed: else nothing could be judged by it.
    fn witness(&mut self) {
        let Some(stored) = self.stored.get(RING).filter(|stored| !stored.is_empty()) else { return };
        let there: BTreeSet<String> = self.peer.ids(RING).into_iter().collect();
        // One that was never confirmed may have taken the place of the oldest, whether it then got there or not: this broker
        // makes room and fills it in two steps.
        let doubted = self.doubt.iter().filter(|(node, ..)| *node == RING).count();
        // Ids are numbered in the order of publishing.
        let kept = stored.iter().rev().take(HOLDS - doubted).all(|id| there.contains(id));
        let known = |id: &String| stored.contains(id) || self.doubt.iter().any(|(_, doubted, _)| doubted == id);
        assert!(
            kept && there.len() <= HOLDS && there.iter().all(known),
            "the broker does not keep what it confirmed: {there:?} of {stored:?}, in doubt {:?}",
            self.doubt
        );
    }

    /// Publishes again what the broker has lost since it confirmed it: a server that was killed loses things late. How many.
    pub fn settle(&mut self) -> usize {
        let mut lost = 0;
        for node in KEPT {
            let there: BTreeSet<String> = self.peer.ids(node).into_iter().collect();
            for id in self.stored.entry(node).or_default().difference(&there) {
                self.peer.publish(node, id, "Of the fault test");
                lost += 1;
            }
        }
        lost
    }
}
