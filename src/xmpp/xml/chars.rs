//! Characters and names of XML 1.0 (fifth edition), byte by byte where ASCII allows; what a document needs too is in `text::xml`.

use super::refusal::{Banned, Malformed, Refusal};
use crate::text::xml::{clean, is_name_char, is_name_start, resolve};
pub use crate::text::xml::{is_char, is_text};
pub(super) use crate::text::xml::{is_ncname, is_space, line_ends, skip_space, unescape, unescape_value};

const NAME: u8 = 1;
const START: u8 = 2;
const COLON: u8 = 4;

/// Classes of bytes; those above ASCII pass as name bytes until [`check_name`] has looked at the characters.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, below 256")]
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xFF => NAME | START,
            b'0'..=b'9' | b'-' | b'.' => NAME,
            b':' => COLON,
            _ => 0,
        };
        byte += 1;
    }
    table
};

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Where a qualified name that starts at `at` ends, and where its local part starts. `None` when the bytes run out.
pub(super) fn scan_name(bytes: &[u8], at: usize) -> Result<Option<(usize, usize)>, Refusal> {
    let rest = bytes.get(at..).unwrap_or_default();
    let mut local = 0;
    let mut high = 0;
    for (i, &b) in rest.iter().enumerate() {
        let class = class(b);
        high |= b;
        if class & NAME != 0 {
            // Each part starts with a name start character (Namespaces in XML §3, NCName).
            if i == local && class & START == 0 {
                return Err(Malformed::Name.into());
            }
        } else if class & COLON != 0 && i > 0 && local == 0 {
            local = i + 1;
        } else if i == local || class & COLON != 0 {
            return Err(Malformed::Name.into());
        } else {
            if high >= 0x80 {
                check_name(rest.get(..i).unwrap_or_default())?;
            }
            return Ok(Some((at + i, at + local)));
        }
    }
    Ok(None)
}

/// Checks a qualified name with characters above ASCII.
fn check_name(name: &[u8]) -> Result<(), Refusal> {
    let name = std::str::from_utf8(name).map_err(|_| Refusal::Encoding)?;
    for part in name.split(':') {
        let mut chars = part.chars();
        if !(chars.next().is_some_and(is_name_start) && chars.all(is_name_char)) {
            return Err(Malformed::Name.into());
        }
    }
    Ok(())
}

/// How far `bytes` is sound: UTF-8 made of XML characters. An unfinished character at the end is left for later.
pub(super) fn sound(bytes: &[u8]) -> (usize, Option<Refusal>) {
    let (end, bad) = match std::str::from_utf8(bytes) {
        Ok(_) => (bytes.len(), None),
        Err(error) => (error.valid_up_to(), error.error_len().map(|_| Refusal::Encoding)),
    };
    let good = bytes.get(..end).unwrap_or_default();
    if clean(good) {
        return (end, bad);
    }
    let text = std::str::from_utf8(good).unwrap_or_default();
    let at = text.char_indices().find(|&(_, c)| !is_char(c)).map_or(end, |(at, _)| at);
    (at, Some(Malformed::Character.into()))
}

/// The offset after the reference that starts with `&` at `at`; `None` when the bytes run out.
/// Only the five predefined entities and references to XML characters pass (RFC 6120 §11.1).
pub(super) fn scan_reference(bytes: &[u8], at: usize) -> Result<Option<usize>, Refusal> {
    // Long enough for any character with a few leading zeros; a longer one is no one's honest work.
    const LONGEST: usize = 32;
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let window = rest.get(..LONGEST.min(rest.len())).unwrap_or_default();
    let end = match window.iter().position(|&b| b != b'#' && class(b) & NAME == 0) {
        Some(end) if window.get(end) == Some(&b';') => end,
        None if window.len() < LONGEST => return Ok(None),
        _ => return Err(Malformed::Reference.into()),
    };
    let body = window.get(..end).unwrap_or_default();
    match resolve(body) {
        Some(_) => Ok(Some(at + end + 2)),
        None if body.first().is_some_and(|&b| class(b) & START != 0) => Err(Banned::Entity.into()),
        None => Err(Malformed::Reference.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, end) in [("a>", 1), ("a:b ", 3), ("é-1/", 4), ("_.x=", 3)] {
            assert_eq!(scan_name(text.as_bytes(), 0).unwrap().unwrap().0, end, "{text}");
        }
        for text in ["1a>", ":a>", "a:>", "a:b:c>", "a:1>", "-a>", ">", "\u{d7}>", "a\u{37e}>", "a:\u{300}>"] {
            assert!(scan_name(text.as_bytes(), 0).is_err(), "{text}");
        }
        assert_eq!(scan_name(b"abc", 0), Ok(None));
    }

    #[test]
    fn references() {
        for good in ["&amp;", "&#9;", "&#x10FFFF;", "&#0065;", "&#xd7ff;"] {
            assert_eq!(scan_reference(good.as_bytes(), 0), Ok(Some(good.len())), "{good}");
        }
        let malformed = Err(Malformed::Reference.into());
        for bad in [
            "&;",
            "& b;",
            "&#;",
            "&#x;",
            "&#0;",
            "&#xD800;",
            "&#xFFFE;",
            "&#x110000;",
            "&#99999999999;",
            "&#1x;",
            "&<",
            "&#X41;",
        ] {
            assert_eq!(scan_reference(bad.as_bytes(), 0), malformed, "{bad}");
        }
        assert_eq!(scan_reference(b"&nbsp;", 0), Err(Banned::Entity.into()));
        assert_eq!(scan_reference(b"&am", 0), Ok(None));
        assert_eq!(scan_reference(format!("&{};", "a".repeat(99)).as_bytes(), 0), malformed);
    }

    #[test]
    fn sound_prefix() {
        assert_eq!(sound("aé".as_bytes()), (3, None));
        assert_eq!(sound(&"aé".as_bytes()[..2]), (1, None));
        assert_eq!(sound(b"a\xffb"), (1, Some(Refusal::Encoding)));
        assert_eq!(sound(b"ab\x00\xff"), (2, Some(Malformed::Character.into())));
        assert_eq!(sound("é\u{fffe}".as_bytes()), (2, Some(Malformed::Character.into())));
        assert_eq!(sound("\u{fffd}\u{10ffff}".as_bytes()).1, None);
        assert!(is_text("a\tb\u{85}") && !is_text("\u{1b}[2J") && !is_text("\u{ffff}"));
    }
}
