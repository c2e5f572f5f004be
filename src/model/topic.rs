//! Topics of a grid (RFC 8600 §3, §5) and what I am on them.

use std::fmt;

use super::{BareJid, Jid};

/// A topic's address: the broker that hosts it and its node name. Never just the name: two brokers may use one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId {
    pub broker: BareJid,
    pub node: String,
}

impl TopicId {
    /// Longest node name accepted from the wire, in bytes: what XMPP allows a part of an address (RFC 7622 §3.1).
    pub const NODE: usize = 1023;

    /// Where documents stand that were imported from files: at no broker, so that none can speak for it.
    #[must_use]
    pub fn imported() -> Self {
        Self { broker: BareJid::nobody(), node: "imported".to_owned() }
    }

    /// Whether what stands here came from files.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.broker == BareJid::nobody()
    }

    /// Whether `text` may be a topic's node name.
    #[must_use]
    pub fn is_node(text: &str) -> bool {
        !text.is_empty() && text.len() <= Self::NODE
    }
}

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} @ {}", self.node, self.broker)
    }
}

/// The id of an item within its topic (XEP-0060 §12.8). Remote text: bounded by the reader, never a file name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(pub String);

impl ItemId {
    /// Longest id accepted from the wire, in bytes.
    pub const MAX: usize = 1024;
}

/// What the topic says its payloads are (`pubsub#type`, RFC 8600 §5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PayloadType {
    Iodef2,
    Iodef1,
    Other(String),
    /// The field is absent or empty: the topic breaks RFC 8600 §5's MUST.
    Unsaid,
}

impl PayloadType {
    pub const IODEF2: &'static str = "urn:ietf:params:xml:ns:iodef-2.0";
    pub const IODEF1: &'static str = "urn:ietf:params:xml:ns:iodef-1.0";

    #[must_use]
    pub fn from_namespace(ns: &str) -> Self {
        match ns.trim() {
            "" => Self::Unsaid,
            Self::IODEF2 => Self::Iodef2,
            Self::IODEF1 => Self::Iodef1,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// `pubsub#access_model` (XEP-0060 §4.5). RFC 8600 §8.3.4 wants `authorize` or `whitelist`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    Open,
    Presence,
    Roster,
    Authorize,
    Whitelist,
    Other(String),
    Unsaid,
}

impl Access {
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        match token.trim() {
            "" => Self::Unsaid,
            "open" => Self::Open,
            "presence" => Self::Presence,
            "roster" => Self::Roster,
            "authorize" => Self::Authorize,
            "whitelist" => Self::Whitelist,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The wire's word; empty when nothing was said.
    #[must_use]
    pub fn token(&self) -> &str {
        match self {
            Self::Open => "open",
            Self::Presence => "presence",
            Self::Roster => "roster",
            Self::Authorize => "authorize",
            Self::Whitelist => "whitelist",
            Self::Other(other) => other,
            Self::Unsaid => "",
        }
    }
}

/// XEP-0060 §4.1. An unknown value is kept, not an error (servers invent some).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Affiliation {
    Owner,
    Publisher,
    PublishOnly,
    Member,
    #[default]
    None,
    Outcast,
    Other(String),
}

impl Affiliation {
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        match token {
            "owner" => Self::Owner,
            "publisher" => Self::Publisher,
            "publish-only" => Self::PublishOnly,
            "member" => Self::Member,
            "none" => Self::None,
            "outcast" => Self::Outcast,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The wire's word.
    #[must_use]
    pub fn token(&self) -> &str {
        match self {
            Self::Owner => "owner",
            Self::Publisher => "publisher",
            Self::PublishOnly => "publish-only",
            Self::Member => "member",
            Self::None => "none",
            Self::Outcast => "outcast",
            Self::Other(other) => other,
        }
    }

    /// May publish under the publish model `publishers`.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        matches!(self, Self::Owner | Self::Publisher | Self::PublishOnly)
    }
}

/// My subscription to a topic, as the broker told it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Membership {
    #[default]
    None,
    /// Asked; the owner has not decided (`authorize`).
    Pending,
    Subscribed,
    /// Asked and refused: the owner said no, or the broker answered `forbidden`/`not-allowed`/`closed-node`.
    Denied,
}

impl Membership {
    /// Its word in files and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Subscribed => "subscribed",
            Self::Denied => "denied",
        }
    }
}

/// How a topic keeps what was published, as far as known: from what it says, its configuration where I own it, and what
/// was seen of it. It decides what can be promised of its completeness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keeping {
    /// `pubsub#persist_items`.
    pub stores: Option<bool>,
    /// `pubsub#max_items`; `u32::MAX` for as many as the broker has room for.
    pub most: Option<u32>,
    /// What is stored comes in pages (XEP-0059).
    pub pages: Option<bool>,
    /// I am subscribed by the address of my account, and not only by that of one session.
    pub bare: Option<bool>,
    /// Stored items say who published them.
    pub named: Option<bool>,
}

impl Keeping {
    /// With what the topic says of itself now; what was seen stays.
    #[must_use]
    pub fn told(&self, told: &Self) -> Self {
        Self { stores: told.stores.or(self.stores), most: told.most, ..self.clone() }
    }
}

/// One topic as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub id: TopicId,
    /// `pubsub#title`, else the disco#items name. Remote text.
    pub title: Option<String>,
    /// `pubsub#description`. Remote text.
    pub description: Option<String>,
    /// It holds other topics, not incidents (XEP-0248).
    pub collection: bool,
    pub payload: PayloadType,
    pub access: Access,
    /// `pubsub#owner`.
    pub owners: Vec<Jid>,
    pub publishers: Vec<Jid>,
    /// `pubsub#publish_model` is `open` or `subscribers`: said because it decides who may publish beside affiliation.
    pub publish_model: Option<String>,
    /// `pubsub#num_subscribers`.
    pub subscribers: Option<u32>,
    /// `pubsub#notification_type` is headline, as far as known: such messages are never kept offline.
    pub headline: Option<bool>,
    /// `pubsub#max_payload_size`: the largest payload it takes, in bytes, as far as known.
    pub max_payload: Option<u32>,
    pub keeping: Keeping,
    pub affiliation: Affiliation,
    pub membership: Membership,
    /// What was last said to me about my access, beside the broker's own word.
    pub said: Option<super::owned::Said>,
    /// Why the topic's details could not be read, when they could not; the row is still listed.
    pub trouble: Option<super::Say>,
}

impl Topic {
    /// A topic of which only the address is known yet.
    #[must_use]
    pub fn bare(id: TopicId) -> Self {
        Self {
            id,
            title: None,
            description: None,
            collection: false,
            payload: PayloadType::Unsaid,
            access: Access::Unsaid,
            owners: Vec::new(),
            publishers: Vec::new(),
            publish_model: None,
            subscribers: None,
            headline: None,
            max_payload: None,
            keeping: Keeping::default(),
            affiliation: Affiliation::None,
            membership: Membership::None,
            said: None,
            trouble: None,
        }
    }

    /// Whether items of several publishers may be stored without saying whose they are.
    #[must_use]
    pub fn may_mix_publishers(&self) -> bool {
        let mut publishers: Vec<_> = self.owners.iter().chain(&self.publishers).map(Jid::bare).collect();
        publishers.sort_unstable();
        publishers.dedup();
        let anybody = self.publish_model.as_deref().is_some_and(|model| model != "publishers");
        self.keeping.named != Some(true) && (anybody || publishers.len() > 1)
    }

    /// Whether my publishing can succeed, as far as this console knows.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        self.affiliation.may_publish()
            || (self.publish_model.as_deref() == Some("open") && self.affiliation != Affiliation::Outcast)
            || (self.publish_model.as_deref() == Some("subscribers") && self.membership == Membership::Subscribed)
    }
}
