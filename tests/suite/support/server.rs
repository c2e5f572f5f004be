//! What the real servers have in common: accounts, ports on loopback, and a console's login to them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gridwatch::engine::{Login, Policy, Trust};
use gridwatch::model::{BareJid, Tls};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::Credentials;
use gridwatch::xmpp::tls::Identity;
use rcgen::{ExtendedKeyUsagePurpose, SanType};

use super::pki::Authority;

/// Which of its two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    StartTls,
    Direct,
}

impl From<Tls> for Port {
    fn from(tls: Tls) -> Self {
        match tls {
            Tls::StartTls => Self::StartTls,
            Tls::Direct => Self::Direct,
        }
    }
}

/// An account to be registered by its first login.
#[derive(Clone, Debug)]
pub struct Account {
    pub jid: String,
    pub password: String,
}

impl Account {
    pub fn new(name: &str, domain: &str) -> Self {
        Self { jid: format!("{name}@{domain}"), password: format!("{name} & \u{fc}ber-secret") }
    }

    pub fn bare(&self) -> BareJid {
        self.jid.parse().unwrap()
    }
}

/// A running server.
pub trait Server {
    fn port(&self, port: Port) -> u16;

    /// The authority of its certificate.
    fn ca_file(&self) -> PathBuf;

    /// The same, which it believes about client certificates too.
    fn authority(&self) -> &Authority;

    /// How a console logs in to it.
    fn console(&self, account: &Account, tls: Tls) -> Login {
        console_at(self.port(tls.into()), self.ca_file(), account, tls)
    }
}

/// A login by nothing but a client certificate (XEP-0178), of the server's own authority, that names `address`; good for
/// `purposes`.
pub fn certified(
    server: &impl Server,
    account: &Account,
    address: &str,
    purposes: &[ExtendedKeyUsagePurpose],
) -> Login {
    let issued = server.authority().issue(&[], |params| {
        params.extended_key_usages = purposes.to_vec();
        // id-on-xmppAddr, RFC 6120 §13.7.1.4.
        params.subject_alt_names =
            vec![SanType::OtherName((vec![1, 3, 6, 1, 5, 5, 7, 8, 5], address.to_owned().into()))];
    });
    let identity = Some(Identity::parse(issued.pem().as_bytes(), None).unwrap());
    let login = server.console(account, Tls::StartTls);
    Login { credentials: Credentials { password: None }, policy: Policy { identity, ..login.policy.clone() }, ..login }
}

/// A console's login at a port on loopback, which may be another than the server's own.
pub fn console_at(port: u16, authority: PathBuf, account: &Account, tls: Tls) -> Login {
    Login {
        jid: account.bare(),
        resource: "desk".to_owned(),
        credentials: Secret::new(account.password.clone()).into(),
        dial: Arc::new(Tcp { host: "127.0.0.1".to_owned(), port }),
        tls,
        trust: Trust::CaFile(authority),
        policy: Policy::default(),
        broker: None,
    }
}

/// A port below those that the system gives to outgoing connections: whoever dials a server that is down would else now and
/// then be given that very port, meet itself, and keep the server from coming again.
pub fn free_port() -> u16 {
    loop {
        let port = 10_000 + u16::try_from(getrandom::u32().unwrap() % 22_000).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Whether the server answers a stream header: its port opens before its host is ready.
pub fn answers(port: u16, domain: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let header = format!(
        "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    );
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut text = String::new();
    let mut bytes = [0; 4096];
    if stream.write_all(header.as_bytes()).is_err() {
        return false;
    }
    while !text.contains("</stream:features>") {
        match stream.read(&mut bytes) {
            Ok(read) if read > 0 => text.push_str(&String::from_utf8_lossy(&bytes[..read])),
            _ => return false,
        }
    }
    text.contains("starttls")
}
