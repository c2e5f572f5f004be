//! The engine as one subscription (`house.md` §2.8). Its identity is the session's number alone: another profile is another
//! engine over another store, and what an old one still says is told apart by the number it carries.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use iced::Subscription;
use iced::futures::{SinkExt, Stream, channel::mpsc as sink};

use crate::engine::trace::Trace;
use crate::engine::{self, Command, Error, Event};
use crate::store::Store;

/// Batches that may wait for the window.
const BATCHES: usize = 4;

/// What runs an engine: its number and where it stores.
#[derive(Clone)]
pub struct Key {
    pub session: u64,
    pub store: Arc<dyn Store>,
    pub trace: Trace,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.session.hash(state);
    }
}

/// Where the window puts its commands. Credentials travel in here, never in the subscription's key.
#[derive(Clone)]
pub struct Outlet(Arc<dyn Fn(Command) -> Result<(), Error> + Send + Sync>);

impl Outlet {
    #[must_use]
    pub fn new(send: impl Fn(Command) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self(Arc::new(send))
    }

    /// Hands a command over without waiting.
    ///
    /// # Errors
    /// When the engine is gone or stuck.
    pub fn send(&self, command: Command) -> Result<(), Error> {
        (self.0)(command)
    }
}

impl std::fmt::Debug for Outlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outlet")
    }
}

/// What the bridge tells the window.
#[derive(Clone, Debug)]
pub enum Update {
    Ready(Outlet),
    Events(Vec<Event>),
    /// The engine is gone.
    Ended,
}

/// The subscription of this session.
pub fn subscription(key: Key) -> Subscription<(u64, Update)> {
    Subscription::run_with(key, |key| stream(key.clone()))
}

/// What this session's engine tells; the engine starts with the first poll and ends when this is dropped.
pub fn stream(key: Key) -> impl Stream<Item = (u64, Update)> {
    iced::stream::channel(BATCHES, async move |mut out: sink::Sender<(u64, Update)>| {
        let session = key.session;
        let (handle, mut events) =
            engine::spawn(key.store, engine::Options { trace: key.trace, ..engine::Options::default() });
        let mut next = Update::Ready(Outlet::new(move |command| handle.send(command)));
        loop {
            if out.send((session, next)).await.is_err() {
                return;
            }
            match events.next().await {
                Some(batch) => next = Update::Events(batch),
                None => break,
            }
        }
        let _ = out.send((session, Update::Ended)).await;
    })
}
