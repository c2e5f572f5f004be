//! The Secret Service of a Linux desktop (gnome-keyring, KWallet, KeePassXC…). Every call opens a connection of its
//! own, so that one that hangs holds no lock another needs, and a service that came up later is found.
//! States and causes are those measured in `security.md` §4.

use std::sync::atomic::{AtomicU32, Ordering};

use keyring::Entry;
use keyring_core::api::CredentialStoreApi;
use secret_service::EncryptionType;
use secret_service::blocking::{Collection, SecretService};
use zbus_secret_service_keyring_store::Store;

use super::super::worker::Asking;
use super::super::{Error, State};

/// Numbers the canaries of this process.
static CANARIES: AtomicU32 = AtomicU32::new(0);

/// How the service stands; a locked one is not asked to unlock.
pub fn state(service: &str) -> Result<State, Error> {
    let looked = look().and_then(|locked| if locked { Err(LOCKED) } else { canary(service) });
    match looked {
        Ok(()) => Ok(State::Ready),
        Err(Error::Unavailable(state)) => Ok(state),
        Err(error) => Err(error),
    }
}

const LOCKED: Error = Error::Unavailable(State::Locked);

/// Whether the default collection is locked.
fn look() -> Result<bool, Error> {
    let service = connect()?;
    default(&service)?.is_locked().map_err(|error| cause(&error))
}

/// Writes and removes an entry: only that proves that the keychain keeps something.
fn canary(service: &str) -> Result<(), Error> {
    let name = format!("probe.{}.{}", std::process::id(), CANARIES.fetch_add(1, Ordering::Relaxed));
    let entry = entry(service, &name)?;
    entry.set_password("probe").map_err(explain)?;
    entry.delete_credential().map_err(explain)
}

/// Has the default collection unlocked, by asking its owner where that is needed.
pub fn unlock(asking: &Asking<'_>) -> Result<(), Error> {
    let service = connect()?;
    let collection = default(&service)?;
    if !collection.is_locked().map_err(|error| cause(&error))? {
        return Ok(());
    }
    asking.person();
    collection.unlock().map_err(|error| cause(&error))?;
    if collection.is_locked().map_err(|error| cause(&error))? { Err(LOCKED) } else { Ok(()) }
}

/// The entry `key`, which need not exist.
pub fn entry(service: &str, key: &str) -> Result<Entry, Error> {
    let store = Store::new().map_err(explain)?;
    Ok(Entry { inner: store.build(service, key, None).map_err(explain)? })
}

/// To ask how the service stands. No secret goes either way, so none is agreed on to hide it by: that is reckoned by both
/// sides and took half of the time of each call, five of which a start with a profile waits for. Secrets go by [`entry`],
/// encrypted.
fn connect<'a>() -> Result<SecretService<'a>, Error> {
    // Whatever keeps us from the session bus, no service can be reached without it.
    let bus = zbus::blocking::Connection::session().map_err(|_| Error::Unavailable(State::Absent))?;
    SecretService::connect_with_existing(EncryptionType::Plain, bus).map_err(|error| cause(&error))
}

fn default<'a>(service: &'a SecretService<'_>) -> Result<Collection<'a>, Error> {
    service.get_default_collection().map_err(|error| cause(&error))
}

/// What a failed call says of the keychain's state.
pub fn explain(error: keyring::Error) -> Error {
    match error {
        keyring::Error::PlatformFailure(inner) | keyring::Error::NoStorageAccess(inner) => {
            match inner.downcast_ref::<secret_service::Error>() {
                Some(error) => cause(error),
                None => Error::Refused { cause: inner.to_string() },
            }
        }
        keyring::Error::Ambiguous(entries) => Error::Ambiguous { count: entries.len() },
        // These two print the secret's bytes.
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
            Error::Refused { cause: "the entry is not a text".to_owned() }
        }
        error => Error::Refused { cause: error.to_string() },
    }
}

fn cause(error: &secret_service::Error) -> Error {
    use secret_service::Error as Cause;
    let state = match error {
        Cause::Unavailable => State::Absent,
        Cause::NoResult => State::NotSetUp,
        Cause::Locked | Cause::Prompt | Cause::PromptDisconnected => State::Locked,
        error => {
            let text = error.to_string();
            if !unreachable(&text) {
                return Error::Refused { cause: text };
            }
            State::Absent
        }
    };
    Error::Unavailable(state)
}

/// Whether an error means that nobody is there. zbus carries D-Bus error names in three types; all of them print the
/// name, which the D-Bus specification fixes.
fn unreachable(text: &str) -> bool {
    ["ServiceUnknown", "NameHasNoOwner", "Spawn.", "NoServer", "Disconnected", "NoReply"]
        .iter()
        .any(|name| text.contains(&format!("org.freedesktop.DBus.Error.{name}")))
}
