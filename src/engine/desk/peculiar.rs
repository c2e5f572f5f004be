//! What a broker or controller did unasked goes into the log of acts and is told ([`crate::engine::unusual`]); what is known of
//! them is kept for the next session.
//!
//! May use `engine`'s pure pieces, `store`, `model`.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{TimeDelta, Utc};

use super::{Desk, Work};
use crate::engine::Error;
use crate::engine::requests::{Ages, Requests};
use crate::engine::unusual::{Difference, Look, Unusual};
use crate::model::session::Why;
use crate::model::{Affiliation, BareJid, Membership, Say, TopicId};
use crate::store::activity::{Act, By, How, Kind, Token};
use crate::store::local::Shelf;
use crate::store::shelf;
use crate::text;
use crate::xmpp::login::Facts;

/// Longest text of a notice, in characters.
const LONGEST: usize = 200;

/// A sign of a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Sign {
    /// It said so.
    Shutdown,
    /// It does not know a session any more that it was to keep longer: most often that is why.
    Forgotten,
}

impl Desk {
    /// What was known of the grid when this account last saw it, and since when requests wait.
    pub(super) fn recall(&mut self) {
        let kept = self.store.local().map_or(Ok(Vec::new()), |local| local.kept(Shelf::Grid));
        let kept = kept.unwrap_or_else(|error| {
            self.notice(error.say());
            Vec::new()
        });
        self.unusual = Unusual::paced(kept, Instant::now(), self.minute);
        let since = self.store.local().map_or(Ok(BTreeMap::new()), |local| shelf::times(local, Shelf::Asked));
        let since = since.unwrap_or_else(|error| {
            self.notice(error.say());
            BTreeMap::new()
        });
        self.requests = Requests::restored(since);
    }

    /// Keeps since when requests wait, for the next session.
    pub(super) fn keep_ages(&mut self) {
        let Ages { put, gone } = self.requests.ages();
        let name = |(topic, who): &(TopicId, BareJid)| shelf::place(topic, who);
        let put: Vec<_> = put.iter().map(|(key, at)| (name(key), shelf::marked(&shelf::stamp(*at)))).collect();
        let gone: Vec<String> = gone.iter().map(name).collect();
        if !put.is_empty() || !gone.is_empty() {
            self.work(vec![Work::Keep { shelf: Shelf::Asked, gone, put }]);
        }
    }

    fn keep_unusual(&mut self) {
        let (gone, put) = self.unusual.keep();
        if !gone.is_empty() || !put.is_empty() {
            self.work(vec![Work::Keep { shelf: Shelf::Grid, gone, put }]);
        }
    }

    /// What happens once stands there, however much else happens: a topic goes once, a certificate needs a session, a restart
    /// is told once.
    fn peculiar(&mut self, kind: Kind, topic: Option<&TopicId>, told: Difference, words: &str) {
        self.noted(kind, topic, told, words, 1);
        self.keep_unusual();
    }

    fn noted(&mut self, kind: Kind, topic: Option<&TopicId>, told: Difference, words: &str, times: u32) {
        let act = self.record.seen(kind, topic, Utc::now());
        self.log(vec![Act { before: told.before, after: told.after, words: often(words, times), ..act }]);
    }

    /// Something came that must not be believed; it was told of, and stands there at most once a minute, with how often it
    /// was. `subject` is who sent it or whom it is about, `about` its own words.
    pub(in crate::engine) fn unsound(
        &mut self,
        kind: Kind,
        topic: Option<&TopicId>,
        subject: &str,
        what: Token,
        about: String,
    ) {
        // Names are whatever a sender makes up: none of them is counted by itself.
        let Some(times) = self.unusual.may_tell(kind, None, Instant::now()) else { return };
        let act = self.record.seen(kind, topic, Utc::now());
        let (subject, after) = (text::cap(subject, LONGEST), what.text());
        self.log(vec![Act { subject, after, words: often(&about, times), ..act }]);
    }

    /// A topic was described anew. Whether it is to be looked at again in a while.
    pub(in crate::engine) fn compare(&mut self, id: &TopicId) -> bool {
        let Some(topic) = self.directory.get(id) else { return false };
        let look = self.unusual.topic(topic, Instant::now());
        let later = look == Look::Later;
        if let Look::Changed(told, times) = look {
            let line = |words: &str| text::line_within(words, LONGEST);
            let say = Say::new("notice-topic-changed").with("topic", line(&id.node));
            self.seldom(say.with("before", line(&told.before)).with("after", line(&told.after)));
            self.noted(Kind::Changed, Some(id), told, "", times);
        }
        self.keep_unusual();
        later
    }

    /// A topic was described, as was asked for then; all of it where `whole`.
    pub(in crate::engine) fn heard(&mut self, topic: &TopicId, asked: Instant, whole: bool) {
        self.unusual.heard(topic, asked, whole);
    }

    /// A topic that was mine is gone, or mine no more, by nobody's act here; that was told. `after`: where it is said to be.
    pub(in crate::engine) fn gone(&mut self, kind: Kind, topic: &TopicId, after: &str) {
        if self.unusual.is_deleted_by_me(topic) {
            return self.left(topic);
        }
        self.unusual.forget(topic);
        let told = Difference { before: String::new(), after: after.to_owned() };
        self.peculiar(kind, Some(topic), told, "");
    }

    /// I left a topic.
    pub(in crate::engine) fn left(&mut self, topic: &TopicId) {
        self.unusual.forget(topic);
        self.keep_unusual();
    }

    /// All there is was read: topics that were mine when they were last seen and are not among it, or not mine, went while
    /// nobody looked.
    pub(super) fn missed(&mut self) {
        // A broker of which nothing is listed may itself be away.
        let listed = |id: &TopicId| self.directory.lists(&id.broker);
        let known: Vec<TopicId> = self.unusual.topics().into_iter().filter(listed).collect();
        for id in known {
            let (kind, key) = match self.directory.get(&id) {
                None => (Kind::Vanished, "notice-topic-vanished"),
                Some(topic) => match (topic.membership, &topic.affiliation) {
                    (Membership::None, Affiliation::None) => (Kind::Ended, "notice-subscription-ended"),
                    (Membership::Denied, Affiliation::None) => {
                        self.left(&id);
                        continue;
                    }
                    _ => continue,
                },
            };
            self.notice(Say::new(key).with("topic", text::line_within(&id.node, LONGEST)));
            self.gone(kind, &id, "");
        }
    }

    /// A session began.
    pub(in crate::engine) fn connected(&mut self, facts: &Facts) {
        let (channel, login) = (&facts.channel, &facts.authentication);
        let binding = login.binding.as_deref().map(|binding| format!(" ({binding})")).unwrap_or_default();
        let words = format!(
            "{}:{}, {}, {}, {}{binding}",
            facts.route.host, facts.route.port, channel.version, channel.cipher, login.mechanism
        );
        let act = self.record.act(By::Person, Kind::Connect, How::Done, Utc::now());
        self.log(vec![Act { after: facts.jid.to_string(), words, ..act }]);
        self.shown(facts);
    }

    /// A certificate was shown and believed.
    pub(in crate::engine) fn shown(&mut self, facts: &Facts) {
        let Some(shown) = facts.channel.chain.first() else { return };
        match self.unusual.certificate(shown) {
            None => self.keep_unusual(),
            Some(told) => {
                let key = shown.key.to_string();
                // Another key was let pass by a person or a pin; the same key in another certificate is a renewal.
                let name = if told.before.contains("key=") {
                    "notice-certificate-changed"
                } else {
                    "notice-certificate-renewed"
                };
                self.notice(Say::new(name).with("key", key));
                self.peculiar(Kind::Certificate, None, told, &shown.subject);
            }
        }
    }

    /// A controller's certificate stopped an attempt though another one was known or pinned.
    pub(in crate::engine) fn stopped(&mut self, cause: &Error) {
        let Some(refused) = cause.refused() else { return };
        let before = match &refused.why {
            Why::Changed(seen) => format!("sha256={}; key={}", seen.certificate, seen.key),
            Why::NotPinned(pins) => pins.iter().map(|pin| format!("pinned key={pin}")).collect::<Vec<_>>().join("; "),
            Why::Faults(_) | Why::Unseen => return,
        };
        let shown = refused.certificate.as_ref();
        let after = shown.map(|shown| format!("sha256={}; key={}", shown.fingerprint, shown.key));
        let act = self.record.act(By::Grid, Kind::Certificate, How::Refused, Utc::now());
        let words = refused.domain.clone();
        self.log(vec![Act { before, after: after.unwrap_or_default(), words, ..act }]);
    }

    /// Somebody tells for how many seconds they have run.
    pub(in crate::engine) fn up(&mut self, who: &BareJid, seconds: u32) {
        let now = Utc::now();
        let Some(since) = now.checked_sub_signed(TimeDelta::seconds(i64::from(seconds))) else { return };
        match self.unusual.up_since(&who.to_string(), since, Instant::now()) {
            None => self.keep_unusual(),
            Some(told) => {
                self.notice(Say::new("notice-restart").with("who", who.to_string()));
                self.peculiar(Kind::Restart, None, told, &who.to_string());
            }
        }
    }

    /// There is a sign that somebody started anew.
    pub(in crate::engine) fn restarted(&mut self, who: &BareJid, sign: Sign) {
        if self.unusual.restart(Instant::now()) {
            let (key, words) = match sign {
                Sign::Shutdown => ("notice-restart", Token::Shutdown),
                Sign::Forgotten => ("notice-session-forgotten", Token::Forgotten),
            };
            self.notice(Say::new(key).with("who", who.to_string()));
            let none = Difference { before: String::new(), after: String::new() };
            self.peculiar(Kind::Restart, None, none, &format!("{who}: {}", words.word()));
        }
    }

    /// As many events came live.
    pub(in crate::engine) fn traffic(&mut self, topic: &TopicId, events: usize) {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        let Some((now, average)) = self.unusual.traffic.take(events, Instant::now()) else { return };
        let count = |count: u32| count.to_string();
        let say = Say::new("notice-traffic").with("now", count(now)).with("average", count(average));
        self.notice(say.with("topic", text::line_within(&topic.node, LONGEST)));
        let told = Difference { before: format!("average={average}/min"), after: format!("{now}/min") };
        if let Some(times) = self.unusual.may_tell(Kind::Traffic, Some(topic), Instant::now()) {
            self.noted(Kind::Traffic, Some(topic), told, "", times);
        }
    }
}

/// Words, and how often it was where it was more than once.
fn often(words: &str, times: u32) -> String {
    let times = if times > 1 { format!("times={times}") } else { String::new() };
    [words, &times].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::bridge::Outbox;
    use crate::model::{Access, Topic};
    use crate::store::{Activity, Memory};

    #[tokio::test]
    async fn what_happens_once_is_written_however_much_else_happens() {
        let (batches, _events) = tokio::sync::mpsc::channel(4);
        let store = Arc::new(Memory::default());
        let mut desk = Desk::new(store.clone(), Outbox::new(batches));
        let now = Instant::now();
        let all: Vec<Topic> = (0..150)
            .map(|number| {
                let node = format!("feed {number}");
                let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node };
                Topic { membership: Membership::Subscribed, access: Access::Authorize, ..Topic::bare(id) }
            })
            .collect();
        for access in [Access::Authorize, Access::Open] {
            for topic in &all {
                let _ = desk.unusual.topic(&Topic { access: access.clone(), ..topic.clone() }, now);
            }
        }
        all.iter().for_each(|topic| desk.gone(Kind::Vanished, &topic.id, ""));
        let differs = |before: &str, after: &str| Difference { before: before.to_owned(), after: after.to_owned() };
        desk.peculiar(Kind::Certificate, None, differs("a", "b"), "");
        desk.peculiar(Kind::Certificate, None, differs("b", "a"), "");
        desk.finish().await;
        let entries = store.entries(1, 1_000).unwrap();
        let of = |kind| entries.iter().filter(|entry| entry.act.as_ref().unwrap().kind == kind).count();
        assert_eq!((of(Kind::Vanished), of(Kind::Certificate)), (150, 2));
    }
}
