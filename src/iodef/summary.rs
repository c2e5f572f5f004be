//! One document's [`Summary`], in one pass over its bytes.
//!
//! The reader keeps a stack of element names and a few fields; nothing is proportional to the document but one text
//! that is being collected. Bent documents (elements in wrong places, v1 mixed with v2) give what can be read.

mod collect;
mod held;
#[cfg(test)]
mod tests;

use super::tag::{Attrs, Tag};
use super::xml::{self, Fault, Ns, Open, Position, Refused};
use crate::model::{Kind, Observable, Summary};
use crate::text::xml::is_space;
use collect::Collector;
pub use collect::INDEXED;

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
    read(bytes, scope, lang, Collector::new()).0
}

/// As [`summarise_in`], with every observable of the document in its canonical form, each once, up to [`INDEXED`]: what the
/// archive keeps and searches, from the same one pass.
#[must_use]
pub fn index(bytes: &[u8], scope: &[(String, String)], lang: &str) -> (Summary, Vec<Observable>) {
    read(bytes, scope, lang, Collector::indexing())
}

/// As [`index`] for a reader of English: the archive's way to make again what it cannot read.
#[must_use]
pub fn indexed(bytes: &[u8], scope: &[(String, String)]) -> (Summary, Vec<Observable>) {
    index(bytes, scope, "en")
}

/// As [`indexed`], with no observables where the summary names all there are: that is so of most documents, and their canonical
/// forms are a tenth of the work.
#[must_use]
pub fn exceeding(bytes: &[u8], scope: &[(String, String)]) -> (Summary, Vec<Observable>) {
    let (summary, all) = read(bytes, scope, "en", Collector::exceeding());
    let more = summary.observables_total as usize > summary.observables.len();
    (summary, if more { all } else { Vec::new() })
}

fn read(bytes: &[u8], scope: &[(String, String)], lang: &str, collector: Collector) -> (Summary, Vec<Observable>) {
    if bytes.iter().all(|byte| is_space(*byte)) {
        return (Summary::of_kind(Kind::Empty), Vec::new());
    }
    let mut reader = Reader { collector, root: None, attrs: Attrs::default() };
    let read = xml::walk(bytes, scope, &mut reader).and_then(|_| reader.kind());
    let Reader { mut collector, .. } = reader;
    let kind = read.unwrap_or_else(|refused| {
        collector.forget_restriction();
        Kind::Invalid(refused.say())
    });
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

/// Takes the walk's events to the collector.
struct Reader<'a> {
    collector: Collector,
    root: Option<Root>,
    /// Of the tag that is read; kept for its room.
    attrs: Attrs<'a>,
}

impl Reader<'_> {
    fn kind(&mut self) -> Result<Kind, Refused> {
        let fault = match self.root.take() {
            Some(Root::Iodef(_)) if self.collector.summary.incidents == 0 => Fault::NoIncident,
            Some(Root::Iodef(kind) | Root::Foreign(kind)) => return Ok(kind),
            Some(Root::Bent) | None => Fault::Root,
        };
        Err(Refused { fault, position: Position { line: 1, column: 1 } })
    }
}

impl<'a> xml::Sink<'a> for Reader<'a> {
    fn open(&mut self, tag: &Open<'_, 'a>) -> Result<(), Fault> {
        if tag.level == 0 {
            self.root = Some(root_of(tag)?);
        }
        let known = match self.root {
            Some(Root::Foreign(_)) => Tag::Other,
            _ => Tag::of(tag.kind, tag.local()),
        };
        self.attrs.set(tag.attrs);
        self.collector.open(tag.kind, known, &self.attrs);
        Ok(())
    }

    fn close(&mut self, _: (usize, usize)) {
        self.collector.close();
    }

    fn text(&mut self, raw: &'a str, _: (usize, usize)) {
        self.collector.text(raw);
    }

    fn reference(&mut self, stands_for: char, _: (usize, usize)) {
        self.collector.char(stands_for);
    }

    fn cdata(&mut self, raw: &'a str, _: (usize, usize)) {
        self.collector.text(raw);
    }
}

fn root_of(tag: &Open<'_, '_>) -> Result<Root, Fault> {
    match (tag.kind, tag.local()) {
        (Ns::Iodef2, "IODEF-Document") => Ok(Root::Iodef(Kind::Iodef2)),
        (Ns::Iodef1, "IODEF-Document") => Ok(Root::Iodef(Kind::Iodef1)),
        (Ns::Iodef2 | Ns::Iodef1, _) => Ok(Root::Bent),
        (_, "IODEF-Document") => Err(Fault::Namespace),
        (_, local) => Ok(Root::Foreign(Kind::Foreign {
            namespace: crate::text::one_line(tag.uri, collect::VALUE),
            name: crate::text::one_line(local, collect::FIELD),
        })),
    }
}
