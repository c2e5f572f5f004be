//! Local acts and their undoing (`product.md` B6, tier 0): read, star, tag, note, disposition, snooze, mute; on one row or a
//! hundred thousand, without limit for a session.
//!
//! May use `model` and the index's sets. Nothing here touches the network, and nothing is written here either: a [`Desk`] does
//! that, the archive's or one in memory, one transaction an act. An act is narrowed to what it changes before it is done, so
//! its inverse restores exactly what was there.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::index::Bitmap;
use super::views::Mute;
use super::{Error, Seq};

/// A yes-or-no mark of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    Read,
    Starred,
    Tag(String),
}

/// A value of a row: at most one of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// What came of it, in the team's own words.
    Disposition(Option<String>),
    /// Out of sight until then.
    Snoozed(Option<DateTime<Utc>>),
}

impl Slot {
    /// Nothing in the slot of this kind.
    #[must_use]
    pub fn empty(&self) -> Self {
        match self {
            Self::Disposition(_) => Self::Disposition(None),
            Self::Snoozed(_) => Self::Snoozed(None),
        }
    }
}

/// A note on a row. Its number is the desk's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    pub id: u64,
    pub row: Seq,
    pub written: DateTime<Utc>,
    pub text: String,
}

/// One change of what is kept locally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Mark {
        rows: Bitmap,
        mark: Mark,
        on: bool,
    },
    Slot {
        rows: Bitmap,
        to: Slot,
    },
    /// Written, or taken away.
    Note {
        note: Note,
        on: bool,
    },
    /// A mute rule is in force, or not any more.
    Mute {
        rule: Mute,
        on: bool,
    },
}

/// Where local marks stand.
pub trait Desk {
    /// The rows of `rows` that carry the mark.
    ///
    /// # Errors
    /// When the store could not be read.
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error>;

    /// What each of `rows` has in the slot of this kind, rows of equal value together; the value in `kind` does not matter.
    ///
    /// # Errors
    /// When the store could not be read.
    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error>;

    /// Whether a note is written, or a rule in force, just as it says; the change's own word on it does not matter. A desk
    /// that cannot tell says that it is not as the change wants it.
    ///
    /// # Errors
    /// When the store could not be read.
    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Ok(matches!(change, Change::Note { on: false, .. } | Change::Mute { on: false, .. }))
    }

    /// Makes the changes, all or none.
    ///
    /// # Errors
    /// When nothing was changed.
    fn write(&mut self, changes: &[Change]) -> Result<(), Error>;
}

/// An act that was done: how to do it again and how to take it back.
#[derive(Debug)]
struct Done {
    forward: Vec<Change>,
    back: Vec<Change>,
}

/// What was done in this session, and what was undone of it.
#[derive(Clone, Debug, Default)]
pub struct Log {
    done: Vec<Arc<Done>>,
    undone: Vec<Arc<Done>>,
}

/// Which way an act went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Did,
    Undid,
    Redid,
}

/// One step of a log: an act done, taken back, or done again.
#[derive(Clone, Debug)]
pub struct Step {
    way: Way,
    of: Arc<Done>,
}

impl Step {
    /// What the step changed.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        if self.way == Way::Undid { &self.of.back } else { &self.of.forward }
    }

    /// What makes it as it was before.
    #[must_use]
    pub fn inverse(&self) -> &[Change] {
        if self.way == Way::Undid { &self.of.forward } else { &self.of.back }
    }

    #[must_use]
    pub fn way(&self) -> Way {
        self.way
    }
}

impl Log {
    /// Does the changes as one act and gives the rows that are not as they were. What changes nothing is no act.
    ///
    /// # Errors
    /// When nothing was done.
    pub fn act(&mut self, desk: &mut dyn Desk, changes: Vec<Change>) -> Result<Bitmap, Error> {
        let (mut forward, mut back) = (Vec::new(), Vec::new());
        for change in changes {
            narrow(desk, change, &mut forward, &mut back)?;
        }
        if forward.is_empty() {
            return Ok(Bitmap::default());
        }
        back.reverse();
        desk.write(&forward)?;
        self.undone.clear();
        let touched = rows(&forward);
        self.done.push(Arc::new(Done { forward, back }));
        Ok(touched)
    }

    /// Takes the last act back; `None` when there is none.
    ///
    /// # Errors
    /// When it could not be taken back; it can be tried again.
    pub fn undo(&mut self, desk: &mut dyn Desk) -> Result<Option<Bitmap>, Error> {
        let Some(last) = self.done.pop() else { return Ok(None) };
        if let Err(error) = desk.write(&last.back) {
            self.done.push(last);
            return Err(error);
        }
        let touched = rows(&last.back);
        self.undone.push(last);
        Ok(Some(touched))
    }

    /// Does again what was undone last; `None` when nothing was, or something else was done since.
    ///
    /// # Errors
    /// When it could not be done; it can be tried again.
    pub fn redo(&mut self, desk: &mut dyn Desk) -> Result<Option<Bitmap>, Error> {
        let Some(last) = self.undone.pop() else { return Ok(None) };
        if let Err(error) = desk.write(&last.forward) {
            self.undone.push(last);
            return Err(error);
        }
        let touched = rows(&last.forward);
        self.done.push(last);
        Ok(Some(touched))
    }

    /// The step that was made last, where it went this way.
    #[must_use]
    pub fn last(&self, way: Way) -> Option<Step> {
        let of = if way == Way::Undid { self.undone.last() } else { self.done.last() };
        of.map(|of| Step { way, of: Arc::clone(of) })
    }

    /// How many rows the next undoing (or, `false`, doing again) touches.
    #[must_use]
    pub fn ahead(&self, undo: bool) -> u32 {
        let next =
            if undo { self.done.last().map(|done| &done.back) } else { self.undone.last().map(|done| &done.forward) };
        next.map_or(0, |changes| size(changes))
    }

    /// A step did not last: the log is as if it had not been made. Its desk is put right with [`Step::inverse`]; later steps
    /// are withdrawn before it.
    pub fn withdraw(&mut self, step: &Step) {
        let (from, to) = match step.way {
            Way::Did | Way::Redid => (&mut self.done, &mut self.undone),
            Way::Undid => (&mut self.undone, &mut self.done),
        };
        from.retain(|of| !Arc::ptr_eq(of, &step.of));
        if step.way != Way::Did {
            to.push(Arc::clone(&step.of));
        }
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

/// The part of a change that changes something, and its inverse. Changes of one act are about different things.
fn narrow(desk: &dyn Desk, change: Change, forward: &mut Vec<Change>, back: &mut Vec<Change>) -> Result<(), Error> {
    match change {
        Change::Mark { rows, mark, on } => {
            let marked = desk.marked(&rows, &mark)?;
            let mut rows = rows;
            if on {
                rows.subtract(&marked);
            } else {
                rows.meet(&marked);
            }
            if !rows.is_empty() {
                back.push(Change::Mark { rows: rows.clone(), mark: mark.clone(), on: !on });
                forward.push(Change::Mark { rows, mark, on });
            }
        }
        Change::Slot { mut rows, to } => {
            for (before, of) in desk.slots(&rows, &to)? {
                if before == to {
                    rows.subtract(&of);
                } else {
                    back.push(Change::Slot { rows: of, to: before });
                }
            }
            if !rows.is_empty() {
                forward.push(Change::Slot { rows, to });
            }
        }
        Change::Note { ref note, on } => {
            if desk.holds(&change)? != on {
                back.push(Change::Note { note: note.clone(), on: !on });
                forward.push(change);
            }
        }
        Change::Mute { ref rule, on } => {
            if desk.holds(&change)? != on {
                back.push(Change::Mute { rule: rule.clone(), on: !on });
                forward.push(change);
            }
        }
    }
    Ok(())
}

/// Rows that changes name, those twice that are named twice.
#[must_use]
pub fn size(changes: &[Change]) -> u32 {
    let of = |change: &Change| match change {
        Change::Mark { rows, .. } | Change::Slot { rows, .. } => rows.count(),
        Change::Note { .. } | Change::Mute { .. } => 1,
    };
    changes.iter().map(of).fold(0, u32::saturating_add)
}

/// The rows that changes name; a rule names none.
pub(super) fn rows(changes: &[Change]) -> Bitmap {
    let mut all = Bitmap::default();
    for change in changes {
        match change {
            Change::Mark { rows, .. } | Change::Slot { rows, .. } => all.join(rows),
            Change::Note { note, .. } => all.insert(note.row),
            Change::Mute { .. } => {}
        }
    }
    all
}
