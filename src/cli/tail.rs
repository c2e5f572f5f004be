//! `gridwatch tail`: incidents of the subscribed topics as they are stored, those already there first.

use std::time::Duration;

use super::args::Until;
use super::out::Out;
use super::session::Session;
use super::{Exit, Stop, json};
use crate::engine::Event;
use crate::i18n::Catalog;
use crate::model::Membership;
use crate::store::{self, Row};
use crate::text;

/// Longer than any run: a timer for it is a timer for never.
const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// Writes each stored item once, until `until` says it is enough.
pub async fn run(session: &mut Session<'_>, until: Until, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
    let mut left = until.count.unwrap_or(u64::MAX);
    let mut read = true;
    let end = tokio::time::sleep(until.time.unwrap_or(NEVER).min(NEVER));
    tokio::pin!(end);
    while left > 0 {
        let events = tokio::select! {
            () = &mut end => {
                return Ok(match (until.count, read) {
                    (Some(_), _) => Exit::Short,
                    (None, true) => Exit::Done,
                    (None, false) => Exit::Refused,
                });
            }
            events = session.next() => events?,
        };
        for event in events {
            match event {
                Event::Stored { added, .. } => {
                    let rows = session.store.look(&added).map_err(|error| Stop::new(Exit::Archive, error.say()))?;
                    for row in rows {
                        if left > 0 {
                            out.line(&if as_json { json::item(&row) } else { words(&row, session.catalog()) })?;
                            left -= 1;
                        }
                    }
                }
                Event::Topics { topics, whole: true, complete, .. } => {
                    read = session.was_read(complete);
                    // Nothing to wait for, as far as a script is concerned; why, was told by a notice.
                    let subscribed = topics.iter().any(|topic| topic.membership == Membership::Subscribed);
                    if !read && !subscribed && left > 0 {
                        return Ok(Exit::Refused);
                    }
                }
                // To go on would be to miss incidents and look alive.
                Event::Notice { say, .. } if say.key == full() && left > 0 => return Err(Stop::new(Exit::Full, say)),
                _ => {}
            }
        }
    }
    Ok(Exit::Done)
}

/// The words of a store that takes no more.
fn full() -> &'static str {
    store::Error::Full { rows: 0 }.say().key
}

/// When, how severe, how to handle it, where, which report, what about.
pub(super) fn words(row: &Row, catalog: &Catalog) -> String {
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;
    use crate::cli::session::Prepared;
    use crate::store::{Memory, Store, memory::Budget};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_store_ends_it_with_a_code() {
        let catalog = Catalog::default();
        // The practice grid has more than that stored.
        let store = Arc::new(Memory::new(Budget { rows: 1, ..Budget::default() }));
        let mut session =
            Prepared::Practice { seed: 1 }.open(&catalog, Arc::clone(&store) as Arc<dyn Store>).await.unwrap();
        let stop = run(&mut session, Until::default(), true, &mut Out::new(Box::new(io::sink()))).await.unwrap_err();
        assert_eq!((stop.exit, stop.say.key), (Exit::Full, "error-store-full"));
        session.close().await;
    }
}
