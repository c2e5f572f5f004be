//! Values that the words of rows name ([`crate::store::index::heard`]), in an index of their own: made after the rows, while
//! nothing comes, and never in a commit. How far it is, is in the file, and goes with what was written up to there.
//!
//! May use rusqlite and the archive's own pieces. It writes by a connection of its own: one that meets a damaged page writes
//! no more, and what is received must be stored whatever became of this index.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Fault;
use super::key::Key;
use super::schema::{self, Use};
use super::{Archive, marks, read, summary};
use crate::model::{Observable, Summary, Tlp};
use crate::store::index::heard::{Listens, kept};
use crate::store::{Error, Payload, Seq, Store};

/// Rows listened to at once, and bytes of them: some ten milliseconds in which nobody else writes follow.
const PIECE: usize = 128;
const BYTES: usize = 4 << 20;

/// The connection that writes it; nobody writes by another meanwhile.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    key: Key,
    connection: Mutex<Option<Connection>>,
}

impl Listener {
    pub fn new(path: PathBuf, key: Key) -> Self {
        Self { path, key, connection: Mutex::default() }
    }
}

/// What a piece of rows says.
#[derive(Default)]
struct Piece {
    rows: Vec<(Seq, String)>,
    /// All rows between were listened to.
    from: Seq,
    until: Seq,
    /// The one being read.
    at: Option<Seq>,
}

/// Rows before this one were listened to.
pub fn listened(connection: &Connection) -> Result<Seq, Fault> {
    let reached = "SELECT value FROM meta WHERE name = 'heard'";
    Ok(connection.query_row(reached, [], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// A row has another payload now: it is listened to again, with those after it.
pub fn unhear(connection: &Connection, seq: Seq) -> Result<(), Fault> {
    let _ = connection.execute("UPDATE meta SET value = ?1 WHERE name = 'heard' AND value > ?1", [seq])?;
    Ok(())
}

impl Archive {
    /// See [`crate::store::Store::listen`].
    pub(super) fn listen_on(&self, listens: Listens) -> Result<bool, Error> {
        let mut listener = self.listener.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut piece = Piece::default();
        let gather = |connection: &Connection| gather(connection, self.len(), self.with(), listens, &mut piece);
        match (self.readers.with(gather), piece.at) {
            (Ok(()), _) => {}
            // Of one that cannot be read nothing will be known. Who met it reads no more: it is passed over alone.
            (Err(Fault::Damaged(_)), Some(at)) if piece.until == piece.from => piece.until = at.saturating_add(1),
            (Err(Fault::Damaged(_)), Some(_)) => {}
            (Err(fault), _) => return Err(fault.into()),
        }
        if piece.until == piece.from {
            return Ok(false);
        }
        let connection = match listener.take() {
            Some(connection) => connection,
            None => schema::connect(&self.listener.path, &self.listener.key, Use::Carry)?,
        };
        let writer = self.writer()?;
        self.doubt.hear(put(&connection, &piece))?;
        drop(writer);
        // One that failed is not used again.
        *listener = Some(connection);
        self.carrier.committed();
        Ok(true)
    }
}

/// Listens to the next rows that are for fewer than everybody.
fn gather(
    connection: &Connection,
    end: Seq,
    with: read::With<'_>,
    listens: Listens,
    piece: &mut Piece,
) -> Result<(), Fault> {
    let from = listened(connection)?;
    (piece.from, piece.until) = (from, from);
    let next = "SELECT items.seq, bytes FROM items LEFT JOIN summaries USING (seq) \
                WHERE items.seq >= ? AND items.seq < ? AND strictest <> ? ORDER BY items.seq LIMIT ?";
    let mut next = connection.prepare(next)?;
    let mut next = next.query(params![from, end, Tlp::Clear.code(), super::number(PIECE)])?;
    let mut payload = connection.prepare(read::PAYLOAD)?;
    let (mut seen, mut bytes) = (0, 0);
    while let Some(row) = next.next()? {
        let seq: Seq = row.get(0)?;
        piece.at = Some(seq);
        if let Some(payload) = read::payload(&mut payload, seq, Some(with.digests))? {
            let summary = row.get_ref(1)?.as_blob_or_null().ok().flatten().and_then(summary::read);
            let keys = kept(listens(&payload), &known(&payload, summary, with));
            if !keys.is_empty() {
                piece.rows.push((seq, marks::keyed(&keys)));
            }
            bytes += payload.bytes.len();
        }
        (seen, piece.until, piece.at) = (seen + 1, seq + 1, None);
        if bytes >= BYTES {
            return Ok(());
        }
    }
    if seen < PIECE {
        piece.until = end;
    }
    Ok(())
}

/// The observables a row is found by. A summary keeps the first of many.
fn known(payload: &Payload, summary: Option<Summary>, with: read::With<'_>) -> Vec<Observable> {
    match (summary, with.summarise) {
        (Some(summary), _) if summary.observables_total as usize <= summary.observables.len() => summary.observables,
        (_, Some(summarise)) => summarise(&payload.bytes, &payload.scope).1,
        (summary, None) => summary.map(|summary| summary.observables).unwrap_or_default(),
    }
}

fn put(connection: &Connection, piece: &Piece) -> Result<(), Fault> {
    let transaction = connection.unchecked_transaction()?;
    // Somebody may have set it back meanwhile: then these rows come again.
    if listened(&transaction)? != piece.from {
        return Ok(());
    }
    {
        let mut is_there = transaction.prepare("SELECT 1 FROM payloads WHERE seq = ?")?;
        let mut before = transaction.prepare("DELETE FROM heard WHERE rowid = ?")?;
        let mut insert = transaction.prepare("INSERT INTO heard (rowid, mark) VALUES (?, ?)")?;
        for (seq, marks) in &piece.rows {
            // It may have been emptied meanwhile.
            if is_there.query_row([seq], |_| Ok(())).optional()?.is_some() {
                let _ = before.execute([seq])?;
                let _ = insert.execute(params![seq, marks])?;
            }
        }
        let reached = "INSERT INTO meta (name, value) VALUES ('heard', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1";
        let _ = transaction.execute(reached, [piece.until])?;
    }
    Ok(transaction.commit()?)
}
