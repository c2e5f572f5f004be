//! Restrictions (RFC 7970 §3.3.1): an element's own, the one in force, the strictest inside (`DATA-MODEL.md` §6).

use crate::iodef::doc::Element;
use crate::model::{Restriction, Tlp};
use crate::text::one_line;

/// Longest private value kept, in characters.
const PRIVATE: usize = 300;

/// A restriction by its token and its private value.
#[must_use]
pub fn restriction_of(token: &str, ext: Option<&str>) -> Restriction {
    match token.trim() {
        "ext-value" => Restriction::Other(one_line(ext.unwrap_or("ext-value"), PRIVATE)),
        token => Restriction::from_token(&one_line(token, PRIVATE)),
    }
}

/// What an element says itself.
#[must_use]
pub fn own_restriction(element: Element<'_>) -> Option<Restriction> {
    if !element.is_iodef() {
        return None;
    }
    let token = element.attr("restriction")?;
    Some(restriction_of(&token, element.attr("ext-restriction").as_deref()))
}

/// The restriction in force on an element, and who says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marking<'d> {
    pub restriction: Restriction,
    /// `None` when nobody says anything and the schema's default holds ([`Restriction::Absent`]).
    pub said_by: Option<Element<'d>>,
}

/// The restriction in force: its own, else that of the nearest ancestor. An `Incident` that says nothing is private, and
/// what is around it does not reach into it.
#[must_use]
pub fn marking(element: Element<'_>) -> Marking<'_> {
    let said_by = element.marker();
    Marking { restriction: said_by.and_then(own_restriction).unwrap_or(Restriction::Absent), said_by }
}

/// The strictest restriction in force on an element or anywhere inside it, and how many elements inside say a stricter one
/// than is in force on itself.
#[must_use]
pub fn strictest(element: Element<'_>) -> (Marking<'_>, usize) {
    let own = marking(element);
    let mut found = own.clone();
    let mut stricter = 0;
    for inside in element.descendants() {
        let said = own_restriction(inside).or_else(|| inside.is("Incident").then_some(Restriction::Absent));
        let Some(restriction) = said else { continue };
        if restriction.tlp() > own.restriction.tlp() {
            stricter += 1;
        }
        if restriction.tlp() > found.restriction.tlp() {
            found = Marking { restriction, said_by: Some(inside) };
        }
    }
    (found, stricter)
}

/// How many elements inside say a looser restriction than is in force on itself.
#[must_use]
pub fn looser(element: Element<'_>) -> usize {
    // What is by agreement is as strict as red ([`Tlp`]).
    let label = |said: &Restriction| Some(said.tlp()).filter(|tlp| *tlp != Tlp::ByAgreement).unwrap_or(Tlp::Red);
    let own = label(&marking(element).restriction);
    element.descendants().filter_map(own_restriction).filter(|said| label(said) < own).count()
}
