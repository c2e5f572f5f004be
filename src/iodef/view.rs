//! What screens, filters and exports read out of a tree: small typed views that borrow from their element and say what it
//! says, with the raw token beside every reading of it.
//!
//! A view is made from an element and keeps it, so that what a view does not name is one step away. Values outside the
//! lists of RFC 7970 are kept ([`Token`]), and what is missing is missing: defaults are said where the RFC gives them.

mod mark;
mod token;

pub use mark::{Marking, marking, own_restriction, restriction_of, strictest};
pub use token::{Confidence, Token};
