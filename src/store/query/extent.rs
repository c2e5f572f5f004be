//! What the values of a field come to: sets of codes, spans of numbers and of time. Compiling and hints share it.

use chrono::{DateTime, Utc};

use super::{Cmp, Field, Value, When};
use crate::model::{Severity, Tlp};

/// What IODEF's `amber` means here (`product.md` B4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Amber {
    /// The recipient's own organisation alone: as strict as AMBER+STRICT.
    #[default]
    Strict,
    /// TLP 2.0: its clients too.
    Clients,
}

pub const SEVERITIES: [Severity; 4] = [Severity::Unknown, Severity::Low, Severity::Medium, Severity::High];
pub const LABELS: [Tlp; 6] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::ByAgreement, Tlp::Red];

/// How strict a label is (`product.md` B4); what was agreed beforehand counts as the strictest.
#[must_use]
pub fn strictness(label: Tlp, amber: Amber) -> u8 {
    match label {
        Tlp::Clear => 0,
        Tlp::Green => 1,
        Tlp::Amber => match amber {
            Amber::Clients => 2,
            Amber::Strict => 3,
        },
        Tlp::AmberStrict => 3,
        Tlp::ByAgreement | Tlp::Red => 4,
    }
}

fn compare<T: Ord>(own: &T, cmp: Cmp, than: &T) -> bool {
    match cmp {
        Cmp::Has | Cmp::Eq | Cmp::Ne => own == than,
        Cmp::Lt => own < than,
        Cmp::Le => own <= than,
        Cmp::Gt => own > than,
        Cmp::Ge => own >= than,
    }
}

/// A bit for each severity that fits, the lowest for unknown. [`Cmp::Ne`] is read as its opposite.
pub fn severities(cmp: Cmp, values: &[Value]) -> u16 {
    mask(&SEVERITIES, |own| {
        values.iter().any(|value| matches!(value, Value::Severity(than) if compare(own, cmp, than)))
    })
}

/// A bit for each label that fits: equality is by the label, order by strictness.
pub fn labels(cmp: Cmp, values: &[Value], amber: Amber) -> u16 {
    let fits = |own: &Tlp, than: &Tlp| match cmp {
        Cmp::Has | Cmp::Eq | Cmp::Ne => own == than,
        _ => compare(&strictness(*own, amber), cmp, &strictness(*than, amber)),
    };
    mask(&LABELS, |own| values.iter().any(|value| matches!(value, Value::Tlp(than) if fits(own, than))))
}

fn mask<T>(all: &[T], fits: impl Fn(&T) -> bool) -> u16 {
    all.iter().enumerate().filter(|(_, own)| fits(own)).fold(0, |mask, (bit, _)| mask | 1 << bit)
}

/// Spans of numbers, both ends inside.
pub fn numbers(cmp: Cmp, values: &[Value]) -> Vec<(u64, u64)> {
    let spans = values.iter().filter_map(|value| {
        let Value::Numbers(from, to) = value else { return None };
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(u64::MAX));
        match cmp {
            Cmp::Has | Cmp::Eq | Cmp::Ne => Some((from, to)),
            Cmp::Lt => to.checked_sub(1).map(|to| (0, to)),
            Cmp::Le => Some((0, to)),
            Cmp::Gt => from.checked_add(1).map(|from| (from, u64::MAX)),
            Cmp::Ge => Some((from, u64::MAX)),
        }
    });
    spans.collect()
}

/// Spans of time in seconds since 1970, the end outside.
pub fn times(field: Field, cmp: Cmp, values: &[Value], now: DateTime<Utc>) -> Vec<(i64, i64)> {
    values.iter().filter_map(|value| time(field, cmp, value, now)).filter(|(from, to)| from < to).collect()
}

fn time(field: Field, cmp: Cmp, value: &Value, now: DateTime<Utc>) -> Option<(i64, i64)> {
    let (first, last) = match value {
        Value::When(when) => (Some(*when), Some(*when)),
        Value::Times(first, last) => (*first, *last),
        _ => return None,
    };
    let from = |when: Option<When>| when.map_or(i64::MIN, |when| when.seconds(now).0);
    let to = |when: Option<When>| when.map_or(i64::MAX, |when| when.seconds(now).1);
    let span = match (field, cmp) {
        (Field::Since, _) => (from(first), i64::MAX),
        (Field::Until, _) => (i64::MIN, to(last)),
        (_, Cmp::Lt) => (i64::MIN, from(first)),
        (_, Cmp::Le) => (i64::MIN, to(last)),
        (_, Cmp::Gt) => (to(last), i64::MAX),
        (_, Cmp::Ge) => (from(first), i64::MAX),
        _ => match value {
            // `detected:24h` is all of the last day, not the second a day ago.
            Value::When(when) if when.moves() => {
                let ((from, to), (now, after)) = (when.seconds(now), When::Now(None).seconds(now));
                (from.min(now), to.max(after))
            }
            _ => (from(first), to(last)),
        },
    };
    Some(span)
}
