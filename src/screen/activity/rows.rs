//! The acts that were read of the log so far, the one of which something was written last first. They come a stretch at a time,
//! some of them twice; what was written of an act is one row wherever it was read.
//!
//! Pure.

use std::collections::HashMap;

use crate::store::activity::{Number, Row};

/// See the module.
#[derive(Debug, Default)]
pub struct Rows {
    /// By the number by which each was met first: its identity.
    rows: HashMap<Number, Row>,
    /// Places and identities, the newest first.
    order: Vec<(Number, Number)>,
    /// Rows by act and subject.
    acts: HashMap<(String, String), Number>,
    /// Rows by the numbers of their entries.
    numbers: HashMap<Number, Number>,
}

impl Rows {
    pub fn of(rows: Vec<Row>) -> Self {
        let mut own = Self::default();
        rows.into_iter().for_each(|row| own.put(row));
        own
    }

    pub fn put(&mut self, mut row: Row) {
        let named = row.names().filter_map(|(id, subject)| self.acts.get(&(id.to_owned(), subject.to_owned())));
        let numbered = row.entries.iter().filter_map(|entry| self.numbers.get(&entry.number));
        let mut known: Vec<Number> = named.chain(numbered).copied().collect();
        known.sort_unstable();
        known.dedup();
        let key = known.first().copied().unwrap_or_else(|| row.place());
        for old in known.into_iter().filter_map(|key| self.remove(key)) {
            row.join(old.entries);
        }
        self.acts.extend(row.names().map(|(id, subject)| ((id.to_owned(), subject.to_owned()), key)));
        self.numbers.extend(row.entries.iter().map(|entry| (entry.number, key)));
        let place = row.place();
        let at = self.order.partition_point(|(other, _)| *other > place);
        self.order.insert(at, (place, key));
        let _ = self.rows.insert(key, row);
    }

    fn remove(&mut self, key: Number) -> Option<Row> {
        let row = self.rows.remove(&key)?;
        if let Some(at) = self.at_place(row.place()) {
            let _ = self.order.remove(at);
        }
        Some(row)
    }

    fn at_place(&self, place: Number) -> Option<usize> {
        self.order.binary_search_by(|(other, _)| place.cmp(other)).ok()
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The row that shows there, and its identity.
    pub fn at(&self, index: usize) -> Option<(Number, &Row)> {
        let (_, key) = self.order.get(index)?;
        Some((*key, self.rows.get(key)?))
    }

    /// Where a row shows.
    pub fn index(&self, key: Number) -> Option<usize> {
        self.at_place(self.rows.get(&key)?.place())
    }

    /// The row that has this entry.
    pub fn holding(&self, number: Number) -> Option<Number> {
        self.numbers.get(&number).copied()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::store::activity::{Act, By, Entry, Hash, How, Kind};

    fn entry(number: Number, id: &str, how: How) -> Entry {
        let act = Act::new(DateTime::UNIX_EPOCH, "me@grid.example", By::Person, Kind::Approve, how);
        Entry { number, hash: Hash::NONE, act: Some(Act { id: id.to_owned(), ..act }) }
    }

    fn row(entries: &[(Number, &str)]) -> Row {
        Row { entries: entries.iter().map(|(number, id)| entry(*number, id, How::Begun)).collect() }
    }

    fn places(rows: &Rows) -> Vec<Vec<Number>> {
        (0..rows.len()).map(|at| rows.at(at).unwrap().1.entries.iter().map(|entry| entry.number).collect()).collect()
    }

    #[test]
    fn what_was_read_apart_or_twice_is_one_row_each() {
        let mut rows = Rows::of(vec![row(&[(8, ""), (9, "a")]), row(&[(7, "")])]);
        // The stretch below, some of it read again.
        [row(&[(7, "")]), row(&[(6, "b")]), row(&[(2, "a"), (4, "c")])].into_iter().for_each(|row| rows.put(row));
        assert_eq!(places(&rows), [vec![2, 4, 8, 9], vec![7], vec![6]]);
        let (key, _) = rows.at(2).unwrap();
        // It goes on: the row is the same one, and stands above.
        rows.put(row(&[(10, "b")]));
        assert_eq!(places(&rows), [vec![6, 10], vec![2, 4, 8, 9], vec![7]]);
        assert_eq!((rows.index(key), rows.holding(10), rows.holding(5)), (Some(0), Some(key), None));
        // What proves to be one becomes one.
        rows.put(row(&[(10, "b"), (11, "a")]));
        assert_eq!(places(&rows), [vec![2, 4, 6, 8, 9, 10, 11], vec![7]]);
        assert_eq!(rows.index(key), Some(0));
    }
}
