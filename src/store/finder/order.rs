//! Orders by what rows are called, which stands in no column: of a short answer its rows are read, of a long one all rows, once.
//! What that gave stays as long as a list stands in that order and holds it; rows that come or change meanwhile find their
//! place in it. Blocks; not for the window's thread.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::Finder;
use super::search::Wanted;
use crate::store::index::order::By;
use crate::store::index::{Bitmap, Failure, Ranks, Snapshot, Stop, Words};
use crate::store::{Seq, Store};
use crate::text;

/// Of an answer with more rows than these, all rows are read.
const FEW: u32 = 20_000;
/// Rows that changed and are known by their numbers.
const CHANGED: usize = 65_536;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Orders {
    known: Mutex<HashMap<By, (Weak<Ranks>, Moment)>>,
    changed: Mutex<Changed>,
}

/// Rows in the order in which they changed, from some time on.
#[derive(Debug, Default)]
struct Changed {
    since: u32,
    rows: Vec<Seq>,
}

/// How many had changed when rows began to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    since: u32,
    rows: usize,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Orders {
    /// The row may be called something else now.
    pub fn changed(&self, row: Seq) {
        let mut changed = held(&self.changed);
        if changed.rows.len() >= CHANGED {
            *changed = Changed { since: changed.since.wrapping_add(1), rows: Vec::new() };
        }
        changed.rows.push(row);
    }

    fn now(&self) -> Moment {
        let changed = held(&self.changed);
        Moment { since: changed.since, rows: changed.rows.len() }
    }

    /// What changed since; nothing where that is not known any more.
    fn since(&self, moment: Moment) -> Option<Bitmap> {
        let changed = held(&self.changed);
        let rows = changed.rows.get(moment.rows..).filter(|_| changed.since == moment.since)?;
        Some(rows.iter().copied().collect())
    }

    pub fn known(&self, by: By) -> Option<(Arc<Ranks>, Moment)> {
        let known = held(&self.known);
        let (ranks, moment) = known.get(&by)?;
        Some((ranks.upgrade()?, *moment))
    }
}

/// What a row is called, as it is ordered by that.
fn read(store: &dyn Store, by: By, rows: &[Seq], take: &mut dyn FnMut(Seq, String)) -> Result<(), Failure> {
    let mut tell = |seq, name: crate::store::Name<'_>| {
        let words = match by {
            By::Id => format!("{}\n{}", text::ordered(name.csirt), text::ordered(name.id)),
            _ => text::ordered(name.title),
        };
        take(seq, words);
    };
    Ok(store.names(rows, &mut tell)?)
}

impl Finder {
    /// What rows are called, where an order asks for it.
    pub(super) fn words(
        &self,
        rows: &Bitmap,
        on: &Snapshot,
        wanted: &Wanted,
        stop: &Stop,
    ) -> Result<Vec<Words>, Failure> {
        let words = |by| match by {
            By::Tags => Ok(self.tag_words(on.len())),
            by if rows.count() > FEW || self.orders.known(by).is_some() => self.all_words(by, on.len(), stop),
            by => self.few_words(by, rows, stop),
        };
        orders(wanted).map(words).collect()
    }

    /// As [`Finder::words`], of all rows, where nothing is to be read for it.
    pub(super) fn known_words(&self, on: &Snapshot, wanted: &Wanted) -> Option<Vec<Words>> {
        let words = |by| {
            if by == By::Tags {
                return Some(self.tag_words(on.len()));
            }
            let (ranks, moment) = self.orders.known(by)?;
            let is_now = ranks.len() >= on.len() && moment == self.orders.now();
            is_now.then(|| Words::all(by, ranks))
        };
        orders(wanted).map(words).collect()
    }

    fn few_words(&self, by: By, rows: &Bitmap, stop: &Stop) -> Result<Words, Failure> {
        const PART: usize = 1_024;
        let store = self.store().ok_or(Failure::Unanswerable)?;
        let rows: Vec<Seq> = rows.iter().collect();
        let mut named = HashMap::with_capacity(rows.len());
        for part in rows.chunks(PART) {
            stop.check()?;
            read(store.as_ref(), by, part, &mut |row, words| drop(named.insert(row, words)))?;
        }
        // What has no words stands before all that has some.
        let named = rows.into_iter().map(|row| (named.remove(&row).unwrap_or_default(), row));
        Ok(Words::new(by, named.collect()))
    }

    fn all_words(&self, by: By, len: u32, stop: &Stop) -> Result<Words, Failure> {
        let store = self.store().ok_or(Failure::Unanswerable)?;
        let read = |rows: &[Seq], take: &mut dyn FnMut(Seq, String)| read(store.as_ref(), by, rows, take);
        // What changes while it is read is read again the next time.
        let now = self.orders.now();
        let known = self.orders.known(by).and_then(|(ranks, moment)| Some((ranks, self.orders.since(moment)?)));
        let ranks = match known {
            Some((ranks, changed)) if ranks.len() >= len && changed.is_empty() => ranks,
            Some((ranks, changed)) => Arc::new(ranks.again(len.max(ranks.len()), &changed, &read, stop)?),
            None => Arc::new(Ranks::read(len, &read, stop)?),
        };
        let _ = held(&self.orders.known).insert(by, (Arc::downgrade(&ranks), now));
        Ok(Words::all(by, ranks))
    }

    /// By the tags of all rows, which are in memory.
    fn tag_words(&self, len: u32) -> Words {
        let tags = self.marks().plain.tags();
        if tags.is_empty() {
            return Words::new(By::Tags, Vec::new());
        }
        let mut own = vec![0_u32; len as usize];
        // What rows have together, as the number of a list of tags; 0 has none.
        let (mut lists, mut longer) = (vec![String::new()], HashMap::<(u32, usize), u32>::new());
        for (place, (tag, rows)) in tags.iter().enumerate() {
            for row in rows.iter().take_while(|row| *row < len) {
                let Some(own) = own.get_mut(row as usize) else { continue };
                *own = *longer.entry((*own, place)).or_insert_with(|| {
                    let before = lists.get(*own as usize).map_or("", String::as_str);
                    lists.push(if before.is_empty() {
                        text::ordered(tag)
                    } else {
                        format!("{before}\n{}", text::ordered(tag))
                    });
                    u32::try_from(lists.len() - 1).unwrap_or(u32::MAX)
                });
            }
        }
        let mut sorted: Vec<&String> = lists.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let ranks: Vec<u32> = lists
            .iter()
            .map(|list| sorted.partition_point(|other| *other < list))
            .map(|rank| u32::try_from(rank).unwrap_or(u32::MAX))
            .collect();
        own.iter_mut().for_each(|own| *own = ranks.get(*own as usize).copied().unwrap_or_default());
        Words::all(By::Tags, Arc::new(Ranks::known(own)))
    }
}

/// The orders that ask for words.
fn orders(wanted: &Wanted) -> impl Iterator<Item = By> {
    std::iter::once(wanted.sort).chain(wanted.then).map(|sort| sort.by).filter(|by| by.is_words())
}
