//! A flood for measuring: many incidents of one size, as fast as the link takes them, each with an id of its own.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::answer;
use super::documents;
use super::random::Random;
use super::reports::Report;
use super::stories::GENERAL;
use crate::model::{BareJid, Jid};
use crate::xmpp::pubsub::EVENT_NS;
use crate::xmpp::xml::{NotXml, Writer};

/// Stands where each event's number goes; ten characters, as many as the number has.
const MARK: &str = "0123456789";

/// An event message to one reader, cut at its numbers.
pub struct Template {
    parts: Vec<Vec<u8>>,
}

impl Template {
    /// An event of `node` to `reader`; its payload has `size` bytes, or the least it can have.
    ///
    /// # Errors
    /// When the node's name is not XML.
    pub fn new(broker: &BareJid, node: &str, reader: &Jid, size: usize, now: DateTime<Utc>) -> Result<Self, NotXml> {
        let [story, ..] = GENERAL;
        let mut report = Report::invent(&mut Random::new(size as u64), format!("PX-FLOOD-{MARK}"), &story, None, now);
        report.restriction = (Some("green"), None);
        let bare = documents::write(&report)?.len();
        let lack = size.saturating_sub(bare);
        if let Some((_, _, text)) = report.texts.last_mut() {
            text.push_str(&" and so on".repeat(lack / 10));
            text.push_str(&".".repeat(lack % 10));
        }
        let payload = documents::write(&report)?;
        let message = answer::message(broker, reader, true, |w: &mut Writer| {
            let _ = w.open_ns("event", EVENT_NS).open("items").attr("node", node);
            let _ = w.open("item").attr("id", &format!("flood-{MARK}")).attr("publisher", "publisher@practice.invalid");
            let _ = w.raw(&payload).close().close().close();
        });
        let message = message.ok_or(NotXml)?.stanza;
        let mut parts = Vec::new();
        let mut rest = &*message;
        while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK.as_bytes()) {
            parts.push(rest.get(..at).unwrap_or_default().to_vec());
            rest = rest.get(at + MARK.len()..).unwrap_or_default();
        }
        parts.push(rest.to_vec());
        Ok(Self { parts })
    }

    /// The event with this number.
    #[must_use]
    pub fn event(&self, number: u64) -> Arc<[u8]> {
        self.parts.join(format!("{number:010}").as_bytes()).into()
    }
}
