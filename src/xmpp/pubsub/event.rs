//! What a broker tells by itself (XEP-0060 §7.1.2.1, §7.2.2, §8). Order is kept.
//!
//! Any account can send a message that looks like this, and both common servers relay it: whether the sender is the
//! broker, and the node ours, the caller must check (`engine.md` §6 row 2).

use std::collections::BTreeMap;

use super::{Around, EVENT_NS, Item, State, Subscription, id_of, node_of};
use crate::model::ItemId;
use crate::xmpp::form::Form;
use crate::xmpp::stanza::{Message, MessageKind};
use crate::xmpp::xml::El;

/// One thing in an `<items/>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Item(Item),
    Retract(ItemId),
    /// No usable id.
    Unreadable,
}

/// Entries of one event that are read; a batch (§7.1.2.1) is of a few, and what is beyond is only counted.
pub const ENTRIES: usize = 10_000;
/// Events of one message that are read; of the nodes named beyond it is only told that there is more.
pub const EVENTS: usize = 64;

/// What happened at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Items {
        node: String,
        entries: Vec<Entry>,
        /// Entries beyond [`ENTRIES`], or events beyond [`EVENTS`].
        left_out: usize,
    },
    Purge {
        node: String,
    },
    Delete {
        node: String,
        /// Where to look instead (§8.4.2): the broker's word, remote text.
        redirect: Option<String>,
    },
    /// A node was made within a collection (XEP-0248 §4).
    Create {
        node: String,
    },
    /// A collection gained or lost a node (XEP-0248 §5.3).
    Collection {
        /// The collection.
        node: String,
        child: String,
        joined: bool,
    },
    Configuration {
        node: String,
        form: Option<Form>,
    },
    Subscription {
        node: String,
        subscription: Subscription,
    },
    /// Something else.
    Other {
        node: Option<String>,
        name: String,
    },
}

/// The events of a message; none in one of kind `error`, which is only our own words bounced (row 7).
#[must_use]
pub fn read(message: &Message<'_>) -> Vec<Event> {
    if message.kind == MessageKind::Error {
        return Vec::new();
    }
    let Some(event) = message.child(EVENT_NS, "event") else { return Vec::new() };
    let mut children = event.children().filter(|child| child.ns() == EVENT_NS);
    let mut events: Vec<Event> = children.by_ref().take(EVENTS).map(one).collect();
    let mut beyond = BTreeMap::<String, usize>::new();
    for node in children.filter_map(node_of) {
        *beyond.entry(node).or_default() += 1;
    }
    events.extend(beyond.into_iter().map(|(node, left_out)| Event::Items { node, entries: Vec::new(), left_out }));
    events
}

fn one(el: El<'_>) -> Event {
    match (el.name(), node_of(el)) {
        ("items", Some(node)) => {
            let (mut around, mut children) = (Around::default(), el.children());
            let entries: Vec<_> =
                children.by_ref().filter_map(|child| entry(child, &mut around)).take(ENTRIES).collect();
            let left_out = if entries.len() < ENTRIES { 0 } else { children.count() };
            Event::Items { node, entries, left_out }
        }
        ("purge", Some(node)) => Event::Purge { node },
        ("delete", Some(node)) => {
            let redirect = el.child(EVENT_NS, "redirect").and_then(|redirect| redirect.attr("uri"));
            Event::Delete { node, redirect: redirect.map(std::borrow::Cow::into_owned) }
        }
        ("create", Some(node)) => Event::Create { node },
        ("collection", Some(node)) => match el.children().find_map(moved) {
            Some((child, joined)) => Event::Collection { node, child, joined },
            None => Event::Other { node: Some(node), name: "collection".to_owned() },
        },
        ("configuration", Some(node)) => Event::Configuration { node, form: Form::inside(el).ok() },
        ("subscription", Some(node)) => match Subscription::read(el) {
            Some(subscription) => Event::Subscription { node, subscription },
            None => Event::Other { node: Some(node), name: "subscription".to_owned() },
        },
        (name, node) => Event::Other { node, name: name.to_owned() },
    }
}

fn moved(el: El<'_>) -> Option<(String, bool)> {
    match (el.ns(), el.name()) {
        (EVENT_NS, "associate") => Some((node_of(el)?, true)),
        (EVENT_NS, "disassociate") => Some((node_of(el)?, false)),
        _ => None,
    }
}

fn entry(el: El<'_>, around: &mut Around) -> Option<Entry> {
    match (el.ns(), el.name()) {
        (EVENT_NS, "item") => Some(Item::read(el, around).map_or(Entry::Unreadable, Entry::Item)),
        (EVENT_NS, "retract") => Some(id_of(el).map_or(Entry::Unreadable, Entry::Retract)),
        _ => None,
    }
}

impl Event {
    /// The node it is about.
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        match self {
            Self::Items { node, .. }
            | Self::Purge { node }
            | Self::Delete { node, .. }
            | Self::Create { node }
            | Self::Collection { node, .. }
            | Self::Configuration { node, .. }
            | Self::Subscription { node, .. } => Some(node),
            Self::Other { node, .. } => node.as_deref(),
        }
    }

    /// The state a subscription event tells.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        match self {
            Self::Subscription { subscription, .. } => Some(&subscription.state),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::{Sorted, sort, tests::received};

    fn told(kind: &str, inside: &str) -> Vec<Event> {
        let event = format!("<event xmlns='http://jabber.org/protocol/pubsub#event'>{inside}</event>");
        let stanza = received(&format!("<message from='broker.grid.example' type='{kind}'>{event}</message>"));
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        read(&message)
    }

    #[test]
    fn items_and_retractions_in_order() {
        let events = told(
            "headline",
            "<items node='n'><item id='1'><a xmlns='urn:a'/></item><retract id='0'/><item/><x xmlns='urn:x'/>\
             <item id='2' publisher='p@x.example'/></items>",
        );
        let [Event::Items { node, entries, left_out }] = &events[..] else { panic!("{events:?}") };
        assert_eq!((node.as_str(), entries.len(), *left_out), ("n", 4, 0));
        assert!(matches!(&entries[0], Entry::Item(item) if item.id.0 == "1" && item.payload.is_some()));
        assert_eq!(entries[1], Entry::Retract(ItemId("0".to_owned())));
        assert_eq!(entries[2], Entry::Unreadable);
        assert!(matches!(&entries[3], Entry::Item(item) if item.id.0 == "2" && item.payload.is_none()));
    }

    #[test]
    fn the_others() {
        let form = "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>f</value></field></x>";
        let events = told(
            "normal",
            &format!(
                "<purge node='n'/><delete node='n'><redirect uri='xmpp:x'/></delete><configuration node='n'>{form}\
                 </configuration><configuration node='n'/><subscription node='n' jid='a@b.example' \
                 subscription='none'/><collection node='n'/><items/><subscription node='n'/><create node='m'/>\
                 <collection node='c'><associate node='m'/></collection>\
                 <collection node='c'><x xmlns='urn:x'/><disassociate node='m'/></collection>"
            ),
        );
        let gone = Event::Delete { node: "n".into(), redirect: Some("xmpp:x".into()) };
        assert_eq!(events[..2], [Event::Purge { node: "n".into() }, gone]);
        assert!(matches!(&events[2], Event::Configuration { form: Some(_), .. }));
        assert!(matches!(&events[3], Event::Configuration { form: None, .. }));
        assert_eq!((events[4].state(), events[4].node()), (Some(&State::None), Some("n")));
        let other = |node: Option<&str>, name: &str| Event::Other { node: node.map(str::to_owned), name: name.into() };
        let moved = |joined| Event::Collection { node: "c".to_owned(), child: "m".to_owned(), joined };
        assert_eq!(
            events[5..],
            [
                other(Some("n"), "collection"),
                other(None, "items"),
                other(Some("n"), "subscription"),
                Event::Create { node: "m".to_owned() },
                moved(true),
                moved(false),
            ]
        );
    }

    #[test]
    fn what_is_beyond_reason_is_counted_not_kept() {
        let events = told("normal", &format!("<items node='n'>{}</items>", "<retract id='1'/>".repeat(ENTRIES + 7)));
        let [Event::Items { entries, left_out, .. }] = &events[..] else { panic!("{events:?}") };
        assert_eq!((entries.len(), *left_out), (ENTRIES, 7));
        let events = told("normal", &"<purge node='n'/>".repeat(EVENTS + 3));
        let beyond = Event::Items { node: "n".to_owned(), entries: Vec::new(), left_out: 3 };
        assert_eq!((events.len(), events.last()), (EVENTS + 1, Some(&beyond)));
    }

    #[test]
    fn bounces_and_look_alikes_tell_nothing() {
        assert_eq!(told("error", "<purge node='n'/>"), []);
        let stanza = received("<message><event xmlns='urn:x'><purge node='n'/></event></message>");
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        assert_eq!(read(&message), []);
    }
}
