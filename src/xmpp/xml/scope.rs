//! Namespaces in XML 1.0: what a prefix means at one place, and what may not be declared.

use super::chars::unescape_value;
use super::refusal::{Malformed, Refusal};
use super::tag::Tag;
use super::tree::{Attr, Scopes, Span, Uri, XML_NS};

const XMLNS_NS: &str = "http://www.w3.org/2000/xmlns/";

/// A prefix bound by an open element. The list of them is capped (`Limits::prefixes`), which bounds each lookup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub prefix: Span,
    pub uri: u32,
}

fn lookup(unit: &[u8], scopes: Scopes<'_>, bound: &[Bound], prefix: &[u8]) -> Option<u32> {
    if prefix == b"xml" {
        return Some(Scopes::XML);
    }
    let own = bound.iter().rev().find(|bound| bound.prefix.of(unit) == prefix).map(|bound| bound.uri);
    own.or_else(|| scopes.of_head(prefix))
}

/// The namespace of an element's name.
pub(super) fn element(
    unit: &[u8],
    scopes: Scopes<'_>,
    bound: &[Bound],
    tag: &Tag,
    default: u32,
) -> Result<u32, Refusal> {
    if tag.local.from == tag.name.from {
        return Ok(default);
    }
    let prefix = Span { from: tag.name.from, to: tag.local.from - 1 }.of(unit);
    lookup(unit, scopes, bound, prefix).ok_or(Refusal::Prefix)
}

/// Resolves the prefixes of one element's attributes and refuses duplicates, by name or by meaning.
/// At most `Limits::attributes` of them, so comparing each with each stays cheap.
pub(super) fn attributes(unit: &[u8], scopes: Scopes<'_>, bound: &[Bound], attrs: &mut [Attr]) -> Result<(), Refusal> {
    let text = |number| scopes.uri(number).map_or_else(|span: Span| span.of(unit), str::as_bytes);
    for at in 0..attrs.len() {
        let (before, from) = attrs.split_at_mut(at);
        let Some(attr) = from.first_mut() else { break };
        if !attr.prefix.is_empty() {
            attr.ns = lookup(unit, scopes, bound, attr.prefix.of(unit)).ok_or(Refusal::Prefix)?;
        }
        let local = attr.local.of(unit);
        for other in before.iter().filter(|other| other.local.of(unit) == local) {
            // Two names without prefix are 0 and 0; a prefix never resolves to 0.
            if other.ns == attr.ns
                || (other.ns != Scopes::NONE && attr.ns != Scopes::NONE && text(other.ns) == text(attr.ns))
            {
                return Err(Malformed::Duplicate.into());
            }
        }
    }
    Ok(())
}

/// The number of the namespace a declaration binds, and the namespace when it is a new one.
pub(super) fn declaration(unit: &[u8], scopes: Scopes<'_>, attr: &Attr) -> Result<(u32, Option<Uri>), Refusal> {
    let prefix = attr.local.of(unit);
    let value = std::str::from_utf8(attr.value.of(unit)).map_err(|_| Refusal::Encoding)?;
    let uri = unescape_value(value);
    // `xml` may be declared as what it is; neither it nor `xmlns` may be anything else, nor anything else be them.
    // A prefix cannot be undeclared in Namespaces 1.0.
    let legal = match prefix {
        b"xmlns" => false,
        b"xml" => uri == XML_NS,
        b"" => uri != XML_NS && uri != XMLNS_NS,
        _ => uri != XML_NS && uri != XMLNS_NS && !uri.is_empty(),
    };
    if !legal {
        return Err(Refusal::Prefix);
    }
    if uri.is_empty() {
        return Ok((Scopes::NONE, None));
    }
    let own = match uri {
        std::borrow::Cow::Borrowed(_) => Uri::Span(attr.value),
        std::borrow::Cow::Owned(uri) => Uri::Owned(uri.into()),
    };
    Ok((scopes.own(scopes.uris.len()), Some(own)))
}
