//! What arrives by the thousand: the window's thread counts it and gives it its places, and reads none of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::engine::Event;
use gridwatch::model::{ItemId, Kind, Summary};
use gridwatch::screen::feed::Message as Feed;
use gridwatch::settings::Settings;
use gridwatch::store::{Committed, Error, Incoming, ItemKey, Memory, Route, Row, Seq, Store};

use crate::support::handed::hands_on;
use crate::support::window::{Window, connected, id, now};

const MANY: u32 = 10_000;

/// Counts who reads rows.
struct Counting {
    store: Memory,
    window: ThreadId,
    here: AtomicUsize,
    elsewhere: AtomicUsize,
}

impl Store for Counting {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        self.store.commit(batch)
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        let counts = if thread::current().id() == self.window { &self.here } else { &self.elsewhere };
        let _ = counts.fetch_add(1, Ordering::Relaxed);
        self.store.row(seq)
    }

    hands_on!(store);
}

/// Incidents, one a minute, the last of them just now; every fourth was fetched.
fn incoming(number: u32, of: u32) -> Incoming {
    let received = now() - TimeDelta::minutes(i64::from(of - number));
    Incoming {
        key: ItemKey { topic: id("MILEHost"), item: ItemId(format!("item-{number}")) },
        payload: None,
        summary: Summary { title: format!("Report number {number}"), ..Summary::of_kind(Kind::Iodef2) },
        observables: Vec::new(),
        route: if number.is_multiple_of(4) { Route::Fetched } else { Route::Live },
        publisher: None,
        received,
        delayed: None,
        history: number.is_multiple_of(4),
    }
}

#[test]
fn ten_thousand_that_arrive_at_once_are_counted_and_placed_and_none_is_read_by_the_window() {
    let store = Arc::new(Counting {
        store: Memory::default(),
        window: thread::current().id(),
        here: AtomicUsize::new(0),
        elsewhere: AtomicUsize::new(0),
    });
    let mut window = Window::over(store.clone(), Settings::default(), false, |env| env);
    window.tell(vec![Event::Connection(connected())]);
    let done = store.commit((0..MANY).map(|number| incoming(number, MANY)).collect()).unwrap();
    assert_eq!(done.live, MANY / 4 * 3);
    let before = store.here.load(Ordering::Relaxed);
    window.run(Message::Engine(1, Update::Events(vec![Event::Stored(done)])));
    assert_eq!(store.here.load(Ordering::Relaxed) - before, 0, "read on the window's thread");
    assert!(store.elsewhere.load(Ordering::Relaxed) >= MANY as usize, "nobody looked at them");
    assert!(window.shows("Report number 9999") && window.shows("7,500 in the last minute"), "{:?}", window.texts());
    window.run(Message::Feed(Feed::End(false)));
    assert!(window.shows("Report number 0") && !window.shows("Report number 9999"), "{:?}", window.texts());
}
