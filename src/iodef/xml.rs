//! One pass over a document's bytes, for the summary and for the tree: what is no safe, well-formed XML is refused here
//! and nowhere else, with the place where it breaks.
//!
//! [`marks`] finds the marks; names, characters, references and namespaces are checked here.
//! Nothing is proportional to the document but the stack of open elements, and that has a limit.

mod marks;
mod refused;
mod scope;
mod wide;

pub use refused::{Fault, Limit, Position, Refused, Syntax};
pub use scope::{Ns, NsId, XML};
pub use wide::transcoded;

use quick_xml::events::{BytesDecl, Event};

use crate::text::xml::split::{self, Split};
use crate::text::xml::{clean, is_char, is_ncname, is_space, resolve};
use marks::{Mark, Marks};
use scope::Scope;

/// Largest document looked at, in bytes.
pub const BYTES: usize = 32 << 20;
/// Deepest nesting; IODEF's recursive classes stay far below (RFC 7970 §9.1 asks receivers to limit it).
pub const DEPTH: usize = 256;
/// Most elements looked at.
pub const ELEMENTS: usize = 500_000;
/// Most attributes of one element, namespace declarations among them.
pub const ATTRIBUTES: usize = 128;
/// Most attributes in all.
pub const ATTRIBUTES_IN_ALL: usize = 1_000_000;
/// Longest name of an element, an attribute or a namespace, in bytes.
pub const NAME: usize = 1000;

/// An attribute as it stands in its tag.
#[derive(Clone, Copy, Debug)]
pub struct Attr<'a> {
    /// As written, with its prefix.
    pub name: &'a str,
    /// Length of the prefix, without the colon.
    pub prefix: usize,
    pub ns: NsId,
    /// As written: references are checked and not resolved.
    pub value: &'a str,
    /// Where the name and the value start.
    pub at: (usize, usize),
}

impl<'a> Attr<'a> {
    pub fn local(&self) -> &'a str {
        local(self.name, self.prefix)
    }
}

/// A start tag whose names are resolved.
pub struct Open<'t, 'a> {
    pub name: &'a str,
    pub prefix: usize,
    pub ns: NsId,
    pub kind: Ns,
    pub uri: &'t str,
    pub attrs: &'t [Attr<'a>],
    /// Open elements around it.
    pub level: usize,
    /// The tag with its angle brackets.
    pub span: (usize, usize),
}

impl<'a> Open<'_, 'a> {
    pub fn local(&self) -> &'a str {
        local(self.name, self.prefix)
    }
}

fn local(name: &str, prefix: usize) -> &str {
    if prefix == 0 { name } else { name.get(prefix + 1..).unwrap_or_default() }
}

/// What is neither element nor text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    Declaration,
    Comment,
    Instruction,
}

/// Who takes what a document says. Spans are offsets into its bytes; text may come in pieces.
pub trait Sink<'a> {
    fn open(&mut self, tag: &Open<'_, 'a>) -> Result<(), Fault>;
    /// The end tag's span; an empty one where the start tag said it all (`<a/>`).
    fn close(&mut self, span: (usize, usize));
    /// Character data as written, without references.
    fn text(&mut self, raw: &'a str, span: (usize, usize));
    fn reference(&mut self, stands_for: char, span: (usize, usize));
    fn cdata(&mut self, raw: &'a str, span: (usize, usize));
    fn other(&mut self, _: Other, _: (usize, usize)) -> Result<(), Fault> {
        Ok(())
    }
    /// A namespace named for the first time; they are numbered from 0.
    fn namespace(&mut self, _: &str) {}
}

/// Walks `bytes`, and gives them back as the text they are. `outside` holds the namespace declarations in force around
/// them.
pub fn walk<'a>(
    bytes: &'a [u8],
    outside: &'a [(String, String)],
    sink: &mut impl Sink<'a>,
) -> Result<&'a str, Refused> {
    let mut at = 0;
    let mut read = |at: &mut usize| {
        let whole = text_of(bytes, at)?;
        let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
        Walk::new(text, whole.len() - text.len(), outside, sink)?.run(at)?;
        Ok(whole)
    };
    read(&mut at).map_err(|fault| Refused { fault, position: Position::of(bytes, at) })
}

/// The text of a document. One in UTF-16 is refused by that name: XMPP carries nothing but UTF-8 (RFC 6120 §11.6), so that
/// none comes from the wire, and files that are taken in are [`transcoded`] before.
fn text_of<'a>(bytes: &'a [u8], at: &mut usize) -> Result<&'a str, Fault> {
    if bytes.len() > BYTES {
        return Err(Fault::Limit(Limit::Bytes));
    }
    if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..]) {
        return Err(Fault::Encoding("UTF-16".to_owned()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        *at = error.valid_up_to();
        Fault::Syntax(Syntax::Utf8)
    })?;
    if !clean(bytes) {
        *at = text.char_indices().find(|(_, c)| !is_char(*c)).map_or(0, |(at, _)| at);
        return Err(Fault::Syntax(Syntax::Character));
    }
    Ok(text)
}

struct Walk<'w, 'a, S> {
    text: &'a str,
    /// Bytes before `text`.
    base: usize,
    sink: &'w mut S,
    scope: Scope<'a>,
    /// Attributes of the tag that is read; kept for its room.
    attrs: Vec<Attr<'a>>,
    level: usize,
    elements: usize,
    attributes: usize,
}

impl<'w, 'a, S: Sink<'a>> Walk<'w, 'a, S> {
    fn new(text: &'a str, base: usize, outside: &'a [(String, String)], sink: &'w mut S) -> Result<Self, Fault> {
        let scope = Scope::new(outside, &mut |uri| sink.namespace(uri))?;
        Ok(Self { text, base, sink, scope, attrs: Vec::new(), level: 0, elements: 0, attributes: 0 })
    }

    fn run(mut self, at: &mut usize) -> Result<(), Fault> {
        let mut marks = Marks::new(self.text);
        loop {
            let from = marks.at;
            self.level = marks.level();
            *at = self.base + from;
            let Some(mark) = marks.next()? else { break };
            let to = marks.at;
            let span = (self.base + from, self.base + to);
            match mark {
                Mark::Start { empty: false } => self.open(from, to, 1, at)?,
                Mark::Start { empty: true } => {
                    self.open(from, to, 2, at)?;
                    self.sink.close((span.1, span.1));
                    self.scope.close(self.level + 1);
                }
                Mark::End => {
                    self.sink.close(span);
                    self.scope.close(self.level);
                }
                Mark::Text => self.characters(self.slice(from, to), span)?,
                Mark::Reference if self.level > 0 => {
                    let char = resolve(self.slice(from + 1, to - 1).as_bytes());
                    self.sink.reference(char.ok_or(Fault::Syntax(Syntax::Reference))?, span);
                }
                Mark::Reference => return Err(Fault::Syntax(Syntax::Outside)),
                Mark::Other(event) => self.other(&event, span)?,
            }
        }
        if marks.level() > 0 || self.elements == 0 { Err(Fault::Syntax(Syntax::Cut)) } else { Ok(()) }
    }

    fn other(&mut self, event: &Event<'_>, span: (usize, usize)) -> Result<(), Fault> {
        let from = span.0 - self.base;
        match event {
            Event::CData(_) if self.level > 0 => {
                let data = self.slice(from + 9, span.1 - self.base - 3);
                self.sink.cdata(data, span);
                Ok(())
            }
            Event::CData(_) => Err(Fault::Syntax(Syntax::Outside)),
            Event::Decl(declaration) => {
                encoding(declaration, from)?;
                self.sink.other(Other::Declaration, span)
            }
            Event::PI(instruction) => {
                if !is_ncname(instruction.target()) || instruction.target().eq_ignore_ascii_case("xml") {
                    return Err(Fault::Syntax(Syntax::Name));
                }
                self.sink.other(Other::Instruction, span)
            }
            Event::Comment(_) => self.sink.other(Other::Comment, span),
            Event::DocType(_) => Err(Fault::Doctype),
            _ => Err(Fault::Syntax(Syntax::Markup)),
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn characters(&mut self, text: &'a str, span: (usize, usize)) -> Result<(), Fault> {
        if self.level == 0 && !text.bytes().all(is_space) {
            return Err(Fault::Syntax(Syntax::Outside));
        }
        // XML 1.0 §2.4: the end of a CDATA section stands nowhere else.
        if memchr::memchr(b']', text.as_bytes()).is_some() && text.contains("]]>") {
            return Err(Fault::Syntax(Syntax::Markup));
        }
        self.sink.text(text, span);
        Ok(())
    }

    /// A start tag from `from` to `to`, closed by `marks` bytes (`>` or `/>`).
    fn open(&mut self, from: usize, to: usize, marks: usize, at: &mut usize) -> Result<(), Fault> {
        self.elements += 1;
        if self.level >= DEPTH {
            return Err(Fault::Limit(Limit::Depth));
        }
        if self.elements > ELEMENTS {
            return Err(Fault::Limit(Limit::Elements));
        }
        if self.level == 0 && self.elements > 1 {
            return Err(Fault::Syntax(Syntax::Outside));
        }
        let content = self.slice(from + 1, to.saturating_sub(marks));
        let length = content.bytes().position(is_space).unwrap_or(content.len());
        let name = content.get(..length).unwrap_or_default();
        let prefix = prefix_of(name)?;
        self.attrs.clear();
        if length < content.len() {
            self.attributes(content, length, from + 1, at)?;
        }
        let ns = self.scope.resolve(name.get(..prefix).unwrap_or_default())?;
        for i in 0..self.attrs.len() {
            self.settle(i, at)?;
        }
        let (kind, uri) = self.scope.uri(ns);
        let span = (self.base + from, self.base + to);
        self.sink.open(&Open { name, prefix, ns, kind, uri, attrs: &self.attrs, level: self.level, span })
    }

    /// Reads the attributes of a tag whose `content` starts at `start`, after its name; declares its namespaces.
    fn attributes(&mut self, content: &'a str, name: usize, start: usize, at: &mut usize) -> Result<(), Fault> {
        let start = self.base + start;
        let mut rest = name;
        let markup = Fault::Syntax(Syntax::Markup);
        while let Some(split) = split::next(content, rest).map_err(|_| markup.clone())? {
            if self.attrs.len() >= ATTRIBUTES {
                return Err(Fault::Limit(Limit::Attributes));
            }
            rest = split.end();
            let Split { name, name_at, value, value_at, apart } = split;
            *at = start + name_at;
            if !apart {
                return Err(markup);
            }
            check_value(value)?;
            let prefix = prefix_of(name)?;
            let mut ns = NsId::NONE;
            let declared = if prefix > 0 { name.strip_prefix("xmlns:") } else { (name == "xmlns").then_some("") };
            if let Some(declared) = declared {
                self.scope.declare(declared, value, self.level + 1, &mut |uri| self.sink.namespace(uri))?;
                ns = NsId::XMLNS;
            }
            self.attrs.push(Attr { name, prefix, ns, value, at: (start + name_at, start + value_at) });
        }
        self.attributes += self.attrs.len();
        if self.attributes > ATTRIBUTES_IN_ALL { Err(Fault::Limit(Limit::AttributesInAll)) } else { Ok(()) }
    }

    /// Resolves the name of the attribute numbered `i` and holds it against those before it.
    fn settle(&mut self, i: usize, at: &mut usize) -> Result<(), Fault> {
        let Some((before, [attr, ..])) = self.attrs.split_at_mut_checked(i) else { return Ok(()) };
        *at = attr.at.0;
        if attr.prefix > 0 && attr.ns != NsId::XMLNS {
            attr.ns = self.scope.resolve(attr.name.get(..attr.prefix).unwrap_or_default())?;
        }
        // Namespaces in XML §6.3: no two of one expanded name.
        if before.iter().any(|other| other.ns == attr.ns && other.local() == attr.local()) {
            return Err(Fault::Syntax(Syntax::Twice));
        }
        Ok(())
    }
}

/// The length of a qualified name's prefix.
fn prefix_of(name: &str) -> Result<usize, Fault> {
    if name.len() > NAME {
        return Err(Fault::Limit(Limit::Name));
    }
    if is_ncname(name) {
        return Ok(0);
    }
    let (prefix, local) = name.split_once(':').unwrap_or_default();
    if is_ncname(prefix) && is_ncname(local) { Ok(prefix.len()) } else { Err(Fault::Syntax(Syntax::Name)) }
}

/// An attribute value holds no `<`, and every reference in it means a character.
fn check_value(value: &str) -> Result<(), Fault> {
    let mut rest = value;
    while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
        let Some(("", body)) = rest.get(at..).unwrap_or_default().split_once('&') else {
            return Err(Fault::Syntax(Syntax::Markup));
        };
        let (name, after) = body.split_once(';').ok_or(Fault::Syntax(Syntax::Reference))?;
        let _ = resolve(name.as_bytes()).ok_or(Fault::Syntax(Syntax::Reference))?;
        rest = after;
    }
    Ok(())
}

/// The XML declaration stands first, and says UTF-8 (RFC 7970 §4.1) or nothing of the encoding.
fn encoding(declaration: &BytesDecl<'_>, from: usize) -> Result<(), Fault> {
    let markup = Fault::Syntax(Syntax::Markup);
    let Ok(version) = declaration.version() else { return Err(markup) };
    if from > 0 || !version.starts_with("1.") {
        return Err(markup);
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii") => Ok(()),
        Some(Ok(name)) => Err(Fault::Encoding(crate::text::line_within(&name, 40))),
        Some(Err(_)) => Err(markup),
    }
}
