//! From what was asked to a session: the account, its secrets, what is remembered of its controller, the engine.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use super::args::{Ask, Grid, Secrets};
use super::password::Source;
use super::signal::Signals;
use super::{Exit, Stop, out};
use crate::engine::{
    self, Command, Connection, Event, Events, Handle, Keys, Login, Policy, Receipt, Remembered, RequestId, Trust,
    Unseen,
};
use crate::i18n::Catalog;
use crate::model::session::{Certificate, Refused, Why};
use crate::model::{BareJid, Fingerprint, Known, Learned, Say, Tls, TopicId};
use crate::practice;
use crate::secrets::{Keychain, Kind, Realm, SecretStore};
use crate::settings::known::{Decision, Ledger};
use crate::settings::{File, Paths, Profile};
use crate::store::activity::{By, Kind as Act};
use crate::store::{self, Store};

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// All that is needed before the first byte is sent.
pub enum Prepared {
    Practice { seed: u64 },
    Real(Box<Account>),
}

/// An account with what is remembered of its controller and where that is written.
pub struct Account {
    login: Login,
    ledger: Option<Ledger>,
    /// The certificate to believe where it is new or has changed; no other then is.
    accept: Option<Fingerprint>,
}

/// What is held before it is done, for the log of acts.
#[derive(Clone, Debug)]
pub struct Holding {
    pub kind: Act,
    pub topic: TopicId,
    pub subject: String,
    pub reason: String,
}

impl Holding {
    fn command(self, undone: bool) -> Command {
        let Self { kind, topic, subject, reason } = self;
        Command::Held { kind, by: By::Person, topic, subject, reason, undone }
    }
}

/// A running engine.
pub struct Session<'a> {
    pub store: Arc<dyn Store>,
    catalog: &'a Catalog,
    handle: Handle,
    events: Events,
    online: bool,
    /// A notice was given: something on the way was not as it should be.
    noticed: bool,
    /// Why a broker could not be asked for all requests, as it was told last.
    trouble: Option<Say>,
    account: Option<Box<Account>>,
    me: BareJid,
    asked: u64,
    /// What is held now.
    held: Vec<Holding>,
    _grid: Option<practice::Grid>,
}

/// Finds account, secrets and what is remembered. Blocks on the keychain and on files, so not to be called within the
/// runtime.
///
/// # Errors
/// [`Exit::Usage`] when profile or secrets are not to be had.
pub fn prepare(ask: &Ask, signals: &Signals) -> Result<Prepared, Stop> {
    match &ask.grid {
        Grid::Practice { seed } => Ok(Prepared::Practice { seed: seed.unwrap_or_default() }),
        Grid::Given { profile, secrets } => real(profile, given(*secrets, signals)?, ask),
        Grid::Profile { name, secrets } => {
            let paths = paths(ask).map_err(|error| Stop::usage(error.say()))?;
            let profile = profile(&paths, name)?;
            let mut keys = given(*secrets, signals)?;
            complete(&mut keys, &profile, signals)?;
            real(&profile, keys, ask)
        }
    }
}

fn real(profile: &Profile, keys: Keys, ask: &Ask) -> Result<Prepared, Stop> {
    // Without a place for files there is nothing to remember, and no reason not to work.
    let paths = paths(ask).ok();
    let ledger = paths.as_ref().map(Ledger::new);
    let known = ledger.as_ref().map_or_else(|| Ok(Known::default()), |ledger| ledger.get(&profile.jid));
    let known = Arc::new(known.map_err(|error| Stop::usage(error.say()))?);
    let cache = paths.map(|paths| paths.state().join("crls"));
    // Nobody is there to be asked at a first meeting, unless it was said before whom to expect; every later change is
    // refused.
    let unseen = if ask.accept.is_some() { Unseen::Ask } else { Unseen::Accept };
    let remembered = Remembered { known, unseen, cache };
    let login = Login::ready(profile, keys, remembered).map_err(|error| Stop::usage(error.say()))?;
    Ok(Prepared::Real(Box::new(Account { login, ledger, accept: ask.accept })))
}

fn paths(ask: &Ask) -> Result<Paths, crate::settings::Error> {
    Paths::find(ask.home.as_deref(), std::env::var_os("GRIDWATCH_HOME"))
}

/// A saved profile.
pub fn profile(paths: &Paths, name: &str) -> Result<Profile, Stop> {
    let loaded = File::new(paths).load();
    match (loaded.settings.profile(name), loaded.trouble) {
        (Some(profile), _) => Ok(profile.clone()),
        (None, Some(error)) => Err(Stop::usage(error.say())),
        (None, None) => Err(Stop::usage(Say::new("cli-no-profile").with("name", name))),
    }
}

/// The secrets the command line gives sources for.
fn given(secrets: Secrets, signals: &Signals) -> Result<Keys, Stop> {
    let read = |source: Option<Source>| source.map(|source| source.read(signals)).transpose();
    Ok(Keys { password: read(secrets.password)?, passphrase: read(secrets.passphrase)?, proxy: read(secrets.proxy)? })
}

/// Adds what the keychain keeps for a profile and the command line did not give.
fn complete(keys: &mut Keys, profile: &Profile, signals: &Signals) -> Result<(), Stop> {
    let _waiting = signals.waiting(None)?;
    let keychain = Keychain::new(Realm::Grid);
    let kept = |kind: Kind| keychain.get(&kind.entry(&profile.name)).wait();
    if keys.password.is_none() {
        keys.password = match kept(Kind::Password) {
            Ok(Some(secret)) => Some(secret),
            // The certificate may be all there is.
            _ if profile.certificate.is_some() => None,
            Ok(None) => return Err(Stop::usage(Say::new("cli-no-password").with("name", &profile.name))),
            Err(error) => return Err(Stop::usage(error.say())),
        };
    }
    // A file or a proxy may do without: the attempt then says that a secret was missing.
    if keys.passphrase.is_none() && profile.certificate.is_some() {
        keys.passphrase = kept(Kind::Certificate).unwrap_or_default();
    }
    if keys.proxy.is_none() && profile.proxy.as_ref().is_some_and(|proxy| proxy.user.is_some()) {
        keys.proxy = kept(Kind::Proxy).unwrap_or_default();
    }
    Ok(())
}

impl Account {
    /// Remembers what a connection taught.
    async fn learn(&mut self, learned: Learned) -> Result<(), crate::settings::Error> {
        let mut known = Known::clone(&self.login.policy.known);
        known.learn(&learned, Utc::now());
        self.login.policy.known = Arc::new(known);
        self.write(move |ledger, jid| ledger.learn(jid, &learned, Utc::now())).await.map(drop)
    }

    /// Believes a certificate the person named; only what is on the disk counts as decided, where there is one.
    async fn decide(&mut self, decision: Decision) -> Result<(), crate::settings::Error> {
        let mut known = Known::clone(&self.login.policy.known);
        decision.apply(&mut known, Utc::now());
        let written = self.write(move |ledger, jid| ledger.decide(jid, &[decision], Utc::now())).await?;
        self.login.policy.known = Arc::new(written.unwrap_or(known));
        Ok(())
    }

    /// `None` where there is no place for files.
    async fn write(
        &self,
        work: impl FnOnce(&Ledger, &BareJid) -> Result<Known, crate::settings::Error> + Send + 'static,
    ) -> Result<Option<Known>, crate::settings::Error> {
        let Some(ledger) = self.ledger.clone() else { return Ok(None) };
        let jid = self.login.jid.clone();
        let written = tokio::task::spawn_blocking(move || work(&ledger, &jid)).await;
        written.map_or(Ok(None), |known| known.map(Some))
    }

    /// The certificate shown, where it is the one to accept.
    fn accepts<'a>(&self, refused: &'a Refused) -> Option<&'a Certificate> {
        let certificate = refused.certificate.as_ref()?;
        let wanted = self.accept?;
        let compared = certificate.fingerprint == wanted || certificate.key == wanted;
        (compared && matches!(refused.why, Why::Changed(_) | Why::Unseen)).then_some(certificate)
    }
}

impl Prepared {
    /// The account, where it is one of a real grid.
    pub fn jid(&self) -> Option<&BareJid> {
        match self {
            Self::Practice { .. } => None,
            Self::Real(account) => Some(&account.login.jid),
        }
    }

    /// Starts the engine and has it connect; whether that works out, [`Session::next`] tells.
    pub async fn open(self, catalog: &Catalog, store: Arc<dyn Store>) -> Result<Session<'_>, Stop> {
        let (login, account, grid) = match self {
            Self::Real(account) => (account.login.clone(), Some(account), None),
            Self::Practice { seed } => {
                let (login, grid) = practice_login(seed)?;
                (login, None, Some(grid))
            }
        };
        let (handle, events) = engine::spawn(store.clone(), engine::Options::default());
        let me = login.jid.clone();
        let (online, noticed, asked) = (false, false, 0);
        let mut session = Session {
            store,
            catalog,
            handle,
            events,
            online,
            noticed,
            trouble: None,
            account,
            me,
            asked,
            held: Vec::new(),
            _grid: grid,
        };
        session.send(Command::Connect(Box::new(login)))?;
        Ok(session)
    }
}

fn practice_login(seed: u64) -> Result<(Login, practice::Grid), Stop> {
    let options = practice::Options { seed, ..practice::Options::default() };
    let grid = practice::Grid::start(options).map_err(|error| Stop::new(Exit::NoSession, error.say()))?;
    let account = grid.account(practice::Role::Analyst);
    let login = Login {
        jid: account.jid,
        resource: "gridwatch".to_owned(),
        credentials: account.password.into(),
        dial: grid.dial(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        broker: None,
    };
    Ok((login, grid))
}

/// The session is over, and trying again by itself would not mend it.
fn stopped(cause: &engine::Error) -> Stop {
    let full = matches!(cause, engine::Error::Store(store::Error::Full { .. }));
    Stop::new(if full { Exit::Full } else { Exit::NoSession }, cause.say())
}

impl Session<'_> {
    /// The next events. Connection and notices are dealt with here: what can be mended by itself is said on standard
    /// error once there was a session, what cannot ends the verb.
    ///
    /// # Errors
    /// [`Exit::NoSession`] with the cause.
    pub async fn next(&mut self) -> Result<Vec<Event>, Stop> {
        let Some(events) = self.events.next().await else {
            return Err(Stop::new(Exit::NoSession, engine::Error::Offline.say()));
        };
        for event in &events {
            match event {
                Event::Connection(Connection::Online(_)) => self.online = true,
                Event::Connection(Connection::Stopped { cause }) => match cause.refused() {
                    Some(refused) => self.refused(&Arc::clone(refused), cause.say()).await?,
                    None => return Err(stopped(cause)),
                },
                Event::Learned { learned, .. } => self.learn(learned.clone()).await,
                Event::Connection(Connection::Waiting { cause, .. }) if self.online => self.note(&cause.say()),
                // A script wants to know at once; who waits for a grid to come up can try again.
                Event::Connection(Connection::Waiting { cause, .. }) => {
                    return Err(Stop::new(Exit::NoSession, cause.say()));
                }
                Event::Notice { say, .. } => {
                    self.noticed = true;
                    self.note(say);
                }
                Event::Requests { trouble, .. } => self.trouble.clone_from(trouble),
                _ => {}
            }
        }
        Ok(events)
    }

    /// A certificate stopped the attempt. The one the person named is believed and another attempt begins; else both
    /// fingerprints are told.
    async fn refused(&mut self, refused: &Refused, say: Say) -> Result<(), Stop> {
        let accepted = self.account.as_ref().and_then(|account| account.accepts(refused)).cloned();
        if let Some(certificate) = accepted {
            let Some(account) = &mut self.account else { return Ok(()) };
            let decision = Decision::Accept { certificate: certificate.fingerprint, key: certificate.key };
            account.decide(decision).await.map_err(|error| Stop::new(Exit::NoSession, error.say()))?;
            let login = account.login.clone();
            self.note(&Say::new("cli-certificate-accepted").with("shown", certificate.fingerprint.to_string()));
            return self.send(Command::Connect(Box::new(login)));
        }
        if self.account.as_ref().is_some_and(|account| account.accept.is_some()) {
            self.note(&Say::new("cli-certificate-other"));
        }
        let Some(certificate) = &refused.certificate else { return Err(Stop::new(Exit::NoSession, say)) };
        let shown = Say::new("cli-certificate-shown")
            .with("shown", certificate.fingerprint.to_string())
            .with("key", certificate.key.to_string());
        match &refused.why {
            Why::Changed(seen) => {
                let known = Say::new("cli-certificate-known")
                    .with("known", seen.certificate.to_string())
                    .with("key", seen.key.to_string())
                    .with("last", self.catalog.time(seen.last));
                self.note(&say);
                self.note(&known);
                Err(Stop::new(Exit::Certificate, shown))
            }
            Why::NotPinned(pins) => {
                self.note(&say);
                for pin in pins {
                    self.note(&Say::new("cli-certificate-pinned").with("pin", pin.to_string()));
                }
                Err(Stop::new(
                    Exit::Certificate,
                    Say::new("cli-certificate-not-pinned").with("key", certificate.key.to_string()),
                ))
            }
            Why::Faults(faults) => {
                for fault in faults.iter().skip(usize::from(faults.len() == 1)) {
                    self.note(&fault.cause);
                }
                Err(Stop::new(Exit::NoSession, say))
            }
            Why::Unseen => {
                self.note(&say);
                Err(Stop::new(Exit::Certificate, shown))
            }
        }
    }

    /// What could not be written is said; the session goes on.
    async fn learn(&mut self, learned: Learned) {
        let Some(account) = &mut self.account else { return };
        if let Err(error) = account.learn(learned).await {
            self.note(&error.say());
        }
    }

    /// Why a broker did not name all requests, when it was asked.
    pub fn trouble(&self) -> Option<&Say> {
        self.trouble.as_ref()
    }

    /// Whether the brokers were read, by what the engine says of its list: an incomplete one for which nobody was told a
    /// reason is being read anew.
    pub fn was_read(&self, complete: bool) -> bool {
        complete || !self.noticed
    }

    pub fn note(&self, say: &Say) {
        out::note(&self.catalog.say(say));
    }

    pub fn catalog(&self) -> &Catalog {
        self.catalog
    }

    fn send(&mut self, command: Command) -> Result<(), Stop> {
        self.handle.send(command).map_err(|error| Stop::new(Exit::NoSession, error.say()))
    }

    /// Whose it is.
    pub fn me(&self) -> &BareJid {
        &self.me
    }

    /// Has a command done and waits for its answer, over breaks of the connection.
    ///
    /// # Errors
    /// As [`Session::next`].
    pub async fn ask(
        &mut self,
        command: impl FnOnce(RequestId) -> Command,
    ) -> Result<Result<Receipt, engine::Error>, Stop> {
        self.asked += 1;
        let request = RequestId(self.asked);
        self.send(command(request))?;
        loop {
            for event in self.next().await? {
                match event {
                    Event::Done { request: answered, result } if answered == request => return Ok(result),
                    _ => {}
                }
            }
        }
    }

    /// Holds what is to be done for some seconds, by these words. Whoever ends it meanwhile has taken it back; both stand in
    /// the log of acts.
    ///
    /// # Errors
    /// Without an engine.
    pub async fn hold(&mut self, key: &'static str, seconds: u8, held: Vec<Holding>) -> Result<(), Stop> {
        self.note(&Say::new(key).with("seconds", seconds.to_string()));
        for one in held {
            self.hand(one.clone().command(false)).await?;
            self.held.push(one);
        }
        tokio::time::sleep(Duration::from_secs(seconds.into())).await;
        self.held.clear();
        Ok(())
    }

    /// Hands a command over when there is room for it.
    async fn hand(&self, command: Command) -> Result<(), Stop> {
        self.handle.hand(command).await.map_err(|error| Stop::new(Exit::NoSession, error.say()))
    }

    /// Says goodbye to the controller, as long as that is quick.
    pub async fn close(mut self) {
        for one in std::mem::take(&mut self.held) {
            let _ = self.hand(one.command(true)).await;
        }
        if self.send(Command::Quit).is_ok() {
            let gone = async { while self.events.next().await.is_some() {} };
            let _ = tokio::time::timeout(GOODBYE, gone).await;
        }
    }
}
