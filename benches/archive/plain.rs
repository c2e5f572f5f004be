//! The limit: SQLite alone, with the tables that the archive itself makes, the same values and commits, without encryption. With
//! payloads pressed as the archive's are, before its clock starts, and as they came. Its log is carried into the file as the
//! archive's is: by a thread beside the commits, and by the writer only where that lags behind.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use gridwatch::model::Summary;
use gridwatch::store::archive::Key;
use gridwatch::store::index::key;
use gridwatch::store::{Archive, Incoming};
use lz4_flex::block::compress_with_dict;
use rusqlite::{Connection, Transaction, params};

use super::random::Random;
use super::rate::Took;
use super::sealed::{self, PAGE};

pub struct Plain {
    connection: Connection,
    payloads: Payloads,
    random: Random,
    next: i64,
    /// Something was committed.
    tell: Option<SyncSender<()>>,
    carries: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Payloads {
    AsTheyCame,
    Pressed,
}

/// Pages in the log that are worth carrying (`store::archive::carry`), and before the writer does (`schema`).
const MANY: i64 = 2_000;
const CHECKPOINT: u32 = 8_000;

/// The archive's (`store::archive::pressed`).
const DICTIONARY: &[u8] = include_bytes!("../../src/store/archive/pressed/iodef.1.txt");

/// What of an incident goes into its own tables.
struct Values {
    seq: i64,
    item: String,
    publisher: Option<String>,
    at: Option<i64>,
    payload: Vec<u8>,
    words: String,
    marks: String,
    key: i64,
    identity: String,
    digest: i64,
}

/// As long as the archive's own encoding of a summary.
const SUMMARY: [u8; 900] = [7; 900];

impl Plain {
    pub fn make(path: &Path, payloads: Payloads) -> Self {
        let connection = Connection::open(path).unwrap();
        let tables = tables(path);
        let set = format!(
            "PRAGMA page_size = {PAGE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000; \
             PRAGMA wal_autocheckpoint = {CHECKPOINT}; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;"
        );
        connection.execute_batch(&set).unwrap();
        connection.execute_batch(&tables).unwrap();
        let _ = connection.execute("INSERT INTO topics (broker, node) VALUES ('b', 'n')", []).unwrap();
        let _ = connection.execute("INSERT INTO scopes (declarations) VALUES (x'00')", []).unwrap();
        let (tell, told) = sync_channel(1);
        let path = path.to_path_buf();
        let carries = std::thread::spawn(move || {
            let connection = Connection::open(path).unwrap();
            connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;").unwrap();
            // A look that meets the writer's own is another time's.
            let look = |how: &str| -> rusqlite::Result<i64> {
                let left = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
                connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], left)
            };
            while told.recv().is_ok() {
                if look("NOOP").is_ok_and(|left| left >= MANY) {
                    let _ = look("PASSIVE");
                }
            }
        });
        let (tell, carries) = (Some(tell), Some(carries));
        Self { connection, payloads, random: Random(9), next: 0, tell, carries }
    }

    pub fn commit(&mut self, batch: &[Incoming]) -> Took {
        let values: Vec<Values> = batch.iter().map(|incoming| self.values(incoming)).collect();
        let ((), took) = Took::of(|| {
            let transaction = self.connection.transaction().unwrap();
            put(&transaction, &values);
            transaction.commit().unwrap();
            if let Some(tell) = &self.tell {
                let _ = tell.try_send(());
            }
        });
        took
    }

    fn values(&mut self, incoming: &Incoming) -> Values {
        let Summary { id, csirt, descriptions, observables, .. } = &incoming.summary;
        let hex = |key: Vec<u8>| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let marks: Vec<String> = observables.iter().flat_map(key::keys).map(|key| format!("k{}", hex(key))).collect();
        self.next += 1;
        let key = self.random.next() as i64;
        let payload = &incoming.payload.as_ref().unwrap().bytes;
        Values {
            seq: self.next,
            item: incoming.key.item.0.clone(),
            publisher: incoming.publisher.clone(),
            at: incoming.received.timestamp_nanos_opt(),
            payload: match self.payloads {
                Payloads::AsTheyCame => payload.to_vec(),
                Payloads::Pressed => compress_with_dict(payload, DICTIONARY),
            },
            words: format!("{id} {csirt} {} contact@{csirt}", descriptions[0].1),
            marks: marks.join(" "),
            key,
            identity: format!("{key:016x}"),
            digest: self.random.next() as i64,
        }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        drop(self.tell.take());
        let _ = self.carries.take().map(JoinHandle::join);
    }
}

fn put(transaction: &Transaction<'_>, batch: &[Values]) {
    let mut identities = transaction.prepare("INSERT INTO identities (rowid, word) VALUES (?, ?)").unwrap();
    let mut items = transaction
        .prepare(
            "INSERT INTO items (seq, topic, item, version, key, newest, digest, route, publisher, received, at, standing, \
             severity, tlp, strictest) VALUES (?, 1, ?, 1, ?, 1, ?, 0, ?, ?, ?, 0, 3, 1, 1)",
        )
        .unwrap();
    let mut summaries = transaction.prepare("INSERT INTO summaries (seq, bytes) VALUES (?, ?)").unwrap();
    let mut payloads =
        transaction.prepare("INSERT INTO payloads (seq, scope, bytes, form) VALUES (?, 1, ?, 1)").unwrap();
    let mut words = transaction.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").unwrap();
    let mut marks = transaction.prepare("INSERT INTO marks (rowid, mark) VALUES (?, ?)").unwrap();
    for one in batch {
        let _ = identities.execute(params![one.seq, one.identity]).unwrap();
        let values = params![one.seq, one.item, one.key, one.digest, one.publisher, one.at, one.at];
        let _ = items.execute(values).unwrap();
        let _ = summaries.execute(params![one.seq, SUMMARY]).unwrap();
        let _ = payloads.execute(params![one.seq, one.payload]).unwrap();
        let _ = words.execute(params![one.seq, one.words]).unwrap();
        let _ = marks.execute(params![one.seq, one.marks]).unwrap();
    }
}

/// What makes the archive's tables, as the archive itself tells.
fn tables(beside: &Path) -> String {
    let path = beside.with_extension("tables");
    drop(Archive::make(&path, &Key::new([7; 32])).unwrap());
    let connection = sealed::open(&path);
    let own = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'words_*' AND name NOT GLOB 'marks_*' \
               AND name NOT GLOB 'identities_*' AND name NOT GLOB 'heard_*' AND name NOT GLOB 'sqlite_*'";
    let mut own = connection.prepare(own).unwrap();
    let own: Vec<String> = own.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let leaf: i64 = connection.query_row("SELECT v FROM words_config WHERE k = 'pgsz'", [], |row| row.get(0)).unwrap();
    let merged = ["words", "marks", "identities"].map(|table| {
        format!(
            "INSERT INTO {table} ({table}, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('hashsize', 16777216), \
             ('pgsz', {leaf});"
        )
    });
    own.join(";\n") + ";" + &merged.concat()
}
