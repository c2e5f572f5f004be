//! What is wrong with a certificate, all of it: a first error hides the worse ones (`security.md` §0 finding 4), so each
//! rule is looked at by itself. Finds; decides nothing.

use std::time::Duration;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::EndEntityCert;
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate};

use super::chain::{self, Presented, Purpose};
use super::words::Fault;
use super::{facts, names};

/// Fewest bits of an RSA key believed.
const RSA_BITS: usize = 2048;
/// Critical extensions webpki knows (the last part of 2.5.29.n).
const KNOWN: [&str; 6] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.31", "2.5.29.37"];

/// Against what a certificate is held.
pub(super) struct Wanted<'a> {
    pub roots: &'a RootCertStore,
    pub name: &'a ServerName<'a>,
    /// The domain of the JID in A-labels.
    pub domain: &'a str,
    pub now: UnixTime,
}

/// All faults of what was presented, each once. `leaf` is the presented leaf, read.
pub(super) fn faults(presented: Presented<'_>, leaf: &X509Certificate<'_>, wanted: &Wanted<'_>) -> Vec<Fault> {
    let walk = chain::walk(leaf.clone(), chain::parsed(presented.others));
    let end = EndEntityCert::try_from(presented.leaf);
    let verify = |others: &[CertificateDer<'_>], at| {
        let end = end.as_ref().map_err(Clone::clone)?;
        let path = chain::verify(end, others, &wanted.roots.roots, at, Purpose::Any, None)?;
        Ok(chain::is_constrained(&path))
    };
    let mut found = Vec::new();
    // A server may also present old certificates that no path needs: while one path is valid none of them counts.
    if verify(presented.others, wanted.now).is_err() {
        found.extend(walk.iter().filter_map(|certificate| validity(certificate, wanted.now)));
    }
    found.extend(host(&end, leaf, wanted));
    let at = clamp(&walk, wanted.now);
    // What speaks against the chain is asked of its own certificates alone: webpki tells of the one fault it ranks highest
    // among all paths, and a stranger's certificate beside the chain must not put a milder one before a forgery.
    let own: Vec<_> = walk.iter().skip(1).map(|one| CertificateDer::from(one.as_raw())).collect();
    match verify(presented.others, at).or_else(|_| verify(&own, at)) {
        Ok(constrained) => {
            let by_dns = end.as_ref().is_ok_and(|end| end.verify_is_valid_for_subject_name(wanted.name).is_ok());
            if constrained && !by_dns && names::by_other(leaf, wanted.domain).is_some() {
                found.push(Fault::NameConstraint);
            }
        }
        Err(error) => found.extend(chain_faults(&error, &walk, wanted.roots)),
    }
    found.extend(walk.iter().filter(|certificate| is_for_others(certificate)).map(|_| Fault::WrongPurpose));
    found.extend(walk.iter().flat_map(weaknesses));
    let mut unique: Vec<Fault> = Vec::new();
    for fault in found {
        if !unique.contains(&fault) {
            unique.push(fault);
        }
    }
    unique
}

fn validity(certificate: &X509Certificate<'_>, now: UnixTime) -> Option<Fault> {
    let now = seconds(now);
    let (from, to) = (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let whose = facts::subject(certificate);
    let date = |seconds| facts::date(facts::time(seconds));
    if from > to {
        Some(Fault::Inverted { whose })
    } else if now > to {
        Some(Fault::Expired { whose, not_after: date(to), now: date(now) })
    } else if now < from {
        Some(Fault::NotYetValid { whose, not_before: date(from), now: date(now) })
    } else {
        None
    }
}

fn host(
    end: &Result<EndEntityCert<'_>, webpki::Error>,
    leaf: &X509Certificate<'_>,
    wanted: &Wanted<'_>,
) -> Option<Fault> {
    let by_dns = match end {
        Ok(end) => end.verify_is_valid_for_subject_name(wanted.name).is_ok(),
        Err(_) => names::by_dns(leaf, wanted.name).is_some(),
    };
    if by_dns || names::by_other(leaf, wanted.domain).is_some() {
        return None;
    }
    let (presented, wanted) = (facts::presented(leaf), wanted.domain.to_owned());
    Some(if presented.is_empty() { Fault::NoName { wanted } } else { Fault::WrongHost { wanted, presented } })
}

/// The moment nearest to `now` at which all of the presented chain is valid.
pub(super) fn moment(presented: Presented<'_>, now: UnixTime) -> UnixTime {
    let Ok((_, leaf)) = X509Certificate::from_der(presented.leaf) else { return now };
    clamp(&chain::walk(leaf, chain::parsed(presented.others)), now)
}

/// The moment nearest to `now` at which all of the chain is valid; `now` where there is none.
fn clamp(walk: &[X509Certificate<'_>], now: UnixTime) -> UnixTime {
    let from = walk.iter().map(|one| one.validity().not_before.timestamp()).max().unwrap_or_default();
    let to = walk.iter().map(|one| one.validity().not_after.timestamp()).min().unwrap_or_default();
    if from > to {
        return now;
    }
    let at = u64::try_from(seconds(now).clamp(from, to)).unwrap_or_default();
    UnixTime::since_unix_epoch(Duration::from_secs(at))
}

/// What webpki's error says of the chain. What it checks before it looks for an issuer would hide that there is none, so
/// there the names decide.
fn chain_faults(error: &webpki::Error, walk: &[X509Certificate<'_>], roots: &RootCertStore) -> Vec<Fault> {
    use webpki::Error;
    let with_issuer = |fault| std::iter::once(fault).chain(unvouched(walk, roots)).collect();
    match error {
        Error::UnknownIssuer => {
            let unknown = || walk.last().map(|top| Fault::UnknownAuthority { issuer: facts::name(top.issuer()) });
            unvouched(walk, roots).or_else(unknown).into_iter().collect()
        }
        Error::CaUsedAsEndEntity => {
            let alone = matches!(walk, [one] if chain::is_own_issuer(one));
            with_issuer(Fault::CaAsServer { alone })
        }
        Error::EndEntityUsedAsCa => {
            let whose = walk.iter().skip(1).find(|certificate| !certificate.is_ca());
            vec![Fault::NotCa { whose: whose.map(facts::subject).unwrap_or_default() }]
        }
        Error::PathLenConstraintViolated => vec![Fault::PathLength],
        Error::NameConstraintViolation => vec![Fault::NameConstraint],
        // ring takes no signature by a short key, right or wrong; that the key is short is found beside.
        Error::InvalidSignatureForPublicKey if walk.iter().enumerate().any(is_short_issuer) => Vec::new(),
        Error::InvalidSignatureForPublicKey | Error::SignatureAlgorithmMismatch => vec![Fault::BadSignature],
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            unsupported(walk)
        }
        Error::UnsupportedCertVersion => with_issuer(Fault::Version),
        Error::UnsupportedCriticalExtension => {
            let critical = |one: &X509Certificate<'_>| {
                let mut oids = one.extensions().iter().filter(|one| one.critical).map(|one| one.oid.to_id_string());
                oids.find(|oid| !KNOWN.contains(&oid.as_str()))
            };
            with_issuer(Fault::CriticalExtension { oid: walk.iter().find_map(critical).unwrap_or_default() })
        }
        // Seen by `validity`. webpki looks at it before anything else, so nothing else is known of this chain, not even
        // who signed it.
        Error::InvalidCertValidity => unvouched(walk, roots).into_iter().collect(),
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => with_issuer(Fault::Disjoint),
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => vec![Fault::Unreadable],
        other => vec![Fault::Other { cause: facts::harmless(&other.to_string()) }],
    }
}

/// Whether one of a walk signed another, or itself, with a key too short.
fn is_short_issuer((at, one): (usize, &X509Certificate<'_>)) -> bool {
    (at > 0 || chain::is_own_issuer(one)) && facts::rsa_bits(one).is_some_and(|bits| bits < RSA_BITS)
}

/// A signature webpki does not know: weak by name, or the top one of what it could look at.
fn unsupported(walk: &[X509Certificate<'_>]) -> Vec<Fault> {
    if walk.iter().any(|certificate| !weaknesses(certificate).is_empty()) {
        return Vec::new();
    }
    let weak = |one: &X509Certificate<'_>| Fault::Weak { whose: facts::subject(one), what: facts::signature(one) };
    walk.first().map(weak).into_iter().collect()
}

/// Why nobody believed stands at the chain's end, by names alone.
fn unvouched(walk: &[X509Certificate<'_>], roots: &RootCertStore) -> Option<Fault> {
    let top = walk.last()?;
    if chain::is_believed(roots, top) {
        return None;
    }
    let issuer = facts::name(top.issuer());
    Some(match walk {
        [alone] if chain::is_own_issuer(alone) => Fault::SelfSigned,
        // It says where its issuer's certificate is to be had, so the issuer is no root, and should have been presented.
        _ if !chain::is_own_issuer(top) && has_issuer_address(top) => Fault::Incomplete { issuer },
        _ => Fault::UnknownAuthority { issuer },
    })
}

/// Authority information access with a caIssuers address (RFC 5280 §4.2.2.1).
fn has_issuer_address(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.accessdescs.iter().any(|one| one.access_method.to_id_string() == "1.3.6.1.5.5.7.48.2")
        }
        _ => false,
    })
}

/// An extended key usage that leaves servers out; webpki wants it of authorities too.
fn is_for_others(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::ExtendedKeyUsage(usage) if !usage.server_auth)
    })
}

/// Weaknesses of one certificate: its key's size and its signature's hash. The signature of one that vouches for itself
/// proves nothing either way, but an old hash tells of an old key.
pub(super) fn weaknesses(certificate: &X509Certificate<'_>) -> Vec<Fault> {
    let weak = |what: String| Fault::Weak { whose: facts::subject(certificate), what };
    let key = facts::rsa_bits(certificate).filter(|bits| *bits < RSA_BITS).map(|bits| weak(format!("RSA {bits}")));
    let signature = facts::signature(certificate);
    let old = ["MD2", "MD5", "SHA-1"].iter().any(|hash| signature.starts_with(hash));
    key.into_iter().chain(old.then(|| weak(signature))).collect()
}

pub(super) fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// Made by `openssl req -x509 -newkey rsa:1024 -sha1`: rustls's own servers refuse to serve such a one.
    const OLD: &str = "\
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
        let der = STANDARD.decode(OLD).unwrap();
        let (_, leaf) = X509Certificate::from_der(&der).unwrap();
        let weak = |what: &str| Fault::Weak { whose: "weak.example".to_owned(), what: what.to_owned() };
        assert_eq!(weaknesses(&leaf), [weak("RSA 1024"), weak("SHA-1 with RSA")]);
    }
}
