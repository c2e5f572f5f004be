//! Looks at an IODEF file without a grid: read once, shown, never changed and never sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::cx::{Cx, Strict};
use crate::iodef;
use crate::model::{Kind, Say, Summary};
use crate::plain::Unread;
use crate::screen::document::{self, Offer, Pane, Source, Trouble, is_json, plain, refused};
use crate::screen::{Action, Target};
use crate::text;

mod view;

/// The path field's name.
pub const PATH: &str = "viewer.path";
/// Largest file that is read, in bytes; larger ones are not documents people exchange.
pub const LARGEST: u64 = 32 << 20;

/// A file as read.
#[derive(Clone, Debug)]
pub struct Document {
    size: u64,
    summary: Arc<Summary>,
    raw: Arc<[u8]>,
    /// Why nothing more is read of it.
    refused: Option<Trouble>,
}

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// The path in the field changed.
    Path(String),
    /// Opens what the field says.
    Submit,
    Open(PathBuf),
    Pick,
    Picked(Option<PathBuf>),
    Read(PathBuf, Result<Document, Say>),
    Document(document::Message),
    /// The file to compare with.
    Other(Option<PathBuf>),
    Back,
}

/// What is on the page.
#[derive(Default)]
enum Page {
    #[default]
    Empty,
    Reading(PathBuf),
    Open(Box<Document>),
    Failed(PathBuf, Say),
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    path: String,
    page: Page,
    pane: Pane,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Path(path) => self.path = path,
            Message::Submit if self.path.trim().is_empty() => {}
            Message::Submit => return self.open(PathBuf::from(self.path.trim()), cx),
            Message::Open(path) => {
                self.path = path.display().to_string();
                return self.open(path, cx);
            }
            // Made here, on the main thread, as macOS wants it; a desktop without a file portal answers like a person who
            // cancels, so the path field stays.
            Message::Pick => {
                return Action::Run(pick("viewer-pick", cx).map(Message::Picked));
            }
            Message::Picked(None) => {}
            Message::Picked(Some(path)) => {
                self.path = path.display().to_string();
                return self.open(path, cx);
            }
            // Another file was asked for meanwhile.
            Message::Read(path, _) if !matches!(&self.page, Page::Reading(wanted) if *wanted == path) => {}
            Message::Read(_, Ok(document)) => {
                let source = Source { bytes: Arc::clone(&document.raw), scope: Arc::new([]) };
                let refused = document.refused.clone();
                self.page = Page::Open(Box::new(document));
                self.pane.clear();
                self.pane.pick_others();
                if let Some(trouble) = refused {
                    self.pane.fail(trouble, Some(source));
                    return Action::None;
                }
                return self.pane.show(source, cx).map(Message::Document);
            }
            Message::Read(path, Err(say)) => self.page = Page::Failed(path, say),
            Message::Document(message) => {
                let Page::Open(document) = &self.page else { return Action::None };
                if matches!(message, document::Message::CopySummary) {
                    return Action::Copy(plain(&document.summary, None, cx));
                }
                if matches!(message, document::Message::Other) {
                    return Action::Run(pick("viewer-pick-other", cx).map(Message::Other));
                }
                return self.pane.update(message, Some(&document.summary), cx).map(Message::Document);
            }
            Message::Other(None) => {}
            Message::Other(Some(path)) => {
                let offered = self.pane.offer(vec![other(path, cx.strict)], 0).map(Message::Document);
                let shown = self.pane.show_changes().map(Message::Document);
                return if matches!(offered, Action::None) { shown } else { offered };
            }
            Message::Back => return Action::Open(Target::Welcome),
        }
        Action::None
    }

    fn open(&mut self, path: PathBuf, cx: &Cx<'_>) -> Action<Message> {
        let strict = cx.strict;
        self.page = Page::Reading(path.clone());
        let reading = async move {
            let file = path.clone();
            let read = tokio::task::spawn_blocking(move || read(&file, strict)).await;
            (path, read.unwrap_or_else(|_| Err(Say::new("viewer-error-broken"))))
        };
        Action::Run(iced::Task::perform(reading, |(path, read)| Message::Read(path, read)))
    }
}

/// Asks for a file.
fn pick(title: &str, cx: &Cx<'_>) -> iced::Task<Option<PathBuf>> {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title(cx.text(title))
        .add_filter(cx.text("viewer-filter"), &["xml", "iodef", "json"])
        .pick_file();
    iced::Task::perform(dialog, |file| file.map(|file| file.path().to_path_buf()))
}

/// A file to compare with; which of the two is the earlier one, their own times tell.
fn other(path: PathBuf, strict: Strict) -> Offer {
    let words = text::line(&path.display().to_string());
    let load = move || {
        let document = read(&path, strict)?;
        match document.refused {
            Some(trouble) => Err(trouble.say),
            None => Ok(Source { bytes: document.raw, scope: Arc::new([]) }),
        }
    };
    Offer { words, is_older: None, load: Arc::new(load) }
}

/// Reads a file, and what is in it once `strict` lets it pass. Blocks on disk.
///
/// # Errors
/// What is not a plain file, is larger than [`LARGEST`], or cannot be read. A file that is no incident document is no error:
/// its summary says what it is.
pub fn read(path: &Path, strict: Strict) -> Result<Document, Say> {
    let raw = crate::plain::read(path, LARGEST).map_err(|why| match why {
        Unread::NotAFile => Say::new("viewer-error-not-a-file"),
        Unread::TooLarge => Say::new("viewer-error-too-large").with("mebibytes", (LARGEST >> 20).to_string()),
        Unread::Failed(error) => Say::new("viewer-error-read").with("cause", error.to_string()),
    })?;
    let size = raw.len() as u64;
    let raw: Arc<[u8]> = iodef::transcoded(raw).into();
    let (summary, refused) = summary(&raw, strict);
    Ok(Document { size, summary: Arc::new(summary), raw, refused })
}

/// What the file says, and why it is not read further where that is so.
fn summary(raw: &Arc<[u8]>, strict: Strict) -> (Summary, Option<Trouble>) {
    if raw.trim_ascii().is_empty() {
        return (Summary::of_kind(Kind::Empty), Some(Say::new("viewer-nothing").into()));
    }
    if is_json(raw) {
        return match iodef::json::read(raw) {
            Ok(read) => (iodef::summarise(&read.document.write(), &[]), None),
            Err(why) => (Summary::of_kind(Kind::Invalid(why.say())), Some(why.say().into())),
        };
    }
    match strict(raw) {
        Ok(()) => (iodef::summarise(raw, &[]), None),
        Err(say) => (Summary::of_kind(Kind::Invalid(say.clone())), Some(refused(say, raw))),
    }
}
