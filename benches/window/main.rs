//! The real window over an archive, drawn in software under Xvfb, connected to a grid on loopback: how soon the newest page
//! is on the screen, how soon the index is complete, how long from a key on the X server to the pixels on its screen while a
//! thousand incidents a second come in, what memory it holds and what it does while nobody does anything.
//!
//! `cargo bench --no-default-features --bench window`: 100,000 incidents; after `--`: `--scale 1000000` for as many,
//! `--idle 60` for how many seconds it is left alone, `--size 1280x800` for one size only. Needs Xvfb, dbus and gnome-keyring
//! (`tests/setup` installs them): the archive's key and the account's password are in a keyring of its own, as a person's are.
//! Figures go to `target/bench/window.json`.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

// The tests' own helpers, of which this uses a part.
#[allow(dead_code)]
#[path = "../../tests/suite/support/child.rs"]
mod child;
mod desk;
// The archive's bench uses the rest.
#[allow(dead_code)]
#[path = "../archive/mix.rs"]
mod mix;
mod process;
#[path = "../shared/random.rs"]
mod random;
#[path = "../shared/report.rs"]
mod report;
// As above.
#[allow(dead_code)]
#[path = "../../tests/suite/support/screen.rs"]
mod screen;
#[path = "../../tests/suite/support/tools.rs"]
mod tools;
#[path = "../../tests/suite/support/wait.rs"]
mod wait;
mod window;

use std::time::{Duration, Instant};

use desk::Desk;
use report::Report;
use window::Window;

/// Starts that are timed.
const STARTS: usize = 5;
/// Keys that are timed, and those before them that shape glyphs for the first time.
const KEYS: usize = 200;
const WARM: usize = 20;
/// Incidents a second that come in meanwhile.
const RATE: u64 = 1_000;
/// What a person waits for the newest page, milliseconds (`product.md` B8).
const PAGE: f64 = 500.0;
const INDEX: f64 = 3_000.0;
const FRAME: f64 = 16.0;
/// What it may hold, in megabytes, and do while nothing happens, in hundredths of a processor.
const MEMORY: f64 = 250.0;
const IDLE: f64 = 0.5;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if !args.iter().any(|arg| arg == desk::INSIDE) {
        return desk::with_keyring(&args[1..]);
    }
    let option = |name: &str| args.iter().skip_while(|arg| *arg != name).nth(1);
    let rows = option("--scale").map_or(100_000, |rows| rows.parse().expect("--scale takes a number of incidents"));
    let idle = option("--idle").map_or(60, |idle| idle.parse().expect("--idle takes seconds"));
    let sizes = [(1280, 800), (1920, 1080)];
    let chosen =
        |(width, height): &(u16, u16)| option("--size").is_none_or(|size| *size == format!("{width}x{height}"));
    let desk = Desk::make(rows);
    let mut report = Report::new("window");
    for (at, (width, height)) in sizes.into_iter().filter(chosen).enumerate() {
        if at == 0 {
            starts(&desk, (width, height), &mut report);
        }
        let mut window = Window::start(&desk, width, height);
        let _ = window.said("index-complete");
        if at == 0 {
            memory(&window, rows, &mut report);
            rest(&window, idle, &mut report);
        }
        keys(&desk, &mut window, &format!("{width}x{height}"), &mut report);
        if at == 0 {
            held(&window, "after a minute of incidents", &mut report);
        }
    }
    report.write(rows);
}

/// From the process's start, which connects by itself, to its first frame, to the newest page and to the whole index.
fn starts(desk: &Desk, (width, height): (u16, u16), report: &mut Report) {
    let (mut frame, mut page, mut index) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let mut window = Window::start(desk, width, height);
        frame.push(window.first_frame);
        page.push(window.said("newest-page").duration_since(window.begun));
        index.push(window.said("index-complete").duration_since(window.begun));
    }
    for (name, times, aim) in [
        ("start of the process to the first frame, median", frame, PAGE),
        ("start of the process to the newest page on screen, median", page, PAGE),
        ("start of the process to the complete index, median", index, INDEX),
    ] {
        report.line(name, middle(times), "ms", aim, "budget");
    }
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    millis(times[times.len() / 2])
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn memory(window: &Window, rows: usize, report: &mut Report) {
    // What the start needed for a moment was given back by then.
    std::thread::sleep(Duration::from_secs(5));
    held(window, &format!("{rows} incidents, index complete"), report);
    let peak = window.process().kilobytes("VmHWM");
    report.line("the most that was resident at any moment", peak / 1024.0, "MB", MEMORY, "budget");
}

fn held(window: &Window, when: &str, report: &mut Report) {
    let process = window.process();
    report.line(&format!("resident memory, {when}"), process.kilobytes("VmRSS") / 1024.0, "MB", MEMORY, "budget");
    let own = process.kilobytes("RssAnon") / 1024.0;
    report.line("of it its own (not of files on the disk)", own, "MB", MEMORY, "budget");
}

/// What the window does while nobody does anything and nothing comes.
fn rest(window: &Window, seconds: u64, report: &mut Report) {
    let process = window.process();
    let (begun, before) = (Instant::now(), process.threads());
    std::thread::sleep(Duration::from_secs(seconds));
    let (took, after) = (begun.elapsed().as_secs_f64(), process.threads());
    let spent = after.since(&before);
    report.line(&format!("processor at rest for {seconds} s"), spent.busy / took * 100.0, "%", IDLE, "budget");
    println!("woken by thread, times a second: {}", spent.words(took));
}

/// From a key on the X server to the pixels on its screen, at rest and while incidents come in.
fn keys(desk: &Desk, window: &mut Window, size: &str, report: &mut Report) {
    let mark = window.find_mark();
    let mut quiet = window.times(&mark, WARM + KEYS).split_off(WARM);
    let stopped = desk.flood(RATE);
    let mut busy = window.times(&mark, WARM + KEYS).split_off(WARM);
    let came = stopped();
    println!("{came:.0} incidents a second came in meanwhile");
    quiet.sort();
    busy.sort();
    let p99 = |times: &[Duration]| millis(times[times.len() * 99 / 100]);
    let median = millis(quiet[quiet.len() / 2]);
    report.line(&format!("{size}: key to pixels, nothing comes, median"), median, "ms", FRAME, "budget");
    report.line(&format!("{size}: the same, p99"), p99(&quiet), "ms", FRAME, "budget");
    let name = format!("{size}: key to pixels, {RATE} incidents a second, median");
    report.line(&name, millis(busy[busy.len() / 2]), "ms", FRAME, "budget");
    report.line(&format!("{size}: the same, p99"), p99(&busy), "ms", FRAME, "budget");
}
