//! Where a document's marks are: its tags, its text and its references are found here, by the few bytes that bound them; the
//! rest, which is rare, by quick-xml, which also says where a tag ends. A document is nearly all tags and text, and quick-xml's
//! reader makes characters of the bytes of each event anew, and keeps each start tag's name once more.
//!
//! Pure. Finds marks and matches end tags; what stands in them is checked by [`super`].

use memchr::{memchr2, memchr3};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
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
    /// What begins with `<!` or `<?`: a declaration, an instruction, a comment, a CDATA section, a DOCTYPE.
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
        let long = name.iter().rposition(|byte| !is_space(*byte)).map_or(name.len(), |last| last + 1);
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
        _ => Syntax::Markup,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::errors::IllFormedError;

    use super::*;
    use crate::iodef::xml::{Open, Other, Refused, Sink, walk};

    /// Marks by name and where they end, and what ended them.
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
                Ok(Some(Mark::Other(event))) => name_of(&event),
            };
            found.push((name, marks.at));
        }
    }

    fn name_of(event: &Event<'_>) -> &'static str {
        match event {
            Event::Empty(_) => "empty",
            Event::Start(_) => "start",
            Event::End(_) => "end",
            Event::Text(_) => "text",
            Event::GeneralRef(_) => "reference",
            Event::CData(_) => "cdata",
            Event::Comment(_) => "comment",
            Event::Decl(_) => "declaration",
            Event::PI(_) => "instruction",
            Event::DocType(_) => "doctype",
            Event::Eof => "end of file",
        }
    }

    fn theirs(text: &str) -> Found {
        let (mut reader, mut found) = (Reader::from_str(text), Vec::new());
        reader.config_mut().check_comments = true;
        loop {
            match reader.read_event() {
                Err(Error::IllFormed(IllFormedError::MismatchedEndTag { .. })) => {
                    return (found, Some(Fault::Syntax(Syntax::Mismatch)));
                }
                Err(Error::IllFormed(IllFormedError::UnclosedReference)) => {
                    return (found, Some(Fault::Syntax(Syntax::Reference)));
                }
                Err(error) => return (found, Some(fault_of(&error))),
                Ok(Event::Eof) => return (found, None),
                Ok(event) => found.push((name_of(&event), usize::try_from(reader.buffer_position()).unwrap())),
            }
        }
    }

    /// What a walk tells, as marks are told; a level with each start.
    #[derive(Default)]
    struct Told {
        marks: Vec<(&'static str, usize)>,
        levels: Vec<usize>,
        raw: String,
    }

    impl<'a> Sink<'a> for Told {
        fn open(&mut self, tag: &Open<'_, 'a>) -> Result<(), Fault> {
            self.marks.push(("start", tag.span.1));
            self.levels.push(tag.level);
            Ok(())
        }

        fn close(&mut self, (from, to): (usize, usize)) {
            if from == to {
                self.marks.last_mut().unwrap().0 = "empty";
            } else {
                self.marks.push(("end", to));
            }
        }

        fn text(&mut self, raw: &'a str, (_, to): (usize, usize)) {
            self.marks.push(("text", to));
            self.raw.push_str(raw);
        }

        fn reference(&mut self, stands_for: char, (_, to): (usize, usize)) {
            self.marks.push(("reference", to));
            self.raw.push(stands_for);
        }

        fn cdata(&mut self, raw: &'a str, (_, to): (usize, usize)) {
            self.marks.push(("cdata", to));
            self.raw.push_str(raw);
        }

        fn other(&mut self, what: Other, (_, to): (usize, usize)) -> Result<(), Fault> {
            let name = match what {
                Other::Declaration => "declaration",
                Other::Comment => "comment",
                Other::Instruction => "instruction",
            };
            self.marks.push((name, to));
            Ok(())
        }
    }

    fn told(text: &str) -> (Told, Option<Refused>) {
        let mut told = Told::default();
        let refused = walk(text.as_bytes(), &[], &mut told).err();
        (told, refused)
    }

    #[test]
    fn names_quotes_and_cuts_are_those_of_quick_xml() {
        for text in [
            "<a b='>' c=\"'>\"/><d>e &amp; f</d >",
            "<a></b>",
            "<a></a b='>'>",
            "</a>",
            "</ >",
            "<a",
            "<a b='>",
            "<",
            "</",
            "<>",
            "</>",
            "<></>",
            "<></ >",
            "< a></\n>",
            "<a/ >",
            "<a//></a/>",
            "&a",
            "&a&b;",
            "&a<b/>",
            "&;",
            "<!-- -- -->",
            "<!x>",
            "<![CDATA[ <a> ]]>]]>",
            "<?xml version='1.0'?><?a?><!DOCTYPE a><a\u{a0}\u{e9}></a\u{a0}\u{e9}\t\r\n>",
        ] {
            assert_eq!(ours(text), theirs(text), "{text}");
        }
    }

    /// An element with what stands in it, some levels deep.
    fn element() -> impl Strategy<Value = String> {
        let names = || prop::sample::select(vec!["a", "bc", "x-long.name_1", "\u{e9}t\u{e9}"]);
        let attrs = || prop::sample::select(vec!["", " ", " b='>'", " c=\"/'>\" d = '\"/>'", "\n\te='&lt;'\r\n"]);
        let leaf = prop::sample::select(vec![
            "text",
            " \n",
            "&amp;",
            "&#x41;",
            "<!-- <a> - -->",
            "<![CDATA[</a> & ]]>",
            "<?p i > ?>",
            "]>",
            "\u{1f4a9}",
            "",
        ]);
        let leaf = prop_oneof![
            leaf.prop_map(str::to_owned),
            (names(), attrs()).prop_map(|(name, attrs)| format!("<{name}{attrs}/>"))
        ];
        let inside = leaf.prop_recursive(6, 40, 5, move |inner| {
            let blank = prop::sample::select(vec!["", " ", "\n\t"]);
            (names(), attrs(), prop::collection::vec(inner, 0..5), blank)
                .prop_map(|(name, attrs, inner, blank)| format!("<{name}{attrs}>{}</{name}{blank}>", inner.concat()))
        });
        prop::collection::vec(inside, 0..4).prop_map(|inside| format!("<r>{}</r>", inside.concat()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn marks_are_those_of_quick_xml(parts in prop::collection::vec(prop::sample::select(vec![
            "<", ">", "/", "</", "/>", "<a", "<a>", "</a>", "<a/>", "<b ", "</b>", "a", "b", "=", "'", "\"", "&", ";", "&lt;", " ",
            "\n", "!", "<!--", "-->", "--", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE ", "[", "]", "xml", "\u{e9}", "\u{1f4a9}",
        ]), 0..40)) {
            let text = parts.concat();
            prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
        }

        /// Sound ones are walked to their end, with each mark where quick-xml has it; of damaged ones, where it breaks too.
        #[test]
        fn a_document_is_walked_as_quick_xml_has_it(
            text in element(),
            with in prop::sample::select(vec!["<", ">", "/", "'", "\"", "&", " ", "a", "-", "]", "!", "?"]),
            at in any::<prop::sample::Index>(),
        ) {
            let (sound, fault) = theirs(&text);
            prop_assert_eq!(fault, None);
            for mark in ["", "\u{feff}"] {
                let (told, refused) = told(&format!("{mark}{text}"));
                prop_assert!(refused.is_none(), "{:?} {}", refused, text);
                let moved: Vec<_> = sound.iter().map(|(name, end)| (*name, end + mark.len())).collect();
                prop_assert_eq!(&told.marks, &moved);
                let mut level = 0;
                let mut levels = Vec::new();
                for (name, _) in &sound {
                    match *name {
                        "start" => { levels.push(level); level += 1; }
                        "empty" => levels.push(level),
                        "end" => level -= 1,
                        _ => {}
                    }
                }
                prop_assert_eq!(&told.levels, &levels);
            }
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let place = places[at.index(places.len())];
            let long = text[place..].chars().next().unwrap().len_utf8();
            let damaged = format!("{}{with}{}", &text[..place], &text[place + long..]);
            prop_assert_eq!(ours(&damaged), theirs(&damaged), "{}", damaged);
        }
    }

    #[test]
    fn what_is_told_of_text_is_what_stands_there() {
        let (told, refused) = told("\u{feff}<a>b&lt;<![CDATA[<c>]]>\u{e9}<d/></a>\n");
        assert!(refused.is_none());
        assert_eq!(told.raw, "b<<c>\u{e9}\n");
    }
}
