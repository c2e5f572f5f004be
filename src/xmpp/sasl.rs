//! SASL (RFC 6120 §6): which mechanisms there are, and one login by the chosen one.
//!
//! EXTERNAL with a client certificate (XEP-0178) and SCRAM (RFC 8600 §8.1: -PLUS before plain, the stronger hash
//! before the weaker). PLAIN, DIGEST-MD5, LOGIN, ANONYMOUS and OAUTHBEARER are not implemented, so no policy switch can
//! fall to them. May use `model`, `secrets` and the crates for hashes; knows nothing of XML or sockets.

mod choice;
mod error;
mod offer;
pub mod scram;
pub mod server;
mod stretch;

use std::fmt;

use crate::model::BareJid;
use crate::model::session::Authentication;
use crate::secrets::Secret;

pub use choice::{Certificate, Choice, Means, choose};
pub use error::Error;
pub(crate) use error::printable;
pub use offer::Offer;
pub use scram::Hash;

/// A SASL mechanism this program speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// The certificate shown in TLS is the proof (RFC 4422 appendix A).
    External,
    /// A password proved without being told (RFC 5802); `plus` binds the proof to the TLS channel.
    Scram { hash: Hash, plus: bool },
}

impl Mechanism {
    /// All, best first (`engine.md` §3).
    pub const ALL: [Self; 7] = [
        Self::External,
        Self::Scram { hash: Hash::Sha512, plus: true },
        Self::Scram { hash: Hash::Sha256, plus: true },
        Self::Scram { hash: Hash::Sha1, plus: true },
        Self::Scram { hash: Hash::Sha512, plus: false },
        Self::Scram { hash: Hash::Sha256, plus: false },
        Self::Scram { hash: Hash::Sha1, plus: false },
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Scram { hash: Hash::Sha512, plus: true } => "SCRAM-SHA-512-PLUS",
            Self::Scram { hash: Hash::Sha256, plus: true } => "SCRAM-SHA-256-PLUS",
            Self::Scram { hash: Hash::Sha1, plus: true } => "SCRAM-SHA-1-PLUS",
            Self::Scram { hash: Hash::Sha512, plus: false } => "SCRAM-SHA-512",
            Self::Scram { hash: Hash::Sha256, plus: false } => "SCRAM-SHA-256",
            Self::Scram { hash: Hash::Sha1, plus: false } => "SCRAM-SHA-1",
        }
    }

    /// Exact: mechanism names are case-sensitive upper case (RFC 4422 §3.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }

    /// Whether it binds to the TLS channel by a channel binding of its own.
    #[must_use]
    pub fn binds(self) -> bool {
        matches!(self, Self::Scram { plus: true, .. })
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kind of channel binding this program can do, the weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BindingKind {
    /// RFC 5929 §4: hash of the server's certificate. Whoever stole the server's key has it too.
    EndPoint,
    /// RFC 9266: TLS 1.3, or TLS 1.2 with extended master secret. Of this one channel.
    Exporter,
}

impl BindingKind {
    /// Best first.
    pub const ALL: [Self; 2] = [Self::Exporter, Self::EndPoint];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::EndPoint => "tls-server-end-point",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
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

/// The client's side of one login, whatever the mechanism.
#[derive(Debug)]
pub enum Client {
    /// What it says is who it wants to be: `None` leaves that to the certificate.
    External {
        identity: Option<String>,
    },
    Scram(Box<scram::Client>),
}

/// Who logs in, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    pub jid: &'a BareJid,
    pub password: Option<&'a Secret>,
    pub certificate: Certificate<'a>,
}

impl Client {
    /// Prepares the login that was chosen from `offer`. `proof` says that the server must prove its offer (XEP-0474).
    ///
    /// # Errors
    /// When SASLprep refuses the name or the password, there is no password, or there are no random numbers.
    pub fn new(
        choice: Choice,
        account: Account<'_>,
        bindings: &Bindings,
        offer: &Offer,
        proof: bool,
    ) -> Result<Self, Error> {
        match choice {
            Choice::External => Ok(Self::External { identity: identity(account) }),
            Choice::Scram { hash, flag } => {
                let password = account.password.ok_or(Error::NoPassword)?;
                let username = account.jid.local().unwrap_or_default();
                let client = scram::Client::new(hash, flag, username, password, bindings)?.guarded(offer, proof);
                Ok(Self::Scram(Box::new(client)))
            }
        }
    }

    /// The initial response.
    #[must_use]
    pub fn first(&self) -> Vec<u8> {
        match self {
            Self::External { identity } => identity.clone().unwrap_or_default().into_bytes(),
            Self::Scram(client) => client.first(),
        }
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// As [`scram::Client::answer`]; EXTERNAL has no challenges once the identity is said.
    pub async fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, Error> {
        match self {
            Self::External { .. } => Err(Error::Malformed("a challenge to EXTERNAL")),
            Self::Scram(client) => client.answer(challenge).await,
        }
    }

    /// Takes the data of success. For SCRAM it must be the server's proof; EXTERNAL has none, TLS vouches for the server.
    ///
    /// # Errors
    /// As [`scram::Client::verify`].
    pub fn verify(&mut self, data: &[u8]) -> Result<(), Error> {
        match self {
            Self::External { .. } if data.is_empty() => Ok(()),
            Self::External { .. } => Err(Error::Malformed("data with success")),
            Self::Scram(client) => client.verify(data),
        }
    }

    /// The refusal in words of the mechanism: EXTERNAL has no password that could be wrong.
    #[must_use]
    pub fn refused(&self, condition: String) -> Error {
        match self {
            Self::External { .. } => Error::CertificateRefused { condition },
            Self::Scram(_) => Error::Refused { condition },
        }
    }

    /// How the account has proved itself; to be asked after [`Client::verify`].
    #[must_use]
    pub fn facts(&self, choice: Choice, sasl2: bool) -> Authentication {
        let (downgrade_checked, iterations) = match self {
            Self::External { .. } => (false, None),
            Self::Scram(client) => (client.offer_proved(), client.iterations()),
        };
        let binding = choice.binding().map(|kind| kind.name().to_owned());
        Authentication {
            mechanism: choice.mechanism().name().to_owned(),
            binding,
            sasl2,
            downgrade_checked,
            iterations,
        }
    }
}

/// XEP-0178 §2: nothing where the certificate names this account and no other; else who we are.
fn identity(account: Account<'_>) -> Option<String> {
    let Certificate::Shown(addresses) = account.certificate else { return Some(account.jid.to_string()) };
    match addresses {
        [only] if only.parse::<BareJid>().as_ref() == Ok(account.jid) => None,
        _ => Some(account.jid.to_string()),
    }
}
