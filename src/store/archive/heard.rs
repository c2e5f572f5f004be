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

/// A row with another payload than it had when it was listened to, in `meta`: this, and its number in ten digits. The value
/// counts how often that came, so that who has just listened to the one before takes away no later one.
const AGAIN: &str = "unheard ";
const AGAINS: &str =
    "SELECT name, value FROM meta WHERE name >= 'unheard ' AND name < 'unheard!' ORDER BY name LIMIT ?";

/// What a piece of rows says.
#[derive(Default)]
struct Piece {
    rows: Vec<(Seq, String)>,
    /// Rows that were listened to once more, alone.
    again: Vec<(Seq, i64)>,
    /// All rows between were listened to.
    from: Seq,
    until: Seq,
    /// The last that was looked at, or from which on one is looked for.
    at: Option<Seq>,
}

impl Piece {
    fn is_empty(&self) -> bool {
        self.until == self.from && self.again.is_empty()
    }

    /// Past the one row that was being read, which says nothing.
    fn without(self) -> Option<Self> {
        let until = if self.again.is_empty() { self.at?.saturating_add(1) } else { self.from };
        Some(Self { rows: Vec::new(), until, ..self })
    }
}

/// Rows before this one were listened to.
pub fn listened(connection: &Connection) -> Result<Seq, Fault> {
    let reached = reached(connection)?;
    Ok(again(connection, 1)?.first().map_or(reached, |(seq, _)| reached.min(*seq)))
}

/// Rows that are to be listened to once more.
fn again(connection: &Connection, most: usize) -> Result<Vec<(Seq, i64)>, Fault> {
    let mut kept = connection.prepare(AGAINS)?;
    let kept = kept.query_map([super::number(most)], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let mut rows = Vec::new();
    for kept in kept {
        let (name, times) = kept?;
        let seq = name.strip_prefix(AGAIN).and_then(|digits| digits.parse().ok());
        rows.push((seq.ok_or_else(|| Fault::Damaged("no row to listen to again".to_owned()))?, times));
    }
    Ok(rows)
}

/// How far it came.
fn reached(connection: &Connection) -> Result<Seq, Fault> {
    let reached = "SELECT value FROM meta WHERE name = 'heard'";
    Ok(connection.query_row(reached, [], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// A row has another payload now: it is listened to again.
pub fn unhear(connection: &Connection, seq: Seq) -> Result<(), Fault> {
    let once_more = "INSERT INTO meta (name, value) VALUES (?1 || printf('%010d', ?2), 1) \
                     ON CONFLICT (name) DO UPDATE SET value = value + 1";
    let _ = connection.execute(once_more, params![AGAIN, seq])?;
    Ok(())
}

impl Archive {
    /// See [`crate::store::Store::listen`].
    pub(super) fn listen_on(&self, listens: Listens) -> Result<bool, Error> {
        let mut listener = self.listener.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let gathered = |most: usize| {
            let mut piece = Piece::default();
            let gather = |own: &Connection| gather(own, (self.len(), most), self.with(), listens, &mut piece);
            (self.readers.through(gather), piece)
        };
        let mut most = PIECE;
        let piece = loop {
            match gathered(most) {
                // One of them cannot be read: fewer are, until it is alone, and of that nothing will be known.
                (Err(Fault::Damaged(_)), _) if most > 1 => most /= 2,
                (Err(Fault::Damaged(cause)), piece) => break piece.without().ok_or(Fault::Damaged(cause))?,
                (done, piece) => break done.map(|()| piece)?,
            }
        };
        if piece.is_empty() {
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

/// Listens to the next rows that are for fewer than everybody; to those first that are to be listened to once more.
fn gather(
    connection: &Connection,
    (end, most): (Seq, usize),
    with: read::With<'_>,
    listens: Listens,
    piece: &mut Piece,
) -> Result<(), Fault> {
    let from = reached(connection)?;
    (piece.from, piece.until) = (from, from);
    let mut payload = connection.prepare(read::PAYLOAD)?;
    let mut bytes = 0;
    let mut hear = |piece: &mut Piece, seq: Seq, summary: Option<Summary>| -> Result<bool, Fault> {
        let Some(payload) = read::payload(&mut payload, seq, Some(with.digests))? else { return Ok(false) };
        let keys = kept(listens(&payload), &known(&payload, summary, with));
        if !keys.is_empty() {
            piece.rows.push((seq, marks::keyed(&keys)));
        }
        bytes += payload.bytes.len();
        Ok(bytes >= BYTES)
    };
    let summary = |row: &rusqlite::Row<'_>| -> Result<Option<Summary>, Fault> {
        Ok(row.get_ref(1)?.as_blob_or_null().ok().flatten().and_then(summary::read))
    };
    let next = "SELECT items.seq, bytes FROM items LEFT JOIN summaries USING (seq) \
                WHERE items.seq >= ? AND items.seq < ? AND strictest <> ? ORDER BY items.seq LIMIT ?";
    let mut next = connection.prepare(next)?;
    for (seq, times) in again(connection, most)? {
        piece.again.push((seq, times));
        let mut one = next.query(params![seq, seq + 1, Tlp::Clear.code(), 1])?;
        if let Some(row) = one.next()?
            && hear(piece, seq, summary(row)?)?
        {
            break;
        }
    }
    if !piece.again.is_empty() {
        return Ok(());
    }
    piece.at = (from < end).then_some(from);
    let mut next = next.query(params![from, end, Tlp::Clear.code(), super::number(most)])?;
    let mut seen = 0;
    while let Some(row) = next.next()? {
        let seq: Seq = row.get(0)?;
        piece.at = Some(seq);
        let is_much = hear(piece, seq, summary(row)?)?;
        (seen, piece.until) = (seen + 1, seq + 1);
        if is_much {
            return Ok(());
        }
    }
    if seen < most {
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
    if reached(&transaction)? != piece.from {
        return Ok(());
    }
    {
        let mut is_there = transaction.prepare("SELECT 1 FROM payloads WHERE seq = ?")?;
        let mut before = transaction.prepare("DELETE FROM heard WHERE rowid = ?")?;
        let mut insert = transaction.prepare("INSERT INTO heard (rowid, mark) VALUES (?, ?)")?;
        // What came of them before goes, and that they are to be listened to, where no other payload came meanwhile.
        let mut done = transaction.prepare("DELETE FROM meta WHERE name = ?1 || printf('%010d', ?2) AND value = ?3")?;
        for (seq, times) in &piece.again {
            let _ = before.execute([seq])?;
            let _ = done.execute(params![AGAIN, seq, times])?;
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{ItemId, Kind, Restriction, TopicId};
    use crate::store::{Incoming, ItemKey, Route};

    const ROWS: Seq = 300;

    fn incoming(number: Seq) -> Incoming {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        let mut summary = Summary::of_kind(Kind::Iodef2);
        (summary.restriction, summary.strictest) = (Restriction::Red, Restriction::Red);
        Incoming {
            key: ItemKey { topic, item: ItemId(number.to_string()) },
            payload: Some(Payload { bytes: format!("<i>{number}</i>").into_bytes().into(), scope: Arc::from([]) }),
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received: chrono::DateTime::UNIX_EPOCH,
            delayed: None,
            history: false,
        }
    }

    /// A payload that comes for a row while that row is being listened to is listened to as well, and nothing else once more.
    #[test]
    fn what_is_mended_while_it_is_listened_to_is_listened_to_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("archive.db"), Key::new([7; 32]));
        let archive = Archive::make(&path, &key).unwrap();
        let _ = archive.commit((0..ROWS).map(incoming).collect()).unwrap();
        let writer = schema::connect(&path, &key, Use::Carry).unwrap();
        let gathered = || {
            let mut piece = Piece::default();
            archive.readers.with(|own| gather(own, (ROWS, PIECE), archive.with(), |_| Vec::new(), &mut piece)).unwrap();
            piece
        };
        let heard = || archive.readers.with(listened).unwrap();
        // Before what is known, within the piece, and behind it.
        for times in 0..2 {
            let piece = gathered();
            let rows = [3, 40, 250];
            rows.iter().for_each(|row| unhear(&writer, *row).unwrap());
            put(&writer, &piece).unwrap();
            assert_eq!(heard(), 3, "{times}");
            let again = gathered();
            assert_eq!(again.again.iter().map(|(row, _)| *row).collect::<Vec<_>>(), rows);
            assert!(again.until == again.from && again.from >= piece.from);
            // One of them changes once more meanwhile.
            unhear(&writer, 40).unwrap();
            put(&writer, &again).unwrap();
            assert_eq!(gathered().again, [(40, 2)]);
            put(&writer, &gathered()).unwrap();
            assert_eq!(heard(), again.from);
        }
        while archive.listen(|_| Vec::new()).unwrap() {}
        assert_eq!(heard(), ROWS);
    }
}
