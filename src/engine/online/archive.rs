//! What a broker's archive sends (XEP-0313): taken only from the broker that was asked, under the query it was asked with,
//! and of that only the broker's own word on that topic (`engine.md` §6 row 6).

use std::sync::Arc;

use chrono::Utc;
use tokio::sync::oneshot;

use super::{Desk, Online};
use crate::engine::ingest::Work;
use crate::xmpp::delay;
use crate::xmpp::mam::Archived;
use crate::xmpp::pubsub::event::{self, Entry, Event};
use crate::xmpp::stanza::{self, Message, Sorted};

impl Online {
    /// Whether it was an answer to a query of ours.
    pub(super) fn archived(&mut self, message: &Message<'_>, desk: &Desk, works: &mut Vec<Work>) -> bool {
        let Some(archived) = Archived::inside(message) else { return false };
        let Some(broker) = self.trusted(message).filter(|_| self.is_for_us(&message.route)) else { return false };
        let Some(query) = archived.query() else { return false };
        let Some(topic) = self.asker.archive(&query, broker) else { return false };
        let Ok(Sorted::Message(inner)) = stanza::sort(archived.message) else {
            self.asker.lost(&query);
            return true;
        };
        let theirs = inner.route.from.as_ref().is_none_or(|from| from.bare() == broker);
        if !theirs || !desk.directory.subscribed(&topic) {
            return true;
        }
        let received = Utc::now();
        let delayed = delay::stamp(archived.forwarded, broker, &self.server, received).map(|stamp| stamp.at);
        let mut items = Vec::new();
        for event in event::read(&inner) {
            let Event::Items { node, entries, left_out } = event else { continue };
            if node != topic.node {
                continue;
            }
            let mut lost = left_out > 0;
            for entry in entries {
                match entry {
                    Entry::Item(item) if item.payload.is_some() => items.push(item),
                    // What it was, nobody can tell any more.
                    Entry::Item(_) | Entry::Unreadable => lost = true,
                    Entry::Retract(_) => {}
                }
            }
            if lost {
                self.asker.lost(&query);
            }
        }
        let (tell, found) = oneshot::channel();
        if self.asker.told(&query, (delayed, found)) {
            works.push(Work::Archived { topic: Arc::clone(&topic), items, received, delayed, tell });
        }
        true
    }
}
