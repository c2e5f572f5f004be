//! A broker of the other kind, against a real Prosody: topics are open or by invitation only, stored items come in one
//! piece. What it cannot do is said, not failed over.

use gridwatch::engine::{Command, Connection, Login, Options, Receipt};
use gridwatch::i18n::Catalog;
use gridwatch::model::session::Management;
use gridwatch::model::{Access, Membership, PayloadType, Tls, TopicId};
use gridwatch::store::{Route, Store};
use rcgen::ExtendedKeyUsagePurpose;
use serde_json::{Value, json};

use crate::support::console::Console;
use crate::support::peer::{BROKER, Peer};
use crate::support::prosody::Prosody;
use crate::support::proxy::Proxy;
use crate::support::server::{Account, Port, Server, certified, console_at};

const NODE: &str = "invited";

fn topic() -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: NODE.to_owned() }
}

fn register(server: &Prosody, account: &Account) {
    drop(Peer::login(server, account, Port::StartTls));
}

fn owner(server: &Prosody) -> Peer {
    Peer::login(server, &Prosody::owner(), Port::StartTls)
}

fn online(server: &Prosody, account: &Account, tls: Tls) -> Console {
    let mut console = Console::start(Options::default());
    console.connect(server.console(account, tls));
    let facts = console.until_online();
    assert_eq!(facts.jid.bare(), &account.bare());
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-256");
    assert_eq!(facts.channel.version, "TLS 1.3");
    console
}

fn invite(owner: &mut Peer, account: &Account, affiliation: &str) {
    owner.tell("affiliate", json!({"service": BROKER, "node": NODE, "jid": account.jid, "affiliation": affiliation}));
}

#[test]
fn both_ports_log_in_by_scram_and_find_the_broker() {
    let server = Prosody::start();
    let analyst = Prosody::account("analyst");
    register(&server, &analyst);
    for tls in Tls::ALL {
        let mut console = online(&server, &analyst, tls);
        console.until("the list of topics, read whole", |console| console.whole.then_some(()));
        let Connection::Online(facts) = &console.connection else { panic!("{:?}", console.connection) };
        assert_eq!(facts.broker, Some(BROKER.parse().unwrap()));
    }
}

/// A topic for those invited: refused with words before, joined at once after, and without pages read whole.
#[test]
fn a_topic_by_invitation_refuses_then_lets_in_and_delivers() {
    let server = Prosody::start();
    let analyst = Prosody::account("analyst");
    register(&server, &analyst);
    let mut owner = owner(&server);
    owner.create(NODE, "whitelist");

    let mut console = online(&server, &analyst, Tls::StartTls);
    let found = console.until_described(&topic());
    assert_eq!((found.payload, found.access), (PayloadType::Iodef2, Access::Whitelist));
    assert_eq!(found.title.as_deref(), Some("Of the test"));
    let refused = console.subscribe(&topic()).unwrap_err();
    assert!(refused.say().key.starts_with("error-"), "{refused:?}");
    assert_eq!(console.store.len(), 0);

    invite(&mut owner, &analyst, "member");
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    let _ = console.until_membership(&topic(), Membership::Subscribed);
    owner.publish(NODE, "live", "Pushed");
    let rows = console.until_rows(1);
    assert_eq!((rows[0].key.item.0.as_str(), rows[0].route), ("live", Route::Live));
    assert_eq!(rows[0].publisher.as_deref(), Some(Prosody::owner().jid.as_str()));

    // Twelve more than one piece would hold where there are pages; another console reads them all.
    for number in 0..12 {
        owner.publish(NODE, &format!("n{number}"), "Stored");
    }
    let rows = console.until_rows(13);
    assert_eq!(rows.len(), 13);
    let mut later = online(&server, &analyst, Tls::Direct);
    let rows = later.until_rows(13);
    assert_eq!(rows.len(), 13);
    assert!(rows.iter().all(|row| row.route == Route::Fetched), "{rows:?}");
}

/// No `authorize` (RFC 8600 §8.1 wants one of the two): nothing waits for a decision, and the console says why instead
/// of failing.
#[test]
fn a_broker_without_requests_says_so() {
    let server = Prosody::start();
    let mut owner = owner(&server);
    let refused = owner.attempt(
        "create",
        json!({"service": BROKER, "node": "asked", "access": "authorize", "type": PayloadType::IODEF2}),
    );
    assert_eq!(refused, Err("not-acceptable".to_owned()), "the server itself has learnt it: then test that");
    owner.create(NODE, "whitelist");

    let mut console = online(&server, &Prosody::owner(), Tls::StartTls);
    let found = console.until_described(&topic());
    assert_eq!(found.access, Access::Whitelist);
    console.send(Command::FetchPending);
    console.until("the end of a poll", |console| (console.polled > 0).then_some(()));
    assert!(console.pending.is_empty());
    let words = console.trouble.as_ref().map(|say| Catalog::new("en").say(say));
    assert!(words.as_ref().is_some_and(|words| !words.is_empty()), "{:?}", console.trouble);
}

/// Our report, received by the stranger; then one more to a topic that is not there, which must not come to be.
#[test]
fn we_publish_and_the_other_receives() {
    let server = Prosody::start();
    let reader = Prosody::account("reader");
    let mut owner = owner(&server);
    owner.create(NODE, "open");
    let mut peer = Peer::login(&server, &reader, Port::Direct);
    assert_eq!(peer.call("subscribe", json!({"service": BROKER, "node": NODE}))["state"], "subscribed");

    let mut console = online(&server, &Prosody::owner(), Tls::StartTls);
    let _ = console.until_described(&topic());
    let document = crate::support::peer::report("1", "Ours");
    let _ = console.publish(&topic(), "1", &document).unwrap();
    let got = peer.event("our report", |event: &Value| event["event"] == "item" && event["item"] == "1");
    assert!(got["payload"].as_str().unwrap().contains("csirt.example"), "{got}");
    let missing = TopicId { node: "nobody-made-this".to_owned(), ..topic() };
    assert!(console.publish(&missing, "1", &document).is_err());
    assert_eq!(peer.call("nodes", json!({"service": BROKER}))["nodes"], json!([NODE]));
}

/// EXTERNAL at the host that knows nothing else. Prosody takes a client's certificate only if it could be a server's
/// (`engine.md` §4), and calls the account disabled otherwise: that is said as a matter of the certificate.
#[test]
fn a_client_certificate_logs_in_without_a_password() {
    let server = Prosody::start();
    let analyst = Account::new("analyst", Prosody::CERTIFIED);
    let both = [ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    let login = certified(&server, &analyst, &analyst.jid, &both);
    let mut console = Console::start(Options::default());
    console.connect(Login { broker: Some(BROKER.parse().unwrap()), ..login });
    let facts = console.until_online();
    assert_eq!(facts.jid.bare(), &analyst.bare());
    assert_eq!(facts.authentication.mechanism, "EXTERNAL");

    for (address, purposes) in [(analyst.jid.as_str(), &both[..1]), ("other@cert.localhost", &both[..])] {
        let mut console = Console::start(Options::default());
        console.connect(certified(&server, &analyst, address, purposes));
        let cause = console.until_stopped();
        assert!(cause.say().key.starts_with("error-sasl-certificate"), "{cause:?}");
    }
}

/// XEP-0198 by `mod_smacks`: a broken session is taken up again, with what was published meanwhile.
#[test]
fn a_broken_session_is_taken_up_again() {
    let server = Prosody::start();
    let analyst = Prosody::account("analyst");
    register(&server, &analyst);
    let mut owner = owner(&server);
    owner.create_as(NODE, json!({"access": "open", "notification": "headline"}));
    let proxy = Proxy::start(server.port(Port::StartTls));
    let mut console = Console::start(Options::default());
    console.connect(console_at(proxy.port(), server.ca_file(), &analyst, Tls::StartTls));
    let _ = console.until_online();
    console.until("the topic", |console| console.topic(&topic()).map(drop));
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    owner.publish(NODE, "1", "Before");
    let _ = console.until_rows(1);
    proxy.close(true);
    owner.publish(NODE, "2", "While the wire was cut");
    console.until("noticing", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    proxy.close(false);
    console.send(Command::RetryNow);
    let rows = console.until_rows(2);
    assert_eq!(rows[1].key.item.0, "2");
    let resumed = console.until("being online", |console| match &console.connection {
        Connection::Online(facts) => Some(matches!(facts.management, Management::Resumable { resumed: true, .. })),
        _ => None,
    });
    assert!(resumed);
}
