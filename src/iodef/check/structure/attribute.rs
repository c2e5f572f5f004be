//! Attributes: which there are, which there must be, and their values.

use super::Names;
use crate::iodef::check::fix::Fix;
use crate::iodef::check::rule::{self, Rule};
use crate::iodef::check::{Made, Notes, rules};
use crate::iodef::doc::{Attr, Element};
use crate::iodef::schema::{Attribute, Class, Declared, Enumeration, Preset, Profile, Type};

pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The rule a value of a type breaks when it is none.
pub fn wrong(of: Type) -> &'static Rule {
    match of {
        Type::String | Type::Enumeration(_) => &rule::TOKEN,
        Type::DateTime => &rule::DATE_TIME,
        Type::Integer => &rule::INTEGER,
        Type::Float | Type::Double | Type::FloatOrEmpty => &rule::NUMBER,
        Type::PositiveFloat => &rule::POSITIVE,
        Type::AnyUri => &rule::LINK,
        Type::Id | Type::IdRef | Type::NcName => &rule::NAME,
        Type::Language => &rule::LANGUAGE,
        Type::Portlist => &rule::PORTS,
        Type::Timezone => &rule::TIMEZONE,
        Type::Base64 => &rule::BASE64,
    }
}

/// The name the table knows an attribute by; none for one of a namespace that has no attributes here. Only the prefix
/// `xml` stands for XML's own namespace (Namespaces in XML §3), so that its name there is the one as written.
fn known_as(attr: Attr<'_>) -> Option<&str> {
    matches!(attr.ns(), "" | XML).then(|| attr.qualified())
}

/// The attributes of an element of a class.
pub fn all<'d>(element: Element<'d>, class: &'static Class, notes: &mut Notes<'d>, names: &mut Names<'d>) {
    for attr in element.attrs() {
        if attr.ns() == XSI {
            continue;
        }
        match known_as(attr).and_then(|name| class.attribute(name, notes.profile)) {
            Some(Declared::Plain(declared)) => value(element, attr, declared, notes, names),
            // Any text; whether it is called for is another rule.
            Some(Declared::Twin(_)) => {}
            None => notes.add(
                notes
                    .at(&rule::UNKNOWN_ATTRIBUTE, element)
                    .of(attr.qualified())
                    .fix(|| Fix::drop_attribute(element, attr.qualified())),
            ),
        }
    }
    let profile = notes.profile;
    for declared in class.attributes.iter().filter(|declared| declared.is_required(profile)) {
        if element.attr(declared.name).is_none() {
            let made = notes.at(&rule::MISSING_ATTRIBUTE, element).with("attribute", declared.name);
            notes.add(match only_choice(declared, profile) {
                Some(value) => made.fix(|| Fix::set(element, declared.name, value)),
                None => made,
            });
        }
    }
}

/// The value there is no alternative to.
fn only_choice(declared: &Attribute, profile: Profile) -> Option<&'static str> {
    match (declared.preset, declared.of) {
        (Preset::Fixed(value, _) | Preset::Default(value), _) => Some(value),
        (Preset::None, Type::Enumeration(list)) => {
            let mut tokens = list.tokens(profile);
            tokens.next().filter(|_| tokens.next().is_none())
        }
        _ => None,
    }
}

fn value<'d>(
    element: Element<'d>,
    attr: Attr<'d>,
    declared: &'static Attribute,
    notes: &mut Notes<'d>,
    names: &mut Names<'d>,
) {
    let text = attr.value();
    if let Preset::Fixed(fixed, reading) = declared.preset {
        let enumerated = matches!(declared.of, Type::Enumeration(_));
        let given = if enumerated { crate::iodef::schema::value::collapse(&text) } else { text.clone() };
        let read = notes.reads() && reading.contains(&given.as_ref());
        if given != fixed && !read {
            let made = notes.at(&rule::FIXED, element).of(attr.qualified()).with("value", &text).with("wanted", fixed);
            notes.add(made.fix(|| Fix::set(element, attr.qualified(), fixed)));
        }
        return;
    }
    if declared.of.holds(&text, notes.profile) {
        match declared.of {
            Type::Id => names.make(&text, element, Some(attr.qualified()), notes),
            Type::IdRef => names.want(&text, element, declared.name),
            _ => {}
        }
        return;
    }
    let made = match declared.of {
        Type::Enumeration(list) => token(element, attr, declared, list, notes),
        of => notes.at(wrong(of), element).of(attr.qualified()).with("value", &text),
    };
    notes.add(made);
}

/// A token that is not listed: perhaps registered since, perhaps a slip.
fn token<'d>(
    element: Element<'d>,
    attr: Attr<'d>,
    declared: &'static Attribute,
    list: &'static Enumeration,
    notes: &Notes<'d>,
) -> Made<'d> {
    let text = attr.value();
    let profile = notes.profile;
    let newer = profile == Profile::Reading && declared.extensible;
    let rule = if newer { &rule::UNLISTED } else { &rule::TOKEN };
    let made = notes.at(rule, element).of(attr.qualified()).with("value", &text);
    if !made.told {
        return made;
    }
    match rules::nearest(text.trim(), list.tokens(profile).filter(|token| *token != "ext-value")) {
        Some(near) => made.fix(|| Fix::set(element, attr.qualified(), near)),
        None => made,
    }
}

/// Attributes of an element without declaration: those of XML itself are declared for all.
pub fn of_nobody<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    for attr in element.attrs().filter(|attr| attr.ns() == XML) {
        let text = attr.value();
        let (of, fine) = match attr.local() {
            "lang" => (&rule::LANGUAGE, Type::Language.holds(&text, notes.profile)),
            "base" => (&rule::LINK, Type::AnyUri.holds(&text, notes.profile)),
            "space" => (&rule::TOKEN, matches!(text.trim(), "default" | "preserve")),
            _ => continue,
        };
        if !fine {
            notes.add(notes.at(of, element).of(attr.qualified()).with("value", &text));
        }
    }
}
