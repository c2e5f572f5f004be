//! What an owner's desk knows: facts about who asks, rules and grants, members, topics in plain words. For the window and the
//! text verbs alike.
//!
//! May use `model`, `text` and the `store` with its shelves; nothing here talks to a broker. What reads or writes a shelf blocks
//! on disk: not from the window's own thread.

pub mod clock;
pub mod facts;
pub mod grant;
pub mod hold;
pub mod members;
pub mod met;
pub mod past;
pub mod rules;
pub mod seats;
pub mod settings;
pub mod sheet;
pub mod spared;
pub mod template;
mod words;
pub mod would;

pub use words::words;

use crate::store::shelf::{Unread, place, stamp, time};

/// An empty store, a topic, and two who have to do with it.
#[cfg(test)]
fn cast() -> (crate::store::Memory, crate::model::TopicId, [crate::model::BareJid; 2]) {
    let topic = crate::model::TopicId { broker: "b.example".parse().unwrap(), node: "n".to_owned() };
    (crate::store::Memory::default(), topic, ["soc@b.example", "feed@c.example"].map(|who| who.parse().unwrap()))
}

/// A part that is no longer what it says.
fn damaged<E>(_: E) -> Unread {
    Unread::Damaged("no address".to_owned())
}
