//! Sets of rows: a bit each, so that a million rows are 125 kB and two sets meet at memory's speed.

use crate::store::Seq;

const BITS: usize = 64;

/// Rows in one of [`Bitmap::pieces`], at most.
const PIECE: usize = 8_192;

/// A set of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    /// Never ends with a zero, so equal sets are equal.
    words: Vec<u64>,
}

impl Bitmap {
    /// All rows before `len`.
    #[must_use]
    pub fn all(len: u32) -> Self {
        let len = len as usize;
        let mut words = vec![u64::MAX; len / BITS];
        if !len.is_multiple_of(BITS) {
            words.push((1 << (len % BITS)) - 1);
        }
        Self { words }
    }

    /// From words of 64 rows each, the lowest bit first.
    #[must_use]
    pub fn from_words(words: Vec<u64>) -> Self {
        let mut set = Self { words };
        set.trim();
        set
    }

    fn trim(&mut self) {
        while self.words.last() == Some(&0) {
            let _ = self.words.pop();
        }
    }

    fn place(row: Seq) -> (usize, u64) {
        (row as usize / BITS, 1 << (row as usize % BITS))
    }

    pub fn insert(&mut self, row: Seq) {
        let (word, bit) = Self::place(row);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    pub fn remove(&mut self, row: Seq) {
        let (word, bit) = Self::place(row);
        if let Some(word) = self.words.get_mut(word) {
            *word &= !bit;
        }
        self.trim();
    }

    /// Adds the rows from `from` to before `to`.
    pub fn fill(&mut self, from: Seq, to: Seq) {
        if from >= to {
            return;
        }
        let ((first, low), (last, high)) = (Self::place(from), Self::place(to - 1));
        if last >= self.words.len() {
            self.words.resize(last + 1, 0);
        }
        for (word, at) in self.words.iter_mut().zip(0..).take(last + 1).skip(first) {
            let from = if at == first { low } else { 1 };
            let to = if at == last { high } else { 1 << (BITS - 1) };
            // All bits from the one to the other.
            *word |= (to - from) | to;
        }
    }

    #[must_use]
    pub fn contains(&self, row: Seq) -> bool {
        let (word, bit) = Self::place(row);
        self.word(word) & bit != 0
    }

    /// The 64 rows from `64 * index` on.
    #[must_use]
    pub fn word(&self, index: usize) -> u64 {
        self.words.get(index).copied().unwrap_or_default()
    }

    /// The words from `from` to before `to`, as far as there are any that are not zero.
    #[must_use]
    pub fn words(&self, from: usize, to: usize) -> &[u64] {
        let end = to.min(self.words.len());
        self.words.get(from.min(end)..end).unwrap_or_default()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    #[must_use]
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    pub fn meet(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= other);
        self.trim();
    }

    pub fn join(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    pub fn subtract(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= !other);
        self.trim();
    }

    /// The rows in pieces of neighbours, so many that a lock may be held for one.
    pub fn pieces(&self) -> impl Iterator<Item = Self> + '_ {
        let size = PIECE / 64;
        self.words(0, usize::MAX).chunks(size).enumerate().filter_map(move |(at, chunk)| {
            let mut own = vec![0; at * size];
            own.extend_from_slice(chunk);
            let piece = Self::from_words(own);
            (!piece.is_empty()).then_some(piece)
        })
    }

    /// The rows, lowest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Seq> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let word = *word;
            let base = index * BITS;
            Ones(word).map(move |bit| Seq::try_from(base + bit as usize).unwrap_or(Seq::MAX))
        })
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }
}

impl FromIterator<Seq> for Bitmap {
    fn from_iter<I: IntoIterator<Item = Seq>>(rows: I) -> Self {
        let mut set = Self::default();
        rows.into_iter().for_each(|row| set.insert(row));
        set
    }
}

/// The bits of a word that are set.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let bit = (self.0 != 0).then(|| self.0.trailing_zeros())?;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

impl DoubleEndedIterator for Ones {
    fn next_back(&mut self) -> Option<u32> {
        let bit = (self.0 != 0).then(|| 63 - self.0.leading_zeros())?;
        self.0 &= !(1 << bit);
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Strategy<Value = BTreeSet<Seq>> {
        proptest::collection::btree_set(0..300_u32, 0..60)
    }

    proptest! {
        #[test]
        fn agrees_with_a_set(one in rows(), other in rows(), taken in 0..300_u32, to in 0..300_u32) {
            let set = |rows: &BTreeSet<Seq>| rows.iter().copied().collect::<Bitmap>();
            let check = |own: &Bitmap, expected: BTreeSet<Seq>| {
                assert_eq!(own.iter().collect::<Vec<_>>(), expected.iter().copied().collect::<Vec<_>>());
                assert_eq!(own.iter().rev().collect::<Vec<_>>(), expected.iter().rev().copied().collect::<Vec<_>>());
                assert_eq!(own, &set(&expected));
                assert_eq!(own.count() as usize, expected.len());
                assert_eq!(own.is_empty(), expected.is_empty());
            };
            let mut met = set(&one);
            met.meet(&set(&other));
            check(&met, &one & &other);
            let mut joined = set(&one);
            joined.join(&set(&other));
            check(&joined, &one | &other);
            let mut less = set(&one);
            less.subtract(&set(&other));
            check(&less, &one - &other);
            let mut without = set(&one);
            without.remove(taken);
            check(&without, one.iter().copied().filter(|row| *row != taken).collect());
            prop_assert_eq!(set(&one).contains(taken), one.contains(&taken));
            let mut filled = set(&one);
            filled.fill(taken, to);
            check(&filled, &one | &(taken..to).collect());
            check(&Bitmap::all(taken), (0..taken).collect());
        }
    }
}
