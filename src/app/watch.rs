//! Alerts and retention at work: what was stored is judged by the rules and told, what is too old goes when its time has come,
//! the shift's page is made. All of it away from the window's thread, one of each at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

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
    wanted: Arc<Wanted>,
}

/// The rules of retention as their person wants them. What is kept of them is written from here by whoever comes to it, so that
/// no run that began under other rules and no slower task puts those back.
#[derive(Debug, Default)]
struct Wanted {
    /// Nothing until what is kept was read.
    now: Mutex<Option<Retention>>,
    /// Held while it is written.
    writing: Mutex<()>,
}

impl Wanted {
    fn now(&self) -> MutexGuard<'_, Option<Retention>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is wanted by now, changed by `change` where there is something to change. Blocks.
    fn keep(&self, store: &dyn Store, change: impl FnOnce(&mut Retention)) -> Result<(), Say> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = {
            let mut now = self.now();
            if let Some(wanted) = now.as_mut() {
                change(wanted);
            }
            now.clone()
        };
        let Some(wanted) = wanted else { return Ok(()) };
        retention::keep(desk(store)?, &wanted).map_err(|error| store_says(&error))
    }
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
    /// What is to be told, and why it will be told again after a restart where that could not be kept.
    Looked(usize, Result<(Vec<Notice>, Option<Say>), Say>),
    Shown(String, u64, Result<u32, Trouble>),
    Kept(usize, Result<(), Say>),
    /// Retention ran, to its end, to where it was stopped or into trouble: the rows that went.
    Ran(usize, Vec<Seq>, Option<Say>),
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
        self.unwatch();
        self.reload()
    }

    /// Nothing is watched any more: a run under way lets go of the store.
    pub(super) fn unwatch(&mut self) {
        self.watch.running.iter().for_each(Stop::stop);
        self.watch = Watch::default();
        self.shared.watching = Watching::default();
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
            | Watched::Ran(index, ..)
                if index != own =>
            {
                Task::none()
            }
            Watched::Loaded(_, Ok(loaded)) => self.loaded(*loaded),
            Watched::Looked(_, looked) => {
                let again = self.watch.looking.take().is_some_and(|again| again);
                let told = match looked {
                    Ok((notices, kept)) => {
                        let unkept = kept.map_or_else(Task::none, |say| self.bad(say));
                        Task::batch([self.notices(notices), unkept])
                    }
                    Err(say) => self.bad(say),
                };
                Task::batch([told, if again { self.look() } else { Task::none() }])
            }
            Watched::Kept(_, Ok(())) => Task::none(),
            Watched::Ran(_, gone, trouble) => self.ran(&gone, trouble),
            Watched::Loaded(_, Err(say)) | Watched::Kept(_, Err(say)) => self.bad(say),
        }
    }

    /// Retention is over: what went by then is gone, however it ended.
    fn ran(&mut self, gone: &[Seq], trouble: Option<Say>) -> Task<Message> {
        self.watch.running = None;
        self.shared.watching.running = false;
        let told = if gone.is_empty() {
            Task::none()
        } else {
            let say = Say::new("retention-gone").with("count", self.shared.catalog.number(gone.len() as u64));
            self.toast(Toast { tone: Tone::Plain, say })
        };
        let taken = self.take(gone);
        // A run that failed is not tried again at once, which reading the rules would do.
        let after = match trouble {
            Some(say) => self.bad(say),
            None => self.reload(),
        };
        Task::batch([told, taken, after, self.screen(Message::Rules(rules::Message::Ran))])
    }

    fn loaded(&mut self, loaded: Loaded) -> Task<Message> {
        let Loaded { mut watching, place } = loaded;
        // What was said since it was read holds.
        watching.retention = self.watch.wanted.now().get_or_insert(watching.retention).clone();
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
        Task::batch([self.look(), self.retain(), self.tidy(), self.screen(Message::Rules(rules::Message::Loaded))])
    }

    /// Ends what a session before did not: what retention took away leaves the indexes, whatever the rules are by now. What
    /// cannot be done now is done in the next session.
    fn tidy(&self) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        Task::future(apart(move || Ok(retention::tidy(store.as_ref(), &finder.until_left()).is_ok()))).discard()
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
            // What was told is not judged again after a restart. What is to be told is, whatever came of keeping that.
            let kept = if !notices.is_empty() || alerts.waits() != waited {
                let kept = desk(store.as_ref())
                    .and_then(|local| alert::keep_place(local, alerts.place()).map_err(|error| store_says(&error)));
                kept.err()
            } else {
                None
            };
            Ok((notices, kept))
        });
        Task::perform(looking, move |looked| Message::Watch(Watched::Looked(index, looked)))
    }

    /// The time moved on: what was held back may be told, what is kept for so long may go.
    pub(super) fn watch_tick(&mut self) -> Task<Message> {
        let (now, alerts) = (self.shared.now, Arc::clone(&self.watch.alerts));
        // Whoever holds it now tells what may be told.
        let (notices, place) = match alerts.try_lock() {
            Ok(mut alerts) => (alerts.tick(now, &zone), alerts.place()),
            Err(TryLockError::Poisoned(alerts)) => {
                let mut alerts = alerts.into_inner();
                (alerts.tick(now, &zone), alerts.place())
            }
            Err(TryLockError::WouldBlock) => (Vec::new(), 0),
        };
        let kept = if notices.is_empty() { Task::none() } else { self.keep_place(place) };
        Task::batch([self.notices(notices), kept, self.retain()])
    }

    /// What waited was told: it is not judged again after a restart.
    fn keep_place(&self, place: Seq) -> Task<Message> {
        let (store, index) = (Arc::clone(&self.shared.store), self.index_id());
        let keeping =
            apart(move || alert::keep_place(desk(store.as_ref())?, place).map_err(|error| store_says(&error)));
        Task::perform(keeping, move |kept| Message::Watch(Watched::Kept(index, kept)))
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
        let (catalog, finder) = (&self.shared.catalog, &self.shared.finder);
        let pile = &notice.pile;
        let title = catalog.count("alert-title", pile.count.into(), &[("view", &text::line(&notice.view))]);
        let mut topics: Vec<_> = pile.topics.iter().collect();
        topics.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let more = topics.len().saturating_sub(TOPICS);
        let mut names: Vec<String> = topics
            .iter()
            .take(TOPICS)
            .map(|(topic, count)| {
                format!("{} {}", text::line(&finder.topic_name(topic)), catalog.number(u64::from(**count)))
            })
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
        let wanted = Arc::clone(&self.watch.wanted);
        let running = apart(move || {
            let mut gone = Vec::new();
            let mut run = || -> Result<(), Failure> {
                let plan = retention::plan(&own.rules, store.as_ref(), &finder.by_hand(), now, &stop)?;
                let _ = retention::run(&plan, store.as_ref(), now, &stop, &mut |rows| gone.extend_from_slice(rows))?;
                Ok(())
            };
            let ran = run();
            // Also where the run was stopped: what went leaves no words behind.
            let tidied = retention::tidy(store.as_ref(), &finder.until_left());
            let trouble = match ran.and(tidied) {
                // Who has other rules by now did not see these run.
                Ok(()) => wanted.keep(store.as_ref(), |wanted| {
                    let is_own = (&wanted.rules, wanted.accepted) == (&own.rules, own.accepted);
                    wanted.ran = if is_own { Some(now) } else { wanted.ran };
                }),
                Err(Failure::Stopped) => Ok(()),
                Err(failure) => Err(failure.say()),
            };
            Ok((gone, trouble.err()))
        });
        Task::perform(running, move |ran| {
            let (gone, trouble) = ran.unwrap_or_else(|say| (Vec::new(), Some(say)));
            Message::Watch(Watched::Ran(index, gone, trouble))
        })
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
                let kept = self.keep_retention(Retention { rules, accepted: Some(now), ran: None });
                Task::batch([kept, self.run_retention()])
            }
            Act::Forever => self.keep_retention(Retention::default()),
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

    /// Puts other rules in force. A run under those before takes nothing more away; where these are to run too, they do when
    /// it is over.
    fn keep_retention(&mut self, retention: Retention) -> Task<Message> {
        self.watch.running.iter().for_each(Stop::stop);
        *self.watch.wanted.now() = Some(retention.clone());
        self.shared.watching.retention = retention;
        let (store, index) = (Arc::clone(&self.shared.store), self.index_id());
        let wanted = Arc::clone(&self.watch.wanted);
        let keeping = apart(move || wanted.keep(store.as_ref(), |_| {}));
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
