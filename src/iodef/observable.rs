//! Values one can search for or block: where a document holds them, what they are, and the words IODEF has for them.
//!
//! One rule for the quick pass over a feed ([`super::summary`]) and for the walk over a tree ([`super::observables`]).

mod value;

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

pub use value::{Algorithm, canonical, host, unfolded};

use super::tag::{Key, Tag};
use crate::model::{ObservableKind, Typed};

/// What a value is, as closely as its place says; a [`ObservableKind`] is what one searches by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    Ipv4,
    Ipv6,
    Network,
    Asn,
    Atm,
    Mac,
    Email,
    Domain,
    Url,
    Hash,
    FuzzyHash,
    /// A name or a path.
    File,
    Port,
    Cve,
    RegistryKey,
    /// A certificate's SHA-256 fingerprint.
    Certificate,
    CertificateSubject,
    EmailSubject,
    Mailer,
    UserAgent,
    RequestUri,
    Mutex,
    UserName,
    /// A category or type of the sender's own.
    Private,
}

impl Of {
    #[must_use]
    pub fn kind(self) -> ObservableKind {
        match self {
            Self::Ipv4 => ObservableKind::Ipv4,
            Self::Ipv6 => ObservableKind::Ipv6,
            Self::Network => ObservableKind::Network,
            Self::Asn => ObservableKind::Asn,
            Self::Mac => ObservableKind::Mac,
            Self::Email => ObservableKind::Email,
            Self::Domain => ObservableKind::Domain,
            Self::Url => ObservableKind::Url,
            Self::Hash | Self::FuzzyHash | Self::Certificate => ObservableKind::Hash,
            Self::File => ObservableKind::File,
            Self::Port => ObservableKind::Port,
            Self::Cve => ObservableKind::Cve,
            Self::Atm
            | Self::RegistryKey
            | Self::CertificateSubject
            | Self::EmailSubject
            | Self::Mailer
            | Self::UserAgent
            | Self::RequestUri
            | Self::Mutex
            | Self::UserName
            | Self::Private => ObservableKind::Other,
        }
    }

    /// What an `Address@category` stands for (RFC 7970 §3.18.1).
    #[must_use]
    pub fn category(category: &str) -> Self {
        match category {
            "ipv4-addr" => Self::Ipv4,
            "ipv6-addr" => Self::Ipv6,
            "ipv4-net" | "ipv4-net-mask" | "ipv4-net-masked" | "ipv6-net" | "ipv6-net-mask" | "ipv6-net-masked" => {
                Self::Network
            }
            "asn" => Self::Asn,
            "atm" => Self::Atm,
            "e-mail" => Self::Email,
            "mac" => Self::Mac,
            "site-uri" => Self::Url,
            _ => Self::Private,
        }
    }

    /// The comma-separated parts of a line of a `BulkObservable@type` (RFC 7970 §3.29.1); times and protocols are no
    /// observables.
    #[must_use]
    pub fn bulk(kind: &str) -> &'static [Self] {
        match kind {
            "asn" => &[Self::Asn],
            "atm" => &[Self::Atm],
            "e-mail" => &[Self::Email],
            "ipv4-addr" => &[Self::Ipv4],
            "ipv6-addr" => &[Self::Ipv6],
            "ipv4-net" | "ipv4-net-mask" | "ipv6-net" | "ipv6-net-mask" => &[Self::Network],
            "mac" => &[Self::Mac],
            "site-uri" => &[Self::Url],
            // `fqdn` is what the RFC's own §7.2 writes.
            "domain-name" | "fqdn" => &[Self::Domain],
            "domain-to-ipv4" | "domain-to-ipv4-timestamp" => &[Self::Domain, Self::Ipv4],
            "domain-to-ipv6" | "domain-to-ipv6-timestamp" => &[Self::Domain, Self::Ipv6],
            "ipv4-port" => &[Self::Ipv4, Self::Port],
            "ipv6-port" => &[Self::Ipv6, Self::Port],
            "file-hash" => &[Self::Hash],
            "file-path" => &[Self::File],
            "windows-reg-key" => &[Self::RegistryKey],
            "email-subject" => &[Self::EmailSubject],
            "email-x-mailer" => &[Self::Mailer],
            "http-user-agent" => &[Self::UserAgent],
            "http-request-uri" => &[Self::RequestUri],
            "mutex" => &[Self::Mutex],
            "user-name" => &[Self::UserName],
            "cve" => &[Self::Cve],
            _ => &[Self::Private],
        }
    }

    /// The schema's default category is ipv6-addr, and senders leave it out for IPv4 too, so between the families the text
    /// decides.
    fn by_text(self, text: &str) -> Self {
        match self {
            Self::Ipv6 if text.parse::<Ipv4Addr>().is_ok() => Self::Ipv4,
            Self::Ipv4 if text.parse::<Ipv6Addr>().is_ok() => Self::Ipv6,
            Self::Ipv4 | Self::Ipv6 if text.contains('/') => Self::Network,
            _ => self,
        }
    }
}

/// What an element's text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    One(Of),
    /// A value a line, or several with commas between.
    Lines(&'static [Of]),
    /// An observable only if it is a CVE; by the index of its list (RFC 7495) or by its own look.
    Reference {
        is_cve: bool,
    },
}

/// The attributes of an element, by whichever reader.
pub trait Attributes {
    fn get(&self, key: Key) -> Option<Cow<'_, str>>;

    /// An extensible token (RFC 7970 §5.1.1): the private value where the sender used one.
    fn token(&self, key: Key, ext: Key) -> Option<Cow<'_, str>> {
        match self.get(key)? {
            token if token == "ext-value" => Some(self.get(ext).unwrap_or(token)),
            token => Some(token),
        }
    }
}

/// What stands around an element and bears on what its text is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    pub parent: Option<Tag>,
    /// `BulkObservable@type` of the one around.
    pub bulk: &'a str,
    /// The list `enum:ReferenceName` takes its id from is CVE.
    pub is_cve: bool,
}

impl Slot {
    /// What the text of the element `tag` holds; `None` when it is no observable.
    pub fn of(tag: Tag, around: Around<'_>, attrs: &impl Attributes) -> Option<Self> {
        let of = match tag {
            Tag::Address => Of::category(&attrs.token(Key::Category, Key::ExtCategory).unwrap_or("ipv6-addr".into())),
            Tag::BulkObservableList => return Some(Self::Lines(Of::bulk(around.bulk))),
            Tag::ReferenceId => return Some(Self::Reference { is_cve: around.is_cve }),
            Tag::DomainName | Tag::Server => Of::Domain,
            Tag::Port => Of::Port,
            Tag::EmailTo | Tag::EmailFrom if around.parent == Some(Tag::EmailData) => Of::Email,
            Tag::EmailSubject => Of::EmailSubject,
            Tag::Mailer => Of::Mailer,
            Tag::HeaderField if is_user_agent(attrs) => Of::UserAgent,
            Tag::Digest => Of::Hash,
            Tag::FuzzyDigest => Of::FuzzyHash,
            Tag::FileName => Of::File,
            Tag::KeyName => Of::RegistryKey,
            Tag::Certificate => Of::Certificate,
            Tag::CertificateSubject => Of::CertificateSubject,
            // Elsewhere a URL is a reference to read, not a thing that was seen.
            Tag::Url if matches!(around.parent, Some(Tag::RecordData | Tag::File)) => Of::Url,
            Tag::RecordItem if attrs.get(Key::Dtype).as_deref() == Some("url") => Of::Url,
            _ => return None,
        };
        Some(Self::One(of))
    }

    /// Gives each value in `text`, trimmed and otherwise as it stands.
    pub fn values<'t>(self, text: &'t str, mut each: impl FnMut(Of, &'t str)) {
        let mut give = |of: Of, value: &'t str| {
            let value = value.trim();
            if !value.is_empty() {
                each(of.by_text(value), value);
            }
        };
        match self {
            Self::One(of) => give(of, text),
            Self::Reference { is_cve } if is_cve || looks_like_cve(text.trim()) => give(Of::Cve, text),
            Self::Reference { .. } => {}
            Self::Lines(of) => {
                for line in text.lines() {
                    match of {
                        [of] => give(*of, line),
                        _ => of.iter().zip(line.split(',')).for_each(|(of, part)| give(*of, part)),
                    }
                }
            }
        }
    }
}

fn is_user_agent(attrs: &impl Attributes) -> bool {
    attrs.get(Key::Name).is_some_and(|name| name.trim_end_matches(':').eq_ignore_ascii_case("user-agent"))
}

/// A `sci:Vulnerability@ContentID` that is a CVE (RFC 7203 §4.5.2).
pub fn vulnerability(attrs: &impl Attributes) -> Option<Cow<'_, str>> {
    attrs.get(Key::ContentId).filter(|id| looks_like_cve(id))
}

/// `enum:ReferenceName@specIndex` of the CVE list in IANA's registry (RFC 7495 §6).
pub fn is_cve_index(attrs: &impl Attributes) -> bool {
    attrs.get(Key::SpecIndex).as_deref() == Some("1")
}

fn looks_like_cve(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"))
}

/// The `Address@category` to write a value under; `None` for a domain, which has a class of its own.
#[must_use]
pub fn category(typed: &Typed) -> Option<&'static str> {
    Some(match typed {
        Typed::Ipv4(_) => "ipv4-addr",
        Typed::Ipv4Net(..) => "ipv4-net",
        Typed::Ipv6(_) => "ipv6-addr",
        Typed::Ipv6Net(..) => "ipv6-net",
        Typed::Asn(_) => "asn",
        Typed::Mac(_) => "mac",
        Typed::Email(_) => "e-mail",
        Typed::Url(_) => "site-uri",
        Typed::Domain(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_written_under_its_own_kind() {
        for line in ["192.0.2.1", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32", "AS64500", "02:00:5e:10:00:01"] {
            let typed = Typed::read(line).unwrap();
            assert_eq!(category(&typed).map(|name| Of::category(name).kind()), Some(typed.kind()), "{line}");
        }
        for line in ["drop@bad.example", "https://bad.example/"] {
            let typed = Typed::read(line).unwrap();
            assert_eq!(category(&typed).map(|name| Of::category(name).kind()), Some(typed.kind()), "{line}");
        }
        assert_eq!(category(&Typed::read("bad.example").unwrap()), None);
    }

    #[test]
    fn families_by_text() {
        assert_eq!(Of::category("ipv6-addr").by_text("192.0.2.1"), Of::Ipv4);
        assert_eq!(Of::category("ipv4-addr").by_text("2001:db8::1"), Of::Ipv6);
        assert_eq!(Of::category("ipv4-addr").by_text("192.0.2.300"), Of::Ipv4);
        assert_eq!(Of::category("ipv4-addr").by_text("192.0.2.0/24"), Of::Network);
        assert_eq!(Of::category("asn").by_text("64500"), Of::Asn);
    }
}
