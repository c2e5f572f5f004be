//! What an owner's desk knows: facts about who asks, rules and grants, members, topics in plain words. For the window and the
//! text verbs alike.
//!
//! May use `model`, `text` and the shelves of a `store`; nothing here talks to a broker.

pub mod template;
mod words;

pub use words::words;
