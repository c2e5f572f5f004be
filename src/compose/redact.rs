//! One draft for several audiences: the version without what is stricter than an audience may see, what that left to be
//! decided, and the proof that nothing of it survived.
//!
//! What is in force on an element is its own word or that of the nearest around it (RFC 7970 §3.3.1), in the order of
//! [`Tlp`]. [`redact`] removes; [`prove`] knows nothing of how and looks at the two documents alone.

pub mod beside;
mod needle;
mod plan;
mod proof;

use crate::iodef::diff::{Diff, diff};
use crate::iodef::schema::Class;
use crate::iodef::view::{marking, strictest};
use crate::iodef::{Document, Element, NodeId, Refused, check};
use crate::model::{Restriction, Say, Tlp};

use super::form::gist;

pub use proof::{How, Proof, Survivor, prove};

/// The version of a document for an audience.
#[derive(Clone, Debug)]
pub struct Redaction {
    pub document: Document,
    pub target: Tlp,
    /// What is not in it, in document order.
    pub removed: Vec<Removed>,
    /// What must be decided before it can be published; nothing that must be there is dropped in silence.
    pub needs: Vec<Need>,
    pub proof: Proof,
}

/// An element that is not in the version, with all that was in it.
#[derive(Clone, Debug)]
pub struct Removed {
    /// In the full document.
    pub node: NodeId,
    pub class: String,
    /// Where, as an operator would say it.
    pub place: String,
    pub gist: String,
    pub why: Why,
    /// How many elements inside are looser, and go with it all the same.
    pub looser: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The audience may not see it.
    Stricter(Restriction),
    /// Without what was removed from it, it would be empty or not valid.
    Hollow,
    /// It refers to something that was removed.
    Refers,
}

/// Something without which there is no valid version.
#[derive(Clone, Debug)]
pub enum Need {
    /// The incident as a whole is stricter than its audience: loosen it, or publish it elsewhere.
    Whole { node: NodeId, restriction: Restriction },
    /// All there were of this class are stricter, and one must be: add one that the audience may see, or loosen one.
    Missing { node: NodeId, class: &'static Class },
}

impl Why {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Stricter(restriction) => {
                let word = restriction.token().unwrap_or("private");
                Say::new("compose-version-stricter").with("restriction", word)
            }
            Self::Hollow => Say::new("compose-version-hollow"),
            Self::Refers => Say::new("compose-version-refers"),
        }
    }
}

impl Need {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Whole { .. } => Say::new("compose-version-whole"),
            Self::Missing { class, .. } => Say::new("compose-version-missing").with("class", class.name),
        }
    }
}

impl Redaction {
    /// Whether it can be published: nothing is left to be decided and nothing survived.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.needs.is_empty() && self.proof.holds()
    }

    /// The full document and the version side by side.
    #[must_use]
    pub fn beside(&self, full: &Document) -> Vec<beside::Row> {
        let gone: Vec<NodeId> = self.removed.iter().map(|removed| removed.node).collect();
        beside::beside(full, &self.document, &gone)
    }

    /// What it lacks, told as one revision against the other.
    #[must_use]
    pub fn diff(&self, full: &Document) -> Diff {
        diff(full, &self.document)
    }
}

/// The version of a document for those who may see `target` at most.
///
/// # Errors
/// When it cannot be written, which is an error of this program.
pub fn redact(full: &Document, target: Tlp) -> Result<Redaction, Refused> {
    let plan = plan::plan(full, target);
    let mut document = full.clone();
    if !plan.gone.is_empty() {
        let nodes: Vec<NodeId> = plan.gone.iter().map(|(node, _)| *node).collect();
        let _ = document.remove_all(&nodes)?;
    }
    let removed = plan.gone.into_iter().filter_map(|(node, why)| removed(full.element(node)?, why, target)).collect();
    let proof = prove(full, &document, target);
    Ok(Redaction { document, target, removed, needs: plan.needs, proof })
}

fn removed(element: Element<'_>, why: Why, target: Tlp) -> Option<Removed> {
    let looser = element.descendants().filter(|inside| {
        inside.is_iodef() && inside.attr("restriction").is_some() && marking(*inside).restriction.tlp() <= target
    });
    Some(Removed {
        node: element.id(),
        class: element.local().to_owned(),
        place: check::place(element),
        gist: gist(element),
        looser: looser.count(),
        why,
    })
}

/// Whether an element is stricter than an audience may see. The document as a whole says nothing by itself.
fn is_stricter(element: Element<'_>, target: Tlp) -> bool {
    element.parent().is_some() && marking(element).restriction.tlp() > target
}

/// The outermost elements that are.
fn stricter(document: &Document, target: Tlp) -> Vec<Element<'_>> {
    let mut found: Vec<Element<'_>> = Vec::new();
    for element in document.root().descendants() {
        let inside = found.last().is_some_and(|outer| outer.contains(element.id()));
        if !inside && is_stricter(element, target) {
            found.push(element);
        }
    }
    found
}

/// The strictest restriction in force anywhere in an element, as the two attributes say it.
#[must_use]
pub fn strictest_word(element: Element<'_>) -> (String, Option<String>) {
    let (marking, _) = strictest(element);
    match marking.restriction {
        Restriction::Other(private) => ("ext-value".to_owned(), Some(private)),
        restriction => (restriction.token().unwrap_or("private").to_owned(), None),
    }
}
