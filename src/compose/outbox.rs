//! What is on its way to brokers, for as long as it is: each parcel stands on its shelf before anything of it leaves and again
//! after every change, so that another run of the program goes on where this one ended.
//!
//! Uses parcels, preflight, numbers and the leak guard. [`Outbox`] is pure: who holds it writes what [`Outbox::write`] gives, one batch
//! after the other, looks at what [`Outbox::due`] names ([`last_look`], which blocks), and sends what is released by both.
//! Where there is nowhere to write to, what was looked at is released at once.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::audience::Audience;
use super::guard::{self, Sources};
use super::preflight::{self, Finding, Place, Weight};
use super::send::{Errand, Outcome, Parcel, Sending, State, Words};
use super::shelf::{self, Kept, Reached};
use super::taken;
use crate::iodef::Document;
use crate::model::{Access, BareJid, ItemId, Say, Topic, TopicId};
use crate::store::index::Failure;
use crate::store::local::Shelf;
use crate::store::{Error, Local};

/// How long after a try without an answer the next one is made.
pub const AGAIN: TimeDelta = TimeDelta::seconds(30);
/// How long a look may take before it is taken for lost.
const LOOK: TimeDelta = TimeDelta::seconds(60);
/// Receipts kept, the newest ones; as many again of versions, whose receipts alone know what they are versions of.
const RECEIPTS: usize = 20;
/// The condition of what a person does not want to go again.
pub const STOPPED: &str = "stopped";

/// What is done about a parcel beside its state.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Resting,
    /// It is being looked at, since then.
    Looking(DateTime<Utc>),
    /// It may leave once this state of it is written.
    Leaving(Sending),
}

/// A parcel in the outbox.
#[derive(Clone, Debug)]
struct Entry {
    parcel: Parcel,
    stage: Stage,
    /// Not tried before then.
    next: Option<DateTime<Utc>>,
    /// Its shelf has another state of it, or none.
    is_fresh: bool,
    is_writing: bool,
}

impl Entry {
    fn new(parcel: Parcel, is_fresh: bool) -> Self {
        Self { parcel, stage: Stage::Resting, next: None, is_fresh, is_writing: false }
    }

    fn is_ready(&self, now: DateTime<Utc>) -> bool {
        let waits = *self.parcel.state() == State::Waiting && self.stage == Stage::Resting;
        waits && self.next.is_none_or(|next| next <= now)
    }
}

/// What is to be written as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Written first: what is done is told to be done after who got it.
    pub reached: Vec<Reached>,
    pub remove: Vec<String>,
    pub put: Vec<Parcel>,
}

impl Batch {
    /// Writes it. Blocks.
    ///
    /// # Errors
    /// When something of it may not be written; all of it is to be written again.
    pub fn keep(&self, on: &dyn Local) -> Result<(), Error> {
        fn texts<T: Kept>(all: &[T], name: impl Fn(&T) -> String) -> Vec<(String, String)> {
            all.iter().map(|one| (name(one), one.text())).collect()
        }
        if !self.reached.is_empty() {
            shelf::keep(on, Shelf::Reached, Vec::new(), texts(&self.reached, Reached::name))?;
        }
        if self.remove.is_empty() && self.put.is_empty() {
            return Ok(());
        }
        on.keep(Shelf::Outbox, &self.remove, &texts(&self.put, |parcel| parcel.key().to_owned()))
    }
}

/// What another run of the program left.
#[derive(Clone, Debug, Default)]
pub struct Left {
    pub parcels: Vec<Parcel>,
    /// Who got the last publication of each topic.
    pub reached: Vec<Reached>,
    /// What is told of what cannot be read.
    pub told: Vec<Say>,
}

impl Left {
    /// Reads it. Blocks.
    ///
    /// # Errors
    /// When the store could not be read.
    pub fn read(on: &dyn Local) -> Result<Self, Error> {
        let (parcels, reached) = (shelf::all::<Parcel>(on)?, shelf::all::<Reached>(on)?);
        let told = parcels.says().into_iter().chain(reached.says()).collect();
        let mut parcels: Vec<Parcel> = parcels.entries.into_iter().map(|(_, parcel)| parcel).collect();
        parcels.sort_by_key(Parcel::made);
        Ok(Self { parcels, reached: reached.entries.into_iter().map(|(_, reached)| reached).collect(), told })
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    entries: Vec<Entry>,
    /// What is in no entry any more, and may stand on its shelf.
    gone: Vec<String>,
    reached: Vec<Reached>,
    /// What is being written.
    writing: Option<Batch>,
    /// Writing failed, and is tried again then.
    again: Option<DateTime<Utc>>,
}

impl Outbox {
    /// Takes in what another run left: what was held then has its whole hold again, since nobody may have seen the rest of it.
    pub fn take_up(&mut self, left: Vec<Parcel>, hold: (DateTime<Utc>, TimeDelta)) {
        for mut parcel in left {
            if self.get(parcel.key()).is_none() {
                let is_fresh = parcel.hold_anew(hold);
                self.entries.push(Entry::new(parcel, is_fresh));
            }
        }
        self.entries.sort_by_key(|entry| entry.parcel.made());
        for is_version in [false, true] {
            let done = self.parcels().filter(|one| one.is_done() && one.about().wholes.is_empty() != is_version);
            let done: Vec<String> = done.map(|one| one.key().to_owned()).collect();
            done.iter().take(done.len().saturating_sub(RECEIPTS)).for_each(|key| self.drop(key));
        }
    }

    /// The parcels, oldest first.
    pub fn parcels(&self) -> impl DoubleEndedIterator<Item = &Parcel> {
        self.entries.iter().map(|entry| &entry.parcel)
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Parcel> {
        self.parcels().find(|parcel| parcel.key() == key)
    }

    /// Those made of a draft.
    pub fn of_draft<'a>(&'a self, draft: &'a str) -> impl Iterator<Item = &'a Parcel> {
        self.parcels().filter(move |parcel| parcel.about().draft == draft)
    }

    /// How many are not settled.
    #[must_use]
    pub fn open(&self) -> usize {
        self.parcels().filter(|parcel| !parcel.is_settled()).count()
    }

    /// Whether a countdown runs, or one has just ended and it is about to leave.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.entries.iter().any(|entry| entry.parcel.is_held() || entry.stage != Stage::Resting)
    }

    /// Whether all of it stands on its shelf.
    #[must_use]
    pub fn is_written(&self) -> bool {
        let fresh = self.entries.iter().any(|entry| entry.is_fresh);
        !fresh && self.writing.is_none() && self.gone.is_empty() && self.reached.is_empty()
    }

    /// It could not be written, and is tried again.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.again.is_some()
    }

    pub fn put(&mut self, parcel: Parcel) {
        self.entries.push(Entry::new(parcel, true));
    }

    fn entry(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.parcel.key() == key)
    }

    fn drop(&mut self, key: &str) {
        self.entries.retain(|entry| entry.parcel.key() != key);
        self.gone.push(key.to_owned());
    }

    /// Takes back what did not leave. What may have arrived stays and is told of, and goes no more by itself.
    pub fn take_back(&mut self, key: &str, now: DateTime<Utc>) {
        let Some(entry) = self.entry(key) else { return };
        if entry.parcel.can_undo() {
            self.drop(key);
        } else if !entry.parcel.is_settled() && *entry.parcel.state() != State::Sent {
            let words = entry.parcel.words().cloned();
            entry.parcel.stop(STOPPED, words, now);
            (entry.stage, entry.is_fresh) = (Stage::Resting, true);
        }
    }

    /// Forgets what came to an end.
    pub fn forget(&mut self, key: &str) {
        if self.get(key).is_some_and(Parcel::is_settled) {
            self.drop(key);
        }
    }

    /// What was refused is held again, as it is.
    pub fn again(&mut self, key: &str, access: Option<Access>, hold: (DateTime<Utc>, TimeDelta)) {
        if let Some(entry) = self.entry(key).filter(|entry| matches!(entry.parcel.state(), State::Refused { .. })) {
            entry.parcel.again(access, hold);
            (entry.next, entry.is_fresh) = (None, true);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: DateTime<Utc>) {
        for entry in &mut self.entries {
            entry.is_fresh |= entry.parcel.ripen(now);
            if matches!(entry.stage, Stage::Looking(since) if now - since > LOOK) {
                entry.stage = Stage::Resting;
            }
        }
    }

    /// What would go now.
    pub fn ready(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Parcel> {
        self.entries.iter().filter(move |entry| entry.is_ready(now)).map(|entry| &entry.parcel)
    }

    /// What would go now, and is to be looked at once more: from here on each is waited for.
    pub fn due(&mut self, now: DateTime<Utc>, may: impl Fn(&Parcel) -> bool) -> Vec<Parcel> {
        let mut due = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_ready(now) && may(&entry.parcel)) {
            entry.stage = Stage::Looking(now);
            due.push(entry.parcel.clone());
        }
        due
    }

    /// Nothing was found: it may leave for these readers.
    pub fn pass(&mut self, key: &str, readers: BTreeSet<BareJid>) {
        let looked = |entry: &&mut Entry| matches!(entry.stage, Stage::Looking(_));
        let Some(entry) = self.entry(key).filter(looked) else { return };
        entry.stage = entry.parcel.send(readers).map_or(Stage::Resting, Stage::Leaving);
        entry.is_fresh = true;
    }

    /// Something came in its way since the person decided.
    pub fn stop(&mut self, key: &str, condition: &str, words: Words, now: DateTime<Utc>) {
        let looked = |entry: &&mut Entry| matches!(entry.stage, Stage::Looking(_));
        let Some(entry) = self.entry(key).filter(looked) else { return };
        entry.parcel.stop(condition, Some(words), now);
        (entry.stage, entry.is_fresh) = (Stage::Resting, true);
    }

    /// It could not be looked at, for what these words say: it is tried again.
    pub fn put_off(&mut self, key: &str, words: Option<Words>, now: DateTime<Utc>) {
        if let Some(entry) = self.entry(key) {
            entry.parcel.waits_for(words);
            (entry.stage, entry.next) = (Stage::Resting, Some(now + AGAIN));
        }
    }

    /// What could not be written is tried again at once.
    pub fn hurry(&mut self) {
        self.again = None;
    }

    /// What is to be written next, where nothing is being written.
    pub fn write(&mut self, now: DateTime<Utc>) -> Option<Batch> {
        if self.writing.is_some() || self.again.is_some_and(|again| again > now) {
            return None;
        }
        let mut batch = Batch {
            reached: std::mem::take(&mut self.reached),
            remove: std::mem::take(&mut self.gone),
            put: Vec::new(),
        };
        for entry in self.entries.iter_mut().filter(|entry| entry.is_fresh) {
            (entry.is_fresh, entry.is_writing) = (false, true);
            batch.put.push(entry.parcel.clone());
        }
        if batch == Batch::default() {
            return None;
        }
        self.writing = Some(batch.clone());
        Some(batch)
    }

    /// What was to be written is, or is not; gives what may leave now.
    pub fn written(&mut self, is_done: bool, now: DateTime<Utc>) -> Vec<Sending> {
        let Some(batch) = self.writing.take() else { return Vec::new() };
        self.again = (!is_done).then(|| now + AGAIN);
        if !is_done {
            self.gone.extend(batch.remove);
            // What came since is newer.
            self.reached = batch.reached.into_iter().chain(std::mem::take(&mut self.reached)).collect();
        }
        let mut leaving = Vec::new();
        for entry in &mut self.entries {
            let was_written = std::mem::take(&mut entry.is_writing);
            // What changed while it was written is written once more before it leaves.
            if is_done && was_written && !entry.is_fresh {
                leaving.extend(entry.leave());
            } else if !is_done {
                entry.is_fresh |= was_written;
                // What is not on its shelf does not leave.
                if let Some(sending) = entry.leave() {
                    entry.parcel.unsend(&sending);
                    entry.next = Some(now + AGAIN);
                }
            }
        }
        leaving
    }

    /// What may leave where nothing is written.
    pub fn unwritten(&mut self) -> Vec<Sending> {
        (self.gone, self.reached) = (Vec::new(), Vec::new());
        self.entries.iter_mut().for_each(|entry| entry.is_fresh = false);
        self.entries.iter_mut().filter_map(Entry::leave).collect()
    }

    /// What came of a try; gives who got it, where it is published.
    pub fn settle(&mut self, key: &str, outcome: Outcome, words: Option<Words>, now: DateTime<Utc>) -> Option<Reached> {
        let entry = self.entry(key)?;
        entry.parcel.settle(outcome, words, now);
        (entry.next, entry.is_fresh) = (Some(now + AGAIN), true);
        let parcel = entry.parcel.clone();
        if !parcel.is_done() {
            return None;
        }
        if parcel.errand() == &Errand::Retract {
            // The receipt of what was taken back is none any more.
            let stale = |other: &&Parcel| {
                other.key() != key && other.topic() == parcel.topic() && is_of(other, parcel.item()) && other.is_done()
            };
            let stale: Vec<String> = self.parcels().filter(stale).map(|other| other.key().to_owned()).collect();
            stale.iter().for_each(|key| self.drop(key));
            return None;
        }
        let reached = Reached { topic: parcel.topic().clone(), at: now, readers: parcel.readers().clone() };
        self.reached.push(reached.clone());
        Some(reached)
    }

    /// The receipt of an item, where there is one.
    #[must_use]
    pub fn receipt(&self, topic: &TopicId, item: &ItemId) -> Option<&Parcel> {
        receipt(self.parcels(), topic, item)
    }
}

/// The receipt of an item among parcels.
pub fn receipt<'a>(
    parcels: impl IntoIterator<Item = &'a Parcel>,
    topic: &TopicId,
    item: &ItemId,
) -> Option<&'a Parcel> {
    let mut published = parcels.into_iter().filter(|parcel| parcel.is_done() && parcel.payload().is_some());
    published.find(|parcel| parcel.topic() == topic && is_of(parcel, item))
}

/// Whether the broker has it under this id: the one it was sent under, or the broker's own.
fn is_of(parcel: &Parcel, item: &ItemId) -> bool {
    parcel.item() == item || matches!(parcel.state(), State::Done { item: own, .. } if own == item)
}

impl Entry {
    fn leave(&mut self) -> Option<Sending> {
        match std::mem::replace(&mut self.stage, Stage::Resting) {
            Stage::Leaving(sending) => Some(sending),
            stage => {
                self.stage = stage;
                None
            }
        }
    }
}

/// What is known of where a parcel goes.
#[derive(Clone, Debug)]
pub struct Around {
    pub topic: Option<Topic>,
    pub audience: Audience,
    pub practice: bool,
    /// Its numbers.
    pub before: taken::Before,
}

/// The first of what has come in the way since the person decided: the document may be received more strictly now, the topic
/// be another one, others may read it, another incident have its number. Reasons that were given hold. Blocks where values are looked up.
///
/// # Errors
/// When what was received could not be looked at.
pub fn last_look(parcel: &Parcel, around: &Around, sources: Option<Sources<'_>>) -> Result<Option<Finding>, Failure> {
    let id = parcel.topic();
    let Some(payload) = parcel.payload() else {
        let say = || Say::new("preflight-topic-unknown").with("topic", crate::text::line_within(&id.node, 80));
        let unknown = || Finding::new("topic.unknown", Weight::Blocks, Place::Topic(id.clone()), say());
        return Ok(around.topic.is_none().then(unknown));
    };
    let document = match Document::read(payload, &[]) {
        Ok(document) => document,
        Err(refused) => {
            return Ok(Some(Finding::new("unreadable", Weight::Blocks, Place::Whole, refused.say())));
        }
    };
    let reasons = &parcel.about().reasons;
    let given = |of: &str, about: &str| reasons.iter().any(|reason| reason.of == of && reason.about == about);
    let mut found = preflight::document(&document, around.practice, &given);
    found.extend(preflight::topic(&document, payload.len(), id, around.topic.as_ref(), &around.audience, &given));
    // What may have arrived is what is asked for under its number.
    if parcel.about().is_new && parcel.can_undo() {
        let archive = sources.as_ref().and_then(|sources| Some((sources.store, sources.us?.csirt.as_str())));
        found.extend(taken::found(&document, &around.before, archive, &given)?);
    }
    if let Some(sources) = sources {
        match guard::examine(&document, sources) {
            Ok(leaks) => found.extend(guard::told(leaks, &given)),
            // That does not mend itself: whoever said before why it goes nevertheless said it for this.
            Err(Failure::Store(damaged @ Error::Damaged { .. })) => found.push(guard::unlooked(damaged.say(), &given)),
            Err(failure) => return Err(failure),
        }
    }
    Ok(found.into_iter().find(|finding| finding.weight == Weight::Blocks))
}

#[cfg(test)]
mod tests;
