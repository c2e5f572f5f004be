//! Work that is done one piece after the other, in the order in which it was asked for, away from the window's thread.
//!
//! Each piece has a task of its own, and tasks run in any order: the one whose turn it is does all that was asked by then. Who
//! asked tells what was answered, so that a session, or the window, ends when nothing is open any more. Uses nothing of the
//! crate.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// See the module. A clone is the same queue.
pub(super) struct Queue<J>(Arc<Inside<J>>);

struct Inside<J> {
    /// Held by whoever does something of it.
    turn: tokio::sync::Mutex<()>,
    waiting: Mutex<Vec<J>>,
    /// What was put there and is not answered.
    open: AtomicUsize,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        let (turn, waiting, open) = (tokio::sync::Mutex::default(), Mutex::default(), AtomicUsize::new(0));
        Self(Arc::new(Inside { turn, waiting, open }))
    }
}

impl<J> Clone for Queue<J> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<J> Queue<J> {
    /// Takes a piece in, behind all others. [`Queue::work`] is to be waited for then.
    pub fn put(&self, piece: J) {
        let _ = self.0.open.fetch_add(1, Ordering::Relaxed);
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
    }

    /// Does what waits when its turn has come, in order and nothing of it twice; gives what came of it. Nothing where another's
    /// turn did it.
    pub async fn work<R, F: Future<Output = R>>(self, all: impl FnOnce(Vec<J>) -> F) -> Option<R> {
        let _turn = self.0.turn.lock().await;
        let waiting = std::mem::take(&mut *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_empty() { None } else { Some(all(waiting).await) }
    }

    /// Whoever asked has heard what came of so many.
    pub fn answered(&self, pieces: usize) {
        let left = |open: usize| Some(open.saturating_sub(pieces));
        let _ = self.0.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }

    /// Whether something was asked for and is not answered.
    pub fn is_open(&self) -> bool {
        self.0.open.load(Ordering::Relaxed) > 0
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use iced::futures::FutureExt;

    use super::*;

    /// Notes what is done, and lets another come to its turn between any two.
    async fn note(done: &RefCell<Vec<u32>>, pieces: Vec<u32>) -> usize {
        for piece in &pieces {
            done.borrow_mut().push(*piece);
            tokio::task::yield_now().await;
        }
        pieces.len()
    }

    #[tokio::test]
    async fn all_is_done_in_its_order_whichever_task_comes_first() {
        let (queue, done) = (Queue::default(), RefCell::default());
        (0..5).for_each(|piece| queue.put(piece));
        let workers: Vec<_> = (0..5).map(|_| queue.clone().work(|pieces| note(&done, pieces))).collect();
        let mut told = Vec::new();
        for worker in workers.into_iter().rev() {
            told.push(worker.await);
        }
        assert_eq!(told, [Some(5), None, None, None, None]);
        assert_eq!(done.into_inner(), [0, 1, 2, 3, 4]);
    }

    /// One that is put while others are done waits for them, and for nobody else's task.
    #[tokio::test]
    async fn what_is_put_meanwhile_comes_after() {
        let (queue, done) = (Queue::default(), RefCell::default());
        (0..3).for_each(|piece| queue.put(piece));
        let mut first = Box::pin(queue.clone().work(|pieces| note(&done, pieces)));
        assert!(first.as_mut().now_or_never().is_none() && *done.borrow() == [0], "it is at work");
        queue.put(3);
        let mut second = Box::pin(queue.clone().work(|pieces| note(&done, pieces)));
        assert!(second.as_mut().now_or_never().is_none() && *done.borrow() == [0], "it is not its turn");
        assert_eq!((second.now_or_never(), first.await), (None, Some(3)));
        assert_eq!(*done.borrow(), [0, 1, 2]);
        assert_eq!(queue.clone().work(|pieces| note(&done, pieces)).await, Some(1));
        assert_eq!(*done.borrow(), [0, 1, 2, 3]);
    }

    #[tokio::test]
    async fn two_at_work_do_nothing_twice_and_never_at_once() {
        let (queue, done, busy) = (Queue::default(), RefCell::default(), Cell::new(false));
        let (all, at_work) = (&done, &busy);
        let alone = |pieces| async move {
            assert!(!at_work.replace(true), "both at once");
            let count = note(all, pieces).await;
            at_work.set(false);
            count
        };
        let worker = |from: u32| {
            let queue = queue.clone();
            async move {
                let mut own = 0;
                for piece in 0..50 {
                    queue.put(from + piece);
                    tokio::task::yield_now().await;
                    own += queue.clone().work(alone).await.unwrap_or_default();
                }
                own
            }
        };
        let (one, other) = tokio::join!(worker(0), worker(1_000));
        let done = done.into_inner();
        assert_eq!((one + other, done.len()), (100, 100));
        let of = |own: &dyn Fn(u32) -> bool| done.iter().copied().filter(|piece| own(*piece)).collect::<Vec<_>>();
        assert_eq!(of(&|piece| piece < 1_000), (0..50).collect::<Vec<_>>());
        assert_eq!(of(&|piece| piece >= 1_000), (1_000..1_050).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn it_is_open_until_all_is_answered() {
        let queue = Queue::default();
        assert!(!queue.is_open() && queue.clone().work(|pieces: Vec<()>| async move { pieces.len() }).await.is_none());
        queue.put(());
        queue.put(());
        let done = queue.clone().work(|pieces| async move { pieces.len() }).await.unwrap();
        assert!(queue.is_open(), "done, and nobody heard of it");
        queue.answered(1);
        assert!(queue.is_open());
        queue.answered(done);
        assert!(!queue.is_open());
    }
}
