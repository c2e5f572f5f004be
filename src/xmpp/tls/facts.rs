//! A certificate as it is shown: every text in it is its maker's, so each is made safe and cut here.
//!
//! Uses `model` and `text`; reads X.509 with `x509-parser`, which decides nothing.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

use super::names;
use crate::model::Fingerprint;
use crate::model::session::Certificate;
use crate::text;

/// Names shown at most; a certificate may carry thousands.
const NAMES: usize = 32;
/// Characters of a name shown at most.
const LONGEST: usize = 80;
/// Characters of a distinguished name shown at most.
const LONGEST_SUBJECT: usize = 200;

/// What a certificate says of itself; `None` where it cannot be read.
#[must_use]
pub fn certificate(der: &[u8]) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let mut names: Vec<String> = alternatives(&parsed).filter_map(shown).take(NAMES + 1).collect();
    let all = alternatives(&parsed).count();
    if all > NAMES {
        names.truncate(NAMES);
        names.push(format!("+{}", all - NAMES));
    }
    Some(Certificate {
        subject: text::line_within(&parsed.subject().to_string(), LONGEST_SUBJECT),
        issuer: text::line_within(&parsed.issuer().to_string(), LONGEST_SUBJECT),
        names,
        not_before: time(parsed.validity().not_before.timestamp()),
        not_after: time(parsed.validity().not_after.timestamp()),
        key_kind: key_kind(&parsed),
        signature: signature(&parsed),
        fingerprint: fingerprint(der),
        key: key(&parsed),
    })
}

/// SHA-256 of these bytes.
pub(super) fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(bytes).into())
}

/// Of the public key as the certificate holds it (SPKI), what a pin is of (RFC 7469 §2.4).
pub(super) fn key(certificate: &X509Certificate<'_>) -> Fingerprint {
    fingerprint(certificate.public_key().raw)
}

/// What it is called in a sentence: its subject's most telling part, else its first name.
pub(super) fn subject(certificate: &X509Certificate<'_>) -> String {
    let subject = name(certificate.subject());
    if subject.is_empty() { alternatives(certificate).find_map(shown).unwrap_or_default() } else { subject }
}

/// A distinguished name's most telling part: common name, else organisation, else all of it.
pub(super) fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|attribute| attribute.as_str().ok());
    let organisation = name.iter_organization().next().and_then(|attribute| attribute.as_str().ok());
    match common.or(organisation) {
        Some(text) => harmless(text),
        None => harmless(&name.to_string()),
    }
}

/// One safe line of a certificate's text.
pub(super) fn harmless(text: &str) -> String {
    text::line_within(text, LONGEST)
}

/// The names a certificate is for, in one line; empty for none but the obsolete common name.
pub(super) fn presented(certificate: &X509Certificate<'_>) -> String {
    let mut line = String::new();
    let mut rest = 0;
    for (index, name) in alternatives(certificate).filter_map(bare).enumerate() {
        if index < 8 {
            let comma = if index == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(line, "{comma}{name}");
        } else {
            rest += 1;
        }
    }
    if rest > 0 {
        let _ = write!(line, ", +{rest}");
    }
    line
}

pub(super) fn alternatives<'a>(certificate: &'a X509Certificate<'a>) -> impl Iterator<Item = &'a GeneralName<'a>> {
    certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(alternatives) => Some(&alternatives.general_names),
            _ => None,
        })
        .flatten()
}

/// A name with its kind.
fn shown(name: &GeneralName<'_>) -> Option<String> {
    let kind = match name {
        GeneralName::DNSName(_) => "DNS",
        GeneralName::IPAddress(_) => "IP",
        GeneralName::OtherName(oid, _) if names::is_srv(oid) => "SRV",
        GeneralName::OtherName(oid, _) if names::is_xmpp(oid) => "XMPP",
        GeneralName::RFC822Name(mail) => return Some(format!("mail {}", harmless(mail))),
        GeneralName::URI(uri) => return Some(format!("URI {}", harmless(uri))),
        _ => return None,
    };
    Some(format!("{kind} {}", bare(name)?))
}

/// A name that could be a server's, without its kind.
fn bare(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(harmless(name)),
        GeneralName::IPAddress(bytes) => address(bytes),
        GeneralName::OtherName(oid, value) if names::is_srv(oid) || names::is_xmpp(oid) => {
            names::text(value).map(|name| harmless(&name))
        }
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string())
}

/// `RSA 3072`, `ECDSA P-256`, `Ed25519`.
fn key_kind(certificate: &X509Certificate<'_>) -> String {
    if let Some(bits) = rsa_bits(certificate) {
        return format!("RSA {bits}");
    }
    let algorithm = &certificate.public_key().algorithm;
    let curve = algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let oid = algorithm.algorithm.to_id_string();
    match (oid.as_str(), curve.map(|curve| curve.to_id_string()).as_deref()) {
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => "ECDSA P-256".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => "ECDSA P-384".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.35")) => "ECDSA P-521".to_owned(),
        ("1.2.840.10045.2.1", _) => "ECDSA".to_owned(),
        ("1.3.101.112", _) => "Ed25519".to_owned(),
        ("1.3.101.113", _) => "Ed448".to_owned(),
        ("1.2.840.10040.4.1", _) => "DSA".to_owned(),
        _ => oid,
    }
}

/// The size of an RSA key; `None` for other keys.
pub(super) fn rsa_bits(certificate: &X509Certificate<'_>) -> Option<usize> {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => {
            let significant: Vec<u8> = key.modulus.iter().copied().skip_while(|byte| *byte == 0).collect();
            let unused = significant.first().map_or(0, |byte| byte.leading_zeros() as usize);
            Some(significant.len() * 8 - unused)
        }
        _ => None,
    }
}

/// Hash and algorithm of a certificate's signature, by its identifier.
pub(super) fn signature(certificate: &X509Certificate<'_>) -> String {
    let oid = certificate.signature_algorithm.algorithm.to_id_string();
    let known = match oid.as_str() {
        "1.2.840.113549.1.1.2" => "MD2 with RSA",
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" => "SHA-1 with RSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.10045.4.3.1" => "SHA-224 with ECDSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.3.101.112" => "Ed25519",
        _ => return oid,
    };
    known.to_owned()
}

/// A time; one no calendar holds is the epoch.
pub(super) fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// As sentences name it.
pub(super) fn date(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ED25519, SanType};

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = CertificateParams::new(vec!["grid.example".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        certificate(params.self_signed(&key).unwrap().der()).unwrap()
    }

    #[test]
    fn it_says_what_the_certificate_holds() {
        let shown = made(|params| {
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(DnType::OrganizationName, "Grid z.s.");
            params.distinguished_name.push(DnType::CommonName, "řídicí");
            params.subject_alt_names.push(SanType::IpAddress([192, 0, 2, 7].into()));
        });
        assert_eq!(shown.subject, "O=Grid z.s., CN=řídicí");
        assert_eq!(shown.names, ["DNS grid.example", "IP 192.0.2.7"]);
        assert_eq!((shown.key_kind.as_str(), shown.signature.as_str()), ("Ed25519", "Ed25519"));
        assert_ne!(shown.key, shown.fingerprint);
        assert_eq!(certificate(b"junk"), None);
    }

    #[test]
    fn hostile_texts_are_harmless_and_bounded() {
        let shown = made(|params| {
            params.distinguished_name.push(DnType::CommonName, format!("a\u{202e}b\n{}", "x".repeat(5000)));
            let name = |n: usize| SanType::DnsName(format!("h{n}.example").try_into().unwrap());
            params.subject_alt_names = (0..500).map(name).collect();
        });
        assert!(
            !shown.subject.contains(['\u{202e}', '\n']) && shown.subject.chars().count() < 260,
            "{}",
            shown.subject
        );
        assert_eq!(shown.names.len(), NAMES + 1);
        assert_eq!(shown.names.last().unwrap(), "+468");
    }
}
