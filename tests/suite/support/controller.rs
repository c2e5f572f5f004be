//! A controller of the tests' own: honest up to one chosen fault. It keeps all it was told.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::{self, Dial, Dialed, Dialing, Link, Target};
use gridwatch::xmpp::sasl::server::{Server, Verifier};
use gridwatch::xmpp::sasl::{Bindings, Mechanism, Offer};
use gridwatch::xmpp::stream::{Stream, server_header};
use gridwatch::xmpp::tls;
use gridwatch::xmpp::xml::{Frame, Limits, Stanza};
use tokio::io::DuplexStream;
use tokio_rustls::server::TlsStream;

use super::pki::Identity;

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
    /// This `<mechanisms>` content instead of ours.
    Mechanisms(&'static [&'static str]),
    /// -PLUS offered without XEP-0440's list.
    NoBindingList,
    /// This challenge; `{r}` stands for the client's nonce.
    Challenge(&'static str),
    /// This element right after `<auth/>`.
    AfterAuth(&'static str),
    /// This element instead of `<success/>` with its proof.
    InsteadOfSuccess(&'static str),
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
}

impl Controller<'_> {
    /// Takes a client as far as it comes.
    pub async fn serve(&self, link: DuplexStream) -> Option<Session> {
        let mut stream = Stream::new(link, Limits::STRANGER);
        self.open(&mut stream).await?;
        if self.fault == Fault::NoStartTls {
            let features =
                format!("<stream:features>{}</stream:features>", mechanisms(&["PLAIN", "SCRAM-SHA-256"], true));
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
        let secure = self.identity.acceptor().accept(stream.into_link()).await.ok()?;
        let bindings = tls::binding::bindings(secure.get_ref().1, self.identity.chain.first().map(AsRef::as_ref));
        let mut stream = Stream::new(secure, Limits::STRANGER);
        self.authenticate(&mut stream, bindings).await?;
        stream.restart();
        self.bind(&mut stream).await?;
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

    async fn authenticate<L: Link>(&self, stream: &mut Stream<L>, bindings: Bindings) -> Option<()> {
        self.open(stream).await?;
        if self.fault == Fault::Silence {
            // Hears until the client gives up.
            while self.hear(stream).await.is_some() {}
            return None;
        }
        let all = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
        let mut features = match self.fault {
            Fault::Mechanisms(names) => mechanisms(names, true),
            Fault::NoBindingList => mechanisms(&all, false),
            _ => mechanisms(&all, true),
        };
        if let Fault::HugeFeatures(size) = self.fault {
            features.push_str(&format!("<x xmlns='urn:example'>{}</x>", "x".repeat(size)));
        }
        stream.send(format!("<stream:features>{features}</stream:features>").as_bytes()).await.ok()?;
        let auth = self.hear(stream).await?;
        if let Fault::AfterAuth(element) = self.fault {
            stream.send(element.as_bytes()).await.ok()?;
            while self.hear(stream).await.is_some() {}
            return None;
        }
        let Mechanism::Scram { hash, plus } = Mechanism::from_name(&auth.root().attr("mechanism")?)? else {
            return None;
        };
        let offered: &[&str] = if matches!(self.fault, Fault::Mechanisms(_)) { &[] } else { &all };
        let offer = Offer { mechanisms: offered.iter().map(|name| (*name).to_owned()).collect(), bindings: None };
        let mut server = Server::new(hash, plus, bindings, offer, "of-the-server".to_owned()).unproving();
        let first = STANDARD.decode(auth.root().text().as_bytes()).ok()?;
        let password = Secret::new(PASSWORD.to_owned());
        let challenge = server.first(&first, |name, hash| {
            (name == USER).then(|| Verifier::new(hash, &password, b"salt".to_vec(), 4096).unwrap())
        });
        let Ok(mut challenge) = challenge else { return refuse(stream).await };
        if let Fault::Challenge(text) = self.fault {
            let first = String::from_utf8(first).unwrap();
            let nonce = first.rsplit_once("r=").unwrap().1.to_owned();
            challenge = text.replace("{r}", &nonce).into_bytes();
        }
        say(stream, "challenge", &challenge).await?;
        let response = self.hear(stream).await?;
        let last = server.finish(&STANDARD.decode(response.root().text().as_bytes()).ok()?);
        let Ok((_, proof)) = last else { return refuse(stream).await };
        if let Fault::InsteadOfSuccess(element) = self.fault {
            stream.send(element.as_bytes()).await.ok()?;
            while self.hear(stream).await.is_some() {}
            return None;
        }
        say(stream, "success", &proof).await
    }

    async fn bind<L: Link>(&self, stream: &mut Stream<L>) -> Option<()> {
        self.open(stream).await?;
        let bind = "urn:ietf:params:xml:ns:xmpp-bind";
        stream.send(format!("<stream:features><bind xmlns='{bind}'/></stream:features>").as_bytes()).await.ok()?;
        let mut request = self.hear(stream).await?;
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

fn mechanisms(names: &[&str], bindings: bool) -> String {
    let mut xml = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>".to_owned();
    for name in names {
        xml.push_str(&format!("<mechanism>{name}</mechanism>"));
    }
    xml.push_str("</mechanisms>");
    if bindings {
        xml.push_str(
            "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>\
             </sasl-channel-binding>",
        );
    }
    xml
}

async fn say<L: Link>(stream: &mut Stream<L>, name: &str, data: &[u8]) -> Option<()> {
    let element = format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</{name}>", STANDARD.encode(data));
    stream.send(element.as_bytes()).await.ok()
}

async fn refuse<L: Link>(stream: &mut Stream<L>) -> Option<()> {
    let failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>no</text></failure>";
    stream.send(failure.as_bytes()).await.ok()?;
    None
}
