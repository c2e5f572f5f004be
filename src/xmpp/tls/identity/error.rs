//! Why a client certificate could not be read, in words.

use crate::model::Say;

/// What is wrong with the file of a client certificate. Never carries a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("cannot read {path}: {cause}")]
    File { path: String, cause: String },
    #[error("{path} is no plain file")]
    NotAFile { path: String },
    #[error("{path} is too large")]
    TooLarge { path: String },
    /// Neither PEM nor PKCS#12.
    #[error("neither PEM nor PKCS#12")]
    Unknown,
    /// Of a known kind, but this part of it breaks the rules.
    #[error("unreadable {0}")]
    Unreadable(&'static str),
    #[error("no certificate in it")]
    NoCertificate,
    #[error("no private key in it")]
    NoKey,
    #[error("{0} private keys in it")]
    SeveralKeys(usize),
    #[error("the key belongs to none of the certificates")]
    Mismatch,
    /// Encrypted, and no passphrase is known.
    #[error("a passphrase is needed")]
    NeedsPassphrase,
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// OpenSSL's own encryption of PEM keys, from before PKCS#8: one round of MD5.
    #[error("the key is encrypted the way OpenSSL did before PKCS#8")]
    OldEncryption,
    /// A kind of key or encryption that is not supported.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::File { path, cause } => Say::new("error-identity-file").with("path", path).with("cause", cause),
            Self::NotAFile { path } => Say::new("error-identity-not-a-file").with("path", path),
            Self::TooLarge { path } => Say::new("error-identity-too-large").with("path", path),
            Self::Unknown => Say::new("error-identity-unknown"),
            Self::Unreadable(part) => Say::new("error-identity-unreadable").with("part", *part),
            Self::NoCertificate => Say::new("error-identity-no-certificate"),
            Self::NoKey => Say::new("error-identity-no-key"),
            Self::SeveralKeys(count) => Say::new("error-identity-several-keys").with("count", count.to_string()),
            Self::Mismatch => Say::new("error-identity-mismatch"),
            Self::NeedsPassphrase => Say::new("error-identity-needs-passphrase"),
            Self::WrongPassphrase => Say::new("error-identity-wrong-passphrase"),
            Self::OldEncryption => Say::new("error-identity-old-encryption"),
            Self::Unsupported(what) => Say::new("error-identity-unsupported").with("what", *what),
        }
    }

    /// Whether a passphrase is what is missing: a person can be asked for it at once.
    #[must_use]
    pub fn wants_passphrase(&self) -> bool {
        matches!(self, Self::NeedsPassphrase | Self::WrongPassphrase)
    }
}
