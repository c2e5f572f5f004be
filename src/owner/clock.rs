//! Whether this computer's clock can be believed, before access is ended by it: a clock that was set wrong must not empty a
//! topic. It is held against time that nobody sets; over a restart, against when it was last believed.
//!
//! One that ran ahead is doubted until it is back where it should be, or a person says that it is right.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{stamp, time};
use crate::store::local::Shelf;
use crate::store::shelf::{self, body, marked};
use crate::store::{Error, Local};

/// More than this it runs ahead only when it was set. On some systems the time that nobody sets stands still while the
/// computer sleeps: a long weekend is less.
pub const LEAP: TimeDelta = TimeDelta::days(5);
/// For longer than this a console is seldom closed: then somebody is asked.
pub const CLOSED: TimeDelta = TimeDelta::days(40);
/// So often it is written down that it is believed.
pub const OFTEN: TimeDelta = TimeDelta::days(1);

/// The only entry of its shelf.
const NAME: &str = "seen";

/// When it was last believed.
///
/// # Errors
/// When the store could not be read.
pub fn seen(on: &dyn Local) -> Result<Option<DateTime<Utc>>, Error> {
    let kept = on.kept(Shelf::Clock)?;
    let text = kept.iter().find_map(|(name, text)| (name == NAME).then_some(text));
    // What cannot be read is as if it had never been looked at: it is written anew.
    Ok(text.and_then(|text| time(body(text).ok()?).ok()))
}

/// It is believed now.
///
/// # Errors
/// When that is not kept.
pub fn see(on: &dyn Local, now: DateTime<Utc>) -> Result<(), Error> {
    shelf::keep(on, Shelf::Clock, Vec::new(), vec![(NAME.to_owned(), marked(&stamp(now)))])
}

/// What is thought of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// It is not known yet when it was last believed.
    Unknown,
    Sound,
    /// By so much it is ahead of what can be.
    Ahead(TimeDelta),
}

/// A clock, as it was when it was last believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    was: DateTime<Utc>,
    /// The time that nobody sets, where it was in the same run of the program.
    steady: Option<Duration>,
}

impl Clock {
    /// As a run before believed it.
    #[must_use]
    pub fn before(was: DateTime<Utc>) -> Self {
        Self { was, steady: None }
    }

    /// As it is now.
    #[must_use]
    pub fn believed(now: DateTime<Utc>, steady: Duration) -> Self {
        Self { was: now, steady: Some(steady) }
    }

    #[must_use]
    pub fn belief(&self, now: DateTime<Utc>, steady: Duration) -> Belief {
        self.ahead(now, steady).map_or(Belief::Sound, Belief::Ahead)
    }

    /// How far it is ahead of what can be; `None` where it can be believed.
    fn ahead(&self, now: DateTime<Utc>, steady: Duration) -> Option<TimeDelta> {
        let (passed, most) = match self.steady {
            Some(was) => (TimeDelta::from_std(steady.saturating_sub(was)).unwrap_or(TimeDelta::MAX), LEAP),
            None => (TimeDelta::zero(), CLOSED),
        };
        let ahead = now.signed_duration_since(self.was).checked_sub(&passed)?;
        (ahead > most).then_some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Memory, Store};

    const DAY: u64 = 24 * 3600;

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn steady(days: u64) -> Duration {
        Duration::from_secs(days * DAY)
    }

    #[test]
    fn a_clock_that_was_set_ahead_is_doubted_until_it_is_back() {
        let clock = Clock::believed(day(100), steady(3));
        assert_eq!(clock.ahead(day(500), steady(403)), None, "it went on as it should");
        assert_eq!(clock.ahead(day(105), steady(3)), None, "the computer slept");
        assert_eq!(clock.ahead(day(465), steady(3)), Some(TimeDelta::days(365)));
        assert_eq!(clock.ahead(day(475), steady(13)), Some(TimeDelta::days(365)), "however long it stays so");
        assert_eq!(clock.ahead(day(110), steady(13)), None, "set right");
        assert_eq!(clock.ahead(day(1), steady(13)), None, "behind it ends nothing early");
    }

    #[test]
    fn after_a_restart_it_is_held_against_when_it_was_last_believed() {
        let store = Memory::default();
        let on = store.local().unwrap();
        assert_eq!(seen(on).unwrap(), None);
        see(on, day(100)).unwrap();
        let clock = Clock::before(seen(on).unwrap().unwrap());
        assert_eq!(clock.ahead(day(140), steady(0)), None, "a long holiday");
        assert_eq!(clock.ahead(day(141), steady(0)), Some(TimeDelta::days(41)));
        see(on, day(141)).unwrap();
        assert_eq!((seen(on).unwrap(), on.kept(Shelf::Clock).unwrap().len()), (Some(day(141)), 1));
        on.keep(Shelf::Clock, &[], &[(NAME.to_owned(), "gridwatch 1\nnoon".to_owned())]).unwrap();
        assert_eq!(seen(on).unwrap(), None);
    }
}
