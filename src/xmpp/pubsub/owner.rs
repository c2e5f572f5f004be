//! What an owner asks of a broker, and the answers (XEP-0060 §8).

use super::{List, NODE_CONFIG, OWNER_NS, State, Subscription};
use crate::model::{Affiliation, BareJid, Jid};
use crate::xmpp::form::{self, Form};
use crate::xmpp::stanza::IqKind;
use crate::xmpp::xml::{El, Writer};

/// A request by an owner.
#[derive(Clone, Copy, Debug)]
pub enum Request<'a> {
    /// §8.2: the configuration form.
    Config { node: &'a str },
    /// §8.2.4: changed fields only. Unknown ones are ignored by the servers without a word: read back.
    Configure { node: &'a str, changes: &'a [(&'a str, &'a str)] },
    /// §8.3: what a new node would get.
    Default,
    /// §8.8.1. ejabberd leaves the pending ones out.
    Subscriptions { node: &'a str },
    /// §8.8.2.
    SetSubscription { node: &'a str, jid: &'a Jid, subid: Option<&'a str>, state: &'a State },
    /// §8.9.1.
    Affiliations { node: &'a str },
    /// §8.9.2. Taking an affiliation away does not end the subscription: set that to none first (`engine.md` §4).
    SetAffiliation { node: &'a str, jid: &'a BareJid, affiliation: &'a Affiliation },
    /// §8.5.
    Purge { node: &'a str },
    /// §8.4.
    Delete { node: &'a str },
}

impl Request<'_> {
    #[must_use]
    pub fn kind(&self) -> IqKind {
        match self {
            Self::Config { .. } | Self::Default | Self::Subscriptions { .. } | Self::Affiliations { .. } => IqKind::Get,
            _ => IqKind::Set,
        }
    }

    /// Writes the `<pubsub/>`.
    pub fn write(&self, w: &mut Writer) {
        let _ = w.open_ns("pubsub", OWNER_NS);
        match *self {
            Self::Config { node } => open(w, "configure", node),
            Self::Configure { node, changes } => {
                open(w, "configure", node);
                super::request::form(NODE_CONFIG, changes).write(w);
            }
            Self::Default => {
                let _ = w.open("default");
            }
            Self::Subscriptions { node } => open(w, "subscriptions", node),
            Self::SetSubscription { node, jid, subid, state } => {
                open(w, "subscriptions", node);
                let _ = w.open("subscription").attr("jid", &jid.to_string()).attr("subscription", state.token());
                let _ = w.attr_opt("subid", subid).close();
            }
            Self::Affiliations { node } => open(w, "affiliations", node),
            Self::SetAffiliation { node, jid, affiliation } => {
                open(w, "affiliations", node);
                let _ = w.open("affiliation").attr("jid", &jid.to_string());
                let _ = w.attr("affiliation", affiliation.token()).close();
            }
            Self::Purge { node } => open(w, "purge", node),
            Self::Delete { node } => open(w, "delete", node),
        }
        let _ = w.close().close();
    }
}

fn open(w: &mut Writer, name: &str, node: &str) {
    let _ = w.open(name).attr("node", node);
}

fn inside<'a>(payload: Option<El<'a>>, name: &str) -> Option<El<'a>> {
    payload.filter(|pubsub| pubsub.is(OWNER_NS, "pubsub"))?.child(OWNER_NS, name)
}

/// A node's configuration form, or the default one.
///
/// # Errors
/// When there is none, or one not to be trusted.
pub fn config(payload: Option<El<'_>>) -> Result<Form, form::Error> {
    let place = inside(payload, "configure").or_else(|| inside(payload, "default"));
    Form::inside(place.ok_or(form::Error::Missing)?)
}

/// Everybody's subscriptions of a node.
#[must_use]
pub fn subscriptions(payload: Option<El<'_>>) -> Option<List<Subscription>> {
    Some(List::read(inside(payload, "subscriptions")?, "subscription", Subscription::read))
}

/// Everybody's affiliations with a node.
#[must_use]
pub fn affiliations(payload: Option<El<'_>>) -> Option<List<(Jid, Affiliation)>> {
    Some(List::read(inside(payload, "affiliations")?, "affiliation", |el| {
        Some((el.attr("jid")?.parse().ok()?, Affiliation::from_token(&el.attr("affiliation")?)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn on_the_wire() {
        let (jid, bare): (Jid, BareJid) = ("a@b.example/c".parse().unwrap(), "a@b.example".parse().unwrap());
        let rows: [(Request<'_>, IqKind, &str); 8] = [
            (Request::Config { node: "n" }, IqKind::Get, "<configure node='n'/>"),
            (Request::Default, IqKind::Get, "<default/>"),
            (Request::Subscriptions { node: "n" }, IqKind::Get, "<subscriptions node='n'/>"),
            (
                Request::SetSubscription { node: "n", jid: &jid, subid: Some("s"), state: &State::None },
                IqKind::Set,
                "<subscriptions node='n'><subscription jid='a@b.example/c' subscription='none' subid='s'/></subscriptions>",
            ),
            (Request::Affiliations { node: "n" }, IqKind::Get, "<affiliations node='n'/>"),
            (
                Request::SetAffiliation { node: "n", jid: &bare, affiliation: &Affiliation::PublishOnly },
                IqKind::Set,
                "<affiliations node='n'><affiliation jid='a@b.example' affiliation='publish-only'/></affiliations>",
            ),
            (Request::Purge { node: "n" }, IqKind::Set, "<purge node='n'/>"),
            (Request::Delete { node: "n" }, IqKind::Set, "<delete node='n'/>"),
        ];
        for (request, kind, inside) in rows {
            assert_eq!(request.kind(), kind);
            let wanted = format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{inside}</pubsub>");
            assert_eq!(written(|w| request.write(w)), wanted);
        }
        let change = Request::Configure { node: "n", changes: &[("pubsub#title", "<T>")] };
        let sent = received(&written(|w| change.write(w)));
        let form = config(Some(sent.root())).unwrap();
        assert_eq!((form.form_type(), form.value("pubsub#title")), (Some(NODE_CONFIG), Some("<T>")));
    }

    #[test]
    fn lists_of_both_servers() {
        // Prosody: no node on the list, but on its entries.
        let prosody = received(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><subscriptions>\
             <subscription node='n' jid='a@b.example' subscription='subscribed'/></subscriptions></pubsub>",
        );
        let list = subscriptions(Some(prosody.root())).unwrap();
        assert_eq!((list.node, list.entries[0].node.as_deref()), (None, Some("n")));
        let ejabberd = received(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><affiliations node='n'>\
             <affiliation jid='a@b.example' affiliation='owner'/><affiliation jid='\u{202e}' affiliation='member'/>\
             <affiliation jid='c@d.example' affiliation='guest'/></affiliations></pubsub>",
        );
        let list = affiliations(Some(ejabberd.root())).unwrap();
        assert_eq!((list.node.as_deref(), list.entries.len(), list.unreadable), (Some("n"), 2, 1));
        assert_eq!(list.entries[1].1, Affiliation::Other("guest".to_owned()));
        assert!(affiliations(None).is_none() && subscriptions(Some(ejabberd.root())).is_none());
        assert_eq!(config(Some(ejabberd.root())), Err(form::Error::Missing));
    }
}
