//! Why a document is not read, and where it breaks: the first of the four grades (`iodef.md` §5.3).

use crate::model::Say;

/// A place in a document: line and column, from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// The place of the byte at `at`.
    #[must_use]
    pub fn of(bytes: &[u8], at: usize) -> Self {
        let before = bytes.get(..at.min(bytes.len())).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count();
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        Self::new(line, before.get(start..).unwrap_or_default())
    }

    /// On the line numbered `line` from 0, after `before` of it.
    pub(in crate::iodef) fn new(line: usize, before: &[u8]) -> Self {
        let before = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before);
        let chars = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let from_one = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        Self { line: from_one(line), column: from_one(chars) }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A document that is not safe, or not XML, or no incident document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault:?} at {position}")]
pub struct Refused {
    pub fault: Fault,
    pub position: Position,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not well-formed XML with namespaces.
    Syntax(Syntax),
    /// In another encoding than UTF-8, by its first bytes or its own word.
    Encoding(String),
    /// A document type declaration: never read (entity expansion, external entities).
    Doctype,
    /// Larger, deeper or wider than is read.
    Limit(Limit),
    /// The root is called `IODEF-Document` and is in no IODEF namespace.
    Namespace,
    /// In an IODEF namespace without being a document.
    Root,
    /// Some other XML.
    Foreign,
    NoIncident,
    /// An edit that cannot be made: of an element that is not there, beside the root, into itself.
    Edit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Marks in disorder.
    Markup,
    /// An end tag that closes another element than the last one opened.
    Mismatch,
    Utf8,
    /// A character XML does not have.
    Character,
    /// A prefix nobody declared, or a declaration that is not allowed.
    Prefix,
    /// Two attributes of one name.
    Twice,
    /// `&…;` that stands for nothing.
    Reference,
    /// No name of XML.
    Name,
    /// Text or a second element beside the root.
    Outside,
    /// The document ends before its root does.
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Bytes,
    Depth,
    Elements,
    /// Of one element.
    Attributes,
    AttributesInAll,
    /// Namespaces.
    Declarations,
    Name,
    /// Comments, processing instructions and stretches of text.
    Parts,
}

impl Syntax {
    fn token(self) -> &'static str {
        match self {
            Self::Markup => "markup",
            Self::Mismatch => "mismatch",
            Self::Utf8 => "utf8",
            Self::Character => "character",
            Self::Prefix => "prefix",
            Self::Twice => "twice",
            Self::Reference => "reference",
            Self::Name => "name",
            Self::Outside => "outside",
            Self::Cut => "cut",
        }
    }
}

impl Limit {
    fn token(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Depth => "depth",
            Self::Elements => "elements",
            Self::Attributes | Self::AttributesInAll => "attributes",
            Self::Declarations => "namespaces",
            Self::Name => "name",
            Self::Parts => "parts",
        }
    }
}

impl Refused {
    #[must_use]
    pub fn say(&self) -> Say {
        let place = |key| {
            let Position { line, column } = self.position;
            Say::new(key).with("line", line.to_string()).with("column", column.to_string())
        };
        match &self.fault {
            Fault::Syntax(what) => place("error-iodef-syntax").with("what", what.token()),
            Fault::Limit(what) => place("error-iodef-limit").with("what", what.token()),
            Fault::Encoding(name) => Say::new("error-iodef-encoding").with("name", name),
            Fault::Doctype => Say::new("error-iodef-doctype"),
            Fault::Namespace => Say::new("error-iodef-namespace"),
            Fault::Root => Say::new("error-iodef-root"),
            Fault::Foreign => Say::new("error-iodef-foreign"),
            Fault::NoIncident => Say::new("error-iodef-no-incident"),
            Fault::Edit => Say::new("error-iodef-edit"),
        }
    }
}
