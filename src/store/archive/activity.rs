//! The log of acts in the archive: entries as their bytes and hashes, the head in a table of its own. Appending is one
//! transaction of the one writer, on the disk when it returns; the tables refuse to be changed otherwise.
//!
//! May use rusqlite, the log's form and the contract in `store`.

use rusqlite::{Connection, OptionalExtension, params};

use super::Archive;
use super::fault::Fault;
use crate::store::Error;
use crate::store::activity::{Act, Activity, Check, Entry, Hash, Head, Number, Verdict, link};
use crate::store::progress::Progress;

/// Entries between two questions whether to go on.
const STEP: u64 = 1_024;

/// A number as SQLite holds it.
fn number(number: Number) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The head that is kept; `None` where there is none.
fn kept(on: &Connection) -> Result<Option<Head>, Fault> {
    let find = "SELECT count, hash FROM activity_head WHERE place = 0";
    let kept: Option<(i64, Vec<u8>)> = on.query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let damaged = || Fault::Damaged("the head of the log of acts".to_owned());
    let read = |(count, hash): (i64, Vec<u8>)| {
        let (count, hash) = (u64::try_from(count).ok()?, Hash::of_bytes(&hash)?);
        Some(Head { count, hash })
    };
    kept.map(|kept| read(kept).ok_or_else(damaged)).transpose()
}

fn keep(on: &Connection, head: Head) -> Result<(), Fault> {
    let put = "INSERT INTO activity_head (place, count, hash) VALUES (0, ?, ?) \
               ON CONFLICT (place) DO UPDATE SET count = excluded.count, hash = excluded.hash";
    let _ = on.execute(put, params![number(head.count), head.hash.bytes()])?;
    Ok(())
}

/// The number and hash of the last entry that stands there.
fn last(on: &Connection) -> Result<Option<Head>, Fault> {
    let find = "SELECT number, hash FROM activity ORDER BY number DESC LIMIT 1";
    let last: Option<(i64, Vec<u8>)> = on.query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(last.and_then(|(count, hash)| Some(Head { count: u64::try_from(count).ok()?, hash: Hash::of_bytes(&hash)? })))
}

/// After a recovery that did not bring the head: the log goes on behind its last entry. What is missing before that shows
/// when it is verified.
pub fn mend(on: &Connection) -> Result<(), Fault> {
    match (kept(on), last(on)?) {
        (Ok(Some(kept)), Some(last)) if kept.count >= last.count => Ok(()),
        (Ok(_), None) => Ok(()),
        (_, last) => keep(on, last.unwrap_or_default()),
    }
}

impl Activity for Archive {
    fn append(&self, acts: &[Act]) -> Result<Head, Error> {
        let mut head = Head::default();
        self.transact(|on| {
            // A log whose head is gone, or that goes on behind it, was tampered with: nothing is put over that.
            let damaged = |words: &str| Err(Fault::Damaged(words.to_owned()));
            head = match (kept(on)?, last(on)?) {
                (None, Some(_)) => return damaged("the log of acts has no head"),
                (Some(head), Some(last)) if last.count > head.count => {
                    return damaged("the log of acts goes on behind its end");
                }
                (head, _) => head.unwrap_or_default(),
            };
            let mut put = on.prepare("INSERT INTO activity (number, bytes, hash) VALUES (?, ?, ?)")?;
            for act in acts {
                let (bytes, next) = link(head, act);
                let _ = put.execute(params![number(next.count), bytes, next.hash.bytes()])?;
                head = next;
            }
            keep(on, head)
        })?;
        // A witness outside of the archive, in the log file.
        tracing::info!(%head, "logged");
        Ok(head)
    }

    fn head(&self) -> Result<Head, Error> {
        Ok(self.readers.with(|connection| Ok(kept(connection)?.unwrap_or_default()))?)
    }

    fn entries(&self, from: Number, most: usize) -> Result<Vec<Entry>, Error> {
        Ok(self.readers.with(|connection| {
            let find = "SELECT number, bytes, hash FROM activity WHERE number >= ? ORDER BY number LIMIT ?";
            let mut find = connection.prepare(find)?;
            let mut rows = find.query(params![number(from), super::number(most)])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let (bytes, hash) = (row.get_ref(1)?.as_blob(), row.get_ref(2)?.as_blob());
                let number = u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
                entries.push(Entry::read(number, bytes.unwrap_or_default(), hash.unwrap_or_default()));
            }
            Ok(entries)
        })?)
    }

    fn audit(&self, noted: Option<Head>, progress: &Progress) -> Result<Verdict, Error> {
        Ok(self.readers.with(|connection| {
            // Entries and head of one moment.
            let look = connection.unchecked_transaction()?;
            let head = kept(&look)?;
            let all = head.map_or(0, |head| head.count);
            let mut find = look.prepare("SELECT number, bytes, hash FROM activity ORDER BY number")?;
            let (mut rows, mut check, mut done) = (find.query([])?, Check::new(noted), 0);
            while let Some(row) = rows.next()? {
                let (bytes, hash) = (row.get_ref(1)?.as_blob(), row.get_ref(2)?.as_blob());
                let taken = check.take(row.get(0)?, bytes.unwrap_or_default(), hash.unwrap_or_default());
                if let Err(broken) = taken {
                    return Ok(Err(broken));
                }
                done += 1;
                if done % STEP == 0 && !progress.at(done, all) {
                    return Err(Fault::Stopped);
                }
            }
            Ok(check.end(head))
        })?)
    }
}
