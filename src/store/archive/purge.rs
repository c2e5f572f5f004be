//! Taking the content of rows away: payload, summary, words and keys, so that what is left in the file says only that there
//! was something (`security.md` §5).
//!
//! May use rusqlite, the archive's own pieces and the contract in `store`. A delete in a contentless FTS5 index only notes that
//! the row is gone; its words stay until their part of the index is merged. So the index is merged after a purge, a bounded
//! piece at a time, and what is freed is overwritten: it could be read by who has the archive's key. The file keeps its size;
//! the room is used again.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, Transaction, params};

use super::fault::Fault;
use super::key::Digests;
use super::{facets, moment, read, summary};
use crate::model::{Tlp, TopicId};
use crate::store::retention::Trace;
use crate::store::{Age, Seq};

/// Pages of an index written in one piece of merging: some ten milliseconds in which nobody else writes.
const PIECE: i64 = 200;
/// A merge that changes less than this has nothing left to do (SQLite's FTS5 documentation, "merge").
const IDLE: u64 = 2;

/// Rows of which a person made something are not told of here: [`purge`] passes them over.
pub fn ages(connection: &Connection, before: DateTime<Utc>, take: &mut dyn FnMut(Age<'_>)) -> Result<(), Fault> {
    let topics = topics(connection)?;
    let mut every = connection.prepare(
        "SELECT seq, topic, strictest, received FROM items WHERE received < ? \
         AND NOT EXISTS (SELECT 1 FROM gone WHERE gone.seq = items.seq) ORDER BY seq",
    )?;
    let mut every = every.query([moment::write(before)])?;
    while let Some(row) = every.next()? {
        let topic = topics.get(&row.get(1)?).ok_or_else(|| Fault::Damaged("a row without a topic".to_owned()))?;
        let (strictest, received) = (label(row.get(2)?), moment::read(row.get(3)?));
        take(Age { seq: row.get(0)?, topic, strictest, received });
    }
    Ok(())
}

fn topics(connection: &Connection) -> Result<HashMap<i64, TopicId>, Fault> {
    let mut all = connection.prepare("SELECT id, broker, node FROM topics")?;
    let (mut all, mut topics) = (all.query([])?, HashMap::new());
    while let Some(row) = all.next()? {
        let broker: String = row.get(1)?;
        let broker = broker.parse().map_err(|_| Fault::Damaged("no address of a broker".to_owned()))?;
        let _ = topics.insert(row.get(0)?, TopicId { broker, node: row.get(2)? });
    }
    Ok(topics)
}

/// An unknown number is read as the strictest.
fn label(code: u8) -> Tlp {
    let all = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::ByAgreement];
    all.into_iter().find(|label| label.code() == code).unwrap_or(Tlp::Red)
}

/// See [`crate::store::Store::purge`].
pub fn purge(
    connection: &mut Connection,
    digests: &Digests,
    rows: &[Seq],
    at: DateTime<Utc>,
) -> Result<Vec<Seq>, Fault> {
    overwriting(connection, |connection| {
        let transaction = connection.transaction()?;
        let mut gone = Vec::new();
        {
            let mut purging = Purging::new(&transaction, digests)?;
            for seq in rows {
                if purging.empty(*seq, at)? {
                    gone.push(*seq);
                }
            }
            facets::prune(&transaction, &purging.values)?;
        }
        if !gone.is_empty() {
            // Until the indexes are merged; after a crash the next run goes on with it.
            let _ = transaction.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('untidy', 1)", [])?;
        }
        transaction.commit()?;
        Ok(gone)
    })
}

/// A purge under way, with its statements.
struct Purging<'a> {
    free: Statement<'a>,
    digests: &'a Digests,
    payload: Statement<'a>,
    summary: Statement<'a>,
    takes: Vec<Statement<'a>>,
    /// Values that rows had which are empty now.
    values: BTreeSet<facets::Value>,
    note: Statement<'a>,
}

/// What goes of a row. Its digest, label and severity stay in `items`, and that it was read.
const TAKES: [&str; 6] = [
    "DELETE FROM payloads WHERE seq = ?",
    "DELETE FROM summaries WHERE seq = ?",
    "DELETE FROM words WHERE rowid = ?",
    "DELETE FROM marks WHERE rowid = ?",
    "DELETE FROM heard WHERE rowid = ?",
    "UPDATE items SET publisher = NULL, size = 0 WHERE seq = ?",
];

impl<'a> Purging<'a> {
    fn new(on: &'a Transaction<'a>, digests: &'a Digests) -> Result<Self, Fault> {
        Ok(Self {
            // The row has its content, and nobody made anything of it (`store::local::by_hand`).
            free: on.prepare(
                "SELECT 1 FROM items WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM gone WHERE seq = ?1) \
                 AND NOT EXISTS (SELECT 1 FROM triage WHERE seq = ?1 \
                                 AND (star = 1 OR snoozed IS NOT NULL OR disposition IS NOT NULL)) \
                 AND NOT EXISTS (SELECT 1 FROM tags WHERE seq = ?1) \
                 AND NOT EXISTS (SELECT 1 FROM notes WHERE seq = ?1)",
            )?,
            digests,
            payload: on.prepare(read::PAYLOAD)?,
            summary: on.prepare("SELECT bytes FROM summaries WHERE seq = ?")?,
            values: BTreeSet::new(),
            takes: TAKES.iter().map(|text| on.prepare(text)).collect::<Result<_, _>>()?,
            note: on.prepare("INSERT INTO gone (seq, at, trace) VALUES (?, ?, ?)")?,
        })
    }

    /// Empties the row; whether it did.
    fn empty(&mut self, seq: Seq, at: DateTime<Utc>) -> Result<bool, Fault> {
        if self.free.query_row([seq], |_| Ok(())).optional()?.is_none() {
            return Ok(false);
        }
        let trace = read::payload(&mut self.payload, seq, Some(self.digests))?.map(|payload| Trace::of(&payload.bytes));
        let trace = trace.as_ref().map_or(&[][..], Trace::bytes);
        let kept: Option<Vec<u8>> = self.summary.query_row([seq], |row| row.get(0)).optional()?;
        self.values.extend(kept.as_deref().and_then(summary::read).iter().flat_map(facets::of));
        for take in &mut self.takes {
            let _ = take.execute([seq])?;
        }
        let _ = self.note.execute(params![seq, moment::write(at), trace])?;
        Ok(true)
    }
}

/// Overwrites what is freed meanwhile. Not always: the merging of an index that only grows would write twice as much.
pub fn overwriting<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    secure(connection, true)?;
    let done = work(connection);
    secure(connection, false)?;
    done
}

fn secure(connection: &Connection, on: bool) -> Result<(), Fault> {
    let _: i64 = connection.query_row(&format!("PRAGMA secure_delete = {}", u8::from(on)), [], |row| row.get(0))?;
    Ok(())
}

/// See [`crate::store::Store::tidy`]. Which index is being merged is kept, so that a crash loses a piece at most.
pub fn tidy(connection: &mut Connection) -> Result<bool, Fault> {
    let step: Option<i64> =
        connection.query_row("SELECT value FROM meta WHERE name = 'untidy'", [], |row| row.get(0)).optional()?;
    let Some(step) = step else { return Ok(true) };
    let (table, begins) = match step {
        1 => ("words", true),
        2 => ("words", false),
        3 => ("marks", true),
        4 => ("marks", false),
        5 => ("heard", true),
        6 => ("heard", false),
        _ => return end(connection).map(|()| true),
    };
    overwriting(connection, |connection| {
        let transaction = connection.transaction()?;
        let before = transaction.total_changes();
        // A negative number begins a merge of all parts into one, a positive one goes on with it.
        let piece = if begins { -PIECE } else { PIECE };
        let _ = transaction.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)"), [piece])?;
        let idle = transaction.total_changes() - before < IDLE;
        if begins || idle {
            let _ = transaction.execute("UPDATE meta SET value = ? WHERE name = 'untidy'", [step + 1])?;
        }
        Ok(transaction.commit()?)
    })?;
    Ok(false)
}

/// All is merged: the log's old pages go too, as far as no reader needs them.
fn end(connection: &Connection) -> Result<(), Fault> {
    let _ = connection.execute("DELETE FROM meta WHERE name = 'untidy'", [])?;
    let _: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::model::{ItemId, Kind, Summary};
    use crate::store::archive::{Key, Word};
    use crate::store::{Archive, Incoming, ItemKey, Payload, Route, Store};

    fn incoming(number: usize) -> Incoming {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let mut summary = Summary::of_kind(Kind::Iodef2);
        let word = if number % 2 == 1 { "zymurgic" } else { "xylophonic" };
        summary.title = format!("{word}{number} and words that are in every one of them");
        let payload = format!("<IODEF-Document>quixotry{number}</IODEF-Document>").into_bytes();
        Incoming {
            key: ItemKey { topic, item: ItemId(number.to_string()) },
            payload: Some(Payload { bytes: Arc::from(payload), scope: Arc::from([]) }),
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: Some("zephyrine@grid.example/x".to_owned()),
            received: DateTime::UNIX_EPOCH,
            delayed: None,
            history: false,
        }
    }

    /// Whether any table of the file has these bytes in a value.
    fn holds(connection: &Connection, table: &str, column: &str, word: &str) -> bool {
        let text = format!("SELECT count(*) FROM {table} WHERE instr(CAST({column} AS BLOB), CAST(? AS BLOB)) > 0");
        connection.query_row(&text, [word], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    fn traces(archive: &Archive, number: usize) -> [bool; 4] {
        let writer = archive.writer().unwrap();
        let on = &writer.connection;
        let word = if number % 2 == 1 { "zymurgic" } else { "xylophonic" };
        [
            holds(on, "payloads", "bytes", &format!("quixotry{number}<")),
            holds(on, "summaries", "bytes", &format!("{word}{number} ")),
            on.query_row("SELECT count(*) FROM words WHERE words MATCH ?", [format!("{word}{number}")], |row| {
                row.get::<_, i64>(0)
            })
            .unwrap()
                > 0,
            on.query_row("SELECT publisher IS NOT NULL FROM items WHERE seq = ?", [number as i64], |row| row.get(0))
                .unwrap(),
        ]
    }

    #[test]
    fn nothing_of_a_purged_row_is_left_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
        for batch in 0..40 {
            let _ = archive.commit((batch * 50..batch * 50 + 50).map(incoming).collect()).unwrap();
        }
        assert_eq!(traces(&archive, 777), [true; 4]);
        {
            let writer = archive.writer().unwrap();
            assert!(holds(&writer.connection, "words_data", "block", "zymurgic"));
        }
        let all: Vec<Seq> = (0..2_000).filter(|seq| seq % 2 == 1).collect();
        let begun = Instant::now();
        for piece in all.chunks(256) {
            assert_eq!(archive.purge(piece, DateTime::UNIX_EPOCH).unwrap(), piece);
        }
        let mut pieces = 0;
        while !archive.tidy().unwrap() {
            pieces += 1;
            assert!(pieces < 1_000);
        }
        println!("{pieces} pieces, {:?}", begun.elapsed());
        assert_eq!(traces(&archive, 777), [false; 4]);
        assert_eq!(traces(&archive, 778), [true; 4], "the others are as they were");
        let word = |text: &str| Word { text: text.to_owned(), begins: false };
        assert_eq!(archive.words(&[word("words")], None, 5_000).unwrap().len(), 1_000);
        let writer = archive.writer().unwrap();
        assert!(!holds(&writer.connection, "words_data", "block", "zymurgic"));
        assert!(holds(&writer.connection, "words_data", "block", "xylophonic"));
        drop(writer);
        assert!(archive.tidy().unwrap());
    }
}
