//! The engine as a test drives it: commands in, and the state of the world as its events tell it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use gridwatch::engine::{
    Command, Connection, Error, Event, Events, Handle, Login, Options, Pending, Receipt, RequestId, SessionFacts, Terms,
};
use gridwatch::model::coverage::{Gap, Standing};
use gridwatch::model::owned::Said;
use gridwatch::model::{BareJid, Coverage, ItemId, Learned, Membership, PayloadType, Say, Topic, TopicId};
use gridwatch::store::{Memory, Row, Store};
use tokio::runtime::Runtime;

use super::wait::PATIENCE;

/// The engine on a runtime of its own.
pub struct Console {
    pub store: Arc<Memory>,
    pub connection: Connection,
    pub topics: Arc<[Topic]>,
    pub walk: (u32, u32),
    pub whole: bool,
    pub complete: bool,
    pub coverage: Arc<[Coverage]>,
    pub pending: Arc<[Pending]>,
    pub polled: u32,
    /// Why the brokers could not be asked for requests.
    pub trouble: Option<Say>,
    pub notices: Vec<Say>,
    /// What others said about access.
    pub said: Vec<Said>,
    pub learned: Vec<Learned>,
    /// What became of the connection and of the topics, and when that was told.
    pub steps: Vec<(DateTime<Utc>, String)>,
    answers: HashMap<RequestId, Result<Receipt, Error>>,
    batches: Receiver<Vec<Event>>,
    handle: Handle,
    next: u64,
    pub runtime: Runtime,
}

impl Console {
    pub fn start(options: Options) -> Self {
        let store = Arc::new(Memory::default());
        Self::over(store.clone(), store, options)
    }

    /// Storing through `through`, which keeps its rows in `store`.
    pub fn over(through: Arc<dyn Store>, store: Arc<Memory>, options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let entered = runtime.enter();
        let (handle, mut events): (Handle, Events) = gridwatch::engine::spawn(through, options);
        drop(entered);
        let (tell, batches) = mpsc::channel();
        let _forwarding = runtime.spawn(async move {
            while let Some(batch) = events.next().await {
                if tell.send(batch).is_err() {
                    return;
                }
            }
        });
        Self {
            store,
            connection: Connection::Offline,
            topics: Arc::new([]),
            walk: (0, 0),
            whole: false,
            complete: false,
            coverage: Arc::new([]),
            pending: Arc::new([]),
            polled: 0,
            trouble: None,
            notices: Vec::new(),
            said: Vec::new(),
            learned: Vec::new(),
            steps: Vec::new(),
            answers: HashMap::new(),
            batches,
            handle,
            next: 0,
            runtime,
        }
    }

    pub fn send(&self, command: Command) {
        self.handle.send(command).unwrap();
    }

    pub fn connect(&self, login: Login) {
        self.send(Command::Connect(Box::new(login)));
    }

    /// Sends a command made with a fresh request id, and waits for its answer.
    pub fn ask(&mut self, command: impl FnOnce(RequestId) -> Command) -> Result<Receipt, Error> {
        let request = self.begin(command);
        self.answer(request)
    }

    /// Sends a command made with a fresh request id.
    pub fn begin(&mut self, command: impl FnOnce(RequestId) -> Command) -> RequestId {
        self.next += 1;
        let request = RequestId(self.next);
        self.send(command(request));
        request
    }

    /// The same, and waits for room where too many wait before the engine.
    pub fn begin_when_free(&mut self, command: impl FnOnce(RequestId) -> Command) -> RequestId {
        self.next += 1;
        let request = RequestId(self.next);
        self.runtime.block_on(self.handle.hand(command(request))).unwrap();
        request
    }

    pub fn is_answered(&self, request: RequestId) -> bool {
        self.answers.contains_key(&request)
    }

    pub fn answer(&mut self, request: RequestId) -> Result<Receipt, Error> {
        self.until("the answer to a command", |console| console.answers.get(&request).cloned())
    }

    pub fn subscribe(&mut self, topic: &TopicId) -> Result<Receipt, Error> {
        self.ask(|request| Command::Subscribe { request, topic: topic.clone(), words: None })
    }

    pub fn unsubscribe(&mut self, topic: &TopicId) -> Result<Receipt, Error> {
        self.ask(|request| Command::Unsubscribe { request, topic: topic.clone() })
    }

    pub fn publish(&mut self, topic: &TopicId, item: &str, payload: &str) -> Result<Receipt, Error> {
        let (item, payload) = (ItemId(item.to_owned()), Arc::from(payload.as_bytes()));
        self.ask(|request| Command::Publish { request, topic: topic.clone(), item, payload, terms: Terms::default() })
    }

    pub fn decide(&mut self, topic: &TopicId, subscriber: &BareJid, allow: bool) -> Result<Receipt, Error> {
        let (topic, subscriber) = (topic.clone(), subscriber.clone());
        self.ask(|request| Command::Decide { request, topic, subscriber, allow, words: None })
    }

    /// Takes events until `probe` gives something; panics after [`PATIENCE`].
    pub fn until<T>(&mut self, what: &str, probe: impl FnMut(&Self) -> Option<T>) -> T {
        self.within(PATIENCE, probe).unwrap_or_else(|| {
            let walk = (self.walk, self.whole, self.complete);
            panic!(
                "waited in vain for {what}: {:?} {:?} {:?}; walked {walk:?}; {:#?}",
                self.connection, self.notices, self.topics, self.steps
            )
        })
    }

    /// Takes events until `probe` gives something, or for so long.
    pub fn within<T>(&mut self, time: Duration, mut probe: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        let end = Instant::now() + time;
        loop {
            if let Some(found) = probe(self) {
                return Some(found);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            if let Ok(batch) = self.batches.recv_timeout(left.min(Duration::from_millis(100))) {
                batch.into_iter().for_each(|event| self.take(event));
            }
        }
    }

    pub fn until_online(&mut self) -> Arc<SessionFacts> {
        self.until("being online", |console| match &console.connection {
            Connection::Online(facts) => Some(Arc::clone(facts)),
            Connection::Stopped { cause } => panic!("stopped: {cause}"),
            _ => None,
        })
    }

    /// Waits until it has given up, and why.
    pub fn until_stopped(&mut self) -> Error {
        self.until("giving up", |console| match &console.connection {
            Connection::Stopped { cause } => Some(cause.clone()),
            Connection::Online(_) => panic!("online"),
            _ => None,
        })
    }

    pub fn until_membership(&mut self, topic: &TopicId, wanted: Membership) -> Topic {
        self.until(&format!("{wanted:?} on {topic}"), |console| {
            console.topic(topic).filter(|topic| topic.membership == wanted).cloned()
        })
    }

    /// Waits until a topic is listed and described: between the two it is known by its name alone.
    pub fn until_described(&mut self, topic: &TopicId) -> Topic {
        self.until(&format!("{topic}, described"), |console| {
            console.topic(topic).filter(|topic| topic.payload != PayloadType::Unsaid).cloned()
        })
    }

    pub fn until_notice(&mut self, key: &str) -> Say {
        self.until(key, |console| console.notices.iter().find(|say| say.key == key).cloned())
    }

    pub fn rows(&self) -> Vec<Arc<Row>> {
        (0..self.store.len()).filter_map(|seq| self.store.row(seq)).collect()
    }

    pub fn until_rows(&mut self, count: usize) -> Vec<Arc<Row>> {
        self.until("rows", |console| {
            let rows: Vec<_> = (0..console.store.len()).filter_map(|seq| console.store.row(seq)).collect();
            (rows.len() >= count).then_some(rows)
        })
    }

    /// Waits until the engine has ended.
    pub fn until_end(&mut self) {
        let end = Instant::now() + PATIENCE;
        while !matches!(self.batches.try_recv(), Err(mpsc::TryRecvError::Disconnected)) {
            assert!(Instant::now() < end, "the engine did not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.id == *id)
    }

    /// What is known of a topic's completeness.
    pub fn covered(&self, id: &TopicId) -> Option<&Coverage> {
        self.coverage.iter().find(|coverage| coverage.topic == *id)
    }

    /// Waits until everything of a topic is here or told as a gap, and what is published now arrives; gives the gaps.
    pub fn until_level(&mut self, id: &TopicId) -> Arc<[Gap]> {
        self.until(&format!("{id} to be level"), |console| {
            let coverage = console.covered(id)?;
            matches!(coverage.standing, Standing::Live { .. }).then(|| Arc::clone(&coverage.gaps))
        })
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Connection(connection) => {
                self.steps.push((Utc::now(), format!("{connection:?}")));
                self.connection = connection;
            }
            Event::Topics { topics, walked, total, whole, complete } => {
                self.topics = topics;
                self.walk = (walked, total);
                (self.whole, self.complete) = (whole, complete);
            }
            Event::Coverage(coverage) => {
                for now in coverage.iter() {
                    let before = self.covered(&now.topic).map(|before| before.standing);
                    if before != Some(now.standing) {
                        self.steps.push((Utc::now(), format!("{} {:?}", now.topic.node, now.standing)));
                    }
                }
                self.coverage = coverage;
            }
            Event::Stored(_) | Event::Dropped(_) => {}
            Event::Said(said) => self.said.push(said),
            Event::Learned { learned, .. } => self.learned.push(learned),
            Event::Requests { pending, polled, trouble } => {
                (self.pending, self.trouble) = (pending, trouble);
                self.polled += u32::from(polled.is_some());
            }
            Event::Done { request, result } => {
                let twice = self.answers.insert(request, result);
                assert!(twice.is_none(), "{request:?} was answered twice");
            }
            Event::Notice { say, .. } => self.notices.push(say),
            Event::Logged(_) => {}
        }
    }
}
