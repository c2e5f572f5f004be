//! Topics that flood are set aside and named, and fetched when the flood is over ([`crate::engine::fair`]): nothing of
//! them is lost that the broker keeps. Items that are announced without their payload are fetched too.

use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::incoming::name;
use super::notes::trouble;
use super::{Desk, Note, Online, Owner, job};
use crate::engine::directory::Held;
use crate::engine::fair::{Act, WINDOW};
use crate::engine::job::missing::Unfetched;
use crate::engine::rounds::Round;
use crate::model::coverage::Cause;
use crate::model::{ItemId, Say, TopicId};

/// Announced items of one topic that wait to be fetched one by one; of more the whole topic is fetched. And topics.
const ANNOUNCED: usize = 1_000;
const TOPICS: usize = 256;

/// Whether the store's thread has so much room that a topic that is aside keeps nobody else waiting.
pub(super) fn spare(desk: &Desk) -> bool {
    let work = &desk.ingest.work;
    desk.has_room() && work.capacity() * 2 > work.max_capacity()
}

impl Online {
    /// Judges who took how much, once a window.
    pub(super) fn judge(&mut self, desk: &mut Desk) {
        let watched = self.fair.is_watching();
        for act in self.fair.judge(Instant::now().into_std()) {
            match act {
                Act::Aside(topic) => desk.notice(Say::new("notice-flood").with("topic", name(&topic))),
                Act::Fetch(topic) => self.level(&topic, desk),
                Act::Back { topic, left } => {
                    let say = Say::new("notice-flood-over").with("topic", name(&topic));
                    desk.notice(say.with("count", left.to_string()));
                    self.level(&topic, desk);
                }
            }
        }
        if !watched && self.fair.is_watching() {
            self.watch();
        }
    }

    /// The end of a flood must be seen though nothing comes any more.
    fn watch(&mut self) {
        let jobs = self.job_desk();
        self.jobs.start(Owner::Nobody, async move {
            sleep(WINDOW).await;
            jobs.note(Note::Watched).await;
        });
    }

    pub(super) fn watched(&mut self, desk: &mut Desk) {
        self.judge(desk);
        if self.fair.is_watching() {
            self.watch();
        }
    }

    fn level(&mut self, topic: &Arc<TopicId>, desk: &mut Desk) {
        self.round(Round::Fetch(TopicId::clone(topic)), desk);
    }

    /// A broker that sends no payloads (XEP-0060 §4.3) tells only that there is an item.
    pub(super) fn announced(&mut self, topic: &Arc<TopicId>, id: ItemId, desk: &mut Desk) {
        let full = self.announced.len() >= TOPICS && !self.announced.contains_key(&**topic);
        let room = self.announced.get(&**topic).is_none_or(|ids| ids.len() < ANNOUNCED);
        if full || !room {
            self.missed(topic, Cause::Cut, desk);
            return;
        }
        let topic = TopicId::clone(topic);
        let ids = self.announced.entry(topic.clone()).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
        if !self.rounds.is_open(&Round::Missing(topic.clone())) {
            self.round(Round::Missing(topic), desk);
        }
    }

    /// Fetches what was announced so far; what is announced meanwhile follows.
    pub(super) fn fetch_announced(&mut self, topic: TopicId, desk: &Desk) {
        let ids = self.announced.remove(&topic).unwrap_or_default();
        let subid = desk.directory.held(&topic).iter().find_map(|held| held.subid.clone());
        self.run(Round::Missing(topic.clone()), job::missing::fetch(self.job_desk(), topic, ids, subid));
    }

    /// What came of it: what is gone was taken back or fell off the topic's end before it could be read.
    pub(super) fn unfetched(&mut self, unfetched: Unfetched, desk: &mut Desk) {
        let Unfetched { topic, left, gone, refused, trouble: cause } = unfetched;
        if gone > 0 {
            desk.seldom(Say::new("notice-announced-gone").with("topic", name(&topic)));
            self.missed(&topic, Cause::Dropped, desk);
        }
        if refused {
            self.missed(&topic, Cause::Refused, desk);
        }
        if let Some(error) = cause.filter(|_| !self.rounds.has_failed(&Round::Missing(topic.clone()))) {
            trouble("notice-fetch-trouble", &topic.node, &error, desk);
        }
        if !left.is_empty() {
            let ids = self.announced.entry(topic.clone()).or_default();
            ids.extend(left);
            if ids.len() > ANNOUNCED {
                ids.truncate(ANNOUNCED);
                self.missed(&topic, Cause::Cut, desk);
            }
        }
    }

    /// What was announced while others were fetched.
    pub(super) fn fetch_more(&mut self, topic: &TopicId, desk: &mut Desk) {
        if self.announced.contains_key(topic) {
            self.round(Round::Missing(topic.clone()), desk);
        }
    }

    /// A subscription to a collection is to bring what is in it.
    pub(super) fn collect(&mut self, topic: &TopicId, held: &Held, desk: &Desk) {
        if !held.pending && desk.directory.get(topic).is_some_and(|topic| topic.collection) {
            let looking = job::options::look(self.job_desk(), topic.clone(), held.clone());
            self.jobs.start(Owner::Nobody, looking);
        }
    }
}
