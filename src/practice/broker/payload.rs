//! A payload moved from a publisher's stanza into the stanzas of its readers, byte for byte.

use std::sync::Arc;

use crate::xmpp::xml::El;

/// The payload's bytes, so that they mean the same inside any other element. A payload that brings its own namespace
/// declarations, as all should, keeps every byte; what another took from around it is declared on its root.
pub(super) fn self_contained(payload: El<'_>) -> Arc<[u8]> {
    let raw = payload.raw();
    let end = raw.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let (name, rest) = raw.split_at(end.unwrap_or(raw.len()));
    let declared = declared(rest);
    let mut out = name.to_vec();
    for (prefix, uri) in payload.scope() {
        if declared.contains(&prefix.as_bytes()) || !uses(raw, &prefix) {
            continue;
        }
        let colon = if prefix.is_empty() { "" } else { ":" };
        let uri = uri.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        out.extend_from_slice(format!(" xmlns{colon}{prefix}='{uri}'").as_bytes());
    }
    out.extend_from_slice(rest);
    out.into()
}

/// The prefixes a start tag declares, `""` for the default; `tag` starts after the name. The gate has checked the tag, so
/// each name is followed by `=` and a quoted value.
fn declared(mut tag: &[u8]) -> Vec<&[u8]> {
    let mut prefixes = Vec::new();
    while let Some(equals) = tag.iter().position(|byte| matches!(byte, b'=' | b'>')) {
        let (name, value) = tag.split_at(equals);
        if value.first() == Some(&b'>') {
            break;
        }
        match name.trim_ascii().strip_prefix(b"xmlns") {
            Some([]) => prefixes.push(&[][..]),
            Some([b':', prefix @ ..]) => prefixes.push(prefix),
            _ => {}
        }
        let mut parts = value.splitn(2, |byte| matches!(byte, b'\'' | b'"'));
        let (Some(before), Some(after)) = (parts.next(), parts.next()) else { break };
        let quote = value.get(before.len()).copied();
        let close = after.iter().position(|byte| Some(*byte) == quote).unwrap_or(after.len());
        tag = after.get(close + 1..).unwrap_or_default();
    }
    prefixes
}

/// Whether a prefix may be used; `""` stands for names without one. It errs towards yes: a declaration too many does
/// no harm.
fn uses(raw: &[u8], prefix: &str) -> bool {
    if !prefix.is_empty() {
        let mark = format!("{prefix}:");
        return raw.windows(mark.len()).any(|window| window == mark.as_bytes());
    }
    let mut names =
        raw.split(|byte| *byte == b'<').skip(1).filter(|name| !name.starts_with(b"/") && !name.starts_with(b"!"));
    names.any(|name| {
        let end = name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        !name.get(..end.unwrap_or(name.len())).unwrap_or_default().contains(&b':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::xml::{Rules, document};

    fn moved(item: &str) -> String {
        let stanza = document(item.as_bytes(), &Rules::STREAM).unwrap();
        let payload = stanza.root().children().next().unwrap();
        String::from_utf8(self_contained(payload).to_vec()).unwrap()
    }

    #[test]
    fn complete_payloads_keep_every_byte() {
        for payload in [
            "<a xmlns='urn:a'/>",
            "<a\n\txmlns = \"urn:a\" x='>' ><b>&lt;<![CDATA[<]]></b></a>",
            "<p:a xmlns:p='urn:p'  ><p:b y='xmlns='/></p:a>",
            "<a x='xmlns=1' xmlns='urn:a'>q:</a>",
        ] {
            assert_eq!(moved(&format!("<item xmlns='urn:i' xmlns:unused='urn:u'>{payload}</item>")), payload);
        }
    }

    #[test]
    fn what_came_from_around_is_declared() {
        for (item, payload) in [
            ("<item xmlns='urn:i&amp;'><a/></item>", "<a xmlns='urn:i&amp;'/>"),
            (
                "<item xmlns='urn:i' xmlns:p='urn:p'><p:a><b/></p:a></item>",
                "<p:a xmlns='urn:i' xmlns:p='urn:p'><b/></p:a>",
            ),
            (
                "<item xmlns='urn:i' xmlns:p='urn:p'><a xmlns='urn:a' p:x='1'/></item>",
                "<a xmlns:p='urn:p' xmlns='urn:a' p:x='1'/>",
            ),
        ] {
            assert_eq!(moved(item), payload);
        }
    }
}
