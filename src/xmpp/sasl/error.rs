//! Why a login by SASL failed, in words a person can act on.

use super::{scram, stretch};
use crate::model::Say;

/// Why a login by SASL failed. None of these is mended by trying again but [`Error::Refused`] with a temporary cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the server offers none of our mechanisms, only {offered:?}")]
    NoMechanism { offered: Vec<String> },
    #[error("the user name or password has characters SASLprep forbids, or is empty")]
    Unpreparable,
    /// Every mechanism in common wants a password, and none is known.
    #[error("no password")]
    NoPassword,
    /// The server takes certificates only, and the profile has none.
    #[error("no client certificate")]
    NoCertificate,
    /// The profile has a certificate and no password; the server does not take it.
    #[error("the server takes no certificate")]
    CertificateNotOffered,
    /// What is offered is weaker than what this account has logged in by before (`engine.md` §6 rows 13-15).
    #[error("only {offered:?} is offered, {known} was known, {missing} is missing")]
    Weaker { known: String, missing: String, offered: Vec<String> },
    /// The server's hash of its offer is not that of the offer we got (XEP-0474).
    #[error("the offer was changed on the way")]
    OfferChanged,
    /// The server proved its offer before and does not now, or offers what no server would.
    #[error("the server does not prove its offer")]
    OfferUnproved,
    #[error("the system gave no random numbers")]
    Random,
    /// The server's message breaks RFC 5802: field and rule in words for a log.
    #[error("the server's SCRAM message is wrong: {0}")]
    Malformed(&'static str),
    /// RFC 5802 §5.1: the server's nonce must start with ours and add to it.
    #[error("the server's nonce does not extend ours")]
    ForeignNonce,
    #[error("{0} iterations are too few")]
    TooFewIterations(u64),
    #[error("{0} iterations are too many")]
    TooManyIterations(u64),
    /// The stretching took longer than we wait.
    #[error("{0} iterations take too long")]
    TooSlow(u32),
    /// The server does not know what only the true one can know.
    #[error("the server could not prove that it knows the password")]
    FalseServer,
    #[error("the server claimed success too early")]
    EarlySuccess,
    /// RFC 6120 §6.5's condition.
    #[error("the server refused: {condition}")]
    Refused { condition: String },
    /// EXTERNAL was refused. A password is not tried instead: that is what an attacker would want.
    #[error("the server refused our certificate: {condition}")]
    CertificateRefused { condition: String },
    /// XEP-0388's `<continue/>`: the login is not enough, and we know none of the further tasks.
    #[error("the server wants more: {tasks:?}")]
    Continue { tasks: Vec<String> },
    #[error("the key stretching was cut short")]
    Interrupted,
}

impl Error {
    /// Whether trying again by itself makes sense: only where the server says that the cause is temporary.
    #[must_use]
    pub fn retries(&self) -> bool {
        matches!(self, Self::Refused { condition } | Self::CertificateRefused { condition } if condition == "temporary-auth-failure")
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::NoMechanism { offered } if offered.is_empty() => Say::new("error-sasl-nothing-offered"),
            Self::NoMechanism { offered } => Say::new("error-sasl-no-mechanism").with("offered", names(offered)),
            Self::Unpreparable => Say::new("error-sasl-unpreparable"),
            Self::NoPassword => Say::new("error-sasl-no-password"),
            Self::NoCertificate => Say::new("error-sasl-no-certificate"),
            Self::CertificateNotOffered => Say::new("error-sasl-certificate-not-offered"),
            Self::Weaker { known, missing, offered } => Say::new("error-sasl-weaker")
                .with("known", readable(known))
                .with("missing", readable(missing))
                .with("offered", names(offered)),
            Self::OfferChanged => Say::new("error-sasl-offer-changed"),
            Self::OfferUnproved => Say::new("error-sasl-offer-unproved"),
            Self::Random => Say::new("error-sasl-random"),
            Self::Malformed(rule) => Say::new("error-sasl-malformed").with("rule", *rule),
            Self::ForeignNonce => Say::new("error-sasl-foreign-nonce"),
            Self::TooFewIterations(count) => Say::new("error-sasl-few-iterations")
                .with("count", count.to_string())
                .with("least", scram::FEWEST.to_string()),
            Self::TooManyIterations(count) => Say::new("error-sasl-many-iterations")
                .with("count", count.to_string())
                .with("most", scram::MOST.to_string()),
            Self::TooSlow(count) => Say::new("error-sasl-too-slow")
                .with("count", count.to_string())
                .with("seconds", stretch::LONGEST.as_secs().to_string()),
            Self::FalseServer => Say::new("error-sasl-false-server"),
            Self::EarlySuccess => Say::new("error-sasl-early-success"),
            Self::Refused { condition } => say_refused(condition),
            Self::CertificateRefused { condition } => {
                Say::new("error-sasl-certificate-refused").with("condition", printable(condition))
            }
            Self::Continue { tasks } => Say::new("error-sasl-continue").with("tasks", names(tasks)),
            Self::Interrupted => Say::new("error-sasl-interrupted"),
        }
    }
}

/// RFC 6120 §6.5: each condition in words of its own where the person can act on it.
fn say_refused(condition: &str) -> Say {
    match condition {
        "not-authorized" => Say::new("error-sasl-not-authorized"),
        "account-disabled" => Say::new("error-sasl-account-disabled"),
        "credentials-expired" => Say::new("error-sasl-credentials-expired"),
        "temporary-auth-failure" => Say::new("error-sasl-temporary"),
        other => Say::new("error-sasl-refused").with("condition", printable(other)),
    }
}

/// Mechanism names for a person: the characters RFC 4422 allows, at most eight names.
fn names(offered: &[String]) -> String {
    let names: Vec<String> = offered.iter().take(8).map(|name| printable(name)).collect();
    names.join(", ")
}

/// A mechanism with its binding, as it was remembered: from a file, so of no more trust than what a server sends.
fn readable(known: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_ ()".contains(c);
    known.chars().take(80).map(|c| if fine(c) { c } else { '?' }).collect()
}

/// A protocol token of at most 40 characters, letters, digits, `-` and `_` only.
pub(crate) fn printable(token: &str) -> String {
    token.chars().take(40).map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '?' }).collect()
}
