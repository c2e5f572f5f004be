//! Incidents in and out of a store as files: what the window's export and import do, and the text verbs beside them.
//!
//! May use `model`, `text`, `iodef`, `xmpp`'s gate and the contract in `store`. Everything here blocks, tells how far it is and
//! can be stopped. Words come from the caller, because this layer has none.

pub mod export;
mod gate;
pub mod import;

pub use gate::strict;
