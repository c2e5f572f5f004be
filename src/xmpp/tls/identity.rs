//! A certificate and key of our own, for SASL EXTERNAL (XEP-0178): read from a PEM or PKCS#12 file, and shown in TLS when
//! the server asks.
//!
//! May use `model`, `secrets`, rustls with its ring provider, and the crates for PKCS#8 and PKCS#12. The key is never
//! printed; what is read of the file is wiped. rustls, ring and `p12-keystore` keep copies of their own, which we cannot
//! wipe.

mod error;
mod file;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::{facts, names};
use crate::secrets::Secret;
use crate::text;

pub use error::Error;

/// Characters of a subject shown at most.
const LONGEST: usize = 200;

/// A client certificate with its key, ready to be shown. Clones share it.
#[derive(Clone)]
pub struct Identity {
    key: Arc<CertifiedKey>,
    /// Its subject, for a person.
    pub subject: String,
    /// The XMPP addresses it names.
    pub addresses: Vec<String>,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
}

impl Identity {
    /// Reads a file: PEM with the certificate, its chain and the key in any order (PKCS#8, also encrypted, SEC1, PKCS#1), or
    /// PKCS#12. Blocks on disk and on the stretching of the passphrase.
    ///
    /// # Errors
    /// As [`Error`] says; a missing and a wrong passphrase are told apart.
    pub fn load(path: &Path, passphrase: Option<&Secret>) -> Result<Self, Error> {
        let bytes = file::read(path)?;
        Self::parse(&bytes, passphrase)
    }

    /// The same from the file's content.
    ///
    /// # Errors
    /// As [`Identity::load`].
    pub fn parse(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Self, Error> {
        let key = file::parse(bytes, passphrase)?;
        let leaf = key.cert.first().ok_or(Error::NoCertificate)?;
        let (_, leaf) = X509Certificate::from_der(leaf).map_err(|_| Error::Unreadable("certificate"))?;
        let identity = Self {
            subject: text::line_within(&leaf.subject().to_string(), LONGEST),
            addresses: addresses(&leaf),
            not_before: facts::time(leaf.validity().not_before.timestamp()),
            not_after: facts::time(leaf.validity().not_after.timestamp()),
            key: Arc::new(key),
        };
        Ok(identity)
    }

    /// Whether it is valid at this time. A server will refuse one that is not; that is said before, and no obstacle to trying.
    #[must_use]
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// The certificate itself, in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        self.key.cert.first().map(AsRef::as_ref).unwrap_or_default()
    }

    /// What shows it to a server that asks, and afterwards tells whether one did.
    pub(super) fn shown(&self) -> Arc<Shown> {
        Arc::new(Shown { key: Arc::clone(&self.key), asked: AtomicBool::new(false) })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.key.cert == other.key.cert
    }
}

impl Eq for Identity {}

/// The identity within one handshake.
#[derive(Debug)]
pub(super) struct Shown {
    key: Arc<CertifiedKey>,
    asked: AtomicBool,
}

impl Shown {
    /// Whether the server asked for a certificate, and so got ours.
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Shown {
    /// Whatever authorities the server names: the person has set this certificate for this account, and a server that does
    /// not believe it says so.
    fn resolve(&self, _authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let _ = self.key.key.choose_scheme(schemes)?;
        self.asked.store(true, Ordering::Relaxed);
        Some(Arc::clone(&self.key))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The XmppAddr identifiers (RFC 6120 §13.7.1.4), as they are: what is shown of them is made safe where it is shown.
fn addresses(certificate: &X509Certificate<'_>) -> Vec<String> {
    let other = facts::alternatives(certificate).filter_map(|name| match name {
        GeneralName::OtherName(oid, value) if names::is_xmpp(oid) => names::text(value),
        _ => None,
    });
    other.collect()
}
