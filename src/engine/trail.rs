//! What a command leaves behind on its way, for the log of acts: the ids of the stanzas that carried it, and what it found
//! before it changed it. Clones share it: who asks writes, who answers reads.
//!
//! Pure.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Ids and subjects that are kept of one command.
const MOST: usize = 20_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Arc<Mutex<Left>>);

#[derive(Debug, Default)]
struct Left {
    stanzas: Vec<String>,
    /// By what it was about.
    before: BTreeMap<String, String>,
}

impl Trail {
    /// A stanza that changes something is about to be sent.
    pub(super) fn sent(&self, id: &str) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if left.stanzas.len() < MOST {
            left.stanzas.push(id.to_owned());
        }
    }

    /// What it was before.
    pub(super) fn found(&self, subject: &str, before: &str) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if left.before.len() < MOST {
            let _ = left.before.entry(subject.to_owned()).or_insert_with(|| before.to_owned());
        }
    }

    pub(super) fn stanzas(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stanzas.clone()
    }

    pub(super) fn before(&self, subject: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).before.get(subject).cloned()
    }
}
