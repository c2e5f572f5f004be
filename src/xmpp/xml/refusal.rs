//! Why XML was refused, and the stream error it earns (RFC 6120 §4.9.3). Uses `model::Say`.

use crate::model::Say;

/// Which cap was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Excess {
    #[error("too many bytes")]
    Bytes,
    #[error("header too long")]
    Header,
    #[error("too many bytes waiting")]
    Waiting,
    #[error("nested too deeply")]
    Depth,
    #[error("too many elements")]
    Elements,
    #[error("too many attributes")]
    Attributes,
    #[error("too many namespace declarations")]
    Declarations,
}

/// A part of XML that XMPP bans (RFC 6120 §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Banned {
    #[error("document type declaration")]
    Doctype,
    #[error("comment")]
    Comment,
    #[error("processing instruction")]
    Instruction,
    #[error("entity reference")]
    Entity,
}

/// A breach of XML 1.0 or of Namespaces in XML 1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    #[error("a character XML does not have")]
    Character,
    #[error("a reference that is none")]
    Reference,
    #[error("]]> in text")]
    CdataEnd,
    #[error("a name that is none")]
    Name,
    #[error("a tag that is none")]
    Tag,
    #[error("an attribute value that is none")]
    Value,
    #[error("the same attribute twice")]
    Duplicate,
    #[error("an end tag that does not match")]
    EndTag,
    #[error("an element that is not closed")]
    Unclosed,
    #[error("something outside the root element")]
    Outside,
    #[error("an XML declaration that is none")]
    Declaration,
}

/// Why XML was refused. Nothing of the refused unit was delivered; a stream is over after one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    #[error("not well-formed: {0}")]
    Malformed(Malformed),
    #[error("restricted XML: {0}")]
    Banned(Banned),
    #[error("over a limit: {0}")]
    Limit(Excess),
    /// A prefix nobody declared, or `xml`/`xmlns` bound to something else.
    #[error("namespace prefix undeclared or reserved")]
    Prefix,
    /// Bytes that are not UTF-8, or a declaration that says so.
    #[error("encoding other than UTF-8")]
    Encoding,
    /// Text between stanzas, or a root that is no stream header.
    #[error("not an XMPP stream")]
    Format,
}

impl Refusal {
    /// The stream error condition (RFC 6120 §4.9.3) to close the stream with.
    #[must_use]
    pub fn condition(self) -> &'static str {
        match self {
            Self::Malformed(_) => "not-well-formed",
            Self::Banned(_) => "restricted-xml",
            Self::Limit(_) => "policy-violation",
            Self::Prefix => "bad-namespace-prefix",
            Self::Encoding => "unsupported-encoding",
            Self::Format => "bad-format",
        }
    }

    /// What it was exactly, `Display` tells the log.
    #[must_use]
    pub fn say(self) -> Say {
        Say::new(match self {
            Self::Malformed(_) => "error-xml-malformed",
            Self::Banned(_) => "error-xml-banned",
            Self::Limit(_) => "error-xml-limit",
            Self::Prefix => "error-xml-prefix",
            Self::Encoding => "error-xml-encoding",
            Self::Format => "error-xml-format",
        })
    }
}

impl From<Malformed> for Refusal {
    fn from(why: Malformed) -> Self {
        Self::Malformed(why)
    }
}

impl From<Excess> for Refusal {
    fn from(why: Excess) -> Self {
        Self::Limit(why)
    }
}

impl From<Banned> for Refusal {
    fn from(why: Banned) -> Self {
        Self::Banned(why)
    }
}
