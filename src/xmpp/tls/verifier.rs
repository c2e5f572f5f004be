//! The verifier: rustls's own decides first; on refusal ours finds every fault. Then pins, exceptions and what was seen
//! before. A fault is passed over only where a person decided so for this very key: by a pin that stands instead of a
//! chain, or by an exception. Handshake signatures are rustls's alone, so whoever passes has the key.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

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

/// What one connection's verifier made of the certificate; read after the handshake.
#[derive(Clone, Debug)]
pub(super) enum Judgement {
    Passed(Passed),
    Refused(Arc<Refused>),
}

/// A certificate let through.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    pub matched: Option<String>,
    pub vouched: Vouched,
    pub pinned: bool,
    pub changed: bool,
    pub certificate: Fingerprint,
    pub key: Fingerprint,
}

/// Shared between the verifier and who waits for the handshake.
#[derive(Clone, Default)]
pub(super) struct Cell(Arc<Mutex<Option<Judgement>>>);

impl Cell {
    pub(super) fn take(&self) -> Option<Judgement> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, judgement: Judgement) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(judgement);
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
    rules: Rules,
    cell: Cell,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("domain", &self.rules.domain).finish_non_exhaustive()
    }
}

impl Verifier {
    pub(super) fn new(inner: Arc<WebPkiServerVerifier>, rules: Rules) -> (Self, Cell) {
        let cell = Cell::default();
        (Self { inner, rules, cell: cell.clone() }, cell)
    }

    fn handshake(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
        leaf: &CertificateDer<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        result.inspect_err(|_| {
            let why = Why::Faults(vec![Fault::BadSignature.words()]);
            self.cell.set(Judgement::Refused(self.rules.refused(leaf, why)));
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
        let judgement = self.rules.judge(own.as_ref().err(), Presented { leaf, others }, name, now);
        let verdict = match &judgement {
            Judgement::Passed(_) => Ok(ServerCertVerified::assertion()),
            Judgement::Refused(_) => Err(own.err().unwrap_or(CertificateError::ApplicationVerificationFailure.into())),
        };
        self.cell.set(judgement);
        verdict
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

impl Rules {
    /// `refusal` is what rustls's own verifier said, where it refused.
    fn judge(
        &self,
        refusal: Option<&Error>,
        presented: Presented<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Judgement {
        let Ok((_, leaf)) = X509Certificate::from_der(presented.leaf) else {
            return Judgement::Refused(self.refused(presented.leaf, Why::Faults(vec![Fault::Unreadable.words()])));
        };
        let wanted = Wanted { roots: &self.roots, name, domain: &self.domain, now };
        let by_other = || self.by_other(presented, &leaf, now);
        let (matched, faults) = match refusal {
            // The chain check does not look at the leaf's key size (`security.md` §2, RSA 1024 leaf).
            None => (names::by_dns(&leaf, name), diagnosis::weaknesses(&leaf)),
            Some(error) => match by_other() {
                Some(matched) => (Some(matched), diagnosis::weaknesses(&leaf)),
                None => {
                    let mut faults = diagnosis::faults(presented, &leaf, &wanted);
                    if faults.is_empty() {
                        faults.push(Fault::Other { cause: facts::harmless(&error.to_string()) });
                    }
                    (names::by_dns(&leaf, name).or_else(|| names::by_other(&leaf, &self.domain)), faults)
                }
            },
        };
        match self.decide(&leaf, faults, now) {
            Ok(decided) => Judgement::Passed(Passed {
                matched,
                vouched: decided.vouched,
                pinned: decided.pinned,
                changed: decided.changed,
                certificate: facts::fingerprint(presented.leaf),
                key: facts::key(&leaf),
            }),
            Err(why) => Judgement::Refused(self.refused(presented.leaf, why)),
        }
    }

    /// The SRV-ID or XmppAddr that makes the certificate the domain's where no DNS-ID does: under a chain that holds,
    /// of authorities that may sign for any name.
    fn by_other(&self, presented: Presented<'_>, leaf: &X509Certificate<'_>, now: UnixTime) -> Option<String> {
        let matched = names::by_other(leaf, &self.domain)?;
        let end = EndEntityCert::try_from(presented.leaf).ok()?;
        let path = chain::verify(&end, presented.others, &self.roots, now, Purpose::Server, None).ok()?;
        (!chain::is_constrained(&path)).then_some(matched)
    }

    /// What the person has decided weighs against the faults.
    fn decide(&self, leaf: &X509Certificate<'_>, mut faults: Vec<Fault>, now: UnixTime) -> Result<Decided, Why> {
        let known = &self.policy.known;
        let key = facts::key(leaf);
        let now = facts::time(diagnosis::seconds(now));
        let pinned = known.pins.contains(&key);
        let mut vouched = Vouched::Chain { roots: self.source.clone() };
        if pinned && known.pin_only && faults.iter().any(Fault::about_vouching) {
            // The key itself is the identity. What says nothing of who vouches still counts: an end date is the
            // operator's own word on how long the key is meant to serve, and weak cryptography lets others have it.
            faults.retain(|fault| !fault.about_vouching());
            vouched = Vouched::Pin;
        }
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
            return Err(Why::NotPinned(known.pins.clone()));
        }
        match (&known.seen, other) {
            (_, Some(seen)) if !decided => Err(Why::Changed(seen.clone())),
            (None, _) if !decided && self.policy.unseen == Unseen::Ask => Err(Why::Unseen),
            _ => Ok(Decided { vouched, pinned, changed: other.is_some() }),
        }
    }

    fn refused(&self, leaf: &CertificateDer<'_>, why: Why) -> Arc<Refused> {
        Arc::new(Refused { domain: self.domain.clone(), certificate: facts::certificate(leaf), why })
    }
}

struct Decided {
    vouched: Vouched,
    pinned: bool,
    changed: bool,
}
