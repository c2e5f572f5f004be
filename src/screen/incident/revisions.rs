//! Other revisions of the incident that shows: by who reported it and its id, wherever they came from. Looked for in the
//! store away from the window's thread.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use iced::Task;

use super::{Incident, Message};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::Action;
use crate::screen::document::{Offer, Source};
use crate::store::{Error, Row, Seq, Store};
use crate::text;

/// Most revisions offered, the newest ones.
const MOST: usize = 100;

/// A revision, and whether a person read it.
#[derive(Clone, Debug)]
pub struct Revision {
    row: Arc<Row>,
    was_read: bool,
}

/// Looks for the others. Where nobody is named as who numbered it, a number names nothing.
pub fn look(own: &Row, shown: u64, cx: &Cx<'_>) -> Option<Task<Message>> {
    let (seq, csirt, id) = (own.seq, own.summary.csirt.clone(), own.summary.id.clone());
    let store = cx.finder.store().filter(|_| !id.is_empty() && !csirt.is_empty())?;
    let finder = Arc::clone(cx.finder);
    let looking = async move {
        let found = tokio::task::spawn_blocking(move || {
            let mut all = store.revisions(&csirt, &id)?;
            all.retain(|other| *other != seq);
            let newest = all.split_off(all.len().saturating_sub(MOST));
            let rows = store.look(&newest)?.into_iter();
            Ok(rows.map(|row| Revision { was_read: !finder.is_unread(row.seq), row }).collect::<Vec<_>>())
        });
        match found.await {
            Ok(found) => found.map_err(|error: Error| error.say()),
            Err(_) => Err(Say::new("app-work-broken")),
        }
    };
    Some(Task::perform(looking, move |found| Message::Revisions(shown, found)))
}

/// When a document says it was made, else when it came; of two of one time the one stored later is the later one.
fn order(row: &Row) -> (DateTime<Utc>, Seq) {
    (row.summary.generated.as_ref().map_or(row.at, |stamp| stamp.at), row.seq)
}

impl Incident {
    /// Offers what was found: to begin with, the last one a person read before this one, else the one before it.
    pub(super) fn offer(&mut self, mut found: Vec<Revision>, cx: &Cx<'_>) -> Action<Message> {
        let (Some(own), Some(store)) = (self.row.clone(), cx.finder.store()) else { return Action::None };
        if found.is_empty() {
            return Action::None;
        }
        found.sort_by_key(|one| std::cmp::Reverse(order(&one.row)));
        let is_older = |one: &Revision| order(&one.row) < order(&own);
        let chosen = found.iter().position(|one| is_older(one) && one.was_read);
        let chosen = chosen.or_else(|| found.iter().position(is_older)).unwrap_or_default();
        let offers = found.iter().map(|one| Offer {
            words: words(one, is_older(one), &own, cx),
            is_older: Some(is_older(one)),
            load: load(&store, one.row.seq),
        });
        self.document.offer(offers.collect(), chosen).map(Message::Document)
    }
}

fn words(one: &Revision, is_older: bool, own: &Row, cx: &Cx<'_>) -> String {
    let key = if is_older { "incident-revision-earlier" } else { "incident-revision-later" };
    let mut words = cx.format(key, &[("at", &cx.catalog.time(order(&one.row).0))]);
    let elsewhere = one.row.key.topic != own.key.topic;
    let topic = elsewhere.then(|| match &one.row.key.topic {
        // Anybody may call a topic so; what came from a file says it in words.
        topic if topic.is_imported() => cx.text("incident-revision-file"),
        topic => text::line_within(&cx.finder.topic_name(topic), 60),
    });
    let version =
        (one.row.version > 1).then(|| cx.format("feed-version", &[("version", &one.row.version.to_string())]));
    let was_read = one.was_read.then(|| cx.text("incident-revision-read"));
    for more in [topic, version, was_read].into_iter().flatten() {
        words = format!("{words}  ·  {more}");
    }
    words
}

fn load(store: &Arc<dyn Store>, seq: Seq) -> crate::screen::document::Load {
    let store = Arc::clone(store);
    Arc::new(move || match store.payload(seq) {
        Ok(Some(payload)) => Ok(Source { bytes: payload.bytes, scope: payload.scope }),
        Ok(None) => Err(Say::new("incident-compare-gone")),
        Err(error) => Err(error.say()),
    })
}
