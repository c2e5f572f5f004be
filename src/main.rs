//! The thin binary: arguments to a text verb or to the window.

use std::ffi::OsString;

use gridwatch::app::boot::{self, Options};
use gridwatch::app::start;
use gridwatch::{cli, leave};
use mimalloc::MiMalloc;

/// An incident is read on one thread and let go on another, which the system's heap pays for: a tenth of the way from the
/// wire to the disk (`benches/engine`). Without huge pages: with them it holds a fifth more memory (`benches/window`).
#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

fn main() {
    boot::hook_panics();
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    // Without waiting: a thread may be stuck in a frozen keyring, and a runtime waits for its threads.
    leave::now(if cli::takes(&args) {
        cli::run(args).into()
    } else {
        Options::parse(args).map_or_else(|error| cli::refuse(&error.to_string()).into(), start::run)
    })
}
