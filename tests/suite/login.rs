//! The login against controllers that are honest but for one thing before or after SASL (`engine.md` §6 rows 8 and 9): each is left
//! with its own error, and none of them learns the password. What they do within SASL is in `sasl`.

use std::time::Duration;

use gridwatch::model::Tls;
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::{self, Error, Params, Patience, Step};
use gridwatch::xmpp::sasl;
use gridwatch::xmpp::stream;
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::Limits;

use crate::support::controller::login::Script;
use crate::support::controller::meeting::{Client, meet};
use crate::support::controller::{Fault, USER};
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::server::{Port, Server as _};

#[tokio::test]
async fn an_honest_controller() {
    let met = meet(Fault::None, Client::default()).await;
    let facts = met.result.unwrap();
    assert_eq!(facts.jid.to_string(), "analyst@grid.example/desk");
    assert_eq!(
        (facts.channel.version.as_str(), facts.authentication.mechanism.as_str()),
        ("TLS 1.3", "SCRAM-SHA-512-PLUS")
    );
    assert_eq!(met.steps, [Step::Dialing, Step::Securing, Step::Authenticating, Step::Binding]);
    met.heard.assert_no_password();
}

#[tokio::test]
async fn what_the_older_servers_offer() {
    let unlisted = Script { kinds: None, ..Script::default() };
    let facts = meet(Fault::Sasl(unlisted), Client::default()).await.result.unwrap();
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-512");
    let old = Script { mechanisms: &["PLAIN", "SCRAM-SHA-1"], kinds: None, ..Script::default() };
    let facts = meet(Fault::Sasl(old), Client::default()).await.result.unwrap();
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-1");
    let facts = meet(Fault::ResourceTaken, Client::default()).await.result.unwrap();
    assert_eq!(facts.jid.resource(), Some("given"));
}

#[tokio::test]
async fn a_wrong_password_is_said_once_and_not_tried_again() {
    let met = meet(Fault::None, Client { password: Some("wrong"), ..Client::default() }).await;
    let error = met.result.unwrap_err();
    assert_eq!(error, sasl::Error::Refused { condition: "not-authorized".to_owned() }.into());
    assert!(!error.retries());
    assert_eq!(error.say().key, "error-sasl-not-authorized");
    assert_eq!(met.heard.text().matches("<auth").count(), 1);
}

#[tokio::test]
async fn each_fault_ends_the_login_with_its_own_error() {
    let rows = [
        (Fault::NoStartTls, Error::NoStartTls),
        (Fault::StartTlsFailure, Error::StartTlsRefused),
        (Fault::Injection, Error::Injected),
        (Fault::OtherDomain, Error::Protocol("another domain answered")),
        (Fault::Binds("root@grid.example/desk"), Error::Protocol("bound to another account")),
        (Fault::Binds("analyst@grid.example"), Error::Protocol("bound to another account")),
        (Fault::Binds("@"), Error::Protocol("no address in the answer to bind")),
    ];
    for (fault, expected) in rows {
        let met = meet(fault, Client::default()).await;
        assert_eq!(met.result.unwrap_err(), expected, "{fault:?}");
        assert!(!expected.retries(), "{fault:?}");
        met.heard.assert_no_password();
    }
}

#[tokio::test]
async fn without_encryption_nothing_is_said_at_all() {
    for fault in [Fault::NoStartTls, Fault::StartTlsFailure, Fault::Injection] {
        let heard = meet(fault, Client::default()).await.heard.text();
        assert!(!heard.contains("auth") && !heard.contains(USER), "{fault:?}: {heard}");
    }
}

#[tokio::test]
async fn features_without_end_are_cut_off() {
    let met = meet(Fault::HugeFeatures(1 << 20), Client::default()).await;
    let error = met.result.unwrap_err();
    assert!(matches!(error, Error::Stream(stream::Error::Refused(_))), "{error}");
    assert!(!met.heard.text().contains("<auth"));
}

#[tokio::test]
async fn a_silent_controller_is_left_in_time() {
    let patience = Patience { step: Duration::from_millis(900), ..Patience::default() };
    let met = meet(Fault::Silence, Client { patience, ..Client::default() }).await;
    let error = met.result.unwrap_err();
    assert_eq!(error, Error::Timeout(Step::Authenticating));
    assert!(error.retries());
}

/// Both ports of a real ejabberd, which offers -PLUS without saying for which binding and can do none of ours.
#[tokio::test]
async fn a_real_ejabberd() {
    let server = tokio::task::spawn_blocking(|| {
        let server = Ejabberd::start();
        let _registered = Peer::login(&server, &Ejabberd::account("analyst"), Port::StartTls);
        server
    });
    let server = server.await.unwrap();
    let account = Ejabberd::account("analyst");
    for (tls, port) in [(Tls::StartTls, Port::StartTls), (Tls::Direct, Port::Direct)] {
        let dial = Tcp { host: "127.0.0.1".to_owned(), port: server.port(port) };
        let mut params = Params {
            jid: account.jid.parse().unwrap(),
            resource: "desk".to_owned(),
            credentials: Secret::new(account.password.clone()).into(),
            tls,
            trust: Trust::CaFile(server.ca_file()),
            policy: Policy::default(),
            bind2: false,
            patience: Patience::default(),
            trace: Trace::default(),
            manage: false,
            resume: None,
        };
        let facts = login::login(&dial, &params, Limits::PEER, |_| {}).await.unwrap().facts;
        assert_eq!(facts.jid.to_string(), "analyst@localhost/desk");
        assert_eq!(
            (facts.channel.version.as_str(), facts.authentication.mechanism.as_str()),
            ("TLS 1.3", "SCRAM-SHA-256"),
            "{tls:?}"
        );
        params.credentials = Secret::new("wrong".to_owned()).into();
        let error = login::login(&dial, &params, Limits::PEER, |_| {}).await.unwrap_err();
        assert_eq!(error.say().key, "error-sasl-not-authorized");
        params.trust = Trust::Platform;
        let error = login::login(&dial, &params, Limits::PEER, |_| {}).await.unwrap_err();
        assert!(matches!(error, Error::Tls(_)), "{error}");
    }
}
