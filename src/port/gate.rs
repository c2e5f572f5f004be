//! The gate before a file that is read: held to what the wire is held to (RFC 6120 §11), but for what a file may have beside
//! (declaration, comments, instructions).

use std::ops::Range;

use crate::model::Say;
use crate::xmpp::xml::{Banned, Refusal, Rules, check};

/// Checks a whole document.
///
/// # Errors
/// What is wrong with it, for a person.
pub fn strict(bytes: &[u8]) -> Result<(), Say> {
    root(bytes).map(drop)
}

/// As [`strict`]; gives where the root element stands.
pub(super) fn root(bytes: &[u8]) -> Result<Range<usize>, Say> {
    check(bytes, &Rules::FILE).map_err(|refusal| match refusal {
        Refusal::Banned(Banned::Doctype) => Say::new("error-iodef-doctype"),
        Refusal::Limit(_) => Say::new("error-iodef-limit").with("what", "other"),
        other => Say::new("viewer-error-xml").with("cause", other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_held_to_the_wire() {
        let key = |text: &str| strict(text.as_bytes()).map_err(|say| say.key);
        assert_eq!(key("\u{feff}<?xml version='1.0'?><!-- a --><?b c?><a xmlns='urn:a'/>\n"), Ok(()));
        assert_eq!(key("<!DOCTYPE a><a/>"), Err("error-iodef-doctype"));
        assert_eq!(key(&"<a>".repeat(300)), Err("error-iodef-limit"));
        for broken in
            ["<a>]]></a>", "<a b='1' b='2'/>", "<p:a/>", "<a/><a/>", "<a>&nbsp;</a>", "<a>\u{1b}</a>", "", "a"]
        {
            assert_eq!(key(broken), Err("viewer-error-xml"), "{broken:?}");
        }
    }
}
