//! Fetching items by their ids (XEP-0060 §6.5.8): a broker announced them without their payload.

use super::{Desk, Note};
use crate::engine::Error;
use crate::engine::ask::{History, Wanted};
use crate::model::{ItemId, TopicId};
use crate::xmpp::pubsub::{Request, Which};

/// What was not fetched.
#[derive(Debug)]
pub(in crate::engine) struct Unfetched {
    pub topic: TopicId,
    /// To be fetched again.
    pub left: Vec<ItemId>,
    /// How many are no longer there.
    pub gone: u32,
    /// The broker does not give one out, and will not.
    pub refused: bool,
    pub trouble: Option<Error>,
}

/// Fetches them one after the other: none knows how large they are, and what cannot be read is then one of them. False
/// when it is worth another attempt.
pub(in crate::engine) async fn fetch(desk: Desk, topic: TopicId, ids: Vec<ItemId>, subid: Option<String>) -> bool {
    let mut unfetched = Unfetched { topic, left: Vec::new(), gone: 0, refused: false, trouble: None };
    for (place, id) in ids.iter().enumerate() {
        match one(&desk, &unfetched.topic, id, subid.as_deref()).await {
            Ok(0) => unfetched.gone += 1,
            Ok(_) => {}
            Err(error) if error.is_missing() => unfetched.gone += 1,
            Err(error) if error.is_passing() => {
                unfetched.left = ids.get(place..).unwrap_or_default().to_vec();
                unfetched.trouble = Some(error);
                break;
            }
            Err(error) => {
                unfetched.refused = true;
                unfetched.trouble = Some(error);
            }
        }
    }
    let done = unfetched.left.is_empty();
    desk.note(Note::Unfetched(unfetched)).await;
    done
}

async fn one(desk: &Desk, topic: &TopicId, id: &ItemId, subid: Option<&str>) -> Result<usize, Error> {
    let request = Request::Items { node: &topic.node, subid, which: Which::Ids(std::slice::from_ref(id)) };
    let wanted = Wanted { topic: topic.clone(), only: Some(id.clone()), history: History::None };
    desk.asker.items(wanted, |w| request.write(w)).await.map(|got| got.items)
}
