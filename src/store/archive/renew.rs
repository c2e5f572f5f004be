//! Reading documents again that an earlier version of this program read: their summaries, and what finds them, as this one
//! makes them.
//!
//! May use rusqlite and the archive's own pieces. A bounded piece at a time, the newest rows first, each a transaction; how
//! many rows are left is in the file, so a crash loses a piece at most. What is asked meanwhile of rows that are left is
//! answered from their documents ([`super::lookup`]).

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Fault;
use super::write::{Index, Read, Writer};
use super::{Archive, made, read, summary};
use crate::model::{Facets, Summary};
use crate::store::{Error, Seq, Store};

/// Rows read again at once: some ten milliseconds in which nobody else writes.
const PIECE: Seq = 128;
/// Rows looked through before it is written how far.
const FAR: Seq = 64 * PIECE;

/// Rows from the first on of which some were read by an earlier version.
pub fn left(connection: &Connection) -> Result<Seq, Fault> {
    let left: Option<i64> =
        connection.query_row("SELECT value FROM meta WHERE name = 'stale'", [], |row| row.get(0)).optional()?;
    Ok(left.map_or(0, |left| Seq::try_from(left).unwrap_or(Seq::MAX)))
}

/// What is there of a row that an earlier version read.
struct Again {
    seq: Seq,
    size: usize,
    read: Read,
}

impl Archive {
    /// See [`crate::store::Store::renew`].
    pub(super) fn read_again(&self) -> Result<Vec<Seq>, Error> {
        if self.summarise.is_none() {
            return Ok(Vec::new());
        }
        loop {
            let until = self.stale();
            if until == 0 {
                return Ok(Vec::new());
            }
            let mut from = until.saturating_sub(PIECE);
            let gathered = |rows| self.readers.through(|connection| gather(connection, rows, self.with()));
            let mut again = gathered(from..until)?;
            // What this version read already is no piece of its own.
            while again.is_empty() && from > 0 && until - from < FAR {
                let end = from;
                from = end.saturating_sub(PIECE);
                again = gathered(from..end)?;
            }
            let mut writer = self.writer()?;
            let rows = self.doubt.hear(put(&mut writer, &again, from))?;
            self.stale.store(from, std::sync::atomic::Ordering::Release);
            self.changed(&writer, &rows);
            // A stretch that was read by this version already is no piece.
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
    }
}

/// Reads the documents of those of these rows that an earlier version read. Where one is damaged nothing is written: what is
/// damaged now a recovery may still read, or a second look.
fn gather(connection: &Connection, rows: Range<Seq>, with: read::With<'_>) -> Result<Vec<Again>, Fault> {
    let mut kept = connection.prepare("SELECT seq, bytes FROM summaries WHERE seq >= ? AND seq < ? ORDER BY seq")?;
    let mut kept = kept.query([rows.start, rows.end])?;
    let mut payload = connection.prepare(read::PAYLOAD)?;
    let mut all = Vec::new();
    while let Some(row) = kept.next()? {
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        if !summary::is_before(bytes) {
            continue;
        }
        let (seq, payload) = (row.get(0)?, read::payload(&mut payload, row.get(0)?, Some(with.digests))?);
        let size = payload.as_ref().map_or(0, |payload| payload.bytes.len());
        let read = match payload.zip(with.summarise) {
            Some((payload, summarise)) => summarise(&payload.bytes, &payload.scope),
            // Nothing more will ever be known of it than its summary says.
            None => match summary::read(bytes) {
                Some(before) => (Summary { facets: Some(Facets::default()), ..before }, Vec::new()),
                None => continue,
            },
        };
        all.push(Again { seq, size, read });
    }
    Ok(all)
}

fn put(writer: &mut Writer, again: &[Again], from: Seq) -> Result<Vec<Seq>, Fault> {
    let transaction = writer.connection.transaction()?;
    let mut rows = Vec::with_capacity(again.len());
    let done = (|| -> Result<(), Fault> {
        let mut index = Index::new(&transaction)?;
        let mut kept = transaction.prepare("SELECT bytes FROM summaries WHERE seq = ?")?;
        for Again { seq, size, read: (new, observables) } in again {
            // It may have changed or gone meanwhile.
            let now: Option<Vec<u8>> = kept.query_row([seq], |row| row.get(0)).optional()?;
            if !now.is_some_and(|now| summary::is_before(&now)) {
                continue;
            }
            let made::Read { summary: bytes, found, facets, .. } = made::Read::of(new, observables);
            let _ = transaction.execute("UPDATE summaries SET bytes = ? WHERE seq = ?", params![bytes, seq])?;
            let _ = transaction.execute(
                "UPDATE items SET size = ?, severity = ?, tlp = ?, strictest = ? WHERE seq = ?",
                params![
                    super::number(*size),
                    summary::severity(new.severity),
                    new.restriction.tlp().code(),
                    new.strictest.tlp().code(),
                    seq
                ],
            )?;
            let numbers = writer.names.facets.numbers(&transaction, &facets)?;
            index.again(&transaction, *seq, found, &numbers)?;
            rows.push(*seq);
        }
        let _ = transaction.execute("UPDATE meta SET value = ? WHERE name = 'stale'", [from])?;
        if from == 0 {
            let _ = transaction.execute("DELETE FROM meta WHERE name = 'stale'", [])?;
        }
        Ok(())
    })();
    match done.and_then(|()| Ok(transaction.commit()?)) {
        Ok(()) => Ok(rows),
        Err(fault) => {
            writer.names.forget();
            Err(fault)
        }
    }
}
