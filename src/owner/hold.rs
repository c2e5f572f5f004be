//! Requests put aside for a while. The requester is told nothing by it; the broker goes on waiting.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{place, stamp, time};
use crate::model::{BareJid, TopicId};
use crate::store::local::Shelf;
use crate::store::shelf::{self, body, marked};
use crate::store::{Error, Local};

/// How long, where nothing else is said (`product.md` B1).
pub const USUAL: TimeDelta = TimeDelta::hours(24);

/// What is on hold, and until when. What is over is no longer in it.
///
/// # Errors
/// When the store could not be read.
pub fn all(on: &dyn Local, now: DateTime<Utc>) -> Result<BTreeMap<(TopicId, BareJid), DateTime<Utc>>, Error> {
    let all = shelf::times(on, Shelf::Holds)?;
    Ok(all.into_iter().filter(|(_, until)| *until > now).collect())
}

/// Puts a request on hold; takes away what is over.
///
/// # Errors
/// When nothing was changed.
pub fn hold(
    on: &dyn Local,
    topic: &TopicId,
    account: &BareJid,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let over = |text: &str| body(text).ok().and_then(|text| time(text).ok()).is_none_or(|until| until <= now);
    let gone: Vec<String> =
        on.kept(Shelf::Holds)?.into_iter().filter(|(_, text)| over(text)).map(|(name, _)| name).collect();
    shelf::keep(on, Shelf::Holds, gone, vec![(place(topic, account), marked(&stamp(until)))])
}

/// Takes a request up again.
///
/// # Errors
/// When it is on hold still.
pub fn release(on: &dyn Local, topic: &TopicId, account: &BareJid) -> Result<(), Error> {
    shelf::keep(on, Shelf::Holds, vec![place(topic, account)], Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owner::cast;
    use crate::store::Store;

    #[test]
    fn a_hold_ends_by_itself_or_by_hand() {
        let (store, topic, [soc, feed]) = cast();
        let on = store.local().unwrap();
        let now = DateTime::UNIX_EPOCH;
        hold(on, &topic, &soc, now + USUAL, now).unwrap();
        hold(on, &topic, &feed, now + USUAL * 2, now).unwrap();
        assert_eq!(all(on, now).unwrap().len(), 2);
        assert_eq!(all(on, now + USUAL).unwrap().into_keys().collect::<Vec<_>>(), [(topic.clone(), feed.clone())]);
        release(on, &topic, &feed).unwrap();
        assert!(all(on, now + USUAL).unwrap().is_empty());
        // What a later program wrote is not over because it cannot be read.
        let later = [("a".to_owned(), "gridwatch 2\nuntil = 7".to_owned())];
        on.keep(Shelf::Holds, &[], &later).unwrap();
        hold(on, &topic, &feed, now + USUAL, now).unwrap();
        assert!(on.kept(Shelf::Holds).unwrap().contains(&later[0]));
    }
}
