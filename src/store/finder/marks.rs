//! What a session knows of rows beyond what they say: read, starred, tagged, snoozed, ours. In memory; an archive's desk keeps
//! the same facts on disk.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::store::acts::{Change, Desk, Mark, Note, Slot};
use crate::store::index::pattern::Pattern;
use crate::store::index::{Bitmap, Flags};
use crate::store::views::Mute;
use crate::store::{Error, Route, Row, Seq};

/// What a row's line shows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    pub unread: bool,
    pub starred: bool,
    /// It took the place of something that was read, and was not read itself.
    pub updated: bool,
    pub ours: bool,
    pub muted: bool,
    pub tags: Vec<String>,
    pub disposition: Option<String>,
    pub snoozed: Option<DateTime<Utc>>,
    pub notes: Vec<Note>,
}

/// The facts, as sets of rows.
#[derive(Debug, Default)]
pub struct Marks {
    pub(super) read: Bitmap,
    pub(super) muted: Bitmap,
    pub(super) ours: Bitmap,
    starred: Bitmap,
    updated: Bitmap,
    tags: BTreeMap<String, Bitmap>,
    dispositions: BTreeMap<Seq, String>,
    snoozed: BTreeMap<Seq, DateTime<Utc>>,
    notes: BTreeMap<u64, Note>,
    mutes: Vec<Mute>,
}

impl Marks {
    /// A row came. What a topic had stored before we came is history, not news.
    pub(super) fn arrived(&mut self, row: &Row, was_here: bool, ours: bool) {
        if was_here || row.route == Route::Fetched {
            self.read.insert(row.seq);
        }
        if ours {
            self.ours.insert(row.seq);
        }
    }

    /// A newer row took the place of one that was read: whether that is news.
    pub(super) fn overtake(&mut self, old: Seq, new: Seq) -> bool {
        let news = self.read.contains(old) && !self.read.contains(new);
        if news {
            self.updated.insert(new);
        }
        news
    }

    pub(super) fn flags(&self, seq: Seq) -> Flags {
        let unread = !self.read.contains(seq);
        Flags::UNREAD
            .when(unread)
            .with(Flags::STARRED.when(self.starred.contains(seq)))
            .with(Flags::UPDATED.when(unread && self.updated.contains(seq)))
            .with(Flags::SNOOZED.when(self.snoozed.contains_key(&seq)))
            .with(Flags::OURS.when(self.ours.contains(seq)))
            .with(Flags::NOTE.when(self.notes.values().any(|note| note.row == seq)))
    }

    /// `known`: rows that were taken in; others are not called unread before it is known.
    pub(super) fn local(&self, seq: Seq, known: u32) -> Local {
        let unread = seq < known && !self.read.contains(seq);
        Local {
            unread,
            starred: self.starred.contains(seq),
            updated: unread && self.updated.contains(seq),
            ours: self.ours.contains(seq),
            muted: self.muted.contains(seq),
            tags: self.tags.iter().filter(|(_, rows)| rows.contains(seq)).map(|(tag, _)| tag.clone()).collect(),
            disposition: self.dispositions.get(&seq).cloned(),
            snoozed: self.snoozed.get(&seq).copied(),
            notes: self.notes.values().filter(|note| note.row == seq).cloned().collect(),
        }
    }

    pub(super) fn tagged(&self, patterns: &[Pattern]) -> Bitmap {
        let fits = |tag: &str| patterns.iter().any(|pattern| pattern.matches(tag));
        let mut rows = Bitmap::default();
        self.tags.iter().filter(|(tag, _)| fits(tag)).for_each(|(_, own)| rows.join(own));
        rows
    }

    pub(super) fn mutes(&self) -> &[Mute] {
        &self.mutes
    }

    pub(super) fn snoozes(&self) -> bool {
        !self.snoozed.is_empty()
    }

    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.mutes.iter().any(|rule| rule.is_over(now)) || self.snoozed.values().any(|until| *until <= now)
    }

    /// Ends what is over; gives the rows that wake.
    pub(super) fn wake(&mut self, now: DateTime<Utc>) -> Bitmap {
        self.mutes.retain(|rule| !rule.is_over(now));
        let woken = self.snoozed.iter().filter(|(_, until)| **until <= now).map(|(row, _)| *row).collect();
        self.snoozed.retain(|_, until| *until > now);
        woken
    }

    fn mark(&mut self, mark: &Mark) -> &mut Bitmap {
        match mark {
            Mark::Read => &mut self.read,
            Mark::Starred => &mut self.starred,
            Mark::Tag(tag) => self.tags.entry(tag.clone()).or_default(),
        }
    }

    fn slot(&self, row: Seq, kind: &Slot) -> Slot {
        match kind {
            Slot::Disposition(_) => Slot::Disposition(self.dispositions.get(&row).cloned()),
            Slot::Snoozed(_) => Slot::Snoozed(self.snoozed.get(&row).copied()),
        }
    }

    fn put(&mut self, rows: &Bitmap, to: &Slot) {
        for row in rows.iter() {
            match to {
                Slot::Disposition(Some(words)) => drop(self.dispositions.insert(row, words.clone())),
                Slot::Disposition(None) => drop(self.dispositions.remove(&row)),
                Slot::Snoozed(Some(until)) => drop(self.snoozed.insert(row, *until)),
                Slot::Snoozed(None) => drop(self.snoozed.remove(&row)),
            }
        }
    }
}

impl Desk for Marks {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        let mut marked = rows.clone();
        match mark {
            Mark::Read => marked.meet(&self.read),
            Mark::Starred => marked.meet(&self.starred),
            Mark::Tag(tag) => marked.meet(self.tags.get(tag).unwrap_or(&Bitmap::default())),
        }
        Ok(marked)
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        let mut groups: BTreeMap<Slot, Bitmap> = BTreeMap::new();
        for row in rows.iter() {
            groups.entry(self.slot(row, kind)).or_default().insert(row);
        }
        Ok(groups.into_iter().collect())
    }

    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Ok(match change {
            Change::Note { note, .. } => self.notes.get(&note.id) == Some(note),
            Change::Mute { rule, .. } => self.mutes.contains(rule),
            Change::Mark { .. } | Change::Slot { .. } => false,
        })
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), Error> {
        for change in changes {
            match change {
                Change::Mark { rows, mark, on: true } => self.mark(mark).join(rows),
                Change::Mark { rows, mark, on: false } => self.mark(mark).subtract(rows),
                Change::Slot { rows, to } => self.put(rows, to),
                Change::Note { note, on: true } => drop(self.notes.insert(note.id, note.clone())),
                Change::Note { note, on: false } => drop(self.notes.remove(&note.id)),
                Change::Mute { rule, on: true } => self.mutes.push(rule.clone()),
                Change::Mute { rule, on: false } => self.mutes.retain(|own| own != rule),
            }
        }
        self.tags.retain(|_, rows| !rows.is_empty());
        Ok(())
    }
}
