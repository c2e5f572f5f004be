//! The hunt's page: the list at the left, what was found at the right.

use iced::widget::{Column, column, container, progress_bar, responsive, row, rule, text, text_editor};
use iced::{Center, Element, Fill};

use super::{Message, Screen, Side, UNREAD, Work};
use crate::app::cx::Cx;
use crate::store::hunt::{Hit, List, Table};
use crate::store::query::Field;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::virtual_list::LANE;
use crate::widget::{self, Icon, Press, caption, cell, line, press, virtual_list};

/// The list at the left; what was found has the rest.
const LIST: f32 = 336.0;
const KIND: f32 = 60.0;
const COUNT: f32 = 64.0;
const TOPICS: f32 = 150.0;
const SEEN: f32 = 138.0;
const TLP: f32 = 110.0;
/// Room below which kind and the first time are left out, and that below which topics are: they are in the file, and a press
/// shows the incidents.
const WIDE: f32 = 1_040.0;
const MIDDLE: f32 = 800.0;

impl Screen {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let side = |side: Side, key: &str| (cx.text(key), self.side == side, Message::Side(side));
        let sides = vec![side(Side::Hunt, "hunt-tab"), side(Side::Ours, "hunt-ours-tab")];
        let top = widget::sides(cx.text("hunt-title"), sides, (cx.text("hunt-back"), Message::Back));
        let right = match self.side {
            Side::Hunt => self.hits(cx),
            Side::Ours => self.ours(cx),
        };
        let left = container(self.list(cx)).width(LIST).padding(iced::Padding::from(space::LG).left(space::XL));
        let line = rule::vertical(1).style(theme::surface::line);
        let both = row![left, line, container(right).width(Fill).height(Fill)].height(Fill);
        let page = column![top, both];
        container(page).style(theme::surface::base).width(Fill).height(Fill).into()
    }

    fn list<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let (draft, why, start, hint) = match self.side {
            Side::Hunt => (&self.hunt, "hunt-why", "hunt-start", "hunt-hint"),
            Side::Ours => (&self.ours, "hunt-ours-why", "hunt-ours-start", "hunt-ours-hint"),
        };
        let field: Element<'a, Message> = match &draft.long {
            Some(long) => {
                let words = cx.catalog.count("hunt-long", long.lines().count() as u64, &[]);
                container(text(words)).center(Fill).style(theme::surface::well).into()
            }
            None => text_editor(&draft.content)
                .placeholder(cx.text(hint))
                .on_action(Message::Edit)
                .font(theme::MONO)
                .size(size::BODY - 1.0)
                .height(Fill)
                .style(theme::input::editor)
                .into(),
        };
        let ready = !draft.is_empty() || self.side == Side::Ours;
        let act: Element<'a, Message> = if self.work.is_some() {
            Press::word(cx.text("hunt-stop")).on_press(Message::Stop).into()
        } else {
            Press::word(cx.text(start))
                .style(theme::button::primary)
                .on_press_maybe(ready.then_some(Message::Start))
                .into()
        };
        let pick = Press::word(cx.text("hunt-file")).on_press(Message::Pick);
        let clear = Press::word(cx.text("hunt-clear")).style(theme::button::quiet).on_press(Message::Clear);
        let trouble =
            self.trouble.as_ref().map(|say| text(cx.catalog.say(say)).size(size::CAPTION).style(theme::text::danger));
        column![text(cx.text(why)).style(theme::text::soft), field]
            .push(trouble)
            .push(self.work.as_ref().map(|work| progress(work, cx)))
            .push(row![act, Element::from(pick), Element::from(clear)].spacing(space::SM))
            .spacing(space::SM)
            .into()
    }

    fn hits<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some((list, table)) = &self.table else {
            return widget::empty(Icon::Search, cx.text("hunt-none-yet"), cx.text("hunt-none-yet-why"), Vec::new());
        };
        let hits = cx.catalog.count(
            "hunt-hits",
            table.hits.len() as u64,
            &[("asked", &cx.catalog.number(table.asked as u64))],
        );
        let numbers = list.unread.iter().take(UNREAD).map(|(line, _)| cx.catalog.number(*line as u64));
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        let notes =
            [(list.unread.len(), "hunt-unread"), (list.repeated, "hunt-repeated"), (list.beyond, "hunt-beyond")];
        let notes = notes.into_iter().filter(|(count, _)| *count > 0);
        let notes =
            notes.map(|(count, key)| caption(cx.catalog.count(key, count as u64, &[("lines", &numbers)])).into());
        let save =
            Press::word(cx.text("hunt-export")).on_press_maybe((!table.hits.is_empty()).then_some(Message::Export));
        let head = row![widget::title(hits).width(Fill), Element::from(save)].align_y(Center);
        let missing = super::short(table, "hunt-short", cx);
        let is_short = missing.is_some();
        let missing = missing.map(|words| text(words).size(size::CAPTION).style(theme::text::warn));
        let head = column![head].push(missing).push(Column::with_children(notes));
        let head = container(head.spacing(space::XS)).padding(space::LG);
        if table.hits.is_empty() && is_short {
            return head.into();
        }
        if table.hits.is_empty() {
            return column![
                head,
                widget::empty(Icon::Done, cx.text("hunt-clean"), cx.text("hunt-clean-why"), Vec::new())
            ]
            .into();
        }
        let cx = *cx;
        let found = responsive(move |room| table_of(list, table, Shown::of(room.width), &cx));
        column![head, found].into()
    }

    fn ours<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let state: Element<'a, Message> = match self.in_force {
            Some((entries, found)) => {
                let entries = cx.catalog.number(entries as u64);
                let words = cx.catalog.count("hunt-ours-found", found.into(), &[("entries", &entries)]);
                let show = Press::word(cx.text("hunt-ours-show")).on_press(Message::ShowOurs);
                row![widget::title(words).width(Fill), Element::from(show)].align_y(Center).into()
            }
            None => text(cx.text("hunt-ours-none")).style(theme::text::soft).into(),
        };
        let faults = self
            .faults
            .iter()
            .take(UNREAD)
            .map(|fault| text(cx.catalog.say(&fault.say())).size(size::CAPTION).style(theme::text::warn).into());
        let inside = column![state, caption(cx.text("hunt-ours-kept")), Column::with_children(faults)];
        container(inside.spacing(space::MD)).padding(space::LG).into()
    }
}

/// The hits, as many columns of them as there is room for.
fn table_of<'a>(list: &'a List, table: &'a Table, shown: Shown, cx: &Cx<'a>) -> Element<'a, Message> {
    let cx = *cx;
    let one = move |index: usize| match table.hits.get(index) {
        Some(hit) => hit_row(hit, list, index, shown, &cx),
        None => iced::widget::space().into(),
    };
    let rows =
        virtual_list(table.hits.len(), theme::row(cx.settings.ui.density), one, |index| index, |index| Some(*index))
            .id("hunt/hits")
            .on_open(Message::Show);
    column![names(shown, &cx), rows].into()
}

fn progress<'a>(work: &Work, cx: &Cx<'a>) -> Element<'a, Message> {
    let share = if work.of == 0 { 0.0 } else { work.done as f32 / work.of as f32 };
    let words = cx.format(
        "hunt-progress",
        &[("done", &cx.catalog.number(work.done as u64)), ("of", &cx.catalog.number(work.of as u64))],
    );
    column![progress_bar(0.0..=1.0, share).girth(6.0).style(theme::input::progress), caption(words)]
        .spacing(space::XS)
        .into()
}

/// Columns there is room for beside those that always show.
#[derive(Clone, Copy)]
struct Shown {
    all: bool,
    topics: bool,
}

impl Shown {
    fn of(room: f32) -> Self {
        Self { all: room >= WIDE, topics: room >= MIDDLE }
    }
}

fn names<'a>(shown: Shown, cx: &Cx<'a>) -> Element<'a, Message> {
    let name = |key, width: iced::Length| cell(caption(cx.text(key)), width);
    let names = row![
        name("hunt-column-indicator", Fill),
        shown.all.then(|| name("hunt-column-kind", KIND.into())),
        name("hunt-column-count", COUNT.into()),
        shown.topics.then(|| name("hunt-column-topics", TOPICS.into())),
        shown.all.then(|| name("hunt-column-first", SEEN.into())),
        name("hunt-column-last", SEEN.into()),
        name("hunt-column-tlp", TLP.into()),
    ];
    // The list's scrollbar has a lane of its own.
    let padding = iced::Padding::from([space::XS, space::LG]).right(space::LG + LANE);
    let names = names.spacing(space::SM).padding(padding);
    container(names).style(theme::surface::panel).width(Fill).into()
}

fn hit_row<'a>(hit: &Hit, list: &List, index: usize, shown: Shown, cx: &Cx<'a>) -> Element<'a, Message> {
    let wanted = list.wanted.get(hit.wanted);
    let value = wanted.map(|wanted| safe::defang(&wanted.value)).unwrap_or_default();
    let kind = wanted.and_then(|wanted| Field::of(wanted.kind)).map_or("", Field::name);
    let topics: Vec<String> = hit.topics.iter().map(|topic| cx.topic(topic)).collect();
    let show = press(line(safe::line(&value)).font(theme::MONO).size(size::BODY - 1.0))
        .style(theme::button::quiet)
        .padding(0.0)
        .hint(cx.text("hunt-show"))
        .on_press(Message::Show(index));
    row![
        cell(Element::from(show), Fill),
        shown.all.then(|| cell(line(kind).style(theme::text::soft), KIND)),
        cell(line(cx.catalog.number(hit.count.into())), COUNT),
        shown.topics.then(|| cell(line(topics.join(", ")), TOPICS)),
        shown.all.then(|| cell(line(cx.catalog.time(hit.first)).style(theme::text::soft), SEEN)),
        cell(line(cx.catalog.time(hit.last)).style(theme::text::soft), SEEN),
        cell(widget::tlp(hit.strictest, cx.catalog.tlp_short(hit.strictest)), TLP),
    ]
    .spacing(space::SM)
    .padding([0.0, space::LG])
    .align_y(Center)
    .into()
}
