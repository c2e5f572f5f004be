//! What is summarised and waits for the commit under way, bounded by items and bytes and not by pieces, for pieces differ; the
//! next commit takes all of it at once.
//!
//! Either end sees when the other is gone, as with a channel's.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::{BYTES, Piece, Work};
use crate::xmpp::pubsub::Item;

/// Items that may wait: few, for a flood that waits here is ahead of every quiet topic (`engine::fair`), and who reads must
/// feel that the store is slow.
const WAITING: usize = 512;

#[derive(Debug, Default)]
struct Waiting {
    pieces: Vec<Piece>,
    items: usize,
    /// Of their payloads.
    bytes: usize,
    /// One of the ends is gone.
    over: bool,
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
            let fits = waiting.items + items <= WAITING && waiting.bytes + bytes <= BYTES;
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
    /// Everything that waits, once there is something; nothing when nothing will come any more.
    pub(super) fn take(&self) -> Option<Vec<Piece>> {
        let mut waiting = self.0.until(|waiting| waiting.over || !waiting.pieces.is_empty());
        (waiting.items, waiting.bytes) = (0, 0);
        let pieces = std::mem::take(&mut waiting.pieces);
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

/// Items, and the bytes of their payloads. What has no items is next to nothing, and counts as one.
fn size(piece: &Piece) -> (usize, usize) {
    let fetched = |items: &[Item]| {
        let bytes = items.iter().filter_map(|item| item.payload.as_ref()).map(|payload| payload.bytes.len());
        (items.len(), bytes.sum::<usize>())
    };
    piece.works.iter().fold((0, 0), |(items, bytes), work| {
        let (more, longer) = match work {
            Work::Items { items, .. } | Work::Stored { items, .. } | Work::Archived { items, .. } => fetched(items),
            Work::Read(items, _) => (items.len(), items.iter().map(super::length).sum()),
            _ => (1, 0),
        };
        (items + more, bytes + longer)
    })
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::super::Mark;
    use super::*;

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
                assert!(items <= WAITING || pieces.len() == 1, "{items} in {}", pieces.len());
                taken.extend(sessions(&pieces));
            }
            taken
        });
        for number in 0..200 {
            assert!(giver.give(piece(number, if number % 50 == 7 { 2 * WAITING } else { WAITING / 7 })));
        }
        drop(giver);
        assert_eq!(taken.join().unwrap(), (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn who_gives_hears_that_nobody_takes_any_more_also_while_it_waits_for_room() {
        let (giver, taker) = ready();
        assert!(giver.give(piece(0, WAITING)));
        let waits = std::thread::spawn(move || giver.give(piece(1, WAITING)));
        drop(taker);
        assert!(!waits.join().unwrap());
    }
}
