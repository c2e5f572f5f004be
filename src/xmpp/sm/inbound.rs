//! What came from the peer: how many stanzas were seen, and how many of them need never be sent again.
//!
//! Stanzas are numbered from 1 without wrapping; only what is told wraps. A resumption sends again what was not
//! acknowledged, under its old number.

use std::collections::VecDeque;

/// The count of one session's incoming stanzas.
#[derive(Clone, Debug, Default)]
pub struct Inbound {
    /// Number of the last stanza on this link.
    seen: u64,
    /// Number of the last one ever seen, on this link or an earlier one.
    highest: u64,
    /// All up to this number are done with.
    done: u64,
    /// Work under way, in order: its ticket, and the number up to which all is done when it is.
    under_way: VecDeque<(u64, u64)>,
    tickets: u64,
}

impl Inbound {
    /// Of a session that has taken this many already.
    #[must_use]
    pub fn after(count: u64) -> Self {
        Self { seen: count, highest: count, done: count, ..Self::default() }
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

    /// All that was seen was looked at. With `work` left of it, or under way before it, gives a ticket for
    /// [`Inbound::done`]; without, it is done with.
    pub fn looked(&mut self, work: bool) -> Option<u64> {
        if !work && self.under_way.is_empty() {
            self.done = self.seen;
            return None;
        }
        self.tickets = self.tickets.saturating_add(1);
        self.under_way.push_back((self.tickets, self.seen));
        Some(self.tickets)
    }

    /// The work of this ticket is done, and all before it.
    pub fn done(&mut self, ticket: u64) {
        while let Some((first, number)) = self.under_way.front().copied()
            && first <= ticket
        {
            self.done = number;
            let _ = self.under_way.pop_front();
        }
    }

    /// What was held back from this number on is work only now: nothing from there on is done before a ticket taken
    /// hereafter is. What is under way stays so.
    pub fn free(&mut self, held: u64) {
        let before = held.saturating_sub(1);
        self.done = self.done.min(before);
        for (_, number) in &mut self.under_way {
            *number = (*number).min(before);
        }
    }

    /// How many may be acknowledged: a prefix, without what is `held` back from this number on.
    #[must_use]
    pub fn count(&self, held: Option<u64>) -> u64 {
        let free = held.map_or(u64::MAX, |held| held.saturating_sub(1));
        self.done.min(free)
    }

    /// As XEP-0198 says it, modulo 2^32.
    #[must_use]
    pub fn h(count: u64) -> u32 {
        u32::try_from(count & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// The session goes on over another link, on which `count` was told as taken: the peer sends what is behind it.
    pub fn resumed(&mut self, count: u64) {
        (self.seen, self.done) = (count, count);
        self.under_way.clear();
    }
}
