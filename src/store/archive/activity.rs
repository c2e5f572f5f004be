//! The log of acts in the archive: entries as their bytes and hashes, the head in a table of its own. Appending is one
//! transaction of the one writer, on the disk when it returns; the tables refuse to be changed otherwise.
//!
//! May use rusqlite, the log's form and the contract in `store`.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::Archive;
use super::fault::Fault;
use crate::store::Error;
use crate::store::activity::{
    Act, Activity, By, Check, Entry, Hash, Head, How, Kind, Number, Pass, Take, Token, Verdict, Witness, link,
};
use crate::store::progress::Progress;
use crate::text;

/// Digits of a log's name.
const NAME: usize = 16;
/// Entries of one look: a longer one would keep what is written meanwhile from going into the file.
const STEP: usize = 1_024;

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
    let kept = params![number(head.count), head.hash.bytes()];
    if on.execute("UPDATE activity_head SET count = ?, hash = ? WHERE place = 0", kept)? == 0 {
        let _ = on.execute("INSERT INTO activity_head (count, hash, place) VALUES (?, ?, 0)", kept)?;
    }
    Ok(())
}

/// Puts an act behind the head; gives the head with it.
fn put(on: &Connection, head: Head, act: &Act) -> Result<Head, Fault> {
    let (bytes, next) = link(head, act);
    let mut put = on.prepare("INSERT INTO activity (number, bytes, hash) VALUES (?, ?, ?)")?;
    let _ = put.execute(params![number(next.count), bytes, next.hash.bytes()])?;
    Ok(next)
}

/// The number and hash of the last entry that stands there.
fn last(on: &Connection) -> Result<Option<Head>, Fault> {
    let find = "SELECT number, hash FROM activity ORDER BY number DESC LIMIT 1";
    let last: Option<(i64, Vec<u8>)> = on.query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(last.and_then(|(count, hash)| Some(Head { count: u64::try_from(count).ok()?, hash: Hash::of_bytes(&hash)? })))
}

/// How the log came out of a damaged file. What is missing in its middle shows when it is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saved {
    /// Its end is where its head says.
    #[default]
    Whole,
    /// The head could not be read: whether entries are missing at the end cannot be told.
    Headless,
    /// Entries are missing.
    Short,
    /// The head is not that of the entries: somebody was at them. Nothing is put behind that.
    Disputed,
}

/// After a recovery: the log goes on, and an entry of its own says behind what, so that nobody takes for its end what was left
/// of it. A log that was tampered with stays as it is. `lost`: not all entries could be read.
pub fn mend(on: &Connection, lost: bool, now: DateTime<Utc>) -> Result<Saved, Fault> {
    let Ok(kept) = kept(on) else { return Ok(Saved::Disputed) };
    let last = last(on)?;
    let (saved, behind) = match (kept, last) {
        (Some(kept), last) if kept == last.unwrap_or_default() && !lost => return Ok(Saved::Whole),
        (None, None) if !lost => return Ok(Saved::Whole),
        (Some(kept), last) if kept == last.unwrap_or_default() || kept.count > last.map_or(0, |last| last.count) => {
            (Saved::Short, kept)
        }
        (Some(_), _) => return Ok(Saved::Disputed),
        (None, last) => (Saved::Headless, last.unwrap_or_default()),
    };
    let found = last.unwrap_or_default();
    let act = Act {
        before: kept.map(|kept| kept.to_string()).unwrap_or_default(),
        after: found.to_string(),
        words: if saved == Saved::Headless { Token::HeadLost } else { Token::EntriesLost }.text(),
        ..Act::new(now, "", By::Person, Kind::Recovered, How::Done)
    };
    keep(on, put(on, behind, &act)?)?;
    Ok(saved)
}

/// What one look at the entries came to.
enum Look {
    More(u64),
    End(Option<Head>),
}

/// Gives the entries from this number on to the pass, some of them; entries and head are of one moment.
fn look(on: &Connection, pass: &mut Pass<'_>, next: &mut i64, headless: bool) -> Result<Look, Fault> {
    let look = on.unchecked_transaction()?;
    let head = if headless { None } else { kept(&look)? };
    let end = head.map(|head| head.count);
    let mut find = look.prepare("SELECT number, bytes, hash FROM activity WHERE number >= ? ORDER BY number")?;
    let mut rows = find.query([*next])?;
    for _ in 0..STEP {
        let Some(row) = rows.next()? else { return Ok(Look::End(head)) };
        let number = row.get(0)?;
        let (bytes, hash) = (row.get_ref(1)?.as_blob(), row.get_ref(2)?.as_blob());
        if !pass.see(number, bytes.unwrap_or_default(), hash.unwrap_or_default(), end) {
            return Ok(Look::End(head));
        }
        *next = number.saturating_add(1);
    }
    Ok(Look::More(end.unwrap_or_default()))
}

impl Archive {
    /// Tells the log file, which is outside of the archive, that this log begins: what was told before is of another.
    pub(super) fn begins(&self) {
        tracing::info!(witness = %Witness { log: &self.name(), head: Head::default() }, "logged");
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
            for act in acts {
                head = put(on, head, act)?;
            }
            keep(on, head)
        })?;
        if head.count == acts.len() as u64 {
            self.begins();
        }
        tracing::info!(witness = %Witness { log: &self.name(), head }, "logged");
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

    /// By the folder of the account: recovered, or under another key, it is another file there.
    fn name(&self) -> String {
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = path.parent().unwrap_or(&path).as_os_str().as_encoded_bytes();
        text::hex(&Sha256::digest(folder)).chars().take(NAME).collect()
    }

    fn pass(&self, check: Check, take: Take<'_>, progress: &Progress) -> Result<Verdict, Error> {
        let (mut next, mut pass, mut headless) = (check.from(), Pass::new(check, take), false);
        loop {
            match self.readers.with(|connection| look(connection, &mut pass, &mut next, headless)) {
                Ok(Look::More(all)) if progress.at(next.unsigned_abs(), all) => {}
                Ok(Look::More(_)) => return Err(Fault::Stopped.into()),
                Ok(Look::End(head)) => return Ok(pass.end(head)),
                Err(Fault::Damaged(cause)) => {
                    // Nothing of it opens any more.
                    self.readers.with(|_| Ok(()))?;
                    // Either the head's page, or that of what comes next.
                    if headless || self.readers.with(kept).is_ok() {
                        tracing::warn!(cause, "an entry cannot be read");
                        return Ok(pass.unreadable());
                    }
                    headless = true;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }
}
