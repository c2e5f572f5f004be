//! Publishing (XEP-0060 §7.1), never without a precondition: a topic that was deleted meanwhile would come back open to
//! everybody (`engine.md` §6 row 27).

use std::sync::Arc;

use super::{Desk, Note, payload};
use crate::engine::{Error, Receipt, RequestId};
use crate::model::{Access, ItemId, TopicId};
use crate::xmpp::pubsub::{Request, answer};
use crate::xmpp::xml::{self, Rules};

pub(in crate::engine) async fn publish(desk: Desk, request: RequestId, topic: TopicId, item: ItemId, bytes: Arc<[u8]>) {
    let result = send(&desk, &topic, &item, &bytes).await;
    desk.note(Note::Answer { request, result }).await;
}

async fn send(desk: &Desk, topic: &TopicId, item: &ItemId, bytes: &[u8]) -> Result<Receipt, Error> {
    let _range = xml::check(bytes, &Rules::PAYLOAD).map_err(Error::from)?;
    // Asked anew: the topic must still be there, and its access is the precondition.
    let described = super::discover::ask_topic(desk, topic).await?;
    let access = described.access.clone();
    desk.note(Note::Described(Box::new(described))).await;
    let token = match &access {
        Access::Unsaid => return Err(Error::unknown_access()),
        access => access.token(),
    };
    let preconditions = [("pubsub#access_model", token)];
    let publish = Request::Publish { node: &topic.node, item, payload: bytes, preconditions: &preconditions };
    let answer = desk.asker.set(&topic.broker, |w| publish.write(w)).await?;
    Ok(Receipt::Published(answer::published(payload(answer.root())).unwrap_or_else(|| item.clone())))
}
