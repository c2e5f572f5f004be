//! Requests to subscribe that wait for an owner (XEP-0060 §8.6), and how to have them sent again (§8.7).
//!
//! Anybody can send such a form: the caller must check that it came from the broker, for a node we own, and that the
//! request is still pending (`engine.md` §6 row 3).

use std::collections::HashSet;

use super::NS;
use crate::model::{Jid, TopicId};
use crate::xmpp::command::{self, Step};
use crate::xmpp::form::{self, Form};
use crate::xmpp::stanza::{Message, MessageKind};
use crate::xmpp::xml::Writer;

/// `FORM_TYPE` of the form in both directions.
pub const FORM: &str = "http://jabber.org/protocol/pubsub#subscribe_authorization";
/// The ad-hoc command that has the waiting requests of a node sent again.
pub const GET_PENDING: &str = "http://jabber.org/protocol/pubsub#get-pending";

/// Somebody wants to subscribe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub node: String,
    pub subscriber: Jid,
    /// ejabberd sends none.
    pub subid: Option<String>,
}

impl Asked {
    /// The request in a message; `None` when there is none to be trusted in it.
    #[must_use]
    pub fn read(message: &Message<'_>) -> Option<Self> {
        if message.kind == MessageKind::Error {
            return None;
        }
        let form = Form::read(message.child(form::NS, "x")?).ok()?;
        if form.form_type() != Some(FORM) || form.kind != form::Kind::Form {
            return None;
        }
        let only = |var| {
            let mut values = form.values(var);
            values.next().filter(|value| !value.is_empty() && values.next().is_none())
        };
        Some(Self {
            node: only("pubsub#node").filter(|node| TopicId::is_node(node))?.to_owned(),
            subscriber: only("pubsub#subscriber_jid")?.parse().ok()?,
            subid: only("pubsub#subid").map(str::to_owned),
        })
    }

    /// Writes the decision, which goes to the broker in a message: exactly this node and subscriber.
    pub fn write_decision(&self, w: &mut Writer, allow: bool) {
        let mut form = Form::submit(FORM);
        if let Some(subid) = &self.subid {
            form = form.with("pubsub#subid", subid);
        }
        form.with("pubsub#node", &self.node)
            .with("pubsub#subscriber_jid", self.subscriber.to_string())
            .with("pubsub#allow", if allow { "true" } else { "false" })
            .write(w);
    }
}

/// The nodes with requests waiting, from the first step of [`GET_PENDING`], each once: ejabberd names one as often as somebody
/// waits there, and each time it is asked for it sends them all.
#[must_use]
pub fn pending_nodes(step: &Step) -> Vec<String> {
    let Some(field) = step.form.as_ref().and_then(|form| form.field("pubsub#node")) else { return Vec::new() };
    let mut seen = HashSet::new();
    let nodes = field.options.iter().map(|(_, node)| node).filter(|node| TopicId::is_node(node));
    nodes.filter(|node| seen.insert(*node)).cloned().collect()
}

/// Writes the second step: have the requests of `node` sent as messages.
pub fn ask_again(w: &mut Writer, session: Option<&str>, node: &str) {
    command::answer(w, GET_PENDING, session, &Form::submit(FORM).with("pubsub#node", node));
}

/// Whether a service lists the command (XEP-0060 §8.7: the feature `get-pending`).
#[must_use]
pub fn has_get_pending(info: &crate::xmpp::disco::Info) -> bool {
    info.has(&format!("{NS}#get-pending"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::{Sorted, sort, tests::received, tests::written};

    fn asked(kind: &str, form: &str, fields: &[(&str, &str)]) -> Option<Asked> {
        let fields: String =
            fields.iter().map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>")).collect();
        let text = format!("<message type='{kind}'><x xmlns='jabber:x:data' type='{form}'>{fields}</x></message>");
        let stanza = received(&text);
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        Asked::read(&message)
    }

    const NODE: (&str, &str) = ("pubsub#node", "n");
    const WHO: (&str, &str) = ("pubsub#subscriber_jid", "Soc@csirt-b.example");
    const TYPE: (&str, &str) = ("FORM_TYPE", FORM);

    #[test]
    fn a_request_and_its_decision() {
        let request = asked("normal", "form", &[TYPE, NODE, WHO, ("pubsub#allow", "false")]).unwrap();
        assert_eq!((&*request.node, request.subscriber.to_string()), ("n", "soc@csirt-b.example".to_owned()));
        assert_eq!(request.subid, None);
        let sent = received(&format!("<message>{}</message>", written(|w| request.write_decision(w, true))));
        let form = Form::inside(sent.root()).unwrap();
        assert_eq!((form.form_type(), form.truth("pubsub#allow")), (Some(FORM), Some(true)));
        assert_eq!(form.value("pubsub#subscriber_jid"), Some("soc@csirt-b.example"));
        assert_eq!(form.field("pubsub#subid"), None);
        let with = Asked { subid: Some("s".to_owned()), ..request };
        assert!(written(|w| with.write_decision(w, false)).contains("<field var='pubsub#subid'><value>s</value>"));
    }

    #[test]
    fn look_alikes() {
        let other = ("FORM_TYPE", "urn:other");
        for (kind, form, fields) in [
            ("error", "form", vec![TYPE, NODE, WHO]),
            ("normal", "submit", vec![TYPE, NODE, WHO]),
            ("normal", "form", vec![other, NODE, WHO]),
            ("normal", "form", vec![NODE, WHO]),
            ("normal", "form", vec![TYPE, NODE]),
            ("normal", "form", vec![TYPE, WHO]),
            ("normal", "form", vec![TYPE, NODE, WHO, WHO]),
            ("normal", "form", vec![TYPE, NODE, ("pubsub#subscriber_jid", "a b@c")]),
            ("normal", "form", vec![TYPE, ("pubsub#node", "n</value><value>m"), WHO]),
        ] {
            assert_eq!(asked(kind, form, &fields), None, "{kind} {form} {fields:?}");
        }
    }

    #[test]
    fn get_pending() {
        let stanza = received(
            "<command xmlns='http://jabber.org/protocol/commands' status='executing'><x xmlns='jabber:x:data' \
             type='form'><field var='pubsub#node' type='list-single'><option><value>n</value></option>\
             <option label='M'><value>m</value></option><option/></field></x></command>",
        );
        let step = Step::read(stanza.root()).unwrap();
        assert_eq!(pending_nodes(&step), ["n", "m"]);
        let sent = received(&written(|w| ask_again(w, None, "n")));
        assert_eq!(sent.root().attr("node").unwrap(), GET_PENDING);
        assert_eq!(Form::inside(sent.root()).unwrap().value("pubsub#node"), Some("n"));
        assert_eq!(pending_nodes(&Step { form: None, ..step }), [] as [String; 0]);
    }
}
