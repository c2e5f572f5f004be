//! The practice grid: a controller and a broker inside this process, with the real client stack between (`product.md`
//! part D). It doubles as the rig for end-to-end tests and benches.
//!
//! May use `model`, `iodef`, `xmpp`, `secrets`; only `app`, `cli`, `main` and tests may use it. It runs on a thread of its
//! own and opens no socket, unless a port on the loopback address is asked for.

mod answer;
pub mod broker;
mod controller;
pub mod documents;
mod flood;
mod identity;
mod login;
mod outbox;
mod pace;
pub mod random;
mod reports;
mod session;
pub mod stage;
mod stories;
mod traps;
mod voices;
pub mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use crate::model::{BareJid, Say};
use crate::xmpp::dial::{self, Dial, Dialed, Dialing, Link, Target};
use controller::Controller;
use identity::Identity;
use outbox::End;
use session::Door;
use stage::Stage;

pub use identity::{Account, Role};
pub use pace::Pace;
pub use world::DOMAIN;

/// Bytes a memory link holds in each direction.
const PIPE: usize = 512 * 1024;
/// Sessions at once.
const SESSIONS: usize = 64;
/// How long the sessions may take to say goodbye.
const PARTING: Duration = Duration::from_millis(500);

/// The practice grid's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    #[default]
    System,
    /// Always this: two grids of one seed are then equal byte for byte.
    Fixed(DateTime<Utc>),
}

/// How to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The world.
    pub seed: u64,
    /// A loopback port for other clients; 0 takes any. The accounts' passwords are fixed then (`practice-analyst`…).
    pub port: Option<u16>,
    pub pace: Pace,
    pub clock: Clock,
}

/// Why there is no practice grid.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot make the practice grid's certificate: {0}")]
    Certificate(String),
    #[error("the system gave no random numbers")]
    Random,
    #[error("cannot listen on port {port} of the loopback address: {cause}")]
    Listen { port: u16, cause: String },
    #[error("cannot start the practice grid's thread: {0}")]
    Thread(String),
    #[error(transparent)]
    World(#[from] world::Error),
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Listen { port, cause } => {
                Say::new("error-practice-listen").with("port", port.to_string()).with("cause", cause)
            }
            other => Say::new("error-practice-start").with("cause", other.to_string()),
        }
    }
}

/// What the grid's tasks share.
struct Shared {
    controller: Mutex<Controller>,
    identity: Identity,
    /// In the order of [`Role::ALL`].
    accounts: [Account; 4],
    clock: Clock,
    /// Somebody came or went.
    audience: Notify,
    /// Somebody may have asked an owner for something.
    requests: Notify,
}

impl Shared {
    fn controller(&self) -> MutexGuard<'_, Controller> {
        // Every call leaves the controller whole; a thread that died in one changes nothing about that.
        self.controller.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        match self.clock {
            Clock::System => Utc::now(),
            Clock::Fixed(now) => now,
        }
    }

    fn poke(&self) {
        self.audience.notify_one();
        self.requests.notify_one();
    }

    fn publish_next(&self) -> Result<(), Error> {
        let (now, mut controller) = (self.now(), self.controller());
        let told = controller.stage.next(now)?;
        controller.deliver(told, now);
        Ok(())
    }

    fn owner(&self) -> Option<BareJid> {
        world::account(stage::OWNER).ok()
    }

    /// How long until the owner must be made to decide; `None` while nothing waits or somebody sits there.
    fn until_decision(&self, patience: Duration) -> Option<Duration> {
        let controller = self.controller();
        let due = controller.stage.due(TimeDelta::from_std(patience).ok()?)?;
        let away = self.owner().is_some_and(|owner| !controller.is_present(&owner));
        away.then(|| (due - self.now()).to_std().unwrap_or_default())
    }

    fn decide(&self, patience: Duration) {
        let (now, mut controller) = (self.now(), self.controller());
        if let Ok(patience) = TimeDelta::from_std(patience) {
            let told = controller.stage.decide(now, patience);
            controller.deliver(told, now);
        }
    }
}

/// A running practice grid; dropping it ends it.
pub struct Grid {
    shared: Arc<Shared>,
    dial: Arc<Dialer>,
    pace: watch::Sender<Pace>,
    port: Option<u16>,
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Grid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grid").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Grid {
    /// Starts a grid: some tens of milliseconds, most of it for keys and the world.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub fn start(options: Options) -> Result<Self, Error> {
        let now = match options.clock {
            Clock::System => Utc::now(),
            Clock::Fixed(now) => now,
        };
        let stage = Stage::new(options.seed, now)?;
        let fixed = options.port.is_some();
        let [one, two, three, four] = Role::ALL.map(|role| Account::new(role, fixed));
        let accounts = [one?, two?, three?, four?];
        let shared = Arc::new(Shared {
            controller: Mutex::new(Controller::new(stage, accounts.iter().map(|own| own.jid.clone()).collect())),
            identity: Identity::new(Utc::now())?,
            accounts,
            clock: options.clock,
            audience: Notify::new(),
            requests: Notify::new(),
        });
        let listener = options.port.map(listen).transpose()?;
        let port = listener.as_ref().and_then(|own| own.local_addr().ok()).map(|address| address.port());
        let thread_error = |error: io::Error| Error::Thread(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(thread_error)?;
        let (pace, _) = watch::channel(options.pace);
        let (stop, stopped) = watch::channel(());
        let (dial, dialled) = mpsc::channel(SESSIONS);
        let work =
            Work { shared: shared.clone(), dialled, listener, pace: pace.subscribe(), stopped, seed: options.seed };
        let thread = std::thread::Builder::new().name("practice-grid".to_owned());
        let thread = thread.spawn(move || work.run(&runtime)).map_err(thread_error)?;
        let dial = Arc::new(Dialer(dial));
        Ok(Self { shared, dial, pace, port, stop: Some(stop), thread: Some(thread) })
    }

    /// Makes links to the controller, through memory.
    #[must_use]
    pub fn dial(&self) -> Arc<dyn Dial> {
        self.dial.clone()
    }

    /// The grid's certificate authority (DER), which no other trusts.
    #[must_use]
    pub fn ca(&self) -> Arc<[u8]> {
        self.shared.identity.ca.clone()
    }

    /// The same in PEM, for other clients.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.shared.identity.ca_pem
    }

    /// The loopback port other clients may use, if one was asked for.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The account for a role.
    #[must_use]
    pub fn account(&self, role: Role) -> Account {
        let [analyst, publisher, owner, outsider] = &self.shared.accounts;
        let account = match role {
            Role::Analyst => analyst,
            Role::Publisher => publisher,
            Role::Owner => owner,
            Role::Outsider => outsider,
        };
        account.clone()
    }

    #[must_use]
    pub fn broker(&self) -> BareJid {
        self.shared.controller().stage.broker.jid().clone()
    }

    /// The items a topic holds now, oldest first: id and payload.
    #[must_use]
    pub fn stored(&self, node: &str) -> Vec<(String, Arc<[u8]>)> {
        self.shared.controller().stage.broker.stored(node)
    }

    /// Looks at the broker from outside, as no client can.
    pub fn look<T>(&self, see: impl FnOnce(&broker::Broker) -> T) -> T {
        see(&self.shared.controller().stage.broker)
    }

    pub fn set_pace(&self, pace: Pace) {
        let _ = self.pace.send_replace(pace);
    }

    /// Lets the next thing happen now.
    ///
    /// # Errors
    /// Never for the world as it is written.
    pub fn publish_next(&self) -> Result<(), Error> {
        self.shared.publish_next()
    }

    /// Lets the owner of the other topics decide now about all that waits.
    pub fn tick(&self) {
        self.shared.decide(Duration::ZERO);
    }

    /// Breaks all connections without a word, as when a cable is pulled.
    pub fn cut(&self) {
        self.shared.controller().end_all(End::Cut);
        self.shared.poke();
    }

    /// Sends `count` events of `size` bytes to everyone who reads `node` and is there, as fast as the links take them.
    /// They are not stored. Gives the number of events sent to the first reader.
    pub async fn flood(&self, node: &str, count: u64, size: usize) -> u64 {
        let readers = self.shared.controller().readers(node);
        let (broker, now) = (self.broker(), self.shared.now());
        let mut all = Vec::new();
        for (jid, outbox) in readers {
            if let Ok(template) = flood::Template::new(&broker, node, &jid, size, now) {
                all.push((template, outbox));
            }
        }
        for number in 0..count {
            for (at, (template, outbox)) in all.iter().enumerate() {
                if outbox.room().await {
                    outbox.push(template.event(number));
                } else if at == 0 {
                    return number;
                }
            }
        }
        if all.is_empty() { 0 } else { count }
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread catches nothing of ours; had it panicked, there is nothing left to end.
            let _ = thread.join();
        }
    }
}

fn listen(port: u16) -> Result<TcpListener, Error> {
    let failed = |cause: io::Error| Error::Listen { port, cause: cause.to_string() };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// What the grid's thread does.
struct Work {
    shared: Arc<Shared>,
    dialled: mpsc::Receiver<Box<dyn Link>>,
    listener: Option<TcpListener>,
    pace: watch::Receiver<Pace>,
    stopped: watch::Receiver<()>,
    seed: u64,
}

impl Work {
    fn run(self, runtime: &Runtime) {
        runtime.block_on(self.accept());
    }

    async fn accept(mut self) {
        let listener = self.listener.take().and_then(|listener| tokio::net::TcpListener::from_std(listener).ok());
        let mut sessions = JoinSet::new();
        let mut world = JoinSet::new();
        let _ = world.spawn(pace::happen(self.shared.clone(), self.pace.clone(), self.seed));
        let _ = world.spawn(pace::decide(self.shared.clone(), self.pace));
        loop {
            let tcp = async {
                match &listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            let (link, door): (Box<dyn Link>, Door) = tokio::select! {
                _ = self.stopped.changed() => break,
                Some(link) = self.dialled.recv() => (link, Door::Memory),
                Ok((socket, _)) = tcp => {
                    let _ = socket.set_nodelay(true);
                    (Box::new(socket), Door::Port)
                }
            };
            while sessions.try_join_next().is_some() {}
            if sessions.len() < SESSIONS {
                let _ = sessions.spawn(session::serve(self.shared.clone(), link, door));
            }
        }
        world.abort_all();
        self.shared.controller().end_all(End::Condition("system-shutdown"));
        let all = async { while sessions.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(PARTING, all).await;
    }
}

/// Memory links into the grid.
struct Dialer(mpsc::Sender<Box<dyn Link>>);

impl Dial for Dialer {
    fn dial<'a>(&'a self, target: &'a Target) -> Dialing<'a> {
        Box::pin(async {
            let (near, far) = tokio::io::duplex(PIPE);
            let gone = |_| dial::Error::Link { target: target.host.clone(), why: dial::Cause::Refused };
            self.0.send(Box::new(far)).await.map_err(gone)?;
            Ok(Dialed::pipe(Box::new(near)))
        })
    }

    fn target(&self) -> String {
        DOMAIN.to_owned()
    }
}
