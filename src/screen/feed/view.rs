//! How the feed is drawn in each of its states (`product.md` B5).

use iced::widget::{column, container, keyed_column, responsive, row, rule, space as gap, stack, text};
use iced::{Center, Element, Fill};

use super::lines::Line;
use super::row::Shape;
use super::{Feed, Group, LIST, Layout, Message, between, row as one};
use crate::app::cx::Cx;
use crate::engine::{Connection, Step};
use crate::model::topic::Membership;
use crate::theme::{self, size, space};
use crate::widget::virtual_list::LANE;
use crate::widget::{self, Icon, Press, Tone, press, strip, virtual_list};

impl Feed {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let cx = *cx;
        let content = responsive(move |bounds| {
            let line = rule::horizontal(1).style(theme::surface::line);
            let over = stack![self.body(bounds.width, &cx)].push(self.proposals(&cx)).push(self.form_view(&cx));
            let page = column![self.bar(bounds.width, &cx)]
                .push(self.chips(&cx))
                .push(self.short_of(&cx))
                .push(self.hidden(&cx))
                .push(self.selection(&cx))
                .push(line)
                .push(trouble(&cx))
                .push(over.height(Fill));
            let table = Shape::of(&self.columns(&cx), bounds.width).table;
            let shown: Vec<_> = table.columns.into_iter().map(|(column, _)| column).collect();
            widget::keys(page, move |key, modifiers| self.key(&key, modifiers, &shown)).into()
        });
        widget::ground(content, theme::surface::sunken).into()
    }

    fn body<'a>(&'a self, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        if self.len() > 0 {
            self.list(width, cx)
        } else if self.asks_ours() && cx.finder.lens().is_empty() {
            let say = Press::word(cx.text("feed-ours-say")).style(theme::button::primary).on_press(Message::Ours);
            let why = cx.text("feed-ours-unsaid-why");
            widget::empty(Icon::Link, cx.text("feed-ours-unsaid"), why, vec![say.into()])
        } else if self.found.is_some() {
            let hidden = match &self.filter.error {
                Some(_) => cx.text("feed-filtered-wrong"),
                None => cx.catalog.count("feed-filtered-why", u64::from(cx.store.len()), &[]),
            };
            let clear = Press::word(cx.text("feed-filter-clear")).on_press(Message::ClearFilter);
            widget::empty(Icon::Search, cx.text("feed-filtered"), hidden, vec![clear.into()])
        } else {
            nothing_yet(cx)
        }
    }

    fn list<'a>(&'a self, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        let cx = *cx;
        let shape = Shape::of(&self.columns(&cx), width);
        let rows_shape = shape.clone();
        let at = move |index| self.seq(index).and_then(|seq| cx.store.row(seq));
        let item = move |index| match (self.line(index), at(index)) {
            (_, Some(item)) => {
                let mine = one::Mine {
                    local: cx.finder.local(item.seq),
                    revision: cx.finder.revision(&item),
                    marked: self.is_marked(item.seq),
                    cell: self.cell.filter(|_| self.selected == Some(item.seq)),
                };
                one::view(&item, &mine, &rows_shape, &cx)
            }
            (Some(Line::Hole(key)), _) => self.hole(key).map_or_else(|| gap().into(), |hole| between::hole(hole, &cx)),
            (Some(Line::Head(key)), _) => {
                let head = self.groups.as_ref().and_then(|groups| groups.head(key));
                let (group, open) = (self.group.unwrap_or(Group::Topic), self.open.contains(&key));
                head.map_or_else(|| gap().into(), |head| between::head(head, group, open, &cx))
            }
            (Some(Line::Row(_)) | None, None) => gap().into(),
        };
        let locate = move |line: &Option<Line>| self.locate(line.as_ref()?, cx.store);
        let row_height = shape.height(self.density(&cx));
        let first = self.first.filter(|(basis, _)| *basis == self.basis);
        let place = first.map(|(_, line)| (Some(line), self.visible));
        let rows = virtual_list(self.len(), row_height, item, |index| self.line(index), locate)
            .id(LIST)
            .selected(self.selected_index(cx.store))
            .follow(self.follows())
            .basis(self.basis)
            .place(place)
            .bubble(move |index| at(index).map_or(String::new(), |item| cx.catalog.time(item.at)))
            .on_select(Message::Select)
            .on_open(Message::Open)
            .on_visible(Message::Visible);
        let header = one::header(&cx, &shape, self.sort, self.then);
        let table = shape.table;
        let at = table.edges().into_iter().map(|(at, ..)| at).collect();
        let drag = move |edge, x| match table.dragged(edge, x) {
            Some((column, width)) => Message::Layout(Layout::Drag(column, width)),
            None => Message::Layout(Layout::Drop),
        };
        let header = widget::edges(header, at, drag, Message::Layout(Layout::Drop));
        let names = container(row![Element::from(header), gap().width(LANE)]).center_y(28.0);
        let head = stack![names, self.pill(&cx)];
        // Built anew where one came back to another filter, at the place it had.
        let rows = keyed_column([(self.epoch, Element::from(rows))]).width(Fill).height(Fill);
        column![container(head).style(theme::surface::panel).width(Fill), rows].into()
    }

    /// What came in above, where the reader cannot see it. It stands in the header, so that it covers no row.
    fn pill<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let new = self.visible.above as u64;
        (new > 0).then(|| {
            let words = text(cx.catalog.count("feed-new", new, &[])).font(theme::BOLD).size(size::CAPTION);
            let inside = row![Icon::Newer.view().size(size::CAPTION), words].spacing(space::SM).align_y(Center);
            let pill = press(inside)
                .style(theme::button::pill)
                .padding([3.0, space::LG])
                .hint(cx.text("feed-new-hint"))
                .on_press(Message::Jump);
            container(Element::from(pill))
                .align_right(Fill)
                .center_y(Fill)
                .padding(iced::Padding::ZERO.right(LANE))
                .into()
        })
    }
}

/// The connection's trouble, above rows that stay usable.
fn trouble<'a>(cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let (tone, cause, act) = match cx.connection {
        Connection::Waiting { cause, .. } => {
            (Tone::Caution, cause, Press::word(cx.text("feed-retry")).on_press(Message::Retry))
        }
        Connection::Stopped { cause } => {
            (Tone::Alarm, cause, Press::word(cx.text("feed-details")).on_press(Message::Details))
        }
        Connection::Offline | Connection::Connecting { .. } | Connection::Online(_) => return None,
    };
    let say = cause.say();
    let words = strip(tone, cx.catalog.say(&say), cx.catalog.next(&say), vec![act.into()]);
    Some(container(words).padding(space::SM).into())
}

/// There is no row: says why, and what to do.
fn nothing_yet<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let subscribed = cx.topics.iter().filter(|topic| topic.membership == Membership::Subscribed).count() as u64;
    match cx.connection {
        Connection::Offline | Connection::Waiting { .. } | Connection::Stopped { .. } => {
            let connect = Press::word(cx.text("feed-connect")).style(theme::button::primary).on_press(Message::Connect);
            widget::empty(Icon::Offline, cx.text("feed-offline"), cx.text("feed-offline-why"), vec![connect.into()])
        }
        Connection::Connecting { step, .. } => {
            let step = cx.text(match step {
                Step::Dialing => "feed-step-dialing",
                Step::Securing => "feed-step-securing",
                Step::Authenticating => "feed-step-authenticating",
                Step::Binding => "feed-step-binding",
                Step::Discovering => "feed-step-discovering",
            });
            widget::empty(Icon::Connecting, cx.text("feed-connecting"), step, Vec::new())
        }
        Connection::Online(_) if cx.walk.is_some() => {
            widget::empty(Icon::Connecting, cx.text("feed-connecting"), cx.text("feed-step-discovering"), Vec::new())
        }
        Connection::Online(_) if subscribed == 0 => {
            let browse = Press::word(cx.text("feed-browse")).style(theme::button::primary).on_press(Message::Browse);
            let why = cx.text("feed-unsubscribed-why");
            widget::empty(Icon::Topics, cx.text("feed-unsubscribed"), why, vec![browse.into()])
        }
        Connection::Online(_) => {
            let why = cx.catalog.count("feed-quiet-why", subscribed, &[]);
            widget::empty(Icon::Done, cx.text("feed-quiet"), why, Vec::new())
        }
    }
}
