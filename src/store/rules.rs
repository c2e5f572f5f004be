//! What repeats what, what stands and what a row is sorted by: the rules of issue 3, in one place for every store.
//!
//! May use the contract in `store`.

use chrono::{DateTime, Utc};

use super::{Arrival, Incoming, Route, Standing};

/// What the rules look at of a stored row.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub standing: Standing,
    pub route: Route,
    pub received: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

impl Held {
    /// When the broker had it as the row tells.
    pub fn told(self) -> DateTime<Utc> {
        if self.route == Route::Delayed { self.at } else { self.received }
    }

    /// Whether it is a duplicate of this newest row, if the payloads are the same and it [`is_of_now`].
    pub fn may_repeat(self, arrival: Arrival) -> bool {
        stands(self.standing) || is_stored(self.standing, arrival)
    }

    /// Whether the newest row, which the item repeats, stands again: the item is on its broker after all.
    pub fn revives(self, arrival: Arrival) -> bool {
        is_of_now(arrival) && (matches!(self.standing, Standing::Absent(_)) || is_stored(self.standing, arrival))
    }
}

/// Whether the broker stores what it retracted.
fn is_stored(standing: Standing, arrival: Arrival) -> bool {
    arrival.route == Route::Fetched && matches!(standing, Standing::Retracted(_))
}

/// Whether nobody said that the item is gone: not seen on the broker is less than that.
pub fn stands(standing: Standing) -> bool {
    matches!(standing, Standing::Current | Standing::Absent(_))
}

/// Whether it tells how the item is as we hear of it: pushed as it happened, or read from the topic.
pub fn is_of_now(arrival: Arrival) -> bool {
    arrival.route != Route::Delayed && arrival.delayed.is_none()
}

/// Whether something that waited tells what was before something else that was `told` of the same item.
pub fn is_late(arrival: Arrival, told: DateTime<Utc>) -> bool {
    arrival.delayed.is_some_and(|delayed| delayed < told)
}

/// The rule of [`super::Row::at`].
pub fn sort_time(incoming: &Incoming) -> DateTime<Utc> {
    let said = match incoming.route {
        _ if incoming.delayed.is_some() => incoming.delayed,
        Route::Fetched => incoming.summary.generated.as_ref().map(|stamp| stamp.at),
        Route::Live | Route::Delayed => None,
    };
    said.map_or(incoming.received, |at| at.min(incoming.received))
}
