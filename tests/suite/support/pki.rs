//! A certificate authority of the tests' own, and servers with right and wrong certificates.

use std::sync::Arc;

use base64::Engine;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};

/// An authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn der(&self) -> Arc<[u8]> {
        Arc::from(self.0.as_ref().der().to_vec())
    }

    pub fn pem(&self) -> String {
        self.0.as_ref().pem()
    }

    /// An authority below this one.
    pub fn below(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        self.again(name, KeyPair::generate().unwrap(), change)
    }

    /// Another certificate for the name and key of `one` below this one.
    pub fn copy_of(&self, one: &Self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        self.again(name, KeyPair::try_from(one.0.key().serialize_der()).unwrap(), change)
    }

    fn again(&self, name: &str, key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2090, 1, 1);
        change(&mut params);
        Self(CertifiedIssuer::signed_by(params, key, &self.0).unwrap())
    }

    /// A revocation list of these serial numbers, in DER, issued and ended on the first of these years.
    pub fn crl(&self, serials: &[u64], issued: i32, until: i32) -> Vec<u8> {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2025, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(issued, 1, 1),
            next_update: date_time_ymd(until, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.0).unwrap().der().to_vec()
    }

    /// A server certificate for these names, changed by `change`.
    pub fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = leaf(names, change);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity::new(&certificate, &key)
    }
}

/// A server's certificate and key.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Identity {
    fn new(certificate: &Certificate, key: &KeyPair) -> Self {
        Self { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }

    pub fn self_signed(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::new(&leaf(names, change).self_signed(&key).unwrap(), &key)
    }

    /// These bytes as certificate, and a key that is not its own: it must be refused before that matters.
    pub fn of_der(der: Vec<u8>) -> Self {
        Self { chain: vec![der.into()], key: KeyPair::generate().unwrap().serialize_der() }
    }

    /// With an authority's certificate presented beside it.
    pub fn with(mut self, authority: &Authority) -> Self {
        self.chain.push(authority.0.as_ref().der().clone());
        self
    }

    /// The certificate as the console shows it.
    pub fn shown(&self) -> gridwatch::model::session::Certificate {
        gridwatch::xmpp::tls::facts::certificate(&self.chain[0]).unwrap()
    }

    /// Key and chain in one file, as ejabberd wants them.
    pub fn pem(&self) -> String {
        let block = |label: &str, der: &[u8]| {
            let text = base64::engine::general_purpose::STANDARD.encode(der);
            let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
        };
        let chain: String = self.chain.iter().map(|der| block("CERTIFICATE", der)).collect();
        block("PRIVATE KEY", &self.key) + &chain
    }

    /// The same certificate with the last byte of its signature changed.
    pub fn forged(mut self) -> Self {
        let mut der = self.chain[0].to_vec();
        *der.last_mut().unwrap() ^= 1;
        self.chain = vec![der.into()];
        self
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor_of(&[&version::TLS13, &version::TLS12], &[])
    }

    /// A server that shows its certificate unread, with this OCSP answer: rustls's own would refuse to.
    pub fn careless(&self, ocsp: &[u8]) -> TlsAcceptor {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        let key = ring::sign::any_supported_type(&key).unwrap();
        let mut certified = CertifiedKey::new(self.chain.clone(), key);
        certified.ocsp = (!ocsp.is_empty()).then(|| ocsp.to_vec());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        TlsAcceptor::from(Arc::new(config))
    }

    pub fn acceptor_of(&self, versions: &[&'static SupportedProtocolVersion], alpn: &[&[u8]]) -> TlsAcceptor {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Asks for certificates of `clients`; lets nobody in without where they are `required`.
    pub fn asking(
        &self,
        clients: &Authority,
        required: bool,
        version: &'static SupportedProtocolVersion,
    ) -> TlsAcceptor {
        let mut roots = RootCertStore::empty();
        roots.add(clients.der().to_vec().into()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let verifier = if required { verifier } else { verifier.allow_unauthenticated() }.build().unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(self.chain.clone(), key)
            .unwrap();
        config.alpn_protocols = vec![b"xmpp-client".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

fn leaf(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "controller of the test");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2090, 1, 1);
    change(&mut params);
    params
}
