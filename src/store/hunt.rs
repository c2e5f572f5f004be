//! A hunt: a pasted list of indicators against everything stored.
//!
//! May use `model`, `text`, which reads the list, the index's columns and questions, and the filter language's meaning of a
//! value. Runs off the window's thread, can be stopped, and tells how far it is. What it finds is plain rows of text;
//! whoever writes them to a file neutralises what a spreadsheet would run.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Seq;
use super::index::key::{self, Span};
use super::index::{Failure, Flags, Lookup, Snapshot, Stop};
use super::query::{observable, strictness};
use crate::model::{Observable, ObservableKind, Tlp, TopicId};
use crate::store::query::Amber;
use crate::text;
use crate::text::extract::{Doubt, Extract, Reader};

/// Most lines of a list.
pub const LINES: usize = 100_000;
/// Longest line looked at, in bytes.
const LINE: usize = 4_096;

/// An indicator to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The first line it stands on, from 1.
    pub line: usize,
    /// As it is looked for, refanged.
    pub value: String,
    pub kind: ObservableKind,
    spans: Vec<Span>,
}

/// A list as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Each indicator once, in the order of the lines.
    pub wanted: Vec<Wanted>,
    /// Lines that say nothing that can be looked for: number and text.
    pub unread: Vec<(usize, String)>,
    /// Indicators that stood there before.
    pub repeated: usize,
    /// Lines beyond [`LINES`], which are not looked at.
    pub beyond: usize,
}

impl List {
    /// Reads a list: an indicator a line, or a table's line with some in it; defanged or not, any mix. Empty lines and those
    /// that begin with `#` are nothing.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut list = Self::default();
        let mut seen: HashMap<Vec<Span>, ()> = HashMap::new();
        let (mut reader, mut values) = (Reader::of(text), Vec::new());
        for (at, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let (line, content) = (at + 1, raw.trim());
            if line > LINES {
                list.beyond += 1;
                continue;
            }
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            values.clear();
            if content.len() <= LINE {
                reader.line(raw, 0, &mut values);
            }
            let found: Vec<Indicator> = values.drain(..).filter_map(indicator).collect();
            if found.is_empty() {
                list.unread.push((line, text::cap(content, text::LINE)));
            }
            for (value, kind, spans) in found {
                if seen.insert(spans.clone(), ()).is_some() {
                    list.repeated += 1;
                } else {
                    list.wanted.push(Wanted { line, value, kind, spans });
                }
            }
        }
        list
    }
}

type Indicator = (String, ObservableKind, Vec<Span>);

fn indicator(found: Extract) -> Option<Indicator> {
    let spans = spans(&found);
    (!spans.is_empty()).then_some((found.value, found.kind, spans))
}

/// What a value is looked for by. One that may be a file or a domain is looked for as both.
fn spans(found: &Extract) -> Vec<Span> {
    let file = || {
        let own = Observable { kind: ObservableKind::File, value: found.value.clone() };
        key::keys(&own).into_iter().map(Span::one).collect()
    };
    match (found.doubt, found.kind) {
        (Some(Doubt::FileOrDomain), _) => [file(), observable(&found.value)].concat(),
        (_, ObservableKind::File) => file(),
        _ => observable(&found.value),
    }
}

/// An indicator that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its place in [`List::wanted`].
    pub wanted: usize,
    /// Incidents that have it.
    pub count: u32,
    /// The newest of them.
    pub newest: Seq,
    pub topics: Vec<Arc<TopicId>>,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
    /// The strictest label of anything inside any of them.
    pub strictest: Tlp,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In the order of the list.
    pub hits: Vec<Hit>,
    /// Indicators that were looked for.
    pub asked: usize,
    /// Incidents that were looked at; there may be more ([`Table::missing`]).
    pub looked: u32,
    /// Incidents that were stored.
    pub stored: u32,
}

/// Looks for all of a list. `told` hears how many were looked for, out of how many.
///
/// # Errors
/// When it was stopped or the store could not be read.
pub fn run(
    list: &List,
    on: &Snapshot,
    lookup: &dyn Lookup,
    stop: &Stop,
    told: &mut dyn FnMut(usize, usize),
) -> Result<Table, Failure> {
    // Neighbours in the table of keys are asked for one after another: their pages are at hand.
    let mut order: Vec<(usize, &Wanted)> = list.wanted.iter().enumerate().collect();
    order.sort_unstable_by(|(_, one), (_, other)| one.spans.cmp(&other.spans));
    let asked: Vec<&[Span]> = order.iter().map(|(_, wanted)| wanted.spans.as_slice()).collect();
    let found = lookup.each(&asked, stop, &mut |done| told(done, order.len()))?;
    let mut hits: Vec<Hit> = order.iter().zip(&found).filter_map(|((place, _), rows)| hit(*place, rows, on)).collect();
    told(order.len(), order.len());
    hits.sort_unstable_by_key(|hit| hit.wanted);
    Ok(Table { hits, asked: order.len(), looked: on.len(), stored: on.len() })
}

fn hit(wanted: usize, rows: &[Seq], on: &Snapshot) -> Option<Hit> {
    let mut sources = BTreeSet::new();
    let mut found: Option<Hit> = None;
    for row in rows {
        let Some(glance) = on.glance(*row).filter(|_| !on.has(*row, Flags::GONE)) else { continue };
        let _ = sources.insert(glance.source);
        let hit = found.get_or_insert_with(|| Hit {
            wanted,
            count: 0,
            newest: *row,
            topics: Vec::new(),
            first: glance.at,
            last: glance.at,
            strictest: glance.strictest,
        });
        hit.count += 1;
        hit.newest = hit.newest.max(*row);
        hit.first = hit.first.min(glance.at);
        hit.last = hit.last.max(glance.at);
        let rank = |label: Tlp| (strictness(label, Amber::Strict), label);
        if rank(glance.strictest) > rank(hit.strictest) {
            hit.strictest = glance.strictest;
        }
    }
    let mut found = found?;
    found.topics = on.topics(&sources);
    Some(found)
}

/// The columns of [`Table::records`], as programs read them.
pub const COLUMNS: [&str; 8] =
    ["indicator", "kind", "line", "incidents", "topics", "first_seen", "last_seen", "strictest"];

impl Table {
    /// How many incidents were looked at and how many there were, where those are not all: what is not found may be there.
    #[must_use]
    pub fn missing(&self) -> Option<(u32, u32)> {
        (self.looked < self.stored).then_some((self.looked, self.stored))
    }

    /// The hits as lines of a table. Times are UTC; topics are divided by `; `, each by the name that is no other's
    /// (`named`).
    pub fn records<'a>(
        &'a self,
        list: &'a List,
        named: impl Fn(&TopicId) -> String + 'a,
    ) -> impl Iterator<Item = [String; 8]> + 'a {
        self.hits.iter().filter_map(move |hit| {
            let wanted = list.wanted.get(hit.wanted)?;
            let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let topics: Vec<String> = hit.topics.iter().map(|topic| named(topic)).collect();
            Some([
                wanted.value.clone(),
                wanted.kind.token().to_owned(),
                wanted.line.to_string(),
                hit.count.to_string(),
                topics.join("; "),
                time(hit.first),
                time(hit.last),
                hit.strictest.label(),
            ])
        })
    }
}
