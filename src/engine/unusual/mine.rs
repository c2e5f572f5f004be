//! What I set on topics, so that it can be told from what others set: by what it is, never by when. An act without an answer may
//! show at any time; one that was answered shows as the broker said, however late its description comes. What never left is none of
//! mine, nor what a topic that was asked for after the answer does not show.
//!
//! Pure. May use the engine's commands and answers, `model`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use super::{Facts, LONGEST};
use crate::engine::error::Error;
use crate::engine::record::Of;
use crate::engine::{Command, Receipt};
use crate::model::owned::{Answer, Created, Saved};
use crate::model::{Affiliation, BareJid, TopicId};
use crate::text;

/// Names of facts that are lists of addresses.
const PEOPLE: [&str; 2] = ["owner", "publisher"];

/// What an act is to make of a topic.
#[derive(Clone, Debug)]
enum Wish {
    Set(Facts),
    People(BTreeMap<String, Affiliation>),
    Gone,
}

/// What a topic does not show yet, though it was done.
#[derive(Debug)]
struct Due {
    /// When that was answered.
    since: Instant,
    set: Facts,
    people: BTreeMap<String, Affiliation>,
}

/// See the module.
#[derive(Debug, Default)]
pub(in crate::engine) struct Mine {
    open: HashMap<Of, (TopicId, Wish)>,
    due: HashMap<TopicId, Due>,
    /// What I delete, and when that was answered without a word of what came of it.
    gone: HashMap<TopicId, Option<Instant>>,
}

impl Mine {
    /// I am about to do something. `known` is what the topic is known to be.
    pub(super) fn wishes(&mut self, of: Of, command: &Command, known: impl Fn(&TopicId) -> Option<Facts>) {
        let (topic, wish) = match command {
            Command::Create { topic, settings, .. } => (topic, Wish::Set(facts(settings))),
            Command::Configure { topic, changes, .. } => (topic, Wish::Set(facts(changes))),
            Command::Affiliate { topic, changes, .. } => {
                (topic, Wish::People(people(changes.iter().map(|(who, is)| (who, is)), known(topic).as_ref())))
            }
            Command::Revoke { topic, accounts, to, .. } => {
                (topic, Wish::People(people(accounts.iter().map(|who| (who, to)), known(topic).as_ref())))
            }
            Command::Delete { topic, .. } => (topic, Wish::Gone),
            _ => return,
        };
        match wish {
            Wish::Gone => drop(self.gone.insert(topic.clone(), None)),
            // Made anew it is there again.
            _ => drop(self.gone.remove(topic)),
        }
        drop(self.open.insert(of, (topic.clone(), wish)));
    }

    /// It was answered. `unsure`: an error, and something left that may have been done all the same.
    pub(super) fn came(
        &mut self,
        of: Of,
        (result, unsure): (&Result<Receipt, Error>, bool),
        now: Instant,
        known: impl Fn(&TopicId) -> Option<Facts>,
    ) {
        let Some((topic, wish)) = self.open.remove(&of) else { return };
        let is_gone = matches!(wish, Wish::Gone);
        if result.is_err() && !unsure {
            if is_gone {
                let _ = self.gone.remove(&topic);
            }
            return;
        }
        if is_gone {
            if let Some(answered) = self.gone.get_mut(&topic) {
                *answered = Some(now);
            }
            return;
        }
        let none = || Due { since: now, set: Facts::new(), people: BTreeMap::new() };
        let due = self.due.entry(topic.clone()).or_insert_with(none);
        due.since = now;
        match (wish, result) {
            (Wish::Set(wished), Ok(Receipt::Configured(saved))) => due.set.extend(became(&wished, saved)),
            (Wish::Set(wished), Ok(Receipt::Created(created))) => match &**created {
                Created::Whole(saved) => due.set.extend(became(&wished, saved)),
                Created::Bare { .. } => due.set.extend(wished),
            },
            // Nobody knows what came of it: what it may show is mine.
            (Wish::Set(wished), _) => due.set.extend(wished),
            (Wish::People(changed), Ok(Receipt::Changed { refused, .. })) => {
                let refused: BTreeSet<String> = refused.iter().map(ToString::to_string).collect();
                due.people.extend(changed.into_iter().filter(|(who, _)| !refused.contains(who)));
            }
            (Wish::People(changed), _) => due.people.extend(changed),
            (Wish::Gone, _) => {}
        }
        // What it shows already is not to be waited for: the next who sets that is another.
        if let Some(known) = known(&topic) {
            due.set.retain(|name, value| known.get(name).is_some_and(|is| is != value));
        }
        if due.set.is_empty() && due.people.is_empty() {
            let _ = self.due.remove(&topic);
        }
    }

    /// Whether a topic goes because I delete it.
    pub(super) fn deletes(&self, topic: &TopicId) -> bool {
        self.gone.contains_key(topic)
    }

    /// It is there, or gone: what I did to it is over.
    pub(super) fn forget(&mut self, topic: &TopicId) {
        let _ = self.gone.remove(topic);
        let _ = self.due.remove(topic);
    }

    /// A topic was described, as was asked for then; all of it where `whole`. What I did before and it does not show did not
    /// come about: whoever does that from here on is another.
    pub(super) fn heard(&mut self, topic: &TopicId, asked: Instant, whole: bool) {
        if self.gone.get(topic).is_some_and(|answered| answered.is_some_and(|at| at < asked)) {
            let _ = self.gone.remove(topic);
        }
        if whole && self.due.get(topic).is_some_and(|due| due.since < asked) {
            let _ = self.due.remove(topic);
        }
    }

    /// Which facts of a topic are otherwise by my own doing. What is under way and shows as something else than I wished is
    /// left as it was: its answer tells whether the broker made that of it.
    pub(super) fn judge(&mut self, topic: &TopicId, before: &Facts, facts: &mut Facts) -> BTreeSet<String> {
        let mut mine = BTreeSet::new();
        let differing: Vec<(String, String, String)> = facts
            .iter()
            .filter_map(|(name, new)| {
                Some((name.clone(), before.get(name).filter(|old| *old != new)?.clone(), new.clone()))
            })
            .collect();
        let mut shown = BTreeSet::new();
        for (name, old, new) in differing {
            let open = self.open.values().filter(|(of, _)| of == topic).map(|(_, wish)| wish);
            let due = self.due.get(topic);
            let (is_mine, under_way) = if PEOPLE.contains(&name.as_str()) {
                let wishes: Vec<&BTreeMap<String, Affiliation>> = open
                    .filter_map(|wish| if let Wish::People(people) = wish { Some(people) } else { None })
                    .chain(due.map(|due| &due.people))
                    .collect();
                shown.extend(moved(&old, &new).into_iter().map(str::to_owned));
                (explained(&name, &old, &new, &wishes), false)
            } else {
                let wished: Vec<&String> =
                    open.filter_map(|wish| if let Wish::Set(set) = wish { set.get(&name) } else { None }).collect();
                let is_due = due.and_then(|due| due.set.get(&name)) == Some(&new);
                (is_due || wished.contains(&&new), !wished.is_empty())
            };
            if is_mine {
                let _ = mine.insert(name.clone());
            } else if under_way {
                let _ = facts.insert(name.clone(), old);
                continue;
            }
            // Shown, or overtaken by another.
            if let Some(due) = self.due.get_mut(topic) {
                let _ = due.set.remove(&name);
            }
        }
        if let Some(due) = self.due.get_mut(topic) {
            due.people.retain(|who, _| !shown.contains(who));
        }
        mine
    }
}

/// Who came to a list or left it.
fn moved<'l>(old: &'l str, new: &'l str) -> Vec<&'l str> {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    old.symmetric_difference(&new).copied().collect()
}

/// Whether all of them did so by what I wished.
fn explained(name: &str, old: &str, new: &str, wishes: &[&BTreeMap<String, Affiliation>]) -> bool {
    let on_list = |is: &Affiliation| match name {
        "owner" => *is == Affiliation::Owner,
        _ => matches!(is, Affiliation::Owner | Affiliation::Publisher | Affiliation::PublishOnly),
    };
    moved(old, new).into_iter().all(|who| {
        let came = new.split(' ').any(|listed| listed == who);
        wishes.iter().any(|wish| wish.get(who).is_some_and(|is| on_list(is) == came))
    })
}

/// Of these accounts those that may show on one of a topic's lists: of ten thousand members none does.
fn people<'c>(
    changes: impl Iterator<Item = (&'c BareJid, &'c Affiliation)>,
    known: Option<&Facts>,
) -> BTreeMap<String, Affiliation> {
    let listed: BTreeSet<&str> =
        PEOPLE.iter().filter_map(|name| known?.get(*name)).flat_map(|list| list.split(' ')).collect();
    let shows = |is: &Affiliation| matches!(is, Affiliation::Owner | Affiliation::Publisher | Affiliation::PublishOnly);
    let all = changes.map(|(who, is)| (who.to_string(), is.clone()));
    all.filter(|(who, is)| shows(is) || listed.contains(who.as_str())).collect()
}

/// What a topic says of itself under these settings, by the names of [`super::facts_of`].
fn facts(answers: &[Answer]) -> Facts {
    answers.iter().filter_map(|answer| fact(&answer.var, &answer.values)).collect()
}

fn fact(var: &str, values: &[String]) -> Option<(String, String)> {
    let name = var.strip_prefix("pubsub#")?;
    let value = values.first().map(|value| value.trim()).filter(|value| !value.is_empty())?;
    let value = match (name, value) {
        ("persist_items", "1") => "true",
        ("persist_items", "0") => "false",
        ("notification_type", "headline") => "headline",
        ("notification_type", _) => "normal",
        (_, value) => value,
    };
    Some((name.to_owned(), text::cap(value, LONGEST)))
}

/// What the broker's own form shows of what was wished. What else changed meanwhile is not mine.
fn became(wished: &Facts, saved: &Saved) -> Facts {
    let is = saved.fates.iter().filter_map(|fate| fact(&fate.var, &fate.is));
    is.filter(|(name, _)| wished.contains_key(name)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::RequestId;

    const MINUTE: Duration = Duration::from_secs(60);

    fn topic() -> TopicId {
        TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".to_owned() }
    }

    fn access(is: &str) -> Facts {
        Facts::from([("access_model".to_owned(), is.to_owned())])
    }

    /// The topic is set to `open`, and deleted; what came of both is not known.
    fn unsure(now: Instant, left: bool) -> Mine {
        let mut mine = Mine::default();
        let (topic, request) = (topic(), RequestId(1));
        let changes = vec![Answer::new("pubsub#access_model", "open")];
        let set = Command::Configure { request, topic: topic.clone(), changes, reason: String::new() };
        let gone = Command::Delete { request, topic, redirect: None };
        for (number, command) in [set, gone].iter().enumerate() {
            let of = Of::Own(number as u64);
            mine.wishes(of, command, |_| Some(access("authorize")));
            mine.came(of, (&Err(Error::Offline), left), now, |_| Some(access("authorize")));
        }
        mine
    }

    fn opened(mine: &mut Mine) -> bool {
        !mine.judge(&topic(), &access("authorize"), &mut access("open")).is_empty()
    }

    #[test]
    fn what_never_left_is_not_mine() {
        let mut mine = unsure(Instant::now(), false);
        assert!(!mine.deletes(&topic()) && !opened(&mut mine));
        // What left may show.
        let mut mine = unsure(Instant::now(), true);
        assert!(mine.deletes(&topic()) && opened(&mut mine));
    }

    #[test]
    fn what_a_later_description_does_not_show_is_not_mine_any_more() {
        let now = Instant::now() + MINUTE;
        // Asked for before the answer, or in part, it says nothing of it.
        for (asked, whole, gone, set) in
            [(now - MINUTE, true, true, true), (now + MINUTE, false, false, true), (now + MINUTE, true, false, false)]
        {
            let mut mine = unsure(now, true);
            mine.heard(&topic(), asked, whole);
            assert_eq!((mine.deletes(&topic()), opened(&mut mine)), (gone, set), "{whole}");
        }
    }
}
