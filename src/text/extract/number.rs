//! Values made of digits: addresses, networks, AS numbers, digests, vulnerabilities.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::{ObservableKind, typed};

/// Bytes that go on with a word or a number.
pub fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The first address of IPv4 in `text` that stands for itself: its place and what it is.
pub fn ipv4(text: &str) -> Option<(usize, usize, Ipv4Addr)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let length = bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let run = text.get(at..at + length)?;
        let trimmed = run.trim_end_matches('.');
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        let after = bytes.get(at + length).copied().unwrap_or(b' ');
        let is_apart = !is_inner(before) && before != b'.' && !is_inner(after);
        if let Some(ip) = is_apart.then(|| trimmed.parse().ok()).flatten() {
            return Some((at, at + trimmed.len(), ip));
        }
        at += length;
    }
    None
}

/// `text` is a digest; also with colons between its bytes, as certificates' are shown.
pub fn digest(text: &str) -> Option<String> {
    let plain: String;
    let digits = if text.as_bytes().get(2) == Some(&b':') {
        let parts: Vec<&str> = text.split(':').collect();
        if !parts.iter().all(|part| part.len() == 2) || !matches!(parts.len(), 16 | 20 | 32) {
            return None;
        }
        plain = parts.concat();
        &plain
    } else {
        text.strip_prefix("0x").unwrap_or(text)
    };
    let is_one = matches!(digits.len(), 32 | 40 | 56 | 64 | 96 | 128) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    // Digits alone are a number, and one letter again and again is a line to cut at.
    let first = digits.bytes().next()?;
    let varied = digits.bytes().any(|byte| byte != first) && digits.bytes().any(|byte| byte.is_ascii_alphabetic());
    (is_one && varied).then(|| digits.to_ascii_lowercase())
}

/// `text` begins with `CVE-`, a year and a number; what it is, and its length.
pub fn cve(text: &str) -> Option<(usize, String)> {
    let rest = text.get(..4).filter(|start| start.eq_ignore_ascii_case("cve-")).and_then(|_| text.get(4..))?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(5..).filter(|_| digits(rest) == 4 && rest.as_bytes().get(4) == Some(&b'-'))?;
    let length = digits(number);
    let end = 9 + length;
    ((4..=7).contains(&length) && !text.as_bytes().get(end).copied().is_some_and(is_inner))
        .then(|| Some((end, text.get(..end)?.to_ascii_uppercase())))?
}

/// `AS64500`, `ASN64500`.
pub fn asn(text: &str) -> Option<u32> {
    let rest = text.get(2..).filter(|_| text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("as")))?;
    let digits = rest.strip_prefix(['N', 'n']).unwrap_or(rest);
    let is_written = text.starts_with("AS") || digits.len() >= 4;
    let is_number = (1..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_written && is_number).then(|| digits.parse().ok())?
}

/// A MAC address with colons or hyphens, or in three groups with full stops.
pub fn mac(text: &str) -> Option<String> {
    let groups = |mark: char, many: usize, each: usize| {
        let parts: Vec<&str> = text.split(mark).collect();
        let sound = |part: &&str| part.len() == each && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        (parts.len() == many && parts.iter().all(sound)).then(|| parts.concat().to_ascii_lowercase())
    };
    let digits = match text.len() {
        17 => groups(':', 6, 2).or_else(|| groups('-', 6, 2))?,
        // Three numbers are a date or a version.
        14 => groups('.', 3, 4).filter(|digits| digits.bytes().any(|byte| byte.is_ascii_alphabetic()))?,
        _ => return None,
    };
    let pairs: Vec<&str> = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
    Some(pairs.join(":"))
}

/// An address of IPv6, or a network; true where it may be words of a program.
pub fn ipv6(text: &str) -> Option<(ObservableKind, String, bool)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, rest)| (address, Some(rest)));
    // A zone names an interface of one machine (RFC 4007 §11).
    let address = address.split_once('%').map_or(address, |(address, _)| address);
    let ip: Ipv6Addr = address.parse().ok()?;
    let groups: Vec<&str> = address.split(':').filter(|group| !group.is_empty()).collect();
    let is_word = |group: &&str| group.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_octets = groups.len() == 8 && groups.iter().all(|group| group.len() == 2);
    // Of one short number it is a time or a counter, but for this machine's.
    let words =
        groups.is_empty() || groups.iter().all(is_word) || is_octets || (groups.len() == 1 && !ip.is_loopback());
    match length {
        Some(_) => {
            let net = typed::network_of(&format!("{address}/{}", length?)).filter(|net| net.prefix_len() <= 128)?;
            Some((ObservableKind::Network, net.to_string(), groups.is_empty()))
        }
        None => Some((ObservableKind::Ipv6, ip.to_string(), words)),
    }
}
