//! A payload moved from a publisher's stanza into the stanzas of its readers, byte for byte.

use std::sync::Arc;

use crate::xmpp::xml::El;

/// The payload's bytes, so that they mean the same inside any other element. A payload that brings its own namespace
/// declarations, as all should, keeps every byte; what another took from around it is declared on its root.
pub(in crate::practice) fn self_contained(payload: El<'_>) -> Arc<[u8]> {
    let raw = payload.raw();
    let (name, rest) = raw.split_at(name_end(raw));
    let own: Vec<&[u8]> = attributes(rest).filter_map(declared).collect();
    let missing =
        payload.scope().into_iter().filter(|(prefix, _)| !own.contains(&prefix.as_bytes()) && uses(raw, prefix));
    let mut out = name.to_vec();
    for (prefix, uri) in missing {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let uri = uri.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        out.extend_from_slice(format!(" xmlns{colon}{prefix}='{uri}'").as_bytes());
    }
    out.extend_from_slice(rest);
    out.into()
}

fn name_end(tag: &[u8]) -> usize {
    let end = tag.iter().skip(1).position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    end.map_or(tag.len(), |end| end + 1)
}

/// The attribute names of a start tag, after its name. The gate has checked the tag, so each name is followed by `=` and
/// a quoted value.
fn attributes(mut tag: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let equals = tag.iter().position(|byte| matches!(byte, b'=' | b'>'))?;
        let (name, value) = tag.split_at(equals);
        if value.first() == Some(&b'>') {
            return None;
        }
        let open = value.iter().position(|byte| matches!(byte, b'\'' | b'"'))?;
        let (quote, after) = value.get(open..)?.split_first()?;
        let close = after.iter().position(|byte| byte == quote)?;
        tag = after.get(close + 1..)?;
        Some(name.trim_ascii())
    })
}

/// The prefix a declaration binds, `""` for the default.
fn declared(attribute: &[u8]) -> Option<&[u8]> {
    match attribute.strip_prefix(b"xmlns")? {
        [] => Some(&[]),
        [b':', prefix @ ..] => Some(prefix),
        _ => None,
    }
}

/// Whether some name has this prefix; `""` stands for elements without one. Markup inside CDATA may count: a declaration
/// too many does no harm.
fn uses(raw: &[u8], prefix: &str) -> bool {
    let has = |name: &[u8]| match name.iter().position(|byte| *byte == b':') {
        Some(colon) => name.get(..colon) == Some(prefix.as_bytes()),
        None => false,
    };
    let mut tags =
        raw.split(|byte| *byte == b'<').skip(1).filter(|tag| !tag.starts_with(b"/") && !tag.starts_with(b"!"));
    tags.any(|tag| {
        let (name, rest) = tag.split_at(name_end(tag));
        if prefix.is_empty() { !name.contains(&b':') } else { has(name) || attributes(rest).any(has) }
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
            "<a x='xmlns=1' xmlns='urn:a'> u:q downu: <b y=' u:v='/></a>",
        ] {
            assert_eq!(moved(&format!("<item xmlns='urn:i' xmlns:u='urn:u'>{payload}</item>")), payload);
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
