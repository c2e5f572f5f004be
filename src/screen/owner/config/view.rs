//! How a topic is set up, as drawn: sections of questions in plain words, what differs from what the broker has, and the foot
//! with what becomes of it.

use iced::widget::{
    Column, checkbox, column, container, row, rule, scrollable, space as gap, text, text_editor, text_input,
};
use iced::{Center, Fill, Length};

use super::{Config, Message, Page, Stage, is_on};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::model::owned::{Came, Fate, Form, Saved, Setting};
use crate::owner::settings::{self, Shown};
use crate::screen::owner::requests::seconds;
use crate::text as safe;
use crate::theme::{self, metrics, size, space};
use crate::widget::{Element, Icon, Press, Tone, caption, card, empty, focusable, mono, press, strip, strong, title};

/// The column of questions.
const LABEL: Length = Length::Fixed(300.0);
/// Height of a field of many lines.
const LINES: f32 = 72.0;
/// Widest the form gets.
const WIDEST: f32 = metrics::PROSE + 160.0;

impl Config {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(page) = self.shown() else { return gap::vertical().into() };
        let Some(form) = &page.settings else { return unread(page, cx) };
        let sections = settings::sections(form).into_iter().map(|(section, fields)| {
            let lines = fields.into_iter().map(|shown| self.field(page, shown, cx));
            let lines = Column::with_children(lines).spacing(space::LG);
            card(column![title(cx.text(section.key())), lines].spacing(space::LG)).into()
        });
        let trouble = page.trouble.as_ref().map(|say| {
            let words = cx.format("owner-refused", &[("cause", &cx.catalog.say(say))]);
            strip(Tone::Alarm, words, cx.catalog.next(say), Vec::new())
        });
        let saved = page.saved.as_ref().map(|saved| outcome(saved, cx));
        let inside = column![self.bar(page, cx), trouble, saved].extend(sections).spacing(space::LG).max_width(WIDEST);
        let inside = container(inside).padding([space::LG, space::XL]).width(Fill);
        let inside = scrollable(inside).id("config.form").style(theme::surface::scroll).height(Fill);
        let foot = self.foot(page, cx);
        let line = foot.is_some().then(|| rule::horizontal(1).style(theme::surface::line));
        column![inside, line, foot].into()
    }

    fn bar<'a>(&'a self, page: &'a Page, cx: &Cx<'a>) -> Element<'a, Message> {
        let check = checkbox(self.expert)
            .label(cx.text("owner-expert"))
            .size(16.0)
            .text_size(size::BODY)
            .on_toggle(Message::Expert)
            .style(theme::input::check);
        let check = focusable(check, Some(Message::Expert(!self.expert))).id("config.expert");
        let read = Press::marked(Icon::Refresh, cx.text("owner-read-again")).style(theme::button::quiet);
        let read =
            read.id("config.read").on_press_maybe((cx.online() && page.reading.is_none()).then_some(Message::Read));
        let why = text(cx.text("owner-config-why")).style(theme::text::soft).width(Fill);
        row![why, Element::from(check), Element::from(read)].spacing(space::MD).align_y(Center).into()
    }

    fn field<'a>(&'a self, page: &'a Page, of: Shown<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
        let Shown { setting, known } = of;
        let changed = page.edits.contains_key(&setting.var);
        let label = label(setting, cx);
        let help = known.and_then(|known| cx.catalog.next(&Say::new(known.key))).map(caption);
        let own = (self.expert || known.is_none())
            .then(|| mono(safe::line(&setting.var)).size(size::CAPTION).style(theme::text::soft));
        let label = if changed { strong(label).style(theme::text::accent) } else { text(label) };
        let was = changed.then(|| {
            let was = shown(setting, &setting.values, cx);
            caption(cx.format("owner-was", &[("was", &was)])).style(theme::text::accent)
        });
        let words = column![label, help, own, was].spacing(2.0).width(LABEL);
        let control = container(self.control(page, setting, cx)).width(Fill);
        row![words, control].spacing(space::LG).into()
    }

    /// What the question is answered with.
    fn control<'a>(&'a self, page: &'a Page, setting: &'a Setting, cx: &Cx<'a>) -> Element<'a, Message> {
        let now = page.now(&setting.var);
        let var = setting.var.clone();
        let choice = |words: String, here: bool, message: Message| {
            let press = press(text(words)).style(theme::button::choice(here)).padding([space::XS, space::MD]);
            Element::from(press.on_press_maybe(page.stage.is_none().then_some(message)))
        };
        match setting.form {
            Form::Truth => {
                let on = is_on(&now);
                let to = |on: bool| Message::Set(setting.var.clone(), vec![if on { "1" } else { "0" }.to_owned()]);
                let yes = choice(cx.text("owner-yes"), on, to(true));
                let no = choice(cx.text("owner-no"), !on, to(false));
                row![yes, no].spacing(space::XS).into()
            }
            Form::One | Form::Many if !setting.options.is_empty() => {
                let options = setting.options.iter().map(|(label, value)| {
                    let here = now.iter().any(|one| one == value);
                    let message = match setting.form {
                        Form::Many => Message::Toggle(setting.var.clone(), value.clone()),
                        _ => Message::Set(setting.var.clone(), vec![value.clone()]),
                    };
                    choice(option(&setting.var, label.as_deref(), value, cx), here, message)
                });
                row(options).spacing(space::XS).wrap().vertical_spacing(space::XS).into()
            }
            Form::Lines | Form::Addresses | Form::Many => self.lines(page, setting, now),
            _ => {
                let id = format!("config.{}", setting.var);
                let input = text_input("", &now.join(" ")).id(id).padding([space::XS, space::SM]);
                let input = input.style(theme::input::field);
                match page.stage {
                    None => input.on_input(move |typed| Message::Set(var.clone(), vec![typed])).into(),
                    Some(_) => input.into(),
                }
            }
        }
    }

    fn lines<'a>(&'a self, page: &'a Page, setting: &'a Setting, now: Vec<String>) -> Element<'a, Message> {
        let var = setting.var.clone();
        let Some(content) = page.texts.get(&setting.var) else {
            // One that is not written in needs no editor of its own.
            let words = if now.is_empty() { "…".to_owned() } else { safe::line(&now.join(" · ")) };
            let open = press(text(words)).style(theme::button::plain).width(Fill);
            let open = open.on_press(Message::Write(var, text_editor::Action::Move(text_editor::Motion::DocumentEnd)));
            return open.into();
        };
        let editor = text_editor(content).height(LINES).padding([space::XS, space::SM]).style(theme::input::editor);
        match page.stage {
            None => editor.on_action(move |action| Message::Write(var.clone(), action)).into(),
            Some(_) => editor.into(),
        }
    }

    /// What becomes of the changes.
    fn foot<'a>(&'a self, page: &'a Page, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let count = page.edits.len() as u64;
        let inside = match &page.stage {
            Some(Stage::Held { until, .. }) => {
                let words = cx.catalog.count("owner-config-held", seconds(*until - cx.now), &[]);
                let undo = Press::word(cx.text("owner-undo")).id("config.undo").hint("U").on_press(Message::Undo);
                strip(Tone::Plain, words, Some(cx.text("owner-held-why")), vec![undo.into()])
            }
            Some(Stage::Sent(_)) => strip(Tone::Plain, cx.text("owner-sending"), None, Vec::new()),
            None if count == 0 => return None,
            None => {
                let words = text(cx.catalog.count("owner-config-changes", count, &[])).width(Fill);
                let discard = Press::word(cx.text("owner-discard")).style(theme::button::quiet).id("config.discard");
                let review = Press::word(cx.text("owner-review")).style(theme::button::primary).id("config.review");
                let review = review.hint("S").on_press(Message::Review);
                let acts = row![words, Element::from(discard.on_press(Message::Discard)), Element::from(review)];
                acts.spacing(space::SM).align_y(Center).into()
            }
        };
        Some(container(inside).padding([space::SM, space::XL]).into())
    }
}

/// Why there is no form.
fn unread<'a>(page: &'a Page, cx: &Cx<'a>) -> Element<'a, Message> {
    let again = Press::word(cx.text("owner-read-again")).on_press_maybe(cx.online().then_some(Message::Read));
    match &page.trouble {
        Some(say) => {
            let next = cx.catalog.next(say).unwrap_or_default();
            empty(Icon::Warning, cx.catalog.say(say), next, vec![again.into()])
        }
        None if page.reading.is_some() => {
            empty(Icon::Settings, cx.text("owner-config-reading"), cx.text("owner-config-reading-why"), Vec::new())
        }
        None => empty(Icon::Offline, cx.text("owner-config-offline"), String::new(), vec![again.into()]),
    }
}

/// What the broker made of what was saved.
fn outcome<'a>(saved: &'a Saved, cx: &Cx<'a>) -> Element<'a, Message> {
    let tone = if saved.whole() { Tone::Good } else { Tone::Caution };
    let name = if saved.whole() { "owner-saved-all" } else { "owner-saved-partly" };
    let seen = Press::word(cx.text("owner-seen-it")).style(theme::button::quiet).on_press(Message::Seen);
    let lines = saved.fates.iter().map(|fate| fate_line(saved, fate, cx));
    let lines = Column::with_children(lines).spacing(space::SM);
    let words = cx.catalog.count(name, saved.fates.len() as u64, &[]);
    card(column![strip(tone, words, None, vec![seen.into()]), lines].spacing(space::MD)).into()
}

fn fate_line<'a>(saved: &'a Saved, fate: &'a Fate, cx: &Cx<'a>) -> Element<'a, Message> {
    let setting = saved.settings.get(&fate.var);
    let label = setting.map_or_else(|| named(&fate.var, cx), |setting| label(setting, cx));
    let words = |values: &[String]| match setting {
        Some(setting) => shown(setting, values, cx),
        None => safe::line(&values.join(" · ")),
    };
    let (tone, key) = match fate.came {
        Came::Kept => (Tone::Good, "owner-came-kept"),
        Came::Changed => (Tone::Caution, "owner-came-changed"),
        Came::Ignored => (Tone::Caution, "owner-came-ignored"),
        Came::Unknown => (Tone::Alarm, "owner-came-unknown"),
    };
    let said =
        cx.format(key, &[("wished", &words(&fate.wished)), ("is", &words(&fate.is)), ("was", &words(&fate.was))]);
    let mark = Icon::view(tone.icon()).style(move |theme| tone.ink(theme));
    row![mark, text(label).width(LABEL), text(said).width(Fill)].spacing(space::SM).into()
}

/// What a setting is called.
pub(super) fn label(setting: &Setting, cx: &Cx<'_>) -> String {
    let known = settings::KNOWN.iter().find(|known| known.var == setting.var);
    match (known, &setting.label) {
        (Some(known), _) => cx.text(known.key),
        (None, Some(label)) => safe::line(label),
        (None, None) => safe::line(&setting.var),
    }
}

/// What a setting is called that is only known by its name.
pub(in crate::screen::owner) fn named(var: &str, cx: &Cx<'_>) -> String {
    label(&Setting { var: var.to_owned(), ..Setting::default() }, cx)
}

/// What an answer is called.
fn option(var: &str, label: Option<&str>, value: &str, cx: &Cx<'_>) -> String {
    match settings::value_key(var, value) {
        Some(key) => cx.text(key),
        None => safe::line(label.filter(|label| !label.trim().is_empty()).unwrap_or(value)),
    }
}

/// An answer in words.
pub(in crate::screen::owner) fn shown(setting: &Setting, values: &[String], cx: &Cx<'_>) -> String {
    if setting.form == Form::Truth {
        return cx.text(if is_on(values) { "owner-yes" } else { "owner-no" });
    }
    let one = |value: &String| {
        let known = setting.options.iter().find(|(_, one)| one == value);
        option(&setting.var, known.and_then(|(label, _)| label.as_deref()), value, cx)
    };
    let all: Vec<String> = values.iter().filter(|value| !value.trim().is_empty()).map(one).collect();
    if all.is_empty() { cx.text("owner-nothing-set") } else { all.join(" · ") }
}
