//! The window: composes the screens, owns what they share, and talks to the engine.

pub mod cx;
