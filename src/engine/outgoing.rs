//! What a session has to say, in order, whatever link carries it: with stream management (XEP-0198) each stanza is kept
//! until the controller says that it took it, and goes again over the next link.
//!
//! Shared by all who say something and the task that writes. Uses `xmpp::sm`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::xmpp::sm::{self, Outbound, TooHigh};

/// Bytes gathered into one write.
const GATHER: usize = 64 * 1024;
/// Longest wait for an acknowledgement that was asked for, while the controller says other things; and for each byte
/// that is on its way, at the slowest shaper met (3 kB/s).
const PATIENCE: Duration = Duration::from_secs(30);
const PER_BYTE: Duration = Duration::from_micros(350);

/// The session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed;

/// What the writing task is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bytes(Vec<u8>),
    /// The last words; then the stream ends.
    Last(Vec<u8>),
    /// Another link has taken over.
    Stale,
}

/// Which link of the session a task writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn(u64);

/// The way out of one session; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Outgoing(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Something to write.
    ready: Notify,
    /// Something was taken.
    room: Notify,
    /// Since when a link carries it; `None` while none does.
    up: watch::Sender<Option<Instant>>,
}

#[derive(Debug)]
struct State {
    turn: Turn,
    managed: bool,
    queue: Outbound,
    /// The acknowledgement to be told; a newer one takes its place, so that no flood of requests costs more than this.
    ack: Option<u32>,
    /// The controller is to say what it took.
    probe: bool,
    /// Stanzas were sent since it was last asked that.
    unasked: bool,
    /// It ever said what it took.
    answered: bool,
    asked: Option<Asked>,
    /// When something was said that is answered: what the controller had sent until then has come.
    proved: Option<DateTime<Utc>>,
    end: Option<End>,
}

/// What the controller took was asked for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Nothing was read before this time that could have been the answer.
    at: Instant,
    patience: Duration,
    /// By this console's own clock.
    sent: DateTime<Utc>,
}

/// A controller that says all but what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deaf {
    /// It did say so before: what we send no longer reaches it.
    Now,
    Ever,
}

#[derive(Debug)]
enum End {
    /// When all is written.
    Drained,
    /// At once, with these words.
    Now(Vec<u8>),
}

impl Outgoing {
    pub(super) fn new(managed: bool) -> Self {
        let state = State {
            turn: Turn(0),
            managed,
            queue: Outbound::default(),
            ack: None,
            probe: false,
            unasked: false,
            answered: false,
            asked: None,
            proved: None,
            end: None,
        };
        let (up, _) = watch::channel(None);
        Self(Arc::new(Shared { state: Mutex::new(state), ready: Notify::new(), room: Notify::new(), up }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.lock());
        self.0.ready.notify_waiters();
        changed
    }

    /// Says something; waits while too much is under way.
    pub(super) async fn send(&self, stanza: Vec<u8>) -> Result<(), Closed> {
        let stanza: Arc<[u8]> = stanza.into();
        loop {
            let mut room = std::pin::pin!(self.0.room.notified());
            // From here on no room made goes unseen.
            let _ = room.as_mut().enable();
            if self.offer(&stanza)? {
                return Ok(());
            }
            room.await;
        }
    }

    /// Says something if there is room for it.
    pub(super) fn try_send(&self, stanza: Vec<u8>) -> bool {
        self.offer(&stanza.into()).unwrap_or_default()
    }

    fn offer(&self, stanza: &Arc<[u8]>) -> Result<bool, Closed> {
        self.change(|state| match state.end {
            Some(_) => Err(Closed),
            None => Ok(state.queue.push(Arc::clone(stanza)).is_ok()),
        })
    }

    /// Tells how many stanzas we have taken.
    pub(super) fn ack(&self, h: u32) {
        self.change(|state| state.ack = Some(h));
    }

    /// Asks what the controller has taken.
    pub(super) fn probe(&self) {
        self.change(|state| state.probe = true);
    }

    /// The controller has taken this many.
    pub(super) fn acked(&self, h: u32) -> Result<(), TooHigh> {
        let acked = self.change(|state| {
            if let Some(asked) = state.asked.take() {
                state.prove(asked.sent);
            }
            state.answered = true;
            state.queue.acked(h)
        });
        self.0.room.notify_waiters();
        acked.map(drop)
    }

    /// What was said at this time is answered.
    pub(super) fn prove(&self, sent: DateTime<Utc>) {
        self.lock().prove(sent);
    }

    /// Until when all that the controller sent is known to have come, by the last question that was answered: what it says
    /// by itself shows nothing of what waits behind it.
    pub(super) fn proved(&self) -> Option<DateTime<Utc>> {
        self.lock().proved
    }

    /// All that came was read, and still no answer to what it took.
    pub(super) fn deaf(&self) -> Option<Deaf> {
        let state = self.lock();
        let late = state.asked.is_some_and(|asked| asked.at.elapsed() > asked.patience);
        late.then_some(if state.answered { Deaf::Now } else { Deaf::Ever })
    }

    /// Nothing was read for a while, for want of room.
    pub(super) fn excuse(&self) {
        if let Some(asked) = &mut self.lock().asked {
            asked.at = Instant::now();
        }
    }

    /// Since when a link carries it.
    pub(super) fn up(&self) -> watch::Receiver<Option<Instant>> {
        self.0.up.subscribe()
    }

    /// A link carries it from now on, and no earlier one any more.
    pub(super) fn attach(&self) -> Turn {
        let turn = self.change(|state| {
            state.turn.0 += 1;
            state.turn
        });
        let _ = self.0.up.send_replace(Some(Instant::now()));
        turn
    }

    /// No link carries it for now.
    pub(super) fn detach(&self) {
        self.change(|state| {
            state.turn.0 += 1;
            (state.ack, state.probe, state.asked) = (None, false, None);
        });
        let _ = self.0.up.send_replace(None);
    }

    /// Over the next link the controller says that it has taken this many; the rest goes again.
    pub(super) fn resumed(&self, h: u32) -> Result<(), TooHigh> {
        let resumed = self.change(|state| {
            state.unasked = true;
            state.queue.resumed(h)
        });
        self.0.room.notify_waiters();
        resumed.map(drop)
    }

    /// Ends the stream when all is written.
    pub(super) fn close(&self) {
        self.end(End::Drained);
    }

    /// Ends the stream at once, with a stream error.
    pub(super) fn part(&self, words: Vec<u8>) {
        self.end(End::Now(words));
    }

    fn end(&self, end: End) {
        self.change(|state| state.end = Some(end));
        self.0.room.notify_waiters();
    }

    /// What to write next.
    pub(super) async fn take(&self, turn: Turn) -> Piece {
        loop {
            let mut ready = std::pin::pin!(self.0.ready.notified());
            let _ = ready.as_mut().enable();
            let piece = self.lock().piece(turn);
            match piece {
                Some(piece) => {
                    self.0.room.notify_waiters();
                    return piece;
                }
                None => ready.await,
            }
        }
    }
}

impl State {
    fn prove(&mut self, sent: DateTime<Utc>) {
        self.proved = self.proved.max(Some(sent));
    }

    fn piece(&mut self, turn: Turn) -> Option<Piece> {
        if turn != self.turn {
            return Some(Piece::Stale);
        }
        if let Some(End::Now(words)) = &mut self.end {
            return Some(Piece::Last(std::mem::take(words)));
        }
        let mut bytes = Vec::new();
        while bytes.len() < GATHER
            && let Some(stanza) = self.queue.take()
        {
            bytes.extend_from_slice(&stanza);
            self.unasked = true;
        }
        if self.managed {
            if let Some(h) = self.ack.take() {
                bytes.extend(sm::ack(h));
            }
            // One question at a time: the answer's way back sets the pace.
            if self.asked.is_none() && (self.probe || (self.unasked && self.queue.in_flight() > 0)) {
                bytes.extend_from_slice(sm::REQUEST);
                (self.probe, self.unasked) = (false, false);
                let size = u32::try_from(self.queue.bytes()).unwrap_or(u32::MAX);
                let patience = PATIENCE + PER_BYTE.saturating_mul(size);
                self.asked = Some(Asked { at: Instant::now(), patience, sent: Utc::now() });
            }
        } else {
            self.queue.forget_sent();
        }
        match self.end {
            Some(End::Drained) if bytes.is_empty() => Some(Piece::Last(Vec::new())),
            _ => (!bytes.is_empty()).then_some(Piece::Bytes(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(piece: Piece) -> String {
        match piece {
            Piece::Bytes(bytes) | Piece::Last(bytes) => String::from_utf8(bytes).unwrap(),
            Piece::Stale => "stale".to_owned(),
        }
    }

    const R: &str = "<r xmlns='urn:xmpp:sm:3'/>";

    #[tokio::test]
    async fn a_flood_of_requests_costs_one_answer() {
        let out = Outgoing::new(true);
        let turn = out.attach();
        (0..10_000).for_each(|h| out.ack(h));
        assert_eq!(text(out.take(turn).await), "<a xmlns='urn:xmpp:sm:3' h='9999'/>");
        assert!(out.try_send(b"<a/>".to_vec()));
        assert!(out.try_send(b"<b/>".to_vec()));
        assert_eq!(text(out.take(turn).await), format!("<a/><b/>{R}"));
        assert!(out.try_send(b"<c/>".to_vec()));
        assert_eq!(text(out.take(turn).await), "<c/>", "asked once until answered");
        out.acked(2).unwrap();
        assert_eq!(text(out.take(turn).await), R, "the third is not acknowledged");
        out.acked(2).unwrap();
        assert!(
            tokio::time::timeout(Duration::from_millis(20), out.take(turn)).await.is_err(),
            "and not asked for ever"
        );
        assert_eq!(out.acked(4), Err(TooHigh { h: 4, sent: 3 }));
    }

    #[tokio::test]
    async fn what_was_not_taken_goes_again_over_the_next_link() {
        let out = Outgoing::new(true);
        let first = out.attach();
        for stanza in ["<a/>", "<b/>", "<c/>"] {
            assert!(out.try_send(stanza.into()));
        }
        let _ = out.take(first).await;
        out.detach();
        assert_eq!(out.take(first).await, Piece::Stale);
        assert!(out.try_send(b"<d/>".to_vec()));
        out.resumed(1).unwrap();
        let second = out.attach();
        assert_eq!(text(out.take(second).await), format!("<b/><c/><d/>{R}"));
        out.part(b"<error/>".to_vec());
        assert_eq!(out.take(second).await, Piece::Last(b"<error/>".to_vec()));
        assert_eq!(out.send(Vec::new()).await, Err(Closed));
    }

    #[tokio::test]
    async fn who_speaks_but_does_not_hear_is_noticed() {
        let out = Outgoing::new(true);
        let turn = out.attach();
        let impatient = || out.lock().asked.as_mut().unwrap().patience = Duration::ZERO;
        out.probe();
        assert_eq!(text(out.take(turn).await), R);
        assert_eq!(out.deaf(), None, "it has time");
        impatient();
        assert_eq!(out.deaf(), Some(Deaf::Ever));
        out.acked(0).unwrap();
        assert_eq!(out.deaf(), None);
        out.probe();
        let _ = out.take(turn).await;
        impatient();
        assert_eq!(out.deaf(), Some(Deaf::Now));
        out.lock().asked.as_mut().unwrap().patience = Duration::from_secs(1);
        out.excuse();
        assert_eq!(out.deaf(), None);
        out.detach();
        assert_eq!(out.deaf(), None, "the next link is asked anew");
    }

    #[tokio::test]
    async fn without_management_what_was_sent_is_gone_and_room_is_waited_for() {
        let out = Outgoing::new(false);
        let turn = out.attach();
        while out.try_send(b"<a/>".to_vec()) {}
        let waiting = tokio::spawn({
            let out = out.clone();
            async move { out.send(b"<z/>".to_vec()).await }
        });
        assert!(!text(out.take(turn).await).contains(R));
        assert_eq!(waiting.await.unwrap(), Ok(()));
        assert_eq!(text(out.take(turn).await), "<z/>");
        out.close();
        assert_eq!(out.take(turn).await, Piece::Last(Vec::new()));
    }
}
