//! What there is: service discovery (XEP-0030) with result sets (XEP-0059), RFC 8600 §5.

use std::ops::Range;

use super::requests::node_of;
use super::{Broker, Turn, node};
use crate::model::Affiliation;
use crate::practice::answer::{Refusal, Reply, element};
use crate::xmpp::form::Kind;
use crate::xmpp::pubsub::authorize::GET_PENDING;
use crate::xmpp::pubsub::{self, meta};
use crate::xmpp::xml::{El, Writer};
use crate::xmpp::{command, disco, ping, rsm};

/// Topics listed at once when the client asks for no fewer.
const PAGE: usize = 100;

/// XEP-0060 §10: what this broker can do.
const FEATURES: [&str; 27] = [
    "access-authorize",
    "access-open",
    "access-whitelist",
    "config-node",
    "create-and-configure",
    "create-nodes",
    "delete-items",
    "delete-nodes",
    "get-pending",
    "item-ids",
    "manage-subscriptions",
    "member-affiliation",
    "meta-data",
    "modify-affiliations",
    "multi-items",
    "outcast-affiliation",
    "persistent-items",
    "publish",
    "publish-only-affiliation",
    "publish-options",
    "purge-nodes",
    "retract-items",
    "retrieve-affiliations",
    "retrieve-default-sub",
    "retrieve-items",
    "subscribe",
    "subscription-options",
];

/// The part of a list that is wanted.
pub(super) struct Page {
    pub range: Range<usize>,
    /// Asked from the end.
    pub backward: bool,
}

/// Finds the page a request asks for (XEP-0059 §2), at most `most` long.
///
/// # Errors
/// `item-not-found` when it asks on from an item that is not there (XEP-0059 §2.3).
pub(super) fn page(
    len: usize,
    set: Option<El<'_>>,
    most: usize,
    place: impl Fn(&str) -> Option<usize>,
) -> Result<Page, Refusal> {
    let forward = |start: usize, max: usize| Page { range: start.min(len)..(start + max).min(len), backward: false };
    let Some(set) = set else { return Ok(forward(0, most)) };
    let text = |name: &str| set.child(rsm::NS, name).map(|child| child.text().into_owned());
    let max = match text("max") {
        Some(max) => max.trim().parse::<usize>().map_err(|_| Refusal::BAD_REQUEST)?.min(most),
        None => most,
    };
    let find = |id: &str| place(id).ok_or(Refusal::NOT_FOUND);
    if let Some(after) = text("after").filter(|after| !after.is_empty()) {
        return Ok(forward(find(&after)? + 1, max));
    }
    if let Some(before) = text("before") {
        let end = if before.is_empty() { len } else { find(&before)? };
        return Ok(Page { range: end.saturating_sub(max)..end, backward: true });
    }
    let index = text("index").and_then(|index| index.trim().parse().ok()).unwrap_or(0);
    Ok(forward(index, max))
}

/// Describes a page: how many there are in all, the place of its first, its ids.
pub(super) fn write_set(w: &mut Writer, count: usize, first: usize, ids: &[&str]) {
    let _ = w.open_ns("set", rsm::NS);
    if let (Some(one), Some(last)) = (ids.first(), ids.last()) {
        let _ = w.open("first").attr("index", &first.to_string()).text(one).close().leaf("last", last);
    }
    let _ = w.leaf("count", &count.to_string()).close();
}

impl Broker {
    /// disco#info of the broker or of a topic.
    pub(super) fn info(&self, query: El<'_>) -> Reply {
        match query.attr("node").as_deref() {
            None | Some("") => Ok(element(|w| {
                let _ = w.open_ns("query", disco::INFO_NS).open("identity").attr("category", "pubsub");
                let _ = w.attr("type", "service").attr("name", "Practice broker").close();
                for feature in [disco::INFO_NS, disco::ITEMS_NS, ping::NS, command::NS, rsm::NS, pubsub::NS] {
                    let _ = w.open("feature").attr("var", feature).close();
                }
                for feature in FEATURES {
                    let _ = w.open("feature").attr("var", &format!("{}#{feature}", pubsub::NS)).close();
                }
                let _ = w.close();
            })?),
            Some(GET_PENDING) => Ok(element(|w| {
                let _ = w.open_ns("query", disco::INFO_NS).attr("node", GET_PENDING).open("identity");
                let _ = w.attr("category", "automation").attr("type", "command-node").close();
                let _ = w.open("feature").attr("var", command::NS).close().close();
            })?),
            Some(name) => self.describe(name),
        }
    }

    /// The metadata of a topic; everybody may read it (RFC 8600 §5).
    fn describe(&self, name: &str) -> Reply {
        let node = self.find(name)?;
        let text = |value: &str| vec![value.to_owned()];
        let all = |affiliation| node.with(affiliation).map(ToString::to_string).collect();
        let fields = vec![
            ("pubsub#type", "text-single", text(&node.config.payload)),
            ("pubsub#title", "text-single", text(&node.config.title)),
            ("pubsub#description", "text-single", text(&node.config.description)),
            ("pubsub#owner", "jid-multi", all(&Affiliation::Owner)),
            ("pubsub#publisher", "jid-multi", all(&Affiliation::Publisher)),
            ("pubsub#access_model", "text-single", text(&node.config.access)),
            ("pubsub#publish_model", "text-single", text(&node.config.publish_model)),
            ("pubsub#num_subscribers", "text-single", vec![node.audience().count().to_string()]),
        ];
        let form = node::form(Kind::Result, meta::FORM, fields);
        Ok(element(|w| {
            let _ = w.open_ns("query", disco::INFO_NS).attr("node", name).open("identity");
            let _ = w.attr("category", "pubsub").attr("type", "leaf").close();
            let _ = w.open("feature").attr("var", pubsub::NS).close();
            form.write(w);
            let _ = w.close();
        })?)
    }

    /// disco#items: topics of the broker, items of a topic, or commands.
    pub(super) fn list(&self, turn: &Turn<'_>, query: El<'_>) -> Reply {
        // (node, name) of each entry, and what rsm::NS knows it by.
        let (entries, ids): (Vec<(Option<&str>, &str)>, Vec<&str>) = match query.attr("node").as_deref() {
            None | Some("") => self
                .nodes
                .iter()
                .map(|node| ((Some(node.name.as_str()), node.config.title.as_str()), node.name.as_str()))
                .unzip(),
            Some(command::NS) => (vec![(Some(GET_PENDING), "Requests that wait for you")], vec![GET_PENDING]),
            Some(_) => {
                let node = self.find(&node_of(query)?)?;
                node.reading(turn.from.bare())?;
                node.items.iter().map(|item| ((None, item.id.as_str()), item.id.as_str())).unzip()
            }
        };
        let set = query.child(rsm::NS, "set");
        let page = page(ids.len(), set, PAGE, |id| ids.iter().position(|own| *own == id))?;
        let partial = set.is_some() || page.range.len() < ids.len();
        Ok(element(|w| {
            let _ = w.open_ns("query", disco::ITEMS_NS).attr_opt("node", query.attr("node").as_deref());
            for (node, name) in entries.get(page.range.clone()).unwrap_or_default() {
                let _ = w.open("item").attr("jid", &self.jid().to_string()).attr_opt("node", *node);
                let _ = w.attr("name", name).close();
            }
            if partial {
                write_set(w, ids.len(), page.range.start, ids.get(page.range).unwrap_or_default());
            }
            let _ = w.close();
        })?)
    }
}
