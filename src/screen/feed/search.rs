//! Searching in the background: one search at a time, the newest wish counts, and no more often than the store can bear. The
//! first page of another filter's answer shows before the whole is known, where nothing one looks at would move when that comes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iced::Task;
use iced::widget::operation;

use super::group::{self, Group, Groups};
use super::lines::Line;
use super::{Feed, LIST, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};
use crate::store::finder::{FIRST, Found, Look, Wanted, Watched};
use crate::store::index::{Bitmap, Failure, Sort, Stop};
use crate::store::query::{Is, Query};
use crate::store::{Finder, Seq};

/// What a search gave, and how long it took; nothing where it was stopped.
#[derive(Clone, Debug)]
pub struct Answer {
    found: Result<Found, Option<Say>>,
    groups: Option<Groups>,
    took: Duration,
    /// What was found are the first rows; the others are to be looked for.
    rest: Option<Box<Rest>>,
}

/// A search of which the first page is known.
#[derive(Clone, Debug)]
struct Rest {
    look: Look,
    before: Option<Seq>,
    /// What was looked at when it began.
    watched: Watched,
}

/// The search that goes on.
#[derive(Debug, Default)]
pub(super) struct Search {
    number: u64,
    running: Option<Stop>,
    /// Another filter's answer is waited for, not what came under the present one.
    fresh: bool,
    /// Something came meanwhile.
    again: bool,
    /// Before looking again: what looking takes, three times over, so that a flood leaves room for others.
    pace: Duration,
    counting: bool,
    recount: bool,
    /// Holes are being counted, and whether they are to be counted again after that; and those that changed meanwhile.
    pub(super) holes: Option<bool>,
    pub(super) uncounted: Vec<u64>,
    /// What was said of all rows while only the first were known.
    later: Option<Box<Message>>,
    /// A first page showed that the hidden rows are being counted: that line stays, whatever the count.
    pub(super) counted: bool,
}

/// A thread of the pool; what died there answers like what was stopped.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

impl Search {
    fn cancel(&mut self) {
        if let Some(stop) = self.running.take() {
            stop.stop();
        }
        (self.fresh, self.again, self.later) = (false, false, None);
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Another list is waited for.
    fn is_fresh(&self) -> bool {
        self.running.is_some() && self.fresh
    }

    fn start(&mut self, finder: &Arc<Finder>, asked: Asked, now: DateTime<Utc>, fresh: bool) -> Action<Message> {
        self.number += 1;
        let stop = Stop::default();
        self.running = Some(stop.clone());
        self.fresh = fresh;
        let (finder, number) = (Arc::clone(finder), self.number);
        let pace = if fresh { Duration::ZERO } else { self.pace };
        let look = async move {
            if !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            let looked = apart(move || {
                let begun = Instant::now();
                let looked = finder.look(asked.wanted, now).and_then(|look| {
                    let page = match &asked.watched {
                        Some(watched) => finder.page(&look, asked.before, watched, &stop)?,
                        None => None,
                    };
                    Ok((page.map_or_else(|| finder.whole(&look, &stop), Ok)?, look))
                });
                let (found, look) = match looked {
                    Ok((found, look)) => (Ok(asked.before.into_iter().fold(found, Found::before)), Some(look)),
                    Err(failure) => (Err(trouble(&failure)), None),
                };
                let is_part = found.as_ref().is_ok_and(|found| found.is_part);
                let rest = look.zip(asked.watched).filter(|_| is_part);
                let rest = rest.map(|(look, watched)| Box::new(Rest { look, before: asked.before, watched }));
                // What rows name stands in the store, not in the columns: that is looked at apart.
                let group = asked.group.filter(|group| !group.is_read());
                let rows = group.zip(found.as_ref().ok().map(|found| Arc::clone(&found.rows)));
                let groups = rows.map(|(group, rows)| Groups::by(group, &rows, &finder.snapshot()));
                Answer { found, groups, took: begun.elapsed(), rest }
            });
            looked.await.unwrap_or_else(Answer::none)
        };
        Action::Run(Task::perform(look, move |answer| Message::Found(number, answer)))
    }

    /// Looks for all of what the first page is shown of.
    fn go_on(&self, finder: &Arc<Finder>, rest: Rest, took: Duration) -> Action<Message> {
        let Some(stop) = self.running.clone() else { return Action::None };
        let (finder, number) = (Arc::clone(finder), self.number);
        let look = async move {
            let looked = apart(move || {
                let begun = Instant::now();
                let found = finder.whole(&rest.look, &stop).map_err(|failure| trouble(&failure));
                let found = found.map(|found| rest.before.into_iter().fold(found, Found::before));
                Answer { found, groups: None, took: took + begun.elapsed(), rest: None }
            });
            looked.await.unwrap_or_else(Answer::none)
        };
        Action::Run(Task::perform(look, move |answer| Message::Found(number, answer)))
    }
}

impl Answer {
    /// Nobody knows.
    fn none() -> Self {
        Self { found: Err(None), groups: None, took: Duration::ZERO, rest: None }
    }
}

/// What is said of a search that failed; nothing where it was stopped.
fn trouble(failure: &Failure) -> Option<Say> {
    match failure {
        Failure::Stopped => None,
        failure => Some(failure.say()),
    }
}

/// What is looked for, how it is put together, and up to which row.
pub(super) struct Asked {
    pub wanted: Wanted,
    group: Option<Group>,
    before: Option<Seq>,
    /// What one looks at, where a first page may show.
    watched: Option<Watched>,
}

impl Feed {
    /// What the index is asked for.
    #[must_use]
    pub fn query(&self) -> Query {
        self.filter.query()
    }

    /// Whether the list is everything in its usual order, which needs no search.
    fn is_plain(&self, cx: &Cx<'_>) -> bool {
        !self.partial
            && self.query().is_everything()
            && self.sort == Sort::default()
            && self.then.is_none()
            && self.group.is_none()
            && (self.bare || !cx.finder.hides())
    }

    /// Another filter or order: shows its rows as soon as they are found.
    pub(super) fn find(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.search.cancel();
        if self.is_plain(cx) {
            if self.found.take().is_some() {
                self.basis += 1;
            }
            (self.groups, self.head) = (None, None);
            self.search.counted = false;
            self.lay(cx);
            return Action::None;
        }
        let asked = Asked { watched: self.watched(), ..self.asked(None) };
        self.search.start(cx.finder, asked, cx.now, true)
    }

    /// What one looks at: the chosen row, and those in sight where the list does not follow at its upper edge. Nothing where
    /// a part of the list says nothing: a group's head speaks of all its rows.
    fn watched(&self) -> Option<Watched> {
        if self.group.is_some() {
            return None;
        }
        let chosen = self.selected.into_iter();
        if let Some((first, visible)) = self.side.returning {
            let first = match first.filter(|_| !visible.at_edge) {
                Some(Line::Row(row)) => Some(row),
                Some(Line::Hole(_) | Line::Head(_)) => return None,
                None => None,
            };
            let end = if visible.at_edge { 0 } else { visible.end };
            return Some(Watched { rows: chosen.chain(first).collect(), end });
        }
        let follows = self.visible.at_edge && self.follows();
        let sight = if follows { 0..0 } else { self.visible.first..self.visible.end };
        let sight = sight.take(FIRST).filter_map(|line| self.seq(line));
        Some(Watched { rows: chosen.chain(sight).collect(), end: 0 })
    }

    /// Whether only the first rows of the list are known.
    pub(super) fn is_part(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.is_part)
    }

    /// Whether the list is being put in an order for which rows have to be read: it takes its time.
    pub(super) fn is_ordering(&self) -> bool {
        let by = std::iter::once(self.sort).chain(self.then);
        self.search.is_fresh() && by.into_iter().any(|sort| sort.by.is_words())
    }

    /// What speaks of all rows waits until they are known.
    pub(super) fn put_off(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let again = if self.search.is_running() { Action::None } else { self.refresh(cx) };
        self.search.later = Some(Box::new(message));
        again
    }

    pub(super) fn asked(&self, keep: Option<Seq>) -> Asked {
        let wanted = Wanted { query: self.query(), sort: self.sort, then: self.then, hidden: self.bare, keep };
        Asked { wanted, group: self.group, before: self.horizon(), watched: None }
    }

    /// Something came or changed: the same filter again. The row one looks at stays, whatever became of it.
    pub(super) fn refresh(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if self.search.running.is_some() {
            self.search.again = true;
            return Action::None;
        }
        if self.is_plain(cx) {
            return self.find(cx);
        }
        let place = |seq: &u32| self.found.as_ref().is_none_or(|found| found.place(*seq).is_some());
        let keep = self.selected.filter(place);
        let asked = self.asked(keep);
        self.search.start(cx.finder, asked, cx.now, false)
    }

    /// Counts what is unread of views and topics, one count at a time.
    pub(super) fn count(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if std::mem::replace(&mut self.search.counting, true) {
            self.search.recount = true;
            return Action::None;
        }
        let (views, topics) = (self.side.queries(), super::side::topics(cx));
        let (finder, now) = (Arc::clone(cx.finder), cx.now);
        let pace = self.search.pace;
        let count = async move {
            if !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            let stop = finder.until_left();
            apart(move || finder.tally(&views, &topics, now, &stop).ok()).await.flatten()
        };
        Action::Run(Task::perform(count, Message::Counted))
    }

    /// Looks at mutes and snoozes anew, then at the list.
    pub(super) fn settle(&self, cx: &Cx<'_>) -> Action<Message> {
        let (finder, now) = (Arc::clone(cx.finder), cx.now);
        let stop = finder.until_left();
        let settle = apart(move || finder.settle(now, &stop));
        Action::Run(Task::perform(settle, |settled| match settled {
            Some(Err(failure)) => Message::Unsettled(failure.say()),
            Some(Ok(())) | None => Message::Settled,
        }))
    }

    pub(super) fn searched(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Found(number, answer) => self.answered(number, answer, cx),
            Message::Counted(tally) => {
                if let Some(tally) = tally {
                    self.side.tally = tally;
                }
                self.search.counting = false;
                if std::mem::take(&mut self.search.recount) { self.count(cx) } else { Action::None }
            }
            Message::Linked(number, groups) => {
                if number == self.search.number && self.group.is_some_and(Group::is_read) {
                    self.put_together(groups);
                }
                Action::None
            }
            Message::Covered => self.covered(cx),
            Message::Holes(counted) => self.counted_holes(&counted, cx),
            // What comes while the list is paused changes nothing on it; what one does oneself does.
            Message::Taken if self.horizon().is_some() => both(self.count(cx), self.work(cx)),
            Message::Taken | Message::Settled => both(both(self.refresh(cx), self.count(cx)), self.work(cx)),
            Message::Unsettled(say) => {
                let say = Say::new("feed-unsettled").with("cause", cx.catalog.say(&say));
                let told = Action::Notify(Toast { tone: Tone::Bad, say });
                both(told, both(self.refresh(cx), self.count(cx)))
            }
            Message::Tick if cx.finder.is_due(cx.now) => self.settle(cx),
            Message::Tick if self.query().moves() => both(self.refresh(cx), self.work(cx)),
            Message::Tick => self.work(cx),
            _ => Action::None,
        }
    }

    fn answered(&mut self, number: u64, answer: Answer, cx: &Cx<'_>) -> Action<Message> {
        if number != self.search.number || self.search.running.is_none() {
            return Action::None;
        }
        if let (Ok(found), Some(rest)) = (&answer.found, answer.rest) {
            return self.begun(found.clone(), *rest, answer.took, cx);
        }
        self.search.running = None;
        self.search.pace = (answer.took * 3).min(Duration::from_secs(2));
        let fresh = std::mem::take(&mut self.search.fresh);
        let mut linked = Action::None;
        match answer.found {
            Ok(found) => {
                self.show(found, cx);
                match (self.group, answer.groups) {
                    (None, _) => self.groups = None,
                    (Some(group), _) if group.is_read() => linked = self.link(group, cx),
                    (Some(_), Some(groups)) => self.put_together(groups),
                    (Some(_), None) => {}
                }
                if fresh {
                    self.search.counted = false;
                    self.renewed();
                }
            }
            Err(trouble) => {
                self.search.later = None;
                if trouble.is_some() {
                    self.filter.failed(trouble);
                }
            }
        }
        let later = self.search.later.take().map_or(Action::None, |message| self.update(*message, cx));
        let again = if std::mem::take(&mut self.search.again) { self.refresh(cx) } else { Action::None };
        both(both(linked, later), again)
    }

    fn show(&mut self, found: Found, cx: &Cx<'_>) {
        self.found = Some(found);
        self.filter.failed(None);
        self.lay(cx);
    }

    /// The rows are another filter's.
    fn renewed(&mut self) {
        self.basis += 1;
        self.marked = Bitmap::default();
        self.arrive();
    }

    /// The first rows are known: shows them, where the others will move nothing that one looks at, and looks for those.
    fn begun(&mut self, found: Found, rest: Rest, took: Duration, cx: &Cx<'_>) -> Action<Message> {
        // One may have looked elsewhere meanwhile.
        let looks_on = |now: Watched| {
            let mut other = now.rows;
            other.subtract(&rest.watched.rows);
            other.is_empty() && now.end <= found.rows.len()
        };
        let shows = self.watched().is_some_and(looks_on);
        let go_on = self.search.go_on(cx.finder, rest, took);
        if !shows || !std::mem::take(&mut self.search.fresh) {
            return go_on;
        }
        let returns = self.side.returning.is_some();
        let stays = returns || self.watched().is_some_and(|own| own.rows.iter().any(|row| found.place(row).is_some()));
        let is_below = self.visible.first > 0 && !stays;
        let speaks = [Is::Muted, Is::Snoozed].into_iter().any(|state| self.asks(state));
        self.search.counted = cx.finder.hides() && !self.bare && !speaks;
        self.groups = None;
        self.show(found, cx);
        self.renewed();
        // Nothing of what was in sight is left: the list begins at its beginning.
        let top = operation::snap_to(LIST, operation::RelativeOffset::START);
        if is_below { both(Action::Run(top), go_on) } else { go_on }
    }

    fn put_together(&mut self, mut groups: Groups) {
        groups.lay(&self.open);
        self.head = self.head.filter(|key| groups.head(*key).is_some());
        self.groups = Some(groups);
    }

    /// Looks what the first rows of the list name, and links those that name the same.
    fn link(&self, by: Group, cx: &Cx<'_>) -> Action<Message> {
        let Some(rows) = self.found.as_ref().map(|found| Arc::clone(&found.rows)) else { return Action::None };
        let (finder, number) = (Arc::clone(cx.finder), self.search.number);
        let first: Arc<[Seq]> = rows.get(..group::COMPARED).unwrap_or(&rows).into();
        // Who was given no store has all of it in memory.
        let near = if finder.store().is_none() { cx.store.rows(&first) } else { Vec::new() };
        let link = apart(move || {
            let named = finder.store().map_or(near, |store| store.rows(&first));
            Groups::linked(by, &rows, &named, &finder.snapshot())
        });
        Action::Run(Task::perform(link, move |groups| Message::Linked(number, groups.unwrap_or_default())))
    }
}
