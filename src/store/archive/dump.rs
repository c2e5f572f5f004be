//! All of an archive as a row of records, and back: what a backup holds. The writer goes on meanwhile: what is given out is
//! what was stored when it began.
//!
//! A record is a byte that says what follows, and that: 0 an item ([`Whole`]), 1 a row of another table ([`Other`]), 2 the end
//! with the count of both. Numbers of items are dense, so they come out as they went in.

use super::Archive;
use super::code::{Reader, Writer};
use super::fault::Fault;
use super::read::Summarise;
use super::whole::{self, Items, OTHERS, Other, Whole};
use crate::store::Seq;

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
    pub fn dump(&self, take: &mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<u64, Fault> {
        self.readers.with(|connection| {
            // One look at all of it.
            let look = connection.unchecked_transaction()?;
            let (mut count, mut next) = (0_u64, 0_i64);
            let mut items = Items::new(&look)?;
            while let Some((whole, all)) = items.next(next)? {
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
            for table in 0..OTHERS.len() {
                whole::others(&look, table, |other| {
                    count += 1;
                    let mut record = Writer::default();
                    record.byte(1);
                    other.write(&mut record);
                    take(&record.0)
                })?;
            }
            let mut end = Writer::default();
            end.byte(2);
            end.number(count);
            take(&end.0)?;
            Ok(count)
        })
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
        let count = each(next, |record| {
            match record {
                Record::Item(item) => items.push(*item),
                Record::Other(other) => others.push(other),
                Record::End(_) => {}
            }
            if items.len() >= STEP { self.take(&mut items, summarise) } else { Ok(()) }
        })?;
        self.take(&mut items, summarise)?;
        self.put_others(&others)?;
        Ok(count)
    }

    fn take(&self, items: &mut Vec<Whole>, summarise: Option<Summarise>) -> Result<(), Fault> {
        let batch = std::mem::take(items);
        let wanted: Vec<Seq> = batch.iter().map(|item| item.seq).collect();
        let given = self.put(batch, summarise)?;
        if given == wanted { Ok(()) } else { Err(Fault::Damaged("rows are missing".to_owned())) }
    }
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
