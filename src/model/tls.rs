//! How TLS starts on a link to the controller; there is no third way.

/// Named alike in settings (`starttls`, `direct`), on the command line and in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tls {
    /// RFC 6120 §5, required: no plaintext session ever.
    #[default]
    StartTls,
    /// XEP-0368.
    Direct,
}

impl Tls {
    pub const ALL: [Self; 2] = [Self::StartTls, Self::Direct];

    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Direct => "direct",
        }
    }

    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tls| tls.token() == token)
    }

    /// The port where the controller listens unless someone says otherwise (RFC 6120 §14.7, XEP-0368).
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::StartTls => 5222,
            Self::Direct => 5223,
        }
    }
}
