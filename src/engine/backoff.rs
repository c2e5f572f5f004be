//! When to try again: random waits whose bound doubles, so that a grid's platforms do not return in step after an outage.
//!
//! Pure; uses nothing of this crate. Randomness is handed in.
//!
//! A thousand consoles lose their controller in the same moment. What keeps them from returning in the same second is
//! the *first* wait, so it is spread over eight seconds already; those that fail spread over 16, 32 and at last 60. See
//! the simulation below and `benches/storm`.

use std::time::Duration;

/// Never sooner than this.
const SHORTEST: Duration = Duration::from_secs(1);
/// The first wait's bound; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(8);
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

    /// The wait before the next attempt: anything from 1 s to 8, 16, 32, 60 s, all equally likely. `random` is any u64.
    pub fn failed(&mut self, random: u64) -> Duration {
        let full = FIRST.saturating_mul(1_u32.checked_shl(self.failed.min(6)).unwrap_or(u32::MAX)).min(LONGEST);
        self.failed = self.failed.saturating_add(1);
        SHORTEST + within(full - SHORTEST, random)
    }

    /// The network came back or another one was entered: the wait that is left need not be sat out. A second of it stays
    /// random, since it may be a whole office that comes back.
    #[must_use]
    pub fn hastened(random: u64) -> Duration {
        within(SHORTEST, random)
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

fn within(bound: Duration, random: u64) -> Duration {
    let most = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % most.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_stay_within_their_jitter() {
        for random in [0, 1, 499, u64::MAX, 0x9e37_79b9_7f4a_7c15] {
            let mut backoff = Backoff::default();
            for full in [8_000, 16_000, 32_000, 60_000, 60_000, 60_000] {
                let wait = backoff.failed(random).as_millis();
                assert!((1_000..=full).contains(&wait), "{wait} of {full}");
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

    /// When each attempt of `consoles` comes, in ms, that all lost their controller at 0; it is back after `down`.
    fn storm(consoles: u64, down: u64) -> Vec<u64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut due = BinaryHeap::new();
        let mut next =
            |backoff: &mut Backoff, now: u64| now + u64::try_from(backoff.failed(random()).as_millis()).unwrap();
        let mut all: Vec<Backoff> = (0..consoles).map(|_| Backoff::default()).collect();
        for (console, backoff) in all.iter_mut().enumerate() {
            due.push(Reverse((next(backoff, 0), console)));
        }
        let mut attempts = Vec::new();
        while let Some(Reverse((now, console))) = due.pop() {
            attempts.push(now);
            if now < down {
                due.push(Reverse((next(&mut all[console], now), console)));
            }
        }
        attempts
    }

    #[test]
    fn a_thousand_consoles_that_lose_their_controller_at_once_do_not_storm_it() {
        for down in [0, 3_000, 30_000, 300_000] {
            let attempts = storm(1_000, down);
            // The busiest second, wherever it begins.
            let busiest = (0..attempts.len()).map(|at| {
                let from = attempts[at];
                attempts[at..].iter().take_while(|time| **time < from + 1_000).count()
            });
            let busiest = busiest.max().unwrap();
            // 1000 over the seven seconds of the first wait are 143 a second; chance and the second wave add to that.
            assert!(busiest <= 250, "{busiest} in a second, down for {down} ms");
            // Once the slow waits are reached, 1000 over half a minute on average.
            let late = attempts.iter().filter(|time| (150_000..160_000).contains(*time)).count();
            assert!(late <= 500, "{late} in ten seconds");
            assert!(*attempts.last().unwrap() <= down + 60_000, "all are back a minute after the controller");
        }
    }
}
