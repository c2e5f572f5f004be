//! The conformance radar: what works, what does so in part, what does not, why, and what the administrator can do.

use iced::widget::{Column, column, container, row, scrollable, text};
use iced::{Center, Fill, FillPortion};

use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::engine::radar::{Duty, Row, State, state};
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, caption, strong, title};

const ABOUT: u16 = 4;
const WHY: u16 = 6;
const STATE: f32 = 104.0;

impl Screen {
    pub(super) fn radar<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let rows = self.verdicts(cx);
        let many = self.facts(cx).are_many();
        let table = |key, ours: bool| {
            let own = rows.iter().filter(|row| (row.duty == Duty::Ours) == ours).map(|row| verdict(row, many, cx));
            column![title(cx.text(key)), Column::with_children(own).spacing(1.0)].spacing(space::SM)
        };
        let page = column![self.asking(&rows, cx), table("radar-report-rfc", false), table("radar-report-ours", true),];
        let page = container(page.spacing(space::XL)).padding(space::XL).width(Fill);
        scrollable(page).style(theme::surface::scroll).height(Fill).into()
    }

    /// What was asked and when, how it came out, and what can be done with it.
    fn asking<'a>(&'a self, rows: &[Row], cx: &Cx<'a>) -> Element<'a, Message> {
        let free = self.asked.is_none() && cx.online();
        let ask =
            |key, id, close| Press::word(cx.text(key)).id(id).on_press_maybe(free.then_some(Message::Scan(close)));
        let scan = ask("radar-scan", "radar.scan", false).style(theme::button::primary);
        let close = ask("radar-scan-close", "radar.close", true).hint(cx.text("radar-scan-close-why"));
        let asked = match &self.survey {
            _ if self.asked.is_some() => cx.text("radar-scanning"),
            Some(survey) => {
                let key = if survey.close { "radar-asked-close" } else { "radar-asked" };
                cx.format(key, &[("at", &cx.catalog.time(survey.at))])
            }
            None if !cx.online() => cx.text("radar-offline-now"),
            None => cx.text("radar-unasked"),
        };
        let save = Press::word(cx.text("radar-save")).id("radar.save").on_press(Message::SaveReport);
        let copy = Press::word(cx.text("radar-copy")).id("radar.copy").on_press(Message::CopyReport);
        let acts = row![
            Element::from(scan),
            Element::from(close),
            caption(asked).width(Fill),
            Element::from(copy.style(theme::button::quiet)),
            Element::from(save),
        ];
        let counts = [State::Works, State::Degraded, State::Missing, State::Unknown].map(|one| {
            let count = rows.iter().filter(|row| row.state == one).count();
            let words = format!("{} {}", cx.catalog.number(count as u64), cx.text(state(one)));
            row![mark(one), text(words).style(ink(one))].spacing(space::XS).align_y(Center).into()
        });
        let counts = iced::widget::Row::with_children(counts).spacing(space::LG);
        column![caption(cx.text("radar-lead")), acts.spacing(space::SM).align_y(Center), counts]
            .spacing(space::MD)
            .into()
    }
}

fn ink(state: State) -> fn(&iced::Theme) -> text::Style {
    match state {
        State::Works => theme::text::good,
        State::Degraded => theme::text::warn,
        State::Missing => theme::text::danger,
        State::Unknown => theme::text::soft,
    }
}

/// How it stands by a symbol, beside its word and its colour.
fn mark<'a>(state: State) -> Element<'a, Message> {
    let icon = match state {
        State::Works => Icon::Done,
        State::Degraded | State::Missing => Icon::Warning,
        State::Unknown => Icon::Unread,
    };
    icon.view().style(ink(state)).into()
}

/// A row; of several brokers it says whose it is.
fn verdict<'a>(of: &Row, many: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let duty = match of.duty {
        Duty::Must => "MUST \u{b7} ",
        Duty::Should => "SHOULD \u{b7} ",
        Duty::Ours => "",
    };
    let whose = of.broker.as_ref().filter(|_| many).map(|who| caption(who.to_string()).font(theme::MONO));
    let about = column![strong(cx.text(of.about)), caption(format!("{duty}{}", of.section)), whose].spacing(2.0);
    let word = text(cx.text(state(of.state))).style(ink(of.state));
    let word = row![mark(of.state), word].spacing(space::XS).align_y(Center);
    let next = cx.catalog.next(&of.why).filter(|_| of.state != State::Works);
    let next = next.map(|next| text(next).size(size::CAPTION).style(theme::text::accent));
    let why = column![text(cx.catalog.say(&of.why))].push(next).spacing(2.0);
    let line = row![
        container(word).width(STATE),
        container(about).width(FillPortion(ABOUT)),
        container(why).width(FillPortion(WHY)),
    ];
    container(line.spacing(space::MD)).padding([space::SM, space::MD]).width(Fill).style(theme::surface::card).into()
}
