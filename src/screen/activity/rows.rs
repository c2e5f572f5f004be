//! The acts of the log: entries about one act and one subject are one row, which stands where it began, be that when it was
//! held or when it left; newest first.
//!
//! Pure.

use std::collections::HashMap;

use super::{Side, is_open};
use crate::model::TopicId;
use crate::store::activity::{Act, Entry, Filter, How, Kind, Number};

/// One act with all that was written of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number of its first entry: its identity.
    pub key: Number,
    /// In their order, at least one.
    pub entries: Vec<Entry>,
}

impl Row {
    /// What was written last.
    pub fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    fn is_open(&self) -> bool {
        self.last().and_then(|entry| entry.act.as_ref()).is_some_and(|act| is_open(act.how))
    }

    fn is_taken(&self, filter: &Filter) -> bool {
        // What cannot be read is never hidden.
        self.entries.iter().any(|entry| entry.act.as_ref().is_none_or(|act| filter.takes(act)))
    }
}

/// What is held: what is to be done, where, to whom.
type Held = (Kind, Option<TopicId>, String);

fn held(act: &Act) -> Held {
    (act.kind, act.topic.clone(), act.subject.clone())
}

/// All of them, and those that show.
#[derive(Debug, Default)]
pub struct Rows {
    /// Oldest first.
    all: Vec<Row>,
    /// Rows by act and subject.
    acts: HashMap<(String, String), usize>,
    /// Rows of what is held now.
    held: HashMap<Held, usize>,
    last: Number,
    /// Newest first, by their places among all.
    taken: Vec<usize>,
    open: Vec<usize>,
}

impl Rows {
    /// The number after the last that was read.
    pub fn next(&self) -> Number {
        self.last + 1
    }

    /// All there are, shown or not.
    pub fn all(&self) -> usize {
        self.all.len()
    }

    pub fn take(&mut self, entries: &[Entry]) {
        let known = self.last;
        for entry in entries.iter().filter(|entry| entry.number > known) {
            self.last = entry.number;
            let place = entry.act.as_ref().and_then(|act| self.belongs(act));
            let place = place.unwrap_or_else(|| {
                self.all.push(Row { key: entry.number, entries: Vec::with_capacity(2) });
                self.all.len() - 1
            });
            if let Some(act) = &entry.act {
                self.remember(act, place);
            }
            if let Some(row) = self.all.get_mut(place) {
                row.entries.push(entry.clone());
            }
        }
    }

    /// The row that an act goes on.
    fn belongs(&self, act: &Act) -> Option<usize> {
        let same = || self.acts.get(&(act.id.clone(), act.subject.clone())).copied();
        let known = if act.id.is_empty() { None } else { same() };
        known.or_else(|| match act.how {
            // What was held leaves, or is taken back.
            How::Begun | How::Undone => self.held.get(&held(act)).copied(),
            _ => None,
        })
    }

    fn remember(&mut self, act: &Act, place: usize) {
        match act.how {
            How::Held => drop(self.held.insert(held(act), place)),
            How::Begun | How::Undone => drop(self.held.remove(&held(act))),
            _ => {}
        }
        if !act.id.is_empty() {
            let _ = self.acts.insert((act.id.clone(), act.subject.clone()), place);
        }
    }

    /// Chooses anew what shows.
    pub fn filter(&mut self, filter: &Filter) {
        let newest = || self.all.iter().enumerate().rev();
        self.open = newest().filter(|(_, row)| row.is_open()).map(|(place, _)| place).collect();
        self.taken = newest().filter(|(_, row)| row.is_taken(filter)).map(|(place, _)| place).collect();
    }

    fn shown(&self, side: Side) -> &[usize] {
        if side == Side::Open { &self.open } else { &self.taken }
    }

    /// How many show at a side.
    pub fn len(&self, side: Side) -> usize {
        self.shown(side).len()
    }

    pub fn at(&self, side: Side, index: usize) -> Option<&Row> {
        self.all.get(*self.shown(side).get(index)?)
    }

    /// Where a row shows.
    pub fn place(&self, side: Side, key: Number) -> Option<usize> {
        let key_at = |place: &usize| self.all.get(*place).map_or(0, |row| row.key);
        // Newest first.
        self.shown(side).binary_search_by(|place| key.cmp(&key_at(place))).ok()
    }

    pub fn row(&self, side: Side, key: Number) -> Option<&Row> {
        self.at(side, self.place(side, key)?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::store::activity::{By, Hash};

    fn entry(number: Number, id: &str, subject: &str, how: How) -> Entry {
        let act = Act::new(DateTime::UNIX_EPOCH, "me@grid.example", By::Person, Kind::Approve, how);
        let act = Act { id: id.to_owned(), subject: subject.to_owned(), ..act };
        Entry { number, hash: Hash::NONE, act: Some(act) }
    }

    fn keys(rows: &Rows, side: Side) -> Vec<Number> {
        (0..rows.len(side)).map(|index| rows.at(side, index).unwrap().key).collect()
    }

    #[test]
    fn entries_of_one_act_are_one_row_that_keeps_its_place() {
        let mut rows = Rows::default();
        rows.take(&[entry(1, "a", "x", How::Begun), entry(2, "a", "y", How::Begun), entry(3, "", "", How::Seen)]);
        rows.filter(&Filter::default());
        assert_eq!((keys(&rows, Side::Log), keys(&rows, Side::Open)), (vec![3, 2, 1], vec![2, 1]));
        // Read again from somewhere before is not read twice.
        rows.take(&[entry(3, "", "", How::Seen), entry(4, "a", "x", How::Done), entry(5, "", "", How::Seen)]);
        rows.filter(&Filter::default());
        assert_eq!((keys(&rows, Side::Log), keys(&rows, Side::Open)), (vec![5, 3, 2, 1], vec![2]));
        assert_eq!(rows.row(Side::Log, 1).unwrap().entries.len(), 2);
        assert_eq!((rows.place(Side::Log, 3), rows.place(Side::Log, 4), rows.next()), (Some(1), None, 6));
        rows.filter(&Filter::read("result:done").unwrap());
        assert_eq!(keys(&rows, Side::Log), [1]);
    }

    #[test]
    fn what_was_held_goes_on_in_its_row_when_it_leaves_or_is_taken_back() {
        let mut rows = Rows::default();
        rows.take(&[
            entry(1, "h", "x", How::Held),
            entry(2, "i", "y", How::Held),
            entry(3, "j", "x", How::Begun),
            entry(4, "k", "y", How::Undone),
            entry(5, "j", "x", How::Done),
            // And once more, of itself.
            entry(6, "l", "x", How::Begun),
        ]);
        rows.filter(&Filter::default());
        assert_eq!((keys(&rows, Side::Log), keys(&rows, Side::Open)), (vec![6, 2, 1], vec![6]));
        assert_eq!(rows.row(Side::Log, 1).unwrap().entries.len(), 3);
    }
}
