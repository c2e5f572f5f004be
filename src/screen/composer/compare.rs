//! A draft and its version for others side by side: what stays stands on one height, what goes is struck out, and beside it
//! stands why. The texts are those of the two documents, row by row; only the rows one sees are built.

use iced::widget::{column, container, row, rule, space as gap};
use iced::{Center, Fill, FillPortion};

use super::Message;
use super::desk::Desk;
use super::version::Made;
use crate::app::cx::Cx;
use crate::compose::redact::beside::{Piece, Row};
use crate::iodef::Document;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, caption, line, press, strong, virtual_list};

pub const LIST: &str = "compose.compare";
/// Height of a row, and how far one stands inside the other.
const ROW: f32 = 21.0;
const STEP: f32 = 10.0;
const DEEPEST: u16 = 12;
/// Most bytes of a row that show.
const WIDE: usize = 200;

pub fn view<'a>(desk: &'a Desk, made: &'a Made, fresh: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let removed = &made.redaction.removed;
    let count = cx.catalog.count("compose-version-removed", removed.len() as u64, &[]);
    let step = |icon: Icon, key: &str, by: isize| {
        let step = press(icon.view()).style(theme::button::quiet).padding([2.0, space::SM]).hint(cx.text(key));
        Element::from(step.on_press_maybe((!removed.is_empty() && fresh).then_some(Message::Removed(by))))
    };
    let label = |tlp| crate::widget::tlp(tlp, cx.catalog.tlp_short(tlp));
    let whole = row![strong(cx.text("compose-compare-whole")), label(desk.marks().restriction.tlp())];
    let version = row![
        strong(cx.text("compose-compare-version")),
        label(made.redaction.target),
        gap::horizontal(),
        caption(count),
        step(Icon::Newer, "compose-compare-before", -1),
        step(Icon::Import, "compose-compare-next", 1),
    ];
    let head = row![
        container(whole.spacing(space::SM).align_y(Center)).width(FillPortion(1)),
        container(version.spacing(space::SM).align_y(Center)).width(FillPortion(1)),
    ];
    let line = || rule::horizontal(1).style(theme::surface::line);
    let at = desk.selected().map(|element| element.id());
    let at = at.and_then(|node| made.rows.iter().position(|row| row.full.is_some_and(|piece| piece.node == node)));
    let (full, cx_of_rows) = (desk.document(), *cx);
    // Of a draft that changed since, the bytes are others.
    let list: Element<'a, Message> = if fresh {
        let list = virtual_list(
            made.rows.len(),
            ROW,
            move |index| match made.rows.get(index) {
                Some(row) => one(*row, made, full, &cx_of_rows),
                None => gap::horizontal().into(),
            },
            |index| index,
            |index| Some(*index),
        );
        let go = |index: usize| made.rows.get(index).and_then(|row| row.full).map(|piece| piece.node);
        list.id(LIST).selected(at).on_select(move |index| go(index).map_or(Message::Whole, Message::Reveal)).into()
    } else {
        gap::vertical().into()
    };
    let head = container(head.spacing(space::MD)).padding([space::XS, space::LG]).style(theme::surface::panel);
    column![line(), head.width(Fill), container(list).style(theme::surface::sunken).height(Fill)].into()
}

fn one<'a>(row: Row, made: &'a Made, full: &'a Document, cx: &Cx<'a>) -> Element<'a, Message> {
    let left = row.full.map(|piece| words(piece, full, row.is_kept()));
    let right = match (row.version, row.full) {
        (Some(piece), _) => Some(words(piece, &made.redaction.document, true)),
        // Beside the first row of what goes stands why it does.
        (None, Some(piece)) => why(piece, full, made, cx),
        (None, None) => None,
    };
    let cell = |inside: Option<Element<'a, Message>>| container(inside).width(FillPortion(1)).clip(true);
    let both = iced::widget::row![cell(left), cell(right)].spacing(space::MD).align_y(Center);
    container(both).padding([0.0, space::LG]).height(ROW).center_y(ROW).into()
}

fn words<'a>(piece: Piece, of: &'a Document, kept: bool) -> Element<'a, Message> {
    let raw = of.text().get(piece.from..piece.to).unwrap_or_default();
    let shown = safe::line_within(raw, WIDE);
    let indent = STEP * f32::from(piece.depth.min(DEEPEST));
    let words = line(shown).font(theme::MONO).size(size::CAPTION + 0.5);
    let words = if kept { words } else { words.style(theme::text::danger).struck(true) };
    iced::widget::row![gap::horizontal().width(indent), words].into()
}

fn why<'a>(piece: Piece, full: &'a Document, made: &'a Made, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let is_first = full.element(piece.node).is_some_and(|element| element.span().0 == piece.from);
    let removed = made.redaction.removed.iter().find(|removed| is_first && removed.node == piece.node)?;
    let looser = (removed.looser > 0).then(|| cx.catalog.count("compose-version-looser", removed.looser as u64, &[]));
    let words = [Some(cx.catalog.say(&removed.why.say())), looser].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mark = Icon::Close.view().size(size::CAPTION).style(theme::text::danger);
    Some(iced::widget::row![mark, line(words).size(size::CAPTION).style(theme::text::soft)].spacing(space::XS).into())
}
