//! Rows that were here before the session, taken in by stretches: as columns that the store kept, of which nothing else is
//! asked.

use super::Finder;
use crate::store::index::packed::{Packed, STRETCH, Stretch};
use crate::store::index::{Failure, Flags};
use crate::store::{Seq, Store};

impl Finder {
    /// The columns that the store has kept of the rows from here on: of rows that were here before the session, of which
    /// nothing but the columns is asked.
    pub(super) fn kept_from(&self, store: &dyn Store, from: Seq) -> Result<Option<Stretch>, Failure> {
        let is_before = from.is_multiple_of(STRETCH) && from.saturating_add(STRETCH) <= self.began;
        let keeps = self.keeper.0.as_ref().is_some_and(|store| store.local().is_some());
        if is_before && keeps { Ok(store.packed(from)?) } else { Ok(None) }
    }

    /// As [`Finder::add`], for a stretch of rows.
    pub(super) fn extend(&self, store: &dyn Store, first: Seq, stretch: &Stretch) -> Result<(), Failure> {
        let numbered = || (first..).zip(&stretch.rows);
        let overwritten: Vec<Seq> = numbered().filter(|(_, row)| row.has(Flags::DUP)).map(|(seq, _)| seq).collect();
        let mut newer = Vec::new();
        for row in store.look(&overwritten)? {
            newer.extend(store.find(&row.key)?.filter(|newer| *newer != row.seq).map(|newer| (row.seq, newer)));
        }
        let named: Vec<bool> = stretch.names.iter().map(|name| self.is_mine(Some(name))).collect();
        let is_named = |publisher: u32| publisher.checked_sub(1).and_then(|at| named.get(at as usize)) == Some(&true);
        let mine: Vec<bool> = stretch.sources.iter().map(|(_, publisher, _)| is_named(*publisher)).collect();
        // As in [`Finder::add`]: an act comes before all of them or after all of them.
        let mut marks = self.marks_mut();
        for (seq, _) in numbered().filter(|(_, row)| row.has(Flags::GONE)) {
            marks.plain.is_history(seq);
        }
        let mut updated: Vec<Seq> =
            newer.into_iter().filter(|(old, new)| marks.overtake(*old, *new)).map(|(_, new)| new).collect();
        // Grown one by one they would be copied many times.
        marks.incidents.expect(self.began);
        let mut superseded = Vec::new();
        for (seq, told) in (first..).zip(&stretch.told) {
            let Some(told) = told else { continue };
            let (news, older) = marks.tell(*told, seq);
            updated.extend(news);
            superseded.extend(older);
        }
        let flags = |seq: Seq, row: &Packed| {
            let mine = mine.get(row.source as usize).is_some_and(|mine| *mine);
            marks.flags(seq).with(Flags::MINE.when(mine))
        };
        let mut index = self.index_mut();
        index.extend(stretch, flags).ok_or(Failure::Unanswerable)?;
        // Those of stretches before this one.
        index.set(updated, Flags::UPDATED, true);
        index.set(superseded, Flags::SUPERSEDED, true);
        Ok(())
    }
}
