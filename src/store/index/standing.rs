//! Standing filters: what a saved view holds, kept true row by row as incidents arrive and change, with its unread count.

use super::Bitmap;
use super::columns::Snapshot;
use super::evaluate::evaluate;
use super::lookup::{Failure, Lookup, Stop};
use super::marks::Flags;
use super::plan::Plan;
use crate::store::Seq;

/// A filter and the rows it holds.
#[derive(Clone, Debug)]
pub struct Standing {
    plan: Plan,
    rows: Bitmap,
    unread: Bitmap,
}

/// What an update did to a standing filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows it holds now and did not before, ascending.
    pub came: Vec<Seq>,
    pub went: Vec<Seq>,
}

impl Standing {
    /// Evaluates the filter once over everything. A filter whose text moves with the clock
    /// ([`crate::store::query::Query::moves`]) is made anew now and then.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn new(plan: Plan, on: &Snapshot, lookup: &dyn Lookup, stop: &Stop) -> Result<Self, Failure> {
        let rows = evaluate(&plan, on, lookup, None, stop)?;
        let unread = unread(&rows, on, stop, lookup)?;
        Ok(Self { plan, rows, unread })
    }

    /// Looks again at rows that were stored or changed, and at no others.
    ///
    /// # Errors
    /// As [`Standing::new`]; it then stands as it did.
    pub fn update(
        &mut self,
        changed: &Bitmap,
        on: &Snapshot,
        lookup: &dyn Lookup,
        stop: &Stop,
    ) -> Result<Changes, Failure> {
        let now = evaluate(&self.plan, on, lookup, Some(changed), stop)?;
        let unread = unread(&now, on, stop, lookup)?;
        let mut before = self.rows.clone();
        before.meet(changed);
        let less = |one: &Bitmap, other: &Bitmap| {
            let mut left = one.clone();
            left.subtract(other);
            left.iter().collect()
        };
        let changes = Changes { came: less(&now, &before), went: less(&before, &now) };
        self.rows.subtract(changed);
        self.rows.join(&now);
        self.unread.subtract(changed);
        self.unread.join(&unread);
        Ok(changes)
    }

    #[must_use]
    pub fn rows(&self) -> &Bitmap {
        &self.rows
    }

    #[must_use]
    pub fn count(&self) -> u32 {
        self.rows.count()
    }

    #[must_use]
    pub fn unread(&self) -> u32 {
        self.unread.count()
    }

    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

fn unread(rows: &Bitmap, on: &Snapshot, stop: &Stop, lookup: &dyn Lookup) -> Result<Bitmap, Failure> {
    evaluate(&Plan::Test(super::plan::Test::Flags(Flags::UNREAD)), on, lookup, Some(rows), stop)
}
