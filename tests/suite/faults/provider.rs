//! The provider of the fault test: publishes straight to the broker, knows what the broker confirmed, and after the
//! server's end publishes again what did not survive it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gridwatch::practice::random::Random;
use serde_json::json;

use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::server::{Account, Port};

/// A topic that is stored for who is away, and one whose events are headlines: both are kept by the broker.
pub const KEPT: [&str; 2] = ["alerts", "advisories"];
/// A topic of headlines that keeps only a few: what is missed there is truly lost.
pub const RING: &str = "ring";

/// What the broker confirmed, by topic.
pub type Published = Arc<Mutex<BTreeMap<&'static str, BTreeSet<String>>>>;

pub struct Provider {
    peer: Peer,
    account: Account,
    published: Published,
    next: u32,
    /// Not confirmed: to be published again under the same id.
    doubt: Option<(&'static str, String)>,
}

impl Provider {
    pub fn new(server: &Ejabberd) -> Self {
        let account = Ejabberd::account("provider");
        let peer = Peer::login(server, &account, Port::StartTls);
        let mut provider = Self { peer, account, published: Arc::default(), next: 0, doubt: None };
        provider.make();
        provider
    }

    pub fn published(&self) -> Published {
        Arc::clone(&self.published)
    }

    pub fn count(&self) -> usize {
        self.published.lock().unwrap().values().map(BTreeSet::len).sum()
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
        let (node, id) = self.doubt.take().unwrap_or_else(|| {
            self.next += 1;
            let node = random.weighted(&[(KEPT[0], 6), (KEPT[1], 3), (RING, 1)]);
            (node, format!("n{:05}", self.next))
        });
        let result = self.peer.try_publish(node, &id, "Of the fault test");
        if result.is_ok() {
            let _ = self.published.lock().unwrap().entry(node).or_default().insert(id);
        } else {
            self.doubt = Some((node, id));
        }
        result
    }

    /// The server is back: what it lost of what it had confirmed is published again.
    pub fn back(&mut self, server: &Ejabberd) {
        self.peer = Peer::login(server, &self.account, Port::StartTls);
        self.make();
        for node in KEPT {
            let stored: BTreeSet<String> = self.peer.ids(node).into_iter().collect();
            let confirmed = self.published.lock().unwrap().get(node).cloned().unwrap_or_default();
            for id in confirmed.difference(&stored) {
                self.peer.publish(node, id, "Of the fault test");
            }
        }
    }
}
