//! `xsi:…`: hints where a schema is are allowed everywhere, nil nowhere, and `xsi:type` where it names the declared type
//! or one derived from it (XML Schema 1.0 part 1 §3.3.4). What has no declaration is held to the type it names.

use super::attribute::XSI;
use super::{Held, Names};
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::{Attr, Element};
use crate::iodef::schema::builtin::{Named, Simple};
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{Class, Content};

/// Looks at the instance's own attributes; what the element is held to then.
pub fn held<'d>(element: Element<'d>, held: Held, notes: &mut Notes<'d>, names: &mut Names<'d>) -> Held {
    let mut then = held;
    for attr in element.attrs().filter(|attr| attr.ns() == XSI) {
        let declared = declared(held, notes);
        let fine = match attr.local() {
            "schemaLocation" | "noNamespaceSchemaLocation" => true,
            "type" => {
                let named = named(element, attr, notes);
                match (named, declared) {
                    (None, _) => false,
                    (Some(Named::Complex(class)), None) => {
                        then = Held::To(class);
                        true
                    }
                    (Some(Named::Simple(of)), None) => alone(element, of, notes, names),
                    (Some(Named::Any), declared) => declared.is_none(),
                    (Some(Named::Complex(other)), Some(class)) => {
                        other.space == class.space && other.kind == class.kind
                    }
                    (Some(Named::Simple(of)), Some(class)) => stands_for(element, of, class, notes),
                }
            }
            // Of what has no declaration nothing is asked.
            _ => declared.is_none(),
        };
        if !fine {
            let made = notes.at(&rule::INSTANCE, element).of(attr.qualified());
            notes.add(made.fix(|| Fix::drop_attribute(element, attr.qualified())));
        }
    }
    then
}

/// The class, unless it takes anything.
fn declared(held: Held, notes: &Notes<'_>) -> Option<&'static Class> {
    match held {
        Held::To(class) if !matches!(class.content(notes.profile), Content::Anything) => Some(class),
        _ => None,
    }
}

/// The type an `xsi:type` names; none for a prefix without namespace, or a name nobody gave.
fn named<'d>(element: Element<'d>, attr: Attr<'d>, notes: &Notes<'d>) -> Option<Named> {
    let value = attr.value();
    let value = collapse(&value);
    let (prefix, local) = value.split_once(':').unwrap_or(("", &value));
    Named::find(&element.namespace_of(prefix)?, local, notes.profile)
}

/// Whether a simple type may stand for the one the class is of; its values are looked at as well.
fn stands_for<'d>(element: Element<'d>, given: Simple, class: &'static Class, notes: &Notes<'d>) -> bool {
    let Content::Text(of) = class.content(notes.profile) else { return false };
    // With attributes or a name it is a complex type, and none is derived from it.
    let is_simple = class.kind.is_empty() && class.attributes.is_empty();
    is_simple && given.is_a(*of) && given.holds(&element.text(), notes.profile)
}

/// An element without declaration, of a simple type: no attributes, no elements, a value. Whether it is one.
fn alone<'d>(element: Element<'d>, of: Simple, notes: &mut Notes<'d>, names: &mut Names<'d>) -> bool {
    for attr in element.attrs().filter(|attr| attr.ns() != XSI) {
        let made = notes.at(&rule::UNKNOWN_ATTRIBUTE, element).of(attr.qualified());
        notes.add(made.fix(|| Fix::drop_attribute(element, attr.qualified())));
    }
    if let Some(child) = element.children().next() {
        notes.add(notes.at(&rule::CHILD_IN_TEXT, child).with("parent", element.local()).fix(|| Fix::remove(child)));
        return true;
    }
    let text = element.text();
    let holds = of.holds(&text, notes.profile);
    if holds && of.is_id() {
        names.make(&text, element, None, notes);
    }
    holds
}
