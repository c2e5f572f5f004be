//! The whole workflow of RFC 8600 figure 2 against a real ejabberd, with slixmpp on the other side, both directions.

mod away;
mod gaps;
mod managed;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use gridwatch::engine::{Command, Error, Login, Options, Receipt, Trust};
use gridwatch::iodef::summarise;
use gridwatch::model::{Access, Affiliation, Kind, Membership, PayloadType, Restriction, Severity, Tls, TopicId};
use gridwatch::secrets::Secret;
use gridwatch::store::{Route, Store};
use rcgen::ExtendedKeyUsagePurpose;
use serde_json::{Value, json};

use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::pki::Authority;
use crate::support::report::Report;
use crate::support::server::{Account, Port, Server as _, certified};

const BROKER: &str = Ejabberd::BROKER;
const NODE: &str = "example-incidents";

fn topic() -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: NODE.to_owned() }
}

/// A console that is online as an account which the other client registered.
fn online(server: &Ejabberd, account: &Account, tls: Tls) -> Console {
    let mut console = Console::start(Options::default());
    console.connect(server.console(account, tls));
    let facts = console.until_online();
    assert_eq!(facts.jid.bare(), &account.bare());
    assert_eq!(facts.authentication.mechanism, "SCRAM-SHA-256");
    assert_eq!(facts.channel.version, "TLS 1.3");
    console
}

fn register(server: &Ejabberd, account: &Account) {
    drop(Peer::login(server, account, Port::StartTls));
}

fn item(id: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "item" && event["node"] == NODE && event["item"] == id
}

fn request(from: &Account) -> impl Fn(&Value) -> bool {
    let from = from.jid.clone();
    move |event| event["event"] == "request" && event["node"] == NODE && event["jid"] == from
}

fn decided(event: &Value) -> bool {
    event["event"] == "subscription" && event["node"] == NODE && event["state"] != "pending"
}

/// The harness itself: without our engine, the other client speaks to its like over both ports.
#[test]
fn the_server_and_the_other_client_do_what_the_tests_rely_on() {
    let server = Ejabberd::start();
    let (owner, reader) = (Ejabberd::account("owner"), Ejabberd::account("reader"));
    let mut owner = Peer::login(&server, &owner, Port::StartTls);
    let mut peer = Peer::login(&server, &reader, Port::Direct);
    owner.create(NODE, "authorize");
    assert_eq!(peer.call("nodes", json!({"service": BROKER}))["nodes"], json!([NODE]));
    assert_eq!(peer.attempt("items", json!({"service": BROKER, "node": NODE})), Err("forbidden".to_owned()));
    let answer = peer.call("subscribe", json!({"service": BROKER, "node": NODE}));
    assert_eq!(answer["state"], "pending");
    let first = owner.event("a request", request(&reader));
    owner.tell("fetch_pending", json!({"service": BROKER, "node": NODE}));
    assert_eq!(owner.event("the request again", request(&reader)), first);
    owner.tell("decide", json!({"node": NODE, "jid": reader.jid, "allow": true}));
    assert_eq!(peer.event("the decision", decided)["state"], "subscribed");
    owner.publish(NODE, "1", "one");
    let got = peer.event("the report", item("1"));
    assert!(got["payload"].as_str().unwrap().contains("csirt.example"), "{got}");
    let stored = peer.call("items", json!({"service": BROKER, "node": NODE}));
    assert_eq!(stored["items"].as_object().unwrap().len(), 1);
    assert_eq!(peer.left(), Vec::<Value>::new());
}

/// Figure 2 from the consumer's side: discover, ask, wait, be let in, receive; then fetch, and leave.
#[test]
fn we_ask_to_join_and_receive_what_the_other_publishes() {
    let server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    owner.create(NODE, "authorize");
    owner.create("closed", "whitelist");

    let mut console = online(&server, &analyst, Tls::StartTls);
    let found = console.until_described(&topic());
    assert_eq!(found.payload, PayloadType::Iodef2);
    assert_eq!(found.access, Access::Authorize);
    assert_eq!(found.title.as_deref(), Some("Of the test"));
    assert_eq!((found.membership, found.affiliation), (Membership::None, Affiliation::None));
    // A topic one must be listed for refuses, and says so.
    let closed = TopicId { node: "closed".to_owned(), ..topic() };
    assert!(matches!(console.subscribe(&closed), Err(Error::Refused { .. })));

    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Asked);
    let _ = console.until_membership(&topic(), Membership::Pending);
    let _ = owner.event("our request, by bare address", request(&analyst));
    owner.tell("decide", json!({"node": NODE, "jid": analyst.jid, "allow": true}));
    let _ = console.until_membership(&topic(), Membership::Subscribed);
    assert_eq!(console.store.len(), 0);

    owner.publish(
        NODE,
        "first",
        "A phishing wave against \u{fc}ber-portal.example & others".replace('&', "&amp;").as_str(),
    );
    let rows = console.until_rows(1);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].key.topic.clone(), rows[0].key.item.0.as_str()), (topic(), "first"));
    assert_eq!(rows[0].route, Route::Live);
    let summary = &rows[0].summary;
    assert_eq!((&summary.kind, summary.csirt.as_str(), summary.id.as_str()), (&Kind::Iodef2, "csirt.example", "first"));
    assert_eq!(summary.title, "A phishing wave against \u{fc}ber-portal.example & others");
    assert_eq!(summary.restriction, Restriction::Green);
    let payload = console.store.payload(rows[0].seq).unwrap().unwrap();
    assert_eq!(summarise(&payload.bytes, &payload.scope), **summary, "what is stored reads the same by itself");

    // Another console of the account, later: what is stored there is fetched, once.
    console.send(Command::Disconnect);
    owner.publish(NODE, "second", "While nobody looked");
    let mut later = online(&server, &analyst, Tls::Direct);
    let rows = later.until_rows(2);
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row.key.item.0.as_str()).collect();
    assert_eq!((rows.len(), ids), (2, ["first", "second"].into()));

    // Another client of our account sees what the server holds of us.
    let mut witness = Peer::login(&server, &analyst, Port::Direct);
    let mut at_the_server = || witness.call("subscriptions", json!({"service": BROKER}))["subscriptions"].clone();
    assert_eq!(at_the_server(), json!({NODE: "subscribed"}));
    assert_eq!(later.unsubscribe(&topic()).unwrap(), Receipt::Unsubscribed);
    let _ = later.until_membership(&topic(), Membership::None);
    assert_eq!(at_the_server(), json!({}));
}

/// Being refused is a state of its own.
#[test]
fn we_ask_and_are_denied() {
    let server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    owner.create(NODE, "authorize");
    let mut console = online(&server, &analyst, Tls::StartTls);
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Asked);
    let _ = owner.event("our request", request(&analyst));
    owner.tell("decide", json!({"node": NODE, "jid": analyst.jid, "allow": false}));
    let _ = console.until_membership(&topic(), Membership::Denied);
    owner.publish(NODE, "1", "Not for us");
    assert!(console.subscribe(&TopicId { node: "nowhere".to_owned(), ..topic() }).is_err());
    assert_eq!(console.store.len(), 0);
}

/// Figure 2 from the other side: our topic, their request, our decision, our report.
#[test]
fn we_own_a_topic_decide_and_publish_and_the_other_receives() {
    let server = Ejabberd::start();
    let (desk, friend, stranger) =
        (Ejabberd::account("desk"), Ejabberd::account("friend"), Ejabberd::account("stranger"));
    Peer::login(&server, &desk, Port::StartTls).create(NODE, "authorize");
    let mut friend_peer = Peer::login(&server, &friend, Port::Direct);
    let mut stranger_peer = Peer::login(&server, &stranger, Port::StartTls);

    // Asked while we were away: only the ad-hoc command finds it.
    let asked = stranger_peer.call("subscribe", json!({"service": BROKER, "node": NODE}));
    assert_eq!(asked["state"], "pending");
    let mut console = online(&server, &desk, Tls::Direct);
    let waiting = |console: &Console, account: &Account| {
        let found = console.pending.iter().find(|p| p.topic == topic() && p.subscriber == account.bare());
        found.map(|pending| pending.subscriber.clone())
    };
    let _ = console.until("the stranger's request, fetched", |console| waiting(console, &stranger));
    assert_eq!(console.topic(&topic()).unwrap().affiliation, Affiliation::Owner);

    // Asked while we look: pushed.
    let asked = friend_peer.call("subscribe", json!({"service": BROKER, "node": NODE}));
    assert_eq!(asked["state"], "pending");
    let _ = console.until("the friend's request, pushed", |console| waiting(console, &friend));

    assert_eq!(console.decide(&topic(), &friend.bare(), true).unwrap(), Receipt::Approved);
    assert_eq!(console.decide(&topic(), &stranger.bare(), false).unwrap(), Receipt::Denied);
    assert_eq!(friend_peer.event("our yes", decided)["state"], "subscribed");
    assert_eq!(stranger_peer.event("our no", decided)["state"], "none");
    console.until("no request left", |console| console.pending.is_empty().then_some(()));

    let (id, document) = composed();
    assert_eq!(
        console.publish(&topic(), &id, &document).unwrap(),
        Receipt::Published(gridwatch::model::ItemId(id.clone()))
    );
    let wanted = id.clone();
    let got =
        friend_peer.event("our report", move |event| event["event"] == "item" && event["item"] == wanted.as_str());
    let payload = got["payload"].as_str().unwrap();
    let (theirs, ours) = (summarise(payload.as_bytes(), &[]), summarise(document.as_bytes(), &[]));
    assert_eq!(theirs, ours, "what they received says what we wrote");
    assert_eq!((ours.severity, ours.restriction.clone()), (Severity::High, Restriction::Amber));
    assert_eq!(friend_peer.left(), Vec::<Value>::new());

    assert_eq!(stranger_peer.attempt("items", json!({"service": BROKER, "node": NODE})), Err("forbidden".to_owned()));
    assert!(stranger_peer.left().iter().all(|event| event["event"] != "item"));
    // A publish that nobody may do is refused with the broker's word.
    let foreign = TopicId { node: "nobody-made-this".to_owned(), ..topic() };
    let refused = console.publish(&foreign, "1", &document);
    assert!(refused.is_err(), "publishing must not make a topic that is open to all: {refused:?}");
    assert_eq!(friend_peer.call("nodes", json!({"service": BROKER}))["nodes"], json!([NODE]));
}

/// A report as the composer makes it.
fn composed() -> (String, String) {
    let now: DateTime<Utc> = "2026-11-21T16:30:00Z".parse().unwrap();
    let report = Report {
        csirt: "csirt.example".to_owned(),
        id: "CE-2026-0001".to_owned(),
        name: "Example CSIRT".to_owned(),
        email: "csirt@csirt.example".to_owned(),
        restriction: Restriction::Amber,
        description: "Log-in pages of a bank at three addresses: <login> & \"password\"".to_owned(),
        severity: Severity::High,
        addresses: "192.0.2.1\n198.51.100.0/24\n2001:db8::7".to_owned(),
        ..Report::new(now)
    };
    ("CE-2026-0001".to_owned(), report.text())
}

/// Nobody is told who we are before the certificate is believed, and a wrong password is not tried twice.
#[test]
fn a_wrong_authority_and_a_wrong_password_stop_the_session() {
    let server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let dir = tempfile::tempdir().unwrap();
    let foreign: PathBuf = dir.path().join("foreign.pem");
    std::fs::write(&foreign, Authority::new("another authority").pem()).unwrap();
    for tls in Tls::ALL {
        let right = server.console(&analyst, tls);
        let wrong_ca = Login { trust: Trust::CaFile(foreign.clone()), ..right.clone() };
        let wrong_password = Login { credentials: Secret::new("not it".to_owned()).into(), ..right.clone() };
        let no_ca = Login { trust: Trust::CaFile(dir.path().join("missing.pem")), ..right.clone() };
        for (login, layer) in
            [(wrong_ca, "error-cert-unknown-authority"), (wrong_password, "error-sasl"), (no_ca, "error-")]
        {
            let mut console = Console::start(Options::default());
            console.connect(login);
            let cause = console.until_stopped();
            assert!(cause.say().key.starts_with(layer), "{tls:?}: {cause:?}");
        }
    }
}

/// EXTERNAL: a certificate that names the account is the whole login; one that names another is refused, and not tried
/// twice.
#[test]
fn a_client_certificate_logs_in_without_a_password() {
    let server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let purposes = [ExtendedKeyUsagePurpose::ClientAuth];
    let mut console = Console::start(Options::default());
    console.connect(certified(&server, &analyst, &analyst.jid, &purposes));
    let facts = console.until_online();
    assert_eq!(facts.jid.bare(), &analyst.bare());
    assert_eq!(facts.authentication.mechanism, "EXTERNAL");

    let mut console = Console::start(Options::default());
    console.connect(certified(&server, &analyst, "other@localhost", &purposes));
    let cause = console.until_stopped();
    assert!(cause.say().key.starts_with("error-sasl-certificate"), "{cause:?}");
}
