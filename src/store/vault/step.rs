//! Where a change of the archive may fail on its way: a test makes it fail there; a program passes them all.

use std::cell::Cell;
use std::io;

/// What was done last when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The new file is whole, and on the disk.
    Filled,
    /// The keys name it, for now.
    Keyed,
    /// The keys are on the disk.
    Kept,
    /// It has its name.
    Named,
    /// Its name is on the disk.
    Settled,
}

thread_local! {
    static FAILS: Cell<Option<Step>> = const { Cell::new(None) };
}

/// # Errors
/// Only where a test wants it.
pub fn pass(step: Step) -> io::Result<()> {
    if cfg!(test) && FAILS.get() == Some(step) { Err(io::Error::other("made to fail")) } else { Ok(()) }
}

/// From now on this thread fails there.
#[cfg(test)]
pub fn fail_at(step: Option<Step>) {
    FAILS.set(step);
}
