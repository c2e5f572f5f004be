//! The outline as drawn: a row an element, and below the list all that is known of the one that is selected.

use iced::widget::{Column, column, container, row, scrollable, space as gap, text};
use iced::{Center, Element, Fill};

use super::tree::Shown;
use super::whole::Whole;
use super::{Message, findings, line_of};
use crate::app::cx::Cx;
use crate::iodef::check::{Finding, Grade};
use crate::iodef::schema::{self, Class, Declared, Profile};
use crate::iodef::view::{marking, own_restriction};
use crate::iodef::{self, NS, NS_V1};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, Press, caption, chip, line, mono, press, strong, virtual_list};

/// How far an element stands inside its parent.
const STEP: f32 = 14.0;
/// Width of the symbol that opens and shuts.
const MARK: f32 = 20.0;
/// Deepest indentation, in steps; deeper elements say their depth.
const DEEPEST: usize = 14;
/// Height of what is known of the selected element.
const ABOUT: f32 = 210.0;
/// Longest text of a row, in characters.
const SHORT: usize = 200;

pub fn side<'a>(whole: &'a Whole, shown: &'a Shown, cx: &Cx<'a>) -> Element<'a, Message> {
    let all = |key, open| {
        Press::word(cx.text(key)).style(theme::button::quiet).padding([1.0, space::SM]).on_press(Message::OpenAll(open))
    };
    let count = cx.catalog.count("incident-elements", whole.outline.len() as u64, &[]);
    let head = row![
        caption(count),
        gap::horizontal(),
        Element::from(all("incident-open-all", true)),
        Element::from(all("incident-shut-all", false))
    ];
    let cx_of_rows = *cx;
    let list = virtual_list(
        shown.len(),
        theme::row(cx.settings.ui.density),
        move |place| match shown.at(place) {
            Some(index) => row_view(whole, shown, index, &cx_of_rows),
            None => gap::horizontal().into(),
        },
        move |place| shown.at(place).unwrap_or_default(),
        move |index| shown.place(*index),
    )
    .id("incident.tree")
    .basis(shown.basis())
    .selected(shown.selected().and_then(|index| shown.place(index)))
    .on_select(Message::TreePick)
    .on_open(Message::TreeToggle);
    let about = shown.selected().and_then(|index| about(whole, index, cx));
    column![container(head.spacing(space::SM).align_y(Center)).padding([space::SM, space::LG]), list, about].into()
}

fn row_view<'a>(whole: &'a Whole, shown: &Shown, index: usize, cx: &Cx<'a>) -> Element<'a, Message> {
    let found = whole.outline.row(index).and_then(|row| Some((row, whole.document.element(row.id)?)));
    let Some((at, element)) = found else { return gap::horizontal().into() };
    let indent = STEP * at.depth.min(DEEPEST) as f32;
    let mark: Element<'a, Message> = if whole.outline.holds(index) {
        let icon = if shown.is_open(index) { Icon::Open } else { Icon::Closed };
        let glyph = icon.view().size(size::CAPTION).style(theme::text::soft);
        let key = if shown.is_open(index) { "incident-shut" } else { "incident-open" };
        press(glyph)
            .style(theme::button::quiet)
            .padding([2.0, 4.0])
            .hint(cx.text(key))
            .on_press(Message::TreeFlip(index))
            .into()
    } else {
        gap::horizontal().into()
    };
    let mark = container(mark).width(MARK);
    // The prefix of our own namespace tells nothing.
    let name = if element.is_iodef() { element.local() } else { element.qualified() };
    let name = line(safe::line_within(name, 80)).font(theme::BOLD);
    let attrs = element
        .attrs()
        .map(|attr| format!("{}={}", safe::line_within(attr.qualified(), 60), safe::line_within(&attr.value(), 80)));
    let attrs = attrs.collect::<Vec<_>>().join("  ");
    let said = safe::line_within(&element.text(), SHORT);
    let words = row![
        name,
        (!attrs.is_empty()).then(|| line(attrs).size(size::CAPTION).style(theme::text::soft)),
        (!said.is_empty()).then(|| line(said).font(theme::MONO).size(size::BODY - 1.0)),
    ]
    .spacing(space::SM)
    .align_y(Center);
    let words = container(words).width(Fill).clip(true);
    let foreign = stranger(element).map(|key| chip(cx.text(key)));
    let tlp = differs(element).then(|| {
        let label = marking(element).restriction.tlp();
        widget::tlp(label, cx.catalog.tlp_short(label))
    });
    let fault = worst(whole, element.id()).map(findings::mark);
    let depth = (at.depth > DEEPEST).then(|| caption(cx.catalog.number(at.depth as u64)));
    let inside = row![gap::horizontal().width(indent), mark, depth, words, fault, foreign, tlp];
    container(inside.spacing(space::XS).align_y(Center)).padding([0.0, space::SM]).into()
}

/// Whether another restriction is in force here than around it.
fn differs(element: iodef::Element<'_>) -> bool {
    let Some(own) = own_restriction(element) else { return false };
    element.parent().is_some_and(|parent| marking(parent).restriction != own)
}

/// The class of an element: by its name, else by the class it stands in.
fn class(element: iodef::Element<'_>) -> Option<&'static Class> {
    let space = schema::Space::of(element.ns())?;
    schema::global(space, element.local()).or_else(|| {
        let parent = class_of_parent(element)?;
        let name = schema::Name { ns: element.ns(), local: element.local() };
        parent.model(Profile::Reading)?.symbol(name)?.class()
    })
}

/// Local classes stand in global ones.
fn class_of_parent(element: iodef::Element<'_>) -> Option<&'static Class> {
    let parent = element.parent()?;
    schema::global(schema::Space::of(parent.ns())?, parent.local())
}

/// What is no part of IODEF, and what claims to be and is not known.
fn stranger(element: iodef::Element<'_>) -> Option<&'static str> {
    match (class(element).is_some(), element.ns()) {
        (true, _) => None,
        (false, NS | NS_V1) => Some("incident-unknown"),
        (false, _) => Some("incident-extension"),
    }
}

fn on(whole: &Whole, id: iodef::NodeId) -> impl Iterator<Item = &Finding> {
    whole.report.iter().flat_map(|report| &report.findings).filter(move |finding| finding.element == id)
}

fn worst(whole: &Whole, id: iodef::NodeId) -> Option<Grade> {
    on(whole, id).map(|finding| finding.grade).min()
}

/// All that is known of the selected element.
fn about<'a>(whole: &'a Whole, index: usize, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let element = whole.document.element(whole.outline.row(index)?.id)?;
    let class = class(element);
    let help = class.map(Class::help).filter(|key| cx.catalog.has(key)).map(|key| text(cx.text(&key)));
    let place = whole.position(element);
    let position =
        cx.format("incident-position", &[("line", &place.line.to_string()), ("column", &place.column.to_string())]);
    let marked = marking(element);
    let tlp = marked.restriction.tlp();
    let by = match marked.said_by {
        Some(by) if by == element => cx.text("incident-marked-here"),
        Some(by) => cx.format("incident-marked-by", &[("who", &safe::line_within(by.local(), 60))]),
        None => cx.text("incident-tlp-default"),
    };
    let head = row![
        strong(safe::line_within(element.qualified(), 80)),
        widget::tlp(tlp, cx.catalog.tlp(tlp)),
        caption(by),
        gap::horizontal(),
        caption(position)
    ];
    let unknown = stranger(element).map(|_| {
        let ns = safe::line_within(element.ns(), 120);
        caption(cx.format("incident-namespace", &[("namespace", &ns)]))
    });
    let attributes = element.attrs().map(|attr| attribute(class, attr, cx));
    let said = safe::block(element.text().trim());
    let said = (!said.is_empty()).then(|| mono(said).wrapping(text::Wrapping::WordOrGlyph));
    let faults = on(whole, element.id()).map(|finding| findings::card(finding, false, cx));
    let page = column![
        head.spacing(space::SM).align_y(Center),
        caption(line_of(element)),
        help,
        unknown,
        Column::with_children(attributes).spacing(2.0),
        said,
        Column::with_children(faults).spacing(space::SM),
    ];
    let page =
        scrollable(page.spacing(space::SM).padding([space::MD, space::LG])).width(Fill).style(theme::surface::scroll);
    Some(container(page).height(ABOUT).width(Fill).style(theme::surface::panel).into())
}

fn attribute<'a>(class: Option<&'static Class>, attr: iodef::doc::Attr<'_>, cx: &Cx<'a>) -> Element<'a, Message> {
    let help = class.and_then(|class| Some((class, class.attribute(attr.qualified(), Profile::Reading)?)));
    let help = help.map(|(class, declared): (_, Declared)| class.attribute_help(declared));
    let help = help.filter(|key| cx.catalog.has(key)).map(|key| caption(cx.text(&key)));
    let name = caption(safe::line_within(attr.qualified(), 80));
    let value = mono(safe::line(&attr.value())).wrapping(text::Wrapping::WordOrGlyph);
    let value = row![name, value].spacing(space::SM);
    column![value, help].into()
}
