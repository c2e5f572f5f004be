//! Finding: a filter and an order made into the rows of a list, and the counts beside it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Finder;
use crate::model::TopicId;
use crate::store::Seq;
use crate::store::index::order::By;
use crate::store::index::plan::Test;
use crate::store::index::{Bitmap, Failure, Flags, Plan, Sort, Stop, Words, evaluate, sorted_then};
use crate::store::query::{Context, Is, Query, Term, Value};

/// Most rows that are ordered by words of theirs: those have to be read for it.
pub const WORDED: u32 = 20_000;
/// Rows read at a time.
const PART: usize = 500;

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
    /// Each row's place in `rows`; [`Seq::MAX`] where it has none.
    places: Arc<[u32]>,
    pub hidden: Hidden,
}

impl Found {
    fn new(rows: Arc<[Seq]>, len: u32, hidden: Hidden) -> Self {
        let mut places = vec![Seq::MAX; len as usize];
        for (place, row) in (0_u32..).zip(rows.iter()) {
            if let Some(own) = places.get_mut(*row as usize) {
                *own = place;
            }
        }
        Self { rows, places: places.into(), hidden }
    }

    /// Without rows that were stored from this one on.
    #[must_use]
    pub fn before(self, row: Seq) -> Self {
        if self.rows.iter().all(|own| *own < row) {
            return self;
        }
        let kept: Arc<[Seq]> = self.rows.iter().copied().filter(|own| *own < row).collect();
        let len = u32::try_from(self.places.len()).unwrap_or(Seq::MAX);
        Self::new(kept, len, self.hidden)
    }

    /// Where a row stands.
    #[must_use]
    pub fn place(&self, row: Seq) -> Option<usize> {
        self.places.get(row as usize).filter(|place| **place != Seq::MAX).map(|place| *place as usize)
    }
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
        let plan = wanted.query.plan(&Context::at(now)).map_err(|_| Failure::Unanswerable)?;
        let on = self.snapshot();
        let mut rows = evaluate(&plan, &on, self, None, stop)?;
        let mut hidden = Hidden::default();
        let muted = (Flags::MUTED, Is::Muted, &mut hidden.muted);
        let mut hide = |(flag, state, count): (Flags, Is, &mut u32)| -> Result<(), Failure> {
            if !wanted.hidden && !names(&wanted.query, state) {
                let out = evaluate(&flags(flag), &on, self, Some(&rows), stop)?;
                *count = out.count();
                rows.subtract(&out);
            }
            Ok(())
        };
        hide(muted)?;
        hide((Flags::SNOOZED, Is::Snoozed, &mut hidden.snoozed))?;
        stop.check()?;
        wanted.keep.iter().for_each(|row| rows.insert(*row));
        let words = self.words(&rows, wanted, stop)?;
        Ok(Found::new(sorted_then(&rows, &on, wanted.sort, wanted.then, &words), on.len(), hidden))
    }

    /// What the rows are called, where an order asks for it: of the rows themselves, read a part at a time.
    fn words(&self, rows: &Bitmap, wanted: &Wanted, stop: &Stop) -> Result<Vec<Words>, Failure> {
        let orders = std::iter::once(wanted.sort).chain(wanted.then).map(|sort| sort.by);
        let orders: Vec<By> = orders.filter(|by| by.is_words()).collect();
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        if rows.count() > WORDED {
            return Err(Failure::TooMany { rows: rows.count(), most: WORDED });
        }
        let store = self.store().ok_or(Failure::Unanswerable)?;
        let rows: Vec<Seq> = rows.iter().collect();
        let mut named: Vec<(By, Vec<(String, Seq)>)> =
            orders.into_iter().map(|by| (by, Vec::with_capacity(rows.len()))).collect();
        for part in rows.chunks(PART) {
            stop.check()?;
            for row in store.look(part)? {
                for (by, named) in &mut named {
                    let words = match by {
                        By::Tags => self.local(row.seq).tags.join("\n"),
                        By::Id => format!("{}\n{}", row.summary.csirt, row.summary.id),
                        _ => row.summary.title.clone(),
                    };
                    named.push((words.trim_start().to_lowercase(), row.seq));
                }
            }
        }
        Ok(named.into_iter().map(|(by, named)| Words::new(by, named)).collect())
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
        let of_topics = topics.iter().map(|topic| (topic.clone(), 0)).collect();
        let mut tally = Tally { views: counted, topics: of_topics };
        for row in open.iter() {
            if let Some(line) = on.line(row)
                && let Some((_, count)) = tally.topics.iter_mut().find(|(topic, _)| *topic == *line.source.topic)
            {
                *count += 1;
            }
        }
        Ok(tally)
    }
}
