//! A mail as it travels, or a box of them, opened: what stood in quoted-printable, base64 or HTML becomes the text its reader
//! saw, with where its links lead and what its attachments are called, hash to and, where they are text, say. Nothing of it is
//! fetched, run or kept.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use crate::text;

/// Header lines looked at to tell a mail.
const LOOKED_AT: usize = 200;
/// Parts read of one mail, and parts within parts.
const PARTS: usize = 1_000;
const DEEP: usize = 8;
/// Pieces of one name.
const PIECES: usize = 32;
/// Longest mail that is opened, in bytes.
const LONGEST: usize = 16 << 20;
/// Header fields of which two tell a mail.
const FIELDS: [&str; 9] =
    ["from", "to", "subject", "date", "received", "return-path", "message-id", "mime-version", "delivered-to"];
/// Mailers forget the padding, and the last bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text of a mail; `None` where the text is none, or one that hides nothing.
#[must_use]
pub fn opened(pasted: &str) -> Option<String> {
    let mails = mails(pasted.trim_start());
    if pasted.len() > LONGEST || !mails.iter().any(|(_, mail)| hides(mail)) {
        return None;
    }
    let (mut out, mut left) = (String::with_capacity(pasted.len()), PARTS);
    for (line, mail) in mails {
        out.push_str(line);
        part(mail, &mut out, &mut left, 0);
    }
    Some(out)
}

/// The mails of a box (RFC 4155), each with the line before it that says who sent it; a mail alone is one without.
fn mails(pasted: &str) -> Vec<(&str, &str)> {
    let is_first = |line: &str| line.starts_with("From ");
    if !pasted.split('\n').next().is_some_and(is_first) {
        return vec![("", pasted)];
    }
    // Each begins after an empty line; what a mail says itself has a sign before it.
    let (mut starts, mut at, mut is_empty) = (Vec::new(), 0, true);
    for line in pasted.split_inclusive('\n') {
        if is_empty && is_first(line) && starts.len() < PARTS {
            starts.push((at, at + line.len()));
        }
        is_empty = line.trim_end_matches(['\r', '\n']).is_empty();
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([pasted.len()]);
    let cut =
        |((start, mail), end): (&(usize, usize), usize)| Some((pasted.get(*start..*mail)?, pasted.get(*mail..end)?));
    starts.iter().zip(ends).filter_map(cut).collect()
}

/// Whether it begins as a mail and says that something in it is written otherwise than it is read.
fn hides(pasted: &str) -> bool {
    let (mut fields, mut hides) = (0, false);
    for line in pasted.trim_start().lines().take(LOOKED_AT) {
        if line.trim().is_empty() {
            break;
        }
        // A field that goes on.
        if line.starts_with([' ', '\t']) {
            hides |= line.contains("=?");
            continue;
        }
        let Some((name, value)) = line.split_once(':') else { return false };
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        fields += usize::from(FIELDS.contains(&name.as_str()));
        let value = value.to_ascii_lowercase();
        hides |= value.contains("=?")
            || (name == "content-transfer-encoding" && (value.contains("quoted") || value.contains("base64")))
            || (name == "content-type" && (value.contains("multipart/") || value.contains("text/html")));
    }
    fields >= 2 && hides
}

/// One part with its fields; `left` is how many more are read of the whole mail.
fn part(whole: &str, out: &mut String, left: &mut usize, depth: usize) {
    let Some(less) = left.checked_sub(1) else { return };
    *left = less;
    let (fields, body) = halves(whole);
    let _ = writeln!(out, "{}", fields.trim_end());
    if fields.contains("=?") {
        let _ = writeln!(out, "{}", spoken(fields));
    }
    let (kind, encoding) = (field(fields, "content-type"), field(fields, "content-transfer-encoding"));
    let sort = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let inside = depth < DEEP;
    if let Some(boundary) = parameter(&kind, "boundary").filter(|_| sort.starts_with("multipart/") && inside) {
        parts(body, &boundary, out, left, depth);
        return;
    }
    let bytes = decoded(body, &encoding);
    if sort.starts_with("message/") && inside {
        return part(&words(&bytes), out, left, depth + 1);
    }
    let name = called(&field(fields, "content-disposition"), "filename").or_else(|| called(&kind, "name"));
    let is_body = sort.is_empty() || sort.starts_with("text/");
    // As a list of digests has it: the name, and the digest of its content.
    if name.is_some() || !is_body {
        let name = text::line(&spoken(&name.unwrap_or_default()));
        let _ = writeln!(out, "{name} {}", text::hex(&Sha256::digest(&bytes)));
    }
    match &*sort {
        "text/html" => shown(&words(&bytes), out),
        // Lists of values travel under all sorts of names.
        _ if is_body || is_text(&bytes) => out.push_str(&words(&bytes)),
        _ => {}
    }
    out.push('\n');
}

/// Whether it is text whatever its part says it is.
fn is_text(bytes: &[u8]) -> bool {
    let is_plain = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n' | '\u{c}');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_plain))
}

/// A name in a parameter as people read it: in one piece or in several, with letters of any script (RFC 2231 §3, §4).
fn called(value: &str, name: &str) -> Option<String> {
    if let Some(said) = parameter(value, &format!("{name}*")) {
        return Some(words(&percent(told(&said))).into_owned());
    }
    let mut whole = Vec::new();
    for piece in 0..PIECES {
        match (parameter(value, &format!("{name}*{piece}*")), parameter(value, &format!("{name}*{piece}"))) {
            (Some(said), _) => whole.extend(percent(if piece == 0 { told(&said) } else { &said })),
            (None, Some(said)) => whole.extend(said.into_bytes()),
            (None, None) => break,
        }
    }
    if whole.is_empty() { parameter(value, name) } else { Some(words(&whole).into_owned()) }
}

/// What follows the character set and the language.
fn told(said: &str) -> &str {
    said.splitn(3, '\'').nth(2).unwrap_or(said)
}

fn percent(said: &str) -> Vec<u8> {
    let (bytes, mut out, mut at) = (said.as_bytes(), Vec::with_capacity(said.len()), 0);
    while let Some(byte) = bytes.get(at).copied() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        let code = pair.filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}

/// The parts between lines of `--boundary` (RFC 2046 §5.1).
fn parts(body: &str, boundary: &str, out: &mut String, left: &mut usize, depth: usize) {
    // What stands before the first is for mailers that know no parts.
    let (mut from, mut at) = (None, 0);
    for line in body.split_inclusive('\n') {
        let rest = line.strip_prefix("--").and_then(|line| line.strip_prefix(boundary)).map(str::trim_end);
        if let Some(rest) = rest.filter(|rest| matches!(*rest, "" | "--")) {
            if let Some(inside) = from.and_then(|from| body.get(from..at)) {
                part(inside, out, left, depth + 1);
            }
            from = (rest != "--").then_some(at + line.len());
        }
        at += line.len();
    }
    // One that was cut off ends with the mail.
    if let Some(inside) = from.and_then(|from| body.get(from..)) {
        part(inside, out, left, depth + 1);
    }
}

/// The fields and the body, which an empty line parts.
fn halves(whole: &str) -> (&str, &str) {
    let mut at = 0;
    for line in whole.split_inclusive('\n') {
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            return (whole.get(..at).unwrap_or_default(), whole.get(at + line.len()..).unwrap_or_default());
        }
        at += line.len();
    }
    (whole, "")
}

/// The value of a field, with the lines it goes on in; empty where there is none.
fn field(fields: &str, name: &str) -> String {
    let mut found: Option<String> = None;
    for line in fields.lines() {
        match (&mut found, line.starts_with([' ', '\t'])) {
            (Some(value), true) => value.push_str(line),
            (Some(_), false) => break,
            (None, true) => {}
            (None, false) => {
                let own = line.split_once(':').filter(|(own, _)| own.trim().eq_ignore_ascii_case(name));
                found = own.map(|(_, value)| value.trim().to_owned());
            }
        }
    }
    found.unwrap_or_default()
}

/// A parameter of a value: `name=x`, `name="x y"`.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (own, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (said, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(';').map_or((after, ""), |(said, next)| (said, next)),
        };
        if own.trim_start_matches([';', ' ', '\t']).trim_end().eq_ignore_ascii_case(name) {
            return Some(said.trim_end().to_owned());
        }
        rest = next;
    }
}

/// A body as it was before it travelled; what is none of its encoding is passed over, as mailers do.
fn decoded<'b>(body: &'b str, encoding: &str) -> Cow<'b, [u8]> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
            let mut bytes: Vec<u8> = body.bytes().take_while(|byte| *byte != b'=').filter(plain).collect();
            if bytes.len() % 4 == 1 {
                let _ = bytes.pop();
            }
            Cow::Owned(BASE64.decode(bytes).unwrap_or_default())
        }
        "quoted-printable" => Cow::Owned(quoted(body, false)),
        _ => Cow::Borrowed(body.as_bytes()),
    }
}

/// Quoted-printable (RFC 2045 §6.7); `header` is its kin in fields, where `_` is a blank.
fn quoted(body: &str, header: bool) -> Vec<u8> {
    let (bytes, mut out, mut at) = (body.as_bytes(), Vec::with_capacity(body.len()), 0);
    while let Some(byte) = bytes.get(at).copied() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| byte == b'=').and_then(|pair| std::str::from_utf8(pair).ok());
        let code = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (byte, code, pair) {
            (b'=', Some(code), _) => {
                out.push(code);
                at += 3;
            }
            // The line goes on.
            (b'=', _, Some("\r\n")) => at += 3,
            (b'=', ..) if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            (b'_', ..) if header => {
                out.push(b' ');
                at += 1;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Bytes as text. Values are ASCII, which all but a few old character sets write alike.
fn words(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

/// Fields with their encoded words read: `=?utf-8?q?...?=` (RFC 2047).
fn spoken(fields: &str) -> String {
    let (mut out, mut rest) = (String::new(), fields);
    // Where the last of them may end: behind it none is looked for, which would take a look at all the rest for each beginning.
    let last = fields.rfind("?=").unwrap_or_default();
    while let Some((before, after)) = rest.split_once("=?").filter(|_| fields.len() - rest.len() < last) {
        // Blanks between two of them are none.
        if out.is_empty() || !before.trim().is_empty() {
            out.push_str(before);
        }
        let mut inside = after.splitn(3, '?');
        let word = inside.next().zip(inside.next()).zip(inside.next()).and_then(|((_, how), rest)| {
            let (said, rest) = rest.split_once("?=")?;
            let bytes = if how.eq_ignore_ascii_case("b") { decoded(said, "base64") } else { quoted(said, true).into() };
            Some((words(&bytes).into_owned(), rest))
        });
        match word {
            Some((word, next)) => {
                out.push_str(&word);
                rest = next;
            }
            None => {
                out.push_str("=?");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Tags after which a new line begins.
const BLOCKS: [&str; 19] = [
    "p",
    "div",
    "br",
    "tr",
    "td",
    "th",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "hr",
    "pre",
    "blockquote",
    "body",
];
/// Attributes that lead somewhere.
const LEADS: [&str; 6] = ["href", "src", "action", "formaction", "background", "data"];

/// Words of a page as they are read, and where its links lead. What a page writes by a program is shown as the program.
fn shown(html: &str, out: &mut String) {
    let (mut rest, mut quotes) = (html, true);
    while let Some((words, tag)) = rest.split_once('<') {
        plain(words, out);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let (inside, after) = tag_end(tag, &mut quotes);
        rest = after;
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase();
        leads(inside, out);
        if BLOCKS.contains(&name.as_str()) {
            out.push('\n');
        } else if name == "a" {
            // What a link is called ends with it.
            out.push(' ');
        }
        if name == "style" && !inside.starts_with('/') {
            rest = after_style(rest);
        }
    }
    plain(rest, out);
}

/// What stands in a tag, and what follows it. A sign in quotes ends none, unless a quote somewhere never ends: then none of
/// those that follow count, and a page that hides itself behind one is read all the same.
fn tag_end<'h>(tag: &'h str, quotes: &mut bool) -> (&'h str, &'h str) {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate().filter(|_| *quotes) {
        match (quote, byte) {
            (None, b'>') => return (tag.get(..at).unwrap_or_default(), tag.get(at + 1..).unwrap_or_default()),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    *quotes = false;
    tag.split_once('>').unwrap_or((tag, ""))
}

/// Looks are no words: what they name leads nowhere.
fn after_style(rest: &str) -> &str {
    let end = rest.as_bytes().windows(7).position(|part| part.eq_ignore_ascii_case(b"</style"));
    end.and_then(|at| rest.get(at..)).unwrap_or("")
}

/// Where a tag leads, each on a line of its own.
fn leads(tag: &str, out: &mut String) {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let name = before.trim_end().rsplit(|c: char| c.is_whitespace() || c == '"' || c == '\'' || c == '/').next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let value = after.trim_start();
        let (value, next) = match value.as_bytes().first() {
            Some(b'"') => value.get(1..).and_then(|value| value.split_once('"')).unwrap_or((value, "")),
            Some(b'\'') => value.get(1..).and_then(|value| value.split_once('\'')).unwrap_or((value, "")),
            _ => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        // A picture inside the mail leads nowhere.
        if LEADS.contains(&name.as_str())
            && !value.trim_start().get(..5).is_some_and(|s| s.eq_ignore_ascii_case("data:"))
        {
            out.push('\n');
            plain(value.trim(), out);
            out.push('\n');
        }
        rest = next;
    }
}

/// Text with its entities read.
fn plain(words: &str, out: &mut String) {
    let mut rest = words;
    while let Some((before, entity)) = rest.split_once('&') {
        out.push_str(before);
        let end = entity.bytes().take(12).position(|byte| byte == b';');
        let read = end.and_then(|end| Some((named(entity.get(..end)?)?, entity.get(end + 1..)?)));
        match read {
            Some((character, after)) => {
                // A hyphen that does not show parts no word.
                out.extend(Some(character).filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200d}')));
                rest = after;
            }
            None => {
                out.push('&');
                rest = entity;
            }
        }
    }
    out.push_str(rest);
}

fn named(entity: &str) -> Option<char> {
    if let Some(number) = entity.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "shy" => '\u{ad}',
        "zwnj" => '\u{200c}',
        "period" => '.',
        "colon" => ':',
        "sol" => '/',
        "commat" => '@',
        "lowbar" => '_',
        "hyphen" | "dash" => '-',
        "quest" => '?',
        "equals" => '=',
        "num" => '#',
        "percnt" => '%',
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
