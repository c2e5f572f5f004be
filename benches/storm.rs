//! A thousand consoles lose their controller in the same moment: how many come back in one second.
//!
//! `cargo bench --no-default-features --bench storm` runs a thousand real engines on loopback against a listener that holds
//! all of them, drops them at once, hangs up on whoever returns for [`DOWN`], and then holds them again. The anchor is what
//! the same consoles do without jitter: all in the second after the loss. Prints the connects of each second and writes
//! `target/bench/storm.json`. After `--`: `--consoles=N`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark talks and may stop"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gridwatch::engine::{self, Command, Login, Policy, Trust};
use gridwatch::model::Tls;
use gridwatch::secrets::Secret;
use gridwatch::store::Memory;
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::Patience;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

const CONSOLES: usize = 1_000;
/// How long the controller stays away.
const DOWN: Duration = Duration::from_secs(45);
/// All have to be back this long after it.
const BACK: Duration = Duration::from_secs(70);

fn main() {
    let option = std::env::args().find_map(|arg| arg.strip_prefix("--consoles=").map(str::to_owned));
    let consoles = option.map_or(CONSOLES, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(storm(consoles));
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// A controller that takes links and never answers; a login waits for it as long as it is told to.
struct Controller {
    up: Arc<AtomicBool>,
    held: Arc<AtomicUsize>,
    drop_all: watch::Sender<u32>,
    came: mpsc::UnboundedReceiver<Instant>,
}

impl Controller {
    fn start(listener: TcpListener) -> Self {
        let (tell, came) = mpsc::unbounded_channel();
        let (drop_all, dropped) = watch::channel(0);
        let (up, held) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let (is_up, holds) = (up.clone(), held.clone());
        let _serving = tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                let _ = tell.send(Instant::now());
                if is_up.load(Ordering::SeqCst) {
                    let _held = tokio::spawn(hold(link, dropped.clone(), holds.clone()));
                }
            }
        });
        Self { up, held, drop_all, came }
    }
}

async fn hold(link: TcpStream, mut dropped: watch::Receiver<u32>, held: Arc<AtomicUsize>) {
    let _ = held.fetch_add(1, Ordering::SeqCst);
    dropped.mark_unchanged();
    let _ = dropped.changed().await;
    let _ = held.fetch_sub(1, Ordering::SeqCst);
    drop(link);
}

async fn storm(consoles: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut controller = Controller::start(listener);
    let handles: Vec<_> = (0..consoles).map(|n| console(n, port)).collect();
    until("all are there", BACK, || controller.held.load(Ordering::SeqCst) == consoles).await;
    while controller.came.try_recv().is_ok() {}

    let lost = Instant::now();
    controller.up.store(false, Ordering::SeqCst);
    controller.drop_all.send_modify(|turn| *turn += 1);
    tokio::time::sleep(DOWN).await;
    controller.up.store(true, Ordering::SeqCst);
    let returned = Instant::now();
    until("all are back", BACK, || controller.held.load(Ordering::SeqCst) == consoles).await;
    let back = returned.elapsed();
    let mut times = Vec::new();
    while let Ok(came) = controller.came.try_recv() {
        times.push(came.saturating_duration_since(lost));
    }
    drop(handles);
    report(consoles, &times, back);
}

/// A real engine, with more patience than the bench takes, so that none leaves by itself.
fn console(number: usize, port: u16) -> engine::Handle {
    let long = Duration::from_secs(600);
    let options = engine::Options { patience: Patience { whole: long * 3, step: long }, ..engine::Options::default() };
    let (handle, mut events) = engine::spawn(Arc::new(Memory::default()), options);
    let _reading = tokio::spawn(async move { while events.next().await.is_some() {} });
    let login = Login {
        jid: format!("c{number}@grid.example").parse().unwrap(),
        resource: "storm".to_owned(),
        credentials: Secret::new("none".to_owned()).into(),
        dial: Arc::new(Tcp { host: "127.0.0.1".to_owned(), port }),
        tls: Tls::StartTls,
        trust: Trust::Platform,
        policy: Policy::default(),
        broker: None,
    };
    handle.send(Command::Connect(Box::new(login))).unwrap();
    handle
}

async fn until(what: &str, patience: Duration, holds: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn report(consoles: usize, times: &[Duration], back: Duration) {
    let last = times.iter().max().map_or(0, Duration::as_secs);
    let mut seconds = vec![0_u32; usize::try_from(last).unwrap() + 1];
    times.iter().for_each(|time| seconds[usize::try_from(time.as_secs()).unwrap()] += 1);
    let busiest = (0..times.len()).map(|at| {
        let from = times[at];
        times[at..].iter().take_while(|time| **time < from + Duration::from_secs(1)).count()
    });
    let busiest = busiest.max().unwrap_or_default();
    println!("connects in each second after {consoles} consoles lost their controller, away for {} s:", DOWN.as_secs());
    println!("  {seconds:?}");
    let share = busiest as f64 / consoles as f64;
    println!("busiest second   {busiest:>6} connects, {share:.2} x anchor (all at once, {consoles})");
    println!("all were back    {:>6.1} s after the controller", back.as_secs_f64());
    let json = serde_json::json!({
        "consoles": consoles,
        "down_seconds": DOWN.as_secs(),
        "connects_per_second": seconds,
        "connects": times.len(),
        "busiest_second": busiest,
        "anchor_without_jitter": consoles,
        "busiest_over_anchor": share,
        "all_back_after_seconds": back.as_secs_f64(),
    });
    // target/release/deps/storm-…
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("storm.json");
    std::fs::write(&file, format!("{json:#}\n")).unwrap();
    println!("  written to {}", file.display());
}
