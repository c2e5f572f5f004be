//! Taking an item back (XEP-0060 §7.2): its publisher's right, or an owner's.

use super::{Desk, Note};
use crate::engine::{Error, Receipt, RequestId};
use crate::model::{ItemId, TopicId};
use crate::xmpp::pubsub::Request;

/// Those subscribed are told, so that no other console goes on showing it as current; what it stored stays there too.
pub(in crate::engine) async fn retract(desk: Desk, request: RequestId, topic: TopicId, item: ItemId) {
    let result = take_back(&desk, &topic, &item).await;
    if result.is_ok() {
        desk.note(Note::Retracted(topic, item)).await;
    }
    desk.note(Note::Answer { request, result }).await;
}

async fn take_back(desk: &Desk, topic: &TopicId, item: &ItemId) -> Result<Receipt, Error> {
    let retract = Request::Retract { node: &topic.node, item, notify: true };
    let _ = desk.asker.set(&topic.broker, |w| retract.write(w)).await?;
    Ok(Receipt::Retracted(item.clone()))
}
