//! Each screen before its reader: what it shows, what it does, and pictures under `target/screens/` to look at.

mod feed;
mod incident;
mod welcome;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use iced_test::core::theme::Mode;

use gridwatch::app::cx::{Cx, Inbox, Owning, Profile, Trusting, Watching};
use gridwatch::engine::{Connection, SessionFacts};
use gridwatch::i18n::Catalog;
use gridwatch::iodef::summarise;
use gridwatch::model::session::{self, Authentication, Channel, Management};
use gridwatch::model::{Coverage, Membership, Say, Topic, TopicId};
use gridwatch::owner::clock::Belief;
use gridwatch::practice::world::{World, account};
use gridwatch::settings::{self, Settings};
use gridwatch::store::{Finder, Incoming, ItemKey, Memory, Payload, Route, Seq, Store};
use gridwatch::theme::{self, Theme};

/// All that a screen reads, with the practice world's history in the store.
pub struct Desk {
    trace: gridwatch::engine::trace::Trace,
    pub catalog: Catalog,
    pub store: Memory,
    pub finder: Arc<Finder>,
    pub topics: Vec<Topic>,
    pub coverage: Vec<Coverage>,
    pub connection: Connection,
    pub profile: Profile,
    pub settings: Settings,
    pub now: DateTime<Utc>,
    pub trouble: Option<Say>,
    pub practice: bool,
    requests: Cell<u64>,
}

static WATCHING: LazyLock<Watching> = LazyLock::new(Watching::default);
static OWNING: LazyLock<Arc<Owning>> = LazyLock::new(Arc::default);

impl Desk {
    /// Nothing received, not connected.
    pub fn empty() -> Self {
        Self {
            trace: gridwatch::engine::trace::Trace::default(),
            catalog: Catalog::default(),
            store: Memory::default(),
            finder: Arc::default(),
            topics: Vec::new(),
            coverage: Vec::new(),
            connection: Connection::Offline,
            profile: Profile { name: "practice".into(), jid: account("analyst").unwrap() },
            settings: Settings::default(),
            now: "2026-11-21T03:12:00Z".parse().unwrap(),
            trouble: None,
            practice: false,
            requests: Cell::new(0),
        }
    }

    /// Connected, with a month of practice incidents and a broken, a foreign and an empty item among the newest.
    pub fn busy() -> Self {
        let mut desk = Self::empty();
        desk.connection = online();
        desk.practice = true;
        let (_, history) = World::new(7, desk.now).unwrap();
        let mut batch: Vec<_> = history
            .into_iter()
            .map(|item| incoming(&item.node, &item.item, &item.payload, item.publisher.to_string(), item.at))
            .collect();
        let at = |minutes| desk.now - TimeDelta::minutes(minutes);
        let broken = br#"<IODEF-Document xmlns="urn:ietf:params:xml:ns:iodef-2.0" version="2.00"><Incident/>"#;
        batch.push(incoming("MILEHost", "broken", broken, "feed@csirt-b.example".into(), at(4)));
        batch.push(incoming(
            "NEA1",
            "posture",
            br#"<assessment xmlns="urn:example:posture" device="7"/>"#,
            "nea@posture.example".into(),
            at(9),
        ));
        let _ = desk.store.commit(batch).unwrap();
        let nodes = ["MILEHost", "my-desk", "quiet-ot", "NEA1"];
        desk.topics = nodes.into_iter().map(subscribed).collect();
        desk
    }

    pub fn cx(&self) -> Cx<'_> {
        Cx {
            catalog: &self.catalog,
            store: &self.store,
            finder: &self.finder,
            topics: &self.topics,
            walk: None,
            complete: true,
            coverage: &self.coverage,
            connection: &self.connection,
            profile: Some(&self.profile),
            inbox: Inbox { pending: &[], polled: None, trouble: self.trouble.as_ref() },
            trust: Trusting { known: None, facts: None, since: self.now, failed: None },
            watching: &WATCHING,
            owning: &OWNING,
            settings: &self.settings,
            keychain: None,
            files: "/home/analyst/.local/share/gridwatch",
            now: self.now,
            clock: Belief::Sound,
            kept: false,
            practice: self.practice,
            trace: &self.trace,
            requests: &self.requests,
            strict: |_| Ok(()),
        }
    }

    /// Stores an item and returns its number.
    pub fn receive(&self, node: &str, item: &str, payload: &[u8], at: DateTime<Utc>) -> Seq {
        let item = incoming(node, item, payload, "feed@csirt-b.example".into(), at);
        self.store.commit(vec![item]).unwrap().added[0]
    }

    /// The number of the newest row whose title contains `words`.
    pub fn find(&self, words: &str) -> Seq {
        let found = (0..self.store.len()).rev().find(|seq| self.store.row(*seq).unwrap().summary.title.contains(words));
        found.unwrap_or_else(|| panic!("no incident about {words}"))
    }
}

pub fn topic_id(node: &str) -> TopicId {
    TopicId { broker: "broker.practice.invalid".parse().unwrap(), node: node.to_owned() }
}

fn subscribed(node: &str) -> Topic {
    Topic { membership: Membership::Subscribed, ..Topic::bare(topic_id(node)) }
}

fn incoming(node: &str, item: &str, payload: &[u8], publisher: String, at: DateTime<Utc>) -> Incoming {
    Incoming {
        key: ItemKey { topic: topic_id(node), item: gridwatch::model::ItemId(item.to_owned()) },
        payload: Some(Payload { bytes: payload.into(), scope: Arc::new([]) }),
        summary: summarise(payload, &[]),
        observables: Vec::new(),
        route: Route::Delayed,
        publisher: Some(publisher),
        received: at,
        delayed: Some(at),
        history: false,
    }
}

pub fn online() -> Connection {
    Connection::Online(Arc::new(SessionFacts {
        jid: account("analyst").unwrap().at("console").unwrap(),
        route: session::Route { host: "grid.example".to_owned(), port: 5222, ..session::Route::default() },
        channel: Channel {
            version: "TLS 1.3".to_owned(),
            cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
            ..Channel::default()
        },
        authentication: Authentication { mechanism: "SCRAM-SHA-256-PLUS".to_owned(), ..Authentication::default() },
        management: Management::None,
        broker: Some("broker.practice.invalid".parse().unwrap()),
    }))
}

pub fn themes() -> [(&'static str, Theme); 2] {
    let theme = |choice| theme::theme(choice, Mode::None);
    [("dark", theme(settings::Theme::Dark)), ("light", theme(settings::Theme::Light))]
}

/// Where a picture goes: `target/screens/NAME-THEME.png`.
pub fn picture(name: &str, theme: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens").join(format!("{name}-{theme}.png"))
}
