//! The canonical form of a document, for comparing: brokers write payloads anew, with other prefixes, quotes and order
//! of attributes, so that across the wire equality is this and never bytes (`iodef.md` §5.2).
//!
//! Comments, instructions, the declaration and the way of writing go; names are expanded; attributes are sorted; values
//! senders pad are trimmed; times are in UTC. Nothing that a person could mean is merged: `white` stays beside `public`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::SecondsFormat;

use super::doc::{Document, Element, Step};
use super::schema::{self, Class, Content, Type};
use super::xml::{Ns, XML};
use crate::model::Stamp;
use crate::text::xml::{escape_text, escape_value};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl Document {
    /// Equal for two documents that say the same. It is XML itself: read, its canonical form is it again.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut writer = Writer { out: String::with_capacity(self.text().len()), ..Writer::default() };
        for step in self.root().walk() {
            writer.step(step);
        }
        writer.out.into_bytes()
    }
}

#[derive(Default)]
struct Writer<'d> {
    out: String,
    open: Vec<Open<'d>>,
    /// Text of the innermost element that has not been written: pieces and CDATA sections come one by one.
    text: String,
}

struct Open<'d> {
    element: Element<'d>,
    /// Blanks count in it and below it.
    kept: bool,
    has_elements: bool,
}

impl<'d> Writer<'d> {
    fn step(&mut self, step: Step<'d>) {
        match step {
            Step::Enter(element) => {
                self.flush(true);
                let kept = self.open.last().is_some_and(|open| open.kept) || class_of(element).is_some_and(is_kept);
                self.start(element);
                self.open.push(Open { element, kept, has_elements: false });
            }
            Step::Leave(element) => {
                self.flush(false);
                let _ = self.open.pop();
                self.out.push_str("</");
                self.out.push_str(element.local());
                self.out.push('>');
            }
            Step::Text(text) => self.text.push_str(&text),
            Step::Comment(_) | Step::Instruction(_) => {}
        }
    }

    /// Writes the text that has come up to an element's start (`before_element`) or to the end of its own.
    fn flush(&mut self, before_element: bool) {
        let text = std::mem::take(&mut self.text);
        let Some(open) = self.open.last_mut() else { return };
        open.has_elements |= before_element;
        if open.kept {
            self.out.push_str(&escape_text(&text));
            return;
        }
        let trimmed = text.trim_matches(is_space);
        let is_time = !open.has_elements && class_of(open.element).is_some_and(is_time);
        let value = if is_time { in_utc(trimmed) } else { Cow::Borrowed(trimmed) };
        self.out.push_str(&escape_text(&value));
    }

    fn start(&mut self, element: Element<'d>) {
        let outer = self.open.last().map_or("", |open| open.element.ns());
        self.out.push('<');
        self.out.push_str(element.local());
        if element.ns() != outer {
            self.attribute("xmlns", element.ns());
        }
        let mut attrs: BTreeMap<(&str, &str), Cow<'_, str>> = BTreeMap::new();
        for attr in element.attrs() {
            let value = attr.value();
            let value = if (attr.ns(), attr.local()) == (XSI, "type") { expanded(element, &value) } else { value };
            let _ = attrs.insert((attr.ns(), attr.local()), value);
        }
        let mut spaces: Vec<&str> = attrs.keys().map(|(ns, _)| *ns).filter(|ns| !ns.is_empty() && *ns != XML).collect();
        spaces.dedup();
        for (number, ns) in spaces.iter().enumerate() {
            self.attribute(&format!("xmlns:n{number}"), ns);
        }
        for ((ns, local), value) in attrs {
            let name = match spaces.iter().position(|known| *known == ns) {
                Some(number) => Cow::Owned(format!("n{number}:{local}")),
                None if ns == XML => Cow::Owned(format!("xml:{local}")),
                None => Cow::Borrowed(local),
            };
            self.attribute(&name, value.trim_matches(is_space));
        }
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.out.push_str(&escape_value(value, '"'));
        self.out.push('"');
    }
}

/// What the class table says of an element; of one of v1 by the names the two share.
fn class_of(element: Element<'_>) -> Option<&'static Class> {
    if Ns::of(element.ns()).is_iodef() { schema::class(element.local()) } else { None }
}

/// Every blank is the sender's: a text for people (MLStringType) or an extension (ExtensionType).
fn is_kept(class: &Class) -> bool {
    matches!(class.kind, "MLStringType" | "ExtensionType")
}

fn is_time(class: &Class) -> bool {
    matches!(class.content, Content::Text(Type::DateTime))
}

fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// A time with a zone in UTC; what has none, or is none, as it stands.
fn in_utc(text: &str) -> Cow<'_, str> {
    match Stamp::parse(text).filter(|stamp| stamp.zoned) {
        Some(stamp) => Cow::Owned(stamp.at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => Cow::Borrowed(text),
    }
}

/// A qualified name in a value, `{uri}local`: its prefix is as free as any.
fn expanded<'v>(element: Element<'_>, value: &str) -> Cow<'v, str> {
    let value = value.trim_matches(is_space);
    let (prefix, local) = value.split_once(':').unwrap_or(("", value));
    match element.namespace_of(prefix) {
        Some(uri) if !uri.is_empty() && !value.starts_with('{') => Cow::Owned(format!("{{{uri}}}{local}")),
        _ => Cow::Owned(value.to_owned()),
    }
}
