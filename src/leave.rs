//! The end of the process, whichever way it comes. Uses nothing of the crate.

/// Ends the process at once with this code, as far as a system tells it (0–255), with nothing done after: what is
/// printed is to be flushed before.
///
/// Handlers of the end of a process are left out, for threads may still work: SQLCipher's frees the keys under a commit or a
/// closing archive, which broke the program there. An archive that is left in the middle of a commit opens as after any
/// loss of power.
pub fn now(code: i32) -> ! {
    signal_hook::low_level::exit(code)
}
