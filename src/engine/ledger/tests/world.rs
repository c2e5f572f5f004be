//! A topic, its broker and a reader, by chance: whatever happens, nothing is missing that is not told.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// A broker that drops the oldest, with one reader whose link fails as it likes.
#[derive(Clone, Copy, Debug)]
enum Step {
    Publish,
    Break,
    /// By stream management: what was on the way is delivered.
    Resume,
    Bind,
    /// The look at what is stored, cut off after so many pages if at all.
    Look(Option<u8>),
    /// What is on the way comes.
    Deliver,
    Purge,
    /// It is kept that the session stands.
    Beat,
    /// The program ends without a word.
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Publish),
        2 => Just(Step::Break),
        1 => Just(Step::Resume),
        2 => Just(Step::Bind),
        3 => prop::option::of(0u8..3).prop_map(Step::Look),
        2 => Just(Step::Deliver),
        1 => Just(Step::Purge),
        3 => Just(Step::Beat),
        1 => Just(Step::Kill),
    ]
}

struct World {
    max: usize,
    stored: Vec<u32>,
    published: Vec<(u32, i64)>,
    here: HashMap<u32, Seq>,
    ledger: Ledger,
    /// What the next run of the program would read.
    kept: Vec<Record>,
    online: bool,
    /// Nothing was bound since the last break.
    resumable: bool,
    on_the_way: Vec<u32>,
    heard: i64,
    clock: i64,
}

const PAGE: usize = 3;

impl World {
    fn next(&self) -> Seq {
        Seq::try_from(self.here.len()).unwrap()
    }

    fn take(&mut self, item: u32) {
        let next = self.next();
        let _ = self.here.entry(item).or_insert(next);
    }

    fn deliver(&mut self) {
        std::mem::take(&mut self.on_the_way).into_iter().for_each(|item| self.take(item));
        self.heard = self.clock;
    }

    fn go(&mut self, step: Step, said: Option<u32>) {
        self.clock += 60;
        match step {
            Step::Publish => {
                let item = u32::try_from(self.published.len()).unwrap();
                self.published.push((item, self.clock));
                self.stored.push(item);
                if self.stored.len() > self.max {
                    let _ = self.stored.remove(0);
                }
                self.on_the_way.push(item);
                // What waits before it comes first.
                if self.online && self.on_the_way.len() == 1 {
                    self.deliver();
                }
            }
            Step::Break if self.online => {
                (self.online, self.resumable) = (false, true);
                self.ledger.broke(at(self.heard), self.next());
            }
            Step::Resume if !self.online && self.resumable => {
                self.online = true;
                self.ledger.resumed(at(self.clock));
            }
            Step::Bind if !self.online => {
                (self.online, self.resumable) = (true, false);
                self.on_the_way.clear();
                self.heard = self.clock;
                self.ledger.present(&topic(), at(self.clock), self.next());
            }
            Step::Deliver if self.online => self.deliver(),
            Step::Look(pages) if self.online => {
                // The answer comes behind what is on the way.
                self.deliver();
                self.look(pages, said);
            }
            Step::Purge => {
                self.stored.clear();
            }
            Step::Beat if self.online && self.ledger.beat(at(self.heard), self.next()) => {
                self.kept = self.ledger.records();
            }
            Step::Kill => {
                self.ledger = Ledger::restored(self.kept.clone());
                (self.online, self.resumable) = (false, false);
            }
            _ => {}
        }
        if self.ledger.take_changed() {
            self.kept = self.ledger.records();
        }
    }

    fn look(&mut self, pages: Option<u8>, said: Option<u32>) {
        let look = look(&self.ledger);
        let limits = Limits { most: said, stores: Some(true), seen: look.seen, mixed: false };
        let before = self.here.values().filter(|seq| **seq < look.anchor).count();
        let mut seen = Seen::new(at(self.clock), before);
        let stored = self.stored.clone();
        let held: HashSet<u32> =
            self.here.iter().filter(|(_, seq)| **seq < look.joined).map(|(item, _)| *item).collect();
        seen.held = !held.is_empty();
        for (number, page) in stored.rchunks(PAGE).enumerate() {
            if pages.is_some_and(|pages| number >= usize::from(pages)) {
                return;
            }
            let anchored = |item: &u32| self.here.get(item).is_some_and(|seq| *seq < look.anchor);
            let known = page.iter().all(anchored);
            page.iter().for_each(|item| seen.saw(None, anchored(item)));
            seen.met |= page.iter().any(|item| held.contains(item));
            page.iter().for_each(|item| self.take(*item));
            if look.level && known && seen.reaches_back(&limits) {
                let _ = self.ledger.looked(&topic(), &look, &seen, limits, Instant::now());
                return;
            }
        }
        seen.whole = true;
        let _ = self.ledger.looked(&topic(), &look, &seen, limits, Instant::now());
    }
}

proptest! {
    /// Whatever is missing was published in a time that is told; and where nothing can be missing, nothing is told.
    #[test]
    fn no_item_is_missed_in_a_stretch_called_complete(
        steps in prop::collection::vec(step(), 1..80), max in 1usize..12, says in any::<bool>(), purges in any::<bool>(),
    ) {
        let mut world = World {
            max, stored: Vec::new(), published: Vec::new(), here: HashMap::new(), ledger: Ledger::default(), kept: Vec::new(), online: true,
            resumable: false, on_the_way: Vec::new(), heard: 0, clock: 0,
        };
        world.ledger.present(&topic(), at(0), 0);
        world.kept = world.ledger.records();
        let said = says.then_some(u32::try_from(max).unwrap());
        // Of a topic that never held anything nobody can tell that it was emptied.
        if purges {
            world.go(Step::Publish, said);
        }
        for step in steps.iter().filter(|step| purges || !matches!(step, Step::Purge)) {
            world.go(*step, said);
            let coverage = &world.ledger.coverage()[0];
            for (item, time) in &world.published {
                let comes = world.online && world.on_the_way.contains(item);
                if !world.here.contains_key(item) && !comes {
                    prop_assert!(coverage.doubts(at(*time)), "{item} of {time} is missing: {coverage:?}");
                }
            }
        }
        // Never full, never emptied, and that is known: no gap at all.
        if says && !purges && world.published.len() < max {
            prop_assert!(world.ledger.coverage()[0].gaps.is_empty());
        }
    }

    /// With room for everything and one item from before, no break leaves a gap.
    #[test]
    fn room_for_everything_leaves_no_gap(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World {
            max: 1_000, stored: Vec::new(), published: Vec::new(), here: HashMap::new(), ledger: Ledger::default(),
            kept: Vec::new(), online: true, resumable: false, on_the_way: Vec::new(), heard: 0, clock: 0,
        };
        world.ledger.present(&topic(), at(0), 0);
        world.kept = world.ledger.records();
        world.go(Step::Publish, None);
        for step in steps.iter().filter(|step| !matches!(step, Step::Purge | Step::Kill)) {
            world.go(*step, None);
        }
        prop_assert!(world.ledger.coverage()[0].gaps.is_empty(), "{:?}", world.ledger.coverage());
    }
}
