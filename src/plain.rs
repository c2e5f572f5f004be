//! Files that somebody named, read whole: plain ones alone, for a pipe or a device would be read for ever, and none longer than
//! who asks for it can use. Secrets are read elsewhere, where nothing leaves copies (`xmpp::tls`).
//!
//! Uses nothing else of this crate. Calls block on disk: not from the window's own thread.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error("not a file")]
    NotAFile,
    #[error("too large")]
    TooLarge,
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// The bytes of a plain file of at most so many. What is none is not even opened: a pipe keeps who opens it.
///
/// # Errors
/// When it is no plain file, is longer, or cannot be read.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        return Err(Unread::NotAFile);
    }
    if meta.len() > most {
        return Err(Unread::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    // It may grow while it is read, or say that it has no length.
    let read = File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read <= most) { Ok(bytes) } else { Err(Unread::TooLarge) }
}
