//! Restricted XML as XMPP has it (RFC 6120 §11): checked strictly on the way in, escaped by `text::xml` on the way out.
//!
//! [`Gate`] cuts a stream into [`Stanza`]s; [`check`] and [`document`] do the same to one whole document, with the
//! same walker, so a payload file is held to what the wire is held to. Uses `model::Say` and `memchr`.

mod chars;
pub mod gate;
mod limits;
mod prolog;
mod refusal;
mod scan;
mod scope;
mod tag;
pub mod tree;
pub mod writer;

use std::sync::Arc;

pub use chars::{is_char, is_text};
pub use gate::{Frame, Gate, Header};
pub use limits::{Limits, Rules};
pub use refusal::{Banned, Excess, Malformed, Refusal};
use scan::{Aim, Progress, Scanner};
pub use tree::{El, Part, STREAM_NS, Stanza, XML_NS};
pub use writer::{NotXml, Writer};

/// Checks a whole document. Gives the range of its root element, without what stands around it.
///
/// # Errors
/// The first thing wrong with it. A DOCTYPE is refused whatever the rules.
pub fn check(bytes: &[u8], rules: &Rules) -> Result<std::ops::Range<usize>, Refusal> {
    whole(bytes, rules, Aim::Check).map(|(root, _)| root)
}

/// Checks a whole document and gives its root element.
///
/// # Errors
/// As [`check`].
pub fn document(bytes: &[u8], rules: &Rules) -> Result<Stanza, Refusal> {
    let (root, scanner) = whole(bytes, rules, Aim::Build)?;
    scanner.stanza(bytes.get(root).unwrap_or_default())
}

fn whole(bytes: &[u8], rules: &Rules, aim: Aim) -> Result<(std::ops::Range<usize>, Scanner), Refusal> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    if bytes.len() > rules.limits.bytes {
        return Err(Excess::Bytes.into());
    }
    match chars::sound(bytes) {
        (_, Some(refusal)) => return Err(refusal),
        (end, None) if end < bytes.len() => return Err(Refusal::Encoding),
        _ => {}
    }
    let mut start = if rules.declaration && bytes.starts_with(MARK) { MARK.len() } else { 0 };
    let rest = bytes.get(start..).unwrap_or_default();
    if rules.declaration && prolog::has_declaration(rest) == Some(true) {
        start += prolog::declaration(rest)?.ok_or(Malformed::Declaration)?;
    }
    let start = prolog::misc(bytes, start, rules)?;
    let unit = bytes.get(start..).unwrap_or_default();
    if unit.first() != Some(&b'<') {
        return Err(if unit.is_empty() { Malformed::Unclosed } else { Malformed::Outside }.into());
    }
    let mut scanner = Scanner::new(*rules, aim, Arc::default());
    let Progress::Done(end) = scanner.run(unit)? else { return Err(Malformed::Unclosed.into()) };
    let end = start + end;
    if prolog::misc(bytes, end, rules)? < bytes.len() {
        return Err(Malformed::Outside.into());
    }
    Ok((start..end, scanner))
}
