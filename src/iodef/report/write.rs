//! The document of a checked report, in schema order (RFC 7970 §3.2).

use std::io;

use chrono::SecondsFormat;
use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};

use super::{Checked, Report};
use crate::iodef::NS;
use crate::iodef::observable::category;
use crate::model::{Severity, Typed};

type Out = Writer<Vec<u8>>;

/// Every text in `checked` has passed the character check; quick-xml escapes the rest.
pub fn document(report: &Report, checked: &Checked) -> io::Result<Vec<u8>> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    let root = [("xmlns", NS), ("version", "2.00"), ("xml:lang", checked.lang.as_str())];
    nest(&mut out, "IODEF-Document", &root, |out| {
        let restriction = report.restriction.token().unwrap_or("private");
        let attributes = [("purpose", report.purpose.token()), ("restriction", restriction)];
        nest(out, "Incident", &attributes, |out| incident(out, report, checked))
    })?;
    Ok(out.into_inner())
}

fn incident(out: &mut Out, report: &Report, checked: &Checked) -> io::Result<()> {
    leaf(out, "IncidentID", &[("name", &checked.csirt)], &checked.id)?;
    leaf(out, "GenerationTime", &[], &report.generated.to_rfc3339_opts(SecondsFormat::Secs, true))?;
    leaf(out, "Description", &[], &checked.description)?;
    assessment(out, report)?;
    let contact = [("role", report.contact.role.token()), ("type", report.contact.kind.token())];
    nest(out, "Contact", &contact, |out| {
        if !checked.name.is_empty() {
            leaf(out, "ContactName", &[], &checked.name)?;
        }
        match &checked.email {
            Some(email) => nest(out, "Email", &[], |out| leaf(out, "EmailTo", &[], email)),
            None => Ok(()),
        }
    })?;
    if checked.addresses.is_empty() {
        return Ok(());
    }
    nest(out, "EventData", &[], |out| {
        nest(out, "Flow", &[], |out| {
            checked.addresses.iter().try_for_each(|address| {
                nest(out, "System", &[("category", report.part.token())], |out| {
                    nest(out, "Node", &[], |out| node(out, address))
                })
            })
        })
    })
}

/// An Assessment needs an impact; with nothing to say of it there is none.
fn assessment(out: &mut Out, report: &Report) -> io::Result<()> {
    if report.severity == Severity::Unknown && report.completion.is_none() {
        return Ok(());
    }
    let severity = report.severity.token().map(|token| ("severity", token));
    let completion = report.completion.map(|completion| ("completion", completion.token()));
    let attributes: Vec<_> = severity.into_iter().chain(completion).chain([("type", "unknown")]).collect();
    nest(out, "Assessment", &[], |out| {
        out.create_element("SystemImpact").with_attributes(attributes).write_empty().map(|_| ())
    })
}

fn node(out: &mut Out, address: &Typed) -> io::Result<()> {
    let value = address.to_string();
    match category(address) {
        Some(category) => leaf(out, "Address", &[("category", category)], &value),
        // Always set, since the RFC's text demands what its schema does not (`DATA-MODEL.md` §10).
        None => nest(out, "DomainData", &[("system-status", "unknown"), ("domain-status", "unknown")], |out| {
            leaf(out, "Name", &[], &value)
        }),
    }
}

fn leaf(out: &mut Out, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
    let element = out.create_element(name).with_attributes(attributes.iter().copied());
    element.write_text_content(BytesText::new(text)).map(|_| ())
}

fn nest(
    out: &mut Out,
    name: &str,
    attributes: &[(&str, &str)],
    inside: impl FnOnce(&mut Out) -> io::Result<()>,
) -> io::Result<()> {
    let start = quick_xml::events::BytesStart::new(name).with_attributes(attributes.iter().copied());
    out.write_event(Event::Start(start.borrow()))?;
    inside(out)?;
    out.write_event(Event::End(start.to_end()))
}
