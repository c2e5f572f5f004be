//! What differs between the document and another revision: what matters on top, then what came, went and changed, each with
//! its place. Pressed, a change leads to its row of the tree.

use std::fmt;

use iced::widget::{Column, column, container, pick_list, row, scrollable, space as gap, text};
use iced::{Center, Element, Fill};

use super::compare::{Compare, Compared, State};
use super::observables::kind_key;
use super::whole::Whole;
use super::{Message, line_of};
use crate::app::cx::Cx;
use crate::iodef::diff::{Change, Diff, Field, Head, Matter, Place, Value, What};
use crate::model::{Observable, Tlp};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, Press, Tone, badge, caption, chip, mono, press, strip, strong, title};

/// Changes drawn of a group before one asks for all.
const FEW: usize = 40;
/// Observables drawn on each side before one asks for all.
const VALUES: usize = 12;
/// From this width on what matters stands beside the rest.
const WIDE: f32 = 1000.0;
/// Width of the names left of what matters.
const NAME: f32 = 96.0;

/// A revision in the list to choose from.
#[derive(Clone, PartialEq, Eq)]
struct Choice(usize, String);

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

/// How many changes there are, for the tab.
pub fn count(compare: &Compare) -> u64 {
    let counts = compare.done().map(|compared| compared.diff.counts);
    counts.map_or(0, |counts| (counts.added + counts.removed + counts.changed + counts.moved) as u64)
}

pub fn side<'a>(compare: &'a Compare, whole: &'a Whole, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
    if let Some(say) = &compare.trouble {
        let words = cx.format("incident-compare-unlooked", &[("cause", &cx.catalog.say(say))]);
        let strip = strip(Tone::Alarm, words, cx.catalog.next(say), Vec::new());
        return container(strip).padding(space::LG).height(Fill).into();
    }
    if compare.offers.is_empty() {
        let pick = compare.picks.then(|| Element::from(pick(cx)));
        let why = if compare.picks { "incident-compare-file-why" } else { "incident-compare-none-why" };
        let what = if compare.picks { "incident-compare-file" } else { "incident-compare-none" };
        return widget::empty(Icon::File, cx.text(what), cx.text(why), pick.into_iter().collect());
    }
    let body: Element<'a, Message> = match &compare.state {
        State::Idle | State::Working => {
            widget::empty(Icon::Waiting, cx.text("incident-comparing"), cx.text("incident-comparing-why"), Vec::new())
        }
        State::Failed(say) => {
            let words = cx.format("incident-compare-failed", &[("cause", &cx.catalog.say(say))]);
            container(strip(Tone::Alarm, words, cx.catalog.next(say), Vec::new()))
                .padding(space::LG)
                .height(Fill)
                .into()
        }
        State::Done(compared) => page(compared, whole, compare.all, width >= WIDE, cx),
    };
    column![bar(compare, cx), body].into()
}

fn pick<'a>(cx: &Cx<'a>) -> Press<'a, Message> {
    Press::marked(Icon::File, cx.text("incident-compare-pick")).id("document.other").on_press(Message::Other)
}

/// With what it is compared.
fn bar<'a>(compare: &'a Compare, cx: &Cx<'a>) -> Element<'a, Message> {
    let choices: Vec<Choice> =
        compare.offers.iter().enumerate().map(|(index, offer)| Choice(index, offer.words.clone())).collect();
    let chosen = choices.get(compare.chosen).cloned();
    let list: Element<'a, Message> = match (&chosen, choices.len()) {
        (Some(only), 1) => strong(only.1.clone()).into(),
        _ => pick_list(choices, chosen, |choice| Message::Against(choice.0))
            .text_size(size::BODY)
            .padding([2.0, space::SM])
            .style(theme::input::choice)
            .menu_style(theme::input::menu)
            .into(),
    };
    let pick = compare.picks.then(|| Element::from(pick(cx).style(theme::button::quiet).padding([1.0, space::SM])));
    let bar = row![caption(cx.text("incident-compared-with")), list, gap::horizontal(), pick];
    container(bar.spacing(space::SM).align_y(Center)).padding([space::SM, space::LG]).into()
}

/// `wide`: what matters stands beside the rest.
fn page<'a>(compared: &'a Compared, whole: &'a Whole, all: bool, wide: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let diff = &*compared.diff;
    if diff.is_empty() {
        let same = match compared.unseen {
            0 => {
                let why = cx.text("incident-compare-same-why");
                strip(Tone::Good, cx.text("incident-compare-same"), Some(why), Vec::new())
            }
            unseen => {
                let why = cx.catalog.count("incident-compare-unseen", unseen as u64, &[]);
                strip(Tone::Caution, cx.text("incident-compare-same-as-far"), Some(why), Vec::new())
            }
        };
        return container(same).padding(space::LG).height(Fill).into();
    }
    let strangers =
        diff.strangers.then(|| strip(Tone::Caution, cx.text("incident-compare-strangers"), None, Vec::new()));
    let draw = Draw { compared, whole, all, cx: *cx };
    let of = |wanted: &dyn Fn(&Change) -> bool| diff.changes.iter().filter(|change| wanted(change)).collect::<Vec<_>>();
    let rest = |change: &Change| !change.matter.is_grave() && change.matter < Matter::Wording;
    let groups = [
        ("incident-changes-added", of(&|change| rest(change) && change.what == What::Added)),
        ("incident-changes-removed", of(&|change| rest(change) && change.what == What::Removed)),
        (
            "incident-changes-changed",
            of(&|change| rest(change) && matches!(change.what, What::Changed { .. } | What::Lines { .. })),
        ),
        ("incident-changes-moved", of(&|change| rest(change) && change.what == What::Moved)),
        ("incident-changes-little", of(&|change| change.matter >= Matter::Wording)),
    ];
    let groups = groups.into_iter().filter(|(_, group)| !group.is_empty());
    let groups: Vec<_> = groups.map(|(key, group)| draw.group(key, &group)).collect();
    let unseen = (compared.unseen > 0)
        .then(|| caption(cx.catalog.count("incident-compare-unseen", compared.unseen as u64, &[])));
    let untold =
        (diff.untold > 0).then(|| caption(cx.catalog.count("incident-changes-untold", diff.untold as u64, &[])));
    let top = column![draw.direction(), strangers, draw.matters()].spacing(space::LG);
    let rest = Column::with_children(groups).push(untold).push(unseen).spacing(space::LG);
    let page: Element<'a, Message> = if wide {
        let both = row![top.width(Fill), rest.width(Fill)].spacing(space::XL);
        container(both).max_width(2.0 * theme::metrics::PROSE).into()
    } else {
        column![top, rest].spacing(space::LG).max_width(theme::metrics::PROSE).into()
    };
    let page = container(page).padding([space::SM, space::LG]);
    scrollable(container(page).padding(iced::Padding::ZERO.bottom(space::LG)))
        .width(Fill)
        .height(Fill)
        .style(theme::surface::scroll)
        .into()
}

struct Draw<'a> {
    compared: &'a Compared,
    whole: &'a Whole,
    all: bool,
    cx: Cx<'a>,
}

impl<'a> Draw<'a> {
    fn diff(&self) -> &'a Diff {
        &self.compared.diff
    }

    /// From which to which, and how much.
    fn direction(&self) -> Element<'a, Message> {
        let cx = &self.cx;
        let key = if self.compared.shows_new { "incident-changes-since" } else { "incident-changes-after" };
        let counts = self.diff().counts;
        let counts = [
            ("incident-changes-n-added", counts.added),
            ("incident-changes-n-removed", counts.removed),
            ("incident-changes-n-changed", counts.changed),
            ("incident-changes-n-moved", counts.moved),
        ];
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts.map(|(key, count)| cx.catalog.count(key, count as u64, &[])).collect();
        column![caption(cx.text(key)), text(counts.join("  ·  "))].spacing(2.0).into()
    }

    /// Handling, severity, state, what is asked, what to search for.
    fn matters(&self) -> Option<Element<'a, Message>> {
        let cx = &self.cx;
        let several = self.diff().heads.len() > 1;
        let heads = |handling: bool| {
            let heads = self.diff().heads.iter();
            heads.flat_map(move |head| self.head(head, several, handling)).collect::<Vec<_>>()
        };
        let told = |change: &&Change| change.matter.is_grave() && !is_in_head(change);
        let grave: Vec<&'a Change> = self.diff().changes.iter().filter(told).collect();
        let few = if self.all { grave.len() } else { grave.len().min(FEW) };
        let cards = grave.get(..few).unwrap_or_default();
        // Handling first, wherever in the document; the changes are in this order.
        let (handling, others) = cards.split_at(cards.partition_point(|change| change.matter <= Matter::Restriction));
        let mut lines: Vec<Element<'a, Message>> = self.strictest().into_iter().collect();
        lines.extend(heads(true));
        lines.extend(handling.iter().map(|change| self.card(change)));
        lines.extend(heads(false));
        lines.extend(others.iter().map(|change| self.card(change)));
        lines.extend(self.more(grave.len() - few));
        lines.extend(self.observables());
        (!lines.is_empty()).then(|| {
            let lines = Column::with_children(lines).spacing(space::SM);
            let inside = column![title(cx.text("incident-changes-matter")), lines].spacing(space::SM);
            container(inside).padding(space::MD).width(Fill).style(theme::surface::card).into()
        })
    }

    /// The strictest label in the whole document, where it is another one than before.
    fn strictest(&self) -> Option<Element<'a, Message>> {
        let (before, after) = self.diff().strictest;
        // Where the only incident's own label says the same, once is enough.
        let told = matches!(self.diff().heads.as_slice(), [only] if [only.restriction.0.tlp(), only.restriction.1.tlp()] == [before, after]);
        (before != after && !told).then(|| self.handling("incident-changes-strictest", before, after))
    }

    fn handling(&self, name: &str, before: Tlp, after: Tlp) -> Element<'a, Message> {
        let cx = &self.cx;
        let (tone, note) = if after < before {
            (Tone::Alarm, "incident-changes-loosened")
        } else {
            (Tone::Caution, "incident-changes-tightened")
        };
        let [was, is] = [before, after].map(|label| widget::tlp(label, cx.catalog.tlp(label)));
        self.line(name, tone, was, is, Some(cx.text(note)))
    }

    fn line(
        &self,
        name: &str,
        tone: Tone,
        before: Element<'a, Message>,
        after: Element<'a, Message>,
        note: Option<String>,
    ) -> Element<'a, Message> {
        let mark = tone.icon().view().size(size::CAPTION).style(move |theme| tone.ink(theme));
        let arrow = Icon::Next.view().size(size::CAPTION).style(theme::text::soft);
        let note = note.map(|note| text(note).font(theme::BOLD).style(move |theme| tone.ink(theme)));
        let name = container(text(self.cx.text(name)).style(theme::text::soft)).width(NAME);
        // Where there is little room the note stands below the labels.
        let values = row![before, arrow, after, note].spacing(space::SM).align_y(Center).wrap();
        row![container(mark).width(16.0), name, container(values).width(Fill)].spacing(space::SM).into()
    }

    /// Of one incident its handling, or the rest of its essence.
    fn head(&self, head: &'a Head, several: bool, handling: bool) -> Vec<Element<'a, Message>> {
        let (before, after) = (head.restriction.0.tlp(), head.restriction.1.tlp());
        let mut lines = Vec::new();
        if handling && before != after {
            lines.push(self.handling("incident-changes-restriction", before, after));
        }
        if !handling {
            lines.extend(self.essence(head));
        }
        if several && !lines.is_empty() {
            lines.insert(0, mono(safe::line(&head.id)).into());
        }
        lines
    }

    fn essence(&self, head: &'a Head) -> Vec<Element<'a, Message>> {
        let cx = self.cx;
        let mut lines = Vec::new();
        if head.severity.0 != head.severity.1 {
            let tone = if head.severity.1 > head.severity.0 { Tone::Caution } else { Tone::Plain };
            let [was, is] = [head.severity.0, head.severity.1]
                .map(|severity| badge::severity_chip(severity, cx.catalog.severity(severity)));
            lines.push(self.line("incident-changes-severity", tone, was, is, None));
        }
        for (key, pair) in [("incident-changes-purpose", &head.purpose), ("incident-changes-status", &head.status)] {
            if pair.0 != pair.1 {
                let word = |word: &Option<String>| match word {
                    Some(word) => chip(safe::line(word)),
                    None => caption(cx.text("incident-changes-unsaid")).into(),
                };
                lines.push(self.line(key, Tone::Plain, word(&pair.0), word(&pair.1), None));
            }
        }
        lines
    }

    fn observables(&self) -> Option<Element<'a, Message>> {
        let cx = &self.cx;
        let all = &self.diff().observables;
        if all.added_total + all.removed_total == 0 {
            return None;
        }
        let same = (all.same > 0).then(|| caption(cx.catalog.count("incident-changes-same", all.same as u64, &[])));
        let head = row![strong(cx.text("incident-observables")), same].spacing(space::SM).align_y(Center);
        let added = self.values(Sign::Added, &all.added, all.added_total);
        let removed = self.values(Sign::Removed, &all.removed, all.removed_total);
        Some(column![head].extend(added).extend(removed).spacing(space::XS).into())
    }

    fn values(&self, sign: Sign, values: &'a [Value], total: usize) -> Vec<Element<'a, Message>> {
        let cx = self.cx;
        let few = if self.all { values.len() } else { values.len().min(VALUES) };
        let value = |value: &'a Value| {
            let shown = safe::observable(&Observable { kind: value.kind, value: value.original.clone() });
            let label = (value.tlp != self.whole.tlp).then(|| widget::tlp(value.tlp, cx.catalog.tlp_short(value.tlp)));
            let kind = container(caption(cx.text(kind_key(value.kind)))).width(64.0);
            let shown = mono(shown).wrapping(text::Wrapping::Glyph).width(Fill);
            row![sign.view(), kind, shown, label].spacing(space::SM).align_y(Center).into()
        };
        let mut lines: Vec<Element<'a, Message>> = values.iter().take(few).map(value).collect();
        if few < values.len() {
            lines.extend(self.more(total - few));
        } else if total > few {
            let beyond = (total - few) as u64;
            lines.push(caption(cx.catalog.count("incident-changes-untold", beyond, &[])).into());
        }
        lines
    }

    fn more(&self, count: usize) -> Option<Element<'a, Message>> {
        (count > 0).then(|| {
            let words = self.cx.catalog.count("incident-findings-more", count as u64, &[]);
            Press::word(words).style(theme::button::quiet).on_press(Message::AllChanges).into()
        })
    }

    fn group(&self, key: &str, group: &[&'a Change]) -> Element<'a, Message> {
        let few = if self.all { group.len() } else { group.len().min(FEW) };
        let head = row![title(self.cx.text(key)), caption(self.cx.catalog.number(group.len() as u64))];
        let cards = group.iter().take(few).map(|change| self.card(change));
        let cards = Column::with_children(cards).extend(self.more(group.len() - few)).spacing(space::XS);
        column![head.spacing(space::SM).align_y(Center), cards].spacing(space::SM).into()
    }

    /// One change: sign, place and name, below it what was and what is.
    fn card(&self, change: &'a Change) -> Element<'a, Message> {
        let cx = &self.cx;
        let place = change.new.as_ref().or(change.old.as_ref());
        let shown = if self.compared.shows_new { &change.new } else { &change.old };
        let gist = gist(change).map(|gist| text(gist).wrapping(text::Wrapping::WordOrGlyph));
        let label = change.label.or_else(|| place.map(|place| place.restriction.tlp()));
        let label = label.filter(|label| change.label.is_some() || *label != self.whole.tlp);
        let label = label.map(|label| widget::tlp(label, cx.catalog.tlp_short(label)));
        let matter = matter_key(change.matter).map(|(key, tone)| {
            text(cx.text(key)).size(size::CAPTION).font(theme::BOLD).style(move |theme| tone.ink(theme))
        });
        let go = shown.as_ref().map(|_| Icon::Next.view().size(size::CAPTION).style(theme::text::accent));
        let words =
            column![caption(place.map(|place| safe::line(&place.words)).unwrap_or_default()), gist].spacing(2.0);
        let head = row![Sign::of(&change.what).view(), words.width(Fill), matter, label, go];
        let inside = column![head.spacing(space::SM).align_y(Center)].extend(self.values_of(change)).spacing(2.0);
        match shown {
            Some(Place { id, .. }) => press(inside)
                .style(theme::button::card)
                .width(Fill)
                .padding([space::XS, space::SM])
                .hint(self.whole.document.element(*id).map(line_of).unwrap_or_default())
                .on_press(Message::Go(*id))
                .into(),
            None => container(inside).width(Fill).padding([space::XS, space::SM]).style(theme::surface::well).into(),
        }
    }

    fn values_of(&self, change: &'a Change) -> Vec<Element<'a, Message>> {
        let cx = &self.cx;
        let live = change.matter == Matter::Observable;
        let line = |sign: Sign, words: String| {
            let words = if live { mono(words) } else { text(words) };
            row![gap::horizontal().width(16.0), sign.view(), words.wrapping(text::Wrapping::WordOrGlyph).width(Fill)]
                .spacing(space::SM)
                .into()
        };
        let unsaid = || cx.text("incident-changes-unsaid");
        match &change.what {
            What::Changed { field, before, after, .. } => {
                let form = |words: &str| if live { safe::line(&safe::defang(words)) } else { safe::block(words) };
                let both =
                    safe::apart(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default(), form);
                let was = if before.is_some() { both.0 } else { unsaid() };
                let is = if after.is_some() { both.1 } else { unsaid() };
                match field {
                    // A token changes in a line.
                    Field::Attribute(name) => {
                        let arrow = Icon::Next.view().size(size::CAPTION).style(theme::text::soft);
                        let name = caption(safe::line_within(name, 60));
                        vec![
                            row![gap::horizontal().width(16.0), name, text(was), arrow, text(is).font(theme::BOLD)]
                                .spacing(space::SM)
                                .align_y(Center)
                                .wrap()
                                .into(),
                        ]
                    }
                    Field::Text => vec![line(Sign::Removed, was), line(Sign::Added, is)],
                }
            }
            What::Lines { added, removed, more, .. } => {
                let shown = |words: &String| safe::line(&safe::defang(words));
                let lines = removed.iter().map(|words| line(Sign::Removed, shown(words)));
                let mut lines: Vec<_> =
                    lines.chain(added.iter().map(|words| line(Sign::Added, shown(words)))).collect();
                if *more > 0 {
                    lines.push(caption(cx.catalog.count("incident-changes-untold", *more as u64, &[])).into());
                }
                lines
            }
            What::Moved => {
                let from = change.old.as_ref().map(|place| safe::line(&place.words)).unwrap_or_default();
                vec![caption(cx.format("incident-changes-from", &[("place", &from)])).into()]
            }
            What::Added | What::Removed => Vec::new(),
        }
    }
}

/// What is told of the incident as a whole already.
fn is_in_head(change: &Change) -> bool {
    let whole = matches!(&change.what, What::Changed { field: Field::Attribute(name), .. }
        if matches!(name.as_str(), "restriction" | "purpose" | "status"));
    whole && change.class == "Incident" && change.matter != Matter::Restriction
}

/// What a thing that came or went is called; what changed says so itself.
fn gist(change: &Change) -> Option<String> {
    let whole = matches!(change.what, What::Added | What::Removed | What::Moved);
    let gist = match change.matter {
        Matter::Observable => safe::line(&safe::defang(&change.gist)),
        _ => safe::line(&change.gist),
    };
    (whole && !gist.is_empty()).then_some(gist)
}

fn matter_key(matter: Matter) -> Option<(&'static str, Tone)> {
    Some(match matter {
        Matter::Loosened => ("incident-changes-loosened", Tone::Alarm),
        Matter::Tightened => ("incident-changes-tightened", Tone::Caution),
        Matter::Restriction => ("incident-changes-restriction", Tone::Caution),
        Matter::Severity => ("incident-changes-impact", Tone::Caution),
        Matter::Asks => ("incident-changes-asks", Tone::Caution),
        Matter::Wording => ("incident-changes-wording", Tone::Plain),
        Matter::Purpose | Matter::Status | Matter::Observable | Matter::Other | Matter::Routine => return None,
    })
}

#[derive(Clone, Copy)]
enum Sign {
    Added,
    Removed,
    Changed,
    Moved,
}

impl Sign {
    fn of(what: &What) -> Self {
        match what {
            What::Added => Self::Added,
            What::Removed => Self::Removed,
            What::Changed { .. } | What::Lines { .. } => Self::Changed,
            What::Moved => Self::Moved,
        }
    }

    /// By its form, and by its colour.
    fn view<'a>(self) -> Element<'a, Message> {
        let (glyph, style): (&str, fn(&iced::Theme) -> text::Style) = match self {
            Self::Added => ("+", theme::text::good),
            Self::Removed => ("−", theme::text::danger),
            Self::Changed => ("~", theme::text::accent),
            Self::Moved => ("»", theme::text::accent),
        };
        container(text(glyph).font(theme::BOLD).style(style)).center_x(16.0).into()
    }
}
