//! Each different triple of numbers once, with a number of its own: 17 to 23 bytes for each, where a map with copies of its own
//! takes 31 to 63. Where who publishes is not whose incident it is, most rows are sources of their own.
//!
//! Pure.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Three numbers.
pub type Triple = (u32, u32, u32);

/// See the module. Only ever grows.
#[derive(Debug, Default)]
pub struct Triples {
    /// In pieces, so that nothing that is grown out of is left behind when a session begins.
    pieces: Vec<Vec<Triple>>,
    len: u32,
    /// Places in the pieces, from 1 on; 0 is a free slot. As many as a power of two, at most three quarters of them taken.
    slots: Vec<u32>,
    /// What nobody outside knows, so that nobody can aim for one slot; odd.
    key: u64,
}

/// The first slots.
const FEW: usize = 64;
/// Triples of a piece.
const PIECE: usize = 4_096;

impl Triples {
    /// The number of a triple: dense, in order of first sight.
    pub fn intern(&mut self, triple: Triple) -> u32 {
        if (self.len() + 1) * 4 > self.slots.len() * 3 {
            self.widen();
        }
        let slot = self.slot(triple);
        let Some(taken) = self.slots.get_mut(slot) else { return 0 };
        if *taken == 0 {
            if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE) {
                self.pieces.push(Vec::with_capacity(PIECE));
            }
            self.pieces.last_mut().into_iter().for_each(|piece| piece.push(triple));
            // There are no more sources than rows, which are numbered by u32.
            self.len = self.len.saturating_add(1);
            *taken = self.len;
        }
        *taken - 1
    }

    /// A third of the time that the standard hash takes, for a million of them when a session begins.
    fn hash(&self, (one, two, three): Triple) -> u64 {
        [one, two, three].into_iter().fold(self.key, |sum, part| {
            let mixed = (sum ^ u64::from(part)).wrapping_mul(self.key);
            mixed ^ (mixed >> 32)
        })
    }

    /// Where it stands, or the free slot where it would.
    fn slot(&self, triple: Triple) -> usize {
        let last = self.slots.len().saturating_sub(1);
        let mut at = usize::try_from(self.hash(triple) & last as u64).unwrap_or_default();
        while let Some(taken) = self.slots.get(at).and_then(|slot| slot.checked_sub(1))
            && self.get(taken).is_some_and(|own| own != triple)
        {
            at = (at + 1) & last;
        }
        at
    }

    fn widen(&mut self) {
        if self.slots.is_empty() {
            self.key = RandomState::new().hash_one(FEW) | 1;
        }
        // The old ones go before the new ones come.
        let many = (std::mem::take(&mut self.slots).len() * 2).max(FEW);
        self.slots = vec![0; many];
        for number in 0..self.len {
            let slot = self.get(number).map(|triple| self.slot(triple));
            if let Some(free) = slot.and_then(|slot| self.slots.get_mut(slot)) {
                *free = number + 1;
            }
        }
    }

    #[must_use]
    pub fn get(&self, number: u32) -> Option<Triple> {
        let at = number as usize;
        self.pieces.get(at / PIECE)?.get(at % PIECE).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Triple> {
        self.pieces.iter().flatten()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.pieces.len() * PIECE * size_of::<Triple>()
            + self.pieces.capacity() * size_of::<Vec<Triple>>()
            + self.slots.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_number_in_order_of_first_sight() {
        let mut triples = Triples::default();
        let triple = |number: u32| (number % 7, number / 3, number % 11);
        let mut known = std::collections::HashMap::new();
        for number in (0..5_000).chain(2_000..9_000) {
            let next = u32::try_from(known.len()).unwrap();
            let expected = *known.entry(triple(number)).or_insert(next);
            assert_eq!(triples.intern(triple(number)), expected);
        }
        assert_eq!((triples.len(), triples.iter().count()), (known.len(), known.len()));
        assert!(known.iter().all(|(triple, number)| triples.get(*number) == Some(*triple)));
    }

    #[test]
    fn a_triple_takes_no_more_than_23_bytes() {
        let mut triples = Triples::default();
        // From just after its slots doubled to just before they do again.
        for number in 0..300_000 {
            let _ = triples.intern((number % 40, number, number % 200));
            if number > 100_000 {
                let each = triples.bytes() as f64 / f64::from(number + 1);
                assert!(each <= 23.0, "{each:.2} bytes of each of {number}");
            }
        }
    }
}
