//! A controller of the tests' own: honest up to one chosen fault. It keeps all it was told.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridwatch::xmpp::dial::{self, Dial, Dialed, Dialing, Link, Target};
use gridwatch::xmpp::stream::{Stream, server_header};
use gridwatch::xmpp::tls;
use gridwatch::xmpp::xml::{Frame, Limits, Stanza};
use tokio::io::DuplexStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::pki::Identity;
use super::sm::{Management, SM};

pub mod login;
pub mod meeting;

use login::{Script, log_in};

pub const DOMAIN: &str = "grid.example";
pub const USER: &str = "analyst";
pub const PASSWORD: &str = "correct horse";

/// What it does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// Features without STARTTLS, mechanisms in the clear.
    NoStartTls,
    StartTlsFailure,
    /// Bytes in the same write as `<proceed/>`.
    Injection,
    /// The login goes by this script.
    Sasl(Script),
    /// Answers in the stream header as another domain.
    OtherDomain,
    /// Features of this many bytes.
    HugeFeatures(usize),
    /// Binds this JID.
    Binds(&'static str),
    /// Says the resource is taken, once.
    ResourceTaken,
    /// Falls silent inside TLS.
    Silence,
}

/// Everything it was told, in order, in the clear as it decrypted it.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    fn add(&self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Neither the password nor what PLAIN would have made of it was said.
    pub fn assert_no_password(&self) {
        let text = self.text();
        for secret in [
            PASSWORD.to_owned(),
            STANDARD.encode(PASSWORD),
            STANDARD.encode(format!("\0{USER}\0{PASSWORD}")),
            "PLAIN".to_owned(),
        ] {
            assert!(!text.contains(&secret), "the password went out: {text}");
        }
    }

    /// Nothing that stands for the password was said: the client's final message did not go out.
    pub fn assert_no_proof(&self) {
        let text = self.text();
        assert!(!text.contains("<response"), "the proof went out: {text}");
    }
}

/// A dialler that hands out prepared links, one an attempt.
pub struct Links(Mutex<Vec<DuplexStream>>);

impl Links {
    /// `count` links and their far ends, in order.
    pub fn new(count: usize) -> (Arc<Self>, Vec<DuplexStream>) {
        let (near, far): (Vec<_>, Vec<_>) = (0..count).map(|_| tokio::io::duplex(1 << 20)).unzip();
        (Arc::new(Self(Mutex::new(near.into_iter().rev().collect()))), far)
    }
}

impl Dial for Links {
    fn dial<'a>(&'a self, target: &'a Target) -> Dialing<'a> {
        let link = self.0.lock().unwrap().pop();
        let none = || dial::Error::Link { target: target.host.clone(), why: dial::Cause::Refused };
        Box::pin(async move { Ok(Dialed::pipe(Box::new(link.ok_or_else(none)?))) })
    }

    fn target(&self) -> String {
        "the test".to_owned()
    }
}

/// A session as the controller has it.
pub type Session = Stream<TlsStream<DuplexStream>>;

/// The controller; `None` where the client left.
pub struct Controller<'a> {
    pub identity: &'a Identity,
    pub fault: Fault,
    pub heard: Heard,
    /// Its stream management, if it has it.
    pub sm: Option<Arc<Management>>,
}

impl Controller<'_> {
    /// Takes a client as far as it comes.
    pub async fn serve(&self, link: DuplexStream) -> Option<Session> {
        let mut stream = Stream::new(link, Limits::STRANGER);
        self.open(&mut stream).await?;
        if self.fault == Fault::NoStartTls {
            let plain =
                "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
            let features = format!("<stream:features>{plain}</stream:features>");
            stream.send(features.as_bytes()).await.ok()?;
            let _ = self.hear(&mut stream).await?;
            return None;
        }
        let starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
        stream.send(format!("<stream:features>{starttls}</stream:features>").as_bytes()).await.ok()?;
        let _ = self.hear(&mut stream).await?;
        let answer = match self.fault {
            Fault::StartTlsFailure => "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            Fault::Injection => "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features/>",
            _ => "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        };
        stream.send(answer.as_bytes()).await.ok()?;
        self.secured(&self.identity.acceptor(), stream.into_link()).await
    }

    /// The same from the TLS handshake on.
    pub async fn secured(&self, acceptor: &TlsAcceptor, link: DuplexStream) -> Option<Session> {
        let secure = acceptor.accept(link).await.ok()?;
        let (_, connection) = secure.get_ref();
        let bindings = tls::binding::bindings(connection, self.identity.chain.first().map(AsRef::as_ref));
        let certified = connection.peer_certificates().is_some();
        let mut stream = Stream::new(secure, Limits::STRANGER);
        self.open(&mut stream).await?;
        match self.fault {
            Fault::Silence => {
                // Hears until the client gives up.
                while self.hear(&mut stream).await.is_some() {}
                return None;
            }
            Fault::HugeFeatures(size) => {
                let huge =
                    format!("<stream:features><x xmlns='urn:example'>{}</x></stream:features>", "x".repeat(size));
                stream.send(huge.as_bytes()).await.ok()?;
                while self.hear(&mut stream).await.is_some() {}
                return None;
            }
            _ => {}
        }
        let script = match self.fault {
            Fault::Sasl(script) => script,
            _ => Script::default(),
        };
        let entered = log_in(self, &script, &mut stream, bindings, certified).await?;
        if !entered.sasl2 {
            stream.restart();
            self.open(&mut stream).await?;
        }
        self.bind(&mut stream, entered.bound).await?;
        stream.set_limits(Limits::PEER);
        Some(stream)
    }

    async fn open<L: Link>(&self, stream: &mut Stream<L>) -> Option<()> {
        let Frame::Header(_) = stream.read().await.ok()? else { return None };
        let domain = if self.fault == Fault::OtherDomain { "other.example" } else { DOMAIN };
        stream.send(&server_header(domain, "s1").unwrap()).await.ok()
    }

    async fn hear<L: Link>(&self, stream: &mut Stream<L>) -> Option<Stanza> {
        let Frame::Stanza(stanza) = stream.read().await.ok()? else { return None };
        self.heard.add(stanza.root().raw());
        Some(stanza)
    }

    async fn bind<L: Link>(&self, stream: &mut Stream<L>, bound: bool) -> Option<()> {
        let bind = "urn:ietf:params:xml:ns:xmpp-bind";
        let sm = if self.sm.is_some() { format!("<sm xmlns='{SM}'/>") } else { String::new() };
        stream.send(format!("<stream:features><bind xmlns='{bind}'/>{sm}</stream:features>").as_bytes()).await.ok()?;
        if bound {
            return Some(());
        }
        let mut request = self.hear(stream).await?;
        if let Some(sm) = self.sm.as_ref().filter(|_| request.root().is(SM, "resume")) {
            let (answer, goes_on) = sm.resume(request.root());
            stream.send(answer.as_bytes()).await.ok()?;
            if goes_on {
                return stream.send(sm.again().as_bytes()).await.ok();
            }
            request = self.hear(stream).await?;
        }
        if let Some(sm) = &self.sm {
            sm.bound();
        }
        if self.fault == Fault::ResourceTaken {
            let id = request.root().attr("id")?.into_owned();
            let conflict = format!(
                "<iq type='error' id='{id}'><error type='cancel'>\
                 <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            );
            stream.send(conflict.as_bytes()).await.ok()?;
            request = self.hear(stream).await?;
        }
        let id = request.root().attr("id")?.into_owned();
        let resource = request.root().child(bind, "bind")?.child(bind, "resource").map(|r| r.text().into_owned());
        let jid = match self.fault {
            Fault::Binds(jid) => jid.to_owned(),
            _ => format!("{USER}@{DOMAIN}/{}", resource.as_deref().unwrap_or("given")),
        };
        let answer = format!("<iq type='result' id='{id}'><bind xmlns='{bind}'><jid>{jid}</jid></bind></iq>");
        stream.send(answer.as_bytes()).await.ok()
    }
}
