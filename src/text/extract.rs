//! Values in any text: addresses, networks, names, links, mailboxes, digests, files, vulnerabilities, defanged or not.
//!
//! What a person pastes into a report, what a hunt looks for and what may leak from a text are found by this one piece. One
//! pass over each line, in time that grows with its length: the text may be anybody's. Where it is not sure it says why
//! ([`Doubt`]); what to make of that is the caller's to decide.

mod name;
mod number;
mod plain;
mod scan;

use std::ops::Range;

use crate::model::ObservableKind;

/// Longest value, in bytes; longer runs are no value.
pub const VALUE: usize = 2_048;

/// Why a value may be something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doubt {
    /// Four numbers that may be a version or a section.
    Version,
    /// A name that ends as files and as domains do: `update.zip`.
    FileOrDomain,
    /// A domain under no top-level domain that there is.
    Ending,
    /// Two sentences without a blank between them: `done.It`.
    Sentence,
    /// A link without its scheme.
    Scheme,
    /// An address that may be words of a program: `dead::beef`.
    Words,
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extract {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    pub kind: ObservableKind,
    /// As it is published: refanged, hosts in A-labels and lower case, digests in lower case.
    pub value: String,
    /// The port that is written behind it.
    pub port: Option<u16>,
    pub doubt: Option<Doubt>,
}

/// All values of a text, in its order.
#[must_use]
pub fn extract(text: &str) -> Vec<Extract> {
    let (mut found, mut reader, mut start) = (Vec::new(), Reader::of(text), 0);
    for line in text.split_inclusive(['\n', '\r', '\u{2028}', '\u{2029}']) {
        reader.line(line, start, &mut found);
        start += line.len();
    }
    found
}

/// Reads a text line by line: what a line means depends a little on those before it.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// In a header whose identifiers look like mailboxes (RFC 5322 §3.6.4), and the lines it is folded into.
    identifiers: bool,
    /// Lines are rows of a table with this between their cells.
    cells: Option<u8>,
}

/// Lines that are looked at to tell whether a text is a table.
const SAMPLE: usize = 8;

impl Reader {
    /// For the lines of this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(SAMPLE).collect();
        let is_table = |mark: u8| {
            let count = |line: &&str| cells(line, mark);
            let first = lines.first().map_or(0, count);
            first > 0 && lines.len() > 1 && lines.iter().all(|line| count(line) == first)
        };
        Self { identifiers: false, cells: [b',', b';'].into_iter().find(|mark| is_table(*mark)) }
    }

    /// Adds the values of a line that stands at `start` of the whole.
    pub fn line(&mut self, line: &str, start: usize, found: &mut Vec<Extract>) {
        if !line.starts_with([' ', '\t']) {
            self.identifiers = is_identified(line);
        }
        let plain = plain::Plain::of(line);
        let before = found.len();
        scan::scan(&plain, self.identifiers, self.cells, found);
        for one in found.iter_mut().skip(before) {
            let (from, to) = plain.written(one.span.start, one.span.end);
            one.span = start + from..start + to;
        }
    }
}

/// How many marks stand between cells of a row; those in quotes do not.
fn cells(line: &str, mark: u8) -> usize {
    let (mut count, mut quoted) = (0, false);
    for byte in line.bytes() {
        if byte == b'"' {
            quoted = !quoted;
        }
        count += usize::from(byte == mark && !quoted);
    }
    count
}

fn is_identified(line: &str) -> bool {
    const HEADERS: [&str; 5] = ["message-id", "in-reply-to", "references", "content-id", "resent-message-id"];
    let Some((name, _)) = line.split_at_checked(24).unwrap_or((line, "")).0.split_once(':') else { return false };
    HEADERS.iter().any(|header| header.eq_ignore_ascii_case(name))
        || name.get(name.len().saturating_sub(11)..).is_some_and(|end| end.eq_ignore_ascii_case("-message-id"))
}

#[cfg(test)]
mod tests;
