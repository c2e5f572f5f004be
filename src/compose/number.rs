//! Numbers of incidents: a scheme for each team, the next that is free, and never one that was used (RFC 7970 §3.4: a
//! team must not give one number to two incidents).
//!
//! What was used is known from what is kept, from other drafts, and from a [`Ledger`] that outlives both.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::model::Say;

/// Most digits a number is filled up to.
const WIDEST: usize = 12;
/// Numbers in a run.
const LONG: u64 = 1_000_000;
/// Longest scheme, in characters.
const LONGEST: usize = 60;

/// How a team's numbers are written: words with `{year}` and `{number}` in them; `{number:4}` is filled up to four digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Words(String),
    Year,
    Number(usize),
}

/// Why a text is no scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("no {{number}} in it, or several")]
    NoNumber,
    #[error("something else in braces")]
    Braces,
    #[error("too long, or with characters no number has")]
    Words,
    #[error("digits right before or after the number")]
    Digits,
}

impl Unfit {
    #[must_use]
    pub fn say(self) -> Say {
        Say::new(match self {
            Self::NoNumber => "error-number-no-number",
            Self::Braces => "error-number-braces",
            Self::Words => "error-number-words",
            Self::Digits => "error-number-digits",
        })
    }
}

impl Default for Scheme {
    /// `2026-0042`.
    fn default() -> Self {
        Self { parts: vec![Part::Year, Part::Words("-".to_owned()), Part::Number(4)] }
    }
}

impl std::str::FromStr for Scheme {
    type Err = Unfit;

    fn from_str(text: &str) -> Result<Self, Unfit> {
        if text.chars().count() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Unfit::Words);
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(Unfit::Braces)?;
            if !before.is_empty() {
                parts.push(Part::Words(before.to_owned()));
            }
            parts.push(match name.split_once(':').unwrap_or((name, "1")) {
                ("year", "1") => Part::Year,
                ("number", width) => {
                    let width = width.parse().ok().filter(|width| (1..=WIDEST).contains(width));
                    Part::Number(width.ok_or(Unfit::Braces)?)
                }
                _ => return Err(Unfit::Braces),
            });
            rest = after;
        }
        if rest.contains('}') {
            return Err(Unfit::Braces);
        }
        if !rest.is_empty() {
            parts.push(Part::Words(rest.to_owned()));
        }
        if parts.iter().filter(|part| matches!(part, Part::Number(_))).count() != 1 {
            return Err(Unfit::NoNumber);
        }
        // `{year}{number}` would not tell where one ends and the other begins.
        let digit = |part: &Part, first: bool| match part {
            Part::Year => true,
            Part::Number(_) => false,
            Part::Words(words) => {
                let edge = if first { words.chars().next() } else { words.chars().next_back() };
                edge.is_some_and(|c| c.is_ascii_digit())
            }
        };
        let touching = parts.windows(2).any(|pair| match pair {
            [before, Part::Number(_)] => digit(before, false),
            [Part::Number(_), after] => digit(after, true),
            _ => false,
        });
        if touching { Err(Unfit::Digits) } else { Ok(Self { parts }) }
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Words(words) => f.write_str(words),
            Part::Year => f.write_str("{year}"),
            Part::Number(1) => f.write_str("{number}"),
            Part::Number(width) => write!(f, "{{number:{width}}}"),
        })
    }
}

impl Scheme {
    /// The number as it is written.
    #[must_use]
    pub fn write(&self, year: i32, number: u64) -> String {
        let part = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Year => format!("{year:04}"),
            Part::Number(width) => format!("{number:0width$}"),
        };
        self.parts.iter().map(part).collect()
    }

    /// The number in a text of this scheme; of any year where the scheme has none, else of this one.
    #[must_use]
    pub fn read(&self, text: &str, year: i32) -> Option<u64> {
        let (mut rest, mut number) = (text.trim(), None);
        for part in &self.parts {
            match part {
                Part::Words(words) => rest = rest.strip_prefix(words.as_str())?,
                Part::Year => rest = rest.strip_prefix(&format!("{year:04}"))?,
                Part::Number(_) => {
                    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    number = Some(rest.get(..digits)?.parse().ok()?);
                    rest = rest.get(digits..)?;
                }
            }
        }
        number.filter(|_| rest.is_empty())
    }

    fn has_year(&self) -> bool {
        self.parts.contains(&Part::Year)
    }
}

/// The numbers each team has used, by the year where the scheme has years: what is deleted stays used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// A copy of another desk, or an earlier program, may know of no others.
    highest: BTreeMap<(String, i32), u64>,
    used: BTreeMap<(String, i32), BTreeSet<u64>>,
}

impl Ledger {
    fn key(scheme: &Scheme, csirt: &str, year: i32) -> (String, i32) {
        (csirt.trim().to_ascii_lowercase(), if scheme.has_year() { year } else { 0 })
    }

    /// Remembers that a number is used; one of another scheme needs no remembering, it is never proposed.
    pub fn used(&mut self, scheme: &Scheme, csirt: &str, year: i32, text: &str) {
        if let Some(number) = scheme.read(text, year) {
            let key = Self::key(scheme, csirt, year);
            let highest = self.highest.entry(key.clone()).or_default();
            *highest = number.max(*highest);
            let _ = self.used.entry(key).or_default().insert(number);
        }
    }

    /// Whether a number is known to be used.
    #[must_use]
    pub fn has(&self, scheme: &Scheme, csirt: &str, year: i32, text: &str) -> bool {
        let key = Self::key(scheme, csirt, year);
        let Some(number) = scheme.read(text, year) else { return false };
        self.highest.get(&key) == Some(&number) || self.used.get(&key).is_some_and(|used| used.contains(&number))
    }

    /// Whether it is to be remembered that a number is used.
    #[must_use]
    pub fn is_news(&self, scheme: &Scheme, csirt: &str, year: i32, text: &str) -> bool {
        scheme.read(text, year).is_some() && !self.has(scheme, csirt, year, text)
    }

    /// The next free number of a team: above all that were used, kept or drafted. `taken` are the numbers the team has in
    /// what is kept and in drafts.
    #[must_use]
    pub fn next<'t>(
        &self,
        scheme: &Scheme,
        csirt: &str,
        year: i32,
        taken: impl IntoIterator<Item = &'t str>,
    ) -> String {
        let mut highest = self.highest.get(&Self::key(scheme, csirt, year)).copied().unwrap_or_default();
        let mut written: HashSet<&str> = HashSet::new();
        for text in taken {
            let _ = written.insert(text.trim());
            highest = scheme.read(text, year).map_or(highest, |number| number.max(highest));
        }
        // Beyond all numbers there are, those that are left.
        let mut number = highest.checked_add(1).unwrap_or(1);
        while written.contains(scheme.write(year, number).as_str()) && number < u64::MAX {
            number += 1;
        }
        scheme.write(year, number)
    }

    /// A line for each team and year, to be kept: the highest, and the runs that are used.
    #[must_use]
    pub fn to_text(&self) -> String {
        let line = |(key, highest): (&(String, i32), &u64)| {
            let used = self.used.get(key).map(runs).unwrap_or_default();
            format!("{} {} {highest} {used}\n", key.0, key.1)
        };
        self.highest.iter().map(line).collect()
    }

    /// What was kept; lines that say nothing are passed over, since a ledger with a gap is better than none.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut ledger = Self::default();
        let mut line = |line: &str| {
            let mut words = line.split_whitespace();
            let key = (words.next()?.to_owned(), words.next()?.parse().ok()?);
            let _ = ledger.highest.insert(key.clone(), words.next()?.parse().ok()?);
            let used: BTreeSet<u64> = words.next()?.split(',').filter_map(run).flatten().collect();
            ledger.used.insert(key, used)
        };
        text.lines().for_each(|text| drop(line(text)));
        ledger
    }

    /// Joins what another has, as of a copy of the archive.
    pub fn join(&mut self, other: &Self) {
        for (key, number) in &other.highest {
            let highest = self.highest.entry(key.clone()).or_default();
            *highest = (*number).max(*highest);
        }
        for (key, used) in &other.used {
            self.used.entry(key.clone()).or_default().extend(used);
        }
    }
}

/// Numbers as `1-4,7`.
fn runs(numbers: &BTreeSet<u64>) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let word = |(first, last): (u64, u64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    runs.into_iter().map(word).collect::<Vec<_>>().join(",")
}

/// What [`runs`] wrote; a run that nobody can have used is none.
fn run(word: &str) -> Option<std::ops::RangeInclusive<u64>> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    (last.checked_sub(first)? < LONG).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn schemes_are_read_and_written() {
        for (scheme, text) in [
            ("{year}-{number:4}", "2026-0042"),
            ("INC-{number}", "INC-42"),
            ("{number:6}/{year}", "000042/2026"),
            ("a{year}b{number}c", "a2026b42c"),
        ] {
            let read: Scheme = scheme.parse().unwrap();
            assert_eq!((read.to_string().as_str(), read.write(2026, 42).as_str()), (scheme, text));
            assert_eq!(read.read(text, 2026), Some(42));
        }
        assert_eq!(Scheme::default(), "{year}-{number:4}".parse().unwrap());
        for (scheme, unfit) in [
            ("", Unfit::NoNumber),
            ("{year}", Unfit::NoNumber),
            ("{number}-{number}", Unfit::NoNumber),
            ("{year}{number}", Unfit::Digits),
            ("{number}7", Unfit::Digits),
            ("{day}-{number}", Unfit::Braces),
            ("{number:99}", Unfit::Braces),
            ("{number", Unfit::Braces),
            ("a b{number}", Unfit::Words),
        ] {
            assert_eq!(scheme.parse::<Scheme>(), Err(unfit), "{scheme}");
        }
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let (scheme, mut ledger) = (Scheme::default(), Ledger::default());
        assert_eq!(ledger.next(&scheme, "a.example", 2026, []), "2026-0001");
        assert_eq!(ledger.next(&scheme, "a.example", 2026, ["2026-0041", "2025-0099", "x", "2026-7"]), "2026-0042");
        ledger.used(&scheme, "A.example ", 2026, "2026-0050");
        assert_eq!(ledger.next(&scheme, "a.example", 2026, ["2026-0041"]), "2026-0051");
        assert_eq!(ledger.next(&scheme, "b.example", 2026, []), "2026-0001");
        assert_eq!(ledger.next(&scheme, "a.example", 2027, []), "2027-0001");
        assert_eq!(ledger.next(&scheme, "a.example", 2026, ["2026-9999"]), "2026-10000");
        for number in ["2026-0002", "2026-0003", "2026-0004", "2026-0009"] {
            ledger.used(&scheme, "a.example", 2026, number);
        }
        assert_eq!(ledger.to_text(), "a.example 2026 50 2-4,9,50\n");
        let has = |ledger: &Ledger, number| ledger.has(&scheme, "A.example", 2026, number);
        assert!(has(&ledger, "2026-0003") && has(&ledger, "2026-0050") && !has(&ledger, "2026-0005"));
        // An earlier program knew the highest alone.
        let early = Ledger::from_text("a.example 2026 50\nrubbish\nb.example 2026 7 1-x,3,1-99999999999\n");
        assert!(has(&early, "2026-0050") && !has(&early, "2026-0003"));
        assert!(
            early.has(&scheme, "b.example", 2026, "2026-0003") && !early.has(&scheme, "b.example", 2026, "2026-0001")
        );
        let kept = Ledger::from_text(&ledger.to_text());
        assert_eq!(kept, ledger);
        let mut other = Ledger::default();
        other.join(&kept);
        assert_eq!(other, ledger);
    }

    proptest! {
        #[test]
        fn whatever_was_used_is_not_next(used in proptest::collection::vec((0u64..60, any::<bool>()), 0..40)) {
            let (scheme, mut ledger) = (Scheme::default(), Ledger::default());
            let texts: Vec<String> = used.iter().map(|(number, _)| scheme.write(2026, *number)).collect();
            let mut taken: Vec<&str> = Vec::new();
            for (text, (_, kept)) in texts.iter().zip(&used) {
                if *kept { taken.push(text) } else { ledger.used(&scheme, "a.example", 2026, text) }
            }
            for _ in 0..5 {
                let next = ledger.next(&scheme, "a.example", 2026, taken.iter().copied());
                prop_assert!(!texts.contains(&next));
                ledger.used(&scheme, "a.example", 2026, &next);
                prop_assert_ne!(ledger.next(&scheme, "a.example", 2026, taken.iter().copied()), next);
            }
        }
    }
}
