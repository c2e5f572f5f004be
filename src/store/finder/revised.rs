//! A row among the documents of its incident: which revision it is, and what that changed.

use super::Finder;
use crate::model::Severity;
use crate::store::Row;
use crate::store::index::incident::Told;
use crate::store::index::{Bitmap, Flags};

/// Which revision of its incident a row is, where its topic brought several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// From 1 on, in the order the documents say they were made.
    pub nth: u32,
    pub of: u32,
    /// How grave the one before it said it was, where that is not what this one says.
    pub was: Option<Severity>,
}

impl Revision {
    /// A newer one is here.
    #[must_use]
    pub fn is_superseded(self) -> bool {
        self.nth < self.of
    }
}

impl Finder {
    /// See [`Revision`]. Quick enough for a frame.
    #[must_use]
    pub fn revision(&self, row: &Row) -> Option<Revision> {
        let place = self.marks().incidents.place(Told::of(row)?, row.seq)?;
        let was = place.before.and_then(|before| self.index().severity(before));
        Some(Revision { nth: place.nth, of: place.of, was: was.filter(|was| *was != row.summary.severity) })
    }

    /// These rows were taken away: they are nobody's revisions any more.
    pub(super) fn forget(&self, gone: &Bitmap) {
        if gone.is_empty() {
            return;
        }
        let parts = self.marks().incidents.parts();
        for part in 0..parts {
            let mut marks = self.marks_mut();
            let newest = marks.incidents.remove(part, |row| gone.contains(row));
            marks.stand_again(&newest);
            self.index_mut().set(newest, Flags::SUPERSEDED, false);
        }
    }
}
