//! Access with an end: until when somebody may read, who is told that it ends soon, and who was not looked at for long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{damaged, place, stamp, time};
use crate::model::{BareJid, TopicId};
use crate::store::local::Shelf;
use crate::store::shelf::{self, Kept, Unread};
use crate::store::{Error, Local};

/// So long before its end a grant is told of.
pub const SOON: TimeDelta = TimeDelta::days(14);
/// After so long everybody who reads is looked at again: kept, or not.
pub const REVIEW: TimeDelta = TimeDelta::days(90);

/// What somebody was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub topic: TopicId,
    pub account: BareJid,
    pub since: DateTime<Utc>,
    /// Ends then; else never by itself.
    pub until: Option<DateTime<Utc>>,
    pub note: String,
    /// When somebody last said that it is right.
    pub reviewed: DateTime<Utc>,
    /// Its end was told of.
    pub reminded: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    broker: String,
    node: String,
    account: String,
    since: String,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    note: String,
    reviewed: String,
    #[serde(default)]
    reminded: bool,
}

impl Kept for Grant {
    const SHELF: Shelf = Shelf::Grants;

    fn text(&self) -> String {
        shelf::toml(&Written {
            broker: self.topic.broker.to_string(),
            node: self.topic.node.clone(),
            account: self.account.to_string(),
            since: stamp(self.since),
            until: self.until.map(stamp),
            note: self.note.clone(),
            reviewed: stamp(self.reviewed),
            reminded: self.reminded,
        })
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let written: Written = shelf::from_toml(text)?;
        Ok(Self {
            topic: TopicId { broker: written.broker.parse().map_err(damaged)?, node: written.node },
            account: written.account.parse().map_err(damaged)?,
            since: time(&written.since)?,
            until: written.until.as_deref().map(time).transpose()?,
            note: written.note,
            reviewed: time(&written.reviewed)?,
            reminded: written.reminded,
        })
    }
}

/// What is to be done about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// It has ended: to be revoked.
    Over,
    /// It ends within [`SOON`], and nobody was told.
    Soon,
    /// Nobody said for [`REVIEW`] that it is right.
    Review,
}

impl Grant {
    #[must_use]
    pub fn new(topic: TopicId, account: BareJid, until: Option<DateTime<Utc>>, note: &str, now: DateTime<Utc>) -> Self {
        Self { topic, account, since: now, until, note: note.to_owned(), reviewed: now, reminded: false }
    }

    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<Due> {
        match self.until {
            Some(until) if until <= now => Some(Due::Over),
            Some(until) if until - now <= SOON && !self.reminded => Some(Due::Soon),
            _ if now - self.reviewed >= REVIEW => Some(Due::Review),
            _ => None,
        }
    }

    /// Somebody said that it is right, for so long from now on.
    #[must_use]
    pub fn kept(self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self { until, reviewed: now, reminded: false, ..self }
    }
}

/// All grants, and what could not be read.
///
/// # Errors
/// When the store could not be read.
pub fn all(on: &dyn Local) -> Result<(Vec<Grant>, Vec<shelf::Aside>), Error> {
    let read = shelf::all::<Grant>(on)?;
    Ok((read.entries.into_iter().map(|(_, grant)| grant).collect(), read.aside))
}

/// Keeps grants, each in the place of the one its account had there.
///
/// # Errors
/// When none of them is kept.
pub fn keep(on: &dyn Local, grants: &[Grant]) -> Result<(), Error> {
    let put: Vec<(String, String)> =
        grants.iter().map(|grant| (place(&grant.topic, &grant.account), grant.text())).collect();
    shelf::keep(on, Shelf::Grants, Vec::new(), put)
}

/// Takes grants away: they were revoked.
///
/// # Errors
/// When they are there still.
pub fn end(on: &dyn Local, topic: &TopicId, accounts: &[BareJid]) -> Result<(), Error> {
    let gone: Vec<String> = accounts.iter().map(|account| place(topic, account)).collect();
    shelf::keep(on, Shelf::Grants, gone, Vec::new())
}

/// What is due, what is over first, then by its end.
#[must_use]
pub fn due(grants: &[Grant], now: DateTime<Utc>) -> Vec<(&Grant, Due)> {
    let mut due: Vec<(&Grant, Due)> =
        grants.iter().filter_map(|grant| grant.due(now).map(|due| (grant, due))).collect();
    due.sort_by_key(|(grant, due)| (*due, grant.until.unwrap_or(grant.reviewed)));
    due
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Memory, Store};

    fn grant(who: &str, until: Option<i64>) -> Grant {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let start = DateTime::UNIX_EPOCH;
        Grant::new(topic, who.parse().unwrap(), until.map(|days| start + TimeDelta::days(days)), "MoU", start)
    }

    #[test]
    fn ends_are_told_of_before_they_come_and_who_was_long_not_looked_at_is_named() {
        let day = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        let boxed = grant("a@blue.example", Some(30));
        assert_eq!(
            [10, 16, 29, 30, 99].map(|days| boxed.due(day(days))),
            [None, Some(Due::Soon), Some(Due::Soon), Some(Due::Over), Some(Due::Over)]
        );
        let told = Grant { reminded: true, ..boxed.clone() };
        assert_eq!(told.due(day(20)), None);
        let long = grant("b@blue.example", None);
        assert_eq!([89, 90].map(|days| long.due(day(days))), [None, Some(Due::Review)]);
        assert_eq!(long.clone().kept(None, day(90)).due(day(100)), None);
        assert_eq!(told.kept(Some(day(60)), day(29)).due(day(30)), None);
        let all = [long, grant("c@blue.example", Some(95)), grant("d@blue.example", Some(9)), boxed];
        let due: Vec<Due> = due(&all, day(91)).into_iter().map(|(_, due)| due).collect();
        assert_eq!(due, [Due::Over, Due::Over, Due::Soon, Due::Review]);
    }

    #[test]
    fn one_grant_an_account_and_topic() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let first = grant("a@blue.example", Some(30));
        keep(on, &[first.clone(), grant("b@blue.example", None)]).unwrap();
        let longer = first.clone().kept(None, DateTime::UNIX_EPOCH + TimeDelta::days(1));
        keep(on, std::slice::from_ref(&longer)).unwrap();
        let (all, aside) = super::all(on).unwrap();
        assert!(all.contains(&longer) && all.len() == 2 && aside.is_empty());
        end(on, &first.topic, std::slice::from_ref(&first.account)).unwrap();
        assert_eq!(super::all(on).unwrap().0.len(), 1);
    }
}
