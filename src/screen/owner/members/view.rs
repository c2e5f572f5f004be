//! The members as drawn: the table left, the selected account right, below what becomes of a change.

use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::text::Style;
use iced::widget::{Column, column, container, row, rule, scrollable, space as gap, text_input};
use iced::{Center, Fill, FillPortion, Length, Padding, Theme};

use super::{Change, FILTER, Members, Message, Outcome, Stage, To};
use crate::app::cx::Cx;
use crate::model::owned::{Proof, Subscriber};
use crate::model::{Affiliation, Topic, TopicId};
use crate::owner::members::{Flag, Row, role_key};
use crate::owner::past::By;
use crate::screen::owner::requests::seconds;
use crate::screen::owner::view::ago;
use crate::text::{self as safe, Strange};
use crate::theme::{self, size, space};
use crate::widget::virtual_list::LANE;
use crate::widget::{
    Element, Icon, Press, Tone, caption, cell, chip, empty, ground, line, mono, press, strip, title, virtual_list,
    warning_chip,
};

const ROLE: Length = Length::Fixed(120.0);
const HELD: Length = Length::Fixed(120.0);
const ODD: Length = Length::Fixed(210.0);
/// The column of labels.
const LABEL: Length = Length::Fixed(96.0);

impl Members {
    pub fn view<'a>(&'a self, topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
        if self.list().is_none_or(|list| list.rows.is_none()) {
            return self.nothing(cx);
        }
        let list = column![self.bar(cx), self.header(cx), self.table(cx), self.foot(&topic.id, cx)];
        let pane = container(self.detail(cx)).width(FillPortion(4)).height(Fill);
        let pane = Element::from(ground(pane, theme::surface::panel));
        row![list.width(FillPortion(7)), rule::vertical(1).style(theme::surface::line), pane].into()
    }

    /// Why there is no table.
    fn nothing<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let again = Press::word(cx.text("owner-read-again")).on_press_maybe(cx.online().then_some(Message::Read));
        match self.topic.as_ref().and_then(|topic| self.trouble.get(topic)) {
            Some(say) => {
                let next = cx.catalog.next(say).unwrap_or_default();
                empty(Icon::Warning, cx.catalog.say(say), next, vec![again.into()])
            }
            None if cx.online() => {
                empty(Icon::Owner, cx.text("owner-members-reading"), cx.text("owner-members-reading-why"), Vec::new())
            }
            None => empty(Icon::Offline, cx.text("owner-members-offline"), String::new(), vec![again.into()]),
        }
    }

    fn bar<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(list) = self.list() else { return gap::vertical().into() };
        let rows = self.rows();
        let search = text_input(&cx.text("owner-members-filter"), &self.filter)
            .id(FILTER)
            .on_input(Message::Filter)
            .padding([space::XS, space::SM])
            .style(theme::input::field);
        let total = rows.len() as u64;
        let count = match self.shown.len() as u64 {
            shown if shown == total => cx.catalog.count("owner-members-count", total, &[]),
            shown => cx.catalog.count("owner-members-count-of", total, &[("shown", &cx.catalog.number(shown))]),
        };
        let wrong = rows.iter().filter(|row| !row.flags.is_empty()).count() as u64;
        let odd = (wrong > 0 || self.odd).then(|| {
            let words = cx.catalog.count("owner-members-odd", wrong, &[]);
            let mark = Icon::Warning.view().size(size::CAPTION).style(theme::text::warn);
            let inside = row![mark, caption(words).style(theme::text::warn)].spacing(space::XS).align_y(Center);
            let only = press(inside).style(theme::button::choice(self.odd)).padding([3.0, space::SM]);
            Element::from(only.id("members.odd").hint("W").on_press(Message::OnlyOdd))
        });
        let unread = (list.listed.unreadable > 0)
            .then(|| warning_chip(cx.catalog.count("owner-members-unread", list.listed.unreadable.into(), &[])));
        let act = |icon: Icon, key: &str, id: &'static str, hint: &str, message: Message| {
            let act = Press::marked(icon, cx.text(key)).style(theme::button::quiet).padding([3.0, space::SM]);
            Element::from(act.id(id).hint(hint.to_owned()).on_press(message))
        };
        let acts = row![
            act(Icon::Newer, "owner-invite", "members.invite", "I", Message::Invite),
            act(Icon::Export, "owner-members-export", "members.export", "E", Message::Export),
            act(Icon::Refresh, "owner-read-again", "members.read", "F", Message::Read),
        ];
        let top = row![container(search).width(Fill), odd, acts.spacing(space::XS)];
        let read = caption(cx.format("owner-members-read", &[("ago", &ago(cx, list.read))]));
        let below = row![caption(count), unread, gap::horizontal(), read];
        let all = column![top.spacing(space::SM).align_y(Center), below.spacing(space::SM).align_y(Center)];
        container(all.spacing(space::XS)).padding([space::SM, space::LG]).into()
    }

    fn header<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let names = row![
            cell(caption(cx.text("owner-column-account")), Fill),
            cell(caption(cx.text("owner-column-role")), ROLE),
            cell(caption(cx.text("owner-column-held")), HELD),
            cell(caption(cx.text("owner-column-odd")), ODD),
        ];
        let names = container(names.spacing(space::MD))
            .padding(Padding::from([space::XS, space::LG]).right(space::LG + LANE))
            .style(theme::surface::panel);
        column![names, rule::horizontal(1).style(theme::surface::line)].into()
    }

    fn table<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if self.shown.is_empty() {
            let clear = Press::word(cx.text("owner-members-clear")).id("members.clear").on_press(Message::ClearFilter);
            let total = self.rows().len() as u64;
            let why = cx.catalog.count("owner-members-hidden", total, &[]);
            return empty(Icon::Search, cx.text("owner-members-none"), why, vec![clear.into()]);
        }
        let here = *cx;
        let list = virtual_list(
            self.shown.len(),
            theme::row(cx.settings.ui.density).max(26.0),
            move |row| self.row(row).map_or_else(|| gap::vertical().into(), |row| self.entry(row, &here)),
            |row| self.shown.get(row).copied().unwrap_or(u32::MAX),
            |place| self.shown.binary_search(place).ok(),
        )
        .id("owner.members")
        .selected(self.place())
        .on_select(Message::Pick);
        ground(container(list).height(Fill), theme::surface::sunken).into()
    }

    fn entry<'a>(&'a self, row: &'a Row, cx: &Cx<'a>) -> Element<'a, Message> {
        let who = line(safe::line(&row.account.to_string())).font(theme::MONO).size(size::BODY - 1.0);
        let role = line(cx.text(role_key(&row.affiliation))).style(role_ink(&row.affiliation));
        let (held, ink) = held_words(row, cx);
        let worst = row.flags.first().map(|flag| {
            let ink = flag_ink(flag);
            let mark = Icon::Warning.view().size(size::CAPTION).style(ink);
            let words = line(flag_words(flag, cx)).size(size::CAPTION).style(ink);
            iced::widget::row![mark, words].spacing(space::XS).align_y(Center)
        });
        let until = row.until.map(|until| {
            let day = until.format("%Y-%m-%d").to_string();
            caption(cx.format("owner-until", &[("day", &day)]))
        });
        let under_way = self.change_of(row).map(|change| match change.stage {
            Stage::Held { until } => {
                let left = seconds(until - cx.now);
                line(cx.catalog.count("owner-row-changes", left, &[])).size(size::CAPTION).style(theme::text::accent)
            }
            Stage::Writing(_) | Stage::Sent(_) => {
                line(cx.text("owner-row-sent")).size(size::CAPTION).style(theme::text::accent)
            }
        });
        let last: Element<'a, Message> = match (under_way, worst, until) {
            (Some(change), ..) => change.into(),
            (None, Some(flag), _) => flag.into(),
            (None, None, Some(until)) => until.into(),
            (None, None, None) => gap::horizontal().into(),
        };
        let cells =
            iced::widget::row![cell(who, Fill), cell(role, ROLE), cell(line(held).style(ink), HELD), cell(last, ODD)];
        container(cells.spacing(space::MD).align_y(Center)).padding([0.0, space::LG]).width(Fill).into()
    }

    /// What is under way about an account.
    fn change_of(&self, row: &Row) -> Option<&Change> {
        self.changes.iter().find(|change| Some(&change.topic) == self.topic.as_ref() && change.is_about(&row.account))
    }

    fn detail<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(row) = self.chosen() else {
            return empty(
                Icon::Owner,
                cx.text("owner-members-choose"),
                cx.text("owner-members-choose-why"),
                Vec::new(),
            );
        };
        let address = row.account.to_string();
        let copy = Press::word(cx.text("owner-copy")).style(theme::button::quiet).padding([2.0, space::SM]);
        let copy = copy.on_press(Message::CopyAddress(row.account.clone()));
        let who = mono(safe::line(&address)).size(size::TITLE).wrapping(iced::widget::text::Wrapping::WordOrGlyph);
        let plain = safe::ascii(&address).map(|plain| mono(plain).style(theme::text::soft));
        let head = column![iced::widget::row![who.width(Fill), Element::from(copy)].spacing(space::SM), plain];
        let flags = row.flags.iter().map(|flag| {
            let tone = if flag.is_grave() { Tone::Alarm } else { Tone::Caution };
            strip(tone, flag_words(flag, cx), Some(flag_why(flag, cx)), Vec::new())
        });
        let fact = |key: &str, words: String| {
            Element::from(iced::widget::row![caption(cx.text(key)).width(LABEL), iced::widget::text(words).width(Fill)])
        };
        let held = row.subscriptions.iter().map(|held| held_line(held, cx));
        let held = Column::with_children(held).spacing(space::XS);
        let held = iced::widget::row![caption(cx.text("owner-column-held")).width(LABEL), held.width(Fill)];
        let none = row.subscriptions.is_empty().then(|| fact("owner-column-held", cx.text("owner-held-none")));
        let facts = column![
            fact("owner-column-role", cx.text(role_key(&row.affiliation))),
            none,
            (!row.subscriptions.is_empty()).then_some(held),
            row.until.map(|until| fact("owner-column-until", cx.catalog.time(until))),
            row.published.map(|at| fact("owner-column-published", ago(cx, at)))
        ];
        let free = self.change_of(row).is_none();
        let change = Press::word(cx.text("owner-change")).id("members.change").hint("C");
        let change = change.on_press_maybe(free.then_some(Message::Change));
        let revoke = Press::word(cx.text("owner-revoke")).id("members.revoke").hint("R");
        let revoke = revoke.style(theme::button::danger).on_press_maybe(free.then_some(Message::Revoke));
        let acts = iced::widget::row![Element::from(change), gap::horizontal(), Element::from(revoke)];
        let inside = column![head.spacing(space::XS), facts.spacing(space::SM), acts]
            .extend(flags)
            .push(self.proof(row, cx))
            .spacing(space::LG);
        scrollable(container(inside).padding(space::LG).width(Fill)).style(theme::surface::scroll).height(Fill).into()
    }

    /// What both lists said of the account before and after its rights were taken away.
    fn proof<'a>(&'a self, row: &Row, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let Outcome::Revoked { proofs, .. } = self.topic.as_ref().and_then(|topic| self.outcomes.get(topic))? else {
            return None;
        };
        let (proof, proven) = proofs.iter().find(|(proof, _)| proof.account == row.account)?;
        Some(column![title(cx.text("owner-proof")), proof_line(proof, *proven, cx)].spacing(space::SM).into())
    }

    /// What is held, and what came of the last change.
    pub(super) fn foot<'a>(&'a self, topic: &TopicId, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let change = self.changes.iter().find(|change| change.topic == *topic);
        let inside = match (change, self.outcomes.get(topic)) {
            (Some(Change { to, by, stage: Stage::Held { until }, .. }), _) => {
                let left = cx.catalog.number(seconds(*until - cx.now));
                let one = match to {
                    To::Become(all) if all.len() == 1 => all.first().map(|(who, _)| who),
                    To::Lose(all, _) if all.len() == 1 => all.first(),
                    _ => None,
                };
                let who = one.map(|who| safe::line(&who.to_string())).unwrap_or_default();
                let key = match (to, one.is_some()) {
                    (To::Become(_), true) => "owner-member-held",
                    (To::Become(_), false) => "owner-members-held",
                    (To::Lose(_, Affiliation::Outcast), _) => "owner-bar-held",
                    (To::Lose(..), _) => "owner-revoke-held",
                };
                let words = cx.catalog.count(key, to.len() as u64, &[("left", &left), ("who", &who)]);
                let undo = Press::word(cx.text("owner-undo")).id("members.undo").hint("U").on_press(Message::Undo);
                let why = if *by == By::Clock { "owner-held-over" } else { "owner-held-why" };
                strip(Tone::Plain, words, Some(cx.text(why)), vec![undo.into()])
            }
            (Some(Change { stage: Stage::Writing(_) | Stage::Sent(_), .. }), _) => {
                strip(Tone::Plain, cx.text("owner-members-sent"), None, Vec::new())
            }
            (None, Some(outcome)) => came(outcome, cx),
            (None, None) => return None,
        };
        Some(container(inside).padding([space::SM, space::LG]).into())
    }
}

/// What came of the last change, with its proof.
fn came<'a>(outcome: &'a Outcome, cx: &Cx<'a>) -> Element<'a, Message> {
    match outcome {
        Outcome::Changed { done, refused } if refused.is_empty() => {
            strip(Tone::Good, cx.catalog.count("owner-members-done", *done as u64, &[]), None, Vec::new())
        }
        Outcome::Changed { done, refused } => {
            let who: Vec<String> = refused.iter().take(3).map(|who| safe::line(&who.to_string())).collect();
            let done = cx.catalog.number(*done as u64);
            let args = [("done", done.as_str()), ("who", &who.join(", "))];
            let words = cx.catalog.count("owner-members-refused", refused.len() as u64, &args);
            strip(Tone::Alarm, words, Some(cx.text("owner-members-refused-why")), Vec::new())
        }
        Outcome::Revoked { proofs, at, complaint } => {
            let at = cx.catalog.clock(*at);
            let all = proofs.iter().all(|(_, proven)| *proven);
            let (tone, key) = if all { (Tone::Good, "owner-proven") } else { (Tone::Alarm, "owner-unproven") };
            let one = proofs.iter().find(|(_, proven)| *proven == all);
            let who = one.map(|(proof, _)| safe::line(&proof.account.to_string())).unwrap_or_default();
            let words = cx.catalog.count(key, proofs.len() as u64, &[("at", &at), ("who", &who)]);
            let next = complaint.as_ref().map(|say| cx.format("owner-complaint", &[("cause", &cx.catalog.say(say))]));
            strip(tone, words, next, Vec::new())
        }
        Outcome::Failed(say) => {
            let words = cx.format("owner-refused", &[("cause", &cx.catalog.say(say))]);
            strip(Tone::Alarm, words, cx.catalog.next(say), Vec::new())
        }
    }
}

fn proof_line<'a>(proof: &Proof, proven: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let (tone, key) = if proven { (Tone::Good, "owner-proof-gone") } else { (Tone::Alarm, "owner-proof-left") };
    let (was, is) = (cx.text(role_key(&proof.was)), cx.text(role_key(&proof.is)));
    let (had, has) = (cx.catalog.number(proof.had.len() as u64), cx.catalog.number(proof.has.len() as u64));
    let words = cx.format(key, &[("was", &was), ("is", &is), ("had", &had), ("has", &has)]);
    strip(tone, words, None, Vec::new())
}

fn held_line<'a>(held: &Subscriber, cx: &Cx<'a>) -> Element<'a, Message> {
    let waits = held.pending.then(|| chip(cx.text("owner-held-waits")));
    let id = held.subid.as_deref().map(|id| caption(safe::line_within(id, 24)));
    let jid = mono(safe::line(&held.jid.to_string())).wrapping(iced::widget::text::Wrapping::WordOrGlyph);
    column![row![jid.width(Fill), waits].spacing(space::SM), id].into()
}

fn held_words(row: &Row, cx: &Cx<'_>) -> (String, fn(&Theme) -> Style) {
    match row.subscriptions.len() {
        0 => (cx.text("owner-held-none"), theme::text::soft),
        _ if !row.reads() => (cx.text("owner-held-waits"), theme::text::warn),
        1 => (cx.text("owner-held-one"), theme::text::normal),
        n => (cx.catalog.count("owner-held-many", n as u64, &[]), theme::text::normal),
    }
}

fn role_ink(role: &Affiliation) -> fn(&Theme) -> Style {
    match role {
        Affiliation::Owner => theme::text::accent,
        Affiliation::Outcast => theme::text::danger,
        Affiliation::None | Affiliation::Other(_) => theme::text::soft,
        _ => theme::text::normal,
    }
}

fn flag_ink(flag: &Flag) -> fn(&Theme) -> Style {
    match flag {
        _ if flag.is_grave() => theme::text::danger,
        Flag::NotSubscribed | Flag::Quiet(_) => theme::text::soft,
        _ => theme::text::warn,
    }
}

fn flag_words(flag: &Flag, cx: &Cx<'_>) -> String {
    match flag {
        Flag::ReadsWithoutRight => cx.text("owner-flag-reads"),
        Flag::OneSession => cx.text("owner-flag-session"),
        Flag::Twice => cx.text("owner-flag-twice"),
        Flag::NotSubscribed => cx.text("owner-flag-unread"),
        Flag::Quiet(since) => cx.format("owner-flag-quiet", &[("age", &cx.catalog.age(*since))]),
        Flag::Over => cx.text("owner-flag-over"),
        Flag::Strange(Strange::LooksLike(other)) => cx.format("owner-flag-like", &[("domain", &safe::line(other))]),
        Flag::Strange(Strange::Mixed) => cx.text("owner-flag-mixed"),
    }
}

fn flag_why(flag: &Flag, cx: &Cx<'_>) -> String {
    cx.text(match flag {
        Flag::ReadsWithoutRight => "owner-flag-reads-why",
        Flag::OneSession => "owner-flag-session-why",
        Flag::Twice => "owner-flag-twice-why",
        Flag::NotSubscribed => "owner-flag-unread-why",
        Flag::Quiet(_) => "owner-flag-quiet-why",
        Flag::Over => "owner-flag-over-why",
        Flag::Strange(_) => "owner-flag-like-why",
    })
}

/// Keys of this side.
pub(in crate::screen::owner) fn key(key: Key<&str>) -> Option<Message> {
    Some(match key {
        Key::Character("/") => Message::Search,
        Key::Character("i") => Message::Invite,
        Key::Character("c") => Message::Change,
        Key::Character("r") => Message::Revoke,
        Key::Character("e") => Message::Export,
        Key::Character("f") => Message::Read,
        Key::Character("w") => Message::OnlyOdd,
        Key::Character("u") => Message::UndoLast,
        Key::Character("j") | Key::Named(Named::ArrowDown) => Message::Step(1),
        Key::Character("k") | Key::Named(Named::ArrowUp) => Message::Step(-1),
        _ => return None,
    })
}
