//! Fairness among topics when the store cannot keep up: one that floods is set aside, so that the others stay live.
//!
//! All topics of a broker come over one stream, in order. While the store has no room nothing more is read, and what a
//! quiet topic says waits behind the flood. So a topic that alone keeps the store busy, while others speak too, is set
//! aside: its items are taken only when there is room to spare, else left on the broker and counted, and the topic is
//! fetched afterwards. A fast topic that nobody waits for is never set aside: then waiting costs nobody anything, and the
//! store takes all of it. Pure; may use `model`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::TopicId;

/// How long the topics are watched before it is judged who takes how much.
pub(super) const WINDOW: Duration = Duration::from_secs(1);
/// Windows in a row with the store busy for at least half of each.
const WINDOWS: u32 = 2;
/// A flood: at least so many items in a window, and at least so much of all that came.
const ITEMS: u64 = 500;
const SHARE: f64 = 0.75;
/// Windows in a row below [`ITEMS`] after which a flood is over.
const CALM: u32 = 3;
/// While a topic stays aside it is fetched this often all the same, in windows.
const FETCH: u32 = 60;
/// Topics counted in a window, and set aside, at the same time. What is beyond is not judged, only counted together.
const TOPICS: usize = 256;

/// What is to be done about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// It floods: it is aside from now on.
    Aside(Arc<TopicId>),
    /// It is still aside; what it has stored is to be fetched meanwhile.
    Fetch(Arc<TopicId>),
    /// The flood is over; `left` items were left on the broker and are to be fetched.
    Back { topic: Arc<TopicId>, left: u64 },
}

#[derive(Debug)]
struct Taker {
    topic: Arc<TopicId>,
    items: u64,
}

#[derive(Debug)]
struct Aside {
    topic: Arc<TopicId>,
    /// Items in this window, whether taken or left.
    items: u64,
    left: u64,
    calm: u32,
    windows: u32,
}

/// Who takes how much.
#[derive(Debug)]
pub(super) struct Fair {
    began: Instant,
    /// How long in this window nothing was read because the store had no room; and since when, if so now.
    busy: Duration,
    stopped: Option<Instant>,
    /// Busy windows in a row.
    windows: u32,
    takers: Vec<Taker>,
    /// Items of topics beyond [`TOPICS`].
    others: u64,
    aside: Vec<Aside>,
}

impl Fair {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            busy: Duration::ZERO,
            stopped: None,
            windows: 0,
            takers: Vec::new(),
            others: 0,
            aside: Vec::new(),
        }
    }

    /// Whether there is room to read more; told whenever something may have changed it.
    pub(super) fn room(&mut self, room: bool, now: impl FnOnce() -> Instant) {
        match (room, self.stopped) {
            (false, None) => self.stopped = Some(now()),
            (true, Some(since)) => {
                self.busy += now().saturating_duration_since(since);
                self.stopped = None;
            }
            _ => {}
        }
    }

    /// Items of a topic came. False when it is aside and they are to be left, unless there is room to `spare`.
    pub(super) fn may_take(&mut self, topic: &Arc<TopicId>, items: usize, spare: bool) -> bool {
        let items = items as u64;
        if let Some(aside) = self.aside.iter_mut().find(|aside| *aside.topic == **topic) {
            aside.items += items;
            aside.left += if spare { 0 } else { items };
            return spare;
        }
        let full = self.takers.len() >= TOPICS;
        match self.takers.iter_mut().find(|taker| Arc::ptr_eq(&taker.topic, topic)) {
            Some(taker) => taker.items += items,
            None if full => self.others += items,
            None => self.takers.push(Taker { topic: Arc::clone(topic), items }),
        }
        true
    }

    /// Whether the windows must be judged by the clock, though nothing may come any more.
    pub(super) fn is_watching(&self) -> bool {
        !self.aside.is_empty()
    }

    /// Judges the window if it is over.
    pub(super) fn judge(&mut self, now: Instant) -> Vec<Act> {
        let length = now.saturating_duration_since(self.began);
        if length < WINDOW {
            return Vec::new();
        }
        if let Some(since) = self.stopped {
            self.busy += now.saturating_duration_since(since.max(self.began));
            self.stopped = Some(now);
        }
        let busy = self.busy * 2 >= length;
        let mut acts = self.returning();
        self.windows = if busy { self.windows.saturating_add(1) } else { 0 };
        if self.windows >= WINDOWS && self.aside.len() < TOPICS {
            acts.extend(self.flooding().map(|topic| {
                self.aside.push(Aside { topic: Arc::clone(&topic), items: 0, left: 0, calm: 0, windows: 0 });
                Act::Aside(topic)
            }));
        }
        self.began = now;
        self.busy = Duration::ZERO;
        self.takers.clear();
        self.others = 0;
        acts
    }

    /// The topic that takes nearly everything while others speak too.
    fn flooding(&self) -> Option<Arc<TopicId>> {
        let most = self.takers.iter().max_by_key(|taker| taker.items)?;
        let all = self.others + self.takers.iter().map(|taker| taker.items).sum::<u64>();
        let floods = most.items >= ITEMS && most.items as f64 >= SHARE * all as f64;
        (floods && most.items < all).then(|| Arc::clone(&most.topic))
    }

    fn returning(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        for aside in &mut self.aside {
            aside.calm = if aside.items < ITEMS { aside.calm + 1 } else { 0 };
            aside.windows += 1;
            aside.items = 0;
            if aside.calm >= CALM {
                acts.push(Act::Back { topic: Arc::clone(&aside.topic), left: aside.left });
            } else if aside.windows.is_multiple_of(FETCH) {
                acts.push(Act::Fetch(Arc::clone(&aside.topic)));
            }
        }
        self.aside.retain(|aside| aside.calm < CALM);
        acts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(node: &str) -> Arc<TopicId> {
        Arc::new(TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() })
    }

    /// One window in which these came, and the store was busy or not.
    fn window(fair: &mut Fair, now: &mut Instant, came: &[(&Arc<TopicId>, usize)], busy: bool) -> Vec<Act> {
        fair.room(!busy, || *now);
        for (topic, items) in came {
            let _ = fair.may_take(topic, *items, false);
        }
        *now += WINDOW;
        let acts = fair.judge(*now);
        fair.room(true, || *now);
        acts
    }

    #[test]
    fn a_flood_is_set_aside_only_while_the_store_is_busy_and_others_wait() {
        let (flood, quiet) = (topic("flood"), topic("quiet"));
        for (came, busy) in [
            (vec![(&flood, 100_000)], true),
            (vec![(&flood, 100_000), (&quiet, 1)], false),
            (vec![(&flood, 400), (&quiet, 1)], true),
            (vec![(&flood, 60_000), (&quiet, 40_000)], true),
            (vec![], true),
        ] {
            let mut now = Instant::now();
            let mut fair = Fair::new(now);
            for _ in 0..10 {
                assert_eq!(window(&mut fair, &mut now, &came, busy), [], "{came:?}");
            }
            assert!(!fair.is_watching() && fair.may_take(&flood, 1, false));
        }
        let mut now = Instant::now();
        let mut fair = Fair::new(now);
        let came = [(&flood, 100_000), (&quiet, 1)];
        assert_eq!(window(&mut fair, &mut now, &came, true), [], "one busy second is no flood");
        assert_eq!(window(&mut fair, &mut now, &came, true), [Act::Aside(Arc::clone(&flood))]);
        assert!(!fair.may_take(&flood, 1, false));
        assert!(fair.may_take(&flood, 1, true), "room to spare is used");
        assert!(fair.may_take(&quiet, 1, false), "the others are as before");
    }

    #[test]
    fn it_comes_back_when_it_is_calm_and_is_fetched_meanwhile() {
        let (flood, quiet) = (topic("flood"), topic("quiet"));
        let mut now = Instant::now();
        let mut fair = Fair::new(now);
        let came = [(&flood, 1_000), (&quiet, 1)];
        let _ = window(&mut fair, &mut now, &came, true);
        assert_eq!(window(&mut fair, &mut now, &came, true).len(), 1);
        let mut fetched = 0;
        for _ in 0..2 * FETCH {
            let acts = window(&mut fair, &mut now, &came, false);
            assert!(acts.iter().all(|act| *act == Act::Fetch(Arc::clone(&flood))), "{acts:?}");
            fetched += acts.len();
        }
        assert_eq!(fetched, 2);
        for _ in 1..CALM {
            assert_eq!(window(&mut fair, &mut now, &[(&flood, 3)], false), []);
        }
        let left = u64::from(2 * FETCH) * 1_000 + u64::from(CALM) * 3;
        let acts = window(&mut fair, &mut now, &[(&flood, 3)], false);
        assert_eq!(acts, [Act::Back { topic: Arc::clone(&flood), left }]);
        assert!(!fair.is_watching() && fair.may_take(&flood, 1, false));
    }

    #[test]
    fn more_topics_than_are_counted_are_still_others() {
        let flood = topic("flood");
        let many: Vec<_> = (0..TOPICS * 2).map(|number| topic(&number.to_string())).collect();
        let mut came = vec![(&flood, 100_000)];
        came.extend(many.iter().map(|topic| (topic, 1)));
        let mut now = Instant::now();
        let mut fair = Fair::new(now);
        let _ = window(&mut fair, &mut now, &came, true);
        assert_eq!(fair.takers.len() + fair.aside.len(), 0);
        assert_eq!(window(&mut fair, &mut now, &came, true), [Act::Aside(flood)]);
    }

    #[test]
    fn half_a_second_of_waiting_counts_wherever_it_lies() {
        let (flood, quiet) = (topic("flood"), topic("quiet"));
        let mut now = Instant::now();
        let mut fair = Fair::new(now);
        let mut acts = Vec::new();
        for _ in 0..2 {
            let _ = (fair.may_take(&flood, 1_000, false), fair.may_take(&quiet, 1, false));
            for _ in 0..5 {
                now += Duration::from_millis(100);
                fair.room(false, || now);
                now += Duration::from_millis(100);
                fair.room(true, || now);
            }
            acts.extend(fair.judge(now));
        }
        assert_eq!(acts, [Act::Aside(flood)]);
    }
}
