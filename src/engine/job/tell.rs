//! Words about access, from account to account ([`access`]). They change nothing and nobody waits for them; what cannot be
//! delivered is lost without harm.

use super::{Desk, Note};
use crate::engine::{Error, Receipt, RequestId};
use crate::model::owned::{Act, Words};
use crate::model::{BareJid, Jid, TopicId};
use crate::xmpp::ping;
use crate::xmpp::pubsub::access;
use crate::xmpp::stanza::{self, MessageKind, Route};

/// Tells somebody, and looks whether the own server can deliver it.
pub(in crate::engine) async fn tell(
    desk: Desk,
    request: RequestId,
    topic: TopicId,
    to: BareJid,
    (act, words): (Act, Words),
) {
    let result = heard(&desk, &topic, &to, act, &words).await;
    desk.note(Note::Answer { request, result }).await;
}

async fn heard(desk: &Desk, topic: &TopicId, to: &BareJid, act: Act, words: &Words) -> Result<Receipt, Error> {
    let mut complaint = send(desk, topic, to, act, words).await?;
    // A server that knows no such account says so before it answers what comes behind.
    let _ = desk.asker.get(&desk.me.server(), ping::request).await;
    match complaint.heard() {
        Some(error) => Err(Error::from(error)),
        None => Ok(Receipt::Told),
    }
}

/// Says it beside something that was done, whether it can be delivered or not.
pub(super) async fn beside(desk: &Desk, topic: &TopicId, to: &BareJid, act: Act, words: Option<&Words>) {
    if let Some(words) = words {
        let _ = send(desk, topic, to, act, words).await;
    }
}

async fn send(
    desk: &Desk,
    topic: &TopicId,
    to: &BareJid,
    act: Act,
    words: &Words,
) -> Result<crate::engine::ask::Complaint, Error> {
    let route = Route { from: None, to: Some(Jid::from(to.clone())) };
    // Of type normal, so that it is kept for who is away (XEP-0160 §3).
    let write =
        |id: &str| stanza::message(MessageKind::Normal, Some(id), &route, |w| access::write(w, topic, act, words));
    desk.asker.tell(to, write).await
}
