//! The log of acts as files that outlive this program: JSON lines and CSV, each with the chain, so that whoever has them can
//! hold every entry against its hash without this program (README has the form). What is written is verified in the same pass,
//! up to the head that the last line names; that line has the verdict.
//!
//! May use `store` and `text`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::model::Say;
use crate::store::activity::{Broken, Check, Entry, Filter, Hash, Head, Number, Verdict};
use crate::store::progress::Progress;
use crate::store::{Activity, Error};
use crate::text::harmless;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    JsonLines,
    Csv,
}

impl Format {
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// By the ending of a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Columns of the table, and names of a line's fields.
pub const COLUMNS: [&str; 19] = [
    "number", "at", "who", "by", "what", "result", "id", "broker", "node", "subject", "before", "after", "reason",
    "words", "stanzas", "previous", "hash", "form", "bytes",
];

/// One entry as a line of JSON. The names stay as they are.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub number: Number,
    pub at: String,
    pub who: String,
    pub by: &'static str,
    pub what: &'static str,
    pub result: &'static str,
    pub id: String,
    pub broker: String,
    pub node: String,
    pub subject: String,
    pub before: String,
    pub after: String,
    pub reason: String,
    pub words: String,
    pub stanzas: Vec<String>,
    /// Of the entry before.
    pub previous: String,
    pub hash: String,
    /// The version of the form that is hashed.
    pub form: u8,
}

/// What stands where an entry cannot be read: somebody was at it.
#[derive(Clone, Debug, Serialize)]
pub struct Unreadable {
    pub number: Number,
    pub unreadable: bool,
    pub previous: String,
    pub hash: String,
    /// What stands there, in base64.
    pub bytes: String,
}

/// The last line.
#[derive(Clone, Debug, Serialize)]
pub struct End {
    /// Of the entries up to which this is: those of the log, or of what is left of it.
    pub head: HeadLine,
    /// Whether all of the log was written, or what a filter chose.
    pub whole: bool,
    /// Whether every entry up to the head was what was written, in the order it was written in.
    pub verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<BrokenLine>,
}

/// The first entry that is not what was written.
#[derive(Clone, Debug, Serialize)]
pub struct BrokenLine {
    pub number: Number,
    pub why: &'static str,
}

impl From<Broken> for BrokenLine {
    fn from(broken: Broken) -> Self {
        Self { number: broken.number, why: broken.why.word() }
    }
}

impl End {
    #[must_use]
    pub fn of(ended: Ended, whole: bool) -> Self {
        let broken = ended.verdict.err().map(BrokenLine::from);
        Self { head: ended.head.into(), whole, verified: broken.is_none(), broken }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct HeadLine {
    pub count: Number,
    pub hash: String,
}

impl From<Head> for HeadLine {
    fn from(head: Head) -> Self {
        Self { count: head.count, hash: head.hash.to_string() }
    }
}

impl Line {
    /// Nothing where what stands there is no entry.
    #[must_use]
    pub fn of(entry: &Entry, previous: Hash) -> Option<Self> {
        let act = entry.act.as_ref()?;
        let topic = act.topic.as_ref();
        Some(Self {
            number: entry.number,
            at: act.time(),
            who: act.who.clone(),
            by: act.by.word(),
            what: act.kind.word(),
            result: act.how.word(),
            id: act.id.clone(),
            broker: topic.map(|topic| topic.broker.to_string()).unwrap_or_default(),
            node: topic.map(|topic| topic.node.clone()).unwrap_or_default(),
            subject: act.subject.clone(),
            before: act.before.clone(),
            after: act.after.clone(),
            reason: act.reason.clone(),
            words: act.words.clone(),
            stanzas: act.stanzas.clone(),
            previous: previous.to_string(),
            hash: entry.hash.to_string(),
            form: 1,
        })
    }

    fn cells(&self, bytes: &[u8]) -> [String; COLUMNS.len()] {
        [
            self.number.to_string(),
            self.at.clone(),
            self.who.clone(),
            self.by.to_owned(),
            self.what.to_owned(),
            self.result.to_owned(),
            self.id.clone(),
            self.broker.clone(),
            self.node.clone(),
            self.subject.clone(),
            self.before.clone(),
            self.after.clone(),
            self.reason.clone(),
            self.words.clone(),
            self.stanzas.join(" "),
            self.previous.clone(),
            self.hash.clone(),
            self.form.to_string(),
            STANDARD.encode(bytes),
        ]
    }
}

/// What an export needs.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] Error),
    #[error("stopped")]
    Stopped,
}

impl Trouble {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Store(error) => error.say(),
            Self::Stopped => Say::new("activity-stopped"),
        }
    }
}

/// Up to where entries were given, and what came of verifying them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub head: Head,
    pub verdict: Verdict,
}

/// Gives every entry a filter takes to `take`, with its bytes and the hash before it, in order, and verifies all of them.
///
/// # Errors
/// When the log could not be read, or `progress` says stop.
pub fn each(
    log: &dyn Activity,
    filter: &Filter,
    progress: &Progress,
    take: &mut dyn FnMut(&Entry, &[u8], Hash),
) -> Result<Ended, Trouble> {
    let mut head = Head::default();
    let mut give = |entry: Entry, bytes: &[u8], _: Option<Broken>| {
        // One that cannot be read is never passed over.
        if entry.act.as_ref().is_none_or(|act| filter.takes(act)) {
            take(&entry, bytes, head.hash);
        }
        head = Head { count: entry.number, hash: entry.hash };
        true
    };
    let verdict = log.pass(Check::new(&[]), &mut give, progress);
    if progress.stopped() {
        return Err(Trouble::Stopped);
    }
    let verdict = verdict?;
    Ok(Ended { head, verdict })
}

/// The whole of it as a text, and what came of verifying it.
///
/// # Errors
/// As [`each`].
pub fn write(
    log: &dyn Activity,
    filter: &Filter,
    format: Format,
    progress: &Progress,
) -> Result<(String, Verdict), Trouble> {
    match format {
        Format::JsonLines => {
            let mut out = String::new();
            let ended = each(log, filter, progress, &mut |entry, bytes, previous| match Line::of(entry, previous) {
                Some(own) => line(&mut out, &own),
                None => line(&mut out, &unreadable(entry, bytes, previous)),
            })?;
            line(&mut out, &End::of(ended, filter.is_empty()));
            Ok((out, ended.verdict))
        }
        Format::Csv => {
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            // Writing into memory does not fail.
            let _ = writer.write_record(COLUMNS);
            let mut row = |cells: &[String]| {
                let _ = writer.write_record(cells.iter().map(|cell| harmless(cell)));
            };
            let ended = each(log, filter, progress, &mut |entry, bytes, previous| match Line::of(entry, previous) {
                Some(line) => row(&line.cells(bytes)),
                None => row(&odd(&unreadable(entry, bytes, previous))),
            })?;
            row(&last(&End::of(ended, filter.is_empty())));
            let text = String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned();
            Ok((text, ended.verdict))
        }
    }
}

/// A line of JSON. Plain structs of text and numbers always serialise.
fn line(out: &mut String, value: &impl Serialize) {
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
    out.push('\n');
}

/// What a line says of an entry that cannot be read.
#[must_use]
pub fn unreadable(entry: &Entry, bytes: &[u8], previous: Hash) -> Unreadable {
    let (previous, hash) = (previous.to_string(), entry.hash.to_string());
    Unreadable { number: entry.number, unreadable: true, previous, hash, bytes: STANDARD.encode(bytes) }
}

fn odd(of: &Unreadable) -> Vec<String> {
    let number = of.number.to_string();
    marked(&[
        ("number", &number),
        ("what", "unreadable"),
        ("previous", &of.previous),
        ("hash", &of.hash),
        ("bytes", &of.bytes),
    ])
}

/// The last row: `head`, whether it was verified, and whether it is all of the log.
fn last(end: &End) -> Vec<String> {
    let result = match &end.broken {
        None => "verified".to_owned(),
        Some(broken) => format!("broken {} {}", broken.number, broken.why),
    };
    let count = end.head.count.to_string();
    let whole = if end.whole { "whole" } else { "chosen" };
    marked(&[("number", &count), ("what", "head"), ("result", &result), ("words", whole), ("hash", &end.head.hash)])
}

/// A row that is no entry: a mark in the place of what was done.
fn marked(cells: &[(&str, &str)]) -> Vec<String> {
    let cell = |column: &&str| cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell);
    COLUMNS.iter().map(|column| cell(column).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::TopicId;
    use crate::store::Memory;
    use crate::store::activity::{Act, By, How, Kind};

    fn log() -> Memory {
        let memory = Memory::default();
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".to_owned() };
        let act = |kind| Act {
            topic: Some(topic.clone()),
            reason: "=HYPERLINK(\"http://x\")".to_owned(),
            stanzas: vec!["a".to_owned(), "b".to_owned()],
            ..Act::new(DateTime::UNIX_EPOCH, "me@grid.example", By::Person, kind, How::Done)
        };
        let _ = memory.append(&[act(Kind::Approve), act(Kind::Deny), act(Kind::Approve)]).unwrap();
        memory
    }

    #[test]
    fn json_lines_hold_the_chain_and_end_with_the_head() {
        let log = log();
        let (text, _) = write(&log, &Filter::default(), Format::JsonLines, &Progress::default()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0]["previous"], Hash::before_all().to_string());
        assert_eq!(lines[1]["previous"], lines[0]["hash"]);
        assert_eq!((&lines[3]["head"]["count"], &lines[3]["head"]["hash"]), (&3.into(), &lines[2]["hash"]));
        assert_eq!((&lines[3]["whole"], &lines[3]["verified"]), (&true.into(), &true.into()));
        let chosen = Filter::read("what:deny").unwrap();
        let (text, _) = write(&log, &chosen, Format::JsonLines, &Progress::default()).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("\"whole\":false"));
    }

    #[test]
    fn no_cell_of_the_table_is_a_formula() {
        let (text, verdict) = write(&log(), &Filter::default(), Format::Csv, &Progress::default()).unwrap();
        assert!(verdict.is_ok());
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        assert!(rows.headers().unwrap().iter().eq(COLUMNS));
        let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 4);
        assert!(rows[0][12].starts_with('\'') && rows[0][14] == *"a b", "{:?}", rows[0]);
        assert_eq!((&rows[3][4], &rows[3][5], &rows[3][16]), ("head", "verified", &rows[2][16]));
        // What a cell cannot say exactly, the bytes do.
        let bytes = STANDARD.decode(&rows[1][18]).unwrap();
        assert!(String::from_utf8(bytes).unwrap().contains("22:=HYPERLINK(\"http://x\"),"));
    }
}
