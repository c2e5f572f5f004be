//! Values as they are compared: what senders write in several ways and mean in one is made one.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::iodef::canon::{XSI, expanded, in_utc, is_space};
use crate::iodef::doc::{Content as Node, Element};
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{Class, Content, Declared, Preset, Profile, Type};
use crate::iodef::xml::XML;
use crate::iodef::{NS, observables};

/// Stands for a child between two pieces of text.
pub const CHILD: &str = "\u{fffc}";
const EXT: &str = "ext-value";

/// An attribute that says something.
#[derive(Clone, Debug)]
pub struct Attr<'d> {
    /// `restriction`, `xml:lang`, `{uri}local`.
    pub name: Cow<'d, str>,
    /// As compared.
    pub value: Cow<'d, str>,
    /// As the sender writes it, trimmed; as it stands where no schema is.
    pub said: Cow<'d, str>,
}

/// What the attributes of an element say, by name. Defaults, hints where a schema is and the version of the format say
/// nothing; a private value and `ext-value` are one (RFC 7970 §5.1.1).
pub fn attrs<'d>(element: Element<'d>, class: Option<&'static Class>) -> Vec<Attr<'d>> {
    let mut found = Vec::new();
    for attr in element.attrs() {
        let name = match (attr.ns(), attr.local()) {
            (XSI, "schemaLocation" | "noNamespaceSchemaLocation") => continue,
            // Senders leave the prefix out, after RFC 7970's own §4.2.
            ("", "lang") if element.ns() == NS && element.attr_ns(XML, "lang").is_none() => Cow::Borrowed("xml:lang"),
            ("", local) => Cow::Borrowed(local),
            (XML, local) => Cow::Owned(format!("xml:{local}")),
            (ns, local) => Cow::Owned(format!("{{{ns}}}{local}")),
        };
        let mut said = if class.is_some() || attr.ns() == XSI { trimmed(attr.value()) } else { attr.value() };
        if (attr.ns(), attr.local()) == (XSI, "type") {
            said = Cow::Owned(expanded(element, &said).into_owned());
        }
        let declared = class.and_then(|class| class.attribute(&name, Profile::Reading));
        let value = match declared {
            Some(Declared::Twin(base))
                if element.attr(base.name).is_some_and(|token| token.trim_matches(is_space) == EXT) =>
            {
                continue;
            }
            Some(Declared::Plain(attribute)) if attribute.extensible && said == EXT => {
                if let Some(own) = element.attr(&format!("ext-{}", attribute.name)) {
                    said = Cow::Owned(own.trim_matches(is_space).to_owned());
                }
                Cow::Owned(format!("{EXT} {said}"))
            }
            Some(Declared::Plain(attribute)) => {
                let value = plain(attribute.of, said.clone());
                match attribute.preset {
                    Preset::Default(default) if value == plain(attribute.of, Cow::Borrowed(default)) => continue,
                    Preset::Fixed(one, others) if value == one || others.contains(&&*value) => continue,
                    _ => value,
                }
            }
            _ => said.clone(),
        };
        found.push(Attr { name, value, said });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// What an attribute that is not there says.
pub fn unsaid(class: Option<&'static Class>, name: &str) -> Option<&'static str> {
    match class?.attribute(name, Profile::Reading)? {
        Declared::Plain(attribute) => attribute.default(),
        Declared::Twin(_) => None,
    }
}

/// What an element says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'d> {
    One(Cow<'d, str>),
    /// A value a line, in any order.
    Lines(Vec<Cow<'d, str>>),
}

/// The text of an element as compared.
pub fn text<'d>(element: Element<'d>, class: Option<&'static Class>) -> Said<'d> {
    let own = own(element);
    // Nobody knows what a blank means in a text of others; between elements it is layout.
    if class.is_none() {
        return Said::One(own);
    }
    if own.trim_matches(is_space).is_empty() {
        return Said::One(Cow::Borrowed(""));
    }
    if element.is("BulkObservableList") {
        return Said::Lines(match own {
            Cow::Borrowed(own) => lines(own).map(Cow::Borrowed).collect(),
            Cow::Owned(own) => lines(&own).map(|line| Cow::Owned(line.to_owned())).collect(),
        });
    }
    if let Some(value) = observables::only(element) {
        return Said::One(Cow::Owned(value));
    }
    Said::One(match class {
        Some(class) if class.kind == "MLStringType" => collapsed(own),
        Some(Class { content: Content::Text(of), .. }) => plain(*of, trimmed(own)),
        _ => trimmed(own),
    })
}

/// The lines that say something, each once.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut seen = HashSet::new();
    text.lines().map(|line| line.trim_matches(is_space)).filter(move |line| !line.is_empty() && seen.insert(*line))
}

/// The text of an element as a person is shown it; where elements stand among it, with their places. `None` where it is
/// nothing but blanks.
pub fn shown<'d>(element: Element<'d>, class: Option<&'static Class>) -> Option<Cow<'d, str>> {
    let own = own(element);
    let own = if class.is_none() { own } else { trimmed(own) };
    (!own.is_empty()).then_some(own)
}

/// The text between the tags; where elements stand among it, with their places.
fn own(element: Element<'_>) -> Cow<'_, str> {
    let whole = element.text();
    if element.children().next().is_none() {
        return whole;
    }
    if whole.trim_matches(is_space).is_empty() {
        return Cow::Borrowed("");
    }
    let mut pieces = vec![String::new()];
    for part in element.content() {
        match (part, pieces.last_mut()) {
            (Node::Text(part) | Node::CData(part), Some(piece)) => piece.push_str(&part),
            (Node::Element(_), _) => pieces.push(String::new()),
            _ => {}
        }
    }
    // Blanks beside a child are layout.
    Cow::Owned(pieces.iter().map(|piece| piece.trim_matches(is_space)).collect::<Vec<_>>().join(CHILD))
}

/// A value of a simple type in one form.
fn plain(of: Type, value: Cow<'_, str>) -> Cow<'_, str> {
    match of {
        Type::DateTime => Cow::Owned(in_utc(&value).into_owned()),
        Type::Integer if value.contains(['.', 'e', 'E']) => value,
        Type::Integer | Type::Float | Type::Double | Type::PositiveFloat | Type::FloatOrEmpty => {
            let number = decimal(&value);
            number.map_or(value, Cow::Owned)
        }
        Type::Language => Cow::Owned(value.to_ascii_lowercase()),
        Type::Base64 => Cow::Owned(value.split(is_space).collect()),
        Type::Enumeration(_) => collapsed(value),
        _ => value,
    }
}

/// A decimal number in one form, to its last digit: a counter may have more of them than a float holds.
fn decimal(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, i64::from(exponent.parse::<i32>().ok()?)),
        None => (text, 0),
    };
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = digits.trim_end_matches('0');
    let exponent = exponent - i64::try_from(part.len()).ok()? + i64::try_from(digits.len() - kept.len()).ok()?;
    match kept.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        kept => Some(format!("{sign}{kept}e{exponent}")),
    }
}

fn collapsed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(value) => collapse(value),
        Cow::Owned(value) => Cow::Owned(collapse(&value).into_owned()),
    }
}

fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.trim_matches(is_space)),
        Cow::Owned(value) => Cow::Owned(value.trim_matches(is_space).to_owned()),
    }
}
