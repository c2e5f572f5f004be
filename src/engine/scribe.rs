//! Who writes the log of acts: a thread of its own. What waits is written together; what could not be written is kept, and goes
//! first the next time, with an entry that says how many were late. The actor waits for no entry; a command that is to change
//! something outside waits for its own ([`super::desk`]).
//!
//! May use the log's contract in `store`.

use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;

use super::record::Of;
use crate::store::activity::{Act, By, How, Kind, Number};
use crate::store::{Error, Store};

/// Entries of one transaction, about.
const TOGETHER: usize = 1_024;
/// Entries that are kept because they could not be written. Of more only the number is.
const LATE: usize = 10_000;
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
    pub pages: mpsc::UnboundedSender<Page>,
    pub written: mpsc::Receiver<Written>,
}

impl Scribe {
    /// Starts it; it ends when the pages' sender is dropped.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let (pages, queue) = mpsc::unbounded_channel();
        let (tell, written) = mpsc::channel(QUEUE);
        let _detached = tokio::task::spawn_blocking(move || run(store.as_ref(), queue, &tell));
        Self { pages, written }
    }
}

fn run(store: &dyn Store, mut queue: mpsc::UnboundedReceiver<Page>, tell: &mpsc::Sender<Written>) {
    let mut late = Late::default();
    while let Some(page) = queue.blocking_recv() {
        let mut pages = vec![page];
        let mut entries = 0;
        while entries < TOGETHER
            && let Ok(page) = queue.try_recv()
        {
            entries += page.acts.len();
            pages.push(page);
        }
        // What is written stands, whether anybody hears it or not.
        let _ = tell.blocking_send(write(store, pages, &mut late));
    }
    if !late.acts.is_empty() && write(store, Vec::new(), &mut late).result.is_err() {
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

fn write(store: &dyn Store, pages: Vec<Page>, late: &mut Late) -> Written {
    let of = pages.iter().filter_map(|page| page.of).collect();
    // A store that is only a part of a test keeps none.
    let Some(log) = store.activity() else { return Written { of, result: Ok(None) } };
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
