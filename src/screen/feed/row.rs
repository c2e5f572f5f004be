//! One row of the feed: how grave, how confidential, how old, where from, what.

use iced::widget::{Space, column, container, row, text};
use iced::{Center, Element, Fill, Length, Theme};

use super::{Message, is_current};
use crate::app::cx::Cx;
use crate::model::Kind;
use crate::settings::Density;
use crate::store::{Row, Standing};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, caption, cell, line};

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

/// The words above the columns.
pub(super) fn header<'a>(cx: &Cx<'_>, shape: Shape) -> Element<'a, Message> {
    let name = |key, width: Length| cell(caption(cx.text(key)), width);
    let wide = shape == Shape::Table;
    row![
        Space::new().width(DOT),
        name("feed-column-severity", SEVERITY.into()),
        name("feed-column-tlp", TLP.into()),
        name("feed-column-age", AGE.into()),
        wide.then(|| name("feed-column-topic", TOPIC.into())),
        name("feed-column-title", Fill),
        wide.then(|| name("feed-column-id", ID.into())),
    ]
    .spacing(space::SM)
    .padding([0.0, space::SM])
    .align_y(Center)
    .into()
}

/// The row itself.
/// `gap`: below it incidents may be missing.
pub(super) fn view<'a>(item: &Row, unread: bool, gap: bool, shape: Shape, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let readable = matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1);
    let dot = unread.then(|| Icon::Unread.view().size(9.0).style(theme::text::accent));
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
    let gap = gap.then(|| widget::warning_chip(cx.text("feed-gap")));
    let title = row![gap, title(item, unread, cx)].spacing(space::SM).align_y(Center);
    let content = match shape {
        Shape::Table => row![
            marks,
            cell(line(topic).style(theme::text::soft), TOPIC),
            container(title).width(Fill),
            cell(line(publisher_id(item)).size(size::CAPTION).style(theme::text::soft), ID),
        ],
        Shape::Card => {
            let under = format!("{topic}  ·  {}", publisher_id(item));
            let under = line(under).size(size::CAPTION).style(theme::text::soft);
            row![marks, column![title, under].width(Fill)]
        }
    };
    content.spacing(space::SM).padding([0.0, space::SM]).align_y(Center).into()
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

fn title<'a>(item: &Row, unread: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let font = if unread { theme::BOLD } else { theme::UI };
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
    let standing = match item.standing {
        Standing::Retracted(_) => Some(cx.text("feed-retracted")),
        Standing::Overwritten => Some(cx.text("feed-overwritten")),
        Standing::Current if item.version > 1 => {
            Some(cx.format("feed-version", &[("version", &item.version.to_string())]))
        }
        Standing::Current | Standing::Absent(_) => None,
    };
    let struck = matches!(item.standing, Standing::Retracted(_));
    let words = line(words).font(font).style(ink).struck(struck);
    row![mark, standing.map(widget::chip), Element::from(words)].spacing(space::SM).align_y(Center).into()
}
