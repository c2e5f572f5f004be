//! What the composer needs of the archive, away from the window's thread: drafts and the outbox on their shelves, what is known
//! of the values of a draft, and the last look at what is about to leave. What changes the shelves is done in the order in which
//! it was asked for; a session ends when all of that is done.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use iced::Task;

use super::archive::Anew;
use super::queue::Queue;
use super::{App, Message, Practice};
use crate::compose::guard::{self, Answers, Sources, Us};
use crate::compose::outbox::{self, Around, Left};
use crate::compose::preflight::Finding;
use crate::compose::send::Parcel;
use crate::compose::shelf::{self, Drafts, Sheet};
use crate::compose::stock::{self, Stock};
use crate::model::Say;
use crate::screen::composer::stock::{Ask, Told};
use crate::screen::composer::{self, Work, Worked};
use crate::screen::{Place, Tab};
use crate::store::index::Stop;
use crate::store::{Archive, Error, Finder, Store};

/// Work for the composer over the store of the session that it was asked in.
pub(super) struct Job {
    work: Work,
    store: Arc<dyn Store>,
    finder: Arc<Finder>,
    now: DateTime<Utc>,
    index: usize,
}

impl Job {
    /// Does it on a thread that may block.
    async fn done(self) -> (usize, Worked) {
        let Self { work: asked, store, finder, now, index } = self;
        let lost = lost(&asked);
        let worked = tokio::task::spawn_blocking(move || work(asked, store.as_ref(), &finder, now)).await;
        (index, worked.unwrap_or(lost))
    }

    /// Does these, one after the other.
    async fn all(jobs: Vec<Self>) -> Vec<(usize, Worked)> {
        let mut done = Vec::with_capacity(jobs.len());
        for job in jobs {
            done.push(job.done().await);
        }
        done
    }
}

/// The composer's work that is under way.
#[derive(Default)]
pub(super) struct Composing {
    queue: Queue<Job>,
    then: Option<Then>,
    /// Something could not be kept since then was wanted; and that was said.
    lost: bool,
    warned: bool,
}

/// What waits until all that was written is on its shelf: the end of this session.
pub(super) enum Then {
    /// Another account's begins, over this store.
    Over(Arc<dyn Store>, Option<Arc<Archive>>),
    Practice(Practice),
    /// Its archive is closed; it may be moved to new keys.
    Close(Option<Anew>),
}

/// A grid waits for goodbyes when it goes, an archive for its disk: not on the window's thread.
pub(super) fn let_go(then: Then) {
    drop(std::thread::spawn(move || drop(then)));
}

fn gone() -> Say {
    Say::new("compose-shelf-gone")
}

fn said(error: &Error) -> Say {
    error.say()
}

/// Does it; blocks on the disk.
fn work(work: Work, store: &dyn Store, finder: &Finder, now: DateTime<Utc>) -> Worked {
    let local = store.local().ok_or_else(gone);
    match work {
        Work::Read => {
            let read = |local| Ok(Box::new((Drafts::read(local, now)?, Left::read(local)?)));
            Worked::Read(local.and_then(|local| read(local).map_err(|error| said(&error))))
        }
        Work::Post(batch) => Worked::Posted(local.and_then(|local| batch.keep(local).map_err(|error| said(&error)))),
        Work::LastLook(looked, us) => {
            let (parcel, around) = *looked;
            let found = last_look(&parcel, &around, us.as_ref(), store, finder);
            Worked::LastLooked(parcel.key().to_owned(), found)
        }
        Work::Keep(taken, sheets) => {
            let kept = local.and_then(|local| Drafts::keep(local, &sheets).map_err(|error| said(&error)));
            Worked::Kept(taken, kept)
        }
        Work::Discard(name, sheet, away) => Worked::Moved(local.and_then(|local| {
            Drafts::discard(local, &name, &sheet, away.then_some(now)).map(drop).map_err(|error| said(&error))
        })),
        Work::Remove(name) => {
            Worked::Moved(local.and_then(|local| shelf::remove::<Sheet>(local, &name).map_err(|error| said(&error))))
        }
        Work::Stock(ask) => Worked::Stock(stock(ask, store, finder, now)),
        Work::Look { draft, asked, asks, us, incidents } => {
            Worked::Learned(draft, asked, look(&asks, us.as_ref(), &incidents, store, finder))
        }
    }
}

/// With what reports begin with.
fn stock(ask: Ask, store: &dyn Store, finder: &Finder, now: DateTime<Utc>) -> Told {
    let local = || store.local().ok_or_else(gone);
    match ask {
        Ask::Read => Told::Read(local().and_then(|local| {
            let (stock, told) = Stock::read(local).map_err(|error| said(&error))?;
            Ok((Box::new(stock), told))
        })),
        Ask::Keep(change) => {
            Told::Kept(local().and_then(|local| stock::keep(local, &change).map_err(|error| said(&error))))
        }
        Ask::Numbers(csirt, asked) => {
            let received = stock::received(&csirt, finder, store, now, &Stop::default());
            Told::Numbers(asked, received.map_err(|failure| failure.say()))
        }
    }
}

/// What is known of these values.
fn look(
    asks: &[guard::Ask],
    us: Option<&Us>,
    incidents: &[(String, String)],
    store: &dyn Store,
    finder: &Finder,
) -> Result<Arc<Answers>, Say> {
    let (snapshot, stop) = (finder.snapshot(), Stop::default());
    let sources = Sources { on: &snapshot, lookup: finder, store, us, incidents, stop: &stop };
    guard::look(asks, &sources).map(Arc::new).map_err(|failure| failure.say())
}

/// What is said of work that died.
fn lost(work: &Work) -> Worked {
    match work {
        Work::Read => Worked::Read(Err(gone())),
        Work::Post(_) => Worked::Posted(Err(gone())),
        Work::LastLook(looked, _) => Worked::LastLooked(looked.0.key().to_owned(), Err(gone())),
        Work::Keep(taken, _) => Worked::Kept(taken.clone(), Err(gone())),
        Work::Look { draft, asked, .. } => Worked::Learned(draft.clone(), *asked, Err(gone())),
        Work::Discard(..) | Work::Remove(_) => Worked::Moved(Err(gone())),
        Work::Stock(ask) => Worked::Stock(match ask {
            Ask::Read => Told::Read(Err(gone())),
            Ask::Keep(_) => Told::Kept(Err(gone())),
            Ask::Numbers(_, asked) => Told::Numbers(*asked, Err(gone())),
        }),
    }
}

/// What has come in the way of a parcel, by all that was received until now.
fn last_look(
    parcel: &Parcel,
    around: &Around,
    us: Option<&Us>,
    store: &dyn Store,
    finder: &Finder,
) -> Result<Option<Finding>, Say> {
    let (snapshot, stop) = (finder.snapshot(), Stop::default());
    let sources = Sources { on: &snapshot, lookup: finder, store, us, incidents: &[], stop: &stop };
    outbox::last_look(parcel, around, Some(sources)).map_err(|failure| failure.say())
}

impl App {
    pub(super) fn compose(&mut self, asked: Work) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let is_ordered = asked.is_ordered();
        let job = Job { work: asked, store, finder, now: self.shared.now, index: self.index_id() };
        if !is_ordered {
            return Task::perform(job.done(), |done| Message::Composed(vec![done]));
        }
        self.composing.queue.put(job);
        self.work_through()
    }

    /// Does what waits in the queue.
    fn work_through(&self) -> Task<Message> {
        Task::perform(self.composing.queue.clone().work(Job::all), |done| Message::Composed(done.unwrap_or_default()))
    }

    /// Reads the drafts of the archive that was opened, and with what reports begin.
    pub(super) fn read_drafts(&mut self) -> Task<Message> {
        if !self.shared.kept {
            return Task::none();
        }
        self.screen(Message::Compose(composer::Message::Load))
    }

    /// What came of it, each for the store it was done in; who waits for it may go on.
    pub(super) fn composed(&mut self, done: Vec<(usize, Worked)>) -> Task<Message> {
        let mut told = Vec::new();
        for (index, worked) in done {
            if worked.is_ordered() {
                self.composing.queue.answered(1);
            }
            if index != self.index_id() {
                continue;
            }
            let is_lost = worked.is_lost();
            let is_kept = matches!(worked, Worked::Kept(..));
            told.push(self.screen(Message::Compose(composer::Message::Worked(Box::new(worked)))));
            self.composing.lost |= is_lost;
            if is_kept && !is_lost {
                self.composing.warned = false;
                // What was typed while it was written.
                told.push(if self.composing.then.is_some() { self.flush() } else { Task::none() });
            }
        }
        told.extend([self.go_over(), self.part()]);
        Task::batch(told)
    }

    /// Whether something a person wrote or decided in the composer is not on its shelf.
    fn is_composing(&self) -> bool {
        self.composing.queue.is_open() || (self.shared.kept && self.screens.composer.is_unwritten())
    }

    /// The same of the composer and of the owner desk.
    pub(super) fn is_keeping(&self) -> bool {
        self.is_composing() || self.owning.is_open()
    }

    fn flush(&mut self) -> Task<Message> {
        if !self.shared.kept {
            return Task::none();
        }
        self.screen(Message::Compose(composer::Message::Flush))
    }

    /// Ends the session so, once all that was written in it is on its shelf.
    pub(super) fn once_kept(&mut self, then: Then) -> Task<Message> {
        let is_over = matches!(then, Then::Over(..));
        self.composing.lost = false;
        if let Some(before) = self.composing.then.replace(then) {
            if matches!(before, Then::Over(..)) && !is_over {
                self.turn_back();
            }
            let_go(before);
        }
        let flushed = self.flush();
        if !self.is_keeping() {
            return Task::batch([flushed, self.go_over()]);
        }
        Task::batch([flushed, self.work_through(), self.own_through()])
    }

    /// It does not end so any more: its person turned back, or leaves, and then no other session begins.
    pub(super) fn stay_here(&mut self) {
        if let Some(then) = self.composing.then.take() {
            let_go(then);
        }
    }

    pub(super) fn go_over(&mut self) -> Task<Message> {
        let Composing { lost, warned, .. } = self.composing;
        let is_open = self.composing.queue.is_open() || self.owning.is_open();
        if is_open || (self.is_composing() && !lost) {
            return Task::none();
        }
        let Some(then) = self.composing.then.take() else { return Task::none() };
        if self.acts() {
            // Decided while the door opened or something was written: this session would take it along, unsent.
            self.keep_on(then);
            let shown = if self.place == Place::Archive { self.go(Place::Connect) } else { Task::none() };
            return Task::batch([shown, self.held_first()]);
        }
        let what = if lost { self.screens.composer.unwritten(&self.shared.catalog) } else { String::new() };
        if !what.is_empty() && !warned {
            self.composing.warned = true;
            return self.stay(then, &what);
        }
        self.composing.warned = false;
        let gone = match then {
            Then::Over(store, kept) => self.over_now(store, kept),
            Then::Practice(practice) => self.practice_now(practice),
            Then::Close(anew) => self.close_now(anew),
        };
        let given_up = || Say::new("app-given-up").with("what", what.as_str());
        let told = if what.is_empty() { Task::none() } else { self.bad(given_up()) };
        Task::batch([gone, told])
    }

    /// The session goes on; the form of who wanted another is theirs again.
    fn keep_on(&mut self, then: Then) {
        if matches!(then, Then::Over(..)) {
            self.turn_back();
        }
        let_go(then);
    }

    /// Something could not be kept: the session goes on with it, until its person wants it gone once more.
    fn stay(&mut self, then: Then, what: &str) -> Task<Message> {
        self.keep_on(then);
        let shown = self.go(Place::Tab(Tab::Compose));
        Task::batch([shown, self.bad(Say::new("app-not-kept").with("what", what))])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::compose::stock::Change;
    use crate::model::{ItemId, Kind, Summary, TopicId};
    use crate::store::{Committed, Incoming, ItemKey, Memory, Row, Seq};

    /// Counts the looks at its rows.
    #[derive(Default)]
    struct Counting {
        inner: Memory,
        looks: AtomicUsize,
    }

    impl Store for Counting {
        fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
            self.inner.commit(batch)
        }
        crate::handed::hands_on!(inner);

        fn row(&self, seq: Seq) -> Option<Arc<Row>> {
            let _ = self.looks.fetch_add(1, Ordering::Relaxed);
            self.inner.row(seq)
        }
        fn local(&self) -> Option<&dyn crate::store::Local> {
            self.inner.local()
        }
    }

    /// A draft is written within two seconds, however much was received: nothing goes through all of that before it.
    #[test]
    fn what_is_done_in_turn_goes_through_no_rows() {
        let (store, finder, now) = (Counting::default(), Finder::default(), DateTime::UNIX_EPOCH);
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        let mut summary = Summary::of_kind(Kind::Iodef2);
        (summary.csirt, summary.id) = ("csirt.example".to_owned(), "2026-0007".to_owned());
        let key = ItemKey { topic, item: ItemId("1".to_owned()) };
        let _ = store.commit(vec![Incoming::bare(key, summary, now)]).unwrap();
        let _ = finder.take(&store, &[], now, &Stop::default()).unwrap();
        store.looks.store(0, Ordering::Relaxed);
        let keep = Ask::Keep(Change::Card("1".to_owned(), None));
        for asked in [
            Work::Read,
            Work::Stock(Ask::Read),
            Work::Stock(keep),
            Work::Keep(Vec::new(), Vec::new()),
            Work::Post(Box::default()),
            Work::Remove("1".to_owned()),
        ] {
            let (told, is_ordered) = (format!("{asked:?}"), asked.is_ordered());
            let worked = work(asked, &store, &finder, now);
            assert!(is_ordered && worked.is_ordered() && !worked.is_lost(), "{told}");
            assert_eq!(store.looks.load(Ordering::Relaxed), 0, "{told}");
        }
        let asked = Work::Stock(Ask::Numbers("csirt.example".to_owned(), 1));
        assert!(!asked.is_ordered());
        let Worked::Stock(Told::Numbers(1, Ok(numbers))) = work(asked, &store, &finder, now) else {
            panic!("no numbers")
        };
        assert_eq!(numbers, HashSet::from(["2026-0007".to_owned()]));
        assert!(store.looks.load(Ordering::Relaxed) > 0);
    }
}
