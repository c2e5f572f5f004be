//! One row of the feed: how grave, how confidential, how old, where from, what.

use iced::widget::{column, container, row, text};
use iced::{Center, Element, Fill, Length, Theme};

use super::{Message, is_current};
use crate::app::cx::Cx;
use crate::model::Kind;
use crate::settings::Density;
use crate::store::finder::Local;
use crate::store::index::Sort;
use crate::store::index::order::By;
use crate::store::{Row, Standing};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, caption, cell, line, press};

/// How a row is laid out in the room there is. Either way it says everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line, a column each.
    Table,
    /// The title, and below it topic and id.
    Card,
}

impl Shape {
    pub(super) fn of(width: f32) -> Self {
        if width >= 900.0 { Self::Table } else { Self::Card }
    }

    /// A row's height.
    pub(super) fn height(self, density: Density) -> f32 {
        match self {
            Self::Table => theme::row(density),
            Self::Card => theme::row(density) + 14.0,
        }
    }
}

const DOT: f32 = 14.0;
const SEVERITY: f32 = 44.0;
const TLP: f32 = 120.0;
const AGE: f32 = 36.0;
const TOPIC: f32 = 130.0;
const ID: f32 = 230.0;

/// What only this console knows of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Mine {
    pub local: Local,
    /// Meant by the next act.
    pub marked: bool,
}

/// The words above the columns; pressed, they order the rows.
pub(super) fn header<'a>(cx: &Cx<'_>, shape: Shape, sort: Sort) -> Element<'a, Message> {
    let name = |key, width: Length, by: By| {
        let here = sort.by == by;
        let way = match (here, sort.descending) {
            (true, true) => " \u{2193}",
            (true, false) => " \u{2191}",
            (false, _) => "",
        };
        let words = format!("{}{way}", cx.text(key));
        let words = if here { line(words).font(theme::BOLD) } else { line(words) };
        let words = words.size(size::CAPTION).style(if here { theme::text::normal } else { theme::text::soft });
        let sorted = press(words).style(theme::button::quiet).padding([4.0, 0.0]).width(Fill).inset();
        cell(Element::from(sorted.on_press(Message::Sort(by))), width)
    };
    let wide = shape == Shape::Table;
    let ink = if sort.by == By::Unread { theme::text::normal } else { theme::text::soft };
    let unread =
        press(Icon::Unread.view().size(9.0).style(ink)).style(theme::button::quiet).padding([6.0, 2.0]).inset();
    let unread = unread.hint(cx.text("feed-view-unread")).on_press(Message::Sort(By::Unread));
    row![
        cell(Element::from(unread), DOT),
        name("feed-column-severity", SEVERITY.into(), By::Severity),
        name("feed-column-tlp", TLP.into(), By::Label),
        name("feed-column-age", AGE.into(), By::At),
        wide.then(|| name("feed-column-topic", TOPIC.into(), By::Topic)),
        cell(caption(cx.text("feed-column-title")), Fill),
        wide.then(|| name("feed-column-id", ID.into(), By::Csirt)),
    ]
    .spacing(space::SM)
    .padding([0.0, space::SM])
    .align_y(Center)
    .into()
}

/// The row itself.
pub(super) fn view<'a>(item: &Row, mine: &Mine, shape: Shape, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let readable = matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1);
    let dot = if mine.marked {
        Some(Icon::Done.view().size(12.0).style(theme::text::accent))
    } else {
        mine.local.unread.then(|| Icon::Unread.view().size(9.0).style(theme::text::accent))
    };
    let severity = readable.then(|| widget::severity(summary.severity, cx.catalog.severity_letter(summary.severity)));
    let tlp = readable.then(|| widget::handling(summary, |label| cx.catalog.tlp_short(label)));
    let age = cx.catalog.age(cx.now.signed_duration_since(item.at));
    let marks = row![
        cell(container(dot).center_x(DOT), DOT),
        cell(severity.unwrap_or_else(nothing), SEVERITY),
        cell(tlp.unwrap_or_else(nothing), TLP),
        cell(line(age).style(theme::text::soft), AGE),
    ];
    let marks = marks.spacing(space::SM).align_y(Center);
    let topic = safe::line(&item.key.topic.node);
    let title = title(item, mine, cx);
    let content = match shape {
        Shape::Table => row![
            marks,
            cell(line(topic).style(theme::text::soft), TOPIC),
            container(title).width(Fill).clip(true),
            cell(line(publisher_id(item)).size(size::CAPTION).style(theme::text::soft), ID),
        ],
        Shape::Card => {
            let under = format!("{topic}  ·  {}", publisher_id(item));
            let under = line(under).size(size::CAPTION).style(theme::text::soft);
            row![marks, column![title, under].width(Fill).clip(true)]
        }
    };
    content.spacing(space::SM).padding([0.0, space::SM]).align_y(Center).into()
}

/// Marks before the title: what is mine first, then what became of the row.
fn badges<'a>(item: &Row, mine: &Mine, cx: &Cx<'a>) -> iced::widget::Row<'a, Message> {
    let local = &mine.local;
    let ours = local.ours.then(|| {
        let mark = Icon::Link.view().size(size::CAPTION).style(theme::text::danger);
        let words = text(cx.text("feed-ours")).size(size::CAPTION).font(theme::BOLD).style(theme::text::danger);
        Element::from(row![mark, words].spacing(2.0).align_y(Center))
    });
    let star = local.starred.then(|| Icon::Star.view().style(theme::text::warn));
    let updated = local.updated.then(|| widget::warning_chip(cx.text("feed-updated")));
    let state = if local.muted { Some("feed-is-muted") } else { local.snoozed.is_some().then_some("feed-is-snoozed") };
    let standing = match item.standing {
        Standing::Retracted(_) => Some(cx.text("feed-retracted")),
        Standing::Overwritten => Some(cx.text("feed-overwritten")),
        Standing::Current if item.version > 1 => {
            Some(cx.format("feed-version", &[("version", &item.version.to_string())]))
        }
        Standing::Current | Standing::Absent(_) => None,
    };
    let words = local.tags.iter().chain(&local.disposition).map(|word| widget::chip(safe::line(word)));
    let note = (!local.notes.is_empty()).then(|| Icon::Compose.view().size(size::CAPTION).style(theme::text::soft));
    iced::widget::Row::new()
        .push(ours)
        .push(star)
        .push(updated)
        .push(standing.map(widget::chip))
        .push(state.map(|key| widget::chip(cx.text(key))))
        .extend(words)
        .push(note)
        .spacing(space::SM)
        .align_y(Center)
}

fn nothing<'a>() -> Element<'a, Message> {
    container(text("–").style(theme::text::soft)).padding([0.0, 6.0]).into()
}

/// The publisher's own id: CSIRT and number; where the document has none, the item's.
fn publisher_id(item: &Row) -> String {
    let summary = &item.summary;
    if summary.id.is_empty() {
        safe::line(&item.key.item.0)
    } else {
        format!("{} / {}", safe::line(&summary.csirt), safe::line(&summary.id))
    }
}

fn title<'a>(item: &Row, mine: &Mine, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let font = if mine.local.unread { theme::BOLD } else { theme::UI };
    let words = match &summary.kind {
        Kind::Iodef2 | Kind::Iodef1 if summary.title.is_empty() => cx.text("feed-untitled"),
        Kind::Iodef2 | Kind::Iodef1 => safe::line(&summary.title),
        Kind::Foreign { namespace, name } => {
            let (namespace, name) = (safe::line(namespace), safe::line(name));
            cx.format("feed-foreign", &[("name", &name), ("namespace", &namespace)])
        }
        Kind::Invalid(_) => cx.text("feed-invalid"),
        Kind::Empty => cx.text("feed-no-payload"),
    };
    let ink: fn(&Theme) -> text::Style = match (&summary.kind, is_current(item)) {
        (Kind::Invalid(_), _) => theme::text::danger,
        (Kind::Foreign { .. } | Kind::Empty, _) | (_, false) => theme::text::soft,
        _ => theme::text::normal,
    };
    let mark = matches!(summary.kind, Kind::Invalid(_)).then(|| Icon::Warning.view().style(theme::text::danger));
    let struck = matches!(item.standing, Standing::Retracted(_));
    let words = line(words).font(font).style(ink).struck(struck);
    badges(item, mine, cx).push(mark).push(Element::from(words)).into()
}
