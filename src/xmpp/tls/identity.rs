//! A certificate and key of our own, for SASL EXTERNAL (XEP-0178).
//!
//! May use rustls. The key is never printed.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::sign::CertifiedKey;

/// A client certificate with its key, ready to be shown. Clones share it.
#[derive(Clone)]
pub struct Identity {
    pub(super) key: Arc<CertifiedKey>,
    /// Its subject, for a person.
    pub subject: String,
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
