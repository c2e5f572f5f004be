//! The keychains of macOS and Windows, through `keyring`'s facade. Not run by the tests: they are Linux's.

use std::sync::atomic::{AtomicU32, Ordering};

use keyring::Entry;

use super::super::worker::Asking;
use super::super::{Error, State};

/// Numbers the canaries of this process.
static CANARIES: AtomicU32 = AtomicU32::new(0);

/// How the keychain stands: what a canary meets.
pub fn state(service: &str) -> Result<State, Error> {
    let name = format!("probe.{}.{}", std::process::id(), CANARIES.fetch_add(1, Ordering::Relaxed));
    let tried = entry(service, &name).and_then(|entry| {
        entry.set_password("probe").map_err(explain)?;
        entry.delete_credential().map_err(explain)
    });
    match tried {
        Ok(()) => Ok(State::Ready),
        Err(Error::Unavailable(state)) => Ok(state),
        Err(error) => Err(error),
    }
}

/// Here every access may ask its owner by itself; it cannot be told beforehand.
pub fn unlock(asking: &Asking<'_>) -> Result<(), Error> {
    asking.person();
    Ok(())
}

/// The entry `key`, which need not exist.
pub fn entry(service: &str, key: &str) -> Result<Entry, Error> {
    #[cfg(windows)]
    if keyring::Entry::store_status().is_ok() {
        // The store's own default roams with the user's profile (`security.md` §4).
        let local = std::collections::HashMap::from([("persistence", "Local")]);
        let inner = keyring_core::Entry::new_with_modifiers(service, key, &local).map_err(explain)?;
        return Ok(Entry { inner });
    }
    Entry::new(service, key).map_err(explain)
}

/// What a failed call says of the keychain's state.
pub fn explain(error: keyring::Error) -> Error {
    match error {
        keyring::Error::NoDefaultStore => Error::Unavailable(State::Absent),
        keyring::Error::NoStorageAccess(_) => Error::Unavailable(State::Locked),
        keyring::Error::Ambiguous(entries) => Error::Ambiguous { count: entries.len() },
        // These two print the secret's bytes.
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
            Error::Refused { cause: "the entry is not a text".to_owned() }
        }
        error => Error::Refused { cause: error.to_string() },
    }
}
