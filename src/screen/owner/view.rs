//! The desk as drawn: its head with the sides, the topic it is about and how old it is; the side that shows; its keys.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::widget::{Row, column, container, pick_list, row, rule, space as gap, stack};
use iced::{Center, Fill};

use super::{Message, Screen, Side, config, create, expiring, members, mine, requests, rules};
use crate::app::cx::Cx;
use crate::model::{Topic, TopicId};
use crate::text;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, caption, empty, heading, key_hint, keys, layer, press};

/// A topic in the list of mine, by what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice(Option<TopicId>, String);

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1)
    }
}

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let line = || rule::horizontal(1).style(theme::surface::line);
        let side = match self.side {
            Side::Requests => self.requests.view(cx).map(Message::Requests),
            Side::Expiring => self.expiring.view(&self.members, cx).map(Message::Expiring),
            _ if mine(cx).next().is_none() => {
                empty(Icon::Owner, cx.text("owner-none-mine"), cx.text("owner-owns-nothing"), Vec::new())
            }
            side => match self.one(cx) {
                None => self.choose(cx),
                Some(topic) => match side {
                    Side::Requests | Side::Expiring => gap::vertical().into(),
                    Side::Members => self.members.view(topic, cx).map(Message::Members),
                    Side::Config => self.config.view(cx).map(Message::Config),
                    Side::Danger => self.danger.view(topic, cx).map(Message::Danger),
                },
            },
        };
        let page = column![self.head(cx), line(), container(side).height(Fill).width(Fill), line(), self.foot(cx)];
        let making =
            self.create.sheet(cx).map(|sheet| (sheet.map(Message::Create), Message::Create(create::Message::Close)));
        let ruling =
            self.rules.sheet(cx).map(|sheet| (sheet.map(Message::Rules), Message::Rules(rules::Message::Close)));
        let sheet = making.or(ruling).or_else(|| match self.side {
            Side::Requests => {
                let away = Message::Requests(requests::Message::Sheet(requests::SheetMessage::Close));
                self.requests.sheet(cx).map(|sheet| (sheet.map(Message::Requests), away))
            }
            Side::Members => {
                let away = Message::Members(members::Message::Sheet(members::SheetMessage::Close));
                self.members.sheet(cx).map(|sheet| (sheet.map(Message::Members), away))
            }
            Side::Config => {
                let away = Message::Config(config::Message::Close);
                self.config.sheet(cx).map(|sheet| (sheet.map(Message::Config), away))
            }
            Side::Expiring => {
                let away = Message::Expiring(expiring::Message::Close);
                self.expiring.sheet(cx).map(|sheet| (sheet.map(Message::Expiring), away))
            }
            Side::Danger => None,
        });
        let (sheet, away) = sheet.unzip();
        let all = stack![Element::from(layer::below(page, away.is_some()))].push(sheet);
        let side = self.side;
        keys(all, move |key, modifiers| said(side, away.as_ref(), key, modifiers)).into()
    }

    fn head<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let polled = match cx.inbox.polled {
            Some(at) => cx.format("owner-polled", &[("ago", &ago(cx, at))]),
            None => cx.text("owner-not-polled"),
        };
        let poll = Press::marked(Icon::Refresh, cx.text("owner-poll"))
            .style(theme::button::quiet)
            .id("owner.poll")
            .on_press_maybe(cx.online().then_some(Message::Poll));
        let rules = Press::word(cx.catalog.count("owner-rules-open", cx.owning.rules.all.len() as u64, &[]));
        let rules = rules.style(theme::button::quiet).id("owner.rules").on_press(Message::Rules(rules::Message::Open));
        let new = Press::word(cx.text("owner-create")).id("owner.create");
        let new = new.on_press_maybe(cx.online().then_some(Message::Create(create::Message::Open)));
        let top = row![
            heading(cx.text("owner-title")).width(Fill),
            caption(polled),
            Element::from(poll),
            Element::from(rules),
            Element::from(new)
        ];
        let tabs = Side::ALL.into_iter().enumerate().map(|(place, side)| {
            let count = match side {
                Side::Requests => self.waiting(cx),
                Side::Expiring => self.expiring.due(cx),
                Side::Members | Side::Config | Side::Danger => 0,
            };
            let count = (count > 0).then(|| format!("  {}", cx.catalog.number(count as u64)));
            let words = format!("{}{}", cx.text(side.key()), count.unwrap_or_default());
            let tab = press(iced::widget::text(words)).style(theme::button::tab(self.side == side));
            let tab = tab.id(format!("owner.side.{place}")).hint(format!("{}", place + 1));
            Element::from(tab.on_press(Message::Side(side)))
        });
        let tabs = Row::with_children(tabs).spacing(space::XS);
        let bar = row![tabs, gap::horizontal(), self.topics(cx)].align_y(Center);
        let inside = column![top.spacing(space::SM).align_y(Center), bar.spacing(space::SM)].spacing(space::SM);
        container(inside).padding([space::MD, space::LG]).into()
    }

    /// The topic it is about.
    fn topics<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let all = cx.catalog.count("owner-all-topics", mine(cx).count() as u64, &[]);
        // A side that is about one topic says which, though it be the only one.
        let here = if self.side.of_one() { self.one(cx).map(|topic| &topic.id) } else { self.topic.as_ref() };
        let list = choices(all, here, Message::Topic, cx);
        row![caption(cx.text("owner-mine")), list].spacing(space::SM).align_y(Center).into()
    }

    /// Where one topic must be chosen and none is.
    fn choose<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let topic = |topic: &'a Topic| {
            let choose = Press::word(called(topic)).on_press(Message::Topic(Some(topic.id.clone())));
            Element::from(choose)
        };
        let some = mine(cx).take(6).map(topic).collect();
        empty(Icon::Topics, cx.text("owner-choose-topic"), cx.text("owner-choose-topic-why"), some)
    }

    fn foot<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let hints: &[(&str, &str)] = match self.side {
            Side::Requests => &[
                ("Y", "owner-key-approve"),
                ("N", "owner-key-deny"),
                ("H", "owner-key-later"),
                ("O", "owner-key-ask"),
                ("U", "owner-key-undo"),
                ("X", "owner-key-mark"),
            ],
            Side::Members => &[
                ("/", "owner-key-filter"),
                ("I", "owner-key-invite"),
                ("C", "owner-key-change"),
                ("R", "owner-key-revoke"),
                ("U", "owner-key-undo"),
            ],
            Side::Config => &[("S", "owner-key-review"), ("D", "owner-key-discard"), ("U", "owner-key-undo")],
            Side::Expiring => {
                &[("E", "owner-key-keep"), ("R", "owner-key-revoke"), ("U", "owner-key-undo"), ("W", "owner-key-due")]
            }
            Side::Danger => &[],
        };
        let hints = hints.iter().map(|(name, does)| key_hint(*name, cx.text(does)));
        let topic = self.side.of_one().then(|| key_hint("[ ]", cx.text("owner-key-topic")));
        let all = Row::with_children(hints).push(topic).spacing(space::LG);
        container(all).padding([space::XS, space::LG]).style(theme::surface::panel).width(Fill).into()
    }
}

/// The keys nothing inside took; `away` closes what covers the desk.
fn said(side: Side, away: Option<&Message>, key: Key<&str>, modifiers: Modifiers) -> Option<Message> {
    if away.is_some() {
        return away.filter(|_| matches!(key, Key::Named(Named::Escape))).cloned();
    }
    if modifiers.command() || modifiers.alt() {
        return None;
    }
    let of = |place: usize| Side::ALL.get(place).copied().map(Message::Side);
    match key {
        Key::Character("1") => return of(0),
        Key::Character("2") => return of(1),
        Key::Character("3") => return of(2),
        Key::Character("4") => return of(3),
        Key::Character("5") => return of(4),
        Key::Character("[") => return Some(Message::Turn(false)),
        Key::Character("]") => return Some(Message::Turn(true)),
        _ => {}
    }
    match side {
        Side::Requests => requests::key(key).map(Message::Requests),
        Side::Members => members::key(key).map(Message::Members),
        Side::Config => config::key(key).map(Message::Config),
        Side::Expiring => expiring::key(key).map(Message::Expiring),
        // Nothing that cannot be taken back is a key.
        Side::Danger => None,
    }
}

/// The topics I own as a list to choose from; `all` names every one of them.
pub(super) fn choices<'a, M: Clone + 'a>(
    all: String,
    here: Option<&TopicId>,
    chosen: fn(Option<TopicId>) -> M,
    cx: &Cx<'a>,
) -> Element<'a, M> {
    let each = mine(cx).map(|topic| Choice(Some(topic.id.clone()), called(topic)));
    let choices: Vec<Choice> = std::iter::once(Choice(None, all)).chain(each).collect();
    let now = choices.iter().find(|choice| choice.0.as_ref() == here).cloned();
    pick_list(choices, now, move |choice| chosen(choice.0))
        .text_size(size::BODY)
        .padding([space::XS, space::MD])
        .style(theme::input::choice)
        .menu_style(theme::input::menu)
        .into()
}

/// What a topic is called. Remote text.
pub(super) fn called(topic: &Topic) -> String {
    let title = topic.title.as_deref().filter(|title| !title.trim().is_empty());
    text::line(title.unwrap_or(&topic.id.node))
}

/// The same, of a topic one may know no more of.
pub(super) fn named(id: &TopicId, cx: &Cx<'_>) -> String {
    let topic = cx.topics.iter().find(|topic| topic.id == *id);
    topic.map_or_else(|| text::line(&id.node), called)
}

/// `12 s ago` where seconds matter, the short age beyond a minute.
pub(super) fn ago(cx: &Cx<'_>, at: chrono::DateTime<chrono::Utc>) -> String {
    let elapsed = cx.now - at;
    match elapsed.num_seconds() {
        ..60 => cx.catalog.count("owner-seconds", u64::try_from(elapsed.num_seconds()).unwrap_or(0), &[]),
        _ => cx.format("owner-ago", &[("age", &cx.catalog.age(elapsed))]),
    }
}
