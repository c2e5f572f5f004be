//! A topic inside the broker: its configuration, members, subscriptions and stored items; and who may do what.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{Affiliation, BareJid, Jid};
use crate::practice::answer::Refusal;
use crate::practice::form::{self, Field};

/// What `pubsub#max_items` may be at most.
const MOST_ITEMS: usize = 10_000;

/// A topic's configuration (XEP-0060 §16.4.4), as far as this broker heeds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub title: String,
    pub description: String,
    /// `pubsub#type`.
    pub payload: String,
    pub access: String,
    pub publish_model: String,
    pub max_items: usize,
    pub notify_retract: bool,
    pub notify_delete: bool,
    pub notify_config: bool,
    /// `normal`, or `headline`, which is never kept for those offline (RFC 8600 §6 wants them kept).
    pub notification: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            payload: String::new(),
            access: "authorize".to_owned(),
            publish_model: "publishers".to_owned(),
            max_items: 1000,
            notify_retract: true,
            notify_delete: true,
            notify_config: false,
            notification: "normal".to_owned(),
        }
    }
}

impl Config {
    pub const FORM: &'static str = "http://jabber.org/protocol/pubsub#node_config";

    /// The configuration as form fields.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'static>> {
        let truth = |value: bool| vec![if value { "1" } else { "0" }.to_owned()];
        let text = |value: &String| vec![value.clone()];
        vec![
            ("pubsub#title", Some("text-single"), text(&self.title)),
            ("pubsub#description", Some("text-single"), text(&self.description)),
            ("pubsub#type", Some("text-single"), text(&self.payload)),
            ("pubsub#access_model", Some("text-single"), text(&self.access)),
            ("pubsub#publish_model", Some("text-single"), text(&self.publish_model)),
            ("pubsub#max_items", Some("text-single"), vec![self.max_items.to_string()]),
            ("pubsub#persist_items", Some("boolean"), truth(true)),
            ("pubsub#deliver_payloads", Some("boolean"), truth(true)),
            ("pubsub#notify_retract", Some("boolean"), truth(self.notify_retract)),
            ("pubsub#notify_delete", Some("boolean"), truth(self.notify_delete)),
            ("pubsub#notify_config", Some("boolean"), truth(self.notify_config)),
            ("pubsub#notification_type", Some("text-single"), text(&self.notification)),
            ("pubsub#send_last_published_item", Some("text-single"), vec!["never".to_owned()]),
            ("pubsub#itemreply", Some("text-single"), vec!["publisher".to_owned()]),
        ]
    }

    /// Takes a submitted form's fields. Unknown ones are ignored, as servers do.
    ///
    /// # Errors
    /// When a value cannot be had; nothing is changed then.
    pub fn apply(&mut self, fields: &[(String, Option<String>)]) -> Result<(), Refusal> {
        let mut config = self.clone();
        let refused = Refusal::new("modify", "not-acceptable");
        for (var, value) in fields {
            let Some(value) = value.clone() else { continue };
            match var.as_str() {
                "pubsub#title" => config.title = value,
                "pubsub#description" => config.description = value,
                "pubsub#type" => config.payload = value,
                "pubsub#access_model" if matches!(&*value, "open" | "authorize" | "whitelist") => config.access = value,
                "pubsub#publish_model" if matches!(&*value, "publishers" | "subscribers" | "open") => {
                    config.publish_model = value;
                }
                "pubsub#notification_type" if matches!(&*value, "normal" | "headline") => config.notification = value,
                "pubsub#access_model" | "pubsub#publish_model" | "pubsub#notification_type" => return Err(refused),
                "pubsub#max_items" if value == "max" => config.max_items = MOST_ITEMS,
                "pubsub#max_items" => {
                    config.max_items = value.parse::<usize>().map_err(|_| refused)?.clamp(1, MOST_ITEMS);
                }
                "pubsub#notify_retract" => config.notify_retract = form::truth(&value),
                "pubsub#notify_delete" => config.notify_delete = form::truth(&value),
                "pubsub#notify_config" => config.notify_config = form::truth(&value),
                _ => {}
            }
        }
        *self = config;
        Ok(())
    }

    /// Whether the preconditions of a publish hold (XEP-0060 §7.1.5).
    #[must_use]
    pub fn meets(&self, preconditions: &[(String, Option<String>)]) -> bool {
        let own = self.fields();
        preconditions.iter().all(|(var, wanted)| {
            let have = own.iter().find(|(own, ..)| own == var).and_then(|(.., values)| values.first());
            match (have, wanted) {
                (Some(have), Some(wanted)) => {
                    have == wanted
                        || (wanted == "max" && self.max_items == MOST_ITEMS)
                        || (have == "1" && wanted == "true")
                }
                (_, None) => true,
                (None, Some(_)) => false,
            }
        })
    }

    #[must_use]
    pub fn lasting(&self) -> bool {
        self.notification == "normal"
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Subscribed,
}

impl State {
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Subscribed => "subscribed",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Subscription {
    pub jid: Jid,
    pub subid: String,
    pub state: State,
    pub since: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub id: String,
    pub publisher: BareJid,
    pub payload: Arc<[u8]>,
}

/// Stored items, oldest first. One that is overwritten keeps its place, as on ejabberd.
#[derive(Debug, Default)]
pub struct Items {
    by_place: BTreeMap<u64, Item>,
    places: HashMap<String, u64>,
    next: u64,
}

impl Items {
    pub fn get(&self, id: &str) -> Option<&Item> {
        self.by_place.get(self.places.get(id)?)
    }

    /// Stores an item; beyond `most`, the oldest goes.
    pub fn put(&mut self, item: Item, most: usize) {
        let next = self.next;
        let place = *self.places.entry(item.id.clone()).or_insert(next);
        self.next += u64::from(place == next);
        let _ = self.by_place.insert(place, item);
        while self.by_place.len() > most {
            let Some((_, old)) = self.by_place.pop_first() else { break };
            let _ = self.places.remove(&old.id);
        }
    }

    pub fn remove(&mut self, id: &str) -> Option<Item> {
        let place = self.places.remove(id)?;
        self.by_place.remove(&place)
    }

    pub fn clear(&mut self) {
        self.by_place.clear();
        self.places.clear();
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.by_place.len()
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Item> {
        self.by_place.values()
    }
}

/// A topic.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    pub config: Config,
    pub affiliations: BTreeMap<BareJid, Affiliation>,
    pub subscriptions: Vec<Subscription>,
    pub items: Items,
}

impl Node {
    #[must_use]
    pub fn new(name: &str, config: Config, owner: BareJid) -> Self {
        Self {
            name: name.to_owned(),
            config,
            affiliations: BTreeMap::from([(owner, Affiliation::Owner)]),
            subscriptions: Vec::new(),
            items: Items::default(),
        }
    }

    #[must_use]
    pub fn affiliation(&self, who: &BareJid) -> Affiliation {
        self.affiliations.get(who).cloned().unwrap_or_default()
    }

    pub fn with(&self, affiliation: &Affiliation) -> impl Iterator<Item = &BareJid> {
        self.affiliations.iter().filter(move |(_, own)| *own == affiliation).map(|(jid, _)| jid)
    }

    #[must_use]
    pub fn is_owner(&self, who: &BareJid) -> bool {
        self.affiliation(who) == Affiliation::Owner
    }

    /// On the list of a whitelist topic; beyond asking on an authorize topic.
    fn is_listed(&self, who: &BareJid) -> bool {
        let affiliation = self.affiliation(who);
        matches!(affiliation, Affiliation::Owner | Affiliation::Publisher | Affiliation::Member)
    }

    #[must_use]
    pub fn is_subscribed(&self, who: &BareJid) -> bool {
        self.subscriptions.iter().any(|one| one.state == State::Subscribed && one.jid.bare() == who)
    }

    /// What subscribing leads to (XEP-0060 §6.1.3).
    ///
    /// # Errors
    /// When there is no subscribing for `who`.
    pub fn subscribing(&self, who: &BareJid) -> Result<State, Refusal> {
        match (self.config.access.as_str(), self.affiliation(who)) {
            (_, Affiliation::Outcast) => Err(Refusal::FORBIDDEN),
            (_, Affiliation::PublishOnly) => Err(Refusal::FORBIDDEN),
            ("open", _) => Ok(State::Subscribed),
            _ if self.is_listed(who) => Ok(State::Subscribed),
            ("authorize", _) => Ok(State::Pending),
            _ => Err(Refusal::new("cancel", "not-allowed").special("closed-node")),
        }
    }

    /// Whether `who` may read stored items (XEP-0060 §6.5.9).
    ///
    /// # Errors
    /// When not.
    pub fn reading(&self, who: &BareJid) -> Result<(), Refusal> {
        match (self.config.access.as_str(), self.affiliation(who)) {
            (_, Affiliation::Outcast | Affiliation::PublishOnly) => Err(Refusal::FORBIDDEN),
            ("open", _) => Ok(()),
            _ if self.is_listed(who) => Ok(()),
            ("authorize", _) if self.is_subscribed(who) => Ok(()),
            ("authorize", _) => Err(Refusal::new("auth", "not-authorized").special("not-subscribed")),
            _ => Err(Refusal::new("cancel", "not-allowed").special("closed-node")),
        }
    }

    #[must_use]
    pub fn may_publish(&self, who: &BareJid) -> bool {
        let affiliation = self.affiliation(who);
        match self.config.publish_model.as_str() {
            _ if affiliation.may_publish() => true,
            _ if affiliation == Affiliation::Outcast => false,
            "open" => true,
            "subscribers" => self.is_subscribed(who),
            _ => false,
        }
    }

    /// Who is told of an event.
    pub fn audience(&self) -> impl Iterator<Item = &Jid> {
        self.subscriptions.iter().filter(|one| one.state == State::Subscribed).map(|one| &one.jid)
    }
}
