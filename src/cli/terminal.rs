//! A secret typed at the terminal, unseen. Standard input and output stay what they are: a script may have both.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Command, Stdio};

use super::password;
use crate::secrets::Secret;

/// Shows nothing of what is typed until it is dropped.
struct Unseen(File);

impl Unseen {
    fn new(terminal: &File) -> Option<Self> {
        let own = terminal.try_clone().ok()?;
        stty(&own, "-echo").then_some(Self(own))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = stty(&self.0, "echo");
        let _ = self.0.write_all(b"\n");
    }
}

/// Safe Rust has no call for it; every system with terminals of this kind has the program.
fn stty(terminal: &File, word: &str) -> bool {
    let Ok(input) = terminal.try_clone() else { return false };
    let run = Command::new("stty").arg(word).stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

/// Asks for a secret; `None` where there is no terminal, or nothing was typed. What is typed is never shown: where that cannot
/// be seen to, nothing is asked.
pub fn ask(prompt: &str) -> Option<Secret> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    let unseen = Unseen::new(&terminal)?;
    terminal.write_all(format!("{prompt} ").as_bytes()).ok()?;
    let typed = password::typed(terminal).ok();
    drop(unseen);
    typed
}
