//! Service discovery (XEP-0030), asking side, with result sets where the answerer has them. Uses `xml` and `model`.

use super::form::{self, Form};
use super::rsm::{Page, Query};
use super::xml::{El, Writer};
use crate::model::{Jid, TopicId};

pub const INFO_NS: &str = "http://jabber.org/protocol/disco#info";
pub const ITEMS_NS: &str = "http://jabber.org/protocol/disco#items";

/// Identities, features and forms of one answer that are kept.
const IDENTITIES: usize = 64;
const FEATURES: usize = 1_000;
const FORMS: usize = 16;
/// Entries of one answer that are kept; more topics than a console lists of one broker.
const ENTRIES: usize = 100_000;

/// Writes a disco#info request.
pub fn ask_info(w: &mut Writer, node: Option<&str>) {
    let _ = w.open_ns("query", INFO_NS).attr_opt("node", node).close();
}

/// Writes a disco#items request.
pub fn ask_items(w: &mut Writer, node: Option<&str>, page: Option<&Query>) {
    let _ = w.open_ns("query", ITEMS_NS).attr_opt("node", node);
    if let Some(page) = page {
        page.write(w);
    }
    let _ = w.close();
}

/// Writes what this console says of itself when asked (XEP-0030 §3.1).
pub fn write_own(w: &mut Writer, node: Option<&str>) {
    let _ = w.open_ns("query", INFO_NS).attr_opt("node", node).open("identity");
    let _ = w.attr("category", "client").attr("type", "pc").attr("name", "Gridwatch").close();
    for feature in [INFO_NS, super::ping::NS, super::delay::NS] {
        let _ = w.open("feature").attr("var", feature).close();
    }
    let _ = w.close();
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub category: String,
    pub kind: String,
    pub name: Option<String>,
}

/// The answer to disco#info. All text is remote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    pub identities: Vec<Identity>,
    pub features: Vec<String>,
    /// Forms not to be trusted are left out.
    pub forms: Vec<Form>,
}

impl Info {
    /// Reads a `<query/>`; `None` when it is none.
    #[must_use]
    pub fn read(query: El<'_>) -> Option<Self> {
        if !query.is(INFO_NS, "query") {
            return None;
        }
        let mut info = Self::default();
        for child in query.children() {
            let own = |name| child.attr(name).map(std::borrow::Cow::into_owned);
            match (child.ns(), child.name()) {
                (INFO_NS, "identity") if info.identities.len() < IDENTITIES => info.identities.push(Identity {
                    category: own("category").unwrap_or_default(),
                    kind: own("type").unwrap_or_default(),
                    name: own("name"),
                }),
                (INFO_NS, "feature") if info.features.len() < FEATURES => info.features.extend(own("var")),
                (form::NS, "x") if info.forms.len() < FORMS => info.forms.extend(Form::read(child).ok()),
                _ => {}
            }
        }
        Some(info)
    }

    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|known| known == feature)
    }

    /// Whether it is of that category and type, `None` meaning any type.
    #[must_use]
    pub fn is(&self, category: &str, kind: Option<&str>) -> bool {
        self.identities.iter().any(|own| own.category == category && kind.is_none_or(|kind| own.kind == kind))
    }

    /// The form of that `FORM_TYPE`.
    #[must_use]
    pub fn form(&self, form_type: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.form_type() == Some(form_type))
    }
}

/// An entry of disco#items: a service, a node, or an item of a node (then its id is the name).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub jid: Jid,
    pub node: Option<String>,
    pub name: Option<String>,
}

/// The answer to disco#items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    pub entries: Vec<Entry>,
    /// Entries left out because their address is none, their node's name too long, or they are too many.
    pub unreadable: u32,
    pub page: Option<Page>,
}

impl Items {
    /// Reads a `<query/>`; `None` when it is none.
    #[must_use]
    pub fn read(query: El<'_>) -> Option<Self> {
        if !query.is(ITEMS_NS, "query") {
            return None;
        }
        let mut items = Self { page: Page::inside(query), ..Self::default() };
        for child in query.children().filter(|child| child.is(ITEMS_NS, "item")) {
            let own = |name| child.attr(name).map(std::borrow::Cow::into_owned);
            match own("jid").and_then(|jid| jid.parse().ok()) {
                Some(jid)
                    if items.entries.len() < ENTRIES && own("node").is_none_or(|node| node.len() <= TopicId::NODE) =>
                {
                    items.entries.push(Entry { jid, node: own("node"), name: own("name") });
                }
                _ => items.unreadable += 1,
            }
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::rsm::At;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn info() {
        let stanza = received(
            "<query xmlns='http://jabber.org/protocol/disco#info' node='n'><identity category='pubsub' type='leaf'/>\
             <feature var='http://jabber.org/protocol/pubsub'/><feature/><x xmlns='jabber:x:data' type='result'>\
             <field var='FORM_TYPE'><value>m</value></field><field var='pubsub#type'/></x>\
             <x xmlns='jabber:x:data'><field var='a'/><field var='a'/></x></query>",
        );
        let info = Info::read(stanza.root()).unwrap();
        assert!(info.is("pubsub", Some("leaf")) && info.is("pubsub", None) && !info.is("pubsub", Some("service")));
        assert!(info.has("http://jabber.org/protocol/pubsub"));
        assert_eq!(info.form("m").unwrap().value("pubsub#type"), None);
        assert_eq!(info.forms.len(), 1);
        assert_eq!(Info::read(received("<query xmlns='u'/>").root()), None);
        let own = Info::read(received(&written(|w| write_own(w, None))).root()).unwrap();
        assert!(own.is("client", Some("pc")) && own.has(INFO_NS));
    }

    #[test]
    fn items() {
        let page = Query { max: 20, at: At::Start };
        assert_eq!(
            written(|w| ask_items(w, Some("n"), Some(&page))),
            "<query xmlns='http://jabber.org/protocol/disco#items' node='n'>\
             <set xmlns='http://jabber.org/protocol/rsm'><max>20</max></set></query>"
        );
        let stanza = received(
            "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='b.example' node='n' name='N'/>\
             <item jid='@'/><item/><set xmlns='http://jabber.org/protocol/rsm'><count>3</count></set></query>",
        );
        let items = Items::read(stanza.root()).unwrap();
        let entry = Entry { jid: "b.example".parse().unwrap(), node: Some("n".into()), name: Some("N".into()) };
        assert_eq!((items.entries, items.unreadable), (vec![entry], 2));
        assert_eq!(items.page.unwrap().count, Some(3));
    }

    #[test]
    fn no_answer_is_kept_beyond_reason() {
        let many = |inside: &str, count: usize| {
            format!("<query xmlns='http://jabber.org/protocol/disco#info'>{}</query>", inside.repeat(count))
        };
        let read = |text: &str| Info::read(received(text).root()).unwrap();
        assert_eq!(read(&many("<feature var='x'/>", FEATURES + 1)).features.len(), FEATURES);
        assert_eq!(read(&many("<identity category='a' type='b'/>", IDENTITIES + 1)).identities.len(), IDENTITIES);
        assert_eq!(read(&many("<x xmlns='jabber:x:data'/>", FORMS + 1)).forms.len(), FORMS);
    }
}
