//! The file a verb is given: read from a path or from standard input, XML or JSON by what it begins with.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;

use crate::iodef::{Document, Refused, json, transcoded};
use crate::model::Say;
use crate::plain::{self, Unread};
use crate::text;

/// Largest file looked at; the reader's own limit is the same.
const LARGEST: u64 = 32 << 20;

/// A file that could be read.
pub struct Opened {
    pub document: Document,
    /// Where its parts stand in the JSON that it was read from.
    pub places: Option<json::Places>,
    /// What of a JSON document has no place in IODEF.
    pub remarks: Vec<json::Remark>,
    /// How many remarks there are, told or not.
    pub counts: json::Counts,
}

/// Why a file was not read.
pub enum Unusable {
    Unread(String),
    TooLarge,
    Refused(Refused),
    Json(json::Unreadable),
}

impl Unusable {
    pub fn say(&self) -> Say {
        match self {
            Self::Unread(cause) => Say::new("cli-check-unread").with("cause", text::line(cause)),
            Self::TooLarge => Say::new("cli-check-too-large").with("most", (LARGEST >> 20).to_string()),
            Self::Refused(refused) => refused.say(),
            Self::Json(unreadable) => unreadable.say(),
        }
    }
}

/// Reads `file`; `-` is standard input.
pub fn open(file: &OsStr) -> Result<Opened, Unusable> {
    let bytes = read(file)?;
    if is_json(&bytes) {
        let read = json::read(&bytes).map_err(Unusable::Json)?;
        let json::Read { document, places, remarks, counts } = read;
        return Ok(Opened { document, places: Some(places), remarks, counts });
    }
    let document = Document::read(transcoded(bytes), &[]).map_err(Unusable::Refused)?;
    let _ = document.version().map_err(Unusable::Refused)?;
    Ok(Opened { document, places: None, remarks: Vec::new(), counts: json::Counts::default() })
}

/// Whether it begins as a JSON object does: XML never begins so.
fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

fn read(file: &OsStr) -> Result<Vec<u8>, Unusable> {
    let unread = |error: std::io::Error| Unusable::Unread(error.to_string());
    if file != "-" {
        return plain::read(Path::new(file), LARGEST).map_err(|why| match why {
            Unread::TooLarge => Unusable::TooLarge,
            why => Unusable::Unread(why.to_string()),
        });
    }
    let mut bytes = Vec::new();
    match std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(unread)? as u64 {
        read if read > LARGEST => Err(Unusable::TooLarge),
        _ => Ok(bytes),
    }
}
