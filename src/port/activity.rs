//! The log of acts as files that outlive this program: JSON lines and CSV, each with the chain, so that whoever has them can
//! hold every entry against its hash without this program (README has the form), and knows the head.
//!
//! May use `store` and `text`.

use serde::Serialize;

use crate::model::Say;
use crate::store::activity::{Entry, Filter, Hash, Head, Number};
use crate::store::progress::Progress;
use crate::store::{Activity, Error};
use crate::text::harmless;

/// Entries read at once.
const PAGE: usize = 512;

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
pub const COLUMNS: [&str; 18] = [
    "number", "at", "who", "by", "what", "result", "id", "broker", "node", "subject", "before", "after", "reason",
    "words", "stanzas", "previous", "hash", "form",
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
}

/// The last line.
#[derive(Clone, Debug, Serialize)]
pub struct End {
    pub head: HeadLine,
    /// Whether all of the log was written, or what a filter chose.
    pub whole: bool,
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

    fn cells(&self) -> [String; COLUMNS.len()] {
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

/// Gives every entry a filter takes to `take`, with the hash before it, in order; gives the head.
///
/// # Errors
/// When the log could not be read, or `progress` says stop.
pub fn each(
    log: &dyn Activity,
    filter: &Filter,
    progress: &Progress,
    take: &mut dyn FnMut(&Entry, Hash),
) -> Result<Head, Trouble> {
    let head = log.head()?;
    let (mut next, mut previous) = (1, Hash::before_all());
    while next <= head.count {
        let page = log.entries(next, PAGE)?;
        let Some(last) = page.last() else { break };
        next = last.number + 1;
        for entry in &page {
            // One that cannot be read is never passed over.
            if entry.act.as_ref().is_none_or(|act| filter.takes(act)) {
                take(entry, previous);
            }
            previous = entry.hash;
        }
        if !progress.at(next, head.count) {
            return Err(Trouble::Stopped);
        }
    }
    Ok(head)
}

/// The whole of it as a text.
///
/// # Errors
/// As [`each`].
pub fn write(log: &dyn Activity, filter: &Filter, format: Format, progress: &Progress) -> Result<String, Trouble> {
    match format {
        Format::JsonLines => {
            let mut out = String::new();
            // Plain structs of text and numbers always serialise.
            let mut line = |value: &dyn erased::Json| {
                out.push_str(&value.json());
                out.push('\n');
            };
            let head = each(log, filter, progress, &mut |entry, previous| match Line::of(entry, previous) {
                Some(own) => line(&own),
                None => line(&unreadable(entry, previous)),
            })?;
            line(&End { head: head.into(), whole: filter.is_empty() });
            Ok(out)
        }
        Format::Csv => {
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            // Writing into memory does not fail.
            let _ = writer.write_record(COLUMNS);
            let mut row = |cells: &[String]| {
                let _ = writer.write_record(cells.iter().map(|cell| harmless(cell)));
            };
            let head = each(log, filter, progress, &mut |entry, previous| match Line::of(entry, previous) {
                Some(line) => row(&line.cells()),
                None => row(&marked(
                    &entry.number.to_string(),
                    "unreadable",
                    &previous.to_string(),
                    &entry.hash.to_string(),
                )),
            })?;
            row(&marked(&head.count.to_string(), "head", "", &head.hash.to_string()));
            Ok(String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned())
        }
    }
}

/// What a line says of an entry that cannot be read.
#[must_use]
pub fn unreadable(entry: &Entry, previous: Hash) -> Unreadable {
    let (previous, hash) = (previous.to_string(), entry.hash.to_string());
    Unreadable { number: entry.number, unreadable: true, previous, hash }
}

/// A row that is no entry: a mark in the place of what was done.
fn marked(number: &str, mark: &str, previous: &str, hash: &str) -> Vec<String> {
    let cell = |column: &str| match column {
        "number" => number,
        "what" => mark,
        "previous" => previous,
        "hash" => hash,
        _ => "",
    };
    COLUMNS.iter().map(|column| cell(column).to_owned()).collect()
}

/// Lines of different kinds, one after the other.
mod erased {
    use serde::Serialize;

    pub trait Json {
        fn json(&self) -> String;
    }

    impl<T: Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap_or_default()
        }
    }
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
        let text = write(&log, &Filter::default(), Format::JsonLines, &Progress::default()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0]["previous"], Hash::before_all().to_string());
        assert_eq!(lines[1]["previous"], lines[0]["hash"]);
        assert_eq!((&lines[3]["head"]["count"], &lines[3]["head"]["hash"]), (&3.into(), &lines[2]["hash"]));
        let chosen = Filter::read("what:deny").unwrap();
        let text = write(&log, &chosen, Format::JsonLines, &Progress::default()).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("\"whole\":false"));
    }

    #[test]
    fn no_cell_of_the_table_is_a_formula() {
        let text = write(&log(), &Filter::default(), Format::Csv, &Progress::default()).unwrap();
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        assert!(rows.headers().unwrap().iter().eq(COLUMNS));
        let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 4);
        assert!(rows[0][12].starts_with('\'') && rows[0][14] == *"a b", "{:?}", rows[0]);
        assert_eq!((&rows[3][4], &rows[3][16]), ("head", &rows[2][16]));
    }
}
