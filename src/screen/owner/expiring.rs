//! Whose access ends, and whose nobody has looked at for long: kept, for so long, or revoked, in one sweep (`product.md` A53).
//! What is over the clock ends ([`super::ends`]), held like a decision; whoever keeps does so by hand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::{Column, column, container, radio, row, rule, scrollable, space as gap, text, text_input};
use iced::{Center, Fill, FillPortion, Length, Padding};

use super::ends::only_reads;
use super::members::Members;
use super::requests::Lasts;
use super::view::named;
use super::{Whose, Work, modal};
use crate::app::cx::Cx;
use crate::model::{BareJid, Say, TopicId};
use crate::owner::grant::{Due, Grant};
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

#[derive(Clone, Debug)]
pub enum Message {
    Pick(usize),
    Step(isize),
    /// Only what is due.
    OnlyDue,
    Lasts(Lasts),
    /// Keeps the selected one, and goes on to the next that is due.
    Keep,
    /// Asks before the selected one is revoked.
    Ask,
    /// The same of all that is over, where the accounts only read.
    AskAll,
    Words(String),
    Close,
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
}

impl Expiring {
    pub fn narrow(&mut self, topic: Option<TopicId>) {
        self.topic = topic;
    }

    /// How many are due.
    #[must_use]
    pub fn due(&self, cx: &Cx<'_>) -> usize {
        cx.owning.grants.iter().filter(|grant| grant.due(cx.now).is_some()).count()
    }

    /// Those that show: what is over first, then by their end.
    fn shown<'a>(&self, cx: &Cx<'a>) -> Vec<&'a Grant> {
        let wanted = |grant: &&Grant| {
            self.topic.as_ref().is_none_or(|topic| grant.topic == *topic) && (!self.due || grant.due(cx.now).is_some())
        };
        let mut all: Vec<&Grant> = cx.owning.grants.iter().filter(wanted).collect();
        all.sort_by_key(|grant| {
            let due = grant.due(cx.now);
            (due.is_none(), due, grant.until.unwrap_or(DateTime::<Utc>::MAX_UTC), &grant.account)
        });
        all
    }

    fn place(&self, shown: &[&Grant]) -> Option<usize> {
        let (topic, account) = self.selected.as_ref()?;
        shown.iter().position(|grant| grant.topic == *topic && grant.account == *account)
    }

    pub fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<&'a Grant> {
        let (topic, account) = self.selected.as_ref()?;
        cx.owning.grants.iter().find(|grant| grant.topic == *topic && grant.account == *account)
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Pick(row) => self.select(row, cx),
            Message::Step(by) => {
                let shown = self.shown(cx);
                let Some(last) = shown.len().checked_sub(1) else { return Action::None };
                let row = self.place(&shown).map_or(0, |row| row.saturating_add_signed(by).min(last));
                self.select(row, cx);
            }
            Message::OnlyDue => self.due = !self.due,
            Message::Lasts(lasts) => self.lasts = lasts,
            Message::Keep => return self.keep(cx),
            Message::Ask => (self.words, self.all) = (self.chosen(cx).map(|_| String::new()), Vec::new()),
            Message::Words(words) => self.words = Some(words),
            Message::Close => (self.words, self.all) = (None, Vec::new()),
            // The desk's, and the members'.
            Message::AskAll | Message::Revoke(..) | Message::RevokeAll(_) | Message::Undo => {}
        }
        Action::None
    }

    /// Asks before all that is over is revoked: those who only read, by the lists that were read, and about whom nothing is
    /// under way. Who is more than a reader is looked at alone.
    pub fn ask_all(&mut self, members: &Members, cx: &Cx<'_>) -> Action<Message> {
        let over = self.shown(cx).into_iter().filter(|grant| grant.due(cx.now) == Some(Due::Over));
        let reads = |grant: &&Grant| {
            let listed = members.listed(&grant.topic, DateTime::<Utc>::MIN_UTC);
            let reads = listed.is_some_and(|listed| only_reads(&listed, &grant.account));
            reads && !members.is_busy(&grant.topic, &grant.account)
        };
        self.all = over.filter(reads).map(|grant| (grant.topic.clone(), grant.account.clone())).collect();
        if self.all.is_empty() {
            return Action::Notify(Toast { tone: Mood::Plain, say: Say::new("owner-revoke-over-none") });
        }
        self.words = Some(String::new());
        Action::None
    }

    /// Whom that was asked about, topic by topic.
    pub fn take_all(&mut self) -> BTreeMap<TopicId, Vec<BareJid>> {
        let mut by: BTreeMap<TopicId, Vec<BareJid>> = BTreeMap::new();
        for (topic, account) in self.all.drain(..) {
            by.entry(topic).or_default().push(account);
        }
        by
    }

    fn select(&mut self, row: usize, cx: &Cx<'_>) {
        let of = |grant: &&Grant| (grant.topic.clone(), grant.account.clone());
        self.selected = self.shown(cx).get(row).map(of);
    }

    fn keep(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(grant) = self.chosen(cx) else { return Action::None };
        let kept = grant.clone().kept(self.lasts.end(cx.now), cx.now);
        // On with the sweep: the next that is due, wherever the kept one goes.
        let shown = self.shown(cx);
        let here = self.place(&shown).unwrap_or_default();
        let due = |grant: &&&Grant| grant.due(cx.now).is_some();
        let next = shown.iter().skip(here + 1).find(due).or_else(|| shown.iter().take(here).find(due));
        self.selected = next.map(|grant| (grant.topic.clone(), grant.account.clone())).or(self.selected.take());
        Action::Own(Work::Grants(vec![kept]))
    }

    pub fn view<'a>(&'a self, members: &'a Members, cx: &Cx<'a>) -> Element<'a, Message> {
        let problems = cx.owning.problems.iter().map(|say| {
            let strip = strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), Vec::new());
            Element::from(container(strip).padding([space::XS, space::LG]))
        });
        let problems = Column::with_children(problems);
        if cx.owning.grants.is_empty() {
            let none = empty(Icon::Waiting, cx.text("owner-grants-none"), cx.text("owner-grants-none-why"), Vec::new());
            return column![problems, none].into();
        }
        let shown = self.shown(cx);
        // What is held is in sight whoever is selected.
        let about = self.chosen(cx).map(|grant| &grant.topic).filter(|topic| members.says(topic, cx).is_some());
        let says = about.or_else(|| members.busiest()).and_then(|topic| members.says(topic, cx));
        let says = says.map(|says| says.map(|_| Message::Undo));
        let list = column![problems, self.bar(&shown, cx), self.list(shown, cx), says];
        let pane = container(self.detail(members, cx)).width(FillPortion(5)).height(Fill);
        let pane = Element::from(ground(pane, theme::surface::panel));
        row![list.width(FillPortion(6)), rule::vertical(1).style(theme::surface::line), pane].into()
    }

    fn bar<'a>(&'a self, shown: &[&Grant], cx: &Cx<'a>) -> Element<'a, Message> {
        let due = self.due(cx) as u64;
        let only = Press::word(cx.catalog.count("owner-grants-due", due, &[]));
        let only = only.style(theme::button::choice(self.due)).padding([3.0, space::SM]).id("expiring.due").hint("W");
        let count = caption(cx.catalog.count("owner-grants-count", shown.len() as u64, &[])).width(Fill);
        let over = shown.iter().filter(|grant| grant.due(cx.now) == Some(Due::Over)).count();
        let all = Press::word(cx.text("owner-revoke-over")).style(theme::button::quiet).id("expiring.all");
        let all = (over > 1).then(|| Element::from(all.on_press(Message::AskAll)));
        let only = Element::from(only.on_press(Message::OnlyDue));
        let bar = row![count, all, only].spacing(space::SM).align_y(Center);
        let line = rule::horizontal(1).style(theme::surface::line);
        column![container(bar).padding([space::SM, space::LG]), line].into()
    }

    fn list<'a>(&'a self, shown: Vec<&'a Grant>, cx: &Cx<'a>) -> Element<'a, Message> {
        let (here, selected) = (*cx, self.place(&shown));
        let names: Vec<u64> = shown.iter().map(|grant| name(grant)).collect();
        let keys = names.clone();
        let list = virtual_list(
            shown.len(),
            ROW,
            move |row| shown.get(row).map_or_else(|| gap::vertical().into(), |grant| entry(grant, &here)),
            move |row| keys.get(row).copied().unwrap_or_default(),
            move |key| names.iter().position(|name| name == key),
        );
        let list = list.id("owner.grants").selected(selected).on_select(Message::Pick);
        ground(container(list).height(Fill), theme::surface::sunken).into()
    }

    fn detail<'a>(&'a self, members: &'a Members, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(grant) = self.chosen(cx) else {
            return empty(
                Icon::Waiting,
                cx.text("owner-grants-choose"),
                cx.text("owner-grants-choose-why"),
                Vec::new(),
            );
        };
        let fact =
            |key: &str, words: String| Element::from(row![caption(cx.text(key)).width(LABEL), text(words).width(Fill)]);
        let who = mono(safe::line(&grant.account.to_string())).size(size::TITLE);
        let who = who.wrapping(text::Wrapping::WordOrGlyph);
        let note = (!grant.note.is_empty()).then(|| fact("owner-why", safe::line(&grant.note)));
        let (words, tone) = state(grant, cx);
        let facts = column![
            fact("owner-column-topic", named(&grant.topic, cx)),
            fact("owner-grant-since", cx.catalog.time(grant.since)),
            fact(
                "owner-column-until",
                grant.until.map_or_else(|| cx.text("owner-lasts-forever"), |at| cx.catalog.time(at))
            ),
            fact("owner-grant-reviewed", cx.catalog.time(grant.reviewed)),
            note,
        ];
        let lasts = Lasts::ALL.map(|lasts| {
            let choice = radio(cx.text(lasts.key()), lasts, Some(self.lasts), Message::Lasts);
            let choice = choice.size(14.0).spacing(6.0).text_size(size::BODY).style(theme::input::option);
            focusable(choice, Some(Message::Lasts(lasts))).into()
        });
        let lasts = row![caption(cx.text("owner-lasts")).width(LABEL)].extend(lasts).spacing(space::MD).align_y(Center);
        let free = !members.is_busy(&grant.topic, &grant.account);
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
            let grant = self.chosen(cx)?;
            let means = cx.format("owner-revoke-means", &[("who", &safe::line(&grant.account.to_string()))]);
            (means, Message::Revoke(grant.topic.clone(), grant.account.clone(), said))
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

/// A number by which the list knows a grant again.
fn name(grant: &Grant) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (&grant.topic, &grant.account).hash(&mut hasher);
    hasher.finish()
}

/// How it stands, in words.
fn state(grant: &Grant, cx: &Cx<'_>) -> (String, Tone) {
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

fn entry<'a>(grant: &'a Grant, cx: &Cx<'a>) -> Element<'a, Message> {
    let who = line(safe::line(&grant.account.to_string())).font(theme::MONO);
    let topic = line(named(&grant.topic, cx)).size(size::CAPTION).style(theme::text::soft);
    let (words, tone) = state(grant, cx);
    let ink = move |theme: &iced::Theme| match tone {
        Tone::Plain | Tone::Good => theme::text::soft(theme),
        tone => tone.ink(theme),
    };
    let mark = grant.due(cx.now).map(|_| Icon::view(tone.icon()).size(size::CAPTION).style(ink));
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
