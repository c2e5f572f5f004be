//! Events a second over loopback TLS: the engine until typed summaries stand in memory, or stand encrypted on the disk and
//! can be searched, and the same stream received by tokio-xmpp and by slixmpp, in one run.
//!
//! `cargo bench --no-default-features --bench engine`. The practice grid floods one topic from a process of its own; the
//! receivers take turns, several rounds, so that what else the machine does meets them alike. Each is measured from the
//! flood's start to its last event, and by the processor time its process used meanwhile, which says more on a busy
//! machine. The medians go to `target/bench/engine.json`, beside what issue 5 asks for. After `--`: `--only=gridwatch` for what
//! is so named, `--scale=0.1` for fewer events, `--rows=1000000` for an archive that holds so many before, too: a copy of the one
//! that `--bench archive -- --scale 1000000 --keep` left, or one that is filled first.

// A bench may stop where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

mod console;
mod held;
mod measure;
#[allow(dead_code)] // The archive's bench uses the rest.
#[path = "../archive/mix.rs"]
mod mix;
#[path = "../shared/random.rs"]
mod random;
mod rival;
#[allow(dead_code)] // The topics bench uses the rest.
mod source;

use std::path::PathBuf;

use measure::{Figure, median};
use mimalloc::MiMalloc;
use source::Source;

/// As the program has.
#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

/// Payload of each event, in bytes.
const SIZE: usize = 3000;
const ROUNDS: usize = 3;

const GATE: &str = "gate: stanzas, nothing stored";
const GRIDWATCH: &str = "gridwatch: summaries in the store";
const ARCHIVE: &str = "gridwatch: durable and searchable";
const TOKIO_XMPP: &str = "tokio-xmpp 6.0.0: elements";
const SLIXMPP: &str = "slixmpp: elements";
/// Events a second from the wire to durable and searchable that issue 5 asks for.
const AIM: f64 = 15_000.0;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--serve") {
        return source::serve();
    }
    let option = |name: &str| args.iter().find_map(|arg| arg.strip_prefix(name));
    let scale: f64 = option("--scale=").map_or(1.0, |text| text.parse().unwrap());
    let only = option("--only=").unwrap_or_default();
    let rivals = if TOKIO_XMPP.contains(only) { rival::build() } else { PathBuf::new() };
    let held = option("--rows=").map(|rows| held::Held::of(rows.parse().unwrap()));
    // A fresh grid each time: no receiver pays for another's session.
    type Receive<'a> = Box<dyn Fn(&mut Source, u64) -> Figure + 'a>;
    // So many events that a receiver is measured for seconds, not for its start.
    let mut receivers: Vec<(&str, u64, Receive<'_>)> = vec![
        (GATE, 200_000, Box::new(console::frames)),
        (GRIDWATCH, 100_000, Box::new(console::engine)),
        (ARCHIVE, 100_000, Box::new(console::archive)),
        (TOKIO_XMPP, 20_000, Box::new(|source, count| rival::tokio_xmpp(&rivals, source, count))),
        (SLIXMPP, 4_000, Box::new(rival::slixmpp)),
    ];
    if let Some(held) = &held {
        receivers.push((&held.name, 100_000, Box::new(|source, count| console::held(source, count, held))));
    }
    let mut figures: Vec<(&str, Vec<Figure>)> = Vec::new();
    for round in 1..=ROUNDS {
        println!("round {round} of {ROUNDS}");
        for (name, full, receive) in receivers.iter().filter(|(name, ..)| name.contains(only)) {
            let figure = receive(&mut Source::start(), (*full as f64 * scale) as u64);
            println!("  {name:<34} {figure}");
            match figures.iter_mut().find(|(known, _)| known == name) {
                Some((_, all)) => all.push(figure),
                None => figures.push((name, vec![figure])),
            }
        }
    }
    if only.is_empty() {
        report(&figures);
    }
}

fn report(figures: &[(&str, Vec<Figure>)]) {
    let medians: Vec<(&str, Figure)> = figures.iter().map(|(name, all)| (*name, median(all))).collect();
    let of = |of: &str| medians.iter().find(|(name, _)| *name == of).expect("measured").1;
    let ours = of(GRIDWATCH);
    println!("\nmedian of {ROUNDS} rounds, {SIZE} byte payloads");
    for (name, figure) in &medians {
        println!("  {name:<34} {figure}");
    }
    let ratio = |other: Figure| (ours.rate() / other.rate(), other.cpu_micros() / ours.cpu_micros());
    for name in [TOKIO_XMPP, SLIXMPP] {
        let (wall, cpu) = ratio(of(name));
        let name = name.split(':').next().unwrap_or(name);
        println!("  gridwatch takes {wall:.1} times the events of {name}, at 1/{cpu:.1} of its processor time each");
    }
    let rows: Vec<_> = medians.iter().map(|(name, figure)| figure.json(name)).collect();
    let (tokio, slix) = (ratio(of(TOKIO_XMPP)), ratio(of(SLIXMPP)));
    println!("  the archive takes {:.2} of what memory takes", of(ARCHIVE).rate() / ours.rate());
    for (name, figure) in medians.iter().filter(|(name, _)| name.starts_with(ARCHIVE)) {
        println!("  {name}: {:.2} times the {AIM:.0} events a second asked for", figure.rate() / AIM);
    }
    let json = serde_json::json!({
        "payload_bytes": SIZE,
        "rounds": ROUNDS,
        "durable_events_per_second_asked_for": AIM,
        "receivers": rows,
        "gridwatch_over_tokio_xmpp": { "events_per_second": tokio.0, "cpu": tokio.1 },
        "gridwatch_over_slixmpp": { "events_per_second": slix.0, "cpu": slix.1 },
    });
    let folder = measure::target().join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("engine.json");
    std::fs::write(&file, format!("{json:#}\n")).unwrap();
    println!("  written to {}", file.display());
}
