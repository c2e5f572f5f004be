//! Rows that belong together under one head: of one topic, from one source, or linked by what they name.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::model::{ObservableKind, Severity, Tlp};
use crate::store::index::Snapshot;
pub use crate::store::views::Group;
use crate::store::{Row, Seq};

/// Rows compared with each other for what they name: the first of the list. The rest stands by itself.
pub(super) const COMPARED: usize = 10_000;
/// A value that so many incidents name links nothing: it is somebody's resolver, not a campaign.
const COMMON: usize = 200;

/// Whether sharing it says anything: a port, a network or a provider's number is anybody's.
fn tells(kind: ObservableKind) -> bool {
    use ObservableKind as Kind;
    matches!(kind, Kind::Ipv4 | Kind::Ipv6 | Kind::Domain | Kind::Url | Kind::Email | Kind::Hash | Kind::Cve)
}

/// Under which head a row stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Under {
    /// Empty for what belongs to none.
    Named(String),
    Uncompared,
}

/// The one row that stands for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// A topic, a source, or the value that most of a campaign name; empty for what belongs to none.
    pub name: String,
    /// Its rows were compared with others; of those that were not nothing is claimed.
    pub compared: bool,
    pub key: u64,
    pub len: usize,
    pub severity: Severity,
    pub strictest: Tlp,
    pub unread: usize,
    start: usize,
}

/// The groups of a list, in the order of their first rows.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    heads: Vec<Head>,
    /// The rows of the first group, then those of the second…
    rows: Arc<[Seq]>,
    /// Each row's place in `rows`; [`Seq::MAX`] where it has none.
    places: Vec<u32>,
    /// The line of each head.
    tops: Vec<usize>,
    lines: usize,
}

impl Groups {
    /// Groups by what the columns know.
    pub fn by(group: Group, rows: &[Seq], on: &Snapshot) -> Self {
        let name = |row: Seq| {
            let source = on.line(row)?.source;
            Some(match group {
                Group::Source if !source.csirt.is_empty() => source.csirt.to_string(),
                Group::Source => source.publisher.map(|publisher| publisher.to_string()).unwrap_or_default(),
                Group::Topic | Group::Campaign | Group::Observable => on.topic_name(&source.topic),
            })
        };
        Self::new(rows.iter().map(|row| (*row, Under::Named(name(*row).unwrap_or_default()))), on)
    }

    /// Groups rows that name the same campaign or observable: each by the one it shares with most others, so that what a head
    /// says is so of all below it. A campaign may be one incident's only; an observable that everybody names links nobody.
    /// `named` are those of the rows that are compared.
    pub fn linked(group: Group, rows: &[Seq], named: &[Arc<Row>], on: &Snapshot) -> Self {
        let of_campaign = group == Group::Campaign;
        let values = |row: &'_ Row| -> BTreeSet<String> {
            if of_campaign {
                let named = row.summary.facets.iter().flat_map(|facets| &facets.campaigns);
                return named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            }
            let telling = row.summary.observables.iter().filter(|seen| tells(seen.kind));
            telling.map(|seen| seen.value.clone()).collect()
        };
        let own: Vec<(Seq, BTreeSet<String>)> = named.iter().map(|row| (row.seq, values(row))).collect();
        let mut sharing: HashMap<&str, usize> = HashMap::new();
        for value in own.iter().flat_map(|(_, values)| values) {
            *sharing.entry(value).or_default() += 1;
        }
        sharing.retain(|_, rows| of_campaign || (2..=COMMON).contains(rows));
        let best = |values: &BTreeSet<String>| {
            let shared = values.iter().filter_map(|value| Some((*sharing.get(value.as_str())?, value)));
            // Of two that are shared alike, the first in order: the same for every row.
            shared.max_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(one.1))).map(|(_, value)| value.clone())
        };
        let names: HashMap<Seq, String> =
            own.iter().map(|(row, values)| (*row, best(values).unwrap_or_default())).collect();
        let under = |row| names.get(row).map_or(Under::Uncompared, |name| Under::Named(name.clone()));
        Self::new(rows.iter().map(|row| (*row, under(row))), on)
    }

    fn new(named: impl Iterator<Item = (Seq, Under)>, on: &Snapshot) -> Self {
        let mut ids: HashMap<Under, usize> = HashMap::new();
        let mut groups: Vec<(Head, Vec<Seq>)> = Vec::new();
        for (row, under) in named {
            let id = ids.get(&under).copied().unwrap_or_else(|| {
                let _ = ids.insert(under.clone(), groups.len());
                groups.push((Head::new(under), Vec::new()));
                groups.len() - 1
            });
            let Some((head, rows)) = groups.get_mut(id) else { continue };
            rows.push(row);
            if let Some(line) = on.line(row) {
                head.severity = head.severity.max(line.severity);
                head.strictest = head.strictest.max(line.strictest);
                head.unread += usize::from(line.unread);
            }
        }
        // What belongs to nothing stands last, and behind it what nothing is known of.
        groups.sort_by_key(|(head, _)| (head.name.is_empty(), !head.compared));
        let mut places = vec![Seq::MAX; on.len() as usize];
        let (mut rows, mut heads) = (Vec::new(), Vec::new());
        for (mut head, own) in groups {
            (head.start, head.len) = (rows.len(), own.len());
            for row in own {
                if let (Some(place), Ok(at)) = (places.get_mut(row as usize), u32::try_from(rows.len())) {
                    *place = at;
                }
                rows.push(row);
            }
            heads.push(head);
        }
        Self { heads, rows: rows.into(), places, ..Self::default() }
    }

    /// Lays the lines out, with the rows of open groups below their heads.
    pub fn lay(&mut self, open: &BTreeSet<u64>) {
        self.tops.clear();
        self.lines = 0;
        for head in &self.heads {
            self.tops.push(self.lines);
            self.lines += 1 + if open.contains(&head.key) { head.len } else { 0 };
        }
    }

    pub fn lines(&self) -> usize {
        self.lines
    }

    /// All rows, shown or not.
    pub fn rows(&self) -> &[Seq] {
        &self.rows
    }

    /// The row on a line, or the head that stands there.
    pub fn on(&self, line: usize) -> Option<Result<Seq, &Head>> {
        if line >= self.lines {
            return None;
        }
        let at = self.tops.partition_point(|top| *top <= line).checked_sub(1)?;
        let (head, top) = (self.heads.get(at)?, self.tops.get(at)?);
        if *top == line { Some(Err(head)) } else { self.rows.get(head.start + line - top - 1).copied().map(Ok) }
    }

    pub fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        self.heads.iter().map(|head| head.key)
    }

    pub fn head(&self, key: u64) -> Option<&Head> {
        self.heads.iter().find(|head| head.key == key)
    }

    /// The line of a head.
    pub fn of_head(&self, key: u64) -> Option<usize> {
        self.tops.get(self.heads.iter().position(|head| head.key == key)?).copied()
    }

    /// The head over a row.
    pub fn over(&self, row: Seq) -> Option<&Head> {
        let place = *self.places.get(row as usize).filter(|place| **place != Seq::MAX)? as usize;
        self.heads.get(self.heads.partition_point(|head| head.start <= place).checked_sub(1)?)
    }

    /// The line of a row; `None` where its group is shut.
    pub fn of_row(&self, row: Seq) -> Option<usize> {
        let head = self.over(row)?;
        let at = self.heads.partition_point(|other| other.start <= head.start) - 1;
        let (top, next) = (*self.tops.get(at)?, self.tops.get(at + 1).copied().unwrap_or(self.lines));
        let place = *self.places.get(row as usize)? as usize;
        (next - top > 1).then_some(top + 1 + place - head.start)
    }

    /// The rows of a group.
    pub fn members(&self, key: u64) -> &[Seq] {
        let head = self.head(key);
        head.and_then(|head| self.rows.get(head.start..head.start + head.len)).unwrap_or_default()
    }
}

impl Head {
    fn new(under: Under) -> Self {
        let mut hasher = DefaultHasher::new();
        under.hash(&mut hasher);
        let (severity, strictest) = (Severity::Unknown, Tlp::Clear);
        let (name, compared) = match under {
            Under::Named(name) => (name, true),
            Under::Uncompared => (String::new(), false),
        };
        Self { name, compared, key: hasher.finish(), len: 0, severity, strictest, unread: 0, start: 0 }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Facets, ItemId, Kind, Summary, TopicId};
    use crate::store::index::Stop;
    use crate::store::{Finder, Incoming, ItemKey, Memory, Store};

    /// Of rows beyond those that are compared nothing is claimed: not that no campaign is named, not that they share nothing.
    #[test]
    fn what_was_not_compared_stands_under_a_head_of_its_own() {
        let (store, finder, now) = (Memory::default(), Finder::default(), DateTime::UNIX_EPOCH);
        let one = |number: u32| {
            let key = ItemKey { topic: TopicId::imported(), item: ItemId(number.to_string()) };
            let campaigns = if number == 2 { Vec::new() } else { vec!["Autumn Leaves".to_owned()] };
            let facets = Some(Facets { campaigns, ..Facets::default() });
            Incoming::bare(key, Summary { facets, ..Summary::of_kind(Kind::Iodef2) }, now)
        };
        let _ = store.commit((0..5).map(one).collect()).unwrap();
        let _ = finder.take(&store, &[], now, &Stop::default()).unwrap();
        let rows = [0, 1, 2, 3, 4];
        for group in [Group::Campaign, Group::Observable] {
            let groups = Groups::linked(group, &rows, &store.rows(&rows[..3]), &finder.snapshot());
            let heads: Vec<_> = groups.heads.iter().map(|head| (head.name.as_str(), head.compared, head.len)).collect();
            let shared = if group == Group::Campaign {
                vec![("Autumn Leaves", true, 2), ("", true, 1)]
            } else {
                vec![("", true, 3)]
            };
            assert_eq!(heads, [shared, vec![("", false, 2)]].concat());
            let keys: BTreeSet<u64> = groups.keys().collect();
            assert_eq!(keys.len(), heads.len());
        }
    }
}
