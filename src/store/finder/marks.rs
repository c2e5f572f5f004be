//! What a session knows of rows beyond what they say: what its person made of them, as the store keeps it too, and what
//! follows from rules that run here: muted, ours, updated.

use chrono::{DateTime, Utc};

use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::index::incident::{Incidents, Told};
use crate::store::index::pattern::Pattern;
use crate::store::index::{Bitmap, Flags};
use crate::store::local::{Plain, Shelf};
use crate::store::views::{Mute, View, Views};
use crate::store::{Error, Seq};

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

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub plain: Plain,
    pub muted: Bitmap,
    pub ours: Bitmap,
    updated: Bitmap,
    pub incidents: Incidents,
    /// A newer document of their incident is here.
    superseded: Bitmap,
    /// The rules of `plain`, read.
    mutes: Vec<Mute>,
}

impl Marks {
    /// What the store keeps takes the place of what was here.
    pub fn put(&mut self, mut plain: Plain) {
        // What was taken in meanwhile may be history already.
        self.plain.read().iter().for_each(|row| plain.is_history(row));
        self.plain = plain;
        self.read_mutes();
    }

    fn read_mutes(&mut self) {
        let texts = self.plain.kept(Shelf::Mutes);
        self.mutes = texts.iter().filter_map(|(text, _)| Mute::read(text).ok()).collect();
    }

    /// The saved views that can be read.
    pub fn views(&self) -> Views {
        let mut views = Views::default();
        for (_, text) in self.plain.kept(Shelf::Views) {
            let _ = View::read(&text).and_then(|view| views.add(view));
        }
        views
    }

    /// A newer row took the place of one that was read: whether that is news.
    pub fn overtake(&mut self, old: Seq, new: Seq) -> bool {
        let news = self.plain.is_read(old) && !self.plain.is_read(new);
        if news {
            self.updated.insert(new);
        }
        news
    }

    /// A row tells of an incident: which other rows are news by that, because an older document of theirs was read, and
    /// which are not the newest any more. What it is itself, its flags say from here on.
    pub fn tell(&mut self, told: Told, row: Seq) -> (Vec<Seq>, Option<Seq>) {
        let Some(joined) = self.incidents.add(told, row) else { return (Vec::new(), None) };
        let _ = joined.before.iter().any(|before| self.overtake(*before, row));
        let news = joined.after.iter().copied().filter(|after| self.overtake(row, *after)).collect();
        let superseded = if joined.after.is_empty() { joined.before.last().copied() } else { Some(row) };
        superseded.into_iter().for_each(|row| self.superseded.insert(row));
        (news, superseded)
    }

    /// These rows are the newest of their incident: what was newer was taken away.
    pub fn stand_again(&mut self, rows: &[Seq]) {
        rows.iter().for_each(|row| self.superseded.remove(*row));
    }

    pub fn flags(&self, seq: Seq) -> Flags {
        let unread = !self.plain.is_read(seq);
        Flags::UNREAD
            .when(unread)
            .with(Flags::STARRED.when(self.plain.is_starred(seq)))
            .with(Flags::UPDATED.when(unread && self.updated.contains(seq)))
            .with(Flags::SNOOZED.when(self.plain.snoozed(seq).is_some()))
            .with(Flags::OURS.when(self.ours.contains(seq)))
            .with(Flags::NOTE.when(self.plain.has_note(seq)))
            .with(Flags::SUPERSEDED.when(self.superseded.contains(seq)))
    }

    /// `known`: rows of which this much is known; others are not called unread before.
    pub fn local(&self, seq: Seq, known: u32) -> Local {
        let unread = seq < known && !self.plain.is_read(seq);
        Local {
            unread,
            starred: self.plain.is_starred(seq),
            updated: unread && self.updated.contains(seq),
            ours: self.ours.contains(seq),
            muted: self.muted.contains(seq),
            tags: self.plain.tags_of(seq).cloned().collect(),
            disposition: self.plain.disposition(seq).cloned(),
            snoozed: self.plain.snoozed(seq),
            notes: self.plain.notes_on(seq).cloned().collect(),
        }
    }

    pub fn tagged(&self, patterns: &[Pattern]) -> Bitmap {
        self.plain.tagged(patterns)
    }

    pub fn mutes(&self) -> &[Mute] {
        &self.mutes
    }

    pub fn snoozes(&self) -> bool {
        self.plain.snoozes().next().is_some()
    }

    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.mutes.iter().any(|rule| rule.is_over(now)) || self.plain.snoozes().any(|(_, until)| until <= now)
    }

    /// What has had its time: changes that end it.
    pub fn over(&self, now: DateTime<Utc>) -> Vec<Change> {
        let rules = self.mutes.iter().filter(|rule| rule.is_over(now));
        let mut over: Vec<Change> = rules.map(|rule| Change::Mute { rule: rule.clone(), on: false }).collect();
        let rows: Bitmap = self.plain.snoozes().filter(|(_, until)| *until <= now).map(|(row, _)| row).collect();
        if !rows.is_empty() {
            over.push(Change::Slot { rows, to: Slot::Snoozed(None) });
        }
        over
    }

    /// Makes changes; `all` are the rows that are there.
    pub fn change(&mut self, changes: &[Change], all: &Bitmap) -> Result<(), Error> {
        self.plain.change(changes, all)?;
        if changes.iter().any(|change| matches!(change, Change::Mute { .. })) {
            self.read_mutes();
        }
        Ok(())
    }

    /// Whether all of `rows` have the mark.
    pub fn all(&self, rows: &Bitmap, mark: &Mark) -> bool {
        self.plain.marked(rows, mark).count() == rows.count()
    }
}
