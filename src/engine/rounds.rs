//! What is asked until it is answered: never twice at the same time, once more when it was wanted meanwhile, and again
//! after growing waits while it fails. So no flood of announcements becomes a flood of questions, and a broker that
//! comes up late is still read.
//!
//! Pure. May use `engine::backoff`, `model`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use crate::model::{BareJid, TopicId};

/// Something to ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Round {
    /// Which brokers there are.
    Brokers,
    /// My subscriptions and affiliations at a broker.
    Rights(BareJid),
    /// A broker's topics.
    Walk(BareJid),
    /// The requests that wait for me at a broker.
    Poll(BareJid),
    Describe(TopicId),
    /// A topic's stored items.
    Fetch(TopicId),
    /// Items of a topic that were announced without their payload.
    Missing(TopicId),
}

/// What follows the end of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Rest,
    Now,
    In(Duration),
}

#[derive(Debug, Default)]
struct State {
    running: bool,
    /// Wanted again while running.
    again: bool,
    /// Failed, and the time of the next attempt is set.
    waiting: bool,
    /// The last attempt that ended was answered.
    answered: bool,
    backoff: Backoff,
    doubted: Option<Instant>,
    /// Doubted while running: once more, after this rest.
    wish: Option<Duration>,
}

/// The rounds of one session.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    states: HashMap<Round, State>,
}

impl Rounds {
    /// A round is wanted. True when it is to begin now; else it follows the one under way.
    pub(super) fn wanted(&mut self, round: &Round) -> bool {
        let state = self.states.entry(round.clone()).or_default();
        if state.running {
            state.again = true;
            return false;
        }
        (state.running, state.waiting, state.wish) = (true, false, None);
        true
    }

    /// The wait after a failure is over. True when nobody has begun it meanwhile.
    pub(super) fn due(&mut self, round: &Round) -> bool {
        self.states.get(round).is_some_and(|state| state.waiting) && self.wanted(round)
    }

    /// A round ended, answered or not. `random` is any u64.
    pub(super) fn ended(&mut self, round: &Round, answered: bool, random: u64) -> Next {
        let Some(state) = self.states.get_mut(round) else { return Next::Rest };
        (state.running, state.answered) = (false, answered);
        if answered {
            state.backoff.reset();
        }
        let wish = state.wish.take();
        if std::mem::take(&mut state.again) {
            state.running = true;
            return Next::Now;
        }
        let wait = if answered { wish } else { Some(state.backoff.failed(random)) };
        state.waiting = wait.is_some();
        wait.map_or(Next::Rest, Next::In)
    }

    /// Whether its answer is still to come: it runs, or will be tried again.
    pub(super) fn is_open(&self, round: &Round) -> bool {
        self.states.get(round).is_some_and(|state| state.running || state.waiting)
    }

    pub(super) fn runs_again(&self, round: &Round) -> bool {
        self.states.get(round).is_some_and(|state| state.again)
    }

    /// Whether it was answered, and nothing newer is under way.
    pub(super) fn is_settled(&self, round: &Round) -> bool {
        self.states.get(round).is_some_and(|state| state.answered && !state.running)
    }

    /// Whether it has failed since it was last answered: then that was said already.
    pub(super) fn has_failed(&self, round: &Round) -> bool {
        self.states.get(round).is_some_and(|state| state.backoff.attempt() > 1)
    }

    /// What the round told is in doubt. True when it is to begin now: it is not open, and was not for that reason begun
    /// within `rest`, whatever a broker says how often.
    pub(super) fn doubted(&mut self, round: &Round, rest: Duration, now: Instant) -> bool {
        let state = self.states.entry(round.clone()).or_default();
        let rested = state.doubted.is_none_or(|doubted| now.saturating_duration_since(doubted) >= rest);
        if state.running || state.waiting || !rested {
            return false;
        }
        state.doubted = Some(now);
        self.wanted(round)
    }

    /// What the round told is in doubt, and that is not forgotten: what cannot begin now follows when it has rested.
    pub(super) fn wished(&mut self, round: &Round, rest: Duration, now: Instant) -> Next {
        if self.doubted(round, rest, now) {
            return Next::Now;
        }
        let state = self.states.entry(round.clone()).or_default();
        if state.running {
            state.wish = Some(state.wish.map_or(rest, |wish| wish.min(rest)));
            return Next::Rest;
        }
        // Another attempt follows anyway.
        if state.waiting {
            return Next::Rest;
        }
        state.waiting = true;
        let rested = state.doubted.map_or(Duration::ZERO, |doubted| now.saturating_duration_since(doubted));
        let wait = rest.saturating_sub(rested);
        state.doubted = Some(now + wait);
        Next::In(wait)
    }

    /// It is not to be asked any more.
    pub(super) fn forget(&mut self, round: &Round) {
        let _ = self.states.remove(round);
    }

    /// Whether any of these runs.
    pub(super) fn any_running(&self, which: impl Fn(&Round) -> bool) -> bool {
        self.states.iter().any(|(round, state)| state.running && which(round))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_once_more() {
        let (mut rounds, now) = (Rounds::default(), Instant::now());
        assert!(rounds.wanted(&Round::Brokers));
        for _ in 0..1_000 {
            assert!(!rounds.wanted(&Round::Brokers));
        }
        assert_eq!(rounds.ended(&Round::Brokers, true, 0), Next::Now, "once more for all of them");
        assert!(!rounds.is_settled(&Round::Brokers));
        assert_eq!(rounds.ended(&Round::Brokers, true, 0), Next::Rest);
        assert!(rounds.is_settled(&Round::Brokers));
        let rest = Duration::from_secs(1);
        assert!(rounds.doubted(&Round::Brokers, rest, now));
        assert!(!rounds.doubted(&Round::Brokers, rest, now + rest), "it runs");
        assert_eq!(rounds.ended(&Round::Brokers, true, 0), Next::Rest);
        assert!(!rounds.doubted(&Round::Brokers, rest, now));
        assert!(rounds.doubted(&Round::Brokers, rest, now + rest));
    }

    #[test]
    fn a_doubt_is_not_forgotten() {
        let (mut rounds, now, rest) = (Rounds::default(), Instant::now(), Duration::from_secs(10));
        let round = Round::Brokers;
        assert_eq!(rounds.wished(&round, rest, now), Next::Now);
        // While it runs: once more for all of them, after the rest.
        assert_eq!(rounds.wished(&round, 6 * rest, now), Next::Rest);
        assert_eq!(rounds.wished(&round, rest, now), Next::Rest);
        assert_eq!(rounds.ended(&round, true, 0), Next::In(rest));
        assert!(rounds.is_open(&round) && rounds.is_settled(&round));
        assert_eq!(rounds.wished(&round, rest, now), Next::Rest, "it follows anyway");
        assert!(rounds.due(&round));
        assert_eq!(rounds.ended(&round, true, 0), Next::Rest);
        // Within the rest: when that is over.
        let soon = now + rest / 4;
        assert_eq!(rounds.wished(&round, rest, soon), Next::In(rest - rest / 4));
        assert!(rounds.due(&round));
        assert_eq!(rounds.ended(&round, true, 0), Next::Rest);
        assert_eq!(rounds.wished(&round, rest, now + rest), Next::In(rest), "that was a look too");
    }

    #[test]
    fn failures_wait_longer_and_longer_until_an_answer() {
        let mut rounds = Rounds::default();
        let mut waits = Vec::new();
        assert!(rounds.wanted(&Round::Brokers));
        for _ in 0..3 {
            // The longest each wait may be: the shortest is the same for all.
            let Next::In(wait) = rounds.ended(&Round::Brokers, false, u64::MAX) else { panic!("no retry") };
            waits.push(wait);
            assert!(rounds.is_open(&Round::Brokers) && rounds.has_failed(&Round::Brokers));
            assert!(rounds.due(&Round::Brokers));
            assert!(!rounds.due(&Round::Brokers), "one attempt a wait");
        }
        assert!(waits.is_sorted() && waits[0] < waits[2], "{waits:?}");
        assert_eq!(rounds.ended(&Round::Brokers, true, 0), Next::Rest);
        assert!(!rounds.has_failed(&Round::Brokers));
        assert!(!rounds.due(&Round::Brokers), "an old wait asks nothing anew");
    }
}
