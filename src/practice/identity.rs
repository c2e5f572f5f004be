//! Who the practice grid is: a certificate authority of its own, made at each start and believed by nobody else, and the
//! accounts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, Duration, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::{self, ServerConfig};

use super::Error;
use super::world::{DOMAIN, account};
use crate::model::BareJid;
use crate::secrets::Secret;
use crate::xmpp::sasl::scram::{FEWEST, Hash};
use crate::xmpp::sasl::server::Verifier;
use crate::xmpp::tls::ALPN;

/// The authority and the server's certificate.
pub struct Identity {
    pub ca: Arc<[u8]>,
    pub ca_pem: String,
    /// The server's certificate in DER, for channel binding.
    pub leaf: Arc<[u8]>,
    pub acceptor: TlsAcceptor,
}

impl Identity {
    /// Makes an authority and a certificate for the grid's domain, good from yesterday for about a year.
    ///
    /// # Errors
    /// When a key or certificate cannot be made.
    pub fn new(now: DateTime<Utc>) -> Result<Self, Error> {
        let made = |error: rcgen::Error| Error::Certificate(error.to_string());
        let ca_key = KeyPair::generate().map_err(made)?;
        let mut ca = CertificateParams::new(Vec::new()).map_err(made)?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        ca.distinguished_name.push(DnType::CommonName, "Gridwatch practice authority");
        validity(&mut ca, now);
        let ca_certificate = ca.self_signed(&ca_key).map_err(made)?;

        let key = KeyPair::generate().map_err(made)?;
        let mut leaf = CertificateParams::new(vec![DOMAIN.to_owned()]).map_err(made)?;
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.distinguished_name.push(DnType::CommonName, DOMAIN);
        validity(&mut leaf, now);
        let leaf = leaf.signed_by(&key, &Issuer::from_params(&ca, &ca_key)).map_err(made)?;

        Ok(Self {
            ca: ca_certificate.der().as_ref().into(),
            ca_pem: ca_certificate.pem(),
            leaf: leaf.der().as_ref().into(),
            acceptor: acceptor(leaf.der().clone(), key.serialize_der())?,
        })
    }
}

fn validity(params: &mut CertificateParams, now: DateTime<Utc>) {
    let date = |at: DateTime<Utc>| {
        let part = |number: u32| u8::try_from(number).unwrap_or(1);
        date_time_ymd(at.year(), part(at.month()), part(at.day()))
    };
    params.not_before = date(now - Duration::days(1));
    params.not_after = date(now + Duration::days(366));
}

fn acceptor(leaf: rustls::pki_types::CertificateDer<'static>, key: Vec<u8>) -> Result<TlsAcceptor, Error> {
    let failed = |error: rustls::Error| Error::Certificate(error.to_string());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(vec![leaf], PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key)))
        .map_err(failed)?;
    // RFC 9266 §4.2: without it a TLS 1.2 channel binding binds nothing.
    config.require_ems = true;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads MILEHost, owns my-desk: the person at the console.
    Analyst,
    /// May publish everywhere.
    Publisher,
    /// Owns the topics the analyst does not.
    Owner,
    /// Has no rights but those of everybody.
    Outsider,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Analyst, Self::Publisher, Self::Owner, Self::Outsider];

    /// The localpart of its address.
    #[must_use]
    pub fn local(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Publisher => "publisher",
            Self::Owner => super::stage::OWNER,
            Self::Outsider => "outsider",
        }
    }
}

/// An account of the grid.
#[derive(Clone, Debug)]
pub struct Account {
    pub jid: BareJid,
    pub password: Secret,
    salt: [u8; 16],
}

impl Account {
    /// An account with a password of its own making; a `fixed` one can be typed into another client.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn new(role: Role, fixed: bool) -> Result<Self, Error> {
        let password = if fixed { format!("practice-{}", role.local()) } else { secret()? };
        let jid = account(role.local()).map_err(super::world::Error::from)?;
        Ok(Self { jid, password: Secret::new(password), salt: random()? })
    }

    /// What a SCRAM server keeps of the password; takes some milliseconds.
    #[must_use]
    pub fn verifier(&self, hash: Hash) -> Option<Verifier> {
        let iterations = u32::try_from(FEWEST).ok()?;
        Verifier::new(hash, &self.password, self.salt.to_vec(), iterations).ok()
    }
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Random)?;
    Ok(bytes)
}

/// 144 random bits in 24 characters: passwords, nonces, stream ids.
pub fn secret() -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(random::<18>()?))
}
