//! The composer as drawn: the restriction's banner over all, the tools, the outline, the form and the side beside it, and
//! the foot with what goes on.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::widget::{column, container, row, rule, space as gap, stack};
use iced::{Center, Fill, FillPortion};

use super::desk::{Desk, Side};
use super::{
    After, Message, Paste, Screen, Way, after, audience, findings, form, outline, reader, reason, source, stock,
    version,
};
use crate::app::cx::Cx;
use crate::model::Restriction;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, badge, caption, keys, layer, line, press, title};

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let after = self.after.as_ref().map(|after| after::view(after, cx));
        let Some(desk) = &self.desk else {
            let covered = after.is_some();
            let page = if self.yours.is_open { self.yours(cx) } else { self.entry(cx) };
            let all = stack![Element::from(layer::below(page, covered))].push(after);
            return keys(all, move |key, _| covered.then(|| uncover(&key, true)).flatten()).into();
        };
        let way = Way {
            editing: self.is_editing(),
            topics: &self.topics,
            audiences: &self.audiences,
            cards: !self.stock.cards.is_empty(),
        };
        let upright = || rule::vertical(1).style(theme::surface::line);
        let panes = row![container(outline::side(desk, &way, cx)).width(FillPortion(10)), upright(),];
        // Two documents side by side need the room of the form: while one compares, one fills in nothing.
        let panes = if desk.side == Side::Version {
            panes.push(container(beside(desk, &way, cx)).width(FillPortion(36)))
        } else {
            panes
                .push(container(form::side(desk, &way, cx)).width(FillPortion(19)))
                .push(upright())
                .push(container(beside(desk, &way, cx)).width(FillPortion(17)))
        };
        let line = || rule::horizontal(1).style(theme::surface::line);
        let page = column![
            banner(desk, cx),
            self.tools(desk, &way, cx),
            line(),
            panes.height(Fill),
            line(),
            self.foot(desk, &way, cx)
        ];
        let after_is = after.is_some();
        let sheet = after.or_else(|| self.reason.as_ref().map(|asked| reason::view(asked, cx)));
        let covered = sheet.is_some();
        let all = stack![Element::from(layer::below(page, covered))].push(sheet);
        let (picking, pasting) = (desk.picker.is_some(), desk.paste.is_some());
        let saving = desk.saving.is_some();
        keys(
            all,
            move |key, modifiers| {
                if covered { uncover(&key, after_is) } else { said(key, modifiers, (picking, pasting, saving)) }
            },
        )
        .into()
    }

    fn tools<'a>(&'a self, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
        let name = if desk.title().is_empty() { cx.text("compose-untitled") } else { desk.title().to_owned() };
        let act = |icon: Icon, key: &str, hint: &str, id: &'static str, message: Option<Message>| {
            let inside = row![icon.view(), iced::widget::text(cx.text(key))].spacing(6.0).align_y(Center);
            let act = press(inside).style(theme::button::quiet).padding([3.0, space::SM]).id(id).hint(cx.text(hint));
            Element::from(act.on_press_maybe(message))
        };
        let editing = |message: Message, can: bool| (can && way.editing).then_some(message);
        let (undo, redo) = (desk.draft().can_undo(), desk.draft().can_redo());
        let bound = desk.beside().wholes.iter().map(|whole| whole.target).min().map(|target| {
            let label = crate::widget::tlp(target, cx.catalog.tlp_short(target));
            row![caption(cx.text("compose-version-for")), label].spacing(space::XS).align_y(Center)
        });
        let kept = cx.kept.then(|| caption(cx.text(self.standing(desk))));
        let bar = row![
            container(line(name).font(theme::BOLD)).width(Fill).clip(true),
            bound,
            kept,
            act(Icon::Refresh, "compose-undo", "compose-undo-hint", "compose.undo", editing(Message::Undo, undo)),
            act(Icon::Waiting, "compose-redo", "compose-redo-hint", "compose.redo", editing(Message::Redo, redo)),
            act(
                Icon::Import,
                "compose-paste",
                "compose-paste-hint",
                "compose.paste.tool",
                editing(Message::Paste(Paste::Open), true)
            ),
            act(
                Icon::Star,
                "compose-template",
                "compose-template-hint",
                "compose.template",
                Some(Message::Stock(stock::Act::Ask))
            ),
            act(
                Icon::File,
                "compose-double",
                "compose-double-draft-hint",
                "compose.copy.draft",
                Some(Message::DoubleDraft)
            ),
            act(
                Icon::Retracted,
                "compose-discard",
                "compose-discard-hint",
                "compose.discard",
                editing(Message::Discard, true)
            ),
            act(Icon::Close, "compose-close", "compose-close-hint", "compose.close", Some(Message::Close)),
        ];
        container(bar.spacing(space::XS).align_y(Center))
            .padding([space::XS, space::LG])
            .style(theme::surface::panel)
            .into()
    }
}

/// The side beside the form, with what is to be known of the other sides on their tabs.
fn beside<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let tabs = Side::ALL.into_iter().enumerate().map(|(place, side)| {
        let count = match side {
            Side::Source | Side::Version | Side::Reader => None,
            Side::Findings => Some(desk.findings.list.len()),
            Side::Audience => Some(way.audiences.iter().map(|(_, audience)| audience.readers.len()).sum()),
        };
        let count = count.filter(|count| *count > 0).map(|count| format!("  {}", cx.catalog.number(count as u64)));
        let words = format!("{}{}", cx.text(side.key()), count.unwrap_or_default());
        let mark = (side == Side::Findings && desk.findings.blocks() > 0)
            .then(|| Icon::Retracted.view().style(theme::text::danger));
        let inside = row![mark, iced::widget::text(words)].spacing(6.0).align_y(Center);
        let tab = press(inside).style(theme::button::tab(desk.side == side)).padding([3.0, space::MD]);
        let tab = tab.id(format!("compose.side.{place}")).hint(format!("Alt+{}", place + 1));
        Element::from(tab.on_press(Message::Side(side)))
    });
    let head = container(row(tabs).push(gap::horizontal()).spacing(space::XS)).padding([space::XS, space::SM]);
    let inside = match desk.side {
        Side::Source => source::side(desk, cx),
        Side::Findings => findings::side(desk, way, cx),
        Side::Audience => audience::side(desk, way, cx),
        Side::Version => version::side(desk, cx),
        Side::Reader => reader::side(desk, cx),
    };
    column![head.style(theme::surface::panel).width(Fill), inside].into()
}

fn banner<'a>(desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
    let marks = desk.marks();
    let label = marks.restriction.tlp();
    let note = cx.text(note_key(&marks.restriction));
    let stricter = (marks.stricter > 0).then(|| cx.catalog.count("compose-stricter", marks.stricter as u64, &[]));
    let looser = (marks.looser > 0).then(|| cx.catalog.count("compose-looser", marks.looser as u64, &[]));
    let inside: Vec<String> = stricter.into_iter().chain(looser).collect();
    let warning = (!inside.is_empty()).then(|| inside.join(" · "));
    badge::tlp_banner(label, cx.catalog.tlp(label), Some(note), warning)
}

/// What the restriction means, in a sentence (`product.md` B4).
fn note_key(restriction: &Restriction) -> &'static str {
    match restriction {
        Restriction::Public | Restriction::White => "compose-note-clear",
        Restriction::Partner | Restriction::Green => "compose-note-green",
        Restriction::Amber => "compose-note-amber",
        Restriction::NeedToKnow => "compose-note-strict",
        Restriction::Absent => "compose-note-unset",
        Restriction::Private | Restriction::Red => "compose-note-red",
        Restriction::Agreed | Restriction::Other(_) => "compose-note-agreed",
    }
}

/// The keys nothing inside took (`product.md` B2).
fn said(key: Key<&str>, modifiers: Modifiers, (picking, pasting, saving): (bool, bool, bool)) -> Option<Message> {
    let (ctrl, alt, shift) = (modifiers.command(), modifiers.alt(), modifiers.shift());
    let side = |place: usize| Side::ALL.get(place).copied().map(Message::Side);
    Some(match (key, ctrl, alt) {
        (Key::Named(Named::Escape), false, false) if picking => Message::Pick(None),
        (Key::Named(Named::Escape), false, false) if pasting => Message::Paste(Paste::Close),
        (Key::Named(Named::Escape), false, false) if saving => Message::Stock(stock::Act::Leave),
        (Key::Named(Named::ArrowDown), false, false) if picking => Message::Step(1),
        (Key::Named(Named::ArrowUp), false, false) if picking => Message::Step(-1),
        (Key::Character("z" | "Z"), true, false) => {
            if shift {
                Message::Redo
            } else {
                Message::Undo
            }
        }
        (Key::Character("y"), true, false) => Message::Redo,
        (Key::Named(Named::Enter), true, false) => Message::Publish,
        (Key::Character("n"), true, false) => Message::Close,
        (Key::Named(Named::F6), false, false) => Message::Pane(!shift),
        (Key::Character("1"), false, true) => return side(0),
        (Key::Character("2"), false, true) => return side(1),
        (Key::Character("3"), false, true) => return side(2),
        (Key::Character("4"), false, true) => return side(3),
        (Key::Character("5"), false, true) => return side(4),
        (Key::Character("d" | "D"), true, _) if shift => Message::DoubleDraft,
        (Key::Named(Named::ArrowUp), false, true) => Message::Rise,
        (Key::Named(Named::ArrowDown), false, true) => Message::Sink,
        (Key::Named(Named::ArrowRight), false, false) => Message::Open(true),
        (Key::Named(Named::ArrowLeft), false, false) => Message::Open(false),
        (Key::Named(Named::ArrowDown) | Key::Character("j"), false, false) => Message::Walk(1),
        (Key::Named(Named::ArrowUp) | Key::Character("k"), false, false) => Message::Walk(-1),
        (Key::Named(Named::Delete), false, false) | (Key::Character("x"), false, false) => Message::Remove,
        (Key::Character("a"), false, false) => Message::AddHere,
        (Key::Character("d"), false, false) => Message::Double,
        (Key::Character("p"), false, false) => Message::Paste(Paste::Open),
        (Key::Character("u"), false, false) => Message::Undo,
        (Key::Character("U"), false, false) => Message::Redo,
        _ => return None,
    })
}

/// The key that closes a sheet.
fn uncover(key: &Key<&str>, after: bool) -> Option<Message> {
    let close = if after { Message::After(After::Close) } else { Message::ReasonClose };
    matches!(key, Key::Named(Named::Escape)).then_some(close)
}

/// A heading of the entry page.
pub(super) fn section<'a>(words: String) -> Element<'a, Message> {
    title(words).into()
}

/// A button of a row.
pub(super) fn small<'a>(words: String, message: Message) -> Element<'a, Message> {
    Press::word(words).style(theme::button::quiet).padding([2.0, space::SM]).on_press(message).into()
}
