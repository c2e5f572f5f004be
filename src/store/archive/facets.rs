//! Values that few rows in many share (impacts, asked actions, actors, languages…): each once in a dictionary, its number a
//! word of the index of marks. A pattern is held against the dictionary, and the rows of a number are read off the index.
//!
//! May use `model` and what the index says of a summary.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::fault::Fault;
use crate::model::Summary;
use crate::store::Seq;
use crate::store::index::lookup::Facet;
use crate::store::index::said;

/// As many numbers are remembered; a hostile sender may use new values in each item.
const KNOWN: usize = 16_384;
/// Values asked for at once.
const AT_ONCE: usize = 128;

/// The number a facet is kept under; never given another meaning. What has many values is not kept so.
fn code(facet: Facet) -> Option<u8> {
    Some(match facet {
        Facet::Impact => 1,
        Facet::Action => 2,
        Facet::Actor => 3,
        Facet::Campaign => 4,
        Facet::Method => 5,
        Facet::Lang => 6,
        Facet::Confidence => 7,
        Facet::Purpose => 8,
        Facet::Status => 9,
        Facet::Id | Facet::Tag => return None,
    })
}

/// A value of a facet.
pub type Value = (u8, String);

/// The values of a summary.
pub fn of(summary: &Summary) -> BTreeSet<Value> {
    said::faceted(summary).filter_map(|(facet, text)| Some((code(facet)?, text.into_owned()))).collect()
}

/// Numbers of values that a writer need not look up again.
#[derive(Debug, Default)]
pub struct Known(HashMap<Value, i64>);

impl Known {
    /// The numbers of values, which are in the dictionary afterwards.
    pub fn numbers(&mut self, transaction: &Transaction<'_>, values: &BTreeSet<Value>) -> Result<Vec<i64>, Fault> {
        let mut numbers = Vec::with_capacity(values.len());
        for value in values {
            let number = match self.0.get(value) {
                Some(known) => *known,
                None => self.number(transaction, value)?,
            };
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn number(&mut self, transaction: &Transaction<'_>, value: &Value) -> Result<i64, Fault> {
        let number = match find(transaction, value)? {
            Some(number) => number,
            None => transaction
                .prepare("INSERT INTO facets (facet, text) VALUES (?, ?)")?
                .insert(params![value.0, value.1])?,
        };
        if self.0.len() >= KNOWN {
            self.0.clear();
        }
        let _ = self.0.insert(value.clone(), number);
        Ok(number)
    }
}

fn find(connection: &Connection, (facet, text): &Value) -> Result<Option<i64>, Fault> {
    let mut find = connection.prepare("SELECT id FROM facets WHERE facet = ? AND text = ?")?;
    Ok(find.query_row(params![facet, text], |row| row.get(0)).optional()?)
}

/// The word that stands for a number.
pub fn word(number: i64) -> String {
    format!("f{number}")
}

/// The rows, within these bounds, that have a value of the facet that fits; nothing where the facet is not kept here.
pub fn rows(
    connection: &Connection,
    facet: Facet,
    fits: &dyn Fn(&str) -> bool,
    (first, last): (Seq, Seq),
    stop: &dyn Fn() -> bool,
) -> Result<Option<Vec<Seq>>, Fault> {
    let Some(facet) = code(facet) else { return Ok(None) };
    let mut every = connection.prepare("SELECT id, text FROM facets WHERE facet = ?")?;
    let (mut every, mut numbers) = (every.query([facet])?, Vec::new());
    while let Some(row) = every.next()? {
        let text = row.get_ref(1)?.as_str().map_err(|_| Fault::Damaged("a value is no text".to_owned()))?;
        if fits(text) {
            numbers.push(word(row.get(0)?));
        }
    }
    let mut find = connection.prepare("SELECT rowid FROM marks WHERE marks MATCH ? AND rowid BETWEEN ? AND ?")?;
    let mut all = Vec::new();
    for numbers in numbers.chunks(AT_ONCE) {
        let mut found = find.query(params![numbers.join(" OR "), first, last])?;
        while let Some(row) = found.next()? {
            if all.len().is_multiple_of(1_024) && stop() {
                return Err(Fault::Stopped);
            }
            all.push(row.get(0)?);
        }
    }
    Ok(Some(all))
}

/// Takes out of the dictionary what no row has any more.
pub fn prune(transaction: &Transaction<'_>, values: &BTreeSet<Value>) -> Result<(), Fault> {
    let mut any = transaction.prepare("SELECT 1 FROM marks WHERE marks MATCH ? LIMIT 1")?;
    for value in values {
        let Some(number) = find(transaction, value)? else { continue };
        if any.query_row([word(number)], |_| Ok(())).optional()?.is_none() {
            let _ = transaction.execute("DELETE FROM facets WHERE id = ?", [number])?;
        }
    }
    Ok(())
}
