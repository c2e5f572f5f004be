//! Alerts: rules that tell a person of what arrives while they look elsewhere. A rule is a saved view with quiet hours and a
//! limit of how often it speaks; what it says is how much came of which topics, and no word of what is stricter than TLP:GREEN.
//!
//! May use `model`, `text`, the index and what is kept in `store`. What came is judged off the window's thread ([`Alerts`]); when
//! it may be said is [`pace`]'s. The words and the way to the screen are the window's.

pub mod pace;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::index::plan::Test;
use super::index::{Bitmap, Failure, Flags, Plan, Snapshot, Stop, evaluate};
use super::local::{Local, Shelf};
use super::query::{Context, Query};
use super::views::{self, Views};
use super::{Error, Finder, Route, Row, Seq, Standing, Store};
use crate::model::{Kind, Say, Severity, Tlp, TopicId};
use crate::text;
use pace::{Pace, Spoken};

/// Most rules.
pub const RULES: usize = 50;
/// A rule may speak so often in an hour at most, and as often if its person says nothing.
pub const MOST: u32 = 60;
pub const USUAL: u32 = 6;
/// Rows of one arrival that are looked at one by one; of more the rest is counted.
const LOOKED: usize = 5_000;
/// The time a preview looks back on.
pub const WEEK: TimeDelta = TimeDelta::days(7);

/// What time it is where the person is. A moment always has one local time, also when a clock is put forward or back; a local
/// time may have two moments or none, which is why nothing here goes that way.
pub type Zone<'a> = &'a dyn Fn(DateTime<Utc>) -> NaiveDateTime;

/// Hours in which nothing is said, by the clock on the wall; they may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: NaiveTime,
    until: NaiveTime,
}

impl Quiet {
    /// `22:00-07:00`.
    ///
    /// # Errors
    /// When it is no stretch of hours.
    pub fn read(typed: &str) -> Result<Self, Problem> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| Problem::Quiet);
        let (from, until) = typed.split_once(['-', '\u{2013}']).ok_or(Problem::Quiet)?;
        let (from, until) = (time(from)?, time(until)?);
        if from == until { Err(Problem::Quiet) } else { Ok(Self { from, until }) }
    }

    #[must_use]
    pub fn holds(&self, local: NaiveTime) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&local)
        } else {
            local >= self.from || local < self.until
        }
    }
}

impl std::fmt::Display for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [from, until] = [self.from, self.until];
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), until.hour(), until.minute())
    }
}

/// Why a rule is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("no stretch of hours")]
    Quiet,
    #[error("no limit")]
    Cap,
    #[error("the view has a rule already")]
    Taken,
    #[error("too many rules")]
    TooMany,
    #[error("not a rule's text")]
    Unreadable { cause: String },
}

impl Problem {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Quiet => Say::new("alert-quiet-wrong"),
            Self::Cap => Say::new("alert-cap-wrong").with("most", MOST.to_string()),
            Self::Taken => Say::new("alert-taken"),
            Self::TooMany => Say::new("alert-many").with("most", RULES.to_string()),
            Self::Unreadable { cause } => Say::new("alert-unreadable").with("cause", text::line(cause)),
        }
    }
}

/// A limit as it is typed: 1 to [`MOST`].
///
/// # Errors
/// When it is no such number.
pub fn cap(typed: &str) -> Result<u32, Problem> {
    typed.trim().parse().ok().filter(|cap| (1..=MOST).contains(cap)).ok_or(Problem::Cap)
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The view's name; the filter follows the view, and stays what it was when the view goes.
    view: String,
    query: Query,
    pub quiet: Option<Quiet>,
    /// Notifications in an hour.
    pub cap: u32,
    pub sound: bool,
    pub on: bool,
    /// What is older is none of its business.
    since: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    filter: String,
    since: String,
    quiet: Option<String>,
    cap: u32,
    #[serde(default)]
    sound: bool,
    on: bool,
}

impl Rule {
    /// A rule over a view of this name, of what comes from now on.
    #[must_use]
    pub fn new(view: &str, query: Query, now: DateTime<Utc>) -> Self {
        let view = text::one_line(view, views::NAME);
        Self { view, query, quiet: None, cap: USUAL, sound: false, on: true, since: now }
    }

    #[must_use]
    pub fn view(&self) -> &str {
        &self.view
    }

    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Takes over what the view of its name asks for now; whether there is one. Another filter speaks of what comes from now
    /// on.
    pub fn follow(&mut self, views: &Views, now: DateTime<Utc>) -> bool {
        let Some(view) = views.all().iter().find(|view| view.name() == self.view) else { return false };
        if view.query != self.query {
            (self.query, self.since) = (view.query.clone(), now);
        }
        true
    }

    /// Switches it on or off; what came while it was off is not told afterwards.
    pub fn switch(&mut self, on: bool, now: DateTime<Utc>) {
        if on && !self.on {
            self.since = now;
        }
        self.on = on;
    }

    fn text(&self) -> String {
        let written = Written {
            filter: self.query.stored(),
            since: self.since.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            quiet: self.quiet.map(|quiet| quiet.to_string()),
            cap: self.cap,
            sound: self.sound,
            on: self.on,
        };
        // Texts and small numbers can always be written.
        toml::to_string(&written).unwrap_or_default()
    }

    fn read(view: &str, text: &str) -> Result<Self, Problem> {
        let not = |cause: &str| Problem::Unreadable { cause: text::one_line(cause, text::LINE) };
        let written: Written = toml::from_str(text).map_err(|error| not(error.message()))?;
        Ok(Self {
            view: view.to_owned(),
            query: Query::from_stored(&written.filter).map_err(|error| not(&error.to_string()))?,
            quiet: written.quiet.as_deref().map(Quiet::read).transpose()?,
            cap: if (1..=MOST).contains(&written.cap) { written.cap } else { return Err(Problem::Cap) },
            sound: written.sound,
            on: written.on,
            since: written.since.parse().map_err(|_| not(&written.since))?,
        })
    }

    /// Whether a row that matches is news to it: not what was overwritten before it came. What was missed and is fetched
    /// afterwards is of the time when it came here, whatever its sender says of when it was written.
    fn is_news(&self, row: &Row) -> bool {
        let at = if row.route == Route::Fetched { row.received } else { row.at };
        row.standing != Standing::Overwritten && at >= self.since && row.summary.kind != Kind::Gone
    }
}

/// The name of what is no rule on the shelf: the row up to which everything was looked at. No view has it.
const PLACE: &str = "";

/// What is kept of rules.
pub type KeptRules = (Vec<Rule>, Option<Seq>, Vec<Problem>);

/// The rules in the order of their names; the row from which on nothing was looked at; and why other rules cannot be read.
///
/// # Errors
/// When the store could not be read.
pub fn kept(of: &dyn Local) -> Result<KeptRules, Error> {
    let (mut rules, mut place, mut problems) = (Vec::new(), None, Vec::new());
    for (name, text) in of.kept(Shelf::Alerts)? {
        if name == PLACE {
            place = text.parse().ok();
            continue;
        }
        match Rule::read(&name, &text) {
            Ok(rule) => rules.push(rule),
            Err(problem) => problems.push(problem),
        }
    }
    Ok((rules, place, problems))
}

/// Keeps these rules instead of those before; those that cannot be read stay where they are.
///
/// # Errors
/// When nothing was changed.
pub fn keep(of: &dyn Local, before: &[Rule], rules: &[Rule]) -> Result<(), Error> {
    let gone: Vec<String> = before.iter().map(|rule| rule.view.clone()).collect();
    let put: Vec<(String, String)> = rules.iter().map(|rule| (rule.view.clone(), rule.text())).collect();
    of.keep(Shelf::Alerts, &gone, &put)
}

/// Keeps the place up to which everything was looked at, so that nothing is told twice.
///
/// # Errors
/// When it was not kept.
pub fn keep_place(of: &dyn Local, place: Seq) -> Result<(), Error> {
    of.keep(Shelf::Alerts, &[], &[(PLACE.to_owned(), place.to_string())])
}

/// Adds a rule to others.
///
/// # Errors
/// When its view has one, or there are too many.
pub fn add(rules: &mut Vec<Rule>, rule: Rule) -> Result<(), Problem> {
    if rules.iter().any(|own| own.view == rule.view) {
        return Err(Problem::Taken);
    }
    if rules.len() >= RULES {
        return Err(Problem::TooMany);
    }
    rules.push(rule);
    Ok(())
}

/// What one row of a pile may be named by, where its label lets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct One {
    pub severity: Severity,
    /// Remote text.
    pub csirt: String,
    pub id: String,
}

/// What came, as far as it may be said: how much of which topics; and of what is TLP:GREEN or milder how severe it is and,
/// where it is only one, its name. No title, no value, ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pile {
    pub count: u32,
    pub topics: BTreeMap<TopicId, u32>,
    /// Of the mild ones; the others are only counted.
    pub severities: BTreeMap<u8, u32>,
    /// The only one there is.
    pub one: Option<One>,
}

impl Pile {
    fn of(row: &Row) -> Self {
        let summary = &row.summary;
        let mild = summary.strictest.tlp() <= Tlp::Green && summary.restriction.tlp() <= Tlp::Green;
        let severity = summary.severity;
        let one = One { severity, csirt: summary.csirt.clone(), id: summary.id.clone() };
        Self {
            count: 1,
            topics: BTreeMap::from([(row.key.topic.clone(), 1)]),
            severities: mild.then_some((rank(severity), 1)).into_iter().collect(),
            one: mild.then_some(one).filter(|one| !one.id.is_empty()),
        }
    }

    fn join(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.one = if self.count == 0 { other.one.clone() } else { None };
        self.count += other.count;
        for (topic, count) in &other.topics {
            *self.topics.entry(topic.clone()).or_default() += count;
        }
        for (severity, count) in &other.severities {
            *self.severities.entry(*severity).or_default() += count;
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Severities of piles, most severe first.
pub const SEVERITIES: [Severity; 4] = [Severity::High, Severity::Medium, Severity::Low, Severity::Unknown];

fn rank(severity: Severity) -> u8 {
    let place = SEVERITIES.iter().position(|own| *own == severity);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

/// Something to be said now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub view: String,
    /// Whose place it takes: the same number is the same notification, with more in it.
    pub number: u64,
    /// It was said before and has grown.
    pub again: bool,
    pub sound: bool,
    pub pile: Pile,
}

/// The rules at work.
#[derive(Debug, Default)]
pub struct Alerts {
    rules: Vec<(Rule, Pace)>,
    /// The first row nobody looked at.
    from: Seq,
    numbers: u64,
}

impl Alerts {
    /// `from` is the first row to look at: what was there before is history.
    #[must_use]
    pub fn new(rules: Vec<Rule>, from: Seq) -> Self {
        Self { rules: rules.into_iter().map(|rule| (rule, Pace::default())).collect(), from, numbers: 0 }
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|(rule, _)| rule)
    }

    /// The row from which on nothing was told or passed over: where the next run of the program begins to look. What waits to
    /// be said is there to be found again; a rule that spoke of later rows says those twice then, which is better than never.
    #[must_use]
    pub fn place(&self) -> Seq {
        let held = self.rules.iter().filter(|(rule, _)| rule.on).filter_map(|(_, pace)| pace.since());
        held.fold(self.from, Seq::min)
    }

    /// Puts other rules in force; one over the same view goes on as it was.
    pub fn put(&mut self, rules: Vec<Rule>) {
        let mut before = std::mem::take(&mut self.rules);
        for rule in rules {
            let own = before.iter().position(|(own, _)| own.view == rule.view).map(|at| before.swap_remove(at).1);
            self.rules.push((rule, own.unwrap_or_default()));
        }
    }

    /// Rows were stored: looks at those nobody looked at. Blocks.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered; the same rows are looked at again then.
    pub fn arrived(
        &mut self,
        finder: &Finder,
        store: &dyn Store,
        now: DateTime<Utc>,
        zone: Zone<'_>,
        stop: &Stop,
    ) -> Result<Vec<Notice>, Failure> {
        let on = finder.snapshot();
        let mut fresh = Bitmap::all(on.len());
        fresh.subtract(&Bitmap::all(self.from.min(on.len())));
        if fresh.is_empty() || !self.rules().any(|rule| rule.on) {
            self.from = self.from.max(on.len());
            return Ok(self.tick(now, zone));
        }
        let mut piles = Vec::with_capacity(self.rules.len());
        for (rule, _) in &self.rules {
            piles.push(if rule.on { came(rule, finder, store, &on, &fresh, now, stop)? } else { Pile::default() });
        }
        let first = std::mem::replace(&mut self.from, on.len());
        for ((rule, pace), pile) in self.rules.iter_mut().zip(piles) {
            pace.came(&pile, first, rule, now, zone);
        }
        Ok(self.tick(now, zone))
    }

    /// What may be said by now.
    pub fn tick(&mut self, now: DateTime<Utc>, zone: Zone<'_>) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (rule, pace) in self.rules.iter_mut().filter(|(rule, _)| rule.on) {
            let Some(Spoken { again, pile }) = pace.speak(rule, now, zone) else { continue };
            if !again {
                self.numbers += 1;
                pace.number = self.numbers;
            }
            notices.push(Notice {
                view: rule.view.clone(),
                number: pace.number,
                again,
                sound: rule.sound && !again,
                pile,
            });
        }
        notices
    }

    /// Whether something waits to be said.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.rules.iter().any(|(rule, pace)| rule.on && pace.waits())
    }
}

/// What of these rows a rule speaks of.
fn came(
    rule: &Rule,
    finder: &Finder,
    store: &dyn Store,
    on: &Snapshot,
    among: &Bitmap,
    now: DateTime<Utc>,
    stop: &Stop,
) -> Result<Pile, Failure> {
    let mut rows = matching(rule, finder, on, among, now, stop)?;
    // What a topic stored before anybody read it here is born read, and so is a file of one's own.
    rows.meet(&evaluate(&Plan::Test(Test::Flags(Flags::UNREAD)), on, finder, Some(&rows), stop)?);
    let some: Vec<Seq> = rows.iter().rev().take(LOOKED).collect();
    let mut pile = Pile::default();
    for row in store.rows(&some).iter().filter(|row| rule.is_news(row)) {
        pile.join(&Pile::of(row));
    }
    // Of a flood the rest is counted by the columns, without a look at each. How a row came is not in them: one that was
    // fetched and was written before the rule was made is not counted.
    let is_news = |row: &Seq| {
        !on.has(*row, Flags::DUP) && !on.has(*row, Flags::GONE) && on.at(*row).is_some_and(|at| at >= rule.since)
    };
    let rest = rows.iter().rev().skip(LOOKED).filter(is_news).count();
    pile.count = pile.count.saturating_add(u32::try_from(rest).unwrap_or(u32::MAX));
    Ok(pile)
}

/// The rows it holds for that nobody hid, and that are not my own.
fn matching(
    rule: &Rule,
    finder: &Finder,
    on: &Snapshot,
    among: &Bitmap,
    now: DateTime<Utc>,
    stop: &Stop,
) -> Result<Bitmap, Failure> {
    let plan = rule.query.plan(&Context::at(now)).map_err(|_| Failure::Unanswerable)?;
    let rows = evaluate(&plan, on, finder, Some(among), stop)?;
    let hidden = [Flags::MUTED, Flags::SNOOZED, Flags::MINE];
    Ok(rows.iter().filter(|row| !hidden.iter().any(|flag| on.has(*row, *flag))).collect())
}

/// What a rule would have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    pub notifications: u32,
    pub incidents: u32,
    /// The filter moves with the clock, so that it holds for other rows now than it did then.
    pub moves: bool,
}

/// What a rule would have done in the last week, had everything arrived at the time it is sorted by. Blocks.
///
/// # Errors
/// When it was stopped or a question was not answered.
pub fn preview(
    rule: &Rule,
    finder: &Finder,
    now: DateTime<Utc>,
    zone: Zone<'_>,
    stop: &Stop,
) -> Result<Preview, Failure> {
    let on = finder.snapshot();
    let rows = matching(rule, finder, &on, &Bitmap::all(on.len()), now, stop)?;
    let times = rows.iter().filter(|row| !on.has(*row, Flags::DUP)).filter_map(|row| on.at(row));
    let mut times: Vec<DateTime<Utc>> = times.filter(|at| *at > now - WEEK && *at <= now).collect();
    times.sort_unstable();
    let incidents = u32::try_from(times.len()).unwrap_or(u32::MAX);
    stop.check()?;
    Ok(Preview { notifications: pace::replay(&times, rule, now, zone), incidents, moves: rule.query.moves() })
}

#[cfg(test)]
mod tests;
