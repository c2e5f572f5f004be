//! A report on its way to one topic, or one that is taken back. Item id and bytes are fixed and kept before the first try, so
//! that whatever breaks in between, trying again is the same item, and nobody gets it twice (`engine.md` §7, publish rule).
//!
//! Uses `model`, the names of preflight, and the outbox's shelf. Pure: who holds it says what time it is, sends what [`Parcel::send`] gives and tells
//! what came of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::draft::{Reason, Whole};
use super::preflight::STRICTER;
use super::shelf::{self, Kept, Unread};
use crate::model::{Access, BareJid, ItemId, Say, Tlp, TopicId};
use crate::store::local::Shelf;
use crate::store::retention::LABELS;
use crate::text;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It can be undone until then.
    Held { until: DateTime<Utc> },
    /// It goes as soon as there is a session and it was looked at once more.
    Waiting,
    /// It was sent, and the answer is waited for.
    Sent,
    /// The broker has it under this id, or has let go of it.
    Done { item: ItemId, at: DateTime<Utc> },
    /// The broker, or a last look, did not let it pass. It goes again only when a person says so.
    Refused { condition: String, at: DateTime<Utc> },
}

/// What is to be done at the broker.
#[derive(Clone, PartialEq, Eq)]
pub enum Errand {
    Publish {
        payload: Arc<[u8]>,
        /// Who may read the topic, as it was when the person decided.
        access: Access,
    },
    /// Takes the item back.
    Retract,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done(ItemId),
    /// For good: the condition is the broker's or our own.
    Refused(String),
    /// Not now: offline, busy, too slow. `unsure` tells that it may have arrived.
    NotYet {
        unsure: bool,
    },
}

/// Why it was not done, as the person was told, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub what: String,
    pub next: Option<String>,
}

/// What is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Sending {
    /// Of the parcel.
    pub key: String,
    pub topic: TopicId,
    pub item: ItemId,
    pub errand: Errand,
    /// The broker is to be asked first.
    pub tried: bool,
}

/// What a parcel is made of, beside what travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The draft; empty where there is none.
    pub draft: String,
    /// [`digest`] of the draft's document as it then was.
    pub of: String,
    /// For the eye.
    pub title: String,
    /// The strictest word in what travels.
    pub label: Tlp,
    /// Its incident is told for the first time: nobody else may have its number.
    pub is_new: bool,
    /// By these it passed what asked for one.
    pub reasons: Vec<Reason>,
    /// What it is a version of, for those who may see less: what tells it anew is bound by that too.
    pub wholes: Vec<Arc<Whole>>,
}

impl About {
    /// Why it passed what asks for a reason, for the log of acts: what asked, and what was typed. The value it is about is
    /// the report's own, and stays with it.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut all: Vec<String> =
            self.reasons.iter().map(|reason| format!("{}: {}", reason.of, reason.words)).collect();
        all.dedup();
        all.join("; ")
    }

    /// Whether it goes to a topic that is for more than its label by a reason that was typed for it: once, and no habit.
    #[must_use]
    pub fn is_exception(&self, topic: &TopicId) -> bool {
        let start = format!("{topic} {} ", self.label.token());
        self.reasons.iter().any(|reason| reason.of == STRICTER && reason.about.starts_with(&start))
    }
}

/// See the module.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Its name in the outbox.
    key: String,
    topic: TopicId,
    item: ItemId,
    errand: Errand,
    about: About,
    made: DateTime<Utc>,
    /// Who read the topic when it was sent last.
    readers: BTreeSet<BareJid>,
    /// An earlier try ended without an answer: the broker may have it, and is asked before it goes again.
    unsure: bool,
    words: Option<Words>,
    state: State,
}

/// An item id nobody else makes.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh() -> Result<ItemId, Say> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Say::new("outbox-no-random"))?;
    Ok(ItemId(text::hex(&bytes)))
}

/// What tells one document from another.
#[must_use]
pub fn digest(document: &[u8]) -> String {
    text::hex(&Sha256::digest(document))
}

impl Parcel {
    /// Holds a report for a topic. Its item id is drawn here, once and for all.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn publish(
        about: About,
        topic: TopicId,
        access: Access,
        payload: Arc<[u8]>,
        hold: (DateTime<Utc>, TimeDelta),
    ) -> Result<Self, Say> {
        let item = fresh()?;
        Ok(Self::hold(item.0.clone(), about, topic, item, Errand::Publish { payload, access }, hold))
    }

    /// Holds the wish to take an item back.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn retract(about: About, topic: TopicId, item: ItemId, hold: (DateTime<Utc>, TimeDelta)) -> Result<Self, Say> {
        Ok(Self::hold(fresh()?.0, about, topic, item, Errand::Retract, hold))
    }

    fn hold(
        key: String,
        about: About,
        topic: TopicId,
        item: ItemId,
        errand: Errand,
        (made, hold): (DateTime<Utc>, TimeDelta),
    ) -> Self {
        let (readers, words, state) = (BTreeSet::new(), None, State::Held { until: made + hold });
        Self { key, topic, item, errand, about, made, readers, unsure: false, words, state }
    }

    /// The same as one that was sent before under this id, of which nobody knows what came.
    #[must_use]
    pub fn sent_before(self, item: ItemId) -> Self {
        Self { key: item.0.clone(), item, unsure: true, state: State::Waiting, ..self }
    }

    /// Its name in the outbox.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    #[must_use]
    pub fn topic(&self) -> &TopicId {
        &self.topic
    }

    /// Its identity at the broker.
    #[must_use]
    pub fn item(&self) -> &ItemId {
        &self.item
    }

    #[must_use]
    pub fn errand(&self) -> &Errand {
        &self.errand
    }

    /// What travels; nothing does where an item is taken back.
    #[must_use]
    pub fn payload(&self) -> Option<&Arc<[u8]>> {
        match &self.errand {
            Errand::Publish { payload, .. } => Some(payload),
            Errand::Retract => None,
        }
    }

    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    #[must_use]
    pub fn made(&self) -> DateTime<Utc> {
        self.made
    }

    /// Who read the topic when it was sent last.
    #[must_use]
    pub fn readers(&self) -> &BTreeSet<BareJid> {
        &self.readers
    }

    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Why it was refused, or not answered.
    #[must_use]
    pub fn words(&self) -> Option<&Words> {
        self.words.as_ref()
    }

    /// Whether nothing more happens to it by itself.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.state, State::Done { .. } | State::Refused { .. })
    }

    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.state, State::Held { .. })
    }

    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    /// Whether it can still be called back: nothing of it left.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.unsure && matches!(self.state, State::Held { .. } | State::Waiting | State::Refused { .. })
    }

    /// The hold is over; true when that is new.
    pub fn ripen(&mut self, now: DateTime<Utc>) -> bool {
        let ripe = matches!(self.state, State::Held { until } if until <= now);
        if ripe {
            self.state = State::Waiting;
        }
        ripe
    }

    /// One that was held when the program ended has its whole hold again; true when that is so.
    pub fn hold_anew(&mut self, (now, hold): (DateTime<Utc>, TimeDelta)) -> bool {
        if self.is_held() {
            self.state = State::Held { until: now + hold };
        }
        self.is_held()
    }

    /// What to send now; `None` while it is held, on its way or settled. The parcel is to be kept as it then is before this
    /// leaves. `readers` are those of the topic now.
    pub fn send(&mut self, readers: BTreeSet<BareJid>) -> Option<Sending> {
        if self.state != State::Waiting {
            return None;
        }
        let tried = std::mem::replace(&mut self.unsure, true);
        (self.state, self.readers) = (State::Sent, readers);
        let (key, topic) = (self.key.clone(), self.topic.clone());
        Some(Sending { key, topic, item: self.item.clone(), errand: self.errand.clone(), tried })
    }

    /// Why it does not go yet.
    pub fn waits_for(&mut self, words: Option<Words>) {
        if self.state == State::Waiting {
            self.words = words;
        }
    }

    /// It did not leave after all.
    pub fn unsend(&mut self, sending: &Sending) {
        if self.state == State::Sent {
            (self.state, self.unsure) = (State::Waiting, sending.tried);
        }
    }

    /// What came of it. One that is not on its way heeds nothing.
    pub fn settle(&mut self, outcome: Outcome, words: Option<Words>, now: DateTime<Utc>) {
        if self.state != State::Sent {
            return;
        }
        self.unsure = matches!(outcome, Outcome::NotYet { unsure: true });
        self.words = words;
        self.state = match outcome {
            Outcome::Done(item) => State::Done { item, at: now },
            Outcome::Refused(condition) => State::Refused { condition, at: now },
            Outcome::NotYet { .. } => State::Waiting,
        };
    }

    /// A last look did not let it pass, or a person does not want it to go again: it stays here.
    pub fn stop(&mut self, condition: impl Into<String>, words: Option<Words>, now: DateTime<Utc>) {
        if matches!(self.state, State::Held { .. } | State::Waiting) {
            (self.state, self.words) = (State::Refused { condition: condition.into(), at: now }, words);
        }
    }

    /// A refused one is held again, as it is, with the access as it is now.
    pub fn again(&mut self, now_access: Option<Access>, (now, hold): (DateTime<Utc>, TimeDelta)) {
        if matches!(self.state, State::Refused { .. }) {
            if let (Errand::Publish { access, .. }, Some(now_access)) = (&mut self.errand, now_access) {
                *access = now_access;
            }
            (self.state, self.words) = (State::Held { until: now + hold }, None);
        }
    }

    fn form(&self) -> Form {
        let state = match &self.state {
            State::Held { until } => Standing::Held { until: micros(*until) },
            // Whoever reads it again does not know what came of what was sent.
            State::Waiting | State::Sent => Standing::Waiting,
            State::Done { item, at } => Standing::Done { item: item.0.clone(), at: micros(*at) },
            State::Refused { condition, at } => Standing::Refused { condition: condition.clone(), at: micros(*at) },
        };
        let (access, payload) = match &self.errand {
            Errand::Publish { payload, access } => (Some(access.token().to_owned()), Some(STANDARD.encode(payload))),
            Errand::Retract => (None, None),
        };
        let About { draft, of, title, label, is_new, reasons, wholes } = self.about.clone();
        Form {
            key: self.key.clone(),
            broker: self.topic.broker.to_string(),
            node: self.topic.node.clone(),
            item: self.item.0.clone(),
            access,
            draft,
            of,
            title,
            label: label.token().to_owned(),
            is_new,
            reasons: reasons.into_iter().map(|reason| (reason.of, reason.about, reason.words)).collect(),
            wholes: wholes.iter().map(|whole| (whole.target.token().to_owned(), whole.text.clone())).collect(),
            readers: self.readers.iter().map(ToString::to_string).collect(),
            made: micros(self.made),
            unsure: self.unsure,
            words: self.words.clone(),
            state,
            payload,
        }
    }

    fn of_form(form: Form) -> Option<Self> {
        let state = match form.state {
            Standing::Held { until } => State::Held { until: moment(until)? },
            Standing::Waiting => State::Waiting,
            Standing::Done { item, at } => State::Done { item: ItemId(item), at: moment(at)? },
            Standing::Refused { condition, at } => State::Refused { condition, at: moment(at)? },
        };
        let errand = match (form.access, form.payload) {
            (Some(access), Some(payload)) => {
                Errand::Publish { payload: STANDARD.decode(payload).ok()?.into(), access: Access::from_token(&access) }
            }
            (None, None) => Errand::Retract,
            _ => return None,
        };
        let reason = |(of, about, words)| Reason { of, about, words };
        let label = |token: &str| LABELS.into_iter().find(|label| label.token() == token);
        let whole = |(target, text): (String, String)| Some(Arc::new(Whole { target: label(&target)?, text }));
        let about = About {
            draft: form.draft,
            of: form.of,
            title: form.title,
            label: label(&form.label)?,
            is_new: form.is_new,
            reasons: form.reasons.into_iter().map(reason).collect(),
            wholes: form.wholes.into_iter().map(whole).collect::<Option<_>>()?,
        };
        Some(Self {
            key: form.key,
            topic: TopicId { broker: form.broker.parse().ok()?, node: form.node },
            item: ItemId(form.item),
            errand,
            about,
            made: moment(form.made)?,
            readers: form.readers.iter().map(|jid| jid.parse().ok()).collect::<Option<_>>()?,
            unsure: form.unsure,
            words: form.words,
            state,
        })
    }
}

impl Kept for Parcel {
    const SHELF: Shelf = Shelf::Outbox;

    /// With a digest: what was damaged on the way must not be published as what a person looked at.
    fn text(&self) -> String {
        let form = serde_json::to_string(&self.form()).unwrap_or_default();
        shelf::marked(&format!("{}\n{form}", digest(form.as_bytes())))
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let (sum, form) = shelf::body(text)?.split_once('\n').unwrap_or_default();
        if sum != digest(form.as_bytes()) {
            return Err(Unread::Damaged("changed since it was kept".to_owned()));
        }
        let form = serde_json::from_str(form).ok();
        form.and_then(Self::of_form).ok_or_else(|| Unread::Damaged("no parcel".to_owned()))
    }
}

fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

fn moment(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}

#[derive(Serialize, Deserialize)]
struct Form {
    key: String,
    broker: String,
    node: String,
    item: String,
    access: Option<String>,
    draft: String,
    of: String,
    title: String,
    label: String,
    /// Earlier programs did not say.
    #[serde(default)]
    is_new: bool,
    reasons: Vec<(String, String, String)>,
    /// Earlier programs knew of none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    wholes: Vec<(String, String)>,
    readers: Vec<String>,
    /// Microseconds since 1970, as all times here.
    made: i64,
    unsure: bool,
    words: Option<Words>,
    state: Standing,
    payload: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Held { until: i64 },
    Waiting,
    Done { item: String, at: i64 },
    Refused { condition: String, at: i64 },
}

impl std::fmt::Debug for Parcel {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parcel({:?}: {:?} at {}, {:?})", self.errand, self.item.0, self.topic, self.state)
    }
}

impl std::fmt::Debug for Errand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Publish { payload, access } => write!(f, "Publish({} bytes, {access:?})", payload.len()),
            Self::Retract => f.write_str("Retract"),
        }
    }
}

impl std::fmt::Debug for Sending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sending({:?}: {:?} at {})", self.errand, self.item.0, self.topic)
    }
}

#[cfg(test)]
mod tests;
