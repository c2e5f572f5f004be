//! Time, and the processor's share of it: neighbours on the machine stretch the first.

use std::time::{Duration, Instant};

#[derive(Clone, Copy, Default)]
pub struct Took {
    pub wall: Duration,
    pub cpu: Duration,
}

impl Took {
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, Self) {
        let (begun, before) = (Instant::now(), cpu());
        let done = work();
        (done, Self { wall: begun.elapsed(), cpu: cpu().saturating_sub(before) })
    }

    pub fn add(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }

    pub fn a_second(self, rows: usize) -> f64 {
        rows as f64 / self.wall.as_secs_f64()
    }

    pub fn a_cpu_second(self, rows: usize) -> f64 {
        rows as f64 / self.cpu.as_secs_f64()
    }
}

/// What this thread has had of a processor.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How long `many` looks took, in order.
pub fn sample<T>(many: usize, mut look: impl FnMut() -> T) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..many)
        .map(|_| {
            let begun = Instant::now();
            drop(std::hint::black_box(look()));
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

/// The slowest but one in a hundred.
pub fn p99(times: &[Duration]) -> Duration {
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

/// Megabytes of memory that are this process's now.
pub fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
