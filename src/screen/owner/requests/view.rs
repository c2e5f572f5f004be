//! The requests as drawn: the list of those that wait left, the selected one right.

use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::{column, container, row, rule, space as gap};
use iced::{Center, Fill, FillPortion, Length, Padding};

use super::cards::Card;
use super::{Message, Requests, Stage, detail};
use crate::app::cx::Cx;
use crate::model::Affiliation;
use crate::screen::owner::view::{ago, named};
use crate::text;
use crate::theme::{self, size, space};
use crate::widget::virtual_list::LANE;
use crate::widget::{
    Element, Icon, Press, Tone, caption, cell, chip, empty, ground, line, strip, virtual_list, warning_chip,
};

/// Height of a row of two lines.
const ROW: f32 = 46.0;
/// The mark of a row, and its age.
const MARK: Length = Length::Fixed(18.0);
const AGE: Length = Length::Fixed(40.0);

impl Requests {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if self.cards.len() == 0 && self.decisions.is_empty() && self.settled.is_empty() {
            return column![trouble(cx), nothing(cx)].into();
        }
        let line = || rule::horizontal(1).style(theme::surface::line);
        let list = column![trouble(cx), self.bar(cx), line(), self.list(cx)];
        let pane = container(self.detail(cx)).width(FillPortion(6)).height(Fill);
        let pane = Element::from(ground(pane, theme::surface::panel));
        row![list.width(FillPortion(5)), rule::vertical(1).style(theme::surface::line), pane].into()
    }

    /// The acts on many.
    fn bar<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let marked = self.marked.len() as u64;
        let open = self.cards.shown().filter(|card| self.is_open(&card.ask));
        let count = match marked {
            0 => cx.catalog.count("owner-waiting", open.count() as u64, &[]),
            marked => cx.catalog.count("owner-marked", marked, &[]),
        };
        let known = self.approvable(cx) as u64;
        let (key, hint) = match marked {
            0 => ("owner-approve-known", "owner-approve-known-hint"),
            _ => ("owner-approve-marked", "owner-approve-marked-hint"),
        };
        let approve = Press::word(cx.catalog.count(key, known, &[]))
            .style(theme::button::quiet)
            .id("owner.approve.known")
            .hint(format!("{} (Shift+Y)", cx.text(hint)))
            .on_press_maybe((known > 0).then_some(Message::ApproveKnown));
        let deny = Press::word(cx.catalog.count("owner-deny-marked", marked, &[]))
            .style(theme::button::quiet)
            .id("owner.deny.marked")
            .hint("Shift+N")
            .on_press(Message::DenyMarked);
        let unmark = Press::word(cx.text("owner-unmark")).style(theme::button::quiet).on_press(Message::Unmark);
        let of_marked = (marked > 0).then(|| row![Element::from(deny), Element::from(unmark)].spacing(space::XS));
        let last = self.last_held().len() as u64;
        let undo = Press::word(cx.catalog.count("owner-undo-many", last, &[])).style(theme::button::quiet);
        let undo = undo.id("owner.undo.many").hint("U").on_press(Message::UndoLast);
        let undo = (last > 1).then(|| Element::from(undo));
        let bar = row![container(caption(count)).width(Fill), undo, Element::from(approve), of_marked];
        container(bar.spacing(space::XS).align_y(Center)).padding([space::XS, space::LG]).height(36).center_y(36).into()
    }

    /// How many the key for all would approve.
    fn approvable(&self, cx: &Cx<'_>) -> usize {
        let among = |card: &&Card| match self.marked.is_empty() {
            true => self.is_known(&card.ask, cx),
            false => self.marked.contains(&card.ask),
        };
        self.cards.shown().filter(among).filter(|card| self.is_open(&card.ask)).count()
    }

    fn list<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if self.cards.len() == 0 {
            return container(caption(cx.text("owner-none"))).padding(space::LG).height(Fill).into();
        }
        let here = *cx;
        let list = virtual_list(
            self.cards.len(),
            ROW,
            move |row| self.cards.row(row).map_or_else(|| gap::vertical().into(), |card| self.entry(card, &here)),
            |row| self.cards.row(row).map_or(0, |card| card.key),
            |key| self.cards.find(*key),
        )
        .id("owner.requests")
        .selected(self.selected.as_ref().and_then(|ask| self.cards.row_of(ask)))
        .on_select(Message::Pick);
        ground(container(list).height(Fill), theme::surface::sunken).into()
    }

    fn entry<'a>(&'a self, card: &'a Card, cx: &Cx<'a>) -> Element<'a, Message> {
        let address = card.ask.subscriber.to_string();
        let over = card.gone.is_some();
        let ink = if over { theme::text::soft } else { theme::text::normal };
        let who = line(text::line(&address)).font(theme::MONO).style(ink).struck(over);
        let topic = line(named(&card.ask.topic, cx)).size(size::CAPTION).style(theme::text::soft);
        let state: Element<'a, Message> =
            match self.decisions.get(&card.ask).map(|decision| (decision, &decision.stage)) {
                Some((decision, Stage::Held { until })) => {
                    let key = if decision.allow { "owner-row-approve" } else { "owner-row-deny" };
                    let left = detail::seconds(*until - cx.now);
                    line(cx.catalog.count(key, left, &[])).size(size::CAPTION).style(theme::text::accent).into()
                }
                Some((_, Stage::Writing(_) | Stage::Sent(_))) => caption(cx.text("owner-row-sent")).into(),
                Some((_, Stage::Refused(_))) => warning_chip(cx.text("owner-row-refused")),
                None if over => caption(cx.text("owner-row-gone")).into(),
                None if self.is_put_off(&card.ask, cx) => chip(cx.text("owner-row-later")),
                None if self.is_barred(&card.ask) => warning_chip(cx.text("owner-row-barred")),
                None if self.alike(&card.ask, cx).is_some() => warning_chip(cx.text("owner-row-alike")),
                None if self.is_known(&card.ask, cx) => chip(cx.text("owner-row-known")),
                None if self.facts.get(&card.ask).is_none() => gap::horizontal().into(),
                None if self.is_new(&card.ask, cx) => warning_chip(cx.text("owner-domain-new")),
                None => warning_chip(cx.text("owner-domain-unknown")),
            };
        let mark = self.marked.contains(&card.ask).then(|| Icon::Done.view().style(theme::text::accent));
        let age = caption(cx.catalog.age(cx.now - card.pending.seen));
        let second = row![container(topic).width(Fill).clip(true), state].spacing(space::SM).align_y(Center);
        let first = row![container(who).width(Fill).clip(true), container(age).width(AGE).align_right(AGE)]
            .spacing(space::SM)
            .align_y(Center);
        let words = column![first, second].spacing(2.0).width(Fill);
        let all = row![cell(container(mark), MARK), words].spacing(space::XS).align_y(Center);
        container(all).padding(Padding::from([0.0, space::MD]).right(LANE)).width(Fill).into()
    }
}

fn trouble<'a>(cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let say = cx.inbox.trouble?;
    let strip = strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), Vec::new());
    Some(container(strip).padding([space::SM, space::LG]).into())
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

/// Keys of this side (`product.md` B2); each decision is held, so a single letter can be taken back.
pub(in crate::screen::owner) fn key(key: Key<&str>) -> Option<Message> {
    Some(match key {
        Key::Character("y") => Message::DecideSelected(true),
        Key::Character("n") => Message::DecideSelected(false),
        Key::Character("Y") => Message::ApproveKnown,
        Key::Character("N") => Message::DenyMarked,
        Key::Character("h") => Message::Later,
        Key::Character("o") => Message::Ask,
        Key::Character("x") => Message::Mark,
        Key::Character("*") => Message::MarkAll,
        Key::Character("u") => Message::UndoLast,
        Key::Character("j") | Key::Named(Named::ArrowDown) => Message::Step(1),
        Key::Character("k") | Key::Named(Named::ArrowUp) => Message::Step(-1),
        _ => return None,
    })
}
