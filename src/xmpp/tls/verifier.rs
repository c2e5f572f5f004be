//! The verifier: rustls's own decides; on refusal ours finds every fault, for a first error hides the worse ones
//! (`security.md` §0 finding 4). It never accepts what the inner one refuses.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::diagnosis::{self, Diagnosis, Fault};

/// What the verifier of one connection found wrong; read after the handshake failed.
#[derive(Clone, Default)]
pub(super) struct Finding(Arc<Mutex<Option<Diagnosis>>>);

impl Finding {
    pub(super) fn take(&self) -> Option<Diagnosis> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, diagnosis: Diagnosis) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(diagnosis);
    }
}

pub(super) struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    domain: String,
    finding: Finding,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("domain", &self.domain).finish_non_exhaustive()
    }
}

impl Verifier {
    pub(super) fn new(inner: Arc<WebPkiServerVerifier>, domain: String) -> (Self, Finding) {
        let finding = Finding::default();
        (Self { inner, domain, finding: finding.clone() }, finding)
    }

    fn handshake(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
        leaf: &CertificateDer<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        result.inspect_err(|_| {
            self.finding.set(Diagnosis::new(&self.domain, leaf, vec![Fault::BadSignature]));
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (faults, error) = match self.inner.verify_server_cert(leaf, chain, name, ocsp, now) {
            // The chain check does not look at the leaf's key size (`security.md` §2, RSA 1024 leaf).
            Ok(verified) => match diagnosis::weaknesses(leaf) {
                faults if faults.is_empty() => return Ok(verified),
                faults => (faults, CertificateError::ApplicationVerificationFailure.into()),
            },
            Err(error) => {
                let presented = diagnosis::Presented { leaf, chain, name, domain: &self.domain };
                (diagnosis::faults(&self.inner, &presented, now, &error), error)
            }
        };
        self.finding.set(Diagnosis::new(&self.domain, leaf, faults));
        Err(error)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.handshake(self.inner.verify_tls12_signature(message, leaf, signed), leaf)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.handshake(self.inner.verify_tls13_signature(message, leaf, signed), leaf)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
