//! A report on its way to one topic. Item id and bytes are fixed and kept before the first try, so that whatever breaks in
//! between, trying again is the same item, and nobody gets it twice (`engine.md` §7, publish rule).
//!
//! Uses `model`. Pure: who holds it says what time it is, sends what [`Parcel::send`] gives and tells what came of it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Access, ItemId, Say, TopicId};

/// The form parcels are kept in.
const VERSION: u8 = 1;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It can be undone until then.
    Held { until: DateTime<Utc> },
    /// It goes as soon as there is a session and it was looked at once more.
    Waiting,
    /// It was sent, and the answer is waited for.
    Sent,
    /// The broker has it, under this id.
    Published { item: ItemId, at: DateTime<Utc> },
    /// The broker, or a last look, did not let it pass. It goes again only when a person says so.
    Refused { condition: String, at: DateTime<Utc> },
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Published(ItemId),
    /// For good: the condition is the broker's or our own.
    Refused(String),
    /// Not now: offline, busy, too slow. `unsure` tells that it may have arrived.
    NotYet {
        unsure: bool,
    },
}

/// What is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Sending {
    pub topic: TopicId,
    pub item: ItemId,
    pub payload: Arc<[u8]>,
    /// Who may read the topic, as it was when the person decided.
    pub access: Access,
    /// The broker is to be asked first.
    pub tried: bool,
}

/// See the module.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    topic: TopicId,
    item: ItemId,
    payload: Arc<[u8]>,
    access: Access,
    /// The draft it was made of.
    draft: String,
    made: DateTime<Utc>,
    /// An earlier try ended without an answer: the broker may have it, and is asked before it goes again.
    unsure: bool,
    state: State,
}

/// An item id nobody else makes.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh() -> Result<ItemId, Say> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Say::new("outbox-no-random"))?;
    Ok(ItemId(crate::text::hex(&bytes)))
}

impl Parcel {
    /// Holds a report for a topic. Its item id is drawn here, once and for all.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn hold(
        draft: impl Into<String>,
        topic: TopicId,
        access: Access,
        payload: Arc<[u8]>,
        (now, hold): (DateTime<Utc>, TimeDelta),
    ) -> Result<Self, Say> {
        let item = fresh()?;
        let state = State::Held { until: now + hold };
        Ok(Self { topic, item, payload, access, draft: draft.into(), made: now, unsure: false, state })
    }

    #[must_use]
    pub fn topic(&self) -> &TopicId {
        &self.topic
    }

    /// Its identity at the broker and in the outbox.
    #[must_use]
    pub fn item(&self) -> &ItemId {
        &self.item
    }

    #[must_use]
    pub fn payload(&self) -> &Arc<[u8]> {
        &self.payload
    }

    #[must_use]
    pub fn draft(&self) -> &str {
        &self.draft
    }

    #[must_use]
    pub fn made(&self) -> DateTime<Utc> {
        self.made
    }

    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether nothing more happens to it by itself.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.state, State::Published { .. } | State::Refused { .. })
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

    /// What to send now; `None` while it is held, on its way or settled. The parcel is to be kept as it then is before this
    /// leaves.
    pub fn send(&mut self) -> Option<Sending> {
        if self.state != State::Waiting {
            return None;
        }
        let tried = std::mem::replace(&mut self.unsure, true);
        self.state = State::Sent;
        Some(Sending {
            topic: self.topic.clone(),
            item: self.item.clone(),
            payload: Arc::clone(&self.payload),
            access: self.access.clone(),
            tried,
        })
    }

    /// What came of it. One that is not on its way heeds nothing.
    pub fn settle(&mut self, outcome: Outcome, now: DateTime<Utc>) {
        if self.state != State::Sent {
            return;
        }
        self.unsure = matches!(outcome, Outcome::NotYet { unsure: true });
        self.state = match outcome {
            Outcome::Published(item) => State::Published { item, at: now },
            Outcome::Refused(condition) => State::Refused { condition, at: now },
            Outcome::NotYet { .. } => State::Waiting,
        };
    }

    /// A last look did not let it pass: it stays here.
    pub fn stop(&mut self, condition: impl Into<String>, now: DateTime<Utc>) {
        if matches!(self.state, State::Held { .. } | State::Waiting) {
            self.state = State::Refused { condition: condition.into(), at: now };
        }
    }

    /// A refused one is tried again, as it is, with the access as it is now.
    pub fn again(&mut self, access: Access) {
        if matches!(self.state, State::Refused { .. }) {
            self.access = access;
            self.state = State::Waiting;
        }
    }

    /// For the outbox.
    #[must_use]
    pub fn to_text(&self) -> String {
        let state = match &self.state {
            State::Held { until } => Kept::Held { until: micros(*until) },
            // Whoever reads it again does not know what came of what was sent.
            State::Waiting | State::Sent => Kept::Waiting,
            State::Published { item, at } => Kept::Published { item: item.0.clone(), at: micros(*at) },
            State::Refused { condition, at } => Kept::Refused { condition: condition.clone(), at: micros(*at) },
        };
        let form = Form {
            version: VERSION,
            broker: self.topic.broker.to_string(),
            node: self.topic.node.clone(),
            item: self.item.0.clone(),
            access: self.access.token().to_owned(),
            draft: self.draft.clone(),
            made: micros(self.made),
            unsure: self.unsure,
            state,
            payload: STANDARD.encode(&self.payload),
        };
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// As [`Parcel::to_text`] wrote it; `None` for anything else.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let form: Form = serde_json::from_str(text).ok().filter(|form: &Form| form.version == VERSION)?;
        let state = match form.state {
            Kept::Held { until } => State::Held { until: moment(until)? },
            Kept::Waiting => State::Waiting,
            Kept::Published { item, at } => State::Published { item: ItemId(item), at: moment(at)? },
            Kept::Refused { condition, at } => State::Refused { condition, at: moment(at)? },
        };
        Some(Self {
            topic: TopicId { broker: form.broker.parse().ok()?, node: form.node },
            item: ItemId(form.item),
            payload: STANDARD.decode(form.payload).ok()?.into(),
            access: Access::from_token(&form.access),
            draft: form.draft,
            made: moment(form.made)?,
            unsure: form.unsure,
            state,
        })
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
    version: u8,
    broker: String,
    node: String,
    item: String,
    access: String,
    draft: String,
    /// Microseconds since 1970, as all times here.
    made: i64,
    unsure: bool,
    state: Kept,
    payload: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kept {
    Held { until: i64 },
    Waiting,
    Published { item: String, at: i64 },
    Refused { condition: String, at: i64 },
}

impl std::fmt::Debug for Parcel {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parcel({:?} to {}, {} bytes, {:?})", self.item.0, self.topic, self.payload.len(), self.state)
    }
}

impl std::fmt::Debug for Sending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sending({:?} to {}, {} bytes)", self.item.0, self.topic, self.payload.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
    }

    fn parcel() -> Parcel {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "a \"node\"".to_owned() };
        let payload = Arc::from(&b"<a>198.51.100.7</a>"[..]);
        Parcel::hold("draft-1", topic, Access::Whitelist, payload, (at(0), TimeDelta::seconds(10))).unwrap()
    }

    #[test]
    fn it_is_held_then_goes_once_and_is_settled() {
        let mut parcel = parcel();
        assert!(parcel.can_undo() && !parcel.ripen(at(9)) && parcel.send().is_none());
        assert!(parcel.ripen(at(10)) && !parcel.ripen(at(11)) && parcel.can_undo());
        let sending = parcel.send().unwrap();
        assert_eq!((&sending.item, sending.tried, &sending.access), (parcel.item(), false, &Access::Whitelist));
        assert!(parcel.send().is_none() && !parcel.can_undo(), "it is on its way");
        parcel.settle(Outcome::Published(ItemId("r".to_owned())), at(12));
        assert_eq!(parcel.state(), &State::Published { item: ItemId("r".to_owned()), at: at(12) });
        parcel.settle(Outcome::NotYet { unsure: true }, at(13));
        parcel.stop("late", at(13));
        assert!(parcel.is_settled() && parcel.send().is_none() && !parcel.can_undo());
        assert!(!format!("{parcel:?} {sending:?}").contains("198.51"));
    }

    #[test]
    fn what_may_have_arrived_is_asked_for_first() {
        let mut parcel = parcel();
        let _ = parcel.ripen(at(10));
        let first = parcel.send().unwrap();
        // The program dies here: who reads it again knows no more than that it was sent.
        let mut read = Parcel::from_text(&parcel.to_text()).unwrap();
        assert!(*read.state() == State::Waiting && !read.can_undo());
        let again = read.send().unwrap();
        assert_eq!((&again.item, &again.payload, again.tried), (&first.item, &first.payload, true));
        read.settle(Outcome::NotYet { unsure: false }, at(20));
        assert!(*read.state() == State::Waiting && read.can_undo());
        let _ = read.send();
        read.settle(Outcome::Refused("forbidden".to_owned()), at(21));
        assert!(read.send().is_none() && read.can_undo());
        read.again(Access::Authorize);
        assert_eq!(read.send().map(|sending| (sending.access, sending.tried)), Some((Access::Authorize, false)));
    }

    #[test]
    fn items_are_told_apart_and_what_is_damaged_is_refused() {
        assert_ne!(parcel().item(), parcel().item());
        let text = parcel().to_text();
        assert_eq!(Parcel::from_text(&text), Some(Parcel::from_text(&text).unwrap()));
        for damaged in
            ["", "{}", &text[1..], &text.replace("\"version\":1", "\"version\":2"), &text.replace("PGE", "§")]
        {
            assert_eq!(Parcel::from_text(damaged), None);
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Wait(i64),
        Send,
        Settle(u8),
        Restart,
        Stop,
        Again,
    }

    proptest! {
        /// Whatever happens, what goes is one item with one content, and after a try without an answer the broker is
        /// asked before it goes again.
        #[test]
        fn every_try_is_the_same_item(steps in proptest::collection::vec(prop_oneof![
            (0_i64..9).prop_map(Step::Wait), Just(Step::Send), (0_u8..4).prop_map(Step::Settle), Just(Step::Restart),
            Just(Step::Stop), Just(Step::Again),
        ], 0..40)) {
            let mut parcel = parcel();
            let (item, payload) = (parcel.item().clone(), Arc::clone(parcel.payload()));
            let (mut now, mut open, mut published) = (0, false, false);
            for step in steps {
                match step {
                    Step::Wait(seconds) => {
                        now += seconds;
                        let _ = parcel.ripen(at(now));
                    }
                    Step::Send => if let Some(sending) = parcel.send() {
                        prop_assert!(!published && sending.tried == open);
                        prop_assert_eq!((&sending.item, &sending.payload), (&item, &payload));
                        open = true;
                    },
                    Step::Settle(how) if *parcel.state() == State::Sent => {
                        let outcome = match how {
                            0 => Outcome::Published(item.clone()),
                            1 => Outcome::Refused("forbidden".to_owned()),
                            how => Outcome::NotYet { unsure: how == 2 },
                        };
                        published |= how == 0;
                        open = how == 2;
                        parcel.settle(outcome, at(now));
                    }
                    Step::Settle(_) => parcel.settle(Outcome::Published(item.clone()), at(now)),
                    Step::Restart => parcel = Parcel::from_text(&parcel.to_text()).unwrap(),
                    Step::Stop => parcel.stop("look", at(now)),
                    Step::Again => parcel.again(Access::Whitelist),
                }
                prop_assert_eq!(matches!(parcel.state(), State::Published { .. }), published);
            }
        }
    }
}
