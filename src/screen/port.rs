//! Incidents in and out as files: the sheets for an export of what the feed shows and for an import of files and folders.
//!
//! The app does the work, away from the window; these say what is asked, how far it is and what came of it. Work goes on when
//! its sheet is closed, and is told of when it is done.

mod give;
mod take;

use std::path::PathBuf;
use std::sync::Arc;

use iced::Task;

use crate::app::cx::Cx;
use crate::iodef::export::Format;
use crate::model::{Say, Tlp};
use crate::port::export::Sheet;
use crate::port::import::{Report, Told};
use crate::screen::{Action, Target, Toast, Tone};
use crate::store::finder::Chosen;
use crate::store::index::Stop;
use crate::store::{Committed, Seq};

pub use give::Give;
pub use take::Take;

/// The names of what has the keyboard first.
pub const GIVE_FIRST: &str = "port.cancel";
pub const TAKE_FIRST: &str = "port.from";
pub const TAKE_DROPPED: &str = "port.accept";

/// Work that goes on.
#[derive(Debug)]
pub struct Work {
    stop: Stop,
    done: usize,
    of: usize,
}

/// What the app is to do.
#[derive(Clone, Debug)]
pub enum Act {
    /// Look up what is meant and how strict it is.
    Weigh {
        number: u64,
        chosen: Chosen,
        stop: Stop,
    },
    Give {
        number: u64,
        order: Order,
        stop: Stop,
    },
    Take {
        number: u64,
        paths: Vec<PathBuf>,
        stop: Stop,
    },
    /// Rows stand that nobody else tells of.
    Stored(Committed),
}

/// What is to go out.
#[derive(Clone, Debug)]
pub struct Weight {
    /// What it is, for who reads the export.
    pub about: Say,
    /// The filter that found it, which is the person's own.
    pub filter: Option<Say>,
    pub rows: Arc<[Seq]>,
    /// Strictest first.
    pub labels: Vec<(Tlp, usize)>,
}

/// An export, as it is asked for.
#[derive(Clone, Debug)]
pub struct Order {
    pub rows: Arc<[Seq]>,
    pub format: Format,
    pub about: Say,
    pub to: PathBuf,
    /// A file of this name may go: the person was asked.
    pub over: bool,
}

#[derive(Clone, Debug)]
pub enum Message {
    Format(Format),
    Path(String),
    /// Whether the filter stands in the export.
    WithFilter(bool),
    Browse,
    Browsed(Option<PathBuf>),
    Save,
    StopGiving,
    /// `None` where it was stopped.
    Weighed(u64, Result<Weight, Option<Say>>),
    Giving(u64, usize, usize),
    /// `None` where it was stopped.
    Given(u64, Result<Box<Sheet>, Option<Say>>),
    From(String),
    Submit,
    /// What was dropped is taken in, or left.
    Accept,
    Decline,
    Files,
    Folder,
    Picked(Vec<PathBuf>),
    StopTaking,
    Taking(u64, Told),
    Taken(u64, Box<Report>, Committed),
    /// The rows that came from files, in the feed.
    Show,
    Close,
}

/// Both sheets.
#[derive(Debug, Default)]
pub struct Screen {
    pub give: Give,
    pub take: Take,
    number: u64,
}

impl Screen {
    /// Another session: its store is another.
    pub fn reset(&mut self) {
        self.give.halt();
        self.take.halt();
        *self = Self { number: self.number + 1, ..Self::default() };
    }

    /// The sheet for what is meant opens; one that is being made stays.
    pub fn give(&mut self, chosen: Chosen) -> Action<Message> {
        if self.give.is_busy() {
            return Action::None;
        }
        self.number += 1;
        self.give.open(self.number, chosen)
    }

    /// Files to take in, after those that are being taken.
    pub fn take(&mut self, paths: Vec<PathBuf>) -> Action<Message> {
        self.number += 1;
        self.take.begin(self.number, paths)
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Format(format) => self.give.choose(format, cx),
            Message::Path(path) => self.give.name(path),
            Message::WithFilter(on) => self.give.with_filter = on,
            Message::Browse => return self.give.browse(cx),
            Message::Browsed(path) => self.give.browsed(path, cx),
            Message::Save => {
                self.number += 1;
                return self.give.begin(self.number);
            }
            Message::StopGiving => self.give.halt(),
            Message::Weighed(number, weight) => self.give.weighed(number, weight),
            Message::Giving(number, done, of) => self.give.told(number, done, of),
            Message::Given(number, result) => return self.give.ended(number, result),
            Message::From(path) => self.take.name(path),
            Message::Submit => {
                let path = self.take.typed();
                return path.map_or(Action::None, |path| self.take(vec![path]));
            }
            Message::Accept => {
                let dropped = self.take.dropped();
                return if dropped.is_empty() { Action::None } else { self.take(dropped) };
            }
            Message::Decline => drop(self.take.dropped()),
            Message::Files | Message::Folder => return pick(matches!(message, Message::Folder), cx),
            Message::Picked(paths) if paths.is_empty() => {}
            Message::Picked(paths) => return self.take(paths),
            Message::StopTaking => self.take.halt(),
            Message::Taking(number, told) => return self.take.told(number, told),
            Message::Taken(number, report, rest) => return self.take.ended(number, *report, rest),
            Message::Show => {
                let shown = Action::Open(Target::Filter("is:imported".to_owned()));
                return Action::Many(vec![Action::Close, shown]);
            }
            Message::Close => return Action::Close,
        }
        Action::None
    }
}

/// Made here, on the main thread, as macOS wants it; a desktop without a file portal answers like a person who cancels, so the
/// path field stays.
fn pick(folder: bool, cx: &Cx<'_>) -> Action<Message> {
    let dialog = rfd::AsyncFileDialog::new().set_title(cx.text("port-pick"));
    let picked = |files: Option<Vec<rfd::FileHandle>>| {
        Message::Picked(files.unwrap_or_default().iter().map(|file| file.path().to_path_buf()).collect())
    };
    Action::Run(if folder {
        Task::perform(dialog.pick_folders(), picked)
    } else {
        let dialog = dialog.add_filter(cx.text("viewer-filter"), &["xml", "iodef", "json"]);
        Task::perform(dialog.pick_files(), picked)
    })
}

fn notify(tone: Tone, say: Say) -> Action<Message> {
    Action::Notify(Toast { tone, say })
}
