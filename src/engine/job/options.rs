//! How a subscription is delivered, where the broker asks (XEP-0060 §6.3): a subscription that waits for its options is
//! given them, one to a collection is made to bring what is in it (XEP-0248 §3.2).

use super::{Desk, Note, payload};
use crate::engine::directory::Held;
use crate::engine::record::{Of, Own};
use crate::engine::{Error, Receipt};
use crate::model::owned::Answer;
use crate::model::{Jid, TopicId};
use crate::xmpp::form::Form;
use crate::xmpp::pubsub::{Request, Subscription, options};

/// Answers the form of a subscription that is `unconfigured`: with the broker's own values, but for those without which
/// incidents would be missed.
pub(super) async fn settle(desk: &Desk, topic: &TopicId, subscription: &Subscription) -> Result<(), Error> {
    let (jid, subid) = (&subscription.jid, subscription.subid.as_deref());
    let form = read(desk, topic, jid, subid).await?;
    set(desk, topic, jid, subid, &options::filled(&form)).await
}

/// Looks whether a collection's items are brought, from all that is in it. A broker without such options does what it does.
pub(in crate::engine) async fn look(desk: Desk, topic: TopicId, held: Held) {
    let Ok(form) = read(&desk, &topic, &held.jid, held.subid.as_deref()).await else { return };
    let wanted = [("pubsub#subscription_type", "items"), ("pubsub#subscription_depth", "all")];
    let wanted: Vec<_> =
        wanted.into_iter().filter(|(var, value)| form.value(var).is_some_and(|is| is != *value)).collect();
    if !wanted.is_empty() {
        let changes = wanted.iter().map(|(var, value)| Answer::new(var, *value)).collect();
        let form = options::filled(&form).answer(&wanted);
        desk.note(Note::Own(Own::Collect { topic, held, form, changes })).await;
    }
}

/// Has them brought.
pub(in crate::engine) async fn collect(desk: Desk, of: Of, topic: TopicId, held: Held, form: Form) {
    let done = set(&desk, &topic, &held.jid, held.subid.as_deref(), &form).await;
    desk.note(Note::Came(of, done.map(|()| Receipt::Subscribed))).await;
}

async fn read(desk: &Desk, topic: &TopicId, jid: &Jid, subid: Option<&str>) -> Result<Form, Error> {
    let request = Request::Options { node: &topic.node, jid, subid };
    let answer = desk.asker.get(&topic.broker, |w| request.write(w)).await?;
    options::form(payload(answer.root())).map_err(|_| Error::wants_options())
}

async fn set(desk: &Desk, topic: &TopicId, jid: &Jid, subid: Option<&str>, form: &Form) -> Result<(), Error> {
    let request = Request::SetOptions { node: &topic.node, jid, subid, form };
    desk.asker.set(&topic.broker, |w| request.write(w)).await.map(drop)
}
