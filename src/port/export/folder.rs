//! A folder with a file for each document, a list of them that a program reads, and the sheet for a person.

use std::fs;
use std::io::{BufWriter, Write as _};

use chrono::SecondsFormat;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::body::{Made, Near};
use super::{Fault, sheet};
use crate::iodef::export::{Format, title};
use crate::model::Restriction;
use crate::port::place::{self, private};
use crate::store::Row;
use crate::text::{self, hex};

/// The list of the files.
pub const LIST: &str = "list.csv";
/// The sheet.
pub const SHEET: &str = "sheet.md";
/// Its columns, as programs read them.
const COLUMNS: [&str; 10] =
    ["file", "topic", "broker", "item", "version", "csirt", "incident", "tlp", "received", "sha256"];
/// Longest part of a file's name that is the document's.
const NAME: usize = 60;

/// A folder that grows.
pub struct Folder {
    at: TempDir,
    /// Somebody is at work here.
    lock: fs::File,
    ending: &'static str,
    list: csv::Writer<BufWriter<fs::File>>,
    count: usize,
}

impl Folder {
    pub fn new(near: Near<'_>, format: Format) -> Result<Self, Fault> {
        // A folder is never poured; where one is made all the same, it is where such things are put by.
        let (at, lock) = place::folder(near.unwrap_or(&std::env::temp_dir().join(LIST)))?;
        let list = BufWriter::new(private(&at.path().join(LIST))?);
        let mut list = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(list);
        list.write_record(COLUMNS).map_err(std::io::Error::other)?;
        let ending = if format == Format::Json { "json" } else { "xml" };
        Ok(Self { at, lock, ending, list, count: 0 })
    }

    pub fn add(&mut self, row: &Row, bytes: &[u8], strictest: &Restriction) -> Result<(), Fault> {
        self.count += 1;
        let file = format!("{:06}-{}.{}", self.count, plain(&sheet::name(row)), self.ending);
        private(&self.at.path().join(&file))?.write_all(bytes)?;
        let summary = &row.summary;
        let cells = [
            file,
            text::line(&row.key.topic.node),
            row.key.topic.broker.to_string(),
            text::line(&row.key.item.0),
            row.version.to_string(),
            text::line(&summary.csirt),
            text::line(&summary.id),
            title(strictest.tlp()),
            row.received.to_rfc3339_opts(SecondsFormat::Secs, true),
            hex(&Sha256::digest(bytes)),
        ];
        let cells = cells.iter().map(|cell| text::harmless(cell));
        Ok(self.list.write_record(cells).map_err(std::io::Error::other)?)
    }

    pub fn close(self, sheet: &[u8]) -> Result<Made, Fault> {
        let list = self.list.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
        drop(list.into_inner().map_err(std::io::IntoInnerError::into_error)?);
        private(&self.at.path().join(SHEET))?.write_all(sheet)?;
        Ok(Made::Folder(self.at, self.lock))
    }
}

/// Letters that any disk takes.
fn plain(name: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char } else { '-' };
    let name: String = name.chars().take(NAME).map(plain).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "incident".to_owned() } else { name.to_owned() }
}
