//! How much a broker sends, and whether that is a jump: a flood, or somebody who lets one loose (RFC 8600 §8.3.3).
//!
//! Pure: counts and times go in.

use std::time::{Duration, Instant};

/// One minute.
pub(in crate::engine) const MINUTE: Duration = Duration::from_secs(60);
/// A jump: at least so many events in a minute, and so many times what there was in a minute on average.
const LEAST: u32 = 300;
const TIMES: f64 = 8.0;
/// Minutes that an average needs before a jump can be told from a beginning; and about how many it remembers.
const MINUTES: u32 = 10;
const MEMORY: f64 = 60.0;

/// How much comes in a minute, on average and now.
#[derive(Debug)]
pub(in crate::engine) struct Traffic {
    minute: Duration,
    began: Instant,
    count: u32,
    average: f64,
    minutes: u32,
    /// A jump was told, and it is not over.
    high: bool,
}

impl Traffic {
    pub(super) fn new(now: Instant, minute: Duration) -> Self {
        Self { minute, began: now, count: 0, average: 0.0, minutes: 0, high: false }
    }

    /// As many events came. When that is a jump: how many in this minute, and in one on average.
    pub(in crate::engine) fn take(&mut self, events: u32, now: Instant) -> Option<(u32, u32)> {
        let mut passed = now.saturating_duration_since(self.began);
        while passed >= self.minute {
            passed -= self.minute;
            self.roll(now - passed);
        }
        self.count = self.count.saturating_add(events);
        let is_high = f64::from(self.count) > self.average.max(1.0) * TIMES && self.count >= LEAST;
        if !is_high || self.high || self.minutes < MINUTES {
            return None;
        }
        self.high = true;
        // Rounded, and no count of events is beyond it.
        let average = self.average.round().clamp(0.0, f64::from(u32::MAX)) as u32;
        Some((self.count, average))
    }

    /// A minute is over. What is far above the average raises it slowly, so that a flood does not become normal at once.
    fn roll(&mut self, began: Instant) {
        self.began = began;
        self.minutes = self.minutes.saturating_add(1);
        let count = f64::from(std::mem::take(&mut self.count));
        let share = 1.0 / f64::from(self.minutes).min(MEMORY);
        self.average += (count - self.average) * share;
        self.high = self.high && count > self.average.max(1.0) * 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_traffic_is_told_once_and_a_beginning_is_none() {
        let now = Instant::now();
        let mut traffic = Traffic::new(now, MINUTE);
        assert_eq!(traffic.take(5_000, now), None, "nothing is known yet");
        let mut traffic = Traffic::new(now, MINUTE);
        let minute = |number: u32| now + MINUTE * number;
        for number in 0..20 {
            assert_eq!(traffic.take(10, minute(number)), None);
        }
        assert_eq!(traffic.take(200, minute(20)), None);
        assert_eq!(traffic.take(200, minute(20)), Some((400, 10)));
        assert_eq!(traffic.take(9_000, minute(20)), None, "told");
        assert_eq!(traffic.take(9_000, minute(21)), None, "still the same");
        for number in 22..30 {
            assert_eq!(traffic.take(10, minute(number)), None);
        }
        assert!(traffic.take(60_000, minute(30)).is_some(), "another");
        // An idle night is one look.
        assert_eq!(traffic.take(1, now + MINUTE * 600), None);
    }
}
