//! How long what is kept: rules by topic and by restriction, what they would take away, and the taking.
//!
//! May use `model`, the contract in `store` and what a person made of the rows. Nothing goes until a person has seen what would
//! go and said so; a rule that is changed has to be seen again. Age counts from when this console received an incident: what a
//! document says of its own time is its sender's word.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::index::{Bitmap, Failure, Stop};
use super::local::{Local, Shelf, by_hand};
use super::{Error, Payload, Seq, Store};
use crate::model::{Say, Tlp, TopicId};
use crate::text;

/// Rows of one transaction: a few milliseconds in which nothing is received.
pub const PIECE: usize = 256;
/// Longest time, in days: a hundred years.
pub const LONGEST: u32 = 36_525;
/// How often it runs by itself.
pub const EVERY: TimeDelta = TimeDelta::days(1);

/// By what a payload that was taken away is known when it comes again: a hash of its bytes. Who has the archive's key and a
/// whole document can find out by it that the document was here; nobody can make the document of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace([u8; 16]);

impl Trace {
    #[must_use]
    pub fn of(payload: &[u8]) -> Self {
        let mut short = [0; 16];
        short.iter_mut().zip(Sha256::digest(payload)).for_each(|(own, byte)| *own = byte);
        Self(short)
    }

    #[must_use]
    pub fn is(&self, payload: &Payload) -> bool {
        *self == Self::of(&payload.bytes)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why rules are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("not a number of days")]
    Days,
    #[error("the rules cannot be read")]
    Unreadable { cause: String },
}

impl Problem {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Days => Say::new("retention-days-wrong").with("most", LONGEST.to_string()),
            Self::Unreadable { cause } => Say::new("retention-unreadable").with("cause", text::line(cause)),
        }
    }
}

/// Days that something is kept; none is for ever.
///
/// # Errors
/// When it is neither empty nor a number of days.
pub fn days(typed: &str) -> Result<Option<u32>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().ok().filter(|days| (1..=LONGEST).contains(days)).map(Some).ok_or(Problem::Days)
}

/// The rules, in days. Of several that speak of an incident the shortest holds; where none does it is kept for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Of everything.
    pub all: Option<u32>,
    /// Of what has this label, or something in it.
    pub labels: BTreeMap<Tlp, u32>,
    pub topics: BTreeMap<TopicId, u32>,
}

/// The labels a rule can be for, mildest first.
pub const LABELS: [Tlp; 6] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::ByAgreement, Tlp::Red];

impl Rules {
    /// Nothing ever goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.labels.is_empty() && self.topics.is_empty()
    }

    #[must_use]
    pub fn days(&self, topic: &TopicId, strictest: Tlp) -> Option<u32> {
        let own = [self.all, self.labels.get(&strictest).copied(), self.topics.get(topic).copied()];
        own.into_iter().flatten().min()
    }

    fn shortest(&self) -> Option<u32> {
        self.all.iter().chain(self.labels.values()).chain(self.topics.values()).min().copied()
    }
}

/// The rules with what a person said to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    pub rules: Rules,
    /// When somebody saw what they would take away and let them.
    pub accepted: Option<DateTime<Utc>>,
    /// When they last ran to their end.
    pub ran: Option<DateTime<Utc>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    all: Option<u32>,
    accepted: Option<String>,
    ran: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, u32>,
    #[serde(default)]
    topics: Vec<WrittenTopic>,
}

#[derive(Serialize, Deserialize)]
struct WrittenTopic {
    broker: String,
    node: String,
    days: u32,
}

impl Retention {
    /// Puts other rules in force; they run only when they were seen.
    pub fn change(&mut self, rules: Rules) {
        if self.rules != rules {
            *self = Self { rules, accepted: None, ran: self.ran };
        }
    }

    /// Whether it is time to run, unasked.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.accepted.is_some() && !self.rules.is_empty() && self.ran.is_none_or(|ran| now - ran >= EVERY || ran > now)
    }

    fn text(&self) -> String {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let topic = |(topic, days): (&TopicId, &u32)| WrittenTopic {
            broker: topic.broker.to_string(),
            node: topic.node.clone(),
            days: *days,
        };
        let written = Written {
            all: self.rules.all,
            accepted: self.accepted.map(time),
            ran: self.ran.map(time),
            labels: self.rules.labels.iter().map(|(label, days)| (label.token().to_owned(), *days)).collect(),
            topics: self.rules.topics.iter().map(topic).collect(),
        };
        // Texts and small numbers can always be written.
        toml::to_string(&written).unwrap_or_default()
    }

    fn read(text: &str) -> Result<Self, Problem> {
        let not = |cause: &str| Problem::Unreadable { cause: text::one_line(cause, text::LINE) };
        let written: Written = toml::from_str(text).map_err(|error| not(error.message()))?;
        let time = |at: Option<String>| at.map(|at| at.parse().map_err(|_| not(&at))).transpose();
        let held = |days: u32| if (1..=LONGEST).contains(&days) { Ok(days) } else { Err(Problem::Days) };
        let mut rules = Rules { all: written.all.map(held).transpose()?, ..Rules::default() };
        for (token, days) in written.labels {
            let label = LABELS.into_iter().find(|label| label.token() == token).ok_or_else(|| not(&token))?;
            let _ = rules.labels.insert(label, held(days)?);
        }
        for topic in written.topics {
            let broker = topic.broker.parse().map_err(|_| not(&topic.broker))?;
            let _ = rules.topics.insert(TopicId { broker, node: topic.node }, held(topic.days)?);
        }
        Ok(Self { rules, accepted: time(written.accepted)?, ran: time(written.ran)? })
    }
}

/// What was kept of rules; what cannot be read takes nothing away.
///
/// # Errors
/// When the store could not be read.
pub fn kept(of: &dyn Local) -> Result<(Retention, Option<Problem>), Error> {
    let Some((_, text)) = of.kept(Shelf::Retention)?.into_iter().next() else { return Ok(Default::default()) };
    Ok(match Retention::read(&text) {
        Ok(retention) => (retention, None),
        Err(problem) => (Retention::default(), Some(problem)),
    })
}

/// Keeps the rules.
///
/// # Errors
/// When what was there before is there still.
pub fn keep(of: &dyn Local, retention: &Retention) -> Result<(), Error> {
    of.keep(Shelf::Retention, &[], &[(String::new(), retention.text())])
}

/// What would go of one topic with one label, or stay because a person made something of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub topic: TopicId,
    pub strictest: Tlp,
    /// How long these are kept, in days.
    pub days: u32,
    pub going: u32,
    /// Starred, tagged, noted, snoozed or with a word on what came of it: they stay.
    pub staying: u32,
    /// When the first and the last that would go were received.
    pub oldest: DateTime<Utc>,
    pub newest: DateTime<Utc>,
}

/// What rules would take away now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub rows: Vec<Seq>,
    /// By topic, mildest label first.
    pub lines: Vec<Line>,
}

impl Plan {
    #[must_use]
    pub fn going(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn staying(&self) -> u32 {
        self.lines.iter().map(|line| line.staying).sum()
    }
}

/// Looks what the rules would take away. `spared` stay too: what a person made of rows in this session. Blocks.
///
/// # Errors
/// When it was stopped or the store could not be read.
pub fn plan(
    rules: &Rules,
    store: &dyn Store,
    spared: &Bitmap,
    now: DateTime<Utc>,
    stop: &Stop,
) -> Result<Plan, Failure> {
    let Some(shortest) = rules.shortest() else { return Ok(Plan::default()) };
    let mut stay = store.local().map_or(Ok(Bitmap::default()), |local| by_hand(local, &Bitmap::all(store.len())))?;
    stay.join(spared);
    let (mut rows, mut lines) = (Vec::new(), BTreeMap::<(TopicId, Tlp), Line>::new());
    store.ages(since(now, shortest), &mut |age| {
        let Some(days) = rules.days(age.topic, age.strictest).filter(|days| age.received < since(now, *days)) else {
            return;
        };
        let line = lines.entry((age.topic.clone(), age.strictest)).or_insert_with(|| Line {
            topic: age.topic.clone(),
            strictest: age.strictest,
            days,
            going: 0,
            staying: 0,
            oldest: DateTime::<Utc>::MAX_UTC,
            newest: DateTime::<Utc>::MIN_UTC,
        });
        if stay.contains(age.seq) {
            line.staying += 1;
        } else {
            line.going += 1;
            line.oldest = line.oldest.min(age.received);
            line.newest = line.newest.max(age.received);
            rows.push(age.seq);
        }
    })?;
    stop.check()?;
    Ok(Plan { rows, lines: lines.into_values().collect() })
}

fn since(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(days.into())).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Takes away what a plan says, a piece at a time, each on the disk when it is done; `told` hears of each piece's rows. What
/// a person made something of since stays. Blocks. [`tidy`] is to follow, however it ends.
///
/// # Errors
/// When it was stopped or the store could not be written; what went by then is gone, and the next run goes on.
pub fn run(
    plan: &Plan,
    store: &dyn Store,
    now: DateTime<Utc>,
    stop: &Stop,
    told: &mut dyn FnMut(&[Seq]),
) -> Result<u32, Failure> {
    let mut gone = 0;
    for piece in plan.rows.chunks(PIECE) {
        stop.check()?;
        let rows = store.purge(piece, now)?;
        gone += u32::try_from(rows.len()).unwrap_or(u32::MAX);
        told(&rows);
    }
    Ok(gone)
}

/// Takes what went out of the indexes too, a piece at a time: until then its words stand there, whatever the rules are by
/// now. Blocks.
///
/// # Errors
/// When it was stopped or the store could not be written; the next time goes on.
pub fn tidy(store: &dyn Store, stop: &Stop) -> Result<(), Failure> {
    loop {
        stop.check()?;
        if store.tidy()? {
            return Ok(());
        }
    }
}
