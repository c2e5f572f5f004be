//! IODEF (RFC 7970): what the console reads out of an incident document, and the reports it writes.
//!
//! May use `model` only. Documents are hostile: one pass, no tree, no recursion, hard limits, no DTD.

pub mod observable;
pub mod report;
pub mod summary;

pub use report::Report;
pub use summary::{summarise, summarise_in};

/// Namespace of IODEF v2 (RFC 7970 §4.1).
pub const NS: &str = crate::model::PayloadType::IODEF2;
/// Namespace of IODEF v1 (RFC 5070 §4.1).
pub const NS_V1: &str = crate::model::PayloadType::IODEF1;
