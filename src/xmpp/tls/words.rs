//! What can be wrong with a certificate, and what of it a person is told: cause, risk, who can mend it, and whether an
//! exception may be made (`security.md` §2).

use crate::model::Say;
use crate::model::session::FaultWords;

/// One fault of a certificate. Texts from the certificate are already reduced to harmless characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Expired {
        whose: String,
        not_after: String,
        now: String,
    },
    NotYetValid {
        whose: String,
        not_before: String,
        now: String,
    },
    /// It ends before it begins.
    Inverted {
        whose: String,
    },
    /// The chain's certificates are valid at no common time, so it cannot be held against its authority at all.
    Disjoint,
    WrongHost {
        wanted: String,
        presented: String,
    },
    /// It names its host only in the obsolete common name, or nowhere.
    NoName {
        wanted: String,
    },
    /// It vouches for itself and is none of the authorities we believe.
    SelfSigned,
    /// Signed by one we do not believe.
    UnknownAuthority {
        issuer: String,
    },
    /// The server leaves out the certificate of the authority in between.
    Incomplete {
        issuer: String,
    },
    /// A certificate for authorities used as a server's (`openssl req -x509` makes these).
    CaAsServer {
        /// Self-signed and nothing else. Where another signed it, that signature was not looked at, and anybody may have made
        /// it in that name.
        alone: bool,
    },
    /// One that is no authority signed another.
    NotCa {
        whose: String,
    },
    /// More authorities in a row than one of them allows.
    PathLength,
    /// An authority signed for a name outside of what it may sign for.
    NameConstraint,
    /// Broken or forged.
    BadSignature,
    Weak {
        whose: String,
        what: String,
    },
    /// Not meant for servers (extended key usage).
    WrongPurpose,
    /// Not X.509 version 3.
    Version,
    /// A rule that must be understood, and is not.
    CriticalExtension {
        oid: String,
    },
    Revoked {
        whose: String,
    },
    /// The profile requires a revocation list, and this is why there is none that counts.
    Unchecked {
        whose: String,
        why: Unlisted,
    },
    /// The key is none of those pinned.
    NotPinned {
        key: String,
    },
    /// The key is not the one seen before.
    Changed {
        since: String,
    },
    Unreadable,
    /// Refused by a rule without words of its own here.
    Other {
        cause: String,
    },
}

/// Why a certificate could not be looked up in a revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// There is none of its authority.
    Missing,
    /// There is one, whose end has passed.
    Stale { until: String },
    /// There is one that its authority did not sign.
    Forged,
    /// It could not be had or read.
    Broken { cause: String },
}

/// The fixed part of a fault's words.
struct Words {
    token: &'static str,
    cause: &'static str,
    risk: &'static str,
    next: &'static str,
    excusable: bool,
}

const fn never(token: &'static str, cause: &'static str, risk: &'static str, next: &'static str) -> Words {
    Words { token, cause, risk, next, excusable: false }
}

const fn excusable(token: &'static str, cause: &'static str, risk: &'static str, next: &'static str) -> Words {
    Words { token, cause, risk, next, excusable: true }
}

const STALE: &str = "error-cert-risk-stale";
const NAME: &str = "error-cert-risk-name";
const UNVOUCHED: &str = "error-cert-risk-unvouched";
const FORGED: &str = "error-cert-risk-forged";
const WEAK: &str = "error-cert-risk-weak";
const CHAIN: &str = "error-cert-risk-chain";
const REVOKED: &str = "error-cert-risk-revoked";
const UNCHECKED: &str = "error-cert-risk-unchecked";
const KEY: &str = "error-cert-risk-key";

const RENEW: &str = "error-cert-next-renew";
const CLOCK: &str = "error-cert-next-clock";
const REISSUE: &str = "error-cert-next-reissue";
const DOMAIN: &str = "error-cert-next-domain";
const AUTHORITY: &str = "error-cert-next-authority";
const COMPLETE: &str = "error-cert-next-complete";
const ATTACK: &str = "error-cert-next-attack";
const LIST: &str = "error-cert-next-list";
const COMPARE: &str = "error-cert-next-compare";
const SHOW: &str = "error-cert-next-show";

impl Fault {
    fn fixed(&self) -> Words {
        match self {
            Self::Expired { .. } => excusable("expired", "error-cert-expired", STALE, RENEW),
            Self::NotYetValid { .. } => excusable("not-yet-valid", "error-cert-not-yet-valid", STALE, CLOCK),
            Self::Inverted { .. } => never("inverted", "error-cert-inverted", STALE, REISSUE),
            Self::Disjoint => never("disjoint", "error-cert-disjoint", CHAIN, ATTACK),
            Self::WrongHost { .. } => excusable("wrong-host", "error-cert-wrong-host", NAME, DOMAIN),
            Self::NoName { .. } => excusable("no-name", "error-cert-no-name", NAME, REISSUE),
            Self::SelfSigned => excusable("self-signed", "error-cert-self-signed", UNVOUCHED, AUTHORITY),
            Self::UnknownAuthority { .. } => {
                excusable("unknown-authority", "error-cert-unknown-authority", UNVOUCHED, AUTHORITY)
            }
            Self::Incomplete { .. } => excusable("incomplete", "error-cert-incomplete", UNVOUCHED, COMPLETE),
            Self::CaAsServer { alone: true } => excusable("ca-as-server", "error-cert-ca-as-server", CHAIN, REISSUE),
            Self::CaAsServer { alone: false } => never("ca-as-server", "error-cert-ca-as-server", CHAIN, REISSUE),
            Self::NotCa { .. } => never("not-ca", "error-cert-not-ca", CHAIN, ATTACK),
            Self::PathLength => never("path-length", "error-cert-path-length", CHAIN, ATTACK),
            Self::NameConstraint => never("name-constraint", "error-cert-name-constraint", CHAIN, ATTACK),
            Self::BadSignature => never("bad-signature", "error-cert-bad-signature", FORGED, ATTACK),
            Self::Weak { .. } => never("weak", "error-cert-weak", WEAK, REISSUE),
            Self::WrongPurpose => never("wrong-purpose", "error-cert-wrong-purpose", CHAIN, REISSUE),
            Self::Version => never("version", "error-cert-version", CHAIN, REISSUE),
            Self::CriticalExtension { .. } => {
                never("critical-extension", "error-cert-critical-extension", CHAIN, REISSUE)
            }
            Self::Revoked { .. } => never("revoked", "error-cert-revoked", REVOKED, ATTACK),
            Self::Unchecked { why: Unlisted::Missing, .. } => {
                excusable("unchecked", "error-cert-unchecked", UNCHECKED, LIST)
            }
            Self::Unchecked { why: Unlisted::Stale { .. }, .. } => {
                excusable("list-stale", "error-cert-list-stale", UNCHECKED, LIST)
            }
            Self::Unchecked { why: Unlisted::Forged, .. } => {
                excusable("list-forged", "error-cert-list-forged", UNCHECKED, LIST)
            }
            Self::Unchecked { why: Unlisted::Broken { .. }, .. } => {
                excusable("list-broken", "error-cert-list-broken", UNCHECKED, LIST)
            }
            Self::NotPinned { .. } => never("not-pinned", "error-cert-key-not-pinned", KEY, COMPARE),
            Self::Changed { .. } => excusable("changed", "error-cert-key-changed", KEY, COMPARE),
            Self::Unreadable => never("unreadable", "error-cert-unreadable", FORGED, SHOW),
            Self::Other { .. } => never("other", "error-cert-other", CHAIN, SHOW),
        }
    }

    /// Names the kind in an exception.
    #[must_use]
    pub fn token(&self) -> &'static str {
        self.fixed().token
    }

    /// Whether a person may make an exception for it.
    #[must_use]
    pub fn excusable(&self) -> bool {
        self.fixed().excusable
    }

    /// About who vouches for the certificate and by what name it goes: what a key pinned instead of a chain stands for.
    pub(super) fn about_vouching(&self) -> bool {
        matches!(
            self,
            Self::WrongHost { .. }
                | Self::NoName { .. }
                | Self::SelfSigned
                | Self::UnknownAuthority { .. }
                | Self::Incomplete { .. }
                | Self::CaAsServer { .. }
        )
    }

    /// What happened, and by its `.next` what to do.
    #[must_use]
    pub fn say(&self) -> Say {
        let say = Say::new(self.fixed().cause);
        match self {
            Self::Expired { whose, not_after: date, now } | Self::NotYetValid { whose, not_before: date, now } => {
                say.with("whose", whose).with("date", date).with("now", now)
            }
            Self::WrongHost { wanted, presented } => say.with("wanted", wanted).with("presented", presented),
            Self::NoName { wanted } => say.with("wanted", wanted),
            Self::UnknownAuthority { issuer } | Self::Incomplete { issuer } => say.with("issuer", issuer),
            Self::Inverted { whose } | Self::NotCa { whose } | Self::Revoked { whose } => say.with("whose", whose),
            Self::Weak { whose, what } => say.with("whose", whose).with("what", what),
            Self::CriticalExtension { oid } => say.with("oid", oid),
            Self::Unchecked { whose, why } => match why {
                Unlisted::Stale { until } => say.with("whose", whose).with("until", until),
                Unlisted::Broken { cause } => say.with("whose", whose).with("cause", cause),
                Unlisted::Missing | Unlisted::Forged => say.with("whose", whose),
            },
            Self::NotPinned { key } => say.with("key", key),
            Self::Changed { since } => say.with("since", since),
            Self::Other { cause } => say.with("cause", cause),
            Self::SelfSigned
            | Self::Disjoint
            | Self::CaAsServer { .. }
            | Self::PathLength
            | Self::NameConstraint
            | Self::BadSignature
            | Self::WrongPurpose
            | Self::Version
            | Self::Unreadable => say,
        }
    }

    #[must_use]
    pub fn words(&self) -> FaultWords {
        let Words { token, risk, next, excusable, .. } = self.fixed();
        FaultWords { token, cause: self.say(), risk: Say::new(risk), next: Say::new(next), excusable }
    }
}
