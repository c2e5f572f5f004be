//! The document as a whole: version, declaration, private values.

use super::token;
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;

pub fn check<'d>(root: Element<'d>, notes: &mut Notes<'d>) {
    match root.attr("version") {
        None => notes.add(notes.at(&rule::NO_VERSION, root).fix(|| Fix::set(root, "version", "2.00"))),
        Some(version) if notes.reads() && version == "2.0" => {
            notes.add(notes.at(&rule::TEXT_FORM, root).of("version").fix(|| Fix::set(root, "version", "2.00")));
        }
        Some(_) => {}
    }
    if notes.reads()
        && let Some(lang) = root.attr("lang")
    {
        let lang = lang.into_owned();
        let mut fix = Fix::set(root, "xml:lang", &lang);
        fix.edits.extend(Fix::drop_attribute(root, "lang").edits);
        notes.add(notes.at(&rule::TEXT_FORM, root).of("lang").fix(|| fix));
    }
    if !notes.document.text().trim_start_matches('\u{feff}').starts_with("<?xml") {
        notes.add(notes.at(&rule::NO_DECLARATION, root));
    }
    if root.attr("private-enum-id").is_some() && token(root, "private-enum-name", "").is_empty() {
        notes.add(notes.at(&rule::PRIVATE_ID, root).of("private-enum-id"));
    }
}
