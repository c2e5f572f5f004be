//! The requests as they lie on the desk: each keeps its place, also for a moment after it is gone, so that nothing slides
//! under a pointer or a finger on its way to a button (`product.md` B6). Knows no widgets.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};

use super::Ask;
use crate::engine::Pending;
use crate::model::TopicId;

/// How long a card stays after its request is gone, and after the last decision.
const STILL: TimeDelta = TimeDelta::seconds(1);

/// A request on the desk.
#[derive(Clone, Debug)]
pub struct Card {
    pub pending: Pending,
    pub ask: Ask,
    /// Its name for the widgets' state; nobody outside can choose it.
    pub key: u64,
    /// Since when the broker lists it no more.
    pub gone: Option<DateTime<Utc>>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Cards {
    list: Vec<Card>,
    /// Where each lies in the list.
    places: HashMap<Ask, usize>,
    /// The topic that shows; all of them where there is none.
    topic: Option<TopicId>,
    /// Those that show.
    shown: Vec<usize>,
    rows: HashMap<u64, usize>,
    names: RandomState,
    decided: Option<DateTime<Utc>>,
}

impl Cards {
    pub fn get(&self, ask: &Ask) -> Option<&Card> {
        self.places.get(ask).and_then(|place| self.list.get(*place))
    }

    /// Whether this request waits.
    pub fn has(&self, ask: &Ask) -> bool {
        self.get(ask).is_some_and(|card| card.gone.is_none())
    }

    /// How many rows show.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    pub fn row(&self, row: usize) -> Option<&Card> {
        self.shown.get(row).and_then(|place| self.list.get(*place))
    }

    /// The row of this name.
    pub fn find(&self, key: u64) -> Option<usize> {
        self.rows.get(&key).copied()
    }

    pub fn row_of(&self, ask: &Ask) -> Option<usize> {
        self.get(ask).and_then(|card| self.find(card.key))
    }

    pub fn shown(&self) -> impl Iterator<Item = &Card> {
        self.shown.iter().filter_map(|place| self.list.get(*place))
    }

    /// Those that wait, whether they show or not.
    pub fn waiting(&self) -> impl Iterator<Item = &Ask> {
        self.list.iter().filter(|card| card.gone.is_none()).map(|card| &card.ask)
    }

    /// Shows those of one topic, or all.
    pub fn narrow(&mut self, topic: Option<TopicId>) {
        self.topic = topic;
        self.sift();
    }

    /// The waiting request `by` rows on from this one, or the first.
    pub fn step(&self, from: Option<&Ask>, by: isize) -> Option<Ask> {
        let waiting: Vec<&Card> = self.shown().filter(|card| card.gone.is_none()).collect();
        let place = from.and_then(|from| waiting.iter().position(|card| card.ask == *from));
        let next = place.map_or(0, |place| place.saturating_add_signed(by).min(waiting.len().saturating_sub(1)));
        waiting.get(next).map(|card| card.ask.clone())
    }

    /// Takes the broker's list: what is gone stays where it lay, what is new comes last.
    pub fn follow(&mut self, pending: &[Pending], now: DateTime<Utc>) {
        let listed: HashSet<Ask> = pending.iter().map(Ask::of).collect();
        for card in &mut self.list {
            card.gone = if listed.contains(&card.ask) { None } else { card.gone.or(Some(now)) };
        }
        for new in pending {
            let ask = Ask::of(new);
            if let Some(place) = self.places.get(&ask) {
                // What is told of it may have grown: a message that came after it.
                if let Some(card) = self.list.get_mut(*place) {
                    card.pending = new.clone();
                }
                continue;
            }
            let key = self.names.hash_one(&ask);
            let _ = self.places.insert(ask.clone(), self.list.len());
            self.list.push(Card { pending: new.clone(), ask, key, gone: None });
        }
        self.sweep(now);
        self.sift();
    }

    /// The broker took my answer to this one.
    pub fn gone(&mut self, ask: &Ask, now: DateTime<Utc>) {
        if let Some(card) = self.places.get(ask).and_then(|place| self.list.get_mut(*place)) {
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
        if !self.decided.is_none_or(past) {
            return;
        }
        let before = self.list.len();
        self.list.retain(|card| !card.gone.is_some_and(past));
        if self.list.len() != before {
            self.places = self.list.iter().enumerate().map(|(place, card)| (card.ask.clone(), place)).collect();
            self.sift();
        }
    }

    fn sift(&mut self) {
        let wanted = |card: &Card| self.topic.as_ref().is_none_or(|topic| card.ask.topic == *topic);
        let shown = self.list.iter().enumerate().filter(|(_, card)| wanted(card));
        self.shown = shown.map(|(place, _)| place).collect();
        let row = |(row, place): (usize, &usize)| self.list.get(*place).map(|card| (card.key, row));
        self.rows = self.shown.iter().enumerate().filter_map(row).collect();
    }
}
