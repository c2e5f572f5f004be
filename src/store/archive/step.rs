//! A change of so many rows that one transaction of it would keep what arrives from being stored for seconds. What is to be
//! done is written down first, all of it, and counts as done from then on; then it is done a piece at a time, with room for
//! others between. To do a piece again changes nothing: a crash leaves only that the rest is done when somebody asks.
//!
//! May use rusqlite, the acts and the archive's own pieces.

use rusqlite::{Connection, OptionalExtension};

use super::code::{Reader, Writer};
use super::fault::Fault;
use super::moment;
use crate::store::Seq;
use crate::store::acts::{Change, Mark, Slot, size};
use crate::store::index::Bitmap;

/// Rows from which on a change is made in pieces.
const LARGE: u32 = 16_384;
const VERSION: u8 = 1;
/// What it is kept as, beside views and rules. A backup of just then has it too.
pub const KIND: &str = "step";

/// The changes of rows, where they are so many, and the others: those are made with writing it down.
pub fn split(changes: &[Change]) -> Option<(Vec<Change>, Vec<Change>)> {
    let is_of_rows = |change: &Change| matches!(change, Change::Mark { .. } | Change::Slot { .. });
    (size(changes) > LARGE).then(|| changes.iter().cloned().partition(is_of_rows))
}

/// The pieces of changes, in their order.
pub fn pieces(changes: &[Change]) -> impl Iterator<Item = Change> + '_ {
    changes.iter().flat_map(|change| {
        let (Change::Mark { rows, .. } | Change::Slot { rows, .. }) = change else { return vec![change.clone()] };
        rows.pieces()
            .map(|rows| match change {
                Change::Mark { mark, on, .. } => Change::Mark { rows, mark: mark.clone(), on: *on },
                Change::Slot { to, .. } => Change::Slot { rows, to: to.clone() },
                other => other.clone(),
            })
            .collect()
    })
}

pub fn keep(on: &Connection, changes: &[Change]) -> Result<(), Fault> {
    let put = "INSERT OR REPLACE INTO kept (kind, name, body) VALUES (?, '', ?)";
    let _ = on.execute(put, (KIND, write(changes)))?;
    Ok(())
}

/// What is written down and not all done.
pub fn kept(on: &Connection) -> Result<Option<Vec<Change>>, Fault> {
    let mut find = on.prepare("SELECT body FROM kept WHERE kind = ? AND name = ''")?;
    let kept: Option<Vec<u8>> = find.query_row([KIND], |row| row.get(0)).optional()?;
    let damaged = || Fault::Damaged("what was to be done to many rows".to_owned());
    kept.map(|bytes| read(&bytes).ok_or_else(damaged)).transpose()
}

/// It is done.
pub fn done(on: &Connection) -> Result<(), Fault> {
    let _ = on.execute("DELETE FROM kept WHERE kind = ?", [KIND])?;
    Ok(())
}

fn write(changes: &[Change]) -> Vec<u8> {
    let mut w = Writer::default();
    w.byte(VERSION);
    w.list(changes.iter(), |w, change| match change {
        Change::Mark { rows, mark, on } => {
            match mark {
                Mark::Read => w.byte(0),
                Mark::Starred => w.byte(1),
                Mark::Tag(tag) => {
                    w.byte(2);
                    w.text(tag);
                }
            }
            w.byte(u8::from(*on));
            of(w, rows);
        }
        Change::Slot { rows, to } => {
            match to {
                Slot::Disposition(words) => {
                    w.byte(3);
                    w.maybe(words.as_deref(), Writer::text);
                }
                Slot::Snoozed(until) => {
                    w.byte(4);
                    w.maybe(until.map(moment::write), Writer::signed);
                }
            }
            of(w, rows);
        }
        Change::Note { .. } | Change::Mute { .. } => w.byte(u8::MAX),
    });
    w.0
}

/// Runs of neighbours: how far it is from the last to the first, and how many follow.
fn of(w: &mut Writer, rows: &Bitmap) {
    let runs = super::desk::runs(rows);
    let mut before = 0;
    w.list(runs.iter(), |w, (first, last)| {
        w.number(u64::from(first - before));
        w.number(u64::from(last - first));
        before = *last;
    });
}

/// What [`keep`] wrote.
pub fn read(bytes: &[u8]) -> Option<Vec<Change>> {
    let mut r = Reader(bytes);
    if r.byte()? != VERSION {
        return None;
    }
    r.list(|r| {
        Some(match r.byte()? {
            kind @ 0..=2 => {
                let mark = match kind {
                    0 => Mark::Read,
                    1 => Mark::Starred,
                    _ => Mark::Tag(r.text()?),
                };
                let on = r.byte()? != 0;
                Change::Mark { rows: read_rows(r)?, mark, on }
            }
            3 => {
                let to = Slot::Disposition(r.maybe(Reader::text)?);
                Change::Slot { rows: read_rows(r)?, to }
            }
            4 => {
                let to = Slot::Snoozed(r.maybe(Reader::signed)?.map(moment::read));
                Change::Slot { rows: read_rows(r)?, to }
            }
            _ => return None,
        })
    })
}

fn read_rows(r: &mut Reader<'_>) -> Option<Bitmap> {
    let (mut rows, mut before) = (Bitmap::default(), 0_u32);
    for _ in 0..r.number()? {
        let first = before.checked_add(Seq::try_from(r.number()?).ok()?)?;
        let last = first.checked_add(Seq::try_from(r.number()?).ok()?)?;
        (first..=last).for_each(|row| rows.insert(row));
        before = last;
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use chrono::DateTime;

    use super::*;
    use crate::store::acts::Note;
    use crate::store::archive::{Archive, Key};
    use crate::store::{Local, Store};

    const ROWS: u32 = 60_000;

    fn key() -> Key {
        Key::new([7; 32])
    }

    /// An archive of so many rows, without what is in them.
    fn filled(path: &std::path::Path) -> Archive {
        let archive = Archive::make(path, &key()).unwrap();
        let text = format!(
            "INSERT INTO topics (id, broker, node) VALUES (1, 'b.example', 'n');
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS} - 1)
             INSERT INTO items (seq, topic, item, version, key, newest, digest, route, received, at, standing, severity, tlp,
               strictest) SELECT i, 1, i, 1, i, 1, 0, 0, 0, 0, 0, 0, 0, 0 FROM n;"
        );
        archive.writer().unwrap().connection.execute_batch(&text).unwrap();
        archive.close().unwrap();
        Archive::open(path, &key(), None).unwrap()
    }

    fn odd() -> Bitmap {
        (1..ROWS).step_by(2).collect()
    }

    fn all(of: &Archive, mark: &Mark) -> u32 {
        of.marked(&Bitmap::all(ROWS), mark).unwrap().count()
    }

    fn changes() -> Vec<Change> {
        let until = Some(DateTime::from_timestamp(1_795_276_800, 7).unwrap());
        vec![
            Change::Mark { rows: odd(), mark: Mark::Tag("x".to_owned()), on: true },
            Change::Mark { rows: Bitmap::all(ROWS), mark: Mark::Read, on: true },
            Change::Mark { rows: [5].into_iter().collect(), mark: Mark::Read, on: false },
            Change::Slot { rows: odd(), to: Slot::Snoozed(until) },
            Change::Slot { rows: Bitmap::default(), to: Slot::Disposition(Some("done".to_owned())) },
            Change::Slot { rows: [7].into_iter().collect(), to: Slot::Disposition(None) },
        ]
    }

    #[test]
    fn what_is_written_down_is_read_as_it_was_and_no_part_of_it_as_something() {
        let bytes = write(&changes());
        assert_eq!(read(&bytes), Some(changes()));
        assert!((0..bytes.len()).step_by(997).all(|cut| read(&bytes[..cut]).is_none()));
    }

    #[test]
    fn a_change_of_many_rows_is_whole_in_its_order_and_lets_others_in_between() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let archive = filled(&path);
        let over = AtomicBool::new(false);
        let between = std::thread::scope(|scope| {
            let others = scope.spawn(|| {
                let mut between = 0;
                while !over.load(Ordering::Relaxed) {
                    let _ = archive.retract(&[], DateTime::UNIX_EPOCH).unwrap();
                    between += 1;
                    std::thread::yield_now();
                }
                between
            });
            let note = Note { id: 3, row: 9, written: DateTime::UNIX_EPOCH, text: "n".to_owned() };
            let mut changes = changes();
            changes.push(Change::Note { note, on: true });
            archive.change(&changes).unwrap();
            over.store(true, Ordering::Relaxed);
            others.join().unwrap()
        });
        assert!(between > 5, "{between}");
        assert_eq!((all(&archive, &Mark::Read), all(&archive, &Mark::Tag("x".to_owned()))), (ROWS - 1, ROWS / 2));
        assert_eq!(archive.notes(&Bitmap::all(ROWS)).unwrap().len(), 1);
        assert_eq!(kept(&archive.writer().unwrap().connection), Ok(None), "nothing is left to be done");
    }

    #[test]
    fn a_crash_between_two_pieces_leaves_the_act_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let archive = filled(&path);
        {
            let mut writer = archive.writer().unwrap();
            let transaction = writer.connection.transaction().unwrap();
            keep(&transaction, &changes()).unwrap();
            for piece in pieces(&changes()).take(3) {
                super::super::desk::change(&transaction, &piece).unwrap();
            }
            transaction.commit().unwrap();
        }
        drop(archive);
        let archive = Archive::open(&path, &key(), None).unwrap();
        assert_eq!((all(&archive, &Mark::Tag("x".to_owned())), all(&archive, &Mark::Read)), (ROWS / 2, ROWS - 1));
        assert_eq!(kept(&archive.writer().unwrap().connection), Ok(None));
        // What came after it is not undone by doing it.
        archive.change(&[Change::Mark { rows: [9].into_iter().collect(), mark: Mark::Read, on: false }]).unwrap();
        drop(archive);
        let archive = Archive::open(&path, &key(), None).unwrap();
        assert_eq!(all(&archive, &Mark::Read), ROWS - 2);
    }
}
