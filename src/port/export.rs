//! Export of many rows of a store: exactly those asked for, in their order, each either carried or named with the reason.
//!
//! Where a format has a union that readers of it know, it is one file: one table, one page, one STIX bundle, one list of MISP
//! events. IODEF and its JSON are a folder with a file each: a common `IODEF-Document` would have to give one language, one
//! version and one private enumeration to all (RFC 7970 §3.1), and would be nobody's bytes any more. Documents go one at a
//! time, so that memory does not grow with their number; what is made appears whole under its name, or not at all, and is its
//! owner's alone.

mod body;
mod bundle;
mod folder;
mod page;
mod sheet;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::iodef::doc::Version;
use crate::iodef::export::{self, Export, Format, Words};
use crate::iodef::{Document, v1};
use crate::model::{Kind, Restriction, Say, Tlp};
use crate::store::index::Stop;
use crate::store::{self, Row, Seq, Store};
use crate::text;

pub use body::Made;
pub use sheet::{Left, Sheet, name};

/// Whether the format is a folder of files.
#[must_use]
pub fn is_folder(format: Format) -> bool {
    matches!(format, Format::Iodef | Format::Json)
}

/// What is asked for.
pub struct Order<'a> {
    pub format: Format,
    /// In the order they are to stand.
    pub rows: &'a [Seq],
    /// What they are, for who reads the export: a filter, a selection.
    pub about: Say,
    pub words: Words<'a>,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("stopped")]
    Stopped,
    /// Something is there already.
    #[error("{} is there already", path.display())]
    Exists { path: PathBuf },
    #[error("not written: {0}")]
    Disk(#[from] io::Error),
    /// It stands; whether it stands after a power cut is not known.
    #[error("{} is written, and not surely kept: {cause}", path.display())]
    Unsettled { path: PathBuf, cause: io::Error },
    /// The store could not be read just now.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// More or less came out than went in: a fault of this program, and nothing is handed out then.
    #[error("{done} of {asked} were accounted for")]
    Uncounted { asked: usize, done: usize },
}

impl Fault {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Stopped => Say::new("port-stopped"),
            Self::Exists { path } => Say::new("port-exists").with("path", text::line(&path.display().to_string())),
            Self::Disk(cause) => Say::new("port-unwritten").with("cause", text::line(&cause.to_string())),
            Self::Unsettled { path, cause } => Say::new("port-unsettled")
                .with("path", text::line(&path.display().to_string()))
                .with("cause", text::line(&cause.to_string())),
            Self::Store(cause) => cause.say(),
            Self::Uncounted { asked, done } => Say::new("port-uncounted").number("asked", *asked).number("done", *done),
        }
    }
}

/// What is told before anything is written: how many there are of each label of the strictest restriction inside.
///
/// # Errors
/// When it was stopped, or the store could not be read: nobody knows then how strict it is.
pub fn labels(store: &dyn Store, rows: &[Seq], stop: &Stop) -> Result<Vec<(Tlp, usize)>, Fault> {
    let mut counts = std::collections::BTreeMap::new();
    for page in rows.chunks(PAGE) {
        stop.check().map_err(|_| Fault::Stopped)?;
        for row in store.look(page)? {
            *counts.entry(row.summary.strictest.tlp()).or_insert(0) += 1;
        }
    }
    Ok(counts.into_iter().rev().collect())
}

/// Rows read at once.
const PAGE: usize = 256;

/// Makes the export beside `near`, in whose folder it will stand; nothing has its name until [`Made::keep`].
///
/// # Errors
/// When it was stopped, or could not be read or written; nothing is left then.
pub fn run(
    store: &dyn Store,
    order: &Order<'_>,
    near: &Path,
    stop: &Stop,
    told: &mut dyn FnMut(usize, usize),
) -> Result<(Made, Sheet), Fault> {
    make(store, order, Some(near), stop, told)
}

/// As [`run`], for what is only to be poured: no file of it ever has a name.
///
/// # Errors
/// As [`run`].
pub fn stream(store: &dyn Store, order: &Order<'_>, stop: &Stop) -> Result<(Made, Sheet), Fault> {
    make(store, order, None, stop, &mut |_, _| {})
}

fn make(
    store: &dyn Store,
    order: &Order<'_>,
    near: body::Near<'_>,
    stop: &Stop,
    told: &mut dyn FnMut(usize, usize),
) -> Result<(Made, Sheet), Fault> {
    let (mut sheet, of) = (Sheet::new(order), order.rows.len());
    let mut body = body::Body::new(order, near)?;
    let mut done = 0;
    for page in order.rows.chunks(PAGE) {
        let found = store.look(page)?;
        for seq in page {
            stop.check().map_err(|_| Fault::Stopped)?;
            told(done, of);
            done += 1;
            // Asked in this order, given in this order: what is missing was passed over.
            match found.iter().find(|row| row.seq == *seq) {
                Some(row) => one(store, row, order, &mut body, &mut sheet)?,
                None => sheet.leave(Left { seq: *seq, name: seq.to_string(), why: Say::new("port-left-gone") }),
            }
        }
    }
    if sheet.carried + sheet.left.len() != of {
        return Err(Fault::Uncounted { asked: of, done: sheet.carried + sheet.left.len() });
    }
    let made = body.close(order, &mut sheet)?;
    // The last word before it has its name.
    stop.check().map_err(|_| Fault::Stopped)?;
    told(of, of);
    Ok((made, sheet))
}

fn one(
    store: &dyn Store,
    row: &Arc<Row>,
    order: &Order<'_>,
    body: &mut body::Body,
    sheet: &mut Sheet,
) -> Result<(), Fault> {
    match document(store, row, order.format) {
        Ok(read) => {
            let Export { bytes, sheet: carried } = export::make(order.format, &read.document, order.words);
            let bytes = if order.format == Format::Iodef { read.bytes } else { bytes };
            if read.upgraded {
                sheet.upgraded += 1;
            }
            let strictest = carried.strictest.clone();
            sheet.carry(row, carried);
            body.add(row, &bytes, &strictest, sheet)
        }
        Err(why) => {
            sheet.leave(Left { seq: row.seq, name: sheet::name(row), why });
            Ok(())
        }
    }
}

/// A document of a row, as the format wants it.
struct Read {
    document: Document,
    /// As a file of its own.
    bytes: Vec<u8>,
    upgraded: bool,
}

fn document(store: &dyn Store, row: &Row, format: Format) -> Result<Read, Say> {
    match &row.summary.kind {
        Kind::Iodef2 | Kind::Iodef1 | Kind::Invalid(_) => {}
        Kind::Foreign { namespace, name } => {
            let say = Say::new("port-left-foreign").with("name", text::line(name));
            return Err(say.with("namespace", text::line(namespace)));
        }
        Kind::Empty => return Err(Say::new("port-left-empty")),
        Kind::Gone => return Err(Say::new("feed-gone")),
    }
    let payload = store.payload(row.seq).map_err(|error| error.say())?;
    let payload = payload.ok_or_else(|| Say::new("port-left-lost"))?;
    let invalid = |say: &Say| match &row.summary.kind {
        // What the reader of the summary found is what the feed says of it.
        Kind::Invalid(why) => why.clone(),
        _ => say.clone(),
    };
    let document = Document::read(&payload.bytes, &payload.scope).map_err(|why| invalid(&why.say()))?;
    let version = document.version().map_err(|why| invalid(&why.say()))?;
    if format == Format::Iodef {
        let bytes = document.alone().into_bytes();
        return Ok(Read { document, bytes, upgraded: false });
    }
    if version == Version::V1 {
        let document = v1::upgrade(&document).map_err(|why| why.say())?.document;
        return Ok(Read { document, bytes: Vec::new(), upgraded: true });
    }
    Ok(Read { document, bytes: Vec::new(), upgraded: false })
}

/// The stricter of two, by the label.
fn stricter(one: Option<Restriction>, other: &Restriction) -> Restriction {
    match one {
        Some(one) if one.tlp() >= other.tlp() => one,
        _ => other.clone(),
    }
}
