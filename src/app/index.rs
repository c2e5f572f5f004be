//! Keeps the session's index up with its store, one task at a time, never on the window's thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iced::Task;

use super::timing::Stage;
use super::{App, Message};
use crate::compose::guard;
use crate::model::Say;
use crate::screen::{composer, feed};
use crate::store::Seq;
use crate::store::index::{Failure, Stop};

/// What the index has still to look at.
#[derive(Debug, Default)]
pub(super) struct Taking {
    /// The index that takes rows in, by its address.
    running: Errand,
    changed: Vec<Seq>,
    again: bool,
    /// How often in a row it could not be done.
    failed: u32,
    /// The index whose history is being looked through for what is ours.
    looking: Option<usize>,
    /// Rows are read again.
    renewing: Errand,
    /// Columns are kept for the next session.
    packing: Errand,
    /// Rows are listened to.
    listening: Errand,
    /// Up to which row of which index they were kept.
    packed: Option<(usize, Seq)>,
}

/// Work on the rows of an index, one task of it at a time: which index, by its address, and what stops it.
#[derive(Debug, Default)]
struct Errand(Option<(usize, Stop)>);

impl Errand {
    fn is_on(&self, index: usize) -> bool {
        self.0.as_ref().is_some_and(|(own, _)| *own == index)
    }

    /// What is at work on another index stops.
    fn begin(&mut self, index: usize) -> Stop {
        self.stop();
        let stop = Stop::default();
        self.0 = Some((index, stop.clone()));
        stop
    }

    fn stop(&self) {
        self.0.iter().for_each(|(_, stop)| stop.stop());
    }

    /// The task of this index is over; whether it was the one that is known.
    fn end(&mut self, index: usize) -> bool {
        let is_own = self.is_on(index);
        if is_own {
            self.0 = None;
        }
        is_own
    }
}

/// Rows that could not be read are tried again after this, and after twice as long each time.
const AGAIN: Duration = Duration::from_secs(1);
const LONGEST: u32 = 6;
/// So many more rows are worth keeping columns of.
const MANY: Seq = 65_536;
/// Rows that are read again before the list hears of them, and the pause after each piece of them.
const STRETCH: usize = 16_384;
const BREATH: Duration = Duration::from_millis(5);
/// Fewer rows than these in so long are no flood: what came can be listened to. It is not waited for more often than this: a
/// flood that does not end is listened to as well, a piece at a time.
const CALM: Seq = 64;
const QUIET: Duration = Duration::from_secs(1);
const PATIENT: u32 = 5;

/// What came of taking rows in.
#[derive(Clone, Debug)]
pub struct Took {
    /// Of what is in the index by now.
    places: feed::Places,
    /// What kept it from the rest, in words where it was not stopped.
    ended: Result<(), Option<Say>>,
}

impl App {
    /// Rows were stored or changed, or a store is there that the index knows nothing of.
    pub(super) fn take(&mut self, changed: &[Seq]) -> Task<Message> {
        self.taking.changed.extend_from_slice(changed);
        if self.taking.running.is_on(self.index_id()) {
            self.taking.again = true;
            return Task::none();
        }
        let stop = self.taking.running.begin(self.index_id());
        self.taking.again = false;
        let changed = std::mem::take(&mut self.taking.changed);
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, index, from) = (self.shared.now, self.index_id(), self.screens.feed.next());
        let taking = async move {
            let took = tokio::task::spawn_blocking(move || {
                let taken = finder.take(store.as_ref(), &changed, now, &stop);
                // What came in before something failed is there.
                (feed::Places::of(&finder.snapshot(), from), taken.err())
            });
            match took.await {
                Ok((places, None)) => Took { places, ended: Ok(()) },
                Ok((places, Some(Failure::Stopped))) => Took { places, ended: Err(None) },
                Ok((places, Some(failure))) => Took { places, ended: Err(Some(failure.say())) },
                Err(_) => Took { places: feed::Places::default(), ended: Err(Some(Say::new("app-work-broken"))) },
            }
        };
        Task::perform(taking, move |took| Message::Taken(index, took))
    }

    /// Tries again to take in what could not be read.
    pub(super) fn retake(&mut self, index: usize) -> Task<Message> {
        if index == self.index_id() && self.taking.failed > 0 { self.take(&[]) } else { Task::none() }
    }

    /// Looks through what was here before for what is ours, beside what is taken in.
    fn look_on(&mut self) -> Task<Message> {
        let index = self.index_id();
        if self.taking.looking == Some(index) || !self.shared.finder.is_behind() {
            return Task::none();
        }
        self.taking.looking = Some(index);
        let finder = Arc::clone(&self.shared.finder);
        let looking = async move {
            let stop = finder.until_left();
            let looked = tokio::task::spawn_blocking(move || finder.look_on(&stop)).await;
            looked.is_ok_and(|looked| looked.is_ok())
        };
        Task::perform(looking, move |looked| Message::LookedOn(index, looked))
    }

    pub(super) fn looked_on(&mut self, index: usize, looked: bool) -> Task<Message> {
        if self.taking.looking == Some(index) {
            self.taking.looking = None;
        }
        if index != self.index_id() {
            return Task::none();
        }
        let more = if looked { self.look_on() } else { Task::none() };
        Task::batch([more, self.screen(Message::Feed(feed::Message::Taken))])
    }

    /// Reads again what an earlier version of this program read, beside all else: a stretch, which is then taken in.
    fn renew(&mut self) -> Task<Message> {
        let index = self.index_id();
        let is_busy = self.taking.renewing.is_on(index);
        if is_busy || self.taking.running.0.is_some() || self.shared.store.stale() == 0 {
            return Task::none();
        }
        let stop = self.taking.renewing.begin(index);
        let store = Arc::clone(&self.shared.store);
        let renewing = async move {
            let mut rows = Vec::new();
            while rows.len() < STRETCH && stop.check().is_ok() {
                let store = Arc::clone(&store);
                // What cannot be done now is tried again when more is taken in.
                let Ok(Ok(more)) = tokio::task::spawn_blocking(move || store.renew()).await else { break };
                if more.is_empty() {
                    break;
                }
                rows.extend(more);
                // Others write too.
                tokio::time::sleep(BREATH).await;
            }
            rows
        };
        Task::perform(renewing, move |rows| Message::Renewed(index, rows))
    }

    /// Keeps the columns for the next session, when the first rows are taken in and then when many more are: a flood has the
    /// store for itself.
    fn pack(&mut self) -> Task<Message> {
        let index = self.index_id();
        let from = self.taking.packed.filter(|(own, _)| *own == index).map(|(_, from)| from);
        let is_soon = from.is_some_and(|from| self.shared.finder.len() < from.saturating_add(MANY));
        if self.taking.packing.is_on(index) || is_soon || self.shared.store.stale() > 0 {
            return Task::none();
        }
        let stop = self.taking.packing.begin(index);
        let store = Arc::clone(&self.shared.store);
        let packing = async move {
            let mut reached = from.unwrap_or_default();
            while stop.check().is_ok() {
                let store = Arc::clone(&store);
                // What cannot be kept now is kept another time.
                let Ok(Ok(Some(next))) = tokio::task::spawn_blocking(move || store.pack(reached)).await else { break };
                reached = next;
                // Others write too.
                tokio::time::sleep(BREATH).await;
            }
            reached
        };
        Task::perform(packing, move |reached| Message::Packed(index, reached))
    }

    /// Listens to what was received, for the leak guard, while nothing comes: a flood has the store for itself. Half of the time
    /// goes to others.
    fn listen(&mut self) -> Task<Message> {
        let index = self.index_id();
        if self.taking.listening.is_on(index) || self.shared.store.stale() > 0 {
            return Task::none();
        }
        let stop = self.taking.listening.begin(index);
        let store = Arc::clone(&self.shared.store);
        let listening = async move {
            let mut rows = store.len();
            while stop.check().is_ok() {
                let (begun, own) = (Instant::now(), Arc::clone(&store));
                // What cannot be done now is done when more is taken in.
                let Ok(Ok(true)) = tokio::task::spawn_blocking(move || own.listen(guard::heard)).await else { break };
                tokio::time::sleep(begun.elapsed().max(BREATH)).await;
                for _ in 0..PATIENT {
                    let before = std::mem::replace(&mut rows, store.len());
                    if rows.saturating_sub(before) < CALM || stop.check().is_err() {
                        break;
                    }
                    tokio::time::sleep(QUIET).await;
                }
            }
            rows
        };
        Task::perform(listening, move |rows| Message::Listened(index, rows))
    }

    pub(super) fn listened(&mut self, index: usize, rows: Seq) -> Task<Message> {
        let _ = self.taking.listening.end(index);
        if index != self.index_id() {
            return Task::none();
        }
        let more = if self.shared.store.len() > rows { self.listen() } else { Task::none() };
        Task::batch([more, self.screen(Message::Compose(composer::Message::Listened))])
    }

    pub(super) fn packed(&mut self, index: usize, reached: Seq) {
        if self.taking.packing.end(index) {
            self.taking.packed = Some((index, reached));
        }
    }

    pub(super) fn renewed(&mut self, index: usize, rows: &[Seq]) -> Task<Message> {
        let _ = self.taking.renewing.end(index);
        match rows {
            _ if index != self.index_id() => Task::none(),
            // Nothing was left to read again: what waited for that begins.
            [] => Task::batch([self.pack(), self.listen()]),
            rows => self.take(rows),
        }
    }

    /// Loads what the session's store kept beside its rows.
    pub(super) fn load(&mut self) -> Task<Message> {
        let action = self.screens.feed.load(&self.shared.cx());
        self.perform(super::Asker::None, action, Message::Feed)
    }

    pub(super) fn of_feed(&mut self, message: feed::Message) -> Task<Message> {
        let worked = match &message {
            feed::Message::Worked(index, report) => Some(report.loaded && *index == self.index_id()),
            _ => None,
        };
        let action = self.screens.feed.update(message, &self.shared.cx());
        if worked == Some(true) {
            self.screens.hunt.kept(&self.shared.finder);
        }
        let done = self.perform(super::Asker::None, action, Message::Feed);
        // What the window waited for before it goes may be written.
        if worked.is_some() { Task::batch([done, self.part()]) } else { done }
    }

    /// No rows are taken in any more: whoever does it lets go of the store.
    pub(super) fn untake(&mut self) {
        let Taking { running, renewing, packing, listening, .. } = std::mem::take(&mut self.taking);
        [running, renewing, packing, listening].iter().for_each(Errand::stop);
    }

    pub(super) fn index_id(&self) -> usize {
        Arc::as_ptr(&self.shared.finder).addr()
    }

    pub(super) fn taken(&mut self, index: usize, took: Took) -> Task<Message> {
        if !self.taking.running.end(index) {
            return Task::none();
        }
        self.screens.feed.stored(took.places, &self.shared.cx());
        let again = match took.ended {
            Err(Some(say)) => {
                let pause = AGAIN * 2_u32.pow(self.taking.failed.min(LONGEST));
                self.taking.failed = self.taking.failed.saturating_add(1);
                self.screens.feed.short(Some(say));
                Task::perform(async move { tokio::time::sleep(pause).await }, move |()| Message::Retake(index))
            }
            ended => {
                let is_behind = self.shared.finder.len() < self.shared.store.len();
                if ended.is_ok() {
                    self.taking.failed = 0;
                    self.screens.feed.short(None);
                    if !is_behind {
                        self.timing.reached(Stage::IndexComplete);
                    }
                }
                if self.taking.again || (ended.is_ok() && is_behind) { self.take(&[]) } else { Task::none() }
            }
        };
        let hunted = self.screens.hunt.taken(&self.shared.cx());
        let hunted = self.perform(super::Asker::None, hunted, Message::Hunt);
        let all = [
            again,
            hunted,
            self.look_on(),
            self.renew(),
            self.pack(),
            self.listen(),
            self.look(),
            self.screen(Message::Feed(feed::Message::Taken)),
        ];
        Task::batch(all)
    }
}
