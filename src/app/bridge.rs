//! The engine as one subscription (`house.md` §2.8). Its identity is the session's number alone: another profile is another
//! engine over another store, and what an old one still says is told apart by the number it carries.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use iced::Subscription;
use iced::futures::{SinkExt, Stream, channel::mpsc as sink};
use tokio::sync::mpsc;

use crate::engine::{self, Command, Event};
use crate::store::Store;

/// Commands that may wait for the engine; it takes them at once unless it is stuck.
const COMMANDS: usize = 64;
/// Batches that may wait for the window.
const BATCHES: usize = 4;

/// What runs an engine: its number and where it stores.
#[derive(Clone)]
pub struct Key {
    pub session: u64,
    pub store: Arc<dyn Store>,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.session.hash(state);
    }
}

/// Where the window puts its commands. Credentials travel in here, never in the subscription's key.
#[derive(Clone, Debug)]
pub struct Outlet(mpsc::Sender<Command>);

impl Outlet {
    /// An outlet with its other end.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Command>) {
        let (sender, receiver) = mpsc::channel(COMMANDS);
        (Self(sender), receiver)
    }

    /// Hands a command over without waiting; `false` when the engine is gone or stuck.
    #[must_use]
    pub fn send(&self, command: Command) -> bool {
        self.0.try_send(command).is_ok()
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
    Subscription::run_with(key, |key| run(key.clone()))
}

fn run(key: Key) -> impl Stream<Item = (u64, Update)> {
    iced::stream::channel(BATCHES, async move |mut out: sink::Sender<(u64, Update)>| {
        let (handle, mut events) = engine::spawn(key.store, engine::Options::default());
        let (outlet, mut commands) = Outlet::new();
        if out.send((key.session, Update::Ready(outlet))).await.is_err() {
            return;
        }
        loop {
            let update = tokio::select! {
                batch = events.next() => match batch {
                    Some(batch) => Update::Events(batch),
                    None => break,
                },
                command = commands.recv() => match command {
                    Some(command) => {
                        handle.send(command).await;
                        continue;
                    }
                    None => break,
                },
            };
            if out.send((key.session, update)).await.is_err() {
                return;
            }
        }
        let _ = out.send((key.session, Update::Ended)).await;
    })
}
