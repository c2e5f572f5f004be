//! Values one can search for or block: the kinds IODEF gives them, and the words it writes them under.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::{ObservableKind, Typed};

/// The kind an `Address@category` stands for (RFC 7970 §3.18.1); private categories are `Other`.
#[must_use]
pub fn category_kind(category: &str) -> ObservableKind {
    match category {
        "ipv4-addr" => ObservableKind::Ipv4,
        "ipv6-addr" => ObservableKind::Ipv6,
        "ipv4-net" | "ipv4-net-mask" | "ipv4-net-masked" | "ipv6-net" | "ipv6-net-mask" | "ipv6-net-masked" => {
            ObservableKind::Network
        }
        "asn" => ObservableKind::Asn,
        "e-mail" => ObservableKind::Email,
        "mac" => ObservableKind::Mac,
        "site-uri" => ObservableKind::Url,
        _ => ObservableKind::Other,
    }
}

/// The kind of an address in a category of `kind`. The schema's default category is ipv6-addr, and senders leave it
/// out for IPv4 too, so between the families the text decides.
#[must_use]
pub fn address_kind(kind: ObservableKind, text: &str) -> ObservableKind {
    match kind {
        ObservableKind::Ipv6 if text.parse::<Ipv4Addr>().is_ok() => ObservableKind::Ipv4,
        ObservableKind::Ipv4 if text.parse::<Ipv6Addr>().is_ok() => ObservableKind::Ipv6,
        _ => kind,
    }
}

/// The kinds of the comma-separated parts of a line of a bulk list (RFC 7970 §3.29.1); times and protocols are no
/// observables.
#[must_use]
pub fn bulk_kinds(kind: &str) -> &'static [ObservableKind] {
    use ObservableKind::{Asn, Cve, Domain, Email, File, Hash, Ipv4, Ipv6, Mac, Network, Other, Port, Url};
    match kind {
        "asn" => &[Asn],
        "e-mail" => &[Email],
        "ipv4-addr" => &[Ipv4],
        "ipv6-addr" => &[Ipv6],
        "ipv4-net" | "ipv4-net-mask" | "ipv6-net" | "ipv6-net-mask" => &[Network],
        "mac" => &[Mac],
        "site-uri" => &[Url],
        // `fqdn` is what the RFC's own §7.2 writes.
        "domain-name" | "fqdn" => &[Domain],
        "domain-to-ipv4" | "domain-to-ipv4-timestamp" => &[Domain, Ipv4],
        "domain-to-ipv6" | "domain-to-ipv6-timestamp" => &[Domain, Ipv6],
        "ipv4-port" => &[Ipv4, Port],
        "ipv6-port" => &[Ipv6, Port],
        "file-hash" => &[Hash],
        "file-path" => &[File],
        "cve" => &[Cve],
        _ => &[Other],
    }
}

/// The `Address@category` to write a value under; `None` for a domain, which has a class of its own.
#[must_use]
pub fn category(typed: &Typed) -> Option<&'static str> {
    Some(match typed {
        Typed::Ipv4(_) => "ipv4-addr",
        Typed::Ipv4Net(..) => "ipv4-net",
        Typed::Ipv6(_) => "ipv6-addr",
        Typed::Ipv6Net(..) => "ipv6-net",
        Typed::Asn(_) => "asn",
        Typed::Mac(_) => "mac",
        Typed::Email(_) => "e-mail",
        Typed::Url(_) => "site-uri",
        Typed::Domain(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_written_under_its_own_kind() {
        for line in ["192.0.2.1", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32", "AS64500", "02:00:5e:10:00:01"] {
            let typed = Typed::read(line).unwrap();
            assert_eq!(category(&typed).map(category_kind), Some(typed.kind()), "{line}");
        }
        for line in ["drop@bad.example", "https://bad.example/"] {
            let typed = Typed::read(line).unwrap();
            assert_eq!(category(&typed).map(category_kind), Some(typed.kind()), "{line}");
        }
        assert_eq!(category(&Typed::read("bad.example").unwrap()), None);
    }

    #[test]
    fn families_by_text() {
        assert_eq!(address_kind(category_kind("ipv6-addr"), "192.0.2.1"), ObservableKind::Ipv4);
        assert_eq!(address_kind(category_kind("ipv4-addr"), "2001:db8::1"), ObservableKind::Ipv6);
        assert_eq!(address_kind(category_kind("ipv4-addr"), "192.0.2.300"), ObservableKind::Ipv4);
        assert_eq!(address_kind(category_kind("asn"), "64500"), ObservableKind::Asn);
    }
}
