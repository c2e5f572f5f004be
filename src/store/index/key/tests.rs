//! Spans against what they mean, decided without keys.

use proptest::prelude::*;

use super::*;

fn of(kind: ObservableKind, value: &str) -> Vec<Vec<u8>> {
    keys(&Observable { kind, value: value.to_owned() })
}

fn finds(spans: &[Span], kind: ObservableKind, value: &str) -> bool {
    of(kind, value).iter().any(|key| spans.iter().any(|span| span.holds(key)))
}

fn net(text: &str) -> IpNet {
    network_of(text).unwrap()
}

#[test]
fn networks_find_addresses_inside_and_networks_that_overlap() {
    use ObservableKind::{Ipv4, Ipv6, Network, Url};
    let spans = overlapping(net("192.0.2.0/24"));
    for (kind, value, found) in [
        (Ipv4, "192.0.2.0", true),
        (Ipv4, "192.0.2.255", true),
        (Ipv4, "192.0.3.0", false),
        (Ipv4, "192.0.1.255", false),
        (Ipv6, "::ffff:192.0.2.9", true),
        (Network, "192.0.2.128/25", true),
        (Network, "192.0.2.0/24", true),
        (Network, "192.0.2.0/16", true),
        (Network, "192.0.2.0 255.255.255.0", true),
        (Network, "192.0.2.0/255.255.255.0", true),
        (Network, "0.0.0.0/0", true),
        (Network, "192.0.3.0/24", false),
        (Network, "192.0.3.0/255.255.255.0", false),
        (Network, "::/0", false),
        (Url, "http://192.0.2.7:8080/x", true),
        (Url, "hxxp://192[.]0[.]2[.]7/x", true),
        (Url, "http://user:pass@192.0.2.7/", true),
        (Url, "http://192.0.3.7/192.0.2.7", false),
    ] {
        assert_eq!(finds(&spans, kind, value), found, "{value}");
    }
    let spans = overlapping(net("2001:db8::/32"));
    assert!(finds(&spans, Ipv6, "2001:db8:ffff::1"));
    assert!(finds(&spans, Network, "2001:db8:1::/48"));
    assert!(finds(&spans, Network, "2000::/3"));
    assert!(finds(&spans, Url, "https://[2001:db8::7]:443/"));
    assert!(!finds(&spans, Ipv6, "2001:db9::"));
}

#[test]
fn names_find_themselves_and_what_is_below() {
    use ObservableKind::{Domain, Email, Url};
    for (kind, value, itself, below) in [
        (Domain, "bad.example", true, false),
        (Domain, "BAD.example.", true, false),
        (Domain, "bad[.]example", true, false),
        (Domain, "www.bad.example", false, true),
        (Domain, "a.b.bad.example", false, true),
        (Domain, "very-bad.example", false, false),
        (Domain, "bad.example.org", false, false),
        (Domain, "bad-example", false, false),
        (Url, "https://bad.example:8443/a?b#c", true, false),
        (Url, "https://login.bad.example/", false, true),
        (Url, "https://good.example/bad.example", false, false),
        (Email, "drop@bad.example", true, false),
    ] {
        for (reach, expected) in [(Reach::Itself, itself), (Reach::Below, below), (Reach::Both, itself || below)] {
            assert_eq!(finds(&domains("bad.example", reach), kind, value), expected, "{value} {reach:?}");
        }
    }
    assert!(finds(&domains("example", Reach::Below), Domain, "bad.example"));
    let long = format!("{}.example", ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60)].join("."));
    assert!(finds(&domains("example", Reach::Both), Domain, &long));
    assert!(finds(&domains(&long, Reach::Itself), Domain, &long));
}

#[test]
fn ports_hashes_mail_and_the_rest() {
    use ObservableKind::{Asn, Cve, Email, File, Hash, Mac, Port};
    for (value, first, last, found) in [
        ("80", 80, 80, true),
        ("80,443", 443, 443, true),
        ("1024-2048", 1500, 1500, true),
        ("1024-2048", 2049, 3000, false),
        ("1024-2048", 1, 1023, false),
        ("1-65535", 80, 80, true),
        ("0-65535", 65535, 65535, true),
        ("http", 80, 80, false),
    ] {
        assert_eq!(finds(&ports_between(first, last), Port, value), found, "{value}");
    }
    let digest = "d41d8cd98f00b204e9800998ecf8427e";
    for (start, found) in [("d41d", true), ("d41d8", true), ("d41d9", false), ("D41D8C", true), (digest, true)] {
        assert_eq!(finds(&hashes(start), Hash, digest), found, "{start}");
    }
    assert!(finds(&mailboxes("bad.example"), Email, "Drop@Bad.example"));
    assert!(finds(&mailboxes("example"), Email, "drop@bad.example"));
    assert!(finds(&[Span::one(email("DROP@bad.example").unwrap())], Email, "drop@BAD.example"));
    assert!(finds(&cves_of(2024), Cve, "cve-2024-0001"));
    assert!(!finds(&cves_of(2023), Cve, "CVE-2024-0001"));
    assert!(finds(&asns(64496, 64511), Asn, "AS64500"));
    assert!(finds(&asns(64496, 64511), Asn, "64496"));
    assert!(finds(&texts(Tag::File, "inv"), File, "C:\\Users\\x\\Invoice.EXE"));
    assert_eq!(of(Mac, "02-00-5E-10-00-01"), of(Mac, "02:00:5e:10:00:01"));
    let long = format!("http://bad.example/{}", "x".repeat(4000));
    assert!(of(ObservableKind::Url, &long).iter().all(|key| key.len() <= MAX));
    assert_ne!(url(&long), url(&format!("{long}y")));
}

#[test]
fn keys_read_back() {
    assert_eq!(read_text(&domain("www.bad.example")).as_deref(), Some("www.bad.example"));
    assert_eq!(read_text(&email("Drop@bad.example").unwrap()).as_deref(), Some("drop@bad.example"));
    assert_eq!(read_address(&address("192.0.2.1".parse().unwrap())), Some("192.0.2.1".parse().unwrap()));
    assert_eq!(read_address(&address("2001:db8::1".parse().unwrap())), Some("2001:db8::1".parse().unwrap()));
    assert_eq!(read_address(&domain("a.example")), None);
}

#[test]
fn any_text_under_any_kind_makes_bounded_keys() {
    use ObservableKind::{Asn, Cve, Domain, Email, File, Hash, Ipv4, Ipv6, Mac, Network, Other, Port, Url};
    let kinds = [Ipv4, Ipv6, Network, Asn, Domain, Url, Email, Mac, Hash, File, Port, Cve, Other];
    for text in [
        "",
        " ",
        "@",
        "//",
        "://",
        "http://",
        "a@",
        "-",
        "CVE--",
        "CVE-9999-",
        "1-",
        "0-65535,".repeat(500).as_str(),
        "\u{0}",
        "ü",
    ] {
        for kind in kinds {
            let made = of(kind, text);
            assert!(made.len() <= LIST && made.iter().all(|key| (1..=MAX).contains(&key.len())), "{kind:?} {text:?}");
        }
    }
}

proptest! {
    #[test]
    fn overlap_is_what_arithmetic_says(a: u32, b: u32, la in 0..=32_u8, lb in 0..=32_u8, near: bool) {
        // Random networks seldom meet; half of them are neighbours.
        let b = if near { a ^ (b >> 20) } else { b };
        let (one, two) = (IpNet::new(Ipv4Addr::from(a).into(), la).unwrap().trunc(), IpNet::new(Ipv4Addr::from(b).into(), lb).unwrap().trunc());
        let meet = one.contains(&two) || two.contains(&one);
        prop_assert_eq!(finds(&overlapping(one), ObservableKind::Network, &two.to_string()), meet, "{} {}", one, two);
        let inside = one.contains(&IpAddr::from(Ipv4Addr::from(b)));
        prop_assert_eq!(finds(&overlapping(one), ObservableKind::Ipv4, &Ipv4Addr::from(b).to_string()), inside);
    }

    #[test]
    fn overlap_in_ipv6(a: u128, b: u128, la in 0..=128_u8, lb in 0..=128_u8, near in 0..128_u32) {
        let b = a ^ (b >> near);
        let (one, two) = (IpNet::new(Ipv6Addr::from(a).into(), la).unwrap().trunc(), IpNet::new(Ipv6Addr::from(b).into(), lb).unwrap().trunc());
        let meet = one.contains(&two) || two.contains(&one);
        prop_assert_eq!(finds(&overlapping(one), ObservableKind::Network, &two.to_string()), meet, "{} {}", one, two);
    }

    #[test]
    fn port_ranges_meet_as_numbers_do(a: u16, b: u16, c: u16, d: u16) {
        let ((a, b), (c, d)) = ((a.min(b), a.max(b)), (c.min(d), c.max(d)));
        prop_assert_eq!(finds(&ports_between(a, b), ObservableKind::Port, &format!("{c}-{d}")), a <= d && c <= b);
    }

    #[test]
    fn order_of_addresses_is_order_of_keys(a: u128, b: u128) {
        let (one, two) = (Ipv6Addr::from(a), Ipv6Addr::from(b));
        prop_assume!(one.to_ipv4_mapped().is_none() && two.to_ipv4_mapped().is_none());
        prop_assert_eq!(address(one.into()).cmp(&address(two.into())), a.cmp(&b));
    }

    #[test]
    fn suffixes_are_what_the_text_says(name in "([a-c]{1,2}\\.){1,3}[a-c]{1,2}", suffix in "([a-c]{1,2}\\.){1,2}[a-c]{1,2}") {
        let below = name.ends_with(&format!(".{suffix}"));
        prop_assert_eq!(finds(&domains(&suffix, Reach::Below), ObservableKind::Domain, &name), below);
        prop_assert_eq!(finds(&domains(&suffix, Reach::Both), ObservableKind::Domain, &name), below || name == suffix);
    }
}

#[test]
fn networks_of_ipv4_in_ipv6_are_found_both_ways() {
    let net = |text: &str| text.parse::<IpNet>().unwrap();
    for (asked, stored) in [
        ("192.0.2.0/24", "::ffff:192.0.2.0/120"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/25"),
        ("192.0.2.0/25", "::ffff:192.0.2.0/120"),
        ("::ffff:192.0.2.128/121", "192.0.2.0/24"),
    ] {
        assert!(finds(&overlapping(net(asked)), ObservableKind::Network, stored), "{asked} {stored}");
    }
    assert!(!finds(&overlapping(net("198.51.100.0/24")), ObservableKind::Network, "::ffff:192.0.2.0/120"));
}
