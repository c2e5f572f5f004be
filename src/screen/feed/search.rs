//! Searching in the background: one search at a time, the newest wish counts, and no more often than the store can bear.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iced::Task;

use super::{Feed, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::Action;
use crate::store::Finder;
use crate::store::finder::{Found, Wanted};
use crate::store::index::{Failure, Sort, Stop};
use crate::store::query::Query;

/// What a search gave, and how long it took; nothing where it was stopped.
#[derive(Clone, Debug)]
pub struct Answer {
    found: Result<Found, Option<Say>>,
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
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

impl Search {
    fn cancel(&mut self) {
        if let Some(stop) = self.running.take() {
            stop.stop();
        }
        (self.fresh, self.again) = (false, false);
    }

    fn start(&mut self, finder: &Arc<Finder>, wanted: Wanted, now: DateTime<Utc>, fresh: bool) -> Action<Message> {
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
                let found = finder.find(&wanted, now, &stop).map_err(|failure| match failure {
                    Failure::Stopped => None,
                    failure => Some(failure.say()),
                });
                Answer { found, took: begun.elapsed() }
            });
            looked.await.unwrap_or(Answer { found: Err(None), took: Duration::ZERO })
        };
        Action::Run(Task::perform(look, move |answer| Message::Found(number, answer)))
    }
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
            && (self.bare || !cx.finder.hides())
    }

    /// Another filter or order: shows its rows as soon as they are found.
    pub(super) fn find(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.search.cancel();
        if self.is_plain(cx) {
            if self.found.take().is_some() {
                self.basis += 1;
            }
            return Action::None;
        }
        let wanted = Wanted { query: self.query(), sort: self.sort, hidden: self.bare, keep: None };
        self.search.start(cx.finder, wanted, cx.now, true)
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
        let wanted = Wanted { query: self.query(), sort: self.sort, hidden: self.bare, keep };
        self.search.start(cx.finder, wanted, cx.now, false)
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
            apart(move || finder.tally(&views, &topics, now, &Stop::default()).ok()).await.flatten()
        };
        Action::Run(Task::perform(count, Message::Counted))
    }

    /// Looks at mutes and snoozes anew, then at the list.
    pub(super) fn settle(&self, cx: &Cx<'_>) -> Action<Message> {
        let (finder, now) = (Arc::clone(cx.finder), cx.now);
        let settle = apart(move || drop(finder.settle(now, &Stop::default())));
        Action::Run(Task::perform(settle, |_| Message::Settled))
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
            Message::Taken | Message::Settled => both(self.refresh(cx), self.count(cx)),
            Message::Tick if cx.finder.is_due(cx.now) => self.settle(cx),
            Message::Tick if self.query().moves() => self.refresh(cx),
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
        match answer.found {
            Ok(found) => {
                self.found = Some(found);
                self.filter.failed(None);
                if fresh {
                    self.basis += 1;
                    self.marked.clear();
                    self.arrive();
                }
            }
            Err(None) => {}
            Err(Some(say)) => self.filter.failed(Some(say)),
        }
        if std::mem::take(&mut self.search.again) { self.refresh(cx) } else { Action::None }
    }
}
