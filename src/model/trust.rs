//! What is believed of a controller beyond its certificate chain: what was seen before, what a person decided, how its
//! certificates' revocation is checked, and the way there.
//!
//! Plain data, kept per account by `settings::known`; `xmpp::tls` and `xmpp::sasl` act on it.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

pub use super::exception::{Exception, NotExcusable};

/// A SHA-256 digest: of a certificate, or of its public key (SPKI, RFC 7469 §2.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Pairs of hexadecimal digits without separators, for files.
    #[must_use]
    pub fn token(&self) -> String {
        self.pairs("")
    }

    fn pairs(&self, between: &str) -> String {
        let mut text = String::new();
        for (index, byte) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { between };
            // Writing to a String cannot fail.
            let _ = write!(text, "{between}{byte:02X}");
        }
        text
    }
}

/// `AB:CD:…`, to compare by telephone.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pairs(":"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no SHA-256 fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 fingerprint")]
pub struct NotFingerprint;

impl FromStr for Fingerprint {
    type Err = NotFingerprint;

    /// 64 hexadecimal digits, with or without colons and spaces, or base64 as `openssl` and RFC 7469 print it; before
    /// either `sha256:`, `sha256/` or nothing.
    fn from_str(text: &str) -> Result<Self, NotFingerprint> {
        let text = text.trim();
        let lower = text.get(..7).map(str::to_ascii_lowercase);
        let text = match lower.as_deref() {
            Some("sha256:" | "sha256/") => text.get(7..).unwrap_or_default(),
            _ => text,
        };
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
        let bytes = if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let pairs =
                (0..32).map(|at| digits.get(2 * at..2 * at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()));
            pairs.collect::<Option<Vec<u8>>>()
        } else {
            STANDARD.decode(text).ok()
        };
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NotFingerprint)
    }
}

/// Whether certificates are looked up in revocation lists (RFC 8600 §8.3.1: SHOULD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// No connection without a valid list that covers every certificate of the chain.
    Require,
    /// Where a list is at hand it counts; where there is none that is shown, and no obstacle.
    #[default]
    Prefer,
    Off,
}

impl Revocation {
    pub const ALL: [Self; 3] = [Self::Require, Self::Prefer, Self::Off];

    /// The word the settings file and the command line use.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Prefer => "prefer",
            Self::Off => "off",
        }
    }

    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.token() == token)
    }
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyKind {
    /// RFC 1928; the proxy resolves names.
    Socks5,
    /// RFC 9110 §9.3.6.
    HttpConnect,
}

impl ProxyKind {
    pub const ALL: [Self; 2] = [Self::Socks5, Self::HttpConnect];

    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Socks5 => "socks5",
            Self::HttpConnect => "http",
        }
    }

    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.token() == token)
    }
}

/// A proxy on the way to the controller. Its password, if it wants one, is in the keychain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proxy {
    pub kind: ProxyKind,
    pub host: String,
    pub port: u16,
    pub user: Option<String>,
}

/// A certificate met on an earlier connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of the certificate as a whole.
    pub certificate: Fingerprint,
    /// Of its public key, which a renewal may keep.
    pub key: Fingerprint,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

/// The name of the SASL mechanism by which a client certificate logs in (RFC 4422 Appendix A).
pub const EXTERNAL: &str = "EXTERNAL";

/// What a login by password is strong by, the weaker first: SCRAM's hashes, and the channel bindings
/// (`xmpp::sasl` has them as types, and a test there holds the two orders together).
const HASHES: [&str; 3] = ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"];
const BINDINGS: [&str; 2] = ["tls-server-end-point", "tls-exporter"];

/// The strongest login by password this account has seen; a weaker offer is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// The SASL mechanism's registered name: one of SCRAM's, or of something a later version knows.
    pub mechanism: String,
    /// The channel binding's name, where the mechanism binds.
    pub binding: Option<String>,
    /// The server proved that nobody changed its offer (XEP-0474).
    pub offer_proved: bool,
    pub since: DateTime<Utc>,
}

impl Floor {
    /// The stronger of both in every respect, so that whoever remembers less cannot lower it. A name that is not
    /// understood is of a later version, which knew something stronger.
    fn raise(&mut self, mechanism: &str, binding: Option<&str>, offer_proved: bool, now: DateTime<Utc>) {
        let hash = |name: &str| place(&HASHES, name.strip_suffix("-PLUS").unwrap_or(name));
        let bound = |name: Option<&str>| name.map(|name| place(&BINDINGS, name));
        let mut raised = Self { offer_proved: offer_proved || self.offer_proved, ..self.clone() };
        if hash(mechanism) > hash(&self.mechanism) {
            mechanism.clone_into(&mut raised.mechanism);
        }
        if bound(binding) > bound(self.binding.as_deref()) {
            raised.binding = binding.map(str::to_owned);
        }
        if raised.binding.is_some() && !raised.mechanism.ends_with("-PLUS") {
            raised.mechanism.push_str("-PLUS");
        }
        if raised != *self {
            *self = Self { since: now, ..raised };
        }
    }
}

fn place(names: &[&str], name: &str) -> usize {
    names.iter().position(|known| *known == name).unwrap_or(names.len())
}

/// A public key of which the server must show one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    pub key: Fingerprint,
    /// It stands instead of a chain: for a self-signed certificate accepted knowingly.
    pub alone: bool,
}

/// What is remembered and decided of one account's controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The certificate of the last good connection.
    pub seen: Option<Seen>,
    /// Empty when none is pinned.
    pub pins: Vec<Pin>,
    pub exceptions: Vec<Exception>,
    /// Since when a client certificate was taken as the login.
    pub external: Option<DateTime<Utc>>,
    pub floor: Option<Floor>,
}

/// Something a connection taught, to be remembered for its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Learned {
    Certificate {
        certificate: Fingerprint,
        key: Fingerprint,
    },
    /// A client certificate was taken as the login.
    External,
    /// How a password was proved.
    Floor {
        mechanism: String,
        binding: Option<String>,
        offer_proved: bool,
    },
}

impl Known {
    /// Remembers it, as of `now`.
    pub fn learn(&mut self, learned: &Learned, now: DateTime<Utc>) {
        match learned {
            // Another key passes only by a decision. Without one it was let through by somebody who does not know yet
            // what was decided since.
            Learned::Certificate { certificate, key } => {
                let other = self.seen.as_ref().is_some_and(|seen| seen.key != *key);
                let excepted = || self.exceptions.iter().any(|exception| exception.is_current(*key, now));
                if !other || self.pin(*key).is_some() || excepted() {
                    self.meet(*certificate, *key, now);
                }
            }
            Learned::External => self.external = self.external.or(Some(now)),
            // Stronger than what the teller knew (`xmpp::sasl::Choice::raises`), not than what others learned meanwhile.
            Learned::Floor { mechanism, binding, offer_proved } => match &mut self.floor {
                Some(floor) => floor.raise(mechanism, binding.as_deref(), *offer_proved, now),
                None => {
                    let (mechanism, binding) = (mechanism.clone(), binding.clone());
                    self.floor = Some(Floor { mechanism, binding, offer_proved: *offer_proved, since: now });
                }
            },
        }
    }

    /// From now on this is the certificate known.
    pub fn meet(&mut self, certificate: Fingerprint, key: Fingerprint, now: DateTime<Utc>) {
        let first = self.seen.as_ref().filter(|seen| seen.key == key).map_or(now, |seen| seen.first);
        self.seen = Some(Seen { certificate, key, first, last: now });
    }

    #[must_use]
    pub fn pin(&self, key: Fingerprint) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.key == key)
    }

    /// The strongest logins seen, by certificate and by password: the mechanism's name and since when it is demanded.
    pub fn strongest(&self) -> impl Iterator<Item = (&str, DateTime<Utc>)> {
        let external = self.external.map(|since| (EXTERNAL, since));
        external.into_iter().chain(self.floor.as_ref().map(|floor| (floor.mechanism.as_str(), floor.since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_people_write_them() {
        let fingerprint = Fingerprint(std::array::from_fn(|at| u8::try_from(at * 7).unwrap()));
        let shown = fingerprint.to_string();
        assert!(shown.starts_with("00:07:0E:"), "{shown}");
        let base64 = format!("sha256/{}", STANDARD.encode(fingerprint.0));
        for text in [shown.clone(), fingerprint.token(), format!("SHA256:{}", shown.to_lowercase()), base64] {
            assert_eq!(text.parse(), Ok(fingerprint), "{text}");
        }
        for text in ["", "sha256:", "00:07", "é€sha256", &shown[1..], &format!("{shown}:00")] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NotFingerprint), "{text}");
        }
    }

    #[test]
    fn a_renewed_certificate_of_the_same_key_keeps_its_first_day() {
        let day = |day: i64| DateTime::from_timestamp(day * 86_400, 0).unwrap();
        let (key, other) = (Fingerprint([1; 32]), Fingerprint([2; 32]));
        let mut known = Known::default();
        known.learn(&Learned::Certificate { certificate: Fingerprint([3; 32]), key }, day(1));
        known.learn(&Learned::Certificate { certificate: Fingerprint([4; 32]), key }, day(5));
        assert_eq!(known.seen.as_ref().map(|seen| (seen.first, seen.last)), Some((day(1), day(5))));
        let changed = Learned::Certificate { certificate: Fingerprint([4; 32]), key: other };
        known.learn(&changed, day(6));
        assert_eq!(known.seen.as_ref().map(|seen| seen.key), Some(key), "another key is a person's to accept");
        known.pins.push(Pin { key: other, alone: false });
        known.learn(&changed, day(6));
        assert_eq!(known.seen.as_ref().map(|seen| (seen.key, seen.first)), Some((other, day(6))));
        known.meet(Fingerprint([3; 32]), key, day(7));
        assert_eq!(known.seen.map(|seen| (seen.key, seen.first)), Some((key, day(7))));
    }
}
