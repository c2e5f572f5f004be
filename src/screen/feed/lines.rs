//! What stands on the lines of the list: rows, holes among them in order of time, and heads of groups. Pure sums: no line is
//! ever written down, so a million rows take no more than a few.

use crate::store::Seq;

/// A line, by what it is: this is its identity while others come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Line {
    Row(Seq),
    /// The hole with this key.
    Hole(u64),
    /// The group with this key.
    Head(u64),
}

/// Lines that stand between rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Between {
    /// Before which row, counted from the first, and which one; in this order.
    at: Vec<(usize, u64)>,
}

impl Between {
    /// From `(row it stands before, key)` in any order.
    pub fn new(mut at: Vec<(usize, u64)>) -> Self {
        at.sort_by_key(|(row, _)| *row);
        Self { at }
    }

    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// The row on a line, or the key of what stands there instead.
    pub fn on(&self, line: usize) -> Result<usize, u64> {
        // The nth of them stands on the line of its row and n more.
        let above = partition(self.at.len(), |n| self.at.get(n).is_some_and(|(row, _)| row + n <= line));
        match above.checked_sub(1).and_then(|n| Some((n, self.at.get(n)?))) {
            Some((n, (row, key))) if row + n == line => Err(*key),
            _ => Ok(line - above),
        }
    }

    /// The line of a row.
    pub fn of_row(&self, row: usize) -> usize {
        row + self.at.partition_point(|(before, _)| *before <= row)
    }

    /// The line of what has this key.
    pub fn of_key(&self, key: u64) -> Option<usize> {
        let n = self.at.iter().position(|(_, own)| *own == key)?;
        self.at.get(n).map(|(row, _)| row + n)
    }
}

/// The first number up to `len` for which `is` does not hold.
fn partition(len: usize, is: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut until) = (0, len);
    while from < until {
        let middle = usize::midpoint(from, until);
        if is(middle) { from = middle + 1 } else { until = middle }
    }
    from
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_anything_between_a_line_is_a_row() {
        let none = Between::default();
        assert_eq!((none.on(7), none.of_row(7), none.of_key(1), none.len()), (Ok(7), 7, None, 0));
    }

    proptest! {
        /// Against the lines written down.
        #[test]
        fn lines_are_as_if_written_down(rows in 0usize..60, at in prop::collection::vec(0usize..61, 0..8)) {
            let at: Vec<_> = at.into_iter().map(|row| row.min(rows)).collect();
            let between = Between::new(at.iter().copied().zip(100u64..).collect());
            let mut written = Vec::new();
            for row in 0..=rows {
                written.extend(at.iter().zip(100u64..).filter(|(before, _)| **before == row).map(|(_, key)| Err(key)));
                if row < rows {
                    written.push(Ok(row));
                }
            }
            prop_assert_eq!(rows + between.len(), written.len());
            for (line, what) in written.into_iter().enumerate() {
                prop_assert_eq!(between.on(line), what);
                match what {
                    Ok(row) => prop_assert_eq!(between.of_row(row), line),
                    Err(key) => prop_assert_eq!(between.of_key(key), Some(line)),
                }
            }
        }
    }
}
