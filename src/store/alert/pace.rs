//! When a rule may speak: a burst is one notification that grows, there are so many in an hour at most, and none in quiet
//! hours. What was held back is told with the next that may be. Pure: times go in.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Pile, Rule, Zone};
use crate::store::Seq;

/// What comes within so much of the first is the same notification.
const BURST: TimeDelta = TimeDelta::minutes(5);
/// A notification that grows is put on the screen again so often at most.
const AGAIN: TimeDelta = TimeDelta::seconds(10);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Something may be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// It was said before and has grown.
    pub again: bool,
    pub pile: Pile,
}

/// What a rule said lately, and what it holds back.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// Of the notification that was shown last.
    pub number: u64,
    burst: Option<Burst>,
    /// When it spoke within the last hour.
    spoke: VecDeque<DateTime<Utc>>,
    waiting: Pile,
    /// The row before which nothing waits.
    since: Option<Seq>,
}

#[derive(Clone, Debug)]
struct Burst {
    begun: DateTime<Utc>,
    shown: DateTime<Utc>,
    /// All of it, what is shown and what is not yet.
    pile: Pile,
}

impl Pace {
    /// Something came, in rows from the `first` on.
    pub fn came(&mut self, pile: &Pile, first: Seq, rule: &Rule, now: DateTime<Utc>, zone: Zone<'_>) {
        // What comes in quiet hours does not make a notification grow that was shown before them.
        if is_quiet(rule, now, zone) {
            self.burst = None;
        }
        self.waiting.join(pile);
        if self.waits() {
            self.since = self.since.or(Some(first));
        }
    }

    /// The row before which nothing waits; `None` where nothing does.
    #[must_use]
    pub fn since(&self) -> Option<Seq> {
        self.since.filter(|_| self.waits())
    }

    #[must_use]
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What may be said now of what waits.
    pub fn speak(&mut self, rule: &Rule, now: DateTime<Utc>, zone: Zone<'_>) -> Option<Spoken> {
        if self.waiting.is_empty() || is_quiet(rule, now, zone) {
            return None;
        }
        // A clock that was set back ends what was counted by it.
        self.burst = self.burst.take().filter(|burst| (TimeDelta::zero()..BURST).contains(&(now - burst.begun)));
        if let Some(burst) = &mut self.burst {
            if now - burst.shown < AGAIN {
                return None;
            }
            burst.pile.join(&std::mem::take(&mut self.waiting));
            self.since = None;
            burst.shown = now;
            return Some(Spoken { again: true, pile: burst.pile.clone() });
        }
        self.spoke.retain(|at| (TimeDelta::zero()..HOUR).contains(&(now - *at)));
        if self.spoke.len() >= rule.cap as usize {
            return None;
        }
        self.spoke.push_back(now);
        let pile = std::mem::take(&mut self.waiting);
        self.since = None;
        self.burst = Some(Burst { begun: now, shown: now, pile: pile.clone() });
        Some(Spoken { again: false, pile })
    }
}

fn is_quiet(rule: &Rule, now: DateTime<Utc>, zone: Zone<'_>) -> bool {
    rule.quiet.is_some_and(|quiet| quiet.holds(zone(now).time()))
}

/// How many notifications a rule would have made of arrivals at these times, oldest first, up to `now`.
#[must_use]
pub fn replay(times: &[DateTime<Utc>], rule: &Rule, now: DateTime<Utc>, zone: Zone<'_>) -> u32 {
    let one = Pile { count: 1, ..Pile::default() };
    let (mut pace, mut made) = (Pace::default(), 0);
    let mut speak = |pace: &mut Pace, at| made += u32::from(pace.speak(rule, at, zone).is_some_and(|said| !said.again));
    let mut next = times.iter().copied().peekable();
    while let Some(at) = next.next() {
        pace.came(&one, 0, rule, at, zone);
        speak(&mut pace, at);
        // What waits is looked at each half minute, as the window does, until something else comes.
        let until = next.peek().copied().unwrap_or(now);
        let mut tick = at;
        while pace.waits() && tick < until {
            tick = (tick + TimeDelta::seconds(30)).min(until);
            speak(&mut pace, tick);
        }
    }
    made
}
