//! The stream as drawn: what recording means, the stanzas newest first, and the chosen one beside them.

use chrono::SecondsFormat;
use iced::widget::{column, container, row, space as gap, text};
use iced::{Center, Fill, FillPortion, Length};

use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::engine::trace::{Line, Way};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, Tone, caption, empty, ground, heading, mono, strip, virtual_list};

/// Height of a row.
const ROW: f32 = 26.0;
const TIME: Length = Length::Fixed(96.0);
const WAY: Length = Length::Fixed(84.0);
const SIZE: Length = Length::Fixed(70.0);
/// Characters of a stanza in its row.
const GLIMPSE: usize = 160;

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let on = cx.trace.is_on();
        let back = Press::word(cx.text("session-stream-back")).id("stream.back").on_press(Message::Back);
        let record = if on { "session-stream-off" } else { "session-stream-on" };
        let record = Press::word(cx.text(record)).id("stream.record").on_press(Message::Record(!on));
        let hold = on.then(|| {
            let key = if self.held { "session-stream-follow" } else { "session-stream-hold" };
            Element::from(Press::word(cx.text(key)).id("stream.hold").on_press(Message::Hold(!self.held)))
        });
        let title = row![heading(cx.text("session-stream-title")).width(Fill), hold, Element::from(record)];
        let title = title.push(Element::from(back)).spacing(space::SM).align_y(Center);
        let note = on.then(|| strip(Tone::Caution, cx.text("session-stream-note"), None, Vec::new()));
        let body = if self.lines.is_empty() { nothing(on, cx) } else { self.panes(cx) };
        column![title, note, body].spacing(space::LG).padding(space::XL).height(Fill).into()
    }

    fn panes<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let here = *cx;
        let list = virtual_list(
            self.lines.len(),
            ROW,
            move |index| self.lines.get(index).map_or_else(|| gap::vertical().into(), |line| entry(line, &here)),
            |index| self.number(index),
            |number| self.index(*number),
        )
        .id("stream.list")
        .follow(!self.held)
        .selected(self.chosen.and_then(|number| self.index(number)))
        .on_select(Message::Pick);
        let list = container(list).width(FillPortion(3)).height(Fill);
        let list = Element::from(ground(list, theme::surface::sunken));
        row![list, self.detail(cx)].spacing(space::LG).height(Fill).into()
    }

    fn detail<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(shown) = &self.shown else {
            let words =
                empty(Icon::File, cx.text("session-stream-choose"), cx.text("session-stream-choose-why"), Vec::new());
            return container(words).width(FillPortion(2)).height(Fill).into();
        };
        let editor = crate::widget::reader(&shown.content, Message::Read);
        let bytes = caption(cx.catalog.count("session-stream-bytes", shown.size as u64, &[]));
        let copy = Press::word(cx.text("session-stream-copy")).id("stream.copy").on_press(Message::Copy);
        let foot = row![bytes, gap::horizontal(), Element::from(copy)].align_y(Center);
        column![editor, foot].spacing(space::SM).width(FillPortion(2)).height(Fill).into()
    }
}

/// Why there is nothing, and what to do.
fn nothing<'a>(on: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let (title, why) = if on {
        ("session-stream-waiting", "session-stream-waiting-why")
    } else {
        ("session-stream-none", "session-stream-none-why")
    };
    empty(Icon::File, cx.text(title), cx.text(why), Vec::new())
}

fn entry<'a>(line: &Line, cx: &Cx<'a>) -> Element<'a, Message> {
    let time = line.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let time = time.get(11..23).unwrap_or_default().to_owned();
    let (way, ink): (_, fn(&theme::Theme) -> text::Style) = match line.way {
        Way::Sent => (cx.text("session-stream-sent"), theme::text::accent),
        Way::Heard => (cx.text("session-stream-heard"), theme::text::soft),
    };
    let glimpse = mono(safe::line_within(&line.outline, GLIMPSE)).wrapping(text::Wrapping::None);
    row![
        container(mono(time).style(theme::text::soft)).width(TIME),
        container(text(way).style(ink)).width(WAY),
        container(mono(line.bytes.to_string()).style(theme::text::soft)).width(SIZE),
        container(glimpse).width(Fill).clip(true),
    ]
    .spacing(space::SM)
    .padding([0.0, space::MD])
    .align_y(Center)
    .height(ROW)
    .into()
}
