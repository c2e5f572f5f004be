//! What a person made of the rows, held in memory: all there is of it beside a store in memory, and what a session draws and
//! filters by beside an archive.
//!
//! May use the acts and the index's sets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Local, Shelf};
use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::index::Bitmap;
use crate::store::index::pattern::Pattern;
use crate::store::{Error, Seq};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Plain {
    read: Bitmap,
    starred: Bitmap,
    tags: BTreeMap<String, Bitmap>,
    dispositions: BTreeMap<Seq, String>,
    snoozed: BTreeMap<Seq, DateTime<Utc>>,
    notes: BTreeMap<u64, Note>,
    /// The notes by their rows.
    noted: BTreeSet<(Seq, u64)>,
    kept: BTreeMap<(Shelf, String), String>,
}

impl Plain {
    /// All that a store keeps of its first `len` rows.
    pub fn load(of: &dyn Local, len: u32) -> Result<Self, Error> {
        let all = Bitmap::all(len);
        let mut plain = Self {
            read: of.marked(&all, &Mark::Read)?,
            starred: of.marked(&all, &Mark::Starred)?,
            tags: of.tags()?.into_iter().collect(),
            ..Self::default()
        };
        for kind in [Slot::Disposition(None), Slot::Snoozed(None)] {
            for (slot, rows) in of.slots(&all, &kind)? {
                match slot {
                    Slot::Disposition(None) | Slot::Snoozed(None) => {}
                    slot => rows.iter().for_each(|row| plain.put(row, &slot)),
                }
            }
        }
        of.notes(&all)?.into_iter().for_each(|note| plain.write(note));
        for shelf in [Shelf::Views, Shelf::Mutes, Shelf::Constituency] {
            plain.keep(shelf, &[], &of.kept(shelf)?);
        }
        Ok(plain)
    }

    pub fn is_read(&self, row: Seq) -> bool {
        self.read.contains(row)
    }

    /// The rows that are read.
    pub fn read(&self) -> &Bitmap {
        &self.read
    }

    /// The row is read without anybody's act: what a topic stored before is no news.
    pub fn is_history(&mut self, row: Seq) {
        self.read.insert(row);
    }

    /// Rows of which a person made something ([`super::by_hand`]).
    pub fn by_hand(&self) -> Bitmap {
        let mut rows = self.starred.clone();
        self.tags.values().for_each(|tagged| rows.join(tagged));
        let others = self.dispositions.keys().chain(self.snoozed.keys()).copied();
        others.chain(self.noted.iter().map(|(row, _)| *row)).for_each(|row| rows.insert(row));
        rows
    }

    pub fn is_starred(&self, row: Seq) -> bool {
        self.starred.contains(row)
    }

    pub fn disposition(&self, row: Seq) -> Option<&String> {
        self.dispositions.get(&row)
    }

    pub fn snoozed(&self, row: Seq) -> Option<DateTime<Utc>> {
        self.snoozed.get(&row).copied()
    }

    /// Rows out of sight, and until when.
    pub fn snoozes(&self) -> impl Iterator<Item = (Seq, DateTime<Utc>)> + '_ {
        self.snoozed.iter().map(|(row, until)| (*row, *until))
    }

    pub fn has_note(&self, row: Seq) -> bool {
        self.noted.range((row, 0)..=(row, u64::MAX)).next().is_some()
    }

    pub fn notes_on(&self, row: Seq) -> impl Iterator<Item = &Note> {
        self.noted.range((row, 0)..=(row, u64::MAX)).filter_map(|(_, id)| self.notes.get(id))
    }

    pub fn tags_of(&self, row: Seq) -> impl Iterator<Item = &String> {
        self.tags.iter().filter(move |(_, rows)| rows.contains(row)).map(|(tag, _)| tag)
    }

    pub fn tagged(&self, patterns: &[Pattern]) -> Bitmap {
        let fits = |tag: &str| patterns.iter().any(|pattern| pattern.matches(tag));
        let mut rows = Bitmap::default();
        self.tags.iter().filter(|(tag, _)| fits(tag)).for_each(|(_, own)| rows.join(own));
        rows
    }

    pub fn marked(&self, rows: &Bitmap, mark: &Mark) -> Bitmap {
        let own = match mark {
            Mark::Read => Some(&self.read),
            Mark::Starred => Some(&self.starred),
            Mark::Tag(tag) => self.tags.get(tag),
        };
        let mut found = own.cloned().unwrap_or_default();
        found.meet(rows);
        found
    }

    pub fn slots(&self, rows: &Bitmap, kind: &Slot) -> Vec<(Slot, Bitmap)> {
        let mut groups = BTreeMap::<Slot, Bitmap>::new();
        for row in rows.iter() {
            let own = match kind {
                Slot::Disposition(_) => Slot::Disposition(self.dispositions.get(&row).cloned()),
                Slot::Snoozed(_) => Slot::Snoozed(self.snoozed(row)),
            };
            groups.entry(own).or_default().insert(row);
        }
        groups.into_iter().collect()
    }

    /// As [`crate::store::acts::Desk::holds`].
    pub fn holds(&self, change: &Change) -> bool {
        match change {
            Change::Note { note, .. } => self.notes.get(&note.id) == Some(note),
            Change::Mute { rule, .. } => self.kept.contains_key(&(Shelf::Mutes, rule.text())),
            Change::Mark { .. } | Change::Slot { .. } => false,
        }
    }

    pub fn tags(&self) -> Vec<(String, Bitmap)> {
        self.tags.iter().map(|(tag, rows)| (tag.clone(), rows.clone())).collect()
    }

    pub fn notes(&self, rows: &Bitmap) -> Vec<Note> {
        self.notes.values().filter(|note| rows.contains(note.row)).cloned().collect()
    }

    pub fn free_note(&self) -> u64 {
        self.notes.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// `all` are the rows that are there.
    pub fn change(&mut self, changes: &[Change], all: &Bitmap) -> Result<(), Error> {
        let taken = |note: &Note| self.notes.contains_key(&note.id);
        if changes.iter().any(|change| matches!(change, Change::Note { note, on: true } if taken(note))) {
            return Err(Error::Disk { cause: "a note of this number is there".to_owned() });
        }
        for change in changes {
            match change {
                Change::Mark { rows, mark, on } => {
                    let own = match mark {
                        Mark::Read => &mut self.read,
                        Mark::Starred => &mut self.starred,
                        Mark::Tag(tag) => self.tags.entry(tag.clone()).or_default(),
                    };
                    let mut rows = rows.clone();
                    rows.meet(all);
                    if *on { own.join(&rows) } else { own.subtract(&rows) }
                }
                Change::Slot { rows, to } => {
                    rows.iter().filter(|row| all.contains(*row)).for_each(|row| self.put(row, to));
                }
                Change::Note { note, on: true } if all.contains(note.row) => self.write(note.clone()),
                Change::Note { on: true, .. } => {}
                Change::Note { note, on: false } => {
                    if let Some(gone) = self.notes.remove(&note.id) {
                        let _ = self.noted.remove(&(gone.row, gone.id));
                    }
                }
                Change::Mute { rule, on: true } => {
                    let _ = self.kept.insert((Shelf::Mutes, rule.text()), String::new());
                }
                Change::Mute { rule, on: false } => drop(self.kept.remove(&(Shelf::Mutes, rule.text()))),
            }
        }
        self.tags.retain(|_, rows| !rows.is_empty());
        Ok(())
    }

    fn write(&mut self, note: Note) {
        let _ = self.noted.insert((note.row, note.id));
        let _ = self.notes.insert(note.id, note);
    }

    fn put(&mut self, row: Seq, to: &Slot) {
        match to {
            Slot::Disposition(Some(words)) => drop(self.dispositions.insert(row, words.clone())),
            Slot::Disposition(None) => drop(self.dispositions.remove(&row)),
            Slot::Snoozed(Some(until)) => drop(self.snoozed.insert(row, *until)),
            Slot::Snoozed(None) => drop(self.snoozed.remove(&row)),
        }
    }

    pub fn kept(&self, shelf: Shelf) -> Vec<(String, String)> {
        let own = self.kept.iter().filter(|((on, _), _)| *on == shelf);
        own.map(|((_, name), text)| (name.clone(), text.clone())).collect()
    }

    pub fn keep(&mut self, shelf: Shelf, remove: &[String], put: &[(String, String)]) {
        for name in remove {
            drop(self.kept.remove(&(shelf, name.clone())));
        }
        for (name, text) in put {
            let _ = self.kept.insert((shelf, name.clone()), text.clone());
        }
    }
}
