//! Fetching what a topic has stored (XEP-0060 §6.5), newest first and page by page where the broker has pages.

use super::{Desk, Note, payload};
use crate::engine::Error;
use crate::model::TopicId;
use crate::xmpp::pubsub::{Item, Request, Which, answer};
use crate::xmpp::rsm::{At, Page, Query};

/// Items of the first page: a few of the largest that brokers take (256 KiB) must fit into one stanza.
const FIRST: u32 = 4;
/// Items of a page at most.
const MOST: u32 = 100;
/// Bytes of payloads aimed at in one page.
const BYTES: usize = 256 * 1024;
/// Items of one topic; older ones are left on the broker, and that is said.
const ITEMS: usize = 10_000;

/// Fetches topic after topic.
pub(in crate::engine) async fn fetch(desk: Desk, topics: Vec<TopicId>) {
    for topic in topics {
        desk.note(Note::Fetching(Some(topic.clone()))).await;
        if let Err(error) = all(&desk, &topic).await {
            desk.note(Note::FetchTrouble(topic, error)).await;
        }
    }
    desk.note(Note::Fetching(None)).await;
}

/// How many items of this size make a page.
fn fitting(items: &[Item]) -> u32 {
    let bytes: usize = items.iter().filter_map(|item| item.payload.as_ref()).map(|payload| payload.bytes.len()).sum();
    let each = bytes / items.len().max(1);
    u32::try_from(BYTES / each.max(1)).unwrap_or(MOST).clamp(1, MOST)
}

async fn all(desk: &Desk, topic: &TopicId) -> Result<(), Error> {
    let mut asked = Query { max: FIRST, at: At::Before(String::new()) };
    let mut fetched = 0;
    loop {
        let (items, page) = match page(desk, topic, Which::Page(&asked)).await {
            // A broker without pages that says so, instead of ignoring the request for one.
            Err(error) if fetched == 0 && error.is_unsupported() => page(desk, topic, Which::All).await?,
            result => result?,
        };
        fetched += items.len();
        let max = fitting(&items);
        let last = items.is_empty() || fetched >= ITEMS;
        desk.note(Note::Fetched(topic.clone(), items)).await;
        // Without a page in the answer it was all there is; a page without progress is the end (`engine.md` §6 row 33).
        match page.filter(|_| !last).and_then(|page| page.next(&asked)) {
            Some(next) => asked = Query { max, ..next },
            None => return Ok(()),
        }
    }
}

async fn page(desk: &Desk, topic: &TopicId, which: Which<'_>) -> Result<(Vec<Item>, Option<Page>), Error> {
    let request = Request::Items { node: &topic.node, subid: None, which };
    let answer = desk.asker.get(&topic.broker, |w| request.write(w)).await?;
    let (list, page) = answer::items(payload(answer.root())).ok_or_else(Error::unreadable_answer)?;
    Ok((list.entries, page))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::ItemId;
    use crate::xmpp::pubsub::Payload;

    #[test]
    fn pages_shrink_with_the_size_of_items() {
        let items = |count: usize, size: usize| {
            let payload = Payload { bytes: Arc::from(vec![b' '; size]), scope: Arc::from([]) };
            let item = Item { id: ItemId("1".to_owned()), publisher: None, payload: Some(payload), crowded: false };
            vec![item; count]
        };
        assert_eq!(fitting(&items(4, 3_000)), 87);
        assert_eq!(fitting(&items(4, 250_000)), 1);
        assert_eq!(fitting(&items(2, 10)), MOST);
        assert_eq!(fitting(&[]), MOST);
    }
}
