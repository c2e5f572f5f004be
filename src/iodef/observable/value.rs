//! The canonical form of an observable: what two senders who mean the same agree on.
//!
//! It is for comparing, counting and searching. What a person sees, copies or exports as sent is the original. Nothing is
//! refanged: a defanged value is another value until a person says otherwise.

use std::borrow::Cow;
use std::net::IpAddr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use super::{Of, looks_like_cve};
use crate::model::typed;
use crate::text::hex;

/// A hash function that makes a digest of known length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// By the URI of a `ds:DigestMethod`. Senders write the right word under many wrong bases: the last part counts.
    #[must_use]
    pub fn of(uri: &str) -> Option<Self> {
        let name = uri.trim().rsplit(['#', '/', ':']).next()?;
        let name: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
        Self::ALL.into_iter().find(|known| known.name().replace('-', "").eq_ignore_ascii_case(&name))
    }

    #[must_use]
    pub fn by_length(bytes: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.length() == bytes)
    }

    /// As STIX and people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The URI of a `ds:DigestMethod` (RFC 6931 §2.1, XML Encryption §5.8).
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Md5 => "http://www.w3.org/2001/04/xmldsig-more#md5",
            Self::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
            Self::Sha224 => "http://www.w3.org/2001/04/xmldsig-more#sha224",
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    /// Bytes of a digest.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The canonical form of `text`, which is trimmed; `text` itself when it is not what it should be. `algorithm` is what the
/// document says a digest was made with.
#[must_use]
pub fn canonical(of: Of, text: &str, algorithm: Option<Algorithm>) -> Cow<'_, str> {
    let found = match of {
        Of::Ipv4 | Of::Ipv6 => match text.parse::<IpAddr>() {
            Ok(IpAddr::V6(ip)) => Some(ip.to_canonical().to_string()),
            // What is read as one of IPv4 is written in its only form.
            Ok(IpAddr::V4(_)) | Err(_) => None,
        },
        Of::Network => typed::network_of(text).map(|net| net.to_string()).or_else(|| masked(text)),
        Of::Asn => typed::asn_of(text).or_else(|| dotted(text)).map(|number| number.to_string()),
        Of::Mac => mac(text),
        Of::Email => email(text),
        Of::Domain => Some(typed::domain(text).unwrap_or_else(|| text.to_ascii_lowercase())),
        Of::Url => url(text),
        Of::Hash => digest(text, algorithm).map(|bytes| hex(&bytes)),
        Of::Certificate => from_base64(text).map(|der| hex(&Sha256::digest(der))),
        // Most are one number.
        Of::Port if text.bytes().all(|byte| byte.is_ascii_digit()) => None,
        Of::Port => ports(text),
        Of::Cve if looks_like_cve(text) => Some(text.to_ascii_uppercase()),
        Of::Cve => Some(format!("CVE-{text}")),
        Of::RegistryKey => Some(registry(text)),
        _ => None,
    };
    found.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let text: String = text.split_whitespace().collect();
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// A digest in Base64, as `ds:DigestValue` has it, or in hexadecimal digits, as most senders and every bulk list have it;
/// or in both, one in the other. The length decides, by the algorithm if it is known.
fn digest(text: &str, algorithm: Option<Algorithm>) -> Option<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    let fits = |bytes: &Vec<u8>| match algorithm {
        Some(algorithm) => bytes.len() == algorithm.length(),
        None => Algorithm::by_length(bytes.len()).is_some(),
    };
    // Some write it as a number of C.
    let from_hex = |text: &str| from_hex(text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text));
    let decoded = || from_base64(&text);
    let twice = || decoded().and_then(|bytes| from_hex(std::str::from_utf8(&bytes).ok()?));
    from_hex(&text)
        .filter(fits)
        .or_else(|| twice().filter(fits))
        .or_else(|| decoded().filter(fits))
        // Said to be of another length: what looks like a digest is one.
        .or_else(|| from_hex(&text).filter(|bytes| Algorithm::by_length(bytes.len()).is_some()))
}

/// A network with what it says beyond its length: two hosts of one network are two things where a person compares.
/// `None` where there is no more to it.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let (address, _) = text.split_once(['/', ' '])?;
    let (address, net) = (address.trim().parse::<IpAddr>().ok()?, typed::network_of(text)?);
    (address != net.addr()).then(|| format!("{address}/{}", net.prefix_len()))
}

/// A sanitised address (`*-net-masked`, RFC 7970 §3.18.1): where whole parts at its end are `x`, it is a network.
fn masked(text: &str) -> Option<String> {
    let (address, _) = text.split_once('/').unwrap_or((text, ""));
    let (mark, bits, most) = if address.contains(':') { (':', 16, 8) } else { ('.', 8, 4) };
    let parts: Vec<&str> = address.split(mark).collect();
    let is_hidden = |part: &&&str| !part.is_empty() && part.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'x'));
    let hidden = parts.iter().rev().take_while(is_hidden).count();
    if parts.len() != most || hidden == 0 {
        return None;
    }
    let shown = parts.iter().take(most - hidden).copied();
    let filled: Vec<&str> = shown.chain(std::iter::repeat_n("0", hidden)).collect();
    let length = (most - hidden) * bits;
    typed::network_of(&format!("{}/{length}", filled.join(&mark.to_string()))).map(|net| net.to_string())
}

/// `1.10` of RFC 5396.
fn dotted(text: &str) -> Option<u32> {
    let (high, low) = text.trim_start_matches(['A', 'S', 'a', 's']).split_once('.')?;
    Some(u32::from(high.parse::<u16>().ok()?) << 16 | u32::from(low.parse::<u16>().ok()?))
}

fn mac(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let bytes = from_hex(&digits).filter(|bytes| bytes.len() == 6)?;
    Some(bytes.iter().map(|byte| hex(&[*byte])).collect::<Vec<_>>().join(":"))
}

/// The local part is the receiver's business; the host is not.
fn email(text: &str) -> Option<String> {
    let (local, host) = text.rsplit_once('@')?;
    let host = typed::domain(host).unwrap_or_else(|| host.to_ascii_lowercase());
    Some(format!("{local}@{host}"))
}

/// A link that its sender folded, on one line. `None` where a blank stands for itself, or what follows is another link: two
/// that differ are not one.
#[must_use]
pub fn unfolded(text: &str) -> Option<String> {
    let mut link = String::with_capacity(text.len());
    let mut rest = text.trim();
    if rest.split_once(char::is_whitespace).is_some_and(|(_, more)| more.contains("://")) {
        return None;
    }
    while let Some((word, after)) = rest.split_once(char::is_whitespace) {
        link.push_str(word);
        let next = after.trim_start();
        if !rest.get(word.len()..rest.len() - next.len())?.contains(['\n', '\r']) {
            return None;
        }
        rest = next;
    }
    link.push_str(rest);
    Some(link)
}

/// Scheme and host in lower case, the host in A-labels; the rest means what the server wants it to.
fn url(text: &str) -> Option<String> {
    if text.contains(char::is_whitespace) {
        return url(&unfolded(text)?);
    }
    let (scheme, rest) = text.split_once("://")?;
    let host = typed::url_host(text)?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let at = authority.rfind(host)?;
    let plain = match host.parse::<IpAddr>() {
        Ok(ip) => ip.to_string(),
        Err(_) => typed::domain(host).unwrap_or_else(|| host.to_ascii_lowercase()),
    };
    let (before, after) = (authority.get(..at)?, authority.get(at + host.len()..)?);
    Some(format!("{}://{before}{plain}{after}{path}", scheme.to_ascii_lowercase()))
}

/// Numbers and ranges without the blanks around them; blanks inside a number are no list's.
fn ports(text: &str) -> Option<String> {
    let parts = text.split(',').map(|range| range.split('-').map(str::trim).collect::<Vec<_>>());
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let ranges = parts.map(|range| range.iter().all(is_number).then(|| range.join("-")));
    Some(ranges.collect::<Option<Vec<_>>>()?.join(","))
}

/// Hives by their long names, one backslash between parts. A long key is folded after a backslash.
fn registry(text: &str) -> String {
    const HIVES: [(&str, &str); 5] = [
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKU", "HKEY_USERS"),
        ("HKCC", "HKEY_CURRENT_CONFIG"),
    ];
    let mut folded = String::with_capacity(text.len());
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if index > 0 && !folded.ends_with('\\') {
            folded.push('\n');
        }
        folded.push_str(line);
    }
    let text = folded;
    let parts: Vec<&str> = text.split('\\').filter(|part| !part.is_empty()).collect();
    let Some((first, rest)) = parts.split_first() else { return text };
    let hive = HIVES.iter().find(|(short, long)| first.eq_ignore_ascii_case(short) || first.eq_ignore_ascii_case(long));
    let first = hive.map_or(*first, |(_, long)| long);
    std::iter::once(first).chain(rest.iter().copied()).collect::<Vec<_>>().join("\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_senders_write_in_many_ways() {
        let sha256 = "e05b711b8438f1a9c13dfbbaddc24f6411fac2c00fa319d423f6b13fdc91e07c";
        for (of, text, expected) in [
            (Of::Ipv4, "192.0.2.1", "192.0.2.1"),
            (Of::Ipv4, "192.0.2.300", "192.0.2.300"),
            (Of::Ipv6, "2001:DB8:0::1", "2001:db8::1"),
            (Of::Ipv6, "::ffff:192.0.2.1", "192.0.2.1"),
            (Of::Network, "192.0.2.77/24", "192.0.2.0/24"),
            (Of::Network, "192.0.2.77/255.255.255.0", "192.0.2.0/24"),
            (Of::Network, "192.0.2.xxx", "192.0.2.0/24"),
            (Of::Network, "192.0.X.X/24", "192.0.0.0/16"),
            (Of::Network, "192.0.2.1xx", "192.0.2.1xx"),
            (Of::Network, "2001:DB8:77:1::/48", "2001:db8:77::/48"),
            (Of::Network, "2001:db8:0:1:xxxx:xxxx:xxxx:xxxx", "2001:db8:0:1::/64"),
            (Of::Network, "2001:db8::/ffff:ffff::", "2001:db8::/32"),
            (Of::Asn, "AS64500", "64500"),
            (Of::Asn, "1.10", "65546"),
            (Of::Mac, "02-00-5E-10-00-01", "02:00:5e:10:00:01"),
            (Of::Mac, "0200.5E10.0001", "02:00:5e:10:00:01"),
            (Of::Url, "HTTPS://A.example/log-bin/\n   Install.php", "https://a.example/log-bin/Install.php"),
            (Of::Url, "https://a.example/x\nhttps://B.example/y", "https://a.example/x\nhttps://B.example/y"),
            (Of::Url, "https://a.example/My File", "https://a.example/My File"),
            (Of::Email, "Drop@B\u{fc}cher.example", "Drop@xn--bcher-kva.example"),
            (Of::Domain, "Bad.Example.", "bad.example"),
            (Of::Domain, "LOCALHOST", "localhost"),
            (Of::Url, "HTTP://u@B\u{fc}cher.Example:80/A?b=C", "http://u@xn--bcher-kva.example:80/A?b=C"),
            (Of::Url, "http://[2001:DB8::1]/X", "http://[2001:db8::1]/X"),
            (Of::Url, "mailto:a@b", "mailto:a@b"),
            (Of::Hash, sha256, sha256),
            (Of::Hash, "4FtxG4Q48anBPfu63cJPZBH6wsAPoxnUI/axP9yR4Hw=", sha256),
            (Of::Hash, "4FtxG4Q48anBPfu6\n 3cJPZBH6wsAPoxnUI/axP9yR4Hw", sha256),
            (Of::Hash, "MzM1QjBFNTkyQTIyMzI2Q0Q1MzNCM0MxRTU3NDA0MUM=", "335b0e592a22326cd533b3c1e574041c"),
            (Of::Hash, "335B0E592A22326CD533B3C1E574041C", "335b0e592a22326cd533b3c1e574041c"),
            (Of::Hash, "0x335B0E592A22326CD533B3C1E574041C", "335b0e592a22326cd533b3c1e574041c"),
            (Of::Hash, "unknown", "unknown"),
            (Of::Cve, "cve-2026-0001", "CVE-2026-0001"),
            (Of::Cve, "2026-0001", "CVE-2026-0001"),
            (Of::Port, "22, 80-90", "22,80-90"),
            (Of::Port, "8 0,443", "8 0,443"),
            (Of::RegistryKey, "hklm\\\\Software\\X", "HKEY_LOCAL_MACHINE\\Software\\X"),
            (Of::RegistryKey, "HKCU\\a b\\\n   c", "HKEY_CURRENT_USER\\a b\\c"),
            (Of::RegistryKey, "HKCU\\a\nb", "HKEY_CURRENT_USER\\a\nb"),
            (Of::Mutex, "Global\\X", "Global\\X"),
        ] {
            assert_eq!(canonical(of, text, None), expected, "{of:?} {text}");
            assert_eq!(canonical(of, &canonical(of, text, None), None), expected, "{of:?} {text} again");
        }
        // Forty digits are a SHA-1, unless they are said to be what they can be in Base64 only.
        let both = "abcdefabcdefabcdefabcdefabcdefabcdefabcd";
        assert_eq!(canonical(Of::Hash, both, Some(Algorithm::Sha1)), both);
        assert_eq!(canonical(Of::Hash, both, Some(Algorithm::Md5)), both);
        // SHA-256 of the DER, here of an empty sequence.
        assert_eq!(
            canonical(Of::Certificate, "MAA=", None),
            "e4f60d0aa6d7f3d3b6a6494b1c861b99f649c6f9ec51abaf201b20f297327c95"
        );
    }

    #[test]
    fn algorithms_by_their_uri() {
        for (uri, expected) in [
            ("http://www.w3.org/2001/04/xmlenc#sha256", Some(Algorithm::Sha256)),
            ("http://www.w3.org/2000/09/xmldsig#sha1", Some(Algorithm::Sha1)),
            ("http://www.w3.org/2001/04/xmldsig-more#md5", Some(Algorithm::Md5)),
            ("SHA-512", Some(Algorithm::Sha512)),
            ("http://www.w3.org/2007/05/xmldsig-more#sha3-256", None),
            ("", None),
        ] {
            assert_eq!(Algorithm::of(uri), expected, "{uri}");
        }
    }
}
