//! A time as people type it, and as a document writes it: always with its zone (RFC 7970 §2.7, XML Schema `dateTime`).

use chrono::{
    DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc,
};

use crate::iodef::schema::{Profile, Type};

/// The zone of this machine at a time of its own clocks; none where the clocks skip it.
pub type Here = fn(NaiveDateTime) -> Option<FixedOffset>;

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 60;

/// What a text means as a time, written as a document has it: `2026-11-21T16:05:00+01:00`, `21.11.2026 16:05`, `16:05`,
/// `16:05 UTC`, `now`, `-2h`. Without a zone it is of this machine, without a day it is today. `None` where it means no time.
/// What is written as a document has it already stays to the letter.
#[must_use]
pub fn written(typed: &str, now: DateTime<Utc>, here: Here) -> Option<String> {
    let typed = typed.trim();
    if typed.len() > LONGEST {
        return None;
    }
    if Type::DateTime.holds(typed, Profile::Published) && DateTime::parse_from_rfc3339(typed).is_ok() {
        return Some(typed.to_owned());
    }
    if let Some(at) = relative(typed, now) {
        return Some(at.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    let (rest, zone) = zone(typed);
    // Of the place whose day is meant.
    let today = |zone: Option<FixedOffset>| {
        let zone = zone.or_else(|| here(now.naive_utc()))?;
        Some(now.with_timezone(&zone).date_naive())
    };
    let mut parts = rest.split(['T', ' ', ',']).filter(|part| !part.is_empty());
    let (first, second, more) = (parts.next()?, parts.next(), parts.next());
    let (day, time) = match (second, more) {
        (Some(second), None) => (date(first)?, clock(second)?),
        (None, None) => match date(first) {
            Some(day) => (day, NaiveTime::MIN),
            None => (today(zone)?, clock(first)?),
        },
        _ => return None,
    };
    let local = day.and_time(time);
    let zone = match zone {
        Some(zone) => zone,
        None => here(local)?,
    };
    let at = local.and_local_timezone(zone).single()?;
    Some(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// `now`, `-30m`, `-2h`, `+1d`.
fn relative(typed: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if typed.eq_ignore_ascii_case("now") {
        return Some(now);
    }
    let (sign, rest) = match typed.as_bytes().first()? {
        b'-' => (-1, typed.get(1..)?),
        b'+' => (1, typed.get(1..)?),
        _ => return None,
    };
    let unit = rest.get(rest.len().checked_sub(1)?..)?;
    let count: i64 =
        rest.get(..rest.len() - 1)?.trim_end().parse().ok().filter(|count| (0..=100_000).contains(count))?;
    match unit {
        "m" => now.checked_add_signed(TimeDelta::minutes(sign * count)),
        "h" => now.checked_add_signed(TimeDelta::hours(sign * count)),
        "d" if sign < 0 => now.checked_sub_days(Days::new(count.unsigned_abs())),
        "d" => now.checked_add_days(Days::new(count.unsigned_abs())),
        _ => None,
    }
}

/// The text before its zone, and the zone, where it says one.
fn zone(typed: &str) -> (&str, Option<FixedOffset>) {
    let utc = FixedOffset::east_opt(0);
    for word in ["UTC", "GMT", "utc", "gmt"] {
        if let Some(rest) = typed.strip_suffix(word) {
            return (rest.trim_end(), utc);
        }
    }
    if let Some(rest) = typed.strip_suffix(['Z', 'z']) {
        return (rest.trim_end(), utc);
    }
    // A distance follows a time of day; a dash in a date does not.
    let Some(colon) = typed.find(':') else { return (typed, None) };
    let Some(sign) = typed.get(colon..).and_then(|rest| rest.find(['+', '-', '\u{2212}'])).map(|at| at + colon) else {
        return (typed, None);
    };
    let (rest, offset) = typed.split_at(sign);
    let is_east = offset.starts_with('+');
    let digits: String = offset.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok(), Some(0)),
        4 => (digits.get(..2).and_then(|h| h.parse().ok()), digits.get(2..).and_then(|m| m.parse().ok())),
        _ => (None, None),
    };
    let seconds = hours.zip(minutes).filter(|(hours, minutes)| *hours <= 14 && (0..60).contains(minutes));
    let seconds = seconds.map(|(hours, minutes)| hours * 3600 + minutes * 60);
    let offset = seconds.and_then(|seconds| FixedOffset::east_opt(if is_east { seconds } else { -seconds }));
    match offset {
        Some(offset) => (rest.trim_end(), Some(offset)),
        None => (typed, None),
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    // Years of two digits are of any century.
    let forms = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d"];
    let date = forms.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
    (1000..=9999).contains(&chrono::Datelike::year(&date)).then_some(date)
}

fn clock(text: &str) -> Option<NaiveTime> {
    let time = ["%H:%M:%S", "%H:%M", "%H:%M:%S%.f"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    // A second that is none in documents (XML Schema 1.0 §3.2.7).
    time.filter(|time| time.nanosecond() < 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour east of UTC, and two in summer; on the last Sunday of March the clocks skip an hour.
    fn here(at: NaiveDateTime) -> Option<FixedOffset> {
        let summer = (4..=10).contains(&chrono::Datelike::month(&at));
        let skipped = at.date() == NaiveDate::from_ymd_opt(2026, 3, 29)? && chrono::Timelike::hour(&at) == 2;
        if skipped { None } else { FixedOffset::east_opt(if summer { 7200 } else { 3600 }) }
    }

    #[test]
    fn a_time_is_written_with_its_zone_however_it_is_typed() {
        let now: DateTime<Utc> = "2026-11-21T23:30:00Z".parse().unwrap();
        for (typed, expected) in [
            ("2026-11-21T16:05:00Z", Some("2026-11-21T16:05:00Z")),
            ("2026-11-21T16:05:00.250+01:00", Some("2026-11-21T16:05:00.250+01:00")),
            ("2026-11-21 16:05", Some("2026-11-21T16:05:00+01:00")),
            ("2026-07-21 16:05", Some("2026-07-21T16:05:00+02:00")),
            ("2026-11-21 16:05 UTC", Some("2026-11-21T16:05:00Z")),
            ("2026-11-21 16:05Z", Some("2026-11-21T16:05:00Z")),
            ("21.11.2026, 16:05:07 -0530", Some("2026-11-21T16:05:07-05:30")),
            ("2026-11-21 16:05 +2", Some("2026-11-21T16:05:00+02:00")),
            // Today is the day of the zone that is meant: here it is tomorrow already.
            ("00:10", Some("2026-11-22T00:10:00+01:00")),
            ("22:10 UTC", Some("2026-11-21T22:10:00Z")),
            ("2026-11-21", Some("2026-11-21T00:00:00+01:00")),
            (" now ", Some("2026-11-21T23:30:00Z")),
            ("-2h", Some("2026-11-21T21:30:00Z")),
            ("-90m", Some("2026-11-21T22:00:00Z")),
            ("+1d", Some("2026-11-22T23:30:00Z")),
            // No such time here, no such time anywhere, and what is no time.
            ("2026-03-29 02:30", None),
            ("25:00", None),
            ("2026-13-01 10:00", None),
            ("yesterday", None),
            ("16", None),
            ("-2", None),
            ("", None),
            ("10:00 20:00", None),
            ("10:00 +15:00", None),
            ("10:00:60", None),
            ("2026-11-21T23:59:60Z", None),
            ("2026-11-21T16:05:00z", Some("2026-11-21T16:05:00Z")),
        ] {
            assert_eq!(written(typed, now, here).as_deref(), expected, "{typed}");
        }
        assert_eq!(written(&"1".repeat(100), now, here), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_made_of_a_text_is_a_time_of_a_document(typed in "[-+0-9T:Zz .,UTCa-d]{0,30}|\\PC{0,20}") {
            let now: DateTime<Utc> = "2026-11-21T23:30:00Z".parse().unwrap();
            if let Some(written) = written(&typed, now, here) {
                let is_one = Type::DateTime.holds(&written, Profile::Published);
                proptest::prop_assert!(is_one && written.contains('T'), "{typed:?} {written}");
                proptest::prop_assert_eq!(super::written(&written, now, here), Some(written));
            }
        }
    }
}
