//! Where a document's marks are: its tags, its text and its references are found here, by the few bytes that bound them; the
//! rest, which is rare, by quick-xml. A document is nearly all tags and text, and of each event quick-xml makes characters of
//! the bytes anew and keeps its name once more.
//!
//! Pure. Finds marks and matches end tags; what stands in them is checked by [`super`].

use memchr::{memchr2, memchr3};
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::Event;
use quick_xml::parser::{ElementParser, Parser};

use super::{Fault, Syntax};
use crate::text::xml::is_space;

/// What stands at one place, up to where the next begins.
#[derive(Debug)]
pub(super) enum Mark<'a> {
    /// `<a>`, or `<a/>`.
    Start {
        empty: bool,
    },
    /// The end of the element that was opened last.
    End,
    Text,
    /// `&a;`
    Reference,
    /// Declarations, instructions, comments, CDATA sections.
    Other(Event<'a>),
}

/// Goes through a text from mark to mark.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    text: &'a str,
    /// Where the next mark begins.
    pub at: usize,
    /// From where to where the names of the open elements are.
    open: Vec<(usize, usize)>,
}

impl<'a> Marks<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: Vec::new() }
    }

    /// Elements that are open.
    pub fn level(&self) -> usize {
        self.open.len()
    }

    /// The next mark, which ends at [`Self::at`]; nothing at the end of the text.
    ///
    /// # Errors
    /// When there is no such mark in XML. [`Self::at`] is then where it begins.
    pub fn next(&mut self) -> Result<Option<Mark<'a>>, Fault> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let (mark, long) = match rest {
            [] => return Ok(None),
            [b'<', b'!' | b'?', ..] => other(self.text.get(self.at..).unwrap_or_default())?,
            [b'<', b'/', ..] => (Mark::End, self.end(rest)?),
            [b'<', ..] => self.start(rest)?,
            [b'&', ..] => (Mark::Reference, reference(rest)?),
            _ => (Mark::Text, memchr2(b'<', b'&', rest).unwrap_or(rest.len())),
        };
        self.at += long;
        Ok(Some(mark))
    }

    fn start(&mut self, rest: &[u8]) -> Result<(Mark<'a>, usize), Fault> {
        let tag = tag(rest)?;
        let empty = tag.ends_with(b"/");
        if !empty {
            let long = tag.iter().position(|byte| is_space(*byte)).unwrap_or(tag.len());
            self.open.push((self.at + 1, self.at + 1 + long));
        }
        Ok((Mark::Start { empty }, tag.len() + 2))
    }

    /// How long an end tag is, which closes the element that was opened last (XML §3, "Element Type Match").
    fn end(&mut self, rest: &[u8]) -> Result<usize, Fault> {
        let tag = tag(rest)?;
        let (from, to) = self.open.pop().ok_or(Fault::Syntax(Syntax::Markup))?;
        let name = tag.get(1..).unwrap_or_default();
        let long = name.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
        if name.get(..long) == self.text.as_bytes().get(from..to) {
            Ok(tag.len() + 2)
        } else {
            Err(Fault::Syntax(Syntax::Mismatch))
        }
    }
}

/// What is within the angle brackets of the tag at the beginning of `rest`; a `>` in quotes ends none.
fn tag(rest: &[u8]) -> Result<&[u8], Fault> {
    let inside = rest.get(1..).unwrap_or_default();
    let long = ElementParser::Outside.feed(inside).ok_or(Fault::Syntax(Syntax::Cut))?;
    inside.get(..long).ok_or(Fault::Syntax(Syntax::Cut))
}

/// How long the reference at the beginning of `rest` is.
fn reference(rest: &[u8]) -> Result<usize, Fault> {
    let inside = rest.get(1..).unwrap_or_default();
    match memchr3(b';', b'&', b'<', inside) {
        Some(long) if inside.get(long) == Some(&b';') => Ok(long + 2),
        _ => Err(Fault::Syntax(Syntax::Reference)),
    }
}

/// What begins with `<!` or `<?`, and how long it is.
fn other(rest: &str) -> Result<(Mark<'_>, usize), Fault> {
    let mut reader = Reader::from_str(rest);
    reader.config_mut().check_comments = true;
    let event = reader.read_event().map_err(|error| fault_of(&error))?;
    let long = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    Ok((Mark::Other(event), long))
}

fn fault_of(error: &Error) -> Fault {
    Fault::Syntax(match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => Syntax::Markup,
        Error::Syntax(_) => Syntax::Cut,
        Error::IllFormed(IllFormedError::MismatchedEndTag { .. }) => Syntax::Mismatch,
        Error::IllFormed(IllFormedError::UnclosedReference) => Syntax::Reference,
        _ => Syntax::Markup,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Marks by name and end, and what ended them.
    type Found = (Vec<(&'static str, usize)>, Option<Fault>);

    fn ours(text: &str) -> Found {
        let (mut marks, mut found) = (Marks::new(text), Vec::new());
        loop {
            let name = match marks.next() {
                Err(fault) => return (found, Some(fault)),
                Ok(None) => return (found, None),
                Ok(Some(Mark::Start { empty: true })) => "empty",
                Ok(Some(Mark::Start { empty: false })) => "start",
                Ok(Some(Mark::End)) => "end",
                Ok(Some(Mark::Text)) => "text",
                Ok(Some(Mark::Reference)) => "reference",
                Ok(Some(Mark::Other(event))) => other_name(&event),
            };
            found.push((name, marks.at));
        }
    }

    fn other_name(event: &Event<'_>) -> &'static str {
        match event {
            Event::CData(_) => "cdata",
            Event::Comment(_) => "comment",
            Event::Decl(_) => "declaration",
            Event::PI(_) => "instruction",
            Event::DocType(_) => "doctype",
            _ => "none of these",
        }
    }

    fn theirs(text: &str) -> Found {
        let (mut reader, mut found) = (Reader::from_str(text), Vec::new());
        reader.config_mut().check_comments = true;
        loop {
            let name = match reader.read_event() {
                Err(error) => return (found, Some(fault_of(&error))),
                Ok(Event::Eof) => return (found, None),
                Ok(Event::Empty(_)) => "empty",
                Ok(Event::Start(_)) => "start",
                Ok(Event::End(_)) => "end",
                Ok(Event::Text(_)) => "text",
                Ok(Event::GeneralRef(_)) => "reference",
                Ok(event) => other_name(&event),
            };
            found.push((name, usize::try_from(reader.buffer_position()).unwrap()));
        }
    }

    #[test]
    fn names_quotes_and_cuts_are_those_of_quick_xml() {
        for text in [
            "<a b='>' c=\"'>\"/><d>e &amp; f</d >",
            "<a></b>",
            "<a></a b='>'>",
            "</a>",
            "<a",
            "<a b='>",
            "<",
            "</",
            "<>",
            "</>",
            "<a/ >",
            "<a//></a/>",
            "&a",
            "&a&b;",
            "&;",
            "<!-- -- -->",
            "<!x>",
            "<![CDATA[ <a> ]]>]]>",
            "<?xml version='1.0'?><?a?><!DOCTYPE a><a\u{a0}\u{e9}></a\u{a0}\u{e9}\t\r\n>",
        ] {
            assert_eq!(ours(text), theirs(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn marks_are_those_of_quick_xml(parts in prop::collection::vec(prop::sample::select(vec![
            "<", ">", "/", "</", "/>", "<a", "<a>", "</a>", "<a/>", "<b ", "</b>", "a", "b", "=", "'", "\"", "&", ";", "&lt;", " ",
            "\n", "!", "<!--", "-->", "--", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE ", "[", "]", "xml", "\u{e9}", "\u{1f4a9}",
        ]), 0..40)) {
            let text = parts.concat();
            prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
        }
    }
}
