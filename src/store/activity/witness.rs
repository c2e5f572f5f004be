//! The head as the log file tells of it: a line whenever the log grew, outside of the archive, which whoever changes the archive
//! would have to find and change too. One file holds those of all accounts, so each line names its log.
//!
//! Pure. Who reads the file is its reader's matter.

use std::fmt;

use super::Head;

/// What stands before it in a line, which ends with it; the log file quotes values.
const MARK: &str = " witness=\"";

/// A head, and of which log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness<'a> {
    pub log: &'a str,
    pub head: Head,
}

/// `LOG COUNT:HASH`.
impl fmt::Display for Witness<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.log, self.head)
    }
}

/// The heads of a log that the lines of a log file tell of, since it began last: a new archive, or a restored one, begins anew.
#[must_use]
pub fn witnesses(log: &str, lines: &str) -> Vec<Head> {
    let read = |line: &str| -> Option<Head> {
        let (_, told) = line.split_once(MARK)?;
        told.strip_prefix(log)?.strip_prefix(' ')?.strip_suffix('"')?.parse().ok()
    };
    let mut heads = Vec::new();
    for head in lines.lines().filter_map(read) {
        if head.count == 0 {
            heads.clear();
        } else if heads.last() != Some(&head) {
            heads.push(head);
        }
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::activity::Hash;

    #[test]
    fn lines_of_this_log_are_read_and_no_others() {
        let head = |count| Head { count, hash: Hash::before_all() };
        let line = |log, count| {
            format!("2026 INFO store::archive::activity logged{MARK}{}\"\n", Witness { log, head: head(count) })
        };
        let [one, other, begun, two] = [line("ab", 4), line("abc", 5), line("ab", 0), line("ab", 7)];
        assert_eq!(witnesses("ab", &format!("{one}{other}2026 INFO x\n{one}{}", &two[..90])), [head(4)]);
        assert_eq!(witnesses("ab", &format!("{one}{begun}{two}")), [head(7)]);
    }
}
