//! The simple types that `xsi:type` may name: those built into XML Schema 1.0 (part 2 §3), and IODEF's own by name.
//! Elements of the class table have few of them; a sender may name any that is derived from the declared one.

use super::kind::{Profile, Space, Standing, Type};
use super::value::{self, collapse};
use super::{Class, classes};
use crate::text::xml::is_ncname;

/// The namespace of the types built in.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// One built-in type.
#[derive(Debug)]
pub struct Built {
    name: &'static str,
    /// What it is derived from by restriction; a list is derived from none.
    base: &'static str,
    holds: fn(&str) -> bool,
}

const fn built(name: &'static str, base: &'static str, holds: fn(&str) -> bool) -> Built {
    Built { name, base, holds }
}

/// A simple type by its name.
#[derive(Clone, Copy, Debug)]
pub enum Simple {
    Built(&'static Built),
    /// One of a schema of ours.
    Own(Type),
}

/// What a name of a type stands for.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// `xs:anyType`: anything.
    Any,
    Simple(Simple),
    /// The type that the elements of this class share.
    Complex(&'static Class),
}

impl Named {
    /// The type called `local` in the namespace `ns`.
    #[must_use]
    pub fn find(ns: &str, local: &str, profile: Profile) -> Option<Self> {
        if ns == XSD {
            return match local {
                "anyType" => Some(Self::Any),
                _ => find(local).map(Simple::Built).map(Self::Simple),
            };
        }
        let space = Space::of(ns)?;
        let known = |class: &&Class| {
            class.space == space && (class.standing == Standing::Global || profile == Profile::Reading)
        };
        let complex = classes().filter(known).find(|class| !local.is_empty() && class.kind == local);
        complex.map(Self::Complex).or_else(|| own(space, local).map(Simple::Own).map(Self::Simple))
    }
}

/// A simple type of the schema of `space`.
fn own(space: Space, local: &str) -> Option<Type> {
    match (space, local) {
        (Space::Iodef | Space::Iodef1, "PortlistType") => return Some(Type::Portlist),
        (Space::Iodef | Space::Iodef1, "TimezoneType") => return Some(Type::Timezone),
        (Space::Iodef | Space::Iodef1, "PositiveFloatType") => return Some(Type::PositiveFloat),
        _ => {}
    }
    classes()
        .filter(|class| class.space == space)
        .flat_map(|class| class.attributes)
        .map(|attribute| attribute.of)
        .find(|of| match of {
            Type::Enumeration(list) => list.name == local,
            _ => false,
        })
}

impl Simple {
    /// Whether `text` is a value of it.
    #[must_use]
    pub fn holds(self, text: &str, profile: Profile) -> bool {
        match self {
            // Of strings, white space is part of the value or does not matter to what is allowed.
            Self::Built(built) => (built.holds)(&collapse(text)),
            Self::Own(of) => of.holds(text, profile),
        }
    }

    /// Whether a value of it is an `xs:ID`.
    #[must_use]
    pub fn is_id(self) -> bool {
        matches!(self, Self::Built(built) if built.name == "ID")
    }

    /// Whether it is the type of the schema called `of` here, or derived from it.
    #[must_use]
    pub fn is_a(self, of: Type) -> bool {
        let mut name = match self {
            Self::Built(built) => built.name,
            Self::Own(own) if std::mem::discriminant(&own) == std::mem::discriminant(&of) && !is_list(of) => {
                return true;
            }
            Self::Own(Type::Portlist | Type::Timezone) => "string",
            Self::Own(Type::PositiveFloat) => "float",
            Self::Own(Type::Enumeration(list)) if list.collapses => "NMTOKEN",
            Self::Own(_) => "string",
        };
        let Some(wanted) = built_in(of) else { return false };
        while name != wanted {
            match find(name) {
                Some(built) if !built.base.is_empty() => name = built.base,
                _ => return false,
            }
        }
        true
    }
}

/// Elements have no enumerated type by itself.
fn is_list(of: Type) -> bool {
    matches!(of, Type::Enumeration(_))
}

/// The built-in type of the table's; none where it is a schema's own.
fn built_in(of: Type) -> Option<&'static str> {
    match of {
        Type::String => Some("string"),
        Type::DateTime => Some("dateTime"),
        Type::Integer => Some("integer"),
        Type::Float => Some("float"),
        Type::Double => Some("double"),
        Type::AnyUri => Some("anyURI"),
        Type::Id => Some("ID"),
        Type::IdRef => Some("IDREF"),
        Type::NcName => Some("NCName"),
        Type::Language => Some("language"),
        Type::Base64 => Some("base64Binary"),
        Type::PositiveFloat | Type::FloatOrEmpty | Type::Portlist | Type::Timezone | Type::Enumeration(_) => None,
    }
}

fn find(name: &str) -> Option<&'static Built> {
    BUILT.iter().find(|built| built.name == name)
}

static BUILT: &[Built] = &[
    built("anySimpleType", "", anything),
    built("string", "", anything),
    built("normalizedString", "string", anything),
    built("token", "normalizedString", anything),
    built("language", "token", value::is_language),
    built("NMTOKEN", "token", is_name_token),
    built("NMTOKENS", "", |text| !text.is_empty() && text.split(' ').all(is_name_token)),
    built("Name", "token", |text| is_ncname(&text.replace(':', "_"))),
    built("NCName", "Name", is_ncname),
    built("ID", "NCName", is_ncname),
    built("IDREF", "NCName", is_ncname),
    built("IDREFS", "", |text| !text.is_empty() && text.split(' ').all(is_ncname)),
    // There are no entities to name: a document type declaration is refused.
    built("ENTITY", "NCName", |_| false),
    built("ENTITIES", "", |_| false),
    built("QName", "", |text| text.splitn(2, ':').all(is_ncname)),
    built("boolean", "", |text| matches!(text, "true" | "false" | "1" | "0")),
    built("decimal", "", value::is_decimal),
    built("integer", "decimal", value::is_integer),
    built("nonPositiveInteger", "integer", |text| within(text, None, Some(0))),
    built("negativeInteger", "nonPositiveInteger", |text| within(text, None, Some(-1))),
    built("long", "integer", |text| within(text, Some(i64::MIN.into()), Some(i64::MAX.into()))),
    built("int", "long", |text| within(text, Some(i32::MIN.into()), Some(i32::MAX.into()))),
    built("short", "int", |text| within(text, Some(i16::MIN.into()), Some(i16::MAX.into()))),
    built("byte", "short", |text| within(text, Some(i8::MIN.into()), Some(i8::MAX.into()))),
    built("nonNegativeInteger", "integer", |text| within(text, Some(0), None)),
    built("positiveInteger", "nonNegativeInteger", |text| within(text, Some(1), None)),
    built("unsignedLong", "nonNegativeInteger", |text| within(text, Some(0), Some(u64::MAX.into()))),
    built("unsignedInt", "unsignedLong", |text| within(text, Some(0), Some(u32::MAX.into()))),
    built("unsignedShort", "unsignedInt", |text| within(text, Some(0), Some(u16::MAX.into()))),
    built("unsignedByte", "unsignedShort", |text| within(text, Some(0), Some(u8::MAX.into()))),
    built("float", "", value::is_float),
    built("double", "", value::is_float),
    built("anyURI", "", value::is_uri),
    built("base64Binary", "", value::is_base64),
    built("hexBinary", "", |text| text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())),
    built("dateTime", "", value::is_date_time),
    built("date", "", |text| zoned(text, "", "T00:00:00")),
    built("time", "", |text| value::is_date_time(&format!("2000-01-01T{text}"))),
    built("gYear", "", |text| zoned(text, "", "-01-01T00:00:00")),
    built("gYearMonth", "", |text| zoned(text, "", "-01T00:00:00")),
    built("gMonthDay", "", |text| text.strip_prefix("--").is_some_and(|rest| zoned(rest, "2000-", "T00:00:00"))),
    built("gMonth", "", |text| text.strip_prefix("--").is_some_and(|rest| zoned(rest, "2000-", "-01T00:00:00"))),
    built("gDay", "", |text| text.strip_prefix("---").is_some_and(|rest| zoned(rest, "2000-01-", "T00:00:00"))),
    built("duration", "", is_duration),
];

fn anything(_: &str) -> bool {
    true
}

fn is_name_token(text: &str) -> bool {
    !text.is_empty() && is_ncname(&format!("a{}", text.replace(':', "_")))
}

/// An integer from `least` to `most`; one beyond 128 bits is beyond every bound on its side.
fn within(text: &str, least: Option<i128>, most: Option<i128>) -> bool {
    if !value::is_integer(text) {
        return false;
    }
    let number = text.trim_start_matches('+').parse::<i128>();
    let number = number.unwrap_or(if text.starts_with('-') { i128::MIN } else { i128::MAX });
    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
}

/// Part of a date, with or without a time zone: sound when the whole is that it makes with `before` and `after` around it.
fn zoned(text: &str, before: &str, after: &str) -> bool {
    let at = match text.strip_suffix('Z') {
        Some(rest) => rest.len(),
        None if text.as_bytes().get(text.len().saturating_sub(3)) == Some(&b':') => text.len().saturating_sub(6),
        None => text.len(),
    };
    let (Some(part), Some(zone)) = (text.get(..at), text.get(at..)) else { return false };
    value::is_date_time(&format!("{before}{part}{after}{zone}"))
}

fn is_duration(text: &str) -> bool {
    static SHAPE: std::sync::LazyLock<Option<regex::Regex>> = std::sync::LazyLock::new(|| {
        let shape = r"^-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?$";
        regex::Regex::new(shape).ok()
    });
    SHAPE.as_ref().is_some_and(|shape| shape.is_match(text)) && !text.ends_with(['P', 'T'])
}
