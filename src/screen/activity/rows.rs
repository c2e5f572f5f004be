//! The acts of the log: entries about one act and one subject are one row, which stands where it began; newest first.
//!
//! Pure.

use std::collections::HashMap;

use super::{Side, is_open};
use crate::store::activity::{Entry, Filter, Number};

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

/// All of them, and those that show.
#[derive(Debug, Default)]
pub struct Rows {
    /// Oldest first.
    all: Vec<Row>,
    /// Rows by act and subject.
    acts: HashMap<(String, String), usize>,
    last: Number,
    taken: Vec<Row>,
    open: Vec<Row>,
}

impl Rows {
    /// The number after the last that was read.
    pub fn next(&self) -> Number {
        self.last + 1
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn take(&mut self, entries: &[Entry]) {
        let known = self.last;
        for entry in entries.iter().filter(|entry| entry.number > known) {
            self.last = entry.number;
            let about = entry.act.as_ref().filter(|act| !act.id.is_empty());
            let about = about.map(|act| (act.id.clone(), act.subject.clone()));
            let known = about.as_ref().and_then(|about| self.acts.get(about)).and_then(|at| self.all.get_mut(*at));
            if let Some(row) = known {
                row.entries.push(entry.clone());
                continue;
            }
            if let Some(about) = about {
                let _ = self.acts.insert(about, self.all.len());
            }
            self.all.push(Row { key: entry.number, entries: vec![entry.clone()] });
        }
    }

    /// Chooses anew what shows.
    pub fn filter(&mut self, filter: &Filter) {
        let newest = || self.all.iter().rev();
        self.open = newest().filter(|row| row.is_open()).cloned().collect();
        self.taken = newest().filter(|row| row.is_taken(filter)).cloned().collect();
    }

    /// What shows at a side.
    pub fn shown(&self, side: Side) -> &[Row] {
        if side == Side::Open { &self.open } else { &self.taken }
    }

    /// Where a row shows.
    pub fn place(&self, side: Side, key: Number) -> Option<usize> {
        // Newest first.
        self.shown(side).binary_search_by(|row| key.cmp(&row.key)).ok()
    }

    pub fn row(&self, side: Side, key: Number) -> Option<&Row> {
        self.shown(side).get(self.place(side, key)?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::store::activity::{Act, By, Hash, How, Kind};

    fn entry(number: Number, id: &str, subject: &str, how: How) -> Entry {
        let act = Act::new(DateTime::UNIX_EPOCH, "me@grid.example", By::Person, Kind::Approve, how);
        let act = Act { id: id.to_owned(), subject: subject.to_owned(), ..act };
        Entry { number, hash: Hash::NONE, act: Some(act) }
    }

    #[test]
    fn entries_of_one_act_are_one_row_that_keeps_its_place() {
        let mut rows = Rows::default();
        rows.take(&[entry(1, "a", "x", How::Begun), entry(2, "a", "y", How::Begun), entry(3, "", "", How::Seen)]);
        rows.filter(&Filter::default());
        let keys = |rows: &Rows, side| rows.shown(side).iter().map(|row| row.key).collect::<Vec<_>>();
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
}
