//! Where incidents may be missing, or came only afterwards: the record of completeness as lines of the list, and as a bar beside
//! each topic's name.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::TopicId;
use crate::model::coverage::{Cause, Coverage, Proof, Span, Standing};
use crate::store::Store;

/// Holes that stand in the list; the newest. Each topic tells of all of its own.
const MOST: usize = 200;
/// Holes of several topics that begin and end so near to each other are one: one connection broke.
const NEAR: TimeDelta = TimeDelta::seconds(3);
/// A hole ends with the first answer of the look that fills it; what the rest of it brings follows within this.
const LATE: TimeDelta = TimeDelta::minutes(2);
/// What a bar looks back on, and the pieces it is drawn in.
pub(super) const DAY: TimeDelta = TimeDelta::hours(24);
const PIECES: i32 = 48;

/// What became of a time in which nothing arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Everything of it was had from elsewhere.
    Filled(Proof),
    /// That everything of it is here cannot be shown.
    Lost(Cause),
    /// It is being found out.
    Proving,
    /// Nothing arrives yet.
    Away,
    /// The subscription was ended by somebody else.
    Ended(Cause),
}

impl Fate {
    /// Whether something may be missing for good.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::Lost(_) | Self::Ended(_))
    }
}

/// What came afterwards of a hole: how many incidents, and of these those that were kept for us and delivered late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub came: u32,
    pub kept: u32,
}

/// A time of some topics in which nothing arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    pub span: Span,
    pub fate: Fate,
    pub topics: Vec<TopicId>,
    /// Incidents that came afterwards, once they were counted.
    pub filled: Option<Filled>,
}

impl Hole {
    /// The same hole keeps its key while it is filled.
    pub fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.span.from.hash(&mut hasher);
        self.topics.first().hash(&mut hasher);
        hasher.finish()
    }

    /// Whether it still goes on.
    pub fn is_open(&self) -> bool {
        matches!(self.fate, Fate::Proving | Fate::Away | Fate::Ended(_))
    }

    fn is_of(&self, other: &Self) -> bool {
        let near = |one: DateTime<Utc>, other: DateTime<Utc>| (one - other).abs() <= NEAR;
        self.fate == other.fate
            && near(self.span.from, other.span.from)
            && near(self.span.until, other.span.until)
            && !other.topics.iter().any(|topic| self.topics.contains(topic))
    }
}

/// The holes of these topics, newest first.
pub(super) fn holes(coverage: &[Coverage], now: DateTime<Utc>) -> Vec<Hole> {
    let mut all: Vec<Hole> = coverage.iter().flat_map(|coverage| of_topic(coverage, now)).collect();
    all.sort_by_key(|hole| std::cmp::Reverse((hole.span.until, hole.span.from)));
    let mut joined: Vec<Hole> = Vec::new();
    for hole in all {
        // Sorted by their end, those that are one are neighbours.
        if let Some(other) = joined.iter_mut().rev().take(16).find(|other| other.is_of(&hole)) {
            other.topics.extend(hole.topics);
        } else if joined.len() < MOST {
            joined.push(hole);
        }
    }
    joined
}

fn of_topic(coverage: &Coverage, now: DateTime<Utc>) -> Vec<Hole> {
    let hole = |span, fate| Hole { span, fate, topics: vec![coverage.topic.clone()], filled: None };
    let filled = coverage.stretches.iter().filter(|stretch| stretch.proof != Proof::Live);
    // A resumed session that lost no second is no hole.
    let filled = filled.filter(|stretch| stretch.span.until - stretch.span.from >= TimeDelta::seconds(1));
    let filled = filled.map(|stretch| hole(stretch.span, Fate::Filled(stretch.proof)));
    let lost = coverage.gaps.iter().map(|gap| hole(gap.span, Fate::Lost(gap.cause)));
    let open = match coverage.standing {
        Standing::Live { .. } | Standing::Left { .. } => None,
        Standing::Proving { since } => Some((since, Fate::Proving)),
        Standing::Away { since } => Some((since, Fate::Away)),
        Standing::Lost { since, cause } => Some((since, Fate::Ended(cause))),
    };
    let open = open.map(|(since, fate)| hole(Span::new(since, now), fate));
    filled.chain(lost).chain(open).collect()
}

/// Counts what came afterwards of each hole's topics: fetched, or kept for us, when the connection stood again. Its number is
/// told by when it reached this console, which is this console's own clock: what a sender says of when it wrote something says
/// nothing of when it was missed. Reads rows; not for the window's thread.
pub(super) fn count(mut holes: Vec<Hole>, store: &dyn Store) -> Vec<Hole> {
    for hole in &mut holes {
        hole.filled = came(hole, store);
    }
    holes
}

/// `None` where it cannot be told now.
fn came(hole: &Hole, store: &dyn Store) -> Option<Filled> {
    let (came, kept) = store.late(&hole.topics, (hole.span.from, hole.span.until + LATE)).ok()?;
    Some(Filled { came, kept })
}

/// What is known of a piece of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    /// Nobody claims anything of it: before the first word of the topic, or after it was left.
    Unknown,
    /// Everything is here.
    Have,
    /// Everything is here, some of it came afterwards.
    Filled,
    /// It is not known yet whether everything is here.
    Open,
    /// Something may be missing.
    Missing,
}

/// The last day of a topic, oldest first: runs of equal pieces with their lengths.
pub(super) fn bar(coverage: &Coverage, now: DateTime<Utc>) -> Vec<(Piece, u16)> {
    let step = DAY / PIECES;
    let mut runs: Vec<(Piece, u16)> = Vec::new();
    for number in 0..PIECES {
        let from = now - DAY + step * number;
        let piece = piece(coverage, Span::new(from, from + step));
        match runs.last_mut() {
            Some((last, length)) if *last == piece => *length += 1,
            _ => runs.push((piece, 1)),
        }
    }
    runs
}

/// The worst of what is known of a time.
fn piece(coverage: &Coverage, of: Span) -> Piece {
    let meets = |span: Span| span.from < of.until && of.from < span.until;
    // A gap shorter than a piece is seen all the same.
    let begins = |span: Span| of.from <= span.from && span.from < of.until;
    let gap = coverage.gaps.iter().any(|gap| meets(gap.span) || begins(gap.span));
    let (live, open) = match coverage.standing {
        Standing::Live { since } => (Some(since), None),
        Standing::Proving { since } | Standing::Away { since } => (None, Some((since, Piece::Open))),
        Standing::Lost { since, .. } => (None, Some((since, Piece::Missing))),
        Standing::Left { .. } => (None, None),
    };
    let open = open.filter(|(since, _)| *since < of.until).map(|(_, piece)| piece);
    let stretches = coverage.stretches.iter().filter(|stretch| meets(stretch.span));
    let known = stretches.map(|stretch| if stretch.proof == Proof::Live { Piece::Have } else { Piece::Filled });
    let live = live.filter(|since| *since < of.until).map(|_| Piece::Have);
    let gap = gap.then_some(Piece::Missing);
    known.chain(live).chain(open).chain(gap).max().unwrap_or(Piece::Unknown)
}

/// How much of what is claimed of the last day is here, in thousandths; `None` where nothing is claimed.
pub(super) fn share(coverage: &[&Coverage], now: DateTime<Utc>) -> Option<u32> {
    let day = Span::new(now - DAY, now);
    let within = |span: Span| {
        let (from, until) = (span.from.max(day.from), span.until.min(day.until));
        (until - from).num_seconds().max(0)
    };
    let (mut have, mut lost) = (0, 0);
    for one in coverage {
        have += one.stretches.iter().map(|stretch| within(stretch.span)).sum::<i64>();
        lost += one.gaps.iter().map(|gap| within(gap.span)).sum::<i64>();
        match one.standing {
            Standing::Live { since } => have += within(Span::new(since, now)),
            Standing::Lost { since, .. } => lost += within(Span::new(since, now)),
            Standing::Proving { .. } | Standing::Away { .. } | Standing::Left { .. } => {}
        }
    }
    // Less than whole is never said to be whole.
    (have + lost > 0).then(|| u32::try_from(have * 1000 / (have + lost)).unwrap_or(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::{Gap, Stretch};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap()
    }

    fn span(from: i64, until: i64) -> Span {
        Span::new(at(from), at(until))
    }

    fn topic(node: &str) -> Coverage {
        Coverage {
            topic: TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() },
            standing: Standing::Live { since: at(1400) },
            stretches: [
                Stretch { span: span(720, 900), proof: Proof::Live },
                Stretch { span: span(900, 960), proof: Proof::Swept },
                Stretch { span: span(960, 1200), proof: Proof::Live },
            ]
            .into(),
            gaps: [Gap { span: span(1200, 1400), cause: Cause::Dropped }].into(),
        }
    }

    #[test]
    fn what_broke_at_once_is_one_hole_and_what_goes_on_is_newest() {
        let mut second = topic("b");
        let now = at(1440);
        let both = holes(&[topic("a"), second.clone()], now);
        assert_eq!(both.len(), 2);
        assert!(both.iter().all(|hole| hole.topics.len() == 2 && !hole.is_open()));
        assert_eq!((both[0].fate, both[1].fate), (Fate::Lost(Cause::Dropped), Fate::Filled(Proof::Swept)));
        second.standing = Standing::Proving { since: at(1410) };
        let three = holes(&[topic("a"), second.clone()], now);
        assert_eq!((three.len(), three[0].fate), (3, Fate::Proving));
        let key = three[0].key();
        second.standing = Standing::Live { since: at(1440) };
        second.stretches = [Stretch { span: span(1410, 1440), proof: Proof::Swept }].into();
        let filled = holes(&[second], now);
        assert_eq!((filled[0].fate, filled[0].key()), (Fate::Filled(Proof::Swept), key), "filled, it is the same hole");
    }

    #[test]
    fn a_day_is_drawn_from_what_is_known_of_it() {
        let runs = bar(&topic("a"), at(1440));
        let words: Vec<_> = runs.iter().map(|(piece, length)| (*piece, *length)).collect();
        assert_eq!(
            words,
            [
                (Piece::Unknown, 24),
                (Piece::Have, 6),
                (Piece::Filled, 2),
                (Piece::Have, 8),
                (Piece::Missing, 7),
                (Piece::Have, 1)
            ]
        );
        assert_eq!(share(&[&topic("a")], at(1440)), Some(722));
        let mut left = topic("a");
        (left.standing, left.stretches, left.gaps) = (Standing::Left { at: at(0) }, [].into(), [].into());
        assert_eq!(share(&[&left], at(1440)), None);
        assert_eq!(bar(&left, at(1440)), [(Piece::Unknown, 48)]);
        // A second that is missing is seen.
        left.gaps = [Gap { span: Span::new(at(900), at(900)), cause: Cause::Cut }].into();
        assert!(bar(&left, at(1440)).contains(&(Piece::Missing, 1)));
    }

    #[test]
    fn what_filled_a_hole_is_counted_by_when_it_came_here() {
        use crate::model::{ItemId, Kind, Stamp, Summary};
        use crate::store::{Incoming, ItemKey, Memory, Route};
        let store = Memory::default();
        let one = |node: &str, item: &str, route, received, written: i64| {
            let generated = Some(Stamp { at: at(written), zoned: true, text: String::new() });
            let key = ItemKey { topic: topic(node).topic, item: ItemId(item.to_owned()) };
            let summary = Summary { generated, ..Summary::of_kind(Kind::Empty) };
            Incoming { route, ..Incoming::bare(key, summary, at(received)) }
        };
        // Written long before the gap, within it, and by a clock that is ahead; beside what came by itself, before and after.
        let batch = vec![
            one("a", "before", Route::Fetched, 890, 880),
            one("a", "old", Route::Fetched, 960, 100),
            one("a", "within", Route::Fetched, 960, 930),
            one("a", "kept", Route::Delayed, 961, 5_000),
            one("b", "other", Route::Fetched, 961, 930),
            one("a", "live", Route::Live, 961, 930),
            one("a", "later", Route::Fetched, 1_500, 930),
        ];
        let _ = store.commit(batch).unwrap();
        let swept = holes(&[topic("a")], at(1440)).into_iter().find(|hole| hole.fate == Fate::Filled(Proof::Swept));
        let counted = count(vec![swept.unwrap()], &store);
        assert_eq!(counted[0].filled, Some(Filled { came: 3, kept: 1 }));
    }

    /// However much came beside it.
    #[test]
    fn what_filled_a_hole_among_very_many_is_counted() {
        use crate::model::{ItemId, Kind, Summary};
        use crate::store::archive::Key;
        use crate::store::{Archive, Incoming, ItemKey, Memory, Route};
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
        let stores: [Box<dyn Store>; 2] = [Box::new(Memory::default()), Box::new(archive)];
        for store in stores {
            let one = |number: u32| {
                let node = if number.is_multiple_of(3) { "a" } else { "b" };
                let key = ItemKey { topic: topic(node).topic, item: ItemId(number.to_string()) };
                let route = [Route::Fetched, Route::Delayed, Route::Live][(number / 3) as usize % 3];
                let received = at(850 + i64::from(number / 400));
                Incoming { route, ..Incoming::bare(key, Summary::of_kind(Kind::Empty), received) }
            };
            // Before the hole, within it, in the two minutes after it, and later.
            for first in (0..30_000).step_by(5_000) {
                let _ = store.commit((first..first + 5_000).map(one).collect()).unwrap();
            }
            let hole = |nodes: &[&str]| Hole {
                span: span(860, 910),
                fate: Fate::Filled(Proof::Swept),
                topics: nodes.iter().map(|node| topic(node).topic).collect(),
                filled: None,
            };
            let wanted = |nodes: &[&str]| {
                let is_of = |number: &u32| nodes.contains(&if number.is_multiple_of(3) { "a" } else { "b" });
                let mut filled = Filled::default();
                for number in (0..30_000_u32).filter(is_of).filter(|number| (10..=62).contains(&(number / 400))) {
                    filled.came += u32::from((number / 3) % 3 != 2);
                    filled.kept += u32::from((number / 3) % 3 == 1);
                }
                filled
            };
            for nodes in [["a"].as_slice(), &["a", "b"], &["c"]] {
                assert_eq!(count(vec![hole(nodes)], store.as_ref())[0].filled, Some(wanted(nodes)));
            }
        }
    }
}
