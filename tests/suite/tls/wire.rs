//! What TLS itself must be: versions, extended master secret, protocol by ALPN, authorities, and what is no TLS.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use gridwatch::model::session::{Revoked, Roots, Vouched};
use gridwatch::model::{BareJid, Revocation, Tls};
use gridwatch::xmpp::dial::Link;
use gridwatch::xmpp::tls::{self, Error, Policy, Secured, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::version;

use super::certificates::openssl;
use super::{Case, DOMAIN, faults, keys, unchanged};
use crate::support::child::Guard;
use crate::support::pki::Authority;
use crate::support::tools;

async fn meet(acceptor: &TlsAcceptor, trust: &Trust, mode: Tls) -> Result<Secured, Error> {
    Case { acceptor, trust, policy: &Policy::default(), domain: DOMAIN }.connect(mode).await
}

#[tokio::test]
async fn a_right_certificate_is_accepted_and_binds_both_ends_alike() {
    let authority = Authority::new("Test authority");
    let identity = authority.issue(&[DOMAIN], unchanged);
    let trust = Trust::Ca(authority.der());
    for (protocol, name) in [(&version::TLS13, "TLS 1.3"), (&version::TLS12, "TLS 1.2")] {
        let acceptor = identity.acceptor_of(&[protocol], &[tls::ALPN]);
        let (near, far) = tokio::io::duplex(1 << 16);
        let leaf = identity.chain[0].clone();
        let server = async {
            let stream = acceptor.accept(far).await.unwrap();
            tls::binding::bindings(stream.get_ref().1, Some(&leaf))
        };
        let domain: BareJid = DOMAIN.parse().unwrap();
        let link: Box<dyn Link> = Box::new(near);
        let policy = Policy::default();
        let (client, server) = tokio::join!(tls::connect(link, &domain, &trust, &policy, Tls::Direct), server);
        let client = client.unwrap();
        assert!(client.bindings.exporter.is_some() && client.bindings.end_point.is_some());
        assert_eq!(client.bindings, server);
        let channel = client.channel;
        assert_eq!((channel.version.as_str(), channel.alpn.as_deref()), (name, Some("xmpp-client")));
        assert!(channel.cipher.starts_with("TLS"), "{}", channel.cipher);
        assert_eq!(channel.matched.as_deref(), Some("DNS xmpp.grid.example"));
        assert_eq!((channel.vouched, channel.revocation), (Vouched::Chain { roots: Roots::Own }, Revocation::Prefer));
        assert!(matches!(channel.revoked, Revoked::Unchecked(_)));
        assert_eq!(channel.chain, [identity.shown()]);
        assert!(!channel.pinned && !channel.changed && channel.identity.is_none());
    }
}

#[tokio::test]
async fn private_authority_files() {
    let authority = Authority::new("Test authority");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let trust = Trust::CaFile(file.clone());
    let good = authority.issue(&["*.grid.example"], unchanged);
    let channel = meet(&good.acceptor(), &trust, Tls::StartTls).await.unwrap().channel;
    assert_eq!(channel.vouched, Vouched::Chain { roots: Roots::File(file.display().to_string()) });
    let both = meet(&good.acceptor(), &Trust::Both(file.clone()), Tls::StartTls).await.unwrap().channel;
    assert_eq!(both.vouched, Vouched::Chain { roots: Roots::Both(file.display().to_string()) });

    for (content, what) in
        [(&b"no pem"[..], "empty"), (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "junk")]
    {
        std::fs::write(&file, content).unwrap();
        let error = meet(&good.acceptor(), &trust, Tls::StartTls).await.unwrap_err();
        assert!(matches!(error, Error::CaFile { .. }), "{what}");
    }
    let error = meet(&good.acceptor(), &Trust::CaFile(dir.path().to_owned()), Tls::StartTls).await.unwrap_err();
    assert!(matches!(error, Error::CaFile { .. }));
}

#[tokio::test]
async fn the_machines_own_authorities_do_not_believe_ours() {
    let identity = Authority::new("Test authority").issue(&[DOMAIN], unchanged);
    let error = meet(&identity.acceptor(), &Trust::Platform, Tls::StartTls).await.unwrap_err();
    assert!(matches!(error, Error::Certificate(_) | Error::NoAuthorities));
}

#[tokio::test]
async fn direct_tls_asks_for_xmpp_by_alpn() {
    let authority = Authority::new("Test authority");
    let trust = Trust::Ca(authority.der());
    let identity = authority.issue(&[DOMAIN], unchanged);
    let versions = [&version::TLS13];
    let xmpp = identity.acceptor_of(&versions, &[tls::ALPN]);
    assert!(meet(&xmpp, &trust, Tls::Direct).await.is_ok());
    assert_eq!(meet(&identity.acceptor(), &trust, Tls::Direct).await.unwrap().channel.alpn, None);
    let web = identity.acceptor_of(&versions, &[b"h2"]);
    assert_eq!(meet(&web, &trust, Tls::Direct).await.unwrap_err(), Error::Alpn);
    // STARTTLS names no protocol (XEP-0368 §4 is for direct TLS).
    assert!(meet(&web, &trust, Tls::StartTls).await.is_ok());
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
        let domain: BareJid = DOMAIN.parse().unwrap();
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

/// `openssl s_server` with what rustls would not serve.
struct OpenSsl {
    child: Guard,
    port: u16,
    rest: BufReader<std::process::ChildStdout>,
}

impl OpenSsl {
    fn new(dir: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(tools::need("openssl", "openssl"));
        let _ = command.current_dir(dir).args(["s_server", "-accept", "127.0.0.1:0", "-naccept", "1"]).args(arguments);
        // Without extended master secret where the directory says so; the program has no option for it.
        let _ = command.env("OPENSSL_CONF", "openssl.cnf");
        let _ = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = Guard::new(command.spawn().unwrap());
        let mut rest = BufReader::new(child.child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("ACCEPT ") {
            line.clear();
            assert_ne!(rest.read_line(&mut line).unwrap(), 0, "openssl s_server {arguments:?} ended");
        }
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        Self { child, port, rest }
    }

    /// Connects as a console does; gives the error and what openssl printed, what it heard included.
    async fn refuses(mut self, trust: &Trust) -> (Error, String) {
        let tcp = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (link, domain): (Box<dyn Link>, BareJid) = (Box::new(tcp), DOMAIN.parse().unwrap());
        let error = tls::connect(link, &domain, trust, &Policy::default(), Tls::StartTls).await.unwrap_err();
        // Its input ends, and so does it.
        drop(self.child.child.stdin.take());
        let mut printed = String::new();
        let _ = self.rest.read_to_string(&mut printed);
        (error, printed)
    }
}

#[tokio::test]
async fn openssl_with_what_is_too_old_or_too_weak() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let self_signed = |name: &str, key: &str| {
        let (out, key_file) = (format!("{name}.pem"), format!("{name}.key"));
        let subject = format!("/CN={name}");
        let names = format!("subjectAltName=DNS:{DOMAIN}");
        let ca = "basicConstraints=critical,CA:FALSE";
        openssl(
            dir,
            &[
                "req", "-x509", "-newkey", key, "-nodes", "-keyout", &key_file, "-out", &out, "-subj", &subject,
                "-addext", &names, "-addext", ca, "-days", "99",
            ],
        );
    };
    self_signed("good", "rsa:2048");
    self_signed("short", "rsa:1024");
    let configure = |options: &str| {
        let text = format!("openssl_conf=i\n[i]\nssl_conf=s\n[s]\nsystem_default=d\n[d]\n{options}\n");
        std::fs::write(dir.join("openssl.cnf"), text).unwrap();
    };
    let easy = ["-cipher", "DEFAULT:@SECLEVEL=0"];
    let good = ["-cert", "good.pem", "-key", "good.key"];
    let short = ["-cert", "short.pem", "-key", "short.key"];
    let trust = |name: &str| Trust::CaFile(dir.join(name));
    let rows: [(&[&str], &[&str], &str); 4] = [
        (&good, &["-tls1"], "error-tls-too-old"),
        (&good, &["-tls1_1"], "error-tls-too-old"),
        // Its exporter would bind to nothing (RFC 9266 §4.2).
        (&good, &["-tls1_2"], "error-tls-too-old"),
        (&short, &["-tls1_3"], "error-cert-weak"),
    ];
    for (files, how, key) in rows {
        configure(if how == ["-tls1_2"] { "Options=-ExtendedMasterSecret" } else { "" });
        let arguments: Vec<&str> = [files, &easy, how].concat();
        let (error, printed) = OpenSsl::new(dir, &arguments).refuses(&trust(files[1])).await;
        assert_eq!(error.say().key, key, "{how:?} {error}");
        assert!(!printed.contains('<'), "{how:?}: {printed}");
        if let Error::Certificate(refused) = error {
            assert_eq!(keys(&faults(&refused)), ["error-cert-weak"]);
        }
    }
    // The same server with nothing against it.
    configure("");
    let server = OpenSsl::new(dir, &[&good[..], &["-tls1_2"]].concat());
    let tcp = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let (link, domain): (Box<dyn Link>, BareJid) = (Box::new(tcp), DOMAIN.parse().unwrap());
    let secured = tls::connect(link, &domain, &trust("good.pem"), &Policy::default(), Tls::StartTls).await.unwrap();
    assert_eq!(secured.channel.version, "TLS 1.2");
    assert_eq!(secured.channel.chain[0].key_kind, "RSA 2048");
}
