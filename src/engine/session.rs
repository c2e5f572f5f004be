//! The actor: one task with one explicit state, from offline over connecting to online and back.
//!
//! A session whose link breaks is suspended where the controller keeps it (XEP-0198), and taken up over the next link.
//!
//! All state of the engine is here and is changed nowhere else. What waits for the network runs in tasks that only send
//! what they found back as notes; they end with the session that began them.

use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::bridge::{self, Events, Handle, Outbox};
use super::desk::{Desk, Parked, Sign};
use super::ingest::Outcome;
use super::link::Link;
use super::online::{Happened, Lie, Online, Ticket, Unsettled, Verdict};
use super::options::Options;
use super::pulse::Rhythm;
use super::scribe::Written;
use super::watch::{Change, Watch};
use super::{Command, Connection, Error, Event, Login, Policy, Step, journal};
use crate::model::{Known, Learned, Say};
use crate::store::Store;
use crate::xmpp::login;
use crate::xmpp::sm::{Begun, Resume};

/// Starts the engine on the current tokio runtime. It ends on [`Command::Quit`], or when the handle or the events are
/// dropped.
///
/// # Panics
/// Outside a tokio runtime.
#[must_use]
pub fn spawn(store: Arc<dyn Store>, options: Options) -> (Handle, Events) {
    let (commands, queue) = mpsc::channel(bridge::COMMANDS);
    let (batches, events) = mpsc::channel(bridge::BATCHES);
    let mut desk = Desk::new(store, Outbox::new(batches));
    desk.minute = options.minute;
    let actor = Actor {
        commands: queue,
        desk,
        backoff: Backoff::default(),
        rhythm: Rhythm::new(options.silence),
        watch: Watch::new(),
        options,
        state: State::Offline,
        lies: 0,
        known: None,
    };
    let _detached = tokio::spawn(actor.run());
    (Handle::new(commands), Events::new(events))
}

/// Where the session stands.
enum State {
    /// No session wanted.
    Offline,
    /// Stopped until the person acts.
    Stopped(Arc<Login>),
    Connecting(Connecting),
    Online {
        online: Box<Online>,
        link: Link,
    },
    Waiting {
        login: Arc<Login>,
        until: Instant,
        left: Left,
    },
}

/// What a session leaves behind when its link breaks.
#[derive(Default)]
enum Left {
    #[default]
    Nothing,
    /// All of it, to be taken up over another link (XEP-0198 §5).
    Suspended(Box<Suspended>),
    /// It is over; of these it can be asked what came of them.
    Unsettled(Vec<Unsettled>),
}

/// A session without a link. Its jobs go on waiting, and no new command is taken: nobody knows whether it goes on.
struct Suspended {
    online: Online,
    ticket: Ticket,
    /// Why the link broke: the answer to its commands should it not be taken up.
    cause: Error,
}

/// A login under way; dropping it ends it.
struct Connecting {
    login: Arc<Login>,
    attempt: u32,
    steps: mpsc::UnboundedReceiver<login::Step>,
    task: Task,
    left: Left,
}

/// Ends with whoever waits for it.
struct Task(JoinHandle<Result<login::Session, login::Error>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What woke the actor.
enum Woken {
    Command(Option<Command>),
    Flush,
    /// Nothing where the store's threads ended, and nobody had them end.
    Outcome(Option<Outcome>),
    /// Nothing where the log's thread ended.
    Written(Option<Written>),
    Room,
    /// Nobody listens to the events any more.
    Unheard,
    Step(login::Step),
    LoggedIn(Box<Result<login::Session, login::Error>>),
    Retry,
    /// Time to see whether the machine slept or moved.
    Look,
    Online(Happened),
}

struct Actor {
    commands: mpsc::Receiver<Command>,
    desk: Desk,
    backoff: Backoff,
    rhythm: Rhythm,
    watch: Watch,
    options: Options,
    state: State,
    /// How often this controller broke stream management; twice, and it is done without.
    lies: u32,
    /// Decided since the last attempt.
    known: Option<Arc<Known>>,
}

/// Times stream management is tried with a controller that breaks its rules.
const LIES: u32 = 2;

impl State {
    /// Whether a change of this machine's networks means anything to it.
    fn is_watched(&self) -> bool {
        matches!(self, Self::Online { .. } | Self::Waiting { .. })
    }

    /// What happens next in this state. Safe to drop at any time.
    async fn next(&mut self, room: bool) -> Woken {
        match self {
            Self::Offline | Self::Stopped(_) => std::future::pending().await,
            Self::Waiting { until, .. } => {
                sleep_until(*until).await;
                Woken::Retry
            }
            Self::Connecting(connecting) => tokio::select! {
                biased;
                Some(step) = connecting.steps.recv() => Woken::Step(step),
                result = &mut connecting.task.0 => {
                    let lost = login::Error::Protocol("the login task ended");
                    Woken::LoggedIn(Box::new(result.unwrap_or(Err(lost))))
                }
            },
            Self::Online { online, link } => Woken::Online(online.next(link, room).await),
        }
    }
}

impl Actor {
    async fn run(mut self) {
        loop {
            let room = self.desk.has_room();
            let (stores, writes) = (self.desk.stores(), self.desk.writes());
            let due = self.desk.outbox.due();
            let woken = tokio::select! {
                command = self.commands.recv() => Woken::Command(command),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Woken::Flush,
                outcome = self.desk.ingest.outcomes.recv(), if stores => Woken::Outcome(outcome),
                written = self.desk.scribe.written.recv(), if writes => Woken::Written(written),
                _permit = self.desk.ingest.work.reserve(), if !room => Woken::Room,
                () = self.desk.outbox.closed() => Woken::Unheard,
                () = self.watch.tick(), if self.state.is_watched() => Woken::Look,
                woken = self.state.next(room) => woken,
            };
            let quit = matches!(woken, Woken::Unheard | Woken::Command(None | Some(Command::Quit)));
            if quit {
                self.leave(None).await;
                break;
            }
            self.take(woken).await;
            if let Some(error) = self.desk.trouble() {
                self.full(error).await;
            }
        }
        // Whoever asked is answered, also when nobody will read it.
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            self.desk.refuse(&command, &Error::Offline);
        }
        self.desk.finish().await;
    }

    async fn take(&mut self, woken: Woken) {
        match woken {
            Woken::Command(Some(command)) => self.command(command).await,
            Woken::Command(None) | Woken::Unheard => {}
            Woken::Flush => self.desk.flush(),
            Woken::Outcome(outcome) => {
                if let (Some(mark), Some(online)) = (self.desk.outcome(outcome), self.state.online()) {
                    online.reached(mark);
                }
                self.beat();
            }
            Woken::Written(written) => {
                for (of, parked) in self.desk.written(written) {
                    match (&mut self.state, parked) {
                        (State::Online { online, .. }, Parked::Command(command)) => {
                            online.command(command, &mut self.desk);
                        }
                        (State::Online { online, .. }, Parked::Own(own)) => online.own(of, own, &self.desk),
                        (_, Parked::Command(command)) => self.desk.refuse(&command, &Error::Offline),
                        // It ended with its session.
                        (_, Parked::Own(_)) => {}
                    }
                }
            }
            Woken::Room => self.desk.hand_over(),
            Woken::Step(step) => self.step(step),
            Woken::LoggedIn(result) => self.logged_in(*result).await,
            Woken::Retry => {
                if let State::Waiting { login, left, .. } = &mut self.state {
                    let (login, left) = (Arc::clone(login), std::mem::take(left));
                    self.connect(login, left);
                }
            }
            Woken::Look => {
                self.look();
                self.beat();
            }
            Woken::Online(happened) => {
                let State::Online { online, link } = &mut self.state else { return };
                match online.take(happened, link, &mut self.desk) {
                    Verdict::Goes => {}
                    Verdict::Broken(error) => self.broken(error),
                    Verdict::Over(error) => self.lost(error, None).await,
                    Verdict::Lied(lie) => {
                        self.lied();
                        self.lost(lie.into(), Some(lie.words())).await;
                    }
                }
            }
        }
    }

    async fn command(&mut self, command: Command) {
        journal::command(&command);
        let of = self.desk.begun(&command);
        match command {
            Command::Connect(login) => {
                self.leave(None).await;
                self.backoff.reset();
                (self.rhythm, self.watch) = (Rhythm::new(self.options.silence), Watch::new());
                self.lies = 0;
                self.known = None;
                self.desk.new_account(&login.jid);
                self.connect(Arc::from(login), Left::Nothing);
            }
            Command::Disconnect => {
                self.leave(None).await;
                self.say(Connection::Offline);
            }
            Command::Know(known) => self.known = Some(known),
            Command::RetryNow => {
                let (login, left) = match &mut self.state {
                    State::Waiting { login, left, .. } => (Arc::clone(login), std::mem::take(left)),
                    State::Stopped(login) => (Arc::clone(login), Left::Nothing),
                    // It is being tried, or its broker is looked for; should that fail, no long wait follows.
                    State::Connecting(_) | State::Online { .. } => return self.backoff.reset(),
                    State::Offline => return,
                };
                self.backoff.reset();
                self.connect(login, left);
            }
            // Written down, and that is all; handled by `run`.
            Command::Held { .. } | Command::Quit => {}
            command => match (&mut self.state, of) {
                // Written down before it is done; what changes nothing goes by.
                (State::Online { .. }, Some(of)) => self.desk.park(of, Parked::Command(command)),
                (State::Online { online, .. }, None) => online.command(command, &mut self.desk),
                _ => self.desk.refuse(&command, &Error::Offline),
            },
        }
    }

    fn say(&mut self, connection: Connection) {
        self.desk.outbox.push(Event::Connection(connection));
    }

    /// The login by what was decided meanwhile.
    fn informed(&mut self, login: Arc<Login>) -> Arc<Login> {
        let Some(known) = self.known.take() else { return login };
        let policy = Policy { known, ..login.policy.clone() };
        Arc::new(Login { policy, ..Login::clone(&login) })
    }

    fn connect(&mut self, login: Arc<Login>, left: Left) {
        if !self.desk.stores() {
            return self.retry(login, Error::Store(crate::store::Error::Poisoned), left);
        }
        let login = self.informed(login);
        let (tell, steps) = mpsc::unbounded_channel();
        let (left, resume) = self.resume(left);
        let manage = self.lies < LIES;
        let (patience, limits, trace) = (self.options.patience, self.options.limits, self.options.trace.clone());
        let task = tokio::spawn({
            let login = Arc::clone(&login);
            async move {
                let params = login::Params {
                    jid: login.jid.clone(),
                    resource: login.resource.clone(),
                    credentials: login.credentials.clone(),
                    tls: login.tls,
                    trust: login.trust.clone(),
                    policy: login.policy.clone(),
                    bind2: false,
                    patience,
                    trace,
                    manage,
                    resume,
                };
                // The actor may have gone; the task is then ended with it.
                login::login(login.dial.as_ref(), &params, limits, |step| {
                    let _ = tell.send(step);
                })
                .await
            }
        });
        let attempt = self.backoff.attempt();
        self.state = State::Connecting(Connecting { login, attempt, steps, task: Task(task), left });
        self.say(Connection::Connecting { step: Step::Dialing, attempt });
    }

    /// How to take up what was left, if the controller still knows it.
    fn resume(&mut self, left: Left) -> (Left, Option<Resume>) {
        match left {
            Left::Suspended(mut suspended) => match suspended.online.resume(&suspended.ticket) {
                Some(resume) => (Left::Suspended(suspended), Some(resume)),
                None => (self.give_up(*suspended), None),
            },
            left => (left, None),
        }
    }

    /// A session is not taken up: its commands are answered, but for what it published.
    fn give_up(&mut self, suspended: Suspended) -> Left {
        let Suspended { online, cause, .. } = suspended;
        self.end(online, &cause)
    }

    /// What was left is not taken up.
    fn dissolve(&mut self, left: Left) -> Left {
        match left {
            Left::Suspended(suspended) => self.give_up(*suspended),
            left => left,
        }
    }

    fn end(&mut self, online: Online, cause: &Error) -> Left {
        let stored = online.stored();
        let (unanswered, unsettled) = online.end(&mut self.desk);
        self.desk.abandon(cause);
        self.desk.broke(stored);
        for request in unanswered {
            self.desk.answer(request, Err(cause.clone()));
        }
        if unsettled.is_empty() { Left::Nothing } else { Left::Unsettled(unsettled) }
    }

    /// Gives up what was left, and what it published or made: nobody will ask any more what came of it.
    fn forget(&mut self, left: Left) {
        if let Left::Unsettled(unsettled) = self.dissolve(left) {
            for one in unsettled {
                self.desk.answer(one.request(), Err(one.unknown()));
            }
        }
    }

    fn step(&mut self, step: login::Step) {
        let State::Connecting(Connecting { attempt, .. }) = self.state else { return };
        let step = match step {
            login::Step::Dialing => Step::Dialing,
            login::Step::Securing => Step::Securing,
            login::Step::Authenticating => Step::Authenticating,
            login::Step::Binding => Step::Binding,
        };
        self.say(Connection::Connecting { step, attempt });
    }

    async fn logged_in(&mut self, result: Result<login::Session, login::Error>) {
        let State::Connecting(connecting) = std::mem::replace(&mut self.state, State::Offline) else { return };
        let Connecting { login, attempt, left, .. } = connecting;
        match result {
            Ok(session) => {
                let login = self.learn(login, &session.facts.learned);
                self.watch.follow(session.facts.path);
                match (left, &session.sm) {
                    (Left::Suspended(left), &Begun::Resumed { h }) => self.resumed(*left, login, session, h).await,
                    (left, _) => self.begun(left, login, session, attempt),
                }
            }
            Err(error) => {
                let left = match (&error, left) {
                    (login::Error::Management(_), left) => {
                        self.lied();
                        self.dissolve(left)
                    }
                    (_, left) => left,
                };
                self.retry(login, error.into(), left);
            }
        }
    }

    /// A fresh session.
    fn begun(&mut self, left: Left, login: Arc<Login>, session: login::Session, attempt: u32) {
        self.desk.connected(&session.facts);
        if matches!(left, Left::Suspended(_)) {
            self.desk.restarted(&login.jid.server(), Sign::Forgotten);
        }
        let unsettled = if let Left::Unsettled(unsettled) = self.dissolve(left) { unsettled } else { Vec::new() };
        self.say(Connection::Connecting { step: Step::Discovering, attempt });
        let (online, link) = Online::new(login, session, &self.options, self.rhythm, unsettled, &mut self.desk);
        self.state = State::Online { online: Box::new(online), link };
    }

    /// An earlier session goes on.
    async fn resumed(&mut self, suspended: Suspended, login: Arc<Login>, session: login::Session, h: u32) {
        let Suspended { mut online, .. } = suspended;
        self.desk.shown(&session.facts);
        match online.resumed(Arc::clone(&login), session, h, &self.options, &mut self.desk) {
            Ok(link) => {
                self.desk.ledger().resumed(Utc::now());
                self.state = State::Online { online: Box::new(online), link };
            }
            Err(Lie { error, link }) => {
                self.lied();
                let cause = Error::from(error);
                let left = self.end(online, &cause);
                link.part(error.words()).await;
                self.retry(login, cause, left);
            }
        }
    }

    /// The peer broke stream management.
    fn lied(&mut self) {
        self.lies = self.lies.saturating_add(1);
        if self.lies == LIES {
            self.desk.notice(Say::new("notice-sm-off"));
        }
    }

    /// What a login taught holds from the next one on, and is told for those of another day.
    fn learn(&mut self, login: Arc<Login>, learned: &[Learned]) -> Arc<Login> {
        let login = self.informed(login);
        if learned.is_empty() {
            return login;
        }
        let mut known = Known::clone(&login.policy.known);
        for learned in learned {
            known.learn(learned, Utc::now());
            self.desk.outbox.push(Event::Learned { account: login.jid.clone(), learned: learned.clone() });
        }
        let policy = Policy { known: Arc::new(known), ..login.policy.clone() };
        Arc::new(Login { policy, ..Login::clone(&login) })
    }

    /// The link broke by itself.
    fn broken(&mut self, cause: Error) {
        let State::Online { mut online, link } = std::mem::replace(&mut self.state, State::Offline) else { return };
        drop(link);
        let login = online.login();
        self.backoff.ended(online.lived());
        self.rhythm = online.rhythm();
        self.desk.broke(online.stored());
        let left = match online.suspend() {
            Some(ticket) => Left::Suspended(Box::new(Suspended { online: *online, ticket, cause: cause.clone() })),
            None => self.end(*online, &cause),
        };
        self.retry(login, cause, left);
    }

    /// The session is over, with these last words of ours.
    async fn lost(&mut self, cause: Error, words: Option<Vec<u8>>) {
        let State::Online { online, link } = std::mem::replace(&mut self.state, State::Offline) else { return };
        let login = online.login();
        self.backoff.ended(online.lived());
        self.rhythm = online.rhythm();
        let left = self.end(*online, &cause);
        if let Some(words) = words {
            link.part(words).await;
        }
        self.retry(login, cause, left);
    }

    /// The store does not take what comes. Nothing behind it is acknowledged and nothing more is read: it stays with the
    /// controller and the broker, until the person has made room, or another program has let go of the file.
    async fn full(&mut self, error: crate::store::Error) {
        let login = match &self.state {
            State::Online { online, .. } => online.login(),
            State::Connecting(Connecting { login, .. }) | State::Waiting { login, .. } => Arc::clone(login),
            State::Offline | State::Stopped(_) => return self.desk.seldom(error.say()),
        };
        let cause = Error::Store(error);
        // Without a goodbye, which would have the controller believe that all of it was taken.
        self.leave(Some(&cause)).await;
        if cause.retries() {
            return self.retry(login, cause, Left::Nothing);
        }
        self.state = State::Stopped(login);
        self.say(Connection::Stopped { cause });
    }

    /// A machine that slept or moved asks whether its link still stands, or need not sit out its wait.
    fn look(&mut self) {
        let Some(change) = self.watch.look() else { return };
        match &mut self.state {
            State::Online { online, .. } => online.probe(),
            State::Waiting { until, .. } if change != Change::Cut => {
                *until = (*until).min(Instant::now() + Backoff::hastened((self.options.random)()));
            }
            _ => {}
        }
    }

    fn beat(&mut self) {
        if let State::Online { online, .. } = &self.state {
            self.desk.beat(online.stored(), self.options.beat);
        }
    }

    fn retry(&mut self, login: Arc<Login>, cause: Error, left: Left) {
        if cause.retries() {
            let retry_in = self.backoff.failed((self.options.random)());
            self.state = State::Waiting { login, until: Instant::now() + retry_in, left };
            self.say(Connection::Waiting { retry_in, cause });
        } else {
            self.forget(left);
            self.state = State::Stopped(login);
            self.desk.stopped(&cause);
            self.say(Connection::Stopped { cause });
        }
    }

    /// Leaves whatever state there is, with a goodbye unless there is a `cause`; open commands are answered with that, or
    /// as offline.
    async fn leave(&mut self, cause: Option<&Error>) {
        self.desk.leave_off(cause.unwrap_or(&Error::Offline));
        let left = match std::mem::replace(&mut self.state, State::Offline) {
            State::Online { mut online, link } => {
                match cause {
                    None => online.close(link).await,
                    Some(_) => drop(link),
                }
                self.end(*online, cause.unwrap_or(&Error::Offline))
            }
            State::Connecting(Connecting { left, .. }) | State::Waiting { left, .. } => match left {
                Left::Suspended(suspended) => {
                    self.give_up(Suspended { cause: cause.cloned().unwrap_or(Error::Offline), ..*suspended })
                }
                left => left,
            },
            State::Offline | State::Stopped(_) => Left::Nothing,
        };
        self.forget(left);
    }
}

impl State {
    /// The session, with a link or without.
    fn online(&mut self) -> Option<&mut Online> {
        match self {
            Self::Online { online, .. } => Some(online),
            Self::Connecting(Connecting { left: Left::Suspended(suspended), .. })
            | Self::Waiting { left: Left::Suspended(suspended), .. } => Some(&mut suspended.online),
            _ => None,
        }
    }
}
