//! The requests as they lie on the desk: each keeps its place, also for a moment after it is gone, so that nothing slides
//! under a pointer or a finger on its way to a button (`product.md` B6). Knows no widgets.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};

use super::Ask;
use crate::engine::Pending;
use crate::model::{BareJid, TopicId};

/// How long a card stays after its request is gone, and after the last decision.
const STILL: TimeDelta = TimeDelta::seconds(1);
/// Cards drawn at a time: anybody can ask, ten thousand times over.
const PAGE: usize = 50;

/// A request on the desk.
#[derive(Clone, Debug)]
pub struct Card {
    pub pending: Pending,
    /// Its name for the widgets' state; nobody outside can choose it.
    pub key: u64,
    /// Since when the broker lists it no more.
    pub gone: Option<DateTime<Utc>>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Cards {
    list: Vec<Card>,
    names: RandomState,
    /// Pages shown beyond the first.
    pages: usize,
    decided: Option<DateTime<Utc>>,
}

impl Cards {
    /// Whether this request waits.
    pub fn has(&self, ask: &Ask) -> bool {
        self.list.iter().any(|card| card.gone.is_none() && ask.is(&card.pending))
    }

    /// Those to draw.
    pub fn shown(&self) -> impl Iterator<Item = &Card> {
        self.list.iter().take(self.room())
    }

    /// How many are not drawn.
    pub fn hidden(&self) -> usize {
        self.list.len().saturating_sub(self.room())
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn more(&mut self) {
        self.pages += 1;
    }

    fn room(&self) -> usize {
        PAGE * (self.pages + 1)
    }

    /// The waiting request `by` cards on from this one, or the first.
    pub fn step(&self, from: Option<&Ask>, by: isize) -> Option<Ask> {
        let waiting: Vec<&Card> = self.shown().filter(|card| card.gone.is_none()).collect();
        let place = from.and_then(|from| waiting.iter().position(|card| from.is(&card.pending)));
        let next = place.map_or(0, |place| place.saturating_add_signed(by).min(waiting.len().saturating_sub(1)));
        waiting.get(next).map(|card| Ask::of(&card.pending))
    }

    /// Takes the broker's list: what is gone stays where it lay, what is new comes last.
    pub fn follow(&mut self, pending: &[Pending], now: DateTime<Utc>) {
        let listed: HashSet<_> = pending.iter().map(id).collect();
        for card in &mut self.list {
            card.gone = if listed.contains(&id(&card.pending)) { None } else { card.gone.or(Some(now)) };
        }
        let known: HashSet<_> = self.list.iter().map(|card| id(&card.pending)).collect();
        let new = pending.iter().filter(|pending| !known.contains(&id(pending)));
        let new: Vec<Card> = new.map(|new| Card { pending: new.clone(), key: self.key(new), gone: None }).collect();
        self.list.extend(new);
        self.sweep(now);
    }

    /// The broker took my answer to this one.
    pub fn gone(&mut self, ask: &Ask, now: DateTime<Utc>) {
        if let Some(card) = self.list.iter_mut().find(|card| ask.is(&card.pending)) {
            card.gone = card.gone.or(Some(now));
        }
    }

    /// From now on nothing moves for a moment.
    pub fn hold_still(&mut self, now: DateTime<Utc>) {
        self.decided = Some(now);
    }

    /// Takes away what is gone for long enough.
    pub fn sweep(&mut self, now: DateTime<Utc>) {
        let past = |at: DateTime<Utc>| now - at >= STILL;
        if self.decided.is_none_or(past) {
            self.list.retain(|card| !card.gone.is_some_and(past));
        }
    }

    fn key(&self, pending: &Pending) -> u64 {
        self.names.hash_one(id(pending))
    }
}

/// What names a request.
fn id(pending: &Pending) -> (&TopicId, &BareJid) {
    (&pending.topic, &pending.subscriber)
}
