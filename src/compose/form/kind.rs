//! What a field is to type in or to pick from.

use crate::iodef::schema::{Attribute, Class, Enumeration, Space, Type};

use super::PROFILE;

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Line,
    /// Text of several lines.
    Words,
    /// One value a line.
    Lines,
    /// One of the tokens; `open` to a private value beside them.
    Choice {
        list: &'static Enumeration,
        open: bool,
        but: &'static [&'static str],
    },
    DateTime,
    Integer,
    Number,
    /// Above zero.
    Positive,
    Link,
    /// A name others may refer to.
    Id,
    /// The name of another element.
    Reference,
    /// A name without a colon or a blank.
    Name,
    Language,
    Ports,
    Zone,
    Base64,
    /// There is but one value.
    Fixed(&'static str),
}

/// Texts of several lines that are no texts in a language.
const LONG: &[&str] = &[
    "EmailHeaders",
    "EmailBody",
    "EmailMessage",
    "DetectionConfiguration",
    "RecordItem",
    "RecordPattern",
    "AdditionalData",
    "DefinedCOA",
    "FileProperties",
    "RelatedDNS",
];

/// Texts in a language that are one line.
const SHORT: &[&str] = &["ContactName", "ContactTitle", "IncidentCategory", "Location"];

impl Kind {
    pub(super) fn of_text(class: &'static Class, of: Type) -> Self {
        match of {
            Type::String if class.name == "BulkObservableList" => Self::Lines,
            Type::String if LONG.contains(&class.name) => Self::Words,
            Type::String if class.kind == "MLStringType" && !SHORT.contains(&class.name) => Self::Words,
            of => Self::of(of, false, &[]),
        }
    }

    /// Of what nobody declared.
    pub(super) fn of_anything(local: &str) -> Self {
        if local == "BulkObservableList" { Self::Lines } else { Self::Words }
    }

    pub(super) fn of_attribute(class: &'static Class, attribute: &Attribute) -> Self {
        // The published schema has no place for the number this asks for (RFC 7970, erratum 5543).
        let numeric = class.space == Space::Iodef && class.name == "Confidence" && attribute.name == "rating";
        Self::of(attribute.of, attribute.extensible, if numeric { &["numeric"] } else { &[] })
    }

    fn of(of: Type, open: bool, but: &'static [&'static str]) -> Self {
        match of {
            Type::String => Self::Line,
            Type::Enumeration(list) => Self::Choice { list, open, but },
            Type::DateTime => Self::DateTime,
            Type::Integer => Self::Integer,
            Type::Float | Type::Double | Type::FloatOrEmpty => Self::Number,
            Type::PositiveFloat => Self::Positive,
            Type::AnyUri => Self::Link,
            Type::Id => Self::Id,
            Type::IdRef => Self::Reference,
            Type::NcName => Self::Name,
            Type::Language => Self::Language,
            Type::Portlist => Self::Ports,
            Type::Timezone => Self::Zone,
            Type::Base64 => Self::Base64,
        }
    }

    /// The tokens to pick from, `ext-value` among them where a private value may be given.
    pub fn tokens(&self) -> impl Iterator<Item = &'static str> + use<> {
        let (list, but) = match self {
            Self::Choice { list, but, .. } => (Some(*list), *but),
            _ => (None, &[] as &[&str]),
        };
        list.into_iter().flat_map(|list| list.tokens(PROFILE)).filter(move |token| !but.contains(token))
    }

    /// Whether an empty text says nothing.
    pub(super) fn needs_text(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }
}
