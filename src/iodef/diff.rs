//! What one revision of a document says otherwise than another: by meaning, not by text.
//!
//! Elements are matched by who they are ([`identity`]), else by what they say, else by what they have in common
//! ([`pair`]); what is written another way (prefixes, zones, defaults left out, order that means nothing) is no change
//! ([`value`], [`tree`]). What bears on a decision comes first: [`Matter`].
//!
//! Near-linear in the size of both documents, without recursion; [`Diff::steps`] counts the work. Both should be of IODEF
//! v2 ([`super::v1::upgrade`]); of other XML, attributes, text and order of elements are compared.

mod digest;
mod identity;
mod pair;
mod part;
mod tell;
mod tree;
mod value;

pub use digest::{Head, Observables, Value};

use super::doc::{Document, NodeId};
use super::xml::Position;
use crate::model::{Restriction, Tlp};

/// Most changes told; the rest is counted.
pub const MOST: usize = 1_000;
/// Longest text told of one change, in characters: of a longer one the part that differs ([`Cut`]).
pub const LONGEST: usize = 2_000;

/// Where something stands in one of the two documents.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    pub id: NodeId,
    /// `Incident[1]/EventData[2]`.
    pub path: String,
    /// The same as an operator would say it.
    pub words: String,
    pub position: Position,
    /// What is in force there.
    pub restriction: Restriction,
}

/// What of an element changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// By its name as one writes it; a private value stands for `ext-value`.
    Attribute(String),
    Text,
}

#[derive(Clone, PartialEq, Eq)]
pub enum What {
    Added,
    Removed,
    /// `None` where nothing is said and nothing is the default.
    Changed {
        field: Field,
        before: Option<String>,
        after: Option<String>,
        /// What is told is a part.
        cut: Option<Cut>,
    },
    /// Lines of a list in which order means nothing; `more` are not told. Of a line that is too long its beginning, with
    /// its length and digest; `cut` says that there is one.
    Lines {
        added: Vec<String>,
        removed: Vec<String>,
        more: usize,
        cut: bool,
    },
    /// It stands elsewhere and says the same.
    Moved,
}

/// Of two texts the part in which they begin to differ, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Before the part, the same in both.
    pub offset: usize,
    /// Of the whole texts.
    pub lengths: (usize, usize),
}

/// Why a change matters, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Matter {
    /// More people may see it than before.
    Loosened,
    /// Fewer people may.
    Tightened,
    /// Another restriction whose order to the one before is not known; or one that came or went with what it holds for.
    Restriction,
    Severity,
    Purpose,
    Status,
    /// What the receiver is asked.
    Asks,
    /// Something to search for or to block.
    Observable,
    Other,
    /// Another word for the same: `white` for `public` (RFC 7970 §3.3.1).
    Wording,
    /// What differs in any two revisions: when the document was made.
    Routine,
}

impl Matter {
    /// Its word in JSON.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Loosened => "loosened",
            Self::Tightened => "tightened",
            Self::Restriction => "restriction",
            Self::Severity => "severity",
            Self::Purpose => "purpose",
            Self::Status => "status",
            Self::Asks => "asks",
            Self::Observable => "observable",
            Self::Other => "other",
            Self::Wording => "wording",
            Self::Routine => "routine",
        }
    }

    /// Whether it is told before everything else.
    #[must_use]
    pub fn is_grave(self) -> bool {
        self <= Self::Asks
    }
}

/// One thing that is otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    pub matter: Matter,
    /// The element's name.
    pub class: String,
    /// What it is called, or the beginning of what it says, as received.
    pub gist: String,
    /// Of what came or went: the label inside that is farthest from the one around it.
    pub label: Option<Tlp>,
    /// Where it stood; `None` for what was added.
    pub old: Option<Place>,
    /// Where it stands; `None` for what was removed.
    pub new: Option<Place>,
}

/// How many changes of each kind there are, those not told among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub moved: usize,
}

/// What differs between two documents.
#[derive(Clone)]
pub struct Diff {
    /// The gravest first, then in document order.
    pub changes: Vec<Change>,
    /// How many more changes there are.
    pub untold: usize,
    pub counts: Counts,
    /// Of each incident that is in both and whose essence changed.
    pub heads: Vec<Head>,
    pub observables: Observables,
    /// The strictest label inside, before and after.
    pub strictest: (Tlp, Tlp),
    /// The two are not one incident: no incident of either is in the other.
    pub strangers: bool,
    /// How much work it was: elements looked at and compared.
    pub steps: u64,
}

impl Diff {
    /// Whether both say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts == Counts::default()
    }
}

/// Compares two documents, the older one first.
#[must_use]
pub fn diff(old: &Document, new: &Document) -> Diff {
    let hasher = std::hash::RandomState::new();
    let (old, new) = (tree::Tree::of(old, &hasher), tree::Tree::of(new, &hasher));
    let found = pair::compare(&old, &new);
    tell::tell(&old, &new, found)
}

impl std::fmt::Debug for Place {
    /// Incident text stays out of debug output; a path has none.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)
    }
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match &self.what {
            What::Added => "added".to_owned(),
            What::Removed => "removed".to_owned(),
            What::Changed { field, .. } => format!("{field:?}"),
            What::Lines { added, removed, .. } => format!("lines +{} -{}", added.len(), removed.len()),
            What::Moved => "moved".to_owned(),
        };
        write!(f, "Change({what} {:?}, {:?} -> {:?})", self.matter, self.old, self.new)
    }
}

impl std::fmt::Debug for Diff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Diff({:?})", self.counts)
    }
}
