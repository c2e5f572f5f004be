//! Where the events come from: the practice grid in a process of its own, told what to do over its standard input.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use gridwatch::practice::{Grid, Options, Pace, Role};

/// The flooded topic; the analyst reads it.
pub const NODE: &str = "MILEHost";

/// The serving process.
pub fn serve() {
    let options = Options { seed: 1, port: Some(0), pace: Pace::Manual, ..Options::default() };
    let grid = Grid::start(options).unwrap();
    let account = grid.account(Role::Analyst);
    let ca = std::env::temp_dir().join(format!("gridwatch-bench-{}.pem", std::process::id()));
    std::fs::write(&ca, grid.ca_pem()).unwrap();
    let (jid, password) = (&account.jid, account.password.expose());
    println!("{} {jid} {password} {}", grid.port().unwrap(), ca.display());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (count, size) = line.split_once(' ').unwrap();
        let sent = runtime.block_on(grid.flood(NODE, count.parse().unwrap(), size.parse().unwrap()));
        println!("{sent}");
    }
    std::fs::remove_file(&ca).unwrap();
}

/// The serving process as the others see it.
pub struct Source {
    child: Child,
    say: Option<ChildStdin>,
    _hear: BufReader<ChildStdout>,
    pub port: u16,
    pub jid: String,
    pub password: String,
    pub ca: PathBuf,
}

impl Source {
    pub fn start() -> Self {
        let this = std::env::current_exe().unwrap();
        let mut child = Command::new(this).arg("--serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut hear = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let _ = hear.read_line(&mut line).unwrap();
        let mut words = line.split_whitespace();
        let mut next = || words.next().expect("the source did not start").to_owned();
        let (port, jid, password, ca) = (next().parse().unwrap(), next(), next(), next().into());
        Self { say: child.stdin.take(), _hear: hear, child, port, jid, password, ca }
    }

    /// Begins to send; the receiver must be there.
    pub fn flood(&mut self, count: u64) {
        writeln!(self.say.as_mut().unwrap(), "{count} {}", crate::SIZE).unwrap();
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        drop(self.say.take());
        let _ = self.child.wait();
    }
}
