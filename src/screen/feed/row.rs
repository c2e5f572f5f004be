//! One row of the feed: how grave, how confidential, how old, where from, what; in the columns its reader chose.

use iced::widget::{Row as Line, column, container, mouse_area, row, text};
use iced::{Center, Element, Fill, Length, Theme};

use super::table::{self, Table};
use super::{Message, is_current};
use crate::app::cx::Cx;
use crate::model::{Kind, Stamp};
use crate::settings::Density;
use crate::store::finder::{Local, Revision};
use crate::store::index::Sort;
use crate::store::index::order::By;
use crate::store::views::{Column, Width};
use crate::store::{Row, Standing};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::virtual_list::LANE;
use crate::widget::{self, Icon, cell, line, press};

/// Least width of a list with all columns in one line.
const ONE_LINE: f32 = 610.0;

/// How a row is laid out in the room there is. Either way it says everything.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub table: Table,
    /// There is no room for more than the title; topic and id stand below it.
    two_lines: bool,
}

impl Shape {
    pub(super) fn of(columns: &[Width], width: f32) -> Self {
        let two_lines = width < ONE_LINE;
        let few = |own: &&Width| matches!(own.column, Column::Severity | Column::Tlp | Column::At | Column::Title);
        let shown: Vec<Width> = columns.iter().filter(|own| !two_lines || few(own)).copied().collect();
        Self { table: Table::new(&shown, width - LANE), two_lines }
    }

    /// A row's height.
    pub(super) fn height(&self, density: Density) -> f32 {
        theme::row(density) + if self.two_lines { 14.0 } else { 0.0 }
    }
}

/// What only this console knows of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Mine {
    pub local: Local,
    pub revision: Option<Revision>,
    /// Meant by the next act.
    pub marked: bool,
    /// The cell one stands on.
    pub cell: Option<Column>,
}

/// The words above the columns; pressed, they order the rows, by the right button among those that are equal.
pub(super) fn header<'a>(cx: &Cx<'_>, shape: &Shape, sort: Sort, then: Option<Sort>) -> Element<'a, Message> {
    let ink = if sort.by == By::Unread { theme::text::normal } else { theme::text::soft };
    let unread =
        press(Icon::Unread.view().size(9.0).style(ink)).style(theme::button::quiet).padding([6.0, 2.0]).inset();
    let unread = unread.hint(cx.text("feed-view-unread")).on_press(Message::Sort(By::Unread));
    let names = shape.table.columns.iter().map(|(column, width)| name(*column, *width, sort, then, cx));
    Line::new()
        .push(cell(Element::from(unread), table::DOT))
        .extend(names)
        .spacing(table::BETWEEN)
        .padding([0.0, table::BETWEEN])
        .align_y(Center)
        .into()
}

fn name<'a>(column: Column, width: f32, sort: Sort, then: Option<Sort>, cx: &Cx<'_>) -> Element<'a, Message> {
    let words = cx.text(table::key(column));
    let by = table::by(column);
    let way = |sort: Sort| if sort.descending { "\u{2193}" } else { "\u{2191}" };
    let mark = match then.filter(|then| then.by == by) {
        // With two orders each says its number.
        _ if sort.by == by && then.is_some() => format!(" {}1", way(sort)),
        _ if sort.by == by => format!(" {}", way(sort)),
        Some(then) => format!(" {}2", way(then)),
        None => String::new(),
    };
    let here = !mark.is_empty();
    let words = line(format!("{words}{mark}"));
    let words = if here { words.font(theme::BOLD) } else { words };
    let words = words.size(size::CAPTION).style(if here { theme::text::normal } else { theme::text::soft });
    let sorted = press(words).style(theme::button::quiet).padding([4.0, 0.0]).width(Fill).inset();
    let sorted = sorted.hint(cx.text("feed-sort-hint")).on_press(Message::Sort(by));
    cell(mouse_area(Element::from(sorted)).on_right_press(Message::Then(by)), width)
}

/// The row itself.
pub(super) fn view<'a>(item: &Row, mine: &Mine, shape: &Shape, cx: &Cx<'a>) -> Element<'a, Message> {
    let dot = if mine.marked {
        Some(Icon::Done.view().size(12.0).style(theme::text::accent))
    } else {
        mine.local.unread.then(|| Icon::Unread.view().size(9.0).style(theme::text::accent))
    };
    let cells = shape.table.columns.iter().map(|(column, width)| {
        let content = content(*column, item, mine, shape, cx);
        let under = mine.cell == Some(*column);
        let style: fn(&Theme) -> container::Style =
            if under { theme::surface::cursor } else { |_| container::Style::default() };
        let one = container(content).width(Length::Fixed(*width)).clip(true).style(style);
        mouse_area(one).on_right_press(Message::Value(item.seq, *column)).into()
    });
    Line::new()
        .push(cell(container(dot).center_x(table::DOT), table::DOT))
        .extend(cells)
        .spacing(table::BETWEEN)
        .padding([0.0, table::BETWEEN])
        .align_y(Center)
        .into()
}

fn content<'a>(column: Column, item: &Row, mine: &Mine, shape: &Shape, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let readable = matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1);
    let soft = |words: String| Element::from(line(words).style(theme::text::soft));
    let small = |words: String| Element::from(line(words).size(size::CAPTION).style(theme::text::soft));
    let stamp = |stamp: &Option<Stamp>| stamp.as_ref().map(|stamp| cx.catalog.time(stamp.at)).unwrap_or_default();
    match column {
        Column::Severity if readable => {
            widget::severity(summary.severity, cx.catalog.severity_letter(summary.severity))
        }
        Column::Tlp if readable => widget::handling(summary, |label| cx.catalog.tlp_short(label)),
        Column::Severity | Column::Tlp => nothing(),
        Column::Title if shape.two_lines => {
            let under = format!("{}  ·  {}", cx.topic(&item.key.topic), publisher_id(item));
            column![title(item, mine, cx), small(under)].width(Fill).clip(true).into()
        }
        Column::Title => title(item, mine, cx),
        Column::Topic => soft(cx.topic(&item.key.topic)),
        Column::From => small(item.publisher.as_deref().map(safe::line).unwrap_or_default()),
        Column::Csirt => small(safe::line(&summary.csirt)),
        Column::Id => small(publisher_id(item)),
        Column::At => soft(cx.catalog.age(cx.now.signed_duration_since(item.at))),
        Column::Received => small(cx.catalog.time(item.received)),
        Column::Detected => small(stamp(&summary.detected)),
        Column::Started => small(stamp(&summary.started)),
        Column::Status => small(summary.status.as_deref().map(safe::line).unwrap_or_default()),
        Column::Observables => soft(match summary.observables_total {
            0 => String::new(),
            many => cx.catalog.number(many.into()),
        }),
        Column::Tags => small(mine.local.tags.iter().map(|tag| safe::line(tag)).collect::<Vec<_>>().join(", ")),
        Column::Size => small(String::new()),
    }
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
    let revision = mine.revision.map(|own| revision(own, item, local, cx));
    let updated = (local.updated && mine.revision.is_none_or(Revision::is_superseded))
        .then(|| widget::warning_chip(cx.text("feed-updated")));
    let state = if local.muted { Some("feed-is-muted") } else { local.snoozed.is_some().then_some("feed-is-snoozed") };
    let standing = match item.standing {
        Standing::Retracted(_) => Some(cx.text("feed-retracted")),
        Standing::Overwritten => Some(cx.text("feed-overwritten")),
        Standing::Current if item.version > 1 && mine.revision.is_none() => {
            Some(cx.format("feed-version", &[("version", &item.version.to_string())]))
        }
        Standing::Absent(_) => Some(cx.text("feed-absent")),
        Standing::Current => None,
    };
    let words = local.tags.iter().chain(&local.disposition).map(|word| widget::chip(safe::line(word)));
    let note = (!local.notes.is_empty()).then(|| Icon::Compose.view().size(size::CAPTION).style(theme::text::soft));
    iced::widget::Row::new()
        .push(ours)
        .push(star)
        .push(updated)
        .push(revision)
        .push(standing.map(widget::chip))
        .push(state.map(|key| widget::chip(cx.text(key))))
        .extend(words)
        .push(note)
        .spacing(space::SM)
        .align_y(Center)
}

/// Which revision of its incident it is, and what is not to be passed over: it is news of what was read, or graver than that.
/// In one chip, as the title needs its room.
fn revision<'a>(own: Revision, item: &Row, local: &Local, cx: &Cx<'a>) -> Element<'a, Message> {
    let key = match own.was {
        _ if own.is_superseded() => "feed-superseded",
        Some(_) if local.updated => "feed-revision-changed-was",
        None if local.updated => "feed-revision-changed",
        Some(_) => "feed-revision-was",
        None => "feed-revision",
    };
    let was = own.was.map(|was| cx.catalog.severity(was)).unwrap_or_default();
    let words = cx.format(key, &[("n", &own.nth.to_string()), ("m", &own.of.to_string()), ("severity", &was)]);
    let is_graver = local.unread && own.was.is_some_and(|was| was < item.summary.severity);
    let is_news = !own.is_superseded() && (local.updated || is_graver);
    if is_news { widget::warning_chip(words) } else { widget::chip(words) }
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
        Kind::Gone => cx.text("feed-gone"),
    };
    let ink: fn(&Theme) -> text::Style = match (&summary.kind, is_current(item)) {
        (Kind::Invalid(_), _) => theme::text::danger,
        (Kind::Foreign { .. } | Kind::Empty | Kind::Gone, _) | (_, false) => theme::text::soft,
        _ => theme::text::normal,
    };
    let mark = matches!(summary.kind, Kind::Invalid(_)).then(|| Icon::Warning.view().style(theme::text::danger));
    let struck = matches!(item.standing, Standing::Retracted(_));
    let words = line(words).font(font).style(ink).struck(struck);
    badges(item, mine, cx).push(mark).push(Element::from(words)).into()
}
