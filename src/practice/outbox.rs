//! What waits to be sent to one session: bounded, so that a client that does not read costs no more than this, and
//! never blocks whoever has something to say to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Bytes that may wait for a client; past that it is cut off.
const MOST: usize = 16 * 1024 * 1024;
/// A flood goes on when less than this waits.
const ROOM: usize = 1024 * 1024;

/// Why a session is ended from our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a stream error of this condition (RFC 6120 §4.9.3).
    Condition(&'static str),
    /// With the stream's end tag, once all that waited is sent.
    Goodbye,
    /// Without a word, as when a cable is pulled.
    Cut,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Arc<[u8]>>,
    bytes: usize,
    end: Option<End>,
}

/// The queue between the grid and one session's writer.
#[derive(Debug, Default)]
pub struct Outbox {
    state: Mutex<State>,
    /// Something to send, or the end.
    ready: Notify,
    /// Something was sent, or the end.
    sent: Notify,
    /// The end.
    ended: Notify,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after every statement; a thread that died changes nothing about that.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a stanza. Too much waiting ends the session.
    pub fn push(&self, stanza: Arc<[u8]>) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        state.bytes += stanza.len();
        state.queue.push_back(stanza);
        let over = state.bytes > MOST;
        drop(state);
        if over {
            self.end(End::Condition("resource-constraint"));
        }
        self.ready.notify_one();
    }

    /// Ends the session; the first reason counts.
    pub fn end(&self, end: End) {
        let mut state = self.lock();
        let _ = state.end.get_or_insert(end);
        if end != End::Goodbye {
            state.queue.clear();
            state.bytes = 0;
        }
        drop(state);
        self.ready.notify_one();
        self.sent.notify_waiters();
        self.ended.notify_waiters();
        self.ended.notify_one();
    }

    /// Some of what waits, up to about `most` bytes, as one piece.
    ///
    /// # Errors
    /// When the session is to end.
    pub async fn take(&self, most: usize) -> Result<Vec<u8>, End> {
        loop {
            if let Some(piece) = self.ready_piece(most)? {
                self.sent.notify_waiters();
                return Ok(piece);
            }
            self.ready.notified().await;
        }
    }

    fn ready_piece(&self, most: usize) -> Result<Option<Vec<u8>>, End> {
        let mut state = self.lock();
        if let (Some(end), true) = (state.end, state.queue.is_empty()) {
            return Err(end);
        }
        let mut piece = Vec::new();
        while let Some(stanza) = state.queue.front() {
            if !piece.is_empty() && piece.len() + stanza.len() > most {
                break;
            }
            piece.extend_from_slice(stanza);
            let _ = state.queue.pop_front();
        }
        state.bytes = state.bytes.saturating_sub(piece.len());
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// Waits until there is room for a flood's next stanza. `false` when the session has ended.
    pub async fn room(&self) -> bool {
        loop {
            // Registered before looking, so that nothing sent in between is missed.
            let sent = self.sent.notified();
            if let Some(answer) = self.has_room() {
                return answer;
            }
            sent.await;
        }
    }

    /// `None` while too much waits; `false` when the session has ended.
    fn has_room(&self) -> Option<bool> {
        let state = self.lock();
        if state.end.is_some() { Some(false) } else { (state.bytes < ROOM).then_some(true) }
    }

    /// Waits for an end that does not wait for what is still to be sent.
    pub async fn over(&self) -> End {
        loop {
            if let Some(end) = self.lock().end.filter(|end| *end != End::Goodbye) {
                return end;
            }
            self.ended.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_does_not_read_is_cut_off() {
        let outbox = Outbox::default();
        let stanza: Arc<[u8]> = vec![b'x'; 1024 * 1024].into();
        for _ in 0..16 {
            outbox.push(stanza.clone());
        }
        assert_eq!(outbox.take(1).await.map(|piece| piece.len()), Ok(1024 * 1024));
        outbox.push(stanza.clone());
        outbox.push(stanza);
        assert_eq!(outbox.over().await, End::Condition("resource-constraint"));
        assert!(outbox.take(1).await.is_err());
        assert!(!outbox.room().await);
    }

    #[tokio::test]
    async fn pieces_hold_whole_stanzas_in_order() {
        let outbox = Outbox::default();
        for stanza in [&b"<a/>"[..], b"<b/>", b"<c/>"] {
            outbox.push(stanza.into());
        }
        assert_eq!(outbox.take(9).await.unwrap(), b"<a/><b/>");
        assert_eq!(outbox.take(1).await.unwrap(), b"<c/>", "one at least");
        assert!(outbox.room().await);
        outbox.end(End::Cut);
        assert_eq!(outbox.take(9).await, Err(End::Cut));
    }
}
