//! Publish-subscribe (XEP-0060) as a console uses it: what it asks, what brokers answer and tell.
//!
//! Uses `xml`, `form`, `rsm`, `command`, `disco` and `model`. Requests are written from [`Request`] and
//! [`owner::Request`]; answers are read by the functions of [`answer`] and [`owner`], events by [`event`]. Reading
//! follows what ejabberd and Prosody send (`engine.md` §4), not only what the XEP draws: attributes missing on a list
//! but there on its entries, echoed requests, unknown words. Entries that cannot be read are counted, never guessed.

pub mod access;
pub mod answer;
pub mod authorize;
pub mod event;
pub mod headers;
pub mod meta;
pub mod options;
pub mod owner;
mod reason;
mod request;

use std::sync::Arc;

pub use reason::Reason;
pub use request::{Request, Which};

use super::xml::El;
use crate::model::{ItemId, Jid, TopicId};

pub const NS: &str = "http://jabber.org/protocol/pubsub";
pub const EVENT_NS: &str = "http://jabber.org/protocol/pubsub#event";
pub const OWNER_NS: &str = "http://jabber.org/protocol/pubsub#owner";
/// `FORM_TYPE`s.
pub const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
pub const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
/// Longest subscription id accepted from the wire, in bytes; a longer one is no id any server gives.
pub const SUBSCRIPTION_ID: usize = 1024;

/// The payload of an item, exactly as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
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
    /// Reads an `<item/>`; `None` without an id, with one too long to keep, or with more around it than [`Around`] keeps.
    fn read(el: El<'_>, around: &mut Around) -> Option<Self> {
        let id = id_of(el)?;
        let mut children = el.children();
        let payload = match children.next() {
            Some(payload) => Some(Payload { bytes: payload.raw().into(), scope: around.scope(el, payload)? }),
            None => None,
        };
        let publisher = el.attr("publisher").map(std::borrow::Cow::into_owned);
        Some(Self { id, publisher, payload, crowded: children.next().is_some() })
    }
}

/// What is in scope around the payloads of one list. Items that declare nothing share one copy; those that do have one
/// each, as long as that stays within reason: the declarations around a list are sent once, so a copy for each of its
/// items could be a hundred times what came over the wire.
#[derive(Debug, Default)]
struct Around {
    shared: Option<Arc<[(String, String)]>>,
    /// Bytes of the copies that are not shared.
    spent: usize,
}

impl Around {
    /// Most bytes of copies that are not shared; some 10 000 items of a broker that declares a little on each.
    const MOST: usize = 4 << 20;

    /// For the payload of one of the list's items; `None` when there were too many.
    fn scope(&mut self, item: El<'_>, payload: El<'_>) -> Option<Arc<[(String, String)]>> {
        if item.declares() {
            if self.spent > Self::MOST {
                return None;
            }
            let own = payload.scope();
            self.spent += own.iter().map(|own| size_of_val(own) + own.0.len() + own.1.len()).sum::<usize>();
            return Some(own.into());
        }
        Some(Arc::clone(self.shared.get_or_insert_with(|| payload.scope().into())))
    }
}

/// The node an element names; `None` without one, or with one too long to be a topic's.
fn node_of(el: El<'_>) -> Option<String> {
    el.attr("node").filter(|node| TopicId::is_node(node)).map(std::borrow::Cow::into_owned)
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
    /// Nothing is delivered until options are set (§6.3.1).
    pub wants_options: bool,
    /// When it ends by itself (§16.4.2 `pubsub#expire`), as the broker wrote it.
    pub expiry: Option<String>,
}

impl Subscription {
    /// Reads a `<subscription/>` of any of the namespaces; `None` without a JID, or with a node or subid that cannot be
    /// repeated to the broker.
    fn read(el: El<'_>) -> Option<Self> {
        let own = |name| el.attr(name).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned);
        let (node, subid) = (own("node"), own("subid"));
        let long = subid.as_ref().is_some_and(|subid| subid.len() > SUBSCRIPTION_ID);
        if long || node.as_deref().is_some_and(|node| !TopicId::is_node(node)) {
            return None;
        }
        let options = el.child(el.ns(), "subscribe-options");
        Some(Self {
            node,
            jid: el.attr("jid")?.parse().ok()?,
            subid,
            // XEP-0060 §6.1.2 lets a broker leave it out when it is `subscribed`.
            state: own("subscription").map_or(State::Subscribed, |token| State::from_token(&token)),
            wants_options: options.is_some_and(|options| options.child(el.ns(), "required").is_some()),
            expiry: own("expiry"),
        })
    }
}

/// A list from a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T> {
    /// The node it is about, where the list itself says so (Prosody's does not).
    pub node: Option<String>,
    pub entries: Vec<T>,
    /// Entries that could not be read, or were too many.
    pub unreadable: u32,
}

impl<T> List<T> {
    /// Most entries kept of one list; no topic has so many members, no account so many topics. Items have their own.
    pub const MOST: usize = 20_000;

    /// Reads the children of `list` called `name`.
    fn read(list: El<'_>, name: &str, mut read: impl FnMut(El<'_>) -> Option<T>) -> Self {
        let mut all = Self { node: node_of(list), entries: Vec::new(), unreadable: 0 };
        for child in list.children().filter(|child| child.is(list.ns(), name)) {
            match read(child) {
                Some(entry) if all.entries.len() < Self::MOST => all.entries.push(entry),
                _ => all.unreadable += 1,
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
            Item::read(received(&text).root().children().next().unwrap(), &mut Around::default())
        };
        assert_eq!(read("<item/>"), None);
        assert_eq!(read("<item id=''/>"), None);
        assert_eq!(read(&format!("<item id='{}'/>", "x".repeat(ItemId::MAX + 1))), None);
        assert_eq!(read("<item id='../../etc'/>").unwrap().id.0, "../../etc");
        let item =
            read("<item id='1' publisher='p@x.example/r'> <a:b xmlns:a='urn:a'>&#x41;</a:b > <c/></item>").unwrap();
        assert_eq!((item.publisher.as_deref(), item.crowded), (Some("p@x.example/r"), true));
        let payload = item.payload.unwrap();
        assert_eq!(&*payload.bytes, b"<a:b xmlns:a='urn:a'>&#x41;</a:b >");
        assert!(payload.scope.contains(&(String::new(), NS.to_owned())));
        assert_eq!(format!("{payload:?}"), "Payload(34 bytes)");
    }

    /// A few bytes a piece around what was declared once must not become as many copies of it.
    #[test]
    fn many_items_do_not_multiply_what_is_around_them() {
        let (wide, tiny) = ("u".repeat(8_000), "<item id='1'><a/></item>");
        let list = |items: String| {
            let text = format!("<pubsub xmlns='{NS}'><items node='n' xmlns:w='{wide}'>{items}</items></pubsub>");
            answer::items(Some(received(&text).root())).unwrap().0
        };
        let plain = list(tiny.repeat(2_000));
        let scopes: Vec<_> = plain.entries.iter().map(|item| &item.payload.as_ref().unwrap().scope).collect();
        assert_eq!((scopes.len(), scopes[0].len()), (2_000, 3));
        assert!(scopes.iter().all(|scope| Arc::ptr_eq(scope, scopes[0])));
        let own = list(tiny.replace("id", "xmlns:o='o' id").repeat(2_000));
        let kept: usize = own
            .entries
            .iter()
            .flat_map(|item| item.payload.as_ref().unwrap().scope.iter())
            .map(|own| own.1.len())
            .sum();
        assert!(kept > wide.len() && kept < Around::MOST + 2 * wide.len(), "{kept}");
        assert_eq!(own.entries.len() + own.unreadable as usize, 2_000, "what is left out is counted");
    }

    #[test]
    fn no_list_is_kept_beyond_reason() {
        let one = "<affiliation node='n' affiliation='owner'/>".repeat(List::<()>::MOST + 3);
        let stanza = received(&format!("<pubsub xmlns='{NS}'><affiliations>{one}</affiliations></pubsub>"));
        let list = answer::affiliations(Some(stanza.root())).unwrap();
        assert_eq!((list.entries.len(), list.unreadable), (List::<()>::MOST, 3));
    }

    #[test]
    fn a_node_that_no_topic_could_have_is_not_read() {
        let long = "n".repeat(TopicId::NODE + 1);
        let text = |inside: &str| format!("<pubsub xmlns='{NS}'>{inside}</pubsub>").replace("NODE", &long);
        let stanza = received(&text(
            "<subscriptions node='NODE'><subscription node='NODE' jid='a@b.example'/><subscription jid='a@b.example'/>\
             </subscriptions>",
        ));
        let list = answer::subscriptions(Some(stanza.root())).unwrap();
        assert_eq!((list.node, list.entries.len(), list.unreadable), (None, 1, 1));
        let stanza = received(&text(
            "<affiliations node='NODE'><affiliation affiliation='owner'/><affiliation node='n' affiliation='owner'/>\
             <affiliation node='NODE' affiliation='owner'/></affiliations>",
        ));
        let list = answer::affiliations(Some(stanza.root())).unwrap();
        assert_eq!((list.entries.len(), list.unreadable), (1, 2));
    }
}
