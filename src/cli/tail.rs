//! `gridwatch tail`: incidents of the subscribed topics as they are stored, those already there first.

use std::time::Duration;

use super::args::Until;
use super::out::Out;
use super::session::Session;
use super::{Exit, Stop, json};
use crate::engine::Event;
use crate::i18n::Catalog;
use crate::store::Row;
use crate::text;

/// Longer than any run: a timer for it is a timer for never.
const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// Writes each stored item once, until `until` says it is enough.
pub async fn run(session: &mut Session<'_>, until: Until, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
    let mut left = until.count.unwrap_or(u64::MAX);
    let end = tokio::time::sleep(until.time.unwrap_or(NEVER).min(NEVER));
    tokio::pin!(end);
    while left > 0 {
        let events = tokio::select! {
            () = &mut end => return Ok(if until.count.is_some() { Exit::Short } else { Exit::Done }),
            events = session.next() => events?,
        };
        for seq in events.into_iter().filter_map(stored).flatten() {
            if let Some(row) = session.store.row(seq).filter(|_| left > 0) {
                out.line(&if as_json { json::item(&row) } else { words(&row, session.catalog()) })?;
                left -= 1;
            }
        }
    }
    Ok(Exit::Done)
}

fn stored(event: Event) -> Option<Vec<u32>> {
    match event {
        Event::Stored { added, .. } => Some(added),
        _ => None,
    }
}

/// When, how severe, how to handle it, where, which report, what about.
fn words(row: &Row, catalog: &Catalog) -> String {
    let summary = &row.summary;
    let name = match (summary.csirt.as_str(), summary.id.as_str()) {
        ("", "") => text::line(&row.key.item.0),
        (csirt, id) => text::line(&format!("{csirt} {id}")),
    };
    format!(
        "{} {:<8} {:<16} {:<24} {name}  {}",
        catalog.time(row.at),
        catalog.severity(summary.severity),
        catalog.tlp(summary.strictest.tlp()),
        text::line(&row.key.topic.node),
        text::line(&summary.title),
    )
    .trim_end()
    .to_owned()
}
