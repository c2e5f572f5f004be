//! What is asked of the archive. The outbox and who got what before: at once after every change. Drafts on their shelf: written
//! soon after the last key and at the latest a second after the first that is not kept, read when the archive is open. Nothing
//! here touches the disk; the window's owner does, apart.

use std::sync::Arc;
use std::time::Instant;

use iced::Task;

use super::desk::Desk;
use super::{Message, Screen, stock};
use crate::app::cx::Cx;
use crate::compose::guard::{Answers, Ask, Us};
use crate::compose::outbox::{Around, Batch, Left};
use crate::compose::preflight::Finding;
use crate::compose::send::Parcel;
use crate::compose::shelf::{Drafts, Sheet, Standing};
use crate::i18n::Catalog;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Work {
    Read,
    /// What changed of the outbox.
    Post(Box<Batch>),
    /// Looks once more at what is about to leave.
    LastLook(Box<(Parcel, Around)>, Option<Us>),
    /// Each with the state of it that is written.
    Keep(Vec<(String, u64)>, Vec<(String, Sheet)>),
    /// Takes a draft out of sight for a week, or brings it back.
    Discard(String, Box<Sheet>, bool),
    /// What is published is a draft no more.
    Remove(String),
    /// With what reports begin with.
    Stock(stock::Ask),
    /// Looks values of a draft up.
    Look {
        draft: String,
        /// Which of its look-ups it is.
        asked: u64,
        asks: Vec<Ask>,
        us: Option<Us>,
        /// `IncidentID@name` and its text of each.
        incidents: Vec<(String, String)>,
    },
}

impl Work {
    /// Whether it reads or changes a shelf, and so is done in the order in which it was asked for. What asks the index alone
    /// may take its time beside it.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        !matches!(self, Self::LastLook(..) | Self::Look { .. } | Self::Stock(stock::Ask::Numbers(..)))
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Worked {
    Read(Result<Box<(Drafts, Left)>, Say>),
    Posted(Result<(), Say>),
    /// The parcel of this name, and what stands in its way.
    LastLooked(String, Result<Option<Finding>, Say>),
    Kept(Vec<(String, u64)>, Result<(), Say>),
    /// Discarded, brought back or removed.
    Moved(Result<(), Say>),
    Stock(stock::Told),
    Learned(String, u64, Result<Arc<Answers>, Say>),
}

impl Worked {
    /// Whether it came of what is [`Work::is_ordered`].
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        !matches!(self, Self::LastLooked(..) | Self::Learned(..) | Self::Stock(stock::Told::Numbers(..)))
    }

    /// Whether something that was to be kept is not.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let result = match self {
            Self::Posted(result) | Self::Kept(_, result) | Self::Moved(result) => result,
            Self::Stock(stock::Told::Kept(result)) => result,
            _ => return false,
        };
        result.is_err()
    }
}

impl Screen {
    /// What is asked of the shelf beside what a message came to.
    pub(super) fn keep(&mut self, action: Action<Message>, cx: &Cx<'_>) -> Action<Message> {
        if let Some(desk) = &mut self.desk
            && desk.seen != Some(desk.revision())
        {
            desk.seen = Some(desk.revision());
            desk.changed = cx.now;
            if cx.kept {
                self.saver.typed(desk.id.clone(), desk.revision(), Instant::now());
            }
        }
        match self.arm() {
            Some(task) => Action::Many(vec![action, Action::Run(task)]),
            None => action,
        }
    }

    /// Waits for the time when something is to be written, unless that is waited for already.
    fn arm(&mut self) -> Option<Task<Message>> {
        let due = self.saver.due()?;
        if self.armed.is_some_and(|armed| armed <= due) {
            return None;
        }
        self.armed = Some(due);
        let wait = due.saturating_duration_since(Instant::now());
        Some(Task::perform(async move { tokio::time::sleep(wait).await }, |()| Message::Keep))
    }

    /// The time has come; what typing has put off waits on.
    pub(super) fn write(&mut self, all: bool) -> Action<Message> {
        self.armed = None;
        if all {
            self.outbox.hurry();
        }
        let taken = if all { self.saver.take_all() } else { self.saver.take(Instant::now()) };
        let sheet = |id: &String| self.find(id).map(|desk| (id.clone(), desk.kept(None)));
        let sheets: Vec<(String, Sheet)> = taken.iter().filter_map(|(id, _)| sheet(id)).collect();
        if taken.is_empty() {
            return Action::None;
        }
        Action::Compose(Work::Keep(taken, sheets))
    }

    /// Whether something typed or decided is not on the disk.
    #[must_use]
    pub fn is_unwritten(&self) -> bool {
        !self.saver.is_saved() || !self.outbox.is_written()
    }

    /// What of it that is, in words.
    #[must_use]
    pub fn unwritten(&self, catalog: &Catalog) -> String {
        let drafts = self.desk.iter().chain(&self.aside).filter(|desk| !self.saver.is_kept(&desk.id));
        let name = |desk: &Desk| match desk.title() {
            "" => catalog.text("compose-untitled"),
            title => title.to_owned(),
        };
        let mut named: Vec<String> = drafts.map(name).collect();
        named.extend((!self.outbox.is_written()).then(|| catalog.text("compose-outbox")));
        named.join(", ")
    }

    fn find(&self, id: &str) -> Option<&Desk> {
        self.desk.iter().chain(&self.aside).find(|desk| desk.id == id)
    }

    pub(super) fn worked(&mut self, done: Worked, cx: &Cx<'_>) -> Action<Message> {
        let bad = |say: Say| Action::Notify(Toast { tone: Tone::Bad, say });
        match done {
            Worked::Read(Ok(read)) => {
                let (drafts, left) = *read;
                self.read_in(drafts);
                self.damaged.extend(left.told);
                self.outbox.take_up(left.parcels, super::hold(cx));
                self.basis = Some(cx.store.len());
                for reached in left.reached {
                    let _ = self.last.entry(reached.topic).or_insert(reached.readers);
                }
                let done = self.done_with(cx);
                Action::Many(vec![done, self.release(cx)])
            }
            Worked::Posted(result) => self.posted(result, cx),
            Worked::LastLooked(key, found) => {
                self.last_looked(&key, found, cx);
                Action::None
            }
            Worked::Kept(taken, result) => {
                self.saver.written(&taken, result.is_ok(), Instant::now());
                result.map_or_else(bad, |()| Action::None)
            }
            Worked::Read(Err(say)) | Worked::Moved(Err(say)) => bad(say),
            Worked::Moved(Ok(())) => Action::None,
            Worked::Stock(told) => self.stocked(told, cx),
            Worked::Learned(id, asked, answers) => self.learned(&id, asked, answers, cx),
        }
    }

    /// What was kept joins what is here; what is open is newer than what was read.
    fn read_in(&mut self, drafts: Drafts) {
        let mut read: Vec<(String, Sheet)> = drafts.open;
        read.sort_by_key(|(_, sheet)| std::cmp::Reverse(sheet.changed));
        for (id, sheet) in read {
            if self.find(&id).is_some() {
                continue;
            }
            self.saver.opened(id.clone(), sheet.draft.revision());
            let mut desk = Desk::new(id, sheet.draft, Vec::new());
            (desk.changed, desk.seen) = (sheet.changed, Some(desk.revision()));
            self.aside.push(desk);
        }
        for (id, sheet) in drafts.discarded {
            if !self.gone.iter().any(|desk| desk.id == id) {
                let mut desk = Desk::new(id, sheet.draft, Vec::new());
                desk.changed = sheet.changed;
                self.gone.push(desk);
            }
        }
        self.damaged.extend(drafts.told);
    }

    /// A draft leaves the desk for good, or for a week.
    pub(super) fn off_shelf(
        &mut self,
        desk: &Desk,
        act: impl FnOnce(String, Sheet) -> Work,
        cx: &Cx<'_>,
    ) -> Action<Message> {
        self.saver.forget(&desk.id);
        if !cx.kept {
            return Action::None;
        }
        Action::Compose(act(desk.id.clone(), desk.kept(Some(cx.now))))
    }

    /// How the draft that is open stands, in a word.
    pub(super) fn standing(&self, desk: &Desk) -> &'static str {
        match self.saver.standing(&desk.id) {
            Standing::Saved(_) if self.outbox.is_written() => "compose-kept",
            Standing::Saved(_) | Standing::Unsaved(_) => "compose-keeping",
            Standing::Failed(_) => "compose-not-kept",
        }
    }
}
