//! The others, each a process of its own that says `online` and `done` (`benches/rivals`).

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::measure::{Figure, Watch, target};
use crate::source::Source;

fn rivals() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals")
}

/// Builds the receiver made with tokio-xmpp, optimised as this bench is.
pub fn build() -> PathBuf {
    let folder = target().join("rivals");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = rivals().join("Cargo.toml");
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(&folder)
        .status()
        .unwrap();
    assert!(status.success(), "the receiver made with tokio-xmpp does not build");
    folder.join("release/rivals")
}

pub fn tokio_xmpp(program: &Path, source: &mut Source, count: u64) -> Figure {
    let mut command = Command::new(program);
    let _ = command.arg(format!("127.0.0.1:{}", source.port)).args([&source.jid, &source.password]);
    let _ = command.arg(count.to_string()).env("SSL_CERT_FILE", &source.ca);
    run(command, source, count)
}

pub fn slixmpp(source: &mut Source, count: u64) -> Figure {
    // Debian's own Python, which knows Debian's python3-slixmpp.
    let mut command = Command::new("/usr/bin/python3");
    let _ = command.arg(rivals().join("slix.py")).args(["127.0.0.1", &source.port.to_string()]);
    let _ = command.args([&source.jid, &source.password, &count.to_string()]).arg(&source.ca);
    run(command, source, count)
}

/// A child that does not outlive its turn.
struct Turn(Child);

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(mut command: Command, source: &mut Source, count: u64) -> Figure {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut turn = Turn(child.unwrap_or_else(|error| panic!("{command:?}: {error}")));
    let mut lines = BufReader::new(turn.0.stdout.take().unwrap()).lines();
    let mut wait = |word: &str| {
        let said = lines.next().map(|line| line.unwrap());
        assert_eq!(said.as_deref(), Some(word), "{command:?}");
    };
    wait("online");
    // As with our own receivers: what comes at once after the presence is not the flood.
    std::thread::sleep(Duration::from_secs(1));
    let watch = Watch::start(&turn.0.id().to_string());
    source.flood(count);
    wait("done");
    watch.stop(count)
}
