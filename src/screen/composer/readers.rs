//! Who reads the topics I own, as their broker tells me: asked when such a topic is looked at, and anew before anything is held
//! or leaves for it. Who was let in an hour ago, at this desk or at another, is on no older list.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::audience::{self, Members};
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::compose::audience::{Around, Audience};
use crate::compose::send::{Parcel, Words};
use crate::engine::{Command, Error, Fate, Receipt, RequestId};
use crate::model::{Affiliation, BareJid, Topic, TopicId};
use crate::screen::Action;

/// How old an answer may be by which something is held or leaves. No hold is shorter, so each is followed by another question.
const FRESH: TimeDelta = TimeDelta::seconds(5);
/// How old one may be that is shown.
const SHOWN: TimeDelta = TimeDelta::seconds(60);

/// What a broker said when it was asked.
enum Told {
    Listed(Members),
    /// It does not say, or nothing that can be read: who reads is estimated, and said to be.
    Nothing,
    /// There was no answer: nobody knows, and it is asked again.
    Failed(Words),
}

/// See the module.
#[derive(Default)]
pub struct Readers {
    told: HashMap<TopicId, (DateTime<Utc>, Told)>,
    asking: HashMap<RequestId, TopicId>,
    /// Since when the session is.
    since: Option<DateTime<Utc>>,
}

impl Readers {
    /// Forgets what another session was told.
    fn renew(&mut self, since: DateTime<Utc>) {
        if self.since != Some(since) {
            *self = Self { since: Some(since), ..Self::default() };
        }
    }

    fn is_asking(&self, topic: &TopicId) -> bool {
        self.asking.values().any(|one| one == topic)
    }

    /// Whether an answer is waited for that must not be gone on without.
    pub(super) fn is_asking_any(&self, topics: &[TopicId]) -> bool {
        topics.iter().any(|topic| self.is_asking(topic))
    }

    fn told(&self, topic: &TopicId, now: DateTime<Utc>, age: TimeDelta) -> Option<&Told> {
        let (at, told) = self.told.get(topic)?;
        (now - *at <= age).then_some(told)
    }

    /// Whether it is known now who would get a parcel, as far as that can be known.
    pub(super) fn knows(&self, parcel: &Parcel, cx: &Cx<'_>) -> bool {
        let is_told = || {
            let told = self.told(parcel.topic(), cx.now, FRESH);
            told.is_some_and(|told| !matches!(told, Told::Failed(_))) && !self.is_asking(parcel.topic())
        };
        parcel.payload().is_none() || !is_mine(parcel.topic(), cx) || is_told()
    }

    fn members(&self, topic: &TopicId) -> Option<&Members> {
        match self.told.get(topic) {
            Some((_, Told::Listed(members))) => Some(members),
            _ => None,
        }
    }

    /// Takes an answer in; whether it is one to a question about readers.
    pub(super) fn answered(
        &mut self,
        request: RequestId,
        result: &Result<Receipt, Error>,
        words: impl FnOnce(&Error) -> Words,
        now: DateTime<Utc>,
    ) -> bool {
        let Some(topic) = self.asking.remove(&request) else { return false };
        let told = match result {
            Ok(Receipt::Members(members)) => Told::Listed(Members {
                affiliations: members.affiliations.clone(),
                subscribers: members.subscribers.iter().map(|one| (one.jid.clone(), one.pending)).collect(),
            }),
            Ok(_) => Told::Nothing,
            Err(why) if matches!(why.fate(), Fate::Refused(_)) => Told::Nothing,
            Err(why) => Told::Failed(words(why)),
        };
        drop(self.told.insert(topic, (now, told)));
        true
    }
}

/// Whether I may ask who reads it.
fn is_mine(topic: &TopicId, cx: &Cx<'_>) -> bool {
    cx.topics.iter().any(|one| one.id == *topic && one.affiliation == Affiliation::Owner)
}

impl Screen {
    /// Who reads a topic, as far as it is known now.
    pub(super) fn audience(&self, topic: &Topic, me: &BareJid, cx: &Cx<'_>) -> Audience {
        let publishers = cx.finder.publishers(&topic.id);
        let (last, kept) = (self.last.get(&topic.id), self.stock.topic(&topic.id));
        audience::of(topic, self.readers.members(&topic.id), Around { me, last, publishers: &publishers, kept })
    }

    /// Asks who is on the topics of mine that the draft goes to, where what shows of that is not new.
    pub(super) fn ask_members(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let topics = self.desk.as_ref().map(|desk| desk.topics().to_vec()).unwrap_or_default();
        self.ask_readers(topics, SHOWN, cx)
    }

    /// The same before the draft is held.
    pub(super) fn ask_members_anew(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let topics = self.desk.as_ref().map(|desk| desk.topics().to_vec()).unwrap_or_default();
        self.ask_readers(topics, FRESH, cx)
    }

    /// And before what waits leaves for them.
    pub(super) fn ask_members_of_ready(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let topics = self.outbox.ready(cx.now).filter(|parcel| parcel.payload().is_some());
        let topics = topics.map(|parcel| parcel.topic().clone()).collect();
        self.ask_readers(topics, FRESH, cx)
    }

    fn ask_readers(&mut self, topics: Vec<TopicId>, age: TimeDelta, cx: &Cx<'_>) -> Action<Message> {
        if !cx.online() {
            return Action::None;
        }
        self.readers.renew(cx.trust.since);
        let mut asked = Vec::new();
        for topic in topics {
            let is_known = self.readers.is_asking(&topic) || self.readers.told(&topic, cx.now, age).is_some();
            if !is_known && is_mine(&topic, cx) {
                let request = cx.request();
                let _ = self.readers.asking.insert(request, topic.clone());
                asked.push(Action::Engine(Command::Members { request, topic }));
            }
        }
        Action::Many(asked)
    }

    /// What is ready and whose readers could not be asked for waits, and says why.
    pub(super) fn put_off_unasked(&mut self, cx: &Cx<'_>) {
        let failed = |parcel: &Parcel| match self.readers.told(parcel.topic(), cx.now, FRESH) {
            Some(Told::Failed(words)) if is_mine(parcel.topic(), cx) => Some(words.clone()),
            _ => None,
        };
        let ready = self.outbox.ready(cx.now).filter(|parcel| parcel.payload().is_some());
        let ready: Vec<(String, Words)> =
            ready.filter_map(|parcel| Some((parcel.key().to_owned(), failed(parcel)?))).collect();
        for (key, words) in ready {
            self.outbox.put_off(&key, Some(words), cx.now);
        }
    }
}
