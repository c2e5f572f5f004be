//! The thin binary: arguments to a verb or to the window.

use std::process::ExitCode;

use gridwatch::app::boot::{self, Options};
use gridwatch::app::start;

fn main() -> ExitCode {
    boot::hook_panics();
    let code = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => start::run(options),
        Err(error) => {
            eprintln!("gridwatch: {error}");
            ExitCode::from(2)
        }
    };
    // A thread may be stuck in a frozen keyring, and a runtime waits for its threads: leave without waiting.
    std::process::exit(i32::from(code != ExitCode::SUCCESS) * 2)
}
