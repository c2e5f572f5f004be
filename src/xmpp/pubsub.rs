//! Publish-subscribe (XEP-0060) as a console uses it: what it asks, what brokers answer and tell.
//!
//! Uses `xml`, `form`, `rsm`, `command`, `disco` and `model`. Requests are written from [`Request`] and
//! [`owner::Request`]; answers are read by the functions of [`answer`] and [`owner`], events by [`event`]. Reading
//! follows what ejabberd and Prosody send (`engine.md` §4), not only what the XEP draws: attributes missing on a list
//! but there on its entries, echoed requests, unknown words. Entries that cannot be read are counted, never guessed.

pub mod answer;
pub mod authorize;
pub mod event;
pub mod meta;
pub mod owner;
mod request;

use std::sync::Arc;

pub use request::{Request, Which};

use super::xml::El;
use crate::model::{ItemId, Jid};

pub const NS: &str = "http://jabber.org/protocol/pubsub";
pub const EVENT_NS: &str = "http://jabber.org/protocol/pubsub#event";
pub const OWNER_NS: &str = "http://jabber.org/protocol/pubsub#owner";
/// `FORM_TYPE`s.
pub const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
pub const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";

/// The payload of an item, exactly as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    pub ns: String,
    pub name: String,
    /// From `<` to `>`.
    pub bytes: Arc<[u8]>,
    /// Declarations in scope around it, (prefix, namespace).
    pub scope: Arc<[(String, String)]>,
}

impl std::fmt::Debug for Payload {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({} bytes)", self.bytes.len())
    }
}

/// An item, from an event or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub id: ItemId,
    /// The broker's word; absent on brokers that do not say.
    pub publisher: Option<String>,
    /// The first child element.
    pub payload: Option<Payload>,
    /// There were more: XEP-0060 allows one.
    pub crowded: bool,
}

impl Item {
    /// Reads an `<item/>`; `None` without an id, or with one too long to keep.
    fn read(el: El<'_>) -> Option<Self> {
        let mut children = el.children();
        let payload = children.next().map(|payload| Payload {
            ns: payload.ns().to_owned(),
            name: payload.name().to_owned(),
            bytes: payload.raw().into(),
            scope: payload.scope().into(),
        });
        let publisher = el.attr("publisher").map(std::borrow::Cow::into_owned);
        Some(Self { id: id_of(el)?, publisher, payload, crowded: children.next().is_some() })
    }
}

/// The usable id of an item or retraction.
fn id_of(el: El<'_>) -> Option<ItemId> {
    el.attr("id").filter(|id| !id.is_empty() && id.len() <= ItemId::MAX).map(|id| ItemId(id.into_owned()))
}

/// The state of a subscription (XEP-0060 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    None,
    Pending,
    /// Wants options first.
    Unconfigured,
    Subscribed,
    Other(String),
}

impl State {
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        match token {
            "none" => Self::None,
            "pending" => Self::Pending,
            "unconfigured" => Self::Unconfigured,
            "subscribed" => Self::Subscribed,
            other => Self::Other(other.to_owned()),
        }
    }

    #[must_use]
    pub fn token(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Unconfigured => "unconfigured",
            Self::Subscribed => "subscribed",
            Self::Other(other) => other,
        }
    }
}

/// One subscription. A JID can have several on a node, told apart by `subid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Missing where the enclosing list or request says it.
    pub node: Option<String>,
    pub jid: Jid,
    pub subid: Option<String>,
    pub state: State,
}

impl Subscription {
    /// Reads a `<subscription/>` of any of the namespaces.
    fn read(el: El<'_>) -> Option<Self> {
        let own = |name| el.attr(name).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned);
        Some(Self {
            node: own("node"),
            jid: el.attr("jid")?.parse().ok()?,
            subid: own("subid"),
            // XEP-0060 §6.1.2 lets a broker leave it out when it is `subscribed`.
            state: own("subscription").map_or(State::Subscribed, |token| State::from_token(&token)),
        })
    }
}

/// A list from a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T> {
    /// The node it is about, where the list itself says so (Prosody's does not).
    pub node: Option<String>,
    pub entries: Vec<T>,
    /// Entries that could not be read.
    pub unreadable: u32,
}

impl<T> List<T> {
    /// Reads the children of `list` called `name`.
    fn read(list: El<'_>, name: &str, read: impl Fn(El<'_>) -> Option<T>) -> Self {
        let node = list.attr("node").filter(|node| !node.is_empty()).map(std::borrow::Cow::into_owned);
        let mut all = Self { node, entries: Vec::new(), unreadable: 0 };
        for child in list.children().filter(|child| child.is(list.ns(), name)) {
            match read(child) {
                Some(entry) => all.entries.push(entry),
                None => all.unreadable += 1,
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::received;

    #[test]
    fn item_ids_are_bounded_and_payloads_exact() {
        let read = |text: &str| {
            let text = format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{text}</pubsub>");
            Item::read(received(&text).root().children().next().unwrap())
        };
        assert_eq!(read("<item/>"), None);
        assert_eq!(read("<item id=''/>"), None);
        assert_eq!(read(&format!("<item id='{}'/>", "x".repeat(ItemId::MAX + 1))), None);
        assert_eq!(read("<item id='../../etc'/>").unwrap().id.0, "../../etc");
        let item =
            read("<item id='1' publisher='p@x.example/r'> <a:b xmlns:a='urn:a'>&#x41;</a:b > <c/></item>").unwrap();
        assert_eq!((item.publisher.as_deref(), item.crowded), (Some("p@x.example/r"), true));
        let payload = item.payload.unwrap();
        assert_eq!((&*payload.ns, &*payload.name), ("urn:a", "b"));
        assert_eq!(&*payload.bytes, b"<a:b xmlns:a='urn:a'>&#x41;</a:b >");
        assert!(payload.scope.contains(&(String::new(), NS.to_owned())));
        assert_eq!(format!("{payload:?}"), "Payload(34 bytes)");
    }
}
