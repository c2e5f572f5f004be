//! A topic inside the broker: its configuration, members, subscriptions and stored items; and who may do what.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{Affiliation, BareJid, Jid};
use crate::practice::answer::Refusal;
use crate::xmpp::form::{self, Form};
use crate::xmpp::pubsub;
use crate::xmpp::xml::El;

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
    /// A setting of this broker's own, as every real one has some: whom to ask about the topic.
    pub contact: String,
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
            contact: String::new(),
        }
    }
}

impl Config {
    /// The configuration as form fields: variable, type, values.
    fn fields(&self) -> Vec<(&'static str, &'static str, Vec<String>)> {
        let truth = |value: bool| vec![if value { "1" } else { "0" }.to_owned()];
        let text = |value: &String| vec![value.clone()];
        vec![
            ("pubsub#title", "text-single", text(&self.title)),
            ("pubsub#description", "text-single", text(&self.description)),
            ("pubsub#type", "text-single", text(&self.payload)),
            ("pubsub#access_model", "list-single", text(&self.access)),
            ("pubsub#publish_model", "list-single", text(&self.publish_model)),
            ("pubsub#max_items", "text-single", vec![self.max_items.to_string()]),
            ("pubsub#persist_items", "boolean", truth(true)),
            ("pubsub#deliver_payloads", "boolean", truth(true)),
            ("pubsub#notify_retract", "boolean", truth(self.notify_retract)),
            ("pubsub#notify_delete", "boolean", truth(self.notify_delete)),
            ("pubsub#notify_config", "boolean", truth(self.notify_config)),
            ("pubsub#notification_type", "list-single", text(&self.notification)),
            ("pubsub#send_last_published_item", "text-single", vec!["never".to_owned()]),
            ("pubsub#itemreply", "text-single", vec!["publisher".to_owned()]),
            ("practice#contact", "text-single", text(&self.contact)),
        ]
    }

    /// The form an owner fills in (XEP-0060 §8.2).
    #[must_use]
    pub fn form(&self) -> Form {
        let mut form = form(form::Kind::Form, pubsub::NODE_CONFIG, self.fields());
        for field in &mut form.fields {
            let var = field.var.as_deref().unwrap_or_default();
            field.options = choices(var).iter().map(|value| (None, (*value).to_owned())).collect();
            field.label = (var == "practice#contact").then(|| "Whom to ask about this topic".to_owned());
        }
        form
    }

    /// Takes a submitted form. Unknown fields are ignored, as servers do.
    ///
    /// # Errors
    /// When a value cannot be had; nothing is changed then.
    pub fn apply(&mut self, form: &Form) -> Result<(), Refusal> {
        let mut config = self.clone();
        let refused = Refusal::NOT_ACCEPTABLE;
        for (var, value) in answers(form) {
            let value = value.to_owned();
            match var {
                "pubsub#title" => config.title = value,
                "pubsub#description" => config.description = value,
                "pubsub#type" => config.payload = value,
                var if !choices(var).is_empty() && !choices(var).contains(&&*value) => return Err(refused),
                "pubsub#access_model" => config.access = value,
                "pubsub#publish_model" => config.publish_model = value,
                "pubsub#notification_type" => config.notification = value,
                "practice#contact" => config.contact = value,
                "pubsub#max_items" if value == "max" => config.max_items = MOST_ITEMS,
                "pubsub#max_items" => {
                    config.max_items = value.parse::<usize>().map_err(|_| refused)?.clamp(1, MOST_ITEMS);
                }
                "pubsub#notify_retract" => config.notify_retract = truth(&value),
                "pubsub#notify_delete" => config.notify_delete = truth(&value),
                "pubsub#notify_config" => config.notify_config = truth(&value),
                _ => {}
            }
        }
        *self = config;
        Ok(())
    }

    /// Whether the preconditions of a publish hold (XEP-0060 §7.1.5).
    #[must_use]
    pub fn meets(&self, preconditions: &Form) -> bool {
        let own = self.fields();
        answers(preconditions).all(|(var, wanted)| {
            let have = own.iter().find(|(own, ..)| *own == var).and_then(|(.., values)| values.first());
            have.is_some_and(|have| {
                have == wanted || (wanted == "max" && self.max_items == MOST_ITEMS) || (have == "1" && wanted == "true")
            })
        })
    }

    #[must_use]
    pub fn lasting(&self) -> bool {
        self.notification == "normal"
    }
}

/// What a setting may be, where that is not for the owner to make up.
fn choices(var: &str) -> &'static [&'static str] {
    match var {
        "pubsub#access_model" => &["authorize", "open", "whitelist"],
        "pubsub#publish_model" => &["publishers", "subscribers", "open"],
        "pubsub#notification_type" => &["normal", "headline"],
        _ => &[],
    }
}

/// A form of these fields: variable, type, values.
pub fn form(kind: form::Kind, form_type: &str, fields: Vec<(&str, &str, Vec<String>)>) -> Form {
    let field = |(var, kind, values): (&str, &str, Vec<String>)| form::Field {
        var: Some(var.to_owned()),
        kind: Some(kind.to_owned()),
        values,
        ..form::Field::default()
    };
    let mut form = Form { kind, ..Form::submit(form_type) };
    form.fields.extend(fields.into_iter().map(field));
    form
}

/// The form of this type that was submitted inside `parent`.
///
/// # Errors
/// When there is one that cannot be read, or is another.
pub fn submitted(parent: El<'_>, form_type: &str) -> Result<Form, Refusal> {
    let form = Form::inside(parent).map_err(|_| Refusal::BAD_REQUEST)?;
    let right = form.kind == form::Kind::Submit && form.form_type() == Some(form_type);
    if right { Ok(form) } else { Err(Refusal::BAD_REQUEST) }
}

/// The answered fields of a form but FORM_TYPE.
fn answers(form: &Form) -> impl Iterator<Item = (&str, &str)> {
    form.fields.iter().filter_map(|field| {
        let (var, value) = (field.var.as_deref()?, field.values.first()?);
        (var != "FORM_TYPE").then_some((var, value.as_str()))
    })
}

/// XEP-0004 §3.3: a boolean.
pub fn truth(text: &str) -> bool {
    matches!(text.trim(), "1" | "true")
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
    /// `pubsub#deliver`.
    pub deliver: bool,
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
            _ => Err(Refusal::NOT_ALLOWED.special("closed-node")),
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
            ("authorize", _) => Err(Refusal::NOT_AUTHORIZED.special("not-subscribed")),
            _ => Err(Refusal::NOT_ALLOWED.special("closed-node")),
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
        self.subscriptions.iter().filter(|one| one.state == State::Subscribed && one.deliver).map(|one| &one.jid)
    }
}
