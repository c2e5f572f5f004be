//! Publishing (XEP-0060 §7.1), never without a precondition: a topic that was deleted meanwhile would come back open to
//! everybody (`engine.md` §6 row 27). The item's id is fixed before the first attempt, so that what came of an attempt
//! without an answer can be asked for, and a repeat is the same item (`engine.md` §7, publish rule).

use std::sync::Arc;

use tokio::time::Instant;

use super::{Desk, Note, payload};
use crate::engine::{Error, Receipt, RequestId, Terms};
use crate::iodef;
use crate::model::{Access, ItemId, Jid, TopicId};
use crate::xmpp::pubsub::{Item, Request, Which, answer};
use crate::xmpp::xml::{self, Rules};

/// Something to be published.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Publication {
    pub request: RequestId,
    pub topic: TopicId,
    pub item: ItemId,
    pub payload: Arc<[u8]>,
    pub terms: Terms,
}

impl Publication {
    /// It is not known whether it was published.
    pub(in crate::engine) fn unknown(&self) -> Error {
        Error::Unconfirmed { topic: self.topic.clone(), item: self.item.clone() }
    }
}

/// What the topic holds under the id.
enum Held {
    Nothing,
    /// What was to be published.
    This,
    /// Something else of mine, to be replaced.
    Older,
    /// Something of which it is not known whose it is, or of somebody else.
    Other,
}

pub(in crate::engine) async fn publish(desk: Desk, publication: Publication) {
    let result = if publication.terms.sent {
        find_out(&desk, &publication).await
    } else {
        match send(&desk, &publication).await {
            // Sent, and perhaps done.
            Err(Error::Timeout { .. }) => find_out(&desk, &publication).await,
            result => result,
        }
    };
    answered(&desk, &publication, result).await;
}

/// Goes on with a publication of a session that ended before the answer came.
pub(in crate::engine) async fn go_on(desk: Desk, publication: Publication) {
    let result = find_out(&desk, &publication).await;
    answered(&desk, &publication, result).await;
}

async fn answered(desk: &Desk, publication: &Publication, result: Result<Receipt, Error>) {
    // Without a session it is still open, for the next one.
    if !matches!(result, Err(Error::Offline)) {
        desk.note(Note::Answer { request: publication.request, result }).await;
    }
}

/// Asks the broker for the item, and publishes it if it is not there.
async fn find_out(desk: &Desk, publication: &Publication) -> Result<Receipt, Error> {
    match held(desk, publication).await {
        Ok(Held::This) => return Ok(Receipt::Published(publication.item.clone())),
        Ok(Held::Nothing | Held::Older) => {}
        Err(Error::Offline) => return Err(Error::Offline),
        Ok(Held::Other) | Err(_) => return Err(publication.unknown()),
    }
    match send(desk, publication).await {
        Err(Error::Timeout { .. }) => Err(publication.unknown()),
        result => result,
    }
}

async fn held(desk: &Desk, publication: &Publication) -> Result<Held, Error> {
    let Publication { topic, item, payload: ours, .. } = publication;
    let which = Which::Ids(std::slice::from_ref(item));
    let request = Request::Items { node: &topic.node, subid: None, which };
    let answer = match desk.asker.get(&topic.broker, |w| request.write(w)).await {
        // The item, or the topic; then publishing says so.
        Err(error) if error.is_missing() => return Ok(Held::Nothing),
        answer => answer?,
    };
    let (list, _) = answer::items(payload(answer.root())).ok_or_else(Error::unreadable_answer)?;
    let Some(found) = list.entries.into_iter().find(|found| found.id == *item) else { return Ok(Held::Nothing) };
    let mine = found
        .publisher
        .as_deref()
        .map(|publisher| publisher.parse::<Jid>().is_ok_and(|publisher| publisher.bare() == &desk.me));
    Ok(match (mine, says_the_same(&found, ours)) {
        (Some(false), _) | (None, false) => Held::Other,
        (Some(true) | None, true) => Held::This,
        (Some(true), false) => Held::Older,
    })
}

/// Brokers write a payload anew, with other quotes and prefixes: compared is what a reader of reports reads in it.
fn says_the_same(found: &Item, ours: &[u8]) -> bool {
    found.payload.as_ref().is_some_and(|theirs| {
        *theirs.bytes == *ours || iodef::summarise(&theirs.bytes, &theirs.scope) == iodef::summarise(ours, &[])
    })
}

async fn send(desk: &Desk, publication: &Publication) -> Result<Receipt, Error> {
    let Publication { topic, item, payload: bytes, terms, .. } = publication;
    let _range = xml::check(bytes, &Rules::PAYLOAD).map_err(Error::from)?;
    // Asked anew: the topic must still be there, and its access is the precondition.
    let asked = Instant::now();
    let described = super::discover::ask_topic(desk, topic).await?;
    let access = described.access.clone();
    desk.note(Note::Described(Box::new(described), asked)).await;
    let token = match &access {
        Access::Unsaid => return Err(Error::unknown_access()),
        access => access.token(),
    };
    if terms.access.as_ref().is_some_and(|decided| *decided != access) {
        return Err(Error::access_changed());
    }
    let preconditions = [("pubsub#access_model", token)];
    let publish = Request::Publish { node: &topic.node, item, payload: bytes, preconditions: &preconditions };
    let answer = desk.asker.set(&topic.broker, |w| publish.write(w)).await?;
    Ok(Receipt::Published(answer::published(payload(answer.root())).unwrap_or_else(|| item.clone())))
}
