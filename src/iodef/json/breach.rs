//! What JSON says beside what RFC 8727 and IODEF have in common: how bad that is, and how often it was met.

use crate::iodef::check::Grade;
use crate::iodef::schema::Profile;

/// How many remarks of each kind there are, those that are not told among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub beyond: usize,
    pub draft: usize,
    pub alone: usize,
    /// Of those that stand alone the numbers of names, which say no more than the name.
    pub numbers: usize,
}

impl Counts {
    #[must_use]
    pub fn all(self) -> usize {
        self.beyond + self.draft + self.alone
    }

    /// How many say that something is not in the document.
    #[must_use]
    pub fn lost(self) -> usize {
        self.beyond + self.alone - self.numbers
    }

    /// How many make the JSON invalid.
    #[must_use]
    pub fn invalid(self, against: Profile) -> usize {
        self.beyond + if against == Profile::Published { self.draft } else { 0 }
    }
}

/// What is out of the ordinary in the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// RFC 8727 has no place for it: left out.
    Beyond,
    /// As an older draft had it: read, and not as published.
    Draft,
    /// RFC 8727 has a place for it and IODEF's XML has none: left out.
    Alone,
}

impl Breach {
    /// How bad that is.
    #[must_use]
    pub fn grade(self, against: Profile) -> Grade {
        match (self, against) {
            (Self::Beyond, _) | (Self::Draft, Profile::Published) => Grade::Invalid,
            (Self::Draft | Self::Alone, _) => Grade::Note,
        }
    }
}
