//! What makes a million incidents answer at once: compact columns in memory, keys of observables on disk.
//!
//! May use `model` and `text`.

pub mod key;
