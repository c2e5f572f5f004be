//! The files a client certificate comes in: PEM (RFC 7468) and PKCS#12 (RFC 7292), both with what OpenSSL 3 writes and
//! what it wrote before.

use std::io::Read as _;
use std::path::Path;

use p12_keystore::Pkcs12Archive;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use tokio_rustls::rustls::crypto::ring::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use tokio_rustls::rustls::sign::CertifiedKey;
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use super::Error;
use crate::secrets::Secret;

/// Largest file read, in bytes: a key with a chain of ten certificates is a tenth of it.
const LARGEST: u64 = 256 * 1024;
/// Certificates taken of one file.
const CERTIFICATES: usize = 32;

/// Reads a regular file of bounded size: a FIFO or device given by mistake must not hang the login.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let name = || path.display().to_string();
    let failed = |error: std::io::Error| Error::File { path: name(), cause: error.to_string() };
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::NotAFile { path: name() });
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    // Room for all of it at once: a buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(LARGEST + 2).unwrap_or_default()));
    let size = file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if size as u64 > LARGEST { Err(Error::TooLarge { path: name() }) } else { Ok(bytes) }
}

/// Most rounds of PBKDF2, most bytes and lanes of scrypt that a passphrase is stretched by; OpenSSL writes 2,048 rounds, or 16 MiB
/// and one lane. `p12-keystore` sets the same rounds.
const ROUNDS: u32 = 1_000_000;
const MEMORY: u64 = 128 << 20;
const LANES: u16 = 4;

/// A private key as it stood in the file.
enum Key {
    Pkcs8(Zeroizing<Vec<u8>>),
    Sec1(Zeroizing<Vec<u8>>),
    Pkcs1(Zeroizing<Vec<u8>>),
    Encrypted(Zeroizing<Vec<u8>>),
}

/// All that is of use in a file.
#[derive(Default)]
struct Found {
    certificates: Vec<CertificateDer<'static>>,
    keys: Vec<Key>,
}

pub(super) fn parse(bytes: &[u8], passphrase: Option<&Secret>) -> Result<CertifiedKey, Error> {
    let found = match bytes.first() {
        _ if memchr::memmem::find(bytes, b"-----BEGIN ").is_some() => pem(bytes)?,
        // A PFX is an ASN.1 SEQUENCE.
        Some(0x30) => pkcs12(bytes, passphrase)?,
        _ => return Err(Error::Unknown),
    };
    if found.certificates.is_empty() {
        return Err(Error::NoCertificate);
    }
    let mut keys = found.keys.into_iter();
    match (keys.next(), keys.len()) {
        (None, _) => Err(Error::NoKey),
        (Some(key), 0) => pair(found.certificates, key, passphrase),
        (Some(_), more) => Err(Error::SeveralKeys(more + 1)),
    }
}

fn pem(bytes: &[u8]) -> Result<Found, Error> {
    if memchr::memmem::find(bytes, b"Proc-Type: 4,ENCRYPTED").is_some() {
        return Err(Error::OldEncryption);
    }
    let mut found = Found::default();
    for block in Pem::iter_from_buffer(bytes) {
        let block = block.map_err(|_| Error::Unreadable("PEM"))?;
        match block.label.as_str() {
            "CERTIFICATE" if found.certificates.len() < CERTIFICATES => found.certificates.push(block.contents.into()),
            "PRIVATE KEY" => found.keys.push(Key::Pkcs8(Zeroizing::new(block.contents))),
            "ENCRYPTED PRIVATE KEY" => found.keys.push(Key::Encrypted(Zeroizing::new(block.contents))),
            "EC PRIVATE KEY" => found.keys.push(Key::Sec1(Zeroizing::new(block.contents))),
            "RSA PRIVATE KEY" => found.keys.push(Key::Pkcs1(Zeroizing::new(block.contents))),
            // Parameters, other people's keys, what is written between the blocks.
            _ => drop(Zeroizing::new(block.contents)),
        }
    }
    Ok(found)
}

/// A wrong passphrase shows as a wrong MAC, or, in a file without one, as padding that is none.
fn pkcs12(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Found, Error> {
    use p12_keystore::error::Error as P12;
    let wrong = || if passphrase.is_some() { Error::WrongPassphrase } else { Error::NeedsPassphrase };
    let archive = Pkcs12Archive::from_pkcs12(bytes, passphrase.map(Secret::expose).unwrap_or_default());
    let archive = archive.map_err(|error| match error {
        P12::MacError(_) | P12::UnpadError | P12::InvalidPrivateKey => wrong(),
        P12::Pkcs5Error(cause) if cause.contains("decryption failed") => wrong(),
        P12::Pkcs5Error(_) => Error::Unsupported("encryption"),
        P12::UnsupportedEncryptionScheme | P12::UnsupportedMacAlgorithm => Error::Unsupported("encryption"),
        P12::UnsupportedCertificateType | P12::UnsupportedContentType => Error::Unsupported("PKCS#12 content"),
        _ => Error::Unreadable("PKCS#12"),
    })?;
    let certificates = archive.certs.iter().take(CERTIFICATES).map(|bag| bag.cert.as_der().to_vec().into());
    let keys = archive.keys.iter().map(|bag| Key::Pkcs8(Zeroizing::new(bag.key.as_der().to_vec())));
    Ok(Found { certificates: certificates.collect(), keys: keys.collect() })
}

/// Puts the certificate of the key first, as TLS wants it (RFC 8446 §4.4.2), and the others behind it as they came.
fn pair(
    mut certificates: Vec<CertificateDer<'static>>,
    key: Key,
    passphrase: Option<&Secret>,
) -> Result<CertifiedKey, Error> {
    let key = match &key {
        Key::Pkcs8(der) => signing(&PrivatePkcs8KeyDer::from(der.as_slice()).into()),
        Key::Sec1(der) => signing(&PrivateSec1KeyDer::from(der.as_slice()).into()),
        Key::Pkcs1(der) => signing(&PrivatePkcs1KeyDer::from(der.as_slice()).into()),
        Key::Encrypted(der) => {
            let der = decrypt(der, passphrase)?;
            signing(&PrivatePkcs8KeyDer::from(der.as_bytes()).into())
        }
    }?;
    let is_leaf = |certificate: &CertificateDer<'static>| {
        CertifiedKey::new(vec![certificate.clone()], key.clone()).keys_match().is_ok()
    };
    let leaf = certificates.iter().position(is_leaf).ok_or(Error::Mismatch)?;
    if let Some(head) = certificates.get_mut(..=leaf) {
        head.rotate_right(1);
    }
    Ok(CertifiedKey::new(certificates, key))
}

type Signing = std::sync::Arc<dyn tokio_rustls::rustls::sign::SigningKey>;

fn signing(key: &PrivateKeyDer<'_>) -> Result<Signing, Error> {
    any_supported_type(key).map_err(|_| Error::Unsupported("kind of key"))
}

fn decrypt(der: &[u8], passphrase: Option<&Secret>) -> Result<pkcs8::SecretDocument, Error> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| Error::Unreadable("private key"))?;
    if !bearable(&info.encryption_algorithm) {
        return Err(Error::Unsupported("encryption"));
    }
    let passphrase = passphrase.ok_or(Error::NeedsPassphrase)?;
    info.decrypt(passphrase.expose()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. } | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. },
        ) => Error::Unsupported("encryption"),
        _ => Error::WrongPassphrase,
    })
}

/// Whether the stretching that the file asks for costs some seconds and some memory, not hours or all of it: what cannot be
/// had would end the process. `p12-keystore` has such limits of its own.
fn bearable(scheme: &EncryptionScheme) -> bool {
    let Some(parameters) = scheme.pbes2() else { return true };
    match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= ROUNDS,
        Kdf::Scrypt(scrypt) => {
            let bytes = u64::from(scrypt.block_size).saturating_mul(128).saturating_mul(scrypt.cost_parameter);
            bytes <= MEMORY && scrypt.parallelization <= LANES
        }
        _ => true,
    }
}
