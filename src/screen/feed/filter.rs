//! The filter's text, the last good reading of it, and the way back through filters.

use chrono::{DateTime, Utc};

use super::lines::Line;
use super::side::Meaning;
use super::value::Seen;
use super::{Feed, Group, How, Message, View};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};
use crate::store::Seq;
use crate::store::index::Sort;
use crate::store::index::order::By;
use crate::store::query::{Completion, Error, Hint, Is, Query, Term, Value, complete, hints};
use crate::widget::Visible;

/// Steps back one can take.
const HISTORY: usize = 50;
/// Proposals shown at once.
const PROPOSALS: usize = 7;

/// A filter and where one stood in it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    text: String,
    /// What was in force, where the text could not be read.
    good: Query,
    off: bool,
    bare: bool,
    sort: Sort,
    then: Option<Sort>,
    view: Option<View>,
    selected: Option<Seq>,
    head: Option<u64>,
    group: Option<Group>,
    first: Option<Line>,
    visible: Visible,
}

/// The filter field.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub text: String,
    /// The last text that could be read.
    good: Query,
    pub error: Option<Error>,
    pub hints: Vec<Hint>,
    /// The index could not answer.
    pub trouble: Option<Say>,
    /// Put aside for a look at everything.
    pub off: bool,
    /// The text is being typed: one step back, however many letters.
    typing: bool,
    back: Vec<Spot>,
    forward: Vec<Spot>,
}

impl Filter {
    /// What is in force.
    pub fn query(&self) -> Query {
        if self.off { Query::default() } else { self.good.clone() }
    }

    /// What the chips stand for: in force or put aside.
    pub fn good(&self) -> &Query {
        &self.good
    }

    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub fn rest(&mut self) {
        self.typing = false;
    }

    pub fn failed(&mut self, trouble: Option<Say>) {
        self.trouble = trouble;
    }

    /// Proposals for what is being typed.
    pub fn proposals(&self) -> Vec<Completion> {
        if !self.typing {
            return Vec::new();
        }
        complete(&self.text, self.text.chars().count()).into_iter().take(PROPOSALS).collect()
    }

    /// The text with a proposal in its place.
    pub fn completed(&self, proposal: &Completion) -> String {
        let kept: String = self.text.chars().take(proposal.from).collect();
        let rest: String = self.text.chars().skip(proposal.to).collect();
        format!("{kept}{}{rest}", proposal.text)
    }

    fn read(&mut self, text: String, now: DateTime<Utc>) -> bool {
        self.text = text;
        self.trouble = None;
        match self.text.parse::<Query>() {
            Ok(query) => {
                self.hints = hints(&query, now);
                self.error = None;
                self.good = query;
                true
            }
            Err(error) => {
                self.hints.clear();
                self.error = Some(error);
                false
            }
        }
    }

    pub fn can_go(&self, back: bool) -> bool {
        if back { !self.back.is_empty() } else { !self.forward.is_empty() }
    }
}

impl Feed {
    fn spot(&self) -> Spot {
        Spot {
            text: self.filter.text.clone(),
            good: self.filter.good.clone(),
            off: self.filter.off,
            bare: self.bare,
            sort: self.sort,
            then: self.then,
            view: self.side.chosen,
            selected: self.selected,
            head: self.head,
            group: self.group,
            first: self.first.map(|(_, line)| line),
            visible: self.visible,
        }
    }

    /// Remembers where one is before going elsewhere.
    fn leave(&mut self) {
        let spot = self.spot();
        self.side.returning = None;
        self.filter.forward.clear();
        if self.filter.back.len() == HISTORY {
            let _ = self.filter.back.remove(0);
        }
        self.filter.back.push(spot);
    }

    /// Another filter, as one step.
    pub fn goto(&mut self, text: String, cx: &Cx<'_>) -> Action<Message> {
        self.filter.typing = false;
        if text == self.filter.text && !self.filter.off {
            return Action::None;
        }
        self.leave();
        self.filter.off = false;
        self.side.chosen = None;
        if self.filter.read(text, cx.now) { self.find(cx) } else { Action::None }
    }

    fn typed(&mut self, text: String, cx: &Cx<'_>) -> Action<Message> {
        if !self.filter.typing {
            self.leave();
        }
        (self.filter.typing, self.filter.off, self.side.chosen) = (true, false, None);
        if self.filter.read(text, cx.now) { self.find(cx) } else { Action::None }
    }

    pub(super) fn filtering(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Filter(text) => self.typed(text, cx),
            Message::Submit => {
                self.filter.rest();
                Action::Run(iced::widget::operation::focus(super::LIST))
            }
            Message::Goto(text) => self.goto(text, cx),
            Message::ClearFilter => self.goto(String::new(), cx),
            Message::Drop(chip) => self.goto(self.filter.good.without(chip).to_string(), cx),
            Message::Turn(chip) => self.goto(self.filter.good.turned(chip).to_string(), cx),
            Message::Narrow(values, how) => self.narrow(&values, how, cx),
            Message::Toggle if self.filter.is_empty() => Action::None,
            Message::Toggle => {
                self.leave();
                self.filter.off = !self.filter.off;
                self.find(cx)
            }
            Message::Bare(bare) => {
                self.leave();
                self.bare = bare;
                self.find(cx)
            }
            Message::Sort(by) => self.order(by, cx),
            Message::Then(by) => self.order_then(by, cx),
            Message::Group(group) => {
                self.leave();
                self.put(group);
                if self.saved().is_none() {
                    self.usual_group = group;
                }
                let kept = self.keep_order(cx);
                super::both(self.find(cx), kept)
            }
            Message::Back(back) => self.travel(back, cx),
            Message::View(view) => self.choose(view, cx),
            Message::RemoveView(at) => {
                let _ = self.side.views.remove(at);
                self.side.chosen = None;
                super::both(self.count(cx), self.keep_views(cx))
            }
            _ => Action::None,
        }
    }

    /// All of these values at once. What is asked for alone takes the place of the filter, its other values beside it.
    fn narrow(&mut self, values: &[Seen], how: How, cx: &Cx<'_>) -> Action<Message> {
        self.form = None;
        let mut query = Ok(self.filter.good.clone());
        for (at, seen) in values.iter().enumerate() {
            let how = if how == How::Only && at > 0 { How::Plus } else { how };
            query = query.and_then(|query| seen.narrow(&query, how));
        }
        match query {
            Ok(query) => self.goto(query.to_string(), cx),
            Err(error) => Action::Notify(Toast { tone: Tone::Bad, say: error.say() }),
        }
    }

    /// The same column once more turns the order round.
    fn order(&mut self, by: By, cx: &Cx<'_>) -> Action<Message> {
        self.leave();
        let descending = if self.sort.by == by { !self.sort.descending } else { !by.is_named() };
        self.sort = Sort { by, descending };
        self.then = self.then.filter(|then| then.by != by);
        let kept = self.keep_order(cx);
        super::both(self.find(cx), kept)
    }

    /// Orders what is equal in the first order: one way, the other way, not at all.
    fn order_then(&mut self, by: By, cx: &Cx<'_>) -> Action<Message> {
        if by == self.sort.by {
            return self.order(by, cx);
        }
        self.leave();
        let descending = !by.is_named();
        self.then = match self.then.filter(|then| then.by == by) {
            None => Some(Sort { by, descending }),
            Some(then) if then.descending == descending => Some(Sort { by, descending: !descending }),
            Some(_) => None,
        };
        let kept = self.keep_order(cx);
        super::both(self.find(cx), kept)
    }

    /// Order and groups are the saved view's that shows.
    fn keep_order(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let (sort, then, group) = (self.sort, self.then, self.group);
        self.change_view(|view| (view.sort, view.then, view.group) = (sort, then, group), cx).unwrap_or(Action::None)
    }

    /// Other groups, all of them shut.
    fn put(&mut self, group: Option<Group>) {
        if self.group != group {
            (self.group, self.head) = (group, None);
            self.open.clear();
        }
    }

    fn choose(&mut self, view: View, cx: &Cx<'_>) -> Action<Message> {
        let Some(meaning) = self.side.meaning(view, cx) else { return Action::None };
        let Meaning { text, sort, then, group } = meaning;
        self.leave();
        self.filter.typing = false;
        (self.filter.off, self.bare) = (false, false);
        (self.sort, self.then) = (sort, then);
        self.side.chosen = Some(view);
        self.put(group.unwrap_or(self.usual_group));
        if self.filter.read(text, cx.now) { self.find(cx) } else { Action::None }
    }

    /// Back restores filter, order, selection and the place in the list.
    fn travel(&mut self, back: bool, cx: &Cx<'_>) -> Action<Message> {
        let here = self.spot();
        let (from, to) = if back {
            (&mut self.filter.back, &mut self.filter.forward)
        } else {
            (&mut self.filter.forward, &mut self.filter.back)
        };
        let Some(spot) = from.pop() else { return Action::None };
        to.push(here);
        self.filter.typing = false;
        if !self.filter.read(spot.text, cx.now) {
            self.filter.good = spot.good;
        }
        self.filter.off = spot.off;
        (self.bare, self.sort, self.then, self.side.chosen) = (spot.bare, spot.sort, spot.then, spot.view);
        (self.selected, self.head, self.group) = (spot.selected, spot.head, spot.group);
        self.side.returning = Some((spot.first, spot.visible));
        let found = self.find(cx);
        if matches!(found, Action::None) {
            self.arrive();
        }
        let shown = match spot.selected {
            Some(seq) => Action::Open(crate::screen::Target::Incident(seq)),
            None => Action::Open(crate::screen::Target::NoIncident),
        };
        super::both(shown, found)
    }

    /// Whether the filter asks for what affects us.
    pub(super) fn asks_ours(&self) -> bool {
        self.asks(Is::Ours)
    }

    /// Whether the filter speaks of this state.
    pub(super) fn asks(&self, state: Is) -> bool {
        let state = Value::Is(state);
        let asks = |term: &Term| matches!(term, Term::Field { values, .. } if values.contains(&state));
        self.filter.query().terms().any(asks)
    }

    /// The list is built anew at the place it had.
    pub(super) fn arrive(&mut self) {
        if let Some((first, visible)) = self.side.returning.take() {
            self.epoch += 1;
            self.visible = visible;
            self.first = first.map(|line| (self.basis, line));
        }
    }
}
