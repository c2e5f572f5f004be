//! An owner's rules, lists and clock through the true window on a real ejabberd: what the window says was decided by a rule,
//! entered from a list or ended by the clock, slixmpp finds at the broker, reads, or reads no more.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridwatch::app::cx::Profile;
use gridwatch::app::{Env, Message};
use gridwatch::model::{Affiliation, Tls, TopicId};
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, People, Ruling, Side};
use gridwatch::settings::Settings;
use gridwatch::store::Memory;
use gridwatch::store::activity::{By, How, Kind};
use serde_json::{Value, json};

use super::tour::Tour;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::server::{Account, Port, Server as _};
use crate::support::window::Window;

const NODE: &str = "restricted";
const LISTED: [&str; 2] = ["listed", "listed-too"];
/// Tells that what was published before has been delivered.
const AFTER: &str = "afterwards";
const DAY: i64 = 24 * 3600;

/// A window at the owner desk, the same account by the other client, and everybody of a domain.
struct Desk {
    tour: Tour<Ejabberd>,
    owner: Peer,
    crowd: Peer,
    /// Where the window saves.
    saved: PathBuf,
}

impl Desk {
    fn start(folder: &Path) -> Self {
        let server = Ejabberd::crowded();
        let account = Ejabberd::account("desk");
        let mut owner = Peer::login(&server, &account, Port::StartTls);
        owner.create(NODE, "authorize");
        owner.create(AFTER, "open");
        LISTED.iter().for_each(|node| owner.create(node, "whitelist"));
        let crowd = Peer::crowd(&server);
        let saved = folder.join("saved.csv");
        let to = saved.clone();
        let save_as: gridwatch::app::env::Chooser = Arc::new(move |_, _| {
            let to = to.clone();
            Box::pin(async { Some(to) })
        });
        let profile = Profile { name: "Real".to_owned(), jid: account.bare() };
        let world = |env: Env| Env { save_as, ..env };
        let window = Window::of(profile, Arc::new(Memory::default()), Settings::default(), false, world);
        let login = server.console(&account, Tls::StartTls);
        let mut tour = Tour::log_in(window, server, login);
        tour.window.go(Tab::Owner);
        tour.until("my topics", |window| {
            let mine = window.app.topics().iter().filter(|topic| topic.affiliation == Affiliation::Owner);
            mine.count() == 2 + LISTED.len()
        });
        Self { tour, owner, crowd, saved }
    }

    fn peer(&self, account: &Account) -> Peer {
        Peer::login(&self.tour.grid, account, Port::StartTls)
    }

    fn rule(&mut self, message: Ruling) {
        self.tour.window.run(Message::Owner(owner::Message::Rules(message)));
    }

    fn people(&mut self, message: People) {
        self.tour.window.run(Message::Owner(owner::Message::Members(message)));
    }

    fn shows(&mut self, words: &str) {
        assert!(self.tour.window.shows(words), "{words}: {:?}", self.tour.window.texts());
    }

    /// Everybody of the domain by these names asks to read.
    fn ask(&mut self, node: &str, names: &[&str]) {
        let accounts: Vec<String> = names.iter().map(|name| of_crowd(name)).collect();
        self.crowd.tell("ask_as", json!({"service": BROKER, "node": node, "accounts": accounts}));
    }

    /// Who reads a topic by the broker's own list.
    fn readers(&mut self) -> Vec<String> {
        let answer = self.owner.call("readers", json!({"service": BROKER, "node": NODE}));
        let all = answer["readers"].as_array().unwrap().iter().filter(|one| one[1] == "subscribed");
        let mut readers: Vec<String> = all.map(|one| one[0].as_str().unwrap().to_owned()).collect();
        readers.sort();
        readers
    }

    /// What these are on a topic, by the broker's own list.
    fn roles<const N: usize>(&mut self, node: &str, who: [&str; N]) -> [String; N] {
        let answer = self.owner.call("affiliations", json!({"service": BROKER, "node": node}));
        who.map(|who| answer["accounts"][who].as_str().unwrap_or("none").to_owned())
    }

    /// Lets the engine work until the log has so many acts that were done; gives by whom, about whom.
    fn until_logged(&mut self, kind: Kind, count: usize) -> Vec<(By, String)> {
        self.tour.until("the log", |window| logged(window, kind).len() >= count);
        logged(&self.tour.window, kind)
    }

    /// Publishes an incident. Who of the domain, and of these, got it, once they have what came after it.
    fn publish(&mut self, item: &str, others: &mut [&mut Peer]) -> Vec<String> {
        self.owner.publish(NODE, item, "The next incident");
        self.owner.publish(AFTER, item, "For all");
        let mut got = Vec::new();
        for peer in std::iter::once(&mut self.crowd).chain(others.iter_mut().map(|peer| &mut **peer)) {
            let _ = peer.event("what comes after", |event| is_item(event, AFTER, item));
            let of_it = peer.left().into_iter().filter(|event| is_item(event, NODE, item));
            got.extend(of_it.map(|event| event["to"].as_str().unwrap().to_owned()));
        }
        got.sort();
        got
    }
}

/// What stands in the log of acts as done, of this kind.
fn logged(window: &Window, kind: Kind) -> Vec<(By, String)> {
    let store = window.app.store();
    let entries = store.activity().unwrap().entries(1, 10_000).unwrap();
    let acts = entries.into_iter().filter_map(|entry| entry.act);
    let done = acts.filter(|act| act.kind == kind && act.how == How::Done);
    let mut found: Vec<(By, String)> = done.map(|act| (act.by, act.subject)).collect();
    found.sort_by(|one, other| one.1.cmp(&other.1));
    found
}

fn is_item(event: &Value, node: &str, item: &str) -> bool {
    event["event"] == "item" && event["node"] == node && event["item"] == item
}

fn of_crowd(name: &str) -> String {
    format!("{name}@{}", Ejabberd::CROWD)
}

fn by_rule(who: &[String]) -> Vec<(By, String)> {
    who.iter().map(|who| (By::Rule, who.clone())).collect()
}

/// One broker for all of it: it takes longer to start than all that is done there.
#[test]
fn what_rules_lists_and_the_clock_do_is_so_on_ejabberd() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::start(folder.path());
    rules(&mut desk);
    the_clock(&mut desk);
    lists(&mut desk, folder.path());
}

/// By a domain and by an account: looked at, switched on, and each decision is the rule's in the log.
fn rules(desk: &mut Desk) {
    let evil = Ejabberd::account("evil");
    let mut evil_peer = desk.peer(&evil);
    desk.ask(AFTER, &["soc1"]);
    evil_peer.tell("subscribe", json!({"service": BROKER, "node": AFTER}));
    desk.ask(NODE, &["soc1", "soc2"]);
    evil_peer.tell("subscribe", json!({"service": BROKER, "node": NODE}));
    desk.tour.until("the three who ask", |window| window.shows("3 wait for your decision"));

    desk.rule(Ruling::Open);
    desk.rule(Ruling::Who(Ejabberd::CROWD.to_owned()));
    desk.shows(&format!("It would approve these 2 now: {}, {}.", of_crowd("soc1"), of_crowd("soc2")));
    desk.rule(Ruling::Add);
    desk.rule(Ruling::Who(evil.jid.clone()));
    desk.rule(Ruling::Allow(false));
    desk.rule(Ruling::Note("not ours".to_owned()));
    desk.shows(&format!("It would deny this one now: {}.", evil.jid));
    desk.rule(Ruling::Add);
    desk.tour.window.let_pass(20);
    assert_eq!(desk.readers(), [""; 0], "they are off");
    for rule in ["00000001", "00000002"] {
        desk.rule(Ruling::Switch(rule.to_owned()));
    }
    desk.rule(Ruling::Close);
    assert_eq!(desk.readers(), [""; 0], "it is held");
    desk.tour.window.let_pass(10);
    let both = ["soc1", "soc2"].map(of_crowd);
    assert_eq!(desk.until_logged(Kind::Approve, 2), by_rule(&both));
    assert_eq!(desk.until_logged(Kind::Deny, 1), by_rule(std::slice::from_ref(&evil.jid)));
    assert_eq!(desk.readers(), both);
    let _ = evil_peer.event("why not", |event| {
        event["event"] == "words" && event["body"].as_str().is_some_and(|body| body.contains("not ours"))
    });
    assert_eq!(desk.publish("1", &mut [&mut evil_peer]), both);

    // Whoever asks later meets the same rule.
    desk.ask(NODE, &["soc3"]);
    let held = |window: &mut Window| window.shows(&of_crowd("soc3")) && window.shows("Approved in 10 s");
    desk.tour.until("it asks, and is held", held);
    desk.tour.window.let_pass(10);
    let all = ["soc1", "soc2", "soc3"].map(of_crowd);
    assert_eq!(desk.until_logged(Kind::Approve, 3), by_rule(&all));
    assert_eq!(desk.readers(), all);
}

/// What the rule gave for a year ends by itself then.
fn the_clock(desk: &mut Desk) {
    desk.tour.desk(owner::Message::Side(Side::Expiring));
    desk.tour.keeps();
    desk.tour.window.pass(364 * DAY);
    desk.tour.keeps();
    assert_eq!(desk.readers().len(), 3, "a day is left");
    desk.tour.window.pass(2 * DAY);
    desk.tour.until("it is held", |window| window.shows("3 accounts lose their access in 10 s."));
    assert_eq!(desk.readers().len(), 3);
    desk.tour.window.pass(10);
    desk.tour.until("the proof", |window| window.shows("Proven at"));
    assert_eq!(desk.readers(), [""; 0]);
    assert_eq!(desk.publish("2", &mut []), [""; 0]);
    assert_eq!(desk.until_logged(Kind::Revoke, 3), by_rule(&["soc1", "soc2", "soc3"].map(of_crowd)));
    desk.tour.keeps();
}

/// Members from a file: who stands there may read or publish at the broker, and nobody else. What is saved of them makes
/// another topic's members the same.
fn lists(desk: &mut Desk, folder: &Path) {
    let accounts = ["new", "feed", "stranger"].map(Ejabberd::account);
    let mut peers = accounts.each_ref().map(|account| desk.peer(account));
    let who = accounts.each_ref().map(|account| account.jid.as_str());
    let read = |peer: &mut Peer, node: &str| peer.attempt("subscribe", json!({"service": BROKER, "node": node}));
    for peer in &mut peers {
        assert!(LISTED.iter().all(|node| read(peer, node).is_err()));
    }
    let file = folder.join("members.csv");
    let [new, feed, _] = who;
    let table = format!("account,affiliation\r\n{new},member\r\n{feed},publisher\r\n=cmd(),member\r\n");
    std::fs::write(&file, table).unwrap();
    let entered = ["member", "publisher", "none"];
    for (node, from) in LISTED.into_iter().zip([file, desk.saved.clone()]) {
        let topic = TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() };
        desk.tour.desk(owner::Message::Topic(Some(topic)));
        desk.tour.desk(owner::Message::Side(Side::Members));
        desk.tour.until("both lists", |window| window.shows("desk@localhost") && !window.shows(new));
        desk.people(People::Invite);
        desk.people(People::Picked(Some(from)));
        if node == LISTED[0] {
            desk.shows("Line 4 is not an address with a role.");
        }
        desk.tour.window.click("Enter 2 accounts");
        desk.tour.window.pass(9);
        assert_eq!(desk.roles(node, who), ["none"; 3], "it is held");
        desk.tour.window.pass(1);
        desk.tour.until("told so", |window| window.shows("Done: the broker's lists show all 2 changes."));
        assert_eq!(desk.roles(node, who), entered);
        let saving = desk.tour.window.app.update(Message::Owner(owner::Message::Members(People::Export)));
        let said = desk.tour.window.messages(saving);
        assert!(matches!(said.as_slice(), [Message::Saved(Ok(Some(_)))]), "{said:?}");
    }
    let [new, feed, stranger] = &mut peers;
    for node in LISTED {
        assert!(read(new, node).is_ok() && read(stranger, node).is_err());
        feed.publish(node, "1", "By who may");
        let _ = new.event("the incident", |event| is_item(event, node, "1"));
    }
}
