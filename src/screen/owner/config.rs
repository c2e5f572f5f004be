//! How a topic is set up (XEP-0060 §8.2): the broker's own form, in plain words where there are any, and with every question
//! that has none. What is changed is looked over, held, sent; then the form is read again, and it is said what the broker
//! kept, changed or passed over.

mod review;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Receipt, RequestId};
use crate::model::owned::{Answer, Saved, Setting, Settings};
use crate::model::{Say, TopicId};
use crate::owner::settings::{self, Risk};
use crate::screen::{Action, Toast, Tone};
use crate::store::activity::{By, Kind};
use crate::text as safe;

pub(in crate::screen::owner) use view::{named, shown};

#[derive(Clone, Debug)]
pub enum Message {
    /// The answer to a question.
    Set(String, Vec<String>),
    /// One of the answers of a question with several, on or off.
    Toggle(String, String),
    Write(String, text_editor::Action),
    /// Shows the broker's own names too.
    Expert(bool),
    Read,
    Discard,
    /// Looks over what would be changed.
    Review,
    Words(String),
    Close,
    Save,
    Undo,
    /// What the broker made of it was seen.
    Seen,
    Tick,
    Settled(RequestId, Result<Receipt, Error>),
}

/// How far a change is.
#[derive(Clone, Debug)]
enum Stage {
    Held { until: DateTime<Utc>, changes: Vec<Answer>, reason: String },
    Sent(RequestId),
}

/// One topic's page.
#[derive(Debug, Default)]
struct Page {
    settings: Option<Arc<Settings>>,
    trouble: Option<Say>,
    reading: Option<RequestId>,
    edits: BTreeMap<String, Vec<String>>,
    /// What is typed in fields of many lines.
    texts: BTreeMap<String, text_editor::Content>,
    stage: Option<Stage>,
    saved: Option<Arc<Saved>>,
}

/// The pages, each with what is changed on it and not saved.
#[derive(Debug, Default)]
pub struct Config {
    topic: Option<TopicId>,
    pages: BTreeMap<TopicId, Page>,
    expert: bool,
    /// The changes are looked over; a reason is typed.
    review: Option<String>,
    /// For the log of acts.
    pub(in crate::screen::owner) notes: Vec<Command>,
}

impl Config {
    /// This topic's page shows.
    pub fn show(&mut self, topic: Option<TopicId>, cx: &Cx<'_>) -> Action<Message> {
        if self.topic != topic {
            (self.topic, self.review) = (topic, None);
        }
        match self.page() {
            Some(page) if page.settings.is_none() && page.trouble.is_none() => self.read(cx),
            _ => Action::None,
        }
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Set(var, values) => self.set(var, values),
            Message::Toggle(var, value) => self.toggle(var, &value),
            Message::Write(var, action) => self.write(var, action),
            Message::Expert(expert) => self.expert = expert,
            Message::Read => return self.read(cx),
            Message::Discard => {
                // What is held goes out as it shows; taken back it can be discarded.
                if let Some(page) = self.page().filter(|page| page.stage.is_none()) {
                    (page.edits, page.texts) = (BTreeMap::new(), BTreeMap::new());
                }
            }
            Message::Review => {
                let may = self.page().is_some_and(|page| page.stage.is_none() && !page.edits.is_empty());
                self.review = may.then(String::new);
            }
            Message::Words(words) => {
                if let Some(review) = &mut self.review {
                    *review = words;
                }
            }
            Message::Close => self.review = None,
            Message::Save => self.hold(cx),
            Message::Undo => {
                let held = |stage: &mut Stage| matches!(stage, Stage::Held { .. });
                if self.page().is_some_and(|page| page.stage.take_if(held).is_some()) {
                    self.note(String::new(), true);
                }
            }
            Message::Seen => {
                if let Some(page) = self.page() {
                    page.saved = None;
                }
            }
            Message::Tick => return self.release(cx),
            Message::Settled(request, result) => return self.settle(request, result, cx),
        }
        Action::None
    }

    #[must_use]
    pub fn holding(&self) -> bool {
        self.pages.values().any(|page| matches!(page.stage, Some(Stage::Held { .. })))
    }

    /// Nothing that is held is done any more.
    pub fn lapse(&mut self) {
        for (topic, page) in &mut self.pages {
            if let Some(Stage::Held { reason, .. }) = page.stage.take_if(|stage| matches!(stage, Stage::Held { .. })) {
                self.notes.push(noted(topic.clone(), reason, true));
            }
        }
    }

    /// The page that shows; made where it is the first time.
    fn page(&mut self) -> Option<&mut Page> {
        self.topic.clone().map(|topic| self.pages.entry(topic).or_default())
    }

    fn shown(&self) -> Option<&Page> {
        self.topic.as_ref().and_then(|topic| self.pages.get(topic))
    }

    fn set(&mut self, var: String, values: Vec<String>) {
        let Some(page) = self.page().filter(|page| page.stage.is_none()) else { return };
        let Some(setting) = page.settings.as_ref().and_then(|settings| settings.get(&var)) else { return };
        // What is as it was is no change.
        if setting.same(&setting.values, &values) {
            let _ = page.edits.remove(&var);
        } else {
            let _ = page.edits.insert(var, values);
        }
    }

    fn toggle(&mut self, var: String, value: &str) {
        let Some(page) = self.shown() else { return };
        let mut values = page.now(&var);
        if values.iter().any(|one| one == value) {
            values.retain(|one| one != value);
        } else {
            values.push(value.to_owned());
        }
        self.set(var, values);
    }

    fn write(&mut self, var: String, action: text_editor::Action) {
        let Some(page) = self.page() else { return };
        let values = page.now(&var);
        let content = page.texts.entry(var.clone());
        let content = content.or_insert_with(|| text_editor::Content::with_text(&values.join("\n")));
        let edits = action.is_edit();
        content.perform(action);
        if edits {
            let lines = content.text().lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect();
            self.set(var, lines);
        }
    }

    fn read(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(topic) = self.topic.clone().filter(|_| cx.online()) else { return Action::None };
        let Some(page) = self.page().filter(|page| page.reading.is_none()) else { return Action::None };
        let request = cx.request();
        page.reading = Some(request);
        Action::Engine(Command::Settings { request, topic })
    }

    /// Whether what is typed is reason enough, where one is asked for.
    fn reasoned(&self) -> bool {
        let grave = self.shown().is_some_and(Page::is_grave);
        let letters = |words: &String| words.chars().filter(|letter| letter.is_alphanumeric()).count();
        !grave || self.review.as_ref().is_some_and(|words| letters(words) >= 4)
    }

    fn hold(&mut self, cx: &Cx<'_>) {
        if self.review.is_none() || !self.reasoned() {
            return;
        }
        let reason = self.review.take().unwrap_or_default().trim().to_owned();
        let until = cx.now + TimeDelta::seconds(i64::from(cx.settings.hold()));
        let Some(page) = self.page().filter(|page| page.stage.is_none()) else { return };
        let changes = page.wishes();
        let held = Stage::Held { until, changes, reason: reason.clone() };
        (page.stage, page.trouble, page.saved) = (Some(held), None, None);
        self.note(reason, false);
    }

    /// Tells the log of acts what is held here, or was taken back.
    fn note(&mut self, reason: String, undone: bool) {
        self.notes.extend(self.topic.clone().map(|topic| noted(topic, reason, undone)));
    }

    /// Sends what was held long enough; offline it stays unsaved, and that is said.
    fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut commands = Vec::new();
        for (topic, page) in &mut self.pages {
            let due = |stage: &mut Stage| matches!(stage, Stage::Held { until, .. } if *until <= cx.now);
            let Some(Stage::Held { changes, reason, .. }) = page.stage.take_if(due) else { continue };
            if !cx.online() {
                page.trouble = Some(Error::Offline.say());
                self.notes.push(noted(topic.clone(), reason, true));
                continue;
            }
            let request = cx.request();
            page.stage = Some(Stage::Sent(request));
            commands.push(Action::Engine(Command::Configure { request, topic: topic.clone(), changes, reason }));
        }
        if commands.is_empty() { Action::None } else { Action::Many(commands) }
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, _: &Cx<'_>) -> Action<Message> {
        let of = |page: &Page| {
            page.reading == Some(request) || matches!(page.stage, Some(Stage::Sent(sent)) if sent == request)
        };
        let Some((topic, page)) = self.pages.iter_mut().find(|(_, page)| of(page)) else { return Action::None };
        if page.reading == Some(request) {
            page.reading = None;
        } else {
            page.stage = None;
        }
        match result {
            Ok(Receipt::Settings(settings)) => {
                page.trouble = None;
                page.take(settings);
            }
            Ok(Receipt::Configured(saved)) => {
                let key = if saved.whole() { "owner-saved-toast" } else { "owner-saved-partly-toast" };
                let tone = if saved.whole() { Tone::Good } else { Tone::Bad };
                page.trouble = None;
                (page.edits, page.texts) = (BTreeMap::new(), BTreeMap::new());
                page.take(Arc::new(saved.settings.clone()));
                page.saved = Some(saved);
                let say = Say::new(key).with("topic", safe::line(&topic.node));
                return Action::Notify(Toast { tone, say });
            }
            Ok(_) => {}
            Err(error) => page.trouble = Some(error.say()),
        }
        Action::None
    }
}

impl Page {
    /// The form as it is now at the broker; what was changed here and not saved stays, where it is a change still.
    fn take(&mut self, settings: Arc<Settings>) {
        self.edits
            .retain(|var, values| settings.get(var).is_some_and(|setting| !setting.same(&setting.values, values)));
        self.texts.retain(|var, _| self.edits.contains_key(var));
        self.settings = Some(settings);
    }

    /// What the answer to a question would be.
    fn now(&self, var: &str) -> Vec<String> {
        let own = || self.settings.as_ref().and_then(|settings| settings.get(var));
        self.edits.get(var).cloned().or_else(|| own().map(|setting| setting.values.clone())).unwrap_or_default()
    }

    /// What would be changed: each question with its answer.
    fn changes(&self) -> impl Iterator<Item = (&Setting, &Vec<String>)> {
        let of = |var: &String| self.settings.as_ref().and_then(|settings| settings.get(var));
        self.edits.iter().filter_map(move |(var, values)| Some((of(var)?, values)))
    }

    fn wishes(&self) -> Vec<Answer> {
        self.edits.iter().map(|(var, values)| Answer { var: var.clone(), values: values.clone() }).collect()
    }

    /// What the changes would newly mean.
    fn risks(&self) -> Vec<Risk> {
        self.settings.as_ref().map(|now| settings::risks(now, &self.wishes())).unwrap_or_default()
    }

    /// Whether a change lets more people in: that asks for a reason.
    fn is_grave(&self) -> bool {
        self.risks().into_iter().any(Risk::is_hard)
    }
}

/// Keys of this side.
pub(in crate::screen::owner) fn key(key: iced::keyboard::Key<&str>) -> Option<Message> {
    match key {
        iced::keyboard::Key::Character("s") => Some(Message::Review),
        iced::keyboard::Key::Character("d") => Some(Message::Discard),
        iced::keyboard::Key::Character("u") => Some(Message::Undo),
        _ => None,
    }
}

/// What the log of acts is told of a change that is held, or that came to nothing then.
fn noted(topic: TopicId, reason: String, undone: bool) -> Command {
    Command::Held { kind: Kind::Configure, by: By::Person, topic, subject: String::new(), reason, undone }
}

/// Whether an answer is yes.
fn is_on(values: &[String]) -> bool {
    values.first().is_some_and(|value| matches!(value.trim(), "1" | "true"))
}
