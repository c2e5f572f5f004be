//! Restrictions as an export must say them: what holds for an element, and the TLP 2.0 label of it.

use crate::iodef::Element;
use crate::model::{Restriction, Tlp};

/// The restriction an element has of its own (RFC 7970 §3.3.1).
#[must_use]
pub fn own(element: Element<'_>) -> Option<Restriction> {
    let token = element.attr("restriction").filter(|_| element.is_iodef())?;
    let private = (token.trim() == "ext-value").then(|| element.attr("ext-restriction")).flatten();
    Some(private.map_or_else(|| Restriction::from_token(&token), |value| Restriction::Other(value.trim().to_owned())))
}

/// The restriction that holds for an element: its own, else that of the nearest element around it that has one.
#[must_use]
pub fn effective(element: Element<'_>) -> Restriction {
    element.ancestors().find_map(own).unwrap_or(Restriction::Absent)
}

/// The strictest restriction of an element and all inside it.
#[must_use]
pub fn strictest(element: Element<'_>) -> Restriction {
    let inside = element.descendants().filter_map(own);
    inside.fold(effective(element), |strictest, other| if other.tlp() > strictest.tlp() { other } else { strictest })
}

/// The label of TLP 2.0 that a restriction is exported under. What is by agreement counts as the strictest.
#[must_use]
pub fn label(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "clear",
        Tlp::Green => "green",
        Tlp::Amber => "amber",
        Tlp::AmberStrict => "amber+strict",
        Tlp::Red | Tlp::ByAgreement => "red",
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
