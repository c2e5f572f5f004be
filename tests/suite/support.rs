//! What several test modules need: children of this very binary, and waiting on a condition.

pub mod child;
pub mod pki;
pub mod wait;
