//! Alerts: a card for each rule, with what it would have done last week.

use iced::widget::{Column, column, container, row, space as gap, text, text_input};
use iced::{Center, Fill};

use super::view::trouble;
use super::{Message, OWN, Screen};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::store::alert::{self, Quiet, Rule};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Press, caption, card, mono, title};

/// The fields of hours and of the limit.
const QUIET: f32 = 180.0;
const CAP: f32 = 150.0;

impl Screen {
    /// `wide`: two rules stand beside each other.
    pub(super) fn alerts<'a>(&'a self, wide: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let lines = cx.watching.rules.chunks(if wide { 2 } else { 1 }).map(|rules| {
            // One by itself keeps the width of the others.
            let lacks = (wide && rules.len() == 1).then(|| gap::horizontal().into());
            row(rules.iter().map(|rule| self.one(rule, cx)).chain(lacks)).spacing(space::MD).into()
        });
        let rules = Column::with_children(lines).spacing(space::MD);
        column![self.more(cx), rules].spacing(space::MD).into()
    }

    /// What alerts are, and the views that have none.
    fn more<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let own = OWN.iter().map(|(key, filter)| (cx.text(key), (*filter).to_owned()));
        let saved = cx.watching.views.all().iter().map(|view| (view.name().to_owned(), view.query.to_string()));
        let free = own.chain(saved).filter(|(name, _)| !cx.watching.rules.iter().any(|rule| rule.view() == name));
        let adds = free.map(|(name, filter)| {
            let words = format!("+ {}", safe::line(&name));
            Press::word(words).hint(safe::line(&filter)).on_press(Message::Add(name, filter)).into()
        });
        let adds = row(adds).spacing(space::SM).wrap();
        let shown = if cx.practice { "alert-practice" } else { "alert-intro" };
        let test = Press::word(cx.text("alert-test")).id("alerts.test").on_press(Message::Test);
        // On the practice grid nothing leaves the window.
        let test = (!cx.practice).then(|| Element::from(test));
        let trouble = cx.watching.trouble.as_ref().map(|say| trouble(say, cx));
        card(
            column![
                row![title(cx.text("alert-add")).width(Fill), test].align_y(Center),
                text(cx.text(shown)).style(theme::text::soft),
                adds,
                trouble,
            ]
            .spacing(space::MD),
        )
        .into()
    }

    fn one<'a>(&'a self, rule: &'a Rule, cx: &Cx<'a>) -> Element<'a, Message> {
        let view = || rule.view().to_owned();
        let word = |on: bool, yes, no| cx.text(if on { yes } else { no });
        let on = Press::word(word(rule.on, "alert-on", "alert-off"))
            .style(if rule.on { theme::button::primary } else { theme::button::plain })
            .hint(cx.text("alert-switch"))
            .on_press(Message::Switch(view()));
        let remove = Press::word(cx.text("alert-remove")).style(theme::button::quiet).on_press(Message::Remove(view()));
        let head = row![title(safe::line(rule.view())).width(Fill), Element::from(remove), Element::from(on)];
        let gone = cx.watching.orphans.iter().any(|orphan| orphan == rule.view());
        let own = OWN.iter().any(|(key, _)| cx.text(key) == rule.view());
        let gone = (gone && !own).then(|| caption(cx.text("alert-orphan")));
        let draft = self.drafts.get(rule.view());
        let kept = || rule.quiet.map(|quiet| quiet.to_string()).unwrap_or_default();
        let quiet = draft.and_then(|draft| draft.quiet.clone()).unwrap_or_else(kept);
        let cap = draft.and_then(|draft| draft.cap.clone()).unwrap_or_else(|| rule.cap.to_string());
        let quiet_below = match Quiet::read(&quiet) {
            Err(problem) if !quiet.trim().is_empty() => wrong(&problem.say(), cx),
            _ => Below::Hint(cx.text("alert-quiet-hint")),
        };
        let cap_below = match alert::cap(&cap) {
            Err(problem) => wrong(&problem.say(), cx),
            Ok(_) => Below::Hint(cx.text("alert-cap-hint")),
        };
        let (quiet_of, cap_of) = (view(), view());
        let quiet = input("22:00-07:00", &quiet, &quiet_below, move |typed| Message::Quiet(quiet_of.clone(), typed));
        let cap = input("", &cap, &cap_below, move |typed| Message::Cap(cap_of.clone(), typed));
        let sound = Press::word(word(rule.sound, "alert-sound-on", "alert-sound-off")).on_press(Message::Sound(view()));
        let settings = row![
            container(field(cx.text("alert-quiet"), quiet, quiet_below)).width(QUIET),
            container(field(cx.text("alert-cap"), cap, cap_below)).width(CAP),
            container(field(cx.text("alert-sound"), Element::from(sound), Below::Nothing)).width(Fill),
        ];
        let filter =
            container(mono(safe::line(&rule.query().to_string()))).style(theme::surface::chip).padding(space::XS);
        card(
            column![
                head.spacing(space::SM).align_y(Center),
                filter,
                gone,
                settings.spacing(space::LG),
                self.preview(rule, cx)
            ]
            .spacing(space::MD),
        )
        .into()
    }

    fn preview<'a>(&'a self, rule: &Rule, cx: &Cx<'a>) -> Element<'a, Message> {
        match self.tried.get(rule.view()) {
            None => caption(cx.text("alert-trying")).into(),
            Some(Err(say)) => trouble(say, cx),
            Some(Ok(tried)) => {
                let incidents = cx.catalog.number(tried.incidents.into());
                let words = cx.catalog.count("alert-preview", tried.notifications.into(), &[("incidents", &incidents)]);
                let moves = tried.moves.then(|| caption(cx.text("alert-preview-moves")));
                column![text(words), moves].spacing(space::XS).into()
            }
        }
    }
}

/// What is wrong in a field, and how it is put right.
fn wrong(say: &Say, cx: &Cx<'_>) -> Below {
    let next = cx.catalog.next(say).unwrap_or_default();
    Below::Wrong(format!("{} {next}", cx.catalog.say(say)).trim_end().to_owned())
}

pub(super) fn input<'a>(
    hint: &str,
    value: &str,
    below: &Below,
    typed: impl Fn(String) -> Message + 'a,
) -> Element<'a, Message> {
    let style = if matches!(below, Below::Wrong(_)) { theme::input::wrong } else { theme::input::field };
    text_input(hint, value).on_input(typed).padding([space::XS, space::SM]).style(style).into()
}
