//! Fetching what a topic has stored (XEP-0060 §6.5), newest first and page by page where the broker has pages.

use super::{Desk, Note, payload};
use crate::engine::Error;
use crate::model::TopicId;
use crate::xmpp::pubsub::{Item, Request, Which, answer};
use crate::xmpp::rsm::{At, Page, Query};

/// Items of one page.
const PAGE: u32 = 50;
/// Items of one topic; older ones are left on the broker, and that is said.
const ITEMS: usize = 10_000;

/// Fetches topic after topic.
pub(in crate::engine) async fn fetch(desk: Desk, topics: Vec<TopicId>) {
    for topic in topics {
        if let Err(error) = all(&desk, &topic).await {
            desk.note(Note::FetchTrouble(topic, error)).await;
        }
    }
}

async fn all(desk: &Desk, topic: &TopicId) -> Result<(), Error> {
    let mut asked = Query { max: PAGE, at: At::Before(String::new()) };
    let mut fetched = 0;
    loop {
        let (items, page) = match page(desk, topic, Which::Page(&asked)).await {
            // A broker without pages that says so, instead of ignoring the request for one.
            Err(error) if fetched == 0 && error.is_unsupported() => page(desk, topic, Which::All).await?,
            result => result?,
        };
        fetched += items.len();
        let last = items.is_empty() || fetched >= ITEMS;
        desk.note(Note::Fetched(topic.clone(), items)).await;
        // Without a page in the answer it was all there is; a page without progress is the end (`engine.md` §6 row 33).
        match page.filter(|_| !last).and_then(|page| page.next(&asked)) {
            Some(next) => asked = next,
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
