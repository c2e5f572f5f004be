//! What came from the peer: how many stanzas were seen, and how many of them need never be sent again.
//!
//! Stanzas are numbered from 1 without wrapping; only what is told wraps. A resumption sends again what was not
//! acknowledged, under its old number.

/// The count of one session's incoming stanzas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inbound {
    /// Number of the last stanza on this link.
    seen: u64,
    /// Number of the last one ever seen, on this link or an earlier one.
    highest: u64,
    /// All up to this number are done with.
    done: u64,
}

impl Inbound {
    /// Of a session that has taken this many already.
    #[must_use]
    pub fn after(count: u64) -> Self {
        Self { seen: count, highest: count, done: count }
    }

    /// A stanza came. Whether it came before, over an earlier link, and so was sent again.
    pub fn saw(&mut self) -> bool {
        self.seen = self.seen.saturating_add(1);
        let again = self.seen <= self.highest;
        self.highest = self.highest.max(self.seen);
        again
    }

    /// Number of the last stanza on this link.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether all that came is done with.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.done >= self.seen
    }

    /// All up to this number are done with: stored, or nothing to store.
    pub fn done(&mut self, number: u64) {
        self.done = self.done.max(number.min(self.highest));
    }

    /// How many may be acknowledged: a prefix, without what is `held` back from this number on.
    #[must_use]
    pub fn count(&self, held: Option<u64>) -> u64 {
        let free = held.map_or(u64::MAX, |held| held.saturating_sub(1));
        self.done.min(self.seen).min(free)
    }

    /// As XEP-0198 says it, modulo 2^32.
    #[must_use]
    pub fn h(count: u64) -> u32 {
        u32::try_from(count & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// The session goes on over another link, on which `count` was told as taken: the peer goes on behind it.
    pub fn resumed(&mut self, count: u64) {
        self.seen = count;
    }
}
