//! From items to stored rows, on two threads of their own: one summarises, the other commits, many at a time, in the order
//! the broker sent them. The actor stays free for pings and commands meanwhile.
//!
//! May use `xmpp`, `iodef`, `store`.

mod ready;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use super::ask::History;
use crate::iodef;
use crate::model::{BareJid, ItemId, Kind, Summary, TopicId};
use crate::store::local::Shelf;
use crate::store::{self, Committed, Incoming, ItemKey, Payload, Prepared, Record, Route, Seq, Standing, Store};
use crate::xmpp::pubsub::Item;
use ready::{Giver, Taker};

/// Pieces of work that may wait.
const QUEUE: usize = 8;
/// Items in one commit: what a flood brings in half a second. As many more are summarised meanwhile. With half of it the
/// archive's rate is a fifteenth lower (`benches/archive`).
const COMMIT: usize = 8_192;
/// Fewer, where they are so large together.
const BYTES: usize = 32 << 20;

/// A place in one session's stream of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub session: u64,
    /// [`crate::xmpp::sm::Inbound::looked`].
    pub ticket: u64,
    /// All that the session had told until then is before it.
    pub heard: DateTime<Utc>,
}

/// Pieces of work that belong together, and the session during which there was something to do.
#[derive(Debug)]
pub(super) struct Piece {
    pub session: u64,
    pub works: Vec<Work>,
}

/// Something to do to the store.
#[derive(Debug)]
pub(super) enum Work {
    /// Items of a topic, pushed or fetched.
    Items {
        topic: Arc<TopicId>,
        items: Vec<Item>,
        route: Route,
        received: DateTime<Utc>,
        delayed: Option<DateTime<Utc>>,
    },
    /// What the store made of [`Work::Items`].
    Read(Vec<Prepared>),
    /// Items that the broker stores, which were asked for; what each was to the store is told once they are all stored.
    Stored {
        topic: Arc<TopicId>,
        items: Vec<Item>,
        received: DateTime<Utc>,
        /// Which of them are no news.
        history: History,
        tell: oneshot::Sender<Vec<Found>>,
    },
    /// Items of the broker's archive, which tells what was: versions that are not here are added as those of their time.
    Archived {
        topic: Arc<TopicId>,
        items: Vec<Item>,
        received: DateTime<Utc>,
        delayed: Option<DateTime<Utc>>,
        tell: oneshot::Sender<Vec<Found>>,
    },
    /// The broker says that items are gone. They are marked, never removed (`engine.md` §6 row 26).
    Retract { topic: Arc<TopicId>, items: Vec<ItemId>, at: DateTime<Utc> },
    /// The broker says that all of a topic is gone.
    RetractAll { topic: Arc<TopicId>, at: DateTime<Utc> },
    /// To be told back when all before it is done.
    Mark(Mark),
    /// These are not on the broker any more, though nobody said so.
    Absent { items: Vec<(ItemKey, Seq)>, at: DateTime<Utc> },
    /// What is known of the completeness of an account's topics.
    Coverage { account: BareJid, records: Vec<Record> },
    /// What the engine keeps for its next session: of brokers and controller, of requests.
    Keep { shelf: Shelf, gone: Vec<String>, put: Vec<(String, String)> },
}

/// What an item was to the store before it was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Was {
    New,
    /// Here as something else, or taken back since.
    Other,
    /// Here as it is, in this row.
    Same(Seq),
}

/// A fetched item.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub item: ItemId,
    pub publisher: Option<String>,
    pub was: Was,
}

/// What came of some work.
#[derive(Debug)]
pub(super) struct Outcome {
    pub result: Result<Committed, store::Error>,
    /// All before this is stored.
    pub reached: Option<Mark>,
}

/// The thread's two ends.
#[derive(Debug)]
pub(super) struct Ingest {
    pub work: mpsc::Sender<Piece>,
    pub outcomes: mpsc::Receiver<Outcome>,
}

impl Ingest {
    /// Starts it on two blocking threads; they end when the work's sender is dropped.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let (work, queue) = mpsc::channel(QUEUE);
        let (tell, outcomes) = mpsc::channel(QUEUE);
        let (read, ready) = ready::ready();
        let reading = Arc::clone(&store);
        let _detached = tokio::task::spawn_blocking(move || Reading::default().run(reading.as_ref(), queue, read));
        let _detached = tokio::task::spawn_blocking(move || Thread::new(store.as_ref(), tell).run(ready));
        Self { work, outcomes }
    }
}

/// The thread that commits, with the commit being gathered.
struct Thread<'a> {
    store: &'a dyn Store,
    tell: mpsc::Sender<Outcome>,
    batch: Vec<Prepared>,
    /// Of their payloads.
    bytes: usize,
    /// The last mark after what is gathered.
    reached: Option<Mark>,
    /// Of what is gathered.
    session: u64,
    /// Something could not be stored in this session: no mark of it is reached any more, so that nothing behind what is
    /// missing is acknowledged.
    trouble: Option<u64>,
    reading: Reading,
}

/// Makes summaries of items.
#[derive(Debug, Default)]
struct Reading {
    /// Scopes repeat from item to item; one copy serves them all.
    scope: Option<Arc<[(String, String)]>>,
}

impl Reading {
    /// Summarises and prepares what is to be stored while what came before is being committed. What must first be held against
    /// the store is left as it is.
    fn run(mut self, store: &dyn Store, mut queue: mpsc::Receiver<Piece>, ready: Giver) {
        while let Some(Piece { session, works }) = queue.blocking_recv() {
            let works = works.into_iter().map(|work| self.read(store, work)).collect();
            // Nobody commits any more.
            if !ready.give(Piece { session, works }) {
                return;
            }
        }
    }

    fn read(&mut self, store: &dyn Store, work: Work) -> Work {
        let Work::Items { topic, items, route, received, delayed } = work else { return work };
        let items = items.into_iter().map(|item| self.incoming(&topic, item));
        let items = items.map(|incoming| Incoming { route, received, delayed, ..incoming });
        Work::Read(items.map(|incoming| store.prepare(incoming)).collect())
    }

    fn incoming(&mut self, topic: &Arc<TopicId>, item: Item) -> Incoming {
        let (summary, observables) = match &item.payload {
            Some(payload) => iodef::exceeding(&payload.bytes, &payload.scope),
            None => (Summary::of_kind(Kind::Empty), Vec::new()),
        };
        let payload = item.payload.map(|payload| Payload { bytes: payload.bytes, scope: self.shared(payload.scope) });
        Incoming {
            key: ItemKey { topic: TopicId::clone(topic), item: item.id },
            payload,
            summary,
            observables,
            route: Route::Live,
            publisher: item.publisher,
            received: DateTime::UNIX_EPOCH,
            delayed: None,
            history: false,
        }
    }

    fn shared(&mut self, scope: Arc<[(String, String)]>) -> Arc<[(String, String)]> {
        match &self.scope {
            Some(known) if **known == *scope => Arc::clone(known),
            _ => {
                self.scope = Some(Arc::clone(&scope));
                scope
            }
        }
    }
}

impl<'a> Thread<'a> {
    fn new(store: &'a dyn Store, tell: mpsc::Sender<Outcome>) -> Self {
        let (batch, reading) = (Vec::new(), Reading::default());
        Self { store, tell, batch, bytes: 0, reached: None, session: 0, trouble: None, reading }
    }

    fn run(mut self, ready: Taker) {
        // All that waits goes into the same commit.
        while let Some(pieces) = ready.take() {
            pieces.into_iter().for_each(|piece| self.piece(piece));
            self.commit();
            if self.tell.is_closed() {
                return;
            }
        }
    }

    fn piece(&mut self, piece: Piece) {
        if self.session != piece.session {
            self.commit();
            self.session = piece.session;
        }
        piece.works.into_iter().for_each(|work| self.take(work));
    }

    fn take(&mut self, work: Work) {
        match work {
            work @ Work::Items { .. } => {
                let read = self.reading.read(self.store, work);
                self.take(read);
            }
            Work::Read(prepared) => {
                self.bytes += prepared.iter().map(Prepared::size).sum::<usize>();
                self.batch.extend(prepared);
                if self.batch.len() >= COMMIT || self.bytes >= BYTES {
                    self.commit();
                }
            }
            Work::Stored { topic, items, received, history, tell } => {
                self.stored(&topic, items, (received, history), tell);
            }
            Work::Archived { topic, items, received, delayed, tell } => {
                self.commit();
                let key = |item: &Item| ItemKey { topic: TopicId::clone(&topic), item: item.id.clone() };
                let (mut all, mut unread) = (Vec::with_capacity(items.len()), None);
                for item in items {
                    let was = self.was_before(&key(&item), &item).unwrap_or_else(|error| {
                        unread = Some(error);
                        Was::Other
                    });
                    all.push(Found { item: item.id.clone(), publisher: item.publisher.clone(), was });
                    let incoming = self.reading.incoming(&topic, item);
                    self.push(Incoming { route: Route::Delayed, received, delayed, ..incoming });
                }
                self.commit();
                self.answer(all, unread, tell);
            }
            Work::Absent { items, at } => {
                self.commit();
                let result = self.store.absent(&items, at);
                self.tell(result.map(marked), None);
            }
            Work::Coverage { account, records } => {
                self.commit();
                let result = self.store.keep_coverage(&account, records);
                self.tell(result.map(|()| Committed::default()), None);
            }
            Work::Keep { shelf, gone, put } => {
                let kept = self.store.local().map_or(Ok(()), |local| local.keep(shelf, &gone, &put));
                self.tell(kept.map(|()| Committed::default()), None);
            }
            // Marks come after what was stored before them.
            Work::Retract { topic, items, at } => {
                self.commit();
                let keys: Vec<ItemKey> =
                    items.into_iter().map(|item| ItemKey { topic: TopicId::clone(&topic), item }).collect();
                let result = self.store.retract(&keys, at);
                self.tell(result.map(marked), None);
            }
            Work::RetractAll { topic, at } => {
                self.commit();
                let result = self.store.retract_topic(&topic, at);
                self.tell(result.map(marked), None);
            }
            Work::Mark(mark) => self.reached = Some(mark),
        }
    }

    fn push(&mut self, incoming: Incoming) {
        self.batch.push(self.store.prepare(incoming));
    }

    fn stored(
        &mut self,
        topic: &Arc<TopicId>,
        items: Vec<Item>,
        (received, history): (DateTime<Utc>, History),
        tell: oneshot::Sender<Vec<Found>>,
    ) {
        // What is stored counts, not what waits to be.
        self.commit();
        let key = |item: &ItemId| ItemKey { topic: TopicId::clone(topic), item: item.clone() };
        let (mut all, mut unread) = (Vec::with_capacity(items.len()), None);
        for item in items {
            let was = self.was(&key(&item.id), &item).unwrap_or_else(|error| {
                unread = Some(error);
                Was::Other
            });
            all.push(Found { item: item.id.clone(), publisher: item.publisher.clone(), was });
            // Another version of what is here tells of a change.
            let is_new = was == Was::New;
            let incoming = self.reading.incoming(topic, item);
            let made = incoming.summary.generated.as_ref().map(|stamp| stamp.at);
            let history = is_new && history.holds(made);
            self.push(Incoming { route: Route::Fetched, received, history, ..incoming });
        }
        self.commit();
        let here = |found: &Found| self.store.find(&key(&found.item)).map(|seq| seq.is_some());
        match all.iter().map(here).find(|here| !matches!(here, Ok(true))) {
            None => self.answer(all, unread, tell),
            // It could not be stored, which was said.
            Some(Ok(_)) => drop(tell),
            Some(Err(error)) => self.answer(all, Some(error), tell),
        }
    }

    /// Tells who asked what the items were. Where that could not be read nobody is told a guess: the sender that is dropped
    /// says to who waits that it failed, and the trouble is told as such.
    fn answer(&mut self, all: Vec<Found>, unread: Option<store::Error>, tell: oneshot::Sender<Vec<Found>>) {
        match unread {
            Some(error) => {
                drop(tell);
                self.tell(Err(error), None);
            }
            // Who asked may have stopped waiting.
            None => drop(tell.send(all)),
        }
    }

    fn was(&self, key: &ItemKey, item: &Item) -> Result<Was, store::Error> {
        let was = self.was_before(key, item)?;
        let Was::Same(seq) = was else { return Ok(was) };
        let current = self.store.look(&[seq])?.first().is_some_and(|row| row.standing == Standing::Current);
        Ok(if current { was } else { Was::Other })
    }

    /// Whatever its broker said of it since.
    fn was_before(&self, key: &ItemKey, item: &Item) -> Result<Was, store::Error> {
        let Some(seq) = self.store.find(key)? else { return Ok(Was::New) };
        let here = match self.store.payload(seq) {
            // A row that is damaged keeps no other from being stored and acknowledged: what is here is said to be something
            // else, so nothing is proved by it.
            Err(store::Error::Damaged { .. }) => return Ok(Was::Other),
            here => here?,
        };
        let same = here.as_ref().map(|here| &here.bytes) == item.payload.as_ref().map(|payload| &payload.bytes);
        Ok(if same { Was::Same(seq) } else { Was::Other })
    }

    /// Stores what was gathered, as much of it as fits, in order.
    fn commit(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let rest = batch.split_off(self.store.room(&batch).min(batch.len()));
        let mark = self.reached.take();
        if batch.is_empty() && rest.is_empty() && mark.is_none() {
            return;
        }
        let result = if batch.is_empty() { Ok(Committed::default()) } else { self.store.commit_prepared(batch) };
        if rest.is_empty() {
            self.tell(result, mark);
            return;
        }
        // What fitted is told first.
        self.tell(result, None);
        self.tell(Err(store::Error::Full { rows: self.store.len() }), mark);
    }

    fn tell(&mut self, result: Result<Committed, store::Error>, mark: Option<Mark>) {
        if result.is_err() {
            self.trouble = Some(self.session);
        }
        let reached = mark.filter(|mark| self.trouble != Some(mark.session));
        // Nobody hears it when the actor has gone; the rows stand all the same.
        let _ = self.tell.blocking_send(Outcome { result, reached });
    }
}

fn marked(changed: Vec<store::Seq>) -> Committed {
    Committed { changed, ..Committed::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Error, Memory};

    /// Both threads' work, one after the other.
    fn run(queue: mpsc::Receiver<Piece>, store: &dyn Store, tell: mpsc::Sender<Outcome>) {
        let (read, ready) = ready::ready();
        Reading::default().run(store, queue, read);
        Thread::new(store, tell).run(ready);
    }

    #[test]
    fn trouble_is_that_of_the_session_in_which_it_was() {
        let (tell, mut outcomes) = mpsc::channel(QUEUE);
        let (work, queue) = mpsc::channel(QUEUE);
        let piece = |session, works| Piece { session, works };
        let mark = |session, ticket| Work::Mark(Mark { session, ticket, heard: Utc::now() });
        let item = |id: &str| Work::Items {
            topic: Arc::new(TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() }),
            items: vec![Item { id: ItemId(id.to_owned()), publisher: None, payload: None, crowded: false }],
            route: Route::Live,
            received: Utc::now(),
            delayed: None,
        };
        // Without a mark of its own.
        work.try_send(piece(1, vec![item("lost")])).unwrap();
        work.try_send(piece(2, vec![item("stored"), mark(2, 1)])).unwrap();
        work.try_send(piece(1, vec![mark(1, 9)])).unwrap();
        drop(work);
        let store = Refusing { store: Memory::default(), refused: false.into(), torn: false };
        run(queue, &store, tell);
        let mut reached = Vec::new();
        while let Ok(outcome) = outcomes.try_recv() {
            reached.push((outcome.result.is_ok(), outcome.reached.map(|mark| (mark.session, mark.ticket))));
        }
        assert_eq!(reached, [(false, None), (true, Some((2, 1))), (true, None)]);
    }

    #[test]
    fn a_damaged_row_is_no_trouble_of_the_session_that_meets_it() {
        let (tell, mut outcomes) = mpsc::channel(QUEUE);
        let (work, queue) = mpsc::channel(QUEUE);
        let topic = Arc::new(TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() });
        let item = || Item { id: ItemId("one".to_owned()), publisher: None, payload: None, crowded: false };
        let (heard, mut heared) = oneshot::channel();
        let stored = Work::Items {
            topic: Arc::clone(&topic),
            items: vec![item()],
            route: Route::Live,
            received: Utc::now(),
            delayed: None,
        };
        let again = Work::Archived { topic, items: vec![item()], received: Utc::now(), delayed: None, tell: heard };
        let mark = Work::Mark(Mark { session: 1, ticket: 7, heard: Utc::now() });
        work.try_send(Piece { session: 1, works: vec![stored, again, mark] }).unwrap();
        drop(work);
        let store = Refusing { store: Memory::default(), refused: true.into(), torn: true };
        run(queue, &store, tell);
        let mut reached = Vec::new();
        while let Ok(outcome) = outcomes.try_recv() {
            assert!(outcome.result.is_ok());
            reached.extend(outcome.reached.map(|mark| mark.ticket));
        }
        assert_eq!(reached, [7]);
        // Who asked is told, and nothing is proved by it.
        assert!(matches!(heared.try_recv().unwrap()[..], [Found { was: Was::Other, .. }]));
    }

    /// Takes all but the first.
    struct Refusing {
        store: Memory,
        refused: std::sync::atomic::AtomicBool,
        /// No payload can be read.
        torn: bool,
    }

    impl Store for Refusing {
        fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
            if self.refused.swap(true, std::sync::atomic::Ordering::Relaxed) {
                self.store.commit(batch)
            } else {
                Err(Error::Poisoned)
            }
        }

        fn retract(&self, keys: &[ItemKey], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
            self.store.retract(keys, at)
        }

        fn retract_topic(&self, topic: &TopicId, at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
            self.store.retract_topic(topic, at)
        }

        fn held(&self, topic: &TopicId) -> Result<Vec<crate::store::Held>, Error> {
            self.store.held(topic)
        }

        fn absent(&self, items: &[(ItemKey, Seq)], at: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
            self.store.absent(items, at)
        }

        fn keep_coverage(&self, account: &BareJid, records: Vec<Record>) -> Result<(), Error> {
            self.store.keep_coverage(account, records)
        }

        fn coverage(&self, account: &BareJid) -> Result<Vec<Record>, Error> {
            self.store.coverage(account)
        }

        fn row(&self, seq: Seq) -> Option<Arc<store::Row>> {
            self.store.row(seq)
        }

        fn payload(&self, seq: Seq) -> Result<Option<Payload>, Error> {
            if self.torn {
                return Err(Error::Damaged { cause: "a page".to_owned() });
            }
            self.store.payload(seq)
        }

        fn find(&self, key: &ItemKey) -> Result<Option<Seq>, Error> {
            self.store.find(key)
        }

        fn len(&self) -> u32 {
            self.store.len()
        }
    }
}
