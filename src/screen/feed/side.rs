//! Beside the list: views with what is unread in them, and topics.

use iced::widget::{Column, Row, column, container, scrollable, space as gap, text};
use iced::{Center, Fill, FillPortion};

use super::hole::{self, Piece};
use super::lines::Line;
use super::{Feed, Form, Group, Message};
use crate::app::cx::Cx;
use crate::model::topic::Membership;
use crate::model::{Coverage, Say, TopicId};
use crate::store::finder::Tally;
use crate::store::index::Sort;
use crate::store::query::{Field, Query};
use crate::store::views::Views;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Element, Icon, Press, Visible, caption, cell, line, press};

/// Topics listed; more are on their own screen.
const TOPICS: usize = 40;

/// A view of the side bar, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Own(usize),
    Saved(usize),
    Topic(usize),
}

impl View {
    /// The view of this number, counted from 1: those there always are, then the saved ones.
    pub(super) fn numbered(number: usize) -> Option<Self> {
        let at = number.checked_sub(1)?;
        Some(at.checked_sub(OWN.len()).map_or(Self::Own(at), Self::Saved))
    }
}

/// The filter, the order and the groups of a view.
pub(super) struct Meaning {
    pub text: String,
    pub sort: Sort,
    pub then: Option<Sort>,
    /// A saved view's own; elsewhere it is what the reader chose.
    pub group: Option<Option<Group>>,
}

/// Views there always are: name and filter.
const OWN: [(&str, &str); 6] = [
    ("feed-view-inbox", ""),
    ("feed-view-unread", "is:unread"),
    ("feed-view-ours", "is:ours"),
    ("feed-view-starred", "is:starred"),
    ("feed-view-updated", "is:updated"),
    ("feed-view-snoozed", "is:snoozed"),
];

#[derive(Debug, Default)]
pub(super) struct Side {
    pub views: Views,
    /// They are those that were kept.
    pub known: bool,
    /// Why rows are not in the list.
    pub short: Option<Say>,
    pub chosen: Option<View>,
    pub tally: Tally,
    /// Where the list goes on when what was asked for is found.
    pub returning: Option<(Option<Line>, Visible)>,
}

/// The topics one reads.
pub(super) fn topics(cx: &Cx<'_>) -> Vec<TopicId> {
    let mine = cx.topics.iter().filter(|topic| topic.membership == Membership::Subscribed);
    mine.map(|topic| topic.id.clone()).take(TOPICS).collect()
}

/// The filter that leaves this topic's rows, and no other's of that name.
fn of_topic(topic: &TopicId, cx: &Cx<'_>) -> String {
    Query::only(Field::Topic, &cx.finder.topic_name(topic)).map(|query| query.to_string()).unwrap_or_default()
}

impl Side {
    /// The filters whose unread rows are counted.
    pub fn queries(&self) -> Vec<Query> {
        let own = OWN.iter().filter_map(|(_, filter)| filter.parse().ok());
        own.chain(self.views.all().iter().map(|view| view.query.clone())).collect()
    }

    /// What a view stands for.
    pub fn meaning(&self, view: View, cx: &Cx<'_>) -> Option<Meaning> {
        let plain = |text: String| Meaning { text, sort: Sort::default(), then: None, group: None };
        match view {
            View::Own(at) => OWN.get(at).map(|(_, filter)| plain((*filter).to_owned())),
            View::Saved(at) => self.views.all().get(at).map(|view| Meaning {
                text: view.query.to_string(),
                sort: view.sort,
                then: view.then,
                group: Some(view.group),
            }),
            View::Topic(at) => topics(cx).get(at).map(|topic| plain(of_topic(topic, cx))),
        }
    }

    fn unread(&self, at: usize) -> u32 {
        self.tally.views.get(at).copied().unwrap_or_default()
    }
}

impl Feed {
    /// The side bar.
    #[must_use]
    pub fn side<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let plain = self.filter.is_empty() && self.side.chosen.is_none();
        let own = OWN.iter().enumerate().map(|(at, (key, _))| {
            let here = self.side.chosen == Some(View::Own(at)) || (at == 0 && plain);
            let one = entry(cx.text(key), self.side.unread(at), here, Message::View(View::Own(at)), cx);
            if at == 0 { one.id(super::SIDE).into() } else { one.into() }
        });
        let saved = self.side.views.all().iter().enumerate().map(|(at, view)| {
            let here = self.side.chosen == Some(View::Saved(at));
            let open = entry(
                safe::line(view.name()),
                self.side.unread(OWN.len() + at),
                here,
                Message::View(View::Saved(at)),
                cx,
            );
            let gone = here.then(|| {
                Element::from(
                    press(Icon::Close.view().size(10.0))
                        .style(theme::button::quiet)
                        .padding([6.0, space::XS])
                        .hint(cx.text("feed-view-remove"))
                        .on_press(Message::RemoveView(at)),
                )
            });
            Row::new().push(container(Element::from(open)).width(Fill)).push(gone).align_y(Center).into()
        });
        let save = (!self.filter.good().is_everything()).then(|| {
            let words = line(cx.text("feed-view-save")).size(size::CAPTION).style(theme::text::soft);
            Element::from(
                press(words)
                    .style(theme::button::quiet)
                    .width(Fill)
                    .padding([4.0, space::SM])
                    .on_press(Message::Form(Form::View(String::new()))),
            )
        });
        let all = topics(cx);
        let none = all.is_empty().then(|| caption(cx.text("feed-side-no-topics")));
        let list = all.into_iter().enumerate().map(|(at, topic)| {
            let counted = self.side.tally.topics.iter().find(|(own, _)| *own == topic);
            let here = self.side.chosen == Some(View::Topic(at));
            let unread = counted.map_or(0, |(_, count)| *count);
            let coverage = cx.coverage.iter().find(|coverage| coverage.topic == topic);
            let words = coverage.map(|coverage| self.covered_words(coverage, cx));
            let inside = Column::new()
                .push(named(cx.topic(&topic), unread, cx))
                .push(coverage.map(|coverage| bar(coverage, cx)))
                .push(words.clone().filter(|_| here).map(caption))
                .spacing(3.0);
            let open = press(inside).style(theme::button::tab(here)).width(Fill).padding([3.0, space::SM]).inset();
            let open = words.filter(|_| !here).into_iter().fold(open, Press::hint);
            open.on_press(Message::View(View::Topic(at))).into()
        });
        let head = |key| container(caption(cx.text(key)).font(theme::BOLD)).padding([space::XS, space::SM]);
        let inside = column![
            head("feed-side-views"),
            Column::with_children(own),
            Column::with_children(saved),
            save,
            gap::vertical().height(space::MD),
            head("feed-side-topics"),
            none,
            Column::with_children(list),
        ]
        .padding(space::XS);
        let page = scrollable(inside).style(theme::surface::scroll).height(Fill);
        widget::ground(container(page).width(Fill).height(Fill), theme::surface::panel).into()
    }
}

/// How tall a bar is, and what of it each piece fills: whoever sees no colours sees the height.
const BAR: f32 = 6.0;

/// The last day of a topic: what is here, what is missing, what nobody claims.
fn bar<'a>(coverage: &Coverage, cx: &Cx<'_>) -> Element<'a, Message> {
    let pieces = hole::bar(coverage, cx.now).into_iter().map(|(piece, length)| {
        let (height, style): (f32, fn(&theme::Theme) -> container::Style) = match piece {
            Piece::Have => (BAR, theme::surface::have),
            Piece::Filled => (BAR, theme::surface::filled),
            Piece::Open => (BAR / 2.0, theme::surface::doubtful),
            Piece::Missing => (BAR / 3.0, theme::surface::missing),
            Piece::Unknown => (1.0, theme::surface::unknown),
        };
        container(gap::horizontal()).width(FillPortion(length)).height(height).style(style).into()
    });
    Row::with_children(pieces).spacing(1.0).height(BAR).align_y(iced::Bottom).into()
}

/// A name with the number of what is unread.
fn named<'a>(words: String, unread: u32, cx: &Cx<'a>) -> Element<'a, Message> {
    let count = (unread > 0).then(|| {
        text(cx.catalog.number(unread.into())).size(size::CAPTION).font(theme::BOLD).style(theme::text::accent)
    });
    let name = if unread > 0 { line(words).font(theme::BOLD) } else { line(words) };
    Row::new().push(cell(name, Fill)).push(count).spacing(space::SM).align_y(Center).into()
}

fn entry<'a>(words: String, unread: u32, here: bool, message: Message, cx: &Cx<'a>) -> Press<'a, Message> {
    let inside = named(words, unread, cx);
    press(inside).style(theme::button::tab(here)).width(Fill).padding([3.0, space::SM]).inset().on_press(message)
}
