//! All of an archive as a row of records, and back: what a backup holds. The writer goes on meanwhile: what is given out are
//! the rows that were stored when it began, in looks of a few thousand each. One look at all of them would keep the log from
//! being put into the file until its end. What is said of a row may so be as it was a little later, and of an item that got a
//! newer version meanwhile the newest that is here stands for it.
//!
//! A record is a byte that says what follows, and that: 0 an item ([`Whole`]), 1 a row of another table ([`Other`]), 2 the end
//! with the count of both. Numbers of items are dense, so they come out as they went in.

use chrono::DateTime;
use rusqlite::Connection;

use super::code::{Reader, Writer};
use super::fault::Fault;
use super::read::Summarise;
use super::whole::{self, Items, OTHERS, Other, Whole};
use super::{Archive, moment};
use crate::store::{Progress, Seq};

const STEP: usize = 2_048;

/// One of an archive's records.
enum Record {
    Item(Box<Whole>),
    Other(Other),
    End(u64),
}

impl Record {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader(bytes);
        let record = match r.byte()? {
            0 => Self::Item(Box::new(Whole::read(&mut r)?)),
            1 => Self::Other(Other::read(&mut r)?),
            2 => Self::End(r.number()?),
            _ => return None,
        };
        r.0.is_empty().then_some(record)
    }
}

impl Archive {
    /// Gives every record to `take`; gives how many there were.
    ///
    /// # Errors
    /// When the archive could not be read, or `take` fails.
    pub fn dump(&self, progress: &Progress, take: &mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<u64, Fault> {
        let (rows, mut count) = self.readers.with(|connection| beside(connection, take))?;
        let mut next = 0;
        while next < rows {
            let (from, before) = (next, count);
            self.readers.through(|connection| {
                let look = connection.unchecked_transaction()?;
                let mut items = Items::new(&look, Some(&self.digests))?;
                while count - before < STEP as u64 && next < rows {
                    let Some((whole, all)) = items.next(next)? else { break };
                    if !all {
                        return Err(Fault::Damaged(format!("row {}", whole.seq)));
                    }
                    next = i64::from(whole.seq) + 1;
                    count += 1;
                    let mut record = Writer(Vec::with_capacity(8_192));
                    record.byte(0);
                    whole.write(&mut record);
                    take(&record.0)?;
                }
                Ok(())
            })?;
            if next == from {
                return Err(Fault::Damaged("rows are missing".to_owned()));
            }
            // Afterwards all of it is read again.
            if !progress.at(next.unsigned_abs(), 2 * rows.unsigned_abs()) {
                return Err(Fault::Stopped);
            }
        }
        let mut end = Writer::default();
        end.byte(2);
        end.number(count);
        take(&end.0)?;
        Ok(count)
    }

    /// Takes in the records that `next` gives, into an archive that is empty.
    ///
    /// # Errors
    /// When they are not all there, or the archive could not be written.
    pub fn load(
        &self,
        next: &mut dyn FnMut() -> Result<Option<Vec<u8>>, Fault>,
        summarise: Option<Summarise>,
    ) -> Result<u64, Fault> {
        let (mut items, mut others) = (Vec::with_capacity(STEP), Vec::new());
        let mut latest = DateTime::UNIX_EPOCH;
        let count = each(next, |record| {
            match record {
                Record::Item(item) => {
                    latest = latest.max(moment::read(item.received));
                    items.push(*item);
                }
                Record::Other(other) => others.push(other),
                Record::End(_) => {}
            }
            if items.len() >= STEP { self.take(&mut items, summarise) } else { Ok(()) }
        })?;
        self.take(&mut items, summarise)?;
        self.put_others(&others)?;
        self.begins();
        let mut writer = self.writer().map_err(|_| Fault::Disk("a thread died while writing".to_owned()))?;
        writer.promote(latest)?;
        Ok(count)
    }

    fn take(&self, items: &mut Vec<Whole>, summarise: Option<Summarise>) -> Result<(), Fault> {
        let batch = std::mem::take(items);
        let wanted: Vec<Seq> = batch.iter().map(|item| item.seq).collect();
        let given = self.put(batch, summarise)?;
        if given == wanted { Ok(()) } else { Err(Fault::Damaged("rows are missing".to_owned())) }
    }
}

/// Gives the rows of all other tables, as they are at one moment, and how many rows of items there are then: whatever speaks
/// of a row, or of how far they reach, speaks of one of those.
fn beside(connection: &Connection, take: &mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<(i64, u64), Fault> {
    let look = connection.unchecked_transaction()?;
    let last: Option<i64> = look.query_row("SELECT max(seq) FROM items", [], |row| row.get(0))?;
    let mut count = 0;
    for table in 0..OTHERS.len() {
        whole::others(&look, table, |other| {
            count += 1;
            let mut record = Writer::default();
            record.byte(1);
            other.write(&mut record);
            take(&record.0)
        })?;
    }
    Ok((last.map_or(0, |last| last + 1), count))
}

/// Reads records to their end, each to `take`; gives how many there were.
fn each(
    next: &mut dyn FnMut() -> Result<Option<Vec<u8>>, Fault>,
    mut take: impl FnMut(Record) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let damaged = |words: &str| Fault::Damaged(words.to_owned());
    let mut count = 0;
    while let Some(bytes) = next()? {
        match Record::read(&bytes).ok_or_else(|| damaged("a record is not what it was"))? {
            Record::End(said) if said == count => {
                return if next()?.is_none() { Ok(count) } else { Err(damaged("there is more after the end")) };
            }
            Record::End(_) => return Err(damaged("records are missing")),
            record => {
                count += 1;
                take(record)?;
            }
        }
    }
    Err(damaged("it has no end"))
}

/// Reads records without taking them in: whether they are all there.
///
/// # Errors
/// When they are not.
pub fn check(next: &mut dyn FnMut() -> Result<Option<Vec<u8>>, Fault>) -> Result<u64, Fault> {
    each(next, |_| Ok(()))
}
