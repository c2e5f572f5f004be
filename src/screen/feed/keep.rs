//! What one did, told and kept: a job is done at once where that is quick and by a task where not, the same task writes it,
//! and what could not be written is taken back and said.

use iced::Task;

use super::{Feed, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};
use crate::store::Error;
use crate::store::acts::Way;
use crate::store::finder::{Job, Outcome, Report, Shown};

pub(super) fn toast(tone: Tone, say: Say) -> Action<Message> {
    Action::Notify(Toast { tone, say })
}

/// What happened, and what can be done.
fn cause(error: &Error, cx: &Cx<'_>) -> String {
    let say = error.say();
    let next = cx.catalog.next(&say).unwrap_or_default();
    format!("{} {next}", cx.catalog.say(&say))
}

fn not_kept(error: &Error, acts: u32, cx: &Cx<'_>) -> Say {
    Say::new("feed-not-kept").with("n", acts.to_string()).with("cause", cause(error, cx))
}

/// Which index it is.
fn id(finder: &std::sync::Arc<crate::store::Finder>) -> usize {
    std::sync::Arc::as_ptr(finder).addr()
}

impl Feed {
    /// Loads what the store kept of marks and views; what is near is here at once.
    pub fn load(&mut self, cx: &Cx<'_>) -> Action<Message> {
        (self.side.views, self.side.known) = (cx.finder.views(), cx.finder.is_loaded());
        self.work(cx)
    }

    /// Rows could not be taken in, or all are.
    pub fn short(&mut self, trouble: Option<Say>) {
        self.side.short = trouble;
    }

    /// Does it now or in its turn, and sees to it that it is written.
    pub(super) fn job(&mut self, job: Job, cx: &Cx<'_>) -> Action<Message> {
        let outcome = cx.finder.ask(job);
        let told = outcome.map_or(Action::None, |outcome| self.told(outcome, cx));
        both(told, self.work(cx))
    }

    /// A task for what waits, unless there is one.
    pub(super) fn work(&self, cx: &Cx<'_>) -> Action<Message> {
        if !cx.finder.calls() {
            return Action::None;
        }
        let finder = std::sync::Arc::clone(cx.finder);
        let id = id(&finder);
        let work = async move {
            let worker = std::sync::Arc::clone(&finder);
            let worked = tokio::task::spawn_blocking(move || worker.work()).await;
            worked.unwrap_or_else(|_| finder.broken())
        };
        Action::Run(Task::perform(work, move |report| Message::Worked(id, report)))
    }

    fn told(&mut self, outcome: Outcome, cx: &Cx<'_>) -> Action<Message> {
        match outcome {
            Outcome::Done { word, rows } => {
                let say = Say::new(word).with("n", rows.to_string());
                both(toast(Tone::Plain, say), self.count(cx))
            }
            Outcome::Undone => both(toast(Tone::Plain, Say::new("feed-undone")), self.settle(cx)),
            Outcome::Redone => both(toast(Tone::Plain, Say::new("feed-redone")), self.settle(cx)),
            Outcome::Nothing { way: Way::Undid, .. } => toast(Tone::Plain, Say::new("feed-undo-none")),
            Outcome::Nothing { way: Way::Redid, .. } => toast(Tone::Plain, Say::new("feed-redo-none")),
            Outcome::Nothing { way: Way::Did, .. } => Action::None,
            Outcome::Refused(error) => toast(Tone::Bad, error.say()),
        }
    }

    /// What the task has to tell.
    pub(super) fn worked(&mut self, of: usize, report: Report, cx: &Cx<'_>) -> Action<Message> {
        if of != id(cx.finder) {
            // Another session's: nothing of it is here, but what was lost is said.
            return report.lost.map_or(Action::None, |(error, acts)| toast(Tone::Bad, not_kept(&error, acts, cx)));
        }
        let Report { loaded, outcomes, lost, unread, views, broken } = report;
        if loaded || views {
            self.side.known = true;
            self.side.views = cx.finder.views();
            self.side.chosen = self.side.chosen.filter(|chosen| !matches!(chosen, super::View::Saved(_)));
        }
        // What was done in its turn may be in the list.
        let mut all = vec![if outcomes.is_empty() && !loaded { Action::None } else { self.settle(cx) }];
        all.extend(outcomes.into_iter().map(|outcome| self.told(outcome, cx)));
        if let Some((error, acts)) = lost {
            all.extend([toast(Tone::Bad, not_kept(&error, acts, cx)), self.settle(cx)]);
        }
        if broken {
            all.push(toast(Tone::Bad, Say::new("feed-work-broken")));
        }
        if let Some(error) = unread {
            all.push(toast(Tone::Bad, Say::new("feed-marks-unread").with("cause", cause(&error, cx))));
        }
        all.retain(|action| !matches!(action, Action::None));
        Action::Many(all)
    }

    /// The views are kept as they are now.
    pub(super) fn keep_views(&self, cx: &Cx<'_>) -> Action<Message> {
        let views = self.side.views.clone();
        // What is near is here from the beginning.
        let store = cx.finder.store();
        let near = store.is_none_or(|store| store.local().is_none_or(|local| local.is_near()));
        cx.finder.keep_views(if near || self.side.known { Shown::All(views) } else { Shown::More(views) });
        self.work(cx)
    }
}
