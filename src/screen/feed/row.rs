//! One row of the feed: how grave, how confidential, how old, where from, what.

use iced::widget::{Space, container, row, text};
use iced::{Center, Element, Fill, Length, Theme};

use super::{Message, is_current};
use crate::app::cx::Cx;
use crate::model::Kind;
use crate::store::{Row, Standing};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, caption, cell, line};

/// Which columns there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub topic: bool,
    pub id: bool,
}

impl Columns {
    pub(super) fn of(width: f32) -> Self {
        Self { topic: width >= 660.0, id: width >= 900.0 }
    }
}

const DOT: f32 = 14.0;
const SEVERITY: f32 = 44.0;
const TLP: f32 = 108.0;
const AGE: f32 = 40.0;
const TOPIC: f32 = 130.0;
const ID: f32 = 230.0;

/// The words above the columns.
pub(super) fn header<'a>(cx: &Cx<'_>, columns: Columns) -> Element<'a, Message> {
    let name = |key, width: Length| cell(caption(cx.text(key)), width);
    row![
        Space::new().width(DOT),
        name("feed-column-severity", SEVERITY.into()),
        name("feed-column-tlp", TLP.into()),
        name("feed-column-age", AGE.into()),
        columns.topic.then(|| name("feed-column-topic", TOPIC.into())),
        name("feed-column-title", Fill),
        columns.id.then(|| name("feed-column-id", ID.into())),
    ]
    .spacing(space::SM)
    .padding([space::XS, space::SM])
    .align_y(Center)
    .into()
}

/// The row itself.
pub(super) fn view<'a>(item: &Row, unread: bool, columns: Columns, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let readable = matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1);
    let dot = unread.then(|| Icon::Unread.view().size(9.0).style(theme::text::accent));
    let severity = readable.then(|| widget::severity(summary.severity, cx.catalog.severity_letter(summary.severity)));
    let tlp = readable.then(|| {
        let label = summary.restriction.tlp();
        widget::tlp(label, cx.catalog.tlp_short(label))
    });
    let age = cx.catalog.age(cx.now.signed_duration_since(item.at));
    let topic = columns.topic.then(|| {
        let name = line(safe::line(&item.key.topic.node)).style(theme::text::soft);
        cell(name, TOPIC)
    });
    let id = columns.id.then(|| cell(line(publisher_id(item)).size(size::CAPTION).style(theme::text::soft), ID));
    let content = row![
        cell(container(dot).center_x(DOT), DOT),
        cell(severity.unwrap_or_else(nothing), SEVERITY),
        cell(tlp.unwrap_or_else(nothing), TLP),
        cell(line(age).style(theme::text::soft), AGE),
        topic,
        container(title(item, unread, cx)).width(Fill).clip(true),
        id,
    ];
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
        Standing::Current => None,
    };
    let struck = matches!(item.standing, Standing::Retracted(_));
    let words = line(words).font(font).style(ink).struck(struck);
    row![mark, standing.map(widget::chip), Element::from(words)].spacing(space::SM).align_y(Center).into()
}
