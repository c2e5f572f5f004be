//! The panel as drawn: first the whole in one sentence and what is weak, then the lines in cards, then keys and rules.

use iced::widget::{Column, Row, column, container, row, scrollable, space as gap, text, text_input};
use iced::{Center, Fill, Length, Theme};

use super::facts::{self, Fact, Section, Verdict};
use super::{Asking, BACKUP, Message, Screen, TYPED, head, present, rules, sections};
use crate::app::cx::Cx;
use crate::engine::Connection;
use crate::model::session::Why;
use crate::model::{Fingerprint, Known};
use crate::theme::{self, size, space};
use crate::widget::fingerprint::{Compared, compare, groups};
use crate::widget::{
    Element, Icon, Press, Tone, caption, card, field, field::Below, heading, mono, press, strip, strong,
};

/// Widest the page gets.
const PAGE: f32 = 1400.0;
/// The column of labels.
const LABEL: Length = Length::Fixed(118.0);
/// The column of verdicts.
const VERDICT: Length = Length::Fixed(74.0);

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let sections = sections(cx);
        let back = Press::word(cx.text("session-back")).id("connection.back").on_press(Message::Back);
        let stream = Press::word(cx.text("session-stream-open")).id("connection.stream").on_press(Message::Stream);
        let title = row![heading(cx.text("session-title")).width(Fill), Element::from(stream), Element::from(back)];
        let title = title.spacing(space::SM).align_y(Center);
        let last = (!cx.online() && cx.trust.facts.is_some()).then(|| caption(cx.text("session-last")));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for section in &sections {
            let side =
                if matches!(section.title, "session-certificate" | "session-refused") { &mut right } else { &mut left };
            side.push(block(section, cx));
        }
        right.extend(cx.trust.known.map(|known| self.keys(known, cx)));
        let side = if left.is_empty() { &mut right } else { &mut left };
        side.push(block(&rules(cx), cx));
        let side = |cards| Column::with_children(cards).spacing(space::LG).width(Fill);
        let cards = if left.is_empty() {
            Element::from(side(right))
        } else {
            row![side(left), side(right)].spacing(space::LG).into()
        };
        let page = column![title, self.summary(&sections, cx), trouble(cx), last, cards].spacing(space::LG);
        let page = container(page).max_width(PAGE).padding(space::XL);
        scrollable(page).style(theme::surface::scroll).width(Fill).height(Fill).into()
    }

    /// What a tired person must see first: is it safe, and if not, what is wrong.
    fn summary<'a>(&'a self, sections: &[Section], cx: &Cx<'a>) -> Element<'a, Message> {
        let (verdict, words) = head(sections, cx);
        let mark = icon(verdict).view().size(size::DISPLAY).style(ink(verdict));
        let since = cx.trust.facts.filter(|_| cx.online()).map(|facts| {
            let (since, server) = (cx.catalog.time(cx.trust.since), crate::text::line(&facts.route.host));
            caption(cx.format("session-since", &[("since", &since), ("server", &server)]))
        });
        let weak = if cx.online() { facts::weak(sections) } else { Vec::new() };
        let list: Vec<Element<'a, Message>> = weak
            .into_iter()
            .map(|fact| {
                let what = text(format!("{}: {}", cx.text(fact.label), fact.value)).style(ink(fact.verdict));
                row![icon(fact.verdict).view().style(ink(fact.verdict)), what].spacing(space::SM).align_y(Center).into()
            })
            .collect();
        let words = column![text(words).font(theme::BOLD).size(size::HEAD), since].spacing(space::XS);
        let copy = Press::word(cx.text("session-copy")).id("connection.copy").on_press(Message::Copy);
        let save = Press::word(cx.text("session-save")).id("connection.save").on_press(Message::Save);
        let acts = row![Element::from(copy), Element::from(save)].spacing(space::SM);
        let first = row![mark, words.width(Fill), acts].spacing(space::LG).align_y(Center);
        let list = (!list.is_empty()).then(|| {
            let list = Column::with_children(list).spacing(space::XS);
            container(list).padding(iced::Padding::ZERO.left(size::DISPLAY + space::LG))
        });
        card(column![first, list].spacing(space::MD)).into()
    }

    /// The keys of this account's controller: what was seen, what is pinned, what is excepted.
    fn keys<'a>(&'a self, known: &'a Known, cx: &Cx<'a>) -> Element<'a, Message> {
        let seen = known.seen.as_ref().map(|seen| {
            let times = [("first", facts::day(seen.first)), ("last", facts::day(seen.last))];
            let times: Vec<(&str, &str)> = times.iter().map(|(name, value)| (*name, value.as_str())).collect();
            entry(cx.text("session-seen"), &seen.key, cx.format("session-seen-why", &times), None)
        });
        let pins = known.pins.iter().map(|pin| {
            let remove = press(text(cx.text("session-unpin")))
                .style(theme::button::quiet)
                .on_press(Message::Ask(Asking::Unpin(pin.key)));
            let here = cx.text(if present(cx) == Some(pin.key) { "session-pin-shown" } else { "session-pin-spare" });
            let alone = pin.alone.then(|| cx.text("session-pin-alone"));
            let words = std::iter::once(here).chain(alone).collect::<Vec<_>>().join(" ");
            let line = entry(cx.text("session-pin"), &pin.key, words, Some(remove.into()));
            let asked = (self.asking == Some(Asking::Unpin(pin.key))).then(|| self.unpin(pin.key, cx));
            column![line, asked].spacing(space::SM).into()
        });
        let exceptions = known.exceptions.iter().map(|exception| {
            let revoke = Press::word(cx.text("session-revoke")).on_press(Message::Revoke(exception.key));
            let args = [
                ("until", facts::day(exception.until)),
                ("faults", exception.faults.join(", ")),
                ("why", crate::text::line(&exception.why)),
            ];
            let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let words = cx.format("session-exception-why", &args);
            entry(cx.text("session-exception"), &exception.key, words, Some(revoke.into()))
        });
        let lines: Vec<Element<'a, Message>> = seen.into_iter().chain(pins).chain(exceptions).collect();
        let inside = column![
            section_title(cx.text("session-keys")),
            caption(cx.text("session-keys-lead")),
            (!lines.is_empty()).then(|| Column::with_children(lines).spacing(space::MD)),
            self.adding(known, cx),
            self.floor(known, cx),
        ];
        card(inside.spacing(space::MD)).into()
    }

    fn adding<'a>(&'a self, known: &'a Known, cx: &Cx<'a>) -> Element<'a, Message> {
        let pin = present(cx).filter(|key| known.pin(*key).is_none()).map(|_| {
            Element::from(
                Press::word(cx.text("session-pin-present")).id("connection.pin").on_press(Message::PinPresent),
            )
        });
        let input = text_input("sha256/…", &self.backup)
            .id(BACKUP)
            .on_input(Message::Backup)
            .on_submit(Message::AddBackup)
            .font(theme::MONO)
            .padding([space::SM, space::MD])
            .style(if self.wrong { theme::input::wrong } else { theme::input::field });
        let below = match self.wrong {
            true => Below::Wrong(cx.text("session-backup-wrong")),
            false => Below::Hint(cx.text("session-backup-hint")),
        };
        let add = press(text(cx.text("session-backup-add")))
            .padding([space::SM, space::MD])
            .on_press_maybe((!self.backup.trim().is_empty()).then_some(Message::AddBackup));
        let backup = row![
            field(cx.text("session-backup"), input, below),
            container(Element::from(add)).padding(iced::Padding::ZERO.top(space::LG + space::XS))
        ]
        .spacing(space::SM);
        column![pin, backup].spacing(space::MD).into()
    }

    /// Before a pin goes: its first row, typed.
    fn unpin<'a>(&'a self, pin: Fingerprint, cx: &Cx<'a>) -> Element<'a, Message> {
        let compared = compare(&self.typed, &[pin]);
        let input = text_input("", &self.typed)
            .id(TYPED)
            .on_input(Message::Typed)
            .font(theme::MONO)
            .padding([space::SM, space::MD])
            .style(if compared == Compared::Wrong { theme::input::wrong } else { theme::input::field });
        let below = match compared {
            Compared::Wrong => Below::Wrong(cx.text("session-unpin-wrong")),
            _ => Below::Hint(cx.text("session-unpin-hint")),
        };
        let remove = press(text(cx.text("session-unpin-go")))
            .style(theme::button::danger)
            .deliberate()
            .on_press_maybe((compared == Compared::Right).then_some(Message::Confirm));
        let acts = row![gap::horizontal(), keep(cx), Element::from(remove)].spacing(space::SM);
        let why = text(cx.text("session-unpin-why"));
        let inside = column![why, field(cx.text("session-unpin-type"), input, below), acts].spacing(space::SM);
        container(inside).padding(space::MD).width(Fill).style(theme::surface::caution).into()
    }

    /// The strongest login seen, and how it is forgotten.
    fn floor<'a>(&'a self, known: &'a Known, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let held: Vec<_> = known.strongest().map(|(mechanism, since)| facts::held(mechanism, since, cx)).collect();
        if held.is_empty() {
            return None;
        }
        let words = held.join("\n");
        let forget = press(text(cx.text("session-floor-forget")))
            .style(theme::button::quiet)
            .id("connection.floor")
            .on_press(Message::Ask(Asking::Floor));
        let line = row![column![caption(cx.text("session-floor")), text(words)].width(Fill), Element::from(forget)]
            .spacing(space::SM)
            .align_y(Center);
        let asked = (self.asking == Some(Asking::Floor)).then(|| {
            let go = press(text(cx.text("session-floor-go")))
                .style(theme::button::danger)
                .deliberate()
                .on_press(Message::Confirm);
            let acts = row![gap::horizontal(), keep(cx), Element::from(go)].spacing(space::SM);
            let inside = column![text(cx.text("session-floor-why")), acts].spacing(space::SM);
            container(inside).padding(space::MD).width(Fill).style(theme::surface::caution)
        });
        Some(column![line, asked].spacing(space::SM).into())
    }
}

fn keep<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    Press::word(cx.text("session-keep")).on_press(Message::Keep).into()
}

/// A key with its name and its words, and what can be done with it.
fn entry<'a>(
    name: String,
    key: &Fingerprint,
    words: String,
    act: Option<Element<'a, Message>>,
) -> Element<'a, Message> {
    let words = column![strong(name), mono(two_lines(key)), caption(words)].spacing(2.0).width(Fill);
    Row::new().push(words).push(act).spacing(space::SM).align_y(Center).into()
}

/// Why there is no session, with the way on.
fn trouble<'a>(cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let (at, error) = cx.trust.failed?;
    let say = error.say();
    let tone = if matches!(cx.connection, Connection::Stopped { .. }) { Tone::Alarm } else { Tone::Caution };
    let looks = error.refused().map(|_| {
        let look = Press::word(cx.text("session-look")).style(theme::button::primary).id("connection.certificate");
        look.on_press(Message::Certificate).into()
    });
    let again = Press::word(cx.text("session-retry")).id("connection.retry").on_press(Message::Retry).into();
    let form = (!cx.practice).then(|| Press::word(cx.text("session-form")).on_press(Message::Form).into());
    let acts = looks.into_iter().chain([again]).chain(form).collect();
    let what = format!("{}  {}", cx.catalog.clock(*at), cx.catalog.say(&say));
    // A single one is what is said already.
    let details = match error.refused().map(|refused| &refused.why) {
        Some(Why::Faults(faults)) => {
            faults.iter().map(|fault| (fault.cause.clone(), Some(cx.catalog.say(&fault.next)))).collect()
        }
        _ => error.details().into_iter().map(|say| (say.clone(), cx.catalog.next(&say))).collect::<Vec<_>>(),
    };
    let more = (details.len() > 1).then(|| {
        let lines = details.into_iter().map(|(say, next)| {
            let words = column![text(cx.catalog.say(&say)), next.map(caption)].spacing(2.0);
            row![caption("–"), words].spacing(space::SM).into()
        });
        container(Column::with_children(lines).spacing(space::SM)).padding([0.0, space::MD])
    });
    Some(column![strip(tone, what, cx.catalog.next(&say), acts), more].spacing(space::SM).into())
}

/// A section as a card.
fn block<'a>(section: &Section, cx: &Cx<'a>) -> Element<'a, Message> {
    let lines = section.facts.iter().map(|fact| line(fact, cx));
    let lines = Column::with_children(lines).spacing(space::SM + 2.0);
    card(column![section_title(cx.text(section.title)), lines].spacing(space::MD)).into()
}

fn section_title<'a>(words: String) -> Element<'a, Message> {
    crate::widget::title(words).into()
}

fn line<'a>(fact: &Fact, cx: &Cx<'a>) -> Element<'a, Message> {
    let value = match fact.value.parse::<Fingerprint>() {
        Ok(fingerprint) => mono(two_lines(&fingerprint)),
        Err(_) if fact.exact => mono(fact.value.clone()),
        Err(_) => text(fact.value.clone()),
    };
    let words = column![value.wrapping(text::Wrapping::WordOrGlyph), fact.why.clone().map(caption)].spacing(2.0);
    let verdict = fact.verdict.key().map(|key| {
        let mark = icon(fact.verdict).view().size(size::CAPTION).style(ink(fact.verdict));
        row![mark, text(cx.text(key)).size(size::CAPTION).style(ink(fact.verdict))].spacing(space::XS).align_y(Center)
    });
    let verdict = verdict.map(|verdict| container(verdict).width(VERDICT).padding([2.0, 0.0]));
    let label = container(caption(cx.text(fact.label))).width(LABEL).padding([2.0, 0.0]);
    row![label, words.width(Fill), verdict].spacing(space::SM).into()
}

fn two_lines(of: &Fingerprint) -> String {
    let rows: Vec<String> = groups(of).chunks(2).map(|rows| rows.concat().join(" ")).collect();
    rows.join("\n")
}

fn icon(verdict: Verdict) -> Icon {
    match verdict {
        Verdict::Plain => Icon::Offline,
        Verdict::Good => Icon::Done,
        Verdict::Weaker => Icon::Connecting,
        Verdict::Bad => Icon::Warning,
    }
}

fn ink(verdict: Verdict) -> fn(&Theme) -> text::Style {
    match verdict {
        Verdict::Plain => theme::text::soft,
        Verdict::Good => theme::text::good,
        Verdict::Weaker => theme::text::warn,
        Verdict::Bad => theme::text::danger,
    }
}
