//! What a look at a topic's stored items shows of the time since everything was last known to be here (`engine.md` §7,
//! step 4c).
//!
//! Brokers drop the oldest items when a topic is full, some for each publisher apart. So an item from before that is still
//! stored shows that nothing newer was dropped; a topic that never was full has dropped nothing. Pure. May use `model`.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::model::ItemId;
use crate::model::coverage::{Cause, Proof};

/// What is known of a topic beside its items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Whether it stores anything, and how many items at most, where that is said.
    pub stores: Option<bool>,
    pub most: Option<u32>,
    /// As many were seen stored at once: the limit is not lower.
    pub seen: usize,
    /// Several may publish: what does not say who published it may be of any of them.
    pub mixed: bool,
}

impl Limits {
    fn most(&self) -> Option<usize> {
        self.most.map(|most| usize::try_from(most).unwrap_or(usize::MAX))
    }
}

/// The items of one publisher; of all whose publisher is not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    listed: usize,
    /// Of these from before, unchanged.
    anchors: usize,
}

impl Tally {
    fn new_ones(self) -> usize {
        self.listed.saturating_sub(self.anchors)
    }
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When the first answer came: whatever was published later came by itself.
    pub at: DateTime<Utc>,
    /// Items known from before at the beginning.
    pub before: usize,
    /// Of these, seen stored, but come only since then: they show nothing.
    pub hasty: usize,
    /// Items were here that had come before the session did, and that nobody said are gone; and one of them is still stored.
    pub held: bool,
    pub met: bool,
    /// Everything that is stored was looked at.
    pub whole: bool,
    /// There is more than was looked at, and it is left on the broker.
    pub cut: bool,
    /// What is stored was read to its end or to where everything is known, not only its names.
    pub read: bool,
    /// The broker's archive (XEP-0313), which drops nothing, reaches back to before.
    pub archive: bool,
    /// Pages came (XEP-0059).
    pub pages: bool,
    /// Items without a usable id.
    pub unreadable: u32,
    /// Items left out because they cannot be read.
    pub skipped: HashSet<ItemId>,
    pub listed: usize,
    tallies: HashMap<Option<String>, Tally>,
}

impl Seen {
    #[must_use]
    pub fn new(at: DateTime<Utc>, before: usize) -> Self {
        Self {
            at,
            before,
            hasty: 0,
            held: false,
            met: false,
            whole: false,
            cut: false,
            read: true,
            archive: false,
            pages: false,
            unreadable: 0,
            skipped: HashSet::new(),
            listed: 0,
            tallies: HashMap::new(),
        }
    }

    /// One item; `anchor` when it is from before, unchanged. Brokers name the publisher by full or bare address.
    pub fn saw(&mut self, publisher: Option<&str>, anchor: bool) {
        self.listed += 1;
        let publisher = publisher.map(|jid| jid.split_once('/').map_or(jid, |(bare, _)| bare).to_owned());
        let tally = self.tallies.entry(publisher).or_default();
        tally.listed += 1;
        tally.anchors += usize::from(anchor);
    }

    /// Whether all that were seen say who published them.
    #[must_use]
    pub fn named(&self) -> Option<bool> {
        (self.listed > 0).then(|| !self.tallies.contains_key(&None))
    }

    /// Whether it reaches back to before, for every publisher that may have pushed out his own. Where the limit is known: he
    /// who has fewer new items there than that. A broker that was killed may keep an old item for ever beside the newest, so
    /// where new ones fill the limit an old one shows nothing. Where it is not known: he of whom an old item is there, or who
    /// has fewer than another.
    #[must_use]
    pub fn reaches_back(&self, limits: &Limits) -> bool {
        let largest = self.tallies.values().map(|tally| tally.listed).max().unwrap_or(0);
        let sound = |(publisher, tally): (&Option<String>, &Tally)| match (limits.most(), publisher) {
            (Some(most), _) => tally.new_ones() < most,
            (None, None) if limits.mixed => tally.new_ones() == 0 || (self.whole && tally.listed < limits.seen),
            (None, _) => tally.anchors > 0 || tally.listed < largest,
        };
        self.tallies.values().any(|tally| tally.anchors > 0) && self.tallies.iter().all(sound)
    }

    /// Whether nothing is missing that was published since everything was last known to be here.
    ///
    /// # Errors
    /// The cause why that does not show.
    pub fn judge(&self, limits: &Limits) -> Result<Proof, Cause> {
        if self.unreadable > 0 {
            return Err(Cause::Unreadable);
        }
        if self.reaches_back(limits) {
            return Ok(Proof::Swept);
        }
        if self.archive {
            return Ok(Proof::Archived);
        }
        if !self.whole {
            return Err(Cause::Cut);
        }
        let room = limits.most().unwrap_or(0).max(limits.seen);
        let anchored = self.tallies.values().any(|tally| tally.anchors > 0);
        // A run that was killed may have kept nothing of how far it was: what it received is from no time that is complete,
        // and shows all the same that the topic was emptied.
        let emptied = self.held && !self.met;
        match (self.before.saturating_sub(self.hasty), self.listed) {
            _ if limits.stores == Some(false) => Err(Cause::Unstored),
            // Nothing was there and nothing is: a topic that stores does not drop its last item, but nobody said of this one
            // that it stores, and nothing was ever seen in it.
            (0, 0) if limits.stores.is_none() && limits.seen == 0 => Err(Cause::Unstored),
            (0, 0) if !emptied => Ok(Proof::Swept),
            (_, listed) if anchored || listed > room || (listed == room && listed > 0) => Err(Cause::Dropped),
            (0, _) if !emptied => Ok(Proof::Swept),
            // It was known to hold something, and whoever took that away may have taken more.
            (_, 0) if limits.seen == 0 && limits.stores.is_none() => Err(Cause::Unstored),
            _ => Err(Cause::Removed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(publisher, listed, anchors)`.
    fn seen(before: usize, whole: bool, items: &[(Option<&str>, usize, usize)]) -> Seen {
        let mut seen = Seen { whole, ..Seen::new(DateTime::UNIX_EPOCH, before) };
        for (publisher, listed, anchors) in items {
            (0..*listed).for_each(|n| seen.saw(*publisher, n < *anchors));
        }
        seen
    }

    const UNKNOWN: Limits = Limits { stores: None, most: None, seen: 0, mixed: false };

    fn most(most: u32) -> Limits {
        Limits { most: Some(most), ..UNKNOWN }
    }

    #[test]
    fn one_from_before_shows_that_nothing_newer_was_dropped() {
        assert_eq!(seen(9, false, &[(None, 300, 1)]).judge(&UNKNOWN), Ok(Proof::Swept));
        assert_eq!(seen(9, true, &[(None, 256, 0)]).judge(&most(256)), Err(Cause::Dropped));
        assert_eq!(
            seen(9, true, &[(None, 5, 1)]).judge(&most(4)),
            Err(Cause::Dropped),
            "one that was never pushed out"
        );
        assert_eq!(seen(9, true, &[(None, 5, 2)]).judge(&most(4)), Ok(Proof::Swept), "and one that would have been");
        assert_eq!(seen(9, true, &[(None, 256, 0)]).judge(&UNKNOWN), Err(Cause::Dropped));
        assert_eq!(seen(9, false, &[(None, 256, 0)]).judge(&UNKNOWN), Err(Cause::Cut));
    }

    #[test]
    fn a_topic_that_was_never_full_has_dropped_nothing() {
        assert_eq!(seen(0, true, &[(None, 3, 0)]).judge(&most(20)), Ok(Proof::Swept));
        assert_eq!(seen(0, true, &[(None, 20, 0)]).judge(&most(20)), Err(Cause::Dropped));
        assert_eq!(
            seen(0, true, &[(None, 3, 0)]).judge(&UNKNOWN),
            Err(Cause::Dropped),
            "it may hold no more than three"
        );
        let larger = Limits { seen: 4, ..UNKNOWN };
        assert_eq!(seen(0, true, &[(None, 3, 0)]).judge(&larger), Ok(Proof::Swept), "it held four before");
        let empty = |stores, most_seen| seen(0, true, &[]).judge(&Limits { stores, seen: most_seen, ..UNKNOWN });
        assert_eq!(empty(None, 0), Err(Cause::Unstored), "nothing shows that it stores");
        assert_eq!(empty(Some(true), 0), Ok(Proof::Swept));
        assert_eq!(empty(None, 3), Ok(Proof::Swept), "it held three once");
        assert_eq!(empty(Some(false), 3), Err(Cause::Unstored));
    }

    #[test]
    fn an_empty_topic_that_held_something_was_emptied_or_holds_nothing() {
        assert_eq!(seen(5, true, &[]).judge(&UNKNOWN), Err(Cause::Unstored));
        let larger = Limits { seen: 5, ..UNKNOWN };
        assert_eq!(seen(5, true, &[]).judge(&larger), Err(Cause::Removed));
        assert_eq!(seen(5, true, &[(None, 2, 0)]).judge(&larger), Err(Cause::Removed), "purged, and then two came");
        assert_eq!(seen(5, true, &[(None, 2, 0)]).judge(&most(20)), Err(Cause::Removed));
        // What came since then shows it as well.
        let stores = Limits { stores: Some(true), ..most(20) };
        for listed in [&[][..], &[(None, 2, 0)]] {
            let held = Seen { held: true, ..seen(0, true, listed) };
            assert_eq!(held.judge(&stores), Err(Cause::Removed), "{listed:?}");
        }
        assert_eq!(Seen { held: true, met: true, ..seen(0, true, &[(None, 2, 0)]) }.judge(&stores), Ok(Proof::Swept));
    }

    #[test]
    fn a_limit_for_each_publisher_drops_each_ones_own() {
        let quiet = (Some("a@x.example/1"), 2, 2);
        let flood = (Some("b@x.example"), 256, 0);
        assert_eq!(seen(2, true, &[quiet, flood]).judge(&UNKNOWN), Err(Cause::Dropped));
        assert_eq!(seen(3, true, &[quiet, (Some("b@x.example"), 256, 1)]).judge(&UNKNOWN), Ok(Proof::Swept));
        assert_eq!(seen(2, true, &[quiet, (Some("b@x.example"), 1, 0)]).judge(&UNKNOWN), Ok(Proof::Swept));
        assert_eq!(seen(2, true, &[quiet, (Some("b@x.example"), 30, 0)]).judge(&most(256)), Ok(Proof::Swept));
        assert_eq!(seen(2, true, &[quiet]).named(), Some(true));
        assert_eq!(seen(2, true, &[(None, 1, 0)]).named(), Some(false));
    }

    #[test]
    fn of_several_publishers_nobody_names_an_old_item_of_one_shows_nothing_of_another() {
        let mixed = |most, most_seen| Limits { most, seen: most_seen, mixed: true, ..UNKNOWN };
        // Two quiet old ones, and a flood that may have pushed out its own.
        let flood = seen(2, true, &[(None, 258, 2)]);
        assert_eq!(flood.judge(&UNKNOWN), Ok(Proof::Swept), "one publisher");
        assert_eq!(flood.judge(&mixed(Some(256), 258)), Err(Cause::Dropped));
        assert_eq!(flood.judge(&mixed(None, 258)), Err(Cause::Dropped));
        assert_eq!(flood.judge(&mixed(Some(300), 258)), Ok(Proof::Swept), "too few for the limit");
        assert_eq!(flood.judge(&mixed(None, 259)), Ok(Proof::Swept), "it held more once");
        assert_eq!(seen(9, true, &[(None, 9, 9)]).judge(&mixed(None, 9)), Ok(Proof::Swept), "nothing new");
        let part = Seen { whole: false, ..flood };
        assert_eq!(part.judge(&mixed(None, 5_000)), Err(Cause::Cut), "what was not looked at is no room");
    }

    #[test]
    fn what_cannot_be_read_proves_nothing() {
        let unreadable = Seen { unreadable: 1, ..seen(1, true, &[(None, 2, 1)]) };
        assert_eq!(unreadable.judge(&UNKNOWN), Err(Cause::Unreadable));
        let archive = Seen { archive: true, ..seen(1, true, &[(None, 2, 0)]) };
        assert_eq!(archive.judge(&UNKNOWN), Ok(Proof::Archived));
    }
}
