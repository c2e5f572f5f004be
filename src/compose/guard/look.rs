//! Looking values up in all that was received, many at once.
//!
//! The indexes tell which rows have a value, in an element or in their words, the columns how strict each row is inside. That
//! is a bound: the value itself may
//! stand under a laxer word than the strictest part of its document. Where it matters the document is read, each once and as
//! many as there is patience for; beyond that the bound counts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ask::{self, Way};
use super::heard::{self, Read};
use super::{Ask, Known, Origin};
use crate::model::{BareJid, Tlp};
use crate::store::index::heard::{Heard, more};
use crate::store::index::key::Span;
use crate::store::index::{Bitmap, Failure, Flags, Lookup, Snapshot, Stop};
use crate::store::query::{Amber, strictness};
use crate::store::{Error, Seq, Store};

/// Rows kept of each value.
const ORIGINS: usize = 8;
/// Documents read for one look, and bytes.
const DOCUMENTS: usize = 512;
const BYTES: usize = 64 << 20;
/// Threads that read and ask, and fewer documents or questions than these are left to one.
const THREADS: usize = 4;
const ALONE: usize = 16;
/// Rows that came since the store listened, or say too much to be kept, that are read for a look.
const LATE: usize = 256;

/// Where values are looked up.
pub struct Sources<'a> {
    pub on: &'a Snapshot,
    pub lookup: &'a dyn Lookup,
    pub store: &'a dyn Store,
    /// Who publishes: what they published is not received.
    pub us: Option<&'a Us>,
    /// The incidents that are being written, each `IncidentID@name` and its text: earlier revisions of them by the same
    /// publisher are no source of them.
    pub incidents: &'a [(String, String)],
    pub stop: &'a Stop,
}

/// Who publishes a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Us {
    pub jid: BareJid,
    /// The name our incidents are numbered under.
    pub csirt: String,
}

impl Us {
    fn is(&self, publisher: &str) -> bool {
        let bare = publisher.split_once('/').map_or(publisher, |(bare, _)| bare);
        bare.parse::<BareJid>().is_ok_and(|bare| bare == self.jid)
    }

    fn numbers(&self, csirt: &str) -> bool {
        csirt.trim().eq_ignore_ascii_case(self.csirt.trim())
    }
}

/// What was found, to be learned by the [`super::Guard`].
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub(super) known: Vec<(Vec<u8>, Known)>,
    /// Documents that were read.
    pub read: usize,
}

/// Looks values up: in the elements that were received, and in the words of what is for fewer than everybody.
///
/// # Errors
/// When it was stopped or the store could not be read, or is damaged anywhere, and [`Failure::Unheard`] where so much came that it is not known yet
/// what all of it says.
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
    let mut reader = Reader { sources, known: HashMap::new(), most: DOCUMENTS, bytes: 0 };
    let heard = hear(&asked, &own, &mut reader)?;
    let mut known = vec![Known { at: sources.on.len(), ..Known::default() }; asks.len()];
    let mut candidates: Vec<Vec<Candidate>> = vec![Vec::new(); asks.len()];
    for ((at, rows), heard) in order.iter().zip(&rows).zip(heard) {
        let Some((ask, way, _)) = groups.get(*at) else { continue };
        if let (Some(known), Some(candidates)) = (known.get_mut(*ask), candidates.get_mut(*ask)) {
            weigh(known, candidates, *way, rows, &own, sources.on);
            let heard: Vec<Seq> = heard.into_iter().filter(|row| rows.binary_search(row).is_err()).collect();
            let way = if *way == Way::Same { Way::Text } else { *way };
            weigh(known, candidates, way, &heard, &own, sources.on);
        }
    }
    for candidates in &mut candidates {
        candidates.sort_unstable_by_key(|one| (std::cmp::Reverse((one.rank, one.label, one.row)), one.way));
    }
    reader.ahead(candidates.iter().filter_map(|candidates| candidates.first()).map(|first| first.row));
    for (at, (known, candidates)) in known.iter_mut().zip(candidates).enumerate() {
        sources.stop.check()?;
        let from = groups.partition_point(|group| group.0 < at);
        let own: Vec<_> = groups.iter().skip(from).take_while(|group| group.0 == at).collect();
        reader.confirm(known, &candidates, &|way, key| {
            let is_so = |group: Way| group == way || (way == Way::Text && group == Way::Same);
            own.iter().any(|group| is_so(group.1) && group.2.iter().any(|span| span.holds(key)))
        });
    }
    // What cannot be read of what was received may say any of it.
    if sources.store.is_damaged() {
        return Err(Failure::Store(Error::Damaged { cause: "not all that was received can be read".to_owned() }));
    }
    let read = reader.known.len();
    number(&mut known, sources.store)?;
    let known = asks.iter().map(|ask| ask.key.clone()).zip(known).collect();
    Ok(Answers { known, read })
}

/// The rows of each question in whose words it stands: of those that the store listened to by its index, of what came since
/// by reading it.
fn hear(asked: &[&[Span]], own: &Bitmap, reader: &mut Reader<'_>) -> Result<Vec<Vec<Seq>>, Failure> {
    let Sources { on, store, stop, .. } = *reader.sources;
    // Before the index is asked: what is listened to meanwhile is heard twice and not never.
    let since = store.listened()?;
    let (more, last) = ([Span::one(more())], asked.len());
    let all: Vec<&[Span]> = asked.iter().copied().chain([more.as_slice()]).collect();
    let mut known = store.heard(&all, stop)?;
    let unheard = known.drain(last.min(known.len())..).next().unwrap_or_default();
    let is_source = |row: &Seq| is_source(*row, own, on) && on.strictest(*row).is_some_and(|label| rank(label) > 0);
    let late: Vec<Seq> = unheard.into_iter().chain(since..on.len()).filter(is_source).take(LATE + 1).collect();
    if late.len() > LATE {
        let rows = on.len().saturating_sub(since).max(1);
        return Err(Failure::Unheard { rows });
    }
    reader.most += late.len();
    reader.ahead(late.iter().copied());
    let mut fresh = Heard::default();
    for row in &late {
        stop.check()?;
        if reader.is_spent(*row) {
            return Err(Failure::Unheard { rows: 1 });
        }
        fresh.add(*row, reader.read(*row).iter().flat_map(|read| read.labels.keys().cloned()));
    }
    for (rows, fresh) in known.iter_mut().zip(fresh.each(asked)) {
        rows.extend(fresh);
        rows.sort_unstable();
        rows.dedup();
    }
    Ok(known)
}

/// Rows that are no source: what I published, and what these incidents said before.
fn own_rows(sources: &Sources<'_>) -> Result<Bitmap, Failure> {
    let mut own = Bitmap::default();
    for (csirt, id) in sources.incidents {
        let rows = sources.store.revisions(csirt, id)?;
        let is_own = |row: &Seq| {
            let Some((line, us)) = sources.on.line(*row).zip(sources.us) else { return false };
            // What another published under my incident's number is another's. Most brokers do not say who did: then it is
            // whose name it is numbered under.
            line.source.publisher.map_or_else(|| us.numbers(csirt), |publisher| us.is(&publisher))
        };
        own.join(&rows.into_iter().filter(is_own).collect());
    }
    Ok(own)
}

/// A row that may bind a value, by the strictest label inside it.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    rank: u8,
    label: Tlp,
    row: Seq,
    way: Way,
}

/// Says of the first source of each value which incident it is, where that was not read.
fn number(known: &mut [Known], store: &dyn Store) -> Result<(), Failure> {
    let bare = |known: &Known| known.origins.first().filter(|origin| origin.id.is_empty()).map(|origin| origin.row);
    let rows: HashSet<Seq> = known.iter().filter_map(bare).collect();
    let rows = store.look(&rows.into_iter().collect::<Vec<_>>())?;
    let ids: HashMap<Seq, Arc<str>> = rows.iter().map(|row| (row.seq, Arc::from(row.summary.id.as_str()))).collect();
    for first in known.iter_mut().filter_map(|known| known.origins.first_mut()).filter(|first| first.id.is_empty()) {
        first.id = ids.get(&first.row).cloned().unwrap_or_default();
    }
    Ok(())
}

fn rank(label: Tlp) -> u8 {
    strictness(label, Amber::Strict)
}

/// Whether what a row says was received, and is known.
fn is_source(row: Seq, own: &Bitmap, on: &Snapshot) -> bool {
    !own.contains(row) && !on.has(row, Flags::MINE) && !on.has(row, Flags::GONE)
}

/// Counts rows, and keeps those that may bind.
fn weigh(known: &mut Known, candidates: &mut Vec<Candidate>, way: Way, rows: &[Seq], own: &Bitmap, on: &Snapshot) {
    for row in rows {
        if !is_source(*row, own, on) {
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

fn origin(on: &Snapshot, (row, id): (Seq, Arc<str>), label: Tlp, way: Way, exact: bool) -> Option<Origin> {
    let line = on.line(row)?;
    Some(Origin { row, id, topic: line.source.topic, csirt: line.source.csirt, at: line.at, label, way, exact })
}

impl Known {
    fn count(&mut self, label: Tlp) {
        if let Some(count) = self.rows.get_mut(usize::from(strictness(label, Amber::Strict))) {
            *count += 1;
        }
    }
}

/// What a document says of a value, and how it has it: the value's own word counts where it has one, else the strictest of
/// what the value is part of and of what is part of it.
fn bound(read: &Read, ways: &[Candidate], holds: &dyn Fn(Way, &[u8]) -> bool) -> Option<(Tlp, Way)> {
    let strictest = |way: Way| {
        let said = read.labels.iter().filter(|(key, _)| holds(way, key)).map(|(_, label)| *label);
        said.max_by_key(|label| (rank(*label), *label)).map(|label| (label, way))
    };
    let (itself, others): (Vec<Way>, Vec<Way>) =
        ways.iter().map(|one| one.way).partition(|way| matches!(way, Way::Same | Way::Text));
    let of = |ways: Vec<Way>| ways.into_iter().filter_map(strictest).max_by_key(|(label, _)| (rank(*label), *label));
    of(itself).or_else(|| of(others))
}

/// Reads documents, each once.
struct Reader<'a> {
    sources: &'a Sources<'a>,
    known: HashMap<Seq, Option<Arc<Read>>>,
    /// Documents there is patience for.
    most: usize,
    bytes: usize,
}

impl Reader<'_> {
    /// The strictest label of the value itself: documents are read, the strictest first, until none is left that could
    /// be stricter. Without patience for more the bound counts.
    fn confirm(&mut self, known: &mut Known, candidates: &[Candidate], holds: &dyn Fn(Way, &[u8]) -> bool) {
        let on = self.sources.on;
        let mut best = 0;
        // A row stands there once for each way it may have the value, the nearest first.
        for ways in candidates.chunk_by(|one, other| one.row == other.row) {
            let Some(one) = ways.first() else { continue };
            if one.rank <= best && known.origins.len() >= ORIGINS {
                continue;
            }
            let read = if one.rank > best { self.read(one.row) } else { None };
            let own = read.as_ref().and_then(|read| bound(read, ways, holds));
            // Where the document does not say it any more the bound stays.
            let (label, way) = own.unwrap_or((one.label, one.way));
            let rank = rank(label);
            if rank > 0 {
                let id = read.map(|read| Arc::clone(&read.id)).unwrap_or_default();
                known.origins.extend(origin(on, (one.row, id), label, way, own.is_some()));
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
        let left = self.most.saturating_sub(self.known.len());
        let rows: Vec<Seq> = rows.filter(|row| !self.known.contains_key(row) && seen.insert(*row)).take(left).collect();
        let (store, stop, bytes) = (self.sources.store, self.sources.stop, AtomicUsize::new(0));
        let found = beside(&rows, |row| {
            let has_time = stop.check().is_ok() && bytes.load(Ordering::Relaxed) < BYTES;
            let (long, read) = has_time.then(|| read(store, *row))?;
            let _ = bytes.fetch_add(long, Ordering::Relaxed);
            Some((*row, read))
        });
        // What one that died had read is read again below.
        self.known.extend(found.into_iter().map(|(_, read)| read));
        self.bytes += bytes.into_inner();
    }

    /// There is no patience to read it.
    fn is_spent(&self, row: Seq) -> bool {
        !self.known.contains_key(&row) && (self.known.len() >= self.most || self.bytes >= BYTES)
    }

    /// The labels of a row's values; nothing where it cannot be read or there is no more patience.
    fn read(&mut self, row: Seq) -> Option<Arc<Read>> {
        if let Some(known) = self.known.get(&row) {
            return known.clone();
        }
        if self.is_spent(row) {
            return None;
        }
        let (long, read) = read(self.sources.store, row);
        self.bytes += long;
        let _ = self.known.insert(row, read.clone());
        read
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
fn read(store: &dyn Store, row: Seq) -> (usize, Option<Arc<Read>>) {
    let Some(payload) = store.payload(row).ok().flatten() else { return (0, None) };
    (payload.bytes.len(), Some(Arc::new(heard::read(&payload))))
}
