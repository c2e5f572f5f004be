//! What several test modules need: children of this very binary, programs to install, certificates, waiting.

pub mod child;
pub mod controller;
pub mod pki;
pub mod tools;
pub mod wait;
