//! Who is what on a topic of mine (XEP-0060 §8.8, §8.9), read and changed. What the broker lists afterwards is the truth:
//! changes succeed in part, and Prosody answers `forbidden` to one that it made (`engine.md` §4).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;

use super::{Desk, Note, payload, tell};
use crate::engine::record::standings;
use crate::engine::{Error, Members, Receipt, RequestId, Revoked, Subscriber};
use crate::model::owned::{Act, Proof, Words};
use crate::model::{Access, Affiliation, BareJid, TopicId};
use crate::store::activity::Token;
use crate::xmpp::pubsub::owner::{self, Change, Request};
use crate::xmpp::pubsub::{State, Subscription};

/// Changes of one request: brokers take a quarter of a megabyte at once (`engine.md` §4), and a name may be long.
const AT_ONCE: usize = 250;

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
    let result = changed(&desk, &topic, &changes).await;
    desk.note(Note::Answer { request, result }).await;
}

/// Rights to be taken away.
#[derive(Debug)]
pub(in crate::engine) struct Revocation {
    pub topic: TopicId,
    pub accounts: Vec<BareJid>,
    /// What they become: it leaves no right to read.
    pub to: Affiliation,
    pub words: Option<Words>,
}

pub(in crate::engine) async fn revoke(desk: Desk, request: RequestId, revocation: Revocation) {
    let result = revoked(&desk, &revocation).await;
    if let Ok(revoked) = &result {
        for proof in revoked.proofs.iter().filter(|proof| revoked.is_proven(proof)) {
            let words = revocation.words.as_ref();
            desk.asker.trail().about([proof.account.to_string()]);
            tell::beside(&desk, &revocation.topic, &proof.account, Act::Revoked, words).await;
        }
    }
    let result = result.map(|revoked| Receipt::Revoked(Arc::new(revoked)));
    desk.note(Note::Answer { request, result }).await;
}

pub(super) async fn list(desk: &Desk, topic: &TopicId) -> Result<Members, Error> {
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
        // A state that is not known may be one in which it is delivered to.
        State::Subscribed | State::Other(_) => false,
        State::Pending | State::Unconfigured => true,
        State::None => return None,
    };
    Some(Subscriber { jid: entry.jid, subid: entry.subid, pending })
}

/// Whether an account of that affiliation may read no topic that is not open.
fn excluded(affiliation: &Affiliation) -> bool {
    matches!(affiliation, Affiliation::None | Affiliation::Outcast | Affiliation::PublishOnly)
}

/// Both lists by account: a topic may have ten thousand members, and as many may be changed at once.
struct Table<'m> {
    affiliations: HashMap<&'m BareJid, &'m Affiliation>,
    subscribers: HashMap<&'m BareJid, Vec<&'m Subscriber>>,
}

impl<'m> Table<'m> {
    fn of(members: &'m Members) -> Self {
        let mut subscribers: HashMap<&BareJid, Vec<&Subscriber>> = HashMap::new();
        for own in &members.subscribers {
            subscribers.entry(own.jid.bare()).or_default().push(own);
        }
        Self { affiliations: members.affiliations.iter().map(|(jid, is)| (jid.bare(), is)).collect(), subscribers }
    }

    fn affiliation(&self, who: &BareJid) -> &'m Affiliation {
        self.affiliations.get(who).copied().unwrap_or(&Affiliation::None)
    }

    fn subscriptions(&self, who: &BareJid) -> &[&'m Subscriber] {
        self.subscribers.get(who).map_or(&[], Vec::as_slice)
    }

    /// Whether the lists show the change: the affiliation, and no subscription of who was to lose it.
    fn shows(&self, (who, wanted): &(BareJid, Affiliation)) -> bool {
        self.affiliation(who) == wanted && (!excluded(wanted) || self.subscriptions(who).is_empty())
    }

    /// Whether nobody who owns the topic would own it after the change. Who is to become its owner does not count: the broker
    /// may refuse that and do the rest.
    fn loses_owners(&self, changes: &[(BareJid, Affiliation)]) -> bool {
        let wanted: HashMap<&BareJid, &Affiliation> = changes.iter().map(|(who, is)| (who, is)).collect();
        let owns =
            |(who, is): (&&BareJid, &&Affiliation)| *wanted.get(*who).copied().unwrap_or(*is) == Affiliation::Owner;
        let had = self.affiliations.values().any(|is| **is == Affiliation::Owner);
        had && !self.affiliations.iter().any(|(who, is)| **is == Affiliation::Owner && owns((who, is)))
    }
}

/// The lists before a change and after it, and what the broker complained of.
struct Done {
    before: Members,
    after: Members,
    refusal: Option<Error>,
}

async fn change(desk: &Desk, topic: &TopicId, changes: &[(BareJid, Affiliation)]) -> Result<Done, Error> {
    let before = list(desk, topic).await?;
    let table = Table::of(&before);
    if table.loses_owners(changes) {
        return Err(Error::last_owner());
    }
    let standings = standings(&before);
    for (who, _) in changes {
        let who = who.to_string();
        desk.asker.trail().found(&who, standings.get(&who).map_or(Token::None.word(), String::as_str));
    }
    let mut refusal = end(desk, topic, &table, changes).await;
    for changes in changes.chunks(AT_ONCE) {
        let request = Request::SetAffiliations { node: &topic.node, changes };
        desk.asker.trail().about(changes.iter().map(|(who, _)| who.to_string()));
        refusal = desk.asker.set(&topic.broker, |w| request.write(w)).await.err().or(refusal);
    }
    let mut after = list(desk, topic).await?;
    let table = Table::of(&after);
    // Whoever was a member still could subscribe anew between the two steps; now that is over.
    if changes.iter().any(|(who, is)| excluded(is) && !table.subscriptions(who).is_empty()) {
        refusal = end(desk, topic, &table, changes).await.or(refusal);
        after = list(desk, topic).await?;
    }
    Ok(Done { before, after, refusal })
}

/// Ends the subscriptions of those who are to lose the right to read; gives what the broker complained of.
async fn end(desk: &Desk, topic: &TopicId, table: &Table<'_>, changes: &[(BareJid, Affiliation)]) -> Option<Error> {
    let leaving = changes.iter().filter(|(_, is)| excluded(is));
    let ends: Vec<Change> = leaving
        .flat_map(|(who, _)| table.subscriptions(who))
        .map(|one| Change { jid: one.jid.clone(), subid: one.subid.clone(), state: State::None })
        .collect();
    let mut refusal = None;
    for changes in ends.chunks(AT_ONCE) {
        let request = Request::SetSubscriptions { node: &topic.node, changes };
        desk.asker.trail().about(changes.iter().map(|change| change.jid.bare().to_string()));
        refusal = desk.asker.set(&topic.broker, |w| request.write(w)).await.err().or(refusal);
    }
    refusal
}

async fn changed(desk: &Desk, topic: &TopicId, changes: &[(BareJid, Affiliation)]) -> Result<Receipt, Error> {
    let Done { after, refusal, .. } = change(desk, topic, changes).await?;
    let table = Table::of(&after);
    let refused: Vec<BareJid> =
        changes.iter().filter(|change| !table.shows(change)).map(|(who, _)| who.clone()).collect();
    match refusal {
        // Nothing of it is there: then the broker's own words say more.
        Some(error) if refused.len() == changes.len() => Err(error),
        _ => Ok(Receipt::Changed { members: Arc::new(after), refused }),
    }
}

async fn revoked(desk: &Desk, revocation: &Revocation) -> Result<Revoked, Error> {
    let Revocation { topic, accounts, to, .. } = revocation;
    let changes: Vec<(BareJid, Affiliation)> = accounts.iter().map(|who| (who.clone(), to.clone())).collect();
    let Done { before, after, refusal } = change(desk, topic, &changes).await?;
    let access = super::discover::ask_topic(desk, topic).await.map_or(Access::Unsaid, |topic| topic.access);
    let (was, is) = (Table::of(&before), Table::of(&after));
    let listed = |table: &Table<'_>, who: &BareJid| table.subscriptions(who).iter().copied().cloned().collect();
    let proof = |who: &BareJid| Proof {
        account: who.clone(),
        was: was.affiliation(who).clone(),
        is: is.affiliation(who).clone(),
        had: listed(&was, who),
        has: listed(&is, who),
    };
    let proofs: Vec<Proof> = accounts.iter().map(proof).collect();
    let complaint = refusal.as_ref().map(Error::say);
    let (topic, to) = (topic.clone(), to.clone());
    Ok(Revoked { topic, to, proofs, access, members: after, at: Utc::now(), complaint })
}
