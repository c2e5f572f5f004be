//! The topics as drawn: search and list left, the selected topic right.

use chrono::TimeDelta;
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::text::Style;
use iced::widget::{Column, column, container, progress_bar, row, rule, scrollable, space as gap, text_input};
use iced::{Center, Fill, FillPortion, Length, Padding, Theme};

use super::{Act, Message, Outcome, Screen, complete, question, title as title_of};
use crate::app::cx::Cx;
use crate::engine::{Connection, Receipt};
use crate::model::owned::{Act as Spoken, Said};
use crate::model::{Access, Affiliation, Membership, PayloadType, Topic};
use crate::owner::grant::SOON;
use crate::text;
use crate::theme::{self, size, space};
use crate::widget::field::Below;
use crate::widget::virtual_list::LANE;
use crate::widget::{
    Element, Icon, Press, Tone, caption, cell, chip, empty, ground, heading, keys, line, mono, press, strip, strong,
    virtual_list,
};

/// Height of a row of two lines.
const ROW: f32 = 46.0;
const PAYLOAD: Length = Length::Fixed(76.0);
const ACCESS: Length = Length::Fixed(138.0);
const STATE: Length = Length::Fixed(116.0);
/// The column of labels in the detail pane.
const LABEL: Length = Length::Fixed(110.0);

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let list = column![self.head(cx), self.walk(cx), self.header(cx), self.list(cx)];
        let pane = container(self.detail(cx)).width(FillPortion(5)).height(Fill);
        let pane = Element::from(ground(pane, theme::surface::panel));
        let page = row![list.width(FillPortion(9)), rule::vertical(1).style(theme::surface::line), pane];
        keys(page, |key, modifiers| match key {
            _ if modifiers.command() || modifiers.alt() => None,
            Key::Named(Named::ArrowDown) | Key::Character("j") => Some(Message::Step(1)),
            Key::Named(Named::ArrowUp) | Key::Character("k") => Some(Message::Step(-1)),
            Key::Character("/") => Some(Message::Search),
            _ => None,
        })
        .into()
    }

    fn head<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let search = text_input(&cx.text("topics-search"), &self.query)
            .id(super::SEARCH)
            .on_input(Message::Query)
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let clear = (!self.query.is_empty()).then(|| {
            Element::from(
                press(Icon::Close.view())
                    .style(theme::button::quiet)
                    .hint(cx.text("topics-clear"))
                    .on_press(Message::ClearQuery),
            )
        });
        let refresh = Press::marked(Icon::Refresh, cx.text("topics-refresh"))
            .id("topics.refresh")
            .on_press_maybe((cx.online() && cx.walk.is_none()).then_some(Message::Refresh));
        let total = cx.topics.len();
        let count = if self.shown.len() == total {
            cx.catalog.count("topics-count", total as u64, &[])
        } else {
            cx.catalog.count("topics-count-of", total as u64, &[("shown", &cx.catalog.number(self.shown.len() as u64))])
        };
        let new = Press::word(cx.text("owner-create")).id("topics.new");
        let new = new.on_press_maybe(cx.online().then_some(Message::New));
        let top = row![
            heading(cx.text("topics-title")),
            caption(count),
            gap::horizontal(),
            Element::from(refresh),
            Element::from(new)
        ];
        let search = row![search, clear].spacing(space::XS).align_y(Center);
        container(column![top.spacing(space::MD).align_y(Center), search].spacing(space::MD))
            .padding([space::LG, space::LG])
            .into()
    }

    /// How far the walk over the broker is.
    fn walk<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let (walked, total) = cx.walk?;
        let bar = progress_bar(0.0..=total.max(1) as f32, walked as f32).girth(3).style(theme::input::progress);
        let (walked, total) = (cx.catalog.number(walked.into()), cx.catalog.number(total.into()));
        let words = caption(cx.format("topics-walk", &[("walked", &walked), ("total", &total)]));
        Some(container(column![words, bar].spacing(space::XS)).padding([0.0, space::LG]).into())
    }

    fn header<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let names = row![
            cell(caption(cx.text("topics-column-topic")), Fill),
            cell(caption(cx.text("topics-column-payload")), PAYLOAD),
            cell(caption(cx.text("topics-column-access")), ACCESS),
            cell(caption(cx.text("topics-column-state")), STATE),
        ];
        let names = container(names.spacing(space::MD))
            .padding(Padding::from([space::XS, space::LG]).right(space::LG + LANE))
            .style(theme::surface::panel);
        column![names, rule::horizontal(1).style(theme::surface::line)].into()
    }

    fn list<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if self.shown.is_empty() {
            return self.nothing(cx);
        }
        let here = *cx;
        let list = virtual_list(
            self.shown.len(),
            ROW,
            move |index| self.topic(index, &here).map_or_else(|| gap::vertical().into(), |topic| entry(topic, &here)),
            |index| self.shown.get(index).map_or(u32::MAX, |shown| shown.number),
            |number| self.shown.iter().position(|shown| shown.number == *number),
        )
        .id("topics.list")
        .selected(self.row(cx))
        .on_select(Message::Pick);
        ground(container(list).height(Fill), theme::surface::sunken).into()
    }

    /// Why there is nothing in the list, and what to do.
    fn nothing<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if !cx.topics.is_empty() {
            let clear = Press::word(cx.text("topics-clear")).id("topics.clear").on_press(Message::ClearQuery);
            let why = cx.catalog.count("topics-none-found-why", cx.topics.len() as u64, &[]);
            return empty(Icon::Search, cx.text("topics-none-found"), why, vec![clear.into()]);
        }
        match cx.connection {
            Connection::Online(_) if cx.walk.is_none() => {
                let again = Press::word(cx.text("topics-refresh")).on_press(Message::Refresh);
                empty(Icon::Topics, cx.text("topics-none"), cx.text("topics-none-why"), vec![again.into()])
            }
            Connection::Online(_) | Connection::Connecting { .. } => {
                empty(Icon::Topics, cx.text("topics-loading"), cx.text("topics-loading-why"), Vec::new())
            }
            Connection::Offline | Connection::Waiting { .. } | Connection::Stopped { .. } => {
                empty(Icon::Offline, cx.text("topics-offline"), cx.text("topics-offline-why"), Vec::new())
            }
        }
    }

    fn detail<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(topic) = self.chosen(cx) else {
            return empty(Icon::Topics, cx.text("topics-choose"), cx.text("topics-choose-why"), Vec::new());
        };
        let id = &topic.id;
        let copy =
            Press::word(cx.text("topics-copy")).style(theme::button::quiet).on_press(Message::CopyAddress(id.clone()));
        let node =
            row![container(mono(text::line(&id.node)).style(theme::text::soft)).width(Fill), Element::from(copy)];
        let name = column![heading(text::line(title_of(topic))), node.align_y(Center)];
        let description = topic.description.as_deref().map(|words| iced::widget::text(text::block(words)));
        let trouble = topic
            .trouble
            .as_ref()
            .map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), Vec::new()));
        let people = |jids: &[crate::model::Jid]| {
            let names: Vec<String> = jids.iter().map(|jid| text::line(&jid.to_string())).collect();
            if names.is_empty() { cx.text("topics-unsaid") } else { names.join("\n") }
        };
        let facts = column![
            fact(cx.text("topics-fact-state"), membership(topic, cx).0),
            fact(cx.text("topics-fact-payload"), carries(topic, cx)),
            fact(cx.text("topics-fact-access"), access_words(&topic.access, cx)),
            fact(cx.text("topics-fact-me"), affiliation_words(&topic.affiliation, cx)),
            fact(cx.text("topics-fact-owner"), people(&topic.owners)),
            (!topic.publishers.is_empty()).then(|| fact(cx.text("topics-fact-publishers"), people(&topic.publishers))),
            topic.subscribers.map(|n| fact(cx.text("topics-fact-subscribers"), cx.catalog.number(n.into()))),
            (topic.headline == Some(true) && topic.membership != Membership::Subscribed)
                .then(|| fact(cx.text("topics-fact-offline"), cx.text("topics-headline"))),
            fact(cx.text("topics-fact-broker"), text::line(&id.broker.to_string())),
        ]
        .spacing(space::SM);
        let inside = column![
            name.spacing(space::XS),
            description,
            trouble,
            self.acts(topic, cx),
            rule::horizontal(1).style(theme::surface::line),
            facts,
            complete::view(topic, cx),
        ];
        scrollable(container(inside.spacing(space::LG)).padding(space::LG).width(Fill))
            .style(theme::surface::scroll)
            .height(Fill)
            .into()
    }

    /// The act that makes sense, and what came of the last one.
    fn acts<'a>(&'a self, topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
        let outcome = self.outcomes.get(&topic.id);
        let waiting = matches!(outcome, Some(Outcome::Waiting));
        let act = Act::of(topic).map(|act| {
            let (key, why) = match act {
                Act::Subscribe => ("topics-subscribe", "topics-subscribe-why"),
                Act::Request => ("topics-request", "topics-request-why"),
                Act::Withdraw => ("topics-withdraw", "topics-withdraw-why"),
                Act::Unsubscribe => ("topics-unsubscribe", "topics-unsubscribe-why"),
            };
            let press = Press::word(cx.text(key)).id("topics.act");
            let press = match act {
                Act::Subscribe | Act::Request => press.style(theme::button::primary),
                Act::Withdraw | Act::Unsubscribe => press,
            };
            let ready = cx.online() && !waiting;
            let press = press.on_press_maybe(ready.then(|| Message::Act(act, topic.id.clone())));
            column![Element::from(press), caption(cx.text(key_why(topic, why)))].spacing(space::SM)
        });
        let asks = (Act::of(topic) == Some(Act::Request)).then(|| {
            let words = text_input(&cx.text("topics-words-example"), &self.words)
                .id("topics.words")
                .on_input(Message::Words)
                .on_submit_maybe((cx.online() && !waiting).then(|| Message::Act(Act::Request, topic.id.clone())))
                .padding([space::XS, space::SM])
                .style(theme::input::field);
            crate::widget::field(cx.text("topics-words"), words, Below::Hint(cx.text("topics-words-why")))
        });
        let answers = question(topic).map(|_| {
            let ready = cx.online() && !waiting && !self.words.trim().is_empty();
            let answer = || Message::Answer(topic.id.clone());
            let words = text_input(&cx.text("topics-words-example"), &self.words)
                .id("topics.words")
                .on_input(Message::Words)
                .on_submit_maybe(ready.then(answer))
                .padding([space::XS, space::SM])
                .style(theme::input::field);
            let go = Press::word(cx.text("topics-answer")).style(theme::button::primary).id("topics.answer");
            let go = Element::from(go.on_press_maybe(ready.then(answer)));
            let field = crate::widget::field(cx.text("topics-answer-words"), words, Below::Nothing);
            column![field, go].spacing(space::SM)
        });
        let run = (topic.affiliation == Affiliation::Owner).then(|| {
            let run = Press::marked(Icon::Owner, cx.text("topics-run")).id("topics.run");
            Element::from(run.on_press(Message::Run(topic.id.clone())))
        });
        let barred = Act::of(topic).is_none().then(|| caption(cx.text("topics-barred")));
        let outcome = outcome.map(|outcome| match outcome {
            Outcome::Waiting => strip(Tone::Plain, cx.text("topics-waiting"), None, Vec::new()),
            Outcome::Done(receipt) => {
                let key = match receipt {
                    Receipt::Asked => "topics-done-asked",
                    Receipt::Unsubscribed => "topics-done-unsubscribed",
                    Receipt::Told => "topics-done-told",
                    _ => "topics-done-subscribed",
                };
                strip(Tone::Good, cx.text(key), None, Vec::new())
            }
            Outcome::Failed(error) => {
                let say = error.say();
                strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), Vec::new())
            }
        });
        Column::new()
            .push(topic.said.as_ref().map(|said| told(topic, said, cx)))
            .push(answers)
            .push(asks)
            .push(act)
            .push(run)
            .push(barred)
            .push(outcome)
            .spacing(space::MD)
            .into()
    }
}

/// What was said to me about my access; what is so, only the broker says.
fn told<'a>(topic: &Topic, said: &'a Said, cx: &Cx<'a>) -> Element<'a, Message> {
    let left = said.until.map(|until| until - cx.now);
    let (tone, key) = match said.act {
        Spoken::Approved if left.is_some_and(|left| left <= TimeDelta::zero()) => (Tone::Alarm, "topics-said-over"),
        // It was ended since, and nobody said why.
        Spoken::Approved if topic.membership != Membership::Subscribed => (Tone::Caution, "topics-said-approved"),
        Spoken::Approved if left.is_some_and(|left| left <= SOON) => (Tone::Caution, "topics-said-soon"),
        Spoken::Approved => (Tone::Good, "topics-said-approved"),
        Spoken::Denied => (Tone::Alarm, "topics-said-denied"),
        Spoken::Revoked => (Tone::Alarm, "topics-said-revoked"),
        Spoken::Question | Spoken::Asks => (Tone::Caution, "topics-said-question"),
    };
    let who = text::line(&said.from.to_string());
    let end = said.until.map(|until| cx.catalog.time(until)).unwrap_or_default();
    let args = [("who", who), ("time", cx.catalog.time(said.at)), ("end", end)];
    let args = args.each_ref().map(|(name, value)| (*name, value.as_str()));
    let note = text::block(&said.note);
    let note = if note.trim().is_empty() { cx.text("topics-said-nothing") } else { note };
    let until = said.until.filter(|_| key == "topics-said-approved");
    let until = until.map(|until| cx.format("topics-said-until", &[("time", &cx.catalog.time(until))]));
    let stranger = (!said.owner).then(|| cx.text("topics-said-stranger"));
    let below: Vec<String> = [Some(note), until, stranger].into_iter().flatten().collect();
    strip(tone, cx.format(key, &args), Some(below.join("\n")), Vec::new())
}

/// A whitelist lets in only those the owner entered: said before the broker says it.
fn key_why(topic: &Topic, usual: &'static str) -> &'static str {
    let asks = topic.membership != Membership::Subscribed && topic.affiliation == Affiliation::None;
    if asks && topic.access == Access::Whitelist { "topics-whitelist-why" } else { usual }
}

fn entry<'a>(topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
    let owner = topic.owners.first().map(|owner| text::line(&owner.to_string()));
    let under = match owner {
        Some(owner) => cx.format("topics-under", &[("name", &text::line(&topic.id.node)), ("owner", &owner)]),
        None => text::line(&topic.id.node),
    };
    let name = column![
        strong(text::line(title_of(topic))).wrapping(iced::widget::text::Wrapping::None),
        line(under).size(size::CAPTION).style(theme::text::soft)
    ];
    let payload = match &topic.payload {
        _ if topic.collection => chip(cx.text("topics-collection-short")),
        PayloadType::Iodef2 => chip("IODEF 2"),
        PayloadType::Iodef1 => chip("IODEF 1"),
        PayloadType::Other(_) => chip(cx.text("topics-payload-other")),
        PayloadType::Unsaid => caption(cx.text("topics-unsaid")).into(),
    };
    let (state, ink, icon) = membership(topic, cx);
    let state = row![icon.map(|icon| icon.view().size(size::CAPTION).style(ink)), line(state).style(ink)]
        .spacing(space::XS)
        .align_y(Center);
    let cells = row![
        cell(name, Fill),
        cell(payload, PAYLOAD),
        cell(line(access_short(&topic.access, cx)).style(theme::text::soft), ACCESS),
        cell(state, STATE),
    ];
    container(cells.spacing(space::MD).align_y(Center)).padding([0.0, space::LG]).width(Fill).into()
}

type Ink = fn(&Theme) -> Style;

/// My state on a topic: its words, their ink, and a mark.
fn membership(topic: &Topic, cx: &Cx<'_>) -> (String, Ink, Option<Icon>) {
    let (key, ink, icon): (&str, Ink, Option<Icon>) = match topic.membership {
        Membership::Subscribed => ("topics-state-subscribed", theme::text::good, Some(Icon::Done)),
        Membership::Pending => ("topics-state-pending", theme::text::warn, Some(Icon::Waiting)),
        Membership::Denied => ("topics-state-denied", theme::text::danger, Some(Icon::Retracted)),
        Membership::None => ("topics-state-none", theme::text::soft, None),
    };
    (cx.text(key), ink, icon)
}

fn carries(topic: &Topic, cx: &Cx<'_>) -> String {
    match &topic.payload {
        _ if topic.collection => cx.text("topics-collection"),
        PayloadType::Iodef2 => cx.text("topics-payload-iodef2"),
        PayloadType::Iodef1 => cx.text("topics-payload-iodef1"),
        PayloadType::Other(namespace) => text::line(namespace),
        PayloadType::Unsaid => cx.text("topics-payload-unsaid"),
    }
}

fn access_short(access: &Access, cx: &Cx<'_>) -> String {
    cx.text(match access {
        Access::Open => "topics-access-open",
        Access::Presence => "topics-access-presence",
        Access::Roster => "topics-access-roster",
        Access::Authorize => "topics-access-authorize",
        Access::Whitelist => "topics-access-whitelist",
        Access::Other(other) => return text::line(other),
        Access::Unsaid => "topics-unsaid",
    })
}

fn access_words(access: &Access, cx: &Cx<'_>) -> String {
    cx.text(match access {
        Access::Open => "topics-access-open-why",
        Access::Presence => "topics-access-presence-why",
        Access::Roster => "topics-access-roster-why",
        Access::Authorize => "topics-access-authorize-why",
        Access::Whitelist => "topics-access-whitelist-why",
        Access::Other(other) => return text::line(other),
        Access::Unsaid => "topics-unsaid",
    })
}

fn affiliation_words(affiliation: &Affiliation, cx: &Cx<'_>) -> String {
    cx.text(match affiliation {
        Affiliation::Owner => "topics-me-owner",
        Affiliation::Publisher => "topics-me-publisher",
        Affiliation::PublishOnly => "topics-me-publish-only",
        Affiliation::Member => "topics-me-member",
        Affiliation::None => "topics-me-none",
        Affiliation::Outcast => "topics-me-outcast",
        Affiliation::Other(other) => return text::line(other),
    })
}

fn fact<'a>(label: String, value: String) -> Element<'a, Message> {
    row![caption(label).width(LABEL), iced::widget::text(value).width(Fill)].spacing(space::MD).into()
}
