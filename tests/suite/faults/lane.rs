//! One console of the fault test, behind a wire of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::engine::{Command, Connection, Options};
use gridwatch::model::coverage::{Gap, Standing};
use gridwatch::model::{Membership, Tls, TopicId};
use gridwatch::practice::random::Random;

use super::provider::{HOLDS, Item, KEPT, Published, RING};
use crate::support::console::Console;
use crate::support::peer::BROKER;
use crate::support::proxy::{Fault, Proxy};
use crate::support::server::{Account, console_at};

/// Longest wait for the console to be in order again: a guard against hanging. A request whose answer is lost is asked again
/// after half a minute, and there may be several in a row.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the lanes and the one who ends the server know of each other.
#[derive(Default)]
pub struct Orders {
    struck: AtomicU32,
    allowed: AtomicU32,
    /// All are to be level, and then away.
    away: AtomicBool,
    gone: AtomicU32,
    over: AtomicBool,
}

impl Orders {
    /// Faults so far.
    pub fn struck(&self) -> u32 {
        self.struck.load(Ordering::SeqCst)
    }

    /// How many there may be until told otherwise.
    pub fn allow(&self, faults: u32) {
        self.allowed.store(faults, Ordering::SeqCst);
    }

    /// Whether a lane may go on, or has an order to follow first.
    fn goes_on(&self) -> bool {
        self.struck() < self.allowed.load(Ordering::SeqCst) || self.is_away()
    }

    fn is_away(&self) -> bool {
        self.away.load(Ordering::SeqCst)
    }

    /// Has all consoles come level and go away; nothing may be published meanwhile.
    pub fn leave(&self) {
        self.gone.store(0, Ordering::SeqCst);
        self.away.store(true, Ordering::SeqCst);
    }

    /// How many have.
    pub fn gone(&self) -> u32 {
        self.gone.load(Ordering::SeqCst)
    }

    pub fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
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
    /// When it was ready: what was published before is nobody's claim.
    since: DateTime<Utc>,
}

fn topic(node: &str) -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() }
}

fn nodes() -> impl Iterator<Item = &'static str> {
    KEPT.into_iter().chain([RING])
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
        let random = Random::new(seed);
        let (name, schedule, since) = (account.jid.clone(), Vec::new(), Utc::now());
        let mut lane = Self { name, console, proxy, published, random, schedule, since };
        lane.subscribe();
        lane
    }

    /// Subscribes to the topics where it is not.
    fn subscribe(&mut self) {
        for node in nodes() {
            self.until("the topic", |lane| lane.console.topic(&topic(node)).is_some());
            let member = |lane: &Self| lane.console.topic(&topic(node)).map(|topic| topic.membership);
            if member(self) != Some(Membership::Subscribed) {
                let _ = self.console.subscribe(&topic(node)).unwrap();
            }
            self.until("the subscription", |lane| member(lane) == Some(Membership::Subscribed));
        }
    }

    /// Has `count` faults befall the wire.
    pub fn suffer(&mut self, count: u32, orders: &Orders) {
        for _ in 0..count {
            self.until("leave to go on", |_| orders.goes_on());
            if orders.is_away() {
                self.stay_away(orders);
            }
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

    /// Comes level, goes away, and comes back when told to, to a server that knows nothing of it any more.
    fn stay_away(&mut self, orders: &Orders) {
        self.schedule.push("away".to_owned());
        self.level();
        self.proxy.close(true);
        self.until("the end of the session", |lane| !matches!(lane.console.connection, Connection::Online(_)));
        let _ = orders.gone.fetch_add(1, Ordering::SeqCst);
        self.until("the order to come back", |_| !orders.is_away());
        self.proxy.close(false);
        self.until("being online", |lane| matches!(lane.console.connection, Connection::Online(_)));
        self.subscribe();
    }

    /// The wire is sound again: waits until all that was published is here, and holds what is here against it.
    pub fn finish(&mut self, orders: &Orders) {
        while !orders.over.load(Ordering::SeqCst) {
            self.until("an order", |_| orders.over.load(Ordering::SeqCst) || orders.is_away());
            if orders.is_away() {
                self.stay_away(orders);
            }
        }
        self.level();
        let (published, held) = (self.published.lock().unwrap().clone(), self.held());
        for (node, items) in &published {
            let empty = BTreeMap::new();
            let have = held.get(*node).unwrap_or(&empty);
            let strange: Vec<_> = have.keys().filter(|id| !items.contains_key(*id)).collect();
            let twice: Vec<_> = have.iter().filter(|(_, count)| **count != 1).collect();
            assert!(strange.is_empty(), "{}: {node} holds what nobody published: {strange:?}", self.story());
            assert!(twice.is_empty(), "{}: {node} holds items more than once: {twice:?}", self.story());
            let missing: Vec<_> = items.iter().filter(|(id, _)| !have.contains_key(*id)).collect();
            if KEPT.contains(node) {
                let unlost: Vec<_> = missing.iter().filter(|(_, item)| !item.lost).collect();
                assert!(unlost.is_empty(), "{}: {node} lacks {unlost:?}", self.story());
            }
            self.gaps(node, items, &missing);
        }
    }

    /// The gaps that are told of a topic are the true ones: every loss is in one, and each has a loss, or cannot be known to
    /// have none, because everything from before it was displaced within it.
    fn gaps(&self, node: &str, items: &BTreeMap<String, Item>, missing: &[(&String, &Item)]) {
        let coverage = self.console.covered(&topic(node)).unwrap();
        let touches = |gap: &Gap, item: &Item| gap.span.from <= item.span.until && item.span.from <= gap.span.until;
        for (id, item) in missing.iter().filter(|(_, item)| item.span.from > self.since) {
            let told = coverage.gaps.iter().any(|gap| touches(gap, item));
            let keeping = self.console.topic(&topic(node)).map(|topic| topic.keeping.clone());
            let story = || format!("{}; {keeping:?}; around it came {:?}", self.story(), self.around(node, item));
            assert!(told, "{}: {node} lacks {id} of {:?} and says nothing: {coverage:?}", story(), item.span);
        }
        for gap in coverage.gaps.iter() {
            let lost = missing.iter().filter(|(_, item)| touches(gap, item)).count();
            let displaced = node == RING && items.values().filter(|item| touches(gap, item)).count() >= HOLDS;
            let within = || -> Vec<_> { items.iter().filter(|(_, item)| touches(gap, item)).collect() };
            let around = || self.around(node, &Item { span: gap.span, lost: false });
            assert!(
                lost > 0 || displaced,
                "{}: {node} lacks nothing in {gap:?}, in which was {:?}; around it came {:?}",
                self.story(),
                within(),
                around()
            );
        }
    }

    /// What came of a topic in the seconds around an item, and what became of the connection.
    fn around(&self, node: &str, item: &Item) -> Vec<(DateTime<Utc>, String)> {
        let (from, until) = (item.span.from - TimeDelta::seconds(5), item.span.until + TimeDelta::seconds(30));
        let rows = self.console.rows().into_iter().filter(|row| row.key.topic.node == node);
        let rows = rows.map(|row| (row.received, format!("{} {} {:?}", row.seq, row.key.item.0, row.route)));
        let mut near: Vec<_> = rows.chain(self.console.steps.iter().cloned()).collect();
        near.retain(|(at, _)| from < *at && *at < until);
        near.sort();
        near
    }

    /// Heals the wire and waits until all that there is to have is here, and the console knows it.
    fn level(&mut self) {
        self.proxy.clear();
        let published = self.published.lock().unwrap().clone();
        let wanted = |node: &str| published.get(node).into_iter().flatten().filter(|(_, item)| !item.lost);
        self.until("all that was published", |lane| {
            let level = |node: &str| {
                let coverage = lane.console.covered(&topic(node));
                coverage.is_some_and(|coverage| matches!(coverage.standing, Standing::Live { .. }))
            };
            // What is held is counted last: it takes long, and they are many who wait.
            nodes().all(level) && {
                let held = lane.held();
                let has = |node: &str, id: &String| held.get(node).is_some_and(|have| have.contains_key(id));
                KEPT.iter().all(|node| wanted(node).all(|(id, _)| has(node, id)))
            }
        });
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
        let end = Instant::now() + PATIENCE;
        while !wanted(self) {
            assert!(Instant::now() < end, "{}: waited in vain for {what}: {}", self.story(), self.state());
            let _ = self.console.within(Duration::from_millis(20), |console| tend(console).then_some(()));
        }
    }

    fn state(&self) -> String {
        let published = self.published.lock().unwrap();
        let held = self.held();
        let missing: BTreeMap<&str, Vec<(&String, &Item)>> = published
            .iter()
            .map(|(node, items)| {
                let have = held.get(*node);
                let lacks =
                    |(id, item): &(&String, &Item)| !item.lost && have.is_none_or(|have| !have.contains_key(*id));
                (*node, items.iter().filter(lacks).take(8).collect())
            })
            .collect();
        format!(
            "{:?}; {} connections; missing at first {missing:?}; notices {:?}; topics {:?}; coverage {:?}",
            self.console.connection,
            self.proxy.standing(),
            self.console.notices,
            self.console.topics,
            self.console.coverage,
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
        // A login of ours that was held up on the wire arrives late, and the server takes it for another console's: a person
        // who is told of that (`engine.md` §6 row 36) connects again.
        Connection::Stopped { cause } if cause.say().key == "error-stream-conflict" => console.send(Command::RetryNow),
        Connection::Stopped { cause } => panic!("stopped: {cause:?}"),
        _ => {}
    }
    false
}
