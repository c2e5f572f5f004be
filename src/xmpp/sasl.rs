//! SASL (RFC 6120 §6): which mechanism is used, and why the others never are.
//!
//! SCRAM only (RFC 8600 §8.1: SCRAM must, -PLUS before plain, SHA-256 before SHA-1). PLAIN, DIGEST-MD5, LOGIN and
//! ANONYMOUS are not implemented, so no policy switch can fall to them. May use `model`, `secrets` and the crates for
//! hashes; knows nothing of XML or sockets.

pub mod scram;
pub mod server;

use std::fmt;

use crate::model::Say;

/// A SASL mechanism this program speaks, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mechanism {
    ScramSha256Plus,
    ScramSha1Plus,
    ScramSha256,
    ScramSha1,
}

impl Mechanism {
    /// All, best first.
    pub const ALL: [Self; 4] = [Self::ScramSha256Plus, Self::ScramSha1Plus, Self::ScramSha256, Self::ScramSha1];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1 => "SCRAM-SHA-1",
        }
    }

    /// Exact: mechanism names are case-sensitive upper case (RFC 4422 §3.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }

    /// Whether it binds to the TLS channel.
    #[must_use]
    pub fn binds(self) -> bool {
        matches!(self, Self::ScramSha256Plus | Self::ScramSha1Plus)
    }

    #[must_use]
    pub fn hash(self) -> scram::Hash {
        match self {
            Self::ScramSha256Plus | Self::ScramSha256 => scram::Hash::Sha256,
            Self::ScramSha1Plus | Self::ScramSha1 => scram::Hash::Sha1,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kind of channel binding this program can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindingKind {
    /// RFC 9266: TLS 1.3, or TLS 1.2 with extended master secret.
    Exporter,
    /// RFC 5929 §4: hash of the server's certificate.
    EndPoint,
}

impl BindingKind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::EndPoint => "tls-server-end-point",
        }
    }
}

/// What the TLS channel can be bound by; both empty where there is none. Not secret to the peers, still not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bindings {
    pub exporter: Option<Vec<u8>>,
    pub end_point: Option<Vec<u8>>,
}

impl fmt::Debug for Bindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bindings")
            .field("exporter", &self.exporter.is_some())
            .field("end_point", &self.end_point.is_some())
            .finish()
    }
}

impl Bindings {
    #[must_use]
    pub fn get(&self, kind: BindingKind) -> Option<&[u8]> {
        match kind {
            BindingKind::Exporter => self.exporter.as_deref(),
            BindingKind::EndPoint => self.end_point.as_deref(),
        }
    }

    fn any(&self) -> bool {
        self.exporter.is_some() || self.end_point.is_some()
    }
}

/// What the server's stream features offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Mechanism names as sent.
    pub mechanisms: Vec<String>,
    /// Types of `urn:xmpp:sasl-cb:0` (XEP-0440); `None` when the server sent no such list.
    pub bindings: Option<Vec<String>>,
}

/// The GS2 flag of RFC 5802 §7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `n`: we cannot bind, or the server's binding is of no kind of ours.
    Cannot,
    /// `y`: we could, and saw no -PLUS; a server that did offer one must then refuse, for someone stripped it.
    NotOffered,
    /// `p=`.
    Bound(BindingKind),
}

/// How to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub mechanism: Mechanism,
    pub flag: Flag,
}

/// Chooses the best mechanism both sides have.
///
/// The rule for -PLUS: it is used when the server lists (XEP-0440) a binding type we can do. A server that offers -PLUS
/// *without* any list has said no type; the servers that do so (ejabberd before 24.02, Prosody 0.12) accept `tls-unique` only,
/// which does not exist in TLS 1.3 nor in rustls. A try with another type would count as a failed login there, so we log
/// in without binding and say `n`, which RFC 5802 §6 lets the server accept; `y` would be refused as a downgrade.
///
/// # Errors
/// [`Error::NoMechanism`] naming what was offered, when there is no SCRAM of ours among it.
pub fn choose(offer: &Offer, bindings: &Bindings) -> Result<Choice, Error> {
    let offered = |mechanism: Mechanism| offer.mechanisms.iter().any(|name| name == mechanism.name());
    let listed = |kind: BindingKind| {
        offer.bindings.as_ref().is_some_and(|list| list.iter().any(|name| name == kind.name()))
            && bindings.get(kind).is_some()
    };
    let kind = [BindingKind::Exporter, BindingKind::EndPoint].into_iter().find(|kind| listed(*kind));
    if let Some(kind) = kind {
        let best = Mechanism::ALL.into_iter().find(|mechanism| mechanism.binds() && offered(*mechanism));
        if let Some(mechanism) = best {
            return Ok(Choice { mechanism, flag: Flag::Bound(kind) });
        }
    }
    let plus = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
    let flag = if bindings.any() && !plus { Flag::NotOffered } else { Flag::Cannot };
    Mechanism::ALL
        .into_iter()
        .find(|mechanism| !mechanism.binds() && offered(*mechanism))
        .map(|mechanism| Choice { mechanism, flag })
        .ok_or_else(|| Error::NoMechanism { offered: offer.mechanisms.clone() })
}

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
    /// The server does not know what only the true one can know.
    #[error("the server could not prove that it knows the password")]
    FalseServer,
    #[error("the server claimed success too early")]
    EarlySuccess,
    /// RFC 6120 §6.5's condition.
    #[error("the server refused: {condition}")]
    Refused { condition: String },
    #[error("the key stretching was cut short")]
    Interrupted,
}

impl Error {
    /// Whether trying again by itself makes sense: only where the server says that the cause is temporary.
    #[must_use]
    pub fn retries(&self) -> bool {
        matches!(self, Self::Refused { condition } if condition == "temporary-auth-failure")
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::NoMechanism { offered } if offered.is_empty() => Say::new("error-sasl-nothing-offered"),
            Self::NoMechanism { offered } => Say::new("error-sasl-no-mechanism").with("offered", names(offered)),
            Self::Unpreparable => Say::new("error-sasl-unpreparable"),
            Self::NoPassword => Say::new("error-sasl-no-password"),
            Self::Random => Say::new("error-sasl-random"),
            Self::Malformed(rule) => Say::new("error-sasl-malformed").with("rule", *rule),
            Self::ForeignNonce => Say::new("error-sasl-foreign-nonce"),
            Self::TooFewIterations(count) => Say::new("error-sasl-few-iterations")
                .with("count", count.to_string())
                .with("least", scram::FEWEST.to_string()),
            Self::TooManyIterations(count) => Say::new("error-sasl-many-iterations")
                .with("count", count.to_string())
                .with("most", scram::MOST.to_string()),
            Self::FalseServer => Say::new("error-sasl-false-server"),
            Self::EarlySuccess => Say::new("error-sasl-early-success"),
            Self::Refused { condition } => say_refused(condition),
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

/// A protocol token of at most 40 characters, letters, digits, `-` and `_` only.
pub(crate) fn printable(token: &str) -> String {
    token.chars().take(40).map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(mechanisms: &[&str], bindings: Option<&[&str]>) -> Offer {
        let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Offer { mechanisms: own(mechanisms), bindings: bindings.map(own) }
    }

    fn choose_name(offer: &Offer, bindings: &Bindings) -> String {
        match choose(offer, bindings) {
            Ok(Choice { mechanism, flag: Flag::Cannot }) => format!("n {mechanism}"),
            Ok(Choice { mechanism, flag: Flag::NotOffered }) => format!("y {mechanism}"),
            Ok(Choice { mechanism, flag: Flag::Bound(kind) }) => format!("p={} {mechanism}", kind.name()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_best_offered_mechanism_is_chosen_and_the_flag_tells_the_truth() {
        let both = Bindings { exporter: Some(vec![1]), end_point: Some(vec![2]) };
        let end_point = Bindings { exporter: None, end_point: Some(vec![2]) };
        let none = Bindings::default();
        let all = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
        let exporter: Option<&[&str]> = Some(&["tls-exporter", "tls-server-end-point", "x-new"]);
        /// Offered mechanisms, offered bindings, those we can do, what is chosen.
        type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, &'a Bindings, &'a str);
        let rows: [Row<'_>; 10] = [
            (&all, exporter, &both, "p=tls-exporter SCRAM-SHA-256-PLUS"),
            (&all, exporter, &end_point, "p=tls-server-end-point SCRAM-SHA-256-PLUS"),
            (&all, exporter, &none, "n SCRAM-SHA-256"),
            (&all, Some(&["tls-unique"]), &both, "n SCRAM-SHA-256"),
            // ejabberd 23.01: -PLUS without a list.
            (&all, None, &both, "n SCRAM-SHA-256"),
            (&["SCRAM-SHA-1", "SCRAM-SHA-256"], None, &both, "y SCRAM-SHA-256"),
            (&["SCRAM-SHA-1", "SCRAM-SHA-256"], exporter, &none, "n SCRAM-SHA-256"),
            (&["SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"], exporter, &both, "p=tls-exporter SCRAM-SHA-1-PLUS"),
            (&["SCRAM-SHA-512-PLUS", "SCRAM-SHA-1"], exporter, &both, "n SCRAM-SHA-1"),
            (&["SCRAM-SHA-1"], None, &none, "n SCRAM-SHA-1"),
        ];
        for (mechanisms, list, bindings, expected) in rows {
            assert_eq!(choose_name(&offer(mechanisms, list), bindings), expected, "{mechanisms:?} {list:?}");
        }
    }

    #[test]
    fn weak_mechanisms_are_never_chosen_even_alone() {
        let both = Bindings { exporter: Some(vec![1]), end_point: Some(vec![2]) };
        for only in
            [&["PLAIN"][..], &["DIGEST-MD5", "LOGIN"], &["ANONYMOUS"], &["scram-sha-256"], &["SCRAM-SHA-256-PLUS"]]
        {
            let error = choose(&offer(only, None), &both).unwrap_err();
            assert_eq!(error, Error::NoMechanism { offered: only.iter().map(|n| (*n).to_owned()).collect() });
            assert!(!error.retries());
            assert_eq!(error.say().args, [("offered", only.join(", "))]);
        }
        assert_eq!(choose(&Offer::default(), &both).unwrap_err().say().key, "error-sasl-nothing-offered");
    }
}
