//! The middle: the few fields a report needs, or every field of the element that is selected, and what may be added to it.

use iced::widget::{Column, Row, column, container, row, scrollable, text};
use iced::{Center, Fill};

use super::control::{self, Labelled};
use super::desk::Desk;
use super::essentials::Place;
use super::picker::For;
use super::stock::Act;
use super::{Message, Paste, Way};
use crate::app::cx::Cx;
use crate::compose::form::{Go, Kind, Sheet};
use crate::iodef::NodeId;
use crate::text as safe;
use crate::theme::{self, metrics, space};
use crate::widget::field::Below;
use crate::widget::{Element, Icon, Press, Tone, caption, field, heading, strip, warning_chip};

/// Classes named beside the button that adds; the list behind it has all.
const NAMED: usize = 8;

pub fn side<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    if let Some(open) = &desk.paste {
        return super::paste::side(open, cx);
    }
    if let Some(saving) = &desk.saving {
        return super::stock_view::saving(saving, desk, cx);
    }
    let refused =
        desk.refused.as_ref().map(|say| strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), vec![]));
    let notes =
        desk.notes.iter().take(6).map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), vec![]));
    let inside = match desk.sheet() {
        Some(sheet) => element(sheet, desk, way, cx),
        None => essentials(desk, way, cx),
    };
    let all = column![refused].extend(notes).push(inside).spacing(space::MD).max_width(metrics::PROSE);
    let fields = scrollable(container(all).padding([space::LG, space::XL]).width(Fill))
        .id("compose.form")
        .style(theme::surface::scroll)
        .height(Fill);
    // Over the form, wherever that was scrolled to.
    let open =
        desk.picker.as_ref().filter(|picker| matches!(picker.what, For::Add(_) | For::Instead(_) | For::Card(_)));
    let list = open.map(|picker| container(control::opened(picker, desk, way, cx)).padding(space::SM));
    column![list, fields].into()
}

fn essentials<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let fields = desk.essentials().iter().enumerate().map(|(place, essential)| {
        let label = cx.text(essential.key);
        let hint = essential.hint().map(|key| cx.text(key));
        match &essential.place {
            Place::Field(of) => {
                let shown = Labelled { field: of, place, label: Some(label), hint, brief: true };
                control::view(shown, desk, way, cx)
            }
            Place::Digest(value) => control::typed(label, hint, essential.slot, place, value, way),
            Place::Missing => control::typed(label, hint, essential.slot, place, "", way),
        }
    });
    let fields: Vec<Element<'a, Message>> = fields.collect();
    let whole =
        Press::word(cx.text("compose-whole")).style(theme::button::quiet).padding([2.0, 0.0]).id("compose.whole");
    let whole = Element::from(whole.on_press(Message::Whole));
    if fields.is_empty() {
        return column![heading(cx.text("compose-essentials")), text(cx.text("compose-no-incident")), whole]
            .spacing(space::SM)
            .into();
    }
    let paste = Press::marked(Icon::Import, cx.text("compose-paste"))
        .id("compose.paste")
        .hint(cx.text("compose-paste-hint"))
        .on_press_maybe(way.editing.then_some(Message::Paste(Paste::Open)));
    let hint = Below::Hint(cx.text("compose-observables-hint"));
    let observables = field(cx.text("compose-observables"), Element::from(paste), hint);
    let head = column![heading(cx.text("compose-essentials")), caption(cx.text("compose-essentials-why"))].spacing(2.0);
    let root = super::essentials::root(desk.document());
    let more = root.map(|root| adds(root, Vec::new(), way, cx));
    let cards = way.cards.then(|| {
        let choose = Press::marked(Icon::Owner, cx.text("compose-card-choose"))
            .id("compose.card")
            .on_press_maybe(way.editing.then_some(Message::Stock(Act::Choose(None))));
        field(cx.text("compose-card"), Element::from(choose), Below::Hint(cx.text("compose-card-hint")))
    });
    let fields = Column::with_children(fields).spacing(space::LG);
    column![head, fields, cards, observables, more, whole].spacing(space::LG).into()
}

fn element<'a>(sheet: &'a Sheet, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let way_there = desk.selected().map(|element| {
        let mut names: Vec<String> =
            element.ancestors().skip(1).map(|around| safe::line_within(around.qualified(), 40)).collect();
        let _ = names.pop();
        names.reverse();
        names.join(" › ")
    });
    let way_there = way_there.filter(|words| !words.is_empty()).map(caption);
    let name = heading(safe::line_within(&sheet.name, 80));
    let help =
        sheet.help.as_ref().filter(|key| cx.catalog.has(key)).map(|key| text(cx.text(key)).style(theme::text::soft));
    let foreign = sheet.class.is_none().then(|| caption(cx.text("compose-foreign")));
    let bound = match sheet.can_go {
        Go::Needed => Some(cx.text("compose-go-needed")),
        Go::Referred(count) => Some(cx.catalog.count("compose-go-referred", count as u64, &[])),
        Go::Freely | Go::Never => None,
    };
    let quiet = |words: String, message: Message| {
        let press = Press::word(words).style(theme::button::quiet).padding([2.0, space::SM]);
        Element::from(press.on_press_maybe(way.editing.then_some(message)))
    };
    let instead = (!sheet.instead.is_empty())
        .then(|| quiet(cx.text("compose-instead"), Message::Pick(Some(For::Instead(sheet.node)))));
    let is_contact = sheet.class.is_some_and(|class| class.name == "Contact");
    let choose = (is_contact && way.cards)
        .then(|| quiet(cx.text("compose-card-choose"), Message::Stock(Act::Choose(Some(sheet.node)))));
    let save = is_contact.then(|| quiet(cx.text("compose-card-save"), Message::Stock(Act::Save(sheet.node))));
    let acts: Vec<Element<'a, Message>> = [instead, choose, save].into_iter().flatten().collect();
    let acts = (!acts.is_empty()).then(|| Row::with_children(acts).spacing(space::XS));
    let head = column![way_there, name, help, foreign, bound.map(caption), acts].spacing(space::XS);
    let fields = sheet.fields.iter().enumerate().map(|(place, of)| {
        let shown = Labelled { field: of, place, label: None, hint: None, brief: false };
        control::view(shown, desk, way, cx)
    });
    // What has a value or must have one stands first; the rest is what the class also knows.
    let (said, unsaid): (Vec<_>, Vec<_>) = fields
        .zip(&sheet.fields)
        .partition(|(_, of)| of.value.is_some() || of.required || matches!(of.kind, Kind::Fixed(_)));
    let only = |fields: Vec<(Element<'a, Message>, _)>| fields.into_iter().map(|(field, _)| field).collect::<Vec<_>>();
    let (said, unsaid) = (only(said), only(unsaid));
    let said = (!said.is_empty()).then(|| Column::with_children(said).spacing(space::LG));
    let rest = (!unsaid.is_empty()).then(|| {
        let title = caption(cx.text("compose-more-fields"));
        column![title, Column::with_children(unsaid).spacing(space::LG)].spacing(space::SM)
    });
    let missing = sheet.offers.iter().filter(|offer| offer.missing).map(|offer| offer.class.name.to_owned()).collect();
    let adds = (!sheet.offers.is_empty()).then(|| adds(sheet.node, missing, way, cx));
    column![head, said, adds, rest].spacing(space::LG).into()
}

/// What may be added to an element: the button for the list, and what is missing by its name.
fn adds<'a>(node: NodeId, missing: Vec<String>, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let press = Press::marked(Icon::Hunt, cx.text("compose-add"))
        .id("compose.add.here")
        .on_press_maybe(way.editing.then_some(Message::Pick(Some(For::Add(node)))));
    let missing = missing
        .into_iter()
        .take(NAMED)
        .map(|name| warning_chip(cx.format("compose-missing-class", &[("class", &name)])));
    let bar = Row::with_children(missing).spacing(space::XS);
    row![Element::from(press), bar].spacing(space::SM).align_y(Center).into()
}
