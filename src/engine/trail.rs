//! What a command leaves behind on its way, for the log of acts: the ids of the stanzas that carried it, and what it found
//! before it changed it. Clones share it: who asks writes, who answers reads.
//!
//! Pure.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Ids and subjects that are kept of one command.
const MOST: usize = 20_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Arc<Mutex<Left>>);

#[derive(Debug, Default)]
struct Left {
    /// Of all it was about.
    stanzas: Vec<String>,
    /// Of these alone, where a command goes in pieces.
    carried: BTreeMap<String, Vec<String>>,
    /// Whom the next stanzas are about; everybody, where there is none.
    about: Vec<String>,
    /// By what it was about.
    before: BTreeMap<String, String>,
}

impl Trail {
    fn left(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stanzas from here on carry what is about these alone; about everything where there are none.
    pub(super) fn about(&self, subjects: impl IntoIterator<Item = String>) {
        self.left().about = subjects.into_iter().collect();
    }

    /// A stanza that changes something is on its way.
    pub(super) fn sent(&self, id: &str) {
        let mut left = self.left();
        let Left { stanzas, carried, about, .. } = &mut *left;
        if about.is_empty() && stanzas.len() < MOST {
            stanzas.push(id.to_owned());
        }
        for subject in about.iter() {
            if carried.len() < MOST || carried.contains_key(subject) {
                carried.entry(subject.clone()).or_default().push(id.to_owned());
            }
        }
    }

    /// What it was before.
    pub(super) fn found(&self, subject: &str, before: &str) {
        let mut left = self.left();
        if left.before.len() < MOST {
            let _ = left.before.entry(subject.to_owned()).or_insert_with(|| before.to_owned());
        }
    }

    /// The stanzas that carried what is about this.
    pub(super) fn stanzas(&self, subject: &str) -> Vec<String> {
        let left = self.left();
        let own = left.carried.get(subject).into_iter().flatten();
        left.stanzas.iter().chain(own).cloned().collect()
    }

    pub(super) fn before(&self, subject: &str) -> Option<String> {
        self.left().before.get(subject).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_of_many_has_the_stanzas_that_carried_it() {
        let trail = Trail::default();
        trail.sent("for all");
        for (piece, who) in [["a", "b"], ["c", "d"]].iter().enumerate() {
            trail.about(who.map(str::to_owned));
            trail.sent(&format!("piece {piece}"));
        }
        trail.about([]);
        trail.sent("last");
        assert_eq!(trail.stanzas("b"), ["for all", "last", "piece 0"]);
        assert_eq!(trail.stanzas("d"), ["for all", "last", "piece 1"]);
        assert_eq!(trail.stanzas("nobody"), ["for all", "last"]);
    }
}
