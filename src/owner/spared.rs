//! Requests that a rule would have decided and that a person took back: they stay a person's to decide, also after a restart,
//! until they are decided.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{place, stamp};
use crate::model::{BareJid, TopicId};
use crate::store::local::Shelf;
use crate::store::shelf::{self, marked};
use crate::store::{Error, Local};

/// All of them.
///
/// # Errors
/// When the store could not be read.
pub fn all(on: &dyn Local) -> Result<BTreeSet<(TopicId, BareJid)>, Error> {
    Ok(shelf::times(on, Shelf::Spared)?.into_keys().collect())
}

/// A person took these back.
///
/// # Errors
/// When nothing was changed.
pub fn spare(on: &dyn Local, asks: &[(TopicId, BareJid)], now: DateTime<Utc>) -> Result<(), Error> {
    let put = asks.iter().map(|(topic, account)| (place(topic, account), marked(&stamp(now))));
    shelf::keep(on, Shelf::Spared, Vec::new(), put.collect())
}

/// These were decided.
///
/// # Errors
/// When they are there still.
pub fn settle<'a>(on: &dyn Local, asks: impl IntoIterator<Item = (&'a TopicId, &'a BareJid)>) -> Result<(), Error> {
    let spared = all(on)?;
    let gone = asks.into_iter().filter(|(topic, who)| spared.contains(&(TopicId::clone(topic), BareJid::clone(who))));
    let gone: Vec<String> = gone.map(|(topic, who)| place(topic, who)).collect();
    if gone.is_empty() { Ok(()) } else { shelf::keep(on, Shelf::Spared, gone, Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owner::cast;
    use crate::store::Store;

    #[test]
    fn what_was_taken_back_is_a_persons_until_it_is_decided() {
        let (store, topic, who) = cast();
        let on = store.local().unwrap();
        let asks = who.map(|who| (topic.clone(), who));
        spare(on, &asks, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(all(on).unwrap().len(), 2);
        let other = TopicId { node: "other".to_owned(), ..topic.clone() };
        settle(on, [(&topic, &asks[0].1), (&other, &asks[1].1)]).unwrap();
        assert_eq!(all(on).unwrap().into_iter().collect::<Vec<_>>(), [asks[1].clone()]);
    }
}
