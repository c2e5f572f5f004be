//! What any account may ask of a broker (XEP-0060 §5 to §7, §8.1).

use super::{NS, PUBLISH_OPTIONS};
use crate::model::{ItemId, Jid};
use crate::xmpp::form::Form;
use crate::xmpp::rsm::Query;
use crate::xmpp::stanza::IqKind;
use crate::xmpp::xml::Writer;

/// Which items of a node.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    All,
    /// The newest so many.
    Newest(u32),
    Ids(&'a [ItemId]),
    /// A page (XEP-0059), where the broker has pages; the answer's page tells.
    Page(&'a Query),
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub enum Request<'a> {
    /// §6.1; with options in the same step where there are some (§6.3.7).
    Subscribe { node: &'a str, jid: &'a Jid, options: &'a [(&'a str, &'a str)] },
    /// §6.2: exactly this subscription.
    Unsubscribe { node: &'a str, jid: &'a Jid, subid: Option<&'a str> },
    /// §6.3.2: how a subscription is delivered, as a form.
    Options { node: &'a str, jid: &'a Jid, subid: Option<&'a str> },
    /// §6.3.5: the form answered ([`super::options::filled`]).
    SetOptions { node: &'a str, jid: &'a Jid, subid: Option<&'a str>, form: &'a Form },
    /// §6.4: what a new subscription would get, at a node or anywhere at the broker.
    DefaultOptions { node: Option<&'a str> },
    /// §5.6, mine; of all nodes without `node`.
    Subscriptions { node: Option<&'a str> },
    /// §5.7, mine.
    Affiliations { node: Option<&'a str> },
    /// §6.5.
    Items { node: &'a str, subid: Option<&'a str>, which: Which<'a> },
    /// §7.1, with preconditions as (field, value) pairs (§7.1.5). Always give some: on ejabberd publishing to a node
    /// that is gone makes it anew, open to all.
    Publish { node: &'a str, item: &'a ItemId, payload: &'a [u8], preconditions: &'a [(&'a str, &'a str)] },
    /// §7.2.
    Retract { node: &'a str, item: &'a ItemId, notify: bool },
    /// §8.1.3: with its configuration. Without a name the broker makes one up (§8.1.2) and tells it.
    Create { node: Option<&'a str>, config: Option<&'a Form> },
}

impl Request<'_> {
    #[must_use]
    pub fn kind(&self) -> IqKind {
        match self {
            Self::Subscriptions { .. }
            | Self::Affiliations { .. }
            | Self::Items { .. }
            | Self::Options { .. }
            | Self::DefaultOptions { .. } => IqKind::Get,
            Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::SetOptions { .. }
            | Self::Publish { .. }
            | Self::Retract { .. }
            | Self::Create { .. } => IqKind::Set,
        }
    }

    /// Writes the `<pubsub/>`. A payload that is not one sound element makes the writer fail.
    pub fn write(&self, w: &mut Writer) {
        let _ = w.open_ns("pubsub", NS);
        match *self {
            Self::Subscribe { node, jid, options } => {
                let _ = w.open("subscribe").attr("node", node).attr("jid", &jid.to_string()).close();
                if !options.is_empty() {
                    let _ = w.open("options");
                    form(super::options::FORM, options).write(w);
                    let _ = w.close();
                }
            }
            Self::Options { node, jid, subid } => {
                open_options(w, node, jid, subid);
                let _ = w.close();
            }
            Self::SetOptions { node, jid, subid, form } => {
                open_options(w, node, jid, subid);
                form.write(w);
                let _ = w.close();
            }
            Self::DefaultOptions { node } => {
                let _ = w.open("default").attr_opt("node", node).close();
            }
            Self::Unsubscribe { node, jid, subid } => {
                let _ = w.open("unsubscribe").attr("node", node).attr("jid", &jid.to_string());
                let _ = w.attr_opt("subid", subid).close();
            }
            Self::Subscriptions { node } => {
                let _ = w.open("subscriptions").attr_opt("node", node).close();
            }
            Self::Affiliations { node } => {
                let _ = w.open("affiliations").attr_opt("node", node).close();
            }
            Self::Items { node, subid, which } => items(w, node, subid, which),
            Self::Publish { node, item, payload, preconditions } => {
                let _ = w.open("publish").attr("node", node).open("item").attr("id", &item.0);
                let _ = w.payload(payload).close().close();
                if !preconditions.is_empty() {
                    let _ = w.open("publish-options");
                    form(PUBLISH_OPTIONS, preconditions).write(w);
                    let _ = w.close();
                }
            }
            Self::Retract { node, item, notify } => {
                let _ = w.open("retract").attr("node", node).attr_opt("notify", notify.then_some("true"));
                let _ = w.open("item").attr("id", &item.0).close().close();
            }
            Self::Create { node, config } => {
                let _ = w.open("create").attr_opt("node", node).close();
                if let Some(config) = config {
                    let _ = w.open("configure");
                    config.write(w);
                    let _ = w.close();
                }
            }
        }
        let _ = w.close();
    }
}

fn items(w: &mut Writer, node: &str, subid: Option<&str>, which: Which<'_>) {
    let newest = if let Which::Newest(most) = which { Some(most.to_string()) } else { None };
    let _ = w.open("items").attr("node", node).attr_opt("subid", subid).attr_opt("max_items", newest.as_deref());
    if let Which::Ids(ids) = which {
        for id in ids {
            let _ = w.open("item").attr("id", &id.0).close();
        }
    }
    let _ = w.close();
    if let Which::Page(page) = which {
        page.write(w);
    }
}

fn open_options(w: &mut Writer, node: &str, jid: &Jid, subid: Option<&str>) {
    let _ = w.open("options").attr("node", node).attr("jid", &jid.to_string()).attr_opt("subid", subid);
}

/// A submitted form of these answers.
pub(super) fn form(form_type: &str, answers: &[(&str, &str)]) -> Form {
    let mut form = Form::submit(form_type);
    for (var, value) in answers {
        form = form.with(var, *value);
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::rsm::At;
    use crate::xmpp::stanza::tests::written;

    #[test]
    fn on_the_wire() {
        let jid: Jid = "analyst@grid.example".parse().unwrap();
        let ids = [ItemId("a'b".to_owned()), ItemId("c".to_owned())];
        let page = Query { max: 50, at: At::Before(String::new()) };
        let item = &ids[1];
        let form = Form::submit("f");
        let config = Form::submit(super::super::NODE_CONFIG).with("pubsub#access_model", "authorize");
        let rows: [(Request<'_>, IqKind, &str); 17] = [
            (
                Request::Subscribe { node: "n", jid: &jid, options: &[] },
                IqKind::Set,
                "<subscribe node='n' jid='analyst@grid.example'/>",
            ),
            (
                Request::Subscribe { node: "n", jid: &jid, options: &[("pubsub#deliver", "1")] },
                IqKind::Set,
                "<subscribe node='n' jid='analyst@grid.example'/><options><x xmlns='jabber:x:data' type='submit'>\
                 <field var='FORM_TYPE' type='hidden'>\
                 <value>http://jabber.org/protocol/pubsub#subscribe_options</value></field>\
                 <field var='pubsub#deliver'><value>1</value></field></x></options>",
            ),
            (
                Request::Options { node: "n", jid: &jid, subid: Some("s") },
                IqKind::Get,
                "<options node='n' jid='analyst@grid.example' subid='s'/>",
            ),
            (
                Request::SetOptions { node: "n", jid: &jid, subid: None, form: &form },
                IqKind::Set,
                "<options node='n' jid='analyst@grid.example'><x xmlns='jabber:x:data' type='submit'>\
                 <field var='FORM_TYPE' type='hidden'><value>f</value></field></x></options>",
            ),
            (Request::DefaultOptions { node: None }, IqKind::Get, "<default/>"),
            (
                Request::Unsubscribe { node: "n", jid: &jid, subid: Some("s") },
                IqKind::Set,
                "<unsubscribe node='n' jid='analyst@grid.example' subid='s'/>",
            ),
            (Request::Subscriptions { node: None }, IqKind::Get, "<subscriptions/>"),
            (Request::Affiliations { node: Some("n") }, IqKind::Get, "<affiliations node='n'/>"),
            (Request::Items { node: "n", subid: None, which: Which::All }, IqKind::Get, "<items node='n'/>"),
            (
                Request::Items { node: "n", subid: Some("s"), which: Which::Newest(5) },
                IqKind::Get,
                "<items node='n' subid='s' max_items='5'/>",
            ),
            (
                Request::Items { node: "n", subid: None, which: Which::Ids(&ids) },
                IqKind::Get,
                "<items node='n'><item id='a&apos;b'/><item id='c'/></items>",
            ),
            (
                Request::Items { node: "n", subid: None, which: Which::Page(&page) },
                IqKind::Get,
                "<items node='n'/><set xmlns='http://jabber.org/protocol/rsm'><max>50</max><before/></set>",
            ),
            (
                Request::Publish { node: "n", item, payload: b"<a xmlns='urn:a'/>", preconditions: &[("x", "y")] },
                IqKind::Set,
                "<publish node='n'><item id='c'><a xmlns='urn:a'/></item></publish><publish-options>\
                 <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
                 <value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
                 <field var='x'><value>y</value></field></x></publish-options>",
            ),
            (
                Request::Retract { node: "n", item, notify: true },
                IqKind::Set,
                "<retract node='n' notify='true'><item id='c'/></retract>",
            ),
            (Request::Create { node: Some("n"), config: None }, IqKind::Set, "<create node='n'/>"),
            (Request::Create { node: None, config: None }, IqKind::Set, "<create/>"),
            (
                Request::Create { node: Some("n"), config: Some(&config) },
                IqKind::Set,
                "<create node='n'/><configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' \
                 type='hidden'><value>http://jabber.org/protocol/pubsub#node_config</value></field>\
                 <field var='pubsub#access_model'><value>authorize</value></field></x></configure>",
            ),
        ];
        for (request, kind, inside) in rows {
            assert_eq!(request.kind(), kind);
            let wanted = format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}</pubsub>");
            assert_eq!(written(|w| request.write(w)), wanted);
        }
    }

    #[test]
    fn no_payload_breaks_out() {
        let item = ItemId("1".to_owned());
        for payload in ["</item>", "<a/><b/>", "<p:a/>", "<a><!-- --></a>", "<?xml version='1.0'?><a/>", "text", ""] {
            let mut w = Writer::new();
            Request::Publish { node: "n", item: &item, payload: payload.as_bytes(), preconditions: &[] }.write(&mut w);
            assert!(w.finish().is_err(), "{payload}");
        }
    }
}
