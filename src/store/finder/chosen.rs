//! What of a list is meant when all of it is: the marked rows, else everything the filter finds.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Finder, Found, Wanted};
use crate::store::index::{Bitmap, Failure, Stop};
use crate::store::{Seq, Store};

/// What is meant, to be looked up: what the list shows may be the answer to the filter before this one, or keep a row that
/// does not match any more.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pub wanted: Wanted,
    /// Up to this row, where the list is paused.
    pub before: Option<Seq>,
    pub marked: Bitmap,
    /// The filter in force; empty where there is none.
    pub filter: String,
}

impl Chosen {
    /// Rows were marked by hand: they are meant, whatever the filter.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        !self.marked.is_empty()
    }

    /// The rows, in the order of the list; those marked under another filter follow. Blocks.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn rows(
        &self,
        finder: &Finder,
        store: &dyn Store,
        now: DateTime<Utc>,
        stop: &Stop,
    ) -> Result<Arc<[Seq]>, Failure> {
        // The index may still be filling.
        let _ = finder.take(store, &[], now, stop)?;
        let found = finder.find(&self.wanted, now, stop)?;
        let found = self.before.into_iter().fold(found, Found::before);
        if !self.is_marked() {
            return Ok(found.rows);
        }
        let shown = found.rows.iter().copied().filter(|seq| self.marked.contains(*seq));
        let others = self.marked.iter().filter(|seq| found.place(*seq).is_none()).collect::<Vec<_>>();
        Ok(shown.chain(others.into_iter().rev()).collect())
    }
}
