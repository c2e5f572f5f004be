//! The engine: one actor that keeps a session with a controller and moves incidents between broker and store.
//!
//! May use `model`, `iodef`, `xmpp`, `store` and the leaves. Commands go in through a bounded channel, batched events come out
//! (`house.md` §2.8). The window knows [`Command`], [`Event`] and [`Error`] and nothing of what is behind them.

mod ask;
pub mod backoff;
pub mod batch;
mod bridge;
pub mod command;
mod desk;
pub mod directory;
pub mod error;
pub mod event;
pub mod evidence;
mod fair;
mod ingest;
mod job;
mod jobs;
mod journal;
pub mod ledger;
mod link;
mod online;
mod options;
mod outgoing;
mod pulse;
pub mod radar;
mod record;
pub mod requests;
mod rounds;
mod scribe;
mod session;
mod trail;
mod unusual;
mod watch;

pub use crate::model::Tls;
pub use crate::xmpp::trace;
pub use bridge::{Events, Handle};
pub use command::{Command, Credentials, Keys, Login, Policy, Remembered, RequestId, Terms, Trust, Unseen};
pub use error::{Error, Fate};
pub use event::{Connection, Event, Members, Pending, Receipt, Revoked, SessionFacts, Step, Subscriber};
pub use online::Sweeps;
pub use options::Options;
pub use session::spawn;
