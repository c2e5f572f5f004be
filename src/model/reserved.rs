//! Addresses and names that mean nothing to others (RFC 6890, RFC 2606, RFC 6761): in a report they are most often a slip.

use std::net::IpAddr;

use ipnet::IpNet;

/// Why a value means nothing to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reserved {
    /// Inside an organisation: RFC 1918, RFC 4193, shared space of providers (RFC 6598), `.internal`.
    Private,
    /// For examples: RFC 5737, RFC 3849, RFC 2606.
    Documentation,
    /// This machine, this link, all of a network, or for uses to come.
    Local,
    /// To a group of receivers.
    Multicast,
}

impl Reserved {
    /// The word of messages and files for it.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Documentation => "documentation",
            Self::Local => "local",
            Self::Multicast => "multicast",
        }
    }

    #[must_use]
    pub fn address(ip: IpAddr) -> Option<Self> {
        match ip.to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, ..] = ip.octets();
                Some(match (a, b) {
                    _ if ip.is_private() => Self::Private,
                    (100, 64..=127) => Self::Private,
                    _ if ip.is_documentation() => Self::Documentation,
                    _ if ip.is_loopback() || ip.is_link_local() || a == 0 || a >= 240 => Self::Local,
                    _ if ip.is_multicast() => Self::Multicast,
                    _ => return None,
                })
            }
            IpAddr::V6(ip) => {
                let [first, second, ..] = ip.segments();
                Some(match (first, second) {
                    _ if first & 0xfe00 == 0xfc00 => Self::Private,
                    (0x2001, 0xdb8) | (0x3fff, 0..=0xfff) => Self::Documentation,
                    _ if ip.is_loopback() || ip.is_unspecified() || first & 0xffc0 == 0xfe80 => Self::Local,
                    _ if ip.is_multicast() => Self::Multicast,
                    _ => return None,
                })
            }
        }
    }

    /// A network of which both ends are reserved for the same.
    #[must_use]
    pub fn network(net: IpNet) -> Option<Self> {
        let first = Self::address(net.network())?;
        (Self::address(net.broadcast()) == Some(first)).then_some(first)
    }

    /// `name` in A-labels and lower case.
    #[must_use]
    pub fn domain(name: &str) -> Option<Self> {
        let (rest, last) = name.rsplit_once('.').unwrap_or(("", name));
        match last {
            "example" | "invalid" | "test" => Some(Self::Documentation),
            "com" | "net" | "org" if rest == "example" || rest.ends_with(".example") => Some(Self::Documentation),
            "internal" | "lan" | "home" | "corp" | "intranet" => Some(Self::Private),
            "arpa" if name == "home.arpa" || name.ends_with(".home.arpa") => Some(Self::Private),
            "local" | "localhost" | "localdomain" => Some(Self::Local),
            _ => None,
        }
    }

    /// AS numbers (RFC 5398, RFC 6996, RFC 7607).
    #[must_use]
    pub fn asn(number: u32) -> Option<Self> {
        match number {
            64_496..=64_511 | 65_536..=65_551 => Some(Self::Documentation),
            64_512..=65_534 | 4_200_000_000..=4_294_967_294 => Some(Self::Private),
            0 | 65_535 | u32::MAX => Some(Self::Local),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_nothing_to_others() {
        use Reserved::{Documentation, Local, Multicast, Private};
        for (text, expected) in [
            ("10.1.2.3", Some(Private)),
            ("100.64.0.1", Some(Private)),
            ("192.168.0.1", Some(Private)),
            ("192.0.2.1", Some(Documentation)),
            ("127.0.0.1", Some(Local)),
            ("0.1.2.3", Some(Local)),
            ("255.255.255.0", Some(Local)),
            ("224.0.0.1", Some(Multicast)),
            ("8.8.8.8", None),
            ("::ffff:10.0.0.1", Some(Private)),
            ("fd00::1", Some(Private)),
            ("fe80::1", Some(Local)),
            ("::1", Some(Local)),
            ("2001:db8::1", Some(Documentation)),
            ("ff02::1", Some(Multicast)),
            ("2a00::1", None),
        ] {
            assert_eq!(Reserved::address(text.parse().unwrap()), expected, "{text}");
        }
        for (text, expected) in
            [("10.0.0.0/8", Some(Private)), ("192.0.2.0/25", Some(Documentation)), ("192.0.0.0/16", None)]
        {
            assert_eq!(Reserved::network(text.parse().unwrap()), expected, "{text}");
        }
        for (name, expected) in [
            ("bad.example", Some(Documentation)),
            ("www.example.com", Some(Documentation)),
            ("badexample.com", None),
            ("host.local", Some(Local)),
            ("dc.corp", Some(Private)),
            ("bad.com", None),
        ] {
            assert_eq!(Reserved::domain(name), expected, "{name}");
        }
        assert_eq!(
            [64_500, 64_512, 65_535, 3_320].map(Reserved::asn),
            [Some(Documentation), Some(Private), Some(Local), None]
        );
    }
}
