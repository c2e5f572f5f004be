//! What a broker tells by itself (XEP-0060 §7.1.2.1, §7.2.2, §8). Order is kept.
//!
//! Any account can send a message that looks like this, and both common servers relay it: whether the sender is the
//! broker, and the node ours, the caller must check (`engine.md` §6 row 2).

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

/// What happened at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Items {
        node: String,
        entries: Vec<Entry>,
    },
    Purge {
        node: String,
    },
    Delete {
        node: String,
    },
    Configuration {
        node: String,
        form: Option<Form>,
    },
    Subscription {
        node: String,
        subscription: Subscription,
    },
    /// Something else, such as a collection's event.
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
    event.children().filter(|child| child.ns() == EVENT_NS).map(one).collect()
}

fn one(el: El<'_>) -> Event {
    match (el.name(), node_of(el)) {
        ("items", Some(node)) => {
            let mut around = Around::default();
            Event::Items { node, entries: el.children().filter_map(|child| entry(child, &mut around)).collect() }
        }
        ("purge", Some(node)) => Event::Purge { node },
        ("delete", Some(node)) => Event::Delete { node },
        ("configuration", Some(node)) => Event::Configuration { node, form: Form::inside(el).ok() },
        ("subscription", Some(node)) => match Subscription::read(el) {
            Some(subscription) => Event::Subscription { node, subscription },
            None => Event::Other { node: Some(node), name: "subscription".to_owned() },
        },
        (name, node) => Event::Other { node, name: name.to_owned() },
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
            | Self::Delete { node }
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
        let [Event::Items { node, entries }] = &events[..] else { panic!("{events:?}") };
        assert_eq!((node.as_str(), entries.len()), ("n", 4));
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
                 subscription='none'/><collection node='n'/><items/><subscription node='n'/>"
            ),
        );
        assert_eq!(events[..2], [Event::Purge { node: "n".into() }, Event::Delete { node: "n".into() }]);
        assert!(matches!(&events[2], Event::Configuration { form: Some(_), .. }));
        assert!(matches!(&events[3], Event::Configuration { form: None, .. }));
        assert_eq!((events[4].state(), events[4].node()), (Some(&State::None), Some("n")));
        let other = |node: Option<&str>, name: &str| Event::Other { node: node.map(str::to_owned), name: name.into() };
        assert_eq!(
            events[5..],
            [other(Some("n"), "collection"), other(None, "items"), other(Some("n"), "subscription")]
        );
    }

    #[test]
    fn bounces_and_look_alikes_tell_nothing() {
        assert_eq!(told("error", "<purge node='n'/>"), []);
        let stanza = received("<message><event xmlns='urn:x'><purge node='n'/></event></message>");
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        assert_eq!(read(&message), []);
    }
}
