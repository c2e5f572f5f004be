//! The foot: where the report goes, what stands in the way in words, the button that goes on, the countdown, the receipts,
//! and every refusal with what to do.

use iced::widget::{Column, Row, column, container, row, space as gap, text};
use iced::{Center, Fill};

use super::desk::Desk;
use super::picker::For;
use super::{Message, Screen, Way, control};
use crate::app::cx::Cx;
use crate::compose::outbox::STOPPED;
use crate::compose::preflight::Weight;
use crate::compose::send::{Parcel, State};
use crate::model::{Tlp, TopicId};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, Tone, caption, press, strip};

impl Screen {
    pub(super) fn foot<'a>(&'a self, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
        let told = self.outbox.of_draft(&desk.id).map(|parcel| told(parcel, Message::Unhold, cx));
        let told = Column::with_children(told).spacing(space::XS);
        let state = if !way.editing {
            None
        } else if self.is_published(desk) {
            let fresh = Press::word(cx.text("compose-fresh")).id("report.fresh").on_press(Message::Close);
            Some(row![gap::horizontal(), Element::from(fresh)].into())
        } else {
            Some(self.ready(desk, way, cx))
        };
        let open = desk.picker.as_ref().filter(|picker| matches!(picker.what, For::Topic | For::Version(_)));
        let list = open.map(|picker| control::opened(picker, desk, way, cx));
        let inside = column![told, list, state].spacing(space::SM);
        container(inside).padding([space::SM, space::LG]).width(Fill).style(theme::surface::panel).into()
    }

    fn ready<'a>(&'a self, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
        let topics = desk.topics().iter().map(|topic| {
            let inside = row![text(named(topic, cx)), Icon::Close.view()].spacing(space::SM).align_y(Center);
            let drop = press(inside).padding([2.0, space::SM]).hint(cx.text("compose-topic-drop"));
            let drop = Element::from(drop.on_press_maybe(way.editing.then(|| Message::Untopic(topic.clone()))));
            row![drop, version(desk, topic, way, cx)].align_y(Center).into()
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
        if desk.leaks.looking() {
            said.push(caption(cx.text("compose-leak-looking")).into());
        }
        said.extend(renewing.map(|words| caption(words).into()));
        row(said).spacing(space::MD).align_y(Center).wrap().into()
    }
}

/// For whom it is in a topic, where there is a choice.
fn version<'a>(desk: &'a Desk, topic: &'a TopicId, way: &Way<'a>, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let made = desk.goes.versions.iter().find(|(of, _)| of == topic).map(|(_, made)| made);
    if made.is_none() && desk.goes.label == Tlp::Clear {
        return None;
    }
    let words: Element<'a, Message> = match made {
        Some(made) => {
            let count = cx.catalog.count("compose-version-out", made.removed.len() as u64, &[]);
            let label = crate::widget::tlp(made.target, cx.catalog.tlp_short(made.target));
            row![label, caption(count)].spacing(space::XS).align_y(Center).into()
        }
        None => caption(cx.text("compose-version-whole-short")).into(),
    };
    let inside = row![words, Icon::Open.view().style(theme::text::soft)].spacing(space::XS).align_y(Center);
    let open =
        press(inside).style(theme::button::quiet).padding([2.0, space::SM]).hint(cx.text("compose-version-hint"));
    Some(open.on_press_maybe(way.editing.then(|| Message::Pick(Some(For::Version(topic.clone()))))).into())
}

fn warning<'a>(words: String) -> Element<'a, Message> {
    let mark = Icon::Warning.view().style(theme::text::danger);
    row![mark, text(words)].spacing(space::SM).align_y(Center).into()
}

/// What came of it, or is about to; `undo` takes back what is held.
pub(super) fn told<'a>(parcel: &'a Parcel, undo: Message, cx: &Cx<'a>) -> Element<'a, Message> {
    let topic = named(parcel.topic(), cx);
    let to = [("topic", topic.as_str())];
    let is_back = parcel.payload().is_none();
    let key = || parcel.key().to_owned();
    let of = |publish: &'static str, back: &'static str| if is_back { back } else { publish };
    let what = parcel.words().map(|words| words.what.clone());
    match parcel.state() {
        State::Held { until } => {
            let left = u64::try_from(((*until - cx.now).num_milliseconds().max(0) + 999) / 1000).unwrap_or(0);
            let undo = Press::word(cx.text("compose-undo")).id("report.undo").on_press(undo);
            let words = cx.catalog.count(of("compose-held", "compose-retract-held"), left, &to);
            strip(Tone::Plain, words, Some(cx.text("compose-held-why")), vec![undo.into()])
        }
        State::Waiting => {
            let (act, why) = if parcel.can_undo() {
                ("compose-take-back", "compose-queued-why")
            } else {
                ("compose-stop", "compose-queued-unsure")
            };
            let back = Press::word(cx.text(act)).on_press(Message::TakeBack(key()));
            let why = [what, Some(cx.text(why))].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let words = cx.format(of("compose-queued", "compose-retract-queued"), &to);
            strip(Tone::Caution, words, Some(why), vec![back.into()])
        }
        State::Sent => strip(Tone::Plain, cx.format(of("compose-sending", "compose-retracting"), &to), None, vec![]),
        State::Done { item, at } => {
            let args = [("topic", topic.as_str()), ("time", &cx.catalog.clock(*at))];
            let words = cx.format(of("compose-published", "compose-retracted"), &args);
            let receipt = cx.format("compose-receipt", &[("item", &safe::line(&item.0))]);
            let copy = Press::word(cx.text("compose-receipt-copy")).on_press(Message::CopyReceipt(item.clone()));
            strip(Tone::Good, words, Some(receipt), vec![copy.into()])
        }
        State::Refused { condition, .. } => {
            let cause = what.unwrap_or_else(|| safe::line(condition));
            let args = [("topic", topic.as_str()), ("cause", &cause)];
            let next = parcel.words().and_then(|words| words.next.clone());
            let kept = if condition == STOPPED { "compose-stopped-why" } else { "compose-refused-kept" };
            let next = next.filter(|_| condition != STOPPED).or_else(|| Some(cx.text(kept)));
            strip(Tone::Alarm, cx.format(of("compose-refused", "compose-retract-refused"), &args), next, Vec::new())
        }
    }
}

/// A topic by its title.
pub fn named(id: &TopicId, cx: &Cx<'_>) -> String {
    let topic = cx.topics.iter().find(|topic| topic.id == *id);
    safe::line(topic.and_then(|topic| topic.title.as_deref()).unwrap_or(&id.node))
}
