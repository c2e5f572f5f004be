//! From what was asked to a session: the account, its password, the engine.

use std::sync::Arc;
use std::time::Duration;

use super::args::{Ask, Grid};
use super::{Exit, Stop, out};
use crate::engine::{self, Command, Connection, Event, Events, Handle, Login, Policy, Trust};
use crate::i18n::Catalog;
use crate::model::{Say, Tls};
use crate::practice;
use crate::secrets::{Keychain, Realm, Secret, SecretStore};
use crate::settings::{File, Paths, Profile};
use crate::store::Store;

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// All that is needed before the first byte is sent.
pub enum Prepared {
    Practice { seed: u64 },
    Real(Box<Login>),
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
    _grid: Option<practice::Grid>,
}

/// Finds account and password. Blocks on the keychain, so not to be called within the runtime.
///
/// # Errors
/// [`Exit::Usage`] when profile or password are not to be had.
pub fn prepare(ask: &Ask) -> Result<Prepared, Stop> {
    match &ask.grid {
        Grid::Practice { seed } => Ok(Prepared::Practice { seed: seed.unwrap_or_default() }),
        Grid::Given { profile, password } => Ok(real(profile, password.read()?)),
        Grid::Profile { name, password } => {
            let profile = profile(ask, name)?;
            let secret = match password {
                Some(source) => source.read()?,
                None => kept(name)?,
            };
            Ok(real(&profile, secret))
        }
    }
}

fn real(profile: &Profile, password: Secret) -> Prepared {
    Prepared::Real(Box::new(Login::of(profile, password)))
}

fn profile(ask: &Ask, name: &str) -> Result<Profile, Stop> {
    let paths = Paths::find(ask.home.as_deref(), std::env::var_os("GRIDWATCH_HOME"));
    let loaded = paths.map(|paths| File::new(&paths).load()).map_err(|error| Stop::usage(error.say()))?;
    match (loaded.settings.profile(name), loaded.trouble) {
        (Some(profile), _) => Ok(profile.clone()),
        (None, Some(error)) => Err(Stop::usage(error.say())),
        (None, None) => Err(Stop::usage(Say::new("cli-no-profile").with("name", name))),
    }
}

/// The password the keychain keeps for a profile.
fn kept(name: &str) -> Result<Secret, Stop> {
    match Keychain::new(Realm::Grid).get(name).wait() {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err(Stop::usage(Say::new("cli-no-password").with("name", name))),
        Err(error) => Err(Stop::usage(error.say())),
    }
}

impl Prepared {
    /// Starts the engine and has it connect; whether that works out, [`Session::next`] tells.
    pub async fn open(self, catalog: &Catalog, store: Arc<dyn Store>) -> Result<Session<'_>, Stop> {
        let (login, grid) = match self {
            Self::Real(login) => (login, None),
            Self::Practice { seed } => {
                let (login, grid) = practice_login(seed)?;
                (Box::new(login), Some(grid))
            }
        };
        let (handle, events) = engine::spawn(store.clone(), engine::Options::default());
        let mut session = Session { store, catalog, handle, events, online: false, noticed: false, _grid: grid };
        session.send(Command::Connect(login))?;
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
                Event::Connection(Connection::Stopped { cause }) => {
                    return Err(Stop::new(Exit::NoSession, cause.say()));
                }
                Event::Connection(Connection::Waiting { cause, .. }) if self.online => self.note(&cause.say()),
                // A script wants to know at once; who waits for a grid to come up can try again.
                Event::Connection(Connection::Waiting { cause, .. }) => {
                    return Err(Stop::new(Exit::NoSession, cause.say()));
                }
                Event::Notice { say, .. } => {
                    self.noticed = true;
                    self.note(say);
                }
                _ => {}
            }
        }
        Ok(events)
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

    /// Says goodbye to the controller, as long as that is quick.
    pub async fn close(mut self) {
        if self.send(Command::Quit).is_ok() {
            let gone = async { while self.events.next().await.is_some() {} };
            let _ = tokio::time::timeout(GOODBYE, gone).await;
        }
    }
}
