//! What an owner asks of a broker, and the answers (XEP-0060 §8).
//!
//! A change of several entries can succeed in part (§8.8.2.4, §8.9.2.4), and servers differ in what they then tell: after an
//! error the list must be read again.

use super::{List, OWNER_NS, State, Subscription};
use crate::model::owned::{self, Setting, Settings};
use crate::model::{Affiliation, BareJid, Jid};
use crate::xmpp::form::{self, Form};
use crate::xmpp::stanza::IqKind;
use crate::xmpp::xml::{El, Writer};

/// A request by an owner.
#[derive(Clone, Copy, Debug)]
pub enum Request<'a> {
    /// §8.2: the configuration form.
    Config { node: &'a str },
    /// §8.2.4: the form answered, or changed fields only. Unknown ones are ignored by the servers without a word: read
    /// back.
    Configure { node: &'a str, form: &'a Form },
    /// §8.2.5: leaves it as it is; a topic made without its configuration is given up by that (§8.1.3).
    Cancel { node: &'a str },
    /// §8.3: what a new node would get.
    Default,
    /// §8.8.1. ejabberd leaves the pending ones out.
    Subscriptions { node: &'a str },
    /// §8.8.2.
    SetSubscriptions { node: &'a str, changes: &'a [Change] },
    /// §8.9.1.
    Affiliations { node: &'a str },
    /// §8.9.2. Taking an affiliation away does not end the subscription: set that to none first (`engine.md` §4).
    SetAffiliations { node: &'a str, changes: &'a [(BareJid, Affiliation)] },
    /// §8.5.
    Purge { node: &'a str },
    /// §8.4; where readers are to look instead, as an XMPP URI.
    Delete { node: &'a str, redirect: Option<&'a str> },
}

/// What a subscription is to become: exactly this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub jid: Jid,
    pub subid: Option<String>,
    pub state: State,
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
            Self::Configure { node, form } => {
                open(w, "configure", node);
                form.write(w);
            }
            Self::Cancel { node } => {
                open(w, "configure", node);
                Form::cancel().write(w);
            }
            Self::Default => {
                let _ = w.open("default");
            }
            Self::Subscriptions { node } => open(w, "subscriptions", node),
            Self::SetSubscriptions { node, changes } => {
                open(w, "subscriptions", node);
                for change in changes {
                    let _ = w.open("subscription").attr("jid", &change.jid.to_string());
                    let _ =
                        w.attr("subscription", change.state.token()).attr_opt("subid", change.subid.as_deref()).close();
                }
            }
            Self::Affiliations { node } => open(w, "affiliations", node),
            Self::SetAffiliations { node, changes } => {
                open(w, "affiliations", node);
                for (jid, affiliation) in changes {
                    let _ = w.open("affiliation").attr("jid", &jid.to_string());
                    let _ = w.attr("affiliation", affiliation.token()).close();
                }
            }
            Self::Purge { node } => open(w, "purge", node),
            Self::Delete { node, redirect } => {
                open(w, "delete", node);
                if let Some(uri) = redirect {
                    let _ = w.open("redirect").attr("uri", uri).close();
                }
            }
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

/// A configuration form in plain words. What has no name cannot be answered and is left out; a kind that is not known is
/// text, so that what a broker invents can be set all the same.
#[must_use]
pub fn settings(form: &Form) -> Settings {
    let one = |field: &form::Field| {
        let kind = match field.kind.as_deref() {
            Some("boolean") => owned::Form::Truth,
            Some("hidden") => owned::Form::Hidden,
            Some("jid-multi") => owned::Form::Addresses,
            Some("jid-single") => owned::Form::Address,
            Some("list-multi") => owned::Form::Many,
            Some("list-single") => owned::Form::One,
            Some("text-multi") => owned::Form::Lines,
            Some("fixed") => return None,
            _ if field.values.len() > 1 => owned::Form::Lines,
            _ => owned::Form::Line,
        };
        Some(Setting {
            var: field.var.clone().filter(|var| var != "FORM_TYPE")?,
            form: kind,
            label: field.label.clone(),
            required: field.required,
            values: field.values.clone(),
            options: field.options.clone(),
        })
    };
    Settings { fields: form.fields.iter().filter_map(one).collect() }
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
    use super::super::NODE_CONFIG;
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn on_the_wire() {
        let change = |jid: &str, subid: Option<&str>| Change {
            jid: jid.parse().unwrap(),
            subid: subid.map(str::to_owned),
            state: State::None,
        };
        let changes = [change("a@b.example/c", Some("s")), change("d@b.example", None)];
        let people: [(BareJid, Affiliation); 2] = [
            ("a@b.example".parse().unwrap(), Affiliation::PublishOnly),
            ("d@b.example".parse().unwrap(), Affiliation::None),
        ];
        let form = Form::submit(NODE_CONFIG).with("pubsub#title", "<T>");
        let rows: [(Request<'_>, IqKind, &str); 11] = [
            (Request::Config { node: "n" }, IqKind::Get, "<configure node='n'/>"),
            (
                Request::Configure { node: "n", form: &form },
                IqKind::Set,
                "<configure node='n'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
                 <value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#title'>\
                 <value>&lt;T&gt;</value></field></x></configure>",
            ),
            (
                Request::Cancel { node: "n" },
                IqKind::Set,
                "<configure node='n'><x xmlns='jabber:x:data' type='cancel'/></configure>",
            ),
            (Request::Default, IqKind::Get, "<default/>"),
            (Request::Subscriptions { node: "n" }, IqKind::Get, "<subscriptions node='n'/>"),
            (
                Request::SetSubscriptions { node: "n", changes: &changes },
                IqKind::Set,
                "<subscriptions node='n'><subscription jid='a@b.example/c' subscription='none' subid='s'/>\
                 <subscription jid='d@b.example' subscription='none'/></subscriptions>",
            ),
            (Request::Affiliations { node: "n" }, IqKind::Get, "<affiliations node='n'/>"),
            (
                Request::SetAffiliations { node: "n", changes: &people },
                IqKind::Set,
                "<affiliations node='n'><affiliation jid='a@b.example' affiliation='publish-only'/>\
                 <affiliation jid='d@b.example' affiliation='none'/></affiliations>",
            ),
            (Request::Purge { node: "n" }, IqKind::Set, "<purge node='n'/>"),
            (Request::Delete { node: "n", redirect: None }, IqKind::Set, "<delete node='n'/>"),
            (
                Request::Delete { node: "n", redirect: Some("xmpp:b.example?;node=m") },
                IqKind::Set,
                "<delete node='n'><redirect uri='xmpp:b.example?;node=m'/></delete>",
            ),
        ];
        for (request, kind, inside) in rows {
            assert_eq!(request.kind(), kind);
            let wanted = format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{inside}</pubsub>");
            assert_eq!(written(|w| request.write(w)), wanted);
        }
        let sent = received(&written(|w| Request::Configure { node: "n", form: &form }.write(w)));
        assert_eq!(config(Some(sent.root())), Ok(form));
    }

    #[test]
    fn a_form_in_plain_words() {
        let field = |var: &str, kind: &str, values: &[&str]| form::Field {
            var: Some(var.to_owned()),
            kind: Some(kind.to_owned()),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ..form::Field::default()
        };
        let mut form = Form { kind: form::Kind::Form, ..Form::submit(NODE_CONFIG) };
        form.fields.push(form::Field { kind: Some("fixed".to_owned()), ..form::Field::default() });
        form.fields.extend([
            field("pubsub#persist_items", "boolean", &["1"]),
            field("vendor#odd", "holo-single", &["x"]),
            field("vendor#many", "holo-multi", &["x", "y"]),
        ]);
        let read = settings(&form);
        let told: Vec<_> = read.fields.iter().map(|field| (field.var.as_str(), field.form)).collect();
        let wanted = [
            ("pubsub#persist_items", owned::Form::Truth),
            ("vendor#odd", owned::Form::Line),
            ("vendor#many", owned::Form::Lines),
        ];
        assert_eq!(told, wanted);
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
