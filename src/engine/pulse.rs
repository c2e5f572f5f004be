//! Whether the controller is still there: when a quiet link is asked for a sign of life, and when it is given up.
//!
//! Pure; uses nothing of this crate, instants are handed in. The rule that everything here keeps: silence and answer
//! together are at most a minute, so a half-open link is found within a minute of its last word ([`Rhythm`] only ever
//! shortens the silence it was given).

use std::time::Duration;

use tokio::time::Instant;

/// How long an answer may take once there is a reason to doubt the link.
const HURRY: Duration = Duration::from_secs(5);
/// The shortest silence, as a part of the longest.
const SHORTEST: u32 = 4;
/// Answers in a row after which a shortened silence grows again, by a quarter.
const STEADY: u32 = 8;

/// How long a link may be silent before it is asked; outlives sessions. A NAT or firewall that forgets idle links does so
/// after a time nobody tells: a link lost in silence halves the next silence, and answers in a row let it grow back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    longest: Duration,
    silence: Duration,
    answered: u32,
}

impl Rhythm {
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, silence: longest, answered: 0 }
    }

    fn answered(&mut self) {
        self.answered += 1;
        if self.answered >= STEADY {
            self.answered = 0;
            self.silence = (self.silence + self.silence / 4).min(self.longest);
        }
    }

    fn lost(&mut self) {
        self.answered = 0;
        self.silence = (self.silence / 2).max(self.longest / SHORTEST);
    }
}

/// What to do when [`Pulse::due`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Ask for a sign of life.
    Ask,
    /// The link is dead.
    Gone,
}

/// What the last words from the other side mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Alive {
        heard: Instant,
    },
    /// It was asked for a sign of life, which has to come until then.
    Asked {
        until: Instant,
        /// Out of silence; else because something happened to this machine.
        silent: bool,
    },
}

/// The pulse of one link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    rhythm: Rhythm,
    answer: Duration,
    sign: Sign,
}

impl Pulse {
    pub(super) fn new(rhythm: Rhythm, answer: Duration, now: Instant) -> Self {
        Self { rhythm, answer, sign: Sign::Alive { heard: now } }
    }

    /// What was learned about this network, for the next link.
    pub(super) fn rhythm(&self) -> Rhythm {
        self.rhythm
    }

    /// Anything was heard.
    pub(super) fn heard(&mut self, now: Instant) {
        if let Sign::Asked { silent: true, .. } = self.sign {
            self.rhythm.answered();
        }
        self.sign = Sign::Alive { heard: now };
    }

    /// When to call [`Pulse::beat`].
    pub(super) fn due(&self) -> Instant {
        match self.sign {
            Sign::Alive { heard } => heard + self.rhythm.silence,
            Sign::Asked { until, .. } => until,
        }
    }

    pub(super) fn beat(&mut self, now: Instant) -> Beat {
        match self.sign {
            Sign::Alive { .. } => {
                self.sign = Sign::Asked { until: now + self.answer, silent: true };
                Beat::Ask
            }
            Sign::Asked { silent, .. } => {
                if silent {
                    self.rhythm.lost();
                }
                Beat::Gone
            }
        }
    }

    /// The machine slept or its address changed: the link is to be asked now, and has little time to answer.
    pub(super) fn doubt(&mut self, now: Instant) {
        let hurry = now + HURRY.min(self.answer);
        let until = match self.sign {
            Sign::Alive { .. } => hurry,
            Sign::Asked { until, .. } => until.min(hurry),
        };
        self.sign = Sign::Asked { until, silent: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(45);
    const ANSWER: Duration = Duration::from_secs(15);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// Runs until the link is given up after it fell silent; how long that took.
    fn found_after(pulse: &mut Pulse, broke: Instant) -> Duration {
        loop {
            let now = pulse.due();
            if pulse.beat(now) == Beat::Gone {
                return now - broke;
            }
        }
    }

    #[test]
    fn a_half_open_link_is_found_within_a_minute_whatever_was_before() {
        let mut rhythm = Rhythm::new(LONGEST);
        let start = Instant::now();
        let mut worst = Duration::ZERO;
        // A walk through all the rhythms: answers and losses in every mixture that 10 bits give.
        for walk in 0..1024_u32 {
            let mut now = start;
            for bit in 0..10 {
                let mut pulse = Pulse::new(rhythm, ANSWER, now);
                if walk >> bit & 1 == 1 {
                    worst = worst.max(found_after(&mut pulse, now));
                } else {
                    for _ in 0..=STEADY {
                        now = pulse.due();
                        assert_eq!(pulse.beat(now), Beat::Ask);
                        now += secs(1);
                        pulse.heard(now);
                    }
                }
                rhythm = pulse.rhythm();
                assert!(rhythm.silence <= LONGEST && rhythm.silence >= LONGEST / SHORTEST);
            }
        }
        assert_eq!(worst, secs(60));
    }

    #[test]
    fn a_link_lost_in_silence_makes_the_next_one_ask_sooner_and_answers_later_again() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Rhythm::new(LONGEST), ANSWER, start);
        assert_eq!(found_after(&mut pulse, start), secs(60));
        let mut pulse = Pulse::new(pulse.rhythm(), ANSWER, start);
        assert_eq!(pulse.due() - start, LONGEST / 2);
        let mut now = start;
        while pulse.due() - now < LONGEST {
            now = pulse.due();
            assert_eq!(pulse.beat(now), Beat::Ask);
            pulse.heard(now);
            assert!(now - start < secs(3600), "it never grew back");
        }
    }

    #[test]
    fn words_of_any_kind_put_the_question_off() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Rhythm::new(LONGEST), ANSWER, start);
        for at in 1..1000 {
            pulse.heard(start + secs(at));
            assert_eq!(pulse.due(), start + secs(at) + LONGEST);
        }
    }

    #[test]
    fn after_sleep_or_a_change_of_address_the_answer_has_five_seconds() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Rhythm::new(LONGEST), ANSWER, start);
        pulse.doubt(start);
        assert_eq!(pulse.due() - start, HURRY);
        // Doubt again does not put it off, and such a loss says nothing about silence.
        pulse.doubt(start + secs(4));
        assert_eq!(pulse.due() - start, HURRY);
        assert_eq!(pulse.beat(pulse.due()), Beat::Gone);
        assert_eq!(pulse.rhythm(), Rhythm::new(LONGEST));
        // A question that is out already gets less time.
        let mut pulse = Pulse::new(Rhythm::new(LONGEST), ANSWER, start);
        assert_eq!(pulse.beat(pulse.due()), Beat::Ask);
        pulse.doubt(start + LONGEST + secs(1));
        assert_eq!(pulse.due(), start + LONGEST + secs(1) + HURRY);
        pulse.heard(start + LONGEST + secs(2));
        assert_eq!(pulse.due(), start + LONGEST + secs(2) + LONGEST);
    }
}
