//! From several servers to one secure session: which failure is followed by the next server and which ends the login.

use std::net::SocketAddr;
use std::time::Duration;

use gridwatch::model::Tls;
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::{self, Cause};
use gridwatch::xmpp::login::{self, Error, Facts, Params, Patience};
use gridwatch::xmpp::tls::{self, Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio_rustls::rustls::version::TLS13;

use super::{DIRECT, STARTTLS, controller, listener};
use crate::support::controller::{Controller, DOMAIN, Fault, Heard, PASSWORD, USER};
use crate::support::names::Dns;
use crate::support::pki::{Authority, Identity};

struct World {
    authority: Authority,
    dns: Dns,
}

impl World {
    async fn start() -> Self {
        let world = Self { authority: Authority::new("Test authority"), dns: Dns::start().await };
        world.dns.host("s.example", &["127.0.0.1"]);
        world
    }

    fn identity(&self, name: &str) -> Identity {
        self.authority.issue(&[name], |_| {})
    }

    /// Logs in at the controller that DNS names.
    async fn login(&self, patience: Patience) -> Result<Facts, Error> {
        let params = Params {
            jid: format!("{USER}@{DOMAIN}").parse().unwrap(),
            resource: "desk".to_owned(),
            credentials: Secret::new(PASSWORD.to_owned()).into(),
            tls: Tls::StartTls,
            trust: Trust::Ca(self.authority.der()),
            policy: Policy::default(),
            bind2: false,
            manage: false,
            resume: None,
            patience,
            trace: Trace::default(),
        };
        let result = login::login(&controller(&self.dns), &params, Limits::PEER, |_| {}).await;
        result.map(|session| session.facts)
    }
}

/// A server that takes one client with STARTTLS.
async fn serve(identity: Identity, fault: Fault) -> (SocketAddr, Heard) {
    let (listener, address) = listener().await;
    let heard = Heard::default();
    let keeps = heard.clone();
    let _serving = tokio::spawn(async move {
        let (mut link, _) = listener.accept().await.unwrap();
        let (mut near, far) = tokio::io::duplex(1 << 16);
        let controller = Controller { identity: &identity, fault, heard: keeps, sm: None };
        let serving = async {
            if let Some(mut session) = controller.serve(far).await {
                while session.read().await.is_ok() {}
            }
        };
        tokio::join!(copy_bidirectional(&mut link, &mut near), serving)
    });
    (address, heard)
}

#[tokio::test]
async fn a_server_that_is_down_or_breaks_off_is_followed_by_the_next() {
    let world = World::start().await;
    let (gone, down) = listener().await;
    drop(gone);
    // It takes the connection and hangs up, as a load balancer with nothing behind it does.
    let (hangs_up, rude) = listener().await;
    let _serving = tokio::spawn(async move { while hangs_up.accept().await.is_ok() {} });
    let (good, heard) = serve(world.identity(DOMAIN), Fault::None).await;
    world.dns.service(DIRECT, &[(1, 0, down.port(), "s.example"), (3, 0, rude.port(), "s.example")]);
    world.dns.service(
        STARTTLS,
        &[(0, 0, 5222, "unknown.example"), (2, 0, rude.port(), "s.example"), (4, 0, good.port(), "s.example")],
    );
    let facts = world.login(Patience::default()).await.unwrap();
    assert_eq!((facts.route.host.as_str(), facts.route.address), ("s.example", Some(good)));
    assert_eq!((facts.route.srv.as_deref(), facts.route.tls), (Some(STARTTLS), Tls::StartTls));
    assert_eq!(facts.path.unwrap().peer, good);
    heard.assert_no_password();
}

#[tokio::test]
async fn a_deaf_server_takes_its_share_of_the_time_and_no_more() {
    let world = World::start().await;
    // Takes connections and never says a word.
    let (_deaf, deaf) = listener().await;
    let (good, _heard) = serve(world.identity(DOMAIN), Fault::None).await;
    world.dns.service(STARTTLS, &[(1, 0, deaf.port(), "s.example"), (2, 0, good.port(), "s.example")]);
    let patience = Patience { whole: Duration::from_secs(12), ..Patience::default() };
    let facts = world.login(patience).await.unwrap();
    assert_eq!(facts.route.address, Some(good));
}

#[tokio::test]
async fn when_none_can_be_reached_each_is_told() {
    let world = World::start().await;
    let (gone, down) = listener().await;
    drop(gone);
    world.dns.service(STARTTLS, &[(1, 0, 5222, "unknown.example"), (2, 0, down.port(), "s.example")]);
    let error = world.login(Patience::default()).await.unwrap_err();
    let Error::NoServer { domain, tried } = &error else { panic!("{error}") };
    assert_eq!((domain.as_str(), tried.len()), (DOMAIN, 2));
    assert!(matches!(&tried[0], Error::Dial(dial::Error::Name { name, .. }) if name == "unknown.example"));
    assert!(matches!(&tried[1], Error::Dial(dial::Error::Link { why: Cause::Refused, .. })));
    assert!(error.retries());
    let told = gridwatch::engine::Error::from(error);
    assert_eq!(told.say().key, "error-dial-no-server");
    let details: Vec<_> = told.details().iter().map(|say| say.key).collect();
    assert_eq!(details, ["error-dns-no-name", "error-dial-refused"]);
}

#[tokio::test]
async fn what_could_be_an_attack_ends_the_login_whoever_is_left() {
    type Expected = fn(&Error) -> bool;
    let rows: [(&str, Fault, Expected); 4] = [
        // The certificate is for the SRV target, not for the domain: whoever wrote the record, it is no proof.
        ("s.example", Fault::None, |error| matches!(error, Error::Tls(tls::Error::Certificate { .. }))),
        (DOMAIN, Fault::NoStartTls, |error| *error == Error::NoStartTls),
        (DOMAIN, Fault::Injection, |error| *error == Error::Injected),
        (DOMAIN, Fault::OtherDomain, |error| matches!(error, Error::Protocol(_))),
    ];
    for (name, fault, expected) in rows {
        let world = World::start().await;
        let (bad, heard) = serve(world.identity(name), fault).await;
        let (next, untouched) = serve(world.identity(DOMAIN), Fault::None).await;
        world.dns.service(STARTTLS, &[(1, 0, bad.port(), "s.example"), (2, 0, next.port(), "s.example")]);
        let error = world.login(Patience::default()).await.unwrap_err();
        assert!(expected(&error), "{fault:?}: {error}");
        assert_eq!(untouched.text(), "", "the next server was tried after {error}");
        heard.assert_no_password();
    }
}

#[tokio::test]
async fn a_direct_record_begins_with_tls_for_the_domain() {
    let world = World::start().await;
    let identity = world.identity(DOMAIN);
    let (listener, address) = listener().await;
    world.dns.service(DIRECT, &[(1, 0, address.port(), "s.example")]);
    let serving = tokio::spawn(async move {
        let (link, _) = listener.accept().await.unwrap();
        let mut secure = identity.acceptor_of(&[&TLS13], &[tls::ALPN]).accept(link).await.unwrap();
        let (_, connection) = secure.get_ref();
        let name = connection.server_name().map(str::to_owned);
        let alpn = connection.alpn_protocol().map(<[u8]>::to_vec);
        let mut bytes = [0; 1024];
        let count = secure.read(&mut bytes).await.unwrap();
        let header = String::from_utf8_lossy(&bytes[..count]).into_owned();
        let _ = secure.shutdown().await;
        (name, alpn, header)
    });
    // It hangs up inside TLS, after the login began: no other server is tried then.
    let error = world.login(Patience::default()).await.unwrap_err();
    assert!(matches!(error, Error::Stream(_)), "{error}");
    let (name, alpn, header) = serving.await.unwrap();
    assert_eq!((name.as_deref(), alpn.as_deref()), (Some(DOMAIN), Some(tls::ALPN)));
    assert!(header.contains("to='grid.example'") && !header.contains(USER), "{header}");
}
