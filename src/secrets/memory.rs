//! Passwords kept for this run only: the fallback, and what tests use.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Call, Secret, SecretStore, State, entry_key};

/// Keeps passwords in memory; they are wiped when it goes.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<HashMap<String, Secret>>,
}

impl Memory {
    fn kept(&self) -> MutexGuard<'_, HashMap<String, Secret>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for Memory {
    fn probe(&self) -> Call<State> {
        Call::ready(Ok(State::Ready))
    }

    fn get(&self, profile: &str) -> Call<Option<Secret>> {
        Call::ready(Ok(self.kept().get(&entry_key(profile)).cloned()))
    }

    fn set(&self, profile: &str, password: Secret) -> Call<()> {
        let _ = self.kept().insert(entry_key(profile), password);
        Call::ready(Ok(()))
    }

    fn remove(&self, profile: &str) -> Call<()> {
        let _ = self.kept().remove(&entry_key(profile));
        Call::ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_replaces_and_forgets() {
        let memory = Memory::default();
        let get = |name| memory.get(name).wait().map(|secret| secret.map(|secret| secret.expose().to_owned()));
        assert_eq!(get("a"), Ok(None));
        memory.set("a", Secret::new("1".to_owned())).wait().unwrap();
        memory.set("b", Secret::new("2".to_owned())).wait().unwrap();
        memory.set("a", Secret::new("3".to_owned())).wait().unwrap();
        assert_eq!(get("a"), Ok(Some("3".to_owned())));
        memory.remove("a").wait().unwrap();
        memory.remove("a").wait().unwrap();
        assert_eq!((get("a"), get("b")), (Ok(None), Ok(Some("2".to_owned()))));
    }
}
