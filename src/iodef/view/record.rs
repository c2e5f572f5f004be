//! Files, hashes, mail, registry keys, certificates and extensions (RFC 7970 §3.21–3.28, §5.2).

use std::borrow::Cow;

use super::{Token, attr, child_text, child_texts, views};
use crate::iodef::doc::Element;
use crate::iodef::observable::{Algorithm, Of, canonical};
use crate::iodef::xml::Ns;

views! {
    File: "File";
    Hash: "Hash";
    EmailData: "EmailData";
    RegistryKey: "Key";
    Certificate: "Certificate";
    AdditionalData: "AdditionalData";
}

impl<'d> File<'d> {
    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "FileName")
    }

    #[must_use]
    pub fn size(self) -> Option<u64> {
        child_text(self.0, "FileSize")?.parse().ok()
    }

    /// The media type.
    #[must_use]
    pub fn kind(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "FileType")
    }

    pub fn urls(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "URL")
    }

    /// Digests with what they were made of: the whole file, a section…
    pub fn hashes(self) -> impl Iterator<Item = (Option<Token<'d>>, Hash<'d>)> {
        let of = |data: Element<'d>| Hash::all(data).map(move |hash| (Token::of(data, "scope"), hash));
        self.0.children_named("HashData").flat_map(of)
    }
}

impl<'d> Hash<'d> {
    fn part(self, local: &str) -> Option<Element<'d>> {
        self.0.children().find(|child| Ns::of(child.ns()) == Ns::Signature && child.local() == local)
    }

    /// The URI of the algorithm, as the sender writes it.
    #[must_use]
    pub fn method(self) -> Option<Cow<'d, str>> {
        attr(self.part("DigestMethod")?, "Algorithm")
    }

    #[must_use]
    pub fn algorithm(self) -> Option<Algorithm> {
        Algorithm::of(&self.method()?)
    }

    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        self.part("DigestValue").map(Element::trimmed).unwrap_or_default()
    }

    /// In lower-case hexadecimal digits, when it is a digest.
    #[must_use]
    pub fn canonical(self) -> String {
        canonical(Of::Hash, &self.text(), self.algorithm()).into_owned()
    }
}

impl<'d> EmailData<'d> {
    #[must_use]
    pub fn from(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "EmailFrom")
    }

    pub fn to(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "EmailTo")
    }

    #[must_use]
    pub fn subject(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "EmailSubject")
    }

    #[must_use]
    pub fn mailer(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "EmailX-Mailer")
    }

    /// Header fields by name.
    pub fn headers(self) -> impl Iterator<Item = (Option<Cow<'d, str>>, Cow<'d, str>)> {
        self.0.children_named("EmailHeaderField").map(|field| (attr(field, "name"), field.trimmed()))
    }
}

impl<'d> RegistryKey<'d> {
    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "KeyName")
    }

    /// `Value` of the schema, `KeyValue` of the RFC's text (`DATA-MODEL.md` §10).
    #[must_use]
    pub fn value(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "Value").or_else(|| child_text(self.0, "KeyValue"))
    }

    #[must_use]
    pub fn action(self) -> Option<Token<'d>> {
        Token::of(self.0, "registryaction")
    }
}

impl<'d> Certificate<'d> {
    /// What `ds:X509Data` says, by the local name of each part.
    pub fn parts(self) -> impl Iterator<Item = (&'d str, Cow<'d, str>)> {
        let is_part = |part: &Element<'_>| Ns::of(part.ns()) == Ns::Signature && part.local() != "X509Data";
        self.0.descendants().filter(is_part).map(|part| (part.local(), part.trimmed()))
    }
}

impl<'d> AdditionalData<'d> {
    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        attr(self.0, "name")
    }

    #[must_use]
    pub fn dtype(self) -> Option<Token<'d>> {
        Token::of(self.0, "dtype")
    }

    #[must_use]
    pub fn meaning(self) -> Option<Cow<'d, str>> {
        attr(self.0, "meaning")
    }

    /// What is in it, as written: never to be run, fetched or drawn as anything but text.
    #[must_use]
    pub fn source(self) -> &'d str {
        self.0.inner_source()
    }
}
