//! The canonical form of a document, for comparing: brokers write payloads anew, with other prefixes, quotes and order
//! of attributes, so that across the wire equality is this and never bytes (`iodef.md` §5.2).
//!
//! Comments, instructions, the declaration and the way of writing go; names are expanded; attributes are sorted; values
//! senders pad are trimmed; times are in UTC. Nothing that a person could mean is merged: `white` stays beside `public`,
//! and a blank in an attribute that is not ours stays. What is merged all the same: a value of one of our classes with
//! itself padded, times that differ by less than a nanosecond, and foreign texts that differ only in what a prefix in the
//! text itself stands for.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::doc::{Document, Element, Step};
use super::schema::{self, Class, Content, Type};
use super::xml::{Ns, XML};
use crate::model::Stamp;
use crate::text::xml::{escape_text, escape_value};

pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

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
    /// What a name without a prefix means inside it.
    default: &'d str,
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
                let default = self.start(element);
                self.open.push(Open { element, default, kept, has_elements: false });
            }
            Step::Leave(element) => {
                self.flush(false);
                let _ = self.open.pop();
                self.out.push_str("</");
                self.name(element);
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

    /// Gives what a name without a prefix means from here on.
    fn start(&mut self, element: Element<'d>) -> &'d str {
        let mut default = self.open.last().map_or("", |open| open.default);
        self.out.push('<');
        self.name(element);
        if element.ns() != default && element.ns() != XML {
            default = element.ns();
            self.attribute("xmlns", default);
        }
        let class = class_of(element);
        let mut attrs: Vec<_> = element.attrs().map(|attr| (attr.ns(), attr.local(), attr)).collect();
        attrs.sort_unstable_by_key(|(ns, local, _)| (*ns, *local));
        // Sorted by it, the attributes of one namespace stand together: each is declared once, then written by number.
        let is_named = |ns: &str| !ns.is_empty() && ns != XML;
        let mut number = 0;
        let mut last = "";
        for (ns, _, _) in attrs.iter().filter(|(ns, ..)| is_named(ns)) {
            if *ns != last {
                self.attribute(&format!("xmlns:n{number}"), ns);
                (number, last) = (number + 1, ns);
            }
        }
        (number, last) = (0, "");
        for (ns, local, attr) in attrs {
            if is_named(ns) && ns != last {
                (number, last) = (number + 1, ns);
            }
            let name = match ns {
                "" => Cow::Borrowed(local),
                XML => Cow::Owned(format!("xml:{local}")),
                _ => Cow::Owned(format!("n{}:{local}", number - 1)),
            };
            let value = attr.value();
            match ns {
                XSI if local == "type" => self.attribute(&name, &expanded(element, &value)),
                XML | XSI => self.attribute(&name, value.trim_matches(is_space)),
                // Senders pad values of ours; what others mean by a blank is not known.
                "" if class.is_some() => self.attribute(&name, value.trim_matches(is_space)),
                _ => self.attribute(&name, &value),
            }
        }
        self.out.push('>');
        default
    }

    /// Nothing but its own prefix may stand for XML's namespace (Namespaces in XML §3).
    fn name(&mut self, element: Element<'_>) {
        if element.ns() == XML {
            self.out.push_str("xml:");
        }
        self.out.push_str(element.local());
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

pub(super) fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// A time with a zone in UTC; what has none, or is none, as it stands.
pub(super) fn in_utc(text: &str) -> Cow<'_, str> {
    // The end of a day is the next one's beginning (XML Schema 1.0 part 2 §3.2.7), and chrono has no such hour.
    let midnight = text.contains("T24:00:00").then(|| text.replacen("T24:", "T00:", 1));
    let stamp = Stamp::parse(midnight.as_deref().unwrap_or(text)).filter(|stamp| stamp.zoned);
    let days = TimeDelta::days(midnight.is_some().into());
    let is_whole = |at: &DateTime<Utc>| midnight.is_none() || at.timestamp_subsec_nanos() == 0;
    match stamp.and_then(|stamp| stamp.at.checked_add_signed(days)).filter(is_whole) {
        Some(at) => Cow::Owned(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => Cow::Borrowed(text),
    }
}

/// A qualified name in a value, `{uri}local`: its prefix is as free as any.
pub(super) fn expanded<'v>(element: Element<'_>, value: &str) -> Cow<'v, str> {
    let value = value.trim_matches(is_space);
    let (prefix, local) = value.split_once(':').unwrap_or(("", value));
    match element.namespace_of(prefix) {
        Some(uri) if !uri.is_empty() && !value.starts_with('{') => Cow::Owned(format!("{{{uri}}}{local}")),
        _ => Cow::Owned(value.to_owned()),
    }
}
