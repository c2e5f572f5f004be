//! How long a console takes to be level again after a cut in which 10,000 reports were published: from the attempt to
//! connect to the ledger's word that nothing is missing, with typed summaries of all of them in the store. Beside it, in
//! the same run, what the wire alone costs: the same pages asked for and framed, nothing looked at.
//!
//! `cargo bench --no-default-features --bench level`. The practice grid serves both from this process, over loopback TLS.
//! The medians go to `target/bench/level.json`.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::engine::{self, Command, Connection, Event, Events, Handle, Login, RequestId, Sweeps};
use gridwatch::model::coverage::Standing;
use gridwatch::model::{Coverage, ItemId, Tls, TopicId};
use gridwatch::practice::{Account, Grid, Options, Pace, Role};
use gridwatch::store::{Memory, Store};
use gridwatch::xmpp::dial::Dial;
use gridwatch::xmpp::form::Form;
use gridwatch::xmpp::login::{Params, Patience, Session, login};
use gridwatch::xmpp::pubsub::{NODE_CONFIG, Request, Which, answer};
use gridwatch::xmpp::rsm::{At, Query};
use gridwatch::xmpp::stanza::{self, IqKind, Route, Sorted};
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::{Frame, Limits, Writer};
use tokio::runtime::Runtime;

/// With the one that was there before, as many as a topic of the practice grid holds.
const MISSED: usize = 9_999;
/// Payload of each, in bytes, about.
const SIZE: usize = 3_000;
const ROUNDS: usize = 3;
const NODE: &str = "level";
/// Items of a page of the bare reader; our console comes to the same by itself.
const PAGE: u32 = 87;
const PATIENCE: Duration = Duration::from_secs(300);

fn main() {
    let runtime = Runtime::new().unwrap();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let grid = Grid::start(Options { seed: 1, port: Some(0), pace: Pace::Manual, ..Options::default() }).unwrap();
        let (took, wire) = runtime.block_on(one(&grid));
        println!("round {round} of {ROUNDS}: level in {took:.2?}, the wire alone {wire:.2?}");
        ours.push(took);
        bare.push(wire);
    }
    let (ours, bare) = (median(ours), median(bare));
    let rate = MISSED as f64 / ours.as_secs_f64();
    let times = ours.as_secs_f64() / bare.as_secs_f64();
    println!(
        "median: level with {MISSED} missed reports in {ours:.2?}, {rate:.0} a second; {times:.1} times the wire alone"
    );
    let json = serde_json::json!({
        "missed": MISSED,
        "payload_bytes": SIZE,
        "seconds_to_level": ours.as_secs_f64(),
        "items_per_second": rate,
        "wire_alone_seconds": bare.as_secs_f64(),
    });
    // target/release/deps/level-…
    let folder = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("level.json"), format!("{json:#}\n")).unwrap();
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

async fn one(grid: &Grid) -> (Duration, Duration) {
    let mut owner = ready(grid, &grid.account(Role::Owner)).await;
    let config = Form::submit(NODE_CONFIG)
        .with("pubsub#max_items", "max")
        .with("pubsub#access_model", "open")
        .with("pubsub#type", "urn:ietf:params:xml:ns:iodef-2.0");
    say(grid, &mut owner, IqKind::Set, "c", |w| Request::Create { node: Some(NODE), config: Some(&config) }.write(w))
        .await;
    heard(&mut owner, 1).await;
    publish(grid, &mut owner, 0..1).await;

    let account = grid.account(Role::Analyst);
    let login = Login {
        jid: account.jid.clone(),
        resource: "bench".to_owned(),
        credentials: account.password.clone().into(),
        dial: grid.dial(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        broker: None,
    };
    let store = Arc::new(Memory::default());
    let sweeps = Sweeps { most: 2 * MISSED, ..Sweeps::default() };
    let options = engine::Options { sweeps, ..engine::Options::default() };
    let (handle, mut events) = engine::spawn(store.clone(), options);
    let topic = TopicId { broker: grid.broker(), node: NODE.to_owned() };
    connect(&handle, &login);
    until(&mut events, |event| matches!(event, Event::Topics { complete: true, .. })).await;
    handle.send(Command::Subscribe { request: RequestId(1), topic: topic.clone(), words: None }).unwrap();
    until(&mut events, |_| has(&store, &topic, 0)).await;
    handle.send(Command::Disconnect).unwrap();
    until(&mut events, |event| matches!(event, Event::Connection(Connection::Offline))).await;

    publish(grid, &mut owner, 1..MISSED + 1).await;
    let held = store.len() as usize;
    let begun = Instant::now();
    connect(&handle, &login);
    until(&mut events, |event| match event {
        Event::Coverage(all) => all.iter().any(|one| one.topic == topic && is_level(one)),
        _ => false,
    })
    .await;
    let took = begun.elapsed();
    assert!(store.len() as usize >= held + MISSED && has(&store, &topic, MISSED), "{} rows", store.len());
    handle.send(Command::Quit).unwrap();

    let mut reader = ready(grid, &account).await;
    let begun = Instant::now();
    let mut asked = Query { max: PAGE, at: At::Before(String::new()) };
    let mut read = 0;
    loop {
        let request = Request::Items { node: NODE, subid: None, which: Which::Page(&asked) };
        say(grid, &mut reader, IqKind::Get, "p", |w| request.write(w)).await;
        let Frame::Stanza(stanza) = reader.reader.read().await.unwrap() else { panic!("the stream ended") };
        let Ok(Sorted::Iq(iq)) = stanza::sort(stanza.root()) else { continue };
        let (items, page) = answer::items(iq.payload()).unwrap();
        read += items.entries.len();
        match page.filter(|_| !items.entries.is_empty()).and_then(|page| page.next(&asked)) {
            Some(next) => asked = next,
            None => break,
        }
    }
    assert!(read >= MISSED, "{read}");
    (took, begun.elapsed())
}

fn is_level(coverage: &Coverage) -> bool {
    assert!(coverage.gaps.is_empty(), "{coverage:?}");
    matches!(coverage.standing, Standing::Live { .. })
}

fn has(store: &Memory, topic: &TopicId, number: usize) -> bool {
    store
        .find(&gridwatch::store::ItemKey { topic: topic.clone(), item: ItemId(id(number)) })
        .is_ok_and(|found| found.is_some())
}

fn id(number: usize) -> String {
    format!("level-{number:06}")
}

fn connect(handle: &Handle, login: &Login) {
    handle.send(Command::Connect(Box::new(login.clone()))).unwrap();
}

async fn until(events: &mut Events, mut wanted: impl FnMut(&Event) -> bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let batch = events.next().await.expect("the engine ended");
        if batch.iter().any(&mut wanted) {
            return;
        }
        assert!(Instant::now() < end, "waited in vain");
    }
}

/// Publishes these, many under way at a time.
async fn publish(grid: &Grid, owner: &mut Session, numbers: std::ops::Range<usize>) {
    let filler = "and so on ".repeat(SIZE / 10);
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(64) {
        for number in some {
            let payload = format!(
                "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00' xml:lang='en'><Incident \
                 purpose='reporting' restriction='green'><IncidentID name='csirt.example'>{number}</IncidentID>\
                 <GenerationTime>2026-11-21T16:00:00Z</GenerationTime><Description>{filler}</Description></Incident>\
                 </IODEF-Document>"
            );
            let item = ItemId(id(*number));
            let request = Request::Publish { node: NODE, item: &item, payload: payload.as_bytes(), preconditions: &[] };
            say(grid, owner, IqKind::Set, &item.0, |w| request.write(w)).await;
        }
        heard(owner, some.len()).await;
    }
}

async fn say(grid: &Grid, session: &mut Session, kind: IqKind, id: &str, payload: impl FnOnce(&mut Writer)) {
    let route = Route { from: None, to: Some(grid.broker().into()) };
    session.sender.send(&stanza::iq(kind, id, &route, payload).unwrap()).await.unwrap();
}

/// So many answers, none a refusal.
async fn heard(session: &mut Session, mut answers: usize) {
    while answers > 0 {
        let Frame::Stanza(stanza) = session.reader.read().await.unwrap() else { panic!("the stream ended") };
        if let Ok(Sorted::Iq(iq)) = stanza::sort(stanza.root()) {
            assert!(iq.error().is_none(), "{:?}", iq.error());
            answers -= 1;
        }
    }
}

async fn ready(grid: &Grid, account: &Account) -> Session {
    let params = Params {
        jid: account.jid.clone(),
        resource: "bench-bare".to_owned(),
        credentials: account.password.clone().into(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        bind2: false,
        patience: Patience::default(),
        trace: Trace::default(),
        manage: false,
        resume: None,
    };
    let dial: Arc<dyn Dial> = grid.dial();
    login(dial.as_ref(), &params, Limits { bytes: 8 << 20, elements: 200_000, ..Limits::PEER }, |_| ()).await.unwrap()
}
