//! Reading, beside the writer: rows, payloads, words and what is known of them, each by a connection that is lent for it.
//!
//! May use rusqlite and the contract in `store`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::code::Reader;
use super::fault::Fault;
use super::identity::{BEARS, word};
use super::key::{Digests, LOST};
use super::pool::Pool;
use super::pressed::{self, Form};
use super::write::topic_of;
use super::{coverage, moment, route, standing, summary};
use crate::model::{BareJid, ItemId, Kind, Observable, Say, Summary, TopicId};
use crate::store::index::Word;
use crate::store::{Held, ItemKey, Payload, Record, Route, Row, Seq, Standing};

/// Makes a summary of a payload again, where the one that was kept cannot be read, and everything in it that can be looked up:
/// `iodef`'s, which the store does not know.
pub type Summarise = fn(&[u8], &[(String, String)]) -> (Summary, Vec<Observable>);

const ROW: &str = "SELECT items.seq, broker, node, item, version, route, publisher, received, items.at, standing, since, bytes, \
                   gone.seq IS NOT NULL, iif(gone.seq IS NULL, size, 0) FROM items JOIN topics ON topics.id = items.topic \
                   LEFT JOIN summaries ON summaries.seq = items.seq LEFT JOIN gone ON gone.seq = items.seq";

/// What reading takes besides a connection.
#[derive(Clone, Copy)]
pub struct With<'a> {
    pub digests: &'a Digests,
    pub summarise: Option<Summarise>,
}

/// Those of these rows that are there.
pub fn rows(connection: &Connection, with: With<'_>, seqs: &[Seq]) -> Result<Vec<Row>, Fault> {
    let mut find = connection.prepare(&format!("{ROW} WHERE items.seq = ?"))?;
    let mut rows = Vec::with_capacity(seqs.len());
    for seq in seqs {
        if let Some(found) = find.query([seq])?.next()? {
            rows.push(row(connection, found, with)?);
        }
    }
    Ok(rows)
}

/// A row that is there and cannot be read: where it stands in time as far as that can be, and what happened.
pub fn damaged(pool: &Pool, seq: Seq, cause: &str) -> Option<Row> {
    tracing::warn!(seq, cause, "a damaged row");
    let known = pool.with(|connection| {
        let find = "SELECT received, at, route, size FROM items WHERE seq = ?";
        let each = |row: &rusqlite::Row<'_>| Ok([0, 1, 2, 3].map(|column| row.get::<_, i64>(column).ok()));
        Ok(connection.query_row(find, [seq], each)?)
    });
    let [received, at, route, size] = known.unwrap_or_default();
    let time = |column: Option<i64>| column.map(moment::read).unwrap_or_default();
    let nowhere = TopicId { broker: "damaged.invalid".parse().ok()?, node: String::new() };
    let say = Say::new("error-store-damaged").with("cause", cause);
    Some(Row {
        seq,
        key: ItemKey { topic: nowhere, item: ItemId(String::new()) },
        summary: Arc::new(Summary::of_kind(Kind::Invalid(say))),
        route: route.and_then(|route| route::read(u8::try_from(route).ok()?).ok()).unwrap_or(Route::Fetched),
        publisher: None,
        received: time(received),
        at: time(at),
        standing: Standing::Current,
        version: 1,
        size: size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
    })
}

fn row(connection: &Connection, row: &rusqlite::Row<'_>, with: With<'_>) -> Result<Row, Fault> {
    let seq = row.get(0)?;
    let broker: String = row.get(1)?;
    let broker = broker.parse().map_err(|_| Fault::Damaged("no address of a broker".to_owned()))?;
    let key = ItemKey { topic: TopicId { broker, node: row.get(2)? }, item: ItemId(row.get(3)?) };
    let kept = row.get_ref(11)?.as_blob_or_null().ok().flatten().and_then(summary::read);
    let summary = match kept {
        _ if row.get(12)? => Summary::of_kind(Kind::Gone),
        Some(summary) => summary,
        None => again(connection, seq, with)?,
    };
    Ok(Row {
        seq,
        key,
        summary: Arc::new(summary),
        route: route::read(row.get(5)?)?,
        publisher: row.get(6)?,
        received: moment::read(row.get(7)?),
        at: moment::read(row.get(8)?),
        standing: standing::read(row.get(9)?, row.get(10)?)?,
        version: row.get(4)?,
        size: match row.get::<_, Option<i64>>(13)? {
            Some(size) => size.unsigned_abs(),
            None => size_of(connection, seq)?,
        },
    })
}

/// Of a payload that an earlier version of this program stored.
fn size_of(connection: &Connection, seq: Seq) -> Result<u64, Fault> {
    let mut find = connection.prepare("SELECT length(bytes) FROM payloads WHERE seq = ?")?;
    let size: Option<i64> = find.query_row([seq], |row| row.get(0)).optional()?;
    Ok(size.unwrap_or_default().unsigned_abs())
}

pub fn again(connection: &Connection, seq: Seq, with: With<'_>) -> Result<Summary, Fault> {
    Ok(match (payload_of(connection, Some(with.digests), seq)?, with.summarise) {
        (Some(payload), Some(summarise)) => summarise(&payload.bytes, &payload.scope).0,
        (Some(_), None) => Summary::of_kind(Kind::Invalid(Say::new("error-store-summary"))),
        (None, _) => Summary::of_kind(Kind::Empty),
    })
}

/// Everything a row names: of its payload where that can be read again, else what its summary keeps.
pub fn observables(connection: &Connection, with: With<'_>, seq: Seq) -> Result<Vec<Observable>, Fault> {
    if let (Some(payload), Some(summarise)) = (payload_of(connection, Some(with.digests), seq)?, with.summarise) {
        return Ok(summarise(&payload.bytes, &payload.scope).1);
    }
    Ok(rows(connection, with, &[seq])?.first().map(|row| row.summary.observables.clone()).unwrap_or_default())
}

pub const PAYLOAD: &str = "SELECT bytes, declarations, (SELECT digest FROM items WHERE items.seq = payloads.seq), form FROM payloads \
     JOIN scopes ON scopes.id = payloads.scope WHERE seq = ?";

/// The payload of a row, by [`PAYLOAD`], held against its digest. Only a recovery may have no key to do that by, and says so
/// then ([`super::Kept::unproved`]): SQLCipher reads a page that is not what
/// was written as noughts and fails only what is read after it, so the end of a long value would be those.
pub fn payload(find: &mut Statement<'_>, seq: Seq, digests: Option<&Digests>) -> Result<Option<Payload>, Fault> {
    let mut found = find.query([seq])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let damaged = |_| Fault::Damaged("no payload".to_owned());
    let bytes: Arc<[u8]> = unpressed(row, 0, 3)?.into();
    let scope = scope(row.get_ref(1)?.as_blob().map_err(damaged)?);
    let scope = scope.ok_or_else(|| Fault::Damaged("no scope".to_owned()))?;
    let payload = Payload { bytes, scope: scope.into() };
    let digest: Option<i64> = row.get(2)?;
    let same =
        |digests: &Digests| digest.is_none_or(|digest| digest == LOST || digest == digests.payload(Some(&payload)));
    if digests.is_some_and(|digests| !same(digests)) {
        return Err(Fault::Damaged("a payload is not what was stored".to_owned()));
    }
    Ok(Some(payload))
}

/// The payload in one column, by its form in the other, as it came.
pub fn unpressed<'a>(row: &'a rusqlite::Row<'_>, bytes: usize, form: usize) -> Result<Cow<'a, [u8]>, Fault> {
    let damaged = || Fault::Damaged("no payload".to_owned());
    let bytes = row.get_ref(bytes)?.as_blob().map_err(|_| damaged())?;
    // A later program may have other forms, with tables of another version.
    let form = Form::read(row.get(form)?).ok_or_else(damaged)?;
    pressed::read(form, bytes).ok_or_else(damaged)
}

/// The payload of one row, as [`payload`].
pub fn payload_of(connection: &Connection, digests: Option<&Digests>, seq: Seq) -> Result<Option<Payload>, Fault> {
    payload(&mut connection.prepare(PAYLOAD)?, seq, digests)
}

fn scope(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    Reader(bytes).list(|reader| Some((reader.text()?, reader.text()?)))
}

pub fn find(connection: &Connection, digests: &Digests, key: &ItemKey) -> Result<Option<Seq>, Fault> {
    let Some(topic) = topic_of(connection, &key.topic)? else { return Ok(None) };
    let mut find = connection
        .prepare(&format!("SELECT seq FROM items WHERE {BEARS} AND newest = 1 AND topic = ? AND item = ?"))?;
    let found = find.query_row(params![word(digests.key(topic, key)), topic, key.item.0], |row| row.get(0));
    Ok(found.optional()?)
}

pub fn held(connection: &Connection, topic: &TopicId) -> Result<Vec<Held>, Fault> {
    let Some(topic) = topic_of(connection, topic)? else { return Ok(Vec::new()) };
    let mut held = connection
        .prepare("SELECT item, seq, standing FROM items WHERE topic = ? AND newest = 1 AND standing IN (0, 3)")?;
    let held = held.query_map([topic], |row| {
        let standing: u8 = row.get(2)?;
        Ok(Held { item: ItemId(row.get(0)?), seq: row.get(1)?, absent: standing != 0 })
    })?;
    Ok(held.collect::<Result<_, _>>()?)
}

/// As [`crate::store::Store::late`]. Rows are numbered as they are received: those of a time are looked for, and only they are
/// read.
pub fn late(
    connection: &Connection,
    topics: &[TopicId],
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(u32, u32), Fault> {
    let (from, until) = (moment::write(from), moment::write(until));
    let known = topics.iter().filter_map(|topic| topic_of(connection, topic).transpose());
    let known: HashSet<i64> = known.collect::<Result<_, _>>()?;
    let rows: i64 = connection.query_row("SELECT ifnull(max(seq) + 1, 0) FROM items", [], |row| row.get(0))?;
    let mut received = connection.prepare("SELECT received FROM items WHERE seq >= ? ORDER BY seq LIMIT 1")?;
    let mut first = |is_before: &dyn Fn(i64) -> bool| -> Result<i64, Fault> {
        let (mut first, mut end) = (0, rows);
        while first < end {
            let middle = first + (end - first) / 2;
            if is_before(received.query_row([middle], |row| row.get(0))?) { first = middle + 1 } else { end = middle }
        }
        Ok(first)
    };
    let span = (first(&|at| at < from)?, first(&|at| at <= until)?);
    let mut count = connection
        .prepare("SELECT topic, route, count(*) FROM items WHERE seq >= ? AND seq < ? GROUP BY topic, route")?;
    let mut count = count.query([span.0, span.1])?;
    let (mut came, mut kept) = (0_u32, 0_u32);
    while let Some(row) = count.next()? {
        let (route, many) = (route::read(row.get(1)?)?, row.get(2)?);
        if route != Route::Live && known.contains(&row.get(0)?) {
            came = came.saturating_add(many);
            kept = kept.saturating_add(if route == Route::Delayed { many } else { 0 });
        }
    }
    Ok((came, kept))
}

pub fn coverage(connection: &Connection, account: &BareJid) -> Result<Vec<Record>, Fault> {
    let mut kept = connection.prepare("SELECT record FROM coverage WHERE account = ? ORDER BY place")?;
    let mut kept = kept.query([account.to_string()])?;
    let mut records = Vec::new();
    while let Some(row) = kept.next()? {
        let record = row.get_ref(0)?.as_blob().ok().and_then(coverage::read);
        records.push(record.ok_or_else(|| Fault::Damaged("a record of completeness".to_owned()))?);
    }
    Ok(records)
}

/// Rows that hold all of these words, newest first, those before `before`.
pub fn words(connection: &Connection, all: &[Word], before: Option<Seq>, most: usize) -> Result<Vec<Seq>, Fault> {
    let Some(all) = matching(all, &[]) else { return Ok(Vec::new()) };
    let mut find =
        connection.prepare("SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?")?;
    let before = before.map_or(i64::MAX, i64::from);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = find.query_map(params![all, before, most], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Rows within these bounds that hold all of these words and none of the others, oldest first; none where one of those that
/// they are to hold is no word. Nothing where they are more than `most`. Stops when `stop` says so.
pub fn words_within(
    connection: &Connection,
    (all, none): (&[Word], &[Word]),
    (first, last): (Seq, Seq),
    most: usize,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Vec<Seq>>, Fault> {
    let mut rows = Vec::new();
    let Some(all) = matching(all, none).filter(|_| all.iter().all(is_word)) else { return Ok(Some(rows)) };
    let mut find = connection.prepare("SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?")?;
    let whole = take(find.query(params![all, first, last])?, &mut rows, most, stop)?;
    Ok(whole.then_some(rows))
}

/// Takes the rows that are found; `false` where they would be more than `most`.
pub fn take(
    mut found: rusqlite::Rows<'_>,
    all: &mut Vec<Seq>,
    most: usize,
    stop: &dyn Fn() -> bool,
) -> Result<bool, Fault> {
    if stop() {
        return Err(Fault::Stopped);
    }
    while let Some(row) = found.next()? {
        if all.len() >= most {
            return Ok(false);
        }
        all.push(row.get(0)?);
        if all.len().is_multiple_of(1_024) && stop() {
            return Err(Fault::Stopped);
        }
    }
    Ok(true)
}

fn is_word(word: &Word) -> bool {
    word.text.chars().any(char::is_alphanumeric)
}

/// As the index is asked for all of them and none of the others; nothing where there is no word.
fn matching(all: &[Word], none: &[Word]) -> Option<String> {
    // Quoted, nothing in it is the index's language.
    let quoted = |word: &Word| {
        let star = if word.begins { " *" } else { "" };
        format!("\"{}\"{star}", word.text.replace('"', "\"\"").replace('\0', " "))
    };
    let written = |words: &[Word]| words.iter().filter(|word| is_word(word)).map(quoted).collect::<Vec<_>>();
    let (all, none) = (written(all), written(none));
    let all = (!all.is_empty()).then(|| all.join(" AND "))?;
    Some(if none.is_empty() { all } else { format!("({all}) NOT ({})", none.join(" OR ")) })
}
