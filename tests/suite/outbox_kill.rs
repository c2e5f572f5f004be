//! Publishing when the program is killed: a child holds, keeps and sends reports to a real ejabberd as fast as it is let, its
//! outbox in an archive; it is killed with `SIGKILL` at a random moment, and another goes on with what it left. In the end the
//! broker has each report once, its subscribers were told of each once, and the outbox tells the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use gridwatch::compose::outbox::{Left, Outbox};
use gridwatch::compose::send::{About, Errand, Outcome, Parcel, Sending, State, digest};
use gridwatch::engine::{Command, Fate, Options, Receipt, RequestId, Terms};
use gridwatch::model::{Access, Tlp, Tls, TopicId};
use gridwatch::store::Archive;
use gridwatch::store::archive::Key;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer, report};
use crate::support::server::{Port, Server as _, console_at};

const CHILD: &str = "outbox_kill::child_that_publishes";
const NODE: &str = "killed";
const KILLS: u32 = 30;
/// How long each is held.
const HOLD: TimeDelta = TimeDelta::milliseconds(20);
/// Reports under way at once.
const MANY: usize = 3;

fn open(folder: &Path) -> Archive {
    let (path, key) = (folder.join("archive.db"), Key::new([7; 32]));
    if path.exists() { Archive::open(&path, &key, None).unwrap() } else { Archive::make(&path, &key).unwrap() }
}

fn topic() -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: NODE.to_owned() }
}

fn parcel(number: u64) -> Parcel {
    let payload: Arc<[u8]> = report(&format!("K-{number}"), "A report of many").into_bytes().into();
    let (of, title) = (digest(&payload), format!("K-{number}"));
    let about = About {
        draft: String::new(),
        of,
        title,
        label: Tlp::Green,
        is_new: true,
        reasons: Vec::new(),
        wholes: Vec::new(),
    };
    Parcel::publish(about, topic(), Access::Whitelist, payload, (Utc::now(), HOLD)).unwrap()
}

/// Does with an outbox what the window does, one step after the other; `make` gives what is new.
fn work(
    folder: &Path,
    console: &mut Console,
    mut make: impl FnMut(&Outbox) -> Option<Parcel>,
    is_over: impl Fn(&Outbox) -> bool,
) {
    let archive = open(folder);
    let mut outbox = Outbox::default();
    outbox.take_up(Left::read(&archive).unwrap().parcels, (Utc::now(), HOLD));
    let mut under_way: BTreeMap<RequestId, String> = BTreeMap::new();
    while !is_over(&outbox) {
        let now = Utc::now();
        if let Some(parcel) = make(&outbox) {
            outbox.put(parcel);
        }
        outbox.tick(now);
        for parcel in outbox.due(now, |_| true) {
            outbox.pass(parcel.key(), BTreeSet::new());
        }
        let leaving = outbox.write(now).map(|batch| {
            batch.keep(&archive).unwrap();
            outbox.written(true, now)
        });
        for Sending { key, topic, item, errand, tried } in leaving.unwrap_or_default() {
            let Errand::Publish { payload, access } = errand else { panic!("nothing is taken back here") };
            let terms = Terms { access: Some(access), sent: tried, ..Terms::default() };
            let request = console.begin(|request| Command::Publish { request, topic, item, payload, terms });
            let _ = under_way.insert(request, key);
        }
        let _ = console.within(Duration::from_millis(5), |_| None::<()>);
        for (request, key) in std::mem::take(&mut under_way) {
            if !console.is_answered(request) {
                let _ = under_way.insert(request, key);
                continue;
            }
            let outcome = match console.answer(request) {
                Ok(Receipt::Published(item)) => Outcome::Done(item),
                Ok(other) => panic!("{other:?}"),
                Err(why) => match why.fate() {
                    Fate::Refused(condition) => Outcome::Refused(condition),
                    Fate::Open { unsure } => Outcome::NotYet { unsure },
                },
            };
            let _ = outbox.settle(&key, outcome, None, Utc::now());
        }
    }
    while let Some(batch) = outbox.write(Utc::now()) {
        batch.keep(&archive).unwrap();
        let _ = outbox.written(true, Utc::now());
    }
    archive.close().unwrap();
}

fn online(port: u16, authority: PathBuf) -> Console {
    let mut console = Console::start(Options::default());
    console.connect(console_at(port, authority, &Ejabberd::account("analyst"), Tls::Direct));
    console.until("the topic", |console| {
        console.topic(&topic()).filter(|topic| topic.access == Access::Whitelist).map(drop)
    });
    console
}

#[test]
fn child_that_publishes() {
    let Some(argument) = child::argument() else { return };
    let [folder, port, authority, kill] = argument.split('|').collect::<Vec<_>>()[..] else { panic!("{argument}") };
    let mut console = online(port.parse().unwrap(), authority.into());
    let mut out = std::io::stdout();
    writeln!(out, "online").unwrap();
    out.flush().unwrap();
    let mut number = kill.parse::<u64>().unwrap() * 1_000_000;
    let make = |outbox: &Outbox| {
        number += 1;
        (outbox.open() < MANY).then(|| parcel(number))
    };
    work(Path::new(folder), &mut console, make, |_| false);
}

#[test]
fn each_is_there_once_over_thirty_kills() {
    let server = Ejabberd::start();
    let (analyst, reader) = (Ejabberd::account("analyst"), Ejabberd::account("reader"));
    drop(Peer::login(&server, &analyst, Port::StartTls));
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    owner.create_as(NODE, json!({"access": "whitelist", "most": 100_000}));
    let mut peer = Peer::login(&server, &reader, Port::StartTls);
    for (who, what) in [(&analyst, "publisher"), (&reader, "member")] {
        owner.tell("affiliate", json!({"service": BROKER, "node": NODE, "jid": who.jid, "affiliation": what}));
    }
    let _ = peer.call("subscribe", json!({"service": BROKER, "node": NODE}));
    let folder = tempfile::tempdir().unwrap();
    let mut random = 0x1234_5678_9abc_def0_u64;
    let (mut kept, mut open_at_kill): (BTreeSet<String>, usize) = (BTreeSet::new(), 0);
    for kill in 0..KILLS {
        let at = folder.path().display();
        let argument = format!("{at}|{}|{}|{kill}", server.port(Port::Direct), server.ca_file().display());
        let mut command = child::command(CHILD, &argument);
        let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        let mut lines = BufReader::new(guard.child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.ends_with("online")), "kill {kill}: the child did not come");
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis((random >> 33) % 700));
        guard.child.kill().unwrap();
        let _ = guard.child.wait().unwrap();
        let archive = open(folder.path());
        let left = Left::read(&archive).unwrap();
        assert!(left.told.is_empty(), "kill {kill}: {:?}", left.told);
        open_at_kill += left.parcels.iter().filter(|parcel| !parcel.is_settled()).count();
        kept.extend(left.parcels.iter().map(|parcel| parcel.item().0.clone()));
        // What is told to be there is there.
        let there: BTreeSet<String> = owner.ids(NODE).into_iter().collect();
        let done = left.parcels.iter().filter(|parcel| parcel.is_done());
        assert!(done.clone().all(|parcel| there.contains(&parcel.item().0)), "kill {kill}");
        archive.close().unwrap();
    }
    // The last run brings everything to its end.
    let mut console = online(server.port(Port::Direct), server.ca_file());
    let end = Instant::now() + Duration::from_secs(60);
    work(
        folder.path(),
        &mut console,
        |_| None,
        |outbox| {
            assert!(Instant::now() < end, "{:?}", outbox.parcels().collect::<Vec<_>>());
            outbox.open() == 0
        },
    );
    let archive = open(folder.path());
    let left = Left::read(&archive).unwrap().parcels;
    assert!(left.iter().all(|parcel| matches!(parcel.state(), State::Done { .. })), "{left:?}");
    let there: BTreeSet<String> = owner.ids(NODE).into_iter().collect();
    assert!(kept.is_subset(&there), "what was kept got there: {:?}", kept.difference(&there).collect::<Vec<_>>());
    // As an independent subscriber was told: each once, and one after all of them to know that no more comes.
    owner.publish(NODE, "the end", "The end");
    let _ = peer.event("the end", |event| event["item"] == "the end");
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for event in peer.left() {
        if event["event"] == "item" {
            *told.entry(event["item"].as_str().unwrap().to_owned()).or_default() += 1;
            *numbers.entry(number(&event)).or_default() += 1;
        }
    }
    assert!(told.values().all(|times| *times == 1) && numbers.values().all(|times| *times == 1), "{told:?}");
    assert_eq!(told.keys().cloned().collect::<BTreeSet<_>>(), there);
    println!(
        "outbox: {} reports, {KILLS} kills, {open_at_kill} under way at a kill, each there and told once",
        there.len()
    );
}

/// The number of the incident that was told.
fn number(event: &Value) -> String {
    gridwatch::iodef::summarise(event["payload"].as_str().unwrap().as_bytes(), &[]).id
}
