//! What covers the screens for a moment: the keys, the engine's notices, and the question before leaving.

use std::collections::VecDeque;

use iced::Fill;
use iced::widget::{Column, column, container, mouse_area, opaque, row, scrollable, space as gap, text};

use super::Message;
use super::command;
use super::cx::Cx;
use super::live::Notice;
use crate::store::query::reference;
use crate::theme::{self, space};
use crate::widget::{Element, Press, caption, heading, key, layer, mono, press, title};

/// Keys that a screen takes itself, by screen: the words of its tab, and each key with its words.
const OWN: [(&str, &[(&str, &str)]); 4] = [
    (
        "app-tab-feed",
        &[
            ("J K ↑ ↓", "app-keys-rows"),
            ("N", "app-keys-unread"),
            (". G", "app-keys-newest"),
            ("P Shift+F", "app-keys-flow"),
            ("O Shift+O", "app-keys-groups"),
            ("/ Esc", "app-keys-filter"),
            ("\\", "app-keys-toggle"),
            ("+ - =", "app-keys-values"),
            ("\u{2192} \u{2190}", "app-keys-cell"),
            ("5 J", "app-keys-counts"),
            ("Alt+\u{2190} Alt+\u{2192} Ctrl+O Ctrl+I", "app-keys-return"),
            ("Y Y Y R", "app-keys-copies"),
            ("Shift+C Shift+D", "app-keys-layout"),
            ("[ ] { }", "app-keys-panes"),
            ("E J", "app-keys-done"),
            ("S M", "app-keys-mark"),
            ("T I D", "app-keys-words"),
            ("Z Shift+M", "app-keys-away"),
            ("X Shift+V *", "app-keys-many"),
            ("U Shift+U", "app-keys-undo"),
        ],
    ),
    (
        "app-keys-document",
        &[
            ("1 2 3 4 5 6", "app-keys-sides"),
            ("W", "app-keys-width"),
            ("\u{2190} \u{2192}", "app-keys-tree"),
            ("Y Shift+Y", "app-keys-copy"),
            ("Shift+T", "app-keys-zone"),
            ("Shift+L", "app-keys-languages"),
        ],
    ),
    ("app-tab-topics", &[("J K ↑ ↓", "app-keys-rows"), ("/", "app-keys-filter")]),
    ("app-tab-owner", &[("Y", "owner-key-approve"), ("N", "owner-key-deny"), ("U", "owner-key-undo")]),
];

/// The button that closes a sheet.
pub const CLOSE: &str = "sheet.close";
/// The button that goes on with what is held.
pub const STAY: &str = "leave.stay";

/// A sheet above the screens, with the keyboard on its button `first`; a press beside it closes it.
pub fn over<'a>(sheet: Element<'a, Message>, first: &'static str) -> Element<'a, Message> {
    let centred = container(opaque(sheet)).center(Fill).padding(space::XL).style(theme::surface::veil);
    layer::above(opaque(mouse_area(centred).on_press(Message::CloseSheet)), first).into()
}

/// The keys, read from the tables that make them work.
pub fn keys<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let everywhere = command::ALL.iter().map(|entry| {
        let chords = row(entry.chords.iter().map(|chord| key(chord.label()))).spacing(space::XS);
        line(cx.text(entry.label), chords.into())
    });
    let own = OWN.iter().map(|(tab, keys)| {
        let lines = keys.iter().map(|(name, does)| {
            let chords = row(name.split(' ').map(key)).spacing(space::XS);
            line(cx.text(does), chords.into())
        });
        column![title(cx.text(tab)), Column::with_children(lines).spacing(space::SM)].spacing(space::SM).into()
    });
    let left = column![title(cx.text("app-keys-everywhere")), Column::with_children(everywhere).spacing(space::SM)];
    let right = Column::with_children(own).spacing(space::XL);
    let both = row![left.spacing(space::SM).width(Fill), right.width(Fill)].spacing(space::XL * 2.0);
    let all = column![both, filters(cx)].spacing(space::XL).padding(iced::Padding::ZERO.right(space::LG));
    framed(cx.text("app-help"), scrollable(all).style(theme::surface::scroll).into(), 900.0, cx)
}

/// The filter language, from its own table: how conditions are written, every field, every state.
fn filters<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let section = |key: &str, entries: Vec<reference::Entry>| {
        let lines = entries.into_iter().map(|entry| {
            let more = entry.words.iter().chain(entry.aliases).copied().collect::<Vec<_>>().join(", ");
            let more = (!more.is_empty()).then(|| caption(more));
            let example = mono(entry.example).width(iced::FillPortion(2));
            let words = column![text(cx.text(entry.help)), more].width(iced::FillPortion(3));
            row![example, words].spacing(space::MD).into()
        });
        column![title(cx.text(key)), Column::with_children(lines).spacing(space::XS)].spacing(space::SM)
    };
    column![
        section("app-filter-forms", reference::forms()),
        section("app-filter-fields", reference::fields()),
        section("app-filter-states", reference::states()),
    ]
    .spacing(space::XL)
    .into()
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

/// Asks before a held act is lost.
pub fn leave<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let stay =
        Press::word(cx.text("app-leave-stay")).style(theme::button::primary).id(STAY).on_press(Message::CloseSheet);
    let go = press(text(cx.text("app-leave-go")))
        .style(theme::button::danger)
        .deliberate()
        .id("leave.go")
        .on_press(Message::LeaveAnyway);
    let acts = row![gap::horizontal(), Element::from(stay), Element::from(go)].spacing(space::SM);
    let inside = column![heading(cx.text("app-leave-title")), text(cx.text("app-leave-why")), acts].spacing(space::LG);
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
