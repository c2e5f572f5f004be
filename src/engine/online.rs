//! A session: what comes from the stream is sorted and checked, what the person asks becomes a job, what the jobs find
//! changes the desk. It may outlive the link it began on ([`managed`]).
//!
//! May use `xmpp`, and all of `engine`.

mod archive;
mod aside;
mod asking;
mod early;
mod events;
mod incoming;
mod kept;
mod managed;
mod notes;
mod owner;
mod sweeps;

pub use sweeps::Sweeps;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};

use super::ask::Asker;
use super::desk::{Desk, Sign};
use super::fair::Fair;
use super::job::publish::Publication;
use super::job::topic::Creation;
use super::job::{self, Desk as JobDesk, Note};
use super::jobs::{Jobs, Owner};
use super::link::{Heard, Link};
use super::options::Options;
use super::outgoing::Outgoing;
use super::pulse::{Beat, Pulse, Rhythm};
use super::record::Of;
use super::rounds::{Round, Rounds};
use super::{Command, Connection, Error, Event, Login, RequestId, SessionFacts};
use crate::model::{BareJid, ItemId, Jid, Say, TopicId};
use crate::store::Store;
use crate::xmpp::login::{Facts, Session};
use crate::xmpp::sm::{self, Begun};
use crate::xmpp::stanza::{self, IqKind, Route};
use crate::xmpp::{ping, stream};

pub(super) use managed::{Lie, Ticket};

/// Notes that may wait.
const NOTES: usize = 64;
/// Topic names remembered for a flood.
const NAMES: usize = 4096;
/// Requests of one subscriber for one topic, by different resources.
const SAME: usize = 16;
/// Answers given to strangers' requests in [`ANSWERS_PER`]; beyond it they get none (`engine.md` §6 row 35).
const ANSWERS: u32 = 50;
const ANSWERS_PER: Duration = Duration::from_secs(1);

/// What happened to a session.
#[derive(Debug)]
pub(super) enum Happened {
    Heard(Option<Heard>),
    Note(Box<Note>),
    /// A task died; this waited for it.
    Died(Owner),
    /// Nothing can be written any more.
    Stuck,
    /// It was silent for a while.
    Quiet,
}

/// Whether it goes on.
#[derive(Debug)]
pub(super) enum Verdict {
    Goes,
    /// The link broke; the session may be taken up over another.
    Broken(Error),
    /// The session is over.
    Over(Error),
    /// It is over because the peer broke stream management.
    Lied(sm::Error),
}

/// A command that has no answer yet.
#[derive(Debug)]
enum Open {
    /// I am about to join a topic.
    Joins(TopicId),
    Publishes(Publication),
    Creates(Creation),
    Other,
}

/// A command whose session ended before its answer came, of which it can be asked what came of it.
#[derive(Debug)]
pub(super) enum Unsettled {
    Publishes(Publication),
    Creates(Creation),
}

impl Unsettled {
    pub(super) fn request(&self) -> RequestId {
        match self {
            Self::Publishes(publication) => publication.request,
            Self::Creates(creation) => creation.request,
        }
    }

    /// The answer when nobody asks any more.
    pub(super) fn unknown(&self) -> Error {
        match self {
            Self::Publishes(publication) => publication.unknown(),
            Self::Creates(_) => Error::Timeout { what: "waiting for the broker's answer" },
        }
    }
}

pub(super) struct Online {
    login: Arc<Login>,
    facts: Facts,
    own: Jid,
    /// The account's own server.
    server: BareJid,
    outgoing: Outgoing,
    managed: managed::Managed,
    /// Nothing was read for a while, for want of room in the store.
    stalled: bool,
    asker: Asker,
    notes: mpsc::Receiver<Note>,
    tell: mpsc::Sender<Note>,
    jobs: Jobs,
    rounds: Rounds,
    /// How far the walks are that go on, and those that ended beside them: topics walked over, of how many.
    walks: HashMap<BareJid, (u32, u32)>,
    /// Turns of the descriptions that would otherwise all be asked for at once.
    describing: Arc<Semaphore>,
    /// Topics that wait to be fetched, while another is.
    to_fetch: VecDeque<TopicId>,
    fetching: bool,
    began: Instant,
    pulse: Pulse,
    /// When it began, for a person.
    begun: DateTime<Utc>,
    /// What had come by then is stored.
    stored: DateTime<Utc>,
    sweeps: Sweeps,
    beat: Duration,
    store: Arc<dyn Store>,
    brokers: Vec<BareJid>,
    /// Words about access that wait for their topic to be known.
    early: early::Early,
    /// Brokers that have not been asked for my rights yet, before the session is announced.
    unread: HashSet<BareJid>,
    open: BTreeMap<RequestId, Open>,
    /// Topics whose change of my subscription a broker announced.
    hints: HashSet<TopicId>,
    kept: kept::Kept,
    /// Who takes how much while the store is busy.
    fair: Fair,
    /// Items announced without their payload, to be fetched.
    announced: HashMap<TopicId, Vec<ItemId>>,
    /// Topics whose stored items were asked for in this session.
    fetched: HashSet<TopicId>,
    /// Subscriptions of old sessions of ours that were ended, by topic and subid.
    ghosts: HashSet<(TopicId, Option<String>)>,
    answers: (Instant, u32),
    /// Topics by name, so that a flood costs no allocation for its address.
    topics: HashMap<String, Arc<TopicId>>,
    addresses: stanza::Addresses,
    /// When a subscription last changed by our own doing: an older list of the broker knows nothing of it.
    last_held: Instant,
    presence_sent: bool,
    polls: owner::Polls,
}

impl Online {
    /// A fresh session on its first link. `unsettled` is what earlier ones published or made without an answer.
    pub(super) fn new(
        login: Arc<Login>,
        session: Session,
        options: &Options,
        rhythm: Rhythm,
        unsettled: Vec<Unsettled>,
        desk: &mut Desk,
    ) -> (Self, Link) {
        let outgoing = Outgoing::new(session.sm != Begun::None);
        let link = Link::new(session.reader, session.sender, &outgoing, options.stuck);
        let own = session.facts.jid.clone();
        let asker = Asker::new(own.clone(), outgoing.clone());
        let (tell, notes) = mpsc::channel(NOTES);
        let now = Instant::now();
        let mut online = Self {
            facts: session.facts,
            server: own.bare().server(),
            own,
            outgoing,
            managed: managed::Managed::new(session.sm, desk.new_session()),
            stalled: false,
            asker,
            notes,
            tell,
            jobs: Jobs::default(),
            rounds: Rounds::default(),
            walks: HashMap::new(),
            to_fetch: VecDeque::new(),
            fetching: false,
            describing: Arc::new(Semaphore::new(job::discover::AT_ONCE)),
            began: now,
            pulse: Pulse::new(rhythm, options.answer, now),
            begun: Utc::now(),
            stored: Utc::now(),
            sweeps: options.sweeps,
            beat: options.beat,
            store: Arc::clone(&desk.store),
            brokers: Vec::new(),
            early: early::Early::default(),
            unread: HashSet::new(),
            open: BTreeMap::new(),
            hints: HashSet::new(),
            kept: kept::Kept::default(),
            fair: Fair::new(now.into_std()),
            announced: HashMap::new(),
            fetched: HashSet::new(),
            ghosts: HashSet::new(),
            answers: (now, 0),
            topics: HashMap::new(),
            addresses: stanza::Addresses::default(),
            last_held: now,
            presence_sent: false,
            polls: owner::Polls::new(options.poll),
            login,
        };
        online.round(Round::Brokers, desk);
        for one in unsettled {
            let jobs = online.job_desk().leaving(desk.record.trail(Of::Command(one.request())));
            match one {
                Unsettled::Publishes(publication) => {
                    let job = job::publish::go_on(jobs, publication.clone());
                    online.work(publication.request, Open::Publishes(publication), job);
                }
                Unsettled::Creates(creation) => {
                    let job = job::topic::go_on(jobs, creation.clone());
                    online.work(creation.request, Open::Creates(creation), job);
                }
            }
        }
        // They count for nothing in stream management, but for something to us.
        online.take_in(session.early, desk);
        (online, link)
    }

    pub(super) fn login(&self) -> Arc<Login> {
        Arc::clone(&self.login)
    }

    /// Until when all that was sent to us has come: when the last question was sent that is answered.
    fn heard(&self) -> DateTime<Utc> {
        self.outgoing.proved().map_or(self.begun, |proved| proved.max(self.begun))
    }

    /// Until when all it told is stored: what was read and not stored is not here.
    pub(super) fn stored(&self) -> DateTime<Utc> {
        self.stored
    }

    pub(super) fn lived(&self) -> Duration {
        self.began.elapsed()
    }

    /// What this link taught about silence.
    pub(super) fn rhythm(&self) -> Rhythm {
        self.pulse.rhythm()
    }

    /// The machine slept, or its network changed: the link may be dead without a word.
    pub(super) fn probe(&mut self) {
        self.pulse.doubt(Instant::now());
        self.ping();
    }

    /// Ends it for good: the commands that can have no answer any more, and those of which it can be asked what came of
    /// them.
    pub(super) fn end(mut self, desk: &mut Desk) -> (Vec<RequestId>, Vec<Unsettled>) {
        self.settle(desk);
        self.drop_kept(desk);
        let (mut unanswered, mut unsettled) = (Vec::new(), Vec::new());
        for (request, open) in std::mem::take(&mut self.open) {
            match open {
                Open::Publishes(publication) => unsettled.push(Unsettled::Publishes(publication)),
                Open::Creates(creation) => unsettled.push(Unsettled::Creates(creation)),
                Open::Joins(_) | Open::Other => unanswered.push(request),
            }
        }
        (unanswered, unsettled)
    }

    /// Says goodbye, before [`Online::end`].
    pub(super) async fn close(&mut self, link: Link) {
        self.jobs.abort_all();
        if let Ok(bytes) = stanza::presence(Some("unavailable"), &Route::default(), |_| {}) {
            let _ = self.outgoing.try_send(bytes);
        }
        self.acknowledge();
        link.close().await;
    }

    /// What happens next. Nothing is read while the store has no room: the broker then waits, not our memory.
    pub(super) async fn next(&mut self, link: &mut Link, room: bool) -> Happened {
        self.fair.room(room, || Instant::now().into_std());
        self.stalled |= !room;
        let quiet = self.pulse.due();
        let Link { heard, writes, .. } = link;
        tokio::select! {
            heard = heard.recv(), if room => Happened::Heard(heard),
            Some(note) = self.notes.recv() => Happened::Note(Box::new(note)),
            owner = self.jobs.died() => Happened::Died(owner),
            _never = writes.recv() => Happened::Stuck,
            () = sleep_until(quiet), if room => Happened::Quiet,
        }
    }

    pub(super) fn take(&mut self, happened: Happened, link: &mut Link, desk: &mut Desk) -> Verdict {
        match happened {
            Happened::Heard(Some(Heard::Stanzas(stanzas))) => {
                self.pulse.heard(Instant::now());
                match self.incoming(stanzas, desk) {
                    Err(lie) => Verdict::Lied(lie),
                    Ok(()) => self.hears(link),
                }
            }
            Happened::Heard(Some(Heard::Over(error))) => {
                self.settle(desk);
                if matches!(&error, stream::Error::Peer { condition } if condition == "system-shutdown") {
                    desk.restarted(&self.server, Sign::Shutdown);
                }
                // Whatever it was that could not be read must not end every session anew.
                if matches!(error, stream::Error::Refused(_)) {
                    self.asker.unanswered().into_iter().for_each(|wanted| desk.suspect(wanted));
                }
                managed::ended(error)
            }
            Happened::Heard(None) => managed::ended(stream::Error::Closed),
            Happened::Note(note) => {
                self.note(*note, desk);
                self.hear_early(desk);
                Verdict::Goes
            }
            Happened::Died(owner) => {
                match owner {
                    Owner::Nobody => {}
                    Owner::Request(request) => self.done(request, Err(Error::died()), desk),
                    Owner::Round(round) => self.ended(round, false, desk),
                }
                Verdict::Goes
            }
            Happened::Stuck => self.stuck(link, desk),
            Happened::Quiet => match self.pulse.beat(Instant::now()) {
                Beat::Gone => Verdict::Broken(Error::Timeout { what: "waiting for a sign of life" }),
                Beat::Ask => {
                    self.ping();
                    Verdict::Goes
                }
            },
        }
    }

    /// What the jobs found so far counts, whatever comes now.
    pub(super) fn settle(&mut self, desk: &mut Desk) {
        while let Ok(note) = self.notes.try_recv() {
            self.note(note, desk);
            self.hear_early(desk);
        }
    }

    /// Nothing can be written. What was read before that counts, above all why the peer ended the stream.
    fn stuck(&mut self, link: &mut Link, desk: &mut Desk) -> Verdict {
        while let Ok(heard) = link.heard.try_recv() {
            match self.take(Happened::Heard(Some(heard)), link, desk) {
                Verdict::Goes => {}
                verdict => return verdict,
            }
        }
        self.settle(desk);
        Verdict::Broken(Error::Timeout { what: "sending" })
    }

    /// XEP-0199 to the controller, or `<r/>` where it manages the stream. Any stanza counts as a sign of life, so nobody
    /// waits for this very answer.
    fn ping(&mut self) {
        if self.managed.is_on() {
            self.outgoing.probe();
            return;
        }
        let (asker, server) = (self.asker.clone(), self.server.clone());
        self.jobs.start(Owner::Nobody, async move {
            let _ = asker.get(&server, ping::request).await;
        });
    }

    /// Starts the work on a command that is to be answered.
    fn work(&mut self, request: RequestId, open: Open, job: impl Future<Output = ()> + Send + 'static) {
        let _ = self.open.insert(request, open);
        self.jobs.start(Owner::Request(request), job);
    }

    fn job_desk(&self) -> JobDesk {
        let (asker, notes, store) = (self.asker.clone(), self.tell.clone(), Arc::clone(&self.store));
        JobDesk { asker, notes, store, me: self.own.bare().clone() }
    }

    /// Sends what nobody waits for. A full queue means that the controller does not read: then it is not owed answers.
    fn send(&self, bytes: Result<Vec<u8>, stream::NotXml>) {
        if let Ok(bytes) = bytes {
            let _ = self.outgoing.try_send(bytes);
        }
    }

    pub(super) fn command(&mut self, command: Command, desk: &mut Desk) {
        let jobs = self.job_desk();
        let trail = |request| desk.record.trail(Of::Command(request));
        let jobs = command.request().map_or(jobs.clone(), |request| jobs.leaving(trail(request)));
        match command {
            Command::RefreshTopics => self.refresh(desk),
            Command::Subscribe { request, topic, words } => {
                let open = Open::Joins(topic.clone());
                self.work(request, open, job::member::subscribe(jobs, request, topic, words));
            }
            Command::Unsubscribe { request, topic } => {
                let held = desk.directory.held(&topic).to_vec();
                self.work(request, Open::Other, job::member::unsubscribe(jobs, request, topic, held));
            }
            Command::Publish { request, topic, item, payload, terms } => match desk.directory.get(&topic) {
                Some(_) => {
                    let publication = Publication { request, topic, item, payload, terms };
                    let job = job::publish::publish(jobs, publication.clone());
                    self.work(request, Open::Publishes(publication), job);
                }
                // Publishing to a topic that is not there would create one open to everybody (`engine.md` §4).
                None => desk.answer(request, Err(Error::unknown_topic())),
            },
            Command::Retract { request, topic, item } => {
                self.work(request, Open::Other, job::retract::retract(jobs, request, topic, item));
            }
            Command::Survey { request, close } => {
                let (server, brokers) = (self.server.clone(), self.brokers.clone());
                self.work(request, Open::Other, job::survey::survey(jobs, request, server, brokers, close));
            }
            command => self.owner(command, jobs, desk),
        }
    }

    fn done(&mut self, request: RequestId, result: Result<super::Receipt, Error>, desk: &mut Desk) {
        if self.open.remove(&request).is_some() {
            desk.answer(request, result);
        }
    }

    /// The rights are known: now be seen, so that events flow, and only then fetch what is stored, so that nothing
    /// falls between (`engine.md` §7).
    fn ready(&mut self, desk: &mut Desk) {
        if self.presence_sent {
            return;
        }
        self.presence_sent = true;
        self.send(stanza::presence(None, &Route::default(), |w| {
            let _ = w.leaf("priority", "0");
        }));
        self.online(desk);
        if self.brokers.is_empty() {
            desk.notice(Say::new("notice-no-broker"));
        }
        desk.surveyed(self.brokers.is_empty(), false);
        for broker in self.brokers.clone() {
            self.read(broker, desk);
        }
        self.sweep_new(desk);
        self.sweep_later();
        let all = std::iter::once(self.server.clone()).chain(self.brokers.clone()).collect();
        self.jobs.start(Owner::Nobody, job::up::up(self.job_desk(), all));
    }

    /// Tells what the session is.
    fn online(&self, desk: &mut Desk) {
        let facts = SessionFacts {
            jid: self.own.clone(),
            broker: self.brokers.first().cloned(),
            route: self.facts.route.clone(),
            channel: self.facts.channel.clone(),
            authentication: self.facts.authentication.clone(),
            management: self.facts.management.clone(),
        };
        desk.outbox.push(Event::Connection(Connection::Online(Arc::new(facts))));
    }

    fn may_answer(&mut self) -> bool {
        if self.answers.0.elapsed() >= ANSWERS_PER {
            self.answers = (Instant::now(), 0);
        }
        self.answers.1 += 1;
        self.answers.1 <= ANSWERS
    }

    /// Answers a request of somebody else (RFC 6120 §8.2.3): pings and who we are, and what is only to be `taken` note of;
    /// anything else is not here.
    fn answer(&mut self, iq: &stanza::Iq<'_>, taken: bool) {
        if !self.may_answer() {
            return;
        }
        let route = Route { from: None, to: iq.route.from.clone() };
        let payload = iq.payload();
        let asks = |ns: &str, name: &str| iq.kind == IqKind::Get && payload.is_some_and(|payload| payload.is(ns, name));
        let bytes = if taken || asks(ping::NS, "ping") {
            stanza::iq(IqKind::Result, &iq.id, &route, |_| {})
        } else if asks(crate::xmpp::disco::INFO_NS, "query") {
            let node = payload.and_then(|payload| payload.attr("node"));
            stanza::iq(IqKind::Result, &iq.id, &route, |w| crate::xmpp::disco::write_own(w, node.as_deref()))
        } else {
            let error = stanza::Error::new(stanza::ErrorKind::Cancel, stanza::Condition::ServiceUnavailable);
            stanza::iq_error(&iq.id, &route, &error)
        };
        self.send(bytes);
    }
}
