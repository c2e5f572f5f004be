//! Times as a person writes them in a filter, and the instants they stand for.

use std::fmt;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};

/// A stretch of time: `24h`, `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stretch {
    pub count: u32,
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
}

/// A time of a filter. Relative ones move with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// `24h`: so long ago.
    Ago(Stretch),
    /// `now`, `now-2h`, `now+4h`; `false` is before now.
    Now(Option<(bool, Stretch)>),
    /// `2026-11-20`: the whole day, in UTC.
    Day(NaiveDate),
    /// `2026-11-20T12:00Z`.
    At(DateTime<Utc>),
}

impl Unit {
    const ALL: [(Self, char, i64); 5] = [
        (Self::Seconds, 's', 1),
        (Self::Minutes, 'm', 60),
        (Self::Hours, 'h', 3600),
        (Self::Days, 'd', 86_400),
        (Self::Weeks, 'w', 604_800),
    ];

    fn of(self) -> (char, i64) {
        Self::ALL.iter().find(|(unit, ..)| *unit == self).map_or(('s', 1), |(_, letter, seconds)| (*letter, *seconds))
    }
}

impl Stretch {
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let unit = text.chars().last()?;
        let (unit, ..) = Unit::ALL.iter().find(|(_, letter, _)| letter.eq_ignore_ascii_case(&unit))?;
        let digits = text.get(..text.len().checked_sub(1)?)?;
        let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok().map(|count| Self { count, unit: *unit }))?
    }

    #[must_use]
    pub fn delta(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.count) * self.unit.of().1)
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.of().0)
    }
}

impl When {
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Some(stretch) = Stretch::read(text) {
            return Some(Self::Ago(stretch));
        }
        if let Some(rest) = text.get(..3).filter(|start| start.eq_ignore_ascii_case("now")).and_then(|_| text.get(3..))
        {
            let ahead = match rest.chars().next() {
                None => return Some(Self::Now(None)),
                Some('+') => true,
                Some('-') => false,
                Some(_) => return None,
            };
            return Stretch::read(rest.get(1..)?).map(|stretch| Self::Now(Some((ahead, stretch))));
        }
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return in_reach(day.and_time(NaiveTime::MIN).and_utc()).map(|_| Self::Day(day));
        }
        instant(text).and_then(in_reach).map(Self::At)
    }

    /// Whether it stands for another instant later.
    #[must_use]
    pub fn moves(self) -> bool {
        matches!(self, Self::Ago(_) | Self::Now(_))
    }

    /// Its first instant and the first after it, in seconds since 1970.
    #[must_use]
    pub fn seconds(self, now: DateTime<Utc>) -> (i64, i64) {
        let one = |at: DateTime<Utc>| (at.timestamp(), at.timestamp().saturating_add(1));
        let moved = |ahead: bool, by: Stretch| {
            let delta = if ahead { by.delta() } else { -by.delta() };
            one(now.checked_add_signed(delta).unwrap_or(if ahead {
                DateTime::<Utc>::MAX_UTC
            } else {
                DateTime::<Utc>::MIN_UTC
            }))
        };
        match self {
            Self::Ago(by) => moved(false, by),
            Self::Now(None) => one(now),
            Self::Now(Some((ahead, by))) => moved(ahead, by),
            Self::Day(day) => {
                let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
                (
                    day.and_time(NaiveTime::MIN).and_utc().timestamp(),
                    next.and_time(NaiveTime::MIN).and_utc().timestamp(),
                )
            }
            Self::At(at) => one(at),
        }
    }
}

/// With minutes, seconds or parts of them; without a zone it is UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    if !text.contains(['T', 't']) {
        return None;
    }
    if let Ok(at) = text.parse::<DateTime<FixedOffset>>() {
        return Some(at.with_timezone(&Utc));
    }
    for form in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%MZ"] {
        if let Ok(at) = DateTime::parse_from_str(&text.replacen(['Z', 'z'], "+00:00", 1), form) {
            return Some(at.with_timezone(&Utc));
        }
    }
    let plain = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    plain.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|at| at.and_utc())
}

/// Years of four digits, so that what is written is read again; the rest of the second is not looked at.
fn in_reach(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    use chrono::Datelike as _;
    (1970..=9998).contains(&at.year()).then(|| DateTime::from_timestamp(at.timestamp(), 0))?
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago(stretch) => stretch.fmt(f),
            Self::Now(None) => f.write_str("now"),
            Self::Now(Some((ahead, stretch))) => write!(f, "now{}{stretch}", if *ahead { '+' } else { '-' }),
            Self::Day(day) => day.fmt(f),
            Self::At(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        }
    }
}
