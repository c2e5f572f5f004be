//! Which stretches of time are complete for each topic, and which may not be (`engine.md` §7). A stretch is complete because
//! the session stood, because it was resumed, or because what the broker stores reaches back to before; everything else is
//! a possible gap, with both its times and its cause.
//!
//! Pure: what happened goes in with this console's own time, which alone is used. Nobody's delay stamp and no step of a
//! clock makes a gap smaller. May use `engine::evidence`, `model`, `store`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::evidence::{Limits, Seen};
use crate::model::coverage::{Cause, Coverage, Gap, Proof, Span, Standing, Stretch};
use crate::model::{ItemId, TopicId};
use crate::store::{Record, Seq};

/// A server may hand over what it was told a little before something it says later: so much of the time before the last
/// sign of life is not counted as complete.
const SLACK: TimeDelta = TimeDelta::seconds(2);
/// A server that moves a session's queue to the next one lets later items pass earlier ones; after so long that is over.
const SETTLING: TimeDelta = TimeDelta::seconds(10);
/// Stretches kept of a topic; older ones are merged.
const STRETCHES: usize = 64;
/// Gaps kept of a topic; of more, neighbours are merged into one that spans both.
const GAPS: usize = 256;
/// Items remembered that cannot be read.
const SKIPPED: usize = 1_000;

/// What is known of all topics of one account; survives its sessions.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: BTreeMap<TopicId, Entry>,
    changed: bool,
}

/// One topic.
#[derive(Clone, Debug)]
struct Entry {
    standing: Standing,
    /// The session broke in this state, and would continue it if it were resumed.
    broken: Option<Standing>,
    /// What was stored before this row is from a time that is complete: an item of it that is still on the broker shows
    /// that nothing newer was dropped.
    anchor: Seq,
    /// Everything the broker stores was read once, so that a look may stop where everything is known.
    level: bool,
    /// When the broker last said that I am subscribed, and what was stored then.
    confirmed: (DateTime<Utc>, Seq),
    /// When the session was resumed that stands, of which nothing is recorded yet.
    resumed: Option<DateTime<Utc>>,
    /// When the session took over from one that broke, or was taken up again.
    joined: Option<DateTime<Utc>>,
    /// What was stored before this row had come before the first session that began since the time that is in doubt.
    before: Option<Seq>,
    /// One broke soon after that, while what had waited may still have been on its way.
    hasty: bool,
    /// Why something may be missing, if nothing shows the contrary.
    suspicion: Option<Cause>,
    most_seen: usize,
    /// When everything was last read.
    whole: Option<Instant>,
    /// Counts what put that out of date: a reading that began before is.
    stale: u32,
    /// Counts what put it in doubt: a look that began before cannot end it.
    doubts: u32,
    skipped: HashSet<ItemId>,
    stretches: Vec<Stretch>,
    gaps: Vec<Gap>,
    /// What is kept as if the session had broken then, and which row was to be stored next.
    beat: Option<(DateTime<Utc>, Seq)>,
}

/// How to look at what a topic stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Rows before this one are from before.
    pub anchor: Seq,
    /// Rows before this one came before the session did.
    pub joined: Seq,
    /// Something is to be shown by it,
    pub proving: bool,
    /// of the time since then.
    pub since: Option<DateTime<Utc>>,
    /// It may stop where everything is known.
    pub level: bool,
    /// Everything is to be read, whatever is known: what was overwritten keeps its old place (`engine.md` §4).
    pub whole: bool,
    /// What came by itself since then may have passed what came before it.
    pub hasty: bool,
    /// As many were seen stored at once.
    pub seen: usize,
    stale: u32,
    doubts: u32,
}

impl Entry {
    fn new(now: DateTime<Utc>, next: Seq) -> Self {
        Self {
            standing: Standing::Live { since: now },
            broken: None,
            anchor: next,
            level: false,
            confirmed: (now, next),
            resumed: None,
            joined: None,
            before: None,
            hasty: false,
            suspicion: None,
            most_seen: 0,
            whole: None,
            stale: 0,
            doubts: 0,
            skipped: HashSet::new(),
            stretches: Vec::new(),
            gaps: Vec::new(),
            beat: None,
        }
    }

    fn complete(&mut self, from: DateTime<Utc>, until: DateTime<Utc>, proof: Proof) {
        let span = Span::new(from, until);
        if span.from == span.until {
            return;
        }
        match self.stretches.last_mut() {
            Some(last) if last.proof == proof && last.span.until >= span.from => {
                last.span.until = last.span.until.max(span.until);
            }
            _ => self.stretches.push(Stretch { span, proof }),
        }
        if self.stretches.len() > STRETCHES {
            self.merge_oldest();
        }
    }

    /// The session stood, in its beginning perhaps resumed.
    fn stood(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) {
        let resumed = self.resumed.take().map_or(from, |resumed| resumed.min(until)).max(from);
        self.complete(from, resumed, Proof::Resumed);
        self.complete(resumed, until, Proof::Live);
    }

    /// Whether its standing until then is settled, and is later than what is kept of it.
    fn may_beat(&self, until: DateTime<Utc>) -> bool {
        let Standing::Live { since } = self.standing else { return false };
        // As after a break, what came just after the session began may have passed what waited.
        let is_hasty = self.joined.is_some_and(|joined| until - joined < SETTLING);
        let is_resumed = self.resumed.is_some_and(|resumed| until < resumed);
        let before = self.beat.map_or(since, |(before, _)| before.max(since));
        !is_hasty && !is_resumed && before < until
    }

    /// As it is kept: a run of the program that ends without a word has said by then what it knew at the last beat.
    fn kept(&self) -> Self {
        let mut kept = self.clone();
        if let (Standing::Live { since }, Some((until, next))) = (self.standing, self.beat)
            && since < until
        {
            kept.stood(since, until);
            (kept.standing, kept.anchor) = (Standing::Live { since: until }, next);
        }
        kept
    }

    /// Takes back what is only known because I was subscribed; what was compared stands.
    fn take_back(&mut self, to: DateTime<Utc>) {
        for stretch in self.stretches.iter_mut().filter(|s| matches!(s.proof, Proof::Live | Proof::Resumed)) {
            stretch.span.until = stretch.span.until.min(to);
        }
        self.stretches.retain(|stretch| stretch.span.from < stretch.span.until);
    }

    fn merge_oldest(&mut self) {
        let touches = |pair: &[Stretch]| matches!(pair, [one, next] if one.span.until >= next.span.from);
        match self.stretches.windows(2).position(touches) {
            Some(at) => {
                let next = self.stretches.remove(at + 1);
                if let Some(one) = self.stretches.get_mut(at) {
                    one.span.until = one.span.until.max(next.span.until);
                    // The weaker word for both: what was compared.
                    one.proof = if one.proof == next.proof { one.proof } else { Proof::Swept };
                }
            }
            None => drop(self.stretches.remove(0)),
        }
    }

    /// A clock that was set back meanwhile turns the two times round, and leaves what is between them in doubt all the same.
    fn gap(&mut self, from: DateTime<Utc>, until: DateTime<Utc>, cause: Cause) {
        let span = Span::new(from.min(until), from.max(until));
        match self.gaps.last_mut() {
            Some(last) if last.span.until >= span.from => {
                *last = Gap { span: Span::new(last.span.from.min(span.from), last.span.until.max(span.until)), cause };
            }
            _ => self.gaps.push(Gap { span, cause }),
        }
        if self.gaps.len() > GAPS {
            let next = self.gaps.remove(1);
            if let Some(first) = self.gaps.first_mut() {
                first.span.until = first.span.until.max(next.span.until);
            }
        }
    }
}

impl Ledger {
    /// What an earlier run of the program knew. Whatever stood then ended with it.
    #[must_use]
    pub fn restored(records: Vec<Record>) -> Self {
        let entry = |record: Record| {
            let Record { coverage, anchor, level, most_seen, confirmed, before } = record;
            let standing = match coverage.standing {
                Standing::Live { since } | Standing::Proving { since } => Standing::Away { since },
                other => other,
            };
            let entry = Entry {
                standing,
                before,
                level,
                most_seen,
                stretches: coverage.stretches.to_vec(),
                gaps: coverage.gaps.to_vec(),
                confirmed,
                ..Entry::new(DateTime::UNIX_EPOCH, anchor)
            };
            (coverage.topic, entry)
        };
        Self { entries: records.into_iter().map(entry).collect(), changed: true }
    }

    /// I am subscribed, and what is published from now on arrives. `next` is the row that will be stored next.
    pub fn present(&mut self, topic: &TopicId, now: DateTime<Utc>, next: Seq) {
        let Some(entry) = self.entries.get_mut(topic) else {
            let _ = self.entries.insert(topic.clone(), Entry::new(now, next));
            self.changed = true;
            return;
        };
        entry.broken = None;
        // Of a topic that was mine the broker's list has its own word.
        if matches!(entry.standing, Standing::Left { .. } | Standing::Lost { .. }) {
            entry.confirmed = (now, next);
        }
        match entry.standing {
            Standing::Live { .. } | Standing::Proving { .. } => return,
            Standing::Away { since } => {
                entry.standing = Standing::Proving { since };
                entry.joined = Some(now);
                let _ = entry.before.get_or_insert(next);
            }
            Standing::Lost { since, cause } => {
                entry.standing = Standing::Proving { since };
                entry.suspicion = Some(cause);
                let _ = entry.before.get_or_insert(next);
            }
            // What was published meanwhile was not wanted; what is stored is read anew.
            Standing::Left { .. } => {
                entry.standing = Standing::Live { since: now };
                (entry.anchor, entry.level) = (next, false);
            }
        }
        self.changed = true;
    }

    /// The broker says that I am subscribed.
    pub fn confirmed(&mut self, topic: &TopicId, now: DateTime<Utc>, next: Seq) {
        if let Some(entry) = self.entries.get_mut(topic) {
            entry.confirmed = (now, next);
        }
    }

    /// The session broke; all that the controller had sent until `heard` had come.
    pub fn broke(&mut self, heard: DateTime<Utc>, next: Seq) {
        let until = heard - SLACK;
        for entry in self.entries.values_mut() {
            (entry.broken, entry.beat) = (None, None);
            entry.hasty |= entry.joined.take().is_some_and(|joined| heard - joined < SETTLING);
            match entry.standing {
                Standing::Live { since: begun } => {
                    let since = until.max(begun);
                    entry.stood(begun, since);
                    entry.broken = Some(Standing::Live { since });
                    entry.standing = Standing::Away { since };
                    entry.anchor = next;
                }
                Standing::Proving { since } => {
                    entry.broken = Some(entry.standing);
                    entry.standing = Standing::Away { since };
                }
                Standing::Away { .. } | Standing::Left { .. } | Standing::Lost { .. } => continue,
            }
            self.changed = true;
        }
    }

    /// The session stands, and all that it told until `heard` is stored. Gives whether that is worth keeping: after an end
    /// without a word only what came later is in doubt. What is known in this run stays as it is.
    pub fn beat(&mut self, heard: DateTime<Utc>, next: Seq) -> bool {
        let until = heard - SLACK;
        let mut news = false;
        for entry in self.entries.values_mut() {
            // The clock was set back: the time until the last beat is to come once more, and nothing is known of it.
            if entry.beat.is_some_and(|(before, _)| until < before) {
                entry.beat = None;
                news = true;
            }
            if entry.may_beat(until) {
                entry.beat = Some((until, next));
                news = true;
            }
        }
        news
    }

    /// Whether nothing is kept yet of how long some topic's session stands.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.entries.values().any(|entry| match entry.standing {
            Standing::Live { since } => entry.beat.is_none_or(|(until, _)| until <= since),
            _ => false,
        })
    }

    /// The session that broke goes on (XEP-0198). What the controller had sent meanwhile is still to come, so nothing is
    /// recorded as complete before the session is known to have stood for longer.
    pub fn resumed(&mut self, now: DateTime<Utc>) {
        for entry in self.entries.values_mut() {
            let Some(broken) = entry.broken.take() else { continue };
            entry.joined = Some(now);
            entry.standing = match broken {
                Standing::Live { .. } => {
                    entry.resumed = Some(now);
                    broken
                }
                other => other,
            };
            self.changed = true;
        }
    }

    /// Something of the broker's was not taken in: what came since `from` is to be shown anew.
    pub fn doubted(&mut self, topic: &TopicId, from: DateTime<Utc>, next: Seq, cause: Cause) {
        let Some(entry) = self.entries.get_mut(topic) else { return };
        if let Standing::Live { since } = entry.standing {
            let from = (from - SLACK).max(since);
            entry.stood(since, from);
            entry.standing = Standing::Proving { since: from };
            entry.anchor = next;
            self.changed = true;
        }
        let _ = entry.suspicion.get_or_insert(cause);
        entry.doubts = entry.doubts.wrapping_add(1);
    }

    /// The subscription was ended by somebody else, or the topic deleted: nothing is known since it was last confirmed.
    pub fn lost(&mut self, topic: &TopicId, cause: Cause) {
        let Some(entry) = self.entries.get_mut(topic) else { return };
        entry.broken = None;
        let (confirmed, next) = entry.confirmed;
        entry.standing = match entry.standing {
            Standing::Live { since } => {
                let until = confirmed.max(since);
                entry.stood(since, until);
                entry.anchor = next;
                Standing::Lost { since: until, cause }
            }
            // It may have been ended long before the session broke.
            Standing::Proving { since } | Standing::Away { since } => {
                entry.take_back(confirmed);
                Standing::Lost { since: since.min(confirmed), cause }
            }
            ended @ (Standing::Lost { .. } | Standing::Left { .. }) => ended,
        };
        self.changed = true;
    }

    /// I left the topic. What was open then stays a possible gap.
    pub fn left(&mut self, topic: &TopicId, now: DateTime<Utc>) {
        let Some(entry) = self.entries.get_mut(topic) else { return };
        match entry.standing {
            Standing::Left { .. } => return,
            Standing::Live { since } => entry.stood(since, now),
            Standing::Proving { since } | Standing::Away { since } => {
                let cause = entry.suspicion.unwrap_or(Cause::Unsubscribed);
                entry.gap(since, now, cause);
            }
            Standing::Lost { since, cause } => entry.gap(since, now, cause),
        }
        (entry.broken, entry.suspicion, entry.before) = (None, None, None);
        entry.standing = Standing::Left { at: now };
        entry.beat = None;
        self.changed = true;
    }

    /// How to look at what the topic stores, if everything is to be read at least this `often`.
    #[must_use]
    pub fn look(&self, topic: &TopicId, now: Instant, often: Duration) -> Option<Look> {
        let entry = self.entries.get(topic)?;
        let since = if let Standing::Proving { since } = entry.standing { Some(since) } else { None };
        let whole = entry.whole.is_none_or(|whole| now.saturating_duration_since(whole) >= often);
        let Entry { anchor, before, level, hasty, most_seen: seen, stale, doubts, .. } = *entry;
        Some(Look {
            anchor,
            joined: before.unwrap_or(anchor),
            proving: since.is_some(),
            since,
            level,
            whole,
            hasty,
            seen,
            stale,
            doubts,
        })
    }

    /// Everything is to be read with the next look.
    pub fn stale(&mut self, topic: &TopicId) {
        if let Some(entry) = self.entries.get_mut(topic) {
            entry.whole = None;
            entry.stale = entry.stale.wrapping_add(1);
        }
    }

    /// What the topic stores was looked at. Gives the gap that has to be told, if there is one.
    pub fn looked(&mut self, topic: &TopicId, look: &Look, seen: &Seen, limits: Limits, now: Instant) -> Option<Gap> {
        let entry = self.entries.get_mut(topic)?;
        let limits = Limits { seen: entry.most_seen, ..limits };
        entry.most_seen = entry.most_seen.max(seen.listed);
        let skipped = !seen.skipped.is_subset(&entry.skipped);
        if entry.skipped.len() < SKIPPED {
            entry.skipped.extend(seen.skipped.iter().cloned());
        }
        if (seen.whole || seen.cut) && seen.read {
            entry.level = true;
            entry.whole = Some(now).filter(|_| look.stale == entry.stale);
        }
        let Standing::Proving { since } = entry.standing else { return None };
        // Names alone show that something is missing, not that nothing is.
        if !seen.read || !look.proving || look.doubts != entry.doubts {
            return None;
        }
        let judged = if skipped { Err(Cause::Unreadable) } else { seen.judge(&limits) };
        self.changed = true;
        let until = seen.at.max(since);
        (entry.standing, entry.hasty) = (Standing::Live { since: until }, false);
        entry.before = None;
        let suspicion = entry.suspicion.take();
        match judged {
            Ok(proof) => {
                entry.complete(since, until, proof);
                None
            }
            Err(cause) => {
                entry.gap(since, seen.at, suspicion.unwrap_or(cause));
                entry.gaps.last().copied()
            }
        }
    }

    /// The broker does not give out what it stores, and never will in this session.
    pub fn refused(&mut self, topic: &TopicId, now: DateTime<Utc>) -> Option<Gap> {
        let entry = self.entries.get_mut(topic)?;
        let Standing::Proving { since } = entry.standing else { return None };
        (entry.standing, entry.before) = (Standing::Live { since: now.max(since) }, None);
        let cause = entry.suspicion.take().unwrap_or(Cause::Refused);
        entry.gap(since, now, cause);
        self.changed = true;
        entry.gaps.last().copied()
    }

    /// Topics that were mine when last heard of, and are not known to be so now.
    pub fn away(&self) -> impl Iterator<Item = &TopicId> {
        let away = |entry: &Entry| matches!(entry.standing, Standing::Away { .. });
        self.entries.iter().filter(move |(_, entry)| away(entry)).map(|(topic, _)| topic)
    }

    /// Whether anything changed since this was last asked.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// What is known, by topic.
    #[must_use]
    pub fn coverage(&self) -> Arc<[Coverage]> {
        self.entries.iter().map(|(topic, entry)| coverage(topic, entry)).collect()
    }

    /// What the next run of the program needs to know.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let record = |(topic, entry): (&TopicId, &Entry)| {
            let kept = entry.kept();
            Record {
                coverage: coverage(topic, &kept),
                anchor: kept.anchor,
                level: kept.level,
                most_seen: kept.most_seen,
                confirmed: kept.confirmed,
                before: kept.before,
            }
        };
        self.entries.iter().map(record).collect()
    }
}

fn coverage(topic: &TopicId, entry: &Entry) -> Coverage {
    Coverage {
        topic: topic.clone(),
        standing: entry.standing,
        stretches: entry.stretches.as_slice().into(),
        gaps: entry.gaps.as_slice().into(),
    }
}

#[cfg(test)]
mod tests;
