//! `gridwatch topics`: every topic of the broker and what this account is on it.

use std::sync::Arc;

use super::out::Out;
use super::session::Session;
use super::{Exit, Stop, json};
use crate::engine::Event;
use crate::i18n::Catalog;
use crate::model::{Membership, PayloadType, Topic};
use crate::text;

/// Waits for the whole walk over the broker's topics and writes them, in order of name.
pub async fn run(session: &mut Session<'_>, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
    let (topics, complete) = walked(session).await?;
    for topic in topics.iter() {
        out.line(&if as_json { json::topic(topic) } else { words(topic, session.catalog()) })?;
    }
    Ok(if session.was_read(complete) { Exit::Done } else { Exit::Refused })
}

/// All topics there are to be had, and whether the engine calls that complete.
async fn walked(session: &mut Session<'_>) -> Result<(Arc<[Topic]>, bool), Stop> {
    loop {
        for event in session.next().await? {
            if let Event::Topics { topics, whole: true, complete, .. } = event {
                return Ok((topics, complete));
            }
        }
    }
}

/// All topics with what this account is on them, or as much of that as is to be had.
pub(super) async fn rights(session: &mut Session<'_>) -> Result<Arc<[Topic]>, Stop> {
    loop {
        let (topics, complete) = walked(session).await?;
        if complete || !session.was_read(complete) {
            return Ok(topics);
        }
    }
}

/// Node, what I am on it, how one gets in, what it carries, its title.
fn words(topic: &Topic, catalog: &Catalog) -> String {
    let membership = match topic.membership {
        Membership::None => catalog.text("cli-membership-none"),
        Membership::Pending => catalog.text("cli-membership-pending"),
        Membership::Subscribed => catalog.text("cli-membership-subscribed"),
        Membership::Denied => catalog.text("cli-membership-denied"),
    };
    let payload = match &topic.payload {
        PayloadType::Iodef2 => "IODEF v2".to_owned(),
        PayloadType::Iodef1 => "IODEF v1".to_owned(),
        PayloadType::Other(namespace) => text::line(namespace),
        PayloadType::Unsaid => catalog.text("cli-unsaid"),
    };
    let access = json::access(&topic.access).map_or_else(|| catalog.text("cli-unsaid"), text::line);
    let title = match &topic.trouble {
        Some(say) => catalog.say(say),
        None => text::line(topic.title.as_deref().unwrap_or_default()),
    };
    format!("{:<32} {membership:<12} {access:<10} {payload:<10} {title}", text::line(&topic.id.node))
        .trim_end()
        .to_owned()
}
