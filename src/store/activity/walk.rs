//! Ways through a log of any length for who looks at it: back from the newest entry, a stretch at a time, until there is a
//! screenful of what a filter takes; and on from the last proven head, which verifies and finds what is still open. Neither
//! holds more than a stretch in memory, and both end when they are not wanted any more.
//!
//! May use the contract.

use super::{Activity, Acts, Broken, Check, Entry, Filter, Head, Number, Row, Verdict};
use crate::store::Error;
use crate::store::progress::Progress;

/// Entries of a stretch.
const STRETCH: u64 = 1_024;
/// Entries above a stretch that are read again with it: what was begun in the one and came out in the other is one row.
const OVERLAP: u64 = 256;
/// Stretches between two words to who waits.
const WORD: u64 = 32;
/// Acts that may be open at once; of more the newest count.
const OPEN: usize = 10_000;

/// What a walk back came by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Back {
    /// What the filter takes, the newest first. A row may be known already, in part or whole.
    pub rows: Vec<Row>,
    /// Every entry from this number on was looked at; 1 is the end of the log.
    pub reached: Number,
    /// Where the log ended when it was read.
    pub last: Number,
}

/// Goes back from `below`, which was looked at, or from the newest entry, until there are `most` rows, the walk is long enough
/// to say something, or `until` is reached.
///
/// # Errors
/// When the store could not be read. To be stopped is none: what was found until then is given.
pub fn back(
    log: &dyn Activity,
    below: Option<Number>,
    until: Number,
    filter: &Filter,
    most: usize,
    progress: &Progress,
) -> Result<Back, Error> {
    let last = log.head()?.count;
    // Whatever somebody put behind the head shows too.
    let top = below.unwrap_or(last.saturating_add(STRETCH));
    let mut found = Back { rows: Vec::new(), reached: top, last };
    for _ in 0..WORD {
        if found.reached <= until.max(1) || found.rows.len() >= most || progress.stopped() {
            break;
        }
        let end = if found.reached > last + 1 { found.reached } else { found.reached.saturating_add(OVERLAP) };
        let from = found.reached.min(last + 1).saturating_sub(STRETCH).max(1);
        let mut acts = Acts::default();
        let stretch = usize::try_from(end - from).unwrap_or(usize::MAX);
        let entries = log.entries(from, stretch)?;
        entries.into_iter().filter(|entry| entry.number < end).for_each(|entry| acts.take(entry));
        let mut rows = acts.into_rows();
        rows.retain(|row| row.is_taken(filter));
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.place()));
        found.rows.extend(rows);
        found.reached = from;
    }
    Ok(found)
}

/// What was proven of a log, and what is open in it: where the next look goes on.
#[derive(Clone, Debug, Default)]
pub struct Proven {
    pub head: Head,
    /// Heads that stand elsewhere and fit.
    pub held: usize,
    open: Acts,
}

impl Proven {
    /// The newest first.
    #[must_use]
    pub fn open(&self) -> Vec<Row> {
        let mut open: Vec<Row> = self.open.rows().to_vec();
        open.sort_unstable_by_key(|row| std::cmp::Reverse(row.place()));
        open
    }
}

/// A verdict, and how far one can go on from.
#[derive(Clone, Debug)]
pub struct Seen {
    pub verdict: Verdict,
    pub proven: Proven,
}

/// Verifies what was added since, or all where nothing was proven, against heads that were noted down too.
///
/// # Errors
/// As [`Activity::pass`].
pub fn since(log: &dyn Activity, proven: &Proven, noted: &[Head], progress: &Progress) -> Result<Seen, Error> {
    let (mut open, mut head) = (proven.open.clone(), proven.head);
    let check = Check::on(proven.head, noted);
    let mut take = |entry: Entry, _: &[u8], broken: Option<Broken>| {
        if broken.is_some() {
            return false;
        }
        head = Head { count: entry.number, hash: entry.hash };
        open.take(entry);
        if open.rows().len() > 2 * OPEN {
            open.settle(OPEN);
        }
        true
    };
    let verdict = log.pass(check, &mut take, progress)?;
    open.settle(OPEN);
    let held = proven.held + if verdict.is_ok() { noted.len() } else { 0 };
    Ok(Seen { verdict, proven: Proven { head, held, open } })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use chrono::DateTime;

    use super::*;
    use crate::store::Memory;
    use crate::store::activity::{Act, By, Hash, How, Kind, Take, Why};

    /// Counts the entries that are read.
    #[derive(Default)]
    struct Counted {
        log: Memory,
        read: AtomicU64,
    }

    impl Counted {
        fn read(&self) -> u64 {
            self.read.swap(0, Ordering::Relaxed)
        }
    }

    impl Activity for Counted {
        fn append(&self, acts: &[Act]) -> Result<Head, Error> {
            self.log.append(acts)
        }

        fn head(&self) -> Result<Head, Error> {
            self.log.head()
        }

        fn entries(&self, from: Number, most: usize) -> Result<Vec<Entry>, Error> {
            let entries = self.log.entries(from, most)?;
            let _ = self.read.fetch_add(entries.len() as u64, Ordering::Relaxed);
            Ok(entries)
        }

        fn pass(&self, check: Check, take: Take<'_>, progress: &Progress) -> Result<Verdict, Error> {
            let mut counting = |entry: Entry, bytes: &[u8], broken: Option<Broken>| {
                let _ = self.read.fetch_add(1, Ordering::Relaxed);
                take(entry, bytes, broken)
            };
            self.log.pass(check, &mut counting, progress)
        }
    }

    fn act(number: usize) -> Act {
        let kind = if number.is_multiple_of(20_000) { Kind::Restart } else { Kind::Publish };
        let how = if number.is_multiple_of(2) { How::Begun } else { How::Done };
        let at = DateTime::from_timestamp(i64::try_from(number).unwrap(), 0).unwrap();
        Act { id: format!("id-{}", number / 2), ..Act::new(at, "me@grid.example", By::Person, kind, how) }
    }

    fn log(count: usize) -> Counted {
        let log = Counted::default();
        let _ = log.append(&(0..count).map(act).collect::<Vec<_>>()).unwrap();
        log
    }

    fn filter(text: &str) -> Filter {
        Filter::read(text).unwrap()
    }

    #[test]
    fn a_keystroke_reads_a_stretch_and_not_the_log() {
        let log = log(100_000);
        let progress = Progress::default();
        for text in ["", "m", "me@g", "publish", "what:publish result:done"] {
            let found = back(&log, None, 1, &filter(text), 200, &progress).unwrap();
            assert!(found.rows.len() >= 200 && found.rows[0].place() == 100_000, "{text}");
            assert!(log.read() <= STRETCH + OVERLAP, "{text}");
        }
        // What is rare is looked for in pieces, so that who types on need not wait for the end.
        let rare = filter("what:restart");
        let found = back(&log, None, 1, &rare, 200, &progress).unwrap();
        assert!(log.read() <= WORD * (STRETCH + OVERLAP) && found.reached > 1);
        progress.stop();
        let found = back(&log, Some(found.reached), 1, &rare, 200, &progress).unwrap();
        assert_eq!((log.read(), found.rows), (0, Vec::new()));
    }

    #[test]
    fn walked_to_its_end_every_row_is_there_once_and_whole() {
        let log = log(5_001);
        for (text, rows, entries) in [("", 2_501, 5_001), ("result:done", 2_500, 5_000), ("result:begun", 2_501, 5_001)]
        {
            let (mut all, mut below) = (std::collections::BTreeMap::new(), None);
            while below != Some(1) {
                let found = back(&log, below, 1, &filter(text), 100, &Progress::default()).unwrap();
                assert!(below.is_none_or(|below| found.reached < below));
                for row in found.rows {
                    let name = row.names().next().map(|(id, _)| id.to_owned()).unwrap();
                    let own: &mut Row = all.entry(name).or_insert(Row { entries: Vec::new() });
                    own.join(row.entries);
                }
                below = Some(found.reached);
            }
            assert_eq!(all.len(), rows, "{text}");
            assert_eq!(all.values().map(|row| row.entries.len()).sum::<usize>(), entries, "{text}");
        }
        let found = back(&log, None, 4_900, &Filter::default(), 9_999, &Progress::default()).unwrap();
        assert!(found.reached <= 4_900 && found.reached > 3_000, "no further than asked, by a stretch");
    }

    #[test]
    fn a_look_goes_on_from_what_was_proven_and_knows_what_is_open() {
        let log = log(9_999);
        let none = Progress::default();
        let first = since(&log, &Proven::default(), &[], &none).unwrap();
        assert_eq!((first.verdict, log.read()), (Ok(log.head().unwrap()), 9_999));
        assert_eq!(first.proven.open().iter().map(Row::place).collect::<Vec<_>>(), [9_999]);
        let _ = log.append(&[act(9_999), act(10_000)]).unwrap();
        let next = since(&log, &first.proven, &[], &none).unwrap();
        assert_eq!((next.verdict, log.read()), (Ok(log.head().unwrap()), 2), "only what is new is read");
        assert_eq!(next.proven.open().iter().map(Row::place).collect::<Vec<_>>(), [10_001]);
        // What stood elsewhere at the proven head is not this log.
        let other = Proven { head: Head { count: 10_001, hash: Hash::NONE }, ..next.proven };
        let broken = since(&log, &other, &[], &none).unwrap().verdict.unwrap_err();
        assert_eq!((broken.number, broken.why), (10_001, Why::Changed));
    }
}
