//! What of the feed is meant when all of it is: the marked rows, else everything that shows.

use super::Feed;
use crate::store::Seq;

/// Rows of the list, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub rows: Vec<Seq>,
    /// They were marked by hand.
    pub marked: bool,
    /// The filter in force; empty where there is none.
    pub filter: String,
    /// The list lacks rows that are still being read.
    pub partial: bool,
}

impl Feed {
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        let listed = self.rows();
        let marked = !self.marked.is_empty();
        let rows = if marked {
            let mut rows: Vec<Seq> = listed.filter(|seq| self.is_marked(*seq)).collect();
            // Marked under another filter: meant all the same.
            let shown: std::collections::BTreeSet<Seq> = rows.iter().copied().collect();
            rows.extend(self.marked.iter().rev().filter(|seq| !shown.contains(seq)));
            rows
        } else {
            listed.collect()
        };
        let filter = if self.filter.off { String::new() } else { self.filter.good().to_string() };
        Chosen { rows, marked, filter, partial: self.partial && self.found.is_none() && !marked }
    }
}
