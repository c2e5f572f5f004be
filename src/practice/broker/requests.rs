//! What anybody may ask of a topic: subscribe, read, publish, retract, create (XEP-0060 §5 to §7, §8.1).

use super::node::{self, Config, Item, Node, Subscription};
use super::{Broker, Turn, disco, payload, write_item};
use crate::model::{Affiliation, ItemId, Jid};
use crate::practice::answer::{Refusal, Reply, element};
use crate::xmpp::pubsub::{NODE_CONFIG, NS as PUBSUB, PUBLISH_OPTIONS};
use crate::xmpp::rsm;
use crate::xmpp::xml::{El, Writer};

/// Largest payload taken, as on ejabberd.
const PAYLOAD: usize = 250_000;
/// Items and bytes of one answer: a whole answer must stay under what a client takes as one stanza.
const PAGE: usize = 100;
const PAGE_BYTES: usize = 200_000;

impl Broker {
    pub(super) fn pubsub(&mut self, turn: &mut Turn<'_>, pubsub: El<'_>, set: bool) -> Reply {
        let Some(act) = pubsub.children().find(|child| child.ns() == PUBSUB) else {
            return Err(Refusal::BAD_REQUEST);
        };
        match (act.name(), set) {
            ("subscribe", true) => self.subscribe(turn, act, pubsub),
            ("unsubscribe", true) => self.unsubscribe(turn, act),
            ("subscriptions", false) => self.subscriptions(turn, act),
            ("affiliations", false) => self.affiliations(turn, act),
            ("items", false) => self.items(turn, act, pubsub),
            ("publish", true) => self.publish_request(turn, act, pubsub),
            ("retract", true) => self.retract_request(turn, act),
            ("create", true) => self.create_request(turn, act, pubsub),
            ("options", _) => self.options(turn, act, set),
            ("default", false) => Self::default_options(act),
            _ => Err(Refusal::BAD_REQUEST),
        }
    }

    /// XEP-0060 §6.1, with options (§6.3.7).
    fn subscribe(&mut self, turn: &mut Turn<'_>, act: El<'_>, pubsub: El<'_>) -> Reply {
        let (name, jid) = (node_of(act)?, own_jid(turn, act)?);
        let deliver = pubsub.child(PUBSUB, "options").map(super::options::wanted).transpose()?;
        let state = self.find(&name)?.subscribing(jid.bare())?;
        let own = self.enter(turn, &name, &jid, state)?;
        if let Some(deliver) = deliver {
            let own = self.find_mut(&name)?.subscriptions.iter_mut().find(|own| own.jid == jid);
            own.into_iter().for_each(|own| own.deliver = deliver);
        }
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB);
            write_subscription(w, &name, &own);
            let _ = w.close();
        })?)
    }

    /// XEP-0060 §6.2; withdraws a pending request too.
    fn unsubscribe(&mut self, turn: &mut Turn<'_>, act: El<'_>) -> Reply {
        let (name, jid, subid) = (node_of(act)?, own_jid(turn, act)?, act.attr("subid"));
        let node = self.find_mut(&name)?;
        let own = node.subscriptions.iter().position(|own| own.jid == jid);
        let Some(at) = own else {
            return Err(Refusal::UNEXPECTED.special("not-subscribed"));
        };
        let wrong = |own: &Subscription| subid.as_ref().is_some_and(|subid| *subid != own.subid);
        if node.subscriptions.get(at).is_some_and(wrong) {
            return Err(Refusal::NOT_ACCEPTABLE.special("invalid-subid"));
        }
        let _ = node.subscriptions.remove(at);
        Ok(Vec::new())
    }

    /// My subscriptions, on one topic or all (XEP-0060 §5.6).
    fn subscriptions(&self, turn: &Turn<'_>, act: El<'_>) -> Reply {
        let only = act.attr("node");
        if let Some(name) = &only {
            let _ = self.find(name)?;
        }
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB).open("subscriptions").attr_opt("node", only.as_deref());
            for node in self.nodes.iter().filter(|node| only.as_ref().is_none_or(|name| *name == node.name)) {
                for own in node.subscriptions.iter().filter(|own| own.jid.bare() == turn.from.bare()) {
                    write_subscription(w, &node.name, own);
                }
            }
            let _ = w.close().close();
        })?)
    }

    /// My affiliations, on one topic or all (XEP-0060 §5.7).
    fn affiliations(&self, turn: &Turn<'_>, act: El<'_>) -> Reply {
        let only = act.attr("node");
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB).open("affiliations").attr_opt("node", only.as_deref());
            for node in self.nodes.iter().filter(|node| only.as_ref().is_none_or(|name| *name == node.name)) {
                if let Some(token) = token(&node.affiliation(turn.from.bare())) {
                    let _ = w.open("affiliation").attr("node", &node.name).attr("affiliation", token).close();
                }
            }
            let _ = w.close().close();
        })?)
    }

    /// Stored items: by id, the newest so many, or by page (XEP-0060 §6.5).
    fn items(&self, turn: &Turn<'_>, act: El<'_>, pubsub: El<'_>) -> Reply {
        let name = node_of(act)?;
        let node = self.find(&name)?;
        node.reading(turn.from.bare())?;
        let wanted: Vec<_> = act.children().filter(|child| child.is(PUBSUB, "item")).collect();
        if !wanted.is_empty() {
            let ids = wanted.iter().filter_map(|item| item.attr("id"));
            let items: Vec<&Item> = ids.filter_map(|id| node.items.get(&id)).collect();
            return write_items(&name, &items, None);
        }
        let newest: Option<usize> = act.attr("max_items").and_then(|most| most.parse().ok());
        let skip = newest.map_or(0, |newest| node.items.count().saturating_sub(newest));
        let all: Vec<&Item> = node.items.iter().skip(skip).collect();
        let set = pubsub.child(rsm::NS, "set");
        let page = disco::page(all.len(), set, PAGE, |id| all.iter().position(|item| item.id == id))?;
        let mut items = all.get(page.range.clone()).unwrap_or_default();
        let backward = page.backward;
        // A page ends early rather than grow past a stanza; the reader asks on from its last (or first) item.
        let mut bytes = 0;
        let fit = |item: &&&Item| {
            bytes += item.payload.len();
            bytes <= PAGE_BYTES
        };
        if backward {
            let count = items.iter().rev().take_while(fit).count().max(1);
            items = items.get(items.len().saturating_sub(count)..).unwrap_or_default();
        } else {
            let count = items.iter().take_while(fit).count().max(1);
            items = items.get(..count.min(items.len())).unwrap_or_default();
        }
        let first = if backward { page.range.end - items.len() } else { page.range.start };
        let partial = set.is_some() || items.len() < all.len();
        write_items(&name, items, partial.then_some((all.len(), first)))
    }

    /// XEP-0060 §7.1, with preconditions (§7.1.5).
    fn publish_request(&mut self, turn: &mut Turn<'_>, act: El<'_>, pubsub: El<'_>) -> Reply {
        let name = node_of(act)?;
        let publisher = turn.from.bare().clone();
        let node = self.find(&name)?;
        if !node.may_publish(&publisher) {
            return Err(Refusal::FORBIDDEN);
        }
        let options = pubsub.child(PUBSUB, "publish-options");
        let options = options.map(|options| node::submitted(options, PUBLISH_OPTIONS)).transpose()?;
        if options.is_some_and(|options| !node.config.meets(&options)) {
            return Err(Refusal::CONFLICT.special("precondition-not-met"));
        }
        let mut items = act.children().filter(|child| child.is(PUBSUB, "item"));
        let (Some(item), None) = (items.next(), items.next()) else {
            return Err(Refusal::BAD_REQUEST.special("item-required"));
        };
        let mut payloads = item.children();
        let (Some(payload), None) = (payloads.next(), payloads.next()) else {
            return Err(Refusal::BAD_REQUEST.special("invalid-payload"));
        };
        let payload = payload::self_contained(payload);
        if payload.len() > PAYLOAD {
            return Err(Refusal::NOT_ACCEPTABLE.special("payload-too-big"));
        }
        let id = item.attr("id").filter(|id| !id.is_empty()).map_or_else(|| self.random.uuid(), |id| id.into_owned());
        if id.len() > ItemId::MAX {
            return Err(Refusal::BAD_REQUEST);
        }
        let foreign = |node: &Node| {
            node.items.get(&id).is_some_and(|old| old.publisher != publisher) && !node.is_owner(&publisher)
        };
        if self.find(&name).is_ok_and(foreign) {
            return Err(Refusal::FORBIDDEN);
        }
        let answer = element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB).open("publish").attr("node", &name);
            let _ = w.open("item").attr("id", &id).close().close().close();
        })?;
        self.store(turn, &name, Item { id, publisher, payload })?;
        Ok(answer)
    }

    /// XEP-0060 §7.2: by its publisher, or an owner.
    fn retract_request(&mut self, turn: &mut Turn<'_>, act: El<'_>) -> Reply {
        let name = node_of(act)?;
        let notify = act.attr("notify").is_some_and(|value| node::truth(&value));
        let id = act.child(PUBSUB, "item").and_then(|item| item.attr("id"));
        let id = id.ok_or(Refusal::BAD_REQUEST.special("item-required"))?;
        let who = turn.from.bare();
        let node = self.find_mut(&name)?;
        let item = node.items.get(&id).ok_or(Refusal::NOT_FOUND)?;
        if item.publisher != *who && !node.is_owner(who) {
            return Err(Refusal::FORBIDDEN);
        }
        let _ = node.items.remove(&id);
        if notify || node.config.notify_retract {
            self.tell_retracted(turn, &name, &id);
        }
        Ok(Vec::new())
    }

    pub(super) fn tell_retracted(&self, turn: &mut Turn<'_>, name: &str, id: &str) {
        self.tell(turn, name, |w| {
            let _ = w.open("items").attr("node", name).open("retract").attr("id", id).close().close();
        });
    }

    /// XEP-0060 §8.1, with configuration. Anybody of this grid's own domain may create topics.
    fn create_request(&mut self, turn: &mut Turn<'_>, act: El<'_>, pubsub: El<'_>) -> Reply {
        let name = act.attr("node").filter(|name| !name.is_empty());
        let name = name.ok_or(Refusal::NOT_ACCEPTABLE.special("nodeid-required"))?;
        if self.find(&name).is_ok() {
            return Err(Refusal::CONFLICT);
        }
        let mut config = Config::default();
        // XEP-0060 §8.1.3: an empty `configure` asks for the defaults.
        if let Some(configure) = pubsub.child(PUBSUB, "configure").filter(|own| own.children().next().is_some()) {
            config.apply(&node::submitted(configure, NODE_CONFIG)?)?;
        }
        self.add(Node::new(&name, config, turn.from.bare().clone()));
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB).open("create").attr("node", &name).close().close();
        })?)
    }
}

pub(super) fn node_of(act: El<'_>) -> Result<String, Refusal> {
    let name = act.attr("node").filter(|name| !name.is_empty());
    name.map(|name| name.into_owned()).ok_or(Refusal::BAD_REQUEST.special("nodeid-required"))
}

/// The subscriber named in a request must be who asks (XEP-0060 §6.1.3.1).
pub(super) fn own_jid(turn: &Turn<'_>, act: El<'_>) -> Result<Jid, Refusal> {
    let jid = act.attr("jid").and_then(|jid| jid.parse::<Jid>().ok());
    jid.filter(|jid| jid.bare() == turn.from.bare()).ok_or(Refusal::BAD_REQUEST.special("invalid-jid"))
}

/// An affiliation as XEP-0060 writes it; nothing for none.
pub(super) fn token(affiliation: &Affiliation) -> Option<&str> {
    Some(match affiliation {
        Affiliation::Owner => "owner",
        Affiliation::Publisher => "publisher",
        Affiliation::PublishOnly => "publish-only",
        Affiliation::Member => "member",
        Affiliation::Outcast => "outcast",
        Affiliation::None => return None,
        Affiliation::Other(other) => other,
    })
}

fn write_subscription(w: &mut Writer, name: &str, own: &Subscription) {
    let _ = w.open("subscription").attr("node", name).attr("jid", &own.jid.to_string());
    let _ = w.attr("subid", &own.subid).attr("subscription", own.state.token()).close();
}

/// `page`: how many there are in all, and the place of the first of these.
fn write_items(name: &str, items: &[&Item], page: Option<(usize, usize)>) -> Reply {
    Ok(element(|w| {
        let _ = w.open_ns("pubsub", PUBSUB).open("items").attr("node", name);
        for item in items {
            write_item(w, item);
        }
        let _ = w.close();
        if let Some((count, first)) = page {
            let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
            disco::write_set(w, count, first, &ids);
        }
        let _ = w.close();
    })?)
}
