//! How it was done: references, attack patterns, phases (RFC 7970 §3.11, RFC 7203, RFC 7495).

use std::borrow::Cow;

use super::{Text, attr, child_texts, texts, views};
use crate::iodef::doc::Element;
use crate::iodef::xml::Ns;

views! {
    Method: "Method";
    Reference: "Reference";
    AttackPhase: "AttackPhase";
}

impl<'d> Method<'d> {
    pub fn references(self) -> impl Iterator<Item = Reference<'d>> {
        Reference::all(self.0)
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    /// `AttackPattern`, `Vulnerability` and `Weakness` of RFC 7203.
    pub fn structured(self) -> impl Iterator<Item = Element<'d>> {
        self.0.children().filter(|child| Ns::of(child.ns()) == Ns::Sci)
    }
}

impl<'d> Reference<'d> {
    /// The id and the number of its list in IANA's registry (RFC 7495): 1 is CVE.
    #[must_use]
    pub fn id(self) -> Option<(Option<Cow<'d, str>>, Cow<'d, str>)> {
        let in_list = |child: &Element<'_>| Ns::of(child.ns()) == Ns::Enumeration;
        let name = self.0.children().filter(in_list).find(|child| child.local() == "ReferenceName")?;
        let id = name.children().filter(in_list).find(|child| child.local() == "ID")?;
        Some((attr(name, "specIndex"), id.trimmed()))
    }

    pub fn urls(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "URL")
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }
}

impl<'d> AttackPhase<'d> {
    /// Ids of a kill chain or of ATT&CK, as free text.
    pub fn ids(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "AttackPhaseID")
    }

    pub fn urls(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "URL")
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }
}
