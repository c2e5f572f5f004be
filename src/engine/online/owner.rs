//! What an owner asks, and what is said to an owner: requests that are polled beside those that are pushed, and words about
//! access from account to account.

use std::collections::HashSet;
use std::time::Duration;

use chrono::Utc;
use tokio::time::sleep;

use super::incoming::name;
use super::{Desk, JobDesk, Note, Online, Open, Owner, job};
use crate::engine::job::owner::Named;
use crate::engine::rounds::Round;
use crate::engine::{Command, Error, Event, Receipt, RequestId};
use crate::model::owned::{Act, Said};
use crate::model::{BareJid, Membership, Say, TopicId};
use crate::text;
use crate::xmpp::delay;
use crate::xmpp::pubsub::access::Spoken;
use crate::xmpp::pubsub::authorize::Asked;
use crate::xmpp::stanza::Message;

/// With more requests than these in the inbox polls are this many times rarer: each has all of them sent again, to every
/// owner.
const MANY: usize = 100;
const RARER: u32 = 5;

/// The polls of a session.
#[derive(Debug)]
pub(super) struct Polls {
    every: Duration,
    /// Brokers whose next poll has its time.
    set: HashSet<BareJid>,
    /// Brokers that were seen to list requests among the subscribers.
    listing: HashSet<BareJid>,
    /// Turns of the decisions.
    turns: job::owner::Turns,
    /// Who waits for brokers to be polled, and for which.
    waiting: Vec<(RequestId, HashSet<BareJid>)>,
}

impl Polls {
    pub(super) fn new(every: Duration) -> Self {
        let turns = job::owner::Turns::default();
        Self { every, set: HashSet::new(), listing: HashSet::new(), turns, waiting: Vec::new() }
    }
}

impl Online {
    /// The commands of an owner. Whether I may, the broker says: not every one tells what I am (Prosody lists no
    /// affiliations).
    pub(super) fn owner(&mut self, command: Command, jobs: JobDesk, desk: &mut Desk) {
        match command {
            Command::Members { request, topic } => {
                self.work(request, Open::Other, job::members::read(jobs, request, topic));
            }
            Command::Affiliate { request, topic, changes } => {
                self.work(request, Open::Other, job::members::affiliate(jobs, request, topic, changes));
            }
            Command::Revoke { request, topic, accounts, to, words } => {
                let revocation = job::members::Revocation { topic, accounts, to, words };
                self.work(request, Open::Other, job::members::revoke(jobs, request, revocation));
            }
            Command::FetchPending => self.poll_all(desk),
            Command::Poll { request } => self.poll_for(request, desk),
            Command::Decide { request, topic, subscriber, allow, words } => {
                match desk.asked.get(&(topic.clone(), subscriber.clone())) {
                    Some(asked) if desk.directory.owns(&topic) => {
                        let decision = job::owner::Decision { topic, subscriber, allow, asked: asked.clone(), words };
                        let job = job::owner::decide(jobs, request, decision, self.polls.turns.clone());
                        self.work(request, Open::Other, job);
                    }
                    _ => desk.answer(request, Err(Error::nothing_waits())),
                }
            }
            Command::Tell { request, topic, to, act, words } => {
                self.work(request, Open::Other, job::tell::tell(jobs, request, topic, to, (act, words)));
            }
            Command::Settings { request, topic } => {
                self.work(request, Open::Other, job::topic::settings(jobs, request, topic));
            }
            Command::Defaults { request, broker } => {
                self.work(request, Open::Other, job::topic::defaults(jobs, request, broker));
            }
            Command::Create { request, topic, settings } => {
                let creation = job::topic::Creation::new(request, topic, settings);
                self.work(request, Open::Creates(creation.clone()), job::topic::create(jobs, creation));
            }
            Command::Configure { request, topic, changes, reason: _ } => {
                self.work(request, Open::Other, job::topic::change(jobs, request, topic, changes));
            }
            Command::Stock { request, topic } => {
                self.work(request, Open::Other, job::topic::stock(jobs, request, topic));
            }
            Command::Purge { request, topic } => {
                self.work(request, Open::Other, job::topic::purge(jobs, request, topic));
            }
            Command::Delete { request, topic, redirect } => {
                self.work(request, Open::Other, job::topic::delete(jobs, request, topic, redirect));
            }
            // Everybody's, or the actor's own.
            _ => {}
        }
    }

    fn poll_all(&mut self, desk: &mut Desk) {
        self.brokers.clone().into_iter().for_each(|broker| self.round(Round::Poll(broker), desk));
    }

    /// Polls every broker for somebody who waits for it.
    fn poll_for(&mut self, request: RequestId, desk: &mut Desk) {
        let brokers: HashSet<BareJid> = self.brokers.iter().cloned().collect();
        let _ = self.open.insert(request, Open::Other);
        if brokers.is_empty() {
            self.done(request, Ok(Receipt::Polled(desk.requests.list())), desk);
            return;
        }
        self.polls.waiting.push((request, brokers));
        self.poll_all(desk);
    }

    /// A broker lists requests among the subscribers of a topic.
    pub(super) fn lists(&mut self, topic: &TopicId, asked: &[Asked]) {
        if !asked.is_empty() {
            let _ = self.polls.listing.insert(topic.broker.clone());
        }
    }

    /// A broker has been asked for requests. Those it did not name, though it named all, wait no more.
    pub(super) fn polled(
        &mut self,
        broker: &BareJid,
        poll: u64,
        named: Named,
        trouble: Option<Error>,
        desk: &mut Desk,
    ) {
        let (named_all, trouble) = match named {
            Named::All => (true, trouble),
            Named::Some => (false, trouble),
            Named::Listed { all, .. } if self.polls.listing.contains(broker) => (all, trouble),
            // What it pushed may wait still, and is on no list.
            Named::Listed { why, .. } => (false, Some(why)),
        };
        if named_all {
            for key in desk.requests.polled_all(broker, poll) {
                let _ = desk.asked.remove(&key);
            }
        }
        desk.requests.polled(Utc::now());
        // A broker that cannot be asked will not learn it.
        let never = trouble.as_ref().is_some_and(|error| error.is_unsupported() || error.is_absent());
        desk.poll_trouble = trouble.map(|error| error.say());
        desk.requests_changed();
        if !never && desk.directory.owned().any(|topic| topic.broker == *broker) {
            self.poll_later(broker, desk);
        }
    }

    /// Nobody waits any more for a poll that has ended.
    pub(super) fn poll_ended(&mut self, broker: &BareJid, desk: &mut Desk) {
        let mut over = Vec::new();
        for (request, brokers) in &mut self.polls.waiting {
            let _ = brokers.remove(broker);
            if brokers.is_empty() {
                over.push(*request);
            }
        }
        self.polls.waiting.retain(|(_, brokers)| !brokers.is_empty());
        for request in over {
            self.done(request, Ok(Receipt::Polled(desk.requests.list())), desk);
        }
    }

    /// Has the broker asked again after a while: not every request is pushed, and one may be withdrawn.
    fn poll_later(&mut self, broker: &BareJid, desk: &Desk) {
        if !self.polls.set.insert(broker.clone()) {
            return;
        }
        let rarer = if desk.requests.len() > MANY { RARER } else { 1 };
        // Consoles that were started together need not ask together.
        let jitter = 900 + u32::from(getrandom::u32().unwrap_or_default() as u8);
        let wait = self.polls.every.saturating_mul(rarer).saturating_mul(jitter) / 1_000;
        let (jobs, broker) = (self.job_desk(), broker.clone());
        self.jobs.start(Owner::Nobody, async move {
            sleep(wait).await;
            jobs.note(Note::PollAgain(broker)).await;
        });
    }

    pub(super) fn poll_again(&mut self, broker: BareJid, desk: &mut Desk) {
        let _ = self.polls.set.remove(&broker);
        self.round(Round::Poll(broker), desk);
    }

    /// Requests that a broker named, one by one or on a list.
    pub(super) fn asked_for(&mut self, topic: &TopicId, asked: Asked, desk: &mut Desk) {
        let subscriber = asked.subscriber.bare().clone();
        if desk.requests.saw(topic.clone(), subscriber.clone(), Utc::now()) {
            desk.requests_changed();
        } else if !desk.requests.waits(topic, &subscriber) {
            // The inbox is full; the next poll finds it again.
            return;
        }
        let known = desk.asked.entry((topic.clone(), subscriber)).or_default();
        if !known.contains(&asked) && known.len() < super::SAME {
            known.push(asked);
        }
    }

    /// Somebody says something about access. It changes nothing: it is shown beside what the broker says. What a stranger
    /// says about a topic whose owner is known is a lie, and only who asks is heard about a topic of mine.
    pub(super) fn spoken(&mut self, spoken: Spoken, message: &Message<'_>, desk: &mut Desk) {
        let Some(from) = message.route.from.as_ref().map(|from| from.bare().clone()) else { return };
        let received = Utc::now();
        let at = delay::stamp(message.el, &self.server, &self.server, received).map_or(received, |stamp| stamp.at);
        let Spoken { topic, act, note, until } = spoken;
        self.said(Said { topic, from, act, note, until, at, owner: false }, desk);
    }

    /// What is said is taken for what is known of its topic.
    pub(super) fn placed(&mut self, said: Said, desk: &mut Desk) {
        let Some(known) = desk.directory.get(&said.topic).filter(|_| said.from != *self.own.bare()) else {
            strange(&said.from, desk);
            return;
        };
        let owner = known.owners.iter().any(|owner| *owner.bare() == said.from);
        // Not every broker says who owns a topic (Prosody does not): then who asked or reads there may be spoken to.
        let may_be = known.owners.is_empty() && known.membership != Membership::None;
        let said = Said { owner, ..said };
        match said.act {
            Act::Asks if desk.directory.owns(&said.topic) => {
                let broker = said.topic.broker.clone();
                if desk.requests.said(said) {
                    desk.requests_changed();
                    self.doubt(Round::Poll(broker), desk);
                }
            }
            Act::Asks => desk.seldom(Say::new("notice-not-owned").with("topic", name(&said.topic))),
            _ if !owner && !may_be => strange(&said.from, desk),
            _ => {
                if desk.directory.said(said.clone()) {
                    desk.topics_changed();
                    if owner {
                        desk.notice(tells(&said));
                    } else {
                        desk.seldom(tells(&said));
                    }
                    desk.outbox.push(Event::Said(said));
                }
            }
        }
    }
}

/// Somebody speaks about access who has no say in it.
fn strange(from: &BareJid, desk: &mut Desk) {
    desk.seldom(Say::new("notice-said-strange").with("from", text::line_within(&from.to_string(), 120)));
}

/// What an owner said, or somebody who may be none, for a person.
fn tells(said: &Said) -> Say {
    let key = match said.act {
        _ if !said.owner => "notice-said-unsure",
        Act::Approved => "notice-said-approved",
        Act::Denied => "notice-said-denied",
        Act::Revoked => "notice-said-revoked",
        Act::Asks | Act::Question => "notice-said-question",
    };
    let who = text::line_within(&said.from.to_string(), 120);
    Say::new(key).with("from", who).with("topic", name(&said.topic)).with("note", text::line(&said.note))
}
