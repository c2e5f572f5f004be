//! Where an export grows: a file without a name, or a folder under another name, until it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

use super::bundle::Bundle;
use super::folder::Folder;
use super::sheet::Sheet;
use super::{Fault, Order, page};
use crate::iodef::export::Format;
use crate::model::{Restriction, Say};
use crate::port::place::{self, above};
use crate::store::Row;

/// What was made, whole and still without its name.
#[derive(Debug)]
pub enum Made {
    File(NamedTempFile),
    /// To be poured: it ends with its handle, and never has a name.
    Stream(File),
    /// With the lock that says whose it is.
    Folder(TempDir, File),
}

/// Where an export is to stand; nothing is said of one that is only poured.
pub(super) type Near<'a> = Option<&'a Path>;

/// A file for what is put by on the way.
pub(super) fn aside(near: Near<'_>) -> io::Result<File> {
    near.map_or_else(tempfile::tempfile, place::nameless)
}

/// The file that is handed out.
pub(super) fn out(near: Near<'_>) -> io::Result<Made> {
    match near {
        Some(near) => place::file(near).map(Made::File),
        None => tempfile::tempfile().map(Made::Stream),
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(file) => file.write(bytes),
            Self::Folder(..) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(file) => file.flush(),
            Self::Folder(..) => Ok(()),
        }
    }
}

impl Made {
    /// Gives it its name. What is there already stays, unless it is a file and `over` says that it may go.
    ///
    /// # Errors
    /// When nothing has that name now that had it not before; or, [`Fault::Unsettled`], when it stands and may be gone after
    /// a power cut.
    pub fn keep(self, path: &Path, over: bool) -> Result<(), Fault> {
        let exists = || Fault::Exists { path: path.to_path_buf() };
        match self {
            Self::File(file) => {
                file.as_file().sync_all()?;
                let kept = if over { file.persist(path).map(drop) } else { file.persist_noclobber(path).map(drop) };
                kept.map_err(|error| match error.error.kind() {
                    io::ErrorKind::AlreadyExists => exists(),
                    _ => Fault::Disk(error.error),
                })?;
            }
            Self::Stream(mut file) => {
                let mut named = place::file(path)?;
                file.rewind()?;
                let _ = io::copy(&mut file, &mut named)?;
                return Self::File(named).keep(path, over);
            }
            Self::Folder(folder, _) => {
                // An empty folder would be replaced in silence, and one with something in it refused: both are somebody's.
                if path.exists() {
                    return Err(exists());
                }
                fs::remove_file(folder.path().join(place::LOCK))?;
                place::settle(folder.path())?;
                fs::rename(folder.path(), path)?;
                // It has another name now, and is not to be removed.
                let _ = folder.keep();
            }
        }
        // The name itself must survive a power cut. Windows has no such call and needs none.
        if cfg!(unix) {
            let settled = File::open(above(path)).and_then(|folder| folder.sync_all());
            settled.map_err(|cause| Fault::Unsettled { path: path.to_path_buf(), cause })?;
        }
        Ok(())
    }

    /// Hands a file's bytes to `take`, a piece at a time; of a folder there are none.
    ///
    /// # Errors
    /// What `take` said, or that it could not be read.
    pub fn pour<E: From<io::Error>>(&mut self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let file = match self {
            Self::File(file) => file.as_file_mut(),
            Self::Stream(file) => file,
            Self::Folder(..) => return Ok(()),
        };
        file.rewind()?;
        let mut piece = vec![0; 64 << 10];
        loop {
            let read = file.read(&mut piece)?;
            match piece.get(..read) {
                Some(bytes) if !bytes.is_empty() => take(bytes)?,
                _ => return Ok(()),
            }
        }
    }
}

/// An export that grows.
pub(super) struct Body {
    near: Option<PathBuf>,
    kind: Kind,
}

enum Kind {
    /// Documents one after the other; what stands before and after them is known at the end.
    Pages(BufWriter<File>),
    Events {
        out: BufWriter<File>,
        count: usize,
    },
    Bundle(Box<Bundle>),
    Folder(Box<Folder>),
}

impl Body {
    pub fn new(order: &Order<'_>, near: Near<'_>) -> Result<Self, Fault> {
        let kind = match order.format {
            Format::Csv | Format::Markdown => Kind::Pages(BufWriter::new(aside(near)?)),
            Format::Misp => Kind::Events { out: BufWriter::new(aside(near)?), count: 0 },
            Format::Stix => Kind::Bundle(Box::new(Bundle::new(near)?)),
            Format::Iodef | Format::Json => Kind::Folder(Box::new(Folder::new(near, order.format)?)),
        };
        Ok(Self { near: near.map(Path::to_path_buf), kind })
    }

    /// Takes a document in.
    pub fn add(&mut self, row: &Row, bytes: &[u8], strictest: &Restriction, sheet: &mut Sheet) -> Result<(), Fault> {
        match &mut self.kind {
            Kind::Pages(out) if sheet.format == Format::Csv => {
                let rows = page::rows(bytes);
                if rows.is_empty() {
                    sheet.silent += 1;
                }
                Ok(out.write_all(rows)?)
            }
            Kind::Pages(out) => {
                out.write_all(b"\n---\n\n")?;
                Ok(out.write_all(bytes)?)
            }
            Kind::Events { out, count } => {
                let whole: Value = serde_json::from_slice(bytes).map_err(io::Error::other)?;
                let list = whole.get("response").and_then(Value::as_array).cloned();
                for event in list.unwrap_or_else(|| vec![whole]) {
                    if *count > 0 {
                        out.write_all(b",\n")?;
                    }
                    serde_json::to_writer(&mut *out, &event).map_err(io::Error::other)?;
                    *count += 1;
                }
                Ok(())
            }
            Kind::Bundle(bundle) => {
                sheet.retold += bundle.add(bytes)?;
                Ok(())
            }
            Kind::Folder(folder) => folder.add(row, bytes, strictest),
        }
    }

    /// Everything is in.
    pub fn close(self, order: &Order<'_>, sheet: &mut Sheet) -> Result<Made, Fault> {
        let Self { near, kind } = self;
        let near = near.as_deref();
        match kind {
            Kind::Pages(out) => {
                let inner = whole(out)?;
                let (head, foot) = if order.format == Format::Csv {
                    (page::table_head(sheet, order.words), Vec::new())
                } else {
                    (page::head(sheet, order.words), page::foot(sheet, order.words))
                };
                around(near, &head, inner, &foot)
            }
            Kind::Events { out, .. } => {
                // MISP has no header for a list: what it does not know it passes over, and a person reads it first.
                let handling = serde_json::to_string(&plain(&sheet.handling(), order.words));
                let head = format!("{{\"restriction\": {},\n\"response\": [\n", handling.map_err(io::Error::other)?);
                around(near, head.as_bytes(), whole(out)?, b"\n]}\n")
            }
            Kind::Bundle(bundle) => bundle.close(near, sheet, order.words),
            Kind::Folder(folder) => folder.close(&page::sheet(sheet, order.words)),
        }
    }
}

fn whole(out: BufWriter<File>) -> Result<File, Fault> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// What was written, between a head and a foot.
fn around(near: Near<'_>, head: &[u8], mut inner: File, foot: &[u8]) -> Result<Made, Fault> {
    let mut out = out(near)?;
    out.write_all(head)?;
    let _ = io::copy(&mut inner, &mut out)?;
    out.write_all(foot)?;
    Ok(out)
}

/// Words for a person, safe in any line.
pub(super) fn plain(say: &Say, words: crate::iodef::export::Words<'_>) -> String {
    crate::text::line_within(&words(say), 4_000)
}
