//! What a damaged file still gives of what stands beside the items: what its person made of them, what is kept by name, how
//! complete the topics are. A page that cannot be read takes what stands on it and no more: the walk goes on behind it, or
//! comes from the other end; and it is said what came through whole.
//!
//! May use rusqlite and the archive's own pieces.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::{Part, Wreck};
use crate::store::archive::fault::Fault;
use crate::store::archive::whole::{OTHERS, Other};
use crate::store::local::Shelf;

/// Rows that are taken at once.
const MOST: usize = 4_096;
/// A record that ends in as many noughts ends in a page that could not be read: none ends so by itself.
const NOUGHTS: usize = 16;

/// How a table is walked.
enum Walk {
    /// By the number its rows are in the order of: what cannot be read is leapt over.
    Number(&'static str),
    /// From both ends, in the order of its two first columns.
    Ends,
}

fn walk(name: &str) -> Walk {
    match name {
        "coverage" | "kept" | "activity_head" => Walk::Ends,
        "notes" => Walk::Number("id"),
        "activity" => Walk::Number("number"),
        _ => Walk::Number("seq"),
    }
}

/// Gives to `take` what can be read of a table; tells what came of it.
pub fn read(
    wreck: &mut Wreck<'_>,
    table: usize,
    last: i64,
    take: &mut dyn FnMut(Vec<Other>) -> Result<(), Fault>,
) -> Result<Part, Fault> {
    let Some((name, columns)) = OTHERS.get(table).copied() else { return Ok(Part::default()) };
    let mut gathered = Gathered { table, part: Part::default(), rows: Vec::new(), tags: BTreeSet::new() };
    match walk(name) {
        Walk::Ends => {
            gathered.ends(wreck, name, columns, "");
            // The middle of all may be the end of one shelf.
            if gathered.part.lost && name == "kept" {
                for shelf in Shelf::ALL {
                    gathered.ends(wreck, name, columns, shelf.word());
                }
            }
        }
        Walk::Number(key) => {
            let last = match key {
                "id" => last_note(wreck),
                "number" => last_entry(wreck),
                _ => last,
            };
            gathered.numbers(
                wreck,
                &format!("SELECT {key}, {columns} FROM {name} WHERE {key} >= ? ORDER BY {key}"),
                last,
                take,
            )?;
            // All of it stands once more in its index.
            if gathered.part.lost && name == "tags" {
                gathered.index(wreck);
            }
        }
    }
    gathered.give(take)?;
    Ok(gathered.part)
}

/// The last number of a note: where the table's end cannot be read, what its index says, or what fits into the file.
fn last_note(wreck: &mut Wreck<'_>) -> i64 {
    ["SELECT max(id) FROM notes", "SELECT max(id) FROM notes INDEXED BY notes_seq"]
        .into_iter()
        .find_map(|text| {
            wreck.look(|connection| Ok(connection.query_row(text, [], |row| row.get::<_, Option<i64>>(0))?)).ok()
        })
        .map_or_else(|| super::fits(wreck), Option::unwrap_or_default)
}

/// The last number in the log of acts: its end, or what its head says.
fn last_entry(wreck: &mut Wreck<'_>) -> i64 {
    ["SELECT max(number) FROM activity", "SELECT max(count) FROM activity_head"]
        .into_iter()
        .find_map(|text| {
            wreck.look(|connection| Ok(connection.query_row(text, [], |row| row.get::<_, Option<i64>>(0))?)).ok()
        })
        .map_or_else(|| super::fits(wreck), Option::unwrap_or_default)
}

struct Gathered {
    table: usize,
    part: Part,
    rows: Vec<Other>,
    /// The tags that were given, where that is asked.
    tags: BTreeSet<(i64, String)>,
}

impl Gathered {
    fn numbers(
        &mut self,
        wreck: &mut Wreck<'_>,
        text: &str,
        last: i64,
        take: &mut dyn FnMut(Vec<Other>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut next = 0;
        while next <= last {
            let from = next;
            let read = wreck.look(|connection| {
                let mut rows = connection.prepare(text)?;
                let mut rows = rows.query([next])?;
                let mut taken = 0;
                while let Some(row) = rows.next()? {
                    let key = row.get::<_, i64>(0)?;
                    // All rows of one number are taken, or none of them.
                    if taken >= MOST && key >= next {
                        return Ok(false);
                    }
                    self.add(other(self.table, row, 1)?);
                    taken += 1;
                    next = key + 1;
                }
                Ok(true)
            });
            self.give(take)?;
            match read {
                Ok(true) => break,
                Ok(false) => {}
                Err(_) => {
                    self.part.lost = true;
                    if next == from {
                        let mut reads = |wreck: &mut Wreck<'_>, from: i64| {
                            let first = |connection: &Connection| {
                                Ok(connection.prepare(text)?.query([from])?.next().map(drop)?)
                            };
                            wreck.look(first).is_ok()
                        };
                        let Some(beyond) = wreck.beyond(next, last, &mut reads) else { break };
                        next = beyond;
                    }
                }
            }
        }
        Ok(())
    }

    /// Forwards from the first and backwards from the last, of all (`""`) or of one kind.
    fn ends(&mut self, wreck: &mut Wreck<'_>, name: &str, columns: &str, kind: &str) {
        let mut order = columns.split(", ").take(2);
        let (Some(first), Some(second)) = (order.next(), order.next()) else { return };
        let only = if kind.is_empty() { "" } else { "WHERE kind = ?" };
        for (way, back) in [("", false), (" DESC", true)] {
            let text = format!("SELECT {columns} FROM {name} {only} ORDER BY {first}{way}, {second}{way}");
            let read = wreck.look(|connection| {
                let mut rows = connection.prepare(&text)?;
                let mut rows = rows.query(params_from_iter((!kind.is_empty()).then_some(kind)))?;
                while let Some(row) = rows.next()? {
                    let other = other(self.table, row, 0)?;
                    if !self.rows.iter().any(|own| own.values.get(..2) == other.values.get(..2)) {
                        self.add(other);
                    }
                }
                Ok(())
            });
            match read {
                Ok(()) if !back => return,
                // All but what stands between the two.
                _ => self.part.lost = true,
            }
        }
    }

    fn index(&mut self, wreck: &mut Wreck<'_>) {
        let mut whole = false;
        for way in ["", " DESC"] {
            let text = format!("SELECT seq, tag FROM tags INDEXED BY tags_tag ORDER BY tag{way}, seq{way}");
            let read = wreck.look(|connection| {
                let mut rows = connection.prepare(&text)?;
                let mut rows = rows.query([])?;
                while let Some(row) = rows.next()? {
                    let other = other(self.table, row, 0)?;
                    if !tag_of(&other).is_some_and(|tag| self.tags.contains(&tag)) {
                        self.add(other);
                    }
                }
                Ok(())
            });
            whole |= read.is_ok();
        }
        self.part.lost = !whole;
    }

    fn add(&mut self, mut other: Other) {
        if !mended(&mut other) {
            self.part.lost = true;
        }
        if other.record().is_some_and(|record| matches!(record, Value::Blob(bytes) if bytes.ends_with(&[0; NOUGHTS]))) {
            return;
        }
        self.tags.extend(tag_of(&other));
        self.rows.push(other);
    }

    fn give(&mut self, take: &mut dyn FnMut(Vec<Other>) -> Result<(), Fault>) -> Result<(), Fault> {
        take(std::mem::take(&mut self.rows))
    }
}

fn other(table: usize, row: &Row<'_>, first: usize) -> Result<Other, Fault> {
    let count = row.as_ref().column_count();
    let values = (first..count).map(|place| row.get(place)).collect::<Result<_, _>>()?;
    Ok(Other { table, values })
}

fn tag_of(other: &Other) -> Option<(i64, String)> {
    let (name, _) = OTHERS.get(other.table)?;
    match other.values.as_slice() {
        [Value::Integer(seq), Value::Text(tag)] if *name == "tags" => Some((*seq, tag.clone())),
        _ => None,
    }
}

/// A long text whose end stood on a page that cannot be read ends in noughts, which nobody types: they are cut off. Whether
/// there were none.
fn mended(other: &mut Other) -> bool {
    let is_kept = OTHERS.get(other.table).is_some_and(|(name, _)| *name == "kept") && other.step().is_none();
    let mut whole = true;
    for value in &mut other.values {
        let cut = match value {
            Value::Text(text) => text.find('\0').inspect(|at| text.truncate(*at)),
            Value::Blob(bytes) if is_kept => bytes.iter().position(|byte| *byte == 0).inspect(|at| bytes.truncate(*at)),
            _ => None,
        };
        whole &= cut.is_none();
    }
    whole
}
