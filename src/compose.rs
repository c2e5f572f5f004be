//! The composer without its window: what a draft is and what can be done with it, for screen and text verb alike.
//!
//! May use `model`, `text`, `iodef` and `store`; no iced, no engine. A draft is a document that is changed by edits alone
//! ([`crate::iodef::edit`]), so that nothing it held when it was opened is lost and every step can be undone.

pub mod audience;
pub mod cards;
pub mod draft;
pub mod form;
pub mod guard;
pub mod hints;
pub mod look;
pub mod meant;
pub mod number;
pub mod outbox;
pub mod paste;
pub mod preflight;
pub mod redact;
pub mod revise;
pub mod send;
pub mod shelf;
pub mod short;
pub mod stock;
pub mod taken;
pub mod template;
pub mod versions;

pub use draft::Draft;
