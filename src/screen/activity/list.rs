//! The log as a list: when, by whom, what, about whom and where, from what to what, and what came of it.

use chrono::SecondsFormat;
use iced::widget::{container, responsive, row, space as gap, text};
use iced::{Center, Fill, FillPortion, Length, Theme};

use super::{Chain, Message, Screen, Side};
use crate::app::cx::Cx;
use crate::i18n::Catalog;
use crate::store::activity::{Act, By, How, Kind, Number, Row};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::told::told;
use crate::widget::virtual_list::LANE;
use crate::widget::{Element, caption, cell, line, mono, strong, virtual_list};

const WHEN: f32 = 166.0;
const BY: f32 = 62.0;
const WHAT: f32 = 168.0;
const RESULT: f32 = 92.0;
/// Room below which what changed is left out, and that below which by whom is: the detail has both.
const WIDE: f32 = 860.0;
const MIDDLE: f32 = 620.0;
/// Longest text of a cell, in characters.
const LONGEST: usize = 160;

type Ink = fn(&Theme) -> text::Style;

/// The catalog key of what was done.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Connect => "activity-kind-connect",
        Kind::Subscribe => "activity-kind-subscribe",
        Kind::Unsubscribe => "activity-kind-unsubscribe",
        Kind::Publish => "activity-kind-publish",
        Kind::Retract => "activity-kind-retract",
        Kind::Approve => "activity-kind-approve",
        Kind::Deny => "activity-kind-deny",
        Kind::Affiliate => "activity-kind-affiliate",
        Kind::Revoke => "activity-kind-revoke",
        Kind::Create => "activity-kind-create",
        Kind::Configure => "activity-kind-configure",
        Kind::Delete => "activity-kind-delete",
        Kind::Purge => "activity-kind-purge",
        Kind::Tell => "activity-kind-tell",
        Kind::Trust => "activity-kind-trust",
        Kind::Vanished => "activity-kind-vanished",
        Kind::Moved => "activity-kind-moved",
        Kind::Ended => "activity-kind-ended",
        Kind::Changed => "activity-kind-changed",
        Kind::Certificate => "activity-kind-certificate",
        Kind::Restart => "activity-kind-restart",
        Kind::Traffic => "activity-kind-traffic",
        Kind::Forged => "activity-kind-forged",
        Kind::Foreign => "activity-kind-foreign",
        Kind::Late => "activity-kind-late",
        Kind::Recovered => "activity-kind-recovered",
    }
}

/// The catalog key of what came of it, and its ink.
pub fn how(how: How) -> (&'static str, Ink) {
    match how {
        How::Held => ("activity-how-held", theme::text::accent),
        How::Undone => ("activity-how-undone", theme::text::soft),
        How::Begun => ("activity-how-begun", theme::text::accent),
        How::Done => ("activity-how-done", theme::text::good),
        How::Refused => ("activity-how-refused", theme::text::danger),
        How::Unknown => ("activity-how-unknown", theme::text::warn),
        How::Seen => ("activity-how-seen", theme::text::warn),
    }
}

pub fn by(by: By) -> &'static str {
    match by {
        By::Person => "activity-by-person",
        By::Rule => "activity-by-rule",
        By::Grid => "activity-by-grid",
    }
}

/// `2026-11-22 12:40:07`.
pub fn time(act: &Act) -> String {
    let time = act.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    time.get(..19).unwrap_or_default().replace('T', " ")
}

/// Whom or what it is about, and where.
pub fn about(act: &Act, catalog: &Catalog) -> String {
    let node = act.topic.as_ref().map(|topic| topic.node.as_str()).unwrap_or_default();
    let about = match (act.subject.as_str(), node) {
        ("", "") => told(&act.words, catalog),
        ("", node) => node.to_owned(),
        (subject, "") => plain(subject),
        (subject, node) => format!("{} \u{2192} {node}", plain(subject)),
    };
    safe::line_within(&about, LONGEST)
}

/// An account with what its address is made of, where that is not what it looks like.
pub fn plain(subject: &str) -> String {
    safe::ascii(subject).map_or_else(|| subject.to_owned(), |ascii| format!("{subject} ({ascii})"))
}

/// What it was and became.
pub fn change(act: &Act, catalog: &Catalog) -> String {
    let text = match (told(&act.before, catalog), told(&act.after, catalog)) {
        (before, after) if before.is_empty() => after,
        (before, after) if after.is_empty() => before,
        (before, after) => format!("{before} \u{2192} {after}"),
    };
    safe::line_within(&text, LONGEST)
}

/// Columns there is room for.
#[derive(Clone, Copy)]
struct Shown {
    by: bool,
    change: bool,
    /// The first entry that is not what was written.
    bad: Option<Number>,
}

impl Screen {
    pub(super) fn list<'a>(&'a self, side: Side, cx: &Cx<'a>) -> Element<'a, Message> {
        let here = *cx;
        responsive(move |room| {
            let bad = match self.chain {
                Chain::Broken(broken) => Some(broken.number),
                _ => None,
            };
            let shown = Shown { by: room.width >= MIDDLE, change: room.width >= WIDE, bad };
            let cx = here;
            let rows = self.rows(side);
            let list = virtual_list(
                rows.len(),
                theme::row(cx.settings.ui.density),
                move |index| rows.at(index).map_or_else(|| gap::vertical().into(), |(_, row)| entry(row, shown, &here)),
                move |index| rows.at(index).map_or(0, |(key, _)| key),
                move |key| rows.index(*key),
            )
            .id("activity.list")
            .follow(true)
            .basis(self.basis)
            .selected(self.chosen(side).and_then(|key| rows.index(key)))
            .on_select(Message::Pick);
            let list = if side == Side::Log { list.on_visible(Message::Visible) } else { list };
            iced::widget::column![names(shown, &cx), list].push(self.further(side, &cx)).into()
        })
        .into()
    }
}

impl Screen {
    /// What the list does not show: how far back is being looked, or that it goes no further.
    fn further<'a>(&'a self, side: Side, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let reached = self.reached.filter(|reached| side == Side::Log && *reached > 1)?;
        let number = cx.catalog.number(reached);
        let words = if self.log.len() >= super::MOST {
            cx.format("activity-further", &[("number", &number)])
        } else if self.reading && !self.filter.is_empty() {
            cx.format("activity-searching", &[("number", &number)])
        } else {
            return None;
        };
        Some(container(caption(words)).padding([space::XS, space::XL]).into())
    }
}

fn names<'a>(shown: Shown, cx: &Cx<'a>) -> Element<'a, Message> {
    let name = |key, width: Length| cell(caption(cx.text(key)), width);
    let names = row![
        name("activity-column-when", WHEN.into()),
        shown.by.then(|| name("activity-column-who", BY.into())),
        name("activity-column-what", WHAT.into()),
        name("activity-column-subject", FillPortion(3)),
        shown.change.then(|| name("activity-column-change", FillPortion(2))),
        name("activity-column-result", RESULT.into()),
    ];
    let padding = iced::Padding::from([space::XS, space::XL]).right(space::XL + LANE);
    container(names.spacing(space::SM).padding(padding)).style(theme::surface::panel).width(Fill).into()
}

fn entry<'a>(of: &Row, shown: Shown, cx: &Cx<'a>) -> Element<'a, Message> {
    let Some(act) = of.last().and_then(|entry| entry.act.as_ref()) else {
        let words = line(cx.text("activity-unreadable")).style(theme::text::danger);
        return row![cell(mono(format!("#{}", of.place())), WHEN), cell(words, Fill)]
            .spacing(space::SM)
            .padding([0.0, space::XL])
            .align_y(Center)
            .into();
    };
    let (word, ink) = how(act.how);
    let what = cx.text(kind(act.kind));
    // What the grid did unasked stands out among one's own acts.
    let bad = shown.bad.filter(|bad| of.entries.iter().any(|entry| entry.number == *bad));
    let what: Element<'a, Message> = if bad.is_some() {
        strong(what).style(theme::text::danger).into()
    } else if act.kind.is_seen() || act.kind == Kind::Recovered {
        strong(what).style(theme::text::warn).into()
    } else {
        line(what).into()
    };
    let subject = match bad {
        Some(bad) => {
            let words = cx.format("activity-bad", &[("number", &cx.catalog.number(bad))]);
            line(format!("{words} {}", about(act, cx.catalog))).style(theme::text::danger)
        }
        None => line(about(act, cx.catalog)),
    };
    row![
        cell(mono(time(act)).wrapping(text::Wrapping::None).style(theme::text::soft), WHEN),
        shown.by.then(|| cell(line(cx.text(by(act.by))).style(theme::text::soft), BY)),
        cell(what, WHAT),
        cell(subject, FillPortion(3)),
        shown
            .change
            .then(|| cell(line(change(act, cx.catalog)).size(size::CAPTION).style(theme::text::soft), FillPortion(2))),
        cell(line(cx.text(word)).style(ink), RESULT),
    ]
    .spacing(space::SM)
    .padding([0.0, space::XL])
    .align_y(Center)
    .into()
}
