//! The head of an answer: its first rows, before the whole is known.
//!
//! Rows are gone through a few chunks at a time, beginning with the chunk in which the first row of the order could stand. What
//! was found is certain once no row of the chunks that are left could stand before it: rows may have come in any order, and the
//! head is that of the whole.

use super::Bitmap;
use super::columns::{CHUNK, Snapshot};
use super::evaluate::evaluate;
use super::lookup::{FEW, Failure, Lookup, Stop};
use super::order::{Key, Order};
use super::plan::Plan;
use crate::store::Seq;

/// Four times as many chunks each time those before do not fill it; after the third time all that are left: what is found so
/// seldom is passed over sooner at once than in parts.
const MORE: usize = 4;
const MOST: usize = 16;
/// Of the rows that are read, so many before the others.
const FIRST: usize = FEW as usize / 4;
/// Chunks that stand apart from each other are asked about in so many questions; more of them in one.
const APART: usize = 4;

/// The first rows of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub rows: Vec<Seq>,
    /// There are no others.
    pub whole: bool,
}

/// The first rows that the plan holds for, at most `most`, of those before `before`.
///
/// # Errors
/// As [`evaluate`].
pub fn head(
    plan: &Plan,
    order: &Order<'_>,
    (on, before): (&Snapshot, Option<Seq>),
    lookup: &dyn Lookup,
    most: usize,
    stop: &Stop,
) -> Result<Head, Failure> {
    let mut chunks: Vec<(Key, usize)> = (0..on.chunks.len()).map(|chunk| (order.least(chunk), chunk)).collect();
    chunks.sort_unstable();
    let mut held = Held { order, keys: Vec::new(), most, cut: false };
    if !plan.narrows() {
        // The first rows that it could hold for, few enough to be read. Where they do not fill the page, all are asked about at
        // once.
        let all = head(&plan.columns(), order, (on, before), lookup, FEW as usize, stop)?;
        let (some, others) = all.rows.split_at(all.rows.len().min(FIRST));
        for rows in [some, others] {
            held.add(&evaluate(plan, on, lookup, Some(&rows.iter().copied().collect()), stop)?);
            if held.keys.len() >= most {
                return Ok(held.head(false));
            }
            // So rare that reading the others would not fill it.
            if !all.whole && held.keys.len() * (FEW as usize / FIRST) < most {
                break;
            }
        }
        if all.whole {
            return Ok(held.head(true));
        }
        held.keys.clear();
        held.cut = false;
    }
    let within = Bitmap::all(before.unwrap_or(on.len()).min(on.len()));
    let (mut done, mut reach) = (0, if plan.narrows() { 1 } else { chunks.len() });
    while done < chunks.len() && !held.is_full(chunks.get(done).map(|(least, _)| *least)) {
        let next = chunks.get(done..(done + reach).min(chunks.len())).unwrap_or_default();
        for mut among in neighbours(next.iter().map(|(_, chunk)| *chunk)) {
            among.meet(&within);
            if !among.is_empty() {
                held.add(&evaluate(plan, on, lookup, Some(&among), stop)?);
            }
        }
        done += next.len();
        reach = if reach < MOST { reach * MORE } else { chunks.len() };
    }
    Ok(held.head(done >= chunks.len()))
}

/// What was found so far.
struct Held<'a> {
    order: &'a Order<'a>,
    keys: Vec<Key>,
    most: usize,
    /// There was more.
    cut: bool,
}

impl Held<'_> {
    fn add(&mut self, rows: &Bitmap) {
        self.keys.extend(rows.iter().map(|row| self.order.key(row)));
        if self.keys.len() > self.most {
            if let Some(last) = self.most.checked_sub(1) {
                let _ = self.keys.select_nth_unstable(last);
            }
            self.keys.truncate(self.most);
            self.cut = true;
        }
    }

    /// Whether there are enough of them before the first that may come yet.
    fn is_full(&self, next: Option<Key>) -> bool {
        self.keys.len() >= self.most && next.is_none_or(|next| self.keys.iter().all(|key| *key < next))
    }

    fn head(mut self, through: bool) -> Head {
        self.keys.sort_unstable();
        let rows = self.keys.iter().map(|key| self.order.row(*key)).collect();
        Head { rows, whole: through && !self.cut }
    }
}

/// The rows of chunks, those of neighbours together: a question about rows far from each other is one about all between them.
fn neighbours(chunks: impl Iterator<Item = usize>) -> Vec<Bitmap> {
    let mut chunks: Vec<usize> = chunks.collect();
    chunks.sort_unstable();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for chunk in chunks {
        match runs.last_mut() {
            Some((_, end)) if *end == chunk => *end += 1,
            _ => runs.push((chunk, chunk + 1)),
        }
    }
    let row = |chunk: usize| Seq::try_from(chunk * CHUNK).unwrap_or(Seq::MAX);
    let rows = |(first, end): (usize, usize)| {
        let mut rows = Bitmap::all(row(end));
        rows.subtract(&Bitmap::all(row(first)));
        rows
    };
    if runs.len() <= APART {
        return runs.into_iter().map(rows).collect();
    }
    let mut all = Bitmap::default();
    runs.into_iter().for_each(|run| all.join(&rows(run)));
    vec![all]
}
