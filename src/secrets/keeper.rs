//! The keychain with this run's memory behind it: a password the keychain cannot take is kept until the program ends,
//! and the person is told so.

use std::sync::Arc;

use super::{Error, Memory, Secret, SecretStore};

/// Where a password went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    Keychain,
    /// For this run only, and why.
    Session(Error),
}

/// Cheap to clone; clones share what they keep.
#[derive(Clone)]
pub struct Keeper {
    keychain: Arc<dyn SecretStore>,
    memory: Arc<Memory>,
}

impl Keeper {
    #[must_use]
    pub fn new(keychain: Arc<dyn SecretStore>) -> Self {
        Self { keychain, memory: Arc::default() }
    }

    /// The store behind, for its state.
    #[must_use]
    pub fn keychain(&self) -> &dyn SecretStore {
        &*self.keychain
    }

    /// The password of a profile: this run's, else the keychain's. May wait for a person; dropping it cancels.
    ///
    /// # Errors
    /// When the keychain could not say, which is not the same as having none.
    pub async fn find(&self, profile: &str) -> Result<Option<Secret>, Error> {
        match self.memory.get(profile).await? {
            Some(secret) => Ok(Some(secret)),
            None => self.keychain.get(profile).await,
        }
    }

    /// Keeps a password, in the keychain if it takes it. May wait for a person; when that is cancelled the password
    /// still lasts for this run.
    pub async fn keep(&self, profile: &str, password: Secret) -> Kept {
        // Memory never fails and answers at once.
        let _ = self.memory.set(profile, password.clone()).await;
        match self.keychain.set(profile, password).await {
            Ok(()) => {
                let _ = self.memory.remove(profile).await;
                Kept::Keychain
            }
            Err(error) => Kept::Session(error),
        }
    }

    /// Forgets a password in both places.
    ///
    /// # Errors
    /// When the keychain may still have it.
    pub async fn forget(&self, profile: &str) -> Result<(), Error> {
        let _ = self.memory.remove(profile).await;
        self.keychain.remove(profile).await
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Call, State};
    use super::*;

    /// A keychain that stays locked.
    struct Locked;

    const LOCKED: Error = Error::Unavailable(State::Locked);

    impl SecretStore for Locked {
        fn probe(&self) -> Call<State> {
            Call::ready(Ok(State::Locked))
        }
        fn get(&self, _: &str) -> Call<Option<Secret>> {
            Call::ready(Err(LOCKED))
        }
        fn set(&self, _: &str, _: Secret) -> Call<()> {
            Call::ready(Err(LOCKED))
        }
        fn remove(&self, _: &str) -> Call<()> {
            Call::ready(Err(LOCKED))
        }
    }

    fn text(found: Result<Option<Secret>, Error>) -> Result<Option<String>, Error> {
        found.map(|secret| secret.map(|secret| secret.expose().to_owned()))
    }

    #[tokio::test]
    async fn what_the_keychain_does_not_take_lasts_for_this_run() {
        let keeper = Keeper::new(Arc::new(Locked));
        assert_eq!(text(keeper.find("a").await), Err(LOCKED));
        assert_eq!(keeper.keep("a", Secret::new("1".to_owned())).await, Kept::Session(LOCKED));
        assert_eq!(text(keeper.clone().find("a").await), Ok(Some("1".to_owned())));
        assert_eq!(keeper.forget("a").await, Err(LOCKED));
        assert_eq!(text(keeper.find("a").await), Err(LOCKED));
    }

    #[tokio::test]
    async fn what_the_keychain_takes_is_kept_there_alone() {
        let keychain = Arc::new(Memory::default());
        let keeper = Keeper::new(keychain.clone());
        assert_eq!(keeper.keep("a", Secret::new("1".to_owned())).await, Kept::Keychain);
        assert_eq!(text(keeper.memory.get("a").await), Ok(None));
        assert_eq!(text(keychain.get("a").await), Ok(Some("1".to_owned())));
        assert_eq!(text(keeper.find("a").await), Ok(Some("1".to_owned())));
        assert_eq!(keeper.forget("a").await, Ok(()));
        assert_eq!(text(keeper.find("a").await), Ok(None));
    }
}
