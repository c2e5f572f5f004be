//! What is wrong with a certificate, all of it, in words a person can act on (`security.md` §2).

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::client::danger::ServerCertVerifier as _;
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, Error};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

use crate::model::Say;

/// Names shown at most; a certificate may carry thousands.
const NAMES: usize = 8;
/// Characters of a name shown at most.
const LONGEST: usize = 80;
/// Fewest bits of an RSA key believed.
const RSA_BITS: usize = 2048;

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
    /// `presented` is empty for a certificate that names its host only in the obsolete common name.
    WrongHost {
        wanted: String,
        presented: String,
    },
    /// It vouches for itself and is none of the authorities we believe.
    SelfSigned,
    /// Signed by one we do not believe, or an intermediate certificate is missing.
    UnknownAuthority {
        issuer: String,
    },
    /// A certificate for authorities used as a server's (`openssl req -x509` makes these).
    CaAsServer,
    /// Broken or forged.
    BadSignature,
    Weak {
        whose: String,
        what: String,
    },
    /// Not meant for servers (extended key usage).
    WrongPurpose,
    Revoked,
    Unreadable,
    /// Refused by a rule without words of its own here.
    Other {
        cause: String,
    },
}

impl Fault {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Expired { whose, not_after, now } => {
                Say::new("error-cert-expired").with("whose", whose).with("date", not_after).with("now", now)
            }
            Self::NotYetValid { whose, not_before, now } => {
                Say::new("error-cert-not-yet-valid").with("whose", whose).with("date", not_before).with("now", now)
            }
            Self::WrongHost { wanted, presented } if presented.is_empty() => {
                Say::new("error-cert-no-name").with("wanted", wanted)
            }
            Self::WrongHost { wanted, presented } => {
                Say::new("error-cert-wrong-host").with("wanted", wanted).with("presented", presented)
            }
            Self::SelfSigned => Say::new("error-cert-self-signed"),
            Self::UnknownAuthority { issuer } => Say::new("error-cert-unknown-authority").with("issuer", issuer),
            Self::CaAsServer => Say::new("error-cert-ca-as-server"),
            Self::BadSignature => Say::new("error-cert-bad-signature"),
            Self::Weak { whose, what } => Say::new("error-cert-weak").with("whose", whose).with("what", what),
            Self::WrongPurpose => Say::new("error-cert-wrong-purpose"),
            Self::Revoked => Say::new("error-cert-revoked"),
            Self::Unreadable => Say::new("error-cert-unreadable"),
            Self::Other { cause } => Say::new("error-cert-other").with("cause", cause),
        }
    }
}

/// A refused certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The domain it should have been for.
    pub domain: String,
    /// All that is wrong, at least one.
    pub faults: Vec<Fault>,
    /// SHA-256 of the certificate, in hexadecimal pairs, to compare by telephone.
    pub fingerprint: String,
}

impl Diagnosis {
    pub(super) fn new(domain: &str, leaf: &CertificateDer<'_>, faults: Vec<Fault>) -> Self {
        let mut fingerprint = String::new();
        for (index, byte) in Sha256::digest(leaf.as_ref()).iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            // Writing to a String cannot fail.
            let _ = write!(fingerprint, "{colon}{byte:02X}");
        }
        Self { domain: domain.to_owned(), faults, fingerprint }
    }

    /// The single fault's words, or how many there are; the list is in [`super::Error::details`].
    #[must_use]
    pub fn say(&self) -> Say {
        match self.faults.as_slice() {
            [only] => only.say(),
            faults => Say::new("error-cert-several")
                .with("domain", &self.domain)
                .with("count", faults.len().to_string())
                .with("fingerprint", &self.fingerprint),
        }
    }
}

/// What a server presented.
pub(super) struct Presented<'a> {
    pub leaf: &'a CertificateDer<'a>,
    pub chain: &'a [CertificateDer<'a>],
    pub name: &'a ServerName<'a>,
    pub domain: &'a str,
}

/// All faults of a certificate the inner verifier refused with `error`: validity, name and strength are looked at one by
/// one, and the chain is checked again at a time when all of it is valid, so that no fault hides another.
pub(super) fn faults(
    inner: &WebPkiServerVerifier,
    presented: &Presented<'_>,
    now: UnixTime,
    error: &Error,
) -> Vec<Fault> {
    let Ok((_, leaf)) = X509Certificate::from_der(presented.leaf) else { return vec![Fault::Unreadable] };
    let chain: Vec<X509Certificate<'_>> =
        presented.chain.iter().filter_map(|der| X509Certificate::from_der(der).ok()).map(|(_, cert)| cert).collect();
    let mut faults = Vec::new();
    let all = || std::iter::once(&leaf).chain(&chain);
    faults.extend(all().filter_map(|certificate| validity(certificate, now)));
    faults.extend(host(presented, &leaf));
    let at = clamp(all(), now);
    if let Err(error) = inner.verify_server_cert(presented.leaf, presented.chain, presented.name, &[], at) {
        faults.extend(chain_faults(&error, &leaf));
    }
    faults.extend(weaknesses(presented.leaf));
    faults.extend(chain.iter().filter(|certificate| !is_own_issuer(certificate)).filter_map(weak_signature));
    let mut unique: Vec<Fault> = Vec::new();
    for fault in faults {
        if !unique.contains(&fault) {
            unique.push(fault);
        }
    }
    if unique.is_empty() {
        unique.push(Fault::Other { cause: harmless(&error.to_string()) });
    }
    unique
}

fn validity(certificate: &X509Certificate<'_>, now: UnixTime) -> Option<Fault> {
    let now = seconds(now);
    let (from, to) = (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let whose = subject(certificate);
    if now > to {
        Some(Fault::Expired { whose, not_after: date(to), now: date(now) })
    } else if now < from {
        Some(Fault::NotYetValid { whose, not_before: date(from), now: date(now) })
    } else {
        None
    }
}

fn host(presented: &Presented<'_>, leaf: &X509Certificate<'_>) -> Option<Fault> {
    let parsed = ParsedCertificate::try_from(presented.leaf).ok()?;
    match verify_server_name(&parsed, presented.name) {
        Ok(()) => None,
        Err(_) => Some(Fault::WrongHost { wanted: presented.domain.to_owned(), presented: names(leaf) }),
    }
}

/// The moment nearest to `now` at which every certificate presented is valid; `now` where there is none.
fn clamp<'a>(all: impl Iterator<Item = &'a X509Certificate<'a>>, now: UnixTime) -> UnixTime {
    let (mut from, mut to) = (0, i64::MAX);
    for certificate in all {
        from = from.max(certificate.validity().not_before.timestamp());
        to = to.min(certificate.validity().not_after.timestamp());
    }
    if from > to {
        return now;
    }
    let at = u64::try_from(seconds(now).clamp(from, to)).unwrap_or_default();
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(at))
}

/// What the inner verifier's error says of the chain; validity and names are told apart from it.
fn chain_faults(error: &Error, leaf: &X509Certificate<'_>) -> Vec<Fault> {
    let Error::InvalidCertificate(error) = error else { return Vec::new() };
    match error {
        CertificateError::UnknownIssuer if is_own_issuer(leaf) => vec![Fault::SelfSigned],
        CertificateError::UnknownIssuer => vec![Fault::UnknownAuthority { issuer: name(leaf.issuer()) }],
        CertificateError::BadSignature => vec![Fault::BadSignature],
        CertificateError::BadEncoding => vec![Fault::Unreadable],
        CertificateError::Revoked => vec![Fault::Revoked],
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => vec![Fault::WrongPurpose],
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            vec![Fault::Weak { whose: subject(leaf), what: leaf.signature_algorithm.algorithm.to_id_string() }]
        }
        CertificateError::NotValidForName
        | CertificateError::NotValidForNameContext { .. }
        | CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Vec::new(),
        // webpki's CaUsedAsEndEntity, which it reports before it looks for an issuer.
        CertificateError::Other(_) if leaf.is_ca() && is_own_issuer(leaf) => vec![Fault::CaAsServer, Fault::SelfSigned],
        CertificateError::Other(_) if leaf.is_ca() => vec![Fault::CaAsServer],
        other => vec![Fault::Other { cause: harmless(&other.to_string()) }],
    }
}

/// Weaknesses of the leaf: its key's size and its signature's hash.
pub(super) fn weaknesses(leaf: &CertificateDer<'_>) -> Vec<Fault> {
    let Ok((_, leaf)) = X509Certificate::from_der(leaf) else { return vec![Fault::Unreadable] };
    let mut faults = Vec::new();
    if let Ok(PublicKey::RSA(key)) = leaf.public_key().parsed() {
        let bits = modulus_bits(key.modulus);
        if bits < RSA_BITS {
            faults.push(Fault::Weak { whose: subject(&leaf), what: format!("RSA {bits}") });
        }
    }
    faults.extend(weak_signature(&leaf));
    faults
}

fn modulus_bits(modulus: &[u8]) -> usize {
    modulus.iter().skip_while(|byte| **byte == 0).count() * 8
}

fn weak_signature(certificate: &X509Certificate<'_>) -> Option<Fault> {
    let what = match certificate.signature_algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" => "SHA-1",
        _ => return None,
    };
    Some(Fault::Weak { whose: subject(certificate), what: what.to_owned() })
}

fn is_own_issuer(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// The names a certificate is for, made harmless: DNS names and addresses of its subjectAltName.
fn names(leaf: &X509Certificate<'_>) -> String {
    let mut names = Vec::new();
    for extension in leaf.extensions() {
        let ParsedExtension::SubjectAlternativeName(alternatives) = extension.parsed_extension() else { continue };
        for alternative in &alternatives.general_names {
            match alternative {
                GeneralName::DNSName(name) => names.push(harmless(name)),
                GeneralName::IPAddress(bytes) => names.extend(address(bytes)),
                _ => {}
            }
        }
    }
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    let mut text = names.join(", ");
    if more > 0 {
        let _ = write!(text, ", +{more}");
    }
    text
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string())
}

fn subject(certificate: &X509Certificate<'_>) -> String {
    name(certificate.subject())
}

/// A distinguished name's most telling part: common name, else organisation, else all of it.
fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|attribute| attribute.as_str().ok());
    let organisation = name.iter_organization().next().and_then(|attribute| attribute.as_str().ok());
    match common.or(organisation) {
        Some(text) => harmless(text),
        None => harmless(&name.to_string()),
    }
}

/// Text of a certificate reduced to visible ASCII and blanks, at most [`LONGEST`] characters: it is an attacker's.
fn harmless(text: &str) -> String {
    text.chars().take(LONGEST).map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' }).collect()
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

fn date(seconds: i64) -> String {
    let time: Option<DateTime<Utc>> = DateTime::from_timestamp(seconds, 0);
    time.map_or_else(|| "?".to_owned(), |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// Made by `openssl req -x509 -newkey rsa:1024 -sha1`: rustls's own servers refuse to serve such a one.
    const WEAK: &str = "\
MIICCjCCAXOgAwIBAgIUB+PH1EfGT2y30F7Mw4BLJl+/OfgwDQYJKoZIhvcNAQEFBQAwFzEVMBMGA1UEAwwMd2Vhay5leGFtcGxl\
MB4XDTI2MTEyMTE2MTEzM1oXDTM2MTExODE2MTEzM1owFzEVMBMGA1UEAwwMd2Vhay5leGFtcGxlMIGfMA0GCSqGSIb3DQEBAQUA\
A4GNADCBiQKBgQC84/7j6Oo8CsjoEa23xALaTbO2UdBXYvZ9pnDlsyeDF9mX4uHz+rrO01SsacmtNP8feiCRJgXCkEet+0kFU1gQ\
UCjkErwZmQrEwdBV8Mrd3w/4zcF5jhsfO0YRyGFtlL+pcXorlCQ1BfgUe+Nk6/4/u5Kdpl93sV6EfL3060StoQIDAQABo1MwUTAd\
BgNVHQ4EFgQU1AAz2VUBeSJjR8kOCZUOeDgytbgwHwYDVR0jBBgwFoAU1AAz2VUBeSJjR8kOCZUOeDgytbgwDwYDVR0TAQH/BAUw\
AwEB/zANBgkqhkiG9w0BAQUFAAOBgQA5vEWGDqp1ZeX4UEw6mkp8sch+zvqAOXcYYXo7UZ6076qHUY8QIDkXHZVq3VPehkQhOD6o\
KGgbdr46iVlJOYFw19JgNzezqIAsmyJTK1lM5pvAG+Rw/3+zYVUms8ObRUbUN3cdVgupNNvtbQxhJaXJgHkoNsY75l++HFRT62Gy\
4Q==";

    #[test]
    fn a_short_key_and_an_old_hash_are_both_named() {
        let leaf = CertificateDer::from(STANDARD.decode(WEAK).unwrap());
        let weak = |what: &str| Fault::Weak { whose: "weak.example".to_owned(), what: what.to_owned() };
        assert_eq!(weaknesses(&leaf), [weak("RSA 1024"), weak("SHA-1")]);
        assert_eq!(weaknesses(&CertificateDer::from(vec![1, 2, 3])), [Fault::Unreadable]);
    }

    #[test]
    fn hostile_names_are_harmless_and_bounded() {
        assert_eq!(harmless("a\u{202e}b\n<\u{e9}>"), "a?b?<?>");
        assert_eq!(harmless(&"x".repeat(10_000)).len(), LONGEST);
    }
}
