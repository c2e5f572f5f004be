//! One act with all that was written of it: from what to what, why, by which stanzas, and its hashes.

use iced::widget::{Column, column, container, row, scrollable, text};
use iced::{Fill, FillPortion};

use super::list::{by, how, kind, plain, time};
use super::{Message, Screen, Side};
use crate::app::cx::Cx;
use crate::store::activity::{Act, Entry, Row};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::told::told;
use crate::widget::{Element, Icon, Press, caption, empty, mono, title};

/// Width of a field's name.
const NAME: f32 = 108.0;
/// Longest field that is shown whole, in characters and lines.
const LONGEST: usize = 2_000;
const LINES: usize = 40;

impl Screen {
    pub(super) fn detail<'a>(&'a self, side: Side, cx: &Cx<'a>) -> Element<'a, Message> {
        let rows = self.rows(side);
        let chosen = self.chosen(side).and_then(|key| rows.at(rows.index(key)?));
        let Some((_, of)) = chosen else {
            let words = empty(Icon::File, cx.text("activity-choose"), cx.text("activity-choose-why"), Vec::new());
            return container(words).width(Fill).height(Fill).into();
        };
        let page = container(one(of, self.goes_on(of), cx)).padding(space::LG).width(Fill);
        scrollable(page).style(theme::surface::scroll).width(Fill).height(Fill).into()
    }
}

/// `goes_on`: what came of it is not among these entries.
fn one<'a>(of: &'a Row, goes_on: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let Some(act) = of.last().and_then(|entry| entry.act.as_ref()) else {
        return text(cx.text("activity-unreadable")).style(theme::text::danger).into();
    };
    let topic = act.topic.as_ref().map(ToString::to_string).unwrap_or_default();
    let fields = [
        ("activity-field-when", time(act)),
        ("activity-field-who", act.who.clone()),
        ("activity-field-by", cx.text(by(act.by))),
        ("activity-field-topic", topic),
        ("activity-field-subject", plain(&act.subject)),
        ("activity-field-before", told(&act.before, cx.catalog)),
        ("activity-field-after", told(&act.after, cx.catalog)),
        ("activity-field-reason", reason(of)),
        ("activity-field-words", told(&act.words, cx.catalog)),
        ("activity-field-stanzas", act.stanzas.join("\n")),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| field(key, &value, cx));
    let (word, ink) = how(act.how);
    let head = row![title(cx.text(kind(act.kind))).width(Fill), text(cx.text(word)).style(ink)].spacing(space::SM);
    let open = match of.is_open() {
        true if goes_on => Some("activity-goes-on"),
        true => Some("activity-nobody-knows"),
        false => None,
    };
    let open = open.map(|key| caption(cx.text(key)));
    let entries = of.entries.iter().map(|entry| chained(entry, cx));
    column![head]
        .push(open)
        .push(Column::with_children(fields).spacing(space::SM))
        .push(caption(cx.text("activity-field-number")))
        .push(Column::with_children(entries).spacing(space::XS))
        .spacing(space::MD)
        .into()
}

/// The reason that was given, by whichever entry has it.
fn reason(of: &Row) -> String {
    let acts = of.entries.iter().filter_map(|entry| entry.act.as_ref());
    acts.map(|act: &Act| act.reason.clone()).find(|reason| !reason.is_empty()).unwrap_or_default()
}

fn field<'a>(key: &'static str, value: &str, cx: &Cx<'a>) -> Element<'a, Message> {
    let shown = safe::block_within(value, LONGEST, LINES);
    let value = text(shown).wrapping(text::Wrapping::WordOrGlyph);
    row![container(caption(cx.text(key))).width(NAME), value.width(Fill)].spacing(space::SM).into()
}

/// An entry's number and hash, and what it says became of the act.
fn chained<'a>(entry: &Entry, cx: &Cx<'a>) -> Element<'a, Message> {
    let word = entry.act.as_ref().map(|act| how(act.how)).map_or("activity-unreadable", |(word, _)| word);
    let number = cx.catalog.number(entry.number);
    let hash = entry.hash.to_string();
    let short = hash.get(..16).unwrap_or_default().to_owned();
    let copy = Press::word(short).style(theme::button::quiet).hint(cx.text("activity-field-hash"));
    let copy = copy.on_press(Message::CopyText(hash));
    row![
        container(mono(number).size(size::CAPTION)).width(FillPortion(1)),
        container(text(cx.text(word)).size(size::CAPTION)).width(FillPortion(2)),
        container(Element::from(copy)).width(FillPortion(3)),
    ]
    .spacing(space::SM)
    .align_y(iced::Center)
    .into()
}
