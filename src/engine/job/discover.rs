//! Finding brokers, my rights there, and their topics (RFC 8600 §5).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Desk, Note, payload};
use crate::engine::Error;
use crate::engine::directory::Held;
use crate::model::{BareJid, Topic, TopicId};
use crate::xmpp::disco::{self, Info, Items};
use crate::xmpp::pubsub::{Request, State, answer, meta};
use crate::xmpp::rsm::Query;
use crate::xmpp::xml::El;

/// Topics of one page of the list.
const PAGE: u32 = 200;
/// Topics of one broker; a longer list is cut off (`engine.md` §6 row 33).
const TOPICS: usize = 20_000;
/// Services of a domain looked at.
const SERVICES: usize = 64;
/// Topics described at the same time.
const AT_ONCE: usize = 16;

/// The first job of a session: brokers, then my rights there, then ready.
pub(in crate::engine) async fn begin(desk: Desk, given: Option<BareJid>) {
    let brokers = match given {
        Some(broker) => vec![broker],
        None => find(&desk).await,
    };
    desk.note(Note::Brokers(brokers.clone())).await;
    for broker in brokers {
        rights(desk.clone(), broker, None).await;
    }
    desk.note(Note::Ready).await;
}

/// Looks for pubsub services among what the domain lists (RFC 8600 §5: identity `pubsub`/`service`).
async fn find(desk: &Desk) -> Vec<BareJid> {
    let domain = desk.me.server();
    let mut services = vec![];
    match desk.asker.get(&domain, |w| disco::ask_items(w, None, None)).await {
        Ok(answer) => {
            let items = payload(answer.root()).and_then(Items::read).unwrap_or_default();
            services.extend(items.entries.into_iter().filter(|entry| entry.node.is_none()).map(|e| e.jid.into_bare()));
        }
        Err(error) => desk.note(Note::BrokerTrouble(domain.clone(), error)).await,
    }
    services.truncate(SERVICES);
    // Some servers are their own broker and do not list themselves.
    services.push(domain);
    let mut brokers = Vec::new();
    for service in services {
        let Ok(answer) = desk.asker.get(&service, |w| disco::ask_info(w, None)).await else { continue };
        let info = payload(answer.root()).and_then(Info::read).unwrap_or_default();
        if info.is("pubsub", Some("service")) && !brokers.contains(&service) {
            brokers.push(service);
        }
    }
    brokers
}

/// My subscriptions and affiliations at a broker (XEP-0060 §5.6, §5.7).
pub(in crate::engine) async fn rights(desk: Desk, broker: BareJid, hint: Option<TopicId>) {
    let asked = Instant::now();
    match desk.asker.get(&broker, |w| Request::Subscriptions { node: None }.write(w)).await {
        Ok(answer) => {
            let list = held(payload(answer.root()), &broker);
            desk.note(Note::Subscriptions { broker: broker.clone(), list, hint, asked }).await;
        }
        Err(error) => {
            desk.note(Note::BrokerTrouble(broker, error)).await;
            return;
        }
    }
    match desk.asker.get(&broker, |w| Request::Affiliations { node: None }.write(w)).await {
        Ok(answer) => {
            let list = answer::affiliations(payload(answer.root())).map(|list| list.entries).unwrap_or_default();
            let list = list.into_iter().map(|(node, is)| (TopicId { broker: broker.clone(), node }, is)).collect();
            desk.note(Note::Affiliations { broker, list }).await;
        }
        Err(error) => desk.note(Note::BrokerTrouble(broker, error)).await,
    }
}

/// Lists the broker's topics page by page and describes each.
pub(in crate::engine) async fn walk(desk: Desk, broker: BareJid) {
    let walked = Arc::new(AtomicU32::new(0));
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut describing = JoinSet::new();
    let mut seen = HashSet::new();
    let mut query = Some(Query { max: PAGE, at: crate::xmpp::rsm::At::Start });
    while let Some(asked) = query {
        let answer = match desk.asker.get(&broker, |w| disco::ask_items(w, None, Some(&asked))).await {
            Ok(answer) => answer,
            Err(error) => {
                desk.note(Note::BrokerTrouble(broker.clone(), error)).await;
                break;
            }
        };
        let items = payload(answer.root()).and_then(Items::read).unwrap_or_default();
        let mut met = Vec::new();
        for entry in items.entries {
            let Some(node) = entry.node.filter(|_| entry.jid.bare() == &broker) else { continue };
            if seen.len() < TOPICS && seen.insert(node.clone()) {
                met.push((TopicId { broker: broker.clone(), node }, entry.name));
            }
        }
        // A page that brings nothing new is the last one, whatever it says.
        let more = !met.is_empty() && seen.len() < TOPICS;
        let ids: Vec<TopicId> = met.iter().map(|(id, _)| id.clone()).collect();
        desk.note(Note::Met(met)).await;
        for id in ids {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let (desk, walked, total) =
                (desk.clone(), Arc::clone(&walked), u32::try_from(seen.len()).unwrap_or(u32::MAX));
            let _ = describing.spawn(async move {
                describe(&desk, &id).await;
                let walked = walked.fetch_add(1, Ordering::Relaxed) + 1;
                desk.note(Note::Progress { walked, total }).await;
                drop(permit);
            });
        }
        query = items.page.filter(|_| more).and_then(|page| page.next(&asked));
    }
    while describing.join_next().await.is_some() {}
    desk.note(Note::Walked).await;
}

/// disco#info of one topic with its meta-data form.
pub(in crate::engine) async fn describe(desk: &Desk, id: &TopicId) {
    match ask_topic(desk, id).await {
        Ok(topic) => desk.note(Note::Described(Box::new(topic))).await,
        Err(error) => desk.note(Note::Undescribed(id.clone(), error.say())).await,
    }
}

/// What the broker says of a topic now.
pub(super) async fn ask_topic(desk: &Desk, id: &TopicId) -> Result<Topic, Error> {
    let answer = desk.asker.get(&id.broker, |w| disco::ask_info(w, Some(&id.node))).await?;
    let info = payload(answer.root()).and_then(Info::read).unwrap_or_default();
    Ok(meta::describe(id.clone(), &info))
}

/// The subscriptions of an answer, those that count: subscribed or waiting for the owner.
pub(super) fn held(payload: Option<El<'_>>, broker: &BareJid) -> Vec<(TopicId, Held)> {
    let Some(list) = answer::subscriptions(payload) else { return Vec::new() };
    let common = list.node;
    let one = |entry: crate::xmpp::pubsub::Subscription| {
        let pending = match entry.state {
            State::Subscribed => false,
            State::Pending | State::Unconfigured => true,
            State::None | State::Other(_) => return None,
        };
        let node = entry.node.or_else(|| common.clone())?;
        Some((TopicId { broker: broker.clone(), node }, Held { jid: entry.jid, subid: entry.subid, pending }))
    };
    list.entries.into_iter().filter_map(one).collect()
}
