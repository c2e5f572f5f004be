//! One start tag, strictly (XML §3.1). Uses `chars`.

use memchr::memchr3;

use super::chars::{scan_name, scan_reference, skip_space};
use super::limits::Limits;
use super::refusal::{Excess, Malformed, Refusal};
use super::tree::{Attr, Scopes, Span};

/// A start or empty-element tag; its attributes went to the lists given to [`parse`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    /// The qualified name.
    pub name: Span,
    pub local: Span,
    pub empty: bool,
    /// The offset after `>`.
    pub end: usize,
}

/// Reads the tag that starts with `<` at `at`. `None` when the bytes run out; the lists then hold rubbish.
/// Attributes go to `attrs`, namespace declarations to `decls` (with an empty `local` for the default namespace).
pub(super) fn parse(
    unit: &[u8],
    at: usize,
    limits: &Limits,
    attrs: &mut Vec<Attr>,
    decls: &mut Vec<Attr>,
) -> Result<Option<Tag>, Refusal> {
    let (first_attr, first_decl) = (attrs.len(), decls.len());
    let Some((mut i, local)) = scan_name(unit, at + 1)? else { return Ok(None) };
    let (name, local) = (Span::new(at + 1, i), Span::new(local, i));
    loop {
        let gap = i;
        i = skip_space(unit, i);
        match unit.get(i) {
            None => return Ok(None),
            Some(b'>') => return Ok(Some(Tag { name, local, empty: false, end: i + 1 })),
            Some(b'/') => {
                return match unit.get(i + 1) {
                    None => Ok(None),
                    Some(b'>') => Ok(Some(Tag { name, local, empty: true, end: i + 2 })),
                    Some(_) => Err(Malformed::Tag.into()),
                };
            }
            Some(_) if gap == i => return Err(Malformed::Tag.into()),
            Some(_) => {}
        }
        let Some((attr, end)) = attribute(unit, i)? else { return Ok(None) };
        i = end;
        if attr.prefix.of(unit) == b"xmlns" {
            decls.push(attr);
        } else if attr.prefix.is_empty() && attr.local.of(unit) == b"xmlns" {
            decls.push(Attr { local: Span::default(), ..attr });
        } else {
            attrs.push(attr);
        }
        if attrs.len() - first_attr > limits.attributes {
            return Err(Excess::Attributes.into());
        }
        if decls.len() - first_decl > limits.declarations {
            return Err(Excess::Declarations.into());
        }
    }
}

fn attribute(unit: &[u8], at: usize) -> Result<Option<(Attr, usize)>, Refusal> {
    let Some((end, local)) = scan_name(unit, at)? else { return Ok(None) };
    let prefix = if local > at { Span::new(at, local - 1) } else { Span::default() };
    let equals = skip_space(unit, end);
    match unit.get(equals) {
        None => return Ok(None),
        Some(b'=') => {}
        Some(_) => return Err(Malformed::Tag.into()),
    }
    let open = skip_space(unit, equals + 1);
    let quote = match unit.get(open) {
        None => return Ok(None),
        Some(&quote @ (b'"' | b'\'')) => quote,
        Some(_) => return Err(Malformed::Value.into()),
    };
    let Some(close) = value(unit, open + 1, quote)? else { return Ok(None) };
    let value = Span::new(open + 1, close);
    Ok(Some((Attr { prefix, local: Span::new(local, end), value, ns: Scopes::NONE }, close + 1)))
}

/// Where the value that starts at `at` ends: the offset of its closing quote.
fn value(unit: &[u8], at: usize, quote: u8) -> Result<Option<usize>, Refusal> {
    let mut i = at;
    loop {
        let Some(hit) = memchr3(quote, b'<', b'&', unit.get(i..).unwrap_or_default()) else { return Ok(None) };
        i += hit;
        match unit.get(i) {
            Some(b'<') => return Err(Malformed::Value.into()),
            Some(b'&') => match scan_reference(unit, i)? {
                Some(end) => i = end,
                None => return Ok(None),
            },
            _ => return Ok(Some(i)),
        }
    }
}

/// Follows quotes through the bytes of an unfinished tag, so that a tag arriving in pieces is not read anew for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quotes(Option<u8>);

impl Quotes {
    /// Whether the tag ends in `fresh`, one way or the other: with `>`, or with a `<` that no tag may hold.
    pub fn end(&mut self, fresh: &[u8]) -> bool {
        for &b in fresh {
            match (self.0, b) {
                (_, b'<') | (None, b'>') => return true,
                (None, b'"' | b'\'') => self.0 = Some(b),
                (Some(quote), _) if quote == b => self.0 = None,
                _ => {}
            }
        }
        false
    }
}
