//! Who is what on a topic of mine (XEP-0060 §8.8, §8.9), read and changed. What the broker lists afterwards is the truth:
//! changes succeed in part, and Prosody answers `forbidden` to one that it made (`engine.md` §4).

use std::sync::Arc;

use super::{Desk, Note, payload};
use crate::engine::{Error, Members, Receipt, RequestId, Subscriber};
use crate::model::{Affiliation, BareJid, TopicId};
use crate::xmpp::pubsub::owner::{self, Change, Request};
use crate::xmpp::pubsub::{State, Subscription};

pub(in crate::engine) async fn read(desk: Desk, request: RequestId, topic: TopicId) {
    let result = list(&desk, &topic).await.map(|members| Receipt::Members(Arc::new(members)));
    desk.note(Note::Answer { request, result }).await;
}

pub(in crate::engine) async fn affiliate(
    desk: Desk,
    request: RequestId,
    topic: TopicId,
    changes: Vec<(BareJid, Affiliation)>,
) {
    let result = change(&desk, &topic, &changes).await;
    desk.note(Note::Answer { request, result }).await;
}

async fn list(desk: &Desk, topic: &TopicId) -> Result<Members, Error> {
    let node = &topic.node;
    let answer = desk.asker.get(&topic.broker, |w| Request::Affiliations { node }.write(w)).await?;
    let affiliations = owner::affiliations(payload(answer.root())).ok_or_else(Error::unreadable_answer)?;
    let answer = desk.asker.get(&topic.broker, |w| Request::Subscriptions { node }.write(w)).await?;
    let subscriptions = owner::subscriptions(payload(answer.root())).ok_or_else(Error::unreadable_answer)?;
    Ok(Members {
        affiliations: affiliations.entries,
        unreadable: affiliations.unreadable.saturating_add(subscriptions.unreadable),
        subscribers: subscriptions.entries.into_iter().filter_map(|entry| subscriber(entry, node)).collect(),
    })
}

fn subscriber(entry: Subscription, node: &str) -> Option<Subscriber> {
    if entry.node.as_deref().is_some_and(|is| is != node) {
        return None;
    }
    let pending = match entry.state {
        State::Subscribed => false,
        State::Pending | State::Unconfigured => true,
        State::None | State::Other(_) => return None,
    };
    Some(Subscriber { jid: entry.jid, subid: entry.subid, pending })
}

/// Whether an account of that affiliation may read no topic that is not open.
fn excluded(affiliation: &Affiliation) -> bool {
    matches!(affiliation, Affiliation::None | Affiliation::Outcast | Affiliation::PublishOnly)
}

async fn change(desk: &Desk, topic: &TopicId, changes: &[(BareJid, Affiliation)]) -> Result<Receipt, Error> {
    let before = list(desk, topic).await?;
    let leaves = |jid: &BareJid| changes.iter().any(|(who, is)| who == jid && excluded(is));
    let ends: Vec<Change> = before
        .subscribers
        .into_iter()
        .filter(|one| leaves(one.jid.bare()))
        .map(|one| Change { jid: one.jid, subid: one.subid, state: State::None })
        .collect();
    let node = &topic.node;
    let mut refusal = None;
    if !ends.is_empty() {
        let request = Request::SetSubscriptions { node, changes: &ends };
        refusal = desk.asker.set(&topic.broker, |w| request.write(w)).await.err();
    }
    let request = Request::SetAffiliations { node, changes };
    refusal = desk.asker.set(&topic.broker, |w| request.write(w)).await.err().or(refusal);
    let members = list(desk, topic).await?;
    let refused: Vec<BareJid> =
        changes.iter().filter(|change| !shows(&members, change)).map(|(who, _)| who.clone()).collect();
    match refusal {
        // Nothing of it is there: then the broker's own words say more.
        Some(error) if refused.len() == changes.len() => Err(error),
        _ => Ok(Receipt::Changed { members: Arc::new(members), refused }),
    }
}

/// Whether the lists show the change: the affiliation, and no subscription of who was to lose it.
fn shows(members: &Members, (who, wanted): &(BareJid, Affiliation)) -> bool {
    let is = members.affiliations.iter().find(|(jid, _)| jid.bare() == who).map(|(_, is)| is);
    let reads = members.subscribers.iter().any(|one| one.jid.bare() == who);
    is.unwrap_or(&Affiliation::None) == wanted && !(reads && excluded(wanted))
}
