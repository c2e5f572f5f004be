//! What somebody would receive of a topic, as far as this console has it stored; and who publishes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{BareJid, Jid, Tlp, TopicId};
use crate::store::index::{Failure, Snapshot, Stop};

/// The time that the rate is of.
pub const SPAN: TimeDelta = TimeDelta::days(30);
/// Rows between two looks whether to stop.
const PART: u32 = 4_096;

/// Of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Would {
    /// Items stored here.
    pub stored: u32,
    /// Of these in the last thirty days.
    pub lately: u32,
    /// The strictest restriction among them.
    pub strictest: Option<Tlp>,
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// Who published them, by the broker's word, and when last.
    pub publishers: BTreeMap<BareJid, DateTime<Utc>>,
}

impl Would {
    /// Items a day, in tenths: of the last thirty days, or of the time since the first where that is shorter.
    #[must_use]
    pub fn tenths_a_day(&self, now: DateTime<Utc>) -> u32 {
        let known = self.first.map_or(SPAN, |first| (now - first).min(SPAN));
        let days = u32::try_from(known.num_days()).unwrap_or_default().max(1);
        self.lately.saturating_mul(10).div_ceil(days)
    }
}

/// Looks through what is stored of these topics. Blocks; not for the window's thread.
///
/// # Errors
/// When it was stopped.
pub fn receive(
    on: &Snapshot,
    topics: &[TopicId],
    now: DateTime<Utc>,
    stop: &Stop,
) -> Result<BTreeMap<TopicId, Would>, Failure> {
    let wanted: BTreeSet<&TopicId> = topics.iter().collect();
    let mut found: BTreeMap<TopicId, Would> = topics.iter().map(|topic| (topic.clone(), Would::default())).collect();
    // A publisher is named by every row of his.
    let mut known: HashMap<String, Option<BareJid>> = HashMap::new();
    for row in 0..on.len() {
        if row.is_multiple_of(PART) {
            stop.check()?;
        }
        let Some(line) = on.line(row).filter(|line| wanted.contains(&*line.source.topic)) else { continue };
        let Some(would) = found.get_mut(&*line.source.topic) else { continue };
        would.stored += 1;
        would.lately += u32::from(now - line.at <= SPAN);
        would.strictest = would.strictest.max(Some(line.strictest.max(line.label)));
        would.first = Some(would.first.map_or(line.at, |first| first.min(line.at)));
        would.last = would.last.max(Some(line.at));
        let Some(publisher) = &line.source.publisher else { continue };
        let read = || publisher.parse::<Jid>().ok().map(Jid::into_bare);
        let who = known.entry(publisher.to_string()).or_insert_with(read);
        if let Some(who) = who {
            let last = would.publishers.entry(who.clone()).or_insert(line.at);
            *last = line.at.max(*last);
        }
    }
    Ok(found)
}
