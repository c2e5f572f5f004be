//! Secrets: the type that never prints itself, and where passwords are kept (`security.md` §4).
//!
//! A leaf: uses nothing of this crate but `model::Say`. Order of trust: the operating system's keychain
//! ([`Keychain`]), else this run only ([`Memory`]); [`Keeper`] is the two together. Never a file. What is in an
//! unlocked keychain any program of the same user can read: it stops who steals the disk, not malware.

mod keeper;
mod keychain;
mod memory;
mod worker;

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::model::Say;

pub use keeper::{Keeper, Kept};
pub use keychain::{Keychain, Realm};
pub use memory::Memory;
pub use worker::{Call, Patience};

/// A password or key in memory. It is wiped when dropped and prints as `***`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a keychain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Reads and writes: proved by writing a canary, since a read alone proves nothing.
    Ready,
    /// There is one, and its owner has not unlocked it.
    Locked,
    /// A service runs, but it has no collection to keep anything in.
    NotSetUp,
    /// No service: none installed, or no session to reach it by.
    Absent,
    /// It was asked and does not answer.
    Frozen,
}

impl State {
    /// What to tell a person; nothing when all is well.
    #[must_use]
    pub fn say(self) -> Option<Say> {
        match self {
            Self::Ready => None,
            Self::Locked => Some(Say::new("error-keychain-locked")),
            Self::NotSetUp => Some(Say::new("error-keychain-not-set-up")),
            Self::Absent => Some(Say::new("error-keychain-absent")),
            Self::Frozen => Some(Say::new("error-keychain-frozen")),
        }
    }
}

/// Why a store did not do it. Never carries a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The keychain is in no state to do it; never [`State::Ready`].
    #[error("the keychain is {0:?}")]
    Unavailable(State),
    /// It answered, with a refusal of its own.
    #[error("the keychain refused: {cause}")]
    Refused { cause: String },
    /// Several entries are kept under the one name; choosing is not ours.
    #[error("{count} entries under one name")]
    Ambiguous { count: usize },
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Unavailable(state) => state.say().unwrap_or_else(|| Say::new("error-keychain-frozen")),
            Self::Refused { cause } => Say::new("error-keychain-refused").with("cause", cause),
            Self::Ambiguous { count } => Say::new("error-keychain-ambiguous").with("count", count.to_string()),
        }
    }
}

/// What a profile has a secret for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The account's password.
    Password,
    /// The passphrase of the client certificate's key.
    Certificate,
    /// The proxy's password.
    Proxy,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Password, Self::Certificate, Self::Proxy];

    /// The name a profile's secret goes by in a [`SecretStore`]: the profile's own for the password, as it was before there
    /// were others; no profile's name has a `#` in it (`settings::Profile::valid_name`). Older entries rest on it: never
    /// change it.
    #[must_use]
    pub fn entry(self, profile: &str) -> String {
        match self {
            Self::Password => profile.to_owned(),
            Self::Certificate => format!("{profile}#certificate"),
            Self::Proxy => format!("{profile}#proxy"),
        }
    }
}

/// The name that the key of an archive's slot goes by in a [`SecretStore`]; no profile's name begins with a `#`. Archives rest
/// on it: never change it.
#[must_use]
pub fn archive_entry(slot: &str) -> String {
    format!("#archive.{slot}")
}

/// Where secrets are kept, one for each [`Kind`] of each profile; where the methods say profile, they mean
/// [`Kind::entry`]. No method blocks: each gives a [`Call`] to await or to drop.
pub trait SecretStore: Send + Sync + 'static {
    /// How the store stands, without disturbing anyone: a locked keychain is not asked to unlock.
    fn probe(&self) -> Call<State>;

    /// The password of a profile; `None` only when the store is sure that it has none.
    fn get(&self, profile: &str) -> Call<Option<Secret>>;

    /// Keeps a password in place of the one there was.
    fn set(&self, profile: &str, password: Secret) -> Call<()>;

    /// Forgets a password; there need not be one.
    fn remove(&self, profile: &str) -> Call<()>;
}

/// The key of a profile's password within its realm. It is what older versions wrote: never change it.
#[must_use]
pub fn entry_key(profile: &str) -> String {
    format!("profile.{profile}.password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_entry_is_stable() {
        assert_eq!(entry_key("CERT 2"), "profile.CERT 2.password");
        let keys = Kind::ALL.map(|kind| entry_key(&kind.entry("CERT 2")));
        let expected =
            ["profile.CERT 2.password", "profile.CERT 2#certificate.password", "profile.CERT 2#proxy.password"];
        assert_eq!(keys, expected);
        assert_eq!(Realm::Grid.service(), "gridwatch");
        assert_eq!(Realm::Practice.service(), "gridwatch-practice");
    }

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "*** Some(\n    ***,\n)");
    }

    #[test]
    fn every_state_but_ready_has_words() {
        for state in [State::Locked, State::NotSetUp, State::Absent, State::Frozen] {
            assert_eq!(state.say(), Some(Error::Unavailable(state).say()));
        }
        assert_eq!(State::Ready.say(), None);
    }
}
