//! Systems and networks: whether an address is one of its category, a port has a protocol, a flow's ends pair up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{has, token};
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;
use crate::iodef::observable;
use crate::iodef::schema::{Profile, Type};
use crate::model::Reserved;
use crate::model::typed::{self, Typed, refang};

pub fn node<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if !has(element, &["DomainData", "Address"]) {
        notes.add(notes.at(&rule::EMPTY_NODE, element));
    }
}

/// An address is of its category (RFC 7970 §3.18.1); without one it is `ipv6-addr`.
pub fn address<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let category = token(element, "category", "ipv6-addr");
    let text = element.trimmed();
    let in_nameservers = element.parent().is_some_and(|parent| parent.is("Nameservers"));
    if in_nameservers && !matches!(&*category, "ipv4-addr" | "ipv6-addr") {
        notes.add(notes.at(&rule::NAMESERVER, element).of("category").with("value", &category));
    }
    let ip = match &*category {
        "ipv4-addr" => text.parse().ok().map(IpAddr::V4),
        "ipv6-addr" => text.parse().ok().map(IpAddr::V6),
        _ => None,
    };
    if ip.is_some() || fits(&category, &text) {
        if let Some(kind) = ip.or_else(|| text.parse().ok()).and_then(Reserved::address) {
            notes.add(notes.at(&rule::RESERVED, element).with("value", &text).with("kind", kind.token()));
        }
        return;
    }
    let clean = refang(&text);
    if clean != *text && fits(&category, &clean) {
        notes.add(notes.at(&rule::DEFANGED, element).with("value", &text).fix(|| Fix::text(element, &clean)));
        return;
    }
    let made = notes.at(&rule::ADDRESS, element).with("value", &text).with("category", &category);
    let meant = Typed::read(&text).as_ref().and_then(observable::category);
    notes.add(match meant {
        Some(meant) if meant != category && fits(meant, &text) => made.fix(|| Fix::set(element, "category", meant)),
        _ => made,
    });
}

/// Whether a text is of a category of `Address`; private and unknown categories take any.
pub fn fits(category: &str, text: &str) -> bool {
    let masked = |separator| text.chars().all(|c| c.is_ascii_hexdigit() || c == 'x' || c == separator || c == '/');
    match category {
        "asn" => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok(),
        "e-mail" => matches!(Typed::read(text), Some(Typed::Email(_))) && !text.contains(char::is_whitespace),
        "mac" => {
            let parts: Vec<_> = text.split(':').collect();
            parts.len() == 6 && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()))
        }
        "ipv4-addr" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6-addr" => text.parse::<Ipv6Addr>().is_ok(),
        "ipv4-net" => text.contains('/') && text.parse::<ipnet::Ipv4Net>().is_ok(),
        "ipv6-net" => text.contains('/') && text.parse::<ipnet::Ipv6Net>().is_ok(),
        "ipv4-net-mask" => text
            .split_once('/')
            .is_some_and(|(ip, mask)| ip.parse::<Ipv4Addr>().is_ok() && mask.parse::<Ipv4Addr>().is_ok()),
        "ipv6-net-mask" => text
            .split_once('/')
            .is_some_and(|(ip, mask)| ip.parse::<Ipv6Addr>().is_ok() && mask.parse::<Ipv6Addr>().is_ok()),
        "ipv4-net-masked" => masked('.') && text.split('/').next().is_some_and(|ip| ip.split('.').count() == 4),
        "ipv6-net-masked" => masked(':') && text.contains(':'),
        "site-uri" => Type::AnyUri.holds(text, Profile::Published) && text.contains(':') && !text.contains(' '),
        _ => true,
    }
}

/// `DomainData/Name` is a domain.
pub fn domain<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let text = element.trimmed();
    if !element.parent().is_some_and(|parent| parent.is("DomainData")) || typed::domain(&text).is_some() {
        return;
    }
    let made = notes.at(&rule::DOMAIN, element).with("value", &text);
    let clean = refang(&text);
    notes.add(if typed::domain(&clean).is_some() { made.fix(|| Fix::text(element, &clean)) } else { made });
}

/// A port or field belongs to a protocol (RFC 7970 §3.20).
pub fn service<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let parts = ["Port", "Portlist", "ProtoCode", "ProtoType", "ProtoField"];
    match element.attr("ip-protocol") {
        None if has(element, &parts) => {
            let of = element.children().find(|child| parts.contains(&child.local())).unwrap_or(element);
            let made =
                notes.at(&rule::PORT_NEEDS_PROTOCOL, element).with("child", of.local()).with("value", of.text().trim());
            notes
                .add(made.fix(|| Fix::set(element, "ip-protocol", "6")).fix(|| Fix::set(element, "ip-protocol", "17")));
        }
        Some(number) if number.trim().parse::<i64>().is_ok_and(|number| !(0..=255).contains(&number)) => {
            notes.add(notes.at(&rule::PROTOCOL_RANGE, element).of("ip-protocol").with("value", &number));
        }
        _ => {}
    }
    for child in element.children().filter(|child| matches!(child.local(), "Port" | "Portlist")) {
        let text = child.text();
        let bad = text.split([',', '-']).any(|port| {
            let port = port.trim().trim_start_matches('+');
            !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit() || b == b'-') && port.parse::<u16>().is_err()
        });
        let backwards = text.split(',').any(|range| {
            let ends = range.split_once('-').map(|(from, to)| (from.trim().parse::<u32>(), to.trim().parse::<u32>()));
            matches!(ends, Some((Ok(from), Ok(to))) if from > to)
        });
        if bad || backwards || text.trim().starts_with('-') {
            notes.add(notes.at(&rule::PORT_RANGE, child).with("value", text.trim()));
        }
    }
}

/// The lists of ports of a flow's ends pair up: as many of them, in one order, between one source and one target.
pub fn flow<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if element.children_named("System").nth(1).is_none() {
        return;
    }
    let ends = |category: &str| -> Vec<Element<'d>> {
        element.children_named("System").filter(|system| token(*system, "category", "") == category).collect()
    };
    let (sources, targets) = (ends("source"), ends("target"));
    let list = |systems: &[Element<'d>]| -> Option<(Element<'d>, usize)> {
        let mut lists = systems
            .iter()
            .flat_map(|system| system.children_named("Service"))
            .filter_map(|service| service.child("Portlist"));
        let list = lists.next()?;
        Some((list, count(&list.text())?))
    };
    let (Some((_, from)), Some((at, to))) = (list(&sources), list(&targets)) else { return };
    let many = from > 1 && to > 1;
    let crowded = sources.len() > 1 || targets.len() > 1;
    if many && (from != to || crowded) {
        let made = notes.at(&rule::PORTLISTS, at).with("sources", &from.to_string()).with("targets", &to.to_string());
        notes.add(made);
    }
}

/// How many ports a list names.
fn count(list: &str) -> Option<usize> {
    list.split(',').try_fold(0usize, |sum, range| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (from, to) = (from.trim().parse::<usize>().ok()?, to.trim().parse::<usize>().ok()?);
        sum.checked_add(to.checked_sub(from)?.checked_add(1)?)
    })
}

/// An interface is one machine's, so it says nothing of a network.
pub fn system<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let Some(node) = element.child("Node").filter(|_| element.attr("interface").is_some()) else { return };
    if node.children_named("Address").any(|address| token(address, "category", "").contains("-net")) {
        notes
            .add(notes.at(&rule::INTERFACE, element).of("interface").fix(|| Fix::drop_attribute(element, "interface")));
    }
}
