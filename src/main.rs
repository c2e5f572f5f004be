//! The thin binary: arguments to the window.

use std::process::ExitCode;

use gridwatch::app::boot::{self, Options};
use gridwatch::app::start;

fn main() -> ExitCode {
    boot::hook_panics();
    match Options::parse(std::env::args_os().skip(1)) {
        // A thread may be stuck in a frozen keyring, and a runtime waits for its threads: leave without waiting.
        Ok(options) => std::process::exit(start::run(options)),
        Err(error) => {
            eprintln!("gridwatch: {error}");
            ExitCode::from(2)
        }
    }
}
