//! What the window knows of the running session, folded from the engine's events.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::{Connection, Error, Event, Pending, SessionFacts};
use crate::model::{Coverage, Say, Topic};

/// Notices kept for the person to read.
const NOTICES: usize = 200;
/// The window over which the rate is counted.
const MINUTE: TimeDelta = TimeDelta::seconds(60);

/// A word of the engine with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub at: DateTime<Utc>,
    pub say: Say,
}

/// The session as last told.
#[derive(Debug)]
pub struct Live {
    pub connection: Connection,
    /// Since when the connection is what it is.
    pub since: DateTime<Utc>,
    /// The session there is, else the last there was.
    pub facts: Option<Arc<SessionFacts>>,
    /// What failed since, and when.
    pub failed: Option<(DateTime<Utc>, Error)>,
    /// When the next attempt is due.
    pub retry_at: Option<DateTime<Utc>>,
    pub topics: Arc<[Topic]>,
    pub walk: Option<(u32, u32)>,
    /// The topics are all there are.
    pub complete: bool,
    pub coverage: Arc<[Coverage]>,
    pub pending: Arc<[Pending]>,
    pub polled: Option<DateTime<Utc>>,
    pub trouble: Option<Say>,
    /// Events the window was too slow for.
    pub dropped: u64,
    pub notices: VecDeque<Notice>,
    arrivals: VecDeque<(DateTime<Utc>, u32)>,
}

impl Live {
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            connection: Connection::Offline,
            since: now,
            facts: None,
            failed: None,
            retry_at: None,
            topics: Arc::from([]),
            walk: None,
            complete: false,
            coverage: Arc::from([]),
            pending: Arc::from([]),
            polled: None,
            trouble: None,
            dropped: 0,
            notices: VecDeque::new(),
            arrivals: VecDeque::new(),
        }
    }

    /// Takes an event in.
    pub fn apply(&mut self, event: &Event, now: DateTime<Utc>) {
        match event {
            Event::Connection(connection) => self.connect(connection, now),
            Event::Topics { topics, walked, total, whole, complete } => {
                self.topics = Arc::clone(topics);
                self.walk = (!whole).then_some((*walked, *total));
                self.complete = *complete;
            }
            Event::Coverage(coverage) => self.coverage = Arc::clone(coverage),
            // What is stored is read from the store; [`Live::arrived`] counts what is news.
            Event::Stored(_) | Event::Said(_) | Event::Done { .. } | Event::Logged(_) | Event::Learned { .. } => {}
            Event::Requests { pending, polled, trouble } => {
                self.pending = Arc::clone(pending);
                self.polled = *polled;
                self.trouble.clone_from(trouble);
            }
            Event::Notice { at, say } => {
                if self.notices.len() == NOTICES {
                    let _ = self.notices.pop_front();
                }
                self.notices.push_back(Notice { at: *at, say: say.clone() });
            }
            Event::Dropped(count) => self.dropped = self.dropped.saturating_add(*count),
        }
    }

    /// Items were pushed while we were there; fetched history is no news.
    pub fn arrived(&mut self, count: u32, now: DateTime<Utc>) {
        self.arrivals.push_back((now, count));
        while self.arrivals.front().is_some_and(|(at, _)| now - *at > MINUTE) {
            let _ = self.arrivals.pop_front();
        }
    }

    fn connect(&mut self, connection: &Connection, now: DateTime<Utc>) {
        if std::mem::discriminant(&self.connection) != std::mem::discriminant(connection) {
            self.since = now;
        }
        self.retry_at = match connection {
            Connection::Waiting { retry_in, .. } => TimeDelta::from_std(*retry_in).ok().map(|wait| now + wait),
            _ => None,
        };
        match connection {
            Connection::Online(facts) => (self.facts, self.failed) = (Some(Arc::clone(facts)), None),
            Connection::Waiting { cause, .. } | Connection::Stopped { cause } => {
                self.failed = Some((now, cause.clone()));
            }
            Connection::Connecting { .. } | Connection::Offline => {}
        }
        self.connection = connection.clone();
    }

    /// The engine is gone: what is known stays, the connection does not.
    pub fn end(&mut self, now: DateTime<Utc>) {
        self.connect(&Connection::Offline, now);
        self.walk = None;
        self.complete = false;
    }

    /// Items that arrived within the last minute.
    #[must_use]
    pub fn per_minute(&self, now: DateTime<Utc>) -> u32 {
        self.arrivals.iter().filter(|(at, _)| now - *at <= MINUTE).map(|(_, count)| count).sum()
    }

    /// Whole seconds until the next attempt, rounded up.
    #[must_use]
    pub fn retry_in(&self, now: DateTime<Utc>) -> Option<i64> {
        self.retry_at.map(|at| ((at - now).num_milliseconds().max(0) + 999) / 1000)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::Error;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn the_countdown_runs_from_the_event() {
        let mut live = Live::new(at(0));
        live.apply(
            &Event::Connection(Connection::Waiting { retry_in: Duration::from_secs(12), cause: Error::Offline }),
            at(5),
        );
        assert_eq!(live.since, at(5));
        assert_eq!(live.retry_in(at(5)), Some(12));
        assert_eq!(live.retry_in(at(16)), Some(1));
        assert_eq!(live.retry_in(at(60)), Some(0));
        live.apply(&Event::Connection(Connection::Offline), at(61));
        assert_eq!(live.retry_in(at(61)), None);
    }

    #[test]
    fn the_rate_forgets_what_is_older_than_a_minute() {
        let mut live = Live::new(at(0));
        live.arrived(3, at(0));
        live.arrived(1, at(30));
        assert_eq!(live.per_minute(at(60)), 4);
        assert_eq!(live.per_minute(at(61)), 1);
        assert_eq!(live.per_minute(at(100)), 0);
    }

    #[test]
    fn a_walk_ends_when_all_is_walked_and_notices_are_bounded() {
        let mut live = Live::new(at(0));
        live.apply(&Event::Topics { topics: Arc::from([]), walked: 1, total: 3, whole: false, complete: false }, at(0));
        assert_eq!(live.walk, Some((1, 3)));
        live.apply(&Event::Topics { topics: Arc::from([]), walked: 3, total: 3, whole: true, complete: true }, at(0));
        assert_eq!(live.walk, None);
        for second in 0..NOTICES as i64 + 5 {
            live.apply(&Event::Notice { at: at(second), say: Say::new("error-offline") }, at(second));
        }
        assert_eq!(live.notices.len(), NOTICES);
        assert_eq!(live.notices.front().unwrap().at, at(5));
    }
}
