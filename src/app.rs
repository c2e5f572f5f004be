//! The window: composes the screens, owns what they share, and talks to the engine.

pub mod boot;
pub mod command;
pub mod cx;
pub mod live;
pub mod shared;
