//! What each class of v1 becomes (`DATA-MODEL.md` §11).

use std::borrow::Cow;

use super::{Piece, What, Work};
use crate::iodef::NS_V1;
use crate::iodef::doc::{Content, Element};
use crate::iodef::edit::Fragment;
use crate::iodef::schema::Name;
use crate::iodef::xml::{BYTES, XML};

const ENUMERATION: &str = "urn:ietf:params:xml:ns:iodef-enum-1.0";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Classes with elements in them, of the same name in v2.
const CLASSES: [&str; 18] = [
    "AlternativeID",
    "Assessment",
    "Contact",
    "EventData",
    "Expectation",
    "Flow",
    "History",
    "HistoryItem",
    "Incident",
    "IODEF-Document",
    "Method",
    "Node",
    "Record",
    "RecordData",
    "Reference",
    "RelatedActivity",
    "Service",
    "System",
];
/// Elements whose text and attributes are the same in v2.
const LEAVES: [&str; 20] = [
    "ContactName",
    "DateTime",
    "Description",
    "DetectTime",
    "EndTime",
    "IncidentID",
    "Location",
    "MonetaryImpact",
    "Port",
    "Portlist",
    "ProtoCode",
    "ProtoField",
    "ProtoType",
    "RecordPattern",
    "RegistryHandle",
    "StartTime",
    "TimeImpact",
    "Timezone",
    "URL",
    "ReportTime",
];

pub enum Mapped {
    Leaf(Vec<Piece>),
    /// A class of v2, its attributes, and children that come of the element itself.
    Class(&'static str, Fragment, Vec<Piece>),
    Unknown,
}

/// Whether the children of such an element are mapped one by one.
pub fn is_class(local: &str) -> bool {
    CLASSES.contains(&local)
}

pub fn is_extension(element: Element<'_>) -> bool {
    matches!(element.local(), "AdditionalData" | "RecordItem")
}

pub fn piece(work: &mut Work, element: Element<'_>) -> Mapped {
    if element.ns() != NS_V1 {
        return Mapped::Unknown;
    }
    let local = element.local();
    // Only a bent document has elements where text is meant; software has one by the schema.
    let is_software = matches!(local, "Application" | "OperatingSystem");
    let strangers = element.children().skip_while(|child| is_software && child.is("URL")).count();
    if !is_class(local) && !is_extension(element) && (strangers > 0 || element.children().count() > 1) {
        return Mapped::Unknown;
    }
    if let Some(same) = LEAVES.iter().find(|known| **known == local) {
        return leaf(work, element, same);
    }
    match local {
        "AdditionalData" => Mapped::Leaf(vec![extension(work, element, "AdditionalData")]),
        "RecordItem" => Mapped::Leaf(vec![extension(work, element, "RecordItem")]),
        "Confidence" => confidence(work, element),
        "Counter" => counter(work, element),
        "Email" => Mapped::Leaf(vec![means(element, "Email", "EmailTo", None)]),
        "Telephone" => Mapped::Leaf(vec![means(element, "Telephone", "TelephoneNumber", None)]),
        "Fax" => Mapped::Leaf(vec![means(element, "Telephone", "TelephoneNumber", Some("fax"))]),
        "PostalAddress" => Mapped::Leaf(vec![means(element, "PostalAddress", "PAddress", None)]),
        "Address" => {
            let default = element.attr("category").is_none().then_some("ipv4-addr");
            let address = attributes(work, element, Fragment::leaf("Address", element.text()));
            Mapped::Leaf(vec![Piece::new(
                "Address",
                default.into_iter().fold(address, |one, is| one.attr("category", is)),
            )])
        }
        "NodeName" => domain(work, element),
        "NodeRole" => {
            let role = attributes(work, element, Fragment::new("NodeRole"));
            Mapped::Leaf(vec![Piece::new("NodeRole", described(role, element))])
        }
        "ReferenceName" => reference(work, element),
        "Application" => software(work, element, "Application"),
        "OperatingSystem" => software(work, element, "OperatingSystem"),
        "Impact" => impact(work, element),
        _ => match CLASSES.iter().find(|known| **known == local) {
            Some(same) => class(work, element, same),
            None => Mapped::Unknown,
        },
    }
}

fn class(work: &mut Work, element: Element<'_>, local: &'static str) -> Mapped {
    let mut own = Vec::new();
    if let Some(report) = element.child("ReportTime").filter(|_| local == "Incident") {
        work.note(What::GenerationTime, report);
        own.push(Piece::new("GenerationTime", Fragment::leaf("GenerationTime", report.trimmed())));
    }
    let text = element.trimmed();
    if !text.is_empty() {
        work.note(What::Kept, element);
        let data = Fragment::leaf("AdditionalData", text).attr("dtype", "string");
        own.push(Piece::new("AdditionalData", data.attr("meaning", format!("IODEF v1 {local}"))));
    }
    Mapped::Class(local, attributes(work, element, Fragment::new(local)), own)
}

fn leaf(work: &mut Work, element: Element<'_>, local: &'static str) -> Mapped {
    // When a host name was looked up (RFC 5070 §3.16); without a name there is nothing it could be said of.
    if let Some(node) = element.parent().filter(|parent| local == "DateTime" && parent.is("Node")) {
        let is_first = checked_at(node) == Some(element);
        let mut names = node.children().take(BESIDE).filter(|child| child.is("NodeName"));
        let is_said = names.any(|name| name.children().next().is_none());
        return if is_first && is_said { Mapped::Leaf(Vec::new()) } else { Mapped::Unknown };
    }
    let text = match local {
        "Description" | "ContactName" | "Location" | "RecordPattern" => element.text(),
        _ => element.trimmed(),
    };
    Mapped::Leaf(vec![Piece::new(local, attributes(work, element, Fragment::leaf(local, text)))])
}

/// Attributes under their new names.
pub fn attributes(work: &mut Work, element: Element<'_>, mut to: Fragment) -> Fragment {
    for attr in element.attrs() {
        let value = attr.value();
        let own = |name: &str| element.attr(name).is_some();
        to = match (attr.ns(), attr.local()) {
            // What a schema's place was; of no use, and never fetched.
            (XSI, _) => to,
            ("", "version") if element.is("IODEF-Document") => to,
            ("", "lang") if element.attr_ns(XML, "lang").is_none() => to.lang(value),
            ("", "formatid") if element.is("IODEF-Document") && !own("format-id") => to.attr("format-id", value),
            ("", "ip_protocol") if !own("ip-protocol") => to.attr("ip-protocol", value),
            ("", "lang" | "ip_protocol") => {
                work.note(What::Attribute, element);
                to
            }
            ("", local) => to.attr(local, value),
            (XML, local) => to.attr_ns(XML, local, value),
            (ns, local) => {
                work.note(What::Attribute, element);
                work.copied += ns.len();
                if work.copied > BYTES { to } else { to.attr_ns(ns, local, value) }
            }
        };
    }
    to
}

/// A description of an element's own text, if there is any, in its language.
fn described(to: Fragment, element: Element<'_>) -> Fragment {
    let text = element.trimmed();
    if text.is_empty() { to } else { to.with(Fragment::leaf("Description", text)) }
}

/// An extension with what is in it: foreign elements with their namespaces.
fn extension(work: &mut Work, element: Element<'_>, local: &'static str) -> Piece {
    let mut data = attributes(work, element, Fragment::new(local)).text("");
    let around = element.in_force();
    for part in element.content() {
        data = match part {
            Content::Element(child) => work.copy(child, &around).into_iter().fold(data, Fragment::with),
            Content::Text(text) | Content::CData(text) => data.text(text),
            Content::Comment(words) => data.comment(words),
            Content::Instruction(_) => data,
        };
    }
    Piece::new(local, data)
}

/// Only a number goes with `numeric`, and nothing with the others (RFC 7970 §3.12.5).
fn confidence(work: &mut Work, element: Element<'_>) -> Mapped {
    let confidence = attributes(work, element, Fragment::new("Confidence"));
    let text = element.trimmed();
    if text.is_empty() {
        return Mapped::Leaf(vec![Piece::new("Confidence", confidence)]);
    }
    if text.parse::<f32>().is_ok() {
        return Mapped::Leaf(vec![Piece::new("Confidence", confidence.text(text))]);
    }
    work.note(What::Kept, element);
    Mapped::Leaf(vec![Piece::new("Confidence", confidence), work.kept(element)])
}

/// v1's type is what v2 calls the unit.
fn counter(work: &mut Work, element: Element<'_>) -> Mapped {
    work.note(What::Counter, element);
    let kind = if element.attr("duration").is_some() { "rate" } else { "counter" };
    let mut counter = Fragment::leaf("Counter", element.trimmed()).attr("type", kind);
    for attr in element.attrs().filter(|attr| attr.ns().is_empty()) {
        let name = match attr.local() {
            "type" => "unit",
            "ext-type" => "ext-unit",
            "unit" | "ext-unit" => continue,
            same => same,
        };
        counter = counter.attr(name, attr.value());
    }
    Mapped::Leaf(vec![Piece::new("Counter", counter)])
}

/// A way to reach a contact: the text in an element of its own, the meaning in words.
fn means(element: Element<'_>, local: &'static str, inner: &'static str, kind: Option<&str>) -> Piece {
    let mut value = Fragment::leaf(inner, element.trimmed());
    if let Some(tag) = element.attr("lang") {
        value = value.lang(tag);
    }
    let mut outer = Fragment::new(local);
    if let Some(kind) = kind {
        outer = outer.attr("type", kind);
    }
    outer = outer.with(value);
    if let Some(meaning) = element.attr("meaning") {
        outer = outer.with(Fragment::leaf("Description", meaning));
    }
    Piece::new(local, outer)
}

/// Children of a node among which its time is looked for: each name asks, and a hostile node has many.
const BESIDE: usize = 64;

/// When the names of a node were looked up.
fn checked_at(node: Element<'_>) -> Option<Element<'_>> {
    node.children().take(BESIDE).find(|child| child.is("DateTime"))
}

fn domain(work: &mut Work, element: Element<'_>) -> Mapped {
    work.note(What::DomainStatus, element);
    let checked = element.parent().and_then(checked_at);
    let mut domain = Fragment::new("DomainData")
        .attr("system-status", "unknown")
        .attr("domain-status", "unknown")
        .with(Fragment::leaf("Name", element.trimmed()));
    if let Some(checked) = checked {
        domain = domain.with(Fragment::leaf("DateDomainWasChecked", checked.trimmed()));
    }
    Mapped::Leaf(vec![Piece::new("DomainData", domain)])
}

/// A CVE is an id of RFC 7495's first list; another name is told in words.
fn reference(work: &mut Work, element: Element<'_>) -> Mapped {
    let name = element.trimmed();
    let is_cve = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_cve {
        let id = Fragment::foreign(ENUMERATION, "enum", "ID").text(name);
        let fragment = Fragment::foreign(ENUMERATION, "enum", "ReferenceName").attr("specIndex", "1").with(id);
        return Mapped::Leaf(vec![Piece { name: Name { ns: ENUMERATION, local: "ReferenceName" }, fragment }]);
    }
    work.note(What::ReferenceName, element);
    Mapped::Leaf(vec![Piece::new("Description", attributes(work, element, Fragment::leaf("Description", name)))])
}

/// v2 names software by reference or in words; v1 had six attributes.
fn software(work: &mut Work, element: Element<'_>, local: &'static str) -> Mapped {
    work.note(What::Software, element);
    let said = |name| element.attr(name).filter(|value| !value.trim().is_empty());
    let mut words: Vec<Cow<'_, str>> =
        ["vendor", "family", "name", "version", "patch"].into_iter().filter_map(said).collect();
    for id in ["swid", "configid"] {
        if let Some(value) = said(id).filter(|value| value != "0") {
            words.push(format!("({id} {value})").into());
        }
    }
    let mut software = Fragment::new(local);
    if let Some(url) = element.child("URL") {
        software = software.with(Fragment::leaf("URL", url.trimmed()));
    }
    if !words.is_empty() {
        software = software.with(Fragment::leaf("Description", words.join(" ")));
    }
    Mapped::Leaf(vec![Piece::new(local, software)])
}

/// The near word of RFC 7970 §3.12.1 where there is one. The old word is kept beside it, as the category of the incident.
fn impact(work: &mut Work, element: Element<'_>) -> Mapped {
    let own = element.attr("type").map_or(Cow::Borrowed("unknown"), |kind| Cow::Owned(kind.trim().to_owned()));
    let mut impact = Fragment::new("SystemImpact");
    for name in ["severity", "completion"] {
        if let Some(value) = element.attr(name) {
            impact = impact.attr(name, value);
        }
    }
    let near = match &*own {
        "admin" => Some("takeover-system"),
        "dos" => Some("availability-service"),
        "file" => Some("integrity-data"),
        "policy" => Some("policy"),
        "user" => Some("takeover-account"),
        "unknown" => Some("unknown"),
        _ => None,
    };
    let private = if own == "ext-value" { element.attr("ext-type").unwrap_or_default() } else { own.clone() };
    impact = match near {
        Some(near) => impact.attr("type", near),
        None => impact.attr("type", "ext-value").attr("ext-type", private.clone()),
    };
    let text = element.trimmed();
    if !text.is_empty() {
        let words = Fragment::leaf("Description", text);
        impact = impact.with(match element.attr("lang") {
            Some(tag) => words.lang(tag),
            None => words,
        });
    }
    let mut pieces = vec![Piece::new("SystemImpact", impact)];
    if !matches!(&*own, "unknown" | "policy") {
        work.note(What::Impact, element);
        pieces.push(Piece::new("IncidentCategory", Fragment::leaf("IncidentCategory", private)));
    }
    Mapped::Leaf(pieces)
}
