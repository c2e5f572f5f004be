//! A presented chain against the believed authorities: by webpki, as rustls does it, with what rustls does not tell.

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, RevocationOptions, VerifiedPath};
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate};

use super::provider;

/// What a server presented.
#[derive(Clone, Copy)]
pub(super) struct Presented<'a> {
    pub leaf: &'a CertificateDer<'a>,
    pub others: &'a [CertificateDer<'a>],
}

/// Accepts a certificate whatever it is for, where its purpose is looked at by itself.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// How the purpose of certificates counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Server,
    Any,
}

/// Builds a path from `leaf` to one of the authorities, valid at `at`, with revocation as `options` say.
pub(super) fn verify<'p>(
    leaf: &'p EndEntityCert<'p>,
    others: &'p [CertificateDer<'p>],
    roots: &'p [TrustAnchor<'p>],
    at: UnixTime,
    purpose: Purpose,
    revocation: Option<RevocationOptions<'_>>,
) -> Result<VerifiedPath<'p>, webpki::Error> {
    let algorithms = provider().signature_verification_algorithms.all;
    match purpose {
        Purpose::Server => {
            leaf.verify_for_usage(algorithms, roots, others, at, KeyUsage::server_auth(), revocation, None)
        }
        Purpose::Any => leaf.verify_for_usage(algorithms, roots, others, at, AnyPurpose, revocation, None),
    }
}

/// Whether an authority on the path may sign only for certain names. webpki holds them against DNS names and addresses;
/// an SRV-ID or XmppAddr would slip through.
pub(super) fn is_constrained(path: &VerifiedPath<'_>) -> bool {
    let constrained = |der: &[u8]| {
        X509Certificate::from_der(der).is_ok_and(|(_, certificate)| {
            certificate
                .extensions()
                .iter()
                .any(|one| matches!(one.parsed_extension(), ParsedExtension::NameConstraints(_)))
        })
    };
    path.anchor().name_constraints.is_some() || path.intermediate_certificates().any(|one| constrained(&one.der()))
}

/// The leaf and those above it, each the issuer of the one before by name; what else a server presents is no part of
/// its chain.
pub(super) fn walk<'a>(leaf: X509Certificate<'a>, others: Vec<X509Certificate<'a>>) -> Vec<X509Certificate<'a>> {
    let mut others = others;
    let mut walk = vec![leaf];
    while let Some(last) = walk.last().filter(|last| !is_own_issuer(last)) {
        let Some(at) = others.iter().position(|one| one.subject().as_raw() == last.issuer().as_raw()) else { break };
        walk.push(others.swap_remove(at));
    }
    walk
}

/// The certificates among `ders` that can be read.
pub(super) fn parsed<'a>(ders: &'a [CertificateDer<'a>]) -> Vec<X509Certificate<'a>> {
    ders.iter().filter_map(|der| X509Certificate::from_der(der).ok()).map(|(_, certificate)| certificate).collect()
}

pub(super) fn is_own_issuer(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// Whether one of the believed authorities has this name.
pub(super) fn is_believed(roots: &RootCertStore, issuer: &X509Certificate<'_>) -> bool {
    // A trust anchor's subject is the inside of the name's SEQUENCE.
    let raw = issuer.issuer().as_raw();
    roots.roots.iter().any(|root| raw.ends_with(root.subject.as_ref()) && raw.len() - root.subject.len() <= 4)
}
