//! What changes something outside is written down before it is done: it waits for its entry, is refused where that cannot be
//! written, and what could not be written of what came is not lost. What is received has nothing to do with it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use gridwatch::engine::{Command, Connection, Options, Receipt};
use gridwatch::model::Affiliation;
use gridwatch::store::activity::{Act, By, Check, Entry, Head, How, Kind, Number, Take, Verdict};
use gridwatch::store::{Activity, Committed, Error, Incoming, Memory, Progress, Row, Seq, Store};

use super::{asks, settle};
use crate::support::broker::{BROKER, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::controller::{Fault, PASSWORD};
use crate::support::handed::hands_on;

/// What the log of acts does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    /// It takes its time.
    Shut,
    /// The disk is full.
    Full,
    /// Somebody was at it.
    Broken,
}

/// A store whose log is as the test wants it; whatever else it holds is taken at once.
struct Logbook {
    inside: Arc<Memory>,
    door: Mutex<Door>,
    moved: Condvar,
    appended: AtomicUsize,
}

impl Logbook {
    fn set(&self, door: Door) {
        *self.door.lock().unwrap() = door;
        self.moved.notify_all();
    }
}

impl Activity for Logbook {
    fn append(&self, acts: &[Act]) -> Result<Head, Error> {
        let door = *self.moved.wait_while(self.door.lock().unwrap(), |door| *door == Door::Shut).unwrap();
        match door {
            Door::Full => Err(Error::NoRoom),
            Door::Broken => Err(Error::Damaged { cause: "the log of acts has no head".to_owned() }),
            Door::Open | Door::Shut => {
                let _ = self.appended.fetch_add(1, Ordering::Relaxed);
                self.inside.append(acts)
            }
        }
    }

    fn head(&self) -> Result<Head, Error> {
        self.inside.head()
    }

    fn entries(&self, from: Number, most: usize) -> Result<Vec<Entry>, Error> {
        self.inside.entries(from, most)
    }

    fn pass(&self, check: Check, take: Take<'_>, progress: &Progress) -> Result<Verdict, Error> {
        self.inside.pass(check, take, progress)
    }
}

impl Store for Logbook {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        self.inside.commit(batch)
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        self.inside.row(seq)
    }

    fn activity(&self) -> Option<&dyn Activity> {
        Some(self)
    }

    hands_on!(inside);
}

/// The test's hand on the log; let go of before the console is, which waits for its threads.
struct Hand(Arc<Logbook>);

impl std::ops::Deref for Hand {
    type Target = Logbook;

    fn deref(&self) -> &Logbook {
        &self.0
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.set(Door::Open);
    }
}

/// Online as the owner of `desk`, over a log that is as the test wants it.
fn online(door: Door) -> (Console, Grid, Hand) {
    let memory = Arc::new(Memory::default());
    let (door, moved, appended) = (Mutex::new(door), Condvar::new(), AtomicUsize::new(0));
    let log = Arc::new(Logbook { inside: memory.clone(), door, moved, appended });
    let mut console = Console::over(log.clone(), memory, Options::default());
    let grid = Grid::start(&console, &[Fault::None, Fault::None], PASSWORD, true);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "desk".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.affiliations.insert("desk".to_owned(), "owner".to_owned());
        let pair = |jid: &str, word: &str| (jid.to_owned(), word.to_owned());
        let members = vec![pair("analyst@grid.example", "owner"), pair("a@x.example", "member")];
        let _ = world.members.insert("desk".to_owned(), members);
        let yes = "<iq type='result' id='{id}' from='{to}'/>".to_owned();
        world.instead = Some(("<purge".to_owned(), yes));
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    console.until("the walk", |console| (console.walk == (2, 2)).then_some(()));
    (console, grid, Hand(log))
}

fn purge(request: gridwatch::engine::RequestId) -> Command {
    Command::Purge { request, topic: topic("desk") }
}

fn acts(console: &Console) -> Vec<Act> {
    let entries = console.store.entries(1, 10_000).unwrap();
    entries.into_iter().map(|entry| entry.act.expect("an entry is readable")).collect()
}

#[test]
fn nothing_leaves_before_its_entry_stands_and_all_else_goes_on() {
    let (mut console, grid, log) = online(Door::Open);
    log.set(Door::Shut);
    let request = console.begin(purge);
    // Others pass by, and incidents are received: as many as wait for nothing.
    let members = console.ask(|request| Command::Members { request, topic: topic("desk") });
    assert!(matches!(members, Ok(Receipt::Members(_))), "{members:?}");
    for number in 0..300 {
        grid.say(event(BROKER, "feed", &item(&format!("more {number}"), "<a xmlns='urn:example'/>")));
    }
    settle(&mut console, &grid, "while it waits");
    assert!(console.store.len() >= 301);
    assert_eq!(grid.heard("<purge"), 0, "it was done before it was written down");
    assert!(!console.is_answered(request));
    log.set(Door::Open);
    assert!(matches!(console.answer(request), Ok(Receipt::Purged)));
    assert_eq!(grid.heard("<purge"), 1);
}

#[test]
fn what_cannot_be_written_down_is_not_done_and_receiving_goes_on() {
    for (door, cause) in [(Door::Full, "room"), (Door::Broken, "no head")] {
        let (mut console, grid, log) = online(Door::Open);
        log.set(door);
        for _ in 0..3 {
            let refused = console.ask(purge).unwrap_err().say();
            assert_eq!(refused.key, "error-unlogged");
            assert!(refused.args.iter().any(|(_, value)| value.contains(cause)), "{refused:?}");
        }
        settle(&mut console, &grid, "received all the same");
        assert!(matches!(console.connection, Connection::Online(_)), "{:?}", console.connection);
        assert_eq!(grid.heard("<purge"), 0);
        // Once it can be written again, what was wanted meanwhile stands there, marked as late.
        log.set(Door::Open);
        assert!(matches!(console.ask(purge), Ok(Receipt::Purged)));
        let late = console.until("the late entries", |console| {
            let all = acts(console);
            let mark = all.iter().position(|act| act.kind == Kind::Late)?;
            (all.iter().filter(|act| act.kind == Kind::Purge && act.how == How::Done).count() == 1)
                .then(|| all[mark..].to_vec())
        });
        let hows: Vec<How> = late.iter().map(|act| act.how).collect();
        assert_eq!(hows, [How::Done, How::Refused, How::Refused, How::Refused, How::Begun, How::Done], "{late:?}");
        assert_eq!((late[0].by, late[0].after.as_str()), (By::Rule, "late=3"));
        assert!(late[1].words.contains("not logged") && late[1].stanzas.is_empty(), "{:?}", late[1]);
        assert!(console.store.audit(&[], &Progress::default()).unwrap().is_ok());
    }
}

/// The log is broken when the session begins: that takes nobody off the grid.
#[test]
fn a_broken_log_takes_nobody_off_the_grid() {
    let (mut console, grid, _log) = online(Door::Broken);
    let _ = console.until_notice("error-store-damaged");
    settle(&mut console, &grid, "received");
    let changes = vec![("a@x.example".parse().unwrap(), Affiliation::Outcast)];
    let refused = console.ask(|request| Command::Affiliate { request, topic: topic("desk"), changes });
    assert_eq!(refused.unwrap_err().say().key, "error-unlogged");
    assert!(matches!(console.connection, Connection::Online(_)), "{:?}", console.connection);
    assert_eq!(grid.heard("affiliation='outcast'"), 0);
}

/// It was done, the disk is full, and the session ends: what came of it stands there once there is room.
#[test]
fn what_came_of_an_act_is_written_once_there_is_room() {
    let (mut console, grid, log) = online(Door::Open);
    grid.change(|world| world.silent = true);
    let request = console.begin(purge);
    console.until("the stanza", |_| (grid.heard("<purge") == 1).then_some(()));
    log.set(Door::Full);
    console.send(Command::Disconnect);
    assert!(console.answer(request).is_err());
    grid.change(|world| world.silent = false);
    // Not written at all until now.
    let written = acts(&console);
    assert_eq!(written.last().map(|act| (act.kind, act.how)), Some((Kind::Purge, How::Begun)));
    log.set(Door::Open);
    console.connect(grid.login.clone());
    let _ = console.until_online();
    let all = console.until("the next session's entry", |console| {
        let all = acts(console);
        (all.iter().filter(|act| act.kind == Kind::Connect).count() == 2).then_some(all)
    });
    let tail: Vec<_> = all[written.len()..].iter().take(3).map(|act| (act.kind, act.how)).collect();
    assert_eq!(tail, [(Kind::Late, How::Done), (Kind::Purge, How::Unknown), (Kind::Connect, How::Done)], "{all:?}");
    assert_eq!(all[written.len() + 1].id, written.last().unwrap().id);
    assert!(!all[written.len() + 1].stanzas.is_empty());
}

/// A thousand requests decided at once: none is busy, each is proven, by lists that are read for many.
#[test]
fn a_thousand_decisions_at_once_are_each_proven() {
    const MANY: usize = 1_000;
    let (mut console, grid, log) = online(Door::Open);
    let who = |number: usize| format!("soc{number}@org{number}.example");
    for number in 0..MANY {
        grid.say(asks(BROKER, "desk", &who(number)));
    }
    console.until("all requests", |console| (console.pending.len() == MANY).then_some(()));
    let lists = grid.heard("<subscriptions node='desk'");
    let started = std::time::Instant::now();
    let requests: Vec<_> = (0..MANY)
        .map(|number| {
            let (subscriber, topic) = (who(number).parse().unwrap(), topic("desk"));
            // What waits before the engine is the window's matter: it hands over as fast as it is taken.
            let decide = |request| Command::Decide { request, topic, subscriber, allow: true, words: None };
            console.begin_when_free(decide)
        })
        .collect();
    for request in requests {
        let done = console.answer(request);
        assert!(matches!(done, Ok(Receipt::Approved)), "{done:?}");
    }
    let (lists, appends) = (grid.heard("<subscriptions node='desk'") - lists, log.appended.load(Ordering::Relaxed));
    println!("{MANY} decisions in {:?}: {lists} lists, {appends} appends", started.elapsed());
    assert!(lists < MANY / 5, "{lists} lists for {MANY} decisions");
    let done = console.until("all entries", |console| {
        let all = acts(console);
        let done: Vec<Act> = all.into_iter().filter(|act| act.kind == Kind::Approve && act.how == How::Done).collect();
        (done.len() == MANY).then_some(done)
    });
    assert!(done.iter().all(|act| act.stanzas.len() == 1 && act.after == "subscribed"));
}
