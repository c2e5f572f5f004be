//! The controller's certificate and channel against impostors, over a pipe: each refused with words of its own, nothing
//! of XMPP said before or after.

mod certificates;
mod revocation;
mod trust;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use gridwatch::i18n::Catalog;
use gridwatch::model::session::{FaultWords, Refused, Why};
use gridwatch::model::{BareJid, Tls};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::Link;
use gridwatch::xmpp::login::{self, Params, Patience};
use gridwatch::xmpp::tls::{self, Error, Policy, Secured, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::Limits;
use rcgen::CertificateParams;
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio_rustls::TlsAcceptor;

use crate::support::controller::Links;

const DOMAIN: &str = "xmpp.grid.example";

fn unchanged(_: &mut CertificateParams) {}

/// A console meets a server.
struct Case<'a> {
    acceptor: &'a TlsAcceptor,
    trust: &'a Trust,
    policy: &'a Policy,
    domain: &'a str,
}

impl Case<'_> {
    async fn connect(&self, mode: Tls) -> Result<Secured, Error> {
        let (near, far) = tokio::io::duplex(1 << 16);
        let link: Box<dyn Link> = Box::new(near);
        let domain: BareJid = self.domain.parse().unwrap();
        let connect = tls::connect(link, &domain, self.trust, self.policy, mode);
        let (client, server) = tokio::join!(connect, self.acceptor.accept(far));
        if client.is_ok() {
            let _ = server.unwrap();
        }
        client
    }

    async fn accepted(&self, what: &str) -> Secured {
        self.connect(Tls::StartTls).await.unwrap_or_else(|error| panic!("{what}: {error} {:?}", error.details()))
    }

    /// The whole login is refused, and the server hears not a byte of it. Every word it is told in exists.
    async fn refused(&self, what: &str) -> Arc<Refused> {
        let params = Params {
            jid: format!("analyst@{}", self.domain).parse().unwrap(),
            resource: "desk".to_owned(),
            credentials: Secret::new("secret".to_owned()).into(),
            tls: Tls::Direct,
            trust: self.trust.clone(),
            policy: self.policy.clone(),
            bind2: false,
            manage: false,
            resume: None,
            patience: Patience::default(),
            trace: Trace::default(),
        };
        let (dial, mut far) = Links::new(1);
        let login = login::login(dial.as_ref(), &params, Limits::PEER, |_| {});
        let (result, heard) = tokio::join!(login, self.hear(far.remove(0)));
        assert_eq!(heard, b"", "{what}: the server heard something");
        let error = result.err().unwrap_or_else(|| panic!("{what}: was accepted"));
        assert!(!error.retries(), "{what}");
        let login::Error::Tls(error) = error else { panic!("{what}: {error}") };
        let Error::Certificate(refused) = &error else { panic!("{what}: {error}") };
        assert_eq!(refused.domain, params.jid.domain_ascii());
        words_exist(&error, refused);
        Arc::clone(refused)
    }

    /// What the server hears on the channel, if there ever is one.
    async fn hear(&self, far: DuplexStream) -> Vec<u8> {
        let mut heard = Vec::new();
        if let Ok(mut stream) = self.acceptor.accept(far).await {
            let reading = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut heard));
            // An end without TLS's own goodbye is an end too.
            let _ = reading.await.expect("the link ends");
        }
        heard
    }
}

fn words_exist(error: &Error, refused: &Refused) {
    let catalog = Catalog::default();
    let mut sentences = vec![catalog.say(&error.say()), catalog.next(&error.say()).expect("what to do")];
    if let Why::Faults(faults) = &refused.why {
        assert!(!faults.is_empty());
        for fault in faults {
            sentences.extend([&fault.cause, &fault.risk, &fault.next].map(|say| catalog.say(say)));
            sentences.extend(catalog.next(&fault.cause));
        }
    }
    for sentence in sentences {
        assert!(!sentence.contains("⟨error") && !sentence.contains("{$") && !sentence.contains("{ "), "{sentence}");
    }
}

fn faults(refused: &Arc<Refused>) -> Vec<FaultWords> {
    match &refused.why {
        Why::Faults(faults) => faults.clone(),
        why => panic!("no faults but {why:?}"),
    }
}

fn keys(faults: &[FaultWords]) -> Vec<&'static str> {
    faults.iter().map(|fault| fault.cause.key).collect()
}
