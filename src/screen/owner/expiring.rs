//! Whose access ends, whose nobody has looked at for long, and who reads without anybody having looked: kept, for so long, or
//! revoked, in one sweep (`product.md` A53). What is over the clock ends ([`super::ends`]), held like a decision; whoever keeps
//! does so by hand. Of many the list is put together away from the window's thread.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use iced::Task;
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::{Column, column, container, radio, row, rule, scrollable, space as gap, text, text_input};
use iced::{Center, Fill, FillPortion, Length, Padding};

use super::ends::only_reads;
use super::members::Members;
use super::requests::Lasts;
use super::view::named;
use super::{Whose, Work, mine, modal};
use crate::app::cx::{Cx, Owning};
use crate::engine::RequestId;
use crate::model::owned::Members as Listed;
use crate::model::{BareJid, Say, TopicId};
use crate::owner::clock::Belief;
use crate::owner::grant::Due;
use crate::owner::seats::{self, Seat};
use crate::screen::{Action, Toast, Tone as Mood};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::field::{Below, field};
use crate::widget::virtual_list::LANE;
use crate::widget::{
    Element, Icon, Press, Tone, caption, cell, empty, focusable, ground, heading, line, mono, press, strip,
    virtual_list,
};

const WORDS: &str = "expiring.words";
/// Accounts named of those that are revoked together.
const NAMED: usize = 3;
const ROW: f32 = 46.0;
const STATE: Length = Length::Fixed(170.0);
/// The column of labels.
const LABEL: Length = Length::Fixed(96.0);
/// Accounts whose list a frame has room for.
const SHORT: usize = 500;
/// After so long what is due is looked at anew.
const FRESH: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Debug)]
pub enum Message {
    Pick(usize),
    Step(isize),
    /// Only what is due.
    OnlyDue,
    Lasts(Lasts),
    /// Keeps the selected one, and goes on to the next that is due.
    Keep,
    /// The clock is right, a person says.
    Believe,
    /// Asks before the selected one is revoked.
    Ask,
    /// The same of all that is over, where the accounts only read.
    AskAll,
    Words(String),
    Close,
    /// Who may read was put together.
    Seated(RequestId, Arc<[Seat]>),
    /// Revokes; the desk does it where members change.
    Revoke(TopicId, BareJid, String),
    RevokeAll(String),
    Undo,
}

#[derive(Debug, Default)]
pub struct Expiring {
    topic: Option<TopicId>,
    selected: Option<Whose>,
    due: bool,
    lasts: Lasts,
    /// A reason is typed for a revocation.
    words: Option<String>,
    /// It is for all of these, which are over; else for the selected one.
    all: Vec<Whose>,
    /// All who may read.
    seats: Arc<[Seat]>,
    made: Option<DateTime<Utc>>,
    /// It is put together elsewhere under this number; what it is made of has changed since.
    waits: Option<(RequestId, bool)>,
    /// Those that show, and the row of each name.
    shown: Vec<usize>,
    rows: HashMap<u64, usize>,
    names: RandomState,
}

impl Expiring {
    pub fn narrow(&mut self, topic: Option<TopicId>, cx: &Cx<'_>) {
        self.topic = topic;
        self.sift(cx);
    }

    /// How many of those that were granted here are due. Who was never looked at has time.
    #[must_use]
    pub fn due(&self, cx: &Cx<'_>) -> usize {
        cx.owning.grants.iter().filter(|grant| grant.due(cx.now).is_some()).count()
    }

    /// Puts together who may read, by what is written down and what the topics' lists say.
    pub fn seat(&mut self, lists: &[(TopicId, Arc<Listed>)], cx: &Cx<'_>) -> Action<Message> {
        if let Some((_, again)) = &mut self.waits {
            *again = true;
            return Action::None;
        }
        self.made = Some(cx.now);
        let own = |topic: &TopicId| mine(cx).any(|own| own.id == *topic);
        let lists: Vec<(TopicId, Arc<Listed>)> = lists.iter().filter(|(topic, _)| own(topic)).cloned().collect();
        let listed = lists.iter().map(|(_, listed)| listed.affiliations.len() + listed.subscribers.len());
        let (owning, now): (Arc<Owning>, _) = (Arc::clone(cx.owning), cx.now);
        let is_short = owning.grants.len() + listed.sum::<usize>() <= SHORT;
        let seats = move || -> Arc<[Seat]> { seats::all(&owning.grants, &lists, now).into() };
        if is_short {
            self.seats = seats();
            self.sift(cx);
            return Action::None;
        }
        let number = cx.request();
        self.waits = Some((number, false));
        let seating = async move { tokio::task::spawn_blocking(seats).await.unwrap_or_default() };
        Action::Run(Task::perform(seating, move |seats| Message::Seated(number, seats)))
    }

    /// Whether what shows is of a while ago.
    #[must_use]
    pub fn is_old(&self, cx: &Cx<'_>) -> bool {
        self.made.is_none_or(|made| cx.now - made >= FRESH || made > cx.now)
    }

    /// It is put together. Whether it is to be once more.
    pub fn seated(&mut self, number: RequestId, seats: Arc<[Seat]>, cx: &Cx<'_>) -> bool {
        // That of another session is not this one's.
        let Some((_, again)) = self.waits.take_if(|(waits, _)| *waits == number) else { return false };
        self.seats = seats;
        self.sift(cx);
        again
    }

    fn sift(&mut self, cx: &Cx<'_>) {
        let wanted = |seat: &Seat| {
            self.topic.as_ref().is_none_or(|topic| seat.topic == *topic) && (!self.due || seat.due(cx.now).is_some())
        };
        let shown = self.seats.iter().enumerate().filter(|(_, seat)| wanted(seat));
        self.shown = shown.map(|(place, _)| place).collect();
        let rows =
            self.shown.iter().enumerate().filter_map(|(row, place)| Some((self.name(self.seats.get(*place)?), row)));
        self.rows = rows.collect();
    }

    /// A number by which the list knows a seat again; nobody outside can choose it.
    fn name(&self, seat: &Seat) -> u64 {
        self.names.hash_one((&seat.topic, &seat.account))
    }

    fn row(&self, row: usize) -> Option<&Seat> {
        self.seats.get(*self.shown.get(row)?)
    }

    fn place(&self) -> Option<usize> {
        let (topic, account) = self.selected.as_ref()?;
        self.rows.get(&self.names.hash_one((topic, account))).copied()
    }

    pub fn chosen(&self) -> Option<&Seat> {
        self.place().and_then(|row| self.row(row))
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Pick(row) => self.select(row),
            Message::Step(by) => {
                let Some(last) = self.shown.len().checked_sub(1) else { return Action::None };
                let row = self.place().map_or(0, |row| row.saturating_add_signed(by).min(last));
                self.select(row);
            }
            Message::OnlyDue => {
                self.due = !self.due;
                self.sift(cx);
            }
            Message::Lasts(lasts) => self.lasts = lasts,
            Message::Keep => return self.keep(cx),
            Message::Believe => return Action::Own(Work::Believe(cx.now)),
            Message::Ask => (self.words, self.all) = (self.chosen().map(|_| String::new()), Vec::new()),
            Message::Words(words) => self.words = Some(words),
            Message::Close => (self.words, self.all) = (None, Vec::new()),
            // The desk's, and the members'.
            Message::Seated(..) | Message::AskAll | Message::Revoke(..) | Message::RevokeAll(_) | Message::Undo => {}
        }
        Action::None
    }

    /// Asks before all that is over is revoked: those who only read, by the lists that were read, and about whom nothing is
    /// under way. Who is more than a reader is looked at alone.
    pub fn ask_all(&mut self, members: &Members, cx: &Cx<'_>) -> Action<Message> {
        let reads = |seat: &&Seat| {
            let listed = members.listed(&seat.topic, DateTime::<Utc>::MIN_UTC);
            let reads = listed.is_some_and(|listed| only_reads(&listed, &seat.account));
            reads && !members.is_busy(&seat.topic, &seat.account)
        };
        let all = self.over(cx.now).filter(reads).map(|seat| (seat.topic.clone(), seat.account.clone())).collect();
        self.all = all;
        if self.all.is_empty() {
            return Action::Notify(Toast { tone: Mood::Plain, say: Say::new("owner-revoke-over-none") });
        }
        self.words = Some(String::new());
        Action::None
    }

    /// Those that show whose access is over.
    fn over(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Seat> {
        let shown = self.shown.iter().filter_map(|place| self.seats.get(*place));
        shown.filter(move |seat| seat.due(now) == Some(Due::Over))
    }

    /// Whom that was asked about, topic by topic.
    pub fn take_all(&mut self) -> BTreeMap<TopicId, Vec<BareJid>> {
        let mut by: BTreeMap<TopicId, Vec<BareJid>> = BTreeMap::new();
        for (topic, account) in self.all.drain(..) {
            by.entry(topic).or_default().push(account);
        }
        by
    }

    fn select(&mut self, row: usize) {
        self.selected = self.row(row).map(|seat| (seat.topic.clone(), seat.account.clone()));
    }

    fn keep(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some((here, seat)) = self.place().and_then(|here| Some((here, self.row(here)?))) else {
            return Action::None;
        };
        let kept = seat.kept(self.lasts.end(cx.now), cx.now);
        // On with the sweep: the next that is due, wherever the kept one goes.
        let is_due = |row: &usize| self.row(*row).is_some_and(|seat| seat.due(cx.now).is_some());
        let next = (here + 1..self.shown.len()).chain(0..here).find(is_due);
        if let Some(next) = next {
            self.select(next);
        }
        Action::Own(Work::Grants(vec![kept]))
    }

    pub fn view<'a>(&'a self, members: &'a Members, cx: &Cx<'a>) -> Element<'a, Message> {
        let problems = cx.owning.problems.iter().map(|say| {
            let strip = strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), Vec::new());
            Element::from(container(strip).padding([space::XS, space::LG]))
        });
        let problems = Column::with_children(problems).push(doubt(cx));
        if self.seats.is_empty() {
            let none = empty(Icon::Waiting, cx.text("owner-grants-none"), cx.text("owner-grants-none-why"), Vec::new());
            return column![problems, none].into();
        }
        // What is held is in sight whoever is selected.
        let about = self.chosen().map(|seat| &seat.topic).filter(|topic| members.says(topic, cx).is_some());
        let says = about.or_else(|| members.busiest()).and_then(|topic| members.says(topic, cx));
        let says = says.map(|says| says.map(|_| Message::Undo));
        let list = column![problems, self.bar(cx), self.list(cx), says];
        let pane = container(self.detail(members, cx)).width(FillPortion(5)).height(Fill);
        let pane = Element::from(ground(pane, theme::surface::panel));
        row![list.width(FillPortion(6)), rule::vertical(1).style(theme::surface::line), pane].into()
    }

    fn bar<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let due = self.seats.iter().filter(|seat| seat.due(cx.now).is_some()).count() as u64;
        let only = Press::word(cx.catalog.count("owner-grants-due", due, &[]));
        let only = only.style(theme::button::choice(self.due)).padding([3.0, space::SM]).id("expiring.due").hint("W");
        let all = self.shown.len() as u64;
        let unknown = self.shown.iter().filter_map(|place| self.seats.get(*place)).filter(|seat| seat.grant.is_none());
        let count = match unknown.count() as u64 {
            0 => cx.catalog.count("owner-grants-count", all, &[]),
            unknown => {
                let all = cx.catalog.count("owner-grants-count", all, &[]);
                cx.catalog.count("owner-grants-unknown", unknown, &[("all", &all)])
            }
        };
        let count = caption(count).width(Fill);
        let over = Press::word(cx.text("owner-revoke-over")).style(theme::button::quiet).id("expiring.all");
        let over = (self.over(cx.now).nth(1).is_some()).then(|| Element::from(over.on_press(Message::AskAll)));
        let bar = row![count, over, Element::from(only.on_press(Message::OnlyDue))].spacing(space::SM).align_y(Center);
        let line = rule::horizontal(1).style(theme::surface::line);
        column![container(bar).padding([space::SM, space::LG]), line].into()
    }

    fn list<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let here = *cx;
        let list = virtual_list(
            self.shown.len(),
            ROW,
            move |row| self.row(row).map_or_else(|| gap::vertical().into(), |seat| entry(seat, &here)),
            move |row| self.row(row).map_or(0, |seat| self.name(seat)),
            move |key| self.rows.get(key).copied(),
        );
        let list = list.id("owner.grants").selected(self.place()).on_select(Message::Pick);
        ground(container(list).height(Fill), theme::surface::sunken).into()
    }

    fn detail<'a>(&'a self, members: &'a Members, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(seat) = self.chosen() else {
            return empty(
                Icon::Waiting,
                cx.text("owner-grants-choose"),
                cx.text("owner-grants-choose-why"),
                Vec::new(),
            );
        };
        let fact =
            |key: &str, words: String| Element::from(row![caption(cx.text(key)).width(LABEL), text(words).width(Fill)]);
        let who = mono(safe::line(&seat.account.to_string())).size(size::TITLE);
        let who = who.wrapping(text::Wrapping::WordOrGlyph);
        let grant = seat.grant.as_ref();
        let note = grant.map(|grant| safe::line(&grant.note)).filter(|note| !note.is_empty());
        let (words, tone) = state(seat, cx);
        let or = |at: Option<DateTime<Utc>>, key: &str| at.map_or_else(|| cx.text(key), |at| cx.catalog.time(at));
        let facts = column![
            fact("owner-column-topic", named(&seat.topic, cx)),
            fact("owner-grant-since", or(grant.and_then(|grant| grant.since), "owner-grant-since-unknown")),
            fact("owner-column-until", or(grant.and_then(|grant| grant.until), "owner-lasts-forever")),
            fact("owner-grant-reviewed", or(grant.map(|grant| grant.reviewed), "owner-grant-never")),
            note.map(|note| fact("owner-why", note)),
        ];
        let lasts = Lasts::ALL.map(|lasts| {
            let choice = radio(cx.text(lasts.key()), lasts, Some(self.lasts), Message::Lasts);
            let choice = choice.size(14.0).spacing(6.0).text_size(size::BODY).style(theme::input::option);
            focusable(choice, Some(Message::Lasts(lasts))).into()
        });
        let lasts = row![caption(cx.text("owner-lasts")).width(LABEL)].extend(lasts).spacing(space::MD).align_y(Center);
        let free = !members.is_busy(&seat.topic, &seat.account);
        let keep = press(text(cx.text("owner-keep"))).style(theme::button::primary).id("expiring.keep").hint("E");
        let revoke = Press::word(cx.text("owner-revoke")).style(theme::button::danger).id("expiring.revoke").hint("R");
        let acts = row![
            Element::from(keep.on_press_maybe(free.then_some(Message::Keep))),
            gap::horizontal(),
            Element::from(revoke.on_press_maybe(free.then_some(Message::Ask)))
        ];
        let inside = column![who, strip(tone, words, None, Vec::new()), facts.spacing(space::SM), lasts, acts];
        let inside = container(inside.spacing(space::LG)).padding(space::LG).width(Fill);
        scrollable(inside).style(theme::surface::scroll).height(Fill).into()
    }

    pub fn sheet<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let words = self.words.as_ref()?;
        let said = words.trim().to_owned();
        let (means, message) = if self.all.is_empty() {
            let seat = self.chosen()?;
            let means = cx.format("owner-revoke-means", &[("who", &safe::line(&seat.account.to_string()))]);
            (means, Message::Revoke(seat.topic.clone(), seat.account.clone(), said))
        } else {
            let some: Vec<String> = self.all.iter().take(NAMED).map(|(_, who)| safe::line(&who.to_string())).collect();
            let count = self.all.len() as u64;
            let means = cx.catalog.count("owner-revoke-over-means", count, &[("who", &some.join(", "))]);
            (means, Message::RevokeAll(said))
        };
        let input = text_input(&cx.text("owner-why-example"), words).id(WORDS).on_input(Message::Words);
        let input = input.padding([space::SM, space::MD]).style(theme::input::field);
        let back = Press::word(cx.text("owner-back")).id("expiring.back").on_press(Message::Close);
        let go = press(text(cx.text("owner-revoke-go"))).style(theme::button::danger).deliberate().id("expiring.go");
        let held = caption(cx.catalog.count("owner-then-held", u64::from(cx.settings.hold()), &[])).width(Fill);
        let acts = row![held, Element::from(back), Element::from(go.on_press(message))];
        let inside = column![
            heading(cx.text("owner-revoke-title")),
            text(means),
            field(cx.text("owner-revoke-words"), input, Below::Hint(cx.text("owner-revoke-sent"))),
            acts.spacing(space::SM).align_y(Center)
        ];
        Some(modal(inside.spacing(space::MD).into(), WORDS, Message::Close))
    }
}

/// That the clock is not believed, and that it is right after all.
fn doubt<'a>(cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let Belief::Ahead(by) = cx.clock else { return None };
    let days = u64::try_from(by.num_days()).unwrap_or_default();
    let now = cx.format("owner-clock-now", &[("now", &cx.catalog.time(cx.now))]);
    let words = format!("{} {now}", cx.catalog.count("owner-clock-ahead", days, &[]));
    let next = cx.catalog.next(&Say::new("owner-clock-ahead"));
    let right = Press::word(cx.text("owner-clock-right")).id("expiring.clock").on_press(Message::Believe);
    let strip = strip(Tone::Alarm, words, next, vec![right.into()]);
    Some(container(strip).padding([space::XS, space::LG]).into())
}

/// How it stands, in words.
fn state(seat: &Seat, cx: &Cx<'_>) -> (String, Tone) {
    let Some(grant) = &seat.grant else { return (cx.text("owner-grant-unknown"), Tone::Caution) };
    let days = |from: DateTime<Utc>, to: DateTime<Utc>| u64::try_from((to - from).num_days().max(0)).unwrap_or(0);
    match (grant.due(cx.now), grant.until) {
        (Some(Due::Over), Some(_)) if grant.spared => (cx.text("owner-grant-spared"), Tone::Alarm),
        (Some(Due::Over), Some(until)) => (cx.catalog.count("owner-grant-over", days(until, cx.now), &[]), Tone::Alarm),
        (Some(Due::Soon), Some(until)) => {
            (cx.catalog.count("owner-grant-soon", days(cx.now, until), &[]), Tone::Caution)
        }
        (Some(_), _) => (cx.catalog.count("owner-grant-review", days(grant.reviewed, cx.now), &[]), Tone::Caution),
        (None, Some(until)) => (cx.catalog.count("owner-grant-ends", days(cx.now, until), &[]), Tone::Plain),
        (None, None) => (cx.text("owner-grant-forever"), Tone::Plain),
    }
}

fn entry<'a>(seat: &'a Seat, cx: &Cx<'a>) -> Element<'a, Message> {
    let who = line(safe::line(&seat.account.to_string())).font(theme::MONO);
    let topic = line(named(&seat.topic, cx)).size(size::CAPTION).style(theme::text::soft);
    let (words, tone) = state(seat, cx);
    let ink = move |theme: &iced::Theme| match tone {
        Tone::Plain | Tone::Good => theme::text::soft(theme),
        tone => tone.ink(theme),
    };
    let mark = seat.due(cx.now).map(|_| Icon::view(tone.icon()).size(size::CAPTION).style(ink));
    let state = row![mark, line(words).size(size::CAPTION).style(ink)].spacing(space::XS).align_y(Center);
    let words = column![who, topic].spacing(2.0);
    let all = row![container(words).width(Fill).clip(true), cell(state, STATE)].spacing(space::MD).align_y(Center);
    container(all).padding(Padding::from([0.0, space::LG]).right(space::LG + LANE)).width(Fill).into()
}

/// Keys of this side.
pub(super) fn key(key: Key<&str>) -> Option<Message> {
    Some(match key {
        Key::Character("e") => Message::Keep,
        Key::Character("r") => Message::Ask,
        Key::Character("u") => Message::Undo,
        Key::Character("w") => Message::OnlyDue,
        Key::Character("j") | Key::Named(Named::ArrowDown) => Message::Step(1),
        Key::Character("k") | Key::Named(Named::ArrowUp) => Message::Step(-1),
        _ => return None,
    })
}
