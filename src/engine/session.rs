//! The actor: one task with one explicit state, from offline over connecting to online and back.
//!
//! All state of the engine is here and is changed nowhere else. What waits for the network runs in tasks that only send
//! what they found back as notes; they end with the session that began them.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::bridge::{self, Events, Handle, Outbox};
use super::desk::Desk;
use super::ingest::Outcome;
use super::online::{Happened, Online, Verdict};
use super::pulse::Rhythm;
use super::watch::{Change, Watch};
use super::{Command, Connection, Error, Event, Login, Policy, Step, journal};
use crate::model::{Known, Learned};
use crate::store::Store;
use crate::xmpp::login;
use crate::xmpp::trace::Trace;
use crate::xmpp::xml::Limits;

/// What a caller may set; the defaults are those of the product.
pub struct Options {
    pub patience: login::Patience,
    pub limits: Limits,
    /// Longest silence after which the controller is asked whether it is there (XEP-0199), and how long the answer may
    /// take: together a minute, in which a half-open link is found.
    pub silence: Duration,
    pub answer: Duration,
    /// Longest wait for the controller to take what is written.
    pub stuck: Duration,
    /// Where the stream is recorded when it is switched on.
    pub trace: Trace,
    /// For the jitter of the back-off; need not be secret.
    pub random: Box<dyn FnMut() -> u64 + Send>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("silence", &self.silence).finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            patience: login::Patience::default(),
            // Brokers without pages answer with all they have, far more than they take in one stanza themselves.
            limits: Limits { bytes: 8 * 1024 * 1024, elements: 200_000, ..Limits::PEER },
            silence: Duration::from_secs(45),
            answer: Duration::from_secs(15),
            stuck: Duration::from_secs(30),
            trace: Trace::default(),
            random: Box::new(|| getrandom::u64().unwrap_or_default()),
        }
    }
}

/// Starts the engine on the current tokio runtime. It ends on [`Command::Quit`], or when the handle or the events are
/// dropped.
///
/// # Panics
/// Outside a tokio runtime.
#[must_use]
pub fn spawn(store: Arc<dyn Store>, options: Options) -> (Handle, Events) {
    let (commands, queue) = mpsc::channel(bridge::COMMANDS);
    let (batches, events) = mpsc::channel(bridge::BATCHES);
    let actor = Actor {
        commands: queue,
        desk: Desk::new(store, Outbox::new(batches)),
        backoff: Backoff::default(),
        rhythm: Rhythm::new(options.silence),
        watch: Watch::new(),
        options,
        state: State::Offline,
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
    Online(Box<Online>),
    Waiting {
        login: Arc<Login>,
        until: Instant,
    },
}

/// A login under way; dropping it ends it.
struct Connecting {
    login: Arc<Login>,
    attempt: u32,
    steps: mpsc::UnboundedReceiver<login::Step>,
    task: JoinHandle<Result<login::Session, login::Error>>,
}

impl Drop for Connecting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What woke the actor.
enum Woken {
    Command(Option<Command>),
    Flush,
    Outcome(Outcome),
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
}

impl State {
    /// Whether a change of this machine's networks means anything to it.
    fn is_watched(&self) -> bool {
        matches!(self, Self::Online(_) | Self::Waiting { .. })
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
                result = &mut connecting.task => {
                    let lost = login::Error::Protocol("the login task ended");
                    Woken::LoggedIn(Box::new(result.unwrap_or(Err(lost))))
                }
            },
            Self::Online(online) => Woken::Online(online.next(room).await),
        }
    }
}

impl Actor {
    async fn run(mut self) {
        loop {
            let room = self.desk.has_room();
            let due = self.desk.outbox.due();
            let woken = tokio::select! {
                command = self.commands.recv() => Woken::Command(command),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Woken::Flush,
                Some(outcome) = self.desk.ingest.outcomes.recv() => Woken::Outcome(outcome),
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
            Woken::Outcome(outcome) => self.desk.outcome(outcome),
            Woken::Room => self.desk.hand_over(),
            Woken::Step(step) => self.step(step),
            Woken::LoggedIn(result) => self.logged_in(*result),
            Woken::Retry => {
                if let State::Waiting { login, .. } = &self.state {
                    self.connect(Arc::clone(login));
                }
            }
            Woken::Look => self.look(),
            Woken::Online(happened) => {
                let State::Online(online) = &mut self.state else { return };
                if let Verdict::Over(error) = online.take(happened, &mut self.desk) {
                    self.lost(error).await;
                }
            }
        }
    }

    async fn command(&mut self, command: Command) {
        journal::command(&command);
        match command {
            Command::Connect(login) => {
                self.leave(None).await;
                self.backoff.reset();
                (self.rhythm, self.watch) = (Rhythm::new(self.options.silence), Watch::new());
                self.desk.new_account(&login.jid);
                self.connect(Arc::from(login));
            }
            Command::Disconnect => {
                self.leave(None).await;
                self.say(Connection::Offline);
            }
            Command::RetryNow => {
                if let State::Waiting { login, .. } | State::Stopped(login) = &self.state {
                    let login = Arc::clone(login);
                    self.backoff.reset();
                    self.connect(login);
                }
            }
            // Handled by `run`.
            Command::Quit => {}
            command => match &mut self.state {
                State::Online(online) => online.command(command, &mut self.desk),
                _ => self.desk.refuse(&command, &Error::Offline),
            },
        }
    }

    fn say(&mut self, connection: Connection) {
        self.desk.outbox.push(Event::Connection(connection));
    }

    fn connect(&mut self, login: Arc<Login>) {
        let (tell, steps) = mpsc::unbounded_channel();
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
                };
                // The actor may have gone; the task is then ended with it.
                login::login(login.dial.as_ref(), &params, limits, |step| {
                    let _ = tell.send(step);
                })
                .await
            }
        });
        let attempt = self.backoff.attempt();
        self.state = State::Connecting(Connecting { login, attempt, steps, task });
        self.say(Connection::Connecting { step: Step::Dialing, attempt });
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

    fn logged_in(&mut self, result: Result<login::Session, login::Error>) {
        let State::Connecting(connecting) = &self.state else { return };
        let (login, attempt) = (Arc::clone(&connecting.login), connecting.attempt);
        match result {
            Ok(session) => {
                self.say(Connection::Connecting { step: Step::Discovering, attempt });
                let login = self.learn(login, &session.facts.learned);
                self.watch.follow(session.facts.path);
                let online = Online::new(login, session, &self.options, self.rhythm, &mut self.desk);
                self.state = State::Online(Box::new(online));
            }
            Err(error) => {
                self.state = State::Offline;
                self.retry(login, error.into());
            }
        }
    }

    /// What a login taught holds from the next one on, and is told for those of another day.
    fn learn(&mut self, login: Arc<Login>, learned: &[Learned]) -> Arc<Login> {
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

    /// The session broke by itself.
    async fn lost(&mut self, error: Error) {
        let State::Online(online) = &self.state else { return };
        let login = online.login();
        self.backoff.ended(online.lived());
        self.rhythm = online.rhythm();
        self.leave(Some(&error)).await;
        self.retry(login, error);
    }

    /// A machine that slept or moved asks whether its link still stands, or need not sit out its wait.
    fn look(&mut self) {
        let Some(change) = self.watch.look() else { return };
        match &mut self.state {
            State::Online(online) => online.probe(),
            State::Waiting { until, .. } if change != Change::Cut => {
                *until = (*until).min(Instant::now() + Backoff::hastened((self.options.random)()));
            }
            _ => {}
        }
    }

    fn retry(&mut self, login: Arc<Login>, cause: Error) {
        if cause.retries() {
            let retry_in = self.backoff.failed((self.options.random)());
            self.state = State::Waiting { login, until: Instant::now() + retry_in };
            self.say(Connection::Waiting { retry_in, cause });
        } else {
            self.state = State::Stopped(login);
            self.say(Connection::Stopped { cause });
        }
    }

    /// Leaves whatever state there is; open requests are answered with `cause`, or as offline.
    async fn leave(&mut self, cause: Option<&Error>) {
        let state = std::mem::replace(&mut self.state, State::Offline);
        if let State::Online(mut online) = state {
            online.settle(&mut self.desk);
            for request in online.open() {
                let result = Err(cause.cloned().unwrap_or(Error::Offline));
                self.desk.outbox.push(Event::Done { request, result });
            }
            online.close(cause.is_none()).await;
        }
    }
}
