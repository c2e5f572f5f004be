//! Lines of the list that are not rows: a hole in what is known, and the head of a group.

use iced::widget::{Row, row, rule, text};
use iced::{Center, Element, Fill, Theme};

use super::group::{Group, Head};
use super::hole::{Fate, Filled, Hole};
use super::{Feed, Message};
use crate::app::cx::Cx;
use crate::model::Coverage;
use crate::model::coverage::{Proof, Span};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, caption, line, press};

/// Topics a hole names; the rest is counted.
const NAMED: usize = 3;
/// Holes told beside a topic's bar.
const TOLD: usize = 3;

/// From when to when, without the day where it is today's.
fn when(span: Span, cx: &Cx<'_>) -> (String, String) {
    let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
    let short = |at: chrono::DateTime<chrono::Utc>| at.format("%H:%MZ").to_string();
    let today = day(span.from) == day(cx.now);
    let from = if today { short(span.from) } else { cx.catalog.time(span.from) };
    let until = if day(span.from) == day(span.until) { short(span.until) } else { cx.catalog.time(span.until) };
    (from, until)
}

/// What became of a time in which nothing arrived, with the number of what is here of it.
fn fate(hole: &Hole, cx: &Cx<'_>) -> String {
    let Filled { came, kept } = hole.filled.unwrap_or_default();
    let key = match hole.fate {
        Fate::Filled(Proof::Resumed) => "feed-hole-resumed",
        Fate::Filled(Proof::Archived) => "feed-hole-archived",
        Fate::Filled(_) => "feed-hole-swept",
        Fate::Proving => "feed-hole-proving",
        Fate::Away => return cx.text("feed-hole-away"),
        Fate::Lost(_) | Fate::Ended(_) => "feed-hole-lost",
    };
    let words = cx.catalog.count(key, came.into(), &[]);
    // No stretch is called complete for what was kept for us: nobody says that all of it was.
    let kept = (kept > 0).then(|| cx.catalog.count("feed-hole-kept", kept.into(), &[]));
    kept.map_or(words.clone(), |kept| format!("{words}; {kept}"))
}

fn told(hole: &Hole, cx: &Cx<'_>) -> String {
    let (from, until) = when(hole.span, cx);
    let head = if hole.is_open() {
        cx.format("feed-hole-since", &[("from", &from)])
    } else {
        cx.format("feed-hole-when", &[("from", &from), ("until", &until)])
    };
    format!("{head}: {}", fate(hole, cx))
}

/// A hole at its place in time; pressed, it leads to what is known of its topic.
pub(super) fn hole<'a>(hole: &Hole, cx: &Cx<'a>) -> Element<'a, Message> {
    let loss = hole.fate.is_loss();
    let ink: fn(&Theme) -> text::Style = if loss { theme::text::warn } else { theme::text::soft };
    let icon = match hole.fate {
        Fate::Filled(_) => Icon::Done,
        Fate::Proving => Icon::Refresh,
        Fate::Away => Icon::Offline,
        Fate::Lost(_) | Fate::Ended(_) => Icon::Warning,
    };
    let more = hole.topics.len().saturating_sub(NAMED) as u64;
    let more = (more > 0).then(|| cx.catalog.count("feed-hole-more", more, &[]));
    let names = hole.topics.iter().take(NAMED).map(|topic| cx.topic(topic)).chain(more);
    let names = names.collect::<Vec<_>>().join(", ");
    let mark = icon.view().size(size::CAPTION).style(ink);
    let words = line(format!("{} \u{b7} {names}", told(hole, cx))).size(size::CAPTION).style(ink);
    let edge = || rule::horizontal(1).style(if loss { theme::surface::loss } else { theme::surface::line });
    let inside = row![mark, Element::from(words), edge()].spacing(space::SM).align_y(Center);
    let hint = match hole.fate {
        Fate::Lost(cause) | Fate::Ended(cause) => cx.catalog.say(&cause.say()),
        _ => cx.text("feed-hole-hint"),
    };
    let pressed = press(inside).style(theme::button::quiet).padding([1.0, space::SM]).width(Fill).inset().hint(hint);
    pressed.on_press_maybe(hole.topics.first().cloned().map(Message::Topic)).into()
}

/// The one row that stands for a group.
pub(super) fn head<'a>(head: &Head, group: Group, open: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let mark = if open { Icon::Open } else { Icon::Closed };
    let fold = press(mark.view().size(size::CAPTION))
        .style(theme::button::quiet)
        .padding([4.0, 6.0])
        .hint(cx.text("feed-group-fold"))
        .on_press(Message::Fold(head.key));
    let name = match (group, head.name.as_str()) {
        _ if !head.compared => {
            cx.format("feed-group-uncompared", &[("most", &cx.catalog.number(super::group::COMPARED as u64))])
        }
        (Group::Campaign, "") => cx.text("feed-group-unnamed"),
        (Group::Observable, "") => cx.text("feed-group-alone"),
        (_, "") => cx.text("feed-group-nobody"),
        (Group::Campaign, name) => cx.format("feed-group-of-campaign", &[("name", &safe::line(name))]),
        (Group::Observable, name) => cx.format("feed-group-shares", &[("value", &safe::line(&safe::defang(name)))]),
        (_, name) => safe::line(name),
    };
    let unread = (head.unread > 0).then(|| {
        let words = cx.catalog.count("feed-count-unread", head.unread as u64, &[]);
        line(words).size(size::CAPTION).font(theme::BOLD).style(theme::text::accent)
    });
    let count = caption(cx.catalog.count("feed-count", head.len as u64, &[]));
    let severity = widget::severity(head.severity, cx.catalog.severity_letter(head.severity));
    let tlp = widget::tlp(head.strictest, cx.catalog.tlp_short(head.strictest));
    let name = widget::cell(line(name).font(theme::BOLD), Fill);
    Row::new()
        .push(Element::from(fold))
        .push(severity)
        .push(tlp)
        .push(name)
        .push(unread.map(Element::from))
        .push(count)
        .spacing(space::SM)
        .padding([0.0, space::SM])
        .align_y(Center)
        .into()
}

impl Feed {
    /// What a topic's bar stands for, in words: how much of the last day is here, and what became of the rest.
    pub(super) fn covered_words(&self, coverage: &Coverage, cx: &Cx<'_>) -> String {
        let day = cx.now - super::hole::DAY;
        let head = match super::hole::share(&[coverage], cx.now) {
            Some(share) => cx.format("feed-cover", &[("share", &tenths(share))]),
            None => cx.text("feed-cover-none"),
        };
        let own = self.holes.iter().filter(|hole| hole.span.until >= day && hole.topics.contains(&coverage.topic));
        let lines = own.take(TOLD).map(|hole| told(hole, cx));
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }

    /// How much of the last day is here, over all topics; `None` where nothing is claimed.
    #[must_use]
    pub fn covered_share(cx: &Cx<'_>) -> Option<(String, bool)> {
        let all: Vec<_> = cx.coverage.iter().collect();
        super::hole::share(&all, cx.now).map(|share| (tenths(share), share == 1000))
    }
}

/// Thousandths as percent.
fn tenths(share: u32) -> String {
    if share == 1000 { "100".to_owned() } else { format!("{}.{}", share / 10, share % 10) }
}
