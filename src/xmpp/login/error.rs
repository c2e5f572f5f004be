//! Why a login failed, and whether trying again by itself can mend it.

use super::Step;
use crate::model::Say;
use crate::xmpp::{dial, sasl, sm, stream, tls};

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Dial(#[from] dial::Error),
    /// None of several servers could be reached; why each, best first.
    #[error("none of the {} servers of {domain} can be reached", tried.len())]
    NoServer { domain: String, tried: Vec<Error> },
    #[error("no answer in time while {}", .0.what())]
    Timeout(Step),
    /// The server offers no STARTTLS, or somebody took the offer away: nothing is said in the clear.
    #[error("the server offers no encryption")]
    NoStartTls,
    #[error("the server refuses to start encryption")]
    StartTlsRefused,
    /// Bytes in the clear after `<proceed/>`, meant to be taken for the server's words inside TLS.
    #[error("bytes were slipped in before encryption")]
    Injected,
    #[error(transparent)]
    Tls(#[from] tls::Error),
    #[error(transparent)]
    Sasl(#[from] sasl::Error),
    #[error(transparent)]
    Stream(#[from] stream::Error),
    #[error(transparent)]
    Management(#[from] sm::Error),
    /// The server broke the order of RFC 6120; which rule, for a log.
    #[error("the server broke the protocol: {0}")]
    Protocol(&'static str),
    /// No resource (RFC 6120 §7.6.2).
    #[error("the server gives no resource: {condition}")]
    Bind { condition: String },
}

impl Step {
    /// In words for `error-timeout`'s argument; the window has its own for progress.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Dialing => "connecting",
            Self::Securing => "securing the connection",
            Self::Authenticating => "logging in",
            Self::Binding => "opening the session",
        }
    }
}

impl Error {
    /// Never for a refused login, a certificate or a stripped encryption: a person must look at those first, and an
    /// account is locked by tries.
    #[must_use]
    pub fn retries(&self) -> bool {
        match self {
            Self::Dial(error) => error.retries(),
            // A resumption that failed: without it.
            Self::NoServer { .. } | Self::Timeout(_) | Self::Management(_) => true,
            Self::Tls(error) => error.retries(),
            Self::Sasl(error) => error.retries(),
            Self::Stream(error) => error.retries(),
            Self::Bind { condition } => condition == "resource-constraint",
            Self::NoStartTls | Self::StartTlsRefused | Self::Injected | Self::Protocol(_) => false,
        }
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Dial(error) => error.say(),
            Self::NoServer { domain, tried } => {
                Say::new("error-dial-no-server").with("domain", domain).with("count", tried.len().to_string())
            }
            Self::Timeout(step) => Say::new("error-timeout").with("what", step.what()),
            Self::NoStartTls => Say::new("error-login-no-starttls"),
            Self::StartTlsRefused => Say::new("error-login-starttls-refused"),
            Self::Injected => Say::new("error-login-injected"),
            Self::Tls(error) => error.say(),
            Self::Sasl(error) => error.say(),
            Self::Stream(error) => error.say(),
            Self::Management(error) => error.say(),
            Self::Protocol(rule) => Say::new("error-login-protocol").with("rule", *rule),
            Self::Bind { condition } => Say::new("error-login-bind").with("condition", sasl::printable(condition)),
        }
    }
}
