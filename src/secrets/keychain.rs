//! The operating system's keychain: each call on a thread of its own ([`super::worker`]), its state told apart.

#[cfg(not(all(unix, not(target_os = "macos"))))]
#[path = "keychain/native.rs"]
mod system;
#[cfg(all(unix, not(target_os = "macos")))]
#[path = "keychain/secret_service.rs"]
mod system;

use super::worker::{Call, Patience, Worker};
use super::{Error, Secret, SecretStore, State, entry_key};

/// Whose passwords: the practice grid's never mix with a real one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realm {
    Grid,
    Practice,
}

impl Realm {
    /// The service name of the entries. It is what older versions wrote: never change it.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Grid => "gridwatch",
            Self::Practice => "gridwatch-practice",
        }
    }
}

/// The keychain. Cheap to clone; clones share the count of stuck threads.
#[derive(Clone, Debug)]
pub struct Keychain {
    realm: Realm,
    worker: Worker,
}

impl Keychain {
    #[must_use]
    pub fn new(realm: Realm) -> Self {
        Self::patient(realm, Patience::default())
    }

    /// With deadlines of the caller's own.
    #[must_use]
    pub fn patient(realm: Realm, patience: Patience) -> Self {
        Self { realm, worker: Worker::new(patience) }
    }
}

impl SecretStore for Keychain {
    fn probe(&self) -> Call<State> {
        let service = self.realm.service();
        // A deadline that passed is an answer here, not a failure.
        self.worker.run_or(Ok(State::Frozen), move |_| system::state(service))
    }

    fn get(&self, profile: &str) -> Call<Option<Secret>> {
        let (service, key) = (self.realm.service(), entry_key(profile));
        self.worker.run(move |asking| {
            system::unlock(asking)?;
            match system::entry(service, &key)?.get_password() {
                Ok(password) => Ok(Some(Secret::new(password))),
                // Means "none" only where the keychain proves able to keep something.
                Err(keyring::Error::NoEntry) => match system::state(service)? {
                    State::Ready => Ok(None),
                    state => Err(Error::Unavailable(state)),
                },
                Err(error) => Err(system::explain(error)),
            }
        })
    }

    fn set(&self, profile: &str, password: Secret) -> Call<()> {
        let (service, key) = (self.realm.service(), entry_key(profile));
        self.worker.run(move |asking| {
            system::unlock(asking)?;
            asking.still_wanted()?;
            system::entry(service, &key)?.set_password(password.expose()).map_err(system::explain)
        })
    }

    fn remove(&self, profile: &str) -> Call<()> {
        let (service, key) = (self.realm.service(), entry_key(profile));
        self.worker.run(move |asking| {
            system::unlock(asking)?;
            asking.still_wanted()?;
            match system::entry(service, &key)?.delete_credential() {
                Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
                Err(error) => Err(system::explain(error)),
            }
        })
    }
}
