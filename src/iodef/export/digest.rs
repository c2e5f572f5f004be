//! Digests of files and certificates: which algorithm, and the value in hexadecimal.
//!
//! `ds:DigestValue` is base64 of the octets. Senders also put hexadecimal there, plain or wrapped into base64 once more
//! (the guidance samples do); the digest's length tells which it is.

use crate::iodef::observable::{self, Of, canonical};

/// What the exports have a name for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Plain(observable::Algorithm),
    Ssdeep,
    Tlsh,
}

impl Algorithm {
    /// By the identifier of `ds:DigestMethod`.
    #[must_use]
    pub fn of_method(uri: &str) -> Option<Self> {
        observable::Algorithm::of(uri).map(Self::Plain)
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

    /// The key in a STIX `hashes` dictionary (`hash-algorithm-ov`); it has none for the others.
    #[must_use]
    pub fn stix(self) -> Option<&'static str> {
        use observable::Algorithm::{Md5, Sha1, Sha224, Sha256, Sha384, Sha512};
        match self {
            Self::Plain(known @ (Md5 | Sha1 | Sha256 | Sha512)) => Some(known.name()),
            Self::Plain(Sha224 | Sha384) => None,
            Self::Ssdeep => Some("SSDEEP"),
            Self::Tlsh => Some("TLSH"),
        }
    }

    /// The MISP attribute type, and the relation in MISP's file object.
    #[must_use]
    pub fn misp(self) -> &'static str {
        use observable::Algorithm::{Md5, Sha1, Sha224, Sha256, Sha384, Sha512};
        match self {
            Self::Plain(Md5) => "md5",
            Self::Plain(Sha1) => "sha1",
            Self::Plain(Sha224) => "sha224",
            Self::Plain(Sha256) => "sha256",
            Self::Plain(Sha384) => "sha384",
            Self::Plain(Sha512) => "sha512",
            Self::Ssdeep => "ssdeep",
            Self::Tlsh => "tlsh",
        }
    }

    /// The value as the world writes it: lower-case hexadecimal, or a fuzzy digest's own form. `None` when the text is
    /// no digest of this algorithm.
    #[must_use]
    pub fn value(self, text: &str) -> Option<String> {
        let text: String = text.split_whitespace().collect();
        let Self::Plain(algorithm) = self else { return self.fuzzy(text) };
        // A digest of a wrong length finds nothing and misleads.
        let value = canonical(Of::Hash, &text, Some(algorithm)).into_owned();
        let whole = value.len() == algorithm.length() * 2 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        whole.then(|| value.to_ascii_lowercase())
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

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_digest_is_found_in_every_dress() {
        let method = |uri| Algorithm::of_method(uri).unwrap();
        assert_eq!(method("http://www.w3.org/2001/04/xmlenc#sha256"), Algorithm::Plain(observable::Algorithm::Sha256));
        assert_eq!(
            method(" http://www.w3.org/2001/04/xmldsig-more#md5\n"),
            Algorithm::Plain(observable::Algorithm::Md5)
        );
        assert_eq!(method("urn:x:SHA-1"), Algorithm::Plain(observable::Algorithm::Sha1));
        assert_eq!(Algorithm::of_method("http://www.w3.org/2001/04/xmlenc#ripemd160"), None);
        let md5 = "335b0e592a22326cd533b3c1e574041c";
        for text in [
            "M1sOWSoiMmzVM7PB5XQEHA==",
            "M1sOWSoiMmzVM7PB5XQEHA",
            md5,
            &md5.to_uppercase(),
            &format!("0x{md5}"),
            "M1sOWSoiMmzV\n  M7PB5XQEHA==",
        ] {
            assert_eq!(Algorithm::Plain(observable::Algorithm::Md5).value(text).as_deref(), Some(md5), "{text}");
        }
        let wrapped = STANDARD.encode(format!("0x{}", md5.to_uppercase()));
        assert_eq!(Algorithm::Plain(observable::Algorithm::Md5).value(&wrapped).as_deref(), Some(md5));
        for text in ["", "0x", "M1sOWSoiMmzVM7PB5XQE", &md5[1..], &format!("{md5}00"), "'; DROP", "=1+1"] {
            assert_eq!(Algorithm::Plain(observable::Algorithm::Md5).value(text), None, "{text}");
        }
        assert!(Algorithm::Ssdeep.value("3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C").is_some());
        assert_eq!(Algorithm::Ssdeep.value("3:AX'"), None);
    }
}
