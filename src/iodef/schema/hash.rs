//! A quick hash for the table's own indexes, which are asked once or more for every element of a document. What they hold
//! is ours and never a sender's, so that nobody can make them collide.

use std::hash::{BuildHasher, Hasher};

/// Multiplies and turns, eight bytes at a time.
#[derive(Clone, Copy, Default)]
pub struct Quick(u64);

impl Quick {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.add(rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write(&number.to_le_bytes());
    }

    fn finish(&self) -> u64 {
        // The upper bits are the mixed ones, the table looks at the lower.
        self.0 ^ (self.0 >> 32)
    }
}

/// Makes them.
#[derive(Clone, Copy, Default)]
pub struct Build;

impl BuildHasher for Build {
    type Hasher = Quick;

    fn build_hasher(&self) -> Quick {
        Quick::default()
    }
}
