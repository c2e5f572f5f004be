//! How long the console takes to be there: from the start of its process to the first frame and to the first incident
//! on the practice grid, drawn in software under Xvfb. Anchor of the same run: the process starting just to say its
//! version. `cargo bench --no-default-features --bench start`

// A measurement stops at what it did not expect.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

// The tests' own helpers, of which this uses a part.
#[allow(dead_code)]
#[path = "../tests/suite/support/child.rs"]
mod child;
// As above.
#[allow(dead_code)]
#[path = "../tests/suite/support/screen.rs"]
mod screen;
#[path = "../tests/suite/support/tools.rs"]
mod tools;
#[path = "../tests/suite/support/wait.rs"]
mod wait;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 10;
const PROGRAM: &str = env!("CARGO_BIN_EXE_gridwatch");

fn main() {
    let screen = screen::Screen::start(1280, 800);
    let (mut version, mut frame, mut incident) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        version.push(say_version());
        let (first_frame, first_incident) = start(&screen);
        frame.push(first_frame);
        incident.push(first_incident);
    }
    println!("{RUNS} starts, 1280x800, software renderer; milliseconds: least, median, most");
    for (name, mut times) in [("--version (anchor)", version), ("first frame", frame), ("first incident", incident)] {
        times.sort();
        let ms = |at: usize| times[at].as_secs_f64() * 1000.0;
        println!("{name:<20} {:8.1} {:8.1} {:8.1}", ms(0), ms(RUNS / 2), ms(RUNS - 1));
    }
}

fn say_version() -> Duration {
    let start = Instant::now();
    let said = Command::new(PROGRAM).arg("--version").output().unwrap();
    assert!(said.status.success());
    start.elapsed()
}

/// Time from before the process is made until it says that the first frame and the first incident are there.
fn start(screen: &screen::Screen) -> (Duration, Duration) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    let _ = command
        .args(["--practice", "--seed", "1", "--renderer", "software", "--timings"])
        .env("DISPLAY", screen.display())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("GRIDWATCH_HOME", home.path())
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let mut process = child::Guard::group(&mut command);
    let mut frame = None;
    for line in BufReader::new(process.child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.starts_with("first-frame") {
            frame = Some(start.elapsed());
        }
        if line.starts_with("first-incident") {
            return (frame.unwrap_or_else(|| panic!("an incident before a frame")), start.elapsed());
        }
    }
    panic!("the console ended before an incident came");
}
