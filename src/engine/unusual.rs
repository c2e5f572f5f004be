//! What a broker or controller does out of the ordinary, which RFC 8600 §8.3.3 wants noticed: a topic set up otherwise than it
//! was and not by me, or gone; another certificate; a restart; far more traffic than there was. What is known of each is kept
//! from session to session, so that what happened while nobody looked shows too.
//!
//! Whoever can flip something at any rate is told of once a minute, with how often it was.
//!
//! Pure: facts go in, what differs comes out. May use the engine's commands and answers, `model`.

mod mine;
mod traffic;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::record::Of;
use super::{Command, Error, Receipt};
use crate::model::session::Certificate;
use crate::model::{Affiliation, Jid, Membership, PayloadType, Topic, TopicId};
use crate::store::activity::Kind;
use mine::Mine;
use traffic::Traffic;

pub(super) use traffic::MINUTE;

/// Times of a start that are so near are one: the peer counts whole seconds, and its answer takes its time.
const SAME: TimeDelta = TimeDelta::seconds(90);
/// A restart is told once however many signs of it there are.
const ONCE: Duration = Duration::from_secs(600);
/// What one topic does is told at most this often: what changes faster is told together, by what it is then.
pub(super) const REST: Duration = Duration::from_secs(60);
/// And what all topics do, of each kind at most so often in that time: nothing hides behind something else.
const MOST: u32 = 100;
/// Longest text of one fact that is kept, in characters.
const LONGEST: usize = 500;
/// What is known under, beside the topics.
const CERTIFICATE: &str = "certificate";
const START: &str = "start ";

/// Facts by their names.
type Facts = BTreeMap<String, String>;

/// What differs: `access_model=authorize` and `access_model=open`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub before: String,
    pub after: String,
}

/// What a description shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// What is known, or what I made of it.
    Same,
    /// Something else, of which was told too lately: it is to be looked at again.
    Later,
    /// Something else, and how often it was since that was told last.
    Changed(Difference, u32),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Unusual {
    known: BTreeMap<String, Facts>,
    /// What of it is to be kept, or to be forgotten.
    changed: BTreeSet<String>,
    /// What of it is my own doing.
    mine: Mine,
    /// What was told lately, when, and how often it was since.
    told: HashMap<(Kind, Option<TopicId>), (Instant, u32)>,
    /// How much was told of each kind in the time that began then.
    all: HashMap<Kind, (Instant, u32)>,
    restarted: Option<Instant>,
    pub traffic: Traffic,
}

impl Unusual {
    /// With what was kept of it.
    pub(super) fn restored(kept: Vec<(String, String)>, now: Instant) -> Self {
        Self::paced(kept, now, MINUTE)
    }

    /// The same, with traffic counted in minutes of this length.
    pub(super) fn paced(kept: Vec<(String, String)>, now: Instant, minute: Duration) -> Self {
        let read = |(name, text): (String, String)| Some((name, serde_json::from_str(&text).ok()?));
        Self {
            known: kept.into_iter().filter_map(read).collect(),
            changed: BTreeSet::new(),
            mine: Mine::default(),
            told: HashMap::new(),
            all: HashMap::new(),
            restarted: None,
            traffic: Traffic::new(now, minute),
        }
    }

    /// What is to be kept since the last time, and what is not.
    pub(super) fn keep(&mut self) -> (Vec<String>, Vec<(String, String)>) {
        let (mut gone, mut put) = (Vec::new(), Vec::new());
        for name in std::mem::take(&mut self.changed) {
            match self.known.get(&name) {
                // Texts by texts always serialise.
                Some(facts) => put.push((name, serde_json::to_string(facts).unwrap_or_default())),
                None => gone.push(name),
            }
        }
        (gone, put)
    }

    /// I am about to do something.
    pub(super) fn wishes(&mut self, of: Of, command: &Command) {
        let known = &self.known;
        self.mine.wishes(of, command, |topic| known.get(&name_of(topic)).cloned());
    }

    /// What I did was answered. `unsure`: an error, and something left that may have been done all the same.
    pub(super) fn came(&mut self, of: Of, result: &Result<Receipt, Error>, unsure: bool, now: Instant) {
        let known = &self.known;
        self.mine.came(of, (result, unsure), now, |topic| known.get(&name_of(topic)).cloned());
    }

    /// A topic was described, as was asked for then; all of it where `whole`.
    pub(super) fn heard(&mut self, topic: &TopicId, asked: Instant, whole: bool) {
        self.mine.heard(topic, asked, whole);
    }

    /// Whether a topic goes because I deleted it.
    pub(super) fn is_deleted_by_me(&self, topic: &TopicId) -> bool {
        self.mine.deletes(topic)
    }

    /// Whether what comes at any rate may be told now, and how often it was then since it was told last; what may not is
    /// counted. What happens once is none of it.
    pub(super) fn may_tell(&mut self, kind: Kind, topic: Option<&TopicId>, now: Instant) -> Option<u32> {
        let rested = |at: Instant| now.saturating_duration_since(at) >= REST;
        let all = self.all.entry(kind).or_insert((now, 0));
        if rested(all.0) {
            *all = (now, 0);
            let known = &self.known;
            let waits =
                |topic: &Option<TopicId>| topic.as_ref().is_none_or(|topic| known.contains_key(&name_of(topic)));
            self.told.retain(|(of, topic), (at, count)| *of != kind || !rested(*at) || *count > 0 && waits(topic));
        }
        let about = (kind, topic.cloned());
        let (at, count) = self.told.get(&about).copied().map_or((None, 0), |(at, count)| (Some(at), count));
        let count = count.saturating_add(1);
        if at.is_some_and(|at| !rested(at)) || all.1 >= MOST {
            let _ = self.told.insert(about, (at.unwrap_or(now), count));
            return None;
        }
        all.1 += 1;
        let _ = self.told.insert(about, (now, 0));
        Some(count)
    }

    fn put(&mut self, name: &str, facts: Facts) -> Option<Facts> {
        let before = self.known.insert(name.to_owned(), facts.clone());
        if before.as_ref() != Some(&facts) {
            let _ = self.changed.insert(name.to_owned());
        }
        before
    }

    /// A topic of mine was described. What of it was changed by somebody else since it was known.
    pub(super) fn topic(&mut self, topic: &Topic, now: Instant) -> Look {
        if !is_mine(topic) {
            return Look::Same;
        }
        let name = name_of(&topic.id);
        let mut facts = facts_of(topic);
        // What is told at one time and not at another stays known.
        if let Some(before) = self.known.get(&name) {
            before.iter().for_each(|(fact, text)| {
                let _ = facts.entry(fact.clone()).or_insert_with(|| text.clone());
            });
        }
        let Some(before) = self.known.get(&name).cloned() else {
            let _ = self.put(&name, facts);
            return Look::Same;
        };
        let mine = self.mine.judge(&topic.id, &before, &mut facts);
        // By others it is as it was, until that is told.
        let mut others = before;
        others.extend(mine.iter().filter_map(|name| Some((name.clone(), facts.get(name)?.clone()))));
        let Some(told) = difference(&others, &facts) else {
            let _ = self.put(&name, facts);
            return Look::Same;
        };
        let Some(times) = self.may_tell(Kind::Changed, Some(&topic.id), now) else {
            let _ = self.put(&name, others);
            return Look::Later;
        };
        let _ = self.put(&name, facts);
        Look::Changed(told, times)
    }

    /// A topic is none of mine any more, as was told or done.
    pub(super) fn forget(&mut self, topic: &TopicId) {
        self.mine.forget(topic);
        let name = name_of(topic);
        if self.known.remove(&name).is_some() {
            let _ = self.changed.insert(name);
        }
    }

    /// Topics that were mine when they were last seen, on these brokers.
    pub(super) fn topics(&self) -> Vec<TopicId> {
        self.known.keys().filter_map(|name| topic_of(name)).collect()
    }

    /// A certificate was shown; whether it is another than last time.
    pub(super) fn certificate(&mut self, shown: &Certificate) -> Option<Difference> {
        let facts = Facts::from([
            ("sha256".to_owned(), shown.fingerprint.to_string()),
            ("key".to_owned(), shown.key.to_string()),
            ("until".to_owned(), shown.not_after.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ]);
        let before = self.put(CERTIFICATE, facts.clone())?;
        difference(&before, &facts)
    }

    /// Somebody tells since when they run. A start that is later than the one known is a restart.
    pub(super) fn up_since(&mut self, who: &str, since: DateTime<Utc>, now: Instant) -> Option<Difference> {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let facts = |at| Facts::from([("since".to_owned(), text(at))]);
        let name = format!("{START}{who}");
        let known = self.known.get(&name).and_then(|facts| facts.get("since")?.parse::<DateTime<Utc>>().ok());
        match known {
            Some(before) if (since - before).abs() <= SAME => None,
            before => {
                let _ = self.put(&name, facts(since));
                let before = before.filter(|before| since > *before)?;
                let is_new = self.restart(now);
                is_new.then(|| Difference { before: text(before), after: text(since) })
            }
        }
    }

    /// There are signs of a restart; whether they are the first of it.
    pub(super) fn restart(&mut self, now: Instant) -> bool {
        let told = self.restarted.is_some_and(|at| now.saturating_duration_since(at) < ONCE);
        if !told {
            self.restarted = Some(now);
        }
        !told
    }
}

/// Whether changes of it are to be told.
fn is_mine(topic: &Topic) -> bool {
    topic.membership != Membership::None && topic.membership != Membership::Denied
        || !matches!(topic.affiliation, Affiliation::None | Affiliation::Outcast)
}

/// No address has a blank in it.
fn name_of(topic: &TopicId) -> String {
    format!("topic {} {}", topic.broker, topic.node)
}

fn topic_of(name: &str) -> Option<TopicId> {
    let (broker, node) = name.strip_prefix("topic ")?.split_once(' ')?;
    Some(TopicId { broker: broker.parse().ok()?, node: node.to_owned() })
}

/// What a topic says of how it is set up, by the names XEP-0060 has for it.
fn facts_of(topic: &Topic) -> Facts {
    let addresses = |all: &[Jid]| {
        let mut all: Vec<String> = all.iter().map(|jid| jid.bare().to_string()).collect();
        all.sort_unstable();
        all.dedup();
        (!all.is_empty()).then(|| all.join(" "))
    };
    let truth = |value: Option<bool>| value.map(|value| value.to_string());
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let payload = match &topic.payload {
        PayloadType::Iodef2 => Some(PayloadType::IODEF2.to_owned()),
        PayloadType::Iodef1 => Some(PayloadType::IODEF1.to_owned()),
        PayloadType::Other(namespace) => said(namespace),
        PayloadType::Unsaid => None,
    };
    let most = |most: u32| if most == u32::MAX { "max".to_owned() } else { most.to_string() };
    let all = [
        ("access_model", said(topic.access.token())),
        ("publish_model", topic.publish_model.clone()),
        ("type", payload),
        ("owner", addresses(&topic.owners)),
        ("publisher", addresses(&topic.publishers)),
        ("persist_items", truth(topic.keeping.stores)),
        ("max_items", topic.keeping.most.map(most)),
        ("max_payload_size", topic.max_payload.map(|size| size.to_string())),
        ("notification_type", topic.headline.map(|is| if is { "headline" } else { "normal" }.to_owned())),
        ("title", topic.title.clone()),
        ("description", topic.description.clone()),
    ];
    let kept = |(name, text): (&str, Option<String>)| Some((name.to_owned(), crate::text::cap(&text?, LONGEST)));
    all.into_iter().filter_map(kept).collect()
}

fn difference(before: &Facts, after: &Facts) -> Option<Difference> {
    let mut told = Difference { before: String::new(), after: String::new() };
    for (name, new) in after {
        let Some(old) = before.get(name).filter(|old| *old != new) else { continue };
        for (text, value) in [(&mut told.before, old), (&mut told.after, new)] {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.extend([name, "=", value]);
        }
    }
    (!told.after.is_empty()).then_some(told)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::{Members, RequestId};
    use crate::model::owned::{Answer, Came, Fate, Saved, Settings};
    use crate::model::{Access, Fingerprint};

    fn topic() -> Topic {
        let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILE Host".to_owned() };
        Topic { membership: Membership::Subscribed, access: Access::Authorize, ..Topic::bare(id) }
    }

    #[test]
    fn another_setting_is_told_with_what_it_was_and_mine_is_not() {
        let now = Instant::now();
        let mut unusual = Unusual::restored(Vec::new(), now);
        assert_eq!(unusual.topic(&topic(), now), Look::Same, "the first time nothing is known");
        // From session to session.
        let (gone, put) = unusual.keep();
        assert!(gone.is_empty() && put.len() == 1 && unusual.keep().1.is_empty());
        let mut unusual = Unusual::restored(put, now);
        assert_eq!(unusual.topics(), [topic().id]);
        let open = Topic { access: Access::Open, title: Some("T".to_owned()), ..topic() };
        assert_eq!(unusual.topic(&open, now), changed("access_model=authorize", "access_model=open", 1));
        // There and back within a breath is not told each time, nor forgotten.
        for _ in 0..50 {
            assert_eq!(unusual.topic(&topic(), now + REST / 2), Look::Later);
            assert_eq!(unusual.topic(&open, now + REST / 2), Look::Same);
        }
        assert_eq!(unusual.topic(&topic(), now + REST / 2), Look::Later);
        let now = now + REST;
        assert_eq!(unusual.topic(&topic(), now), changed("access_model=open", "access_model=authorize", 52));
        assert_eq!(unusual.topic(&topic(), now), Look::Same, "once");
        // Said no more it is not changed, and back it is not either.
        assert_eq!(unusual.topic(&Topic { access: Access::Unsaid, ..topic() }, now), Look::Same);
        assert_eq!(unusual.topic(&topic(), now), Look::Same);
        unusual.forget(&open.id);
        assert_eq!(unusual.keep().0.len(), 1);
        let others = Topic { membership: Membership::None, ..topic() };
        assert!(unusual.topic(&others, now) == Look::Same && unusual.topics().is_empty());
    }

    fn changed(before: &str, after: &str, times: u32) -> Look {
        Look::Changed(Difference { before: before.to_owned(), after: after.to_owned() }, times)
    }

    #[test]
    fn a_thousand_topics_that_flip_are_told_of_a_hundred_times_a_minute() {
        let now = Instant::now();
        let mut unusual = Unusual::restored(Vec::new(), now);
        let id = |number: u32| TopicId { broker: topic().id.broker, node: format!("feed {number}") };
        let mut flip = |access: Access, now| {
            let looks = (0..1_000).map(|number| Topic { id: id(number), access: access.clone(), ..topic() });
            looks.filter(|topic| matches!(unusual.topic(topic, now), Look::Changed(..))).count()
        };
        assert_eq!(flip(Access::Authorize, now), 0);
        assert_eq!(flip(Access::Open, now), MOST as usize);
        assert_eq!(flip(Access::Open, now + REST / 2), 0);
        assert_eq!(flip(Access::Open, now + REST), MOST as usize, "and the others by and by");
        assert_eq!(unusual.may_tell(Kind::Traffic, None, now + REST), Some(1), "another kind is not hidden by it");
        (0..1_000).for_each(|number| unusual.forget(&id(number)));
        let _ = unusual.may_tell(Kind::Changed, None, now + REST * 3);
        assert_eq!(unusual.told.len(), 2, "what is gone waits for nothing");
    }

    #[test]
    fn what_is_made_up_at_any_rate_is_told_once_a_minute_with_how_often_it_was() {
        let now = Instant::now();
        let mut unusual = Unusual::restored(Vec::new(), now);
        assert_eq!(unusual.may_tell(Kind::Forged, None, now), Some(1));
        assert!((0..5_000).all(|_| unusual.may_tell(Kind::Forged, None, now + REST / 2).is_none()));
        assert_eq!(unusual.may_tell(Kind::Forged, None, now + REST * 9), Some(5_001), "however long it is silent then");
        assert_eq!(unusual.told.len(), 1);
    }

    /// What I set, and what others do at the same time and after it.
    struct Acts(Unusual, u64);

    impl Acts {
        fn begins(&mut self, command: impl FnOnce(RequestId) -> Command) -> Of {
            self.1 += 1;
            let of = Of::Command(RequestId(self.1));
            self.0.wishes(of, &command(RequestId(self.1)));
            of
        }

        /// The link broke when it had left, or it was refused.
        fn came(&mut self, of: Of, result: &Result<Receipt, Error>) {
            let unsure = matches!(result, Err(Error::Offline));
            self.0.came(of, result, unsure, Instant::now());
        }

        fn configures(&mut self, value: &str) -> Of {
            let changes = vec![Answer::new("pubsub#access_model", value)];
            self.begins(|request| Command::Configure { request, topic: topic().id, changes, reason: String::new() })
        }

        fn saved(&mut self, of: Of, was: &str, wished: &str, is: &str) {
            let values = |value: &str| vec![value.to_owned()];
            let (var, came) = ("pubsub#access_model".to_owned(), Came::Changed);
            let fate = Fate { var, was: values(was), wished: values(wished), is: values(is), came };
            let saved = Saved { settings: Settings::default(), fates: vec![fate] };
            self.came(of, &Ok(Receipt::Configured(Arc::new(saved))));
        }
    }

    fn acts() -> Acts {
        let mut unusual = Unusual::restored(Vec::new(), Instant::now());
        assert_eq!(unusual.topic(&topic(), Instant::now()), Look::Same);
        Acts(unusual, 0)
    }

    fn with(access: Access) -> Topic {
        Topic { access, ..topic() }
    }

    #[test]
    fn what_i_set_is_mine_however_late_it_shows_and_what_others_set_is_told_however_soon() {
        let (mut acts, now) = (acts(), Instant::now());
        let of = acts.configures("whitelist");
        // Another opens it at the same time, and I rename nothing: that is left until my answer is there.
        assert_eq!(acts.0.topic(&with(Access::Open), now), Look::Same);
        acts.saved(of, "authorize", "whitelist", "whitelist");
        let hours = now + REST * 120;
        assert_eq!(acts.0.topic(&with(Access::Whitelist), hours), Look::Same, "that was me");
        // Within a second of it another opens it.
        let told = changed("access_model=whitelist", "access_model=open", 1);
        assert_eq!(acts.0.topic(&with(Access::Open), hours), told);
        // And back to what I once set, by another.
        let told = changed("access_model=open", "access_model=whitelist", 1);
        assert_eq!(acts.0.topic(&with(Access::Whitelist), hours + REST), told);
    }

    #[test]
    fn what_the_broker_made_of_my_wish_is_mine_and_what_it_refused_is_not() {
        let (mut acts, now) = (acts(), Instant::now());
        let of = acts.configures("presence");
        acts.saved(of, "authorize", "presence", "whitelist");
        assert_eq!(acts.0.topic(&with(Access::Whitelist), now), Look::Same);
        let of = acts.configures("open");
        acts.came(of, &Err(Error::last_owner()));
        let told = changed("access_model=whitelist", "access_model=open", 1);
        assert_eq!(acts.0.topic(&with(Access::Open), now), told);
        // Of one nobody knows what came of, what it wished is mine.
        let of = acts.configures("authorize");
        acts.came(of, &Err(Error::Offline));
        assert_eq!(acts.0.topic(&topic(), now), Look::Same);
    }

    #[test]
    fn an_owner_that_another_made_is_told_beside_one_of_mine() {
        let (mut acts, now) = (acts(), Instant::now());
        let owned =
            |owners: &[&str]| Topic { owners: owners.iter().map(|jid| jid.parse().unwrap()).collect(), ..topic() };
        let look = |acts: &mut Acts, owners: &[&str], now| acts.0.topic(&owned(owners), now);
        assert_eq!(look(&mut acts, &["me@a.example"], now), Look::Same);
        let changes = vec![("two@a.example".parse().unwrap(), Affiliation::Owner)];
        let of = acts.begins(|request| Command::Affiliate { request, topic: topic().id, changes });
        assert_eq!(look(&mut acts, &["me@a.example", "two@a.example"], now), Look::Same);
        let members = Members { affiliations: vec![], subscribers: vec![], unreadable: 0 };
        acts.came(of, &Ok(Receipt::Changed { members: Arc::new(members), refused: vec![] }));
        // A setting that another changes meanwhile is theirs, too.
        let open = Topic { access: Access::Open, ..owned(&["me@a.example", "two@a.example"]) };
        assert_eq!(acts.0.topic(&open, now), changed("access_model=authorize", "access_model=open", 1));
        let told = look(&mut acts, &["me@a.example", "mallory@b.example"], now + REST);
        assert!(matches!(told, Look::Changed(..)), "{told:?}");
    }

    #[test]
    fn a_topic_that_i_delete_is_not_told_as_gone_and_one_that_was_not_is() {
        let mut acts = acts();
        let of = acts.begins(|request| Command::Delete { request, topic: topic().id, redirect: None });
        assert!(acts.0.is_deleted_by_me(&topic().id));
        acts.came(of, &Err(Error::unknown_topic()));
        assert!(!acts.0.is_deleted_by_me(&topic().id));
    }

    #[test]
    fn another_certificate_is_told_with_both_fingerprints() {
        let shown = |print: u8| Certificate {
            subject: String::new(),
            issuer: String::new(),
            names: Vec::new(),
            not_before: DateTime::UNIX_EPOCH,
            not_after: DateTime::UNIX_EPOCH,
            key_kind: String::new(),
            signature: String::new(),
            fingerprint: Fingerprint([print; 32]),
            key: Fingerprint([9; 32]),
        };
        let mut unusual = Unusual::restored(Vec::new(), Instant::now());
        assert_eq!(unusual.certificate(&shown(1)), None);
        assert_eq!(unusual.certificate(&shown(1)), None);
        let told = unusual.certificate(&shown(2)).unwrap();
        assert!(told.before.starts_with("sha256=01:01") && told.after.starts_with("sha256=02:02"), "{told:?}");
    }

    #[test]
    fn a_later_start_is_a_restart_and_told_once() {
        let (at, now) = (DateTime::from_timestamp(1_800_000_000, 0).unwrap(), Instant::now());
        let mut unusual = Unusual::restored(Vec::new(), now);
        let mut up = |since, now| unusual.up_since("grid.example", since, now).is_some();
        assert!(!up(at, now));
        assert!(!up(at + TimeDelta::seconds(3), now), "the answer took its time");
        assert!(up(at + TimeDelta::hours(1), now));
        assert!(!up(at + TimeDelta::hours(1), now));
        // A clock of ours that was set back.
        assert!(!up(at, now + ONCE));
        assert!(up(at + TimeDelta::hours(2), now + ONCE));
        // There were signs of it already.
        assert!(!unusual.restart(now + ONCE));
        assert!(unusual.up_since("grid.example", at + TimeDelta::hours(3), now + ONCE).is_none());
    }
}
