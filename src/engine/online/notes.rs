//! What the jobs found changes the desk; here and nowhere else.

use std::collections::HashSet;

use chrono::Utc;
use tokio::time::Instant;

use super::incoming::name;
use super::{Desk, Note, Online, Owner, job};
use crate::engine::ingest::Work;
use crate::engine::rounds::Round;
use crate::engine::unusual::REST;
use crate::engine::{Error, directory::Held};
use crate::model::coverage::Cause;
use crate::model::{Affiliation, BareJid, Membership, Say, TopicId};
use crate::store::activity::Kind;
use crate::text;
use crate::xmpp::pubsub::meta;

impl Online {
    pub(super) fn note(&mut self, note: Note, desk: &mut Desk) {
        match note {
            Note::Brokers(brokers) => self.brokers(brokers, desk),
            // What is tried again is told once.
            Note::Trouble(round, ..) if self.rounds.has_failed(&round) => {}
            Note::Trouble(_, broker, error) => trouble("notice-broker-trouble", &broker.to_string(), &error, desk),
            Note::Ended(round, answered) => self.ended(round, answered, desk),
            Note::Due(round) => self.due(round, desk),
            Note::Wanted(round) => self.round(round, desk),
            Note::Subscriptions { broker, asked, .. } if asked < self.last_held => {
                self.round(Round::Rights(broker), desk);
            }
            Note::Subscriptions { broker, list, whole, asked } => {
                if whole {
                    self.kept.listed(&broker, asked);
                }
                self.subscriptions(&broker, list, whole, desk);
            }
            Note::Affiliations { broker, list } => self.affiliations(&broker, list, desk),
            Note::Ready => self.ready(desk),
            Note::Met(met) => {
                met.into_iter().for_each(|(id, name)| desk.directory.met(&id, name));
                desk.topics_changed();
            }
            Note::Settings(topic, form, asked) => {
                desk.directory.configured(&topic, |topic| meta::settings(topic, &form));
                self.compared(topic.clone(), desk);
                if let Some(asked) = asked {
                    desk.heard(&topic, asked.into_std(), true);
                }
            }
            Note::Described(topic, asked) => {
                let id = topic.id.clone();
                let owns = desk.directory.owns(&id);
                if owns {
                    let (jobs, turn) = (self.job_desk(), self.describing.clone());
                    self.jobs.start(Owner::Nobody, job::discover::settings(jobs, id.clone(), asked, turn));
                }
                desk.directory.described(*topic);
                self.compared(id.clone(), desk);
                // Of a topic of mine its settings tell the rest.
                desk.heard(&id, asked.into_std(), !owns);
            }
            Note::Undescribed { topic, missing, say } => {
                if missing && desk.directory.subscribed(&topic) {
                    desk.notice(Say::new("notice-topic-vanished").with("topic", name(&topic)));
                    desk.gone(Kind::Vanished, &topic, "");
                }
                desk.directory.troubled(&topic, say);
                desk.topics_changed();
            }
            Note::Progress { broker, total } => self.walked(broker, total, desk),
            Note::Walked { broker, complete } => {
                for topic in desk.directory.walked(&broker, complete) {
                    self.round(Round::Describe(topic), desk);
                }
                desk.topics_changed();
            }
            Note::Swept(swept) => self.swept(*swept, desk),
            Note::SweepTrouble(topic, error) => self.unswept(&topic, &error, desk),
            Note::Sweep => self.sweep_all(desk),
            Note::Unfetched(unfetched) => self.unfetched(unfetched, desk),
            Note::KeptLong => self.kept_long(desk),
            Note::Watched => self.watched(desk),
            Note::Retracted(topic, item) => {
                let topic = std::sync::Arc::new(topic);
                desk.work(vec![Work::Retract { topic, items: vec![item], at: Utc::now() }]);
            }
            Note::Held(topic, held) => {
                self.collect(&topic, &held, desk);
                self.last_held = Instant::now();
                desk.directory.hold(&topic, held);
                desk.topics_changed();
                self.release(desk);
                self.sweep_new(desk);
            }
            Note::Released { topic, denied } => {
                self.last_held = Instant::now();
                if denied {
                    desk.ledger().lost(&topic, Cause::Unsubscribed);
                } else {
                    desk.ledger().left(&topic, Utc::now());
                }
                desk.directory.release(&topic, denied);
                desk.left(&topic);
                desk.topics_changed();
                let _ = self.fetched.remove(&topic);
            }
            Note::Polled { broker, poll, named, trouble } => self.polled(&broker, poll, named, trouble, desk),
            Note::PollAgain(broker) => self.poll_again(broker, desk),
            Note::Listed(topic, asked) => {
                self.lists(&topic, &asked);
                asked.into_iter().for_each(|asked| self.asked_for(&topic, asked, desk));
            }
            Note::Deleted(topic) => self.forget(&topic, desk),
            Note::Settled(topic, subscriber) => {
                let _ = desk.requests.settle(&topic, &subscriber);
                let _ = desk.asked.remove(&(topic, subscriber));
                desk.requests_changed();
            }
            Note::Up { who, seconds } => desk.up(&who, seconds),
            Note::Answer { request, result } => {
                self.done(request, result, desk);
                self.release(desk);
            }
            Note::Own(own) => desk.begins(own),
            Note::Came(of, result) => desk.came(of, &result),
        }
    }

    /// A topic is known anew. What changes faster than it is told of is looked at again, so that the last of it is told.
    fn compared(&mut self, topic: TopicId, desk: &mut Desk) {
        let later = desk.compare(&topic);
        desk.topics_changed();
        if later {
            self.doubt_after(REST, Round::Describe(topic), desk);
        }
    }

    /// The broker's list of my subscriptions is the truth. What it takes away is said: a pending request that is gone
    /// was refused, a subscription that is gone was ended by somebody else. A list of which a part could not be read takes
    /// nothing away.
    fn subscriptions(&mut self, broker: &BareJid, mut list: Vec<(TopicId, Held)>, whole: bool, desk: &mut Desk) {
        let waited = desk.directory.waiting(broker);
        let before: Vec<TopicId> = desk.directory.mine().filter(|topic| topic.broker == *broker).cloned().collect();
        if !whole {
            let named: HashSet<TopicId> = list.iter().map(|(topic, _)| topic.clone()).collect();
            for topic in before.iter().chain(&waited).filter(|topic| !named.contains(*topic)) {
                list.extend(desk.directory.held(topic).iter().map(|held| (topic.clone(), held.clone())));
            }
        }
        desk.directory.subscriptions(broker, list);
        for topic in waited {
            let key = match desk.directory.get(&topic).map(|topic| topic.membership) {
                Some(Membership::Subscribed) => "notice-approved",
                Some(Membership::Pending) => continue,
                _ if self.hints.contains(&topic) => {
                    desk.directory.release(&topic, true);
                    "notice-denied"
                }
                // Gone while nobody looked: refused, or withdrawn by another program.
                _ => "notice-request-gone",
            };
            desk.notice(Say::new(key).with("topic", name(&topic)));
        }
        for topic in before {
            if !desk.directory.subscribed(&topic) {
                let _ = self.fetched.remove(&topic);
                desk.ledger().lost(&topic, Cause::Unsubscribed);
                desk.notice(Say::new("notice-subscription-ended").with("topic", name(&topic)));
                desk.gone(Kind::Ended, &topic, "");
            }
        }
        if whole {
            self.confirm(broker, desk);
        }
        // What was announced after this list was asked for is for the next one.
        if !self.rounds.runs_again(&Round::Rights(broker.clone())) {
            self.hints.retain(|topic| topic.broker != *broker);
        }
        desk.topics_changed();
        self.release(desk);
        self.sweep_new(desk);
    }

    /// What the list says is so, and what it does not name of what was mine is not.
    fn confirm(&mut self, broker: &BareJid, desk: &mut Desk) {
        let (now, next) = (Utc::now(), desk.next_row());
        let mine: Vec<TopicId> = desk.directory.mine().filter(|topic| topic.broker == *broker).cloned().collect();
        for topic in mine {
            desk.ledger().confirmed(&topic, now, next);
        }
        self.lost(broker, desk);
        self.end_ghosts(broker, desk);
    }

    /// I deleted a topic. The broker tells it to those who read it, and not all of them (`engine.md` §4).
    fn forget(&mut self, topic: &TopicId, desk: &mut Desk) {
        if desk.directory.subscribed(topic) {
            desk.work(vec![Work::RetractAll { topic: std::sync::Arc::new(topic.clone()), at: Utc::now() }]);
            desk.ledger().lost(topic, Cause::Remade);
        }
        let _ = self.fetched.remove(topic);
        desk.left(topic);
        desk.directory.forget(topic);
        desk.topics_changed();
        for (topic, subscriber) in desk.requests.drop_topic(topic) {
            let _ = desk.asked.remove(&(topic, subscriber));
        }
        desk.requests_changed();
    }

    /// A topic of which I became the owner may have requests that wait for me.
    fn affiliations(&mut self, broker: &BareJid, list: Vec<(TopicId, Affiliation)>, desk: &mut Desk) {
        let before: HashSet<TopicId> = desk.directory.owned().cloned().collect();
        desk.directory.affiliations(broker, list);
        desk.topics_changed();
        let poll = Round::Poll(broker.clone());
        let more = desk.directory.owned().any(|topic| !before.contains(topic));
        if more && self.presence_sent && !self.rounds.is_open(&poll) {
            self.round(poll, desk);
        }
    }
}

/// Something could not be read; the cause is told as the error tells itself to a log.
pub(super) fn trouble(key: &'static str, what: &str, error: &Error, desk: &mut Desk) {
    let cause = text::line_within(&error.to_string(), 200);
    desk.notice(Say::new(key).with("what", text::line_within(what, 120)).with("cause", cause));
}
