//! The foot: where the report goes, what stands in the way in words, the button that goes on, the countdown, the receipts,
//! and every refusal with what to do.

use iced::widget::{Column, Row, column, container, row, space as gap, text};
use iced::{Center, Fill};

use super::desk::Desk;
use super::flight::Flight;
use super::picker::For;
use super::{Message, Screen, Way, control};
use crate::app::cx::Cx;
use crate::compose::preflight::Weight;
use crate::compose::send::State;
use crate::model::TopicId;
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, Tone, caption, press, strip};

impl Screen {
    pub(super) fn foot<'a>(&'a self, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
        let flights: Vec<&Flight> = self.flights_of(&desk.id).collect();
        let told = flights.iter().map(|flight| told(flight, cx));
        let told = Column::with_children(told).spacing(space::XS);
        let published = !flights.is_empty() && flights.iter().all(|flight| flight.is_published());
        let state = if flights.iter().any(|flight| flight.is_under_way()) {
            None
        } else if published {
            let fresh = Press::word(cx.text("compose-fresh")).id("report.fresh").on_press(Message::Close);
            Some(row![gap::horizontal(), Element::from(fresh)].into())
        } else {
            Some(self.ready(desk, way, cx))
        };
        let open = desk.picker.as_ref().filter(|picker| picker.what == For::Topic);
        let list = open.map(|picker| control::opened(picker, desk, way, cx));
        let inside = column![told, list, state].spacing(space::SM);
        container(inside).padding([space::SM, space::LG]).width(Fill).style(theme::surface::panel).into()
    }

    fn ready<'a>(&'a self, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
        let topics = desk.topics().iter().map(|topic| {
            let inside = row![text(named(topic, cx)), Icon::Close.view()].spacing(space::SM).align_y(Center);
            let drop = press(inside).padding([2.0, space::SM]).hint(cx.text("compose-topic-drop"));
            Element::from(drop.on_press_maybe(way.editing.then(|| Message::Untopic(topic.clone()))))
        });
        let add = if desk.topics().is_empty() { "compose-topic-choose" } else { "compose-topic-more" };
        let add = Press::marked(Icon::Hunt, cx.text(add))
            .padding([2.0, space::SM])
            .id("report.topic")
            .on_press_maybe(way.editing.then_some(Message::Pick(Some(For::Topic))));
        let to = Row::with_children(topics).push(Element::from(add)).spacing(space::XS).align_y(Center);
        let to = row![caption(cx.text("compose-to")), to.wrap()].spacing(space::SM).align_y(Center);
        let publish = Press::marked(Icon::Next, cx.text("compose-publish"))
            .style(theme::button::primary)
            .id("report.publish")
            .hint(cx.text("compose-publish-hint"))
            .on_press_maybe(way.editing.then_some(Message::Publish));
        let words = column![to, self.words(desk, cx)].spacing(space::XS).width(Fill);
        row![words, Element::from(publish)].spacing(space::LG).align_y(Center).into()
    }

    /// What stands in the way; the first of it, and how much more.
    fn words<'a>(&'a self, desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
        let findings = &desk.findings;
        let renewing = (findings.of != Some(desk.revision())).then(|| cx.text("compose-rechecking"));
        let first = findings.list.iter().find(|finding| finding.weight == Weight::Blocks);
        let (blocks, warns) = (findings.blocks() as u64, findings.warns() as u64);
        let lost =
            desk.topics().iter().find(|topic| cx.complete && !super::publishable(cx).any(|one| one.id == **topic));
        let mut said: Vec<Element<'a, Message>> = Vec::new();
        if let Some(topic) = lost {
            said.push(warning(cx.format("compose-problem-topic-lost", &[("topic", &named(topic, cx))])));
        } else if desk.topics().is_empty() {
            said.push(caption(cx.text("compose-problem-topic")).into());
        }
        if let Some(first) = first {
            let more = (blocks > 1).then(|| cx.catalog.count("compose-blocks-more", blocks - 1, &[]));
            let words = [Some(cx.catalog.say(&first.say)), more].into_iter().flatten().collect::<Vec<_>>().join(" ");
            said.push(warning(words));
        } else if findings.of.is_some() && !desk.topics().is_empty() && lost.is_none() {
            let topics: Vec<String> = desk.topics().iter().map(|topic| named(topic, cx)).collect();
            said.push(caption(cx.format("compose-ready", &[("topic", &topics.join(", "))])).into());
        }
        if warns > 0 {
            said.push(caption(cx.catalog.count("compose-warns", warns, &[])).into());
        }
        if !cx.online() {
            said.push(caption(cx.text("compose-offline")).into());
        }
        if desk.leaks.looking {
            said.push(caption(cx.text("compose-leak-looking")).into());
        }
        said.extend(renewing.map(|words| caption(words).into()));
        row(said).spacing(space::MD).align_y(Center).wrap().into()
    }
}

fn warning<'a>(words: String) -> Element<'a, Message> {
    let mark = Icon::Warning.view().style(theme::text::danger);
    row![mark, text(words)].spacing(space::SM).align_y(Center).into()
}

/// What came of it, or is about to.
pub(super) fn told<'a>(flight: &'a Flight, cx: &Cx<'a>) -> Element<'a, Message> {
    let topic = named(flight.parcel.topic(), cx);
    let to = [("topic", topic.as_str())];
    match flight.parcel.state() {
        State::Held { until } => {
            let left = u64::try_from(((*until - cx.now).num_milliseconds().max(0) + 999) / 1000).unwrap_or(0);
            let undo = Press::word(cx.text("compose-undo")).id("report.undo").on_press(Message::Unhold);
            let words = cx.catalog.count("compose-held", left, &to);
            strip(Tone::Plain, words, Some(cx.text("compose-held-why")), vec![undo.into()])
        }
        State::Waiting => {
            let back = Press::word(cx.text("compose-take-back"))
                .on_press_maybe(flight.parcel.can_undo().then(|| Message::Unqueue(flight.parcel.topic().clone())));
            let why = flight.why.as_ref().map(|why| cx.catalog.say(why));
            let key = if flight.parcel.can_undo() { "compose-queued-why" } else { "compose-queued-unsure" };
            let why = [why, Some(cx.text(key))].into_iter().flatten().collect::<Vec<_>>().join(" ");
            strip(Tone::Caution, cx.format("compose-queued", &to), Some(why), vec![back.into()])
        }
        State::Sent => strip(Tone::Plain, cx.format("compose-sending", &to), None, vec![]),
        State::Published { item, at } => {
            let words = cx.format("compose-published", &[("topic", &topic), ("time", &cx.catalog.clock(*at))]);
            let receipt = cx.format("compose-receipt", &[("item", &safe::line(&item.0))]);
            let copy = Press::word(cx.text("compose-receipt-copy")).on_press(Message::CopyReceipt(item.clone()));
            strip(Tone::Good, words, Some(receipt), vec![copy.into()])
        }
        State::Refused { condition, .. } => {
            let cause = flight.why.as_ref().map_or_else(|| safe::line(condition), |why| cx.catalog.say(why));
            let next = flight.why.as_ref().and_then(|why| cx.catalog.next(why));
            let words = cx.format("compose-refused", &[("topic", &topic), ("cause", &cause)]);
            strip(Tone::Alarm, words, next.or_else(|| Some(cx.text("compose-refused-kept"))), Vec::new())
        }
    }
}

/// A topic by its title.
pub fn named(id: &TopicId, cx: &Cx<'_>) -> String {
    let topic = cx.topics.iter().find(|topic| topic.id == *id);
    safe::line(topic.and_then(|topic| topic.title.as_deref()).unwrap_or(&id.node))
}
