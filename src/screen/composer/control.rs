//! A field of the form by what it holds: its label, its control, the words of the RFC about it, what is wrong with it.

use iced::widget::{column, container, row, text, text_editor, text_input};
use iced::{Center, Fill, Length};

use super::desk::Desk;
use super::picker::{self, For, Picker};
use super::{Message, Way};
use crate::app::cx::Cx;
use crate::compose::draft::{Act, Part, Spot};
use crate::compose::form::{self, Field, Kind};
use crate::compose::short::Slot;
use crate::model::Restriction;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::field::Below;
use crate::widget::{Element, Icon, Press, caption, field, mono, press};

/// A list of at most so many values is shown whole.
const FEW: usize = 6;
/// Height of a text of several lines, and of a list of values.
const TALL: f32 = 104.0;
const TALLER: f32 = 220.0;
/// Restrictions asked for first, loosest first; IODEF has two words for most labels.
const RESTRICTIONS: [&str; 5] = ["white", "green", "amber", "need-to-know", "red"];

/// The id of a field's control: its place among those that show.
pub fn id(place: usize) -> String {
    format!("compose.field.{place}")
}

/// A labelled field. `label` and `hint` are the form's own words where it has better ones than the schema.
pub struct Labelled<'f> {
    pub field: &'f Field,
    pub place: usize,
    pub label: Option<String>,
    pub hint: Option<String>,
    /// Asked among the essentials: the usual values are enough.
    pub brief: bool,
}

pub fn view<'a>(shown: Labelled<'a>, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let Labelled { field: of, place, label, hint, brief } = shown;
    let name = label.unwrap_or_else(|| named(of, cx));
    let label = if of.required { cx.format("compose-required", &[("field", &name)]) } else { name };
    let wrong = fault(of, desk, cx);
    let control = control(of, place, brief, wrong.is_some(), desk, way, cx);
    let hint = hint.or_else(|| of.help.as_ref().filter(|key| cx.catalog.has(key)).map(|key| cx.text(key)));
    let below = match (wrong, hint) {
        (Some(wrong), _) => Below::Wrong(wrong),
        (None, Some(hint)) => Below::Hint(hint),
        (None, None) => Below::Nothing,
    };
    let picker = desk.picker.as_ref().filter(|picker| picker.what == For::Value(of.spot.clone()));
    let list = picker.map(|picker| opened(picker, desk, way, cx));
    column![field(label, control, below), list].spacing(space::XS).into()
}

/// What a template asks for and whose element is not there yet, or that is typed otherwise than it is written.
pub fn typed<'a>(
    label: String,
    hint: Option<String>,
    slot: Slot,
    place: usize,
    value: &str,
    way: &Way<'a>,
) -> Element<'a, Message> {
    let input = text_input("", value)
        .id(id(place))
        .on_input_maybe(way.editing.then_some(move |text| Message::Slot(slot, text)))
        .padding([space::SM, space::MD])
        .style(theme::input::field);
    field(label, input, hint.map_or(Below::Nothing, Below::Hint))
}

/// An open list of values, classes or topics.
pub fn opened<'a>(open: &'a Picker, desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    picker::view(open, open.choices(desk, way.topics, cx), cx)
}

/// The name of an attribute as it is written; the text of an element is called so.
fn named(of: &Field, cx: &Cx<'_>) -> String {
    match &of.spot.part {
        Part::Attribute(name) => safe::line(name),
        Part::Text => cx.text("compose-text"),
    }
}

/// What is wrong with a value; what is only missing is said once the person wanted to publish.
pub fn fault(of: &Field, desk: &Desk, cx: &Cx<'_>) -> Option<String> {
    let value = of.value.as_deref().unwrap_or_default();
    if of.is_wanting() {
        return desk.tried.then(|| cx.text("compose-wanting"));
    }
    let rule = of.fault.filter(|_| !value.trim().is_empty())?;
    let name = of.name().unwrap_or_default();
    Some(cx.format(rule.key, &[("value", &safe::line_within(value, 80)), ("attribute", name), ("class", name)]))
}

fn set(spot: &Spot, value: impl Into<String>) -> Message {
    Message::Act(Act::Set { spot: spot.clone(), value: value.into() })
}

fn control<'a>(
    of: &'a Field,
    place: usize,
    brief: bool,
    wrong: bool,
    desk: &'a Desk,
    way: &Way<'a>,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let value = of.value.as_deref().unwrap_or_default();
    match of.kind {
        Kind::Fixed(fixed) => mono(fixed).into(),
        Kind::Words | Kind::Lines => many_lines(of, place, desk, way),
        Kind::Choice { .. } if brief && of.name() == Some("restriction") => labels(of, place, way, cx),
        Kind::Choice { .. } if brief || of.kind.tokens().nth(FEW).is_none() => tokens(of, place, way, cx),
        Kind::Choice { .. } => {
            let shown = match (&of.value, value) {
                (None, _) | (_, "") => picker::unsaid(of, cx),
                (Some(_), token) => picker::token_label(of, token, cx),
            };
            choose(safe::line(&shown), of, place, way)
        }
        _ if matches!(of.kind, Kind::Reference | Kind::Language) || of.name() == Some(form::TRANSLATES) => {
            let input = one_line(of, place, value, wrong, way, cx);
            let pick = Press::word(cx.text("compose-refer")).on_press(Message::Pick(Some(For::Value(of.spot.clone()))));
            row![input, Element::from(pick)].spacing(space::SM).align_y(Center).into()
        }
        Kind::DateTime => time(of, place, wrong, desk, way, cx),
        _ => one_line(of, place, value, wrong, way, cx),
    }
}

/// A time, typed in any zone and shown as it is written.
fn time<'a>(
    of: &'a Field,
    place: usize,
    wrong: bool,
    desk: &'a Desk,
    way: &Way<'a>,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let value = of.value.as_deref().unwrap_or_default();
    let typed = desk.typing(of).unwrap_or(value);
    let now = cx.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let now = Press::word(cx.text("compose-now")).on_press_maybe(way.editing.then(|| set(&of.spot, now)));
    let spot = of.spot.clone();
    let input = text_input(&cx.text("compose-time-example"), typed)
        .id(id(place))
        .on_input_maybe(way.editing.then_some(move |words| Message::When(spot.clone(), words)))
        .padding([space::SM, space::MD])
        .style(if wrong { theme::input::wrong } else { theme::input::field });
    let read = chrono::DateTime::parse_from_rfc3339(value.trim()).ok();
    let utc = read.filter(|at| at.offset().local_minus_utc() != 0).map(|at| cx.catalog.time(at.to_utc()));
    let written = (typed != value && read.is_some()).then(|| cx.format("compose-time-written", &[("time", value)]));
    let below: Vec<String> = written.into_iter().chain(utc).collect();
    let below = (!below.is_empty()).then(|| caption(below.join("  ·  ")));
    let line = row![input, Element::from(now)].spacing(space::SM).align_y(Center);
    column![line, below].spacing(2.0).into()
}

fn one_line<'a>(
    of: &'a Field,
    place: usize,
    value: &str,
    wrong: bool,
    way: &Way<'a>,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let example = match of.kind {
        Kind::Language => "en",
        Kind::Zone => "+01:00",
        Kind::Ports => "80,443,6000-6010",
        Kind::Link => "https://",
        _ => "",
    };
    let example =
        of.default.map_or_else(|| example.to_owned(), |default| cx.format("compose-default", &[("value", default)]));
    let style = if wrong { theme::input::wrong } else { theme::input::field };
    let spot = of.spot.clone();
    text_input(&example, value)
        .id(id(place))
        .on_input_maybe(way.editing.then_some(move |text| set(&spot, text)))
        .padding([space::SM, space::MD])
        .style(style)
        .into()
}

fn many_lines<'a>(of: &'a Field, place: usize, desk: &'a Desk, way: &Way<'a>) -> Element<'a, Message> {
    let Some(content) = desk.editor(&of.spot) else { return text("").into() };
    let list = matches!(of.kind, Kind::Lines);
    let spot = of.spot.clone();
    let editor = text_editor(content)
        .id(id(place))
        .font(if list { theme::MONO } else { theme::UI })
        .size(if list { size::BODY - 1.0 } else { size::BODY })
        .height(Length::Fixed(if list { TALLER } else { TALL }))
        .padding([space::SM, space::MD])
        .style(theme::input::editor);
    if way.editing {
        editor.on_action(move |action| Message::Write(spot.clone(), action)).into()
    } else {
        editor.into()
    }
}

/// The usual restrictions by their labels, and the one that is said where it is another.
fn labels<'a>(of: &'a Field, place: usize, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let say = way.editing.then_some(move |token: &'static str| set(&of.spot, token));
    restrictions(of.value.as_deref(), id(place), say, cx)
}

/// As [`labels`], wherever a restriction is chosen: the first of them is called `name`.
pub fn restrictions<'a>(
    said: Option<&str>,
    name: String,
    say: Option<impl Fn(&'static str) -> Message + 'a>,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let said = said.filter(|token| !token.trim().is_empty()).map(Restriction::from_token);
    let here = said.as_ref().map(Restriction::tlp);
    let usual = RESTRICTIONS.iter().enumerate().map(|(index, token)| {
        let label = Restriction::from_token(token).tlp();
        let chosen = here == Some(label);
        let mark = if chosen { Icon::Unread } else { Icon::Offline };
        let ink: fn(&iced::Theme) -> text::Style = if chosen { theme::text::accent } else { theme::text::soft };
        let word = crate::widget::tlp(label, cx.catalog.tlp_short(label));
        let inside = row![mark.view().size(size::CAPTION).style(ink), word].spacing(6.0).align_y(Center);
        let own = if index == 0 { name.clone() } else { format!("{name}.{token}") };
        let choice = press(inside).style(theme::button::tab(chosen)).id(own);
        Element::from(choice.on_press_maybe(say.as_ref().map(|say| say(token))))
    });
    let other = here.filter(|here| RESTRICTIONS.iter().all(|token| Restriction::from_token(token).tlp() != *here));
    let other = other.map(|label| crate::widget::tlp(label, cx.catalog.tlp(label)));
    row(usual.chain(other)).spacing(space::XS).align_y(Center).wrap().into()
}

/// A few values, all in sight.
fn tokens<'a>(of: &'a Field, place: usize, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let value = of.value.as_deref().map(str::trim);
    let unsaid = (!of.required).then(|| (picker::unsaid(of, cx), ""));
    let all = unsaid.into_iter().chain(of.kind.tokens().map(|token| (token.to_owned(), token)));
    let chips = all.enumerate().map(|(index, (label, token))| {
        let chosen = value.unwrap_or_default() == token;
        let mark = if chosen { Icon::Unread } else { Icon::Offline };
        let ink: fn(&iced::Theme) -> text::Style = if chosen { theme::text::accent } else { theme::text::soft };
        let inside = row![mark.view().size(size::CAPTION).style(ink), text(label)].spacing(6.0).align_y(Center);
        let choice = press(inside).style(theme::button::tab(chosen)).id(if index == 0 {
            id(place)
        } else {
            format!("{}.{token}", id(place))
        });
        Element::from(choice.on_press_maybe(way.editing.then(|| set(&of.spot, token))))
    });
    container(row(chips).spacing(2.0).align_y(Center).wrap()).width(Fill).into()
}

/// One value of many: pressed, the list opens below.
fn choose<'a>(shown: String, of: &'a Field, place: usize, way: &Way<'a>) -> Element<'a, Message> {
    let inside = row![text(shown).width(Fill), Icon::Open.view().style(theme::text::soft)].align_y(Center);
    press(inside)
        .id(id(place))
        .width(Fill)
        .on_press_maybe(way.editing.then(|| Message::Pick(Some(For::Value(of.spot.clone())))))
        .into()
}
