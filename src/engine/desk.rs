//! What outlives a session: the store's threads, the topics, the inbox of requests, what waits to be written down before it is
//! done, and the events on their way out.
//!
//! The actor's own; nothing else changes it. May use `engine`'s pure pieces, `store`, `model`.

mod parked;
mod peculiar;

pub(super) use parked::Parked;
pub(super) use peculiar::Sign;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::{Duration, Instant};

use super::ask::Wanted;
use super::bridge::Outbox;
use super::directory::Directory;
use super::ingest::{Ingest, Mark, Outcome, Piece, Work};
use super::ledger::Ledger;
use super::record::{Of, Record};
use super::requests::Requests;
use super::scribe::{Page, Scribe};
use super::unusual::Unusual;
use super::{Command, Error, Event, RequestId};
use crate::model::{BareJid, ItemId, Say, TopicId};
use crate::store::activity::{Act, How};
use crate::store::{Seq, Store};
use crate::text;
use crate::xmpp::pubsub::authorize::Asked;

/// Notices of one kind are told at most this often; what happened in between is counted.
const SELDOM: Duration = Duration::from_secs(10);
/// Where a session has nothing new to say of its standing, it is asked again after this.
const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Desk {
    pub outbox: Outbox,
    pub ingest: Ingest,
    pub scribe: Scribe,
    pub directory: Directory,
    pub requests: Requests,
    /// What goes into the log of acts.
    pub record: Record,
    /// What the brokers and the controller were like when they were last seen.
    pub unusual: Unusual,
    /// The exact words of the requests in the inbox; the answer must repeat them.
    pub asked: HashMap<(TopicId, BareJid), Vec<Asked>>,
    /// Why the last poll for requests failed.
    pub poll_trouble: Option<Say>,
    /// Topics whose stored items could not all be read, and are fetched one by one without these.
    pub careful: HashMap<TopicId, HashSet<ItemId>>,
    pub store: Arc<dyn Store>,
    ledger: Ledger,
    account: Option<BareJid>,
    /// What was known of the account could not be read, and is not written over.
    unread: bool,
    /// Sessions so far.
    sessions: u64,
    /// The store could not take something.
    trouble: Option<crate::store::Error>,
    /// The store's threads are gone.
    dead: bool,
    /// So is the one that writes the log.
    mute: bool,
    /// What is done once its entry stands in the log, in the order it was begun.
    parked: BTreeMap<u64, (Of, Parked)>,
    places: u64,
    /// Work that waits for room on the store's thread. While there is any, nothing more is read from the session.
    works: VecDeque<Piece>,
    topics_changed: bool,
    /// When the topics may be listed again.
    list_again: Instant,
    /// When the coverage may be told again.
    cover_again: Instant,
    /// When it is to be looked whether the session's standing is worth keeping.
    beat_again: Instant,
    /// When it was kept last.
    beat_kept: Instant,
    requests_changed: bool,
    walked: (u32, u32),
    /// The brokers' lists have been read as far as they go, and that was all of them.
    whole: bool,
    complete: bool,
    seldom: Vec<Seldom>,
    /// How long a minute of traffic is.
    pub minute: std::time::Duration,
}

/// One kind of notice that could flood.
#[derive(Debug)]
struct Seldom {
    key: &'static str,
    count: u64,
    told: Option<Instant>,
    say: Say,
}

impl Desk {
    pub(super) fn new(store: Arc<dyn Store>, outbox: Outbox) -> Self {
        Self {
            outbox,
            ingest: Ingest::new(Arc::clone(&store)),
            scribe: Scribe::new(Arc::clone(&store)),
            directory: Directory::default(),
            requests: Requests::default(),
            record: Record::default(),
            unusual: Unusual::restored(Vec::new(), std::time::Instant::now()),
            asked: HashMap::new(),
            poll_trouble: None,
            careful: HashMap::new(),
            store,
            ledger: Ledger::default(),
            account: None,
            unread: false,
            sessions: 0,
            trouble: None,
            dead: false,
            mute: false,
            parked: BTreeMap::new(),
            places: 0,
            works: VecDeque::new(),
            topics_changed: false,
            list_again: Instant::now(),
            cover_again: Instant::now(),
            beat_again: Instant::now(),
            beat_kept: Instant::now(),
            requests_changed: false,
            walked: (0, 0),
            whole: false,
            complete: false,
            seldom: Vec::new(),
            minute: super::unusual::MINUTE,
        }
    }

    /// Another account sees other topics and other requests.
    pub(super) fn new_account(&mut self, account: &BareJid) {
        self.record.account(account);
        if self.account.as_ref() != Some(account) || self.unread {
            self.keep_coverage();
            self.directory = Directory::default();
            self.asked = HashMap::new();
            self.careful = HashMap::new();
            let known = self.store.coverage(account);
            self.unread = known.is_err();
            let known = known.unwrap_or_else(|error| {
                self.notice(error.say());
                Vec::new()
            });
            self.ledger = Ledger::restored(known);
            self.account = Some(account.clone());
            self.recall();
            self.topics_changed();
            self.requests_changed();
        }
    }

    /// The number of a new session.
    pub(super) fn new_session(&mut self) -> u64 {
        self.sessions += 1;
        self.sessions
    }

    /// Why the store did not take something, if it did not. What is behind that must not be acknowledged, and stays with
    /// the controller.
    pub(super) fn trouble(&mut self) -> Option<crate::store::Error> {
        self.trouble.take()
    }

    /// Which stretches are complete; what changes there is told.
    pub(super) fn ledger(&mut self) -> &mut Ledger {
        self.outbox.touch();
        &mut self.ledger
    }

    /// The session broke, or ended; what it told until `stored` is stored.
    pub(super) fn broke(&mut self, stored: DateTime<Utc>) {
        let next = self.next_row();
        self.ledger().broke(stored, next);
    }

    /// The session stands, and what it told until `stored` is stored: kept at most this `often`, and only where that is
    /// news, so that whatever ends the program without a word leaves little in doubt (`engine.md` §7). That a topic's session
    /// stands at all is kept as soon as it is known.
    pub(super) fn beat(&mut self, stored: DateTime<Utc>, often: Duration) {
        let now = Instant::now();
        if now < self.beat_again {
            return;
        }
        self.beat_again = now + often.min(LOOK);
        if now < self.beat_kept + often && !self.ledger.is_fresh() {
            return;
        }
        let next = self.next_row();
        if self.ledger.beat(stored, next) {
            self.beat_kept = now;
            self.keep_records();
        }
    }

    /// The row that will be stored next.
    pub(super) fn next_row(&self) -> Seq {
        self.store.len()
    }

    /// Tells the person something.
    pub(super) fn notice(&mut self, say: Say) {
        self.outbox.push(Event::Notice { at: Utc::now(), say });
    }

    /// Tells something that strangers can cause at any rate: at once, then every [`SELDOM`] with `count`.
    pub(super) fn seldom(&mut self, say: Say) {
        let known = self.seldom.iter_mut().find(|known| known.key == say.key);
        match known {
            Some(known) => {
                known.count += 1;
                known.say = say;
            }
            None => self.seldom.push(Seldom { key: say.key, count: 1, told: None, say }),
        }
        self.outbox.touch();
    }

    /// The session ended over something that could not be read while this was asked for. A topic is asked item by item
    /// from then on; an item that was asked for alone is left out in this run.
    pub(super) fn suspect(&mut self, wanted: Wanted) {
        let Wanted { topic, only, .. } = wanted;
        let key = if only.is_some() { "notice-fetch-skipped" } else { "notice-fetch-careful" };
        let item = only.as_ref().map(|item| text::line_within(&item.0, 120)).unwrap_or_default();
        self.notice(Say::new(key).with("topic", text::line_within(&topic.node, 120)).with("item", item));
        self.careful.entry(topic).or_default().extend(only);
    }

    pub(super) fn topics_changed(&mut self) {
        self.topics_changed = true;
        self.outbox.touch();
    }

    pub(super) fn requests_changed(&mut self) {
        self.requests_changed = true;
        self.outbox.touch();
    }

    /// How far the walk over the topics is.
    pub(super) fn walked(&mut self, walked: u32, total: u32) {
        self.walked = (walked, total);
        self.topics_changed();
    }

    /// How much of the brokers' lists has been read.
    pub(super) fn surveyed(&mut self, whole: bool, complete: bool) {
        if (whole, complete) != (self.whole, self.complete) {
            (self.whole, self.complete) = (whole, complete);
            if complete {
                self.missed();
            }
            self.topics_changed();
        }
    }

    /// Answers a command.
    pub(super) fn answer(&mut self, request: RequestId, result: Result<super::Receipt, Error>) {
        self.came(Of::Command(request), &result);
        self.outbox.push(Event::Done { request, result });
    }

    /// What came of something that was begun is written down.
    pub(super) fn came(&mut self, of: Of, result: &Result<super::Receipt, Error>) {
        let acts = self.record.done(of, result, Utc::now());
        let unsure = acts.iter().any(|act| act.how == How::Unknown);
        self.unusual.came(of, result, unsure, std::time::Instant::now());
        self.log(acts);
    }

    /// A command was taken: what it is to do is written down. What it belongs to, where it is to wait until that stands.
    pub(super) fn begun(&mut self, command: &Command) -> Option<Of> {
        let (acts, of) = self.record.begun(command, &self.directory, Utc::now());
        if let Some(of) = of {
            self.unusual.wishes(of, command);
        }
        self.page(acts, of);
        of
    }

    /// Has these put into the log of acts.
    pub(super) fn log(&mut self, acts: Vec<Act>) {
        self.page(acts, None);
    }

    fn page(&mut self, acts: Vec<Act>, of: Option<Of>) {
        if !acts.is_empty() {
            // Where nobody writes any more, that was told.
            let _ = self.scribe.pages.send(Page { acts, of });
        }
    }

    /// Answers a command that needs a session, without one.
    pub(super) fn refuse(&mut self, command: &Command, error: &Error) {
        if let Some(request) = command.request() {
            self.answer(request, Err(error.clone()));
        }
    }

    /// Sends the gathered events, with the states that changed meanwhile.
    pub(super) fn flush(&mut self) {
        self.tell_topics();
        if std::mem::take(&mut self.requests_changed) {
            let (polled, trouble) = (self.requests.last_poll(), self.poll_trouble.clone());
            self.keep_ages();
            self.outbox.push(Event::Requests { pending: self.requests.list(), polled, trouble });
        }
        self.tell_coverage();
        self.tell_seldom();
        self.outbox.flush();
        if self.seldom.iter().any(|known| known.count > 0) {
            self.outbox.touch();
        }
    }

    /// The list is made whole each time: while a walk goes on over a great many topics, a tenth of the time is enough for it.
    fn tell_topics(&mut self) {
        if !self.topics_changed {
            return;
        }
        let now = Instant::now();
        if now < self.list_again {
            return self.outbox.touch();
        }
        self.topics_changed = false;
        let (walked, total) = self.walked;
        let topics = self.directory.list();
        self.list_again = now + now.elapsed() * 10;
        self.outbox.push(Event::Topics { topics, walked, total, whole: self.whole, complete: self.complete });
    }

    /// Made whole each time too, and kept: a great many topics are told of with a tenth of the time.
    fn tell_coverage(&mut self) {
        let now = Instant::now();
        if now < self.cover_again {
            return self.outbox.touch();
        }
        self.keep_coverage();
        self.cover_again = now + now.elapsed() * 10;
    }

    fn keep_coverage(&mut self) {
        if self.ledger.take_changed() {
            self.outbox.push(Event::Coverage(self.ledger.coverage()));
            self.keep_records();
        }
    }

    fn keep_records(&mut self) {
        if let Some(account) = self.account.clone().filter(|_| !self.unread) {
            self.work(vec![Work::Coverage { account, records: self.ledger.records() }]);
        }
    }

    fn tell_seldom(&mut self) {
        let now = Instant::now();
        for known in &mut self.seldom {
            if known.count > 0 && known.told.is_none_or(|told| now >= told + SELDOM) {
                let say = known.say.clone().with("count", known.count.to_string());
                known.count = 0;
                known.told = Some(now);
                self.outbox.push(Event::Notice { at: Utc::now(), say });
            }
        }
    }

    /// Work for the store, in order.
    pub(super) fn work(&mut self, works: Vec<Work>) {
        if !works.is_empty() {
            self.works.push_back(Piece { session: self.sessions, works });
            self.hand_over();
        }
    }

    /// Whether the store's thread keeps up.
    pub(super) fn has_room(&self) -> bool {
        self.works.is_empty()
    }

    /// Hands over what there is room for.
    pub(super) fn hand_over(&mut self) {
        while let Some(piece) = self.works.pop_front() {
            match self.ingest.work.try_send(piece) {
                Ok(()) => {}
                Err(tokio::sync::mpsc::error::TrySendError::Full(piece)) => {
                    self.works.push_front(piece);
                    return;
                }
                Err(tokio::sync::mpsc::error::TrySendError::Closed(_)) => return self.died(),
            }
        }
    }

    /// Whether there is still who stores.
    pub(super) fn stores(&self) -> bool {
        !self.dead
    }

    /// A thread of the store died. Nothing can be stored any more.
    fn died(&mut self) {
        self.dead = true;
        self.works.clear();
        self.trouble = Some(crate::store::Error::Poisoned);
    }

    /// What the store's thread did, or that it is gone; gives how far it has come.
    pub(super) fn outcome(&mut self, outcome: Option<Outcome>) -> Option<Mark> {
        let Some(outcome) = outcome else {
            self.died();
            return None;
        };
        match outcome.result {
            Ok(done) if done.is_empty() => {}
            Ok(done) => self.outbox.push(Event::Stored(done)),
            Err(error) => self.trouble = Some(error),
        }
        outcome.reached
    }

    /// Ends: what waits is stored and told, as far as that is quick.
    pub(super) async fn finish(mut self) {
        self.keep_coverage();
        let end = Instant::now() + Duration::from_secs(2);
        let Ingest { work, mut outcomes } = self.ingest;
        // It writes on meanwhile, and ends.
        let Scribe { pages, mut written } = self.scribe;
        drop(pages);
        for piece in std::mem::take(&mut self.works) {
            let mut sending = std::pin::pin!(work.send(piece));
            // The thread must not wait for us while we wait for it.
            let sent = loop {
                tokio::select! {
                    sent = &mut sending => break sent.is_ok(),
                    Some(outcome) = outcomes.recv() => last(outcome, &mut self.outbox),
                    () = tokio::time::sleep_until(end) => break false,
                }
            };
            if !sent {
                break;
            }
        }
        // The thread ends when it has done all there is.
        drop(work);
        while let Ok(Some(outcome)) = tokio::time::timeout_at(end, outcomes.recv()).await {
            last(outcome, &mut self.outbox);
        }
        while let Ok(Some(_)) = tokio::time::timeout_at(end, written.recv()).await {}
        self.outbox.finish().await;
    }
}

/// What the store's thread did at the very end.
fn last(outcome: Outcome, outbox: &mut Outbox) {
    if let Ok(done) = outcome.result {
        outbox.push(Event::Stored(done));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use chrono::DateTime;

    use super::*;
    use crate::store::{Committed, Error as Trouble, Held, Incoming, ItemKey, Payload, Record, Row, Seq};

    /// Counts what it is asked to mark, and what it is given to keep of the topics.
    #[derive(Default)]
    struct Counter(AtomicU32, AtomicU32, bool);

    impl Store for Counter {
        fn commit(&self, _: Vec<Incoming>) -> Result<Committed, Trouble> {
            Ok(Committed::default())
        }

        fn retract(&self, _: &[ItemKey], _: DateTime<Utc>) -> Result<Vec<Seq>, Trouble> {
            Ok(Vec::new())
        }

        fn retract_topic(&self, _: &TopicId, _: DateTime<Utc>) -> Result<Vec<Seq>, Trouble> {
            let _ = self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Vec::new())
        }

        fn held(&self, _: &TopicId) -> Result<Vec<Held>, Trouble> {
            Ok(Vec::new())
        }

        fn absent(&self, _: &[(ItemKey, Seq)], _: DateTime<Utc>) -> Result<Vec<Seq>, Trouble> {
            Ok(Vec::new())
        }

        fn keep_coverage(&self, _: &BareJid, _: Vec<Record>) -> Result<(), Trouble> {
            let _ = self.1.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }

        fn coverage(&self, _: &BareJid) -> Result<Vec<Record>, Trouble> {
            if self.2 { Err(Trouble::Poisoned) } else { Ok(Vec::new()) }
        }

        fn row(&self, _: Seq) -> Option<Arc<Row>> {
            None
        }

        fn payload(&self, _: Seq) -> Result<Option<Payload>, Trouble> {
            Ok(None)
        }

        fn find(&self, _: &ItemKey) -> Result<Option<Seq>, Trouble> {
            Ok(None)
        }

        fn len(&self) -> u32 {
            0
        }
    }

    #[tokio::test]
    async fn all_work_is_done_at_the_end_though_the_thread_waits_to_tell() {
        let (batches, _events) = tokio::sync::mpsc::channel(4);
        let store = Arc::new(Counter::default());
        let mut desk = Desk::new(store.clone(), Outbox::new(batches));
        let topic = Arc::new(TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() });
        for _ in 0..100 {
            desk.work(vec![Work::RetractAll { topic: Arc::clone(&topic), at: Utc::now() }]);
        }
        // Nobody has taken an outcome until now: the thread waits for room to tell, and works wait for the thread.
        while desk.ingest.outcomes.capacity() > 0 {
            tokio::task::yield_now().await;
        }
        desk.finish().await;
        assert_eq!(store.0.load(Ordering::Relaxed), 100);
    }

    #[tokio::test]
    async fn that_a_session_stands_is_kept_as_soon_as_it_is_known_and_then_once_a_while() {
        let (batches, _events) = tokio::sync::mpsc::channel(4);
        let store = Arc::new(Counter::default());
        let mut desk = Desk::new(store.clone(), Outbox::new(batches));
        desk.new_account(&"a@grid.example".parse().unwrap());
        let (begun, often) = (Utc::now(), Duration::from_secs(3_600));
        let topic = |node: &str| TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() };
        let later = begun + chrono::TimeDelta::hours(2);
        desk.ledger().present(&topic("one"), begun, 0);
        let _ = desk.ledger.take_changed();
        desk.beat(later, often);
        assert!(!desk.ledger.is_fresh());
        // Another topic's session begins: that it stands is kept within the second, and not within the hour.
        desk.ledger().present(&topic("two"), later, 0);
        let _ = desk.ledger.take_changed();
        let end = Instant::now() + Duration::from_secs(30);
        while desk.ledger.is_fresh() {
            assert!(Instant::now() < end, "it was not kept");
            tokio::time::sleep(Duration::from_millis(20)).await;
            desk.beat(later + chrono::TimeDelta::seconds(9), often);
        }
        let again = Instant::now() + LOOK * 2;
        while Instant::now() < again {
            tokio::time::sleep(Duration::from_millis(20)).await;
            desk.beat(Utc::now() + chrono::TimeDelta::hours(9), often);
        }
        desk.finish().await;
        assert_eq!(store.1.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn what_is_known_is_kept_at_the_end_and_not_written_over_unread() {
        for unreadable in [false, true] {
            let (batches, _events) = tokio::sync::mpsc::channel(4);
            let store = Arc::new(Counter(AtomicU32::new(0), AtomicU32::new(0), unreadable));
            let mut desk = Desk::new(store.clone(), Outbox::new(batches));
            desk.new_account(&"a@grid.example".parse().unwrap());
            let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() };
            desk.ledger().present(&topic, Utc::now(), 0);
            desk.broke(Utc::now());
            desk.finish().await;
            assert_eq!(store.1.load(Ordering::Relaxed), u32::from(!unreadable));
        }
    }
}
