//! The index of a session at work: filled from the store, asked by the feed, marked by local acts.
//!
//! May use the contract in `store` and everything beside it. Shared between the window and its background tasks: a lock is held
//! for a page of rows at most, so a frame never waits for a scan. What the columns cannot answer is answered from memory here.

mod chosen;
mod keep;
mod marks;
mod order;
mod revised;
mod search;
mod stretch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

use super::acts::Mark;
use super::index::incident::Told;
use super::index::packed::STRETCH;
use super::index::{self, Bitmap, Entry, Facts, Failure, Flags, Index, Lookup, Postings, Snapshot, Stop};
use super::lens::Lens;
use super::query::Context;
use super::views::Mute;
use super::{Route, Row, Seq, Standing, Store};
use crate::model::{BareJid, Kind, Severity, Tlp, TopicId};

pub use chosen::Chosen;
pub use keep::{Job, Outcome, Report, Shown};
pub use marks::Local;
use marks::Marks;
pub use revised::Revision;
pub use search::{Found, Hidden, Look, PAGE as FIRST, Tally, Wanted, Watched};

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
    way: keep::Line,
    lens: RwLock<Arc<Lens>>,
    /// The constituency that history was looked through for, and up to which row.
    looked: Mutex<Option<(Arc<Lens>, Seq)>>,
    /// Rows that changed and were not looked at again yet, because the store could not be read.
    missed: Mutex<Vec<Seq>>,
    /// Who takes rows in; they come in their order.
    taking: Mutex<()>,
    /// Whose session it is: a bare address.
    me: Option<String>,
    keeper: Keeper,
    /// Rows before this one were here when the session began: what is kept of them is loaded.
    began: Seq,
    orders: order::Orders,
    /// The session is over: looks for it end.
    left: Stop,
}

impl Finder {
    /// For a session of this account, over a store that holds so many rows by now.
    #[must_use]
    pub fn new(me: Option<BareJid>, began: Seq) -> Self {
        Self { me: me.map(|me| me.to_string()), began, ..Self::default() }
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

    /// The columns as they are.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.index().snapshot()
    }

    /// Questions go to this store, where it answers any; words and observables are then not kept here.
    #[must_use]
    pub fn asking(self, store: Arc<dyn Store>) -> Self {
        let is_near = store.local().is_none_or(|local| local.is_near());
        let own = Self { keeper: Keeper(Some(store)), ..self };
        if is_near {
            // One that fails is told of by [`Finder::work`].
            let _ = own.load();
            // Whoever begins reads it at once.
            let _ = own.tell();
        }
        own
    }

    /// The store it asks, for tasks that read rows; `None` where it was given none.
    #[must_use]
    pub fn store(&self) -> Option<Arc<dyn Store>> {
        self.keeper.0.clone()
    }

    /// What stops looks that are only for the session, once it is over: they hold the store.
    #[must_use]
    pub fn until_left(&self) -> Stop {
        self.left.clone()
    }

    /// The session is over. What was done in it is written all the same.
    pub fn leave(&self) {
        self.left.stop();
    }

    fn keeper(&self) -> Option<&dyn Lookup> {
        self.keeper.0.as_ref()?.lookup()
    }

    /// Topics that there are, stored rows or none: whether one name is the name of several is told by all of them.
    pub fn know<'a>(&self, topics: impl IntoIterator<Item = &'a TopicId>) {
        let index = self.index();
        topics.into_iter().for_each(|topic| index.know(topic));
    }

    /// By which name a topic is meant and no other, by a filter and by a person: its node's, with the broker's where several
    /// have a node of that name. Remote text.
    #[must_use]
    pub fn topic_name(&self, topic: &TopicId) -> String {
        self.index().topic_name(topic)
    }

    /// Who published on a topic, by its broker's word, as far as rows of it are here.
    #[must_use]
    pub fn publishers(&self, topic: &TopicId) -> Vec<BareJid> {
        self.snapshot().publishers(topic)
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

    /// Takes in what the store has and the index has not, and looks again at rows that changed. Gives all of them. What is
    /// ours of rows that were here before is left to [`Finder::look_on`]. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// When it was stopped, or the store or the marks could not be read; what was taken in by then stays.
    pub fn take(&self, store: &dyn Store, changed: &[Seq], now: DateTime<Utc>, stop: &Stop) -> Result<Bitmap, Failure> {
        // Rows come into the columns with their marks: a filter that asks for one is exact at any time. Where those cannot
        // be read, the rows are here all the same, and that is said.
        let loaded = self.load();
        let _turn = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let lens = self.lens();
        let mut all = Bitmap::default();
        let missed = {
            let mut missed = self.missed();
            missed.extend_from_slice(changed);
            missed.clone()
        };
        // What comes meanwhile is taken in the next time: who waits for these sees them first.
        let end = store.len();
        let mut unread = Ok(());
        loop {
            stop.check()?;
            let from = self.len();
            let to = end.min(from.saturating_add(PAGE));
            if from >= to {
                break;
            }
            if let Some(stretch) = self.kept_from(store, from)? {
                self.extend(store, from, &stretch)?;
                all.fill(from, from.saturating_add(STRETCH));
                continue;
            }
            // A piece ends where the next stretch may begin.
            let to = to.min((from + 1).next_multiple_of(STRETCH));
            // What cannot be read just now is not passed over: the next time begins with it.
            let seqs: Vec<Seq> = (from..to).collect();
            let rows = store.look(&seqs)?;
            // Rows whose marks cannot be read are here all the same, as news.
            let history = self.history(store, &rows).unwrap_or_else(|failure| {
                unread = Err(failure);
                Bitmap::default()
            });
            let mut rows = rows.iter().peekable();
            for seq in seqs {
                // The numbers of rows are dense; one that is not there keeps its place.
                let row = rows.next_if(|row| row.seq == seq);
                self.add(store, row.map(|row| &**row), &lens, history.contains(seq))?;
                all.insert(seq);
            }
        }
        let mut gone = Bitmap::default();
        for row in store.look(&missed)? {
            self.change(store, &row)?;
            all.insert(row.seq);
            if row.summary.kind == Kind::Gone {
                gone.insert(row.seq);
            }
        }
        self.forget(&gone);
        self.missed().clear();
        self.mute(&all, now, stop)?;
        loaded?;
        unread?;
        Ok(all)
    }

    /// Whether this account published it.
    fn is_mine(&self, publisher: Option<&str>) -> bool {
        self.me.as_deref().is_some_and(|me| publisher.unwrap_or_default().split('/').next() == Some(me))
    }

    /// Which of these rows are no news: as the store keeps it; where none does, what was here before the session.
    fn history(&self, store: &dyn Store, rows: &[Arc<Row>]) -> Result<Bitmap, Failure> {
        let keeps = self.keeper.0.as_ref().is_some_and(|store| store.local().is_some());
        let before = rows.iter().filter(|row| row.seq < self.began && !keeps).map(|row| row.seq);
        let mut history: Bitmap = before.collect();
        // Nothing but what was fetched is born read.
        let fetched = rows.iter().filter(|row| row.seq >= self.began && row.route == Route::Fetched);
        let fetched: Bitmap = fetched.map(|row| row.seq).collect();
        if let Some(local) = store.local().filter(|_| !fetched.is_empty()) {
            history.join(&local.marked(&fetched, &Mark::Read)?);
        }
        Ok(history)
    }

    fn add(&self, store: &dyn Store, row: Option<&Row>, lens: &Lens, history: bool) -> Result<(), Failure> {
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
        let news = row.seq >= self.began;
        let ours = news && !lens.is_empty() && !lens.incident(&index::said::words(summary), named).is_empty();
        let newer = if row.standing == Standing::Overwritten { store.find(&row.key)? } else { None };
        let (mine, told) = (self.is_mine(row.publisher.as_deref()), Told::of(row));
        // The marks are held until the row is in: an act comes before both or after both.
        let mut marks = self.marks_mut();
        if history || row.summary.kind == Kind::Gone {
            marks.plain.is_history(row.seq);
        }
        if ours {
            marks.ours.insert(row.seq);
        }
        let updated = newer.filter(|newer| *newer != row.seq && marks.overtake(row.seq, *newer));
        let (news, superseded) = told.map(|told| marks.tell(told, row.seq)).unwrap_or_default();
        let flags = marks.flags(row.seq).with(Flags::MINE.when(mine));
        let mut index = self.index_mut();
        let _ = index.push(&Entry::of(row, flags));
        // They may stand before this one: an older version that came late.
        index.set(updated.into_iter().chain(news), Flags::UPDATED, true);
        index.set(superseded, Flags::SUPERSEDED, true);
        Ok(())
    }

    /// A row's standing changed; where another document took its place, that one tells of something read.
    fn change(&self, store: &dyn Store, row: &Row) -> Result<(), Failure> {
        let overwritten = row.standing == Standing::Overwritten;
        let newer = if overwritten { store.find(&row.key)? } else { None };
        self.orders.changed(row.seq);
        let mut marks = self.marks_mut();
        let updated = newer.filter(|newer| *newer != row.seq && marks.overtake(row.seq, *newer));
        if row.summary.kind == Kind::Gone {
            marks.plain.is_history(row.seq);
        }
        let mut index = self.index_mut();
        let kept = {
            let snapshot = index.snapshot();
            let kept = |flag: Flags| flag.when(snapshot.has(row.seq, flag));
            kept(Flags::MINE).with(kept(Flags::MUTED))
        };
        let flags = marks.flags(row.seq).with(kept);
        index.replace(row.seq, &Entry::of(row, flags));
        if let Some(newer) = updated {
            index.set([newer], Flags::UPDATED, true);
        }
        Ok(())
    }

    fn missed(&self) -> MutexGuard<'_, Vec<Seq>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.end(now);
        let _turn = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        self.mute(&Bitmap::all(self.len()), now, stop)
    }

    /// Whether the time of a snooze or of a rule is over.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.marks().is_due(now)
    }

    /// Rows of which it is known whether they are read.
    fn known(&self) -> u32 {
        let loaded = self.keeper.0.is_some() && self.is_loaded();
        if loaded { self.len().max(self.began) } else { self.len() }
    }

    /// Whether all of `rows` have the mark.
    #[must_use]
    pub fn all(&self, rows: &Bitmap, mark: &Mark) -> bool {
        self.marks().all(rows, mark)
    }

    /// Whether none of `rows` is read.
    #[must_use]
    pub fn none_read(&self, rows: &Bitmap) -> bool {
        let mut read = rows.clone();
        read.meet(self.marks().plain.read());
        read.is_empty()
    }

    /// What is kept locally of a row.
    #[must_use]
    pub fn local(&self, seq: Seq) -> Local {
        self.marks().local(seq, self.known())
    }

    /// How many rows are not read.
    #[must_use]
    pub fn unread(&self) -> u32 {
        self.unread_rows().count()
    }

    /// The rows that are not read.
    #[must_use]
    pub fn unread_rows(&self) -> Bitmap {
        let mut rows = Bitmap::all(self.known());
        rows.subtract(self.marks().plain.read());
        rows
    }

    #[must_use]
    pub fn is_unread(&self, seq: Seq) -> bool {
        seq < self.known() && !self.marks().plain.is_read(seq)
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

    /// Rows of which a person made something in this session.
    #[must_use]
    pub fn by_hand(&self) -> Bitmap {
        self.marks().plain.by_hand()
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
        let lens = self.in_force(lens);
        Ok(self.look_through(&lens, stop, told)?.unwrap_or_else(|| self.marks().ours.count()))
    }

    /// Whether rows that were here when the session began are in the list and were not looked through for what is ours.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let lens = self.lens();
        !lens.is_empty() && self.looked_until(&lens) < self.len().min(self.began)
    }

    /// Up to which row this constituency was looked for.
    fn looked_until(&self, lens: &Arc<Lens>) -> Seq {
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.as_ref().filter(|(of, _)| Arc::ptr_eq(of, lens)).map_or(0, |(_, until)| *until)
    }

    /// Looks for what is ours among rows that were here before and came into the list since that was done last. Blocks.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered; [`Finder::is_behind`] says so still.
    pub fn look_on(&self, stop: &Stop) -> Result<(), Failure> {
        while self.is_behind() {
            stop.check()?;
            let _ = self.look_through(&self.lens(), stop, &mut |_, _| {})?;
        }
        Ok(())
    }

    /// How many rows are in the list and how many are stored, where those are not all.
    #[must_use]
    pub fn short(&self) -> Option<(u32, u32)> {
        let (here, stored) = (self.len(), self.reach());
        (here < stored).then_some((here, stored))
    }

    fn in_force(&self, lens: Lens) -> Arc<Lens> {
        let lens = Arc::new(lens);
        *self.lens.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&lens);
        lens
    }

    /// Rows are taken in meanwhile, and held against the list in force one by one. `None` where that is another by now.
    fn look_through(
        &self,
        lens: &Arc<Lens>,
        stop: &Stop,
        told: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<u32>, Failure> {
        // Who takes rows in now may have begun under the list before: they are looked through here.
        let on = {
            let _turn = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
            self.snapshot()
        };
        let ours = lens.history(&on, self, stop, told)?;
        let _turn = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(lens, &self.lens()) {
            return Ok(None);
        }
        let all = Bitmap::all(on.len());
        let mut others = all.clone();
        others.subtract(&ours);
        let mut marks = self.marks_mut();
        marks.ours.subtract(&all);
        marks.ours.join(&ours);
        {
            let mut index = self.index_mut();
            index.set(ours.iter(), Flags::OURS, true);
            index.set(others.iter(), Flags::OURS, false);
        }
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(lens), on.len()));
        Ok(Some(marks.ours.count()))
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

#[cfg(test)]
mod tests;
