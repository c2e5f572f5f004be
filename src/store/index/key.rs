//! Keys of observables: bytes whose order is the order of what they stand for, so that every question about a value is
//! a handful of spans of an ordered table.
//!
//! May use `model`. The archive keeps one table `(key, row)` ordered by both and answers a [`Span`] by
//! `key >= from AND key < to`; the practice grid and tests keep the same in memory ([`super::Postings`]). What goes in is
//! [`keys`] of each observable; what is asked is made here too, so the two cannot drift apart.
//!
//! | tag | what follows it | answers |
//! |---|---|---|
//! | `Address4/6` | the address, big endian | one, a range, a network's addresses |
//! | `Network4/6`, `Port` | first member, prefix length | overlap: those that start inside, and those around the first member |
//! | `Asn` | number, big endian | one, a range |
//! | `Domain` | labels from the last to the first, each ended by a zero | a name, all names below it |
//! | `Url` | the text, scheme and host in lower case | one, a beginning |
//! | `Email` | the domain's labels as above, `@`, the local part | one, all of a domain |
//! | `Hash` | the digest's bytes | one, a beginning |
//! | `Cve` | year, number | one, a year |
//! | `Mac`, `File`, `Other` | bytes; name in lower case | one, a beginning |
//!
//! The host of a URL or of an e-mail address is kept under a tag of its own ([`Tag::Host`], [`Tag::Host4`], [`Tag::Host6`]), so
//! that `domain:` finds it and "shares an observable" does not: half of all reports share a free mailer.

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use sha2::{Digest, Sha256};

use crate::model::typed::{self, Typed};
pub use crate::model::typed::{asn_of, network_of, url_host};
use crate::model::{Observable, ObservableKind};

/// Longest key, in bytes. What is longer is cut and ends with a digest of the whole: still found as itself and by its
/// beginning.
pub const MAX: usize = 300;
const DIGEST: usize = 16;
/// Most keys made of one observable (a list of ports).
const LIST: usize = 256;

/// The first byte of a key. Stored on disk: a number is never given another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tag {
    Address4 = 1,
    Address6 = 2,
    Network4 = 3,
    Network6 = 4,
    Asn = 5,
    Domain = 6,
    Url = 7,
    Email = 8,
    Mac = 9,
    Hash = 10,
    File = 11,
    Port = 12,
    Cve = 13,
    Other = 14,
    /// The host of a URL or an e-mail address.
    Host = 32,
    Host4 = 33,
    Host6 = 34,
}

impl Tag {
    /// All that a document said itself sorts before this; after it comes what was derived.
    pub const DERIVED: u8 = 32;

    fn with(self, rest: &[u8]) -> Vec<u8> {
        let mut key = Vec::with_capacity(1 + rest.len());
        key.push(self as u8);
        key.extend_from_slice(rest);
        key
    }

    /// As [`Tag::with`] for bytes of any length.
    fn cut(self, rest: &[u8]) -> Vec<u8> {
        let mut key = self.with(rest);
        if key.len() > MAX {
            let digest = Sha256::digest(&key);
            key.truncate(MAX - DIGEST);
            key.extend_from_slice(digest.get(..DIGEST).unwrap_or_default());
        }
        key
    }
}

/// The keys from `from` to before `to`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub from: Vec<u8>,
    pub to: Vec<u8>,
}

impl Span {
    /// This key alone.
    #[must_use]
    pub fn one(key: Vec<u8>) -> Self {
        let mut to = key.clone();
        to.push(0);
        Self { from: key, to }
    }

    /// Every key that begins with `start`, which is not empty.
    #[must_use]
    pub fn beginning(start: Vec<u8>) -> Self {
        let mut to = start.clone();
        // No tag is 255, so a byte that can be raised remains.
        while let Some(last) = to.pop() {
            if let Some(next) = last.checked_add(1) {
                to.push(next);
                break;
            }
        }
        Self { from: start, to }
    }

    /// Whether it is one key alone.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.to.split_last().is_some_and(|(last, start)| *last == 0 && start == self.from)
    }

    fn through(first: Vec<u8>, last: Vec<u8>) -> Self {
        Self { from: first, to: Self::one(last).to }
    }

    #[must_use]
    pub fn holds(&self, key: &[u8]) -> bool {
        self.from.as_slice() <= key && key < self.to.as_slice()
    }
}

/// The keys an observable is stored under: its own first, then what can be derived from it. None when its text is not what
/// its kind says and nothing else can be made of it.
#[must_use]
pub fn keys(observable: &Observable) -> Vec<Vec<u8>> {
    let text = observable.value.trim();
    // What is looked for has its plain form; the document keeps its own.
    let plain = is_defanged(text).then(|| typed::refang(text));
    let text = plain.as_deref().unwrap_or(text);
    match observable.kind {
        ObservableKind::Ipv4 | ObservableKind::Ipv6 => match text.parse::<IpAddr>() {
            Ok(ip) => vec![address(ip)],
            Err(_) => network_of(text).map_or_else(|| other(text), |net| vec![network(net)]),
        },
        ObservableKind::Network => network_of(text).map_or_else(|| other(text), |net| vec![network(net)]),
        ObservableKind::Asn => asn_of(text).map_or_else(|| other(text), |number| vec![asn(number)]),
        ObservableKind::Domain => typed::domain(text).map_or_else(|| other(text), |name| vec![domain(&name)]),
        ObservableKind::Url => {
            let mut keys = vec![url(text)];
            keys.extend(url_host(text).and_then(host));
            keys
        }
        ObservableKind::Email => mailbox(text).map_or_else(|| other(text), |keys| keys.into()),
        ObservableKind::Mac => mac(text).map_or_else(|| other(text), |key| vec![key]),
        ObservableKind::Hash => hash(text).map_or_else(|| other(text), |key| vec![key]),
        ObservableKind::File => vec![file(text)],
        ObservableKind::Port => ports(text),
        ObservableKind::Cve => cve(text).map_or_else(|| other(text), |key| vec![key]),
        ObservableKind::Other => other(text),
    }
}

pub(crate) fn is_defanged(text: &str) -> bool {
    // Nearly every value is plain: the marks are looked for where their first bytes are.
    let marked = |byte: u8| matches!(byte, b'[' | b'(' | b'{' | 0xe3 | 0xef);
    text.bytes().any(marked) && text.contains(['[', '(', '{', '\u{ff0e}', '\u{3002}', '\u{ff61}'])
        || text.split_once("://").is_some_and(|(scheme, _)| typed::plain_scheme(scheme).is_some())
}

fn other(text: &str) -> Vec<Vec<u8>> {
    if text.is_empty() { Vec::new() } else { vec![Tag::Other.cut(text.to_lowercase().as_bytes())] }
}

/// IPv4 in IPv6's clothes is IPv4.
#[must_use]
pub fn address(ip: IpAddr) -> Vec<u8> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => Tag::Address4.with(&ip.octets()),
        IpAddr::V6(ip) => Tag::Address6.with(&ip.octets()),
    }
}

/// IPv4 in IPv6's clothes is IPv4, and a network has no host's bits.
#[must_use]
pub fn canonical(net: IpNet) -> IpNet {
    let plain = match net {
        IpNet::V6(net) if net.prefix_len() >= 96 => net.network().to_ipv4_mapped(),
        _ => None,
    };
    let plain = plain.and_then(|ip| IpNet::new(ip.into(), net.prefix_len() - 96).ok());
    plain.unwrap_or(net).trunc()
}

fn network(net: IpNet) -> Vec<u8> {
    let net = canonical(net);
    match net {
        IpNet::V4(net) => block(Tag::Network4, &net.network().octets(), net.prefix_len()),
        IpNet::V6(net) => block(Tag::Network6, &net.network().octets(), net.prefix_len()),
    }
}

fn block(tag: Tag, first: &[u8], length: u8) -> Vec<u8> {
    let mut key = tag.with(first);
    key.push(length);
    key
}

#[must_use]
pub fn asn(number: u32) -> Vec<u8> {
    Tag::Asn.with(&number.to_be_bytes())
}

/// `name` in A-labels and lower case ([`typed::domain`]).
#[must_use]
pub fn domain(name: &str) -> Vec<u8> {
    Tag::Domain.cut(&reversed(name))
}

fn reversed(name: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len() + 1);
    for label in name.rsplit('.') {
        bytes.extend_from_slice(label.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// Scheme and host in lower case; the rest is the sender's.
#[must_use]
pub fn url(text: &str) -> Vec<u8> {
    let end = text.find("://").map_or(0, |at| at + 3);
    let end = text.get(end..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(text.len(), |at| end + at);
    let (head, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    Tag::Url.cut(format!("{}{rest}", head.to_lowercase()).as_bytes())
}

fn host(text: &str) -> Option<Vec<u8>> {
    match text.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => Some(Tag::Host4.with(&ip.octets())),
        Ok(IpAddr::V6(ip)) => Some(Tag::Host6.with(&ip.octets())),
        Err(_) => typed::domain(text).map(|name| Tag::Host.cut(&reversed(&name))),
    }
}

/// The local part in lower case too: no mail system that matters tells `Drop@` from `drop@`.
#[must_use]
pub fn email(text: &str) -> Option<Vec<u8>> {
    mailbox(text).map(|[key, _]| key)
}

/// An e-mail address, and its host.
fn mailbox(text: &str) -> Option<[Vec<u8>; 2]> {
    let (local, domain) = text.rsplit_once('@')?;
    let mut key = reversed(&typed::domain(domain)?);
    let host = Tag::Host.cut(&key);
    key.push(b'@');
    key.extend_from_slice(local.to_lowercase().as_bytes());
    Some([Tag::Email.cut(&key), host])
}

fn mac(text: &str) -> Option<Vec<u8>> {
    let Some(Typed::Mac(text)) = Typed::read(text) else { return None };
    let octets: Option<Vec<u8>> = text.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
    octets.map(|octets| Tag::Mac.with(&octets))
}

/// A digest in hexadecimal, of an algorithm that reports use (MD5 to SHA-512).
#[must_use]
pub fn is_digest(text: &str) -> bool {
    [32, 40, 56, 64, 96, 128].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hash(text: &str) -> Option<Vec<u8>> {
    is_digest(text).then(|| Tag::Hash.with(&hex(text)))
}

/// Whole bytes of a hexadecimal text; an odd last digit is left out.
fn hex(text: &str) -> Vec<u8> {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
    text.as_bytes().as_chunks::<2>().0.iter().map(|[high, low]| digit(high) << 4 | digit(low)).collect()
}

/// The last part of a path, in lower case: names are what travels between machines.
#[must_use]
pub fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path).to_lowercase()
}

fn file(text: &str) -> Vec<u8> {
    Tag::File.cut(file_name(text).as_bytes())
}

/// `CVE-2024-12345` in any case.
#[must_use]
pub fn cve_of(text: &str) -> Option<(u16, u32)> {
    let (start, rest) = text.split_once('-')?;
    let (year, number) = rest.split_once('-')?;
    let digits = |text: &str, most: usize| (4..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    (start.eq_ignore_ascii_case("cve") && digits(year, 4) && digits(number, 9))
        .then(|| Some((year.parse().ok()?, number.parse().ok()?)))?
}

fn cve(text: &str) -> Option<Vec<u8>> {
    cve_of(text).map(|(year, number)| {
        let mut key = Tag::Cve.with(&year.to_be_bytes());
        key.extend_from_slice(&number.to_be_bytes());
        key
    })
}

/// `80`, `80,443`, `1024-2048` (RFC 7970 §2.9 PORTLIST): ranges as the aligned blocks they are made of.
fn ports(text: &str) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for part in text.split(',') {
        let Some((first, last)) = port_range(part) else { return other(text) };
        let (mut next, last) = (u32::from(first), u32::from(last));
        while next <= last && keys.len() < LIST {
            let mut length = 16_u8;
            let mut size = 1_u32;
            while length > 0 && next.is_multiple_of(size * 2) && next + size * 2 - 1 <= last {
                size *= 2;
                length -= 1;
            }
            keys.push(port_block(u16::try_from(next).unwrap_or_default(), length));
            next += size;
        }
    }
    keys
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

fn port_block(first: u16, length: u8) -> Vec<u8> {
    block(Tag::Port, &first.to_be_bytes(), length)
}

/// Addresses from `first` to `last`, hosts of URLs among them. Nothing when they are of two families or the wrong way round.
#[must_use]
pub fn addresses(first: IpAddr, last: IpAddr) -> Vec<Span> {
    let (first, last) = (first.to_canonical(), last.to_canonical());
    let through = |tags: [Tag; 2], from: &[u8], to: &[u8]| {
        tags.iter().map(|tag| Span::through(tag.with(from), tag.with(to))).collect()
    };
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) if a <= b => through([Tag::Address4, Tag::Host4], &a.octets(), &b.octets()),
        (IpAddr::V6(a), IpAddr::V6(b)) if a <= b => through([Tag::Address6, Tag::Host6], &a.octets(), &b.octets()),
        _ => Vec::new(),
    }
}

/// Addresses inside the network, and networks that share an address with it.
#[must_use]
pub fn overlapping(net: IpNet) -> Vec<Span> {
    let net = canonical(net);
    let mut spans = addresses(net.network(), net.broadcast());
    let (tag, width) = match net {
        IpNet::V4(_) => (Tag::Network4, 32),
        IpNet::V6(_) => (Tag::Network6, 128),
    };
    let octets = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    spans.push(Span::through(block(tag, &octets(net.network()), 0), block(tag, &octets(net.broadcast()), width)));
    // Those around it begin before it, or where it begins, which the span above has.
    let mut around = Some(net);
    while let Some(wider) = around.and_then(|net| net.supernet()) {
        if wider.network() != net.network() {
            spans.push(Span::one(network(wider)));
        }
        around = Some(wider);
    }
    spans
}

/// AS numbers from `first` to `last`.
#[must_use]
pub fn asns(first: u32, last: u32) -> Vec<Span> {
    if first > last { Vec::new() } else { vec![Span::through(asn(first), asn(last))] }
}

/// Which names a question about a domain means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    Itself,
    Below,
    Both,
}

/// A name, those below it, or both; `name` as [`typed::domain`] gives it, or a top-level label. Hosts of URLs and of e-mail
/// addresses too.
#[must_use]
pub fn domains(name: &str, reach: Reach) -> Vec<Span> {
    let name = reversed(name);
    let spans = [Tag::Domain, Tag::Host].into_iter().map(|tag| {
        let key = tag.cut(&name);
        match reach {
            Reach::Itself => Span::one(key),
            Reach::Both => Span::beginning(key),
            Reach::Below => Span { from: Span::one(key.clone()).to, to: Span::beginning(key).to },
        }
    });
    spans.collect()
}

/// All addresses at a domain and those below it.
#[must_use]
pub fn mailboxes(domain: &str) -> Vec<Span> {
    vec![Span::beginning(Tag::Email.with(&reversed(domain)))]
}

/// Ports from `first` to `last`, and ranges of ports that share one with them.
#[must_use]
pub fn ports_between(first: u16, last: u16) -> Vec<Span> {
    if first > last {
        return Vec::new();
    }
    let mut spans = vec![Span::through(port_block(first, 0), port_block(last, 16))];
    for length in 0..16_u8 {
        let start = first & !(u16::MAX >> length);
        if start != first {
            spans.push(Span::one(port_block(start, length)));
        }
    }
    spans
}

/// Digests that begin with these hexadecimal digits.
#[must_use]
pub fn hashes(start: &str) -> Vec<Span> {
    let whole = hex(start);
    let key = Tag::Hash.with(&whole);
    let odd = if start.len().is_multiple_of(2) { None } else { start.chars().last().and_then(|c| c.to_digit(16)) };
    let Some(nibble) = odd.and_then(|digit| u8::try_from(digit).ok()) else { return vec![Span::beginning(key)] };
    let mut first = key;
    first.push(nibble << 4);
    let mut last = first.clone();
    if let Some(byte) = last.last_mut() {
        *byte |= 0x0f;
    }
    vec![Span { from: first, to: Span::beginning(last).to }]
}

/// The vulnerabilities of a year.
#[must_use]
pub fn cves_of(year: u16) -> Vec<Span> {
    vec![Span::beginning(Tag::Cve.with(&year.to_be_bytes()))]
}

/// Texts of a kind that begin like this, as [`keys`] folds them.
#[must_use]
pub fn texts(tag: Tag, start: &str) -> Vec<Span> {
    let mut key = tag.with(start.as_bytes());
    key.truncate(MAX - DIGEST);
    vec![Span::beginning(key)]
}

/// The address a key of an address, a host's or an observable's own, stands for.
#[must_use]
pub fn read_address(key: &[u8]) -> Option<IpAddr> {
    let (tag, rest) = key.split_first()?;
    if *tag == Tag::Address4 as u8 || *tag == Tag::Host4 as u8 {
        return <[u8; 4]>::try_from(rest).ok().map(|octets| Ipv4Addr::from(octets).into());
    }
    let is_v6 = *tag == Tag::Address6 as u8 || *tag == Tag::Host6 as u8;
    is_v6.then(|| <[u8; 16]>::try_from(rest).ok().map(|octets| Ipv6Addr::from(octets).into()))?
}

/// The text after the tag, as patterns see it: names in reading order, file names, URLs and other texts in lower case.
#[must_use]
pub fn read_text(key: &[u8]) -> Option<String> {
    let (tag, rest) = key.split_first()?;
    let name = |bytes: &[u8]| {
        let labels: Vec<_> = bytes.split(|byte| *byte == 0).filter(|label| !label.is_empty()).rev().collect();
        String::from_utf8(labels.join(&b'.')).ok()
    };
    if *tag == Tag::Domain as u8 || *tag == Tag::Host as u8 {
        return name(rest);
    }
    if *tag == Tag::Email as u8 {
        let at = rest.iter().position(|byte| *byte == b'@')?;
        let (domain, local) = rest.split_at_checked(at)?;
        return Some(format!("{}@{}", std::str::from_utf8(local.get(1..)?).ok()?, name(domain)?));
    }
    std::str::from_utf8(rest).ok().map(str::to_lowercase)
}
