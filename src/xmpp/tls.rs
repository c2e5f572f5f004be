//! TLS below the stream (RFC 8600 §8.1, `security.md` §2): version floor, roots, the check of the controller's certificate
//! against the domain of the JID, and what went wrong in words.
//!
//! May use `model` and rustls with its ring provider, always named explicitly. Nothing of XMPP but the ALPN name.

pub mod binding;
pub mod diagnosis;
pub mod identity;
mod policy;
mod roots;
mod verifier;

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, AlertDescription, ClientConfig, ProtocolVersion, RootCertStore};

use super::dial::Link;
use super::sasl::Bindings;
use crate::model::session::Channel;
use crate::model::{BareJid, Say, Tls};

pub use diagnosis::{Diagnosis, Fault};
pub use identity::Identity;
pub use policy::{Policy, Trust, Unseen};

/// The ALPN name of a client stream (XEP-0368).
pub const ALPN: &[u8] = b"xmpp-client";

/// A channel on which the controller has proved to be the domain of the JID.
pub struct Secured {
    pub stream: TlsStream<Box<dyn Link>>,
    pub channel: Channel,
    /// What a login can be bound to this channel by.
    pub bindings: Bindings,
}

impl std::fmt::Debug for Secured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secured").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Why there is no secure channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The certificate was refused; every fault found is listed.
    #[error("certificate of {}: {:?}", .0.domain, .0.faults)]
    Certificate(Diagnosis),
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
            Self::Certificate(diagnosis) => diagnosis.say(),
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
            Self::Certificate(diagnosis) => diagnosis.faults.iter().map(Fault::say).collect(),
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
    let trust = trust.clone();
    let roots = tokio::task::spawn_blocking(move || roots::load(&trust))
        .await
        .map_err(|_| Error::Other("interrupted".to_owned()))??;
    let shown = policy.identity.as_ref().map(Identity::shown);
    let (config, finding) = config(roots, domain, shown.clone(), mode)?;
    match TlsConnector::from(Arc::new(config)).connect(name, link).await {
        Ok(stream) => {
            let mut secured = secured(stream);
            let identity = policy.identity.as_ref().filter(|_| shown.is_some_and(|shown| shown.asked()));
            secured.channel.identity = identity.map(|identity| identity.subject.clone());
            Ok(secured)
        }
        Err(error) => Err(finding.take().map_or_else(|| explain(&error), Error::Certificate)),
    }
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

fn config(
    roots: RootCertStore,
    domain: &BareJid,
    shown: Option<Arc<identity::Shown>>,
    mode: Tls,
) -> Result<(ClientConfig, verifier::Finding), Error> {
    let other = |error: &dyn std::fmt::Display| Error::Other(error.to_string());
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| other(&error))?;
    let (verifier, finding) = verifier::Verifier::new(inner, domain.domain_ascii());
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
    Ok((config, finding))
}

fn secured(stream: TlsStream<Box<dyn Link>>) -> Secured {
    let (_, connection) = stream.get_ref();
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let cipher =
        connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default().to_owned();
    let leaf = connection.peer_certificates().and_then(<[_]>::first);
    let bindings = binding::bindings(connection, leaf.map(AsRef::as_ref));
    let channel = Channel { version: version.to_owned(), cipher, ..Channel::default() };
    Secured { channel, bindings, stream }
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
