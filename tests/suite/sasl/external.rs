//! EXTERNAL with a client certificate (XEP-0178): shown, asked for, refused, missing.

use std::sync::Arc;

use gridwatch::model::Known;
use gridwatch::xmpp::login::Error;
use gridwatch::xmpp::sasl;
use gridwatch::xmpp::tls::{self, Identity, Policy};
use rcgen::{ExtendedKeyUsagePurpose, SanType};
use tokio_rustls::rustls::{SupportedProtocolVersion, version};

use super::PROFILES;
use crate::support::controller::Fault;
use crate::support::controller::login::{Script, Trick};
use crate::support::controller::meeting::{Client, Met, meet_through};
use crate::support::pki::{self, Authority};

const MECHANISMS: &[&str] = &["PLAIN", "EXTERNAL", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
const OWN: &str = "analyst@grid.example";

/// A client certificate for these XMPP addresses.
fn certificate(clients: &Authority, addresses: &[&str]) -> Identity {
    let issued = clients.issue(&[], |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        // id-on-xmppAddr, RFC 6120 §13.7.1.4.
        let name = |address: &&str| SanType::OtherName((vec![1, 3, 6, 1, 5, 5, 7, 8, 5], (*address).to_owned().into()));
        params.subject_alt_names = addresses.iter().map(name).collect();
    });
    Identity::parse(issued.pem().as_bytes(), None).unwrap()
}

struct Case {
    script: Script,
    identity: Option<Identity>,
    password: Option<&'static str>,
    certified: bool,
    required: bool,
    version: &'static SupportedProtocolVersion,
}

impl Case {
    fn new(identity: Option<Identity>) -> Self {
        let script = Script { mechanisms: MECHANISMS, ..Script::default() };
        Self { script, identity, password: None, certified: false, required: false, version: &version::TLS13 }
    }

    async fn run(self, believed: &Authority) -> Met {
        let external = self.certified.then(chrono::Utc::now);
        let known = Arc::new(Known { external, ..Known::default() });
        let policy = Policy { identity: self.identity, known, ..Policy::default() };
        let client = Client { password: self.password, policy, ..Client::default() };
        let acceptor = |server: &pki::Identity| server.asking(believed, self.required, self.version);
        meet_through(Fault::Sasl(self.script), client, Some(acceptor)).await
    }
}

#[tokio::test]
async fn the_certificate_is_the_login() {
    let clients = Authority::new("Clients");
    // What the certificate names, and what is said of it.
    let rows: [(&[&str], &str); 4] = [
        (&[OWN], ""),
        (&[OWN, "other@grid.example"], "YW5hbHlzdEBncmlkLmV4YW1wbGU="),
        (&["other@grid.example"], "YW5hbHlzdEBncmlkLmV4YW1wbGU="),
        (&[], "YW5hbHlzdEBncmlkLmV4YW1wbGU="),
    ];
    for (addresses, said) in rows {
        for profiles in PROFILES {
            for version in [&version::TLS12, &version::TLS13] {
                let identity = certificate(&clients, addresses);
                assert_eq!(identity.addresses, addresses);
                let case = Case::new(Some(identity));
                let case = Case { script: Script { profiles, ..case.script }, version, ..case };
                let met = case.run(&clients).await;
                let facts = met.result.unwrap();
                assert_eq!(facts.authentication.mechanism, "EXTERNAL");
                assert_eq!(facts.authentication.binding, None);
                assert!(facts.channel.identity.is_some());
                let heard = met.heard.text();
                let classic = if said.is_empty() { ">=</auth>".to_owned() } else { format!(">{said}</auth>") };
                let new = if said.is_empty() {
                    "<initial-response".to_owned()
                } else {
                    format!(">{said}</initial-response>")
                };
                assert!(heard.contains(&classic) || heard.contains(&new), "{addresses:?} {heard}");
            }
        }
    }
}

#[tokio::test]
async fn a_refused_certificate_never_falls_to_the_password() {
    let clients = Authority::new("Clients");
    let refusal = "<failure xmlns='{ns}'><invalid-authzid xmlns='{sasl}'/></failure>";
    for profiles in PROFILES {
        let case = Case::new(Some(certificate(&clients, &["mallory@grid.example"])));
        let trick = Trick::AfterAuth(refusal);
        let case = Case { script: Script { profiles, trick, ..case.script }, password: Some("correct horse"), ..case };
        let met = case.run(&clients).await;
        let error = met.result.unwrap_err();
        let condition = "invalid-authzid".to_owned();
        assert_eq!(error, sasl::Error::CertificateRefused { condition }.into());
        assert_eq!(error.say().key, "error-sasl-certificate-refused");
        assert!(!error.retries());
        met.heard.assert_no_password();
        assert!(!met.heard.text().contains("SCRAM"), "a password was tried");
    }
}

#[tokio::test]
async fn a_password_serves_where_certificates_are_not_taken_and_never_were() {
    let clients = Authority::new("Clients");
    let own = || Some(certificate(&clients, &[OWN]));
    let scram: &'static [&'static str] = &["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
    for profiles in PROFILES {
        let without = Script { mechanisms: scram, profiles, ..Script::default() };
        let case = || Case { script: without, ..Case::new(own()) };
        let facts = Case { password: Some("correct horse"), ..case() }.run(&clients).await.result.unwrap();
        assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-256-PLUS");
        let met = case().run(&clients).await;
        assert_eq!(met.result.unwrap_err(), sasl::Error::CertificateNotOffered.into());
        // It was taken before: the offer was cut down, or the server changed. A person decides.
        let met = Case { password: Some("correct horse"), certified: true, ..case() }.run(&clients).await;
        let Error::Sasl(sasl::Error::Weaker { missing, .. }) = met.result.unwrap_err() else { panic!("not refused") };
        assert_eq!(missing, "EXTERNAL");
        assert!(!met.heard.text().contains("<auth"));
    }
}

#[tokio::test]
async fn external_offered_to_all_is_not_tried_without_a_certificate_or_a_server_that_asked() {
    let clients = Authority::new("Clients");
    let case = Case { password: Some("correct horse"), ..Case::new(None) };
    assert_eq!(case.run(&clients).await.result.unwrap().authentication.mechanism, "SCRAM-SHA-256-PLUS");
    // ejabberd offers EXTERNAL to everybody; here TLS did not ask for the certificate.
    let identity = Some(certificate(&clients, &[OWN]));
    let client = Client { policy: Policy { identity, ..Policy::default() }, ..Client::default() };
    let script = Script { mechanisms: MECHANISMS, ..Script::default() };
    let silent = |server: &pki::Identity| server.acceptor_of(&[&version::TLS13], &[b"xmpp-client"]);
    let facts = meet_through(Fault::Sasl(script), client, Some(silent)).await.result.unwrap();
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-256-PLUS");
    assert_eq!(facts.channel.identity, None);
    let only = Case { script: Script { mechanisms: &["EXTERNAL"], ..Script::default() }, ..Case::new(None) };
    assert_eq!(only.run(&clients).await.result.unwrap_err(), sasl::Error::NoCertificate.into());
}

#[tokio::test]
async fn a_server_that_lets_nobody_in_without_says_so() {
    let clients = Authority::new("Clients");
    let case = Case { password: Some("correct horse"), required: true, ..Case::new(None) };
    let error = case.run(&clients).await.result.unwrap_err();
    assert_eq!(error, tls::Error::ClientCertificate.into());
    assert_eq!(error.say().key, "error-tls-client-certificate");
    assert!(!error.retries());
    // And one from an authority it does not know.
    for version in [&version::TLS13, &version::TLS12] {
        let strange = certificate(&Authority::new("Strangers"), &[OWN]);
        let case = Case { required: true, version, ..Case::new(Some(strange)) };
        let error = case.run(&clients).await.result.unwrap_err();
        assert!(matches!(error, Error::Tls(tls::Error::IdentityRefused(_))), "{error}");
        assert!(!error.retries());
    }
}
