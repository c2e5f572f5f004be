//! Retention: days by label and by topic, what would go, and the number that lets it.

use iced::widget::{Column, column, container, row, text};
use iced::{Center, Fill, FillPortion};

use super::alerts::input;
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::model::TopicId;
use crate::model::topic::Membership;
use crate::store::retention::{LABELS, Line, Plan, days};
use crate::theme::{self, space};
use crate::widget::field::{Below, field};
use crate::widget::{self, Element, Press, caption, card, cell, line, title};

/// A field of days, and the columns of the table.
const DAYS: f32 = 138.0;
const LABEL: f32 = 112.0;
const COUNT: f32 = 60.0;
const TIME: f32 = 140.0;
/// Topics offered for a rule of their own.
const TOPICS: usize = 12;

impl Screen {
    /// `wide`: what would go stands beside the rules.
    pub(super) fn retention<'a>(&'a self, wide: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let (rules, going) = (self.rules(cx), self.going(cx));
        match going {
            Some(going) if wide => {
                let rules = container(rules).width(FillPortion(4));
                row![rules, container(going).width(FillPortion(5))].spacing(space::MD).into()
            }
            going => column![rules, going].spacing(space::MD).into(),
        }
    }

    fn rules<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let all = days_field(cx.text("retention-all"), &self.days.all, Message::All, cx);
        let labels = LABELS.into_iter().map(|label| {
            let typed = self.days.labels.get(&label).map_or("", String::as_str);
            days_field(cx.catalog.tlp(label), typed, move |typed| Message::Label(label, typed), cx)
        });
        let topics = self.topics(cx).into_iter().map(|topic| {
            let typed = self.days.topics.get(&topic).map_or("", String::as_str);
            days_field(cx.topic(&topic), typed, move |typed| Message::Topic(topic.clone(), typed), cx)
        });
        let see = Press::word(cx.text(if self.planning { "retention-looking" } else { "retention-see" }))
            .id("retention.see")
            .style(theme::button::primary)
            .on_press_maybe((!self.planning).then_some(Message::Plan));
        let forever = Press::word(cx.text("retention-forever")).style(theme::button::quiet).on_press(Message::Forever);
        let kept = &cx.watching.retention;
        let forever = (!kept.rules.is_empty()).then(|| Element::from(forever));
        let state = match (kept.rules.is_empty(), kept.accepted) {
            (false, Some(accepted)) => {
                let ran = kept.ran.map_or_else(|| cx.text("retention-not-yet"), |ran| cx.catalog.time(ran));
                cx.format("retention-in-force", &[("since", &cx.catalog.time(accepted)), ("ran", &ran)])
            }
            _ => cx.text("retention-none"),
        };
        card(
            column![
                title(cx.text("retention-title")),
                text(cx.text("retention-intro")).style(theme::text::soft),
                widget::strong(state),
                container(all).width(DAYS),
                caption(cx.text("retention-labels")),
                row(labels).spacing(space::SM).wrap(),
                caption(cx.text("retention-topics")),
                row(topics).spacing(space::SM).wrap(),
                row![Element::from(see), forever].spacing(space::SM).align_y(Center),
            ]
            .spacing(space::MD),
        )
        .into()
    }

    /// Topics that have a rule, and those one reads.
    fn topics(&self, cx: &Cx<'_>) -> Vec<TopicId> {
        let mut topics: Vec<TopicId> = self.days.topics.keys().cloned().collect();
        let mine = cx.topics.iter().filter(|topic| topic.membership == Membership::Subscribed).map(|topic| &topic.id);
        for topic in mine {
            if topics.len() < TOPICS && !topics.contains(topic) {
                topics.push(topic.clone());
            }
        }
        topics.sort();
        topics
    }

    fn going<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        if cx.watching.running {
            return Some(card(text(cx.text("retention-running"))).into());
        }
        let (rules, plan) = self.planned.as_deref()?;
        if rules.is_empty() {
            return Some(card(text(cx.text("retention-nothing-said"))).into());
        }
        let going = cx.catalog.number(plan.going() as u64);
        let stays = cx.catalog.count("retention-staying", u64::from(plan.staying()), &[]);
        let label = cx.format("retention-type", &[("count", &going)]);
        let confirm = input(&going, &self.typed, &Below::Nothing, Message::Typed);
        let accept = Press::word(cx.text("retention-accept"))
            .id("retention.accept")
            .style(theme::button::danger)
            .on_press_maybe(self.confirms().then_some(Message::Accept));
        let words = cx.catalog.count("retention-going", plan.going() as u64, &[]);
        let confirm = row![container(confirm).width(DAYS), Element::from(accept)].spacing(space::SM).align_y(Center);
        Some(
            card(
                column![
                    title(words),
                    table(plan, cx),
                    caption(stays),
                    text(cx.text("retention-final")).style(theme::text::warn),
                    caption(cx.text("retention-file")),
                    caption(label),
                    confirm,
                ]
                .spacing(space::MD),
            )
            .into(),
        )
    }
}

fn days_field<'a>(
    label: String,
    value: &str,
    typed: impl Fn(String) -> Message + 'a,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let below = match days(value) {
        Err(problem) => Below::Wrong(cx.catalog.say(&problem.say())),
        Ok(_) => Below::Nothing,
    };
    let control = input(&cx.text("retention-ever"), value, &below, typed);
    container(field(label, control, below)).width(DAYS).into()
}

fn table<'a>(plan: &Plan, cx: &Cx<'a>) -> Element<'a, Message> {
    let name = |key, width: iced::Length| cell(caption(cx.text(key)), width);
    let names = row![
        name("retention-column-topic", Fill),
        name("retention-column-tlp", LABEL.into()),
        name("retention-column-days", COUNT.into()),
        name("retention-column-going", COUNT.into()),
        name("retention-column-staying", COUNT.into()),
        name("retention-column-oldest", TIME.into()),
        name("retention-column-newest", TIME.into()),
    ];
    let rows = plan.lines.iter().map(|line| one(line, cx));
    column![names.spacing(space::SM), Column::with_children(rows).spacing(space::XS)].spacing(space::XS).into()
}

fn one<'a>(of: &Line, cx: &Cx<'a>) -> Element<'a, Message> {
    let count = |count: u32| cell(line(cx.catalog.number(count.into())), COUNT);
    let time = |at| cell(line(if of.going == 0 { String::new() } else { cx.catalog.time(at) }), TIME);
    row![
        cell(line(cx.topic(&of.topic)), Fill),
        cell(widget::tlp(of.strictest, cx.catalog.tlp_short(of.strictest)), LABEL),
        count(of.days),
        count(of.going),
        count(of.staying),
        time(of.oldest),
        time(of.newest),
    ]
    .spacing(space::SM)
    .align_y(Center)
    .into()
}
