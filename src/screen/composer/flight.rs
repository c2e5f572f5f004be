//! A parcel and what the window knows beside it: the document that was decided about, who was asked, why it was refused.

use chrono::{DateTime, TimeDelta, Utc};

use crate::compose::send::{Outcome, Parcel, State};
use crate::engine::{Error, Receipt, RequestId};
use crate::iodef::Document;
use crate::model::Say;

/// How long after a try without an answer the next one is made.
const AGAIN: TimeDelta = TimeDelta::seconds(30);

pub struct Flight {
    pub parcel: Parcel,
    /// What travels, to be looked at once more before it goes.
    pub document: Document,
    /// The state of the draft it was made of.
    pub revision: u64,
    pub request: Option<RequestId>,
    /// In words, where it was refused or not answered.
    pub why: Option<Say>,
    /// Not tried before then.
    pub next: Option<DateTime<Utc>>,
}

impl Flight {
    pub fn new(parcel: Parcel, document: Document, revision: u64) -> Self {
        Self { parcel, document, revision, request: None, why: None, next: None }
    }

    pub fn is_held(&self) -> bool {
        matches!(self.parcel.state(), State::Held { .. })
    }

    pub fn is_published(&self) -> bool {
        matches!(self.parcel.state(), State::Published { .. })
    }

    /// Whether it has not come to an end.
    pub fn is_under_way(&self) -> bool {
        !self.parcel.is_settled()
    }

    /// Whether it would go now.
    pub fn is_ready(&self, now: DateTime<Utc>) -> bool {
        *self.parcel.state() == State::Waiting && self.next.is_none_or(|next| next <= now)
    }

    /// Takes the answer in.
    pub fn settle(&mut self, result: Result<Receipt, Error>, now: DateTime<Utc>) {
        self.request = None;
        let outcome = match result {
            // The broker's word for the id is the receipt.
            Ok(Receipt::Published(item)) => Outcome::Published(item),
            Ok(_) => Outcome::Published(self.parcel.item().clone()),
            Err(why) => {
                self.why = Some(why.say());
                self.next = Some(now + AGAIN);
                match why {
                    Error::Refused { condition, .. } => Outcome::Refused(condition),
                    Error::Busy => Outcome::NotYet { unsure: false },
                    _ => Outcome::NotYet { unsure: true },
                }
            }
        };
        self.parcel.settle(outcome, now);
    }

    /// A last look found what must not pass.
    pub fn stop(&mut self, condition: &str, why: Say, now: DateTime<Utc>) {
        self.parcel.stop(condition, now);
        self.why = Some(why);
    }
}
