//! Waiting for a condition: polls until it holds; the deadline is a guard against hanging, never the point of a test.

use std::time::{Duration, Instant};

/// Generous for a machine that does other things too.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Polls `probe` until it gives something; panics naming `what` after [`PATIENCE`].
pub fn until<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, probe)
}

pub fn within<T>(patience: Duration, what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(start.elapsed() < patience, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
