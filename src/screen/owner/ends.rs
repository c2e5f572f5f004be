//! What the clock asks of access that was granted: a person is told before it ends; when its time is over it is ended, held as
//! a decision of one's own is, and proven by both lists; who was not looked at for long is named.
//!
//! What was found over at the start is ended as what ends now, and nothing by a clock that is doubted ([`crate::owner::clock`]). Nothing is ended twice: who is gone from the lists already is
//! only written down, and who became more than a reader since, or was taken back, is left to a person.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::members::Members;
use super::{Message, Whose, Work, mine};
use crate::app::cx::Cx;
use crate::model::owned::Members as Listed;
use crate::model::{Affiliation, BareJid, TopicId};
use crate::owner::clock::{Belief, OFTEN};
use crate::owner::grant::{Due, Grant};
use crate::screen::Action;

/// Lists that are older are read again before anything is ended by them.
const FRESH: TimeDelta = TimeDelta::minutes(1);
/// After so long lists that could not be read are asked for again, and what was not proven to have ended is ended again.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

#[derive(Debug, Default)]
pub struct Sweep {
    /// Told of; what is written of it comes back later.
    told: BTreeMap<Whose, DateTime<Utc>>,
    /// Seen to since there is this connection: not again before then.
    done: BTreeMap<Whose, DateTime<Utc>>,
    /// When it was last written down that the clock is believed.
    believed: Option<DateTime<Utc>>,
    /// When a topic's lists were asked for.
    asked: BTreeMap<TopicId, DateTime<Utc>>,
}

/// How an account stands whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// On neither list any more.
    Gone,
    Reads,
    /// Only a person can say what is meant: it is more than a reader, or barred.
    Else,
    /// It is on no list that could be read.
    Unread,
}

impl Standing {
    fn of(listed: &Listed, who: &BareJid) -> Self {
        let reads = listed.subscriptions(who).next().is_some();
        match listed.affiliation(who) {
            // What could not be read may be theirs.
            Affiliation::None | Affiliation::Outcast if !reads && listed.unreadable > 0 => Self::Unread,
            Affiliation::None | Affiliation::Outcast if !reads => Self::Gone,
            Affiliation::None | Affiliation::Member => Self::Reads,
            _ => Self::Else,
        }
    }
}

/// Whether an account only reads, so that its access can be ended without more being meant.
pub fn only_reads(listed: &Listed, who: &BareJid) -> bool {
    Standing::of(listed, who) == Standing::Reads
}

fn whose(grant: &Grant) -> Whose {
    (grant.topic.clone(), grant.account.clone())
}

/// Whether the clock ends it.
fn ends(grant: &Grant, cx: &Cx<'_>) -> bool {
    grant.due(cx.now) == Some(Due::Over) && !grant.spared
}

impl Sweep {
    /// The clock struck, or what it looks at has changed.
    pub fn strike(&mut self, members: &mut Members, cx: &Cx<'_>) -> Action<Message> {
        let again = members.failed.drain(..).map(|whose| (whose, cx.now + AGAIN));
        self.done.extend(again);
        if cx.owning.grants.is_empty() {
            return Action::None;
        }
        let topics: BTreeSet<&TopicId> = mine(cx).map(|topic| &topic.id).collect();
        let due = |grant: &&Grant| grant.due(cx.now).is_some() && topics.contains(&grant.topic);
        let due: Vec<&Grant> = cx.owning.grants.iter().filter(due).collect();
        let mut actions = self.tell(&due, cx);
        actions.extend(self.believe(cx));
        if !cx.online() {
            self.done.clear();
            self.asked.clear();
        } else if cx.complete && cx.clock == Belief::Sound {
            actions.extend(self.end(&due, members, cx));
        }
        if actions.is_empty() { Action::None } else { Action::Many(actions) }
    }

    /// Writes down now and then that the clock is believed: a later run holds its own against that.
    fn believe(&mut self, cx: &Cx<'_>) -> Option<Action<Message>> {
        let fresh = |at: DateTime<Utc>| at <= cx.now && cx.now - at < OFTEN;
        let known = self.believed.max(cx.owning.seen).is_some_and(fresh);
        if known || !cx.complete || cx.clock != Belief::Sound {
            return None;
        }
        self.believed = Some(cx.now);
        Some(Action::Own(Work::Believe(cx.now)))
    }

    /// Tells of what is due, once.
    fn tell(&mut self, due: &[&Grant], cx: &Cx<'_>) -> Vec<Action<Message>> {
        let known = |grant: &Grant| match self.told.get(&whose(grant)) {
            Some(at) => grant.clone().told(*at).is_news(cx.now),
            None => true,
        };
        let news: Vec<&Grant> = due.iter().copied().filter(|grant| grant.is_news(cx.now) && known(grant)).collect();
        if news.is_empty() {
            return Vec::new();
        }
        self.told.extend(news.iter().map(|grant| (whose(grant), cx.now)));
        let line = |of: Due, key: &str| {
            let count = news.iter().filter(|grant| grant.due(cx.now) == Some(of)).count() as u64;
            (count > 0).then(|| cx.catalog.count(key, count, &[]))
        };
        // What is left to a person is said as such.
        let over = if cx.clock == Belief::Sound { "owner-ends-over" } else { "owner-ends-doubt" };
        let lines = [(Due::Over, over), (Due::Soon, "owner-ends-soon"), (Due::Review, "owner-ends-review")];
        let lines = lines.into_iter().filter_map(|(of, key)| line(of, key)).collect();
        let told = news.into_iter().map(whose).collect();
        let alert = Action::Alert { title: cx.text("owner-ends-title"), lines };
        vec![alert, Action::Own(Work::Told(told, cx.now))]
    }

    /// Ends what is over, topic by topic, where its lists were just read; else they are asked for.
    fn end(&mut self, due: &[&Grant], members: &mut Members, cx: &Cx<'_>) -> Vec<Action<Message>> {
        let ended: Vec<(Whose, &Grant)> =
            due.iter().copied().filter(|grant| ends(grant, cx)).map(|grant| (whose(grant), grant)).collect();
        // Who was kept since is over no more; their next end is a new one.
        let still: BTreeSet<&Whose> = ended.iter().map(|(whose, _)| whose).collect();
        self.done.retain(|whose, _| still.contains(whose));
        let free = |whose: &Whose| {
            self.done.get(whose).is_none_or(|until| *until <= cx.now) && !members.is_busy(&whose.0, &whose.1)
        };
        let mut over: BTreeMap<&TopicId, Vec<&Grant>> = BTreeMap::new();
        for (_, grant) in ended.into_iter().filter(|(whose, _)| free(whose)) {
            over.entry(&grant.topic).or_default().push(grant);
        }
        let mut actions = Vec::new();
        for (topic, grants) in over {
            let Some(listed) = members.listed(topic, cx.now - FRESH) else {
                let waits = self.asked.get(topic).is_some_and(|at| cx.now - *at < AGAIN);
                if !waits {
                    let _ = self.asked.insert(topic.clone(), cx.now);
                    actions.push(members.ask(topic.clone(), cx).map(Message::Members));
                }
                continue;
            };
            let _ = self.asked.remove(topic);
            let mut by: BTreeMap<Standing, Vec<&Grant>> = BTreeMap::new();
            for grant in grants {
                let standing = Standing::of(&listed, &grant.account);
                let until = if standing == Standing::Unread { cx.now + AGAIN } else { DateTime::<Utc>::MAX_UTC };
                let _ = self.done.insert(whose(grant), until);
                by.entry(standing).or_default().push(grant);
            }
            let mut those = |standing: Standing| by.remove(&standing).unwrap_or_default();
            let accounts = |those: &[&Grant]| those.iter().map(|grant| grant.account.clone()).collect::<Vec<_>>();
            let (gone, reads, more) = (those(Standing::Gone), those(Standing::Reads), those(Standing::Else));
            if !gone.is_empty() {
                let (topic, accounts) = (topic.clone(), accounts(&gone));
                actions.push(Action::Own(Work::Ended { topic, accounts, past: Vec::new() }));
            }
            if !reads.is_empty() {
                members.end(topic.clone(), accounts(&reads), cx);
            }
            if !more.is_empty() {
                let line = cx.catalog.count("owner-ends-left", more.len() as u64, &[]);
                actions.push(Action::Alert { title: cx.text("owner-ends-title"), lines: vec![line] });
                actions.extend(leave(more.into_iter(), cx));
            }
        }
        actions
    }
}

/// Leaves ends to a person, who was told of them now: also after a restart, and until they are kept.
fn leave<'g>(grants: impl Iterator<Item = &'g Grant>, cx: &Cx<'_>) -> Option<Action<Message>> {
    let left: Vec<Grant> = grants.map(|grant| Grant { spared: true, ..grant.clone().told(cx.now) }).collect();
    (!left.is_empty()).then(|| Action::Own(Work::Grants(left)))
}
