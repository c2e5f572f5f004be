//! Drafts as wholes: begun, opened from a file, set aside, taken up again, copied, discarded and brought back.

use std::path::PathBuf;
use std::sync::Arc;

use iced::Task;
use iced::widget::operation;

use super::desk::Desk;
use super::{Message, Screen, Work, begin, control, names};
use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::draft::{Beside, Course, Opened, Unopened};
use crate::compose::form::Fill;
use crate::compose::send::Parcel;
use crate::compose::template;
use crate::model::Say;
use crate::plain::{self, Unread};
use crate::screen::{Action, Tab, Target, Toast, Tone};

/// Longest file that is opened, in bytes.
const FILE: u64 = 16 * 1024 * 1024;

impl Screen {
    pub(super) fn of_drafts(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Begin(place) => {
                return self.begin(&begin::Kind::Usual(place), cx);
            }
            Message::Path(path) => self.path = path,
            Message::OpenPath => return read(PathBuf::from(self.path.trim())),
            Message::Choose => {
                let dialog = rfd::AsyncFileDialog::new().set_title(cx.text("compose-open")).pick_file();
                let chosen = async move { dialog.await.map(|file| file.path().to_path_buf()) };
                return Action::Run(Task::perform(chosen, Message::Chosen));
            }
            Message::Chosen(Some(path)) => return read(path),
            Message::Read(Ok(opened)) => {
                self.trouble = None;
                return self.open(opened.draft.clone(), opened.notes.clone(), cx);
            }
            Message::Read(Err(say)) => self.trouble = Some(say),
            Message::Resume(id) => {
                if let Some(at) = self.aside.iter().position(|desk| desk.id == id) {
                    let desk = self.aside.remove(at);
                    return self.take_up(desk, cx);
                }
            }
            Message::DiscardAside(id) => {
                let at = self.aside.iter().position(|desk| desk.id == id);
                if let Some(at) = at.filter(|_| self.outbox.of_draft(&id).all(Parcel::is_settled)) {
                    let desk = self.aside.remove(at);
                    self.refused_go(&desk.id);
                    let off = self.off_shelf(&desk, |name, sheet| Work::Discard(name, Box::new(sheet), true), cx);
                    self.gone.insert(0, desk);
                    self.discarded = true;
                    return off;
                }
            }
            Message::Undiscard(id) => {
                if let Some(at) = self.gone.iter().position(|desk| desk.id == id) {
                    let mut desk = self.gone.remove(at);
                    self.discarded = false;
                    // It is written again as one that is not discarded.
                    desk.seen = None;
                    return self.take_up(desk, cx);
                }
            }
            Message::Discard if self.is_editing() => {
                let desk = self.desk.take();
                self.away();
                desk.iter().for_each(|desk| self.refused_go(&desk.id));
                let away = |name, sheet| Work::Discard(name, Box::new(sheet), true);
                let off = desk.as_ref().map(|desk| self.off_shelf(desk, away, cx));
                if let Some(desk) = desk {
                    self.gone.insert(0, desk);
                }
                self.discarded = true;
                return off.unwrap_or(Action::None);
            }
            Message::DoubleDraft => {
                return self.doubled(cx);
            }
            Message::Close => return self.set_aside(cx),
            Message::ShowTopics => return Action::Open(Target::Tab(Tab::Topics)),
            _ => {}
        }
        Action::None
    }

    /// Another report with the same content: of another incident, so it has a number of its own, and no reason was given
    /// for it yet.
    fn doubled(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = &self.desk else { return Action::None };
        let beside = Beside { reasons: Vec::new(), course: Course::New, ..desk.beside().clone() };
        let fill = Fill { now: cx.now, csirt: begin::csirt(&self.stock, cx) };
        let number = self.number(&fill.csirt, cx);
        match template::begin(desk.document(), beside, &fill, &number, None) {
            Ok(draft) => {
                let open = self.open(draft, Vec::new(), cx);
                Action::Many(vec![open, self.gave(&fill.csirt, &number, cx)])
            }
            Err(refused) => Action::Notify(Toast { tone: Tone::Bad, say: refused.say() }),
        }
    }

    fn take_up(&mut self, desk: Desk, cx: &Cx<'_>) -> Action<Message> {
        let aside = self.set_aside(cx);
        self.desk = Some(desk);
        self.topics = names(cx);
        Action::Many(vec![aside, self.opened(cx)])
    }

    /// Puts the open draft with the others; one that is published whole is done with.
    pub(super) fn set_aside(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut off = Action::None;
        if let Some(mut desk) = self.desk.take() {
            desk.reader.leave();
            if self.is_published(&desk) {
                off = self.off_shelf(&desk, |name, _| Work::Remove(name), cx);
            } else {
                self.aside.insert(0, desk);
            }
        }
        self.away();
        off
    }

    /// Whether a draft, as it is now, went everywhere it was to go: what was changed since is a draft still.
    pub(super) fn is_published(&self, desk: &Desk) -> bool {
        let mut own = self.outbox.of_draft(&desk.id).peekable();
        let is_done = own.peek().is_some() && own.all(Parcel::is_done);
        is_done && {
            let of = desk.digest();
            let own = || self.outbox.of_draft(&desk.id);
            // Where one topic of several had it, another state of it may have gone to the others.
            own().any(|parcel| parcel.about().of == of)
                && desk.topics().iter().all(|topic| own().any(|parcel| parcel.topic() == topic))
        }
    }

    /// Drafts that are not open and went everywhere they were to go are drafts no more.
    pub(super) fn done_with(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let done: Vec<usize> = (0..self.aside.len())
            .rev()
            .filter(|at| self.aside.get(*at).is_some_and(|desk| self.is_published(desk)))
            .collect();
        let mut off = Vec::new();
        for at in done {
            let desk = self.aside.remove(at);
            off.push(self.off_shelf(&desk, |name, _| Work::Remove(name), cx));
        }
        Action::Many(off)
    }

    /// What was refused of a draft that is discarded goes with it; receipts stay.
    fn refused_go(&mut self, draft: &str) {
        let refused = self.outbox.of_draft(draft).filter(|parcel| !parcel.is_done());
        let refused: Vec<String> = refused.map(|parcel| parcel.key().to_owned()).collect();
        refused.iter().for_each(|key| self.outbox.forget(key));
    }

    /// Nothing is looked at any more.
    fn away(&mut self) {
        (self.looking, self.wanted, self.reason) = (None, None, None);
        self.audiences.clear();
    }

    pub(super) fn open(&mut self, draft: Draft, notes: Vec<Say>, cx: &Cx<'_>) -> Action<Message> {
        self.made += 1;
        // Another run of the program may have begun one at this very moment of a clock that was set back.
        let mark = crate::compose::send::fresh().map_or_else(|_| String::new(), |mark| mark.0);
        let id = format!("{}-{}-{mark}", cx.now.timestamp_millis(), self.made);
        self.discarded = false;
        let aside = self.set_aside(cx);
        self.desk = Some(Desk::new(id, draft, notes));
        self.topics = names(cx);
        self.only_topic(cx);
        Action::Many(vec![aside, self.opened(cx)])
    }

    fn opened(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let asked = self.ask_members(cx);
        let looked = self.look(true, cx);
        Action::Many(vec![asked, looked, Action::Run(operation::focus(control::id(0)))])
    }
}

/// Reads a file away from the window's thread.
fn read(path: PathBuf) -> Action<Message> {
    let unreadable = || Say::new("compose-file-unreadable");
    let read = move || {
        let bytes = plain::read(&path, FILE).map_err(|why| match why {
            Unread::TooLarge => Say::new("compose-file-too-long"),
            Unread::NotAFile | Unread::Failed(_) => unreadable(),
        })?;
        Draft::open(&bytes, &[], Beside::default()).map_err(|why: Unopened| why.say())
    };
    opened(read)
}

/// A document becomes a draft, away from the window's thread.
pub(super) fn opened(read: impl FnOnce() -> Result<Opened, Say> + Send + 'static) -> Action<Message> {
    let broken = || Say::new("compose-file-unreadable");
    let read = async move { tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| Err(broken())).map(Arc::new) };
    Action::Run(Task::perform(read, Message::Read))
}
