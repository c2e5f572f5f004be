//! Rules that decide requests by themselves (RFC 8600 §8.3.4), edited: a new one is off, and says what it would do before it is
//! switched on. What it then decides is held like a decision of one's own.

use iced::widget::{Column, column, container, row, scrollable, text_input};
use iced::{Center, Fill};

use super::requests::Lasts;
use super::view::{choices, named};
use super::{Work, modal};
use crate::app::cx::Cx;
use crate::model::TopicId;
use crate::owner::rules::{Rule, Who};
use crate::screen::Action;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Press, Tone, caption, chip, heading, mono, strip, strong};

const WHO: &str = "rules.who";
/// Tallest the list gets.
const TALLEST: f32 = 330.0;
/// Accounts named of those a rule would decide.
const NAMED: usize = 3;

#[derive(Clone, Debug)]
pub enum Message {
    Open,
    Close,
    Who(String),
    Note(String),
    Allow(bool),
    Topic(Option<TopicId>),
    Lasts(Lasts),
    Add,
    Switch(String),
    Remove(String),
}

/// What is typed of a new rule.
#[derive(Debug, Default)]
struct Draft {
    who: String,
    note: String,
    deny: bool,
    topic: Option<TopicId>,
    lasts: Lasts,
}

#[derive(Debug, Default)]
pub struct Editor {
    draft: Option<Draft>,
}

impl Draft {
    fn who(&self) -> Option<Who> {
        Who::read(&self.who).ok()
    }

    /// The rule, where it is whole. Whom it refuses is told why.
    fn rule(&self, cx: &Cx<'_>) -> Option<Rule> {
        let note = self.note.trim().to_owned();
        let (who, whole) = (self.who()?, !self.deny || !note.is_empty());
        let days = self.lasts.days().filter(|_| !self.deny);
        whole.then(|| Rule { who, topic: self.topic.clone(), allow: !self.deny, on: false, days, note, made: cx.now })
    }
}

impl Editor {
    /// Opens it; a new rule is about this topic, where nothing else is said.
    pub fn open(&mut self, topic: Option<TopicId>) {
        self.draft = Some(Draft { topic, ..Draft::default() });
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let Some(draft) = self.draft.as_mut() else { return Action::None };
        match message {
            // The desk's, which knows what it is about.
            Message::Open => {}
            Message::Close => self.draft = None,
            Message::Who(who) => draft.who = who,
            Message::Note(note) => draft.note = note,
            Message::Allow(allow) => draft.deny = !allow,
            Message::Topic(topic) => draft.topic = topic,
            Message::Lasts(lasts) => draft.lasts = lasts,
            Message::Add => {
                let Some(rule) = draft.rule(cx) else { return Action::None };
                *draft = Draft { topic: draft.topic.take(), ..Draft::default() };
                let numbers = cx.owning.rules.all.iter().filter_map(|(name, _)| name.parse::<u64>().ok());
                let name = format!("{:08}", numbers.max().map_or(1, |last| last.saturating_add(1)));
                return Action::Own(Work::Rule(name, Box::new(rule)));
            }
            Message::Switch(name) => {
                let own = cx.owning.rules.all.iter().find(|(own, _)| *own == name);
                let Some((_, rule)) = own else { return Action::None };
                return Action::Own(Work::Rule(name, Box::new(Rule { on: !rule.on, ..rule.clone() })));
            }
            Message::Remove(name) => return Action::Own(Work::Unrule(name)),
        }
        Action::None
    }

    pub fn sheet<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let draft = self.draft.as_ref()?;
        let rules = cx.owning.rules.all.iter().map(|(name, rule)| one(name, rule, cx));
        let none = cx.owning.rules.all.is_empty().then(|| caption(cx.text("owner-rules-none")));
        let rules =
            container(scrollable(Column::with_children(rules).spacing(space::SM)).style(theme::surface::scroll));
        let close = Press::word(cx.text("owner-done")).id("rules.close").on_press(Message::Close);
        let inside = column![
            row![heading(cx.text("owner-rules-title")).width(Fill), Element::from(close)],
            caption(cx.text("owner-rules-why")),
            none,
            rules.max_height(TALLEST),
            strong(cx.text("owner-rules-new")),
            form(draft, cx),
        ];
        Some(modal(inside.spacing(space::MD).into(), WHO, Message::Close))
    }
}

fn one<'a>(name: &'a str, rule: &'a Rule, cx: &Cx<'a>) -> Element<'a, Message> {
    let who = mono(safe::line(&rule.who.to_string()));
    let act = chip(cx.text(if rule.allow { "owner-rule-allow" } else { "owner-rule-deny" }));
    let on = Press::word(cx.text(if rule.on { "owner-rule-on" } else { "owner-rule-off" }))
        .style(theme::button::choice(rule.on))
        .padding([3.0, space::SM])
        .id(format!("rules.switch.{name}"))
        .on_press(Message::Switch(name.to_owned()));
    let remove = Press::word(cx.text("owner-rule-remove")).style(theme::button::quiet).padding([3.0, space::SM]);
    let remove = remove.on_press(Message::Remove(name.to_owned()));
    let head = row![act, container(who).width(Fill).clip(true), Element::from(remove), Element::from(on)];
    let scope = rule.topic.as_ref().map_or_else(|| cx.text("owner-rule-all"), |topic| named(topic, cx));
    let note = (!rule.note.is_empty()).then(|| caption(safe::line(&rule.note)));
    let inside = column![head.spacing(space::SM).align_y(Center), caption(scope), note, would(rule, cx)];
    container(inside.spacing(space::XS)).padding([space::SM, space::MD]).width(Fill).style(theme::surface::well).into()
}

/// What it would decide now, and how that stands to what was decided before.
fn would<'a>(rule: &Rule, cx: &Cx<'a>) -> Element<'a, Message> {
    let found = cx.owning.rules.simulate(rule, cx.inbox.pending, &cx.owning.past);
    let names: Vec<String> = found.now.iter().take(NAMED).map(|(_, who)| safe::line(&who.to_string())).collect();
    let now = found.now.len() as u64;
    let key = if rule.allow { "owner-would-approve" } else { "owner-would-deny" };
    let now = match now {
        0 => cx.text("owner-would-nobody"),
        now => cx.catalog.count(key, now, &[("who", &names.join(", "))]),
    };
    let (same, against) = (found.same.len() as u64, found.against.len() as u64);
    let same = (same > 0).then(|| cx.catalog.count("owner-would-same", same, &[]));
    let words: Vec<String> = std::iter::once(now).chain(same).collect();
    let against =
        (against > 0).then(|| caption(cx.catalog.count("owner-would-against", against, &[])).style(theme::text::warn));
    let left = found.left.len() as u64;
    let left = (left > 0).then(|| caption(cx.catalog.count("owner-would-left", left, &[])));
    column![caption(words.join(" ")).style(theme::text::normal), left, against].spacing(2.0).into()
}

fn form<'a>(draft: &'a Draft, cx: &Cx<'a>) -> Element<'a, Message> {
    let choice = |words: String, here: bool, message: Message| {
        let press = Press::word(words).style(theme::button::choice(here)).padding([3.0, space::SM]);
        Element::from(press.on_press(message))
    };
    let below = match draft.who() {
        None if !draft.who.trim().is_empty() => Below::Wrong(cx.text("owner-rule-who-wrong")),
        Some(Who::Domain(_)) => Below::Hint(cx.text("owner-rule-who-domain")),
        Some(Who::Account(_)) => Below::Hint(cx.text("owner-rule-who-account")),
        None => Below::Hint(cx.text("owner-rule-who-hint")),
    };
    let who = text_input("csirt.example", &draft.who).id(WHO).on_input(Message::Who).font(theme::MONO);
    let who = who.padding([space::XS, space::SM]).style(theme::input::field);
    let acts = row![
        choice(cx.text("owner-rule-allow"), !draft.deny, Message::Allow(true)),
        choice(cx.text("owner-rule-deny"), draft.deny, Message::Allow(false))
    ];
    let topics = choices(cx.text("owner-rule-all"), draft.topic.as_ref(), Message::Topic, cx);
    let topics = row![caption(cx.text("owner-column-topic")), topics].spacing(space::SM).align_y(Center);
    let lasts = Lasts::ALL.map(|lasts| choice(cx.text(lasts.key()), draft.lasts == lasts, Message::Lasts(lasts)));
    let lasts = (!draft.deny).then(|| row(lasts).spacing(space::XS));
    let hint = if draft.deny { "owner-reason-sent" } else { "owner-why-kept" };
    let note = text_input(&cx.text("owner-why-example"), &draft.note).id("rules.note").on_input(Message::Note);
    let note = note.padding([space::XS, space::SM]).style(theme::input::field);
    let name = if draft.deny { "owner-reason" } else { "owner-why" };
    let rule = draft.rule(cx);
    let preview = rule.as_ref().map(|rule| would(rule, cx));
    let strange = draft.who().and_then(|who| safe::lookalike(&who.to_string())).map(|plain| {
        strip(Tone::Alarm, cx.format("owner-lookalike", &[("plain", &safe::line(&plain))]), None, Vec::new())
    });
    let add = Press::word(cx.text("owner-rule-add")).style(theme::button::primary).id("rules.add");
    let add = add.on_press_maybe(rule.is_some().then_some(Message::Add));
    column![
        row![field(cx.text("owner-rule-who"), who, below), acts.spacing(space::XS)].spacing(space::MD).align_y(Center),
        strange,
        topics,
        lasts,
        field(cx.text(name), note, Below::Hint(cx.text(hint))),
        preview,
        row![caption(cx.text("owner-rule-add-why")).size(size::CAPTION).width(Fill), Element::from(add)]
            .spacing(space::SM)
            .align_y(Center),
    ]
    .spacing(space::SM)
    .into()
}
