//! Asking a broker's archive (XEP-0313) where what the topic stores does not reach back: an archive drops nothing, so one
//! event from before in it shows that everything since is here. Few brokers have one for their topics.

use chrono::{DateTime, Utc};

use super::{Desk, payload};
use crate::engine::Error;
use crate::engine::ingest::Was;
use crate::model::TopicId;
use crate::store::Seq;
use crate::xmpp::disco::{self, Info};
use crate::xmpp::mam::{self, Fin};
use crate::xmpp::rsm::{At, Query};

/// Messages of a page, and pages at most.
const PAGE: u32 = 50;
const PAGES: u32 = 2_000;

/// Fetches newest first until an event that was archived before `since`, of what is here since before `anchor`: something
/// published again unchanged after the break is here too, and shows nothing. Whether it came to that, and all was taken in.
pub(super) async fn reaches_back(
    desk: &Desk,
    topic: &TopicId,
    anchor: Seq,
    since: DateTime<Utc>,
) -> Result<bool, Error> {
    if !is_offered(desk, topic).await? {
        return Ok(false);
    }
    let mut asked = Query { max: PAGE, at: At::Before(String::new()) };
    let mut all = true;
    for _ in 0..PAGES {
        let query = desk.asker.open_archive(topic)?;
        let write = |w: &mut _| mam::query(w, &query, &topic.node, &asked);
        let answer = desk.asker.set(&topic.broker, write).await;
        let (told, lost) = desk.asker.close_archive(&query);
        all &= !lost;
        let fin = payload(answer?.root()).and_then(Fin::read).ok_or_else(Error::unreadable_answer)?;
        let empty = told.is_empty();
        let mut back = false;
        for (archived, found) in told {
            let found = found.await.map_err(|_| Error::unstored())?;
            let early = archived.is_some_and(|archived| archived < since);
            back |= early && found.iter().any(|found| matches!(found.was, Was::Same(seq) if seq < anchor));
        }
        if back || fin.complete || empty {
            return Ok(back && all);
        }
        match fin.page.and_then(|page| page.next(&asked)) {
            Some(next) => asked = next,
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// The topic or its broker says that it has one.
async fn is_offered(desk: &Desk, topic: &TopicId) -> Result<bool, Error> {
    for node in [Some(topic.node.as_str()), None] {
        match desk.asker.get(&topic.broker, |w| disco::ask_info(w, node)).await {
            Ok(answer) if payload(answer.root()).and_then(Info::read).is_some_and(|info| info.has(mam::NS)) => {
                return Ok(true);
            }
            Err(error) if error.is_passing() => return Err(error),
            _ => {}
        }
    }
    Ok(false)
}
