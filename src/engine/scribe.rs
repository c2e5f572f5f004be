//! Who writes the log of acts: a thread of its own. What waits is written together; what could not be written is kept, and goes
//! first the next time, after a while by itself, with an entry that says how many were late. The actor waits for no entry; a command that is to change
//! something outside waits for its own ([`super::desk`]).
//!
//! May use the log's contract in `store`.

use std::sync::Arc;
use std::sync::mpsc::{self as pages, RecvTimeoutError};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;

use super::record::Of;
use crate::store::activity::{Act, Activity, By, How, Kind, Number};
use crate::store::{Error, Store};

/// Entries of one transaction, about.
const TOGETHER: usize = 1_024;
/// Entries that are kept because they could not be written. Of more only the number is.
const LATE: usize = 10_000;
/// What is late is tried again after this, if nothing else is to be written before.
const AGAIN: Duration = Duration::from_secs(30);
/// Outcomes that may wait to be heard.
const QUEUE: usize = 64;

/// Acts that belong together, and what waits until they stand.
#[derive(Debug)]
pub(super) struct Page {
    pub acts: Vec<Act>,
    pub of: Option<Of>,
}

/// What came of some pages.
#[derive(Debug)]
pub(super) struct Written {
    /// What waited for them.
    pub of: Vec<Of>,
    /// How many entries there are now, where the store keeps a log at all.
    pub result: Result<Option<Number>, Error>,
}

/// The thread's two ends. Pages are few and small, and whoever floods is held up before ([`super::unusual`]): none is refused.
#[derive(Debug)]
pub(super) struct Scribe {
    pub pages: pages::Sender<Page>,
    pub written: mpsc::Receiver<Written>,
}

impl Scribe {
    /// Starts it; it ends when the pages' sender is dropped.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let (pages, queue) = pages::channel();
        let (tell, written) = mpsc::channel(QUEUE);
        let _detached = tokio::task::spawn_blocking(move || run(store.activity(), &queue, &tell, AGAIN));
        Self { pages, written }
    }
}

fn run(log: Option<&dyn Activity>, queue: &pages::Receiver<Page>, tell: &mpsc::Sender<Written>, again: Duration) {
    let mut late = Late::default();
    loop {
        let page = if late.acts.is_empty() {
            queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            queue.recv_timeout(again)
        };
        let mut pages = match page {
            Ok(page) => vec![page],
            Err(RecvTimeoutError::Timeout) => {
                let written = write(log, Vec::new(), &mut late);
                // That it still cannot was said.
                if written.result.is_ok() {
                    let _ = tell.blocking_send(written);
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let mut entries = 0;
        while entries < TOGETHER
            && let Ok(page) = queue.try_recv()
        {
            entries += page.acts.len();
            pages.push(page);
        }
        // What is written stands, whether anybody hears it or not.
        let _ = tell.blocking_send(write(log, pages, &mut late));
    }
    if !late.acts.is_empty() && write(log, Vec::new(), &mut late).result.is_err() {
        tracing::error!(count = late.acts.len(), "acts could not be written down, and end with the program");
    }
}

/// Entries that could not be written when they were to be.
#[derive(Debug, Default)]
struct Late {
    acts: Vec<Act>,
    /// There was no room to keep these.
    lost: usize,
}

impl Late {
    fn keep(&mut self, acts: Vec<Act>) {
        for act in acts {
            if self.acts.len() < LATE {
                self.acts.push(act);
            } else {
                self.lost += 1;
            }
        }
    }

    /// Says that those behind it are late.
    fn mark(&self) -> Option<Act> {
        let first = self.acts.first()?;
        let mark = Act::new(Utc::now(), &first.who, By::Rule, Kind::Late, How::Done);
        let lost = if self.lost > 0 { format!("; lost={}", self.lost) } else { String::new() };
        Some(Act { after: format!("late={}{lost}", self.acts.len()), ..mark })
    }
}

fn write(log: Option<&dyn Activity>, pages: Vec<Page>, late: &mut Late) -> Written {
    let of = pages.iter().filter_map(|page| page.of).collect();
    // A store that is only a part of a test keeps none.
    let Some(log) = log else { return Written { of, result: Ok(None) } };
    let new = pages.iter().flat_map(|page| &page.acts);
    let all: Vec<Act> = late.mark().iter().chain(&late.acts).chain(new).cloned().collect();
    match log.append(&all) {
        Ok(head) => {
            *late = Late::default();
            Written { of, result: Ok(Some(head.count)) }
        }
        Err(error) => {
            // What waited for its entry is not done now, and leaves one that says so.
            let kept = pages.into_iter().filter(|page| page.of.is_none()).flat_map(|page| page.acts).collect();
            late.keep(kept);
            tracing::error!(%error, late = late.acts.len(), "acts could not be written down");
            Written { of, result: Err(error) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::store::activity::{Check, Entry, Head, Take, Verdict};
    use crate::store::{Memory, Progress};

    /// It has no room for the first so many times.
    struct Full(AtomicU32, Memory);

    impl Activity for Full {
        fn append(&self, acts: &[Act]) -> Result<Head, Error> {
            let full = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if full.is_ok() { Err(Error::NoRoom) } else { self.1.append(acts) }
        }

        fn head(&self) -> Result<Head, Error> {
            self.1.head()
        }

        fn entries(&self, from: Number, most: usize) -> Result<Vec<Entry>, Error> {
            self.1.entries(from, most)
        }

        fn pass(&self, check: Check, take: Take<'_>, progress: &Progress) -> Result<Verdict, Error> {
            self.1.pass(check, take, progress)
        }
    }

    #[test]
    fn what_was_late_is_written_though_nobody_acts_any_more() {
        let log = Full(AtomicU32::new(3), Memory::default());
        let (pages, queue) = pages::channel();
        let (tell, mut written) = mpsc::channel(QUEUE);
        std::thread::scope(|scope| {
            let log = &log;
            let _running = scope.spawn(move || run(Some(log), &queue, &tell, Duration::from_millis(1)));
            let act = Act::new(Utc::now(), "me@grid.example", By::Person, Kind::Purge, How::Done);
            pages.send(Page { acts: vec![act], of: None }).unwrap();
            assert!(written.blocking_recv().unwrap().result.is_err());
            // Nothing else is sent, nor said, until it stands.
            assert_eq!(written.blocking_recv().unwrap().result.unwrap(), Some(2));
            drop(pages);
        });
        let kinds: Vec<_> = log.entries(1, 9).unwrap().into_iter().map(|entry| entry.act.unwrap().kind).collect();
        assert_eq!(kinds, [Kind::Late, Kind::Purge]);
    }
}
