//! What this console does by itself: alerts on saved views, retention, and the page for the next shift.
//!
//! The screen holds what is typed; what is kept stands in [`Cx::watching`], and the app keeps it, tries it and runs it.

mod alerts;
mod retention;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::model::{Say, Tlp, TopicId};
use crate::screen::{Action, Tab, Target};
use crate::store::alert::{self, Preview, Quiet, Rule};
use crate::store::query::Query;
use crate::store::retention::{LABELS, Plan, Rules, days};

/// Hours a shift's page can go back.
pub const SHIFTS: [i64; 3] = [8, 12, 24];
/// Views one can make a rule of without having saved any: name and filter.
const OWN: [(&str, &str); 3] =
    [("alert-view-ours", "is:ours"), ("alert-view-high", "severity:high"), ("alert-view-asked", "has:ask")];

/// Which of the three shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Alerts,
    Retention,
    Handover,
}

/// What the screen asks of the app.
#[derive(Clone, Debug)]
pub enum Act {
    /// Read again what is kept.
    Reload,
    /// Keep these rules.
    Rules(Vec<Rule>),
    /// Look what a rule would have done.
    Try(Rule),
    /// Show a notification that says nothing.
    Test,
    /// Look what these would take away.
    Plan(Rules),
    /// Put them in force, now and every day: the person saw what goes.
    Accept(Rules),
    /// Keep everything.
    Forever,
    /// Make the page of so many hours.
    Brief(i64),
}

#[derive(Clone, Debug)]
pub enum Message {
    Side(Side),
    Back,
    /// What is kept was read.
    Loaded,
    /// A rule over this view, with its filter.
    Add(String, String),
    Remove(String),
    Switch(String),
    Sound(String),
    Quiet(String, String),
    Cap(String, String),
    Tried(String, Result<Preview, Say>),
    Test,
    /// Days of everything.
    All(String),
    Label(Tlp, String),
    Topic(TopicId, String),
    Plan,
    Planned(Result<Arc<(Rules, Plan)>, Say>),
    /// The number that confirms.
    Typed(String),
    Accept,
    Forever,
    Ran,
    Hours(i64),
    Made(Result<Arc<str>, Say>),
    Save,
    Copy,
    /// Read only: what would change the text is left out.
    Read(text_editor::Action),
}

/// What is typed for a rule, where it is not what is kept.
#[derive(Clone, Debug, Default)]
struct Draft {
    quiet: Option<String>,
    cap: Option<String>,
}

/// What is typed for retention.
#[derive(Clone, Debug, Default)]
struct Days {
    all: String,
    labels: BTreeMap<Tlp, String>,
    topics: BTreeMap<TopicId, String>,
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    side: Side,
    drafts: BTreeMap<String, Draft>,
    tried: BTreeMap<String, Result<Preview, Say>>,
    days: Days,
    /// Whether [`Self::days`] are those that are kept.
    filled: bool,
    planned: Option<Arc<(Rules, Plan)>>,
    planning: bool,
    typed: String,
    hours: i64,
    page: Option<(Arc<str>, text_editor::Content)>,
    making: bool,
    trouble: Option<Say>,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        self.trouble = None;
        match message {
            Message::Side(side) => self.side = side,
            Message::Back => return Action::Open(Target::Tab(Tab::Feed)),
            Message::Loaded => return self.loaded(cx),
            Message::Test => return Action::Watch(Act::Test),
            Message::Tried(view, tried) => drop(self.tried.insert(view, tried)),
            Message::Add(..)
            | Message::Remove(_)
            | Message::Switch(_)
            | Message::Sound(_)
            | Message::Quiet(..)
            | Message::Cap(..) => return self.rule(message, cx),
            Message::All(typed) => self.days(|days| days.all = typed),
            Message::Label(label, typed) => self.days(|days| drop(days.labels.insert(label, typed))),
            Message::Topic(topic, typed) => self.days(|days| drop(days.topics.insert(topic, typed))),
            Message::Plan => return self.plan(),
            Message::Planned(planned) => {
                self.planning = false;
                match planned {
                    Ok(planned) => (self.planned, self.typed) = (Some(planned), String::new()),
                    Err(say) => self.trouble = Some(say),
                }
            }
            Message::Typed(typed) => self.typed = typed,
            Message::Accept => return self.accept(),
            Message::Forever => {
                (self.days, self.planned) = (Days::default(), None);
                return Action::Watch(Act::Forever);
            }
            Message::Ran => self.planned = None,
            Message::Hours(hours) => {
                (self.hours, self.making) = (hours, true);
                return Action::Watch(Act::Brief(hours));
            }
            Message::Made(made) => {
                self.making = false;
                match made {
                    Ok(page) => self.page = Some((page.clone(), text_editor::Content::with_text(&page))),
                    Err(say) => self.trouble = Some(say),
                }
            }
            Message::Save => return self.save(cx),
            Message::Copy => {
                return self.page.as_ref().map_or(Action::None, |(page, _)| Action::Copy(page.to_string()));
            }
            Message::Read(action) => {
                if let Some((_, content)) = self.page.as_mut().filter(|_| !action.is_edit()) {
                    content.perform(action);
                }
            }
        }
        Action::None
    }

    fn loaded(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if !std::mem::replace(&mut self.filled, true) {
            let kept = &cx.watching.retention.rules;
            let words = |days: &u32| days.to_string();
            self.days = Days {
                all: kept.all.as_ref().map(words).unwrap_or_default(),
                labels: kept.labels.iter().map(|(label, days)| (*label, words(days))).collect(),
                topics: kept.topics.iter().map(|(topic, days)| (topic.clone(), words(days))).collect(),
            };
        }
        Action::Many(cx.watching.rules.iter().map(|rule| Action::Watch(Act::Try(rule.clone()))).collect())
    }

    /// Changes rules; what is not good is said beside its field and not kept.
    fn rule(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let mut rules = cx.watching.rules.clone();
        let mut at = |view: &str, change: &mut dyn FnMut(&mut Rule)| {
            rules.iter_mut().filter(|rule| rule.view() == view).for_each(change);
        };
        let changed = match message {
            Message::Add(view, filter) => {
                let Ok(query) = filter.parse::<Query>() else { return Action::None };
                if let Err(problem) = alert::add(&mut rules, Rule::new(&view, query, cx.now)) {
                    self.trouble = Some(problem.say());
                    return Action::None;
                }
                view
            }
            Message::Remove(view) => {
                rules.retain(|rule| rule.view() != view);
                drop((self.drafts.remove(&view), self.tried.remove(&view)));
                view
            }
            Message::Switch(view) => {
                at(&view, &mut |rule| rule.switch(!rule.on, cx.now));
                view
            }
            Message::Sound(view) => {
                at(&view, &mut |rule| rule.sound = !rule.sound);
                view
            }
            Message::Quiet(view, typed) => {
                let quiet = if typed.trim().is_empty() { Ok(None) } else { Quiet::read(&typed).map(Some) };
                if let Ok(quiet) = quiet {
                    at(&view, &mut |rule| rule.quiet = quiet);
                }
                self.drafts.entry(view.clone()).or_default().quiet = Some(typed);
                view
            }
            Message::Cap(view, typed) => {
                if let Ok(cap) = alert::cap(&typed) {
                    at(&view, &mut |rule| rule.cap = cap);
                }
                self.drafts.entry(view.clone()).or_default().cap = Some(typed);
                view
            }
            _ => return Action::None,
        };
        if rules == cx.watching.rules {
            return Action::None;
        }
        let again = rules.iter().find(|rule| rule.view() == changed).cloned().map(|rule| Action::Watch(Act::Try(rule)));
        Action::Many(std::iter::once(Action::Watch(Act::Rules(rules))).chain(again).collect())
    }

    fn days(&mut self, change: impl FnOnce(&mut Days)) {
        change(&mut self.days);
        // What was shown is not what would go now.
        (self.planned, self.typed) = (None, String::new());
    }

    fn plan(&mut self) -> Action<Message> {
        match self.days.read() {
            Ok(rules) => {
                self.planning = true;
                Action::Watch(Act::Plan(rules))
            }
            Err(problem) => {
                self.trouble = Some(problem.say());
                Action::None
            }
        }
    }

    /// Whether the number that would go is typed (`product.md` B6, tier 3).
    fn confirms(&self) -> bool {
        let digits: String = self.typed.chars().filter(|char| !matches!(char, ',' | ' ' | '.')).collect();
        self.planned.as_ref().is_some_and(|planned| digits.parse() == Ok(planned.1.going()))
    }

    fn accept(&mut self) -> Action<Message> {
        if !self.confirms() {
            return Action::None;
        }
        let Some(planned) = self.planned.take() else { return Action::None };
        self.typed = String::new();
        Action::Watch(Act::Accept(planned.0.clone()))
    }

    fn save(&self, cx: &Cx<'_>) -> Action<Message> {
        let Some((page, _)) = &self.page else { return Action::None };
        let practice = if cx.practice { "practice-" } else { "" };
        let name = format!("{practice}handover-{}.md", cx.now.format("%Y%m%d-%H%MZ"));
        Action::Save { name, text: page.to_string() }
    }
}

impl Days {
    fn read(&self) -> Result<Rules, crate::store::retention::Problem> {
        let mut rules = Rules { all: days(&self.all)?, ..Rules::default() };
        for label in LABELS {
            if let Some(held) = self.labels.get(&label).map(|typed| days(typed)).transpose()?.flatten() {
                let _ = rules.labels.insert(label, held);
            }
        }
        for (topic, typed) in &self.topics {
            if let Some(held) = days(typed)? {
                let _ = rules.topics.insert(topic.clone(), held);
            }
        }
        Ok(rules)
    }
}
