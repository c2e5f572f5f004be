//! What may stand around a root element: the XML declaration, and in files comments and processing instructions.

use memchr::memmem;

use super::chars::{is_ncname, is_space, skip_space};
use super::limits::Rules;
use super::refusal::{Banned, Malformed, Refusal};

/// Whether `bytes` begins with an XML declaration; `None` when that cannot be told yet.
pub(super) fn has_declaration(bytes: &[u8]) -> Option<bool> {
    const OPEN: &[u8] = b"<?xml";
    match (bytes.strip_prefix(OPEN), OPEN.starts_with(bytes)) {
        (Some([]), _) | (None, true) => None,
        (Some([next, ..]), _) => Some(is_space(*next) || *next == b'?'),
        (None, false) => Some(false),
    }
}

/// Checks the XML declaration at the start of `bytes` (XML §2.8, §4.3.3); gives the offset after it, `None` when it
/// is not complete. Version 1.0 and UTF-8 only (RFC 6120 §11.5, §11.6).
pub(super) fn declaration(bytes: &[u8]) -> Result<Option<usize>, Refusal> {
    let Some(end) = memmem::find(bytes, b"?>") else { return Ok(None) };
    let body = bytes.get(b"<?xml".len()..end).unwrap_or_default();
    let body = std::str::from_utf8(body).map_err(|_| Refusal::Encoding)?;
    let bad = Refusal::from(Malformed::Declaration);
    let mut stage = 0;
    let mut rest = body;
    while !rest.trim_ascii_start().is_empty() {
        let (name, value, after) = pseudo_attribute(rest).ok_or(bad)?;
        rest = after;
        stage = match (name, stage) {
            ("version", 0) if value == "1.0" => 1,
            ("encoding", 1) if value.eq_ignore_ascii_case("utf-8") => 2,
            ("encoding", 1) => return Err(Refusal::Encoding),
            ("standalone", 1 | 2) if matches!(value, "yes" | "no") => 3,
            _ => return Err(bad),
        };
    }
    if stage == 0 { Err(bad) } else { Ok(Some(end + 2)) }
}

/// ` name = "value"`: name, value and what follows.
fn pseudo_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let trimmed = text.trim_ascii_start();
    let (name, rest) = trimmed.split_once('=').filter(|_| trimmed.len() < text.len())?;
    let rest = rest.trim_ascii_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = rest.get(1..)?.split_once(quote)?;
    Some((name.trim_ascii_end(), value, after))
}

/// The refusal for `<!` that starts neither CDATA nor a comment.
pub(super) fn doctype(rest: &[u8]) -> Refusal {
    // One letter is enough: nothing else in XML content starts so.
    if rest.get(2) == Some(&b'D') { Banned::Doctype.into() } else { Malformed::Tag.into() }
}

/// The offset after the comment at `at` (XML §2.5); `None` when it is not complete.
pub(super) fn comment(bytes: &[u8], at: usize) -> Result<Option<usize>, Refusal> {
    const OPEN: &[u8] = b"<!--";
    let rest = bytes.get(at..).unwrap_or_default();
    if !rest.starts_with(OPEN) {
        return if OPEN.starts_with(rest) { Ok(None) } else { Err(Malformed::Tag.into()) };
    }
    let inside = at + OPEN.len();
    let Some(hit) = memmem::find(bytes.get(inside..).unwrap_or_default(), b"--") else { return Ok(None) };
    match bytes.get(inside + hit + 2) {
        None => Ok(None),
        Some(b'>') => Ok(Some(inside + hit + 3)),
        Some(_) => Err(Malformed::Tag.into()),
    }
}

/// The offset after the processing instruction at `at` (XML §2.6); `None` when it is not complete.
pub(super) fn instruction(bytes: &[u8], at: usize) -> Result<Option<usize>, Refusal> {
    let inside = at + 2;
    let Some(hit) = memmem::find(bytes.get(inside..).unwrap_or_default(), b"?>") else { return Ok(None) };
    let body = bytes.get(inside..inside + hit).unwrap_or_default();
    let body = std::str::from_utf8(body).map_err(|_| Refusal::Encoding)?;
    let target = body.split(|c: char| c.is_ascii() && is_space(c as u8)).next().unwrap_or_default();
    if !is_ncname(target) || target.eq_ignore_ascii_case("xml") {
        return Err(Malformed::Tag.into());
    }
    Ok(Some(inside + hit + 2))
}

/// Skips white space and what `rules` allow outside the root; gives the offset of the first other byte.
pub(super) fn misc(bytes: &[u8], from: usize, rules: &Rules) -> Result<usize, Refusal> {
    let mut at = from;
    loop {
        at = skip_space(bytes, at);
        let rest = bytes.get(at..).unwrap_or_default();
        let end = match rest {
            [b'<', b'?', ..] if rules.instructions => instruction(bytes, at)?,
            [b'<', b'?', ..] => return Err(Banned::Instruction.into()),
            [b'<', b'!', b'-', ..] if rules.comments => comment(bytes, at)?,
            [b'<', b'!', b'-', ..] => return Err(Banned::Comment.into()),
            [b'<', b'!', ..] => return Err(doctype(rest)),
            _ => return Ok(at),
        };
        at = end.ok_or(Malformed::Unclosed)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        for good in [
            "<?xml version='1.0'?>",
            "<?xml version=\"1.0\" encoding='UTF-8' standalone = 'yes' ?>",
            "<?xml\tversion = '1.0'\nencoding=\"utf-8\"?>",
        ] {
            assert_eq!(declaration(good.as_bytes()), Ok(Some(good.len())), "{good}");
        }
        for (bad, why) in [
            ("<?xml version='1.1'?>", Malformed::Declaration.into()),
            ("<?xml?>", Malformed::Declaration.into()),
            ("<?xml encoding='utf-8'?>", Malformed::Declaration.into()),
            ("<?xml version='1.0'encoding='utf-8'?>", Malformed::Declaration.into()),
            ("<?xml version='1.0' version='1.0'?>", Malformed::Declaration.into()),
            ("<?xml version='1.0' encoding='utf-16'?>", Refusal::Encoding),
            ("<?xml version='1.0' encoding='ISO-8859-1'?>", Refusal::Encoding),
        ] {
            assert_eq!(declaration(bad.as_bytes()), Err(why), "{bad}");
        }
        assert_eq!(declaration(b"<?xml version='1.0'"), Ok(None));
        assert_eq!(has_declaration(b"<?x"), None);
        assert_eq!(has_declaration(b"<?xml"), None);
        assert_eq!(has_declaration(b"<?xml "), Some(true));
        assert_eq!(has_declaration(b"<?xml-stylesheet"), Some(false));
    }

    #[test]
    fn around_the_root() {
        let all = b" <!-- a - b --> <?style x?>\n<a/>";
        assert_eq!(misc(all, 0, &Rules::FILE), Ok(all.len() - 4));
        assert_eq!(misc(b"<!-- a -- b -->", 0, &Rules::FILE), Err(Malformed::Tag.into()));
        assert_eq!(misc(b"<!---->", 0, &Rules::STREAM), Err(Banned::Comment.into()));
        assert_eq!(misc(b"<!DOCTYPE a>", 0, &Rules::FILE), Err(Banned::Doctype.into()));
        assert_eq!(misc(b"<?XML x?>", 0, &Rules::FILE), Err(Malformed::Tag.into()));
        assert_eq!(misc(b"<!-- a", 0, &Rules::FILE), Err(Malformed::Unclosed.into()));
    }
}
