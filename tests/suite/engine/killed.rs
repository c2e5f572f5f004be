//! A console that is killed while it receives: the true engine over the true archive in a process of its own, a broker that
//! floods it, and `SIGKILL` at a random moment, again and again on the same archive. What the console acknowledged is there
//! once, and the ledger calls no time complete of which something is missing, and none doubtful that it had kept as complete.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use gridwatch::engine::{self, Command, Connection, Event, Login, Options, Policy, Trust};
use gridwatch::model::coverage::{Coverage, Gap, Standing};
use gridwatch::model::{BareJid, Tls};
use gridwatch::secrets::Secret;
use gridwatch::store::{Archive, Seq, Store};
use gridwatch::xmpp::dial::Tcp;

use super::report;
use crate::archive_kill::open;
use crate::support::broker::{BROKER, World, event, item, topic};
use crate::support::child;
use crate::support::controller::{DOMAIN, PASSWORD, USER};
use crate::support::harbour::Harbour;
use crate::support::wait::PATIENCE;

/// With those of `archive_kill`, two hundred.
const KILLS: u32 = 40;
/// Items that the broker keeps.
const KEEPS: usize = 200;
/// Items of one session, about.
const MOST: usize = 1_500;
/// Items on their way to the console.
const UNDER_WAY: usize = 300;
const CHILD: &str = "engine::killed::child_that_receives_until_it_is_killed";

fn account() -> BareJid {
    format!("{USER}@{DOMAIN}").parse().unwrap()
}

fn covered(archive: &Archive) -> Option<Coverage> {
    archive.coverage(&account()).unwrap().into_iter().map(|record| record.coverage).next()
}

/// From when on it is kept that all is here and comes.
fn standing(archive: &Archive) -> Option<DateTime<Utc>> {
    match covered(archive)?.standing {
        Standing::Live { since } => Some(since),
        _ => None,
    }
}

#[test]
fn child_that_receives_until_it_is_killed() {
    let Some(argument) = child::argument() else { return };
    let [folder, port, authority] = argument.split(' ').collect::<Vec<_>>()[..] else { panic!("{argument}") };
    let archive = Arc::new(open(Path::new(folder)));
    let mut last = standing(&archive);
    let login = Login {
        jid: account(),
        resource: "desk".to_owned(),
        credentials: Secret::new(PASSWORD.to_owned()).into(),
        dial: Arc::new(Tcp { host: "127.0.0.1".to_owned(), port: port.parse().unwrap() }),
        tls: Tls::StartTls,
        trust: Trust::Ca(std::fs::read(authority).unwrap().into()),
        policy: Policy::default(),
        broker: Some(BROKER.parse().unwrap()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let entered = runtime.enter();
    let options = Options { beat: Duration::from_millis(20), ..Options::default() };
    let (handle, mut events) = engine::spawn(archive.clone(), options);
    drop(entered);
    handle.send(Command::Connect(Box::new(login))).unwrap();
    // What it has kept by now is read as another program would read it.
    let _telling = std::thread::spawn(move || {
        let mut out = std::io::stdout();
        writeln!(out).unwrap();
        loop {
            if let Some(since) = standing(&archive)
                && last.replace(since) != Some(since)
            {
                writeln!(out, "kept {}", since.timestamp_micros()).unwrap();
                out.flush().unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    while let Some(batch) = runtime.block_on(events.next()) {
        for event in batch {
            if let Event::Connection(Connection::Stopped { cause } | Connection::Waiting { cause, .. }) = event {
                panic!("{cause}");
            }
        }
    }
}

/// A console, and what it told.
struct Console {
    guard: child::Guard,
    lines: Receiver<String>,
    /// From when on it had kept that it stood, each time that moved.
    kept: Vec<DateTime<Utc>>,
}

impl Console {
    fn start(argument: &str) -> Self {
        let mut command = child::command(CHILD, argument);
        let _ = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        let out = BufReader::new(guard.child.stdout.take().unwrap());
        let (tell, lines) = std::sync::mpsc::channel();
        let _reading = std::thread::spawn(move || {
            out.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line)));
        });
        Self { guard, lines, kept: Vec::new() }
    }

    fn heard(&mut self, line: &str) {
        let micros = line.strip_prefix("kept ").and_then(|micros| micros.parse().ok());
        self.kept.extend(micros.and_then(DateTime::from_timestamp_micros));
    }

    fn listen(&mut self) {
        loop {
            match self.lines.try_recv() {
                Ok(line) => self.heard(&line),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => panic!("it ended by itself"),
            }
        }
    }

    fn kill(mut self) -> Vec<DateTime<Utc>> {
        self.guard.child.kill().unwrap();
        let _ = self.guard.child.wait().unwrap();
        while let Ok(line) = self.lines.recv() {
            self.heard(&line);
        }
        self.kept
    }
}

/// When a console is to be killed.
#[derive(Clone, Copy, Debug)]
enum When {
    /// While it opens the archive, logs in, or looks at what there is.
    Beginning,
    /// So long after it first kept that it stands,
    Standing,
    /// and after it kept that it still does.
    Beaten,
}

impl When {
    fn of(kill: u32) -> Self {
        match kill {
            // After a break it takes ten seconds until that is settled: one such is enough.
            0 | 20 => Self::Beaten,
            kill if kill % 8 == 3 => Self::Beginning,
            _ => Self::Standing,
        }
    }

    /// How often it is to have kept that it stands before.
    fn kept(self) -> usize {
        match self {
            Self::Beginning => 0,
            Self::Standing => 1,
            Self::Beaten => 2,
        }
    }
}

/// The world beside the console, and all that it ever held.
struct Flood {
    harbour: Harbour,
    published: Vec<(String, DateTime<Utc>)>,
}

impl Flood {
    fn publish(&mut self) {
        let id = format!("item-{}", self.published.len());
        let (at, payload) = (Utc::now(), report(&id));
        {
            let mut world = self.harbour.world.lock().unwrap();
            let items = world.items.entry("feed".to_owned()).or_default();
            items.push((id.clone(), payload.clone()));
            let dropped = items.len().saturating_sub(KEEPS);
            drop(items.drain(..dropped));
        }
        self.harbour.say(event(BROKER, "feed", &item(&id, &payload)));
        self.published.push((id, at));
    }

    /// Publishes until it is time, as fast as the console takes it: from when it has kept that it stands, for what a topic
    /// stores cannot be read to its end while all of it is replaced again and again; or from the start, where it will not come
    /// so far. Gives how often it kept what it knew.
    fn until(&mut self, mut console: Console, when: When, after: Duration) -> Vec<DateTime<Utc>> {
        let (begun, said) = (Instant::now(), self.published.len());
        let mut since = None;
        for turn in 0_u32.. {
            console.listen();
            if console.kept.len() >= when.kept() {
                let since: Instant = *since.get_or_insert_with(Instant::now);
                if since.elapsed() >= after {
                    return console.kill();
                }
            }
            assert!(begun.elapsed() < PATIENCE, "{when:?}: it kept {:?}", console.kept);
            let (sent, unacked) = {
                let state = self.harbour.sm.state();
                (state.sent as usize, state.unacked.len())
            };
            if console.kept.len() >= when.kept().min(1)
                && unacked < UNDER_WAY
                && self.published.len() - said < sent + 100
            {
                // And a trickle from then on: who hears nothing asks nothing.
                let many = if self.published.len() - said < MOST { 10 } else { u32::from(turn % 20 == 0) };
                (0..many).for_each(|_| self.publish());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        unreachable!()
    }
}

/// What was found in the archive so far.
#[derive(Default)]
struct Found {
    rows: HashMap<String, Seq>,
    gaps: Vec<Gap>,
    /// From then on everything was in doubt when the last one was killed.
    doubted: Option<DateTime<Utc>>,
    acknowledged: usize,
}

impl Found {
    fn look(&mut self, path: &Path, flood: &Flood, kept: Option<DateTime<Utc>>) {
        let archive = open(path);
        for seq in self.rows.len() as u32..archive.len() {
            let row = archive.row(seq).unwrap();
            let id = row.key.item.0.clone();
            assert_eq!((&row.key.topic, row.version), (&topic("feed"), 1), "{id}");
            assert_eq!(&*archive.payload(seq).unwrap().unwrap().bytes, report(&id).as_bytes());
            assert_eq!(archive.find(&row.key).unwrap(), Some(seq));
            assert_eq!(self.rows.insert(id, seq), None, "{:?} is there twice", row.key.item);
        }
        let acknowledged: VecDeque<String> = std::mem::take(&mut flood.harbour.sm.state().acknowledged).into();
        let ids = acknowledged.iter().filter_map(|stanza| stanza.split("<item id='").nth(1)?.split('\'').next());
        for id in ids {
            assert!(self.rows.contains_key(id), "{id} was acknowledged and is not there");
            self.acknowledged += 1;
        }
        let Some(coverage) = covered(&archive) else {
            assert_eq!((kept, self.doubted), (None, None), "the ledger is gone");
            return;
        };
        self.judge(coverage, flood, kept);
        archive.close().unwrap();
    }

    fn judge(&mut self, coverage: Coverage, flood: &Flood, kept: Option<DateTime<Utc>>) {
        let since = match coverage.standing {
            Standing::Live { since } | Standing::Proving { since } | Standing::Away { since } => since,
            other => panic!("{other:?}"),
        };
        assert!(kept.is_none_or(|kept| kept <= since), "kept until {kept:?}, and {since} is all it knows");
        let first = coverage.stretches.first().map_or(since, |stretch| stretch.span.from);
        // As the next run of the program begins.
        let coverage = Coverage { standing: Standing::Away { since }, ..coverage };
        for (id, at) in flood.published.iter().filter(|(id, _)| !self.rows.contains_key(id)) {
            let complete = coverage.stretches.iter().find(|stretch| stretch.span.contains(*at));
            assert_eq!(complete, None, "{id} of {at} is missing");
            assert!(*at < first || coverage.doubts(*at), "{id} of {at} is missing and nothing says so: {coverage:?}");
        }
        // What is doubted now and was not then began then.
        if let Some(doubted) = self.doubted {
            for gap in coverage.gaps.iter().filter(|gap| gap.span.from < doubted) {
                let known =
                    self.gaps.iter().any(|old| old.span.from == gap.span.from && old.span.until <= gap.span.until);
                assert!(known, "{gap:?}, but all was kept as complete until {doubted}");
            }
        }
        (self.gaps, self.doubted) = (coverage.gaps.to_vec(), Some(since));
    }
}

#[test]
fn what_was_acknowledged_is_there_once_and_the_ledger_is_right_whenever_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, authority) = (folder.path().join("archive"), folder.path().join("authority"));
    let subscriptions = [("feed".to_owned(), "subscribed".to_owned())].into();
    let world = World { nodes: vec!["feed".to_owned()], page: Some(60), subscriptions, ..World::default() };
    let mut flood = Flood { harbour: Harbour::open(world), published: Vec::new() };
    std::fs::write(&authority, &flood.harbour.authority).unwrap();
    let argument = format!("{} {} {}", path.display(), flood.harbour.port, authority.display());
    let (mut found, mut random, mut beaten) = (Found::default(), 0x0dd0_5eed_1234_5678_u64, 0);
    for kill in 0..KILLS {
        // So much came meanwhile that the broker has nothing left of what was before.
        if kill % 4 == 1 {
            (0..KEEPS + 20).for_each(|_| flood.publish());
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_micros((random >> 33) % 150_000);
        let kept = flood.until(Console::start(&argument), When::of(kill), after);
        beaten += kept.len().saturating_sub(1);
        flood.harbour.until_gone();
        found.look(&path, &flood, kept.last().copied());
    }
    // It is known by now what the last kills left open.
    let _ = flood.until(Console::start(&argument), When::Standing, Duration::ZERO);
    flood.harbour.until_gone();
    found.look(&path, &flood, None);
    let missing = flood.published.len() - found.rows.len();
    println!(
        "{} published, {missing} missing, {} acknowledged, {} gaps, {beaten} beats",
        flood.published.len(),
        found.acknowledged,
        found.gaps.len()
    );
    assert!(found.acknowledged > 1_000 && missing > 100 && !found.gaps.is_empty() && beaten >= 2);
    let archive = open(&path);
    archive.verify().unwrap();
}
