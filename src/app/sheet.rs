//! What covers the screens for a moment: the keys, the engine's notices, and the question before leaving.

use std::collections::VecDeque;

use iced::Fill;
use iced::widget::{Column, column, container, mouse_area, opaque, row, scrollable, space as gap, text};

use super::cx::Cx;
use super::live::Notice;
use super::{Message, Sheet, command, keymap};
use crate::store::query::reference;
use crate::theme::{self, space};
use crate::widget::{Element, Press, caption, heading, key, layer, mono, press, title};

/// The button that closes a sheet.
pub const CLOSE: &str = "sheet.close";
/// Width of the help.
const HELP: f32 = 960.0;
/// The button that goes on with what is held.
pub const STAY: &str = "leave.stay";

/// A sheet above the screens, with the keyboard on its button `first`; a press beside it closes it.
pub fn over<'a>(sheet: Element<'a, Message>, first: &'static str) -> Element<'a, Message> {
    let centred = container(opaque(sheet)).center(Fill).padding(space::XL).style(theme::surface::veil);
    layer::above(opaque(mouse_area(centred).on_press(Message::CloseSheet)), first).into()
}

/// The two pages of the help, with the one that shows.
fn pages<'a>(here: Sheet, cx: &Cx<'a>) -> Element<'a, Message> {
    let page = |sheet: Sheet, key: &str, id: &'static str| {
        let open = Press::word(cx.text(key)).style(theme::button::tab(here == sheet)).id(id);
        Element::from(open.on_press(Message::Open(sheet)))
    };
    let pages =
        row![page(Sheet::Help, "app-help-keys", "help.keys"), page(Sheet::Filters, "app-help-filters", "help.filters")];
    pages.spacing(space::XS).into()
}

/// The keys, read from the tables that make them work, and from the one that a test holds to what works.
pub fn keys<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let everywhere = command::ALL.iter().map(|entry| {
        let chords = row(entry.chords.iter().map(|chord| key(chord.label()))).spacing(space::XS);
        line(cx.text(entry.label), chords.into())
    });
    let own = |(tab, keys): &keymap::Screen| {
        let lines = keys.iter().map(|(chords, does)| {
            // Keys pressed one after the other stand in one frame.
            let chords = row(chords.iter().map(|chord| key(chord.replace(' ', "")))).spacing(space::XS);
            line(cx.text(does), chords.into())
        });
        column![title(cx.text(tab)), Column::with_children(lines).spacing(space::SM)].spacing(space::SM).into()
    };
    let left = column![title(cx.text("app-keys-everywhere")), Column::with_children(everywhere).spacing(space::SM)];
    let (feed, others) = keymap::OWN.split_at(1);
    let left = column![left.spacing(space::SM), Column::with_children(others.iter().map(own)).spacing(space::XL)];
    let right = Column::with_children(feed.iter().map(own));
    let both = row![left.spacing(space::XL).width(Fill), right.width(Fill)].spacing(space::XL * 2.0);
    let all = both.padding(iced::Padding::ZERO.right(space::LG));
    let all = scrollable(all).style(theme::surface::scroll);
    framed(cx.text("app-help"), column![pages(Sheet::Help, cx), all].spacing(space::LG).into(), HELP, cx)
}

/// The filter language, from its own table: how conditions are written, every field, every state.
pub fn filters<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let section = |key: &str, entries: Vec<reference::Entry>| {
        let lines = entries.into_iter().map(|entry| {
            let more = entry.words.iter().chain(entry.aliases).copied().collect::<Vec<_>>().join(", ");
            let more = (!more.is_empty()).then(|| caption(more));
            let example = mono(entry.example).width(iced::FillPortion(2));
            let words = column![text(cx.text(entry.help)), more].width(iced::FillPortion(3));
            row![example, words].spacing(space::MD).into()
        });
        column![title(cx.text(key)), Column::with_children(lines).spacing(6.0)].spacing(space::SM)
    };
    let all = column![
        section("app-filter-forms", reference::forms()),
        section("app-filter-fields", reference::fields()),
        section("app-filter-states", reference::states()),
    ];
    let all = all.spacing(space::XL).padding(iced::Padding::ZERO.right(space::LG));
    let all = scrollable(all).style(theme::surface::scroll);
    framed(cx.text("app-help"), column![pages(Sheet::Filters, cx), all].spacing(space::LG).into(), HELP, cx)
}

/// What the engine told, newest first.
pub fn notices<'a>(notices: &'a VecDeque<Notice>, cx: &Cx<'a>) -> Element<'a, Message> {
    let lines = notices.iter().rev().map(|notice| {
        let words = column![text(cx.catalog.say(&notice.say)), cx.catalog.next(&notice.say).map(caption)].spacing(2.0);
        row![caption(cx.catalog.clock(notice.at)).width(80), words.width(Fill)].spacing(space::MD).into()
    });
    let list = scrollable(Column::with_children(lines).spacing(space::MD)).style(theme::surface::scroll);
    framed(cx.text("app-notices-title"), list.into(), 720.0, cx)
}

/// Asks before a held act is lost, or a code that is shown this once.
pub fn leave<'a>(acts: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let (name, why, go) = if acts {
        let why = if cx.kept { "app-leave-why-kept" } else { "app-leave-why" };
        ("app-leave-title", why, "app-leave-go")
    } else {
        ("app-leave-code-title", "app-leave-code-why", "app-leave-code-go")
    };
    let stay =
        Press::word(cx.text("app-leave-stay")).style(theme::button::primary).id(STAY).on_press(Message::CloseSheet);
    let go = press(text(cx.text(go)))
        .style(theme::button::danger)
        .deliberate()
        .id("leave.go")
        .on_press(Message::LeaveAnyway);
    let acts = row![gap::horizontal(), Element::from(stay), Element::from(go)].spacing(space::SM);
    let inside = column![heading(cx.text(name)), text(cx.text(why)), acts].spacing(space::LG);
    container(inside).max_width(460).padding(space::XL).style(theme::surface::floating).into()
}

fn line<'a>(words: String, keys: Element<'a, Message>) -> Element<'a, Message> {
    row![text(words).width(Fill), keys].spacing(space::MD).into()
}

fn framed<'a>(name: String, inside: Element<'a, Message>, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
    let close = Press::word(cx.text("app-close")).id(CLOSE).on_press(Message::CloseSheet);
    let head = row![heading(name).width(Fill), Element::from(close)];
    let inside = column![head, inside].spacing(space::LG);
    container(inside).max_width(width).padding(space::XL).style(theme::surface::floating).into()
}
