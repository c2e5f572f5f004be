//! What has no home in a format, as plain text a person can still read there: classes, attributes and texts, indented.

use std::fmt::Write as _;

use crate::iodef::Element;
use crate::text;

/// Longest outline of one export, in characters: a note is to be read, and the document is there for the rest.
const MOST: usize = 30_000;

/// An outline of `elements`; the second is whether it was cut.
#[must_use]
pub fn outline(elements: &[Element<'_>]) -> (String, bool) {
    let mut out = String::new();
    for top in elements {
        let depth = top.ancestors().count();
        for element in std::iter::once(*top).chain(top.descendants()) {
            if out.len() > MOST {
                return (out, true);
            }
            line(&mut out, element, element.ancestors().count() - depth);
        }
    }
    (out, false)
}

fn line(out: &mut String, element: Element<'_>, depth: usize) {
    if !out.is_empty() {
        out.push('\n');
    }
    let name = text::line_within(element.local(), 80);
    let _ = write!(out, "{:indent$}{name}", "", indent = depth.min(20) * 2);
    for attr in element.attrs() {
        let (name, value) = (text::line_within(attr.local(), 80), text::line_within(&attr.value(), 400));
        let _ = write!(out, " {name}={value}");
    }
    let own = text::line_within(&element.text(), 2_000);
    if !own.is_empty() {
        let _ = write!(out, ": {own}");
    }
}
