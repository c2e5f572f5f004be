//! The hunt: a pasted list of indicators against everything stored; and the constituency, which is looked for in what comes.
//!
//! Both run off the window's thread, say how far they are and can be stopped. Nothing pasted here leaves this machine.

mod view;

use std::path::PathBuf;
use std::sync::Arc;

use iced::Task;
use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::model::Say;
use crate::plain::{self, Unread};
use crate::screen::{Action, Tab, Target};
use crate::store::Finder;
use crate::store::hunt::{COLUMNS, List, Table, run};
use crate::store::index::{Failure, Stop};
use crate::store::lens::{Entry, Fault, Lens};
use crate::store::query::{Field, Query};
use crate::text::harmless;
use crate::widget::work;

/// Largest list that is read, in bytes.
const LARGEST: u64 = 16 << 20;
/// Text shown in the field; what is longer is kept beside it.
const SHOWN: usize = 32 << 10;
/// Lines that were not understood, listed.
const UNREAD: usize = 20;

/// Which of the two lists shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Hunt,
    Ours,
}

#[derive(Clone, Debug)]
pub enum Message {
    Side(Side),
    Edit(text_editor::Action),
    Pick,
    Picked(Option<PathBuf>),
    Read(Result<Arc<str>, Say>),
    Clear,
    Start,
    Stop,
    Told(u64, usize, usize),
    Hunted(u64, Result<(Arc<List>, Arc<Table>), Option<Say>>),
    Looked(u64, Result<u32, Option<Say>>),
    /// The constituency was read.
    Compiled(u64, Arc<Compiled>),
    Export,
    /// The hits as a table; nothing where who made it died.
    Made(Option<String>),
    /// Shows the incidents of the hit at this place in the feed.
    Show(usize),
    ShowOurs,
    Back,
}

/// A constituency that was read, and what of it could not be.
pub struct Compiled {
    text: Arc<str>,
    lens: Lens,
    faults: Vec<Fault>,
}

impl std::fmt::Debug for Compiled {
    /// Whose network it is stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Compiled({} bytes)", self.text.len())
    }
}

/// A list being written or read from a file.
#[derive(Default)]
struct Draft {
    content: text_editor::Content,
    /// A list too long for the field.
    long: Option<Arc<str>>,
}

impl Draft {
    fn text(&self) -> Arc<str> {
        self.long.clone().unwrap_or_else(|| self.content.text().into())
    }

    fn put(&mut self, text: &Arc<str>) {
        if text.len() > SHOWN {
            *self = Self { content: text_editor::Content::new(), long: Some(Arc::clone(text)) };
        } else {
            *self = Self { content: text_editor::Content::with_text(text), long: None };
        }
    }

    fn is_empty(&self) -> bool {
        self.long.is_none() && self.content.text().trim().is_empty()
    }
}

/// Work that goes on.
struct Work {
    stop: Stop,
    done: usize,
    of: usize,
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    side: Side,
    hunt: Draft,
    ours: Draft,
    work: Option<Work>,
    number: u64,
    table: Option<(Arc<List>, Arc<Table>)>,
    /// What the constituency holds and how many incidents are its, once it is in force.
    in_force: Option<(usize, u32)>,
    faults: Vec<Fault>,
    /// The kept constituency was shown.
    told: bool,
    trouble: Option<Say>,
}

impl Screen {
    fn draft(&mut self) -> &mut Draft {
        match self.side {
            Side::Hunt => &mut self.hunt,
            Side::Ours => &mut self.ours,
        }
    }

    /// Another session: its store is another.
    pub fn reset(&mut self) {
        self.halt();
        (self.table, self.in_force) = (None, None);
        self.ours = Draft::default();
        self.told = false;
    }

    /// What was kept for this session is here: the constituency, as it was written.
    pub fn kept(&mut self, finder: &Finder) {
        let text = finder.constituency();
        if std::mem::replace(&mut self.told, true) || text.is_empty() {
            return;
        }
        // What was written in the field before is not lost, and neither is what was kept.
        let both = if self.ours.is_empty() { text } else { format!("{}\n{}", text.trim_end(), self.ours.text()) };
        self.ours.put(&both.into());
    }

    /// More incidents are in the list: a hunt that could not look at all looks again.
    pub fn taken(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let short = self.table.as_ref().is_some_and(|(_, table)| table.missing().is_some());
        if !short || self.work.is_some() || cx.finder.short().is_some() {
            return Action::None;
        }
        let Some((list, _)) = &self.table else { return Action::None };
        let list = Arc::clone(list);
        self.number += 1;
        let (number, stop) = (self.number, Stop::default());
        self.work = Some(Work { stop: stop.clone(), done: 0, of: 0 });
        let finder = Arc::clone(cx.finder);
        told(number, Message::Hunted(number, Err(None)), move |told| hunt(number, list, &finder, &stop, told))
    }

    fn halt(&mut self) {
        if let Some(work) = self.work.take() {
            work.stop.stop();
        }
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Side(side) => {
                self.side = side;
                self.trouble = None;
            }
            Message::Edit(text_editor::Action::Edit(text_editor::Edit::Paste(text))) if text.len() > SHOWN => {
                self.draft().put(&Arc::from(text.as_str()));
            }
            Message::Edit(action) => self.draft().content.perform(action),
            Message::Clear => *self.draft() = Draft::default(),
            // Made here, on the main thread, as macOS wants it.
            Message::Pick => {
                let dialog = rfd::AsyncFileDialog::new().set_title(cx.text("hunt-pick")).pick_file();
                return Action::Run(Task::perform(dialog, |file| {
                    Message::Picked(file.map(|file| file.path().to_path_buf()))
                }));
            }
            Message::Picked(None) => {}
            Message::Picked(Some(path)) => {
                let reading = async move {
                    let read = tokio::task::spawn_blocking(move || read(&path)).await;
                    read.unwrap_or_else(|broken| Err(unread(&broken)))
                };
                return Action::Run(Task::perform(reading, Message::Read));
            }
            Message::Read(Ok(text)) => self.draft().put(&text),
            Message::Read(Err(say)) => self.trouble = Some(say),
            Message::Start => return self.start(cx),
            Message::Stop => self.halt(),
            Message::Told(number, done, of) => {
                if let Some(work) = self.work.as_mut().filter(|_| number == self.number) {
                    (work.done, work.of) = (done, of);
                }
            }
            Message::Hunted(number, result) if number == self.number => {
                self.work = None;
                match result {
                    Ok(table) => self.table = Some(table),
                    Err(say) => self.trouble = say,
                }
            }
            Message::Looked(number, result) if number == self.number => {
                self.work = None;
                match result {
                    Ok(count) => self.in_force = Some((cx.finder.lens().entries().len(), count)),
                    Err(say) => {
                        self.in_force = None;
                        self.trouble = say.or_else(|| Some(Say::new("hunt-ours-stopped")));
                    }
                }
            }
            Message::Compiled(number, compiled) if number == self.number => {
                self.faults.clone_from(&compiled.faults);
                return self.work.as_ref().map_or(Action::None, |work| look_back(number, compiled, &work.stop, cx));
            }
            Message::Hunted(..) | Message::Looked(..) | Message::Compiled(..) => {}
            Message::Export => {
                if let Some((list, table)) = self.table.clone() {
                    let last = short(&table, "hunt-short-export", cx);
                    let finder = Arc::clone(cx.finder);
                    let make = move || Message::Made(Some(sheet(&list, &table, &finder, last)));
                    return Action::Run(work(Message::Made(None), |_| make()));
                }
            }
            Message::Made(Some(text)) => return Action::Save { name: "hunt.csv".to_owned(), text },
            Message::Made(None) => self.trouble = Some(Say::new("app-work-broken")),
            Message::Show(at) => {
                if let Some(filter) = self.filter(at) {
                    return Action::Open(Target::Filter(filter));
                }
            }
            Message::ShowOurs => return Action::Open(Target::Filter("is:ours".to_owned())),
            Message::Back => return Action::Open(Target::Tab(Tab::Feed)),
        }
        Action::None
    }

    /// The filter that finds the incidents of a hit.
    fn filter(&self, at: usize) -> Option<String> {
        let (list, table) = self.table.as_ref()?;
        let wanted = list.wanted.get(table.hits.get(at)?.wanted)?;
        let query = Query::only(Field::of(wanted.kind)?, &wanted.value).ok()?;
        Some(query.to_string())
    }

    /// Why the constituency cannot be put in force now: nothing takes the place of a list that nobody saw.
    fn unseen(&mut self, cx: &Cx<'_>) -> Option<Say> {
        if self.side != Side::Ours || self.told {
            return None;
        }
        if !cx.finder.is_loaded() {
            return Some(Say::new("hunt-ours-loading"));
        }
        self.kept(cx.finder);
        (!cx.finder.constituency().is_empty()).then(|| Say::new("hunt-ours-here"))
    }

    fn start(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.trouble = self.unseen(cx);
        if self.trouble.is_some() {
            return Action::None;
        }
        self.halt();
        self.number += 1;
        let (number, stop) = (self.number, Stop::default());
        self.work = Some(Work { stop: stop.clone(), done: 0, of: 0 });
        let (finder, text) = (Arc::clone(cx.finder), self.draft().text());
        match self.side {
            Side::Hunt => told(number, Message::Hunted(number, Err(None)), move |told| {
                hunt(number, Arc::new(List::read(&text)), &finder, &stop, told)
            }),
            Side::Ours => Action::Run(work(Message::Looked(number, Err(None)), move |_| {
                let (entries, faults) = Entry::read_all(&text);
                let lens = Lens::new(entries.into_iter().map(|line| line.entry));
                Message::Compiled(number, Arc::new(Compiled { text, lens, faults }))
            })),
        }
    }
}

/// Puts a constituency in force, and looks through what is stored for it.
fn look_back(number: u64, compiled: Arc<Compiled>, stop: &Stop, cx: &Cx<'_>) -> Action<Message> {
    let (finder, stop) = (Arc::clone(cx.finder), stop.clone());
    told(number, Message::Looked(number, Err(None)), move |told| {
        // Kept first: looking back takes its time. In force it is anyhow; if it is not kept, that is said.
        let kept = finder.keep_constituency(&compiled.text).map_err(|error| Some(error.say()));
        let looked = finder.look_back(compiled.lens.clone(), &stop, told).map_err(failed);
        Message::Looked(number, kept.and(looked))
    })
}

fn failed(failure: Failure) -> Option<Say> {
    match failure {
        Failure::Stopped => None,
        failure => Some(failure.say()),
    }
}

/// Looks for all of the list, and how much of what is stored it could look at.
fn hunt(number: u64, list: Arc<List>, finder: &Finder, stop: &Stop, told: &mut dyn FnMut(usize, usize)) -> Message {
    let on = finder.snapshot();
    let table = run(&list, &on, finder, stop, told).map(|mut table| {
        table.stored = finder.short().map_or(on.len(), |(_, stored)| stored).max(on.len());
        Arc::new(table)
    });
    Message::Hunted(number, table.map(|table| (list, table)).map_err(failed))
}

/// Runs it apart; what it tells and what it gives become messages. `broken` is said where it died.
fn told(
    number: u64,
    broken: Message,
    look: impl FnOnce(&mut dyn FnMut(usize, usize)) -> Message + Send + 'static,
) -> Action<Message> {
    // A word on the way that finds no room is not missed: another follows.
    Action::Run(work(broken, move |tell| {
        look(&mut |done, of| {
            let _ = tell(Message::Told(number, done, of));
        })
    }))
}

fn read(path: &std::path::Path) -> Result<Arc<str>, Say> {
    let bytes = plain::read(path, LARGEST).map_err(|why| match why {
        Unread::TooLarge => Say::new("hunt-too-large"),
        why => unread(&why),
    })?;
    Ok(String::from_utf8_lossy(&bytes).into())
}

fn unread(error: &dyn std::error::Error) -> Say {
    Say::new("hunt-unreadable").with("cause", crate::text::line(&error.to_string()))
}

/// That a hunt could not look at all that is stored.
fn short(table: &Table, key: &str, cx: &Cx<'_>) -> Option<String> {
    let (looked, stored) = table.missing()?;
    let number = |count: u32| cx.catalog.number(count.into());
    Some(cx.format(key, &[("looked", &number(looked)), ("stored", &number(stored))]))
}

/// The hits as a table, with these words under them; what a spreadsheet would run is neutralised.
fn sheet(list: &List, table: &Table, finder: &Finder, words: Option<String>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record(COLUMNS);
    for record in table.records(list, |topic| finder.topic_name(topic)) {
        let _ = writer.write_record(record.iter().map(|cell| harmless(cell)));
    }
    if let Some(words) = words {
        let blank = String::new();
        let last = std::iter::once(&words).chain(std::iter::repeat_n(&blank, COLUMNS.len() - 1));
        let _ = writer.write_record(last);
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}
