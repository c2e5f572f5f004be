//! Why the engine could not do something, typed by cause; [`Error::say`] names the words.

use crate::model::Say;

/// An engine error: what kind, so that the actor knows whether to try again; the words; the cause underneath.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No byte stream: refused, unreachable, name not found.
    #[error("cannot reach {target}: {cause}")]
    Unreachable { target: String, cause: String },
    /// No answer in time.
    #[error("no answer in time while {what}")]
    Timeout { what: &'static str },
    /// There is no session.
    #[error("offline")]
    Offline,
    /// The broker refused; the condition is RFC 6120 §8.3.3's or XEP-0060's own.
    #[error("refused: {condition}")]
    Refused { say: Say, condition: String },
    /// The session's layers failed (TLS, SASL, stream); `retry` tells whether trying again can mend it.
    #[error("session failed: {cause}")]
    Session { say: Say, cause: String, retry: bool },
    /// The controller's certificate was refused: `say` for the whole, each fault in its own words in `faults`.
    #[error("certificate of {domain} refused")]
    Certificate { domain: String, fingerprint: String, say: Say, faults: Vec<Say> },
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

impl Error {
    /// Whether another attempt by itself makes sense. A wrong password or a bad certificate waits for the person.
    #[must_use]
    pub fn retries(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            Self::Session { retry, .. } => *retry,
            Self::Offline | Self::Refused { .. } | Self::Certificate { .. } | Self::Store(_) => false,
        }
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Unreachable { target, cause } => {
                Say::new("error-unreachable").with("target", target).with("cause", cause)
            }
            Self::Timeout { what } => Say::new("error-timeout").with("what", *what),
            Self::Offline => Say::new("error-offline"),
            Self::Refused { say, .. } | Self::Session { say, .. } | Self::Certificate { say, .. } => say.clone(),
            Self::Store(error) => error.say(),
        }
    }

    /// Further lines to show below [`Error::say`]: each fault of a refused certificate.
    #[must_use]
    pub fn details(&self) -> &[Say] {
        match self {
            Self::Certificate { faults, .. } => faults,
            _ => &[],
        }
    }
}
