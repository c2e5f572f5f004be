//! Indicators: what they consist of, what they refer to, what stands in a bulk list.

use super::{Around, has, network, token};
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;
use crate::iodef::schema;
use crate::iodef::schema::value::collapse;
use crate::model::{Stamp, typed};

/// Lines of a bulk list that are told of one by one.
const LINES: usize = 20;

/// Exactly one thing is observed (RFC 7970 §3.29.3); the schema takes none, and any number of extensions.
pub fn observable<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let children = element.children().count();
    if children != 1 {
        notes.add(notes.at(&rule::NO_OBSERVABLE, element).with("found", &children.to_string()));
    }
}

pub fn format<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if !has(element, &["Hash", "AdditionalData"]) {
        notes.add(notes.at(&rule::NOTHING_INSIDE, element).fix(|| Fix::remove(element)));
    }
}

/// One value a line, of the list's type (RFC 7970 §3.29.3.1).
pub fn bulk<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let of = token(element, "type", "");
    if of == "file-hash" && element.child("BulkObservableFormat").and_then(|format| format.child("Hash")).is_none() {
        notes.add(notes.at(&rule::BULK_FORMAT, element).of("type"));
    }
    let Some(list) = element.child("BulkObservableList") else { return };
    let text = list.text();
    let mut found = false;
    let mut told = 0;
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())) {
        if line.is_empty() {
            continue;
        }
        found = true;
        if told < LINES && !is_line(&of, line) {
            told += 1;
            let made = notes
                .at(&rule::BULK_LINE, list)
                .with("line", &number.to_string())
                .with("value", line)
                .with("type", &of);
            notes.add(made);
        }
    }
    if !found {
        notes.add(notes.at(&rule::BULK_EMPTY, list));
    }
}

/// Whether a line is a value of a list's type; types that are any text take any.
fn is_line(of: &str, line: &str) -> bool {
    let parts: Vec<&str> = line.split(',').map(str::trim).collect();
    let domain = |text: &str| typed::domain(text).is_some();
    let port = |text: &str| text.parse::<u16>().is_ok();
    match (of, parts.as_slice()) {
        ("asn" | "atm" | "e-mail" | "mac" | "ipv4-addr" | "ipv4-net" | "ipv4-net-mask", _)
        | ("ipv6-addr" | "ipv6-net" | "ipv6-net-mask" | "site-uri", _) => network::fits(of, line),
        ("domain-name" | "fqdn", _) => domain(line),
        ("domain-to-ipv4", [name, ip]) => domain(name) && network::fits("ipv4-addr", ip),
        ("domain-to-ipv6", [name, ip]) => domain(name) && network::fits("ipv6-addr", ip),
        ("domain-to-ipv4-timestamp", [name, ip, time]) => {
            domain(name) && network::fits("ipv4-addr", ip) && Stamp::parse(time).is_some()
        }
        ("domain-to-ipv6-timestamp", [name, ip, time]) => {
            domain(name) && network::fits("ipv6-addr", ip) && Stamp::parse(time).is_some()
        }
        ("ipv4-port", [ip, number, protocol]) => network::fits("ipv4-addr", ip) && port(number) && !protocol.is_empty(),
        ("ipv6-port", [ip, number, protocol]) => network::fits("ipv6-addr", ip) && port(number) && !protocol.is_empty(),
        ("domain-to-ipv4" | "domain-to-ipv6" | "domain-to-ipv4-timestamp" | "domain-to-ipv6-timestamp", _)
        | ("ipv4-port" | "ipv6-port", _) => false,
        _ => true,
    }
}

const OPERANDS: [&str; 4] = ["IndicatorExpression", "Observable", "ObservableReference", "IndicatorReference"];

/// `not` has one operand: of several nobody says how they are joined (RFC 7970 §3.29.5).
pub fn expression<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let operands = element.children().filter(|child| OPERANDS.contains(&child.local())).count();
    if token(element, "operator", "and") == "not" && operands != 1 {
        notes.add(notes.at(&rule::NOT_OPERANDS, element).of("operator").with("found", &operands.to_string()));
    }
}

/// A reference hits something of the right kind; that it hits anything is the schema's matter.
pub fn reference<'d>(element: Element<'d>, around: &Around<'d>, notes: &mut Notes<'d>) {
    let inside = element.attr("uid-ref");
    if element.local() == "IndicatorReference" && inside.is_some() == element.attr("euid-ref").is_some() {
        notes.add(notes.at(&rule::REFERENCE_ONE, element));
    }
    let Some(id) = inside else { return };
    let Some(target) = around.named(&collapse(&id)) else { return };
    let is_indicator = target.local() == "IndicatorID";
    let wanted = element.local() == "IndicatorReference";
    let fine = if wanted { is_indicator } else { !is_indicator && is_observable(target) };
    if !fine {
        notes.add(
            notes.at(&rule::REFERENCE_KIND, element).of("uid-ref").with("value", &id).with("target", target.local()),
        );
    }
}

fn is_observable(element: Element<'_>) -> bool {
    schema::class(element.local()).is_some_and(schema::Class::is_observable)
}
