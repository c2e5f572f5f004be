//! A figure, and what it takes to get one.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Clock ticks a second in `/proc` (`USER_HZ`, 100 on every Linux we run on).
const TICKS: f64 = 100.0;

/// What receiving `events` took.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    pub events: u64,
    pub wall: Duration,
    /// Processor time of the receiving process, all threads, user and system.
    pub cpu: Duration,
}

impl Figure {
    /// Events a second.
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64()
    }

    /// Processor time an event, in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.events as f64
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::json!({
            "receiver": name,
            "events": self.events,
            "events_per_second": self.rate(),
            "cpu_microseconds_per_event": self.cpu_micros(),
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.0} events/s  {:>7.1} us CPU an event", self.rate(), self.cpu_micros())
    }
}

/// The round with the middle rate.
pub fn median(all: &[Figure]) -> Figure {
    let mut all = all.to_vec();
    all.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    all[all.len() / 2]
}

/// Wall clock and processor time of a process from now on.
pub struct Watch {
    process: String,
    begun: Instant,
    used: Duration,
}

impl Watch {
    /// `process` is a number or `self`.
    pub fn start(process: &str) -> Self {
        Self { process: process.to_owned(), begun: Instant::now(), used: used(process) }
    }

    pub fn stop(&self, events: u64) -> Figure {
        Figure { events, wall: self.begun.elapsed(), cpu: used(&self.process).saturating_sub(self.used) }
    }
}

fn used(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("this bench needs Linux's /proc");
    // The name in parentheses may hold blanks; utime and stime are the 12th and 13th fields after it.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    Duration::from_secs_f64(ticks / TICKS)
}

/// The directory cargo builds into.
pub fn target() -> PathBuf {
    // target/release/deps/engine-…
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}
