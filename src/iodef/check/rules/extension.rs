//! Extensions: private values of attributes (RFC 7970 §5.1.1) and data of other kinds (§5.2).

use std::borrow::Cow;

use super::token;
use crate::iodef::NS;
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::{Attr, Element};
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{Class, Profile, Type};
use crate::text::xml::is_space;

/// What an attribute says whose word is in its twin.
const CALL: &str = "ext-value";

/// `ext-x` goes with `x="ext-value"`, and either with the other.
pub fn twins<'d>(element: Element<'d>, class: &'static Class, notes: &mut Notes<'d>) {
    // Most elements have nothing private, and this is asked of every one.
    let (mut twins, mut callers): (Vec<Attr<'d>>, Vec<&str>) = (Vec::new(), Vec::new());
    for attr in element.attrs() {
        let is_twin = attr.local().starts_with("ext-");
        if !(is_twin || calls(attr)) || !attr.ns().is_empty() {
            continue;
        }
        if is_twin {
            twins.push(attr);
        } else {
            callers.push(attr.local());
        }
    }
    if twins.is_empty() && callers.is_empty() {
        return;
    }
    for declared in class.attributes.iter().filter(|declared| declared.extensible) {
        let name = declared.name;
        let calls = callers.contains(&name);
        let twin = twins.iter().find(|twin| twin.local().strip_prefix("ext-") == Some(name));
        match twin.map(|twin| (twin.qualified(), twin.value())) {
            Some((twin, value)) if !calls => {
                let mut made =
                    notes.at(&rule::TWIN_UNCALLED, element).of(twin).with("base", name).with("value", &value);
                if element.attr(name).is_none() || !value.trim().is_empty() {
                    made = made.fix(|| Fix::set(element, name, CALL));
                }
                notes.add(made.fix(|| Fix::drop_attribute(element, twin)));
            }
            Some((_, value)) if !value.trim().is_empty() => {}
            _ if calls => {
                let made = notes.at(&rule::TWIN_UNSAID, element).of(name).with("twin", &format!("ext-{name}"));
                let may_go = !declared.is_required(Profile::Published);
                notes.add(if may_go { made.fix(|| Fix::drop_attribute(element, name)) } else { made });
            }
            _ => {}
        }
    }
}

/// Whether an attribute says that its twin has the word. No default of the schema does.
fn calls(attr: Attr<'_>) -> bool {
    let raw = attr.raw().as_bytes();
    let may_begin = raw.first().is_some_and(|first| matches!(first, b'e' | b'&') || is_space(*first));
    let is_long = raw.len() >= CALL.len();
    is_long && (may_begin || memchr::memchr(b'&', raw).is_some()) && collapse(&attr.value()) == CALL
}

/// Whether content is what `dtype` says (RFC 7970 §5.2).
pub fn content<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let dtype = token(element, "dtype", "");
    let child = element.children().next();
    if let Some(inner) = element.children().find(|child| child.ns() == NS)
        && dtype == "xml"
    {
        notes.add(notes.at(&rule::OWN_NAMESPACE, inner));
    }
    let fits = match (&*dtype, child) {
        ("xml", None) => element.text().trim().is_empty(),
        ("xml" | "ext-value" | "", _) => true,
        (_, Some(_)) => false,
        (dtype, None) => is_of(dtype, &element.text()),
    };
    if !fits {
        let text = element.text();
        notes.add(notes.at(&rule::DTYPE, element).with("dtype", &dtype).with("value", text.trim()));
    }
}

/// Whether a text is one of a `dtype`.
fn is_of(dtype: &str, text: &str) -> bool {
    let text = text.trim();
    let squeezed = || -> Cow<'_, str> { text.split_whitespace().collect::<String>().into() };
    let is = |of: Type| of.holds(text, Profile::Published);
    match dtype {
        "boolean" => matches!(text, "true" | "false" | "0" | "1"),
        "byte" | "file" => is(Type::Base64),
        // Erratum 5351: one octet or more, in hexadecimal.
        "bytes" | "frame" | "packet" | "ipv4-packet" | "ipv6-packet" => {
            let digits = squeezed();
            !digits.is_empty() && digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        "character" => text.chars().count() == 1,
        "date-time" | "ntpstamp" => is(Type::DateTime),
        "integer" => is(Type::Integer),
        "real" => is(Type::Float),
        "portlist" => is(Type::Portlist),
        "url" => is(Type::AnyUri) && !text.is_empty(),
        _ => true,
    }
}

/// The name of the field is its `name`, its value a string (RFC 7970 §3.20.2, §3.21).
pub fn header<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let unnamed = token(element, "name", "").is_empty();
    let dtype = token(element, "dtype", "string");
    if unnamed || dtype != "string" {
        let made = notes.at(&rule::HEADER_FIELD, element);
        notes.add(if unnamed { made } else { made.fix(|| Fix::set(element, "dtype", "string")) });
    }
}
