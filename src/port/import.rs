//! Import: documents from files and folders into a store, under a place of their own ([`TopicId::imported`]), never a broker's.
//!
//! A document is kept as the wire would have brought it: its root element's own bytes, without what a file has around it. Its
//! item id is the digest of those, so that importing again adds nothing; who reported it and its `IncidentID` join it to its
//! revisions. JSON (RFC 8727) is kept as the IODEF it says, because everything here reads that. No restriction is changed, and
//! what is not taken is told with its reason.

mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::iodef::{self, json};
use crate::model::{ItemId, Kind, Say, TopicId};
use crate::plain::{self, Unread};
use crate::store::index::Stop;
use crate::store::{Committed, Incoming, ItemKey, Payload, Route, Store};
use crate::text;
use crate::xmpp::xml::Limits;

pub use walk::{FILES, Found, find};

/// Largest file that is read, in bytes; larger ones are not documents people exchange.
pub const LARGEST: u64 = 32 << 20;
/// Files in one commit, and bytes that may wait for it.
const FILES_AT_ONCE: usize = 256;
const BYTES_AT_ONCE: usize = 4 << 20;
/// Refusals kept to be told one by one; the others are counted.
const TOLD: usize = 10_000;

/// A file that was not taken, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub file: PathBuf,
    pub why: Say,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were looked at.
    pub read: usize,
    /// Documents that are new here.
    pub added: usize,
    /// Documents that were here already, as they are.
    pub known: usize,
    pub refused: Vec<Refused>,
    /// Refusals beyond those kept.
    pub unsaid: usize,
    /// Taken, with something said beside: JSON that had more than IODEF has a place for.
    pub remarks: Vec<Refused>,
    /// Hidden files and folders, which are passed over.
    pub hidden: usize,
    /// Files of other kinds in the folders.
    pub others: usize,
    /// It was stopped; what was taken by then stays.
    pub stopped: bool,
    /// The store took no more; what was taken by then stays.
    pub trouble: Option<Say>,
}

impl Report {
    /// Files that were not taken.
    #[must_use]
    pub fn refusals(&self) -> usize {
        self.refused.len() + self.unsaid
    }

    /// What came of it, a line each; refusals are counted here.
    #[must_use]
    pub fn lines(&self) -> Vec<Say> {
        let count = |key, count: usize| (count > 0).then(|| Say::new(key).number("count", count));
        let mut lines = vec![Say::new("port-added").number("count", self.added)];
        lines.extend(count("port-known", self.known));
        lines.extend(count("port-refused", self.refusals()));
        lines.extend(count("port-hidden", self.hidden));
        lines.extend(count("port-others", self.others));
        lines
    }

    fn refuse(&mut self, file: PathBuf, why: Say) {
        if self.refused.len() < TOLD {
            self.refused.push(Refused { file, why });
        } else {
            self.unsaid += 1;
        }
    }

    /// Joins what came of another import.
    pub fn join(&mut self, other: Self) {
        self.read += other.read;
        self.added += other.added;
        self.known += other.known;
        self.hidden += other.hidden;
        self.others += other.others;
        self.unsaid += other.unsaid;
        other.refused.into_iter().for_each(|refused| self.refuse(refused.file, refused.why));
        self.remarks.extend(other.remarks);
        self.remarks.truncate(TOLD);
        self.stopped = other.stopped;
        self.trouble = other.trouble.or(self.trouble.take());
    }
}

/// What is told on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// So many files were found by now.
    Found(usize),
    /// So many were read, of so many.
    Read(usize, usize),
    /// These rows stand.
    Stored(Committed),
}

/// Takes in all documents of these files and folders.
pub fn run(
    store: &dyn Store,
    paths: &[PathBuf],
    clock: &dyn Fn() -> DateTime<Utc>,
    stop: &Stop,
    told: &mut dyn FnMut(Told),
) -> Report {
    let found = find(paths, stop, &mut |files| told(Told::Found(files)));
    let mut report = Report { hidden: found.hidden, others: found.others, ..Report::default() };
    found.refused.into_iter().for_each(|refused| report.refuse(refused.file, refused.why));
    let of = found.files.len();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for (done, file) in found.files.into_iter().enumerate() {
        if stop.check().is_err() {
            break;
        }
        told(Told::Read(done, of));
        report.read += 1;
        match document(&file).and_then(|taken| Ok((incoming(taken.payload, clock())?, taken.remark))) {
            Ok((incoming, remark)) => {
                bytes += incoming.payload.as_ref().map_or(0, |payload| payload.bytes.len());
                batch.push(incoming);
                report.remarks.extend(remark.map(|why| Refused { file, why }));
            }
            Err(why) => report.refuse(file, why),
        }
        if (batch.len() >= FILES_AT_ONCE || bytes >= BYTES_AT_ONCE)
            && !commit(store, std::mem::take(&mut batch), &mut report, told)
        {
            return report;
        }
        if batch.is_empty() {
            bytes = 0;
        }
    }
    report.stopped = stop.check().is_err();
    // What was read before the stop is whole, and taken.
    let _ = commit(store, batch, &mut report, told);
    told(Told::Read(report.read, of));
    report
}

/// Whether there may be more.
fn commit(store: &dyn Store, batch: Vec<Incoming>, report: &mut Report, told: &mut dyn FnMut(Told)) -> bool {
    if batch.is_empty() {
        return true;
    }
    match store.commit(batch) {
        Ok(done) => {
            report.added += done.added.len();
            report.known += done.duplicates as usize;
            told(Told::Stored(done));
            true
        }
        Err(error) => {
            report.trouble = Some(error.say());
            false
        }
    }
}

/// A document as it is kept.
struct Taken {
    payload: Vec<u8>,
    remark: Option<Say>,
}

fn document(file: &Path) -> Result<Taken, Say> {
    let bytes = read(file)?;
    // In UTF-8, as a grid would have brought it (RFC 6120 §11.6): the same document is one, whatever its file was written in.
    let taken = if is_json(&bytes) { of_json(&bytes)? } else { of_xml(iodef::transcoded(bytes))? };
    // As much as a grid would carry: what is larger could not be published again, and is a trap more often than a report.
    if taken.payload.len() > Limits::PEER.bytes {
        return Err(Say::new("port-large-document").with("most", (Limits::PEER.bytes >> 10).to_string()));
    }
    Ok(taken)
}

fn of_xml(mut bytes: Vec<u8>) -> Result<Taken, Say> {
    let root = super::gate::root(&bytes)?;
    bytes.truncate(root.end);
    let payload = bytes.split_off(root.start);
    Ok(Taken { payload, remark: None })
}

fn of_json(bytes: &[u8]) -> Result<Taken, Say> {
    let read = json::read(bytes).map_err(|why| why.say())?;
    let lost = read.counts.lost();
    let remark = (lost > 0).then(|| Say::new("port-json-lost").number("count", lost));
    let whole = read.document.write();
    Ok(Taken { payload: of_xml(whole)?.payload, remark })
}

/// Whether it begins as a JSON object does: XML never begins so.
fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// The bytes of a plain file, within the limit.
fn read(file: &Path) -> Result<Vec<u8>, Say> {
    plain::read(file, LARGEST).map_err(|why| match why {
        Unread::NotAFile => Say::new("port-no-file"),
        Unread::TooLarge => Say::new("port-large-file").with("most", (LARGEST >> 20).to_string()),
        Unread::Failed(error) => Say::new("port-unread").with("cause", text::line(&error.to_string())),
    })
}

fn incoming(payload: Vec<u8>, now: DateTime<Utc>) -> Result<Incoming, Say> {
    let (summary, all) = iodef::indexed(&payload, &[]);
    match &summary.kind {
        Kind::Iodef2 | Kind::Iodef1 => {}
        Kind::Foreign { namespace, name } => {
            let say = Say::new("port-left-foreign").with("name", text::line(name));
            return Err(say.with("namespace", text::line(namespace)));
        }
        Kind::Invalid(why) => return Err(why.clone()),
        Kind::Empty | Kind::Gone => return Err(Say::new("port-left-empty")),
    }
    let observables = if summary.observables_total as usize > summary.observables.len() { all } else { Vec::new() };
    let item = format!("sha256-{}", text::hex(&Sha256::digest(&payload)));
    Ok(Incoming {
        key: ItemKey { topic: TopicId::imported(), item: ItemId(item) },
        payload: Some(Payload { bytes: payload.into(), scope: Arc::new([]) }),
        summary,
        observables,
        // As what a broker stores: the document's own time says where it stands.
        route: Route::Fetched,
        publisher: None,
        received: now,
        delayed: None,
        history: true,
    })
}
