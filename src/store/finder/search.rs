//! Finding: a filter and an order made into the rows of a list, and the counts beside it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Finder;
use crate::model::TopicId;
use crate::store::Seq;
use crate::store::index::columns::CHUNK;
use crate::store::index::key::Span;
use crate::store::index::lookup::Facet;
use crate::store::index::plan::Test;
use crate::store::index::{
    Bitmap, Failure, Flags, Head, Lookup, Order, Plan, Question, Snapshot, Sort, Stop, Words, evaluate, head,
    sorted_then, through,
};
use crate::store::query::{Context, Is, Query, Term, Value};

/// Rows of a first page: more than the tallest window shows.
pub const PAGE: usize = 120;
/// Where one row in as many is found, or fewer, places are kept of those alone.
const THIN: usize = 16;

/// What a list should show.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub query: Query,
    pub sort: Sort,
    /// The order of rows that are equal in it.
    pub then: Option<Sort>,
    /// Muted and snoozed rows too.
    pub hidden: bool,
    /// This row too, match or not: somebody looks at it.
    pub keep: Option<Seq>,
}

/// Rows kept out of sight although the filter matches them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    pub muted: u32,
    pub snoozed: u32,
}

/// The rows of a list in their order.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub rows: Arc<[Seq]>,
    places: Places,
    pub hidden: Hidden,
    /// These are the first rows; the others, and how many are hidden, are not known yet.
    pub is_part: bool,
    /// What all rows are called stays known while this list stands.
    named: Arc<[Words]>,
}

/// Each row's place in a list.
#[derive(Clone, Debug)]
enum Places {
    /// By row; [`Seq::MAX`] where it has none.
    Each(Arc<[u32]>),
    /// The rows of a short list, in the order of their numbers.
    Few(Arc<[(Seq, u32)]>),
}

impl Default for Places {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

impl Places {
    fn of(rows: &[Seq]) -> Self {
        let len = rows.iter().max().map_or(0, |last| *last as usize + 1);
        if rows.len() * THIN < len {
            let mut few: Vec<(Seq, u32)> = rows.iter().copied().zip(0..).collect();
            few.sort_unstable();
            return Self::Few(few.into());
        }
        let mut places = vec![Seq::MAX; len];
        for (place, row) in (0_u32..).zip(rows) {
            if let Some(own) = places.get_mut(*row as usize) {
                *own = place;
            }
        }
        Self::Each(places.into())
    }

    fn get(&self, row: Seq) -> Option<usize> {
        let place = match self {
            Self::Each(places) => places.get(row as usize).filter(|place| **place != Seq::MAX),
            Self::Few(few) => few
                .get(few.partition_point(|(own, _)| *own < row))
                .filter(|(own, _)| *own == row)
                .map(|(_, place)| place),
        };
        place.map(|place| *place as usize)
    }
}

impl Found {
    fn new(rows: Arc<[Seq]>, hidden: Hidden) -> Self {
        Self { places: Places::of(&rows), rows, hidden, ..Self::default() }
    }

    fn named(self, words: Vec<Words>) -> Self {
        Self { named: words.into_iter().filter(Words::is_all).collect(), ..self }
    }

    /// Without rows that were stored from this one on.
    #[must_use]
    pub fn before(self, row: Seq) -> Self {
        if self.rows.iter().all(|own| *own < row) {
            return self;
        }
        let kept: Arc<[Seq]> = self.rows.iter().copied().filter(|own| *own < row).collect();
        Self { is_part: self.is_part, named: self.named, ..Self::new(kept, self.hidden) }
    }

    /// Where a row stands.
    #[must_use]
    pub fn place(&self, row: Seq) -> Option<usize> {
        self.places.get(row)
    }
}

/// A search at one moment: what is there, and what the filter means, then. Its first page and its whole answer agree.
#[derive(Clone)]
pub struct Look {
    wanted: Wanted,
    plan: Plan,
    /// Rows are out of sight by rule or for a time.
    hides: bool,
    on: Snapshot,
}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl Look {
    /// The states whose rows are out of sight, and where they are counted.
    fn hides(&self) -> impl Iterator<Item = (Flags, fn(&mut Hidden) -> &mut u32)> + '_ {
        let muted: fn(&mut Hidden) -> &mut u32 = |hidden| &mut hidden.muted;
        let snoozed: fn(&mut Hidden) -> &mut u32 = |hidden| &mut hidden.snoozed;
        let all = [(Flags::MUTED, Is::Muted, muted), (Flags::SNOOZED, Is::Snoozed, snoozed)];
        let shows = |state| !self.hides || names(&self.wanted.query, state);
        all.into_iter().filter(move |(_, state, _)| !shows(*state)).map(|(flag, _, count)| (flag, count))
    }

    /// The filter, and that what it finds is not out of sight.
    fn shown(&self) -> Plan {
        let hidden = self.hides().map(|(flag, _)| Plan::Not(Box::new(flags(flag))));
        Plan::All(std::iter::once(self.plan.clone()).chain(hidden).collect())
    }
}

/// What is looked at while a first page comes.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// These rows are in it, or in no answer.
    pub rows: Bitmap,
    /// It is as long as this, or all there is.
    pub end: usize,
}

/// Unread rows: of each filter and of each topic asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub views: Vec<u32>,
    pub topics: Vec<(TopicId, u32)>,
}

fn flags(flags: Flags) -> Plan {
    Plan::Test(Test::Flags(flags))
}

/// Whether the filter itself speaks of a state that otherwise hides rows.
fn names(query: &Query, state: Is) -> bool {
    query.terms().any(|term| matches!(term, Term::Field { values, .. } if values.contains(&Value::Is(state))))
}

impl Finder {
    /// Finds and orders. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn find(&self, wanted: &Wanted, now: DateTime<Utc>, stop: &Stop) -> Result<Found, Failure> {
        self.whole(&self.look(wanted.clone(), now)?, stop)
    }

    /// What a search is about, for [`Finder::page`] and [`Finder::whole`].
    ///
    /// # Errors
    /// When the filter cannot be asked.
    pub fn look(&self, wanted: Wanted, now: DateTime<Utc>) -> Result<Look, Failure> {
        let plan = wanted.query.plan(&Context::at(now)).map_err(|_| Failure::Unanswerable)?;
        Ok(Look { hides: !wanted.hidden && self.hides(), wanted, plan, on: self.snapshot() })
    }

    /// The first rows of a list before all are known, of those before `before`; nothing where what is watched would not be
    /// among them and comes later, or where it is no sooner. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn page(
        &self,
        look: &Look,
        before: Option<Seq>,
        watched: &Watched,
        stop: &Stop,
    ) -> Result<Option<Found>, Failure> {
        let Look { wanted, on, .. } = look;
        if wanted.keep.is_some() || on.len() as usize <= CHUNK {
            return Ok(None);
        }
        let Some(words) = self.known_words(on, wanted) else { return Ok(None) };
        let Some(order) = Order::new(on, wanted.sort, wanted.then, &words) else { return Ok(None) };
        let plan = look.shown();
        let Head { rows, whole } = head(&plan, &order, (on, before), self, PAGE, stop)?;
        if whole {
            // All there is; what is hidden beside it is still to be counted.
            return Ok((!look.hides).then(|| Found::new(rows.into(), Hidden::default()).named(words)));
        }
        let mut missing = watched.rows.clone();
        missing.subtract(&rows.iter().copied().collect());
        let comes = !missing.is_empty() && !evaluate(&plan, on, self, Some(&missing), stop)?.is_empty();
        let page = !comes && watched.end <= rows.len();
        Ok(page.then(|| Found { is_part: true, ..Found::new(rows.into(), Hidden::default()).named(words) }))
    }

    /// All rows of a list. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn whole(&self, look: &Look, stop: &Stop) -> Result<Found, Failure> {
        let Look { wanted, plan, on, .. } = look;
        let mut rows = evaluate(plan, on, self, None, stop)?;
        let mut hidden = Hidden::default();
        for (flag, count) in look.hides() {
            let out = evaluate(&flags(flag), on, self, Some(&rows), stop)?;
            *count(&mut hidden) = out.count();
            rows.subtract(&out);
        }
        stop.check()?;
        wanted.keep.iter().for_each(|row| rows.insert(*row));
        let words = self.words(&rows, on, wanted, stop)?;
        let rows = sorted_then(&rows, on, wanted.sort, wanted.then, &words);
        Ok(Found::new(rows, hidden).named(words))
    }

    /// Counts what is unread of views and topics. Blocks.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn tally(
        &self,
        views: &[Query],
        topics: &[TopicId],
        now: DateTime<Utc>,
        stop: &Stop,
    ) -> Result<Tally, Failure> {
        let on = self.snapshot();
        let unread = evaluate(&flags(Flags::UNREAD), &on, self, None, stop)?;
        let mut open = unread.clone();
        for flag in [Flags::MUTED, Flags::SNOOZED] {
            open.subtract(&evaluate(&flags(flag), &on, self, Some(&unread), stop)?);
        }
        let mut counted = Vec::with_capacity(views.len());
        for query in views {
            let says = names(query, Is::Muted) || names(query, Is::Snoozed);
            let among: &Bitmap = if says { &unread } else { &open };
            let plan = query.plan(&Context::at(now)).map_err(|_| Failure::Unanswerable)?;
            counted.push(evaluate(&plan, &on, self, Some(among), stop)?.count());
        }
        let topics = topics.iter().cloned().zip(on.count(&open, topics)).collect();
        Ok(Tally { views: counted, topics })
    }
}

impl Lookup for Finder {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        match question {
            Question::Text { facet: Facet::Tag, patterns } => Ok(self.marks().tagged(patterns)),
            Question::Xpath(expression) => {
                let Some(store) = &self.keeper.0 else { return Err(Failure::Unanswerable) };
                let all = Bitmap::all(store.len());
                through(expression, among.unwrap_or(&all).iter(), &|row| store.payload(row), stop)
            }
            question => self.keeper().unwrap_or(&self.words).answer(question, among, stop),
        }
    }

    fn rows(&self, spans: &[Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        self.keeper().unwrap_or(&self.words).rows(spans, stop)
    }

    fn each(&self, asked: &[&[Span]], stop: &Stop, told: &mut dyn FnMut(usize)) -> Result<Vec<Vec<Seq>>, Failure> {
        self.keeper().unwrap_or(&self.words).each(asked, stop, told)
    }
}
