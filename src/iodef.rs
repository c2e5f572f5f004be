//! IODEF (RFC 7970): what the console reads out of an incident document, and how it changes one.
//!
//! May use `model` and `text` only. Documents are hostile: one pass, no recursion, hard limits, no DTD. A feed row needs
//! no more than [`summary`]; a document that is looked at, changed or converted is a [`Document`].

mod asks;
mod canon;
pub mod catalogue;
pub mod check;
pub mod diff;
pub mod doc;
pub mod edit;
pub mod export;
pub mod json;
pub mod observable;
pub mod observables;
pub mod schema;
pub mod summary;
mod tag;
pub mod v1;
pub mod view;
mod xml;

pub use asks::asks;
pub use doc::{Document, Element, NodeId};
pub use summary::{exceeding, index, indexed, summarise, summarise_in};
pub use xml::{Fault, Limit, Position, Refused, Syntax, transcoded};

/// Namespace of IODEF v2 (RFC 7970 §4.1).
pub const NS: &str = crate::model::PayloadType::IODEF2;
/// Namespace of IODEF v1 (RFC 5070 §4.1).
pub const NS_V1: &str = crate::model::PayloadType::IODEF1;
