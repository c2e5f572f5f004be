//! Channel binding at work: against ours and an independent server (`rsasl`), and against a man in the middle who has a
//! certificate that is believed (`engine.md` §6 rows 14 and 15, `security.md` §7 row 2).

use gridwatch::model::Tls;
use gridwatch::xmpp::dial::Link;
use gridwatch::xmpp::login::{Error, Facts, login};
use gridwatch::xmpp::sasl::{self, Hash, Mechanism};
use gridwatch::xmpp::tls::{self, Policy, Trust};
use gridwatch::xmpp::xml::Limits;
use tokio_rustls::rustls::{SupportedProtocolVersion, version};

use super::PROFILES;
use crate::support::controller::login::{Profiles, Script};
use crate::support::controller::meeting::{Client, meet_through};
use crate::support::controller::{Controller, DOMAIN, Fault, Heard, Links};
use crate::support::pki::{Authority, Identity};

const VERSIONS: [(&SupportedProtocolVersion, &str); 2] = [(&version::TLS12, "TLS 1.2"), (&version::TLS13, "TLS 1.3")];
const KINDS: [&[&str]; 2] = [&["tls-exporter"], &["tls-server-end-point"]];
const ALPN: &[&[u8]] = &[b"xmpp-client"];

/// The one mechanism of an offer.
fn only(mechanism: Mechanism) -> &'static [&'static str] {
    match mechanism.name() {
        "SCRAM-SHA-512-PLUS" => &["SCRAM-SHA-512-PLUS"],
        "SCRAM-SHA-256-PLUS" => &["SCRAM-SHA-256-PLUS"],
        "SCRAM-SHA-1-PLUS" => &["SCRAM-SHA-1-PLUS"],
        "SCRAM-SHA-512" => &["SCRAM-SHA-512"],
        "SCRAM-SHA-256" => &["SCRAM-SHA-256"],
        _ => &["SCRAM-SHA-1"],
    }
}

#[tokio::test]
async fn each_hash_binds_by_each_kind_on_each_version_with_each_server() {
    for (version, name) in VERSIONS {
        for kinds in KINDS {
            for hash in Hash::ALL {
                for (profiles, independent) in PROFILES.into_iter().zip([true, true]).chain([(Profiles::Both, false)]) {
                    let mechanism = Mechanism::Scram { hash, plus: true };
                    let mechanisms = only(mechanism);
                    let script = Script { profiles, mechanisms, kinds: Some(kinds), independent, ..Script::default() };
                    let acceptor = |identity: &Identity| identity.acceptor_of(&[version], ALPN);
                    let met = meet_through(Fault::Sasl(script), Client::default(), Some(acceptor)).await;
                    let facts = met.result.unwrap_or_else(|error| panic!("{mechanism} {kinds:?} {name}: {error}"));
                    assert_eq!(facts.channel.version, name);
                    assert_eq!(facts.authentication.mechanism, mechanism.name());
                    assert_eq!(facts.authentication.binding.as_deref(), Some(kinds[0]));
                    assert_eq!(facts.authentication.iterations, Some(if independent { 5000 } else { 4096 }));
                }
            }
        }
    }
}

#[tokio::test]
async fn without_binding_too_the_independent_server_agrees() {
    for hash in Hash::ALL {
        let mechanisms = only(Mechanism::Scram { hash, plus: false });
        let script = Script { mechanisms, kinds: None, independent: true, ..Script::default() };
        let direct = |identity: &Identity| identity.acceptor_of(&[&version::TLS13], ALPN);
        let met = meet_through(Fault::Sasl(script), Client::default(), Some(direct)).await;
        let _ = met.result.unwrap();
        let wrong = Client { password: Some("wrong"), ..Client::default() };
        let met = meet_through(Fault::Sasl(script), wrong, Some(direct)).await;
        assert_eq!(met.result.unwrap_err(), sasl::Error::Refused { condition: "not-authorized".to_owned() }.into());
    }
}

/// A login through somebody who ends our TLS with a certificate of an authority we believe, opens his own to the
/// controller, and passes everything on.
async fn relayed(script: Script) -> (Result<Facts, Error>, Heard, bool) {
    let authority = Authority::new("Test authority");
    let (own, stolen) = (authority.issue(&[DOMAIN], |_| {}), authority.issue(&[DOMAIN], |_| {}));
    let params = Client::default().params(Tls::Direct, &authority);
    let (dial, mut near) = Links::new(1);
    let near = near.remove(0);
    let (out, far) = tokio::io::duplex(1 << 20);
    let heard = Heard::default();
    let controller = Controller { identity: &own, fault: Fault::Sasl(script), heard: heard.clone(), sm: None };
    let acceptor = own.acceptor_of(&[&version::TLS13], ALPN);
    let relay = async {
        let mut near = stolen.acceptor_of(&[&version::TLS13], ALPN).accept(near).await.unwrap();
        let out: Box<dyn Link> = Box::new(out);
        let (trust, policy) = (Trust::Ca(authority.der()), Policy::default());
        let mut far = tls::connect(out, &DOMAIN.parse().unwrap(), &trust, &policy, Tls::Direct).await.unwrap().stream;
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    };
    let login = async {
        let result = login(dial.as_ref(), &params, Limits::PEER, |_| {}).await;
        drop(dial);
        result.map(|session| session.facts)
    };
    let (result, session, ()) = tokio::join!(login, controller.secured(&acceptor, far), relay);
    (result, heard, session.is_some())
}

#[tokio::test]
async fn a_relay_with_a_believed_certificate_gets_no_session_where_the_channel_is_bound() {
    for profiles in PROFILES {
        for kinds in KINDS {
            for independent in [false, true] {
                let script = Script { profiles, kinds: Some(kinds), independent, ..Script::default() };
                let (result, heard, session) = relayed(script).await;
                let refused = sasl::Error::Refused { condition: "not-authorized".to_owned() };
                assert_eq!(result.unwrap_err(), refused.into(), "{kinds:?}");
                assert!(!session, "the relay got a session");
                heard.assert_no_password();
            }
        }
        // Without binding he does: the relay is a real one.
        let script = Script { profiles, mechanisms: &["SCRAM-SHA-512"], kinds: None, ..Script::default() };
        let (result, _, session) = relayed(script).await;
        assert!(result.is_ok() && session);
    }
}
