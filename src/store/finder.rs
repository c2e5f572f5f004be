//! The index of a session at work: filled from the store, asked by the feed, marked by local acts.
//!
//! May use the contract in `store` and everything beside it. Shared between the window and its background tasks: a lock is held
//! for a page of rows at most, so a frame never waits for a scan. What the columns cannot answer is answered from memory here.

mod marks;
mod search;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

use super::acts::{Change, Log};
use super::index::lookup::Facet;
use super::index::{self, Bitmap, Entry, Facts, Failure, Flags, Index, Lookup, Postings, Question, Snapshot, Stop};
use super::lens::Lens;
use super::query::Context;
use super::views::Mute;
use super::{Error, Row, Seq, Standing, Store};
use crate::model::{BareJid, Kind, Severity, Tlp, TopicId};

pub use marks::{Local, Marks};
pub use search::{Found, Hidden, Tally, Wanted};

/// Rows taken in under one hold of the lock.
const PAGE: u32 = 1_024;

/// The store that answers questions, where it does.
#[derive(Default)]
struct Keeper(Option<Arc<dyn Store>>);

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Finder {
    index: RwLock<Index>,
    words: Postings,
    marks: RwLock<Marks>,
    log: Mutex<Log>,
    lens: RwLock<Arc<Lens>>,
    /// Who takes rows in; they come in their order.
    taking: Mutex<()>,
    me: Option<BareJid>,
    keeper: Keeper,
    /// Rows before this one were here when the session began: history, not news.
    began: Seq,
}

impl Finder {
    /// For a session of this account, over a store that holds so many rows by now.
    #[must_use]
    pub fn new(me: Option<BareJid>, began: Seq) -> Self {
        Self { me, began, ..Self::default() }
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn marks(&self) -> RwLockReadGuard<'_, Marks> {
        self.marks.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn marks_mut(&self) -> RwLockWriteGuard<'_, Marks> {
        self.marks.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The columns as they are.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.index().snapshot()
    }

    /// Questions go to this store, where it answers any; words and observables are then not kept here.
    #[must_use]
    pub fn asking(self, store: Arc<dyn Store>) -> Self {
        Self { keeper: Keeper(Some(store)), ..self }
    }

    /// The store it asks, for tasks that read rows; `None` where it was given none.
    #[must_use]
    pub fn store(&self) -> Option<Arc<dyn Store>> {
        self.keeper.0.clone()
    }

    fn keeper(&self) -> Option<&dyn Lookup> {
        self.keeper.0.as_ref()?.lookup()
    }

    /// Rows taken in so far.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.index().len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in what the store has and the index has not, and looks again at rows that changed. Gives all of them. Blocks;
    /// not for the window's thread.
    ///
    /// # Errors
    /// When it was stopped; what was taken in by then stays.
    pub fn take(&self, store: &dyn Store, changed: &[Seq], now: DateTime<Utc>, stop: &Stop) -> Result<Bitmap, Failure> {
        let _turn = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let lens = self.lens();
        let mut all = Bitmap::default();
        loop {
            stop.check()?;
            let from = self.len();
            let to = store.len().min(from.saturating_add(PAGE));
            if from >= to {
                break;
            }
            for seq in from..to {
                // The numbers of rows are dense; one that cannot be read keeps its place.
                self.add(store, store.row(seq).as_deref(), &lens)?;
                all.insert(seq);
            }
        }
        for row in store.rows(changed) {
            self.change(store, &row);
            all.insert(row.seq);
        }
        self.mute(&all, now, stop)?;
        Ok(all)
    }

    fn add(&self, store: &dyn Store, row: Option<&Row>, lens: &Lens) -> Result<(), Failure> {
        let Some(row) = row else {
            return keep_place(&mut self.index_mut()).map(|_| ()).ok_or(Failure::Unanswerable);
        };
        let summary = &row.summary;
        let few = summary.observables_total as usize <= summary.observables.len();
        let more = if few { Vec::new() } else { store.observables(row.seq)? };
        if self.keeper().is_none() {
            self.words.add(row.seq, summary)?;
            self.words.observe(row.seq, &more)?;
        }
        let named = if more.is_empty() { &summary.observables } else { &more };
        let ours = !lens.is_empty() && !lens.incident(&summary.title, named).is_empty();
        let flags = {
            let mut marks = self.marks_mut();
            marks.arrived(row, row.seq < self.began, ours);
            marks.flags(row.seq)
        };
        let mine = self.me.as_ref().is_some_and(|me| {
            let publisher = row.publisher.as_deref().unwrap_or_default();
            publisher.split('/').next().is_some_and(|bare| bare == me.to_string())
        });
        let _ = self.index_mut().push(&Entry::of(row, 0, flags.with(Flags::MINE.when(mine))));
        Ok(())
    }

    /// A row's standing changed; where another document took its place, that one tells of something read.
    fn change(&self, store: &dyn Store, row: &Row) {
        let newer = (row.standing == Standing::Overwritten).then(|| store.find(&row.key)).flatten();
        let updated = {
            let mut marks = self.marks_mut();
            newer.filter(|newer| *newer != row.seq && marks.overtake(row.seq, *newer))
        };
        let kept = {
            let snapshot = self.snapshot();
            Flags::MINE
                .when(snapshot.has(row.seq, Flags::MINE))
                .with(Flags::MUTED.when(snapshot.has(row.seq, Flags::MUTED)))
        };
        let flags = self.marks().flags(row.seq).with(kept);
        let mut index = self.index_mut();
        index.replace(row.seq, &Entry::of(row, 0, flags));
        if let Some(newer) = updated {
            index.set([newer], Flags::UPDATED, true);
        }
    }

    /// Looks which of `rows` a rule mutes.
    fn mute(&self, rows: &Bitmap, now: DateTime<Utc>, stop: &Stop) -> Result<(), Failure> {
        let rules = self.marks().mutes().to_vec();
        if rules.is_empty() && self.marks().muted.is_empty() {
            return Ok(());
        }
        let on = self.snapshot();
        let mut muted = Bitmap::default();
        for rule in rules.iter().filter(|rule| !rule.is_over(now)) {
            let Ok(plan) = rule.query().plan(&Context::at(now)) else { continue };
            muted.join(&index::evaluate(&plan, &on, self, Some(rows), stop)?);
        }
        let mut free = rows.clone();
        free.subtract(&muted);
        {
            let mut marks = self.marks_mut();
            marks.muted.subtract(rows);
            marks.muted.join(&muted);
        }
        let mut index = self.index_mut();
        index.set(muted.iter(), Flags::MUTED, true);
        index.set(free.iter(), Flags::MUTED, false);
        Ok(())
    }

    /// Looks at mutes and snoozes anew: a rule came or went, or the time of one is over. Blocks.
    ///
    /// # Errors
    /// When it was stopped or a rule's question was not answered.
    pub fn settle(&self, now: DateTime<Utc>, stop: &Stop) -> Result<(), Failure> {
        let woken = self.marks_mut().wake(now);
        self.index_mut().set(woken.iter(), Flags::SNOOZED, false);
        self.mute(&Bitmap::all(self.len()), now, stop)
    }

    /// Whether the time of a snooze or of a rule is over.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.marks().is_due(now)
    }

    /// What is kept locally of a row.
    #[must_use]
    pub fn local(&self, seq: Seq) -> Local {
        self.marks().local(seq, self.len())
    }

    /// How many rows are not read.
    #[must_use]
    pub fn unread(&self) -> u32 {
        self.len().saturating_sub(self.marks().read.count())
    }

    /// The rows that are not read.
    #[must_use]
    pub fn unread_rows(&self) -> Bitmap {
        let mut rows = Bitmap::all(self.len());
        rows.subtract(&self.marks().read);
        rows
    }

    /// A row was looked at: it is read, which is no act of its own.
    pub fn see(&self, seq: Seq) {
        self.marks_mut().read.insert(seq);
        self.mark(&std::iter::once(seq).collect());
    }

    #[must_use]
    pub fn is_unread(&self, seq: Seq) -> bool {
        seq < self.len() && !self.marks().read.contains(seq)
    }

    /// Rules in force, and how many rows they and snoozes hide.
    #[must_use]
    pub fn mutes(&self) -> Vec<Mute> {
        self.marks().mutes().to_vec()
    }

    /// Whether rows are muted or snoozed.
    #[must_use]
    pub fn hides(&self) -> bool {
        let marks = self.marks();
        !marks.muted.is_empty() || marks.snoozes()
    }

    /// Does local changes as one act; gives the rows that are not as they were.
    ///
    /// # Errors
    /// When nothing was done.
    pub fn act(&self, changes: Vec<Change>) -> Result<Bitmap, Error> {
        let touched = self.log().act(&mut *self.marks_mut(), changes)?;
        self.mark(&touched);
        Ok(touched)
    }

    /// Takes the last act back; `None` where there is none.
    ///
    /// # Errors
    /// When it could not be taken back.
    pub fn undo(&self) -> Result<Option<Bitmap>, Error> {
        let touched = self.log().undo(&mut *self.marks_mut())?;
        touched.iter().for_each(|rows| self.mark(rows));
        Ok(touched)
    }

    /// Does again what was taken back.
    ///
    /// # Errors
    /// When it could not be done.
    pub fn redo(&self) -> Result<Option<Bitmap>, Error> {
        let touched = self.log().redo(&mut *self.marks_mut())?;
        touched.iter().for_each(|rows| self.mark(rows));
        Ok(touched)
    }

    /// Puts what is kept of rows into the columns.
    fn mark(&self, rows: &Bitmap) {
        let marks = self.marks();
        let mut index = self.index_mut();
        for flag in [Flags::UNREAD, Flags::STARRED, Flags::UPDATED, Flags::SNOOZED, Flags::NOTE] {
            let (on, off): (Vec<Seq>, Vec<Seq>) = rows.iter().partition(|row| marks.flags(*row).holds(flag));
            index.set(on, flag, true);
            index.set(off, flag, false);
        }
    }

    #[must_use]
    pub fn lens(&self) -> Arc<Lens> {
        Arc::clone(&self.lens.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another constituency in force and looks back through everything. Blocks.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered; the new list is in force for what arrives then all the same.
    pub fn look_back(&self, lens: Lens, stop: &Stop, told: &mut dyn FnMut(usize, usize)) -> Result<u32, Failure> {
        let lens = Arc::new(lens);
        *self.lens.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&lens);
        let _turn = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let on = self.snapshot();
        let ours = lens.history(&on, self, stop, told)?;
        let mut others = Bitmap::all(on.len());
        others.subtract(&ours);
        self.marks_mut().ours = ours.clone();
        let mut index = self.index_mut();
        index.set(ours.iter(), Flags::OURS, true);
        index.set(others.iter(), Flags::OURS, false);
        Ok(ours.count())
    }
}

/// Keeps the place of a row that cannot be read: no filter finds it.
fn keep_place(index: &mut Index) -> Option<Seq> {
    let nowhere = TopicId { broker: "nowhere.invalid".parse().ok()?, node: String::new() };
    let facts = Facts {
        severity: Severity::Unknown,
        label: Tlp::Red,
        strictest: Tlp::Red,
        kind: &Kind::Empty,
        purpose: None,
        status: None,
        flags: Flags::GONE,
        observables: 0,
        revision: 0,
    };
    let at = DateTime::UNIX_EPOCH;
    index.push(&Entry {
        topic: &nowhere,
        publisher: None,
        csirt: "",
        at,
        detected: None,
        started: None,
        size: 0,
        facts,
    })
}

impl Lookup for Finder {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        match question {
            Question::Text { facet: Facet::Tag, patterns } => Ok(self.marks().tagged(patterns)),
            question => self.keeper().unwrap_or(&self.words).answer(question, among, stop),
        }
    }

    fn rows(&self, spans: &[index::key::Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        self.keeper().unwrap_or(&self.words).rows(spans, stop)
    }
}

#[cfg(test)]
mod tests;
