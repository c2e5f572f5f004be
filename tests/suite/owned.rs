//! An owner's hand on a topic, against the real servers: what is decided is so for the other side, an independent client. A
//! reader whose right is taken away gets nothing more, though both servers go on delivering after a change of the affiliation
//! alone (`engine.md` §4); an item is taken back; a topic is made, set up and ended.

mod apart;
mod forged;
mod many;
mod two;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::engine::{Command, Members, Options, Receipt, Revoked, Terms};
use gridwatch::model::owned::{Answer, Came, Created, Saved, Words};
use gridwatch::model::{Affiliation, BareJid, ItemId, PayloadType, Tls, TopicId};
use gridwatch::owner::template::{Naming, Template};
use serde_json::{Value, json};

use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer, report};
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

/// A console online as the owner.
fn online(server: &impl Server, owner: &Account) -> Console {
    let mut console = Console::start(Options::default());
    console.connect(server.console(owner, Tls::StartTls));
    console.until("the list of topics", |console| console.whole.then_some(()));
    console
}

/// Makes a topic from a template, by the broker's own form.
fn make(console: &mut Console, node: &str, whitelist: bool) -> Saved {
    let broker: BareJid = BROKER.parse().unwrap();
    let form = match console.ask(|request| Command::Defaults { request, broker }) {
        Ok(Receipt::Settings(form)) => form,
        other => panic!("{other:?}"),
    };
    let naming = Naming { title: "Of the template".to_owned(), whitelist, ..Naming::default() };
    let settings = Template::Incidents.settings(&naming, Some(&form));
    let saved = match console.ask(|request| Command::Create { request, topic: topic(node), settings }) {
        Ok(Receipt::Created(created)) => match &*created {
            Created::Whole(saved) => saved.clone(),
            Created::Bare { why } => panic!("{why:?}"),
        },
        other => panic!("{other:?}"),
    };
    for fate in saved.fates.iter().filter(|fate| fate.came != Came::Kept) {
        println!("{}: wished {:?}, is {:?}: {:?}", fate.var, fate.wished, fate.is, fate.came);
    }
    // Safe at once: who may read, and that nothing is lost for who is away.
    let access = if whitelist { "whitelist" } else { "authorize" };
    let said = [("pubsub#title", "Of the template"), ("pubsub#type", PayloadType::IODEF2)];
    for (var, wanted) in
        [("pubsub#access_model", access), ("pubsub#notification_type", "normal")].into_iter().chain(said)
    {
        assert_eq!(saved.settings.value(var), Some(wanted), "{var}");
    }
    saved
}

fn words(note: &str) -> Option<Words> {
    Some(Words { note: note.to_owned(), body: format!("In a sentence: {note}"), until: None })
}

fn publish(console: &mut Console, node: &str, item: &str) {
    let (item, payload) = (ItemId(item.to_owned()), Arc::from(report(item, "One incident").as_bytes()));
    let terms = Terms::default();
    let done = console.ask(|request| Command::Publish { request, topic: topic(node), item, payload, terms });
    assert!(matches!(&done, Ok(Receipt::Published(_))), "{done:?}");
}

fn revoke(console: &mut Console, node: &str, who: &BareJid, to: Affiliation) -> Arc<Revoked> {
    let accounts = vec![who.clone()];
    let words = words("left the community");
    match console.ask(|request| Command::Revoke { request, topic: topic(node), accounts, to, words }) {
        Ok(Receipt::Revoked(revoked)) => revoked,
        other => panic!("{other:?}"),
    }
}

fn says(words: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "words" && event["body"].as_str().is_some_and(|body| body.contains(words))
}

/// Nothing of a topic came, now that what was published after it has.
fn nothing_of(peer: &mut Peer, console: &mut Console, node: &str, fence: &'static str) {
    publish(console, AFTER, fence);
    let _ = peer.event("what comes after", item(AFTER, fence));
    let got: Vec<Value> =
        peer.left().into_iter().filter(|event| event["event"] == "item" && event["node"] == node).collect();
    assert_eq!(got, Vec::<Value>::new());
}

/// Made, set up, asked, approved and denied with reasons, revoked, emptied and ended on ejabberd: each seen by slixmpp.
#[test]
fn ejabberd_does_what_the_owner_decides() {
    let server = Ejabberd::start();
    let [desk, friend, stranger] = ["desk", "friend", "stranger"].map(Ejabberd::account);
    drop(Peer::login(&server, &desk, Port::StartTls));
    let mut console = online(&server, &desk);
    let _ = make(&mut console, NODE, false);
    let open = vec![Answer::new("pubsub#access_model", "open"), Answer::new("pubsub#notification_type", "normal")];
    let _ = console.ask(|request| Command::Create { request, topic: topic(AFTER), settings: open }).unwrap();
    console.until("my topic", |console| {
        let mine = console.topic(&topic(NODE))?;
        (mine.affiliation == Affiliation::Owner).then_some(())
    });
    let mut peers = [&friend, &stranger].map(|account| Peer::login(&server, account, Port::StartTls));
    for peer in &mut peers {
        peer.tell("subscribe", json!({"service": BROKER, "node": AFTER}));
    }
    for (peer, account) in peers.iter_mut().zip([&friend, &stranger]) {
        let asked = Instant::now();
        peer.tell("subscribe", json!({"service": BROKER, "node": NODE}));
        let there =
            |console: &Console| console.pending.iter().any(|one| one.subscriber == account.bare()).then_some(());
        console.within(Duration::from_secs(5), there).expect("a pushed request within five seconds");
        println!("pushed request shown after {:?}", asked.elapsed());
    }
    let Ok(Receipt::Polled(pending)) = console.ask(|request| Command::Poll { request }) else { panic!("not polled") };
    assert_eq!((pending.len(), console.trouble.take()), (2, None), "pushed and fetched are one");
    // Withdrawn and asked again: the broker's word is followed.
    let [friend_peer, stranger_peer] = &mut peers;
    stranger_peer.tell("unsubscribe", json!({"service": BROKER, "node": NODE}));
    let Ok(Receipt::Polled(pending)) = console.ask(|request| Command::Poll { request }) else { panic!("not polled") };
    assert_eq!(pending.iter().map(|one| one.subscriber.clone()).collect::<Vec<_>>(), [friend.bare()]);
    stranger_peer.tell("subscribe", json!({"service": BROKER, "node": NODE}));
    console.until("the stranger again", |console| (console.pending.len() == 2).then_some(()));

    for (who, allow, note) in [(&friend, true, "MoU 14"), (&stranger, false, "wrong constituency")] {
        let (subscriber, words) = (who.bare(), words(note));
        let done = console.ask(|request| Command::Decide { request, topic: topic(NODE), subscriber, allow, words });
        assert_eq!(done.unwrap(), if allow { Receipt::Approved } else { Receipt::Denied });
    }
    let _ = friend_peer.event("the words of the yes", says("MoU 14"));
    let _ = stranger_peer.event("the reason", says("wrong constituency"));
    publish(&mut console, NODE, "1");
    let _ = friend_peer.event("the next incident", item(NODE, "1"));
    nothing_of(stranger_peer, &mut console, NODE, "fence-1");
    assert_eq!(stranger_peer.attempt("items", json!({"service": BROKER, "node": NODE})), Err("forbidden".to_owned()));

    let revoked = revoke(&mut console, NODE, &friend.bare(), Affiliation::Outcast);
    assert!(revoked.proven() && revoked.proofs[0].had.len() == 1, "{revoked:?}");
    let _ = friend_peer.event("why it ended", says("left the community"));
    publish(&mut console, NODE, "2");
    nothing_of(friend_peer, &mut console, NODE, "fence-2");
    assert!(
        friend_peer.attempt("subscribe", json!({"service": BROKER, "node": NODE})).is_err(),
        "an outcast comes back"
    );
    set_up_and_end(&mut console, friend_peer);
}

fn settings(console: &mut Console, node: &str) -> Vec<(String, Vec<String>)> {
    match console.ask(|request| Command::Settings { request, topic: topic(node) }) {
        Ok(Receipt::Settings(settings)) => {
            settings.fields.iter().map(|field| (field.var.clone(), field.values.clone())).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// What was saved is what the broker shows; what would be lost is counted; emptied and deleted is gone for everybody.
fn set_up_and_end(console: &mut Console, peer: &mut Peer) {
    println!("its settings: {:?}", settings(console, NODE));
    let changes = vec![Answer::new("pubsub#title", "Renamed"), Answer::new("vendor#unheard", "1")];
    let saved =
        match console.ask(|request| Command::Configure { request, topic: topic(NODE), changes, reason: String::new() })
        {
            Ok(Receipt::Configured(saved)) => saved,
            other => panic!("{other:?}"),
        };
    let came: Vec<Came> = saved.fates.iter().map(|fate| fate.came).collect();
    assert_eq!(came, [Came::Kept, Came::Unknown]);
    let stock = match console.ask(|request| Command::Stock { request, topic: topic(NODE) }) {
        Ok(Receipt::Stock(stock)) => stock,
        other => panic!("{other:?}"),
    };
    assert_eq!((stock.items, stock.subscribers), (Some(2), 0), "{stock:?}");
    assert_eq!(console.ask(|request| Command::Purge { request, topic: topic(NODE) }).unwrap(), Receipt::Purged);
    let deleted = console.ask(|request| Command::Delete { request, topic: topic(NODE), redirect: None });
    assert_eq!(deleted.unwrap(), Receipt::Deleted);
    assert_eq!(peer.call("nodes", json!({"service": BROKER}))["nodes"], json!([AFTER]));
}

/// A topic by invitation: invited, received, revoked, nothing more. Both servers can do that.
fn by_invitation(server: &impl Server, owner: &Account, reader: &Account) {
    drop(Peer::login(server, owner, Port::StartTls));
    let mut peer = Peer::login(server, reader, Port::StartTls);
    let mut console = online(server, owner);
    let _ = make(&mut console, NODE, true);
    let open = vec![Answer::new("pubsub#access_model", "open"), Answer::new("pubsub#notification_type", "normal")];
    let _ = console.ask(|request| Command::Create { request, topic: topic(AFTER), settings: open }).unwrap();
    assert!(peer.attempt("subscribe", json!({"service": BROKER, "node": NODE})).is_err(), "nobody invited it");
    let who = reader.bare();
    let _ = affiliate(&mut console, &who, Affiliation::Member);
    for node in [NODE, AFTER] {
        peer.tell("subscribe", json!({"service": BROKER, "node": node}));
    }
    publish(&mut console, NODE, "1");
    let _ = peer.event("the next incident", item(NODE, "1"));
    let revoked = revoke(&mut console, NODE, &who, Affiliation::None);
    assert!(revoked.proven() && revoked.proofs[0].was == Affiliation::Member, "{revoked:?}");
    publish(&mut console, NODE, "2");
    nothing_of(&mut peer, &mut console, NODE, "fence");
    assert!(peer.attempt("subscribe", json!({"service": BROKER, "node": NODE})).is_err(), "the revoked comes back");
    set_up_and_end(&mut console, &mut peer);
}

#[test]
fn ejabberd_keeps_a_topic_by_invitation() {
    by_invitation(&Ejabberd::start(), &Ejabberd::account("owner"), &Ejabberd::account("reader"));
}

/// Prosody has no other kind, and says so: the console tells why nothing was made.
#[test]
fn prosody_keeps_a_topic_by_invitation_and_refuses_the_other_kind() {
    let server = Prosody::start();
    by_invitation(&server, &Prosody::owner(), &Prosody::account("reader"));
    let mut console = online(&server, &Prosody::owner());
    let settings = Template::Incidents.settings(&Naming::default(), None);
    let refused = console.ask(|request| Command::Create { request, topic: topic("asking"), settings });
    assert_eq!(refused.unwrap_err().say().key, "error-stanza-not-acceptable");
    let mut peer = Peer::login(&server, &Prosody::owner(), Port::StartTls);
    let nodes = peer.call("nodes", json!({"service": BROKER}))["nodes"].clone();
    assert!(!nodes.as_array().unwrap().contains(&json!("asking")), "half of it was made: {nodes}");
}
