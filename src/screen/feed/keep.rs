//! What one did, told and kept: a job is done at once where that is quick and by a task where not, the same task writes it,
//! and what could not be written is taken back and said.

use iced::Task;

use super::{Feed, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};
use crate::store::Error;
use crate::store::acts::Way;
use crate::store::finder::{Job, Outcome, Report};

fn toast(tone: Tone, say: Say) -> Action<Message> {
    Action::Notify(Toast { tone, say })
}

/// What happened, and what can be done.
fn cause(error: &Error, cx: &Cx<'_>) -> String {
    let say = error.say();
    let next = cx.catalog.next(&say).unwrap_or_default();
    format!("{} {next}", cx.catalog.say(&say))
}

impl Feed {
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
        let work = async move { tokio::task::spawn_blocking(move || finder.work()).await.unwrap_or_default() };
        Action::Run(Task::perform(work, Message::Worked))
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
    pub(super) fn worked(&mut self, report: Report, cx: &Cx<'_>) -> Action<Message> {
        let Report { loaded, outcomes, lost, unread, views } = report;
        if loaded || views {
            self.side.views = cx.finder.views();
            self.side.chosen = self.side.chosen.filter(|chosen| !matches!(chosen, super::View::Saved(_)));
        }
        // What was done in its turn may be in the list.
        let mut all = vec![if outcomes.is_empty() && !loaded { Action::None } else { self.settle(cx) }];
        all.extend(outcomes.into_iter().map(|outcome| self.told(outcome, cx)));
        if let Some((error, acts)) = lost {
            let say = Say::new("feed-not-kept").with("n", acts.to_string()).with("cause", cause(&error, cx));
            all.extend([toast(Tone::Bad, say), self.settle(cx)]);
        }
        if let Some(error) = unread {
            all.push(toast(Tone::Bad, Say::new("feed-marks-unread").with("cause", cause(&error, cx))));
        }
        all.retain(|action| !matches!(action, Action::None));
        Action::Many(all)
    }

    /// The views are kept as they are now.
    pub(super) fn keep_views(&self, cx: &Cx<'_>) -> Action<Message> {
        cx.finder.keep_views(self.side.views.clone());
        self.work(cx)
    }
}
