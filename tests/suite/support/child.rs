//! A test that needs a process of its own runs this binary again with one test chosen. Such a child test does its work
//! only when its variable is set; in the ordinary run it has nothing to do and passes.

use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use super::wait;

/// The variable that tells a child test that it is one, and its argument.
const ARGUMENT: &str = "GRIDWATCH_TEST_CHILD";

/// The argument of this run when it is a child's.
pub fn argument() -> Option<String> {
    std::env::var(ARGUMENT).ok()
}

/// This binary, running only the test `name` (its full path) as a child.
pub fn command(name: &str, argument: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let _ = command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(ARGUMENT, argument);
    command
}

/// A child process that does not outlive its test.
pub struct Guard(pub Child);

impl Guard {
    pub fn exit(&mut self, patience: Duration) -> ExitStatus {
        wait::within(patience, "a child to exit", || self.0.try_wait().unwrap())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
