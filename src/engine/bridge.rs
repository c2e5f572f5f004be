//! The two ends of the engine: a handle for commands, a stream of event batches (`house.md` §2.8).
//!
//! May use `engine::{command, event, batch}`. A window that lags makes batches larger, never the engine slower.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::batch::Batch;
use super::{Command, Error, Event, journal};

/// Commands that may wait.
pub(super) const COMMANDS: usize = 64;
/// Batches that may wait for the window.
pub(super) const BATCHES: usize = 4;
/// How long events are gathered.
const GATHER: Duration = Duration::from_millis(50);
/// A batch of this weight goes at once.
const HEAVY: usize = 512;

/// Sends commands to the engine; may be cloned.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
}

impl Handle {
    pub(super) fn new(commands: mpsc::Sender<Command>) -> Self {
        Self { commands }
    }

    /// Hands a command over without waiting.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already, [`Error::Offline`] when the engine has ended.
    pub fn send(&self, command: Command) -> Result<(), Error> {
        self.commands.try_send(command).map_err(Error::from)
    }
}

impl<T> From<mpsc::error::TrySendError<T>> for Error {
    fn from(error: mpsc::error::TrySendError<T>) -> Self {
        match error {
            mpsc::error::TrySendError::Full(_) => Self::Busy,
            mpsc::error::TrySendError::Closed(_) => Self::Offline,
        }
    }
}

impl Handle {
    /// The same, and waits for room.
    ///
    /// # Errors
    /// [`Error::Offline`] when the engine has ended.
    pub async fn hand(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| Error::Offline)
    }
}

/// What the engine tells, in batches and in order.
#[derive(Debug)]
pub struct Events {
    batches: mpsc::Receiver<Vec<Event>>,
}

impl Events {
    pub(super) fn new(batches: mpsc::Receiver<Vec<Event>>) -> Self {
        Self { batches }
    }

    /// The next batch; `None` when the engine has ended.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        self.batches.recv().await
    }
}

/// The engine's side of [`Events`].
#[derive(Debug)]
pub(super) struct Outbox {
    batch: Batch,
    batches: mpsc::Sender<Vec<Event>>,
    due: Option<Instant>,
}

impl Outbox {
    pub(super) fn new(batches: mpsc::Sender<Vec<Event>>) -> Self {
        Self { batch: Batch::default(), batches, due: None }
    }

    pub(super) fn push(&mut self, event: Event) {
        journal::event(&event);
        self.batch.push(event);
        let now = Instant::now();
        let wait = if self.batch.weight() >= HEAVY { Duration::ZERO } else { GATHER };
        let due = now + wait;
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// Asks for a flush soon without an event yet: what is to be told is made when it goes.
    pub(super) fn touch(&mut self) {
        if self.due.is_none() {
            self.due = Some(Instant::now() + GATHER);
        }
    }

    /// When [`Outbox::flush`] is to be called.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Hands the batch over; while the window lags it grows instead.
    pub(super) fn flush(&mut self) {
        if self.batches.capacity() == 0 && !self.batches.is_closed() {
            self.due = Some(Instant::now() + GATHER);
            return;
        }
        self.due = None;
        if !self.batch.is_empty() {
            // A closed channel has nobody to tell; the actor sees that and ends.
            let _ = self.batches.try_send(self.batch.take());
        }
        // More than one batch holds.
        if !self.batch.is_empty() {
            self.due = Some(Instant::now());
        }
    }

    /// The last batch, before the actor ends: waits a moment for the window.
    pub(super) async fn finish(mut self) {
        while !self.batch.is_empty() {
            let last = self.batches.send_timeout(self.batch.take(), Duration::from_secs(1));
            if last.await.is_err() {
                return;
            }
        }
    }

    /// Ends when nobody listens any more.
    pub(super) async fn closed(&self) {
        self.batches.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Committed;

    #[tokio::test]
    async fn a_lagging_window_gets_larger_batches_and_loses_nothing() {
        let (tx, rx) = mpsc::channel(1);
        let (mut outbox, mut events) = (Outbox::new(tx), Events::new(rx));
        for seq in 0..1000 {
            outbox.push(Event::Stored(Committed { added: vec![seq], ..Committed::default() }));
            outbox.flush();
        }
        let mut seen = Vec::new();
        while seen.len() < 1000 {
            for event in events.next().await.unwrap() {
                let Event::Stored(done) = event else { panic!("{event:?}") };
                seen.extend(done.added);
            }
            outbox.flush();
        }
        assert!(seen.into_iter().eq(0..1000));
    }

    #[tokio::test]
    async fn a_full_channel_of_commands_says_so() {
        let (tx, rx) = mpsc::channel(1);
        let handle = Handle::new(tx);
        handle.send(Command::RetryNow).unwrap();
        assert!(matches!(handle.send(Command::RetryNow), Err(Error::Busy)));
        drop(rx);
        assert!(matches!(handle.send(Command::RetryNow), Err(Error::Offline)));
    }
}
