//! Contacts: a contact inside another inherits what it does not say itself, and a full one is a path from the root to a
//! leaf (RFC 7970 §3.9, `DATA-MODEL.md` §9).

use std::borrow::Cow;

use super::{Text, Token, child_text, texts, views};
use crate::iodef::doc::Element;

views! {
    Contact: "Contact";
}

impl<'d> Contact<'d> {
    #[must_use]
    pub fn role(self) -> Option<Token<'d>> {
        Token::of(self.0, "role")
    }

    #[must_use]
    pub fn kind(self) -> Option<Token<'d>> {
        Token::of(self.0, "type")
    }

    /// Its own names, in their languages.
    #[must_use]
    pub fn names(self) -> Vec<Text<'d>> {
        texts(self.0, "ContactName")
    }

    /// Itself and the contacts around it, the nearest first.
    fn lineage(self) -> impl Iterator<Item = Element<'d>> {
        self.0.ancestors().take_while(|element| element.is("Contact"))
    }
}

/// A whole contact: a leaf with what it inherits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person<'d> {
    pub contact: Contact<'d>,
    pub role: Option<Token<'d>>,
    pub kind: Option<Token<'d>>,
}

impl<'d> Person<'d> {
    fn of(contact: Contact<'d>) -> Self {
        Self { contact, role: contact.role(), kind: contact.kind() }
    }

    /// The children called `local` of the nearest contact that has any.
    fn nearest(&self, local: &'static str) -> Vec<Element<'d>> {
        let of = |one: Element<'d>| one.children_named(local).collect::<Vec<_>>();
        self.contact.lineage().map(of).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The names along the path, the widest first: an organisation, its team, its person.
    #[must_use]
    pub fn names(&self, wanted: &str) -> Vec<Cow<'d, str>> {
        let mut names: Vec<_> = self
            .contact
            .lineage()
            .filter_map(|one| texts(one, "ContactName").first().map(|name| name.in_lang(wanted)))
            .collect();
        names.reverse();
        names
    }

    #[must_use]
    pub fn title(&self, wanted: &str) -> Option<Cow<'d, str>> {
        let found = self.contact.lineage().find_map(|one| texts(one, "ContactTitle").first().cloned());
        found.map(|title| title.in_lang(wanted))
    }

    pub fn emails(&self) -> impl Iterator<Item = Cow<'d, str>> {
        self.nearest("Email").into_iter().filter_map(|email| child_text(email, "EmailTo"))
    }

    /// Numbers with their kind: wired, mobile, fax, hotline.
    pub fn telephones(&self) -> impl Iterator<Item = (Option<Token<'d>>, Cow<'d, str>)> {
        let number = |one: Element<'d>| Some((Token::of(one, "type"), child_text(one, "TelephoneNumber")?));
        self.nearest("Telephone").into_iter().filter_map(number)
    }

    /// Postal addresses, their lines parted (RFC 4519 §2.23 writes `$` between them).
    pub fn addresses(&self, wanted: &str) -> impl Iterator<Item = Vec<String>> {
        let wanted = wanted.to_owned();
        self.nearest("PostalAddress").into_iter().filter_map(move |one| {
            let whole = texts(one, "PAddress").first()?.in_lang(&wanted).into_owned();
            Some(whole.split('$').map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect())
        })
    }

    #[must_use]
    pub fn timezone(&self) -> Option<Cow<'d, str>> {
        self.contact.lineage().find_map(|one| child_text(one, "Timezone"))
    }

    /// Handles with the registry they are of.
    pub fn handles(&self) -> impl Iterator<Item = (Option<Token<'d>>, Cow<'d, str>)> {
        self.nearest("RegistryHandle").into_iter().map(|one| (Token::of(one, "registry"), one.trimmed()))
    }
}

/// The full contacts among the children of `parent` and below: every leaf, in document order.
#[must_use]
pub fn people(parent: Element<'_>) -> Vec<Person<'_>> {
    let mut found = Vec::new();
    let mut open: Vec<Contact<'_>> = Contact::all(parent).collect();
    open.reverse();
    while let Some(contact) = open.pop() {
        let inner: Vec<_> = Contact::all(contact.0).collect();
        if inner.is_empty() {
            found.push(Person::of(contact));
        }
        open.extend(inner.into_iter().rev());
    }
    found
}
