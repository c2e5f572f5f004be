//! The archive's tables and their versions; how a connection is set up before anything is read (`security.md` §5).
//!
//! May use rusqlite and the archive's own errors.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::key::Key;

/// What makes each version of the one before it; the first of an empty file. A file's version is in its `user_version`. Never
/// changed once released.
const STEPS: &[&str] = &[V1, GONE, FACETS, QUICK, PRESSED, ACTIVITY, GROWS, HEARD];

/// Identities are 64-bit keyed hashes ([`super::key::Digests`]) whose hits are compared with what they stand for: an index of
/// them is a third of one of the texts. The two FTS5 indexes hold no text of their own (`content=''`); what they index is in
/// `summaries`. They are in the same transaction as the row: what is received can be found at once, and no crash leaves one
/// without the other. What a queue and a writer behind it would save at the moment of a commit was not measured. Their parts
/// are merged by sixteen and not by four, which leaves a search more parts to look into and a commit less to write. Words have
/// no index of their beginnings: one of two and three letters (`prefix='2 3'`) makes this table two and a half times as large
/// and indexing half as quick (SQLite alone, 60,000 short texts: 157 to 399 bytes a row, 99,000 to 46,000 rows a second of
/// processor time), about a sixth of all ingest, for searches of two letters.
const V1: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE topics (id INTEGER PRIMARY KEY, broker TEXT NOT NULL, node TEXT NOT NULL, UNIQUE (broker, node)) STRICT;
CREATE TABLE scopes (id INTEGER PRIMARY KEY, declarations BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE items (
  seq INTEGER PRIMARY KEY,
  topic INTEGER NOT NULL REFERENCES topics,
  item TEXT NOT NULL,
  version INTEGER NOT NULL,
  key INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  route INTEGER NOT NULL,
  publisher TEXT,
  received INTEGER NOT NULL,
  at INTEGER NOT NULL,
  delayed INTEGER,
  standing INTEGER NOT NULL,
  since INTEGER,
  severity INTEGER NOT NULL,
  tlp INTEGER NOT NULL,
  strictest INTEGER NOT NULL
) STRICT;
CREATE INDEX items_key ON items (key, newest, digest);
CREATE INDEX items_held ON items (topic, seq) WHERE newest = 1 AND standing IN (0, 3);
CREATE TABLE summaries (seq INTEGER PRIMARY KEY REFERENCES items, bytes BLOB NOT NULL) STRICT;
CREATE TABLE payloads (
  seq INTEGER PRIMARY KEY REFERENCES items, scope INTEGER NOT NULL REFERENCES scopes, bytes BLOB NOT NULL
) STRICT;
CREATE TABLE coverage (account TEXT NOT NULL, place INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (account, place))
  STRICT, WITHOUT ROWID;
CREATE TABLE triage (
  seq INTEGER PRIMARY KEY REFERENCES items,
  read INTEGER NOT NULL DEFAULT 0,
  star INTEGER NOT NULL DEFAULT 0,
  snoozed INTEGER,
  disposition TEXT
) STRICT;
CREATE TABLE tags (seq INTEGER NOT NULL REFERENCES items, tag TEXT NOT NULL, PRIMARY KEY (seq, tag)) STRICT, WITHOUT ROWID;
CREATE INDEX tags_tag ON tags (tag, seq);
CREATE TABLE notes (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES items, written INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX notes_seq ON notes (seq);
CREATE TABLE kept (kind TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, name))
  STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = \"unicode61 remove_diacritics 2\"
);
CREATE VIRTUAL TABLE marks USING fts5 (mark, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
CREATE VIRTUAL TABLE marked USING fts5vocab (marks, instance);
INSERT INTO words (words, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('hashsize', 16777216);
INSERT INTO marks (marks, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('hashsize', 16777216);
";

/// Rows whose content retention took away, and by what its payload is known when it comes again: not the keyed hash of
/// `items`, which a backup does not carry.
const GONE: &str = "
CREATE TABLE gone (seq INTEGER PRIMARY KEY REFERENCES items, at INTEGER NOT NULL, trace BLOB NOT NULL) STRICT;
";

/// The values that rows share ([`super::facets`]), and how large a payload is. Summaries that an earlier version of this
/// program wrote are made again in their turn ([`super::renew`]): as many rows, from the first on, are left.
const FACETS: &str = "
CREATE TABLE facets (id INTEGER PRIMARY KEY, facet INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (facet, text)) STRICT;
ALTER TABLE items ADD COLUMN size INTEGER;
INSERT INTO meta (name, value) SELECT 'stale', max(seq) + 1 FROM items HAVING max(seq) IS NOT NULL;
";

/// Which items are here, in an index that appends ([`super::identity`]), and the columns of rows ([`super::packed`]), which go
/// with every change to one of theirs. The leaves of the indexes of words were to fit a page of [`OLDER`] beside what SQLCipher
/// adds to it; full ones do not by a few bytes ([`BESIDE`]).
const QUICK: &str = "
CREATE VIRTUAL TABLE identities USING fts5 (word, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
INSERT INTO identities (identities, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('hashsize', 16777216);
INSERT INTO words (words, rank) VALUES ('pgsz', 3984);
INSERT INTO marks (marks, rank) VALUES ('pgsz', 3984);
INSERT INTO identities (identities, rank) VALUES ('pgsz', 3984);
INSERT INTO identities (rowid, word) SELECT seq, printf('%016x', key) FROM items;
DROP INDEX items_key;
CREATE TABLE packed (first INTEGER PRIMARY KEY, layout INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TRIGGER packed_item AFTER UPDATE OF publisher, standing, severity, tlp, strictest, size ON items BEGIN
  UPDATE packed SET layout = 0 WHERE first = NEW.seq / 1024 * 1024;
END;
CREATE TRIGGER packed_summary AFTER UPDATE ON summaries BEGIN
  UPDATE packed SET layout = 0 WHERE first = NEW.seq / 1024 * 1024;
END;
CREATE TRIGGER packed_no_summary AFTER DELETE ON summaries BEGIN
  DELETE FROM packed WHERE first = OLD.seq / 1024 * 1024;
END;
CREATE TRIGGER packed_gone AFTER INSERT ON gone BEGIN
  DELETE FROM packed WHERE first = NEW.seq / 1024 * 1024;
END;
";

/// How the bytes of a payload are kept ([`super::pressed::Form`]). Those that are here stay as they came: no row is written.
const PRESSED: &str = "
ALTER TABLE payloads ADD COLUMN form INTEGER NOT NULL DEFAULT 0;
";

/// The log of acts ([`super::activity`]), which only grows, and its head apart from it.
const ACTIVITY: &str = "
CREATE TABLE activity (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE activity_head (place INTEGER PRIMARY KEY, count INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TRIGGER activity_stays BEFORE UPDATE ON activity BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER activity_grows BEFORE DELETE ON activity BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
";

/// What the triggers of [`ACTIVITY`] let pass: a row put in the place of another, and a head that is taken away or goes back.
/// And rows whose names of actors and campaigns were no words to find them by are read again: the summary's first byte tells
/// which version made it, and whoever reads again begins with the newest, so that the oldest row knows whether any is left.
const GROWS: &str = "
CREATE TRIGGER activity_once BEFORE INSERT ON activity WHEN EXISTS (SELECT 1 FROM activity WHERE number = NEW.number) BEGIN
  SELECT RAISE(ABORT, 'the log only grows');
END;
CREATE TRIGGER activity_head_once BEFORE INSERT ON activity_head
WHEN EXISTS (SELECT 1 FROM activity_head WHERE place = NEW.place) BEGIN
  SELECT RAISE(ABORT, 'the log only grows');
END;
CREATE TRIGGER activity_head_grows BEFORE UPDATE ON activity_head WHEN NEW.count < OLD.count OR NEW.place <> OLD.place BEGIN
  SELECT RAISE(ABORT, 'the log only grows');
END;
CREATE TRIGGER activity_head_stays BEFORE DELETE ON activity_head BEGIN
  SELECT RAISE(ABORT, 'the log only grows');
END;
INSERT INTO meta (name, value) SELECT 'stale', max(seq) + 1 FROM items
WHERE (SELECT substr(bytes, 1, 1) FROM summaries ORDER BY seq LIMIT 1) IN (x'01', x'02') HAVING max(seq) IS NOT NULL
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
";

/// What the words of rows name ([`super::heard`]), beside what [`V1`]'s index has of them. It is made after the rows: how many,
/// from the first on, were listened to is in `meta`, and of an archive that is older none was.
const HEARD: &str = "
CREATE VIRTUAL TABLE heard USING fts5 (mark, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
CREATE VIRTUAL TABLE heards USING fts5vocab (heard, instance);
INSERT INTO heard (heard, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('pgsz', 3984);
";

/// Pages of a new file, in bytes. What is kept of a report is one or two thousand: of pages half as large each row wastes a
/// third, and each page has a nonce, a code and a frame of the log of its own.
pub const PAGE: u64 = 8_192;
/// Pages of files made before; they stay as they are, until their rows go into another file.
pub const OLDER: u64 = 4_096;
/// What the leaf of an index of words leaves free of a page, in bytes, lest it take a second one: 80 that SQLite reserves (as
/// for SQLCipher's default code, of which [`unlock`] tells it too late), 35 of a row's and 4 of a leaf's own, and the last
/// number of a full leaf, which goes beyond.
const BESIDE: u64 = 136;
/// Longest value in a row, in bytes: the largest document (`iodef`) with room for its neighbours.
pub const LONGEST: i32 = 96 << 20;
/// Pages of the log before a commit carries them into the file itself: four times as many as wait for who does it beside the
/// commits ([`super::carry`]), who can never quite keep up with a flood.
const CHECKPOINT: u32 = 8_000;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The first writer of an empty file; makes the tables.
    Make,
    /// The one writer; brings the tables up to date.
    Write,
    /// Beside the writer; carries the log into the file.
    Carry,
    /// Looks things up.
    Read,
    /// Reads row after row.
    Through,
}

/// Opens the file, which must be there.
///
/// # Errors
/// [`Fault::Newer`] for the file of a later program; [`Fault::Damaged`] when it does not open by this key.
pub fn connect(path: &Path, key: &Key, purpose: Use) -> Result<Connection, Fault> {
    // SQLite takes an empty file for a new archive, whatever the key, and removes the log beside it.
    if purpose != Use::Make && std::fs::metadata(path)?.len() < OLDER {
        return Err(Fault::Damaged("it is shorter than a page".to_owned()));
    }
    let reads = matches!(purpose, Use::Read | Use::Through);
    let mode = if reads { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let mut connection = match enter(path, flags, key, PAGE) {
        // Nothing in the file says in the clear how large its pages are. What both find wrong is said as of a new one.
        Err(Fault::Damaged(words)) if purpose != Use::Make => match enter(path, flags, key, OLDER) {
            Err(Fault::Damaged(_)) => return Err(Fault::Damaged(words)),
            older => older?,
        },
        entered => entered?,
    };
    if purpose != Use::Make && version(&connection)? == 0 {
        return Err(Fault::Damaged("it has no tables".to_owned()));
    }
    settle(&connection, purpose)?;
    if matches!(purpose, Use::Make | Use::Write) {
        upgrade(&mut connection, STEPS)?;
    }
    if purpose == Use::Make {
        leaves(&connection)?;
    }
    Ok(connection)
}

/// Makes the leaves of the indexes of words as long as fits a page; the steps were made for a page of [`OLDER`].
fn leaves(connection: &Connection) -> Result<(), Fault> {
    let long = PAGE - BESIDE;
    let mut all =
        connection.prepare("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE % USING fts5 (%'")?;
    let tables: Vec<String> = all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        connection.execute_batch(&format!("INSERT INTO {table} ({table}, rank) VALUES ('pgsz', {long})"))?;
    }
    Ok(())
}

/// A connection that has seen the file. By another key or another size of its pages that is not a database.
fn enter(path: &Path, flags: OpenFlags, key: &Key, page: u64) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, flags)?;
    // Who only finds out that a file is damaged does not write to it, not by closing it either.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    unlock(&connection, key, page)?;
    let _: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    Ok(connection)
}

/// How large the pages of the file are, in bytes.
pub fn page(connection: &Connection) -> Result<u64, Fault> {
    // SQLCipher says it as text.
    let said = "SELECT CAST(page_size AS INTEGER) FROM pragma_page_size";
    Ok(connection.query_row(said, [], |row| row.get::<_, u32>(0))?.into())
}

/// The file is what it should be: from here on closing it may put the log into it.
pub fn sound(connection: &Connection) -> Result<(), Fault> {
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// What was seen by a connection, where all that it has read is what was written. Noughts in the place of a page may be taken
/// for a value's end, and nothing else says so.
pub fn unharmed<T>(connection: &Connection, seen: T) -> Result<T, Fault> {
    let status: String = connection.query_row("PRAGMA cipher_status", [], |row| row.get(0))?;
    if status == "1" { Ok(seen) } else { Err(Fault::page()) }
}

/// Hands over the key, before anything else, and how large the pages are. The statement holds the key: it is wiped, and neither
/// it nor an error that carries it goes any further.
pub fn unlock(connection: &Connection, key: &Key, page: u64) -> Result<(), Fault> {
    // SQLCipher logs to standard error by default.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let mut statement = Zeroizing::new(String::with_capacity(96));
    statement.push_str("PRAGMA key = \"x'");
    key.hex(&mut statement);
    statement.push_str("'\";");
    connection.execute_batch(&statement).map_err(|_| Fault::Disk("the key was not taken".to_owned()))?;
    // SQLCipher's default is SHA-512; processors have instructions for this one, which is a fifth of the time of a commit.
    Ok(connection
        .execute_batch(&format!("PRAGMA cipher_page_size = {page}; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;"))?)
}

fn settle(connection: &Connection, purpose: Use) -> Result<(), Fault> {
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, LONGEST),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    ] {
        let _ = connection.set_limit(limit, value)?;
    }
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
    )?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    match purpose {
        // FULL: each commit is on the disk when it returns (a commit is what the broker is told is received). NORMAL would
        // leave the last ones to the next checkpoint.
        Use::Make | Use::Write => {
            let _: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
            connection.execute_batch(&format!(
                "PRAGMA synchronous = FULL; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = {CHECKPOINT}; \
                 PRAGMA journal_size_limit = 67108864;"
            ))?;
        }
        Use::Carry => connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?,
        Use::Read => connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8000;")?,
        Use::Through => connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -500;")?,
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, Fault> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the tables up to date, each version in a transaction of its own.
fn upgrade(connection: &mut Connection, steps: &[&str]) -> Result<(), Fault> {
    let found = version(connection)?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Fault::Newer(found));
    }
    let done = usize::try_from(found).map_err(|_| Fault::Damaged("no such version".to_owned()))?;
    for (step, made) in steps.iter().skip(done).zip(found + 1..) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.execute_batch(&format!("PRAGMA user_version = {made}"))?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_leaf_of_an_index_of_words_takes_one_page() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(std::fs::File::create(&path).unwrap());
        let connection = connect(&path, &Key::new([7; 32]), Use::Make).unwrap();
        for (table, column) in [("words", "text"), ("marks", "mark"), ("identities", "word"), ("heard", "mark")] {
            // Words of all lengths that are there once, some that are there often, and one that is in every row.
            let fill = format!(
                "INSERT INTO {table} (rowid, {column}) \
                 WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 30000) \
                 SELECT n, printf('every %d %.*c%016x', n % 7, 1 + n % 40, 'x', n * 7919) FROM n"
            );
            connection.execute_batch(&fill).unwrap();
        }
        let count = |kind: &str| -> i64 {
            let asked = "SELECT count(*) FROM dbstat WHERE name GLOB '*_data' AND pagetype = ?";
            connection.query_row(asked, [kind], |row| row.get(0)).unwrap()
        };
        let (leaves, spilt) = (count("leaf"), count("overflow"));
        assert!(leaves > 150 && spilt == 0, "{leaves} and {spilt} more");
    }

    #[test]
    fn every_version_is_brought_up_to_date_and_a_newer_one_refused() {
        let later = [V1, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;"];
        let mut connection = Connection::open_in_memory().unwrap();
        upgrade(&mut connection, &later[..1]).unwrap();
        connection.execute_batch("INSERT INTO topics (broker, node) VALUES ('b', 'n')").unwrap();
        upgrade(&mut connection, &later).unwrap();
        upgrade(&mut connection, &later).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
        let kept: i64 = connection.query_row("SELECT count(*) FROM topics", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
        assert!(matches!(upgrade(&mut connection, &later[..1]), Err(Fault::Newer(2))));
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = [V1, "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE items (x);"];
        assert!(upgrade(&mut connection, &broken).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT * FROM half").is_err());
    }

    /// Versions of which an archive is frozen (`tests/fixtures/archive`).
    const FROZEN: std::ops::RangeInclusive<usize> = 1..=7;

    fn frozen(version: usize, folder: &Path) -> std::path::PathBuf {
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/archive/v{version}.db"));
        let path = folder.join(format!("{version}.db"));
        let _ = std::fs::copy(made, &path).unwrap();
        path
    }

    /// As it stands, without any step.
    fn plain(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        unlock(&connection, &Key::new([7; 32]), OLDER).unwrap();
        settle(&connection, Use::Write).unwrap();
        connection
    }

    /// What stands in every table of the first version, as text; without what later steps add to it.
    fn rows(connection: &Connection) -> Vec<String> {
        let of = [
            "SELECT quote(name) || quote(value) FROM meta WHERE name <> 'stale' ORDER BY name",
            "SELECT quote(id) || quote(broker) || quote(node) FROM topics ORDER BY id",
            "SELECT quote(id) || quote(declarations) FROM scopes ORDER BY id",
            "SELECT quote(seq) || quote(topic) || quote(item) || quote(version) || quote(key) || quote(newest) || quote(digest) \
             || quote(route) || quote(publisher) || quote(received) || quote(at) || quote(delayed) || quote(standing) \
             || quote(since) || quote(severity) || quote(tlp) || quote(strictest) FROM items ORDER BY seq",
            "SELECT quote(seq) || quote(bytes) FROM summaries ORDER BY seq",
            "SELECT quote(seq) || quote(scope) || quote(bytes) FROM payloads ORDER BY seq",
            "SELECT quote(account) || quote(place) || quote(record) FROM coverage ORDER BY account, place",
            "SELECT quote(seq) || quote(read) || quote(star) || quote(snoozed) || quote(disposition) FROM triage ORDER BY seq",
            "SELECT quote(seq) || quote(tag) FROM tags ORDER BY seq, tag",
            "SELECT quote(id) || quote(seq) || quote(written) || quote(text) FROM notes ORDER BY id",
            "SELECT quote(kind) || quote(name) || quote(body) FROM kept ORDER BY kind, name",
            "SELECT term || ' ' || doc FROM marked ORDER BY term, doc",
        ];
        let all = of.iter().map(|text| {
            let mut asked = connection.prepare(text).unwrap();
            let rows: Vec<String> = asked.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            assert!(!rows.is_empty(), "{text}");
            rows
        });
        all.flatten().collect()
    }

    #[test]
    fn there_is_a_frozen_archive_of_every_version_before_this_one() {
        assert_eq!(FROZEN.count(), STEPS.len() - 1);
        let folder = tempfile::tempdir().unwrap();
        for made in FROZEN {
            assert_eq!(version(&plain(&frozen(made, folder.path()))).unwrap(), i64::try_from(made).unwrap());
        }
    }

    #[test]
    fn every_step_keeps_what_an_archive_of_each_version_holds() {
        for made in FROZEN {
            for until in made..=STEPS.len() {
                // The steps may end anywhere: the next session goes on.
                let folder = tempfile::tempdir().unwrap();
                let path = frozen(made, folder.path());
                let mut connection = plain(&path);
                let before = rows(&connection);
                upgrade(&mut connection, &STEPS[..until]).unwrap();
                assert_eq!(version(&connection).unwrap(), i64::try_from(until).unwrap());
                assert_eq!(rows(&connection), before, "from {made} to {until}");
                drop(connection);
                let connection = connect(&path, &Key::new([7; 32]), Use::Write).unwrap();
                assert_eq!(version(&connection).unwrap(), i64::try_from(STEPS.len()).unwrap());
                assert_eq!(rows(&connection), before, "from {made} to {until} and on");
                // What an earlier version read is read again, whichever versions it went through.
                let left = crate::store::archive::renew::left(&connection).unwrap();
                assert_eq!(left, if made < 6 { 15 } else { 0 }, "from {made} to {until} and on");
                let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
                assert_eq!(sound, "ok");
            }
        }
    }

    #[test]
    fn an_archive_whose_program_died_within_a_step_is_of_the_version_before_and_whole() {
        for made in FROZEN {
            let folder = tempfile::tempdir().unwrap();
            let (path, dead) = (frozen(made, folder.path()), folder.path().join("dead.db"));
            let mut connection = plain(&path);
            let before = rows(&connection);
            // So little memory that what is not committed goes to the log.
            connection.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1;").unwrap();
            let transaction = connection.transaction().unwrap();
            transaction.execute_batch(STEPS[made]).unwrap();
            transaction.execute_batch(&format!("PRAGMA user_version = {}", made + 1)).unwrap();
            let log = |path: &Path| path.with_extension("db-wal");
            let _ = std::fs::copy(&path, &dead).unwrap();
            let spilled = std::fs::copy(log(&path), log(&dead)).unwrap();
            if made == 3 {
                assert!(spilled > 0, "nothing of the step was on the disk");
            }
            drop(transaction);
            let mut connection = plain(&dead);
            assert_eq!(version(&connection).unwrap(), i64::try_from(made).unwrap());
            assert_eq!(rows(&connection), before, "of version {made}");
            upgrade(&mut connection, STEPS).unwrap();
            assert_eq!(rows(&connection), before, "of version {made}");
        }
    }
}
