//! The controller's certificate against its impostors, over a pipe: each refused with words of its own, nothing of XMPP
//! said before or after.

use gridwatch::model::session::{FaultWords, Why};
use gridwatch::model::{BareJid, Tls};
use gridwatch::xmpp::dial::Link;
use gridwatch::xmpp::tls::{self, Error, Fault, Policy, Secured, Trust};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::version;

use crate::support::pki::{Authority, Identity};

const DOMAIN: &str = "xmpp.grid.example";

fn domain() -> BareJid {
    DOMAIN.parse().unwrap()
}

fn unchanged(_: &mut CertificateParams) {}

/// Connects to `acceptor`; gives what the client got, and what the server made of it.
async fn meet(acceptor: &TlsAcceptor, trust: &Trust, mode: Tls) -> (Result<Secured, Error>, Result<(), String>) {
    let (near, far) = tokio::io::duplex(1 << 16);
    let link: Box<dyn Link> = Box::new(near);
    let domain = domain();
    let server = async {
        let mut stream = acceptor.accept(far).await.map_err(|error| error.to_string())?;
        stream.flush().await.map_err(|error| error.to_string())
    };
    let policy = Policy::default();
    tokio::join!(tls::connect(link, &domain, trust, &policy, mode), server)
}

async fn refused(identity: &Identity, trust: &Trust) -> Vec<FaultWords> {
    let (client, server) = meet(&identity.acceptor(), trust, Tls::StartTls).await;
    let error = client.unwrap_err();
    assert!(!error.retries());
    // The server never had a channel on which anything could have been said.
    assert!(server.is_err(), "the server accepted a channel that the client had to refuse");
    let details = error.details();
    let Error::Certificate(refused) = error else { panic!("{error}") };
    assert_eq!(refused.domain, DOMAIN);
    let Why::Faults(faults) = refused.why.clone() else { panic!("{refused:?}") };
    assert_eq!(details.len(), faults.len());
    faults
}

fn keys(faults: &[FaultWords]) -> Vec<&'static str> {
    faults.iter().map(|fault| fault.cause.key).collect()
}

fn words(fault: &Fault) -> Vec<FaultWords> {
    vec![fault.words()]
}

#[tokio::test]
async fn a_right_certificate_is_accepted_and_binds_both_ends_alike() {
    let authority = Authority::new("Test authority");
    let identity = authority.issue(&[DOMAIN], unchanged);
    let trust = Trust::Ca(authority.der());
    for (protocol, name) in [(&version::TLS13, "TLS 1.3"), (&version::TLS12, "TLS 1.2")] {
        let acceptor = identity.acceptor_of(&[protocol], &[]);
        let (near, far) = tokio::io::duplex(1 << 16);
        let leaf = identity.chain[0].clone();
        let server = async {
            let stream = acceptor.accept(far).await.unwrap();
            tls::binding::bindings(stream.get_ref().1, Some(&leaf))
        };
        let domain = domain();
        let link: Box<dyn Link> = Box::new(near);
        let policy = Policy::default();
        let (client, server) = tokio::join!(tls::connect(link, &domain, &trust, &policy, Tls::Direct), server);
        let client = client.unwrap();
        assert_eq!(client.channel.version, name);
        assert!(client.channel.cipher.starts_with("TLS"), "{}", client.channel.cipher);
        assert!(client.bindings.exporter.is_some() && client.bindings.end_point.is_some());
        assert_eq!(client.bindings, server);
    }
}

#[tokio::test]
async fn wildcards_and_private_authority_files() {
    let authority = Authority::new("Test authority");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let trust = Trust::CaFile(file.clone());
    let good = authority.issue(&["*.grid.example"], unchanged);
    assert!(meet(&good.acceptor(), &trust, Tls::StartTls).await.0.is_ok());
    let partial = authority.issue(&["x*.grid.example", "*.example", "*.xmpp.grid.example"], unchanged);
    assert_eq!(keys(&refused(&partial, &trust).await), ["error-cert-wrong-host"]);

    for (content, what) in
        [(&b"no pem"[..], "empty"), (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "junk")]
    {
        std::fs::write(&file, content).unwrap();
        let (client, _) = meet(&good.acceptor(), &trust, Tls::StartTls).await;
        assert!(matches!(client.unwrap_err(), Error::CaFile { .. }), "{what}");
    }
    let (client, _) = meet(&good.acceptor(), &Trust::CaFile(dir.path().to_owned()), Tls::StartTls).await;
    assert!(matches!(client.unwrap_err(), Error::CaFile { .. }));
}

#[tokio::test]
async fn each_wrong_certificate_has_words_of_its_own() {
    let authority = Authority::new("Test authority");
    let trust = Trust::Ca(authority.der());
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2025, 3, 1);
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(2080, 1, 1);

    let faults = refused(&authority.issue(&["other.example", "192.0.2.7"], unchanged), &trust).await;
    let presented = "other.example, 192.0.2.7".to_owned();
    assert_eq!(faults, words(&Fault::WrongHost { wanted: DOMAIN.to_owned(), presented }));

    let faults = refused(&authority.issue(&[], unchanged), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-no-name"]);

    let faults = refused(&authority.issue(&[DOMAIN], expired), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-expired"]);
    assert!(format!("{faults:?}").contains("2025-03-01 00:00 UTC"));

    let faults = refused(&authority.issue(&[DOMAIN], early), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-not-yet-valid"]);

    let faults = refused(&Identity::self_signed(&[DOMAIN], unchanged), &trust).await;
    assert_eq!(faults, words(&Fault::SelfSigned));

    let stranger = Authority::new("Stranger\u{202e}\n");
    let faults = refused(&stranger.issue(&[DOMAIN], unchanged), &trust).await;
    assert_eq!(faults, words(&Fault::UnknownAuthority { issuer: "Stranger⟨U+202E⟩".to_owned() }));

    // Same name as the believed authority, another key.
    let impostor = Authority::new("Test authority");
    let faults = refused(&impostor.issue(&[DOMAIN], unchanged), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-bad-signature"]);

    let faults = refused(&authority.issue(&[DOMAIN], unchanged).forged(), &trust).await;
    assert_eq!(faults, words(&Fault::BadSignature));

    let client_only = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    assert_eq!(refused(&authority.issue(&[DOMAIN], client_only), &trust).await, words(&Fault::WrongPurpose));

    let ca = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    assert_eq!(refused(&authority.issue(&[DOMAIN], ca), &trust).await, words(&Fault::CaAsServer));
}

#[tokio::test]
async fn no_fault_hides_another() {
    let authority = Authority::new("Test authority");
    let trust = Trust::Ca(authority.der());
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2025, 3, 1);
    let faults = refused(&Identity::self_signed(&["other.example"], expired), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-expired", "error-cert-wrong-host", "error-cert-self-signed"]);

    let faults = refused(&authority.issue(&["other.example"], expired), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-expired", "error-cert-wrong-host"]);

    let faults = refused(&Authority::new("Stranger").issue(&[DOMAIN], expired), &trust).await;
    assert_eq!(keys(&faults), ["error-cert-expired", "error-cert-unknown-authority"]);
}

#[tokio::test]
async fn the_machines_own_authorities_do_not_believe_ours() {
    let identity = Authority::new("Test authority").issue(&[DOMAIN], unchanged);
    let (client, server) = meet(&identity.acceptor(), &Trust::Platform, Tls::StartTls).await;
    assert!(matches!(client.unwrap_err(), Error::Certificate(_) | Error::NoAuthorities));
    assert!(server.is_err());
}

#[tokio::test]
async fn direct_tls_asks_for_xmpp_by_alpn() {
    let authority = Authority::new("Test authority");
    let trust = Trust::Ca(authority.der());
    let identity = authority.issue(&[DOMAIN], unchanged);
    let versions = [&version::TLS13];
    let xmpp = identity.acceptor_of(&versions, &[tls::ALPN]);
    assert!(meet(&xmpp, &trust, Tls::Direct).await.0.is_ok());
    let web = identity.acceptor_of(&versions, &[b"h2"]);
    assert_eq!(meet(&web, &trust, Tls::Direct).await.0.unwrap_err(), Error::Alpn);
    // STARTTLS names no protocol (XEP-0368 §4 is for direct TLS).
    assert!(meet(&web, &trust, Tls::StartTls).await.0.is_ok());
}

/// What a peer that is no TLS 1.2 server says first, and what we make of it.
#[tokio::test]
async fn old_tls_and_other_protocols() {
    let server_hello_1_1 = [&[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    let trust = Trust::Ca(Authority::new("Test authority").der());
    for (reply, key) in [
        (server_hello_1_1.as_slice(), "error-tls-too-old"),
        // alert protocol_version
        (&[21, 3, 1, 0, 2, 2, 70], "error-tls-too-old"),
        (b"<?xml version='1.0'?><stream:stream>", "error-tls-not-tls"),
        (b"220 mail.example ESMTP\r\n", "error-tls-not-tls"),
        (b"", "error-tls-link"),
    ] {
        let (near, mut far): (DuplexStream, DuplexStream) = tokio::io::duplex(1 << 16);
        let link: Box<dyn Link> = Box::new(near);
        let domain = domain();
        let server = async {
            let mut hello = [0; 64];
            let _ = far.read_exact(&mut hello).await.unwrap();
            far.write_all(reply).await.unwrap();
            far.shutdown().await.unwrap();
        };
        let policy = Policy::default();
        let (client, ()) = tokio::join!(tls::connect(link, &domain, &trust, &policy, Tls::Direct), server);
        assert_eq!(client.unwrap_err().say().key, key, "{reply:?}");
    }
}
