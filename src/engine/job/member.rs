//! Joining and leaving a topic (XEP-0060 §6.1, §6.2): by bare JID, and by exactly the subscriptions there are.

use super::{Desk, Note, payload};
use crate::engine::directory::Held;
use crate::engine::record::Of;
use crate::engine::rounds::Round;
use crate::engine::{Error, Receipt, RequestId};
use crate::model::owned::{Act, Words};
use crate::model::{BareJid, Jid, TopicId};
use crate::xmpp::pubsub::{Request, State, answer};
use crate::xmpp::xml::Writer;

/// Owners that are told who asks.
const OWNERS: usize = 16;

/// Subscribes, or asks the owner where the topic wants that.
pub(in crate::engine) async fn subscribe(desk: Desk, request: RequestId, topic: TopicId, words: Option<Words>) {
    let result = ask(&desk, &topic).await;
    if matches!(result, Ok(Receipt::Asked)) {
        introduce(&desk, &topic, words.as_ref()).await;
    }
    desk.note(Note::Answer { request, result }).await;
}

/// Says who asks to those the topic names as its owners; of one that names nobody the request stands alone.
async fn introduce(desk: &Desk, topic: &TopicId, words: Option<&Words>) {
    if words.is_none() {
        return;
    }
    let Ok(described) = super::discover::ask_topic(desk, topic).await else { return };
    let mut owners: Vec<BareJid> = described.owners.into_iter().map(Jid::into_bare).collect();
    owners.retain(|owner| *owner != desk.me);
    owners.sort_unstable();
    owners.dedup();
    for owner in owners.iter().take(OWNERS) {
        super::tell::beside(desk, topic, owner, Act::Asks, words).await;
    }
}

async fn ask(desk: &Desk, topic: &TopicId) -> Result<Receipt, Error> {
    let me = Jid::from(desk.me.clone());
    let write = |w: &mut Writer| Request::Subscribe { node: &topic.node, jid: &me, options: &[] }.write(w);
    let answer = match desk.asker.set(&topic.broker, write).await {
        Ok(answer) => answer,
        // ejabberd's way to say that the owner has not decided yet (`engine.md` §4, subscribe twice).
        Err(error) if error.is_pending() => {
            desk.note(Note::Held(topic.clone(), Held { jid: me, subid: None, pending: true })).await;
            return Ok(Receipt::Asked);
        }
        Err(error) => {
            if error.is_refusal() {
                desk.note(Note::Released { topic: topic.clone(), denied: true }).await;
            }
            return Err(error);
        }
    };
    // XEP-0060 §6.1.2 lets a broker answer without a word: then it is done.
    let Some(subscription) = answer::subscription(payload(answer.root())) else {
        desk.note(Note::Held(topic.clone(), Held { jid: me, subid: None, pending: false })).await;
        return Ok(Receipt::Subscribed);
    };
    let pending = match subscription.state {
        State::Subscribed => false,
        State::Pending => true,
        State::Unconfigured => {
            super::options::settle(desk, topic, &subscription).await?;
            false
        }
        State::None | State::Other(_) => return Err(Error::unreadable_answer()),
    };
    let held = Held { jid: subscription.jid, subid: subscription.subid, pending };
    desk.note(Note::Held(topic.clone(), held)).await;
    Ok(if pending { Receipt::Asked } else { Receipt::Subscribed })
}

/// Ends exactly this subscription, beside which there are others.
pub(in crate::engine) async fn end(desk: Desk, of: Of, topic: TopicId, held: Held) {
    let write = |w: &mut Writer| {
        Request::Unsubscribe { node: &topic.node, jid: &held.jid, subid: held.subid.as_deref() }.write(w);
    };
    let ended = desk.asker.set(&topic.broker, write).await;
    let done = ended.is_ok();
    desk.note(Note::Came(of, ended.map(|_| Receipt::Unsubscribed))).await;
    if done {
        desk.note(Note::Wanted(Round::Rights(topic.broker))).await;
    }
}

/// Ends every subscription held; asks the broker which there are when none is known.
pub(in crate::engine) async fn unsubscribe(desk: Desk, request: RequestId, topic: TopicId, held: Vec<Held>) {
    let result = leave(&desk, &topic, held).await;
    let broker = topic.broker.clone();
    desk.note(Note::Answer { request, result }).await;
    // What the broker says afterwards is the truth, whatever the answers were.
    desk.note(Note::Wanted(Round::Rights(broker))).await;
}

async fn leave(desk: &Desk, topic: &TopicId, held: Vec<Held>) -> Result<Receipt, Error> {
    let held = if held.is_empty() { list(desk, topic).await? } else { held };
    for one in held {
        let write = |w: &mut Writer| {
            Request::Unsubscribe { node: &topic.node, jid: &one.jid, subid: one.subid.as_deref() }.write(w);
        };
        match desk.asker.set(&topic.broker, write).await {
            Ok(_) => {}
            Err(error) if error.is_not_subscribed() => {}
            Err(error) => return Err(error),
        }
    }
    desk.note(Note::Released { topic: topic.clone(), denied: false }).await;
    Ok(Receipt::Unsubscribed)
}

async fn list(desk: &Desk, topic: &TopicId) -> Result<Vec<Held>, Error> {
    let request = Request::Subscriptions { node: None };
    let answer = desk.asker.get(&topic.broker, |w| request.write(w)).await?;
    let (list, _) = super::discover::held(payload(answer.root()), &topic.broker, &desk.me)?;
    Ok(list.into_iter().filter(|(id, _)| id == topic).map(|(_, held)| held).collect())
}
