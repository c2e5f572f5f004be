//! Namespace declarations in force (Namespaces in XML 1.0), and the namespaces a document names, numbered.

use std::borrow::Cow;

use super::{Fault, Limit, NAME, Syntax};
use crate::iodef::{NS, NS_V1};
use crate::text::xml::unescape_value;

/// Namespace declarations in force at one place.
const DECLARATIONS: usize = 256;
/// Different namespaces in one document.
const NAMESPACES: usize = 256;
/// The namespace of `xml:lang`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The namespaces that mean something to the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ns {
    None,
    Iodef2,
    Iodef1,
    /// RFC 7495.
    Enumeration,
    /// RFC 7203.
    Sci,
    Signature,
    Other,
}

impl Ns {
    pub fn of(uri: &str) -> Self {
        match uri {
            "" => Self::None,
            NS => Self::Iodef2,
            NS_V1 => Self::Iodef1,
            "urn:ietf:params:xml:ns:iodef-enum-1.0" => Self::Enumeration,
            "urn:ietf:params:xml:ns:iodef-sci-1.0" => Self::Sci,
            "http://www.w3.org/2000/09/xmldsig#" => Self::Signature,
            _ => Self::Other,
        }
    }

    pub fn is_iodef(self) -> bool {
        matches!(self, Self::Iodef2 | Self::Iodef1)
    }
}

/// The number of a namespace within one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NsId(pub u16);

impl NsId {
    pub const NONE: Self = Self(0);
    pub const XML: Self = Self(1);
    /// Of the declarations themselves.
    pub const XMLNS: Self = Self(2);
}

pub struct Scope<'a> {
    bindings: Vec<Binding<'a>>,
    /// By number.
    uris: Vec<(Ns, Cow<'a, str>)>,
}

struct Binding<'a> {
    prefix: &'a str,
    ns: NsId,
    level: usize,
}

impl<'a> Scope<'a> {
    /// `named` is told each namespace once, in the order of their numbers.
    pub fn new(outside: &'a [(String, String)], named: &mut impl FnMut(&str)) -> Result<Self, Fault> {
        let mut scope = Self { bindings: Vec::with_capacity(8), uris: Vec::with_capacity(8) };
        for uri in ["", XML, XMLNS] {
            let _ = scope.number(Cow::Borrowed(uri), named)?;
        }
        for (prefix, uri) in outside {
            scope.bind(prefix, Cow::Borrowed(uri), 0, named)?;
        }
        Ok(scope)
    }

    /// A declaration in a tag, with the value as it stands there.
    pub fn declare(
        &mut self,
        prefix: &'a str,
        value: &'a str,
        level: usize,
        named: &mut impl FnMut(&str),
    ) -> Result<(), Fault> {
        self.bind(prefix, unescape_value(value), level, named)
    }

    fn bind(
        &mut self,
        prefix: &'a str,
        uri: Cow<'a, str>,
        level: usize,
        named: &mut impl FnMut(&str),
    ) -> Result<(), Fault> {
        if self.bindings.len() >= DECLARATIONS {
            return Err(Fault::Limit(Limit::Declarations));
        }
        // Whoever copies a part of a document writes them again.
        if uri.len() > NAME {
            return Err(Fault::Limit(Limit::Name));
        }
        // Namespaces in XML §3: `xmlns` is never declared, `xml` only as what it is, a prefix never undeclared.
        if prefix == "xmlns"
            || uri == XMLNS
            || (prefix == "xml") != (uri == XML)
            || (uri.is_empty() && !prefix.is_empty())
        {
            return Err(Fault::Syntax(Syntax::Prefix));
        }
        let ns = self.number(uri, named)?;
        self.bindings.push(Binding { prefix, ns, level });
        Ok(())
    }

    fn number(&mut self, uri: Cow<'a, str>, named: &mut impl FnMut(&str)) -> Result<NsId, Fault> {
        let known = self.uris.iter().position(|(_, known)| *known == uri);
        let number = known.unwrap_or(self.uris.len());
        if known.is_none() {
            if number >= NAMESPACES {
                return Err(Fault::Limit(Limit::Declarations));
            }
            named(&uri);
            self.uris.push((Ns::of(&uri), uri));
        }
        u16::try_from(number).map(NsId).map_err(|_| Fault::Limit(Limit::Declarations))
    }

    /// Forgets what was declared at `level` or deeper.
    pub fn close(&mut self, level: usize) {
        while self.bindings.last().is_some_and(|binding| binding.level >= level) {
            let _ = self.bindings.pop();
        }
    }

    pub fn resolve(&self, prefix: &str) -> Result<NsId, Fault> {
        // Most names have no prefix, and comparing nothing with nothing costs a call.
        let is_it = |binding: &&Binding<'_>| {
            binding.prefix.len() == prefix.len() && (prefix.is_empty() || binding.prefix == prefix)
        };
        match self.bindings.iter().rev().find(is_it) {
            Some(binding) => Ok(binding.ns),
            None if prefix.is_empty() => Ok(NsId::NONE),
            None if prefix == "xml" => Ok(NsId::XML),
            None => Err(Fault::Syntax(Syntax::Prefix)),
        }
    }

    pub fn uri(&self, ns: NsId) -> (Ns, &str) {
        self.uris.get(usize::from(ns.0)).map_or((Ns::Other, ""), |(kind, uri)| (*kind, uri))
    }
}
