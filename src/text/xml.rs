//! Characters, names and references of XML 1.0 (fifth edition), for the stream and for documents. Uses `memchr`.

pub mod split;

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// White space (XML §2.3).
#[must_use]
#[inline]
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The offset of the first byte at or after `at` that is no white space.
#[must_use]
#[inline]
pub fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&b| !is_space(b)).unwrap_or(rest.len())
}

#[must_use]
pub fn is_name_start(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

#[must_use]
pub fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// A bit for each of these bytes, all of one quarter of the 256.
const fn bits(mut bytes: &[u8]) -> u64 {
    let mut bits = 0;
    while let [byte, rest @ ..] = bytes {
        bits |= 1 << (*byte & 0x3F);
        bytes = rest;
    }
    bits
}

/// Whether `text` is a name without prefix (NCName).
#[must_use]
pub fn is_ncname(text: &str) -> bool {
    // Nearly every name is in ASCII. One table of bits a half instead of a comparison for each range.
    const LOW: u64 = bits(b"-.0123456789");
    const HIGH: u64 = bits(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    let is_plain = |byte: &u8| {
        let half = if byte & 0x40 == 0 { LOW } else { HIGH };
        byte.is_ascii() && half >> (byte & 0x3F) & 1 == 1
    };
    if let [first, rest @ ..] = text.as_bytes()
        && (first.is_ascii_alphabetic() || *first == b'_')
        && rest.iter().all(is_plain)
    {
        return true;
    }
    let mut chars = text.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

/// Whether XML 1.0 has this character (§2.2 `Char`).
#[must_use]
pub fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Whether every character of `text` is one of XML 1.0.
#[must_use]
pub fn is_text(text: &str) -> bool {
    clean(text.as_bytes())
}

/// Whether valid UTF-8 holds no control character, U+FFFE or U+FFFF.
#[must_use]
pub fn clean(bytes: &[u8]) -> bool {
    // Branch-free, so that it is done with vector instructions.
    let control = bytes.iter().fold(false, |bad, &b| bad | (b < 0x20 && b != b'\t' && b != b'\n' && b != b'\r'));
    !control
        && (bytes.is_ascii()
            || memchr_iter(0xEF, bytes).all(|i| !matches!(bytes.get(i + 1..i + 3), Some([0xBF, 0xBE | 0xBF]))))
}

/// What `&body;` stands for: one of the five predefined entities or an XML character.
#[must_use]
pub fn resolve(body: &[u8]) -> Option<char> {
    match body {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"apos" => Some('\''),
        b"quot" => Some('"'),
        [b'#', b'x', hex @ ..] => number(hex, 16),
        [b'#', decimal @ ..] => number(decimal, 10),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let value = digits
        .iter()
        .try_fold(0u32, |value, &b| value.checked_mul(radix)?.checked_add(char::from(b).to_digit(radix)?))?;
    char::from_u32(value).filter(|&c| is_char(c))
}

/// Character data with references resolved and line ends made `\n` (XML §2.11).
#[must_use]
pub fn unescape(text: &str) -> Cow<'_, str> {
    decode(text, |bytes| memchr2(b'&', b'\r', bytes), "\n")
}

/// Line ends made `\n` (XML §2.11); in CDATA `&` means itself.
#[must_use]
pub fn line_ends(text: &str) -> Cow<'_, str> {
    decode(text, |bytes| memchr(b'\r', bytes), "\n")
}

/// An attribute value with references resolved and white space made spaces (XML §3.3.3).
#[must_use]
pub fn unescape_value(text: &str) -> Cow<'_, str> {
    decode(text, |bytes| bytes.iter().position(|&b| b == b'&' || matches!(b, b'\t' | b'\r' | b'\n')), " ")
}

fn decode<'a>(text: &'a str, find: impl Fn(&[u8]) -> Option<usize>, line: &str) -> Cow<'a, str> {
    let Some(first) = find(text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = Some(first);
    while let Some(at) = next {
        let (before, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some(body) = tail.strip_prefix('&') {
            let (body, after) = body.split_once(';').unwrap_or((body, ""));
            out.extend(resolve(body.as_bytes()));
            rest = after;
        } else {
            out.push_str(line);
            rest = tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or_default();
        }
        next = find(rest.as_bytes());
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Character data for `text`, whose characters XML has.
#[must_use]
pub fn escape_text(text: &str) -> Cow<'_, str> {
    escape(text, |c| matches!(c, '&' | '<' | '>' | '\r'))
}

/// An attribute value for `text`, to stand between two of `quote`.
#[must_use]
pub fn escape_value(text: &str, quote: char) -> Cow<'_, str> {
    escape(text, |c| matches!(c, '&' | '<' | '>' | '\r' | '\n' | '\t') || c == quote)
}

fn escape(text: &str, is_special: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if is_special('"') => out.push_str("&quot;"),
            '\'' if is_special('\'') => out.push_str("&apos;"),
            // A reader would make these blanks or `\n` (§2.11, §3.3.3).
            '\r' => out.push_str("&#13;"),
            '\n' if is_special('\n') => out.push_str("&#10;"),
            '\t' if is_special('\t') => out.push_str("&#9;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_in_names_where_its_character_is() {
        for byte in 0..=u8::MAX {
            let char = char::from(byte);
            assert_eq!(is_ncname(&format!("a{char}")), is_name_char(char), "{byte}");
            assert_eq!(is_ncname(&char.to_string()), is_name_start(char), "{byte}");
        }
    }

    #[test]
    fn unescaping() {
        assert_eq!(unescape("a\r\nb\rc&lt;&#x41;&#13;d"), "a\nb\nc<A\rd");
        assert_eq!(unescape_value("a\r\nb\tc&#10;"), "a b c\n");
        assert!(matches!(unescape("plain > text"), Cow::Borrowed(_)));
    }
}
