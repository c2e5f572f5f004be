//! The filter field with its chips, what is wrong with it, and the counts beside it.

use iced::widget::{Column, Row, column, container, row, space as gap, text, text_input};
use iced::{Center, Fill};

use super::{FILTER, Feed, Form, Message};
use crate::app::cx::Cx;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, caption, line, mono, press, warning_chip};

/// Chips shown; a longer filter is read in the field.
const CHIPS: usize = 12;

impl Feed {
    /// Filter and counts.
    pub(super) fn bar<'a>(&'a self, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        let total = u64::from(cx.store.len());
        let counts = match &self.found {
            _ if self.is_ordering() => cx.text("feed-ordering"),
            Some(found) if found.is_part => {
                let key = if self.search.is_running() { "feed-count-begun" } else { "feed-count-first" };
                cx.catalog.count(key, found.rows.len() as u64, &[])
            }
            Some(found) => {
                let total = cx.catalog.number(total);
                cx.catalog.count("feed-count-matching", found.rows.len() as u64, &[("total", &total)])
            }
            None => cx.catalog.count("feed-count", total, &[]),
        };
        let unread = u64::from(cx.finder.unread());
        let count = (unread > 0).then(|| {
            let words = cx.catalog.count("feed-count-unread", unread, &[]);
            Element::from(line(words).size(size::CAPTION).font(theme::BOLD).style(theme::text::accent))
        });
        let all_read = (unread > 0 && width >= 720.0).then(|| {
            let words = line(cx.text("feed-all-read")).size(size::CAPTION).style(theme::text::soft);
            let all = press(words).style(theme::button::quiet).padding([4.0, space::SM]);
            Element::from(all.hint("Shift+A").on_press(Message::AllRead))
        });
        let gaps = cx.coverage.iter().map(|coverage| coverage.gaps.len()).sum::<usize>() as u64;
        let gaps = (gaps > 0).then(|| {
            let words = line(cx.catalog.count("feed-gaps", gaps, &[])).size(size::CAPTION).style(theme::text::warn);
            let mark = Icon::Warning.view().size(size::CAPTION).style(theme::text::warn);
            let inside = row![mark, words].spacing(space::XS).align_y(Center);
            Element::from(
                press(inside)
                    .style(theme::button::quiet)
                    .padding([4.0, space::SM])
                    .hint(cx.text("feed-gaps-hint"))
                    .on_press(Message::Browse),
            )
        });
        let flow = match self.held() {
            Some(held) => {
                let words = text(cx.catalog.count("feed-held", held as u64, &[])).size(size::CAPTION).font(theme::BOLD);
                let on = press(words).style(theme::button::pill).padding([3.0, space::MD]);
                Element::from(on.hint(cx.text("feed-go-on")).on_press(Message::Pause))
            }
            None => {
                let words = line(cx.text("feed-pause")).size(size::CAPTION).style(theme::text::soft);
                let pause = press(words).style(theme::button::quiet).padding([4.0, space::SM]);
                Element::from(pause.hint(cx.text("feed-pause-hint")).on_press(Message::Pause))
            }
        };
        let lay_out = Element::from(
            press(Icon::Settings.view().style(theme::text::soft))
                .style(theme::button::quiet)
                .padding([4.0, space::SM])
                .hint(cx.text("feed-columns-hint"))
                .on_press(Message::Form(Form::Columns)),
        );
        let help = Element::from(
            press(Icon::Help.view().style(theme::text::soft))
                .style(theme::button::quiet)
                .padding([4.0, space::SM])
                .hint(cx.text("feed-filter-help"))
                .on_press(Message::Help),
        );
        let style = if self.filter.error.is_some() || self.filter.trouble.is_some() {
            theme::input::wrong
        } else {
            theme::input::field
        };
        let field = text_input(&cx.text("feed-filter-placeholder"), &self.filter.text)
            .id(FILTER)
            .on_input(Message::Filter)
            .on_submit(Message::Submit)
            .padding([4.0, space::SM])
            .size(size::BODY)
            .width(Fill)
            .style(style);
        let clear = (!self.filter.is_empty()).then(|| {
            Element::from(
                press(Icon::Close.view().size(12.0))
                    .style(theme::button::quiet)
                    .padding([6.0, space::SM])
                    .hint(cx.text("feed-filter-clear"))
                    .on_press(Message::ClearFilter),
            )
        });
        Row::new()
            .push(Icon::Search.view().style(theme::text::soft))
            .push(field)
            .push(clear)
            .push(help)
            .push(gaps)
            .push(line(counts).size(size::CAPTION).style(theme::text::soft))
            .push(count)
            .push(all_read)
            .push(flow)
            .push(lay_out)
            .spacing(space::SM)
            .padding([0.0, space::MD])
            .height(40.0)
            .align_y(Center)
            .into()
    }

    /// Chips of the filter, or what is wrong with it.
    pub(super) fn chips<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        if let Some(say) =
            self.filter.error.as_ref().map(crate::store::query::Error::say).or(self.filter.trouble.clone())
        {
            let mark = Icon::Warning.view().size(size::CAPTION).style(theme::text::danger);
            let words = text(cx.catalog.say(&say)).size(size::CAPTION).style(theme::text::danger);
            return Some(under(row![mark, words].spacing(space::XS).align_y(Center).into()));
        }
        if self.filter.good().is_everything() {
            return None;
        }
        let ink = if self.filter.off { theme::text::soft } else { theme::text::normal };
        let chips = self.filter.good().chips().into_iter().enumerate().take(CHIPS).map(|(at, chip)| {
            let not =
                chip.negated.then(|| Element::from(text("\u{2212}").size(size::CAPTION).style(theme::text::danger)));
            let words = line(safe::line(&chip.text)).size(size::CAPTION).style(ink);
            let turn = press(Row::new().push(not).push(words).spacing(2.0))
                .style(theme::button::quiet)
                .padding([1.0, space::XS])
                .hint(cx.text("feed-chip-turn"))
                .on_press(Message::Turn(at));
            let gone = press(Icon::Close.view().size(9.0))
                .style(theme::button::quiet)
                .padding([3.0, space::XS])
                .hint(cx.text("feed-chip-drop"))
                .on_press(Message::Drop(at));
            container(row![Element::from(turn), Element::from(gone)].align_y(Center)).style(theme::surface::chip).into()
        });
        let off = self.filter.off.then(|| warning_chip(cx.text("feed-filter-off")));
        let hint = self.filter.hints.first().map(|hint| warning_chip(cx.catalog.say(&hint.say())));
        // Exactly what the filter finds; with rows marked, their own line has it.
        let export = (self.marked() == 0 && !self.filter.off).then(|| {
            small(line(cx.text("feed-act-export")).size(size::CAPTION).style(theme::text::soft), Message::Export)
        });
        let all = Row::with_children(chips).push(off).push(hint).push(export).spacing(space::XS).align_y(Center);
        Some(under(all.wrap().vertical_spacing(space::XS).into()))
    }

    /// What is not in the list although it is stored. Less than a page without trouble is on its way.
    pub(super) fn short_of<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let short =
            cx.finder.short().filter(|(here, stored)| self.side.short.is_some() || here + super::PAGE < *stored);
        let number = |count: u32| cx.catalog.number(count.into());
        let cause = self.side.short.as_ref().map(|say| {
            let next = cx.catalog.next(say).unwrap_or_default();
            format!("{} {next}", cx.catalog.say(say))
        });
        let words = match (short, cause) {
            (None, None) => return None,
            (Some((here, stored)), None) => {
                cx.format("feed-short", &[("here", &number(here)), ("stored", &number(stored))])
            }
            (Some((here, stored)), Some(cause)) => cx.format(
                "feed-short-trouble",
                &[("here", &number(here)), ("stored", &number(stored)), ("cause", &cause)],
            ),
            (None, Some(cause)) => cx.format("feed-short-marks", &[("cause", &cause)]),
        };
        let mark = Icon::Warning.view().size(size::CAPTION).style(theme::text::warn);
        let words = text(words).size(size::CAPTION).style(theme::text::warn);
        Some(under(row![mark, words].spacing(space::XS).align_y(Center).into()))
    }

    /// What is out of sight by one's own doing: counted, and one press away.
    pub(super) fn hidden<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let hidden = self.found.as_ref().map(|found| found.hidden).unwrap_or_default();
        let rules = cx.finder.mutes();
        let show = |bare: bool, key: &str| small(line(cx.text(key)).style(theme::text::accent), Message::Bare(bare));
        if self.bare {
            let words = caption(cx.text("feed-bare"));
            return Some(under(row![words, show(false, "feed-bare-end")].spacing(space::SM).align_y(Center).into()));
        }
        if hidden.muted == 0 && hidden.snoozed == 0 {
            let key = if self.is_part() { "feed-hidden-counting" } else { "feed-hidden-none" };
            let line = || row![caption(cx.text(key)), show(true, "feed-bare-show")].spacing(space::SM).align_y(Center);
            return self.search.counted.then(|| under(line().into()));
        }
        let until = rules.iter().map(crate::store::views::Mute::until).max();
        let muted = (hidden.muted > 0).then(|| {
            let until = until.map(|until| cx.catalog.time(until)).unwrap_or_default();
            caption(cx.catalog.count("feed-muted", hidden.muted.into(), &[("until", &until)]))
        });
        let snoozed =
            (hidden.snoozed > 0).then(|| caption(cx.catalog.count("feed-snoozed", hidden.snoozed.into(), &[])));
        let rules = (!rules.is_empty())
            .then(|| small(line(cx.text("feed-rules")).style(theme::text::soft), Message::Form(Form::Mutes)));
        let all = Row::new().push(muted).push(snoozed).push(show(true, "feed-bare-show")).push(rules);
        Some(under(all.spacing(space::SM).align_y(Center).into()))
    }

    /// How many rows an act is meant for, and what can be done to them.
    pub(super) fn selection<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let many = self.marked() as u64;
        (many > 0).then(|| {
            let words = line(cx.catalog.count("feed-marked", many, &[])).size(size::CAPTION).font(theme::BOLD);
            let act = |key: &str, message| small(line(cx.text(key)).size(size::CAPTION), message);
            let acts = row![
                words,
                gap::horizontal(),
                act("feed-act-read", Message::Act(super::Act::Done)),
                act("feed-act-star", Message::Act(super::Act::Star)),
                act("feed-act-tag", Message::Form(Form::Tag(String::new()))),
                act("feed-act-snooze", Message::Form(Form::Snooze)),
                act("feed-act-export", Message::Export),
                act("feed-act-unmark", Message::Unmark),
            ];
            under(acts.spacing(space::XS).align_y(Center).into())
        })
    }

    /// What may be typed next, over the list's head.
    pub(super) fn proposals<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let proposals = self.filter.proposals();
        (!proposals.is_empty()).then(|| {
            let lines = proposals.into_iter().map(|proposal| {
                let inside = row![mono(proposal.text.clone()).width(110.0), caption(cx.text(proposal.help))];
                press(inside.spacing(space::SM).align_y(Center))
                    .style(theme::button::quiet)
                    .width(Fill)
                    .padding([3.0, space::SM])
                    .on_press(Message::Filter(self.filter.completed(&proposal)))
                    .into()
            });
            let list = container(column![Column::with_children(lines)]).padding(space::XS).max_width(460.0);
            container(list.style(theme::surface::floating)).padding([0.0, space::XL]).into()
        })
    }
}

fn small<'a>(words: impl Into<Element<'a, Message>>, message: Message) -> Element<'a, Message> {
    press(words).style(theme::button::quiet).padding([2.0, space::SM]).on_press(message).into()
}

/// A line under the field.
fn under(inside: Element<'_, Message>) -> Element<'_, Message> {
    container(inside).padding(iced::Padding::from([0.0, space::MD]).bottom(space::SM)).width(Fill).into()
}
