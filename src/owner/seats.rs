//! Everybody who may read topics of mine, for the sweep in which each is kept or revoked: who was granted access here, and who is
//! on a topic's lists without it: entered by another console, by another owner or before there was this one. Of those nobody
//! knows since when, so they come before whoever was looked at.
//!
//! May use `model` and what this layer remembers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::grant::{Due, Grant};
use crate::model::owned::Members;
use crate::model::{Affiliation, BareJid, TopicId};

/// Somebody's access to a topic of mine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub topic: TopicId,
    pub account: BareJid,
    /// `None` where nothing is written down of it.
    pub grant: Option<Grant>,
}

impl Seat {
    /// Who is on the lists and was never looked at is to be looked at now.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<Due> {
        self.grant.as_ref().map_or(Some(Due::Review), |grant| grant.due(now))
    }

    /// Somebody said that it is right, for so long from now on.
    #[must_use]
    pub fn kept(&self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Grant {
        let found = || Grant::found(self.topic.clone(), self.account.clone(), now);
        self.grant.clone().unwrap_or_else(found).kept(until, now)
    }
}

/// All of them, what is over first, then by their end; of those that are to be looked at again, who never was comes first, then
/// who was not for longest. Owners are no guests, and who was put out has no seat.
#[must_use]
pub fn all(grants: &[Grant], lists: &[(TopicId, Arc<Members>)], now: DateTime<Utc>) -> Vec<Seat> {
    let mut granted: HashMap<&TopicId, HashSet<&BareJid>> = HashMap::new();
    for grant in grants {
        let _ = granted.entry(&grant.topic).or_default().insert(&grant.account);
    }
    let seat =
        |grant: &Grant| Seat { topic: grant.topic.clone(), account: grant.account.clone(), grant: Some(grant.clone()) };
    let mut seats: Vec<Seat> = grants.iter().map(seat).collect();
    for (topic, members) in lists {
        let known = granted.get(topic);
        let new = readers(members).into_iter().filter(|who| known.is_none_or(|known| !known.contains(who)));
        seats.extend(new.map(|account| Seat { topic: topic.clone(), account: account.clone(), grant: None }));
    }
    seats.sort_by_cached_key(|seat| {
        let (due, grant) = (seat.due(now), seat.grant.as_ref());
        let ends = || grant.and_then(|grant| grant.until).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let at = match due {
            Some(Due::Review) => grant.map_or(DateTime::<Utc>::MIN_UTC, |grant| grant.reviewed),
            _ => ends(),
        };
        (due.is_none(), due, at, seat.topic.clone(), seat.account.clone())
    });
    seats
}

/// Who reads, or may.
fn readers(members: &Members) -> HashSet<&BareJid> {
    let of = |wanted: fn(&Affiliation) -> bool| {
        members.affiliations.iter().filter(move |(_, is)| wanted(is)).map(|(jid, _)| jid.bare())
    };
    let read = members.subscribers.iter().filter(|own| !own.pending).map(|own| own.jid.bare());
    let mut all: HashSet<&BareJid> = of(|is| matches!(is, Affiliation::Member | Affiliation::Publisher)).collect();
    all.extend(read);
    of(|is| matches!(is, Affiliation::Owner | Affiliation::Outcast)).for_each(|who| {
        let _ = all.remove(who);
    });
    all
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::owned::Subscriber;

    #[test]
    fn everybody_on_the_lists_is_offered_and_of_unknown_date_comes_before_who_was_looked_at() {
        let topic = |node: &str| TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() };
        let day = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        let who = |name: &str| format!("{name}@blue.example").parse::<BareJid>().unwrap();
        let grant = |name: &str, until: Option<i64>, looked| Grant {
            reviewed: day(looked),
            ..Grant::new(topic("feed"), who(name), until.map(day), "", day(0))
        };
        let grants = [
            grant("fresh", Some(900), 390),
            grant("lately", None, 300),
            grant("long", None, 10),
            grant("soon", Some(405), 390),
            grant("over", Some(399), 390),
        ];
        let reads = |name: &str, pending| Subscriber { jid: who(name).into(), subid: None, pending };
        let members = Members {
            affiliations: vec![
                (who("me").into(), Affiliation::Owner),
                (who("idle").into(), Affiliation::Member),
                (who("long").into(), Affiliation::Member),
                (who("writes").into(), Affiliation::Publisher),
                (who("out").into(), Affiliation::Outcast),
                (who("left").into(), Affiliation::None),
            ],
            subscribers: vec![
                reads("me", false),
                reads("out", false),
                reads("plain", false),
                reads("waits", true),
                reads("fresh", false),
            ],
            unreadable: 0,
        };
        // The same account on another topic is another seat.
        let other = Members { subscribers: vec![reads("fresh", false)], ..Members::default() };
        let lists = [(topic("feed"), Arc::new(members)), (topic("other"), Arc::new(other))];
        let seats = all(&grants, &lists, day(400));
        let told: Vec<_> = seats
            .iter()
            .map(|seat| (seat.account.local().unwrap_or_default(), seat.topic.node.as_str(), seat.grant.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                ("over", "feed", true),
                ("soon", "feed", true),
                ("idle", "feed", false),
                ("plain", "feed", false),
                ("writes", "feed", false),
                ("fresh", "other", false),
                ("long", "feed", true),
                ("lately", "feed", true),
                ("fresh", "feed", true),
            ]
        );
        assert!(seats[..8].iter().all(|seat| seat.due(day(400)).is_some()));
        let kept = seats[2].kept(Some(day(500)), day(400));
        assert_eq!((kept.since, kept.reviewed, kept.until), (None, day(400), Some(day(500))));
        assert_eq!(Seat { grant: Some(kept), ..seats[2].clone() }.due(day(401)), None);
    }
}
