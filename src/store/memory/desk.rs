//! What a person made of what is in memory.
//!
//! May use the acts and the contract in `store`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Memory;
use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::index::Bitmap;
use crate::store::local::{Local, Shelf};
use crate::store::{Error, Seq, Store};

/// What a desk without a disk holds of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plain {
    read: Bitmap,
    starred: Bitmap,
    tags: BTreeMap<String, Bitmap>,
    dispositions: BTreeMap<Seq, String>,
    snoozed: BTreeMap<Seq, DateTime<Utc>>,
    notes: BTreeMap<u64, Note>,
    kept: BTreeMap<(Shelf, String), String>,
}

impl Plain {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Bitmap {
        let own = match mark {
            Mark::Read => Some(&self.read),
            Mark::Starred => Some(&self.starred),
            Mark::Tag(tag) => self.tags.get(tag),
        };
        let mut found = own.cloned().unwrap_or_default();
        found.meet(rows);
        found
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Vec<(Slot, Bitmap)> {
        let mut groups = BTreeMap::<Slot, Bitmap>::new();
        for row in rows.iter() {
            let own = match kind {
                Slot::Disposition(_) => Slot::Disposition(self.dispositions.get(&row).cloned()),
                Slot::Snoozed(_) => Slot::Snoozed(self.snoozed.get(&row).copied()),
            };
            groups.entry(own).or_default().insert(row);
        }
        groups.into_iter().collect()
    }

    fn tags(&self) -> Vec<(String, Bitmap)> {
        self.tags.iter().map(|(tag, rows)| (tag.clone(), rows.clone())).collect()
    }

    fn notes(&self, rows: &Bitmap) -> Vec<Note> {
        self.notes.values().filter(|note| rows.contains(note.row)).cloned().collect()
    }

    fn free_note(&self) -> u64 {
        self.notes.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// `all` are the rows that are there.
    fn change(&mut self, changes: &[Change], all: &Bitmap) -> Result<(), Error> {
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
                Change::Note { note, on: true } if all.contains(note.row) => {
                    let _ = self.notes.insert(note.id, note.clone());
                }
                Change::Note { on: true, .. } => {}
                Change::Note { note, on: false } => drop(self.notes.remove(&note.id)),
                Change::Mute { rule, on: true } => {
                    let _ = self.kept.insert((Shelf::Mutes, rule.text()), String::new());
                }
                Change::Mute { rule, on: false } => drop(self.kept.remove(&(Shelf::Mutes, rule.text()))),
            }
        }
        self.tags.retain(|_, rows| !rows.is_empty());
        Ok(())
    }

    fn put(&mut self, row: Seq, to: &Slot) {
        match to {
            Slot::Disposition(Some(words)) => drop(self.dispositions.insert(row, words.clone())),
            Slot::Disposition(None) => drop(self.dispositions.remove(&row)),
            Slot::Snoozed(Some(until)) => drop(self.snoozed.insert(row, *until)),
            Slot::Snoozed(None) => drop(self.snoozed.remove(&row)),
        }
    }

    fn kept(&self, shelf: Shelf) -> Vec<(String, String)> {
        let own = self.kept.iter().filter(|((on, _), _)| *on == shelf);
        own.map(|((_, name), text)| (name.clone(), text.clone())).collect()
    }

    fn keep(&mut self, shelf: Shelf, remove: &[String], put: &[(String, String)]) {
        for name in remove {
            drop(self.kept.remove(&(shelf, name.clone())));
        }
        for (name, text) in put {
            let _ = self.kept.insert((shelf, name.clone()), text.clone());
        }
    }
}

impl Local for Memory {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        Ok(self.desk()?.marked(rows, mark))
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        Ok(self.desk()?.slots(rows, kind))
    }

    fn tags(&self) -> Result<Vec<(String, Bitmap)>, Error> {
        Ok(self.desk()?.tags())
    }

    fn notes(&self, rows: &Bitmap) -> Result<Vec<Note>, Error> {
        Ok(self.desk()?.notes(rows))
    }

    fn free_note(&self) -> Result<u64, Error> {
        Ok(self.desk()?.free_note())
    }

    fn change(&self, changes: &[Change]) -> Result<(), Error> {
        let all = Bitmap::all(self.len());
        self.desk()?.change(changes, &all)
    }

    fn kept(&self, shelf: Shelf) -> Result<Vec<(String, String)>, Error> {
        Ok(self.desk()?.kept(shelf))
    }

    fn keep(&self, shelf: Shelf, remove: &[String], put: &[(String, String)]) -> Result<(), Error> {
        self.desk()?.keep(shelf, remove, put);
        Ok(())
    }
}
