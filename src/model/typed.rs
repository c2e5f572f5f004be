//! What a typed or pasted value means: an address, a network, a domain… defanged or not.
//!
//! Reading never alters a document's value. Only what a person types or pastes is refanged, and shown before use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::ObservableKind;

/// What a typed or pasted line means, with the value as it is published and looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Typed {
    Ipv4(Ipv4Addr),
    /// Address and prefix length; host bits are zero.
    Ipv4Net(Ipv4Addr, u8),
    Ipv6(Ipv6Addr),
    Ipv6Net(Ipv6Addr, u8),
    Asn(u32),
    /// Lower-case, colons.
    Mac(String),
    Email(String),
    Url(String),
    /// In A-labels, lower-case, without a final dot.
    Domain(String),
}

impl Typed {
    /// Reads one pasted line, defanged or not.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let text = refang(line.trim());
        if text.is_empty() || text.len() > 2048 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return None;
        }
        if let Ok(ip) = text.parse() {
            return Some(Self::Ipv4(ip));
        }
        if let Ok(ip) = text.trim_start_matches('[').trim_end_matches(']').parse() {
            return Some(Self::Ipv6(ip));
        }
        url(&text)
            .or_else(|| network(&text))
            .or_else(|| asn(&text))
            .or_else(|| mac(&text))
            .or_else(|| email(&text))
            .or_else(|| domain(&text).map(Self::Domain))
    }

    #[must_use]
    pub fn kind(&self) -> ObservableKind {
        match self {
            Self::Ipv4(_) => ObservableKind::Ipv4,
            Self::Ipv6(_) => ObservableKind::Ipv6,
            Self::Ipv4Net(..) | Self::Ipv6Net(..) => ObservableKind::Network,
            Self::Asn(_) => ObservableKind::Asn,
            Self::Mac(_) => ObservableKind::Mac,
            Self::Email(_) => ObservableKind::Email,
            Self::Url(_) => ObservableKind::Url,
            Self::Domain(_) => ObservableKind::Domain,
        }
    }
}

impl std::fmt::Display for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ipv4(ip) => ip.fmt(f),
            Self::Ipv4Net(ip, length) => write!(f, "{ip}/{length}"),
            Self::Ipv6(ip) => ip.fmt(f),
            Self::Ipv6Net(ip, length) => write!(f, "{ip}/{length}"),
            Self::Asn(number) => number.fmt(f),
            Self::Mac(text) | Self::Email(text) | Self::Url(text) | Self::Domain(text) => f.write_str(text),
        }
    }
}

/// Undoes the usual defanging: `hxxp`, `[.]`, `(dot)`, `[@]`, `[:]`, full-width dots.
#[must_use]
pub fn refang(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match defanged(rest) {
            Some((length, plain)) => {
                clean.push_str(plain);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                clean.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    match clean.split_once("://").and_then(|(scheme, rest)| Some((plain_scheme(scheme)?, rest))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => clean,
    }
}

/// The mark that `text` begins with, if it is one of defanging: its length in bytes, and what it stands for.
#[must_use]
pub fn defanged(text: &str) -> Option<(usize, &'static str)> {
    const MARKS: [(&str, &str); 21] = [
        ("[://]", "://"),
        ("[:]", ":"),
        ("[/]", "/"),
        ("[.]", "."),
        ("[.", "."),
        (".]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("{dot}", "."),
        ("[@]", "@"),
        ("(@)", "@"),
        ("{@}", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
        ("{at}", "@"),
        ("\\.", "."),
        ("\u{ff0e}", "."),
        ("\u{3002}", "."),
        ("\u{ff61}", "."),
    ];
    let first = *text.as_bytes().first()?;
    // Most of a text is none of it.
    if !matches!(first, b'[' | b'(' | b'{' | b'.' | b'\\' | 0xe3 | 0xef) {
        return None;
    }
    let mark = MARKS.iter().find(|(mark, _)| {
        text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)) && (mark.len() != 2 || half(text))
    });
    mark.map(|(mark, plain)| (mark.len(), *plain))
}

/// Half a mark stands between the labels of a name and nowhere else: `bad[.example`, `bad.]example`; in `\.` there is no
/// half.
fn half(text: &str) -> bool {
    text.starts_with('\\') || text.chars().nth(2).is_some_and(char::is_alphanumeric)
}

/// The scheme that was defanged to this one.
#[must_use]
pub fn plain_scheme(scheme: &str) -> Option<&'static str> {
    const SCHEMES: [(&str, &str); 12] = [
        ("hxxp", "http"),
        ("hxxps", "https"),
        ("h**p", "http"),
        ("h**ps", "https"),
        ("hxtp", "http"),
        ("hxtps", "https"),
        ("htxp", "http"),
        ("htxps", "https"),
        ("http[s]", "https"),
        ("fxp", "ftp"),
        ("fxps", "ftps"),
        ("meow", "http"),
    ];
    SCHEMES.iter().find(|(mark, _)| mark.eq_ignore_ascii_case(scheme)).map(|(_, plain)| *plain)
}

fn network(text: &str) -> Option<Typed> {
    let (ip, length) = text.split_once('/')?;
    let length: u8 = length.parse().ok()?;
    if let Ok(ip) = ip.parse::<Ipv4Addr>() {
        let mask = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0);
        return (length <= 32).then(|| Typed::Ipv4Net((u32::from(ip) & mask).into(), length));
    }
    let ip: Ipv6Addr = ip.parse().ok()?;
    let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
    (length <= 128).then(|| Typed::Ipv6Net((u128::from(ip) & mask).into(), length))
}

fn asn(text: &str) -> Option<Typed> {
    let number = text.get(..2).filter(|start| start.eq_ignore_ascii_case("AS")).and_then(|_| text.get(2..))?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok().map(Typed::Asn))?
}

fn mac(text: &str) -> Option<Typed> {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    let is_octet = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (parts.len() == 6 && parts.iter().all(is_octet)).then(|| Typed::Mac(parts.join(":").to_ascii_lowercase()))
}

fn email(text: &str) -> Option<Typed> {
    let (local, host) = text.rsplit_once('@')?;
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local_is_good = !local.is_empty() && local.len() <= 64 && local.chars().all(plain);
    (local_is_good && !local.starts_with('.') && !local.ends_with('.'))
        .then(|| domain(host).map(|host| Typed::Email(format!("{local}@{host}"))))?
}

fn url(text: &str) -> Option<Typed> {
    let (scheme, rest) = text.split_once("://")?;
    let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    // The value is xs:anyURI: characters a URI may not hold (RFC 3986 §2) are written as escapes, nothing else changes.
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (good && !host.is_empty()).then(|| Typed::Url(escape_uri(text)))
}

fn escape_uri(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// A domain of at least two labels, in A-labels; `None` when it is not one.
#[must_use]
pub fn domain(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    // Most names are plain already; IDNA would be most of the time spent on them.
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_');
    let ascii = if text.bytes().all(is_plain) && !text.contains("xn--") {
        text.to_owned()
    } else {
        idna::domain_to_ascii(text).ok()?
    };
    // Underscores are no host name but stand in service names that reports speak of.
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_name = ascii.rsplit('.').next().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
    (ascii.len() <= 253 && ascii.contains('.') && last_is_name && ascii.split('.').all(label)).then_some(ascii)
}

/// A network as documents write it: `a/length`, `a/mask`, `a mask`, or one address.
#[must_use]
pub fn network_of(text: &str) -> Option<IpNet> {
    let Some((ip, mask)) = text.split_once(['/', ' ']) else { return text.parse::<IpAddr>().ok().map(IpNet::from) };
    let ip: IpAddr = ip.trim().parse().ok()?;
    let length = match mask.trim().parse::<IpAddr>() {
        Ok(mask) => ipnet::ip_mask_to_prefix(mask).ok()?,
        Err(_) => mask.trim().parse().ok()?,
    };
    IpNet::new(ip, length).ok().map(|net| net.trunc())
}

/// `64500` or `AS64500`.
#[must_use]
pub fn asn_of(text: &str) -> Option<u32> {
    let digits = text
        .get(..2)
        .filter(|start| start.eq_ignore_ascii_case("as"))
        .map_or(text, |_| text.get(2..).unwrap_or_default());
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The host of a URL, without user, port and brackets.
#[must_use]
pub fn url_host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split_once(']').map(|(ip, _)| ip);
    }
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_lines() {
        use ObservableKind as Kind;
        for (line, kind, value) in [
            ("192.0.2.1", Kind::Ipv4, "192.0.2.1"),
            (" 192[.]0[.]2[.]1 ", Kind::Ipv4, "192.0.2.1"),
            ("192(dot)0(DOT)2{.}1", Kind::Ipv4, "192.0.2.1"),
            ("192\u{ff0e}0\u{3002}2.1", Kind::Ipv4, "192.0.2.1"),
            ("192.0.2.77/24", Kind::Network, "192.0.2.0/24"),
            ("0.0.0.0/0", Kind::Network, "0.0.0.0/0"),
            ("2001:db8::1", Kind::Ipv6, "2001:db8::1"),
            ("[2001:db8::1]", Kind::Ipv6, "2001:db8::1"),
            ("2001[:]db8::1", Kind::Ipv6, "2001:db8::1"),
            ("2001:DB8:77:1::/48", Kind::Network, "2001:db8:77::/48"),
            ("AS64500", Kind::Asn, "64500"),
            ("02-00-5E-10-00-01", Kind::Mac, "02:00:5e:10:00:01"),
            ("drop[@]bad[.]example", Kind::Email, "drop@bad.example"),
            ("drop[at]bad[dot]example", Kind::Email, "drop@bad.example"),
            ("hxxps://bad[.]example/a?b=1", Kind::Url, "https://bad.example/a?b=1"),
            ("hXXp[://]198.51.100[.]9:8080/x", Kind::Url, "http://198.51.100.9:8080/x"),
            ("http://bad.example/\u{fc}<", Kind::Url, "http://bad.example/%C3%BC%3C"),
            ("Update.Bad.example.", Kind::Domain, "update.bad.example"),
            ("b\u{fc}cher.example", Kind::Domain, "xn--bcher-kva.example"),
            ("_dmarc.bad.example", Kind::Domain, "_dmarc.bad.example"),
        ] {
            let typed = Typed::read(line).unwrap_or_else(|| panic!("{line:?} was not understood"));
            assert_eq!((typed.kind(), typed.to_string().as_str()), (kind, value), "{line:?}");
            assert_eq!(Typed::read(value), Some(typed).filter(|t| !matches!(t, Typed::Asn(_))), "{value:?} again");
        }
    }

    #[test]
    fn no_meaning() {
        for line in [
            "",
            "   ",
            "hello",
            "two words.example",
            "192.0.2.300",
            "192.0.2.1/33",
            "2001:db8::/129",
            "2001:db8::g",
            "AS",
            "AS12x",
            "AS99999999999",
            "@bad.example",
            "a@",
            "http://",
            "://x",
            "bad..example",
            "-bad.example",
            "1.2.3",
            "a\u{0}b.example",
            "02:00:5e:10:00",
        ] {
            assert_eq!(Typed::read(line), None, "{line:?}");
        }
        assert_eq!(Typed::read(&"a.".repeat(2000)), None);
    }
}
