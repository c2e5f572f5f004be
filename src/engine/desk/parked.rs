//! What waits until it is written down that it is about to be done: nothing that changes something outside leaves before its
//! entry stands in the log of acts, and what cannot be written is not done.
//!
//! May use `engine`'s pure pieces, `store`.

use std::collections::HashSet;

use chrono::Utc;

use super::Desk;
use crate::engine::record::{Of, Own};
use crate::engine::scribe::Written;
use crate::engine::{Command, Error, Event};

/// What waits until it is written down that it is about to be done.
#[derive(Debug)]
pub(in crate::engine) enum Parked {
    Command(Command),
    Own(Own),
}

impl Desk {
    /// Done once its entry stands: [`Desk::written`] gives it back.
    pub(in crate::engine) fn park(&mut self, of: Of, parked: Parked) {
        self.places += 1;
        drop(self.parked.insert(self.places, (of, parked)));
        if self.mute {
            self.unwritten();
        }
    }

    /// This console is about to do something by itself.
    pub(in crate::engine) fn begins(&mut self, own: Own) {
        let (acts, of) = self.record.begins(&own, Utc::now());
        self.page(acts, Some(of));
        self.park(of, Parked::Own(own));
    }

    /// Whether there is still who writes the log.
    pub(in crate::engine) fn writes(&self) -> bool {
        !self.mute
    }

    /// What the log got, or not: gives what may be done now, in its order. What could not be written down is not done, and
    /// that is its answer; the session goes on, for what is received has nothing to do with it.
    pub(in crate::engine) fn written(&mut self, written: Option<Written>) -> Vec<(Of, Parked)> {
        let Some(Written { of, result }) = written else {
            self.mute = true;
            self.notice(crate::store::Error::Poisoned.say());
            self.unwritten();
            return Vec::new();
        };
        let of: HashSet<Of> = of.into_iter().collect();
        let places: Vec<u64> = self.parked.iter().filter(|(_, (own, _))| of.contains(own)).map(|(at, _)| *at).collect();
        let ready: Vec<(Of, Parked)> = places.iter().filter_map(|place| self.parked.remove(place)).collect();
        match result {
            Ok(count) => {
                if let Some(count) = count {
                    self.outbox.push(Event::Logged(count));
                }
                ready
            }
            Err(error) => {
                self.seldom(error.say());
                let cause = Error::unlogged(&error);
                ready.into_iter().for_each(|(of, parked)| self.turn_away(of, &parked, &cause));
                Vec::new()
            }
        }
    }

    /// Nobody writes any more.
    fn unwritten(&mut self) {
        self.leave_off(&Error::unlogged(&crate::store::Error::Poisoned));
    }

    /// What waits to be written down is not done any more.
    pub(in crate::engine) fn leave_off(&mut self, cause: &Error) {
        for (of, parked) in std::mem::take(&mut self.parked).into_values() {
            self.turn_away(of, &parked, cause);
        }
    }

    fn turn_away(&mut self, of: Of, parked: &Parked, cause: &Error) {
        match parked {
            Parked::Command(command) => self.refuse(command, cause),
            Parked::Own(_) => self.came(of, &Err(cause.clone())),
        }
    }

    /// What this console began by itself ends with the session.
    pub(in crate::engine) fn abandon(&mut self, cause: &Error) {
        self.parked.retain(|_, (_, parked)| matches!(parked, Parked::Command(_)));
        for of in self.record.owns() {
            self.came(of, &Err(cause.clone()));
        }
    }
}
