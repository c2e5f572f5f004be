//! Memory and time of a broker with 100,000 topics, found and described by the engine over loopback TLS. Anchor of the
//! same run: their names and titles alone, as strings.
//!
//! `cargo bench --no-default-features --bench topics`; after `--`: `--scale=0.1` for fewer. Written to
//! `target/bench/topics.json`.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[allow(dead_code)] // The receive bench uses the rest.
#[path = "engine/measure.rs"]
mod measure;
#[allow(dead_code)] // As above.
#[path = "engine/source.rs"]
mod source;

use std::sync::Arc;
use std::time::Instant;

use gridwatch::engine::{self, Command, Connection, Event, Login, Policy, Trust};
use gridwatch::model::{Tls, Topic};
use gridwatch::secrets::Secret;
use gridwatch::store::Memory;
use gridwatch::xmpp::dial::Tcp;
use source::Source;
use tokio::runtime::Runtime;

/// What the source calls a payload's size; no payload is sent here.
const SIZE: usize = 0;
const TOPICS: u64 = 100_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--serve") {
        return source::serve();
    }
    let scale: f64 = args.iter().find_map(|arg| arg.strip_prefix("--scale=")).map_or(1.0, |text| text.parse().unwrap());
    let count = (TOPICS as f64 * scale) as u64;
    let mut source = Source::start();
    let made = Instant::now();
    source.crowd(count);
    println!("{count} topics made in {:.1} s", made.elapsed().as_secs_f64());

    let before = resident();
    let names: Vec<(String, String)> = (0..count).map(|at| (source::topic(at), source::title(at))).collect();
    let anchor = resident() - before;
    drop(names);

    let before = resident();
    let runtime = Runtime::new().unwrap();
    let begun = Instant::now();
    let (topics, _engine) = runtime.block_on(list(&source, count));
    let (seconds, ours) = (begun.elapsed().as_secs_f64(), resident() - before);
    assert!(topics.iter().filter(|topic| topic.title.is_some()).count() as u64 >= count);

    let (each, ratio) = (ours / count as f64, ours / anchor);
    println!("listed and described in {seconds:.1} s, {:.0} topics/s", count as f64 / seconds);
    println!("names and titles alone   {:>8.1} MiB", anchor / 1_048_576.0);
    println!(
        "the engine with its list {:>8.1} MiB  {each:.0} bytes a topic, {ratio:.1} times that",
        ours / 1_048_576.0
    );
    let json = serde_json::json!({
        "topics": count,
        "seconds": seconds,
        "resident_bytes": ours,
        "bytes_per_topic": each,
        "over_names_and_titles_alone": ratio,
    });
    let folder = measure::target().join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("topics.json"), format!("{json:#}\n")).unwrap();
}

/// Until every topic is described; what is given besides keeps the engine.
async fn list(source: &Source, count: u64) -> (Arc<[Topic]>, (engine::Handle, engine::Events)) {
    let login = Login {
        jid: source.jid.parse().unwrap(),
        resource: "bench".to_owned(),
        credentials: Secret::new(source.password.clone()).into(),
        dial: Arc::new(Tcp { host: "127.0.0.1".to_owned(), port: source.port }),
        tls: Tls::StartTls,
        trust: Trust::CaFile(source.ca.clone()),
        policy: Policy::default(),
        broker: None,
    };
    let (handle, mut events) = engine::spawn(Arc::new(Memory::default()), engine::Options::default());
    handle.send(Command::Connect(Box::new(login))).unwrap();
    loop {
        for event in events.next().await.expect("the engine ended") {
            match event {
                Event::Connection(Connection::Waiting { cause, .. } | Connection::Stopped { cause }) => {
                    panic!("{cause}")
                }
                Event::Topics { topics, whole: true, .. } if topics.len() as u64 > count => {
                    return (topics, (handle, events));
                }
                _ => {}
            }
        }
    }
}

/// Memory of this process that is in use, in bytes.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this bench needs Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}
