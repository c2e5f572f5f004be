//! The export's sheet: what goes out, how strict it is, in which format and where to; then what was carried and what was not.

use std::path::PathBuf;
use std::sync::Arc;

use iced::widget::{Column, Row, column, container, progress_bar, row, scrollable, text, text_input};
use iced::{Center, Element, Fill, Task};

use super::{Act, GIVE_FIRST, Message, Order, Work, notify};
use crate::app::cx::Cx;
use crate::iodef::export::Format;
use crate::model::{Say, Tlp};
use crate::port::export::{Sheet, is_folder};
use crate::screen::{Action, Tone as ToastTone};
use crate::store::Seq;
use crate::store::index::Stop;
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::badge::tlp_banner;
use crate::widget::{Icon, Press, Tone, caption, heading, press, strip, strong};

/// Named rows and remarks that show; the export itself has them all.
const NAMED: usize = 200;

/// The sheet's state.
#[derive(Debug, Default)]
pub struct Give {
    rows: Arc<[Seq]>,
    about: Option<Say>,
    /// The list it was made of lacked rows.
    partial: bool,
    /// Strictest first; `None` until they were looked at.
    labels: Option<Vec<(Tlp, usize)>>,
    format: Option<Format>,
    path: String,
    /// The name was chosen in a dialog, which asks before a file is written over.
    over: bool,
    work: Option<(u64, Work)>,
    trouble: Option<Say>,
    done: Option<(String, Box<Sheet>)>,
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

    pub(super) fn rows(&self) -> Arc<[Seq]> {
        Arc::clone(&self.rows)
    }

    pub(super) fn open(&mut self, rows: Arc<[Seq]>, about: Say, partial: bool) {
        // Where the last one went is where the next one goes, under another name.
        *self = Self { rows, about: Some(about), partial, format: self.format, ..Self::default() };
    }

    pub(super) fn halt(&mut self) {
        if let Some((_, work)) = &self.work {
            work.stop.stop();
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

    pub(super) fn weighed(&mut self, labels: Vec<(Tlp, usize)>) {
        self.labels = Some(labels);
    }

    fn is_ready(&self) -> bool {
        !self.partial
            && !self.rows.is_empty()
            && self.labels.is_some()
            && self.format.is_some()
            && !self.path.trim().is_empty()
            && self.work.is_none()
    }

    pub(super) fn begin(&mut self, number: u64) -> Action<Message> {
        let (Some(format), Some(about), true) = (self.format, self.about.clone(), self.is_ready()) else {
            return Action::None;
        };
        (self.trouble, self.done) = (None, None);
        let stop = Stop::default();
        self.work = Some((number, Work { stop: stop.clone(), done: 0, of: self.rows.len() }));
        let to = PathBuf::from(self.path.trim());
        let order = Order { rows: self.rows(), format, about, to, over: self.over };
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
        self.work = None;
        match result {
            Ok(sheet) => {
                let path = safe::line(self.path.trim());
                let say = Say::new("port-given").with("count", sheet.carried.to_string()).with("path", &path);
                self.done = Some((path, sheet));
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
        let name = cx.catalog.count("port-give-title", self.rows.len() as u64, &[]);
        let head = row![heading(name).width(Fill), Element::from(close)].align_y(Center);
        let about = self.about.as_ref().map(|say| text(cx.catalog.say(say)).style(theme::text::soft));
        let partial = self
            .partial
            .then(|| strip(Tone::Caution, cx.text("port-partial"), Some(cx.text("port-partial-next")), Vec::new()));
        let inside = Column::new()
            .push(head)
            .push(about)
            .push(partial)
            .push(self.marking(cx))
            .push(self.formats(cx))
            .push(self.place(cx))
            .push(self.state(cx))
            .push(self.told_of(cx));
        let inside = inside.spacing(space::MD);
        container(inside).max_width(820).padding(space::XL).style(theme::surface::floating).into()
    }

    /// How strict it is: before anything is written.
    fn marking<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let labels = self.labels.as_ref()?;
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
        let strict = self.labels.as_ref().and_then(|labels| labels.first()).and_then(|(label, _)| consequence(*label));
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
        let (path, sheet) = self.done.as_ref()?;
        let tone = if sheet.left.is_empty() { Tone::Good } else { Tone::Caution };
        let lines = sheet.lines();
        let first = lines.first().map(|say| cx.catalog.say(say)).unwrap_or_default();
        let head = strip(tone, first, Some(path.clone()), Vec::new());
        let lines = lines.into_iter().skip(1).map(|say| text(cx.catalog.say(&say)).into());
        let all = sheet.named();
        let more = all.len().saturating_sub(NAMED) + sheet.unsaid;
        let named = all.into_iter().take(NAMED).map(|(name, why)| {
            let why = cx.catalog.say(why);
            row![strong(safe::line(name)), text(why).width(Fill)].spacing(space::MD).into()
        });
        let more = (more > 0).then(|| caption(cx.catalog.count("port-more", more as u64, &[])));
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
