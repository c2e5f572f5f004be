//! Rules that decide requests by themselves (RFC 8600 §8.3.4: "the Topic owner can be a policy server"): who is let in and who
//! is refused, by account or by domain, on one topic or on all. A rule that was never switched on only says what it would do.
//!
//! A domain is meant as it is written: what only looks like it is another one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::past::{By, Past};
use super::{damaged, stamp, time};
use crate::model::owned::{Act, Pending};
use crate::model::{BareJid, TopicId};
use crate::store::local::Shelf;
use crate::store::shelf::{self, Kept, Unread};
use crate::store::{Error, Local};

/// Whom a rule is about. The narrower comes later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Domain(String),
    Account(BareJid),
}

impl Who {
    /// Reads what a person typed: an address with an `@` is an account, one without is a domain.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(text: &str) -> Result<Self, crate::model::jid::Error> {
        let address: BareJid = text.trim().parse()?;
        Ok(match address.local() {
            Some(_) => Self::Account(address),
            None => Self::Domain(address.domain().to_owned()),
        })
    }

    #[must_use]
    pub fn is(&self, account: &BareJid) -> bool {
        match self {
            Self::Domain(domain) => account.domain() == domain,
            Self::Account(own) => own == account,
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Domain(domain) => f.write_str(domain),
            Self::Account(account) => account.fmt(f),
        }
    }
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub who: Who,
    /// On this topic, or on all of mine.
    pub topic: Option<TopicId>,
    pub allow: bool,
    /// Decides; else it is only looked at.
    pub on: bool,
    /// What is granted by it ends after so many days.
    pub days: Option<u32>,
    /// Why there is such a rule; whom it refuses is told this.
    pub note: String,
    pub made: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    who: String,
    #[serde(default)]
    broker: Option<String>,
    #[serde(default)]
    node: Option<String>,
    allow: bool,
    on: bool,
    #[serde(default)]
    days: Option<u32>,
    #[serde(default)]
    note: String,
    made: String,
}

impl Kept for Rule {
    const SHELF: Shelf = Shelf::Rules;

    fn text(&self) -> String {
        shelf::toml(&Written {
            who: self.who.to_string(),
            broker: self.topic.as_ref().map(|topic| topic.broker.to_string()),
            node: self.topic.as_ref().map(|topic| topic.node.clone()),
            allow: self.allow,
            on: self.on,
            days: self.days,
            note: self.note.clone(),
            made: stamp(self.made),
        })
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let Written { who, broker, node, allow, on, days, note, made } = shelf::from_toml(text)?;
        let topic = match (broker, node) {
            (Some(broker), Some(node)) => Some(TopicId { broker: broker.parse().map_err(damaged)?, node }),
            (None, None) => None,
            // Half a topic must not become all of them.
            _ => return Err(Unread::Damaged("half a topic".to_owned())),
        };
        Ok(Self { who: Who::read(&who).map_err(damaged)?, topic, allow, on, days, note, made: time(&made)? })
    }
}

impl Rule {
    #[must_use]
    pub fn is_about(&self, topic: &TopicId, account: &BareJid) -> bool {
        self.who.is(account) && self.topic.as_ref().is_none_or(|own| own == topic)
    }

    /// Whether it leaves an account to a person, who turned it away there and did not make the rule for it since.
    #[must_use]
    pub fn is_left(&self, topic: &TopicId, account: &BareJid, past: &BTreeMap<BareJid, Vec<Past>>) -> bool {
        let there = past.get(account).into_iter().flatten().filter(|past| past.topic == *topic);
        let last = there.max_by_key(|past| past.at).filter(|past| past.by == By::Me);
        let away = last.filter(|past| matches!(past.act, Act::Denied | Act::Revoked));
        let meant = |past: &Past| matches!(self.who, Who::Account(_)) && self.made > past.at;
        self.allow && away.is_some_and(|past| !meant(past))
    }

    /// The narrower rule counts, and of two as narrow the one that refuses.
    fn weight(&self) -> (bool, bool, bool) {
        (matches!(self.who, Who::Account(_)), self.topic.is_some(), !self.allow)
    }
}

/// All rules by their names, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub all: Vec<(String, Rule)>,
    /// What could not be read stands aside.
    pub aside: Vec<shelf::Aside>,
}

/// What a rule would do, or would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// Requests that wait and that it would decide now.
    pub now: Vec<(TopicId, BareJid)>,
    /// Requests that wait and that it leaves to a person, who turned them away.
    pub left: Vec<(TopicId, BareJid)>,
    /// Requests that wait and that a narrower rule decides instead.
    pub other: Vec<(TopicId, BareJid)>,
    /// Decisions of the past that it would have taken the same way.
    pub same: Vec<(BareJid, Past)>,
    /// And the other way.
    pub against: Vec<(BareJid, Past)>,
}

impl Rules {
    /// # Errors
    /// When the store could not be read.
    pub fn load(on: &dyn Local) -> Result<Self, Error> {
        let read = shelf::all::<Rule>(on)?;
        Ok(Self { all: read.entries, aside: read.aside })
    }

    /// The rule that decides about a request, with its name.
    #[must_use]
    pub fn judge(&self, topic: &TopicId, account: &BareJid) -> Option<(&str, &Rule)> {
        self.weightiest(topic, account, |rule| rule.on)
    }

    fn weightiest(&self, topic: &TopicId, account: &BareJid, counts: impl Fn(&Rule) -> bool) -> Option<(&str, &Rule)> {
        let about = self.all.iter().filter(|(_, rule)| counts(rule) && rule.is_about(topic, account));
        about.max_by_key(|(_, rule)| rule.weight()).map(|(name, rule)| (name.as_str(), rule))
    }

    /// Of these requests those that rules decide.
    pub fn decided<'p>(
        &self,
        pending: impl IntoIterator<Item = &'p Pending>,
        past: &BTreeMap<BareJid, Vec<Past>>,
    ) -> impl Iterator<Item = (&'p Pending, &str, &Rule)> {
        pending.into_iter().filter_map(|one| {
            let (name, rule) = self.judge(&one.topic, &one.subscriber)?;
            (!rule.is_left(&one.topic, &one.subscriber, past)).then_some((one, name, rule))
        })
    }

    /// What `rule`, which need not be among these, would do.
    #[must_use]
    pub fn simulate(&self, rule: &Rule, pending: &[Pending], past: &BTreeMap<BareJid, Vec<Past>>) -> Simulation {
        let mut simulation = Simulation::default();
        for one in pending.iter().filter(|one| rule.is_about(&one.topic, &one.subscriber)) {
            let key = (one.topic.clone(), one.subscriber.clone());
            let narrower = |other: &Rule| other.on && other.weight() > rule.weight();
            let other = self.weightiest(&one.topic, &one.subscriber, narrower);
            let left = rule.is_left(&one.topic, &one.subscriber, past);
            match other {
                Some(_) => simulation.other.push(key),
                None if left => simulation.left.push(key),
                None => simulation.now.push(key),
            }
        }
        for (account, decisions) in past {
            for past in decisions.iter().filter(|past| rule.is_about(&past.topic, account)) {
                let one = (account.clone(), past.clone());
                match (past.act, rule.allow) {
                    (Act::Approved, true) | (Act::Denied | Act::Revoked, false) => simulation.same.push(one),
                    _ => simulation.against.push(one),
                }
            }
        }
        simulation
    }
}

#[cfg(test)]
mod tests {
    use super::super::past::By;
    use super::*;
    use crate::store::{Memory, Store};

    fn topic(node: &str) -> TopicId {
        TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() }
    }

    fn rule(who: &str, topic: Option<TopicId>, allow: bool) -> Rule {
        let who = Who::read(who).unwrap();
        Rule { who, topic, allow, on: true, days: Some(365), note: "MoU 14".to_owned(), made: DateTime::UNIX_EPOCH }
    }

    fn pending(node: &str, who: &str) -> Pending {
        Pending { topic: topic(node), subscriber: who.parse().unwrap(), seen: DateTime::UNIX_EPOCH, said: None }
    }

    fn rules(all: Vec<Rule>) -> Rules {
        let named = all.into_iter().enumerate().map(|(at, rule)| (format!("{at}"), rule));
        Rules { all: named.collect(), aside: Vec::new() }
    }

    #[test]
    fn the_narrower_rule_counts_and_then_the_refusal() {
        let rules = rules(vec![
            rule("blue.example", None, true),
            rule("blue.example", Some(topic("red-only")), false),
            rule("soc@blue.example", None, true),
            rule("red.example", None, true),
            rule("red.example", None, false),
            Rule { on: false, ..rule("green.example", None, true) },
        ]);
        let judged =
            |node: &str, who: &str| rules.judge(&topic(node), &who.parse().unwrap()).map(|(_, rule)| rule.allow);
        assert_eq!(judged("feed", "feed@blue.example"), Some(true));
        assert_eq!(judged("red-only", "feed@blue.example"), Some(false));
        assert_eq!(judged("red-only", "soc@blue.example"), Some(true), "an account is narrower than a topic");
        assert_eq!(judged("feed", "x@red.example"), Some(false));
        assert_eq!(judged("feed", "x@green.example"), None, "not switched on");
        // Another domain is another domain, however it looks.
        assert_eq!(judged("feed", "x@bIue.example".to_lowercase().as_str()), None);
        assert_eq!(judged("feed", "x@sub.blue.example"), None);
        let all = [pending("feed", "a@blue.example"), pending("feed", "a@other.example")];
        assert_eq!(rules.decided(&all, &BTreeMap::new()).count(), 1);
    }

    #[test]
    fn before_it_is_switched_on_it_says_what_it_would_do() {
        let rules = rules(vec![rule("bad@blue.example", None, false)]);
        let waiting = ["a@blue.example", "b@blue.example", "c@blue.example", "bad@blue.example", "x@red.example"];
        let waiting = waiting.map(|who| pending("feed", who));
        let past = |act, second| Past {
            topic: topic("feed"),
            act,
            note: String::new(),
            at: DateTime::from_timestamp(second, 0).unwrap(),
            by: By::Me,
        };
        let known = BTreeMap::from([
            ("old@blue.example".parse().unwrap(), vec![past(Act::Approved, 1), past(Act::Revoked, 2)]),
            ("old@red.example".parse().unwrap(), vec![past(Act::Denied, 1)]),
        ]);
        let new = Rule { on: false, ..rule("blue.example", Some(topic("feed")), true) };
        let would = rules.simulate(&new, &waiting, &known);
        assert_eq!((would.now.len(), would.other.len()), (3, 1), "would have approved these three");
        assert_eq!((would.same.len(), would.against.len()), (1, 1));
    }

    #[test]
    fn whom_a_person_turned_away_a_rule_leaves_to_them_unless_it_is_made_for_them_since() {
        let who: BareJid = "a@blue.example".parse().unwrap();
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let past = |act, second, by| Past { topic: topic("feed"), act, note: String::new(), at: at(second), by };
        let left =
            |rule: &Rule, past: Vec<Past>| rule.is_left(&topic("feed"), &who, &BTreeMap::from([(who.clone(), past)]));
        let domain = Rule { made: at(5), ..rule("blue.example", None, true) };
        let account = Rule { made: at(5), ..rule("a@blue.example", None, true) };
        for act in [Act::Denied, Act::Revoked] {
            assert!(left(&domain, vec![past(act, 3, By::Me)]) && left(&domain, vec![past(act, 7, By::Me)]), "{act:?}");
            assert!(!left(&account, vec![past(act, 3, By::Me)]), "it is made for them since");
            assert!(left(&account, vec![past(act, 7, By::Me)]));
            assert!(!left(&domain, vec![past(act, 3, By::Clock)]), "nobody turned them away");
            assert!(!left(&domain, vec![past(act, 3, By::Me), past(Act::Approved, 4, By::Me)]), "and took them back");
        }
        let elsewhere = Past { topic: topic("other"), ..past(Act::Denied, 7, By::Me) };
        assert!(!left(&domain, vec![elsewhere]));
        let waits = [pending("feed", "a@blue.example")];
        let known = BTreeMap::from([(who.clone(), vec![past(Act::Denied, 7, By::Me)])]);
        let one = rules(vec![domain.clone()]);
        assert_eq!(one.decided(&waits, &known).count(), 0);
        let would = one.simulate(&domain, &waits, &known);
        assert_eq!((would.now.len(), would.left.len()), (0, 1));
    }

    #[test]
    fn rules_are_kept_and_half_a_topic_is_none() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let rule = rule("soc@blue.example", Some(topic("feed")), true);
        shelf::put(on, "00000001", &rule).unwrap();
        on.keep(Shelf::Rules, &[], &[("00000002".to_owned(), rule.text().replace("node =", "nodes ="))]).unwrap();
        let half = rule.text().lines().filter(|line| !line.starts_with("node")).collect::<Vec<_>>().join("\n");
        on.keep(Shelf::Rules, &[], &[("00000003".to_owned(), half)]).unwrap();
        let read = Rules::load(on).unwrap();
        assert_eq!(read.all, [("00000001".to_owned(), rule)]);
        assert_eq!(read.aside.len(), 2);
    }
}
