//! Any document as a draft: of version 2 as it stands, of version 1 in the words of 2, JSON as the IODEF it says. What
//! could not be carried over is told, never dropped in silence.

use super::{Beside, Draft};
use crate::iodef::doc::Version;
use crate::iodef::{Document, Refused, json, transcoded, v1};
use crate::model::Say;

/// A document that was opened.
#[derive(Debug)]
pub struct Opened {
    pub draft: Draft,
    /// What is not simply as it was.
    pub notes: Vec<Say>,
}

/// Why a document cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    #[error("no document: {0}")]
    Xml(#[from] Refused),
    #[error("no document: {0}")]
    Json(#[from] json::Unreadable),
}

impl Unopened {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Xml(refused) => refused.say(),
            Self::Json(unreadable) => unreadable.say(),
        }
    }
}

impl Draft {
    /// Opens a document as it was written, pasted or received; `scope` holds the namespace declarations in force around it.
    ///
    /// # Errors
    /// When it is no incident document.
    pub fn open(bytes: &[u8], scope: &[(String, String)], beside: Beside) -> Result<Opened, Unopened> {
        let bytes = transcoded(bytes.to_vec());
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        if text.trim_ascii_start().first() == Some(&b'{') {
            let read = json::read(text)?;
            let notes = read.remarks.into_iter().map(|remark| remark.say).collect();
            return Ok(Opened { draft: Self::new(read.document, beside), notes });
        }
        let document = Document::read(bytes, scope)?;
        match document.version()? {
            Version::V2 => Ok(Opened { draft: Self::new(document.standalone()?, beside), notes: Vec::new() }),
            Version::V1 => {
                let upgraded = v1::upgrade(&document)?;
                let notes = upgraded.notes.iter().map(v1::Note::say).collect();
                Ok(Opened { draft: Self::new(upgraded.document, beside), notes })
            }
        }
    }
}
