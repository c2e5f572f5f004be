//! One JSON object a line. The names and the words in them are documented in README and stay as they are.
//!
//! Texts are the sender's own, whole; what could mislead a terminal (controls, bidirectional marks, invisible
//! characters) is written as `\u…`, which is the same text to whoever parses it.

use std::fmt::Write;

use serde::Serialize;

use crate::model::{Access, Kind, PayloadType, Severity, Topic, TopicId};
use crate::store::{Route, Row};
use crate::text;

#[derive(Serialize)]
struct TopicLine<'a> {
    broker: String,
    node: &'a str,
    title: Option<&'a str>,
    description: Option<&'a str>,
    payload_type: Option<&'a str>,
    access: Option<&'a str>,
    affiliation: &'a str,
    membership: &'static str,
    may_publish: bool,
    owners: Vec<String>,
    publishers: Vec<String>,
    subscribers: Option<u32>,
    /// A key of the catalog where the topic's details could not be read.
    trouble: Option<&'static str>,
}

/// A topic as one line.
pub fn topic(topic: &Topic) -> String {
    line(&TopicLine {
        broker: topic.id.broker.to_string(),
        node: &topic.id.node,
        title: topic.title.as_deref(),
        description: topic.description.as_deref(),
        payload_type: payload(&topic.payload),
        access: access(&topic.access),
        affiliation: topic.affiliation.token(),
        membership: topic.membership.word(),
        may_publish: topic.may_publish(),
        owners: topic.owners.iter().map(ToString::to_string).collect(),
        publishers: topic.publishers.iter().map(ToString::to_string).collect(),
        subscribers: topic.subscribers,
        trouble: topic.trouble.as_ref().map(|say| say.key),
    })
}

#[derive(Serialize)]
struct ItemLine<'a> {
    topic: TopicName<'a>,
    item: &'a str,
    version: u32,
    route: &'static str,
    received: String,
    /// What the feed sorts by.
    at: String,
    publisher: Option<&'a str>,
    kind: &'static str,
    namespace: Option<&'a str>,
    csirt: &'a str,
    id: &'a str,
    title: &'a str,
    purpose: Option<&'a str>,
    status: Option<&'a str>,
    severity: Option<&'static str>,
    restriction: Option<&'a str>,
    handling: &'static str,
    generated: Option<&'a str>,
    observables: Vec<ObservableLine<'a>>,
    observables_total: u32,
}

#[derive(Serialize)]
struct TopicName<'a> {
    broker: String,
    node: &'a str,
}

#[derive(Serialize)]
struct ObservableLine<'a> {
    kind: &'static str,
    value: &'a str,
}

/// A stored item as one line.
pub fn item(row: &Row) -> String {
    let TopicId { broker, node } = &row.key.topic;
    let summary = &*row.summary;
    let (kind, namespace) = kind(&summary.kind);
    line(&ItemLine {
        topic: TopicName { broker: broker.to_string(), node },
        item: &row.key.item.0,
        version: row.version,
        route: match row.route {
            Route::Live => "live",
            Route::Delayed => "delayed",
            Route::Fetched => "fetched",
        },
        received: row.received.to_rfc3339(),
        at: row.at.to_rfc3339(),
        publisher: row.publisher.as_deref(),
        kind,
        namespace,
        csirt: &summary.csirt,
        id: &summary.id,
        title: &summary.title,
        purpose: summary.purpose.as_deref(),
        status: summary.status.as_deref(),
        severity: Severity::token(summary.severity),
        restriction: match &summary.restriction {
            crate::model::Restriction::Other(value) => Some(value),
            restriction => restriction.token(),
        },
        handling: summary.strictest.tlp().token(),
        generated: summary.generated.as_ref().map(|stamp| stamp.text.as_str()),
        observables: summary
            .observables
            .iter()
            .map(|observable| ObservableLine { kind: observable.kind.token(), value: &observable.value })
            .collect(),
        observables_total: summary.observables_total,
    })
}

/// A value as one safe line.
pub fn line(value: &impl Serialize) -> String {
    // Plain structs of text and numbers always serialise.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut safe = String::with_capacity(json.len());
    for char in json.chars() {
        if char > '~' && text::is_deceptive(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(char);
        }
    }
    safe
}

fn payload(payload: &PayloadType) -> Option<&str> {
    match payload {
        PayloadType::Iodef2 => Some(PayloadType::IODEF2),
        PayloadType::Iodef1 => Some(PayloadType::IODEF1),
        PayloadType::Other(namespace) => Some(namespace),
        PayloadType::Unsaid => None,
    }
}

/// The word of an access model; none where the topic does not say.
pub fn access(access: &Access) -> Option<&str> {
    Some(access.token()).filter(|token| !token.is_empty())
}

fn kind(kind: &Kind) -> (&'static str, Option<&str>) {
    match kind {
        Kind::Iodef2 => ("iodef2", Some(PayloadType::IODEF2)),
        Kind::Iodef1 => ("iodef1", Some(PayloadType::IODEF1)),
        Kind::Foreign { namespace, .. } => ("foreign", Some(namespace)),
        Kind::Invalid(_) => ("invalid", None),
        Kind::Empty => ("empty", None),
        Kind::Gone => ("gone", None),
    }
}

/// The label without its prefix, in lower case; of the strictest restriction inside, not only the document's own.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_shows_no_trick() {
        let hostile = "a\u{202e}b\u{1b}[2Jc\nd\u{9b}e\u{e0041}f";
        let id = TopicId { broker: "broker.example".parse().unwrap(), node: hostile.to_owned() };
        let text = topic(&Topic::bare(id));
        assert!(text.chars().all(|c| c == '\u{fc}' || (' '..='~').contains(&c)), "{text}");
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["node"], hostile);
        assert_eq!(back["membership"], "none");
        assert!(back["access"].is_null());
    }
}
