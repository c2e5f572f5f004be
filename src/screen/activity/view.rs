//! The page: its sides, how the chain stands, the list and the chosen act beside it.

use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::{Column, column, container, responsive, row, rule, scrollable, text, text_input};
use iced::{Center, Fill, FillPortion};

use super::{Chain, Message, Screen, Side};
use crate::app::cx::Cx;
use crate::model::Coverage;
use crate::model::coverage::Standing;
use crate::port::activity::Format;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, Tone, caption, card, empty, heading, keys, strip, title};

/// Room below which the chosen act stands under the list.
const BESIDE: f32 = 980.0;
/// Width of the field for a noted head.
const NOTED: f32 = 190.0;
/// Gaps of a topic that are listed, the newest.
const GAPS: usize = 6;

impl Screen {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let body = match self.side {
            Side::Log => self.log(cx),
            Side::Open if self.open.len() == 0 => {
                empty(Icon::Done, cx.text("activity-open-none"), cx.text("activity-open-none-why"), Vec::new())
            }
            Side::Open => self.panes(Side::Open, cx),
            Side::Deliveries => deliveries(cx),
            Side::Radar => self.radar(cx),
        };
        let page = column![self.head(cx), rule::horizontal(1).style(theme::surface::line), body];
        let page = container(page).style(theme::surface::base).width(Fill).height(Fill);
        keys(page, |key, modifiers| {
            if modifiers.control() || modifiers.alt() || modifiers.logo() {
                return None;
            }
            match key {
                Key::Named(Named::ArrowDown) | Key::Character("j") => Some(Message::Step(1)),
                Key::Named(Named::ArrowUp) | Key::Character("k") => Some(Message::Step(-1)),
                Key::Character("/") => Some(Message::Search),
                _ => None,
            }
        })
        .into()
    }

    fn head<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let open = self.open.len();
        let open = match open {
            0 => cx.text("activity-open"),
            count => format!("{} {}", cx.text("activity-open"), cx.catalog.number(count as u64)),
        };
        let tab = |words: String, side: Side, id: &'static str| {
            let tab = Press::word(words).style(theme::button::tab(self.side == side)).id(id);
            Element::from(tab.on_press(Message::Side(side)))
        };
        let tabs = row![
            tab(cx.text("activity-log"), Side::Log, "activity.log"),
            tab(open, Side::Open, "activity.open"),
            tab(cx.text("activity-deliveries"), Side::Deliveries, "activity.deliveries"),
            tab(cx.text("radar-title"), Side::Radar, "activity.radar"),
        ];
        let top = column![heading(cx.text("activity-title")), tabs.spacing(space::XS)].spacing(space::SM);
        container(top).padding([space::MD, space::XL]).width(Fill).into()
    }

    fn log<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let body = if self.log.len() > 0 {
            self.panes(Side::Log, cx)
        } else if self.reading {
            let words = match self.reached {
                Some(reached) => cx.format("activity-searching", &[("number", &cx.catalog.number(reached))]),
                None => cx.text("activity-reading"),
            };
            container(caption(words)).padding(space::XL).width(Fill).height(Fill).into()
        } else if self.filter.is_empty() {
            empty(Icon::File, cx.text("activity-empty-log"), cx.text("activity-empty-log-why"), Vec::new())
        } else {
            let hidden = cx.catalog.number(self.last);
            let why = cx.format("activity-nothing-why", &[("count", &hidden)]);
            let clear = Press::word(cx.text("activity-clear")).id("activity.clear").on_press(Message::Clear);
            empty(Icon::Search, cx.text("activity-nothing"), why, vec![clear.into()])
        };
        column![self.bar(cx), body].into()
    }

    /// How the chain stands, the filter, and what can be done with the log.
    fn bar<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let field = text_input(&cx.text("activity-filter"), &self.typed)
            .id(super::FILTER)
            .on_input(Message::Typed)
            .padding([space::SM, space::MD])
            .style(if self.wrong.is_some() { theme::input::wrong } else { theme::input::field });
        let act = |key, id, message| Element::from(Press::word(cx.text(key)).id(id).on_press(message));
        let noted = text_input(&cx.text("activity-noted"), &self.noted)
            .id("activity.noted")
            .on_input(Message::Noted)
            .on_submit(Message::Verify)
            .width(NOTED)
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let acts = row![
            Element::from(noted),
            act("activity-verify", "activity.verify", Message::Verify),
            act("activity-save-json", "activity.json", Message::Save(Format::JsonLines)),
            act("activity-save-csv", "activity.csv", Message::Save(Format::Csv)),
        ];
        let line = row![container(field).width(Fill), acts.spacing(space::XS).align_y(Center)]
            .spacing(space::SM)
            .align_y(Center);
        let wrong =
            self.wrong.as_ref().map(|say| text(cx.catalog.say(say)).size(size::CAPTION).style(theme::text::danger));
        let trouble =
            self.trouble.as_ref().map(|say| strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new()));
        let bar = column![self.chain(cx), line].push(wrong).push(trouble).spacing(space::SM);
        container(bar).padding([space::SM, space::XL]).width(Fill).into()
    }

    fn chain<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let count = |count: u64| cx.catalog.number(count);
        match &self.chain {
            Chain::Broken(broken) => {
                let say = broken.say();
                strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), Vec::new())
            }
            Chain::Trouble(say) => strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new()),
            Chain::Whole(head) => {
                let words = cx.format("activity-verified", &[("count", &count(head.count))]);
                let hash = head.hash.to_string();
                let short = format!("{}:{}\u{2026}", head.count, hash.get(..12).unwrap_or_default());
                let copy = Press::word(cx.text("activity-copy-head"))
                    .id("activity.head")
                    .hint(cx.text("activity-head-why"))
                    .on_press(Message::CopyHead);
                let held = cx.catalog.count("activity-outside", self.proven.held as u64, &[]);
                let words = row![
                    Icon::Done.view().style(theme::text::good),
                    text(words).style(theme::text::good),
                    caption(held).width(Fill),
                    caption(cx.format("activity-head", &[("head", &short)])),
                    Element::from(copy.style(theme::button::quiet)),
                ];
                words.spacing(space::SM).align_y(Center).into()
            }
            Chain::Unknown if self.verifying => caption(cx.text("activity-verifying")).into(),
            Chain::Unknown => {
                let entries = count(self.last);
                caption(cx.format("activity-unverified", &[("count", &entries)])).into()
            }
        }
    }

    fn panes<'a>(&'a self, side: Side, cx: &Cx<'a>) -> Element<'a, Message> {
        let here = *cx;
        responsive(move |room| {
            let list = container(self.list(side, &here)).style(theme::surface::sunken);
            let detail = container(self.detail(side, &here)).style(theme::surface::panel);
            if room.width >= BESIDE {
                let line = rule::vertical(1).style(theme::surface::line);
                row![list.width(FillPortion(7)), line, detail.width(FillPortion(3)).height(Fill)].height(Fill).into()
            } else {
                let line = rule::horizontal(1).style(theme::surface::line);
                column![list.height(FillPortion(3)), line, detail.height(FillPortion(2))].height(Fill).into()
            }
        })
        .into()
    }
}

/// Where something may be missing, topic by topic.
fn deliveries<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    if cx.coverage.is_empty() {
        return empty(Icon::Topics, cx.text("activity-gaps-none"), cx.text("activity-gaps-none-why"), Vec::new());
    }
    let topics = cx.coverage.iter().map(|coverage| topic(coverage, cx));
    let page = container(Column::with_children(topics).spacing(space::SM)).padding(space::XL).width(Fill);
    scrollable(page).style(theme::surface::scroll).height(Fill).into()
}

fn topic<'a>(coverage: &Coverage, cx: &Cx<'a>) -> Element<'a, Message> {
    type Ink = fn(&iced::Theme) -> text::Style;
    let (key, since, tone): (_, _, Ink) = match coverage.standing {
        Standing::Live { since } => ("activity-standing-live", since, theme::text::good),
        Standing::Proving { since } => ("activity-standing-proving", since, theme::text::accent),
        Standing::Away { since } => ("activity-standing-away", since, theme::text::warn),
        Standing::Left { at } => ("activity-standing-left", at, theme::text::soft),
        Standing::Lost { since, .. } => ("activity-standing-lost", since, theme::text::danger),
    };
    let standing = cx.format(key, &[("since", &cx.catalog.time(since))]);
    let head = row![title(cx.topic(&coverage.topic)).width(Fill), text(standing).style(tone)];
    let count = cx.catalog.count("activity-gaps", coverage.gaps.len() as u64, &[]);
    let gaps = coverage.gaps.iter().rev().take(GAPS).map(|gap| {
        let (from, until) = (cx.catalog.time(gap.span.from), cx.catalog.time(gap.span.until));
        let when = cx.format("activity-gap", &[("from", &from), ("until", &until)]);
        let why = caption(cx.catalog.say(&gap.cause.say()));
        row![text(when).size(size::CAPTION).style(theme::text::warn), why].spacing(space::SM).into()
    });
    let gaps = Column::with_children(gaps).spacing(2.0);
    card(column![head.spacing(space::SM), caption(count), gaps].spacing(space::XS)).into()
}
