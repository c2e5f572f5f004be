//! The archive answers what the columns of the index cannot ([`Lookup`]).
//!
//! May use rusqlite, the archive's own readers and the index's questions. Words, observables and the values that rows share are
//! looked up in their indexes; rare texts are read from the summaries of the rows that are left, which the index puts last for
//! that reason, and an XPath's nodes from their documents. What a row that an earlier version of this program read does not
//! say is read from its document too, until that was read again ([`super::renew`]): slowly, and rightly.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::fault::Fault;
use super::read;
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
/// Questions of a part that is asked beside others, at least.
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
        let parts = readers().min(asked.len() / MANY).max(1);
        let look = |part: &[&[Span]], tell: &mut dyn FnMut(usize)| {
            self.readers.with(|connection| marks::each(connection, part, &|| told(stop), tell))
        };
        // They are in the order of keys: neighbours stay beside each other.
        let all = asked.chunks(asked.len().div_ceil(parts).max(1));
        let found = beside(all, |part| look(part, &mut |done| tell(done * parts)), &|part| look(part, &mut |_| ()));
        let found: Result<Vec<_>, Fault> = found.into_iter().collect();
        Ok(found.map_err(|fault| stopped(stop, fault.into()))?.into_iter().flatten().collect())
    }
}

/// What a question needs of a summary: what all versions of it say, or what only this one does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Texts,
    Facets,
}

/// Whether a row passes, by its summary; what that does not say can be read by the row's number.
type Holds<'a> = &'a dyn Fn((&Connection, Seq), &Summary) -> Result<bool, Fault>;

/// The rows within bounds that an index knows, as many as are wanted or nothing.
type Within<'a> = &'a (dyn Fn(&Connection, (Seq, Seq), usize) -> Result<Option<Vec<Seq>>, Fault> + Sync);

impl Archive {
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
        holds: &dyn Fn(&[u8]) -> bool,
        few: Option<&Bitmap>,
        stop: &Stop,
    ) -> Result<Bitmap, Failure> {
        match few {
            None => self.look(stop, |connection| marks::fitting(connection, spans, holds, &|| told(stop))),
            few => self.naming(few, &|key| spans.iter().any(|span| span.holds(key)) && holds(key), stop),
        }
    }

    /// Those of these rows that name something with a key that fits.
    fn naming(&self, few: Option<&Bitmap>, holds: &dyn Fn(&[u8]) -> bool, stop: &Stop) -> Result<Bitmap, Failure> {
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
        fits: &dyn Fn(&str) -> bool,
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
        let sparse = among.filter(|among| among.count() < (last - first) / SPARSE);
        self.look(stop, |connection| {
            let mut found = Vec::new();
            // By its summary, or by its document where that says too little, or cannot be read.
            let passes = |seq: Seq, bytes: &[u8]| {
                let enough = |kept: &Summary| needs == Needs::Texts || kept.facets.is_some();
                match summary::read(bytes).filter(enough) {
                    Some(kept) => holds((connection, seq), &kept),
                    None => holds((connection, seq), &read::again(connection, seq, self.with())?),
                }
            };
            let mut see = |seq: Seq, bytes: &[u8]| -> Result<(), Fault> {
                match passes(seq, bytes) {
                    Ok(true) => found.push(seq),
                    Ok(false) => {}
                    Err(Fault::Damaged(cause)) => {
                        let _ = self.doubt.hear::<()>(Err(Fault::Damaged(cause)));
                    }
                    Err(fault) => return Err(fault),
                }
                Ok(())
            };
            let patient =
                |seen: usize| if seen.is_multiple_of(PATIENCE) && told(stop) { Err(Fault::Stopped) } else { Ok(()) };
            if let Some(sparse) = sparse {
                let mut one = connection.prepare("SELECT bytes FROM summaries WHERE seq = ?")?;
                for (seen, seq) in sparse.iter().enumerate() {
                    patient(seen)?;
                    let mut row = one.query([seq])?;
                    if let Some(row) = row.next()? {
                        see(seq, row.get_ref(0)?.as_blob().unwrap_or_default())?;
                    }
                }
                return Ok(found);
            }
            let mut every =
                connection.prepare("SELECT seq, bytes FROM summaries WHERE seq >= ? AND seq <= ? ORDER BY seq")?;
            let mut rows = every.query([first, last])?;
            let mut seen = 0_usize;
            while let Some(row) = rows.next()? {
                patient(seen)?;
                seen += 1;
                let seq: Seq = row.get(0)?;
                if among.is_none_or(|among| among.contains(seq)) {
                    see(seq, row.get_ref(1)?.as_blob().unwrap_or_default())?;
                }
            }
            Ok(found)
        })
    }
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
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::model::{Facets, ItemId, Kind, Observable, ObservableKind, TopicId};
    use crate::store::archive::Key;
    use crate::store::index::{Entry, Flags, Index, Postings, evaluate};
    use crate::store::query::{Context, Query};
    use crate::store::{Incoming, ItemKey, Payload, Route};

    fn incoming(number: usize, summary: Summary) -> Incoming {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        Incoming {
            key: ItemKey { topic, item: ItemId(number.to_string()) },
            payload: Some(Payload { bytes: Arc::from(number.to_string().into_bytes()), scope: Arc::from([]) }),
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received: DateTime::<Utc>::UNIX_EPOCH,
            delayed: None,
        }
    }

    fn summaries() -> Vec<Summary> {
        use ObservableKind::{Domain, Email, File, Hash, Ipv4, Network, Url};
        type Titled<'a> = (&'a str, &'a [(ObservableKind, &'a str)]);
        let values: [Titled<'_>; 7] = [
            ("Open proxy on a campus", &[(Ipv4, "192.0.2.7"), (Domain, "www.bad.example")]),
            ("Malware, sent by mail", &[(Email, "drop@bad.example"), (File, "C:\\Invoice.exe")]),
            ("Proxy closed", &[(Network, "192.0.0.0/16")]),
            ("phishing", &[(Url, "http://bad.example/Login"), (Ipv4, "192.0.2.7")]),
            ("malicious", &[(Hash, "d41d8cd98f00b204e9800998ecf8427e")]),
            ("Nothing of it", &[]),
            ("Mail from elsewhere", &[(Url, "http://bad.example/other")]),
        ];
        let summary = |(at, (title, observables)): (usize, Titled<'_>)| {
            let mut summary = Summary::of_kind(Kind::Iodef2);
            summary.title = title.to_owned();
            summary.id = format!("id-{at}");
            summary.status = (at % 2 == 0).then(|| "x-waiting".to_owned());
            let storm = || Facets { campaigns: vec!["Autumn storm".to_owned()], ..Facets::default() };
            summary.facets = (at == 4).then(storm);
            summary.asks = (at % 3 == 0).then(|| "block-host".to_owned()).into_iter().collect();
            summary.observables = observables
                .iter()
                .map(|(kind, value)| Observable { kind: *kind, value: (*value).to_owned() })
                .collect();
            summary
        };
        values.into_iter().enumerate().map(summary).collect()
    }

    #[test]
    fn the_archive_answers_as_memory_does() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
        let (postings, mut index) = (Postings::default(), Index::new());
        // Each two hundred rows after the one before, so that rows are asked about far from each other too.
        let padding = || summaries().remove(5);
        let all =
            summaries().into_iter().flat_map(|summary| std::iter::repeat_with(padding).take(199).chain([summary]));
        let all = all.enumerate().map(|(number, summary)| incoming(number, summary));
        let rows = archive.commit(all.collect()).unwrap().added;
        let len = u32::try_from(rows.len()).unwrap();
        for seq in rows {
            let row = archive.row(seq).unwrap();
            postings.add(seq, &row.summary).unwrap();
            assert_eq!(index.push(&Entry::of(&row, Flags::UNREAD)), Some(seq));
        }
        let mut found = 0;
        for text in [
            "proxy",
            "prox*",
            "proxy closed",
            "open proxy -closed",
            "proxy (campus OR closed)",
            "mail -malware -proxy",
            "\"open proxy\"",
            "mal*",
            "192.0.2.7",
            "ip:192.0.2.7",
            "cidr:192.0.2.0/24",
            "domain:bad.example",
            "domain=bad.example",
            "domain:*.bad.example",
            "domain:w*d.example",
            "url:bad.example",
            "url:http://bad*/login",
            "email:@bad.example",
            "file:inv*",
            "hash:d41d*",
            "id:ID-3",
            "status:x-*",
            "-status:x-waiting",
            "action:block-host",
            "like:199",
            "like:1199",
            "/mail(ed)?/i",
            "proxy -192.0.2.7",
            "proxy -phishing",
            "proxy -proxy",
            "\"open proxy\" -\"proxy open\" -phish*",
            "-proxy phishing -campus",
            "(proxy OR phishing) status:x-waiting",
            "\"autumn storm\"",
            "malicious storm -phishing",
            "/storm/",
            "tag:none",
            "cve:CVE-2024-*",
        ] {
            let plan = text.parse::<Query>().unwrap().plan(&Context::at(DateTime::UNIX_EPOCH)).unwrap();
            let ask = |lookup: &dyn Lookup| evaluate(&plan, &index.snapshot(), lookup, None, &Stop::default()).unwrap();
            let (own, memory) = (ask(&archive), ask(&postings));
            assert_eq!(own.iter().collect::<Vec<_>>(), memory.iter().collect::<Vec<_>>(), "{text}");
            found += own.count();
            // Of some rows: those in a row, of which an index is asked, and few far from each other, which are read.
            let middle: Bitmap = (len / 3..len).collect();
            for among in [
                middle,
                (len / 2..len / 2 + 210).collect(),
                [199, len - 1].into_iter().collect(),
                [len - 1].into_iter().collect(),
            ] {
                let ask = |lookup: &dyn Lookup| {
                    let found = evaluate(&plan, &index.snapshot(), lookup, Some(&among), &Stop::default());
                    found.unwrap().iter().collect::<Vec<_>>()
                };
                let mut own = own.clone();
                own.meet(&among);
                assert_eq!((ask(&archive), ask(&postings)), (own.iter().collect(), own.iter().collect()), "{text}");
            }
        }
        assert!(found > 40, "{found} answers");
        // Many at once, by a pass over all keys or one look each, as one by one.
        let asked =
            ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/8", "bad.example", "none.example", "http://bad.example/Login"];
        let asked: Vec<Vec<Span>> = asked.into_iter().map(crate::store::query::observable).collect();
        for asked in [asked.as_slice(), asked.get(3..4).unwrap_or_default()] {
            let spans: Vec<&[Span]> = asked.iter().map(Vec::as_slice).collect();
            let each = archive.each(&spans, &Stop::default(), &mut |_| ()).unwrap();
            let alone = |spans: &&[Span]| Lookup::rows(&archive, spans, &Stop::default()).unwrap();
            assert_eq!(each, spans.iter().map(alone).collect::<Vec<_>>());
            assert_eq!(each, postings.each(&spans, &Stop::default(), &mut |_| ()).unwrap());
        }
        let stop = Stop::default();
        stop.stop();
        assert!(matches!(Lookup::rows(&archive, &key::asns(0, u32::MAX), &stop), Err(Failure::Stopped)));
    }

    /// Words are divided, folded and stripped in memory as the index does it, but for letters that no report has.
    #[test]
    fn the_words_of_memory_are_those_of_the_index() {
        let connection = Connection::open_in_memory().unwrap();
        let words = "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = \"unicode61 remove_diacritics 2\"); \
                     CREATE VIRTUAL TABLE found USING fts5vocab (words, instance);";
        connection.execute_batch(words).unwrap();
        let chars: Vec<char> = (1..0x3_0000_u32).filter_map(char::from_u32).collect();
        let mut insert = connection.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").unwrap();
        connection.execute_batch("BEGIN").unwrap();
        for char in &chars {
            let _ = insert.execute(rusqlite::params![u32::from(*char), format!("x{char}y {char}")]).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
        let mut own: std::collections::HashMap<u32, Vec<(i64, String)>> = std::collections::HashMap::new();
        let mut found = connection.prepare("SELECT doc, offset, term FROM found").unwrap();
        let mut found = found.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            own.entry(row.get(0).unwrap()).or_default().push((row.get(1).unwrap(), row.get(2).unwrap()));
        }
        let mut other = Vec::new();
        for char in chars {
            let mut index = own.remove(&u32::from(char)).unwrap_or_default();
            index.sort();
            let index: Vec<String> = index.into_iter().map(|(_, term)| term).collect();
            if index != crate::text::words(&format!("x{char}y {char}")) {
                other.push(char);
            }
        }
        let blocks: BTreeSet<u32> = other.iter().map(|char| u32::from(*char) >> 8).collect();
        println!(
            "{} letters differ, of blocks {blocks:x?}: {:?}",
            other.len(),
            other.iter().filter(|c| u32::from(**c) < 0x1_0000).take(400).collect::<String>()
        );
        let common = [
            '\u{0}'..='\u{24f}',
            '\u{300}'..='\u{331}',
            '\u{386}'..='\u{3ce}',
            '\u{400}'..='\u{481}',
            '\u{48a}'..='\u{527}',
            '\u{5d0}'..='\u{5ea}',
            '\u{1e00}'..='\u{1e99}',
            '\u{1ea0}'..='\u{1ef9}',
            '\u{3041}'..='\u{3096}',
            '\u{30a1}'..='\u{30fa}',
            '\u{4e00}'..='\u{9fa5}',
            '\u{ac00}'..='\u{d7a3}',
        ];
        let is_assigned =
            |char: &&char| char.is_alphanumeric() || char.is_ascii() || ('\u{300}'..='\u{331}').contains(*char);
        let wrong: Vec<&char> =
            other.iter().filter(is_assigned).filter(|char| common.iter().any(|range| range.contains(*char))).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
