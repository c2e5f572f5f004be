//! When to try again: doubling waits with jitter, so that a grid's platforms do not return in step after an outage.
//!
//! Pure; uses nothing of this crate. Randomness is handed in.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// A session that lived this long was a good one: the next failure starts from the first wait again.
const GOOD: Duration = Duration::from_secs(60);

/// Counts failed attempts in a row.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failed: u32,
}

impl Backoff {
    /// The attempt about to be made, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.failed.saturating_add(1)
    }

    /// The wait before the next attempt: 1, 2, 4 … 60 s, of which the upper half is random. `random` is any u64.
    pub fn failed(&mut self, random: u64) -> Duration {
        let full = FIRST.saturating_mul(1_u32.checked_shl(self.failed.min(6)).unwrap_or(u32::MAX)).min(LONGEST);
        self.failed = self.failed.saturating_add(1);
        let half = full / 2;
        let jitter_ms = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        half + Duration::from_millis(random % jitter_ms.saturating_add(1))
    }

    /// A session ended after `lived`: a short one counts as one more failure, a good one wipes the slate.
    pub fn ended(&mut self, lived: Duration) {
        if lived >= GOOD {
            self.failed = 0;
        }
    }

    /// The person asked to try now.
    pub fn reset(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_stay_within_their_jitter() {
        for random in [0, 1, 499, u64::MAX, 0x9e37_79b9_7f4a_7c15] {
            let mut backoff = Backoff::default();
            for full in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000] {
                let wait = backoff.failed(random).as_millis();
                assert!((full / 2..=full).contains(&wait), "{wait} of {full}");
            }
        }
    }

    #[test]
    fn only_a_good_session_wipes_the_slate() {
        let mut backoff = Backoff::default();
        let _ = backoff.failed(0);
        let _ = backoff.failed(0);
        backoff.ended(Duration::from_secs(3));
        assert_eq!(backoff.attempt(), 3);
        backoff.ended(Duration::from_secs(60));
        assert_eq!(backoff.attempt(), 1);
        for _ in 0..100 {
            let _ = backoff.failed(0);
        }
        assert!(backoff.failed(u64::MAX) <= LONGEST);
    }
}
