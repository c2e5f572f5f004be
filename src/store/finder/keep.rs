//! What a person does to rows, on its way to the store: it shows at once, is written by a task in the order it was done, and
//! is taken back, all of it that is not on the disk yet, when that cannot be. The store is the truth; what is here is its image.
//!
//! A thread that draws calls [`Finder::ask`], which does what is small at once and leaves what is large, or comes after it, to
//! the task. [`Finder::work`] is the task: it loads what the store kept, does what waits and writes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Finder;
use crate::store::acts::{Change, Desk, Log, Mark, Slot, Step, Way, size};
use crate::store::index::{Bitmap, Flags};
use crate::store::lens::{Entry, Lens};
use crate::store::local::{self, Plain, Shelf};
use crate::store::views::Views;
use crate::store::{Error, Seq};

/// Acts on more rows than these are not for the thread that draws.
const LARGE: u32 = 4_096;
/// What is nobody's act and could not be written is tried again after this long, and after twice as long each time.
const REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Something to be done.
#[derive(Debug)]
pub enum Job {
    /// These changes as one act that can be taken back; the word is given back with the outcome. A note without a number
    /// (0) gets one.
    Act(Vec<Change>, &'static str),
    /// The row was looked at: it is read, which is no act of its own.
    See(Seq),
    Undo,
    Redo,
}

/// What came of a job.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// So many rows are not as they were.
    Done {
        word: &'static str,
        rows: u32,
    },
    Undone,
    Redone,
    /// Nothing was to be done: all was so already, or there was no act to take back or do again.
    Nothing {
        word: Option<&'static str>,
        way: Way,
    },
    Refused(Error),
}

/// What a task of [`Finder::work`] has to tell.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What the store kept is here now.
    pub loaded: bool,
    pub outcomes: Vec<Outcome>,
    /// What could not be written, and was taken back: so many acts.
    pub lost: Option<(Error, u32)>,
    /// What was kept could not be read; what waited for it is not done.
    pub unread: Option<Error>,
    /// The saved views are as the store has them, not as they were shown.
    pub views: bool,
    /// The task died; what it had to do waits for the next.
    pub broken: bool,
}

impl Report {
    fn lose(&mut self, error: Error, acts: u32) {
        let before = self.lost.take().map_or(0, |(_, before)| before);
        self.lost = Some((error, before.saturating_add(acts)));
    }
}

/// How far what the store kept is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Not read, or being read: nothing is written over it.
    #[default]
    Loading,
    /// Read; the next report says so.
    Loaded,
    /// Read, and said.
    Told,
    /// It could not be read; whoever needs it tries again.
    Failed,
}

/// Views that shall be kept.
#[derive(Clone, Debug)]
pub enum Shown {
    /// All there shall be: made from what was kept.
    All(Views),
    /// Made before what was kept was shown: they join it.
    More(Views),
}

#[derive(Debug, Default)]
struct Wishes {
    all: Option<Views>,
    more: Option<Views>,
}

/// Something done that is not on the disk yet.
#[derive(Debug)]
enum Unwritten {
    Step(Step),
    /// No act of anybody's.
    Aside {
        changes: Vec<Change>,
    },
}

impl Unwritten {
    fn changes(&self) -> &[Change] {
        match self {
            Self::Step(step) => step.changes(),
            Self::Aside { changes } => changes,
        }
    }
}

/// What is on its way.
#[derive(Debug, Default)]
pub(super) struct Line {
    log: Mutex<Log>,
    waiting: Mutex<VecDeque<Job>>,
    unwritten: Mutex<VecDeque<Unwritten>>,
    /// As they shall be kept.
    views: Mutex<Wishes>,
    /// Who works; one at a time.
    working: Mutex<()>,
    /// A task is on its way or at work.
    called: AtomicBool,
    stage: Mutex<Stage>,
    /// Constituencies on their way.
    keeping: AtomicUsize,
    /// What is nobody's act and could not be written rests until then, and how long the next time.
    rest: Mutex<Option<(Instant, Duration)>>,
}

/// Whoever works may die: then another may be called.
struct Called<'a>(&'a AtomicBool);

impl Drop for Called<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(false, Ordering::Release);
        }
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The image as a desk, locked for a piece at a time.
struct Image<'a> {
    finder: &'a Finder,
    wrote: bool,
}

impl Desk for Image<'_> {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        Ok(self.finder.marks().plain.marked(rows, mark))
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        let mut groups = BTreeMap::<Slot, Bitmap>::new();
        for piece in rows.pieces() {
            for (slot, own) in self.finder.marks().plain.slots(&piece, kind) {
                groups.entry(slot).or_default().join(&own);
            }
        }
        Ok(groups.into_iter().collect())
    }

    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Ok(self.finder.marks().plain.holds(change))
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), Error> {
        self.finder.apply(changes)?;
        self.wrote = true;
        Ok(())
    }
}

impl Finder {
    /// Whether what the store kept is here.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.keeper.0.is_none() || matches!(*held(&self.way.stage), Stage::Loaded | Stage::Told)
    }

    fn is_told(&self) -> bool {
        self.keeper.0.is_none() || *held(&self.way.stage) == Stage::Told
    }

    /// Says once that what was kept is here.
    pub(super) fn tell(&self) -> bool {
        let mut stage = held(&self.way.stage);
        let news = *stage == Stage::Loaded;
        if news {
            *stage = Stage::Told;
        }
        news
    }

    /// What a task that died has to tell; another may be called.
    #[must_use]
    pub fn broken(&self) -> Report {
        self.way.called.store(false, Ordering::Release);
        Report { broken: true, ..Report::default() }
    }

    /// Whether a task of [`Finder::work`] is to be started. Says so once.
    #[must_use]
    pub fn calls(&self) -> bool {
        self.has_work() && !self.way.called.swap(true, Ordering::AcqRel)
    }

    fn has_work(&self) -> bool {
        !self.is_told() || self.waits() || (!held(&self.way.unwritten).is_empty() && !self.rests())
    }

    /// Something waits besides what is in the image.
    fn waits(&self) -> bool {
        let views = held(&self.way.views);
        !held(&self.way.waiting).is_empty() || views.all.is_some() || views.more.is_some()
    }

    /// What is not written is nobody's act, and was tried just now.
    fn rests(&self) -> bool {
        let rest = held(&self.way.rest).is_some_and(|(until, _)| Instant::now() < until);
        rest && held(&self.way.unwritten).iter().all(|one| matches!(one, Unwritten::Aside { .. }))
    }

    /// Whether something done, or asked for, is not on the disk yet.
    #[must_use]
    pub fn is_unwritten(&self) -> bool {
        !held(&self.way.unwritten).is_empty() || self.waits() || self.way.keeping.load(Ordering::Acquire) > 0
    }

    /// Does it at once where it is small and nothing is before it; `None` leaves it to [`Finder::work`]. Never waits.
    pub fn ask(&self, job: Job) -> Option<Outcome> {
        let mut waiting = held(&self.way.waiting);
        if waiting.is_empty()
            && self.is_loaded()
            && let Ok(mut log) = self.way.log.try_lock()
            && self.is_small(&job, &log)
        {
            drop(waiting);
            return Some(self.perform(job, &mut log));
        }
        waiting.push_back(job);
        None
    }

    fn is_small(&self, job: &Job, log: &Log) -> bool {
        let rows = match job {
            Job::Act(changes, _) => size(changes),
            Job::See(_) => 1,
            Job::Undo => log.ahead(true),
            Job::Redo => log.ahead(false),
        };
        rows <= LARGE
    }

    fn perform(&self, job: Job, log: &mut Log) -> Outcome {
        let mut image = Image { finder: self, wrote: false };
        let (word, way, done) = match job {
            Job::Act(mut changes, word) => {
                self.number(&mut changes);
                (Some(word), Way::Did, log.act(&mut image, changes))
            }
            Job::See(row) => {
                self.seen(row);
                return Outcome::Nothing { word: None, way: Way::Did };
            }
            Job::Undo => (None, Way::Undid, log.undo(&mut image).map(Option::unwrap_or_default)),
            Job::Redo => (None, Way::Redid, log.redo(&mut image).map(Option::unwrap_or_default)),
        };
        match done {
            Ok(rows) if image.wrote => {
                self.mark(&rows);
                held(&self.way.unwritten).extend(log.last(way).map(Unwritten::Step));
                match (way, word) {
                    (Way::Undid, _) => Outcome::Undone,
                    (Way::Redid, _) | (Way::Did, None) => Outcome::Redone,
                    (Way::Did, Some(word)) => Outcome::Done { word, rows: rows.count() },
                }
            }
            Ok(_) => Outcome::Nothing { word, way },
            Err(error) => Outcome::Refused(error),
        }
    }

    /// Notes that have no number get one.
    fn number(&self, changes: &mut [Change]) {
        let mut free = self.marks().plain.free_note();
        for change in changes {
            if let Change::Note { note, on: true } = change
                && note.id == 0
            {
                note.id = free;
                free += 1;
            }
        }
    }

    fn seen(&self, row: Seq) {
        if self.marks().plain.is_read(row) {
            return;
        }
        let rows: Bitmap = std::iter::once(row).collect();
        self.aside(vec![Change::Mark { rows, mark: Mark::Read, on: true }]);
    }

    /// Does what is nobody's act. The log is held.
    fn aside(&self, changes: Vec<Change>) {
        if self.apply(&changes).is_ok() {
            self.mark(&crate::store::acts::rows(&changes));
            held(&self.way.unwritten).push_back(Unwritten::Aside { changes });
        }
    }

    /// Ends what has had its time; gives the rows that wake.
    pub(super) fn end(&self, now: chrono::DateTime<chrono::Utc>) {
        let _log = held(&self.way.log);
        let changes = self.marks().over(now);
        if !changes.is_empty() {
            self.aside(changes);
        }
    }

    /// How many rows there are to change.
    pub(super) fn reach(&self) -> u32 {
        self.keeper.0.as_ref().map_or_else(|| self.len(), |store| store.len())
    }

    /// Makes changes in the image, in pieces.
    fn apply(&self, changes: &[Change]) -> Result<(), Error> {
        let all = Bitmap::all(self.reach());
        for change in changes {
            match change {
                Change::Slot { rows, to } if rows.count() > LARGE => {
                    for rows in rows.pieces() {
                        self.marks_mut().change(&[Change::Slot { rows, to: to.clone() }], &all)?;
                    }
                }
                change => self.marks_mut().change(std::slice::from_ref(change), &all)?,
            }
        }
        Ok(())
    }

    /// Puts what is kept of rows into the columns.
    pub(super) fn mark(&self, rows: &Bitmap) {
        for piece in rows.pieces() {
            let marks = self.marks();
            let mut index = self.index_mut();
            let rows: Vec<(Seq, Flags)> = piece.iter().map(|row| (row, marks.flags(row))).collect();
            for flag in [Flags::UNREAD, Flags::STARRED, Flags::UPDATED, Flags::SNOOZED, Flags::NOTE] {
                let (on, off): (Vec<_>, Vec<_>) = rows.iter().partition(|(_, flags)| flags.holds(flag));
                index.set(on.into_iter().map(|(row, _)| row), flag, true);
                index.set(off.into_iter().map(|(row, _)| row), flag, false);
            }
        }
    }

    /// The saved views as they are kept.
    #[must_use]
    pub fn views(&self) -> Views {
        self.marks().views()
    }

    /// These views shall be kept; [`Finder::work`] writes them. Nothing is written over what was not read: all of them, said
    /// before that, are more of them.
    pub fn keep_views(&self, shown: Shown) {
        let shown = match shown {
            Shown::All(views) if !self.is_loaded() => Shown::More(views),
            shown => shown,
        };
        let mut wishes = held(&self.way.views);
        match shown {
            Shown::All(views) => wishes.all = Some(views),
            Shown::More(views) => wishes.more = Some(views),
        }
    }

    /// The constituency as its person wrote it.
    #[must_use]
    pub fn constituency(&self) -> String {
        self.marks().plain.kept(Shelf::Constituency).into_iter().next().map(|(_, text)| text).unwrap_or_default()
    }

    /// Keeps the constituency. Blocks.
    ///
    /// # Errors
    /// When what was there before is kept still: it could not be read, or this could not be written.
    pub fn keep_constituency(&self, text: &str) -> Result<(), Error> {
        let _ = self.way.keeping.fetch_add(1, Ordering::AcqRel);
        let kept = self.keep_constituency_now(text);
        let _ = self.way.keeping.fetch_sub(1, Ordering::AcqRel);
        kept
    }

    fn keep_constituency_now(&self, text: &str) -> Result<(), Error> {
        let _turn = held(&self.way.working);
        self.load_first()?;
        if let Some(local) = self.local_store() {
            local::keep_constituency(local, text)?;
        }
        self.marks_mut().plain.keep(Shelf::Constituency, &[], &[(String::new(), text.to_owned())]);
        Ok(())
    }

    fn local_store(&self) -> Option<&dyn local::Local> {
        self.keeper.0.as_ref()?.local()
    }

    /// Loads what the store kept, once. Blocks.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn load(&self) -> Result<(), Error> {
        let _turn = held(&self.way.working);
        self.load_first()
    }

    /// Whoever works holds the turn: it is done once.
    fn load_first(&self) -> Result<(), Error> {
        let Some(store) = self.keeper.0.as_ref().filter(|_| !self.is_loaded()) else { return Ok(()) };
        *held(&self.way.stage) = Stage::Loading;
        if let Err(error) = self.load_from(store) {
            *held(&self.way.stage) = Stage::Failed;
            return Err(error);
        }
        *held(&self.way.stage) = Stage::Loaded;
        self.mark(&Bitmap::all(self.len()));
        Ok(())
    }

    fn load_from(&self, store: &Arc<dyn crate::store::Store>) -> Result<(), Error> {
        if let Some(local) = store.local() {
            let plain = Plain::load(local, store.len())?;
            let text = plain.kept(Shelf::Constituency).into_iter().next().map(|(_, text)| text).unwrap_or_default();
            self.marks_mut().put(plain);
            // One that a person put in force meanwhile is newer.
            if !text.is_empty() && self.lens().is_empty() {
                let _ = self.in_force(Lens::new(Entry::read_all(&text).0.into_iter().map(|line| line.entry)));
            }
        }
        Ok(())
    }

    /// Loads, does what waits and writes what was done, in that order, until nothing is left. Blocks; the task of
    /// [`Finder::calls`].
    #[must_use]
    pub fn work(&self) -> Report {
        let _turn = held(&self.way.working);
        let _called = Called(&self.way.called);
        let mut report = Report::default();
        loop {
            if let Err(error) = self.load_first() {
                held(&self.way.waiting).clear();
                self.way.called.store(false, Ordering::Release);
                report.unread = Some(error);
                return report;
            }
            report.loaded |= self.tell();
            loop {
                // The log first: who asks meanwhile finds it taken and comes after.
                let mut log = held(&self.way.log);
                let Some(job) = held(&self.way.waiting).pop_front() else { break };
                report.outcomes.push(self.perform(job, &mut log));
            }
            if let Err((error, acts)) = self.flush()
                && acts > 0
            {
                report.lose(error, acts);
            }
            self.shelve(&mut report);
            self.way.called.store(false, Ordering::Release);
            if !self.has_work() || self.way.called.swap(true, Ordering::AcqRel) {
                return report;
            }
        }
    }

    /// Writes what is not written, as one change of the store; what came meanwhile follows.
    fn flush(&self) -> Result<(), (Error, u32)> {
        loop {
            let (many, changes) = {
                let unwritten = held(&self.way.unwritten);
                (unwritten.len(), unwritten.iter().flat_map(Unwritten::changes).cloned().collect::<Vec<_>>())
            };
            if many == 0 {
                return Ok(());
            }
            let written = self.local_store().map_or(Ok(()), |local| local.change(&changes));
            if let Err(error) = written {
                let acts = self.withdraw();
                let mut rest = held(&self.way.rest);
                let long = rest.map_or(REST, |(_, long)| long);
                *rest = Some((Instant::now() + long, (long * 2).min(LONGEST_REST)));
                return Err((error, acts));
            }
            *held(&self.way.rest) = None;
            drop(held(&self.way.unwritten).drain(..many));
        }
    }

    /// Takes back all acts that are not written, the last first; gives how many that were. What is nobody's act follows from
    /// the clock or from what was looked at: it stays, and is written later.
    fn withdraw(&self) -> u32 {
        let mut log = held(&self.way.log);
        let mut acts = 0;
        let all: Vec<Unwritten> = held(&self.way.unwritten).drain(..).collect();
        let mut asides = VecDeque::new();
        for one in all.into_iter().rev() {
            match one {
                Unwritten::Step(step) => {
                    // In memory this does not fail.
                    let _ = self.apply(step.inverse());
                    self.mark(&crate::store::acts::rows(step.inverse()));
                    log.withdraw(&step);
                    acts += 1;
                }
                Unwritten::Aside { changes } => asides.push_front(Unwritten::Aside { changes }),
            }
        }
        for aside in &asides {
            let _ = self.apply(aside.changes());
            self.mark(&crate::store::acts::rows(aside.changes()));
        }
        let mut unwritten = held(&self.way.unwritten);
        asides.append(&mut unwritten);
        *unwritten = asides;
        acts
    }

    fn shelve(&self, report: &mut Report) {
        let Wishes { all, more } = std::mem::take(&mut *held(&self.way.views));
        if all.is_none() && more.is_none() {
            return;
        }
        let mut wanted = all.unwrap_or_else(|| self.views());
        if let Some(more) = more {
            report.views = true;
            if let Err(error) = join(&mut wanted, &more) {
                report.lose(error, 1);
            }
        }
        let kept = match self.local_store() {
            Some(local) => local::keep_views(local, &wanted).and_then(|()| local.kept(Shelf::Views)),
            None => Ok((0_u32..).zip(wanted.all()).map(|(at, view)| (format!("{at:06}"), view.text())).collect()),
        };
        match kept {
            Ok(kept) => {
                let mut marks = self.marks_mut();
                let gone: Vec<String> = marks.plain.kept(Shelf::Views).into_iter().map(|(name, _)| name).collect();
                marks.plain.keep(Shelf::Views, &gone, &kept);
            }
            Err(error) => {
                report.views = true;
                report.lose(error, 1);
            }
        }
    }
}

/// Puts more views beside others; one whose name another has gets a number.
fn join(views: &mut Views, more: &Views) -> Result<(), Error> {
    let refused = |fault: crate::store::views::Fault| Error::Disk { cause: fault.to_string() };
    for view in more.all() {
        if views.all().contains(view) {
            continue;
        }
        let free = |name: &str| views.all().iter().all(|own| own.name().to_lowercase() != name.to_lowercase());
        let names = std::iter::once(view.name().to_owned()).chain((2..).map(|nth| format!("{nth} {}", view.name())));
        let Some(name) = names.take(views.all().len() + 2).find(|name| free(name)) else { continue };
        views.add(view.named(&name).map_err(refused)?).map_err(refused)?;
    }
    Ok(())
}
