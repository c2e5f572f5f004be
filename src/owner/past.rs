//! What was decided about an account before: what an owner wants to see beside its next request. The log of all acts is
//! elsewhere; this is as much as a decision needs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{damaged, spared, stamp, time};
use crate::model::owned::Act;
use crate::model::{BareJid, TopicId};
use crate::store::activity;
use crate::store::local::Shelf;
use crate::store::shelf::{self, Kept, Unread};
use crate::store::{Error, Local};

/// Decisions kept of one account; the oldest go.
pub const MOST: usize = 50;

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Me,
    /// A rule, by its name on the shelf.
    Rule(String),
    /// The end that was set when it was granted.
    Clock,
}

impl By {
    /// Whose hand it was, for the log of acts. Who takes back what a rule or the clock began is a person.
    #[must_use]
    pub fn hand(&self, undone: bool) -> activity::By {
        match self {
            Self::Rule(_) | Self::Clock if !undone => activity::By::Rule,
            Self::Me | Self::Rule(_) | Self::Clock => activity::By::Person,
        }
    }
}

/// A decision of this desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    pub topic: TopicId,
    /// [`Act::Approved`], [`Act::Denied`] or [`Act::Revoked`].
    pub act: Act,
    /// The reason that was typed.
    pub note: String,
    pub at: DateTime<Utc>,
    pub by: By,
}

/// Decisions about one account, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(pub Vec<Past>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    past: Vec<One>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    broker: String,
    node: String,
    act: String,
    #[serde(default)]
    note: String,
    at: String,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    clock: bool,
}

impl Kept for History {
    const SHELF: Shelf = Shelf::Decisions;

    fn text(&self) -> String {
        let one = |past: &Past| One {
            broker: past.topic.broker.to_string(),
            node: past.topic.node.clone(),
            act: past.act.token().to_owned(),
            note: past.note.clone(),
            at: stamp(past.at),
            rule: if let By::Rule(rule) = &past.by { Some(rule.clone()) } else { None },
            clock: past.by == By::Clock,
        };
        shelf::toml(&Written { past: self.0.iter().map(one).collect() })
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let written: Written = shelf::from_toml(text)?;
        let one = |one: One| {
            Ok(Past {
                topic: TopicId { broker: one.broker.parse().map_err(damaged)?, node: one.node },
                act: Act::from_token(&one.act).ok_or_else(|| Unread::Damaged("no act".to_owned()))?,
                note: one.note,
                at: time(&one.at)?,
                by: match (one.rule, one.clock) {
                    (Some(rule), _) => By::Rule(rule),
                    (None, true) => By::Clock,
                    (None, false) => By::Me,
                },
            })
        };
        written.past.into_iter().map(one).collect::<Result<_, Unread>>().map(Self)
    }
}

/// All that is remembered, by account.
///
/// # Errors
/// When the store could not be read.
pub fn all(on: &dyn Local) -> Result<BTreeMap<BareJid, Vec<Past>>, Error> {
    let read = shelf::all::<History>(on)?;
    let known = |(name, history): (String, History)| Some((name.parse().ok()?, history.0));
    Ok(read.entries.into_iter().filter_map(known).collect())
}

/// Requests were decided: that is remembered, and a rule may decide the next ones of theirs again.
///
/// # Errors
/// When none of it is kept.
pub fn decided(on: &dyn Local, decisions: Vec<(BareJid, Past)>) -> Result<(), Error> {
    spared::settle(on, decisions.iter().map(|(account, past)| (&past.topic, account)))?;
    remember(on, decisions)
}

/// Adds decisions, as one change.
///
/// # Errors
/// When none of them is kept.
pub fn remember(on: &dyn Local, decisions: Vec<(BareJid, Past)>) -> Result<(), Error> {
    let mut known = all(on)?;
    let mut changed: BTreeMap<String, History> = BTreeMap::new();
    for (account, past) in decisions {
        let history =
            changed.entry(account.to_string()).or_insert_with(|| History(known.remove(&account).unwrap_or_default()));
        history.0.push(past);
        let over = history.0.len().saturating_sub(MOST);
        let _ = history.0.drain(..over);
    }
    let put: Vec<(String, String)> = changed.into_iter().map(|(name, history)| (name, history.text())).collect();
    shelf::keep(on, Shelf::Decisions, Vec::new(), put)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Memory, Store};

    #[test]
    fn decisions_are_remembered_by_account_and_the_oldest_go() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let who: BareJid = "soc@blue.example".parse().unwrap();
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let past = |number: i64| Past {
            topic: topic.clone(),
            act: if number == 0 { Act::Denied } else { Act::Approved },
            note: format!("reason {number}"),
            at: DateTime::from_timestamp(number, 0).unwrap(),
            by: [By::Me, By::Rule("blue".to_owned()), By::Clock][number as usize % 3].clone(),
        };
        for number in 0..=MOST as i64 {
            remember(on, vec![(who.clone(), past(number))]).unwrap();
        }
        let all = all(on).unwrap();
        assert_eq!(all[&who].len(), MOST);
        assert_eq!((&all[&who][0], &all[&who][MOST - 1]), (&past(1), &past(MOST as i64)));
    }
}
