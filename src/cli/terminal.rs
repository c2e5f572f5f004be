//! A secret typed at the terminal, unseen. Standard input and output stay what they are: a script may have both.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Command, Stdio};

use super::signal::Signals;
use super::{Stop, password};
use crate::secrets::Secret;

/// What came of asking.
pub enum Asked {
    /// There is no terminal, or none on which what is typed can be hidden: nothing was asked.
    NoTerminal,
    /// Nothing that can be read was typed.
    Nothing,
    Typed(Secret),
}

/// Safe Rust has no call for it; every system with terminals of this kind has the program.
fn stty(terminal: &File, word: &str) -> Option<String> {
    let run = Command::new("stty").arg(word).stdin(terminal.try_clone().ok()?).stderr(Stdio::null()).output().ok()?;
    run.status.success().then(|| String::from_utf8_lossy(&run.stdout).trim().to_owned())
}

/// Asks for a secret. What is typed is never shown: where that cannot be seen to, nothing is asked. The terminal is given back
/// as it was, by a signal too.
///
/// # Errors
/// When a signal came before.
pub fn ask(prompt: &str, signals: &Signals) -> Result<Asked, Stop> {
    let Ok(mut terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        return Ok(Asked::NoTerminal);
    };
    let (Some(before), Ok(mut own)) = (stty(&terminal, "-g"), terminal.try_clone()) else {
        return Ok(Asked::NoTerminal);
    };
    let _waiting = signals.waiting(Some(Box::new(move || {
        let _ = stty(&own, &before);
        let _ = own.write_all(b"\n");
    })))?;
    if stty(&terminal, "-echo").is_none() || terminal.write_all(format!("{prompt} ").as_bytes()).is_err() {
        return Ok(Asked::NoTerminal);
    }
    Ok(password::typed(terminal).map_or(Asked::Nothing, Asked::Typed))
}
