//! Forms that pretend to be a broker's, sent by slixmpp through a real ejabberd, which relays them from anybody to anybody:
//! none gets into the inbox, and each kind is told.

use gridwatch::engine::{Command, Receipt};
use gridwatch::model::Affiliation;
use gridwatch::model::owned::Answer;
use gridwatch::store::Activity as _;
use gridwatch::store::activity::{Act, By, How, Kind};
use serde_json::json;

use super::{AFTER, NODE, make, online, topic};
use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::server::Port;

/// Somewhere else, with a place for the form.
const WRAPPED: [&str; 3] = [
    "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='restricted'><item id='x'>%s</item></items></event>",
    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='pubsub.localhost'>%s</message></forwarded>",
    "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' \
     from='pubsub.localhost'>%s</message></forwarded></received>",
];

/// What stands in the log of acts of this kind, which the grid did.
fn noticed(console: &Console, kind: Kind) -> Vec<Act> {
    let entries = console.store.entries(1, 10_000).unwrap();
    let acts = entries.into_iter().filter_map(|entry| entry.act);
    acts.filter(|act| act.kind == kind && act.by == By::Grid && act.how == How::Seen).collect()
}

#[test]
fn requests_that_are_not_the_brokers_own_are_not_shown_and_told() {
    let server = Ejabberd::start();
    let [desk, mallory, honest] = ["desk", "mallory", "honest"].map(Ejabberd::account);
    drop(Peer::login(&server, &desk, Port::StartTls));
    let [mut forger, mut asker] = [&mallory, &honest].map(|account| Peer::login(&server, account, Port::StartTls));
    // A topic of the forger's own, which I do not own but read.
    forger.create("theirs", "open");
    let mut console = online(&server, &desk);
    let _ = make(&mut console, NODE, false);
    let _ = console.subscribe(&topic("theirs")).unwrap();
    console.until("my topic", |console| {
        console.topic(&topic(NODE)).filter(|topic| topic.affiliation == Affiliation::Owner).map(drop)
    });
    let forge = |forger: &mut Peer, node: &str, wrapped: Option<&str>| {
        let to = [desk.jid.clone(), format!("{}/desk", desk.jid)];
        for to in to {
            let form = json!({"to": to, "node": node, "subscriber": mallory.jid, "wrapped": wrapped});
            forger.tell("forge", form);
        }
    };
    // For my topic, for one that is not mine, for one that is nowhere; bare and in each disguise.
    for node in [NODE, "theirs", "nowhere"] {
        forge(&mut forger, node, None);
        for wrapped in WRAPPED {
            forge(&mut forger, node, Some(wrapped));
        }
    }
    // The broker itself delivers this one: as what somebody published.
    let form = format!(
        "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'>\
         <value>http://jabber.org/protocol/pubsub#subscribe_authorization</value></field><field var='pubsub#node'>\
         <value>{NODE}</value></field><field var='pubsub#subscriber_jid'><value>{}</value></field></x>",
        mallory.jid
    );
    forger.tell("publish", json!({"service": BROKER, "node": "theirs", "item": "form", "payload": form}));
    forger.publish("theirs", "fence", "After all that");
    console.until("what was published last", |console| {
        console.rows().iter().any(|row| row.key.item.0 == "fence").then_some(())
    });
    let said = console.until_notice("notice-forged");
    assert!(said.args.iter().any(|(_, from)| from.starts_with(&mallory.jid)), "{said:?}");
    assert!(console.pending.is_empty(), "{:?}", console.pending);
    // And it stands in the log, once a minute however much of it there is.
    let forged = noticed(&console, Kind::Forged);
    let [first] = forged.as_slice() else { panic!("{forged:?}") };
    assert!(first.subject.starts_with(&mallory.jid), "{first:?}");
    assert_eq!((first.after.as_str(), &first.words), ("form", &format!("{NODE}: {}", mallory.jid)));
    // Nor does the broker know of any, and nothing can be decided that nobody asked for.
    let polled = console.ask(|request| Command::Poll { request });
    assert!(matches!(&polled, Ok(Receipt::Polled(pending)) if pending.is_empty()), "{polled:?}");
    let decided = console.decide(&topic(NODE), &mallory.bare(), true);
    assert_eq!(decided.unwrap_err().say().key, "error-nothing-waits");

    // A true one is there at once, and the forger's are no part of it.
    asker.tell("subscribe", json!({"service": BROKER, "node": NODE}));
    let asked = console.until("the true request", |console| console.pending.first().cloned());
    assert_eq!((asked.subscriber, console.pending.len()), (honest.bare(), 1));
}

/// A broker's own form for a topic that I did not know to be mine: it is told, and asked about; then it is there.
#[test]
fn a_request_for_a_topic_i_do_not_own_is_told_and_shown_once_i_do() {
    let server = Ejabberd::start();
    let [desk, other, reader] = ["desk", "other", "reader"].map(Ejabberd::account);
    drop(Peer::login(&server, &desk, Port::StartTls));
    let [mut owner, mut asker] = [&other, &reader].map(|account| Peer::login(&server, account, Port::StartTls));
    owner.create(NODE, "authorize");
    let mut console = online(&server, &desk);
    let settings = vec![Answer::new("pubsub#access_model", "open")];
    let _ = console.ask(|request| Command::Create { request, topic: topic(AFTER), settings }).unwrap();
    console.until("their topic", |console| console.topic(&topic(NODE)).map(drop));
    // The broker asks its owners, and I am none of them yet.
    asker.tell("subscribe", json!({"service": BROKER, "node": NODE}));
    let polled = console.ask(|request| Command::Poll { request });
    assert!(matches!(&polled, Ok(Receipt::Polled(pending)) if pending.is_empty()), "{polled:?}");
    assert!(!console.notices.iter().any(|say| say.key == "notice-not-owned"));
    owner.tell("affiliate", json!({"service": BROKER, "node": NODE, "jid": desk.jid, "affiliation": "owner"}));
    owner.tell("fetch_pending", json!({"service": BROKER, "node": NODE}));
    let _ = console.until("the request", |console| console.pending.first().cloned());
    let told = console.until_notice("notice-not-owned");
    assert!(told.args.iter().any(|(_, name)| name == NODE), "{told:?}");
    let stands = noticed(&console, Kind::Foreign);
    let [act] = stands.as_slice() else { panic!("{stands:?}") };
    assert_eq!((act.topic.as_ref(), &act.subject), (Some(&topic(NODE)), &reader.jid));
    assert_eq!(console.decide(&topic(NODE), &reader.bare(), true).unwrap(), Receipt::Approved);
}
