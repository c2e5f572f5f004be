//! How the list meets what comes: it rests where one reads, follows, or is paused; and what stands in it beside rows.

use chrono::{DateTime, Utc};
use iced::Task;
use iced::widget::operation;

use super::hole::{self, Hole};
use super::lines::Between;
use super::search::apart;
use super::{Feed, LIST, Message, Place, both, merge};
use crate::app::cx::Cx;
use crate::screen::Action;
use crate::store::Seq;
use crate::store::index::order::By;
use crate::store::query::{Field, Query};

/// Whether what comes shows.
#[derive(Debug, Default)]
pub(super) enum Flow {
    /// At the top while nothing is chosen; else it waits behind the pill.
    #[default]
    Resting,
    /// At the top, even beside a chosen row.
    Following,
    /// Not before one goes on. Nothing is lost: it is stored, counted, and waits here.
    Paused { before: Seq, held: Vec<Place> },
}

impl Feed {
    /// How many rows came since the list was paused; `None` where it is not.
    #[must_use]
    pub fn held(&self) -> Option<usize> {
        match &self.flow {
            Flow::Paused { held, .. } => Some(held.len()),
            Flow::Resting | Flow::Following => None,
        }
    }

    /// Rows from this one on do not show yet.
    pub(super) fn horizon(&self) -> Option<Seq> {
        match self.flow {
            Flow::Paused { before, .. } => Some(before),
            Flow::Resting | Flow::Following => None,
        }
    }

    pub(super) fn follows(&self) -> bool {
        match self.flow {
            Flow::Following => true,
            Flow::Resting => self.selected.is_none() && self.head.is_none(),
            Flow::Paused { .. } => false,
        }
    }

    pub(super) fn pause(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if self.horizon().is_some() {
            return self.go_on(Flow::Resting, cx);
        }
        self.flow = Flow::Paused { before: self.next.max(cx.finder.len()), held: Vec::new() };
        Action::None
    }

    pub(super) fn follow(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let gone_on = self.go_on(Flow::Following, cx);
        let top = Action::Run(operation::snap_to(LIST, operation::RelativeOffset::START));
        both(gone_on, top)
    }

    /// Lets in what was held.
    fn go_on(&mut self, flow: Flow, cx: &Cx<'_>) -> Action<Message> {
        let Flow::Paused { held, .. } = std::mem::replace(&mut self.flow, flow) else { return Action::None };
        merge(&mut self.all, held);
        self.lay(cx);
        self.refresh(cx)
    }

    /// Puts the holes to their places among the rows. Only an order by time has places for them.
    pub(super) fn lay(&mut self, cx: &Cx<'_>) {
        if self.group.is_some() || self.sort.by != By::At || self.holes.is_empty() || self.flat() == 0 {
            self.between = Between::default();
            return;
        }
        let (flat, newest_first, filtered) = (self.flat(), self.sort.descending, self.found.is_some());
        let on = filtered.then(|| cx.finder.snapshot());
        let at = |nth: usize| -> Option<DateTime<Utc>> {
            match (&self.found, &on) {
                (Some(found), Some(on)) => on.at(*found.rows.get(nth)?),
                _ => self.all.get(self.all.len().checked_sub(nth + 1)?).map(|(at, _)| *at),
            }
        };
        let place = |hole: &Hole| {
            let (mut from, mut until) = (0, flat);
            while from < until {
                let middle = usize::midpoint(from, until);
                let newer = at(middle).is_some_and(|at| at >= hole.span.until) && !hole.is_open();
                if newer == newest_first { from = middle + 1 } else { until = middle }
            }
            from
        };
        let shown = self.holes.iter().filter(|hole| self.concerns(hole));
        let placed = shown.map(|hole| (place(hole), hole.key()));
        // Beyond the oldest row that a filter leaves, holes tell nothing of what is in sight.
        let oldest = if newest_first { flat } else { 0 };
        self.between = Between::new(placed.filter(|(row, _)| !filtered || *row != oldest).collect());
    }

    /// Whether rows of the hole's topics could show under the filter.
    fn concerns(&self, hole: &Hole) -> bool {
        let query = self.filter.query();
        let wanted = query.chips().into_iter().filter(|chip| chip.field == Some(Field::Topic) && !chip.negated);
        let mut wanted = wanted.peekable();
        if wanted.peek().is_none() {
            return true;
        }
        // By its node's name, or with its broker's where others have one of that name.
        let names = hole.topics.iter().flat_map(|topic| [topic.node.clone(), topic.to_string()]);
        let own = names.filter_map(|name| Query::only(Field::Topic, &name).ok()).map(|query| query.to_string());
        let own: Vec<String> = own.collect();
        wanted.any(|chip| own.contains(&chip.text))
    }

    /// The record of completeness changed: counts what is here of each hole, away from the window's thread.
    pub(super) fn covered(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut holes = hole::holes(cx.coverage, cx.now);
        let mut changed = std::mem::take(&mut self.search.uncounted);
        for hole in &mut holes {
            let before = self.holes.iter().find(|own| own.key() == hole.key());
            hole.filled = before.and_then(|own| own.filled);
            if before.is_some_and(|own| (own.span, own.fate) != (hole.span, hole.fate)) {
                changed.push(hole.key());
            }
        }
        self.holes.clone_from(&holes);
        self.lay(cx);
        // One count at a time: what comes of an earlier one is not in the place of a later one's.
        if self.search.holes.is_some() {
            (self.search.holes, self.search.uncounted) = (Some(true), changed);
            return Action::None;
        }
        // What is over was counted when it was.
        holes.retain(|hole| hole.filled.is_none() || hole.is_open() || changed.contains(&hole.key()));
        let Some(store) = cx.finder.store().filter(|_| !holes.is_empty()) else { return Action::None };
        self.search.holes = Some(false);
        let count = apart(move || hole::count(holes, store.as_ref()));
        Action::Run(Task::perform(count, |holes| Message::Holes(holes.unwrap_or_default())))
    }

    /// The holes were counted; those that changed meanwhile are counted again.
    pub(super) fn counted_holes(&mut self, counted: &[Hole], cx: &Cx<'_>) -> Action<Message> {
        for own in &mut self.holes {
            if let Some(hole) = counted.iter().find(|hole| hole.key() == own.key()) {
                own.filled = hole.filled;
            }
        }
        let again = self.search.holes.take() == Some(true);
        if again { self.covered(cx) } else { Action::None }
    }

    pub(super) fn hole(&self, key: u64) -> Option<&Hole> {
        self.holes.iter().find(|hole| hole.key() == key)
    }

    pub(super) fn fold(&mut self, key: u64) -> Action<Message> {
        if !self.open.remove(&key) {
            let _ = self.open.insert(key);
        }
        // The row one stood on went out of sight.
        let shut = self.groups.as_ref().and_then(|groups| groups.over(self.selected?)).filter(|head| head.key == key);
        if shut.is_some() && !self.open.contains(&key) {
            self.head = Some(key);
        }
        if let Some(groups) = &mut self.groups {
            groups.lay(&self.open);
        }
        Action::None
    }

    pub(super) fn fold_all(&mut self, open: bool) -> Action<Message> {
        let Some(groups) = &mut self.groups else { return Action::None };
        self.open = if open { groups.keys().collect() } else { std::collections::BTreeSet::new() };
        groups.lay(&self.open);
        if !open && let Some(over) = self.selected.and_then(|row| groups.over(row)) {
            self.head = Some(over.key);
        }
        Action::None
    }
}
