//! The guard's findings and the hints in the form of preflight.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Finding, REASON, Said};
use crate::compose::hints::{Hint, MOST};
use crate::compose::paste;
use crate::compose::preflight::{self, Place, Weight};
use crate::model::{Observable, ObservableKind, Reserved, Say};
use crate::text;

/// Each blocks until a reason is given for its value, and is told from then on.
#[must_use]
pub fn told(findings: Vec<Finding>, reasons: &dyn Fn(&str, &str) -> bool) -> Vec<preflight::Finding> {
    let made = |finding: Finding| {
        let place = Place::Element(finding.said.node);
        let made =
            preflight::Finding::new(REASON, Weight::Blocks, place, finding.say()).unless(finding.about(), reasons);
        preflight::Finding { leak: Some(Arc::new(finding)), ..made }
    };
    findings.into_iter().map(made).collect()
}

/// What was received could not be looked at: nobody knows then what leaks, and it takes a reason to go on.
#[must_use]
pub fn unlooked(say: Say, reasons: &dyn Fn(&str, &str) -> bool) -> preflight::Finding {
    preflight::Finding::new("guard.unlooked", Weight::Blocks, Place::Whole, say).unless("archive", reasons)
}

/// A question each; none stands in the way. Where no more are looked for, that is said.
#[must_use]
pub fn hinted(hints: &[Hint]) -> Vec<preflight::Finding> {
    let made = |hint: &Hint| preflight::Finding::new("personal", Weight::Warns, Place::Element(hint.node), hint.say());
    let more = hints.last().filter(|_| hints.len() >= MOST).map(|last| {
        let say = Say::new("guard-hint-more").number("count", hints.len());
        preflight::Finding::new("personal.more", Weight::Warns, Place::Element(last.node), say)
    });
    hints.iter().map(made).chain(more).collect()
}

/// Addresses and names that mean something inside one network alone, each once: to others they say how that is built, which
/// is for the sender to know. None stands in the way.
#[must_use]
pub fn internal(said: &[Said]) -> Vec<preflight::Finding> {
    let mut seen = HashSet::new();
    let all: Vec<&Said> = said.iter().filter(|one| is_internal(one) && seen.insert((one.kind, &one.value))).collect();
    let found =
        |say: Say, one: &Said| preflight::Finding::new("internal", Weight::Warns, Place::Element(one.node), say);
    let one = |one: &&Said| {
        let value = text::observable(&Observable { kind: one.kind, value: one.value.clone() });
        found(Say::new("guard-internal").with("value", value), one)
    };
    let rest = all.get(MOST).map(|one| found(Say::new("guard-internal-more").number("count", all.len() - MOST), one));
    all.iter().take(MOST).map(one).chain(rest).collect()
}

/// Inside an organisation, or on one link (RFC 1918, 3927, 4193, 4291 §2.5.6, 6598).
fn is_internal(one: &Said) -> bool {
    let on_link = |ip: std::net::IpAddr| match ip.to_canonical() {
        std::net::IpAddr::V4(ip) => ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    match paste::reserved(one.kind, &one.value) {
        Some(Reserved::Private) => one.kind != ObservableKind::Asn,
        Some(Reserved::Local) => one.value.split('/').next().and_then(|ip| ip.parse().ok()).is_some_and(on_link),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::guard::said;
    use crate::iodef::Document;

    #[test]
    fn what_means_something_in_one_network_only_is_told_once_wherever_it_stands() {
        let text = format!(
            "<IODEF-Document xmlns=\"{}\" version=\"2.00\"><Incident purpose=\"reporting\"><Description>from 10.1.2.3 to \
             198.51.100.7, by 127.0.0.1 and 255.255.255.0</Description><EventData><Flow><System><Node>\
             <Address category=\"ipv4-addr\">10.1.2.3</Address><Address category=\"ipv6-addr\">fe80::1</Address>\
             <Address category=\"ipv6-addr\">fd00::7</Address><Address category=\"ipv4-net\">192.168.4.0/24</Address>\
             <Address category=\"asn\">64512</Address><Address category=\"ipv4-addr\">8.8.8.8</Address></Node></System></Flow>\
             <Record><RecordData><RecordItem dtype=\"string\">gw 172[.]16.0[.]9 to mail.site.internal, 169.254.3.4</RecordItem>\
             </RecordData></Record></EventData></Incident></IODEF-Document>",
            crate::iodef::NS
        );
        let found = internal(&said(&Document::read(text, &[]).unwrap()));
        let shown = |say: &Say| say.args.iter().map(|(_, value)| value.as_str()).collect::<String>();
        let values: Vec<String> = found.iter().map(|found| shown(&found.say)).collect();
        assert_eq!(values.len(), 7, "{values:?}");
        for value in [
            "10[.]1[.]2[.]3",
            "fe80",
            "fd00",
            "192[.]168[.]4[.]0/24",
            "172[.]16[.]0[.]9",
            "internal",
            "169[.]254[.]3[.]4",
        ] {
            assert_eq!(values.iter().filter(|own| own.contains(value)).count(), 1, "{value}: {values:?}");
        }
        assert!(found.iter().all(|found| found.weight == Weight::Warns));
    }
}
