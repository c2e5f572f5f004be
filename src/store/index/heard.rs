//! What the words of received documents name, beside what their elements do: log lines, mails, descriptions, other XML. Who
//! filters does not find it; the leak guard does. Here is what of it is kept in memory, and how it is asked for.
//!
//! May use `model` and the keys beside it.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use super::key::{self, Span, Tag};
use crate::model::Observable;
use crate::store::{Payload, Seq};

/// Finds the keys of all that a payload names: the leak guard's, which the store does not know.
pub type Listens = fn(&Payload) -> Vec<Vec<u8>>;

/// Keys kept of one row; of what has more it is kept that it has ([`more`]), and who asks reads it.
pub const MOST: usize = 100_000;

/// The key of rows that name more than is kept: no value has it.
#[must_use]
pub fn more() -> Vec<u8> {
    vec![254]
}

/// Those of a row's keys that are kept: not those of the observables it is found by already.
#[must_use]
pub fn kept(all: Vec<Vec<u8>>, known: &[Observable]) -> Vec<Vec<u8>> {
    let known: HashSet<Vec<u8>> = known.iter().flat_map(key::keys).collect();
    // Vulnerabilities are of a public list, and doors everybody's.
    let is_own = |key: &Vec<u8>| key.first().is_some_and(|tag| *tag != Tag::Cve as u8 && *tag != Tag::Port as u8);
    let mut keys: Vec<Vec<u8>> = all.into_iter().filter(|key| is_own(key) && !known.contains(key)).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() > MOST {
        keys.truncate(MOST);
        keys.push(more());
    }
    keys
}

/// Keys with their rows.
#[derive(Debug, Default)]
pub struct Heard {
    keys: BTreeMap<Vec<u8>, Vec<Seq>>,
}

impl Heard {
    /// Rows come in their order.
    pub fn add(&mut self, seq: Seq, keys: impl IntoIterator<Item = Vec<u8>>) {
        for key in keys {
            let rows = self.keys.entry(key).or_default();
            if rows.last() != Some(&seq) {
                rows.push(seq);
            }
        }
    }

    pub fn remove(&mut self, gone: &[Seq]) {
        if gone.is_empty() {
            return;
        }
        let gone: HashSet<Seq> = gone.iter().copied().collect();
        self.keys.retain(|_, rows| {
            rows.retain(|row| !gone.contains(row));
            !rows.is_empty()
        });
    }

    /// The rows of each question that have a key in one of its spans: ascending, each once.
    #[must_use]
    pub fn each(&self, asked: &[&[Span]]) -> Vec<Vec<Seq>> {
        let rows = |spans: &&[Span]| {
            let mut rows: Vec<Seq> = spans.iter().flat_map(|span| self.within(span)).collect();
            rows.sort_unstable();
            rows.dedup();
            rows
        };
        asked.iter().map(rows).collect()
    }

    fn within(&self, span: &Span) -> impl Iterator<Item = Seq> {
        let bounds = (Bound::Included(span.from.as_slice()), Bound::Excluded(span.to.as_slice()));
        let sound = span.from < span.to;
        sound.then(|| self.keys.range::<[u8], _>(bounds)).into_iter().flatten().flat_map(|(_, rows)| rows).copied()
    }
}
