//! Finding brokers, my rights there, and their topics (RFC 8600 §5).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::{Desk, Note, payload};
use crate::engine::Error;
use crate::engine::directory::Held;
use crate::engine::rounds::Round;
use crate::model::{Affiliation, BareJid, Topic, TopicId};
use crate::xmpp::disco::{self, Info, Items};
use crate::xmpp::pubsub::{Request, State, answer, meta, owner};
use crate::xmpp::rsm::Query;
use crate::xmpp::xml::El;

/// Topics of one page of the list.
const PAGE: u32 = 200;
/// Topics of one broker; a longer list is cut off (`engine.md` §6 row 33).
const TOPICS: usize = 200_000;
/// Services of a domain looked at.
const SERVICES: usize = 64;
/// Longest wait for one of them to say what it is: a component that hangs must not keep the others' incidents back.
const SERVICE: Duration = Duration::from_secs(10);
/// Topics described at the same time.
pub(in crate::engine) const AT_ONCE: usize = 16;

/// Looks for the brokers. False when there may be more to find.
pub(in crate::engine) async fn brokers(desk: Desk) -> bool {
    let (brokers, all) = find(&desk).await;
    let found = !brokers.is_empty();
    desk.note(Note::Brokers(brokers)).await;
    found && all
}

/// Looks for pubsub services among what the domain lists (RFC 8600 §5: identity `pubsub`/`service`), all at once; and
/// whether all answered.
async fn find(desk: &Desk) -> (Vec<BareJid>, bool) {
    let domain = desk.me.server();
    let mut services = vec![];
    match desk.asker.get(&domain, |w| disco::ask_items(w, None, None)).await {
        Ok(answer) => {
            let items = payload(answer.root()).and_then(Items::read).unwrap_or_default();
            services.extend(items.entries.into_iter().filter(|entry| entry.node.is_none()).map(|e| e.jid.into_bare()));
        }
        Err(error) => desk.note(Note::Trouble(Round::Brokers, domain.clone(), error)).await,
    }
    services.truncate(SERVICES);
    // Some servers are their own broker and do not list themselves.
    services.push(domain);
    let mut asking = JoinSet::new();
    for (place, service) in services.into_iter().enumerate() {
        let desk = desk.clone();
        let _ = asking.spawn(async move {
            let answer = timeout(SERVICE, desk.asker.get(&service, |w| disco::ask_info(w, None))).await;
            let info = answer.ok().map(|answer| {
                let answer = answer.ok()?;
                payload(answer.root()).and_then(Info::read)
            });
            (place, service, info)
        });
    }
    let answers = asking.join_all().await;
    let all = answers.iter().all(|(_, _, answered)| answered.is_some());
    // In the order the domain lists them, each once.
    let mut brokers = BTreeMap::new();
    for (place, service, info) in answers {
        if info.flatten().is_some_and(|info| info.is("pubsub", Some("service"))) {
            let _ = brokers.insert(place, service);
        }
    }
    let mut once = HashSet::new();
    (brokers.into_values().filter(|broker| once.insert(broker.clone())).collect(), all)
}

/// My subscriptions and affiliations at a broker (XEP-0060 §5.6, §5.7). False when one was not answered.
pub(in crate::engine) async fn rights(desk: Desk, broker: BareJid) -> bool {
    let asked = Instant::now();
    let subscriptions = desk.asker.get(&broker, |w| Request::Subscriptions { node: None }.write(w)).await;
    let listed = match subscriptions {
        Ok(answer) => held(payload(answer.root()), &broker, &desk.me),
        Err(error) => Err(error),
    };
    let listed = match listed {
        Ok((list, whole)) => {
            desk.note(Note::Subscriptions { broker: broker.clone(), list, whole, asked }).await;
            true
        }
        Err(error) => {
            desk.note(Note::Trouble(Round::Rights(broker.clone()), broker.clone(), error)).await;
            false
        }
    };
    match affiliations(&desk, &broker).await {
        Ok(_) => listed,
        Err(error) => {
            // A broker without such lists will not have one later. Prosody has none and says it so.
            let never = error.is_unsupported() || (listed && error.is_absent());
            desk.note(Note::Trouble(Round::Rights(broker.clone()), broker, error)).await;
            listed && never
        }
    }
}

/// What I am on the topics of a broker; gives those I own.
pub(super) async fn affiliations(desk: &Desk, broker: &BareJid) -> Result<Vec<TopicId>, Error> {
    let answer = desk.asker.get(broker, |w| Request::Affiliations { node: None }.write(w)).await?;
    let list = answer::affiliations(payload(answer.root())).map(|list| list.entries).unwrap_or_default();
    let list: Vec<(TopicId, Affiliation)> =
        list.into_iter().map(|(node, is)| (TopicId { broker: broker.clone(), node }, is)).collect();
    let owned = list.iter().filter(|(_, is)| *is == Affiliation::Owner).map(|(topic, _)| topic.clone()).collect();
    desk.note(Note::Affiliations { broker: broker.clone(), list }).await;
    Ok(owned)
}

/// Lists the broker's topics page by page and describes each; of a collection, those in it too, which may be listed
/// nowhere else (XEP-0248 §3.1). False when a list could not be read to its end.
pub(in crate::engine) async fn walk(desk: Desk, broker: BareJid) -> bool {
    let mut walk = Walk {
        desk,
        broker,
        seen: HashSet::new(),
        room: Arc::new(Semaphore::new(AT_ONCE)),
        describing: JoinSet::new(),
    };
    let mut answered = walk.list(None).await;
    while let Some(described) = walk.describing.join_next().await {
        if let Ok(Some(collection)) = described {
            answered &= walk.list(Some(&collection)).await;
        }
    }
    let complete = answered && walk.seen.len() < TOPICS;
    walk.desk.note(Note::Walked { broker: walk.broker, complete }).await;
    answered
}

/// A walk over a broker's topics.
struct Walk {
    desk: Desk,
    broker: BareJid,
    /// Each is met once, however many collections hold it, or each other.
    seen: HashSet<String>,
    room: Arc<Semaphore>,
    /// The node, where that is a collection.
    describing: JoinSet<Option<String>>,
}

impl Walk {
    /// Reads one list: the broker's own or a collection's. Whether to its end.
    async fn list(&mut self, collection: Option<&str>) -> bool {
        let mut query = Some(Query { max: PAGE, at: crate::xmpp::rsm::At::Start });
        while let Some(asked) = query {
            let answer =
                match self.desk.asker.get(&self.broker, |w| disco::ask_items(w, collection, Some(&asked))).await {
                    Ok(answer) => answer,
                    Err(error) => {
                        let round = Round::Walk(self.broker.clone());
                        self.desk.note(Note::Trouble(round, self.broker.clone(), error)).await;
                        return false;
                    }
                };
            let items = payload(answer.root()).and_then(Items::read).unwrap_or_default();
            let mut met = Vec::new();
            for entry in items.entries {
                let Some(node) = entry.node.filter(|_| entry.jid.bare() == &self.broker) else { continue };
                if self.seen.len() < TOPICS && self.seen.insert(node.clone()) {
                    met.push((TopicId { broker: self.broker.clone(), node }, entry.name));
                }
            }
            // A page that brings nothing new is the last one, whatever it says.
            let more = !met.is_empty() && self.seen.len() < TOPICS;
            let ids: Vec<TopicId> = met.iter().map(|(id, _)| id.clone()).collect();
            self.desk.note(Note::Met(met)).await;
            for id in ids {
                if !self.describe(id).await {
                    return false;
                }
            }
            query = items.page.filter(|_| more).and_then(|page| page.next(&asked));
        }
        true
    }

    /// Has a topic described as soon as there is room. False when the session is over.
    async fn describe(&mut self, id: TopicId) -> bool {
        let Ok(permit) = Arc::clone(&self.room).acquire_owned().await else { return false };
        let total = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let desk = self.desk.clone();
        let _ = self.describing.spawn(async move {
            let collection = describe(&desk, &id).await == Ok(true);
            // Counted where it is heard: descriptions end in any order, and so do their notes.
            desk.note(Note::Progress { broker: id.broker, total }).await;
            drop(permit);
            collection.then_some(id.node)
        });
        true
    }
}

/// Describes a topic when it has its turn. False when the broker did not answer.
pub(in crate::engine) async fn describe_one(desk: Desk, id: TopicId, turn: Arc<Semaphore>) -> bool {
    let Ok(_turn) = turn.acquire().await else { return true };
    describe(&desk, &id).await.is_ok()
}

/// The broker did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unanswered;

/// disco#info of one topic with its meta-data form; whether it is a collection.
async fn describe(desk: &Desk, id: &TopicId) -> Result<bool, Unanswered> {
    let asked = Instant::now();
    match ask_topic(desk, id).await {
        Ok(topic) => {
            let collection = topic.collection;
            desk.note(Note::Described(Box::new(topic), asked)).await;
            Ok(collection)
        }
        Err(error) => {
            let missing = error.is_missing();
            desk.note(Note::Undescribed { topic: id.clone(), missing, say: error.say() }).await;
            if error.is_passing() { Err(Unanswered) } else { Ok(false) }
        }
    }
}

/// How a topic of mine is set up (XEP-0060 §8.2), which was described as asked for then. A broker that does not tell its owners
/// is no trouble.
pub(in crate::engine) async fn settings(desk: Desk, id: TopicId, asked: Instant, turn: Arc<Semaphore>) {
    let Ok(_turn) = turn.acquire().await else { return };
    let request = owner::Request::Config { node: &id.node };
    let Ok(answer) = desk.asker.get(&id.broker, |w| request.write(w)).await else { return };
    if let Ok(form) = owner::config(payload(answer.root())) {
        desk.note(Note::Settings(id, Box::new(form), Some(asked))).await;
    }
}

/// What the broker says of a topic now.
pub(super) async fn ask_topic(desk: &Desk, id: &TopicId) -> Result<Topic, Error> {
    let answer = desk.asker.get(&id.broker, |w| disco::ask_info(w, Some(&id.node))).await?;
    let info = payload(answer.root()).and_then(Info::read).unwrap_or_default();
    Ok(meta::describe(id.clone(), &info))
}

/// The subscriptions of an answer, those that count: of this account, subscribed or waiting for the owner; and whether
/// all of it could be read. An answer that is no list says nothing of what there is.
pub(super) fn held(
    payload: Option<El<'_>>,
    broker: &BareJid,
    me: &BareJid,
) -> Result<(Vec<(TopicId, Held)>, bool), Error> {
    let list = answer::subscriptions(payload).ok_or_else(Error::unreadable_answer)?;
    let whole = list.unreadable == 0;
    let common = list.node;
    let one = |entry: crate::xmpp::pubsub::Subscription| {
        let pending = match entry.state {
            State::Subscribed => false,
            State::Pending | State::Unconfigured => true,
            State::None | State::Other(_) => return None,
        };
        let node = entry.node.or_else(|| common.clone()).filter(|_| entry.jid.bare() == me)?;
        Some((TopicId { broker: broker.clone(), node }, Held { jid: entry.jid, subid: entry.subid, pending }))
    };
    Ok((list.entries.into_iter().filter_map(one).collect(), whole))
}
