//! Work that is done one piece after the other, in the order in which it was asked for, away from the window's thread.
//!
//! Each piece has a task of its own, and tasks run in any order: the one whose turn it is does what was asked before it too.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

/// See the module.
pub(super) struct Queue<J> {
    /// Held by whoever does something of it.
    turn: tokio::sync::Mutex<()>,
    waiting: Mutex<Waiting<J>>,
}

struct Waiting<J> {
    /// The number of the piece that was asked for last.
    last: u64,
    pieces: VecDeque<(u64, J)>,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), waiting: Mutex::new(Waiting { last: 0, pieces: VecDeque::new() }) }
    }
}

impl<J> Queue<J> {
    /// Takes a piece in, behind all others; gives its number.
    pub fn put(&self, piece: J) -> u64 {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.last += 1;
        let number = waiting.last;
        waiting.pieces.push_back((number, piece));
        number
    }

    /// The number of the piece that was asked for last.
    pub fn last(&self) -> u64 {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).last
    }

    fn next(&self, upto: u64) -> Option<J> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = waiting.pieces.front().is_some_and(|(number, _)| *number <= upto);
        if is_due { waiting.pieces.pop_front().map(|(_, piece)| piece) } else { None }
    }

    /// Does what waits up to this number, in order; gives what came of it.
    pub async fn work<R, F: Future<Output = R>>(&self, upto: u64, each: impl Fn(J) -> F) -> Vec<R> {
        let _turn = self.turn.lock().await;
        let mut done = Vec::new();
        while let Some(piece) = self.next(upto) {
            done.push(each(piece).await);
        }
        done
    }
}
