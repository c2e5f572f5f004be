//! The owner desk as drawn: one card per request with its facts, what I decided and how long it can be undone.

use iced::keyboard::key::Named;
use iced::widget::{Column, column, container, keyed_column, row, scrollable};
use iced::{Center, Fill, keyboard};

use super::cards::Card;
use super::{Ask, Decision, Message, Outcome, Screen, Settled, Stage};
use crate::app::cx::Cx;
use crate::model::{Affiliation, BareJid, Topic, TopicId};
use crate::text;
use crate::theme::{self, metrics, space};
use crate::widget::{
    Element, Icon, Press, Tone, caption, chip, empty, heading, key_hint, mono, press, strip, strong, title,
};

/// Least height of a card's buttons, and of what stands there once they are pressed.
const ACTS: f32 = 58.0;

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let head = container(self.head(cx)).padding([space::LG, space::XL]);
        if self.cards.is_empty() && self.decisions.is_empty() && self.settled.is_empty() {
            return column![head, self.trouble(cx), nothing(cx)].into();
        }
        let places: Vec<u64> = self.cards.shown().map(|card| card.key).collect();
        let requests = keyed_column(self.cards.shown().map(|card| (card.key, self.request(card, cx))));
        let hidden = self.cards.hidden() as u64;
        let more = (hidden > 0).then(|| {
            let words = cx.catalog.count("owner-more", hidden, &[]);
            Element::from(Press::word(words).style(theme::button::quiet).id("owner.more").on_press(Message::More))
        });
        let none = cx.inbox.pending.is_empty().then(|| caption(cx.text("owner-none")));
        let settled = (!self.settled.is_empty()).then(|| {
            let lines = self.settled.iter().map(|settled| past(settled, cx));
            column![title(cx.text("owner-settled")), Column::with_children(lines).spacing(space::XS)].spacing(space::SM)
        });
        let page = column![self.trouble(cx), none, requests.spacing(space::MD), more, settled]
            .spacing(space::LG)
            .max_width(metrics::PROSE + 120.0);
        let page = container(page).padding([0.0, space::XL]).style(theme::surface::moved(places));
        let keys = row![
            key_hint("↑ ↓", cx.text("owner-key-select")),
            key_hint("Y", cx.text("owner-key-approve")),
            key_hint("N", cx.text("owner-key-deny")),
            key_hint("U", cx.text("owner-key-undo")),
        ]
        .spacing(space::LG);
        let page = column![
            head,
            scrollable(page).style(theme::surface::scroll).width(Fill).height(Fill),
            container(keys).padding([space::SM, space::XL]),
        ];
        crate::widget::keys(page, key).into()
    }

    fn head<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let owned = cx.topics.iter().filter(|topic| topic.affiliation == Affiliation::Owner).count() as u64;
        let polled = match cx.inbox.polled {
            Some(at) => cx.format("owner-polled", &[("ago", &ago(cx, at))]),
            None => cx.text("owner-not-polled"),
        };
        let poll = Press::marked(Icon::Refresh, cx.text("owner-poll"))
            .id("owner.poll")
            .on_press_maybe(cx.online().then_some(Message::Poll));
        row![
            column![heading(cx.text("owner-title")), caption(cx.catalog.count("owner-owned", owned, &[]))]
                .spacing(space::XS)
                .width(Fill),
            caption(polled),
            Element::from(poll),
        ]
        .spacing(space::MD)
        .align_y(Center)
        .into()
    }

    fn trouble<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let say = cx.inbox.trouble?;
        Some(strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), Vec::new()))
    }

    fn request<'a>(&'a self, card: &'a Card, cx: &Cx<'a>) -> Element<'a, Message> {
        let pending = &card.pending;
        let ask = Ask::of(pending);
        let who = mono(text::line(&ask.subscriber.to_string())).size(theme::size::TITLE);
        let wants = cx.format("owner-wants", &[("topic", &named(&ask.topic, cx))]);
        // What a foreign-looking address is made of stands right below it.
        let plain = text::ascii(&ask.subscriber.to_string()).map(|plain| mono(plain).style(theme::text::soft));
        let facts = column![
            row![who, domain_mark(&ask.subscriber, cx)].spacing(space::SM).align_y(Center),
            plain,
            row![strong(wants), caption(cx.format("owner-seen", &[("ago", &ago(cx, pending.seen))]))]
                .spacing(space::SM)
                .align_y(Center),
            caption(cx.text("owner-identity")),
        ]
        .spacing(space::XS);
        let lookalike = text::lookalike(&ask.subscriber.to_string()).map(|plain| {
            strip(
                Tone::Caution,
                cx.format("owner-lookalike", &[("plain", &plain)]),
                Some(cx.text("owner-lookalike-why")),
                vec![],
            )
        });
        let decision = self.decisions.iter().find(|decision| decision.ask == ask);
        let acts = match decision {
            Some(decision) => decided(decision, cx),
            None if card.gone.is_some() => self.answered(&ask, cx),
            None => choices(&ask, card.key, cx),
        };
        // As high for one as for the other: a decision, or its end, moves no card below.
        let acts = row![container(acts).width(Fill), iced::widget::Space::new().height(ACTS)].align_y(Center);
        let again = match decision {
            Some(Decision { stage: Stage::Refused(_), .. }) => Some(choices(&ask, card.key, cx)),
            _ => None,
        };
        let inside = column![facts, lookalike, acts, again].spacing(space::MD);
        let chosen = self.selected.as_ref() == Some(&ask);
        let style = if chosen { theme::surface::chosen } else { theme::surface::card };
        iced::widget::mouse_area(crate::widget::card(inside).style(style)).on_press(Message::Select(ask)).into()
    }

    /// What became of a request that is gone.
    fn answered<'a>(&'a self, ask: &Ask, cx: &Cx<'a>) -> Element<'a, Message> {
        let words = match self.settled.iter().find(|settled| settled.ask == *ask) {
            Some(settled) => outcome(settled, cx),
            None => cx.text("owner-gone-why"),
        };
        strip(Tone::Plain, words, None, Vec::new())
    }
}

/// The two answers; their names bind the keyboard to this very request.
fn choices<'a>(ask: &Ask, key: u64, cx: &Cx<'a>) -> Element<'a, Message> {
    let who = text::line(&ask.subscriber.to_string());
    let approve = press(iced::widget::text(cx.text("owner-approve")))
        .deliberate()
        .id(format!("owner.approve.{key}"))
        .hint(cx.format("owner-approve-hint", &[("who", &who), ("topic", &named(&ask.topic, cx))]))
        .on_press(Message::Decide(ask.clone(), true));
    let deny = press(iced::widget::text(cx.text("owner-deny")))
        .deliberate()
        .id(format!("owner.deny.{key}"))
        .hint(cx.format("owner-deny-hint", &[("who", &who), ("topic", &named(&ask.topic, cx))]))
        .on_press(Message::Decide(ask.clone(), false));
    let copy = Press::word(cx.text("owner-copy"))
        .style(theme::button::quiet)
        .on_press(Message::CopyAddress(ask.subscriber.clone()));
    row![Element::from(approve), Element::from(deny), iced::widget::space::horizontal(), Element::from(copy)]
        .spacing(space::SM)
        .into()
}

/// Keys of the desk; each decision is held, so a single letter can be taken back.
fn key(key: keyboard::Key<&str>, modifiers: keyboard::Modifiers) -> Option<Message> {
    if modifiers.command() || modifiers.alt() {
        return None;
    }
    Some(match key {
        keyboard::Key::Character("y") => Message::DecideSelected(true),
        keyboard::Key::Character("n") => Message::DecideSelected(false),
        keyboard::Key::Character("u") => Message::UndoLast,
        keyboard::Key::Character("j") | keyboard::Key::Named(Named::ArrowDown) => Message::Step(1),
        keyboard::Key::Character("k") | keyboard::Key::Named(Named::ArrowUp) => Message::Step(-1),
        _ => return None,
    })
}

fn decided<'a>(decision: &'a Decision, cx: &Cx<'a>) -> Element<'a, Message> {
    let who = text::line(&decision.ask.subscriber.to_string());
    let topic = named(&decision.ask.topic, cx);
    match &decision.stage {
        Stage::Held { until } => {
            let left = u64::try_from(((*until - cx.now).num_milliseconds().max(0) + 999) / 1000).unwrap_or(0);
            let key = if decision.allow { "owner-held-approve" } else { "owner-held-deny" };
            let words = cx.catalog.count(key, left, &[("who", &who), ("topic", &topic)]);
            let undo =
                Press::word(cx.text("owner-undo")).id("owner.undo").on_press(Message::Undo(decision.ask.clone()));
            strip(Tone::Plain, words, Some(cx.text("owner-held-why")), vec![undo.into()])
        }
        Stage::Sent(_) => strip(Tone::Plain, cx.text("owner-sending"), None, Vec::new()),
        Stage::Refused(error) => {
            let say = error.say();
            let what = cx.format("owner-refused", &[("cause", &cx.catalog.say(&say))]);
            strip(Tone::Alarm, what, cx.catalog.next(&say), Vec::new())
        }
    }
}

fn past<'a>(settled: &'a Settled, cx: &Cx<'a>) -> Element<'a, Message> {
    let mark = match settled.outcome {
        Outcome::Approved => Icon::Done,
        Outcome::Denied => Icon::Close,
        Outcome::Gone => Icon::Warning,
    };
    let words = outcome(settled, cx);
    row![mark.view().style(theme::text::soft), iced::widget::text(words).width(Fill), caption(ago(cx, settled.at))]
        .spacing(space::SM)
        .align_y(Center)
        .into()
}

/// What became of a decision, in words.
fn outcome(settled: &Settled, cx: &Cx<'_>) -> String {
    let key = match settled.outcome {
        Outcome::Approved => "owner-approved",
        Outcome::Denied => "owner-denied",
        Outcome::Gone => "owner-gone",
    };
    let who = text::line(&settled.ask.subscriber.to_string());
    cx.format(key, &[("who", &who), ("topic", &named(&settled.ask.topic, cx))])
}

fn nothing<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let owns = cx.topics.iter().any(|topic| topic.affiliation == Affiliation::Owner);
    let why = match cx.inbox.polled {
        _ if !owns => cx.text("owner-owns-nothing"),
        Some(at) => cx.format("owner-empty-polled", &[("ago", &ago(cx, at))]),
        None => cx.text("owner-empty-not-polled"),
    };
    empty(Icon::Owner, cx.text("owner-empty"), why, Vec::new())
}

/// What the topic is called, else its node.
fn named(id: &TopicId, cx: &Cx<'_>) -> String {
    let topic: Option<&Topic> = cx.topics.iter().find(|topic| topic.id == *id);
    text::line(topic.and_then(|topic| topic.title.as_deref()).unwrap_or(&id.node))
}

/// Whether the asking account is of my own grid.
fn domain_mark<'a>(who: &BareJid, cx: &Cx<'a>) -> Element<'a, Message> {
    let own = cx.me().is_some_and(|me| me.domain() == who.domain());
    chip(cx.text(if own { "owner-domain-own" } else { "owner-domain-other" }))
}

/// `12 s ago` where seconds matter, the short age beyond a minute.
fn ago(cx: &Cx<'_>, at: chrono::DateTime<chrono::Utc>) -> String {
    let elapsed = cx.now - at;
    match elapsed.num_seconds() {
        ..60 => cx.catalog.count("owner-seconds", u64::try_from(elapsed.num_seconds()).unwrap_or(0), &[]),
        _ => cx.format("owner-ago", &[("age", &cx.catalog.age(elapsed))]),
    }
}
