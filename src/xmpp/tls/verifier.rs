//! The verifier: rustls's own decides first; on refusal ours finds every fault. Then pins, exceptions and what was seen
//! before. A fault is passed over only where a person decided so for this very key: by a pin that stands instead of a
//! chain, or by an exception. Handshake signatures are rustls's alone, so whoever passes has the key.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::chain::{self, Presented, Purpose};
use super::diagnosis::{self, Wanted};
use super::words::Fault;
use super::{Policy, Unseen, facts, names};
use crate::model::Fingerprint;
use crate::model::session::{Refused, Roots, Vouched, Why};

/// What one connection's verifier saw and found; read after the handshake.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub leaf: CertificateDer<'static>,
    /// What was presented beside it.
    pub others: Vec<CertificateDer<'static>>,
    /// The server sent an OCSP answer along.
    pub stapled: bool,
    pub now: UnixTime,
    /// The identity that is the domain's.
    pub matched: Option<String>,
    pub faults: Vec<Fault>,
}

/// A certificate let through.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    pub vouched: Vouched,
    pub pinned: bool,
    pub changed: bool,
    pub certificate: Fingerprint,
    pub key: Fingerprint,
}

/// Shared between the verifier and who waits for the handshake.
#[derive(Clone, Default)]
pub(super) struct Cell(Arc<Mutex<Option<Judged>>>);

impl Cell {
    pub(super) fn take(&self) -> Option<Judged> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Judged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By what a certificate is judged.
#[derive(Clone)]
pub(super) struct Rules {
    pub roots: Arc<RootCertStore>,
    /// Where those come from.
    pub source: Roots,
    /// The domain of the JID in A-labels.
    pub domain: String,
    pub policy: Policy,
}

pub(super) struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    rules: Arc<Rules>,
    cell: Cell,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("domain", &self.rules.domain).finish_non_exhaustive()
    }
}

impl Verifier {
    pub(super) fn new(inner: Arc<WebPkiServerVerifier>, rules: Arc<Rules>) -> (Self, Cell) {
        let cell = Cell::default();
        (Self { inner, rules, cell: cell.clone() }, cell)
    }

    fn handshake(&self, result: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
        result.inspect_err(|_| {
            if let Some(judged) = self.cell.lock().as_mut() {
                judged.faults.push(Fault::BadSignature);
            }
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let own = self.inner.verify_server_cert(leaf, others, name, ocsp, now);
        let (matched, faults) = self.rules.find(own.as_ref().err(), Presented { leaf, others }, name, now);
        let judged = Judged {
            leaf: leaf.clone().into_owned(),
            others: others.iter().map(|other| other.clone().into_owned()).collect(),
            stapled: !ocsp.is_empty(),
            now,
            matched,
            faults,
        };
        let verdict = match self.rules.decide(&judged) {
            Ok(_) => Ok(ServerCertVerified::assertion()),
            Err(_) => Err(own.err().unwrap_or(CertificateError::ApplicationVerificationFailure.into())),
        };
        *self.cell.lock() = Some(judged);
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.handshake(self.inner.verify_tls12_signature(message, leaf, signed))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.handshake(self.inner.verify_tls13_signature(message, leaf, signed))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

impl Rules {
    /// The identity that is the domain's, and all faults. `refusal` is what rustls's own verifier said, where it refused.
    fn find(
        &self,
        refusal: Option<&Error>,
        presented: Presented<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> (Option<String>, Vec<Fault>) {
        let Ok((_, leaf)) = X509Certificate::from_der(presented.leaf) else {
            return (None, vec![Fault::Unreadable]);
        };
        // The chain check does not look at the leaf's key size (`security.md` §2, RSA 1024 leaf).
        let Some(error) = refusal else { return (names::by_dns(&leaf, name), diagnosis::weaknesses(&leaf)) };
        if let Some(matched) = self.by_other(presented, &leaf, now) {
            return (Some(matched), diagnosis::weaknesses(&leaf));
        }
        let wanted = Wanted { roots: &self.roots, name, domain: &self.domain, now };
        let mut faults = diagnosis::faults(presented, &leaf, &wanted);
        if faults.is_empty() {
            faults.push(Fault::Other { cause: facts::harmless(&error.to_string()) });
        }
        (names::by_dns(&leaf, name).or_else(|| names::by_other(&leaf, &self.domain)), faults)
    }

    /// The SRV-ID or XmppAddr that makes the certificate the domain's where no DNS-ID does: under a chain that holds,
    /// of authorities that may sign for any name.
    fn by_other(&self, presented: Presented<'_>, leaf: &X509Certificate<'_>, now: UnixTime) -> Option<String> {
        let matched = names::by_other(leaf, &self.domain)?;
        let end = EndEntityCert::try_from(presented.leaf).ok()?;
        let path = chain::verify(&end, presented.others, &self.roots.roots, now, Purpose::Server, None).ok()?;
        (!chain::is_constrained(&path)).then_some(matched)
    }

    /// What the person has decided, against the faults.
    ///
    /// # Errors
    /// Why the certificate is refused.
    pub(super) fn decide(&self, judged: &Judged) -> Result<Passed, Why> {
        let known = &self.policy.known;
        let mut faults = judged.faults.clone();
        let Ok((_, leaf)) = X509Certificate::from_der(&judged.leaf) else {
            return Err(Why::Faults(vec![Fault::Unreadable.words()]));
        };
        let key = facts::key(&leaf);
        let now = facts::time(diagnosis::seconds(judged.now));
        let pin = known.pin(key);
        let mut vouched = Vouched::Chain { roots: self.source.clone() };
        if pin.is_some_and(|pin| pin.alone) && faults.iter().any(Fault::about_vouching) {
            // The key itself is the identity. What says nothing of who vouches still counts: an end date is the
            // operator's own word on how long the key is meant to serve, and weak cryptography lets others have it.
            faults.retain(|fault| !fault.about_vouching());
            vouched = Vouched::Pin;
        }
        let pinned = pin.is_some();
        let astray = !known.pins.is_empty() && !pinned;
        let mut excepted = known.exceptions.iter().any(|exception| exception.is_current(key, now));
        if !faults.is_empty() && !astray && faults.iter().all(Fault::excusable) {
            let tokens: Vec<&str> = faults.iter().map(Fault::token).collect();
            if let Some(exception) = known.exceptions.iter().find(|exception| exception.holds(key, &tokens, now)) {
                faults.clear();
                vouched = Vouched::Exception(exception.clone());
                excepted = true;
            }
        }
        let decided = pinned || excepted;
        let other = known.seen.as_ref().filter(|seen| seen.key != key);
        if !faults.is_empty() {
            if astray {
                faults.push(Fault::NotPinned { key: key.to_string() });
            } else if let Some(seen) = other.filter(|_| !decided) {
                faults.push(Fault::Changed { since: seen.first.format("%Y-%m-%d").to_string() });
            }
            return Err(Why::Faults(faults.iter().map(Fault::words).collect()));
        }
        if astray {
            return Err(Why::NotPinned(known.pins.iter().map(|pin| pin.key).collect()));
        }
        match (&known.seen, other) {
            (_, Some(seen)) if !decided => Err(Why::Changed(seen.clone())),
            (None, _) if !decided && self.policy.unseen == Unseen::Ask => Err(Why::Unseen),
            _ => Ok(Passed {
                vouched,
                pinned,
                changed: other.is_some(),
                certificate: facts::fingerprint(&judged.leaf),
                key,
            }),
        }
    }

    pub(super) fn refused(&self, judged: &Judged, why: Why) -> Arc<Refused> {
        Arc::new(Refused { domain: self.domain.clone(), certificate: facts::certificate(&judged.leaf), why })
    }
}
