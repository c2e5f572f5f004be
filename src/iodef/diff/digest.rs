//! What matters, at a glance: handling, severity, purpose and state of each incident, and the observables that came and went.

use std::collections::HashMap;

use crate::iodef::Document;
use crate::iodef::doc::{Element, NodeId};
use crate::iodef::observable::Of;
use crate::iodef::observables::{self, Found};
use crate::iodef::view::{Incident, attr, marking};
use crate::model::{ObservableKind, Restriction, Severity, Tlp};

/// Most observables named on each side; the rest is counted.
const NAMED: usize = 1_000;

/// The essence of one incident, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// `csirt.example / 4711`, as received.
    pub id: String,
    pub restriction: (Restriction, Restriction),
    pub severity: (Severity, Severity),
    pub purpose: (Option<String>, Option<String>),
    pub status: (Option<String>, Option<String>),
}

/// A value that is in one of the documents only.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    pub kind: ObservableKind,
    /// As the document writes it, on one line.
    pub original: String,
    pub canonical: String,
    pub at: NodeId,
    pub tlp: Tlp,
}

/// Which values came and went, wherever they stand.
#[derive(Clone, Default)]
pub struct Observables {
    pub added: Vec<Value>,
    pub removed: Vec<Value>,
    /// How many, those not named among them.
    pub added_total: usize,
    pub removed_total: usize,
    /// In both.
    pub same: usize,
}

impl std::fmt::Debug for Value {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Value({:?})", self.kind)
    }
}

pub fn head(old: Element<'_>, new: Element<'_>) -> Option<Head> {
    let (old, new) = (Incident::of(old)?, Incident::of(new)?);
    let restriction = |one: Incident<'_>| marking(one.element()).restriction;
    let severity = |one: Incident<'_>| {
        let all = one.assessments().flat_map(|one| one.impacts().map(|impact| impact.severity()).collect::<Vec<_>>());
        all.max().unwrap_or_default()
    };
    let word = |one: Incident<'_>, name: &str| {
        let word = attr(one.element(), name)?;
        let own = (word == "ext-value").then(|| attr(one.element(), &format!("ext-{name}"))).flatten();
        Some(own.unwrap_or(word).into_owned())
    };
    let id = new.id().map(|id| match id.name() {
        Some(name) => format!("{name} / {}", id.text()),
        None => id.text().into_owned(),
    });
    let head = Head {
        id: id.unwrap_or_default(),
        restriction: (restriction(old), restriction(new)),
        severity: (severity(old), severity(new)),
        purpose: (word(old, "purpose"), word(new, "purpose")),
        status: (word(old, "status"), word(new, "status")),
    };
    head.differs().then_some(head)
}

impl Head {
    fn differs(&self) -> bool {
        self.restriction.0 != self.restriction.1
            || self.severity.0 != self.severity.1
            || self.purpose.0 != self.purpose.1
            || self.status.0 != self.status.1
    }
}

pub fn observables(old: &Document, new: &Document) -> Observables {
    let (old, new) = (observables::all(old), observables::all(new));
    let (before, after) = (known(&old), known(&new));
    let (removed_total, removed) = only(&before, &after);
    let (added_total, added) = only(&after, &before);
    Observables { added, removed, added_total, removed_total, same: after.len() - added_total }
}

/// Each value once, by the first place it is said at.
fn known<'f>(all: &'f [Found<'_>]) -> HashMap<(Of, &'f str), (usize, &'f Found<'f>)> {
    let mut known = HashMap::with_capacity(all.len());
    for (index, one) in all.iter().enumerate() {
        let _ = known.entry((one.of, &*one.canonical)).or_insert((index, one));
    }
    known
}

/// Those of the one that the other does not have, in document order.
fn only<'f>(
    one: &HashMap<(Of, &'f str), (usize, &'f Found<'f>)>,
    other: &HashMap<(Of, &'f str), (usize, &'f Found<'f>)>,
) -> (usize, Vec<Value>) {
    let mut all: Vec<_> = one.iter().filter(|(key, _)| !other.contains_key(*key)).map(|(_, found)| *found).collect();
    all.sort_unstable_by_key(|(index, _)| *index);
    let value = |(_, found): &(usize, &Found<'_>)| Value {
        kind: found.kind(),
        original: found.line().into_owned(),
        canonical: found.canonical.clone(),
        at: found.element.id(),
        tlp: found.marking.restriction.tlp(),
    };
    (all.len(), all.iter().take(NAMED).map(value).collect())
}
