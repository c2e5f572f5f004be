//! What goes to the peer: stanzas stay until it says that it took them, and go again, in order, over the next link.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Inbound;

/// Stanzas that may wait to be acknowledged or sent.
const STANZAS: usize = 512;
/// Their bytes; one stanza always fits.
const BYTES: usize = 8 * 1024 * 1024;

/// No room until the peer has taken more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much waits to be taken by the peer")]
pub struct Full;

/// The peer acknowledged what was never sent, or took an acknowledgement back; modulo 2^32 the two look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the peer acknowledged {h} stanzas of {sent}")]
pub struct TooHigh {
    pub h: u32,
    /// How many were sent.
    pub sent: u32,
}

/// The queue of one session's outgoing stanzas: those sent and not acknowledged, then those to be sent.
#[derive(Clone, Debug, Default)]
pub struct Outbound {
    /// How many the peer has taken.
    taken: u64,
    /// How many of the queue were sent.
    sent: usize,
    queue: VecDeque<Arc<[u8]>>,
    bytes: usize,
}

impl Outbound {
    /// Of a session that has sent this many already, all of them taken.
    #[must_use]
    pub fn after(count: u64) -> Self {
        Self { taken: count, ..Self::default() }
    }

    /// Queues a stanza.
    ///
    /// # Errors
    /// When too much waits already; it is not queued then.
    pub fn push(&mut self, stanza: Arc<[u8]>) -> Result<(), Full> {
        let bytes = self.bytes.saturating_add(stanza.len());
        if !self.queue.is_empty() && (self.queue.len() >= STANZAS || bytes > BYTES) {
            return Err(Full);
        }
        self.bytes = bytes;
        self.queue.push_back(stanza);
        Ok(())
    }

    /// The next stanza to send; from then on it counts as sent.
    pub fn take(&mut self) -> Option<Arc<[u8]>> {
        let stanza = self.queue.get(self.sent)?;
        self.sent += 1;
        Some(Arc::clone(stanza))
    }

    /// The peer has taken this many, modulo 2^32. Gives how many of them are new.
    ///
    /// # Errors
    /// When it cannot have: nothing is changed then.
    pub fn acked(&mut self, h: u32) -> Result<usize, TooHigh> {
        let new = h.wrapping_sub(Inbound::h(self.taken)) as usize;
        if new > self.sent {
            return Err(TooHigh { h, sent: Inbound::h(self.taken.wrapping_add(self.sent as u64)) });
        }
        self.forget(new);
        Ok(new)
    }

    /// The session goes on over another link, by whose peer this many were taken: the rest goes again.
    ///
    /// # Errors
    /// As [`Outbound::acked`].
    pub fn resumed(&mut self, h: u32) -> Result<usize, TooHigh> {
        let new = self.acked(h)?;
        self.sent = 0;
        Ok(new)
    }

    /// Without acknowledgements: what was sent is gone.
    pub fn forget_sent(&mut self) {
        self.forget(self.sent);
    }

    fn forget(&mut self, count: usize) {
        let gone: usize = self.queue.drain(..count.min(self.queue.len())).map(|stanza| stanza.len()).sum();
        self.bytes = self.bytes.saturating_sub(gone);
        self.sent = self.sent.saturating_sub(count);
        self.taken = self.taken.wrapping_add(count as u64);
    }

    /// How many were sent and not acknowledged.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.sent
    }

    /// How many wait, sent or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Their bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}
