//! What is summarised and waits for the commit under way, bounded by items and bytes and not by pieces, for pieces differ; the
//! next commit takes all of it at once.
//!
//! Either end sees when the other is gone, as with a channel's.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{BYTES, Piece, Work};
use crate::store::Prepared;

/// Items that may wait where the store is slow, or nothing is known of it: few, for a flood that waits here is ahead of every
/// quiet topic (`engine::fair`), and who reads must feel that the store is slow.
const FEW: usize = 512;
/// And where it is quick. With an eighth of it the archive takes a fifteenth less (`benches/engine`).
const MANY: usize = 4_096;
/// What the store takes in this time may wait: a quiet topic waits no longer for it.
const WAIT: Duration = Duration::from_millis(250);
/// The commit of fewer items tells nothing of a store's pace.
const TELLING: usize = 64;

/// Items that may wait for a store that took so many in that time.
fn room(items: usize, took: Duration) -> usize {
    let paced = items as f64 * WAIT.as_secs_f64() / took.as_secs_f64().max(f64::EPSILON);
    // A cast of what is beyond gives the largest there is.
    (paced as usize).clamp(FEW, MANY)
}

#[derive(Debug)]
struct Waiting {
    pieces: Vec<Piece>,
    items: usize,
    /// Of their payloads.
    bytes: usize,
    /// See [`room`].
    room: usize,
    /// What is being committed: so many items, since then.
    taken: Option<(usize, Instant)>,
    /// One of the ends is gone.
    over: bool,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { pieces: Vec::new(), items: 0, bytes: 0, room: FEW, taken: None, over: false }
    }
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is so.
    fn until(&self, is: impl Fn(&Waiting) -> bool) -> MutexGuard<'_, Waiting> {
        self.changed.wait_while(self.lock(), |waiting| !is(waiting)).unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.lock().over = true;
        self.changed.notify_all();
    }
}

/// The end of who summarises.
#[derive(Debug)]
pub(super) struct Giver(Arc<Shared>);

/// The end of who commits.
#[derive(Debug)]
pub(super) struct Taker(Arc<Shared>);

pub(super) fn ready() -> (Giver, Taker) {
    let shared = Arc::<Shared>::default();
    (Giver(Arc::clone(&shared)), Taker(shared))
}

impl Giver {
    /// Gives a piece, once there is room; whether there is still who commits.
    pub(super) fn give(&self, piece: Piece) -> bool {
        let (items, bytes) = size(&piece);
        // One that is larger than all there is room for comes alone.
        let mut waiting = self.0.until(|waiting| {
            let fits = waiting.items + items <= waiting.room && waiting.bytes + bytes <= BYTES;
            waiting.over || waiting.pieces.is_empty() || fits
        });
        if waiting.over {
            return false;
        }
        waiting.pieces.push(piece);
        waiting.items += items;
        waiting.bytes += bytes;
        drop(waiting);
        self.0.changed.notify_all();
        true
    }
}

impl Taker {
    /// What was taken is committed: its pace is known.
    fn committed(&self) {
        let mut waiting = self.0.lock();
        if let Some((items, since)) = waiting.taken.take() {
            waiting.room = room(items, since.elapsed());
        }
    }

    /// Everything that waits, once there is something; nothing when nothing will come any more.
    pub(super) fn take(&self) -> Option<Vec<Piece>> {
        self.committed();
        let mut waiting = self.0.until(|waiting| waiting.over || !waiting.pieces.is_empty());
        (waiting.items, waiting.bytes) = (0, 0);
        let pieces = std::mem::take(&mut waiting.pieces);
        let works = pieces.iter().flat_map(|piece| &piece.works);
        let items: usize = works.filter_map(written).map(|(items, _)| items).sum();
        waiting.taken = (items >= TELLING).then(|| (items, Instant::now()));
        drop(waiting);
        self.0.changed.notify_all();
        (!pieces.is_empty()).then_some(pieces)
    }
}

impl Drop for Giver {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What work writes: items, and the bytes of their payloads. Nothing where it has no items.
fn written(work: &Work) -> Option<(usize, usize)> {
    match work {
        Work::Items { items, .. } | Work::Stored { items, .. } | Work::Archived { items, .. } => {
            let bytes = items.iter().filter_map(|item| item.payload.as_ref()).map(|payload| payload.bytes.len());
            Some((items.len(), bytes.sum()))
        }
        Work::Read(items) => Some((items.len(), items.iter().map(Prepared::size).sum())),
        _ => None,
    }
}

/// Items, and the bytes of their payloads. What has no items is next to nothing, and counts as one.
fn size(piece: &Piece) -> (usize, usize) {
    let each = piece.works.iter().map(|work| written(work).unwrap_or((1, 0)));
    each.fold((0, 0), |(items, bytes), (more, longer)| (items + more, bytes + longer))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::super::Mark;
    use super::*;
    use crate::model::{ItemId, Kind, Summary, TopicId};
    use crate::store::{Incoming, ItemKey};

    /// A piece that counts as so many items.
    fn piece(session: u64, items: usize) -> Piece {
        let mark = || Work::Mark(Mark { session, ticket: 0, heard: Utc::now() });
        Piece { session, works: std::iter::repeat_with(mark).take(items).collect() }
    }

    fn sessions(pieces: &[Piece]) -> Vec<u64> {
        pieces.iter().map(|piece| piece.session).collect()
    }

    #[test]
    fn all_that_waits_is_taken_at_once_and_in_order() {
        let (giver, taker) = ready();
        assert!((0..50).all(|number| giver.give(piece(number, 1))));
        assert_eq!(sessions(&taker.take().unwrap()), (0..50).collect::<Vec<_>>());
        assert!(giver.give(piece(50, 1)));
        drop(giver);
        assert_eq!(sessions(&taker.take().unwrap()), [50], "what was given before the end is not lost");
        assert!(taker.take().is_none());
    }

    #[test]
    fn no_more_waits_than_goes_into_a_commit_and_one_that_is_larger_comes_alone() {
        let (giver, taker) = ready();
        let taken = std::thread::spawn(move || {
            let mut taken = Vec::new();
            while let Some(pieces) = taker.take() {
                let items: usize = pieces.iter().map(|piece| size(piece).0).sum();
                assert!(items <= MANY || pieces.len() == 1, "{items} in {}", pieces.len());
                taken.extend(sessions(&pieces));
            }
            taken
        });
        for number in 0..200 {
            assert!(giver.give(piece(number, if number % 50 == 7 { 2 * MANY } else { FEW / 7 })));
        }
        drop(giver);
        assert_eq!(taken.join().unwrap(), (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn as_much_may_wait_as_the_store_takes_in_a_moment() {
        let second = Duration::from_secs(1);
        assert_eq!(room(15_000, second), 3_750);
        assert_eq!(room(1_400, second), FEW, "a slow disk");
        assert_eq!(room(1, Duration::ZERO), MANY);
        assert_eq!(room(0, Duration::ZERO), FEW);
        // Slow once is slow until it was quick again.
        let (giver, taker) = ready();
        let is_full = || {
            let waiting = taker.0.lock();
            waiting.items >= waiting.room
        };
        let fits = || (0..).take_while(|_| !is_full() && giver.give(piece(0, 1))).count();
        assert_eq!(fits(), FEW);
        let _ = taker.take().unwrap();
        taker.0.lock().taken = Some((FEW, Instant::now() - second));
        assert!(giver.give(piece(1, 1)));
        let _ = taker.take().unwrap();
        assert_eq!(fits(), FEW);
        taker.0.lock().taken = Some((1_000_000, Instant::now() - second));
        let _ = taker.take().unwrap();
        assert!(giver.give(piece(1, 1)));
        assert_eq!(fits(), MANY - 1);
    }

    #[test]
    fn only_what_is_written_tells_of_the_pace() {
        let (giver, taker) = ready();
        let takes = |piece: Piece| {
            assert!(giver.give(piece));
            let _ = taker.take().unwrap();
            taker.0.lock().taken.map(|(items, _)| items)
        };
        let one = || {
            let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() };
            let key = ItemKey { topic, item: ItemId("one".to_owned()) };
            Prepared::Item(Box::new(Incoming::bare(key, Summary::of_kind(Kind::Empty), Utc::now())))
        };
        let read =
            |items| Piece { session: 0, works: vec![Work::Read(std::iter::repeat_with(one).take(items).collect())] };
        assert_eq!(takes(piece(0, FEW)), None, "marks");
        assert_eq!(takes(read(TELLING - 1)), None);
        assert_eq!(takes(read(TELLING)), Some(TELLING));
    }

    #[test]
    fn who_gives_hears_that_nobody_takes_any_more_also_while_it_waits_for_room() {
        let (giver, taker) = ready();
        assert!(giver.give(piece(0, FEW)));
        let waits = std::thread::spawn(move || giver.give(piece(1, FEW)));
        drop(taker);
        assert!(!waits.join().unwrap());
    }
}
