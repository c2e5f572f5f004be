//! One console of the fault test, behind a wire of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use gridwatch::engine::{Command, Connection, Options};
use gridwatch::model::{Membership, Tls, TopicId};
use gridwatch::practice::random::Random;

use super::provider::{KEPT, Published, RING};
use crate::support::console::Console;
use crate::support::peer::BROKER;
use crate::support::proxy::{Fault, Proxy};
use crate::support::server::{Account, console_at};

/// Longest wait for the console to be in order again: a guard against hanging.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the lanes and the one who ends the server know of each other.
#[derive(Default)]
pub struct Orders {
    struck: AtomicU32,
    over: AtomicBool,
}

impl Orders {
    /// Faults so far.
    pub fn struck(&self) -> u32 {
        self.struck.load(Ordering::SeqCst)
    }

    /// Nothing is published any more.
    pub fn stop(&self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

pub struct Lane {
    name: String,
    console: Console,
    proxy: Proxy,
    published: Published,
    random: Random,
    schedule: Vec<String>,
}

fn topic(node: &str) -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() }
}

/// Quick to notice and to come again, else a thousand faults would take the day. What it says of waits is the person's
/// impatience: whoever waits is told to try now.
fn options() -> Options {
    Options {
        silence: Duration::from_millis(500),
        answer: Duration::from_millis(1_500),
        stuck: Duration::from_secs(5),
        ..Options::default()
    }
}

impl Lane {
    pub fn new(account: &Account, port: u16, authority: PathBuf, published: Published, seed: u64) -> Self {
        let proxy = Proxy::start(port);
        let mut console = Console::start(options());
        console.connect(console_at(proxy.port(), authority, account, Tls::StartTls));
        let _ = console.until_online();
        for node in KEPT.into_iter().chain([RING]) {
            console.until("the topic", |console| console.topic(&topic(node)).map(drop));
            let _ = console.subscribe(&topic(node)).unwrap();
            let _ = console.until_membership(&topic(node), Membership::Subscribed);
        }
        Self { name: account.jid.clone(), console, proxy, published, random: Random::new(seed), schedule: Vec::new() }
    }

    /// Has `count` faults befall the wire.
    pub fn suffer(&mut self, count: u32, orders: &Orders) {
        for _ in 0..count {
            // Most faults meet a session, some a login under way.
            if self.random.chance(70) {
                self.until("being online", |lane| matches!(lane.console.connection, Connection::Online(_)));
            } else {
                self.until("a connection", |lane| lane.proxy.standing() > 0);
            }
            let pause = Duration::from_millis(u64::from(self.random.below(400)));
            let _ = self.console.within(pause, |console| tend(console).then_some(()));
            let fault = Fault::random(&mut self.random);
            self.schedule.push(format!("{pause:?} {fault:?}"));
            self.proxy.strike(fault);
            let _ = orders.struck.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The wire is sound again: waits until all that was published is here, and holds what is here against it.
    pub fn finish(&mut self, orders: &Orders) {
        self.until("the provider's end", |_| orders.over.load(Ordering::SeqCst));
        self.proxy.clear();
        let published = self.published.lock().unwrap().clone();
        let level = |lane: &Self| {
            let held = lane.held();
            KEPT.iter().all(|node| {
                let wanted = published.get(node).map_or(0, BTreeSet::len);
                held.get(*node).map_or(0, BTreeMap::len) >= wanted
            })
        };
        self.until("all that was published", level);
        let held = self.held();
        for (node, wanted) in &published {
            let empty = BTreeMap::new();
            let have = held.get(*node).unwrap_or(&empty);
            let strange: Vec<_> = have.keys().filter(|id| !wanted.contains(*id)).collect();
            let twice: Vec<_> = have.iter().filter(|(_, count)| **count != 1).collect();
            assert!(strange.is_empty(), "{}: {node} holds what nobody published: {strange:?}", self.story());
            if KEPT.contains(node) {
                assert!(twice.is_empty(), "{}: {node} holds items more than once: {twice:?}", self.story());
                assert_eq!(have.len(), wanted.len(), "{}: {node}", self.story());
            }
        }
    }

    /// How many rows there are of each item, by topic.
    fn held(&self) -> BTreeMap<String, BTreeMap<String, u32>> {
        let mut held: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for row in self.console.rows() {
            *held.entry(row.key.topic.node.clone()).or_default().entry(row.key.item.0.clone()).or_default() += 1;
        }
        held
    }

    fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let end = std::time::Instant::now() + PATIENCE;
        while !wanted(self) {
            assert!(std::time::Instant::now() < end, "{}: waited in vain for {what}: {}", self.story(), self.state());
            let _ = self.console.within(Duration::from_millis(20), |console| tend(console).then_some(()));
        }
    }

    fn state(&self) -> String {
        let published = self.published.lock().unwrap();
        let held = self.held();
        let missing: BTreeMap<&str, Vec<&String>> = published
            .iter()
            .map(|(node, wanted)| {
                let have = held.get(*node);
                (*node, wanted.iter().filter(|id| have.is_none_or(|have| !have.contains_key(*id))).collect())
            })
            .collect();
        format!(
            "{:?}; {} connections; missing {missing:?}; notices {:?}; topics {:?}",
            self.console.connection,
            self.proxy.standing(),
            self.console.notices,
            self.console.topics,
        )
    }

    fn story(&self) -> String {
        format!("{} after {:?}", self.name, self.schedule)
    }
}

/// Whoever waits is told to try now. Never true: for a wait that only tends.
fn tend(console: &Console) -> bool {
    match &console.connection {
        Connection::Waiting { .. } => console.send(Command::RetryNow),
        // A server that goes or comes refuses the right password for a moment.
        Connection::Stopped { cause } if cause.say().key == "error-sasl-not-authorized" => {
            console.send(Command::RetryNow);
        }
        Connection::Stopped { cause } => panic!("stopped: {cause:?}"),
        _ => {}
    }
    false
}
