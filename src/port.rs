//! Incidents in and out of a store as files: what the window's export and import do, and the text verbs beside them.
//!
//! May use `model`, `text`, `iodef`, `xmpp`'s gate and the contract in `store`. Everything here blocks, tells how far it is and
//! can be stopped. Words come from the caller, because this layer has none.

pub mod activity;
pub mod export;
mod gate;
pub mod import;
mod place;

use std::io::Write as _;
use std::path::Path;

use export::{Fault, Made};

pub use gate::strict;

/// Writes a person's file: whole or not at all, its owner's alone. What is there already stays, unless `over` says that it may
/// go; a folder that is not there is a slip, and is not made.
///
/// # Errors
/// As [`Made::keep`].
pub fn write(path: &Path, bytes: &[u8], over: bool) -> Result<(), Fault> {
    let mut file = place::file(path)?;
    file.write_all(bytes)?;
    Made::File(file).keep(path, over)
}
