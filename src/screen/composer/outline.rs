//! The document's elements as a list that opens and shuts: what each is about, what is wrong with it, which restriction is
//! its own.

use iced::widget::{column, container, row, space as gap, text};
use iced::{Center, Fill, Theme};

use super::desk::{Desk, differs};
use super::findings::{Findings, worst};
use super::picker::For;
use super::{Message, Way};
use crate::app::cx::Cx;
use crate::compose::form::{self, Go, Row};
use crate::compose::preflight::Weight;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, line, press, virtual_list};

pub const LIST: &str = "compose.outline";
/// How far an element stands inside its parent, and the deepest that is shown so.
const STEP: f32 = 12.0;
const DEEPEST: u16 = 10;
/// Width of the symbol that opens and shuts.
const MARK: f32 = 18.0;

/// The pane. The first row leads to the essentials.
pub fn side<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let (rows, cx_of_rows) = (desk.rows(), *cx);
    let findings = &desk.findings;
    let list = virtual_list(
        rows.len() + 1,
        theme::row(cx.settings.ui.density),
        move |place| match place.checked_sub(1).and_then(|place| rows.get(place)) {
            Some(row) => element(desk, *row, findings, &cx_of_rows),
            None => first(&cx_of_rows),
        },
        |place| place,
        |place| Some(*place),
    )
    .id(LIST)
    .selected(Some(desk.place().map_or(0, |place| place + 1)))
    .on_select(Message::Look)
    .on_open(|_| Message::Into);
    column![container(list).height(Fill), acts(desk, way, cx)].into()
}

fn first<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let star = Icon::Star.view().size(size::CAPTION).style(theme::text::accent);
    let words = row![container(star).width(MARK), text(cx.text("compose-essentials")).font(theme::BOLD)];
    container(words.spacing(space::XS).align_y(Center)).padding([0.0, space::SM]).into()
}

fn element<'a>(desk: &'a Desk, at: Row, findings: &Findings, cx: &Cx<'a>) -> Element<'a, Message> {
    let Some(element) = desk.document().element(at.node) else { return gap::horizontal().into() };
    let mark: Element<'a, Message> = if at.holds {
        let icon = if at.open { Icon::Open } else { Icon::Closed };
        let glyph = icon.view().size(size::CAPTION).style(theme::text::soft);
        press(glyph).style(theme::button::quiet).padding([2.0, 4.0]).on_press(Message::Fold(at.node)).into()
    } else {
        gap::horizontal().into()
    };
    let name = if element.is_iodef() { element.local() } else { element.qualified() };
    let said = form::gist(element);
    let words = row![
        line(safe::line_within(name, 60)).font(theme::BOLD),
        (!said.is_empty()).then(|| line(said).style(theme::text::soft)),
    ]
    .spacing(space::SM);
    let fault = worst(findings, at.node).map(weight);
    let label = differs(element).map(|label| crate::widget::tlp(label, cx.catalog.tlp_short(label)));
    let indent = STEP * f32::from(at.depth.min(DEEPEST));
    let words = container(words.align_y(Center)).width(Fill).clip(true);
    let inside = row![gap::horizontal().width(indent), container(mark).width(MARK), words, fault, label];
    container(inside.spacing(space::XS).align_y(Center)).padding([0.0, space::SM]).into()
}

/// The symbol of a finding.
pub fn weight<'a>(weight: Weight) -> Element<'a, Message> {
    let (icon, ink): (Icon, fn(&Theme) -> text::Style) = match weight {
        Weight::Blocks => (Icon::Retracted, theme::text::danger),
        Weight::Warns => (Icon::Warning, theme::text::warn),
    };
    icon.view().size(size::CAPTION).style(ink).into()
}

/// What can be done with the selected element, with its keys in the hints.
fn acts<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let sheet = desk.sheet();
    let act = |icon: Icon, key: &str, id: &'static str, message: Option<Message>| {
        let act = press(icon.view()).style(theme::button::quiet).padding([4.0, space::SM]).id(id).hint(cx.text(key));
        Element::from(act.on_press_maybe(message.filter(|_| way.editing)))
    };
    let parent = desk.selected().map_or_else(|| super::essentials::parent(desk.document()), |element| element.id());
    let add = Message::Pick(Some(For::Add(parent)));
    let add = Press::marked(Icon::Hunt, cx.text("compose-add"))
        .style(theme::button::quiet)
        .padding([4.0, space::SM])
        .id("compose.add")
        .hint(cx.text("compose-add-hint"))
        .on_press_maybe(way.editing.then_some(add));
    let goes = sheet.filter(|sheet| sheet.can_go == Go::Freely);
    let bar = row![
        Element::from(add),
        gap::horizontal(),
        act(Icon::Newer, "compose-rise-hint", "compose.rise", sheet.filter(|s| s.can_rise).map(|_| Message::Rise)),
        act(Icon::Import, "compose-sink-hint", "compose.sink", sheet.filter(|s| s.can_sink).map(|_| Message::Sink)),
        act(Icon::File, "compose-double-hint", "compose.double", sheet.map(|_| Message::Double)),
        act(Icon::Close, "compose-remove-hint", "compose.remove", goes.map(|_| Message::Remove)),
    ];
    container(bar.align_y(Center)).padding([space::XS, space::SM]).style(theme::surface::panel).width(Fill).into()
}
