//! Runs calls that may never return: each on a plain thread of its own with a deadline. A thread that is stuck is
//! abandoned, at most [`STUCK`] at a time, and nothing ever joins it, so neither the window nor the exit can hang on a
//! frozen keyring (`security.md` §4). Not tokio's pool: a runtime waits for that when it shuts down.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Error, State};

/// How many abandoned threads there may be before a call is refused at once.
pub const STUCK: usize = 2;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a service to answer by itself.
    pub answer: Duration,
    /// For a person who is asked to unlock; a window shows meanwhile what is waited for, with a way out.
    pub person: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { answer: Duration::from_secs(3), person: Duration::from_secs(120) }
    }
}

/// A call under way: await it, or [`Call::wait`] on a thread that may block. Dropping it is to cancel it.
#[derive(Debug)]
pub struct Call<T> {
    answer: oneshot::Receiver<Result<T, Error>>,
    life: Option<Arc<Life>>,
}

impl<T> Call<T> {
    /// A call that was answered at once.
    pub fn ready(answer: Result<T, Error>) -> Self {
        let (sender, receiver) = oneshot::channel();
        // The receiver is alive: it is right here.
        let _ = sender.send(answer);
        Self { answer: receiver, life: None }
    }

    /// Blocks for the answer; not to be called within an async task.
    ///
    /// # Errors
    /// The call's own.
    pub fn wait(mut self) -> Result<T, Error> {
        let (_, never) = oneshot::channel();
        let answer = std::mem::replace(&mut self.answer, never);
        answer.blocking_recv().unwrap_or(Err(FROZEN))
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(cx).map(|answer| answer.unwrap_or(Err(FROZEN)))
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        if let Some(life) = &self.life {
            life.abandon();
        }
    }
}

const FROZEN: Error = Error::Unavailable(State::Frozen);

/// How a worker's thread stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Abandoned,
    Finished,
}

/// One thread's life, as both its caller and itself see it.
#[derive(Debug)]
struct Life {
    phase: Mutex<Phase>,
    stuck: Arc<AtomicUsize>,
}

impl Life {
    fn abandon(&self) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if *phase == Phase::Running {
            *phase = Phase::Abandoned;
            let _ = self.stuck.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn is_abandoned(&self) -> bool {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) == Phase::Abandoned
    }

    fn finish(&self) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if *phase == Phase::Abandoned {
            let _ = self.stuck.fetch_sub(1, Ordering::SeqCst);
        }
        *phase = Phase::Finished;
    }
}

/// Ends a life however the thread ends, by a panic too.
struct Finish(Arc<Life>);

impl Drop for Finish {
    fn drop(&mut self) {
        self.0.finish();
    }
}

enum News<T> {
    /// A person has been asked: the deadline is theirs now.
    Asking,
    Done(Result<T, Error>),
}

/// Given to a job so that it can say when it waits for a person, and ask whether its caller still waits.
pub struct Asking<'a> {
    tell: &'a dyn Fn(),
    life: &'a Life,
}

impl Asking<'_> {
    pub fn person(&self) {
        (self.tell)();
    }

    /// To be asked after each wait and before anything is changed: the caller was told by now that nothing was.
    ///
    /// # Errors
    /// When the call was cancelled or given up; nobody hears the answer.
    pub fn still_wanted(&self) -> Result<(), Error> {
        if self.life.is_abandoned() { Err(FROZEN) } else { Ok(()) }
    }
}

/// Starts the threads and counts those that are stuck.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    patience: Patience,
    stuck: Arc<AtomicUsize>,
}

impl Worker {
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        Self { patience, stuck: Arc::default() }
    }

    /// Runs `job` on a thread of its own. The answer comes from it, or is [`State::Frozen`] when the deadline passed or
    /// too many threads are stuck already.
    pub fn run<T, F>(&self, job: F) -> Call<T>
    where
        T: Send + 'static,
        F: FnOnce(&Asking<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.run_or(Err(FROZEN), job)
    }

    /// Like [`Worker::run`], with an answer of the caller's own for a service that gives none.
    pub fn run_or<T, F>(&self, late: Result<T, Error>, job: F) -> Call<T>
    where
        T: Send + 'static,
        F: FnOnce(&Asking<'_>) -> Result<T, Error> + Send + 'static,
    {
        if self.stuck.load(Ordering::SeqCst) >= STUCK {
            return Call::ready(late);
        }
        let life = Arc::new(Life { phase: Mutex::new(Phase::Running), stuck: self.stuck.clone() });
        let (news, heard) = mpsc::channel();
        let (sender, receiver) = oneshot::channel();
        let (finish, own) = (Finish(life.clone()), life.clone());
        let worker = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            let _finish = finish;
            let asking = || {
                // The watch may have given up; then nobody cares.
                let _ = news.send(News::Asking);
            };
            let answer = job(&Asking { tell: &asking, life: &own });
            let _ = news.send(News::Done(answer));
        });
        let (patience, watched) = (self.patience, life.clone());
        let watch = thread::Builder::new().name("keychain-watch".to_owned()).spawn(move || {
            let answer = watch(patience, &heard).unwrap_or(late);
            watched.abandon();
            let _ = sender.send(answer);
        });
        match (worker, watch) {
            (Ok(_), Ok(_)) => Call { answer: receiver, life: Some(life) },
            (Err(error), _) | (_, Err(error)) => {
                Call::ready(Err(Error::Refused { cause: format!("no thread: {error}") }))
            }
        }
    }
}

/// Waits for a job's answer, first for the service's patience, then for the person's.
/// `None` when neither had enough.
fn watch<T>(patience: Patience, heard: &mpsc::Receiver<News<T>>) -> Option<Result<T, Error>> {
    let mut left = patience.answer;
    loop {
        match heard.recv_timeout(left) {
            Ok(News::Asking) => left = patience.person,
            Ok(News::Done(answer)) => return Some(answer),
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => {
                return Some(Err(Error::Refused { cause: "the call ended without an answer".to_owned() }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> Worker {
        Worker::new(Patience { answer: Duration::from_millis(20), person: Duration::from_secs(60) })
    }

    /// A job that is stuck until its sender is dropped.
    fn stuck(worker: &Worker) -> (Call<()>, mpsc::Sender<()>) {
        let (hold, held) = mpsc::channel();
        let call = worker.run(move |_| {
            let _ = held.recv();
            Ok(())
        });
        (call, hold)
    }

    fn until(condition: impl Fn() -> bool) {
        let start = std::time::Instant::now();
        while !condition() {
            assert!(start.elapsed() < Duration::from_secs(60), "waited in vain");
            thread::yield_now();
        }
    }

    #[test]
    fn an_answer_comes_back_and_no_thread_counts_as_stuck() {
        let worker = Worker::default();
        assert_eq!(worker.run(|_| Ok(7)).wait(), Ok(7));
        assert_eq!(
            worker.run::<(), _>(|_| Err(Error::Unavailable(State::Locked))).wait(),
            Err(Error::Unavailable(State::Locked))
        );
        assert_eq!(Call::ready(Ok(1)).wait(), Ok(1));
        until(|| worker.stuck.load(Ordering::SeqCst) == 0);
    }

    #[test]
    fn stuck_threads_are_abandoned_bounded_and_forgiven() {
        let worker = quick();
        let (first, hold_first) = stuck(&worker);
        assert_eq!(first.wait(), Err(FROZEN));
        let (second, hold_second) = stuck(&worker);
        assert_eq!(second.wait(), Err(FROZEN));
        // The third is refused without a thread.
        assert_eq!(worker.run(|_| Ok(3)).wait(), Err(FROZEN));
        drop(hold_first);
        until(|| worker.stuck.load(Ordering::SeqCst) == 1);
        assert_eq!(worker.run(|_| Ok(4)).wait(), Ok(4));
        drop(hold_second);
        until(|| worker.stuck.load(Ordering::SeqCst) == 0);
    }

    #[test]
    fn a_person_has_more_time_than_a_service_and_may_cancel() {
        let worker = quick();
        let (hold, held) = mpsc::channel::<()>();
        let call = worker.run(move |asking| {
            asking.person();
            let _ = held.recv_timeout(Duration::from_millis(200));
            Ok(5)
        });
        assert_eq!(call.wait(), Ok(5));
        drop(hold);
        until(|| worker.stuck.load(Ordering::SeqCst) == 0);
        let (call, hold) = stuck(&Worker { patience: Patience::default(), ..worker.clone() });
        drop(call);
        assert_eq!(worker.stuck.load(Ordering::SeqCst), 1);
        drop(hold);
        until(|| worker.stuck.load(Ordering::SeqCst) == 0);
    }

    #[test]
    fn a_call_that_was_given_up_changes_nothing_afterwards() {
        // Locked until the person comes back; then the job goes on.
        let keep = |worker: &Worker, kept: &Arc<AtomicUsize>| {
            let ((unlock, unlocked), kept) = (mpsc::channel::<()>(), Arc::clone(kept));
            let call = worker.run(move |asking| {
                asking.person();
                let _ = unlocked.recv();
                asking.still_wanted()?;
                let _ = kept.fetch_add(1, Ordering::SeqCst);
                Ok(())
            });
            (call, unlock)
        };
        let kept = Arc::new(AtomicUsize::new(0));
        let patient = Worker::default();
        let (call, unlock) = keep(&patient, &kept);
        drop(unlock);
        assert_eq!((call.wait(), kept.load(Ordering::SeqCst)), (Ok(()), 1));
        until(|| patient.stuck.load(Ordering::SeqCst) == 0);
        // Cancelled, and too late.
        let (call, unlock_cancelled) = keep(&patient, &kept);
        drop(call);
        let brief = Duration::from_millis(20);
        let hasty = Worker::new(Patience { answer: brief, person: brief });
        let (call, unlock_late) = keep(&hasty, &kept);
        assert_eq!(call.wait(), Err(FROZEN));
        drop((unlock_cancelled, unlock_late));
        until(|| patient.stuck.load(Ordering::SeqCst) + hasty.stuck.load(Ordering::SeqCst) == 0);
        assert_eq!(kept.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_panic_is_an_answer_too() {
        let worker = Worker::default();
        let call = worker.run::<(), _>(|_| panic!("made up"));
        assert!(matches!(call.wait(), Err(Error::Refused { .. })));
        until(|| worker.stuck.load(Ordering::SeqCst) == 0);
    }
}
