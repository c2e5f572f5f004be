//! Looking values up in all that was received, many at once.
//!
//! The index tells which rows have a value, the columns how strict each row is inside. That is a bound: the value itself may
//! stand under a laxer word than the strictest part of its document. Where it matters the document is read, each once and as
//! many as there is patience for; beyond that the bound counts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ask::{self, Way};
use super::{Ask, Known, Origin, said};
use crate::iodef::Document;
use crate::model::{BareJid, ObservableKind, Tlp};
use crate::store::index::key::Span;
use crate::store::index::{Bitmap, Failure, Flags, Lookup, Question, Snapshot, Stop, Word};
use crate::store::query::{Amber, strictness};
use crate::store::{Seq, Store};

/// Rows kept of each value.
const ORIGINS: usize = 8;
/// Documents read for one look, and bytes.
const DOCUMENTS: usize = 512;
const BYTES: usize = 64 << 20;
/// Threads that read and ask, and fewer documents or questions than these are left to one.
const THREADS: usize = 4;
const ALONE: usize = 16;
/// Rows in whose texts a value may stand that are read for it.
const TEXTS: usize = 16;

/// Where values are looked up.
pub struct Sources<'a> {
    pub on: &'a Snapshot,
    pub lookup: &'a dyn Lookup,
    pub store: &'a dyn Store,
    /// Who publishes: what that address published is not received.
    pub me: Option<&'a BareJid>,
    /// The incident that is being written, `IncidentID@name` and its text: earlier revisions of it by the same publisher are
    /// no source of it.
    pub incident: Option<(&'a str, &'a str)>,
    pub stop: &'a Stop,
}

/// What was found, to be learned by the [`super::Guard`].
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub(super) known: Vec<(Vec<u8>, Known)>,
    /// It comes to what is known already.
    pub(super) adds: bool,
    /// Documents that were read.
    pub read: usize,
}

/// The labels of a document's values by their keys.
type Labels = BTreeMap<Vec<u8>, Tlp>;

/// Looks values up by the index.
///
/// # Errors
/// When it was stopped or the store could not be read.
pub fn look(asks: &[Ask], sources: &Sources<'_>) -> Result<Answers, Failure> {
    let own = own_rows(sources)?;
    let groups: Vec<(usize, Way, Vec<Span>)> = asks
        .iter()
        .enumerate()
        .flat_map(|(at, ask)| ask::groups(ask).into_iter().map(move |(way, spans)| (at, way, spans)))
        .collect();
    // Neighbours in the table of keys are asked for one after another.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_unstable_by(|one, other| groups.get(*one).map(|g| &g.2).cmp(&groups.get(*other).map(|g| &g.2)));
    let asked: Vec<&[Span]> = order.iter().filter_map(|at| groups.get(*at)).map(|group| group.2.as_slice()).collect();
    let rows = sources.lookup.each(&asked, sources.stop, &mut |_| {})?;
    let mut known = vec![Known { at: sources.on.len(), ..Known::default() }; asks.len()];
    let mut candidates: Vec<Vec<Candidate>> = vec![Vec::new(); asks.len()];
    for (at, rows) in order.iter().zip(&rows) {
        let Some((ask, way, _)) = groups.get(*at) else { continue };
        if let (Some(known), Some(candidates)) = (known.get_mut(*ask), candidates.get_mut(*ask)) {
            weigh(known, candidates, *way, rows, &own, sources.on);
        }
    }
    for candidates in &mut candidates {
        candidates.sort_unstable_by_key(|one| std::cmp::Reverse((one.rank, one.label, one.row)));
    }
    let mut reader = Reader { sources, read: HashMap::new(), bytes: 0 };
    reader.ahead(candidates.iter().filter_map(|candidates| candidates.first()).map(|first| first.row));
    for (at, (known, candidates)) in known.iter_mut().zip(candidates).enumerate() {
        sources.stop.check()?;
        let from = groups.partition_point(|group| group.0 < at);
        let own: Vec<_> = groups.iter().skip(from).take_while(|group| group.0 == at).collect();
        reader.confirm(known, &candidates, &|way, key| {
            own.iter().any(|group| group.1 == way && group.2.iter().any(|span| span.holds(key)))
        });
    }
    let read = reader.read.len();
    let known = asks.iter().map(|ask| ask.key.clone()).zip(known).collect();
    Ok(Answers { known, adds: false, read })
}

/// Looks values up in the words of what was received: a value that no element held. Slower than [`look`], and second.
///
/// # Errors
/// As [`look`].
pub fn look_in_texts(asks: &[Ask], sources: &Sources<'_>) -> Result<Answers, Failure> {
    let own = own_rows(sources)?;
    let mut reader = Reader { sources, read: HashMap::new(), bytes: 0 };
    let phrases: Vec<(usize, Phrase)> = asks
        .iter()
        .enumerate()
        .flat_map(|(at, ask)| phrases(ask).into_iter().map(move |phrase| (at, phrase)))
        .collect();
    let find = |(_, phrase): &(usize, Phrase)| {
        let word = Word { text: phrase.0.clone(), begins: false };
        sources.lookup.answer(&Question::words(vec![word]), None, sources.stop)
    };
    let mut found: HashMap<usize, Result<Bitmap, Failure>> =
        beside(&phrases, |phrase| Some(find(phrase))).into_iter().collect();
    let mut phrases = phrases.iter().enumerate().peekable();
    let mut all = Vec::new();
    for (at, ask) in asks.iter().enumerate() {
        let mut known = Known { at: sources.on.len(), ..Known::default() };
        let mut groups: Option<Vec<(Way, Vec<Span>)>> = None;
        while let Some((number, asked)) = phrases.next_if(|(_, (of, _))| *of == at) {
            sources.stop.check()?;
            let (_, (_, key, way)) = asked;
            let rows = found.remove(&number).unwrap_or_else(|| find(asked))?;
            let rank = |row: &Seq| sources.on.strictest(*row).map_or(0, |label| strictness(label, Amber::Strict));
            let is_other = |row: &Seq| !own.contains(*row) && !sources.on.has(*row, Flags::MINE);
            let mut strict: Vec<Seq> = rows.iter().filter(|row| is_other(row) && rank(row) > 0).collect();
            strict.sort_by_key(|row| std::cmp::Reverse((rank(row), *row)));
            for row in strict.into_iter().take(TEXTS) {
                // The phrase may be words of something else: only a document that was read counts.
                let Some(labels) = reader.labels(row) else { continue };
                let groups = groups.get_or_insert_with(|| ask::groups(ask));
                let itself = labels.get(key).map(|label| (*label, *way));
                let Some((label, way)) = itself.or_else(|| near(groups, &labels)) else { continue };
                known.origins.extend(origin(sources.on, row, label, way, true));
                known.count(label);
            }
        }
        known.sort();
        if !known.origins.is_empty() {
            all.push((ask.key.clone(), known));
        }
    }
    Ok(Answers { known: all, adds: true, read: reader.read.len() })
}

/// The strictest of a document's values that holds a value or lies in it: the host of a link, an address of a network.
fn near(groups: &[(Way, Vec<Span>)], labels: &Labels) -> Option<(Tlp, Way)> {
    let found = labels.iter().filter_map(|(key, label)| {
        let (way, _) = groups.iter().find(|(_, spans)| spans.iter().any(|span| span.holds(key)))?;
        Some((*label, if *way == Way::Same { Way::Text } else { *way }))
    });
    found.max_by_key(|(label, _)| (strictness(*label, Amber::Strict), *label))
}

/// The words that all addresses of a network begin with: its whole numbers.
fn beginning(net: &str) -> Option<String> {
    let (start, length) = net.split_once('/')?;
    let whole = length.parse::<usize>().ok()? / 8;
    let start: Vec<&str> = start.split('.').collect();
    (start.len() == 4 && whole > 0).then(|| start.iter().take(whole).copied().collect::<Vec<_>>().join("."))
}

/// Words as they stand in a text, with the key that says they are a value, and what finding it means.
type Phrase = (String, Vec<u8>, Way);

/// Those of a value and of what it is on, however they are defanged there.
fn phrases(ask: &Ask) -> Vec<Phrase> {
    use ObservableKind::{Domain, Email, File, Hash, Ipv4, Ipv6, Mac, Network, Url};
    if ask::groups(ask).is_empty() {
        return Vec::new();
    }
    let words = match ask.kind {
        Url => ask.value.split_once("://").map_or(ask.value.as_str(), |(_, rest)| rest),
        Ipv4 | Ipv6 | Network | Domain | Email | Hash | Mac | File => &ask.value,
        ObservableKind::Asn | ObservableKind::Port | ObservableKind::Cve | ObservableKind::Other => return Vec::new(),
    };
    let written = |words: &str| match words.parse::<Ipv6Addr>() {
        Ok(ip) => spellings(ip),
        Err(_) => vec![words.to_owned()],
    };
    let own = written(words).into_iter().map(|words| (words, ask.key.clone(), Way::Text));
    // Who names a network says each address of it.
    let inside = beginning(&ask.value).filter(|_| ask.kind == Network);
    let inside = inside.map(|words| (words, ask.key.clone(), Way::Around));
    let hosts = ask::hosts(ask).into_iter();
    let hosts =
        hosts.flat_map(|(name, key)| written(&name).into_iter().map(move |name| (name, key.clone(), Way::Host)));
    own.chain(inside).chain(hosts).collect()
}

/// The ways an address of IPv6 is written (RFC 5952 §2): with its noughts or without, shortened or not.
fn spellings(ip: Ipv6Addr) -> Vec<String> {
    let groups = ip.segments().map(|group| format!("{group:04x}"));
    let long = ip.segments().map(|group| format!("{group:x}")).join(":");
    let run = |noughts: usize| format!(":{}:", vec!["0000"; noughts].join(":"));
    let whole = groups.join(":");
    let short =
        (2..7).rev().find_map(|noughts| whole.contains(&run(noughts)).then(|| whole.replacen(&run(noughts), "::", 1)));
    [Some(ip.to_string()), Some(whole.clone()), Some(long), short].into_iter().flatten().collect()
}

/// Rows that are no source: what I published, and what this incident said before.
fn own_rows(sources: &Sources<'_>) -> Result<Bitmap, Failure> {
    let Some((csirt, id)) = sources.incident else { return Ok(Bitmap::default()) };
    let rows = sources.store.revisions(csirt, id)?;
    let is_own = |row: &Seq| {
        let Some(line) = sources.on.line(*row) else { return false };
        // What another published under my incident's number is another's.
        line.source.publisher.is_none_or(|publisher| sources.me.is_some_and(|me| is_of(&publisher, me)))
    };
    Ok(rows.into_iter().filter(is_own).collect())
}

fn is_of(publisher: &str, me: &BareJid) -> bool {
    let bare = publisher.split_once('/').map_or(publisher, |(bare, _)| bare);
    bare.parse::<BareJid>().is_ok_and(|bare| bare == *me)
}

/// A row that may bind a value, by the strictest label inside it.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    rank: u8,
    label: Tlp,
    row: Seq,
    way: Way,
}

/// Counts rows, and keeps those that may bind.
fn weigh(known: &mut Known, candidates: &mut Vec<Candidate>, way: Way, rows: &[Seq], own: &Bitmap, on: &Snapshot) {
    for row in rows {
        if own.contains(*row) || on.has(*row, Flags::MINE) || on.has(*row, Flags::GONE) {
            continue;
        }
        let Some(label) = on.strictest(*row) else { continue };
        known.count(label);
        if way == Way::Same {
            known.loosest = Some(known.loosest.map_or(label, |least| least.min(label)));
        }
        let rank = strictness(label, Amber::Strict);
        if rank > 0 {
            candidates.push(Candidate { rank, label, row: *row, way });
        }
    }
}

fn origin(on: &Snapshot, row: Seq, label: Tlp, way: Way, exact: bool) -> Option<Origin> {
    let line = on.line(row)?;
    Some(Origin { row, topic: line.source.topic, csirt: line.source.csirt, at: line.at, label, way, exact })
}

impl Known {
    fn count(&mut self, label: Tlp) {
        if let Some(count) = self.rows.get_mut(usize::from(strictness(label, Amber::Strict))) {
            *count += 1;
        }
    }
}

/// Reads documents, each once.
struct Reader<'a> {
    sources: &'a Sources<'a>,
    read: HashMap<Seq, Option<Arc<Labels>>>,
    bytes: usize,
}

impl Reader<'_> {
    /// The strictest label of the value itself: documents are read, the strictest first, until none is left that could
    /// be stricter. Without patience for more the bound counts.
    fn confirm(&mut self, known: &mut Known, candidates: &[Candidate], holds: &dyn Fn(Way, &[u8]) -> bool) {
        let on = self.sources.on;
        let mut best = 0;
        for one in candidates {
            let has_all = known.origins.len() >= ORIGINS;
            if known.origins.iter().any(|own| own.row == one.row) || (one.rank <= best && has_all) {
                continue;
            }
            let labels = if one.rank > best { self.labels(one.row) } else { None };
            let is_read = labels.is_some();
            let own = labels.iter().flat_map(|labels| labels.iter()).filter(|(key, _)| holds(one.way, key));
            let own = own.map(|(_, label)| *label).max_by_key(|label| (strictness(*label, Amber::Strict), *label));
            // Where the document does not say it any more the bound stays.
            let label = own.unwrap_or(one.label);
            let rank = strictness(label, Amber::Strict);
            if rank > 0 {
                known.origins.extend(origin(on, one.row, label, one.way, is_read && own.is_some()));
            }
            best = best.max(rank);
        }
        known.sort();
        known.origins.truncate(ORIGINS);
    }

    /// Reads what is read in any case: the strictest row of each value. Several at once, since a draft may have a thousand
    /// values and each row be another one's.
    fn ahead(&mut self, rows: impl Iterator<Item = Seq>) {
        let mut seen = HashSet::new();
        let rows: Vec<Seq> = rows.filter(|row| seen.insert(*row)).take(DOCUMENTS).collect();
        let (store, stop, bytes) = (self.sources.store, self.sources.stop, AtomicUsize::new(0));
        let read = beside(&rows, |row| {
            let has_time = stop.check().is_ok() && bytes.load(Ordering::Relaxed) < BYTES;
            let (long, labels) = has_time.then(|| labels(store, *row))?;
            let _ = bytes.fetch_add(long, Ordering::Relaxed);
            Some((*row, labels))
        });
        // What one that died had read is read again below.
        self.read.extend(read.into_iter().map(|(_, read)| read));
        self.bytes += bytes.into_inner();
    }

    /// The labels of a row's values; nothing where it cannot be read or there is no more patience.
    fn labels(&mut self, row: Seq) -> Option<Arc<Labels>> {
        if let Some(known) = self.read.get(&row) {
            return known.clone();
        }
        if self.read.len() >= DOCUMENTS || self.bytes >= BYTES {
            return None;
        }
        let (long, labels) = labels(self.sources.store, row);
        self.bytes += long;
        let _ = self.read.insert(row, labels.clone());
        labels
    }
}

/// What comes of each of these, by its number: several at once, until there is nothing of one. What a thread did that died is
/// missing.
fn beside<T: Sync, R: Send>(all: &[T], each: impl Fn(&T) -> Option<R> + Sync) -> Vec<(usize, R)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let take = || {
            let at = next.fetch_add(1, Ordering::Relaxed);
            Some((at, each(all.get(at)?)?))
        };
        std::iter::from_fn(take).collect::<Vec<_>>()
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    if threads == 1 || all.len() < ALONE {
        return work();
    }
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        own.into_iter().chain(others.into_iter().filter_map(|one| one.join().ok()).flatten()).collect()
    })
}

/// How many bytes a row's document has, and the labels of its values, where it can be read.
fn labels(store: &dyn Store, row: Seq) -> (usize, Option<Arc<Labels>>) {
    let Some(payload) = store.payload(row).ok().flatten() else { return (0, None) };
    let read = || {
        let document = Document::read(&*payload.bytes, &payload.scope).ok()?;
        let mut labels = Labels::new();
        for one in said::said(&document) {
            for key in one.keys() {
                let label = labels.entry(key).or_insert(one.here);
                if strictness(one.here, Amber::Strict) > strictness(*label, Amber::Strict) {
                    *label = one.here;
                }
            }
        }
        Some(Arc::new(labels))
    };
    (payload.bytes.len(), read())
}
