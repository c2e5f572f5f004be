//! When what the topics store is looked at, and what that shows (`engine.md` §7 steps 3 to 5).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::time::sleep;

use super::incoming::name;
use super::notes::trouble;
use super::{Desk, Note, Online, Owner, job};
use crate::engine::Error;
use crate::engine::evidence::Limits;
use crate::engine::ingest::Work;
use crate::engine::job::sweep::{Plan, Swept};
use crate::engine::record::{Of, Own};
use crate::engine::rounds::Round;
use crate::model::coverage::{Cause, Gap};
use crate::model::{BareJid, Keeping, Say, Topic, TopicId};
use crate::store::ItemKey;

/// How often what a broker tells by itself has a topic looked at anew: one that is full takes an item back with every new
/// one.
const REST: Duration = Duration::from_secs(60);

/// How often what the topics store is looked at, with nothing else calling for it.
#[derive(Clone, Copy, Debug)]
pub struct Sweeps {
    /// Whether there is anything unknown; a quarter more or less, so that not all consoles ask at once.
    pub check: Duration,
    /// Everything, for what was overwritten in its old place or taken away.
    pub whole: Duration,
    /// Items of one topic looked at, about.
    pub most: usize,
}

impl Default for Sweeps {
    fn default() -> Self {
        Self { check: Duration::from_secs(15 * 60), whole: Duration::from_secs(24 * 60 * 60), most: 100_000 }
    }
}

impl Online {
    /// I am visible: looks once a session at every topic that is mine.
    pub(super) fn sweep_new(&mut self, desk: &mut Desk) {
        if !self.presence_sent {
            return;
        }
        let mine: Vec<TopicId> = desk.directory.mine().cloned().collect();
        let (now, next) = (Utc::now(), desk.next_row());
        for topic in mine {
            desk.ledger().present(&topic, now, next);
            if self.fetched.insert(topic.clone()) {
                self.round(Round::Fetch(topic), desk);
            }
        }
    }

    /// After a while all are looked at again.
    pub(super) fn sweep_later(&mut self) {
        let jobs = self.job_desk();
        let share = f64::from(u16::try_from(getrandom::u32().unwrap_or_default() % 512).unwrap_or_default()) / 1024.0;
        let wait = self.sweeps.check.mul_f64(0.75 + share);
        self.jobs.start(Owner::Nobody, async move {
            sleep(wait).await;
            jobs.note(Note::Sweep).await;
        });
    }

    /// A broker that ends a subscription need not say so: its list of mine is read again too.
    pub(super) fn sweep_all(&mut self, desk: &mut Desk) {
        self.brokers.clone().into_iter().for_each(|broker| self.round(Round::Rights(broker), desk));
        let mine: Vec<TopicId> = desk.directory.mine().cloned().collect();
        for topic in mine {
            let _ = self.fetched.insert(topic.clone());
            self.round(Round::Fetch(topic), desk);
        }
        self.sweep_later();
    }

    /// Looks at everything of every topic, on request.
    pub(super) fn sweep_whole(&mut self, desk: &mut Desk) {
        if !self.presence_sent {
            return;
        }
        let mine: Vec<TopicId> = desk.directory.mine().cloned().collect();
        for topic in &mine {
            desk.ledger().stale(topic);
            let _ = self.fetched.insert(topic.clone());
        }
        // What is being looked at is looked at once more: it may be past what the person knows of.
        let queued: HashSet<TopicId> = self.to_fetch.iter().cloned().collect();
        for topic in mine.into_iter().filter(|topic| !queued.contains(topic)) {
            self.round(Round::Fetch(topic), desk);
        }
    }

    /// The broker told of a change in what the topic stores.
    pub(super) fn changed(&mut self, topic: &TopicId, desk: &mut Desk) {
        if self.presence_sent {
            self.doubt_after(REST, Round::Fetch(topic.clone()), desk);
        }
    }

    /// Something of a topic of mine did not get here.
    pub(super) fn missed(&mut self, topic: &TopicId, cause: Cause, desk: &mut Desk) {
        let (from, next) = (self.heard(), desk.next_row());
        desk.ledger().doubted(topic, from, next, cause);
        self.doubt(Round::Fetch(topic.clone()), desk);
    }

    /// One topic after the other, in order.
    pub(super) fn sweep_next(&mut self, desk: &mut Desk) {
        if self.fetching {
            return;
        }
        while let Some(topic) = self.to_fetch.pop_front() {
            let round = Round::Fetch(topic.clone());
            let now = Instant::now();
            let look = desk.ledger().look(&topic, now, self.sweeps.whole);
            // Left while it waited.
            let Some(look) = look.filter(|_| desk.directory.subscribed(&topic)) else {
                self.rounds.forget(&round);
                continue;
            };
            self.fetching = true;
            let skip = desk.careful.get(&topic).cloned();
            let plan = Plan { look, skip, limits: limits(&topic, desk), most: self.sweeps.most };
            self.run(round, job::sweep::sweep(self.job_desk(), topic, plan));
            return;
        }
    }

    /// What a look showed.
    pub(super) fn swept(&mut self, swept: Swept, desk: &mut Desk) {
        let Swept { topic, plan, seen, absent, new } = swept;
        if seen.cut {
            let say = Say::new("notice-fetch-cut").with("topic", name(&topic));
            desk.notice(say.with("most", plan.most.to_string()));
        }
        // A stream that stood had brought them, had the broker sent them.
        if new > 0 && plan.look.level && !plan.look.proving {
            let say = Say::new("notice-undelivered").with("topic", name(&topic));
            desk.notice(say.with("count", new.to_string()));
        }
        if !absent.is_empty() {
            let key = |item| ItemKey { topic: topic.clone(), item };
            let items = absent.into_iter().map(|(item, seq)| (key(item), seq)).collect();
            desk.work(vec![Work::Absent { items, at: seen.at }]);
        }
        let gap = desk.ledger().looked(&topic, &plan.look, &seen, plan.limits, Instant::now());
        let stores = match gap {
            // That nothing was ever there says nothing of what it stores.
            Some(Gap { cause: Cause::Unstored, .. }) if seen.before > 0 => Some(false),
            _ => (seen.listed > 0).then_some(true),
        };
        // Names do not say who published.
        let named = seen.named().filter(|_| seen.read);
        if desk.directory.kept(&topic, Keeping { stores, pages: Some(seen.pages), named, ..Keeping::default() }) {
            desk.topics_changed();
        }
        tell(&topic, gap, desk);
        let again = desk.ledger().look(&topic, Instant::now(), self.sweeps.whole).is_some_and(|look| look.proving);
        if again {
            self.doubt(Round::Fetch(topic), desk);
        }
    }

    pub(super) fn unswept(&mut self, topic: &TopicId, error: &Error, desk: &mut Desk) {
        if !error.is_passing() {
            // The next reading of all topics tries it again, and no sooner: what is refused would be asked for without end.
            let gap = desk.ledger().refused(topic, Utc::now());
            tell(topic, gap, desk);
            // Perhaps I am no longer subscribed, or the topic is gone without a word.
            self.doubt(Round::Rights(topic.broker.clone()), desk);
        }
        if !self.rounds.has_failed(&Round::Fetch(topic.clone())) {
            trouble("notice-fetch-trouble", &topic.node, error, desk);
        }
    }

    /// Topics that were mine when last heard of and are not on the broker's list now. That is said; to subscribe again is the
    /// person's to decide: who ended it may have meant it, and a topic made anew under its name may be somebody else's.
    pub(super) fn lost(&mut self, broker: &BareJid, desk: &mut Desk) {
        let away: Vec<TopicId> = desk.ledger().away().filter(|topic| topic.broker == *broker).cloned().collect();
        for topic in away.into_iter().filter(|topic| !desk.directory.subscribed(topic)).collect::<Vec<_>>() {
            desk.ledger().lost(&topic, Cause::Unsubscribed);
            desk.notice(Say::new("notice-subscription-ended").with("topic", name(&topic)));
        }
    }

    /// Subscriptions under the address of one session (`engine.md` §4): this console's own from before are ended, by
    /// exactly what they are, where the account itself is subscribed; another console's are its own matter.
    pub(super) fn end_ghosts(&mut self, broker: &BareJid, desk: &mut Desk) {
        let mine: Vec<TopicId> = desk.directory.mine().filter(|topic| topic.broker == *broker).cloned().collect();
        for topic in mine {
            let held = desk.directory.held(&topic);
            let bare = held.iter().any(|held| held.jid.resource().is_none() && !held.pending);
            let ghosts: Vec<_> = held.iter().filter(|held| bare && held.jid == self.own).cloned().collect();
            // A broker that does not end it is asked once.
            for ghost in ghosts {
                if !self.ghosts.insert((topic.clone(), ghost.subid.clone())) {
                    continue;
                }
                desk.notice(Say::new("notice-ghost").with("topic", name(&topic)));
                desk.begins(Own::End { topic: topic.clone(), held: ghost });
            }
        }
    }

    /// Does what this console does by itself, now that it is written down.
    pub(in crate::engine) fn own(&mut self, of: Of, own: Own, desk: &Desk) {
        let jobs = self.job_desk().leaving(desk.record.trail(of));
        match own {
            Own::End { topic, held } => self.jobs.start(Owner::Nobody, job::member::end(jobs, of, topic, held)),
            Own::Collect { topic, held, form, .. } => {
                self.jobs.start(Owner::Nobody, job::options::collect(jobs, of, topic, held, form));
            }
        }
    }
}

fn limits(topic: &TopicId, desk: &Desk) -> Limits {
    let topic = desk.directory.get(topic);
    let keeping = topic.map(|topic| topic.keeping.clone()).unwrap_or_default();
    let mixed = topic.is_some_and(Topic::may_mix_publishers);
    Limits { stores: keeping.stores, most: keeping.most, seen: 0, mixed }
}

/// A possible gap is said when it is found; it stays to be seen with its topic.
fn tell(topic: &TopicId, gap: Option<Gap>, desk: &mut Desk) {
    let Some(Gap { span, .. }) = gap else { return };
    let time = |at: chrono::DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let say = Say::new("notice-gap").with("topic", name(topic));
    desk.notice(say.with("from", time(span.from)).with("until", time(span.until)));
}
