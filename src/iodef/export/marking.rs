//! Restrictions as an export must say them: what holds for an element, and the TLP 2.0 label of it.

use crate::iodef::{Element, view};
use crate::model::{Restriction, Tlp};

/// The restriction that holds for an element.
#[must_use]
pub fn effective(element: Element<'_>) -> Restriction {
    view::marking(element).restriction
}

/// The strictest restriction of an element and all inside it.
#[must_use]
pub fn strictest(element: Element<'_>) -> Restriction {
    view::strictest(element).0.restriction
}

/// The label of TLP 2.0 that a restriction is exported under. What is by agreement counts as the strictest.
#[must_use]
pub fn label(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::ByAgreement => Tlp::Red.token(),
        label => label.token(),
    }
}

/// `TLP:RED`, for a person.
#[must_use]
pub fn title(tlp: Tlp) -> String {
    format!("TLP:{}", label(tlp).to_ascii_uppercase())
}

/// The sender's own word, to be kept beside the label; empty for a restriction that was not said.
#[must_use]
pub fn word(restriction: &Restriction) -> &str {
    match restriction {
        Restriction::Other(value) => value,
        other => other.token().unwrap_or_default(),
    }
}
