//! The certificate authorities believed. Reading them blocks.

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::{Error, Trust};
use crate::plain;

/// Largest CA file read, in bytes: the Mozilla bundle is a quarter of it.
const LARGEST: u64 = 1 << 20;

pub(super) fn load(trust: &Trust) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::Platform => {
            // A single unreadable file of many is no reason to trust none (RFC 5280 §6.1.1 leaves the choice to us).
            let (_added, _ignored) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Trust::CaFile(path) | Trust::Both(path) => {
            if matches!(trust, Trust::Both(_)) {
                let (_added, _ignored) =
                    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            let fail = |cause: String| Error::CaFile { path: path.display().to_string(), cause };
            let pem = plain::read(path, LARGEST).map_err(|error| fail(error.to_string()))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| fail(error.to_string()))?;
                roots.add(certificate).map_err(|error| fail(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(fail("no certificate in it".to_owned()));
            }
        }
        Trust::Ca(der) => {
            let fail = |error: tokio_rustls::rustls::Error| Error::Other(error.to_string());
            roots.add(CertificateDer::from(der.to_vec())).map_err(fail)?;
        }
    }
    if roots.is_empty() { Err(Error::NoAuthorities) } else { Ok(roots) }
}
