//! The login against controllers that are honest but for one thing (`engine.md` §6 rows 8, 9, 13-16): each is left with
//! its own error, and none of them learns the password.

use std::time::Duration;

use gridwatch::model::Tls;
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::{self, Error, Facts, Params, Patience, Step};
use gridwatch::xmpp::sasl;
use gridwatch::xmpp::stream;
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::Limits;

use crate::support::controller::{Controller, DOMAIN, Fault, Heard, Links, PASSWORD, USER};
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::pki::Authority;
use crate::support::server::{Port, Server as _};

struct Met {
    result: Result<Facts, Error>,
    heard: Heard,
    steps: Vec<Step>,
}

/// Logs in at a controller with this fault.
async fn meet(fault: Fault, password: &str) -> Met {
    meet_with(fault, password, Patience::default()).await
}

async fn meet_with(fault: Fault, password: &str, patience: Patience) -> Met {
    let authority = Authority::new("Test authority");
    let identity = authority.issue(&[DOMAIN], |_| {});
    let params = Params {
        jid: format!("{USER}@{DOMAIN}").parse().unwrap(),
        resource: "desk".to_owned(),
        credentials: Secret::new(password.to_owned()).into(),
        tls: Tls::StartTls,
        trust: Trust::Ca(authority.der()),
        policy: Policy::default(),
        bind2: false,
        patience,
        trace: Trace::default(),
    };
    let (dial, mut far) = Links::new(1);
    let heard = Heard::default();
    let controller = Controller { identity: &identity, fault, heard: heard.clone() };
    let mut steps = Vec::new();
    let login = login::login(dial.as_ref(), &params, Limits::PEER, |step| steps.push(step));
    let (result, _) = tokio::join!(login, controller.serve(far.remove(0)));
    Met { result: result.map(|session| session.facts), heard, steps }
}

#[tokio::test]
async fn an_honest_controller() {
    let met = meet(Fault::None, PASSWORD).await;
    let facts = met.result.unwrap();
    assert_eq!(facts.jid.to_string(), "analyst@grid.example/desk");
    assert_eq!(
        (facts.channel.version.as_str(), facts.authentication.mechanism.as_str()),
        ("TLS 1.3", "SCRAM-SHA-256-PLUS")
    );
    assert_eq!(met.steps, [Step::Dialing, Step::Securing, Step::Authenticating, Step::Binding]);
    met.heard.assert_no_password();
}

#[tokio::test]
async fn what_the_older_servers_offer() {
    let facts = meet(Fault::NoBindingList, PASSWORD).await.result.unwrap();
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-256");
    let facts = meet(Fault::Mechanisms(&["PLAIN", "SCRAM-SHA-1"]), PASSWORD).await.result.unwrap();
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-1");
    let facts = meet(Fault::ResourceTaken, PASSWORD).await.result.unwrap();
    assert_eq!(facts.jid.resource(), Some("given"));
}

#[tokio::test]
async fn a_wrong_password_is_said_once_and_not_tried_again() {
    let met = meet(Fault::None, "wrong").await;
    let error = met.result.unwrap_err();
    assert_eq!(error, sasl::Error::Refused { condition: "not-authorized".to_owned() }.into());
    assert!(!error.retries());
    assert_eq!(error.say().key, "error-sasl-not-authorized");
    assert_eq!(met.heard.text().matches("<auth").count(), 1);
}

const FALSE_PROOF: &str =
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9</success>";
const BARE_SUCCESS: &str = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
const EQUALS: &str = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</success>";
const FOREIGN: &str = "<success xmlns='urn:example'/>";

#[tokio::test]
async fn each_fault_ends_the_login_with_its_own_error() {
    let sasl = |error: sasl::Error| Error::Sasl(error);
    let none = |names: &[&str]| sasl::Error::NoMechanism { offered: names.iter().map(|n| (*n).to_owned()).collect() };
    let rows = [
        (Fault::NoStartTls, Error::NoStartTls),
        (Fault::StartTlsFailure, Error::StartTlsRefused),
        (Fault::Injection, Error::Injected),
        (Fault::Mechanisms(&["PLAIN"]), sasl(none(&["PLAIN"]))),
        (Fault::Mechanisms(&["DIGEST-MD5", "ANONYMOUS"]), sasl(none(&["DIGEST-MD5", "ANONYMOUS"]))),
        (Fault::Mechanisms(&[]), sasl(none(&[]))),
        (Fault::Challenge("r=other,s=c2FsdA==,i=4096"), sasl(sasl::Error::ForeignNonce)),
        (Fault::Challenge("r={r},s=c2FsdA==,i=4096"), sasl(sasl::Error::ForeignNonce)),
        (Fault::Challenge("r={r}x,s=c2FsdA==,i=1"), sasl(sasl::Error::TooFewIterations(1))),
        (Fault::Challenge("r={r}x,s=c2FsdA==,i=4000000000"), sasl(sasl::Error::TooManyIterations(4_000_000_000))),
        (Fault::Challenge("r={r}x,s=,i=4096"), sasl(sasl::Error::Malformed("salt"))),
        (Fault::Challenge("m=x,r={r}x,s=c2FsdA==,i=4096"), sasl(sasl::Error::Malformed("nonce"))),
        (Fault::AfterAuth(BARE_SUCCESS), sasl(sasl::Error::EarlySuccess)),
        (Fault::AfterAuth(FALSE_PROOF), sasl(sasl::Error::EarlySuccess)),
        (Fault::AfterAuth(FOREIGN), Error::Protocol("no answer to auth")),
        (Fault::AfterAuth("<message/>"), Error::Protocol("no answer to auth")),
        (
            Fault::AfterAuth("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>!</challenge>"),
            sasl(sasl::Error::Malformed("base64")),
        ),
        (Fault::InsteadOfSuccess(BARE_SUCCESS), sasl(sasl::Error::FalseServer)),
        (Fault::InsteadOfSuccess(EQUALS), sasl(sasl::Error::FalseServer)),
        (Fault::InsteadOfSuccess(FALSE_PROOF), sasl(sasl::Error::FalseServer)),
        (Fault::OtherDomain, Error::Protocol("another domain answered")),
        (Fault::Binds("root@grid.example/desk"), Error::Protocol("bound to another account")),
        (Fault::Binds("analyst@grid.example"), Error::Protocol("bound to another account")),
        (Fault::Binds("@"), Error::Protocol("no address in the answer to bind")),
    ];
    for (fault, expected) in rows {
        let met = meet(fault, PASSWORD).await;
        assert_eq!(met.result.unwrap_err(), expected, "{fault:?}");
        assert!(!expected.retries(), "{fault:?}");
        met.heard.assert_no_password();
    }
}

#[tokio::test]
async fn without_encryption_nothing_is_said_at_all() {
    for fault in [Fault::NoStartTls, Fault::StartTlsFailure, Fault::Injection] {
        let heard = meet(fault, PASSWORD).await.heard.text();
        assert!(!heard.contains("auth") && !heard.contains(USER), "{fault:?}: {heard}");
    }
}

#[tokio::test]
async fn features_without_end_are_cut_off() {
    let met = meet(Fault::HugeFeatures(1 << 20), PASSWORD).await;
    let error = met.result.unwrap_err();
    assert!(matches!(error, Error::Stream(stream::Error::Refused(_))), "{error}");
    assert!(!met.heard.text().contains("<auth"));
}

#[tokio::test]
async fn a_silent_controller_is_left_in_time() {
    let patience = Patience { step: Duration::from_millis(900), ..Patience::default() };
    let met = meet_with(Fault::Silence, PASSWORD, patience).await;
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
