//! Observables and identities as words of an index of their own: FTS5 keeps words in order and appends and merges them, where
//! a table of them would touch a random page for each. A key (`store::index::key`) is its digits, so the order of words is the
//! order of keys and a span of keys is a span of words.
//!
//! May use `model` and `store::index::key`.

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::read::take;
use crate::model::{Observable, Summary};
use crate::store::Seq;
use crate::store::index::key::{self, Span};
use crate::text::push_hex;

/// Room for the words of values that have numbers ([`number`]): what is made on one thread is not made again on another.
const NUMBERS: usize = 64;

/// Words of all that a summary and `more` beside it name, each once and ended by a blank.
pub fn of(summary: &Summary, more: &[Observable]) -> String {
    let mut keys: Vec<Vec<u8>> = summary.observables.iter().chain(more).flat_map(key::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    let incident = (!summary.id.is_empty()).then(|| incident(&summary.csirt, &summary.id));
    let long: usize = keys.iter().map(|key| 2 + 2 * key.len()).sum();
    let mut all = String::with_capacity(long + incident.as_ref().map_or(0, |word| word.len() + 1) + NUMBERS);
    incident.iter().for_each(|word| add(&mut all, word));
    add_keys(&mut all, &keys);
    all
}

/// Words of keys, each ended by a blank.
pub fn keyed(keys: &[Vec<u8>]) -> String {
    let mut all = String::with_capacity(keys.iter().map(|key| 2 + 2 * key.len()).sum());
    add_keys(&mut all, keys);
    all
}

fn add_keys(all: &mut String, keys: &[Vec<u8>]) {
    for key in keys {
        all.push('k');
        push_hex(all, key);
        all.push(' ');
    }
}

fn add(all: &mut String, word: &str) {
    all.push_str(word);
    all.push(' ');
}

/// Appends the words of the values that have these numbers.
pub fn number(all: &mut String, facets: &[i64]) {
    facets.iter().for_each(|number| add(all, &super::facets::word(*number)));
}

/// An incident by who reported it and its `IncidentID` (RFC 7970 §3.4): all revisions of one have it. Eighty bits of a hash:
/// no two meet by chance.
fn incident(csirt: &str, id: &str) -> String {
    let mut hash = Sha256::new();
    [csirt, "\u{1f}", id].iter().for_each(|part| hash.update(part));
    let mut word = String::from("i");
    push_hex(&mut word, hash.finalize().get(..10).unwrap_or_default());
    word
}

fn word(key: &[u8]) -> String {
    let mut word = String::with_capacity(1 + 2 * key.len());
    word.push('k');
    push_hex(&mut word, key);
    word
}

/// Rows of all revisions of an incident, oldest first.
pub fn revisions(connection: &Connection, csirt: &str, id: &str) -> Result<Vec<Seq>, Fault> {
    let mut find = connection.prepare("SELECT rowid FROM marks WHERE marks MATCH ? ORDER BY rowid")?;
    let found = find.query_map([incident(csirt, id)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Rows with a key within these spans that `keep` takes, in no order. Stops when `stop` says so.
pub fn fitting(
    connection: &Connection,
    spans: &[Span],
    keep: &dyn Fn(&[u8]) -> bool,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Seq>, Fault> {
    let mut find = connection.prepare("SELECT term, doc FROM marked WHERE term >= ? AND term < ?")?;
    let (mut all, mut seen) = (Vec::new(), 0_usize);
    // Rows of one key follow each other.
    let mut last = (String::new(), false);
    for span in spans {
        let mut found = find.query(params![word(&span.from), word(&span.to)])?;
        while let Some(row) = found.next()? {
            seen += 1;
            if seen.is_multiple_of(1_024) && stop() {
                return Err(Fault::Stopped);
            }
            let term: String = row.get(0)?;
            if term != last.0 {
                let keeps = keep(&key_of(&term));
                last = (term, keeps);
            }
            if last.1 {
                all.push(row.get(1)?);
            }
        }
    }
    Ok(all)
}

/// What [`word`] wrote; anything else is no key.
fn key_of(word: &str) -> Vec<u8> {
    let pairs = word.as_bytes().get(1..).unwrap_or_default().as_chunks::<2>().0;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
    pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}

/// Bounds that hold every row.
pub const ALL: (Seq, Seq) = (0, Seq::MAX);
/// Single keys asked for at once.
const AT_ONCE: usize = 64;

/// Rows that name something within these spans, oldest first, each once: all of them within the bounds, and others or not.
/// Nothing where they name it more than `most` times. Stops when `stop` says so.
pub fn within(
    connection: &Connection,
    spans: &[Span],
    (first, last): (Seq, Seq),
    most: usize,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Vec<Seq>>, Fault> {
    let (single, wide): (Vec<&Span>, Vec<&Span>) = spans.iter().partition(|span| span.is_one());
    let mut all = Vec::new();
    // The rows of one key are passed over up to the first that is asked about; those of many keys are not.
    let mut find = connection.prepare("SELECT rowid FROM marks WHERE marks MATCH ? AND rowid BETWEEN ? AND ?")?;
    for single in single.chunks(AT_ONCE) {
        let any: Vec<String> = single.iter().map(|span| word(&span.from)).collect();
        if !take(find.query(params![any.join(" OR "), first, last])?, &mut all, most, stop)? {
            return Ok(None);
        }
    }
    let mut find = connection.prepare("SELECT doc FROM marked WHERE term >= ? AND term < ?")?;
    for span in wide {
        if !take(find.query(params![word(&span.from), word(&span.to)])?, &mut all, most, stop)? {
            return Ok(None);
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(Some(all))
}

/// Rows that name something within the spans of each of many questions, oldest first, each once. Equal spans are looked for
/// once (networks share those around them). `words` is the table of the index's words.
pub fn each(
    (connection, words): (&Connection, &str),
    asked: &[&[Span]],
    stop: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<Seq>>, Fault> {
    let mut spans: Vec<(&Span, usize)> =
        asked.iter().enumerate().flat_map(|(place, spans)| spans.iter().map(move |span| (span, place))).collect();
    spans.sort_unstable();
    let same = |one: &(&Span, usize), other: &(&Span, usize)| one.0 == other.0;
    let distinct: Vec<&Asked<'_>> = spans.chunk_by(same).collect();
    let mut all = vec![Vec::new(); asked.len()];
    let mut give = |to: &Asked<'_>, row: Seq| {
        for (_, place) in to {
            if let Some(rows) = all.get_mut(*place) {
                rows.push(row);
            }
        }
    };
    let told = |done: usize| done * asked.len() / distinct.len().max(1);
    walk((connection, words), &distinct, stop, &mut |done| tell(told(done)), &mut give)?;
    for rows in &mut all {
        rows.sort_unstable();
        rows.dedup();
    }
    Ok(all)
}

/// A span, and the places of those who ask for it.
type Asked<'a> = [(&'a Span, usize)];

/// To look for a key costs as much as passing over so many rows of others.
const SEEK: usize = if cfg!(test) { 4 } else { 64 };
/// So many are passed over between two looks at whether the answer is still wanted.
const PATIENCE: usize = if cfg!(test) { 64 } else { 16_384 };

/// Goes through the keys from span to span, in their order: over what is between two to the next where that is near, else by
/// a look for it; that finds the next key there is, wherever it is, so that spans without any cost nothing more. Few hold one
/// key: networks lie in each other to the depth of an address.
fn walk(
    (connection, words): (&Connection, &str),
    spans: &[&Asked<'_>],
    stop: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(usize),
    give: &mut dyn FnMut(&Asked<'_>, Seq),
) -> Result<(), Fault> {
    let bounds: Vec<(String, String)> =
        spans.iter().filter_map(|to| to.first()).map(|(span, _)| (word(&span.from), word(&span.to))).collect();
    let Some(last) = bounds.iter().map(|(_, to)| to).max() else { return Ok(()) };
    let mut find = connection.prepare(&format!("SELECT term, doc FROM {words} WHERE term >= ? AND term < ?"))?;
    let mut waiting = bounds.iter().zip(spans).enumerate().peekable();
    let mut open: Vec<(&str, &Asked<'_>)> = Vec::new();
    let (mut term, mut seen) = (String::new(), PATIENCE);
    while let Some((mut done, ((from, _), _))) = waiting.peek().copied() {
        let (mut found, mut idle) = (find.query(params![from, last])?, 0_usize);
        seen += SEEK;
        while !open.is_empty() || idle < SEEK {
            if seen >= PATIENCE {
                seen = 0;
                if stop() {
                    return Err(Fault::Stopped);
                }
                tell(done);
            }
            // No key is left that anybody asks for.
            let Some(row) = found.next()? else { return Ok(()) };
            seen += 1;
            let own = row.get_ref(0)?.as_str().map_err(|_| Fault::Damaged("a key is no text".to_owned()))?;
            if own != term {
                own.clone_into(&mut term);
                open.retain(|(to, _)| *to > term.as_str());
                while let Some((at, ((_, to), places))) = waiting.next_if(|(_, ((from, _), _))| *from <= term) {
                    done = at;
                    if *to > term {
                        open.push((to, places));
                    }
                }
                if open.is_empty() && waiting.peek().is_none() {
                    return Ok(());
                }
            }
            idle = if open.is_empty() { idle + 1 } else { 0 };
            if !open.is_empty() {
                let row = row.get(1)?;
                open.iter().for_each(|(_, places)| give(places, row));
            }
        }
    }
    Ok(())
}
