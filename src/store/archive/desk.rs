//! What a person made of the rows, in the archive: each call a transaction, on the disk when it returns.
//!
//! May use rusqlite, the acts and the contract in `store`.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::fault::Fault;
use super::{Archive, moment, step};
use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::index::Bitmap;
use crate::store::local::{Local, Shelf};
use crate::store::{Error, Seq};

/// Between two pieces of a change of many rows.
const BETWEEN: Duration = Duration::from_millis(2);
/// More runs than these are read as one range, and what is between them left out.
const RUNS: usize = 512;

/// The rows as runs of neighbours, from first to last.
pub fn runs(rows: &Bitmap) -> Vec<(Seq, Seq)> {
    let mut runs: Vec<(Seq, Seq)> = Vec::new();
    for row in rows.iter() {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(row) => *last = row,
            _ => runs.push((row, row)),
        }
    }
    runs
}

/// As [`runs`], for reading.
fn ranges(rows: &Bitmap) -> Vec<(Seq, Seq)> {
    let runs = runs(rows);
    match (runs.first(), runs.last()) {
        (Some((first, _)), Some((_, last))) if runs.len() > RUNS => vec![(*first, *last)],
        _ => runs,
    }
}

fn marked(connection: &Connection, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Fault> {
    let (text, tag) = match mark {
        Mark::Read => ("SELECT seq FROM triage WHERE read = 1 AND ?3 = '' AND seq BETWEEN ?1 AND ?2", ""),
        Mark::Starred => ("SELECT seq FROM triage WHERE star = 1 AND ?3 = '' AND seq BETWEEN ?1 AND ?2", ""),
        Mark::Tag(tag) => ("SELECT seq FROM tags WHERE tag = ?3 AND seq BETWEEN ?1 AND ?2", tag.as_str()),
    };
    let (mut find, mut found) = (connection.prepare(text)?, Bitmap::default());
    for (first, last) in ranges(rows) {
        let mut own = find.query(params![first, last, tag])?;
        while let Some(row) = own.next()? {
            found.insert(row.get(0)?);
        }
    }
    found.meet(rows);
    Ok(found)
}

fn slots(connection: &Connection, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Fault> {
    let column = column(kind);
    let text = format!("SELECT seq, {column} FROM triage WHERE {column} IS NOT NULL AND seq BETWEEN ? AND ?");
    let (mut find, mut rest) = (connection.prepare(&text)?, rows.clone());
    let mut groups = BTreeMap::<Slot, Bitmap>::new();
    for (first, last) in ranges(rows) {
        let mut own = find.query([first, last])?;
        while let Some(row) = own.next()? {
            let seq = row.get(0)?;
            if rows.contains(seq) {
                rest.remove(seq);
                groups.entry(slot(kind, row)?).or_default().insert(seq);
            }
        }
    }
    if !rest.is_empty() {
        let _ = groups.insert(kind.empty(), rest);
    }
    Ok(groups.into_iter().collect())
}

fn column(kind: &Slot) -> &'static str {
    match kind {
        Slot::Disposition(_) => "disposition",
        Slot::Snoozed(_) => "snoozed",
    }
}

fn slot(kind: &Slot, row: &Row<'_>) -> Result<Slot, Fault> {
    Ok(match kind {
        Slot::Disposition(_) => Slot::Disposition(row.get(1)?),
        Slot::Snoozed(_) => Slot::Snoozed(row.get::<_, Option<i64>>(1)?.map(moment::read)),
    })
}

fn tags(connection: &Connection) -> Result<Vec<(String, Bitmap)>, Fault> {
    let mut find = connection.prepare("SELECT tag, seq FROM tags ORDER BY tag, seq")?;
    let (mut own, mut all) = (find.query([])?, Vec::<(String, Bitmap)>::new());
    while let Some(row) = own.next()? {
        let tag = row.get_ref(0)?.as_str().map_err(|_| Fault::Damaged("a tag is no text".to_owned()))?;
        if all.last().is_none_or(|(last, _)| last != tag) {
            all.push((tag.to_owned(), Bitmap::default()));
        }
        if let Some((_, rows)) = all.last_mut() {
            rows.insert(row.get(1)?);
        }
    }
    Ok(all)
}

fn notes(connection: &Connection, rows: &Bitmap) -> Result<Vec<Note>, Fault> {
    let mut find = connection.prepare("SELECT id, seq, written, text FROM notes WHERE seq BETWEEN ? AND ?")?;
    let mut all = Vec::new();
    for (first, last) in ranges(rows) {
        let mut own = find.query([first, last])?;
        while let Some(row) = own.next()? {
            let id = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| Fault::Damaged("no note".to_owned()))?;
            all.push(Note { id, row: row.get(1)?, written: moment::read(row.get(2)?), text: row.get(3)? });
        }
    }
    all.retain(|note| rows.contains(note.row));
    all.sort_by_key(|note| note.id);
    Ok(all)
}

fn free_note(connection: &Connection) -> Result<u64, Fault> {
    let last: Option<i64> = connection.query_row("SELECT max(id) FROM notes", [], |row| row.get(0))?;
    u64::try_from(last.unwrap_or(0) + 1).map_err(|_| Fault::Damaged("no note".to_owned()))
}

fn kept(connection: &Connection, shelf: Shelf) -> Result<Vec<(String, String)>, Fault> {
    let mut find = connection.prepare("SELECT name, body FROM kept WHERE kind = ? ORDER BY name")?;
    let (mut own, mut all) = (find.query([shelf.word()])?, Vec::new());
    while let Some(row) = own.next()? {
        let text = String::from_utf8(row.get(1)?).map_err(|_| Fault::Damaged("what was kept is no text".to_owned()))?;
        all.push((row.get(0)?, text));
    }
    Ok(all)
}

/// Makes one change.
pub fn change(on: &Transaction<'_>, change: &Change) -> Result<(), Fault> {
    match change {
        Change::Mark { rows, mark, on: set } => set_mark(on, rows, mark, *set),
        Change::Slot { rows, to } => {
            let column = column(to);
            let mut put = on.prepare(&format!(
                "INSERT INTO triage (seq, {column}) SELECT seq, ?3 FROM items WHERE seq BETWEEN ?1 AND ?2 \
                 ON CONFLICT (seq) DO UPDATE SET {column} = excluded.{column}"
            ))?;
            runs(rows).into_iter().try_for_each(|(first, last)| {
                let _ = match to {
                    Slot::Disposition(words) => put.execute(params![first, last, words])?,
                    Slot::Snoozed(until) => put.execute(params![first, last, until.map(moment::write)])?,
                };
                Ok(())
            })
        }
        Change::Note { note, on: true } => {
            let id = i64::try_from(note.id).map_err(|_| Fault::Disk("no number of a note".to_owned()))?;
            let there = "SELECT 1 FROM items WHERE seq = ?";
            if on.prepare(there)?.query_row([note.row], |_| Ok(())).optional()?.is_some() {
                let insert = "INSERT INTO notes (id, seq, written, text) VALUES (?, ?, ?, ?)";
                let _ = on.execute(insert, params![id, note.row, moment::write(note.written), note.text])?;
            }
            Ok(())
        }
        Change::Note { note, on: false } => {
            // One whose number is too great was never written.
            let id = i64::try_from(note.id).unwrap_or(i64::MAX);
            let _ = on.execute("DELETE FROM notes WHERE id = ?", [id])?;
            Ok(())
        }
        Change::Mute { rule, on: true } => put(on, Shelf::Mutes, &[(rule.text(), String::new())]),
        Change::Mute { rule, on: false } => remove(on, Shelf::Mutes, &[rule.text()]),
    }
}

fn set_mark(on: &Transaction<'_>, rows: &Bitmap, mark: &Mark, set: bool) -> Result<(), Fault> {
    let text = match (mark, set) {
        (Mark::Read, true) => {
            "INSERT INTO triage (seq, read) SELECT seq, 1 FROM items WHERE ?3 = '' AND seq BETWEEN ?1 AND ?2 \
             ON CONFLICT (seq) DO UPDATE SET read = 1"
        }
        (Mark::Read, false) => "UPDATE triage SET read = 0 WHERE ?3 = '' AND seq BETWEEN ?1 AND ?2",
        (Mark::Starred, true) => {
            "INSERT INTO triage (seq, star) SELECT seq, 1 FROM items WHERE ?3 = '' AND seq BETWEEN ?1 AND ?2 \
             ON CONFLICT (seq) DO UPDATE SET star = 1"
        }
        (Mark::Starred, false) => "UPDATE triage SET star = 0 WHERE ?3 = '' AND seq BETWEEN ?1 AND ?2",
        (Mark::Tag(_), true) => {
            "INSERT INTO tags (seq, tag) SELECT seq, ?3 FROM items WHERE seq BETWEEN ?1 AND ?2 \
             ON CONFLICT (seq, tag) DO NOTHING"
        }
        (Mark::Tag(_), false) => "DELETE FROM tags WHERE tag = ?3 AND seq BETWEEN ?1 AND ?2",
    };
    let tag = match mark {
        Mark::Tag(tag) => tag.as_str(),
        Mark::Read | Mark::Starred => "",
    };
    let mut set = on.prepare(text)?;
    runs(rows).into_iter().try_for_each(|(first, last)| {
        let _ = set.execute(params![first, last, tag])?;
        Ok(())
    })
}

fn put(on: &Transaction<'_>, shelf: Shelf, texts: &[(String, String)]) -> Result<(), Fault> {
    let mut put = on.prepare("INSERT OR REPLACE INTO kept (kind, name, body) VALUES (?, ?, ?)")?;
    texts.iter().try_for_each(|(name, text)| {
        let _ = put.execute(params![shelf.word(), name, text.as_bytes()])?;
        Ok(())
    })
}

fn remove(on: &Transaction<'_>, shelf: Shelf, names: &[String]) -> Result<(), Fault> {
    let mut remove = on.prepare("DELETE FROM kept WHERE kind = ? AND name = ?")?;
    names.iter().try_for_each(|name| {
        let _ = remove.execute(params![shelf.word(), name])?;
        Ok(())
    })
}

impl Archive {
    /// Makes a change as one transaction.
    pub(super) fn transact(&self, change: impl FnOnce(&Transaction<'_>) -> Result<(), Fault>) -> Result<(), Error> {
        let mut writer = self.writer()?;
        let done = writer.connection.transaction().map_err(Fault::from).and_then(|transaction| {
            change(&transaction)?;
            Ok(transaction.commit()?)
        });
        Ok(self.doubt.hear(done)?)
    }

    /// Does what is left of a change of many rows; whoever changes or reads marks waits for it. `pending`: some may be.
    fn settle(&self, pending: &mut bool) -> Result<(), Error> {
        if !*pending {
            return Ok(());
        }
        let kept = self.doubt.hear(step::kept(&self.writer()?.connection))?;
        let Some(kept) = kept else {
            *pending = false;
            return Ok(());
        };
        for piece in step::pieces(&kept) {
            self.transact(|on| change(on, &piece))?;
            // The lock is nobody's in turn: who stores what arrives would not get it.
            std::thread::sleep(BETWEEN);
        }
        self.transact(|on| step::done(on))?;
        *pending = false;
        Ok(())
    }

    /// Nothing is left of a change of many rows while this is held.
    pub(super) fn settled(&self) -> Result<MutexGuard<'_, bool>, Error> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        self.settle(&mut pending)?;
        Ok(pending)
    }
}

impl Local for Archive {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        drop(self.settled()?);
        Ok(self.readers.through(|connection| marked(connection, rows, mark))?)
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        drop(self.settled()?);
        Ok(self.readers.through(|connection| slots(connection, rows, kind))?)
    }

    fn tags(&self) -> Result<Vec<(String, Bitmap)>, Error> {
        drop(self.settled()?);
        Ok(self.readers.through(tags)?)
    }

    fn notes(&self, rows: &Bitmap) -> Result<Vec<Note>, Error> {
        Ok(self.readers.through(|connection| notes(connection, rows))?)
    }

    fn free_note(&self) -> Result<u64, Error> {
        Ok(self.readers.with(free_note)?)
    }

    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Ok(match change {
            Change::Note { note, .. } => {
                let of = std::iter::once(note.row).collect();
                Local::notes(self, &of)?.contains(note)
            }
            Change::Mute { rule, .. } => {
                let text = rule.text();
                Local::kept(self, Shelf::Mutes)?.iter().any(|(own, _)| *own == text)
            }
            Change::Mark { .. } | Change::Slot { .. } => false,
        })
    }

    fn change(&self, changes: &[Change]) -> Result<(), Error> {
        let mut pending = self.settled()?;
        let Some((many, others)) = step::split(changes) else {
            return self.transact(|on| changes.iter().try_for_each(|each| change(on, each)));
        };
        self.transact(|on| {
            others.iter().try_for_each(|each| change(on, each))?;
            step::keep(on, &many)
        })?;
        // From here on it is done, now or when somebody asks.
        *pending = true;
        if let Err(error) = self.settle(&mut pending) {
            tracing::warn!(%error, "a change of many rows is not all done");
        }
        Ok(())
    }

    fn kept(&self, shelf: Shelf) -> Result<Vec<(String, String)>, Error> {
        Ok(self.readers.with(|connection| kept(connection, shelf))?)
    }

    fn keep(&self, shelf: Shelf, gone: &[String], texts: &[(String, String)]) -> Result<(), Error> {
        self.transact(|on| {
            remove(on, shelf, gone)?;
            put(on, shelf, texts)
        })
    }
}
