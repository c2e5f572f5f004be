//! What a damaged file still gives, row by row; and a whole file moved to another key.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::key::Key;
use super::read::Summarise;
use super::schema::{self, Use};
use super::whole::{self, Items, OTHERS, Other, Whole};
use super::{Archive, read, summary};
use crate::store::Seq;

/// Rows in one transaction of a recovery.
const STEP: usize = 2_048;
/// The longest leap over what cannot be read, in rows.
const LEAP: i64 = 4_096;

/// What a recovery kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub rows: u64,
    /// Rows of which the incident itself or its summary could not be read.
    pub partial: u64,
    /// As many rows, about, are gone.
    pub lost: u64,
}

/// A damaged file. SQLCipher refuses everything after the first page that is not what was written, so each failure costs a
/// connection.
struct Wreck<'a> {
    path: &'a Path,
    key: &'a Key,
    connection: Option<Connection>,
    /// Items of which not all could be read.
    partial: u64,
}

impl Wreck<'_> {
    /// One look; the connection of one that failed is not used again.
    fn look<T>(&mut self, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => schema::connect(self.path, self.key, Use::Read)?,
        };
        let seen = look(&connection)?;
        self.connection = Some(connection);
        Ok(seen)
    }

    /// Items from this number on, as many as can be read in a row; each gets back what of it could not. Gives the number
    /// after the last, and whether that was the end.
    fn items(&mut self, from: i64, most: usize, take: &mut Vec<Whole>) -> (i64, bool) {
        let (mut next, mut torn, mut end) = (from, None, false);
        // How it ended is in what was taken.
        let _ = self.look(|connection| {
            let mut items = Items::new(connection)?;
            while take.len() < most {
                let Some((whole, all)) = items.next(next)? else {
                    end = true;
                    break;
                };
                next = i64::from(whole.seq) + 1;
                if !all {
                    torn = Some(whole);
                    return Err(Fault::Damaged(String::new()));
                }
                take.push(whole);
            }
            Ok(())
        });
        if let Some(mut whole) = torn {
            self.partial += 1;
            whole.summary = self.look(|connection| whole::summary(connection, whole.seq)).unwrap_or_default();
            let payload = |connection: &Connection| read::payload(&mut connection.prepare(read::PAYLOAD)?, whole.seq);
            whole.payload = self.look(payload).unwrap_or_default();
            take.push(whole);
        }
        (next, end)
    }

    fn reads(&mut self, from: i64) -> bool {
        self.look(|connection| Ok(Items::new(connection)?.next(from)?.is_some())).is_ok_and(|reads| reads)
    }

    /// The first number after `bad` from which on something can be read.
    fn beyond(&mut self, bad: i64, last: i64) -> Option<i64> {
        let (mut low, mut leap) = (bad, 1);
        let mut high = loop {
            let probe = low.saturating_add(leap);
            if probe > last {
                return None;
            }
            if self.reads(probe) {
                break probe;
            }
            (low, leap) = (probe, (leap * 2).min(LEAP));
        };
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.reads(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}

impl Archive {
    /// Takes in what a damaged file gives; it is only read. Rows are numbered anew.
    ///
    /// # Errors
    /// When this archive could not be written. What cannot be read of the other is counted, not an error.
    pub fn salvage(&self, path: &Path, key: &Key, summarise: Option<Summarise>) -> Result<Kept, Fault> {
        let mut wreck = Wreck { path, key, connection: None, partial: 0 };
        let (mut kept, mut numbers, mut next) = (Kept::default(), HashMap::new(), 0_i64);
        let last = last(&mut wreck);
        loop {
            let mut gathered = Vec::with_capacity(STEP);
            let (reached, end) = wreck.items(next, STEP, &mut gathered);
            let stuck = gathered.is_empty();
            self.take_in(gathered, &mut numbers, summarise)?;
            next = reached;
            if end || next > last {
                break;
            }
            if stuck {
                let beyond = wreck.beyond(next, last);
                kept.lost += (beyond.unwrap_or(last + 1) - next).unsigned_abs();
                let Some(beyond) = beyond else { break };
                next = beyond;
            }
        }
        (kept.rows, kept.partial) = (numbers.len() as u64, wreck.partial);
        self.others(&mut wreck, &numbers)?;
        Ok(kept)
    }

    /// The rows that are read so far, by their numbers there and here.
    fn take_in(
        &self,
        batch: Vec<Whole>,
        numbers: &mut HashMap<Seq, Seq>,
        summarise: Option<Summarise>,
    ) -> Result<(), Fault> {
        let olds: Vec<Seq> = batch.iter().map(|whole| whole.seq).collect();
        let news = self.put(batch, summarise)?;
        numbers.extend(olds.into_iter().zip(news));
        Ok(())
    }

    /// Puts items in, one after the other, as they are.
    pub(super) fn put(&self, batch: Vec<Whole>, summarise: Option<Summarise>) -> Result<Vec<Seq>, Fault> {
        let mut writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        let put = writer.put(&batch, |whole| {
            let kept = whole.summary.as_deref().and_then(summary::read);
            kept.or_else(|| Some(summarise?(&whole.payload.as_ref()?.bytes, &whole.payload.as_ref()?.scope)))
        })?;
        self.changed(&writer, &[]);
        Ok(put)
    }

    pub(super) fn put_others(&self, others: &[Other]) -> Result<(), Fault> {
        let mut writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        let transaction = writer.connection.transaction()?;
        others.iter().try_for_each(|other| other.put(&transaction))?;
        Ok(transaction.commit()?)
    }

    fn others(&self, wreck: &mut Wreck<'_>, numbers: &HashMap<Seq, Seq>) -> Result<(), Fault> {
        for table in 0..OTHERS.len() {
            let mut read = Vec::new();
            // What of a table comes before a damaged page.
            let _ = wreck.look(|connection| {
                whole::others(connection, table, |mut other| {
                    if let Some(seq) = other.seq() {
                        let new = Seq::try_from(*seq).ok().and_then(|old| numbers.get(&old));
                        let Some(new) = new else { return Ok(()) };
                        *seq = i64::from(*new);
                    }
                    read.push(other);
                    Ok(())
                })
            });
            self.put_others(&read)?;
        }
        Ok(())
    }

    /// Copies the whole file to `to`, which must not be there, under another key, and proves that it opens.
    ///
    /// # Errors
    /// When there is no good copy afterwards.
    pub fn copy(&self, to: &Path, key: &Key, new: &Key) -> Result<(), Fault> {
        drop(super::private(to)?);
        let writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        {
            let mut copy = Connection::open(to)?;
            schema::unlock(&copy, key)?;
            Backup::new(&writer.connection, &mut copy)?.run_to_completion(i32::MAX, std::time::Duration::ZERO, None)?;
            copy.execute_batch("PRAGMA journal_mode = DELETE;")?;
            let mut statement = Zeroizing::new(String::with_capacity(96));
            statement.push_str("PRAGMA rekey = \"x'");
            new.hex(&mut statement);
            statement.push_str("'\";");
            copy.execute_batch(&statement).map_err(|_| Fault::Disk("the key was not changed".to_owned()))?;
        }
        let copied = Archive::open(to, new, None)?;
        copied.verify()?;
        if copied.rows.load(std::sync::atomic::Ordering::Acquire)
            != self.rows.load(std::sync::atomic::Ordering::Acquire)
        {
            return Err(Fault::Damaged("the copy is short".to_owned()));
        }
        copied.close()
    }

    /// Checks every page: that it is what was written, and that they make the tables they should.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with the first that is wrong.
    pub fn verify(&self) -> Result<(), Fault> {
        self.readers.with(|connection| {
            for pragma in ["PRAGMA cipher_integrity_check", "PRAGMA quick_check"] {
                let mut check = connection.prepare(pragma)?;
                let mut found = check.query([])?;
                while let Some(row) = found.next()? {
                    let words: String = row.get(0)?;
                    if words != "ok" {
                        return Err(Fault::Damaged(words));
                    }
                }
            }
            Ok(())
        })
    }
}

/// The last number there may be: where the tables' ends cannot be read, what fits into the file.
fn last(wreck: &mut Wreck<'_>) -> i64 {
    let mut read = |table: &str| {
        let look = |connection: &Connection| {
            Ok(connection
                .query_row(&format!("SELECT max(seq) FROM {table}"), [], |row| row.get::<_, Option<i64>>(0))?)
        };
        wreck.look(look).ok().flatten()
    };
    let known = ["items", "summaries", "payloads"].into_iter().find_map(&mut read);
    let fits = || std::fs::metadata(wreck.path).map_or(0, |file| i64::try_from(file.len() / 64).unwrap_or(i64::MAX));
    known.unwrap_or_else(fits).min(i64::from(Seq::MAX))
}
