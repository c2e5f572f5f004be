//! The facts of a session, for the connection panel: how it came about and what protects it.
//!
//! Plain data. Remote texts in it are already reduced to harmless characters.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};

use super::trust::{Exception, Fingerprint, Revocation};
use super::{Say, Tls};

/// How the byte stream reached the controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The SRV record followed, `_xmpps-client._tcp.grid.example`, where there was one.
    pub srv: Option<String>,
    /// The host dialled.
    pub host: String,
    pub port: u16,
    /// The address it answered at; `None` behind a proxy that resolves names.
    pub address: Option<SocketAddr>,
    /// `socks5://proxy.example:1080`, where there is one.
    pub proxy: Option<String>,
    pub tls: Tls,
}

/// A certificate, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    /// Subject alternative names, each with its kind: `DNS grid.example`.
    pub names: Vec<String>,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    /// `ECDSA P-256`, `RSA 3072`.
    pub key_kind: String,
    /// Hash and algorithm of its signature: `SHA-256 with RSA`.
    pub signature: String,
    pub fingerprint: Fingerprint,
    /// Of its public key: what a pin holds.
    pub key: Fingerprint,
}

/// Why the chain was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// By an authority of these roots.
    Chain { roots: Roots },
    /// By a pinned key alone, knowingly.
    Pin,
    /// By a person's exception.
    Exception(Exception),
}

/// Where the believed authorities come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    #[default]
    Platform,
    /// This file alone.
    File(String),
    /// The machine's and this file.
    Both(String),
    /// Of this process: the practice grid.
    Own,
}

/// How revocation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// Every certificate of the chain was looked up in a valid list and is not in it.
    Clear {
        /// Oldest list's date of issue.
        issued: DateTime<Utc>,
        /// When the first of them ends.
        until: DateTime<Utc>,
    },
    /// Not looked up, and why.
    Unchecked(Say),
}

/// The secure channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// `TLS 1.3`.
    pub version: String,
    /// The cipher suite's registered name.
    pub cipher: String,
    /// The application protocol agreed on, where TLS was direct.
    pub alpn: Option<String>,
    /// Leaf first, as presented. Empty where nothing is known.
    pub chain: Vec<Certificate>,
    /// The identity that matched the domain: `DNS grid.example`, `SRV _xmpp-client.grid.example`, `XMPP grid.example`.
    pub matched: Option<String>,
    pub vouched: Vouched,
    /// Whether a pin was set, and so held.
    pub pinned: bool,
    pub revocation: Revocation,
    pub revoked: Revoked,
    /// The certificate's key differs from the one seen before, and a person let it pass.
    pub changed: bool,
    /// Client certificate shown to the server, by its subject.
    pub identity: Option<String>,
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            version: String::new(),
            cipher: String::new(),
            alpn: None,
            chain: Vec::new(),
            matched: None,
            vouched: Vouched::Chain { roots: Roots::default() },
            pinned: false,
            revocation: Revocation::default(),
            revoked: Revoked::Unchecked(Say::new("session-revocation-no-list")),
            changed: false,
            identity: None,
        }
    }
}

/// How the account proved itself, and the server to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// The SASL mechanism's registered name.
    pub mechanism: String,
    /// The channel binding's name, where it bound.
    pub binding: Option<String>,
    /// By SASL2 (XEP-0388).
    pub sasl2: bool,
    /// The server proved that its offer was not tampered with (XEP-0474).
    pub downgrade_checked: bool,
    /// Rounds of key stretching, for SCRAM.
    pub iterations: Option<u32>,
}

/// How stream management (XEP-0198) stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Management {
    /// The server has none: what is under way when the link breaks is asked for again.
    #[default]
    None,
    /// Acknowledgements only.
    Acks,
    Resumable {
        /// Seconds the server keeps the session after a break.
        max: Option<u32>,
        /// This session was taken up again after a break.
        resumed: bool,
    },
}

/// One fault of a refused certificate, in words. The words of `risk` and `next` are messages of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultWords {
    /// Names the kind in an exception.
    pub token: &'static str,
    pub cause: Say,
    pub risk: Say,
    /// Who can fix it, and what to do next.
    pub next: Say,
    /// Whether a person may make an exception for it.
    pub excusable: bool,
}

/// A certificate that stopped a connection before anything secret was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The domain it should have been for.
    pub domain: String,
    /// What was presented; `None` where it could not be read.
    pub certificate: Option<Certificate>,
    pub why: Why,
}

/// Why a certificate stopped a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Faults, at least one.
    Faults(Vec<FaultWords>),
    /// Nothing is wrong with it, but this account has never met it.
    Unseen,
    /// Nothing is wrong with it, but another key was seen before.
    Changed(super::trust::Seen),
    /// The key is none of those pinned.
    NotPinned(Vec<Fingerprint>),
}

impl Refused {
    /// The single fault's words, or how many there are; the list is in [`Refused::details`].
    #[must_use]
    pub fn say(&self) -> Say {
        let about = |key| {
            let prints = self.certificate.as_ref().map(|certificate| (certificate.fingerprint, certificate.key));
            let (certificate, key_print) =
                prints.map(|(all, key)| (all.to_string(), key.to_string())).unwrap_or_default();
            Say::new(key).with("domain", &self.domain).with("fingerprint", certificate).with("key", key_print)
        };
        match &self.why {
            Why::Faults(faults) => match faults.as_slice() {
                [only] => only.cause.clone(),
                faults => about("error-cert-several").with("count", faults.len().to_string()),
            },
            Why::Unseen => about("error-cert-unseen"),
            Why::Changed(seen) => about("error-cert-changed")
                .with("since", seen.first.format("%Y-%m-%d").to_string())
                .with("known", seen.key.to_string()),
            Why::NotPinned(_) => about("error-cert-not-pinned"),
        }
    }

    /// Each fault in its own words; empty where the certificate as such has none.
    #[must_use]
    pub fn details(&self) -> Vec<Say> {
        match &self.why {
            Why::Faults(faults) => faults.iter().map(|fault| fault.cause.clone()).collect(),
            _ => Vec::new(),
        }
    }
}
