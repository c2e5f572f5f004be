//! Rows that were looked at lately, ready for a frame: bounded, oldest generation dropped as a whole.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::{Row, Seq};

/// Rows of one generation; there are two. With their summaries some 2 kB each.
const GENERATION: usize = 4_096;

/// The rows. A writer that changes rows tells it, and a reader that was slower than the change does not put the old row back.
#[derive(Debug, Default)]
pub struct Cache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Seq, Arc<Row>>,
    old: HashMap<Seq, Arc<Row>>,
    /// Counts the writer's changes.
    age: u64,
}

impl Generations {
    fn keep(&mut self, row: Arc<Row>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        let _ = self.young.insert(row.seq, row);
    }
}

impl Cache {
    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row, or the age at which it was not there.
    pub fn get(&self, seq: Seq) -> Result<Arc<Row>, u64> {
        let mut all = self.lock();
        if let Some(row) = all.young.get(&seq) {
            return Ok(Arc::clone(row));
        }
        let Some(row) = all.old.remove(&seq) else { return Err(all.age) };
        all.keep(Arc::clone(&row));
        Ok(row)
    }

    /// Keeps a row that was read, unless rows changed since `age`.
    pub fn put(&self, age: u64, row: &Arc<Row>) {
        let mut all = self.lock();
        if all.age == age {
            all.keep(Arc::clone(row));
        }
    }

    /// These rows are not as they were.
    pub fn forget(&self, changed: &[Seq]) {
        let mut all = self.lock();
        all.age += 1;
        for seq in changed {
            drop((all.young.remove(seq), all.old.remove(seq)));
        }
    }
}
