//! A thousand ask at once on a real ejabberd, half of them while nobody looks: they are one list in one order, decided together,
//! and the broker's own list shows every decision. Everybody who asks is one slixmpp with a domain of its own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use gridwatch::engine::{Command, Pending, Receipt};
use gridwatch::model::BareJid;
use serde_json::{Value, json};

use super::{AFTER, NODE, make, nothing_of, online, publish, topic, words};
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::server::Port;

const MANY: usize = 1_000;
/// "A badge within 5 s of a pushed request."
const SOON: Duration = Duration::from_secs(5);

fn account(number: usize) -> BareJid {
    format!("soc{number}@{}", Ejabberd::CROWD).parse().unwrap()
}

/// One in ten is denied.
fn allowed(number: usize) -> bool {
    number % 10 != 3
}

fn ask(crowd: &mut Peer, node: &str, numbers: impl Iterator<Item = usize>, state: &str) {
    let accounts: Vec<String> = numbers.map(|number| account(number).to_string()).collect();
    let answer = crowd.call("ask_as", json!({"service": BROKER, "node": node, "accounts": accounts}));
    let states = answer["states"].as_array().unwrap();
    assert!(states.len() == accounts.len() && states.iter().all(|is| is == state), "{answer}");
}

fn who(pending: &[Pending]) -> Vec<BareJid> {
    pending.iter().map(|one| one.subscriber.clone()).collect()
}

/// Whether this is what is left of that, in its order.
fn is_left_of(left: &[BareJid], all: &[BareJid]) -> bool {
    let mut all = all.iter();
    left.iter().all(|one| all.any(|other| other == one))
}

#[test]
fn a_thousand_requests_on_ejabberd_are_one_list_and_each_decision_is_on_the_brokers() {
    let server = Ejabberd::crowded();
    let desk = Ejabberd::account("desk");
    drop(Peer::login(&server, &desk, Port::StartTls));
    let mut crowd = Peer::crowd(&server);
    let mut early = online(&server, &desk);
    let _ = make(&mut early, NODE, false);
    let open = vec![gridwatch::model::owned::Answer::new("pubsub#access_model", "open")];
    let _ = early.ask(|request| Command::Create { request, topic: topic(AFTER), settings: open }).unwrap();
    early.send(Command::Quit);
    early.until_end();

    // While nobody looks, and while somebody does.
    ask(&mut crowd, NODE, 0..MANY / 2, "pending");
    let mut console = online(&server, &desk);
    console.until("those who asked before", |console| (console.pending.len() == MANY / 2).then_some(()));
    ask(&mut crowd, NODE, MANY / 2..MANY, "pending");
    let asked = Instant::now();
    let mut last: Vec<BareJid> = Vec::new();
    let all = console.within(SOON, |console| {
        // The list grows at its end, and nobody in it moves.
        let now = who(&console.pending);
        assert!(now.starts_with(&last), "{last:?} became {now:?}");
        last = now;
        (last.len() >= MANY).then(|| last.clone())
    });
    let all = all.unwrap_or_else(|| panic!("{} after {SOON:?}", console.pending.len()));
    println!("all shown {:?} after the last of them asked", asked.elapsed());
    assert_eq!(all[MANY / 2..], (MANY / 2..MANY).map(account).collect::<Vec<_>>(), "in the order they asked");
    // Named once more by the broker, nobody is there twice.
    let Ok(Receipt::Polled(polled)) = console.ask(|request| Command::Poll { request }) else { panic!("not polled") };
    assert_eq!(who(&polled), all);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), MANY);

    let started = Instant::now();
    let numbers: Vec<usize> =
        all.iter().map(|who| (0..MANY).find(|number| account(*number) == *who).unwrap()).collect();
    let begun: Vec<_> = numbers
        .iter()
        .map(|number| {
            let (topic, subscriber, allow, words) = (topic(NODE), account(*number), allowed(*number), words("of many"));
            console.begin_when_free(|request| Command::Decide { request, topic, subscriber, allow, words })
        })
        .collect();
    for (request, number) in begun.into_iter().zip(&numbers) {
        let done = if allowed(*number) { Receipt::Approved } else { Receipt::Denied };
        assert_eq!(console.answer(request).unwrap(), done, "{number}");
        assert!(is_left_of(&who(&console.pending), &all));
    }
    console.until("an empty list", |console| console.pending.is_empty().then_some(()));
    println!("{MANY} decided in {:?}", started.elapsed());
    let Ok(Receipt::Polled(polled)) = console.ask(|request| Command::Poll { request }) else { panic!("not polled") };
    assert!(polled.is_empty() && console.trouble.is_none(), "{polled:?}");

    let mut witness = Peer::login(&server, &desk, Port::StartTls);
    let listed = witness.call("readers", json!({"service": BROKER, "node": NODE}))["readers"].clone();
    let mut listed: Vec<Value> = listed.as_array().unwrap().clone();
    let mut wanted: Vec<Value> =
        (0..MANY).filter(|n| allowed(*n)).map(|n| json!([account(n).to_string(), "subscribed"])).collect();
    listed.sort_by_key(Value::to_string);
    wanted.sort_by_key(Value::to_string);
    assert_eq!(listed, wanted);

    // The next incident is for exactly those, once.
    publish(&mut console, NODE, "1");
    let mut readers: BTreeSet<String> = (0..MANY).filter(|n| allowed(*n)).map(|n| account(n).to_string()).collect();
    while !readers.is_empty() {
        let got = crowd.event("the incident", |event| event["event"] == "item" && event["node"] == NODE);
        assert!(readers.remove(got["to"].as_str().unwrap()), "{got}");
    }
    ask(&mut crowd, AFTER, 0..MANY / 10, "subscribed");
    nothing_of(&mut crowd, &mut console, NODE, "fence");
}
