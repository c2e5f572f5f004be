//! The words that travel beside a decision: what was typed, and a sentence for clients that know nothing of it.

use chrono::{DateTime, Utc};

use crate::model::owned::{Act, Words};
use crate::model::{Say, TopicId};
use crate::text;

/// The words of an act on a topic. `find` gives the sentence in the language of who speaks.
#[must_use]
pub fn words(
    act: Act,
    topic: &TopicId,
    note: &str,
    until: Option<DateTime<Utc>>,
    find: impl FnOnce(&Say) -> String,
) -> Words {
    let note: String = note.trim().chars().take(Words::MOST).collect();
    let key = match act {
        Act::Asks => "owner-words-asks",
        Act::Approved => "owner-words-approved",
        Act::Denied => "owner-words-denied",
        Act::Question => "owner-words-question",
        Act::Revoked => "owner-words-revoked",
    };
    // What the receiver reads is one's own text: it is not cut where remote text would be.
    let say = Say::new(key).with("topic", text::line(&topic.node)).with("broker", topic.broker.to_string());
    let mut body = find(&say);
    if let Some(until) = until {
        body.push(' ');
        body.push_str(&format!("({})", until.format("%Y-%m-%d")));
    }
    if !note.is_empty() {
        body.push('\n');
        body.push_str(&note);
    }
    Words { note, body, until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_says_all_of_it() {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let until = DateTime::from_timestamp(1_800_000_000, 0);
        let words = words(Act::Denied, &topic, "  wrong constituency\n", until, |say| say.key.to_owned());
        assert_eq!(words.note, "wrong constituency");
        assert_eq!(words.body, "owner-words-denied (2027-01-15)\nwrong constituency");
    }
}
