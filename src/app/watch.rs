//! Alerts and retention at work: what was stored is judged by the rules and told, what is too old goes when its time has come,
//! the shift's page is made. All of it away from the window's thread, one of each at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use chrono::{DateTime, Local, NaiveDateTime, TimeDelta, Utc};
use iced::Task;

use super::cx::Watching;
use super::notify::{Note, Trouble};
use super::{App, Message};
use crate::iodef;
use crate::model::{Say, Severity};
use crate::screen::rules::{self, Act};
use crate::screen::{Toast, Tone};
use crate::store::alert::{self, Alerts, Notice, Rule, SEVERITIES};
use crate::store::handover::{Facts, brief};
use crate::store::index::{Failure, Stop};
use crate::store::local::Local as Kept;
use crate::store::retention::{self, Retention, Rules};
use crate::store::{Error, Finder, Seq, Store};
use crate::text;

/// Topics named in a notification.
const TOPICS: usize = 4;

/// What is at work for the session there is.
#[derive(Default)]
pub(super) struct Watch {
    alerts: Arc<Mutex<Alerts>>,
    /// What was kept is read.
    ready: bool,
    /// Rows are being looked at; more came meanwhile.
    looking: Option<bool>,
    /// The number on the desktop of the notification of each view, with our own.
    shown: HashMap<String, (u64, u32)>,
    /// That the desktop shows none was said.
    warned: bool,
    /// Retention runs.
    running: Option<Stop>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.running.iter().for_each(Stop::stop);
    }
}

/// What was kept for the rules.
#[derive(Clone, Debug)]
pub struct Loaded {
    watching: Watching,
    place: Seq,
}

/// What came of it. The number is that of the index it was done for.
#[derive(Clone, Debug)]
pub enum Watched {
    Loaded(usize, Result<Box<Loaded>, Say>),
    Looked(usize, Result<Vec<Notice>, Say>),
    Shown(String, u64, Result<u32, Trouble>),
    Kept(usize, Result<(), Say>),
    /// Retention ran: the rows that went.
    Ran(usize, Result<Vec<Seq>, Say>),
}

/// The clock on the wall.
fn zone(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Local).naive_local()
}

fn store_says(error: &Error) -> Say {
    error.say()
}

/// Runs what blocks on a thread that may.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Say> + Send + 'static) -> Result<T, Say> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Say::new("alert-broken")))
}

fn desk(store: &dyn Store) -> Result<&dyn Kept, Say> {
    store.local().ok_or_else(|| Say::new("alert-broken"))
}

fn load(store: &dyn Store, finder: &Finder, now: DateTime<Utc>) -> Result<Box<Loaded>, Say> {
    let local = desk(store)?;
    // As they are shown, written yet or not.
    finder.load().map_err(|error| store_says(&error))?;
    let views = finder.views();
    let (before, place, problems) = alert::kept(local).map_err(|error| store_says(&error))?;
    let mut rules = before.clone();
    let orphans = rules.iter_mut().filter_map(|rule| (!rule.follow(&views, now)).then(|| rule.view().to_owned()));
    let orphans = orphans.collect();
    // A view that changed is followed from now on, not from each start anew.
    if rules != before {
        alert::keep(local, &before, &rules).map_err(|error| store_says(&error))?;
    }
    let (retention, problem) = retention::kept(local).map_err(|error| store_says(&error))?;
    let problems = problems.iter().map(alert::Problem::say).chain(problem.as_ref().map(retention::Problem::say));
    let watching = Watching { rules, views, orphans, retention, problems: problems.collect(), ..Watching::default() };
    Ok(Box::new(Loaded { watching, place: place.unwrap_or_else(|| store.len()) }))
}

impl App {
    /// Another session: reads what was kept for it.
    pub(super) fn watch(&mut self) -> Task<Message> {
        self.watch = Watch::default();
        self.shared.watching = Watching::default();
        self.reload()
    }

    /// Reads what is kept: at the beginning, and where views may have changed.
    pub(super) fn reload(&mut self) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, index) = (self.shared.now, self.index_id());
        let loading = apart(move || load(store.as_ref(), &finder, now));
        Task::perform(loading, move |loaded| Message::Watch(Watched::Loaded(index, loaded)))
    }

    pub(super) fn watched(&mut self, watched: Watched) -> Task<Message> {
        let own = self.index_id();
        match watched {
            Watched::Shown(view, number, Ok(id)) => {
                let _ = self.watch.shown.insert(view, (number, id));
                self.shared.watching.trouble = None;
                Task::none()
            }
            Watched::Shown(_, _, Err(trouble)) => self.unshown(&trouble),
            Watched::Loaded(index, _)
            | Watched::Looked(index, _)
            | Watched::Kept(index, _)
            | Watched::Ran(index, _)
                if index != own =>
            {
                Task::none()
            }
            Watched::Loaded(_, Ok(loaded)) => self.loaded(*loaded),
            Watched::Looked(_, looked) => {
                let again = self.watch.looking.take().is_some_and(|again| again);
                let told = match looked {
                    Ok(notices) => self.notices(notices),
                    Err(say) => self.bad(say),
                };
                Task::batch([told, if again { self.look() } else { Task::none() }])
            }
            Watched::Kept(_, Ok(())) => Task::none(),
            Watched::Ran(_, Ok(gone)) => {
                self.watch.running = None;
                self.shared.watching.running = false;
                let told = if gone.is_empty() {
                    Task::none()
                } else {
                    let say = Say::new("retention-gone").with("count", self.shared.catalog.number(gone.len() as u64));
                    self.toast(Toast { tone: Tone::Plain, say })
                };
                let taken = self.take(&gone);
                Task::batch([told, taken, self.reload(), self.screen(Message::Rules(rules::Message::Ran))])
            }
            Watched::Ran(_, Err(say)) => {
                self.watch.running = None;
                self.shared.watching.running = false;
                self.bad(say)
            }
            Watched::Loaded(_, Err(say)) | Watched::Kept(_, Err(say)) => self.bad(say),
        }
    }

    fn loaded(&mut self, loaded: Loaded) -> Task<Message> {
        let Loaded { watching, place } = loaded;
        let mut alerts = self.watch.alerts.lock().unwrap_or_else(PoisonError::into_inner);
        if self.watch.ready {
            alerts.put(watching.rules.clone());
        } else {
            *alerts = Alerts::new(watching.rules.clone(), place);
        }
        drop(alerts);
        self.watch.ready = true;
        let before = std::mem::take(&mut self.shared.watching);
        self.shared.watching = Watching { trouble: before.trouble, running: before.running, ..watching };
        Task::batch([self.look(), self.retain(), self.screen(Message::Rules(rules::Message::Loaded))])
    }

    /// Judges what was stored since it was last looked at.
    pub(super) fn look(&mut self) -> Task<Message> {
        if !self.watch.ready {
            return Task::none();
        }
        if self.watch.looking.is_some() {
            self.watch.looking = Some(true);
            return Task::none();
        }
        self.watch.looking = Some(false);
        let (alerts, finder) = (Arc::clone(&self.watch.alerts), Arc::clone(&self.shared.finder));
        let (store, now, index) = (Arc::clone(&self.shared.store), self.shared.now, self.index_id());
        let looking = apart(move || {
            let mut alerts = alerts.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = alerts.waits();
            let arrived = alerts.arrived(&finder, store.as_ref(), now, &zone, &Stop::default());
            let notices = arrived.map_err(|failure| failure.say())?;
            // What was told, or is held back to be told, is not judged again after a restart.
            if !notices.is_empty() || alerts.waits() != waited {
                alert::keep_place(desk(store.as_ref())?, alerts.place()).map_err(|error| store_says(&error))?;
            }
            Ok(notices)
        });
        Task::perform(looking, move |looked| Message::Watch(Watched::Looked(index, looked)))
    }

    /// The time moved on: what was held back may be told, what is kept for so long may go.
    pub(super) fn watch_tick(&mut self) -> Task<Message> {
        let (now, alerts) = (self.shared.now, Arc::clone(&self.watch.alerts));
        // Whoever holds it now tells what may be told.
        let notices = match alerts.try_lock() {
            Ok(mut alerts) => alerts.tick(now, &zone),
            Err(TryLockError::Poisoned(alerts)) => alerts.into_inner().tick(now, &zone),
            Err(TryLockError::WouldBlock) => Vec::new(),
        };
        Task::batch([self.notices(notices), self.retain()])
    }

    fn notices(&mut self, notices: Vec<Notice>) -> Task<Message> {
        Task::batch(notices.into_iter().map(|notice| self.notice(&notice)).collect::<Vec<_>>())
    }

    fn notice(&mut self, notice: &Notice) -> Task<Message> {
        let (title, lines) = self.words(notice);
        let before = self.watch.shown.get(&notice.view).filter(|(number, _)| *number == notice.number && notice.again);
        let note = Note { title, lines, replaces: before.map(|(_, id)| *id), sound: notice.sound };
        self.announce(notice.view.clone(), notice.number, note)
    }

    /// Tells something as alerts are told.
    pub(super) fn alert(&mut self, title: String, lines: Vec<String>) -> Task<Message> {
        self.announce(String::new(), 0, Note { title, lines, replaces: None, sound: false })
    }

    fn announce(&mut self, view: String, number: u64, note: Note) -> Task<Message> {
        // Practice is not to be taken for real by who sees only the corner of a screen: it stays in this window.
        let here = self.shared.practice || self.shared.watching.trouble.is_some();
        let toast = if here { self.in_window(&note.title, &note.lines) } else { Task::none() };
        if self.shared.practice {
            return toast;
        }
        // The desktop may have come back.
        let handed = Task::perform((self.env.notify)(note), move |shown| {
            Message::Watch(Watched::Shown(view.clone(), number, shown))
        });
        Task::batch([toast, handed])
    }

    fn in_window(&mut self, title: &str, lines: &[String]) -> Task<Message> {
        let key = if self.shared.practice { "alert-toast-practice" } else { "alert-toast" };
        let say = Say::new(key).with("title", title).with("lines", lines.join(" · "));
        self.toast(Toast { tone: Tone::Plain, say })
    }

    /// The desktop shows no notifications: said once, with what can be done; what was to be shown stands in the feed.
    fn unshown(&mut self, trouble: &Trouble) -> Task<Message> {
        let say = trouble.say();
        self.shared.watching.trouble = Some(say.clone());
        if std::mem::replace(&mut self.watch.warned, true) { Task::none() } else { self.bad(say) }
    }

    /// What a notification says: how much of what, and no more than its label lets.
    fn words(&self, notice: &Notice) -> (String, Vec<String>) {
        let catalog = &self.shared.catalog;
        let pile = &notice.pile;
        let title = catalog.count("alert-title", pile.count.into(), &[("view", &text::line(&notice.view))]);
        let mut topics: Vec<_> = pile.topics.iter().collect();
        topics.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let more = topics.len().saturating_sub(TOPICS);
        let mut names: Vec<String> = topics
            .iter()
            .take(TOPICS)
            .map(|(topic, count)| format!("{} {}", text::line(&topic.node), catalog.number(u64::from(**count))))
            .collect();
        if more > 0 {
            names.push(catalog.count("alert-topics-more", more as u64, &[]));
        }
        let mut lines = vec![names.join(" · ")];
        if let Some(one) = &pile.one {
            let name = format!("{} / {}", text::line(&one.csirt), text::line(&one.id));
            lines.push(format!("{} · {name}", catalog.severity(one.severity)));
        } else if !pile.severities.is_empty() {
            let word = |(rank, count): (&u8, &u32)| {
                let severity = SEVERITIES.get(usize::from(*rank)).copied().unwrap_or(Severity::Unknown);
                format!("{} {}", catalog.severity(severity), catalog.number((*count).into()))
            };
            let said: Vec<String> = pile.severities.iter().map(word).collect();
            lines.push(catalog.format("alert-mild", &[("severities", &said.join(" · "))]));
        }
        (title, lines)
    }

    /// Runs retention where it is time for it.
    fn retain(&mut self) -> Task<Message> {
        let due = self.watch.ready && self.shared.watching.retention.is_due(self.shared.now);
        if due { self.run_retention() } else { Task::none() }
    }

    fn run_retention(&mut self) -> Task<Message> {
        if self.watch.running.is_some() {
            return Task::none();
        }
        let stop = Stop::default();
        self.watch.running = Some(stop.clone());
        self.shared.watching.running = true;
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, index, own) = (self.shared.now, self.index_id(), self.shared.watching.retention.clone());
        let running = apart(move || {
            let said = |failure: Failure| failure.say();
            let plan = retention::plan(&own.rules, store.as_ref(), &finder.by_hand(), now, &stop).map_err(said)?;
            let mut gone = Vec::new();
            let _ = retention::run(&plan, store.as_ref(), now, &stop, &mut |rows| gone.extend_from_slice(rows))
                .map_err(said)?;
            let ran = Retention { ran: Some(now), ..own };
            retention::keep(desk(store.as_ref())?, &ran).map_err(|error| store_says(&error))?;
            Ok(gone)
        });
        Task::perform(running, move |gone| Message::Watch(Watched::Ran(index, gone)))
    }

    /// Does what the screen asks.
    pub(super) fn watch_act(&mut self, act: Act) -> Task<Message> {
        match act {
            Act::Reload => self.reload(),
            Act::Rules(rules) => self.keep_rules(rules),
            Act::Try(rule) => self.try_rule(rule),
            Act::Test => {
                let title = self.shared.catalog.text("alert-test-title");
                let note = Note { title, lines: Vec::new(), replaces: None, sound: false };
                self.watch.warned = false;
                let shown = (self.env.notify)(note);
                Task::perform(shown, |shown| Message::Watch(Watched::Shown(String::new(), 0, shown)))
            }
            Act::Plan(rules) => self.plan(rules),
            Act::Accept(rules) => {
                let now = self.shared.now;
                let retention = Retention { rules, accepted: Some(now), ran: None };
                self.shared.watching.retention = retention.clone();
                let kept = self.keep_retention(retention);
                Task::batch([kept, self.run_retention()])
            }
            Act::Forever => {
                self.shared.watching.retention = Retention::default();
                self.keep_retention(Retention::default())
            }
            Act::Brief(hours) => self.make_brief(hours),
        }
    }

    fn keep_rules(&mut self, rules: Vec<Rule>) -> Task<Message> {
        let before = std::mem::replace(&mut self.shared.watching.rules, rules.clone());
        let (store, index) = (Arc::clone(&self.shared.store), self.index_id());
        let alerts = Arc::clone(&self.watch.alerts);
        let keeping = apart(move || {
            let mut alerts = alerts.lock().unwrap_or_else(PoisonError::into_inner);
            let local = desk(store.as_ref())?;
            alert::keep(local, &before, &rules).map_err(|error| store_says(&error))?;
            alerts.put(rules);
            alert::keep_place(local, alerts.place()).map_err(|error| store_says(&error))
        });
        Task::perform(keeping, move |kept| Message::Watch(Watched::Kept(index, kept)))
    }

    fn keep_retention(&self, retention: Retention) -> Task<Message> {
        let (store, index) = (Arc::clone(&self.shared.store), self.index_id());
        let keeping =
            apart(move || retention::keep(desk(store.as_ref())?, &retention).map_err(|error| store_says(&error)));
        Task::perform(keeping, move |kept| Message::Watch(Watched::Kept(index, kept)))
    }

    fn try_rule(&self, rule: Rule) -> Task<Message> {
        let (finder, now) = (Arc::clone(&self.shared.finder), self.shared.now);
        let view = rule.view().to_owned();
        let trying = apart(move || {
            alert::preview(&rule, &finder, now, &zone, &Stop::default()).map_err(|failure| failure.say())
        });
        Task::perform(trying, move |tried| Message::Rules(rules::Message::Tried(view.clone(), tried)))
    }

    fn plan(&self, of: Rules) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let now = self.shared.now;
        let planning = apart(move || {
            let plan = retention::plan(&of, store.as_ref(), &finder.by_hand(), now, &Stop::default());
            plan.map(|plan| Arc::new((of, plan))).map_err(|failure| failure.say())
        });
        Task::perform(planning, |planned| Message::Rules(rules::Message::Planned(planned)))
    }

    fn make_brief(&self, hours: i64) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, practice, catalog) = (self.shared.now, self.shared.practice, self.shared.catalog.clone());
        let coverage = Arc::clone(&self.shared.live.coverage);
        let making = apart(move || {
            let of = Facts {
                since: now - TimeDelta::hours(hours),
                now,
                practice,
                store: store.as_ref(),
                finder: &finder,
                coverage: &coverage,
                asks: iodef::asks,
                only: None,
            };
            let page = brief(&of, &|say| catalog.say(say), &Stop::default());
            page.map(Arc::<str>::from).map_err(|failure| failure.say())
        });
        Task::perform(making, |made| Message::Rules(rules::Message::Made(made)))
    }
}
