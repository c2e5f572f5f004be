//! Entries about one act and one subject put together: what was held, left, and came out of it is one row.
//!
//! Pure. Works on as many entries as it is given, in their order; who reads the log a stretch at a time puts the rows of
//! stretches together by [`Row::names`].

use std::collections::HashMap;

use super::{Act, Entry, Filter, How, Kind, Number};
use crate::model::TopicId;

/// One act with all that was written of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// In their order, at least one.
    pub entries: Vec<Entry>,
}

impl Row {
    /// What was written last.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// The number of what was written last: where it stands, the newest first.
    #[must_use]
    pub fn place(&self) -> Number {
        self.last().map_or(0, |entry| entry.number)
    }

    /// Nobody can say yet, or any more, what came of it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let how = self.last().and_then(|entry| entry.act.as_ref()).map(|act| act.how);
        matches!(how, Some(How::Held | How::Begun | How::Unknown))
    }

    /// What cannot be read is never hidden.
    #[must_use]
    pub fn is_taken(&self, filter: &Filter) -> bool {
        self.entries.iter().any(|entry| entry.act.as_ref().is_none_or(|act| filter.takes(act)))
    }

    /// Ids and subjects by which other entries belong to it.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let acts = self.entries.iter().filter_map(|entry| entry.act.as_ref());
        acts.filter(|act| !act.id.is_empty()).map(|act| (act.id.as_str(), act.subject.as_str()))
    }

    /// Takes in entries that it does not have.
    pub fn join(&mut self, other: Vec<Entry>) {
        for entry in other {
            if let Err(place) = self.entries.binary_search_by_key(&entry.number, |own| own.number) {
                self.entries.insert(place, entry);
            }
        }
    }
}

/// What is held: what is to be done, where, to whom.
type Held = (Kind, Option<TopicId>, String);

fn held(act: &Act) -> Held {
    (act.kind, act.topic.clone(), act.subject.clone())
}

/// Rows being put together.
#[derive(Clone, Debug, Default)]
pub struct Acts {
    /// In the order of their first entries.
    rows: Vec<Row>,
    /// By act and subject.
    acts: HashMap<(String, String), usize>,
    /// What is held now.
    held: HashMap<Held, usize>,
}

impl Acts {
    pub fn take(&mut self, entry: Entry) {
        let place = entry.act.as_ref().and_then(|act| self.belongs(act)).unwrap_or(self.rows.len());
        if let Some(act) = &entry.act {
            self.remember(act, place);
        }
        match self.rows.get_mut(place) {
            Some(row) => row.entries.push(entry),
            None => self.rows.push(Row { entries: vec![entry] }),
        }
    }

    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    #[must_use]
    pub fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Keeps only what is open, the newest `most` of it; nothing is written of the others any more.
    pub fn settle(&mut self, most: usize) {
        let mut rows: Vec<Row> = std::mem::take(&mut self.rows).into_iter().filter(Row::is_open).collect();
        let _ = rows.drain(..rows.len().saturating_sub(most));
        *self = Self::default();
        // A row's entries find each other again, as they did the first time.
        rows.into_iter().flat_map(|row| row.entries).for_each(|entry| self.take(entry));
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
}

#[cfg(test)]
pub mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::store::activity::{By, Hash};

    pub fn entry(number: Number, id: &str, subject: &str, how: How) -> Entry {
        let act = Act::new(DateTime::UNIX_EPOCH, "me@grid.example", By::Person, Kind::Approve, how);
        let act = Act { id: id.to_owned(), subject: subject.to_owned(), ..act };
        Entry { number, hash: Hash::NONE, act: Some(act) }
    }

    fn numbers(acts: &Acts) -> Vec<Vec<Number>> {
        acts.rows().iter().map(|row| row.entries.iter().map(|entry| entry.number).collect()).collect()
    }

    #[test]
    fn entries_of_one_act_and_subject_are_one_row() {
        let mut acts = Acts::default();
        [
            entry(1, "a", "x", How::Begun),
            entry(2, "a", "y", How::Begun),
            entry(3, "", "", How::Seen),
            entry(4, "a", "x", How::Done),
            entry(5, "", "", How::Seen),
        ]
        .into_iter()
        .for_each(|entry| acts.take(entry));
        assert_eq!(numbers(&acts), [vec![1, 4], vec![2], vec![3], vec![5]]);
        assert_eq!(acts.rows().iter().map(Row::is_open).collect::<Vec<_>>(), [false, true, false, false]);
        assert!(acts.rows()[0].is_taken(&Filter::read("result:done").unwrap()));
        acts.settle(9);
        assert_eq!(numbers(&acts), [[2]]);
        acts.take(entry(6, "a", "y", How::Refused));
        assert_eq!(numbers(&acts), [[2, 6]], "what was open goes on");
    }

    #[test]
    fn what_was_held_goes_on_in_its_row_when_it_leaves_or_is_taken_back() {
        let mut acts = Acts::default();
        let entries = [
            entry(1, "h", "x", How::Held),
            entry(2, "i", "y", How::Held),
            entry(3, "j", "x", How::Begun),
            entry(4, "k", "y", How::Undone),
            entry(5, "j", "x", How::Done),
            // And once more, of itself.
            entry(6, "l", "x", How::Begun),
        ];
        for entry in entries {
            acts.take(entry);
            // However often the others are dropped.
            acts.clone().settle(9);
        }
        assert_eq!(numbers(&acts), [vec![1, 3, 5], vec![2, 4], vec![6]]);
        let mut settled = Acts::default();
        settled.take(entry(1, "h", "x", How::Held));
        settled.take(entry(2, "h", "z", How::Held));
        settled.settle(9);
        settled.take(entry(3, "j", "x", How::Begun));
        settled.settle(9);
        settled.take(entry(4, "j", "x", How::Unknown));
        assert_eq!(numbers(&settled), [vec![1, 3, 4], vec![2]]);
        settled.settle(1);
        assert_eq!(numbers(&settled), [[2]], "the newest");
    }
}
