//! All that the archive holds, taken out and put in: for a recovery and for a backup.
//!
//! May use rusqlite and the contract in `store`. Hashes and indexes are made again by who takes it in.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Statement, params_from_iter};

use super::code::{Reader, Writer};
use super::fault::Fault;
use super::key::Digests;
use super::{read, step};
use crate::model::{ItemId, TopicId};
use crate::store::{ItemKey, Payload, Seq, local};

/// An item with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    pub seq: Seq,
    pub key: ItemKey,
    pub version: u32,
    pub newest: bool,
    pub route: u8,
    pub publisher: Option<String>,
    pub received: i64,
    pub at: i64,
    pub delayed: Option<i64>,
    pub standing: u8,
    pub since: Option<i64>,
    pub summary: Option<Vec<u8>>,
    pub payload: Option<Payload>,
}

const ITEM: &str = "SELECT seq, broker, node, item, version, newest, route, publisher, received, at, delayed, standing, since \
                    FROM items JOIN topics ON topics.id = items.topic WHERE seq >= ? ORDER BY seq LIMIT 1";

const SUMMARY: &str = "SELECT bytes FROM summaries WHERE seq = ?";

/// Items, one after the other.
pub struct Items<'a> {
    digests: Option<&'a Digests>,
    item: Statement<'a>,
    summary: Statement<'a>,
    payload: Statement<'a>,
}

impl<'a> Items<'a> {
    pub fn new(connection: &'a Connection, digests: Option<&'a Digests>) -> Result<Self, Fault> {
        Ok(Self {
            digests,
            item: connection.prepare(ITEM)?,
            summary: connection.prepare(SUMMARY)?,
            payload: connection.prepare(read::PAYLOAD)?,
        })
    }

    /// The first item from this number on, and whether everything of it could be read. `None` when there is none.
    pub fn next(&mut self, from: i64) -> Result<Option<(Whole, bool)>, Fault> {
        let mut found = self.item.query([from])?;
        let Some(row) = found.next()? else { return Ok(None) };
        let broker: String = row.get(1)?;
        let broker = broker.parse().map_err(|_| Fault::Damaged("no address of a broker".to_owned()))?;
        let key = ItemKey { topic: TopicId { broker, node: row.get(2)? }, item: ItemId(row.get(3)?) };
        let mut whole = Whole {
            seq: row.get(0)?,
            key,
            version: row.get(4)?,
            newest: row.get(5)?,
            route: row.get(6)?,
            publisher: row.get(7)?,
            received: row.get(8)?,
            at: row.get(9)?,
            delayed: row.get(10)?,
            standing: row.get(11)?,
            since: row.get(12)?,
            summary: None,
            payload: None,
        };
        let summary = self.summary.query_row([whole.seq], |row| row.get(0)).optional();
        let payload = read::payload(&mut self.payload, whole.seq, self.digests);
        let all = summary.is_ok() && payload.is_ok();
        (whole.summary, whole.payload) = (summary.ok().flatten(), payload.ok().flatten());
        Ok(Some((whole, all)))
    }
}

/// The summary of a row, as it was written.
pub fn summary(connection: &Connection, seq: Seq) -> Result<Option<Vec<u8>>, Fault> {
    let mut find = connection.prepare(SUMMARY)?;
    Ok(find.query_row([seq], |row| row.get(0)).optional()?)
}

impl Whole {
    pub fn write(&self, w: &mut Writer) {
        w.number(u64::from(self.seq));
        w.text(&self.key.topic.broker.to_string());
        w.text(&self.key.topic.node);
        w.text(&self.key.item.0);
        w.number(u64::from(self.version));
        w.byte(u8::from(self.newest));
        w.byte(self.route);
        w.maybe(self.publisher.as_deref(), Writer::text);
        w.signed(self.received);
        w.signed(self.at);
        w.maybe(self.delayed, Writer::signed);
        w.byte(self.standing);
        w.maybe(self.since, Writer::signed);
        w.maybe(self.summary.as_deref(), Writer::bytes);
        w.maybe(self.payload.as_ref(), |w, payload| {
            w.list(payload.scope.iter(), |w, (prefix, namespace)| {
                w.text(prefix);
                w.text(namespace);
            });
            w.bytes(&payload.bytes);
        });
    }

    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let seq = Seq::try_from(r.number()?).ok()?;
        let topic = TopicId { broker: r.text()?.parse().ok()?, node: r.text()? };
        Some(Self {
            seq,
            key: ItemKey { topic, item: ItemId(r.text()?) },
            version: u32::try_from(r.number()?).ok()?,
            newest: r.byte()? != 0,
            route: r.byte()?,
            publisher: r.maybe(Reader::text)?,
            received: r.signed()?,
            at: r.signed()?,
            delayed: r.maybe(Reader::signed)?,
            standing: r.byte()?,
            since: r.maybe(Reader::signed)?,
            summary: r.maybe(|r| Some(r.bytes()?.to_vec()))?,
            payload: r.maybe(|r| {
                let scope = r.list(|r| Some((r.text()?, r.text()?)))?;
                Some(Payload { scope: scope.into(), bytes: r.bytes()?.into() })
            })?,
        })
    }
}

/// The other tables, by what is taken from them. Where the first column is `seq` it is a row's number. Backups name them by
/// their place here: only ever added to.
pub const OTHERS: [(&str, &str); 8] = [
    ("coverage", "account, place, record"),
    ("triage", "seq, read, star, snoozed, disposition"),
    ("tags", "seq, tag"),
    ("notes", "seq, written, text"),
    ("kept", "kind, name, body"),
    ("gone", "seq, at, trace"),
    ("activity", "number, bytes, hash"),
    ("activity_head", "place, count, hash"),
];

/// A row of one of the other tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    pub table: usize,
    pub values: Vec<Value>,
}

/// All rows of the other tables, each to `take`.
pub fn others(
    connection: &Connection,
    table: usize,
    mut take: impl FnMut(Other) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Some((name, columns)) = OTHERS.get(table) else { return Ok(()) };
    let mut all = connection.prepare(&format!("SELECT {columns} FROM {name}"))?;
    let count = all.column_count();
    let mut all = all.query([])?;
    while let Some(row) = all.next()? {
        let values = (0..count).map(|place| row.get(place)).collect::<Result<_, _>>()?;
        take(Other { table, values })?;
    }
    Ok(())
}

/// What puts rows of a table in.
pub fn insert(connection: &Connection, table: usize) -> Result<Statement<'_>, Fault> {
    let (name, columns) = OTHERS.get(table).ok_or_else(|| Fault::Damaged("no such table".to_owned()))?;
    let marks = vec!["?"; columns.split(',').count()].join(", ");
    Ok(connection.prepare(&format!("INSERT INTO {name} ({columns}) VALUES ({marks})"))?)
}

impl Other {
    /// The row's number, where it has one.
    pub fn seq(&mut self) -> Option<&mut i64> {
        let (_, columns) = OTHERS.get(self.table)?;
        match self.values.first_mut() {
            Some(Value::Integer(seq)) if columns.starts_with("seq,") => Some(seq),
            _ => None,
        }
    }

    /// Whether its person made something of the row: that it was read is not enough, and what retention took is nobody's work.
    pub fn is_work(&self) -> bool {
        match (OTHERS.get(self.table).map(|(name, _)| *name), self.values.as_slice()) {
            (Some("triage"), [_, _, star, rest @ ..]) => {
                *star != Value::Integer(0) || rest.iter().any(|value| *value != Value::Null)
            }
            (Some("gone"), _) | (None, _) => false,
            _ => true,
        }
    }

    /// What was to be done to many rows, where this is that.
    pub fn step(&self) -> Option<&[u8]> {
        match (OTHERS.get(self.table)?.0, self.values.as_slice()) {
            ("kept", [Value::Text(kind), _, Value::Blob(body)]) if kind == step::KIND => Some(body),
            _ => None,
        }
    }

    /// A record of completeness, where this is one.
    pub fn record(&mut self) -> Option<&mut Value> {
        let (name, _) = OTHERS.get(self.table)?;
        if *name == "coverage" { self.values.last_mut() } else { None }
    }

    /// The number of a row among texts that are kept, where this is one.
    pub fn place(&mut self) -> Option<&mut Vec<u8>> {
        let (table, _) = OTHERS.get(self.table)?;
        match self.values.as_mut_slice() {
            [Value::Text(shelf), Value::Text(name), Value::Blob(body)] if *table == "kept" => {
                local::is_place(shelf, name).then_some(body)
            }
            _ => None,
        }
    }

    pub fn put(&self, by: &mut Statement<'_>) -> Result<(), Fault> {
        let _ = by.execute(params_from_iter(self.values.iter()))?;
        Ok(())
    }

    pub fn write(&self, w: &mut Writer) {
        w.number(self.table as u64);
        w.list(self.values.iter(), |w, value| match value {
            Value::Null => w.byte(0),
            Value::Integer(number) => {
                w.byte(1);
                w.signed(*number);
            }
            Value::Real(number) => {
                w.byte(2);
                w.bytes(&number.to_le_bytes());
            }
            Value::Text(text) => {
                w.byte(3);
                w.text(text);
            }
            Value::Blob(bytes) => {
                w.byte(4);
                w.bytes(bytes);
            }
        });
    }

    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let table = usize::try_from(r.number()?).ok()?;
        let values = r.list(|r| {
            Some(match r.byte()? {
                0 => Value::Null,
                1 => Value::Integer(r.signed()?),
                2 => Value::Real(f64::from_le_bytes(r.bytes()?.try_into().ok()?)),
                3 => Value::Text(r.text()?),
                4 => Value::Blob(r.bytes()?.to_vec()),
                _ => return None,
            })
        })?;
        let (_, columns) = OTHERS.get(table)?;
        (columns.split(',').count() == values.len()).then_some(Self { table, values })
    }
}
