//! TLS below the stream (RFC 8600 §8.1, `security.md` §2): version floor, roots, the check of the controller's certificate
//! against the domain of the JID, and what went wrong in words.
//!
//! May use `model` and rustls with its ring provider, always named explicitly. Nothing of XMPP but the ALPN name.

pub mod binding;
mod chain;
mod diagnosis;
pub mod facts;
pub mod identity;
mod lists;
mod lookup;
mod names;
mod policy;
mod revocation;
mod roots;
mod verifier;
mod words;

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, AlertDescription, ClientConfig, ProtocolVersion};

use self::verifier::{Cell, Rules, Verifier};
use super::dial::Link;
use super::sasl::Bindings;
use crate::model::session::{Channel, Refused};
use crate::model::{BareJid, Learned, Say, Tls};

pub use identity::Identity;
pub use policy::{Policy, Trust, Unseen};
pub use words::{Fault, Unlisted};

/// The ALPN name of a client stream (XEP-0368).
pub const ALPN: &[u8] = b"xmpp-client";

/// A channel on which the controller has proved to be the domain of the JID.
pub struct Secured {
    pub stream: TlsStream<Box<dyn Link>>,
    pub channel: Channel,
    /// What a login can be bound to this channel by.
    pub bindings: Bindings,
    /// What is to be remembered for the account.
    pub learned: Vec<Learned>,
}

impl std::fmt::Debug for Secured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secured").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Why there is no secure channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The certificate was refused with every fault found, or waits for a person who knows it.
    #[error("certificate of {}: {:?}", .0.domain, .0.why)]
    Certificate(Arc<Refused>),
    #[error("no certificate authorities found on this machine")]
    NoAuthorities,
    #[error("cannot read authorities from {path}: {cause}")]
    CaFile { path: String, cause: String },
    #[error("the domain {0} cannot be named in TLS")]
    Domain(String),
    /// The peer speaks no version or cipher that we do (TLS 1.2 with extended master secret at least).
    #[error("no common TLS version or cipher: {0}")]
    TooOld(String),
    #[error("the peer does not do XMPP on this port")]
    Alpn,
    /// The bytes are not TLS: a plain or STARTTLS port asked for direct TLS, or another protocol.
    #[error("the peer does not speak TLS here")]
    NotTls,
    #[error("the peer wants a client certificate")]
    ClientCertificate,
    /// It got our certificate and will not have it; TLS's word for why.
    #[error("the peer refuses our client certificate: {0}")]
    IdentityRefused(String),
    #[error("the link broke during the TLS handshake: {0}")]
    Link(String),
    #[error("TLS failed: {0}")]
    Other(String),
}

impl Error {
    /// Only a broken link is mended by trying again; a certificate or a version waits for a person.
    #[must_use]
    pub fn retries(&self) -> bool {
        matches!(self, Self::Link(_))
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Certificate(refused) => refused.say(),
            Self::NoAuthorities => Say::new("error-tls-no-authorities"),
            Self::CaFile { path, cause } => Say::new("error-tls-ca-file").with("path", path).with("cause", cause),
            Self::Domain(domain) => Say::new("error-tls-domain").with("domain", domain),
            Self::TooOld(cause) => Say::new("error-tls-too-old").with("cause", cause),
            Self::Alpn => Say::new("error-tls-alpn"),
            Self::NotTls => Say::new("error-tls-not-tls"),
            Self::ClientCertificate => Say::new("error-tls-client-certificate"),
            Self::IdentityRefused(cause) => Say::new("error-tls-identity-refused").with("cause", cause),
            Self::Link(cause) => Say::new("error-tls-link").with("cause", cause),
            Self::Other(cause) => Say::new("error-tls-other").with("cause", cause),
        }
    }

    /// Each fault of a refused certificate in its own words; empty for other errors.
    #[must_use]
    pub fn details(&self) -> Vec<Say> {
        match self {
            Self::Certificate(refused) => refused.details(),
            _ => Vec::new(),
        }
    }
}

/// Makes the channel: handshake, certificate check against the JID's domain, never the host dialled (RFC 6120 §13.7.2).
/// Nothing of XMPP is sent before this returns. The caller sets the deadline.
///
/// # Errors
/// As [`Error`] says; the link is closed then.
pub async fn connect(
    link: Box<dyn Link>,
    domain: &BareJid,
    trust: &Trust,
    policy: &Policy,
    mode: Tls,
) -> Result<Secured, Error> {
    let name = server_name(domain)?;
    let source = trust.source();
    let trust = trust.clone();
    let roots = tokio::task::spawn_blocking(move || roots::load(&trust))
        .await
        .map_err(|_| Error::Other("interrupted".to_owned()))??;
    let (domain, policy) = (domain.domain_ascii(), policy.clone());
    let shown = policy.identity.as_ref().map(Identity::shown);
    let rules = Arc::new(Rules { roots: Arc::new(roots), source, domain, policy });
    let (config, cell) = config(&rules, shown.clone(), mode)?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, link).await;
    let Some(mut judged) = cell.take() else {
        // rustls always asks the verifier, for resumption is off: it failed before it came to that.
        return Err(connected.err().map_or(Error::Other("no certificate".to_owned()), |error| explain(&error)));
    };
    if let (Err(error), Ok(_)) = (&connected, rules.decide(&judged)) {
        return Err(explain(error));
    }
    let standing = lookup::standing(&rules, &Arc::new(judged.clone())).await;
    judged.faults.extend(standing.faults);
    let refused = |why| Error::Certificate(rules.refused(&judged, why));
    let passed = rules.decide(&judged).map_err(refused)?;
    let stream = connected.map_err(|error| explain(&error))?;
    let identity = rules.policy.identity.as_ref().filter(|_| shown.is_some_and(|shown| shown.asked()));
    let facts = Channel {
        matched: judged.matched,
        vouched: passed.vouched,
        pinned: passed.pinned,
        revocation: rules.policy.revocation,
        revoked: standing.revoked,
        changed: passed.changed,
        identity: identity.map(|identity| identity.subject.clone()),
        ..Channel::default()
    };
    let learned = Learned::Certificate { certificate: passed.certificate, key: passed.key };
    Ok(secured(stream, facts, learned))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// SNI and name to check: the domain of the JID in A-labels, or an IP literal.
fn server_name(domain: &BareJid) -> Result<ServerName<'static>, Error> {
    let ascii = domain.domain_ascii();
    let bare = ascii.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&ascii);
    ServerName::try_from(bare.to_owned()).map_err(|_| Error::Domain(ascii.clone()))
}

fn config(rules: &Arc<Rules>, shown: Option<Arc<identity::Shown>>, mode: Tls) -> Result<(ClientConfig, Cell), Error> {
    let other = |error: &dyn std::fmt::Display| Error::Other(error.to_string());
    let inner = WebPkiServerVerifier::builder_with_provider(rules.roots.clone(), provider())
        .build()
        .map_err(|error| other(&error))?;
    let (verifier, cell) = Verifier::new(inner, rules.clone());
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| other(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match shown {
        Some(shown) => builder.with_client_cert_resolver(shown),
        None => builder.with_no_client_auth(),
    };
    // Without it the TLS 1.2 exporter binds to nothing (RFC 9266 §4.2, RFC 7627).
    config.require_ems = true;
    // A resumed session skips the certificate check; a long-lived stream gains nothing by it.
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    if mode == Tls::Direct {
        config.alpn_protocols = vec![ALPN.to_vec()];
    }
    Ok((config, cell))
}

/// Adds what the connection itself tells to `facts`.
fn secured(stream: TlsStream<Box<dyn Link>>, facts: Channel, learned: Learned) -> Secured {
    let (_, connection) = stream.get_ref();
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let cipher = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default();
    let chain = connection.peer_certificates().unwrap_or_default();
    let bindings = binding::bindings(connection, chain.first().map(AsRef::as_ref));
    let channel = Channel {
        version: version.to_owned(),
        cipher: cipher.to_owned(),
        alpn: connection.alpn_protocol().map(|name| facts::harmless(&String::from_utf8_lossy(name))),
        chain: chain.iter().filter_map(|certificate| facts::certificate(certificate)).collect(),
        ..facts
    };
    Secured { channel, bindings, stream, learned: vec![learned] }
}

/// An error of the handshake that is no certificate's.
fn explain(error: &io::Error) -> Error {
    let Some(cause) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return Error::Link(error.kind().to_string());
    };
    match cause {
        rustls::Error::PeerIncompatible(why) => Error::TooOld(format!("{why:?}")),
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity => Error::TooOld(format!("{alert:?}")),
            AlertDescription::NoApplicationProtocol => Error::Alpn,
            alert => of_alert(*alert).unwrap_or_else(|| Error::Other(format!("{alert:?}"))),
        },
        rustls::Error::NoApplicationProtocol => Error::Alpn,
        rustls::Error::InvalidMessage(_) => Error::NotTls,
        other => Error::Other(other.to_string()),
    }
}

/// What an alert of the server says of our certificate. In TLS 1.3 it comes after the handshake, at the first read: our end of
/// it is done before the server has looked at the certificate (RFC 8446 §4.4.2.4).
#[must_use]
pub fn of_alert(alert: AlertDescription) -> Option<Error> {
    match alert {
        AlertDescription::CertificateRequired => Some(Error::ClientCertificate),
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => Some(Error::IdentityRefused(format!("{alert:?}"))),
        _ => None,
    }
}
