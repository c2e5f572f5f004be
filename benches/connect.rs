//! How long a login takes on loopback, from nothing to a bound session: TCP, STARTTLS, TLS 1.3, SCRAM bound to it, the
//! resource. The anchor is a bare TLS handshake of rustls on loopback in the same run, taken in turns with the logins.
//!
//! `cargo bench --no-default-features --bench connect` prints a line per subject (figure, unit, ratio to the anchor) and
//! writes `target/bench/connect.json`. The controller is the practice grid, in a thread of this process.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark talks and may stop"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::model::Tls;
use gridwatch::practice::{Grid, Options, Pace, Role};
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::{Params, Patience, login};
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::Limits;
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Turns, of which the first few are not counted.
const TURNS: usize = 210;
const WARM: usize = 10;

fn main() {
    let options = Options { seed: 1, port: Some(0), pace: Pace::Manual, ..Options::default() };
    let grid = Grid::start(options).unwrap();
    let account = grid.account(Role::Analyst);
    let dial = Tcp { host: "127.0.0.1".to_owned(), port: grid.port().unwrap() };
    let params = Params {
        jid: account.jid.clone(),
        resource: "bench".to_owned(),
        credentials: account.password.clone().into(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        bind2: false,
        manage: false,
        resume: None,
        patience: Patience::default(),
        trace: Trace::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    let mechanism = runtime.block_on(async {
        let anchor = Anchor::start().await;
        let mut mechanism = String::new();
        for turn in 0..TURNS {
            let handshake = anchor.handshake().await;
            let begun = Instant::now();
            let session = login(&dial, &params, Limits::PEER, |_| {}).await.unwrap();
            let took = begun.elapsed();
            mechanism.clone_from(&session.facts.authentication.mechanism);
            let mut sender = session.sender;
            let _ = sender.close().await;
            if turn >= WARM {
                bare.push(handshake);
                whole.push(took);
            }
        }
        mechanism
    });
    report(&mut bare, &mut whole, &mechanism);
}

/// A TLS server that does nothing but shake hands, and a client for it.
struct Anchor {
    address: std::net::SocketAddr,
    connector: TlsConnector,
}

impl Anchor {
    async fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["anchor.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        let provider = Arc::new(ring::default_provider());
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let _serving = tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                let _one = tokio::spawn(async move {
                    link.set_nodelay(true).unwrap();
                    let mut secure = acceptor.accept(link).await.unwrap();
                    let _ = secure.write_all(b"!").await;
                    let _ = secure.read(&mut [0]).await;
                });
            }
        });
        let mut client = client;
        client.resumption = tokio_rustls::rustls::client::Resumption::disabled();
        Self { address, connector: TlsConnector::from(Arc::new(client)) }
    }

    /// TCP and TLS until the first byte of the server came through.
    async fn handshake(&self) -> Duration {
        let begun = Instant::now();
        let link = TcpStream::connect(self.address).await.unwrap();
        link.set_nodelay(true).unwrap();
        let name = ServerName::try_from("anchor.example").unwrap();
        let mut secure = self.connector.connect(name, link).await.unwrap();
        let _ = secure.read_exact(&mut [0]).await.unwrap();
        begun.elapsed()
    }
}

fn report(bare: &mut [Duration], whole: &mut [Duration], mechanism: &str) {
    bare.sort();
    whole.sort();
    let at = |all: &[Duration], part: usize| all[(all.len() - 1) * part / 100].as_secs_f64() * 1e3;
    let ratio = at(whole, 50) / at(bare, 50);
    println!(
        "bare TLS handshake (anchor)      {:7.2} ms median, {:7.2} ms of 100 the 95th",
        at(bare, 50),
        at(bare, 95)
    );
    println!(
        "whole login, {mechanism:<19} {:7.2} ms median, {:7.2} ms of 100 the 95th, {ratio:.1} x anchor",
        at(whole, 50),
        at(whole, 95)
    );
    let row = |all: &[Duration]| serde_json::json!({ "median_ms": at(all, 50), "p95_ms": at(all, 95) });
    let json = serde_json::json!({
        "turns": whole.len(),
        "mechanism": mechanism,
        "anchor_tls_handshake": row(bare),
        "login": row(whole),
        "login_over_anchor": ratio,
    });
    write("connect", &json);
}

fn write(name: &str, json: &serde_json::Value) {
    // target/release/deps/connect-…
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, format!("{json:#}\n")).unwrap();
    println!("  written to {}", file.display());
}
