//! Access with an end: until when somebody may read, who is told that it ends soon, and who was not looked at for long.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{damaged, place, stamp, time};
use crate::model::{BareJid, TopicId};
use crate::store::local::Shelf;
use crate::store::shelf::{self, Kept, Unread};
use crate::store::{Error, Local};

/// So long before its end a grant is told of, and once more.
pub const SOON: TimeDelta = TimeDelta::days(14);
pub const LAST: TimeDelta = TimeDelta::days(1);
/// After so long everybody who reads is looked at again: kept, or not.
pub const REVIEW: TimeDelta = TimeDelta::days(90);

/// What somebody was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub topic: TopicId,
    pub account: BareJid,
    /// `None` where somebody else gave it, nobody knows when.
    pub since: Option<DateTime<Utc>>,
    /// Ends then; else never by itself.
    pub until: Option<DateTime<Utc>>,
    pub note: String,
    /// When somebody last said that it is right.
    pub reviewed: DateTime<Utc>,
    /// When a person was last told of it.
    pub told: Option<DateTime<Utc>>,
    /// Its end was taken back: only a person ends it, or keeps it.
    pub spared: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    broker: String,
    node: String,
    account: String,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    note: String,
    reviewed: String,
    #[serde(default)]
    told: Option<String>,
    #[serde(default)]
    spared: bool,
}

impl Kept for Grant {
    const SHELF: Shelf = Shelf::Grants;

    fn text(&self) -> String {
        shelf::toml(&Written {
            broker: self.topic.broker.to_string(),
            node: self.topic.node.clone(),
            account: self.account.to_string(),
            since: self.since.map(stamp),
            until: self.until.map(stamp),
            note: self.note.clone(),
            reviewed: stamp(self.reviewed),
            told: self.told.map(stamp),
            spared: self.spared,
        })
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let written: Written = shelf::from_toml(text)?;
        Ok(Self {
            topic: TopicId { broker: written.broker.parse().map_err(damaged)?, node: written.node },
            account: written.account.parse().map_err(damaged)?,
            since: written.since.as_deref().map(time).transpose()?,
            until: written.until.as_deref().map(time).transpose()?,
            note: written.note,
            reviewed: time(&written.reviewed)?,
            told: written.told.as_deref().map(time).transpose()?,
            spared: written.spared,
        })
    }
}

/// What is to be done about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// It has ended: to be revoked.
    Over,
    /// It ends within [`SOON`].
    Soon,
    /// Nobody said for [`REVIEW`] that it is right.
    Review,
}

impl Grant {
    #[must_use]
    pub fn new(topic: TopicId, account: BareJid, until: Option<DateTime<Utc>>, note: &str, now: DateTime<Utc>) -> Self {
        let (since, note) = (Some(now), note.to_owned());
        Self { topic, account, since, until, note, reviewed: now, told: None, spared: false }
    }

    /// Access that somebody else gave, as it is found.
    #[must_use]
    pub fn found(topic: TopicId, account: BareJid, now: DateTime<Utc>) -> Self {
        Self { since: None, ..Self::new(topic, account, None, "", now) }
    }

    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<Due> {
        match self.until {
            Some(until) if until <= now => Some(Due::Over),
            Some(until) if until - now <= SOON => Some(Due::Soon),
            _ if now - self.reviewed >= REVIEW => Some(Due::Review),
            _ => None,
        }
    }

    /// Whether a person is to be told that it is due, and was not yet: when its end comes near, on its last day, when it is
    /// over, and when nobody looked for long. A clock that was set back tells nothing again.
    #[must_use]
    pub fn is_news(&self, now: DateTime<Utc>) -> bool {
        let ends = self.until.into_iter().flat_map(|until| [until - SOON, until - LAST, until]);
        let marks = ends.chain([self.reviewed + REVIEW]).filter(|mark| *mark > self.reviewed && *mark <= now);
        self.due(now).is_some() && marks.max().is_some_and(|mark| self.told.is_none_or(|told| told < mark))
    }

    /// A person was told.
    #[must_use]
    pub fn told(self, now: DateTime<Utc>) -> Self {
        Self { told: Some(now), ..self }
    }

    /// Somebody said that it is right, for so long from now on.
    #[must_use]
    pub fn kept(self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self { until, reviewed: now, told: None, spared: false, ..self }
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

/// Keeps what access is about to be given, each group of grants whole or not at all, in the order of the groups: nothing
/// is sent of a group that is not kept. [`keep`] passes over what a later program wrote; whoever waits for it is told.
pub fn promise(on: &dyn Local, groups: &[Vec<Grant>]) -> Vec<Result<(), Error>> {
    let later = match shelf::later(on, Shelf::Grants) {
        Ok(later) => later,
        Err(error) => return groups.iter().map(|_| Err(error.clone())).collect(),
    };
    let free = |group: &[Grant]| !group.iter().any(|grant| later.contains(&place(&grant.topic, &grant.account)));
    let put: Vec<Grant> = groups.iter().filter(|group| free(group)).flat_map(|group| group.iter().cloned()).collect();
    let kept = if put.is_empty() { Ok(()) } else { keep(on, &put) };
    groups.iter().map(|group| if free(group) { kept.clone() } else { Err(Error::Newer) }).collect()
}

/// Writes down that a person was told then of what these were granted, where they still are; nothing else of it changes.
///
/// # Errors
/// When the store could not be read, or nothing is written.
pub fn tell(on: &dyn Local, whose: &[(TopicId, BareJid)], at: DateTime<Utc>) -> Result<(), Error> {
    let whose: BTreeSet<&(TopicId, BareJid)> = whose.iter().collect();
    let theirs = |grant: &Grant| whose.contains(&(grant.topic.clone(), grant.account.clone()));
    let told: Vec<Grant> = all(on)?.0.into_iter().filter(theirs).map(|grant| grant.told(at)).collect();
    keep(on, &told)
}

/// Takes grants away: they were revoked.
///
/// # Errors
/// When they are there still.
pub fn end(on: &dyn Local, topic: &TopicId, accounts: &[BareJid]) -> Result<(), Error> {
    let gone: Vec<String> = accounts.iter().map(|account| place(topic, account)).collect();
    shelf::keep(on, Shelf::Grants, gone, Vec::new())
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
        let long = grant("b@blue.example", None);
        assert_eq!([89, 90].map(|days| long.due(day(days))), [None, Some(Due::Review)]);
        assert_eq!(long.clone().kept(None, day(90)).due(day(100)), None);
        assert_eq!(boxed.clone().kept(Some(day(60)), day(29)).due(day(30)), None);
    }

    #[test]
    fn of_each_step_a_person_is_told_once() {
        let day = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        let mut boxed = grant("a@blue.example", Some(30));
        let mut told = Vec::new();
        for at in (0..40).chain([35, 36]) {
            if boxed.is_news(day(at)) {
                told.push(at);
                boxed = boxed.told(day(at));
            }
        }
        assert_eq!(told, [16, 29, 30], "near its end, on its last day, when it is over");
        let mut long = grant("b@blue.example", None);
        assert!(!long.is_news(day(89)) && long.is_news(day(90)));
        long = long.told(day(90));
        assert!(!long.is_news(day(200)), "of the same stretch");
        long = long.kept(None, day(200));
        assert!(!long.is_news(day(289)) && long.is_news(day(290)), "and again of the next");
        // What was granted for less than the warning is told of on its last day, not at once.
        let short = grant("c@blue.example", Some(5));
        assert_eq!([0, 3, 4].map(|at| short.is_news(day(at))), [false, false, true]);
    }

    #[test]
    fn what_is_promised_is_kept_whole_or_said_to_be_not() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let grants = ["a", "b", "c"].map(|who| grant(&format!("{who}@blue.example"), Some(30)));
        let later = place(&grants[1].topic, &grants[1].account);
        on.keep(Shelf::Grants, &[], &[(later, "gridwatch 9\nwho knows".to_owned())]).unwrap();
        let kept = promise(on, &[&grants[..1], &grants[1..], &grants[2..]].map(<[Grant]>::to_vec));
        assert!(matches!(kept.as_slice(), [Ok(()), Err(Error::Newer), Ok(())]), "{kept:?}");
        assert_eq!(all(on).unwrap().0, [grants[0].clone(), grants[2].clone()]);
    }

    #[test]
    fn one_grant_an_account_and_topic() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let first = grant("a@blue.example", Some(30));
        keep(on, &[first.clone(), grant("b@blue.example", None)]).unwrap();
        let longer = first.clone().kept(None, DateTime::UNIX_EPOCH + TimeDelta::days(1));
        let longer = Grant { spared: true, ..longer.told(DateTime::UNIX_EPOCH + TimeDelta::days(2)) };
        keep(on, std::slice::from_ref(&longer)).unwrap();
        let (all, aside) = super::all(on).unwrap();
        assert!(all.contains(&longer) && all.len() == 2 && aside.is_empty());
        tell(
            on,
            &[
                (first.topic.clone(), first.account.clone()),
                (first.topic.clone(), "gone@blue.example".parse().unwrap()),
            ],
            first.reviewed,
        )
        .unwrap();
        let (all, _) = super::all(on).unwrap();
        assert!(
            all.contains(&longer.clone().told(first.reviewed)) && all.len() == 2,
            "what is gone does not come back"
        );
        end(on, &first.topic, std::slice::from_ref(&first.account)).unwrap();
        assert_eq!(super::all(on).unwrap().0.len(), 1);
    }
}
