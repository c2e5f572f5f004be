//! The archive answers what the columns of the index cannot ([`Lookup`]).
//!
//! May use rusqlite, the archive's own readers and the index's questions. Words, observables and the values that rows share are
//! looked up in their indexes; rare texts are read from the summaries of the rows that are left, which the index puts last for
//! that reason, and an XPath's nodes from their documents. What a row that an earlier version of this program read does not
//! say is read from its document too, until that was read again ([`super::renew`]): slowly, and rightly.

use std::collections::BTreeSet;
use std::ops::Range;

use rusqlite::Connection;

use super::fault::Fault;
use super::read;
use super::schema::Use;
use super::{Archive, facets, marks, summary};
use crate::model::{Observable, Summary};
use crate::store::index::key::{self, Span, Tag};
use crate::store::index::lookup::{FEW, Facet};
use crate::store::index::pattern::Pattern;
use crate::store::index::{Bitmap, Failure, Lookup, Question, Stop, Wanted, Word, is_within, names, said, through};
use crate::store::query::Has;
use crate::store::{Error, Seq, Store};
use crate::text::words;

/// Rows between two looks at whether the answer is still wanted.
const PATIENCE: usize = 1_024;
/// Where fewer than one row in so many is asked about, each is looked up, and the others are not passed over.
const SPARSE: u32 = 16;
/// As many rows of a key are passed over in the time in which one row is read.
const SPREAD: u32 = 512;
/// What asks about fewer than one row in so many is narrow.
const NARROW: u32 = 4;
/// Rows of a part that is looked through beside others, at least; and how many parts there are at most.
const PART: Seq = if cfg!(test) { 64 } else { 65_536 };
const PARTS: usize = 4;
/// Questions or rows of a part that is asked or read beside others, at least.
const MANY: usize = if cfg!(test) { 2 } else { 128 };
/// Times something is named that are looked up before few rows are read for it instead.
const SOON: usize = if cfg!(test) { 3 } else { 32_768 };

impl Lookup for Archive {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        match question {
            Question::Keys { spans, keep: None } => {
                self.keyed(spans, among.filter(|own| is_few(question, own)), among, stop)
            }
            Question::Keys { spans, keep: Some(keep) } => {
                let holds = |key: &[u8]| fits(keep, key);
                self.fitting(spans, &holds, among.filter(|own| is_few(question, own)), stop)
            }
            Question::Names(phrases) => {
                let holds = |key: &[u8]| names::hold(&names::words(key), phrases);
                self.fitting(&names::spans(), &holds, among.filter(|own| is_few(question, own)), stop)
            }
            Question::Words { all, none } => {
                self.worded((all, none), among.filter(|own| is_few(question, own)), among, stop)
            }
            Question::Text { facet: Facet::Tag, patterns } => self.look(stop, |connection| {
                tagged(connection, &|tag| patterns.iter().any(|pattern| pattern.matches(tag)))
            }),
            Question::Text { facet: Facet::Id, patterns } => self.identified(patterns, among, stop),
            Question::Text { facet, patterns } => {
                self.faceted(*facet, &|text| patterns.iter().any(|pattern| pattern.matches(text)), among, stop)
            }
            Question::Confidence(spans) => self.faceted(Facet::Confidence, &|text| is_within(text, spans), among, stop),
            Question::Like(row) => {
                let own = self.observables(*row)?;
                let keys = own.iter().flat_map(key::keys).collect::<BTreeSet<_>>();
                let own = keys.into_iter().filter(|key| key.first().is_some_and(|tag| *tag < Tag::DERIVED));
                let spans: Vec<Span> = own.map(Span::one).collect();
                Ok(Lookup::rows(self, &spans, stop)?.into_iter().collect())
            }
            Question::Holds(has) => self.every(among, Needs::Facets, stop, &|_, summary| {
                let facets = summary.facets.as_ref();
                Ok(facets.is_some_and(|facets| match has {
                    Has::History => facets.history,
                    Has::Ext => facets.extended,
                    Has::Ask | Has::Contact | Has::Note => false,
                }))
            }),
            Question::Regex(regex) => {
                let regex = regex.compile().map_err(|_| Failure::Unanswerable)?;
                self.every(among, Needs::Texts, stop, &|(connection, row), summary| {
                    Ok(said::texts(summary).any(|text| regex.is_match(text))
                        || self.more((connection, row), summary)?.iter().any(|more| regex.is_match(&more.value)))
                })
            }
            Question::Xpath(expression) => {
                let all = Bitmap::all(self.len());
                through(expression, among.unwrap_or(&all).iter(), &|row| self.payload(row), stop)
            }
        }
    }

    fn rows(&self, spans: &[Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        self.observed(spans, &|| told(stop)).map_err(|error| stopped(stop, error))
    }

    fn each(&self, asked: &[&[Span]], stop: &Stop, tell: &mut dyn FnMut(usize)) -> Result<Vec<Vec<Seq>>, Failure> {
        self.each_in(("marked", readers().min(asked.len() / MANY).max(1)), asked, stop, tell)
    }
}

/// What a question needs of a summary: what all versions of it say, or what only this one does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Texts,
    Facets,
}

/// Whether a row passes, by its summary; what that does not say can be read by the row's number.
type Holds<'a> = &'a (dyn Fn((&Connection, Seq), &Summary) -> Result<bool, Fault> + Sync);

/// The rows within bounds that an index knows, as many as are wanted or nothing.
type Within<'a> = &'a (dyn Fn(&Connection, (Seq, Seq), usize) -> Result<Option<Vec<Seq>>, Fault> + Sync);

impl Archive {
    /// The rows of each of many, by the index that these are the words of, looked for in so many parts beside each other.
    pub(super) fn each_in(
        &self,
        (words, parts): (&str, usize),
        asked: &[&[Span]],
        stop: &Stop,
        tell: &mut dyn FnMut(usize),
    ) -> Result<Vec<Vec<Seq>>, Failure> {
        let look = |part: &[&[Span]], tell: &mut dyn FnMut(usize)| {
            self.readers.with(|connection| marks::each((connection, words), part, &|| told(stop), tell))
        };
        // They are in the order of keys: neighbours stay beside each other.
        let all = asked.chunks(asked.len().div_ceil(parts).max(1));
        let found = beside(all, |part| look(part, &mut |done| tell(done * parts)), &|part| look(part, &mut |_| ()));
        let found: Result<Vec<_>, Fault> = found.into_iter().collect();
        Ok(found.map_err(|fault| stopped(stop, fault.into()))?.into_iter().flatten().collect())
    }

    fn look(&self, stop: &Stop, look: impl FnOnce(&Connection) -> Result<Vec<Seq>, Fault>) -> Result<Bitmap, Failure> {
        let found = self.readers.with(look).map_err(|fault| stopped(stop, fault.into()))?;
        Ok(found.into_iter().collect())
    }

    /// The rows that hold all of the words, and none of the others. `few` of them are read one by one, where many rows do.
    fn worded(
        &self,
        (all, none): (&[Word], &[Word]),
        few: Option<&Bitmap>,
        among: Option<&Bitmap>,
        stop: &Stop,
    ) -> Result<Bitmap, Failure> {
        let Some(bounds) = bounds(among).filter(|_| !none.iter().any(|word| all.contains(word))) else {
            return Ok(Bitmap::default());
        };
        // The index begins with the first row of all to pass over what is left out, wherever it is asked about.
        if few.is_none() && !none.is_empty() && bounds.1 - bounds.0 < self.len() / NARROW {
            let mut found = self.worded((all, &[]), None, among, stop)?;
            for word in none {
                found.subtract(&self.worded((std::slice::from_ref(word), &[]), None, among, stop)?);
            }
            return Ok(found);
        }
        let look = |connection: &Connection, bounds: (Seq, Seq), most: usize| {
            read::words_within(connection, (all, none), bounds, most, &|| told(stop))
        };
        let most = match few {
            None => return self.parted(bounds, stop, &look),
            // All that begin so are gone through before the first is given.
            Some(_) if all.iter().chain(none).any(|word| word.begins) => 0,
            Some(_) => SOON,
        };
        if most > 0 {
            let found = self.readers.with(|connection| look(connection, bounds, most));
            let found = found.map_err(|fault| stopped(stop, fault.into()))?;
            if let Some(rows) = found {
                return Ok(rows.into_iter().collect());
            }
        }
        let wanted = Wanted::of(all, none);
        self.every(few, Needs::Texts, stop, &|_, summary| Ok(wanted.stand_in(&said::words(summary))))
    }

    /// The rows with a key in the spans. `few` of them are read one by one, where the keys are many rows'.
    fn keyed(
        &self,
        spans: &[Span],
        few: Option<&Bitmap>,
        among: Option<&Bitmap>,
        stop: &Stop,
    ) -> Result<Bitmap, Failure> {
        let Some(bounds) = bounds(among) else { return Ok(Bitmap::default()) };
        let look = |connection: &Connection, bounds: (Seq, Seq), most: usize| {
            marks::within(connection, spans, bounds, most, &|| told(stop))
        };
        let single = spans.iter().all(Span::is_one);
        let most = match few {
            // Where keys are passed over in their order a part of the rows is no less work than all of them.
            None if single => return self.parted(bounds, stop, &look),
            None => usize::MAX,
            Some(few) if few.count() <= FEW / 4 && !single => 0,
            Some(_) => SOON,
        };
        let found = self.readers.with(|connection| look(connection, bounds, most));
        match found.map_err(|fault| stopped(stop, fault.into()))? {
            Some(rows) => Ok(rows.into_iter().collect()),
            None => self.naming(few, &|key| spans.iter().any(|span| span.holds(key)), stop),
        }
    }

    /// All rows within the bounds: where they are many, those of parts are looked for beside each other, each by a reader of its
    /// own.
    fn parted(&self, (first, last): (Seq, Seq), stop: &Stop, look: Within<'_>) -> Result<Bitmap, Failure> {
        let end = self.len().min(last.saturating_add(1));
        let rows = end.saturating_sub(first);
        let readers = u32::try_from(readers()).unwrap_or(1);
        let parts = if rows < 2 * PART { 1 } else { readers.min(rows / PART) };
        let step = rows.div_ceil(parts).max(1);
        let part = |first: Seq| {
            let last = end.min(first.saturating_add(step)).saturating_sub(1);
            self.readers.with(|connection| look(connection, (first, last), usize::MAX))
        };
        let found: Result<Vec<_>, Fault> =
            beside((first..end).step_by(step as usize), part, &part).into_iter().collect();
        let found = found.map_err(|fault| stopped(stop, fault.into()))?;
        Ok(found.into_iter().flatten().flatten().collect())
    }

    /// The rows with a key in the spans that fits. `few` are read one by one.
    fn fitting(
        &self,
        spans: &[Span],
        holds: &(dyn Fn(&[u8]) -> bool + Sync),
        few: Option<&Bitmap>,
        stop: &Stop,
    ) -> Result<Bitmap, Failure> {
        match few {
            None => self.look(stop, |connection| marks::fitting(connection, spans, holds, &|| told(stop))),
            few => self.naming(few, &|key| spans.iter().any(|span| span.holds(key)) && holds(key), stop),
        }
    }

    /// Those of these rows that name something with a key that fits.
    fn naming(
        &self,
        few: Option<&Bitmap>,
        holds: &(dyn Fn(&[u8]) -> bool + Sync),
        stop: &Stop,
    ) -> Result<Bitmap, Failure> {
        let any = |named: &[Observable]| named.iter().any(|one| key::keys(one).iter().any(|key| holds(key)));
        self.every(few, Needs::Texts, stop, &|at, summary| {
            Ok(any(&summary.observables) || any(&self.more(at, summary)?))
        })
    }

    /// A summary keeps the first of many observables: all of them, where they are more.
    fn more(&self, (connection, row): (&Connection, Seq), summary: &Summary) -> Result<Vec<Observable>, Fault> {
        let few = summary.observables_total as usize <= summary.observables.len();
        if few { Ok(Vec::new()) } else { read::observables(connection, self.with(), row) }
    }

    /// The rows with a value of the facet that fits.
    fn faceted(
        &self,
        facet: Facet,
        fits: &(dyn Fn(&str) -> bool + Sync),
        among: Option<&Bitmap>,
        stop: &Stop,
    ) -> Result<Bitmap, Failure> {
        let Some(bounds) = bounds(among) else { return Ok(Bitmap::default()) };
        // Before the index is asked: a row that is read again meanwhile is found twice and not never.
        let stale = self.stale();
        let kept = |connection: &Connection| facets::rows(connection, facet, fits, bounds, &|| told(stop));
        let kept = self.readers.with(kept).map_err(|fault| stopped(stop, fault.into()))?;
        let mut found: Bitmap = kept.unwrap_or_default().into_iter().collect();
        if stale > 0 {
            let mut old = Bitmap::all(stale);
            among.into_iter().for_each(|among| old.meet(among));
            let holds =
                |summary: &Summary| said::values(facet, summary).is_some_and(|own| own.iter().any(|own| fits(own)));
            let needs = if matches!(facet, Facet::Action | Facet::Lang | Facet::Purpose | Facet::Status) {
                Needs::Texts
            } else {
                Needs::Facets
            };
            found.join(&self.every(Some(&old), needs, stop, &|_, summary| Ok(holds(summary)))?);
        }
        Ok(found)
    }

    /// The rows whose `IncidentID` fits. Its words are in the index of words: what holds those is few.
    fn identified(&self, patterns: &[Pattern], among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        let mut found = Bitmap::default();
        for pattern in patterns {
            let holds = |summary: &Summary| !summary.id.is_empty() && pattern.matches(&summary.id);
            let start = pattern.start();
            let literal = pattern.literal().is_some();
            // The last word before a star may go on behind it.
            let begins = !literal && start.ends_with(char::is_alphanumeric);
            let among = match bounds(among) {
                None => continue,
                Some(_) if words(start).is_empty() => among.cloned(),
                Some(bounds) => {
                    let word = [Word { text: start.to_owned(), begins }];
                    let _ = bounds;
                    let mut likely = self.worded((&word, &[]), None, among, stop)?;
                    among.into_iter().for_each(|among| likely.meet(among));
                    Some(likely)
                }
            };
            found.join(&self.every(among.as_ref(), Needs::Texts, stop, &|_, summary| Ok(holds(summary)))?);
        }
        Ok(found)
    }

    /// The rows that pass, of those that are asked about. One that is damaged is told of and passes no question.
    fn every(&self, among: Option<&Bitmap>, needs: Needs, stop: &Stop, holds: Holds<'_>) -> Result<Bitmap, Failure> {
        let Some((first, last)) = bounds(among) else { return Ok(Bitmap::default()) };
        if let Some(sparse) = among.filter(|among| among.count() < (last - first) / SPARSE) {
            return self.single(&sparse.iter().collect::<Vec<_>>(), (needs, holds), stop);
        }
        let look = |connection: &Connection, rows: Range<Seq>| {
            let mut every =
                connection.prepare("SELECT seq, bytes FROM summaries WHERE seq >= ? AND seq < ? ORDER BY seq")?;
            let mut rows = every.query([rows.start, rows.end])?;
            let (mut found, mut seen) = (Vec::new(), 0_usize);
            while let Some(row) = rows.next()? {
                patient(seen, stop)?;
                seen += 1;
                let seq: Seq = row.get(0)?;
                if among.is_none_or(|among| among.contains(seq))
                    && self.passes((connection, seq), row.get_ref(1)?.as_blob().unwrap_or_default(), (needs, holds))?
                {
                    found.push(seq);
                }
            }
            Ok(found)
        };
        let seen = self.readers.each(Use::Read, first..self.len().min(last.saturating_add(1)), look);
        Ok(seen.map_err(|fault| stopped(stop, fault.into()))?.found.into_iter().collect())
    }

    /// As [`Archive::every`], each row looked up: most stand on pages of their own, and what takes the time is to open those,
    /// so parts of many rows are read beside each other.
    fn single(&self, rows: &[Seq], (needs, holds): (Needs, Holds<'_>), stop: &Stop) -> Result<Bitmap, Failure> {
        let look = |connection: &Connection, rows: &[Seq]| {
            let mut one = connection.prepare("SELECT bytes FROM summaries WHERE seq = ?")?;
            let mut found = Vec::new();
            for (seen, seq) in rows.iter().copied().enumerate() {
                patient(seen, stop)?;
                let mut row = one.query([seq])?;
                let Some(row) = row.next()? else { continue };
                if self.passes((connection, seq), row.get_ref(0)?.as_blob().unwrap_or_default(), (needs, holds))? {
                    found.push(seq);
                }
            }
            Ok(found)
        };
        let part = |rows: &[Seq]| Ok(self.readers.each(Use::Read, rows, look)?.found);
        let parts = readers().min(rows.len() / MANY).max(1);
        let found = beside(rows.chunks(rows.len().div_ceil(parts).max(1)), part, &part);
        let found: Result<Vec<Vec<Seq>>, Fault> = found.into_iter().collect();
        Ok(found.map_err(|fault| stopped(stop, fault.into()))?.into_iter().flatten().collect())
    }

    /// Whether a row passes: by its summary, or by its document where that says too little, or cannot be read.
    fn passes(
        &self,
        (connection, seq): (&Connection, Seq),
        bytes: &[u8],
        (needs, holds): (Needs, Holds<'_>),
    ) -> Result<bool, Fault> {
        let enough = |kept: &Summary| needs == Needs::Texts || kept.facets.is_some();
        match summary::read(bytes).filter(enough) {
            Some(kept) => holds((connection, seq), &kept),
            None => holds((connection, seq), &read::again(connection, seq, self.with())?),
        }
    }
}

/// Whether the answer is still wanted, looked at now and then.
fn patient(seen: usize, stop: &Stop) -> Result<(), Fault> {
    if seen.is_multiple_of(PATIENCE) && told(stop) { Err(Fault::Stopped) } else { Ok(()) }
}

/// The first and the last row asked about; nothing where none is.
fn bounds(among: Option<&Bitmap>) -> Option<(Seq, Seq)> {
    match among {
        Some(among) => among.iter().next().zip(among.iter().next_back()),
        None => Some((0, Seq::MAX)),
    }
}

/// Whether reading these rows costs less than passing over all that an index may have between them.
fn is_few(question: &Question, among: &Bitmap) -> bool {
    let count = among.count();
    let spread = bounds(Some(among)).map_or(0, |(first, last)| last - first) / SPREAD;
    count <= if question.narrows() { spread } else { FEW.max(spread) }
}

/// What comes of each part, in their order: of the first here, and beside it of the others, each by a thread of its own.
fn beside<P: Copy + Send, T: Send>(
    parts: impl Iterator<Item = P>,
    here: impl FnOnce(P) -> T,
    look: &(impl Fn(P) -> T + Sync),
) -> Vec<T> {
    let mut parts = parts;
    let Some(first) = parts.next() else { return Vec::new() };
    std::thread::scope(|scope| {
        let begin = |part: P| (part, std::thread::Builder::new().spawn_scoped(scope, move || look(part)).ok());
        let others: Vec<_> = parts.map(begin).collect();
        let mut all = vec![here(first)];
        for (part, other) in others {
            // A part whose thread did not begin, or died, is looked for here.
            all.push(other.and_then(|other| other.join().ok()).unwrap_or_else(|| look(part)));
        }
        all
    })
}

/// How many look beside each other.
fn readers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(PARTS)
}

fn told(stop: &Stop) -> bool {
    stop.check().is_err()
}

fn stopped(stop: &Stop, error: Error) -> Failure {
    if told(stop) { Failure::Stopped } else { Failure::Store(error) }
}

fn fits(pattern: &Pattern, key: &[u8]) -> bool {
    key::read_text(key).is_some_and(|text| pattern.matches(&text))
}

fn tagged(connection: &Connection, fits: &dyn Fn(&str) -> bool) -> Result<Vec<Seq>, Fault> {
    let mut tags = connection.prepare("SELECT DISTINCT tag FROM tags")?;
    let tags = tags.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut find = connection.prepare("SELECT seq FROM tags WHERE tag = ?")?;
    let mut all = Vec::new();
    for tag in tags.iter().filter(|tag| fits(tag)) {
        let rows = find.query_map([tag], |row| row.get(0))?;
        all.extend(rows.collect::<Result<Vec<Seq>, _>>()?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
