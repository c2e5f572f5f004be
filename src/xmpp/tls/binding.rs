//! Channel bindings (RFC 9266, RFC 5929), the same on both sides of a channel.

use sha2::{Digest, Sha256, Sha384, Sha512};
use tokio_rustls::rustls::ConnectionCommon;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;

use crate::xmpp::sasl::Bindings;

/// What a login on this connection can be bound by; `leaf` is the server's certificate in DER.
#[must_use]
pub fn bindings<Data>(connection: &ConnectionCommon<Data>, leaf: Option<&[u8]>) -> Bindings {
    // RFC 9266 §4.2: a zero-length context, which in TLS 1.2 is not the same as none. Extended master secret is
    // required by our configuration, so a TLS 1.2 exporter is unique to the channel too.
    let exporter = connection.export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok();
    Bindings { exporter, end_point: leaf.and_then(end_point) }
}

/// tls-server-end-point (RFC 5929 §4.1): the certificate hashed by its signature's hash function, where MD5 and SHA-1
/// become SHA-256. `None` where the signature has no single hash function (Ed25519, RSASSA-PSS parameters).
#[must_use]
pub fn end_point(leaf: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
    let oid = certificate.signature_algorithm.algorithm.to_id_string();
    Some(match oid.as_str() {
        // md5WithRSA, sha1WithRSA, sha256WithRSA; ecdsa-with-SHA1, ecdsa-with-SHA256.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2" => Sha256::digest(leaf).to_vec(),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Sha384::digest(leaf).to_vec(),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Sha512::digest(leaf).to_vec(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    use super::*;

    #[test]
    fn the_hash_follows_the_signature() {
        let make = |algorithm| {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let params = CertificateParams::new(vec!["grid.example".to_owned()]).unwrap();
            params.self_signed(&key).unwrap().der().to_vec()
        };
        let p256 = make(&PKCS_ECDSA_P256_SHA256);
        assert_eq!(end_point(&p256).unwrap(), Sha256::digest(&p256).to_vec());
        let p384 = make(&PKCS_ECDSA_P384_SHA384);
        assert_eq!(end_point(&p384).unwrap(), Sha384::digest(&p384).to_vec());
        // RFC 5929 §4.1: undefined, so not offered.
        assert_eq!(end_point(&make(&PKCS_ED25519)), None);
        assert_eq!(end_point(b"junk"), None);
    }
}
