//! Secrets: the type that never prints itself, and where passwords are kept (`security.md` §4).
//!
//! A leaf: uses nothing of this crate but `model::Say`.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A password or key in memory. It is wiped when dropped and prints as `***`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
