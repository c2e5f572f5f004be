//! A topic that floods keeps the others waiting only for a moment, is named, and loses nothing (`engine.md` §6 row 38,
//! `security.md` §7 row 14).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gridwatch::engine::Options;
use gridwatch::store::{Committed, Error, Incoming, Memory, Row, Seq, Store};

use crate::support::broker::{BROKER, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::handed::hands_on;

/// A disk that takes a while for each row.
struct Slow {
    inside: Arc<Memory>,
    slow: AtomicBool,
}

const ROW: Duration = Duration::from_micros(700);

impl Store for Slow {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        if self.slow.load(Ordering::Relaxed) {
            std::thread::sleep(ROW * u32::try_from(batch.len()).unwrap());
        }
        self.inside.commit(batch)
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        self.inside.row(seq)
    }

    hands_on!(inside);
}

/// Online over a slow store, subscribed to `flood` and `quiet`.
fn slow() -> (Console, Grid, Arc<Slow>) {
    let memory = Arc::new(Memory::default());
    let store = Arc::new(Slow { inside: memory.clone(), slow: AtomicBool::new(true) });
    let mut console = Console::over(store.clone(), memory, Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        for node in ["flood", "quiet"] {
            world.nodes.push(node.to_owned());
            let _ = world.subscriptions.insert(node.to_owned(), "subscribed".to_owned());
        }
        world.page = Some(1_000);
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    console.until("the walk", |console| console.complete.then_some(()));
    (console, grid, store)
}

fn payload(number: usize) -> String {
    format!("<a xmlns='urn:example'>{number}</a>")
}

#[test]
fn a_quiet_topic_is_heard_through_a_flood_that_loses_nothing() {
    const FLOOD: usize = 9_000;
    const EACH: usize = 300;
    let (mut console, grid, store) = slow();
    grid.change(|world| {
        let items = (0..FLOOD).map(|number| (format!("f{number}"), payload(number))).collect();
        let _ = world.items.insert("flood".to_owned(), items);
    });
    for number in 0..FLOOD {
        grid.say(event(BROKER, "flood", &item(&format!("f{number}"), &payload(number))));
        if number % EACH == EACH - 1 {
            grid.say(event(BROKER, "quiet", &item(&format!("q{number}"), &payload(number))));
        }
    }
    let last = format!("q{}", FLOOD - 1);
    let is = |row: &Row, node: &str| row.key.topic == topic(node);
    let place = console
        .until("the last of the quiet topic", |console| console.rows().iter().position(|row| row.key.item.0 == last));
    let before = console.rows()[..place].iter().filter(|row| is(row, "flood")).count();
    // In order it would have stood behind all of them.
    assert!(before < FLOOD - 1_000, "{before} of the flood were stored first");
    let named = console.until_notice("notice-flood");
    assert!(named.args.iter().any(|(_, value)| value == "flood"), "{named:?}");
    store.slow.store(false, Ordering::Relaxed);
    let over = console.until_notice("notice-flood-over");
    let left: usize = over.args.iter().find(|(name, _)| *name == "count").unwrap().1.parse().unwrap();
    assert!(left > 1_000, "{over:?}");
    // What was left on the broker is fetched: all of it, once.
    let rows = console.until_rows(FLOOD + FLOOD / EACH);
    assert_eq!(rows.iter().filter(|row| is(row, "flood")).count(), FLOOD);
    assert_eq!(rows.iter().filter(|row| is(row, "quiet")).count(), FLOOD / EACH);
    assert_eq!(rows.iter().map(|row| &row.key).collect::<std::collections::HashSet<_>>().len(), rows.len());
}

#[test]
fn a_fast_topic_that_nobody_waits_for_is_taken_whole() {
    const ITEMS: usize = 6_000;
    let (mut console, grid, _) = slow();
    for number in 0..ITEMS {
        grid.say(event(BROKER, "flood", &item(&format!("f{number}"), &payload(number))));
    }
    let rows = console.until_rows(ITEMS);
    let order: Vec<_> = rows.iter().map(|row| row.key.item.0.clone()).collect();
    assert!(order.iter().enumerate().all(|(number, id)| *id == format!("f{number}")), "not in order");
    assert!(!console.notices.iter().any(|say| say.key == "notice-flood"), "{:?}", console.notices);
}

/// What comes through a collection is in no list of what I fetch: it is here or nowhere.
#[test]
fn a_flood_through_a_collection_is_never_left_on_the_broker() {
    const FLOOD: usize = 6_000;
    const EACH: usize = 300;
    let (mut console, grid, _) = slow();
    let headers = "<headers xmlns='http://jabber.org/protocol/shim'><header name='Collection'>flood</header></headers>";
    for number in 0..FLOOD {
        let leaf = event(BROKER, "leaf", &item(&format!("f{number}"), &payload(number)));
        grid.say(leaf.replace("</message>", &format!("{headers}</message>")));
        if number % EACH == EACH - 1 {
            grid.say(event(BROKER, "quiet", &item(&format!("q{number}"), &payload(number))));
        }
    }
    let rows = console.until_rows(FLOOD + FLOOD / EACH);
    assert_eq!(rows.iter().filter(|row| row.key.topic == topic("leaf")).count(), FLOOD);
}
