//! The outbox as the window works it: what was held long enough is looked at once more away from the window's thread, written
//! down, and only then handed to the engine; what comes of it is written down too.

use super::{Message, Screen, Work, audience, begin};
use crate::app::cx::Cx;
use crate::compose::outbox::Around;
use crate::compose::preflight::Finding;
use crate::compose::send::{Errand, Outcome, Parcel, Sending, Words};
use crate::compose::taken::Before;
use crate::engine::{Command, Error, Fate, Receipt, RequestId, Terms};
use crate::model::{Say, TopicId};
use crate::screen::{Action, Tab, Target, Toast, Tone};

impl Screen {
    /// Lets what was held long enough go on its way, where there is a session that knows all topics.
    pub(super) fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.outbox.tick(cx.now);
        if !cx.online() || !cx.complete {
            return Action::None;
        }
        // After a start, what was received before is looked through for its values as soon as that can be done.
        if self.basis.take_if(|basis| *basis <= cx.finder.len()).is_none() && self.basis.is_some() {
            return Action::None;
        }
        let asked = self.ask_members_of_ready(cx);
        self.put_off_unasked(cx);
        self.read_numbers();
        let readers = &self.readers;
        let due = self.outbox.due(cx.now, |parcel| readers.knows(parcel, cx));
        let looks = due.into_iter().map(|parcel| {
            let before = self.before(&parcel, cx);
            let around = Around { before, ..self.around(parcel.topic(), cx) };
            Action::Compose(Work::LastLook(Box::new((parcel, around)), begin::us(&self.stock, cx)))
        });
        Action::Many(std::iter::once(asked).chain(looks).collect())
    }

    /// What is known now of where a parcel goes.
    fn around(&self, id: &TopicId, cx: &Cx<'_>) -> Around {
        let topic = cx.topics.iter().find(|topic| topic.id == *id).cloned();
        let audience = topic.as_ref().zip(cx.me()).map(|(topic, me)| self.audience(topic, me, cx));
        let audience = audience.unwrap_or_else(audience::nobody);
        Around { topic, audience, practice: cx.practice, before: Before::default() }
    }

    /// What the last look found; or why it could not be made.
    pub(super) fn last_looked(&mut self, key: &str, found: Result<Option<Finding>, Say>, cx: &Cx<'_>) {
        match found {
            Ok(None) => {
                let topic = self.outbox.get(key).map(|parcel| parcel.topic().clone());
                let readers = topic.map(|topic| self.around(&topic, cx).audience.who());
                self.outbox.pass(key, readers.unwrap_or_default());
            }
            Ok(Some(finding)) => self.outbox.stop(key, finding.id, words(&finding.say, cx), cx.now),
            Err(say) => {
                tracing::warn!(why = say.key, "what waits could not be looked at");
                self.outbox.put_off(key, Some(words(&say, cx)), cx.now);
            }
        }
    }

    /// Has written what changed; where there is no archive, what is ready leaves at once.
    pub(super) fn post(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if !cx.kept {
            let leaving = self.outbox.unwritten();
            return self.leave(leaving, cx);
        }
        self.outbox.write(cx.now).map_or(Action::None, |batch| Action::Compose(Work::Post(Box::new(batch))))
    }

    pub(super) fn posted(&mut self, result: Result<(), Say>, cx: &Cx<'_>) -> Action<Message> {
        let leaving = self.outbox.written(result.is_ok(), cx.now);
        let left = self.leave(leaving, cx);
        let told = result.err().map(|say| Action::Notify(Toast { tone: Tone::Bad, say }));
        Action::Many(std::iter::once(left).chain(told).collect())
    }

    fn leave(&mut self, leaving: Vec<Sending>, cx: &Cx<'_>) -> Action<Message> {
        let commands = leaving.into_iter().map(|sending| {
            let request = cx.request();
            let Sending { key, topic, item, errand, tried } = sending;
            self.noted.left(&key);
            let reason = self.outbox.get(&key).map(|parcel| parcel.about().reason()).unwrap_or_default();
            let _ = self.under_way.insert(request, key);
            Action::Engine(match errand {
                Errand::Publish { payload, access } => {
                    let terms = Terms { access: Some(access), sent: tried, reason };
                    Command::Publish { request, topic, item, payload, terms }
                }
                Errand::Retract => Command::Retract { request, topic, item },
            })
        });
        let commands: Vec<_> = commands.collect();
        if commands.is_empty() { Action::None } else { Action::Many(commands) }
    }

    /// An answer of the engine.
    pub(super) fn settle(
        &mut self,
        request: RequestId,
        result: Result<Receipt, Error>,
        cx: &Cx<'_>,
    ) -> Action<Message> {
        let why = |error: &Error| Words { what: cx.text("compose-readers-unasked"), ..words(&error.say(), cx) };
        if self.readers.answered(request, &result, why, cx.now) {
            let released = self.release(cx);
            return Action::Many(vec![self.look(true, cx), released]);
        }
        let Some(key) = self.under_way.remove(&request) else { return Action::None };
        let Some(parcel) = self.outbox.get(&key) else { return Action::None };
        let is_back = parcel.errand() == &Errand::Retract;
        let why = result.as_ref().err().map(|why| words(&why.say(), cx));
        let outcome = outcome(parcel, result);
        let is_done = matches!(outcome, Outcome::Done(_));
        if let Some(reached) = self.outbox.settle(&key, outcome, why.filter(|_| !is_done), cx.now) {
            let _ = self.last.insert(reached.topic, reached.readers);
        }
        if !is_done {
            return Action::None;
        }
        let key = if is_back { "compose-retracted-toast" } else { "compose-published-toast" };
        let told = Action::Notify(Toast { tone: Tone::Good, say: Say::new(key) });
        Action::Many(vec![self.done_with(cx), told])
    }

    /// Takes back what is held of the draft that is open.
    pub(super) fn unhold(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if let Some(desk) = &self.desk {
            let held = self.outbox.of_draft(&desk.id).filter(|parcel| parcel.is_held());
            let held: Vec<String> = held.map(|parcel| parcel.key().to_owned()).collect();
            held.iter().for_each(|key| self.outbox.take_back(key, cx.now));
        }
        Action::None
    }

    /// What was refused is held again, as it is.
    pub(super) fn again(&mut self, key: &str, cx: &Cx<'_>) -> Action<Message> {
        let topic = self.outbox.get(key).map(Parcel::topic);
        let topic = topic.and_then(|id| cx.topics.iter().find(|topic| topic.id == *id));
        self.outbox.again(key, topic.map(|topic| topic.access.clone()), super::hold(cx));
        Action::None
    }

    /// To the outbox, which stands on the page where no draft is open.
    pub(super) fn show_outbox(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let aside = self.set_aside(cx);
        Action::Many(vec![aside, Action::Open(Target::Tab(Tab::Compose))])
    }

    /// How many parcels are on their way, and whether something hinders one of them.
    #[must_use]
    pub fn outbox(&self) -> (usize, bool) {
        let stuck = |parcel: &Parcel| !parcel.is_held() && parcel.words().is_some() && !parcel.is_done();
        (self.outbox.open(), self.outbox.is_failing() || self.outbox.parcels().any(stuck))
    }
}

/// In the words of the window, to be kept.
fn words(say: &Say, cx: &Cx<'_>) -> Words {
    Words { what: cx.catalog.say(say), next: cx.catalog.next(say) }
}

/// What an answer means for what was sent.
fn outcome(parcel: &Parcel, result: Result<Receipt, Error>) -> Outcome {
    match result {
        // The broker's word for the id is the receipt.
        Ok(Receipt::Published(item)) => Outcome::Done(item),
        Ok(_) => Outcome::Done(parcel.item().clone()),
        Err(why) => match why.fate() {
            Fate::Refused(condition) => Outcome::Refused(condition),
            Fate::Open { unsure } => Outcome::NotYet { unsure },
        },
    }
}
