//! A template of one's own: what of a draft is the same next time. What tells this incident from another goes: its names,
//! times, evidence, what was seen and what was said of it; who reports, what it does and what is asked for stay.

use crate::compose::form::{class_of, text_of};
use crate::iodef::schema::Type;
use crate::iodef::{Document, Element, NodeId, Refused};

/// Classes that go with all that is in them.
const GOES: &[&str] = &["AlternativeID", "RelatedActivity", "History", "Record", "AdditionalData", "Discovery"];
/// Optional times of this incident.
const TIMES: &[&str] = &[
    "DetectTime",
    "StartTime",
    "EndTime",
    "RecoveryTime",
    "ReportTime",
    "DateTime",
    "DateDomainWasChecked",
    "RegistrationDate",
    "ExpirationDate",
];
/// Classes whose texts stay.
const STAYS: &[&str] = &["Contact", "Expectation", "IncidentCategory"];
/// Roles of contacts that are of this incident.
const OTHERS: &[&str] = &["victim", "victim-notified", "user", "provider"];

/// The document without what identifies its incident: the fields are there, and empty.
///
/// # Errors
/// When it cannot be written so.
pub fn stripped(document: &Document) -> Result<Document, Refused> {
    let mut document = document.clone();
    let gone: Vec<NodeId> = document.root().descendants().filter(|element| goes(*element)).map(Element::id).collect();
    if !gone.is_empty() {
        let _ = document.remove_all(&gone)?;
    }
    let said: Vec<(NodeId, Vec<String>, bool)> =
        document.root().descendants().filter_map(said).collect::<Vec<_>>().into_iter().rev().collect();
    for (node, attributes, text) in said {
        for name in attributes {
            let _ = document.remove_attr(node, &name)?;
        }
        if text {
            let _ = document.set_text(node, "")?;
        }
    }
    let text = without_comments(&document);
    Document::read(text, &[])
}

fn goes(element: Element<'_>) -> bool {
    if !element.is_iodef() {
        return false;
    }
    let is_others = || element.attr("role").is_some_and(|role| OTHERS.contains(&role.trim()));
    let top = element.parent().is_some_and(|parent| parent.is("Incident"));
    // The one contact there must be stays.
    let is_only = || element.parent().is_some_and(|parent| parent.children_named("Contact").count() == 1);
    GOES.contains(&element.local())
        || TIMES.contains(&element.local())
        || (element.is("Contact") && is_others() && !(top && is_only()))
}

/// What an element says of this incident: attributes that go, and whether its text does.
fn said(element: Element<'_>) -> Option<(NodeId, Vec<String>, bool)> {
    if element.ancestors().any(|outer| outer.is_iodef() && STAYS.contains(&outer.local())) {
        return None;
    }
    let free = |name: &&str| element.attr(name).is_some();
    let attributes = ["interface", "meaning", "instance", "vlan-name", "vlan-num", "translation-id"];
    let attributes: Vec<String> = attributes.iter().filter(|name| free(name)).map(|name| (*name).to_owned()).collect();
    let blank = element.children().next().is_none()
        && !element.text().is_empty()
        // A name that others may refer to stays one.
        && !matches!(class_of(element).and_then(text_of), Some(Type::Id));
    (blank || !attributes.is_empty()).then_some((element.id(), attributes, blank))
}

/// What is remarked in a document is remarked about its incident.
fn without_comments(document: &Document) -> String {
    let mut text = String::with_capacity(document.text().len());
    let mut rest = document.text();
    while let Some((before, after)) = rest.split_once("<!--") {
        // In a section of characters it is no comment; there is none left, since texts were written anew.
        text.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text
}
