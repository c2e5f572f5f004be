//! The others, each a process of its own that says `online` and `done` (`benches/rivals`).

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::measure::{Figure, Watch, target};
use crate::source::Source;

/// Silence after which a receiver counts as stalled.
const PATIENCE: Duration = Duration::from_secs(60);
/// Stalls forgiven in a turn; tokio-xmpp 6.0.0 does stall at times.
const STALLS: usize = 3;

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
    run(source, count, |source| {
        let mut command = Command::new(program);
        let _ = command.arg(format!("127.0.0.1:{}", source.port)).args([&source.jid, &source.password]);
        let _ = command.arg(count.to_string()).env("SSL_CERT_FILE", &source.ca);
        command
    })
}

pub fn slixmpp(source: &mut Source, count: u64) -> Figure {
    run(source, count, |source| {
        // Debian's own Python, which knows Debian's python3-slixmpp.
        let mut command = Command::new("/usr/bin/python3");
        let _ = command.arg(rivals().join("slix.py")).args(["127.0.0.1", &source.port.to_string()]);
        let _ = command.args([&source.jid, &source.password, &count.to_string()]).arg(&source.ca);
        command
    })
}

/// A child that does not outlive its turn.
struct Turn(Child);

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(source: &mut Source, count: u64, command: impl Fn(&Source) -> Command) -> Figure {
    for _ in 0..STALLS {
        match turn(command(source), source, count) {
            Some(figure) => return figure,
            None => println!("  (it stalled and was ended; begun anew)"),
        }
        *source = Source::start();
    }
    panic!("it stalled {STALLS} times")
}

/// `None` when the receiver says nothing any more.
fn turn(mut command: Command, source: &mut Source, count: u64) -> Option<Figure> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut turn = Turn(child.unwrap_or_else(|error| panic!("{command:?}: {error}")));
    let lines = BufReader::new(turn.0.stdout.take().unwrap()).lines();
    let (tell, said) = mpsc::channel();
    let _reader = std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let wait = |word: &str| match said.recv_timeout(PATIENCE) {
        Ok(line) => {
            assert_eq!(line, word, "{command:?}");
            Some(())
        }
        Err(mpsc::RecvTimeoutError::Timeout) => None,
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{command:?} ended early"),
    };
    wait("online")?;
    // As with our own receivers: what comes at once after the presence is not the flood.
    std::thread::sleep(Duration::from_secs(1));
    let watch = Watch::start(&turn.0.id().to_string());
    source.flood(count);
    wait("done")?;
    Some(watch.stop(count))
}
