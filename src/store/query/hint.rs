//! Hints: filters that read well and can match nothing.

use chrono::{DateTime, Utc};

use super::extent::{Amber, labels, numbers, severities, times};
use super::field::Type;
use super::{Cmp, Field, Node, Query, Term, Value};
use crate::model::Say;
use crate::text;

/// Two conditions that no incident meets at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub one: String,
    pub other: String,
}

impl Hint {
    #[must_use]
    pub fn say(&self) -> Say {
        Say::new("query-hint-contradiction").with("one", text::line(&self.one)).with("other", text::line(&self.other))
    }
}

/// Conditions looked at in one conjunction; a text with more is not typed by hand.
const MOST: usize = 100;

/// Contradictions anywhere in the filter. Not every one is found; what is found is one.
#[must_use]
pub fn hints(query: &Query, now: DateTime<Utc>) -> Vec<Hint> {
    let mut found = Vec::new();
    let mut open = vec![query.root()];
    while let Some(node) = open.pop() {
        match node {
            Node::All(nodes) => {
                within(nodes, now, &mut found);
                open.extend(nodes);
            }
            Node::Any(nodes) => open.extend(nodes),
            Node::Not(node) => open.push(node),
            Node::Term(_) => {}
        }
    }
    found
}

fn within(nodes: &[Node], now: DateTime<Utc>, found: &mut Vec<Hint>) {
    for (at, one) in nodes.iter().enumerate().take(MOST) {
        let rest = nodes.iter().take(MOST).skip(at + 1);
        found.extend(
            rest.filter(|other| excludes(one, other, now))
                .map(|other| Hint { one: one.to_string(), other: other.to_string() }),
        );
    }
}

fn excludes(one: &Node, other: &Node, now: DateTime<Utc>) -> bool {
    match (one, other) {
        (Node::Not(one), other) if **one == *other => true,
        (one, Node::Not(other)) if *one == **other => true,
        _ => match (extent(one, now), extent(other, now)) {
            (Some((one, own)), Some((other, than))) => one == other && own.is_apart(&than),
            _ => false,
        },
    }
}

/// What a condition leaves of a field.
enum Extent {
    Codes(u16),
    Numbers(Vec<(u64, u64)>),
    Times(Vec<(i64, i64)>),
    Texts(Vec<String>),
}

/// The field, with those about the same time as one.
fn extent(node: &Node, now: DateTime<Utc>) -> Option<(Field, Extent)> {
    let (term, negated) = match node {
        Node::Term(term) => (term, false),
        Node::Not(node) => match &**node {
            Node::Term(term) => (term, true),
            _ => return None,
        },
        _ => return None,
    };
    let Term::Field { field, cmp, values } = term else { return None };
    let negated = negated != (*cmp == Cmp::Ne);
    if values.iter().any(|value| matches!(value, Value::Macro(_))) {
        return None;
    }
    let turn = |codes: u16| if negated { !codes } else { codes };
    let extent = match field.about().kind {
        Type::Severity => Extent::Codes(turn(severities(*cmp, values)) & 0xf),
        Type::Tlp => Extent::Codes(turn(labels(*cmp, values, Amber::Strict)) & 0x3f),
        _ if negated => return None,
        Type::Number | Type::Size => Extent::Numbers(numbers(*cmp, values)),
        Type::Time => Extent::Times(times(*field, *cmp, values, now)),
        Type::Text | Type::Choice(_) if field.about().single => {
            let literal = |value: &Value| match value {
                Value::Text(text) if !text.glob => Some(text.text.to_lowercase()),
                _ => None,
            };
            Extent::Texts(values.iter().map(literal).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    let about = if matches!(field, Field::Since | Field::Until | Field::On) { Field::On } else { *field };
    Some((about, extent))
}

impl Extent {
    fn is_apart(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Codes(one), Self::Codes(other)) => one & other == 0,
            (Self::Numbers(one), Self::Numbers(other)) => {
                !one.iter().any(|(a, b)| other.iter().any(|(c, d)| a <= d && c <= b))
            }
            (Self::Times(one), Self::Times(other)) => {
                !one.iter().any(|(a, b)| other.iter().any(|(c, d)| a < d && c < b))
            }
            (Self::Texts(one), Self::Texts(other)) => !one.iter().any(|text| other.contains(text)),
            _ => false,
        }
    }
}
