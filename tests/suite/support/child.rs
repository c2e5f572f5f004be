//! A test that needs a process of its own runs this binary again with one test chosen. Such a child test does its work
//! only when its variable is set; in the ordinary run it has nothing to do and passes.

use std::ffi::OsString;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use super::wait;

/// The variable that tells a child test that it is one, and its argument.
pub const ARGUMENT: &str = "GRIDWATCH_TEST_CHILD";

/// The argument of this run when it is a child's.
pub fn argument() -> Option<String> {
    std::env::var(ARGUMENT).ok()
}

/// What runs only the test `name` (its full path) of this binary: program and arguments.
pub fn line(name: &str) -> Vec<OsString> {
    let mut line = vec![std::env::current_exe().unwrap().into_os_string()];
    line.extend(["--exact", name, "--nocapture", "--test-threads=1"].map(OsString::from));
    line
}

/// This binary, running only the test `name` as a child.
pub fn command(name: &str, argument: &str) -> Command {
    let line = line(name);
    let mut command = Command::new(&line[0]);
    let _ = command.args(&line[1..]).env(ARGUMENT, argument);
    command
}

/// A child that does not outlive its test, nor do its own children where it was spawned by [`Guard::group`].
pub struct Guard {
    pub child: Child,
    group: bool,
}

impl Guard {
    pub fn new(child: Child) -> Self {
        Self { child, group: false }
    }

    /// Spawns `command` at the head of a process group that ends with it.
    #[cfg(unix)]
    pub fn group(command: &mut Command) -> Self {
        use std::os::unix::process::CommandExt;
        let child = command.process_group(0).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, group: true }
    }

    pub fn exit(&mut self, patience: Duration) -> ExitStatus {
        let status = wait::within(patience, "a child to exit", || self.child.try_wait().unwrap());
        // Its number may be another's from here on.
        self.group = false;
        status
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.group {
            // std has no call for a group; the child was not waited for, so the number is still its own.
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).output();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
