//! Gridwatch: a desktop console for security teams on an XMPP-Grid (RFC 8600).
//!
//! Layers, lowest first; a layer may use those before it, never those after (`tests/suite/architecture.rs`):
//! `model` <- `iodef`, `xmpp`, `store` <- `engine` <- `app`, and `theme` <- `widget` <- `screen` <- `app`.
//! `port` takes incidents in and out of a store as files, for window and text verbs: over `iodef`, `store` and `xmpp`.
//! `compose` is what the composer knows of a draft, for window and text verb: over `iodef` and `store`.
//! `owner` is what an owner's desk knows of requests, members and topics, for window and text verbs: over `store`.
//! `told` has the words of what the log of acts says in tokens, for window and text verbs: over `store`, `owner`, `engine` and `i18n`.
//! `i18n`, `text`, `settings`, `secrets`, `log`, `leave` and `plain` are leaves. `practice` uses `xmpp`, `iodef`, `model`; `cli` everything
//! but the window.

pub mod compose;
pub mod engine;
pub mod i18n;
pub mod iodef;
pub mod leave;
pub mod log;
pub mod model;
pub mod owner;
pub mod plain;
pub mod port;
pub mod practice;
pub mod secrets;
pub mod settings;
pub mod store;
pub mod text;
pub mod told;
pub mod xmpp;

// A piece of the integration tests that the tests beside the code use too; it names the crate as those do.
#[cfg(test)]
extern crate self as gridwatch;
#[cfg(test)]
#[path = "../tests/suite/support/handed.rs"]
mod handed;

pub mod app;
pub mod cli;
pub mod screen;
pub mod theme;
pub mod widget;
