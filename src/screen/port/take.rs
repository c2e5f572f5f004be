//! The import's sheet: where from, how far it is, and what came of it.

use std::collections::VecDeque;
use std::path::PathBuf;

use iced::widget::{Column, column, container, row, scrollable, text, text_input};
use iced::{Center, Element, Fill};

use super::give::progress;
use super::{Act, Message, TAKE_DROPPED, TAKE_FIRST, Work, notify};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::port::import::{Report, Told};
use crate::screen::{Action, Tone as ToastTone};
use crate::store::Committed;
use crate::store::index::Stop;
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{Icon, Press, Tone, caption, heading, mono, strip};

/// Refusals that show; the others are counted.
const SHOWN: usize = 300;

/// Longest name of a dropped file that shows, in characters.
const NAME: usize = 200;

/// The sheet's state.
#[derive(Debug, Default)]
pub struct Take {
    path: String,
    work: Option<(u64, Work)>,
    /// Named while others were being taken, as when many are dropped.
    waiting: VecDeque<PathBuf>,
    /// Dropped on the window, and not yet said to be taken in.
    offered: Vec<PathBuf>,
    report: Option<Report>,
}

impl Take {
    pub(super) fn name(&mut self, path: String) {
        self.path = path;
    }

    pub(super) fn typed(&self) -> Option<PathBuf> {
        let path = self.path.trim();
        (!path.is_empty() && self.work.is_none()).then(|| PathBuf::from(path))
    }

    /// Asks whether to take it in.
    pub fn offer(&mut self, path: PathBuf) {
        if !self.offered.contains(&path) {
            self.offered.push(path);
        }
    }

    /// What was dropped; it is asked no more.
    pub(super) fn dropped(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.offered)
    }

    pub(super) fn halt(&mut self) {
        self.waiting.clear();
        if let Some((_, work)) = &self.work {
            work.stop.stop();
        }
    }

    pub(super) fn begin(&mut self, number: u64, paths: Vec<PathBuf>) -> Action<Message> {
        if self.work.is_some() {
            self.waiting.extend(paths);
            return Action::None;
        }
        self.report = None;
        self.start(number, paths)
    }

    fn start(&mut self, number: u64, paths: Vec<PathBuf>) -> Action<Message> {
        let stop = Stop::default();
        self.work = Some((number, Work { stop: stop.clone(), done: 0, of: 0 }));
        Action::Port(Act::Take { number, paths, stop })
    }

    pub(super) fn told(&mut self, number: u64, told: Told) -> Action<Message> {
        let Some((_, work)) = self.work.as_mut().filter(|(own, _)| *own == number) else { return Action::None };
        match told {
            Told::Found(files) => work.of = files,
            Told::Read(done, of) => (work.done, work.of) = (done, of),
            Told::Stored(done) => return Action::Port(Act::Stored(done)),
        }
        Action::None
    }

    pub(super) fn ended(&mut self, number: u64, report: Report, rest: Committed) -> Action<Message> {
        if self.work.as_ref().is_none_or(|(own, _)| *own != number) {
            return Action::None;
        }
        self.work = None;
        let stored = Action::Port(Act::Stored(rest));
        let ends = report.stopped || report.trouble.is_some();
        match &mut self.report {
            Some(all) => all.join(report),
            none => *none = Some(report),
        }
        if !ends && !self.waiting.is_empty() {
            let next = self.waiting.drain(..).collect();
            return Action::Many(vec![stored, self.start(number, next)]);
        }
        self.waiting.clear();
        let Some(report) = &self.report else { return stored };
        let say = Say::new("port-taken").number("added", report.added).number("known", report.known);
        let say = say.number("refused", report.refusals());
        let in_vain = report.added + report.known == 0 && report.refusals() > 0;
        let tone = if report.trouble.is_some() || in_vain { ToastTone::Bad } else { ToastTone::Good };
        Action::Many(vec![stored, notify(tone, say)])
    }

    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let close = Press::word(cx.text("app-close")).on_press(Message::Close);
        let head = row![heading(cx.text("port-take-title")).width(Fill), Element::from(close)].align_y(Center);
        // On the practice grid, and in memory, nothing is kept.
        let near = cx.finder.store().and_then(|store| store.local().map(|local| local.is_near()));
        let why = if near.unwrap_or(cx.practice) { "port-take-why-memory" } else { "port-take-why" };
        let why = text(cx.text(why)).style(theme::text::soft);
        let free = self.work.is_none();
        let path = text_input(&cx.text("port-from"), &self.path)
            .id(TAKE_FIRST)
            .on_input_maybe(free.then_some(Message::From))
            .on_submit(Message::Submit)
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let take = Press::word(cx.text("port-take"))
            .style(theme::button::primary)
            .id("port.take")
            .on_press_maybe(self.typed().map(|_| Message::Submit));
        let files = Press::marked(Icon::File, cx.text("port-files")).on_press_maybe(free.then_some(Message::Files));
        let folder = Press::word(cx.text("port-folder")).on_press_maybe(free.then_some(Message::Folder));
        let from = row![path, Element::from(take)].spacing(space::SM).align_y(Center);
        let others = row![Element::from(files), Element::from(folder), caption(cx.text("port-drop"))];
        let work = self.work.as_ref().map(|(_, work)| {
            let stop = Press::word(cx.text("port-stop")).id("port.stop").on_press(Message::StopTaking);
            progress("port-taking", work, stop, cx)
        });
        let inside = column![head, why]
            .push(self.question(cx))
            .push(from)
            .push(others.spacing(space::SM).align_y(Center))
            .push(work)
            .push(self.came_of(cx));
        container(inside.spacing(space::MD)).max_width(820).padding(space::XL).style(theme::surface::floating).into()
    }

    /// What was dropped waits for a word.
    fn question<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let first = self.offered.first()?;
        let words = cx.catalog.count("port-offered", self.offered.len() as u64, &[]);
        let name = safe::line_within(&first.display().to_string(), NAME);
        let accept = Press::word(cx.text("port-accept")).style(theme::button::primary).id(TAKE_DROPPED);
        let decline = Press::word(cx.text("port-decline")).id("port.decline").on_press(Message::Decline);
        let acts = vec![accept.on_press(Message::Accept).into(), decline.into()];
        Some(strip(Tone::Caution, words, Some(name), acts))
    }

    fn came_of<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let report = self.report.as_ref()?;
        let tone = match report {
            Report { trouble: Some(_), .. } => Tone::Alarm,
            report if report.stopped || report.refusals() > 0 => Tone::Caution,
            _ => Tone::Good,
        };
        let ended = match (&report.trouble, report.stopped) {
            (Some(say), _) => Some(cx.catalog.say(say)),
            (None, true) => Some(cx.text("port-take-stopped")),
            (None, false) => None,
        };
        let show = Press::word(cx.text("port-show")).id("port.show").on_press(Message::Show);
        let acts = if report.added > 0 { vec![show.into()] } else { Vec::new() };
        let lines = report.lines();
        let first = lines.first().map(|say| cx.catalog.say(say)).unwrap_or_default();
        let head = strip(tone, first, ended, acts);
        let lines = lines.into_iter().skip(1).map(|say| text(cx.catalog.say(&say)).into());
        let named = report.refused.iter().chain(&report.remarks).take(SHOWN).map(|refused| {
            let file = mono(safe::line(&refused.file.display().to_string()));
            column![file, caption(cx.catalog.say(&refused.why))].into()
        });
        let more = (report.refused.len() + report.remarks.len()).saturating_sub(SHOWN) + report.unsaid;
        let more = (more > 0).then(|| caption(cx.catalog.count("port-more", more as u64, &[])));
        let list = column![Column::with_children(lines).spacing(space::XS)]
            .push(Column::with_children(named).spacing(space::SM))
            .push(more)
            .spacing(space::MD)
            .padding(iced::Padding::ZERO.right(space::LG));
        let list = scrollable(list).style(theme::surface::scroll);
        Some(column![head, container(list).max_height(300)].spacing(space::SM).into())
    }
}
