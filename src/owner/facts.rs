//! What an owner should know before a decision: whose address it is and what it looks like, whether anybody of that domain is
//! here already, what was decided before.
//!
//! May use `model`, `text` and what this layer remembers. What is needed for many requests is put in order once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::past::Past;
use super::would::Would;
use crate::model::owned::{Members, Pending};
use crate::model::{Affiliation, BareJid, TopicId};
use crate::text::{self, Looks, Strange};

/// What is known beside the requests.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub me: &'a BareJid,
    /// Topics of mine whose members were read.
    pub members: &'a [(TopicId, Arc<Members>)],
    /// What is stored of them.
    pub would: &'a BTreeMap<TopicId, Would>,
    /// Domains of contact cards, with the organisation's name.
    pub cards: &'a BTreeMap<String, String>,
    pub met: &'a BTreeMap<String, DateTime<Utc>>,
    pub past: &'a BTreeMap<BareJid, Vec<Past>>,
}

/// How well an account is known; what comes first counts where several hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was put out of a topic of mine.
    Barred,
    /// It is of my own domain.
    Ours,
    /// It reads another topic of mine.
    Reads,
    /// Others of its domain read topics of mine, or publish there.
    Kin,
    /// A contact card names its domain.
    Carded,
    Unknown,
}

/// The facts of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Since it was first seen here.
    pub age: TimeDelta,
    /// The form that shows what a non-ASCII address is made of.
    pub ascii: Option<String>,
    pub strange: Option<Strange>,
    pub standing: Standing,
    /// When the domain was first met here; `None` where it is met for the first time.
    pub first_met: Option<DateTime<Utc>>,
    /// By a contact card.
    pub organisation: Option<String>,
    /// Topics of mine that its domain has to do with.
    pub topics: Vec<TopicId>,
    /// Decisions about this account, newest first.
    pub past: Vec<Past>,
}

impl Facts {
    /// Whether a decision to let it in needs the domain looked at and a reason typed (`product.md` B6, tier 2).
    #[must_use]
    pub fn needs_check(&self) -> bool {
        self.strange.is_some() || matches!(self.standing, Standing::Barred | Standing::Unknown)
    }
}

/// What makes one domain rather than another the one that is looked like: it is mine, topics it has to do with, a card names
/// it, it is plain.
type Weight = (bool, usize, bool, bool);

/// All of it in order, for any number of requests.
#[derive(Debug)]
pub struct Known<'a> {
    around: Around<'a>,
    /// Put out of a topic of mine.
    barred: BTreeSet<&'a BareJid>,
    readers: BTreeMap<&'a BareJid, BTreeSet<&'a TopicId>>,
    domains: BTreeMap<&'a str, BTreeSet<&'a TopicId>>,
    looks: Looks<Weight>,
}

impl<'a> Known<'a> {
    #[must_use]
    pub fn new(around: Around<'a>) -> Self {
        // Whoever was put out of one topic is nobody's acquaintance, whatever else is on the lists.
        let listed = around.members.iter().flat_map(|(_, members)| &members.affiliations);
        let barred = listed.filter(|(_, is)| *is == Affiliation::Outcast).map(|(jid, _)| jid.bare());
        let barred: BTreeSet<&BareJid> = barred.collect();
        let mut readers: BTreeMap<&BareJid, BTreeSet<&TopicId>> = BTreeMap::new();
        for (topic, members) in around.members {
            for (jid, affiliation) in &members.affiliations {
                if matches!(affiliation, Affiliation::Owner | Affiliation::Publisher | Affiliation::Member) {
                    let _ = readers.entry(jid.bare()).or_default().insert(topic);
                }
            }
            for own in members.subscribers.iter().filter(|own| !own.pending) {
                let _ = readers.entry(own.jid.bare()).or_default().insert(topic);
            }
        }
        readers.retain(|account, _| !barred.contains(account));
        let mut domains: BTreeMap<&str, BTreeSet<&TopicId>> = BTreeMap::new();
        for (account, topics) in &readers {
            domains.entry(account.domain()).or_default().extend(topics);
        }
        for (topic, would) in around.would {
            for publisher in would.publishers.keys().filter(|account| !barred.contains(account)) {
                let _ = domains.entry(publisher.domain()).or_default().insert(topic);
            }
        }
        let mine = around.me.domain();
        let weight = |domain: &str| {
            let topics = domains.get(domain).map_or(0, BTreeSet::len);
            (domain == mine, topics, around.cards.contains_key(domain), domain.is_ascii())
        };
        let carded = around.cards.keys().map(String::as_str);
        let all = domains.keys().copied().chain(carded).chain(std::iter::once(mine));
        let looks = Looks::of(all.map(|domain| (domain.to_owned(), weight(domain))));
        Self { around, barred, readers, domains, looks }
    }

    #[must_use]
    pub fn facts(&self, pending: &Pending, now: DateTime<Utc>) -> Facts {
        let account = &pending.subscriber;
        let (domain, address) = (account.domain(), account.to_string());
        let organisation = self.around.cards.get(domain).cloned();
        let elsewhere = self.readers.get(account).is_some_and(|topics| topics.iter().any(|own| **own != pending.topic));
        let standing = if self.barred.contains(account) {
            Standing::Barred
        } else if domain == self.around.me.domain() {
            Standing::Ours
        } else if elsewhere {
            Standing::Reads
        } else if self.domains.contains_key(domain) {
            Standing::Kin
        } else if organisation.is_some() {
            Standing::Carded
        } else {
            Standing::Unknown
        };
        let topics = self.domains.get(domain).into_iter().flatten().map(|topic| TopicId::clone(topic)).collect();
        let past = self.around.past.get(account).into_iter().flatten().rev().cloned().collect();
        Facts {
            age: now - pending.seen,
            ascii: text::ascii(&address),
            strange: self.looks.strange(domain, &address),
            standing,
            first_met: self.around.met.get(domain).copied(),
            organisation,
            topics,
            past,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::past::By;
    use super::*;
    use crate::model::owned::{Act, Subscriber};

    fn topic(node: &str) -> TopicId {
        TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn who_is_known_and_what_only_looks_so() {
        let me: BareJid = "me@grid.example".parse().unwrap();
        let one = |jid: &str, pending| Subscriber { jid: jid.parse().unwrap(), subid: None, pending };
        // On lists before and after the one that says who was put out.
        let beside = |node: &str| {
            let affiliations = vec![("bad@put-out.example".parse().unwrap(), Affiliation::Member)];
            (topic(node), Arc::new(Members { affiliations, ..Members::default() }))
        };
        let members = vec![
            beside("earlier"),
            (
                topic("feed"),
                Arc::new(Members {
                    affiliations: vec![
                        ("member@blue.example".parse().unwrap(), Affiliation::Member),
                        ("bad@put-out.example".parse().unwrap(), Affiliation::Outcast),
                        ("bad@blue.example".parse().unwrap(), Affiliation::Outcast),
                    ],
                    subscribers: vec![
                        one("soc@milehost.example/desk", false),
                        one("waits@pending.example", true),
                        one("bad@put-out.example", false),
                    ],
                    unreadable: 0,
                }),
            ),
            beside("later"),
        ];
        let publishers = ["csirt@pub.example", "bad@put-out.example"].map(|who| (who.parse().unwrap(), at(5)));
        let publishers = BTreeMap::from(publishers);
        let would = BTreeMap::from([(topic("other"), Would { publishers, ..Would::default() })]);
        let cards = BTreeMap::from([("cert.example".to_owned(), "Example CERT".to_owned())]);
        let met = BTreeMap::from([("blue.example".to_owned(), at(7))]);
        let decision = |act, second| Past {
            topic: topic("feed"),
            act,
            note: "wrong constituency".to_owned(),
            at: at(second),
            by: By::Me,
        };
        let who: BareJid = "feed@blue.example".parse().unwrap();
        let past = BTreeMap::from([(who, vec![decision(Act::Denied, 1), decision(Act::Approved, 2)])]);
        let known =
            Known::new(Around { me: &me, members: &members, would: &would, cards: &cards, met: &met, past: &past });
        let facts = |who: &str, node: &str| {
            let subscriber = who.parse().unwrap();
            known.facts(&Pending { topic: topic(node), subscriber, seen: at(100), said: None }, at(160))
        };
        for (who, node, standing, check) in [
            ("colleague@grid.example", "new", Standing::Ours, false),
            ("soc@milehost.example", "new", Standing::Reads, false),
            ("soc@milehost.example", "feed", Standing::Kin, false),
            ("feed@blue.example", "new", Standing::Kin, false),
            ("desk@pub.example", "new", Standing::Kin, false),
            ("x@cert.example", "new", Standing::Carded, false),
            ("x@nobody.example", "new", Standing::Unknown, true),
            ("waits@pending.example", "new", Standing::Unknown, true),
            ("bad@put-out.example", "new", Standing::Barred, true),
            // Others of its domain are here: it is not let in for their sake.
            ("bad@blue.example", "new", Standing::Barred, true),
            ("other@put-out.example", "new", Standing::Unknown, true),
        ] {
            let facts = facts(who, node);
            assert_eq!((facts.standing, facts.needs_check()), (standing, check), "{who} {node}");
        }
        let blue = facts("feed@blue.example", "new");
        assert_eq!((blue.age, blue.first_met), (TimeDelta::seconds(60), Some(at(7))));
        assert_eq!(blue.past.iter().map(|past| past.act).collect::<Vec<_>>(), [Act::Approved, Act::Denied]);
        assert_eq!(blue.topics, [topic("feed")]);
        // Look-alikes of whom I know: never known themselves.
        for fake in ["soc@rnilehost.example", "soc@m\u{456}lehost.example", "x@\u{441}ert.example"] {
            let fake = facts(fake, "new");
            assert!(matches!(&fake.strange, Some(Strange::LooksLike(_))) && fake.needs_check(), "{fake:?}");
        }
        assert!(facts("soc@m\u{456}lehost.example", "new").ascii.is_some());
    }
}
