//! The workflow of RFC 8600 figure 2 on the practice grid, in both directions and with this engine at every place:
//! who asks, who decides, who publishes, who receives.

use std::sync::Arc;

use gridwatch::engine::{Connection, Error, Login, Options, Policy, Receipt, Trust};
use gridwatch::model::{Access, Affiliation, ItemId, Membership, PayloadType, Restriction, Severity, Tls, TopicId};
use gridwatch::practice::{self, Grid, Pace, Role};
use gridwatch::store::{Route, Row, Store};

use crate::support::console::Console;
use crate::support::report::Report;

const BROKER: &str = "broker.practice.invalid";

pub fn grid() -> Grid {
    Grid::start(practice::Options { seed: 1, pace: Pace::Manual, ..practice::Options::default() }).unwrap()
}

pub fn topic(node: &str) -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() }
}

/// A console online as that account, its topics known.
pub fn online(grid: &Grid, role: Role) -> Console {
    let account = grid.account(role);
    let mut console = Console::start(Options::default());
    console.connect(Login {
        jid: account.jid.clone(),
        resource: "desk".to_owned(),
        credentials: account.password.into(),
        dial: grid.dial(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        broker: None,
    });
    let facts = console.until_online();
    assert_eq!((facts.jid.bare(), facts.authentication.mechanism.as_str()), (&account.jid, "SCRAM-SHA-512-PLUS"));
    console.until("the walk", |console| console.whole.then_some(()));
    console
}

/// The newest row of an item and its payload.
fn held(console: &Console, topic: &TopicId, item: &str) -> Option<(Arc<Row>, Vec<u8>)> {
    let mut all = (0..console.store.len()).rev().filter_map(|seq| console.store.row(seq));
    let row = all.find(|row| row.key.topic == *topic && row.key.item.0 == item)?;
    let payload = console.store.payload(row.seq).unwrap()?;
    Some((row, payload.bytes.to_vec()))
}

/// Waits until all that the topic keeps is here, each payload byte for byte.
fn until_fetched(console: &mut Console, grid: &Grid, node: &str) {
    let stored = grid.stored(node);
    assert!(!stored.is_empty(), "{node} keeps nothing");
    for (id, payload) in stored {
        let (_, bytes) = console.until(&format!("{id} of {node}"), |console| held(console, &topic(node), &id));
        assert_eq!(bytes, payload.to_vec(), "{id} of {node}");
    }
}

pub fn until_asked(owner: &mut Console, topic: &TopicId, who: &Console) {
    let who = match &who.connection {
        Connection::Online(facts) => facts.jid.bare().clone(),
        other => panic!("{other:?}"),
    };
    owner.until("a request", |owner| {
        owner.pending.iter().any(|asked| asked.topic == *topic && asked.subscriber == who).then_some(())
    });
}

/// As the composer makes it, with what XML must escape.
fn composed(id: &str) -> String {
    let report = Report {
        csirt: "csirt.example".to_owned(),
        id: id.to_owned(),
        name: "Example CSIRT".to_owned(),
        email: "csirt@csirt.example".to_owned(),
        restriction: Restriction::Amber,
        description: "Log-in pages at \u{fc}ber.example: <login> & \"password\"".to_owned(),
        severity: Severity::High,
        addresses: "192.0.2.1\n2001:db8::7".to_owned(),
        ..Report::new("2026-11-21T16:30:00Z".parse().unwrap())
    };
    report.text()
}

/// Publishes and waits for the very bytes at the other side.
fn publish_and_receive(from: &mut Console, to: &mut Console, node: &str, item: &str, publisher: &str) {
    let document = composed(item);
    let receipt = from.publish(&topic(node), item, &document).unwrap();
    assert_eq!(receipt, Receipt::Published(ItemId(item.to_owned())));
    let (row, bytes) = to.until("the report", |to| held(to, &topic(node), item));
    assert_eq!(bytes, document.as_bytes(), "not one byte changed");
    assert_eq!((row.route, row.publisher.as_deref()), (Route::Live, Some(publisher)));
    assert_eq!((&*row.summary.id, row.summary.severity), (item, Severity::High));
    assert_eq!(row.summary.restriction, Restriction::Amber);
}

#[test]
fn we_ask_are_denied_ask_again_are_let_in_receive_and_leave() {
    let grid = grid();
    let (mut analyst, mut owner) = (online(&grid, Role::Analyst), online(&grid, Role::Owner));
    let mut publisher = online(&grid, Role::Publisher);
    let node = topic("phishing-watch");
    let found = analyst.topic(&node).unwrap();
    assert_eq!((&found.payload, &found.access), (&PayloadType::Iodef2, &Access::Authorize));
    assert_eq!((&found.membership, &found.affiliation), (&Membership::None, &Affiliation::None));
    // Subscribed since before: what the topic keeps is there at once.
    until_fetched(&mut analyst, &grid, "MILEHost");
    let me = grid.account(Role::Analyst).jid;

    // Asked and withdrawn.
    assert_eq!(analyst.subscribe(&node).unwrap(), Receipt::Asked);
    let _ = analyst.until_membership(&node, Membership::Pending);
    until_asked(&mut owner, &node, &analyst);
    assert_eq!(analyst.unsubscribe(&node).unwrap(), Receipt::Unsubscribed);
    let _ = analyst.until_membership(&node, Membership::None);
    let late = owner.decide(&node, &me, true);
    assert!(matches!(late, Err(Error::Refused { .. })), "nobody asks any more: {late:?}");
    owner.until("no request left", |owner| owner.pending.is_empty().then_some(()));
    // Asked and denied.
    assert_eq!(analyst.subscribe(&node).unwrap(), Receipt::Asked);
    until_asked(&mut owner, &node, &analyst);
    assert_eq!(owner.decide(&node, &me, false).unwrap(), Receipt::Denied);
    let _ = analyst.until_membership(&node, Membership::Denied);
    owner.until("no request left", |owner| owner.pending.is_empty().then_some(()));
    // Asked and let in; until then nothing of the topic was to be had.
    assert!((0..analyst.store.len()).all(|seq| analyst.store.row(seq).unwrap().key.topic != node));
    assert_eq!(analyst.subscribe(&node).unwrap(), Receipt::Asked);
    until_asked(&mut owner, &node, &analyst);
    assert_eq!(owner.decide(&node, &me, true).unwrap(), Receipt::Approved);
    let _ = analyst.until_membership(&node, Membership::Subscribed);
    until_fetched(&mut analyst, &grid, "phishing-watch");

    publish_and_receive(&mut publisher, &mut analyst, "phishing-watch", "one", "publisher@practice.invalid");

    assert_eq!(analyst.unsubscribe(&node).unwrap(), Receipt::Unsubscribed);
    let _ = analyst.until_membership(&node, Membership::None);
    assert!(publisher.publish(&node, "two", &composed("two")).is_ok());
    // The broker's answer to a later question comes behind anything it had sent, and what it sent is stored in order.
    publish_and_receive(&mut publisher, &mut analyst, "MILEHost", "three", "publisher@practice.invalid");
    assert!(held(&analyst, &node, "two").is_none(), "left, and still told");
    assert!(held(&analyst, &node, "one").is_some(), "what was received is kept");
}

#[test]
fn we_own_decide_and_publish_and_the_other_receives() {
    let grid = grid();
    let (mut analyst, mut outsider) = (online(&grid, Role::Analyst), online(&grid, Role::Outsider));
    let desk = topic("my-desk");
    assert_eq!(analyst.topic(&desk).unwrap().affiliation, Affiliation::Owner);
    let them = grid.account(Role::Outsider).jid;
    let refused = outsider.subscribe(&topic("MILEHost"));
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");

    assert_eq!(outsider.subscribe(&desk).unwrap(), Receipt::Asked);
    until_asked(&mut analyst, &desk, &outsider);
    assert_eq!(analyst.decide(&desk, &them, false).unwrap(), Receipt::Denied);
    let _ = outsider.until_membership(&desk, Membership::Denied);
    let unheard = analyst.publish(&desk, "unheard", &composed("unheard")).unwrap();
    assert_eq!(unheard, Receipt::Published(ItemId("unheard".to_owned())));
    assert_eq!(outsider.store.len(), 0);

    assert_eq!(outsider.subscribe(&desk).unwrap(), Receipt::Asked);
    until_asked(&mut analyst, &desk, &outsider);
    assert_eq!(analyst.decide(&desk, &them, true).unwrap(), Receipt::Approved);
    let _ = outsider.until_membership(&desk, Membership::Subscribed);
    // Published before they were let in, and kept by the topic.
    until_fetched(&mut outsider, &grid, "my-desk");
    let (row, bytes) = held(&outsider, &desk, "unheard").unwrap();
    assert_eq!(bytes, composed("unheard").as_bytes());
    assert_eq!(row.route, Route::Fetched);

    publish_and_receive(&mut analyst, &mut outsider, "my-desk", "mine", "analyst@practice.invalid");
    // And nobody publishes where they may not.
    assert!(outsider.publish(&desk, "theirs", &composed("theirs")).is_err());
}

#[test]
fn a_request_withdrawn_and_made_again_is_decided_by_one_act() {
    let grid = grid();
    let (mut analyst, mut outsider) = (online(&grid, Role::Analyst), online(&grid, Role::Outsider));
    let mut owner = online(&grid, Role::Owner);
    let (desk, them) = (topic("my-desk"), grid.account(Role::Outsider).jid);
    for _ in 0..2 {
        assert_eq!(outsider.subscribe(&desk).unwrap(), Receipt::Asked);
        until_asked(&mut analyst, &desk, &outsider);
        assert_eq!(outsider.unsubscribe(&desk).unwrap(), Receipt::Unsubscribed);
        let _ = outsider.until_membership(&desk, Membership::None);
    }
    assert_eq!(outsider.subscribe(&desk).unwrap(), Receipt::Asked);
    // Forms come in the order they were made: behind this one, all three of the other's are in the inbox.
    assert_eq!(owner.subscribe(&desk).unwrap(), Receipt::Asked);
    until_asked(&mut analyst, &desk, &owner);
    assert_eq!(analyst.decide(&desk, &them, true).unwrap(), Receipt::Approved);
    let _ = outsider.until_membership(&desk, Membership::Subscribed);
}
