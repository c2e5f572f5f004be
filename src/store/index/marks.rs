//! A row's small facts, packed into one word: codes, flags and two counts.

use crate::model::{Kind, Severity, Tlp};

/// A fact with few values: where its bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    shift: u32,
    width: u32,
}

impl Code {
    pub const SEVERITY: Self = Self { shift: 0, width: 2 };
    /// The document's own label.
    pub const LABEL: Self = Self { shift: 2, width: 3 };
    /// The strictest label inside.
    pub const STRICTEST: Self = Self { shift: 5, width: 3 };
    pub const KIND: Self = Self { shift: 8, width: 3 };
    pub const PURPOSE: Self = Self { shift: 11, width: 3 };
    pub const STATUS: Self = Self { shift: 14, width: 3 };
    /// How many observables; the greatest number stands for all beyond it.
    pub const OBSERVABLES: Self = Self { shift: 37, width: 20 };
    /// The version under the item's id; the greatest stands for all beyond it.
    pub const REVISION: Self = Self { shift: 57, width: 7 };

    #[must_use]
    pub fn most(self) -> u64 {
        (1 << self.width) - 1
    }

    #[must_use]
    pub fn of(self, marks: u64) -> u64 {
        (marks >> self.shift) & self.most()
    }

    fn with(self, value: u64) -> u64 {
        value.min(self.most()) << self.shift
    }
}

/// Yes-or-no facts of a row, most of which change while it is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u64);

impl Flags {
    pub const NONE: Self = Self(0);
    pub const UNREAD: Self = Self::bit(0);
    pub const STARRED: Self = Self::bit(1);
    /// Changed since it was read.
    pub const UPDATED: Self = Self::bit(2);
    pub const RETRACTED: Self = Self::bit(3);
    /// Not on its broker any more.
    pub const ABSENT: Self = Self::bit(4);
    pub const SNOOZED: Self = Self::bit(5);
    pub const MUTED: Self = Self::bit(6);
    pub const MINE: Self = Self::bit(7);
    pub const OURS: Self = Self::bit(8);
    /// Another document stands under its item id.
    pub const DUP: Self = Self::bit(9);
    pub const ASK: Self = Self::bit(10);
    pub const CONTACT: Self = Self::bit(11);
    pub const HISTORY: Self = Self::bit(12);
    pub const EXT: Self = Self::bit(13);
    pub const NOTE: Self = Self::bit(14);
    /// Taken away by retention: no filter finds it.
    pub const GONE: Self = Self::bit(15);
    /// Its document was read by an earlier version of this program: what that did not look for is not in the columns.
    pub const STALE: Self = Self::bit(16);
    /// A newer document of the same incident is here, under an item id of its own ([`super::incident`]).
    pub const SUPERSEDED: Self = Self::bit(17);

    const FIRST: u32 = 17;

    const fn bit(index: u32) -> Self {
        Self(1 << (Self::FIRST + index))
    }

    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These if it is so.
    #[must_use]
    pub const fn when(self, so: bool) -> Self {
        if so { self } else { Self::NONE }
    }

    #[must_use]
    pub const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }
}

/// RFC 7970 §3.2 `Incident@purpose` and `@status`; [`OTHER`] is any other word.
const PURPOSES: [&str; 5] = ["traceback", "mitigation", "reporting", "watch", "other"];
const STATUSES: [&str; 5] = ["new", "in-progress", "forwarded", "resolved", "future"];
/// The codes of no word and of a word that has none of its own.
pub const NONE: u64 = 0;
pub const OTHER: u64 = 7;
/// The code of [`Kind::Invalid`].
pub const INVALID: u64 = 3;

pub fn severity(severity: Severity) -> u64 {
    match severity {
        Severity::Unknown => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
    }
}

pub fn read_severity(code: u64) -> Severity {
    match code {
        1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        _ => Severity::Unknown,
    }
}

/// An unknown code is read as the strictest.
pub fn read_label(code: u64) -> Tlp {
    match code {
        0 => Tlp::Clear,
        1 => Tlp::Green,
        2 => Tlp::Amber,
        3 => Tlp::AmberStrict,
        4 => Tlp::ByAgreement,
        _ => Tlp::Red,
    }
}

pub fn kind(kind: &Kind) -> u64 {
    match kind {
        Kind::Iodef2 => 0,
        Kind::Iodef1 => 1,
        Kind::Foreign { .. } => 2,
        Kind::Invalid(_) => INVALID,
        Kind::Empty => 4,
        Kind::Gone => 5,
    }
}

fn word(words: &[&str], own: Option<&str>) -> u64 {
    let Some(own) = own else { return NONE };
    words.iter().position(|word| *word == own).map_or(OTHER, |at| at as u64 + 1)
}

pub fn purpose(own: Option<&str>) -> u64 {
    word(&PURPOSES, own)
}

pub fn status(own: Option<&str>) -> u64 {
    word(&STATUSES, own)
}

/// The codes a pattern of purposes or statuses takes in; what has no code of its own is asked elsewhere.
pub fn words(code: Code, fits: impl Fn(&str) -> bool) -> u16 {
    let words = if code == Code::PURPOSE { &PURPOSES } else { &STATUSES };
    words.iter().enumerate().filter(|(_, word)| fits(word)).fold(0, |mask, (at, _)| mask | 1 << (at + 1))
}

/// The packed word of a row.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub severity: Severity,
    pub label: Tlp,
    pub strictest: Tlp,
    pub kind: &'a Kind,
    pub purpose: Option<&'a str>,
    pub status: Option<&'a str>,
    pub flags: Flags,
    pub observables: u32,
    pub revision: u32,
}

impl Facts<'_> {
    pub(super) fn pack(&self) -> u64 {
        Code::SEVERITY.with(severity(self.severity))
            | Code::LABEL.with(u64::from(self.label.code()))
            | Code::STRICTEST.with(u64::from(self.strictest.code()))
            | Code::KIND.with(kind(self.kind))
            | Code::PURPOSE.with(purpose(self.purpose))
            | Code::STATUS.with(status(self.status))
            | Code::OBSERVABLES.with(u64::from(self.observables))
            | Code::REVISION.with(u64::from(self.revision))
            | self.flags.bits()
    }
}
