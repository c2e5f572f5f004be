//! What an owner's desk knows: facts about who asks, rules and grants, members, topics in plain words. For the window and the
//! text verbs alike.
//!
//! May use `model`, `text` and the `store` with its shelves; nothing here talks to a broker. What reads or writes a shelf blocks
//! on disk: not from the window's own thread.

pub mod facts;
pub mod grant;
pub mod hold;
pub mod members;
pub mod met;
pub mod past;
pub mod rules;
pub mod settings;
pub mod sheet;
pub mod template;
mod words;
pub mod would;

pub use words::words;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::model::{BareJid, TopicId};
use crate::store::shelf::Unread;

/// The name on a shelf of what is about an account on a topic. The account and the broker hold no line break, and the node is
/// the last.
fn place(topic: &TopicId, account: &BareJid) -> String {
    format!("{account}\n{}\n{}", topic.broker, topic.node)
}

/// Reads [`place()`].
fn placed(name: &str) -> Option<(TopicId, BareJid)> {
    let mut parts = name.splitn(3, '\n');
    let (account, broker, node) = (parts.next()?, parts.next()?, parts.next()?);
    let topic = TopicId { broker: broker.parse().ok()?, node: node.to_owned() };
    Some((topic, account.parse().ok()?))
}

/// A time as shelves hold it.
fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads [`stamp()`].
fn time(text: &str) -> Result<DateTime<Utc>, Unread> {
    let at = DateTime::parse_from_rfc3339(text.trim());
    at.map(|at| at.with_timezone(&Utc)).map_err(|_| Unread::Damaged("no time".to_owned()))
}

/// A part that is no longer what it says.
fn damaged<E>(_: E) -> Unread {
    Unread::Damaged("no address".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_whatever_the_topic_is_called() {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "a\nb c".to_owned() };
        let account: BareJid = "soc@blue.example".parse().unwrap();
        assert_eq!(placed(&place(&topic, &account)), Some((topic, account)));
        assert_eq!(placed("soc@blue.example\nbroker.example"), None);
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(time(&stamp(now)), Ok(now));
    }
}
