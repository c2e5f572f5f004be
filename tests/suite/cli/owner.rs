//! The owner's verbs as child processes against real brokers; what each did is seen by slixmpp on the other side.

use std::process::{Command, Output, Stdio};

use gridwatch::engine::{Command as Order, Options, Receipt};
use gridwatch::model::{Affiliation, PayloadType, Tls, TopicId};
use serde_json::{Value, json};

use super::{code, err, gridwatch, objects, out};
use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::prosody::Prosody;
use crate::support::server::{Account, Port, Server};

const NODE: &str = "restricted";
/// Tells that what was published before has been delivered.
const AFTER: &str = "afterwards";

/// Somebody at a shell.
struct Shell {
    home: tempfile::TempDir,
    options: Vec<String>,
    password: String,
}

impl Shell {
    fn of(account: &Account, server: &impl Server) -> Self {
        let (port, ca) = (server.port(Port::Direct).to_string(), server.ca_file().display().to_string());
        let options = ["--jid", &account.jid, "--host", "127.0.0.1", "--port", &port, "--tls", "direct", "--ca", &ca];
        let more = ["--password-file", "-", "--memory", "--json"];
        let options = options.into_iter().chain(more).map(str::to_owned).collect();
        Self { home: tempfile::tempdir().unwrap(), options, password: format!("{}\n", account.password) }
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command: Command = gridwatch(&self.home, "");
        let _ = command.args(words).args(&self.options).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A verb that refuses its command line does not read.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), self.password.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs it to this end; gives its lines.
    fn ends(&self, exit: i32, words: &[&str]) -> Vec<Value> {
        let output = self.run(words);
        assert_eq!(code(&output), exit, "{words:?}: {}{}", out(&output), err(&output));
        objects(&output)
    }

    /// Runs what is refused with this code and says so with these words.
    fn refused(&self, exit: i32, says: &str, words: &[&str]) {
        let output = self.run(words);
        assert_eq!((code(&output), out(&output).as_str()), (exit, ""), "{words:?}: {}", err(&output));
        assert!(err(&output).contains(says), "{words:?}: {}", err(&output));
    }

    /// Who waits, as this shell is told.
    fn requests(&self) -> Vec<String> {
        let lines = self.ends(0, &["requests"]);
        lines.iter().map(|line| line["subscriber"].as_str().unwrap().to_owned()).collect()
    }

    /// What an account is on the topic, and how often it is subscribed.
    fn member(&self, who: &Account) -> Option<(String, usize)> {
        let lines = self.ends(0, &["members", "--topic", NODE]);
        let line = lines.iter().find(|line| line["account"] == who.jid.as_str())?;
        let subscribed = |one: &&Value| one["state"] == "subscribed";
        let count = line["subscriptions"].as_array().unwrap().iter().filter(subscribed).count();
        Some((line["affiliation"].as_str().unwrap().to_owned(), count))
    }
}

fn item(node: &'static str, id: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "item" && event["node"] == node && event["item"] == id
}

fn says(words: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "words" && event["body"].as_str().is_some_and(|body| body.contains(words))
}

fn ask(peer: &mut Peer, node: &str) -> Result<Value, String> {
    peer.attempt("subscribe", json!({"service": BROKER, "node": node})).map(|answer| answer["state"].clone())
}

/// Nothing of the topic came, now that what was published after it has.
fn nothing(peer: &mut Peer, owner: &mut Peer, fence: &'static str) {
    owner.publish(AFTER, fence, "For all");
    let _ = peer.event("what comes after", item(AFTER, fence));
    let of_it = |event: &Value| event["event"] == "item" && event["node"] == NODE;
    assert_eq!(peer.left().into_iter().filter(of_it).collect::<Vec<_>>(), Vec::<Value>::new());
}

/// How a topic is set up, by the other client: its form, and what it says of itself.
fn settings(owner: &mut Peer, node: &str) -> impl Fn(&str) -> String + use<> {
    let read = owner.call("settings", json!({"service": BROKER, "node": node}));
    move |var| {
        let value = ["form", "said"].iter().find_map(|from| read[from][var][0].as_str());
        value.unwrap_or_else(|| panic!("no {var} in {read}")).to_owned()
    }
}

/// What every template sets, read back by the other client.
fn is_safe(owner: &mut Peer, node: &str, access: &str) {
    let is = settings(owner, node);
    for (var, wanted) in [
        ("pubsub#access_model", access),
        ("pubsub#publish_model", "publishers"),
        ("pubsub#persist_items", "1"),
        ("pubsub#notification_type", "normal"),
        ("pubsub#type", PayloadType::IODEF2),
        ("pubsub#title", "Incidents of ours"),
    ] {
        assert_eq!(is(var).replace("true", "1"), wanted, "{node} {var}");
    }
}

/// Who lost a right by the console's hand gets nothing more, and the verbs show it.
fn revoke(server: &impl Server, owner: &Account, who: &Account) {
    let mut console = Console::start(Options::default());
    console.connect(server.console(owner, Tls::StartTls));
    let topic = TopicId { broker: BROKER.parse().unwrap(), node: NODE.to_owned() };
    console.until("my topic", |console| console.topic(&topic).filter(|_| console.whole).map(drop));
    let accounts = vec![who.bare()];
    let to = Affiliation::Outcast;
    let done = console.ask(|request| Order::Revoke { request, topic, accounts, to, words: None });
    assert!(matches!(&done, Ok(Receipt::Revoked(revoked)) if revoked.proven()), "{done:?}");
}

/// `authorize` on ejabberd: made, asked for, denied, approved, revoked.
#[test]
fn requests_are_decided_by_verbs_on_ejabberd() {
    let server = Ejabberd::start();
    let [desk, friend, stranger] = ["desk", "friend", "stranger"].map(Ejabberd::account);
    let mut owner = Peer::login(&server, &desk, Port::StartTls);
    let [mut friend_peer, mut stranger_peer] =
        [&friend, &stranger].map(|account| Peer::login(&server, account, Port::StartTls));
    let shell = Shell::of(&desk, &server);
    // Nothing is there yet that would name the broker.
    let create = |name: &str| {
        let words = ["topic", "create", name, "--template", "incidents", "--title", "Incidents of ours", "--yes"];
        shell.run(&words)
    };
    assert_eq!(code(&create(NODE)), 10);
    let made = create(&format!("{NODE} @ {BROKER}"));
    assert!([0, 9].contains(&code(&made)), "{}", err(&made));
    is_safe(&mut owner, NODE, "authorize");
    let is = settings(&mut owner, NODE);
    for line in objects(&made).iter().filter(|line| line["came"] == "kept") {
        assert_eq!(line["is"][0], is(line["setting"].as_str().unwrap()).as_str(), "{line}");
    }
    // What stands is not made anew.
    shell.refused(10, NODE, &["topic", "create", NODE, "--template", "incidents", "--yes"]);
    owner.create(AFTER, "open");

    for peer in [&mut friend_peer, &mut stranger_peer] {
        assert_eq!(ask(peer, AFTER).unwrap(), "subscribed");
        assert_eq!(ask(peer, NODE).unwrap(), "pending");
    }
    let mut waiting = shell.requests();
    waiting.sort();
    assert_eq!(waiting, [friend.jid.as_str(), stranger.jid.as_str()]);
    // What is not mine to see is refused, and there is nothing to decide for who owns nothing.
    let other = Shell::of(&friend, &server);
    assert_eq!(other.requests(), [""; 0]);
    assert_eq!(code(&other.run(&["members", "--topic", NODE])), 3);
    let decide = |who: &Shell, exit, verb: &str, account: &Account, note: &str| {
        who.ends(exit, &[verb, &account.jid, "--topic", NODE, "--note", note, "--yes"])
    };
    let _ = decide(&other, 10, "approve", &friend, "myself");

    assert_eq!(decide(&shell, 0, "deny", &stranger, "wrong constituency")[0]["decision"], "denied");
    let _ = stranger_peer.event("the reason", says("wrong constituency"));
    assert_eq!(shell.requests(), [friend.jid.as_str()]);
    let approved = shell.ends(0, &["approve", &friend.jid, "--topic", NODE, "--yes"]);
    assert_eq!(approved, [json!({"broker": BROKER, "node": NODE, "subscriber": friend.jid, "decision": "approved"})]);
    assert_eq!(shell.requests(), [""; 0]);
    for account in [&friend, &stranger] {
        let _ = decide(&shell, 10, "approve", account, "once more");
    }
    assert_eq!((shell.member(&friend), shell.member(&stranger)), (Some(("none".to_owned(), 1)), None));
    owner.publish(NODE, "1", "The next incident");
    let _ = friend_peer.event("the next incident", item(NODE, "1"));
    nothing(&mut stranger_peer, &mut owner, "fence-1");

    let config = |change: &str| shell.ends(0, &["topic", "config", NODE, change, "--yes"]);
    assert_eq!(config("title=Renamed")[0]["came"], "kept");
    assert_eq!(settings(&mut owner, NODE)("pubsub#title"), "Renamed");
    shell.refused(10, "that no owner let in", &["topic", "config", NODE, "access_model=open", "--yes"]);
    assert_eq!(settings(&mut owner, NODE)("pubsub#access_model"), "authorize");

    revoke(&server, &desk, &friend);
    assert_eq!(shell.member(&friend), Some(("outcast".to_owned(), 0)));
    owner.publish(NODE, "2", "Not for it");
    nothing(&mut friend_peer, &mut owner, "fence-2");
}

/// `whitelist`, on either server: made, refused to who is not listed, read by who is, and by nobody who was put out.
fn by_invitation(server: &impl Server, desk: &Account, friend: &Account, stranger: &Account) {
    let mut owner = Peer::login(server, desk, Port::StartTls);
    let [mut friend_peer, mut stranger_peer] =
        [friend, stranger].map(|account| Peer::login(server, account, Port::StartTls));
    let shell = Shell::of(desk, server);
    let name = format!("{NODE} @ {BROKER}");
    let template = ["--template", "indicators", "--title", "Incidents of ours", "--whitelist", "--yes"];
    let made = shell.run(&[&["topic", "create", &name], &template[..]].concat());
    assert!([0, 9].contains(&code(&made)), "{}", err(&made));
    is_safe(&mut owner, NODE, "whitelist");
    owner.create(AFTER, "open");
    let listed = json!({"service": BROKER, "node": NODE, "jid": friend.jid, "affiliation": "member"});
    owner.tell("affiliate", listed);
    for peer in [&mut friend_peer, &mut stranger_peer] {
        assert_eq!(ask(peer, AFTER).unwrap(), "subscribed");
    }
    assert_eq!(ask(&mut friend_peer, NODE).unwrap(), "subscribed");
    assert!(ask(&mut stranger_peer, NODE).is_err());
    assert_eq!((shell.member(friend), shell.member(stranger)), (Some(("member".to_owned(), 1)), None));
    owner.publish(NODE, "1", "The next incident");
    let _ = friend_peer.event("the next incident", item(NODE, "1"));
    nothing(&mut stranger_peer, &mut owner, "fence-1");
    // Nobody waits there whom one could decide about.
    let words = ["approve", &stranger.jid, "--topic", NODE, "--note", "come in", "--yes"];
    assert_eq!(code(&shell.run(&words)), 10);
    revoke(server, desk, friend);
    assert_eq!(shell.member(friend), Some(("outcast".to_owned(), 0)));
    owner.publish(NODE, "2", "Not for it");
    nothing(&mut friend_peer, &mut owner, "fence-2");
    assert!(ask(&mut friend_peer, NODE).is_err(), "an outcast comes back");
}

#[test]
fn a_topic_by_invitation_is_kept_by_verbs_on_ejabberd() {
    let server = Ejabberd::start();
    let [desk, friend, stranger] = ["desk", "friend", "stranger"].map(Ejabberd::account);
    by_invitation(&server, &desk, &friend, &stranger);
    what_a_broker_leaves_open_is_said(&Shell::of(&desk, &server), &mut Peer::login(&server, &desk, Port::StartTls));
}

/// The broker makes the topic and keeps it open without a word: the verb ends otherwise than well, and says what to do.
fn what_a_broker_leaves_open_is_said(shell: &Shell, owner: &mut Peer) {
    let template = ["--template", "incidents", "--title", "Left open", "--yes"];
    let made = shell.run(&[&["topic", "create", Ejabberd::OPEN], &template[..]].concat());
    assert_eq!(code(&made), 9, "{}{}", out(&made), err(&made));
    let says = format!("The topic {} stands, with the broker's own settings: it may let anybody read.", Ejabberd::OPEN);
    assert!(err(&made).contains(&says) && err(&made).contains("or delete it"), "{}", err(&made));
    let lines = objects(&made);
    let access = lines.iter().find(|line| line["setting"] == "pubsub#access_model").unwrap();
    assert_eq!((&access["is"], access["came"] == "kept"), (&json!(["open"]), false), "{access}");
    let is = owner.call("settings", json!({"service": BROKER, "node": Ejabberd::OPEN}));
    assert_eq!(is["form"]["pubsub#access_model"], json!(["open"]));
}

/// Prosody has no `authorize`: what it cannot do is said, with a code of its own.
#[test]
fn a_topic_by_invitation_is_kept_by_verbs_on_prosody_and_what_it_cannot_do_is_said() {
    let server = Prosody::start();
    let [friend, stranger] = ["friend", "stranger"].map(Prosody::account);
    by_invitation(&server, &Prosody::owner(), &friend, &stranger);
    let shell = Shell::of(&Prosody::owner(), &server);
    let words = ["topic", "create", "asking", "--template", "incidents", "--yes"];
    shell.refused(3, "--whitelist", &words);
    let mut owner = Peer::login(&server, &Prosody::owner(), Port::StartTls);
    assert_eq!(owner.call("nodes", json!({"service": BROKER}))["nodes"], json!([AFTER, NODE]));
    // An empty list would say that nobody waits.
    shell.refused(3, BROKER, &["requests"]);
}
