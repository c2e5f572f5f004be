//! A document that stands alone: what it needs of the declarations around it is its own, and, where it is to travel in a
//! stream of stanzas, without what must not stand there (RFC 6120 §11.1).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Document, Element, Kind};
use crate::text::xml::escape_value;

/// The one element that travels as a payload, and what was left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Travelling {
    pub text: String,
    /// Comments, which nobody but the writer should have read.
    pub comments: usize,
    /// Processing instructions.
    pub instructions: usize,
}

impl Document {
    /// Its text, with those declarations on its root that stood around it and that it needs.
    #[must_use]
    pub fn alone(&self) -> String {
        let (text, root) = (self.text(), self.root());
        let declared: Vec<&str> = root.declarations().map(|(prefix, _)| prefix).collect();
        let is_needed = |prefix: &str| {
            let mut all = std::iter::once(root).chain(root.descendants());
            // The default is of any element in it that has no prefix; one with a nearer declaration is not harmed.
            let used = match prefix {
                "" => all.any(|element| element.prefix().is_empty()),
                prefix => text.contains(&format!("{prefix}:")),
            };
            used && prefix != "xml" && !declared.contains(&prefix)
        };
        let mut more = String::new();
        for (prefix, uri) in self.scope().iter().filter(|(prefix, _)| is_needed(prefix)) {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            more.push_str(&format!(" {name}=\"{}\"", escape_value(uri, '"')));
        }
        let at = root.span().0 + 1 + root.qualified().len();
        match (text.get(..at), text.get(at..)) {
            (Some(before), Some(after)) if !more.is_empty() => format!("{before}{more}{after}"),
            _ => text.to_owned(),
        }
    }

    /// The root element as it may stand in a stanza: declarations of its own, no comment and no processing instruction.
    /// A line that held nothing else goes with it.
    #[must_use]
    pub fn travelling(&self) -> Travelling {
        if !self.scope().is_empty() {
            // What was read once is read again with some declarations more.
            return Self::read(self.alone(), &[]).map_or_else(
                |_| Travelling { text: String::new(), comments: 0, instructions: 0 },
                |alone| alone.travelling(),
            );
        }
        let root = self.root();
        let (from, to) = root.span();
        let mut travelling = Travelling { text: String::with_capacity(to - from), comments: 0, instructions: 0 };
        let mut at = from;
        for node in self.tree.nodes.get(root.id().index()..).unwrap_or_default() {
            let (start, end) = (node.from as usize, node.to as usize);
            if start >= to {
                break;
            }
            match node.kind {
                Kind::Comment => travelling.comments += 1,
                Kind::Instruction => travelling.instructions += 1,
                _ => continue,
            }
            let before = self.text().get(at..start).unwrap_or_default();
            let line = before.rfind('\n').filter(|line| before.get(*line..).is_some_and(|rest| rest.trim().is_empty()));
            let ends_line = self
                .text()
                .get(end..)
                .is_some_and(|after| after.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
            let kept = if ends_line { line.unwrap_or(before.len()) } else { before.len() };
            travelling.text.push_str(before.get(..kept).unwrap_or_default());
            at = end;
        }
        travelling.text.push_str(self.text().get(at..to).unwrap_or_default());
        travelling
    }
}

/// The declarations in force at an element, of each prefix the nearest.
pub(in crate::iodef) type InForce<'d> = BTreeMap<Cow<'d, str>, Cow<'d, str>>;

impl<'d> Element<'d> {
    /// All that is declared on it and around it. Without a default it would take whatever namespace there is where it is put.
    pub(in crate::iodef) fn in_force(self) -> InForce<'d> {
        let mut all = InForce::new();
        for (prefix, uri) in self.ancestors().flat_map(Self::declarations) {
            let _ = all.entry(Cow::Borrowed(prefix)).or_insert(uri);
        }
        for (prefix, uri) in self.document().scope().iter().rev() {
            let _ = all.entry(Cow::Borrowed(prefix.as_str())).or_insert(Cow::Borrowed(uri.as_str()));
        }
        let _ = all.entry(Cow::Borrowed("")).or_insert(Cow::Borrowed(""));
        all
    }

    /// Its own bytes, with those declarations on it that stand around it and that it needs: the default one, and of the
    /// others those whose prefix is written anywhere in it, for a name may stand in a value too.
    pub(in crate::iodef) fn alone(self) -> String {
        self.alone_among(&self.in_force())
    }

    /// The same for one of many: what is in force around them all is looked for once.
    pub(in crate::iodef) fn alone_among(self, around: &InForce<'_>) -> String {
        let source = std::str::from_utf8(self.source()).unwrap_or_default();
        let mut needed: BTreeSet<&str> = prefixes(source).chain([""]).collect();
        for (own, _) in self.declarations() {
            let _ = needed.remove(own);
        }
        let (name, rest) = source.split_at_checked(1 + self.qualified().len()).unwrap_or((source, ""));
        let mut out = name.to_owned();
        for prefix in needed {
            if let Some(uri) = around.get(prefix) {
                let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
                out.push_str(&format!(" {name}=\"{}\"", escape_value(uri, '"')));
            }
        }
        out.push_str(rest);
        out
    }
}

/// What stands before each colon and could be a prefix that is declared.
fn prefixes(source: &str) -> impl Iterator<Item = &str> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') || !byte.is_ascii();
    let ends = memchr::memchr_iter(b':', source.as_bytes());
    let before = ends.filter_map(move |end| {
        let before = source.as_bytes().get(..end)?;
        let length = before.iter().rev().take(super::super::xml::NAME).take_while(|byte| is_name(byte)).count();
        source.get(end - length..end)
    });
    before.filter(|prefix| !matches!(*prefix, "" | "xml" | "xmlns"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, scope: &[(&str, &str)]) -> Document {
        let scope: Vec<_> = scope.iter().map(|(prefix, uri)| ((*prefix).to_owned(), (*uri).to_owned())).collect();
        Document::read(text, &scope).unwrap()
    }

    #[test]
    fn what_travels_brings_its_declarations_and_leaves_what_may_not() {
        let text = "<?xml version=\"1.0\"?>\n<!-- mine -->\n<i:a b='1'>\n  <!-- for us only -->\n  <i:c><?secret x?>t<!-- u -->v</i:c>\n</i:a>\n<!-- end -->";
        let document = read(text, &[("i", "urn:x"), ("unused", "urn:y")]);
        let travelling = document.travelling();
        assert_eq!(travelling.text, "<i:a xmlns:i=\"urn:x\" b='1'>\n  <i:c>tv</i:c>\n</i:a>");
        assert_eq!((travelling.comments, travelling.instructions), (2, 1));
        assert_eq!(read(&travelling.text, &[]).canonical(), document.canonical());
    }

    /// What stands around is looked through once, and not for each word that could be a prefix, nor for each part.
    #[test]
    fn a_thousand_words_and_parts_are_looked_up_in_one_list() {
        let looks = |depth: usize, inside: &str| {
            let (before, after) = ("<EventData xmlns:n='urn:n'>".repeat(depth), "</EventData>".repeat(depth));
            let text = format!(
                "<IODEF-Document version='2.00' xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident purpose='watch'>{before}\
                 <AdditionalData dtype='xml'>{inside}</AdditionalData>{after}</Incident></IODEF-Document>"
            );
            let document = read(&text, &[]);
            super::super::looked::during(|| drop(crate::iodef::json::write(&document)))
        };
        let words: String = (0..2_000).map(|word| format!("w{word}:")).collect();
        for inside in [format!("<x>{words}</x>"), "<x/>".repeat(2_000)] {
            let (flat, deep) = (looks(2, &inside), looks(200, &inside));
            assert!(deep < flat + 100_000, "{flat}, then {deep}");
        }
    }

    #[test]
    fn what_is_alone_already_is_itself() {
        let text = "<a xmlns=\"urn:x\"> <![CDATA[<!-- text -->]]> </a>";
        let travelling = read(text, &[("", "urn:y")]).travelling();
        assert_eq!((travelling.text.as_str(), travelling.comments), (text, 0));
    }
}
