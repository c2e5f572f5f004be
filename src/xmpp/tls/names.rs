//! Whose a certificate is (RFC 6120 §13.7.1.2, RFC 9525): DNS-ID, SRV-ID and XmppAddr, each against the domain of the
//! JID; never the common name.
//!
//! rustls decides DNS-IDs and addresses. SRV-ID and XmppAddr it does not know; they are decided here.

use tokio_rustls::rustls::pki_types::ServerName;
use x509_parser::der_parser::Oid;
use x509_parser::der_parser::asn1_rs::{Any, FromDer as _};
use x509_parser::prelude::{GeneralName, X509Certificate};

use super::facts;

/// id-on-dnsSRV (RFC 4985 §2).
const SRV: &str = "1.3.6.1.5.5.7.8.7";
/// id-on-xmppAddr (RFC 6120 §13.7.1.4).
const XMPP: &str = "1.3.6.1.5.5.7.8.5";
/// Services a certificate may name: a client's, over STARTTLS and over direct TLS.
const SERVICES: [&str; 2] = ["_xmpp-client.", "_xmpps-client."];

pub(super) fn is_srv(oid: &Oid<'_>) -> bool {
    oid.to_id_string() == SRV
}

pub(super) fn is_xmpp(oid: &Oid<'_>) -> bool {
    oid.to_id_string() == XMPP
}

/// The text of an otherName's value: `[0] EXPLICIT` IA5String or UTF8String.
pub(super) fn text(value: &[u8]) -> Option<String> {
    let (rest, outer) = Any::from_der(value).ok()?;
    let text =
        if outer.tag().0 == 0 { Any::from_der(outer.data).ok().filter(|(rest, _)| rest.is_empty())?.1 } else { outer };
    // 12 is UTF8String, 22 IA5String.
    let right = rest.is_empty() && matches!(text.tag().0, 12 | 22);
    right.then(|| std::str::from_utf8(text.data).ok().map(str::to_owned)).flatten()
}

/// The identity that is `domain`'s (in A-labels, or an address), of a kind rustls knows: `DNS grid.example`. Shows what
/// rustls found; does not decide.
pub(super) fn by_dns(certificate: &X509Certificate<'_>, name: &ServerName<'_>) -> Option<String> {
    facts::alternatives(certificate).find_map(|alternative| match (alternative, name) {
        (GeneralName::DNSName(pattern), ServerName::DnsName(wanted)) => {
            is_host(pattern, wanted.as_ref()).then(|| format!("DNS {}", facts::harmless(pattern)))
        }
        (GeneralName::IPAddress(bytes), ServerName::IpAddress(wanted)) => {
            let wanted = std::net::IpAddr::from(*wanted);
            let same = match wanted {
                std::net::IpAddr::V4(four) => *bytes == four.octets(),
                std::net::IpAddr::V6(sixteen) => *bytes == sixteen.octets(),
            };
            same.then(|| format!("IP {wanted}"))
        }
        _ => None,
    })
}

/// The SRV-ID or XmppAddr that is `domain`'s, in A-labels.
pub(super) fn by_other(certificate: &X509Certificate<'_>, domain: &str) -> Option<String> {
    facts::alternatives(certificate).find_map(|alternative| {
        let GeneralName::OtherName(oid, value) = alternative else { return None };
        let name = text(value)?;
        if is_srv(oid) {
            let host = SERVICES.iter().find_map(|service| {
                let head = name.get(..service.len())?;
                head.eq_ignore_ascii_case(service).then(|| name.get(service.len()..)).flatten()
            })?;
            // RFC 4985 §2: the name is in A-labels, and has no wildcard.
            (host.eq_ignore_ascii_case(domain)).then(|| format!("SRV {}", facts::harmless(&name)))
        } else if is_xmpp(oid) {
            // A domain's address is the domain alone, in U-labels (RFC 6120 §13.7.1.4).
            let ascii = idna::domain_to_ascii_strict(&name).ok()?;
            (ascii.eq_ignore_ascii_case(domain)).then(|| format!("XMPP {}", facts::harmless(&name)))
        } else {
            None
        }
    })
}

/// Whether a DNS-ID covers `host`: label for label, a wildcard only as the whole left-most label and only for one label
/// (RFC 9525 §6.3).
fn is_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => {
            let rest = host.split_once('.').map(|(_, rest)| rest);
            parent.contains('.') && rest.is_some_and(|rest| rest.eq_ignore_ascii_case(parent))
        }
        None => !pattern.contains('*') && pattern.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_one_whole_label() {
        for (pattern, host, covers) in [
            ("grid.example", "GRID.example", true),
            ("*.grid.example", "xmpp.grid.example", true),
            ("*.grid.example", "a.xmpp.grid.example", false),
            ("*.grid.example", "grid.example", false),
            ("x*.grid.example", "xmpp.grid.example", false),
            ("*.example", "grid.example", false),
            ("*", "example", false),
            ("grid.example", "grid.example.net", false),
        ] {
            assert_eq!(is_host(pattern, host), covers, "{pattern} {host}");
        }
    }

    #[test]
    fn other_names_are_read_with_and_without_their_wrapper() {
        let inner = [&[12, 4][..], b"grid"].concat();
        let outer = [&[0xa0, 6][..], &inner].concat();
        assert_eq!(text(&outer).as_deref(), Some("grid"));
        assert_eq!(text(&inner).as_deref(), Some("grid"));
        for junk in [&b""[..], &[12, 9, b'x'], &[4, 1, b'x'], &[0xa0, 0], &[12, 1, 0xff]] {
            assert_eq!(text(junk), None, "{junk:?}");
        }
        assert_eq!(text(&[&outer[..], &[0]].concat()), None);
    }
}
