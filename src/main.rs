//! The thin binary: arguments to a text verb or to the window.

use std::ffi::OsString;
use std::process::ExitCode;

use gridwatch::app::boot::{self, Options};
use gridwatch::app::start;
use gridwatch::cli;

fn main() -> ExitCode {
    boot::hook_panics();
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if cli::takes(&args) {
        return cli::run(args);
    }
    match Options::parse(args) {
        // A thread may be stuck in a frozen keyring, and a runtime waits for its threads: leave without waiting.
        Ok(options) => std::process::exit(start::run(options)),
        Err(error) => cli::refuse(&error.to_string()),
    }
}
