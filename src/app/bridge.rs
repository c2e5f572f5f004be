//! The engine as one subscription (`house.md` §2.8). Its identity is the session's number alone: another profile is another
//! engine over another store, and what an old one still says is told apart by the number it carries.

use std::hash::{Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;

use iced::Subscription;
use iced::futures::{SinkExt, Stream, channel::mpsc as sink, future};
use tokio::sync::mpsc;

use crate::engine::trace::Trace;
use crate::engine::{self, Command, Error, Event};
use crate::store::Store;

/// Batches that may wait for the window.
const BATCHES: usize = 4;
/// Commands that may wait for the engine: more than are said at once about the longest inbox, each decision noted and sent.
const COMMANDS: usize = 65_536;

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

    /// A line before the engine, which takes few at a time: what is put there goes in its order and none of it is lost. Gives
    /// also what hands it over by `hand`, which waits for room; it ends when nothing takes any more.
    pub fn line<F>(hand: impl Fn(Command) -> F + Send) -> (Self, impl Future<Output = ()> + Send)
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let (put, mut waiting) = mpsc::channel(COMMANDS);
        let outlet = Self::new(move |command| put.try_send(command).map_err(Error::from));
        let handing = async move {
            while let Some(command) = waiting.recv().await {
                if hand(command).await.is_err() {
                    return;
                }
            }
        };
        (outlet, handing)
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
        let (outlet, handing) = Outlet::line(move |command| {
            let handle = handle.clone();
            async move { handle.hand(command).await }
        });
        let telling = async move {
            let mut next = Update::Ready(outlet);
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
        };
        // What an engine that is gone told last is told all the same.
        let handing = async move {
            handing.await;
            future::pending::<()>().await;
        };
        let _ = future::select(pin!(telling), pin!(handing)).await;
    })
}
