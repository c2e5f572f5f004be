//! How the list is laid out: columns, their order and width, density, what rows are put together by. Kept with the view that
//! shows; where that is none of the saved ones, in the settings.

use iced::widget::{Column as Lines, column, container, row, scrollable};
use iced::{Center, Fill};

use super::table;
use super::{Feed, Group, Message, View};
use crate::app::cx::Cx;
use crate::screen::Action;
use crate::settings::Density;
use crate::store::index::Sort;
use crate::store::views::{self, Column, Width};
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, caption, cell, line, press};

/// Room for what moves a column and makes it wider, and for its place in the order.
const PLACE: f32 = 112.0;
const ORDER: f32 = 84.0;
/// How much wider or narrower one press makes a column.
const STEP: u16 = 12;

/// A change of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    Show(Column, bool),
    /// To the right, or (`false`) to the left.
    Move(Column, bool),
    Wider(Column, bool),
    /// An edge is dragged; it is kept when it is let go.
    Drag(Column, u16),
    Drop,
    /// How tightly rows stand; `None` is the next of three.
    Density(Option<Density>),
    /// As everybody begins.
    Reset,
}

/// A view's density in the settings' words.
fn of_view(density: views::Density) -> Density {
    match density {
        views::Density::Compact => Density::Compact,
        views::Density::Comfortable => Density::Comfortable,
        views::Density::Roomy => Density::Roomy,
    }
}

pub(super) fn of_settings(density: Density) -> views::Density {
    match density {
        Density::Compact => views::Density::Compact,
        Density::Comfortable => views::Density::Comfortable,
        Density::Roomy => views::Density::Roomy,
    }
}

fn density_key(density: Density) -> &'static str {
    match density {
        Density::Compact => "feed-density-compact",
        Density::Comfortable => "feed-density-comfortable",
        Density::Roomy => "feed-density-roomy",
    }
}

fn group_key(group: Option<Group>) -> &'static str {
    match group {
        None => "feed-group-none",
        Some(Group::Topic) => "feed-group-topic",
        Some(Group::Source) => "feed-group-source",
        Some(Group::Campaign) => "feed-group-campaign",
        Some(Group::Observable) => "feed-group-observable",
    }
}

impl Feed {
    /// The saved view that shows.
    pub(super) fn saved(&self) -> Option<(usize, &views::View)> {
        let View::Saved(at) = self.side.chosen? else { return None };
        self.side.views.all().get(at).map(|view| (at, view))
    }

    /// Changes the saved view that shows, where one does, and keeps it.
    pub(super) fn change_view(
        &mut self,
        change: impl FnOnce(&mut views::View),
        cx: &Cx<'_>,
    ) -> Option<Action<Message>> {
        let (at, view) = self.saved()?;
        let mut view = view.clone();
        change(&mut view);
        let _ = self.side.views.replace(at, view);
        Some(self.keep_views(cx))
    }

    /// The columns that are wanted, in their order.
    pub(super) fn columns(&self, cx: &Cx<'_>) -> Vec<Width> {
        if let Some(dragged) = &self.dragged {
            return dragged.clone();
        }
        let own = self.saved().map(|(_, view)| view.columns.clone()).filter(|columns| !columns.is_empty());
        let usual = || cx.settings.ui.columns.as_deref().map(views::read_columns).filter(|columns| !columns.is_empty());
        own.or_else(usual).unwrap_or_else(table::usual)
    }

    pub(super) fn density(&self, cx: &Cx<'_>) -> Density {
        self.saved().map_or(cx.settings.ui.density, |(_, view)| of_view(view.density))
    }

    pub(super) fn lay_out(&mut self, change: Layout, cx: &Cx<'_>) -> Action<Message> {
        let mut columns = self.columns(cx);
        let at = |columns: &[Width], of| columns.iter().position(|own| own.column == of);
        match change {
            Layout::Show(column, true) if at(&columns, column).is_none() => {
                columns.push(Width { column, width: table::begins(column) });
            }
            // Something must be left to be seen.
            Layout::Show(column, false) if columns.len() > 1 => columns.retain(|own| own.column != column),
            Layout::Show(..) => return Action::None,
            Layout::Move(column, right) => {
                let Some(from) = at(&columns, column) else { return Action::None };
                let to = if right { from + 1 } else { from.wrapping_sub(1) };
                if to < columns.len() {
                    columns.swap(from, to);
                }
            }
            Layout::Wider(column, wider) => {
                for own in columns.iter_mut().filter(|own| own.column == column && column != Column::Title) {
                    let width = if wider { own.width + STEP } else { own.width.saturating_sub(STEP) };
                    own.width = width.clamp(table::LEAST, table::MOST);
                }
            }
            Layout::Drag(column, width) => {
                columns.iter_mut().filter(|own| own.column == column).for_each(|own| own.width = width);
                self.dragged = Some(columns);
                return Action::None;
            }
            Layout::Drop if self.dragged.is_none() => return Action::None,
            Layout::Drop => self.dragged = None,
            Layout::Density(density) => {
                let density = density.unwrap_or_else(|| self.next_density(cx));
                return self.keep_density(density, cx);
            }
            Layout::Reset => columns = Vec::new(),
        }
        self.keep_columns(columns, cx)
    }

    fn keep_columns(&mut self, columns: Vec<Width>, cx: &Cx<'_>) -> Action<Message> {
        if let Some(kept) = self.change_view(|view| view.columns.clone_from(&columns), cx) {
            return kept;
        }
        let mut settings = cx.settings.clone();
        settings.ui.columns = (!columns.is_empty()).then(|| views::columns_text(&columns));
        Action::Settings(Box::new(settings))
    }

    fn keep_density(&mut self, density: Density, cx: &Cx<'_>) -> Action<Message> {
        if let Some(kept) = self.change_view(|view| view.density = of_settings(density), cx) {
            return kept;
        }
        let mut settings = cx.settings.clone();
        settings.ui.density = density;
        Action::Settings(Box::new(settings))
    }

    /// The density after the present one.
    fn next_density(&self, cx: &Cx<'_>) -> Density {
        let now = self.density(cx);
        let at = Density::ALL.iter().position(|own| *own == now).unwrap_or_default();
        Density::ALL.get(at + 1).or(Density::ALL.first()).copied().unwrap_or_default()
    }

    /// The form: every column with its place, width and order; how tightly rows stand; what they are put together by.
    pub(super) fn columns_form<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let shown = self.columns(cx);
        let hidden = table::ALL.iter().filter(|(column, _)| !shown.iter().any(|own| own.column == *column));
        let all = shown.iter().map(|own| (own.column, true)).chain(hidden.map(|(column, _)| (*column, false)));
        let lines = all.map(|(column, shows)| self.column_line(column, shows, cx));
        let list = Lines::with_children(lines).spacing(2.0).padding(iced::Padding::ZERO.right(space::LG));
        let list = container(scrollable(list).style(theme::surface::scroll)).max_height(300.0);
        let density = Density::ALL.iter().map(|density| {
            let here = self.density(cx) == *density;
            word(cx.text(density_key(*density)), here, Message::Layout(Layout::Density(Some(*density))))
        });
        let groups = std::iter::once(None).chain(Group::ALL.into_iter().map(Some));
        let groups = groups.map(|group| word(cx.text(group_key(group)), self.group == group, Message::Group(group)));
        let heads = row![
            caption(cx.text("feed-columns-name")).width(Fill),
            caption(cx.text("feed-columns-place")).width(PLACE),
            caption(cx.text("feed-columns-order")).width(ORDER),
        ];
        let heads = heads.padding(iced::Padding::ZERO.left(space::XL).right(space::LG));
        let choice = |key: &str, words: Vec<Element<'a, Message>>| {
            let words = row(words).spacing(space::XS).wrap();
            row![caption(cx.text(key)).width(64.0), words].spacing(space::XS).align_y(Center)
        };
        let reset = Press::word(cx.text("feed-columns-reset")).on_press(Message::Layout(Layout::Reset));
        column![
            heads,
            list,
            choice("feed-density", density.collect()),
            choice("feed-groups", groups.collect()),
            Element::from(reset)
        ]
        .spacing(space::SM)
        .into()
    }

    fn column_line<'a>(&'a self, column: Column, shows: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let small = |words: &'static str, hint: &str, message: Message| {
            let one = Press::word(words).style(theme::button::quiet).padding([3.0, 9.0]);
            Element::from(one.hint(cx.text(hint)).on_press(message))
        };
        let turn = |number: u8, sort: Option<Sort>, hint: &str, message: Message| {
            let way = sort.map(|sort| if sort.descending { " \u{2193}" } else { " \u{2191}" });
            let words = format!("{number}{}", way.unwrap_or_default());
            let one = Press::word(words).style(theme::button::tab(way.is_some())).padding([3.0, 9.0]);
            Element::from(one.hint(cx.text(hint)).on_press(message))
        };
        let mark = if shows { Icon::Done } else { Icon::Unknown };
        let ink = if shows { theme::text::normal } else { theme::text::soft };
        let name = row![
            mark.view().size(12.0).style(if shows { theme::text::accent } else { theme::text::soft }),
            line(cx.text(table::key(column))).style(ink)
        ];
        let name = press(name.spacing(space::SM).align_y(Center)).style(theme::button::quiet).padding([2.0, space::XS]);
        let name = name.width(Fill).on_press(Message::Layout(Layout::Show(column, !shows)));
        let change = |message| Message::Layout(message);
        let places = shows.then(|| {
            let move_to = row![
                small("\u{2190}", "feed-column-left", change(Layout::Move(column, false))),
                small("\u{2192}", "feed-column-right", change(Layout::Move(column, true))),
            ];
            // The title has what the others leave.
            let width = (column != Column::Title).then(|| {
                row![
                    small("\u{2212}", "feed-column-narrower", change(Layout::Wider(column, false))),
                    small("+", "feed-column-wider", change(Layout::Wider(column, true))),
                ]
            });
            move_to.push(width)
        });
        let places = cell(row![places], PLACE);
        let by = table::by(column);
        let first = Some(self.sort).filter(|sort| sort.by == by);
        let then = self.then.filter(|then| then.by == by);
        let order = row![
            turn(1, first, "feed-column-first", Message::Sort(by)),
            turn(2, then, "feed-column-second", Message::Then(by)),
        ];
        let order = cell(order, ORDER);
        row![Element::from(name), places, order].align_y(Center).into()
    }
}

fn word<'a>(words: String, here: bool, message: Message) -> Element<'a, Message> {
    Press::word(words).style(theme::button::tab(here)).padding([2.0, space::SM]).on_press(message).into()
}
