//! Searching in the background: one search at a time, the newest wish counts, and no more often than the store can bear.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iced::Task;

use super::group::{self, Group, Groups};
use super::{Feed, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};
use crate::store::finder::{Found, Wanted};
use crate::store::index::{Bitmap, Failure, Sort, Stop};
use crate::store::query::Query;
use crate::store::{Finder, Seq};

/// What a search gave, and how long it took; nothing where it was stopped.
#[derive(Clone, Debug)]
pub struct Answer {
    found: Result<Found, Option<Say>>,
    groups: Option<Groups>,
    took: Duration,
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
        (self.fresh, self.again) = (false, false);
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
                let found = finder.find(&asked.wanted, now, &stop).map_err(|failure| match failure {
                    Failure::Stopped => None,
                    failure => Some(failure.say()),
                });
                let found = found.map(|found| asked.before.into_iter().fold(found, Found::before));
                // What rows name stands in the store, not in the columns: that is looked at apart.
                let group = asked.group.filter(|group| !group.is_read());
                let rows = group.zip(found.as_ref().ok().map(|found| Arc::clone(&found.rows)));
                let groups = rows.map(|(group, rows)| Groups::by(group, &rows, &finder.snapshot()));
                Answer { found, groups, took: begun.elapsed() }
            });
            looked.await.unwrap_or(Answer { found: Err(None), groups: None, took: Duration::ZERO })
        };
        Action::Run(Task::perform(look, move |answer| Message::Found(number, answer)))
    }
}

/// What is looked for, how it is put together, and up to which row.
pub(super) struct Asked {
    pub wanted: Wanted,
    group: Option<Group>,
    before: Option<Seq>,
}

impl Feed {
    /// What the index is asked for.
    fn query(&self) -> Query {
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
            self.lay(cx);
            return Action::None;
        }
        let asked = self.asked(None);
        self.search.start(cx.finder, asked, cx.now, true)
    }

    pub(super) fn asked(&self, keep: Option<Seq>) -> Asked {
        let wanted = Wanted { query: self.query(), sort: self.sort, then: self.then, hidden: self.bare, keep };
        Asked { wanted, group: self.group, before: self.horizon() }
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
            Message::Holes(counted) => {
                self.counted_holes(&counted);
                Action::None
            }
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
        self.search.running = None;
        self.search.pace = (answer.took * 3).min(Duration::from_secs(2));
        let fresh = std::mem::take(&mut self.search.fresh);
        let mut linked = Action::None;
        match answer.found {
            Ok(found) => {
                self.found = Some(found);
                self.filter.failed(None);
                self.lay(cx);
                match (self.group, answer.groups) {
                    (None, _) => self.groups = None,
                    (Some(group), _) if group.is_read() => linked = self.link(group, cx),
                    (Some(_), Some(groups)) => self.put_together(groups),
                    (Some(_), None) => {}
                }
                if fresh {
                    self.basis += 1;
                    self.marked = Bitmap::default();
                    self.arrive();
                }
            }
            Err(None) => {}
            Err(Some(say)) => self.filter.failed(Some(say)),
        }
        let again = if std::mem::take(&mut self.search.again) { self.refresh(cx) } else { Action::None };
        both(linked, again)
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
