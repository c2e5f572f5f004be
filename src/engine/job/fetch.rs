//! Fetching what a topic has stored (XEP-0060 §6.5), newest first and page by page where the broker has pages; one by
//! one where a piece was refused before.

use std::collections::HashSet;

use super::{Desk, Note, payload};
use crate::engine::Error;
use crate::engine::ask::{Got, Wanted};
use crate::model::{ItemId, TopicId};
use crate::xmpp::disco::{self, Items};
use crate::xmpp::pubsub::{Request, Which};
use crate::xmpp::rsm::{At, Query};

/// Items of the first page: a few of the largest that brokers take (256 KiB) must fit into one stanza.
const FIRST: u32 = 4;
/// Items of a page at most.
const MOST: u32 = 100;
/// Bytes of payloads aimed at in one page.
const BYTES: usize = 256 * 1024;
/// About how many items of one topic; older ones are left on the broker, and that is said.
const ITEMS: usize = 10_000;

/// Fetches a topic: one by one without those in `skip` if that is given. False when it is worth another attempt.
pub(in crate::engine) async fn fetch(desk: Desk, topic: TopicId, skip: Option<HashSet<ItemId>>) -> bool {
    let whole = match skip {
        None => pages(&desk, &topic).await,
        Some(skip) => each(&desk, &topic, &skip).await,
    };
    match whole {
        Ok(true) => true,
        Ok(false) => {
            desk.note(Note::FetchCut(topic, ITEMS)).await;
            true
        }
        Err(error) => {
            let passing = error.is_passing();
            desk.note(Note::FetchTrouble(topic, error)).await;
            !passing
        }
    }
}

/// How many items of this size make a page.
fn fitting(got: &Got) -> u32 {
    let each = got.bytes / got.items.max(1);
    u32::try_from(BYTES / each.max(1)).unwrap_or(MOST).clamp(1, MOST)
}

/// Whether that was all.
async fn pages(desk: &Desk, topic: &TopicId) -> Result<bool, Error> {
    let mut asked = Query { max: FIRST, at: At::Before(String::new()) };
    let mut fetched = 0;
    loop {
        let got = match ask(desk, topic, Which::Page(&asked)).await {
            // A broker without pages that says so, instead of ignoring the request for one.
            Err(error) if fetched == 0 && error.is_unsupported() => ask(desk, topic, Which::All).await?,
            result => result?,
        };
        fetched += got.items;
        let max = fitting(&got);
        // Without a page in the answer it was all there is; a page without progress is the end (`engine.md` §6 row 33).
        match got.page.filter(|_| got.items > 0).and_then(|page| page.next(&asked)) {
            Some(_) if fetched >= ITEMS => return Ok(false),
            Some(next) => asked = Query { max, ..next },
            None => return Ok(true),
        }
    }
}

/// Every item by its own id, as the broker lists them (XEP-0060 §5.5), so that a refused answer names what to leave out.
/// Whether that was all.
async fn each(desk: &Desk, topic: &TopicId, skip: &HashSet<ItemId>) -> Result<bool, Error> {
    let answer = desk.asker.get(&topic.broker, |w| disco::ask_items(w, Some(&topic.node), None)).await?;
    let listed = payload(answer.root()).and_then(Items::read).ok_or_else(Error::unreadable_answer)?;
    let ids: Vec<ItemId> = listed.entries.into_iter().filter_map(|entry| entry.name).map(ItemId).collect();
    for id in ids.iter().filter(|id| !skip.contains(id)).take(ITEMS) {
        match ask(desk, topic, Which::Ids(std::slice::from_ref(id))).await {
            // Gone since it was listed.
            Err(error) if error.is_missing() => {}
            result => drop(result?),
        }
    }
    Ok(ids.len() <= ITEMS)
}

async fn ask(desk: &Desk, topic: &TopicId, which: Which<'_>) -> Result<Got, Error> {
    let only = if let Which::Ids([id]) = which { Some(id.clone()) } else { None };
    let request = Request::Items { node: &topic.node, subid: None, which };
    desk.asker.items(Wanted { topic: topic.clone(), only }, |w| request.write(w)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_shrink_with_the_size_of_items() {
        let got = |items: usize, size: usize| Got { items, bytes: items * size, page: None };
        assert_eq!(fitting(&got(4, 3_000)), 87);
        assert_eq!(fitting(&got(4, 250_000)), 1);
        assert_eq!(fitting(&got(2, 10)), MOST);
        assert_eq!(fitting(&got(0, 0)), MOST);
    }
}
