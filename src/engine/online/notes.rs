//! What the jobs found changes the desk; here and nowhere else.

use std::sync::Arc;

use chrono::Utc;
use tokio::time::Instant;

use super::incoming::{crowded, name};
use super::{Desk, Note, Online, job};
use crate::engine::ingest::Work;
use crate::engine::{Error, directory::Held};
use crate::model::{BareJid, Membership, Say, TopicId};
use crate::store::Route;
use crate::text;
use crate::xmpp::pubsub::Item;

impl Online {
    pub(super) fn note(&mut self, note: Note, desk: &mut Desk) {
        match note {
            Note::Brokers(brokers) => self.brokers = brokers,
            Note::BrokerTrouble(broker, error) => trouble("notice-broker-trouble", &broker.to_string(), &error, desk),
            Note::Subscriptions { broker, hint, asked, .. } if asked < self.last_held => {
                self.start(job::discover::rights(self.job_desk(), broker, hint));
            }
            Note::Subscriptions { broker, list, hint, .. } => self.subscriptions(&broker, list, hint.as_ref(), desk),
            Note::Affiliations { broker, list } => {
                desk.directory.affiliations(&broker, list);
                desk.topics_changed();
            }
            Note::Ready => self.ready(desk),
            Note::Met(met) => {
                met.into_iter().for_each(|(id, name)| desk.directory.met(&id, name));
                desk.topics_changed();
            }
            Note::Described(topic) => {
                desk.directory.described(*topic);
                desk.topics_changed();
            }
            Note::Undescribed(id, say) => {
                desk.directory.troubled(&id, say);
                desk.topics_changed();
            }
            Note::Progress { walked, total } => desk.walked(walked, total),
            Note::Walked => {
                for vanished in desk.directory.walked() {
                    desk.notice(Say::new("notice-topic-vanished").with("topic", name(&vanished)));
                }
                desk.walk_ended();
            }
            Note::Fetching(topic) => desk.fetching = topic,
            Note::Fetched(topic, items) => fetched(topic, items, desk),
            Note::FetchTrouble(topic, error) => trouble("notice-fetch-trouble", &topic.node, &error, desk),
            Note::Held(topic, held) => {
                self.last_held = Instant::now();
                desk.directory.hold(&topic, held);
                desk.topics_changed();
                self.fetch_missing(desk);
            }
            Note::Released { topic, denied } => {
                self.last_held = Instant::now();
                desk.directory.release(&topic, denied);
                desk.topics_changed();
                let _ = self.fetched.remove(&topic);
            }
            Note::Polled { trouble } => {
                desk.requests.polled(Utc::now());
                desk.poll_trouble = trouble.map(|error| error.say());
                desk.requests_changed();
            }
            Note::Settled(topic, subscriber) => {
                let _ = desk.requests.settle(&topic, &subscriber);
                let _ = desk.asked.remove(&(topic, subscriber));
                desk.requests_changed();
            }
            Note::Answer { request, result } => self.done(request, result, desk),
        }
    }

    /// The broker's list of my subscriptions is the truth. What it takes away is said: a pending request that is gone
    /// was refused, a subscription that is gone was ended by somebody else.
    fn subscriptions(&mut self, broker: &BareJid, list: Vec<(TopicId, Held)>, hint: Option<&TopicId>, desk: &mut Desk) {
        let waited = desk.directory.waiting(broker);
        let before: Vec<TopicId> = desk.directory.mine().filter(|topic| topic.broker == *broker).cloned().collect();
        desk.directory.subscriptions(broker, list);
        for topic in waited {
            let key = match desk.directory.get(&topic).map(|topic| topic.membership) {
                Some(Membership::Subscribed) => "notice-approved",
                Some(Membership::Pending) => continue,
                _ if hint == Some(&topic) => {
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
                desk.notice(Say::new("notice-subscription-ended").with("topic", name(&topic)));
            }
        }
        desk.topics_changed();
        self.fetch_missing(desk);
    }
}

fn fetched(topic: TopicId, items: Vec<Item>, desk: &mut Desk) {
    for item in &items {
        crowded(item, &topic, desk);
    }
    let (topic, received) = (Arc::new(topic), Utc::now());
    desk.work(vec![Work::Items { topic, items, route: Route::Fetched, received, delayed: None }]);
}

/// Something could not be read; the cause is told as the error tells itself to a log.
fn trouble(key: &'static str, what: &str, error: &Error, desk: &mut Desk) {
    let cause = text::line_within(&error.to_string(), 200);
    desk.notice(Say::new(key).with("what", text::line_within(what, 120)).with("cause", cause));
}
