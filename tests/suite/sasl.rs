//! The login against controllers that attack it within SASL, by both of its profiles (`engine.md` §6 rows 13-17, `security.md`
//! §7 rows 3 and 4): each is left with its own words, and no password, nor anything that stands for it, gets where it
//! must not.

mod binding;
mod external;
mod floor;
mod sasl2;

use gridwatch::xmpp::login::Error;
use gridwatch::xmpp::sasl;
use gridwatch::xmpp::stream;

use crate::support::controller::Fault;
use crate::support::controller::login::{Profiles, Script, Step, Trick};
use crate::support::controller::meeting::{Client, Met, meet};

/// What the controller may have got when it is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leak {
    /// Not even the account's name.
    Nothing,
    /// Name and nonce: nothing to guess a password by.
    First,
    /// The proof, which only who knows the password already can use.
    Proof,
}

const PROFILES: [Profiles; 2] = [Profiles::Classic, Profiles::Sasl2];

async fn meet_by(script: Script, client: Client) -> Met {
    meet(Fault::Sasl(script), client).await
}

fn assert_leak(met: &Met, leak: Leak, row: &str) {
    met.heard.assert_no_password();
    let heard = met.heard.text();
    match leak {
        Leak::Nothing => assert!(!heard.contains("<auth"), "{row}: {heard}"),
        Leak::First => met.heard.assert_no_proof(),
        Leak::Proof => assert!(heard.contains("<response"), "{row}: the row is meant to come so far"),
    }
}

fn none_of(names: &[&str]) -> sasl::Error {
    sasl::Error::NoMechanism { offered: names.iter().map(|name| (*name).to_owned()).collect() }
}

#[tokio::test]
async fn nothing_but_scram_and_external_is_ever_tried() {
    let rows: [&'static [&'static str]; 9] = [
        &["PLAIN"],
        &["PLAIN", "LOGIN"],
        &["DIGEST-MD5", "CRAM-MD5"],
        &["ANONYMOUS"],
        &["OAUTHBEARER", "X-OAUTH2"],
        &["SCRAM-SHA3-512", "HT-SHA-256-ENDP"],
        &["scram-sha-256", "Scram-Sha-1"],
        &["GSSAPI", "X-GRIDWATCH"],
        &[],
    ];
    for mechanisms in rows {
        for profiles in PROFILES {
            let met = meet_by(Script { mechanisms, profiles, ..Script::default() }, Client::default()).await;
            assert_leak(&met, Leak::Nothing, &format!("{mechanisms:?}"));
            assert_eq!(met.result.unwrap_err(), none_of(mechanisms).into(), "{profiles:?}");
        }
    }
    let met = meet_by(Script { mechanisms: &["PLAIN"], ..Script::default() }, Client::default()).await;
    assert_eq!(met.result.unwrap_err().say().key, "error-sasl-no-mechanism");
    let hidden = Client { password: None, ..Client::default() };
    assert_eq!(meet_by(Script::default(), hidden).await.result.unwrap_err(), sasl::Error::NoPassword.into());
}

#[tokio::test]
async fn a_false_challenge_ends_the_login_before_the_proof() {
    use sasl::Error::{ForeignNonce, Malformed, TooFewIterations, TooManyIterations};
    let rows = [
        ("r=other,s=c2FsdA==,i=4096", ForeignNonce),
        ("r={r},s=c2FsdA==,i=4096", ForeignNonce),
        ("r=x{r},s=c2FsdA==,i=4096", ForeignNonce),
        ("r=a,s=c2FsdA==,i=4096", ForeignNonce),
        ("r=,s=c2FsdA==,i=4096", Malformed("nonce")),
        ("r={r}\u{e9},s=c2FsdA==,i=4096", Malformed("nonce")),
        ("r={r}x,s=c2FsdA==,i=1", TooFewIterations(1)),
        ("r={r}x,s=c2FsdA==,i=4095", TooFewIterations(4095)),
        ("r={r}x,s=c2FsdA==,i=10000001", TooManyIterations(10_000_001)),
        ("r={r}x,s=c2FsdA==,i=4000000000", TooManyIterations(4_000_000_000)),
        ("r={r}x,s=c2FsdA==,i=1000000000000000000000000000000", TooManyIterations(u64::MAX)),
        ("r={r}x,s=c2FsdA==,i=0", Malformed("iterations")),
        ("r={r}x,s=c2FsdA==,i=-4096", Malformed("iterations")),
        ("r={r}x,s=c2FsdA==,i=4096.0", Malformed("iterations")),
        ("r={r}x,s=c2FsdA==,i=", Malformed("iterations")),
        ("r={r}x,s=c2FsdA==", Malformed("iterations")),
        ("r={r}x,s=,i=4096", Malformed("salt")),
        ("r={r}x,s=!,i=4096", Malformed("salt")),
        ("r={r}x,i=4096,s=c2FsdA==", Malformed("salt")),
        ("r={r}x", Malformed("salt")),
        ("", Malformed("nonce")),
        ("s=c2FsdA==,i=4096", Malformed("nonce")),
        ("m=x,r={r}x,s=c2FsdA==,i=4096", Malformed("nonce")),
        ("r={r}x,s=c2FsdA==,i=4096,m=x", Malformed("field")),
        ("e=other-error", Malformed("nonce")),
        ("r={r}x,s=c2FsdA==,i=4096,e=other-error", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,r={r}y", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,i=5000", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,x=1,x=2", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,v=AAAA", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,h=AAAA,h=AAAA", Malformed("field")),
        ("r={r}x,s=c2FsdA==,i=4096,h=AAAA", sasl::Error::OfferChanged),
    ];
    for (challenge, expected) in rows {
        for profiles in PROFILES {
            let script = Script { profiles, trick: Trick::Challenge(challenge), ..Script::default() };
            let met = meet_by(script, Client::default()).await;
            assert_leak(&met, Leak::First, challenge);
            let error = met.result.unwrap_err();
            assert_eq!(error, expected.clone().into(), "{challenge} {profiles:?}");
            assert!(!error.retries(), "{challenge}");
        }
    }
}

#[tokio::test]
async fn what_may_not_follow_the_first_message() {
    let sasl = |error: sasl::Error| Error::Sasl(error);
    let foreign = Error::Protocol("no answer to auth");
    let condition = |name: &str| sasl(sasl::Error::Refused { condition: name.to_owned() });
    let rows = [
        (Trick::EarlySuccess(""), sasl(sasl::Error::EarlySuccess)),
        (Trick::EarlySuccess("dj1BQUFB"), sasl(sasl::Error::EarlySuccess)),
        (Trick::EarlySuccess("="), sasl(sasl::Error::EarlySuccess)),
        (Trick::AfterAuth("<challenge xmlns='{ns}'>!</challenge>"), sasl(sasl::Error::Malformed("base64"))),
        (Trick::AfterAuth("<challenge xmlns='{ns}'>cj1h=</challenge>"), sasl(sasl::Error::Malformed("base64"))),
        (Trick::AfterAuth("<challenge xmlns='{ns}'/>"), sasl(sasl::Error::Malformed("nonce"))),
        (Trick::AfterAuth("<challenge xmlns='{ns}'>/w==</challenge>"), sasl(sasl::Error::Malformed("UTF-8"))),
        (Trick::AfterAuth("<challenge xmlns='urn:example'>cj1h</challenge>"), foreign.clone()),
        (Trick::AfterAuth("<success xmlns='urn:example'/>"), foreign.clone()),
        (Trick::AfterAuth("<success xmlns='jabber:client'/>"), foreign.clone()),
        (Trick::AfterAuth("<response xmlns='{ns}'/>"), foreign.clone()),
        (Trick::AfterAuth("<message from='grid.example'><body>hello</body></message>"), foreign.clone()),
        (Trick::AfterAuth("<failure xmlns='{ns}'/>"), condition("undefined-condition")),
        (Trick::AfterAuth("<failure xmlns='{ns}'><made-up xmlns='{sasl}'/></failure>"), condition("made-up")),
        (
            Trick::AfterAuth(
                "<failure xmlns='{ns}'><text xmlns='{sasl}'>x</text><not-authorized xmlns='{sasl}'/></failure>",
            ),
            condition("not-authorized"),
        ),
        (
            Trick::AfterAuth("<failure xmlns='{ns}'><x xmlns='urn:example'/></failure>"),
            condition("undefined-condition"),
        ),
    ];
    for (trick, expected) in rows {
        for profiles in PROFILES {
            let met = meet_by(Script { profiles, trick, ..Script::default() }, Client::default()).await;
            assert_leak(&met, Leak::First, &format!("{trick:?}"));
            let error = met.result.unwrap_err();
            assert_eq!(error, expected, "{trick:?} {profiles:?}");
            assert!(!error.retries(), "{trick:?}");
        }
    }
    // The only refusal after which it makes sense to try again by itself.
    let busy = Trick::AfterAuth("<failure xmlns='{ns}'><temporary-auth-failure xmlns='{sasl}'/></failure>");
    for profiles in PROFILES {
        let met = meet_by(Script { profiles, trick: busy, ..Script::default() }, Client::default()).await;
        assert!(met.result.unwrap_err().retries());
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_that_it_knows_the_password_is_no_server_of_ours() {
    let false_server = Error::Sasl(sasl::Error::FalseServer);
    let rows = [
        (Trick::Proof(""), false_server.clone()),
        (Trick::Proof("="), false_server.clone()),
        // v= with nothing, junk, a digest of the wrong length and one of the right length.
        (Trick::Proof("dj0="), false_server.clone()),
        (Trick::Proof("dj0h"), false_server.clone()),
        (Trick::Proof("dj1BQUFB"), false_server.clone()),
        (
            Trick::Proof(
                "dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==",
            ),
            false_server.clone(),
        ),
        // e=other-error as success; x=1 before the v=.
        (Trick::Proof("ZT1vdGhlci1lcnJvcg=="), false_server.clone()),
        (Trick::Proof("eD0xLHY9QUFBQQ=="), false_server),
        (Trick::Proof("!"), sasl::Error::Malformed("base64").into()),
        (
            Trick::AfterProof("<challenge xmlns='{ns}'>cj1h</challenge>"),
            sasl::Error::Malformed("a second challenge").into(),
        ),
        (Trick::AfterProof("<success xmlns='urn:example'/>"), Error::Protocol("no answer to auth")),
        (Trick::AfterProof("<message/>"), Error::Protocol("no answer to auth")),
        (
            Trick::AfterProof("<failure xmlns='{ns}'><credentials-expired xmlns='{sasl}'/></failure>"),
            sasl::Error::Refused { condition: "credentials-expired".to_owned() }.into(),
        ),
    ];
    for (trick, expected) in rows {
        for profiles in PROFILES {
            let met = meet_by(Script { profiles, trick, ..Script::default() }, Client::default()).await;
            assert_leak(&met, Leak::Proof, &format!("{trick:?}"));
            let error = met.result.unwrap_err();
            assert_eq!(error, expected, "{trick:?} {profiles:?}");
            assert!(!error.retries(), "{trick:?}");
        }
    }
}

#[tokio::test]
async fn an_exchange_cut_short_is_a_broken_link() {
    for step in [Step::Features, Step::Challenge, Step::Success] {
        for profiles in PROFILES {
            let met =
                meet_by(Script { profiles, trick: Trick::Cut(step), ..Script::default() }, Client::default()).await;
            let leak = match step {
                Step::Features => Leak::Nothing,
                Step::Challenge => Leak::First,
                Step::Success => Leak::Proof,
            };
            assert_leak(&met, leak, &format!("{step:?}"));
            let error = met.result.unwrap_err();
            assert_eq!(error, Error::Stream(stream::Error::Closed), "{step:?} {profiles:?}");
            assert!(error.retries());
        }
    }
}

/// Each kind of refusal has words of its own, so that a person can tell an attack from a typing error.
#[test]
fn no_two_refusals_say_the_same() {
    use sasl::Error as E;
    let errors = [
        none_of(&[]),
        none_of(&["PLAIN"]),
        E::Unpreparable,
        E::NoPassword,
        E::NoCertificate,
        E::CertificateNotOffered,
        E::Weaker { known: "SCRAM-SHA-256".to_owned(), missing: "SCRAM-SHA-256".to_owned(), offered: Vec::new() },
        E::OfferChanged,
        E::OfferUnproved,
        E::Random,
        E::Malformed("nonce"),
        E::ForeignNonce,
        E::TooFewIterations(1),
        E::TooManyIterations(u64::MAX),
        E::TooSlow(1),
        E::FalseServer,
        E::EarlySuccess,
        E::Refused { condition: "not-authorized".to_owned() },
        E::Refused { condition: "other".to_owned() },
        E::CertificateRefused { condition: "not-authorized".to_owned() },
        E::Continue { tasks: Vec::new() },
        E::Interrupted,
    ];
    let keys: std::collections::HashSet<&str> = errors.iter().map(|error| error.say().key).collect();
    assert_eq!(keys.len(), errors.len());
}
