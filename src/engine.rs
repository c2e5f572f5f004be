//! The engine: one actor that keeps a session with a controller and moves incidents between broker and store.
//!
//! May use `model`, `iodef`, `xmpp`, `store` and the leaves. Commands go in through a bounded channel, batched events come out
//! (`house.md` §2.8). The window knows [`Command`], [`Event`] and [`Error`] and nothing of what is behind them.

pub mod backoff;
pub mod batch;
pub mod command;
pub mod directory;
pub mod error;
pub mod event;
pub mod requests;

pub use crate::model::Tls;
pub use command::{Command, Login, RequestId, Trust};
pub use error::Error;
pub use event::{Connection, Event, Pending, Receipt, SessionFacts, Step};
