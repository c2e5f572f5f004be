//! One document's [`Summary`], in one pass over its bytes.
//!
//! The reader keeps a stack of element names and a few fields; nothing is proportional to the document but one text
//! that is being collected. Bent documents (elements in wrong places, v1 mixed with v2) give what can be read.

mod collect;
mod tag;
#[cfg(test)]
mod tests;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::model::{Kind, Say, Summary};
use collect::Collector;
use tag::{Attrs, Ns, Scope, Tag};

/// Largest document looked at, in bytes.
pub const BYTES: usize = 32 << 20;
/// Deepest nesting; IODEF's recursive classes stay far below (RFC 7970 §9.1 asks receivers to limit it).
pub const DEPTH: usize = 256;
/// Most elements looked at.
pub const ELEMENTS: usize = 500_000;

/// Why a document could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Not well-formed XML in UTF-8.
    Syntax,
    /// A document type declaration: never read (entity expansion, external entities).
    Doctype,
    /// Larger, deeper or wider than the limits above.
    Limit,
    /// The root is called `IODEF-Document` and is in no IODEF namespace.
    Namespace,
    /// In an IODEF namespace without being a document.
    Root,
    NoIncident,
}

impl Fault {
    fn say(self, at: u64) -> Say {
        match self {
            Self::Syntax => Say::new("error-iodef-syntax").with("at", at.to_string()),
            Self::Doctype => Say::new("error-iodef-doctype"),
            Self::Limit => Say::new("error-iodef-limit"),
            Self::Namespace => Say::new("error-iodef-namespace"),
            Self::Root => Say::new("error-iodef-root"),
            Self::NoIncident => Say::new("error-iodef-no-incident"),
        }
    }
}

/// The summary of a payload for a reader of English. `scope` holds the namespace declarations in force around it.
#[must_use]
pub fn summarise(bytes: &[u8], scope: &[(String, String)]) -> Summary {
    summarise_in(bytes, scope, "en")
}

/// As [`summarise`], with the language tag (RFC 5646) of the person who reads.
///
/// A document that breaks off keeps what was read before, under [`Kind::Invalid`] and the strictest restriction: its own is
/// not trusted, and what was lost may have been stricter.
#[must_use]
pub fn summarise_in(bytes: &[u8], scope: &[(String, String)], lang: &str) -> Summary {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Summary::of_kind(Kind::Empty);
    }
    let mut collector = Collector::new();
    let mut at = 0;
    let kind = match walk(bytes, scope, &mut collector, &mut at) {
        Ok(kind) => kind,
        Err(fault) => {
            collector.forget_restriction();
            Kind::Invalid(fault.say(at))
        }
    };
    collector.finish(kind, lang)
}

/// What the root element is.
enum Root {
    Iodef(Kind),
    /// Well-formedness is all that is looked at from here on.
    Foreign(Kind),
    /// An IODEF element that is no document: read, but not called valid.
    Bent,
}

fn walk(bytes: &[u8], outside: &[(String, String)], to: &mut Collector, at: &mut u64) -> Result<Kind, Fault> {
    if bytes.len() > BYTES {
        return Err(Fault::Limit);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        *at = error.valid_up_to() as u64;
        Fault::Syntax
    })?;
    // XML 1.0 §2.2: of the control characters only three; quick-xml does not look. Without an early end it is fast.
    let is_banned = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if bytes.iter().fold(false, |found, byte| found | is_banned(byte)) {
        *at = bytes.iter().position(is_banned).unwrap_or_default() as u64;
        return Err(Fault::Syntax);
    }
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut scope = Scope::new(outside)?;
    let mut root = None;
    let mut level = 0;
    let mut elements = 0;
    loop {
        *at = reader.buffer_position();
        let event = reader.read_event().map_err(|_| Fault::Syntax)?;
        match event {
            Event::Start(start) => {
                open(&start, level, &mut elements, &mut scope, &mut root, to)?;
                level += 1;
            }
            Event::Empty(start) => {
                open(&start, level, &mut elements, &mut scope, &mut root, to)?;
                to.close();
                scope.close(level + 1);
            }
            Event::End(_) => {
                // quick-xml has matched the name and refused an end without a start.
                to.close();
                scope.close(level);
                level = level.checked_sub(1).ok_or(Fault::Syntax)?;
            }
            Event::Text(text) if level > 0 => to.text(&text),
            Event::CData(text) if level > 0 => to.text(&text),
            Event::GeneralRef(reference) if level > 0 => {
                let mut buffer = [0; 4];
                let resolved = match reference.resolve_char_ref().map_err(|_| Fault::Syntax)? {
                    Some(char) if is_xml(char) => &*char.encode_utf8(&mut buffer),
                    Some(_) => return Err(Fault::Syntax),
                    None => quick_xml::escape::resolve_predefined_entity(&reference).ok_or(Fault::Syntax)?,
                };
                to.text(resolved);
            }
            Event::Text(text) if text.bytes().all(|byte| byte.is_ascii_whitespace()) => {}
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => return Err(Fault::Syntax),
            Event::DocType(_) => return Err(Fault::Doctype),
            Event::Decl(_) if *at > 0 => return Err(Fault::Syntax),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match root {
        _ if level > 0 => Err(Fault::Syntax),
        None => Err(Fault::Syntax),
        Some(Root::Bent) => Err(Fault::Root),
        Some(Root::Iodef(_)) if to.summary.incidents == 0 => Err(Fault::NoIncident),
        Some(Root::Iodef(kind) | Root::Foreign(kind)) => Ok(kind),
    }
}

fn open(
    start: &BytesStart<'_>,
    level: usize,
    elements: &mut usize,
    scope: &mut Scope,
    root: &mut Option<Root>,
    to: &mut Collector,
) -> Result<(), Fault> {
    *elements += 1;
    if level >= DEPTH || *elements > ELEMENTS {
        return Err(Fault::Limit);
    }
    let mut attrs = Attrs::none();
    attrs.read(start, level + 1, scope)?;
    let (ns, uri, local) = scope.resolve(start.name().into_inner())?;
    if level == 0 {
        if root.is_some() {
            return Err(Fault::Syntax);
        }
        *root = Some(root_of(ns, uri, local)?);
    }
    to.open(ns, if matches!(root, Some(Root::Foreign(_))) { Tag::Other } else { Tag::of(ns, local) }, &attrs);
    Ok(())
}

fn root_of(ns: Ns, uri: &str, local: &str) -> Result<Root, Fault> {
    match (ns, local) {
        (Ns::Iodef2, "IODEF-Document") => Ok(Root::Iodef(Kind::Iodef2)),
        (Ns::Iodef1, "IODEF-Document") => Ok(Root::Iodef(Kind::Iodef1)),
        (Ns::Iodef2 | Ns::Iodef1, _) => Ok(Root::Bent),
        (_, "IODEF-Document") => Err(Fault::Namespace),
        _ => Ok(Root::Foreign(Kind::Foreign {
            namespace: crate::text::one_line(uri, collect::VALUE),
            name: crate::text::one_line(local, collect::FIELD),
        })),
    }
}

/// XML 1.0 §2.2.
pub(super) fn is_xml(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
