//! What makes a million incidents answer at once: compact columns in memory, keys of observables and words on disk.
//!
//! May use `model`, `text` and the filter language's plans. Who keeps what, of the 250 MB this program may take at a million
//! incidents:
//!
//! - [`columns`]: 28 bytes a row in memory (30 MB at a million), written by one thread, read through snapshots by any; beside
//!   them up to 23 bytes for each source, which are few or, where anybody publishes anybody's, nearly as many
//!   as rows.
//! - [`incident`]: 12 bytes for each document that names its incident (13 MB at a million).
//! - Observables, words, tags, rare texts: the archive's tables, behind [`Lookup`]; ten observables an incident would be
//!   hundreds of megabytes here. [`key`] says how observables are keyed there.
//! - What all rows are called, while a list stands in that order: four bytes a row and some thousand texts ([`ranks`]).
//! - An answer is a [`Bitmap`] (125 kB at a million), a sorted one four bytes a row more while it is on screen.
//!
//! An incident's own text is in none of them: whoever shows a row reads it from the store.

mod bitmap;
pub mod columns;
mod evaluate;
mod head;
pub mod heard;
pub mod incident;
pub mod key;
pub mod lookup;
pub mod marks;
pub mod names;
pub mod order;
pub mod packed;
pub mod pattern;
pub mod plan;
mod postings;
pub mod ranks;
pub mod said;
pub mod source;
#[cfg(test)]
mod tests;
mod through;
mod triples;

pub use bitmap::Bitmap;
pub use columns::{Entry, Index, Snapshot, whole};
pub use evaluate::evaluate;
pub use head::{Head, head};
pub use lookup::{Failure, Lookup, Question, Stop, Word};
pub use marks::{Facts, Flags};
pub use order::{Order, Sort, Words, sorted, sorted_then};
pub use plan::Plan;
pub use postings::{Postings, Wanted, is_within};
pub use ranks::Ranks;
pub use through::through;
