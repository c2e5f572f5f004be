//! Digests of files and certificates: which algorithm, and the value in hexadecimal.
//!
//! `ds:DigestValue` is base64 of the octets. Senders also put hexadecimal there, plain or wrapped into base64 once more
//! (the guidance samples do); the digest's length tells which it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the exports have a name for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Ssdeep,
    Tlsh,
}

impl Algorithm {
    /// By the identifier of `ds:DigestMethod`: the last part names it in every namespace that senders use.
    #[must_use]
    pub fn of_method(uri: &str) -> Option<Self> {
        let name = uri.trim().rsplit(['#', '/', ':']).next().unwrap_or_default();
        Some(match name.to_ascii_lowercase().replace('-', "").as_str() {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// By the name of a `FuzzyHashValue`.
    #[must_use]
    pub fn of_fuzzy(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "ssdeep" => Some(Self::Ssdeep),
            "tlsh" => Some(Self::Tlsh),
            _ => None,
        }
    }

    /// Octets of a digest; `None` for a fuzzy one.
    fn octets(self) -> Option<usize> {
        Some(match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
            Self::Ssdeep | Self::Tlsh => return None,
        })
    }

    /// The key in a STIX `hashes` dictionary (`hash-algorithm-ov`); it has none for the others.
    #[must_use]
    pub fn stix(self) -> Option<&'static str> {
        Some(match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
            Self::Ssdeep => "SSDEEP",
            Self::Tlsh => "TLSH",
            Self::Sha224 | Self::Sha384 => return None,
        })
    }

    /// The MISP attribute type, and the relation in MISP's file object.
    #[must_use]
    pub fn misp(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Ssdeep => "ssdeep",
            Self::Tlsh => "tlsh",
        }
    }

    /// The value as the world writes it: lower-case hexadecimal, or a fuzzy digest's own form. `None` when the text is
    /// no digest of this algorithm.
    #[must_use]
    pub fn value(self, text: &str) -> Option<String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let Some(octets) = self.octets() else { return self.fuzzy(text) };
        let decoded = STANDARD.decode(&text).unwrap_or_default();
        if decoded.len() == octets {
            return Some(hex(&decoded));
        }
        let wrapped = String::from_utf8(decoded).unwrap_or_default();
        [text, wrapped].iter().find_map(|text| {
            let plain = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
            // Senders lose or double a digit; a digest of a wrong length finds nothing and misleads.
            let whole = plain.len() == octets * 2 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
            whole.then(|| plain.to_ascii_lowercase())
        })
    }

    fn fuzzy(self, text: String) -> Option<String> {
        let good = match self {
            Self::Ssdeep => {
                text.len() <= 128
                    && text.matches(':').count() == 2
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+:.".contains(&byte))
            }
            _ => text.len() == 70 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        };
        good.then_some(text)
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_found_in_every_dress() {
        let method = |uri| Algorithm::of_method(uri).unwrap();
        assert_eq!(method("http://www.w3.org/2001/04/xmlenc#sha256"), Algorithm::Sha256);
        assert_eq!(method(" http://www.w3.org/2001/04/xmldsig-more#md5\n"), Algorithm::Md5);
        assert_eq!(method("urn:x:SHA-1"), Algorithm::Sha1);
        assert_eq!(Algorithm::of_method("http://www.w3.org/2001/04/xmlenc#ripemd160"), None);
        let md5 = "335b0e592a22326cd533b3c1e574041c";
        for text in
            ["M1sOWSoiMmzVM7PB5XQEHA==", md5, &md5.to_uppercase(), &format!("0x{md5}"), "M1sOWSoiMmzV\n  M7PB5XQEHA=="]
        {
            assert_eq!(Algorithm::Md5.value(text).as_deref(), Some(md5), "{text}");
        }
        let wrapped = STANDARD.encode(format!("0x{}", md5.to_uppercase()));
        assert_eq!(Algorithm::Md5.value(&wrapped).as_deref(), Some(md5));
        for text in ["", "0x", "M1sOWSoiMmzVM7PB5XQEHA", &md5[1..], &format!("{md5}00"), "'; DROP", "=1+1"] {
            assert_eq!(Algorithm::Md5.value(text), None, "{text}");
        }
        assert!(Algorithm::Ssdeep.value("3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C").is_some());
        assert_eq!(Algorithm::Ssdeep.value("3:AX'"), None);
    }
}
