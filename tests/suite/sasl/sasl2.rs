//! SASL2 and Bind2 (XEP-0388, XEP-0386): what only they have.

use gridwatch::xmpp::login::Error;
use gridwatch::xmpp::sasl;

use super::{Leak, assert_leak, meet_by};
use crate::support::controller::login::{Profiles, Script, Trick};
use crate::support::controller::meeting::Client;

fn script(trick: Trick) -> Script {
    Script { profiles: Profiles::Sasl2, bind2: true, trick, ..Script::default() }
}

#[tokio::test]
async fn sasl2_is_taken_where_it_is_offered_and_the_resource_is_ours() {
    for profiles in [Profiles::Sasl2, Profiles::Both] {
        let met = meet_by(Script { profiles, bind2: true, ..Script::default() }, Client::default()).await;
        let facts = met.result.unwrap();
        assert!(facts.authentication.sasl2);
        assert_eq!(facts.jid.to_string(), "analyst@grid.example/desk");
        let heard = met.heard.text();
        // Bind2 would make the server throw away what came while we were out.
        assert!(!heard.contains("urn:xmpp:bind:0"), "{heard}");
        assert!(heard.contains("<user-agent"), "{heard}");
        met.heard.assert_no_password();
    }
    let facts = meet_by(Script::default(), Client::default()).await.result.unwrap();
    assert!(!facts.authentication.sasl2);
}

#[tokio::test]
async fn bind2_gives_a_resource_that_begins_with_our_tag() {
    let client = || Client { bind2: true, ..Client::default() };
    let facts = meet_by(script(Trick::None), client()).await.result.unwrap();
    assert_eq!(facts.jid.to_string(), "analyst@grid.example/gridwatch.4232f4d4");
    // Not offered: bound as ever.
    let facts = meet_by(Script { bind2: false, ..script(Trick::None) }, client()).await.result.unwrap();
    assert_eq!(facts.jid.to_string(), "analyst@grid.example/desk");
    for (jid, rule) in [
        ("root@grid.example/gridwatch", "bound to another account"),
        ("analyst@other.example/gridwatch", "bound to another account"),
        ("analyst@grid.example", "bound to another account"),
        ("", "no address in the answer to bind"),
        ("@", "no address in the answer to bind"),
    ] {
        let met = meet_by(script(Trick::Bound(jid)), client()).await;
        assert_eq!(met.result.unwrap_err(), Error::Protocol(rule), "{jid}");
    }
}

#[tokio::test]
async fn another_identity_than_ours_is_not_ours() {
    for (jid, rule) in [
        ("root@grid.example", "logged in as another account"),
        ("grid.example", "logged in as another account"),
        ("analyst@grid.example.evil.example", "logged in as another account"),
        ("", "no identity in the answer to authenticate"),
        ("@@", "no identity in the answer to authenticate"),
    ] {
        let met = meet_by(script(Trick::Identity(jid)), Client::default()).await;
        let error = met.result.unwrap_err();
        assert_eq!(error, Error::Protocol(rule), "{jid}");
        assert!(!error.retries());
    }
    // Ours, and bound though we did not ask: the server's business, we bind.
    let met = meet_by(script(Trick::Bound("analyst@grid.example/theirs")), Client::default()).await;
    assert_eq!(met.result.unwrap().jid.to_string(), "analyst@grid.example/desk");
}

#[tokio::test]
async fn further_tasks_are_refused_with_words_and_by_the_true_server_only() {
    let met = meet_by(script(Trick::Continue), Client::default()).await;
    assert_leak(&met, Leak::Proof, "continue");
    let error = met.result.unwrap_err();
    let tasks = vec!["TOTP-EXAMPLE".to_owned(), "HOTP-EXAMPLE".to_owned()];
    assert_eq!(error, sasl::Error::Continue { tasks }.into());
    assert_eq!(error.say().args, [("tasks", "TOTP-EXAMPLE, HOTP-EXAMPLE".to_owned())]);
    let met = meet_by(script(Trick::FalseContinue), Client::default()).await;
    assert_eq!(met.result.unwrap_err(), sasl::Error::FalseServer.into());
    let early = Trick::AfterAuth("<continue xmlns='{ns}'><tasks><task>TOTP</task></tasks></continue>");
    assert_eq!(meet_by(script(early), Client::default()).await.result.unwrap_err(), sasl::Error::EarlySuccess.into());
    let classic = Script { profiles: Profiles::Classic, ..script(early) };
    let error = meet_by(classic, Client::default()).await.result.unwrap_err();
    assert_eq!(error, Error::Protocol("no answer to auth"));
}
