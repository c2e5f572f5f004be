//! An owner's hand on a topic, against the real servers: a reader whose right is taken away gets nothing more, though both
//! servers go on delivering after a change of the affiliation alone (`engine.md` §4); an item is taken back.

use std::sync::Arc;

use gridwatch::engine::{Command, Members, Options, Receipt};
use gridwatch::model::{Affiliation, BareJid, ItemId, Tls, TopicId};
use serde_json::{Value, json};

use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::prosody::Prosody;
use crate::support::server::{Account, Port, Server};

const NODE: &str = "restricted";
/// Tells that what was published before has been delivered.
const AFTER: &str = "afterwards";

fn topic(node: &str) -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() }
}

fn item(node: &'static str, id: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "item" && event["node"] == node && event["item"] == id
}

fn is(members: &Members, who: &BareJid) -> (Option<Affiliation>, usize) {
    let is = members.affiliations.iter().find(|(jid, _)| jid.bare() == who).map(|(_, is)| is.clone());
    (is, members.subscribers.iter().filter(|one| one.jid.bare() == who).count())
}

fn members(console: &mut Console) -> Arc<Members> {
    match console.ask(|request| Command::Members { request, topic: topic(NODE) }) {
        Ok(Receipt::Members(members)) => members,
        other => panic!("{other:?}"),
    }
}

fn affiliate(console: &mut Console, who: &BareJid, is: Affiliation) -> Arc<Members> {
    let changes = vec![(who.clone(), is)];
    match console.ask(|request| Command::Affiliate { request, topic: topic(NODE), changes }) {
        Ok(Receipt::Changed { members, refused }) if refused.is_empty() => members,
        other => panic!("{other:?}"),
    }
}

fn who_is_put_out_gets_nothing_more(server: &impl Server, owner: &Account, reader: &Account) {
    let mut publisher = Peer::login(server, owner, Port::StartTls);
    let mut peer = Peer::login(server, reader, Port::StartTls);
    publisher.create(NODE, "whitelist");
    publisher.create(AFTER, "open");
    let mut console = Console::start(Options::default());
    console.connect(server.console(owner, Tls::StartTls));
    // Prosody does not tell me that it is mine.
    console.until("my topic", |console| console.topic(&topic(NODE)).filter(|_| console.complete).map(drop));
    let who = reader.bare();
    assert_eq!(is(&affiliate(&mut console, &who, Affiliation::Member), &who), (Some(Affiliation::Member), 0));
    for node in [NODE, AFTER] {
        let _ = peer.call("subscribe", json!({"service": BROKER, "node": node}));
    }
    assert_eq!(is(&members(&mut console), &who), (Some(Affiliation::Member), 1));
    publisher.publish(NODE, "1", "Before");
    let _ = peer.event("what it may read", item(NODE, "1"));

    let left = affiliate(&mut console, &who, Affiliation::None);
    assert_eq!(is(&left, &who).1, 0, "{left:?}");
    publisher.publish(NODE, "2", "Not for it");
    publisher.publish(AFTER, "3", "For all");
    let _ = peer.event("what comes after", item(AFTER, "3"));
    let got: Vec<Value> =
        peer.left().into_iter().filter(|event| event["event"] == "item" && event["node"] == NODE).collect();
    assert_eq!(got, Vec::<Value>::new());

    let item = ItemId("2".to_owned());
    let taken = console.ask(|request| Command::Retract { request, topic: topic(NODE), item: item.clone() });
    assert!(matches!(&taken, Ok(Receipt::Retracted(id)) if *id == item), "{taken:?}");
    assert_eq!(publisher.ids(NODE), ["1"]);
}

#[test]
fn ejabberd_stops_delivering_to_who_is_put_out() {
    let server = Ejabberd::start();
    who_is_put_out_gets_nothing_more(&server, &Ejabberd::account("owner"), &Ejabberd::account("reader"));
}

#[test]
fn prosody_stops_delivering_to_who_is_put_out() {
    let server = Prosody::start();
    who_is_put_out_gets_nothing_more(&server, &Prosody::owner(), &Prosody::account("reader"));
}
