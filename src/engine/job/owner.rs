//! An owner's work: finding the requests that wait (XEP-0060 §8.7) and deciding them (§8.6).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::readers::Readers;
use super::{Desk, Note, payload, tell};
use crate::engine::{Error, Receipt, RequestId};
use crate::model::owned::{Act, Words};
use crate::model::{BareJid, Jid, TopicId};
use crate::xmpp::command::{self, Step};
use crate::xmpp::disco;
use crate::xmpp::pubsub::authorize::{self, Asked};
use crate::xmpp::stanza::{self, MessageKind, Route};
use crate::xmpp::xml::Writer;

/// How often the effect of a decision is looked for, and how long between.
const LOOKS: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(300);
/// Decisions under way at one time; what one of them leads to is seen by one list for all.
pub(in crate::engine) const AT_ONCE: usize = 64;
/// Lists of subscribers read in search of requests.
const LISTS: usize = 100;

/// Has the broker send the requests that wait on the topics I own now; they come as messages. Whoever wants it tried
/// again asks again: the trouble is told.
pub(in crate::engine) async fn poll(desk: Desk, broker: BareJid, poll: u64) -> bool {
    let result = match super::discover::affiliations(&desk, &broker).await {
        Ok(owned) if owned.is_empty() => Ok(Named::All),
        Ok(owned) => again(&desk, &broker, &owned).await,
        Err(error) => Err(error),
    };
    let (named, trouble) = match result {
        Ok(named) => (named, None),
        Err(error) => (Named::Some, Some(error)),
    };
    desk.note(Note::Polled { broker, poll, named, trouble }).await;
    true
}

/// How much of what waits a broker has named.
#[derive(Debug)]
pub(in crate::engine) enum Named {
    All,
    Some,
    /// It has no command for it, and said so by this. Its lists of subscribers were read, to their ends if `all`; whether it
    /// lists those that wait only one of them on a list can show: ejabberd does not (`engine.md` §4).
    Listed {
        all: bool,
        why: Error,
    },
}

async fn again(desk: &Desk, broker: &BareJid, owned: &[TopicId]) -> Result<Named, Error> {
    let answer = match desk.asker.set(broker, |w| command::execute(w, authorize::GET_PENDING)).await {
        // Without the command there is the list of subscribers, on which XEP-0060 §8.8.1 has those that wait too.
        Err(error) if error.is_absent() || error.is_unsupported() || error.is_missing() => {
            return match listed(desk, owned).await {
                Ok(all) => Ok(Named::Listed { all, why: error }),
                Err(_) => Err(error),
            };
        }
        answer => answer?,
    };
    let step = payload(answer.root()).and_then(Step::read).ok_or_else(Error::unreadable_answer)?;
    for node in authorize::pending_nodes(&step) {
        // Only mine: the list is the broker's, the answer goes to every owner.
        if owned.iter().any(|topic| topic.node == node) {
            let session = step.session.as_deref();
            let _ = desk.asker.set(broker, |w| authorize::ask_again(w, session, &node)).await?;
        }
    }
    // What was sent before this is answered has come when it is.
    desk.asker.get(broker, |w| disco::ask_info(w, None)).await.map(|_| Named::All)
}

/// Reads the requests from the lists of subscribers; whether all of all lists could be read.
async fn listed(desk: &Desk, owned: &[TopicId]) -> Result<bool, Error> {
    let mut all = owned.len() <= LISTS;
    for topic in owned.iter().take(LISTS) {
        let members = super::members::list(desk, topic).await?;
        all &= members.unreadable == 0;
        let waits = members.subscribers.into_iter().filter(|own| own.pending);
        let asked = waits.map(|own| Asked { node: topic.node.clone(), subscriber: own.jid, subid: own.subid });
        desk.note(Note::Listed(topic.clone(), asked.collect())).await;
    }
    Ok(all)
}

/// A decision on everything one subscriber asked for one topic.
#[derive(Debug)]
pub(in crate::engine) struct Decision {
    pub topic: TopicId,
    pub subscriber: BareJid,
    pub allow: bool,
    pub asked: Vec<Asked>,
    pub words: Option<Words>,
}

/// What decisions of one session share.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Turns {
    turn: Arc<Semaphore>,
    readers: Readers,
}

impl Default for Turns {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(AT_ONCE)), readers: Readers::default() }
    }
}

/// Decides when it is its turn: a thousand at once would have a thousand messages and lists under way.
pub(in crate::engine) async fn decide(desk: Desk, request: RequestId, decision: Decision, turns: Turns) {
    let Ok(_turn) = turns.turn.acquire().await else { return };
    let mut result = carry_out(&desk, &decision, &turns.readers).await;
    // Decided by us or found decided by another: either way it waits no more.
    let late = result.as_ref().is_err_and(Error::is_too_late);
    if late {
        let readers = turns.readers.after(Instant::now(), &desk, &decision.topic).await;
        let reads = readers.is_ok_and(|readers| readers.contains(&Jid::from(decision.subscriber.clone())));
        result = Err(Error::decided_elsewhere(reads));
    }
    if result.is_ok() {
        let act = if decision.allow { Act::Approved } else { Act::Denied };
        tell::beside(&desk, &decision.topic, &decision.subscriber, act, decision.words.as_ref()).await;
    }
    if late || result.is_ok() {
        desk.note(Note::Settled(decision.topic, decision.subscriber)).await;
    }
    desk.note(Note::Answer { request, result }).await;
}

/// Decides each form in turn. One the broker calls too late was withdrawn, or decided elsewhere, and asked anew since:
/// the others still count.
async fn carry_out(desk: &Desk, decision: &Decision, readers: &Readers) -> Result<Receipt, Error> {
    let done = if decision.allow { Receipt::Approved } else { Receipt::Denied };
    let mut result = Ok(done.clone());
    let mut decided = false;
    for asked in &decision.asked {
        match answer(desk, decision, asked, readers).await {
            Ok(()) => decided = true,
            Err(error) if error.is_too_late() => result = Err(error),
            Err(error) => return Err(error),
        }
    }
    if decided { Ok(done) } else { result }
}

async fn answer(desk: &Desk, decision: &Decision, asked: &Asked, readers: &Readers) -> Result<(), Error> {
    let broker = &decision.topic.broker;
    let route = Route { from: None, to: Some(Jid::from(broker.clone())) };
    let write = |id: &str| {
        let form = |w: &mut Writer| asked.write_decision(w, decision.allow);
        stanza::message(MessageKind::Normal, Some(id), &route, form)
    };
    let mut complaint = desk.asker.tell(broker, write).await?;
    // A message has no receipt. The list of subscribers shows an approval; of a denial only a complaint could tell,
    // and the list's answer comes after it.
    for look in 0..LOOKS {
        let reads = readers.after(Instant::now(), desk, &decision.topic).await?.contains(&asked.subscriber);
        if let Some(error) = complaint.heard() {
            return Err(Error::from(error));
        }
        if reads == decision.allow {
            break;
        }
        if look + 1 == LOOKS {
            return Err(Error::no_effect());
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(())
}
