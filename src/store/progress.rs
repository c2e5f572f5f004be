//! How far a long work on a store has come, for whoever waits for it, and their word that it stop.
//!
//! Pure. Both sides hold one: the work tells on its thread, the window looks when it draws.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared by who works and who waits.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    done: AtomicU64,
    all: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    /// As much is done; gives whether to go on.
    #[must_use]
    pub fn at(&self, done: u64, all: u64) -> bool {
        self.0.done.store(done, Ordering::Relaxed);
        self.0.all.store(all, Ordering::Relaxed);
        !self.stopped()
    }

    /// The work is not wanted any more; it ends at its next step.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn stopped(&self) -> bool {
        self.0.stop.load(Ordering::Relaxed)
    }

    /// What part of the work is done, from 0 to 1; nothing before anybody knows how much there is.
    #[must_use]
    pub fn part(&self) -> Option<f32> {
        let (done, all) = (self.0.done.load(Ordering::Relaxed), self.0.all.load(Ordering::Relaxed));
        let promille = done.min(all).saturating_mul(1_000).checked_div(all)?;
        u16::try_from(promille).ok().map(|promille| f32::from(promille) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_known_when_all_is_and_never_more_than_all() {
        let progress = Progress::default();
        assert_eq!(progress.part(), None);
        assert!(progress.at(0, 0));
        assert_eq!(progress.part(), None);
        assert!(progress.at(1, 4));
        assert_eq!(progress.part(), Some(0.25));
        assert!(progress.at(9, 4));
        assert_eq!(progress.part(), Some(1.0));
        progress.clone().stop();
        assert!(!progress.at(2, 4));
    }
}
