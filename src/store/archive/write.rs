//! The one writer: each call a transaction, on the disk when it returns.
//!
//! May use rusqlite, the rules and the contract in `store`.

mod again;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, Transaction, params};

use super::code::Writer as Bytes;
use super::fault::Fault;
use super::identity::{self, BEARS, word};
use super::key::{Digests, LOST};
use super::made::{self, Carried, Columns, Found, Made};
use super::whole::Whole;
use super::{coverage, facets, marks, moment, number, route, standing, summary};
use crate::model::{BareJid, Kind, Observable, Summary, TopicId};
use crate::store::rules::{self, stands};
use crate::store::{Committed, Error, ItemKey, Payload, Record, Route, Seq, Standing};
use again::Own;

/// What is known of a payload: its summary, and everything it names.
pub type Read = (Summary, Vec<Observable>);

/// How a payload is read that was stored before.
pub type Stored<'a> = &'a dyn Fn(Seq) -> Result<Option<Payload>, Fault>;

/// The connection that writes, and what it need not look up again.
#[derive(Debug)]
pub struct Writer {
    pub connection: Connection,
    pub digests: Digests,
    /// The row to be stored next.
    pub next: u64,
    pub names: Names,
    pub known: identity::Known,
}

/// Numbers of what repeats from item to item. A transaction that was undone may have taken some back: they are all
/// forgotten then.
#[derive(Debug, Default)]
pub struct Names {
    topics: HashMap<TopicId, i64>,
    scopes: HashMap<Vec<u8>, i64>,
    pub facets: facets::Known,
}

impl Names {
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// As many scopes are remembered; a hostile sender may use a new one for each item.
const SCOPES: usize = 1_024;

/// The newest row of an item.
struct Newest {
    seq: Seq,
    digest: i64,
    held: rules::Held,
}

impl Writer {
    pub fn new(connection: Connection, digests: Digests) -> Result<Self, Fault> {
        let last: Option<i64> = connection.query_row("SELECT max(seq) FROM items", [], |row| row.get(0))?;
        let next = last.map_or(Ok(0), |last| u64::try_from(last).map(|last| last + 1));
        let next = next.map_err(|_| Fault::Damaged("a row before the first".to_owned()))?;
        Ok(Self { connection, digests, next, names: Names::default(), known: identity::Known::default() })
    }

    /// Whether as many more rows can be numbered.
    pub fn holds(&self, more: usize) -> Result<(), Error> {
        let room = u64::from(Seq::MAX) - self.next.min(u64::from(Seq::MAX));
        if room < more as u64 {
            Err(Error::Full { rows: u32::try_from(self.next).unwrap_or(u32::MAX) })
        } else {
            Ok(())
        }
    }

    /// `stored` reads a payload that was here before, by another connection: one that meets a damaged page writes no more, and
    /// a row that cannot be read is to keep nobody from storing others.
    pub fn commit(
        &mut self,
        mut batch: impl ExactSizeIterator<Item = Made>,
        stored: Stored<'_>,
    ) -> Result<Committed, Fault> {
        let mut done = Committed { added: Vec::with_capacity(batch.len()), ..Committed::default() };
        let transaction = self.connection.transaction()?;
        let added = Adding::new(&transaction, &self.digests, (&mut self.names, &mut self.known), self.next).and_then(
            |mut adding| {
                batch.try_for_each(|made| adding.add(made, stored, &mut done))?;
                adding.end()
            },
        );
        match added.and_then(|next| Ok((next, transaction.commit()?))) {
            Ok((next, ())) => self.next = next,
            Err(fault) => {
                self.names.forget();
                return Err(fault);
            }
        }
        // A row both added and overwritten in this batch is new to the caller, not changed.
        if let Some(first) = done.added.first().copied() {
            done.changed.retain(|seq| *seq < first);
        }
        Ok(done)
    }

    /// Puts items in as they are, one after the other, with the summaries that `summarised` has.
    pub fn put(&mut self, batch: &[Whole], summarised: impl Fn(&Whole) -> Option<Read>) -> Result<Vec<Seq>, Fault> {
        let transaction = self.connection.transaction()?;
        let put = Adding::new(&transaction, &self.digests, (&mut self.names, &mut self.known), self.next).and_then(
            |mut adding| {
                let numbers = batch.iter().map(|whole| adding.put(whole, summarised(whole)));
                Ok((numbers.collect::<Result<Vec<_>, _>>()?, adding.end()?))
            },
        );
        match put.and_then(|put| Ok((put, transaction.commit()?))) {
            Ok(((numbers, next), ())) => {
                self.next = next;
                Ok(numbers)
            }
            Err(fault) => {
                self.names.forget();
                Err(fault)
            }
        }
    }

    pub fn retract(&mut self, keys: &[ItemKey], at: DateTime<Utc>) -> Result<Vec<Seq>, Fault> {
        self.mark(|transaction, digests, marked| {
            for key in keys {
                let Some(newest) = newest_of(transaction, digests, key)? else { continue };
                if stands(newest.held.standing) && !marked.contains(&newest.seq) {
                    stand(transaction, newest.seq, Standing::Retracted(at))?;
                    marked.push(newest.seq);
                }
            }
            Ok(())
        })
    }

    pub fn retract_topic(&mut self, topic: &TopicId, at: DateTime<Utc>) -> Result<Vec<Seq>, Fault> {
        self.mark(|transaction, _, marked| {
            let Some(topic) = topic_of(transaction, topic)? else { return Ok(()) };
            let mut held = transaction
                .prepare("SELECT seq FROM items WHERE topic = ? AND newest = 1 AND standing IN (0, 3) ORDER BY seq")?;
            *marked = held.query_map([topic], |row| row.get(0))?.collect::<Result<_, _>>()?;
            marked.iter().try_for_each(|seq| stand(transaction, *seq, Standing::Retracted(at)))
        })
    }

    pub fn absent(&mut self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Fault> {
        self.mark(|transaction, digests, marked| {
            for (key, seq) in items {
                let newest = newest_of(transaction, digests, key)?.filter(|newest| newest.seq == *seq);
                if newest.is_some_and(|newest| newest.held.standing == Standing::Current) {
                    stand(transaction, *seq, Standing::Absent(at))?;
                    marked.push(*seq);
                }
            }
            Ok(())
        })
    }

    /// After a loss: of an item whose newest version is gone, the newest that is left stands for it, and its broker is not
    /// known to store it.
    pub fn promote(&mut self, at: DateTime<Utc>) -> Result<(), Fault> {
        let (standing, since) = standing::write(Standing::Absent(at));
        let transaction = self.connection.transaction()?;
        let _ = transaction.execute(
            "UPDATE items SET newest = 1, standing = iif(standing = 1, ?, standing), since = iif(standing = 1, ?, since) \
             WHERE seq IN (SELECT seq FROM (SELECT seq, max(version), sum(newest) AS some FROM items \
             GROUP BY topic, item) WHERE some = 0)",
            params![standing, since],
        )?;
        Ok(transaction.commit()?)
    }

    fn mark(
        &mut self,
        change: impl FnOnce(&Transaction<'_>, &Digests, &mut Vec<Seq>) -> Result<(), Fault>,
    ) -> Result<Vec<Seq>, Fault> {
        let transaction = self.connection.transaction()?;
        let mut marked = Vec::new();
        change(&transaction, &self.digests, &mut marked)?;
        transaction.commit()?;
        Ok(marked)
    }

    pub fn keep_coverage(&mut self, account: &BareJid, records: &[Record]) -> Result<(), Fault> {
        let transaction = self.connection.transaction()?;
        let account = account.to_string();
        let _ = transaction.execute("DELETE FROM coverage WHERE account = ?", [&account])?;
        {
            let mut insert = transaction.prepare("INSERT INTO coverage (account, place, record) VALUES (?, ?, ?)")?;
            for (place, record) in records.iter().enumerate() {
                let _ = insert.execute(params![account, number(place), coverage::write(record)])?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// A commit under way, with its statements.
struct Adding<'a> {
    transaction: &'a Transaction<'a>,
    digests: &'a Digests,
    names: &'a mut Names,
    known: &'a mut identity::Known,
    next: u64,
    newest: Statement<'a>,
    same: Statement<'a>,
    own: Statement<'a>,
    last: Statement<'a>,
    follow: Statement<'a>,
    overwrite: Statement<'a>,
    item: Statement<'a>,
    identity: Statement<'a>,
    summary: Statement<'a>,
    payload: Statement<'a>,
    history: Statement<'a>,
    index: Index<'a>,
}

impl<'a> Adding<'a> {
    fn new(
        transaction: &'a Transaction<'a>,
        digests: &'a Digests,
        (names, known): (&'a mut Names, &'a mut identity::Known),
        next: u64,
    ) -> Result<Self, Fault> {
        Ok(Self {
            transaction,
            digests,
            names,
            known,
            next,
            newest: transaction.prepare(&newest_by())?,
            same: transaction
                .prepare(&format!("SELECT seq FROM items WHERE {BEARS} AND digest = ? AND topic = ? AND item = ?"))?,
            own: transaction.prepare("SELECT bytes, form FROM payloads WHERE seq = ?")?,
            last: transaction
                .prepare(&format!("SELECT max(version) FROM items WHERE {BEARS} AND topic = ? AND item = ?"))?,
            follow: transaction.prepare("UPDATE items SET newest = 0 WHERE seq = ?")?,
            overwrite: transaction.prepare("UPDATE items SET newest = 0, standing = 1, since = NULL WHERE seq = ?")?,
            item: transaction.prepare(
                "INSERT INTO items (seq, topic, item, version, key, newest, digest, route, publisher, received, at, \
                 delayed, standing, since, severity, tlp, strictest, size) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            identity: transaction.prepare("INSERT INTO identities (rowid, word) VALUES (?, ?)")?,
            summary: transaction.prepare("INSERT INTO summaries (seq, bytes) VALUES (?, ?)")?,
            payload: transaction.prepare("INSERT INTO payloads (seq, scope, bytes, form) VALUES (?, ?, ?, ?)")?,
            history: transaction.prepare("INSERT INTO triage (seq, read) VALUES (?, 1)")?,
            index: Index::new(transaction)?,
        })
    }

    fn add(&mut self, made: Made, stored: Stored<'_>, done: &mut Committed) -> Result<(), Fault> {
        let topic = self.topic(&made.key.topic)?;
        let key = self.digests.key(topic, &made.key);
        let (version, late) = if self.known.may_have(key) {
            let Some(place) = self.follows(Own { topic, word: &word(key), made: &made }, stored, done)? else {
                return Ok(());
            };
            place
        } else {
            (1, false)
        };
        // The caller saw to it that there are enough numbers.
        let Ok(seq) = Seq::try_from(self.next) else { return Err(Fault::NoRoom) };
        self.next += 1;
        done.live += u32::from(made.arrival.route == Route::Live);
        self.insert(&New { seq, topic, version, key, late }, made)?;
        done.added.push(seq);
        Ok(())
    }

    /// Makes the new rows findable; gives the row to be stored next.
    fn end(self) -> Result<u64, Fault> {
        self.index.end()?;
        Ok(self.next)
    }

    fn topic(&mut self, topic: &TopicId) -> Result<i64, Fault> {
        if let Some(known) = self.names.topics.get(topic) {
            return Ok(*known);
        }
        let number = match topic_of(self.transaction, topic)? {
            Some(number) => number,
            None => {
                let mut insert = self.transaction.prepare("INSERT INTO topics (broker, node) VALUES (?, ?)")?;
                insert.insert(params![topic.broker.to_string(), topic.node])?
            }
        };
        let _ = self.names.topics.insert(topic.clone(), number);
        Ok(number)
    }

    fn scope(&mut self, scope: &[(String, String)]) -> Result<i64, Fault> {
        let mut bytes = Bytes::default();
        bytes.list(scope.iter(), |bytes, (prefix, namespace)| {
            bytes.text(prefix);
            bytes.text(namespace);
        });
        let bytes = bytes.0;
        if let Some(known) = self.names.scopes.get(&bytes) {
            return Ok(*known);
        }
        let mut find = self.transaction.prepare("SELECT id FROM scopes WHERE declarations = ?")?;
        let number = match find.query_row([&bytes], |row| row.get(0)).optional()? {
            Some(number) => number,
            None => self.transaction.prepare("INSERT INTO scopes (declarations) VALUES (?)")?.insert([&bytes])?,
        };
        if self.names.scopes.len() >= SCOPES {
            self.names.scopes.clear();
        }
        let _ = self.names.scopes.insert(bytes, number);
        Ok(number)
    }

    fn insert(&mut self, new: &New, made: Made) -> Result<(), Fault> {
        let Made { key, publisher, arrival, history, at, columns, digest, payload, read } = made;
        let (newest, standing) = if new.late { (0, 1) } else { (1, 0) };
        let none: Option<i64> = None;
        let _ = self.item.execute(params![
            new.seq,
            new.topic,
            key.item.0,
            new.version,
            new.key,
            newest,
            digest,
            route::write(arrival.route),
            publisher,
            moment::write(arrival.received),
            moment::write(at),
            arrival.delayed.map(moment::write),
            standing,
            none,
            columns.severity,
            columns.tlp,
            columns.strictest,
            size(payload.as_ref()),
        ])?;
        self.identify(new.seq, new.key)?;
        if history {
            let _ = self.history.execute([new.seq])?;
        }
        self.rest(new.seq, read, payload.as_ref())
    }

    /// An item as another archive had it.
    fn put(&mut self, whole: &Whole, read: Option<Read>) -> Result<Seq, Fault> {
        let topic = self.topic(&whole.key.topic)?;
        let Ok(seq) = Seq::try_from(self.next) else { return Err(Fault::NoRoom) };
        self.next += 1;
        let (summary, observables) = read.unwrap_or_else(|| (summary::lost(), Vec::new()));
        let is_lost = whole.payload.is_none() && summary.kind != Kind::Empty;
        let digest = if is_lost { LOST } else { self.digests.payload(whole.payload.as_ref()) };
        let key = self.digests.key(topic, &whole.key);
        let columns = Columns::of(&summary);
        let payload = whole.payload.as_ref().map(Carried::of);
        let _ = self.item.execute(params![
            seq,
            topic,
            whole.key.item.0,
            whole.version,
            key,
            whole.newest,
            digest,
            whole.route,
            whole.publisher,
            whole.received,
            whole.at,
            whole.delayed,
            whole.standing,
            whole.since,
            columns.severity,
            columns.tlp,
            columns.strictest,
            size(payload.as_ref()),
        ])?;
        self.identify(seq, key)?;
        self.rest(seq, made::Read::of(&summary, &observables), payload.as_ref())?;
        Ok(seq)
    }

    fn identify(&mut self, seq: Seq, key: i64) -> Result<(), Fault> {
        let _ = self.identity.execute(params![seq, word(key)])?;
        self.known.add(key);
        Ok(())
    }

    fn rest(&mut self, seq: Seq, read: made::Read, payload: Option<&Carried>) -> Result<(), Fault> {
        let made::Read { summary, found, facets, is_bare } = read;
        let _ = self.summary.execute(params![seq, summary])?;
        if let Some(payload) = payload {
            self.carry(seq, payload)?;
        }
        if is_bare {
            // It is one of those to be made again, or comes behind them.
            let _ = self.transaction.execute(
                "INSERT INTO meta (name, value) VALUES ('stale', ?1) ON CONFLICT (name) DO UPDATE SET value = max(value, ?1)",
                [i64::from(seq) + 1],
            )?;
        }
        let numbers = self.names.facets.numbers(self.transaction, &facets)?;
        self.index.add(seq, found, &numbers);
        Ok(())
    }

    /// Puts a payload in its row.
    fn carry(&mut self, seq: Seq, payload: &Carried) -> Result<(), Fault> {
        let scope = self.scope(&payload.scope)?;
        let (form, bytes) = payload.pressed.kept();
        let _ = self.payload.execute(params![seq, scope, bytes, form.write()])?;
        Ok(())
    }
}

/// Of a payload, in bytes.
fn size(payload: Option<&Carried>) -> i64 {
    payload.map_or(0, |payload| number(payload.size))
}

/// What is known of the payload of a row that retention emptied.
fn trace_of(connection: &Connection, seq: Seq) -> Result<Option<Vec<u8>>, Fault> {
    let mut find = connection.prepare("SELECT trace FROM gone WHERE seq = ?")?;
    Ok(find.query_row([seq], |row| row.get(0)).optional()?)
}

struct New {
    seq: Seq,
    topic: i64,
    version: u32,
    key: i64,
    late: bool,
}

/// What makes rows findable by their words and observables. New rows wait until the end, for all of one index and then all of
/// the other: what an index gathers of a commit is larger than a processor's cache, and two at a time are twice that.
pub struct Index<'a> {
    words: Statement<'a>,
    marks: Statement<'a>,
    waiting: Vec<(Seq, Found)>,
}

impl<'a> Index<'a> {
    pub fn new(connection: &'a Connection) -> Result<Self, Fault> {
        Ok(Self {
            words: connection.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)")?,
            marks: connection.prepare("INSERT INTO marks (rowid, mark) VALUES (?, ?)")?,
            waiting: Vec::new(),
        })
    }

    /// Instead of what the row had before.
    pub fn again(&mut self, connection: &Connection, seq: Seq, found: Found, facets: &[i64]) -> Result<(), Fault> {
        for table in ["words", "marks"] {
            let _ = connection.execute(&format!("DELETE FROM {table} WHERE rowid = ?"), [seq])?;
        }
        let Found { words, mut marks } = found;
        marks::number(&mut marks, facets);
        let _ = self.words.execute(params![seq, words])?;
        let _ = self.marks.execute(params![seq, marks])?;
        Ok(())
    }

    /// `facets` are the numbers of its values. It is found after [`Index::end`].
    fn add(&mut self, seq: Seq, mut found: Found, facets: &[i64]) {
        marks::number(&mut found.marks, facets);
        self.waiting.push((seq, found));
    }

    fn end(self) -> Result<(), Fault> {
        let Self { mut words, mut marks, waiting } = self;
        for (seq, found) in &waiting {
            let _ = words.execute(params![seq, found.words])?;
        }
        for (seq, found) in &waiting {
            let _ = marks.execute(params![seq, found.marks])?;
        }
        Ok(())
    }
}

pub fn topic_of(connection: &Connection, topic: &TopicId) -> Result<Option<i64>, Fault> {
    let mut find = connection.prepare("SELECT id FROM topics WHERE broker = ? AND node = ?")?;
    Ok(find.query_row(params![topic.broker.to_string(), topic.node], |row| row.get(0)).optional()?)
}

fn newest_of(connection: &Connection, digests: &Digests, key: &ItemKey) -> Result<Option<Newest>, Fault> {
    let Some(topic) = topic_of(connection, &key.topic)? else { return Ok(None) };
    newest(&mut connection.prepare(&newest_by())?, topic, &word(digests.key(topic, key)), &key.item.0)
}

fn newest_by() -> String {
    format!(
        "SELECT seq, digest, standing, since, route, received, at FROM items \
         WHERE {BEARS} AND newest = 1 AND topic = ? AND item = ?"
    )
}

fn newest(find: &mut Statement<'_>, topic: i64, key: &str, item: &str) -> Result<Option<Newest>, Fault> {
    let mut found = find.query(params![key, topic, item])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let held = rules::Held {
        standing: standing::read(row.get(2)?, row.get(3)?)?,
        route: route::read(row.get(4)?)?,
        received: moment::read(row.get(5)?),
        at: moment::read(row.get(6)?),
    };
    Ok(Some(Newest { seq: row.get(0)?, digest: row.get(1)?, held }))
}

fn stand(connection: &Connection, seq: Seq, to: Standing) -> Result<(), Fault> {
    let (standing, since) = standing::write(to);
    let mut update = connection.prepare("UPDATE items SET standing = ?, since = ? WHERE seq = ?")?;
    let _ = update.execute(params![standing, since, seq])?;
    Ok(())
}
