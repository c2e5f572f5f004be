//! Where rows stand in the list of everything, which is kept in order row by row. The index has what that takes: no row is
//! read for it, and none on the window's thread.
//!
//! Pure; may use the columns of `store::index`.

use chrono::{DateTime, Utc};

use crate::store::Seq;
use crate::store::index::Snapshot;

/// A row's place in the feed: its time as the index has it, then the order of storing.
pub(super) type Place = (DateTime<Utc>, Seq);

/// The places of rows that were stored, from where the list ends on: made away from the window's thread.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// In order.
    all: Vec<Place>,
    /// The row behind the last.
    next: Seq,
}

impl Places {
    /// Of the rows that the index has, from this one on.
    #[must_use]
    pub fn of(on: &Snapshot, from: Seq) -> Self {
        (from..on.len()).filter_map(|seq| Some((on.at(seq)?, seq))).collect()
    }

    /// Those from a row on, which then is the one behind them: what was looked for twice is taken in once.
    pub(super) fn beyond(mut self, next: &mut Seq) -> Vec<Place> {
        self.all.retain(|(_, seq)| *seq >= *next);
        *next = self.next.max(*next);
        self.all
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<T: IntoIterator<Item = Place>>(places: T) -> Self {
        let mut all: Vec<Place> = places.into_iter().collect();
        let next = all.iter().map(|(_, seq)| seq.saturating_add(1)).max().unwrap_or_default();
        all.sort_unstable();
        Self { all, next }
    }
}

/// Puts sorted `new` places among sorted `places`.
pub(super) fn merge(places: &mut Vec<Place>, new: Vec<Place>) {
    let in_order = match (places.last(), new.first()) {
        (Some(last), Some(first)) => last <= first,
        _ => true,
    };
    places.extend(new);
    if !in_order {
        // Two sorted runs: the standard sort merges them in one pass.
        places.sort();
    }
}
