//! The page when no draft is open: what to begin with, the drafts there are, a document from elsewhere.

use iced::widget::{Column, Row, column, container, row, scrollable, text_input};
use iced::{Center, Fill, Length};

use super::foot::named;
use super::view::{section, small};
use super::{Message, Paste, Screen, begin, publishable};
use crate::app::cx::Cx;
use crate::compose::send::Parcel;
use crate::theme::{self, metrics, space};
use crate::widget::{Element, Icon, Press, Tone, caption, card, empty, heading, line, press, strip, strong};

/// The field for a file's name.
pub const PATH: &str = "compose.path";
/// Width of a card to begin with.
pub(super) const CARD: f32 = 236.0;
/// Discarded drafts that are listed.
const DISCARDED: usize = 8;

impl Screen {
    pub(super) fn entry<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let outbox = self.posts(cx);
        if publishable(cx).next().is_none() && self.aside.is_empty() && outbox.is_none() {
            return nowhere(cx);
        }
        let gone = self.gone.first().filter(|_| self.discarded).map(|desk| {
            let undo = Press::word(cx.text("compose-undo")).id("compose.undiscard");
            let undo = undo.on_press(Message::Undiscard(desk.id.clone()));
            strip(
                Tone::Plain,
                cx.format("compose-discarded", &[("title", &self.name(desk, cx))]),
                None,
                vec![undo.into()],
            )
        });
        let trouble =
            self.trouble.as_ref().map(|say| strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        let begin = (0..begin::count()).map(|place| {
            let (name, why) = begin::words(place);
            let words = column![strong(cx.text(name)), caption(cx.text(why))].spacing(space::XS);
            let style: fn(&iced::Theme, _) -> _ =
                if place == 0 { theme::button::chosen_card } else { theme::button::card };
            let open = press(words)
                .style(style)
                .width(Length::Fixed(CARD))
                .padding(space::MD)
                .id(format!("compose.begin.{place}"));
            Element::from(open.on_press(Message::Begin(place)))
        });
        let own = self.stock.templates.iter().map(|(name, own)| self.template(name, own, cx));
        let damaged =
            self.damaged.iter().map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        let damaged = (!self.damaged.is_empty()).then(|| Column::with_children(damaged).spacing(space::XS));
        let begin = Row::with_children(begin.chain(own)).spacing(space::MD).wrap().vertical_spacing(space::MD);
        let drafts = self.aside.iter().map(|desk| self.draft_row(desk, cx));
        let drafts: Vec<Element<'a, Message>> = drafts.collect();
        let drafts = (!drafts.is_empty()).then(|| {
            let list = Column::with_children(drafts).spacing(2.0);
            column![section(cx.text("compose-drafts")), card(list).padding(space::SM)].spacing(space::SM)
        });
        let all = column![
            heading(cx.text("compose-entry")),
            gone,
            trouble,
            damaged,
            outbox,
            drafts,
            column![section(cx.text("compose-begin")), begin].spacing(space::SM),
            self.elsewhere(cx),
            self.at_hand(cx),
            self.discarded(cx),
        ];
        let all = container(all.spacing(space::XL).max_width(metrics::PROSE * 1.35)).padding(space::XL);
        scrollable(container(all).width(Fill)).style(theme::surface::scroll).height(Fill).into()
    }

    fn elsewhere<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let path = text_input(&cx.text("compose-path-example"), &self.path)
            .id(PATH)
            .on_input(Message::Path)
            .on_submit(Message::OpenPath)
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let choose = Press::word(cx.text("compose-path-choose")).id("compose.choose").on_press(Message::Choose);
        let open = Press::word(cx.text("compose-path-open"))
            .on_press_maybe((!self.path.trim().is_empty()).then_some(Message::OpenPath));
        let paste = Press::marked(Icon::Import, cx.text("compose-paste-first"))
            .id("compose.paste")
            .on_press(Message::Paste(Paste::Open));
        let line = row![path, Element::from(open), Element::from(choose)].spacing(space::SM).align_y(Center);
        let why = caption(cx.text("compose-open-why"));
        column![section(cx.text("compose-open")), why, line, Element::from(paste)].spacing(space::SM).into()
    }

    /// What was discarded and can be had back for a week.
    fn discarded<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let shown = self.gone.iter().skip(usize::from(self.discarded)).take(DISCARDED);
        let rows: Vec<Element<'a, Message>> = shown
            .map(|desk| {
                let back = small(cx.text("compose-bring-back"), Message::Undiscard(desk.id.clone()));
                let name = container(line(self.name(desk, cx)).style(theme::text::soft)).width(Fill).clip(true);
                row![name, back].align_y(Center).into()
            })
            .collect();
        let list = (!rows.is_empty()).then(|| Column::with_children(rows).spacing(2.0))?;
        Some(column![section(cx.text("compose-gone")), card(list).padding(space::SM)].spacing(space::SM).into())
    }

    fn draft_row<'a>(&'a self, desk: &'a super::desk::Desk, cx: &Cx<'a>) -> Element<'a, Message> {
        let label = desk.marks().restriction.tlp();
        let label = crate::widget::tlp(label, cx.catalog.tlp_short(label));
        let topics: Vec<String> = desk.topics().iter().map(|topic| named(topic, cx)).collect();
        let topics = if topics.is_empty() { cx.text("compose-no-topic") } else { topics.join(", ") };
        let state = self.state_of(desk).map(|key| caption(cx.text(key)));
        let words = row![
            container(label).width(92.0),
            container(line(self.name(desk, cx)).font(theme::BOLD)).width(Fill).clip(true),
            container(line(topics).style(theme::text::soft)).width(280.0).clip(true),
            state,
            caption(cx.format("compose-age", &[("age", &cx.catalog.age(cx.now - desk.changed))])),
        ];
        let open = press(words.spacing(space::MD).align_y(Center))
            .style(theme::button::row(false))
            .width(Fill)
            .padding([6.0, space::MD])
            .on_press(Message::Resume(desk.id.clone()));
        row![Element::from(open), small(cx.text("compose-discard"), Message::DiscardAside(desk.id.clone()))]
            .align_y(Center)
            .into()
    }

    /// How far what was decided of a draft is.
    fn state_of(&self, desk: &super::desk::Desk) -> Option<&'static str> {
        let own: Vec<&Parcel> = self.outbox.of_draft(&desk.id).collect();
        let _ = own.first()?;
        Some(if own.iter().any(|parcel| parcel.is_held()) {
            "compose-state-held"
        } else if own.iter().any(|parcel| !parcel.is_settled()) {
            "compose-state-queued"
        } else if self.is_published(desk) {
            "compose-state-published"
        } else if own.iter().all(|parcel| parcel.is_done()) {
            "compose-state-changed"
        } else {
            "compose-state-refused"
        })
    }

    fn name(&self, desk: &super::desk::Desk, cx: &Cx<'_>) -> String {
        if desk.title().is_empty() { untitled(cx) } else { desk.title().to_owned() }
    }
}

/// The name of a report that has none.
pub(super) fn untitled(cx: &Cx<'_>) -> String {
    cx.text("compose-untitled")
}

fn nowhere<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let topics = Press::word(cx.text("compose-show-topics")).id("report.topics").on_press(Message::ShowTopics);
    let fresh = Press::word(cx.text("compose-anyway")).on_press(Message::Begin(0));
    let why = if cx.online() { "compose-nowhere-why" } else { "compose-nowhere-offline" };
    empty(Icon::Compose, cx.text("compose-nowhere"), cx.text(why), vec![topics.into(), fresh.into()])
}
