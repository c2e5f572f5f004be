//! The export's sheet: what goes out, how strict it is, in which format and where to; then what was carried and what was not.

use std::path::PathBuf;

use iced::widget::{Column, Row, checkbox, column, container, progress_bar, row, scrollable, text, text_input};
use iced::{Center, Element, Fill, Task};

use super::{Act, GIVE_FIRST, Message, Order, Weight, Work, notify};
use crate::app::cx::Cx;
use crate::iodef::export::Format;
use crate::model::{Say, Tlp};
use crate::port::export::{Sheet, is_folder};
use crate::screen::{Action, Tone as ToastTone};
use crate::store::Seq;
use crate::store::finder::Chosen;
use crate::store::index::Stop;
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::badge::tlp_banner;
use crate::widget::{Icon, Press, Tone, caption, focusable, heading, press, strip, strong};

/// Named rows and remarks that show; the export itself has them all.
const NAMED: usize = 200;

/// The sheet's state.
#[derive(Debug, Default)]
pub struct Give {
    /// What goes out is being looked up.
    weighing: Option<(u64, Stop)>,
    weight: Option<Weight>,
    format: Option<Format>,
    path: String,
    /// The name was chosen in a dialog, which asks before a file is written over.
    over: bool,
    pub(super) with_filter: bool,
    work: Option<(u64, Work)>,
    trouble: Option<Say>,
    done: Option<Done>,
}

/// What came of it, as it shows.
#[derive(Debug)]
struct Done {
    path: String,
    lines: Vec<Say>,
    /// Left out, or remarked: the first of them.
    named: Vec<(String, Say)>,
    more: usize,
    whole: bool,
}

impl Done {
    fn new(path: String, sheet: &Sheet) -> Self {
        let all = sheet.named();
        let more = all.len().saturating_sub(NAMED) + sheet.unsaid;
        let named = all.into_iter().take(NAMED).map(|(name, why)| (safe::line(name), why.clone())).collect();
        Self { path, lines: sheet.lines(), named, more, whole: sheet.left.is_empty() }
    }
}

fn format_keys(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Iodef => ("incident-export-iodef", "port-iodef-why"),
        Format::Json => ("incident-export-json", "port-json-why"),
        Format::Csv => ("incident-export-csv", "port-csv-why"),
        Format::Markdown => ("incident-export-markdown", "port-markdown-why"),
        Format::Stix => ("incident-export-stix", "port-stix-why"),
        Format::Misp => ("incident-export-misp", "port-misp-why"),
    }
}

fn ending(format: Format) -> &'static str {
    match format {
        Format::Iodef => "-iodef",
        Format::Json => "-json",
        Format::Csv => ".csv",
        Format::Markdown => ".md",
        Format::Stix => ".stix.json",
        Format::Misp => ".misp.json",
    }
}

fn proposed(format: Format, cx: &Cx<'_>) -> String {
    format!("incidents-{}{}", cx.now.format("%Y%m%d-%H%M"), ending(format))
}

/// The consequence in a sentence, for what must not go to everybody who asks.
fn consequence(label: Tlp) -> Option<&'static str> {
    match label {
        Tlp::Clear | Tlp::Green => None,
        Tlp::Amber => Some("port-amber"),
        Tlp::AmberStrict => Some("port-amber-strict"),
        Tlp::ByAgreement => Some("port-agreement"),
        Tlp::Red => Some("port-red"),
    }
}

impl Give {
    pub fn is_busy(&self) -> bool {
        self.work.is_some()
    }

    fn rows(&self) -> &[Seq] {
        self.weight.as_ref().map(|weight| &*weight.rows).unwrap_or_default()
    }

    fn strictest(&self) -> Option<Tlp> {
        self.weight.as_ref()?.labels.first().map(|(label, _)| *label)
    }

    pub(super) fn open(&mut self, number: u64, chosen: Chosen) -> Action<Message> {
        if let Some((_, stop)) = self.weighing.take() {
            stop.stop();
        }
        let stop = Stop::default();
        *self = Self { weighing: Some((number, stop.clone())), format: self.format, ..Self::default() };
        Action::Port(Act::Weigh { number, chosen, stop })
    }

    pub(super) fn halt(&mut self) {
        if let Some((_, work)) = &self.work {
            work.stop.stop();
        }
        if let Some((_, stop)) = &self.weighing {
            stop.stop();
        }
    }

    pub(super) fn choose(&mut self, format: Format, cx: &Cx<'_>) {
        let before = self.format.replace(format);
        (self.trouble, self.over) = (None, false);
        // The name that was proposed follows the format, one that was typed is the person's.
        let folder = PathBuf::from(self.path.trim());
        let own = before.is_some_and(|before| self.path.ends_with(ending(before)) && self.path.contains("incidents-"));
        if own && let Some(folder) = folder.parent() {
            self.path = folder.join(proposed(format, cx)).display().to_string();
        }
    }

    pub(super) fn name(&mut self, path: String) {
        self.path = path;
        (self.trouble, self.over) = (None, false);
    }

    pub(super) fn browse(&self, cx: &Cx<'_>) -> Action<Message> {
        let Some(format) = self.format else { return Action::None };
        let dialog = rfd::AsyncFileDialog::new().set_title(cx.text("port-save-as"));
        let picked = |file: Option<rfd::FileHandle>| Message::Browsed(file.map(|file| file.path().to_path_buf()));
        Action::Run(if is_folder(format) {
            Task::perform(dialog.pick_folder(), picked)
        } else {
            Task::perform(dialog.set_file_name(proposed(format, cx)).save_file(), picked)
        })
    }

    pub(super) fn browsed(&mut self, path: Option<PathBuf>, cx: &Cx<'_>) {
        let (Some(path), Some(format)) = (path, self.format) else { return };
        self.trouble = None;
        // A folder that is chosen is there; the export is a new one in it.
        self.over = !is_folder(format);
        let path = if is_folder(format) { path.join(proposed(format, cx)) } else { path };
        self.path = path.display().to_string();
    }

    pub(super) fn weighed(&mut self, number: u64, weight: Result<Weight, Option<Say>>) {
        if self.weighing.as_ref().is_none_or(|(own, _)| *own != number) {
            return;
        }
        self.weighing = None;
        match weight {
            Ok(weight) => self.weight = Some(weight),
            Err(say) => self.trouble = say,
        }
    }

    fn is_ready(&self) -> bool {
        !self.rows().is_empty() && self.format.is_some() && !self.path.trim().is_empty() && self.work.is_none()
    }

    pub(super) fn begin(&mut self, number: u64) -> Action<Message> {
        let (Some(format), Some(weight), true) = (self.format, self.weight.clone(), self.is_ready()) else {
            return Action::None;
        };
        (self.trouble, self.done) = (None, None);
        let stop = Stop::default();
        self.work = Some((number, Work { stop: stop.clone(), done: 0, of: weight.rows.len() }));
        let to = PathBuf::from(self.path.trim());
        let Weight { about, filter, rows, .. } = weight;
        let about = filter.filter(|_| self.with_filter).unwrap_or(about);
        let order = Order { rows, format, about, to, over: self.over };
        Action::Port(Act::Give { number, order, stop })
    }

    pub(super) fn told(&mut self, number: u64, done: usize, of: usize) {
        if let Some((_, work)) = self.work.as_mut().filter(|(own, _)| *own == number) {
            (work.done, work.of) = (done, of);
        }
    }

    pub(super) fn ended(&mut self, number: u64, result: Result<Box<Sheet>, Option<Say>>) -> Action<Message> {
        if self.work.as_ref().is_none_or(|(own, _)| *own != number) {
            return Action::None;
        }
        // What may go was what stood there then.
        (self.work, self.over) = (None, false);
        match result {
            Ok(sheet) => {
                let path = safe::line(self.path.trim());
                let say = Say::new("port-given").number("count", sheet.carried).with("path", &path);
                self.done = Some(Done::new(path, &sheet));
                notify(ToastTone::Good, say)
            }
            Err(say) => {
                let say = say.unwrap_or_else(|| Say::new("port-stopped"));
                self.trouble = Some(say.clone());
                notify(ToastTone::Bad, say)
            }
        }
    }

    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let close = Press::word(cx.text("app-close")).id(GIVE_FIRST).on_press(Message::Close);
        let name = match &self.weight {
            Some(weight) => cx.catalog.count("port-give-title", weight.rows.len() as u64, &[]),
            None => cx.text("port-give"),
        };
        let head = row![heading(name).width(Fill), Element::from(close)].align_y(Center);
        let about = match &self.weight {
            Some(weight) => cx.catalog.say(weight.filter.as_ref().unwrap_or(&weight.about)),
            None if self.weighing.is_some() => cx.text("port-looking"),
            None => String::new(),
        };
        let about = (!about.is_empty()).then(|| text(about).style(theme::text::soft));
        let inside = Column::new()
            .push(head)
            .push(about)
            .push(self.head(cx))
            .push(self.marking(cx))
            .push(self.formats(cx))
            .push(self.place(cx))
            .push(self.state(cx))
            .push(self.told_of(cx));
        let inside = inside.spacing(space::MD);
        container(inside).max_width(820).padding(space::XL).style(theme::surface::floating).into()
    }

    /// Tags and words of a filter are the person's own: they go out only where they are to.
    fn head<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let _ = self.weight.as_ref()?.filter.as_ref()?;
        let check = checkbox(self.with_filter)
            .label(cx.text("port-with-filter"))
            .size(16.0)
            .text_size(theme::size::BODY)
            .on_toggle_maybe(self.work.is_none().then_some(Message::WithFilter))
            .style(theme::input::check);
        Some(focusable(check, self.work.is_none().then_some(Message::WithFilter(!self.with_filter))).into())
    }

    /// How strict it is: before anything is written.
    fn marking<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let labels = &self.weight.as_ref()?.labels;
        let (strictest, _) = labels.first()?;
        let counts = labels.iter().map(|(label, count)| {
            let (label, count) = (cx.catalog.tlp(*label), cx.catalog.number(*count as u64));
            cx.format("port-label", &[("label", &label), ("count", &count)])
        });
        let counts = counts.collect::<Vec<_>>().join("  ·  ");
        let banner = tlp_banner(*strictest, cx.catalog.tlp(*strictest), Some(cx.text("port-strictest")), None);
        let words = consequence(*strictest)
            .map(|key| strip(Tone::Caution, cx.text(key), Some(counts.clone()), Vec::new()))
            .unwrap_or_else(|| caption(counts).into());
        Some(column![banner, words].spacing(space::SM).into())
    }

    fn formats<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let one = |format: Format| -> Element<'a, Message> {
            let (name, why) = format_keys(format);
            let here = self.format == Some(format);
            let inside = column![strong(cx.text(name)), caption(cx.text(why))].spacing(2.0);
            let style = if here { theme::button::chosen_card } else { theme::button::card };
            press(inside)
                .style(style)
                .width(Fill)
                .padding([space::SM, space::MD])
                .on_press_maybe(self.work.is_none().then_some(Message::Format(format)))
                .into()
        };
        let rows = Format::ALL
            .chunks(2)
            .map(|pair| Row::with_children(pair.iter().map(|format| one(*format))).spacing(space::SM).into());
        Column::with_children(rows).spacing(space::SM).into()
    }

    fn place<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let folder = self.format.is_some_and(is_folder);
        let hint = cx.text(if folder { "port-to-folder" } else { "port-to-file" });
        let path = text_input(&hint, &self.path)
            .id("port.to")
            .on_input_maybe(self.work.is_none().then_some(Message::Path))
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let browse = Press::word(cx.text("port-browse"))
            .on_press_maybe((self.format.is_some() && self.work.is_none()).then_some(Message::Browse));
        row![path, Element::from(browse)].spacing(space::SM).align_y(Center).into()
    }

    fn state<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if let Some((_, work)) = &self.work {
            let stop = Press::word(cx.text("port-stop")).id("port.stop").on_press(Message::StopGiving);
            return progress("port-giving", work, stop, cx);
        }
        let strict = self.strictest().and_then(consequence);
        let ready = self.is_ready().then_some(Message::Save);
        let save = if strict.is_some() {
            Press::word(cx.text("port-save-strict")).style(theme::button::danger).deliberate()
        } else {
            Press::word(cx.text("port-save")).style(theme::button::primary)
        };
        let save = save.id("port.save").on_press_maybe(ready);
        let why = self.format.is_none().then(|| caption(cx.text("port-choose")));
        Row::new().push(Element::from(save)).push(why).spacing(space::MD).align_y(Center).into()
    }

    fn told_of<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        if let Some(say) = &self.trouble {
            return Some(strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new()));
        }
        let done = self.done.as_ref()?;
        let tone = if done.whole { Tone::Good } else { Tone::Caution };
        let first = done.lines.first().map(|say| cx.catalog.say(say)).unwrap_or_default();
        let head = strip(tone, first, Some(done.path.clone()), Vec::new());
        let lines = done.lines.iter().skip(1).map(|say| text(cx.catalog.say(say)).into());
        let named = done.named.iter().map(|(name, why)| {
            let why = cx.catalog.say(why);
            row![strong(name.clone()), text(why).width(Fill)].spacing(space::MD).into()
        });
        let more = (done.more > 0).then(|| caption(cx.catalog.count("port-more", done.more as u64, &[])));
        let list = column![Column::with_children(lines).spacing(space::XS)]
            .push(Column::with_children(named).spacing(2.0))
            .push(more)
            .spacing(space::MD)
            .padding(iced::Padding::ZERO.right(space::LG));
        let list = scrollable(list).style(theme::surface::scroll);
        Some(column![head, container(list).max_height(180)].spacing(space::SM).into())
    }
}

/// How far it is, and a way to stop.
pub(super) fn progress<'a>(
    key: &'static str,
    work: &Work,
    stop: Press<'a, Message>,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let share = if work.of == 0 { 0.0 } else { work.done as f32 / work.of as f32 };
    let (done, of) = (cx.catalog.number(work.done as u64), cx.catalog.number(work.of as u64));
    let words = cx.format(key, &[("done", &done), ("of", &of)]);
    let bar = progress_bar(0.0..=1.0, share).girth(6.0).style(theme::input::progress);
    let mark = Icon::File.view().style(theme::text::soft);
    row![mark, column![bar, caption(words)].spacing(space::XS).width(Fill), Element::from(stop)]
        .spacing(space::MD)
        .align_y(Center)
        .into()
}
